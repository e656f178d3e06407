"""What is made ready of a mapping is made once in a process, for all that ask for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import semantics
from semantics.engine.mapping import Mapping
from semantics.engine.prepare import Prepared, prepare
from semantics.workspace import Workspace

MODEL = """\
id: https://example.org/{0}
name: {0}
default_prefix: https://example.org/{0}/
enums: {{State: {{permissible_values: {{{1}: , {2}: }}}}}}
classes:
"""
SOURCE = """\
  Sale: {attributes: {id: {identifier: true}, shop: {range: Shop}, state: {range: State}}}
  Shop: {attributes: {code: {identifier: true}, city: {}, state: {range: State}}}
"""
TARGET = """\
  Receipt: {attributes: {id: {identifier: true}, city: {}, state: {range: State}}}
  Store: {attributes: {id: {identifier: true}, state: {range: State}}}
"""
MAPPING = """\
source_schema: src.yaml
target_schema: tgt.yaml
class_derivations:
  Receipt:
    populated_from: Sale
    joins: {shop_of: {class_named: Shop, source_key: shop}}
    slot_derivations:
      id:
      city: {populated_from: shop_of.city}
      state: {populated_from: state, value_mappings: {o: open, c: closed}}
  Store:
    populated_from: Shop
    slot_derivations:
      id: {populated_from: code}
      state: {populated_from: state, value_mappings: {o: open, c: closed}}
"""


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    (tmp_path / "src.yaml").write_text(MODEL.format("src", "o", "c") + SOURCE)
    (tmp_path / "tgt.yaml").write_text(MODEL.format("tgt", "open", "closed") + TARGET)
    path = tmp_path / "sales.yaml"
    path.write_text(MAPPING)
    return path


def code(prepared: Prepared) -> Any:
    compiled: Any = prepared.compiled("python")
    return compiled.roots.code


def test_a_mapping_that_is_loaded_again_is_the_same_until_one_of_its_files_changes(mapping: Path) -> None:
    first = prepare(mapping)
    assert prepare(mapping) is first
    mapping.write_text(MAPPING.replace("populated_from: shop_of.city", "value: Delft"))
    changed = prepare(mapping)
    assert changed is not first
    assert changed.plan.partners == frozenset({"Shop"})
    (mapping.parent / "tgt.yaml").write_text(MODEL.format("tgt", "open", "closed") + TARGET.replace("city: {}, ", ""))
    with pytest.raises(semantics.DefinitionError, match="city"):
        prepare(mapping)


def test_runs_with_partners_of_their_own_share_the_code_and_nothing_else(mapping: Path) -> None:
    prepared = prepare(mapping)
    runs = [Mapping(prepared).with_related({"Shop": [{"code": "1", "city": city}]}) for city in ("Delft", "Breda")]
    sale = {"id": "7", "shop": "1", "state": "o"}
    for _ in range(2):
        made = [run.apply(sale, "Sale") for run in runs]
        assert [one and one["city"] for one in made] == ["Delft", "Breda"]
    assert len(code(prepared).parts) == 1


@pytest.mark.parametrize("order", [("Sale", "Shop"), ("Shop", "Sale")])
def test_a_class_that_comes_first_in_one_run_and_last_in_another_finds_its_tables(
    mapping: Path, order: tuple[str, str]
) -> None:
    """Both rules have one code table, which is in the part that was compiled first."""
    records = {"Sale": {"id": "7", "shop": "1", "state": "o"}, "Shop": {"code": "1", "state": "c"}}
    prepared = Prepared(prepare(mapping).plan, prepare(mapping).target)
    told = []
    for names in (order, order[::-1]):
        run = Mapping(prepared).with_related({"Shop": [records["Shop"]]})
        told.append({name: (run.apply(records[name], name) or {})["state"] for name in names})
    assert told == [{"Sale": "open", "Shop": "closed"}] * 2
    assert len(code(prepared).parts) == 2


def test_a_file_that_takes_a_name_in_a_folder_in_front_counts_wherever_it_is_there(tmp_path: Path) -> None:
    library, own = tmp_path / "library", tmp_path / "own"
    for name, text in (
        ("ontologies/src", MODEL.format("src", "o", "c") + SOURCE),
        ("ontologies/tgt", MODEL.format("tgt", "open", "closed") + TARGET),
        ("mappings/sales", MAPPING.replace(".yaml", "")),
    ):
        (library / name).parent.mkdir(parents=True, exist_ok=True)
        (library / f"{name}.yaml").write_text(text)
    path = library / "mappings" / "sales.yaml"
    first = prepare(path, workspace=Workspace((library,)))
    (own / "ontologies" / "deep").mkdir(parents=True)
    (own / "ontologies" / "deep" / "other.yaml").write_text(MODEL.format("other", "o", "c") + SOURCE)
    assert prepare(path, workspace=Workspace((own, library))) is first
    closed = MODEL.format("tgt", "open", "closed") + TARGET.replace("id: {identifier: true}, city", "city")
    (own / "ontologies" / "deep" / "tgt.yaml").write_text(closed)
    with pytest.raises(semantics.DefinitionError, match="'id'"):
        prepare(path, workspace=Workspace((own, library)))
    assert prepare(path, workspace=Workspace((library,))) is first

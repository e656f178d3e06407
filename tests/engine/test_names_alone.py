"""What is wrong about the slots that changed is found by looking at these slots alone: as by planning all of a mapping."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from semantics.changes.compare import compare_all
from semantics.changes.table import demands_alone, names_alone
from semantics.engine.prepare import check_only, define
from semantics.engine.standing import Planned, standing
from semantics.errors import SemanticsError
from semantics.plan.about import DEMANDS
from semantics.plan.build import build_plan
from semantics.schema import load_schema
from semantics.schema.model import SlotModel
from semantics.workspace import Workspace
from semantics.yaml_source import each_once

LIBRARY = Workspace.here()
MAPPINGS = ("dcat", "omop", "open-banking", "prov", "ubl-invoice")
SCHEMAS = ("core", "commerce", "finance", "governance", "health", "provenance")
MODELS = {
    "a slot of most classes has another name": (r"\bcategories\b", "kategories"),
    "a slot of entities has another name": (r"\bidentifiers\b(?=:?$)", "known_by"),
    "a slot holds numbers instead of texts": (r"(?<=slot_uri: schema:termCode\n)", "        range: integer\n"),
    "a slot holds one value": (r"(?<=range: Identifier\n    )multivalued: true\n    ", ""),
    "a code list has no value for telephones": (r"^      telephone:\n(?: {8}.*\n)+", ""),
    "a class of values has another name": (r"(?<!:)\bContactPoint\b", "ContactEntry"),
    "a class of things has another name": (r"\bOrganisation\b(?!al)", "LegalBody"),
    "a code has another name": (r"^      telephone:$", "      phone:"),
}


def changed(folder: Path, pattern: str, text: str) -> Workspace:
    """The library with a text in the place of others in its common models; in front of it, in a folder."""
    for name in SCHEMAS:
        path = LIBRARY.find(name, "ontologies")
        copy = folder / "ontologies" / path.name
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(re.sub(pattern, text, path.read_text("utf-8"), flags=re.MULTILINE), "utf-8")
    return Workspace((folder, *LIBRARY.roots))


def errors(path: Path, workspace: Workspace, names: frozenset[str]) -> list[str]:
    """What stops a mapping: looked at for some names alone, or all of it."""
    try:
        if names:
            check_only(path, names, workspace=workspace)
        else:
            define(path, workspace=workspace)
    except SemanticsError as fault:
        return [str(finding) for finding in fault.diagnostics]
    return []


@pytest.mark.parametrize("what", MODELS)
def test_names_alone_find_what_planning_finds(what: str, tmp_path: Path) -> None:
    workspace = changed(tmp_path, *MODELS[what])
    with each_once():
        old, new = ({name: load_schema(name, workspace=each) for name in SCHEMAS} for each in (LIBRARY, workspace))
        names = names_alone(compare_all(old, new), old, new)
        assert names
        found = {}
        for mapping in MAPPINGS:
            path = LIBRARY.find(mapping, "mappings")
            found[mapping] = errors(path, workspace, frozenset())
            assert errors(path, workspace, names) == found[mapping]
    assert any(found.values())


MODEL = """\
id: https://example.org/shop
name: shop
prefixes: {shop: https://example.org/shop/}
default_prefix: shop
classes:
  Order:
    attributes:
      number: {identifier: true}
      NOTE: {}
      loud: {}
      twice: {}
      lines: {range: Line, multivalued: true, inlined: true, inlined_as_list: true}
  Line:
    attributes:
      text: {}
"""
MAPPING = """\
source_schema: shop
target_schema: shop
prefixes: {shop: https://example.org/shop/}
definitions:
  said: upper(note)
  louder: concat(said, '!')
class_derivations:
  Order:
    populated_from: Order
    slot_derivations:
      number:
      note: {expr: "upper(note)"}
      loud: {expr: louder}
      twice: {expr: "concat(slot('note'), slot('loud'))"}
      lines: {for_each: lines, object: {text: }}
"""


def test_what_rests_on_a_name_without_saying_it_is_looked_at_too(tmp_path: Path) -> None:
    for name, text in (("ontologies/shop", MODEL.replace("NOTE", "remark")), ("mappings/shop", MAPPING)):
        (tmp_path / name).parent.mkdir()
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    workspace, path = Workspace((tmp_path,)), tmp_path / "mappings" / "shop.yaml"
    found = errors(path, workspace, frozenset({"Order.note@shop", "Order.remark@shop"}))
    assert found == errors(path, workspace, frozenset())
    places = [place for each in found for place in re.findall(r"shop\.yaml:(\d+):", each)]
    assert places == ["12", "13", "14"]
    assert [re.findall(r"yaml:(\d+):", each) for each in errors(path, workspace, frozenset({"Line.text@shop"}))] == [
        ["12"]
    ]


@pytest.mark.parametrize(
    ("name", "concerned"),
    [
        ("note", True),  # said by a derivation
        ("needed", True),  # nobody says it, and a value is wanted
        ("spare", False),
    ],
)
def test_a_mapping_has_nothing_to_do_with_slots_that_it_does_not_say_and_that_need_no_value(
    name: str, concerned: bool, tmp_path: Path
) -> None:
    held = MODEL.replace("NOTE", "note").replace("name: shop\n", "name: sold\n")
    held = held.replace("      text: {}\n", "      text: {}\n      needed: {required: true}\n      spare: {}\n")
    mapping = MAPPING.replace("target_schema: shop", "target_schema: sold").replace(
        "      number:\n", "      number: {}\n"
    )
    source = MODEL.replace("NOTE", "remark").replace("loud: {}", "aloud: {}")
    mapping = mapping.replace("(note)", "(remark)")
    for path, text in (("ontologies/shop", source), ("ontologies/sold", held), ("mappings/shop", mapping)):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / f"{path}.yaml").write_text(text, "utf-8")
    workspace, path_ = Workspace((tmp_path,)), tmp_path / "mappings" / "shop.yaml"
    assert check_only(path_, frozenset({f"*.{name}@sold"}), workspace=workspace) is concerned


def test_an_attribute_of_one_class_is_not_that_of_another(tmp_path: Path) -> None:
    for name, text in (("ontologies/shop", MODEL.replace("NOTE", "note")), ("mappings/shop", MAPPING)):
        (tmp_path / name).parent.mkdir()
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    workspace, path = Workspace((tmp_path,)), tmp_path / "mappings" / "shop.yaml"
    names = {"Order.loud": True, "*.loud": True, "Other.loud": False}
    assert {name: check_only(path, frozenset({f"{name}@shop"}), workspace=workspace) for name in names} == names


DEMANDED = {
    "a slot needs a value": r"(?<=^      identifier_kind:\n)",
    "a slot of a class of values needs a value": r"(?<=slot_uri: schema:termCode\n)",
}


@pytest.mark.parametrize("what", DEMANDED)
def test_plans_into_models_that_only_ask_for_more_hold(what: str, tmp_path: Path) -> None:
    workspace = changed(tmp_path, DEMANDED[what], "        required: true\n        pattern: '^[a-z]+$'\n")
    with each_once():
        old, new = ({name: load_schema(name, workspace=each) for name in SCHEMAS} for each in (LIBRARY, workspace))
        changes = compare_all(old, new)
        assert demands_alone(changes, old, new)
        names = names_alone(changes, old, new)
        failed = 0
        for mapping in MAPPINGS:
            path = LIBRARY.find(mapping, "mappings")
            before, after = standing(path, LIBRARY), standing(path, workspace)
            target = define(path, workspace=LIBRARY).target.name
            quick = standing(path, workspace, names, planned=Planned(LIBRARY, target))
            assert quick.failed == after.failed
            assert {str(each) for each in (*after.findings, *quick.findings) if each not in before.findings} == {
                str(each) for each in quick.findings if each not in before.findings
            }
            failed += len(after.failed)
    assert failed


@pytest.mark.parametrize("mapping", MAPPINGS)
def test_a_plan_rests_on_nothing_that_the_target_asks_of_values(mapping: str) -> None:
    path = LIBRARY.find(mapping, "mappings")
    with each_once():
        made = define(path, workspace=LIBRARY)
    asked = {name: SlotModel.__struct_defaults__[SlotModel.__struct_fields__.index(name)] for name in DEMANDS}
    classes = {
        name: msgspec.structs.replace(
            cls, slots={key: msgspec.structs.replace(slot, **asked) for key, slot in cls.slots.items()}
        )
        for name, cls in made.target.classes.items()
    }
    plan, _ = build_plan(made.loaded, made.source, msgspec.structs.replace(made.target, classes=classes))
    assert msgspec.json.encode(plan) == msgspec.json.encode(made.plan)

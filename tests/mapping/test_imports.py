"""Imports and inheritance: files, places and digests; what they mean stands in the conformance suite."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import semantics
from semantics import cli
from semantics.engine.prepare import prepare
from semantics.mapping.load import read_mapping
from semantics.workspace import Workspace

SUITE = Path(__file__).resolve().parents[1] / "conformance"
SCHEMAS = {"source_schema": SUITE / "source.yaml", "target_schema": SUITE / "target.yaml"}


def test_no_import_leaves_the_folder_of_the_mapping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither by a path upwards nor by a link."""
    inside = tmp_path / "inside"
    inside.mkdir()
    monkeypatch.chdir(inside)
    (tmp_path / "secret.yaml").write_text("class_derivations: {Account: }\n")
    (inside / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    for name in ("../secret", "link"):
        (inside / "m.yaml").write_text(f"imports: [{name}]\nclass_derivations: {{Account: }}\n")
        with pytest.raises(semantics.MappingError) as fault:
            read_mapping(inside / "m.yaml")
        (found,) = fault.value.diagnostics
        assert (found.code, found.location and found.location.line) == ("MAP053", 1)
        assert "outside" in found.message


def test_names_of_the_workspace_can_be_imported(tmp_path: Path) -> None:
    """A mapping elsewhere in the workspace, and data without a file of its own."""
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "common.yaml").write_text("class_derivations: {Account: {slot_derivations: {count: }}}\n")
    loaded = read_mapping({"imports": ["common"]}, workspace=Workspace((tmp_path,)))
    assert [derivation.name for derivation in loaded.spec.class_derivations] == ["Account"]
    assert str(loaded.location("class_derivations", 0, "slot_derivations", "count")) == "mappings/common.yaml:1:50"


def test_parts_are_imported_and_no_mappings_of_their_own(tmp_path: Path) -> None:
    """What two mappings share lies in a folder ``parts``, found by its path and not listed."""
    (tmp_path / "mappings" / "parts").mkdir(parents=True)
    (tmp_path / "mappings" / "parts" / "common.yaml").write_text("class_derivations: {Account: }\n")
    (tmp_path / "mappings" / "whole.yaml").write_text("imports: [parts/common]\n")
    workspace = Workspace((tmp_path,))
    assert list(workspace.names("mappings")) == ["whole"]
    loaded = read_mapping(tmp_path / "mappings" / "whole.yaml", workspace=workspace)
    assert [derivation.name for derivation in loaded.spec.class_derivations] == ["Account"]


def test_a_changed_import_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache knows every file that a mapping was made from, and so does the report."""
    monkeypatch.setenv("SEMANTICS_CACHE", str(tmp_path / "cache"))
    mapping, common = tmp_path / "m.yaml", tmp_path / "common.yaml"
    mapping.write_text("imports: common\nclass_derivations: {Account: {is_a: Base}}\n")
    text = "class_derivations: {Base: {abstract: true, slot_derivations: {id: {iri: 'data:1'}, name: {value: one}}}}\n"
    common.write_text(text)
    assert [semantics.load_mapping(mapping, **SCHEMAS).apply({"number": "1"})["name"] for _ in range(2)] == ["one"] * 2
    assert str(common) in prepare(mapping, **SCHEMAS).plan.digests
    common.write_text(text.replace("one", "two"))
    assert semantics.load_mapping(mapping, **SCHEMAS).apply({"number": "1"})["name"] == "two"


def test_what_documents_a_derivation_stays_with_it() -> None:
    """Justification, confidence and author are kept, and not inherited."""
    words = {"justification": "semapv:ManualMappingCuration", "confidence": 0.9, "author": "A"}
    loaded = read_mapping(
        {
            "class_derivations": {
                "A": {**words, "slot_derivations": {"x": {"confidence": 0.5, "populated_from": "y"}}},
                "B": {"is_a": "A"},
            },
            "enum_derivations": {"E": {"permissible_value_derivations": {"V": {"notes": ["n"]}}}},
        }
    )
    first, second = loaded.spec.class_derivations
    assert first.metadata == words
    assert (second.metadata, second.slot_derivations["x"].metadata) == ({}, {"confidence": 0.5})
    assert loaded.spec.enum_derivations["E"].permissible_value_derivations["V"].metadata == {"notes": ["n"]}


def test_a_file_of_parents_is_checked_as_a_part(tmp_path: Path) -> None:
    """A file that only others import derives no class by itself, and is no error for that."""
    from semantics.checks.definitions import check_definitions

    part = tmp_path / "part.yaml"
    part.write_text("class_derivations: {Base: {abstract: true}}\n")
    assert list(check_definitions([part], Workspace((tmp_path,)))) == []
    part.write_text("class_derivations: {}\n")
    assert [found.code for found in check_definitions([part], Workspace((tmp_path,)))] == ["MAP003"]


def test_an_imported_file_need_not_name_schemas(tmp_path: Path) -> None:
    """It is checked with the mapping that imports it; alone it would not say enough."""
    from semantics.checks.definitions import check_definitions

    (tmp_path / "mappings").mkdir()
    part, whole = tmp_path / "mappings" / "part.yaml", tmp_path / "mappings" / "whole.yaml"
    part.write_text("class_derivations: {Thing: {slot_derivations: {id: {iri: 'data:1'}}}}\n")
    assert [found.code for found in check_definitions([part], Workspace((tmp_path,)))] == ["MAP022"]
    whole.write_text("imports: part\nsource_schema: a\ntarget_schema: b\nclass_derivations: {Account: {is_a: Thing}}\n")
    assert list(check_definitions([part], Workspace((tmp_path,)))) == []


def test_codes_are_looked_up_in_the_keys_of_joins_and_groups(tmp_path: Path) -> None:
    """The code maps of a mapping are there wherever an expression stands."""
    (tmp_path / "codes.csv").write_text("from,to\na,x\nb,x\n")
    mapping = {
        "code_maps": {"c": {"file": "codes.csv"}},
        "class_derivations": [
            {
                "name": "Account",
                "populated_from": "Entry",
                "group_by": {"key": "lookup('c', text)"},
                "where": "lookup('c', text) is not null",
                "joins": {},
                "slot_derivations": {"id": {"iri": "data:{key}"}, "count": {"expr": "len(members)"}},
            }
        ],
    }
    (tmp_path / "m.yaml").write_text(json.dumps(mapping))
    ready = semantics.load_mapping(tmp_path / "m.yaml", **SCHEMAS)
    outcomes = list(ready.stream([{"text": "a"}, {"text": "b"}, {"text": "z"}], "Entry"))
    made = [outcome.instance for outcome in outcomes if isinstance(outcome, semantics.Mapped)]
    assert made == [{"id": "https://example.org/data/x", "type": "Account", "count": 2}]


def test_what_is_shown_names_the_file_that_a_rule_is_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slot that is inherited from an imported file has its place there: as shown, as code, as explained."""
    monkeypatch.chdir(tmp_path)
    for kind, name, text in (
        ("ontologies", "source", (SUITE / "source.yaml").read_text()),
        ("ontologies", "target", (SUITE / "target.yaml").read_text()),
        ("mappings", "part", "class_derivations:\n  Thing:\n    slot_derivations:\n      id: {iri: 'data:1'}\n"),
        ("mappings", "whole", "imports: part\nsource_schema: source\ntarget_schema: target\n"
                              "class_derivations: {Account: {is_a: Thing, slot_derivations: {name: {value: x}}}}\n"),
    ):  # fmt: skip
        (tmp_path / kind).mkdir(exist_ok=True)
        (tmp_path / kind / f"{name}.yaml").write_text(text)
    (tmp_path / "r.ndjson").write_text('{"number": "1"}\n')
    assert [cli._run(command) for command in (["show", "whole"], ["show", "whole", "--code"])] == [0, 0]
    assert cli._run(["explain", "whole", "r.ndjson"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("mappings/part.yaml:4") == 2
    assert "# id  (mappings/part.yaml, line 4)" in shown
    assert "Account -> Account  (mappings/whole.yaml:4)" in shown

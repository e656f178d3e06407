"""Mappings that another organisation wrote: refused with a place before the first record, or carried out as text."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import semantics

SHARED = Path(__file__).resolve().parents[3] / "shared" / "badinputs" / "mapping"
SLOTS = ("id", "name", "a", "b", "c", "n2", "country")
SCHEMA = {
    "id": "https://example.org/m",
    "name": "m",
    "default_prefix": "https://example.org/m/",
    "classes": {
        "A": {"attributes": {**dict.fromkeys(SLOTS), "st": {"range": "E"}, "h": {"range": "decimal"}}},
        "B": {"attributes": {"country": None, "name": None}},
    },
    "enums": {"E": {"permissible_values": {"x": None}}, "E2": {"permissible_values": {"x": None}}},
}
CODES = {
    "both_from_and_expr": {"MAP014"}, "brace_nesting": {"EXP001"}, "dup_slot": {"YAML011"}, "empty_map": {"MAP003"},
    "enum_expr_fallback": {"MAP026"}, "expr_import": {"EXP001"}, "expression_to_expression": {"EXP001"},
    "functions_path": {"MAP001"}, "join_traversal": {"EXP002", "MAP040"},
    "nondeterministic": {"EXP005"}, "populated_from_code": {"MAP013"}, "range_code": {"MAP026"},
    "secret_env": {"EXP005"}, "slot_cycle": {"MAP080"}, "unary_chain": {"EXP001"}, "unit_from_data": {"MAP013"},
    "unknown_class": {"MAP010"}, "unknown_target_slot": {"MAP012"}, "xslt_like_doc": {"EXP005"},
}  # fmt: skip


@pytest.mark.parametrize("path", sorted(SHARED.glob("*.yaml")) if SHARED.is_dir() else [], ids=lambda path: path.stem)
def test_outcome(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every finding has its code and its line, no output is made, and nothing runs."""
    monkeypatch.chdir(tmp_path)
    copy = Path(shutil.copy(path, tmp_path))
    codes = CODES.get(path.stem)
    if codes is None:
        mapping = semantics.load_mapping(copy, source_schema=SCHEMA, target_schema=SCHEMA).with_related({})
        assert mapping.apply({"id": "1", "name": "n"}) is not None
    else:
        with pytest.raises(semantics.DefinitionError) as fault:
            semantics.load_mapping(copy, source_schema=SCHEMA, target_schema=SCHEMA)
        assert {found.code for found in fault.value.diagnostics} == codes
        assert all(found.location and found.location.line for found in fault.value.diagnostics)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_constants_are_text_and_nothing_else(shared: Path) -> None:
    """A constant that looks like code, or like a variable, is the text that was written."""
    mapping = semantics.load_mapping(
        shared / "badinputs/mapping/value_code.yaml", source_schema=SCHEMA, target_schema=SCHEMA
    )
    assert mapping.apply({"id": "1"}) == {"name": "\" + __import__('pathlib').Path('PWNED').touch() + \""}
    spec = {"class_derivations": {"A": {"slot_derivations": {"n2": {"value": "${HOME}"}}}}}
    assert semantics.load_mapping(spec, source_schema=SCHEMA, target_schema=SCHEMA).apply({"id": "1"}) == {
        "n2": "${HOME}"
    }


def test_a_mapping_cannot_name_what_is_outside(shared: Path, tmp_path: Path) -> None:
    """Schemas are workspace names or files beside the mapping: nothing is fetched, nothing else is opened."""
    with pytest.raises(semantics.MappingError) as fault:
        semantics.load_mapping(shared / "badinputs/mapping/schema_ref_http.yaml")
    assert [found.code for found in fault.value.diagnostics] == ["MAP029"]
    (tmp_path / "outside.yaml").write_text("id: https://example.org/o\nname: o\nclasses: {}\n")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "m.yaml").write_text("source_schema: ../outside.yaml\ntarget_schema: core\nclass_derivations: {A: }\n")
    with pytest.raises(semantics.DefinitionError) as fault:
        semantics.load_mapping(inside / "m.yaml")
    assert fault.value.diagnostics[0].code in {"MAP029", "WRK001"}


def test_a_changed_file_is_prepared_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache is used only while every file is what it was; a broken entry counts as absent."""
    monkeypatch.setenv("SEMANTICS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "s.yaml").write_text("id: https://example.org/s\nname: s\nclasses: {A: {attributes: {x: {}, y: {}}}}\n")
    mapping = tmp_path / "m.yaml"
    text = "source_schema: s.yaml\ntarget_schema: s.yaml\nclass_derivations: {A: {slot_derivations: {x: {populated_from: x}}}}\n"
    mapping.write_text(text)
    record = {"x": "1", "y": "2"}
    assert semantics.load_mapping(mapping).apply(record) == {"x": "1"}
    (entry,) = (tmp_path / "cache").iterdir()
    assert entry.stat().st_mode & 0o777 == 0o600
    assert semantics.load_mapping(mapping).apply(record) == {"x": "1"}
    entry.write_bytes(entry.read_bytes().replace(b'"x"', b'"y"'))
    assert semantics.load_mapping(mapping).apply(record) == {"x": "1"}
    mapping.write_text(text.replace("populated_from: x", "populated_from: y"))
    assert semantics.load_mapping(mapping).apply(record) == {"x": "2"}
    (tmp_path / "s.yaml").write_text("id: https://example.org/s\nname: s\nclasses: {A: {attributes: {x: {}}}}\n")
    with pytest.raises(semantics.MappingError):
        semantics.load_mapping(mapping)

"""Code maps: what their files may say, each mistake at its place; what they mean stands in the conformance suite."""

from __future__ import annotations

from pathlib import Path

import pytest

import semantics
from semantics.backends.python import source_of
from semantics.engine.ledger import Ledger
from semantics.engine.mapping import Mapping
from semantics.engine.prepare import prepare
from semantics.mapping.code_maps import CodeMap, read_code_map
from semantics.mapping.spec import CodeMapSpec
from semantics.records import Record

SUITE = Path(__file__).resolve().parents[1] / "conformance"
SCHEMAS = {"source_schema": SUITE / "source.yaml", "target_schema": SUITE / "target.yaml"}
HEAD = "#curie_map:\n#  a: https://example.org/a/\nsubject_id\tpredicate_id\tobject_id\n"


def read(tmp_path: Path, name: str, text: str, **options: object) -> CodeMap:
    """The code map of a text."""
    (tmp_path / name).write_bytes(text.encode())
    spec = CodeMapSpec.model_validate({"name": "m", "file": name, **options})
    return read_code_map(spec, tmp_path / name, name)[0]


@pytest.mark.parametrize(
    ("name", "text", "options", "places"),
    [
        ("a.csv", "", {}, ["MAP056 a.csv:1:1"]),
        ("a.csv", "one\n1\n", {}, ["MAP056 a.csv:1:1"]),
        ("a.csv", "x,x\n1,2\n", {}, ["MAP056 a.csv:1:3"]),
        ("a.csv", "x,y\n1,2\n", {"from": "z"}, ["MAP056 a.csv:1:1"]),
        ("a.csv", "x,y\n1,2,3\n,4\n1,2\n1,3\n", {}, ["MAP056 a.csv:2:1", "MAP056 a.csv:3:1", "MAP057 a.csv:5:1"]),
        ("a.csv", 'x,y\n"a\nb",2\nc,d\nc,"e"\n', {}, ["MAP057 a.csv:5:1"]),
        ("a.csv", "x,y\n", {"from_as": "code"}, ["MAP059 a.csv"]),
        ("a.tsv", f"{HEAD}b:1\tskos:exactMatch\ta:1\n", {"from_as": "iri"}, ["MAP056 a.tsv:4:1"]),
        ("a.tsv", f"{HEAD}a:1\tskos:exactMatch\tx\n", {"to_as": "code"}, ["MAP056 a.tsv:4:21"]),
        ("a.tsv", f"{HEAD}a:1\t\ta:2\n", {}, ["MAP056 a.tsv:4:5"]),
        ("a.tsv", "#curie_map: [\nsubject_id\n", {}, ["YAML004 a.tsv:2:1"]),
        ("a.sssom.tsv", "subject_id\tobject_id\nx\ty\n", {}, ["MAP056 a.sssom.tsv:1:1"]),
        ("a.json", "{", {}, ["MAP056 a.json:1:2"]),
        ("a.json", '{"a": 1, "a": 2}', {}, ["MAP056 a.json:1:1"]),
        ("a.json", "[" * 100_000, {}, ["MAP056 a.json:1:1"]),
        ("a.json", '{"resourceType": "Patient"}', {}, ["MAP056 a.json:1:1"]),
        ("a.json", '{"resourceType": "ConceptMap",\n "group": []}', {}, ["MAP056 a.json:2:11"]),
        ("a.json", '{"resourceType": "ConceptMap",\n "group": [1]}', {}, ["MAP056 a.json:2:12"]),
        (
            "a.json",
            '{"resourceType": "ConceptMap", "group": [{"element": [],\n "unmapped": {"mode": "other-map"}}]}',
            {},
            ["MAP056 a.json:2:14"],
        ),
        (
            "a.json",
            '{"resourceType": "ConceptMap", "group": [{"element": [{"code": "a",\n "target": [{"code": "b",'
            ' "equivalence": "equal", "dependsOn":\n[{}]}]}]}]}',
            {},
            ["MAP056 a.json:3:1"],
        ),
    ],
)
def test_a_mistake_has_its_place(
    name: str, text: str, options: dict[str, object], places: list[str], tmp_path: Path
) -> None:
    """Line and column in the code map itself."""
    with pytest.raises(semantics.MappingError) as fault:
        read(tmp_path, name, text, **options)
    assert [f"{found.code} {found.location}" for found in fault.value.diagnostics] == places


def test_what_is_not_text_or_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that are not UTF-8, and files beyond the bounds."""
    monkeypatch.setattr("semantics.mapping.code_maps.MAX_BYTES", 20)
    monkeypatch.setattr("semantics.mapping.code_maps.MAX_CODES", 1)
    (tmp_path / "a.csv").write_bytes(b"x,y\n\xff,1\n")
    for text in ("x,y\n" + "a" * 30, "x,y\n1,2\n3,4\n"):
        with pytest.raises(semantics.MappingError):
            read(tmp_path, "b.csv", text)
    with pytest.raises(semantics.MappingError, match="not UTF-8"):
        read_code_map(CodeMapSpec(name="a", file="a.csv"), tmp_path / "a.csv", "a.csv")


def test_identifiers_in_three_forms(tmp_path: Path) -> None:
    """As written, without the prefix, and as an IRI; predicates may be IRIs as well."""
    text = f"{HEAD}a:1\thttp://www.w3.org/2004/02/skos/core#exactMatch\ta:x\n"
    assert read(tmp_path, "a.tsv", text).codes == {"a:1": "a:x"}
    assert read(tmp_path, "a.tsv", text, from_as="code", to_as="iri").codes == {"1": "https://example.org/a/x"}
    broad = text.replace("exactMatch", "broadMatch")
    assert read(tmp_path, "a.tsv", broad).codes == {}
    assert read(tmp_path, "a.tsv", broad, predicates=["skos:broadMatch"]).codes == {"a:1": "a:x"}


def test_one_table_serves_all_lookups_and_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan and the code have the table once; unmapped codes are in the ledger; a changed file is read anew."""
    monkeypatch.setenv("SEMANTICS_CACHE", str(tmp_path / "cache"))
    codes = tmp_path / "codes.csv"
    codes.write_text("from,to\nunmistakable,CURRENT\n")
    lookups = ", ".join(["lookup('c', code)"] * 10)
    mapping = tmp_path / "m.yaml"
    mapping.write_text(f"""\
code_maps: {{c: {{file: codes.csv}}}}
class_derivations:
  Account:
    slot_derivations:
      id: {{iri: "data:1"}}
      name: {{expr: "concat({lookups})"}}
      kind: {{populated_from: code, code_map: c, unmapped: "null"}}
""")
    plan = prepare(mapping, **SCHEMAS).plan
    assert list(plan.code_maps) == ["c"]
    assert source_of(plan).count("unmistakable") == 1
    loaded = semantics.load_mapping(mapping, **SCHEMAS)
    ledger = Ledger(plan)
    for backend in ("evaluate", "python"):
        events: list[tuple[str, str, str]] = []
        ledger.add(Mapping(loaded.prepared, backend).outcome(Record({"number": "1", "code": "x"}), events), events)
    assert ledger.unmapped() == {"Account.kind": {"x": 2}, "code_maps.c": {"x": 20}}
    codes.write_text("from,to\nx,SAVINGS\n")
    assert semantics.load_mapping(mapping, **SCHEMAS).apply({"number": "1", "code": "x"})["kind"] == "SAVINGS"

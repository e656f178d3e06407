"""Runs validated by shapes: the generated ones and a modeller's own, record by record, with the place of what is wrong."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import semantics
from semantics.cli import main

HEAD = """@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <https://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
SCHEMA = """id: https://example.org/shop
name: shop
prefixes: {linkml: https://w3id.org/linkml/, ex: https://example.org/}
imports: [linkml:types]
default_prefix: ex
default_range: string
classes:
  Order:
    tree_root: true
    attributes:
      id: {identifier: true, range: uriorcurie}
      customer: {required: true}
      follows: {range: Order}
      lines: {range: Line, multivalued: true, inlined: true, inlined_as_list: true}
  Line:
    attributes:
      article: {pattern: "^[a-z]+$"}
      amount: {range: integer}
"""
MAPPING = """source_schema: raw.yaml
target_schema: shop.yaml
class_derivations:
  Order:
    populated_from: Raw
    slot_derivations:
      id: {iri: "https://example.org/{no}"}
      customer: {populated_from: who}
      follows: {iri: "https://example.org/{after}"}
      lines: {populated_from: rows}
  Line:
    populated_from: Row
    slot_derivations:
      article: {populated_from: what}
      amount: {populated_from: many}
"""
RAW = """id: https://example.org/raw
name: raw
imports: [linkml:types]
prefixes: {linkml: https://w3id.org/linkml/}
default_range: string
classes:
  Raw:
    tree_root: true
    attributes:
      no: {}
      who: {}
      after: {}
      rows: {range: Row, multivalued: true, inlined: true, inlined_as_list: true}
  Row: {attributes: {what: {}, many: {range: integer}}}
"""
SPARQL = """ex:Rule sh:targetClass ex:Line ; sh:sparql [
  sh:message "more than ten" ; sh:select "SELECT $this ?value { $this <https://example.org/amount> ?value . FILTER (?value > 10) }" ] ."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in (("shop", SCHEMA), ("orders", MAPPING), ("raw", RAW)):
        (tmp_path / f"{name}.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def row(number: int, *, many: int = 1, what: str = "tea", **more: Any) -> dict[str, Any]:
    return {"no": str(number), "who": "a", "rows": [{"what": "milk"}, {"what": what, "many": many}], **more}


def run(rows: list[dict[str, Any]], **options: Any) -> tuple[semantics.RunReport, list[dict[str, Any]]]:
    """The report of a run, and its rejects."""
    Path("in.ndjson").write_text("".join(f"{json.dumps(each)}\n" for each in rows))
    report = semantics.convert("orders.yaml", "in.ndjson", "out.nt", **options)
    rejects = Path("out.nt.rejects.ndjson")
    return report, [json.loads(line) for line in rejects.read_text().splitlines()] if rejects.exists() else []


def shapes(text: str, name: str = "mine.ttl") -> str:
    Path(name).write_text(HEAD + text)
    return name


def code(command: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        main(command)
    return int(ended.value.code or 0)


def test_the_generated_shapes_reject_what_the_checker_rejects_with_pointer_and_rule(folder: Path) -> None:
    rows = [row(1), row(2, what="TEA"), {"no": "3", "who": None}, row(4)]
    by: dict[str, list[tuple[Any, ...]]] = {}
    for validate in ("schema", "shacl", "both"):
        report, rejects = run(rows, validate=validate)
        assert report.records["rejected"] == 2
        by[validate] = [(one["record"], one["code"], one["pointer"], one["rule"]) for one in rejects]
    assert by["schema"] == by["shacl"] == by["both"]
    assert by["schema"] == [
        (2, "VAL005", "/rows/1/what", "orders.yaml:14"), (3, "VAL001", "/who", "orders.yaml:8"),
    ]  # fmt: skip
    assert report.shapes == {"generated from 'shop'": "compiled"}


def test_the_output_is_the_same_however_it_is_validated(folder: Path) -> None:
    """N-Triples that were made to be checked are written as they are."""
    outputs = set()
    for validate in ("schema", "shacl", "both"):
        run([row(1), row(2, what="TEA"), row(3)], validate=validate)
        outputs.add(Path("out.nt").read_bytes())
    assert len(outputs) == 1
    assert outputs.pop().count(b"Order>") == 2


def test_a_reference_to_another_record_is_no_violation(folder: Path) -> None:
    report, _ = run([row(2, after="1"), row(1), row(3, after="9")], validate="both")
    assert report.records["mapped"] == 3


def test_shapes_of_a_modeller_are_compiled_and_the_report_says_so(folder: Path) -> None:
    mine = shapes("ex:S sh:targetClass ex:Line ; sh:property [ sh:path ex:amount ; sh:maxInclusive 10 ] .")
    report, rejects = run([row(1), row(2, many=11)], shapes=[mine], report="report.json")
    assert [(one["record"], one["code"], one["pointer"]) for one in rejects] == [(2, "VAL006", "/rows/1/many")]
    assert json.loads(Path("report.json").read_text())["shapes"] == {"mine.ttl": "compiled"}
    assert "shapes: mine.ttl: compiled" in report.to_text()


def test_sparql_constraints_are_checked_by_pyshacl_in_batches_where_they_are_allowed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("semantics.engine.shapes.BATCH", 20)
    mine, bad = shapes(SPARQL), (7, 19, 23)
    rows = [row(n, many=11 if n in bad else 1) for n in range(30)]
    with pytest.raises(semantics.DefinitionError, match="VAL043"):
        run(rows, shapes=[mine])
    report, rejects = run(rows, shapes=[mine], allow_sparql=True)
    assert [one["record"] - 1 for one in rejects] == [*bad]
    assert {(one["code"], one["message"], one["pointer"]) for one in rejects} == {
        ("VAL030", "more than ten", "/rows/1")
    }
    assert report.shapes == {"mine.ttl": "pySHACL (sh:sparql, sh:select)"}
    lines = Path("out.nt").read_text().splitlines()
    assert [line for line in lines if "type> <https://example.org/Order>" in line] == [
        f"<https://example.org/{n}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://example.org/Order> ."
        for n in range(30) if n not in bad
    ]  # fmt: skip


def test_a_record_has_the_verdict_that_it_has_alone_whatever_stands_beside_it(folder: Path) -> None:
    """sh:class is about the type of the other node, which the record does not tell: in a batch it could be there."""
    kind = shapes("ex:K sh:targetClass ex:Order ; sh:property [ sh:path ex:follows ; sh:class ex:Order ] .", "kind.ttl")
    rows = [row(1), row(2, after="1"), row(3)]
    _, alone = run(rows, shapes=[kind])
    _, batched = run(rows, shapes=[kind, shapes(SPARQL)], allow_sparql=True)
    with_sparql = shapes(Path(kind).read_text().removeprefix(HEAD) + SPARQL, "kind.ttl")
    _, slow = run(rows, shapes=[with_sparql], allow_sparql=True)
    assert [[one["record"] for one in found] for found in (alone, batched, slow)] == [[2], [2], [2]]


def test_warnings_of_shapes_reject_nothing_and_are_counted(folder: Path) -> None:
    mine = shapes(
        "ex:S sh:targetClass ex:Line ; sh:property [ sh:path ex:amount ; sh:maxInclusive 10 ; sh:severity sh:Warning ] ."
    )
    report, rejects = run([row(1), row(2, many=11)], shapes=[mine])
    assert (rejects, report.records["mapped"], report.warnings) == ([], 2, {"mine.ttl": 1})
    assert "warnings of shapes: mine.ttl 1" in report.to_text()


def test_validate_tells_which_engine_checked_which_shapes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [{"id": f"ex:{n}", "customer": "secret", "lines": [{"amount": n}]} for n in (9, 10, 11)]
    Path("orders.ndjson").write_text("".join(f"{json.dumps(each)}\n" for each in lines))
    mine = shapes(SPARQL)
    plain = shapes("ex:S sh:targetClass ex:Order ; sh:property [ sh:path ex:lines ; sh:maxCount 0 ; "
                   "sh:severity sh:Info ] .", "plain.ttl")  # fmt: skip
    command = ["validate", "shop.yaml", "orders.ndjson", "--with", "both", "--shapes", plain, "--shapes", mine]
    assert code([*command, "--allow-sparql", "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["shapes"] == {
        "generated from 'shop'": "compiled", "plain.ttl": "compiled", "mine.ttl": "pySHACL (sh:sparql, sh:select)",
    }  # fmt: skip
    found = [(one["record"], one["code"], one["severity"], one["pointer"], one.get("class"), one.get("slot"))
             for one in report["findings"]]  # fmt: skip
    assert found == [
        (1, "VAL007", "note", "/lines", "Order", "lines"),
        (2, "VAL007", "note", "/lines", "Order", "lines"),
        (3, "VAL030", "error", "/lines/0", "Line", None),
    ]
    assert (report["checked"], report["invalid"]) == (3, 1)
    assert "secret" not in str(report)


def test_rdf_is_validated_as_it_is_and_findings_name_file_line_and_focus(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    Path("in.nt").write_text(
        f"<https://example.org/1> {a} <https://example.org/Order> .\n"
        f'<https://example.org/1> <https://example.org/customer> "a" .\n'
        f"<https://example.org/2> {a} <https://example.org/Order> .\n"
        f'<https://example.org/2> <https://example.org/zz> "secret" .\n'
    )
    Path("in.ttl").write_text("@prefix ex: <https://example.org/> . ex:3 a ex:Order .")
    assert code(["validate", "shop.yaml", "in.nt", "in.ttl", "--with", "shacl", "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    keys = ("source", "line", "code", "focus", "class", "slot", "element")
    assert [tuple(one.get(key) for key in keys) for one in report["findings"]] == [
        ("in.nt", 3, "VAL001", "https://example.org/2", "Order", "customer", "shop.yaml:12"),
        ("in.nt", 3, "VAL002", "https://example.org/2", "Order", None, "shop.yaml:8"),
        ("in.ttl", None, "VAL001", "https://example.org/3", "Order", "customer", "shop.yaml:12"),
    ]
    assert "secret" not in str(report)


@pytest.mark.parametrize("how", ["compressed", "standard input", "said"])
def test_rdf_is_rdf_however_it_comes(
    folder: Path, how: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = b"@prefix ex: <https://example.org/> . ex:3 a ex:Order ."
    Path("in.ttl.gz").write_bytes(gzip.compress(text))
    Path("in.data").write_bytes(text)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    args = {"compressed": ["in.ttl.gz"], "standard input": ["-", "--from", "turtle"]}
    assert code(["validate", "shop.yaml", *args.get(how, ["in.data", "--from", "turtle"]), "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert [(one["code"], one["focus"]) for one in report["findings"]] == [("VAL001", "https://example.org/3")]


def test_shapes_that_cannot_be_read_are_told_by_their_name(folder: Path) -> None:
    with pytest.raises(semantics.SourceError, match=r"nowhere.ttl.*SRC001"):
        run([row(1)], shapes=["nowhere.ttl"])


def test_what_cannot_be_rdf_is_rejected_by_shapes_whatever_the_output(folder: Path) -> None:
    Path("shop.yaml").write_text(SCHEMA.replace("identifier: true, range: uriorcurie", "identifier: true"))
    Path("orders.yaml").write_text(MAPPING.replace('{iri: "https://example.org/{no}"}', "{populated_from: no}"))
    Path("in.ndjson").write_text(json.dumps(row(1) | {"no": ""}) + "\n")
    report = semantics.convert("orders.yaml", "in.ndjson", "out.ndjson", validate="shacl", rejects="rejects.ndjson")
    assert report.rejects == {"SNK010": 1}
    refused = json.loads(Path("rejects.ndjson").read_text())
    assert (refused["class"], refused["pointer"]) == ("Order", "/no")
    assert refused["rule"].startswith("orders.yaml:")
    assert refused["element"].startswith("shop.yaml:")


def test_neither_rdflib_nor_pyshacl_is_loaded_for_compiled_shapes(folder: Path) -> None:
    Path("in.ndjson").write_text(json.dumps(row(1)) + "\n")
    script = (
        "import sys, semantics\n"
        "semantics.convert('orders.yaml', 'in.ndjson', 'out.nt', validate='both', shapes=['mine.ttl'])\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'rdflib', 'pyshacl'}))"
    )
    shapes("ex:S sh:targetClass ex:Order ; sh:nodeKind sh:IRI .")
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)  # what is generated is kept
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_limits_that_messages_name_are_options_of_validate(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("deep.ndjson").write_text('{"a":' * 150 + "1" + "}" * 150 + "\n")
    Path("doctype.xml").write_text("<!DOCTYPE Order><Order/>")
    command = ["validate", "shop.yaml", "--class", "Order"]
    assert code([*command, "deep.ndjson"]) == 1
    assert "--max-depth raises it" in capsys.readouterr().out
    code([*command, "deep.ndjson", "--max-depth", "160"])
    assert "SRC021" not in capsys.readouterr().out
    assert code([*command, "doctype.xml"]) == 3
    assert "--allow-doctype" in capsys.readouterr().err
    assert code([*command, "doctype.xml", "--allow-doctype"]) == 1

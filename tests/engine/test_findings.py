"""The findings of a run: complete, in six forms, bounded, and without a value unless they were asked for."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import rdflib

import semantics
from semantics.cli import main
from semantics.validation import FORMS
from semantics.version import __version__

DATA = Path(__file__).parent / "data" / "findings"
EXPECTED = DATA / "expected"
SH = "http://www.w3.org/ns/shacl#"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own with the files of the case, so that every name in a report is relative."""
    for path in DATA.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(findings: str, **options: Any) -> semantics.RunReport:
    return semantics.convert("entries.yaml", "rows.ndjson", "out.ndjson", findings=findings, **options)


def found(**options: Any) -> list[dict[str, Any]]:
    run("findings.json", **options)
    return json.loads(Path("findings.json").read_text())["findings"]  # type: ignore[no-any-return]


def test_every_finding_names_source_model_and_mapping(folder: Path) -> None:
    """The whole place: file, record, pointer, class and slot, mapping rule, model element, constraint."""
    keys = ("source", "record", "line", "pointer", "class", "slot", "constraint", "element", "rule")
    assert [tuple(one.get(key) for key in ("code", *keys)) for one in found()] == [
        ("VAL005", "rows.ndjson", 2, 2, "/Tags/1", "Entry", "tags", "pattern", "ledger.yaml:8", "entries.yaml:9"),
        ("VAL005", "rows.ndjson", 2, 2, "/Lines/3/Cur", "Balance", "currency", "pattern", "ledger.yaml:13", "entries.yaml:20"),
        ("VAL006", "rows.ndjson", 2, 2, "/Lines/3/Amt", "Balance", "amount", "minimum_value", "ledger.yaml:15", "entries.yaml:22"),
        ("VAL005", "rows.ndjson", 2, 2, "/Lines/3/Remark/Text", "Note", "text", "pattern", "ledger.yaml:20", "entries.yaml:33"),
        ("VAL001", "rows.ndjson", 2, 2, "/Lines/3/Kind", "Balance", "kind", "required", "ledger.yaml:16", "entries.yaml:24"),
        ("REC001", "rows.ndjson", 3, 3, "/Days/1", "Entry", "days", "range", "ledger.yaml:9", "entries.yaml:11"),
        ("REC001", "rows.ndjson", 3, 3, "/Lines/1/Amt", "Balance", "amount", "range", "ledger.yaml:15", "entries.yaml:22"),
        ("REC004", "rows.ndjson", 3, 3, "/Lines/1/Kind", "Balance", "kind", "unmapped", "ledger.yaml:16", "entries.yaml:24"),
        ("REC002", "rows.ndjson", 4, 4, "/Lines", "Entry", "balances", "expression", "ledger.yaml:10", "entries.yaml:13"),
        ("SRC004", "rows.ndjson", 5, 5, None, None, None, None, None, None),
    ]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_has_stable_bytes(form: str, folder: Path) -> None:
    """Golden files; ``WRITE_EXPECTED=1`` makes them anew."""
    name = f"findings{FORMS[form][0]}"
    run(name)
    told = Path(name).read_text().replace(__version__, "VERSION")
    if os.environ.get("WRITE_EXPECTED"):
        EXPECTED.mkdir(exist_ok=True)
        (EXPECTED / name).write_text(told)
    assert told == (EXPECTED / name).read_text()
    assert "CANARY" not in told
    assert "4711" not in told


@pytest.mark.parametrize("form", FORMS)
def test_values_are_shown_only_where_that_is_asked(form: str, folder: Path) -> None:
    """Then every form quotes them, and the file is the operator's own."""
    run("findings", findings_format=form, show_values=True)
    told = Path("findings").read_text()
    assert [number for number in range(1, 8) if f"CANARY-{number}" not in told] == []
    assert "-4711" in told
    assert stat.S_IMODE(Path("findings").stat().st_mode) == 0o600


def test_all_are_counted_and_so_many_listed(folder: Path) -> None:
    run("findings.json", max_findings=3)
    data = json.loads(Path("findings.json").read_text())
    assert (len(data["findings"]), data["omitted"], sum(data["counts"].values())) == (3, 7, 10)
    assert (data["checked"], data["invalid"], data["sources"]) == (5, 4, {"rows.ndjson": 5})


@pytest.mark.parametrize("form", ["text", "html", "sarif", "junit"])
def test_what_is_not_listed_is_told(form: str, folder: Path) -> None:
    run("findings", findings_format=form, max_findings=3)
    told = Path("findings").read_text()
    assert "7 more" in told or "7 findings more" in told or "7 findings" in told


def test_a_finding_of_turtle_is_a_validation_result(folder: Path) -> None:
    """Its focus node says where the record stands."""
    run("findings.ttl")
    graph = rdflib.Graph().parse("findings.ttl")
    results = list(graph.subjects(rdflib.RDF.type, rdflib.URIRef(f"{SH}ValidationResult")))
    assert len(results) == 10
    for result in results:
        for name in ("focusNode", "resultSeverity", "sourceConstraintComponent"):
            assert len(list(graph.objects(result, rdflib.URIRef(SH + name)))) == 1


def test_junit_has_a_suite_a_source(folder: Path) -> None:
    Path("good.ndjson").write_text('{"Id": "9"}\n')
    semantics.convert("entries.yaml", ["rows.ndjson", "good.ndjson"], "out.ndjson", findings="findings.xml")
    root = ElementTree.parse("findings.xml").getroot()
    counts = {suite.get("name"): (suite.get("tests"), suite.get("failures")) for suite in root}
    assert counts == {"rows.ndjson": ("10", "10"), "good.ndjson": ("1", "0")}


def test_a_run_without_findings_says_so(folder: Path) -> None:
    Path("rows.ndjson").write_text('{"Id": "9"}\n')
    run("findings.txt")
    assert Path("findings.txt").read_text() == "valid: 1 record, no findings\n"


def test_a_failed_run_leaves_no_findings(folder: Path) -> None:
    with pytest.raises(semantics.SemanticsError):
        run("findings.txt", max_rejects=0)
    assert sorted(path.name for path in folder.iterdir() if "findings" in path.name) == []


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"findings": "findings"}, "RUN060"),
        ({"findings": "findings.txt", "findings_format": "docx"}, "RUN061"),
        ({"findings": "rows.ndjson"}, "RUN062"),
        ({"findings": "out.ndjson"}, "RUN062"),
        ({"findings": "same.json", "report": "same.json"}, "RUN062"),
        ({"findings": "same.json", "rejects": "same.json"}, "RUN062"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_before_anything_is_read(
    options: dict[str, Any], code: str, folder: Path
) -> None:
    with pytest.raises(semantics.UsageError) as refused:
        semantics.convert("entries.yaml", "rows.ndjson", "out.ndjson", **options)
    assert [one.code for one in refused.value.diagnostics] == [code]
    assert not Path("out.ndjson").exists()


def test_rejects_carry_what_the_findings_say(folder: Path) -> None:
    """Beyond the keys of the contract: the target's class, slot, constraint, element; for the others too."""
    run("findings.txt")
    first = json.loads(Path("out.ndjson.rejects.ndjson").read_text().splitlines()[0])
    model = {"class": "Balance", "slot": "currency", "constraint": "pattern", "element": "ledger.yaml:13"}
    assert first["slot"] == "tags"
    assert model.items() <= first["more"][0].items()
    assert "source_class" in first


@pytest.mark.parametrize("old", [True, False])
def test_rejects_of_earlier_versions_are_replayed_too(old: bool, folder: Path) -> None:
    """Those said the source class under "class"."""
    entry = {"source": "rows.ndjson", "record": 1, "line": 1, "code": "VAL005", "raw": '{"Id": "9"}'}
    entry |= {"class": "Row"} if old else {"class": "Balance", "source_class": "Row"}
    Path("rejects.ndjson").write_text(json.dumps(entry) + "\n")
    report = semantics.convert("entries.yaml", "rejects.ndjson", "out.ndjson", replay=True)
    assert report.records["mapped"] == 1


def test_the_command_writes_findings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["convert", "entries.yaml", "rows.ndjson", "-o", "out.ndjson", "--findings", "f.sarif"])
    assert ended.value.code == 1
    assert len(json.loads(Path("f.sarif").read_text())["runs"][0]["results"]) == 10
    assert "CANARY" not in "".join(capsys.readouterr())


def test_objects_under_identifiers_are_counted_in_pointers() -> None:
    """The rule and the place are those of the very object; its identifier, a value, is not told."""
    source = {
        "name": "s", "classes": {
            "Row": {"tree_root": True, "attributes": {"Parts": {"range": "Part", "multivalued": True, "inlined": True}}},
            "Part": {"attributes": {"Key": {"identifier": True}, "Size": {}}},
        },
    }  # fmt: skip
    target = {
        "name": "t", "classes": {
            "Thing": {"tree_root": True, "attributes": {"parts": {"range": "Piece", "multivalued": True, "inlined": True}}},
            "Piece": {"attributes": {"key": {"identifier": True}, "size": {"pattern": "^[0-9]+$"}}},
        },
    }  # fmt: skip
    pieces = {"Piece": {"populated_from": "Part", "slot_derivations": {
        "key": {"populated_from": "Key"}, "size": {"populated_from": "Size"}}}}  # fmt: skip
    parts = {"parts": {"populated_from": "Parts", "class_derivations": pieces}}
    spec = {"class_derivations": {"Thing": {"populated_from": "Row", "slot_derivations": parts}}}
    mapping = semantics.load_mapping(spec, source_schema=source, target_schema=target)
    record = {"Parts": {"CANARY-a": {"Size": "1"}, "CANARY-b": {"Size": "x"}}}
    outcome = mapping.try_apply(record)
    assert isinstance(outcome, semantics.Rejected)
    (finding,) = outcome.diagnostics
    assert finding.location is not None
    assert finding.location.pointer == "/Parts/1/Size"
    assert "CANARY" not in str(finding)


ADVICE = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix : <https://example.org/ledger/> .
:Advice a sh:NodeShape ; sh:targetClass :Entry ; sh:severity sh:Warning ;
  sh:property [ sh:path :days ; sh:minCount 1 ; sh:severity sh:Warning ; sh:message "a day would help" ] .
"""


def test_a_warning_of_the_shapes_is_a_finding_of_a_record_that_is_mapped(folder: Path) -> None:
    """The report says by which engine the shapes were checked."""
    Path("advice.ttl").write_text(ADVICE)
    Path("rows.ndjson").write_text('{"Id": "9"}\n')
    report = run("findings.json", shapes=["advice.ttl"])
    data = json.loads(Path("findings.json").read_text())
    assert report.records["mapped"] == 1
    assert (data["conforms"], data["invalid"], data["shapes"]) == (True, 0, {"advice.ttl": "compiled"})
    assert [(one["severity"], one["message"], one["record"]) for one in data["findings"]] == [
        ("warning", "a day would help", 1)
    ]

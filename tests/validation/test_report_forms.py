"""Whatever stands in a message, a name or a value: every form of a report stays what it is."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

from semantics.codes import CODES
from semantics.errors import Severity
from semantics.records import Record
from semantics.reporting.sarif import uri_of
from semantics.validation import FORMS, Finding, ValidationReport, form_of
from semantics.validation.shown import shown_at, shown_value

SH = "http://www.w3.org/ns/shacl#"
TEXT = st.text(st.characters(exclude_categories=())) | st.sampled_from(
    [
        "</style><script>alert(1)</script>",
        '"""',
        "]]>",
        "\\",
        "\r\n.",
        "<?xml?>",
        "\ud800",
        "\x00\x1b[31m",
        "\u202e",
        "a:1",
        "&#0;",
    ]
)
MAYBE = st.none() | TEXT
NUMBER = st.none() | st.integers(1, 10**9)
FINDINGS = st.builds(
    Finding, code=st.sampled_from(["VAL005", "REC001", "SRC004"]) | TEXT, message=TEXT, severity=st.sampled_from(Severity),
    source=MAYBE, record=NUMBER, line=NUMBER, pointer=MAYBE, class_name=MAYBE, slot=MAYBE, path=MAYBE, constraint=MAYBE,
    component=MAYBE, shape=MAYBE, focus=MAYBE, value=MAYBE, element=MAYBE, rule=MAYBE, hint=MAYBE,
)  # fmt: skip


class Tags(HTMLParser):
    """The elements of a page, and whether each that is opened is closed."""

    EMPTY = frozenset({"meta", "!doctype"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on") or name in ("src", "href", "style")]
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@settings(max_examples=60, deadline=None)
@given(st.lists(FINDINGS, max_size=4), MAYBE, MAYBE)
def test_every_form_can_be_read_back(findings: list[Finding], schema: str | None, mapping: str | None) -> None:
    listed = ValidationReport.of(findings, checked=7, invalid=1, schema=schema, limit=3)
    report = ValidationReport.__add__(
        listed, ValidationReport(conforms=True, mapping=mapping, sources={"a\ud800.json": 7})
    )
    texts = {form: report.to(form) for form in FORMS}
    for text in texts.values():
        text.encode("utf-8")
        assert "\x1b" not in text
    assert len(json.loads(texts["json"])["findings"]) == len(listed.findings)
    _is_sarif(json.loads(texts["sarif"]), len(listed.findings))
    cases = ElementTree.fromstring(texts["junit"]).findall("testsuite/testcase")
    assert len(cases) == len(listed.findings) + bool(listed.omitted) + (
        ("a\ud800.json") not in {f.source for f in listed.findings}
    )
    tags = Tags()
    tags.feed(texts["html"])
    tags.close()
    assert tags.open == []
    assert tags.seen.isdisjoint({"script", "img", "iframe", "link", "a", "form", "object"})
    graph = rdflib.Graph().parse(data=texts["turtle"], format="turtle")
    results = list(graph.subjects(rdflib.RDF.type, rdflib.URIRef(f"{SH}ValidationResult")))
    assert len(results) == len(listed.findings)


def _is_sarif(log: dict[str, Any], results: int) -> None:
    """What SARIF 2.1.0 demands of the parts that are written."""
    assert set(log) == {"$schema", "version", "runs"}
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert len(run["results"]) == results
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert isinstance(result["message"]["text"], str)
        assert all(isinstance(told, str) for told in result["partialFingerprints"].values())
        places = [*result.get("locations", ()), *result.get("relatedLocations", ())]
        for place in places:
            assert place.keys() <= {"id", "physicalLocation", "logicalLocations", "message"}
            if "physicalLocation" in place:
                physical = place["physicalLocation"]
                assert physical.get("region", {"startLine": 1})["startLine"] >= 1
                uri = physical["artifactLocation"]["uri"]
                assert uri.isascii()
                assert not set(uri) & set(' "<>\\^`{|}')
                assert urlsplit(uri).scheme in ("", "file")


def test_fingerprints_are_the_same_from_run_to_run_and_differ_between_findings() -> None:
    """They are made of the place and the constraint: a new message or line of the model changes nothing."""

    def prints(**changed: Any) -> list[str]:
        findings = [
            Finding(code="VAL005", message="m", source="a.json", record=n, pointer="/x", class_name="C", **changed)
            for n in (1, 2, 2)
        ]
        log = json.loads(ValidationReport.of(findings).to_sarif())
        return [result["partialFingerprints"]["semantics/v1"] for result in log["runs"][0]["results"]]

    assert len(set(prints())) == 3
    assert prints() == prints(element="model.yaml:7", hint="h")
    assert prints() != prints(slot="s")


def test_the_rules_of_sarif_say_what_a_code_means() -> None:
    log = json.loads(ValidationReport.of([Finding(code="VAL005", message="m")]).to_sarif())
    (rule,) = log["runs"][0]["tool"]["driver"]["rules"]
    assert rule["id"] == "VAL005"
    assert CODES["VAL005"][1:] in rule["shortDescription"]["text"]
    assert rule["help"]["text"].startswith("VAL005: ")


def test_artifacts_are_told_from_the_folder_of_the_run_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a build server finds them in the checkout; nothing says where the checkout is."""
    monkeypatch.chdir(tmp_path)
    assert uri_of(str(tmp_path / "data" / "ä b.json")) == {"uri": "data/%C3%A4%20b.json", "uriBaseId": "%SRCROOT%"}
    assert uri_of("a:b.json") == {"uri": "a%3Ab.json", "uriBaseId": "%SRCROOT%"}
    assert uri_of("/elsewhere/a.json") == {"uri": "file:///elsewhere/a.json"}
    assert [uri_of(name) for name in ("-", "<stdin>", "<record>", "")] == [None] * 4


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.txt", "text"), ("a.JSON", "json"), ("a.htm", "html"), ("a.b.sarif", "sarif"), ("a.sarif.json", "sarif"),
     ("a.xml", "junit"), ("a.ttl", "turtle"), ("a.json.gz", "json"), ("a", None), ("a.docx", None), (".json", None)],
)  # fmt: skip
def test_the_form_is_told_by_the_name(name: str, form: str | None) -> None:
    assert form_of(name) == form


def test_a_warning_is_no_failed_case() -> None:
    """It is told in the output of its case."""
    warning = Finding(code="VAL030", message="m", severity=Severity.WARNING, source="a.json", record=1)
    (case,) = ElementTree.fromstring(ValidationReport.of([warning]).to_junit()).findall("testsuite/testcase")
    assert [child.tag for child in case] == ["system-out"]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
        lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    )
)
def test_a_value_is_shown_on_one_short_line(value: Any) -> None:
    shown = shown_value(value)
    assert shown is None or (shown.isprintable() and len(shown) < 600)


def test_a_value_is_looked_up_from_the_place_of_its_record() -> None:
    """Pointers lead into the document that held the record, and may name what is not there."""
    record = Record({"a/b": [1, {"c": "x"}]}, pointer="/Data/3")
    assert shown_at(record, "/Data/3/a~1b/1/c") == '"x"'
    assert shown_at(record, "/Data/3/a~1b") == "list of 2"
    assert [shown_at(record, place) for place in ("/Data/3", "/Data/3/zzz", "/Data/3/a~1b/7", "/other", None)] == [
        None
    ] * 5

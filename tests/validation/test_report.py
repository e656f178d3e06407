"""The report: text, JSON, Turtle and HTML, each deterministic and free of values."""

from __future__ import annotations

import json
import re

import pytest
import rdflib

from semantics.errors import Severity
from semantics.records import Record
from semantics.schema import load_schema
from semantics.validation import Finding, ValidationReport, compile_checker

SH = "http://www.w3.org/ns/shacl#"

HOSTILE = '"> <script>alert(1)</script> \\ \n \u202e \x00 \ud800 </style> .\n<urn:a> <urn:b> <urn:c> .'

FULL = Finding(
    code="VAL005",
    message="slot 'currency' of 'Account': expected text that matches, found string, 3 characters",
    source="in.ndjson",
    record=3,
    line=3,
    pointer="/balances/0/currency",
    class_name="Account",
    slot="currency",
    path="https://schema.org/currency",
    constraint="pattern",
    element="finance.yaml:42",
    rule="accounts.yaml:17",
    hint="the pattern is ^[A-Z]{3}$",
)
WARNING = Finding(code="VAL030", message="m", severity=Severity.WARNING, focus="https://example.org/x")


def report() -> ValidationReport:
    return ValidationReport.of([FULL, WARNING], checked=5, invalid=1, schema="finance")


def test_counts_cover_what_is_not_listed() -> None:
    found = ValidationReport.of([FULL] * 5 + [WARNING], checked=9, invalid=2, limit=2)
    assert (len(found.findings), found.omitted, found.counts) == (2, 4, {"VAL005": 5, "VAL030": 1})


def test_only_errors_make_a_report_not_conform() -> None:
    assert ValidationReport.of([WARNING], checked=1).conforms
    assert not ValidationReport.of([FULL], checked=1, invalid=1).conforms


def test_two_reports_on_the_same_instances_add_up() -> None:
    both = ValidationReport.of([FULL], checked=5, invalid=1) + ValidationReport.of([WARNING], checked=5)
    assert (both.conforms, both.checked, both.invalid) == (False, 5, 1)
    assert both.counts == {"VAL005": 1, "VAL030": 1}


def test_text_names_place_element_rule_and_hint() -> None:
    assert report().to_text().splitlines() == [
        "in.ndjson:3 record 3 /balances/0/currency  VAL005  slot 'currency' of 'Account': expected text that "
        "matches, found string, 3 characters",
        "    Account.currency (finance.yaml:42), constraint pattern, rule accounts.yaml:17",
        "  hint: the pattern is ^[A-Z]{3}$",
        "<input>  VAL030  warning: m",
        "    focus https://example.org/x",
        "not valid: 5 instances, 1 of them invalid, 2 findings (VAL005 1, VAL030 1)",
    ]


def test_json_has_a_fixed_order_of_keys() -> None:
    data = json.loads(report().to_json())
    assert list(data) == ["conforms", "schema", "checked", "invalid", "sources", "counts", "omitted", "findings"]
    assert data["findings"][0] == {
        "code": "VAL005",
        "message": FULL.message,
        "severity": "error",
        "source": "in.ndjson",
        "record": 3,
        "line": 3,
        "pointer": "/balances/0/currency",
        "class": "Account",
        "slot": "currency",
        "path": "https://schema.org/currency",
        "constraint": "pattern",
        "element": "finance.yaml:42",
        "rule": "accounts.yaml:17",
        "hint": "the pattern is ^[A-Z]{3}$",
    }


def test_turtle_is_a_validation_report_of_shacl() -> None:
    graph = rdflib.Graph().parse(data=report().to_turtle(), format="turtle")

    def uri(name: str) -> object:
        return rdflib.URIRef(SH + name)

    (node,) = graph.subjects(rdflib.RDF.type, uri("ValidationReport"))
    assert graph.value(node, uri("conforms")).toPython() is False
    results = set(graph.objects(node, uri("result")))
    assert results == set(graph.subjects(rdflib.RDF.type, uri("ValidationResult")))
    assert len(results) == 2
    for result in results:
        for name in ("focusNode", "resultSeverity", "sourceConstraintComponent"):
            assert len(list(graph.objects(result, uri(name)))) == 1
    components = {str(graph.value(result, uri("sourceConstraintComponent"))) for result in results}
    assert components == {
        f"{SH}PatternConstraintComponent", "https://w3id.org/semantics/validation#VAL030",
    }  # fmt: skip
    assert {str(focus) for focus in graph.objects(None, uri("focusNode"))} >= {"https://example.org/x"}
    assert (None, uri("resultPath"), rdflib.URIRef("https://schema.org/currency")) in graph


def test_an_empty_report_conforms_in_every_form() -> None:
    empty = ValidationReport.of([], checked=2)
    assert empty.to_text() == "valid: 2 instances, no findings\n"
    assert json.loads(empty.to_json())["conforms"] is True
    assert "sh:conforms true ." in empty.to_turtle()
    assert ">Valid</strong>" in empty.to_html()
    assert json.loads(empty.to_sarif())["runs"][0]["results"] == []
    assert empty.to_junit().count("<testcase") == 0


@pytest.mark.parametrize("form", ["to_text", "to_json", "to_turtle", "to_html", "to_sarif", "to_junit"])
def test_equal_reports_give_equal_bytes(form: str) -> None:
    assert getattr(report(), form)() == getattr(report(), form)()
    assert getattr(report(), form)().endswith("\n")


def hostile() -> ValidationReport:
    names = ("code", "message", "source", "pointer", "slot", "path", "focus", "hint")
    finding = Finding(**dict.fromkeys(names, HOSTILE))
    return ValidationReport.of([finding], checked=1, invalid=1, schema=HOSTILE)


def test_hostile_text_stays_text_in_turtle() -> None:
    text = hostile().to_turtle()
    graph = rdflib.Graph().parse(data=text.encode(), format="turtle")
    assert (rdflib.URIRef("urn:a"), None, None) not in graph
    assert len(set(graph.subjects())) == 3


def test_hostile_text_stays_text_in_html() -> None:
    text = hostile().to_html()
    text.encode()
    assert "<script" not in text
    assert text.count("</style>") == 1
    assert "\u202e" not in text
    assert "\x00" not in text


def test_hostile_text_stays_on_its_line_in_text() -> None:
    text = hostile().to_text()
    assert all(char.isprintable() or char in "\n " for char in text)


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    text = report().to_html()
    assert "Content-Security-Policy" in text
    assert "default-src 'none'" in text
    assert 'name="viewport"' in text
    assert "prefers-color-scheme: dark" in text
    assert not re.search(r"(src|href)\s*=|<script|@import|url\(", text)


def test_the_style_is_the_one_that_the_policy_allows() -> None:
    import hashlib
    from base64 import b64encode

    text = report().to_html()
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in text


def test_a_finding_takes_over_what_the_checker_found() -> None:
    schema = load_schema({"name": "s", "classes": {"C": {"attributes": {"a": {"range": "integer"}}}}})
    (found,) = compile_checker(schema).check("C", {"a": "x"})
    finding = Finding.of(found, record=Record(None, "in.json", 4, line=2), rule="map.yaml:3")
    assert (finding.source, finding.record, finding.line, finding.pointer) == ("in.json", 4, 2, "/a")
    assert (finding.class_name, finding.slot, finding.constraint) == ("C", "a", "range")
    assert (finding.path, finding.rule) == ("https://w3id.org/semantics/s/a", "map.yaml:3")

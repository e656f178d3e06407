"""SHACL through the one report: W3C's own cases, locations, privacy, and what is refused."""

from __future__ import annotations

import socket
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import rdflib

from semantics.errors import DefinitionError, Location, SourceError
from semantics.validation import validate_graph

CORE = Path(__file__).resolve().parents[2].parent / "shared" / "conformance" / "shacl" / "core"
SH = "http://www.w3.org/ns/shacl#"
SHT = "http://www.w3.org/ns/shacl-test#"
SEVERITIES = {"error": f"{SH}Violation", "warning": f"{SH}Warning", "note": f"{SH}Info"}
MANIFEST = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"

SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ex: <https://example.org/> .
ex:MeterShape a sh:NodeShape ; sh:targetClass ex:Meter ;
  sh:property [ sh:path ex:unit ; sh:minCount 1 ; sh:pattern "W" ] ;
  sh:property [ sh:path ex:reading ; sh:datatype xsd:decimal ; sh:severity sh:Warning ;
    sh:message "readings are decimals" ] .
"""
A = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
DATA = f"""
<https://example.org/m1> {A} <https://example.org/Meter> .
<https://example.org/m1> <https://example.org/unit> "kWh" .
<https://example.org/m2> {A} <https://example.org/Meter> .
<https://example.org/m2> <https://example.org/reading> "secret-value" .
_:b0 {A} <https://example.org/Meter> .
_:b0 <https://example.org/unit> "secret-unit" .
"""


def core_cases() -> list[Path]:
    return sorted(CORE.rglob("*.ttl")) if CORE.is_dir() else []


def w3c_report(graph: Any, report: Any) -> Counter[tuple[str | None, ...]]:
    def iri(node: Any) -> str | None:
        return str(node) if isinstance(node, rdflib.URIRef) else None

    found: Counter[tuple[str | None, ...]] = Counter()
    for result in graph.objects(report, rdflib.URIRef(f"{SH}result")):
        *where, severity = (
            iri(graph.value(result, rdflib.URIRef(SH + name)))
            for name in ("focusNode", "resultPath", "sourceConstraintComponent", "resultSeverity")
        )
        # A severity of a shape's own make counts as a violation: a report has three.
        found[*where, severity if severity in SEVERITIES.values() else f"{SH}Violation"] += 1
    return found


@pytest.mark.skipif(not core_cases(), reason="W3C's SHACL cases are not beside the checkout")
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_w3c_cases_of_shacl_core() -> None:
    passed = 0
    for path in core_cases():
        manifest = rdflib.Graph().parse(path, publicID=path.as_uri(), format="turtle")
        for case in manifest.subjects(rdflib.RDF.type, rdflib.URIRef(f"{SHT}Validate")):
            action = manifest.value(case, rdflib.URIRef(f"{MANIFEST}action"))
            expected = manifest.value(case, rdflib.URIRef(f"{MANIFEST}result"))
            data, shapes = (
                f"@base <{iri}> .\n{Path(str(iri).removeprefix('file://')).read_text()}"
                for name in ("dataGraph", "shapesGraph")
                for iri in [manifest.value(action, rdflib.URIRef(SHT + name))]
            )
            report = validate_graph(data, shapes, format="turtle")
            found = Counter((one.focus, one.path, one.component, SEVERITIES[one.severity]) for one in report.findings)
            wanted = w3c_report(manifest, expected)
            assert (path.name, wanted) == (path.name, found)
            passed += 1
    assert passed >= 90


def test_findings_carry_code_path_component_severity_and_the_kind_of_value() -> None:
    report = validate_graph(DATA, SHAPES)
    assert not report.conforms
    assert [(one.code, one.focus, one.path, one.constraint, str(one.severity)) for one in report.findings] == [
        ("VAL005", None, "https://example.org/unit", "sh:Pattern", "error"),
        ("VAL003", "https://example.org/m2", "https://example.org/reading", "sh:Datatype", "warning"),
        ("VAL001", "https://example.org/m2", "https://example.org/unit", "sh:MinCount", "error"),
    ]
    assert report.findings[1].message == "readings are decimals"
    assert report.findings[0].value_kind == ("a literal of <http://www.w3.org/2001/XMLSchema#string>, 11 characters")


def test_no_form_of_the_report_holds_a_value() -> None:
    report = validate_graph(DATA, SHAPES)
    for text in (report.to_text(), report.to_json(), report.to_turtle(), report.to_html(), repr(report)):
        assert "secret" not in text


def test_a_literal_that_cannot_be_converted_is_not_logged(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = '<urn:a> <urn:b> "secret"^^<http://www.w3.org/2001/XMLSchema#integer> .'
    validate_graph(wrong, SHAPES)
    assert "secret" not in caplog.text + "".join(capsys.readouterr())


def test_a_known_focus_node_is_told_by_the_place_of_its_record() -> None:
    places = {"https://example.org/m2": Location("in.ndjson", 7, pointer="/a/0")}
    report = validate_graph(DATA, SHAPES, locations=places, checked=3)
    located = [one for one in report.findings if one.source]
    assert [(one.source, one.line, one.pointer, one.focus) for one in located] == [
        ("in.ndjson", 7, "/a/0", None), ("in.ndjson", 7, "/a/0", None),
    ]  # fmt: skip
    assert (report.checked, report.invalid) == (3, 2)


def test_a_graph_and_turtle_give_the_same_report_as_ntriples() -> None:
    graph = rdflib.Graph().parse(data=DATA, format="nt")
    expected = validate_graph(DATA, SHAPES)
    assert validate_graph(graph, SHAPES) == expected
    assert validate_graph(DATA.encode(), SHAPES, format="turtle") == expected


def test_patterns_are_searched_by_the_linear_engine() -> None:
    shapes = SHAPES.replace('"W"', '"^(a+)+$"')
    data = DATA.replace('"kWh"', f'"{"a" * 5000}!"')
    assert [one.code for one in validate_graph(data, shapes).findings].count("VAL005") == 2


def test_flags_of_a_pattern_count() -> None:
    shapes = SHAPES.replace('"W"', '"^KWH$" ; sh:flags "i"')
    assert [one.code for one in validate_graph(DATA, shapes).findings].count("VAL005") == 1


@pytest.mark.parametrize(
    "shapes",
    [
        "this is not turtle",
        SHAPES.replace('"W"', '"(?=x)"'),
        SHAPES.replace('"W"', '"x" ; sh:flags "q"'),
        SHAPES.replace('"W"', "<https://example.org/x>"),
        SHAPES.replace("sh:minCount 1", 'sh:minCount "x"'),
        SHAPES + 'ex:MeterShape sh:sparql [ sh:select "SELECT $this { SERVICE <http://127.0.0.1:9> {} }" ] .',
        SHAPES + "ex:MeterShape sh:js [ ] .",
        SHAPES + "ex:MeterShape sh:rule [ ] .",
    ],
)
def test_shapes_that_are_not_shacl_core_are_refused(shapes: str) -> None:
    with pytest.raises(DefinitionError) as fault:
        validate_graph(DATA, shapes)
    assert [one.code for one in fault.value.diagnostics] == ["VAL041"]


def test_data_that_is_no_rdf_is_refused_without_a_word_of_it() -> None:
    with pytest.raises(SourceError) as fault:
        validate_graph("<secret", SHAPES)
    assert fault.value.exit_code == 3
    assert "secret" not in str(fault.value)


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(SourceError, match="json-ld"):
        validate_graph("{}", SHAPES, format="json-ld")  # type: ignore[arg-type]


def test_imports_are_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    shapes = SHAPES + "<urn:s> <http://www.w3.org/2002/07/owl#imports> <http://127.0.0.1:9/x> ."
    data = DATA + "<urn:d> <http://www.w3.org/2002/07/owl#imports> <http://127.0.0.1:9/y> ."
    assert len(validate_graph(data, shapes).findings) == 3

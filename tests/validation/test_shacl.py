"""SHACL through the one report: locations, privacy, and what is refused, by either engine."""

from __future__ import annotations

import socket
from typing import Any

import pytest
import rdflib

from semantics.errors import DefinitionError, Location, SourceError
from semantics.validation import validate_graph

SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ex: <https://example.org/> .
ex:MeterShape a sh:NodeShape ; sh:targetClass ex:Meter ;
  sh:property [ sh:path ex:unit ; sh:minCount 1 ; sh:pattern "W" ] ;
  sh:property [ sh:path ex:reading ; sh:datatype xsd:decimal ; sh:severity sh:Warning ;
    sh:message "readings are decimals" ] .
"""
ENGINES = [None, "pyshacl"]
A = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
DATA = f"""
<https://example.org/m1> {A} <https://example.org/Meter> .
<https://example.org/m1> <https://example.org/unit> "kWh" .
<https://example.org/m2> {A} <https://example.org/Meter> .
<https://example.org/m2> <https://example.org/reading> "secret-value" .
_:b0 {A} <https://example.org/Meter> .
_:b0 <https://example.org/unit> "secret-unit" .
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_findings_carry_code_path_component_severity_and_the_kind_of_value(engine: Any) -> None:
    report = validate_graph(DATA, SHAPES, engine=engine)
    assert not report.conforms
    assert [(one.code, one.focus, one.path, one.constraint, str(one.severity)) for one in report.findings] == [
        ("VAL005", None, "https://example.org/unit", "sh:Pattern", "error"),
        ("VAL003", "https://example.org/m2", "https://example.org/reading", "sh:Datatype", "warning"),
        ("VAL001", "https://example.org/m2", "https://example.org/unit", "sh:MinCount", "error"),
    ]
    assert report.findings[1].message == "readings are decimals"
    assert report.findings[0].value_kind == ("a literal of <http://www.w3.org/2001/XMLSchema#string>, 11 characters")


@pytest.mark.parametrize("engine", ENGINES)
def test_no_form_of_the_report_holds_a_value(engine: Any) -> None:
    report = validate_graph(DATA, SHAPES, engine=engine)
    for text in (report.to_text(), report.to_json(), report.to_turtle(), report.to_html(), repr(report)):
        assert "secret" not in text


@pytest.mark.parametrize("engine", ENGINES)
def test_a_literal_that_cannot_be_converted_is_not_logged(
    engine: Any, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = '<urn:a> <urn:b> "secret"^^<http://www.w3.org/2001/XMLSchema#integer> .'
    validate_graph(wrong, SHAPES, engine=engine)
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


@pytest.mark.parametrize("engine", ENGINES)
def test_patterns_are_searched_by_the_linear_engine(engine: Any) -> None:
    shapes = SHAPES.replace('"W"', '"^(a+)+$"')
    data = DATA.replace('"kWh"', f'"{"a" * 5000}!"')
    assert [one.code for one in validate_graph(data, shapes, engine=engine).findings].count("VAL005") == 2


@pytest.mark.parametrize("engine", ENGINES)
def test_flags_of_a_pattern_count(engine: Any) -> None:
    shapes = SHAPES.replace('"W"', '"^KWH$" ; sh:flags "i"')
    assert [one.code for one in validate_graph(DATA, shapes, engine=engine).findings].count("VAL005") == 1


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "shapes",
    [
        "this is not turtle",
        SHAPES.replace('"W"', '"(?=x)"'),
        SHAPES.replace('"W"', '"x" ; sh:flags "q"'),
        SHAPES.replace('"W"', "<https://example.org/x>"),
        SHAPES.replace("sh:minCount 1", 'sh:minCount "x"'),
        SHAPES + "ex:MeterShape sh:js [ ] .",
        SHAPES + "ex:MeterShape sh:rule [ ] .",
    ],
)
def test_shapes_that_are_not_shacl_core_are_refused(shapes: str, engine: Any) -> None:
    with pytest.raises(DefinitionError) as fault:
        validate_graph(DATA, shapes, engine=engine)
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

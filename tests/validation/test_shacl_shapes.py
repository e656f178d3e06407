"""Shapes graphs: what is refused, with its place; what is not compiled and falls back; how the engine remembers."""

from __future__ import annotations

from typing import Any

import pytest

from semantics.errors import DefinitionError, SourceError
from semantics.validation import validate_graph
from semantics.validation.shacl import NotCompiled, compile_shapes, read_rdf
from semantics.validation.shacl.validate import load_shapes

HEAD = """@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix e: <urn:e:> .
"""
SPARQL = HEAD + 'e:S sh:targetNode e:a ;\n sh:sparql [ sh:select "SELECT $this ?value { $this <urn:e:p> ?value }" ] .\n'


def codes(shapes: str, data: str = "", **options: Any) -> list[str]:
    report = validate_graph("@prefix e: <urn:e:> ." + data, HEAD + shapes, format="turtle", **options)
    return [finding.code for finding in report.findings]


@pytest.mark.parametrize(
    ("shapes", "code", "line", "told"),
    [
        ("e:S sh:targetNode e:a ; sh:property [ sh:path _:p ] .\n_:p sh:inversePath _:p .", "VAL042", 4, "itself"),
        ("e:S sh:targetNode e:a ; sh:mincount 1 .", "VAL041", 4, "did you mean 'minCount'"),
        ("e:S sh:targetNode e:a ;\n sh:minCount 1 .", "VAL041", 5, "no sh:path"),
        ("e:S sh:targetNode e:a ;\n sh:node e:Nowhere .", "VAL041", None, "not described"),
        ("e:S sh:targetNode e:a ; sh:path e:p ;\n sh:datatype xsd:int, xsd:long .", "VAL041", 5, "more than once"),
        ("e:S sh:targetNode e:a ; sh:path e:p ; sh:class 1 .", "VAL041", 4, "not an IRI"),
        ("e:S sh:targetNode e:a ; sh:nodeKind e:Thing .", "VAL041", 4, "six kinds"),
        ("e:S sh:targetNode e:a ; sh:in 1 .", "VAL041", 4, "not a list"),
        ("e:S sh:targetNode e:a ; sh:property e:P . e:P sh:nodeKind sh:IRI .", "VAL041", 4, "no sh:path"),
        ("e:S sh:targetNode e:a ; sh:node e:P . e:P sh:path e:p .", "VAL041", 4, "property shape"),
        ("e:S sh:targetNode e:a ; sh:path e:p ; sh:qualifiedValueShape [] .", "VAL041", 4, "no count"),
        ("e:S sh:targetNode e:a ; sh:path e:p ; sh:closed 1 .", "VAL041", 4, "not a boolean"),
        ("e:S sh:targetNode e:a ; sh:path [] .", "VAL041", 4, "no path"),
        ("e:S sh:targetNode e:a ; sh:path ( e:p ) .", "VAL041", 4, "fewer than two"),
        ("e:S sh:targetNode e:a ; sh:js [] .", "VAL041", 4, "sh:js"),
        ("e:S sh:targetNode e:a ; ; sh:oops", "VAL041", 4, "not valid turtle"),
        (f"e:S sh:targetNode e:a ; sh:and {'( ' * 300}{') ' * 300} .", "VAL041", 4, "nested deeper"),
    ],
)  # fmt: skip
def test_shapes_that_cannot_be_used_are_refused_with_their_place(
    shapes: str, code: str, line: int | None, told: str
) -> None:
    with pytest.raises(DefinitionError) as fault:
        load_shapes(HEAD + shapes, name="mine.ttl")
    (found,) = fault.value.diagnostics
    assert (found.code, found.location.file, found.location.line) == (code, "mine.ttl", line)  # type: ignore[union-attr]
    assert told in str(found)


def test_sparql_constraints_run_where_they_are_allowed_and_by_pyshacl() -> None:
    with pytest.raises(DefinitionError) as fault:
        load_shapes(SPARQL, name="mine.ttl")
    (found,) = fault.value.diagnostics
    assert (found.code, found.location.line) == ("VAL043", 5)  # type: ignore[union-attr]
    assert "--allow-sparql" in str(found)
    shapes = load_shapes(SPARQL, sparql=True)
    assert (shapes.engine, shapes.why) == ("pyshacl", ("sh:sparql", "sh:select"))
    report = validate_graph("<urn:e:a> <urn:e:p> <urn:e:secret> .", shapes)
    assert [(one.code, one.constraint, one.focus) for one in report.findings] == [("VAL030", "sh:SPARQL", "urn:e:a")]
    assert "secret" not in report.to_text()


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT $this FROM <http://127.0.0.1:9/d> WHERE { $this ?p ?o }", "FROM"),
        ("SELECT $this { { SELECT $this { SERVICE <http://127.0.0.1:9/> { $this ?p ?o } } } }", "SERVICE"),
        ("SELECT $this { FILTER NOT EXISTS { SERVICE SILENT <http://127.0.0.1:9/> { $this ?p ?o } } }", "SERVICE"),
        ("SELECT $this { GRAPH ?g { $this ?p ?o } }", "GRAPH"),
        ("ASK { $this ?p ?o }", "not a SELECT"),
        ("LOAD <http://127.0.0.1:9/>", "not a SPARQL query"),
        ("SELECT secret", "not a SPARQL query"),
    ],
)
def test_a_query_about_other_graphs_is_refused_though_sparql_is_allowed(query: str, told: str) -> None:
    with pytest.raises(DefinitionError) as fault:
        load_shapes(f"{HEAD}e:S sh:targetNode e:a ; sh:sparql [ sh:select '{query}' ] .", sparql=True)
    (found,) = fault.value.diagnostics
    assert found.code == "VAL044"
    assert told in str(found)


def test_what_is_not_compiled_is_told_exactly() -> None:
    with pytest.raises(NotCompiled) as reason:
        compile_shapes(SPARQL)
    assert reason.value.reasons == ("sh:sparql", "sh:select")
    circle = "e:S sh:targetClass e:C ; sh:property [ sh:path e:p ; sh:node e:T ] . e:T sh:not e:S ."
    with pytest.raises(NotCompiled, match="itself through sh:Not"):
        compile_shapes(HEAD + circle)
    assert load_shapes(HEAD + circle).engine == "pyshacl"


FRIENDS = """e:S sh:targetClass e:C ; sh:property [ sh:path e:name ; sh:minCount 1 ] ;
  sh:property [ sh:path e:friend ; sh:node e:S ] ."""


def test_shapes_may_lead_back_to_themselves_and_data_too() -> None:
    circle = "e:a a e:C ; e:name 1 ; e:friend e:b . e:b a e:C ; e:name 2 ; e:friend e:a ."
    assert codes(FRIENDS, circle) == []
    nameless = circle.replace("e:name 2 ;", "")
    results = compile_shapes(HEAD + FRIENDS).validate(read_rdf("@prefix e: <urn:e:> ." + nameless, "turtle"))
    assert [(one.focus, one.component) for one in results] == [
        ("<urn:e:a>", "Node"), ("<urn:e:b>", "MinCount"), ("<urn:e:b>", "Node"),
    ]  # fmt: skip


def test_what_was_concluded_from_an_assumption_that_fails_is_forgotten() -> None:
    """b is looked at while a is being found out, and must not stay valid when a turns out not to be."""
    data = "e:b a e:C ; e:name 2 ; e:friend e:a . e:a a e:C ; e:friend e:b ."
    assert sorted(codes(FRIENDS, data)) == ["VAL001", "VAL030", "VAL030"]


def test_a_long_chain_is_validated_without_recursion_when_written_outside_in() -> None:
    chain = " ".join(f"e:n{n} a e:C ; e:name 1 ; e:friend e:n{n + 1} ." for n in range(3000))
    assert codes(FRIENDS, f"{chain} e:n3000 a e:C .").count("VAL001") == 1


def test_a_long_chain_written_inside_out_is_an_error_and_no_traceback() -> None:
    chain = " ".join(f"e:n{n} a e:C ; e:name 1 ; e:friend e:n{n + 1} ." for n in reversed(range(3000)))
    with pytest.raises(SourceError, match="nested too deeply"):
        codes(FRIENDS, f"e:n3000 a e:C . {chain}")


def test_a_record_is_asked_nothing_about_nodes_of_other_records() -> None:
    shapes = compile_shapes(HEAD + "e:S sh:targetNode e:a ; sh:property [ sh:path e:p ; sh:minCount 1 ] .")
    assert shapes.record(b"<urn:e:b> <urn:e:q> <urn:e:a> .\n") == []
    assert [one.component for one in shapes.record(b'<urn:e:a> <urn:e:q> "1" .\n')] == ["MinCount"]
    of = compile_shapes(HEAD + "e:S sh:targetObjectsOf e:q ; sh:class e:C .")
    assert of.record(b"<urn:e:b> <urn:e:q> <urn:e:a> .\n") == []
    assert [one.value for one in of.record(b'<urn:e:b> <urn:e:q> "1" .\n')] == ['"1"']


def test_equal_lines_of_a_record_are_one_triple() -> None:
    shapes = compile_shapes(HEAD + "e:S sh:targetSubjectsOf e:p ; sh:property [ sh:path e:p ; sh:maxCount 1 ] .")
    assert shapes.record(b'<urn:e:a> <urn:e:p> "1" .\n<urn:e:a> <urn:e:p> "1" .\n') == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<urn:a> <urn:b> <<( <urn:a> <urn:b> <urn:c> )>> .", "triple about a triple"),
        ("<urn:a> <urn:b> " + "[ <urn:b> " * 300 + "1" + " ]" * 300 + " .", "deeper than 256"),
        ("<urn:a> <urn:b> 'secret .", "not valid turtle"),
    ],
)
def test_rdf_that_is_refused_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(SourceError, match="VAL040") as fault:
        read_rdf(text, "turtle", file="in.ttl")
    assert told in str(fault.value)
    assert str(fault.value).startswith("in.ttl")
    assert "secret" not in str(fault.value)


def test_brackets_in_strings_iris_and_comments_are_not_nesting() -> None:
    text = f'<urn:a> <urn:b> "{"[" * 300}" . # {"[" * 300}\n<urn:a> <urn:c#d> """\\""{"(" * 300}""" .'
    assert len(list(read_rdf(text, "turtle").triples())) == 2

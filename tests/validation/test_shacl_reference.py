"""The compiled shapes and pySHACL, the reference, find the same: same verdict, focus nodes, paths, components, values.

Two sources of shapes: those that are generated for made-up schemas, with instances as a sink writes them, whole and
with triples missing, changed or added; and shapes drawn from all components of SHACL Core, on small random graphs.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

from semantics.errors import DefinitionError
from semantics.generators import generate
from semantics.lexical import LexicalError
from semantics.records import Instance
from semantics.sinks import open_encoder
from semantics.validation.shacl.compile import compile_graph
from semantics.validation.shacl.graph import read_rdf, read_record
from semantics.validation.shacl.reference import validate
from semantics.validation.shacl.results import Result
from semantics.validation.shacl.shapes import shapes_graph

COMMON: Any = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}


def told(results: list[Result]) -> set[tuple[Any, ...]]:
    """What both engines must agree on."""
    return {(one.focus, str(one.path), one.component, one.value, one.shape, one.severity) for one in results}


def agree(data: str, shapes: str) -> int:
    graph = shapes_graph(shapes)
    ours = compile_graph(graph).validate(read_rdf(data, "nt"))
    theirs = validate(read_rdf(data, "nt"), graph)
    note(f"{shapes}\n{data}")
    assert told(ours) == told(theirs)
    return len(ours)


# -- generated shapes ------------------------------------------------------------------------------


def broken(draw: st.DrawFn, lines: list[str]) -> list[str]:
    """The triples of an instance with some of them missing, twice, of another datatype or with another value."""
    found: list[str] = []
    for line in lines:
        match draw(st.integers(0, 12)):
            case 0:
                continue
            case 1:
                subject, predicate, _ = line.split(" ", 2)
                other = draw(st.sampled_from(['"zz"', "<https://example.org/a>", f'"1"^^<{XSD}integer>', "_:zz"]))
                found += [line, f"{subject} {predicate} {other} ."]
            case 2:
                subject, predicate, _ = line.split(" ", 2)
                found.append(f'{subject} {predicate} "{draw(st.sampled_from(["", "GBP", "-5", "x"]))}"@en .')
            case 3:
                found += [line, f"{line.split(' ', 1)[0]} <https://example.org/zz> <https://example.org/zz> ."]
            case _:
                found.append(line)
    return found


@settings(max_examples=25, **COMMON)
@given(data=st.data())
def test_generated_shapes_find_what_the_reference_finds(made_cases: Any, data: st.DataObject) -> None:
    case = data.draw(made_cases)
    encoder, documents = open_encoder("ntriples", case.schema), []
    for number, instance in enumerate(case.instances):
        try:
            documents.append(encoder.encode(Instance("Main", instance), f"{number}").decode())
        except (LexicalError, TypeError):
            continue
    text = "".join(documents)
    lines = text.splitlines()
    (shapes,) = generate(case.schema, only=["shacl"]).values()
    assert told(compile_graph(shapes_graph(shapes)).record(text.encode())) == told(
        compile_graph(shapes_graph(shapes)).validate(read_rdf(text, "nt"))
    )
    agree(text, shapes)
    agree("\n".join(data.draw(st.composite(broken)(lines))), shapes)


# -- all components --------------------------------------------------------------------------------

XSD = "http://www.w3.org/2001/XMLSchema#"
PREFIXES = f"""@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <{XSD}> .
@prefix e: <urn:e:> .
"""
PROPERTIES = ["e:p", "e:q", "e:r"]
CLASSES = ["e:C", "e:D"]
NODES = ["e:a", "e:b", "e:c", "_:x", "_:y"]
LITERALS = [
    '"a"', '"b"', '"abc"', '""', '"a"@en', '"b"@en-GB', '"c"@de', "1", "2", "2.0", "-3", "1.5", "2e0", "true", "false",
    '"x"^^xsd:integer', '"300"^^xsd:byte', '"2024-01-01"^^xsd:date', '"2024-13-01"^^xsd:date',
    '"2024-01-01T00:00:00Z"^^xsd:dateTime', '"2024-01-02T00:00:00"^^xsd:dateTime', '"k"^^e:type', '"say \\"hi\\"\\n"',
]  # fmt: skip
VALUES = [*(node for node in NODES if node[0] != "_"), *LITERALS]
PATHS = [
    *PROPERTIES, *PROPERTIES, "[ sh:inversePath e:p ]", "( e:p e:q )", "[ sh:alternativePath ( e:p e:q ) ]",
    "[ sh:zeroOrMorePath e:p ]", "[ sh:oneOrMorePath e:p ]", "[ sh:zeroOrOnePath e:q ]",
    "( [ sh:inversePath e:p ] e:q )", "[ sh:zeroOrMorePath [ sh:inversePath e:q ] ]",
    "[ sh:alternativePath ( ( e:p e:q ) [ sh:inversePath e:r ] ) ]",
]  # fmt: skip
KINDS = ["IRI", "BlankNode", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral"]
DATATYPES = [
    "xsd:string",
    "xsd:integer",
    "xsd:decimal",
    "xsd:byte",
    "xsd:date",
    "xsd:boolean",
    "rdf:langString",
    "e:type",
]
NUMBERS = ["1", "2", "2.0", "-3", "1.5", "2e0", "1e-1", '"7"^^xsd:byte']
"""The values of e:n and e:m, the only ones that are ordered: of others pySHACL has an order of its own, see below."""
some = st.sampled_from


def listed(parts: st.SearchStrategy[str], least: int = 0) -> st.SearchStrategy[str]:
    return st.lists(parts, min_size=least, max_size=3).map(lambda found: f"( {' '.join(found)} )")


def simple() -> st.SearchStrategy[str]:
    """A constraint on values that refers to no other shape."""
    return st.one_of(
        some(CLASSES).map("sh:class {}".format),
        some(DATATYPES).map("sh:datatype {}".format),
        some(KINDS).map("sh:nodeKind sh:{}".format),
        st.tuples(some(["minInclusive", "maxInclusive", "minExclusive", "maxExclusive"]), some(NUMBERS)).map(
            lambda pair: f"sh:property [ sh:path e:n ; sh:{pair[0]} {pair[1]} ]"
        ),
        some(["lessThan", "lessThanOrEquals"]).map("sh:property [ sh:path e:n ; sh:{} e:m ]".format),
        st.tuples(some(["minLength", "maxLength"]), st.integers(1, 4)).map(lambda pair: f"sh:{pair[0]} {pair[1]}"),
        some(['"^a"', '"[0-9]"', '"B" ; sh:flags "i"', '"^$"']).map("sh:pattern {}".format),
        listed(some(['"en"', '"de"', '"EN-gb"'])).map("sh:languageIn {}".format),
        some(VALUES).map("sh:hasValue {}".format),
        listed(some(VALUES)).map("sh:in {}".format),
        some(PROPERTIES).map("sh:equals {}".format),
        some(PROPERTIES).map("sh:disjoint {}".format),
    )


@st.composite
def shapes(draw: st.DrawFn, depth: int, *, path: bool) -> str:
    """A shape without a name, without its brackets."""
    parts = [f"sh:path {draw(some(PATHS))}"] if path else []
    words: set[str] = set()
    for _ in range(draw(st.integers(1, 3))):
        choice = draw(st.integers(0, 9))
        if choice < 5 or (depth == 0 and choice >= 7):
            part = draw(simple())
        elif choice < 7 and path:
            part = draw(st.one_of(
                st.tuples(some(["minCount", "maxCount"]), st.integers(0, 2)).map(lambda pair: f"sh:{pair[0]} {pair[1]}"),
                st.just("sh:uniqueLang true"),
            ))  # fmt: skip
        elif choice < 7:
            part = f"sh:closed true ; sh:ignoredProperties {draw(listed(some([*PROPERTIES, 'rdf:type'])))}"
        elif choice == 7:
            inner = draw(shapes(depth - 1, path=True))
            part = f"sh:property [ {inner} ]"
        elif choice == 8 and path and draw(st.booleans()):
            inner, kind = draw(shapes(depth - 1, path=False)), draw(some(["Min", "Max"]))
            part = f"sh:qualifiedValueShape [ {inner} ] ; sh:qualified{kind}Count {draw(st.integers(0, 2))}"
            part += " ; sh:qualifiedValueShapesDisjoint true" if draw(st.booleans()) else ""
        elif choice == 8:
            inner_path = draw(st.booleans())
            word = "not" if inner_path else draw(some(["not", "node"]))
            part = f"sh:{word} [ {draw(shapes(depth - 1, path=inner_path))} ]"
        else:
            members = st.one_of(shapes(depth - 1, path=False), shapes(depth - 1, path=True)).map("[ {} ]".format)
            part = f"sh:{draw(some(['and', 'or', 'xone']))} {draw(listed(members, 1))}"
        word = part.split(" ", 1)[0]
        if word not in words:
            words.add(word)
            parts.append(part)
    return " ; ".join(parts)


@st.composite
def shapes_graphs(draw: st.DrawFn) -> str:
    """Two shapes with targets."""
    text = PREFIXES
    for name in ("e:S", "e:T"):
        target = draw(some([
            "sh:targetClass e:C", "sh:targetNode e:a, e:b, 2", "sh:targetSubjectsOf e:p", "sh:targetObjectsOf e:q",
        ]))  # fmt: skip
        severity = draw(some(["", "", " ; sh:severity sh:Warning", " ; sh:deactivated true"]))
        path = draw(st.booleans())
        text += f"{name} {target}{severity} ; {draw(shapes(2, path=path))} .\n"
    return text


@st.composite
def graphs(draw: st.DrawFn) -> str:
    """A small graph in Turtle."""
    lines = [PREFIXES]
    for _ in range(draw(st.integers(1, 14))):
        subject = draw(some(NODES))
        match draw(st.integers(0, 6)):
            case 6:
                lines.append(f"{subject} {draw(some(['e:n', 'e:m']))} {draw(some(NUMBERS))} .")
            case 0:
                lines.append(f"{subject} a {draw(some(CLASSES))} .")
            case 1:
                lines.append("e:D rdfs:subClassOf e:C ." if draw(st.booleans()) else f"{subject} a e:D .")
            case 2 | 3:
                lines.append(f"{subject} {draw(some(PROPERTIES))} {draw(some(NODES))} .")
            case _:
                lines.append(f"{subject} {draw(some(PROPERTIES))} {draw(some(LITERALS))} .")
    return "\n".join(lines)


@settings(max_examples=100, **COMMON)
@given(shapes=shapes_graphs(), data=graphs())
def test_all_components_find_what_the_reference_finds(shapes: str, data: str) -> None:
    graph = shapes_graph(shapes)
    try:
        compiled = compile_graph(graph)
    except DefinitionError:
        assume(False)
    note(f"{shapes}\n{data}")
    assert told(compiled.validate(read_rdf(data, "turtle"))) == told(validate(read_rdf(data, "turtle"), graph))


DEVIATIONS = {
    "a value that cannot be compared with the bound violates it (4.3)": (
        'e:S sh:targetNode 2 ; sh:minInclusive "2024-01-01"^^xsd:date .', "", ["MinInclusive"], [],
    ),
    "an IRI is not less than or equal to anything, itself included (4.5.4)": (
        "e:S sh:targetNode e:a ; sh:path e:p ; sh:lessThanOrEquals e:p .", "e:a e:p e:a .", ["LessThanOrEquals"], [],
    ),
    "a blank node is less than nothing, and no failure (4.5.3)": (
        "e:S sh:targetNode e:a ; sh:path e:p ; sh:lessThan e:q .", "e:a e:p _:x ; e:q 1 .", ["LessThan"], None,
    ),
    "a blank node has no length, not even 0 (4.4.1)": (
        "e:S sh:targetObjectsOf e:p ; sh:minLength 0 .", "e:a e:p _:x .", ["MinLength"], [],
    ),
    "the inverse of a sequence is walked from its end (2.3.1.4)": (
        "e:S sh:targetNode e:c ; sh:path [ sh:inversePath ( e:p e:q ) ] ; sh:minCount 1 .",
        "e:a e:p e:b . e:b e:q e:c .", [], ["MinCount"],
    ),
}  # fmt: skip
"""Where pySHACL deviates from the Recommendation, and the compiled shapes follow it: shapes, data, what each finds."""


@pytest.mark.parametrize("name", DEVIATIONS)
def test_where_the_reference_deviates_the_recommendation_is_followed(name: str) -> None:
    """Once pySHACL follows too, this fails, and the case belongs to the ones above."""
    shapes, data, ours, theirs = DEVIATIONS[name]
    graph, read = shapes_graph(PREFIXES + shapes), read_rdf(PREFIXES + data, "turtle")
    assert [one.component for one in compile_graph(graph).validate(read)] == ours
    try:
        found = [one.component for one in validate(read, graph)]
    except DefinitionError:
        found = None
    assert found == theirs


def test_a_record_and_the_graph_of_the_same_triples_have_one_reading() -> None:
    text = '<urn:a> <urn:b> "é\\n\\"\\u007F" .\n<urn:a> <urn:c> _:b1.x-y .\n<urn:a> <urn:b> "x"@en-GB .\n'
    assert read_record(text.encode()).forward == read_rdf(text, "nt").forward
    with pytest.raises(ValueError, match="canonical"):
        read_record(text.encode()[:-1])

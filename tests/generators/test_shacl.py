"""SHACL: valid instances conform, each kind of fault is a violation, and nothing of a schema can break out."""

from __future__ import annotations

from typing import Any

import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib.namespace import SH

from semantics.generators.shacl import shacl
from semantics.generators.turtle import Iri, Items, Literal, Node, document
from semantics.lexical import LexicalError
from semantics.records import Instance
from semantics.schema import load_schema
from semantics.schema.model import SchemaModel
from semantics.sinks import open_encoder
from semantics.validation import compile_checker, validate_graph

from .conftest import BASE


def conforms(schema: SchemaModel, class_name: str, data: dict[str, Any]) -> bool:
    triples = open_encoder("ntriples", schema).encode(Instance(class_name, data), "k").decode()
    return validate_graph(triples, shacl(schema)).conforms


FULL: dict[str, Any] = {
    **BASE, "s": "a", "i": 1, "d": 1.5, "f": 0.5, "b": True, "date": "2024-02-29", "dt": "2024-01-01T00:00:00Z",
    "dod": "2024-01-01", "time": "10:00:00", "u": "https://e.org/a", "uc": "e:x", "c": "e:x", "nc": "a", "year": "2024",
    "code3": "EUR", "share": 1, "count": 3, "word": "a", "link": "https://e.org/", "colour": "red", "colours": ["red", "blue"],
    "odd": "a b", "pat": "abb", "patcode": "AXB", "ipat": 12, "frac": 0.05, "ffrac": 0.1, "ifrac": 1, "eq": "x", "eqin": "y",
    "eqn": 5, "fqn": 0.1, "many": ["a", "a"], "many2": ["a", "b"], "ref": "e:p", "refs": ["e:p", "e:q"], "kref": "k",
    "one": {"id": "e:o1", "kind": "Org", "members": ["e:p"]}, "person": {"id": "e:o2", "age": 3},
    "people": [{"id": "e:o3", "kind": "Student", "school": "e:s"}, {"id": "e:o4"}], "val": {"amount": 2}, "vals": [{"amount": 2}],
    "far": {"amount": 3}, "keyed": {"k1": {"v": 1}}, "nkeyed": {"7": {"v": 1}}, "pkeyed": {"e:o5": {"kind": "Student"}},
    "any": [1], "anyof": "red", "anypat": "abc", "oneof": 1.5, "noneof": "good", "allof": 3, "nested": "az",
    "iris": "https://e.org/i", "copy": "1", "model_dump": "1", "_id": "1", "class": "1", "a b": "1",
}  # fmt: skip


def test_a_full_instance_conforms(rich: SchemaModel) -> None:
    assert compile_checker(rich).accepts("All", FULL)
    assert conforms(rich, "All", FULL)


FAULTS: list[dict[str, Any]] = [
    {"s": None, "manyx": None}, {"manyx": ["a", "b", "c"]}, {"many2": ["a", "b", "c"]},
    {"date": "2023-02-29"}, {"dt": "2024-01-01T24:00:00Z"}, {"dod": "soon"}, {"time": "10:00:00+14:30"},
    {"code3": "EURO"}, {"code3": "eur"}, {"share": 1.5}, {"count": 0}, {"count": 11}, {"word": "c"}, {"link": "http://e.org/"},
    {"pat": "a"}, {"patcode": "AB"}, {"patcode": "x"}, {"ipat": 2}, {"frac": 0.04}, {"ffrac": 0.2}, {"ifrac": 0}, {"tbound": "3"},
    {"eq": "y"}, {"eqin": "z"}, {"eqn": 6}, {"fqn": 0.2}, {"one": {"id": "e:1", "kind": "Person", "age": 200}},
    {"person": {"id": "e:1", "age": -1}}, {"people": [{"id": "e:1", "kind": "Student", "age": 999}]},
    {"val": {"unit": "EUR"}}, {"val": {"amount": 1, "unit": "E"}}, {"pkeyed": {"e:1": {"age": 200}}},
    {"anyof": 2}, {"anyof": {"unit": "EUR"}}, {"anypat": "b"}, {"noneof": "bad"}, {"noneof": "xy"}, {"allof": 1}, {"allof": 9},
    {"nested": "ab"}, {"iris": "http://e.org/i"}, {"absent": "1"},
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_each_constraint_is_a_constraint_of_the_shape(rich: SchemaModel, fault: dict[str, Any]) -> None:
    data = {**BASE, **fault}
    assert not compile_checker(rich).accepts("All", data)
    if fault == {"iris": "http://e.org/i"}:
        pytest.xfail("a pattern of a CURIE is a gap")
    assert not conforms(rich, "All", {key: value for key, value in data.items() if value is not None})


def test_rules_and_conditions_are_constraints(rich: SchemaModel) -> None:
    checker = compile_checker(rich)
    instances: list[dict[str, Any]] = [
        {}, {"kind": "x"}, {"kind": "x", "start": 1, "tags": ["a"]}, {"kind": "x", "start": 1, "tags": []}, {"end": 5},
        {"end": 5, "start": 4}, {"end": 5, "start": 5}, {"end": 5, "start": 5, "kind": "y"}, {"start": -1}, {"start": 0},
    ]  # fmt: skip
    for name in ("Ruled", "RuledChild"):
        for data in instances:
            assert conforms(rich, name, data) is checker.accepts(name, data), data


def test_a_property_that_the_class_does_not_have_is_a_violation(rich: SchemaModel) -> None:
    triples = "<https://e.org/a> a <https://e.org/ns/Person> ; <https://e.org/ns/{}> <https://e.org/s> ."
    verdicts = [
        validate_graph(triples.format(each), shacl(rich), format="turtle").conforms for each in ("school", "ref")
    ]
    assert verdicts == [False, False]
    student = "<https://e.org/a> a <https://e.org/ns/Student> ; <https://e.org/ns/school> <https://e.org/s> ."
    assert validate_graph(student, shacl(rich), format="turtle").conforms


def test_a_reference_needs_nothing_but_an_iri(rich: SchemaModel) -> None:
    """What it refers to may stand in another record, with any type or none."""
    triples = "<https://e.org/a> a <https://e.org/ns/Student> ; <https://e.org/ns/school> {} ."
    assert validate_graph(triples.format("<https://e.org/unknown>"), shacl(rich), format="turtle").conforms
    assert not validate_graph(triples.format('"e:s"'), shacl(rich), format="turtle").conforms


def test_abstract_classes_have_no_shape_and_parents_leave_subclasses_alone(rich: SchemaModel) -> None:
    graph = rdflib.Graph().parse(data=shacl(rich), format="turtle")
    targets = [str(each).removeprefix("https://e.org/ns/") for each in graph.objects(None, SH.targetClass)]
    assert "Thing" not in targets
    assert sorted(targets) == sorted(set(targets))
    assert not list(graph.subject_objects(rdflib.RDFS.subClassOf))


def test_slots_with_one_property_share_its_shape() -> None:
    schema = load_schema({"name": "m", "id": "https://e.org/m", "prefixes": {"e": "https://e.org/"}, "default_prefix": "e", "classes": {
        "A": {"attributes": {"x": {"slot_uri": "e:p", "range": "integer"}, "y": {"slot_uri": "e:p", "pattern": "^a", "required": True}}}}})  # fmt: skip
    verdicts = [conforms(schema, "A", data) for data in ({"x": 1, "y": "ab"}, {"y": "ab"}, {"x": 1, "y": "b"}, {})]
    assert verdicts == [True, True, False, False]


def test_classes_with_one_uri_share_their_target() -> None:
    schema = load_schema({"name": "m", "id": "https://e.org/m", "prefixes": {"e": "https://e.org/"}, "default_prefix": "e", "classes": {
        "A": {"class_uri": "e:C", "attributes": {"x": {"required": True}}}, "B": {"class_uri": "e:C", "attributes": {"y": {"required": True}}}}})  # fmt: skip
    verdicts = [validate_graph(f'[] a <https://e.org/C> ; {rest}', shacl(schema), format="turtle").conforms
                for rest in ('<https://e.org/x> "1" .', '<https://e.org/y> "1" .', '<https://e.org/x> "1" ; <https://e.org/y> "1" .')]  # fmt: skip
    assert verdicts == [True, True, False]


def test_the_rdf_of_what_the_checker_takes_conforms(rich: SchemaModel) -> None:
    """Over all values: never a violation where the checker has no finding."""
    from .test_pydantic_classes import VALUES

    checker, encoder, shapes = compile_checker(rich), open_encoder("ntriples", rich), shacl(rich)
    documents = []
    for number, slot in enumerate(rich.classes["All"].slots):
        for value in VALUES:
            data = {**BASE, slot: value}
            if value is not None and checker.accepts("All", data):
                try:
                    text = encoder.encode(Instance("All", data), f"{number}-{len(documents)}").decode()
                except (LexicalError, TypeError):
                    continue
                if "<https://e.org/ns/a>" not in text:
                    documents.append(text)
    assert len(documents) > 200
    assert validate_graph("".join(documents), shapes).findings == ()


# -- the writer ----------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.text(), st.text(), st.text())
def test_no_text_leaves_its_quotes_or_brackets(text: str, iri: str, name: str) -> None:
    pairs = (("https://e.org/p", Literal(text)), ("https://e.org/q", Iri(f"https://e.org/{iri}")))
    nested = (("https://e.org/l", Items((Literal(text), Node(pairs)))),)
    written = document({name: f"https://e.org/{iri}", "e": "https://e.org/"}, [("https://e.org/s", (*pairs, *nested))])
    graph = rdflib.Graph().parse(data=written, format="turtle")
    assert len(graph) == 9
    assert rdflib.Literal(text, datatype=rdflib.XSD.string) in set(graph.objects()) or rdflib.Literal(text) in set(
        graph.objects()
    )


def test_hostile_titles_and_patterns_stay_text() -> None:
    schema = load_schema({"name": "m", "id": "https://e.org/m", "classes": {"A": {"title": 'x" . <a> <b> "', "description": "\\\"'''\n",
        "attributes": {"x": {"pattern": 'a"\\.b', "equals_string_in": ['" ] .', "\\"]}}}}})  # fmt: skip
    graph = rdflib.Graph().parse(data=shacl(schema), format="turtle")
    assert {str(each) for each in graph.objects(None, SH.name)} == {'x" . <a> <b> "', "x"}
    assert [str(each) for each in graph.objects(None, SH.pattern)] == ['a"\\.b']

"""The context: an instance with it is the RDF that the sinks write."""

from __future__ import annotations

import json
from typing import Any

import pytest
import rdflib
from rdflib.compare import isomorphic

from semantics.generators.jsonld_context import jsonld_context
from semantics.records import Instance
from semantics.schema import load_schema
from semantics.schema.model import SchemaModel
from semantics.sinks import open_encoder

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")


def graph_of(schema: SchemaModel, data: dict[str, Any]) -> rdflib.Graph:
    whole = {**json.loads(jsonld_context(schema)), **data}
    return rdflib.Graph().parse(data=json.dumps(whole), format="json-ld")


def written(schema: SchemaModel, class_name: str, data: dict[str, Any], told: set[str]) -> rdflib.Graph:
    """What a sink writes, without the types of objects that do not tell theirs."""
    text = open_encoder("ntriples", schema).encode(Instance(class_name, data), "k").decode()
    found = rdflib.Graph()
    for triple in rdflib.Graph().parse(data=text, format="nt"):
        if triple[1] != rdflib.RDF.type or str(triple[2]) in told:
            found.add(triple)
    return found


@pytest.fixture(autouse=True)
def _literals_as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)


def test_an_instance_of_the_core_is_the_same_rdf() -> None:
    schema = load_schema("core")
    data: dict[str, Any] = {
        "id": "https://e.org/p", "type": "Person", "name": "A", "alternative_names": ["B", "C"], "birth_date": "1978-07",
        "identifiers": [{"scheme": "x", "value": "1", "identifier_kind": {"code": "P", "label": "Passport"}}],
        "valid_during": {"start": "2024-01-01"}, "was_derived_from": ["https://e.org/r"],
        "contact_points": [{"kind": "email", "value": "a@e.org", "use": "home", "preferred": True}],
    }  # fmt: skip
    told = {"https://schema.org/Person"}
    assert isomorphic(graph_of(schema, data), written(schema, "Person", data, told))
    place: dict[str, Any] = {
        "id": "https://e.org/pl", "type": "Place", "geometry": {"latitude": 51.5, "longitude": -0.1}, "part_of": None,
        "address": {"country": "GB", "address_lines": ["1 Way"]}, "contained_in_place": "core:x",
    }  # fmt: skip
    del place["part_of"]
    assert isomorphic(graph_of(schema, place), written(schema, "Place", place, {"https://schema.org/Place"}))


FULL: dict[str, Any] = {
    "manyx": ["a", "b"], "s": "a", "i": 1, "d": 1.5, "f": 0.5, "b": True, "date": "2024-02-29", "dt": "2024-01-01T00:00:00Z",
    "time": "10:00:00", "u": "https://e.org/a", "uc": "e:x", "c": "schema:x", "nc": "a", "year": "2024", "link": "https://e.org/",
    "colour": "red", "colours": ["red", "blue"], "odd": "a b", "ref": "e:p", "refs": ["e:p", "e:q"], "kref": "k",
    "one": {"id": "e:o1", "kind": "Org", "members": ["e:p"]},
    "people": [{"id": "e:o3", "kind": "Student", "school": "e:s", "age": 7}],
    "val": {"amount": 2.5, "unit": "EUR"}, "vals": [{"amount": 2.5}], "far": {"amount": 3},
    "keyed": {"k1": {"v": 1}}, "pkeyed": {"e:o5": {"kind": "Student"}}, "class": "1", "a b": "1",
}  # fmt: skip
TOLD = {f"https://e.org/ns/{name}" for name in ("Person", "Student", "Org")}


def test_every_construct_is_the_same_rdf(rich: SchemaModel) -> None:
    for slot, value in FULL.items():
        data = {"manyx": ["a", "b"], slot: value}
        assert isomorphic(graph_of(rich, data), written(rich, "All", data, TOLD)), slot


def test_a_name_of_several_meanings_means_what_its_object_says(rich: SchemaModel) -> None:
    """``amount`` is a decimal of one property in Money, and an integer of another in Distance."""
    graph = graph_of(rich, {"val": {"amount": 2.5}, "far": {"amount": 3}, "vals": [{"amount": 4.5}]})
    found = {(str(p).rpartition("/")[2], str(o)) for _, p, o in graph if isinstance(o, rdflib.Literal)}
    assert found == {("amount", "2.5"), ("metres", "3"), ("amount", "4.5")}


def test_types_scope_the_names_of_their_classes() -> None:
    schema = load_schema({"name": "m", "id": "https://e.org/m", "prefixes": {"e": "https://e.org/"}, "default_prefix": "e", "classes": {
        "T": {"abstract": True, "attributes": {"type": {"designates_type": True}}},
        "A": {"is_a": "T", "attributes": {"x": {"slot_uri": "e:ax"}, "child": {"range": "T"}}},
        "B": {"is_a": "T", "attributes": {"x": {"slot_uri": "e:bx", "range": "integer"}}}}})  # fmt: skip
    data = {"type": "A", "x": "1", "child": {"type": "B", "x": 2}}
    told = {"https://e.org/A", "https://e.org/B"}
    assert isomorphic(graph_of(schema, data), written(schema, "A", data, told))


def test_a_class_inside_itself_ends() -> None:
    schema = load_schema({"name": "m", "id": "https://e.org/m", "prefixes": {"e": "https://e.org/"}, "default_prefix": "e", "classes": {
        "A": {"attributes": {"x": {"slot_uri": "e:ax", "range": "A", "inlined": True}, "b": {"range": "B"}}},
        "B": {"attributes": {"x": {"slot_uri": "e:bx", "range": "A", "inlined": True}}}}})  # fmt: skip
    assert len(jsonld_context(schema)) < 20_000
    graph = graph_of(schema, {"b": {"x": {"x": {"b": {}}}}})
    assert sorted(str(p).rpartition("/")[2] for _, p, _ in graph) == ["ax", "b", "b", "bx"]


def test_bare_identifiers_stand_in_the_default_namespace() -> None:
    schema = load_schema({"name": "m", "id": "https://e.org/m", "prefixes": {"e": "https://e.org/ns/"}, "default_prefix": "e",
        "classes": {"A": {"attributes": {"id": {"identifier": True}, "x": {"range": "A"}}}}})  # fmt: skip
    data = {"id": "22289", "x": "7"}
    assert isomorphic(graph_of(schema, data), written(schema, "A", data, set()))
    assert "@base" not in json.loads(jsonld_context(load_schema("core")))["@context"]


def test_every_real_schema_has_a_context_that_loads() -> None:
    for name in ("core", "open_banking", "gtfs", "fhir_r4"):
        context = json.loads(jsonld_context(load_schema(name)))["@context"]
        assert context["@version"] == 1.1
        rdflib.Graph().parse(data=json.dumps({"@context": context, "@id": "https://e.org/a"}), format="json-ld")

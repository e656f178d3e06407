"""A schema with every form a slot can have, an instance that uses them, and a plain oracle for RDF."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pyoxigraph as ox
import pytest

from semantics.records import Instance
from semantics.schema import load_schema
from semantics.schema.model import SchemaModel
from semantics.sinks import open_encoder
from semantics.sinks.base import Encoder

FORMATS = {
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "turtle": ox.RdfFormat.TURTLE,
    "jsonld": ox.RdfFormat.JSON_LD,
}

SCHEMA: dict[str, Any] = {
    "id": "https://example.org/all",
    "name": "all",
    "prefixes": {
        "ex": "https://example.org/",
        "voc": "https://example.org/voc#",
        "geo": "http://www.opengis.net/ont/geosparql#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "linkml": "https://w3id.org/linkml/",
        "unused": "https://example.org/unused/",
    },
    "default_prefix": "ex",
    "default_range": "string",
    "imports": ["linkml:types"],
    "types": {
        "Year": {"typeof": "string", "uri": "xsd:gYear", "pattern": "^[0-9]{4}$"},
        "Tagged": {"typeof": "string", "uri": "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"},
        "Count": {"typeof": "integer", "uri": "xsd:nonNegativeInteger"},
    },
    "enums": {
        "Colour": {"permissible_values": {"red": {"meaning": "voc:Red"}, "blue": {}}},
        "Side": {"permissible_values": {"left": {"meaning": "voc:Left"}, "right side": {"meaning": "voc:Right"}}},
    },
    "classes": {
        "Any": {"class_uri": "linkml:Any"},
        "Thing": {
            "class_uri": "voc:Thing",
            "attributes": {
                "id": {"identifier": True, "range": "uriorcurie"},
                "kind": {"designates_type": True},
                "name": {"slot_uri": "voc:name"},
                "label": {"slot_uri": "voc:name"},
                "names": {"multivalued": True},
                "tagged": {"range": "Tagged"},
                "count": {"range": "integer"},
                "counted": {"range": "Count"},
                "amount": {"range": "decimal"},
                "ratio": {"range": "float"},
                "exact_ratio": {"range": "double"},
                "yes": {"range": "boolean"},
                "year": {"range": "Year"},
                "on": {"range": "date"},
                "at": {"range": "datetime"},
                "link": {"range": "uriorcurie"},
                "plain_link": {"range": "uri"},
                "short_link": {"range": "curie"},
                "colour": {"range": "Colour"},
                "sides": {"range": "Side", "multivalued": True},
                "any": {"range": "Any"},
                "anys": {"range": "Any", "multivalued": True},
                "mixed": {"any_of": [{"range": "integer"}, {"range": "date"}, {"range": "string"}]},
                "parent": {"range": "Thing"},
                "friends": {"range": "Thing", "multivalued": True},
                "code": {"range": "Coded"},
                "value": {"range": "Value", "inlined": True},
                "values": {"range": "Value", "multivalued": True, "inlined": True, "inlined_as_list": True},
                "part": {"range": "Thing", "inlined": True},
                "parts": {"range": "Thing", "multivalued": True, "inlined": True},
                "coded": {"range": "Coded", "multivalued": True, "inlined": True},
                "either": {"any_of": [{"range": "Value"}, {"range": "Other"}]},
                "net weight": {"range": "Value", "inlined": True},
                "geo": {"slot_uri": "geo:hasGeometry", "range": "Value", "inlined": True},
            },
        },
        "Device": {"is_a": "Thing", "class_uri": "voc:Device", "attributes": {"serial": {}}},
        "Hidden": {"is_a": "Thing", "abstract": True},
        "Value": {
            "class_uri": "voc:Value",
            "attributes": {
                "number": {"range": "decimal"},
                "unit": {},
                "name": {"slot_uri": "voc:valueName"},
                "inner": {"range": "Value", "inlined": True},
                "parts": {"range": "Thing", "multivalued": True, "inlined": True, "inlined_as_list": True},
            },
        },
        "Other": {"class_uri": "voc:Other", "attributes": {"size": {"range": "integer", "required": True}}},
        "Coded": {"attributes": {"code": {"identifier": True}, "text": {}}},
        "Numbered": {"attributes": {"no": {"identifier": True, "range": "integer"}, "text": {}}},
    },
}

FULL: dict[str, Any] = {
    "id": "ex:thing/1",
    "kind": "Device",
    "name": 'A "quoted" name\n\t\\ with \u2028 and \x00 and \x7f \U0001f600',
    "label": "A second value of one property",
    "names": ["one", "two", "é\u00a0"],
    "tagged": "a text whose language is not known",
    "count": 12345678901234567890,
    "counted": 7,
    "amount": Decimal("123456789012345678901234567890.12345678901234567890"),
    "ratio": -0.0,
    "exact_ratio": 1e-7,
    "yes": True,
    "year": "2024",
    "on": "2024-02-29",
    "at": "2024-02-29T12:00:00.500+01:00",
    "link": "voc:Term",
    "plain_link": "geo:51.5,-0.12",
    "short_link": "voc:Short",
    "colour": "blue",
    "sides": ["left", "right side"],
    "any": {"b": [1, None, Decimal("1.10")], "a": "x"},
    "anys": ["x", 1, True, Decimal("1.50"), 2.5, [1], Decimal("1E+3")],
    "mixed": "2024-02-29",
    "parent": "https://example.org/thing/0",
    "friends": ["ex:a", "urn:uuid:0b", "https://example.org/caf%C3%A9?q=1#f"],
    "code": "a code/with @ characters",
    "value": {"number": Decimal(1000), "unit": "", "inner": {"name": "deep", "inner": {"number": 5}}},
    "values": [{"number": Decimal("-0.50")}, {}, {"parts": [{"id": "ex:inside", "value": {"unit": "kg"}}]}],
    "part": {"id": "ex:part", "kind": "Device", "serial": "S1", "value": {"unit": "m"}},
    "parts": {"ex:k1": {"name": "first"}, "ex:k2": {"kind": "Device", "serial": "2"}},
    "coded": {"x y": {"text": "t"}},
    "either": {"size": 3},
    "net weight": {"number": 1},
    "geo": {"unit": "deg"},
    "serial": "S/N",
}


@pytest.fixture(scope="session")
def schema() -> SchemaModel:
    return load_schema(SCHEMA)


@pytest.fixture(scope="session")
def full() -> Instance:
    return Instance("Device", FULL)


@pytest.fixture(scope="session")
def encode() -> Callable[..., bytes]:
    """The whole output of a format for some instances."""
    encoders: dict[Any, tuple[Encoder, SchemaModel]] = {}

    def run(name: str, schema: SchemaModel, *instances: Instance, classes: tuple[str, ...] = ()) -> bytes:
        known = (name, id(schema), classes)
        if known not in encoders:
            encoders[known] = (open_encoder(name, schema, classes=classes), schema)
        encoder = encoders[known][0]
        pieces = [encoder.encode(instance, f"1-{n}-0") for n, instance in enumerate(instances, 1)]
        return encoder.head + encoder.between.join(pieces) + encoder.tail if pieces else encoder.empty

    return run


@pytest.fixture(scope="session")
def graph() -> Callable[[str, bytes], frozenset[str]]:
    """The triples of an output, read by a strict parser, with canonical blank nodes."""

    def read(name: str, data: bytes) -> frozenset[str]:
        dataset = ox.Dataset(ox.parse(data, format=FORMATS[name]))
        dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
        return frozenset(str(quad) for quad in dataset)

    return read

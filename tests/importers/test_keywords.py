"""Every keyword of what is imported is carried or told: it changes the schema, or a finding names it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]

from semantics.importers import import_schema, xsd_values
from semantics.importers.keywords import CARRIED, SILENT

OPENAPI = {"nullable", "discriminator", "xml", "externalDocs", "example", "deprecated", "readOnly", "writeOnly"}
STRUCTURE = {"$anchor", "$defs", "$dynamicAnchor", "$id", "$recursiveAnchor", "definitions", "id", "else", "then"}
"""What other keywords refer to, or speak of."""

PLACES: dict[str, tuple[Any, Any]] = {
    "$dynamicRef": ({}, "#/$defs/Other"),
    "$recursiveRef": ({}, "#/$defs/Other"),
    "$ref": ({}, "#/$defs/Other"),
    "additionalItems": ({"type": "array", "items": [{"type": "string"}]}, False),
    "additionalProperties": ({"type": "object", "properties": {"a": {}}}, False),
    "allOf": ({}, [{"type": "integer"}]),
    "anyOf": ({}, [{"type": "integer"}, {"type": "string"}]),
    "const": ({"type": "string"}, "a"),
    "contains": ({"type": "array"}, {"type": "string"}),
    "default": ({"type": "string"}, "a"),
    "dependencies": ({"type": "object", "properties": {"a": {}}}, {"a": ["b"]}),
    "dependentRequired": ({"type": "object", "properties": {"a": {}}}, {"a": ["b"]}),
    "dependentSchemas": ({"type": "object", "properties": {"a": {}}}, {"a": {"required": ["b"]}}),
    "deprecated": ({"type": "string"}, True),
    "description": ({"type": "string"}, "What it is."),
    "discriminator": ({"type": "object", "properties": {"a": {"type": "string"}}}, {"propertyName": "a"}),
    "enum": ({"type": "string"}, ["a", "b"]),
    "exclusiveMaximum": ({"type": "number"}, 7),
    "exclusiveMinimum": ({"type": "number"}, 7),
    "format": ({"type": "string"}, "date"),
    "if": ({"type": "object", "properties": {"a": {}}}, {"required": ["a"]}),
    "items": ({"type": "array"}, {"type": "string"}),
    "maxContains": ({"type": "array", "contains": {}}, 2),
    "maxItems": ({"type": "array"}, 2),
    "maxLength": ({"type": "string"}, 2),
    "maxProperties": ({"type": "object"}, 2),
    "maximum": ({"type": "number"}, 2),
    "minContains": ({"type": "array", "contains": {}}, 2),
    "minItems": ({"type": "array"}, 2),
    "minLength": ({"type": "string"}, 2),
    "minProperties": ({"type": "object"}, 2),
    "minimum": ({"type": "number"}, 2),
    "multipleOf": ({"type": "number"}, 2),
    "not": ({"type": "string"}, {"const": "a"}),
    "nullable": ({"type": "string"}, True),
    "oneOf": ({}, [{"type": "integer"}, {"type": "string"}]),
    "pattern": ({"type": "string"}, "^a"),
    "patternProperties": ({"type": "object", "properties": {"a": {}}}, {"^x-": {"type": "string"}}),
    "prefixItems": ({"type": "array"}, [{"type": "string"}]),
    "properties": ({"type": "object"}, {"a": {}}),
    "propertyNames": ({"type": "object"}, {"pattern": "^a"}),
    "readOnly": ({"type": "string"}, True),
    "required": ({"type": "object", "properties": {"a": {}}}, ["a"]),
    "title": ({"type": "string"}, "A title"),
    "type": ({}, "integer"),
    "unevaluatedItems": ({"type": "array"}, False),
    "unevaluatedProperties": ({"type": "object", "properties": {"a": {}}}, False),
    "uniqueItems": ({"type": "array"}, True),
    "writeOnly": ({"type": "string"}, True),
}
"""A keyword, what it stands beside, and a value."""


def keywords(data: Any) -> set[str]:
    """The keywords that a metaschema and its vocabularies know."""
    found = set(data.get("properties", {}))
    for part in data.get("allOf", ()):
        found |= keywords(REGISTRY.resolver(data["$id"]).lookup(part["$ref"]).contents) if "$ref" in part else set()
    return found


def test_every_keyword_of_the_drafts_and_of_openapi_is_in_the_tables() -> None:
    drafts = ["draft-04/schema#", "draft-07/schema#", "draft/2019-09/schema", "draft/2020-12/schema"]
    known = OPENAPI.union(
        *(keywords(REGISTRY.contents(f"{'https' if '20' in each else 'http'}://json-schema.org/{each}"))
          for each in drafts)
    )  # fmt: skip

    assert known - CARRIED == set()
    assert CARRIED - SILENT - STRUCTURE == PLACES.keys()


@pytest.mark.parametrize("keyword", sorted(PLACES))
def test_a_keyword_is_carried_or_told(tmp_path: Path, keyword: str) -> None:
    beside, value = PLACES[keyword]
    made = []
    for node in (beside, {**beside, keyword: value}):
        data = {
            "type": "object",
            "required": ["at"],
            "properties": {"at": node},
            "$defs": {"Other": {"type": "integer"}},
        }
        (tmp_path / "case.json").write_text(json.dumps(data))
        made.append(import_schema(tmp_path / "case.json", "json-schema"))
    without, found = made
    told = [each for each in found.findings if keyword in each.message and each not in without.findings]

    assert found.text != without.text or told


XSD = '<x:schema xmlns:x="http://www.w3.org/2001/XMLSchema">{}{}</x:schema>'
ROOT = '<x:element name="root"><x:complexType>{}</x:complexType>{}</x:element>'
TEXT = '<x:sequence><x:element name="a"><x:simpleType><x:restriction base="x:{}">{}</x:restriction></x:simpleType></x:element></x:sequence>'
A, B = '<x:element name="a" type="x:int"/>', '<x:element name="b" type="x:int"/>'


def of_type(inner: str, other: str = "", beside: str = "") -> str:
    return XSD.format(ROOT.format(inner, other), beside)


def facet(name: str, value: str, base: str) -> tuple[str, str]:
    return of_type(TEXT.format(base, "")), of_type(TEXT.format(base, f'<x:{name} value="{value}"/>'))


CONSTRUCTS: dict[str, tuple[str, str]] = {
    **{name: facet(name, value, base) for name, value, base in (
        ("enumeration", "q", "string"), ("length", "3", "string"), ("maxLength", "3", "string"),
        ("minLength", "3", "string"), ("pattern", "[a-z]", "string"), ("maxExclusive", "3", "decimal"),
        ("maxInclusive", "3", "decimal"), ("minExclusive", "3", "decimal"), ("minInclusive", "3", "decimal"),
        ("totalDigits", "3", "decimal"), ("fractionDigits", "3", "decimal"),
    )},
    "any": (of_type(f"<x:sequence>{A}</x:sequence>"), of_type(f"<x:sequence>{A}<x:any/></x:sequence>")),
    "anyAttribute": (of_type(""), of_type("<x:anyAttribute/>")),
    "all": (of_type(""), of_type(f"<x:all>{A}</x:all>")),
    "attribute": (of_type(""), of_type('<x:attribute name="at"/>')),
    "attributeGroup": (of_type(""), of_type('<x:attributeGroup ref="g"/>', beside='<x:attributeGroup name="g">'
                                            '<x:attribute name="at"/></x:attributeGroup>')),
    "choice": (of_type(f"<x:sequence>{A}{B}</x:sequence>"), of_type(f"<x:choice>{A}{B}</x:choice>")),
    "documentation": (of_type(""), of_type("<x:annotation><x:documentation>What.</x:documentation></x:annotation>")),
    "element": (of_type(f"<x:sequence>{A}</x:sequence>"), of_type(f"<x:sequence>{A}{B}</x:sequence>")),
    "extension": (of_type(""), of_type('<x:complexContent><x:extension base="t"/></x:complexContent>',
                                       beside=f'<x:complexType name="t"><x:sequence>{A}</x:sequence></x:complexType>')),
    "group": (of_type(""), of_type('<x:group ref="g"/>', beside=f'<x:group name="g"><x:all>{A}</x:all></x:group>')),
    "key": (of_type(f"<x:sequence>{A}</x:sequence>"), of_type(
        f"<x:sequence>{A}</x:sequence>", '<x:key name="k"><x:selector xpath="a"/><x:field xpath="."/></x:key>')),
    "keyref": (of_type(""), of_type("", '<x:keyref name="r" refer="k"/>')),
    "list": (of_type(""), of_type('<x:attribute name="at"><x:simpleType><x:list itemType="x:int"/></x:simpleType></x:attribute>')),
    "redefine": (of_type(""), XSD.format('<x:redefine schemaLocation="case.xsd"/>', ROOT.format("", ""))),
    "sequence": (of_type(""), of_type(f"<x:sequence>{A}</x:sequence>")),
    "simpleContent": (of_type(""), of_type('<x:simpleContent><x:extension base="x:int"/></x:simpleContent>')),
    "union": (of_type(""), of_type('<x:attribute name="at"><x:simpleType><x:union memberTypes="x:int x:date"/></x:simpleType>'
                                   "</x:attribute>")),
    "unique": (of_type(""), of_type("", '<x:unique name="u"/>')),
}  # fmt: skip
"""A construct of XML Schema: a document without it, and with it."""


def test_every_element_of_xml_schema_is_in_the_tables() -> None:
    held = {"complexContent", "complexType", "restriction", "simpleType", "schema", "include", "import"}

    assert (xsd_values.KEPT | xsd_values.TOLD.keys()) - held == CONSTRUCTS.keys()


@pytest.mark.parametrize("name", sorted(CONSTRUCTS))
def test_a_construct_of_xml_schema_is_carried_or_told(tmp_path: Path, name: str) -> None:
    made = []
    for text in CONSTRUCTS[name]:
        (tmp_path / "case.xsd").write_text(text)
        made.append(import_schema(tmp_path / "case.xsd", "xsd"))
    without, found = made

    assert found.text != without.text or any(f"'{name}'" in each.message for each in found.findings)


SHAPE = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix e: <https://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
e:Other a sh:NodeShape ; sh:targetClass e:OtherThing ; sh:property [ sh:path e:b ] .
e:S a sh:NodeShape ; sh:targetClass e:Thing {} ; sh:property [ sh:path e:a {} ] ."""
COMPONENTS = {
    "and": "( e:Other )", "class": "e:OtherThing", "datatype": "xsd:date", "disjoint": "e:b", "equals": "e:b",
    "flags": '"q" ; sh:pattern "a"', "hasValue": '"x"', "in": '( "x" "y" )', "languageIn": '( "en" )',
    "lessThan": "e:b", "lessThanOrEquals": "e:b", "maxCount": "1", "maxExclusive": "7", "maxInclusive": "7",
    "maxLength": "7", "minCount": "1", "minExclusive": "7", "minInclusive": "7", "minLength": "7", "node": "e:Other",
    "nodeKind": "sh:Literal", "not": "e:Other", "or": "( [ sh:datatype xsd:date ] [ sh:datatype xsd:integer ] )",
    "pattern": '"^a"', "property": "[ sh:path e:c ]", "qualifiedValueShape": "e:Other", "uniqueLang": "true",
    "xone": "( e:Other )",
}  # fmt: skip
"""The constraint components of SHACL Core, each with a value, on a property."""


@pytest.mark.parametrize("name", [*COMPONENTS, "closed"])
def test_a_constraint_of_shacl_core_is_carried_or_told(tmp_path: Path, name: str) -> None:
    value = COMPONENTS.get(name)
    with_it = SHAPE.format("; sh:closed true", "") if value is None else SHAPE.format("", f"; sh:{name} {value}")
    made = []
    for text in (SHAPE.format("", ""), with_it):
        (tmp_path / "case.ttl").write_text(text)
        made.append(import_schema(tmp_path / "case.ttl", "shacl"))
    without, found = made

    assert found.text != without.text or any(f"sh:{name}" in each.message for each in found.findings)

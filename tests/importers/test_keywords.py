"""Every keyword of what is imported is carried or told: it changes the schema, or a finding names it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema_specifications import REGISTRY

from semantics.importers import import_schema
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

"""JSON Schema: the checker's verdict, but for what is listed as a gap."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from semantics.generators import generate
from semantics.generators.json_schema import json_schema
from semantics.schema import load_schema
from semantics.schema.model import SchemaModel
from semantics.validation import compile_checker

from .conftest import BASE, RICH
from .test_pydantic_classes import VALUES

NOT_SAID = {"ipat"}
"""Slots with a pattern of numbers, which JSON Schema does not know."""


def definition(schema: SchemaModel, name: str) -> Draft202012Validator:
    document = json.loads(json_schema(schema))
    return Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": document["$defs"]})


def as_json(value: Any) -> Any:
    """What a JSON parser gives; None for what no JSON holds."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {key: as_json(member) for key, member in value.items()}
    return [as_json(member) for member in value] if isinstance(value, list) else value


VALUES_OF_JSON = [
    as_json(value)
    for value in VALUES
    if value not in (float("inf"), 2**5000, Decimal("1E+400")) and value == value and value != {1: {"v": 1}}
]
KEY_IS_NOT_ITS_IDENTIFIER = ({"k": {"key": "z", "v": 1}}, {"1": {"n": 2}})


@pytest.mark.parametrize("slot", sorted(set(RICH["classes"]["All"]["attributes"]) - NOT_SAID))
def test_the_schema_has_the_checkers_verdict(rich: SchemaModel, slot: str) -> None:
    checker, validator = compile_checker(rich), definition(rich, "All")
    for value in VALUES_OF_JSON:
        if slot in ("keyed", "nkeyed") and value in KEY_IS_NOT_ITS_IDENTIFIER:
            continue
        data = {**BASE, slot: value}
        assert validator.is_valid(data) is checker.accepts("All", data), value


def test_rules_are_said(rich: SchemaModel) -> None:
    checker = compile_checker(rich)
    instances = [
        {}, {"kind": "x"}, {"kind": "x", "start": 1, "tags": ["a"]}, {"kind": "x", "start": 1, "tags": []}, {"end": 5},
        {"end": 5, "start": 4}, {"end": 5, "start": 5}, {"end": 5, "start": 5, "kind": "y"}, {"start": -1}, {"start": None},
    ]  # fmt: skip
    for name in ("Ruled", "RuledChild"):
        validator = definition(rich, name)
        for data in instances:
            assert validator.is_valid(data) is checker.accepts(name, data), data


def test_the_root_is_the_tree_root_or_any_concrete_class(rich: SchemaModel) -> None:
    some = Draft202012Validator(json.loads(json_schema(rich)))
    verdicts = [some.is_valid(data) for data in ({"id": "e:a"}, {"id": "e:a", "kind": "Thing"}, {"nothing": 1}, 1)]
    assert verdicts == [True, False, False, False]
    rooted = load_schema(
        {"name": "m", "classes": {"A": {"tree_root": True, "attributes": {"x": {}}}, "B": {"attributes": {"y": {}}}}}
    )
    one = Draft202012Validator(json.loads(json_schema(rooted)))
    assert [one.is_valid(data) for data in ({"x": "1"}, {"y": "1"})] == [True, False]


def test_the_document_is_valid_by_its_metaschema_and_points_nowhere_else(rich: SchemaModel) -> None:
    document = json.loads(generate(rich, ["json-schema"])["rich.schema.json"])
    Draft202012Validator.check_schema(document)
    text = json.dumps(document)
    assert text.count('"$ref"') == text.count('"$ref": "#/$defs/')


def test_patterns_that_are_not_portable_are_left_out() -> None:
    schema = load_schema(
        {"name": "m", "classes": {"A": {"attributes": {"x": {"pattern": "(?i)^gbp$"}, "y": {"pattern": "^a$"}}}}}
    )
    properties = json.loads(json_schema(schema))["$defs"]["A"]["properties"]
    assert ["pattern" in properties[name] for name in "xy"] == [False, True]


def test_names_of_classes_enums_and_types_do_not_meet() -> None:
    schema = load_schema({"name": "m", "types": {"X": {"typeof": "string", "pattern": "^t"}, "Y/ %": {"typeof": "integer"}},
        "enums": {"X": {"permissible_values": {"e": {}}}},
        "classes": {"A": {"attributes": {"x": {"range": "X"}, "y": {"range": "Y/ %"}}}, "Y/ %": {}}})  # fmt: skip
    document = json.loads(json_schema(schema))
    assert set(document["$defs"]) == {"A", "X", "Y/ %"}
    assert definition(schema, "A").is_valid({"x": "e", "y": {}})

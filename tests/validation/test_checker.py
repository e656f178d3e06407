"""The checker, constraint by constraint: a case file holds a schema, instances, and what is found in them."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import semantics
from semantics.errors import SchemaError
from semantics.records import Mapped, Rejected
from semantics.schema import load_schema
from semantics.validation import CODES, compile_checker
from semantics.validation.classes import ClassTable
from semantics.validation.findings import Violation
from semantics.yaml_source import Plain, read_yaml

CASES = Path(__file__).parent / "cases"


def plain(data: Any) -> Any:
    """What a source gives: dict, list, str, int, Decimal, bool, None."""
    if isinstance(data, dict):
        return {key: plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [plain(value) for value in data]
    return Decimal(data.text) if isinstance(data, Plain) else data


def cases() -> list[Any]:
    found = []
    for path in sorted(CASES.glob("*.yaml")):
        data = read_yaml(path, error=SchemaError).data
        for case in data["cases"]:
            found.append(
                pytest.param(
                    data["schema"],
                    case.get("class", data["class"]),
                    plain(case["instance"]),
                    [tuple(pair) for pair in case["findings"]],
                    id=f"{path.stem}: {case['name']}",
                )
            )
    return found


@pytest.mark.parametrize(("schema", "name", "instance", "expected"), cases())
def test_exactly_the_expected_findings(
    schema: dict[str, Any], name: str, instance: Any, expected: list[tuple[str, str]]
) -> None:
    found = compile_checker(load_schema(schema)).check(name, instance)
    assert expected == [(one.code, one.location.pointer) for one in found if one.location]


@pytest.mark.parametrize(("schema", "name", "instance", "expected"), cases())
def test_findings_name_class_and_element_and_never_a_value(
    schema: dict[str, Any], name: str, instance: Any, expected: list[tuple[str, str]]
) -> None:
    model = load_schema(schema)
    for one in compile_checker(model).check(name, instance):
        assert isinstance(one, Violation)
        assert one.code in CODES
        if name in model.classes:
            assert one.class_name in model.classes
            assert one.class_name in one.message
            assert (one.slot or "") in one.message
            assert one.found is not None


@pytest.mark.parametrize(("schema", "name", "instance", "expected"), cases())
def test_the_fast_path_knows_without_looking_for_findings(
    schema: dict[str, Any], name: str, instance: Any, expected: list[tuple[str, str]]
) -> None:
    if name in schema["classes"]:
        assert ClassTable(load_schema(schema)).root(name).exact(instance) is (not expected)


def test_every_code_of_the_checker_has_a_case() -> None:
    told = {code for case in cases() for code, _ in case.values[3]}
    elsewhere = {
        "VAL018",
        "VAL020",
        "VAL021",
        "VAL023",
        "VAL030",
        "VAL031",
        "VAL040",
        "VAL041",
        "VAL042",
        "VAL043",
        "VAL044",
        "VAL050",
        "VAL051",
    }
    assert set(CODES) - elsewhere == told


METER = """\
name: meter
classes:
  Meter:
    attributes:
      unit:
        required: true
      readings:
        range: decimal
        multivalued: true
    rules:
      - preconditions: {slot_conditions: {unit: {equals_string: none}}}
        postconditions: {slot_conditions: {readings: {value_presence: ABSENT}}}
"""


def meter_findings(tmp_path: Path, instance: Any) -> list[tuple[str, str | None]]:
    path = tmp_path / "meter.yaml"
    path.write_text(METER)
    found = compile_checker(load_schema(path)).check("Meter", instance)
    return [(one.code, (one.found or "").replace(f"{path.parent}/", "")) for one in found]


def test_findings_point_at_the_line_of_the_model(tmp_path: Path) -> None:
    assert meter_findings(tmp_path, {"readings": ["1"], "unti": "a"}) == [
        ("VAL003", "Meter.readings (meter.yaml:7)"),
        ("VAL002", "Meter (meter.yaml:3)"),
        ("VAL001", "Meter.unit (meter.yaml:5)"),
    ]


def test_a_rule_that_does_not_hold_is_named_by_its_line(tmp_path: Path) -> None:
    assert meter_findings(tmp_path, {"unit": "none", "readings": [1]}) == [("VAL011", "Meter.readings (meter.yaml:11)")]


SECRET = "123-45-6789"


def test_messages_and_hints_never_hold_a_value() -> None:
    schema = load_schema(
        {
            "name": "s",
            "enums": {"E": {"permissible_values": {"123-45-6788": {}, "b": {}}}},
            "classes": {
                "C": {
                    "attributes": {
                        "e": {"range": "E"},
                        "n": {"range": "integer"},
                        "p": {"pattern": "^x"},
                        "q": {"equals_string": "x"},
                        "d": {"designates_type": True},
                        "any": {"any_of": [{"range": "E"}, {"range": "integer"}]},
                        "c": {"range": "C", "inlined": True},
                    }
                }
            },
        }
    )
    checker = compile_checker(schema)
    wrong: dict[str, Any] = dict.fromkeys(("e", "n", "p", "q", "any", "c"), SECRET)
    for instance in (wrong, {"d": SECRET}, {"c": {"d": SECRET}}):
        for one in checker.check("C", instance):
            assert SECRET not in str(one) + repr(one)


def test_hints_help() -> None:
    schema = load_schema(
        {
            "name": "s",
            "enums": {"E": {"permissible_values": {"a": {}, "b": {}}}},
            "classes": {"C": {"attributes": {"capacity": {}, "e": {"range": "E"}}}},
        }
    )
    found = compile_checker(schema).check("C", {"capacty": "1", "e": "c"})
    assert [one.hint for one in found] == ["did you mean 'capacity'?", "one of: a, b"]


def test_messages_say_what_was_expected_and_the_shape_of_what_was_found() -> None:
    schema = load_schema(
        {
            "name": "s",
            "classes": {
                "Base": {"abstract": True, "attributes": {"t": {"designates_type": True}}},
                "One": {"is_a": "Base"},
                "C": {
                    "attributes": {
                        "n": {"range": "integer", "minimum_value": 0, "maximum_value": 10},
                        "low": {"range": "decimal", "minimum_value": 0},
                        "text": {"pattern": "^a"},
                        "many": {"multivalued": True, "maximum_cardinality": 1},
                        "base": {"range": "Base", "inlined": True},
                    }
                },
            },
        }
    )
    instance = {"n": 11, "low": -1, "text": "bcd", "many": ["a", "b"], "base": {}}
    assert [[*str(one.message).split(": ", 1), one.hint] for one in compile_checker(schema).check("C", instance)] == [
        ["slot 'n' of 'C'", "expected a number at least 0 and at most 10, found one beyond", None],
        ["slot 'low' of 'C'", "expected a number at least 0, found one beyond", None],
        ["slot 'text' of 'C'", "expected text that matches the pattern, found string, 3 characters",
         "the pattern is ^a"],
        ["slot 'many' of 'C'", "expected at most 1 values, found 2", None],
        ["'Base'", "'Base' is abstract: it has no instances of its own",
         "'t' must name one of its classes: One"],
    ]  # fmt: skip


def test_at_most_twenty_findings_or_as_many_as_asked_for() -> None:
    schema = load_schema({"name": "s", "classes": {"C": {"attributes": {"a": {}}}}})
    instance = {f"x{number}": 1 for number in range(50)}
    assert len(compile_checker(schema).check("C", instance)) == 20 + 1
    *listed, note = compile_checker(schema, limit=3).check("C", instance)
    assert len(listed) == 3
    assert (note.code, note.severity) == ("VAL023", "note")
    assert "47 more findings" in note.message
    assert len(compile_checker(schema, limit=100).check("C", instance)) == 50


ODD: list[Any] = [
    {1: 2},
    {None: None, True: 1, (1, 2): 3},
    {"a": {1: 2}},
    {"a": (1, 2)},
    {"a": {1, 2}},
    {"a": object()},
    {"a": b"bytes"},
    {"a": Decimal("NaN"), "n": Decimal("sNaN")},
    {"n": Decimal("Infinity"), "m": [float("nan"), float("inf")]},
    {"n": 10**5000, "m": [[[[]]]]},
    {"m": {"k": {2: 3}}, "k": {1: {}, "x": {"id": []}}},
    {"c": {"c": {"c": [1]}}},
    {"a": "\ud800", "p": "\ud800", "u": "http://\ud800"},
    [], "text", 1, None, object(), {1},
]  # fmt: skip


@pytest.mark.parametrize("instance", ODD, ids=lambda value: type(value).__name__)
def test_odd_data_is_found_fault_with_and_never_raises(instance: Any) -> None:
    schema = load_schema(
        {
            "name": "odd",
            "classes": {
                "K": {"attributes": {"id": {"identifier": True}}},
                "C": {
                    "attributes": {
                        "a": {"range": "boolean"},
                        "p": {"pattern": "^a"},
                        "u": {"range": "uri"},
                        "n": {"range": "decimal", "minimum_value": 1},
                        "m": {"range": "float", "multivalued": True},
                        "k": {"range": "K", "multivalued": True, "inlined": True},
                        "c": {"range": "C", "inlined": True},
                    }
                },
            },
        }
    )
    assert compile_checker(schema).check("C", instance)


RECURSIVE: dict[str, Any] = {
    "name": "recursive",
    "classes": {
        "Node": {
            "attributes": {
                "value": {"range": "integer"},
                "next": {"range": "Node", "inlined": True},
                "children": {"range": "Node", "multivalued": True, "inlined_as_list": True},
            }
        }
    },
}


def nested(depth: int, leaf: dict[str, Any]) -> dict[str, Any]:
    for _ in range(depth):
        leaf = {"children": [leaf]}
    return leaf


def test_recursive_data_are_checked_to_the_depth_that_records_may_have() -> None:
    checker = compile_checker(load_schema(RECURSIVE))
    assert checker.check("Node", nested(64, {"value": 1})) == ()
    (found,) = checker.check("Node", nested(64, {"value": "1"}))
    pointer = found.location and found.location.pointer
    assert (found.code, pointer) == ("VAL003", "/children/0" * 64 + "/value")


def test_data_without_end_are_refused() -> None:
    checker = compile_checker(load_schema(RECURSIVE))
    endless: dict[str, Any] = {"value": 1}
    endless["next"] = endless
    for instance in (endless, nested(5 * sys.getrecursionlimit(), {})):
        assert [one.code for one in checker.check("Node", instance)] == ["VAL018"]


def test_ambiguous_recursive_schemas_take_linear_time() -> None:
    part = {"attributes": {"next": {"any_of": [{"range": "A"}, {"range": "B"}]}, "x": {"range": "integer"}}}
    checker = compile_checker(load_schema({"name": "a", "classes": {"A": part, "B": part}}))
    instance: dict[str, Any] = {"x": "no integer"}
    for _ in range(60):
        instance = {"next": instance}
    assert [one.code for one in checker.check("A", instance)] == ["VAL010"]


def test_conditions_on_nested_objects_take_linear_time() -> None:
    node = {
        "attributes": {"next": {"range": "N", "inlined": True}, "x": {"range": "integer"}},
        "rules": [
            {
                "preconditions": {"slot_conditions": {"next": {"range": "N"}}},
                "postconditions": {"slot_conditions": {"next": {"range": "N"}}},
            }
        ],
    }
    checker = compile_checker(load_schema({"name": "a", "classes": {"N": node}}))
    instance: dict[str, Any] = {"x": 1}
    for _ in range(60):
        instance = {"next": instance}
    assert checker.check("N", instance) == ()


def test_any_mapping_is_an_instance() -> None:
    from collections import ChainMap, OrderedDict
    from types import MappingProxyType

    checker = compile_checker(load_schema(RECURSIVE))
    for instance in (ChainMap({"value": 1}), OrderedDict(value=1), MappingProxyType({"value": 1})):
        assert checker.check("Node", instance) == ()
        assert checker.accepts("Node", instance)


def test_a_class_as_wide_as_the_schema_is_compiled_once() -> None:
    classes = {
        f"C{number}": {"attributes": {"next": {"range": f"C{number + 1}", "inlined": True}}} for number in range(2_000)
    }
    classes["C2000"] = {"attributes": {"x": {"range": "integer"}}}
    checker = compile_checker(load_schema({"name": "wide", "classes": classes}))
    assert checker.check("C0", {"next": {"next": {}}}) == ()


@pytest.mark.parametrize("pattern", [None, "[a-c]"])
def test_what_is_left_to_check_of_a_rule_inside_itself(pattern: str | None) -> None:
    """As deep as the objects go and no deeper, also where there are none."""
    name = {} if pattern is None else {"pattern": pattern}
    nodes = {"range": "Node", "multivalued": True, "inlined_as_list": True}
    schema: dict[str, Any] = {
        "id": "https://example.org/tree", "name": "tree", "imports": ["linkml:types"], "default_range": "string",
        "classes": {"Node": {"attributes": {"name": name, "nodes": nodes}}},
    }  # fmt: skip
    slots = {"name": None, "nodes": {"populated_from": "nodes"}}
    spec = {"name": "tree", "class_derivations": {"Node": {"slot_derivations": slots}}}
    target = {**schema, "id": "https://example.org/tree2", "name": "tree2"}
    mapping = semantics.load_mapping(spec, source_schema=schema, target_schema=target)
    for tree in ({"name": "a"}, {"name": "a", "nodes": [{"name": "b", "nodes": [{"name": "c"}]}, {"name": "a"}]}):
        assert mapping.apply(tree) == tree
    outcome = mapping.try_apply({"name": "a", "nodes": [{"name": "b", "nodes": [{"name": "d"}]}]})
    assert isinstance(outcome, Mapped if pattern is None else Rejected)

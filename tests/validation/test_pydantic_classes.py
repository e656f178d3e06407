"""The generated classes, told in the checker's words: codes, pointers, nothing of the values."""

from __future__ import annotations

import importlib.util
import sys
from collections import OrderedDict
from types import MappingProxyType, ModuleType
from typing import Any

import pydantic
import pytest

from semantics.generators import generate
from semantics.schema import load_schema
from semantics.validation import compile_checker, validate_with_classes

WRITTEN: dict[str, Any] = {
    "name": "bank",
    "enums": {"Kind": {"permissible_values": {"CURRENT": {}, "SAVINGS": {}}}},
    "classes": {
        "Account": {
            "attributes": {
                "id": {"identifier": True},
                "kind": {"range": "Kind", "required": True},
                "currency": {"pattern": "^[A-Z]{3}$"},
                "limit": {"range": "decimal", "minimum_value": 0},
                "opened": {"range": "date"},
                "active": {"range": "boolean"},
                "tags": {"multivalued": True, "maximum_cardinality": 2},
                "balances": {"range": "Balance", "multivalued": True, "inlined_as_list": True},
                "class": {"equals_string": "x"},
                "old": {"value_presence": "ABSENT"},
                "choice": {"any_of": [{"range": "integer"}, {"range": "boolean"}]},
            }
        },
        "Balance": {"attributes": {"amount": {"range": "decimal", "required": True}}},
        "Thing": {"abstract": True, "attributes": {"type": {"designates_type": True}}},
        "Car": {"is_a": "Thing", "attributes": {"doors": {"range": "integer"}}},
    },
}


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    path = tmp_path_factory.mktemp("bank") / "bank_classes.py"
    path.write_text(generate(load_schema(WRITTEN), ["pydantic"])["bank.py"], encoding="utf-8")
    spec = importlib.util.spec_from_file_location("bank_classes", path)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    sys.modules["bank_classes"] = found
    spec.loader.exec_module(found)
    return found


GOOD: dict[str, Any] = {"id": "1", "kind": "CURRENT", "balances": [{"amount": 1}], "tags": ["a"]}
SECRET = "secret-4711"

WRONG: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"kind": None}, [("VAL001", "/kind")]),
    ({"kind": SECRET}, [("VAL004", "/kind")]),
    ({"currency": SECRET}, [("VAL005", "/currency")]),
    ({"currency": 5}, [("VAL003", "/currency")]),
    ({"limit": -1}, [("VAL006", "/limit")]),
    ({"limit": SECRET}, [("VAL003", "/limit")]),
    ({"opened": SECRET}, [("VAL003", "/opened")]),
    ({"active": 1}, [("VAL003", "/active")]),
    ({"tags": SECRET}, [("VAL008", "/tags")]),
    ({"tags": ["a", "b", "c"]}, [("VAL007", "/tags")]),
    ({"tags": [1]}, [("VAL003", "/tags/0")]),
    ({"balances": [{"amount": 1}, {}]}, [("VAL001", "/balances/1")]),
    ({"balances": [SECRET]}, [("VAL015", "/balances/0")]),
    (
        {"balances": [{"amount": True, "x": 1}]},
        [("VAL003", "/balances/0/amount"), ("VAL002", "/balances/0/x")],
    ),
    ({"class": SECRET}, [("VAL016", "/class")]),
    ({"old": SECRET}, [("VAL022", "/old")]),
    ({"unknown": SECRET}, [("VAL002", "/unknown")]),
]


@pytest.mark.parametrize(("change", "expected"), WRONG)
def test_what_the_classes_refuse_has_code_and_pointer(
    module: ModuleType, change: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    found = validate_with_classes(module, "Account", GOOD | change)
    assert expected == [(one.code, one.location.pointer) for one in found if one.location]
    assert SECRET not in str(found) + repr(found)
    assert compile_checker(load_schema(WRITTEN)).check("Account", GOOD | change)


def test_valid_instances_have_no_findings(module: ModuleType) -> None:
    assert validate_with_classes(module, "Account", GOOD) == ()
    assert validate_with_classes(module, "Account", MappingProxyType(GOOD)) == ()
    assert validate_with_classes(module, "Account", OrderedDict(GOOD)) == ()
    assert validate_with_classes(module, "Thing", {"type": "Car", "doors": 3}) == ()


def test_designators_are_judged(module: ModuleType) -> None:
    def codes(data: Any) -> list[str]:
        return [one.code for one in validate_with_classes(module, "Thing", data)]

    assert codes({"type": "Cart"}) == ["VAL012"]
    assert codes({}) == ["VAL013"]
    assert codes({"type": "Car", "doors": "x"}) == ["VAL003"]
    assert codes([]) == ["VAL015"]


def test_a_union_is_told_once(module: ModuleType) -> None:
    (found,) = validate_with_classes(module, "Account", GOOD | {"choice": SECRET})
    assert (found.location and found.location.pointer) == "/choice"


def test_a_class_that_is_not_there_is_named_with_a_hint(module: ModuleType) -> None:
    (found,) = validate_with_classes(module, "Acount", {})
    assert (found.code, found.hint) == ("VAL012", "did you mean 'Account'?")


def test_a_missing_slot_is_named(module: ModuleType) -> None:
    (found,) = validate_with_classes(module, "Account", {"id": "1"})
    assert found.code == "VAL001"
    assert "'kind'" in found.message


def test_findings_stop_at_the_limit(module: ModuleType) -> None:
    many = {f"x{number}": number for number in range(50)}
    assert len(validate_with_classes(module, "Account", GOOD | many)) == 20 + 1
    *listed, note = validate_with_classes(module, "Account", GOOD | many, limit=3)
    assert (len(listed), note.code) == (3, "VAL023")


def test_the_text_of_a_foreign_validator_is_not_repeated() -> None:
    def leak(value: Any) -> Any:
        raise ValueError(f"expected better than {value}")

    home = ModuleType("home")
    validators = {"check": pydantic.field_validator("x", mode="before")(leak)}
    home.Foreign = pydantic.create_model(  # type: ignore[attr-defined]
        "Foreign", x=(str, ...), __validators__=validators
    )
    (found,) = validate_with_classes(home, "Foreign", {"x": SECRET})
    assert found.code == "VAL031"
    assert SECRET not in str(found)

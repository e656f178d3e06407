"""Uniqueness over a collection: identifiers, unique keys, and the limit of what is remembered."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from semantics.errors import LimitError
from semantics.schema import load_schema
from semantics.validation import UniquenessCheck
from semantics.validation.uniqueness import SeenKeys

SCHEMA = load_schema({
    "name": "u",
    "classes": {
        "Entity": {"attributes": {"id": {"identifier": True}, "type": {"designates_type": True}}},
        "Person": {
            "is_a": "Entity",
            "attributes": {
                "name": {},
                "born": {"range": "decimal"},
                "parts": {"range": "Part", "multivalued": True, "inlined_as_list": True},
                "keyed": {"range": "Part", "multivalued": True, "inlined": True},
                "friends": {"range": "Person", "multivalued": True},
            },
            "unique_keys": {"who": {"unique_key_slots": ["name", "born"]}},
        },
        "Child": {"is_a": "Person"},
        "Part": {
            "attributes": {
                "no": {"identifier": True, "range": "integer"},
                "sub": {"range": "Part", "multivalued": True, "inlined_as_list": True},
            }
        },
    },
})  # fmt: skip


def found(*instances: dict[str, Any], name: str = "Person") -> list[list[tuple[str, str | None]]]:
    check = UniquenessCheck(SCHEMA)
    return [
        [(one.code, one.location.pointer if one.location else None) for one in check.check(name, instance)]
        for instance in instances
    ]


def test_an_identifier_occurs_once_among_all_subclasses() -> None:
    assert found({"id": "a"}, {"id": "b"}, {"id": "a", "type": "Child"}) == [[], [], [("VAL020", "/id")]]


def test_a_unique_key_is_compared_by_value_and_skips_what_is_absent() -> None:
    assert found(
        {"id": "1", "name": "n", "born": Decimal("1.0")},
        {"id": "2", "name": "n", "born": 1},
        {"id": "3", "name": "n"},
        {"id": "4", "name": "n", "born": None},
        {"id": "5", "name": "n", "born": 1.0, "type": "Child"},
        {"id": "6", "name": "n", "born": Decimal("1.5")},
    ) == [[], [("VAL021", "")], [], [], [("VAL021", "")], []]


def test_text_and_numbers_are_never_the_same() -> None:
    assert found({"id": "1", "name": "1", "born": 1}, {"id": "2", "name": 1, "born": 1}) == [[], []]


def test_numbers_are_compared_with_every_digit() -> None:
    first, second = "1234567890123456789012345678901.1", "1234567890123456789012345678901.2"
    assert found(
        {"id": "1", "name": "n", "born": Decimal(first)}, {"id": "2", "name": "n", "born": Decimal(second)}
    ) == [[], []]


def test_what_is_inside_an_instance_is_no_matter_of_the_run() -> None:
    assert found({"id": "1", "parts": [{"no": 1}, {"no": 1}]}, {"id": "2", "parts": [{"no": 1}]}) == [[], []]


def test_the_message_names_the_record_of_the_first() -> None:
    check = UniquenessCheck(SCHEMA)
    check.check("Person", {"id": "secret"}, number=7)
    (one,) = check.check("Person", {"id": "secret"}, number=9)
    assert "record 7" in one.message
    assert "secret" not in str(one)


def test_beyond_the_limit_keys_are_remembered_on_disk() -> None:
    seen = SeenKeys(2)
    check = UniquenessCheck(SCHEMA, seen)
    for number in range(50):
        assert check.check("Person", {"id": f"{number}"}) == ()
    assert seen.spilled
    for number in (0, 1, 2, 49):
        (one,) = check.check("Person", {"id": f"{number}"})
        assert (one.code, f"record {number + 1}" in one.message) == ("VAL020", True)


def test_a_full_disk_is_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    import sqlite3

    def full(*_: Any, **__: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(sqlite3, "connect", full)
    check = UniquenessCheck(SCHEMA, SeenKeys(1))
    check.check("Person", {"id": "1"})
    with pytest.raises(LimitError, match="VAL050") as fault:
        check.check("Person", {"id": "2"})
    assert fault.value.exit_code == 5


@pytest.mark.parametrize(
    "instance", [{"id": []}, {"id": {1: 2}}, {"parts": [1, None, []]}, {"keyed": {1: 2}}, {"type": 5}, []]
)
def test_odd_data_are_left_to_the_checker(instance: Any) -> None:
    assert found(instance, instance) == [[], []]

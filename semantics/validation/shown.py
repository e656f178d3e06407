"""A value of a record as a report may show it, once the operator has asked for values: short, and on one line."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from semantics.errors import escaped, shape
from semantics.records import Record

__all__ = ["LONGEST", "keys_of", "shown_at", "shown_value", "step"]

LONGEST: Final = 80
"""Characters of a value that are shown at most."""


def shown_at(record: Record, pointer: str | None) -> str | None:
    """The value at a place of a record (``pointer`` as its findings say it); None where there is nothing to show.

    Of a record that could not be read it is the beginning of its bytes.

    >>> shown_at(Record({"a": [{"b": "x"}]}), "/a/0/b")
    '"x"'
    """
    if record.data is None and record.raw:
        return shown_value(record.raw[: 4 * LONGEST].decode("utf-8", "backslashreplace"))
    told = pointer or ""
    start = record.pointer or ""
    value = record.data
    for part in keys_of(told.removeprefix(start)) if told.startswith(start) else ():
        value = step(value, part)
    return None if value is record.data else shown_value(value)


def keys_of(pointer: str) -> list[str]:
    """The keys of a pointer (RFC 6901, section 4)."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def step(value: Any, part: str) -> Any:
    """What a key of a pointer leads to: a member, an element, or that object of those under identifiers, counted.

    None where nothing is there, or it cannot be told which.

    >>> step({"a": 1}, "a"), step([1, 2], "1"), step({"x": {}, "y": {"z": 1}}, "1")
    (1, 2, {'z': 1})
    """
    number = int(part) if part.isdecimal() and len(part) < 10 else None
    if isinstance(value, list):
        return value[number] if number is not None and number < len(value) else None
    if not isinstance(value, Mapping):
        return None
    if number is None or number >= len(value):
        return value.get(part)
    counted = next(islice(value.values(), number, None))
    return counted if value.get(part, counted) is counted else None


def shown_value(value: Any) -> str | None:
    r"""A value in a few characters: text in quotes and escaped, objects and lists by their shape; null is None.

    >>> shown_value("a\nb"), shown_value(True), shown_value([1, 2]), shown_value("x" * 100)[-10:]
    ('"a\\u000ab"', 'true', 'list of 2', 'xxxxxx..."')
    """
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{escaped(_cut(value))}"'
        case int() if value.bit_length() > 1000:
            return shape(value)
        case int() | float() | Decimal():
            return _cut(str(value))
        case _:
            return shape(value)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."

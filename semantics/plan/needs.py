"""What the functions of a plan need from the run: its instant, the operator's key."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from inspect import get_annotations
from typing import Any, Final

import msgspec

from semantics.errors import Location
from semantics.expressions.functions import FUNCTIONS
from semantics.expressions.tree import Call
from semantics.expressions.types import Type

__all__ = ["needs_of"]

_LEAVES: Final = frozenset({bool, str, int, type(None), Type, Location})
"""What has no call below it; most of a plan is one of these."""
_SAID: Final = frozenset({"bool", "str", "int", "Type", "Location", "str | None", "int | None", "Location | None"})
"""The same as it is said of a field; looked up as a text, since to resolve it would evaluate it."""


def needs_of(node: Any) -> tuple[str, ...]:
    """What calls below a node of a plan, or of an expression, need from the run: "key", "now".

    >>> from semantics.expressions.parse import parse
    >>> needs_of(parse("year(now_of_run())"))
    ('now',)
    """
    found = {FUNCTIONS[call.function].context for call in _calls(node) if call.function in FUNCTIONS}
    return tuple(sorted(name for name in found if name in ("key", "now")))


def _calls(node: Any) -> Iterator[Call]:
    pending: list[Any] = [node]
    while pending:
        current = pending.pop()
        kind = type(current)
        if kind in _LEAVES:
            continue
        if kind is tuple or kind is list:
            pending += current
        elif kind is dict:
            pending += current.values()
        elif issubclass(kind, msgspec.Struct):
            if kind is Call:
                yield current
            pending += [inner for name in _fields(kind) if (inner := getattr(current, name))]


@cache
def _fields(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """The fields of a node in which, or below which, a call may be."""
    said = {name: text for base in reversed(kind.__mro__) for name, text in get_annotations(base).items()}
    return tuple(name for name in kind.__struct_fields__ if said.get(name) not in _SAID)

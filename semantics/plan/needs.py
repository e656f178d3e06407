"""What the functions of a plan need from the run: its instant, the operator's key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from semantics.expressions.functions import FUNCTIONS
from semantics.expressions.tree import Call

__all__ = ["needs_of"]


def needs_of(node: Any) -> tuple[str, ...]:
    """What calls below a node of a plan, or of an expression, need from the run: "key", "now".

    >>> from semantics.expressions.parse import parse
    >>> needs_of(parse("year(now_of_run())"))
    ('now',)
    """
    found = {FUNCTIONS[call.function].context for call in _calls(node) if call.function in FUNCTIONS}
    return tuple(sorted(name for name in found if name in ("key", "now")))


def _calls(node: Any) -> Iterator[Call]:
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, Call):
            yield current
        if isinstance(current, msgspec.Struct):
            pending += [getattr(current, name) for name in current.__struct_fields__]
        elif isinstance(current, (tuple, list)):
            pending += current
        elif isinstance(current, dict):
            pending += current.values()

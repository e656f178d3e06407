"""The words of a slot derivation that concern one value, brought to expressions of registered functions.

Everything here takes trees and gives trees: no backend knows these words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from semantics.expressions.tree import (
    Call,
    Case,
    Compare,
    Expr,
    IsNull,
    ListOf,
    Literal,
    Not,
    Operation,
    Path,
    replaced,
)
from semantics.expressions.types import STRING, Kind, Type
from semantics.expressions.values import text_of
from semantics.mapping.spec import Offset, Stringification
from semantics.yaml_source import Plain

__all__ = [
    "DECIDED",
    "HOLE",
"computed_code", "conditional", "decided", "moved", "number", "plain_text", "stringified", "text",
    "with_value", "without",
]  # fmt: skip

HOLE: Final = re.compile(r"\{(\+?)([^{}]*)\}")
"""A hole of an IRI template: ``{expression}``, or ``{+expression}``."""

DECIDED: Final = "\x1f"
"""In front of a code that an expression has decided, so that no code of the data can be taken for it."""


def text(value: str) -> Literal:
    """A text as a literal."""
    return Literal(value=value, type=STRING)


def plain_text(value: Any) -> str:
    """A YAML scalar as it was written."""
    return value.text if isinstance(value, Plain) else text_of(value)


def number(value: Any) -> Literal | None:
    """A number of a mapping as an exact literal; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, float)):
        return None
    if isinstance(value, int):
        return Literal(value=value, type=Type(Kind.INTEGER))
    return Literal(value=plain_text(value), type=Type(Kind.DECIMAL))


def without(node: Expr, missing: Sequence[str], *, read: bool = True) -> Expr:
    """``missing_values``: null where the plain text of the value is one of the texts.

    A value that is ``read`` from the source is looked at before its type is: ``NA`` may stand in for a number.
    """

    def looked_at(part: Expr) -> Expr | None:
        typed = isinstance(part, Path) and part.type.kind not in (Kind.STRING, Kind.ANY, Kind.OBJECT)
        return msgspec.structs.replace(part, missing=tuple(missing)) if typed else None

    node = replaced(node, looked_at) if read and missing else node
    return Call(function="null_if", arguments=(node, *map(text, missing)), column=node.column)


def moved(node: Expr, offset: Offset, by: Expr, step: Literal) -> Expr:
    """``offset``: a multiple of another value added, or taken off."""
    distance = by if step.value == 1 else Operation(operator="*", left=by, right=step)
    return Operation(operator="-" if offset.offset_reverse else "+", left=node, right=distance)


def stringified(node: Expr, how: Stringification) -> Expr:
    """``stringification``: many values as one text, or one text taken apart."""
    if how.reversed:
        if how.delimiter is None:
            return Call(function="from_json", arguments=(node,))
        empty = Compare(operator="==", left=node, right=text(""))
        parts = Call(function="split", arguments=(node, text(how.delimiter)))
        nothing = ListOf(items=(), type=STRING.list)
        return Case(branches=((empty, nothing), (Literal(value=True, type=Type(Kind.BOOLEAN)), parts)))
    if how.delimiter is None:
        return Call(function="json", arguments=(node,))
    values = node if node.type.many or isinstance(node, ListOf) else ListOf(items=(node,))
    return Call(function="join", arguments=(text(how.delimiter), values))


def with_value(node: Expr, base: Expr | None) -> Expr:
    """A condition in which ``value()`` is the value that is decided about."""
    if base is None:
        return node

    def given(part: Expr) -> Expr | None:
        if isinstance(part, Call) and part.function == "value" and not part.arguments:
            return msgspec.structs.replace(base, column=part.column)
        return None

    return replaced(node, given)


def decided(conditions: Sequence[tuple[Expr, str]], otherwise: Expr | None) -> Expr:
    """A code that the first true condition decides; else the value itself."""
    branches = [(test, text(DECIDED + code)) for test, code in conditions]
    return _otherwise(branches, None if otherwise is None else Call(function="str", arguments=(otherwise,)))


def conditional(branches: Sequence[tuple[Expr, Expr]]) -> Expr:
    """The value of the first true condition; null where there is none."""
    return Case(branches=tuple(branches))


def computed_code(tree: Expr, otherwise: Expr | None) -> Expr:
    """A code that an expression gives, and the value itself where it gives null."""
    code = Call(function="concat", arguments=(text(DECIDED), Call(function="str", arguments=(tree,))))
    return _otherwise([(Not(operand=IsNull(operand=tree)), code)],
                      None if otherwise is None else Call(function="str", arguments=(otherwise,)))  # fmt: skip


def _otherwise(branches: Sequence[tuple[Expr, Expr]], otherwise: Expr | None) -> Expr:
    last = [] if otherwise is None else [(Literal(value=True, type=Type(Kind.BOOLEAN)), otherwise)]
    return Case(branches=(*branches, *last))

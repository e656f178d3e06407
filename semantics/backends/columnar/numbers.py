"""Arithmetic on columns: exact where the language is exact, with as many digits as every operand can need."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from semantics.backends.columnar.gaps import Unproven
from semantics.backends.columnar.reading import where_there
from semantics.backends.columnar.sql import (
    BIGINT,
    DOUBLE,
    HUGEINT,
    NULL,
    Cast,
    Choose,
    Constant,
    Infix,
    IsNull,
    Node,
    Not,
    both,
    decimal_type,
    either,
    function,
)
from semantics.backends.columnar.values import WHOLE, Query, Value, narrowed
from semantics.expressions.types import NUMBERS, Kind

__all__ = ["as_double", "calculated", "comparable", "negated"]

DIGITS: Final = 38
_EXACT: Final = 2**53
_SHORT: Final = 18
MAX_TEXT: Final = 1_000_000
"""Bytes of a joined text at most; the language counts characters, of which there are no more."""


def calculated(operator: str, left: Value, right: Value, query: Query) -> Value:
    """The result of an arithmetic operator."""
    fine = both(left.fine, right.fine)
    if Kind.NULL in (left.kind, right.kind):
        kind = left.kind if right.kind is Kind.NULL else right.kind
        return Value(NULL, Kind.NULL if kind not in NUMBERS else kind, fine)
    if left.many or right.many:
        raise Unproven("lists", f"{operator} with a list")
    if operator == "+" and left.kind is right.kind is Kind.STRING:
        return joined(left, right, query)
    if not {left.kind, right.kind} <= NUMBERS:
        raise Unproven("kinds", f"{operator} between kinds {left.kind} and {right.kind}")
    if operator == "**":
        raise Unproven("power")
    if operator == "/":
        return _divided(left, right, query)
    if Kind.FLOAT in (left.kind, right.kind):
        return _binary(operator, left, right, query)
    if left.kind is right.kind is Kind.INTEGER:
        return _whole(operator, left, right, query)
    if operator in ("+", "-"):
        return _sum(operator, left, right, query)
    if operator == "*":
        return _product(left, right, query)
    raise Unproven("division", f"{operator} of exact numbers")


def joined(left: Value, right: Value, query: Query) -> Value:
    """A text joined to a text."""
    node = query.bind(Infix("||", left.node, right.node))
    short = where_there(node, Infix("<=", function("strlen", node), Constant(MAX_TEXT)))
    return Value(node, Kind.STRING, both(left.fine, right.fine, short))


def negated(value: Value, query: Query) -> Value:
    """Arithmetic minus."""
    match value.kind:
        case Kind.NULL:
            return value
        case Kind.INTEGER:
            return _whole("-", Value(Constant(0), Kind.INTEGER, width=1), value, query)
        case Kind.DECIMAL:
            zero = Cast(Constant(0), decimal_type(value.width, value.scale))
            return replace(value, node=Cast(Infix("-", zero, value.node), decimal_type(value.width, value.scale)))
        case Kind.FLOAT:
            return replace(value, node=Infix("*", value.node, Cast(Constant(-1), DOUBLE)))
        case _:
            raise Unproven("kinds", f"minus before a value of kind {value.kind}")


def comparable(left: Value, right: Value, query: Query) -> tuple[Value, Value]:
    """Two numbers as one type, without losing a digit of either."""
    if left.kind is right.kind and left.kind is not Kind.DECIMAL:
        return left, right
    if Kind.FLOAT in (left.kind, right.kind):
        return _exact_double(left, query), _exact_double(right, query)
    scale = max(left.scale, right.scale)
    left, right = _fitting(left, right, scale, 0, query)
    width = max(left.width - left.scale, right.width - right.scale) + scale
    wide = decimal_type(width, scale)
    return replace(left, node=Cast(left.node, wide)), replace(right, node=Cast(right.node, wide))


def as_double(value: Value) -> Value:
    """A number as the nearest binary one."""
    if value.kind is Kind.DECIMAL:
        raise Unproven("binary numbers", "an exact number with a binary one")
    return replace(value, node=Cast(value.node, DOUBLE), kind=Kind.FLOAT, width=0, scale=0)


def _exact_double(value: Value, query: Query) -> Value:
    """A number as a binary one that is equal to it: Python compares the numbers themselves."""
    if value.kind is not Kind.INTEGER:
        return as_double(value) if value.kind is Kind.DECIMAL else value
    small = where_there(value.node, both(Infix("<=", Constant(-_EXACT), value.node),
                                         Infix("<=", value.node, Constant(_EXACT))))  # fmt: skip
    return as_double(value).with_(Cast(value.node, DOUBLE), small)


def _fitting(left: Value, right: Value, scale: int, more: int, query: Query) -> tuple[Value, Value]:
    """Two exact numbers that go into one type with ``more`` digits; larger ones in a row are not fine."""
    room = DIGITS - scale - more
    if room < 1:
        raise Unproven("digits", "numbers with many digits after the point")
    return tuple(  # type: ignore[return-value]
        narrowed(value, min(value.width, room + value.scale), query) for value in (left, right)
    )


def _sum(operator: str, left: Value, right: Value, query: Query) -> Value:
    scale = max(left.scale, right.scale)
    left, right = _fitting(left, right, scale, 1, query)
    width = max(left.width - left.scale, right.width - right.scale) + scale + 1
    wide = decimal_type(width, scale)
    node = Infix(operator, Cast(left.node, wide), Cast(right.node, wide))
    return Value(Cast(node, wide), Kind.DECIMAL, both(left.fine, right.fine), width, scale,
                 settled=left.settled and right.settled)  # fmt: skip


def _product(left: Value, right: Value, query: Query) -> Value:
    scale = left.scale + right.scale
    if left.width + right.width > DIGITS:
        if scale > DIGITS - 2:
            raise Unproven("digits", "a product with many digits after the point")
        half = (DIGITS - scale) // 2
        spare = max(0, DIGITS - scale - (right.width - right.scale), half)
        left = narrowed(left, min(left.width, left.scale + spare), query)
        right = narrowed(right, min(right.width, DIGITS - left.width), query)
        if right.width <= right.scale:
            raise Unproven("digits", "a product of long numbers")
    width = left.width + right.width
    node = Infix("*", _wide(left, width), Cast(right.node, decimal_type(right.width, right.scale)))
    return Value(Cast(node, decimal_type(width, scale)), Kind.DECIMAL, both(left.fine, right.fine), width, scale,
                 settled=left.settled and right.settled)  # fmt: skip


def _wide(value: Value, width: int) -> Node:
    """A factor as DuckDB must have it for so many digits: two of at most 18 make one of 18, or an error."""
    wide = value.width if width <= _SHORT else max(value.width, _SHORT + 1)
    return Cast(value.node, decimal_type(wide, value.scale))


def _whole(operator: str, left: Value, right: Value, query: Query) -> Value:
    """Whole numbers; a result of more than 64 bits is left to the ordinary engine."""
    one, two = Cast(left.node, HUGEINT), Cast(right.node, HUGEINT)
    fine = both(left.fine, right.fine)
    if operator in ("+", "-", "*"):
        node: Node = Infix(operator, one, two)
    elif operator in ("//", "%"):
        divisor = function("nullif", two, Cast(Constant(0), HUGEINT))
        quotient, rest = query.bind(Infix("//", one, divisor)), query.bind(Infix("%", one, divisor))
        # The rest has the sign of the divisor, the quotient is rounded down.
        other = both(Infix("<>", rest, Cast(Constant(0), HUGEINT)),
                     Infix("<>", Infix("<", rest, Cast(Constant(0), HUGEINT)),
                           Infix("<", two, Cast(Constant(0), HUGEINT))))  # fmt: skip
        moved = Infix("-", quotient, Cast(Constant(1), HUGEINT)) if operator == "//" else Infix("+", rest, two)
        node = Choose(((other, moved),), quotient if operator == "//" else rest)
        fine = both(fine, where_there(two, Infix("<>", two, Cast(Constant(0), HUGEINT))))
    else:
        raise Unproven("division", operator)
    result = query.bind(Cast(node, BIGINT))
    fits = either(IsNull(left.node), IsNull(right.node), Not(IsNull(result)))
    return Value(result, Kind.INTEGER, both(fine, fits), WHOLE)


def _binary(operator: str, left: Value, right: Value, query: Query) -> Value:
    """Binary numbers by IEEE 754; what is not finite is refused."""
    if operator not in ("+", "-", "*"):
        raise Unproven("division", f"{operator} of binary numbers")
    one, two = as_double(left), as_double(right)
    node = query.bind(Infix(operator, one.node, two.node))
    return Value(node, Kind.FLOAT, both(left.fine, right.fine, where_there(node, function("isfinite", node))))


def _divided(left: Value, right: Value, query: Query) -> Value:
    """A quotient by a constant power of ten: it ends, and its digits are known beforehand."""
    places = _tenfold(right.node)
    if places is None or left.kind is Kind.FLOAT or left.width + places > 34:
        raise Unproven("division", "/")
    if places == 0:
        return replace(
            left, node=Cast(left.node, decimal_type(left.width, left.scale)), kind=Kind.DECIMAL, settled=False
        )
    factor = Constant(Decimal(1).scaleb(-places))
    wide = decimal_type(left.width + places + 1, left.scale + places)
    node = Infix("*", _wide(left, left.width + places + 1), factor)
    return Value(Cast(node, wide), Kind.DECIMAL, left.fine, left.width + places + 1, left.scale + places, settled=False)


def _tenfold(node: Node) -> int | None:
    """The exponent of a constant that is a power of ten from 1 to 10^9."""
    if isinstance(node, Constant) and type(node.value) in (int, Decimal):
        for places in range(10):
            if node.value == 10**places:
                return places
    return None

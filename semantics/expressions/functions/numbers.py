"""Functions on numbers, and the conversions that make them: each by the lexical space of XSD, none guessing."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Any

from semantics.expressions import bounds, operators
from semantics.expressions.bounds import BoundError
from semantics.expressions.registry import define
from semantics.expressions.types import Kind, Type
from semantics.lexical import FROM_DATA, FROM_TEXT, Primitive


def _converted(primitive: Primitive, value: Any) -> Any:
    table = FROM_TEXT if isinstance(value, str) else FROM_DATA
    return table[primitive](value)


def _same(types: tuple[Type, ...]) -> Type:
    return types[0]


@define("int(scalar)", "integer", ("int('42')", "42"), ("int(7.0)", "7"))
def int_(value: Any) -> int:
    """A whole number from its text, or from a number without a fraction."""
    return FROM_DATA[Primitive.INTEGER](int(value)) if type(value) is bool else _converted(Primitive.INTEGER, value)  # type: ignore[no-any-return]


@define("decimal(scalar)", "decimal", ("decimal('10.00')", "10.00"), ("decimal(['1', ' 2.50 '])", "[1, 2.50]"))
def decimal(value: Any) -> Decimal:
    """An exact number from its text or from another number."""
    return _converted(Primitive.DECIMAL, value)  # type: ignore[no-any-return]


@define("float(scalar)", "float", ("float('1.5')", "1.5"), ("float('1e3')", "1000.0"))
def float_(value: Any) -> float:
    """A binary number from its text or from another number."""
    return _converted(Primitive.FLOAT, value)  # type: ignore[no-any-return]


@define("bool(scalar)", "boolean", ("bool('true')", "true"), ("bool('0')", "false"))
def bool_(value: Any) -> bool:
    """A boolean from true, false, 1 or 0, as text or number."""
    if type(value) is int and value in (0, 1):
        return value == 1
    return _converted(Primitive.BOOLEAN, value)  # type: ignore[no-any-return]


@define("abs(number)", _same, ("abs(-2.50)", "2.50"), ("abs([-1, null])", "[1, null]"))
def abs_(value: Any) -> Any:
    """The number without its sign."""
    return value.copy_abs() if isinstance(value, Decimal) else abs(value)


def _places(value: Any, places: int = 0) -> None:
    if abs(places) > 300:
        raise BoundError("round() goes to at most 300 places")


def _rounded(types: tuple[Type, ...]) -> Type:
    return Type(Kind.INTEGER, types[0].many) if len(types) == 1 else types[0]


@define("round(number, integer?)", _rounded, ("round(2.5)", "2"), ("round(1.005, 2)", "1.00"), cost=_places)
def round_(value: Any, places: int | None = None) -> Any:
    """The number rounded to a number of decimal places, half to even; to a whole number without them."""
    if places is None:
        return operators.bounded(int(Decimal(value).to_integral_value(ROUND_HALF_EVEN)))
    if isinstance(value, Decimal):
        return operators.bounded(value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, operators.CONTEXT))
    return round(value, places)


@define("floor(number)", "integer", ("floor(-1.5)", "-2"), ("floor(3)", "3"))
def floor(value: Any) -> int:
    """The largest whole number that is not above."""
    return operators.bounded(int(Decimal(value).to_integral_value(ROUND_FLOOR)))  # type: ignore[no-any-return]


@define("ceil(number)", "integer", ("ceil(1.2)", "2"), ("ceil(-1.5)", "-1"))
def ceil(value: Any) -> int:
    """The smallest whole number that is not below."""
    return operators.bounded(int(Decimal(value).to_integral_value(ROUND_CEILING)))  # type: ignore[no-any-return]


def _decimals(values: list[Any]) -> None:
    bounds.list_items(len(values))


@define("sum_decimal([number])", "decimal", ("sum_decimal([1, 2.20])", "3.20"), ("sum_decimal([])", "0"),
        ("sum_decimal([0.1, 0.2, null])", "0.3"), cost=_decimals)  # fmt: skip
def sum_decimal(values: list[Any]) -> Decimal:
    """The exact sum of a list of numbers, a decimal whatever they are; nulls are passed over."""
    total = Decimal(0)
    for value in values:
        if value is not None:
            total = operators.add(total, FROM_DATA[Primitive.DECIMAL](value))
    return total

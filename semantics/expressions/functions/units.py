"""Functions on units of measure (UCUM)."""

from __future__ import annotations

from math import isfinite
from typing import Any

from semantics import units
from semantics.expressions import operators
from semantics.expressions.bounds import BoundError, EvaluationError, SettledError
from semantics.expressions.registry import define
from semantics.expressions.types import Kind, Type


def _converted(types: tuple[Type, ...]) -> Type:
    """A float stays a float; other numbers become decimals."""
    kind = types[0].kind
    return Type(kind if kind in (Kind.FLOAT, Kind.ANY) else Kind.DECIMAL, types[0].many)


def _settled(value: Any, source: str | None, target: str | None) -> None:
    """Constant units are judged at load: each by itself, and both together."""
    try:
        for unit in (source, target):
            if isinstance(unit, str):
                units.read_unit(unit)
        if isinstance(source, str) and isinstance(target, str):
            units.conversion(source, target)
    except units.UnitError as fault:
        raise SettledError(f"convert_unit(): {fault.described()}", fault.hint) from None


@define(
    "convert_unit(number, string, string)", _converted,
    ("convert_unit(37, 'Cel', '[degF]')", "98.6"), ("convert_unit(2.50, 'rec20:KWH', 'MJ')", "9.00"),
    nulls="accepts", settled=_settled,
)  # fmt: skip
def convert_unit(value: Any, source: str | None, target: str | None) -> Any:
    """The value in another unit, both UCUM codes (or rec20: and a code of UN/ECE Recommendation 20), exactly.

    Null of null. A value whose unit is null is no quantity, and is an error rather than silently lost.
    """
    if value is None:
        return None
    if source is None or target is None:
        raise EvaluationError("a value has no unit")
    try:
        found = units.conversion(source, target)
    except units.UnitError as fault:
        raise EvaluationError(str(fault)) from None
    if not operators.is_number(value):
        raise EvaluationError("convert_unit() needs a number")
    if isinstance(value, float):
        if not isfinite(value):
            raise EvaluationError("convert_unit() needs a finite number")
        try:
            return operators.bounded(found.binary(value))
        except OverflowError:
            raise BoundError("a number would not be finite") from None
    return operators.bounded(found(value))


@define("is_unit(string)", "boolean", ("is_unit('mm[Hg]')", "true"), ("is_unit('mmHg')", "false"))
def is_unit(text: str) -> bool:
    """Whether the text is a unit that convert_unit() knows."""
    try:
        units.read_unit(text)
    except units.UnitError:
        return False
    return True


def _settled_scheme(code: str | None, scheme: str | None) -> None:
    if isinstance(scheme, str) and scheme not in units.SCHEMES:
        known = ", ".join(sorted(units.SCHEMES))
        raise SettledError(f"unit_of(): there is no scheme of that name; there are {known}", None)
    if isinstance(code, str) and isinstance(scheme, str):
        try:
            units.ucum_of(code, scheme)
        except units.UnitError as fault:
            raise SettledError(f"unit_of(): {fault.described()}", fault.hint) from None


@define(
    "unit_of(string, string)",
    "string",
    ("unit_of('KWH', 'rec20')", "'kW.h'"),
    ("unit_of(null, 'rec20')", "null"),
    settled=_settled_scheme,
)
def unit_of(code: str, scheme: str) -> str:
    """The UCUM code for a code of another scheme: rec20 (UN/ECE Recommendation 20), symbol or ucum."""
    try:
        return units.ucum_of(code, scheme)
    except units.UnitError as fault:
        raise EvaluationError(str(fault)) from None

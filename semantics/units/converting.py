"""Conversion between units by exact arithmetic: rationals inside, decimals out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from fractions import Fraction
from functools import lru_cache
from typing import Final

from semantics.units.schemes import read_unit
from semantics.units.ucum import Unit, UnitError, familiar

__all__ = ["Conversion", "conversion", "convert"]

_TRAPS: Final = (InvalidOperation, DivisionByZero, Overflow)
_EXACT: Final = Context(prec=5_000, Emax=10_000, Emin=-10_000, traps=list(_TRAPS))
_ROUNDED: Final = Context(prec=34, Emax=10_000, Emin=-10_000, traps=list(_TRAPS))
_PI: Final = Fraction("3.1415926535897932384626433832795028841971693993751058209749445923")


@dataclass(frozen=True, slots=True)
class Conversion:
    """``value * slope + zero``, exactly; ``decimals`` are the two as decimals, where both end."""

    slope: Fraction
    zero: Fraction
    decimals: tuple[Decimal, Decimal] | None

    def __call__(self, value: int | Decimal) -> Decimal:
        """The converted value: every digit where the factor ends, else rounded once to 34 digits, half to even."""
        exact = Decimal(value)
        if self.decimals is None:
            result = Fraction(exact) * self.slope + self.zero
            return _ROUNDED.divide(Decimal(result.numerator), Decimal(result.denominator))
        slope, zero = self.decimals
        product = exact if slope == 1 else _EXACT.multiply(exact, slope)
        return _EXACT.add(product, zero) if zero else product

    def binary(self, value: float) -> float:
        """The converted float: taken as it is written, converted exactly, rounded once. Raises ``OverflowError``."""
        return float(Fraction(repr(value)) * self.slope + self.zero)


def _decimal(number: Fraction) -> Decimal:
    return _EXACT.divide(Decimal(number.numerator), Decimal(number.denominator))


def _ends(number: Fraction) -> bool:
    """Whether the decimal form ends: no prime but 2 and 5 divides the denominator."""
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


@lru_cache(maxsize=1_024)
def conversion(source: str, target: str) -> Conversion:
    """How values in one unit become values in another; both as :func:`~semantics.units.schemes.read_unit` takes them.

    Raises :class:`UnitError` for a text that is no unit, and for two units of different dimensions.

    >>> conversion("Cel", "[degF]")(37)
    Decimal('98.6')
    """
    units = read_unit(source), read_unit(target)
    try:
        return between(*units)
    except UnitError as fault:
        fault.unit, fault.advice = f"{source}' to '{target}", familiar(source, target)
        raise


def between(source: Unit, target: Unit) -> Conversion:
    """The conversion between two units that are read already."""
    if source.dimension != target.dimension:
        if source.measures == target.measures:
            raise UnitError(f"the units are of one kind ({source.measures}), and each converts to itself only")
        raise UnitError(f"{source.measures} does not convert to {target.measures}")
    turns = source.pi - target.pi
    slope = source.factor / target.factor * _PI**turns
    zero = (source.zero - target.zero) / target.factor
    ends = turns == 0 and _ends(slope) and _ends(zero)
    return Conversion(slope, zero, (_decimal(slope), _decimal(zero)) if ends else None)


def convert(value: int | Decimal | float, source: str, target: str) -> Decimal | float:
    """A value in another unit: a decimal of a whole number or a decimal, a float of a float.

    >>> convert(Decimal("7.5"), "[in_i]", "cm")
    Decimal('19.050')
    >>> convert(1.0, "m", "cm")
    100.0
    """
    found = conversion(source, target)
    return found.binary(value) if isinstance(value, float) else found(value)

"""UCUM codes: text in, a factor over base units and a dimension out.

The grammar is that of UCUM, sections 2 to 12: terms of ``.`` and ``/``, exponents, parentheses, annotations in
``{}``, integer factors, prefixes on metric atoms. The parser is bounded in length, depth and size, because a unit
may come from the data.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final

from semantics.errors import closest, escaped
from semantics.units.table import AFFINE, ARBITRARY, BASE, METRIC, NOT_METRIC, PREFIXES, SCALES, WRONG

__all__ = ["CHARACTERS", "ONE", "Unit", "UnitError", "familiar", "parse_unit", "symbols_of", "takes_prefix"]

CHARACTERS: Final = 200
_DEPTH: Final = 16
_EXPONENT: Final = 99
_BITS: Final = 4_096
_TOKEN: Final = re.compile(
    r"(?P<mark>[./()])|(?P<note>\{[!-z|~]*\})"
    r"|(?P<symbol>10[*^]|(?:\[[!-Z\\^-z|~]+\]|[A-Za-z%'_])+)(?P<exponent>[+-]?[0-9]+)?|(?P<factor>[0-9]+)"
)
_FAMILIAR: Final = {
    "°C": "Cel", "degC": "Cel", "C": "Cel", "°F": "[degF]", "degF": "[degF]", "in": "[in_i]", "ft": "[ft_i]",
    "yd": "[yd_i]", "mi": "[mi_i]", "lb": "[lb_av]", "lbs": "[lb_av]", "oz": "[oz_av]", "hr": "h", "sec": "s",
    "psi": "[psi]", "gal": "[gal_us]", "mmHg": "mm[Hg]", "ppm": "[ppm]", "ppb": "[ppb]", "IU": "[iU]",
    "Ω": "Ohm", "mcg": "ug", "cc": "mL", "mph": "[mi_i]/h", "kt": "[kn_i]", "BTU": "[Btu_IT]", "pH": "[pH]",
    "yr": "a", "year": "a", "month": "mo", "week": "wk", "day": "d", "hour": "h", "ohm": "Ohm", "VA": "V.A",
    "kVA": "kV.A", "Wh": "W.h", "kWh": "kW.h", "MWh": "MW.h", "Ah": "A.h", "deg_C": "Cel", "meter": "m",
}  # fmt: skip
_NAMES: Final = {
    "1": "a number (dimension 1)", "L": "length", "L2": "area", "L3": "volume", "T": "time", "M": "mass",
    "C": "temperature", "Q": "electric charge", "F": "luminous intensity", "A": "plane angle",
    "A2": "solid angle", "T-1": "frequency", "L.T-1": "speed", "L.T-2": "acceleration", "L.M.T-2": "force",
    "L2.M.T-2": "energy", "L2.M.T-3": "power", "L-1.M.T-2": "pressure", "Q.T-1": "electric current",
    "L2.M.Q-1.T-2": "voltage", "L2.M.Q-2.T-1": "electric resistance", "L-3.M": "mass concentration",
    "L-3": "number concentration", "L3.T-1": "volume flow", "M.T-1": "mass flow", "L2.T-2": "energy a mass",
}  # fmt: skip

Dimension = tuple[tuple[str, int], ...]


def familiar(*written: str) -> str | None:
    """A hint where a unit is written as people write it; some such spellings are other units (``ft`` is 10^-12 kg)."""
    return next((f"UCUM writes '{_FAMILIAR[text]}'" for text in written if text in _FAMILIAR), None)


class UnitError(ValueError):
    """A text that is no unit, or two units that do not go together.

    Its text says nothing of what the data held; :meth:`described` and :attr:`hint` do, for constants of a mapping.
    """

    def __init__(self, reason: str, unit: str | None = None, symbol: str | None = None, advice: str | None = None):
        super().__init__(reason)
        self.unit, self.symbol, self.advice = unit, symbol, advice

    def described(self) -> str:
        """The reason with what was written."""
        return str(self) if self.unit is None else f"'{escaped(self.unit[:60])}': {self}"

    @property
    def hint(self) -> str | None:
        """What could have been meant."""
        if self.advice is not None or self.symbol is None:
            return self.advice
        return familiar(self.symbol, self.unit or "") or closest(
            self.symbol, (*BASE, *METRIC, *NOT_METRIC, *AFFINE, *SCALES, *ARBITRARY)
        )


@dataclass(frozen=True, slots=True)
class Unit:
    """What a unit is: ``value`` of it are ``value * factor * π**pi + zero`` of the base units of ``dimension``.

    ``special`` units (temperatures with a zero of their own, logarithms) stand alone: UCUM, section 22.
    """

    factor: Fraction
    pi: int = 0
    dimension: Dimension = ()
    zero: Fraction = Fraction(0)
    special: bool = False

    @property
    def measures(self) -> str:
        """What is measured, in words where there are some, else in the letters of UCUM's dimensions.

        >>> parse_unit("kW.h").measures, parse_unit("[iU]/L").measures
        ('energy', 'an arbitrary or logarithmic unit')
        """
        if any(symbol not in _LETTERS for symbol, _ in self.dimension):
            return "an arbitrary or logarithmic unit"
        letters = sorted((BASE[symbol], power) for symbol, power in self.dimension)
        formula = ".".join(letter if power == 1 else f"{letter}{power}" for letter, power in letters) or "1"
        return _NAMES.get(formula, f"dimension {formula}")

    def power(self, exponent: int) -> Unit:
        """The unit raised to a whole power."""
        dimension = tuple((symbol, power * exponent) for symbol, power in self.dimension) if exponent else ()
        return Unit(self.factor**exponent, self.pi * exponent, dimension)

    def times(self, other: Unit) -> Unit:
        """The product of two units."""
        powers = dict(self.dimension)
        for symbol, power in other.dimension:
            powers[symbol] = powers.get(symbol, 0) + power
        dimension = tuple(sorted((symbol, power) for symbol, power in powers.items() if power))
        return Unit(self.factor * other.factor, self.pi + other.pi, dimension)


_LETTERS: Final = frozenset(BASE)
ONE: Final = Unit(Fraction(1))


@lru_cache(maxsize=1_024)
def parse_unit(text: str) -> Unit:
    """The unit that a UCUM code stands for. Raises :class:`UnitError`.

    >>> parse_unit("[in_i]").factor, parse_unit("km/h").factor
    (Fraction(127, 5000), Fraction(5, 18))
    """
    if not text:
        raise UnitError("a unit is empty; the unit of a plain number is 1", text)
    if len(text) > CHARACTERS:
        raise UnitError(f"a unit is longer than {CHARACTERS} characters", text)
    return _parsed(text, _prefixed)


def symbols_of(text: str) -> Unit:
    """The unit with every symbol that is written in it as a dimension of its own; symbols are not looked up.

    >>> symbols_of("2.km/h").dimension
    (('h', -1), ('km', 1))
    """
    return _parsed(text, lambda symbol: Unit(Fraction(1), dimension=((symbol, 1),)))


def _parsed(text: str, read: Callable[[str], Unit]) -> Unit:
    try:
        return _Parser(text, read).unit()
    except UnitError as fault:
        fault.unit = text
        raise


class _Parser:
    """Recursive descent over the tokens of one code; ``read`` says what a symbol is."""

    def __init__(self, text: str, read: Callable[[str], Unit]) -> None:
        self.text, self.read, self.tokens, self.at = text, read, _tokens(text), 0

    def unit(self) -> Unit:
        """A whole code: a term, with ``/`` in front allowed (section 7)."""
        found = self._term(0, leading=True)
        if self.at < len(self.tokens):
            raise UnitError("a parenthesis of a unit closes what none has opened")
        return found

    def _mark(self, *marks: str) -> str | None:
        """The next token if it is one of ``marks``; it is consumed."""
        if self.at < len(self.tokens) and self.tokens[self.at]["mark"] in marks:
            self.at += 1
            return self.tokens[self.at - 1]["mark"]
        return None

    def _term(self, depth: int, *, leading: bool = False) -> Unit:
        """Components from left to right; ``a/b.c`` is ``(a/b).c`` (section 7)."""
        if depth > _DEPTH:
            raise UnitError(f"a unit is more than {_DEPTH} parentheses deep")
        sign = self._mark("/") if leading else None
        found = self._component(depth)
        found = _product(ONE, found, -1) if sign else found
        while (sign := self._mark(".", "/")) is not None:
            found = _product(found, self._component(depth), -1 if sign == "/" else 1)
        return found

    def _component(self, depth: int) -> Unit:
        """A parenthesis, an annotation (which is 1), a factor, or an atom with prefix and exponent."""
        if self._mark("("):
            found = self._term(depth + 1)
            if not self._mark(")"):
                raise UnitError("a parenthesis of a unit is not closed")
        elif self.at == len(self.tokens) or self.tokens[self.at]["mark"]:
            raise UnitError("a unit lacks a part before or after '.' or '/'")
        else:
            token = self.tokens[self.at]
            if token["note"]:
                return self._noted(ONE)
            self.at += 1
            found = _factor(token["factor"]) if token["factor"] else self._simple(token)
        return self._noted(found)

    def _noted(self, found: Unit) -> Unit:
        """An annotation changes nothing (section 6); nothing but an operator may follow."""
        if self.at < len(self.tokens) and self.tokens[self.at]["note"]:
            self.at += 1
        if self.at < len(self.tokens) and self.tokens[self.at]["mark"] not in (".", "/", ")"):
            raise UnitError("two parts of a unit stand together without '.' or '/'", symbol=self.text)
        return found

    def _simple(self, token: re.Match[str]) -> Unit:
        """A symbol with its exponent."""
        power = int(token["exponent"] or 1)
        found = self.read(token["symbol"])
        if abs(power) > _EXPONENT:
            raise UnitError(f"an exponent of a unit is beyond {_EXPONENT}")
        if power == 1:
            return found
        _ratio(found)
        return _bounded(found.power(power))


def _tokens(text: str) -> list[re.Match[str]]:
    found = []
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise UnitError(f"a unit has a character at position {at + 1} that does not belong", symbol=text)
        found.append(token)
        at = token.end()
    return found


def _factor(digits: str) -> Unit:
    number = int(digits)
    if not number:
        raise UnitError("a unit has the factor zero")
    return _bounded(Unit(Fraction(number)))


def _product(left: Unit, right: Unit, power: int) -> Unit:
    _ratio(left)
    _ratio(right)
    return _bounded(left.times(right.power(power)))


def _ratio(unit: Unit) -> None:
    """Special units take part in no product or power (section 22)."""
    if unit.special:
        raise UnitError(
            "a special unit is part of a product or a power", advice="for a difference of temperatures write K"
        )


def _bounded(unit: Unit) -> Unit:
    if max(unit.factor.numerator.bit_length(), unit.factor.denominator.bit_length()) > _BITS:
        raise UnitError("the factor of a unit is out of bounds")
    return unit


@lru_cache(maxsize=1_024)
def _prefixed(symbol: str) -> Unit:
    """An atom, or a metric atom with a prefix; no code can be read both ways (section 27)."""
    found = _atom(symbol)
    if found is not None:
        return found[0]
    for length in (1, 2):
        prefix, rest = symbol[:length], symbol[length:]
        inner = _atom(rest) if prefix in PREFIXES else None
        if inner is not None and inner[1]:
            unit = inner[0]
            return Unit(unit.factor * PREFIXES[prefix], unit.pi, unit.dimension, unit.zero, unit.special)
    raise UnitError("a unit has a symbol that UCUM does not have", symbol=symbol)


def takes_prefix(symbol: str) -> bool:
    """Whether an atom is metric."""
    found = _atom(symbol)
    return found is not None and found[1]


@lru_cache(maxsize=1_024)
def _atom(symbol: str) -> tuple[Unit, bool] | None:
    """The unit of an atom, and whether it takes a prefix."""
    if symbol in WRONG:
        raise UnitError(WRONG[symbol])
    if symbol in BASE:
        return Unit(Fraction(1), dimension=((symbol, 1),)), True
    if symbol in ("10*", "10^"):
        return Unit(Fraction(10)), False
    if symbol == "[pi]":
        return Unit(Fraction(1), pi=1), False
    if symbol == "[IU]":
        return _atom("[iU]")
    if symbol in AFFINE:
        degree, zero, metric = AFFINE[symbol]
        return Unit(degree, dimension=(("K", 1),), zero=zero, special=True), metric
    for table, special in ((SCALES, True), (ARBITRARY, False)):
        if symbol in table:
            return Unit(Fraction(1), dimension=((symbol, 1),), special=special), table[symbol]
    for atoms, metric in ((METRIC, True), (NOT_METRIC, False)):
        if symbol in atoms:
            value, unit = atoms[symbol]
            return Unit(value).times(parse_unit(unit)), metric
    return None

"""Checks of single scalar values: the type's value space, permissible values, and facets.

A :class:`ValueCheck` has two ways to say yes. ``quick`` may say no to a rare valid value, and is one call
into C wherever that is possible; ``exact`` is the definition, by :data:`semantics.lexical.FROM_DATA`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import inf, isfinite
from typing import Any, Final

from semantics.errors import shape
from semantics.lexical import FROM_DATA, MAX_EXPONENT, LexicalError, Primitive, decimal_text
from semantics.patterns import compile_pattern
from semantics.schema.model import EnumModel, SlotExpression, TypeModel
from semantics.validation.findings import Place, shortened

__all__ = ["Facet", "ValueCheck", "any_check", "enum_check", "facets_of", "scalar_check", "type_check"]

MAX_LISTED: Final = 12
"""Permissible values are listed in a hint up to this number."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One test of a scalar: ``fault`` gives None for a value that passes, else what was expected and found.

    ``quick``, where there is one, is true only for values that pass, given that they are of the slot's type.
    """

    code: str
    constraint: str
    fault: Callable[[Any], str | None]
    hint: str | None = None
    quick: Callable[[Any], object] | None = None


@dataclass(frozen=True, slots=True)
class ValueCheck:
    """A check of one value, null excluded.

    ``only``: every value of exactly this Python type passes. ``quick``: true only for values that pass; it
    may raise TypeError or KeyError on a value that does not. ``exact``: true for those and no others.
    ``explain`` notes at least one finding for every value that ``exact`` refuses.
    """

    exact: Callable[[Any], bool]
    explain: Callable[[Any, Place], None]
    quick: Callable[[Any], object]
    only: type | None = None


_IRI_TAIL: Final = r"[!#-;=?-\[\]_a-z~]*"
_DAY: Final = r"[1-9][0-9]{3}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
_CLOCK: Final = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
_PLAIN: Final[dict[Primitive, str]] = {
    Primitive.DATE: f"^{_DAY}$",
    Primitive.DATETIME: f"^{_DAY}T{_CLOCK}$",
    Primitive.DATE_OR_DATETIME: f"^{_DAY}(T{_CLOCK})?$",
    Primitive.TIME: f"^{_CLOCK}$",
    Primitive.URI: f"^[A-Za-z][A-Za-z0-9+.-]*:{_IRI_TAIL}$",
    Primitive.URIORCURIE: f"^([A-Za-z][A-Za-z0-9+.-]*|[A-Za-z_][A-Za-z0-9_.-]*):{_IRI_TAIL}$",
    Primitive.CURIE: f"^[A-Za-z_][A-Za-z0-9_.-]*:{_IRI_TAIL}$",
    Primitive.NCNAME: "^[A-Za-z_][A-Za-z0-9_.-]*$",
}
"""Most values of a lexical form, for a quick yes in one call: a subset of what FROM_DATA takes."""


# -- types ---------------------------------------------------------------------------------------


def type_check(type_: TypeModel, extra: Iterable[Facet] = ()) -> ValueCheck:
    """A value of a type, with the facets that the type has and the ``extra`` ones of the slot."""
    own = facets_of(
        SlotExpression(
            minimum_value=type_.minimum_value,
            maximum_value=type_.maximum_value,
            equals_string_in=type_.equals_string_in,
        ),
        type_.primitive,
    )
    patterns = tuple(_pattern(pattern) for pattern in type_.patterns)
    return scalar_check(_gate(type_), (*patterns, *own, *extra), type_.primitive)


def _gate(type_: TypeModel) -> Facet:
    read = FROM_DATA[type_.primitive]

    def fault(value: Any) -> str | None:
        try:
            read(value)
        except LexicalError as refusal:
            return str(refusal)
        return None

    return Facet("VAL003", "range", fault, None if type_.builtin else f"the type is '{type_.name}'")


def enum_check(enum: EnumModel, extra: Iterable[Facet] = ()) -> ValueCheck:
    """Text equal to a permissible value."""
    values = frozenset(enum.values)
    listed = f"one of: {', '.join(shortened(text, 40) for text in enum.values)}"

    def fault(value: Any) -> str | None:
        if isinstance(value, str) and value in values:
            return None
        return f"expected one of the {len(values)} values of {enum.name}, found {shape(value)}"

    gate = Facet("VAL004", "range", fault, listed if len(values) <= MAX_LISTED else None)
    check = scalar_check(gate, tuple(extra), Primitive.STRING)
    if check.only is None:
        return check
    return ValueCheck(check.exact, check.explain, values.__contains__)


def any_check(extra: Iterable[Facet] = ()) -> ValueCheck:
    """Any value at all but null."""
    gate = Facet("VAL003", "range", lambda value: "expected a value" if value is None else None)
    return scalar_check(gate, tuple(extra), None)


def scalar_check(gate: Facet, facets: tuple[Facet, ...], primitive: Primitive | None) -> ValueCheck:
    """The check that a value passes ``gate`` and then every one of ``facets``."""

    def exact(value: Any) -> bool:
        if gate.fault(value) is not None:
            return False
        return all(facet.fault(value) is None for facet in facets)

    def explain(value: Any, place: Place) -> None:
        for facet in (gate,) if gate.fault(value) is not None else facets:
            if (text := facet.fault(value)) is not None:
                place.note(facet.code, facet.constraint, text, hint=facet.hint)

    only, quick = _quickest(primitive, facets, exact)
    return ValueCheck(exact, explain, quick, only)


def _quickest(
    primitive: Primitive | None, facets: tuple[Facet, ...], exact: Callable[[Any], bool]
) -> tuple[type | None, Callable[[Any], object]]:
    """The type that is enough by itself, and the cheapest test that never says yes wrongly."""
    base = _base(primitive)
    if not facets:
        only = _ONLY.get(primitive) if primitive else None
        return only, base or exact
    tests = [facet.quick for facet in facets if facet.quick is not None]
    if len(tests) < len(facets) or not (base or primitive is Primitive.STRING):
        return None, exact
    # A pattern is refused on all but text, so text needs no test of its own before it.
    if base is None and facets[0].constraint != "pattern":
        return None, exact
    return None, _both([*([base] if base else []), *tests])


def _both(tests: list[Callable[[Any], object]]) -> Callable[[Any], object]:
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        return lambda value: first(value) and second(value)
    return lambda value: all(test(value) for test in tests)


def _small_integer(value: Any) -> bool:
    return type(value) is int and -(2**63) <= value < 2**63


def _plain_decimal(value: Any) -> bool:
    if type(value) is Decimal:
        return value.is_finite() and -MAX_EXPONENT <= value.adjusted() <= MAX_EXPONENT
    return _small_integer(value)


def _plain_float(value: Any) -> bool:
    if type(value) is float:
        return isfinite(value)
    return _plain_decimal(value) and isfinite(float(value))


_ONLY: Final[dict[Primitive, type]] = {Primitive.STRING: str, Primitive.BOOLEAN: bool}
_NUMBERS: Final[dict[Primitive, Callable[[Any], bool]]] = {
    Primitive.INTEGER: _small_integer,
    Primitive.DECIMAL: _plain_decimal,
    Primitive.FLOAT: _plain_float,
}


def _base(primitive: Primitive | None) -> Callable[[Any], object] | None:
    """The quick test of a type before any facet; None where text is all it wants."""
    if primitive in _PLAIN:
        return compile_pattern(_PLAIN[primitive])
    return None if primitive is None else _NUMBERS.get(primitive)


# -- facets --------------------------------------------------------------------------------------


def facets_of(expression: SlotExpression, primitive: Primitive | None = None) -> tuple[Facet, ...]:
    """The facets that a slot expression adds for each single value; ``primitive`` where it is known."""
    found = [_pattern(expression.pattern)] if expression.pattern is not None else []
    if expression.minimum_value is not None or expression.maximum_value is not None:
        found.append(_bounds(expression.minimum_value, expression.maximum_value, primitive))
    if expression.equals_string is not None:
        found.append(_equal_text("equals_string", (expression.equals_string,)))
    if expression.equals_string_in:
        found.append(_equal_text("equals_string_in", expression.equals_string_in))
    if expression.equals_number is not None:
        found.append(_equal_number(expression.equals_number, primitive))
    return tuple(found)


def _pattern(pattern: str) -> Facet:
    """A search in text."""
    matches = compile_pattern(pattern)

    def fault(value: Any) -> str | None:
        text = lexical_form(value)
        if text is not None and matches(text):
            return None
        return f"expected text that matches the pattern, found {shape(value)}"

    return Facet("VAL005", "pattern", fault, f"the pattern is {shortened(pattern, 120)}", matches)


def lexical_form(value: Any) -> str | None:
    """The text that a pattern is searched in: text as it is, numbers and booleans in their XSD form."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    number = _number(value)
    return None if number is None else decimal_text(number)


def _number(value: Any) -> Decimal | int | None:
    """An exact number to compare by; a float counts as its shortest decimal form."""
    kind = type(value)
    if kind is int:
        return value  # type: ignore[no-any-return]
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if kind is float and isfinite(value):
        return Decimal(repr(value))
    return None


def _comparable(primitive: Primitive | None) -> Callable[[Any], Decimal | int | None]:
    """How values of a type are read for a comparison: binary numbers lose what their type cannot hold."""
    if primitive is not Primitive.FLOAT:
        return _number

    def read(value: Any) -> Decimal | int | None:
        number = _number(value)
        try:
            return None if number is None else _number(float(number))
        except OverflowError:
            return None

    return read


def _bounds(low: Decimal | None, high: Decimal | None, primitive: Primitive | None) -> Facet:
    read = _comparable(primitive)
    limits = [f"{word} {decimal_text(limit)}" for word, limit in (("at least", low), ("at most", high))
              if limit is not None]  # fmt: skip

    def fault(value: Any) -> str | None:
        number = read(value)
        if number is None:
            return f"expected a number {' and '.join(limits)}, found {shape(value)}"
        if (low is None or number >= low) and (high is None or number <= high):
            return None
        return f"expected a number {' and '.join(limits)}, found one beyond"

    constraint = "minimum_value" if high is None else "maximum_value"
    return Facet("VAL006", constraint, fault, quick=_within(low, high, primitive))


def _within(low: Decimal | None, high: Decimal | None, primitive: Primitive | None) -> Callable[[Any], bool]:
    """Whether a number is surely within bounds; only equal binary numbers are left to the exact test."""
    if primitive is Primitive.FLOAT:
        floor = -inf if low is None else float(low)
        ceiling = inf if high is None else float(high)
        return lambda value: type(value) is float and floor < value < ceiling
    least = Decimal("-Infinity") if low is None else low
    most = Decimal("Infinity") if high is None else high
    return lambda value: type(value) is not float and least <= value <= most


def _equal_text(constraint: str, texts: tuple[str, ...]) -> Facet:
    allowed = frozenset(texts)
    listed = ", ".join(f"'{shortened(text, 40)}'" for text in texts[:MAX_LISTED])

    def fault(value: Any) -> str | None:
        if isinstance(value, str) and value in allowed:
            return None
        return f"expected {'one of ' if len(texts) > 1 else ''}{listed}, found {shape(value)}"

    return Facet("VAL016", constraint, fault)


def _equal_number(number: Decimal, primitive: Primitive | None) -> Facet:
    read = _comparable(primitive)

    def fault(value: Any) -> str | None:
        return None if read(value) == number else f"expected {number}, found {shape(value)}"

    return Facet("VAL016", "equals_number", fault)

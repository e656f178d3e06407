"""What may stand at a place of JSON, and how several descriptions of it go together: one of them, or all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from semantics.importers.description import Values, number_of

__all__ = ["ANY", "NOTHING", "Found", "Tell", "codes", "either", "every", "narrowed"]

ANY: Final = Values(range="Any")
_TEXT: Final = Values(range="string")
_NUMBERS: Final = ("integer", "decimal", "float", "double")
_OTHER: Final = frozenset({*_NUMBERS, "boolean", "Any", None})
Tell = Callable[[str, str], None]
"""Takes the code and the message of what is not carried."""


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at a place: the values, whether in a list or by key, and whether null is one of them."""

    values: Values
    many: bool = False
    keyed: bool = False
    inlined: bool = False
    nullable: bool = False
    low: int | None = None
    high: int | None = None
    unique: bool = False

    @property
    def anything(self) -> bool:
        """Whether nothing is said of it."""
        return replace(self, nullable=False) == Found(ANY)


NOTHING: Final = Found(ANY, nullable=True, high=0)
"""No value, or null."""


def codes(given: Sequence[Any], tell: Tell) -> Found:
    """Codes that are not all texts: numbers, booleans, or kinds of values together.

    >>> found = codes([1, 2, None], print)
    >>> found.values.range, [part.equals_number for part in found.values.any_of], found.nullable
    ('integer', [1, 2], True)
    """
    nullable = None in given
    parts: list[Values] = []
    for code in (each for each in given if each is not None):
        if isinstance(code, bool):
            parts.append(Values(range="boolean", pattern=f"^{str(code).lower()}$"))
        elif isinstance(code, str):
            parts.append(Values(range="string", equals_string=code))
        elif (number := number_of(code)) is None:
            parts.append(ANY)
        else:
            parts.append(Values(range="integer" if isinstance(number, int) else "decimal", equals_number=number))
    parts = list(dict.fromkeys(parts))
    if not parts:
        return NOTHING
    if ANY in parts:
        tell("IMP010", "'enum' is not carried: LinkML's codes are text or numbers")
        return Found(ANY, nullable=nullable)
    if {part.range for part in parts} == {"boolean"} and len(parts) > 1:
        return Found(Values(range="boolean"), nullable=nullable)
    if len({part.range for part in parts}) == 1 and len(parts) > 1:
        alike = tuple(replace(part, range=None) for part in parts)
        return Found(Values(range=parts[0].range, any_of=alike), nullable=nullable)
    return Found(parts[0] if len(parts) == 1 else Values(any_of=tuple(parts)), nullable=nullable)


def either(parts: Sequence[Found], tell: Tell) -> Found:
    """One of several; lists and single values together are more than LinkML can say."""
    nullable = any(part.nullable for part in parts)
    parts = list(dict.fromkeys(replace(part, nullable=False) for part in parts if part != NOTHING))
    if not parts:
        return NOTHING
    if len(parts) == 1:
        return replace(parts[0], nullable=nullable)
    if len({(part.many, part.keyed) for part in parts}) > 1 or any(part.keyed for part in parts):
        tell("IMP011", "one value or several, or objects by key or not: any value is taken")
        return Found(ANY, nullable=nullable)
    flat: list[Values] = []
    for part in parts:
        alone = part.values.any_of and part.values == Values(any_of=part.values.any_of)
        flat += part.values.any_of if alone else [part.values]
    flat = list(dict.fromkeys(flat))
    lows, highs = [part.low or 0 for part in parts], [part.high for part in parts]
    found = Found(ANY, parts[0].many, nullable=nullable, low=min(lows) or None,
                  high=None if None in highs else max(each for each in highs if each is not None))  # fmt: skip
    if ANY in flat:
        tell("IMP011", "one of the alternatives takes any value, so any value is taken")
        return found
    plain = {each.range for each in flat if each == Values(range=each.range)}
    flat = [each for each in flat if each == Values(range=each.range) or each.range not in plain]
    values = flat[0] if len(flat) == 1 else Values(any_of=tuple(flat))
    return replace(found, values=values, inlined=any(part.inlined for part in parts))


def every(parts: Sequence[Found], tell: Tell) -> Found:
    """All of several: what one of them says in general is left out where another says it more narrowly."""
    nullable = all(part.nullable or part.anything for part in parts) and any(part.nullable for part in parts)
    if NOTHING in parts:
        return NOTHING
    said = list(dict.fromkeys(replace(part, nullable=False) for part in parts if not part.anything))
    if not said:
        return Found(ANY, nullable=nullable)
    if len({(part.many, part.keyed) for part in said}) > 1:
        tell("IMP010", "'allOf' is not carried: one part asks for one value and another for several")
        return replace(said[-1], nullable=nullable)
    lows = [part.low for part in said if part.low is not None]
    highs = [part.high for part in said if part.high is not None]
    values = list(dict.fromkeys(part.values for part in said if part.values != ANY))
    narrow = [each for each in values if not any(_implied(each, other) for other in values if other is not each)]
    first, *others = narrow or [ANY]
    if others and first.range == "string":  # beside parts with ranges LinkML takes it for the default
        first = replace(ANY, all_of=(first, *others))
    elif others:
        first = replace(first, all_of=(*first.all_of, *others))
    return Found(
        first, said[0].many, said[0].keyed, inlined=any(part.inlined for part in said), nullable=nullable,
        low=max(lows, default=None), high=min(highs, default=None), unique=any(part.unique for part in said),
    )  # fmt: skip


def narrowed(values: Values, above: Values) -> Values:
    """What is said beyond what is said above: a slot that is refined keeps what it is not told anew.

    >>> part = narrowed(Values(range="string", minimum_value=1), Values(range="Code", minimum_value=2))
    >>> part.range, part.minimum_value
    (None, 2)
    """
    if values == ANY or _implied(Values(range=values.range), above):
        values = replace(values, range=None)
    if values.pattern and above.pattern and values.pattern != above.pattern:
        values = replace(values, pattern=None, all_of=(*values.all_of, Values(pattern=values.pattern)))
    lows = [each.minimum_value for each in (values, above) if each.minimum_value is not None]
    highs = [each.maximum_value for each in (values, above) if each.maximum_value is not None]
    return replace(values, minimum_value=max(lows) if values.minimum_value is not None else None,
                   maximum_value=min(highs) if values.maximum_value is not None else None)  # fmt: skip


def _implied(plain: Values, other: Values) -> bool:
    """Whether a bare range is said by another description too."""
    if plain != Values(range=plain.range):
        return False
    ranges = {other.range} if other.range else {part.range for part in other.any_of}
    if plain == _TEXT:
        return not ranges & _OTHER
    return ranges == {plain.range} or (plain.range == "decimal" and ranges <= set(_NUMBERS))

"""Simple types of XML Schema: the built-in ones by LinkML's types, facets as patterns and bounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Final

from semantics.importers.description import Number, Values, number_of
from semantics.patterns import PatternError, compile_pattern

__all__ = ["BUILTIN", "FACETS", "KEPT", "SILENT", "TOLD", "faceted"]

BUILTIN: Final[dict[str, Values]] = {
    **{name: Values(range="integer") for name in ("integer", "int", "long", "short", "byte")},
    **{name: Values(range="integer", minimum_value=0)
       for name in ("nonNegativeInteger", "unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte")},
    "positiveInteger": Values(range="integer", minimum_value=1),
    "negativeInteger": Values(range="integer", maximum_value=-1),
    "nonPositiveInteger": Values(range="integer", maximum_value=0),
    "decimal": Values(range="decimal"),
    "float": Values(range="float"),
    "double": Values(range="double"),
    "boolean": Values(range="boolean"),
    "date": Values(range="date"),
    "dateTime": Values(range="datetime"),
    "time": Values(range="time"),
    "gYear": Values(range="string", pattern=r"^-?[0-9]{4,}(Z|[+-][0-9]{2}:[0-9]{2})?$"),
    "gYearMonth": Values(range="string", pattern=r"^-?[0-9]{4,}-[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})?$"),
    "duration": Values(range="string", pattern=r"^-?P[0-9DHMSTY.]+$"),
    "hexBinary": Values(range="string", pattern="^([0-9A-Fa-f]{2})*$"),
}  # fmt: skip
"""Built-in types that are more than text, by what their values are in LinkML."""

KEPT: Final = frozenset({
    "all", "any", "anyAttribute", "attribute", "attributeGroup", "choice", "complexContent", "complexType",
    "documentation", "element", "enumeration", "extension", "fractionDigits", "group", "import", "include", "length",
    "list", "maxExclusive", "maxInclusive", "maxLength", "minExclusive", "minInclusive", "minLength", "pattern",
    "restriction", "schema", "sequence", "simpleContent", "simpleType", "totalDigits", "union",
})  # fmt: skip
"""Elements of XML Schema 1.0 that are carried; what of them is not has a finding where it is found."""

SILENT: Final = frozenset({"annotation", "appinfo", "field", "notation", "selector", "whiteSpace"})
"""Elements that say nothing about which documents are valid once they are read, or belong to one that is told."""

TOLD: Final[dict[str, str]] = {
    "key": "keys over several elements are not asked for",
    "keyref": "keys over several elements are not asked for",
    "redefine": "what it defines anew is taken as it is in the other file",
    "unique": "keys over several elements are not asked for",
}
"""Elements that LinkML has nothing for, and why."""

FACETS: Final = frozenset({
    "fractionDigits", "length", "maxExclusive", "maxInclusive", "maxLength", "minExclusive", "minInclusive",
    "minLength", "pattern", "totalDigits",
})  # fmt: skip
"""What a restriction says of values one by one; an enumeration lists them."""

_NUMBERS: Final = ("integer", "decimal", "float", "double")
_LONGEST: Final = 1_000


def faceted(base: Values, facets: Sequence[tuple[str, str]], told: Callable[[str, str], None]) -> Values:
    r"""A simple type with facets: name and value of each. ``told`` takes what LinkML cannot say.

    >>> faceted(Values(range="string"), [("maxLength", "35")], print).pattern
    '^[\\s\\S]{0,35}$'
    """
    found = dict(facets)
    patterns = [text for name, text in facets if name == "pattern"]
    values = base
    if values.range in _NUMBERS:
        values = _bounded(values, found)
    texts = [text for text in (_joined(patterns, told), _length(found, told)) if text is not None]
    if values.range in (*_NUMBERS, "boolean", "date", "datetime", "time"):
        for name in ("totalDigits", "fractionDigits"):
            if name in found:
                told(name, "LinkML has no count of digits")
        if patterns:
            told("pattern", "a pattern of values that are no text")
        return values
    if base.pattern is not None:
        texts.insert(0, base.pattern)
    if len(texts) == 1 and not values.all_of:
        return replace(values, pattern=texts[0])
    return replace(values, pattern=None, all_of=(*values.all_of, *(Values(pattern=text) for text in texts)))


def _joined(patterns: list[str], told: Callable[[str, str], None]) -> str | None:
    """Patterns of one restriction: one of them fits the whole text."""
    if not patterns:
        return None
    inner = "|".join(patterns) if len(patterns) == 1 else "|".join(f"(?:{each})" for each in patterns)
    text = inner if inner.startswith("^") else f"^(?:{inner})$" if "|" in inner else f"^{inner}$"
    text = text.replace("\\i", "[\\p{L}_:]").replace("\\c", "[\\p{L}\\p{N}._:-]")
    try:
        compile_pattern(text)
    except PatternError as fault:
        told("pattern", f"the pattern is not one of the linear-time engine: {fault}")
        return None
    return text


def _length(facets: dict[str, str], told: Callable[[str, str], None]) -> str | None:
    exact = facets.get("length")
    low, high = (_whole(facets.get(name, exact)) for name in ("minLength", "maxLength"))
    if not low and high is None:
        return None
    if max(low or 0, high or 0) > _LONGEST:
        told("maxLength", f"lengths over {_LONGEST} are not kept")
        return None
    return f"^[\\s\\S]{{{low or 0},{'' if high is None else high}}}$"


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.strip().isdecimal() and len(text) < 10 else None


def _number(text: str | None) -> Number | None:
    try:
        number = Decimal(text.strip()) if text is not None else None
    except InvalidOperation:
        return None
    return number_of(number)


def _bounded(values: Values, facets: dict[str, str]) -> Values:
    low, high = _number(facets.get("minInclusive")), _number(facets.get("maxInclusive"))
    not_these = []
    for name, sign in (("minExclusive", 1), ("maxExclusive", -1)):
        bound = _number(facets.get(name))
        if bound is None:
            continue
        if values.range == "integer":
            bound = int(bound) + sign
        else:
            not_these.append(Values(equals_number=bound))
        low, high = (bound, high) if sign > 0 else (low, bound)
    return replace(
        values, minimum_value=values.minimum_value if low is None else low,
        maximum_value=values.maximum_value if high is None else high, none_of=(*values.none_of, *not_these),
    )  # fmt: skip

"""The keywords of JSON Schema (draft-04 to 2020-12) and OpenAPI 3 that describe one value without structure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from semantics.importers.description import Number, Values
from semantics.patterns import PatternError, compile_pattern

__all__ = ["CARRIED", "FORMATS", "constraints", "scalar_range"]

FORMATS: Final = {
    "date": "date", "date-time": "datetime", "datetime": "datetime", "time": "time", "uri": "uri", "url": "uri",
    "iri": "uri", "float": "float", "double": "double",
}  # fmt: skip
"""Formats that are a type of LinkML; any other is kept as an annotation."""

CARRIED: Final = frozenset({
    "$schema", "$id", "id", "$ref", "$defs", "definitions", "$anchor", "$comment", "$vocabulary", "title",
    "description", "type", "format", "enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum",
    "exclusiveMinimum", "exclusiveMaximum", "properties", "required", "additionalProperties", "items", "minItems",
    "maxItems", "uniqueItems", "allOf", "anyOf", "oneOf", "nullable", "discriminator", "deprecated", "examples",
    "example", "readOnly", "writeOnly", "default", "prefixItems", "not", "if", "then", "else",
    "patternProperties", "additionalItems", "multipleOf", "xml", "version", "externalDocs",
    "unevaluatedProperties",
})  # fmt: skip
"""Keywords that are carried, that say nothing of the values, or for which a finding of their own is told."""

_NUMBERS: Final = {"integer": "integer", "number": "decimal"}
_LONGEST: Final = 1_000


def scalar_range(kind: str | None, form: Any) -> str | None:
    """The LinkML type of a JSON type and format; None where it is no scalar.

    >>> scalar_range("string", "date-time"), scalar_range("number", None)
    ('datetime', 'decimal')
    """
    found = FORMATS.get(form) if isinstance(form, str) else None
    if kind in _NUMBERS:
        return found if found in ("float", "double") and kind == "number" else _NUMBERS[str(kind)]
    if kind == "boolean":
        return "boolean"
    if kind in ("string", None):
        return (found if found not in ("float", "double") else None) or "string"
    return None


def constraints(data: Mapping[str, Any], range_: str, told: Callable[[str, str], None]) -> Values:
    r"""What the keywords of a scalar say; ``told`` takes the keyword and the reason where LinkML cannot say it.

    >>> constraints({"minLength": 1, "maxLength": 35}, "string", print).pattern
    '^[\\s\\S]{1,35}$'
    """
    values = Values(range=range_)
    if range_ in ("integer", "decimal", "float", "double"):
        return _bounded(values, data, told)
    if range_ == "boolean":
        return values
    patterns = [text for text in (_pattern(data, told), _length(data, told)) if text is not None]
    if len(patterns) == 1:
        return replace(values, pattern=patterns[0])
    return replace(values, all_of=tuple(Values(pattern=text) for text in patterns))


def _pattern(data: Mapping[str, Any], told: Callable[[str, str], None]) -> str | None:
    text = data.get("pattern")
    if not isinstance(text, str):
        return None
    text = text.replace("\\/", "/")
    try:
        compile_pattern(text)
    except PatternError as fault:
        told("pattern", f"the pattern is not one of the linear-time engine: {fault}")
        return None
    return text


def _length(data: Mapping[str, Any], told: Callable[[str, str], None]) -> str | None:
    """A length as a pattern."""
    low, high = _count(data.get("minLength")), _count(data.get("maxLength"))
    if not low and high is None:
        return None
    if max(low or 0, high or 0) > _LONGEST:
        told("maxLength" if (high or 0) > _LONGEST else "minLength", f"lengths over {_LONGEST} are not kept")
        high = None
        if not low or low > _LONGEST:
            return None
    text = f"^[\\s\\S]{{{low or 0},{'' if high is None else high}}}$"
    try:
        compile_pattern(text)
    except PatternError:
        told("maxLength", "the length is too large for a pattern")
        return None
    return text


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else None


def _number(value: Any) -> Number | None:
    return value if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else None


def _bounded(values: Values, data: Mapping[str, Any], told: Callable[[str, str], None]) -> Values:
    """Bounds; an exclusive one is the bound and not the number itself (of whole numbers, the next one)."""
    low, high, not_these = _number(data.get("minimum")), _number(data.get("maximum")), []
    for key, sign in (("exclusiveMinimum", 1), ("exclusiveMaximum", -1)):
        given = data.get(key)
        bound = _number(given) if given is not True else (low if sign > 0 else high)
        if bound is None:
            continue
        if values.range == "integer" and bound == int(bound):
            bound = int(bound) + sign
        else:
            not_these.append(Values(equals_number=bound))
        if sign > 0:
            low = bound if low is None else max(low, bound)
        else:
            high = bound if high is None else min(high, bound)
    step = _number(data.get("multipleOf"))
    if step is not None and not (step == 1 and values.range == "integer"):
        told("multipleOf", "LinkML has no multiples")
    return replace(values, minimum_value=low, maximum_value=high, none_of=tuple(not_these))

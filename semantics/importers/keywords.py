"""The keywords of JSON Schema (draft-04 to 2020-12) and OpenAPI 3 that describe one value without structure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from semantics.importers.description import Values, number_of
from semantics.patterns import PatternError, compile_pattern

__all__ = ["CARRIED", "FORMATS", "KEPT", "SILENT", "TOLD", "constraints", "not_carried", "scalar_range"]

FORMATS: Final = {
    "date": "date", "date-time": "datetime", "datetime": "datetime", "time": "time", "uri": "uri", "url": "uri",
    "iri": "uri", "float": "float", "double": "double",
}  # fmt: skip
"""Formats that are a type of LinkML; any other is kept as an annotation."""

KEPT: Final = frozenset({
    "$anchor", "$defs", "$dynamicAnchor", "$dynamicRef", "$id", "$recursiveAnchor", "$recursiveRef", "$ref",
    "additionalProperties", "allOf", "anyOf", "const", "default", "definitions", "deprecated", "description",
    "discriminator", "else", "enum", "exclusiveMaximum", "exclusiveMinimum", "format", "id", "items", "maxItems",
    "maxLength", "maximum", "minItems", "minLength", "minimum", "multipleOf", "nullable", "oneOf", "pattern",
    "patternProperties", "prefixItems", "properties", "readOnly", "required", "then", "title", "type",
    "unevaluatedProperties", "writeOnly",
})  # fmt: skip
"""Keywords that are carried; what of them is not has a finding where it is found."""

SILENT: Final = frozenset({
    "$comment", "$schema", "$vocabulary", "contentEncoding", "contentMediaType", "contentSchema", "example", "examples",
    "externalDocs", "version", "xml",
})  # fmt: skip
"""Keywords that say nothing about which values are valid."""

TOLD: Final[dict[str, str]] = {
    "additionalItems": "LinkML's lists have one kind of value at every position",
    "contains": "LinkML counts all values of a list, not those of one kind",
    "dependencies": "what it demands under a condition is not demanded",
    "dependentRequired": "what it demands under a condition is not demanded",
    "dependentSchemas": "what it demands under a condition is not demanded",
    "if": "what it demands under a condition is not demanded",
    "maxContains": "LinkML counts all values of a list, not those of one kind",
    "maxProperties": "LinkML does not count the keys of an object",
    "minContains": "LinkML counts all values of a list, not those of one kind",
    "minProperties": "LinkML does not count the keys of an object",
    "not": "LinkML would need a class for what is not meant",
    "propertyNames": "what the keys of an object look like is not asked",
    "unevaluatedItems": "LinkML's lists have one kind of value at every position",
    "uniqueItems": "'list_elements_unique' is written, and no validator asks for it",
}
"""Keywords that LinkML has nothing for, and why."""

CARRIED: Final = KEPT | SILENT | TOLD.keys()
"""Every keyword of JSON Schema from draft-04 on, and of OpenAPI 3."""

_EMPTY: Final[dict[str, Any]] = {"minProperties": 0, "uniqueItems": False, "not": False}


def not_carried(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The keywords of a node that are not carried, each with the reason, where they ask for anything.

    >>> list(not_carried({"type": "array", "uniqueItems": False, "contains": {"const": 1}}))
    [('contains', 'LinkML counts all values of a list, not those of one kind')]
    """
    for key in data:
        empty = key in _EMPTY and data[key] == _EMPTY[key]
        asked = data[key] is not True and data[key] != {} if key not in ("contains", "not", "uniqueItems") else True
        if key in TOLD and asked and not empty:
            yield key, TOLD[key]


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
    found = number_of(value)
    return int(found) if found is not None else None


def _bounded(values: Values, data: Mapping[str, Any], told: Callable[[str, str], None]) -> Values:
    """Bounds; an exclusive one is the bound and not the number itself (of whole numbers, the next one)."""
    low, high, not_these = number_of(data.get("minimum")), number_of(data.get("maximum")), []
    for key, sign in (("exclusiveMinimum", 1), ("exclusiveMaximum", -1)):
        given = data.get(key)
        bound = number_of(given) if given is not True else (low if sign > 0 else high)
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
    step = number_of(data.get("multipleOf"))
    if step is not None and not (step == 1 and values.range == "integer"):
        told("multipleOf", "LinkML has no multiples")
    return replace(values, minimum_value=low, maximum_value=high, none_of=tuple(not_these))

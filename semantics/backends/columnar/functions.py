"""The functions of the language that have a counterpart in DuckDB giving the same for every value, or for most.

Each gives a value that is fine where the two are known to agree: ``upper`` for ASCII, where one letter becomes one. The
arguments are of the kinds that the function takes, and none is null as a constant where null is passed on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from semantics.backends.columnar import reading
from semantics.backends.columnar.gaps import Unproven
from semantics.backends.columnar.numbers import MAX_TEXT
from semantics.backends.columnar.reading import where_there
from semantics.backends.columnar.sql import (
    BIGINT,
    HUGEINT,
    INTEGER,
    NULL,
    Cast,
    Choose,
    Constant,
    Infix,
    IsNull,
    Node,
    Not,
    OneOf,
    both,
    decimal_type,
    either,
    equal,
    function,
)
from semantics.backends.columnar.values import WHOLE, Query, Value, null_of, text_value
from semantics.expressions.types import Kind

__all__ = ["TRANSLATED", "Translate"]

Translate = Callable[[Sequence[Value], Sequence[Any], Query], Value]
"""Arguments, their constants (None for others), and the query to bind in."""

SPACES: Final = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What Python takes for white space at the ends of a text; a test compares it with ``str.isspace``."""


def _all_fine(values: Sequence[Value]) -> Node:
    return both(*(value.fine for value in values))


def _str(given: Sequence[Value], constants: Sequence[Any], query: Query) -> Value:
    return text_value(given[0])


def _concat(given: Sequence[Value], constants: Sequence[Any], query: Query) -> Value:
    texts = [text_value(value) for value in given]
    if len(texts) == 1:
        return texts[0]
    node: Node = texts[0].node
    for text in texts[1:]:
        node = Infix("||", node, text.node)
    node = query.bind(node)
    short = where_there(node, Infix("<=", function("strlen", node), Constant(MAX_TEXT)))
    return Value(node, Kind.STRING, both(_all_fine(texts), short))


def _ascii(name: str) -> Translate:
    """A change of case: of ASCII alone it is the same to everybody."""

    def translate(given: Sequence[Value], constants: Sequence[Any], query: Query) -> Value:
        text = query.bind(given[0].node)
        plain = where_there(text, equal(function("strlen", text), function("length", text)))
        return given[0].with_(function(name, text), plain)

    return translate


def _stripped(name: str) -> Translate:
    def translate(given: Sequence[Value], constants: Sequence[Any], query: Query) -> Value:
        characters: Any = SPACES
        if len(given) > 1:
            characters = constants[1]
            if characters is None or not characters or len(characters) > 100:
                raise Unproven("function", f"{name}() of characters that are not a constant")
        return Value(function(name, given[0].node, Constant(characters)), Kind.STRING, _all_fine(given))

    return translate


def _replaced(given: Sequence[Value], constants: Sequence[Any], query: Query) -> Value:
    old, new = constants[1:]
    if not old or new is None:
        raise Unproven("function", "replace() of texts that are not constants")
    text = query.bind(given[0].node)
    node = query.bind(function("replace", text, Constant(old), Constant(new)))
    longest = function("greatest", function("strlen", text), function("strlen", node))
    return Value(node, Kind.STRING, both(given[0].fine, where_there(text, Infix("<=", longest, Constant(MAX_TEXT)))))


def _part(given: Sequence[Value], constants: Sequence[Any], query: Query) -> Value:
    """A slice with constant ends: both from the front, or the last so many characters."""
    start: int | None = constants[1]
    end: int | None = constants[2] if len(given) > 2 else None
    text = given[0].node
    if start is None or (len(given) > 2 and end is None) or abs(start) > 10**9 or abs(end or 0) > 10**9:
        raise Unproven("function", "substr() of positions that are not constants")
    if start < 0:
        if len(given) > 2:
            raise Unproven("function", "substr() from the end up to a position")
        node = function("right", text, Constant(-start))
    elif end is None:
        node = function("substring", text, Constant(start + 1))
    elif end >= 0:
        node = function("substring", text, Constant(start + 1), Constant(max(0, end - start)))
    elif start == 0:
        # left() with a negative count leaves out the last characters, all of them where there are fewer.
        node = function("left", text, Constant(end))
    else:
        raise Unproven("function", "substr() up to a position from the end")
    return Value(node, Kind.STRING, _all_fine(given))


def _length(given: Sequence[Value], constants: Sequence[Any], query: Query) -> Value:
    return Value(function("length", given[0].node), Kind.INTEGER, _all_fine(given), WHOLE)


def _test(name: str) -> Translate:
    def translate(given: Sequence[Value], constants: Sequence[Any], query: Query) -> Value:
        return Value(function(name, given[0].node, given[1].node), Kind.BOOLEAN, _all_fine(given))

    return translate


def _padded(given: Sequence[Value], constants: Sequence[Any], query: Query) -> Value:
    width, fill = constants[1:]
    if width is None or fill is None or len(fill) != 1 or not 0 <= width <= 1_000:
        raise Unproven("function", "pad_left() by what is not a constant")
    text = query.bind(given[0].node)
    longer = Infix(">=", function("length", text), Constant(width))
    padded = function("lpad", text, Cast(Constant(width), INTEGER), Constant(fill))
    return Value(Choose(((longer, text),), padded), Kind.STRING, given[0].fine)


def _int(given: Sequence[Value], constants: Sequence[Any], query: Query) -> Value:
    value = given[0]
    if value.kind is Kind.STRING:
        return reading.CONVERT["integer_text", Kind.STRING](value, query)
    return reading.converted(value, "integer", query)


def _decimal(given: Sequence[Value], constants: Sequence[Any], query: Query) -> Value:
    value = given[0]
    if value.kind is Kind.STRING:
        return reading.CONVERT["decimal_text", Kind.STRING](value, query)
    return reading.converted(value, "decimal", query)


def _bool(given: Sequence[Value], constants: Sequence[Any], query: Query) -> Value:
    value = given[0]
    if value.kind is Kind.BOOLEAN:
        return value
    if value.kind is not Kind.STRING:
        raise Unproven("function", f"bool() of a value of kind {value.kind}")
    text = query.bind(function("trim", value.node, Constant(" \t\r\n")))
    true, false = (OneOf(text, tuple(map(Constant, words))) for words in (("true", "1"), ("false", "0")))
    return Value(query.bind(true), Kind.BOOLEAN, both(value.fine, where_there(text, either(true, false))))


def _abs(given: Sequence[Value], constants: Sequence[Any], query: Query) -> Value:
    value = given[0]
    if value.kind is Kind.INTEGER:
        node = query.bind(Cast(function("abs", Cast(value.node, HUGEINT)), BIGINT))
        return value.with_(node, either(IsNull(value.node), Not(IsNull(node))))
    if value.kind is Kind.DECIMAL:
        return value.with_(function("abs", Cast(value.node, decimal_type(value.width, value.scale))))
    return value.with_(function("abs", value.node))


def _rounded_down(given: Sequence[Value], constants: Sequence[Any], query: Query) -> Value:
    value = given[0]
    if value.kind is Kind.INTEGER:
        return value
    if value.kind is not Kind.DECIMAL or value.width - value.scale > 17:
        raise Unproven("function", "floor() of such a number")
    return Value(Cast(function("floor", value.node), BIGINT), Kind.INTEGER, value.fine, WHOLE)


def _date(given: Sequence[Value], constants: Sequence[Any], query: Query) -> Value:
    if given[0].kind is Kind.DATETIME:
        raise Unproven("moments", "date() of a date-time")
    return reading.read(given[0], "date", query)


def _datetime(given: Sequence[Value], constants: Sequence[Any], query: Query) -> Value:
    return given[0] if given[0].kind is Kind.DATETIME else reading.read(given[0], "datetime", query)


def _year_part(start: int, length: int) -> Translate:
    def translate(given: Sequence[Value], constants: Sequence[Any], query: Query) -> Value:
        if given[0].kind is not Kind.DATE:
            raise Unproven("moments", "a part of a date-time")
        digits = function("substring", text_value(given[0]).node, Constant(start), Constant(length))
        return Value(Cast(digits, BIGINT), Kind.INTEGER, given[0].fine, 4)

    return translate


def _coalesce(given: Sequence[Value], constants: Sequence[Any], query: Query) -> Value:
    """The first value that is not null; all of them are worked out, whatever the first is."""
    from semantics.backends.columnar.expressions import alike, texts_of

    values = alike(list(given))
    there = [value.node for value in values if value.node != NULL]
    node = function("coalesce", *there) if there else NULL
    return replace(values[0], node=node, fine=_all_fine(given), texts=texts_of(values))


def _is_null(given: Sequence[Value], constants: Sequence[Any], query: Query) -> Value:
    return Value(IsNull(given[0].node), Kind.BOOLEAN, given[0].fine)


def _null_if(given: Sequence[Value], constants: Sequence[Any], query: Query) -> Value:
    """Null where the plain text of a value is one of some."""
    if given[0].kind is Kind.NULL:
        return null_of()
    if any(word is None for word in constants[1:]):
        raise Unproven("function", "null_if() of texts that are not constants")
    return reading.missing_left_out(given[0], tuple(constants[1:]), query)


def _iri_part(given: Sequence[Value], constants: Sequence[Any], query: Query) -> Value:
    return encoded(given[0], query)


def encoded(value: Value, query: Query) -> Value:
    """A value as it stands in an IRI: percent-encoded, and not empty."""
    text = text_value(value)
    node = query.bind(text.node)
    size = function("strlen", node)
    sized = both(Infix(">", size, Constant(0)), Infix("<=", size, Constant(MAX_TEXT // 3)))
    return Value(function("url_encode", node), Kind.STRING, both(text.fine, where_there(node, sized)))


TRANSLATED: Final[dict[str, Translate]] = {
    "str": _str,
    "concat": _concat,
    "upper": _ascii("upper"),
    "lower": _ascii("lower"),
    "strip": _stripped("trim"),
    "lstrip": _stripped("ltrim"),
    "rstrip": _stripped("rtrim"),
    "replace": _replaced,
    "substr": _part,
    "strlen": _length,
    "startswith": _test("starts_with"),
    "endswith": _test("ends_with"),
    "contains": _test("contains"),
    "pad_left": _padded,
    "int": _int,
    "decimal": _decimal,
    "bool": _bool,
    "abs": _abs,
    "floor": _rounded_down,
    "date": _date,
    "datetime": _datetime,
    "year": _year_part(1, 4),
    "month": _year_part(6, 2),
    "day": _year_part(9, 2),
    "coalesce": _coalesce,
    "is_null": _is_null,
    "null_if": _null_if,
    "iri_part": _iri_part,
}
"""By name; every other function is a gap."""

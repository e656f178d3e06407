"""Values read and converted: the counterparts of ``READERS`` and ``CONVERSIONS`` for columns.

A reader takes what a column holds, a conversion what a rule gives. Either is a step from a kind of value to another;
a pair that has no counterpart here is one that the ordinary engine always refuses, or a gap.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from semantics.backends.columnar.gaps import Unproven
from semantics.backends.columnar.sql import (
    BIGINT,
    DATE,
    DOUBLE,
    INTEGER,
    NULL,
    VARCHAR,
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
from semantics.backends.columnar.values import WHOLE, Query, Value, known_false, null_of, text_value
from semantics.expressions.types import Kind
from semantics.lexical import Primitive

__all__ = [
    "CONVERT",
    "READ",
    "converted",
    "day_text",
    "local_or_moment_text",
    "matches",
    "missing_left_out",
    "moment_of",
    "moment_text",
    "read",
    "where_there",
]

_CLOCK: Final = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?"
_OFFSET: Final = r"(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
_IRI_TAIL: Final = r"[!#-;=?-\[\]_a-z~]*"
_FORMS: Final = {
    Primitive.URI: f"[A-Za-z][A-Za-z0-9+.-]*:{_IRI_TAIL}",
    Primitive.URIORCURIE: f"([A-Za-z][A-Za-z0-9+.-]*|[A-Za-z_][A-Za-z0-9_.-]*):{_IRI_TAIL}",
    Primitive.CURIE: f"[A-Za-z_][A-Za-z0-9_.-]*:{_IRI_TAIL}",
    Primitive.NCNAME: "[A-Za-z_][A-Za-z0-9_.-]*",
    Primitive.TIME: f"{_CLOCK}{_OFFSET}?",
}
"""ASCII texts that are surely of a lexical form; others are left to the ordinary engine."""
_WHITE: Final = Constant(" \t\r\n")
_EXACT: Final = 2**53
_YEAR_1000: Final = -30_610_224_000_000_000
"""Microseconds from 1970 back to the year 1000: earlier years are written with fewer digits."""
FIRST_DAY: Final = Cast(Constant("0001-01-01"), DATE)
LAST_DAY: Final = Cast(Constant("9999-12-31"), DATE)


def matches(text: Node, form: str) -> Node:
    """Whether the whole of a text is of a form."""
    return function("regexp_full_match", text, Constant(form))


def day_text(text: Node) -> Node:
    """Whether a text is a day of the calendar as XSD writes it: one that comes back from a date as it was.

    DuckDB reads more than that; years below 1 and above 9999 it writes in another form, with more characters.
    """
    written = Cast(Cast(text, DATE), VARCHAR)
    return both(equal(function("strlen", text), Constant(10)), equal(written, text))


def moment_text(text: Node, offset: str = _OFFSET) -> Node:
    """Whether a text is a date-time, with an offset."""
    day = function("left", text, Constant(10))
    return both(matches(text, f"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{_CLOCK}{offset}"), day_text(day))


def local_or_moment_text(text: Node) -> Node:
    """Whether a text is a date-time, with an offset or without one."""
    return moment_text(text, f"{_OFFSET}?")


def moment_of(column: Node, query: Query) -> tuple[Node, Node]:
    """The text of a moment of a column in UTC, and for which rows it is that of the ordinary reader: from 1000 on."""
    since = query.bind(function("epoch_us", column))
    rest = query.bind(Infix("%", since, Constant(1_000_000)))
    micros = query.bind(Choose(((Infix("<", rest, Constant(0)), Infix("+", rest, Constant(1_000_000))),), rest))
    clock = function("strftime", function("make_timestamp", since), Constant("%Y-%m-%dT%H:%M:%S"))
    digits = function(
        "rtrim", function("lpad", Cast(micros, VARCHAR), Cast(Constant(6), INTEGER), Constant("0")), Constant("0")
    )
    fraction = Choose(((equal(micros, Constant(0)), Constant("")),), Infix("||", Constant("."), digits))
    text = query.bind(Infix("||", Infix("||", clock, fraction), Constant("Z")))
    return text, where_there(column, Infix(">=", since, Constant(_YEAR_1000)))


def read(value: Value, kind: str, query: Query) -> Value:
    """What a reader of a declared type makes of a column's value."""
    if value.kind is Kind.NULL:
        return null_of(_DECLARED.get(kind, Kind.STRING))
    step = READ.get((kind, value.kind))
    if step is None:
        raise Unproven("kinds", f"a column of kind {value.kind} where {kind} is declared")
    return step(value, query)


def converted(value: Value, step: str, query: Query) -> Value:
    """What a conversion step makes of a value."""
    if value.kind is Kind.NULL:
        return null_of(_DECLARED.get(step, Kind.STRING))
    if step in ("any", "text_dates") and value.kind is not Kind.FLOAT:
        return replace(value, kind=Kind.STRING) if value.kind is Kind.DATETIME else value
    found = CONVERT.get((step, value.kind))
    if found is None:
        raise Unproven("kinds", f"a value of kind {value.kind} as {step}")
    return found(value, query)


def missing_left_out(value: Value, texts: tuple[str, ...], query: Query) -> Value:
    """A value, or null where its plain text is one of those that stand for nothing."""
    if value.kind is Kind.NULL or not texts:
        return value
    if value.kind is Kind.OBJECT or value.many:
        raise Unproven("lists", "missing values in a list")
    text = text_value(value)
    absent = known_false(OneOf(query.bind(text.node), tuple(map(Constant, texts))))
    return value.with_(query.bind(Choose(((absent, NULL),), value.node)))


def where_there(node: Node, test: Node) -> Node:
    """A test of a value that must be known to hold; of null nothing is asked."""
    return either(IsNull(node), known_false(test))


# -- steps ---------------------------------------------------------------------------------------

Step = Callable[[Value, Query], Value]


def _same(value: Value, query: Query) -> Value:
    return value


def _finite(value: Value, query: Query) -> Value:
    node = query.bind(value.node)
    return value.with_(node, where_there(node, function("isfinite", node)))


def _day(value: Value, query: Query) -> Value:
    """A day of the calendar that has a text: years 1 to 9999."""
    node = query.bind(value.node)
    return value.with_(node, where_there(node, both(Infix("<=", FIRST_DAY, node), Infix("<=", node, LAST_DAY))))


def _text_day(value: Value, query: Query) -> Value:
    text = query.bind(value.node)
    return value.with_(query.bind(Cast(text, DATE)), where_there(text, day_text(text)), kind=Kind.DATE)


def _text_moment(value: Value, query: Query) -> Value:
    text = query.bind(value.node)
    return value.with_(text, where_there(text, moment_text(text)), kind=Kind.DATETIME)


def _formed(primitive: Primitive) -> Step:
    def step(value: Value, query: Query) -> Value:
        text = query.bind(value.node)
        return value.with_(text, where_there(text, matches(text, _FORMS[primitive])))

    return step


def _text_day_or_moment(value: Value, query: Query) -> Value:
    text = query.bind(value.node)
    return value.with_(text, where_there(text, either(day_text(text), local_or_moment_text(text))))


def _as_decimal(value: Value, query: Query) -> Value:
    width = min(value.width or WHOLE, WHOLE)
    return value.with_(Cast(value.node, decimal_type(width, 0)), kind=Kind.DECIMAL, width=width, scale=0)


def _as_double(value: Value, query: Query) -> Value:
    """The nearest binary number. A quotient of two that are exact is rounded once, like Python's."""
    if value.kind is Kind.DECIMAL and value.width > 15:
        raise Unproven("binary numbers", "an exact number of more than 15 digits")
    return value.with_(Cast(value.node, DOUBLE), kind=Kind.FLOAT, width=0, scale=0)


def _as_whole(value: Value, query: Query) -> Value:
    """A number without a fraction, as a whole one that a column can hold."""
    node = query.bind(value.node)
    whole = query.bind(Cast(node, BIGINT))
    if value.kind is Kind.FLOAT:
        small: Node | None = Infix("<", function("abs", node), Cast(Constant(_EXACT), DOUBLE))
        back: Node = Cast(whole, DOUBLE)
    elif value.scale == 0:
        small, back = None, node
    else:
        raise Unproven("digits", "a whole number from one with digits after the point")
    fits = where_there(node, both(small, Not(IsNull(whole)), equal(back, node)))
    return value.with_(whole, fits, kind=Kind.INTEGER, width=WHOLE, scale=0)


def _text_whole(value: Value, query: Query) -> Value:
    """A whole number by its text: XSD's lexical space, white space around it left out; at most 18 digits."""
    text = query.bind(function("trim", value.node, _WHITE))
    return value.with_(query.bind(Cast(text, BIGINT)), where_there(text, matches(text, "[+-]?[0-9]{1,18}")),
                       kind=Kind.INTEGER, width=18)  # fmt: skip


def _text_exact(value: Value, query: Query) -> Value:
    """An exact number by its text. Digits after the point differ from row to row."""
    text = query.bind(function("trim", value.node, _WHITE))
    fits = where_there(text, matches(text, r"[+-]?[0-9]{1,12}(\.[0-9]{1,6})?"))
    return value.with_(query.bind(Cast(text, decimal_type(18, 6))), fits, kind=Kind.DECIMAL, width=18, scale=6,
                       settled=False)  # fmt: skip


def _text(value: Value, query: Query) -> Value:
    return text_value(value)


_DECLARED: Final = {
    "string": Kind.STRING, "integer": Kind.INTEGER, "decimal": Kind.DECIMAL, "float": Kind.FLOAT,
    "boolean": Kind.BOOLEAN, "date": Kind.DATE, "datetime": Kind.DATETIME, "text": Kind.STRING,
    "integer_text": Kind.INTEGER, "decimal_text": Kind.DECIMAL,
}  # fmt: skip

READ: Final[dict[tuple[str, Kind], Step]] = {
    ("string", Kind.STRING): _same,
    ("string", Kind.DATE): lambda value, query: text_value(_day(value, query)),
    ("integer", Kind.INTEGER): _same,
    ("integer", Kind.DECIMAL): _as_whole,
    ("integer", Kind.FLOAT): _as_whole,
    ("decimal", Kind.DECIMAL): _same,
    ("decimal", Kind.INTEGER): _as_decimal,
    ("float", Kind.FLOAT): _finite,
    ("float", Kind.INTEGER): _as_double,
    ("float", Kind.DECIMAL): _as_double,
    ("boolean", Kind.BOOLEAN): _same,
    ("date", Kind.DATE): _day,
    ("date", Kind.STRING): _text_day,
    ("datetime", Kind.STRING): _text_moment,
    ("datetime", Kind.DATETIME): _same,
    ("string", Kind.DATETIME): _text,
    ("integer_text", Kind.STRING): _text_whole,
    ("decimal_text", Kind.STRING): _text_exact,
}
"""By the reader of a declared type, and the kind of a column."""

CONVERT: Final[dict[tuple[str, Kind], Step]] = {
    **{key: step for key, step in READ.items() if key != ("date", Kind.STRING)},
    ("date", Kind.STRING): _text_day,
    ("date_or_datetime", Kind.STRING): _text_day_or_moment,
    ("date_or_datetime", Kind.DATE): lambda value, query: text_value(_day(value, query)),
    ("date_or_datetime", Kind.DATETIME): _text,
    ("time", Kind.STRING): _formed(Primitive.TIME),
    ("uri", Kind.STRING): _formed(Primitive.URI),
    ("uriorcurie", Kind.STRING): _formed(Primitive.URIORCURIE),
    ("curie", Kind.STRING): _formed(Primitive.CURIE),
    ("ncname", Kind.STRING): _formed(Primitive.NCNAME),
    **{("text", kind): _text for kind in (
        Kind.STRING, Kind.INTEGER, Kind.DECIMAL, Kind.BOOLEAN, Kind.DATE, Kind.DATETIME,
    )},
}  # fmt: skip
"""By the conversion step of a rule, and the kind of its value."""

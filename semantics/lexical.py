"""Scalar values: the lexical forms of XML Schema datatypes, exact numbers, dates, IRIs.

An instance holds plain data: text, ``int``, ``Decimal``, ``float``, ``bool``. Dates, times and IRIs
are text in their lexical form, so that an offset, a ``Z`` or a trailing zero is never lost.
Two tables read values: :data:`FROM_DATA` takes what JSON gives, :data:`FROM_TEXT` takes the cell of a
text format. Both return the value in its one plain form or raise :class:`LexicalError`; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from math import isfinite
from typing import Any, Final
from urllib.parse import quote

from semantics.errors import shape

__all__ = [
    "COLUMN_FROM_TEXT",
    "FROM_DATA",
    "FROM_TEXT",
    "MAX_EXPONENT",
    "MAX_INTEGER_BITS",
    "LexicalError",
    "Primitive",
    "decimal_text",
    "has_offset",
    "is_day",
    "is_iri",
    "is_moment",
    "percent_encoded",
]

MAX_EXPONENT: Final = 308
"""Largest power of ten of a number, so that every number has a short plain form."""
MAX_INTEGER_BITS: Final = 4096

_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_FLOAT = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_OFFSET = r"(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)"
_DATE_WITH_OFFSET = re.compile(rf"(\d{{4}}-\d\d-\d\d){_OFFSET}", re.ASCII)
_TIME = re.compile(rf"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?{_OFFSET}?", re.ASCII)
_DATETIME = re.compile(rf"(\d{{4}})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?({_OFFSET})?", re.ASCII)
# The common forms in one pass without groups: on the benchmark half the cost of the patterns above, which
# decide everything else (the 29th of February, years of the calendar's edge).
_PLAIN_DATE = re.compile(
    r"(?!0000)\d{4}-(?:(?:0[13-9]|1[0-2])-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8])|(?:0[13578]|1[02])-31)",
    re.ASCII,
)
_PLAIN_DATETIME = re.compile(
    _PLAIN_DATE.pattern + r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)",
    re.ASCII,
)
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`\x7f]*")
_CURIE = re.compile(r"[A-Za-z_][\w.-]*:[^\x00-\x20<>\"{}|\\^`\x7f]*")
_NCNAME = re.compile(r"[^\W\d][\w.-]*")


class Primitive(StrEnum):
    """The value spaces that a LinkML type can come down to (LinkML ``types.yaml``)."""

    STRING = "string"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    DATE_OR_DATETIME = "date_or_datetime"
    TIME = "time"
    URI = "uri"
    URIORCURIE = "uriorcurie"
    CURIE = "curie"
    NCNAME = "ncname"


class LexicalError(ValueError):
    """A value is not of the kind that its slot declares. The text names shapes, never the value."""


def _refuse(expected: str, value: Any) -> LexicalError:
    return LexicalError(f"expected {expected}, found {shape(value)}")


# -- numbers -----------------------------------------------------------------------------------


def _bounded(number: Decimal, value: Any) -> Decimal:
    if not number.is_finite() or abs(number.adjusted()) > MAX_EXPONENT:
        raise LexicalError(f"number out of range: its magnitude is beyond 10^{MAX_EXPONENT}")
    return number


def integer(value: Any) -> int:
    """A whole number. A decimal without a fraction (``42.0``) is one; a boolean is not."""
    if type(value) is int:
        if value.bit_length() > MAX_INTEGER_BITS:
            raise LexicalError(f"integer out of range: more than {MAX_INTEGER_BITS} bits")
        return value
    if isinstance(value, Decimal):
        if _bounded(value, value) == value.to_integral_value():
            return int(value)
        raise LexicalError("expected an integer, found a number with a fraction")
    if type(value) is float and isfinite(value) and value.is_integer():
        return int(value)
    raise _refuse("an integer", value)


def decimal(value: Any) -> Decimal:
    """An exact number. A float is taken by its shortest decimal form."""
    if value.__class__ is Decimal and -MAX_EXPONENT <= value.adjusted() <= MAX_EXPONENT and value.is_finite():
        return value
    if isinstance(value, Decimal):
        return _bounded(value, value)
    if type(value) is int:
        return _bounded(Decimal(integer(value)), value)
    if type(value) is float and isfinite(value):
        return _bounded(Decimal(repr(value)), value)
    raise _refuse("a decimal number", value)


def floating(value: Any) -> float:
    """A finite binary number."""
    if type(value) is float:
        number = value
    elif isinstance(value, Decimal) or type(value) is int:
        try:
            number = float(value)
        except OverflowError:
            number = float("inf")
    else:
        raise _refuse("a number", value)
    if not isfinite(number):
        raise LexicalError("number out of range: it is not finite")
    return number


def boolean(value: Any) -> bool:
    """``true`` or ``false``."""
    if type(value) is bool:
        return value
    raise _refuse("a boolean", value)


def decimal_text(number: Decimal | int) -> str:
    """The plain form of a number: no exponent, every digit kept (XSD 1.1, ``decimal``).

    >>> decimal_text(Decimal("7887.20"))
    '7887.20'
    >>> decimal_text(Decimal("1E+3"))
    '1000'
    """
    return format(number, "f") if isinstance(number, Decimal) else str(number)


# -- text --------------------------------------------------------------------------------------


def string(value: Any) -> str:
    """Text; every character is one that Unicode can encode."""
    if type(value) is str:
        return value
    raise _refuse("a string", value)


def _matching(what: str, test: Callable[[str], object]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if type(value) is str and test(value):
            return value
        raise _refuse(what, value)

    return read


def _is_date(text: str) -> bool:
    if _PLAIN_DATE.fullmatch(text):
        return True
    found = _DATE.fullmatch(text)
    return found is not None and _on_calendar(*map(int, found.groups()))


def _on_calendar(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


is_day: Final = _PLAIN_DATE.fullmatch
"""A match where a text is a day of the calendar, in the form that nearly all have; None decides nothing."""

is_moment: Final = _PLAIN_DATETIME.fullmatch
"""A match where a text is a date-time with an offset, in the form that nearly all have; None decides nothing."""


def _is_datetime(text: str) -> bool:
    if _PLAIN_DATETIME.fullmatch(text):
        return True
    found = _DATETIME.fullmatch(text)
    return found is not None and _on_calendar(*map(int, found.group(1, 2, 3)))


def has_offset(text: str) -> bool:
    """Whether a date-time or time ends in ``Z`` or an offset.

    >>> has_offset("2024-05-29T00:00:00Z"), has_offset("2024-05-29T00:00:00")
    (True, False)
    """
    return text.endswith("Z") or (len(text) > 6 and text[-6] in "+-" and text[-3] == ":")


def is_iri(text: str) -> bool:
    """Whether ``text`` is an absolute IRI with none of the characters RDF forbids (RFC 3987, RDF 1.1)."""
    return _IRI.fullmatch(text) is not None and not text.startswith("_:") and text.isprintable()


def percent_encoded(text: str, *, keep_reserved: bool = False) -> str:
    """``text`` with all but unreserved characters percent-encoded (RFC 6570, level 1; level 2 keeps reserved).

    >>> percent_encoded("a b/c")
    'a%20b%2Fc'
    """
    return quote(text, safe=":/?#[]@!$&'()*+,;=" if keep_reserved else "")


_date = _matching("a date (YYYY-MM-DD)", _is_date)
_datetime = _matching("a date-time (YYYY-MM-DDThh:mm:ss with an offset)", _is_datetime)
_date_or_datetime = _matching("a date or date-time", lambda text: _is_date(text) or _is_datetime(text))
_time = _matching("a time (hh:mm:ss)", _TIME.fullmatch)
_uri = _matching("an absolute IRI", is_iri)
_curie = _matching("a CURIE (prefix:name)", _CURIE.fullmatch)
_uriorcurie = _matching("an IRI or CURIE", lambda text: is_iri(text) or _CURIE.fullmatch(text) is not None)
_ncname = _matching("an XML name without colon", _NCNAME.fullmatch)

FROM_DATA: Final[dict[Primitive, Callable[[Any], Any]]] = {
    Primitive.STRING: string,
    Primitive.INTEGER: integer,
    Primitive.DECIMAL: decimal,
    Primitive.FLOAT: floating,
    Primitive.BOOLEAN: boolean,
    Primitive.DATE: _date,
    Primitive.DATETIME: _datetime,
    Primitive.DATE_OR_DATETIME: _date_or_datetime,
    Primitive.TIME: _time,
    Primitive.URI: _uri,
    Primitive.URIORCURIE: _uriorcurie,
    Primitive.CURIE: _curie,
    Primitive.NCNAME: _ncname,
}
"""Reads a value of parsed data (JSON, YAML): a number is a number, text is text."""


# -- cells of text formats ---------------------------------------------------------------------


def _number(text: str, pattern: re.Pattern[str], expected: str) -> Decimal:
    if len(text) > 2_000 or not pattern.fullmatch(text):
        raise _refuse(expected, text)
    try:
        return _bounded(Decimal(text), text)
    except InvalidOperation:
        raise _refuse(expected, text) from None


def _text_integer(text: str) -> int:
    if not _INTEGER.fullmatch(text) or len(text) > 1_300:
        raise _refuse("an integer", text)
    return integer(int(text))


def _text_decimal(text: str) -> Decimal:
    return _number(text, _DECIMAL, "a decimal number")


def _text_float(text: str) -> float:
    return floating(_number(text, _FLOAT, "a number"))


def _text_boolean(text: str) -> bool:
    if text in ("true", "1"):
        return True
    if text in ("false", "0"):
        return False
    raise _refuse("a boolean (true, false, 1 or 0)", text)


def _text_date(text: str) -> str:
    """A day; the offset that XML Schema allows behind it says where it began, and is left out of the day.

    >>> _text_date("2016-04-04"), _text_date("2016-04-04+01:00")
    ('2016-04-04', '2016-04-04')
    """
    found = _DATE_WITH_OFFSET.fullmatch(text)
    return _date(found[1] if found else text)


def _collapsed(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """White space around the text is not part of it (XSD 1.1 Part 2, ``whiteSpace`` "collapse")."""
    return lambda text: read(text.strip(" \t\r\n"))


FROM_TEXT: Final[dict[Primitive, Callable[[str], Any]]] = {
    **{primitive: _collapsed(read) for primitive, read in FROM_DATA.items()},
    Primitive.STRING: string,
    Primitive.INTEGER: _collapsed(_text_integer),
    Primitive.DECIMAL: _collapsed(_text_decimal),
    Primitive.FLOAT: _collapsed(_text_float),
    Primitive.BOOLEAN: _collapsed(_text_boolean),
    Primitive.DATE: _collapsed(_text_date),
}
"""Reads a cell of CSV or the text of XML by the lexical space of its declared XSD type."""


# -- many cells at once --------------------------------------------------------------------------


def _lines_of(pattern: str) -> Callable[[Sequence[str]], bool]:
    """Whether every one of some cells, none of them empty, matches a pattern that matches no newline."""
    lines = re.compile(rf"(?:(?:{pattern})\n)*+", re.ASCII)

    def match(cells: Sequence[str]) -> bool:
        text = "\n".join(cells) + "\n"
        return text.count("\n") == len(cells) and lines.fullmatch(text) is not None

    return match


_PLAIN_INTEGERS: Final = _lines_of(r"[+-]?[0-9]{1,18}+")
_PLAIN_DECIMALS: Final = _lines_of(r"[+-]?[0-9]{1,100}+(?:\.[0-9]{1,100}+)?")
_PLAIN_DATES: Final = _lines_of(_PLAIN_DATE.pattern)
_PLAIN_DATETIMES: Final = _lines_of(_PLAIN_DATETIME.pattern)
_BOOLEANS: Final = {"true": True, "false": False, "1": True, "0": False}

COLUMN_FROM_TEXT: Final[dict[Primitive, Callable[[Sequence[str]], Sequence[Any] | None]]] = {
    Primitive.INTEGER: lambda cells: list(map(int, cells)) if _PLAIN_INTEGERS(cells) else None,
    Primitive.DECIMAL: lambda cells: list(map(Decimal, cells)) if _PLAIN_DECIMALS(cells) else None,
    Primitive.BOOLEAN: lambda cells: list(map(_BOOLEANS.get, cells)) if _BOOLEANS.keys() >= set(cells) else None,
    Primitive.DATE: lambda cells: cells if _PLAIN_DATES(cells) else None,
    Primitive.DATETIME: lambda cells: cells if _PLAIN_DATETIMES(cells) else None,
}
"""Reads many cells as :data:`FROM_TEXT` reads each, where all of them are plain; None where one may not be."""

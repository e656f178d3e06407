"""Literals: which texts are in the lexical space of a datatype, and which value is below which.

Order is that of SPARQL's ``<`` (SPARQL 1.1, section 17.3), with dates and times as XPath orders them. Values of two
kinds, and moments of which one alone has an offset, are not comparable: neither is below the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Final

from semantics.validation.shacl.terms import RDF, XSD, datatype_of, is_literal, text_of

__all__ = ["Ordered", "below", "not_above", "of_datatype", "ordered", "well_formed"]

Ordered = tuple[str, Decimal | float | str | bool]
"""A comparable value: its kind and the value. Those of one kind have an order."""

_OFFSET: Final = r"(?P<offset>Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?"
_DAY: Final = r"(?P<year>-?(?:[1-9]\d{3,}|0\d{3}))-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])"
_CLOCK: Final = (
    r"(?:(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d):(?P<second>[0-5]\d(?:\.\d+)?)"
    r"|(?P<end>24:00:00(?:\.0+)?))"
)
_NAME: Final = r"[^\W\d][\w.\-]*"
_PERIOD: Final = r"-?P(?!\Z)"
_CLOCKED: Final = r"(?:T(?!\Z)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"
_FLOAT: Final = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?INF|NaN"

_PATTERNS: Final = {
    "boolean": "true|false|1|0",
    "integer": r"[+-]?\d+",
    "decimal": r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)",
    "float": _FLOAT,
    "double": _FLOAT,
    "date": _DAY + _OFFSET,
    "time": _CLOCK + _OFFSET,
    "dateTime": f"{_DAY}T{_CLOCK}{_OFFSET}",
    "dateTimeStamp": f"{_DAY}T{_CLOCK}{_OFFSET[:-1]}",
    "gYear": r"-?(?:[1-9]\d{3,}|0\d{3})" + _OFFSET,
    "gYearMonth": r"-?(?:[1-9]\d{3,}|0\d{3})-(?:0[1-9]|1[0-2])" + _OFFSET,
    "gMonth": "--(?:0[1-9]|1[0-2])" + _OFFSET,
    "gDay": r"---(?:0[1-9]|[12]\d|3[01])" + _OFFSET,
    "gMonthDay": r"--(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)"
    r"|02-(?:0[1-9]|[12]\d))" + _OFFSET,
    "duration": _PERIOD + r"(?:\d+Y)?(?:\d+M)?(?:\d+D)?" + _CLOCKED,
    "dayTimeDuration": _PERIOD + r"(?:\d+D)?" + _CLOCKED,
    "yearMonthDuration": _PERIOD + r"(?:\d+Y)?(?:\d+M)?",
    "hexBinary": "(?:[0-9A-Fa-f]{2})*",
    "base64Binary": "(?:(?:[A-Za-z0-9+/] ?){4})*(?:(?:[A-Za-z0-9+/] ?){2}= ?=|(?:[A-Za-z0-9+/] ?){3}=)?",
    "language": "[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*",
    "normalizedString": r"[^\t\n\r]*",
    "token": r"(?:[^\t\n\r ]+(?: [^\t\n\r ]+)*)?",
    "Name": r"[^\W\d][\w.:\-]*|:[\w.:\-]*",
    "NCName": _NAME,
    "NMTOKEN": r"[\w.:\-]+",
}
"""The lexical spaces of XML Schema datatypes (XSD 1.1, part 2) that are not all text."""

_INTEGERS: Final[dict[str, tuple[int | None, int | None]]] = {
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    **{name: (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
       for name, bits in (("byte", 8), ("short", 16), ("int", 32), ("long", 64))},
    **{name: (0, 2**bits - 1)
       for name, bits in (("unsignedByte", 8), ("unsignedShort", 16), ("unsignedInt", 32), ("unsignedLong", 64))},
}  # fmt: skip
"""The integers that a datatype derived from ``xsd:integer`` takes, both ends included."""

_IN_ANY_SCRIPT: Final = frozenset({"Name", "NCName", "NMTOKEN"})
_COMPILED: Final = {
    name: re.compile(pattern, re.NOFLAG if name in _IN_ANY_SCRIPT else re.ASCII) for name, pattern in _PATTERNS.items()
}
_DATED: Final = frozenset({"date", "dateTime", "dateTimeStamp"})
_MONTHS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LONGEST_NUMBER: Final = 4000


# -- lexical spaces ------------------------------------------------------------------------------


def well_formed(datatype: str) -> Callable[[str], bool] | None:
    """A test whether a text is in the lexical space of a datatype; None where every text is, or nobody knows.

    >>> test = well_formed("http://www.w3.org/2001/XMLSchema#byte")
    >>> test("127"), test("128")
    (True, False)
    """
    name = datatype.removeprefix(XSD) if datatype.startswith(XSD) else ""
    if name in _INTEGERS:
        low, high = _INTEGERS[name]
        matches = _COMPILED["integer"].fullmatch
        return lambda text: matches(text) is not None and _within(text, low, high)
    pattern = _COMPILED.get(name)
    if pattern is None:
        return None
    if name in _DATED:
        return lambda text: (found := pattern.fullmatch(text)) is not None and _on_calendar(found)
    return lambda text: pattern.fullmatch(text) is not None


def of_datatype(datatype: str) -> Callable[[str], object]:
    """A test whether a term is a literal of a datatype, and in its lexical space.

    >>> bool(of_datatype("http://www.w3.org/2001/XMLSchema#integer")('"x"^^<http://www.w3.org/2001/XMLSchema#integer>'))
    False
    """
    if datatype == f"{XSD}string":
        return lambda term: term[-1] == '"'
    if datatype == f"{RDF}langString":
        return lambda term: term[0] == '"' and term[-1] not in '">'
    end = f'"^^<{datatype}>'
    name = datatype.removeprefix(XSD)
    if datatype.startswith(XSD) and name in _PATTERNS and name not in _DATED:
        # The whole term in one match, without a copy of its text.
        flags = _COMPILED[name].flags & re.ASCII
        return re.compile(f'"(?:{_PATTERNS[name]}){re.escape(end)}', flags).fullmatch
    test = well_formed(datatype)
    if test is None:
        return lambda term: term.endswith(end)
    if name in _DATED:
        # Every month has 28 days: most dates need no look at the calendar.
        rest = "" if name == "date" else r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?Z"
        sure = re.compile(
            rf'"\d{{4}}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8]){rest}{re.escape(end)}', re.ASCII
        ).fullmatch
        return lambda term: sure(term) or (term.endswith(end) and test(term[1 : -len(end)]))
    return lambda term: term.endswith(end) and test(term[1 : -len(end)])


def _within(text: str, low: int | None, high: int | None) -> bool:
    # Python takes no time on numbers of any length, but refuses to read those of thousands of digits.
    if len(text) > _LONGEST_NUMBER:
        return (high if text[0] != "-" else low) is None
    value = int(text)
    return (low is None or value >= low) and (high is None or value <= high)


def _on_calendar(found: re.Match[str]) -> bool:
    return int(found["day"]) <= _month_length(int(found["year"]), int(found["month"]))


def _month_length(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and leap else _MONTHS[month - 1]


# -- order ---------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def ordered(term: str) -> Ordered | None:
    """The comparable value of a literal; None for what has no order, or is not in its lexical space.

    >>> ordered('"1.50"^^<http://www.w3.org/2001/XMLSchema#decimal>')
    ('number', Decimal('1.50'))
    """
    if not is_literal(term):
        return None
    datatype = datatype_of(term)
    if not datatype.startswith(XSD):
        return None
    name, text = datatype.removeprefix(XSD), text_of(term)
    test = well_formed(datatype)
    if test is not None and not test(text):
        return None
    reader = _READERS.get("integer" if name in _INTEGERS else name)
    return reader(text) if reader is not None else None


def below(first: Ordered | None, second: Ordered | None) -> bool:
    """SPARQL's ``<``; False for what cannot be compared."""
    if first is None or second is None or first[0] != second[0]:
        return False
    left, right = first[1], second[1]
    if isinstance(left, float) or isinstance(right, float):
        return float(left) < float(right)
    return left < right  # type: ignore[operator]


def not_above(first: Ordered | None, second: Ordered | None) -> bool:
    """SPARQL's ``<=``; False for what cannot be compared."""
    if first is None or second is None or first[0] != second[0]:
        return False
    left, right = first[1], second[1]
    if isinstance(left, float) or isinstance(right, float):
        return float(left) <= float(right)
    return left <= right  # type: ignore[operator]


def _exact(text: str) -> Ordered | None:
    return ("number", Decimal(text)) if len(text) <= _LONGEST_NUMBER else None


def _binary(text: str) -> Ordered:
    return "number", float(text)


def _date(text: str) -> Ordered:
    found = _COMPILED["date"].fullmatch(text)
    assert found is not None
    return _moment("date", found, _days(found) * 86400)


def _time(text: str) -> Ordered:
    found = _COMPILED["time"].fullmatch(text)
    assert found is not None
    return _moment("time", found, Decimal(0) if found["end"] else _seconds(found))


def _datetime(text: str) -> Ordered:
    found = _COMPILED["dateTime"].fullmatch(text)
    assert found is not None
    return _moment("dateTime", found, _days(found) * 86400 + (Decimal(86400) if found["end"] else _seconds(found)))


def _moment(kind: str, found: re.Match[str], local: Decimal) -> Ordered:
    offset = found["offset"]
    if offset is None:
        return f"{kind} without offset", local
    minutes = 0 if offset == "Z" else int(offset[1:3]) * 60 + int(offset[4:6])
    return kind, local - minutes * (60 if offset[0] == "+" else -60)


def _seconds(found: re.Match[str]) -> Decimal:
    return int(found["hour"]) * 3600 + int(found["minute"]) * 60 + Decimal(found["second"])


def _days(found: re.Match[str]) -> Decimal:
    """Days since a fixed day of the proleptic Gregorian calendar, for any year."""
    year, month = int(found["year"]), int(found["month"])
    before = year - 1
    whole = before * 365 + before // 4 - before // 100 + before // 400
    return Decimal(whole + sum(_month_length(year, each) for each in range(1, month)) + int(found["day"]))


_READERS: Final[dict[str, Callable[[str], Ordered | None]]] = {
    "integer": _exact,
    "decimal": _exact,
    "float": _binary,
    "double": _binary,
    "string": lambda text: ("string", text),
    "boolean": lambda text: ("boolean", text in ("true", "1")),
    "date": _date,
    "time": _time,
    "dateTime": _datetime,
    "dateTimeStamp": _datetime,
}
"""The datatypes whose values have an order."""

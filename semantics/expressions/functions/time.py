"""Functions on dates and times (ISO 8601). Nothing reads a clock."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any, Final

from semantics.expressions.bounds import EvaluationError
from semantics.expressions.registry import define
from semantics.expressions.values import to_date, to_datetime, to_time

_FIELD: Final = re.compile(r"yyyy|MM|dd|HH|mm|ss|XXX|'[^']*'|[A-Za-z]+|.", re.DOTALL)
_DIGITS: Final = {"yyyy": ("year", 4), "MM": ("month", 2), "dd": ("day", 2),
                  "HH": ("hour", 2), "mm": ("minute", 2), "ss": ("second", 2)}  # fmt: skip


@define("date(string | temporal)", "date", ("str(date('2025-01-31'))", "'2025-01-31'"))
def date_(value: Any) -> date:
    """A date from its ISO form, or the day of a date-time."""
    return to_date(value)


@define("datetime(string | datetime)", "datetime",
        ("str(datetime('2025-01-31T10:00:00+01:00'))", "'2025-01-31T10:00:00+01:00'"))  # fmt: skip
def datetime_(value: Any) -> datetime:
    """A date-time from its ISO form; one without an offset is refused."""
    return to_datetime(value)


@define("time(string | time)", "time", ("str(time('10:30:00'))", "'10:30:00'"))
def time_(value: Any) -> time:
    """A time of day from its ISO form."""
    return to_time(value)


def _fields(pattern: str) -> list[str]:
    fields = _FIELD.findall(pattern)
    for field in fields:
        if field[0].isalpha() and field not in _DIGITS:
            raise EvaluationError("a date pattern knows yyyy, MM, dd, HH, mm and ss")
    return fields


def _pattern(value: Any, pattern: str | None) -> None:
    if pattern is not None:
        _fields(pattern)


@define("parse_date(string, string)", "date", ("str(parse_date('01-05-2002', 'dd-MM-yyyy'))", "'2002-05-01'"),
        ("str(parse_date('20250131', 'yyyyMMdd'))", "'2025-01-31'"), settled=_pattern)  # fmt: skip
def parse_date(text: str, pattern: str) -> date:
    """A date from a text by a pattern of yyyy, MM and dd (Unicode TR35 letters); every character must fit."""
    found: dict[str, int] = {}
    rest = text
    for field in _fields(pattern):
        name, width = _DIGITS.get(field, ("", len(field.strip("'"))))
        part, rest = rest[:width], rest[width:]
        if not name and part != field.strip("'"):
            raise EvaluationError("parse_date(): the text does not fit the pattern")
        if name:
            if len(part) != width or not (part.isascii() and part.isdigit()):
                raise EvaluationError("parse_date(): the text does not fit the pattern")
            found[name] = int(part)
    if rest or not {"year", "month", "day"} <= found.keys():
        raise EvaluationError("parse_date(): the text does not fit the pattern")
    try:
        return date(found["year"], found["month"], found["day"])
    except ValueError:
        raise EvaluationError("parse_date(): there is no such day") from None


@define("format_date(temporal, string)", "string",
        ("format_date(date('2025-01-31'), 'dd/MM/yyyy')", "'31/01/2025'"), settled=_pattern)  # fmt: skip
def format_date(value: Any, pattern: str) -> str:
    """A date or date-time as text by a pattern of yyyy, MM, dd, HH, mm and ss."""
    parts = []
    for field in _fields(pattern):
        name, width = _DIGITS.get(field, ("", 0))
        if name and not hasattr(type(value), name):
            raise EvaluationError("format_date(): a date has no time of day")
        parts.append(_part(value, name).zfill(width) if name else field.strip("'"))
    return "".join(parts)


def _part(value: date, name: str) -> str:
    fields = {"year": value.year, "month": value.month, "day": value.day}
    if isinstance(value, datetime):
        fields |= {"hour": value.hour, "minute": value.minute, "second": value.second}
    return str(fields[name])


@define("year(temporal)", "integer", ("year(date('2025-01-31'))", "2025"))
def year(value: date) -> int:
    """The year."""
    return value.year


@define("month(temporal)", "integer", ("month(date('2025-01-31'))", "1"))
def month(value: date) -> int:
    """The month, 1 to 12."""
    return value.month


@define("day(temporal)", "integer", ("day(date('2025-01-31'))", "31"))
def day(value: date) -> int:
    """The day of the month."""
    return value.day


@define("seconds_of_day(string)", "integer", ("seconds_of_day('25:05:00')", "90300"))
def seconds_of_day(text: str) -> int:
    """Seconds since the start of a service day, from H:MM:SS whose hours may pass 24 (GTFS ``Time``)."""
    found = re.fullmatch(r"([0-9]{1,3}):([0-5][0-9]):([0-5][0-9])", text)
    if found is None:
        raise EvaluationError("seconds_of_day() needs H:MM:SS")
    hours, minutes, seconds = map(int, found.groups())
    return hours * 3600 + minutes * 60 + seconds

"""Functions on dates, times and time zones (ISO 8601, IANA). Nothing reads a clock."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from semantics.expressions import context
from semantics.expressions.bounds import BoundError, EvaluationError
from semantics.expressions.registry import define
from semantics.expressions.values import Moment, to_date, to_datetime, to_time
from semantics.lexical import FROM_DATA, Primitive, has_offset

_ZONE: Final = re.compile(r"[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,3}")
_OFFSET: Final = re.compile(r"([+-])(0[0-9]|1[0-4]):([0-5][0-9])")
_FRACTION: Final = re.compile(r"\.[0-9]+")
_FIELD: Final = re.compile(r"yyyy|MM|dd|HH|mm|ss|'[^']*'|[A-Za-z]+|.", re.DOTALL)
_DIGITS: Final = {"yyyy": ("year", 4), "MM": ("month", 2), "dd": ("day", 2),
                  "HH": ("hour", 2), "mm": ("minute", 2), "ss": ("second", 2)}  # fmt: skip


@define(
    "date(string | temporal)",
    "date",
    ("str(date('2025-01-31'))", "'2025-01-31'"),
    ("str(date('2025-01-31T23:00:00Z'))", "'2025-01-31'"),
)
def date_(value: Any) -> date:
    """A date from its ISO form, or the day of a date-time."""
    return to_date(value)


@lru_cache(maxsize=1024)
def _zone(name: str, function: str) -> tzinfo:
    """A time zone of the IANA database by its name, or one of a fixed offset (``+02:00``)."""
    fixed = _OFFSET.fullmatch(name)
    if fixed is not None:
        offset = timedelta(hours=int(fixed[2]), minutes=int(fixed[3]))
        return timezone(-offset if fixed[1] == "-" else offset)
    if _ZONE.fullmatch(name):
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            pass
    raise EvaluationError(f"{function}(): there is no such time zone; they are named like Europe/Paris")


def _written(local: datetime, text: str, *, zulu: bool = False) -> Moment:
    """A date-time by its clock and offset (``Z`` where wanted), with the digits that ``text`` has of its seconds."""
    clock = local.replace(microsecond=0).isoformat()
    offset = "Z" if zulu else clock[19:]
    if len(offset) not in (1, 6):
        raise EvaluationError("the offset of that time and place is not in whole minutes")
    fraction = _FRACTION.search(text)
    return Moment.of(f"{clock[:19]}{fraction[0] if fraction else ''}{offset}")


@define("datetime(string | datetime)", "datetime",
        ("str(datetime('2025-01-31T10:00:00+01:00'))", "'2025-01-31T10:00:00+01:00'"),
        ("datetime(null)", "null"))  # fmt: skip
def datetime_(value: Any) -> datetime:
    """A date-time from its ISO form; one without an offset is refused (local_datetime() takes it)."""
    return to_datetime(value)


def _local_settled(_: Any, name: str | None) -> None:
    if name is not None:
        _zone(name, "local_datetime")


@define("local_datetime(string, string)", "datetime",
        ("str(local_datetime('2025-07-01T10:00:00', 'Europe/London'))", "'2025-07-01T10:00:00+01:00'"),
        ("str(local_datetime('2025-07-01T10:00:00Z', 'Europe/London'))", "'2025-07-01T10:00:00Z'"),
        settled=_local_settled)  # fmt: skip
def local_datetime(text: str, zone: str) -> datetime:
    """A date-time from its ISO form; one without an offset is meant in a time zone (IANA).

    A local time that the zone's clocks skip, or show twice, is refused: nothing is guessed.
    """
    checked = FROM_DATA[Primitive.DATETIME](text)
    if has_offset(checked):
        return Moment.of(checked)
    local = datetime.fromisoformat(checked)
    first = local.replace(tzinfo=_zone(zone, "local_datetime"))
    try:
        back = first.astimezone(UTC).astimezone(first.tzinfo)
    except OverflowError:
        raise BoundError("local_datetime() would leave the years 1 to 9999") from None
    if back.replace(tzinfo=None) != local:
        raise EvaluationError("a local time that the clocks of its time zone skip")
    if first.utcoffset() != first.replace(fold=1).utcoffset():
        raise EvaluationError("a local time that the clocks of its time zone show twice")
    return _written(first, checked)


def _to_zone_settled(_: Any, name: str | None) -> None:
    if name is not None:
        _zone(name, "to_timezone")


@define("to_timezone(datetime, string)", "datetime",
        ("str(to_timezone(datetime('2025-07-01T12:00:00Z'), 'Europe/Paris'))", "'2025-07-01T14:00:00+02:00'"),
        ("str(to_timezone(datetime('2025-07-01T12:00:00.50+02:00'), 'UTC'))", "'2025-07-01T10:00:00.50Z'"),
        ("str(to_timezone(datetime('2025-07-01T12:00:00Z'), '-06:00'))", "'2025-07-01T06:00:00-06:00'"),
        ("to_timezone(null, 'UTC')", "null"), settled=_to_zone_settled)  # fmt: skip
def to_timezone(moment: datetime, name: str) -> datetime:
    """The same moment by the clocks of a time zone of the IANA database, or at an offset from UTC."""
    there = _zone(name, "to_timezone")
    text = moment.isoformat()
    try:
        local = datetime.fromisoformat(text).astimezone(there)
    except OverflowError:
        raise BoundError("to_timezone() would leave the years 1 to 9999") from None
    return _written(local, text, zulu=name == "UTC")


@define("epoch_datetime(integer)", "datetime",
        ("str(epoch_datetime(1330578000))", "'2012-03-01T05:00:00Z'"),
        ("str(epoch_datetime(-1))", "'1969-12-31T23:59:59Z'"),
        ("epoch_datetime(null)", "null"))  # fmt: skip
def epoch_datetime(seconds: int) -> datetime:
    """The moment so many seconds after 1970 began in UTC (Unix time, which has no leap seconds)."""
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    except OverflowError:
        raise BoundError("epoch_datetime() would leave the years 1 to 9999") from None
    return _written(moment, "", zulu=True)


@define("now_of_run()", "datetime", ("now_of_run() == now_of_run()", "true"), ("year(now_of_run()) > 2000", "true"),
        context="now")  # fmt: skip
def now_of_run() -> datetime:
    """The instant of the run, in UTC: one for all records; the operator may set it (--now)."""
    return context.instant()


@define("time(string | time)", "time", ("str(time('10:30:00'))", "'10:30:00'"), ("time(null)", "null"))
def time_(value: Any) -> time:
    """A time of day from its ISO form."""
    return to_time(value)


def _fields(pattern: str) -> list[str]:
    fields = _FIELD.findall(pattern)
    for field in fields:
        if field[0].isalpha() and field not in _DIGITS:
            raise EvaluationError("a date pattern knows yyyy, MM, dd, HH, mm and ss")
        if field in ("'", "''"):
            raise EvaluationError("a date pattern has a quote that is not closed, or holds nothing")
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
        ("format_date(date('2025-01-31'), 'dd/MM/yyyy')", "'31/01/2025'"),
        ("format_date(date('0700-01-31'), 'yyyy')", "'0700'"), settled=_pattern)  # fmt: skip
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


@define("year(temporal)", "integer", ("year(date('2025-01-31'))", "2025"), ("year(null)", "null"))
def year(value: date) -> int:
    """The year."""
    return value.year


@define("month(temporal)", "integer", ("month(date('2025-01-31'))", "1"), ("month(null)", "null"))
def month(value: date) -> int:
    """The month, 1 to 12."""
    return value.month


@define(
    "day(temporal)", "integer", ("day(date('2025-01-31'))", "31"), ("day(datetime('2025-01-31T23:00:00-02:00'))", "31")
)
def day(value: date) -> int:
    """The day of the month."""
    return value.day


@define(
    "seconds_of_day(string)", "integer", ("seconds_of_day('25:05:00')", "90300"), ("seconds_of_day('0:00:00')", "0")
)
def seconds_of_day(text: str) -> int:
    """Seconds since the start of a service day, from H:MM:SS whose hours may pass 24 (GTFS Time)."""
    found = re.fullmatch(r"([0-9]{1,3}):([0-5][0-9]):([0-5][0-9])", text)
    if found is None:
        raise EvaluationError("seconds_of_day() needs H:MM:SS")
    hours, minutes, seconds = map(int, found.groups())
    return hours * 3600 + minutes * 60 + seconds

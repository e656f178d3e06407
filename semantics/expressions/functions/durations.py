"""Functions on durations (ISO 8601, by the arithmetic of XML Schema 1.1)."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Any, Final

from semantics.expressions.bounds import BoundError, EvaluationError
from semantics.expressions.registry import define
from semantics.expressions.types import Type
from semantics.expressions.values import Moment
from semantics.lexical import decimal_text

_DURATION: Final = re.compile(
    r"([+-])?P(?=[0-9T])(?:([0-9]{1,9})Y)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})W)?(?:([0-9]{1,9})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9}(?:\.[0-9]{1,18})?)S)?)?",
    re.ASCII,
)
_CHARACTERS: Final = 100


@dataclass(frozen=True, slots=True)
class _Duration:
    """Months, days and seconds; all of one sign, or zero."""

    months: int
    days: int
    seconds: Decimal

    @classmethod
    def of(cls, text: str, function: str) -> _Duration:
        found = _DURATION.fullmatch(text) if len(text) <= _CHARACTERS else None
        if found is None:
            raise EvaluationError(f"{function}() needs an ISO 8601 duration such as P1Y2M3DT4H5M6.7S")
        sign = -1 if found[1] == "-" else 1
        years, months, weeks, days, hours, minutes = (int(found[at] or 0) for at in range(2, 8))
        seconds = Decimal(found[8] or 0) + 60 * minutes + 3600 * hours
        return cls(sign * (12 * years + months), sign * (7 * weeks + days), sign * seconds)

    def __str__(self) -> str:
        """The canonical form of XML Schema: years and months, days and a time, without parts that are zero."""
        total = self.seconds + 86_400 * self.days
        sign = "-" if self.months < 0 or total < 0 else ""
        years, months = divmod(abs(self.months), 12)
        whole = int(abs(total))
        fraction = abs(total) - whole
        days, rest = divmod(whole, 86_400)
        second = decimal_text((rest % 60 + fraction).normalize())
        day = _parts((years, "Y"), (months, "M"), (days, "D"))
        clock = _parts((rest // 3600, "H"), (rest % 3600 // 60, "M"), (second if second != "0" else 0, "S"))
        return f"{sign}P{day}{'T' + clock if clock else ''}" if day or clock else "PT0S"


def _parts(*fields: tuple[int | str, str]) -> str:
    return "".join(f"{number}{letter}" for number, letter in fields if number)


def _duration_settled(text: str | None) -> None:
    if text is not None:
        _Duration.of(text, "duration")


@define("duration(string)", "string", ("duration('P2W')", "'P14D'"), ("duration('PT90M')", "'PT1H30M'"),
        ("duration('-P0Y')", "'PT0S'"), settled=_duration_settled)  # fmt: skip
def duration(text: str) -> str:
    """A duration in its one form (XML Schema): weeks are days, 90 minutes are PT1H30M; months and days stay apart."""
    return str(_Duration.of(text, "duration"))


def _seconds_settled(text: str | None) -> None:
    if text is not None:
        duration_seconds.body(text)


@define("duration_seconds(string)", "decimal", ("duration_seconds('P1DT0.5S')", "86400.5"),
        ("duration_seconds('-PT1H') < duration_seconds('PT90M')", "true"), ("duration_seconds('PT0S')", "0"),
        settled=_seconds_settled)  # fmt: skip
def duration_seconds(text: str) -> Decimal:
    """A duration in seconds, to compare or calculate with; a month has no length of its own and is refused."""
    length = _Duration.of(text, "duration_seconds")
    if length.months:
        raise EvaluationError("duration_seconds(): years and months have no length in seconds")
    return length.seconds + 86_400 * length.days


def _start(types: tuple[Type, ...]) -> Type:
    return types[0]


def _added_settled(start: Any, text: str | None) -> None:
    if text is not None:
        _Duration.of(text, "add_duration")


@define("add_duration(temporal, string)", _start,
        ("str(add_duration(date('2024-01-31'), 'P1M'))", "'2024-02-29'"),
        ("str(add_duration(datetime('2025-03-29T23:30:00Z'), 'PT45M'))", "'2025-03-30T00:15:00Z'"),
        ("str(add_duration(date('2025-03-01'), '-P1D'))", "'2025-02-28'"),
        ("add_duration(null, 'P1D')", "null"), settled=_added_settled)  # fmt: skip
def add_duration(start: date, text: str) -> date:
    """A date or date-time later (or earlier) by a duration: first its months, then the rest."""
    length = _Duration.of(text, "add_duration")
    try:
        if isinstance(start, datetime):
            return _later(start, length)
        if length.seconds:
            raise EvaluationError("add_duration(): a date has no time of day to add hours to")
        return _months_later(start, length.months) + timedelta(days=length.days)
    except (OverflowError, ValueError) as fault:
        if isinstance(fault, EvaluationError):
            raise
        raise BoundError("add_duration() would leave the years 1 to 9999") from None


def _months_later(start: date, months: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1])) if 1 <= year <= 9999 else _beyond()


def _beyond() -> date:
    raise OverflowError


def _later(start: datetime, length: _Duration) -> Moment:
    """Exact to every digit of the seconds; the offset stays as it was written."""
    written = start.isoformat()
    clock = re.fullmatch(r"[^T]+T[0-9:]{8}(\.[0-9]+)?(.*)", written)
    assert clock is not None
    fraction = Decimal(clock[1] or 0) + length.seconds
    whole = int(fraction.to_integral_value(ROUND_FLOOR))
    rest = fraction - whole
    day = _months_later(start.date(), length.months)
    plain = datetime(day.year, day.month, day.day, start.hour, start.minute, start.second)
    plain += timedelta(days=length.days, seconds=whole)
    digits = decimal_text(rest).partition(".")[2]
    return Moment.of(f"{plain.isoformat()}{'.' + digits if digits else ''}{clock[2]}")


@define("duration_between(temporal, temporal)", "string",
        ("duration_between(date('2024-02-28'), date('2024-03-01'))", "'P2D'"),
        ("duration_between(datetime('2025-01-01T00:00:00Z'), datetime('2025-01-01T00:30:00+01:00'))", "'-PT30M'"),
        ("duration_between(date('2024-02-28'), null)", "null"))  # fmt: skip
def duration_between(start: date, end: date) -> str:
    """How long it is from one date to another, in days, or from one date-time to another, in days and time."""
    if isinstance(start, datetime) != isinstance(end, datetime):
        raise EvaluationError("duration_between() needs two dates or two date-times")
    span = end - start
    seconds = Decimal(span.days * 86_400 + span.seconds) + Decimal(span.microseconds).scaleb(-6)
    return str(_Duration(0, 0, seconds))

"""How values enter and leave expressions.

Inside an expression a date, a date-time and a time are Python's ``datetime`` objects; everything else
is as it stands in a record. ``READERS`` turn the value of a slot into that form by the declared
type; ``CONVERSIONS`` turn a result into the plain form of an instance by the type of the target slot.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from semantics.expressions.bounds import EvaluationError
from semantics.expressions.types import Kind, Type
from semantics.lexical import FROM_DATA, FROM_TEXT, LexicalError, Primitive, decimal_text, has_offset, is_day, is_moment

__all__ = ["CONVERSIONS", "READERS", "Moment", "present", "reader_name", "text_of", "to_date", "to_datetime", "to_time"]


def to_date(value: Any) -> date:
    """A date from its ISO form; the day of a date-time is taken as it stands."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = FROM_DATA[Primitive.DATE_OR_DATETIME](value)
    return date.fromisoformat(text[:10])


class Moment(datetime):
    """A date-time that remembers how it was written, so that ``Z`` and digits of seconds stay."""

    text: str

    @classmethod
    def of(cls, text: str) -> Moment:
        """The moment that an ISO form stands for."""
        moment = cls.fromisoformat(text)
        moment.text = text
        return moment

    def isoformat(self, sep: str = "T", timespec: str = "auto") -> str:
        return self.text


def to_datetime(value: Any) -> datetime:
    """A date-time from its ISO form; one without an offset is refused."""
    if isinstance(value, datetime):
        return value
    text = FROM_DATA[Primitive.DATETIME](value)
    if not has_offset(text):
        raise EvaluationError("a date-time without an offset cannot be placed in time")
    return Moment.of(text)


def to_time(value: Any) -> time:
    """A time of day from its ISO form."""
    return value if isinstance(value, time) else time.fromisoformat(FROM_DATA[Primitive.TIME](value))


def _object(value: Any) -> Any:
    if type(value) is dict:
        return value
    from semantics.errors import shape

    raise LexicalError(f"expected an object, found {shape(value)}")


def _any(value: Any) -> Any:
    return value


READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "string": FROM_DATA[Primitive.STRING],
    "integer": FROM_DATA[Primitive.INTEGER],
    "decimal": FROM_DATA[Primitive.DECIMAL],
    "float": FROM_DATA[Primitive.FLOAT],
    "boolean": FROM_DATA[Primitive.BOOLEAN],
    "date": to_date,
    "datetime": to_datetime,
    "time": to_time,
    "object": _object,
    "any": _any,
    "integer_text": lambda value: FROM_TEXT[Primitive.INTEGER](FROM_DATA[Primitive.STRING](value)),
    "decimal_text": lambda value: FROM_TEXT[Primitive.DECIMAL](FROM_DATA[Primitive.STRING](value)),
    "float_text": lambda value: FROM_TEXT[Primitive.FLOAT](FROM_DATA[Primitive.STRING](value)),
    "boolean_text": lambda value: FROM_TEXT[Primitive.BOOLEAN](FROM_DATA[Primitive.STRING](value)),
}


def reader_name(found: Type) -> str:
    """The entry of :data:`READERS` for values of a type (``decimal`` carried as text: ``decimal_text``)."""
    if found.as_text and f"{found.kind}_text" in READERS:
        return f"{found.kind}_text"
    return "any" if found.kind is Kind.NULL else str(found.kind)


def text_of(value: Any) -> str:
    """The plain text of a scalar: decimals without exponent, booleans as XSD writes them."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case Decimal() | int():
            return decimal_text(value)
        case float():
            return repr(value)
        case date() | time():
            return value.isoformat()
        case _:
            return FROM_DATA[Primitive.STRING](value)  # type: ignore[no-any-return]


def present(value: Any, missing: tuple[str, ...]) -> Any:
    """A value, or null where its plain text is one of those that stand for nothing; in a list, each by itself."""
    if type(value) is list:
        return [present(item, missing) for item in value]
    if value is None or type(value) is dict:
        return value
    return None if text_of(value) in missing else value


def _temporal(primitive: Primitive, *kinds: type[date | time]) -> Callable[[Any], Any]:
    check = FROM_DATA[primitive]

    def write(value: Any) -> Any:
        if isinstance(value, kinds) and (datetime in kinds or not isinstance(value, datetime)):
            return value.isoformat()
        return check(value)

    return write


_DATE: Final = _temporal(Primitive.DATE, date)


def _day(value: Any) -> Any:
    """A date; the common form is told in one step, which is half of what a date costs on the benchmark."""
    if value.__class__ is str and is_day(value):
        return value
    return _DATE(value)


def _moment(value: Any) -> Any:
    """A date-time that knows its offset."""
    if value.__class__ is str and is_moment(value):
        return value
    text = value.isoformat() if isinstance(value, datetime) else FROM_DATA[Primitive.DATETIME](value)
    if not has_offset(text):
        raise LexicalError("a date-time without an offset cannot be placed in time")
    return text


CONVERSIONS: Final[dict[str, Callable[[Any], Any]]] = {
    **{name: read for name, read in READERS.items() if name.endswith("_text")},
    **{str(primitive): check for primitive, check in FROM_DATA.items()},
    Primitive.DATE: _day,
    Primitive.DATETIME: _moment,
    Primitive.DATE_OR_DATETIME: _temporal(Primitive.DATE_OR_DATETIME, date, datetime),
    Primitive.TIME: _temporal(Primitive.TIME, time),
    "text": text_of,
    "text_dates": lambda value: value.isoformat() if isinstance(value, (date, time)) else value,
    "any": _any,
}
"""The steps by which the value of a rule becomes the plain value of a slot; a plan names them."""

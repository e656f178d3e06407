"""From a row to a record: plain data, exactly, and the texts among them read by the columns of a source class."""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Callable
from decimal import Decimal
from hashlib import sha256
from math import isfinite
from typing import Any, Final

import msgspec

from semantics.errors import Diagnostic, Location, SourceError
from semantics.lexical import MAX_EXPONENT, LexicalError
from semantics.records import Record, Unheld
from semantics.sources.options import Limits, TableShape
from semantics.sources.sql.session import Columns
from semantics.sources.values import Unreadable, not_utf8, pointer_part, too_long, value_reader

__all__ = ["RowReader", "checked_columns"]

_AS_IT_IS: Final = frozenset({str, int, bool, type(None)})
_ENCODE: Final = msgspec.json.Encoder(decimal_format="number").encode


class RowReader:
    """Makes records of the rows of one table or query, called ``name``.

    A column whose slot holds objects, or one of JSON, is read as JSON where it is text.
    """

    def __init__(self, columns: Columns, shape: TableShape, limits: Limits, name: str) -> None:
        self._names, self._class, self._limits, self._name = columns.names, shape.class_name, limits, name
        read = _json_reader(limits)
        self._json = tuple((place, read) for place, name in enumerate(columns.names) if name in columns.json)
        typed: dict[str, Callable[[Any], Any]] = {
            column: _cell(convert)
            for column, convert in zip(columns.names, shape.converters, strict=True)
            if convert is not None
        }
        typed |= dict.fromkeys((column for column in columns.names if column in shape.objects), read)
        self._typed = tuple(typed.items())

    def record(self, number: int, row: tuple[Any, ...]) -> Record:
        """The record of a row; ``raw`` is the row as JSON, before any text of it was read by its column."""
        values = [value if type(value) in _AS_IT_IS else plain(value) for value in row]
        for place, read in self._json:
            try:
                values[place] = read(values[place])
            except Unreadable as error:
                column = self._names[place]
                raw = json.dumps(dict(zip(self._names, values, strict=True)), default=str).encode()
                fault = self._fault(error.code, f"column '{column}': {error.message}", number, column, error.hint)
                return Record(None, self._name, number, number, None, None, raw, self._class, fault)
        return self.read(number, dict(zip(self._names, values, strict=True)))

    def read(self, number: int, row: dict[str, Any], raw: bytes | None = None) -> Record:
        """The record of a row that is plain data already; ``raw`` is what it was read from, if it was."""
        fault: Diagnostic | None = None
        data: dict[str, Any] | None = None
        try:
            raw = raw or _ENCODE(row)
        except UnicodeEncodeError:
            raw = json.dumps(row, ensure_ascii=False, default=str).encode("utf-8", "surrogateescape")
            fault = self._not_utf8(number, row)
        if len(raw) > self._limits.record_bytes:
            fault = too_long(len(raw), self._limits).diagnostic(Location(self._name, number))
            digest = sha256(raw).hexdigest()
            return Unheld(
                None, self._name, number, number, None, None, None, self._class, fault, None, len(raw), digest
            )
        if fault is None:
            data, fault = self._read(number, row)
        return Record(data, self._name, number, number, None, None, raw, self._class, fault)

    def _read(self, number: int, row: dict[str, Any]) -> tuple[dict[str, Any] | None, Diagnostic | None]:
        data = dict(row) if self._typed else row
        for column, read in self._typed:
            value = data[column]
            if value is None:
                continue
            try:
                data[column] = read(value)
            except LexicalError as error:
                return None, self._fault("SRC043", f"column '{column}': {error}", number, column)
            except Unreadable as error:
                return None, self._fault(error.code, f"column '{column}': {error.message}", number, column, error.hint)
        for column, value in data.items():
            if type(value) is Decimal and abs(value.adjusted()) > MAX_EXPONENT:
                message = f"column '{column}': a number beyond 10^{MAX_EXPONENT}"
                return None, self._fault("SRC023", message, number, column)
        return data, None

    def _not_utf8(self, number: int, row: dict[str, Any]) -> Diagnostic:
        for column, value in row.items():
            text = json.dumps(value, ensure_ascii=False, default=str)
            try:
                text.encode()
            except UnicodeEncodeError:
                raw = text.encode("utf-8", "surrogateescape")
                try:
                    raw.decode()
                except UnicodeDecodeError as error:
                    found = not_utf8(raw, error.start)
                    return self._fault(found.code, f"column '{column}': {found.message}", number, column)
        raise AssertionError("every text can be encoded")

    def _fault(self, code: str, message: str, number: int, column: str, hint: str | None = None) -> Diagnostic:
        return Diagnostic(code, message, Location(self._name, number, pointer=pointer_part(column)), hint)


def checked_columns(columns: Columns, name: str) -> Columns:
    """The columns, each of which has a name of its own. Raises :class:`~semantics.errors.SourceError` (``SRC115``)."""
    found = sorted({column for column in columns.names if not column or columns.names.count(column) > 1})
    if not found:
        return columns
    hint = "give each column of the query a name of its own with AS"
    message = "two columns have the same name, or one has none"
    raise SourceError([Diagnostic("SRC115", message, Location(name), hint, found=column[:60]) for column in found])


def plain(value: Any) -> Any:
    """A value of a database as plain data; numbers are exact, bytes are base64, a number that is not finite is text.

    >>> plain(0.1), plain(b"abc"), plain([1.5, None]), plain(float("nan"))
    (Decimal('0.1'), 'YWJj', [Decimal('1.5'), None], 'NaN')
    """
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return Decimal(repr(value)) if isfinite(value) else _unbounded(value)
        case Decimal():
            return value if value.is_finite() else _unbounded(float(value))
        case bytes() | bytearray() | memoryview():
            return base64.b64encode(value).decode("ascii")
        case dict():
            return {_key(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case datetime.datetime():
            return value.isoformat().replace("+00:00", "Z")
        case datetime.date() | datetime.time():
            return value.isoformat()
        case _:  # UUID, an interval inside of a structure
            return str(value)


def _key(key: Any) -> str:
    told = plain(key)
    return told if isinstance(told, str) else json.dumps(told, default=str)


def _unbounded(value: float) -> str:
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"  # noqa: PLR0124


def _cell(convert: Callable[[str], Any]) -> Callable[[Any], Any]:
    """What reads a value of a column: a text by its type, 0 and 1 as a boolean where that is wanted."""
    try:
        boolean = convert("1") is True
    except LexicalError:
        boolean = False

    def read(value: Any) -> Any:
        if type(value) is str:
            return convert(value)
        if boolean and type(value) is int and value in (0, 1):
            return value == 1
        if type(value) is list:
            return [read(item) for item in value]
        return value

    return read


def _json_reader(limits: Limits) -> Callable[[Any], Any]:
    parse = value_reader(limits)

    def read(value: Any) -> Any:
        if type(value) is str:
            return parse(value.encode())
        return [read(item) for item in value] if type(value) is list else value

    return read

"""Source ``xlsx``: the sheets of a workbook (Office Open XML), each a table with a header.

A cell is turned into the text that a CSV file would hold and read by the declared range of its column, so that a
spreadsheet means what the same table as CSV means: numbers by their shortest form, dates in ISO 8601. A cell with an
error (``#REF!``) makes its record faulty. The bytes of a record are its cells as JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any, Final

import msgspec

from semantics.errors import Diagnostic, Location, SourceError
from semantics.extras import imported
from semantics.lexical import LexicalError
from semantics.plan.tables import TableDialect
from semantics.records import Record
from semantics.sources.columns import Columns
from semantics.sources.header import checked_names
from semantics.sources.options import Limits, ReadOptions, TableShape
from semantics.sources.stream import Input
from semantics.sources.values import pointer_part
from semantics.sources.workbook import Workbook

__all__ = ["read", "read_again", "sheet_name", "sheets_of"]

_Cell = Any
"""A cell as JSON has it: text, number, boolean, None, or an object with one of ``date``, ``time``, ``error``, ..."""
_Shape = Callable[[str], TableShape]
_TOGETHER: Final = 128
"""Rows that are read at once."""
_PLAIN: Final = TableDialect()
_ENCODE: Final = msgspec.json.Encoder(decimal_format="number").encode


def sheets_of(source: Input, limits: Limits) -> tuple[str, ...]:
    """The names of the sheets of a workbook that hold a cell. Raises what :func:`read` raises."""
    return Workbook(source, limits).sheets


def sheet_name(workbook: str, sheet: str) -> str:
    """What a sheet is called in records and messages.

    >>> sheet_name("meters.xlsx", "May")
    'meters.xlsx#May'
    """
    return f"{workbook}#{sheet}"


def read(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The rows of the sheet ``options.table``, else of the only one that holds a cell, as records.

    Raises :class:`~semantics.errors.SourceError` where it is no workbook that can be read, has no such sheet, or its
    header cannot be used, :class:`~semantics.errors.LimitError` where it grows too large when decompressed, and
    :class:`~semantics.errors.UsageError` without the extra ``excel``.
    """
    imported("python_calamine", "excel", "SRC095")
    workbook = Workbook(source, options.limits)
    sheet = options.table if options.table is not None else workbook.only()
    name, dialect = sheet_name(source.name, sheet), (options.dialect or _PLAIN).checked()
    rows = _filled(workbook.rows(sheet), dialect)
    header = dialect.columns
    if dialect.header:
        line, cells = next(rows, (0, []))
        if not cells:
            raise SourceError(Diagnostic("SRC002", "the sheet is empty: no header", Location(name)))
        names = [_texts(cell)[0] for cell in _without_tail(cells)]
        header = checked_names([text.strip() for text in names] if dialect.trim else names, Location(name, line))
    shape = options.tabular(header, name) if options.tabular else TableShape(None, (None,) * len(header))
    reader = _SheetReader(header, shape, name, dialect)
    number = 1
    while batch := list(islice(rows, _TOGETHER)):
        yield from reader.records(number, batch)
        number += len(batch)


def read_again(raw: bytes, header: tuple[str, ...], shape: TableShape, name: str, dialect: TableDialect) -> Record:
    """A record from the cells that :func:`read` gave as its bytes."""
    cells = msgspec.json.decode(raw)
    if not isinstance(cells, list):
        raise SourceError(Diagnostic("RUN001", "the cells of a row are not a list", Location(name)))
    return next(_SheetReader(header, shape, name, dialect).records(1, [(1, cells)]))


class _SheetReader:
    """Reads rows under a header."""

    def __init__(self, header: tuple[str, ...], shape: TableShape, name: str, dialect: TableDialect) -> None:
        self._columns = Columns(header, shape, name)
        self._header, self._shape, self._name, self._trim = header, shape, name, dialect.trim
        said = {"trim": True} if dialect.trim else {}
        self._envelope = {"format": "xlsx", "columns": list(header), "dialect": said}

    def records(self, number: int, rows: Sequence[tuple[int, list[_Cell]]]) -> Iterator[Record]:
        """The records of some rows with their lines, the first of which has a number."""
        width, cls = len(self._header), self._shape.class_name
        lines = [line for line, _ in rows]
        kept = [[*cells[:width], *[None] * (width - len(cells)), *_without_tail(cells[width:])] for _, cells in rows]
        errors = {at: fault for at, cells in enumerate(kept) if (fault := self._error(cells, lines[at])) is not None}
        texts = [[self._text(cell, position) for position, cell in enumerate(cells)] for cells in kept]
        datas, faults = self._columns.read(texts, lines, errors)
        for at, ((line, cells), data) in enumerate(zip(rows, datas, strict=True)):
            raw, fault = _ENCODE(cells), faults.get(at)
            yield Record(data, self._name, number + at, line, None, None, raw, cls, fault, self._envelope)

    def _error(self, cells: Sequence[_Cell], line: int) -> Diagnostic | None:
        for position, cell in enumerate(cells):
            if isinstance(cell, dict) and "error" in cell:
                column = self._header[position] if position < len(self._header) else str(position + 1)
                place = Location(self._name, line, pointer=pointer_part(column))
                return Diagnostic("SRC098", f"column '{column}': the cell holds an error ({cell['error']})", place)
        return None

    def _text(self, cell: _Cell, position: int) -> str:
        """The text of a cell: of a moment in the form that its column reads, where it has several."""
        forms = _texts(cell)
        convert = self._shape.converters[position] if position < len(self._header) else None
        text = forms[0].strip() if self._trim else forms[0]
        if convert is not None and len(forms) > 1:
            for form in forms:
                try:
                    convert(form)
                except LexicalError:
                    continue
                return form
        return text


def _texts(cell: _Cell) -> tuple[str, ...]:
    """The forms that the text of a cell may have, the plainest first.

    >>> _texts(1.0), _texts(0.1), _texts(True), _texts({"date": "2024-01-05"})
    (('1',), ('0.1',), ('true',), ('2024-01-05', '2024-01-05T00:00:00'))
    """
    match cell:
        case None:
            return ("",)
        case bool():
            return ("true" if cell else "false",)
        case int():
            return (str(cell),)
        case float():
            return (str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else format(Decimal(repr(cell)), "f"),)
        case {"date": str(day)}:
            return day, f"{day}T00:00:00"
        case {"datetime": str(moment)} if moment.endswith("T00:00:00"):
            return moment, moment.partition("T")[0]
        case dict():
            return (str(next(iter(cell.values()), "")),)
    return (str(cell),)


def _filled(rows: Iterator[tuple[int, list[_Cell]]], dialect: TableDialect) -> Iterator[tuple[int, list[_Cell]]]:
    """The rows that hold a cell, without those that the dialect passes over."""
    for line, cells in rows:
        if line <= dialect.skip_rows or all(cell is None for cell in cells):
            continue
        first = cells[0]
        if dialect.comment_prefix and isinstance(first, str) and first.startswith(dialect.comment_prefix):
            continue
        yield line, cells


def _without_tail(cells: list[Any]) -> list[Any]:
    """Cells without the empty ones at their end."""
    end = len(cells)
    while end and cells[end - 1] in (None, ""):
        end -= 1
    return cells[:end]

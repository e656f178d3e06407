"""Sources ``csv`` and ``tsv``: RFC 4180, strictly; the first row is the header.

A row that cannot be read is a fault of that row; only a quote that is never closed makes the rest
unreadable, since no one can tell where the next row begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from semantics.errors import Diagnostic, Location, UsageError
from semantics.lexical import LexicalError
from semantics.records import Record, Unheld
from semantics.sources.header import checked_header
from semantics.sources.options import ReadOptions, TableShape
from semantics.sources.rows import Rows
from semantics.sources.stream import Input, Overlong, utf8_blocks

__all__ = ["read_csv", "read_tsv", "table_records"]

_ReadRow = Callable[[list[str]], dict[str, Any]]


class _CellError(Exception):
    """A row that does not fit the header, or a cell that does not fit its column."""

    def __init__(self, code: str, message: str, hint: str | None = None, column: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint
        self.pointer = None if column is None else "/" + column.replace("~", "~0").replace("/", "~1")


def read_csv(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The records of a CSV file; see :func:`table_records`."""
    return table_records(source.blocks(options.limits), source.name, options, ",")


def read_tsv(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The records of a file with tabs between cells; see :func:`table_records`."""
    return table_records(source.blocks(options.limits), source.name, options, "\t")


def table_records(blocks: Iterator[bytes], name: str, options: ReadOptions, delimiter: str) -> Iterator[Record]:
    """The rows of a table as records: column name to value, an empty cell is None.

    Cells are converted by what ``options.tabular`` says of the header, else they are text. Raises
    :class:`SourceError` where the header cannot be used or a quote is never closed.
    """
    mark = _checked_delimiter(options.delimiter or delimiter)
    skipped, rest = utf8_blocks(blocks, name)
    rows = iter(Rows(rest, skipped, name, mark, options.limits))
    header = checked_header(next(rows, None), name, mark)
    shape = options.tabular(header, name) if options.tabular else TableShape(None, (None,) * len(header))
    read_row = _row_reader(header, shape)
    for number, row in enumerate(rows, 1):
        data, fault = None, row.fault
        if fault is None:
            try:
                data = read_row(row.cells)
            except _CellError as error:
                place = Location(name, row.line, pointer=error.pointer)
                fault = Diagnostic(error.code, error.message, place, hint=error.hint)
        raw = row.raw
        if isinstance(raw, Overlong):
            cls = shape.class_name
            yield Unheld(None, name, number, row.line, row.byte, None, None, cls, fault, None, len(raw), raw.sha256)
        else:
            yield Record(data, name, number, row.line, row.byte, None, raw, shape.class_name, fault)


def _checked_delimiter(text: str) -> str:
    if len(text) != 1 or not text.isascii() or text in '"\r\n\0':
        raise UsageError(Diagnostic("SRC014", "a delimiter is one ASCII character, not a quote or newline"))
    return text


def _row_reader(header: tuple[str, ...], shape: TableShape) -> _ReadRow:
    """What makes a record's data of cells; it raises :class:`_CellError`."""
    width = len(header)
    keep = shape.keeps_empty
    if not any(shape.converters) and not keep:

        def read_text(cells: list[str]) -> dict[str, Any]:
            if len(cells) != width:
                raise _ragged(cells, width)
            return {column: cell or None for column, cell in zip(header, cells, strict=True)}

        return read_text

    columns = tuple(zip(header, shape.converters, strict=True))

    def read_typed(cells: list[str]) -> dict[str, Any]:
        if len(cells) != width:
            raise _ragged(cells, width)
        data: dict[str, Any] = {}
        for (column, convert), cell in zip(columns, cells, strict=True):
            if not cell:
                data[column] = "" if column in keep else None
            elif convert is None:
                data[column] = cell
            else:
                try:
                    data[column] = convert(cell)
                except LexicalError as error:
                    raise _CellError("SRC043", f"column '{column}': {error}", column=column) from None
        return data

    return read_typed


def _ragged(cells: list[str], width: int) -> _CellError:
    hint = None
    if len(cells) == width + 1 and not cells[-1]:
        hint = "the row ends with a delimiter"
    elif len(cells) > width:
        hint = "a cell that holds the delimiter stands in quotes"
    return _CellError("SRC040", f"the row has {len(cells)} cells, the header has {width}", hint)

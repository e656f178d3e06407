"""Sources ``csv`` and ``tsv``: RFC 4180, strictly, or the dialect that is told; the first row is the header.

A row that cannot be read is a fault of that row; only a quote that is never closed makes the rest
unreadable, since no one can tell where the next row begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final

from msgspec.structs import replace

from semantics.plan.tables import TableDialect
from semantics.records import Record, Unheld
from semantics.sources.columns import Columns
from semantics.sources.encodings import told_text
from semantics.sources.header import checked_header
from semantics.sources.options import ReadOptions, TableShape
from semantics.sources.rows import Batch, Rows
from semantics.sources.stream import Input, Overlong

__all__ = ["Opened", "opened_csv", "opened_tsv", "read_csv", "read_tsv", "table_records"]

_PLAIN: Final = TableDialect()
_OF_ROWS: Final = ("quote_char", "double_quote", "trim")
"""The fields of a dialect that say how a single row is cut; how its cells are read, who reads it again says."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A table whose header is read: its rows, and what their columns are. ``columns`` reads cells."""

    name: str
    rows: Rows
    header: tuple[str, ...]
    shape: TableShape
    columns: Columns
    envelope: dict[str, Any] | None

    def records(self, batch: Batch, number: int) -> Iterator[Record]:
        """The records of rows, the first of which has a number."""
        return _records(batch, self.columns, self.name, number, self.shape.class_name, self.envelope)


def opened_csv(source: Input, options: ReadOptions) -> Opened:
    """A CSV file up to its header; see :func:`table_records`."""
    return _opened(source.blocks(options.limits), source.name, options, ",")


def opened_tsv(source: Input, options: ReadOptions) -> Opened:
    """A file with tabs between cells up to its header; see :func:`table_records`."""
    return _opened(source.blocks(options.limits), source.name, options, "\t")


def read_csv(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The records of a CSV file; see :func:`table_records`."""
    return table_records(source.blocks(options.limits), source.name, options, ",")


def read_tsv(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The records of a file with tabs between cells; see :func:`table_records`."""
    return table_records(source.blocks(options.limits), source.name, options, "\t")


def table_records(blocks: Iterator[bytes], name: str, options: ReadOptions, delimiter: str) -> Iterator[Record]:
    """The rows of a table as records: column name to value, an empty cell is None.

    ``delimiter`` is that of the format, where the dialect of the options says none. Cells are converted by what
    ``options.tabular`` says of the header, else they are text. A table in a dialect gives records whose envelope says
    it. Raises :class:`SourceError` where the header cannot be used or a quote is never closed.
    """
    table = _opened(blocks, name, options, delimiter)
    number = 1
    for batch in table.rows.batches():
        yield from table.records(batch, number)
        number += len(batch.cells)


def _opened(blocks: Iterator[bytes], name: str, options: ReadOptions, delimiter: str) -> Opened:
    dialect = (options.dialect or _PLAIN).checked()
    skipped, rest, dialect = told_text(blocks, name, replace(dialect, delimiter=dialect.delimiter or delimiter))
    rows = Rows(rest, skipped, name, dialect, options.limits)
    if dialect.header:
        header = checked_header(rows.first(), name, dialect)
    else:
        header = dialect.columns
    shape = options.tabular(header, name) if options.tabular else TableShape(None, (None,) * len(header))
    return Opened(name, rows, header, shape, Columns(header, shape, name), envelope_of(dialect))


def _records(
    batch: Batch, columns: Columns, name: str, number: int, cls: str | None, envelope: dict[str, Any] | None
) -> Iterator[Record]:
    datas, faults = columns.read(batch.cells, batch.lines, batch.faults)
    numbers = range(number, number + len(datas))
    if not faults:
        yield from map(
            Record, datas, repeat(name), numbers, batch.lines, batch.bytes, repeat(None), batch.raws,
            repeat(cls), repeat(None), repeat(envelope),
        )  # fmt: skip
        return
    told = map(faults.get, range(len(datas)))
    rows = zip(datas, batch.lines, batch.bytes, batch.raws, told, strict=True)
    for position, (data, line, byte, raw, fault) in enumerate(rows, number):
        if isinstance(raw, Overlong):
            yield Unheld(None, name, position, line, byte, None, None, cls, fault, envelope, len(raw), raw.sha256)
        else:
            yield Record(data, name, position, line, byte, None, raw, cls, fault, envelope)


def envelope_of(dialect: TableDialect) -> dict[str, Any] | None:
    """What of a dialect it takes to read a row by itself, beside its columns and its delimiter; None for RFC 4180."""
    said = {name: value for name in _OF_ROWS if (value := getattr(dialect, name)) != getattr(_PLAIN, name)}
    encoding = {"encoding": dialect.encoding} if dialect.encoding != _PLAIN.encoding else {}
    return {"format": "table", "dialect": said, **encoding} if said or encoding else None

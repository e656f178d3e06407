"""Where the rows of a run by columns come from: chunks of a table as columns, or as the records of the ordinary reader.

A :class:`Table` is an input with its query; what it gives are :class:`Rows`. Rows that cannot be columns, because the
ordinary reader finds a fault in one of them, are records only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from semantics.backends.columnar import Columnar
from semantics.engine.columns import readable
from semantics.errors import Diagnostic, Location, SourceError
from semantics.records import Record
from semantics.sources import Limits, ReadOptions
from semantics.sources.rows import Batch
from semantics.sources.stream import Input
from semantics.sources.table import Opened, opened_csv, opened_tsv

__all__ = ["CELLS", "CellTable", "ParquetTable", "Rows", "Table", "cell_fields"]

CHUNK_BYTES: Final = 32 << 20
"""Bytes of a chunk of a Parquet file, going by what a row has on average."""
CELL_BYTES: Final = 2 << 20
"""Bytes of a chunk of a text format."""
TOGETHER: Final = 512
"""Records that go the ordinary way at once."""
PIECE: Final = 512
"""Rows that are read one by one together, where one of them cannot be read."""
CELLS: Final = {"csv": opened_csv, "tsv": opened_tsv}
"""The text formats whose cells can be columns, with what opens them."""


class Rows(ABC):
    """Some rows of an input, which follow one another; ``start`` rows come before them.

    ``table`` has them as a ``pyarrow.Table``, where every one of them can be read.
    """

    start: int
    count: int
    table: Any

    @abstractmethod
    def pieces(self) -> Iterator[Rows]:
        """The same rows: together where all of them can be read, else in small pieces."""

    @abstractmethod
    def records(self, first: int, count: int) -> Iterator[list[Record]]:
        """Some of the rows as the ordinary reader reads them."""


class Table(ABC):
    """An input: its ordinal, its name, its format, the class of its rows, about how many there are, and their query."""

    ordinal: int
    path: str
    format: str
    source_class: str
    rows: int
    query: Columnar

    @abstractmethod
    def chunks(self) -> Iterator[Rows]:
        """The rows, so many at a time. Raises :class:`SourceError` where the rest cannot be read."""


# -- Parquet ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ParquetTable(Table):
    """A Parquet file of ``size`` bytes."""

    ordinal: int
    path: str
    source_class: str
    rows: int
    query: Columnar
    size: int
    limits: Limits
    format: str = "parquet"

    def chunks(self) -> Iterator[Rows]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        from semantics.sinks.parquet import GROUP_ROWS

        start = 0
        try:
            few = _few_values(self.path)
            with pq.ParquetFile(
                self.path, page_checksum_verification=True, pre_buffer=False, read_dictionary=few
            ) as file:
                most = max(1, min(GROUP_ROWS, CHUNK_BYTES * max(1, self.rows) // max(1, self.size)))
                for batch in file.iter_batches(batch_size=most, use_threads=False):
                    yield _ParquetRows(self, start, batch.num_rows, None, pa.Table.from_batches([batch]))
                    start += batch.num_rows
        except (pa.ArrowException, OSError, ValueError) as fault:
            message = "the file cannot be read: it is damaged, or not of this format"
            raise SourceError(Diagnostic("SRC103", message, Location(self.path))) from fault


def _few_values(path: str) -> list[str]:
    """The columns of text with few different values: these are read, compared and counted as dictionaries."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        if not file.metadata.num_row_groups:
            return []
        group = file.metadata.row_group(0)
        columns = [group.column(place) for place in range(group.num_columns)]
        small = {one.path_in_schema for one in columns if one.total_uncompressed_size < group.num_rows}
        return [one.name for one in file.schema_arrow if one.name in small and pa.types.is_string(one.type)]


@dataclass(frozen=True, slots=True)
class _ParquetRows(Rows):
    """``given``: as they stand in the file."""

    input: ParquetTable
    start: int
    count: int
    table: Any
    given: Any

    def pieces(self) -> Iterator[Rows]:
        if readable(self.given, self.input.limits):
            yield _ParquetRows(self.input, self.start, self.count, self.given, self.given)
        elif self.count <= PIECE:
            yield self
        else:
            for first in range(0, self.count, PIECE):
                part = self.given.slice(first, PIECE)
                yield from _ParquetRows(self.input, self.start + first, part.num_rows, None, part).pieces()

    def records(self, first: int, count: int) -> Iterator[list[Record]]:
        from semantics.sources.arrow_rows import ArrowRows, RowFault

        table, number = self.input, self.start + first
        reader = ArrowRows(self.given.schema, table.path, table.limits)
        for batch in self.given.slice(first, count).to_batches(max_chunksize=TOGETHER):
            records = []
            for row in reader.rows(batch):
                number += 1
                fault = None
                if isinstance(row, RowFault):
                    place = Location(table.path, pointer=row.pointer or None)
                    fault = Diagnostic(row.code, f"row {number}: {row.message}", place)
                data = None if fault else row
                records.append(Record(data, table.path, number, class_name=table.source_class, fault=fault))
            yield records


# -- text formats ------------------------------------------------------------------------------------


def cell_fields(header: Sequence[str]) -> Any:
    """The columns of a text format: text, all of them (a ``pyarrow.Schema``)."""
    import pyarrow as pa

    return pa.schema([(name, pa.string()) for name in header])


@dataclass(frozen=True, slots=True)
class CellTable(Table):
    """A table in a text format, cut into rows by the ordinary reader."""

    ordinal: int
    path: str
    source_class: str
    rows: int
    query: Columnar
    format: str
    source: Input
    options: ReadOptions

    def chunks(self) -> Iterator[Rows]:
        table = CELLS[self.format](self.source, self.options)
        width = len(table.header)
        held: list[Batch] = []
        start = size = 0
        for batch in table.rows.batches():
            plain = not batch.faults and set(map(len, batch.cells)) == {width}
            if held and (not plain or size >= CELL_BYTES):
                yield (rows := _CellRows.of(table, start, held))
                start, size, held = start + rows.count, 0, []
            if plain:
                held.append(batch)
                size += sum(map(len, batch.raws))
            else:
                yield _FaultyRows(table, start, len(batch.cells), None, batch)
                start += len(batch.cells)
        if held:
            yield _CellRows.of(table, start, held)


@dataclass(frozen=True, slots=True)
class _CellRows(Rows):
    """Rows that have a cell for each column; an empty one is null."""

    opened: Opened
    start: int
    count: int
    table: Any
    lines: Sequence[int]
    bytes: Sequence[int]
    raws: Sequence[Any]

    @classmethod
    def of(cls, opened: Opened, start: int, batches: list[Batch]) -> _CellRows:
        """The rows of some batches."""
        import pyarrow as pa

        columns = zip(*(row for batch in batches for row in batch.cells), strict=True)
        arrays = [pa.array([cell or None for cell in cells], pa.string()) for cells in columns]
        table = pa.Table.from_arrays(arrays, schema=cell_fields(opened.header))
        lines = [line for batch in batches for line in batch.lines]
        places = [place for batch in batches for place in batch.bytes]
        raws = [raw for batch in batches for raw in batch.raws]
        return cls(opened, start, table.num_rows, table, lines, places, raws)

    def pieces(self) -> Iterator[Rows]:
        yield self

    def records(self, first: int, count: int) -> Iterator[list[Record]]:
        for begin in range(first, first + count, TOGETHER):
            end = min(begin + TOGETHER, first + count)
            columns = [[cell or "" for cell in column.to_pylist()] for column in self.table.slice(begin, end - begin)]
            cells = list(map(list, zip(*columns, strict=True)))
            batch = Batch(cells, self.lines[begin:end], self.bytes[begin:end], self.raws[begin:end], {})
            yield list(self.opened.records(batch, self.start + begin + 1))


@dataclass(frozen=True, slots=True)
class _FaultyRows(Rows):
    """Rows one of which has a fault, or too few cells or too many."""

    opened: Opened
    start: int
    count: int
    table: Any
    batch: Batch

    def pieces(self) -> Iterator[Rows]:
        yield self

    def records(self, first: int, count: int) -> Iterator[list[Record]]:
        yield list(self.opened.records(self.batch, self.start + 1))

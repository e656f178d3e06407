"""From the rows of a partition to batches of records: as a run of this program reads them, with their keys and places.

A frame of text is read by the reader of NDJSON, many lines at once. Where the rows come from files, the driver has
counted what comes before each part of a file, and so records have the numbers, places and keys that one run over the
files gives them. Other frames have no places: there a record is told by its partition and its number in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

from semantics.engine.batches import Batch, LineBatch, grouped, keyed
from semantics.errors import Diagnostic, Location
from semantics.records import Record
from semantics.sources.json_lines import LineReader, ndjson_lines
from semantics.spark.shipment import PATH, START, Block, Ready

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["parts"]


def parts(batches: Iterator[pa.RecordBatch], work: Ready, partition: int) -> Iterator[tuple[int, Iterator[Batch]]]:
    """The parts of files that a task reads, or the one part that a partition is, in order: number and records."""
    shipment = work.shipment
    read = _lines if shipment.form == "lines" else _rows
    if not shipment.blocks:
        yield partition, read(batches, work, Block(shipment.name, partition + 1, start=min(partition, 1)))
        return
    numbers = {(block.path, block.start): number for number, block in enumerate(shipment.blocks)}
    for place, runs in groupby(_runs(batches), key=lambda run: run[0]):
        number = numbers[place]
        yield number, read((rows for _, rows in runs), work, shipment.blocks[number])


def _runs(batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[tuple[str, int], pa.RecordBatch]]:
    """Rows of one block that follow one another: (path of the file, start), and the rows without these."""
    import pyarrow.compute as pc

    for batch in batches:
        start = 0
        paths, starts = (pc.run_end_encode(batch.column(name)) for name in (PATH, START))
        rows = batch.drop_columns([PATH, START])
        for end in sorted({*paths.run_ends.to_pylist(), *starts.run_ends.to_pylist()}):
            place = batch.column(PATH)[start].as_py(), batch.column(START)[start].as_py()
            yield place, rows.slice(start, end - start)
            start = end


# -- lines -------------------------------------------------------------------------------------


def _lines(batches: Iterator[pa.RecordBatch], work: Ready, block: Block) -> Iterator[Batch]:
    """The lines of a part, not read yet."""
    options, source_class = work.options, work.shipment.source_class
    by_line = bool(options.selectors)
    reader = LineReader(block.name, options, 0 if by_line else block.records)
    # Only the beginning of a file is looked at for what it is.
    start = (block.bytes or block.start, block.lines + 1)
    for lines in ndjson_lines(_bytes(batches), block.name, options.limits, start):
        yield LineBatch(lines, reader, block.ordinal, by_line, source_class)


def _bytes(batches: Iterator[pa.RecordBatch]) -> Iterator[bytes]:
    """Rows as the lines of a file. A newline inside a row is a space: one row is one line."""
    for batch in batches:
        lines: list[Any] = [b"" if text is None else text for text in batch.column(0).to_pylist()]
        block = b"\n".join(lines)
        if block.count(b"\n") >= len(lines):
            block = b"\n".join([line.replace(b"\n", b" ") for line in lines])
        yield block + b"\n"


# -- rows --------------------------------------------------------------------------------------


def _rows(batches: Iterator[pa.RecordBatch], work: Ready, block: Block) -> Iterator[Batch]:
    """Rows whose columns are slots, read exactly."""
    records = _read(batches, work, block)
    return grouped(keyed(records, block.ordinal, by_line=False), block.ordinal, block.records)


def _read(batches: Iterator[pa.RecordBatch], work: Ready, block: Block) -> Iterator[Record]:
    from semantics.sources.arrow_rows import ArrowRows, RowFault
    from semantics.spark.types import in_utc

    number, class_name = block.records, work.shipment.row_class
    reader: ArrowRows | None = None
    for batch in batches:
        batch = in_utc(batch)
        if reader is None:
            reader = ArrowRows(batch.schema, block.name, work.shipment.limits)
        for row in reader.rows(batch):
            number += 1
            if isinstance(row, RowFault):
                place = Location(block.name, pointer=row.pointer or None)
                fault = Diagnostic(row.code, f"row {number}: {row.message}", place)
                yield Record(None, block.name, number, class_name=class_name, fault=fault)
            else:
                yield Record(row, block.name, number, class_name=class_name)

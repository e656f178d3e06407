"""From the rows of a partition to records: as a run of this program reads them, each with its key and its place.

A text frame is read by the reader of NDJSON, line by line. Where the rows come from files, the driver has counted what
comes before each part of a file, and so records have the numbers, places and keys that one run over the files gives
them. Other frames have no places: there a record is told by its partition and its number in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from msgspec import structs

from semantics.records import Record
from semantics.sources.json_lines import ndjson_records
from semantics.spark.shipment import Block, Ready

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Part", "parts"]

_AHEAD: Final = b"0\n"
"""A line before those of a part that is not the first of its file: what is only looked for there is not looked for."""

Part = tuple[int, Iterator[tuple[str, Record]]]
"""The number of a block (or of the partition), and its records with their keys."""


def parts(batches: Iterator[pa.RecordBatch], work: Ready, partition: int) -> Iterator[Part]:
    """The parts of files that a task reads, or the one part that a partition is, in order."""
    shipment = work.shipment
    if not shipment.blocks:
        first = Block(shipment.name, partition + 1, start=min(partition, 1))
        yield partition, _lines((_texts(batch) for batch in batches), work, first, placed=False)
        return
    numbers = {(block.path, block.start): number for number, block in enumerate(shipment.blocks)}
    for place, found in groupby(_runs(batches), key=lambda run: run[0]):
        number = numbers[place]
        yield number, _lines((texts for _, texts in found), work, shipment.blocks[number], placed=True)


def _texts(batch: pa.RecordBatch) -> list[bytes | None]:
    texts: list[bytes | None] = batch.column(0).to_pylist()
    return texts


def _runs(batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[tuple[str, int], list[bytes | None]]]:
    """Rows of one block that follow one another: (path of the file, start) and their texts."""
    import pyarrow.compute as pc

    for batch in batches:
        start = 0
        paths, starts = (pc.run_end_encode(batch.column(name)) for name in ("path", "start"))
        for end in sorted({*paths.run_ends.to_pylist(), *starts.run_ends.to_pylist()}):
            rows = batch.slice(start, end - start)
            yield (rows["path"][0].as_py(), rows["start"][0].as_py()), _texts(rows)
            start = end


def _lines(
    texts: Iterator[list[bytes | None]], work: Ready, block: Block, *, placed: bool
) -> Iterator[tuple[str, Record]]:
    """The records of lines, each with its key: the ordinal and its number, or its line and its number in that."""
    source_class = work.shipment.source_class
    ahead = block.start > 0
    records = ndjson_records(_bytes(texts, ahead=ahead), block.name, work.options)
    lines, skipped = block.lines, 0
    offset = block.bytes
    if ahead:
        next(records)
        lines, skipped, offset = lines - 1, 1, offset - len(_AHEAD)
    by_line = bool(work.options.selectors)
    line = place = 0
    for record in records:
        number, at = record.number - skipped, (record.line or 0) + lines
        if record.class_name is None and source_class is not None and record.pointer is None:
            record = record.of_class(source_class)
        if by_line:
            place = place + 1 if at == line else 1
            line = at
            key = f"{block.ordinal}-{line}-{place}"
        else:
            key = f"{block.ordinal}-{number + block.records}"
        where = at if placed else None
        if number != record.number or where != record.line or offset:
            record = _moved(record, number, where, (record.byte or 0) + offset if placed else None)
        yield key, record


def _moved(record: Record, number: int, line: int | None, byte: int | None) -> Record:
    fault = record.fault
    if fault is not None and fault.location is not None:
        from dataclasses import replace

        fault = replace(fault, location=replace(fault.location, line=line))
    return structs.replace(record, number=number, line=line, byte=byte, fault=fault)


def _bytes(texts: Iterator[list[bytes | None]], *, ahead: bool) -> Iterator[bytes]:
    """Rows as the lines of a file. A newline inside a row is a space: one row is one line."""
    if ahead:
        yield _AHEAD
    for found in texts:
        lines: list[Any] = [b"" if text is None else text for text in found]
        block = b"\n".join(lines)
        if block.count(b"\n") >= len(lines):
            block = b"\n".join([line.replace(b"\n", b" ") for line in lines])
        yield block + b"\n"

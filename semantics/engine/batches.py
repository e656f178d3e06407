"""Batches: records of one input that go through a run together, and the place in the inputs where they end.

Lines of NDJSON stay bytes until they are mapped, so that they can be read many at once, and by another process.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import msgspec

from semantics.records import Record
from semantics.sources.json_lines import LineReader, Lines
from semantics.sources.values import Values

__all__ = ["START", "Batch", "Keyed", "LineBatch", "Position", "RecordBatch", "grouped", "keyed"]

Keyed = tuple[str, Record]
"""A record with its key."""

TOGETHER: Final = 64
"""Records that are mapped at once: few enough that what is made of them stays in the processor's cache."""
BYTES: Final = 1 << 15
"""Bytes of lines that are mapped at once, for the same reason."""
RECORDS: Final = 512
"""Records of a batch at most."""
BATCH_BYTES: Final = 1 << 18
"""Bytes of a batch at most, give or take a record."""


class Position(msgspec.Struct, frozen=True, array_like=True):
    """How far a run has come: the ordinal of the input (from 1), its records so far, and for lines the next one."""

    input: int = 0
    records: int = 0
    byte: int = 0
    line: int = 1


START: Final = Position()


def keyed(records: Iterable[Record], ordinal: int, *, by_line: bool) -> Iterator[Keyed]:
    """The records of an input with their keys.

    A key tells a record from all others of the run, and does not depend on whether others could be read: it is the
    ordinal of the input and the record's number, or its line and its number in that, where a line may hold many.
    """
    line = place = 0
    for record in records:
        if by_line:
            line, place = record.line or 0, place + 1 if record.line == line else 1
            yield f"{ordinal}-{line}-{place}", record
        else:
            yield f"{ordinal}-{record.number}", record


@dataclass(frozen=True, slots=True)
class RecordBatch:
    """Records that were read already, from one input; ``end`` is the place after the last."""

    records: list[Keyed]
    end: Position = START

    @property
    def size(self) -> int:
        """Their bytes, about."""
        return sum(len(record.raw or b"") + 1 for _, record in self.records)

    def cut(self) -> Iterator[RecordBatch]:
        """The same in batches that are mapped at once."""
        if len(self.records) <= TOGETHER:
            yield self
            return
        for start in range(0, len(self.records), TOGETHER):
            yield RecordBatch(self.records[start : start + TOGETHER], self.end)

    def read(self) -> list[Keyed]:
        """The records one by one."""
        return self.records

    def keys(self) -> Iterator[str]:
        """Their keys."""
        return (key for key, _ in self.records)

    def halves(self) -> list[RecordBatch]:
        """The batch in two; one of a single record is whole."""
        middle = (len(self.records) + 1) // 2
        parts = (self.records[:middle], self.records[middle:])
        return [RecordBatch(part, self.end) for part in parts if part]


@dataclass(eq=False)
class LineBatch:
    """Lines of an NDJSON input that are not read yet.

    ``reader`` reads them, and knows how many records came before; ``source_class`` is theirs where they tell none.
    """

    lines: Lines
    reader: LineReader
    ordinal: int
    by_line: bool
    source_class: str | None = None
    _first: int = field(default=0, init=False)
    _count: int = field(default=0, init=False)

    @property
    def size(self) -> int:
        """Their bytes."""
        return self.lines.end - self.lines.byte

    @property
    def end(self) -> Position:
        """The place after the last line, once all are read."""
        return Position(self.ordinal, self.reader.number, self.lines.end, self.lines.line + self.lines.count)

    def cut(self) -> Iterator[LineBatch]:
        """The same in batches that are mapped at once."""
        for lines in self.lines.cut(BYTES):
            yield self._of(lines)

    def values(self) -> Values | None:
        """All values at once, where nothing in the lines is out of the ordinary; see :meth:`taken`."""
        return self.reader.values(self.lines)

    def taken(self, values: Values) -> None:
        """Take it that :meth:`values` are the records of the batch."""
        self._values = values
        self._first, self._count = self.reader.number, len(values.data)
        self.reader.number += self._count

    def read(self) -> list[Keyed]:
        """The records one by one."""
        found = self.reader.records(self.lines)
        if self.source_class is not None:
            found = map(self._classed, found)
        return list(keyed(found, self.ordinal, by_line=self.by_line))

    def _classed(self, record: Record) -> Record:
        told = record.class_name is not None or record.pointer is not None or self.source_class is None
        return record if told else record.of_class(self.source_class or "")

    @property
    def records_at_most(self) -> int:
        """How many records there are, where every line that is not blank is one."""
        return self.lines.count - self.lines.blank

    def halves(self) -> list[LineBatch]:
        """The batch in two; one of a single line is whole."""
        return [self._of(lines) for lines in self.lines.halves()]

    def _of(self, lines: Lines) -> LineBatch:
        return LineBatch(lines, self.reader, self.ordinal, self.by_line, self.source_class)

    def keys(self) -> Iterator[str]:
        """The keys of the records that were taken."""
        if self.by_line:
            return (f"{self.ordinal}-{line}-1" for line in range(self.lines.line, self.lines.line + self._count))
        return (f"{self.ordinal}-{number}" for number in range(self._first + 1, self._first + self._count + 1))

    @cached_property
    def records(self) -> list[Keyed]:
        """The records that were taken."""
        values, line, byte = self._values, self.lines.line, self.lines.byte
        found: list[Keyed] = []
        raws = self.lines.raw.removesuffix(b"\n").split(b"\n")
        for number, (key, data, raw) in enumerate(zip(self.keys(), values.data, raws, strict=True)):
            name = values.class_name or self.source_class
            record = Record(
                data,
                self.reader.name,
                self._first + number + 1,
                line + number,
                byte,
                None,
                raw.removesuffix(b"\r"),
                name,
            )
            found.append((key, record))
            byte += len(raw) + 1
        return found


Batch = RecordBatch | LineBatch


def grouped(records: Iterator[Keyed], ordinal: int = 0, done: int = 0) -> Iterator[RecordBatch]:
    """Records in batches; what was read before a fault of the source comes before the fault.

    ``done`` records of the input come before them.
    """
    while True:
        batch: list[Keyed] = []
        room = BATCH_BYTES
        try:
            for item in records:
                batch.append(item)
                room -= len(item[1].raw or b"")
                if room <= 0 or len(batch) == RECORDS:
                    break
        except Exception:
            if batch:
                yield RecordBatch(batch, Position(ordinal, done + len(batch)))
            raise
        if not batch:
            return
        done += len(batch)
        yield RecordBatch(batch, Position(ordinal, done))

"""What a task does with its partition: every record mapped, checked and written, or rejected, and counted.

All of it goes into one frame of tagged rows, so that the data are passed over once. Its columns are ``kind``, ``block``
(the part of the input that a row is about), ``class``, ``value`` and ``data``. The kinds: "instance", with its text as
the value, or its class and its typed row as the data; "reject", a line of a rejects file; "block", how much a part of
the input held; "references", what refers to what; and "counts", what the task counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final

import msgspec

from semantics.engine.carrier import Part
from semantics.engine.context import begin
from semantics.engine.ledger import LedgerState
from semantics.engine.references import References
from semantics.engine.rejects import RejectsFile
from semantics.engine.waiting import ReferencesState
from semantics.errors import SemanticsError
from semantics.expressions.context import active
from semantics.spark.pieces import data_of, rows_of, texts
from semantics.spark.records import parts
from semantics.spark.shipment import Ready, ready

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["COLUMNS", "FAULT", "BlockCounts", "Counts", "Referred", "TaskFault", "carry", "numbered", "typed"]

COLUMNS: Final = "kind string, block int, class string, value string, data binary"
"""The columns of the tagged rows, as Spark writes them."""
FAULT: Final = "semantics-fault:"
"""What stands before the findings in the message of a task that fails."""
HELD: Final = 4 * 1024 * 1024
"""Bytes of digests of references that a task holds before it hands them on."""
ROWS: Final = 1_000
"""Rows of a batch that goes back to Spark, or some more."""

_ENCODE: Final = msgspec.json.Encoder(decimal_format="number").encode
_Row = tuple[str, int, str | None, str | None, bytes | None]


class BlockCounts(msgspec.Struct):
    """How much a part of the input held: its records, and the instances that they gave."""

    records: int
    emitted: int


class Referred(msgspec.Struct):
    """References of a block, ``before`` which so many of its references came."""

    before: int
    state: ReferencesState


class Counts(msgspec.Struct):
    """What a task counted; ``warnings`` are those of shapes."""

    ledger: LedgerState
    warnings: dict[str, int]


class TaskFault(Exception):
    """Ends a task, and the job with it: its message holds the findings as JSON, behind :data:`FAULT`."""

    def __init__(self, fault: SemanticsError) -> None:
        told = {"kind": type(fault).__name__, "findings": fault.diagnostics}
        super().__init__(f"{FAULT}{_ENCODE(told).decode()}")


def carry(packed: str, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The tagged rows that a partition gives; ``packed`` is a :class:`~semantics.spark.shipment.Shipment`.

    This is what ``mapInArrow`` runs on the executors. Raises :class:`TaskFault` where the input cannot be read.
    """
    from pyspark import TaskContext

    context = TaskContext.get()
    try:
        yield from _Partition(ready(packed), context.partitionId() if context is not None else 0).rows(batches)
    except SemanticsError as fault:
        raise TaskFault(fault) from None


def numbered(before: str, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Lines of rejects with the numbers that they have in the whole: how many records and instances come before.

    ``before`` is JSON: block to the records of its source and the instances of the run that stand in earlier blocks.
    """
    import pyarrow as pa

    told: dict[str, tuple[int, int]] = msgspec.json.decode(before, type=dict[str, tuple[int, int]])
    for batch in batches:
        lines = []
        for block, text in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True):
            entry = msgspec.json.decode(text)
            records, instances = told.get(str(block), (0, 0))
            entry["record"] += records
            entry["after"] += instances
            lines.append(_ENCODE(entry).decode())
        yield pa.RecordBatch.from_arrays([pa.array(lines, pa.string())], ["value"])


def typed(packed: str, class_name: str, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Typed rows as the columns of their class."""
    from semantics.sinks.arrow_schema import arrow_class

    table = arrow_class(ready(packed).shipment.target, class_name)
    for batch in batches:
        if batch.num_rows:
            yield table.batch(data_of(batch.column(0).to_pylist()))


class _Partition:
    """The state of one task."""

    def __init__(self, work: Ready, number: int) -> None:
        self.work, self.number = work, number
        self.carrier = work.carrier()
        shipment = work.shipment
        names = {shipment.name, *(block.name for block in shipment.blocks)}
        formats = {} if shipment.read_as is None else dict.fromkeys(names, shipment.read_as)
        self.rejects = RejectsFile("", made_by=shipment.made_by, formats=formats)
        self.block = self.records = self.emitted = self.referred = 0
        self.held: list[_Row] = []

    def rows(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Everything that the task gives, batch by batch; memory does not grow with the partition."""
        shipment, carrier = self.work.shipment, self.carrier
        context = begin(shipment.plan.needs, now=shipment.now, key_file=shipment.key_file)
        with active(context) if context is not None else nullcontext():
            for number, found in parts(batches, self.work, self.number):
                self.block, self.records, self.emitted, self.referred = number, 0, 0, 0
                for batch in found:
                    for some in batch.cut():
                        self._take(carrier.carry(some))
                        if carrier.references is not None and carrier.references.size > HELD:
                            self._hand_on(carrier.references)
                        if len(self.held) >= ROWS:
                            yield self._batch()
                self._take(carrier.rest())
                if carrier.references is not None:
                    self._hand_on(carrier.references)
                self._note("block", BlockCounts(self.records, self.emitted))
        warnings = carrier.shapes.warnings if carrier.shapes is not None else {}
        self._note("counts", Counts(carrier.ledger.state(), warnings))
        yield self._batch()

    def _take(self, part: Part) -> None:
        """Keep what came of some records."""
        for refused in part.refused:
            facts = {"key": refused.key, "after": self.emitted + refused.after}
            entry = self.rejects._entry(refused.rejected, facts)
            if not self.work.shipment.blocks or self.work.shipment.form == "rows":
                entry["line"] = entry["byte"] = None
            self._note("reject", entry)
        for piece in part.pieces:
            self._keep(bytes(piece))
        self.records += part.records
        self.emitted += part.emitted

    def _keep(self, piece: bytes) -> None:
        to = self.work.shipment.to
        if to == "columns":
            self.held += [("instance", self.block, name, None, row) for name, row in rows_of(piece)]
        else:
            self.held += [("instance", self.block, None, text, None) for text in texts(to, piece)]

    def _hand_on(self, references: References) -> None:
        """Note what references were collected, and forget them. Those of a block follow one another."""
        state = references.state()
        if not self.work.shipment.blocks or self.work.shipment.form == "rows":
            state.pending = [(d, slot, count, use._replace(line=None)) for d, slot, count, use in state.pending]
        self._note("references", Referred(self.referred, state))
        self.referred += state.order
        references.reset()

    def _note(self, kind: str, value: Any) -> None:
        self.held.append((kind, self.block, None, _ENCODE(value).decode(), None))

    def _batch(self) -> pa.RecordBatch:
        """What is held, as a batch; nothing is held any more."""
        import pyarrow as pa

        names = ("kind", "block", "class", "value", "data")
        types = (pa.string(), pa.int32(), pa.string(), pa.string(), pa.binary())
        columns = [pa.array(column, kind) for column, kind in zip(zip(*self.held, strict=True), types, strict=True)]
        self.held = []
        return pa.RecordBatch.from_arrays(columns, list(names))

"""What a task does with its partition: every record mapped, checked and written, or rejected, and counted.

All of it goes into one frame of tagged rows, so that the data are passed over once. Its columns are ``kind``, ``block``
(the part of the input that a row is about) and ``value``. The kinds: "instance", one piece of the output;
"reject", a line of a rejects file; "block", how much a part of the input held; and "counts", what the task counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final

import msgspec

from semantics.backends import Event
from semantics.engine.context import begin
from semantics.engine.ledger import Ledger
from semantics.engine.rejects import RejectsFile
from semantics.errors import SemanticsError
from semantics.expressions.context import active
from semantics.lexical import LexicalError
from semantics.records import Mapped, Outcome, Record, Rejected
from semantics.spark.counts import counts_of
from semantics.spark.records import parts
from semantics.spark.shipment import Ready, ready

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["COLUMNS", "FAULT", "carry", "numbered"]

COLUMNS: Final = "kind string, block int, value string"
"""The columns of the tagged rows, as Spark writes them."""
FAULT: Final = "semantics-fault:"
"""What stands before the findings in the message of a task that fails."""
ROWS: Final = 1_000
"""Rows of a batch that goes back to Spark."""

_ENCODE: Final = msgspec.json.Encoder(decimal_format="number").encode


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


class _Ndjson(dict[str, str]):
    """How each source was read: as NDJSON."""

    def get(self, key: str, default: Any = None) -> Any:
        return "ndjson"


class _Partition:
    """The state of one task."""

    def __init__(self, work: Ready, number: int) -> None:
        self.work, self.number = work, number
        self.ledger = Ledger(work.shipment.plan)
        self.shapes = work.shapes()
        self.rejects = RejectsFile("", made_by=work.shipment.made_by, formats=_Ndjson())
        self.block = self.records = self.emitted = 0
        self.held: list[tuple[str, int, str]] = []

    def rows(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Everything that the task gives, batch by batch; memory does not grow with the partition."""
        shipment = self.work.shipment
        context = begin(shipment.plan.needs, now=shipment.now, key_file=shipment.key_file)
        with active(context) if context is not None else nullcontext():
            for block, records in parts(batches, self.work, self.number):
                self.block, self.records, self.emitted = block, 0, 0
                for key, record in records:
                    self._take(key, record)
                    if len(self.held) >= ROWS:
                        yield self._batch()
                self._rest()
                self._note("block", {"records": self.records, "emitted": self.emitted})
        warnings = self.shapes.warnings if self.shapes is not None else {}
        self._note("counts", counts_of(self.ledger, warnings))
        yield self._batch()

    def _take(self, key: str, record: Record) -> None:
        """Carry one record through."""
        events: list[Event] = []
        self.records += 1
        self.ledger.read += 1
        outcome = self.work.mapping.outcome(record, events)
        if self.shapes is None:
            self._settle(outcome, key, events)
            return
        for settled in self.shapes.take(outcome, key, events):
            self._settle(*settled)

    def _rest(self) -> None:
        """Settle the records that the shapes still hold."""
        if self.shapes is not None:
            for settled in self.shapes.rest():
                self._settle(*settled)

    def _settle(self, outcome: Outcome, key: str, events: list[Event], _triples: bytes | None = None) -> None:
        """Write what a record gave, or reject it, and count it."""
        if isinstance(outcome, Mapped):
            outcome = self._written(outcome, key)
        if isinstance(outcome, Rejected):
            events = []
            entry = self.rejects._entry(outcome, {"key": key, "after": self.emitted})
            self._note("reject", entry)
        self.ledger.add(outcome, events)

    def _written(self, outcome: Mapped, key: str) -> Outcome:
        """The instances written; all of a record's or none."""
        encoder, pieces = self.work.encoder, []
        for position, instance in enumerate(outcome.instances):
            try:
                pieces.append(encoder.encode(instance, f"{key}-{position}"))
            except LexicalError as fault:
                from semantics.engine.places import unwritable

                mapping, shipment = self.work.mapping, self.work.shipment
                found = unwritable(fault, instance, shipment.target, shipment.to)
                return Rejected(outcome.record, tuple(mapping.located((found,), instance, outcome.record)))
        self.emitted += len(pieces)
        self.held += [("instance", self.block, piece.decode().removesuffix("\n")) for piece in pieces]
        return outcome

    def _note(self, kind: str, value: Any) -> None:
        self.held.append((kind, self.block, _ENCODE(value).decode()))

    def _batch(self) -> pa.RecordBatch:
        """What is held, as a batch; nothing is held any more."""
        import pyarrow as pa

        kinds, blocks, values = zip(*self.held, strict=True)
        self.held = []
        columns = [pa.array(kinds, pa.string()), pa.array(blocks, pa.int32()), pa.array(values, pa.string())]
        return pa.RecordBatch.from_arrays(columns, ["kind", "block", "value"])

"""What carries records through: from a batch of records to the bytes of their instances, and what was rejected.

A :class:`Carrier` has no output of its own: what it makes of a batch is a :class:`Part`, which the run settles in the
order of the inputs, whether it was made in this process or in another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from semantics.backends import Event
from semantics.engine.batches import START, Batch, Keyed, Position
from semantics.engine.groups import Grouping, GroupOutcome
from semantics.engine.lane import Lane, Passed
from semantics.engine.ledger import Ledger
from semantics.engine.mapping import Mapping
from semantics.engine.references import References
from semantics.engine.tally import Look
from semantics.lexical import LexicalError
from semantics.records import Instance, Mapped, Outcome, Rejected
from semantics.sources import Limits

if TYPE_CHECKING:
    from semantics.engine.shapes import ShapeCheck
    from semantics.sinks.base import Encoder

__all__ = ["Carrier", "Part", "Refused"]


@dataclass(slots=True)
class Refused:
    """A rejected record (or group), its key, and after how many instances of its part it stood."""

    rejected: Rejected
    key: str
    after: int
    group: GroupOutcome | None = None


@dataclass(slots=True)
class Part:
    """What came of some records: ``pieces`` are the bytes of instances, of which there are ``emitted``; views are lent.

    ``outcomes`` are kept where somebody wants to be told all of them. ``records`` and ``size`` are what was read.
    ``end`` is the place in the inputs after the last record.
    """

    records: int = 0
    size: int = 0
    emitted: int = 0
    pieces: list[bytes | memoryview] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    outcomes: list[tuple[Outcome, str]] = field(default_factory=list)
    end: Position = START


@dataclass
class Carrier:
    """Maps, checks and encodes batches of records, and counts them in a ledger.

    ``format`` is that of the encoder. ``follow``: all outcomes are wanted. With ``grouping`` records that belong to a
    group are kept for it. ``together``: many records at once where it can be, for which shapes may be the generated
    ones alone.
    """

    mapping: Mapping
    encoder: Encoder
    format: str
    limits: Limits
    ledger: Ledger
    references: References | None = None
    shapes: ShapeCheck | None = None
    grouping: Grouping | None = None
    follow: bool = False
    together: bool = True
    _classes: dict[str, str] = field(default_factory=dict, init=False)
    _lane: Lane | None = field(default=None, init=False)
    _groups: dict[str, GroupOutcome] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._classes = self.mapping.target_classes
        if self.mapping.functions and self.together:
            self._lane = self._made_lane()

    def _made_lane(self) -> Lane:
        look = self._look
        if self.shapes is None:
            return Lane(self.mapping, self.encoder, self.limits, look)
        from semantics.engine.implied import Implied

        rdf = self.shapes.encoder if self.format in ("json", "ndjson") else None
        return Lane(self.mapping, self.encoder, self.limits, look, Implied(self.mapping.prepared.target), rdf)

    def _look(self, source_class: str | None, rules: tuple[str, ...], datas: list[dict[str, Any]]) -> Look:
        return self.ledger.look(source_class, rules, datas)  # the ledger of this batch may be another than the last

    def carry(self, batch: Batch) -> Part:
        """Take the records of a batch through; all of them are settled unless they wait for others."""
        part = Part(size=batch.size)
        for some in batch.cut():
            for found in self._lane.take(some) if self._lane is not None else (some.read(),):
                if isinstance(found, Passed):
                    self._passed(found, part)
                else:
                    self._one_by_one(found, part)
        part.end = batch.end
        return part

    def rest(self) -> Part:
        """What the shapes still held back."""
        part = Part()
        if self.shapes is not None:
            for settled in self.shapes.rest():
                self._settle(part, *settled)
        return part

    def group(self, found: GroupOutcome) -> Part:
        """Take what became of a group through what is left."""
        part = Part()
        self._groups[found.key] = found
        self._checked(part, found.outcome, found.key, found.events)
        return part

    # -- many at once ---------------------------------------------------------------------------

    def _passed(self, passed: Passed, part: Part) -> None:
        """Keep what a batch gave, and count it."""
        part.records += len(passed.datas)
        self.ledger.read += len(passed.datas)
        self.ledger.add_batch(passed)
        part.pieces.append(passed.encoded)
        part.emitted += passed.emitted
        if self.references is not None:
            names = [self._classes[rule] for rule in passed.made]
            self.references.collect_rows(names, zip(*passed.made.values(), strict=True), passed.record)
        if self.follow:
            part.outcomes += passed.outcomes(self._classes)

    # -- one by one -----------------------------------------------------------------------------

    def _one_by_one(self, records: list[Keyed], part: Part) -> None:
        """Carry records through, each by itself."""
        part.records += len(records)
        self.ledger.read += len(records)
        events: list[Event] = []
        for key, record in records:
            outcome: Outcome | None = self.mapping.outcome(record, events)
            if self.grouping is not None and outcome is not None:
                outcome = self.grouping.take(record, outcome, key)
            if outcome is not None:
                self._checked(part, outcome, key, events)
            if events:
                events = []

    def _checked(self, part: Part, outcome: Outcome, key: str, events: list[Event]) -> None:
        """Validate a record against the shapes, and settle what is known with it."""
        if self.shapes is None:
            self._settle(part, outcome, key, events)
            return
        for settled in self.shapes.take(outcome, key, events):
            self._settle(part, *settled)

    def _settle(
        self, part: Part, outcome: Outcome, key: str, events: list[Event], triples: bytes | None = None
    ) -> None:
        """Encode what a record gave, and count it. ``triples``: its instances, if they are RDF already."""
        if isinstance(outcome, Mapped):
            outcome, pieces = self._encoded(outcome, key, triples)
            part.pieces += pieces
            part.emitted += len(pieces)
        group = self._groups.pop(key, None)
        if isinstance(outcome, Rejected):
            events = []
            part.refused.append(Refused(outcome, key, part.emitted, group))
            if self.grouping is not None and group is None:
                self.grouping.spoil(outcome.record)
        if group is None:
            self.ledger.add(outcome, events)
        else:
            self.ledger.add_group(outcome, group.settled, events)
        if self.references is not None:
            self.references.add(outcome, key)
        if self.follow:
            part.outcomes.append((outcome, key))

    def _encoded(self, mapped: Mapped, key: str, triples: bytes | None) -> tuple[Outcome, list[bytes]]:
        """The bytes of the instances; all of a record's or none."""
        if triples is not None and self.format == "ntriples":
            return mapped, [triples] * bool(mapped.instances)
        pieces: list[bytes] = []
        for position, instance in enumerate(mapped.instances):
            try:
                pieces.append(self.encoder.encode(instance, f"{key}-{position}"))
            except LexicalError as fault:
                return self._unwritable(fault, instance, mapped), []
        return mapped, pieces

    def _unwritable(self, fault: LexicalError, instance: Instance, mapped: Mapped) -> Rejected:
        """An instance that the format has no place for: its record is rejected."""
        from semantics.engine.places import unwritable

        found = unwritable(fault, instance, self.mapping.prepared.target, self.format)
        located: Iterator[Any] = self.mapping.located((found,), instance, mapped.record)
        return Rejected(mapped.record, tuple(located))

"""The fast lane: a batch of records in which nothing is out of the ordinary is carried through at once.

Mapping, checking and writing go over the whole batch by turns, without an object made for each step of each record.
Where anything is not as expected (a record that cannot be read, mapped, checked or written, or that is filtered)
nothing of the batch has happened yet, and its records go the long way one by one: what comes out is the same.
On the benchmark this takes half the time of the long way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from semantics.records import Instance, Mapped, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from semantics.backends import Event
    from semantics.engine.implied import Implied
    from semantics.engine.mapping import Mapping
    from semantics.sinks.base import Encoder

__all__ = ["BATCH", "Lane", "Passed", "batches"]

BATCH: Final = 64
"""Records of a batch at most: few enough that what is made of them stays in the processor's cache."""
BATCH_BYTES: Final = 1 << 20
"""Bytes of a batch at most, give or take a record."""
SMALLEST: Final = 6
"""A batch that fails is tried again in halves down to this size, so that one bad record holds up few others."""
PATIENCE: Final = 64
"""Batches that are sent the long way untried, at most, where those before them failed."""

Keyed = tuple[str, Record]
"""A record with its key."""


def batches(records: Iterator[Keyed]) -> Iterator[list[Keyed]]:
    """The records in batches; what was read before a fault of the source comes before the fault."""
    while True:
        batch: list[Keyed] = []
        room = BATCH_BYTES
        try:
            for item in islice(records, BATCH):
                batch.append(item)
                room -= len(item[1].raw or b"")
                if room <= 0:
                    break
        except Exception:
            if batch:
                yield batch
            raise
        if not batch:
            return
        yield batch


@dataclass(frozen=True, slots=True)
class Passed:
    """A batch that went through: its records, what each rule made of them, and the bytes of all instances.

    ``datas`` are the records' own data, ``made`` holds for each rule its instances, one a record.
    """

    records: list[Keyed]
    datas: list[dict[str, Any]]
    made: dict[str, list[dict[str, Any]]]
    events: list[Event]
    encoded: bytes

    def outcomes(self, classes: dict[str, str]) -> Iterator[tuple[Mapped, str]]:
        """The outcome of each record with its key; ``classes`` are the target classes of the rules."""
        rows = zip(*self.made.values(), strict=True)
        for (key, record), row in zip(self.records, rows, strict=True):
            found = zip(self.made, row, strict=True)
            instances = tuple([Instance(classes[rule], data, rule) for rule, data in found])
            yield Mapped(record, instances), key


@dataclass
class Lane:
    """Takes batches through a mapping into the bytes of an encoder; for plans without groups and dialects.

    ``implied`` tells which instances conform to the generated shapes, where those are validated as well; ``rdf`` is
    the encoder that shows whether instances can be RDF at all, where the output is none.
    """

    mapping: Mapping
    encoder: Encoder
    implied: Implied | None = None
    rdf: Encoder | None = None
    _failed: int = 0
    _waiting: int = 0
    _functions: dict[str, tuple[tuple[str, Any], ...]] = field(init=False)
    _checks: dict[str, Callable[[Any], bool]] = field(init=False)

    def __post_init__(self) -> None:
        self._functions = self.mapping.functions
        self._checks = self.mapping.checks if self.mapping.check or self.implied is not None else {}

    def take(self, batch: list[Keyed]) -> Iterator[Passed | list[Keyed]]:
        """The batch, or parts of it, passed; and those of its records that have to go the long way, in order."""
        if self._waiting:
            self._waiting -= 1
            yield batch
            return
        passed = self._passed(batch)
        if passed is not None:
            self._failed = 0
            yield passed
            return
        self._failed += 1
        if self._failed > 2:
            self._waiting = min(2**self._failed, PATIENCE)
        yield from self._halved(batch)

    def _halved(self, batch: list[Keyed]) -> Iterator[Passed | list[Keyed]]:
        """The parts of a batch that failed."""
        if len(batch) <= SMALLEST:
            yield batch
            return
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            passed = self._passed(half)
            if passed is not None:
                yield passed
            else:
                yield from self._halved(half)

    def _passed(self, batch: list[Keyed]) -> Passed | None:
        """The batch carried through; None where anything of it is out of the ordinary."""
        datas = [record.data for _, record in batch]
        source_class = self._class_of(batch, datas)
        if source_class is None:
            return None
        if not all([self.mapping.has_keys(data, source_class) for data in datas] if self.mapping.plan.lookups else ()):
            return None
        events: list[Event] = []
        made: dict[str, list[dict[str, Any]]] = {}
        try:
            for rule, function in self._functions[source_class]:
                column = made[rule] = [function(data, events) for data in datas]
                if None in column or (self._checks and not all(map(self._checks[rule], column))):
                    return None
            if self.implied is not None and not self._conform(self.implied, made):
                return None
            if self.rdf is not None:
                self._encoded(self.rdf, batch, made)
            encoded = self._encoded(self.encoder, batch, made)
        except Exception:  # whatever it is, the long way tells it
            return None
        return Passed(batch, datas, made, events, encoded)

    def _class_of(self, batch: list[Keyed], datas: list[Any]) -> str | None:
        """The source class of all the records, where they are objects of one class that the mapping derives from."""
        if set(map(type, datas)) != {dict}:
            return None
        told = {record.class_name for _, record in batch}
        if told == {None}:
            told = {found if type(found := self.mapping.class_of(r)) is str else None for _, r in batch}
        name = told.pop()
        return name if not told and name in self._functions else None

    def _conform(self, implied: Implied, made: dict[str, list[dict[str, Any]]]) -> bool:
        """Whether the valid instances of each record conform to the generated shapes."""
        names = [self.mapping.target_classes[rule] for rule in made]
        if len(names) == 1 and implied.one(names[0]):
            return True
        return all(implied.all(zip(names, row, strict=True)) for row in zip(*made.values(), strict=True))

    def _encoded(self, encoder: Encoder, batch: list[Keyed], made: dict[str, list[dict[str, Any]]]) -> bytes:
        """The bytes of all instances, in the order of the records and of the rules."""
        classes = self.mapping.target_classes
        if len(made) == 1:
            ((rule, column),) = made.items()
            return encoder.encode_all(classes[rule], column, (f"{key}-0" for key, _ in batch))
        pieces = [
            encoder.encode(Instance(classes[rule], data, rule), f"{key}-{position}")
            for (key, _), row in zip(batch, zip(*made.values(), strict=True), strict=True)
            for position, (rule, data) in enumerate(zip(made, row, strict=True))
        ]
        return encoder.between.join(pieces)

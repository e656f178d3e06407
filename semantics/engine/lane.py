"""The fast lane: a batch of records in which nothing is out of the ordinary is carried through at once.

Mapping, checking and writing go over the whole batch by turns, without an object made for each step of each record.
Where anything is not as expected (a record that cannot be read, mapped, checked or written, or that is filtered)
nothing of the batch has happened yet, and its records go the long way one by one: what comes out is the same.
On the benchmark this takes half the time of the long way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from semantics.engine.batches import Batch, Keyed, LineBatch, RecordBatch
from semantics.lexical import MAX_EXPONENT
from semantics.records import Instance, Mapped, Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from semantics.backends import Event
    from semantics.engine.implied import Implied
    from semantics.engine.mapping import Mapping
    from semantics.engine.tally import Look
    from semantics.sinks.base import Encoder
    from semantics.sources import Limits
    from semantics.validation.assured import AcceptAll

__all__ = ["Lane", "Passed"]

SMALLEST: Final = 6
"""A batch that fails is tried again in halves down to this size, so that one bad record holds up few others."""
PATIENCE: Final = 64
"""Batches that are sent the long way untried, at most, where those before them failed."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A batch that went through: what each rule made of its records, and the bytes of all instances.

    ``datas`` are the records' own data, ``made`` holds for each rule its instances, one a record. ``look`` is what was
    seen in the data, where that was needed.
    """

    batch: Batch
    source_class: str | None
    datas: list[dict[str, Any]]
    made: dict[str, list[dict[str, Any]]]
    events: list[Event]
    encoded: bytes
    look: Look | None = None

    @property
    def emitted(self) -> int:
        """How many instances there are."""
        return len(self.made) * len(self.datas)

    def record(self, number: int) -> Record:
        """The record of a number, from 0."""
        return self.batch.records[number][1]

    def outcomes(self, classes: dict[str, str]) -> Iterator[tuple[Mapped, str]]:
        """The outcome of each record with its key; ``classes`` are the target classes of the rules."""
        rows = zip(*self.made.values(), strict=True)
        for (key, record), row in zip(self.batch.records, rows, strict=True):
            found = zip(self.made, row, strict=True)
            instances = tuple([Instance(classes[rule], data, rule) for rule, data in found])
            yield Mapped(record, instances), key


@dataclass
class Lane:
    """Takes batches through a mapping into the bytes of an encoder; for plans without groups and dialects.

    ``look`` sees what a ledger would count in records of a class. ``implied`` tells which instances conform to the
    generated shapes, where those are validated as well; ``rdf`` is the encoder that shows whether instances can be RDF
    at all, where the output is none.
    """

    mapping: Mapping
    encoder: Encoder
    limits: Limits
    look: Callable[[str | None, tuple[str, ...], list[dict[str, Any]]], Look]
    implied: Implied | None = None
    rdf: Encoder | None = None
    _failed: int = 0
    _waiting: int = 0
    _functions: MappingType[str, tuple[tuple[str, Any], ...]] = field(init=False)
    _rules: dict[str, tuple[str, ...]] = field(init=False)
    _checks: MappingType[str, AcceptAll] | None = field(init=False)

    def __post_init__(self) -> None:
        self._functions = self.mapping.functions
        self._rules = self.mapping.plan.starts
        self._checks = self.mapping.checks if self.mapping.check or self.implied is not None else None

    def take(self, batch: Batch) -> Iterator[Passed | list[Keyed]]:
        """The batch, or parts of it, passed; and those of its records that have to go the long way, in order."""
        if self._waiting:
            self._waiting -= 1
            yield batch.read()
            return
        passed = self._lines(batch) if isinstance(batch, LineBatch) else None
        if passed is None:
            batch = batch if isinstance(batch, RecordBatch) else RecordBatch(batch.read())
            passed = self._records(batch)
        if passed is not None:
            self._failed = 0
            yield passed
            return
        self._failed += 1
        if self._failed > 2:
            self._waiting = min(2**self._failed, PATIENCE)
        yield from self._halved(batch.read())

    def _halved(self, records: list[Keyed]) -> Iterator[Passed | list[Keyed]]:
        """The parts of a batch that failed."""
        if len(records) <= SMALLEST:
            yield records
            return
        middle = len(records) // 2
        for half in (records[:middle], records[middle:]):
            passed = self._records(RecordBatch(half))
            if passed is not None:
                yield passed
            else:
                yield from self._halved(half)

    # -- what a batch is ------------------------------------------------------------------------

    def _lines(self, batch: LineBatch) -> Passed | None:
        """Lines that were read at once, if nothing asks for a closer look: repeated keys, huge numbers, limits."""
        values = batch.values()
        if values is None:
            return None
        class_name = values.class_name or batch.source_class
        source_class = class_name or self._told(values.data)
        if source_class is None or source_class not in self._functions:
            return None
        look = self.look(class_name, self._rules[source_class], values.data)
        strange = look.keys + look.texts != values.strings or look.lists_in_lists or look.magnitude > MAX_EXPONENT
        if strange or look.depth > self.limits.depth or look.largest > self.limits.keys:
            return None
        before = batch.reader.number
        batch.taken(values)
        passed = self._passed(batch, values.data, source_class, class_name, look)
        if passed is None:
            batch.reader.number = before
        return passed

    def _records(self, batch: RecordBatch) -> Passed | None:
        """Records that are objects of one class that the mapping derives from."""
        datas = [record.data for _, record in batch.records]
        told = {record.class_name for _, record in batch.records}
        if len(told) != 1 or set(map(type, datas)) != {dict}:
            return None
        (class_name,) = told
        source_class = class_name
        if source_class is None:
            classes = {found if type(found := self.mapping.class_of(r)) is str else None for _, r in batch.records}
            source_class = classes.pop() if len(classes) == 1 else None
        if source_class is None or source_class not in self._functions:
            return None
        return self._passed(batch, datas, source_class, class_name, None)

    def _told(self, datas: list[dict[str, Any]]) -> str | None:
        """The class of records that do not come with it, if it is one."""
        found = {told if type(told := self.mapping.tell(data)) is str else None for data in datas}
        return found.pop() if len(found) == 1 else None

    # -- the way through ------------------------------------------------------------------------

    def _passed(
        self, batch: Batch, datas: list[dict[str, Any]], source_class: str, class_name: str | None, look: Look | None
    ) -> Passed | None:
        """The batch carried through; None where anything of it is out of the ordinary."""
        if not all([self.mapping.has_keys(data, source_class) for data in datas] if self.mapping.plan.lookups else ()):
            return None
        events: list[Event] = []
        made: dict[str, list[dict[str, Any]]] = {}
        try:
            for rule, function in self._functions[source_class]:
                column = made[rule] = [function(data, events) for data in datas]
                if None in column or (self._checks is not None and not self._checks[rule](column)):
                    return None
            if self.implied is not None and not self._conform(self.implied, made):
                return None
            if self.rdf is not None:
                self._encoded(self.rdf, batch, made)
            encoded = self._encoded(self.encoder, batch, made)
        except Exception:  # whatever it is, the long way tells it
            return None
        return Passed(batch, class_name, datas, made, events, encoded, look)

    def _conform(self, implied: Implied, made: dict[str, list[dict[str, Any]]]) -> bool:
        """Whether the valid instances of each record conform to the generated shapes."""
        names = [self.mapping.target_classes[rule] for rule in made]
        if len(names) == 1 and implied.one(names[0]):
            return True
        return all(implied.all(zip(names, row, strict=True)) for row in zip(*made.values(), strict=True))

    def _encoded(self, encoder: Encoder, batch: Batch, made: dict[str, list[dict[str, Any]]]) -> bytes:
        """The bytes of all instances, in the order of the records and of the rules."""
        classes = self.mapping.target_classes
        keys: Iterable[str] = batch.keys()
        if len(made) == 1:
            ((rule, column),) = made.items()
            return encoder.encode_all(classes[rule], column, (f"{key}-0" for key in keys))
        pieces = [
            encoder.encode(Instance(classes[rule], data, rule), f"{key}-{position}")
            for key, row in zip(keys, zip(*made.values(), strict=True), strict=True)
            for position, (rule, data) in enumerate(zip(made, row, strict=True))
        ]
        return encoder.between.join(pieces)

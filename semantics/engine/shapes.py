"""Instances validated as RDF: each record written as N-Triples and checked against shapes, by itself.

The generated shapes and whatever a modeller adds are compiled where they can be, and then one record is checked at a
time. What is not compiled goes to pySHACL, which reads its shapes anew for every graph, so records go to it by the
batch. In a batch no record says anything of a node of another, so that none is completed by another; one that
does not conform is halved until the records to blame stand alone. Either way the verdict is that on the record alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from semantics.backends import Event
from semantics.engine.places import Place, Places, unwritable
from semantics.errors import Diagnostic, Location, Severity, SourceError, Violation
from semantics.lexical import LexicalError
from semantics.records import Instance, Mapped, Outcome, Record, Rejected
from semantics.schema.model import SchemaModel, SlotModel
from semantics.validation.findings import MAX_FINDINGS, element_text, pointer_to

if TYPE_CHECKING:
    from semantics.sinks.base import Encoder
    from semantics.validation.shacl.results import Result
    from semantics.validation.shacl.validate import ShapesFile

__all__ = ["BATCH", "Locate", "Settled", "ShapeCheck", "files_of", "generated", "shapes_of"]

BATCH: Final = 200
"""Records that pySHACL validates together at most."""

Settled = tuple[Outcome, str, list[Event], bytes | None]
"""What became of a record, its key in the run, what the ledger wants to know of it, and its instances as N-Triples."""
Locate = Callable[[Sequence[Diagnostic], Instance, Record], Iterable[Diagnostic]]
"""Gives findings inside an instance their place in the record that it was made of."""


def shapes_of(schema: SchemaModel) -> str:
    """The generated SHACL shapes of a schema, as Turtle."""
    from semantics.generators import generate

    return next(iter(generate(schema, only=["shacl"]).values()))


def generated(schema: SchemaModel) -> ShapesFile:
    """The generated shapes of a schema, compiled."""
    from semantics.validation.shacl.validate import load_shapes

    return replace(load_shapes(shapes_of(schema), engine="compiled"), name=f"generated from '{schema.name}'")


def files_of(paths: Iterable[str], *, sparql: bool = False) -> tuple[ShapesFile, ...]:
    """The shapes that a modeller gives, as Turtle files. ``sparql`` allows SPARQL constraints.

    Raises :class:`~semantics.errors.SourceError` for a file that cannot be read and
    :class:`~semantics.errors.DefinitionError` (VAL041 to VAL045) for shapes that cannot be used.
    """
    from semantics.validation.shacl.validate import load_shapes

    found = []
    for path in paths:
        try:
            text = Path(path).read_bytes()
        except OSError as fault:
            reason = fault.strerror or "it cannot be read"
            raise SourceError(Diagnostic("SRC001", f"the shapes cannot be read: {reason}", Location(path))) from None
        found.append(load_shapes(text, name=path, sparql=sparql))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Held:
    """A record that waits for its batch; only one that is mapped has something left to check."""

    outcome: Outcome
    key: str
    events: list[Event]
    triples: bytes | None


class ShapeCheck:
    """Checks records against shapes; made once a run.

    :meth:`take` is told every outcome and gives back those that are settled, in the same order: at once where all
    shapes are compiled, else by the batch; :meth:`rest` gives back what still waits at the end. ``warnings`` counts
    the findings that reject nothing (``sh:Warning``, ``sh:Info``), by the name of the shapes; ``locate`` gives a
    finding its place in the record, ``on_warnings`` is told of the warnings about a record that is not rejected.
    """

    def __init__(self, schema: SchemaModel, shapes: Sequence[ShapesFile], locate: Locate | None = None) -> None:
        from semantics.sinks import open_encoder

        self.schema, self.shapes = schema, tuple(shapes)
        self.encoder: Encoder = open_encoder("ntriples", schema)
        self.warnings: dict[str, int] = {}
        self.locate: Locate = locate or _inside
        self.on_warnings: Callable[[str, Sequence[Diagnostic]], None] | None = None
        self._places = Places(schema)
        self._compiled = tuple(file for file in self.shapes if file.compiled is not None)
        self._others = tuple(file for file in self.shapes if file.compiled is None)
        self._held: list[_Held] = []
        self._about: set[bytes] = set()
        self._named: set[bytes] = set()

    @property
    def waiting(self) -> bool:
        """Whether records wait for others before they are settled."""
        return bool(self._held)

    @property
    def engines(self) -> dict[str, str]:
        """Which engine checks with which shapes, and what made it so, for the report."""
        return {file.name: file.told for file in self.shapes}

    # -- one record -----------------------------------------------------------------------------

    def triples(self, instances: Sequence[Instance], key: str) -> bytes:
        """The instances of one record as N-Triples. Raises :class:`LexicalError` where they cannot be RDF."""
        return b"".join([self.encoder.encode(instance, f"{key}-{n}") for n, instance in enumerate(instances)])

    def check(self, triples: bytes) -> list[tuple[str, Result]]:
        """What the compiled shapes find in one record, each with the name of the shapes; mostly nothing."""
        return [(file.name, result) for file in self._compiled for result in file.compiled.record(triples)]  # type: ignore[union-attr]

    def take(self, outcome: Outcome, key: str, events: list[Event]) -> list[Settled]:
        """The outcomes that are settled with this one: itself, unless it waits for others, and those before it."""
        triples = None
        if outcome.__class__ is Mapped:
            assert isinstance(outcome, Mapped)
            try:
                triples = self.triples(outcome.instances, key)
            except LexicalError:
                outcome = Rejected(outcome.record, tuple(self._refused(outcome, key)))
            else:
                outcome = self.judged(outcome, key, self.check(triples))
        if not self._others:
            return [(outcome, key, events, triples)]
        return self._hold(_Held(outcome, key, events, triples))

    def _refused(self, mapped: Mapped, key: str) -> Iterator[Diagnostic]:
        """What the first instance that is no RDF is refused for, with its place in the record."""
        for number, instance in enumerate(mapped.instances):
            try:
                self.encoder.encode(instance, f"{key}-{number}")
            except LexicalError as fault:
                yield from self.locate((unwritable(fault, instance, self.schema, "RDF"),), instance, mapped.record)
                return

    def judged(self, mapped: Mapped, key: str, found: Sequence[tuple[str, Result]]) -> Outcome:
        """The outcome of a record in which this was found: rejected, unless all of it is warnings."""
        if not found:
            return mapped
        pairs = list(self._violations(mapped.instances, key, found))
        diagnostics: list[Diagnostic] = []
        for number, instance in enumerate(mapped.instances):
            own = sorted((violation for _, of, violation in pairs if of == number), key=_gravity)
            diagnostics += self.locate(own[:MAX_FINDINGS], instance, mapped.record)
        if all(finding.severity is not Severity.ERROR for _, _, finding in pairs):
            for name, _, _ in pairs:
                self.warnings[name] = self.warnings.get(name, 0) + 1
            if self.on_warnings is not None:
                self.on_warnings(key, diagnostics)
            return mapped
        return Rejected(mapped.record, tuple(diagnostics[:MAX_FINDINGS]))

    def _violations(
        self, instances: Sequence[Instance], key: str, found: Sequence[tuple[str, Result]]
    ) -> Iterator[tuple[str, int, Violation]]:
        """Results as findings, each with the name of its shapes and the position of the instance it is about."""
        from semantics.validation.shacl.paths import first_of
        from semantics.validation.shacl.results import findings_of

        places: dict[str, tuple[int, Place]] = {}
        for number, instance in enumerate(instances):
            made = self._places.of(instance.class_name, instance.data, f"{key}-{number}")
            places |= {node: (number, place) for node, place in made.items() if node not in places}
        for name, result in found:
            violation = findings_of([result])[0].violation
            number, at = places.get(result.focus, (0, None))
            slot = at.slot(first_of(result.path)) if at else None
            yield name, number, _at(violation, at, slot) if at else replace(violation, location=Location(pointer=""))

    # -- batches for pySHACL ----------------------------------------------------------------------

    def _hold(self, held: _Held) -> list[Settled]:
        settled: list[Settled] = []
        about, named = _nodes(held.triples or b"") if held.outcome.__class__ is Mapped else (set(), set())
        # One record that speaks of a node of another must not meet it: it would no longer be judged alone.
        meets = not (about.isdisjoint(self._named) and named.isdisjoint(self._about))
        if len(self._held) >= BATCH or meets:
            settled = self.rest()
        self._held.append(held)
        self._about |= about
        self._named |= about | named
        return settled

    def rest(self) -> list[Settled]:
        """The outcomes that still wait, settled."""
        waiting, self._held = self._held, []
        self._about, self._named = set(), set()
        numbers = [number for number, held in enumerate(waiting) if held.outcome.__class__ is Mapped]
        batch = [waiting[number].triples or b"" for number in numbers]
        wrong: dict[int, list[tuple[str, Result]]] = {}
        for file in self._others:
            for position, results in _found(file, batch).items():
                wrong.setdefault(numbers[position], []).extend((file.name, result) for result in results)
        settled: list[Settled] = []
        for number, held in enumerate(waiting):
            outcome = held.outcome
            if isinstance(outcome, Mapped):
                outcome = self.judged(outcome, held.key, wrong.get(number, ()))
            settled.append((outcome, held.key, held.events, held.triples))
        return settled


def _found(file: ShapesFile, records: Sequence[bytes]) -> dict[int, list[Result]]:
    """What is wrong with each record of a batch, by its position; conforming records are not there."""
    from semantics.validation.shacl.graph import read_record

    if not records:
        return {}
    results = file.results(read_record(b"".join(records)), described=True)
    if not results:
        return {}
    if len(records) == 1:
        return {0: results}
    middle = len(records) // 2
    later = _found(file, records[middle:])
    return _found(file, records[:middle]) | {middle + position: results for position, results in later.items()}


def _nodes(triples: bytes) -> tuple[set[bytes], set[bytes]]:
    """The subjects of N-Triples, and the objects that are nodes."""
    lines = [line.split(b" ", 2) for line in triples.split(b"\n")[:-1]]
    # Classes are what many records speak of; they are nobody's node unless a record describes them.
    objects = {line[2][:-2] for line in lines if line[2][:1] != b'"' and not line[1].endswith(b"#type>")}
    return {line[0] for line in lines}, objects


# -- places of findings --------------------------------------------------------------------------


def _at(violation: Violation, place: Place, slot: SlotModel | None) -> Violation:
    """The finding with the class, slot and pointer of the object that it is about."""
    pointer = pointer_to(place.pointer, slot.name) if slot is not None and slot.name in place.data else place.pointer
    element = (slot.location if slot else None) or place.cls.location
    return replace(
        violation,
        location=Location(pointer=pointer),
        class_name=place.cls.name,
        slot=slot.name if slot else None,
        element=element,
        found=element_text(place.cls.name, slot.name if slot else None, element),
    )


def _gravity(violation: Violation) -> tuple[bool, bool, str, str, str]:
    """Errors first, and what is wrong itself before what it makes wrong around it."""
    pointer = violation.location.pointer if violation.location else None
    inner = violation.constraint in ("sh:Node", "sh:Or", "sh:And", "sh:Xone")
    return violation.severity is not Severity.ERROR, inner, pointer or "", violation.path or "", violation.code


def _inside(findings: Sequence[Diagnostic], _instance: Instance, record: Record) -> Iterator[Diagnostic]:
    """Findings about an instance that is the record itself."""
    for finding in findings:
        inner = finding.location.pointer if finding.location else None
        whole = Location(record.source, record.line, None, (record.pointer or "") + (inner or "") or None)
        yield replace(finding, location=whole)

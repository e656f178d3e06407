"""References between instances: what is referred to and what is there, compared at the end of a run.

A reference to an instance of another record is no violation of its own record, since the other may come later, or from
another run. So identifiers and references are remembered, as digests within a budget of memory and on disk beyond it,
and what nothing satisfies is told when everything was seen.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import msgspec

from semantics.engine.waiting import ReferencesState, Use, UsesOnDisk, Waiting, noted, waiting
from semantics.errors import Diagnostic, Location, Severity
from semantics.lexical import LexicalError
from semantics.records import Mapped, Outcome, Record
from semantics.schema.model import ClassModel, Form, SchemaModel, SlotModel
from semantics.sinks.rdf_terms import RDF_TYPE, is_web_iri
from semantics.sinks.rdf_values import identity_of, ranges_of
from semantics.validation import Finding
from semantics.validation.findings import pointer_to

if TYPE_CHECKING:
    from semantics.plan.model import Plan
    from semantics.sinks.output import Mark, Output
    from semantics.validation.shacl.graph import Graph

__all__ = ["BUDGET", "LISTED", "References", "references_of"]

BUDGET: Final = 4 * 1024 * 1024
"""How many bytes of digests stay in memory."""
LISTED: Final = 10
"""Missing identifiers of one slot whose first reference is told; all are counted."""
_DEFINED, _PENDING = 120, 450
"""What an identifier and a reference that waits cost in memory, about."""

Way = tuple[Any, ...]
"""The way to an object inside an instance: ``()``, or the way before it and a key or index."""
Identity = Callable[[Any], str]
Journal = Callable[["Mark | None"], "Output"]
"""Opens the file that takes what does not stay in memory, so that a run can be taken up; goes on from a mark."""
Origin = Record | Callable[[], Record]
"""The record that an instance comes from, or what gives it when it is needed."""


@dataclass(slots=True)
class _Slot:
    """A slot that holds references: ``tag`` stands for the classes that they may be to."""

    class_name: str
    slot: SlotModel
    ranges: tuple[str, ...]
    tag: bytes
    identity: Identity
    used: int = 0
    missing: int = 0
    first: list[Use] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.class_name}.{self.slot.name}"


@dataclass(slots=True)
class _Node:
    """What is looked at in an object of one class."""

    identifier: str | None
    identity: Identity | None
    tags: tuple[bytes, ...]
    references: list[tuple[str, int]] = field(default_factory=list)
    nested: list[tuple[str, tuple[str, ...], bool]] = field(default_factory=list)


class References:
    """Collects identifiers and references of instances of a model; follows a run as its recorder.

    ``slots`` are the (class, slot) pairs that may be written (None: any). ``required``: what is missing is an error.
    ``rules`` tell the mapping rule (``file:line``) that fills a slot of a class.
    Identifiers are compared as the IRIs that RDF has for them; an instance is one of its class and of those above it.
    """

    def __init__(
        self, schema: SchemaModel, slots: Container[tuple[str, str]] | None = None, *, required: bool = False,
        show_values: bool = False, rules: Mapping[tuple[str, str], str] | None = None, budget: int = BUDGET,
        journal: Journal | None = None,
    ) -> None:  # fmt: skip
        self._schema, self._budget, self._show = schema, budget, show_values
        self._severity = Severity.ERROR if required else Severity.WARNING
        self._slots: list[_Slot] = []
        self._ids: dict[tuple[str, str], int] = {}
        self._tags: dict[tuple[str, ...], bytes] = {}
        self._nodes: dict[str, _Node] = {}
        self._rules = rules or {}
        self._plain: frozenset[tuple[str, ...]] = frozenset()
        self._defined: set[bytes] = set()
        self._pending: Waiting = {}
        self._size = self._order = 0
        self._disk: UsesOnDisk | None = None
        self._open_journal = journal
        self._journal: Output | None = None
        self._settled = False
        self._compile(slots)

    @property
    def needed(self) -> bool:
        """Whether any class has a slot of references."""
        return bool(self._slots)

    # -- what is looked at ------------------------------------------------------------------------

    def _compile(self, slots: Container[tuple[str, str]] | None) -> None:
        schema = self._schema
        found = {
            (name, slot.name): ranges
            for name, cls in schema.classes.items()
            for slot in cls.slots.values()
            if (slots is None or (name, slot.name) in slots) and (ranges := self._ranges(slot))
        }
        for number, ranges in enumerate(dict.fromkeys(found.values())):
            self._tags[ranges] = number.to_bytes(2)
        for (name, slot_name), ranges in found.items():
            target = schema.classes[ranges[0]]
            identity = identity_of(schema, target.slots[target.identifier or ""])
            self._ids[name, slot_name] = len(self._slots)
            self._slots.append(_Slot(name, schema.classes[name].slots[slot_name], ranges, self._tags[ranges], identity))
        if not self._slots:
            return
        for name, cls in schema.classes.items():
            self._nodes[name] = self._node(cls)
        self._in_reach()

    def _ranges(self, slot: SlotModel) -> tuple[str, ...]:
        """The classes that values of a slot refer to; none where a value may be something else."""
        found = [part.range or "string" for part in ranges_of(self._schema, slot)]
        classes = self._schema.classes
        referring = slot.form is Form.REFERENCE or (slot.form is Form.SCALAR and len(found) > 1)
        if not referring or any(name not in classes or self._schema.takes_any(name) for name in found):
            return ()
        return tuple(sorted({name for name in found if classes[name].identifier}))

    def _node(self, cls: ClassModel) -> _Node:
        schema = self._schema
        tags = [tag for ranges, tag in self._tags.items() if any(name in cls.ancestors for name in ranges)]
        identifier = cls.identifier
        identity = identity_of(schema, cls.slots[identifier]) if identifier and tags else None
        node = _Node(identifier, identity, tuple(tags) if identity else ())
        for slot in cls.slots.values():
            if (number := self._ids.get((cls.name, slot.name))) is not None:
                node.references.append((slot.name, number))
            inner = tuple(
                part.range
                for part in ranges_of(schema, slot)
                if part.range in schema.classes
                and not schema.takes_any(part.range)
                and (part is not slot or slot.form is not Form.REFERENCE)
            )
            if inner:
                node.nested.append((slot.name, inner, slot.form is Form.KEYED))
        return node

    def _in_reach(self) -> None:
        """Leave out of every class the objects in which there is nothing to look at."""
        schema = self._schema
        below = {
            name: {c for _, inner, _ in node.nested for one in inner for c in (one, *schema.classes[one].descendants)}
            for name, node in self._nodes.items()
        }
        reach = {name for name, node in self._nodes.items() if node.tags or node.references}
        while more := {name for name, inner in below.items() if name not in reach and inner & reach}:
            reach |= more
        for node in self._nodes.values():
            node.nested = [
                (slot, inner, keyed)
                for slot, inner, keyed in node.nested
                if any(c in reach for one in inner for c in (one, *schema.classes[one].descendants))
            ]
        self._nodes = {name: node for name, node in self._nodes.items() if name in reach}
        # The class of such an object is told by where it stands.
        self._plain = frozenset((name,) for name, cls in schema.classes.items() if not cls.designator)

    # -- instances --------------------------------------------------------------------------------

    def add(self, outcome: Outcome, key: str) -> None:
        """Collect from what a record of a run gave."""
        if outcome.__class__ is Mapped:
            for instance in outcome.instances:
                self.collect(instance.class_name, instance.data, outcome.record)

    def commit(self) -> None:
        """The run is over."""
        self.close()

    def abort(self) -> None:
        """The run failed."""
        self.close()

    def collect(self, class_name: str, data: Any, record: Origin) -> None:
        """Collect from an instance; what is not as the model wants it is passed over, for that is told elsewhere."""
        if self._nodes and isinstance(data, dict) and class_name in self._schema.classes:
            self._object((class_name,), data, None, (), record)
        if self._size > self._budget:
            self._spill()

    def collect_rows(
        self, classes: Sequence[str], rows: Iterable[Sequence[Any]], record: Callable[[int], Record]
    ) -> None:
        """Collect from the instances of many records, each of which gave one of each class."""
        if any((name,) not in self._plain or name in self._nodes for name in classes):
            for number, row in enumerate(rows):
                for name, data in zip(classes, row, strict=True):
                    self.collect(name, data, partial(record, number))

    def collect_graph(self, graph: Graph, source: str) -> None:
        """Collect from the nodes of an RDF graph that are of a class of the model."""
        named: dict[str, list[str]] = {}
        for name, cls in self._schema.classes.items():
            if name in self._nodes:
                named.setdefault(f"<{cls.uri}>", []).append(name)
        for subject in graph.forward:
            classes = [name for uri in graph.objects(subject, f"<{RDF_TYPE}>") for name in named.get(uri, ())]
            record = Record(None, source, 0, raw=subject.encode() if subject.startswith("<") else None)
            done: set[str] = set()
            for node in map(self._nodes.__getitem__, classes):
                if node.identity is not None and record.raw is not None:
                    self._define(node, subject[1:-1])
                for slot_name, slot in node.references:
                    path = f"<{self._slots[slot].slot.uri}>"
                    targets = graph.objects(subject, path) if path not in done else []
                    done.add(path)
                    for target in targets:
                        if target.startswith("<"):
                            self._refer(slot, target[1:-1], ((), slot_name), record)
            if self._size > self._budget:
                self._spill()

    def _object(self, ranges: tuple[str, ...], data: dict[str, Any], key: Any, way: Way, record: Origin) -> None:
        node = self._nodes.get(ranges[0]) if ranges in self._plain else self._told(ranges, data)
        if node is None:
            return
        if node.identity is not None:
            own = data.get(node.identifier or "") if key is None else key
            if own is not None:
                self._define(node, own)
        for name, number in node.references:
            value = data.get(name)
            if value.__class__ is str or isinstance(value, int):
                self._refer(number, value, (way, name), record)
            elif value.__class__ is list:
                for index, item in enumerate(value):
                    if item.__class__ is str or isinstance(item, int):
                        self._refer(number, item, ((way, name), index), record)
        for name, inner, keyed in node.nested:
            value = data.get(name)
            if value.__class__ is dict and keyed:
                # Counted in pointers, for an identifier is a value.
                for index, (own, item) in enumerate(value.items()):
                    if item is None or item.__class__ is dict:
                        self._object(inner, item or {}, own, ((way, name), index), record)
            elif value.__class__ is dict:
                self._object(inner, value, None, (way, name), record)
            elif value.__class__ is list:
                for index, item in enumerate(value):
                    if item.__class__ is dict:
                        self._object(inner, item, None, ((way, name), index), record)

    def _told(self, ranges: tuple[str, ...], data: dict[str, Any]) -> _Node | None:
        """By the designator, else the first class that has all the slots."""
        classes = self._schema.classes
        for name in ranges:
            told = data.get(classes[name].designator or "")
            if isinstance(told, str) and (told == name or told in classes[name].descendants):
                return self._nodes.get(told)
        fitting = (name for name in ranges if data.keys() <= classes[name].slots.keys())
        return self._nodes.get(next(fitting, ranges[0]))

    def _define(self, node: _Node, value: Any) -> None:
        iri = _iri(node.identity, value)
        if iri is None:
            return
        for tag in node.tags:
            self._known(blake2b(tag + iri, digest_size=16).digest())

    def _known(self, digest: bytes) -> None:
        if digest not in self._defined:
            self._defined.add(digest)
            self._size += _DEFINED
        self._pending.pop(digest, None)

    def _wait(self, digest: bytes, number: int, count: int, use: Use) -> None:
        found = self._pending.setdefault(digest, {})
        if number not in found:
            self._size += _PENDING
        before, first = found.get(number, (0, use))
        found[number] = (before + count, first if first.order <= use.order else use)

    def _refer(self, number: int, value: Any, way: Way, record: Origin) -> None:
        slot = self._slots[number]
        iri = _iri(slot.identity, value)
        if iri is None:
            return
        slot.used += 1
        digest = blake2b(slot.tag + iri, digest_size=16).digest()
        if digest in self._defined:
            return
        self._order += 1
        _, use = self._pending.get(digest, {}).get(number, (0, None))
        if use is None:
            record = record if isinstance(record, Record) else record()
            shown = str(value)[:200] if self._show else None
            # A node of a graph is told by its IRI, for it has no number and no line.
            focus = record.raw.decode().strip("<>") if record.raw and not record.number else None
            pointer = _pointer(way) if record.number else ""
            use = Use(self._order, record.source, record.number, record.line, pointer, shown, focus)
        self._wait(digest, number, 1, use)

    # -- parts of a run ---------------------------------------------------------------------------

    def state(self) -> ReferencesState:
        """What was collected since the last :meth:`reset`, as plain data; for what has not gone to disk."""
        pending = [(digest, number, *use) for digest, found in self._pending.items() for number, use in found.items()]
        return ReferencesState(list(self._defined), pending, [slot.used for slot in self._slots], self._order)

    def reset(self) -> None:
        """Forget everything that was collected."""
        self._defined, self._pending, self._size, self._order = set(), {}, 0, 0
        for slot in self._slots:
            slot.used = 0

    def mark(self) -> tuple[ReferencesState, Mark | None]:
        """What was collected, as plain data, and how far the journal has it. Raises :class:`SinkError`."""
        if self._size > self._budget // 8:
            self._spill()
        return self.state(), self._journal.mark() if self._journal is not None else None

    def take_up(self, state: ReferencesState, journal: Mark | None) -> None:
        """Go on from what an earlier run has marked."""
        if journal is not None and self._open_journal is not None:
            self._journal = self._open_journal(journal)
        self.merge(state)

    @property
    def size(self) -> int:
        """How many bytes what was collected takes in memory, about."""
        return self._size

    def merge(self, state: ReferencesState, before: int = 0, order: int | None = None) -> None:
        """Collect what a part of the run has collected; its records are counted from ``before`` on.

        Parts come in the order of the inputs, or each with an ``order`` that is higher the later it stands there.
        """
        self._order = self._order if order is None else order
        for digest in state.defined:
            self._known(digest)
        for slot, used in zip(self._slots, state.used, strict=True):
            slot.used += used
        for digest, number, count, use in state.pending:
            if digest not in self._defined:
                placed = use._replace(order=self._order + use.order, record=use.record + before)
                self._wait(digest, number, count, placed)
        self._order += state.order
        if self._size > self._budget:
            self._spill()

    # -- the end ----------------------------------------------------------------------------------

    def _spill(self) -> None:
        if self._open_journal is not None:
            self._journal = self._journal or self._open_journal(None)
            block = msgspec.msgpack.encode(self.state())
            self._journal.write(len(block).to_bytes(8, "little") + block)
        else:
            self._disk = self._disk or UsesOnDisk()
            self._disk.write(self._defined, self._pending)
        self._defined, self._pending, self._size = set(), {}, 0

    def _settle(self) -> None:
        """Find what is missing, once."""
        if self._settled:
            return
        self._settled = True
        if self._journal is not None:
            self._spill()
            self._disk = UsesOnDisk()
            for state in noted(self._journal):
                self._disk.write(set(state.defined), waiting(state))
        elif self._disk is not None:
            self._spill()
        if self._disk is not None:
            for number, missing, uses in self._disk.missing(LISTED):
                self._slots[number].missing, self._slots[number].first = missing, uses
            return
        for found in self._pending.values():
            for number, (count, use) in found.items():
                self._slots[number].missing += count
                self._slots[number].first.append(use)
        for slot in self._slots:
            slot.first = sorted(slot.first)[:LISTED]

    def counts(self) -> dict[str, dict[str, int]]:
        """For each slot that referred to something: references "used", and those that are "unsatisfied"."""
        self._settle()
        used = sorted((slot for slot in self._slots if slot.used), key=lambda slot: slot.name)
        return {slot.name: {"used": slot.used, "unsatisfied": slot.missing} for slot in used}

    def findings(self) -> Iterator[Finding]:
        """The first reference to each missing identifier, for each slot the first :data:`LISTED` of them."""
        self._settle()
        for slot in sorted(self._slots, key=lambda slot: slot.name):
            for use in slot.first:
                yield self._finding(slot, use)

    def summary(self) -> tuple[Diagnostic, ...]:
        """One finding for each slot with references that nothing satisfies, at the place of the first."""
        self._settle()
        told = []
        for slot in sorted((slot for slot in self._slots if slot.missing), key=lambda slot: slot.name):
            names, use = " or ".join(f"'{name}'" for name in slot.ranges), slot.first[0]
            message = f"{slot.missing} of {slot.used} references of '{slot.name}' are to no {names} among the instances"
            told.append(Diagnostic("VAL051", message, Location(use.source, use.line), severity=self._severity))
        return tuple(told)

    @property
    def missing(self) -> int:
        """How many references nothing satisfies."""
        return sum(slot["unsatisfied"] for slot in self.counts().values())

    def _finding(self, slot: _Slot, use: Use) -> Finding:
        element, names = slot.slot.location, " or ".join(f"'{name}'" for name in slot.ranges)
        rule = self._rules.get((slot.class_name, slot.slot.name))
        return Finding(
            code="VAL051",
            message=f"no {names} among the instances has this identifier "
                    f"({slot.missing} of {slot.used} references of '{slot.name}' are to none)",
            severity=self._severity, source=use.source, record=use.record or None, line=use.line,
            pointer=use.pointer or None, focus=use.focus,
            class_name=slot.class_name, slot=slot.slot.name, path=slot.slot.uri, constraint="range",
            value=use.value, element=str(Location(element.file, element.line)) if element and element.file else None,
            rule=rule,
        )  # fmt: skip

    def close(self, *, keep: bool = False) -> None:
        """Forget everything; counts and findings stay, where they were asked for before. ``keep`` the journal."""
        if self._journal is not None:
            self._journal.abort(keep=keep)
            self._journal = None
        self._settled = True
        self._defined, self._pending = set(), {}
        if self._disk is not None:
            self._disk.close()
            self._disk = None


def _iri(identity: Identity | None, value: Any) -> bytes | None:
    """The IRI that RDF has for an identifier; None where it can have none."""
    if value.__class__ is str and is_web_iri(value):
        return bytes(value, "utf-8", "surrogatepass")
    try:
        return identity(value).encode("utf-8", "surrogatepass") if identity is not None else None
    except LexicalError:
        return None


def _pointer(way: Way) -> str:
    parts: list[Any] = []
    while way:
        way, part = way
        parts.append(part)
    pointer = ""
    for part in reversed(parts):
        pointer = pointer_to(pointer, part)
    return pointer


def references_of(
    plan: Plan, schema: SchemaModel, *, required: bool = False, show_values: bool = False, budget: int = BUDGET,
    journal: Journal | None = None,
) -> References | None:  # fmt: skip
    """What compares the references that a plan writes with what is there; None where it writes none."""
    rules = [(rule, slot) for rule in plan.rules.values() for slot in rule.slots]
    found = References(
        schema,
        # In a dialect a rule may make objects of no class of the model.
        {
            (name, slot.slot)
            for rule, slot in rules
            if rule.target_class in schema.classes
            for name in schema.classes[rule.target_class].ancestors
        },
        required=required,
        show_values=show_values,
        rules={(rule.target_class, slot.slot): slot.rule for rule, slot in reversed(rules)},
        budget=budget,
        journal=journal,
    )
    return found if found.needed else None

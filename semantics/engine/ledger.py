"""The accounts of a run: what was read, what was carried, what was lost, and why.

Counting is by *shape*: objects with the same keys and kinds of values at the same place are counted
together, so that an object costs one look-up; paths and slots are told apart once, at the end.
Nothing is sampled.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from semantics.backends import Event
from semantics.errors import shape
from semantics.expressions.tree import Path, walk
from semantics.plan.model import JOINED, Build, ClassRule, Group, Plan, SlotRule
from semantics.plan.reads import derivations
from semantics.records import Filtered, Mapped, Outcome, Record, Rejected

__all__ = ["Ledger"]

LARGEST: Final = 10_000
"""Distinct source paths, and distinct codes of one slot, that are listed by name; the rest go together."""
OTHERS: Final = "(others)"


@dataclass(slots=True)
class _Shape:
    """Objects with the same keys and kinds of values: how many there were, and which keys lead further down."""

    present: tuple[str, ...]
    nested: tuple[str, ...]
    count: int = 0


@dataclass(slots=True)
class _Shapes:
    """How often objects of each shape stood at one place; ``inner`` are the places below it."""

    shapes: dict[tuple[Any, ...], _Shape] = field(default_factory=dict)
    inner: dict[str, _Shapes] = field(default_factory=dict)
    loose: Counter[str] = field(default_factory=Counter)
    beyond: int = 0

    def add(self, value: dict[str, Any]) -> None:
        """Count an object and what is inside it. A key with null is not there."""
        # Keys and kinds as two tuples made in C: on the benchmark a third of the cost of a loop over the items.
        key = (*value, *map(type, value.values()))
        shape = self.shapes.get(key)
        if shape is None:
            shape = _Shape(
                tuple(name for name, item in value.items() if item is not None),
                tuple(name for name, item in value.items() if item.__class__ in (dict, list)),
            )
            if len(self.shapes) < LARGEST:
                self.shapes[key] = shape
            else:
                # Keys that are data (a mapping by identifier): counted one by one, in bounded memory.
                self.beyond += 1
                for name in shape.present:
                    known = name in self.loose or len(self.loose) < LARGEST
                    self.loose[name if known else OTHERS] += 1
        shape.count += 1
        for name in shape.nested:
            self._below(name, value[name])

    def _below(self, name: str, value: Any) -> None:
        """Count the object, or the objects of the list, under a key."""
        items = (value,) if value.__class__ is dict else value
        below = self.inner.get(name)
        for item in items:
            if item.__class__ is dict:
                if below is None:
                    if len(self.inner) >= LARGEST:
                        return
                    below = self.inner[name] = _Shapes()
                below.add(item)

    @property
    def total(self) -> int:
        """How many objects stood here."""
        return self.beyond + sum(shape.count for shape in self.shapes.values())

    def totals(self, prefix: str = "") -> Counter[str]:
        """How often each path held a value."""
        found = Counter({prefix + key: count for key, count in self.loose.items()})
        for group in self.shapes.values():
            for key in group.present:
                found[prefix + key] += group.count
        for key, below in self.inner.items():
            found += below.totals(f"{prefix}{key}.")
        return found


@dataclass(slots=True)
class Ledger:
    """Counts everything that passes; ``source_slots()`` and its like give the accounts at the end."""

    plan: Plan
    show_values: bool = False
    read: int = 0
    mapped: int = 0
    rejected: int = 0
    filtered: int = 0
    emitted: int = 0
    groups: Counter[str] = field(default_factory=Counter)
    _partners: frozenset[str] = frozenset()
    _sources: dict[tuple[str, str], _Shapes] = field(default_factory=dict)
    _nested: dict[str, _Shapes] = field(default_factory=dict)
    _defaulted: Counter[str] = field(default_factory=Counter)
    _unmapped: dict[str, Counter[str]] = field(default_factory=dict)
    _rejects: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._partners = self.plan.partners

    def add(self, outcome: Outcome, events: list[Event]) -> None:
        """Count one record and what became of it."""
        self.read += 1
        match outcome:
            case Mapped(record=record, instances=instances):
                self.mapped += 1
                self.emitted += len(instances)
                self._source(self._class_of(instances[0].rule) or record.class_name or "", "mapped").add(record.data)
                for instance in instances:
                    below = self._nested.setdefault(instance.rule or "", _Shapes())
                    below.add(instance.data)
            case Rejected(record=record, diagnostics=found):
                self.rejected += 1
                self._rejects[found[0].code] += 1
                if record.data.__class__ is dict:
                    self._source(record.class_name or "", "lost").add(record.data)
                    self._refused(found)
            case Filtered(record=record):
                self.filtered += 1
                name = record.class_name or ""
                partner = name in self._partners and name not in self.plan.roots
                self._source(name, "joined" if partner else "lost").add(record.data)
        self._noted(events)

    def add_group(self, outcome: Outcome, settled: tuple[Record, ...], events: list[Event]) -> None:
        """Count a group, and the records whose fate it is: one group made of many is many records mapped."""
        self.groups[type(outcome).__name__.lower()] += 1
        for record in settled:
            match outcome:
                case Rejected(diagnostics=found):
                    self.add(Rejected(record, found), [])
                case Filtered():
                    self.add(Filtered(record), [])
                case Mapped(instances=instances):
                    self.read += 1
                    self.mapped += 1
                    name = self._class_of(instances[0].rule) or record.class_name or ""
                    self._source(name, "mapped").add(record.data)
        if isinstance(outcome, Mapped):
            self.emitted += len(outcome.instances)
            for instance in outcome.instances:
                self._nested.setdefault(instance.rule or "", _Shapes()).add(instance.data)
            self._noted(events)

    def _noted(self, events: list[Event]) -> None:
        for kind, slot, code in events:
            if kind == "defaulted":
                self._defaulted[slot] += 1
            else:
                self._count_code(slot, code)

    def _class_of(self, rule: str | None) -> str:
        found = self.plan.rules.get(rule or "")
        return (found.source_class if found else None) or ""

    def _source(self, name: str, fate: str) -> _Shapes:
        return self._sources.setdefault((name, fate), _Shapes())

    def _refused(self, found: tuple[Any, ...]) -> None:
        """Codes that rejected a record are counted by their shape alone: the value stays private."""
        for finding in found:
            if finding.code == "REC004":
                slot, _, reason = finding.message.partition(": ")
                self._count_code(slot.removeprefix("slot ").strip("'"), reason)

    def _count_code(self, slot: str, code: str) -> None:
        codes = self._unmapped.setdefault(slot, Counter())
        known = code in codes or len(codes) < LARGEST
        codes[(code if known else OTHERS) if len(code) <= 200 else f"({shape(code)})"] += 1

    # -- the accounts ----------------------------------------------------------------------------

    def source_slots(self) -> dict[str, dict[str, int]]:
        """For each path of the source: how often present, read by a rule, carried into the target, dropped.

        ``present`` counts over all records; ``read`` and ``carried`` over those that were mapped, or could be
        looked up by others; ``dropped`` is present less carried, so that nothing goes uncounted.
        """
        present: Counter[str] = Counter()
        read: Counter[str] = Counter()
        carried: Counter[str] = Counter()
        for (name, fate), shapes in self._sources.items():
            totals = shapes.totals()
            present += totals
            if fate in ("mapped", "joined"):
                asked, kept = self._reads(name)
                read += Counter({path: n for path, n in totals.items() if _covered(path, asked)})
                carried += Counter({path: n for path, n in totals.items() if _covered(path, kept)})
        return {
            path: {"present": n, "read": read[path], "carried": carried[path], "dropped": n - carried[path]}
            for path, n in sorted(present.items())
        }

    def not_carried(self) -> Counter[str]:
        """What was dropped from records that were mapped, by path: the loss that no rejection tells of."""
        lost: Counter[str] = Counter()
        for (name, fate), shapes in self._sources.items():
            if fate == "mapped":
                _, kept = self._reads(name)
                lost += Counter({path: n for path, n in shapes.totals().items() if not _covered(path, kept)})
        return lost

    def _reads(self, source_class: str) -> tuple[set[str], set[str]]:
        """The paths that the rules of a source class ask for, and those that end up in a slot."""
        carried: set[str] = set()
        asked: set[str] = set()
        for name in self.plan.roots.get(source_class, ()):
            rule = self.plan.rules[name]
            self._rule_reads(rule, {rule.scopes[0]: ""}, asked, carried, 0)
        for group in self.plan.groups.values():
            if group.source_class == source_class or source_class in group.classes:
                self._group_reads(group, asked, carried)
        if source_class in self._partners:
            self._partner_reads(source_class, asked, carried)
        return asked | carried, carried

    def _partner_reads(self, source_class: str, asked: set[str], carried: set[str]) -> None:
        """What rules read of the records of a class that they look up."""
        for rule in self.plan.rules.values():
            for join in rule.joins:
                lookup = self.plan.lookups[join.lookup]
                if source_class in lookup.classes:
                    asked |= {".".join(node.steps) for node in walk(lookup.key) if isinstance(node, Path)}
                    self._rule_reads(rule, {join.variable: ""}, asked, carried, 0)

    def _group_reads(self, group: Group, asked: set[str], carried: set[str]) -> None:
        """What a group reads of its records: a slot of the group, or of its members, is one of theirs."""
        read: tuple[set[str], set[str]] = set(), set()
        rule = self.plan.rules[group.rule]
        self._rule_reads(rule, {rule.scopes[0]: ""}, *read, 0)
        for into, paths in zip((asked, carried), read, strict=True):
            into |= {path.removeprefix(f"{group.members}.") for path in paths}
        for expression in (*(key.value for key in group.keys), *([group.where] if group.where is not None else [])):
            asked |= {".".join(node.steps) for node in walk(expression) if isinstance(node, Path)}

    def _rule_reads(
        self, rule: ClassRule, bases: dict[str, str], asked: set[str], carried: set[str], depth: int
    ) -> None:
        asked |= {_full(path, bases) for path in rule.asks if _own(path, bases)}
        for slot in rule.slots:
            carried |= {_full(path, bases) for path in slot.reads if _own(path, bases)}
            for derive in derivations(slot):
                if derive.rule is not None and depth < 12:
                    nested = self.plan.rules[derive.rule]
                    whole = derive is not slot.value or not slot.reads
                    base = bases.get(rule.scopes[0], _OTHER) if whole else _full(slot.reads[0], bases)
                    self._rule_reads(nested, {nested.scopes[0]: base}, asked, carried, depth + 1)
            if isinstance(slot.value, Build) and depth < 12:
                self._nested_reads(slot, slot.value, bases, asked, carried, depth)

    def _nested_reads(
        self, slot: SlotRule, build: Build, bases: dict[str, str], asked: set[str], carried: set[str], depth: int
    ) -> None:
        partners = bool(slot.reads) and not _own(slot.reads[0], bases)
        base = _OTHER if partners else _full(slot.reads[0], bases) if slot.reads else ""
        for name in build.rules:
            rule = self.plan.rules[name]
            if build.variable is not None:
                inner = {**bases, build.variable: base}
            else:
                inner = {rule.scopes[0]: base} if build.over is not None else bases
            self._rule_reads(rule, inner, asked, carried, depth + 1)

    def target_slots(self) -> dict[str, dict[str, int]]:
        """For each slot of the target's classes that a rule fills: how often written, null, defaulted."""
        written: Counter[str] = Counter()
        made: Counter[str] = Counter()
        slots: dict[str, set[str]] = {}
        for name, shapes in self._nested.items():
            self._written(self.plan.rules[name], shapes, written, made, slots, 0)
        return {
            f"{cls}.{slot}": {
                "written": written[f"{cls}.{slot}"],
                "null": made[cls] - written[f"{cls}.{slot}"],
                "defaulted": self._defaulted[f"{cls}.{slot}"],
            }
            for cls in sorted(slots)
            for slot in sorted(slots[cls])
        }

    def _written(
        self, rule: ClassRule, shapes: _Shapes, written: Counter[str], made: Counter[str],
        slots: dict[str, set[str]], depth: int,
    ) -> None:  # fmt: skip
        cls = rule.target_class
        slots.setdefault(cls, set()).update(slot.slot for slot in rule.slots)
        made[cls] += shapes.total
        for group in shapes.shapes.values():
            for key in group.present:
                written[f"{cls}.{key}"] += group.count
        for key, count in shapes.loose.items():
            written[f"{cls}.{key}"] += count
        for slot in rule.slots:
            below = shapes.inner.get(slot.slot)
            if below is not None and isinstance(slot.value, Build) and depth < 64:
                nested = self.plan.rules[slot.value.rules[0]]
                self._written(nested, below, written, made, slots, depth + 1)

    def unmapped(self) -> dict[str, dict[str, int]]:
        """For each slot, the codes that its table does not have, with their counts."""
        return {slot: dict(sorted(codes.items())) for slot, codes in sorted(self._unmapped.items())}

    def rejects(self) -> dict[str, int]:
        """Rejected records by the code of their first finding."""
        return dict(sorted(self._rejects.items()))

    @property
    def balanced(self) -> bool:
        """Whether every record is accounted for."""
        return self.read == self.mapped + self.rejected + self.filtered


_OTHER: Final = JOINED
"""The place of what is no part of the record."""


def _own(path: str, bases: dict[str, str]) -> bool:
    """Whether a path leads into the records that are accounted for, not into others that a rule sees."""
    return bases.get(path.partition(".")[0], _OTHER) != _OTHER


def _full(path: str, bases: dict[str, str]) -> str:
    variable, _, rest = path.partition(".")
    base = bases.get(variable, "")
    return f"{base}.{rest}".strip(".")


def _covered(path: str, paths: set[str]) -> bool:
    """Whether a path is one of ``paths``, or on the way to one."""
    return path in paths or any(other.startswith(f"{path}.") for other in paths)

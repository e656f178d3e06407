"""The accounts of a run: what was read, what was carried, what was lost, and why.

Counting is by *shape*: objects with the same keys at the same place are counted together, by the tuple
of their keys, so that an object costs one dictionary update; paths and slots are told apart once,
at the end. Nothing is sampled.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from semantics.backends import Event
from semantics.errors import shape
from semantics.plan.model import Build, ClassRule, Plan, SlotRule
from semantics.records import Filtered, Mapped, Outcome, Rejected

__all__ = ["Ledger"]

LARGEST: Final = 10_000
"""Distinct source paths, and distinct codes of one slot, that are listed by name; the rest go together."""
OTHERS: Final = "(others)"


@dataclass(slots=True)
class _Shapes:
    """How often objects with certain keys stood at one place; ``inner`` are the places below it."""

    counts: Counter[tuple[str, ...]] = field(default_factory=Counter)
    inner: dict[str, _Shapes] = field(default_factory=dict)

    def add(self, value: Any) -> None:
        """Count an object (or each object of a list) and what is inside it. Null keys are not there."""
        if value.__class__ is dict:
            keys = tuple(value)
            if None in value.values():
                keys = tuple(key for key in keys if value[key] is not None)
            self.counts[keys] += 1
            for key, item in value.items():
                if item.__class__ is dict or (item.__class__ is list and item and item[0].__class__ is dict):
                    below = self.inner.get(key)
                    if below is None:
                        if len(self.inner) >= LARGEST:
                            continue
                        below = self.inner[key] = _Shapes()
                    below.add(item)
        elif value.__class__ is list:
            for item in value:
                if item.__class__ is dict:
                    self.add(item)

    def totals(self, prefix: str = "") -> Counter[str]:
        """How often each path held a value."""
        found: Counter[str] = Counter()
        for keys, count in self.counts.items():
            for key in keys:
                found[prefix + key] += count
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
    _sources: dict[tuple[str, str], _Shapes] = field(default_factory=dict)
    _nested: dict[str, _Shapes] = field(default_factory=dict)
    _defaulted: Counter[str] = field(default_factory=Counter)
    _unmapped: dict[str, Counter[str]] = field(default_factory=dict)
    _rejects: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome, events: list[Event]) -> None:
        """Count one record and what became of it."""
        self.read += 1
        match outcome:
            case Mapped(record=record, instances=instances):
                self.mapped += 1
                self.emitted += len(instances)
                self._source(record.class_name or self._class_of(instances[0].rule), "mapped").add(record.data)
                for instance in instances:
                    below = self._nested.setdefault(instance.rule or "", _Shapes())
                    below.add(instance.data)
            case Rejected(record=record, diagnostics=found):
                self.rejected += 1
                self._rejects[found[0].code] += 1
                if record.data is not None:
                    self._source(record.class_name or "", "lost").add(record.data)
                    self._refused(found)
            case Filtered(record=record):
                self.filtered += 1
                self._source(record.class_name or "", "lost").add(record.data)
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

        ``present`` counts over all records; ``read`` and ``carried`` over those that were mapped;
        ``dropped`` is present less carried, so that nothing goes uncounted.
        """
        present: Counter[str] = Counter()
        read: Counter[str] = Counter()
        carried: Counter[str] = Counter()
        for (name, fate), shapes in self._sources.items():
            totals = shapes.totals()
            present += totals
            if fate == "mapped":
                asked, kept = self._reads(name)
                read += Counter({path: n for path, n in totals.items() if _covered(path, asked)})
                carried += Counter({path: n for path, n in totals.items() if _covered(path, kept)})
        return {
            path: {"present": n, "read": read[path], "carried": carried[path], "dropped": n - carried[path]}
            for path, n in sorted(present.items())
        }

    def _reads(self, source_class: str) -> tuple[set[str], set[str]]:
        """The paths that the rules of a source class ask for, and those that end up in a slot."""
        carried: set[str] = set()
        asked: set[str] = set()
        for name in self.plan.roots.get(source_class, ()):
            rule = self.plan.rules[name]
            self._rule_reads(rule, {rule.scopes[0]: ""}, asked, carried, 0)
        return asked | carried, carried

    def _rule_reads(
        self, rule: ClassRule, bases: dict[str, str], asked: set[str], carried: set[str], depth: int
    ) -> None:
        asked |= {_full(path, bases) for path in rule.asks}
        for slot in rule.slots:
            carried |= {_full(path, bases) for path in slot.reads}
            if isinstance(slot.value, Build) and depth < 12:
                self._nested_reads(slot, slot.value, bases, asked, carried, depth)

    def _nested_reads(
        self, slot: SlotRule, build: Build, bases: dict[str, str], asked: set[str], carried: set[str], depth: int
    ) -> None:
        base = _full(slot.reads[0], bases) if slot.reads else ""
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
        made[cls] += sum(shapes.counts.values())
        for keys, count in shapes.counts.items():
            for key in keys:
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


def _full(path: str, bases: dict[str, str]) -> str:
    variable, _, rest = path.partition(".")
    base = bases.get(variable, "")
    return f"{base}.{rest}".strip(".")


def _covered(path: str, paths: set[str]) -> bool:
    """Whether a path is one of ``paths``, or on the way to one."""
    return path in paths or any(other.startswith(f"{path}.") for other in paths)

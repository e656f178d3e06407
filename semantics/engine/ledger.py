"""The accounts of a run: what was read, what was carried, what was lost, and why.

Records are kept for a moment and counted by the batch (:mod:`semantics.engine.tally`); paths and slots are told
apart once, at the end. Nothing is sampled.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

from semantics.backends import Event
from semantics.engine.tally import LARGEST, OTHERS, Tally
from semantics.errors import shape
from semantics.expressions.tree import Path, walk
from semantics.plan.model import JOINED, Build, ClassRule, Group, Plan, SlotRule
from semantics.plan.reads import derivations
from semantics.records import Filtered, Instance, Mapped, Outcome, Record, Rejected

__all__ = ["Ledger"]

BATCH: Final = 256
"""Records that are counted together at most."""
BATCH_BYTES: Final = 1 << 21
"""Bytes of records that are counted together at most, give or take one record."""


@dataclass(slots=True)
class Ledger:
    """Counts everything that passes; ``source_slots()`` and its like give the accounts at the end."""

    plan: Plan
    show_values: bool = False
    read: int = 0
    groups: Counter[str] = field(default_factory=Counter)
    _partners: frozenset[str] = frozenset()
    _sources: dict[tuple[str, str], Tally] = field(default_factory=dict)
    _instances: dict[str, Tally] = field(default_factory=dict)
    _waiting: list[Mapped] = field(default_factory=list)
    _room: int = BATCH_BYTES
    _mapped: int = 0
    _emitted: int = 0
    _lost: Counter[type[Outcome]] = field(default_factory=Counter)
    _leads: frozenset[str] | None = None
    _defaulted: Counter[str] = field(default_factory=Counter)
    _unmapped: dict[str, Counter[str]] = field(default_factory=dict)
    _rejects: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._partners = self.plan.partners
        if self.plan.dialect == "strict":
            slots = (slot for rule in self.plan.rules.values() for slot in rule.slots)
            self._leads = frozenset(slot.slot for slot in slots if isinstance(slot.value, Build))

    def add(self, outcome: Outcome, events: list[Event]) -> None:
        """Count what became of one record; whoever reads the records counts them in ``read``."""
        if events:
            self._noted(events)
        if outcome.__class__ is Mapped:
            self._waiting.append(outcome)
            self._room -= len(outcome.record.raw or b"") + BATCH_BYTES // BATCH
            if self._room <= 0:
                self._settle()
        elif isinstance(outcome, Rejected):
            self._lost[type(outcome)] += 1
            self._rejects[outcome.diagnostics[0].code] += 1
            if outcome.record.data.__class__ is dict:
                self._source(outcome.record.class_name or "", "lost").add([outcome.record.data])
                self._refused(outcome.diagnostics)
        else:
            self._lost[type(outcome)] += 1
            name = outcome.record.class_name or ""
            partner = name in self._partners and name not in self.plan.roots
            self._source(name, "joined" if partner else "lost").add([outcome.record.data])

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
                    self._mapped += 1
                    self._carried(record.class_name, instances[0].rule).add([record.data])
        if isinstance(outcome, Mapped):
            self._made(outcome.instances)
            self._noted(events)

    def _settle(self) -> None:
        """Count the mapped records that wait."""
        waiting, self._waiting, self._room = self._waiting, [], BATCH_BYTES
        self._mapped += len(waiting)
        records: defaultdict[tuple[str | None, str | None], list[Any]] = defaultdict(list)
        for outcome in waiting:
            records[outcome.record.class_name, outcome.instances[0].rule].append(outcome.record.data)
        for (class_name, rule), found in records.items():
            self._carried(class_name, rule).add(found)
        self._made(chain.from_iterable(outcome.instances for outcome in waiting))

    def _made(self, instances: Iterable[Instance]) -> None:
        """Count instances."""
        by_rule: defaultdict[str, list[Any]] = defaultdict(list)
        for instance in instances:
            by_rule[instance.rule or ""].append(instance.data)
        for rule, found in by_rule.items():
            self._emitted += len(found)
            self._instances.setdefault(rule, Tally(self._leads)).add(found)

    @property
    def mapped(self) -> int:
        """Records that gave instances."""
        return self._mapped + len(self._waiting)

    @property
    def rejected(self) -> int:
        """Records that could not be read, mapped, validated or written."""
        return self._lost[Rejected]

    @property
    def filtered(self) -> int:
        """Records that were left out on purpose."""
        return self._lost[Filtered]

    @property
    def emitted(self) -> int:
        """Instances that were written."""
        return self._emitted + sum(len(outcome.instances) for outcome in self._waiting)

    def _noted(self, events: list[Event]) -> None:
        for kind, slot, code in events:
            if kind == "defaulted":
                self._defaulted[slot] += 1
            else:
                self._count_code(slot, code)

    def _carried(self, class_name: str | None, rule: str | None) -> Tally:
        """Where records of a class that were mapped by a rule are counted."""
        found = self.plan.rules.get(rule or "")
        return self._source((found.source_class if found else None) or class_name or "", "mapped")

    def _source(self, name: str, fate: str) -> Tally:
        found = self._sources.get((name, fate))
        if found is None:
            found = self._sources[name, fate] = Tally()
        return found

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
        self._settle()
        present: Counter[str] = Counter()
        read: Counter[str] = Counter()
        carried: Counter[str] = Counter()
        for (name, fate), tally in self._sources.items():
            totals = tally.totals()
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
        self._settle()
        lost: Counter[str] = Counter()
        for (name, fate), tally in self._sources.items():
            if fate == "mapped":
                _, kept = self._reads(name)
                lost += Counter({path: n for path, n in tally.totals().items() if not _covered(path, kept)})
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
        self._settle()
        written: Counter[str] = Counter()
        made: Counter[str] = Counter()
        slots: dict[str, set[str]] = {}
        for name, tally in self._instances.items():
            self._written(self.plan.rules[name], tally, written, made, slots, 0)
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
        self, rule: ClassRule, tally: Tally, written: Counter[str], made: Counter[str],
        slots: dict[str, set[str]], depth: int,
    ) -> None:  # fmt: skip
        cls = rule.target_class
        slots.setdefault(cls, set()).update(slot.slot for slot in rule.slots)
        made[cls] += tally.total
        for key, count in tally.present.items():
            written[f"{cls}.{key}"] += count
        for slot in rule.slots:
            below = tally.inner.get(slot.slot)
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

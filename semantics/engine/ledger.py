"""The accounts of a run: what was read, what was carried, what was lost, and why.

Batches of records are counted at once (:mod:`semantics.engine.tally`), others one by one; paths and slots are told
apart at the end. Nothing is sampled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from semantics.backends import Event
from semantics.engine.accounts import Fate, SourceAccount, TargetAccount
from semantics.engine.lane import Passed
from semantics.engine.tally import LARGEST, OTHERS, Layout, Look, Tally, TallyState
from semantics.errors import shape
from semantics.plan.model import Build, Plan
from semantics.plan.reads import elements_of
from semantics.records import Filtered, Instance, Mapped, Outcome, Record, Rejected

__all__ = ["Ledger", "LedgerState"]

_KINDS: dict[str, type[Outcome]] = {kind.__name__: kind for kind in (Mapped, Rejected, Filtered)}


class LedgerState(msgspec.Struct, array_like=True):
    """What a ledger has counted, as plain data (see :class:`Ledger`)."""

    read: int
    emitted: int
    groups: dict[str, int]
    sources: list[tuple[str, str | None, list[str], TallyState]]
    instances: dict[str, TallyState]
    fates: dict[str, int]
    defaulted: dict[str, int]
    unmapped: dict[str, dict[str, int]]
    reasons: list[tuple[str, str, int]]
    filters: dict[str, int]


@dataclass(slots=True)
class Ledger:
    """Counts everything that passes; the accounts are made at the end: :meth:`source`, :meth:`target` and the rest.

    ``layouts`` are what the plan knows of instances, ``elements`` which of a list it asks for by number; both are
    worked out where they are not given.
    """

    plan: Plan
    layouts: dict[str, Layout] | None = None
    elements: dict[str, frozenset[int]] | None = None
    read: int = 0
    emitted: int = 0
    groups: Counter[str] = field(default_factory=Counter)
    _partners: frozenset[str] = frozenset()
    _sources: dict[tuple[str, str | None, tuple[str, ...]], Tally] = field(default_factory=dict)
    _instances: dict[str, Tally] = field(default_factory=dict)
    _fates: Counter[type[Outcome]] = field(default_factory=Counter)
    _defaulted: Counter[str] = field(default_factory=Counter)
    _unmapped: dict[str, Counter[str]] = field(default_factory=dict)
    _reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    _filters: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._partners = self.plan.partners
        if self.elements is None:
            self.elements = elements_of(self.plan)
        if self.layouts is None:
            self.layouts = _layouts(self.plan) if self.plan.dialect == "strict" else {}

    def add(self, outcome: Outcome, events: list[Event]) -> None:
        """Count what became of one record; whoever reads the records counts them in ``read``."""
        if events:
            self._noted(events)
        self._fates[type(outcome)] += 1
        if isinstance(outcome, Mapped):
            rules = _rules(outcome.instances)
            self._source("mapped", outcome.record.class_name, rules).add([outcome.record.data])
            self._made(outcome.instances)
        elif isinstance(outcome, Rejected):
            first = outcome.diagnostics[0]
            self._reasons[first.code, first.rule or ""] += 1
            if outcome.record.data.__class__ is dict:
                self._source("rejected", outcome.record.class_name, ()).add([outcome.record.data])
                self._refused(outcome.diagnostics)
        else:
            self._filters[outcome.reason] += 1
            name = outcome.source_class or outcome.record.class_name
            self._source("joined" if name in self._partners else "filtered", name, ()).add([outcome.record.data])

    def add_group(self, outcome: Outcome, settled: tuple[Record, ...], events: list[Event]) -> None:
        """Count a group, and the records whose fate it is: one group made of many is many records mapped."""
        self.groups[type(outcome).__name__.lower()] += 1
        for record in settled:
            match outcome:
                case Rejected(diagnostics=found):
                    self.add(Rejected(record, found), [])
                case Filtered(reason=reason):
                    self.add(Filtered(record, reason), [])
                case Mapped(instances=instances):
                    self._fates[Mapped] += 1
                    self._source("mapped", record.class_name, _rules(instances)).add([record.data])
        if isinstance(outcome, Mapped):
            self._made(outcome.instances)
            self._noted(events)

    def add_batch(self, passed: Passed) -> None:
        """Count a batch of records that were all mapped."""
        if passed.events:
            self._noted(passed.events)
        self._fates[Mapped] += len(passed.datas)
        look = passed.look or self.look(passed.source_class, tuple(passed.made), passed.datas)
        look.count()
        for rule, column in passed.made.items():
            self.emitted += len(column)
            self._tally(rule).add(column)

    def look(self, source_class: str | None, rules: tuple[str, ...], datas: list[dict[str, Any]]) -> Look:
        """See what there is to count in records of a class from which ``rules`` will make instances."""
        return self._source("mapped", source_class, rules).look(datas)

    def _made(self, instances: Iterable[Instance]) -> None:
        """Count instances."""
        for instance in instances:
            self.emitted += 1
            self._tally(instance.rule or "").add([instance.data])

    def _tally(self, rule: str) -> Tally:
        if rule not in self._instances:
            self._instances[rule] = Tally((self.layouts or {}).get(rule))
        return self._instances[rule]

    @property
    def mapped(self) -> int:
        """Records that gave instances."""
        return self._fates[Mapped]

    @property
    def rejected(self) -> int:
        """Records that could not be read, mapped, validated or written."""
        return self._fates[Rejected]

    @property
    def filtered(self) -> int:
        """Records that were left out on purpose."""
        return self._fates[Filtered]

    def _noted(self, events: list[Event]) -> None:
        for kind, slot, code in events:
            if kind == "defaulted":
                self._defaulted[slot] += 1
            else:
                self._count_code(slot, code)

    def _source(self, fate: str, source_class: str | None, rules: tuple[str, ...]) -> Tally:
        """Where records of a class and a fate are counted; ``rules`` are those that made their instances."""
        found = self._sources.get((fate, source_class, rules))
        if found is None:
            found = self._sources[fate, source_class, rules] = Tally(elements=self.elements)
        return found

    def _refused(self, found: tuple[Any, ...]) -> None:
        """Codes that rejected a record are counted by their shape alone: the value stays private."""
        for finding in found:
            if finding.code == "REC004":
                slot, _, reason = finding.message.partition(": ")
                self._count_code(slot.removeprefix("slot ").strip("'"), reason)

    def _count_code(self, slot: str, code: str, count: int = 1) -> None:
        codes = self._unmapped.setdefault(slot, Counter())
        known = code in codes or len(codes) < LARGEST
        codes[(code if known else OTHERS) if len(code) <= 200 else f"({shape(code)})"] += count

    # -- parts of a run --------------------------------------------------------------------------

    def empty(self) -> Ledger:
        """A ledger of the same plan in which nothing is counted yet."""
        return Ledger(self.plan, self.layouts, self.elements)

    def state(self) -> LedgerState:
        """Everything that was counted, as plain data: for a checkpoint, or for the run of which this is a part."""
        return LedgerState(
            self.read,
            self.emitted,
            dict(self.groups),
            [
                (fate, name, list(rules), tally.state())
                for (fate, name, rules), tally in self._sources.items()
                if tally.prune()
            ],
            {rule: tally.state() for rule, tally in self._instances.items()},
            {kind.__name__: count for kind, count in self._fates.items()},
            dict(self._defaulted),
            {slot: dict(codes) for slot, codes in self._unmapped.items()},
            [(code, rule, count) for (code, rule), count in self._reasons.items()],
            dict(self._filters),
        )

    def merge(self, state: LedgerState) -> None:
        """Count what a part of the run has counted."""
        self.read += state.read
        self.emitted += state.emitted
        self.groups.update(state.groups)
        for fate, name, rules, tally in state.sources:
            self._source(fate, name, tuple(rules)).merge(tally)
        for rule, tally in state.instances.items():
            self._tally(rule).merge(tally)
        self._fates.update({_KINDS[name]: count for name, count in state.fates.items()})
        self._defaulted.update(state.defaulted)
        for slot, codes in state.unmapped.items():
            for code, count in codes.items():
                self._count_code(slot, code, count)
        self._reasons.update({(code, rule): count for code, rule, count in state.reasons})
        self._filters.update(state.filters)

    # -- the accounts ----------------------------------------------------------------------------

    def source(self) -> SourceAccount:
        """What became of each path of the source."""
        counted = {Fate(*key): tally for key, tally in self._sources.items() if tally.prune()}
        return SourceAccount.of(self.plan, counted)

    def target(self) -> TargetAccount:
        """What each slot of the target got."""
        return TargetAccount.of(self.plan, self._instances, self._defaulted)

    def unmapped(self) -> dict[str, dict[str, int]]:
        """For each slot, the codes that its table does not have, with their counts."""
        return {slot: dict(sorted(codes.items())) for slot, codes in sorted(self._unmapped.items())}

    def rejects(self) -> dict[str, int]:
        """Rejected records by the code of their first finding."""
        found: Counter[str] = Counter()
        for (code, _), count in self._reasons.items():
            found[code] += count
        return dict(sorted(found.items()))

    def reasons(self) -> dict[str, int]:
        """Rejected records by the code of their first finding and the rule (``file:line``) that it is about."""
        return {f"{code} {rule}".strip(): count for (code, rule), count in sorted(self._reasons.items())}

    def filters(self) -> dict[str, int]:
        """Filtered records by what left them out."""
        return dict(sorted(self._filters.items()))

    @property
    def balanced(self) -> bool:
        """Whether every record is accounted for."""
        return self.read == self.mapped + self.rejected + self.filtered


def _rules(instances: tuple[Instance, ...]) -> tuple[str, ...]:
    """The rules that made the instances of a record."""
    if len(instances) == 1:
        return (instances[0].rule or "",)
    return tuple([instance.rule or "" for instance in instances])


def _layouts(plan: Plan) -> dict[str, Layout]:
    """What is known of the instances of each rule."""
    found = {name: Layout(len(rule.slots)) for name, rule in plan.rules.items() if not rule.keep_nulls}
    for name, layout in found.items():
        for slot in plan.rules[name].slots:
            if isinstance(slot.value, Build):
                only = slot.value.rules[0] if len(slot.value.rules) == 1 and slot.keyed is None else ""
                layout.inner[slot.slot] = found.get(only)
    return found

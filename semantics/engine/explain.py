"""One record explained: read as a run reads it, carried out by the oracle, every step kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as MappingType
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from semantics.analysis.explanation import InstanceExplanation, SlotExplanation
from semantics.analysis.explanation_paths import narrowed, slot_paths, with_findings
from semantics.analysis.explanation_trace import explain_record
from semantics.databases import DATABASES
from semantics.engine.context import running
from semantics.engine.gather import Gathered
from semantics.engine.groups import Grouping
from semantics.engine.inputs import Inputs
from semantics.engine.mapping import Mapping
from semantics.engine.related import PlacedPartners
from semantics.engine.store import BUDGET
from semantics.errors import Diagnostic, UsageError, closest, escaped
from semantics.plan.tables import TABLES
from semantics.records import Filtered, GroupRecord, Mapped, Outcome, Record, Rejected
from semantics.sources import source_format
from semantics.validation.report import Finding

__all__ = ["Explanation", "explain"]

Data = MappingType[str, Any]
Given = Data | Sequence[Data] | str | Path | Sequence[str | Path]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What became of one record (mapped, rejected or filtered), why, and where every value comes from.

    ``slots`` are those that were asked for, ``instances`` everything where none was. A record that counts only in
    groups has the outcome of the first of them. ``findings`` are those of its rejection.
    """

    mapping: str
    source: str
    record: int
    line: int | None
    byte: int | None
    pointer: str | None
    source_class: str | None
    outcome: str
    findings: tuple[Finding, ...] = ()
    instances: tuple[InstanceExplanation, ...] = ()
    slots: tuple[SlotExplanation, ...] = ()


def explain(
    mapping: Mapping,
    source: Given,
    *,
    record: int = 1,
    slot: str | None = None,
    source_class: str | None = None,
    source_format: str | None = None,
    now: datetime | str | None = None,
    pseudonym_key: str | Path | None = None,
    dialect: MappingType[str, Any] | None = None,
) -> Explanation:
    """Explain a record (plain data, or number ``record`` of an input), or one slot of what it gives.

    Of several inputs the record is looked for in the first; joins and groups find the others in all of them.
    Raises :class:`UsageError` where there is no such record, or no class of the model has such a slot.
    """
    given = _Given(mapping, source, source_class, source_format, dialect or {})
    ready = given.mapping
    with running(ready.plan.needs, now=now, key_file=pseudonym_key), closing(given):
        found = given.record(record)
        ready = given.with_partners()
        settled = _Settled(ready, found, given)
        instances = tuple(one for outcome in settled.outcomes for one in _instances(ready, outcome, found))
        asked = () if slot is None else _asked(ready, instances, slot)
        told = ready.class_of(found) if found.fault is None else None
        return Explanation(
            mapping=ready.name,
            source=found.source,
            record=found.number,
            line=found.line,
            byte=found.byte,
            pointer=found.pointer,
            source_class=told if isinstance(told, str) else None,
            outcome={Mapped: "mapped", Rejected: "rejected", Filtered: "filtered"}[type(settled.outcome)],
            findings=_findings(settled.outcome, found),
            instances=() if slot is not None else instances,
            slots=asked,
        )


def _findings(outcome: Outcome, record: Record) -> tuple[Finding, ...]:
    if not isinstance(outcome, Rejected):
        return ()
    return tuple(Finding.of(found, record=record, rule=found.rule) for found in outcome.diagnostics)


def _instances(mapping: Mapping, outcome: Outcome, asked: Record) -> Iterator[InstanceExplanation]:
    """Everything that a record, or the group that it is in, starts; with what validation found."""
    record = outcome.record
    told = mapping.class_of(record) if record.fault is None else None
    members = record.members if isinstance(record, GroupRecord) else ()
    if not isinstance(told, str) or (members and not record.data):
        return
    places = mapping.related.place_of if isinstance(mapping.related, PlacedPartners) else None
    explained = explain_record(
        mapping.plan, mapping.prepared.target, record, told, members=members, related=mapping.tables, places=places
    )
    given = iter(explained.given)
    for instance in explained.instances:
        data = next(given, None) if instance.made else None
        if data is None or not mapping.check:
            yield instance
            continue
        found = mapping.checker.check(instance.class_name, data)
        yield with_findings(instance, [Finding.of(one, record=asked, rule=one.rule) for one in found])


def _asked(mapping: Mapping, instances: tuple[InstanceExplanation, ...], slot: str) -> tuple[SlotExplanation, ...]:
    asked = narrowed(instances, slot, mapping.prepared.target)
    if not asked and instances:
        known = slot_paths(instances)
        hint = closest(slot, known) or (f"derived are: {', '.join(known[:12])}" if known else None)
        message = f"no rule fills slot '{escaped(slot)}' from this record, and its class has no such slot"
        raise UsageError(Diagnostic("RUN051", message, hint=hint))
    return asked


class _Settled:
    """What became of a record: by itself, and in the groups that it is in."""

    def __init__(self, mapping: Mapping, record: Record, given: _Given) -> None:
        own = mapping.outcome(record, [])
        self.outcome: Outcome = own
        self.outcomes: tuple[Outcome, ...] = (own,)
        told = mapping.class_of(record) if record.fault is None else None
        groups = [group for group in mapping.plan.groups.values() if told in group.classes]
        if isinstance(own, Rejected) or not groups:
            return
        with closing(Grouping(mapping)) as grouping:
            alone = self._grouped(mapping, record, given, grouping)
            inside = tuple(group.outcome for group in grouping.outcomes() if _is_in(record, group.outcome.record))
        if alone is None and inside:
            self.outcome, self.outcomes = inside[0], inside
        else:
            self.outcome, self.outcomes = alone or own, (own, *inside)

    @staticmethod
    def _grouped(mapping: Mapping, record: Record, given: _Given, grouping: Grouping) -> Outcome | None:
        """All records put into their groups; what that says of the one."""
        alone: Outcome | None = None
        for other in given.records():
            outcome = mapping.outcome(other, [])
            told = grouping.take(other, outcome)
            if _same(other, record):
                alone = told
        return alone


def _same(one: Record, other: Record) -> bool:
    return (one.source, one.number) == (other.source, other.number)


def _is_in(record: Record, group: Record) -> bool:
    return isinstance(group, GroupRecord) and any(_same(record, member) for member in group.members)


class _Given:
    """The records that an explanation is asked of: plain data, or files read as a run reads them."""

    def __init__(
        self, mapping: Mapping, source: Given, source_class: str | None, form: str | None,
        dialect: MappingType[str, Any],
    ) -> None:  # fmt: skip
        self._class, self._format, self._dialect = source_class, form, dialect
        several = [source] if isinstance(source, (MappingType, str, Path)) else list(source)
        self._data = [dict(one) for one in several if isinstance(one, MappingType)]
        self._paths = [str(one) for one in several if not isinstance(one, MappingType)]
        kinds = (*TABLES, *DATABASES)
        is_table = any(Path(p).is_dir() or (form or source_format(p)) in kinds for p in self._paths)
        self.mapping = mapping.for_tables() if is_table else mapping
        self._gathered: Gathered | None = None

    def _inputs(self, paths: list[str]) -> Inputs:
        return Inputs(self.mapping.plan, paths, self._format, self._class, dialect=self._dialect)

    def records(self, paths: list[str] | None = None) -> Iterator[Record]:
        """All records, in order."""
        if self._data:
            for number, data in enumerate(self._data, start=1):
                yield Record(data, number=number, class_name=self._class)
        else:
            for _, record in self._inputs(paths or self._paths).records():
                yield record

    def record(self, number: int) -> Record:
        """The record that is asked for."""
        count = 0
        for count, record in enumerate(self.records(self._paths[:1]), start=1):
            if count == number:
                return record
        raise UsageError(Diagnostic("RUN050", f"there is no record {number}: the input has {count}"))

    def with_partners(self) -> Mapping:
        """The mapping, able to look up what it joins in the same inputs."""
        mapping = self.mapping
        if self._data or not mapping.plan.lookups or mapping.related is not None:
            return mapping
        self._gathered = Gathered(mapping, self._inputs(self._paths), BUDGET, placed=True)
        return self._gathered.mapping()

    def close(self) -> None:
        """Remove temporary files."""
        if self._gathered is not None:
            self._gathered.close()

"""One record explained: read as a run reads it, carried out by the oracle, every step kept."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from semantics.analysis.explanation import (
    InstanceExplanation,
    SlotExplanation,
    explain_record,
    narrowed,
    slot_paths,
)
from semantics.engine.context import running
from semantics.engine.gather import Gathered
from semantics.engine.inputs import Inputs
from semantics.engine.mapping import Mapping
from semantics.engine.store import BUDGET
from semantics.errors import Diagnostic, UsageError, closest, escaped
from semantics.records import Filtered, Mapped, Record, Rejected

__all__ = ["Explanation", "explain"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What became of one record (mapped, rejected or filtered), why, and where every value comes from.

    ``slots`` are those that were asked for, ``instances`` everything where none was.
    """

    mapping: str
    source: str
    record: int
    line: int | None
    pointer: str | None
    source_class: str | None
    outcome: str
    findings: tuple[Diagnostic, ...] = ()
    instances: tuple[InstanceExplanation, ...] = ()
    slots: tuple[SlotExplanation, ...] = ()


def explain(
    mapping: Mapping,
    source: str | Path | MappingType[str, Any],
    *,
    record: int = 1,
    slot: str | None = None,
    source_class: str | None = None,
    source_format: str | None = None,
) -> Explanation:
    """Explain a record (plain data, or number ``record`` of an input), or one slot of what it gives.

    Joins find their partners in the same input. Raises :class:`UsageError` where there is no such record, or nothing
    fills the slot.
    """
    gathered: Gathered | None = None
    if isinstance(source, MappingType):
        found = Record(dict(source), class_name=source_class)
    else:
        found = _record(mapping, str(source), record, source_class, source_format)
        if mapping.plan.lookups and mapping.related is None:
            gathered = Gathered(mapping, Inputs(mapping.plan, [str(source)], source_format, source_class), BUDGET)
    try:
        return _explained(mapping if gathered is None else gathered.mapping(), found, slot)
    finally:
        if gathered is not None:
            gathered.close()


def _explained(mapping: Mapping, found: Record, slot: str | None) -> Explanation:
    told = mapping.class_of(found)
    instances: tuple[InstanceExplanation, ...] = ()
    with running(mapping.plan.needs):
        outcome = mapping.try_apply(found)
        if isinstance(told, str) and found.fault is None:
            instances = explain_record(mapping.plan, found.data, told, mapping.tables)
    asked: tuple[SlotExplanation, ...] = ()
    if slot is not None:
        asked = narrowed(instances, slot)
        if not asked:
            known = slot_paths(instances)
            hint = closest(slot, known) or (f"derived are: {', '.join(known[:12])}" if known else None)
            raise UsageError(Diagnostic("RUN051", f"no rule fills slot '{escaped(slot)}' from this record", hint=hint))
    return Explanation(
        mapping=mapping.name,
        source=found.source,
        record=found.number,
        line=found.line,
        pointer=found.pointer,
        source_class=told if isinstance(told, str) else None,
        outcome={Mapped: "mapped", Rejected: "rejected", Filtered: "filtered"}[type(outcome)],
        findings=outcome.diagnostics if isinstance(outcome, Rejected) else (),
        instances=() if slot is not None else instances,
        slots=asked,
    )


def _record(mapping: Mapping, path: str, number: int, source_class: str | None, source_format: str | None) -> Record:
    inputs = Inputs(mapping.plan, [path], source_format, source_class)
    count = 0
    for count, (_, record) in enumerate(inputs.records(), start=1):
        if count == number:
            return record
    raise UsageError(Diagnostic("RUN050", f"there is no record {number}: the input has {count}"))

"""An explanation as a person reads it on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from semantics.analysis.explanation import (
    InstanceExplanation,
    JoinExplanation,
    RecordPlace,
    SlotExplanation,
    SourceValue,
)
from semantics.expressions.values import text_of
from semantics.validation.report import Finding

__all__ = ["instance_lines", "place_text", "slot_lines"]

_INDENT = "    "


def instance_lines(found: InstanceExplanation) -> Iterator[str]:
    """An instance: the derivation that made it, its records, joins and condition, what is wrong, and its slots."""
    place = f"  from {found.source_pointer}" if found.source_pointer else ""
    yield f"{found.path + ' = ' if found.path else ''}{found.class_name}  ({_rule(found)}){place}"
    if len(found.records) > 1:
        yield from (f"{_INDENT}of    {place_text(record)}" for record in found.records)
    yield from (f"{_INDENT}{line}" for join in found.joins for line in _join(join))
    if found.where is not None:
        yield f"{_INDENT}where {found.where}: {'true' if found.wanted else 'not true'}"
    yield from (f"{_INDENT}  {_source(source)}" for source in found.sources)
    yield from (f"{_INDENT}{note}" for note in found.notes)
    yield from (f"{_INDENT}{line}" for finding in found.findings for line in _finding(finding))
    if not found.made and not any(slot.findings for slot in found.slots):
        return
    for slot in found.slots:
        yield from (f"{_INDENT}{line}" for line in slot_lines(slot))
    if found.unfilled:
        yield f"{_INDENT}no rule fills: {', '.join(found.unfilled)}"


def slot_lines(found: SlotExplanation) -> Iterator[str]:
    """A slot: its value, the rule, the sources, the steps, why it is null where it is, and what is wrong with it."""
    value = "(built)" if found.instances and found.value is not None else _value(found.value)
    yield f"{found.path} = {value}  ({_rule(found)}, {found.manner})"
    if found.where is not None:
        yield f"{_INDENT}where {found.where}"
    yield from (f"{_INDENT}from  {_source(source)}" for source in found.sources)
    yield from (f"{_INDENT}step  {step.text} -> {_value(step.value)}" for step in found.steps)
    yield from (f"{_INDENT}why   {note}" for note in found.notes)
    yield from (f"{_INDENT}{line}" for finding in found.findings for line in _finding(finding))
    for instance in found.instances:
        yield from (f"{_INDENT}{line}" for line in instance_lines(instance))


def place_text(record: RecordPlace) -> str:
    """Where a record stands.

    >>> place_text(RecordPlace("a.csv", 3, line=4))
    'record 3 of a.csv, line 4'
    """
    line = f", line {record.line}" if record.line else ""
    return f"record {record.record} of {record.source}{line}{f', {record.pointer}' if record.pointer else ''}"


def _rule(found: InstanceExplanation | SlotExplanation) -> str:
    return found.rule if found.column is None else f"{found.rule}:{found.column}"


def _join(join: JoinExplanation) -> Iterator[str]:
    count = "no partner" if not join.found else "1 partner" if join.found == 1 else f"{join.found} partners"
    yield f"join  {join.alias} = {join.source_class} by {_value(join.key)}: {count}  ({join.rule})"
    yield from (f"{_INDENT}  {place_text(record)}" for record in join.records)


def _finding(finding: Finding) -> Iterator[str]:
    element = f"  ({finding.element})" if finding.element else ""
    yield f"wrong {finding.code}  {finding.message}{element}"


def _source(source: SourceValue) -> str:
    place = f"  ({source.pointer})" if source.pointer else ""
    return f"{source.path} = {_value(source.value)}{place}"


def _value(value: Any) -> str:
    if isinstance(value, str) and not value.isprintable():
        return ascii(value)
    return msgspec.json.Encoder(enc_hook=text_of, decimal_format="number").encode(value).decode()

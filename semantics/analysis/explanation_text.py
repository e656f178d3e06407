"""An explanation as a person reads it on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from semantics.analysis.explanation import InstanceExplanation, SlotExplanation, SourceValue
from semantics.expressions.values import text_of

__all__ = ["instance_lines", "slot_lines"]

_INDENT = "    "


def instance_lines(found: InstanceExplanation) -> Iterator[str]:
    """An instance: the derivation that made it, its condition, and its slots."""
    place = f"  from {found.pointer}" if found.pointer else ""
    yield f"{found.path + ' = ' if found.path else ''}{found.class_name}  ({found.rule}){place}"
    if found.where is not None:
        yield f"{_INDENT}where {found.where}: {'true' if found.wanted else 'not true'}"
        yield from (f"{_INDENT}  {_source(source)}" for source in found.sources)
    yield from (f"{_INDENT}{note}" for note in found.notes)
    for slot in found.slots:
        yield from (f"{_INDENT}{line}" for line in slot_lines(slot))


def slot_lines(found: SlotExplanation) -> Iterator[str]:
    """A slot: its value, the rule, the sources, the steps, and why it is null where it is."""
    value = "(built)" if found.instances and found.value is not None else _value(found.value)
    yield f"{found.path} = {value}  ({found.rule}, {found.manner})"
    yield from (f"{_INDENT}from  {_source(source)}" for source in found.sources)
    yield from (f"{_INDENT}step  {step.text} -> {_value(step.value)}" for step in found.steps)
    yield from (f"{_INDENT}why   {note}" for note in found.notes)
    for instance in found.instances:
        yield from (f"{_INDENT}{line}" for line in instance_lines(instance))


def _source(source: SourceValue) -> str:
    place = f"  ({source.pointer})" if source.pointer else ""
    return f"{source.path} = {_value(source.value)}{place}"


def _value(value: Any) -> str:
    if isinstance(value, str) and not value.isprintable():
        return ascii(value)
    return msgspec.json.Encoder(enc_hook=text_of, decimal_format="number").encode(value).decode()

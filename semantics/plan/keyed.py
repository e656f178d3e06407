"""Where the source holds objects in a mapping by key: the keys are data, and no part of a path."""

from __future__ import annotations

from collections.abc import Iterable

from semantics.plan.model import Inner
from semantics.schema.model import Form, SchemaModel

__all__ = ["keyed_slots"]


def keyed_slots(source: SchemaModel, roots: Iterable[str]) -> dict[str, dict[str, Inner]]:
    """For each class that is reached from ``roots``: its slots that are such mappings, or lead to one.

    Empty for a source without any.
    """
    inner = {name: _objects(source, name) for name in source.classes}
    leading = {name for name, slots in inner.items() if any(found.keyed for found in slots.values())}
    while more := {
        name for name, slots in inner.items()
        if name not in leading and any(leading & set(found.classes) for found in slots.values())
    }:  # fmt: skip
        leading |= more
    reached: dict[str, dict[str, Inner]] = {}
    pending = [name for name in roots if name in leading]
    while pending:
        name = pending.pop()
        if name in reached or name not in leading:
            continue
        reached[name] = {
            slot: found for slot, found in inner[name].items() if found.keyed or leading & set(found.classes)
        }
        pending += [cls for found in reached[name].values() for cls in found.classes]
    return {name: reached[name] for name in sorted(reached)}


def _objects(source: SchemaModel, name: str) -> dict[str, Inner]:
    """The slots of a class that hold objects, with the classes that these can be of."""
    return {
        slot.name: Inner(slot.form is Form.KEYED, (slot.range, *source.classes[slot.range].descendants))
        for slot in source.classes[name].slots.values()
        if slot.form in (Form.OBJECT, Form.KEYED) and slot.range in source.classes
    }

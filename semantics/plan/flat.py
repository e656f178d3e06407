"""Flattened objects: the columns of a table that holds instances of one class, nested objects and lists among them.

A slot that holds one object becomes dotted columns (``address.city``). What has no cell of its own stands in one as
JSON: lists, objects by their identifier, objects that may be of several classes or hold objects of their own class,
and values of no kind that is told. So that every cell says by its column how it is read, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from semantics.plan.model import ClassLayout, Layout, SlotLayout

__all__ = ["FlatSlot", "flat_slots", "is_json", "slot_of"]


class FlatSlot(NamedTuple):
    """A column: the slots on the way to its values, the last one."""

    path: tuple[str, ...]
    slot: SlotLayout

    @property
    def name(self) -> str:
        """What the header calls it."""
        return ".".join(self.path)


def flat_slots(layout: Layout, class_name: str) -> Iterator[FlatSlot]:
    """The columns of a class, in the order of its slots. Raises ``KeyError`` for a class that is not there."""
    yield from _below(layout, layout.classes[class_name], (), (class_name,))


def _below(layout: Layout, cls: ClassLayout, path: tuple[str, ...], above: tuple[str, ...]) -> Iterator[FlatSlot]:
    for slot in cls.slots:
        inner = layout.classes.get(slot.holds or "")
        own = (*path, slot.name)
        if inner is None or slot.many or inner.below or inner.name in above or not inner.slots:
            yield FlatSlot(own, slot)
        else:
            yield from _below(layout, inner, own, (*above, inner.name))


def slot_of(layout: Layout, class_name: str, column: str) -> FlatSlot | None:
    """What a column of a table of a class holds; None where the class has no such slot."""
    path = (column,) if _slot(layout, class_name, column) else tuple(column.split("."))
    holder: str | None = class_name
    slot = None
    for name in path:
        slot = _slot(layout, holder, name)
        if slot is None:
            return None
        holder = None if slot.many else slot.holds
    return None if slot is None else FlatSlot(path, slot)


def _slot(layout: Layout, class_name: str | None, name: str) -> SlotLayout | None:
    found = layout.classes.get(class_name or "")
    return next((slot for slot in found.slots if slot.name == name), None) if found else None


def is_json(slot: SlotLayout) -> bool:
    """Whether the cells of a column are JSON."""
    return slot.many or slot.holds is not None or slot.open or slot.key is not None

"""Tables of flattened objects as a source: what reads the cells of :mod:`semantics.plan.flat`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from semantics.lexical import FROM_TEXT, LexicalError, Primitive
from semantics.plan.flat import is_json, slot_of
from semantics.plan.model import Layout, SlotLayout
from semantics.plan.tables import TableDialect
from semantics.sources import Limits
from semantics.sources.numbers import number_reader
from semantics.sources.values import Unreadable, value_reader

__all__ = ["FlatColumn", "flat_column"]


class FlatColumn(NamedTuple):
    """A column: where its values stand in the record, what reads its cells, and the texts that stand for no value."""

    path: tuple[str, ...]
    convert: Callable[[str], Any] | None
    missing: tuple[str, ...]


def flat_column(
    layout: Layout, class_name: str, column: str, dialect: TableDialect, limits: Limits
) -> FlatColumn | None:
    """What a column of a table of a class holds; None where the class has no such slot."""
    found = slot_of(layout, class_name, column)
    return FlatColumn(found.path, _converter(found.slot, dialect, limits), found.slot.missing) if found else None


def _converter(slot: SlotLayout, dialect: TableDialect, limits: Limits) -> Callable[[str], Any] | None:
    if is_json(slot):
        return _json_reader(limits)
    if slot.primitive is None:
        return None
    primitive = Primitive(slot.primitive)
    return number_reader(primitive, FROM_TEXT[primitive], dialect)


def _json_reader(limits: Limits) -> Callable[[str], Any]:
    value = value_reader(limits)

    def read(cell: str) -> Any:
        try:
            return value(cell.encode())
        except Unreadable as fault:
            raise LexicalError(f"expected JSON, and {fault.message}") from None

    return read

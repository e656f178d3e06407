"""Tables of flattened objects: a dotted column is a slot of a nested object, a list stands in its cell as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from semantics.lexical import FROM_TEXT, LexicalError, Primitive
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
    path = (column,) if _slot(layout, class_name, column) else tuple(column.split("."))
    holder: str | None = class_name
    slot = None
    for name in path:
        slot = _slot(layout, holder, name)
        if slot is None:
            return None
        holder = None if slot.many else slot.holds
    assert slot is not None
    return FlatColumn(path, _converter(slot, dialect, limits), slot.missing)


def _slot(layout: Layout, class_name: str | None, name: str) -> SlotLayout | None:
    found = layout.classes.get(class_name or "")
    return next((slot for slot in found.slots if slot.name == name), None) if found else None


def _converter(slot: SlotLayout, dialect: TableDialect, limits: Limits) -> Callable[[str], Any] | None:
    if slot.many or slot.holds is not None or slot.open or slot.key is not None:
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
        except UnicodeEncodeError:
            raise LexicalError("expected JSON, and the text is no Unicode") from None

    return read

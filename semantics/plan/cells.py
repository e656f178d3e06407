"""What slots say of the cells that they read: which are kept though they are empty, which texts stand for no value."""

from __future__ import annotations

from collections.abc import Sequence

from semantics.mapping.spec import ClassDerivation
from semantics.schema.model import SchemaModel

__all__ = ["kept_cells", "missing_texts"]

Derived = Sequence[tuple[ClassDerivation, str]]
"""Derivations with the source class of each."""


def kept_cells(derived: Derived) -> dict[str, frozenset[str]]:
    """The columns of each source class in which some slot keeps an empty cell as a text."""
    kept: dict[str, frozenset[str]] = {}
    for derivation, source_class in derived:
        slots = derivation.slot_derivations.items()
        columns = {slot.populated_from or name for name, slot in slots if slot.empty == "keep"}
        if columns:
            kept[source_class] = kept.get(source_class, frozenset()) | columns
    return kept


def missing_texts(name: str, derived: Derived, source: SchemaModel) -> dict[str, list[str]]:
    """The texts that stand for no value, by the columns of a source class in which some slot says so."""
    found: dict[str, list[str]] = {}

    def collect(derivation: ClassDerivation) -> None:
        for slot in derivation.slot_derivations.values():
            texts = slot.missing_values or []
            for column in (slot.populated_from or slot.name, *slot.sources) if texts else ():
                found.setdefault(column, []).extend([texts] if isinstance(texts, str) else texts)
            for inner in slot.class_derivations:
                collect(inner)

    for derivation, source_class in derived:
        if source.is_a(name, source_class):
            collect(derivation)
    return found

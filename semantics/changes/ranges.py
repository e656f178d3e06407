"""How the values that a range takes relate to those of another: the same, more, fewer, or others."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from semantics.changes.rule import Models
from semantics.lexical import Primitive
from semantics.schema.model import SchemaModel, TypeModel

__all__ = ["Relation", "facets_fewer", "relation"]

_WIDER: Final[dict[Primitive, frozenset[Primitive]]] = {
    Primitive.INTEGER: frozenset({Primitive.DECIMAL, Primitive.FLOAT}),
    Primitive.DECIMAL: frozenset({Primitive.FLOAT}),
    Primitive.DATE: frozenset({Primitive.DATE_OR_DATETIME, Primitive.STRING}),
    Primitive.DATETIME: frozenset({Primitive.DATE_OR_DATETIME, Primitive.STRING}),
    Primitive.DATE_OR_DATETIME: frozenset({Primitive.STRING}),
    Primitive.TIME: frozenset({Primitive.STRING}),
    Primitive.URI: frozenset({Primitive.URIORCURIE, Primitive.STRING}),
    Primitive.CURIE: frozenset({Primitive.URIORCURIE, Primitive.STRING}),
    Primitive.URIORCURIE: frozenset({Primitive.STRING}),
    Primitive.NCNAME: frozenset({Primitive.STRING}),
}
"""Every value of the one, as JSON has it, is a value of the others."""


class Relation(Enum):
    """What the new range takes, by the side of the old."""

    SAME = auto()
    WIDER_CLASS = auto()
    NARROWER_CLASS = auto()
    WIDER_TYPE = auto()
    NARROWER_TYPE = auto()
    OTHER = auto()


def relation(models: Models, old: str | None, new: str | None) -> Relation:
    """How the range of a slot in the new model relates to that in the old."""
    old, new = old or "string", new or "string"
    now = models.now(old)
    if now == new:
        return Relation.SAME
    if models.new.takes_any(new):
        return Relation.WIDER_CLASS
    if models.old.takes_any(old):
        return Relation.NARROWER_CLASS
    if old in models.old.classes or new in models.new.classes:
        if now is not None and models.new.is_a(now, new):
            return Relation.WIDER_CLASS
        return Relation.NARROWER_CLASS if models.new.is_a(new, now or "") else Relation.OTHER
    if old in models.old.enums or new in models.new.enums:
        return _codes(models, old, new)
    before, after = models.old.types.get(old), models.new.types.get(new)
    return _types(before, after) if before is not None and after is not None else Relation.OTHER


def _codes(models: Models, old: str, new: str) -> Relation:
    """Of enums, and of an enum and a type of text."""
    before, after = _values(models.old, old), _values(models.new, new)
    if before is None and after is None:
        return Relation.OTHER
    if before is not None and (after is None or before <= after):
        return Relation.WIDER_TYPE if after is not None or _text(models.new, new) else Relation.OTHER
    if after is not None and (before is None or after <= before):
        return Relation.NARROWER_TYPE if before is not None or _text(models.old, old) else Relation.OTHER
    return Relation.OTHER


def _values(schema: SchemaModel, name: str) -> frozenset[str] | None:
    return frozenset(schema.enums[name].values) if name in schema.enums else None


def _text(schema: SchemaModel, name: str) -> bool:
    """Whether a type takes any text."""
    found = schema.types.get(name)
    return found is not None and found.primitive is Primitive.STRING and not _facets(found)


def _types(old: TypeModel, new: TypeModel) -> Relation:
    if old.primitive is new.primitive:
        if _facets(old) == _facets(new):
            return Relation.SAME if old.uri == new.uri else Relation.WIDER_TYPE
        if facets_fewer(new, old):
            return Relation.WIDER_TYPE
        return Relation.NARROWER_TYPE if facets_fewer(old, new) else Relation.OTHER
    if new.primitive in _WIDER.get(old.primitive, ()) and not _facets(new):
        return Relation.WIDER_TYPE
    if old.primitive in _WIDER.get(new.primitive, ()) and not _facets(old):
        return Relation.NARROWER_TYPE
    return Relation.OTHER


def facets_fewer(one: TypeModel, other: TypeModel) -> bool:
    """Whether a type demands nothing that the other one does not demand, too."""
    low = one.minimum_value is None or (other.minimum_value is not None and one.minimum_value <= other.minimum_value)
    high = one.maximum_value is None or (other.maximum_value is not None and one.maximum_value >= other.maximum_value)
    fixed = not one.equals_string_in or (
        bool(other.equals_string_in) and set(one.equals_string_in) >= set(other.equals_string_in)
    )
    return low and high and fixed and set(one.patterns) <= set(other.patterns)


def _facets(found: TypeModel) -> tuple[object, ...] | None:
    facets = (found.patterns, found.minimum_value, found.maximum_value, found.equals_string_in)
    return facets if facets != ((), None, None, ()) else None

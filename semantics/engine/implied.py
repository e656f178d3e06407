"""Generated shapes that need not be run: what the checker has accepted conforms to them.

Every constraint of the generated shapes is one that the checker makes, or a weaker one (the page on one verdict lists
them; tests hold it on made-up models against pySHACL). What RDF adds is that two objects with one IRI become one node,
whose properties and classes come together. So a valid record conforms unless two of its objects share an IRI; that is
looked at here, and such a record goes to the shapes themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from semantics.lexical import LexicalError
from semantics.schema.model import Form, SchemaModel
from semantics.sinks.rdf_values import identity_of

if TYPE_CHECKING:
    from semantics.sinks.rdf_values import Identity

__all__ = ["Implied"]


@dataclass(eq=False, slots=True)
class _Place:
    """Where objects of a class, or of one below it, stand: their identifier and the slots that hold objects."""

    identifier: str | None = None
    identity: Identity | None = None
    inner: list[tuple[str, Form, _Place]] = field(default_factory=list)
    named: bool = False
    known: bool = True


class Implied:
    """Tells of valid instances whether their graph conforms to the generated shapes, without making it."""

    def __init__(self, schema: SchemaModel) -> None:
        self._schema = schema
        self._places: dict[str, _Place] = {}
        self._alone: dict[str, bool] = {}

    def one(self, class_name: str) -> bool:
        """Whether any valid instance of a class conforms by itself: at most one node of it has an IRI."""
        if class_name not in self._alone:
            places = list(self._reachable(self._place(class_name)))
            inside = {id(place) for each in places for _, _, place in each.inner}
            self._alone[class_name] = all(
                each.known and (id(each) not in inside or each.identity is None) for each in places
            )
        return self._alone[class_name]

    def all(self, instances: Iterable[tuple[str, dict[str, Any]]]) -> bool:
        """Whether valid instances, of the classes named, conform as one graph."""
        seen: set[str] = set()
        try:
            return all(self._apart(self._place(name), data, None, seen) for name, data in instances)
        except LexicalError:
            return False

    def _apart(self, place: _Place, data: Any, key: Any, seen: set[str]) -> bool:
        """Whether the IRIs of an object and of all inside it were not seen before."""
        if not place.known:
            return False
        if data.__class__ is not dict:
            return True
        if place.identity is not None:
            value = data.get(place.identifier, key)
            iri = place.identity(value) if value is not None else None
            if iri in seen:
                return False
            if iri is not None:
                seen.add(iri)
        for name, form, inner in place.inner:
            value = data.get(name)
            if value is None:
                continue
            if form is Form.KEYED:
                found = [self._apart(inner, item, key, seen) for key, item in value.items()]
            else:
                items = value if value.__class__ is list else (value,)
                found = [self._apart(inner, item, None, seen) for item in items]
            if not all(found):
                return False
        return True

    def _reachable(self, start: _Place) -> Iterable[_Place]:
        found, waiting = {id(start): start}, [start]
        while waiting:
            for _, _, inner in waiting.pop().inner:
                if id(inner) not in found:
                    found[id(inner)] = inner
                    waiting.append(inner)
        return found.values()

    def _place(self, name: str) -> _Place:
        known = self._places.get(name)
        if known is not None:
            return known
        schema = self._schema
        place = self._places[name] = _Place()
        cls = schema.classes[name]
        place.identifier = cls.identifier
        place.identity = identity_of(schema, cls.slots[cls.identifier]) if cls.identifier else None
        for each in schema.concrete(name):
            if schema.classes[each].identifier != cls.identifier:
                place.known = False
            for slot in schema.classes[each].slots.values():
                if any(part.range in schema.classes for _, parts in slot.boolean for part in parts):
                    place.known = False
                if slot.range in schema.classes and slot.form is not Form.REFERENCE:
                    inner = slot.name, slot.form, self._place(slot.range or "")
                    if schema.takes_any(slot.range) or any(
                        slot.name == other[0] and inner != other for other in place.inner
                    ):
                        place.known = False
                    elif inner not in place.inner:
                        place.inner.append(inner)
        return place

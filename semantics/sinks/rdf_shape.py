"""How an instance becomes RDF, decided once per class and the same for every RDF syntax.

The subject is the identifier as an IRI, or a blank node; ``rdf:type`` is the class that the designator
slot tells; every other slot is a property, and a list is a property that occurs more than once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from semantics.errors import Diagnostic, SchemaError, shape
from semantics.lexical import LexicalError
from semantics.schema.model import ClassModel, Form, SchemaModel, SlotExpression, SlotModel
from semantics.sinks.rdf_terms import RdfFault, is_strict_iri, label_step
from semantics.sinks.rdf_values import (
    Identity,
    Terms,
    Value,
    either,
    identity_of,
    ranges_of,
    text_datatype,
    value_of,
)

__all__ = ["NodeShape", "Property", "Shapes"]

T = TypeVar("T")
Data = dict[str, Any]
Visit = Callable[["NodeShape[T]", Data, str | None], T]
"""Makes the term of an object: of its class, its data, and the key it stands under, if any."""


@dataclass(frozen=True, slots=True)
class Property(Generic[T]):
    """A slot as a property: its IRI, how its values are written, which objects may stand in it.

    ``value`` writes what is not an object, ``node`` tells what an object is an instance of; either may be
    missing. ``text`` holds the datatype (None: ``xsd:string``) of a slot with one value that is a text and
    nothing else, ``fixed`` the class of a slot that holds objects of that very class and nothing else.
    ``step`` is the slot's part in the label of a blank node.
    """

    name: str
    iri: str
    step: str
    many: bool
    keyed: bool
    text: tuple[str | None] | None
    fixed: str | None
    value: Value[T] | None
    node: Callable[[Data], NodeShape[T]] | None

    def items(self, value: Any) -> Iterable[tuple[int | None, str | None, Any]]:
        """The single values, each with its position in a list and its key in an object of objects."""
        if self.keyed:
            if type(value) is not dict:
                raise RdfFault(f"expected objects by identifier, found {shape(value)}")
            return [(index, key, item) for index, (key, item) in enumerate(value.items())]
        if not self.many:
            return ((None, None, value),)
        return [(index, None, item) for index, item in enumerate(self.listed(value))]

    def listed(self, value: Any) -> list[Any]:
        """The values of a slot that holds a list of them."""
        if self.many and type(value) is list:
            return value
        raise RdfFault(f"expected {'a list' if self.many else 'an object'}, found {shape(value)}")

    def terms(self, value: Any, visit: Visit[T]) -> list[T]:
        """The terms of the slot's values; ``visit`` makes those of objects. Raises :class:`RdfFault`."""
        found = []
        for index, key, item in self.items(value):
            try:
                child = self.child(item)
                found.append(self.term(item) if child is None else visit(child, item, key))
            except LexicalError as fault:
                raise RdfFault.within(fault, index) from None
        return found

    def child(self, item: Any) -> NodeShape[T] | None:
        """The class of an item that is an object of its own; None for literals and references."""
        return self.node(item) if self.node is not None and type(item) is dict else None

    def term(self, item: Any) -> T:
        """An item that is not an object of its own."""
        if self.value is None:
            raise RdfFault(f"expected an object, found {shape(item)}")
        return self.value(item)


@dataclass(frozen=True, slots=True)
class NodeShape(Generic[T]):
    """A class as RDF sees it. ``properties`` holds None for the identifier and the type designator."""

    name: str
    iri: str
    identifier: str | None
    identity: Identity | None
    properties: dict[str, Property[T] | None]

    def subject(self, data: Data, key: str | None = None) -> str | None:
        """The IRI of an instance, or None for a blank node. ``key`` is its identifier from outside."""
        identity, identifier = self.identity, self.identifier
        if identity is None or identifier is None:
            return None
        own = data.get(identifier)
        try:
            if key is None:
                return None if own is None else identity(own)
            if own is not None and identity(own) != identity(key):
                raise RdfFault("the identifier is not the key that the object stands under")
            return identity(key)
        except LexicalError as fault:
            raise RdfFault.within(fault, identifier) from None

    def statements(self, data: Data, visit: Visit[T]) -> Iterator[tuple[Property[T], list[T]]]:
        """The properties of an instance with their terms, in the order of its data."""
        for name, value in data.items():
            if name not in self.properties:
                raise self.unknown()
            prop = self.properties[name]
            if prop is None or value is None:
                continue
            try:
                found = prop.terms(value, visit)
            except LexicalError as fault:
                raise RdfFault.within(fault, name) from None
            if found:
                yield prop, found

    def unknown(self) -> RdfFault:
        """The fault of an object that has a key which is no slot of the class."""
        return RdfFault(f"class '{self.name}' has no such slot")


class Shapes(Generic[T]):
    """The shapes of a schema's classes, made when first needed.

    ``terms_of`` gives the terms that the values of a slot are written with. Raises
    :class:`~semantics.errors.SchemaError` where the IRI of a class, slot, type or value is none.
    """

    def __init__(self, schema: SchemaModel, terms_of: Callable[[SlotModel], Terms[T]]) -> None:
        _check_iris(schema)
        self._schema = schema
        self._terms_of = terms_of
        self._shapes: dict[str, NodeShape[T]] = {}
        self._roots: dict[str, Callable[[Data], NodeShape[T]]] = {}

    def of_instance(self, class_name: str, data: Data) -> NodeShape[T]:
        """The shape of an instance whose class is at least ``class_name``. Raises :class:`RdfFault`."""
        choose = self._roots.get(class_name)
        if choose is None:
            if class_name not in self._schema.classes:
                raise RdfFault(f"the schema has no class '{class_name}'")
            choose = self._roots[class_name] = self._chooser((class_name,))
        return choose(data)

    def shape(self, name: str) -> NodeShape[T]:
        """The shape of exactly this class."""
        found = self._shapes.get(name)
        if found is None:
            found = self._shapes[name] = self._compiled(self._schema.classes[name])
        return found

    def _compiled(self, cls: ClassModel) -> NodeShape[T]:
        schema = self._schema
        silent = {cls.identifier, cls.designator}
        return NodeShape(
            name=cls.name,
            iri=cls.uri,
            identifier=cls.identifier,
            identity=identity_of(schema, cls.slots[cls.identifier]) if cls.identifier else None,
            properties={name: None if name in silent else self._property(slot) for name, slot in cls.slots.items()},
        )

    def _property(self, slot: SlotModel) -> Property[T]:
        schema, terms = self._schema, self._terms_of(slot)
        scalars: list[tuple[SlotExpression, Value[T]]] = []
        objects: list[str] = []
        for part in ranges_of(schema, slot):
            name = part.range or "string"
            if name in schema.classes and not schema.takes_any(name):
                # A part of any_of does not say how it is inlined: an object and a reference will both do.
                inlined = part is slot and slot.form is not Form.REFERENCE
                if inlined or part is not slot:
                    objects.append(name)
                if inlined or not schema.classes[name].identifier:
                    continue
            scalars.append((part, value_of(schema, name, terms)))
        return Property(
            name=slot.name,
            iri=slot.uri,
            step=label_step(slot.name),
            many=slot.many,
            keyed=slot.form is Form.KEYED,
            text=text_datatype(schema, slot),
            fixed=self._fixed(slot, objects) if not scalars else None,
            value=either(schema, scalars),
            node=self._chooser(tuple(objects)) if objects else None,
        )

    def _fixed(self, slot: SlotModel, objects: list[str]) -> str | None:
        """The only class of the objects in a slot, where no designator may tell another."""
        if len(objects) != 1 or self._schema.classes[objects[0]].designator:
            return None
        return objects[0] if objects[0] in self._schema.concrete(objects[0]) else None

    def _chooser(self, ranges: tuple[str, ...]) -> Callable[[Data], NodeShape[T]]:
        """Tells of which class an object is, where one of these classes is expected."""
        schema = self._schema
        found = dict.fromkeys(schema.classes[name].designator for name in ranges)
        designators = tuple(name for name in found if name)
        named = {found: None for name in ranges for found in schema.concrete(name)}
        plain = [name for name in ranges if name in schema.concrete(name)]
        if len(plain) == len(ranges) == 1 and not designators:
            only, shape_of = plain[0], self.shape
            return lambda data: shape_of(only)

        def told(data: Data) -> NodeShape[T]:
            for designator in designators:
                name = data.get(designator)
                if name is not None:
                    if type(name) is str and name in named:
                        return self.shape(name)
                    raise RdfFault(f"'{designator}' does not name a class that may stand here")
            fitting = plain if len(plain) < 2 else [name for name in plain if self._has_slots(name, data)]
            if fitting:
                return self.shape(fitting[0])
            raise RdfFault("the object does not tell its class, and it cannot be one of " + ", ".join(ranges))

        return told

    def _has_slots(self, name: str, data: Iterable[str]) -> bool:
        slots = self._schema.classes[name].slots
        given = set(data)
        return given <= slots.keys() and given >= {n for n, slot in slots.items() if slot.required}


def _check_iris(schema: SchemaModel) -> None:
    """Raises :class:`SchemaError` with every IRI of the schema that no RDF can be written with."""
    given = [(cls.uri, f"class '{cls.name}'", cls.location) for cls in schema.classes.values()]
    for cls in schema.classes.values():
        given += [(slot.uri, f"slot '{slot.name}'", slot.location) for slot in cls.slots.values()]
    given += [(found.uri, f"type '{found.name}'", found.location) for found in schema.types.values()]
    for enum in schema.enums.values():
        given += [(value.meaning, f"a value of enum '{enum.name}'", value.location)
                  for value in enum.values.values() if value.meaning]  # fmt: skip
    bad = {
        (what, iri): Diagnostic("SNK006", f"the IRI of {what} cannot be written as RDF", place, found=iri)
        for iri, what, place in given
        if not is_strict_iri(iri)
    }
    if bad:
        raise SchemaError(bad.values())

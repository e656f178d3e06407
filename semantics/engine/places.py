"""Where the nodes of a record's RDF stand in its instances: from a term back to a pointer, a class and a slot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from semantics.errors import Location, Violation
from semantics.lexical import LexicalError
from semantics.records import Instance
from semantics.schema.model import ClassModel, Form, SchemaModel, SlotModel
from semantics.sinks.rdf_terms import RdfFault, blank_label, label_step
from semantics.sinks.subjects import Subjects
from semantics.validation.findings import element_text, pointer_to

__all__ = ["Place", "Places", "unwritable"]


@dataclass(frozen=True, slots=True)
class Place:
    """An object inside an instance: its pointer, its class and its data."""

    pointer: str
    cls: ClassModel
    data: dict[str, Any]

    def slot(self, iri: str | None) -> SlotModel | None:
        """The slot of the class whose property has this IRI."""
        return next((slot for slot in self.cls.slots.values() if slot.uri == iri), None)


class Places:
    """Tells the nodes that a sink makes of an instance; made once for a schema."""

    def __init__(self, schema: SchemaModel) -> None:
        self._schema = schema
        self._subjects = Subjects(schema)

    def of(self, class_name: str, data: dict[str, Any], key: str) -> dict[str, Place]:
        """Every object of an instance, by the term of its node; ``key`` is what the sink was given with it.

        >>> from semantics.schema import load_schema
        >>> Places(load_schema("core")).of("Person", {"person_names": [{}]}, "1")["_:b1.person_names.0"].pointer
        '/person_names/0'
        """
        return dict(self._walk(class_name, data, blank_label(key), "", None))

    def around(self, class_name: str, data: dict[str, Any], pointer: str) -> Place:
        """The innermost object of an instance in which the pointer ends; keys of objects are counted from 0."""
        made = (place for _, place in self._walk(class_name, data, blank_label(""), "", None))
        return max(
            (one for one in made if f"{pointer}/".startswith(f"{one.pointer}/")), key=lambda one: len(one.pointer)
        )

    def _walk(
        self, class_name: str, data: dict[str, Any], label: str, pointer: str, key: str | None
    ) -> Iterator[tuple[str, Place]]:
        told = data.get(self._schema.classes[class_name].designator or "")
        cls = self._schema.classes[told if told in self._schema.classes else class_name]
        named = data if key is None or cls.identifier is None else {**data, cls.identifier: key}
        iri = self._subjects.iri(cls.name, named)
        yield f"<{iri}>" if iri else label, Place(pointer, cls, data)
        for name, value in data.items():
            slot = cls.slots.get(name)
            range_ = self._class_of(slot) if slot is not None else None
            if slot is None or range_ is None:
                continue
            for step, below, inner, under in _objects(slot, value):
                yield from self._walk(
                    range_, inner, f"{label}{label_step(name)}{step}", f"{pointer_to(pointer, name)}{below}", under
                )

    def _class_of(self, slot: SlotModel) -> str | None:
        """The class of a slot's objects; the first of several, where any of them may stand there."""
        ranges = [slot.range, *(part.range for _, parts in slot.boolean for part in parts)]
        return next((name for name in ranges if name in self._schema.classes), None)


def unwritable(fault: LexicalError, instance: Instance, schema: SchemaModel, form: str) -> Violation:
    """The finding (SNK010) that ``form`` cannot hold a value, with its pointer in the instance, class and slot."""
    pointer = fault.pointer if isinstance(fault, RdfFault) else ""
    place = Places(schema).around(instance.class_name, instance.data, pointer)
    names = {pointer_to(place.pointer, name): slot for name, slot in place.cls.slots.items()}
    slot = next((slot for start, slot in names.items() if f"{pointer}/".startswith(f"{start}/")), None)
    element = (slot.location if slot else None) or place.cls.location
    return Violation(
        "SNK010",
        f"{form} cannot hold a value: {fault}",
        Location(pointer=pointer),
        found=element_text(place.cls.name, slot.name if slot else None, element),
        class_name=place.cls.name,
        slot=slot.name if slot else None,
        path=slot.uri if slot else None,
        constraint="range",
        element=element,
    )


def _objects(slot: SlotModel, value: Any) -> Iterator[tuple[str, str, dict[str, Any], str | None]]:
    """The objects in a slot: what each adds to the label and to the pointer, its data, and its key if it has one."""
    if slot.form is Form.KEYED and isinstance(value, dict):
        for index, (key, item) in enumerate(value.items()):
            if isinstance(item, dict):
                yield f".{index}", f"/{index}", item, key
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, dict):
                yield f".{index}", f"/{index}", item, None
    elif isinstance(value, dict):
        yield "", "", value, None

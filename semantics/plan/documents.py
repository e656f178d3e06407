"""How objects of the source classes stand in documents whose values are text: XML, RDF, flattened tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from semantics.expressions.types import Kind
from semantics.lexical import Primitive
from semantics.plan.model import ClassLayout, Layout, SlotLayout
from semantics.plan.scope import slot_type
from semantics.schema.model import ClassModel, Form, SchemaModel, SlotModel

__all__ = ["layout_of"]

_TEXT: Final = "value"
"""The slot that holds the text of an element with attributes, where no slot is annotated ``xml: text``."""

_TERM: Final = ("value", "language", "datatype", "iri", "property")
"""What a slot can be annotated with (``rdf: value``) whose class stands for one term of RDF."""


def layout_of(
    source: SchemaModel, names: Iterable[str], missing: Mapping[str, Mapping[str, Iterable[str]]] | None = None
) -> Layout:
    """How objects of some classes, and of all that they can hold, stand in documents whose values are text.

    ``missing``: by class and slot, the texts that stand for no value.
    """
    classes: dict[str, ClassLayout] = {}
    records = tuple(dict.fromkeys(names))
    waiting = list(records)
    while waiting:
        name = waiting.pop()
        cls = source.classes.get(name)
        if cls is None or name in classes:
            continue
        absent = (missing or {}).get(name, {})
        slots = tuple(_slot_layout(source, slot, absent.get(slot.name, ())) for slot in cls.slots.values())
        classes[name] = ClassLayout(
            name=name, iri=cls.uri, slots=slots, below=cls.descendants,
            identifier=cls.identifier, designator=cls.designator, text=_text_slot(cls),
            term={said: slot.name for slot in cls.slots.values() if (said := slot.annotations.get("rdf")) in _TERM},
            named=cls.identifier is not None and cls.slots[cls.identifier].annotations.get("rdf") == "named",
            snake=_annotated(source, cls, "xml_names") == "snake_case",
            values=_annotated(source, cls, "xml_values"),
            rest=_rest(source, cls, slots),
        )  # fmt: skip
        waiting += [*cls.descendants, *(slot.holds for slot in slots if slot.holds is not None)]
    ordered = {name: classes[name] for name in sorted(classes)}
    return Layout(namespaces=dict(source.namespaces), classes=ordered, records=records)


def _rest(source: SchemaModel, cls: ClassModel, slots: tuple[SlotLayout, ...]) -> str | None:
    """The slot that holds the properties which no slot has: one of objects that can name a property."""
    for slot in slots:
        held = source.classes.get(slot.holds or "") if cls.slots[slot.name].annotations.get("rdf") == "rest" else None
        if held is not None and any(inner.annotations.get("rdf") == "property" for inner in held.slots.values()):
            return slot.name
    return None


def _annotated(source: SchemaModel, cls: ClassModel, name: str) -> str | None:
    """What an annotation says of a class, or of the nearest class above it that has it."""
    said = (source.classes[above].annotations.get(name) for above in cls.ancestors)
    return next((str(value) for value in said if value is not None), None)


def _text_slot(cls: ClassModel) -> str | None:
    annotated = [slot.name for slot in cls.slots.values() if slot.annotations.get("xml") == "text"]
    return annotated[0] if annotated else _TEXT if _TEXT in cls.slots else None


def _slot_layout(source: SchemaModel, slot: SlotModel, missing: Iterable[str]) -> SlotLayout:
    primitive = source.primitive(slot)
    kind = slot_type(source, slot)
    inlined = slot.form in (Form.OBJECT, Form.KEYED)
    holds = slot.range if inlined and not source.takes_any(slot.range) else None
    typed = primitive is not None and primitive is not Primitive.STRING
    values = source.enums[slot.range].values if slot.range in source.enums else {}
    refers = slot.range if slot.form is Form.REFERENCE else None
    return SlotLayout(
        name=slot.name,
        iri=slot.uri,
        bound=slot.uri != source.default_namespace + slot.name.replace(" ", "_"),
        many=slot.many,
        holds=holds,
        primitive=str(primitive) if typed and not kind.as_text else None,
        collapsed=typed or slot.range in source.enums,
        open=holds is None and (inlined or kind.kind is Kind.ANY),
        key=source.classes[slot.range or ""].identifier if slot.form is Form.KEYED else None,
        refers=refers,
        meanings={value.meaning: text for text, value in values.items() if value.meaning},
        missing=tuple(dict.fromkeys(missing)),
        around=_around(slot),
        names=tuple(slot.annotations.get("xml_names", "").split()),
        unit=slot.unit if slot.unit_scheme == "ucum_code" else None,
    )


def _around(slot: SlotModel) -> str | None:
    said = slot.annotations.get("xml")
    return said if said == "wrapper" or (said == "items" and slot.many) else None

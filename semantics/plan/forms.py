"""How objects of the source classes may be written in JSON otherwise than as objects with the names of their slots."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from semantics.plan.model import Forms, ObjectForm
from semantics.schema.model import ClassModel, Form, SchemaModel

__all__ = ["forms_of"]

_KEY: Final = "json"
"""The annotation that says how something stands in JSON, as ``xml`` does for XML."""


def forms_of(source: SchemaModel, names: Iterable[str]) -> Forms | None:
    """The forms of some classes, and of all that they can hold; None where each is written as its slots say."""
    records = tuple(dict.fromkeys(names))
    reached: dict[str, ClassModel] = {}
    waiting = list(records)
    while waiting:
        cls = source.classes.get(waiting.pop())
        if cls is None or cls.name in reached:
            continue
        reached[cls.name] = cls
        waiting += [*cls.descendants, *_holds(source, cls).values()]
    classes = {name: _form(source, cls) for name, cls in sorted(reached.items())}
    if not any(
        f.keys or f.elements or f.merged or f.items or f.scalar or f.position or f.key for f in classes.values()
    ):
        return None
    keys = {key: slot for name in reversed(records) if name in classes for key, slot in classes[name].keys.items()}
    return Forms(keys=keys, classes=classes)


def _form(source: SchemaModel, cls: ClassModel) -> ObjectForm:
    told = {slot.annotations.get(_KEY): slot.name for slot in cls.slots.values()}
    position = told.get("position")
    items = tuple(name for name in cls.slots if name != position) if cls.annotations.get(_KEY) == "array" else ()
    keys = {alias: slot.name for slot in reversed(cls.slots.values()) for alias in slot.aliases}
    return ObjectForm(
        holds=_holds(source, cls),
        many=tuple(slot.name for slot in cls.slots.values() if slot.many),
        keys={alias: name for alias, name in keys.items() if alias not in cls.slots},
        merged=_annotated(cls, "merged"),
        elements=_annotated(cls, "elements"),
        items=items,
        rest=bool(items) and cls.slots[items[-1]].many,
        scalar=told.get("scalar"),
        position=position,
        key=told.get("key"),
        entry=told.get("entry"),
    )


def _annotated(cls: ClassModel, form: str) -> tuple[str, ...]:
    return tuple(slot.name for slot in cls.slots.values() if slot.annotations.get(_KEY) == form)


def _holds(source: SchemaModel, cls: ClassModel) -> dict[str, str]:
    return {
        slot.name: slot.range
        for slot in cls.slots.values()
        if slot.form is Form.OBJECT and slot.range is not None and not source.takes_any(slot.range)
    }

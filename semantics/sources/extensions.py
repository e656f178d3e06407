"""Keys in namespaces of others, which the schema of a standard leaves to its users: kept by their names.

A key that the class of an object does not have, and that a prefix or a namespace stands before, is an extension. Its
single values become the elements of the slot of the record's class that is annotated ``rdf: rest``, each with where in
the record it stood.
"""

from __future__ import annotations

from typing import Any

from semantics.expressions.functions.documents import json as _json
from semantics.expressions.values import text_of
from semantics.plan.model import Layout
from semantics.sources.ngsi import single_values

__all__ = ["Extensions"]


class Extensions:
    """Moves the extensions of records to the slot of their class that is for them."""

    def __init__(self, layout: Layout) -> None:
        self._rest = {name: each.rest for name, each in layout.classes.items()}
        self._slots = {name: {slot.name: slot.holds for slot in each.slots} for name, each in layout.classes.items()}

    def formed(self, data: dict[str, Any], class_name: str) -> tuple[dict[str, Any], None]:
        """The data of a record of a class, without extensions but for the elements that are made of them.

        >>> from semantics.plan.model import ClassLayout, SlotLayout
        >>> event = ClassLayout(name="Event", iri="", slots=(SlotLayout(name="time"),), rest="extras")
        >>> extensions = Extensions(Layout(namespaces={}, classes={"Event": event}, records=("Event",)))
        >>> extensions.formed({"time": "10:00", "ex:colour": {"ex:name": "red"}}, "Event")[0]
        {'time': '10:00', 'extras': [{'name': 'ex:colour.ex:name', 'text': 'red'}]}
        """
        slot = self._rest.get(class_name)
        if slot is None:
            return data, None
        found: list[dict[str, Any]] = []
        kept = self._without(data, class_name, (), found)
        if not found:
            return data, None
        given = kept.get(slot)
        return {**kept, slot: [*(given if isinstance(given, list) else [] if given is None else [given]), *found]}, None

    def _without(self, data: dict[str, Any], class_name: str, way: tuple[str, ...], found: list[dict[str, Any]]) -> Any:
        slots = self._slots.get(class_name, {})
        kept: dict[str, Any] = {}
        for key, value in data.items():
            if key in slots:
                kept[key] = self._inside(value, slots[key], (*way, key), found)
            elif _foreign(key):
                found += (
                    {"name": ".".join((*way, key, *part)), "text": _text(one)} for part, _, one in single_values(value)
                )
            else:
                kept[key] = value
        return kept

    def _inside(self, value: Any, class_name: str | None, way: tuple[str, ...], found: list[dict[str, Any]]) -> Any:
        if class_name is None:
            return value
        if isinstance(value, list):
            return [self._inside(item, class_name, way, found) for item in value]
        return self._without(value, class_name, way, found) if isinstance(value, dict) else value


def _foreign(key: str) -> bool:
    return not key.startswith("@") and (key.startswith("{") or ":" in key)


def _text(value: Any) -> str:
    return str(_json.body(value)) if isinstance(value, dict) else text_of(value)

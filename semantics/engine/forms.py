"""Records in the form that the source schema has.

A mapping can name a standard (``simplify``) that writes one thing in several forms: :data:`STANDARDS`. In JSON what
the source schema says counts: keys by their slots, arrays and single values as objects.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, Protocol

import msgspec

from semantics.errors import Diagnostic
from semantics.plan.model import Forms, Plan
from semantics.records import Record

__all__ = ["STANDARDS", "RecordForm", "StandardForm", "known_by", "shaped"]

STANDARDS: Final = {
    "ngsi": ("semantics.sources.ngsi", "Entities"),
    "extensions": ("semantics.sources.extensions", "Extensions"),
}
"""By the name that a mapping gives, the module and the :class:`StandardForm` in it."""


class StandardForm(Protocol):
    """Brings records of a standard into one form; made with the :class:`~semantics.plan.model.Layout` of a plan."""

    def formed(self, data: dict[str, Any], class_name: str) -> tuple[dict[str, Any], str | None]:
        """The data of a record that was taken for one of a class, and the class that it is of where that is told."""


class RecordForm:
    """The forms that records of a plan are brought into, before and after their class is known."""

    def __init__(self, plan: Plan) -> None:
        self._forms = plan.forms
        selected = {selector.class_name for selector in plan.source.selectors}
        self._selected = selected.pop() if len(selected) == 1 else None
        self._standard: StandardForm | None = None
        if plan.source.simplify is not None and plan.layout is not None:
            module, name = STANDARDS[plan.source.simplify]
            self._standard = getattr(import_module(module), name)(plan.layout)

    @property
    def changes(self) -> bool:
        """Whether there is a record that could look otherwise in its form."""
        return self._forms is not None or self._standard is not None

    def of_standard(self, record: Record, tell: Callable[[dict[str, Any]], str | Diagnostic]) -> Record:
        """A record in the one form of its standard; ``tell`` says the class of data that comes with none."""
        if self._standard is None or type(record.data) is not dict:
            return record
        told = record.class_name or self._selected or tell(record.data)
        if not isinstance(told, str):
            return record
        data, named = self._standard.formed(record.data, told)
        return msgspec.structs.replace(record, data=data, class_name=named or record.class_name)

    def of_class(self, record: Record, class_name: str) -> Record:
        """A record of a class as the annotations of the source schema have it."""
        return record if self._forms is None else record.of_data(shaped(self._forms, record.data, class_name))


def known_by(forms: Forms, data: dict[str, Any]) -> dict[str, Any]:
    """A record with the keys that tell its class."""
    return _renamed(forms.keys, data) if forms.keys else data


def shaped(forms: Forms, data: dict[str, Any], name: str) -> dict[str, Any]:
    """A record of a class in its form; what is of no form that is known stays as it is."""
    form = forms.classes.get(name)
    if form is None:
        return data
    if form.keys:
        data = _renamed(form.keys, data)
    for slot in form.elements:
        if isinstance(found := data.get(slot), list) and all(isinstance(each, dict) for each in found):
            data = _with_elements(data, slot, found, form.keys)
    for slot in form.merged:
        inner = data.get(slot)
        if isinstance(inner, list) and len(inner) == 1:
            inner = inner[0]
        if isinstance(inner, dict):
            data = _merged(data, slot, _renamed(form.keys, inner))
    holds = form.holds
    return {
        key: _held(forms, value, holds[key], key in form.many) if key in holds and value is not None else value
        for key, value in data.items()
    }


def _with_elements(
    data: dict[str, Any], slot: str, elements: list[dict[str, Any]], keys: dict[str, str]
) -> dict[str, Any]:
    """An object with its data elements as slots; one without a name, or of a slot that is there, stays an element."""
    others = {key: value for key, value in data.items() if key != slot}
    made: dict[str, Any] = {}
    left = []
    for each in elements:
        told = each.get("elementId")
        name = keys.get(told, told) if isinstance(told, str) else None
        if name is None or name in made or name in others or name == slot:
            left.append(each)
        else:
            made[name] = _element(each, slot)
    return {**made, **others, **({slot: left} if left else {})}


def _merged(data: dict[str, Any], slot: str, inner: dict[str, Any]) -> dict[str, Any]:
    """An object with the slots of an object inside it; what it has itself stays where it is."""
    others = {key: value for key, value in data.items() if key != slot}
    left = {key: value for key, value in inner.items() if key in others or key == slot}
    made = {key: value for key, value in inner.items() if key not in left}
    return {**made, **others, **({slot: left} if left else {})}


def _element(element: dict[str, Any], slot: str) -> Any:
    """The value of a data element: as it stands, or an object of further elements, or of what is said beside them."""
    if "value" in element:
        value = element["value"]
        nested = isinstance(value, list) and all(isinstance(each, list) for each in value)
        return [{slot: each} for each in value] if nested and value else value
    told = ("elementId", "objectType", "dictionaryReference", "valueDataType", "nodeTypes", "reference")
    return {key: value for key, value in element.items() if key not in told}


def _renamed(keys: dict[str, str], data: dict[str, Any]) -> dict[str, Any]:
    """The same with the names of slots as keys; a key stays that stands for what is there already."""
    found: dict[str, Any] = {}
    for key, value in data.items():
        name = keys.get(key, key)
        found[name if name == key or not (name in found or name in data) else key] = value
    return found


def _held(forms: Forms, value: Any, name: str, many: bool) -> Any:
    """An object of a class, or a list of them."""
    key = forms.classes[name].key
    entry = forms.classes[name].entry
    if many and key is not None and entry is not None and isinstance(value, dict):
        return [{key: each, entry: held} for each, held in value.items()]
    if many and key is not None and isinstance(value, dict):
        return _by_key(forms, value, name, key)
    if not isinstance(value, list) or (forms.classes[name].items and not many):
        return _object(forms, value, name, 0 if many else None)
    return [_object(forms, each, name, number) for number, each in enumerate(value)]


def _by_key(forms: Forms, value: dict[str, Any], name: str, key: str) -> list[Any]:
    """The objects of a class in an object, each with its key; a list under a key is several objects."""
    found = []
    for told, held in value.items():
        for each in held if isinstance(held, list) else [held]:
            made = _object(forms, each, name, None)
            if made is not None:
                found.append({**made, key: told} if isinstance(made, dict) else made)
    return found


def _object(forms: Forms, value: Any, name: str, position: int | None) -> Any:
    form = forms.classes[name]
    if isinstance(value, list) and form.items:
        plain = form.items[: len(form.items) - form.rest]
        if len(value) > len(plain) and not form.rest:
            return value
        made = dict(zip(plain, value, strict=False))
        value = {**made, form.items[-1]: value[len(plain) :]} if form.rest else made
    elif form.scalar is not None and value is not None and not isinstance(value, (dict, list)):
        value = {form.scalar: value}
    if not isinstance(value, dict):
        return value
    value = shaped(forms, value, name)
    return value if form.position is None or position is None else {**value, form.position: position}

"""Records of JSON in the form that the source schema has: keys by their slots, arrays and single values as objects."""

from __future__ import annotations

from typing import Any

from semantics.plan.model import Forms

__all__ = ["known_by", "shaped"]


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

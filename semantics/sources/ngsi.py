"""Entities of NGSI context brokers: every form in which one is written as the same plain object.

An attribute stands in an entity by its value alone (key-values), wrapped with its metadata (normalized, of version 2 or
of NGSI-LD, or concise), several times, or the entity is the properties of a GeoJSON feature. Here an attribute becomes
the value of the slot of its name, if the source class has that slot and the value fits it. All others become the
elements of the slot :data:`OTHERS`, one for each single value that they are made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from semantics.expressions.functions.documents import json as _json
from semantics.expressions.values import text_of
from semantics.plan.model import ClassLayout, Layout, SlotLayout
from semantics.units import UnitError, convert, ucum_of

__all__ = ["OTHERS", "Entities", "simplified", "single_values"]

OTHERS: Final = "attributes"
"""The slot of the source class that holds the attributes which are none of its slots."""

_PLAIN: Final = frozenset({"id", "type", "@context", OTHERS})
_MEMBERS: Final = ("value", "object", "languageMap", "vocab", "json", "valueList", "objectList", "@value")
_FACTS: Final = frozenset({
    "type", "metadata", "observedAt", "unitCode", "datasetId", "instanceId", "createdAt", "modifiedAt", "deletedAt",
    "expiresAt", "lang", "objectType", "@type", "previousValue", "previousObject",
})  # fmt: skip
"""What a wrapper says beside the value, other than attributes of the attribute."""
_LINKED: Final = frozenset({
    "Property", "Relationship", "GeoProperty", "LanguageProperty", "VocabProperty", "JsonProperty", "ListProperty",
    "ListRelationship",
})  # fmt: skip
"""The kinds of attributes of NGSI-LD; any other type is one of version 2, or a matter of the value itself."""
_TIMES: Final = ("observedAt", "timestamp", "TimeInstant", "dateObserved")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?")
_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LEXICAL: Final = {"datetime": _MOMENT, "date": re.compile(r"\d{4}-\d\d-\d\d")}
_SHAPES: Final = frozenset({
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection",
})  # fmt: skip
_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "boolean": (bool,), "integer": (int,), "decimal": (int, Decimal), "float": (int, Decimal, float),
    "double": (int, Decimal, float),
}  # fmt: skip


class _Attribute(NamedTuple):
    """An attribute without its wrapping: the value, its metadata, and what tells it from others of its name."""

    value: Any
    facts: dict[str, Any]
    instance: str | None = None


class Entities:
    """Brings entities into one form, each as one of the source class that its type names."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def formed(self, data: dict[str, Any], class_name: str) -> tuple[dict[str, Any], str]:
        """An entity, and its class: the one that its type names, if that is below the one it was taken for."""
        named = _type_of(data)
        declared = self._layout.classes.get(class_name)
        if declared is not None and named in declared.below and named in self._layout.records:
            class_name = named
        return simplified(data, self._layout.classes.get(class_name)), class_name


def _type_of(data: Mapping[str, Any]) -> str:
    properties = data.get("properties")
    told = data.get("type")
    if told == "Feature" and isinstance(properties, dict):
        told = properties.get("type")
    told = told[0] if isinstance(told, list) and told else told
    return told if isinstance(told, str) else ""


def simplified(data: Mapping[str, Any], layout: ClassLayout | None) -> dict[str, Any]:
    """An entity with its attributes as slots of a class, and all others as elements of :data:`OTHERS`.

    An identifier that is no IRI becomes the URN that NGSI-LD makes of it.

    >>> entity = {"id": "urn:x:e", "a": {"type": "Property", "value": {"x": 1, "y": "b"}, "unitCode": "KWH"}}
    >>> simplified(entity, None)["attributes"]
    [{'name': 'a', 'part': 'x', 'path': 'a/x', 'unitCode': 'KWH', 'number': 1}, \
{'name': 'a', 'part': 'y', 'path': 'a/y', 'unitCode': 'KWH', 'text': 'b'}]
    """
    slots = {slot.name: slot for slot in layout.slots} if layout is not None else {}
    found: dict[str, Any] = {}
    others: list[dict[str, Any]] = []
    for name, given in _entity(data).items():
        if name in _PLAIN:
            found[name] = given[0] if name == "type" and isinstance(given, list) and given else given
            continue
        instances = _instances(given)
        slot = slots.get(name)
        fit = _fitted(slot, _in_unit(slot, instances[0])) if slot is not None and len(instances) == 1 else None
        if fit is not None:
            found[name] = fit
            found |= {f"{name}@{key}": value for key, value in instances[0].facts.items()}
            continue
        for attribute in instances:
            others += _leaves(name, attribute)
    if isinstance(found.get("id"), str) and isinstance(found.get("type"), str) and not _IRI.match(found["id"]):
        found["id"] = f"urn:ngsi-ld:{found['type']}:{found['id']}"
    if others:
        given = found.get(OTHERS)
        found[OTHERS] = [*(given if isinstance(given, list) else [] if given is None else [given]), *others]
    return found


def _entity(data: Mapping[str, Any]) -> dict[str, Any]:
    """The entity itself: of a GeoJSON feature its properties, with the geometry where they have no location."""
    properties = data.get("properties")
    if data.get("type") != "Feature" or not isinstance(properties, dict):
        return _stripped(data)
    entity = _stripped(properties)
    geometry = data.get("geometry")
    if geometry is not None and geometry != entity.get("location"):
        entity.setdefault("location", geometry)
    kept = {key: value for key, value in data.items() if key not in ("type", "id", "properties", "geometry")}
    return {"id": data.get("id", entity.get("id")), **kept, **{key: v for key, v in entity.items() if key != "id"}}


# -- wrappers --------------------------------------------------------------------------------------


def _is_of(value: dict[str, Any], kinds: frozenset[str]) -> bool:
    told = value.get("type")
    return isinstance(told, str) and told in kinds


def _member(value: Any) -> str | None:
    """The key that holds the value of an attribute, if this is one in its wrapping."""
    if not isinstance(value, dict):
        return None
    member = next((key for key in _MEMBERS if key in value), None)
    if member is None or _is_of(value, _LINKED):
        return member
    rest = (item for key, item in value.items() if key not in _FACTS and key != member)
    return member if all(_member(item) is not None for item in rest) else None


def _instances(given: Any) -> list[_Attribute]:
    """The values of an attribute: one, or several that are told apart by data set or time."""
    if isinstance(given, dict) and isinstance(given.get("values"), list) and "type" in given:
        pairs = [pair for pair in given["values"] if isinstance(pair, list) and len(pair) == 2]
        if len(pairs) == len(given["values"]):
            return [_Attribute(value, {"observedAt": time}, str(time)) for value, time in pairs]
    if isinstance(given, list) and given and all(_is_instance(item) for item in given):
        found = [_unwrapped(item) for item in given]
        return [
            one._replace(instance=str(one.facts.get("datasetId") or one.facts.get("observedAt") or number))
            for number, one in enumerate(found)
        ]
    return [_unwrapped(given)]


def _is_instance(item: Any) -> bool:
    """Whether an element of a list is an attribute by itself, and no part of a value."""
    told = _member(item) is not None
    return told and (_is_of(item, _LINKED) or "datasetId" in item or "observedAt" in item)


def _unwrapped(given: Any) -> _Attribute:
    """The value of an attribute and its metadata, however it is wrapped."""
    facts: dict[str, Any] = {}
    while (member := _member(given)) is not None:
        for key, item in given.items():
            if key == "metadata" and isinstance(item, dict):
                facts |= {name: _unwrapped(fact).value for name, fact in item.items()}
            elif key not in (member, "type", "@type"):
                facts[key] = _unwrapped(item).value
        given = given[member]
    times = [key for key in _TIMES if isinstance(facts.get(key), str) and _MOMENT.fullmatch(facts[key])]
    told = {"observedAt": facts[times[0]]} if times else {}
    rest = {key: value for key, value in facts.items() if key not in times and value is not None}
    return _Attribute(_trimmed(given), told | rest)


def _trimmed(value: Any) -> Any:
    """A value without what says nothing (nulls, empty texts), white space around keys and wrappers further inside."""
    if isinstance(value, dict):
        if _member(value) is not None and isinstance(value.get("type", value.get("@type")), str):
            return _unwrapped(value).value
        if _is_of(value, _SHAPES) and len(value) > 1 and "text" not in value:
            return _geometry(_stripped(value))
        kept = ((key, _trimmed(item)) for key, item in _stripped(value).items())
        return {key: item for key, item in kept if item not in (None, "", {}, [])} or None
    if isinstance(value, list):
        return [item for item in map(_trimmed, value) if item not in (None, "", {})] or None
    return None if value == "" else value


def _stripped(data: Mapping[str, Any]) -> dict[str, Any]:
    """The same with no white space around keys, unless there is such a key already."""
    return {key if (bare := key.strip()) in data else bare: value for key, value in data.items()}


def _geometry(value: dict[str, Any]) -> dict[str, Any]:
    """A geometry of GeoJSON: a point on the earth with its coordinates, any other shape with its text."""
    found = value.get("coordinates")
    if value["type"] == "Point" and isinstance(found, list) and len(found) in (2, 3):
        numbers = [item for item in found if isinstance(item, (int, Decimal)) and not isinstance(item, bool)]
        if len(numbers) == len(found) and -180 <= numbers[0] <= 180 and -90 <= numbers[1] <= 90:
            return {"type": "Point", "coordinates": found}
    return {"type": value["type"], "text": str(_json.body(value))}


# -- places ----------------------------------------------------------------------------------------


def _fitted(slot: SlotLayout, value: Any) -> Any:
    """The value as the slot holds it; None where it is nothing that the slot could hold."""
    items = value if isinstance(value, list) else [value]
    if slot.open:
        return value
    if not items or not all(_fits(slot, item) for item in items):
        return None
    if slot.holds is None and slot.primitive is None:
        items = [text_of(item) for item in items]
    return items if slot.many else items[0] if len(items) == 1 else None


def _in_unit(slot: SlotLayout, attribute: _Attribute) -> Any:
    """The value in the unit of the slot; None where it says one that is no measure of the same kind."""
    said, value = attribute.facts.get("unitCode"), attribute.value
    if slot.unit is None or not isinstance(said, str) or type(value) not in (int, Decimal):
        return value
    for scheme in ("rec20", "symbol"):
        try:
            return value if ucum_of(said, scheme) == slot.unit else convert(value, f"{scheme}:{said}", slot.unit)
        except UnitError:
            continue
    return None


def _fits(slot: SlotLayout, item: Any) -> bool:
    if slot.holds is not None:
        return isinstance(item, dict)
    if slot.primitive is None:
        return isinstance(item, (str, int, Decimal)) and not isinstance(item, bool)
    if slot.primitive not in _KINDS:
        form = _LEXICAL.get(slot.primitive)
        return isinstance(item, str) and (form is None or form.fullmatch(item) is not None)
    return isinstance(item, _KINDS[slot.primitive]) and (slot.primitive == "boolean" or not isinstance(item, bool))


def _leaves(name: str, attribute: _Attribute) -> Iterator[dict[str, Any]]:
    """The single values of an attribute, each with where in it it stands, and then its metadata."""
    plain = {
        key: value
        for key, value in attribute.facts.items()
        if key in _FACTS and isinstance(value, str) and (key != "observedAt" or _MOMENT.fullmatch(value))
    }
    if attribute.instance is not None:
        plain["instance"] = attribute.instance
    for part, path, value in single_values(attribute.value):
        yield _leaf(name, part, path, plain, value)
    for key, fact in attribute.facts.items():
        if key not in plain:
            for part, path, value in single_values(_trimmed(fact), (key,), (key,)):
                yield _leaf(name, part, path, {**plain, "metadata": True}, value)


def _leaf(name: str, part: tuple[str, ...], path: tuple[str, ...], facts: dict[str, Any], value: Any) -> dict[str, Any]:
    kind = (
        "boolean" if isinstance(value, bool) else "text" if isinstance(value, str)
        else "geometry" if isinstance(value, dict) else "number"
    )  # fmt: skip
    way = (name, *path, *((facts["instance"],) if "instance" in facts else ()))
    inside = {"part": ".".join(part)} if part else {}
    return {"name": name, **inside, "path": "/".join(way), **facts, kind: value}


def single_values(
    value: Any, part: tuple[str, ...] = (), path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], Any]]:
    """The single values in a value: the keys that lead there, with and without the places of texts in lists."""
    if value is None:
        return
    if isinstance(value, dict) and not (_is_of(value, _SHAPES) and len(value) > 1):
        for key, item in value.items():
            yield from single_values(item, (*part, key), (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            if len(value) == 1:  # a list of one is written as its element, too
                yield from single_values(item, part, path)
                return
            at = str(number)
            yield from single_values(item, part if isinstance(item, str) else (*part, at), (*path, at))
    else:
        yield part, path, value

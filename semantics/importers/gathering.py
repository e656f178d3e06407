"""The properties of an object of JSON Schema: its own, and what ``allOf``, ``oneOf``, ``if`` and references add."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from semantics.importers.description import Condition
from semantics.importers.documents import Documents, Node

__all__ = ["Gathered", "Gatherer", "Property", "types_of"]


@dataclass
class Property:
    """A property as the parts of a schema describe it: all of them hold, or with ``either`` one of them."""

    nodes: list[Node]
    required: bool = False
    either: bool = False


@dataclass
class Gathered:
    """What is said of an object."""

    properties: dict[str, Property] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    parent: Node | None = None
    title: str | None = None
    description: str | None = None
    conditions: tuple[Condition, ...] = ()
    lost: list[tuple[str, str, Node]] = field(default_factory=list)
    closed: bool = False
    further: list[Node] = field(default_factory=list)
    by_pattern: list[Node] = field(default_factory=list)


def types_of(data: Mapping[str, Any]) -> list[str]:
    """The types of a node, as a list."""
    given = data.get("type")
    if isinstance(given, str):
        return [given]
    return [each for each in given if isinstance(each, str)] if isinstance(given, list) else []


class Gatherer:
    """Gathers properties; follows references, each once."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self._known: dict[tuple[str, tuple[str, ...]], Gathered] = {}

    def is_object(self, node: Node, seen: frozenset[Any] = frozenset()) -> bool:
        """Whether a node describes an object with properties of its own."""
        data = node.data
        if not isinstance(data, Mapping) or node.key in seen:
            return False
        seen = seen | {node.key}
        kinds = [kind for kind in types_of(data) if kind != "null"]
        if kinds and kinds != ["object"]:
            return False
        if isinstance(reference := data.get("$ref"), str):
            target = self.documents.resolve(node, reference)
            return target is not None and self.is_object(target, seen)
        if isinstance(data.get("properties"), Mapping) and data["properties"]:
            return True
        parts = data.get("allOf")
        if isinstance(parts, list) and any(self.is_object(node.below("allOf", at), seen) for at in range(len(parts))):
            return True
        return bool(kinds and data.get("required")) and not (data.get("oneOf") or data.get("anyOf"))

    def names(self, node: Node) -> frozenset[str]:
        """The names of all properties, those of parents included."""
        found: set[str] = set()
        seen = set()
        at: Node | None = node
        while at is not None and at.key not in seen:
            seen.add(at.key)
            gathered = self.gather(at)
            found |= gathered.properties.keys() | set(gathered.required)
            at = gathered.parent
        return frozenset(found)

    def gather(self, node: Node) -> Gathered:
        """What is said of the object at a node."""
        known = self._known.get(node.key)
        if known is None:
            known = self._known[node.key] = Gathered()
            self._into(known, node, {node.key}, top=True)
            for name in known.required:
                if name in known.properties:
                    known.properties[name].required = True
        return known

    def _into(self, found: Gathered, node: Node, seen: set[Any], *, top: bool, maybe: bool = False) -> None:
        data = node.data
        if not isinstance(data, Mapping):
            return
        if top:
            found.title = found.title or _text(data.get("title"))
            found.description = found.description or _text(data.get("description"))
        if isinstance(reference := data.get("$ref"), str):
            target = self.documents.resolve(node, reference)
            if target is None:
                found.lost.append(("$ref", "it is in none of the folders", node))
            elif target.key not in seen:
                self._into(found, target, seen | {target.key}, top=top, maybe=maybe)
        for at, part in enumerate(data.get("allOf") or ()):
            self._part(found, node.below("allOf", at), part, seen, maybe=maybe, top=top)
        for key in data.get("properties") or ():
            self._property(found, str(key), node.below("properties", key), maybe=maybe)
        if not maybe:
            found.required += [str(name) for name in _names(data.get("required")) if name not in found.required]
        for key in ("oneOf", "anyOf"):
            if isinstance(data.get(key), list):
                self._alternatives(found, node, key, seen, maybe=maybe)
        self._further(found, node, maybe=maybe)
        self._others(found, node, seen)

    def _part(self, found: Gathered, node: Node, part: Any, seen: set[Any], *, maybe: bool, top: bool) -> None:
        """One part of ``allOf``: the first that is an object with a name is the parent."""
        if top and not maybe and found.parent is None and isinstance(part, Mapping) and "$ref" in part:
            target = self.documents.resolve(node, str(part["$ref"]))
            if target is not None and target.key not in seen and self.is_object(target):
                found.parent = target
                return
        self._into(found, node, seen | {node.key}, top=False, maybe=maybe)

    def _property(self, found: Gathered, key: str, node: Node, *, maybe: bool) -> None:
        known = found.properties.get(key)
        if known is None:
            found.properties[key] = Property([node], either=maybe)
        elif known.either or not maybe:
            known.nodes.append(node)
            known.either = known.either and maybe

    def _alternatives(self, found: Gathered, node: Node, key: str, seen: set[Any], *, maybe: bool) -> None:
        """Alternatives: what they demand is a condition; what they describe may be there."""
        branches = [node.below(key, at) for at in range(len(node.data[key]))]
        demands = [tuple(_names(each.data.get("required"))) for each in branches if isinstance(each.data, Mapping)]
        if not maybe and demands and all(demands) and all(_plain(each.data) for each in branches):
            found.conditions = (*found.conditions, Condition(tuple(demands)))
            if key == "oneOf":
                found.lost.append(("oneOf", "it is carried as any_of: what fits several parts is taken too", node))
        elif not all(_plain(each.data) for each in branches):
            found.lost.append((key, "the properties of all its parts may be there together", node))
        else:
            found.lost.append((key, "not every part of it demands a property", node))
        if branches and all(map(_closed, (each.data for each in branches))):
            found.closed = True
        for branch in branches:
            self._into(found, branch, seen | {branch.key}, top=False, maybe=True)

    def _further(self, found: Gathered, node: Node, *, maybe: bool) -> None:
        """What may stand under other keys."""
        patterns = node.data.get("patternProperties")
        if isinstance(patterns, Mapping):
            found.by_pattern += [node.below("patternProperties", key) for key in patterns]
        if _closed(node.data):
            found.closed = found.closed or not maybe
            return
        for key in ("additionalProperties", "unevaluatedProperties"):
            if isinstance(node.data.get(key), Mapping) and node.data[key]:
                found.further.append(node.below(key))

    def _others(self, found: Gathered, node: Node, seen: set[Any]) -> None:
        """Keywords about objects that LinkML has nothing for."""
        data = node.data
        if "if" in data:
            found.lost.append(("if", "what it demands under a condition is not demanded", node))
            for key in ("if", "then", "else"):
                if isinstance(data.get(key), Mapping):
                    self._into(found, node.below(key), seen, top=False, maybe=True)
        for key in ("dependencies", "dependentRequired", "dependentSchemas"):
            if data.get(key):
                found.lost.append((key, "what it demands under a condition is not demanded", node))


def _closed(data: Any) -> bool:
    """Whether an object has no other properties, those by pattern left aside."""
    return isinstance(data, Mapping) and (
        data.get("additionalProperties") is False or data.get("unevaluatedProperties") is False
    )


def _plain(data: Any) -> bool:
    """Whether an alternative only demands properties."""
    return isinstance(data, Mapping) and set(data) <= {"required", "title", "description", "type"}


def _names(value: Any) -> Iterator[str]:
    return (each for each in value if isinstance(each, str)) if isinstance(value, list) else iter(())


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None

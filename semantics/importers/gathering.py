"""The properties of an object of JSON Schema: its own, and what ``allOf``, ``oneOf``, ``if`` and references add."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from semantics.importers.description import Condition
from semantics.importers.documents import Documents, Node

__all__ = [
    "Gathered",
    "Gatherer",
    "Property",
    "definition_name",
    "is_closed",
    "last_step",
    "reference_of",
    "siblings",
    "text_of",
    "types_of",
]

_REFERENCES: Final = ("$ref", "$dynamicRef", "$recursiveRef")
_BESIDE: Final = frozenset({"title", "description", "nullable", "deprecated", *_REFERENCES})
Key = tuple[str, tuple[str, ...]]


@dataclass
class Property:
    """A property as the parts of a schema describe it: all of them hold, or with ``either`` one of them."""

    nodes: list[Node]
    required: bool = False
    either: bool = False


@dataclass
class Gathered:
    """What is said of an object. ``parts`` are the nodes that say it, itself first."""

    properties: dict[str, Property] = field(default_factory=dict)
    required: dict[str, None] = field(default_factory=dict)
    parent: Node | None = None
    title: str | None = None
    description: str | None = None
    conditions: tuple[Condition, ...] = ()
    lost: list[tuple[str, str, Node]] = field(default_factory=list)
    parts: list[Node] = field(default_factory=list)
    closed: bool = False
    further: list[Node] = field(default_factory=list)
    by_pattern: list[Node] = field(default_factory=list)


def types_of(data: Mapping[str, Any]) -> list[str]:
    """The types of a node, as a list."""
    given = data.get("type")
    if isinstance(given, str):
        return [given]
    return [each for each in given if isinstance(each, str)] if isinstance(given, list) else []


def reference_of(data: Any) -> str | None:
    """What a node refers to. A dynamic reference is taken for the part that it names where it stands.

    >>> reference_of({"$ref": "#/$defs/A"}), reference_of({"type": "string"})
    ('#/$defs/A', None)
    """
    found = [data[key] for key in _REFERENCES if isinstance(data.get(key), str)] if isinstance(data, Mapping) else []
    return found[0] if found else None


def siblings(node: Node) -> dict[str, Any]:
    """What stands beside a reference and constrains values: nothing where the specification ignores it."""
    return {} if node.document.old else {key: node.data[key] for key in node.data if key not in _BESIDE}


def last_step(node: Node, place: str) -> str:
    """The name of a definition: its title where its path has none, else the last step of its path."""
    steps = [step for step in node.path if not step.isdigit()]
    if steps and steps[-1] not in ("items", "additionalProperties", "allOf", "oneOf", "anyOf", "schema"):
        return definition_name(steps[-1])
    if not steps:
        title = node.data.get("title") if isinstance(node.data, Mapping) else None
        return str(title or _stem(node.document.file))
    return place


def definition_name(key: str) -> str:
    """What the key of a definition calls it: of the address of a file, the name of the file.

    >>> definition_name("https://example.org/1.0/pay-load.schema.json"), definition_name("Order")
    ('pay-load', 'Order')
    """
    return _stem(key.rstrip("/").rpartition("/")[2]) if "://" in key else key


def _stem(file: str) -> str:
    stem = file.removesuffix(".json").removesuffix(".yaml").removesuffix(".yml")
    return stem.removesuffix("-schema").removesuffix(".schema")


def is_closed(data: Any) -> bool:
    """Whether an object has no other properties, those by pattern left aside."""
    return isinstance(data, Mapping) and (
        data.get("additionalProperties") is False or data.get("unevaluatedProperties") is False
    )


class Gatherer:
    """Gathers properties; follows references, each once."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self._known: dict[Key, Gathered] = {}
        self._objects: dict[Key, bool] = {}

    def is_object(self, node: Node) -> bool:
        """Whether a node describes an object with properties of its own."""
        known = self._objects.get(node.key)
        if known is None:
            self._objects[node.key] = False  # what is an object only if it is one is none
            known = self._objects[node.key] = self._is_object(node)
        return known

    def _is_object(self, node: Node) -> bool:
        data = node.data
        if not isinstance(data, Mapping):
            return False
        kinds = [kind for kind in types_of(data) if kind != "null"]
        if kinds and kinds != ["object"]:
            return False
        if (reference := reference_of(data)) is not None:
            target = self.documents.resolve(node, reference)
            if target is not None and self.is_object(target):
                return True
            if node.document.old:
                return False
        if node.mapping("properties") or any(self.is_object(node.below("allOf", at)) for at in _steps(node, "allOf")):
            return True
        return bool(kinds and data.get("required")) and not (data.get("oneOf") or data.get("anyOf"))

    def names(self, node: Node) -> frozenset[str]:
        """The names of all properties, those of parents included."""
        found: set[str] = set()
        for _, gathered in self.above(node):
            found |= gathered.properties.keys() | gathered.required.keys()
        return frozenset(found)

    def above(self, parent: Node | None) -> Iterator[tuple[Node, Gathered]]:
        """What is said of a parent, and of the parents above it."""
        seen = set[Key]()
        while parent is not None and parent.key not in seen:
            seen.add(parent.key)
            gathered = self.gather(parent)
            yield parent, gathered
            parent = gathered.parent

    def gather(self, node: Node) -> Gathered:
        """What is said of the object at a node."""
        known = self._known.get(node.key)
        if known is None:
            known = self._known[node.key] = Gathered()
            self._into(known, node, {(node.key, False)}, top=True)
            for name in known.required:
                if name in known.properties:
                    known.properties[name].required = True
        return known

    def _into(self, found: Gathered, node: Node, seen: set[Any], *, top: bool, maybe: bool = False) -> None:
        """Add what a node says; ``seen`` are those that have been added, as what holds (False) or may hold (True)."""
        data = node.data
        if not isinstance(data, Mapping):
            return
        found.parts.append(node)
        if top:
            found.title = found.title or text_of(data.get("title"))
            found.description = found.description or text_of(data.get("description"))
        if (reference := reference_of(data)) is not None:
            self._referred(found, node, reference, seen, maybe=maybe, top=top)
            if node.document.old:
                return
        for at in _steps(node, "allOf"):
            self._part(found, node.below("allOf", at), seen, maybe=maybe, top=top)
        for key in node.mapping("properties"):
            self._property(found, str(key), node.below("properties", key), maybe=maybe)
        if not maybe:
            found.required |= dict.fromkeys(_names(data.get("required")))
        for key in ("oneOf", "anyOf"):
            if key in data:
                self._alternatives(found, node, key, seen, maybe=maybe)
        self._further(found, node, maybe=maybe)
        for key in ("if", "then", "else"):
            if isinstance(data.get(key), Mapping):
                self._again(found, node.below(key), seen, maybe=True)

    def _again(self, found: Gathered, node: Node, seen: set[Any], *, maybe: bool) -> None:
        """Add a node, once."""
        if (node.key, maybe) not in seen:
            seen.add((node.key, maybe))
            self._into(found, node, seen, top=False, maybe=maybe)

    def _part(self, found: Gathered, node: Node, seen: set[Any], *, maybe: bool, top: bool) -> None:
        """One part of ``allOf``: where it is a reference and no more, what that means."""
        reference = reference_of(node.data)
        if reference is not None and not siblings(node):
            self._referred(found, node, reference, seen, maybe=maybe, top=top)
        else:
            self._again(found, node, seen, maybe=maybe)

    def _referred(self, found: Gathered, node: Node, reference: str, seen: set[Any], *, maybe: bool, top: bool) -> None:
        """What a reference means: the first that is an object with a name is the parent."""
        target = self.documents.resolve(node, reference)
        if target is None:
            found.lost.append(("$ref", "it is in none of the folders", node))
        elif top and not maybe and found.parent is None and (target.key, False) not in seen and self.is_object(target):
            found.parent = target
        else:
            self._again(found, target, seen, maybe=maybe)

    def _property(self, found: Gathered, key: str, node: Node, *, maybe: bool) -> None:
        known = found.properties.get(key)
        if known is None or (known.either and not maybe):
            found.properties[key] = Property([node], either=maybe)
        elif known.either or not maybe:
            known.nodes.append(node)

    def _alternatives(self, found: Gathered, node: Node, key: str, seen: set[Any], *, maybe: bool) -> None:
        """Alternatives: what they demand is a condition; what they describe may be there."""
        branches = [node.below(key, at) for at in _steps(node, key)]
        demands = [tuple(_names(each.data.get("required"))) for each in branches if isinstance(each.data, Mapping)]
        plain = all(_plain(each.data) for each in branches)
        if not maybe and demands and all(demands) and plain:
            found.conditions = (*found.conditions, Condition(tuple(demands)))
            if key == "oneOf":
                found.lost.append(("oneOf", "it is carried as any_of: what fits several parts is taken too", node))
        elif not plain:
            found.lost.append((key, "the properties of all its parts may be there together", node))
        else:
            found.lost.append((key, "not every part of it demands a property", node))
        if branches and not maybe and all(is_closed(each.data) for each in branches):
            found.closed = True
        for branch in branches:
            self._again(found, branch, seen, maybe=True)

    def _further(self, found: Gathered, node: Node, *, maybe: bool) -> None:
        """What may stand under other keys."""
        found.by_pattern += [node.below("patternProperties", key) for key in node.mapping("patternProperties")]
        if is_closed(node.data):
            found.closed = found.closed or not maybe
            return
        for key in ("additionalProperties", "unevaluatedProperties"):
            if isinstance(node.data.get(key), Mapping) and node.data[key]:
                found.further.append(node.below(key))


def _steps(node: Node, key: str) -> range:
    return range(len(node.items(key)))


def _plain(data: Any) -> bool:
    """Whether an alternative only demands properties."""
    return isinstance(data, Mapping) and set(data) <= {"required", "title", "description", "type"}


def _names(value: Any) -> Iterator[str]:
    return (each for each in value if isinstance(each, str)) if isinstance(value, list) else iter(())


def text_of(value: Any) -> str | None:
    """A text that says something."""
    return value if isinstance(value, str) and value.strip() else None

"""From nodes of JSON Schema to classes, slots, enums and types; what JSON Schema and OpenAPI have in common."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from semantics.errors import Diagnostic, Severity, closest
from semantics.importers.description import (
    ANYTHING,
    Description,
    ImportedClass,
    ImportedEnum,
    ImportedSlot,
    ImportedType,
    Values,
)
from semantics.importers.designators import designated
from semantics.importers.documents import Documents, Node
from semantics.importers.finite import finite
from semantics.importers.gathering import (
    Gatherer,
    Property,
    is_closed,
    last_step,
    reference_of,
    siblings,
    text_of,
    types_of,
)
from semantics.importers.json_classes import class_of
from semantics.importers.json_found import ANY, NOTHING, Found, Tell, codes, either, every
from semantics.importers.keywords import CARRIED, constraints, not_carried, scalar_range
from semantics.importers.naming import Names, capitalised

__all__ = ["Shapes"]

_DEPTH: Final = 64
_SCALAR: Final = frozenset({
    "format", "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    "multipleOf",
})  # fmt: skip
_UNFINISHED: Final = Found(ANY)
"""A definition that is being made."""


class Shapes:
    """Translates nodes; classes that are met on the way are made after one another, each once."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.gatherer = Gatherer(documents)
        self.names = Names()
        self.findings: list[Diagnostic] = []
        self.unknown: dict[str, tuple[Diagnostic, int]] = {}
        self.read: set[tuple[str, tuple[str, ...]]] = set()
        self.named: dict[tuple[str, tuple[str, ...]], Found] = {}
        self.waiting: deque[tuple[str, Node]] = deque()
        self.classes: dict[str, ImportedClass] = {}
        self.enums: dict[str, ImportedEnum] = {}
        self.types: dict[str, ImportedType] = {}
        self.objects: set[str] = set()
        self.entries: dict[str, str] = {}
        self.roots: set[str] = set()
        self.any_object: str | None = None
        self.properties: dict[tuple[object, ...], Found] = {}
        self.depth = 0

    # -- findings --------------------------------------------------------------------------------

    def tell(self, code: str, message: str, node: Node, hint: str | None = None, *, note: bool = False) -> None:
        """Note what LinkML does not say, with its place."""
        severity = Severity.NOTE if note else Severity.WARNING
        self.findings.append(Diagnostic(code, message, node.location, hint, severity=severity))

    def lost(self, keyword: str, reason: str, node: Node) -> None:
        """Note a keyword that is not carried."""
        self.tell("IMP010", f"'{keyword}' is not carried: {reason}", node)

    def at(self, node: Node) -> Tell:
        """What notes findings at a node."""
        return lambda code, message: self.tell(code, message, node)

    def keywords(self, node: Node) -> None:
        """Tell the keywords of a node that are not carried; those that no specification has are counted."""
        if node.key in self.read or not isinstance(node.data, Mapping):
            return
        self.read.add(node.key)
        for key in node.data:
            if key not in CARRIED:
                first, count = self.unknown.get(key, (Diagnostic("IMP013", "", node.location), 0))
                self.unknown[key] = (first, count + 1)
        for key, reason in not_carried(node.data):
            self.lost(key, reason, node)

    # -- names -----------------------------------------------------------------------------------

    def root(self, node: Node, name: str) -> None:
        """The class of the records themselves."""
        found = self.referred(node, name)
        members = [part.range for part in found.values.any_of]
        if found.values.range in self.objects and not found.many and not found.keyed:
            self.roots.add(str(found.values.range))
        elif members and found.values.range is None and self.objects.issuperset(members):
            given = str(self.object(node, name).values.range)
            self.roots.add(given)
            self.tell("IMP011", f"records of several kinds become one class, '{given}', with the slots of all", node)
        elif found.keyed:
            self.roots.add(str(self.object(node, name).values.range))
        else:
            self.tell("IMP012", "the records of this schema are not objects of one class", node,
                      "name the class of the records with --class")  # fmt: skip

    def referred(self, node: Node, name: str) -> Found:
        """What a definition with a name of its own is; each is made once."""
        known = self.named.get(node.key)
        if known is not None:
            if known is _UNFINISHED:
                self.tell("IMP011", "it stands inside itself with no object between: any value is taken", node)
            return known
        self.named[node.key] = _UNFINISHED
        if reference_of(node.data) is not None and not siblings(node):
            found = self.found(node, name)
        elif self.gatherer.is_object(node):
            return self.object(node, name)
        else:
            found = self._settled(self.found(node, name), node, name)
        self.named[node.key] = found
        return found

    def object(self, node: Node, name: str) -> Found:
        """A class of its own, made when it is its turn."""
        given = self.names.give(name)
        self.objects.add(given)
        found = self.named[node.key] = Found(Values(range=given), inlined=True)
        self.waiting.append((given, node))
        return found

    def _settled(self, found: Found, node: Node, name: str) -> Found:
        """A scalar with a name and constraints of its own is a type."""
        values = found.values
        said = values.pattern or values.minimum_value is not None or values.maximum_value is not None
        if found.many or not said or values.any_of or values.all_of or values.none_of or values.range is None:
            return found
        given = self.names.give(name)
        description = node.data.get("description") if isinstance(node.data, Mapping) else None
        self.types[given] = ImportedType(given, values, text_of(description))
        return replace(found, values=Values(range=given))

    # -- places ----------------------------------------------------------------------------------

    def found(self, node: Node, place: str) -> Found:
        """What may stand at a place; ``place`` names what is made for it alone."""
        self.depth += 1
        try:
            if self.depth > _DEPTH:
                self.tell("IMP010", f"nested deeper than {_DEPTH}: any value is taken", node)
                return Found(ANY)
            return self._found(node, place)
        finally:
            self.depth -= 1

    def held(self, given: Property, place: str) -> Found:
        """What a property holds; what is made for it is made once, though classes below look at it too."""
        key = tuple(node.key for node in given.nodes)
        known = self.properties.get(key)
        if known is None:
            parts = [self.found(node, place) for node in given.nodes]
            known = self.properties[key] = (either if given.either else every)(parts, self.at(given.nodes[0]))
        return known

    def _found(self, node: Node, place: str) -> Found:
        data = node.data
        if not isinstance(data, Mapping):
            return NOTHING if data is False else Found(ANY)
        self.keywords(node)
        types = types_of(data)
        reference = reference_of(data)
        if reference is not None and not siblings(node):
            found = self._reference(node, reference, place)
        elif self.gatherer.is_object(node):
            found = self.referred(node, place)
        else:
            found = every(self._parts(node, place, reference), self.at(node))
        return replace(found, nullable=found.nullable or "null" in types or data.get("nullable") is True)

    def _parts(self, node: Node, place: str, reference: str | None) -> list[Found]:
        """Everything that is said of a place: each part holds."""
        data = node.data
        parts = [self._reference(node, reference, place)] if reference is not None else []
        parts += [self.found(node.below("allOf", at), place) for at in range(len(node.items("allOf")))]
        if "const" in data or "enum" in data:
            parts.append(self._enumerated(node, place))
        for key in ("oneOf", "anyOf"):
            if node.items(key) and not _only_required(data[key]):
                parts.append(self._choice(node, key, place))
        types = [kind for kind in types_of(data) if kind != "null"] or ([] if parts else implied(data))
        if types == [] and "null" in types_of(data):
            return [NOTHING]
        if len(types) > 1 and not parts:
            parts.append(either([self._kind(node, kind, place) for kind in types], self.at(node)))
        elif len(types) == 1:
            parts.append(self._kind(node, types[0], place))
        elif parts and data.keys() & _SCALAR:
            parts += [self._kind(node, kind, place) for kind in implied(data)]
        return parts

    def _reference(self, node: Node, reference: str, place: str) -> Found:
        target = self.documents.resolve(node, reference)
        if target is None:
            self.tell("IMP014", f"the reference '{reference}' is in none of the folders: any value is taken", node,
                      "nothing is fetched: put the file beside the schema, or name its folder with --refs")  # fmt: skip
            return Found(ANY)
        return self.referred(target, last_step(target, place))

    def _kind(self, node: Node, kind: str, place: str) -> Found:
        """What a node says of values of one type."""
        if kind == "array":
            return self._array(node, place)
        if kind == "object":
            return self._map(node, place)
        range_ = scalar_range(kind, node.data.get("format"))
        if range_ is None:
            return Found(ANY)
        return Found(constraints(node.data, range_, self._refusal(node)))

    def _refusal(self, node: Node) -> Callable[[str, str], None]:
        """What notes that a keyword of a node is not carried."""
        return lambda keyword, why: self.lost(keyword, why, node)

    def _enumerated(self, node: Node, place: str) -> Found:
        given = [node.data["const"]] if "const" in node.data else node.items("enum")
        texts = [code for code in given if isinstance(code, str)]
        if not texts or len(texts) < len([code for code in given if code is not None]):
            return codes(given, self.at(node))
        if len(texts) == 1:
            return Found(Values(range="string", equals_string=texts[0]), nullable=None in given)
        return replace(self._listed(node, place, dict.fromkeys(texts)), nullable=None in given)

    def _listed(self, node: Node, place: str, told: Mapping[str, str | None]) -> Found:
        """An enum of texts and what is said of each."""
        name = self.names.give(place)
        self.enums[name] = ImportedEnum(name, tuple(told.items()), text_of(node.data.get("description")))
        return Found(Values(range=name))

    def _choice(self, node: Node, key: str, place: str) -> Found:
        """``oneOf`` and ``anyOf``: a code list where each is one code, else any of the parts."""
        branches = [node.below(key, at) for at in range(len(node.items(key)))]
        data = [branch.data if isinstance(branch.data, Mapping) else {} for branch in branches]
        told = {code: text_of(each.get("description") or each.get("title"))
                for each in data if isinstance(code := each.get("const"), str)}  # fmt: skip
        if len(told) == len(branches) > 1:
            return self._listed(node, place, told)
        shared = {name: node.data[name] for name in ("type", "items") if name in node.data}
        rest = [branch for branch in branches if not _is_null(branch.data)]
        parts = [NOTHING] if len(rest) < len(branches) else []
        for number, branch in enumerate(rest, 1):
            if isinstance(branch.data, Mapping) and shared and reference_of(branch.data) is None:
                branch = Node({**shared, **branch.data}, branch.document, branch.path, branch.base)
            title = branch.data.get("title") if isinstance(branch.data, Mapping) else None
            own = place if len(rest) == 1 else place + capitalised(str(title)) if title else f"{place}Option{number}"
            parts.append(self.found(branch, own))
        if key == "oneOf" and len(rest) > 1:
            self.tell("IMP015", "'oneOf' is carried as any_of: what fits several parts is taken too", node, note=True)
        found = either(parts, self.at(node))
        return replace(found, nullable=found.nullable or NOTHING in parts)

    # -- lists and maps --------------------------------------------------------------------------

    def _array(self, node: Node, place: str) -> Found:
        data = node.data
        low, high = (_whole(data.get(key)) for key in ("minItems", "maxItems"))
        items = data.get("items")
        if "prefixItems" in data or isinstance(items, list):
            key = "prefixItems" if "prefixItems" in data else "items"
            self.lost(key, "LinkML's lists have one kind of value at every position", node)
            return Found(ANY, many=True, low=low, high=high)
        if items is False:
            return Found(ANY, many=True, low=low, high=0)
        if items is True or not node.mapping("items"):
            return Found(ANY, many=True, low=low, high=high)
        inner = self.found(node.below("items"), place)
        values = inner.values
        if inner.many or inner.keyed:
            self.tell("IMP011", "a list of lists: LinkML's values are single, so any value is taken", node)
            values = ANY
        if inner.nullable:
            self.tell("IMP011", "values of the list may be null, which no list of LinkML holds", node)
        unique = data.get("uniqueItems") is True
        return Found(values, many=True, inlined=inner.inlined and values is not ANY, low=low, high=high, unique=unique)

    def _map(self, node: Node, place: str) -> Found:
        """An object without properties of its own: by key, one kind of object; else a class without slots."""
        steps: list[tuple[str, ...]] = [("patternProperties", key) for key in node.mapping("patternProperties")]
        if isinstance(node.data.get("additionalProperties"), Mapping) and node.data["additionalProperties"]:
            steps.append(("additionalProperties",))
        if len(steps) == 1 and (steps[0] == ("additionalProperties",) or is_closed(node.data)):
            found = self.found(node.below(*steps[0]), f"{place}Value")
            name = found.values.range
            if name in self.objects and not (found.many or found.keyed or found.nullable):
                keys = constraints(
                    {"pattern": steps[0][-1]} if len(steps[0]) > 1 else {}, "string", self._refusal(node)
                )
                return Found(Values(range=self._entry(str(name), place, keys)), many=True, keyed=True)
        gathered = self.gatherer.gather(node)
        if gathered.closed or gathered.further or gathered.by_pattern:
            return self.object(node, place)
        if self.any_object is None:
            self.any_object = self.names.give("AnyObject")
            told = "An object with any keys."
            self.classes[self.any_object] = ImportedClass(self.any_object, description=told, extra=ANYTHING)
        return Found(Values(range=self.any_object), inlined=True)

    def _entry(self, name: str, place: str, keys: Values) -> str:
        """A class of objects that stand under a key."""
        entry = self.names.give(f"{place}Entry")
        key = ImportedSlot("map_key", keys, description="The key of the entry.", identifier=True)
        self.entries[entry] = name
        self.classes[entry] = ImportedClass(entry, (key,), is_a=name, description=f"{name} under its key.")
        return entry

    # -- all of it -------------------------------------------------------------------------------

    def finish(self) -> None:
        """Make the classes that were met."""
        while self.waiting:
            name, node = self.waiting.popleft()
            self.classes[name] = class_of(self, name, node)
        for entry, name in self.entries.items():
            self.classes[entry] = replace(self.classes[entry], extra=self.classes[name].extra)
        self.classes, loosened = finite(designated(self.classes, self.names))
        for name, slot in loosened:
            text = f"'required' of '{slot}' is not carried: every '{name}' would need another inside it"
            self.findings.append(Diagnostic("IMP010", text, severity=Severity.WARNING))
        for key, (first, count) in self.unknown.items():
            text = f"the keyword '{key}' is not carried ({count} places, this is the first)"
            hint = closest(key, CARRIED)
            self.findings.append(Diagnostic("IMP013", text, first.location, hint, severity=Severity.NOTE))

    def description(self, name: str, identifier: str, node: Node) -> Description:
        """Everything that was made."""
        data = node.data if isinstance(node.data, Mapping) else {}
        classes = sorted(self.classes.values(), key=lambda each: not each.tree_root)
        return Description(
            name, identifier, text_of(data.get("title")), text_of(data.get("description")),
            text_of(data.get("version")), classes=tuple(classes), enums=tuple(self.enums.values()),
            types=tuple(self.types.values()), findings=tuple(dict.fromkeys(self.findings)),
        )  # fmt: skip


def implied(data: Mapping[str, Any]) -> list[str]:
    """The type that keywords are about, where none is given.

    >>> implied({"minLength": 1}), implied({"minimum": 1}), implied({"description": "Anything."})
    (['string'], ['number'], [])
    """
    if data.keys() & {"items", "prefixItems", "minItems", "maxItems"}:
        return ["array"]
    if data.keys() & {"additionalProperties", "patternProperties", "unevaluatedProperties", "properties"}:
        return ["object"]
    if data.keys() & {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}:
        return ["number"]
    return ["string"] if data.keys() & {"format", "pattern", "minLength", "maxLength"} else []


def _only_required(branches: Any) -> bool:
    return all(isinstance(each, Mapping) and set(each) == {"required"} for each in branches)


def _is_null(data: Any) -> bool:
    if not isinstance(data, Mapping):
        return False
    return (
        data.get("type") in ("null", ["null"])
        or data.get("enum") == [None]
        or ("const" in data and data["const"] is None)
    )


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else None

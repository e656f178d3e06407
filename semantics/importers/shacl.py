"""Importer ``shacl``: node shapes become classes, property shapes of one predicate become slots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from semantics.errors import Diagnostic, Location, UsageError
from semantics.importers.description import ANYTHING, Condition, Description, ImportedClass, ImportedSlot, Values
from semantics.importers.finite import finite
from semantics.importers.naming import is_slot_name, schema_name
from semantics.importers.shacl_values import ANY, RDF, RDFS, SH, ShaclValues, both, local_name, whole

__all__ = ["describe"]

_CARRIED: Final = frozenset({
    "path", "datatype", "class", "node", "minCount", "maxCount", "in", "pattern", "minLength", "maxLength",
    "minInclusive", "maxInclusive", "minExclusive", "maxExclusive", "hasValue", "nodeKind", "name",
    "description", "severity", "or", "order", "group", "message", "flags", "deactivated", "defaultValue",
})  # fmt: skip
_OF_CLASS: Final = frozenset({
    "property", "targetClass", "closed", "name", "ignoredProperties", "description", "nodeKind", "severity", "message",
    "node", "and", "or", "xone",
})  # fmt: skip
_PATHS: Final = {
    "inversePath": "an inverse path", "alternativePath": "a path with alternatives",
    "zeroOrMorePath": "a path without end", "oneOrMorePath": "a path without end",
    "zeroOrOnePath": "a path that may be empty",
}  # fmt: skip
_SAYS_NOTHING: Final = frozenset({"name", "description", "message", "severity", "order", "group"})
_ID: Final = ImportedSlot("id", Values(range="uriorcurie"), description="The IRI of the thing.", identifier=True)


@dataclass
class _Class:
    """A class while its shapes are read; ``seen`` are those that have been, ``above`` the slots of its parents."""

    name: str
    slots: dict[str, ImportedSlot]
    above: dict[str, ImportedSlot]
    seen: set[Any] = field(default_factory=set)
    conditions: list[Condition] = field(default_factory=list)


def describe(raw: bytes, path: Path, folders: tuple[Path, ...] = ()) -> Description:
    """The classes of SHACL shapes in Turtle or N-Triples; ``folders`` are not looked at.

    >>> text = b'''@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix e: <https://example.org/> .
    ... e:MeterShape a sh:NodeShape ; sh:targetClass e:Meter ; sh:property [ sh:path e:serial ; sh:minCount 1 ] .'''
    >>> [(each.name, each.uri, each.slots[1].name) for each in describe(text, Path("m.ttl")).classes]
    [('Meter', 'https://example.org/Meter', 'serial')]
    """
    shapes = _Shapes(raw, path.name)
    shapes.make()
    if not shapes.classes:
        raise UsageError(Diagnostic("IMP003", "there is no node shape with a class", Location(path.name)))
    called = schema_name(path.name.split(".")[0])
    prefixes = tuple(sorted(each for each in shapes.prefixes.items() if each[0] not in ("", called, "linkml")))
    return Description(
        called, f"https://example.org/{called}", prefixes=prefixes, classes=tuple(shapes.classes.values()),
        enums=tuple(shapes.enums.values()), types=tuple(shapes.types.values()),
        findings=tuple(dict.fromkeys(shapes.findings)),
    )  # fmt: skip


class _Shapes(ShaclValues):
    """Makes the classes; those above before those below."""

    def __init__(self, raw: bytes, file: str) -> None:
        super().__init__(raw, file)
        self.targets: dict[str, list[Any]] = {}
        self.parents: dict[str, str] = {}
        self.classes: dict[str, ImportedClass] = {}
        self.named = {
            each for part in self.about if self.one(part, "path") is not None for each in self.all(part, "node")
        }

    def make(self) -> None:
        """A class for every target class; shapes of one class make it together."""
        for node, about in self.about.items():
            kinds = {kind.value for kind in about.get(f"{RDF}type", ())}
            if f"{SH}NodeShape" not in kinds and not (self.all(node, "property") and self.all(node, "targetClass")):
                continue
            found = [each.value for each in self.all(node, "targetClass") if isinstance(each, self.ox.NamedNode)]
            if not found and isinstance(node, self.ox.NamedNode):
                found = [node.value]
            for iri in found:
                self.targets.setdefault(iri, []).append(node)
        for iri, shapes in self.targets.items():
            name = self.of_class[iri] = self.names.give(local_name(iri).removesuffix("Shape"))
            self.of_shape |= dict.fromkeys(shapes, name)
        for iri in self.targets:
            parent = next(
                (each for each in self._above(iri) if self.of_class[iri] not in (each, *self._chain(each))), None
            )
            if parent is not None:
                self.parents[self.of_class[iri]] = parent
        for iri in self.targets:
            self._class(iri)
        while self.waiting:
            name, shape = self.waiting.pop()
            self._made(_Class(name, {}, {}), [shape], None)
        parts = {name for name in self.classes if not self._identified(name)}
        self.classes, loosened = finite({name: _placed(cls, parts) for name, cls in self.classes.items()})
        for owner, slot in loosened:
            self.tell(f"'{slot}' is not required: every '{owner}' would need another inside it", None)

    def _above(self, iri: str) -> Iterator[str]:
        """The classes that a class is below, as the vocabulary or its shapes say."""
        for each in self.about.get(self.ox.NamedNode(iri), {}).get(f"{RDFS}subClassOf", ()):
            if isinstance(each, self.ox.NamedNode) and each.value in self.of_class:
                yield self.of_class[each.value]
        for shape in self.targets[iri]:
            yield from (self.of_shape[each] for each in self._held(shape) if each in self.of_shape)

    def _held(self, shape: Any) -> list[Any]:
        """The shapes that hold too, of whatever a shape holds of."""
        return [*self.all(shape, "node"), *(each for group in self.all(shape, "and") for each in self.listed(group))]

    def _chain(self, name: str) -> list[str]:
        found: list[str] = []
        while name in self.parents:
            name = self.parents[name]
            found.append(name)
        return found

    def _class(self, iri: str) -> None:
        name, shapes = self.of_class[iri], self.targets[iri]
        if name in self.classes:
            return
        chain = self._chain(name)
        for above in (each for each, of in self.of_class.items() if of in chain[:1]):
            self._class(above)
        inherited = {slot.name: slot for each in reversed(chain) for slot in self.classes[each].slots}
        own = {} if chain or self._is_part(iri) else {"id": _ID}
        if own and any(self._kind(shape) != "IRI" for shape in shapes):
            self.tell("what has no IRI, a blank node, is no instance of a class: each has an identifier", None)
        uri = iri if not any(iri == shape.value for shape in shapes) or "Shape" not in iri else None
        self._made(_Class(name, own, inherited), shapes, uri)

    def _is_part(self, iri: str) -> bool:
        """Whether a shape describes values alone: no class is its target, and properties name it."""
        node = self.ox.NamedNode(iri)
        alone = self.targets[iri] == [node] and not self.all(node, "targetClass")
        return alone and node in self.named and self._kind(node) != "IRI"

    def _identified(self, name: str) -> bool:
        return any(slot.identifier for each in (name, *self._chain(name)) for slot in self.classes[each].slots)

    def _kind(self, shape: Any) -> str:
        kind = self.one(shape, "nodeKind")
        return local_name(kind.value) if kind is not None else ""

    def _made(self, made: _Class, shapes: list[Any], uri: str | None) -> None:
        for shape in shapes:
            self._shape(made, shape)
        about = [*([self.ox.NamedNode(uri)] if uri else []), *shapes]
        described, titled = (next((text for each in about if (text := self.text(each, key))), None)
                             for key in ("description", "name"))  # fmt: skip
        closed = any(getattr(self.one(shape, "closed"), "value", None) in ("true", "1") for shape in shapes)
        self.classes[made.name] = ImportedClass(
            made.name, tuple(_settled(slot) for slot in made.slots.values()), None if titled == made.name else titled,
            described, uri=uri, is_a=self.parents.get(made.name), conditions=tuple(made.conditions),
            extra=None if closed else ANYTHING,
        )  # fmt: skip

    def _shape(self, made: _Class, shape: Any) -> None:
        """What a shape, and those that hold too, say of a class."""
        if shape in made.seen:
            return
        made.seen.add(shape)
        if self.one(shape, "path") is not None:
            self._slot(made, shape, shape)
            return
        for key in sorted(self.about.get(shape, ())):
            if key.startswith(SH) and key[len(SH) :] not in _OF_CLASS:
                self.tell(f"'sh:{key[len(SH) :]}' of a node shape is not carried", shape)
        for part in self.all(shape, "property"):
            self._slot(made, shape, part)
        for each in self._held(shape):
            if self.of_shape.get(each) not in (made.name, *self._chain(made.name)):
                self._shape(made, each)
        for key in ("or", "xone"):
            for group in self.all(shape, key):
                self._alternatives(made, shape, key, list(self.listed(group)))

    def _alternatives(self, made: _Class, shape: Any, key: str, members: list[Any]) -> None:
        """Alternatives that only demand properties are a condition."""
        demands = [self._demanded(member) for member in members]
        if not demands or not all(demands):
            self.tell(f"'sh:{key}' of a node shape is not carried", shape)
            return
        for part in (part for parts in demands for part in parts):
            self._slot(made, shape, part, needed=False)
        keys = {path: name for name, path in self._named(made)}
        wanted = [tuple(keys.get(self.one(part, "path").value, "") for part in parts) for parts in demands]
        if all(all(each) for each in wanted):
            made.conditions.append(Condition(tuple(wanted)))
        if key == "xone":
            self.tell("'sh:xone' is carried as any_of: what fits several parts is taken too", shape, note=True)

    def _demanded(self, member: Any) -> list[Any]:
        """The property shapes of an alternative, if all that they say is that there is a value."""
        parts = [member] if self.one(member, "path") is not None else self.all(member, "property")
        for part in parts:
            said = {key[len(SH) :] for key in self.about.get(part, ()) if key.startswith(SH)} - _SAYS_NOTHING
            plain = isinstance(self.one(part, "path"), self.ox.NamedNode) and whole(self.one(part, "minCount")) == 1
            if said != {"path", "minCount"} or not plain:
                return []
        others = {key for key in self.about.get(member, ()) if key.startswith(SH)} - {f"{SH}property"}
        return parts if member in parts or not others else []

    def _named(self, made: _Class) -> Iterator[tuple[str, str]]:
        """The slots of a class, those from above included, with their IRIs."""
        yield from ((slot.name, slot.uri or "") for slot in (*made.above.values(), *made.slots.values()))

    # -- slots -----------------------------------------------------------------------------------

    def _slot(self, made: _Class, shape: Any, part: Any, *, needed: bool = True) -> None:
        key = self._key(made, shape, part)
        if key is None:
            return
        for name in sorted(each[len(SH) :] for each in self.about.get(part, ()) if each.startswith(SH)):
            if name not in _CARRIED:
                self.tell(f"'sh:{name}' of '{key}' is not carried", shape)
        severity = self.one(part, "severity")
        binding = severity is None or severity.value == f"{SH}Violation"
        low, high = whole(self.one(part, "minCount")), whole(self.one(part, "maxCount"))
        low = max(low, 1 if self.one(part, "hasValue") is not None else 0) if needed else 0
        absent = binding and high == 0 and self.one(part, "maxCount") is not None
        above = made.above.get(key)
        several = above is None or above.multivalued
        known = made.slots.get(key) or ImportedSlot(
            key, Values(), uri=self.one(part, "path").value, multivalued=several, inherited=above is not None
        )
        values = self.values(self.names.place(made.name, key), part, shape) if binding else Values()
        fewer = binding and (high > 1 or (high == 1 and above is not None and above.multivalued))
        made.slots[key] = replace(
            known, values=both(known.values, values), title=known.title or self.text(part, "name"),
            description=known.description or self.text(part, "description"), absent=known.absent or absent,
            required=known.required or (binding and low > 0),
            recommended=known.recommended or (not binding and low > 0),
            multivalued=known.multivalued and not (binding and high == 1 and above is None),
            minimum_cardinality=low if binding and low > 1 else known.minimum_cardinality,
            maximum_cardinality=high if fewer else known.maximum_cardinality,
        )  # fmt: skip

    def _key(self, made: _Class, shape: Any, part: Any) -> str | None:
        """The name of the slot of a property shape; none where there is no such slot."""
        path = self.one(part, "path")
        if not isinstance(path, self.ox.NamedNode):
            kind = next((words for name, words in _PATHS.items() if self.one(path, name) is not None), None)
            self.tell(f"{kind or 'a path of several steps'} is not carried", shape)
            return None
        if (flag := self.one(part, "deactivated")) is not None and flag.value in ("true", "1"):
            return None
        local = local_name(path.value)
        key = local if local != "id" else "identifier_id"
        if not is_slot_name(key):
            self.tell("the local name of a predicate cannot be the name of a slot", shape)
            return None
        while any(name == key and uri != path.value for name, uri in self._named(made)):
            key += "_"
        return key


def _settled(slot: ImportedSlot) -> ImportedSlot:
    """A slot of which nothing is said takes any value; below a class that has it, it says no more."""
    return replace(slot, values=ANY) if slot.values == Values() and not slot.inherited else slot


def _placed(cls: ImportedClass, parts: set[str]) -> ImportedClass:
    """A class with the values that have no IRI of their own where they stand."""
    return replace(cls, slots=tuple(replace(slot, inlined=slot.values.range in parts) for slot in cls.slots))

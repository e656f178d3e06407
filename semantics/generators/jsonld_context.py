"""A JSON-LD 1.1 context of a schema: an instance with it is the RDF that the sinks write.

Slots are terms with their IRI, datatype and container; the identifier is ``@id``, the type designator ``@type``
with the classes as terms; permissible values with meanings are IRIs by a context inside their slot. A slot name
that means one thing in one class and another elsewhere is defined in the contexts of the classes: inside the
term of a class that a designator tells, and inside the slots that hold objects of the class.

An object that has no type designator gets no ``rdf:type``: a context cannot tell it one. That and more, and where
linkml's own generator falls short, stands in :mod:`semantics.generators.gaps`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from semantics.generators.constraints import (
    IRI_PRIMITIVES,
    Kind,
    Value,
    alternatives,
    designator_of,
    identifier_type,
    value_of,
)
from semantics.generators.turtle import XSD, safe_iri
from semantics.lexical import Primitive
from semantics.schema.model import ClassModel, EnumModel, Form, SchemaModel, SlotModel

__all__ = ["jsonld_context"]

Term = str | dict[str, Any]

MAX_SCOPES: Final = 6
"""How deep contexts inside contexts go: one level for each object in an object with names of several meanings."""
MAX_SCOPED: Final = 20_000
"""How many terms there are in contexts inside contexts; beyond, objects keep the meanings around them."""
_GEN_DELIMS: Final = (":", "/", "?", "#", "[", "]", "@")


def jsonld_context(schema: SchemaModel) -> str:
    """The text of the context: prefixes and terms in a fixed order, two-space indent, ends in a line feed."""
    context = _Context(schema).whole()
    return json.dumps({"@context": context}, indent=2, ensure_ascii=False) + "\n"


class _Context:
    def __init__(self, schema: SchemaModel) -> None:
        self.schema = schema
        self.concrete = [cls for cls in schema.classes.values() if not (cls.abstract or cls.mixin)]
        self.class_terms = {cls.name: cls for cls in self.concrete if designator_of(cls)}
        self.meanings = self._meanings()
        self.several = {name for name, found in self.meanings.items() if len(found) > 1 or name in self.class_terms}
        self.prefixes = self._prefixes()
        self.scoped = 0

    def _meanings(self) -> dict[str, list[tuple[ClassModel, SlotModel]]]:
        """For every slot name one class and slot of each different meaning, commonest first."""
        found: dict[str, dict[str, tuple[ClassModel, SlotModel]]] = {}
        counts: dict[str, Counter[str]] = {}
        for cls in self.concrete:
            for name, slot in cls.slots.items():
                if _is_term(name):
                    key = json.dumps([self._plain(cls, slot), self._ranges(slot)], sort_keys=True)
                    found.setdefault(name, {}).setdefault(key, (cls, slot))
                    counts.setdefault(name, Counter())[key] += self._weight(cls, slot)
        return {name: [each[key] for key, _ in counts[name].most_common()] for name, each in found.items()}

    def _weight(self, cls: ClassModel, slot: SlotModel) -> int:
        """How much a meaning counts: those at the root of a document before all others."""
        if slot == designator_of(cls):
            return 1_000_000
        return 10_000 if cls.tree_root else 1

    def _prefixes(self) -> dict[str, str]:
        taken = set(self.meanings) | set(self.class_terms)
        return {
            prefix: namespace
            for prefix, namespace in self.schema.namespaces.items()
            if namespace and prefix not in taken and _is_term(prefix) and safe_iri(namespace) == namespace
        }

    # -- the whole ---------------------------------------------------------------------------

    def whole(self) -> dict[str, Any]:
        context: dict[str, Any] = {"@version": 1.1}
        if (base := self._base()) is not None:
            context["@base"] = base
        for prefix, namespace in sorted(self.prefixes.items()):
            simple = namespace.endswith(_GEN_DELIMS)
            context[prefix] = namespace if simple else {"@id": namespace, "@prefix": True}
        for name, found in self.meanings.items():
            if name not in self.class_terms:
                cls, slot = found[0]
                context[name] = self._term(cls, slot, ())
        for name, cls in self.class_terms.items():
            if _is_term(name):
                scope = self._scope((name,), ())
                uri = self._compact(cls.uri)
                context[name] = {"@id": uri, "@context": scope} if scope else uri
        return context

    def _base(self) -> str | None:
        """The namespace of bare identifiers, where relative IRIs can stand for it."""
        base = self.schema.default_namespace
        bare = any(
            self.schema.primitive(cls.slots[cls.identifier]) not in IRI_PRIMITIVES
            for cls in self.concrete
            if cls.identifier
        )
        return base if bare and base.endswith("/") and safe_iri(base) == base else None

    def _compact(self, iri: str) -> str:
        """An IRI by the prefixes of the context where that is plainly the same."""
        fitting = [
            (len(namespace), prefix, iri[len(namespace) :])
            for prefix, namespace in self.prefixes.items()
            if iri.startswith(namespace)
        ]
        if fitting:
            _, prefix, local = max(fitting)
            if local and local.replace("_", "").replace("-", "").isalnum():
                return f"{prefix}:{local}"
        return safe_iri(iri)

    # -- terms -------------------------------------------------------------------------------

    def _plain(self, cls: ClassModel, slot: SlotModel) -> Term:
        """The definition of a slot without the context for what is inside."""
        if slot.identifier:
            return "@id"
        if slot == designator_of(cls):
            return "@type"
        found: dict[str, Any] = {"@id": safe_iri(slot.uri)}
        value = value_of(self.schema, slot)
        if (kind := self._coercion(value)) is not None:
            found["@type"] = kind
        if slot.form is Form.KEYED:
            found["@container"] = ["@id", "@set"]
        elif slot.many:
            found["@container"] = "@set"
        enums = self._coded(value)
        return found | ({"enums": [enum.name for enum in enums]} if enums else {})

    def _term(self, cls: ClassModel, slot: SlotModel, below: tuple[str, ...]) -> Term:
        found = self._plain(cls, slot)
        if isinstance(found, str):
            return found
        found.pop("enums", None)
        found["@id"] = self._compact(slot.uri)
        if "@type" in found and not found["@type"].startswith("@"):
            found["@type"] = self._compact(found["@type"])
        scope: dict[str, Any] = {}
        for enum in self._coded(value_of(self.schema, slot)):
            scope |= {value.text: self._compact(value.meaning or "") for value in enum.values.values()}
        scope |= self._scope(self._ranges(slot), below)
        if scope:
            found["@context"] = scope
        return found["@id"] if found.keys() == {"@id"} else found

    def _scope(self, classes: tuple[str, ...], below: tuple[str, ...]) -> dict[str, Any]:
        """The names of several meanings as objects of these classes have them."""
        found: dict[str, Any] = {}
        if len(below) >= MAX_SCOPES or self.scoped > MAX_SCOPED:
            return found
        for name in classes:
            cls = self.schema.classes[name]
            for slot in cls.slots.values():
                if slot.name in self.several and slot.name not in found and _is_term(slot.name):
                    self.scoped += 1
                    found[slot.name] = (
                        self._term(cls, slot, (*below, name)) if name not in below else self._flat(cls, slot)
                    )
        return found

    def _flat(self, cls: ClassModel, slot: SlotModel) -> Term:
        """A term inside itself again: contexts are not recursive, so it goes no further."""
        found = self._plain(cls, slot)
        if isinstance(found, dict):
            found.pop("enums", None)
        return found

    def _ranges(self, slot: SlotModel) -> tuple[str, ...]:
        """The classes of the objects in a slot that do not tell their class themselves."""
        found = dict.fromkeys(_objects(self.schema, value_of(self.schema, slot)))
        return tuple(found)

    def _coded(self, value: Value) -> list[EnumModel]:
        """The enum of a slot all of whose values are IRIs and can be terms."""
        if value.kind is not Kind.ENUM:
            return []
        enum = self.schema.enums[value.name or ""]
        fit = all(each.meaning and _is_term(each.text) for each in enum.values.values())
        return [enum] if fit and enum.values else []

    def _coercion(self, value: Value) -> str | None:
        """What a bare value of the slot is: an IRI, a literal of a datatype, or None for what JSON says."""
        kinds = {self._one_coercion(each) for each in _ranged(value)}
        return kinds.pop() if len(kinds) == 1 else None

    def _one_coercion(self, value: Value) -> str | None:
        match value.kind:
            case Kind.REFERENCE:
                cls = self.schema.classes[value.name or ""]
                numeric = identifier_type(self.schema, cls).primitive is Primitive.INTEGER
                return None if numeric else "@id"
            case Kind.ENUM:
                return "@vocab" if self._coded(value) else None
            case Kind.SCALAR if value.type_ is not None:
                if value.type_.primitive in IRI_PRIMITIVES:
                    return "@id"
                return None if value.type_.uri == f"{XSD}string" else safe_iri(value.type_.uri)
            case _:
                return None


def _ranged(value: Value) -> Iterator[Value]:
    """The values that decide how a slot is written: itself, or the parts that give it its ranges."""
    parts = [part for name, found in value.groups if name in ("any_of", "exactly_one_of") for part in found]
    if value.kind is Kind.ANY and any(part.kind is not Kind.ANY for part in parts):
        for part in parts:
            yield from _ranged(part)
    else:
        yield value


def _objects(schema: SchemaModel, value: Value) -> Iterator[str]:
    for each in _ranged(value):
        if each.kind is Kind.OBJECT:
            yield from alternatives(schema, each.name or "")[:1]


def _is_term(name: str) -> bool:
    """Whether a name can be a term: not empty, no keyword, and nothing that reads like an IRI."""
    return bool(name) and not name.startswith("@") and ":" not in name and "/" not in name

"""JSON-LD 1.1: one graph with its context inside, so that nothing has to be fetched to read it.

A slot keeps its name as a term wherever that name has one meaning among the classes written; else the key
is the IRI. Only values that JSON holds exactly are written bare: text, truth values and small integers. All
other numbers are text with a datatype, so that a reader gets every digit.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from semantics.schema.model import XSD, Form
from semantics.sinks.base import Encoder
from semantics.sinks.json import json_bytes
from semantics.sinks.rdf_prefixes import Prefixes, reachable
from semantics.sinks.rdf_shape import NodeShape, Property, Shapes
from semantics.sinks.rdf_terms import RdfFault, checked_text
from semantics.sinks.rdf_values import datatype_of, holds_iris, ranges_of

if TYPE_CHECKING:
    from semantics.records import Instance
    from semantics.schema.model import SchemaModel, SlotModel

__all__ = ["JsonLd"]

_TERM: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NATIVE: Final = {f"{XSD}string", f"{XSD}boolean", f"{XSD}integer"}
_EXACT: Final = 1 << 53
"""Readers that hold numbers as doubles keep integers below this."""


class _Term(NamedTuple):
    """What a key means: its property, and what its bare text values are (``@id``, a datatype, or None)."""

    iri: str
    kind: str | None


class _Terms:
    """The values of one slot as JSON-LD writes them under a key whose bare text is of ``kind``."""

    def __init__(self, prefixes: Prefixes, kind: str | None) -> None:
        self._prefixes, self._kind = prefixes, kind

    def iri(self, iri: str) -> Any:
        scheme = _ambiguous(iri, self._prefixes)
        if scheme:
            return {"@context": {scheme: None}, "@id": iri}
        return iri if self._kind == "@id" else {"@id": iri}

    def text(self, datatype: str | None) -> Callable[[str], Any]:
        if datatype == self._kind:
            return checked_text
        if datatype is None:
            return lambda text: {"@value": checked_text(text)}
        kind = self._prefixes.compact(datatype) or datatype
        return lambda text: {"@value": checked_text(text), "@type": kind}

    def number(self, datatype: str) -> Callable[[str], Any]:
        return self.text(datatype)

    def integer(self, datatype: str) -> Callable[[int], Any]:
        typed = self.text(datatype)
        native = datatype == f"{XSD}integer" and self._kind is None
        return lambda value: value if native and -_EXACT < value < _EXACT else typed(str(value))

    def boolean(self, datatype: str) -> Callable[[bool], Any]:
        typed = self.text(datatype)
        native = datatype == f"{XSD}boolean" and self._kind is None
        return lambda value: value if native else typed("true" if value else "false")


class JsonLd(Encoder):
    """The encoder of JSON-LD."""

    between = b",\n"
    tail = b"\n]}\n"

    def __init__(self, schema: SchemaModel, classes: tuple[str, ...] = ()) -> None:
        """The context holds what instances of ``classes`` (of none: of all) need."""
        self._prefixes = Prefixes.of(schema, classes)
        # Remembers what it made, and is asked for the schema's IRIs only.
        self._name = cache(lambda iri: self._prefixes.compact(iri) or iri)
        self._terms = _terms(schema, reachable(schema, classes), self._prefixes)
        self._shapes: Shapes[Any] = Shapes(schema, self._terms_of)
        lines = [json_bytes(name) + b": " + json_bytes(term) for name, term in self._context().items()]
        context = b'{"@context": {\n' + b",\n".join(lines) + b'\n},\n"@graph": ['
        self.head = context + b"\n"
        self.empty = context + b"]}\n"

    def encode(self, instance: Instance, key: str) -> bytes:
        """The node object of one instance. Raises :class:`~semantics.lexical.LexicalError`."""
        try:
            shape = self._shapes.of_instance(instance.class_name, instance.data)
            return json_bytes(self._node(shape, instance.data, shape.subject(instance.data)))
        except RecursionError:
            raise RdfFault("nested too deeply to be written") from None

    def _context(self) -> dict[str, Any]:
        context: dict[str, Any] = dict(self._prefixes.namespaces)
        for name, term in self._terms.items():
            curie = self._prefixes.compact(term.iri)
            if term.kind is None:
                context[name] = curie or {"@id": term.iri}
            else:
                kind = self._prefixes.compact(term.kind) or term.kind
                context[name] = {"@id": curie or term.iri, "@type": kind}
        return context

    def _terms_of(self, slot: SlotModel) -> _Terms:
        term = self._terms.get(slot.name)
        return _Terms(self._prefixes, term.kind if term and term.iri == slot.uri else None)

    def _key(self, prop: Property[Any]) -> str:
        term = self._terms.get(prop.name)
        if term and term.iri == prop.iri:
            return prop.name
        return self._name(prop.iri)

    def _node(self, shape: NodeShape[Any], data: dict[str, Any], subject: str | None) -> dict[str, Any]:
        """An object and those inside it; a blank node has no ``@id``."""
        node: dict[str, Any] = {}
        if subject:
            if _ambiguous(subject, self._prefixes):
                raise RdfFault("the identifier begins like a CURIE of the context, and would be read as one")
            node["@id"] = subject
        node["@type"] = self._name(shape.iri)

        def visit(child: NodeShape[Any], item: dict[str, Any], key: str | None) -> dict[str, Any]:
            return self._node(child, item, child.subject(item, key))

        for prop, values in shape.statements(data, visit):
            _add(node, self._key(prop), values, many=prop.many)
        return node


def _add(node: dict[str, Any], key: str, values: list[Any], *, many: bool) -> None:
    """Puts values under a key; two slots may have one property."""
    if key in node:
        before = node[key]
        node[key] = [*(before if isinstance(before, list) else [before]), *values]
    else:
        node[key] = values if many else values[0]


def _ambiguous(iri: str, prefixes: Prefixes) -> str | None:
    """The prefix of the context that an IRI seems to begin with, as ``geo:0,0`` with the prefix ``geo``."""
    scheme, _, rest = iri.partition(":")
    return scheme if scheme in prefixes.namespaces and not rest.startswith("//") else None


def _terms(schema: SchemaModel, classes: tuple[str, ...], prefixes: Prefixes) -> dict[str, _Term]:
    """The names of slots that mean one property in all these classes, with the kind of their values."""
    meanings: dict[str, set[str]] = {}
    kinds: dict[str, set[str | None]] = {}
    for cls in map(schema.classes.__getitem__, classes):
        for name, slot in cls.slots.items():
            if name not in (cls.identifier, cls.designator):
                meanings.setdefault(name, set()).add(slot.uri)
                kinds.setdefault(name, set()).add(_kind(schema, slot))
    return {
        name: _Term(min(iris), min(kinds[name], key=str) if len(kinds[name]) == 1 else None)
        for name, iris in sorted(meanings.items())
        if len(iris) == 1 and _TERM.fullmatch(name) and name not in prefixes.namespaces
    }


def _kind(schema: SchemaModel, slot: SlotModel) -> str | None:
    """What text under the slot's key stands for: an IRI (``@id``), a datatype, or None for plain text."""
    parts = ranges_of(schema, slot)
    name = parts[0].range or "string"
    if len(parts) > 1:
        return None
    if name in schema.types:
        datatype = datatype_of(schema.types[name])
        return "@id" if holds_iris(schema.types[name]) else None if datatype in _NATIVE else datatype
    if name in schema.enums:
        values = schema.enums[name].values.values()
        return "@id" if values and all(value.meaning for value in values) else None
    return "@id" if slot.form is Form.REFERENCE else None

"""SHACL shapes (W3C SHACL Core) of a schema: a node shape for every concrete class, closed unless the class is open.

How an instance becomes RDF: its subject is the identifier as an IRI, or a blank node; ``rdf:type`` is the
URI of its most specific class; the identifier and the type designator give no triple of their own; every
other slot is a property that occurs once for each value. IRI-valued types and references are IRIs, a permissible
value is its meaning or else a plain literal, objects are nodes of their own.

A constraint that RDF cannot judge is left out rather than bent (see :mod:`semantics.generators.gaps`), so no
valid instance is a violation. Where linkml's own generator falls short is told there too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from semantics.generators.constraints import Count, Kind, count_of, designator_of, value_of
from semantics.generators.shacl_rules import rule_pairs
from semantics.generators.shacl_values import Pairs, Values, node, whole
from semantics.generators.turtle import RDF, SH, XSD, Iri, Items, Literal, Node, Term, document
from semantics.schema.model import ClassModel, SchemaModel, SlotModel

__all__ = ["shacl"]

_TYPE: Final = f"{RDF}type"
_TRUE: Final = Literal("true", f"{XSD}boolean")


def shacl(schema: SchemaModel) -> str:
    """The shapes in Turtle: prefixes in alphabetical order, shapes in the order of the schema's classes."""
    prefixes = {**schema.namespaces, "sh": SH, "rdf": RDF, "xsd": XSD}
    prefixes.setdefault("shape", _base(schema))
    head = f"# SHACL shapes of the schema {schema.name!a}"
    head += f" {schema.version!a}" if schema.version else ""
    return f"{head}\n# sha256: {schema.digest()}\n{document(prefixes, _subjects(schema))}"


def _base(schema: SchemaModel) -> str:
    return schema.id.rstrip("/#") + "/shapes/"


def _subjects(schema: SchemaModel) -> Iterator[tuple[str, Pairs]]:
    concrete = [cls for cls in schema.classes.values() if not (cls.abstract or cls.mixin)]
    shapes = {cls.name: _base(schema) + quote(cls.name, safe="") for cls in concrete}
    values = Values(schema, shapes)
    sharing: dict[str, list[str]] = {}
    for cls in concrete:
        sharing.setdefault(cls.uri, []).append(cls.name)
    for cls in concrete:
        yield shapes[cls.name], _class(values, cls, alone=len(sharing[cls.uri]) == 1)
    for uri, names in sharing.items():
        if len(names) > 1:
            yield shapes[names[0]] + "-or-alike", _shared(uri, [shapes[name] for name in names])


def _shared(uri: str, shapes: list[str]) -> Pairs:
    """Several classes have one URI: an instance has to fit one of them."""
    choices = tuple(Node(((f"{SH}node", Iri(shape)),)) for shape in shapes)
    return (
        (_TYPE, Iri(f"{SH}NodeShape")),
        (f"{SH}targetClass", Iri(uri)),
        (f"{SH}or", Items(choices)),
    )


def _class(values: Values, cls: ClassModel, *, alone: bool) -> Pairs:
    pairs: list[tuple[str, Term]] = [(_TYPE, Iri(f"{SH}NodeShape"))]
    if alone:
        pairs.append((f"{SH}targetClass", Iri(cls.uri)))
    pairs.append((f"{SH}name", Literal(cls.title or cls.name)))
    if cls.description:
        pairs.append((f"{SH}description", Literal(cls.description)))
    if cls.identifier:
        pairs.append((f"{SH}nodeKind", Iri(f"{SH}IRI")))
    if cls.extra is None:
        pairs.append((f"{SH}closed", _TRUE))
        pairs.append((f"{SH}ignoredProperties", Items((Iri(_TYPE),))))
    groups: dict[str, list[SlotModel]] = {}
    for slot in cls.slots.values():
        if not slot.identifier and slot != designator_of(cls):
            groups.setdefault(slot.uri, []).append(slot)
    for order, (uri, slots) in enumerate(groups.items(), start=1):
        pairs.append((f"{SH}property", _property(values, uri, slots, order)))
    return (*pairs, *rule_pairs(values, cls))


def _property(values: Values, uri: str, slots: list[SlotModel], order: int) -> Node:
    """A property shape; slots with one URI share it, and a value then has to fit one of them."""
    pairs: list[tuple[str, Term]] = [(f"{SH}path", Iri(uri)), (f"{SH}order", whole(order))]
    pairs.append((f"{SH}name", Literal(" / ".join(slot.title or slot.name for slot in slots))))
    if prose := " / ".join(slot.description for slot in slots if slot.description):
        pairs.append((f"{SH}description", Literal(prose)))
    counts = [_counted(values.schema, slot) for slot in slots]
    low = max(count.minimum for count in counts)
    tops = [count.maximum for count in counts]
    if low:
        pairs.append((f"{SH}minCount", whole(low)))
    if None not in tops:
        pairs.append((f"{SH}maxCount", whole(sum(top for top in tops if top is not None))))
    fitting = [values.value(value_of(values.schema, slot)) for slot in slots]
    if len(fitting) == 1:
        return node([tuple(pairs), fitting[0]])
    if all(fitting):
        pairs.append((f"{SH}or", Items(tuple(Node(found) for found in dict.fromkeys(fitting)))))
    return Node(tuple(pairs))


def _counted(schema: SchemaModel, slot: SlotModel) -> Count:
    """The count of a slot's values as triples: equal values are one triple, so a list needs but one.

    Objects of one collection are distinct, and so are their nodes.
    """
    count = count_of(slot)
    if slot.many and value_of(schema, slot).kind is Kind.OBJECT:
        return count
    if slot.many:
        return Count(min(count.minimum, 1), count.maximum)
    if count.minimum > 1:
        return Count(1, 0)
    return count

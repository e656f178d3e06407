"""The frozen, fully resolved form of a LinkML schema; what every other room knows a model by.

Every class holds its *induced* slots: inherited, refined by ``slot_usage``, with ranges, inlining
and URIs decided, so that nobody looks anything up in a schema while a record is on its way.
The types are :mod:`msgspec` structs: frozen, typed, and readable back from a cache without trust.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

import msgspec

from semantics.errors import Location
from semantics.lexical import Primitive

__all__ = [
    "LINKML_ANY",
    "XSD",
    "ClassExpression",
    "ClassModel",
    "EnumModel",
    "Form",
    "PermissibleValue",
    "Primitive",
    "Rule",
    "SchemaModel",
    "SlotExpression",
    "SlotModel",
    "TypeModel",
    "UniqueKey",
]

LINKML_ANY: Final = "https://w3id.org/linkml/Any"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"


class Form(StrEnum):
    """How the value of a slot stands in an instance."""

    SCALAR = "scalar"
    """A literal of a type or a permissible value."""
    REFERENCE = "reference"
    """The identifier of an object that stands elsewhere."""
    OBJECT = "object"
    """The object itself; in a list when the slot is multivalued."""
    KEYED = "keyed"
    """Objects in a mapping by their identifier (LinkML: inlined, multivalued, not as a list)."""


class _Base(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    pass


class TypeModel(_Base, frozen=True, kw_only=True):
    """A named scalar type: its value space, its RDF datatype (IRI) and the facets it adds.

    ``as_text`` says that JSON carries the value as a string (LinkML ``repr: str``).
    """

    name: str
    primitive: Primitive
    uri: str
    description: str | None = None
    patterns: tuple[str, ...] = ()
    minimum_value: Decimal | None = None
    maximum_value: Decimal | None = None
    equals_string_in: tuple[str, ...] = ()
    as_text: bool = False
    builtin: bool = False
    from_schema: str = ""
    location: Location | None = None


class PermissibleValue(_Base, frozen=True, kw_only=True):
    """One value of an enum, with the IRI of its meaning where it has one."""

    text: str
    description: str | None = None
    title: str | None = None
    meaning: str | None = None
    deprecated: str | None = None
    location: Location | None = None


class EnumModel(_Base, frozen=True, kw_only=True):
    """A closed code list."""

    name: str
    values: dict[str, PermissibleValue]
    description: str | None = None
    uri: str | None = None
    from_schema: str = ""
    location: Location | None = None


class SlotExpression(_Base, frozen=True, kw_only=True):
    """Constraints on the values of a slot; the parts of the boolean constraints are of this kind too."""

    range: str | None = None
    required: bool | None = None
    multivalued: bool | None = None
    pattern: str | None = None
    minimum_value: Decimal | None = None
    maximum_value: Decimal | None = None
    minimum_cardinality: int | None = None
    maximum_cardinality: int | None = None
    exact_cardinality: int | None = None
    equals_string: str | None = None
    equals_string_in: tuple[str, ...] = ()
    equals_number: Decimal | None = None
    value_presence: str | None = None
    any_of: tuple[SlotExpression, ...] = ()
    all_of: tuple[SlotExpression, ...] = ()
    none_of: tuple[SlotExpression, ...] = ()
    exactly_one_of: tuple[SlotExpression, ...] = ()

    @property
    def boolean(self) -> Iterator[tuple[str, tuple[SlotExpression, ...]]]:
        """The boolean constraints that are there, by LinkML's name."""
        for name in ("any_of", "all_of", "none_of", "exactly_one_of"):
            if parts := getattr(self, name):
                yield name, parts

    @property
    def ranges(self) -> Iterator[str]:
        """The names of all ranges that are said, those of the boolean constraints too."""
        if self.range is not None:
            yield self.range
        for _, parts in self.boolean:
            for part in parts:
                yield from part.ranges


class SlotModel(SlotExpression, frozen=True, kw_only=True):
    """A slot as one class has it: inherited, refined and resolved.

    ``uri`` is the IRI of the RDF property, ``owner`` the class that introduced the slot, ``attribute`` says that only
    classes define it (else it stands by itself, and any class may have it), ``unit_scheme`` the
    field of LinkML's ``unit`` that holds its ``unit`` (``ucum_code``, ``symbol``, …),
    ``reference_prefix`` nothing but the default namespace for bare identifiers.
    """

    name: str
    uri: str
    form: Form = Form.SCALAR
    owner: str = ""
    attribute: bool = False
    title: str | None = None
    description: str | None = None
    recommended: bool = False
    identifier: bool = False
    designates_type: bool = False
    unit: str | None = None
    unit_scheme: str | None = None
    deprecated: str | None = None
    aliases: tuple[str, ...] = ()
    see_also: tuple[str, ...] = ()
    annotations: dict[str, str] = {}
    location: Location | None = None

    @property
    def many(self) -> bool:
        """Whether the slot holds a collection."""
        return bool(self.multivalued)


class UniqueKey(_Base, frozen=True, kw_only=True):
    """Slots whose values together may occur once among the instances of a class."""

    name: str
    slots: tuple[str, ...]


class ClassExpression(_Base, frozen=True, kw_only=True):
    """A condition on an instance: of a class, and with slots that fulfil conditions."""

    is_a: str | None = None
    slot_conditions: dict[str, SlotExpression] = {}
    any_of: tuple[ClassExpression, ...] = ()
    all_of: tuple[ClassExpression, ...] = ()
    none_of: tuple[ClassExpression, ...] = ()
    exactly_one_of: tuple[ClassExpression, ...] = ()


class Rule(_Base, frozen=True, kw_only=True):
    """If the preconditions hold, then the postconditions must; else the else-conditions."""

    preconditions: ClassExpression | None = None
    postconditions: ClassExpression | None = None
    elseconditions: ClassExpression | None = None
    bidirectional: bool = False
    description: str | None = None
    location: Location | None = None


class ClassModel(_Base, frozen=True, kw_only=True):
    """A class with its induced slots, in the order in which they were declared.

    ``ancestors`` are the class itself, then mixins and parents, nearest first;
    ``descendants`` all classes below it, in the schema's order, itself not among them. ``extra`` is what an open class
    (``extra_slots``) takes under a key that is none of its slots: a slot without a name, and never required. A class
    says it of itself alone: LinkML does not inherit it.
    """

    name: str
    uri: str
    slots: dict[str, SlotModel]
    extra: SlotModel | None = None
    ancestors: tuple[str, ...]
    descendants: tuple[str, ...] = ()
    is_a: str | None = None
    mixins: tuple[str, ...] = ()
    abstract: bool = False
    mixin: bool = False
    tree_root: bool = False
    title: str | None = None
    description: str | None = None
    identifier: str | None = None
    designator: str | None = None
    rules: tuple[Rule, ...] = ()
    conditions: ClassExpression | None = None
    unique_keys: tuple[UniqueKey, ...] = ()
    deprecated: str | None = None
    aliases: tuple[str, ...] = ()
    see_also: tuple[str, ...] = ()
    annotations: dict[str, str] = {}
    from_schema: str = ""
    location: Location | None = None

    def own_slots(self, schema: SchemaModel) -> tuple[str, ...]:
        """Names of the slots that the class's parents and mixins do not have just so."""
        parents = [schema.classes[name] for name in self.ancestors[1:]]
        return tuple(
            name
            for name, slot in self.slots.items()
            if not any(_same(parent.slots.get(name), slot) for parent in parents)
        )


def _same(inherited: SlotModel | None, slot: SlotModel) -> bool:
    return inherited is not None and inherited == slot


class SchemaModel(_Base, frozen=True, kw_only=True):
    """A whole schema, imports included.

    ``namespaces`` maps prefix to IRI; ``default_namespace`` is the IRI in front of bare names;
    ``files`` maps every file that was read to the SHA-256 of its bytes (cache key and provenance);
    ``modules`` lists the names of the schemas merged here, this one last.
    """

    name: str
    id: str
    namespaces: dict[str, str]
    default_namespace: str
    classes: dict[str, ClassModel]
    enums: dict[str, EnumModel]
    types: dict[str, TypeModel]
    version: str | None = None
    title: str | None = None
    description: str | None = None
    license: str | None = None
    imports: dict[str, tuple[str, ...]] = {}
    modules: tuple[str, ...] = ()
    files: dict[str, str] = {}

    @property
    def tree_root(self) -> str | None:
        """The class marked ``tree_root``, if exactly one is."""
        roots = [name for name, cls in self.classes.items() if cls.tree_root]
        return roots[0] if len(roots) == 1 else None

    def expand(self, curie: str) -> str:
        """The IRI that a CURIE stands for; anything else comes back as it is.

        Only declared prefixes expand: ``http:…`` and ``urn:…`` are IRIs already.
        """
        prefix, colon, local = curie.partition(":")
        namespace = self.namespaces.get(prefix) if colon else None
        return curie if namespace is None or local.startswith("//") else namespace + local

    def compact(self, iri: str) -> str | None:
        """The shortest CURIE for an IRI by the declared prefixes, or None."""
        fitting = [
            (len(namespace), f"{prefix}:{iri[len(namespace) :]}")
            for prefix, namespace in self.namespaces.items()
            if namespace and iri.startswith(namespace)
        ]
        return max(fitting)[1] if fitting else None

    def takes_any(self, name: str | None) -> bool:
        """Whether a range takes any value: ``Any``, or a class whose IRI is that of ``linkml:Any``."""
        cls = self.classes.get(name or "")
        return cls.uri == LINKML_ANY if cls else name == "Any"

    def is_a(self, name: str, ancestor: str) -> bool:
        """Whether class ``name`` is ``ancestor`` or below it."""
        cls = self.classes.get(name)
        return cls is not None and ancestor in cls.ancestors

    def concrete(self, name: str) -> tuple[str, ...]:
        """The classes whose instances may stand where ``name`` is the range."""
        cls = self.classes[name]
        return tuple(
            candidate
            for candidate in (name, *cls.descendants)
            if not (self.classes[candidate].abstract or self.classes[candidate].mixin)
        )

    def primitive(self, slot: SlotExpression) -> Primitive | None:
        """The value space of a scalar slot; None for enums and classes."""
        found = self.types.get(slot.range or "")
        return found.primitive if found else None

    def digest(self) -> str:
        """SHA-256 over the names and bytes of all files the schema was made from."""
        import hashlib

        text = "\n".join(f"{digest}" for _, digest in sorted(self.files.items()))
        return hashlib.sha256(f"{self.name}\n{text}".encode()).hexdigest()


def to_json(model: Any) -> bytes:
    """A model as canonical JSON: what caches hold and digests are made of."""
    return msgspec.json.encode(model, order="deterministic")

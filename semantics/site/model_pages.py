"""What the pages of schemas, classes and enums show: plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass

from semantics.site.diagram import Diagram
from semantics.site.names import Ref

__all__ = [
    "ClassPage",
    "EnumPage",
    "Link",
    "ListedClass",
    "Range",
    "SchemaPage",
    "SlotRow",
    "Term",
    "TypeRow",
    "ValueRow",
]


@dataclass(frozen=True, slots=True)
class Term:
    """An IRI, as it is written short and in full."""

    iri: str
    short: str

    @property
    def followed(self) -> bool:
        """Whether it can be a link: an address of the web, with nothing in it that such an address has not."""
        return self.iri.startswith(("http://", "https://")) and self.iri.isprintable() and " " not in self.iri


@dataclass(frozen=True, slots=True)
class Range:
    """One range of a slot, and where it is described."""

    name: str
    ref: Ref | None


@dataclass(frozen=True, slots=True)
class Link:
    """A published or own link of a term to another vocabulary (SSSOM)."""

    predicate: str
    object: Term
    label: str = ""


@dataclass(frozen=True, slots=True)
class SlotRow:
    """A slot as a class has it."""

    name: str
    anchor: str
    ranges: tuple[Range, ...]
    cardinality: str
    term: Term
    title: str | None = None
    description: str | None = None
    unit: str | None = None
    flags: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    deprecated: str | None = None
    links: tuple[Link, ...] = ()
    filled: tuple[Ref, ...] = ()
    """The derivations of mappings that write it."""


@dataclass(frozen=True, slots=True)
class ClassPage:
    """A class: what it is, what it has, what stands around it, and which mappings make or read it."""

    ref: Ref
    title: str | None
    description: str | None
    term: Term
    kinds: tuple[str, ...]
    ancestors: tuple[Range, ...]
    children: tuple[Range, ...]
    slots: tuple[tuple[Range | None, tuple[SlotRow, ...]], ...]
    """Slots by the class that they come from: its own first (None), then those of what it inherits from."""
    users: tuple[tuple[Range, str], ...]
    rules: tuple[str, ...]
    aliases: tuple[str, ...]
    see_also: tuple[Term, ...]
    deprecated: str | None
    diagram: Diagram
    links: tuple[Link, ...] = ()
    made_by: tuple[Ref, ...] = ()
    read_by: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class ValueRow:
    """A permissible value."""

    text: str
    anchor: str
    title: str | None
    description: str | None
    meaning: Term | None
    deprecated: str | None
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class EnumPage:
    """A code list of a model: its values with their meanings, and the slots that hold them."""

    ref: Ref
    description: str | None
    term: Term | None
    values: tuple[ValueRow, ...]
    users: tuple[tuple[Range, str], ...]


@dataclass(frozen=True, slots=True)
class TypeRow:
    """A scalar type that a schema defines."""

    name: str
    anchor: str
    primitive: str
    term: Term
    description: str | None
    constraints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListedClass:
    """A class in the list of a schema: how deep it stands below its parents there, and its first sentence."""

    ref: Ref
    depth: int
    slots: int
    abstract: bool
    summary: str


@dataclass(frozen=True, slots=True)
class SchemaPage:
    """A schema: what it is about, its classes and enums, what it imports and which mappings use it."""

    ref: Ref
    title: str
    description: str | None
    iri: Term
    version: str | None
    license: str | None
    file: str | None
    own: bool
    imports: tuple[Ref, ...]
    imported_by: tuple[Ref, ...]
    prefixes: tuple[tuple[str, str], ...]
    classes: tuple[ListedClass, ...]
    enums: tuple[tuple[Ref, int, str], ...]
    types: tuple[TypeRow, ...]
    diagram: Diagram | None
    shown: int
    """How many of its classes the diagram has."""
    sources: tuple[Ref, ...] = ()
    targets: tuple[Ref, ...] = ()
    links: int = 0

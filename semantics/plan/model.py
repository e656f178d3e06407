"""The nodes of a plan. Every one knows the line of the mapping it came from.

A plan is data: it can be written to a cache as JSON and read back without trust. Names are resolved
against both schemas, conversions are named steps of
:data:`~semantics.expressions.values.CONVERSIONS`, code lists are tables of constants.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from semantics.errors import Location
from semantics.expressions.tree import Expr, Literal, Path
from semantics.plan.tables import TableDialect

__all__ = [
    "DOCUMENT",
    "FINISHED",
    "MADE",
    "Build",
    "ClassLayout",
    "ClassRule",
    "CodeTable",
    "Codes",
    "Compute",
    "Constant",
    "Derive",
    "Forms",
    "Group",
    "GroupKey",
    "Inner",
    "Join",
    "Layout",
    "Lookup",
    "ObjectForm",
    "Plan",
    "Read",
    "RecordSelector",
    "Several",
    "SlotLayout",
    "SlotRule",
    "SourceClass",
    "SourcePlan",
    "Template",
    "TemplatePart",
]


MADE: Final = "="
"""The variable that stands for the instance that is being made; no name of a mapping can be spelled so."""

FINISHED: Final = "=value"
"""The variable under which ``SlotRule.finish`` sees the value."""

DOCUMENT: Final = "=document"
"""The variable that holds the whole record, where references are looked up (``Plan.document``)."""


class _Node(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    pass


class _Value(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="node", omit_defaults=True):
    pass


class Constant(_Value, frozen=True, kw_only=True):
    """The same value for every record; a list of several for a multivalued slot."""

    items: tuple[Literal, ...]


class Read(_Value, frozen=True, kw_only=True):
    """The value at a path of the source, brought to the target's type by ``SlotRule.convert``."""

    path: Path


class Compute(_Value, frozen=True, kw_only=True):
    """The value of an expression."""

    expression: Expr


class TemplatePart(_Node, frozen=True, kw_only=True):
    """A piece of an IRI template: fixed text, or a value that is percent-encoded.

    ``keep_reserved`` (``{+x}``) leaves reserved characters such as ``/`` as they are.
    """

    text: str | None = None
    value: Expr | None = None
    keep_reserved: bool = False


class Template(_Value, frozen=True, kw_only=True):
    """An IRI made from a template (RFC 6570, levels 1 and 2); null when one of its values is."""

    parts: tuple[TemplatePart, ...]


class Build(_Value, frozen=True, kw_only=True):
    """Objects made by class rules: of the current scope, of one object, or of each element of a list.

    ``over`` is the path of that object or list (of its element ``index``, where one is asked for); None means
    the current scope. ``variable`` is
    the name under which the rules see it. Every rule whose ``where`` holds makes an object. With
    ``identifier`` only the value of that slot of each object is kept: a reference to it.
    """

    rules: tuple[str, ...]
    identifier: str | None = None
    over: Path | None = None
    index: int | None = None
    variable: str | None = None


class Derive(_Value, frozen=True, kw_only=True):
    """A value in which every object is replaced by what a rule makes of it; anything else stays as it is.

    The objects are the value itself, or with ``many`` the elements of a list and the values of a mapping (and a
    single value becomes a list). The rule sees the object as its first variable, its others as they are
    here. Without a ``rule`` an object is the fault that ``fault`` tells.
    """

    value: Expr
    rule: str | None = None
    many: bool = False
    fault: str = ""


class Several(_Value, frozen=True, kw_only=True):
    """What several derivations make, nulls left out: all of it where the slot holds many, else the first."""

    parts: tuple[Derive, ...]


Value = Constant | Read | Compute | Template | Build | Derive | Several


class CodeTable(_Node, frozen=True, kw_only=True):
    """A code map as expressions look it up; one plan has each of them once.

    A code that it does not have stays as it is (``passes``), or becomes ``otherwise``.
    """

    codes: dict[str, str | None]
    passes: bool = False
    otherwise: str | None = None


class Codes(_Node, frozen=True, kw_only=True):
    """A table from source codes to target values, and what is done with a code that is not in it.

    ``computed`` holds codes whose value is an expression over the variables in scope.
    """

    table: dict[str, Literal]
    unmapped: str = "error"
    computed: dict[str, Expr] = {}


class SlotRule(_Node, frozen=True, kw_only=True):
    """How one slot of the target is filled.

    Where ``where`` is not true the slot is left out. Else, in this order: the value; its codes looked
    up; the default where it is null; each element converted by the steps of ``convert``; one value
    or a list as ``many`` says. ``reads`` are the source paths (dotted, from the record) that end up in the slot. A
    rule that keeps nulls has ``finish`` instead of codes and conversions: an expression that sees what is not null
    as the variable :data:`FINISHED`.
    """

    slot: str
    value: Value
    origin: Location
    codes: Codes | None = None
    default: Constant | None = None
    convert: tuple[str, ...] = ()
    many: bool = False
    keyed: str | None = None
    where: Expr | None = None
    finish: Expr | None = None
    reads: tuple[str, ...] = ()

    @property
    def rule(self) -> str:
        """``file:line`` of the derivation, as reports name it."""
        return f"{self.origin.file or '<mapping>'}:{self.origin.line or 1}"


JOINED: Final = "&"
"""The first character of a variable that holds partners: what is read through it is not of the record itself."""


class Join(_Node, frozen=True, kw_only=True):
    """Partners that a rule looks up: ``variable`` holds the one (or null), or the list of them (``many``).

    ``lookup`` is the index they are found in by the value of ``key``. ``pick`` says which of several counts
    ("first", "last"); without it several are an error. ``required``: so is none.
    """

    alias: str
    variable: str
    source_class: str
    lookup: str
    key: Expr
    origin: Location
    many: bool = False
    pick: str | None = None
    required: bool = False


class ClassRule(_Node, frozen=True, kw_only=True):
    """How an instance of one class is made.

    ``scopes`` are the variables it sees, outermost first; ``objects`` those that are sure to be objects.
    ``joins`` are looked up in their order: after the condition, unless that reads them (``joins_first``).
    ``designator`` is the slot that names the class, where the plan fills it by itself. ``slots`` stand in
    the order in which they are made; ``arranged``, where it is there, names those that the instance
    has, in its order: the others are hidden. ``recalls``: expressions read slots made before, as
    slots of the variable :data:`MADE`. A root rule with ``over`` makes an instance of each element of that list of
    the record, which it sees as its last variable. ``fixed`` are the slots that every instance has alike: an object
    that has nothing else is left out. With ``keep_nulls`` every slot is written, null or not, and the
    slots' values are taken as they come. ``whole``: an expression that gives the instance, instead of slots.
    """

    id: str
    source_class: str | None
    target_class: str
    scopes: tuple[str, ...]
    objects: tuple[str, ...] = ()
    slots: tuple[SlotRule, ...]
    origin: Location
    designator: str | None = None
    fixed: tuple[str, ...] = ()
    where: Expr | None = None
    root: bool = False
    over: Path | None = None
    arranged: tuple[str, ...] | None = None
    recalls: bool = False
    keep_nulls: bool = False
    whole: Expr | None = None
    joins: tuple[Join, ...] = ()
    joins_first: bool = False

    @property
    def rule(self) -> str:
        """``file:line`` of the derivation, as reports name it."""
        return f"{self.origin.file or '<mapping>'}:{self.origin.line or 1}"


class RecordSelector(_Node, frozen=True, kw_only=True):
    """Where records stand in a document, and how their class is told."""

    path: str
    class_name: str | None = None
    class_by: str | None = None
    has: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


class Lookup(_Node, frozen=True, kw_only=True):
    """An index over the records of ``classes``, by ``key``: an expression over the variable ``record``."""

    classes: tuple[str, ...]
    key: Expr


class GroupKey(_Node, frozen=True, kw_only=True):
    """One of the values that the records of a group share; ``slot`` where it is that slot of the record."""

    name: str
    value: Expr
    slot: str | None = None


class Group(_Node, frozen=True, kw_only=True):
    """Records of ``classes`` with equal keys, which together are one record for ``rule``.

    That record has the keys, the list of its ``members``, and for each slot in ``lists`` the values that they
    have in it (True where the slot holds a list in each of them). ``where`` says which records are grouped.
    """

    rule: str
    source_class: str
    classes: tuple[str, ...]
    keys: tuple[GroupKey, ...]
    members: str
    lists: dict[str, bool]
    origin: Location
    where: Expr | None = None
    wrap: bool = False


NUMBER: Final = "number where it reads as one"
"""How linkml-map reads the cells of some tables."""


class SourceClass(_Node, frozen=True, kw_only=True):
    """What tells records of a source class from others, and how the cells of a table are read.

    ``columns`` maps each scalar slot to the primitive by which text is read (None: left as it is; :data:`NUMBER`: as a
    number, where it is one);
    an empty cell is null, but in those that ``keeps_empty`` names. ``others`` says how columns are read that the
    ``missing``: texts of a column that stand for no value in some slot; such a cell is left as it is.
    class does not have.
    """

    name: str
    required: tuple[str, ...]
    slots: tuple[str, ...]
    columns: dict[str, str | None]
    keeps_empty: tuple[str, ...] = ()
    missing: dict[str, tuple[str, ...]] = {}
    others: str | None = None


class SlotLayout(_Node, frozen=True, kw_only=True):
    """How a slot of a source class stands in a document whose values are all text (XML, RDF).

    ``iri`` is that of its property (``bound``: its own, not its name in the schema's namespace), ``holds`` the class
    of its objects, ``refers`` that of objects which stand elsewhere; else the value is a scalar, read by
    ``primitive`` (None: text as it is) and, where ``collapsed``, without the white space around it. ``open``: any
    value, of no class that is told. ``key``: objects by this identifier. ``meanings``: permissible values by the
    IRI of their meaning. ``missing``: texts that stand for no value, and so stay text. ``around``: what an XML element
    of this name only stands around, ``wrapper`` (slots of the same object) or ``items`` (the values of this slot).
    ``names``: further names that XML elements of the slot have. ``unit``: the UCUM code of its numbers.
    """

    name: str
    iri: str = ""
    bound: bool = False
    many: bool = False
    holds: str | None = None
    primitive: str | None = None
    collapsed: bool = False
    open: bool = False
    key: str | None = None
    refers: str | None = None
    meanings: dict[str, str] = {}
    missing: tuple[str, ...] = ()
    around: str | None = None
    names: tuple[str, ...] = ()
    unit: str | None = None


class ClassLayout(_Node, frozen=True, kw_only=True):
    """A source class as documents have it: its slots, the classes below it, and what tells them apart.

    ``text`` is the slot that holds the text of an element which has attributes too. ``snake``: names of XML are taken
    as words in small letters with ``_`` between. ``values``: the attribute that holds the values of scalars in XML.
    ``term``: the slots that hold the ``value``, ``language``, ``datatype`` and ``iri`` of what is one term
    in RDF. ``named``: blank nodes of the class have an identifier that is made of what is said of them.
    ``rest``: the slot whose objects are the properties that no slot has.
    """

    name: str
    iri: str
    slots: tuple[SlotLayout, ...]
    below: tuple[str, ...] = ()
    identifier: str | None = None
    designator: str | None = None
    text: str | None = None
    term: dict[str, str] = {}
    named: bool = False
    rest: str | None = None
    snake: bool = False
    values: str | None = None


class Layout(_Node, frozen=True, kw_only=True):
    """The source classes that records of documents are made of, and the schema's namespaces by prefix.

    ``records`` are the classes whose instances are records.
    """

    namespaces: dict[str, str]
    classes: dict[str, ClassLayout]
    records: tuple[str, ...] = ()


class ObjectForm(_Node, frozen=True, kw_only=True):
    """How an object of a class may be written in JSON.

    ``items``: an array holds the values of these slots in their order (``rest``: the last has all that are left).
    ``scalar``: a single value is that of this slot. ``position``: the slot that has the place of the object in its
    list, from 0. ``key``: the slot that has its key, where an object holds what a list should, and ``entry`` the one
    that has all that stands there. ``keys``: other keys
    that stand for slots. ``holds`` are the slots that hold objects, with their classes, ``many`` those that hold a
    list. ``merged``: slots whose object has slots of the object around it. ``elements``: slots that hold a list of
    data elements (EN 18223), each of them a slot of the object by its elementId.
    """

    holds: dict[str, str] = {}
    many: tuple[str, ...] = ()
    keys: dict[str, str] = {}
    merged: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    rest: bool = False
    scalar: str | None = None
    position: str | None = None
    key: str | None = None
    entry: str | None = None


class Forms(_Node, frozen=True, kw_only=True):
    """How records of JSON documents are brought into the form of the source schema.

    ``keys``: other keys by which a record tells its class, and the slots that they stand for.
    """

    keys: dict[str, str]
    classes: dict[str, ObjectForm]


class SourcePlan(_Node, frozen=True, kw_only=True):
    """The layout of the input. ``class_name`` is the class of records that do not come with one ("": none is).

    ``table`` is how tables are written. ``simplify`` names the standard whose records are brought into one form first.
    """

    format: str | None = None
    selectors: tuple[RecordSelector, ...] = ()
    unknown: str | None = None
    wrap_single_values: bool = False
    class_name: str | None = None
    simplify: str | None = None
    table: TableDialect = TableDialect()


class Inner(msgspec.Struct, frozen=True, array_like=True):
    """Objects in a slot of the source: whether they stand in a mapping by key, and the classes they can be of."""

    keyed: bool
    classes: tuple[str, ...]


class Plan(_Node, frozen=True, kw_only=True):
    """Everything a backend needs. ``roots`` maps a source class to the rules that its records start.

    ``code_maps`` are the tables that expressions look up by name.

    ``dialect`` says what its expressions mean (:data:`~semantics.expressions.dialects.DIALECTS`).
    ``lookups`` are the indices that joins look into, by their name. ``source_classes`` are all classes of
    the source schema that have instances: a table may be named after any of them. ``groups`` are the records
    that are put together before a rule has them, by a name that stands for their class.
    ``needs`` is what its functions need from the run: "now" (its instant), "key" (for pseudonyms).
    ``tables`` is the plan for rows of tables, where the dialect maps them otherwise than objects.
    ``layout`` says how objects of the source classes are read from documents whose values are text (XML, RDF).
    ``document``: rules see the whole record as a second variable, :data:`DOCUMENT`, in which references are looked
    up; these are the classes with their identifiers and the slots that hold objects.
    ``keyed``: classes of the source in which, or below which, objects stand in mappings by key, with those slots.
    ``forms``: how objects may be written otherwise in JSON, where the source schema says so.
    """

    name: str
    file: str | None
    source: SourcePlan
    rules: dict[str, ClassRule]
    roots: dict[str, tuple[str, ...]]
    classes: dict[str, SourceClass]
    source_schema: str
    target_schema: str
    digests: dict[str, str] = {}
    code_maps: dict[str, CodeTable] = {}
    dialect: str = "strict"
    lookups: dict[str, Lookup] = {}
    source_classes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    document: dict[str, Any] | None = None
    groups: dict[str, Group] = {}
    tables: Plan | None = None
    layout: Layout | None = None
    keyed: dict[str, dict[str, Inner]] = {}
    forms: Forms | None = None

    @property
    def record_classes(self) -> tuple[str, ...]:
        """The source classes whose records the mapping has a use for: for themselves, in groups or as partners."""
        if not (self.lookups or self.groups):
            return tuple(self.roots)
        grouped = (name for group in self.groups.values() for name in group.classes)
        return tuple(dict.fromkeys((*self.roots, *grouped, *sorted(self.partners))))

    @property
    def starts(self) -> dict[str, tuple[str, ...]]:
        """The rules that a record, or a group under its name, starts."""
        return {**self.roots, **{name: (group.rule,) for name, group in self.groups.items()}}

    @property
    def partners(self) -> frozenset[str]:
        """The source classes whose records joins look up."""
        return frozenset(name for lookup in self.lookups.values() for name in lookup.classes)

"""What one value of a slot may be, as every generator sees it: the single reading of the constraints.

A slot expression leaves open which range applies, and whether a class as range means the object or
its identifier. :func:`value_of` settles both once; the generators only print what it found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

import msgspec

from semantics.lexical import Primitive
from semantics.schema.counting import lifted, per_value, together
from semantics.schema.model import (
    ClassExpression,
    ClassModel,
    Form,
    Rule,
    SchemaModel,
    SlotExpression,
    SlotModel,
    TypeModel,
)

__all__ = [
    "IRI_PRIMITIVES",
    "NUMBERS",
    "SPELLED",
    "Count",
    "Kind",
    "Value",
    "alternatives",
    "condition_count",
    "conditions_of",
    "count_of",
    "designations",
    "designator_of",
    "identifier_type",
    "objects_of",
    "part_of",
    "patterns_of",
    "rules_of",
    "unique_of",
    "value_of",
]

IRI_PRIMITIVES: Final = frozenset({Primitive.URI, Primitive.URIORCURIE, Primitive.CURIE})
"""Value spaces whose values are IRIs in RDF."""
NUMBERS: Final = frozenset({Primitive.INTEGER, Primitive.DECIMAL, Primitive.FLOAT})


SPELLED: Final = NUMBERS | {Primitive.BOOLEAN}
"""Value spaces whose values have more than one spelling."""


class Kind(StrEnum):
    """What sort of thing a single value is."""

    ANY = "any"
    """Anything but null."""
    SCALAR = "scalar"
    """A value of a type."""
    ENUM = "enum"
    """A permissible value."""
    REFERENCE = "reference"
    """The identifier of an object that stands elsewhere."""
    OBJECT = "object"
    """An object of a class, or of a concrete class below it."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a slot: its kind, its range, the facets of the slot, and the boolean constraints.

    ``name`` is the type, enum or class; ``type_`` the type by which a scalar or a reference is read,
    whose own facets apply too. ``groups`` are pairs of LinkML's name (``any_of`` ...) and its parts.
    """

    kind: Kind
    name: str | None = None
    type_: TypeModel | None = None
    keyed: bool = False
    pattern: str | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    texts: tuple[tuple[str, ...], ...] = ()
    number: Decimal | None = None
    groups: tuple[tuple[str, tuple[Value, ...]], ...] = ()

    @property
    def primitive(self) -> Primitive | None:
        """The value space of a scalar or a reference."""
        return self.type_.primitive if self.type_ else None

    @property
    def bare(self) -> bool:
        """Whether nothing but the range constrains the value."""
        return not (self.faceted or self.groups)

    @property
    def faceted(self) -> bool:
        """Whether the slot adds a facet to the range."""
        bounds = (self.pattern, self.minimum, self.maximum, self.number)
        return bool(self.texts) or any(bound is not None for bound in bounds)


@dataclass(frozen=True, slots=True)
class Count:
    """How many values a slot may hold; ``maximum`` None is no limit. A single value counts as one."""

    minimum: int
    maximum: int | None


def value_of(schema: SchemaModel, slot: SlotModel) -> Value:
    """What one value of a slot (one item, where it is multivalued) may be."""
    return _value(schema, per_value(slot), slot.form, _applying_range(slot))


def _applying_range(slot: SlotExpression) -> str | None:
    """The range of every value; None where only the parts of the boolean constraints give ranges."""
    return None if slot.range == "string" and _parts_have_range(slot) else slot.range


def _parts_have_range(expression: SlotExpression) -> bool:
    return any(
        part.range is not None or _parts_have_range(part)
        for name, parts in expression.boolean
        if name != "none_of"
        for part in parts
    )


def _value(schema: SchemaModel, expression: SlotExpression, form: Form, range_: str | None) -> Value:
    kind, type_ = _kind(schema, form, range_)
    texts = [expression.equals_string_in] if expression.equals_string_in else []
    if expression.equals_string is not None:
        texts.append((expression.equals_string,))
    return Value(
        kind=kind,
        name=range_,
        type_=type_,
        keyed=kind is Kind.OBJECT and form is Form.KEYED,
        pattern=expression.pattern,
        minimum=expression.minimum_value,
        maximum=expression.maximum_value,
        texts=tuple(texts),
        number=expression.equals_number,
        groups=tuple(
            (name, tuple(_value(schema, part, form, part.range) for part in parts))
            for name, parts in expression.boolean
        ),
    )


def _kind(schema: SchemaModel, form: Form, range_: str | None) -> tuple[Kind, TypeModel | None]:
    if range_ is None or schema.takes_any(range_):
        return Kind.ANY, None
    if range_ in schema.classes:
        cls = schema.classes[range_]
        if cls.identifier is not None and form in (Form.REFERENCE, Form.SCALAR):
            return Kind.REFERENCE, identifier_type(schema, cls)
        return Kind.OBJECT, None
    if range_ in schema.enums:
        return Kind.ENUM, None
    return Kind.SCALAR, schema.types[range_]


def part_of(schema: SchemaModel, expression: SlotExpression, form: Form) -> Value:
    """What a slot condition asks of one value: like a part of a boolean constraint."""
    return _value(schema, expression, form, expression.range)


def rules_of(cls: ClassModel) -> list[Rule]:
    """The rules of a class, with counts inside boolean constraints as conditions of their own."""
    return [
        msgspec.structs.replace(
            rule,
            preconditions=rule.preconditions and lifted(rule.preconditions),
            postconditions=rule.postconditions and lifted(rule.postconditions),
            elseconditions=rule.elseconditions and lifted(rule.elseconditions),
        )
        for rule in cls.rules
    ]


def conditions_of(schema: SchemaModel, cls: ClassModel) -> list[tuple[ClassExpression, SlotModel | None]]:
    """What instances must fulfil as a whole: what classes state, and what boolean constraints of slots count.

    Each comes with the slot that it is about, if that is only one.
    """
    stated = [schema.classes[name].conditions for name in cls.ancestors]
    found: list[tuple[ClassExpression, SlotModel | None]] = [(lifted(each), None) for each in stated if each]
    counted = [(together(slot.name, slot), slot) for slot in cls.slots.values()]
    return found + [(expression, slot) for expression, slot in counted if expression is not None]


def patterns_of(schema: SchemaModel, *expressions: SlotExpression | ClassExpression | None) -> Iterator[str]:
    """Every pattern inside expressions, those of the types that they name among them."""
    waiting = [each for each in expressions if each is not None]
    for found in waiting:
        waiting += (*found.any_of, *found.all_of, *found.none_of, *found.exactly_one_of)
        if isinstance(found, ClassExpression):
            waiting += found.slot_conditions.values()
            continue
        type_ = schema.types.get(found.range or "")
        yield from (*(type_.patterns if type_ else ()), *((found.pattern,) if found.pattern is not None else ()))


def identifier_type(schema: SchemaModel, cls: ClassModel) -> TypeModel:
    """The type by which a reference to ``cls`` is read.

    IRI or CURIE where the identifier slot is one of the two, else the identifier slot's own type.
    """
    range_ = cls.slots[cls.identifier].range if cls.identifier else None
    found = schema.types.get(range_ or "string", schema.types["string"])
    if found.primitive in (Primitive.URI, Primitive.URIORCURIE):
        return msgspec.structs.replace(found, primitive=Primitive.URIORCURIE)
    return found


def count_of(slot: SlotExpression) -> Count:
    """How many values the slot needs at least and takes at most; absence, null and ``[]`` are none.

    The cardinalities bind single-valued slots too; an identifier is always needed.

    >>> count_of(SlotExpression(required=True)), count_of(SlotExpression(value_presence="ABSENT"))
    (Count(minimum=1, maximum=1), Count(minimum=0, maximum=0))
    """
    low = max(slot.minimum_cardinality or 0, slot.exact_cardinality or 0)
    if slot.required or slot.value_presence == "PRESENT" or getattr(slot, "identifier", False):
        low = max(low, 1)
    tops = [top for top in (slot.maximum_cardinality, slot.exact_cardinality) if top is not None]
    high = min(tops, default=None)
    if slot.value_presence == "ABSENT":
        high = 0
    if not slot.multivalued and (high is None or high > 1):
        high = 1
    return Count(low, high)


def condition_count(condition: SlotExpression, *, strict: bool) -> Count:
    """How many values a slot condition asks for; ``maximum`` None is no limit.

    A ``strict`` condition (of a rule, or below none_of) that says nothing about presence needs a value.
    """
    found = count_of(msgspec.structs.replace(condition, multivalued=True))
    silent = condition.required is None and condition.value_presence is None
    if strict and silent and found == Count(0, None):
        return Count(1, None)
    return found


def objects_of(value: Value) -> Iterator[Value]:
    """The object values among a value and the parts of its constraints."""
    if value.kind is Kind.OBJECT:
        yield value
    for _, parts in value.groups:
        for part in parts:
            yield from objects_of(part)


def designator_of(cls: ClassModel) -> SlotModel | None:
    """The slot by which an object tells its class; one that holds a list tells nothing."""
    slot = cls.slots.get(cls.designator or "")
    return None if slot is None or slot.many else slot


def unique_of(schema: SchemaModel, cls: ClassModel) -> tuple[tuple[str, ...], ...]:
    """What is unique among objects: the name of the key (none: the identifier), the class it holds in, its slots."""
    found: list[tuple[str, ...]] = []
    if cls.identifier is not None:
        found.append(("", cls.slots[cls.identifier].owner, cls.identifier))
    for key in cls.unique_keys:
        stating = [name for name in cls.ancestors if key in schema.classes[name].unique_keys]
        found.append((key.name, stating[-1], *key.slots))
    return tuple(found)


def designations(schema: SchemaModel, declared: ClassModel, cls: ClassModel) -> tuple[str, ...]:
    """The texts that name ``cls`` in the designator of ``declared``.

    The class's name; its URI and its CURIE where the slot holds one (LinkML 1.x, "type designators").
    """
    slot = designator_of(declared)
    if slot is None:
        return ()
    if schema.primitive(slot) not in IRI_PRIMITIVES:
        return (cls.name,)
    curie = schema.compact(cls.uri)
    return (cls.uri,) if curie is None or curie == cls.uri else (cls.uri, curie)


def alternatives(schema: SchemaModel, name: str) -> tuple[str, ...]:
    """The concrete classes that may stand where class ``name`` is the range of an object.

    Without a type designator only ``name`` itself can be meant.
    """
    if designator_of(schema.classes[name]) is None:
        return tuple(found for found in schema.concrete(name) if found == name)
    return schema.concrete(name)

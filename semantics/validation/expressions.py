"""Checks of a value against a slot expression: range, facets, and the boolean constraints over them.

any_of, all_of, none_of and exactly_one_of judge each single value. Presence and cardinality are not
questions about one value; :mod:`semantics.validation.slots` and ``conditions`` ask them, also for the parts
of boolean constraints that count (:mod:`semantics.schema.counting`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Protocol

import msgspec

from semantics.errors import shape
from semantics.lexical import Primitive
from semantics.schema.counting import per_value
from semantics.schema.model import Form, SchemaModel, SlotExpression, SlotModel
from semantics.validation.findings import Place, shortened
from semantics.validation.scalars import (
    MAX_LISTED,
    ValueCheck,
    any_check,
    enum_check,
    facets_of,
    type_check,
)

__all__ = [
    "Objects",
    "boolean",
    "class_ranges",
    "expression_check",
    "slot_range",
    "value_check",
    "words",
]

_IRIS: Final = frozenset({Primitive.URI, Primitive.URIORCURIE})


class Objects(Protocol):
    """Who checks objects: the table of compiled classes."""

    @property
    def schema(self) -> SchemaModel:
        """The schema that ranges are names of."""

    def object_check(self, range_: str, *, keyed: bool) -> ValueCheck:
        """The check of an object where ``range_`` is the declared class.

        ``keyed`` objects stand under their identifier, and may omit the identifier slot.
        """

    def admits(self, range_: str, value: Any) -> bool:
        """Whether a value is an object that is meant as an instance of ``range_``, valid or not."""


def class_ranges(schema: SchemaModel, expression: SlotExpression) -> Iterator[str]:
    """The classes that a slot expression or a part of it names as ranges."""
    if expression.range in schema.classes:
        yield expression.range or ""
    for _, parts in expression.boolean:
        for part in parts:
            yield from class_ranges(schema, part)


def slot_range(slot: SlotExpression) -> str | None:
    """The range that applies to every value of a slot; None where the parts of any_of give the ranges.

    A slot that says any_of with ranges and nothing else has the default range in the model.
    """
    if slot.range == "string" and any(
        _has_range(part) for name, parts in slot.boolean if name != "none_of" for part in parts
    ):
        return None
    return slot.range


def _has_range(expression: SlotExpression) -> bool:
    return expression.range is not None or any(
        _has_range(part) for name, parts in expression.boolean if name != "none_of" for part in parts
    )


def value_check(objects: Objects, slot: SlotModel) -> ValueCheck:
    """The check of one value of a slot; of one item where the slot is multivalued."""
    return expression_check(objects, per_value(slot), slot.form, slot_range(slot))


def expression_check(objects: Objects, expression: SlotExpression, form: Form, range_: str | None) -> ValueCheck:
    """The check of one value against an expression, in a slot of the given form."""
    base = _range_check(objects, expression, form, range_)
    groups = tuple(
        _Group(objects, name, parts, [expression_check(objects, part, form, part.range) for part in parts])
        for name, parts in expression.boolean
    )
    return _together(base, groups) if groups else base


def _range_check(objects: Objects, expression: SlotExpression, form: Form, range_: str | None) -> ValueCheck:
    """Range and facets together."""
    schema = objects.schema
    if range_ is None or schema.takes_any(range_):
        return any_check(facets_of(expression))
    if range_ in schema.enums:
        return enum_check(schema.enums[range_], facets_of(expression, Primitive.STRING))
    if range_ in schema.types:
        type_ = schema.types[range_]
        return type_check(type_, facets_of(expression, type_.primitive))
    if schema.classes[range_].identifier is not None and form in (Form.REFERENCE, Form.SCALAR):
        return _reference_check(schema, range_, expression)
    check = objects.object_check(range_, keyed=form is Form.KEYED)
    facets = facets_of(expression)
    return _together(check, (any_check(facets),)) if facets else check


def _reference_check(schema: SchemaModel, range_: str, expression: SlotExpression) -> ValueCheck:
    """Text that can be the identifier of an instance of ``range_``.

    An IRI or CURIE where the identifier slot is one, else a value of the identifier slot's type.
    """
    cls = schema.classes[range_]
    name = cls.slots[cls.identifier or ""].range or "string"
    type_ = schema.types.get(name, schema.types["string"])
    if type_.primitive in _IRIS:
        type_ = msgspec.structs.replace(type_, primitive=Primitive.URIORCURIE)
    kind = type_check(type_)
    check = type_check(type_, facets_of(expression, type_.primitive))

    def explain(value: Any, place: Place) -> None:
        if kind.exact(value):
            check.explain(value, place)
            return
        hint = f"identifiers of '{range_}' are of the type '{name}'"
        if isinstance(value, dict):
            hint = "the slot holds a reference, not the object itself"
        text = f"expected the identifier of a '{range_}', found {shape(value)}"
        place.note("VAL014", "range", text, hint=hint)

    return ValueCheck(check.exact, explain, check.quick, check.only)


# -- boolean constraints -------------------------------------------------------------------------


class _Judge(Protocol):
    """What :func:`_together` joins: something that takes a value or explains why not."""

    @property
    def exact(self) -> Callable[[Any], bool]: ...

    @property
    def explain(self) -> Callable[[Any, Place], None]: ...


def _together(base: ValueCheck, more: Sequence[_Judge]) -> ValueCheck:
    """The check that a value passes ``base`` and everything in ``more``."""
    tests = tuple(judge.exact for judge in more)

    def exact(value: Any) -> bool:
        if not base.exact(value):
            return False
        return all(test(value) for test in tests)

    def explain(value: Any, place: Place) -> None:
        if not base.exact(value):
            base.explain(value, place)
            return
        for judge in more:
            if not judge.exact(value):
                judge.explain(value, place)

    return ValueCheck(exact, explain, exact)


class _Group:
    """One boolean constraint: its name, and the checks of its parts."""

    def __init__(
        self, objects: Objects, name: str, parts: Sequence[SlotExpression], checks: Sequence[ValueCheck]
    ) -> None:
        self.name = name
        self.objects = objects
        self.parts = parts
        self.checks = checks
        self.exact: Callable[[Any], bool] = boolean(name, [check.exact for check in checks])

    def explain(self, value: Any, place: Place) -> None:
        """Why the constraint does not hold: in the part that was meant, where that is plain."""
        held = sum(check.exact(value) for check in self.checks)
        meant = self._meant(value) if not held and self.name != "none_of" else None
        if self.name == "all_of":
            for check in self.checks:
                if not check.exact(value):
                    check.explain(value, place)
        elif meant is not None:
            meant.explain(value, place)
        else:
            text = f"{self.name}: {held} of its {len(self.parts)} parts hold for this {shape(value)}"
            hint = "; ".join(map(words, self.parts[:MAX_LISTED]))
            place.note("VAL010", self.name, text, hint=f"the parts are: {hint}")

    def _meant(self, value: Any) -> ValueCheck | None:
        """The only part that is about objects of the kind that stands here."""
        fitting = [
            check
            for part, check in zip(self.parts, self.checks, strict=True)
            if len(self.parts) == 1
            or (part.range in self.objects.schema.classes and self.objects.admits(part.range or "", value))
        ]
        return fitting[0] if len(fitting) == 1 else None


def boolean(name: str, tests: Sequence[Callable[[Any], bool]]) -> Callable[[Any], bool]:
    """One of LinkML's boolean constraints over tests.

    >>> boolean("exactly_one_of", [bool, callable])(1)
    True
    """
    match name:
        case "any_of":
            return lambda value: any(test(value) for test in tests)
        case "all_of":
            return lambda value: all(test(value) for test in tests)
        case "none_of":
            return lambda value: not any(test(value) for test in tests)
        case _:
            return lambda value: sum(test(value) for test in tests) == 1


def words(expression: SlotExpression) -> str:
    """What a part of a boolean constraint asks for, in a few words of the schema.

    >>> words(SlotExpression(range="integer", required=True))
    'range integer, required True'
    """
    names = (
        "range", "pattern", "minimum_value", "maximum_value", "equals_string", "equals_number",
        "value_presence", "required", "minimum_cardinality", "maximum_cardinality", "exact_cardinality",
    )  # fmt: skip
    found = [
        f"{name} {shortened(str(value), 40)}" for name in names if (value := getattr(expression, name)) is not None
    ]
    if expression.equals_string_in:
        found.append(f"equals_string_in {shortened(', '.join(expression.equals_string_in), 40)}")
    found += [f"{name} of {len(parts)}" for name, parts in expression.boolean]
    return ", ".join(found) or "anything"

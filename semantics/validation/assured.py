"""What is left to check of an instance that a plan has made.

A rule brings every value to its slot's type, takes codes from tables and writes no slot that its class does not have.
What follows from the plan for every record is not asked again of each: patterns, bounds, required slots,
cardinalities, rules and whatever else depends on the data are. On the benchmark this is a third of the work of a
check that knows nothing of the plan. The verdict is the same; a test compares the two on everything that is mapped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from math import inf
from typing import Any, Final

from semantics.expressions.tree import Literal
from semantics.expressions.types import Kind
from semantics.lexical import Primitive
from semantics.plan.model import Build, ClassRule, Compute, Constant, Plan, Read, SlotRule, Template
from semantics.schema.model import ClassModel, Form, SlotModel
from semantics.validation.classes import ClassTable, CompiledClass
from semantics.validation.conditions import Condition
from semantics.validation.expressions import slot_range, value_check
from semantics.validation.slots import least, limits

__all__ = ["AcceptAll", "RemainingChecks"]

AcceptAll = Callable[[Sequence[dict[str, Any]]], bool]
"""Whether all of some instances are valid. They are looked at slot by slot, which costs half of one by one."""

FEW: Final = 4
"""Objects that are tested one by one: a column of one value costs more than the value."""
_COMPUTED: Final = {
    Kind.STRING: Primitive.STRING, Kind.INTEGER: Primitive.INTEGER,
    Kind.DECIMAL: Primitive.DECIMAL, Kind.BOOLEAN: Primitive.BOOLEAN,
}  # fmt: skip
"""Kinds of expressions whose values need no conversion into the primitive."""
_Test = tuple[str, type | None, Callable[[Any], object], Callable[[Any], object]]


class RemainingChecks:
    """For each rule that a record can start, the test that is left of instances that it made.

    ``table`` is the one of the checker of the plan's target schema. Tests are made when they are asked for.
    """

    def __init__(self, table: ClassTable, plan: Plan) -> None:
        self.table, self.plan = table, plan
        self.found: dict[tuple[str, str], AcceptAll | None] = {}

    def get(self, name: str) -> AcceptAll | None:
        """The test of what a rule makes; None where too little is known, and its instances need the whole check."""
        if self.plan.dialect != "strict" or self.table.memo is not None:
            return None
        target = self.plan.rules[name].target_class
        self.table.root(target)
        return self.of(name, target)

    def of(self, name: str, range_: str) -> AcceptAll | None:
        """The test of what a rule makes where ``range_`` is the declared class; None: it needs the whole check."""
        key = name, range_
        if key not in self.found:
            self.found[key] = partial(self._again, key)  # a rule inside itself
            self.found[key] = self._compiled(self.plan.rules[name], range_)
        return self.found[key]

    def _again(self, key: tuple[str, str], objects: Sequence[dict[str, Any]]) -> bool:
        accept = self.found[key]
        return not objects or (accept is not None and accept(objects))

    def _compiled(self, rule: ClassRule, range_: str) -> AcceptAll | None:
        compiled = self.table.compiled(rule.target_class)
        if compiled is None or self._taken_for(rule, compiled.cls, range_) is not compiled:
            return None
        tests: list[_Test] = []
        inner: list[tuple[str, bool, AcceptAll]] = []
        written = set()
        for slot in rule.slots:
            if rule.arranged is not None and slot.slot not in rule.arranged:
                continue
            written.add(slot.slot)
            model = compiled.cls.slots[slot.slot]
            nested = self._nested(slot, model)
            if nested is not None:
                inner.append((slot.slot, slot.many, nested))
            elif not self._assured(slot, model):
                tests.append((slot.slot, *compiled.entries[slot.slot]))
        required = tuple(slot.name for slot in compiled.cls.slots.values() if least(slot) >= 1)
        full = len(written) if written.issuperset(required) else inf
        return _accept(full, required, tuple(tests), tuple(inner), tuple(compiled.conditions))

    def _taken_for(self, rule: ClassRule, cls: ClassModel, range_: str) -> CompiledClass | None:
        """The class that everything which the rule makes is an instance of, as far as that is sure."""
        if rule.keep_nulls or rule.whole is not None:
            return None
        told = [slot.value for slot in rule.slots if slot.slot == cls.designator]
        match told:
            case []:
                return self.table.members(range_).get(None)
            case [Constant(items=(item,))]:
                return self.table.members(range_).get(str(item.value))
        return None

    def _nested(self, slot: SlotRule, model: SlotModel) -> AcceptAll | None:
        """The test of the objects in a slot, where a single rule makes them and the slot asks for no more."""
        build = slot.value
        if not isinstance(build, Build) or build.identifier is not None or len(build.rules) != 1:
            return None
        if self.plan.rules[build.rules[0]].over is not None:
            return None
        if model.form is not Form.OBJECT or slot.keyed is not None or not (_counted(slot, model) and _free(model)):
            return None
        return self.of(build.rules[0], model.range or "")

    def _assured(self, slot: SlotRule, model: SlotModel) -> bool:
        """Whether every value that the rule can give the slot is valid."""
        if slot.finish is not None or slot.keyed is not None or not _counted(slot, model):
            return False
        constants = _constants(slot)
        check = value_check(self.table, model)
        if not all(check.exact(value) for value in constants):
            return False
        if isinstance(slot.value, Constant):
            return True
        if slot.codes is not None:
            return slot.codes.unmapped != "pass" and not slot.codes.computed
        primitive = self._unfaceted(model)
        return primitive is not None and primitive == _made(slot)

    def _unfaceted(self, model: SlotModel) -> Primitive | None:
        """The primitive of a slot that wants nothing but its type."""
        type_ = self.table.schema.types.get(slot_range(model) or "")
        if type_ is None or not _free(model):
            return None
        facets = type_.patterns, type_.minimum_value, type_.maximum_value, type_.equals_string_in
        return type_.primitive if all(facet in (None, ()) for facet in facets) else None


def _made(slot: SlotRule) -> Primitive | None:
    """The primitive that the values of a slot are sure to be of."""
    match slot.value:
        case Template():
            return Primitive.URI
        case Compute(expression=expression) if not slot.convert:
            return _COMPUTED.get(expression.type.kind)
        case Read() | Compute() if slot.convert:
            last = slot.convert[-1]
            return Primitive.STRING if last == "text" else Primitive(last) if last in set(Primitive) else None
    return None


def _constants(slot: SlotRule) -> list[Any]:
    """Every constant that a slot may get."""
    found: list[Literal] = []
    if isinstance(slot.value, Constant):
        found += slot.value.items
    if slot.default is not None:
        found += slot.default.items
    if slot.codes is not None:
        found += slot.codes.table.values()
    return [literal.data for literal in found if literal.data is not None]


def _counted(slot: SlotRule, model: SlotModel) -> bool:
    """Whether any number of values that the rule gives will do."""
    low, high = limits(model)
    if slot.many != model.many or low > 1:
        return False
    return high == inf if slot.many else high >= 1


def _free(model: SlotModel) -> bool:
    """Whether a slot asks nothing of its values beyond the range."""
    facets = (
        model.pattern, model.minimum_value, model.maximum_value, model.equals_string, model.equals_number,
        model.equals_string_in or None,
    )  # fmt: skip
    return all(facet is None for facet in facets) and not any(model.boolean)


def _accept(
    full: float, required: tuple[str, ...], tests: tuple[_Test, ...],
    inner: tuple[tuple[str, bool, AcceptAll], ...], conditions: tuple[Condition, ...],
) -> AcceptAll:  # fmt: skip
    """The test of objects of one rule; ``full`` is how many slots each has when none is missing."""

    def accepts(data: dict[str, Any]) -> bool:
        if len(data) != full and not all(name in data for name in required):
            return False
        try:
            for name, only, quick, rest in tests:
                value = data.get(name)
                if value is None or type(value) is only or quick(value) or rest(value):
                    continue
                return False
        except (KeyError, TypeError):
            return False
        for name, many, fits in inner:
            value = data.get(name)
            if value is not None and not fits(value if many else (value,)):
                return False
        return not conditions or all(condition.holds(data) for condition in conditions)

    def accept(objects: Sequence[dict[str, Any]]) -> bool:
        if len(objects) <= FEW:
            return all(map(accepts, objects))
        if sum(map(len, objects)) != full * len(objects):
            for name in required:
                if not all(name in data for data in objects):
                    return False
        try:
            for name, only, quick, rest in tests:
                column = _column(name, objects)
                if not all(map(quick, column)) and not all(type(value) is only or rest(value) for value in column):
                    return False
        except (KeyError, TypeError):
            return False
        for name, many, fits in inner:
            column = _column(name, objects)
            if not fits([*chain.from_iterable(column)] if many else column):
                return False
        return not conditions or all(condition.holds(data) for condition in conditions for data in objects)

    return accept


def _column(name: str, objects: Sequence[dict[str, Any]]) -> list[Any]:
    """The values of a slot in the objects that have it."""
    return [value for data in objects if (value := data.get(name)) is not None]

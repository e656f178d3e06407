"""Rules and conditions of a class: tests on a whole object.

A condition on a slot holds for every value of the slot. In rules (and in none_of) a slot that has no value
fulfils no condition, except one that says ``required: false`` or ``value_presence: ABSENT``; in the
conditions that a class states about itself, an absent slot is not judged (LinkML 1.x, as its JSON Schema).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from semantics.errors import Location
from semantics.schema.counting import lifted, together
from semantics.schema.model import ClassExpression, ClassModel, Form, Rule, SlotExpression, SlotModel
from semantics.validation.expressions import Objects, boolean, expression_check, words
from semantics.validation.findings import Place
from semantics.validation.slots import limits

__all__ = ["Condition", "class_conditions", "expressions_of"]


@dataclass(frozen=True, slots=True)
class Condition:
    """A test on an object, and why it does not hold."""

    holds: Callable[[dict[Any, Any]], bool]
    explain: Callable[[dict[Any, Any], Place], None]


def class_conditions(objects: Objects, cls: ClassModel) -> tuple[Condition, ...]:
    """Everything that the instances of a concrete class must fulfil as a whole."""
    found = [_rule(objects, cls, rule) for rule in cls.rules]
    for name in cls.ancestors:
        ancestor = objects.schema.classes[name]
        if ancestor.conditions is not None:
            found.append(_stated(objects, cls, ancestor.conditions, ancestor.location))
    counted = [(slot, together(slot.name, slot)) for slot in cls.slots.values()]
    found += [_counted(objects, cls, slot, expression) for slot, expression in counted if expression is not None]
    return tuple(found)


def expressions_of(cls: ClassModel) -> list[SlotExpression]:
    """Every slot expression inside the rules and conditions of a class."""
    found: list[SlotExpression] = []
    waiting = [cls.conditions]
    for rule in cls.rules:
        waiting += [rule.preconditions, rule.postconditions, rule.elseconditions]
    while waiting:
        expression = waiting.pop()
        if expression is not None:
            found += expression.slot_conditions.values()
            waiting += (*expression.any_of, *expression.all_of)
            waiting += (*expression.none_of, *expression.exactly_one_of)
    return found


def _stated(objects: Objects, cls: ClassModel, expression: ClassExpression, home: Location | None) -> Condition:
    """A condition that a class states about its instances."""
    test = _Test(objects, cls, lifted(expression), strict=False)

    def explain(data: dict[Any, Any], place: Place) -> None:
        test.explain(data, place, "VAL019", "a condition of the class", home)

    return Condition(test.holds, explain)


def _counted(objects: Objects, cls: ClassModel, slot: SlotModel, expression: ClassExpression) -> Condition:
    """A boolean constraint of a slot that counts its values."""
    test = _Test(objects, cls, expression, strict=False)

    def explain(data: dict[Any, Any], place: Place) -> None:
        here = place.of_slot(slot, present=slot.name in data)
        for name, group, count in test.groups:
            if not group(data):
                text = f"{name}: the values together are not what its {count} parts ask for"
                parts = "; ".join(words(part) for part in getattr(slot, name))
                here.note("VAL010", name, text, hint=f"the parts are: {parts}")

    return Condition(test.holds, explain)


def _rule(objects: Objects, cls: ClassModel, rule: Rule) -> Condition:
    """If the preconditions hold, the postconditions must; else the else-conditions."""
    before, after, otherwise = (
        _Test(objects, cls, lifted(part or ClassExpression()), strict=True)
        for part in (rule.preconditions, rule.postconditions, rule.elseconditions)
    )
    back = rule.bidirectional

    def holds(data: dict[Any, Any]) -> bool:
        if before.holds(data):
            return after.holds(data)
        return otherwise.holds(data) and not (back and after.holds(data))

    def explain(data: dict[Any, Any], place: Place) -> None:
        title = f"the rule '{rule.description}'" if rule.description else "a rule"
        if before.holds(data):
            after.explain(data, place, "VAL011", f"{title} applies", rule.location)
            return
        if not otherwise.holds(data):
            otherwise.explain(data, place, "VAL011", f"{title} does not apply, so its else-part does",
                              rule.location)  # fmt: skip
        if back and after.holds(data):
            before.explain(data, place, "VAL011", f"{title} holds backwards too", rule.location)

    return Condition(holds, explain)


class _Test:
    """A class expression, compiled for the instances of one concrete class."""

    def __init__(self, objects: Objects, cls: ClassModel, expression: ClassExpression, *, strict: bool) -> None:
        self.expression = expression
        self.is_a = expression.is_a is None or objects.schema.is_a(cls.name, expression.is_a)
        self.slots = {
            name: _SlotTest(objects, cls.slots.get(name), condition, strict=strict)
            for name, condition in expression.slot_conditions.items()
        }
        self.groups = [
            (name, boolean(name, [part.holds for part in parts]), len(parts))
            for name in ("any_of", "all_of", "none_of", "exactly_one_of")
            if (parts := self._parts(objects, cls, name, strict=strict or name == "none_of"))
        ]

    def _parts(self, objects: Objects, cls: ClassModel, name: str, *, strict: bool) -> Sequence[_Test]:
        return [_Test(objects, cls, part, strict=strict) for part in getattr(self.expression, name)]

    def holds(self, data: dict[Any, Any]) -> bool:
        """Whether the object fulfils everything that the expression says."""
        if not self.is_a:
            return False
        if not all(test.holds(data.get(name)) for name, test in self.slots.items()):
            return False
        return all(group(data) for _, group, _ in self.groups)

    def explain(self, data: dict[Any, Any], place: Place, code: str, why: str, home: Location | None) -> None:
        """Note each slot and each boolean constraint that does not hold."""
        if not self.is_a:
            text = f"{why}: the instance must be a '{self.expression.is_a}'"
            place.note(code, "is_a", text, element=home)
        for name, test in self.slots.items():
            if not test.holds(data.get(name)):
                here = place.of_slot(test.slot, present=name in data) if test.slot else place
                about = "" if test.slot else f"slot '{name}', "
                text = f"{why}: expected {about}{words(test.condition)}"
                here.note(code, "slot_conditions", text, element=home)
        for name, group, count in self.groups:
            if not group(data):
                place.note(code, name, f"{why}: {name} of {count} conditions does not hold", element=home)


class _SlotTest:
    """A condition on the whole value of one slot."""

    def __init__(self, objects: Objects, slot: SlotModel | None, condition: SlotExpression, *, strict: bool) -> None:
        self.slot = slot
        self.condition = condition
        self.many = bool(slot and slot.many)
        form = slot.form if slot else Form.SCALAR
        self.check = expression_check(objects, condition, form, condition.range)
        self.low, self.high = limits(condition)
        silent = condition.required is None and condition.value_presence is None
        if strict and silent and self.low == 0 and self.high == inf:
            self.low = 1

    def holds(self, value: Any) -> bool:
        """Whether the value, None where the slot is absent, fulfils the condition."""
        if self.many and isinstance(value, dict) and self.slot and self.slot.form is Form.KEYED:
            values = list(value.values())
        elif self.many and isinstance(value, list):
            values = value
        else:
            values = [] if value is None else [value]
        if not self.low <= len(values) <= self.high:
            return False
        return all(self.check.exact(item) for item in values)

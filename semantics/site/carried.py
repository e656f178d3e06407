"""What a mapping reads and fills of its schemas, class by class, and what it leaves: told by the plan alone.

``semantics coverage`` tells it path by path, which of recursive schemas are more than a page has room for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from semantics.expressions.tree import Attribute, Comprehension, Expr, Path, children
from semantics.plan.model import Build, ClassRule, Derive, Plan
from semantics.plan.reads import enum_of, expressions, variable_classes
from semantics.schema.model import SchemaModel

__all__ = ["Carried", "Slots", "carried"]

Slots = dict[str, dict[str, None]]
Classes = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Carried:
    """The slots that are read of each source class and filled of each target class that a mapping has to do with.

    ``codes`` are those of an enum that the table of a slot ("Class.slot") does not have.
    """

    read: Slots = field(default_factory=dict)
    filled: Slots = field(default_factory=dict)
    codes: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)


def carried(plan: Plan, source: SchemaModel, target: SchemaModel) -> Carried:
    """What a plan reads and fills."""
    found = Carried()
    variables = variable_classes(plan)
    made = _made(plan)
    for rule in plan.rules.values():
        classes = variables[rule.id]
        if rule.source_class in source.classes:
            found.read.setdefault(rule.source_class or "", {})
        for expression in expressions(rule):
            for name, slot in _reads(expression, classes, source):
                found.read.setdefault(name, {})[slot] = None
        if rule.target_class in target.classes and rule.id in made:
            found.filled.setdefault(rule.target_class, {}).update((slot.slot, None) for slot in rule.slots)
        _codes(rule, classes, source, found)
    return found


def _made(plan: Plan) -> set[str]:
    """The rules that make instances, and not only references to them."""
    found = {name for names in plan.starts.values() for name in names}
    for value in (slot.value for rule in plan.rules.values() for slot in rule.slots):
        if isinstance(value, Build) and value.identifier is None:
            found.update(value.rules)
        elif isinstance(value, Derive) and value.rule:
            found.add(value.rule)
    return found


def _reads(node: Expr, classes: Classes, source: SchemaModel) -> Iterator[tuple[str, str]]:
    """The slots that an expression reads, with their classes."""
    match node:
        case Path(variable=variable, steps=steps):
            at = classes.get(variable)
            for step in steps:
                owners = _owners(at, step, source)
                yield from ((owner, step) for owner in owners)
                at = source.classes[owners[0]].slots[step].range if owners else None
        case Attribute(base=base, name=name):
            yield from ((owner, name) for owner in _owners(base.type.of, name, source))
            yield from _reads(base, classes, source)
        case Comprehension():
            yield from _reads(node.source, classes, source)
            inner = {**classes, node.variable: node.source.type.of}
            yield from _reads(node.element, inner, source)
            if node.condition is not None:
                yield from _reads(node.condition, inner, source)
        case _:
            for part in children(node):
                yield from _reads(part, classes, source)


def _owners(name: str | None, slot: str, source: SchemaModel) -> list[str]:
    """A class, or those below it, that have a slot."""
    cls = source.classes.get(name or "")
    if cls is None:
        return []
    if slot in cls.slots:
        return [cls.name]
    return [each for each in cls.descendants if slot in source.classes[each].slots]


def _codes(rule: ClassRule, classes: Classes, source: SchemaModel, found: Carried) -> None:
    for slot in rule.slots:
        if slot.codes is not None and (enum := enum_of(source, classes, slot)) is not None:
            missing = (value for value in source.enums[enum].values if value not in slot.codes.table)
            if told := dict.fromkeys(missing):
                found.codes.setdefault((enum, f"{rule.target_class}.{slot.slot}"), {}).update(told)

"""The inverse of a mapping: for each slot whether its source comes back, and the mapping that brings it back.

The plan is walked rule by rule. What a slot was made from is undone (:mod:`~semantics.analysis.inverse_values`), and
the source slots that come back are put together again as derivations: objects where the source has objects, one element
for each element. Only what is certified is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec

from semantics.analysis.inverse_values import (
    LOSSLESS,
    LOSSY,
    ONE_WAY,
    STANDS_IN,
    Back,
    OneWay,
    call,
    held_as,
    of_codes,
    of_expression,
    of_template,
    retyped,
    said,
    without,
)
from semantics.analysis.known import beyond
from semantics.expressions.constant import UNKNOWN, settled
from semantics.expressions.tree import Call, Expr, IsNull, Not, Path
from semantics.expressions.types import Kind, Type
from semantics.expressions.unparse import Unwritable, unparse
from semantics.plan.model import JOINED, Build, ClassRule, Compute, Constant, Plan, Read, SlotRule, Template
from semantics.plan.reads import enum_of, range_below, variable_classes
from semantics.plan.scope import slot_type
from semantics.schema.model import SchemaModel

__all__ = ["Leaf", "SlotInverse", "Source", "invert_rule", "leaves", "written"]

_RANK: Final = {LOSSLESS: 0, LOSSY: 1, ONE_WAY: 2}


@dataclass(frozen=True, slots=True)
class SlotInverse:
    """Whether the source of a slot comes back: ``verdict`` is "lossless", "lossy" or "one-way", with the reason.

    ``restores`` are the source paths that it gives back.
    """

    target_class: str
    slot: str
    restores: tuple[str, ...]
    verdict: str
    reason: str | None
    rule: str


@dataclass(slots=True)
class Leaf:
    """A source slot that comes back: its derivation, and what is sure about it."""

    derivation: dict[str, Any]
    losses: tuple[str, ...]


@dataclass(slots=True)
class Source:
    """An object of the source that is put together again.

    ``over`` is the list of the target that its elements come from, ``variable`` the name of an element.
    """

    class_name: str
    path: tuple[str, ...] = ()
    over: str | None = None
    variable: str | None = None
    leaves: dict[str, Leaf] = field(default_factory=dict)
    inside: dict[str, Source] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a rule stands: the target object it makes, and the source objects that its variables are.

    ``value`` is the path of the target object, ``sources`` the object and the path in it of each variable that can be
    restored here; ``conditions`` and ``losses`` hold for everything below.
    """

    value: Path
    prefix: str
    sources: dict[str, tuple[Source, tuple[str, ...]]]
    single: bool = False
    conditions: tuple[Expr, ...] = ()
    losses: tuple[str, ...] = ()


class _Inverter:
    def __init__(self, plan: Plan, source: SchemaModel, target: SchemaModel) -> None:
        self.plan, self.source, self.target = plan, source, target
        self.variables = variable_classes(plan)
        self.found: list[SlotInverse] = []
        self.taken = {name for cls in target.classes.values() for name in cls.slots}
        self.count = 0

    # -- a class rule ---------------------------------------------------------------------------

    def rule(self, rule: ClassRule, place: _Place, seen: tuple[str, ...]) -> None:
        """Every slot of a rule."""
        for slot in rule.slots:
            name = f"{place.prefix}{slot.slot}"
            try:
                restored = self._slot(rule, slot, place, (*seen, rule.id))
            except (OneWay, Unwritable) as fault:
                self._note(rule, slot, name, (), ONE_WAY, str(fault))
                continue
            if restored is not None:
                paths, losses = restored
                self._note(rule, slot, name, paths, LOSSY if losses else LOSSLESS, "; ".join(losses) or None)

    def _note(
        self, rule: ClassRule, slot: SlotRule, name: str, paths: tuple[str, ...], verdict: str, reason: str | None
    ) -> None:
        where = f"{slot.origin.file or '<mapping>'}:{slot.origin.line or 1}"
        self.found.append(SlotInverse(rule.target_class, name, paths, verdict, reason, where))

    def _slot(
        self, rule: ClassRule, slot: SlotRule, place: _Place, seen: tuple[str, ...]
    ) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """The paths that come back and what is lost; None for objects, whose slots speak for themselves."""
        unknown = (*beyond(slot), *(name for name in beyond(rule) if name in ("keep_nulls", "whole", "over")))
        if unknown:
            raise OneWay(f"its derivation has {unknown[0].replace('_', ' ')}, which is not turned around")
        if rule.arranged is not None and slot.slot not in rule.arranged:
            raise OneWay("the slot is hidden")
        model = self.target.classes[rule.target_class].slots[slot.slot]
        if slot.where is not None:
            place = replace(place, conditions=(*place.conditions, slot.where))
        if isinstance(slot.value, Build):
            self._build(rule, slot, slot.value, place, seen)
            return None
        if isinstance(slot.value, Constant):
            return (), ()
        held = slot_type(self.target, model)
        path = _longer(place.value, slot.slot, held)
        value: Expr = call("first", _listed(path)) if place.single else path
        if slot.default is not None:
            value = without(value, tuple(item.value for item in slot.default.items))
        backs = self._backs(rule, slot, value, held)
        if slot.default is not None:
            backs = [back.but(STANDS_IN) for back in backs]
        paths: list[str] = []
        losses: list[str] = []
        for back in backs:
            restored, lost = self._restore(back, place)
            paths.append(restored)
            losses += lost
        return tuple(paths), tuple(dict.fromkeys(losses))

    def _backs(self, rule: ClassRule, slot: SlotRule, value: Expr, held: Type) -> list[Back]:
        match slot.value:
            case Template() as template:
                if slot.many:
                    value = call("first", value)
                return of_template(template, value, lambda node: self._sure(rule, node))
            case Read(path=path):
                node: Expr = path
            case Compute(expression=expression):
                node = expression
            case other:
                raise OneWay(f"a {type(other).__name__.lower()} cannot be undone")
        if node.type.many and not slot.many and node.type.kind is not Kind.ANY:
            raise OneWay("several values become one")
        if slot.many and not node.type.many:
            value = call("first", value)
        codes = slot.codes
        if codes is not None and any(code != entry.value for code, entry in codes.table.items()):
            if not isinstance(node, Path):
                raise OneWay("codes that are computed cannot be undone")
            enum = enum_of(self.source, self.variables[rule.id], slot)
            known = frozenset(self.source.enums[enum].values) if enum is not None else None
            return [of_codes(Back(node, value), codes, known)]
        value, losses = held_as(value, node.type)
        back = retyped(of_expression(node, value).but(*losses))
        if codes is not None and codes.unmapped != "error" and back.codes is None:
            back = back.but("a code without an entry does not come back")
        return [back]

    def _sure(self, rule: ClassRule, node: Expr) -> bool:
        """Whether a value is there in every record: a required slot of the object, or a constant for it."""
        if isinstance(node, Call) and node.function == "coalesce":
            return any(settled(argument) not in (None, UNKNOWN) for argument in node.arguments)
        if not isinstance(node, Path) or len(node.steps) != 1:
            return False
        cls = self.source.classes.get(self.variables[rule.id].get(node.variable) or "")
        slot = cls.slots.get(node.steps[0]) if cls is not None else None
        return slot is not None and bool(slot.required or slot.identifier)

    # -- one path -------------------------------------------------------------------------------

    def _restore(self, back: Back, place: _Place) -> tuple[str, tuple[str, ...]]:
        """Put a source slot back where it stood; returns its path and what is lost."""
        path = back.path
        if path.variable not in place.sources:
            around = path.variable in self._known and not path.variable.startswith(JOINED)
            raise OneWay("it is of the object around" if around else "it comes from another record")
        root, prefix = place.sources[path.variable]
        steps = (*prefix, *path.steps)
        if not steps or any(path.lists[:-1]):
            raise OneWay("to which element of a list each value belongs is not kept")
        losses = (*place.losses, *back.losses, *(
            f"only where {said(test)}" for test in place.conditions if not _asks_for(test, path)
        ))  # fmt: skip
        owner = self._object(root, steps[:-1])
        if owner.class_name not in self.source.classes:
            raise OneWay("the class of the source object is not known")
        derivation = _derivation(back)
        old = owner.leaves.get(steps[-1])
        better = old is None or (len(losses), "expr" in derivation) < (len(old.losses), "expr" in old.derivation)
        if steps[-1] not in owner.inside and better:
            owner.leaves[steps[-1]] = Leaf(derivation, losses)
        return ".".join((*owner.path, steps[-1])), losses

    @property
    def _known(self) -> set[str]:
        return {variable for classes in self.variables.values() for variable in classes}

    def _object(self, root: Source, steps: tuple[str, ...]) -> Source:
        """The object at a path of the source, made where it is not there yet."""
        current = root
        for step in steps:
            name = range_below(self.source, current.class_name, step)
            name = _concrete(self.source, name)
            if name is None:
                raise OneWay(f"of which class '{step}' was is not told")
            inner = current.inside.get(step)
            if inner is None:
                inner = current.inside[step] = Source(name, (*current.path, step))
                current.leaves.pop(step, None)
            if inner.over is not None:
                raise OneWay("to which element of a list each value belongs is not kept")
            current = inner
        return current

    # -- objects --------------------------------------------------------------------------------

    def _build(self, rule: ClassRule, slot: SlotRule, build: Build, place: _Place, seen: tuple[str, ...]) -> None:
        name = f"{place.prefix}{slot.slot}"
        reason = self._refused(build, slot, seen)
        if reason is not None:
            self._note(rule, slot, name, (), ONE_WAY, reason)
            return
        inner = self.plan.rules[build.rules[0]]
        value = _longer(place.value, slot.slot, Type(Kind.OBJECT, many=slot.many, of=inner.target_class))
        conditions = place.conditions if inner.where is None else (*place.conditions, inner.where)
        below = replace(place, value=value, prefix=f"{name}.", conditions=conditions)
        if build.over is None:
            self.rule(inner, replace(below, single=place.single or slot.many), seen)
        elif build.over.type.many and build.index is None:
            self._elements(rule, slot, build, inner, below, seen)
        elif build.index is not None or slot.many or build.over.variable not in place.sources:
            self._note(rule, slot, name, (), ONE_WAY, "the object is one of several")
        else:
            root, prefix = place.sources[build.over.variable]
            here = (root, (*prefix, *build.over.steps))
            sources = {**place.sources, build.variable: here} if build.variable else {inner.scopes[0]: here}
            self.rule(inner, replace(below, sources=sources), seen)

    def _refused(self, build: Build, slot: SlotRule, seen: tuple[str, ...]) -> str | None:
        """Why objects do not come back at all."""
        if build.identifier is not None:
            return "only the identifier of the object is kept"
        if len(build.rules) != 1:
            return "which of several derivations made an object is not told"
        if self.plan.rules[build.rules[0]].over is not None:
            return "to which object its elements belong is not kept"
        if build.rules[0] in seen:
            return "objects of its own class are nested in it to any depth"
        return "objects by key are not brought back" if slot.keyed is not None else None

    def _elements(
        self, rule: ClassRule, slot: SlotRule, build: Build, inner: ClassRule, place: _Place, seen: tuple[str, ...]
    ) -> None:
        """One object of the source for each of the target."""
        over = build.over
        assert over is not None
        if over.variable not in place.sources or place.single or any(over.lists[:-1]):
            self._note(rule, slot, place.prefix[:-1], (), ONE_WAY, "to which object its elements belong is not kept")
            return
        root, prefix = place.sources[over.variable]
        steps = (*prefix, *over.steps)
        element = _concrete(self.source, over.type.of)
        if element is None or not steps:
            self._note(rule, slot, place.prefix[:-1], (), ONE_WAY, "the class of the elements is not known")
            return
        try:
            owner = self._object(root, steps[:-1])
            text = unparse(place.value)
        except (OneWay, Unwritable) as fault:
            self._note(rule, slot, place.prefix[:-1], (), ONE_WAY, str(fault))
            return
        if steps[-1] in owner.inside:
            self._note(rule, slot, place.prefix[:-1], (), ONE_WAY, "its elements come back from another slot")
            return
        made = Source(element, (*owner.path, steps[-1]), over=text, variable=self._name())
        owner.inside[steps[-1]] = made
        name = build.variable or inner.scopes[0]
        value = Path(variable=made.variable or "", type=Type(Kind.OBJECT, of=inner.target_class))
        self.rule(inner, replace(place, value=value, sources={name: (made, ())}), seen)

    def _name(self) -> str:
        """A name for an element that no slot has."""
        while True:
            self.count += 1
            name = f"each_{self.count}"
            if name not in self.taken:
                return name


def _listed(value: Path) -> Path:
    """A path that goes through a list: its value is one."""
    return msgspec.structs.replace(value, type=value.type.list)


def _longer(path: Path, step: str, found: Type) -> Path:
    """A path one step on."""
    return Path(variable=path.variable, steps=(*path.steps, step), lists=(*path.lists, found.many), type=found)


def _asks_for(test: Expr, path: Path) -> bool:
    """Whether a condition only asks that a path has a value: then nothing of that path is left out by it."""
    match test:
        case Not(operand=IsNull(operand=Path() as asked)):
            return (asked.variable, asked.steps) == (path.variable, path.steps)
    return False


def _concrete(schema: SchemaModel, name: str | None) -> str | None:
    """The one class whose instances stand where a class is the range."""
    found = schema.concrete(name) if name is not None and name in schema.classes else ()
    return found[0] if len(found) == 1 else None


def _derivation(back: Back) -> dict[str, Any]:
    """A slot derivation that gives a value back."""
    if isinstance(back.expression, Path) and (back.codes is None or back.expression.steps):
        found: dict[str, Any] = {"populated_from": unparse(back.expression, _dotted)}
    else:
        found = {"expr": unparse(back.expression)}
    return found if back.codes is None else {**found, "value_mappings": back.codes}


def _dotted(path: Path) -> str:
    """A path as 'populated_from' says it: any name may stand in it."""
    names = path.steps if path.variable == "record" else (path.variable, *path.steps)
    return ".".join(names)


def invert_rule(
    plan: Plan, source: SchemaModel, target: SchemaModel, rule: ClassRule
) -> tuple[Source, tuple[SlotInverse, ...]]:
    """What comes back of the records of one root rule, and the verdict on each of its slots."""
    inverter = _Inverter(plan, source, target)
    root = Source(rule.source_class or "")
    value = Path(variable="record", type=Type(Kind.OBJECT, of=rule.target_class))
    inverter.rule(rule, _Place(value, "", {rule.scopes[0]: (root, ())}), ())
    return root, tuple(inverter.found)


def written(found: Source) -> dict[str, Any]:
    """The slot derivations that put an object of the source together again."""
    slots: dict[str, Any] = {name: dict(leaf.derivation) for name, leaf in found.leaves.items()}
    for name, inner in found.inside.items():
        below = written(inner)
        if not below:
            continue
        derivation: dict[str, Any] = {"class_derivations": {inner.class_name: {"slot_derivations": below}}}
        if inner.over is not None:
            derivation = {"for_each": inner.over, "as": inner.variable, **derivation}
        slots[name] = derivation
    return slots


def leaves(found: Source) -> Iterator[tuple[tuple[str, ...], Source, str]]:
    """The path of every slot that comes back, with the object it stands in."""
    for name in found.leaves:
        yield (*found.path, name), found, name
    for inner in found.inside.values():
        yield from leaves(inner)

"""What a finished mapping says corresponds: slots of the source whose values end up in slots of the target.

It is what suggestions are measured by, and, of other mappings, evidence for them. A slot is named by the class that
holds it, wherever in a record that stands: the path ``Servicer.Name`` is the slot ``Name`` of what ``Servicer`` holds.
An object that is made around a value, such as the amount around a number, is looked through: the value corresponds to
the slot that holds the object. Where its values come out of an object of the source, the one object corresponds to the
other, as if the rule had said so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from semantics.expressions.tree import (
    Attribute,
    Case,
    Compare,
    Comprehension,
    Expr,
    Index,
    IsNull,
    Literal,
    Logic,
    Not,
    Path,
    children,
)
from semantics.plan.model import Build, ClassRule, Compute, Derive, Plan, Read, Several, SlotRule, Template
from semantics.plan.reads import derivations
from semantics.schema.model import SchemaModel, SlotModel

__all__ = ["Correspondence", "Term", "correspondences"]


class Term(NamedTuple):
    """A slot as a class has it."""

    cls: str
    slot: str

    def __str__(self) -> str:
        return f"{self.cls}.{self.slot}"


class Correspondence(NamedTuple):
    """A slot of the source whose value a rule carries into a slot of the target, and the file that says so.

    ``through`` is the slot of the source that holds the object with the value, where there is one; ``part`` the
    slot that gets the value in an object that is made around it. ``minted``: it is one of several values of an IRI,
    which is put together and no longer the value. ``link``: the objects in the one become objects in the other.
    """

    source: Term
    target: Term
    file: str | None
    minted: bool = False
    link: bool = False
    through: Term | None = None
    part: Term | None = None


class _Place(NamedTuple):
    """Where a variable stands: the class of its objects, the slot that holds them, and the one that holds that one."""

    cls: str | None
    term: Term | None = None
    above: Term | None = None


_Places = Mapping[str, _Place]


class _Spot(NamedTuple):
    """A rule, the places of its variables, and, where it makes an object around values, the slot that holds that."""

    rule: ClassRule
    places: _Places
    around: Term | None = None


def correspondences(plan: Plan, source: SchemaModel) -> tuple[Correspondence, ...]:
    """Everything that the rules of a plan carry, in the order of the mapping.

    Not what a condition only asks, what is constant, and what is not carried. An IRI made of one value carries it.
    """
    found: dict[tuple[object, ...], Correspondence] = {}
    for spot in _walk(plan, source):
        for slot in spot.rule.slots:
            for each in _of_slot(source, spot, slot):
                found.setdefault(tuple(each), each)
    return tuple(found.values())


def _walk(plan: Plan, source: SchemaModel) -> Iterator[_Spot]:
    """Every rule with the places of its variables: those that stand alone, and those that build with them."""
    slots = [slot for rule in plan.rules.values() for slot in rule.slots]
    alone = {part.rule for slot in slots for part in derivations(slot)}
    starts = [rule for rule in plan.rules.values() if rule.root or rule.id in alone]
    pending = deque(_Spot(rule, {rule.scopes[0]: _Place(rule.source_class)}) for rule in starts)
    seen: set[tuple[object, ...]] = set()
    while pending:
        rule, places, around = pending.popleft()
        if rule.over is not None:
            places = {**places, rule.scopes[-1]: _place(source, rule.over, places)}
        places = {**places, **{join.variable: _Place(join.source_class) for join in rule.joins}}
        key = (rule.id, around, *sorted(places.items(), key=lambda item: item[0]))
        if key in seen:
            continue
        seen.add(key)
        spot = _Spot(rule, places, around)
        yield spot
        for slot in rule.slots:
            pending += _inner(plan, source, spot, slot)


def _inner(plan: Plan, source: SchemaModel, spot: _Spot, slot: SlotRule) -> Iterator[_Spot]:
    """The rules that make the objects of a slot; those of a Derive see one object, and stand alone."""
    build, around = slot.value, spot.around or Term(spot.rule.target_class, slot.slot)
    if not isinstance(build, Build):
        return
    for nested in (plan.rules[name] for name in build.rules):
        if build.over is None:
            yield _Spot(nested, spot.places, around)
        else:
            variable, place = build.variable or nested.scopes[0], _place(source, build.over, spot.places)
            outer = spot.places if build.variable is not None else {}
            yield _Spot(nested, {**outer, variable: place}, around if place.cls is None else None)


def _of_slot(source: SchemaModel, spot: _Spot, slot: SlotRule) -> Iterator[Correspondence]:
    leaf, file = Term(spot.rule.target_class, slot.slot), slot.origin.file
    target, part = (leaf, None) if spot.around is None else (spot.around, leaf)
    for expression, minted, link in _values(slot):
        for path, places in _carried(source, expression, spot.places):
            place = _place(source, path, places)
            if place.term is None:
                continue
            if part is not None and place.above is not None and len(path.steps) > 1:  # an object made of an object
                yield Correspondence(place.above, target, file, minted, link=True)
                yield Correspondence(place.term, part, file, minted, link, place.above)
            else:
                yield Correspondence(place.term, target, file, minted, link, place.above, part)


def _values(slot: SlotRule) -> Iterator[tuple[Expr, bool, bool]]:
    """The expressions whose values a slot gets, whether they are parts of an IRI, and whether they are objects."""
    match slot.value:
        case Read(path=path):
            yield path, False, False
        case Compute(expression=expression):
            yield expression, False, False
        case Template(parts=parts):
            values = [part.value for part in parts if part.value is not None]
            yield from ((value, len(values) > 1, False) for value in values)
        case Build(over=over) if over is not None:
            yield over, False, True
        case Derive(value=value):
            yield value, False, True
        case Several(parts=several):
            yield from ((part.value, False, True) for part in several)
        case _:
            pass


def _carried(source: SchemaModel, node: Expr, places: _Places) -> Iterator[tuple[Path, _Places]]:
    """The paths whose values an expression gives, with the variables that they are counted from.

    Of a case those of its branches; where these are all constant it is a table, and those that are compared.
    """
    match node:
        case Path() | Attribute() | Index() if (path := _straight(node)) is not None:
            yield path, places
        case Index(base=base):
            yield from _carried(source, base, places)
        case Case(branches=branches):
            found = [each for _, value in branches for each in _carried(source, value, places)]
            if not found:
                found = [each for test, _ in branches for each in _compared(source, test, places)]
            yield from found
        case Compare():
            yield from _compared(source, node, places)
        case IsNull():
            return
        case Comprehension(element=element, variable=variable, source=over):
            inner = next((_place(source, path, at) for path, at in _carried(source, over, places)), None)
            yield from _carried(source, element, {**places, variable: inner or _Place(None)})
        case _:
            for part in children(node):
                yield from _carried(source, part, places)


def _compared(source: SchemaModel, node: Expr, places: _Places) -> Iterator[tuple[Path, _Places]]:
    """The paths that a condition compares with constants."""
    match node:
        case Compare(left=left, right=right):
            for part in (left, right):
                if not isinstance(part, Literal):
                    yield from _carried(source, part, places)
        case Logic() | Not():
            for part in children(node):
                yield from _compared(source, part, places)
        case _:
            return


def _straight(node: Expr) -> Path | None:
    """The path in ``a[0].b``, for all elements."""
    match node:
        case Path():
            return node
        case Index(base=base):
            return _straight(base)
        case Attribute(base=base, name=name) if (above := _straight(base)) is not None:
            return Path(variable=above.variable, steps=(*above.steps, name))
    return None


def _place(source: SchemaModel, path: Expr, places: _Places) -> _Place:
    """Where a path leads: the class of the objects there, and the slot that holds its values."""
    straight = _straight(path)
    if straight is None or straight.variable not in places:
        return _Place(None)
    at = places[straight.variable]
    for step in straight.steps:
        held = _slot_below(source, at.cls, step)
        if held is None:
            return _Place(None)
        cls, slot = held
        at = _Place(slot.range if slot.range in source.classes else None, Term(cls, step), at.term)
    return at


def _slot_below(source: SchemaModel, name: str | None, step: str) -> tuple[str, SlotModel] | None:
    """A slot of a class, or else of the first class below it that has one of this name, with that class."""
    if name is None or name not in source.classes:
        return None
    for each in (name, *source.classes[name].descendants):
        if step in source.classes[each].slots:
            return each, source.classes[each].slots[step]
    return None

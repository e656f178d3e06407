"""Which paths of a record the rules of a plan read, counted from the record itself."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeGuard

import msgspec

from semantics.expressions.tree import Attribute, Comprehension, Expr, Index, Literal, Path, children
from semantics.expressions.types import Kind
from semantics.plan.model import Build, ClassRule, Compute, Derive, Group, Plan, Read, Several, SlotRule
from semantics.schema.model import SchemaModel, SlotModel

__all__ = [
    "Cover",
    "Known",
    "Reads",
    "There",
    "Use",
    "absolute",
    "derivations",
    "element",
    "elements_of",
    "enum_of",
    "expressions",
    "inner_bases",
    "list_of",
    "path_enum",
    "range_below",
    "reads_of",
    "uses_as_partner",
    "uses_in_group",
    "uses_in_groups",
    "uses_of",
    "uses_of_rules",
    "variable_classes",
]

Reads = dict[tuple[str, ...], dict[str, None]]
"""Path of a record to the ``file:line`` of every rule that reads it, in the order of the mapping."""

Bases = Mapping[str, tuple[Any, ...]]
_DEEPEST: Final = 24
_MOST: Final = 50_000
"""Uses that are listed at most: rules that build on themselves would never end."""
_EXPRESSIONS: Final = frozenset(Expr.__args__)


_MARK: Final = "\x1f"
"""Between a key and the number of an element: a character that no key has which a person wrote."""


def element(key: str, index: int | None = None) -> str:
    """The step to one element of the list under a key, or (without a number) to those that no rule numbers."""
    return f"{key}{_MARK}{'' if index is None else index}"


def list_of(step: str) -> str:
    """The key of the list that a step leads into.

    >>> list_of(element("lines", 0)), list_of("lines")
    ('lines', 'lines')
    """
    return step.partition(_MARK)[0]


def elements_of(plan: Plan) -> dict[str, frozenset[int]]:
    """The numbers by which a plan asks for elements of lists (``lines[0]``), by the key of the list anywhere."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for expression in expressions(tuple(plan.rules.values())):
        _numbers(expression, found)
    for build in (slot.value for rule in plan.rules.values() for slot in rule.slots):
        if isinstance(build, Build) and build.over is not None and _numbered(build.index, build.over):
            found[build.over.steps[-1]].add(build.index)
    return {key: frozenset(numbers) for key, numbers in found.items()}


def _numbers(node: Expr, found: dict[str, set[int]]) -> None:
    if isinstance(node, Index) and (path := _straight(node)) is not None and _MARK in path.steps[-1]:
        key, _, number = path.steps[-1].partition(_MARK)
        found[key].add(int(number))
    for part in children(node):
        _numbers(part, found)


class Use(NamedTuple):
    """A path of a record (from the record itself) that a rule reads, and what for.

    ``slot`` ("Class.slot") is the slot of the target that it ends up in, or helps to work out; None where it is only
    asked: by a condition, or for the key of a join or a group. ``rule`` is the ``file:line`` of the derivation.
    ``whole``: the value is taken with all that is in it. ``again``: by a rule that builds on itself. A step may be
    one :func:`element` of a list.
    """

    path: tuple[str, ...]
    rule: str
    slot: str | None = None
    whole: bool = False
    again: bool = False


class _From(NamedTuple):
    """The first step of a path that is counted from a variable of a rule, wherever that stands."""

    variable: str


Known = dict[tuple[str, frozenset[str]], list[Use]]
"""What rules read, counted from their variables, by rule and the variables that stand somewhere: worked out once."""


There = Callable[[tuple[str, ...]], bool]
"""Whether any record has an object at a place."""


class Cover:
    """Which paths of a record some uses reach: those that they name, those on the way, and all of what is taken whole.

    >>> cover = Cover([Use(("a", "b"), "m.yaml:1"), Use(("c",), "m.yaml:2", whole=True)])
    >>> [path in cover for path in [("a",), ("a", "b"), ("a", "x"), ("c", "x"), ("d",)]]
    [True, True, False, True, False]

    Who reads a list reads its elements, but who reads one element has not read the others.

    >>> cover = Cover([Use((element("a", 0), "b"), "m.yaml:1"), Use(("c", "d"), "m.yaml:2")])
    >>> [path in cover for path in [("a",), (element("a", 0), "b"), (element("c", 0), "d")]]
    [True, True, True]
    >>> (element("c", 0), "e") in Cover([Use(("c", element("e", 0)), "m.yaml:1")])
    True
    >>> [path in cover for path in [("a", "b"), (element("a", 1), "b"), (element("a"),)]]
    [False, False, False]
    """

    def __init__(self, uses: Iterable[Use]) -> None:
        self._named: set[tuple[str, ...]] = set()
        self._whole: set[tuple[str, ...]] = set()
        self._lists: set[tuple[str, ...]] = set()
        for use in uses:
            path = use.path
            while path not in self._named:  # what leads to a path that is named is named too
                self._named.add(path)
                path = path[:-1]
            self._lists.update(_lists(use.path))
            if use.whole:
                self._whole.add(use.path)

    def __contains__(self, path: tuple[str, ...]) -> bool:
        lists = ((*above, *path[-1:]) in self._lists for above in _less_exact(path[:-1]))
        return any(lists) or any(map(self._reaches, _less_exact(path)))

    def _reaches(self, path: tuple[str, ...]) -> bool:
        return path in self._named or any(path[:length] in self._whole for length in range(len(path)))


def _lists(path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The lists of which a path takes one element."""
    for place, step in enumerate(path):
        if _MARK in step:
            yield from _less_exact((*path[:place], list_of(step)))


def _less_exact(path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """A path, and those in which one or more of its elements are the list instead."""
    for place, step in enumerate(path):
        if _MARK in step:
            for rest in _less_exact(path[place + 1 :]):
                yield (*path[: place + 1], *rest)
                yield (*path[:place], list_of(step), *rest)
            return
    yield path


def reads_of(plan: Plan, source_class: str) -> Reads:
    """Every path of a source class that is read: by the rules that it starts, in groups of it, and as a partner."""
    found: Reads = defaultdict(dict)
    for use in uses_of(plan, source_class):
        found[tuple(map(list_of, use.path))][use.rule] = None
    return dict(found)


def uses_of(plan: Plan, source_class: str) -> list[Use]:
    """Every use of a path of a source class: by the rules that it starts, in groups of it, and as a partner."""
    return [
        *uses_of_rules(plan, plan.roots.get(source_class, ())),
        *uses_in_groups(plan, (source_class,)),
        *uses_as_partner(plan, (source_class,)),
    ]


def uses_of_rules(
    plan: Plan, names: Iterable[str], known: Known | None = None, there: There | None = None
) -> list[Use]:
    """What root rules do with the paths of their record; ``known`` is kept by who asks several times.

    ``there`` tells whether any record has an object at a place. What a rule does with objects that no record has is
    told once, not for every place: rules that build on each other have more places than can be listed.
    """
    return _uses(plan, [(rule, _start(rule)) for rule in (plan.rules[name] for name in names)], known, there)


def _start(rule: ClassRule) -> Bases:
    """Where the variables of a root rule stand: the record, and the element that it is on."""
    return _with_element(rule, {rule.scopes[0]: ()})


def _with_element(rule: ClassRule, bases: Bases) -> Bases:
    """The places of the variables of a rule, with that of the element that it is on."""
    return bases if rule.over is None else {**bases, rule.scopes[-1]: next(absolute(rule.over, bases), ())}


def uses_as_partner(plan: Plan, classes: Collection[str]) -> list[Use]:
    """What rules do with the records of some classes that they look up."""
    found: list[Use] = []
    for rule in plan.rules.values():
        for join in rule.joins:
            lookup = plan.lookups[join.lookup]
            if not any(name in classes for name in lookup.classes):
                continue
            found += [Use(path, rule.rule) for path in absolute(lookup.key, {"record": ()})]
            found += _uses(plan, [(rule, {join.variable: ()})])
    return found


def uses_in_groups(plan: Plan, classes: Collection[str]) -> list[Use]:
    """What groups do with their records: a slot of the group, or of its members, is one of theirs."""
    groups = [group for group in plan.groups.values() if any(name in classes for name in group.classes)]
    return [use for group in groups for use in uses_in_group(plan, group)]


def uses_in_group(plan: Plan, group: Group) -> list[Use]:
    """What one group does with its records."""
    rule = plan.rules[group.rule]
    found = [Use(path, rule.rule) for part in expressions((group.keys, group.where)) for path in absolute(part, _ONE)]
    named = {key.name: tuple(absolute(key.value, _ONE)) for key in group.keys if key.slot is None}
    for use in _uses(plan, [(rule, {rule.scopes[0]: ()})]):
        inside = use.path[1:] if use.path[:1] == (group.members,) else use.path
        paths = named.get(inside[0], (inside,)) if inside else ()
        found += [use._replace(path=path) for path in paths]
    return found


_ONE: Final[Bases] = {"record": ()}


def _uses(
    plan: Plan, starts: Iterable[tuple[ClassRule, Bases]], known: Known | None = None, there: There | None = None
) -> list[Use]:
    """The uses of some rules and of those that they build with, level by level."""
    known = {} if known is None else known
    found: list[Use] = []
    pending: deque[tuple[ClassRule, Bases, tuple[str, ...]]] = deque()
    pending += ((rule, bases, (rule.id,)) for rule, bases in starts)
    told: set[str] = set()
    while pending and len(found) < _MOST:
        rule, bases, within = pending.popleft()
        again = rule.id in within[:-1]
        key = (rule.id, frozenset(bases))
        if key not in known:
            known[key] = list(_own(rule, {name: (_From(name),) for name in bases}))
        found += [_standing(use, bases, again) for use in known[key]]
        for nested, base in _nested(plan, rule, bases) if len(within) < _DEEPEST else ():
            places = set(base.values()) - set(bases.values())
            if there is None or nested.id not in told or not places or any(map(there, places)):
                told.add(nested.id)
                pending.append((nested, base, (*within, nested.id)))
    return found


def _standing(use: Use, bases: Bases, again: bool) -> Use:
    """A use that is counted from a variable, counted from the record."""
    path: tuple[Any, ...] = use.path
    if path and isinstance(path[0], _From):
        path = (*bases[path[0].variable], *path[1:])
    return Use(path, use.rule, use.slot, use.whole, again)


def _own(rule: ClassRule, bases: Bases) -> Iterator[Use]:
    """What a rule itself reads."""
    for expression in expressions((rule.where, rule.joins)):
        for path in absolute(expression, bases):
            yield Use(path, rule.rule)
    if rule.whole is not None:
        for path, node in _spots(rule.whole, bases):
            yield Use(path, rule.rule, rule.target_class, whole=node.type.kind in _INSIDE)
    for slot in rule.slots:
        where = f"{slot.origin.file or '<mapping>'}:{slot.origin.line or 1}"
        name = f"{rule.target_class}.{slot.slot}"
        for expression in expressions(slot.where):
            for path in absolute(expression, bases):
                yield Use(path, where)
        seen: set[tuple[str, ...]] = set()
        noted = tuple(_noted(slot, bases))
        for expression in expressions((slot.value, slot.codes, slot.finish)):
            for path, node in _spots(expression, bases):
                if noted and not node.steps and path not in noted:
                    continue  # a dialect walks from the record by functions; the slot says where to
                seen |= {path, *_lists(path)}
                yield Use(path, where, name, whole=_whole(slot, expression, node))
        for path in noted:
            if path not in seen:
                yield Use(path, where, name, whole=isinstance(slot.value, Compute))


def _whole(slot: SlotRule, expression: Expr, node: Path) -> bool:
    """Whether a path in a slot's expression takes with it whatever is below."""
    if isinstance(slot.value, Build) or any(derive.rule is not None for derive in derivations(slot)):
        return False
    return node.type.kind is Kind.ANY or (node.type.kind is Kind.OBJECT and node is expression)


_INSIDE: Final = (Kind.ANY, Kind.OBJECT)


def _nested(plan: Plan, rule: ClassRule, bases: Bases) -> Iterator[tuple[ClassRule, Bases]]:
    """The rules that a rule builds objects with, and where their variables stand."""
    for slot in rule.slots:
        for derive in derivations(slot):
            if derive.rule is not None:
                nested = plan.rules[derive.rule]
                outer = bases.get(rule.scopes[0])
                base = outer if derive is not slot.value or not slot.reads else next(_noted(slot, bases), ())
                yield nested, {} if base is None else {nested.scopes[0]: base}
        if isinstance(slot.value, Build):
            for name in slot.value.rules:
                inner = plan.rules[name]
                yield inner, _with_element(inner, inner_bases(slot.value, inner, bases))


def _noted(slot: SlotRule, bases: Bases) -> Iterator[tuple[str, ...]]:
    """The paths that a slot says it reads, where its expressions do not have them as paths."""
    for text in slot.reads:
        variable, *steps = text.split(".")
        if variable in bases:
            yield (*bases[variable], *steps)


def derivations(slot: SlotRule) -> tuple[Derive, ...]:
    """The derivations of a slot: of what it reads, or of the whole object."""
    match slot.value:
        case Derive() as derive:
            return (derive,)
        case Several(parts=parts):
            return parts
        case _:
            return ()


def inner_bases(build: Build, nested: ClassRule, bases: Bases) -> Bases:
    """The places of the variables that a nested rule sees."""
    if build.over is None:
        return bases
    place = next(absolute(build.over, bases), None)
    if place is None:  # inside another object than the one whose paths are counted
        return bases if build.variable is not None else {}
    if _numbered(build.index, build.over):
        place = (*place[:-1], element(place[-1], build.index))
    return {**bases, build.variable: place} if build.variable is not None else {nested.scopes[0]: place}


def expressions(part: Any) -> Iterator[Expr]:
    """The expressions in a part of a plan, whatever field holds them."""
    pending = [part]
    while pending:
        part = pending.pop()
        if part.__class__ in _EXPRESSIONS:
            yield part
        elif isinstance(part, msgspec.Struct):
            pending += [getattr(part, name) for name in reversed(part.__struct_fields__)]
        elif isinstance(part, (tuple, list)):
            pending += reversed(part)
        elif isinstance(part, dict):
            pending += reversed(part.values())


def absolute(node: Expr, bases: Bases) -> Iterator[tuple[str, ...]]:
    """The paths that an expression reads, counted from the record."""
    return (path for path, _ in _spots(node, bases))


def _spots(node: Expr, bases: Bases) -> Iterator[tuple[tuple[str, ...], Path]]:
    """The paths that an expression reads, with the node that does."""
    match node:
        case Path():
            if node.variable in bases:
                yield (*bases[node.variable], *node.steps), node
        case Comprehension(source=source, variable=variable):
            yield from _spots(source, bases)
            place = next(absolute(source, bases), None)
            inner = {name: base for name, base in bases.items() if name != variable}
            if place is not None:  # else it goes over something else than the objects whose paths are counted
                inner[variable] = place
            for part in (node.element, node.condition):
                if part is not None:
                    yield from _spots(part, inner)
        case Attribute() | Index() if (path := _straight(node)) is not None:
            yield from _spots(path, bases)
        case _:
            for part in children(node):
                yield from _spots(part, bases)


def _straight(node: Expr) -> Path | None:
    """The path in ``a[0].b``, with elements by their numbers where these are of one list of the record.

    Those that are counted from the end, or among what several lists hold together, stand for all elements.
    """
    match node:
        case Path():
            return node
        case Index(base=base, index=Literal(value=number)) if (above := _straight(base)) is not None:
            if not _numbered(number, base):
                return above
            steps = (*above.steps[:-1], element(above.steps[-1], number))
            return msgspec.structs.replace(above, steps=steps, type=node.type)
        case Attribute(base=base, name=name) if (above := _straight(base)) is not None:
            return msgspec.structs.replace(above, steps=(*above.steps, name), type=node.type)
    return None


def _numbered(number: object, node: Expr) -> TypeGuard[int]:
    """Whether a number tells one element of a list of the record, and not of what several lists hold together."""
    match node:
        case Path(lists=lists):
            one = not any(lists[:-1]) and lists[-1:] == (True,)
        case Attribute(base=base, collection=collection):
            one = collection is True and not base.type.many
        case _:
            one = False
    return one and isinstance(number, int) and number >= 0


def variable_classes(plan: Plan) -> dict[str, dict[str, str | None]]:
    """For each rule, the source class of every variable that it sees (None where the schemas do not tell)."""
    found: dict[str, dict[str, str | None]] = {
        name: {rule.scopes[0]: rule.source_class, **_element(rule), **_partners(rule)}
        for name, rule in plan.rules.items()
        if len(rule.scopes) == 1 or (rule.root and rule.over is not None)
    }
    pending = list(found)
    while pending:
        name = pending.pop()
        for slot in plan.rules[name].slots:
            build = slot.value
            if not isinstance(build, Build):
                continue
            alone = build.over is not None and build.variable is None
            inner: dict[str, str | None] = {} if alone else dict(found[name])
            if build.over is not None and build.variable is not None:
                inner[build.variable] = build.over.type.of
            for nested in (plan.rules[each] for each in build.rules if each in plan.rules and each not in found):
                own = {nested.scopes[0]: nested.source_class} if alone else inner
                found[nested.id] = {**own, **_element(nested), **_partners(nested)}
                pending.append(nested.id)
    return {name: found.get(name, {}) for name in plan.rules}


def _element(rule: ClassRule) -> dict[str, str | None]:
    return {} if rule.over is None else {rule.scopes[-1]: rule.over.type.of}


def _partners(rule: ClassRule) -> dict[str, str | None]:
    return {join.variable: join.source_class for join in rule.joins}


def enum_of(source: SchemaModel, variables: Mapping[str, str | None], slot: SlotRule) -> str | None:
    """The source enum that a copied slot reads, where it reads one; ``variables`` are the classes of a rule's names."""
    return path_enum(source, variables, slot.value.path) if isinstance(slot.value, Read) else None


def path_enum(source: SchemaModel, variables: Mapping[str, str | None], path: Path) -> str | None:
    """The enum that a path of a rule ends in, where it does."""
    at = variables.get(path.variable)
    for step in path.steps:
        if at is None or at not in source.classes:
            return None
        found = {slot.range for slot in _slots_below(source, at, step)}
        at = found.pop() if len(found) == 1 else None  # kinds of a class may have slots of one name and other codes
    return at if at in source.enums else None


def range_below(source: SchemaModel, name: str | None, step: str) -> str | None:
    """The range of a slot of a class, or of one of its descendants."""
    return next((slot.range for slot in _slots_below(source, name, step)), None) if name is not None else None


def _slots_below(source: SchemaModel, name: str, step: str) -> list[SlotModel]:
    """The slot of a class with a name, or those of its descendants."""
    own = source.classes[name].slots.get(step)
    below = (source.classes[each].slots.get(step) for each in source.classes[name].descendants)
    return [own] if own is not None else [slot for slot in below if slot is not None]

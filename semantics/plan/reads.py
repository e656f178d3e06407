"""Which paths of a record the rules of a plan read, counted from the record itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from semantics.expressions.tree import Comprehension, Expr, Path, children
from semantics.plan.model import Build, ClassRule, Derive, Group, Plan, Read, Several, SlotRule
from semantics.schema.model import SchemaModel

__all__ = [
    "Reads",
    "absolute",
    "derivations",
    "enum_of",
    "expressions",
    "inner_bases",
    "path_enum",
    "range_below",
    "reads_of",
    "variable_classes",
]

Reads = dict[tuple[str, ...], dict[str, None]]
"""Path of a record to the ``file:line`` of every rule that reads it, in the order of the mapping."""

Bases = Mapping[str, tuple[str, ...]]
_DEEPEST: Final = 24
_EXPRESSIONS: Final = tuple(Expr.__args__)


def reads_of(plan: Plan, source_class: str) -> Reads:
    """Every path of a source class that is read: by the rules that it starts, in groups of it, and as a partner."""
    found: Reads = defaultdict(dict)
    for name in plan.roots.get(source_class, ()):
        rule = plan.rules[name]
        _rule(plan, rule, {rule.scopes[0]: ()}, found, 0)
    for group in plan.groups.values():
        if source_class in (group.source_class, *group.classes):
            _group(plan, group, found)
    for rule in plan.rules.values():
        for join in rule.joins:
            if source_class in plan.lookups[join.lookup].classes:
                for path in absolute(plan.lookups[join.lookup].key, {"record": ()}):
                    found[path][rule.rule] = None
                _rule(plan, rule, {join.variable: ()}, found, 0)
    return dict(found)


def _group(plan: Plan, group: Group, found: Reads) -> None:
    """What a group reads of its records: a slot of the group, or of its members, is one of theirs."""
    rule = plan.rules[group.rule]
    for expression in expressions((group.keys, group.where)):
        for path in absolute(expression, {"record": ()}):
            found[path][rule.rule] = None
    read: Reads = defaultdict(dict)
    _rule(plan, rule, {rule.scopes[0]: ()}, read, 0)
    named = {key.name for key in group.keys if key.slot is None}
    for path, rules in read.items():
        inside = path[1:] if path[:1] == (group.members,) else path
        if inside and inside[0] not in named:
            found[inside] |= rules


def _rule(plan: Plan, rule: ClassRule, bases: Bases, found: Reads, depth: int) -> None:
    for expression in expressions((rule.where, rule.joins)):
        for path in absolute(expression, bases):
            found[path][rule.rule] = None
    for slot in rule.slots:
        where = f"{slot.origin.file or '<mapping>'}:{slot.origin.line or 1}"
        for expression in expressions(slot):
            for path in absolute(expression, bases):
                found[path][where] = None
        for path in _noted(slot, bases):
            found[path][where] = None
        for derive in derivations(slot):
            if derive.rule is not None and depth < _DEEPEST:
                nested = plan.rules[derive.rule]
                whole = derive is not slot.value or not slot.reads
                base = bases[rule.scopes[0]] if whole else next(_noted(slot, bases), ())
                _rule(plan, nested, {nested.scopes[0]: base}, found, depth + 1)
        if isinstance(slot.value, Build) and depth < _DEEPEST:
            for name in slot.value.rules:
                nested = plan.rules[name]
                _rule(plan, nested, inner_bases(slot.value, nested, bases), found, depth + 1)


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
    return {**bases, build.variable: place} if build.variable is not None else {nested.scopes[0]: place}


def expressions(part: Any) -> Iterator[Expr]:
    """The expressions in a part of a plan, whatever field holds them."""
    if isinstance(part, _EXPRESSIONS):
        yield part
    elif isinstance(part, (tuple, list)):
        for item in part:
            yield from expressions(item)
    elif isinstance(part, dict):
        yield from expressions(tuple(part.values()))
    elif isinstance(part, msgspec.Struct):
        for name in part.__struct_fields__:
            yield from expressions(getattr(part, name))


def absolute(node: Expr, bases: Bases) -> Iterator[tuple[str, ...]]:
    """The paths that an expression reads, counted from the record."""
    match node:
        case Path():
            if node.variable in bases:
                yield (*bases[node.variable], *node.steps)
        case Comprehension(source=source, variable=variable):
            yield from absolute(source, bases)
            inner = {**bases, variable: next(absolute(source, bases), ())}
            for part in (node.element, node.condition):
                if part is not None:
                    yield from absolute(part, inner)
        case _:
            for part in children(node):
                yield from absolute(part, bases)


def variable_classes(plan: Plan) -> dict[str, dict[str, str | None]]:
    """For each rule, the source class of every variable that it sees (None where the schemas do not tell)."""
    found: dict[str, dict[str, str | None]] = {
        name: {rule.scopes[0]: rule.source_class, **_partners(rule)}
        for name, rule in plan.rules.items()
        if len(rule.scopes) == 1
    }
    pending = list(found)
    while pending:
        name = pending.pop()
        for slot in plan.rules[name].slots:
            build = slot.value
            if not isinstance(build, Build) or (build.over is not None and build.variable is None):
                continue
            inner = dict(found[name])
            if build.over is not None and build.variable is not None:
                inner[build.variable] = build.over.type.of
            for nested in build.rules:
                if nested not in found and nested in plan.rules:
                    found[nested] = {**inner, **_partners(plan.rules[nested])}
                    pending.append(nested)
    return {name: found.get(name, {}) for name in plan.rules}


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
        at = range_below(source, at, step)
    return at if at in source.enums else None


def range_below(source: SchemaModel, name: str | None, step: str) -> str | None:
    """The range of a slot of a class, or of one of its descendants."""
    if name is None:
        return None
    for candidate in (name, *source.classes[name].descendants):
        slot = source.classes[candidate].slots.get(step)
        if slot is not None:
            return slot.range
    return None

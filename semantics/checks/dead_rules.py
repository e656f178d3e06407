"""Checks of what is never reached: derivations, branches, conditions that cannot be otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator

from semantics.checks.rule import Subject, mapping_rule
from semantics.errors import Diagnostic, Location, closest, escaped
from semantics.expressions.constant import UNKNOWN
from semantics.expressions.tree import Case, Compare, Expr, ListOf, Literal, Logic, Path, walk
from semantics.expressions.unparse import Unwritable, unparse
from semantics.plan.model import Build, ClassRule, Compute, SlotRule, Template
from semantics.plan.reads import path_enum

__all__ = ["constant_condition", "impossible_value", "unreachable_branch", "unused_derivation"]


@mapping_rule("UNUSED_DERIVATION", "CHK002", "dead rules")
def unused_derivation(subject: Subject) -> Iterator[Diagnostic]:
    """A class derivation is reached by no record and asked for by no slot.

    It is carried out for no record. It was forgotten, or what should ask for it was.

    Bad:
        class_derivations:
          Order: {populated_from: Purchase}
          Buyer: {populated_from: Customer}   # no slot of Order makes one
    Good:
        class_derivations:
          Order:
            populated_from: Purchase
            slot_derivations:
              buyer: {populated_from: customer}
          Buyer: {populated_from: Customer}
    """
    rules = subject.plan.rules
    reached: set[str] = set()
    pending = [name for names in subject.plan.starts.values() for name in names]
    while pending:
        name = pending.pop()
        if name in reached or name not in rules:
            continue
        reached.add(name)
        for slot in rules[name].slots:
            if isinstance(slot.value, Build):
                pending += slot.value.rules
    below = {name for rule in rules.values() for slot in rule.slots for name in getattr(slot.value, "rules", ())}
    for name, rule in rules.items():
        if name not in reached and not (name in below and name not in _asked(subject, reached)):
            why = "no slot asks for it" if not rule.root else "no record is of its source class"
            yield subject.finding("CHK002", f"the derivation of '{rule.target_class}' is never used: {why}",
                                  rule.origin, "remove it, or emit: root")  # fmt: skip


def _asked(subject: Subject, reached: set[str]) -> set[str]:
    """Rules that a reached rule builds by; what lies below an unused rule is not told once more."""
    rules = subject.plan.rules
    return {name for above in reached for slot in rules[above].slots for name in getattr(slot.value, "rules", ())}


def _expressions(subject: Subject) -> Iterator[tuple[ClassRule, Expr, Location]]:
    """Every expression of a mapping with the rule it belongs to and the place of its key."""
    for rule in subject.plan.rules.values():
        if rule.where is not None:
            yield rule, rule.where, subject.place(rule, "where")
        for slot in rule.slots:
            for expression in _of(slot):
                yield rule, expression, subject.place(slot, "iri" if isinstance(slot.value, Template) else "expr")


def _of(slot: SlotRule) -> Iterator[Expr]:
    if isinstance(slot.value, Compute):
        yield slot.value.expression
    elif isinstance(slot.value, Template):
        yield from (part.value for part in slot.value.parts if part.value is not None)


@mapping_rule("CONSTANT_CONDITION", "CHK006", "dead rules")
def constant_condition(subject: Subject) -> Iterator[Diagnostic]:
    """A condition is true, or not true, for every record.

    It asks nothing, or it shuts out everything; neither is what a condition is for.

    Bad:
        where: kind == 'a' and kind == 'b'
    Good:
        where: kind == 'a' or kind == 'b'
    """
    for rule in subject.plan.rules.values():
        if rule.where is None:
            continue
        verdict = False if _contradicts(rule.where) else subject.settled(rule.where)
        if verdict is not UNKNOWN:
            what = "always true" if verdict is True else f"never true: no '{rule.target_class}' is made"
            yield subject.finding("CHK006", f"the condition is {what}", subject.place(rule, "where"), "leave it out")


def _contradicts(node: Expr) -> bool:
    """Whether a conjunction asks one path for two different values."""
    if not isinstance(node, Logic) or node.operator != "and":
        return False
    asked: dict[tuple[str, tuple[str, ...]], set[object]] = {}
    for part in node.operands:
        match part:
            case Compare(operator="==", left=Path() as path, right=Literal(value=value)):
                asked.setdefault((path.variable, path.steps), set()).add(value)
            case Compare(operator="==", left=Literal(value=value), right=Path() as path):
                asked.setdefault((path.variable, path.steps), set()).add(value)
    return any(len(values) > 1 for values in asked.values())


@mapping_rule("UNREACHABLE_BRANCH", "CHK007", "dead rules")
def unreachable_branch(subject: Subject) -> Iterator[Diagnostic]:
    """A branch of a case or conditional is never taken.

    An earlier branch takes all its records, or its condition is never true.

    Bad:
        expr: case((amount > 0, 'in'), (amount > 0, 'out'))
    Good:
        expr: case((amount > 0, 'in'), (amount < 0, 'out'))
    """
    for _, expression, place in _expressions(subject):
        for node in walk(expression):
            if isinstance(node, Case):
                yield from _branches(subject, node, place)


def _branches(subject: Subject, node: Case, place: Location) -> Iterator[Diagnostic]:
    earlier: list[str] = []
    closed = False
    for test, _ in node.branches:
        bare, verdict = _bare(test), subject.settled(test)
        if closed:
            why = "an earlier condition is always true"
        elif bare in earlier:
            why = "the same condition stands before it"
        elif verdict in (False, None) or _contradicts(test):
            why = "its condition is never true"
        else:
            why = ""
        if why:
            yield subject.finding("CHK007", f"the branch of '{_text(test)}' is never taken: {why}", place)
        earlier.append(bare)
        closed = closed or verdict is True


def _bare(node: Expr) -> str:
    """A tree without the columns where its parts stand, so that equal conditions are equal."""
    return re.sub(r"column=\d+", "", repr(node))


@mapping_rule("IMPOSSIBLE_VALUE", "CHK008", "dead rules")
def impossible_value(subject: Subject) -> Iterator[Diagnostic]:
    """A slot is compared with a value that its enum does not have.

    The comparison is false for every record: the value is misspelt, or is gone from the standard.

    Bad:
        where: state == 'opne'              # the enum has open
    Good:
        where: state == 'open'
    """
    for rule, expression, place in _expressions(subject):
        variables = subject.variables[rule.id]
        for node in walk(expression):
            if not isinstance(node, Compare):
                continue
            for path, other in ((node.left, node.right), (node.right, node.left)):
                if not isinstance(path, Path) or node.operator not in ("==", "!=", "in"):
                    continue
                enum = path_enum(subject.source, variables, path)
                for value in _literals(other) if enum is not None else ():
                    known = subject.source.enums[enum or ""].values
                    if value not in known:
                        yield subject.finding(
                            "CHK008", f"'{escaped(value)}' is not a permissible value of '{enum}'", place,
                            closest(value, known),
                        )  # fmt: skip


def _literals(node: Expr) -> tuple[str, ...]:
    items = node.items if isinstance(node, ListOf) else (node,)
    return tuple(item.value for item in items if isinstance(item, Literal) and isinstance(item.value, str))


def _text(node: Expr) -> str:
    try:
        return escaped(unparse(node))[:80]
    except Unwritable:
        return "…"

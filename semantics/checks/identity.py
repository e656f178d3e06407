"""Checks of identity: two things that would get one identifier, one thing that is derived twice."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from semantics.checks.rule import Subject, mapping_rule
from semantics.errors import Diagnostic
from semantics.expressions.tree import Path, walk
from semantics.plan.model import Build, ClassRule, Constant, SlotRule, Template
from semantics.plan.reads import expressions

__all__ = ["ambiguous_identifier", "duplicate_derivation"]


@mapping_rule("AMBIGUOUS_IDENTIFIER", "CHK009", "identity")
def ambiguous_identifier(subject: Subject) -> Iterator[Diagnostic]:
    """Two records can get one identifier: it reads less than what tells the records apart.

    Two things under one identifier are one thing to whoever reads the output.

    Bad:
        id: {iri: "ex:thing/{number}"}      # in the derivations of two classes
    Good:
        id: {iri: "ex:order/{number}"}      # and ex:buyer/{number} in the other
    """
    builds = {name: slot.value for _, slot in subject.slots() for name in getattr(slot.value, "rules", ())}
    for rule, slot in subject.slots():
        if slot.slot != subject.target.classes[rule.target_class].identifier or isinstance(slot.value, Build):
            continue
        reason = _run_together(slot) or _unread(subject, rule, slot, builds.get(rule.id))
        if reason is not None:
            message = f"two instances of '{rule.target_class}' can get one '{slot.slot}': {reason}"
            yield subject.finding("CHK009", message, slot.origin, "put into it what tells them apart")


def _run_together(slot: SlotRule) -> str | None:
    """Two values of a template with nothing between them: 1 and 23 are as 12 and 3."""
    if not isinstance(slot.value, Template):
        return None
    parts = slot.value.parts
    for first, second in itertools.pairwise(parts):
        if first.value is not None and second.value is not None:
            return "two values stand side by side with nothing between them"
    return None


def _unread(subject: Subject, rule: ClassRule, slot: SlotRule, build: object) -> str | None:
    read = _read(slot)
    if isinstance(build, Build) and build.over is not None and build.variable is not None and build.over.type.many:
        if any(variable == rule.scopes[-1] for variable, _ in read):
            return None
        return "it reads nothing of the element that is gone over"
    if len(rule.scopes) > 1 or not rule.root:
        return None
    if isinstance(slot.value, Constant):
        return "it is the same for every record"
    return _keyless(subject, rule)


def _read(slot: SlotRule) -> set[tuple[str, tuple[str, ...]]]:
    nodes = (node for expression in expressions(slot.value) for node in walk(expression))
    return {(node.variable, node.steps) for node in nodes if isinstance(node, Path)}


def _keyless(subject: Subject, rule: ClassRule) -> str | None:
    """Why no derivation of these records keeps them apart; one of several is enough, the others are about less."""
    cls = subject.source.classes.get(rule.source_class or "")
    if cls is None or cls.identifier is None:
        return None
    keys = [(cls.identifier,), *(key.slots for key in cls.unique_keys)]
    for other in subject.plan.rules.values():
        if not other.root or other.source_class != rule.source_class:
            continue
        identifier = subject.target.classes[other.target_class].identifier
        slot = next((slot for slot in other.slots if slot.slot == identifier), None)
        steps = {steps for _, steps in _read(slot)} if slot is not None else set()
        if slot is None or any(all((name,) in steps for name in key) for key in keys):
            return None
    return f"it does not read '{cls.identifier}', the identifier of '{cls.name}'"


@mapping_rule("DUPLICATE_DERIVATION", "CHK010", "identity")
def duplicate_derivation(subject: Subject) -> Iterator[Diagnostic]:
    """Two derivations make the same instance of the same records.

    Every such record is written twice.

    Bad:
        class_derivations:
          - Order: {populated_from: Purchase}
          - Order: {populated_from: Purchase}
    Good:
        class_derivations:
          - Order: {populated_from: Purchase}
    """
    seen: dict[tuple[str | None, str, str, str], ClassRule] = {}
    for rule in subject.plan.rules.values():
        cls = subject.target.classes[rule.target_class]
        identity = next((slot.value for slot in rule.slots if slot.slot == cls.identifier), None)
        if not rule.root or len(rule.scopes) > 1 or identity is None:
            continue
        key = (rule.source_class, rule.target_class, _key(rule.where), _key(identity))
        first = seen.setdefault(key, rule)
        if first is not rule:
            yield subject.finding(
                "CHK010", f"'{rule.target_class}' is derived from the same records at line {first.origin.line}, with "
                "the same identifier", rule.origin, "make one derivation of them, or tell them apart with where",
            )  # fmt: skip


def _key(part: object) -> str:
    return re.sub(r"column=\d+", "", repr(part))

"""The table of the kinds of change: one is added by one decorated function and a line in its module's table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from semantics.changes import of_classes, of_codes, of_constraints, of_schemas, of_slots
from semantics.changes.change import Change, Kind, Verdict
from semantics.changes.rule import ChangeRule
from semantics.errors import Diagnostic, UsageError, closest
from semantics.schema.model import SchemaModel

__all__ = ["CHANGE_RULES", "known_rules", "names_alone", "new_names"]

CHANGE_RULES: Final[dict[str, ChangeRule]] = {
    rule.id: rule for module in (of_schemas, of_classes, of_slots, of_constraints, of_codes) for rule in module.RULES
}
"""Every kind of change by its name, in the order in which the reference page has them."""


def known_rules(names: Iterable[str]) -> frozenset[str]:
    """The kinds of change that are named, in any case. Raises :class:`UsageError` with the nearest name.

    >>> known_rules(["slot-removed"])
    frozenset({'SLOT_REMOVED'})
    """
    asked = {name: name.upper().replace("-", "_") for name in names}
    wrong = [
        Diagnostic("CHG002", f"there is no kind of change named '{name}'", hint=closest(known, CHANGE_RULES))
        for name, known in asked.items()
        if known not in CHANGE_RULES
    ]
    if wrong:
        raise UsageError(wrong)
    return frozenset(asked.values())


def new_names(changes: Iterable[Change]) -> dict[str, str]:
    """Old to new name of everything that was renamed; a name that became several is left out."""
    found: dict[str, set[str]] = {}
    for change in changes:
        if change.rule.endswith("_RENAMED") and change.facts.old is not None and change.facts.new is not None:
            found.setdefault(change.facts.old, set()).add(change.facts.new)
    return {old: next(iter(new)) for old, new in found.items() if len(new) == 1}


def names_alone(changes: Iterable[Change], models: Iterable[SchemaModel]) -> frozenset[str]:
    """Old and new names of slots and code lists that changed, and of classes with a new name, where nothing else did.

    Else none. ``models`` are those that were compared: slots that tell objects apart, or their classes, say how others
    are held.
    """
    found: set[str] = set()
    for change in changes:
        if change.verdicts.mappings is Verdict.EDITORIAL:
            continue
        facts = (change.facts.old, change.facts.new) if change.rule.endswith("_RENAMED") else ()
        if change.kind is Kind.SLOT:
            found.add(change.name.partition(".")[2] or change.name)
        elif change.kind in (Kind.ENUM, Kind.VALUE) or change.rule == "CLASS_RENAMED":
            found.add(change.name.partition(".")[0])
        else:
            return frozenset()
        found |= {name for name in facts if name is not None}
    classes = (cls for model in models for cls in model.classes.values())
    held = {name for cls in classes for name in (cls.identifier, cls.designator)}
    return frozenset() if found & held else frozenset(found)

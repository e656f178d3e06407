"""The table of the kinds of change: one is added by one decorated function and a line in its module's table."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from semantics.changes import of_classes, of_codes, of_constraints, of_schemas, of_slots
from semantics.changes.change import Change, Kind, Verdict
from semantics.changes.rule import ChangeRule
from semantics.errors import Diagnostic, UsageError, closest
from semantics.plan.about import ANY_CLASS, DEMANDS
from semantics.schema.model import SchemaModel, SlotModel

__all__ = ["CHANGE_RULES", "demands_alone", "known_rules", "names_alone", "new_names"]

Models = Mapping[str, SchemaModel]

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


def names_alone(changes: Iterable[Change], before: Models, after: Models) -> frozenset[str]:
    """What changed for mappings, by name, where it is slots, code lists and names of classes alone; else none.

    A slot is ``Class.slot@schema`` for every class of which it is another than it was, ``*.slot@schema`` where it is no
    attribute; a code list or a class is ``Name@schema``. ``before`` and ``after`` are the models that were compared.
    Slots that tell objects apart, or their classes, say how others are held: nothing can be said of these alone.
    """
    words: set[str] = set()
    slots: set[str] = set()
    renamed: dict[str, str] = {}
    for change in changes:
        if change.verdicts.mappings is Verdict.EDITORIAL:
            continue
        facts = {change.facts.old or "", change.facts.new or ""} - {""} if change.rule.endswith("_RENAMED") else set()
        if change.kind is Kind.SLOT:
            slots |= {change.name.partition(".")[2] or change.name, *facts}
        elif change.kind in (Kind.ENUM, Kind.VALUE) or change.rule == "CLASS_RENAMED":
            words |= {change.name.partition(".")[0], *facts}
            renamed |= {change.facts.old or "": change.facts.new or ""} if change.rule == "CLASS_RENAMED" else {}
        else:
            return frozenset()
    models = (*before.values(), *after.values())
    classes = [cls for model in models for cls in model.classes.values()]
    if any({cls.identifier, cls.designator} & slots for cls in classes):
        return frozenset()
    if any("." in name for model in models for name in (*model.classes, *model.enums)):
        return frozenset()
    for name in before.keys() & after.keys():
        words.update(_others(before[name], after[name], slots, renamed))
    return frozenset(f"{word}@{home}" for word in words for home in _homes(word.partition(".")[0], models))


def _homes(name: str, models: Iterable[SchemaModel]) -> set[str]:
    """The schemas that define a class or a code list; all of them for any class."""
    if name == ANY_CLASS:
        return {model.name for model in models}
    parts = (part.get(name) for model in models for part in (model.classes, model.enums))
    return {part.from_schema for part in parts if part is not None}


def demands_alone(changes: Iterable[Change], before: Models, after: Models) -> bool:
    """Whether all that changed for mappings is what slots ask of their values: plans into these models stay."""
    counted = [change for change in changes if change.verdicts.mappings is not Verdict.EDITORIAL]
    names = {change.name.partition(".")[2] for change in counted}
    if before.keys() != after.keys() or any(change.kind is not Kind.SLOT for change in counted):
        return False
    return not any(any(_others(before[name], after[name], names, {}, DEMANDS)) for name in before.keys() & after.keys())


def _others(
    old: SchemaModel, new: SchemaModel, names: Collection[str], renamed: Mapping[str, str], but: Collection[str] = ()
) -> Iterator[str]:
    """The slots of these names that are others than they were (``but`` in what they are so), each with its class."""
    aside = {"location", *but}
    fields = [field for field in SlotModel.__struct_fields__ if field not in aside]
    for name, cls in old.classes.items():
        other = new.classes.get(renamed.get(name, name))
        for slot in names:
            pair = [each.slots.get(slot) if each is not None else None for each in (cls, other)]
            was, is_ = ([getattr(each, field, None) for field in fields] for each in pair)
            if was != is_:
                attribute = all(each is None or each.attribute for each in pair)
                owners = {name, renamed.get(name, name)} if attribute else {ANY_CLASS}
                yield from (f"{owner}.{slot}" for owner in owners)

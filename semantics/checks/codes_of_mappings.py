"""Checks of codes: values that no table handles, entries that nothing can reach, tables that nobody uses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from semantics.checks.rule import Subject, mapping_rule
from semantics.errors import Diagnostic, closest, escaped
from semantics.expressions.tree import Translate, walk
from semantics.plan.model import ClassRule, Constant, Read, SlotRule
from semantics.plan.reads import enum_of, expressions

__all__ = ["unhandled_value", "unknown_code", "unused_code_map", "unused_enum_derivation"]


@mapping_rule("UNHANDLED_VALUE", "CHK001", "codes")
def unhandled_value(subject: Subject) -> Iterator[Diagnostic]:
    """A permissible value of the source has no entry, and 'unmapped: error' rejects the records that have it.

    With `unmapped: error` such a record goes to the rejects. Often the code was added to the standard later.

    Bad:
        value_mappings: {open: active}      # the enum has open and closed
        unmapped: error
    Good:
        value_mappings: {open: active, closed: inactive}
        unmapped: error
    """
    for rule, slot in subject.slots():
        enum = enum_of(subject.source, subject.variables[rule.id], slot)
        if enum is None or slot.codes is None or slot.codes.unmapped != "error":
            continue
        values = subject.source.enums[enum].values
        missing = [value for value in values if value not in slot.codes.table and _comes(subject, rule, slot, value)]
        if missing:
            named = ", ".join(f"'{escaped(value)}'" for value in missing[:8]) + (", …" if len(missing) > 8 else "")
            derivation = subject.derivation(slot)
            inside = ("value_mappings",) if derivation is not None and derivation.value_mappings is not None else ()
            yield subject.finding(
                "CHK001", f"records whose '{enum}' is {named} are rejected: slot '{slot.slot}' has no entry for it",
                subject.place(slot, *inside), "add an entry, or say unmapped: null, pass or default",
            )  # fmt: skip


def _comes(subject: Subject, rule: ClassRule, slot: SlotRule, value: str) -> bool:
    """Whether a record with a value gets past the condition of the rule."""
    if rule.where is None or not isinstance(slot.value, Read):
        return True
    path = slot.value.path
    return subject.settled(rule.where, {(path.variable, path.steps): value}) not in (False, None)


@mapping_rule("UNKNOWN_CODE", "CHK004", "codes")
def unknown_code(subject: Subject) -> Iterator[Diagnostic]:
    """An entry stands for a code that the source enum does not have.

    The entry is never used: the code is misspelt, or is gone from the standard.

    Bad:
        value_mappings: {opne: active}      # the enum has open
    Good:
        value_mappings: {open: active}
    """
    for rule, slot in subject.slots():
        enum = enum_of(subject.source, subject.variables[rule.id], slot)
        derivation = subject.derivation(slot)
        if enum is None or derivation is None:
            continue
        known = subject.source.enums[enum].values
        for code in derivation.value_mappings or {}:
            if code not in known:
                yield subject.finding(
                    "CHK004", f"'{escaped(code)}' is not a permissible value of '{enum}': the entry is never used",
                    subject.place(slot, "value_mappings", code), closest(code, known),
                )  # fmt: skip
    yield from _unknown_derived(subject)


def _unknown_derived(subject: Subject) -> Iterator[Diagnostic]:
    for name, derivation in subject.loaded.spec.enum_derivations.items():
        enum = subject.source.enums.get(derivation.populated_from or "")
        if enum is None:
            continue
        for target, value in derivation.permissible_value_derivations.items():
            given = value.populated_from
            codes = [*([given] if isinstance(given, str) else given or []), *value.sources]
            for code in codes:
                if code not in enum.values:
                    yield subject.finding(
                        "CHK004", f"'{escaped(code)}' is not a permissible value of '{enum.name}'",
                        subject.loaded.location("enum_derivations", name, "permissible_value_derivations", target),
                        closest(code, enum.values),
                    )  # fmt: skip


@mapping_rule("UNUSED_ENUM_DERIVATION", "CHK003", "dead rules")
def unused_enum_derivation(subject: Subject) -> Iterator[Diagnostic]:
    """An enum derivation is used by no slot.

    What it says has no effect, and whoever changes it believes that it has.

    Bad:
        enum_derivations:
          Status: {populated_from: State}   # no slot that is derived has the range Status
    Good:
        class_derivations:
          Account:
            slot_derivations:
              status: {populated_from: state} # its range is Status
        enum_derivations:
          Status: {populated_from: State}
    """
    used = set()
    for rule, slot in subject.slots():
        derivation = subject.derivation(slot)
        own = derivation is not None and derivation.value_mappings is not None
        if not own and not isinstance(slot.value, Constant):
            made = subject.target.classes[rule.target_class].slots.get(slot.slot)  # a hidden slot may be no slot of it
            used.add(made.range if made is not None else None)
    for name, enum in subject.loaded.spec.enum_derivations.items():
        if name not in used and not enum.abstract and not enum.parent:
            yield subject.finding(
                "CHK003", f"no slot takes its codes from the derivation of enum '{escaped(name)}'",
                subject.loaded.location("enum_derivations", name),
                "slots with value_mappings of their own do not use it",
            )  # fmt: skip


@mapping_rule("UNUSED_CODE_MAP", "CHK005", "dead rules")
def unused_code_map(subject: Subject) -> Iterator[Diagnostic]:
    """A code list is read and no slot or expression looks anything up in it.

    It is read, and its codes are checked, for nothing.

    Bad:
        code_maps: {countries: {file: countries.csv}}
    Good:
        code_maps: {countries: {file: countries.csv}}
        class_derivations:
          Address:
            slot_derivations:
              country: {populated_from: land, code_map: countries}
    """
    unused = dict.fromkeys(subject.loaded.spec.code_maps)
    enums = subject.loaded.spec.enum_derivations.values()
    named = (getattr(part, "code_map", None) for part in chain(subject.slot_derivations(), enums))
    for name in chain(named, _looked_up(subject)):
        if not unused:
            return
        unused.pop(name or "", None)
    for name in unused:
        yield subject.finding("CHK005", f"nothing is looked up in the code map '{escaped(name)}'",
                              subject.loaded.location("code_maps", name), "remove it")  # fmt: skip


def _looked_up(subject: Subject) -> Iterator[str]:
    """The code maps that expressions name in lookup()."""
    for rule in subject.plan.rules.values():
        for expression in expressions(rule):
            for node in walk(expression):
                if isinstance(node, Translate):
                    yield node.table

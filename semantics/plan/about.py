"""Which derivations say the names of some slots: where only these slots are others, what is wrong is wrong there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from semantics.mapping.spec import ClassDerivation, MappingSpec, PivotOperation, SlotDerivation
from semantics.schema.model import SchemaModel

__all__ = ["About", "about"]

_INSIDE: Final = {"slot_derivations", "class_derivations"}
_ASKED: Final = re.compile(r"""\bslot\([\s'"\\]*([^'"\\]+)""")
Derivation = ClassDerivation | SlotDerivation


def about(spec: MappingSpec, words: frozenset[str], source: SchemaModel, target: SchemaModel) -> About | None:
    """What of a mapping is about slots, code lists and classes of these names: slots that hold these, too.

    None where one of the slots tells objects apart, or their classes: it says how others are held.
    """
    classes = (*source.classes.values(), *target.classes.values())
    held = words & (source.enums.keys() | target.enums.keys())
    held |= {name for cls in classes if cls.name in words for name in (*cls.ancestors, *cls.descendants)}
    slots = (slot for cls in classes for slot in cls.slots.values()) if held else ()
    names = words | {slot.name for slot in slots if not held.isdisjoint(slot.ranges)}
    if any(cls.identifier in names or cls.designator in names for cls in classes):
        return None
    return About(spec, names, {name for cls in source.classes.values() for name in cls.slots})


class About:
    """The names of slots, and of what stands for them in a mapping, as they stand in its derivations.

    ``source_slots`` are the names that the source model has for slots: a pivot reads some without saying which.
    """

    def __init__(self, spec: MappingSpec, names: frozenset[str], source_slots: Collection[str]) -> None:
        defaults = {PivotOperation.model_fields[key].default for key in ("variable_slot", "value_slot")}
        unsaid = ['"UNMELT"', '"unmelt_to_class"', '"inverse_of"']
        unsaid += ['"pivot_operation"'] if names & {*defaults, *source_slots} else []
        said = _defined(spec.definitions, names)
        self.names = re.compile("|".join((*sorted(said), *unsaid)))
        self.slots = names
        self._texts: dict[int, tuple[Derivation, str]] = {}
        self._and_what_asks(list(_slots(spec.class_derivations)))

    def _and_what_asks(self, slots: list[SlotDerivation]) -> None:
        """Take what asks by ``slot()`` for something that is looked at: without that, it is not to be had."""
        wanted = {name for slot in slots for name in _ASKED.findall(self._own(slot))}
        held = [slot for slot in slots if slot.name in wanted]
        plain, asked, before = self.names.pattern, set[str](), -1
        while len(asked) != before:
            before = len(asked)
            asked |= {re.escape(slot.name) for slot in held if self.said_in(slot)}
            self.names = re.compile(rf"{plain}|\bslot\(\W*(?:{'|'.join(sorted(asked))})\W" if asked else plain)

    def reaches(self, source: SchemaModel, target: SchemaModel) -> bool:
        """Whether the slots matter where no derivation says them: to what records are, or because a value is wanted."""
        if any(cls.name in self.slots or not self.slots.isdisjoint(cls.slots) for cls in source.classes.values()):
            return True
        held = (cls.slots[name] for cls in target.classes.values() for name in self.slots & cls.slots.keys())
        return any(
            slot.required or slot.minimum_cardinality or slot.exact_cardinality or slot.value_presence for slot in held
        )

    def said_of(self, derivation: Derivation) -> bool:
        """Whether a derivation itself says one of the names: when something is made, of what, or what it goes over."""
        return self.names.search(self._own(derivation)) is not None

    def said_in(self, derivation: SlotDerivation) -> bool:
        """Whether a derivation of a slot, or what is in it, says one of the names."""
        return self.said_of(derivation) or any(
            self.said_of(inner) or any(map(self.said_in, inner.slot_derivations.values()))
            for inner in derivation.class_derivations
        )

    def _own(self, derivation: Derivation) -> str:
        """All that a derivation says, without those that are in it."""
        known = self._texts.get(id(derivation))
        if known is None:  # it is kept beside its text, so that no other can have its id
            text = derivation.model_dump_json(exclude=_INSIDE, exclude_defaults=True, by_alias=True)
            known = self._texts[id(derivation)] = (derivation, text)
        return known[1]


def _slots(derivations: Iterable[ClassDerivation]) -> Iterator[SlotDerivation]:
    """The derivations of slots in some of classes, and in those."""
    for derivation in derivations:
        for slot in derivation.slot_derivations.values():
            yield slot
            yield from _slots(slot.class_derivations)


def _defined(definitions: dict[str, str], names: frozenset[str]) -> set[str]:
    """The names, and those of the definitions that say one of them."""
    said, before = {re.escape(name) for name in names}, 0
    while len(said) != before:
        before = len(said)
        any_of = re.compile("|".join(sorted(said)))
        said |= {re.escape(head.partition("(")[0].strip()) for head, text in definitions.items() if any_of.search(text)}
    return said

"""Which derivations say the names of some slots: where only these slots are others, what is wrong is wrong there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Final

from semantics.mapping.spec import OF_RANGE, ClassDerivation, MappingSpec, PivotOperation, SlotDerivation
from semantics.schema.model import ClassModel, SchemaModel, SlotModel

__all__ = ["ANY_CLASS", "DEMANDS", "About", "about", "slots_meant"]

ANY_CLASS: Final = "*"
"""Stands for the class in the name of a slot (``*.name``) that is meant in every class."""
DEMANDS: Final = (
    "required", "recommended", "pattern", "minimum_value", "maximum_value", "minimum_cardinality",
    "maximum_cardinality", "exact_cardinality", "equals_string", "equals_string_in", "equals_number", "value_presence",
)  # fmt: skip
"""What a slot of the target asks of values. A plan is the same whatever that is: what it makes is checked."""

_INSIDE: Final = {"slot_derivations", "class_derivations"}
_ASKED: Final = re.compile(r"""\bslot\([\s'"\\]*([^'"\\]+)""")
_PLAIN: Final = frozenset({"name", "populated_from", "value", "class_derivations", "range", "description", "metadata"})
"""Fields in which nothing asks for another slot."""
_DEFAULTS: Final = frozenset(PivotOperation.model_fields[key].default for key in ("variable_slot", "value_slot"))
Derivation = ClassDerivation | SlotDerivation
Slots = Mapping[str, frozenset[str]]
Side = tuple[SchemaModel, Slots]


def about(spec: MappingSpec, names: frozenset[str], source: SchemaModel, target: SchemaModel) -> About | None:
    """What of a mapping is about slots (``Class.slot@schema``), code lists and classes (``Name@schema``).

    It is about slots that hold one of these code lists or classes, too. A name says nothing of models that rest on
    other schemas than its own.
    None where one of the slots tells objects apart, or their classes: it says how others are held.
    """
    words, sides = set[str](), []
    made = {derivation.name for derivation in spec.class_derivations}
    for schema in (source, target):
        words |= {word for word in _known(schema, names) if "." not in word}
        slots = slots_meant(schema, names, made)
        if any({cls.identifier, cls.designator} & slots[cls.name] for cls in schema.classes.values()):
            return None
        sides.append((schema, slots))
    return About(spec, words, *sides)


def _known(schema: SchemaModel, names: frozenset[str]) -> set[str]:
    """The names of what a model may have, without their schemas."""
    return {word for word, _, home in (name.rpartition("@") for name in names) if home in schema.modules}


def slots_meant(schema: SchemaModel, names: frozenset[str], made: Set[str] = frozenset()) -> Slots:
    """By class, the slots that are meant: by their names, or because they hold what is.

    ``made`` are the classes of the derivations at the top: what makes one of them is looked for wherever a slot holds a
    class that it is.
    """
    words = _known(schema, names)
    held = {word for word in words if "." not in word}
    for cls in schema.classes.values():
        held |= {*cls.ancestors, *cls.descendants} if cls.name in words and not made.isdisjoint(words) else set()
    owners: dict[str, set[str]] = {}
    for owner, dot, name in (word.partition(".") for word in words):
        if dot:
            owners.setdefault(name, set()).add(owner)
    found = {}
    for cls in schema.classes.values():
        above = {ANY_CLASS, *cls.ancestors}
        meant = {name for name, those in owners.items() if not those.isdisjoint(above)}
        if held:
            meant |= {name for name, slot in cls.slots.items() if not held.isdisjoint(slot.ranges)}
        found[cls.name] = frozenset(meant)
    return found


class About:
    """The names of slots, and of what stands for them in a mapping, as they stand in its derivations.

    ``words`` are the names of code lists and classes; both schemas come with the slots by class. Those of the source
    are looked for in all that a derivation says, whatever class they are of there.
    """

    def __init__(self, spec: MappingSpec, words: set[str], source: Side, target: Side) -> None:
        self.source, self.target = source, target
        read, self.written = (frozenset[str]().union(*slots.values()) for _, slots in (source, target))
        self.needing = {cls.name for cls, slot in _held(*target) if slot.required}
        asking = {head for head, text in spec.definitions.items() if _ASKED.search(text)}
        said = _defined(spec.definitions, words | read | {head.partition("(")[0].strip() for head in asking})
        if any(_held(*source)) or not _DEFAULTS.isdisjoint(read):  # a pivot reads slots without saying which
            said.add('"pivot_operation"')
        self.names = _any_of(said) if said else None
        self._texts: dict[int, tuple[Derivation, str]] = {}
        self._and_what_asks(list(_slots(spec.class_derivations)))

    def _and_what_asks(self, slots: list[tuple[str, SlotDerivation]]) -> None:
        """Take what asks by ``slot()`` for something that is looked at: without that, it is not to be had."""
        wanted = {
            name for _, slot in slots if not slot.model_fields_set <= _PLAIN for name in _ASKED.findall(self._own(slot))
        }
        held = [(cls, slot) for cls, slot in slots if slot.name in wanted]
        plain, asked, before = self.names, set[str](), -1
        while len(asked) != before:
            before = len(asked)
            asked |= {re.escape(slot.name) for cls, slot in held if self.said_in(slot, cls)}
            if asked:
                words = rf"\bslot\(\W*(?:{'|'.join(sorted(asked))})\W"
                self.names = re.compile(words if plain is None else f"{plain.pattern}|{words}")

    def reaches(self) -> bool:
        """Whether the slots matter where no derivation says them: to what records are, or because a value is wanted."""
        return any(_held(*self.source)) or any(
            slot.required or slot.minimum_cardinality or slot.exact_cardinality or slot.value_presence
            for _, slot in _held(*self.target)
        )

    def said_of(self, derivation: Derivation) -> bool:
        """Whether a derivation itself says one of the names: when something is made, of what, or what it goes over."""
        return self.names is not None and self.names.search(self._own(derivation)) is not None

    def said_by_class(self, derivation: ClassDerivation, class_name: str) -> bool:
        """:meth:`said_of`, or a pivot fills slots of the class, of which one is meant."""
        pivot = derivation.pivot_operation
        filled = pivot is not None and bool(self._of(class_name) or self._of(pivot.unmelt_to_class or class_name))
        return filled or self.said_of(derivation)

    def touches(self, derivation: ClassDerivation, cls: ClassModel) -> bool:
        """Whether there is anything to look at in a derivation of a class."""
        return (
            cls.name in self.needing
            or self.said_by_class(derivation, cls.name)
            or any(
                name not in cls.slots or self.said_in(slot, cls.name)
                for name, slot in derivation.slot_derivations.items()
            )
        )

    def said_by(self, derivation: SlotDerivation, class_name: str) -> bool:
        """Whether a derivation of a slot of a class is one of these slots, or says or fills one itself."""
        return (
            derivation.name in self._of(class_name) or self._fills(derivation, class_name) or self.said_of(derivation)
        )

    def said_in(self, derivation: SlotDerivation, class_name: str) -> bool:
        """Whether :meth:`said_by` holds for a derivation of a slot, or for what is in it, or may be missing there."""
        if self.said_by(derivation, class_name):
            return True
        for inner in derivation.class_derivations:
            made = self._held_by(derivation, class_name)[0] if inner.name == OF_RANGE else inner.name
            if made in self.needing or self.said_by_class(inner, made):
                return True
            if any(self.said_in(each, made) for each in inner.slot_derivations.values()):
                return True
        return False

    def _of(self, class_name: str) -> frozenset[str]:
        """The slots of a class of the target that are meant; those of all of them where there is no such class."""
        return self.target[1].get(class_name, self.written)

    def _fills(self, derivation: SlotDerivation, class_name: str) -> bool:
        """Whether a derivation fills one of these slots in the object that it makes, or in another."""
        pivot, conversion, inverse = derivation.pivot_operation, derivation.unit_conversion, derivation.inverse_of
        filled: set[str | None] = {derivation.dictionary_key}
        if inverse is not None and inverse.slot_name in self._of(inverse.class_name):
            return True
        if pivot is not None:
            if pivot.unmelt_to_class is not None and self._of(pivot.unmelt_to_class):
                return True
            filled |= {pivot.variable_slot, pivot.value_slot, pivot.unit_slot, *pivot.id_slots}
        if conversion is not None:
            filled |= {conversion.target_unit_slot, conversion.target_magnitude_slot}
        filled.discard(None)
        return bool(filled) and any(
            not filled.isdisjoint(self._of(held)) for held in self._held_by(derivation, class_name)
        )

    def _held_by(self, derivation: SlotDerivation, class_name: str) -> tuple[str, ...]:
        """The class that a slot holds, and those below it."""
        schema = self.target[0]
        cls = schema.classes.get(class_name)
        slot = None if cls is None else cls.slots.get(derivation.name)
        held = None if slot is None else schema.classes.get(slot.range or "")
        return (OF_RANGE,) if held is None else (held.name, *held.descendants)

    def _own(self, derivation: Derivation) -> str:
        """All that a derivation says, without those that are in it."""
        known = self._texts.get(id(derivation))
        if known is None:  # it is kept beside its text, so that no other can have its id
            text = derivation.model_dump_json(exclude=_INSIDE, exclude_defaults=True, by_alias=True)
            known = self._texts[id(derivation)] = (derivation, text)
        return known[1]


def _held(schema: SchemaModel, slots: Slots) -> Iterator[tuple[ClassModel, SlotModel]]:
    """The slots that are meant, as the classes of a schema have them."""
    for cls in schema.classes.values():
        yield from ((cls, cls.slots[name]) for name in slots[cls.name] & cls.slots.keys())


def _slots(derivations: Iterable[ClassDerivation]) -> Iterator[tuple[str, SlotDerivation]]:
    """The derivations of slots in some of classes, and in those, each with the name of its class."""
    for derivation in derivations:
        for slot in derivation.slot_derivations.values():
            yield derivation.name, slot
            yield from _slots(slot.class_derivations)


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """What finds one of some words (escaped) as a whole; in JSON a letter may stand before it that ends an escape."""
    return re.compile(rf"(?:(?<!\w)|(?<=\\[nrtbf]))(?:{'|'.join(sorted(words))})(?!\w)")


def _defined(definitions: dict[str, str], names: Iterable[str]) -> set[str]:
    """The names, and those of the definitions that say one of them."""
    said, before = {re.escape(name) for name in names}, 0
    while len(said) > before:
        before = len(said)
        any_of = _any_of(said)
        said |= {re.escape(head.partition("(")[0].strip()) for head, text in definitions.items() if any_of.search(text)}
    return said

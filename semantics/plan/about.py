"""Which derivations say the names of some slots: where only these slots are others, what is wrong is wrong there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from semantics.mapping.spec import OF_RANGE, ClassDerivation, MappingSpec, SlotDerivation
from semantics.schema.model import SchemaModel, SlotModel

__all__ = ["ANY_CLASS", "About", "about"]

ANY_CLASS: Final = "*"
"""Stands for the class in the name of a slot (``*.name``) that is meant in every class."""

_INSIDE: Final = {"slot_derivations", "class_derivations"}
_ASKED: Final = re.compile(r"""\bslot\([\s'"\\]*([^'"\\]+)""")
_NEVER: Final = r"(?!)"
Derivation = ClassDerivation | SlotDerivation
Slots = Mapping[str, frozenset[str]]
Side = tuple[SchemaModel, Slots]


def about(spec: MappingSpec, words: frozenset[str], source: SchemaModel, target: SchemaModel) -> About | None:
    """What of a mapping is about slots (``Class.slot``), code lists and classes of these names.

    It is about slots that hold one of these code lists or classes, too.
    None where one of the slots tells objects apart, or their classes: it says how others are held.
    """
    held = words & (source.enums.keys() | target.enums.keys())
    classes = (*source.classes.values(), *target.classes.values())
    held |= {name for cls in classes if cls.name in words for name in (*cls.ancestors, *cls.descendants)}
    found = tuple(_of_classes(schema, words, held) for schema in (source, target))
    for schema, slots in zip((source, target), found, strict=True):
        if any({cls.identifier, cls.designator} & slots[cls.name] for cls in schema.classes.values()):
            return None
    return About(spec, {word for word in words if "." not in word}, (source, found[0]), (target, found[1]))


def _of_classes(schema: SchemaModel, words: frozenset[str], held: frozenset[str]) -> Slots:
    """By class, the slots that are meant: by their names, or because they hold what is."""
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
        asking = {head for head, text in spec.definitions.items() if _ASKED.search(text)}
        said = _defined(spec.definitions, words | read | {head.partition("(")[0].strip() for head in asking})
        if read:  # a pivot reads slots without saying which
            said.add('"pivot_operation"')
        self.names = re.compile("|".join(sorted(said)) or _NEVER)
        self._texts: dict[int, tuple[Derivation, str]] = {}
        self._and_what_asks(list(_slots(spec.class_derivations)))

    def _and_what_asks(self, slots: list[tuple[str, SlotDerivation]]) -> None:
        """Take what asks by ``slot()`` for something that is looked at: without that, it is not to be had."""
        wanted = {name for _, slot in slots for name in _ASKED.findall(self._own(slot))}
        held = [(cls, slot) for cls, slot in slots if slot.name in wanted]
        plain, asked, before = self.names.pattern, set[str](), -1
        while len(asked) != before:
            before = len(asked)
            asked |= {re.escape(slot.name) for cls, slot in held if self.said_in(slot, cls)}
            self.names = re.compile(rf"{plain}|\bslot\(\W*(?:{'|'.join(sorted(asked))})\W" if asked else plain)

    def reaches(self) -> bool:
        """Whether the slots matter where no derivation says them: to what records are, or because a value is wanted."""
        return any(_held(*self.source)) or any(
            slot.required or slot.minimum_cardinality or slot.exact_cardinality or slot.value_presence
            for slot in _held(*self.target)
        )

    def said_of(self, derivation: Derivation) -> bool:
        """Whether a derivation itself says one of the names: when something is made, of what, or what it goes over."""
        return self.names.search(self._own(derivation)) is not None

    def said_by_class(self, derivation: ClassDerivation, class_name: str) -> bool:
        """:meth:`said_of`, or a pivot fills slots of the class, of which one is meant."""
        pivot = derivation.pivot_operation
        filled = pivot is not None and bool(self._of(class_name) or self._of(pivot.unmelt_to_class or class_name))
        return filled or self.said_of(derivation)

    def said_by(self, derivation: SlotDerivation, class_name: str) -> bool:
        """Whether a derivation of a slot of a class is one of these slots, or says or fills one itself."""
        inverse = derivation.inverse_of
        return (
            derivation.name in self._of(class_name)
            or (inverse is not None and inverse.slot_name in self._of(inverse.class_name))
            or (self._fills(derivation) and any(map(self._of, self._held_by(derivation, class_name))))
            or self.said_of(derivation)
        )

    def said_in(self, derivation: SlotDerivation, class_name: str) -> bool:
        """Whether :meth:`said_by` holds for a derivation of a slot, or for what is in it."""
        if self.said_by(derivation, class_name):
            return True
        for inner in derivation.class_derivations:
            made = self._held_by(derivation, class_name)[0] if inner.name == OF_RANGE else inner.name
            if self.said_by_class(inner, made) or any(
                self.said_in(each, made) for each in inner.slot_derivations.values()
            ):
                return True
        return False

    def _of(self, class_name: str) -> frozenset[str]:
        """The slots of a class of the target that are meant; those of all of them where there is no such class."""
        return self.target[1].get(class_name, self.written)

    @staticmethod
    def _fills(derivation: SlotDerivation) -> bool:
        """Whether a derivation fills slots of the object in its slot that it need not say."""
        return bool(derivation.pivot_operation or derivation.unit_conversion or derivation.dictionary_key)

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


def _held(schema: SchemaModel, slots: Slots) -> Iterator[SlotModel]:
    """The slots that are meant, as the classes of a schema have them."""
    for cls in schema.classes.values():
        yield from (cls.slots[name] for name in slots[cls.name] & cls.slots.keys())


def _slots(derivations: Iterable[ClassDerivation]) -> Iterator[tuple[str, SlotDerivation]]:
    """The derivations of slots in some of classes, and in those, each with the name of its class."""
    for derivation in derivations:
        for slot in derivation.slot_derivations.values():
            yield derivation.name, slot
            yield from _slots(slot.class_derivations)


def _defined(definitions: dict[str, str], names: Iterable[str]) -> set[str]:
    """The names, and those of the definitions that say one of them."""
    said, before = {re.escape(name) for name in names}, 0
    while len(said) > before:
        before = len(said)
        any_of = re.compile("|".join(sorted(said)))
        said |= {re.escape(head.partition("(")[0].strip()) for head, text in definitions.items() if any_of.search(text)}
    return said

"""What a check of an instance can find: the codes, the finding, and the place where it is noted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from semantics.errors import Location, Severity, Violation, closest, escaped
from semantics.schema.model import ClassModel, SlotModel

__all__ = ["CODES", "MAX_FINDINGS", "Enough", "Notes", "Place", "Violation", "element_text", "pointer_to"]

MAX_FINDINGS: Final = 20
"""Findings listed for one instance, unless the caller asks for another number."""
MAX_COUNTED: Final = 1000
"""Findings counted beyond those that are listed; then nobody looks any further."""

CODES: Final[dict[str, str]] = {
    "VAL001": "a required slot is missing, null or an empty list",
    "VAL002": "the class has no such slot",
    "VAL003": "the value is not of the slot's type",
    "VAL004": "the value is not one of the permissible values",
    "VAL005": "the text holds no match of the pattern",
    "VAL006": "the number is below the minimum or above the maximum",
    "VAL007": "the slot holds too few or too many values",
    "VAL008": "one value stands where a list, or a mapping by identifier, is wanted",
    "VAL009": "a list stands where one value is wanted",
    "VAL010": "a boolean constraint (any_of, all_of, none_of, exactly_one_of) of a slot does not hold",
    "VAL011": "a rule of the class does not hold",
    "VAL012": "the class is not known, or the type designator names no class that may stand here",
    "VAL013": "an abstract class or mixin has no instances: the type designator must name a concrete class",
    "VAL014": "the reference is not an identifier",
    "VAL015": "something else stands where an object is wanted",
    "VAL016": "the value is not the one that equals_string or equals_number demands",
    "VAL017": "a key of an object is not text, or an object's identifier is not the key it stands under",
    "VAL018": "the data are nested too deeply, or contain themselves",
    "VAL019": "a condition of the class (slot_conditions, any_of ...) does not hold",
    "VAL020": "an identifier occurs twice in one collection",
    "VAL021": "the slots of a unique key have the same values as those of another instance",
    "VAL022": "a slot has a value that must not have one",
    "VAL023": "there are more findings about the instance than are listed (a note)",
    "VAL030": "a SHACL constraint that has no counterpart in the schema does not hold",
    "VAL031": "the generated class refuses the value",
    "VAL040": "the RDF cannot be read",
    "VAL041": "the shapes cannot be read, or use what is not carried out",
    "VAL042": "a path of a shape refers to itself",
    "VAL043": "the shapes hold SPARQL constraints, and --allow-sparql was not given",
    "VAL044": "a SPARQL constraint is not one SELECT over the data graph alone",
    "VAL050": "there are more identifiers and unique keys than memory and disk have room for",
    "VAL051": "a reference is to an instance that is not among those of the run",
}
"""Every code of a validation finding, with its meaning."""


class Enough(Exception):
    """The limit of findings is reached: nothing more needs looking at."""


@dataclass(slots=True)
class Notes:
    """The findings of one instance so far: the first ``limit``, and how many there are beyond them."""

    limit: int = MAX_FINDINGS
    found: list[Violation] = field(default_factory=list)
    omitted: int = 0

    def add(self, violation: Violation) -> None:
        """Note a finding. Raises :class:`Enough` where more than ``MAX_COUNTED`` are not listed."""
        if len(self.found) < self.limit:
            self.found.append(violation)
            return
        if self.omitted >= MAX_COUNTED:
            raise Enough
        self.omitted += 1

    def told(self) -> tuple[Violation, ...]:
        """What was found; where not all of it is listed, the last says how many more there are."""
        if not self.omitted:
            return tuple(self.found)
        more = f"{'at least ' if self.omitted >= MAX_COUNTED else ''}{self.omitted}"
        first = self.found[0] if self.found else None
        note = Violation(
            code="VAL023",
            severity=Severity.NOTE,
            message=f"{subject(first.class_name if first else None, None)}: {more} more findings are not listed",
            location=Location(pointer=""),
            class_name=first.class_name if first else None,
            constraint="limit",
        )
        return (*self.found, note)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a check stands: a pointer into the instance, and the class and slot that govern it."""

    notes: Notes
    pointer: str = ""
    class_name: str | None = None
    slot: SlotModel | None = None
    element: Location | None = None

    def of_class(self, cls: ClassModel) -> Place:
        """The same place, as an object of ``cls``."""
        return Place(self.notes, self.pointer, cls.name, None, cls.location)

    def of_slot(self, slot: SlotModel, *, present: bool = True) -> Place:
        """The value of a slot of the object that stands here; the object itself where the slot is absent."""
        pointer = pointer_to(self.pointer, slot.name) if present else self.pointer
        return Place(self.notes, pointer, self.class_name, slot, slot.location or self.element)

    def below(self, key: str | int) -> Place:
        """An item of the list, or an entry of the mapping, that stands here."""
        return Place(self.notes, pointer_to(self.pointer, key), self.class_name, self.slot, self.element)

    def note(
        self,
        code: str,
        constraint: str,
        text: str,
        *,
        hint: str | None = None,
        element: Location | None = None,
    ) -> None:
        """Note that ``constraint`` is violated here. ``text`` says what was expected and what is there."""
        slot = self.slot.name if self.slot else None
        home = element or self.element
        self.notes.add(
            Violation(
                code=code,
                message=f"{subject(self.class_name, slot)}: {text}",
                location=Location(pointer=self.pointer),
                hint=hint,
                found=element_text(self.class_name, slot, home),
                class_name=self.class_name,
                slot=slot,
                path=self.slot.uri if self.slot else None,
                constraint=constraint,
                element=home,
            )
        )


def subject(class_name: str | None, slot: str | None) -> str:
    """What a message is about.

    >>> subject("Meter", "unit")
    "slot 'unit' of 'Meter'"
    """
    if slot is None:
        return f"'{class_name}'" if class_name else "the instance"
    return f"slot '{slot}' of '{class_name}'" if class_name else f"slot '{slot}'"


def element_text(class_name: str | None, slot: str | None, home: Location | None) -> str | None:
    """The element of the model that a finding is about, with its file and line where they are known.

    >>> element_text("Meter", "unit", Location("meter.yaml", 12, 7))
    'Meter.unit (meter.yaml:12)'
    """
    if class_name is None:
        return None
    name = f"{class_name}.{slot}" if slot else class_name
    if home is None or home.file is None:
        return name
    return f"{name} ({Location(home.file, home.line)})"


def pointer_to(pointer: str, key: str | int) -> str:
    """The JSON Pointer of a member (RFC 6901, section 3).

    >>> pointer_to("/a", "b/c~d")
    '/a/b~1c~0d'
    """
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def known_names(name: str, candidates: list[str]) -> str | None:
    """The nearest of the names, or all of them where they are few."""
    near = closest(name[:100], candidates)
    if near is None and 0 < len(candidates) <= 12:
        return f"one of: {', '.join(candidates)}"
    return near


def shortened(text: str, length: int = 80) -> str:
    """Text of a schema or a key for a message: escaped, and cut where it is long.

    >>> shortened("abcdef", 3)
    'abc...'
    """
    return escaped(text if len(text) <= length else f"{text[:length]}...")

"""What the names in a mapping mean: slots of the source model, seen from where a rule stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from semantics.expressions.tree import Call, Literal
from semantics.expressions.types import ANY, KIND_OF, STRING, Kind, Type
from semantics.plan.model import JOINED
from semantics.schema.model import ClassModel, Form, SchemaModel, SlotModel

if TYPE_CHECKING:
    from semantics.mapping.spec import ClassDerivation

__all__ = ["Frame", "Holder", "SchemaScope", "is_zone", "slot_type"]

_READ_FROM_TEXT: Final = {Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.BOOLEAN}


def slot_type(schema: SchemaModel, slot: SlotModel) -> Type:
    """The type of a slot's value as expressions see it."""
    found = _scalar_type(schema, slot)
    return found.list if slot.many else found


def _scalar_type(schema: SchemaModel, slot: SlotModel) -> Type:
    if slot.form is Form.OBJECT:
        return Type(Kind.OBJECT, of=slot.range)
    if slot.form is Form.KEYED:
        key = schema.classes[slot.range or ""].identifier
        return Type(Kind.OBJECT, many=True, of=slot.range, key=key)
    if schema.takes_any(slot.range) or any(part.range for part in slot.any_of):
        return ANY
    if slot.form is Form.REFERENCE or slot.range in schema.enums:
        return STRING
    found = schema.types[slot.range or "string"]
    kind = KIND_OF[found.primitive]
    return Type(kind, as_text=found.as_text and kind in _READ_FROM_TEXT)


def is_zone(name: str) -> bool:
    """Whether a name is a time zone of the IANA database."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Frame:
    """A variable of a rule: the record itself, the element that a nested rule goes over, or a partner.

    ``name`` is what the mapping calls it, if anything. A partner (``joined``) is only seen by its name: the
    slots of the record keep theirs.
    """

    variable: str
    type: Type
    named: bool = False
    joined: bool = False

    @property
    def name(self) -> str | None:
        """The name that stands for the variable in expressions and paths."""
        return self.variable.removeprefix(JOINED) if self.named else None


@dataclass(frozen=True, slots=True)
class Holder:
    """A rule around the one that is planned: its derivation, class and scope, and the slot that is being filled."""

    derivation: ClassDerivation
    cls: ClassModel
    scope: SchemaScope
    slot: str


@dataclass(frozen=True, slots=True)
class SchemaScope:
    """Names resolve to slots of the innermost object that has them, then to the names given by ``as``."""

    schema: SchemaModel
    frames: tuple[Frame, ...]
    wrap: bool = False
    prefixes: str = "{}"
    target: str = ""
    made: Mapping[str, Type] = field(default_factory=dict)
    zone: str | None = None
    kept: frozenset[str] = frozenset()
    keep: bool = False
    members: str = ""
    code_maps: frozenset[str] = frozenset()
    holders: tuple[Holder, ...] = ()
    found: dict[tuple[str, str], tuple[SlotModel, Type] | None] = field(default_factory=dict, compare=False, repr=False)
    """Slots by class and name that have been looked for: one table for all scopes that are made of this one."""

    def told(self, *, zone: str | None, keep: bool) -> SchemaScope:
        """The scope of one slot, with what its derivation says about reading."""
        return self if zone is None and not keep else replace(self, zone=zone or self.zone, keep=keep)

    def reading(self, path: Any) -> Any:
        """A date-time read in the time zone that is told; an empty text of a column that another slot keeps is null."""
        if path.type.kind is Kind.DATETIME and self.zone is not None:
            bare = msgspec.structs.replace(path, type=msgspec.structs.replace(path.type, kind=Kind.STRING))
            return Call(function="local_datetime", arguments=(bare, Literal(value=self.zone, type=STRING)))
        if (
            not self.keep
            and path.type.kind is Kind.STRING
            and path.variable == "record"
            and set(path.steps[:1]) & self.kept
        ):
            return Call(function="null_if", arguments=(path, Literal(value="", type=STRING)))
        return None

    def resolve(self, name: str) -> tuple[str, tuple[str, ...], Type] | None:
        """The variable and the steps from it that a name stands for, with the type."""
        for frame in reversed(self.frames):
            if not frame.joined and (found := self.step(frame.type, name)) is not None:
                return frame.variable, (name,), found
        for frame in reversed(self.frames):
            if frame.name == name:
                return frame.variable, (), frame.type
        return None

    def known(self, name: str) -> bool:
        """Whether a name is that of a slot, or given by ``as``; an object of no class that is told has no slots."""
        told = replace(self, frames=tuple(frame for frame in self.frames if frame.type.kind is not Kind.ANY))
        return told.resolve(name) is not None or any(frame.name == name for frame in self.frames)

    @property
    def record(self) -> SchemaScope:
        """The scope of the record itself, with the partners that are joined to it."""
        inside = next((at for at, frame in enumerate(self.frames) if at and not frame.joined), len(self.frames))
        return replace(self, frames=self.frames[:inside])

    def step(self, base: Type, name: str) -> Type | None:
        """The type of a slot of an object; a parent class has the slots of its descendants too."""
        if base.kind is Kind.ANY:
            return ANY
        found = self._slot(base, name)
        return None if found is None else found[1]

    def _slot(self, base: Type, name: str) -> tuple[SlotModel, Type] | None:
        """A slot of an object, and its type."""
        if base.kind is not Kind.OBJECT or base.of is None:
            return None
        if (base.of, name) not in self.found:
            cls = self.schema.classes[base.of]
            slots = (self.schema.classes[candidate].slots.get(name) for candidate in (base.of, *cls.descendants))
            slot = next((slot for slot in slots if slot is not None), None)
            self.found[base.of, name] = None if slot is None else (slot, slot_type(self.schema, slot))
        return self.found[base.of, name]

    def slot(self, names: Sequence[str]) -> SlotModel | None:
        """The slot at the end of a path of names; None where the schema does not tell."""
        resolved = self.resolve(names[0]) if names else None
        if resolved is None:
            return None
        variable, steps, _ = resolved
        base = next(frame.type for frame in reversed(self.frames) if frame.variable == variable)
        slot = None
        for name in (*steps, *names[1:]):
            found = self._slot(base.one, name)
            if found is None:
                return None
            slot, base = found
        return slot

    def names(self, base: Type | None = None) -> tuple[str, ...]:
        """The names that could have been meant."""
        if base is not None:
            return tuple(self.schema.classes[base.of].slots) if base.of in self.schema.classes else ()
        found: dict[str, None] = {}
        for frame in reversed(self.frames):
            if not frame.joined:
                found |= dict.fromkeys(self.names(frame.type))
            if frame.name is not None:
                found[frame.name] = None
        return tuple(found)

    def inner(self, variable: str, element: Type, *, named: bool) -> SchemaScope:
        """The scope of a nested rule: one more frame inside."""
        return replace(self, frames=(*self.frames, Frame(variable, element, named)))

    def joined(self, variable: str, partner: Type) -> SchemaScope:
        """The scope with one more partner, known by its name."""
        return replace(self, frames=(*self.frames, Frame(variable, partner, True, True)))

    @property
    def own(self) -> Frame:
        """The frame of what the rule goes over."""
        return [frame for frame in self.frames if not frame.joined][-1]

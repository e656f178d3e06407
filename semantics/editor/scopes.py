"""What names mean at a place of a mapping: the derivation that it stands in, and the classes it reads and makes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from semantics.editor.items import slots_of
from semantics.editor.scanner import Outline, Steps
from semantics.schema.model import ClassModel, SchemaModel, SlotModel

__all__ = ["Frame", "MappingView", "Part", "entries"]

_BELOW: Final[dict[tuple[str, str], str]] = {
    ("mapping", "class_derivations"): "class", ("mapping", "enum_derivations"): "enum",
    ("mapping", "code_maps"): "code map", ("class", "slot_derivations"): "slot", ("class", "joins"): "join",
    ("slot", "class_derivations"): "class", ("enum", "permissible_value_derivations"): "value",
}  # fmt: skip
"""The collections of a mapping: the part that holds one, its key, and what each of its entries is."""


@dataclass(frozen=True, slots=True)
class Frame:
    """An object whose slots can be named: the record, an element, a partner (by its name alone)."""

    cls: ClassModel
    name: str | None = None
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a mapping around a place: its kind, name and path, the class it makes, the slot it fills."""

    kind: str
    name: str = ""
    path: Steps = ()
    target: ClassModel | None = None
    slot: SlotModel | None = None
    frames: tuple[Frame, ...] = ()


def entries(outline: Outline, path: Steps, key: str = "name") -> Iterator[tuple[str, Steps]]:
    """The entries of a collection by name: under keys, in a list with one key, or with their name inside."""
    for step in outline.children(path):
        here = (*path, step)
        if isinstance(step, str):
            yield step, here
            continue
        inside = outline.children(here)
        name = outline.value((*here, key))
        if name is not None and (len(inside) > 1 or outline.children((*here, key)) == ()):
            yield name, here
        elif len(inside) == 1 and isinstance(inside[0], str):
            yield inside[0], (*here, inside[0])


class MappingView:
    """A mapping as far as it is written, with the models of its schemas as far as they are known."""

    def __init__(self, outline: Outline, source: SchemaModel | None, target: SchemaModel | None) -> None:
        self.outline, self.source, self.target = outline, source, target

    def around(self, path: Steps) -> tuple[tuple[Part, ...], Steps]:
        """The parts around a path, outermost first, and what of the path lies inside the last."""
        parts, rest = [Part("mapping")], path
        while rest:
            last, key = parts[-1], rest[0]
            kind = _BELOW.get((last.kind, str(key)))
            if kind is not None:
                found = self._entry((*last.path, key), rest[1:])
                if found is None:
                    break
                name, body, rest = found
                parts.append(self._part(kind, name, body, last))
            elif last.kind == "slot" and key == "object":
                body = (*last.path, "object")
                rest = rest[1:]
                if rest and isinstance(rest[0], int):
                    body, rest = (*body, rest[0]), rest[1:]
                made = self.target.classes.get(last.slot.range or "") if self.target and last.slot else None
                parts.append(Part("object", made.name if made else "", body, made, None, last.frames))
            elif last.kind == "object" and isinstance(key, str):
                parts.append(self._slot(key, (*last.path, key), last))
                rest = rest[1:]
            else:
                break
        return tuple(parts), rest

    def _entry(self, path: Steps, rest: Steps) -> tuple[str, Steps, Steps] | None:
        """The name and path of the entry of a collection that a path goes into, and the rest of the path."""
        if not rest:
            return None
        if isinstance(rest[0], str):
            return rest[0], (*path, rest[0]), rest[1:]
        here = (*path, rest[0])
        for name, body in entries(self.outline, path, "alias" if path[-1] == "joins" else "name"):
            if body[: len(here)] == here:
                return name, body, rest[len(body) - len(path) :] if len(body) > len(here) else rest[1:]
        return "", here, rest[1:]

    # -- parts ------------------------------------------------------------------------------------

    def _part(self, kind: str, name: str, path: Steps, holder: Part) -> Part:
        match kind:
            case "class":
                return self._class(name, path, holder)
            case "slot":
                return self._slot(name, path, holder)
            case _:
                return Part(kind, name, path, frames=holder.frames)

    def _class(self, name: str, path: Steps, holder: Part) -> Part:
        """A class derivation: at the top its names are those of its record, in a slot those of the slot, too."""
        target = self.target.classes.get(name) if self.target else None
        frames = holder.frames
        asked = self.outline.value((*path, "populated_from"))
        listed = next(self.outline.values((*path, "sources")), None)
        if holder.kind == "mapping":
            cls = self.source.classes.get(asked or listed or name) if self.source else None
            frames = (Frame(cls),) if cls is not None else ()
        elif self.source and asked in self.source.classes:
            frames = (*frames, Frame(self.source.classes[asked]))
        frames = self._narrowed(path, frames)
        frames = (*frames, *self._partners(path))
        alias = self.outline.value((*path, "as"))
        if (each := self.outline.value((*path, "for_each"))) is not None:
            frames = self._entered(each, alias, frames)
        elif "group_by" in self.outline.children(path) and frames:
            frames = (*frames, replace(frames[0], name=alias or "members", joined=True))
        return Part("class", name, path, target, None, frames)

    def _narrowed(self, path: Steps, frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
        """With ``when_type`` the slots of that class are known."""
        wanted = self.outline.value((*path, "when_type"))
        if self.source and frames and wanted in self.source.classes:
            return (*frames[:-1], replace(frames[-1], cls=self.source.classes[wanted]))
        return frames

    def _partners(self, path: Steps) -> Iterator[Frame]:
        for alias, body in entries(self.outline, (*path, "joins"), "alias"):
            name = self.outline.value((*body, "class_named")) or alias
            if self.source and name in self.source.classes:
                yield Frame(self.source.classes[name], alias, joined=True)

    def _slot(self, name: str, path: Steps, holder: Part) -> Part:
        """A slot derivation; where it holds objects, its path is where they come from."""
        slot = holder.target.slots.get(name) if holder.target else None
        frames = holder.frames
        holds = {"class_derivations", "object", "object_derivations"} & set(self.outline.children(path))
        each = self.outline.value((*path, "for_each"))
        given = self.outline.value((*path, "populated_from"))
        if each is not None or (holds and given):
            frames = self._entered(each or given or "", self.outline.value((*path, "as")), frames)
        return Part("slot", name, path, holder.target, slot, frames)

    def _entered(self, path: str, alias: str | None, frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
        """The frames inside the objects at a path."""
        found = self.resolve(path, frames)
        cls = self.range_of(found[-1][0]) if found and found[-1] else None
        return (*frames, Frame(cls, alias)) if cls is not None else frames

    # -- names ------------------------------------------------------------------------------------

    def range_of(self, slot: SlotModel | None) -> ClassModel | None:
        """The source class that a slot holds."""
        return self.source.classes.get(slot.range or "") if self.source and slot is not None else None

    def slots(self, cls: ClassModel) -> dict[str, tuple[SlotModel, ClassModel]]:
        """The slots of a source class."""
        return slots_of(cls, self.source) if self.source else {}

    def visible(self, frames: tuple[Frame, ...]) -> dict[str, tuple[SlotModel, ClassModel]]:
        """Every slot that can be named by itself, the innermost first."""
        found: dict[str, tuple[SlotModel, ClassModel]] = {}
        for frame in reversed(frames):
            if not frame.joined:
                for name, slot in self.slots(frame.cls).items():
                    found.setdefault(name, slot)
        return found

    def resolve(self, path: str, frames: tuple[Frame, ...]) -> list[tuple[SlotModel | None, ClassModel] | None]:
        """Each step of a path: its slot and the class that has it; for the name of an object, no slot and its class."""
        steps = re.sub(r"\[[^\]]*\]", "", path).split(".")
        visible = self.visible(frames)
        found: list[tuple[SlotModel | None, ClassModel] | None] = []
        if path in visible:
            return [visible[path]]
        known: tuple[SlotModel | None, ClassModel] | None = visible.get(steps[0])
        if known is None:
            known = next(((None, frame.cls) for frame in reversed(frames) if frame.name == steps[0]), None)
        found.append(known)
        for step in steps[1:]:
            cls = None if known is None else known[1] if known[0] is None else self.range_of(known[0])
            known = self.slots(cls).get(step) if cls is not None else None
            found.append(known)
        return found

    def inside(self, path: str, frames: tuple[Frame, ...]) -> ClassModel | None:
        """The class whose slots may follow a path and a dot."""
        last = self.resolve(path, frames)[-1]
        if last is None:
            return None
        return last[1] if last[0] is None else self.range_of(last[0])

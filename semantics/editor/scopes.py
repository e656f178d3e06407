"""What names mean at a place of a mapping: the derivation that it stands in, and the classes it reads and makes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from semantics.editor.items import Item, slots_of
from semantics.editor.tokens import Outline, Steps, Token
from semantics.errors import Location
from semantics.schema.model import ClassModel, SchemaModel, SlotModel

__all__ = ["Frame", "Imported", "MappingView", "Part", "Shared", "entries"]

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


@dataclass(frozen=True, slots=True)
class Shared:
    """A definition, code map or derivation: how it is called, what it says, and where it stands."""

    head: str
    said: str
    file: Path | None
    token: Token | None

    def item(self, name: str, kind: str) -> Item:
        """What an editor shows of it."""
        text = f"**{self.head}** ({kind})" + (f"\n\n```\n{self.said}\n```" if self.said else "")
        if self.file is None:
            place = (self.token.start, self.token.end) if self.token is not None else None
            return Item(name, "name", self.said[:80] or kind, text, token=place, rank=6)
        return Item(name, "name", self.said[:80] or kind, text, Location(str(self.file), 1, 1), rank=6)


Imported = tuple[Outline, Path]
"""A mapping that is imported, as far as it is written, and its file."""


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

    def __init__(
        self,
        outline: Outline,
        source: SchemaModel | None,
        target: SchemaModel | None,
        imported: tuple[Imported, ...] = (),
    ) -> None:
        self.outline, self.source, self.target, self.imported = outline, source, target, imported
        self._asked: set[str] = set()

    def shared(self, key: str) -> dict[str, Shared]:
        """What the mapping, or one that it imports, defines under a key at its top, by the names of the entries."""
        found: dict[str, Shared] = {}
        for outline, file in ((self.outline, None), *self.imported):
            for head, path in entries(outline, (key,)):
                token = outline.key(path) or outline.scalar((*path, "name"))
                said = outline.value(path) or outline.value((*path, "file")) or ""
                found.setdefault(head.partition("(")[0], Shared(head, said, file, token))
        return found

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
        family = [(name, path), *self._family(name, path)]
        target = (
            next((self.target.classes[one] for one, _ in family if one in self.target.classes), None)
            if (self.target)
            else None
        )
        frames = holder.frames
        asked = self.outline.value((*path, "populated_from"))
        if holder.kind == "mapping":
            frames = self._records(family)
        if (not frames or target is None) and (user := self._user({one for one, _ in family})) is not None:
            frames, target = frames or user.frames, target or user.target
        elif self.source and asked in self.source.classes:
            frames = (*frames, Frame(self.source.classes[asked]))
        frames = self._narrowed(path, frames)
        frames = (*frames, *(partner for _, body in family for partner in self._partners(body)))
        alias, each = (
            next((text for _, body in family if (text := self.outline.value((*body, key))) is not None), None)
            for key in ("as", "for_each")
        )
        if each is not None:
            frames = self._entered(each, alias, frames)
        elif "group_by" in self.outline.children(path) and frames:
            frames = (*frames, replace(frames[0], name=alias or "members", joined=True))
        return Part("class", name, path, target, None, frames)

    def _family(self, name: str, path: Steps) -> Iterator[tuple[str, Steps]]:
        """The derivations that one builds on, nearest first, then those that build on it."""
        seen = {path}
        for up in (True, False):
            pending = [(name, path)]
            while pending:
                here, at = pending.pop(0)
                for one, body in self._derivations:
                    near = one in self._parents(at) if up else here in self._parents(body)
                    if near and body not in seen:
                        seen.add(body)
                        pending.append((one, body))
                        yield one, body

    @cached_property
    def _derivations(self) -> tuple[tuple[str, Steps], ...]:
        """The class derivations at the top."""
        return tuple(entries(self.outline, ("class_derivations",)))

    def _parents(self, path: Steps) -> set[str]:
        """The derivations that one names as those that it builds on."""
        return {text for key in ("is_a", "mixins") for text in self.outline.values((*path, key))}

    def _records(self, family: list[tuple[str, Steps]]) -> tuple[Frame, ...]:
        """The frames of a record: of the source class that the derivation, or one of its family, names."""
        names = (text for _, body in family for key in ("populated_from", "sources")
                 for text in self.outline.values((*body, key)))  # fmt: skip
        for name in (*names, *(one for one, _ in family)):
            if self.source and name in self.source.classes:
                return (Frame(self.source.classes[name]),)
        return ()

    def _user(self, names: set[str]) -> Part | None:
        """A derivation inside a slot that builds on one of these, which are abstract: their names are those there."""
        for token in self.outline.tokens:
            at = next(
                (index for index, step in enumerate(token.path) if index > 3 and step in ("is_a", "mixins")), None
            )
            if at is not None and token.text in names and token.role != "key" and not names & self._asked:
                before, self._asked = self._asked, self._asked | names
                last = self.around(token.path[:at])[0][-1]
                self._asked = before
                if last.kind == "class" and last.frames:
                    return last
        return None

    @property
    def anywhere(self) -> tuple[Frame, ...]:
        """The frames of every record: what a definition may be used with."""
        found: dict[str, Frame] = {}
        for name, path in self._derivations:
            for frame in self._class(name, path, Part("mapping")).frames:
                found.setdefault(frame.name or frame.cls.name, frame)
        return tuple(found.values())

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
        holds = {"class_derivations", "object", "object_derivations", "pivot_operation"} & set(
            self.outline.children(path)
        )
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

"""Completion and meaning of names in a mapping file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Final

from semantics.editor.desk import Desk, Document
from semantics.editor.expressions import braces_before, expression_items, path_items, word_at, word_item
from semantics.editor.grammar import grammar
from semantics.editor.items import (
    Item,
    as_key,
    class_item,
    enum_item,
    ranges,
    slot_item,
    value_item,
    word,
)
from semantics.editor.scopes import Frame, Imported, MappingView, Part, entries
from semantics.editor.tokens import Place, Steps, Token
from semantics.errors import Location
from semantics.schema.model import EnumModel, SchemaModel, SlotModel
from semantics.workspace import Workspace

__all__ = ["MappingFile"]

_EXPRESSIONS: Final = frozenset({"expr", "where", "having", "source_key", "lookup_key"})
_SELDOM: Final = frozenset(
    {"name", "is_a", "mixins", "target_definition", "overrides", "description", "object_derivations", "range"}
)
_PATHS: Final = frozenset({
    "populated_from", "sources", "for_each", "derived_from", "offset_field", "source_unit_slot", "over_slots",
    "source_magnitude_slot", "source_slots", "id_slots", "include", "exclude", "group_by", "join_on",
})  # fmt: skip
_MEANINGS: Final[dict[tuple[str, str], str]] = {
    ("mapping", "source_schema"): "schema", ("mapping", "target_schema"): "schema", ("mapping", "imports"): "mapping",
    ("class", "populated_from"): "source class", ("class", "sources"): "source class",
    ("class", "when_type"): "source class", ("join", "class_named"): "source class",
    ("enum", "populated_from"): "source enum", ("enum", "sources"): "source enum",
    ("value", "populated_from"): "source value", ("value", "sources"): "source value",
    ("slot", "code_map"): "code map", ("enum", "code_map"): "code map", ("slot", "range"): "target range",
    ("slot", "value"): "target value", ("slot", "default"): "target value", ("slot", "iri"): "template",
    ("class", "is_a"): "derivation", ("class", "mixins"): "derivation", ("slot", "is_a"): "sibling",
    ("slot", "mixins"): "sibling",
}  # fmt: skip
"""What a value names, by the part and the key that it stands under."""


_BY_KEY: Final = {"class_name": "target class", "unmelt_to_class": "target class", "source_unit": "unit",
                  "target_unit": "unit"}  # fmt: skip
_COMMON: Final = ("kg", "km", "cm", "mm", "m2", "m3", "kW", "kW.h", "MW.h", "km/h", "Cel")
_NOWHERE: Final = Workspace(())
_MOST_IMPORTS: Final = 64
_SHARED: Final[dict[str | int, str]] = {"definitions": "definition", "code_maps": "code map"}


class MappingFile:
    """A mapping that is open."""

    def __init__(self, document: Document, desk: Desk) -> None:
        self.document, self.desk, self.outline = document, desk, document.outline
        self.grammar = grammar("mapping")

    def _named_schema(self, key: str) -> str | None:
        return next(
            (text for step in ((key,), (key, "file"), (key, "name"), (key, "source_file"))
             if (text := self.outline.value(step)) is not None),
            None,
        )  # fmt: skip

    @cached_property
    def view(self) -> MappingView:
        """The mapping with its models."""
        models = (
            self.desk.schema(self._named_schema(key), self.document) for key in ("source_schema", "target_schema")
        )
        source, target = models
        return MappingView(self.outline, source, target, tuple(self._imports()))

    def _imports(self) -> Iterator[Imported]:
        """The mappings that this one imports, and those that they import."""
        pending, seen = [*self.outline.values(("imports",))], set[Path]()
        while pending and len(seen) < _MOST_IMPORTS:
            path = self._import(pending.pop(0))
            read = self.desk.read(path) if path is not None and path not in seen else None
            if path is not None and read is not None:
                seen.add(path)
                pending += read.outline.values(("imports",))
                yield read.outline, path

    def _import(self, name: str) -> Path | None:
        """The file of an import: beside this one, or in the workspace."""
        file = name if name.endswith(".yaml") else f"{name}.yaml"
        folders = (self.document.path.parent, *(root / "mappings" for root in self.document.workspace.roots))
        return next((path for folder in folders if (path := self.desk.placed(str(folder / file), _NOWHERE))), None)

    # -- what may stand here ----------------------------------------------------------------------

    def complete(self, place: Place) -> tuple[list[Item], int]:
        """What may be written at a place, and how many of its last characters are replaced."""
        if place.role == "comment":
            return [], 0
        items: list[Item] = []
        if place.role in ("key", "either"):
            items += map(as_key, self._keys(place.path, place.text))
        if place.role in ("value", "either"):
            found, length = self._values(place)
            if place.role == "value":
                return found, length
            items += found
        return items, len(place.text)

    def _keys(self, path: Steps, begun: str) -> Iterator[Item]:
        """Keys that may stand in the mapping at a path and are not there yet, but for the one that has begun."""
        parts, rest = self.view.around(path)
        last = parts[-1]
        there = {str(step) for step in self.outline.children(path)} - {begun}
        found = list(self._names(last, rest))
        if not rest and last.kind != "mapping" and not last.name and isinstance(path[-1], int):
            found += self._names(parts[-2], ((*last.path, "")[len(parts[-2].path)],))
        keys = self.grammar.keys(path)
        found += (Item(key, "key", text=text, rank=self._rank(key, text)) for key, text in keys.items())
        yield from (item for item in found if item.name not in there)

    @staticmethod
    def _rank(key: str, text: str) -> int:
        return 9 if text.startswith("Kept for documentation") else 7 if key in _SELDOM else 4

    def _names(self, last: Part, rest: Steps) -> Iterator[Item]:
        """The names that entries of a collection may have."""
        source, target = self.view.source, self.view.target
        match (last.kind, *rest):
            case ("mapping" | "slot", "class_derivations") if target is not None:
                fitting = target.concrete(last.slot.range) if last.slot and last.slot.range in target.classes else ()
                for name, cls in target.classes.items():
                    item = class_item(cls, target)
                    yield replace(item, rank=1) if name in fitting else item
            case ("class", "slot_derivations") | ("object",) if target is not None and last.target is not None:
                yield from (slot_item(slot, last.target, target) for slot in last.target.slots.values())
            case ("slot", "object") if target is not None and last.slot is not None:
                made = target.classes.get(last.slot.range or "")
                if made is not None:
                    yield from (slot_item(slot, made, target) for slot in made.slots.values())
            case ("mapping", "enum_derivations") if target is not None:
                yield from (enum_item(enum, target) for enum in target.enums.values())
            case ("enum", "permissible_value_derivations") if target is not None:
                yield from _values_of(target.enums.get(last.name), target)
            case ("class", "joins") if source is not None:
                yield from (class_item(cls, source) for cls in source.classes.values())
            case ("slot", "value_mappings" | "expression_mappings") if source is not None:
                slot = self._read_slot(last)
                yield from _values_of(source.enums.get(slot.range or "") if slot else None, source)

    def _read_slot(self, part: Part) -> SlotModel | None:
        """The source slot whose value a slot derivation takes."""
        path = self.outline.value((*part.path, "populated_from")) or self.outline.value(part.path) or part.name
        found = self.view.resolve(path, part.frames)[-1]
        return found[0] if found is not None else None

    def _values(self, place: Place) -> tuple[list[Item], int]:
        """What a value may be."""
        parts, rest = self.view.around(place.path)
        last, meaning = parts[-1], self._meaning(parts[-1], rest)
        choices = [word(value) for value in self.grammar.values(place.path)]
        frames = self._frames_of(parts, rest)
        match meaning:
            case "expression" | "template":
                written = braces_before(place.text) if meaning == "template" else place.text
                if written is None:
                    return list(self._prefixes()), len(place.text) if ":" not in place.text else 0
                token = self.outline.token_at(place.start)
                whole = token.text if token is not None else place.text
                here = replace(last, frames=frames)
                return expression_items(written, whole, self.view, here, lambda name: self._quoted(name, parts))
            case "path":
                before, _, partial = place.text.rpartition(".")
                found = list(path_items(f"{before}." if before else "", self.view, frames))
                return [*found, *choices], len(partial)
        return [*self._things(meaning, parts), *choices], len(place.text)

    @staticmethod
    def _meaning(last: Part, rest: Steps) -> str:
        """What a value at a place stands for."""
        keys = [step for step in rest if isinstance(step, str)]
        key = keys[-1] if keys else ""
        known = _MEANINGS.get((last.kind, keys[0])) if keys else None
        if known is not None and (len(keys) == 1 or key in ("name", "file", "source_file")):
            return known
        if (
            (last.kind == "mapping" and keys[:1] == ["definitions"])
            or key in _EXPRESSIONS
            or (keys[:1] in (["expression_mappings"], ["expression_to_expression_mappings"]) and len(keys) == 2)
            or (keys[:1] == ["group_by"] and len(keys) == 2)
        ):
            return "expression"
        if keys[:1] in (["value_mappings"], ["expression_to_value_mappings"]) and len(keys) == 2:
            return "target value"
        if (last.kind in ("slot", "object") and not rest) or key in _PATHS:
            return "path"
        if last.kind == "mapping" and key == "class":
            return "source class"
        return _BY_KEY.get(key, "")

    def _frames_of(self, parts: tuple[Part, ...], rest: Steps) -> tuple[Frame, ...]:
        """The frames in which a name is meant: a path names none of the slots of the objects that it leads to."""
        last = parts[-1]
        key = next((step for step in rest if isinstance(step, str)), "")
        if last.kind == "mapping" and key == "definitions":
            return self.view.anywhere
        if last.kind == "join" and key in ("lookup_key", "join_on"):
            return tuple(Frame(frame.cls) for frame in last.frames if frame.name == last.name)
        if last.kind == "slot" and key in ("populated_from", "for_each", "sources", "") and len(parts) > 1:
            return parts[-2].frames
        if last.kind == "class" and key == "for_each" and len(parts) > 1:
            return last.frames[:1] if parts[-2].kind == "mapping" else parts[-2].frames
        return last.frames

    def _units(self) -> Iterator[Item]:
        """Units of measure by their UCUM codes, those of the two schemas first."""
        from semantics.units.table import BASE, METRIC, NOT_METRIC

        models = [model for model in (self.view.source, self.view.target) if model is not None]
        here = {slot.unit for model in models for cls in model.classes.values() for slot in cls.slots.values()}
        for code in dict.fromkeys((*sorted(unit for unit in here if unit), *_COMMON, *BASE, *METRIC, *NOT_METRIC)):
            yield Item(code, "value", "unit of the schemas" if code in here else "UCUM", rank=5 if code in here else 8)

    def _things(self, meaning: str, parts: tuple[Part, ...]) -> Iterator[Item]:
        """Everything of the sort that a value names."""
        source, target, last = self.view.source, self.view.target, parts[-1]
        if meaning == "schema":
            yield from self.files("ontologies")
        elif meaning == "mapping":
            yield from self.files("mappings")
        elif meaning == "source class" and source is not None:
            yield from (class_item(cls, source) for cls in source.classes.values())
        elif meaning == "target class" and target is not None:
            yield from (class_item(cls, target) for cls in target.classes.values())
        elif meaning == "source enum" and source is not None:
            yield from (enum_item(enum, source) for enum in source.enums.values())
        elif meaning == "source value" and source is not None and len(parts) > 1:
            asked = self.outline.value((*parts[-2].path, "populated_from")) or parts[-2].name
            yield from _values_of(source.enums.get(asked), source)
        elif meaning == "code map":
            yield from self._code_maps()
        elif meaning == "target range" and target is not None:
            yield from ranges(target)
        elif meaning == "target value" and target is not None and last.slot is not None:
            yield from _values_of(target.enums.get(last.slot.range or ""), target)
            if last.slot.range == "boolean":
                yield from map(word, ("true", "false"))
        elif meaning == "derivation":
            shared = self.view.shared("class_derivations")
            yield from (one.item(name, "class derivation") for name, one in shared.items())
        elif meaning == "unit":
            yield from self._units()
        elif meaning == "sibling" and len(parts) > 1:
            yield from self._siblings(parts)

    def _siblings(self, parts: tuple[Part, ...]) -> Iterator[Item]:
        """The slots that are derived beside one."""
        for part in reversed(parts):
            if part.kind == "class":
                for name, body in entries(self.outline, (*part.path, "slot_derivations")):
                    token = self.outline.key(body)
                    yield Item(name, "slot", "derived here", token=(token.start, token.end) if token else None)
                return

    def _quoted(self, function: str, parts: tuple[Part, ...]) -> Iterator[Item]:
        """What stands in quotes in the call of a function."""
        if function == "slot":
            yield from self._siblings(parts)
        elif function == "lookup":
            yield from self._code_maps()
        elif function in ("iri", "expand"):
            yield from self._prefixes()

    def _code_maps(self) -> Iterator[Item]:
        yield from (one.item(name, "code map") for name, one in self.view.shared("code_maps").items())

    def _prefixes(self) -> Iterator[Item]:
        """The prefixes of the mapping, then those of the target schema."""
        found = {str(name): self.outline.value(("prefixes", name)) for name in self.outline.children(("prefixes",))}
        if self.view.target is not None:
            found = {**self.view.target.namespaces, **found}
        for name, iri in found.items():
            yield Item(name, "prefix", iri or "", f"`{name}:` is `{iri or ''}`", insert=f"{name}:")

    def files(self, kind: str) -> Iterator[Item]:
        """The schemas, or mappings, of the workspace."""
        for name, path in self.document.workspace.names(kind).items():  # type: ignore[arg-type]
            yield Item(name, "file", kind.removesuffix("s"), f"`{path.name}`", Location(str(path), 1, 1))

    # -- what stands here -------------------------------------------------------------------------

    def at(self, offset: int) -> tuple[Item, int, int] | None:
        """The thing at an offset, and where its name stands."""
        token = self.outline.token_at(offset)
        if token is None:
            return None
        found = self._key_at(token) if token.role == "key" else self._value_at(token, offset)
        if found is None or isinstance(found, Item):
            return None if found is None else (found, token.start, token.end)
        return found

    def _key_at(self, token: Token) -> Item | None:
        """What a key is: a word of the language, or the name of something that is derived."""
        text = self.grammar.text(token.path)
        if text is not None:
            return Item(token.text, "key", text=f"**{token.text}**\n\n{text}")
        parts, rest = self.view.around(token.path)
        if not rest and len(parts) > 1:
            holder, key = parts[-2], token.path[len(parts[-2].path) :]
            names = self._names(holder, key[:1] if holder.kind != "object" else ())
        else:
            names = self._names(parts[-1], rest[:-1])
        known = next((item for item in names if item.name == token.text), None)
        hidden = parts[-1].kind == "slot" and not rest
        if len(token.path) == 2 and token.path[0] in _SHARED:
            shared = self.view.shared(str(token.path[0])).get(token.text.partition("(")[0])
            return shared.item(token.text, _SHARED[token.path[0]]) if shared is not None else None
        return known or (Item(token.text, "slot", "made here for other slots") if hidden else None)

    def _value_at(self, token: Token, offset: int) -> Item | tuple[Item, int, int] | None:
        parts, rest = self.view.around(token.path)
        last, meaning = parts[-1], self._meaning(parts[-1], rest)
        at = offset - token.start
        raw = self.document.text[token.start : token.end]
        if meaning == "template":
            begin = braces_before(raw[:at])
            if begin is None:
                name = raw.partition(":")[0]
                return next((item for item in self._prefixes() if item.name == name), None)
            close = raw.find("}", at)
            here = at - len(begin), close if close >= 0 else len(raw)
            return self._word(token, parts, here, at, last.frames)
        frames = self._frames_of(parts, rest)
        if meaning == "expression":
            return self._word(token, parts, (0, len(raw)), at, frames)
        if meaning == "path":
            dot = raw.find(".", at)
            end = dot if dot >= 0 else len(raw)
            start = raw.rfind(".", 0, at) + 1
            item = word_item(raw[:end], "", self.view, Part(last.kind, frames=frames), "")
            return (item, token.start + start, token.start + end) if item is not None else None
        if meaning == "schema":
            file = self.desk.schema_file(token.text, self.document)
            model = self.view.source if rest[:1] == ("source_schema",) else self.view.target
            text = f"**{token.text}** (schema)\n\n{(model.description or model.title or '') if model else ''}"
            return Item(token.text, "file", text=text, place=Location(str(file), 1, 1) if file else None)
        if meaning == "mapping":
            return self._imported(token.text)
        if last.kind == "code map" and rest == ("file",):
            beside = self.document.path.parent / token.text
            return Item(token.text, "file", text=f"`{token.text}`", place=Location(str(beside), 1, 1))
        return next((item for item in self._things(meaning, parts) if item.name == token.text), None)

    def _imported(self, name: str) -> Item | None:
        """The mapping that an import names."""
        found = self._import(name)
        return Item(name, "file", text=f"**{name}** (mapping)", place=Location(str(found), 1, 1)) if found else None

    def _word(
        self, token: Token, parts: tuple[Part, ...], span: tuple[int, int], at: int, frames: tuple[Frame, ...]
    ) -> tuple[Item, int, int] | None:
        """What a word of an expression is."""
        start, end = span
        text = self.document.text[token.start + start : token.start + end]
        path, begin, stop, in_quotes = word_at(text, at - start)
        if not path:
            return None
        item: Item | None
        if in_quotes:
            call = text[: begin - 1].rstrip().removesuffix("(")
            function = call[len(call.rstrip("abcdefghijklmnopqrstuvwxyz_0123456789")) :]
            item = next((found for found in self._quoted(function, parts) if found.name == path), None)
        else:
            item = word_item(path, text[stop:], self.view, replace(parts[-1], frames=frames), text)
            head = str(token.path[-1])
            if item is None and token.path[:1] == ("definitions",) and path in re.findall(r"\w+", head):
                item = Item(path, "name", text=f"**{path}**: a parameter of `{head}`")
        return (item, token.start + start + begin, token.start + start + stop) if item is not None else None


def _values_of(enum: EnumModel | None, schema: SchemaModel) -> Iterator[Item]:
    """The values of an enum."""
    if enum is not None:
        yield from (value_item(value, enum, schema) for value in enum.values.values())

"""Completion and meaning of names in a LinkML schema."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Final

from semantics.editor.desk import Desk, Document
from semantics.editor.grammar import grammar
from semantics.editor.items import (
    Item,
    as_key,
    class_item,
    enum_item,
    ranges,
    slot_item,
    type_item,
    word,
)
from semantics.editor.tokens import Place, Steps
from semantics.errors import Location
from semantics.schema.model import SchemaModel

__all__ = ["OntologyFile"]

_MEANINGS: Final[dict[tuple[str, str], str]] = {
    ("class", "is_a"): "class", ("class", "mixins"): "class", ("class", "slots"): "slot", ("slot", "is_a"): "slot",
    ("slot", "mixins"): "slot", ("slot", "range"): "range", ("expression", "range"): "range", ("enum", "is_a"): "enum",
    ("enum", "inherits"): "enum", ("enum", "mixins"): "enum", ("type", "typeof"): "type",
    ("schema", "imports"): "schema", ("schema", "default_range"): "range", ("schema", "default_prefix"): "prefix",
    ("class", "class_uri"): "iri", ("slot", "slot_uri"): "iri", ("enum", "enum_uri"): "iri", ("type", "uri"): "iri",
    ("permissible value", "meaning"): "iri", ("condition", "is_a"): "class",
    ("unique key", "unique_key_slots"): "own slot",
}  # fmt: skip
"""What a value names, by the kind of definition and the key that it stands under."""


class OntologyFile:
    """A schema that is open."""

    def __init__(self, document: Document, desk: Desk) -> None:
        self.document, self.desk, self.outline = document, desk, document.outline
        self.grammar = grammar("ontology")

    @cached_property
    def model(self) -> SchemaModel | None:
        """The schema as it was read last; where it never was, the largest that it imports."""
        found = self.desk.model(self.document.path, self.document.workspace)
        if found is not None:
            return found
        imported = (self.desk.schema(name, self.document) for name in self.outline.values(("imports",)))
        return max((one for one in imported if one is not None), key=lambda one: len(one.classes), default=None)

    def _here(self, kind: str, name: str) -> tuple[int, int] | None:
        """Where the text itself defines a name."""
        token = self.outline.key((kind, name))
        return (token.start, token.end) if token is not None else None

    # -- what may stand here ----------------------------------------------------------------------

    def complete(self, place: Place) -> tuple[list[Item], int]:
        """What may be written at a place."""
        if place.role == "comment":
            return [], 0
        items: list[Item] = []
        if place.role in ("key", "either"):
            items += map(as_key, self._keys(place.path, place.text))
        if place.role in ("value", "either"):
            choices = [word(value) for value in self.grammar.values(place.path)]
            items += [*self._things(self._meaning(place.path), place.path), *choices]
        return items, len(place.text)

    def _keys(self, path: Steps, begun: str) -> Iterator[Item]:
        there = {str(step) for step in self.outline.children(path)} - {begun}
        found = list(self._names(path))
        for key, text in self.grammar.keys(path).items():
            rank = 9 if text.startswith(("Documents", "Not enforced")) else 4
            found.append(Item(key, "key", text=text, rank=rank))
        yield from (item for item in found if item.name not in there)

    def _names(self, path: Steps) -> Iterator[Item]:
        """The slots that ``slot_usage`` or conditions may name."""
        if len(path) >= 3 and path[0] == "classes" and path[-1] in ("slot_usage", "slot_conditions"):
            yield from self._things("own slot", path)

    def _meaning(self, path: Steps) -> str:
        """What a value at a path stands for."""
        keys = [step for step in path if isinstance(step, str)]
        if not keys:
            return ""
        at = path[: max(index for index, step in enumerate(path) if step == keys[-1])]
        return _MEANINGS.get((self.grammar.part(at), keys[-1]), "")

    def _things(self, meaning: str, path: Steps) -> Iterator[Item]:
        """Everything of the sort that a value names: what the text defines, then what it imports."""
        found = [*self._written(meaning), *self._known(meaning, path)]
        yield from {item.name: item for item in reversed(found)}.values()

    def _written(self, meaning: str) -> Iterator[Item]:
        """Names that stand in the text and not in a model, which may be older."""
        kinds = {"class": ("classes",), "slot": ("slots",), "enum": ("enums",), "type": ("types",),
                 "range": ("classes", "enums", "types")}.get(meaning, ())  # fmt: skip
        known = self.model
        for kind in kinds:
            there = getattr(known, kind, {}) if known is not None and kind != "slots" else {}
            for name in map(str, self.outline.children((kind,))):
                if name not in there:
                    text = self.outline.value((kind, name, "description")) or ""
                    yield Item(name, "name", text[:80], f"**{name}**\n\n{text}", token=self._here(kind, name))

    def _known(self, meaning: str, path: Steps) -> Iterator[Item]:
        model = self.model
        if meaning == "schema":
            for name, file in self.document.workspace.names("ontologies").items():
                if file.resolve() != self.document.path:
                    yield Item(name, "file", "schema", f"`{file.name}`", Location(str(file), 1, 1))
            yield Item("linkml:types", "file", "the types of LinkML")
        elif meaning in ("prefix", "iri"):
            prefixes = {str(name): self.outline.value(("prefixes", name)) or ""
                        for name in self.outline.children(("prefixes",))}  # fmt: skip
            for name, iri in {**(model.namespaces if model else {}), **prefixes}.items():
                insert = f"{name}:" if meaning == "iri" else name
                yield Item(name, "prefix", iri, f"`{name}:` is `{iri}`", insert=insert)
        elif model is None:
            return
        elif meaning == "class":
            yield from (class_item(cls, model) for cls in model.classes.values())
        elif meaning == "enum":
            yield from (enum_item(enum, model) for enum in model.enums.values())
        elif meaning == "type":
            yield from (type_item(found, model) for found in model.types.values())
        elif meaning == "range":
            yield from ranges(model)
        elif meaning in ("slot", "own slot"):
            asked = model.classes.get(str(path[1])) if len(path) > 1 and path[0] == "classes" else None
            classes = [asked] if meaning == "own slot" and asked is not None else list(model.classes.values())
            yield from (slot_item(slot, cls, model) for cls in classes for slot in cls.slots.values())

    # -- what stands here -------------------------------------------------------------------------

    def at(self, offset: int) -> tuple[Item, int, int] | None:
        """The thing at an offset, and where its name stands."""
        token = self.outline.token_at(offset)
        if token is None:
            return None
        item: Item | None
        if token.role == "key":
            text = self.grammar.text(token.path)
            if text is not None:
                return Item(token.text, "key", text=f"**{token.text}**\n\n{text}"), token.start, token.end
            item = self._defined(token.path)
        else:
            meaning = self._meaning(token.path)
            name = token.text.partition(":")[0] if meaning == "iri" else token.text
            item = next((found for found in self._things(meaning, token.path) if found.name == name), None)
        return (item, token.start, token.end) if item is not None else None

    def _defined(self, path: Steps) -> Item | None:
        """What a key defines: a class, an enum, a slot of a class."""
        model, name = self.model, str(path[-1])
        if model is None:
            return None
        match path:
            case ("classes", str(cls)) if cls in model.classes:
                return class_item(model.classes[cls], model)
            case ("classes", str(cls), *_) if cls in model.classes and name in model.classes[cls].slots:
                return slot_item(model.classes[cls].slots[name], model.classes[cls], model)
            case ("enums", str(enum)) if enum in model.enums:
                return enum_item(model.enums[enum], model)
            case ("slots", _):
                found = ((cls.slots[name], cls) for cls in model.classes.values() if name in cls.slots)
                return next((slot_item(slot, cls, model) for slot, cls in found), None)
        return None

"""Completion and meaning of names in a file of tests: the slots of the records, and of the instances."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from semantics.codes import CODES
from semantics.editor.desk import Desk, Document
from semantics.editor.grammar import grammar
from semantics.editor.items import Item, as_key, class_item, slot_item, slots_of, value_item, word
from semantics.editor.mappings import MappingFile
from semantics.editor.scopes import entries
from semantics.editor.tokens import Place, Steps
from semantics.mapping.tests import SUFFIX
from semantics.schema.model import ClassModel, SchemaModel, SlotModel

__all__ = ["TestsFile"]


class TestsFile:
    """A file of tests that is open, with the mapping that it tests."""

    __test__ = False

    def __init__(self, document: Document, desk: Desk) -> None:
        self.document, self.desk, self.outline = document, desk, document.outline
        self.grammar = grammar("tests")

    @cached_property
    def mapping(self) -> MappingFile | None:
        """The mapping beside the file."""
        beside = self.document.path.with_name(self.document.path.name.removesuffix(SUFFIX) + ".yaml")
        found = self.desk.read(beside)
        return MappingFile(found, self.desk) if found is not None else None

    def _classes(self, path: Steps) -> tuple[SchemaModel | None, list[ClassModel]]:
        """The model and the classes that an object at the top of an input or output may be of."""
        if self.mapping is None or len(path) < 3:
            return None, []
        view, key = self.mapping.view, path[2]
        tops = list(entries(view.outline, ("class_derivations",)))
        if key in ("input", "inputs", "related"):
            told = self.outline.value((*path[:2], "class"))
            names = [told] if told else [view.outline.value((*body, "populated_from")) or name for name, body in tops]
            return view.source, [view.source.classes[name] for name in names if name in view.source.classes] if (
                view.source
            ) else []
        if key in ("output", "outputs", "contains"):
            known = view.target.classes if view.target else {}
            return view.target, [known[name] for name, _ in tops if name in known]
        return None, []

    def _at(self, path: Steps) -> tuple[SchemaModel | None, list[ClassModel]]:
        """The classes of the object at a path inside an input or output."""
        model, classes = self._classes(path)
        if model is None:
            return None, []
        for step in path[3:]:
            if isinstance(step, int):
                continue
            if step in model.classes and path[2] in ("outputs", "contains", "related"):
                classes = [model.classes[step]]
                continue
            slots = [slot for cls in classes for name, (slot, _) in slots_of(cls, model).items() if name == step]
            classes = [model.classes[slot.range] for slot in slots if slot.range in model.classes]
        return model, classes

    def _slots(self, path: Steps) -> Iterator[Item]:
        model, classes = self._at(path)
        if model is not None:
            yield from (
                slot_item(slot, owner, model) for cls in classes for slot, owner in slots_of(cls, model).values()
            )
            if path[2] in ("outputs", "contains", "related") and len([s for s in path[3:] if isinstance(s, str)]) == 0:
                yield from (class_item(cls, model) for cls in classes)

    def _slot(self, path: Steps) -> tuple[SlotModel, ClassModel, SchemaModel] | None:
        """The slot that the last key of a path names."""
        keys = [index for index, step in enumerate(path) if isinstance(step, str)]
        if not keys or keys[-1] < 3:
            return None
        model, classes = self._at(path[: keys[-1]])
        for cls in classes if model is not None else ():
            found = slots_of(cls, model).get(str(path[keys[-1]])) if model is not None else None
            if found is not None and model is not None:
                return (*found, model)
        return None

    def complete(self, place: Place) -> tuple[list[Item], int]:
        """What may be written at a place."""
        if place.role == "comment":
            return [], 0
        items: list[Item] = []
        if place.role in ("key", "either"):
            there = {str(step) for step in self.outline.children(place.path)} - {place.text}
            inside = len(place.path) > 2
            keys = {} if inside else self.grammar.keys(place.path)
            found = [*self._slots(place.path), *(Item(key, "key", text=told, rank=4) for key, told in keys.items())]
            items += (as_key(item) for item in found if item.name not in there)
        if place.role in ("value", "either"):
            items += self._values(place.path)
        return items, len(place.text)

    def _values(self, path: Steps) -> Iterator[Item]:
        if len(path) >= 3 and path[2] == "rejected":
            yield from (word(code, told) for code, told in CODES.items() if code[:3] in ("REC", "VAL", "SRC"))
        elif len(path) == 3 and path[2] == "class" and self.mapping is not None and self.mapping.view.source:
            source = self.mapping.view.source
            yield from (class_item(cls, source) for cls in source.classes.values())
        elif (slot := self._slot(path)) is not None:
            enum = slot[2].enums.get(slot[0].range or "")
            yield from (value_item(value, enum, slot[2]) for value in (enum.values.values() if enum else ()))  # type: ignore[arg-type]
        if len(path) == 3:
            yield from map(word, self.grammar.values(path))

    def at(self, offset: int) -> tuple[Item, int, int] | None:
        """The thing at an offset, and where its name stands."""
        token = self.outline.token_at(offset)
        if token is None:
            return None
        item: Item | None = None
        if token.role == "key":
            text = self.grammar.text(token.path) if len(token.path) <= 3 else None
            slot = self._slot(token.path)
            if text is not None:
                item = Item(token.text, "key", text=f"**{token.text}**\n\n{text}")
            elif slot is not None:
                item = slot_item(*slot)
            else:
                item = next((found for found in self._slots(token.path[:-1]) if found.name == token.text), None)
        else:
            item = next((found for found in self._values(token.path) if found.name == token.text), None)
        return (item, token.start, token.end) if item is not None else None

"""What an editor asks of a file at an offset: what may be written, what stands there, where it is defined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from semantics.editor.desk import Desk, Document
from semantics.editor.items import Item, harmless
from semantics.editor.scanner import place_at
from semantics.editor.tokens import Place, Steps

__all__ = ["Completion", "Definition", "File", "Symbol", "complete", "definition", "file_of", "hover", "symbols"]


class File(Protocol):
    """A file of some kind that can be asked."""

    def complete(self, place: Place) -> tuple[list[Item], int]:
        """What may be written at a place, and how many of the last characters before it are replaced."""

    def at(self, offset: int) -> tuple[Item, int, int] | None:
        """The thing at an offset, and where its name stands."""


@dataclass(frozen=True, slots=True)
class Completion:
    """Something that may be written in the place of the text between two offsets."""

    item: Item
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Definition:
    """A place: offsets in the file itself, or a line and column (from 1) of another."""

    start: int = 0
    end: int = 0
    file: Path | None = None
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Symbol:
    """A part of a file that has a name, with those inside."""

    name: str
    kind: str
    start: int
    end: int
    inside: tuple[Symbol, ...] = ()


def file_of(document: Document, desk: Desk) -> File | None:
    """What can be asked of a document; None where it is none of ours."""
    match document.kind:
        case "mapping":
            from semantics.editor.mappings import MappingFile

            return MappingFile(document, desk)
        case "ontology":
            from semantics.editor.ontologies import OntologyFile

            return OntologyFile(document, desk)
        case "tests":
            from semantics.editor.files_of_tests import TestsFile

            return TestsFile(document, desk)
    return None


def complete(document: Document, offset: int, desk: Desk) -> tuple[Completion, ...]:
    """What may be written at an offset, the most fitting first."""
    file = file_of(document, desk)
    if file is None:
        return ()
    place = place_at(document.text, offset)
    items, length = file.complete(place)
    length = min(length, offset - document.text.rfind("\n", 0, offset) - 1)
    followed = document.text[offset : offset + 1] == ":"
    close = place.role == "value" and not place.text and document.text[offset - 1 : offset] == ":"
    first: dict[str, Completion] = {}
    for item in sorted(items, key=lambda item: item.rank):
        item = replace(item, text=harmless(item.text))
        chosen = _bare(item) if followed else _apart(item) if close else item
        first.setdefault(item.name, Completion(chosen, offset - length, offset))
    return tuple(first.values())


def _bare(item: Item) -> Item:
    """A key whose colon is there already."""
    return replace(item, insert=None)


def _apart(item: Item) -> Item:
    """A value that stands close to the colon of its key, which must be apart."""
    return replace(item, insert=f" {item.insert or item.name}")


def hover(document: Document, offset: int, desk: Desk) -> tuple[str, int, int] | None:
    """The text about what stands at an offset, and between which offsets it stands."""
    file = file_of(document, desk)
    found = file.at(offset) if file is not None else None
    if found is None or not (found[0].text or found[0].detail):
        return None
    item, start, end = found
    return harmless(item.text or f"**{item.name}**\n\n{item.detail}"), start, end


def definition(document: Document, offset: int, desk: Desk) -> Definition | None:
    """Where what stands at an offset is defined."""
    file = file_of(document, desk)
    found = file.at(offset) if file is not None else None
    if found is None:
        return None
    item = found[0]
    if item.token is not None:
        return Definition(*item.token)
    if item.place is None or item.place.file is None:
        return None
    path = desk.placed(item.place.file, document.workspace)
    return None if path is None else Definition(0, 0, path, item.place.line or 1, item.place.column or 1)


_NAMED = ("class_derivations", "enum_derivations", "slot_derivations", "code_maps", "definitions", "tests",
          "classes", "slots", "enums", "types", "attributes", "permissible_values")  # fmt: skip


def symbols(document: Document) -> tuple[Symbol, ...]:
    """The parts of a document that have names, as they stand in one another."""
    return tuple(_symbols(document, ())) if document.kind is not None else ()


def _symbols(document: Document, path: Steps) -> Iterator[Symbol]:
    """The symbols below a path."""
    outline = document.outline
    for step in outline.children(path):
        here = (*path, step)
        if step in _NAMED:
            yield from _entries(document, here)
        elif isinstance(step, int) or (path and path[-1] in ("object", "object_derivations")):
            yield from _symbols(document, here)


def _entries(document: Document, path: Steps) -> Iterator[Symbol]:
    from semantics.editor.scopes import entries

    for name, body in entries(document.outline, path):
        token = document.outline.key(body) or document.outline.scalar((*body, "name"))
        if token is not None and name:
            yield Symbol(name, str(path[-1]), token.start, token.end, tuple(_symbols(document, body)))

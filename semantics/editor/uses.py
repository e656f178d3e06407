"""Where a thing is used: every place of the workspace whose name stands for it, and what renaming it changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from semantics.editor.desk import Desk, Document
from semantics.editor.features import File, file_of
from semantics.editor.items import Item
from semantics.workspace import library_root

__all__ = ["Use", "can_be_named", "renaming", "uses"]

_NAME: Final = re.compile(r"[^\W\d]\w*")
_KINDS: Final = frozenset({"class", "slot", "enum", "value", "type", "name"})
Identity = tuple[str, str, object]


@dataclass(frozen=True, slots=True)
class Use:
    """A name in a file, between two offsets of its text."""

    document: Document
    start: int
    end: int


def can_be_named(name: str) -> bool:
    """Whether a name is one that needs no quotes anywhere.

    >>> can_be_named("booked_on"), can_be_named("booked on")
    (True, False)
    """
    return _NAME.fullmatch(name) is not None


def uses(document: Document, offset: int, desk: Desk) -> tuple[Use, ...]:
    """Every use of what stands at an offset, where it is defined among them."""
    file = file_of(document, desk)
    found = file.at(offset) if file is not None else None
    if found is None or found[0].kind not in _KINDS:
        return ()
    wanted = _identity(found[0], document, desk)
    if wanted is None:
        return ()
    alone = found[0].token is not None
    others = [document] if alone else [document, *_others(document, desk)]
    return tuple(use for other in others for use in _uses(other, found[0].name, wanted, desk))


def renaming(document: Document, offset: int, desk: Desk) -> tuple[Use, ...]:
    """The uses that a new name replaces; none where the thing, or a use of it, is not the user's own to change."""
    found = uses(document, offset, desk)
    own = document.workspace.roots[0]
    if own == library_root() and document.path.is_relative_to(own):
        return found
    file = file_of(document, desk)
    item = file.at(offset) if file is not None else None
    place = item[0].place if item is not None else None
    defined = desk.placed(place.file, document.workspace) if place is not None and place.file else document.path
    return found if defined is not None and not defined.resolve().is_relative_to(library_root()) else ()


def _identity(item: Item, document: Document, desk: Desk) -> Identity | None:
    """What tells a thing from others of its name: where it is defined."""
    if item.token is not None:
        return item.name, str(document.path), item.token
    if item.place is None or item.place.file is None:
        return None
    file = desk.placed(item.place.file, document.workspace)
    return item.name, str(file.resolve() if file is not None else item.place.file), item.place.line


def _others(document: Document, desk: Desk) -> Iterator[Document]:
    """The other definitions of the workspace of a document."""
    root = document.workspace.roots[0]
    paths = {path.resolve() for kind in ("ontologies", "mappings") for path in (root / kind).rglob("*.yaml")}
    beside = {path.resolve() for path in document.path.parent.glob("*.yaml")}
    for path in sorted({*paths, *beside, *desk.texts} - {document.path}):
        found = desk.read(path)
        if found is not None and found.kind is not None and found.workspace == document.workspace:
            yield found


def _uses(document: Document, name: str, wanted: Identity, desk: Desk) -> Iterator[Use]:
    """The uses of a thing in one file."""
    file: File | None = None
    for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", document.text):
        file = file or file_of(document, desk)
        found = file.at(match.start()) if file is not None else None
        if found is not None and found[1] == match.start() and _identity(found[0], document, desk) == wanted:
            yield Use(document, match.start(), match.end())

"""The index of the search: what has a name, as a script that a page can load from a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from semantics.site.mapping_pages import Study
from semantics.site.mappings import CodesPage
from semantics.site.models import Models, own_slots
from semantics.site.names import Addresses, Ref, slot_anchors
from semantics.site.words import first_sentence

__all__ = ["search_index"]

KINDS: Final = ("model", "class", "code list", "mapping", "codes", "slot")
"""Kinds of entries by their number; what is found equally well is listed in this order."""
_LETTERS: Final = 110
"""Of a description."""
_CODES: Final = 240
"""Letters of the codes of a list by which it is found."""


def search_index(
    models: Models, studies: tuple[Study, ...], files: tuple[CodesPage, ...], addresses: Addresses
) -> bytes:
    """The script. An entry is its kind, name, description, address and words by which it is found as well.

    A slot has instead of its address the entries of the classes that introduce it, each with the place there.
    """
    pages = addresses.pages
    entries: list[list[Any]] = []
    for name, model in sorted(models.modules.items()):
        title = model.title if model.name == name and model.title else name
        entries.append([0, title, _short(model.description), pages[Ref("schema", name)], name])
    numbers: dict[Ref, int] = {}
    for ref, (cls, _) in models.classes.items():
        numbers[ref] = len(entries)
        entries.append([1, ref.name, _short(cls.description), pages[ref], " ".join((cls.title or "", *cls.aliases))])
    for ref, (enum, _) in models.enums.items():
        entries.append([2, ref.name, _short(enum.description), pages[ref], " ".join(enum.values)[:_CODES]])
    entries += [[3, study.title, _short(study.description), pages[study.ref], study.name] for study in studies]
    entries += [[4, page.codes.name, page.codes.file, pages[page.ref], ""] for page in files]
    entries += _slots(models, numbers)
    text = json.dumps({"kinds": KINDS, "entries": [_trimmed(each) for each in entries]}, separators=(",", ":"))
    return f'"use strict";\nself.SEARCH = {text};\n'.encode()


def _slots(models: Models, numbers: dict[Ref, int]) -> Iterator[list[Any]]:
    """Slots by their names, each once."""
    found: dict[str, tuple[str, list[Any], set[str]]] = {}
    for ref, (cls, model) in models.classes.items():
        anchors = slot_anchors(cls.slots)
        for slot in own_slots(cls, model):
            _, places, words = found.setdefault(slot.name, (_short(slot.description), [], set()))
            anchor = anchors[slot.name]
            places.append(numbers[ref] if anchor == f"slot-{slot.name}" else [numbers[ref], anchor])
            words.update((slot.title or "", *slot.aliases))
    for name, (description, places, words) in sorted(found.items()):
        yield [5, name, description, places, " ".join(sorted(words - {"", name}))]


def _short(text: str | None) -> str:
    told = first_sentence(text)
    return told if len(told) <= _LETTERS else f"{told[: _LETTERS - 1]}…"


def _trimmed(entry: list[Any]) -> list[Any]:
    return entry if entry[-1] else entry[:-1]

"""Names in expressions, paths and templates: what may be written next, and what a word stands for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from semantics.editor.items import Item, function_item, slot_item, word
from semantics.editor.scopes import Frame, MappingView, Part
from semantics.expressions.functions import FUNCTIONS

__all__ = ["NameSource", "braces_before", "expression_items", "path_items", "word_at", "word_item"]

NameSource = Callable[[str], Iterator[Item]]
"""What stands in quotes after the opening of a call: by the name of the function."""

_CHAIN: Final = re.compile(r"[\w@](?:[\w@]|\.(?=\w)|\[(?:\"[^\"\]]*\"|'[^'\]]*'|-?\d+)\](?=[.\[]|$|\W))*")
_BEFORE: Final = re.compile(r"((?:[\w@]+(?:\[[^\]\s]*\])?\.)*)([\w@]*)$")
_STRING: Final = re.compile(r"'(?:[^'\\]|\\.)*'?|\"(?:[^\"\\]|\\.)*\"?")
_CALL: Final = re.compile(r"(\w+)\(\s*$")
_ELEMENT: Final = re.compile(r"\bfor\s+(\w+)\s+in\s+([\w.]+)")
_WORDS: Final[dict[str, str]] = {
    "case": "`case((condition, value), (true, value))`: the value of the first condition that is true",
    "slot": "`slot('name')`: the value of a slot of the instance that is made before",
    "lookup": "`lookup('map', code)`: what a code map has for a code",
    "value": "`value()`: the value of the slot itself",
    "is null": "whether there is no value", "is not null": "whether there is a value",
    "and": "both conditions are true", "or": "one condition or both are true", "not": "the condition is not true",
    "in": "whether a value is in a list", "if": "`x if condition else y`", "else": "`x if condition else y`",
    "true": "the condition that always holds", "false": "the condition that never holds", "null": "no value",
}  # fmt: skip


def _open_string(text: str) -> int | None:
    """Where the quote stands that is open at the end of an expression."""
    for found in _STRING.finditer(text):
        body = found[0]
        if found.end() == len(text) and (len(body) == 1 or body[-1] != body[0]):
            return found.start()
    return None


def braces_before(text: str) -> str | None:
    """The expression that has begun in the braces of a template; None outside of them.

    >>> braces_before("data:a/{own"), braces_before("data:a/{own}/")
    ('own', None)
    """
    at = text.rfind("{")
    return None if at < 0 or "}" in text[at:] else text[at + 1 :].lstrip("+")


def _frames(part: Part, view: MappingView, text: str) -> tuple[Frame, ...]:
    """The frames of a place with the elements that the expression itself names."""
    frames = part.frames
    for name, path in _ELEMENT.findall(text):
        cls = view.inside(path, part.frames)
        if cls is not None:
            frames = (*frames, Frame(cls, name, joined=True))
    return frames


def expression_items(
    text: str, whole: str, view: MappingView, part: Part, quoted: NameSource
) -> tuple[list[Item], int]:
    """What may follow the beginning of an expression, and how many of its last characters are replaced."""
    begin = _open_string(text)
    if begin is not None:
        call = _CALL.search(text[:begin])
        return (list(quoted(call[1])) if call else []), len(text) - begin - 1
    found = _BEFORE.search(text)
    path, partial = (found[1], found[2]) if found else ("", "")
    frames = _frames(part, view, whole)
    slots = map(_in_words, path_items(path, view, frames))
    if path:
        return list(slots), len(partial)
    items = [*slots, *map(function_item, FUNCTIONS.values())]
    items += (one.item(name, "definition") for name, one in view.shared("definitions").items())
    items += (word(name, meaning) for name, meaning in _WORDS.items())
    return items, len(partial)


def _in_words(item: Item) -> Item:
    """A slot as an expression names it: one that is no plain word stands in quotes and braces."""
    return item if item.name.isidentifier() else replace(item, insert=f"{{'{item.name}'}}")


def path_items(before: str, view: MappingView, frames: tuple[Frame, ...]) -> Iterator[Item]:
    """The slots that may follow a path and its dot; without one, all that can be named."""
    if view.source is None:
        return
    if before:
        cls = view.inside(before.rstrip("."), frames)
        for slot, owner in (view.slots(cls) if cls is not None else {}).values():
            yield slot_item(slot, owner, view.source)
        return
    inner = next((frame.cls for frame in reversed(frames) if not frame.joined), None)
    own = view.slots(inner) if inner is not None else {}
    for slot, owner in view.visible(frames).values():
        yield replace(slot_item(slot, owner, view.source), rank=5 if slot.name in own else 6)
    for frame in frames:
        if frame.name is not None:
            yield Item(frame.name, "name", f"an object of {frame.cls.name}", rank=2)


def word_at(text: str, offset: int) -> tuple[str, int, int, bool]:
    """The path up to the word at an offset of an expression, where the word stands, and whether it is in quotes.

    >>> word_at("upper(a.bc.d)", 9)
    ('a.bc', 8, 10, False)
    """
    for found in _STRING.finditer(text):
        if found.start() < offset < found.end() or (offset == found.end() and found[0][-1:] != found[0][:1]):
            before = text[: found.start()].rstrip()
            if not before.endswith(("[", "{")):
                return text[found.start() + 1 : found.end() - 1], found.start() + 1, found.end() - 1, True
    for found in _CHAIN.finditer(text):
        if found.start() <= offset <= found.end():
            end = re.compile(r"[.\[]|$").search(text, offset, found.end())
            stop = end.start() if end else found.end()
            begin = max(text.rfind(".", found.start(), offset) + 1, found.start())
            return text[found.start() : stop], begin, stop, False
    return "", offset, offset, False


def word_item(path: str, after: str, view: MappingView, part: Part, whole: str) -> Item | None:
    """What a word of an expression stands for: a slot, a function, a definition, an object with a name."""
    if after.lstrip()[:1] == "(" and "." not in path:
        if path in FUNCTIONS:
            return function_item(FUNCTIONS[path])
        if path in _WORDS:
            return word(path, _WORDS[path])
    frames = _frames(part, view, whole)
    found = view.resolve(path, frames)[-1]
    if found is not None and found[0] is not None and view.source is not None:
        return slot_item(found[0], found[1], view.source)
    if found is not None:
        return Item(path, "name", text=f"**{path}**: an object of `{found[1].name}`", place=found[1].location)
    if (definition := view.shared("definitions").get(path)) is not None:
        return definition.item(path, "definition")
    for name, source in _ELEMENT.findall(whole):
        if name == path:
            return Item(path, "name", text=f"**{path}**: an element of `{source}`")
    return word(path, _WORDS[path]) if path in _WORDS else None

"""What is the same under another name: by its term, or by all that it holds."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Final, TypeVar

import msgspec

from semantics.schema.model import ClassModel, EnumModel, PermissibleValue, SchemaModel, SlotModel

__all__ = ["renamed_classes", "renamed_enums", "renamed_slots", "renamed_values"]

Part = TypeVar("Part")
ALIKE: Final = 0.6
"""How alike two names are (1: the same) where nothing but plain content says that they are one thing."""


def renamed_classes(old: SchemaModel, new: SchemaModel) -> dict[str, str]:
    """Old to new name of the classes that are gone under the one and there under the other."""
    return _matched(
        old.classes, new.classes, lambda cls: (cls.uri,), _content_of_class, lambda cls: bool(cls.description)
    )


def renamed_enums(old: SchemaModel, new: SchemaModel) -> dict[str, str]:
    """Old to new name of the code lists that have another name."""

    def content(enum: EnumModel) -> Hashable:
        return frozenset(enum.values) or None

    return _matched(old.enums, new.enums, lambda enum: (enum.uri,) if enum.uri else None, content, lambda _: True)


def renamed_slots(old: ClassModel, new: ClassModel) -> dict[str, str]:
    """Old to new name of the slots of a class that have another name."""
    return _matched(
        old.slots, new.slots, lambda slot: (slot.uri,), _content_of_slot, lambda slot: bool(slot.description)
    )


def renamed_values(old: EnumModel, new: EnumModel) -> dict[str, str]:
    """Old to new text of the values that are written otherwise."""

    def meaning(value: PermissibleValue) -> Hashable:
        return value.meaning and (value.meaning,)

    return _matched(old.values, new.values, meaning, lambda value: value.description, lambda _: True)


def _matched(
    old: Mapping[str, Part], new: Mapping[str, Part], term: Callable[[Part], Hashable],
    content: Callable[[Part], Hashable], telling: Callable[[Part], bool],
) -> dict[str, str]:  # fmt: skip
    """Parts that are gone and parts that are new, one to one: first by their term, then by their content.

    Content that is not ``telling`` says that two parts are one only where their names are alike.
    """
    gone = {name: part for name, part in old.items() if name not in new}
    more = {name: part for name, part in new.items() if name not in old}
    found: dict[str, str] = {}
    for key in (term, content):
        before, after = _by(key, gone), _by(key, more)
        for fact, name in before.items():
            other = after.get(fact)
            if name is None or other is None:
                continue
            if key is term or telling(gone[name]) or _alike(name, other):
                found[name] = other
        gone = {name: part for name, part in gone.items() if name not in found}
        more = {name: part for name, part in more.items() if name not in found.values()}
    return found


def _by(key: Callable[[Part], Hashable], parts: Mapping[str, Part]) -> dict[Hashable, str | None]:
    """What parts are known by; None where several are known by the same."""
    found: dict[Hashable, str | None] = {}
    for name, part in parts.items():
        fact = key(part)
        if fact is not None:
            found[fact] = None if fact in found else name
    return found


def _alike(one: str, other: str) -> bool:
    return difflib.SequenceMatcher(None, one.casefold(), other.casefold()).ratio() >= ALIKE


def _content_of_slot(slot: SlotModel) -> Hashable:
    return _encoded(slot, name="", uri="", owner="", location=None)


def _content_of_class(cls: ClassModel) -> Hashable:
    """The slots of a class by name and range, and what it is below; None for a class without slots of its own."""
    own = tuple((slot.name, slot.range, slot.many) for slot in cls.slots.values())
    return (own, cls.ancestors[1:], cls.description) if own else None


def _encoded(part: Any, **without: Any) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(part, **without), order="deterministic")

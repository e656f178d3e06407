"""Classes of which no instance could exist, because each needs another inside it: somewhere it is not needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from semantics.importers.description import ImportedClass

__all__ = ["finite"]


def finite(classes: Mapping[str, ImportedClass]) -> tuple[dict[str, ImportedClass], list[tuple[str, str]]]:
    """The classes with a slot less required in each circle, and those slots with their classes.

    >>> from semantics.importers.description import ImportedSlot, Values
    >>> again = ImportedSlot("again", Values(range="Part"), required=True, inlined=True)
    >>> finite({"Part": ImportedClass("Part", (again,))})[1]
    [('Part', 'again')]
    """
    found, loosened = dict(classes), []
    above = {each.is_a for each in classes.values()}
    needs = {name: _needs(name, classes) for name in classes}
    for name in classes:
        for target, home, slot in needs[name]:
            if _leads(target, name, needs, above):
                given = found[home]
                slots = tuple(replace(each, required=False) if each.name == slot else each for each in given.slots)
                found[home] = replace(given, slots=slots)
                loosened.append((home, slot))
        needs[name] = [each for each in needs[name] if each[1:] not in loosened]
    return found, list(dict.fromkeys(loosened))


def _needs(name: str, classes: Mapping[str, ImportedClass]) -> list[tuple[str, str, str]]:
    """The classes of which an instance has to be inside one of this class: by which slot of which class."""
    found, seen = [], set()
    at = classes.get(name)
    while at is not None and at.name not in seen:
        seen.add(at.name)
        found += [
            (slot.values.range, at.name, slot.name)
            for slot in at.slots
            if slot.required and slot.inlined and not slot.multivalued and slot.values.range in classes
        ]
        at = classes.get(at.is_a or "")
    return [(str(target), home, slot) for target, home, slot in found]


def _leads(start: str, goal: str, needs: Mapping[str, list[tuple[str, str, str]]], above: set[str | None]) -> bool:
    waiting, seen = [start], set()
    while waiting:
        current = waiting.pop()
        if current == goal:
            return True
        if current not in seen and current not in above:
            seen.add(current)
            waiting += [target for target, _, _ in needs[current]]
    return False

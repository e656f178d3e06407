"""Objects that say which class they are of: alternatives by a key of theirs, elements by ``xsi:type``.

``any_of`` of classes takes the same objects as a class above them with a type designator. With it an error is about the
class that is meant, and a reader sees what tells the classes apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from semantics.importers.description import ImportedClass, ImportedSlot, Values
from semantics.importers.naming import Names

__all__ = ["designated", "designated_by_type"]


def designated(classes: Mapping[str, ImportedClass], names: Names) -> dict[str, ImportedClass]:
    """The classes, those in alternatives below a new one where a required slot of each holds the class's name.

    >>> kinds = [ImportedSlot("kind", Values(range="string", equals_string=each), required=True) for each in ("A", "B")]
    >>> choice = Values(any_of=(Values(range="A"), Values(range="B")))
    >>> given = [ImportedClass("A", (kinds[0],)), ImportedClass("B", (kinds[1],)),
    ...          ImportedClass("Order", (ImportedSlot("method", choice, inlined=True),))]
    >>> found = designated({each.name: each for each in given}, Names())
    >>> found["Order"].slots[0].values.range, found["A"].is_a, found["Method"].slots[0].designates_type
    ('Method', 'Method', True)
    """
    found, parents = dict(classes), dict[frozenset[str], str]()
    for name, cls in classes.items():
        for slot in cls.slots:
            members = _members(slot.values)
            key = _tells(members, found) if members and members not in parents else None
            if key is not None:
                parent = parents[members] = names.give(names.place(name, slot.name))
                found |= dict(_below(parent, key, members, found))
    return {name: _ranged(cls, parents) for name, cls in found.items()}


def designated_by_type(classes: Mapping[str, ImportedClass]) -> dict[str, ImportedClass]:
    """The classes; where an element may be of a class below the one that is declared, they tell it by ``xsi:type``.

    >>> stop, owner = ImportedSlot("stop", Values(range="Place"), inlined=True), ImportedSlot("owner", Values())
    >>> given = [ImportedClass("Trip", (stop,)), ImportedClass("Place"), ImportedClass("Port", (owner,), is_a="Place")]
    >>> [slot.name for slot in designated_by_type({each.name: each for each in given})["Place"].slots]
    ['xsi_type']
    """
    above = {cls.is_a for cls in classes.values()}
    tops = {_top(str(slot.values.range), classes) for cls in classes.values() for slot in cls.slots
            if slot.values.range in above and slot.values.range in classes}  # fmt: skip
    text = "The class of the element, where it is one below the class that stands here."
    told = ImportedSlot("xsi_type", Values(range="string"), description=text, designates_type=True)
    return {name: replace(cls, slots=(told, *cls.slots)) if name in tops else cls for name, cls in classes.items()}


def _top(name: str, classes: Mapping[str, ImportedClass]) -> str:
    while (parent := classes[name].is_a) is not None and parent in classes:
        name = parent
    return name


def _members(values: Values) -> frozenset[str]:
    """The classes of which one has to fit; none where something else is said."""
    if values != Values(any_of=values.any_of) or any(part != Values(range=part.range) for part in values.any_of):
        return frozenset()
    return frozenset(str(part.range) for part in values.any_of)


def _tells(members: frozenset[str], classes: Mapping[str, ImportedClass]) -> str | None:
    """The slot by which each of the classes says its name; none where a class stands above or below one of them."""
    if len(members) < 2 or any(name not in classes or classes[name].is_a for name in members):
        return None
    if any(cls.is_a in members for cls in classes.values()):
        return None
    keys = [
        {each.name for each in classes[name].slots
         if each.required and each.values == Values(range="string", equals_string=name) and not each.multivalued}
        for name in members
    ]  # fmt: skip
    return min(set.intersection(*keys), default=None)


def _below(
    parent: str, key: str, members: frozenset[str], classes: Mapping[str, ImportedClass]
) -> Iterator[tuple[str, ImportedClass]]:
    """The new class, and the members below it without the slot that it has."""
    slot = ImportedSlot(key, Values(range="string"), required=True, designates_type=True)
    yield parent, ImportedClass(parent, (slot,), description=f"One of {', '.join(sorted(members))}.", abstract=True)
    for name in classes:
        if name in members:
            rest = tuple(each for each in classes[name].slots if each.name != key)
            yield name, replace(classes[name], is_a=parent, slots=rest)


def _ranged(cls: ImportedClass, parents: Mapping[frozenset[str], str]) -> ImportedClass:
    """A class whose alternatives are named by the class above them."""

    def named(slot: ImportedSlot) -> ImportedSlot:
        parent = parents.get(_members(slot.values))
        return slot if parent is None else replace(slot, values=Values(range=parent))

    return replace(cls, slots=tuple(map(named, cls.slots)), extra=named(cls.extra) if cls.extra else None)

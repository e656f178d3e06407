"""Where a value goes in the target: which class is made of a record, and which slot holds the object that gets it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Final, NamedTuple

from semantics.schema.model import ClassModel, Form, SchemaModel, SlotModel
from semantics.suggestions.correspondences import Term
from semantics.suggestions.name_units import counted_in
from semantics.suggestions.propose import ACTIVE, Proposal, Proposals
from semantics.suggestions.words import names_words

__all__ = ["Places", "has", "target_class", "terms_of"]

_AROUND: Final = 0.75
"""What it counts for a class that a value goes into an object which it holds, where 1 is a slot of its own."""
_SOMEWHERE: Final = 0.2
"""The same where nothing says which of the objects it is."""
_NAMELESS: Final = 0.5
"""What a class without an identifier counts for records."""
_NAMED: Final = 0.5
"""What it counts that two classes have one name."""
_TELLS: Final = 2
"""Slots of a class, at most, that have a word in their names which says one of them: not ``total`` in an invoice."""
_GENERAL: Final = 5
"""A class that more slots than these hold, such as a quantity, says nothing of what is in it."""


class Place(NamedTuple):
    """A slot of a class that holds objects into which a value goes, and whether something speaks for this slot."""

    slot: str
    sure: bool


class _Holder(NamedTuple):
    """A slot that holds objects: where it is declared, its words, and whether these are the name of their class."""

    slot: SlotModel
    own: Term
    words: frozenset[str]
    itself: bool


class Places:
    """The slots of the target that hold objects, and what speaks for each."""

    def __init__(self, target: SchemaModel, holding: Mapping[tuple[Term, Term], float]) -> None:
        self._classes, self._holding = target.classes, holding
        self.concrete = [each for each in target.classes.values() if not (each.abstract or each.mixin)]
        held = {(slot.range, slot.name) for cls in target.classes.values() for slot in cls.slots.values()}
        self._often = Counter(range_ for range_, _ in held)
        self._holders = {cls.name: self._holders_of(cls) for cls in target.classes.values()}

    def _holders_of(self, made: ClassModel) -> dict[Term, list[_Holder]]:
        """The slots of a class whose objects have some slot."""
        found: defaultdict[Term, list[_Holder]] = defaultdict(list)
        for own, slot in terms_of(made):
            if slot.form is Form.OBJECT and slot.range in self._classes:
                words = names_words(slot.name)
                holder = _Holder(slot, own, frozenset(words), words == names_words(slot.range))
                for inner, _ in terms_of(self._classes[slot.range]):
                    found[inner].append(holder)
        return found

    def around(self, made: ClassModel, read: Term, target: Term) -> Place | None:
        """The slot of a class whose object gets a value of the source, the one that most speaks for."""
        around = self._holders[made.name].get(target)
        if around is None:
            return None
        often = Counter(word for holder in around for word in holder.words)
        words = {word for word in names_words(counted_in(read.slot).name) if often[word] <= _TELLS}

        def speaks(holder: _Holder) -> tuple[float, int, bool]:
            return self._holding.get((read, holder.own), 0.0), len(words & holder.words), holder.itself

        best = max(around, key=speaks)
        chance, shared, itself = speaks(best)
        general = self._often[best.slot.range] > _GENERAL
        return Place(best.slot.name, chance >= ACTIVE or shared > 0 or itself or not general)

    def gets(self, made: ClassModel, active: Mapping[Term, Mapping[Term, float]]) -> float:
        """How much a class gets, in slots of its own or in objects that it holds; what goes there twice counts once."""
        best: defaultdict[object, float] = defaultdict(float)
        for read, targets in active.items():
            each = (self._gets(made, read, target, chance) for target, chance in targets.items())
            at, much = max(each, key=lambda item: item[1], default=(None, 0.0))
            best[at] = max(best[at], much)
        return sum(best.values())

    def _gets(self, made: ClassModel, read: Term, target: Term, chance: float) -> tuple[object, float]:
        """Where in a class a value goes, and how much that counts."""
        if has(made, target):
            return target, chance
        place = self.around(made, read, target)
        if place is None:
            return None, 0.0
        return (place.slot, target), chance * (_AROUND if place.sure else _SOMEWHERE)


def has(cls: ClassModel, term: Term) -> bool:
    """Whether a class has a slot, itself or from the class that declares it."""
    held = cls.slots.get(term.slot)
    return held is not None and (held.owner or cls.name) == term.cls


def terms_of(cls: ClassModel) -> Iterator[tuple[Term, SlotModel]]:
    """The slots of a class, each with where it is declared."""
    return ((Term(slot.owner or cls.name, slot.name), slot) for slot in cls.slots.values())


def target_class(
    found: Proposals, cls: ClassModel, by_read: Mapping[Term, Collection[Proposal]], places: Places, held: bool
) -> str | None:
    """The class that a source class goes to: the best of those that can be made and that get something.

    What no other class holds is more likely a thing with an identifier than a value, such as a quantity.
    """
    if cls.abstract or cls.mixin:
        return None
    active = {
        term: {each.target: each.confidence for each in by_read.get(term, ()) if each.active}
        for term, _ in terms_of(cls)
    }
    fits, words = found.classes.get(cls.name, {}), set(names_words(cls.name))

    def fitness(candidate: ClassModel) -> tuple[float, float, int]:
        gets = places.gets(candidate, active) * (1.0 if held or candidate.identifier else _NAMELESS)
        named = set(names_words(candidate.name))
        gets += _NAMED * len(words & named) / len(words | named) if gets else 0.0
        return gets, fits.get(candidate.name, 0.0), -len(candidate.slots)

    best = max(places.concrete, key=fitness, default=None)
    return best.name if best is not None and fitness(best)[0] else None

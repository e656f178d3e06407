"""What speaks for a pair of slots when it is seen among the others: its rivals, its classes, the objects around it."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt
from operator import neg
from typing import Final, NamedTuple

from semantics.schema.model import SchemaModel
from semantics.suggestions.correspondences import Term
from semantics.suggestions.likeness import Pair

__all__ = ["CONTEXT", "Fit", "Standing", "Surroundings", "standings"]

_MOST_CLASSES: Final = 10
"""Target classes that are kept for each class of the source."""
_MOST_HOLDERS: Final = 12
"""Classes that hold another, of those that are looked at."""


class Fit(NamedTuple):
    """How well two classes fit.

    By the number of slots, among the classes that could, each for itself, and by the share of the slots that go to
    it before others.
    """

    most: float = 0.0
    share: float = 0.0
    own: float = 0.0
    wins: float = 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a pair stands: its chance so far, that of its rivals, and the chances of its classes to belong together.

    ``rival`` is the best other target for the slot of the source, ``contender`` the best other slot of the same class
    for the target; ``place`` and ``turn`` count those before it. ``around``: objects of the one are objects of the
    other in some slot. ``below``: the classes of the objects that the slots hold fit; ``above`` and ``over``: what
    holds the object of the source fits the class of the target; ``within``: the class of the source fits what holds
    the object of the target. ``wrapped``: the slot goes to one that holds such objects as have the target; ``inside``:
    to a slot of the object that the target holds. ``elsewhere`` is the mean, and ``once`` the best, of the chances
    of slots of this name in other classes.
    """

    chance: float
    rival: float
    contender: float
    place: int
    turn: int
    together: float
    fit: Fit
    top: float
    of_class: float
    around: float
    below: Fit
    above: float
    over: float
    within: float
    wrapped: float
    inside: float
    elsewhere: float
    once: float
    others: int
    holders: int

    @property
    def odds(self) -> float:
        """The logarithm of the odds."""
        return log((self.chance + 1e-6) / (1 - self.chance + 1e-6))


CONTEXT: Final[dict[str, Callable[[Standing], float]]] = {
    "chance": lambda s: s.chance,
    "odds": lambda s: s.odds,
    "rival": lambda s: s.rival,
    "contender": lambda s: s.contender,
    "above its rival": lambda s: s.chance - s.rival,
    "above its contender": lambda s: s.chance - s.contender,
    "times its rival": lambda s: s.chance / (s.rival + 0.02),
    "times its contender": lambda s: s.chance / (s.contender + 0.02),
    "place among its rivals": lambda s: s.place,
    "place among its contenders": lambda s: s.turn,
    "all targets together": lambda s: s.together,
    "classes fit": lambda s: s.fit.most,
    "classes fit best": lambda s: s.fit.share,
    "own classes fit": lambda s: s.fit.own,
    "first choices in the class": lambda s: s.fit.wins,
    "odds in fitting classes": lambda s: s.fit.share * s.odds,
    "best fit of the class": lambda s: s.top,
    "best in the class": lambda s: s.of_class,
    "objects around": lambda s: s.around,
    "objects below": lambda s: s.below.share,
    "slots of objects below": lambda s: s.below.most,
    "class of the holder fits": lambda s: s.above,
    "slots of the holder fit": lambda s: s.over,
    "fits the holder": lambda s: s.within,
    "goes to a holder": lambda s: s.wrapped,
    "goes into the object": lambda s: s.inside,
    "same name elsewhere": lambda s: s.elsewhere,
    "same name elsewhere at best": lambda s: s.once,
    "classes with the name": lambda s: s.others,
    "holders of the class": lambda s: s.holders,
}
"""Every piece of evidence that is found in the surroundings of a pair."""


class Surroundings:
    """Which classes belong together, by the chances of the pairs of their slots."""

    def __init__(self, source: SchemaModel, target: SchemaModel) -> None:
        self.source, self.target = source, target
        self._having = _having(source)
        self._had = _having(target)
        self._slots = {
            name: frozenset(Term(slot.owner or name, slot.name) for slot in cls.slots.values())
            for name, cls in source.classes.items()
        }
        self._holders, self._held_in = _holders(source), _holders(target)
        self.fitting: dict[str, dict[str, float]] = {}
        self._first: dict[str, Counter[str]] = {}
        self._best: dict[Term, dict[str, float]] = {}
        self._found: dict[tuple[str, str], Fit] = {}

    def look(self, pairs: Sequence[Pair], chances: Sequence[float]) -> None:
        """Work out which classes fit, from the best pair of each slot with each class."""
        best: defaultdict[Term, dict[str, float]] = defaultdict(dict)
        for pair, chance in zip(pairs, chances, strict=True):
            if chance < 0.02:
                continue
            known = best[pair.source.described.term]
            for name in self._had.get(pair.target.term, ()):
                if chance > known.get(name, 0.0):
                    known[name] = chance
        self.fitting, self._first, self._found, self._best = {}, {}, {}, best
        for name, slots in self._slots.items():
            sums: defaultdict[str, float] = defaultdict(float)
            first: Counter[str] = Counter()
            for term in sorted(slots & best.keys()):
                top = max(best[term].values())
                for cls, chance in best[term].items():
                    sums[cls] += chance
                    first[cls] += chance >= top
            kept = sorted(sums.items(), key=lambda item: (-item[1], item[0]))[:_MOST_CLASSES]
            self.fitting[name], self._first[name] = dict(kept), first

    def fit(self, source: str, target: str) -> Fit:
        """How well two classes fit."""
        key = (source, target)
        if key not in self._found:
            self._found[key] = self._fit(source, target)
        return self._found[key]

    def _fit(self, source: str, target: str) -> Fit:
        cls = self.source.classes.get(source)
        if cls is None:
            return Fit()
        most = share = wins = 0.0
        for name in (source, *cls.descendants[:20]):
            known = self.fitting.get(name, {})
            top, size = max(known.values(), default=0.0), 1 + len(self._slots[name])
            for candidate, value in known.items():
                if self.target.is_a(candidate, target):
                    most = max(most, value / sqrt(size))
                    share = max(share, value / (top + 0.3))
                    wins = max(wins, self._first[name][candidate] / size)
        own = self.fitting.get(source, {}).get(target, 0.0) / (1 + len(self._slots.get(source, ())))
        return Fit(most, share, own, wins)

    def top(self, source: str) -> float:
        """The sum of the chances of the class that fits best."""
        return max(self.fitting.get(source, {}).values(), default=0.0)

    def of_class(self, term: Term, target: str) -> float:
        """The best chance of a slot in a class."""
        return self._best.get(term, {}).get(target, 0.0)

    def above(self, source: str, target: str) -> tuple[float, float]:
        """How well what holds a class of the source fits a class of the target."""
        fits = [self.fit(holder, target) for holder in self.holders(source)[:_MOST_HOLDERS]]
        return max((fit.share for fit in fits), default=0.0), max((fit.most for fit in fits), default=0.0)

    def within(self, source: str, target: str) -> float:
        """How well a class of the source fits what holds a class of the target."""
        holders = self._held_in.get(target, ())[: 3 * _MOST_HOLDERS]
        return max((self.fit(source, holder).share for holder in holders), default=0.0)

    def holders(self, source: str) -> Sequence[str]:
        """The classes that hold objects of a class."""
        return self._holders.get(source, ())


def _holders(schema: SchemaModel) -> Mapping[str, tuple[str, ...]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name, cls in schema.classes.items():
        for slot in cls.slots.values():
            if slot.range in schema.classes:
                found[slot.range].add(slot.owner or name)
    return {name: tuple(sorted(holders)) for name, holders in found.items()}


def _having(schema: SchemaModel) -> Mapping[Term, tuple[str, ...]]:
    """The classes that have a slot, by where it is declared; only those that can have instances."""
    found: defaultdict[Term, list[str]] = defaultdict(list)
    for name, cls in schema.classes.items():
        for slot in cls.slots.values():
            if not (cls.abstract or cls.mixin) or not cls.descendants:
                found[Term(slot.owner or name, slot.name)].append(name)
    return {term: tuple(names) for term, names in found.items()}


class _Sums:
    """What the chances of all pairs come to, for each slot, target, name and class."""

    def __init__(self, pairs: Sequence[Pair], chances: Sequence[float], target: SchemaModel) -> None:
        self.rivals: defaultdict[object, list[float]] = defaultdict(list)
        self.contenders: defaultdict[object, list[float]] = defaultdict(list)
        self.names: defaultdict[object, list[float]] = defaultdict(list)
        self.holding: defaultdict[tuple[str, str], float] = defaultdict(float)
        self.wrapped: defaultdict[tuple[Term, str], float] = defaultdict(float)
        self.inside: defaultdict[tuple[Term, str], float] = defaultdict(float)
        for pair, chance in zip(pairs, chances, strict=True):
            source, range_ = pair.source.described, pair.target.range or ""
            self.rivals[source.term].append(chance)
            self.contenders[source.term.cls, pair.target.term].append(chance)
            self.names[_name(pair)].append(chance)
            if _both_hold(pair):
                held = (source.range or "", range_)
                self.holding[held] = max(self.holding[held], chance)
            if pair.target.kind in _HELD:
                for name in _ancestors(target, range_):
                    self.wrapped[source.term, name] = max(self.wrapped[source.term, name], chance)
            inside = (source.term, pair.target.term.cls)
            self.inside[inside] = max(self.inside[inside], chance)
        for each in (*self.rivals.values(), *self.contenders.values(), *self.names.values()):
            each.sort(reverse=True)


def _ancestors(schema: SchemaModel, name: str) -> tuple[str, ...]:
    cls = schema.classes.get(name)
    return () if cls is None else cls.ancestors


def _name(pair: Pair) -> object:
    return (pair.source.described.names[0], pair.target.term)


def _both_hold(pair: Pair) -> bool:
    return pair.source.inner is None and pair.kind in _HELD and pair.target.kind in _HELD


def standings(pairs: Sequence[Pair], chances: Sequence[float], surroundings: Surroundings) -> list[Standing]:
    """How each pair stands among all of them."""
    surroundings.look(pairs, chances)
    sums = _Sums(pairs, chances, surroundings.target)
    return [_standing(pair, chance, sums, surroundings) for pair, chance in zip(pairs, chances, strict=True)]


def _standing(pair: Pair, chance: float, sums: _Sums, classes: Surroundings) -> Standing:
    source, target = pair.source.described, pair.target
    own, other = source.term.cls, target.term.cls
    rivals, contenders = sums.rivals[source.term], sums.contenders[own, target.term]
    names = sums.names[_name(pair)]
    above, over = classes.above(own, other)
    return Standing(
        chance=chance,
        rival=_other(rivals, chance),
        contender=_other(contenders, chance),
        place=_before(rivals, chance),
        turn=_before(contenders, chance),
        together=sum(rivals),
        fit=classes.fit(own, other),
        top=classes.top(own),
        of_class=classes.of_class(source.term, other),
        around=max((sums.holding.get((own, name), 0.0) for name in _ancestors(classes.target, other)), default=0.0),
        below=classes.fit(source.range or "", target.range or "") if _both_hold(pair) else Fit(),
        above=above,
        over=over,
        within=classes.within(own, other),
        wrapped=sums.wrapped.get((source.term, other), 0.0),
        inside=sums.inside.get((source.term, target.range or ""), 0.0),
        elsewhere=(sum(names) - chance) / (len(names) - 1) if len(names) > 1 else chance,
        once=_other(names, chance) if len(names) > 1 else chance,
        others=len(names),
        holders=len(classes.holders(own)),
    )


_HELD: Final = frozenset({"object", "reference"})


def _other(chances: Sequence[float], chance: float) -> float:
    """The best of the others, of chances in order: the second where this one is the best."""
    if chance < chances[0]:
        return chances[0]
    return chances[1] if len(chances) > 1 else 0.0


def _before(chances: Sequence[float], chance: float) -> int:
    """How many of the chances, which are in order, are better."""
    return bisect_left(chances, -chance, key=neg)

"""What speaks for a pair of slots when it is seen among the others: its rivals, its classes, the objects around it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Final

from semantics.schema.model import SchemaModel
from semantics.suggestions.correspondences import Term
from semantics.suggestions.likeness import Pair

__all__ = ["CONTEXT", "Standing", "Surroundings", "standings"]

_MOST_CLASSES: Final = 8
"""Target classes that are kept for each class of the source."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a pair stands: its chance so far, that of its rivals, and the chances of its classes to belong together.

    ``rival`` is the best other target for the slot of the source, ``contender`` the best other slot of the same class
    for the target. ``classes`` and ``share`` say how well the classes fit, and how well among those that could; ``own``
    for the classes that declare the slots. ``around``: objects of the one are objects of the other in some
    slot. ``below``: the classes of the objects that the slots hold fit.
    """

    chance: float
    rival: float
    contender: float
    classes: float
    share: float
    own: float
    around: float
    below: float
    inner: bool


CONTEXT: Final[dict[str, Callable[[Standing], float]]] = {
    "chance": lambda s: s.chance,
    "odds": lambda s: log((s.chance + 1e-6) / (1 - s.chance + 1e-6)),
    "above its rival": lambda s: s.chance - s.rival,
    "above its contender": lambda s: s.chance - s.contender,
    "no better rival": lambda s: float(s.chance >= s.rival),
    "no better contender": lambda s: float(s.chance >= s.contender),
    "rival": lambda s: s.rival,
    "contender": lambda s: s.contender,
    "classes fit": lambda s: s.classes,
    "classes fit best": lambda s: s.share,
    "own classes fit": lambda s: s.own,
    "objects around": lambda s: s.around,
    "objects below": lambda s: s.below,
    "odds in fitting classes": lambda s: s.share * log((s.chance + 1e-6) / (1 - s.chance + 1e-6)),
    "best in fitting classes": lambda s: s.share * float(s.chance >= s.rival),
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
        self.fitting: dict[str, dict[str, float]] = {}
        self._found: dict[tuple[str, str], tuple[float, float, float]] = {}

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
        self.fitting, self._found = {}, {}
        for name, slots in self._slots.items():
            sums: defaultdict[str, float] = defaultdict(float)
            for term in sorted(slots & best.keys()):
                for cls, chance in best[term].items():
                    sums[cls] += chance
            kept = sorted(sums.items(), key=lambda item: (-item[1], item[0]))[:_MOST_CLASSES]
            self.fitting[name] = dict(kept)

    def fit(self, source: str, target: str) -> tuple[float, float, float]:
        """How well two classes fit: by the number of slots, among the classes that could, and for themselves."""
        key = (source, target)
        if key not in self._found:
            self._found[key] = self._fit(source, target)
        return self._found[key]

    def _fit(self, source: str, target: str) -> tuple[float, float, float]:
        cls = self.source.classes.get(source)
        if cls is None:
            return (0.0, 0.0, 0.0)
        most = share = 0.0
        for name in (source, *cls.descendants[:20]):
            known = self.fitting.get(name, {})
            top = max(known.values(), default=0.0)
            for candidate, value in known.items():
                if self.target.is_a(candidate, target):
                    most = max(most, value / sqrt(1 + len(self._slots[name])))
                    share = max(share, value / (top + 0.3))
        own = self.fitting.get(source, {}).get(target, 0.0) / (1 + len(self._slots.get(source, ())))
        return (most, share, own)


def _having(schema: SchemaModel) -> Mapping[Term, tuple[str, ...]]:
    """The classes that have a slot, by where it is declared; only those that can have instances."""
    found: defaultdict[Term, list[str]] = defaultdict(list)
    for name, cls in schema.classes.items():
        for slot in cls.slots.values():
            if not (cls.abstract or cls.mixin) or not cls.descendants:
                found[Term(slot.owner or name, slot.name)].append(name)
    return {term: tuple(names) for term, names in found.items()}


def standings(pairs: Sequence[Pair], chances: Sequence[float], surroundings: Surroundings) -> list[Standing]:
    """How each pair stands among all of them."""
    surroundings.look(pairs, chances)
    targets: defaultdict[object, list[float]] = defaultdict(lambda: [0.0, 0.0])
    sources: defaultdict[object, list[float]] = defaultdict(lambda: [0.0, 0.0])
    holding: defaultdict[tuple[str, str], float] = defaultdict(float)
    for pair, chance in zip(pairs, chances, strict=True):
        _two_best(targets[_source(pair)], chance)
        _two_best(sources[_rivalry(pair)], chance)
        held = (pair.source.described.range or "", pair.target.range or "")
        if pair.source.inner is None and pair.kind in _HELD and pair.target.kind in _HELD:
            holding[held] = max(holding[held], chance)
    found = []
    for pair, chance in zip(pairs, chances, strict=True):
        source, target = pair.source.described, pair.target
        fit = surroundings.fit(source.term.cls, target.term.cls)
        cls = surroundings.target.classes.get(target.term.cls)
        around = max(
            (holding.get((source.term.cls, name), 0.0) for name in (cls.ancestors if cls else ())), default=0.0
        )
        below = 0.0
        if pair.kind in _HELD and target.kind in _HELD:
            below = surroundings.fit(source.range or "", target.range or "")[1]
        found.append(
            Standing(
                chance,
                _other(targets[_source(pair)], chance),
                _other(sources[_rivalry(pair)], chance),
                *fit,
                around,
                below,
                pair.source.inner is not None,
            )
        )
    return found


_HELD: Final = frozenset({"object", "reference"})


def _source(pair: Pair) -> object:
    return (pair.source.described.term, pair.source.leaf)


def _rivalry(pair: Pair) -> object:
    return (pair.source.described.term.cls, pair.target.term)


def _two_best(best: list[float], chance: float) -> None:
    if chance > best[0]:
        best[:] = [chance, best[0]]
    elif chance > best[1]:
        best[1] = chance


def _other(best: list[float], chance: float) -> float:
    """The best of the others: the second where this one is the best."""
    return best[1] if chance >= best[0] else best[0]

"""What speaks for a pair of slots, looked at by itself: words, kinds, IRIs, codes, and what other mappings do.

:data:`FEATURES` is the table: the name of each piece of evidence, its function, and SSSOM's word for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from semantics.suggestions.bags import Bags, rarity
from semantics.suggestions.correspondences import Term
from semantics.suggestions.kinds import fits
from semantics.suggestions.terms import Described
from semantics.suggestions.usage import NOTHING, Hint, Usage
from semantics.suggestions.words import names_words

__all__ = ["FEATURES", "Feature", "Item", "Likeness", "Pair", "items_of", "stands_for_all"]

CANDIDATES: Final = 30
"""Pairs that are looked at closely, for each slot of the source."""


class Item(NamedTuple):
    """A slot of the source as a rule would read it: itself, or what stands for the object that it holds."""

    leaf: Term
    described: Described
    inner: Described | None = None


@dataclass(slots=True)
class Pair:
    """A slot of the source and one of the target, with what was found out about them."""

    source: Item
    target: Described
    kind: str
    words: float
    named: float
    told: float
    prose: float
    whole: float
    every: float
    classes: float = 0.0
    holders: float = 0.0
    members: float = 0.0
    inside: float = 0.0
    hint: Hint = NOTHING
    holder_hint: float = 0.0
    spread: float = 0.0
    of_kind: float = 0.0
    sum: float = 0.0
    best_sum: float = 0.0
    best_words: float = 0.0
    place: int = 0


_HELD: Final = frozenset({"object", "reference"})


class Feature(NamedTuple):
    """One piece of evidence: a number from a pair, and what SSSOM calls a mapping that is justified by it."""

    value: Callable[[Pair], float]
    justification: str


_LEXICAL, _STRUCTURAL, _INSTANCE = "LexicalMatching", "StructuralMatching", "InstanceBasedMatching"
_TERMS, _ANALOGY = "SemanticSimilarityThresholdMatching", "MappingChaining"

FEATURES: Final[dict[str, Feature]] = {
    "same name": Feature(lambda p: float(p.source.described.names[0] == p.target.names[0]), _LEXICAL),
    "same name or alias": Feature(
        lambda p: float(any(name in p.target.names for name in p.source.described.names)), _LEXICAL
    ),
    "words of the names": Feature(lambda p: p.words, _LEXICAL),
    "name in the description": Feature(lambda p: p.named, _LEXICAL),
    "description in the name": Feature(lambda p: p.told, _LEXICAL),
    "descriptions": Feature(lambda p: p.prose, _LEXICAL),
    "same description": Feature(
        lambda p: float(bool(p.target.prose) and p.source.described.prose == p.target.prose), _LEXICAL
    ),
    "names with classes": Feature(lambda p: p.whole, _LEXICAL),
    "all words": Feature(lambda p: p.every, _LEXICAL),
    "classes": Feature(lambda p: p.classes, _LEXICAL),
    "names of classes": Feature(lambda p: p.holders, _LEXICAL),
    "slots of the classes": Feature(lambda p: p.members, _STRUCTURAL),
    "words, and slots of the classes": Feature(lambda p: p.words * p.members, _STRUCTURAL),
    "what is inside": Feature(lambda p: p.inside, _LEXICAL),
    "words and classes": Feature(lambda p: p.words * p.holders, _LEXICAL),
    "descriptions and classes": Feature(lambda p: p.prose * p.holders, _LEXICAL),
    "kinds": Feature(lambda p: fits(p.kind, p.target.kind), _STRUCTURAL),
    "kinds that differ": Feature(lambda p: float(fits(p.kind, p.target.kind) < 0.2), _STRUCTURAL),
    "both many or one": Feature(lambda p: float(p.source.described.many == p.target.many), _STRUCTURAL),
    "same IRI": Feature(lambda p: float(bool(p.source.described.iris & p.target.iris)), _TERMS),
    "same codes": Feature(lambda p: _overlap(p.source.described.codes, p.target.codes), _INSTANCE),
    "used so elsewhere": Feature(lambda p: p.hint.share, _ANALOGY),
    "nearest use elsewhere": Feature(lambda p: p.hint.nearest, _ANALOGY),
    "used so, and alike": Feature(lambda p: p.hint.share * p.hint.nearest, _ANALOGY),
    "class used so elsewhere": Feature(lambda p: p.holder_hint, _ANALOGY),
    "used in many mappings": Feature(lambda p: p.spread, _ANALOGY),
    "used for such values": Feature(lambda p: p.of_kind, _ANALOGY),
    "identifier": Feature(lambda p: float(p.target.identifier), _STRUCTURAL),
    "both identifiers": Feature(lambda p: float(p.target.identifier and _identifies(p.source.described)), _STRUCTURAL),
    "evidence": Feature(lambda p: p.sum, _LEXICAL),
    "evidence below the best": Feature(lambda p: p.sum - p.best_sum, _LEXICAL),
    "evidence of the best": Feature(lambda p: p.sum / (p.best_sum or 1.0), _LEXICAL),
    "the best": Feature(lambda p: float(p.place == 0), _LEXICAL),
    "words below the best": Feature(lambda p: p.words + p.prose - p.best_words, _LEXICAL),
    "best words": Feature(lambda p: p.best_words, _LEXICAL),
    "read from an object": Feature(lambda p: float(p.source.inner is not None), _STRUCTURAL),
    "object to object": Feature(lambda p: float(p.kind in _HELD and p.target.kind in _HELD), _STRUCTURAL),
    "value to object": Feature(lambda p: float(p.kind not in _HELD and p.target.kind in _HELD), _STRUCTURAL),
    "object to value": Feature(lambda p: float(p.kind in _HELD and p.target.kind not in _HELD), _STRUCTURAL),
}  # fmt: skip
"""Every piece of evidence that is found in a pair itself."""


def _identifies(source: Described) -> bool:
    return source.identifier or "identifi" in source.names[0]


def _overlap(source: Sequence[str], target: Sequence[str]) -> float:
    """The share of the codes of the smaller list that the other has, by their words."""
    if not source or not target:
        return 0.0
    one, other = ({names_words(code) for code in codes} for codes in (source, target))
    return len(one & other) / min(len(one), len(other))


def stands_for_all(name: str) -> bool:
    """Whether a slot of that name holds what the whole object stands for.

    >>> stands_for_all("value"), stands_for_all("birthDate")
    (True, False)
    """
    return _STANDS.issuperset(names_words(name))


_STANDS: Final = frozenset(names_words(
    "value content text term code id href reference name label date amount number url uri iri proprietary display title"
))  # fmt: skip
_MOST_INSIDE: Final = 20


def items_of(terms: Mapping[Term, Described]) -> list[Item]:
    """The slots of the source, and for those that hold small objects, what stands for these: value, code, id, ...

    An object of the source is often one value with what belongs to it, such as a text and its language.
    """
    inside: defaultdict[str, list[Described]] = defaultdict(list)
    for each in terms.values():
        inside[each.term.cls].append(each)
    found: list[Item] = []
    for each in terms.values():
        found.append(Item(each.term, each))
        held = inside.get(each.range or "", ()) if each.kind == "object" else ()
        if len(held) <= _MOST_INSIDE:
            found += (Item(x.term, each, x) for x in held if x.kind not in _HELD and _STANDS.issuperset(x.names[0]))
    return found


def _pointing(target: Described) -> bool:
    return target.kind in ("iri", "reference")


def _standing_for(readings: Sequence[Item], points: bool) -> Item | None:
    """What of an object is read: its address or identifier where one is wanted, else its value."""
    inner = [item for item in readings if item.inner is not None]
    order = _POINTERS if points else _VALUES
    return min(inner, key=lambda item: (_rank(item, order), item.leaf), default=None)


def _rank(item: Item, order: Sequence[str]) -> int:
    words = item.inner.names[0] if item.inner is not None else ()
    return min((order.index(word) for word in words if word in order), default=len(order))


_POINTERS: Final = names_words("identifier reference href url value code")
_VALUES: Final = names_words("value content text term amount code name label title display number date identifier")


class Likeness:
    """The target, ready to be compared with one slot of the source after another."""

    def __init__(self, sources: Sequence[Described], targets: Sequence[Described], usage: Usage) -> None:
        self._targets, self._usage = targets, usage
        self._number = {each.term: number for number, each in enumerate(targets)}
        both = [*sources, *targets]
        words = rarity((*each.names[0], *each.holder, *each.prose) for each in both)
        names = rarity(each.names[0] for each in both)
        self._names = Bags([[w for name in t.names for w in name] for t in targets], names)
        self._whole = Bags([(*t.names[0], *t.holder) for t in targets], words)
        self._prose = Bags([t.prose for t in targets], words)
        self._every = Bags([(*t.names[0], *t.prose, *t.holder) for t in targets], words)
        self._inside = Bags([t.inside for t in targets], words)
        self._classes = list(dict.fromkeys(t.term.cls for t in targets))
        first = {t.term.cls: t for t in reversed(targets)}
        self._about = Bags([(*first[c].holder, *first[c].about) for c in self._classes], words)
        self._holder = Bags([first[c].holder for c in self._classes], words)
        self._members = Bags([self._slots_of(targets, c) for c in self._classes], words)
        self._own = defaultdict[str, list[str]](list)
        for each in sources:
            self._own[each.term.cls] += each.names[0]
        self._of_class = {name: number for number, name in enumerate(self._classes)}
        self._likely = {kind: self._often(shares) for kind, shares in usage.by_kind.items()}
        self._known: dict[str, tuple[dict[int, float], ...]] = {}

    @staticmethod
    def _slots_of(targets: Sequence[Described], cls: str) -> list[str]:
        """The words of the names of a class and its slots."""
        return [word for each in targets if each.term.cls == cls for word in (*each.names[0], *each.holder)]

    def _often(self, shares: Mapping[Term, float]) -> list[int]:
        often = sorted(shares, key=lambda term: (-shares[term], term))[:25]
        return [self._number[term] for term in often if term in self._number]

    def _class_likeness(self, source: Described) -> tuple[dict[int, float], ...]:
        """How like the class of a slot is to those of the target: in words, by name, by its slots."""
        cls = source.term.cls
        if cls not in self._known:
            self._known[cls] = (
                self._about.like((*source.holder, *source.about)),
                self._holder.like(source.holder),
                self._members.like((*self._own[cls], *source.holder)),
            )
        return self._known[cls]

    def pairs(self, source: Described, readings: Sequence[Item]) -> Iterator[Pair]:
        """The pairs of a slot that are worth a closer look: as it is, and as what its objects stand for."""
        name = source.names[0]
        like = (
            self._names.like(name), self._prose.like(name), self._names.like(source.prose),
            self._prose.like(source.prose), self._whole.like((*name, *source.holder)),
            self._every.like((*name, *source.prose, *source.holder)),
            self._inside.like(source.inside) if source.inside else {},
        )  # fmt: skip
        hints = self._usage.hints(source)
        near = {self._number[term]: hint for term, hint in hints.items() if term in self._number}
        holders: defaultdict[str, float] = defaultdict(float)
        for term, hint in hints.items():
            holders[term.cls] += hint.share
        classes = self._class_likeness(source)
        stands = {points: _standing_for(readings, points) for points in (True, False)}
        for item in readings:
            kind = source.kind if item.inner is None else item.inner.kind
            numbers = {*like[0], *like[3], *near, *self._likely.get(kind, ())}
            numbers |= {n for found in like[1:3] for n, value in found.items() if value > 0.2}
            found = []
            for number in numbers:
                target = self._targets[number]
                fit = fits(kind, target.kind)
                if item.inner is not None and (target.kind == "object" or item is not stands[_pointing(target)]):
                    continue
                at = self._of_class[target.term.cls]
                words, named, told, prose, whole, every = (each.get(number, 0.0) for each in like[:6])
                pair = Pair(item, target, kind, words, named, told, prose, whole, every)
                pair.classes, pair.holders, pair.members = (each.get(at, 0.0) for each in classes)
                pair.inside, pair.hint = like[6].get(number, 0.0), near.get(number, NOTHING)
                pair.holder_hint = holders.get(target.term.cls, 0.0)
                pair.spread = self._usage.spread.get(target.term, 0.0)
                pair.of_kind = self._usage.by_kind.get(kind, {}).get(target.term, 0.0)
                pair.sum = (
                    pair.words + pair.prose + 0.5 * (pair.named + pair.told + pair.whole) + 0.3 * fit
                    + 1.5 * pair.hint.nearest + pair.hint.share + 0.15 * pair.spread
                    + 0.3 * pair.holders + 0.7 * pair.members
                )  # fmt: skip
                found.append(pair)
            found.sort(key=lambda pair: (-pair.sum, pair.target.term))
            yield from _ranked(found[: CANDIDATES if item.inner is None else CANDIDATES // 3])


def _ranked(found: list[Pair]) -> list[Pair]:
    best_words = max((pair.words + pair.prose for pair in found), default=0.0)
    for place, pair in enumerate(found):
        pair.place, pair.best_sum, pair.best_words = place, found[0].sum, best_words
    return found

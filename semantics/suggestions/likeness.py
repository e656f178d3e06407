"""What speaks for a pair of slots, looked at by itself: words, kinds, IRIs, codes, and what other mappings do.

:data:`FEATURES` is the table: the name of each piece of evidence, its function, and SSSOM's word for it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import Final, NamedTuple

from semantics.schema.model import SchemaModel
from semantics.suggestions.bags import Bags, rarity
from semantics.suggestions.correspondences import Term
from semantics.suggestions.coverage import Coverage
from semantics.suggestions.kinds import fits
from semantics.suggestions.terms import Described
from semantics.suggestions.thesaurus import CLASS, source_words
from semantics.suggestions.usage import NOTHING, Hint, Usage
from semantics.suggestions.words import names_words
from semantics.units import parse_unit

__all__ = ["FEATURES", "Feature", "Item", "Likeness", "Pair", "items_of", "stands_for_all"]

CANDIDATES: Final = 30
"""Pairs that are looked at closely, for each slot of the source."""


class Item(NamedTuple):
    """A slot of the source as a rule would read it: itself, or what stands for the object that it holds."""

    leaf: Term
    described: Described
    inner: Described | None = None


class Covered(NamedTuple):
    """Which shares of the words of a name stand elsewhere, as words or abbreviated, or are translated by experience.

    ``own`` are words of a name that its class does not have.
    """

    best: float
    source: float
    target: float
    own_source: float
    own_target: float
    source_told: float
    target_told: float
    inner: float
    translated: float
    translated_class: float
    lift: float


NOT_COVERED: Final = Covered(*[0.0] * 11)


class TargetClass(NamedTuple):
    """The class of a slot of the target: how often it is held, whether it has no identifier, how many slots it has."""

    held: float
    nameless: float
    size: float


NO_CLASS: Final = TargetClass(0.0, 0.0, 0.0)


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
    covered: Covered = NOT_COVERED
    holding: TargetClass = NO_CLASS
    source_often: float = 0.0
    source_size: float = 0.0
    target_often: float = 0.0
    classes: float = 0.0
    holders: float = 0.0
    members: float = 0.0
    inside: float = 0.0
    units: float = 0.0
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
    "units": Feature(lambda p: p.units, _STRUCTURAL),
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
    "any name covered": Feature(lambda p: p.covered.best, _LEXICAL),
    "name covered by the target's": Feature(lambda p: p.covered.source, _LEXICAL),
    "target's name covered": Feature(lambda p: p.covered.target, _LEXICAL),
    "name without its class covered": Feature(lambda p: p.covered.own_source, _LEXICAL),
    "target's name without its class covered": Feature(lambda p: p.covered.own_target, _LEXICAL),
    "name covered by name and description": Feature(lambda p: p.covered.source_told, _LEXICAL),
    "target's name covered by name and description": Feature(lambda p: p.covered.target_told, _LEXICAL),
    "target's name covered by what is read": Feature(lambda p: p.covered.inner, _LEXICAL),
    "words that stand for each other elsewhere": Feature(lambda p: p.covered.translated, _ANALOGY),
    "words of classes that do": Feature(lambda p: p.covered.translated_class, _ANALOGY),
    "words that do more than others": Feature(lambda p: p.covered.lift, _ANALOGY),
    "slots of that name in the source": Feature(lambda p: p.source_often, _STRUCTURAL),
    "slots of that name in the target": Feature(lambda p: p.target_often, _STRUCTURAL),
    "slots that hold the target's class": Feature(lambda p: p.holding.held, _STRUCTURAL),
    "target's class has no identifier": Feature(lambda p: p.holding.nameless, _STRUCTURAL),
    "size of the source's class": Feature(lambda p: p.source_size, _STRUCTURAL),
    "size of the target's class": Feature(lambda p: p.holding.size, _STRUCTURAL),
    "many": Feature(lambda p: float(p.source.described.many), _STRUCTURAL),
    "target is many": Feature(lambda p: float(p.target.many), _STRUCTURAL),
    "length of the name": Feature(lambda p: float(len(p.source.described.names[0])), _LEXICAL),
    "length of the target's name": Feature(lambda p: float(len(p.target.names[0])), _LEXICAL),
    "text": Feature(lambda p: float(p.kind == "text"), _STRUCTURAL),
    "object": Feature(lambda p: float(p.kind == "object"), _STRUCTURAL),
    "number": Feature(lambda p: float(p.kind == "number"), _STRUCTURAL),
    "target is text": Feature(lambda p: float(p.target.kind == "text"), _STRUCTURAL),
    "target is an object": Feature(lambda p: float(p.target.kind == "object"), _STRUCTURAL),
    "target is a number": Feature(lambda p: float(p.target.kind == "number"), _STRUCTURAL),
    "target is an IRI": Feature(lambda p: float(p.target.kind == "iri"), _STRUCTURAL),
    "target is a code": Feature(lambda p: float(p.target.kind == "code"), _STRUCTURAL),
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


@lru_cache(maxsize=1000)
def _convertible(source: str | None, target: str | None) -> float:
    """1 where two units measure the same, -1 where they do not, 0 where one is not known.

    >>> _convertible("[ft_i]", "m"), _convertible("kg", "m"), _convertible(None, "m")
    (1.0, -1.0, 0.0)
    """
    if source is None or target is None:
        return 0.0
    return 1.0 if parse_unit(source).dimension == parse_unit(target).dimension else -1.0


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

    def __init__(
        self, sources: Sequence[Described], targets: Sequence[Described], usage: Usage, target: SchemaModel
    ) -> None:
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
        self._coverage = Coverage(names)
        self._source_names = Counter(each.names[0] for each in sources)
        self._target_names = Counter(each.names[0] for each in targets)
        self._source_sizes = Counter(each.term.cls for each in sources)
        self._holding = _holding(target, self._classes)

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
        """The pairs of a slot that are worth a closer look: as it is, or as what its objects stand for."""
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
        kinds = {source.kind, *(item.inner.kind for item in stands.values() if item is not None and item.inner)}
        numbers = {*like[0], *like[3], *near, *(n for kind in kinds for n in self._likely.get(kind, ()))}
        numbers |= {n for found in like[1:3] for n, value in found.items() if value > 0.2}
        found = []
        for number in numbers:
            target = self._targets[number]
            inner = stands[_pointing(target)] if target.kind != "object" else None
            item = inner or readings[0]
            kind = source.kind if item.inner is None else item.inner.kind
            units = _convertible((item.inner or source).unit, target.unit)
            if units < 0:
                continue
            at = self._of_class[target.term.cls]
            words, named, told, prose, whole, every = (each.get(number, 0.0) for each in like[:6])
            pair = Pair(item, target, kind, words, named, told, prose, whole, every)
            pair.classes, pair.holders, pair.members = (each.get(at, 0.0) for each in classes)
            pair.units = units
            pair.inside, pair.hint = like[6].get(number, 0.0), near.get(number, NOTHING)
            pair.holder_hint = holders.get(target.term.cls, 0.0)
            pair.spread = self._usage.spread.get(target.term, 0.0)
            pair.of_kind = self._usage.by_kind.get(kind, {}).get(target.term, 0.0)
            pair.sum = (
                pair.words + pair.prose + 0.5 * (pair.named + pair.told + pair.whole) + 0.3 * fits(kind, target.kind)
                + 1.5 * pair.hint.nearest + pair.hint.share + 0.15 * pair.spread
                + 0.3 * pair.holders + 0.7 * pair.members
            )  # fmt: skip
            found.append(pair)
        found.sort(key=lambda pair: (-pair.sum, pair.target.term))
        return self._closer(source, _ranked(found[:CANDIDATES]))

    def _closer(self, source: Described, found: Iterable[Pair]) -> Iterator[Pair]:
        """The pairs with what takes longer to find out."""
        words = source_words(source.names[0], source.holder)
        translated = self._usage.thesaurus.translated(words)
        for pair in found:
            target = pair.target
            pair.covered = self._covered(pair, translated)
            pair.holding = self._holding[target.term.cls]
            pair.source_often = log(self._source_names[source.names[0]]) / log(1 + len(self._source_sizes))
            pair.source_size = log(1 + self._source_sizes[source.term.cls])
            pair.target_often = log(self._target_names[target.names[0]])
            yield pair

    def _covered(self, pair: Pair, translated: Mapping[str, float]) -> Covered:
        source, target, of = pair.source.described, pair.target, self._coverage.of
        name, other = source.names[0], target.names[0]
        slot = names_words(target.term.slot)
        return Covered(
            best=max(of(name, each) for each in target.names),
            source=of(name, other),
            target=of(other, name),
            own_source=of(_without(name, source.holder), _without(other, target.holder)),
            own_target=of(_without(other, target.holder), _without(name, source.holder)),
            source_told=of(name, (*other, *target.prose)),
            target_told=of(other, (*name, *source.prose)),
            inner=of(pair.source.inner.names[0], other) if pair.source.inner is not None else 0.0,
            translated=self._coverage.chance(slot, translated),
            translated_class=self._coverage.chance(target.holder, translated, CLASS),
            lift=self._usage.thesaurus.lift(translated, slot),
        )


def _without(name: Sequence[str], holder: Sequence[str]) -> Sequence[str]:
    """The words of a name that its class does not have, or all where it has them all."""
    return tuple(word for word in name if word not in holder) or name


def _holding(target: SchemaModel, classes: Iterable[str]) -> dict[str, TargetClass]:
    ranges = Counter(
        slot.range for cls in target.classes.values() for slot in cls.slots.values() if slot.range in target.classes
    )
    found = {}
    for name in classes:
        slots = target.classes[name].slots.values()
        held = sum(count for each, count in ranges.items() if target.is_a(each, name) or target.is_a(name, each))
        nameless = not any(slot.identifier for slot in slots)
        found[name] = TargetClass(log(1 + held), float(nameless), log(1 + len(slots)))
    return found


def _ranked(found: list[Pair]) -> list[Pair]:
    best_words = max((pair.words + pair.prose for pair in found), default=0.0)
    for place, pair in enumerate(found):
        pair.place, pair.best_sum, pair.best_words = place, found[0].sum, best_words
    return found

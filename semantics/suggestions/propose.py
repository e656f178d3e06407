"""From two schemas to proposals: pairs of slots with a confidence and the evidence for it.

A pair is looked at twice: by itself, and then, if that leaves it a chance, among the others, where the chances of the
look before say which classes belong together. Each look has its forest of decision trees
(:mod:`~semantics.suggestions.forest`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from semantics.schema.model import SchemaModel
from semantics.suggestions.correspondences import Term
from semantics.suggestions.forest import Forest, forests
from semantics.suggestions.likeness import FEATURES, Item, Likeness, Pair, items_of
from semantics.suggestions.samples import Seen, informed
from semantics.suggestions.support import CONTEXT, Surroundings, standings
from semantics.suggestions.terms import Described, Published, described
from semantics.suggestions.usage import Experience, Usage

__all__ = ["ACTIVE", "OPEN", "Proposal", "Proposals", "look", "propose", "ready"]

ACTIVE: Final = 0.27
"""From this confidence on a proposal is made; below, it is an alternative that is left open."""
OPEN: Final = 0.15
"""Below this confidence a pair is not even mentioned."""
_SHARE: Final = 0.95
"""A slot goes to a second target only where that is nearly as likely as the first."""
_CLOSER: Final = 0.015
"""Below this chance a pair gets no second look."""
CATCH_ALL: Final = "https://schema.org/PropertyValue"
"""The IRI of classes of named values: what they hold has no slot of its own, which is no correspondence."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A slot of the source that may correspond to one of the target.

    ``read`` is the slot as it stands in its class, ``source`` the same, or what stands for the object in it.
    ``because`` are the names of the evidence that counts most, ``justification`` SSSOM's word for the kind of
    evidence that counts most, taken together.
    """

    source: Term
    read: Term
    target: Term
    confidence: float
    active: bool
    predicate: str
    justification: str
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposals:
    """All proposals of two schemas, most confident first for each slot, and which classes belong together.

    ``holding`` has the chances of slots of the source to belong into the objects of slots of the target, small ones
    too: they say where a value goes once its object is known.
    """

    proposals: tuple[Proposal, ...]
    classes: Mapping[str, Mapping[str, float]]
    holding: Mapping[tuple[Term, Term], float]

    @property
    def active(self) -> tuple[Proposal, ...]:
        """Those that are made, and not left open."""
        return tuple(each for each in self.proposals if each.active)


@dataclass(frozen=True, slots=True)
class Ready:
    """Two schemas with the pairs that are worth a look."""

    source: SchemaModel
    target: SchemaModel
    pairs: tuple[Pair, ...]
    own: tuple[tuple[float, ...], ...]


def ready(
    source: SchemaModel, target: SchemaModel, experiences: Sequence[Experience] = (),
    published: Published | None = None, seen: Mapping[str, Seen] | None = None,
) -> Ready:  # fmt: skip
    """The pairs of two schemas that are worth a look, with the evidence that is in each of them."""
    sources, targets = informed(described(source), seen or {}), described(target, published)
    wanted = [each for each in targets.values() if not _catch_all(target, each)]
    likeness = Likeness(list(sources.values()), wanted, Usage(experiences, list(sources.values())), target)
    readings: defaultdict[Term, list[Item]] = defaultdict(list)
    for item in items_of(sources):
        readings[item.described.term].append(item)
    pairs = tuple(pair for each in sources.values() for pair in likeness.pairs(each, readings[each.term]))
    values = [feature.value for feature in FEATURES.values()]
    return Ready(source, target, pairs, tuple(tuple(value(pair) for value in values) for pair in pairs))


def _catch_all(target: SchemaModel, each: Described) -> bool:
    return any(name in target.classes and target.classes[name].uri == CATCH_ALL for name in (each.term.cls, each.range))


def look(found: Ready, by: Sequence[Forest] | None = None) -> tuple[list[float], Surroundings]:
    """The chance of every pair by some forests, one for each look; and the classes that belong together."""
    first, *others = forests() if by is None else by
    chances = [first.chance(row) for row in found.own]
    surroundings = Surroundings(found.source, found.target)
    for forest in others:
        near = closer(chances)
        rows = surrounded(found, near, chances, surroundings)
        chances = [0.0] * len(chances)
        for number, row in zip(near, rows, strict=True):
            chances[number] = forest.chance(row)
    surroundings.look(found.pairs, chances)
    return chances, surroundings


def closer(chances: Sequence[float]) -> list[int]:
    """The numbers of the pairs that are worth another look."""
    return [number for number, chance in enumerate(chances) if chance >= _CLOSER]


def surrounded(
    found: Ready, near: Sequence[int], chances: Sequence[float], surroundings: Surroundings
) -> list[tuple[float, ...]]:
    """The evidence for some pairs, by their numbers: their own, and how they stand among each other."""
    stands = standings([found.pairs[n] for n in near], [chances[n] for n in near], surroundings)
    context = CONTEXT.values()
    return [(*found.own[n], *(value(stand) for value in context)) for n, stand in zip(near, stands, strict=True)]


def propose(
    source: SchemaModel, target: SchemaModel, experiences: Sequence[Experience] = (),
    published: Published | None = None, seen: Mapping[str, Seen] | None = None,
) -> Proposals:  # fmt: skip
    """What may correspond in two schemas, by their words and structure, and by how other mappings map.

    ``seen`` is what sample records tell of the source.
    """
    found = ready(source, target, experiences, published, seen)
    chances, surroundings = look(found)
    active = chosen(found.pairs, chances)
    kept: dict[tuple[Term, Term, Term], Proposal] = {}
    order = sorted(range(len(chances)), key=lambda n: (-chances[n], found.pairs[n].target.term))
    for number in order:
        if chances[number] < OPEN:
            break
        pair = found.pairs[number]
        proposal = _proposal(pair, found.own[number], chances[number], number in active)
        kept.setdefault((proposal.source, proposal.read, proposal.target), proposal)
    holding = {
        (pair.source.described.term, pair.target.term): chance
        for pair, chance in zip(found.pairs, chances, strict=True) if pair.target.kind == "object" and chance >= _CLOSER
    }  # fmt: skip
    return Proposals(tuple(kept.values()), surroundings.fitting, holding)


def chosen(pairs: Sequence[Pair], chances: Sequence[float], least: float = ACTIVE) -> frozenset[int]:
    """The numbers of the pairs that are proposed: the best target of each slot, and others that are as good."""
    best: defaultdict[Term, float] = defaultdict(float)
    for pair, chance in zip(pairs, chances, strict=True):
        best[pair.source.described.term] = max(best[pair.source.described.term], chance)
    return frozenset(
        number
        for number, (pair, chance) in enumerate(zip(pairs, chances, strict=True))
        if chance >= max(least, _SHARE * best[pair.source.described.term])
    )


def _proposal(pair: Pair, own: Sequence[float], chance: float, active: bool) -> Proposal:
    reasons = forests()[0].reasons(own)
    there = (name for name, value in zip(FEATURES, own, strict=True) if value > 0 and name in _TOLD)
    told = sorted(((reasons.get(name, 0.0), name) for name in there), key=lambda item: (-item[0], item[1]))
    because = tuple(name for weight, name in told[:3] if weight > 0)
    kinds: defaultdict[str, float] = defaultdict(float)
    for weight, name in told:
        kinds[FEATURES[name].justification] += max(weight, 0.0)
    justification = max(sorted(kinds), key=kinds.__getitem__, default="LexicalMatching")
    return Proposal(
        pair.source.leaf, pair.source.described.term, pair.target.term, round(chance, 2), active,
        _predicate(pair, chance), f"semapv:{justification}", because,
    )  # fmt: skip


_TOLD: Final = frozenset({
    "same name", "same name or alias", "words of the names", "name in the description", "description in the name",
    "descriptions", "same description", "names with classes", "all words",
    "any name covered", "target's name covered", "name covered by name and description",
    "target's name covered by name and description", "slots of the classes", "same IRI", "same codes",
    "words that stand for each other elsewhere", "used so elsewhere", "nearest use elsewhere",
    "used for such values", "kinds", "units",
})  # fmt: skip
"""The evidence that a person can make something of."""


def _predicate(pair: Pair, chance: float) -> str:
    """How much SSSOM may say: the same only where names and kinds are; broader where values lose their kind."""
    if pair.target.kind == "text" and pair.kind not in ("text", "any"):
        return "skos:broadMatch"
    exact = chance >= 0.9 and pair.source.described.names[0] == pair.target.names[0] and pair.kind == pair.target.kind
    return "skos:exactMatch" if exact else "skos:closeMatch"

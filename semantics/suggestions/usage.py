"""How other mappings map: what their sources call a slot, and where its values go in the shared models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Final, NamedTuple

from semantics.plan.model import Plan
from semantics.schema.model import SchemaModel
from semantics.suggestions.bags import Bags, rarity
from semantics.suggestions.correspondences import Term, correspondences
from semantics.suggestions.kinds import fits
from semantics.suggestions.terms import Described, declared, described
from semantics.suggestions.thesaurus import Example, Thesaurus, source_words, target_words

__all__ = ["Experience", "Usage", "Use", "experience_of"]


@dataclass(frozen=True, slots=True)
class Use:
    """A slot of a mapping's source, and the slots of its target that it goes to, each with the file of the rule."""

    source: Described
    targets: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Experience:
    """What one mapping says. It is no evidence for another that has its source schema or files of it."""

    mapping: str
    source_schema: str
    files: tuple[str, ...]
    uses: tuple[Use, ...]


def experience_of(mapping: str, plan: Plan, source: SchemaModel, target: SchemaModel) -> Experience:
    """What a mapping says of the slots of its source, each where it is declared."""
    found: defaultdict[Term, dict[tuple[str, str, str], None]] = defaultdict(dict)
    files: dict[str, None] = {}
    for each in correspondences(plan, source):
        if not each.minted:
            file = each.file or ""
            files[file] = None
            for term in (each.target, each.part):
                if term is not None:
                    found[declared(source, each.source)][*declared(target, term), file] = None
    known = described(source)
    uses = tuple(Use(known[term], tuple(targets)) for term, targets in found.items() if term in known)
    return Experience(mapping, source.name, tuple(files), uses)


def without(experiences: Iterable[Experience], left_out: Experience) -> list[Experience]:
    """Experience that owes nothing to one mapping: not it, not those of its source schema, not rules of its files."""
    files = set(left_out.files)
    found = []
    for each in experiences:
        if each.mapping == left_out.mapping or each.source_schema == left_out.source_schema:
            continue
        uses = (Use(use.source, tuple(t for t in use.targets if t[2] not in files)) for use in each.uses)
        found.append(Experience(each.mapping, each.source_schema, each.files, tuple(u for u in uses if u.targets)))
    return found


def _examples(experiences: Iterable[Experience]) -> Iterator[Example]:
    """What goes where, in words; a large mapping has no more to say than several small ones."""
    for each in experiences:
        share = 1 / sqrt(1 + sum(len(use.targets) for use in each.uses))
        for use in each.uses:
            words = source_words(use.source.names[0], use.source.holder)
            for term in dict.fromkeys(Term(cls, slot) for cls, slot, _ in use.targets):
                yield Example(words, target_words(term), share / sqrt(len(use.targets)))


class Hint(NamedTuple):
    """What the nearest slots of other mappings say of a target: their share of it, and the likeness of the nearest."""

    share: float
    nearest: float


NOTHING: Final = Hint(0.0, 0.0)

_NEIGHBOURS: Final = 20


class Usage:
    """An index of experience: the targets of slots that are like one."""

    def __init__(self, experiences: Sequence[Experience], own: Sequence[Described]) -> None:
        self._uses = [use for each in experiences for use in each.uses]
        self._targets = [tuple(dict.fromkeys(Term(cls, slot) for cls, slot, _ in u.targets)) for u in self._uses]
        sources = [use.source for use in self._uses]
        weights = rarity((*each.names[0], *each.holder, *each.prose) for each in (*sources, *own))
        self._names = Bags([each.names[0] for each in sources], weights)
        self._prose = Bags([each.prose for each in sources], weights)
        self._whole = Bags([(*each.holder, *each.names[0]) for each in sources], weights)
        self.spread = self._spread(experiences)
        self.by_kind = self._by_kind(experiences)
        self.thesaurus = Thesaurus(list(_examples(experiences)))

    def _spread(self, experiences: Sequence[Experience]) -> Mapping[Term, float]:
        """In how many mappings a target is used, as a logarithm."""
        users: defaultdict[Term, set[str]] = defaultdict(set)
        for each in experiences:
            for use in each.uses:
                for cls, slot, _ in use.targets:
                    users[Term(cls, slot)].add(each.mapping)
        return {term: log(1 + len(mappings)) for term, mappings in users.items()}

    def _by_kind(self, experiences: Sequence[Experience]) -> Mapping[str, Mapping[Term, float]]:
        """How often values of a kind go to a target; a large mapping has no more to say than several small ones."""
        found: defaultdict[str, defaultdict[Term, float]] = defaultdict(lambda: defaultdict(float))
        for each in experiences:
            share = 1 / sqrt(1 + sum(len(use.targets) for use in each.uses))
            for use in each.uses:
                for cls, slot, _ in use.targets:
                    found[use.source.kind][Term(cls, slot)] += share
        totals = {kind: sum(shares.values()) for kind, shares in found.items()}
        return {kind: {term: n / totals[kind] for term, n in shares.items()} for kind, shares in found.items()}

    def hints(self, source: Described) -> dict[Term, Hint]:
        """The targets of the slots of other mappings that are most like one."""
        alike: defaultdict[int, float] = defaultdict(float)
        for bags, words, weight in (
            (self._names, source.names[0], 0.5),
            (self._prose, source.prose, 0.3),
            (self._whole, (*source.holder, *source.names[0]), 0.2),
        ):
            for number, value in bags.like(words).items():
                alike[number] += weight * value
        nearest = sorted(
            ((value * self._same(number, source), number) for number, value in alike.items()),
            key=lambda pair: (-pair[0], pair[1]),
        )[:_NEIGHBOURS]
        total = sum(value * value for value, _ in nearest) or 1.0
        found: dict[Term, Hint] = {}
        for value, number in nearest:
            for term in self._targets[number]:
                share, best = found.get(term, (0.0, 0.0))
                found[term] = Hint(share + value * value / total, max(best, value))
        return found

    def _same(self, number: int, source: Described) -> float:
        kind = self._uses[number].source.kind
        return 1.0 if kind == source.kind else 0.75 if fits(kind, source.kind) >= 0.6 else 0.4

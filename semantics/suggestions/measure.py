"""How good proposals are: what of them a finished mapping has, and what of the mapping they find."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from semantics.plan.model import Plan
from semantics.schema.model import SchemaModel
from semantics.suggestions.correspondences import Term, correspondences
from semantics.suggestions.likeness import stands_for_all
from semantics.suggestions.propose import CATCH_ALL
from semantics.suggestions.terms import declared

__all__ = ["Measured", "Truth", "truth_of"]

Link = tuple[Term, Term]


@dataclass(frozen=True, slots=True)
class Measured:
    """What was proposed, how much of it is right, what there is to find, and how much of it was found."""

    proposed: int
    right: int
    wanted: int
    found: int

    @property
    def precision(self) -> float:
        """The share of the proposals that are right."""
        return self.right / self.proposed if self.proposed else 0.0

    @property
    def recall(self) -> float:
        """The share of what there is to find that was found."""
        return self.found / self.wanted if self.wanted else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both.

        >>> Measured(proposed=4, right=2, wanted=2, found=1).f1
        0.5
        """
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def __add__(self, other: Measured) -> Measured:
        return Measured(
            self.proposed + other.proposed, self.right + other.right,
            self.wanted + other.wanted, self.found + other.found,
        )  # fmt: skip


@dataclass(frozen=True)
class Truth:
    """What a mapping says corresponds: slots where they are declared.

    ``accepted`` has for each right answer what it answers. A value in an object that is made around it is found
    at the slot that gets it, and at the one that holds the object; and an object of the source is as good as what
    stands for it. ``apart`` are pairs that count neither way.
    """

    wanted: frozenset[Link]
    accepted: dict[Link, frozenset[Link]]
    apart: frozenset[Link]

    def right(self, read: Term, leaf: Term, target: Term) -> frozenset[Link]:
        """What is found by a slot that is read, or a slot in its object, and a target."""
        return self.accepted.get((leaf, target), frozenset()) | self.accepted.get((read, target), frozenset())

    def measure(self, proposed: Iterable[tuple[Term, Term, Term]]) -> Measured:
        """How good some proposals are: the slot that is read, the one in its object (or the same), and the target."""
        answers: dict[Link, frozenset[Link]] = {}
        for read, leaf, target in proposed:
            found = self.right(read, leaf, target)
            if found or not self.apart & {(read, target), (leaf, target)}:
                answers[read, target] = answers.get((read, target), frozenset()) | found
        found = frozenset().union(*answers.values())
        return Measured(len(answers), sum(map(bool, answers.values())), len(self.wanted), len(found))


def truth_of(plan: Plan, source: SchemaModel, target: SchemaModel) -> Truth:
    """What a mapping says corresponds.

    Apart are values that are put together into an IRI, and what goes into a list of named values: the target has no
    slot for it.
    """
    accepted: dict[Link, set[Link]] = {}
    apart: set[Link] = set()
    for each in correspondences(plan, source):
        link = (declared(source, each.source), declared(target, each.target))
        reads, answers = [link[0]], [link[1]]
        if each.part is not None:
            answers.append(declared(target, each.part))
        if each.through is not None and stands_for_all(each.source.slot):
            reads.append(declared(source, each.through))
        for answer in ((read, made) for read in reads for made in answers):
            if each.minted or _named_value(target, each.target):
                apart.add(answer)
            else:
                accepted.setdefault(answer, set()).add(link)
    answered = {answer: frozenset(links) for answer, links in accepted.items()}
    wanted = frozenset(link for links in answered.values() for link in links)
    return Truth(wanted, answered, frozenset(apart - answered.keys()))


def _named_value(target: SchemaModel, term: Term) -> bool:
    cls = target.classes.get(term.cls)
    held = cls.slots.get(term.slot) if cls is not None else None
    names = (term.cls, held.range if held is not None else None)
    return held is None or any(name in target.classes and target.classes[name].uri == CATCH_ALL for name in names)

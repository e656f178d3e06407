"""How good proposals are: what of them a finished mapping has, and what of the mapping they find."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from semantics.plan.model import Plan
from semantics.schema.model import SchemaModel
from semantics.suggestions.correspondences import Term, correspondences
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

    ``accepted`` has for each right answer what it answers: a value in an object that is made around it is found
    at the slot that gets it, and at the one that holds the object. ``apart`` are pairs that count neither way.
    """

    wanted: frozenset[Link]
    accepted: dict[Link, frozenset[Link]]
    apart: frozenset[Link]

    def measure(self, proposed: Iterable[Link]) -> Measured:
        """How good some proposals are."""
        counted = set(proposed) - self.apart
        right = counted & self.accepted.keys()
        found = {link for answer in right for link in self.accepted[answer]}
        return Measured(len(counted), len(right), len(self.wanted), len(found))


def truth_of(plan: Plan, source: SchemaModel, target: SchemaModel) -> Truth:
    """What a mapping says corresponds.

    Apart are values that are put together into an IRI, and what goes into a list of named values: the target has no
    slot for it.
    """
    accepted: dict[Link, set[Link]] = {}
    apart: set[Link] = set()
    for each in correspondences(plan, source):
        read, made = declared(source, each.source), declared(target, each.target)
        answers = [made] if each.part is None else [made, declared(target, each.part)]
        if each.minted or _named_value(target, each.target):
            apart.update((read, answer) for answer in answers)
        else:
            for answer in answers:
                accepted.setdefault((read, answer), set()).add((read, made))
    wanted: Collection[Link] = {link for links in accepted.values() for link in links}
    answered = {answer: frozenset(links) for answer, links in accepted.items()}
    return Truth(frozenset(wanted), answered, frozenset(apart - accepted.keys()))


def _named_value(target: SchemaModel, term: Term) -> bool:
    cls = target.classes.get(term.cls)
    held = cls.slots.get(term.slot) if cls is not None else None
    names = (term.cls, held.range if held is not None else None)
    return held is None or any(name in target.classes and target.classes[name].uri == CATCH_ALL for name in names)

"""What a comparison of two models finds: changes as values, each with its verdict for every artefact."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from semantics.errors import Location

__all__ = ["Artefact", "Change", "Facts", "Kind", "Verdict", "Verdicts", "worst"]


class Verdict(StrEnum):
    """What a change does to an artefact, from the worst on."""

    BREAKING = "breaking"
    """What was right by the old model is refused by the new one, or means something else."""
    COMPATIBLE = "compatible"
    """The artefact changes; what was right stays so, with the same meaning."""
    EDITORIAL = "editorial"
    """No program can see it in the artefact."""


class Artefact(StrEnum):
    """What is made from a model, or by it."""

    JSON = "json"
    """Instances as JSON."""
    RDF = "rdf"
    """Instances as a graph."""
    PYTHON = "python"
    """Code that makes objects of the generated classes, or names what they have."""
    SHACL = "shacl"
    """The generated shapes."""
    MAPPINGS = "mappings"
    """Mappings from the model or into it."""


class Kind(StrEnum):
    """What a change is about."""

    SCHEMA = "schema"
    PREFIX = "prefix"
    CLASS = "class"
    SLOT = "slot"
    ENUM = "enum"
    VALUE = "value"
    TYPE = "type"


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The verdict of a kind of change for each artefact."""

    json: Verdict
    rdf: Verdict
    python: Verdict
    shacl: Verdict
    mappings: Verdict

    def of(self, artefact: Artefact) -> Verdict:
        """The verdict for an artefact."""
        found: Verdict = getattr(self, artefact)
        return found

    @property
    def worst(self) -> Verdict:
        """The verdict for all of them together."""
        return worst(map(self.of, Artefact))


@dataclass(frozen=True, slots=True)
class Facts:
    """What was so and what is so; None on the side where there is nothing."""

    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One change: the rule that tells it, what changed, where that stands in both models, and both facts.

    ``name`` is that of the old model (``Order.note``), of the new one for what was added.
    """

    rule: str
    kind: Kind
    name: str
    facts: Facts
    verdicts: Verdicts
    message: str
    old_place: Location | None = None
    new_place: Location | None = None

    @property
    def verdict(self) -> Verdict:
        """The worst verdict among the artefacts."""
        return self.verdicts.worst


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of some verdicts; editorial where there are none.

    >>> worst([Verdict.EDITORIAL, Verdict.COMPATIBLE])
    <Verdict.COMPATIBLE: 'compatible'>
    """
    order = list(Verdict)
    return min(verdicts, key=order.index, default=Verdict.EDITORIAL)

"""How a kind of change is declared: once, with its name, what it is about, its category and its verdicts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from semantics.changes.change import Facts, Kind, Verdict, Verdicts
from semantics.errors import Location
from semantics.schema.model import SchemaModel

__all__ = ["ChangeRule", "Models", "Pair", "added", "change_rule", "differ", "edited", "removed", "verdicts"]

Part = TypeVar("Part")


@dataclass(frozen=True)
class Models:
    """Both models, and the names that the new one has for classes, enums and types of the old."""

    old: SchemaModel
    new: SchemaModel
    renamed: dict[str, str]

    def now(self, name: str | None) -> str | None:
        """What the new model calls a class or an enum of the old."""
        return self.renamed.get(name, name) if name is not None else None

    def moved(self, iri: str) -> str:
        """An IRI of the old model where its default namespace is the new one's: what changes with it is told once."""
        before, after = self.old.default_namespace, self.new.default_namespace
        return after + iri.removeprefix(before) if iri.startswith(before) else iri


@dataclass(frozen=True)
class Pair(Generic[Part]):
    """A part of the old model and what it is in the new one; None on a side where it is not.

    ``home`` is the name of a slot without its class: classes that inherit it change as one.
    """

    models: Models
    name: str
    old: Part | None
    new: Part | None
    old_place: Location | None = None
    new_place: Location | None = None
    home: str = ""

    @property
    def both(self) -> tuple[Part, Part] | None:
        """Both sides, where there are two."""
        return (self.old, self.new) if self.old is not None and self.new is not None else None


Compare = Callable[[Pair[Any]], Facts | None]


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """A kind of change: its name, what it is about, its category, what it says (the docstring), its verdicts."""

    id: str
    kind: Kind
    category: str
    purpose: str
    verdicts: Verdicts
    compare: Compare


def verdicts(
    otherwise: str, *, json: str | None = None, rdf: str | None = None, python: str | None = None,
    shacl: str | None = None, mappings: str | None = None,
) -> Verdicts:  # fmt: skip
    """One verdict for all artefacts but those that are named.

    >>> verdicts("compatible", rdf="breaking").worst
    <Verdict.BREAKING: 'breaking'>
    """
    return Verdicts(*(Verdict(own or otherwise) for own in (json, rdf, python, shacl, mappings)))


def change_rule(name: str, kind: Kind, category: str, verdict: Verdicts) -> Callable[[Compare], ChangeRule]:
    """Declare a kind of change; the docstring says it in a sentence."""

    def wrap(body: Compare) -> ChangeRule:
        return ChangeRule(name, kind, category, (body.__doc__ or "").strip().splitlines()[0], verdict, body)

    return wrap


def removed(pair: Pair[Any]) -> Facts | None:
    """What was there and is not."""
    return Facts(pair.home or pair.name, None) if pair.new is None else None


def added(pair: Pair[Any]) -> Facts | None:
    """What is there and was not."""
    return Facts(None, pair.home or pair.name) if pair.old is None else None


def differ(old: Any, new: Any) -> Facts | None:
    """Two facts as text, where they are not the same."""
    return None if old == new else Facts(_text(old), _text(new))


def termed(pair: Pair[Any]) -> Facts | None:
    """The IRIs of both sides, where they differ by more than a default namespace that has changed."""
    if pair.both is None or pair.models.moved(pair.both[0].uri) == pair.both[1].uri:
        return None
    return differ(pair.both[0].uri, pair.both[1].uri)


def edited(pair: Pair[Any], *keys: str) -> Facts | None:
    """The names of those keys that say something else."""
    if pair.both is None:
        return None
    old, new = pair.both
    changed = ", ".join(key for key in keys if getattr(old, key) != getattr(new, key))
    return Facts(changed, changed) if changed else None


def _text(fact: Any) -> str | None:
    if fact is None or fact in ((), ""):
        return None
    if isinstance(fact, bool):
        return "true" if fact else "false"
    return ", ".join(map(str, fact)) if isinstance(fact, (tuple, frozenset, list)) else str(fact)

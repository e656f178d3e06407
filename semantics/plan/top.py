"""The derivations at the top of a mapping: the rules that they name, what these are made from, and who starts them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from semantics.errors import closest, escaped
from semantics.mapping.spec import ClassDerivation
from semantics.plan.findings import Findings
from semantics.schema.model import SchemaModel

__all__ = ["Top", "is_only_a_parent", "is_root", "roots_of", "top_rules"]

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Top:
    """A rule at the top: its id, the number of its derivation, and its source class (None: there is none)."""

    id: str
    index: int
    derivation: ClassDerivation
    source: str | None

    @property
    def path(self) -> Path_:
        """Where the derivation stands in the mapping."""
        return ("class_derivations", self.index)


def top_rules(
    derivations: Sequence[ClassDerivation], source: SchemaModel, target: SchemaModel, findings: Findings
) -> Iterator[Top]:
    """The rules at the top, each named by its target class, numbered where several share one."""
    counts: dict[str, int] = {}
    for index, derivation in enumerate(derivations):
        if is_only_a_parent(derivation, source, target):
            yield Top(derivation.name, index, derivation, None)
            continue
        for name, key in _sources(derivation):
            number = counts[derivation.name] = counts.get(derivation.name, 0) + 1
            identifier = derivation.name if number == 1 else f"{derivation.name}_{number}"
            found = name if name in source.classes else None
            if found is None:
                findings.error(
                    "MAP010", f"class '{escaped(name)}' is not in schema '{source.name}'",
                    ("class_derivations", index, *key), closest(name, source.classes),
                )  # fmt: skip
            yield Top(identifier, index, derivation, found)


def _sources(derivation: ClassDerivation) -> list[tuple[str, Path_]]:
    """The source classes of a derivation, each with the key that names it."""
    if derivation.sources:
        return [(name, ("sources", number)) for number, name in enumerate(derivation.sources)]
    if derivation.populated_from:
        return [(derivation.populated_from, ("populated_from",))]
    return [(derivation.name, ())]


def is_only_a_parent(derivation: ClassDerivation, source: SchemaModel, target: SchemaModel) -> bool:
    """Whether others inherit from a derivation that could make nothing itself: no instances, or no source."""
    cls = target.classes.get(derivation.name)
    makes = cls is not None and (derivation.emit == "reference" or not (cls.abstract or cls.mixin))
    name = derivation.populated_from or derivation.name
    return derivation.parent and not (makes and (derivation.populated_from or name in source.classes))


def is_root(derivation: ClassDerivation) -> bool:
    """Whether what a derivation makes is an instance of its own."""
    return derivation.emit in (None, "root")


def roots_of(top: Sequence[Top], rules: Collection[str], source: SchemaModel) -> dict[str, tuple[str, ...]]:
    """Those of the rules that each source class starts; a class without its own has those of its nearest ancestor."""
    own: dict[str, list[str]] = {}
    for each in top:
        starts = is_root(each.derivation) and each.id in rules and each.derivation.group_by is None
        if each.source is not None and starts:
            own.setdefault(each.source, []).append(each.id)
    roots: dict[str, tuple[str, ...]] = {}
    for name, cls in source.classes.items():
        nearest = next((ancestor for ancestor in cls.ancestors if ancestor in own), None)
        if nearest is not None and not cls.abstract and not cls.mixin:
            roots[name] = tuple(own[nearest])
    return roots

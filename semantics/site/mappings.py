"""Mappings as pages, and what they tell about models: who makes, fills and reads what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from semantics.site.diagram import Box, Diagram, Line, boxed, width_of
from semantics.site.mapping_pages import CodeList, Derivation, Study
from semantics.site.models import Uses
from semantics.site.names import Ref

__all__ = ["MANY", "CodesPage", "DerivationPage", "MappingPage", "code_pages", "flow", "uses_of"]

Key = TypeVar("Key")
_ROW, _GAP, _EDGE, _BETWEEN = 30.0, 8.0, 8.0, 150.0
MANY = 40
"""Derivations of records from which on the picture of a mapping is folded away."""


@dataclass(frozen=True, slots=True)
class MappingPage:
    """A mapping, with the picture of its derivations and how many of them that shows."""

    study: Study
    diagram: Diagram | None
    folded: bool
    sssom: tuple[tuple[str, Ref], ...] = ()
    ledger: Ref | None = None


@dataclass(frozen=True, slots=True)
class DerivationPage:
    """A derivation on a page of its own."""

    study: Study
    derivation: Derivation


@dataclass(frozen=True, slots=True)
class CodesPage:
    """A code list beside mappings, and those that use it."""

    ref: Ref
    codes: CodeList
    users: tuple[Ref, ...]


def uses_of(studies: Iterable[Study]) -> Uses:
    """What all mappings do with models: of each mapping the first derivation that does it."""
    made, read, sources, targets = _Found[Ref](), _Found[Ref](), _Found[str](), _Found[str]()
    filled = _Found[tuple[Ref, str]]()
    for study in studies:
        sources.add(study.source, study.ref)
        targets.add(study.target, study.ref)
        for derivation in study.derivations:
            for source in derivation.sources:
                read.add(source.ref, derivation.ref)
            made.add(derivation.target.ref, derivation.ref)
            for row in derivation.rows:
                for each in row.made:
                    made.add(each.target.ref, each.derivation or derivation.ref)
                if not row.opens and row.target.ref is not None:
                    filled.add((row.target.ref, row.target.text), derivation.ref)
    return Uses(filled.all(), made.all(), read.all(), sources.all(), targets.all())


class _Found(Generic[Key]):
    """Who does something with a thing: one of each mapping."""

    def __init__(self) -> None:
        self._by: dict[Key, dict[str, Ref]] = {}

    def add(self, key: Key | None, by: Ref) -> None:
        if key is not None:
            self._by.setdefault(key, {}).setdefault(by.within, by)

    def all(self) -> dict[Key, tuple[Ref, ...]]:
        return {key: tuple(found.values()) for key, found in self._by.items()}


def code_pages(studies: Iterable[Study]) -> Iterator[CodesPage]:
    """Every code list, in the order of the files."""
    found: dict[str, tuple[CodeList, list[Ref]]] = {}
    for study in studies:
        for each in study.lists:
            found.setdefault(each.file, (each, []))[1].append(study.ref)
    for file, (codes, users) in sorted(found.items()):
        yield CodesPage(Ref("codes", file), codes, tuple(users))


def flow(study: Study) -> Diagram | None:
    """Which classes of records give which classes of instances: sources left, targets right, lines between."""
    pairs = dict.fromkeys(
        (source, each.target) for each in study.derivations if each.root for source in each.sources
    )  # fmt: skip
    if not pairs:
        return None
    sources = list(dict.fromkeys(source for source, _ in pairs))
    places = {source: at for at, source in enumerate(sources)}
    feeding = {target: [places[s] for s, t in pairs if t == target] for _, target in pairs}
    targets = sorted(feeding, key=lambda target: (sum(feeding[target]) / len(feeding[target]), target.text))
    left, right = (max(width_of(field.text) for field in side) for side in (sources, targets))
    height = 2 * _EDGE + max(len(sources), len(targets)) * (_ROW + _GAP) - _GAP
    boxes: dict[tuple[str, str], Box] = {}
    for side, fields, x, width in (
        ("source", sources, _EDGE, left),
        ("target", targets, _EDGE + left + _BETWEEN, right),
    ):
        y = (height - len(fields) * (_ROW + _GAP) + _GAP) / 2
        for field in fields:
            boxes[side, field.text] = boxed(field.ref, field.text, (x, y), width, style=side)
            y += _ROW + _GAP
    lines = []
    for source, target in pairs:
        one, other = boxes["source", source.text], boxes["target", target.text]
        x, y, to, at = one.x + one.width, one.y + _ROW / 2, other.x, other.y + _ROW / 2
        path = f"M{x:g} {y:g}C{x + _BETWEEN / 2:g} {y:g} {to - _BETWEEN / 2:g} {at:g} {to - 5:g} {at:g}"
        lines.append(Line("holds", path, f"{source.text} gives {target.text}"))
    told = f"Source classes on the left: {len(sources)}. Target classes on the right: {len(targets)}."
    return Diagram(f"What {study.name} makes of what", told, 2 * _EDGE + left + _BETWEEN + right, height,
                   tuple(boxes.values()), tuple(lines))  # fmt: skip

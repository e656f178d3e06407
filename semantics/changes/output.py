"""What a comparison found, as text to read and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from semantics.changes.change import Artefact, Change, Verdict
from semantics.changes.version import Level, Versions
from semantics.errors import Location, escaped

__all__ = ["Told", "as_data", "as_json", "as_text", "joined", "summary"]


@dataclass(frozen=True, slots=True)
class Told:
    """Everything that is told: the changes, the version they ask for, and the kinds of change that are allowed."""

    changes: tuple[Change, ...]
    versions: Versions
    allowed: frozenset[str] = frozenset()

    @property
    def reaches_mappings(self) -> bool:
        """Whether any of the changes may break a mapping, by its verdict."""
        return any(each.verdicts.of(Artefact.MAPPINGS) is Verdict.BREAKING for each in self.changes)

    @property
    def refused(self) -> tuple[Change, ...]:
        """The changes that break something, and are not allowed."""
        return tuple(
            each for each in self.changes if each.verdict is Verdict.BREAKING and each.rule not in self.allowed
        )


def as_text(told: Told) -> str:
    """Two or three lines for each change, the breaking ones first."""
    order = list(Verdict)
    changes = sorted(told.changes, key=lambda change: order.index(change.verdict))
    return "\n".join(line for change in changes for line in _lines(change, told.allowed))


def _lines(change: Change, allowed: frozenset[str]) -> Iterator[str]:
    place = change.new_place or change.old_place
    head = f"{place}  " if place else ""
    yield f"{head}{change.rule}  {change.kind} {escaped(change.name)}: {escaped(_lowered(change.message))}"
    if change.old_place and change.new_place and str(change.old_place) != str(change.new_place):
        yield f"    was at {change.old_place}"
    mark = " (allowed)" if change.verdict is Verdict.BREAKING and change.rule in allowed else ""
    yield f"    {'; '.join(_verdicts(change))}{mark}"


def _verdicts(change: Change) -> Iterator[str]:
    """The artefacts by their verdict, the worst first."""
    for verdict in Verdict:
        named = [artefact.value for artefact in Artefact if change.verdicts.of(artefact) is verdict]
        if len(named) == len(Artefact):
            yield f"{verdict} for all"
        elif named and verdict is not Verdict.EDITORIAL:
            yield f"{verdict} for {', '.join(named)}"


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def summary(told: Told) -> str:
    """All of it in a line.

    >>> from semantics.changes.version import versions
    >>> summary(Told((), versions((), None, None)))
    'no changes'
    """
    if not told.changes:
        return "no changes"
    counts = [(sum(each.verdict is verdict for each in told.changes), verdict) for verdict in Verdict]
    text = f"{len(told.changes)} change{'s' * (len(told.changes) > 1)}: "
    text += ", ".join(f"{number} {verdict}" for number, verdict in counts if number)
    asked = told.versions
    if asked.asked is not Level.NONE:
        text += f"; asks for a {asked.asked} version"
    if asked.next is not None:
        text += f": {asked.next} after {asked.old}"
    return text + (f", and the model says {asked.new}" if asked.enough is False else "")


def as_data(told: Told) -> dict[str, Any]:
    """All of it as plain data."""
    asked = told.versions
    return {
        "changes": [_change(change, told.allowed) for change in told.changes],
        "version": {
            "asked": asked.asked.value, "old": asked.old, "new": asked.new, "next": asked.next, "enough": asked.enough,
        },
        "counts": {verdict.value: sum(each.verdict is verdict for each in told.changes) for verdict in Verdict},
        "refused": len(told.refused),
    }  # fmt: skip


def as_json(data: dict[str, Any]) -> str:
    """Plain data as JSON with an indentation."""
    return json.dumps(data, indent=2, ensure_ascii=False)


def _change(change: Change, allowed: Iterable[str]) -> dict[str, Any]:
    return {
        "rule": change.rule,
        "kind": change.kind.value,
        "name": change.name,
        "message": change.message,
        "verdict": change.verdict.value,
        "verdicts": {artefact.value: change.verdicts.of(artefact).value for artefact in Artefact},
        "allowed": change.rule in allowed,
        "old": _side(change.old_place, change.facts.old),
        "new": _side(change.new_place, change.facts.new),
    }


def _side(place: Location | None, fact: str | None) -> dict[str, Any]:
    found = place or Location()
    return {"fact": fact, "file": found.file, "line": found.line, "column": found.column}


def joined(texts: Sequence[str]) -> str:
    """The parts of a text that are there, an empty line between them."""
    return "\n\n".join(filter(None, texts))

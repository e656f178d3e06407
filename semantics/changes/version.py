"""The semantic version that changes ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from semantics.changes.change import Change, Verdict, worst

__all__ = ["Level", "Versions", "level", "next_version", "versions"]

_VERSION = re.compile(r"v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:[-+].*)?")


class Level(StrEnum):
    """Which number of a version goes up."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Versions:
    """What the changes ask for, by the side of what both models say; ``enough`` is None where they say nothing."""

    asked: Level
    old: str | None
    new: str | None
    next: str | None
    enough: bool | None


def level(changes: Iterable[Change]) -> Level:
    """Which number has to go up: major for what breaks, minor for what is new, patch for prose."""
    found = [change.verdict for change in changes]
    if not found:
        return Level.NONE
    return {Verdict.BREAKING: Level.MAJOR, Verdict.COMPATIBLE: Level.MINOR}.get(worst(found), Level.PATCH)


def next_version(version: str | None, asked: Level) -> str | None:
    """The lowest version after one that says what is asked; before 1.0.0 each number counts as the one after it.

    >>> next_version("1.4.2", Level.MINOR), next_version("0.4.2", Level.MAJOR), next_version("spring", Level.PATCH)
    ('1.5.0', '0.5.0', None)
    """
    found = _numbers(version)
    if found is None:
        return None
    major, minor, patch = found
    if major == 0 and asked in (Level.MAJOR, Level.MINOR):
        asked = Level.MINOR if asked is Level.MAJOR else Level.PATCH
    match asked:
        case Level.MAJOR:
            return f"{major + 1}.0.0"
        case Level.MINOR:
            return f"{major}.{minor + 1}.0"
        case Level.PATCH:
            return f"{major}.{minor}.{patch + 1}"
        case _:
            return f"{major}.{minor}.{patch}"


def versions(changes: Iterable[Change], old: str | None, new: str | None) -> Versions:
    """What some changes ask for, and whether the version of the new model says so."""
    asked = level(changes)
    after = next_version(old, asked)
    stated, least = _numbers(new), _numbers(after)
    return Versions(asked, old, new, after, stated >= least if stated is not None and least is not None else None)


def _numbers(version: str | None) -> tuple[int, int, int] | None:
    found = _VERSION.fullmatch((version or "").strip())
    return None if found is None else (int(found[1]), int(found[2] or 0), int(found[3] or 0))

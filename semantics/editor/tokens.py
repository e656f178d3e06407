"""What a scanner finds in a YAML text: scalars with their paths and places, and what stands at a place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

__all__ = ["Outline", "Place", "Role", "Steps", "Token"]

Steps = tuple[str | int, ...]
Role = Literal["key", "value", "either", "comment"]
"""Whether a key stands at a place, a value, or what cannot be told before more is written."""


@dataclass(frozen=True, slots=True)
class Token:
    """A scalar of a document: the key or value at a path, and where its text stands, quotes not counted."""

    path: Steps
    role: Role
    start: int
    end: int
    text: str
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """What a place in a document is: the path there, what is expected, and the text of it that stands before.

    For a key the path is that of the mapping that it is to stand in. ``quote`` is the one that is open there (of a
    block scalar its sign); ``flow`` says that it stands in braces or brackets.
    """

    path: Steps
    role: Role
    start: int
    text: str = ""
    quote: str = ""
    flow: bool = False


@dataclass
class Outline:
    """Every scalar of a document in order."""

    text: str
    tokens: tuple[Token, ...]
    _starts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self._starts = [token.start for token in self.tokens]

    def token_at(self, offset: int) -> Token | None:
        """The scalar in which, or at whose end, an offset is."""
        at = bisect_right(self._starts, offset) - 1
        return self.tokens[at] if at >= 0 and offset <= self.tokens[at].end else None

    @cached_property
    def _children(self) -> dict[Steps, dict[str | int, None]]:
        found: dict[Steps, dict[str | int, None]] = {}
        for token in self.tokens:
            for length, step in enumerate(token.path):
                found.setdefault(token.path[:length], {})[step] = None
        return found

    @cached_property
    def _texts(self) -> dict[tuple[Steps, bool], Token]:
        found: dict[tuple[Steps, bool], Token] = {}
        for token in self.tokens:
            found.setdefault((token.path, token.role == "key"), token)
        return found

    def children(self, path: Steps) -> tuple[str | int, ...]:
        """The keys, or indexes, of what stands at a path."""
        return tuple(self._children.get(path, ()))

    def value(self, path: Steps) -> str | None:
        """The text of the scalar at a path."""
        found = self._texts.get((path, False))
        return found.text if found is not None else None

    def values(self, path: Steps) -> Iterator[str]:
        """The text of the scalar at a path, or of each in the list there."""
        for step in (path, *((*path, child) for child in self.children(path) if isinstance(child, int))):
            if (text := self.value(step)) is not None:
                yield text

    def key(self, path: Steps) -> Token | None:
        """The key by which a path ends."""
        return self._texts.get((path, True))

    def scalar(self, path: Steps) -> Token | None:
        """The scalar at a path."""
        return self._texts.get((path, False))

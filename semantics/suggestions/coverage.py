"""How much of one name stands in another, word for word or abbreviated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import takewhile
from operator import eq
from typing import Final

from semantics.suggestions.bags import Weights

__all__ = ["Coverage", "alike"]

_SHARED: Final = 4
"""Letters that two words begin with, from which on they may be forms of one word."""


@lru_cache(maxsize=100_000)
def alike(one: str, other: str) -> float:
    """How likely two words are the same word: equal, of one stem, or the one an abbreviation of the other.

    >>> alike("date", "date"), alike("legal", "lgl"), alike("date", "place")
    (1.0, 0.5, 0.0)
    """
    if one == other:
        return 1.0
    if one[0] != other[0]:
        return 0.0
    short, long = sorted((one, other), key=len)
    shared = sum(takewhile(bool, map(eq, one, other)))
    stem = shared / len(long) if shared >= _SHARED else 0.0
    return max(stem, 0.5 if len(short) > 2 else 0.3) if _abbreviates(short, long) else stem


def _abbreviates(short: str, long: str) -> bool:
    letters = iter(long)
    return 1 < len(short) < len(long) and all(letter in letters for letter in short)


class Coverage:
    """Which share of some words others have, where rare words count more."""

    def __init__(self, weights: Weights) -> None:
        self._weights, self._most = weights, max(weights.values(), default=1.0)

    def of(self, words: Sequence[str], others: Iterable[str]) -> float:
        """The share of the first words that the others have.

        >>> Coverage({}).of(("open", "date"), ("open", "hour"))
        0.5
        """
        others = tuple(others)
        whole = sum(self._weights.get(word, self._most) for word in words)
        if not whole:
            return 0.0
        best = (
            self._weights.get(word, self._most) * max((alike(word, other) for other in others), default=0.0)
            for word in words
        )
        return sum(best) / whole

    def chance(self, words: Sequence[str], chances: Mapping[str, float], prefix: str = "") -> float:
        """The mean of the chances of some words, where rare words count more."""
        whole = sum(self._weights.get(word, self._most) for word in words)
        found = (self._weights.get(word, self._most) * chances.get(prefix + word, 0.0) for word in words)
        return sum(found) / whole if whole else 0.0

"""Bags of weighted words, and which of many are like one: an inverted index with cosine similarity."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import log, sqrt

__all__ = ["Bags", "Weights", "rarity"]

Weights = Mapping[str, float]
"""How much a word says: the rarer, the more."""


def rarity(texts: Iterable[Iterable[str]]) -> dict[str, float]:
    """The weight of every word by the number of texts that have it.

    >>> found = rarity([("date", "open"), ("date",)])
    >>> found["date"] < found["open"]
    True
    """
    counts: Counter[str] = Counter()
    total = 0
    for words in texts:
        total += 1
        counts.update(set(words))
    return {word: log((1 + total) / (0.5 + count)) for word, count in counts.items()}


class Bags:
    """Texts as bags of words, found again by words in common.

    >>> bags = Bags([("open", "date"), ("close", "date")], {"open": 2.0, "close": 2.0, "date": 1.0})
    >>> {number: round(value, 2) for number, value in bags.like(("open", "date")).items()}
    {0: 1.0, 1: 0.2}
    """

    def __init__(self, texts: Sequence[Iterable[str]], weights: Weights) -> None:
        self._weights = weights
        self._most = max(weights.values(), default=1.0)
        self._found: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, text in enumerate(texts):
            for word, weight in self.vector(text).items():
                self._found[word].append((number, weight))

    def vector(self, words: Iterable[str]) -> dict[str, float]:
        """The words with their weights, of length one together."""
        raw = {word: self._weights.get(word, self._most) for word in sorted(set(words))}
        length = sqrt(sum(weight * weight for weight in raw.values()))
        return {word: weight / length for word, weight in raw.items()} if length else {}

    def like(self, words: Iterable[str]) -> dict[int, float]:
        """The numbers of the texts that have a word in common, with the cosine of the angle between."""
        found: defaultdict[int, float] = defaultdict(float)
        for word, weight in self.vector(words).items():
            for number, other in self._found.get(word, ()):
                found[number] += weight * other
        return found

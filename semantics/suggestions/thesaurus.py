"""Which words of the shared models stand for which words of sources, learned from how other mappings map.

Words of names that go together in many mappings are likely to stand for each other, whatever else the names have: the
first of the translation models of Brown et al., The Mathematics of Statistical Machine Translation (1993).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import log
from typing import Final, NamedTuple

from semantics.suggestions.correspondences import Term
from semantics.suggestions.words import names_words

__all__ = ["CLASS", "Example", "Thesaurus", "source_words", "target_words"]

_ROUNDS: Final = 4
_DOUBT: Final = 0.3
"""Added to every count, so that a word which was seen once says little."""
_LEAST: Final = 0.01
CLASS: Final = "class "
"""Before a word of a class, which is another word than the same in a slot."""


class Example(NamedTuple):
    """The words of a slot, those of one that it goes to, and how much that counts."""

    source: tuple[str, ...]
    target: tuple[str, ...]
    weight: float


def source_words(name: Sequence[str], holder: Sequence[str]) -> tuple[str, ...]:
    """The words of a slot and of its class.

    >>> source_words(("birth", "date"), ("patient",))
    ('birth', 'date', 'class patient')
    """
    return tuple(dict.fromkeys((*name, *(CLASS + word for word in holder))))


def target_words(term: Term) -> tuple[str, ...]:
    """The words of a slot of a target and of its class."""
    return source_words(names_words(term.slot), names_words(term.cls))


class Thesaurus:
    """The chances of words of targets, for words of sources.

    >>> known = [Example(("dob",), ("birth", "date"), 1.0), Example(("on",), ("date",), 1.0)]
    >>> found = Thesaurus(known).translated(("dob",))
    >>> found["birth"] > found["date"]
    True
    """

    def __init__(self, examples: Sequence[Example]) -> None:
        known = [(*each.source, "") for each in examples]
        self._often = _often(examples)
        chances: dict[str, dict[str, float]] = {}
        for number in range(_ROUNDS):
            counts: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
            for words, each in zip(known, examples, strict=True):
                for target in each.target:
                    parts = [chances[word].get(target, 1e-6) if number else 1.0 for word in words]
                    whole = sum(parts)
                    for word, part in zip(words, parts, strict=True):
                        counts[word][target] += each.weight * part / whole
            chances = {word: _shares(found) for word, found in counts.items()}
        self._chances = chances

    def translated(self, words: Iterable[str]) -> dict[str, float]:
        """The words of targets that some words stand for, each with the best of its chances."""
        found: dict[str, float] = {}
        for word in words:
            for target, chance in self._chances.get(word, {}).items():
                found[target] = max(found.get(target, 0.0), chance)
        return found

    def lift(self, translated: Mapping[str, float], words: Sequence[str]) -> float:
        """How much likelier some words of a target are after a translation than anywhere, as a logarithm."""
        each = (log((translated.get(word, 0.0) + 0.02) / (self._often.get(word, 0.0) + 0.02)) for word in words)
        return sum(each) / max(1, len(words))


def _often(examples: Sequence[Example]) -> dict[str, float]:
    """The share of each word in what is gone to."""
    counts: defaultdict[str, float] = defaultdict(float)
    for each in examples:
        for word in each.target:
            counts[word] += each.weight
    whole = sum(counts.values())
    return {word: count / whole for word, count in counts.items()}


def _shares(found: Mapping[str, float]) -> dict[str, float]:
    whole = sum(found.values()) + _DOUBT
    return {word: count / whole for word, count in found.items() if count / whole > _LEAST}

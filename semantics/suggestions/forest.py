"""How likely a pair is by its evidence: the sum of what many small decision trees say.

The trees are grown by ``benchmarks/suggest.py --fit`` from the library's mappings (gradient boosting, Friedman 2001)
and are kept as data in ``forests.json``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from math import exp
from pathlib import Path
from typing import Final

import msgspec

__all__ = ["FORESTS", "Forest", "Tree", "forests"]

FORESTS: Final = Path(__file__).with_name("forests.json")
"""The forests of the package, one for each look."""


class Tree(msgspec.Struct, frozen=True, array_like=True):
    """A decision tree: its nodes in order, the first its root, each with what it would say if it were the last.

    A node asks whether a piece of evidence is at most its ``limit``, and goes on to ``low`` or ``high``; the ends of
    the tree have no ``evidence`` (-1).
    """

    evidence: tuple[int, ...]
    limit: tuple[float, ...]
    low: tuple[int, ...]
    high: tuple[int, ...]
    value: tuple[float, ...]


class Forest(msgspec.Struct, frozen=True):
    """Trees over named pieces of evidence.

    >>> rain = Tree((0, -1, -1), (0.5, 0, 0), (1, 0, 0), (2, 0, 0), (0.0, -2.0, 3.0))
    >>> forest = Forest(("clouds",), (rain,))
    >>> round(forest.chance((0.9,)), 2), forest.reasons((0.9,))
    (0.95, {'clouds': 3.0})
    """

    names: tuple[str, ...]
    trees: tuple[Tree, ...]

    def chance(self, row: Sequence[float]) -> float:
        """The chance of a pair, from its evidence in the order of the names."""
        total = 0.0
        for tree in self.trees:
            evidence, limit, low, high, at = tree.evidence, tree.limit, tree.low, tree.high, 0
            while (asked := evidence[at]) >= 0:
                at = low[at] if row[asked] <= limit[at] else high[at]
            total += tree.value[at]
        return 1 / (1 + exp(-max(-40.0, min(40.0, total))))

    def reasons(self, row: Sequence[float]) -> Mapping[str, float]:
        """How much each piece of evidence adds: what the trees say after they asked for it, less what they did before.

        These are the contributions of Saabas, Interpreting Random Forests (2014); together with what the roots say
        they are the sum.
        """
        found: dict[str, float] = {}
        for tree in self.trees:
            at = 0
            while (asked := tree.evidence[at]) >= 0:
                then = tree.low[at] if row[asked] <= tree.limit[at] else tree.high[at]
                found[self.names[asked]] = found.get(self.names[asked], 0.0) + tree.value[then] - tree.value[at]
                at = then
        return found


@cache
def forests() -> tuple[Forest, ...]:
    """The forests of the package."""
    return msgspec.json.decode(FORESTS.read_bytes(), type=tuple[Forest, ...])

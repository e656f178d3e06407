"""Rows of a spool brought together by table, as databases take them.

The tables of classes are made whether they have rows or not, those of slots only where some instance fills the slot:
a model has hundreds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from semantics.sinks.spooled import Batch
from semantics.sinks.sql.design import Design

__all__ = ["by_table"]

Rows = list[list[Any]]


def by_table(made: Design, batches: Iterator[Batch]) -> Iterator[tuple[int, Rows]]:
    """(table, rows) of each batch, parents before their children; instances without an identifier are counted.

    The tables of classes come first, without rows.
    """
    yield from sorted((number, []) for number, _, _ in made.roots.values())
    counted = {number for number, _, identifier in made.roots.values() if identifier is None}
    counts: Counter[int] = Counter()
    for batch in batches:
        found: dict[int, Rows] = {}
        for _, tables in batch:
            root = tables[0][0]
            if root in counted:
                counts[root] += 1
            for number, rows in tables:
                if root in counted:
                    for row in rows:
                        row[0] = counts[root]
                found.setdefault(number, []).extend(rows)
        yield from sorted(found.items())

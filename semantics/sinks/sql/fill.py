"""Rows of a spool brought together by table, as databases take them.

The tables of classes are made whether they have rows or not, those of slots only where some instance fills the slot:
a model has hundreds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any

from semantics.errors import Diagnostic, SinkError
from semantics.sinks.base import Contradiction
from semantics.sinks.spooled import Batch
from semantics.sinks.sql.design import Design
from semantics.sinks.sql.same import Same

__all__ = ["by_table", "twice"]

Rows = list[list[Any]]


def by_table(
    made: Design, batches: Iterable[Batch], contradictions: dict[str, Contradiction]
) -> Iterator[tuple[int, Rows]]:
    """(table, rows) of each batch, parents before their children; instances without an identifier are counted.

    The tables of classes come first, without rows. What instances with one identifier say is put together
    (:mod:`~semantics.sinks.sql.same`), for which ``batches`` are gone through twice; ``contradictions`` takes the slots
    in which they differ.
    """
    yield from sorted((number, []) for number, _, _ in made.roots.values())
    counted = {number for number, _, identifier in made.roots.values() if identifier is None}
    counts: Counter[int] = Counter()
    contradictions.clear()
    with closing(Same(made, contradictions)) as same:
        same.look(batches)
        for batch in batches:
            found: dict[int, Rows] = {}
            for _, (label, tables) in batch:
                root = tables[0][0]
                if not same.first(tables, label):
                    continue
                if root in counted:
                    counts[root] += 1
                for number, rows in tables:
                    if root in counted:
                        for row in rows:
                            row[0] = counts[root]
                    found.setdefault(number, []).extend(rows)
            yield from sorted(found.items())
        for tables in same.rest():
            yield from sorted(tables)


def twice(what: str) -> SinkError:
    """Two instances have identifiers that differ as they are written, and are one to the database: ``what`` it says."""
    message = f"two identifiers are the same to the database, as the key of their table: {what}"
    hint = "have the mapping write the identifier of one thing in one way"
    return SinkError(Diagnostic("SNK042", message, hint=hint))

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
from semantics.sinks.spooled import Batch
from semantics.sinks.sql.design import Design
from semantics.sinks.sql.same import DifferentError, Same

__all__ = ["by_table", "twice"]

Rows = list[list[Any]]


def by_table(made: Design, batches: Iterable[Batch]) -> Iterator[tuple[int, Rows]]:
    """(table, rows) of each batch, parents before their children; instances without an identifier are counted.

    The tables of classes come first, without rows. What instances with one identifier say is put together
    (:mod:`~semantics.sinks.sql.same`), for which ``batches`` are gone through twice. Raises :class:`SinkError`
    (``SNK042``) where they differ.
    """
    yield from sorted((number, []) for number, _, _ in made.roots.values())
    counted = {number for number, _, identifier in made.roots.values() if identifier is None}
    counts: Counter[int] = Counter()
    with closing(Same(made)) as same:
        same.look(batches)
        for batch in batches:
            found: dict[int, Rows] = {}
            for _, tables in batch:
                root = tables[0][0]
                if not _first(same, tables):
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


def _first(same: Same, tables: Any) -> bool:
    try:
        return same.first(tables)
    except DifferentError as fault:
        raise twice(str(fault)) from None


def twice(what: str) -> SinkError:
    """Two instances have one identifier and differ in ``what``, a table and a column of it."""
    message = f"two instances of a class that differ have the same identifier, the key of their table: {what}"
    hint = "map records that are the same thing to one instance (a group), or give them identifiers of their own"
    return SinkError(Diagnostic("SNK042", message, hint=hint))

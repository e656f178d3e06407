"""Rows of a spool brought together by table, as databases take them.

The tables of classes are made whether they have rows or not, those of slots only where some instance fills the slot:
a model has hundreds.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from hashlib import blake2b
from typing import Any

import msgspec

from semantics.sinks.spooled import Batch
from semantics.sinks.sql.design import Design

__all__ = ["by_table"]

Rows = list[list[Any]]


def by_table(made: Design, batches: Iterator[Batch]) -> Iterator[tuple[int, Rows]]:
    """(table, rows) of each batch, parents before their children; instances without an identifier are counted.

    The tables of classes come first, without rows. An instance that was made before, with the same identifier and the
    same values, gives no rows: a party that many records name is one.
    """
    yield from sorted((number, []) for number, _, _ in made.roots.values())
    counted = {number for number, _, identifier in made.roots.values() if identifier is None}
    counts: Counter[int] = Counter()
    with closing(_Seen()) as seen:
        for batch in batches:
            found: dict[int, Rows] = {}
            for _, tables in batch:
                root = tables[0][0]
                if root in counted:
                    counts[root] += 1
                elif seen.before(tables):
                    continue
                for number, rows in tables:
                    if root in counted:
                        for row in rows:
                            row[0] = counts[root]
                    found.setdefault(number, []).extend(rows)
            yield from sorted(found.items())


class _Seen:
    """The instances that there were, by their digests, in a temporary file of SQLite's own: no memory grows."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.execute("CREATE TABLE seen (digest BLOB PRIMARY KEY) WITHOUT ROWID")
        self._connection.execute("BEGIN")

    def before(self, tables: Any) -> bool:
        """Whether the same rows came before; from now on they did."""
        digest = blake2b(msgspec.msgpack.encode(tables), digest_size=16).digest()
        return self._connection.execute("INSERT OR IGNORE INTO seen VALUES (?)", (digest,)).rowcount == 0

    def close(self) -> None:
        """Remove the file."""
        self._connection.close()

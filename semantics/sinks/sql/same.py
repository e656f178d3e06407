"""Instances with one identifier: what they say together is one row, as it would be one node of a graph.

A party that many invoices name, a port that bookings know by its code and events by its name too: each record says of
it what it knows. Values that stand in one of them only are taken from there, lists hold the entries of all; where two
values of one column differ, the instances are not the same thing.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any, Final

import msgspec

from semantics.sinks.spooled import Batch
from semantics.sinks.sql.design import Design

__all__ = ["DifferentError", "Same", "joined"]

Rows = list[list[Any]]
Tables = list[tuple[int, Rows]]
"""The rows of an instance by table: that of its class first."""
_Tree = list[Any]

_ENCODE: Final = msgspec.msgpack.encode
_DECODE: Final = msgspec.msgpack.decode


class DifferentError(Exception):
    """Two instances with one identifier that differ; the name of the table and the column."""


class Same:
    """The instances of a run by identifier, in a temporary file of SQLite's own: no memory grows."""

    def __init__(self, made: Design) -> None:
        """Instances without an identifier are left alone."""
        self._design = made
        self._counted = {number for number, _, identifier in made.roots.values() if identifier is None}
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.execute("CREATE TABLE things (key BLOB PRIMARY KEY, digest BLOB, rows BLOB) WITHOUT ROWID")
        self._connection.execute("BEGIN")
        self._differ = False

    def look(self, batches: Iterable[Batch]) -> None:
        """See which identifiers stand in several instances, and whether these say the same."""
        run = self._connection.execute
        for batch in batches:
            for _, tables in batch:
                if tables[0][0] in self._counted:
                    continue
                key, digest = _key(tables), blake2b(_ENCODE(tables), digest_size=16).digest()
                if run("INSERT OR IGNORE INTO things VALUES (?, ?, NULL)", (key, digest)).rowcount:
                    continue
                if run("UPDATE things SET rows = x'' WHERE key = ? AND digest <> ?", (key, digest)).rowcount:
                    self._differ = True

    def first(self, tables: Tables) -> bool:
        """Whether an instance is to be written now: all that say the same once, and none of those that differ."""
        if tables[0][0] in self._counted:
            return True
        run, key = self._connection.execute, _key(tables)
        if self._differ:
            ((kept,),) = run("SELECT rows FROM things WHERE key = ?", (key,))
            if kept is not None:
                more = joined(self._design, _DECODE(kept), tables) if kept else tables
                run("UPDATE things SET rows = ? WHERE key = ?", (_ENCODE(more), key))
                return False
        return run("UPDATE things SET digest = NULL WHERE key = ? AND digest NOT NULL", (key,)).rowcount == 1

    def rest(self) -> Iterator[Tables]:
        """What those say together that differ, by identifier."""
        for (kept,) in self._connection.execute("SELECT rows FROM things WHERE rows NOT NULL ORDER BY key"):
            yield _DECODE(kept)

    def close(self) -> None:
        """Remove the file."""
        self._connection.close()


def _key(tables: Tables) -> bytes:
    number, rows = tables[0]
    return _ENCODE((number, rows[0][0]))


def joined(made: Design, one: Tables, other: Tables) -> Tables:
    """What two instances with one identifier say together. Raises :class:`DifferentError`.

    A value is taken from where it is; an entry of a list that both have, with all that is below it, stands once.
    """
    number, ((*row,),) = one[0]
    table = made.tables[number]
    for place, value in enumerate(other[0][1][0]):
        if row[place] is None:
            row[place] = value
        elif value is not None and value != row[place]:
            raise DifferentError(f"{table.name}.{table.columns[place].name}")
    found: dict[int, Rows] = defaultdict(list, {number: [row]})
    sides = [_Trees(made, side) for side in (one, other)]
    for child in range(len(made.tables)):
        if made.tables[child].parent == number:
            trees = sides[0].below(child, (row[0],))
            trees += [tree for tree in sides[1].below(child, (row[0],)) if tree not in trees]
            for position, tree in enumerate(trees, start=1):
                _write(found, child, tree, [row[0], position])
    return sorted(found.items())


class _Trees:
    """The rows of an instance as entries, each with its columns and the entries of the tables below it."""

    def __init__(self, made: Design, tables: Tables) -> None:
        self._design = made
        self._rows: dict[tuple[int, tuple[Any, ...]], Rows] = defaultdict(list)
        for number, rows in tables[1:]:
            for row in rows:
                self._rows[number, tuple(row[: made.tables[number].keys - 1])].append(row)
        self._children: dict[int, list[int]] = defaultdict(list)
        for number, table in enumerate(made.tables):
            if table.parent is not None:
                self._children[table.parent].append(number)

    def below(self, number: int, key: tuple[Any, ...]) -> list[_Tree]:
        """The entries of a table that belong to a row."""
        return [self._tree(number, row) for row in self._rows.get((number, key), ())]

    def _tree(self, number: int, row: list[Any]) -> _Tree:
        keys = self._design.tables[number].keys
        below = [(child, self.below(child, tuple(row[:keys]))) for child in self._children[number]]
        return [row[keys:], [(child, trees) for child, trees in below if trees]]


def _write(found: dict[int, Rows], number: int, tree: _Tree, key: list[Any]) -> None:
    columns, below = tree
    found[number].append([*key, *columns])
    for child, trees in below:
        for position, inner in enumerate(trees, start=1):
            _write(found, child, inner, [*key, position])

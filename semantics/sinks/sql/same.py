"""Instances with one identifier: what they say together is one row, as it would be one node of a graph.

A party that many invoices name, a port that bookings know by its code and events by its name too: each record says of
it what it knows. Values that stand in one of them only are taken from there, lists hold the entries of all.

Where two records contradict each other, a graph has both values, and a column has room for one: that of the first
record in the order of the run stays. A slot of one object is kept or joined as a whole, so that no amount gets the
currency of another. How often that happened is counted by slot.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import msgspec

from semantics.sinks.base import Contradiction
from semantics.sinks.spooled import Batch
from semantics.sinks.sql.design import Column, Design, Kind, Many, Nested, Single

__all__ = ["Same"]

Rows = list[list[Any]]
Tables = list[tuple[int, Rows]]
"""The rows of an instance by table: that of its class first."""
_Tree = list[Any]

_ENCODE: Final = msgspec.msgpack.encode
_DECODE: Final = msgspec.msgpack.decode


class Same:
    """The instances of a run by identifier, in a temporary file of SQLite's own: no memory grows."""

    def __init__(self, made: Design, contradictions: dict[str, Contradiction]) -> None:
        """Instances without an identifier are left alone. ``contradictions`` takes what was found, by slot."""
        self._design, self._contradictions = made, contradictions
        self._classes = {
            number: (name, [_Slot(slot, *_extent(place)) for slot, place in part.slots.items()])
            for name, (number, part, _) in made.roots.items()
        }
        self._counted = {number for number, _, identifier in made.roots.values() if identifier is None}
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.execute("CREATE TABLE things (key BLOB PRIMARY KEY, digest BLOB, rows BLOB) WITHOUT ROWID")
        self._connection.execute("BEGIN")
        self._differ = False

    def look(self, batches: Iterable[Batch]) -> None:
        """See which identifiers stand in several instances, and whether these say the same."""
        run = self._connection.execute
        for batch in batches:
            for _, (_, tables) in batch:
                if tables[0][0] in self._counted:
                    continue
                key, digest = _key(tables), blake2b(_ENCODE(tables), digest_size=16).digest()
                if run("INSERT OR IGNORE INTO things VALUES (?, ?, NULL)", (key, digest)).rowcount:
                    continue
                if run("UPDATE things SET rows = x'' WHERE key = ? AND digest <> ?", (key, digest)).rowcount:
                    self._differ = True

    def first(self, tables: Tables, label: str) -> bool:
        """Whether an instance is to be written now: all that say the same once, and none of those that differ.

        ``label`` is the key that the run gave the instance.
        """
        if tables[0][0] in self._counted:
            return True
        run, key = self._connection.execute, _key(tables)
        if self._differ:
            ((kept,),) = run("SELECT rows FROM things WHERE key = ?", (key,))
            if kept is not None:
                more = self._joined(_DECODE(kept), tables, label) if kept else tables
                run("UPDATE things SET rows = ? WHERE key = ?", (_ENCODE(more), key))
                return False
        return run("UPDATE things SET digest = NULL WHERE key = ? AND digest NOT NULL", (key,)).rowcount == 1

    def _joined(self, one: Tables, other: Tables, label: str) -> Tables:
        """What two instances say together; where the second contradicts the first, that is noted."""
        name, slots = self._classes[one[0][0]]
        more, contradicted = _joined(self._design, slots, one, other)
        for slot in contradicted:
            count, first = self._contradictions.get(f"{name}.{slot}", (0, label))
            self._contradictions[f"{name}.{slot}"] = Contradiction(count + 1, first)
        return more

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


class _Slot(NamedTuple):
    """A slot of a class: the columns of its one value or object, and the tables of what is many in it."""

    name: str
    places: tuple[int, ...]
    tables: tuple[int, ...]


def _extent(place: Single | Nested | Many) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The columns of a slot, and the tables directly below."""
    match place:
        case Single():
            return (place.place,), ()
        case Many():
            return (), (place.table,)
        case Nested():
            parts = [_extent(inner) for inner in place.part.slots.values()]
            return tuple(p for places, _ in parts for p in places), tuple(t for _, tables in parts for t in tables)


def _joined(made: Design, slots: list[_Slot], one: Tables, other: Tables) -> tuple[Tables, list[str]]:
    """What two instances with one identifier say together, and the slots in which ``other`` contradicts ``one``.

    A value is taken from where it is; an entry of a list that both have, with all that is below it, stands once. Of a
    slot that is contradicted all stays as ``one`` has it.
    """
    number, ((*row,),) = one[0]
    told = other[0][1][0]
    sides = [_Trees(made, side) for side in (one, other)]
    entries: dict[int, list[_Tree]] = {}
    contradicted = []
    for slot in slots:
        against = any(_differ(made.tables[number].columns[place], row[place], told[place]) for place in slot.places)
        if against:
            contradicted.append(slot.name)
        else:
            for place in slot.places:
                row[place] = told[place] if row[place] is None else row[place]
        for child in slot.tables:
            trees = sides[0].below(child, (row[0],))
            if not against:
                trees += [tree for tree in sides[1].below(child, (row[0],)) if tree not in trees]
            entries[child] = trees
    found: dict[int, Rows] = defaultdict(list, {number: [row]})
    for child, trees in sorted(entries.items()):
        for position, tree in enumerate(trees, start=1):
            _write(found, child, tree, [row[0], position])
    return sorted(found.items()), contradicted


def _differ(column: Column, one: Any, other: Any) -> bool:
    """Whether two values say different things; a number is the same with zeros at its end."""
    if one is None or other is None or one == other:
        return False
    return column.kind is not Kind.DECIMAL or Decimal(one) != Decimal(other)


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

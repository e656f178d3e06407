"""References that wait for what they refer to: as plain data, in the journal of a run, in a database beyond memory."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from semantics.engine.store import full_disk, private_database

if TYPE_CHECKING:
    import sqlite3

    from semantics.sinks.output import Output

__all__ = ["ReferencesState", "Use", "UsesOnDisk", "Waiting", "noted", "waiting"]


class Use(NamedTuple):
    """Where an identifier was first referred to from a slot."""

    order: int
    source: str
    record: int
    line: int | None
    pointer: str
    value: str | None
    focus: str | None = None


class ReferencesState(msgspec.Struct, array_like=True):
    """What references were collected, as plain data: digests that are defined, and uses that wait for one.

    A use is its digest, the number of its slot, how often it occurs, and the fields of the first.
    """

    defined: list[bytes]
    pending: list[tuple[bytes, int, int, Use]]
    used: list[int]
    order: int


Waiting = dict[bytes, dict[int, tuple[int, Use]]]
"""By digest and number of a slot: how often the slot refers to it, and the first use."""


def noted(journal: Output) -> Iterator[ReferencesState]:
    """What a journal holds, block by block."""
    from semantics.sinks.output import partial_name

    journal.mark()  # brings it to the disk
    decode = msgspec.msgpack.Decoder(ReferencesState).decode
    with partial_name(Path(journal.name)).open("rb") as file:
        while length := file.read(8):
            yield decode(file.read(int.from_bytes(length, "little")))


def waiting(state: ReferencesState) -> Waiting:
    """The references of a state that wait, by digest and slot."""
    found: Waiting = {}
    for digest, number, count, use in state.pending:
        found.setdefault(digest, {})[number] = (count, use)
    return found


class UsesOnDisk:
    """Digests in a SQLite database of this process alone."""

    def __init__(self) -> None:
        self._folder: Path
        self._database: sqlite3.Connection
        self._folder, self._database = private_database()
        self._run("PRAGMA cache_size = -4000")
        self._run("CREATE TABLE defined (digest BLOB PRIMARY KEY) WITHOUT ROWID")
        self._run(
            "CREATE TABLE used (digest BLOB, slot INTEGER, count INTEGER, place INTEGER, source TEXT,"
            " record INTEGER, line INTEGER, pointer TEXT, value TEXT, focus TEXT)"
        )

    def _run(self, statement: str, values: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        import sqlite3

        try:
            return self._database.execute(statement, values)
        except sqlite3.Error as fault:
            raise full_disk(fault) from None

    def _fill(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        import sqlite3

        try:
            self._database.execute("BEGIN")
            self._database.executemany(statement, rows)
            self._database.execute("COMMIT")
        except sqlite3.Error as fault:
            raise full_disk(fault) from None

    def write(self, defined: set[bytes], pending: Waiting) -> None:
        """Add identifiers and the references that wait."""
        self._fill("INSERT OR IGNORE INTO defined VALUES (?)", ((digest,) for digest in sorted(defined)))
        rows = ((d, n, count, *use) for d, waiting in pending.items() for n, (count, use) in waiting.items())
        self._fill("INSERT INTO used VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def missing(self, listed: int) -> Iterator[tuple[int, int, list[Use]]]:
        """For each slot, how many references are to nothing, and the first ``listed`` of them."""
        self._run("DELETE FROM used WHERE digest IN (SELECT digest FROM defined)")
        counts = self._run("SELECT slot, sum(count) FROM used GROUP BY slot ORDER BY slot").fetchall()
        for number, count in counts:
            rows = self._run(
                "SELECT min(place), source, record, line, pointer, value, focus FROM used"
                " WHERE slot = ? GROUP BY digest ORDER BY 1 LIMIT ?",
                (number, listed),
            )
            yield number, count, [Use(*row) for row in rows]

    def close(self) -> None:
        """Remove the database."""
        self._database.close()
        shutil.rmtree(self._folder, ignore_errors=True)

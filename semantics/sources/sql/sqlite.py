"""SQLite, read through the standard library: a file that is opened to read it, and nothing else can be reached."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from semantics.databases import Database, is_database, quoted
from semantics.errors import Diagnostic, Location, SourceError, closest
from semantics.sources.sql.session import Columns, Rows, failed, unopened

__all__ = ["SqliteSession"]

_ALLOWED: Final = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION,
                             sqlite3.SQLITE_RECURSIVE})  # fmt: skip
"""What the operator's query may do: no ATTACH, no PRAGMA, no write."""


class SqliteSession:
    """A SQLite file, opened read-only; its schema is not trusted to call functions with side effects."""

    def __init__(self, database: Database) -> None:
        """Raises :class:`~semantics.errors.SourceError` (``SRC110``) where it is not a SQLite database."""
        self._database = database
        path = Path(database.place)
        _check_file(database, path)
        try:
            self._connection = sqlite3.connect(
                _uri(path.resolve()), uri=True, isolation_level=None, check_same_thread=False
            )
            self._connection.text_factory = _text
            self._connection.execute("PRAGMA query_only = ON")
            self._connection.execute("PRAGMA trusted_schema = OFF")
            self._connection.execute("BEGIN")  # one state of the file, however long it is read
            self._connection.execute("SELECT count(*) FROM sqlite_schema")
        except sqlite3.Error as fault:
            raise unopened(database, str(fault)) from None

    def tables(self) -> tuple[str, ...]:
        """Tables and views by name, without SQLite's own."""
        rows = self._connection.execute(
            "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
            " ORDER BY name"
        )
        return tuple(name for (name,) in rows)

    def table(self, name: str) -> tuple[Columns, Rows]:
        """A table; columns declared as JSON hold JSON."""
        known = self.tables()
        if name not in known:
            raise no_table(self._database, name, known)
        declared = self._connection.execute("SELECT name, type FROM pragma_table_info(?)", (name,)).fetchall()
        json = frozenset(column for column, kind in declared if kind.upper() in ("JSON", "JSON TEXT"))
        columns, rows = self.query(f"SELECT * FROM {quoted(name)}")  # noqa: S608
        return Columns(columns.names, json), rows

    def query(self, sql: str) -> tuple[Columns, Rows]:
        """One query; SQLite itself keeps no more than a row of it in memory, where it need not sort."""
        self._connection.set_authorizer(_authorize)
        try:
            with self._faults(told=True):
                self._connection.execute(f"EXPLAIN {sql}").close()
            with self._faults():
                cursor = self._connection.execute(sql)
        finally:
            self._connection.set_authorizer(None)
        if cursor.description is None:
            raise failed(self._database, "this is no SELECT")
        return Columns(tuple(str(column[0]) for column in cursor.description)), self._rows(cursor)

    def _rows(self, cursor: sqlite3.Cursor) -> Rows:
        with self._faults():
            yield from cursor

    @contextmanager
    def _faults(self, *, told: bool = False) -> Iterator[None]:
        """Faults as findings; what SQLite says is ``told`` only where no row was read that it could quote."""
        try:
            yield
        except (sqlite3.Error, sqlite3.Warning) as fault:
            denied = "not authorized" in str(fault)
            hint = "a query may read the tables of this file, and nothing else" if denied else None
            name = getattr(fault, "sqlite_errorname", type(fault).__name__)
            raise failed(self._database, str(fault) if told else name, hint) from None

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _uri(path: Path) -> str:
    """The file, to be read. In write-ahead mode SQLite needs two files beside it, which a folder may not take.

    Then, where nothing waits in such a file, it is read as one that nobody changes (SQLite, "Read-Only WAL-mode").
    """
    fixed = not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists()
    return f"{path.as_uri()}?mode=ro{'&immutable=1' if fixed else ''}"


def no_table(database: Database, name: str, known: tuple[str, ...]) -> SourceError:
    """There is no such table."""
    hint = closest(name, known) or (f"there are {', '.join(known[:20])}" if known else "the database has no tables")
    return SourceError(
        Diagnostic("SRC112", "the database has no such table", Location(database.shown), hint, found=name[:60])
    )


def _check_file(database: Database, path: Path) -> None:
    """What SQLite would say of a file that is not there, or another's, says little."""
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as fault:
        raise unopened(database, (fault.strerror or "it cannot be read").lower()) from None
    if not empty and not is_database(path, "sqlite"):
        hint = "it is a DuckDB database: --from duckdb" if is_database(path, "duckdb") else None
        raise unopened(database, "the file is not a SQLite database", hint)


def _authorize(action: int, *_: Any) -> int:
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _text(raw: bytes) -> str:
    """A text; bytes that are not UTF-8 are kept as half surrogates, and their record is refused."""
    return raw.decode("utf-8", "surrogateescape")

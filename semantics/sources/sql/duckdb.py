"""DuckDB: a file opened read-only, with everything shut off that reaches beyond it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final

from semantics.databases import Database, quoted
from semantics.extras import imported
from semantics.sources.sql.session import Columns, Rows, failed, unopened
from semantics.sources.sql.sqlite import no_table
from semantics.sources.sql.texts import clock, moment

__all__ = ["CONFIG", "DuckdbSession"]

CONFIG: Final = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "memory_limit": "512MB",
    "lock_configuration": "true",
}
"""No file but the database, no network, no extension; a sort over the memory goes to disk. A query cannot change it."""

_BATCH: Final = 1024
_TEXTS: Final[dict[str, Callable[[str], Any]]] = {
    "FLOAT": Decimal,  # the shortest form of 32 bits
    "DATE": str,
    "TIME": str,
    "TIME_NS": str,
    "TIME WITH TIME ZONE": clock,
    "TIMESTAMP": moment,
    "TIMESTAMP_S": moment,
    "TIMESTAMP_MS": moment,
    "TIMESTAMP_NS": moment,
    "TIMESTAMP WITH TIME ZONE": moment,
    "INTERVAL": str,
    "UUID": str,
}
"""Types that are asked for as text, since Python's own types would lose something: nanoseconds, months, infinity."""


class DuckdbSession:
    """A DuckDB file."""

    def __init__(self, database: Database) -> None:
        """Raises :class:`~semantics.errors.SourceError` (``SRC110``), or UsageError without the library."""
        self._database = database
        self._duckdb = imported("duckdb", "duckdb", "SRC118")
        try:
            self._connection = self._duckdb.connect(database.place, read_only=True, config=CONFIG)
        except self._duckdb.Error as fault:
            raise unopened(database, _first_line(fault)) from None

    def tables(self) -> tuple[str, ...]:
        """Tables and views of the main schema by name, those of others behind their schema."""
        rows = self._connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = current_database()"
            " ORDER BY table_schema <> 'main', table_schema, table_name"
        ).fetchall()
        return tuple(name if schema == "main" else f"{schema}.{name}" for schema, name in rows)

    def table(self, name: str) -> tuple[Columns, Rows]:
        """A table or view."""
        known = self.tables()
        if name not in known:
            raise no_table(self._database, name, known)
        rows = self._connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = current_database()"
            " AND ? IN (table_schema || '.' || table_name, CASE table_schema WHEN 'main' THEN table_name END)"
            " ORDER BY table_schema <> 'main'",
            [name],
        ).fetchall()
        schema, table = rows[0]
        return self.query(f"SELECT * FROM {quoted(schema)}.{quoted(table)}")  # noqa: S608

    def query(self, sql: str) -> tuple[Columns, Rows]:
        """One SELECT."""
        with self._faults(told=True):
            statements = self._duckdb.extract_statements(sql)
            if len(statements) != 1 or statements[0].type != self._duckdb.StatementType.SELECT:
                raise failed(self._database, "this is not one SELECT")
            bare = statements[0].query.strip().removesuffix(";")
            described = self._connection.execute(f"DESCRIBE {bare}").fetchall()
        names = tuple(str(row[0]) for row in described)
        kinds = tuple(str(row[1]) for row in described)
        wanted = bare
        if any(kind in _TEXTS for kind in kinds) and len(set(names)) == len(names):
            columns = ", ".join(
                f"CAST({quoted(name)} AS VARCHAR) AS {quoted(name)}" if kind in _TEXTS else quoted(name)
                for name, kind in zip(names, kinds, strict=True)
            )
            wanted = f"SELECT {columns} FROM (\n{bare}\n) AS source"  # noqa: S608
        json = frozenset(name for name, kind in zip(names, kinds, strict=True) if kind == "JSON")
        return Columns(names, json), self._rows(wanted, kinds)

    def _rows(self, sql: str, kinds: tuple[str, ...]) -> Rows:
        readers = [(place, _TEXTS[kind]) for place, kind in enumerate(kinds) if kind in _TEXTS]
        with self._faults():
            found = self._connection.execute(sql)
            while batch := found.fetchmany(_BATCH):
                if not readers:
                    yield from batch
                    continue
                for row in batch:
                    values = list(row)
                    for place, read in readers:
                        if values[place] is not None:
                            values[place] = read(values[place])
                    yield tuple(values)

    @contextmanager
    def _faults(self, *, told: bool = False) -> Iterator[None]:
        """Faults as findings; what DuckDB says is ``told`` only where no row was read that it could quote."""
        try:
            yield
        except self._duckdb.Error as fault:
            name = type(fault).__name__
            hint = None
            if name == "PermissionException":
                hint = "a query may read the tables of this file, and nothing else"
            raise failed(self._database, _first_line(fault) if told else name, hint) from None

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _first_line(fault: Exception) -> str:
    return str(fault).strip().partition("\n")[0]

"""PostgreSQL through psycopg: one read-only transaction, and a cursor on the server that gives rows in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final

from semantics.databases import Database, quoted
from semantics.errors import Diagnostic, UsageError
from semantics.extras import imported
from semantics.sources.sql.session import Columns, Rows, failed, unopened
from semantics.sources.sql.sqlite import no_table
from semantics.sources.sql.texts import clock, moment

__all__ = ["PostgresqlSession"]

_SETTINGS: Final = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "SET LOCAL TIME ZONE 'UTC'",
    "SET LOCAL DateStyle = 'ISO, YMD'",
    "SET LOCAL IntervalStyle = 'iso_8601'",
    "SET LOCAL extra_float_digits = 1",
    "SET LOCAL synchronize_seqscans = off",  # else a scan may begin in the middle of a table
)
_TABLES: Final = (
    "SELECT table_schema, table_name, table_schema = current_schema() FROM information_schema.tables"
    " WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 3 DESC, 1, 2"
)
_FIRST: Final = 100
"""Rows of the first batch; those after it hold as many as come to about :data:`_BYTES`."""
_MOST: Final = 2_000
_BYTES: Final = 1 << 20
_NATIVE: Final = frozenset({"bool", "int2", "int4", "int8", "oid", "bytea", "text", "varchar", "bpchar"})
"""Types whose Python values psycopg gives exactly; all others are read from their text."""
_SYNTAX: Final = ("0A", "26", "3D", "3F", "42", "54")
"""Classes of SQLSTATE (PostgreSQL, appendix A) whose messages tell of the query and not of values."""


_TEXTS: Final[dict[str, Callable[[str], Any]]] = {
    "float4": Decimal, "float8": Decimal, "numeric": Decimal, "timestamp": moment, "timestamptz": moment,
    "timetz": clock,
}  # fmt: skip
"""What reads the text of a type; that of every other type is kept as PostgreSQL writes it."""


class PostgresqlSession:
    """A connection to a PostgreSQL server."""

    def __init__(self, database: Database) -> None:
        """Raises SourceError (``SRC110``), or UsageError without the library or for a bad connection string."""
        self._database = database
        self._psycopg = imported("psycopg", "postgresql", "SRC118")
        try:
            self._connection = self._psycopg.connect(
                database.place, fallback_application_name="semantics", client_encoding="utf8"
            )
        except self._psycopg.OperationalError as fault:
            raise unopened(database, str(fault)) from None
        except (self._psycopg.ProgrammingError, UnicodeError, ValueError):
            # libpq would quote the string, and with it perhaps the password.
            hint = "postgresql://user@host:port/name; special characters of its parts are percent-encoded"
            raise UsageError(Diagnostic("SRC114", "the connection string cannot be read", hint=hint)) from None
        try:
            for setting in _SETTINGS:
                self._connection.execute(setting)
        except self._psycopg.Error as fault:
            self.close()
            raise unopened(database, str(fault)) from None

    def tables(self) -> tuple[str, ...]:
        """Tables and views of the current schema by name, those of others behind their schema."""
        return tuple(shown for shown, _, _ in self._known())

    def _known(self) -> list[tuple[str, str, str]]:
        rows = self._connection.execute(_TABLES).fetchall()
        return [(table if here else f"{schema}.{table}", schema, table) for schema, table, here in rows]

    def table(self, name: str) -> tuple[Columns, Rows]:
        """A table or view, by its name or behind its schema."""
        known = self._known()
        found = [(s, t) for shown, s, t in known if shown == name] or [
            (s, t) for _, s, t in known if f"{s}.{t}" == name
        ]
        if not found:
            raise no_table(self._database, name, tuple(shown for shown, _, _ in known))
        schema, table = found[0]
        return self.query(f"SELECT * FROM {quoted(schema)}.{quoted(table)}")  # noqa: S608

    def query(self, sql: str) -> tuple[Columns, Rows]:
        """One query: prepared, so that the server takes no second one behind it."""
        cursor = self._connection.cursor()
        _register(self._psycopg, cursor)
        with self._faults(told=True):
            self._connection.execute(f"DECLARE source NO SCROLL CURSOR FOR {sql}", prepare=True)
            cursor.execute("FETCH 0 FROM source")
        kinds = _oids(self._psycopg, ("json", "jsonb"))
        names = tuple(column.name for column in cursor.description)
        json = frozenset(column.name for column in cursor.description if column.type_code in kinds)
        return Columns(names, json), self._rows(cursor)

    def _rows(self, cursor: Any) -> Rows:
        count = _FIRST
        while True:
            with self._faults():
                cursor.execute(f"FETCH {count} FROM source")
                rows = cursor.fetchall()
            yield from rows
            if len(rows) < count:
                return
            size = sum(len(value) for row in rows for value in row if type(value) in (str, bytes))
            count = max(1, min(_MOST, _BYTES * len(rows) // max(size, 1)))

    @contextmanager
    def _faults(self, *, told: bool = False) -> Iterator[None]:
        """Faults as findings; what the server says is ``told`` only where no row was read that it could quote."""
        try:
            yield
        except self._psycopg.Error as fault:
            state = fault.sqlstate or ""
            said = fault.diag.message_primary if told and state.startswith(_SYNTAX) else None
            hint = "a query may read, and nothing else" if state == "25006" else None
            raise failed(
                self._database, said or f"{type(fault).__name__} (SQLSTATE {state or 'unknown'})", hint
            ) from None

    def close(self) -> None:
        """End the transaction and close the connection."""
        self._connection.close()


def _oids(psycopg: Any, names: tuple[str, ...]) -> frozenset[int]:
    """The types of these names, and arrays of them."""
    found = [info for info in psycopg.postgres.types if info.name in names]
    return frozenset(oid for info in found for oid in (info.oid, info.array_oid) if oid)


def _register(psycopg: Any, cursor: Any) -> None:
    """Have values read from their text, those in arrays too; what is not native is that text."""

    class Text(psycopg.adapt.Loader):  # type: ignore[misc]
        read: Callable[[str], Any] = staticmethod(str)

        def load(self, data: Any) -> Any:
            return self.read(str(data, "utf-8"))

    arrays = {info.array_oid for info in psycopg.postgres.types if info.array_oid}
    for info in psycopg.postgres.types:
        if info.oid in arrays or info.name in _NATIVE:
            continue
        read = staticmethod(_TEXTS.get(info.name, str))
        cursor.adapters.register_loader(info.oid, type("Text", (Text,), {"read": read}))

"""Tables of a PostgreSQL database: made and filled in one transaction, which ends when everything else is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from semantics.databases import Database, named_database, quoted
from semantics.errors import Diagnostic, Location, SinkError
from semantics.extras import imported
from semantics.sinks.base import Contradiction
from semantics.sinks.output import DISK, AtomicFile, Disk
from semantics.sinks.spooled import Batch, Spool
from semantics.sinks.sql.ddl import constraints, create_table
from semantics.sinks.sql.design import Design
from semantics.sinks.sql.fill import by_table, twice

__all__ = ["LoadedDatabase", "PostgresqlLoader", "open_loaded"]


class PostgresqlLoader:
    """Fills a database with what :class:`~semantics.sinks.sql.rows.PostgresqlRows` gave."""

    def __init__(self, made: Design, database: Database) -> None:
        """The tables are those of ``made``.

        Raises UsageError (``SNK040``) where psycopg is missing, :class:`SinkError` where the database cannot be
        reached (``SNK044``) or has one of the tables (``SNK045``).
        """
        self._design = made
        self.contradictions: dict[str, Contradiction] = {}
        self._database = database
        self._psycopg = imported("psycopg", "postgresql", "SNK040")
        with self._faults(), self._connect() as connection:
            self._check(connection)
        self._connection: Any = None

    def _connect(self) -> Any:
        return self._psycopg.connect(
            self._database.place, fallback_application_name="semantics", client_encoding="utf8"
        )

    def _check(self, connection: Any) -> None:
        """Refuse tables that are there: nothing is ever replaced in a database."""
        there = {
            name
            for (name,) in connection.execute(
                "SELECT c.relname FROM pg_catalog.pg_class AS c WHERE c.relnamespace = current_schema()::regnamespace"
            )
        }
        if found := sorted(there & {table.name for table in self._design.tables}):
            shown = ", ".join(f"'{name}'" for name in found[:5]) + (" ..." if len(found) > 5 else "")
            hint = "drop them, or write to another schema: add ?options=-csearch_path%3DNAME"
            raise SinkError(self._finding("SNK045", f"the database has these tables already: {shown}", hint))

    def load(self, batches: Iterable[Batch]) -> None:
        """Make the tables and fill them; nobody else sees them before :meth:`commit`."""
        with self._faults():
            self._connection = connection = self._connect()
            connection.execute("SET LOCAL DateStyle = 'ISO, YMD'")
            self._check(connection)
            copies: dict[int, str] = {}
            with connection.cursor() as cursor:
                for number, rows in by_table(self._design, batches, self.contradictions):
                    if number not in copies:
                        table = self._design.tables[number]
                        copies[number] = f"COPY {quoted(table.name)} FROM STDIN"
                        connection.execute(create_table(table, self._design, "postgresql"))
                    with cursor.copy(copies[number]) as copy:
                        for row in rows:
                            copy.write_row(row)
            for constraint in constraints(self._design, copies):
                connection.execute(constraint)

    def commit(self) -> None:
        """Let everybody see the tables."""
        with self._faults():
            self._connection.commit()
            self.close()

    def close(self) -> None:
        """Give the connection back; without a commit nothing has happened."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(self._psycopg.Error):
                connection.close()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Faults of the server as findings that hold no value of a row."""
        errors = self._psycopg.errors
        try:
            yield
        except errors.UniqueViolation as fault:
            raise twice(f"table '{fault.diag.table_name}'") from None
        except (errors.DuplicateTable, errors.DuplicateObject):
            raise SinkError(self._finding("SNK045", "another run has made the tables meanwhile")) from None
        except self._psycopg.Error as fault:
            state = fault.sqlstate
            # A message of the connection, of rights, or of room names no value; others might.
            told = (
                str(fault)
                if state is None
                else fault.diag.message_primary
                if state[:2] in ("28", "3D", "3F", "42", "53")
                else ""
            )
            said = self._database.scrubbed(" ".join((told or f"SQLSTATE {state}").split()))
            raise SinkError(self._finding("SNK044", f"the database cannot be written: {said}")) from None

    def _finding(self, code: str, message: str, hint: str | None = None) -> Diagnostic:
        return Diagnostic(code, message, Location(self._database.shown), hint)


class LoadedDatabase(AtomicFile):
    """An output that is a database: what is written is a spool in the current folder, loaded when it is whole.

    ``prepare`` loads it into an open transaction, ``commit`` ends that, and the spool is removed. Until then a run can
    be taken up, and nothing has happened to the database.
    """

    def __init__(self, loader: PostgresqlLoader, spool: Path, *, disk: Disk = DISK) -> None:
        """Raises what :class:`AtomicFile` raises."""
        self._loader = loader
        super().__init__(spool, 0o600, disk=disk)

    def _store(self) -> None:
        super()._store()
        assert self._partial is not None
        self._loader.load(Spool(self._partial))

    def _settle(self) -> None:
        self._loader.commit()

    def _release(self, *, keep: bool = False) -> None:
        self._loader.close()
        super()._release()


def open_loaded(target: str, made: Design, *, disk: Disk = DISK) -> tuple[LoadedDatabase, PostgresqlLoader]:
    """The output for the connection string ``target``, and what fills it. Raises what both of them raise."""
    database = named_database(target, "postgresql")
    loader = PostgresqlLoader(made, database)
    digest = sha256(database.shown.encode()).hexdigest()[:12]
    return LoadedDatabase(loader, Path(f"postgresql-{digest}"), disk=disk), loader

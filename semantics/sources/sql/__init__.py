"""Sources ``sqlite``, ``duckdb`` and ``postgresql``: the rows of a table, or of a query that the operator gives.

A connection only reads, and rows come in batches, so that memory does not grow with them. A record is numbered by its
place among the rows: a query without ORDER BY has no order of its own, and a table is read in the one that the
database keeps it in.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from semantics.databases import Database, named_database
from semantics.errors import Diagnostic, Location, SourceError
from semantics.records import Record
from semantics.sources.options import ReadOptions, TableShape
from semantics.sources.sql.rows import RowReader, checked_columns
from semantics.sources.sql.session import Session
from semantics.sources.stream import Input

__all__ = ["connect", "read_duckdb", "read_postgresql", "read_sqlite", "relation_name", "tables_of"]


def read_sqlite(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The rows of a table or query of a SQLite file; see :func:`records`."""
    return records(named_database(source.name, "sqlite"), options)


def read_duckdb(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The rows of a table or query of a DuckDB file; see :func:`records`."""
    return records(named_database(source.name, "duckdb"), options)


def read_postgresql(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The rows of a table or query of a PostgreSQL database; see :func:`records`."""
    return records(named_database(source.name, "postgresql"), options)


def connect(database: Database) -> Session:
    """A connection that only reads. Raises SourceError (``SRC110``), or UsageError where a library is missing."""
    if database.kind == "sqlite":
        from semantics.sources.sql.sqlite import SqliteSession

        return SqliteSession(database)
    if database.kind == "duckdb":
        from semantics.sources.sql.duckdb import DuckdbSession

        return DuckdbSession(database)
    from semantics.sources.sql.postgresql import PostgresqlSession

    return PostgresqlSession(database)


def tables_of(database: Database) -> tuple[str, ...]:
    """The names of the tables and views of a database. Raises what :func:`connect` raises."""
    with closing(connect(database)) as session:
        return session.tables()


def relation_name(database: Database, table: str | None) -> str:
    """What a table, or a query (None), is called in records and messages.

    >>> relation_name(Database("sqlite", "meters.db"), "reading")
    'sqlite:meters.db#reading'
    """
    return f"{database.shown}#{'query' if table is None else table}"


def records(database: Database, options: ReadOptions) -> Iterator[Record]:
    """The records of ``options.query``, else of ``options.table``, else of the only table that there is.

    Raises :class:`~semantics.errors.SourceError` where the database cannot be opened, has no such table, or cannot
    carry out the query.
    """
    with closing(connect(database)) as session:
        table = options.table
        if options.query is None and table is None:
            table = _only(session.tables(), database)
        columns, rows = session.query(options.query) if options.query is not None else session.table(str(table))
        name = relation_name(database, None if options.query is not None else table)
        columns = checked_columns(columns, name)
        none = TableShape(None, (None,) * len(columns.names))
        shape = options.tabular(columns.names, name) if options.tabular else none
        reader = RowReader(columns, shape, options.limits, name)
        with closing(rows):
            for number, row in enumerate(rows, 1):
                yield reader.record(number, row)


def _only(tables: tuple[str, ...], database: Database) -> str:
    if len(tables) == 1:
        return tables[0]
    message = "the database has several tables" if tables else "the database has no tables"
    hint = f"say which table: {', '.join(tables[:20])}" if tables else None
    raise SourceError(Diagnostic("SRC112", message, Location(database.shown), hint))

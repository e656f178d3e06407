"""The tables of a design as SQL: the types of each database, keys, and checks of permissible values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from semantics.databases import quoted
from semantics.sinks.sql.design import Column, Design, Kind, Table

__all__ = ["TYPES", "constraints", "create_table", "insert"]

TYPES: Final[dict[str, dict[Kind, str]]] = {
    "sqlite": {
        # A type with TEXT in its name keeps a text that looks like a number as it is (SQLite, "Type Affinity").
        Kind.TEXT: "TEXT", Kind.INTEGER: "INTEGER", Kind.DECIMAL: "TEXT", Kind.FLOAT: "REAL", Kind.BOOLEAN: "BOOLEAN",
        Kind.DATE: "TEXT", Kind.JSON: "JSON TEXT",
    },
    "duckdb": {
        Kind.TEXT: "VARCHAR", Kind.INTEGER: "BIGINT", Kind.DECIMAL: "DECIMAL(38, 18)", Kind.FLOAT: "DOUBLE",
        Kind.BOOLEAN: "BOOLEAN", Kind.DATE: "DATE", Kind.JSON: "JSON",
    },
    "postgresql": {
        Kind.TEXT: "text", Kind.INTEGER: "bigint", Kind.DECIMAL: "numeric", Kind.FLOAT: "double precision",
        Kind.BOOLEAN: "boolean", Kind.DATE: "date", Kind.JSON: "jsonb",
    },
}  # fmt: skip
"""The type of each kind of column."""


def create_table(table: Table, made: Design, kind: str) -> str:
    """``CREATE TABLE``; in PostgreSQL without its key, since :func:`constraints` come after the rows.

    DuckDB is told of the keys of classes alone: an index is four times the size of its table there, and the rows of
    slots have their own keys by the way they are made.
    """
    lines = [_column(column, kind) for column in table.columns]
    if kind == "sqlite" or (kind == "duckdb" and table.parent is None):
        lines.append(_primary_key(table))
    if kind == "sqlite" and table.parent is not None:
        lines.append(_foreign_key(table, made.tables[table.parent]))
    text = f"CREATE TABLE {quoted(table.name)} (\n  " + ",\n  ".join(lines) + "\n)"
    # The rows of a child are kept by its key: half the file, where most tables stay empty.
    return f"{text} WITHOUT ROWID" if kind == "sqlite" and table.parent is not None else text


def constraints(made: Design, numbers: Iterable[int]) -> Iterator[str]:
    """``ALTER TABLE`` for every key of some tables: quicker than to keep indexes while rows are loaded."""
    tables = [made.tables[number] for number in sorted(numbers)]
    for table in tables:
        yield f"ALTER TABLE {quoted(table.name)} ADD {_primary_key(table)}"
    for table in tables:
        if table.parent is not None:
            yield f"ALTER TABLE {quoted(table.name)} ADD {_foreign_key(table, made.tables[table.parent])}"


def insert(table: Table) -> str:
    """``INSERT`` with a parameter for every column."""
    marks = ", ".join("?" * len(table.columns))
    return f"INSERT INTO {quoted(table.name)} VALUES ({marks})"  # noqa: S608


def _column(column: Column, kind: str) -> str:
    name = quoted(column.name)
    parts = [name, TYPES[kind][column.kind]]
    if column.required:
        parts.append("NOT NULL")
    if column.values is not None:
        parts.append(f"CHECK ({name} IN ({', '.join(map(_text, column.values))}))")
    elif kind == "sqlite" and column.kind is Kind.BOOLEAN:
        parts.append(f"CHECK ({name} IN (0, 1))")
    return " ".join(parts)


def _text(value: str) -> str:
    """A character string literal (ISO 9075-2)."""
    return "'" + value.replace("'", "''") + "'"


def _primary_key(table: Table) -> str:
    return f"PRIMARY KEY ({_names(table.columns[: table.keys])})"


def _foreign_key(table: Table, parent: Table) -> str:
    own, others = table.columns[: table.keys - 1], parent.columns[: parent.keys]
    return f"FOREIGN KEY ({_names(own)}) REFERENCES {quoted(parent.name)} ({_names(others)})"


def _names(columns: tuple[Column, ...]) -> str:
    return ", ".join(quoted(column.name) for column in columns)

"""What a reader needs of a database: its tables, and the rows of a query, a few at a time."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Protocol

from semantics.databases import Database
from semantics.errors import Diagnostic, Location, SourceError

__all__ = ["Columns", "Rows", "Session", "failed", "unopened"]

Rows = Generator[tuple[Any, ...], None, None]
"""Rows that are given as they are asked for; to be closed before the session."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a query: their names, and which of them hold JSON as text."""

    names: tuple[str, ...]
    json: frozenset[str] = frozenset()


class Session(Protocol):
    """An open connection that can only read. Each call raises :class:`~semantics.errors.SourceError`."""

    def tables(self) -> tuple[str, ...]:
        """The tables and views that can be named, in the order of their names."""

    def table(self, name: str) -> tuple[Columns, Rows]:
        """The columns of a table and its rows in the order in which the database keeps them."""

    def query(self, sql: str) -> tuple[Columns, Rows]:
        """The columns and rows of one query, which the operator gave."""

    def close(self) -> None:
        """Give the connection back."""


def unopened(database: Database, why: str, hint: str | None = None) -> SourceError:
    """The database cannot be opened."""
    text = database.scrubbed(" ".join(why.split()))
    return SourceError(Diagnostic("SRC110", f"the database cannot be opened: {text}", Location(database.shown), hint))


def failed(database: Database, why: str, hint: str | None = None) -> SourceError:
    """The database refused a query, or could not carry it out to its end."""
    text = database.scrubbed(" ".join(why.split()))
    return SourceError(Diagnostic("SRC111", f"the query failed: {text}", Location(database.shown), hint))

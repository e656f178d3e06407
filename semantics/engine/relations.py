"""What is read of a database or a workbook: the tables that were asked for, a query, or every table that there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from semantics.databases import named_database
from semantics.errors import Diagnostic, UsageError
from semantics.records import Record
from semantics.sources import Input, Limits, ReadOptions, open_source
from semantics.sources.sql import relation_name, tables_of
from semantics.sources.xlsx import sheet_name, sheets_of

__all__ = ["XLSX", "Relation", "relations_of"]

XLSX: Final = "xlsx"


@dataclass(frozen=True, slots=True)
class Relation:
    """A table, or the one query (``table`` is None), of the database at ``place``, or a sheet of a workbook.

    ``name`` is what messages call it, and ``asked`` whether the operator named it.
    """

    place: str
    kind: str
    name: str
    table: str | None
    query: str | None
    asked: bool

    def open(self, options: ReadOptions) -> Iterator[Record]:
        """Its records."""
        return open_source(self.place, self.kind, replace(options, table=self.table, query=self.query))


def relations_of(place: str, kind: str, tables: Sequence[str], query: str | None, limits: Limits) -> Iterator[Relation]:
    """What is read of a database or workbook, which has no queries.

    Raises :class:`UsageError` for both (``SRC113``), SourceError where it cannot be.
    """
    if kind == XLSX:
        if query is not None:
            raise UsageError(Diagnostic("SRC113", "a query is asked for, and a workbook has none", hint="pass --table"))
        found = tables or sheets_of(Input(Path(place), place), limits)
        for sheet in found:
            yield Relation(place, kind, sheet_name(place, sheet), sheet, None, bool(tables) or len(found) == 1)
        return
    database = named_database(place, kind)
    if query is not None and tables:
        raise UsageError(Diagnostic("SRC113", "a table and a query are both asked for", hint="give one of them"))
    if query is not None:
        yield Relation(place, kind, relation_name(database, None), None, query, asked=True)
        return
    known = tables or tables_of(database)
    for table in known:
        asked = bool(tables) or len(known) == 1
        yield Relation(place, kind, relation_name(database, table), table, None, asked)

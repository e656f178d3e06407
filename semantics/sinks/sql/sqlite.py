"""Tables of a SQLite file, filled in one go; the same rows give the same bytes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from semantics.errors import Diagnostic, SinkError
from semantics.sinks.base import Contradiction
from semantics.sinks.spooled import Batch
from semantics.sinks.sql.ddl import create_table, insert
from semantics.sinks.sql.design import Design, design
from semantics.sinks.sql.fill import by_table, twice

if TYPE_CHECKING:
    from semantics.schema.model import SchemaModel

__all__ = ["SqliteBuilder"]


class SqliteBuilder:
    """Makes the file of what :class:`~semantics.sinks.sql.rows.SqliteRows` gave."""

    def __init__(self, schema: SchemaModel, classes: tuple[str, ...] = (), made: Design | None = None) -> None:
        """The tables are those of ``classes``, or ``made`` already."""
        self._design = made or design(schema, classes)
        self.contradictions: dict[str, Contradiction] = {}

    def build(self, batches: Iterable[Batch], partial: Path) -> None:
        """Write all rows to ``partial``. Raises :class:`~semantics.errors.SinkError` (``SNK042``, ``SNK043``)."""
        try:
            with closing(sqlite3.connect(partial, isolation_level=None)) as connection:
                # Nothing else sees the file, and it is brought to the disk when it is whole.
                connection.execute("PRAGMA journal_mode = OFF")
                connection.execute("PRAGMA synchronous = OFF")
                connection.execute("BEGIN")
                inserts: dict[int, str] = {}
                for number, rows in by_table(self._design, batches, self.contradictions):
                    if number not in inserts:
                        inserts[number] = insert(self._design.tables[number])
                        connection.execute(create_table(self._design.tables[number], self._design, "sqlite"))
                    connection.executemany(inserts[number], rows)
                connection.execute("COMMIT")
        except sqlite3.IntegrityError as fault:
            raise twice(str(fault)) from None
        except sqlite3.Error as fault:
            raise SinkError(Diagnostic("SNK043", f"the database cannot be made: {fault}")) from None

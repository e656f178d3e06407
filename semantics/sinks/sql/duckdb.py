"""Tables of a DuckDB file, filled by the batch through Arrow."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from semantics.databases import quoted
from semantics.errors import Diagnostic, SinkError
from semantics.extras import imported
from semantics.sinks.base import Contradiction
from semantics.sinks.spooled import Batch
from semantics.sinks.sql.ddl import TYPES, create_table
from semantics.sinks.sql.design import Design, Kind, Table, design
from semantics.sinks.sql.fill import by_table, twice

if TYPE_CHECKING:
    from semantics.schema.model import SchemaModel

__all__ = ["DuckdbBuilder"]

CONFIG: Final = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "256MB",
    "threads": "1",  # rows stay in their order
}
_AS_IT_IS: Final = frozenset({Kind.TEXT, Kind.INTEGER, Kind.FLOAT, Kind.BOOLEAN})


class DuckdbBuilder:
    """Makes the file of what :class:`~semantics.sinks.sql.rows.DuckdbRows` gave."""

    def __init__(self, schema: SchemaModel, classes: tuple[str, ...] = (), made: Design | None = None) -> None:
        """The tables are those of ``classes``, or ``made`` already.

        Raises UsageError (``SNK040``) where the libraries are missing.
        """
        self._design = made or design(schema, classes)
        self.contradictions: dict[str, Contradiction] = {}
        self._duckdb = imported("duckdb", "duckdb", "SNK040")
        self._pyarrow = imported("pyarrow", "duckdb", "SNK040")

    def build(self, batches: Iterable[Batch], partial: Path) -> None:
        """Write all rows to ``partial``. Raises :class:`~semantics.errors.SinkError` (``SNK042``, ``SNK043``)."""
        try:
            with closing(self._duckdb.connect(str(partial), config=CONFIG)) as connection:
                # Each batch by itself: a transaction would be held in memory, and nobody sees the file yet.
                there: set[int] = set()
                for number, rows in by_table(self._design, batches, self.contradictions):
                    if number not in there:
                        there.add(number)
                        connection.execute(create_table(self._design.tables[number], self._design, "duckdb"))
                    if rows:
                        self._insert(connection, self._design.tables[number], rows)
                connection.execute("CHECKPOINT")
        except self._duckdb.ConstraintException:
            raise twice("a primary key of DuckDB") from None
        except self._duckdb.Error as fault:
            said = (
                str(fault).partition("\n")[0] if isinstance(fault, self._duckdb.IOException) else type(fault).__name__
            )
            raise SinkError(Diagnostic("SNK043", f"the database cannot be made: {said}")) from None
        finally:
            partial.with_name(f"{partial.name}.wal").unlink(missing_ok=True)

    def _insert(self, connection: Any, table: Table, rows: list[list[Any]]) -> None:
        """Add the rows of a batch; what Arrow has no exact type for comes as text, and DuckDB reads it."""
        pa = self._pyarrow
        types = {Kind.INTEGER: pa.int64(), Kind.FLOAT: pa.float64(), Kind.BOOLEAN: pa.bool_()}
        arrays = [
            pa.array(values, types.get(column.kind, pa.string()))
            for column, values in zip(table.columns, zip(*rows, strict=True), strict=True)
        ]
        names = [f"c{place}" for place in range(len(arrays))]
        connection.register("batch", pa.table(arrays, names=names))
        taken = ", ".join(
            name if column.kind in _AS_IT_IS else f"CAST({name} AS {TYPES['duckdb'][column.kind]})"
            for name, column in zip(names, table.columns, strict=True)
        )
        connection.execute(f"INSERT INTO {quoted(table.name)} SELECT {taken} FROM batch")  # noqa: S608
        connection.unregister("batch")

"""Sink ``parquet``: instances as the rows of a table with the model's types, one class a file.

The columns are those of :mod:`semantics.sinks.arrow_schema`. A value that its column cannot hold is refused when the
instance is written, so that its record is rejected; when the file is made nothing can be refused any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from semantics.errors import Diagnostic, UsageError
from semantics.lexical import LexicalError
from semantics.sinks.arrow_schema import ArrowClass, arrow_class, pyarrow
from semantics.sinks.spooled import Batch, SpoolEncoder

if TYPE_CHECKING:
    from semantics.records import Instance
    from semantics.schema.model import SchemaModel

__all__ = ["ParquetBuilder", "ParquetRows", "TableWriter", "group_rows"]

GROUP_ROWS: Final = 122_880
"""Rows of a row group: as many as DuckDB reads and writes at once."""
GROUP_CELLS: Final = 8_000_000
"""Values of a row group, so that wide tables have shorter ones."""
GROUP_BYTES: Final = 1 << 26
"""A row group ends before its rows, where these take so much memory."""


class ParquetRows(SpoolEncoder):
    """The encoder of Parquet: what the columns of its class hold of an instance."""

    def __init__(self, schema: SchemaModel, classes: tuple[str, ...] = ()) -> None:
        """Raises :class:`~semantics.errors.UsageError` without pyarrow."""
        pyarrow()
        self._classes = classes
        self._table = cache(lambda name: arrow_class(schema, name))
        for name in classes:
            if name not in schema.classes:
                message = f"the model has no class '{name}', so its columns are not known"
                raise UsageError(Diagnostic("SNK034", message, hint="write ndjson"))

    def row(self, instance: Instance) -> dict[str, Any]:
        """The row of one instance. Raises :class:`~semantics.lexical.LexicalError`."""
        if self._classes and instance.class_name not in self._classes:
            raise LexicalError("there is no table of this class")
        found: dict[str, Any] = self._table(instance.class_name).row(instance.data)
        return found


class TableWriter:
    """Writes a Parquet file of one class to a path or a binary stream, with row groups of one size.

    Tables are taken as they come; the same rows give the same bytes. Nobody's clock or name is in them, but the
    version of the library is.
    """

    def __init__(self, table: ArrowClass, where: Any) -> None:
        pq = pyarrow("pyarrow.parquet")
        self._rows_of_group = group_rows(table.schema)
        self._waiting: list[Any] = []
        self._rows = self._bytes = 0
        self._writer = pq.ParquetWriter(where, table.schema, compression="zstd")

    def add(self, table: Any) -> None:
        """Take the rows of a ``pyarrow.Table`` of the class."""
        self._waiting.append(table)
        self._rows += table.num_rows
        self._bytes += table.nbytes
        while self._rows >= self._rows_of_group:
            self._write(self._rows_of_group)
        if self._bytes >= GROUP_BYTES:
            self._write(self._rows)

    def close(self) -> None:
        """Write what is left, and the end of the file."""
        if self._rows:
            self._write(self._rows)
        self._writer.close()

    def abandon(self) -> None:
        """Let go of a file that stays unfinished: else the writer tries to finish it when it goes, and complains."""
        self._writer.is_open = False
        handle, self._writer.file_handle = self._writer.file_handle, None
        if handle is not None:
            with suppress(OSError):
                handle.close()

    def _write(self, rows: int) -> None:
        """One row group of what waits."""
        whole = pyarrow().concat_tables(self._waiting)
        rest = whole.slice(rows)
        # Where tables meet must not show in the file.
        self._writer.write_table(whole.slice(0, rows).combine_chunks(), row_group_size=rows)
        self._waiting, self._rows, self._bytes = [rest], rest.num_rows, rest.nbytes


def group_rows(schema: Any) -> int:
    """The rows of a row group of a ``pyarrow.Schema``.

    >>> import pyarrow as pa
    >>> group_rows(pa.schema([("id", pa.string())]))
    122880
    """
    leaves = sum(_leaves(field.type) for field in schema)
    return max(1024, min(GROUP_ROWS, GROUP_CELLS // max(1, leaves)))


def _leaves(kind: Any) -> int:
    return sum(_leaves(kind.field(index).type) for index in range(kind.num_fields)) if kind.num_fields else 1


class ParquetBuilder:
    """Makes the file of a class, or the files of a folder, of what :class:`ParquetRows` gave."""

    def __init__(self, schema: SchemaModel, classes: tuple[str, ...] = ()) -> None:
        self._schema, self._classes = schema, classes

    def mixed(self, first: str, second: str) -> Diagnostic:
        """``SNK033``."""
        message = f"instances of '{first}' and of '{second}' are made, and a Parquet file holds one class"
        hint = "give an existing folder as the output, with --to parquet: each class gets a file in it"
        return Diagnostic("SNK033", message, hint=hint)

    def build(self, batches: Iterable[Batch], partial: Path) -> None:
        """Write the rows to the file ``partial``, or to a file for each class in it where it is a folder.

        Without any row the file has the columns of the class that is likeliest meant; in a folder the files that
        an earlier run made for the classes of this one are emptied.
        """
        folder = partial.is_dir()
        writers: dict[str, tuple[ArrowClass, TableWriter]] = {}

        def opened(name: str) -> tuple[ArrowClass, TableWriter]:
            if name not in writers:
                if writers and not folder:
                    raise UsageError(self.mixed(next(iter(writers)), name))
                table = arrow_class(self._schema, name)
                writers[name] = table, TableWriter(table, partial / f"{name}.parquet" if folder else partial)
            return writers[name]

        try:
            for batch in batches:
                for name in dict.fromkeys(class_name for class_name, _ in batch):
                    table, writer = opened(name)
                    rows = table.batch([row for class_name, row in batch if class_name == name])
                    writer.add(pyarrow().Table.from_batches([rows], table.schema))
            if folder:
                for name in self._classes:
                    if (partial.parent / f"{name}.parquet").exists():
                        opened(name)
            elif not writers:
                opened(self._likeliest())
            for _, writer in writers.values():
                writer.close()
        except BaseException:
            for _, writer in writers.values():
                writer.abandon()
            raise

    def _likeliest(self) -> str:
        root = self._schema.tree_root
        known = self._classes or tuple(self._schema.classes)
        return root if root in known else known[0]

"""A Parquet file made of tables as they come: for runs that carry columns through, and now and then rows.

The file is the one that the same rows give by way of the spool: both are written by
:class:`~semantics.sinks.parquet.TableWriter`.
"""

from __future__ import annotations

import io
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from semantics.errors import Diagnostic, Location, SinkError
from semantics.sinks.base import EncodedSink
from semantics.sinks.parquet import TableWriter
from semantics.sinks.spooled import unpacked

if TYPE_CHECKING:
    from semantics.sinks.arrow_schema import ArrowClass
    from semantics.sinks.base import Encoder
    from semantics.sinks.output import Output

__all__ = ["TableSink"]


class TableSink(EncodedSink):
    """Takes tables of one class and pieces of the format's encoder, in any turn, and writes them as one table."""

    def __init__(self, encoder: Encoder, table: ArrowClass, output: Output) -> None:
        import pyarrow as pa

        super().__init__(encoder, output)
        self._table = table
        self._stream = _Stream(output)
        self._writer = TableWriter(table, pa.PythonFile(self._stream, "w"))

    def add(self, table: Any) -> None:
        """Take the rows of a ``pyarrow.Table`` of the class's schema. Raises :class:`SinkError`."""
        try:
            self._writer.add(table)
        except SinkError:
            raise
        except Exception as fault:
            message = f"the table cannot be written ({type(fault).__name__})"
            raise SinkError(Diagnostic("SNK003", message, Location(self.output.name))) from fault

    def append(self, piece: bytes | memoryview) -> None:
        """Take rows as the encoder makes them."""
        import pyarrow as pa

        for batch in unpacked(io.BytesIO(piece)):
            rows = self._table.batch([data for _, data in batch])
            self.add(pa.Table.from_batches([rows], self._table.schema))

    def finish(self) -> None:
        """Write the last row group and the end of the file."""
        self._writer.close()

    def abort(self, *, keep: bool = False) -> None:
        """Give the output up. The library writes the end of its file even then: to nowhere."""
        self._stream.lost = True
        with suppress(Exception):
            self._writer.close()
        super().abort(keep=False)


class _Stream:
    """An output as Arrow wants a file: it asks where it is, and closes what is not its own."""

    closed = False
    lost = False

    def __init__(self, output: Output) -> None:
        self._output, self._place = output, 0

    def write(self, data: bytes) -> int:
        if not self.lost:
            self._output.write(data)
        self._place += len(data)
        return len(data)

    def tell(self) -> int:
        return self._place

    def flush(self) -> None:
        """Nothing is kept back here."""

    def close(self) -> None:
        """The output is closed by who opened it."""

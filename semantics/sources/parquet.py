"""Sources ``parquet`` and ``arrow``: columnar files, read a batch of rows at a time.

Both need a file in which one can go back and forth: standard input and compressed files are copied to a temporary
one first. What a foreign file claims is checked against the limits before its columns are decompressed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, Final

from semantics.errors import Diagnostic, LimitError, Location, SourceError
from semantics.records import Record
from semantics.sources.arrow_rows import ArrowRows, RowFault, pyarrow
from semantics.sources.options import Limits, ReadOptions
from semantics.sources.stream import Input

__all__ = ["read_arrow", "read_parquet"]

BATCH_ROWS: Final = 8192
"""Rows of a batch at most."""
BATCH_BYTES: Final = 4_000_000
"""Bytes of a batch, going by what a row of the row group has on average."""
_ARROW_FILE: Final = b"ARROW1"
_FEATHER_1: Final = b"FEA1"
_PARQUET: Final = b"PAR1"

Batches = Callable[[IO[bytes], str, Limits], tuple[Any, Iterator[Any]]]
"""Opens a file: its schema, and its batches."""


def read_parquet(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The rows of a Parquet file as records; see :func:`_records`."""
    return _records(source, options, _parquet)


def read_arrow(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The rows of an Arrow IPC file or stream (Feather 2) as records; see :func:`_records`."""
    return _records(source, options, _arrow)


def _records(source: Input, options: ReadOptions, opened: Batches) -> Iterator[Record]:
    """The rows of a columnar file: what ``options.tabular`` says of its columns tells their class.

    A column without a value is no key of the row. Raises :class:`~semantics.errors.SourceError`: ``SRC103`` where the
    file is not of its format or damaged, and what :class:`ArrowRows` raises;
    :class:`~semantics.errors.LimitError`; :class:`~semantics.errors.UsageError` without pyarrow.
    """
    pyarrow()
    number = 0
    with _seekable(source, options.limits) as file, _damage_told(source.name):
        schema, batches = opened(file, source.name, options.limits)
        rows = ArrowRows(schema, source.name, options.limits)
        class_name = options.tabular(rows.names, source.name).class_name if options.tabular else None
        for batch in batches:
            for row in rows.rows(batch):
                number += 1
                if isinstance(row, RowFault):
                    place = Location(source.name, pointer=row.pointer or None)
                    fault = Diagnostic(row.code, f"row {number}: {row.message}", place)
                    yield Record(None, source.name, number, class_name=class_name, fault=fault)
                else:
                    yield Record(row, source.name, number, class_name=class_name)


@contextmanager
def _damage_told(name: str) -> Iterator[None]:
    """What the library makes of a damaged file becomes a :class:`SourceError`."""
    try:
        yield
    except (pyarrow().ArrowException, OSError, ValueError, ArithmeticError) as fault:
        message = "the file cannot be read: it is damaged, or not of this format"
        raise SourceError(Diagnostic("SRC103", message, Location(name), found=_reason(fault))) from None
    except MemoryError:
        message = "the file asks for more memory than there is: it is damaged, or too large"
        raise LimitError(Diagnostic("SRC104", message, Location(name))) from None


def _reason(fault: Exception) -> str | None:
    """The first words of what the library says, which are about the format; values may come later."""
    text = str(fault).partition("\n")[0].partition(":")[0]
    return text[:80] if text.isprintable() and text.isascii() and text else None


def _seekable(source: Input, limits: Limits) -> IO[bytes]:
    """The input as a file of which any part can be read."""
    blocks = source.blocks(limits)
    first = next(blocks, b"")
    if not first:
        raise SourceError(Diagnostic("SRC002", "the input is empty", Location(source.name)))
    if source.path is not None and source.path.is_file():
        file = source.path.open("rb")
        if file.read(len(first[:64])) == first[:64]:
            file.seek(0)
            return file
        file.close()
    copy = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        copy.write(first)
        for block in blocks:
            copy.write(block)
        copy.seek(0)
    except BaseException:
        copy.close()
        raise
    return copy


def _first(file: IO[bytes]) -> bytes:
    first = file.read(8)
    file.seek(0)
    return first


# -- Parquet -----------------------------------------------------------------------------------


def _parquet(file: IO[bytes], name: str, limits: Limits) -> tuple[Any, Iterator[Any]]:
    if not _first(file).startswith(_PARQUET):
        hint = "read it as arrow" if _first(file).startswith(_ARROW_FILE) else None
        raise SourceError(Diagnostic("SRC103", "this is not a Parquet file", Location(name), hint=hint))
    pq, pa = pyarrow("pyarrow.parquet"), pyarrow()
    source = pa.PythonFile(file, "r")
    metadata = pq.read_metadata(source)
    _check_growth(metadata, file, name, limits)
    # Read as dictionaries, a text that stands in every row is held once.
    schema = pq.ParquetFile(source, metadata=metadata).schema_arrow
    texts = [field.name for field in schema if pa.types.is_string(field.type)]
    opened = pq.ParquetFile(
        source, metadata=metadata, read_dictionary=texts, pre_buffer=False, buffer_size=1 << 16,
        page_checksum_verification=True,
    )  # fmt: skip
    return opened.schema_arrow, _row_groups(opened, metadata)


def _row_groups(opened: Any, metadata: Any) -> Iterator[Any]:
    for index in range(metadata.num_row_groups):
        group = metadata.row_group(index)
        if group.num_rows:
            average = max(1, group.total_byte_size // group.num_rows)
            rows = max(1, min(BATCH_ROWS, BATCH_BYTES // average))
            yield from opened.iter_batches(batch_size=rows, row_groups=[index], use_threads=False)


def _check_growth(metadata: Any, file: IO[bytes], name: str, limits: Limits) -> None:
    """Raises :class:`LimitError` for a file that says that it grows beyond what data do when decompressed.

    What it says of single columns is not looked at: the library ends the process where that is damaged.
    """
    packed = max(1, file.seek(0, 2))
    size = sum(metadata.row_group(index).total_byte_size for index in range(metadata.num_row_groups))
    if size > limits.gzip_free and size > packed * limits.gzip_ratio:
        message = f"the file grows to {size // packed} times its size"
        hint = f"limit: {limits.raised_by('gzip_ratio')}"
        raise LimitError(Diagnostic("SRC104", message, Location(name), hint=hint))


# -- Arrow -------------------------------------------------------------------------------------


def _arrow(file: IO[bytes], name: str, limits: Limits) -> tuple[Any, Iterator[Any]]:
    first = _first(file)
    if first.startswith((_PARQUET, _FEATHER_1)):
        hint = "read it as parquet" if first.startswith(_PARQUET) else "Feather of version 1: write it anew as Arrow"
        raise SourceError(Diagnostic("SRC103", "this is not an Arrow file", Location(name), hint=hint))
    pa, ipc = pyarrow(), pyarrow("pyarrow.ipc")
    source = pa.PythonFile(file, "r")
    if first.startswith(_ARROW_FILE):
        reader = ipc.open_file(source)
        found = (reader.get_batch(index) for index in range(reader.num_record_batches))
    else:
        reader = ipc.open_stream(source)
        found = iter(reader)
    return reader.schema, _checked(found)


def _checked(batches: Iterator[Any]) -> Iterator[Any]:
    """Batches whose buffers hold what they should, a part at a time: nobody has checked them before."""
    for batch in batches:
        batch.validate(full=True)
        for start in range(0, batch.num_rows, BATCH_ROWS):
            yield batch.slice(start, BATCH_ROWS)

"""Files as a frame in which every row tells its place: the places are those of a local run.

Spark cuts files into parts that are read on their own. How many lines, records and bytes stand before each part is
counted beforehand, by Spark and without Python: for NDJSON about a tenth of the time of a run, for Parquet nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from semantics.engine.inputs import Inputs
from semantics.errors import Diagnostic, UsageError, escaped
from semantics.sources import Input, source_format
from semantics.spark.faults import told_by_spark
from semantics.spark.shipment import PATH, START, Block

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["FORMATS", "Files", "names_of", "opened"]

_BLANK: Final = "^\ufeff?[ \t\r]*$"
_BOM: Final = 3
_GLOB: Final = str.maketrans({char: f"\\{char}" for char in "*?[]{}\\"})


FORMATS: Final = ("ndjson", "parquet")
"""The formats that are read as files."""


@dataclass(frozen=True, slots=True)
class Files:
    """A frame of the records of files, with where they stand (:data:`PATH`, :data:`START`), and the parts of these."""

    frame: DataFrame
    blocks: tuple[Block, ...]
    format: str


def opened(spark: SparkSession, names: dict[str, int], format_name: str) -> Files:
    """The records of inputs (see :func:`names_of`). Raises :class:`SourceError` where Spark cannot read them."""
    from pyspark.sql import functions as F  # noqa: N812

    paths = [path if "://" in path else _local(path) for path in names]
    place = (F.col("_metadata.file_path").alias(PATH), F.col("_metadata.file_block_start").alias(START))
    with told_by_spark():
        if format_name == "parquet":
            rows = spark.read.parquet(*paths)
            columns = [F.col("`" + name.replace("`", "``") + "`") for name in rows.columns]
            parts = _rows_counted(rows.select(*place, F.col("_metadata.row_index").alias("row")))
            return Files(rows.select(*columns, *place), tuple(_placed(parts, names)), format_name)
        lines = spark.read.text(paths, lineSep="\n").withColumn("size", F.col("_metadata.file_size"))
        lines = lines.select(F.col("value").cast("binary").alias("value"), *place, "size")
        return Files(lines.drop("size"), tuple(_placed(_lines_counted(lines), names)), format_name)


def names_of(inputs: Inputs) -> tuple[dict[str, int], str]:
    """The inputs of a run with their ordinals (files, those in folders, addresses like ``s3a://``), and their format.

    What cannot be read is said before Spark is asked. Raises :class:`UsageError` (``RUN122``) for a format other than
    :data:`FORMATS`, or for several, and :class:`SourceError` for a file that cannot be read.
    """
    formats: set[str] = set()
    found: dict[str, int] = {}
    addresses = [path for path in inputs.paths if "://" in path]
    for path in addresses:
        found[path] = inputs.paths.index(path) + 1
        formats.add(inputs.format or source_format(path.rstrip("/").rpartition("/")[2]) or "ndjson")
    inputs.paths = [path for path in inputs.paths if path not in addresses]
    for ordinal, (path, fmt, _) in enumerate(inputs.files(), start=len(found) + 1):
        if path == "-" or fmt not in FORMATS:
            raise _refused(path, "standard input" if path == "-" else fmt)
        next(Input(Path(path), path).blocks(inputs.limits), None)
        found[path] = ordinal
        formats.add(fmt)
    if not found:
        raise UsageError(Diagnostic("RUN005", "there is nothing to read: no file of a known format in the folder"))
    if len(formats) > 1 or not formats <= set(FORMATS):
        raise _refused(next(iter(found)), f"one of several formats: {', '.join(sorted(formats))}")
    return found, formats.pop()


def _refused(path: str, what: str) -> UsageError:
    hint = "run it without --engine spark, or give a frame to semantics.spark.convert"
    message = f"'{escaped(path)}' is {what}: with --engine spark the inputs are files of NDJSON, or of Parquet"
    return UsageError(Diagnostic("RUN122", message, hint=hint))


def _local(path: str) -> str:
    """A path as Spark takes it: nothing of it is a pattern."""
    return str(Path(path).resolve()).translate(_GLOB)


def _lines_counted(lines: DataFrame) -> Sequence[Any]:
    """For each part of a file: lines, lines that are no records, bytes, and the size of the whole file."""
    from pyspark.sql import functions as F  # noqa: N812

    blank = F.col("value").cast("string").rlike(_BLANK).cast("long")
    counted = lines.groupBy(F.col(PATH).alias("path"), F.col(START).alias("start")).agg(
        F.count("*").alias("lines"), F.sum(blank).alias("blank"),
        F.sum(F.octet_length("value") + 1).alias("bytes"), F.max("size").alias("size"),
    )  # fmt: skip
    found: list[Any] = counted.collect()
    return found


def _rows_counted(rows: DataFrame) -> Sequence[Any]:
    """For each part of a file: its rows."""
    from pyspark.sql import functions as F  # noqa: N812

    none = F.lit(0)
    counted = rows.groupBy(F.col(PATH).alias("path"), F.col(START).alias("start")).agg(
        F.count("row").alias("lines"), none.alias("blank"), none.alias("bytes"), none.alias("size")
    )
    found: list[Any] = counted.collect()
    return found


def _placed(parts: Iterable[Any], names: dict[str, int]) -> Iterable[Block]:
    """The parts in the order of the inputs, each with what comes before it."""
    known = {str(Path(name).resolve()): (name, ordinal) for name, ordinal in names.items() if "://" not in name}
    files: dict[str, list[Any]] = {}
    for part in sorted(parts, key=lambda part: (part.path, part.start)):
        files.setdefault(part.path, []).append(part)
    last = len(names)
    told = []
    for path, found in files.items():
        name, ordinal = known.get(_plain(path), (path, 0))
        if ordinal == 0:
            ordinal = names.get(path, 0) or (last := last + 1)
        told.append((ordinal, name, path, found))
    for ordinal, name, path, found in sorted(told, key=lambda file: file[0]):
        lines = records = 0
        size = sum(part.bytes for part in found)
        # Spark leaves a byte order mark out; the last line may end without a newline.
        before = _BOM if found[0].size - size in (_BOM - 1, _BOM) else 0
        for part in found:
            yield Block(name, ordinal, path, part.start, lines, records, before)
            lines, records, before = lines + part.lines, records + part.lines - part.blank, before + part.bytes


def _plain(path: str) -> str:
    """The path of a local file that Spark calls ``file:/...``."""
    return unquote(path.removeprefix("file:")) if path.startswith("file:/") else path

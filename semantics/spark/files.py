"""NDJSON files as a frame of lines in which every row tells its place: the places are those of a local run.

Spark cuts files into parts that are read on their own. How many lines, records and bytes stand before each part is
counted beforehand, by Spark and without Python: about a tenth of the time of a run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from semantics.engine.inputs import Inputs
from semantics.errors import Diagnostic, UsageError
from semantics.sources import Input
from semantics.spark.faults import told_by_spark
from semantics.spark.shipment import Block

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["Lines", "lines_of", "names_of"]

_BLANK: Final = "^\ufeff?[ \t\r]*$"
_BOM: Final = 3
_GLOB: Final = str.maketrans({char: f"\\{char}" for char in "*?[]{}\\"})


@dataclass(frozen=True, slots=True)
class Lines:
    """A frame of lines (``value``, ``path``, ``start``) with the parts of files that they come from."""

    frame: DataFrame
    blocks: tuple[Block, ...]


def lines_of(spark: SparkSession, names: dict[str, int]) -> Lines:
    """The lines of inputs (see :func:`names_of`). Raises :class:`SourceError` where Spark cannot read them."""
    from pyspark.sql import functions as F  # noqa: N812

    paths = [path if "://" in path else _local(path) for path in names]
    with told_by_spark():
        lines = spark.read.text(paths, lineSep="\n").select(
            F.col("value").cast("binary").alias("value"),
            F.col("_metadata.file_path").alias("path"),
            F.col("_metadata.file_block_start").alias("start"),
            F.col("_metadata.file_size").alias("size"),
        )
        parts = _counted(lines)
    return Lines(lines.select("value", "path", "start"), tuple(_placed(parts, names)))


def names_of(inputs: Inputs) -> dict[str, int]:
    """The inputs of a run with their ordinals: files, those in folders, and addresses that Spark can read (``s3a://``).

    What cannot be read is said before Spark is asked. Raises :class:`UsageError` (``RUN122``) for a format other than
    NDJSON, and :class:`SourceError` for a file that cannot be read.
    """
    found: dict[str, int] = {}
    addresses = [path for path in inputs.paths if "://" in path]
    for path in addresses:
        found[path] = inputs.paths.index(path) + 1
    inputs.paths = [path for path in inputs.paths if path not in addresses]
    for ordinal, (path, fmt, _) in enumerate(inputs.files(), start=len(found) + 1):
        if fmt != "ndjson" or path == "-":
            what = "standard input" if path == "-" else fmt
            raise UsageError(
                Diagnostic("RUN122", f"'{path}' is {what}: with --engine spark the inputs are files of NDJSON",
                           hint="run it without --engine spark, or give a frame to semantics.spark.convert")
            )  # fmt: skip
        next(Input(Path(path), path).blocks(inputs.limits), None)
        found[path] = ordinal
    if not found:
        raise UsageError(Diagnostic("RUN005", "there is nothing to read: no file of a known format in the folder"))
    return found


def _local(path: str) -> str:
    """A path as Spark takes it: nothing of it is a pattern."""
    return str(Path(path).resolve()).translate(_GLOB)


def _counted(lines: DataFrame) -> Sequence[Any]:
    """For each part of a file: lines, lines that are no records, bytes, and the size of the whole file."""
    from pyspark.sql import functions as F  # noqa: N812

    blank = F.col("value").cast("string").rlike(_BLANK).cast("long")
    counted = lines.groupBy("path", "start").agg(
        F.count("*").alias("lines"), F.sum(blank).alias("blank"),
        F.sum(F.octet_length("value") + 1).alias("bytes"), F.max("size").alias("size"),
    )  # fmt: skip
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

"""A Spark frame through a mapping: what is refused, what is sent to the executors, and the one pass over the data."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as MappingType
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from semantics.engine.context import begin
from semantics.engine.convert import load_mapping
from semantics.engine.inputs import Inputs
from semantics.engine.mapping import Mapping
from semantics.errors import Diagnostic, SourceError, UsageError, closest, escaped
from semantics.sources import Limits
from semantics.spark.installed import required
from semantics.spark.partition import COLUMNS, carry
from semantics.spark.result import SparkResult
from semantics.spark.shipment import PATH, START, Shipment

if TYPE_CHECKING:
    from pyspark import StorageLevel
    from pyspark.sql import DataFrame

    from semantics.plan.model import Plan
    from semantics.spark.files import Files

__all__ = ["convert"]

VALIDATION: Final = ("none", "schema", "shacl", "both")
FORMATS: Final = ("columns", "ndjson", "ntriples")
"""What the instances are: columns with the types of the model, or a format in which each is text of its own."""
NAME: Final = "<frame>"
"""What a frame is called in rejects where its rows do not come from files."""


def convert(
    df: DataFrame,
    mapping: str | Path | MappingType[str, Any] | Mapping,
    *,
    to: str = "columns",
    validate: str = "schema",
    require_references: bool = False,
    source_class: str | None = None,
    now: datetime | str | None = None,
    pseudonym_key: str | Path | None = None,
    limits: Limits | None = None,
    storage: StorageLevel | None = None,
    name: str = NAME,
    files: Files | None = None,
) -> SparkResult:
    """The records of a frame through a mapping (a name, a path, a dict, or one that is loaded).

    ``df`` has one column ``value`` of text or bytes, each a line of JSON (what ``spark.read.text`` gives), or columns
    that are slots of a source class (what ``spark.read.parquet`` gives).
    ``to`` is "columns" (typed by the model), "ndjson" or "ntriples"; the other options are those of
    :func:`semantics.convert`.
    Nothing runs yet: the frames of the result are lazy. The first of them that is used has Spark pass over the data,
    once, and keep what that gives with the storage level ``storage`` (else ``MEMORY_AND_DISK``) until
    :meth:`SparkResult.close`.

    ``name`` is what the frame is called in rejects; ``files`` are those that its rows come from, where these tell
    their places (:mod:`semantics.spark.files`).

    Raises :class:`~semantics.errors.UsageError` for what cannot be carried out (``SPK001``, ``SPK003``, ``SPK004``).
    """
    required()
    ready = mapping if isinstance(mapping, Mapping) else load_mapping(mapping)
    if validate in ("none", "shacl") and ready.check:
        ready = Mapping(ready.prepared, ready.backend, check=False)
    _refuse(ready.plan, to, validate)
    # Says what is wrong with the class and the limits before anything is sent.
    inputs = Inputs(ready.plan, (), None, source_class, limits or Limits())
    moment = begin(tuple(need for need in ready.plan.needs if need != "key"), now=now)
    instant = moment.now.isoformat() if moment is not None and moment.now is not None else None
    frame, row_class = _frame(df, inputs, name)
    form = "lines" if row_class is None else "rows"
    read_as = files.format if files is not None else "ndjson" if form == "lines" else None
    shipment = Shipment(
        plan=ready.plan, target=ready.prepared.target, form=form, row_class=row_class, read_as=read_as, to=to,
        name=name, validate=validate, require_references=require_references, check=ready.check,
        source_class=source_class, limits=limits or Limits(), blocks=files.blocks if files is not None else (),
        now=instant, made_by=_made_by(ready.plan, instant),
        key_file=None if pseudonym_key is None else str(pseudonym_key),
    )  # fmt: skip
    rows = frame.mapInArrow(partial(carry, shipment.packed()), COLUMNS)
    return SparkResult(rows, ready, shipment, storage)


def _frame(df: DataFrame, inputs: Inputs, name: str) -> tuple[DataFrame, str | None]:
    """A frame as it goes to the tasks, and the source class of its rows; None where they are lines of JSON.

    Lines go as bytes, so that text that is not UTF-8 is seen and not mended.
    """
    from pyspark.sql import functions as F  # noqa: N812
    from pyspark.sql.types import BinaryType, StringType

    fields = [field for field in df.schema.fields if field.name not in (PATH, START)]
    if len(fields) == 1 and fields[0].name == "value" and isinstance(fields[0].dataType, (StringType, BinaryType)):
        return df.withColumn("value", F.col("value").cast("binary")), None
    tabular = inputs.options("parquet").tabular
    assert tabular is not None
    try:
        class_name = tabular(tuple(field.name for field in fields), name).class_name
    except SourceError as fault:
        found = ", ".join(f"{field.name}: {field.dataType.simpleString()}" for field in fields)[:200]
        told = Diagnostic("SPK004", "the frame holds neither lines of JSON (one column 'value') nor rows of a source "
                          "class", hint="spark.read.text gives lines", found=found)  # fmt: skip
        raise UsageError((told, *fault.diagnostics)) from None
    return df, class_name


def _refuse(plan: Plan, to: str, validate: str) -> None:
    """What is not carried out on Spark."""
    if validate not in VALIDATION:
        message = f"'{escaped(validate)}' is no way of validating: there are {', '.join(VALIDATION)}"
        raise UsageError(Diagnostic("RUN004", message, hint=closest(validate, VALIDATION)))
    if to not in FORMATS:
        message = f"Spark does not write '{escaped(to)}' from a mapping: there are {', '.join(FORMATS)}"
        raise UsageError(Diagnostic("SPK006", message, hint=closest(to, FORMATS)))
    for needed, what in ((plan.lookups, "joins records"), (plan.groups, "maps records in groups")):
        if needed:
            raise UsageError(
                Diagnostic("SPK003", f"the mapping {what}: on Spark each record is mapped by itself",
                           hint="join or group the frame before, or run the mapping without --engine spark")
            )  # fmt: skip


def _made_by(plan: Plan, instant: str | None) -> dict[str, str]:
    """What each line of the rejects says of the run."""
    digests = "\n".join(f"{name} {digest}" for name, digest in sorted(plan.digests.items()))
    moment = {"now": instant} if instant is not None and "now" in plan.needs else {}
    return {"mapping": plan.name, "digest": hashlib.sha256(digests.encode()).hexdigest()[:16], **moment}

"""What Spark says of a job that failed, as the findings that it is about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from semantics import errors
from semantics.errors import Diagnostic, SemanticsError, SourceError, UsageError
from semantics.spark.partition import FAULT

__all__ = ["told_by_spark"]


class _Told(msgspec.Struct):
    """What a task that failed says (:class:`semantics.spark.partition.TaskFault`)."""

    kind: str
    findings: list[Diagnostic]


@contextmanager
def told_by_spark() -> Iterator[None]:
    """Turns an exception of Spark into that of this package: what a task found, or ``SPK005`` or ``SPK007``."""
    from pyspark.errors import PySparkException

    try:
        yield
    except PySparkException as fault:
        raise _of(str(fault)) from fault


def _of(message: str) -> SemanticsError:
    at = message.find(FAULT)
    if at >= 0:
        decoded: Any = message[at + len(FAULT) :].splitlines()[0].strip()
        told = msgspec.json.decode(decoded, type=_Told)
        kind = getattr(errors, told.kind, SourceError)
        made: SemanticsError = (kind if issubclass(kind, SemanticsError) else SourceError)(told.findings)
        return made
    if "No module named 'semantics" in message:
        return UsageError(
            Diagnostic("SPK005", "the executors do not have this package",
                       hint="ship it with what it needs: see docs/spark.md")
        )  # fmt: skip
    return SourceError(Diagnostic("SPK007", f"Spark could not run the job: {_first(message)}"))


def _first(message: str) -> str:
    """The first line of what Spark says, without values: an error of Spark itself quotes none of the data."""
    return next((line.strip() for line in message.splitlines() if line.strip()), "it does not say why")[:300]

"""Conversion on Spark: a frame through a mapping, its instances, rejects and accounts as frames.

The plan that runs is the one of a local run, compiled in the Python workers of the executors and fed by
``mapInArrow``; what becomes of each record, and every count, is the same. It needs the extra ``spark`` (PySpark 4,
PyArrow, pandas) and Java 17; what must be shipped to a cluster is told in docs/spark.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from semantics.spark.result import SparkResult

__all__ = ["SparkResult", "convert"]


def convert(df: Any, mapping: Any, **options: Any) -> SparkResult:
    """The records of a Spark frame through a mapping; see :func:`semantics.spark.conversion.convert`."""
    from semantics.spark.conversion import convert as run

    return run(df, mapping, **options)


def __getattr__(name: str) -> Any:
    """:class:`~semantics.spark.result.SparkResult`, loaded when it is asked for."""
    if name == "SparkResult":
        from semantics.spark.result import SparkResult

        return SparkResult
    raise AttributeError(name)

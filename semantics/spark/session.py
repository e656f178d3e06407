"""A session of Spark for the command line: the one that spark-submit made, or one on this machine that keeps quiet."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from semantics.errors import Diagnostic, UsageError
from semantics.spark.installed import java_needed, required

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["LOCAL", "session"]

LOCAL: Final = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
"""What a session on this machine is told: it listens to nobody else, and prints nothing."""


@contextmanager
def session(master: str | None = None) -> Iterator[SparkSession]:
    """A session, stopped at the end if it was started here.

    Without a ``master`` it is that of ``spark-submit``, else one with all processors of this machine (``local[*]``).
    Raises :class:`UsageError`: ``SPK001`` without PySpark, ``SPK002`` where Java is missing or Spark does not start.
    """
    required()
    java_needed()
    from pyspark.sql import SparkSession

    submitted = "PYSPARK_GATEWAY_PORT" in os.environ or SparkSession.getActiveSession() is not None
    builder = SparkSession.builder.appName("semantics")
    if master is not None or not submitted:
        builder = builder.master(master or "local[*]")
    if not submitted and (master or "local").startswith("local"):
        for name, value in LOCAL.items():
            builder = builder.config(name, value)
        # Else the workers are of whatever python3 comes first on the path.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    spark = builder.getOrCreate() if submitted else _started(builder)
    try:
        yield spark
    finally:
        if not submitted:
            with suppress(Exception):
                spark.stop()


def _started(builder: SparkSession.Builder) -> SparkSession:
    """A new session whose Java writes to a file that nobody sees, and not to standard error."""
    sys.stderr.flush()
    with tempfile.TemporaryFile() as log:
        kept = os.dup(2)
        os.dup2(log.fileno(), 2)
        try:
            return builder.getOrCreate()
        except Exception as fault:
            log.seek(0)
            lines = [line for line in log.read().decode("utf-8", "replace").splitlines() if line.strip()]
            told = (str(fault).strip().splitlines() or [type(fault).__name__])[0]
            raise UsageError(
                Diagnostic("SPK002", f"Spark does not start: {told[:200]}", found="\n".join(lines[-5:])[:1_000] or None)
            ) from None
        finally:
            os.dup2(kept, 2)
            os.close(kept)

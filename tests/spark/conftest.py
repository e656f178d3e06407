"""A session of Spark on this machine for the tests that need one; they are skipped where it cannot be had."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from semantics.spark.session import LOCAL, _started

MISSING = [name for name in ("pyspark", "pyarrow", "pandas") if importlib.util.find_spec(name) is None]


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory, loopback: None) -> Iterator[Any]:
    """Two workers, nothing to look at in a browser, and files in a temporary folder."""
    if MISSING:
        pytest.skip(f"needs {', '.join(MISSING)}: pip install 'semantics[spark]'")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("needs Java 17 or later")
    from pyspark.sql import SparkSession

    folder = tmp_path_factory.mktemp("spark")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {
        **LOCAL, "spark.sql.warehouse.dir": str(folder), "spark.local.dir": str(folder),
        "spark.sql.shuffle.partitions": "2", "spark.sql.session.timeZone": "UTC",
    }  # fmt: skip
    builder = SparkSession.builder.master("local[2]").appName("tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        session = _started(builder)
    yield session
    session.stop()

"""What the proofs share: a program that is ready to run command lines, and one whose calls can be made to fail."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from .runs import HERE, Warm


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    """Runs command lines quickly."""
    ready = Warm(tmp_path_factory.mktemp("warm"))
    yield ready
    ready.stop()


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``trouble.c``, compiled."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler: calls of the operating system cannot be made to fail")
    made = tmp_path_factory.mktemp("library") / "trouble.so"
    done = subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", str(made), str(HERE / "trouble.c"), "-ldl"],
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    if done.returncode:
        pytest.skip("the system has other calls than Linux: they cannot be made to fail")
    return made


@pytest.fixture(scope="session")
def troubled(tmp_path_factory: pytest.TempPathFactory, library: Path) -> Iterator[Warm]:
    """Runs command lines quickly, and the N-th call of one can fail."""
    ready = Warm(tmp_path_factory.mktemp("troubled"), library)
    yield ready
    ready.stop()

"""Two runs to one output exclude each other: the second is refused, the first is not disturbed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from .runs import Conversion, begin, leftovers, results, run

SLOW = Conversion("pipe", "out.ndjson", options=("--from", "ndjson"), mapping="people", written=())


@contextmanager
def waiting(folder: Path, *more: str) -> Iterator[int]:
    """A run that has begun and waits for the rest of its input; what is written to the descriptor reaches it."""
    data = (folder / "in.ndjson").read_bytes()
    os.mkfifo(folder / "pipe")
    with begin(folder, SLOW.arguments(*more)) as process, (folder / "pipe").open("wb", buffering=0) as pipe:
        pipe.write(data[:5_000])
        while not leftovers(folder):
            assert process.poll() is None
        yield process.pid
        if process.poll() is None:
            pipe.write(data[5_000:])
        pipe.close()
        process.communicate(timeout=60)
        assert process.returncode in (1, -signal.SIGKILL)
    (folder / "pipe").unlink()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace whose input has 60 records."""
    return replace(SLOW, source="in.ndjson", count=60).lay_out(tmp_path)


OTHER = Conversion("in.ndjson", "out.ndjson", written=())


def test_the_second_is_refused_and_the_first_comes_through(folder: Path) -> None:
    """By exit code 4 and its code; to another output it may write meanwhile."""
    with waiting(folder):
        refused = run(folder, OTHER.arguments())
        assert (refused.returncode, b"SNK004" in refused.stderr) == (4, True)
        assert b"another run" in refused.stderr
        other = replace(OTHER, target="other.ndjson")
        assert run(folder, other.arguments()).returncode == 1
    assert results(folder, SLOW)["out.ndjson"] == (folder / "other.ndjson").read_bytes()
    assert leftovers(folder) == []


def test_a_link_to_the_output_does_not_get_around_it(folder: Path) -> None:
    """Nor does another way of writing its name."""
    (folder / "link.ndjson").symlink_to("out.ndjson")
    with waiting(folder):
        for name in ("link.ndjson", "./out.ndjson", f"../{folder.name}/out.ndjson", str(folder / "out.ndjson")):
            refused = run(folder, replace(OTHER, target=name).arguments())
            assert (refused.returncode, b"SNK004" in refused.stderr) == (4, True), name


def test_a_run_that_was_killed_excludes_nobody(folder: Path) -> None:
    """The lock ends with the process."""
    with waiting(folder) as pid:
        os.killpg(pid, signal.SIGKILL)
    assert run(folder, OTHER.arguments()).returncode == 1

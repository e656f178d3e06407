"""Disks that are full, files that may not grow, readers that have gone: told in a line, and nothing is damaged."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .runs import EVERYTHING, Conversion, Warm, environment, leftovers, results, run

LINES = Conversion("in.ndjson", "out.ndjson", 6_000, written=EVERYTHING)
OLD = b"what was there before\n"


def told_in_lines(said: bytes) -> bool:
    """No traceback, no fault of the program."""
    return b"Traceback" not in said and b"INT0" not in said and b"Exception" not in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("option", ["-o", "--rejects", "--report", "--findings"])
def test_a_device_that_is_full(warm: Warm, tmp_path: Path, option: str) -> None:
    """Whichever output it is."""
    conversion = Conversion(count=300, written=())
    conversion.lay_out(tmp_path)
    more = ["--to", "ndjson"] if option == "-o" else ["--findings-format", "json"] if option == "--findings" else []
    arguments = [*conversion.arguments(), "--rejects", "rejects.ndjson", option, "/dev/full", *more]
    ended = warm.run(tmp_path, arguments)
    assert (ended.code, told_in_lines(ended.stderr)) == (4, True), ended.stderr
    assert b"/dev/full" in ended.stderr
    assert b"No space left on device" in ended.stderr
    assert leftovers(tmp_path) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_standard_output_that_is_full(tmp_path: Path) -> None:
    """The error is told on standard error."""
    conversion = Conversion(count=300, target="-", written=())
    with Path("/dev/full").open("wb") as full:
        ended = run(conversion.lay_out(tmp_path), [*conversion.arguments(), "--rejects", "r.ndjson"], stdout=full)
    assert (ended.returncode, told_in_lines(ended.stderr)) == (4, True), ended.stderr
    assert b"standard output" in ended.stderr


@pytest.mark.parametrize("most", [0, 1, 5_000, 200_000])
def test_files_that_may_not_grow_beyond_a_limit(warm: Warm, tmp_path: Path, most: int) -> None:
    """RLIMIT_FSIZE, for messages too: the outputs are old or whole, and a run without the limit comes through."""
    conversion = LINES
    right = conversion.lay_out(tmp_path / "right")
    assert warm.run(right, conversion.arguments()).code == 1
    folder = conversion.lay_out(tmp_path / "limited")
    for name in conversion.results:
        (folder / name).write_bytes(OLD)
    ended = warm.run(folder, conversion.arguments(), RLIMIT_FSIZE=most)
    assert ended.code == 4
    assert told_in_lines(ended.stderr)
    for name, content in results(folder, conversion).items():
        assert content in (OLD, results(right, conversion)[name])
    assert warm.run(folder, conversion.arguments()).code == 1
    assert results(folder, conversion) == results(right, conversion)


@contextmanager
def small_disk(place: Path, size: int) -> Iterator[Path]:
    """A file system of its own with room for ``size`` bytes; skips where none can be mounted."""
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_disk_of_one_megabyte(warm: Warm, tmp_path: Path) -> None:
    """Told in a line; with room made the next run gives the right bytes."""
    conversion = Conversion(count=6_000, written=EVERYTHING)
    right = conversion.lay_out(tmp_path / "right")
    assert warm.run(right, conversion.arguments()).code == 1
    with small_disk(tmp_path / "disk", 1 << 20) as disk:
        folder = Conversion(count=100).lay_out(disk)
        (folder / "in.ndjson").unlink()
        (folder / "in.ndjson").symlink_to(right / "in.ndjson")
        (folder / "filler").write_bytes(b"x" * 700_000)
        ended = warm.run(folder, conversion.arguments())
        assert (ended.code, told_in_lines(ended.stderr)) == (4, True), ended.stderr
        assert results(folder, conversion) == {}
        (folder / "filler").unlink()
        ended = warm.run(folder, conversion.arguments())
        assert ended.code in (1, 4)


@pytest.mark.parametrize("target", ["ndjson", "ntriples", "turtle", "json"])
def test_a_reader_that_has_gone_is_no_fault(tmp_path: Path, target: str) -> None:
    """``| head -1``: nothing is said, the exit code is that of a broken pipe, or none where all was written."""
    conversion = Conversion(count=6_000, target="-", written=())
    folder = conversion.lay_out(tmp_path)
    words = " ".join([*conversion.arguments(), "--to", target, "--rejects", os.devnull])
    script = (
        f'set -o pipefail; "{sys.executable}" -m semantics {words} 2> said | head -1 > first; echo "${{PIPESTATUS[0]}}"'
    )
    for _ in range(3):
        done = subprocess.run(
            ["bash", "-c", script], cwd=folder, env={**os.environ, **environment(folder / "cache")}, check=False,
            stdout=subprocess.PIPE, timeout=60,
        )  # fmt: skip
        said = (folder / "said").read_bytes()
        assert done.stdout.strip() in (b"0", b"141")
        assert told_in_lines(said)
        assert b"roken pipe" not in said
        assert (folder / "first").read_bytes().count(b"\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_messages_that_cannot_be_written_end_a_run_as_an_output_does(tmp_path: Path) -> None:
    """Standard error on a full disk: exit code 4, with nothing that looks like a result."""
    conversion = Conversion(count=300)
    with Path("/dev/full").open("wb") as full:
        ended = run(conversion.lay_out(tmp_path), conversion.arguments(), stderr=full)
    assert (ended.returncode, ended.stdout) == (4, b"")
    assert (results(tmp_path, conversion), leftovers(tmp_path)) == ({}, [])

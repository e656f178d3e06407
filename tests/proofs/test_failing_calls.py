"""Whichever call of the operating system fails: a clear error, no damaged file, and the next run gives the right bytes.

The calls are those of a whole run (output, rejects, report, findings, provenance, temporary files), whoever makes
them: this program, SQLite or another library. They are made to fail one by one, the first, the second, ... until a
run comes through.
"""

from __future__ import annotations

import errno
import re
from dataclasses import replace
from pathlib import Path

import pytest

from .runs import (
    EVERYTHING,
    FAIL_FROM,
    FAIL_ONCE,
    JOINS,
    RESUME,
    SHORT,
    Conversion,
    Ended,
    Trouble,
    Warm,
    leftovers,
    results,
)

OLD = b"what was there before\n"
KEEPING = ("open", "write", "fsync", "rename", "close", "unlink", "flock", "fchmod", "ftruncate", "link", "mkdir")
"""What is called to keep bytes."""
READING = ("look", "read")
SAID = re.compile(rb"^(\S.*  )?[A-Z]{3,4}\d{3}  ", re.MULTILINE)
WHOLE = (0, 1)
REFUSED = (2, 3, 4, 5)
"""Exit codes: everything is written, records may be rejected; a clear error."""


def undisturbed(ready: Warm, folder: Path, conversion: Conversion) -> dict[str, bytes]:
    """What the run gives when nothing fails."""
    ended = ready.run(conversion.lay_out(folder), conversion.arguments())
    assert ended.code in WHOLE, ended.stderr
    assert leftovers(folder) == []
    found = results(folder, conversion)
    assert found.keys() == set(conversion.results)
    return found


def fits(ended: Ended, number: int, folder: Path, conversion: Conversion, right: dict[str, bytes]) -> None:
    """What holds after a call has failed."""
    told = ended.calls[number - 1]
    assert b"Traceback" not in ended.stderr, (told, ended.stderr)
    assert b"INT0" not in ended.stderr, (told, ended.stderr)
    found = results(folder, conversion)
    if ended.code in WHOLE:
        assert found == right, told
        return
    assert ended.code in REFUSED, (ended.code, told, ended.stderr)
    assert SAID.search(ended.stderr), (told, ended.stderr)
    for name in conversion.results:
        assert found[name] in (OLD, right[name]), (name, told)


def disturbed(
    ready: Warm, place: Path, conversion: Conversion, fault: int, mode: int, calls: tuple[str, ...], *, step: int = 1
) -> dict[str, set[int]]:
    """Let each of the calls fail in turn (or every ``step``-th); the exit codes by call.

    After a failure the run is gone on with, or run again: after each, or in the short form after every tenth.
    """
    right = undisturbed(ready, place / "right", conversion)
    folder = conversion.lay_out(place / "disturbed")
    seen: dict[str, set[int]] = {}
    for count, number in enumerate(range(1, 1_000, step), start=1):
        for name in conversion.results:
            (folder / name).write_bytes(OLD)
        ended = ready.run(folder, conversion.arguments(), Trouble(number, fault, mode, calls), checkpoint=0)
        if len(ended.calls) < number:
            assert ended.code in WHOLE
            assert results(folder, conversion) == right
            return seen
        fits(ended, number, folder, conversion, right)
        seen.setdefault(ended.calls[number - 1].split()[1], set()).add(ended.code)
        if step == 1 or count % 10 == 0:
            ended = ready.run(folder, conversion.arguments(*RESUME[: count % 3]))
            assert ended.code in WHOLE, ended.stderr
            assert results(folder, conversion) == right
        for name in leftovers(folder):
            (folder / name).unlink()
    raise AssertionError("the run never came through")


TABLE = Conversion("in.csv", "out.nt.gz", 60, written=EVERYTHING)
LINES = Conversion("in.ndjson", "out.ndjson", 60, ("--jobs", "2"))


def test_a_disk_that_is_full_from_some_call_on(troubled: Warm, tmp_path: Path) -> None:
    """Each call that takes room fails, from the N-th on: nothing is damaged, the error is that of an output."""
    seen = disturbed(
        troubled, tmp_path, TABLE, errno.ENOSPC, FAIL_FROM, ("open", "write", "fsync", "rename", "look"), step=3
    )
    assert seen["write"] == {4}
    assert seen["fsync"] <= {1, 4}


@pytest.mark.parametrize("target", ["out.parquet", "out.sqlite"])
def test_a_disk_that_is_full_when_a_file_is_made_in_the_end(troubled: Warm, tmp_path: Path, target: str) -> None:
    """What other libraries write fails no differently."""
    seen = disturbed(
        troubled,
        tmp_path,
        Conversion("in.csv", target, 60),
        errno.ENOSPC,
        FAIL_FROM,
        ("open", "write", "fsync", "close"),
        step=4,
    )
    assert seen["write"] == {4}


@pytest.mark.parametrize("fault", [errno.EIO, errno.EINTR])
def test_a_single_call_that_fails(troubled: Warm, tmp_path: Path, fault: int) -> None:
    """Once, in each place: a call that is broken off by a signal is made again, any other fault is told."""
    seen = disturbed(troubled, tmp_path, LINES, fault, FAIL_ONCE, KEEPING, step=3)
    assert len(seen) >= 5
    assert seen["write"] == ({4} if fault == errno.EIO else {1})


def test_a_write_that_takes_only_some_bytes_is_gone_on_with(troubled: Warm, tmp_path: Path) -> None:
    """Whichever it is."""
    seen = disturbed(troubled, tmp_path, TABLE, 0, SHORT, ("write",), step=3)
    assert seen == {"write": {1}}


def test_an_input_that_cannot_be_read(troubled: Warm, tmp_path: Path) -> None:
    """The error is that of an input (3), or of the mapping and its schemas (2): the outputs are what they were."""
    seen = disturbed(troubled, tmp_path, LINES, errno.EIO, FAIL_ONCE, ("read",), step=3)
    assert seen["read"] >= {3}


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EIO])
def test_what_a_run_remembers_on_disk(troubled: Warm, tmp_path: Path, fault: int) -> None:
    """Records to be joined and grouped are in a database below TMPDIR: where it cannot be kept, that is a limit (5)."""
    conversion = replace(JOINS, count=200)
    seen = disturbed(troubled, tmp_path, conversion, fault, FAIL_FROM, ("open", "write", "mkdir"), step=3)
    assert seen["write"] == {4, 5}
    assert seen["mkdir"] == {5}


KINDS = [
    Conversion(source, target, 300, ("--jobs", jobs), written=EVERYTHING if jobs == "1" else ("report.json",))
    for source, target, jobs in [
        ("in.ndjson", "out.ndjson", "1"), ("in.csv", "out.nt", "2"), ("in.xml", "out.ndjson", "1"),
        ("in.json", "out.ttl", "2"), ("in.ndjson.gz", "out.jsonld.gz", "2"), ("in.csv", "out.json", "1"),
        ("in.ndjson", "out.parquet", "2"), ("in.csv", "out.sqlite", "1"),
    ]
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("mode", [FAIL_ONCE, FAIL_FROM])
@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EIO, errno.EINTR, errno.EACCES, errno.EMFILE])
@pytest.mark.parametrize("conversion", KINDS, ids=lambda kind: f"{kind.source}-{kind.target}")
def test_every_call_of_every_kind_of_run(
    troubled: Warm, tmp_path: Path, conversion: Conversion, fault: int, mode: int
) -> None:
    """The same over all faults, formats and calls; after each the run is run again."""
    if (fault, mode) == (errno.EINTR, FAIL_FROM):
        pytest.skip("what is always broken off is made again for ever, as it should be")
    disturbed(troubled, tmp_path, conversion, fault, mode, (*KEEPING, *READING))

"""A run that is killed, at any moment, and gone on with: the same bytes as if nothing had happened.

Killed by ``kill -9`` at random moments and at each call of the operating system in turn, the whole group of its
processes or one of them; and by a power cut, which takes with it what was not yet brought to the disk.
"""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from .runs import KILL_AFTER, KILL_BEFORE, RESUME, Conversion, Ended, Trouble, Warm, leftovers, results

OLD = b"what was there before\n"
KEEPING = ("open", "write", "fsync", "rename", "close", "unlink", "flock", "ftruncate", "link")
KINDS = {
    "ndjson-ndjson": ("in.ndjson", "out.ndjson"),
    "csv-ntriples": ("in.csv", "out.nt"),
    "xml-ndjson": ("in.xml", "out.ndjson"),
    "json-turtle": ("in.json", "out.ttl"),
    "ndjson-gz": ("in.ndjson", "out.ndjson.gz"),
    "gz-ntriples-gz": ("in.csv.gz", "out.nt.gz"),
    "ndjson-parquet": ("in.ndjson", "out.parquet"),
    "csv-sqlite": ("in.csv", "out.sqlite"),
    "xml-json-zst": ("in.xml", "out.json.zst"),
}


def kind(name: str, count: int, *options: str) -> Conversion:
    """A conversion of so many records."""
    source, target = KINDS[name]
    return Conversion(source, target, count, options)


def undisturbed(warm: Warm, folder: Path, conversion: Conversion) -> dict[str, bytes]:
    """What the run gives when nothing happens."""
    ended = warm.run(conversion.lay_out(folder), conversion.arguments())
    assert ended.code == 1, ended.stderr
    return results(folder, conversion)


def untouched(folder: Path, conversion: Conversion, right: dict[str, bytes]) -> None:
    """Under each name there is what was there before, or all of it."""
    for name, content in results(folder, conversion).items():
        assert content in (OLD, right[name]), name


def completed(warm: Warm, folder: Path, conversion: Conversion, right: dict[str, bytes]) -> Ended:
    """Go on, and see that the bytes are those of a run that nobody disturbed."""
    ended = warm.run(folder, conversion.arguments(*RESUME), checkpoint=0)
    assert ended.code == 1, (ended.code, ended.stderr)
    found = results(folder, conversion)
    assert found.keys() == right.keys()
    for name, content in right.items():
        assert found[name] == content, (name, ended.stderr)
    return ended


# -- at each call --------------------------------------------------------------------------------


def at_each_call(troubled: Warm, place: Path, conversion: Conversion, step: int, *, power_cut: bool = False) -> int:
    """Kill the run before and after every ``step``-th of its calls, and go on; how many kills that were."""
    right = undisturbed(troubled, place / "right", conversion)
    folder = conversion.lay_out(place / "killed")
    for number in range(1, 5_000):
        for name in conversion.results:
            (folder / name).write_bytes(OLD)
        mode = KILL_AFTER if number % 2 or power_cut else KILL_BEFORE
        calls = KEEPING if step == 1 else ("write", "fsync", "rename", "unlink")
        ended = troubled.run(
            folder, conversion.arguments(), Trouble(1 + (number - 1) * step, 0, mode, calls), checkpoint=0
        )
        if ended.code != -signal.SIGKILL:
            assert ended.code == 1
            assert results(folder, conversion) == right
            return number - 1
        if power_cut:
            darken(folder, ended, zeros=bool(number % 2))
        untouched(folder, conversion, right)
        completed(troubled, folder, conversion, right)
        for name in leftovers(folder):
            (folder / name).unlink()
    raise AssertionError("the run never came through")


def darken(folder: Path, ended: Ended, *, zeros: bool) -> None:
    """What a power cut leaves: of each file what was brought to the disk, names as they were when their folder was.

    Bytes that were written and not brought to the disk are gone, or zeros stand in their place.
    """
    kept: dict[str, int] = {}
    renamed: list[tuple[int, str]] = []
    for line in ended.calls:
        number, call, size, path = line.split(" ", 3)
        match call:
            case "open":
                kept.setdefault(path, -1)
            case "fsync" if path == str(folder.resolve()):
                renamed.clear()
            case "fsync" | "fdatasync":
                kept[path] = int(size)
            case "rename":
                renamed.append((int(number), path))
    for path, size in kept.items():
        file = Path(path)
        if not path.endswith(".partial") or not file.is_file():
            continue
        whole = file.stat().st_size
        if size < 0 and not zeros:
            file.unlink()
            continue
        os.truncate(file, max(size, 0))
        if zeros and whole > size:
            os.truncate(file, whole)
    for number, path in reversed(renamed):
        before = ended.kept(number)
        if before is not None:
            before.replace(path)
        else:
            with suppress(FileNotFoundError):
                Path(path).unlink()


@pytest.mark.parametrize("name", ["ndjson-ndjson", "gz-ntriples-gz"])
def test_a_run_that_is_killed_at_some_call_is_gone_on_with(troubled: Warm, tmp_path: Path, name: str) -> None:
    """Before or after it."""
    assert at_each_call(troubled, tmp_path, kind(name, 400), 11) >= 4


@pytest.mark.parametrize("name", ["ndjson-ndjson"])
def test_a_run_that_a_power_cut_ends_is_gone_on_with(troubled: Warm, tmp_path: Path, name: str) -> None:
    """After some calls."""
    assert at_each_call(troubled, tmp_path, kind(name, 400), 11, power_cut=True) >= 4


@pytest.mark.slow
@pytest.mark.parametrize("power_cut", [False, True])
@pytest.mark.parametrize("name", KINDS)
def test_a_run_that_is_ended_at_each_call_is_gone_on_with(
    troubled: Warm, tmp_path: Path, name: str, power_cut: bool
) -> None:
    """All calls, all formats, by a kill or a power cut."""
    assert at_each_call(troubled, tmp_path, kind(name, 500), 1, power_cut=power_cut) >= 20


# -- at random moments ---------------------------------------------------------------------------


def killed_until_done(
    warm: Warm, folder: Path, conversion: Conversion, right: dict[str, bytes], seconds: float, chance: random.Random,
    *, parent_only: bool = False,
) -> int:  # fmt: skip
    """Kill the run at a random moment, go on, kill again, ... until it comes through; how many kills that took."""
    for kills in range(10_000):
        pid = warm.begin(folder, conversion.arguments(*RESUME), checkpoint=0)
        time.sleep(chance.random() * seconds * (1.1 + kills / 10))
        with suppress(ProcessLookupError):
            (os.kill if parent_only else os.killpg)(pid, signal.SIGKILL)
        ended = warm.end()
        if ended.code != -signal.SIGKILL:
            assert ended.code == 1, ended.stderr
            assert results(folder, conversion) == right
            return kills
        untouched(folder, conversion, right)
        if parent_only:
            alone(pid)
    raise AssertionError("the run never came through")


def alone(group: int) -> None:
    """Nobody of a group of processes is left after a while: workers end when what they work for has."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        if not any(of_group(process, group) for process in psutil.process_iter()):
            return
        time.sleep(0.02)
    raise AssertionError("a worker went on without the run that it worked for")


def of_group(process: psutil.Process, group: int) -> bool:
    """Whether a process is of a group, and more than an entry in the system's table."""
    try:
        return os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, psutil.NoSuchProcess):
        return False


def at_random_moments(
    warm: Warm, place: Path, conversion: Conversion, kills: int, *, parent_only: bool = False, seed: int = 5
) -> None:
    """So many kills at least, and after each series the right bytes and nothing beside them."""
    right = undisturbed(warm, place / "right", conversion)
    started = time.monotonic()
    warm.run(place / "right", conversion.arguments())
    seconds = time.monotonic() - started
    folder = conversion.lay_out(place / "killed")
    chance = random.Random(seed)
    done = 0
    while done < kills:
        for name in conversion.results:
            (folder / name).write_bytes(OLD)
        done += killed_until_done(warm, folder, conversion, right, seconds, chance, parent_only=parent_only)
        assert leftovers(folder) == []


@pytest.mark.skipif(not RESUME, reason="runs cannot be gone on with yet")
@pytest.mark.parametrize("name", ["ndjson-ndjson", "csv-ntriples"])
def test_a_run_that_is_killed_now_and_then_is_gone_on_with(warm: Warm, tmp_path: Path, name: str) -> None:
    """A few random moments."""
    at_random_moments(warm, tmp_path, kind(name, 6_000), 4)


@pytest.mark.slow
@pytest.mark.skipif(not RESUME, reason="runs cannot be gone on with yet")
@pytest.mark.parametrize("parent_only", [False, True])
@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("name", KINDS)
def test_a_run_that_is_killed_at_two_hundred_moments_is_gone_on_with(
    warm: Warm, tmp_path: Path, name: str, jobs: str, parent_only: bool
) -> None:
    """All formats, one worker and two, all processes killed or only the first."""
    at_random_moments(warm, tmp_path, kind(name, 6_000, "--jobs", jobs), 200, parent_only=parent_only)

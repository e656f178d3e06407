"""Workers that die: they are replaced, nothing is lost, and a record that kills them is rejected, alone."""

from __future__ import annotations

import json
import random
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from .runs import WORKERS, Conversion, Ended, Warm, leftovers, results

pytestmark = pytest.mark.skipif(not WORKERS, reason="there are no workers yet")
DEADLY = "Arsenic"


def entries(folder: Path, conversion: Conversion) -> list[dict[str, Any]]:
    """The lines of the rejects file."""
    return [json.loads(line) for line in (folder / f"{conversion.target}.rejects.ndjson").read_bytes().splitlines()]


def conversion_of(count: int, jobs: int = 2) -> Conversion:
    """Lines whose names are capitalized, by so many workers."""
    return Conversion("in.ndjson", "out.ndjson", count, ("--jobs", str(jobs)), mapping="people-with-capitals")


def poisoned(folder: Path, conversion: Conversion, numbers: list[int]) -> Path:
    """The input with a deadly name in some records."""
    conversion.lay_out(folder)
    lines = (folder / conversion.source).read_bytes().split(b"\n")
    for number in numbers:
        lines[number] = json.dumps({"id": f"p{number}", "name": DEADLY, "kind": "a"}).encode()
    (folder / conversion.source).write_bytes(b"\n".join(lines))
    return folder


@pytest.mark.parametrize(
    "numbers", [[0], [777], [1_999], [700, 701, 1_300]], ids=["first", "in the middle", "last", "several"]
)
def test_a_record_that_kills_its_worker_is_rejected_alone(warm: Warm, tmp_path: Path, numbers: list[int]) -> None:
    """What is said of it is that it killed; all other records are as they are without it."""
    conversion = conversion_of(2_000)
    harmless = poisoned(tmp_path / "harmless", conversion, numbers)
    assert warm.run(harmless, conversion.arguments()).code == 1
    folder = poisoned(tmp_path / "deadly", conversion, numbers)
    ended = warm.run_deadly(folder, conversion.arguments(), DEADLY)
    assert ended.code in (1, 70), ended.stderr
    assert leftovers(folder) == []
    killers = [entry for entry in entries(folder, conversion) if entry["record"] - 1 in numbers]
    others = [entry for entry in entries(folder, conversion) if entry["record"] - 1 not in numbers]
    without = lambda found: [{**entry, "after": None} for entry in found]  # noqa: E731
    assert [entry["record"] - 1 for entry in killers] == numbers
    assert all("worker" in entry["message"] for entry in killers)
    assert all(json.loads(entry["raw"])["name"] == DEADLY for entry in killers)
    assert without(others) == without(entries(harmless, conversion))
    kept = [line for line in results(harmless, conversion)["out.ndjson"].splitlines() if DEADLY.encode() not in line]
    assert results(folder, conversion)["out.ndjson"].splitlines() == kept
    counts = json.loads((folder / "report.json").read_bytes())["records"]
    assert counts["read"] == 2_000 == counts["mapped"] + counts["rejected"] + counts["filtered"]


def killing_workers(warm: Warm, folder: Path, conversion: Conversion, pause: float, most: int) -> tuple[Ended, int]:
    """Run, and kill one worker after the other; how many that were."""
    chance = random.Random(3)
    pid = warm.begin(folder, conversion.arguments())
    killed = 0
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        while parent.status() != psutil.STATUS_ZOMBIE and killed < most:
            time.sleep(pause * chance.random())
            workers = parent.children()
            if workers:
                with suppress(psutil.NoSuchProcess):
                    chance.choice(workers).send_signal(signal.SIGKILL)
                    killed += 1
    return warm.end(), killed


@pytest.mark.parametrize("jobs", [2])
def test_a_worker_that_is_killed_is_replaced(warm: Warm, tmp_path: Path, jobs: int) -> None:
    """And the bytes are the same."""
    replaced(warm, tmp_path, conversion_of(6_000, jobs), 0.3, 3)


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [2, 4])
def test_workers_that_are_killed_all_the_time_are_replaced(warm: Warm, tmp_path: Path, jobs: int) -> None:
    """Over many records."""
    replaced(warm, tmp_path, conversion_of(200_000, jobs), 1.0, 10**6)


def replaced(warm: Warm, place: Path, conversion: Conversion, pause: float, most: int) -> None:
    """The run in which workers are killed writes what the one writes in which they are not."""
    right = conversion.lay_out(place / "right")
    assert warm.run(right, conversion.arguments()).code == 1
    folder = conversion.lay_out(place / "killed")
    ended, killed = killing_workers(warm, folder, conversion, pause, most)
    assert ended.code == 1, ended.stderr
    assert killed > 0
    assert results(folder, conversion) == results(right, conversion)
    assert leftovers(folder) == []

"""A run that is asked to stop: soon, with the exit code of the signal, and with nothing that looks like a result."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest

from .runs import Conversion, begin, leftovers, results, run

OLD = b"what was there before\n"
LONG = Conversion(count=30_000)


def interrupted(folder: Path, conversion: Conversion, number: signal.Signals, wait: float) -> tuple[int, bytes, float]:
    """A run that gets a signal after so many seconds: its exit code, what it said, how long it took to stop."""
    with begin(folder, conversion.arguments()) as process:
        time.sleep(wait)
        process.send_signal(number)
        sent = time.monotonic()
        _, said = process.communicate(timeout=30)
        return process.returncode, said, time.monotonic() - sent


def holds(folder: Path, conversion: Conversion, number: signal.Signals, right: dict[str, bytes], wait: float) -> None:
    """What is so of a run that gets a signal, whenever that is."""
    for name in conversion.results:
        (folder / name).write_bytes(OLD)
    code, said, seconds = interrupted(folder, conversion, number, wait)
    found = results(folder, conversion)
    assert b"Traceback" not in said, said
    assert b"INT0" not in said, said
    assert all(found[name] in (OLD, right[name]) for name in conversion.results)
    if code == 1:  # it had ended before
        assert found == right
        return
    assert code in (128 + number, -number), said
    assert seconds < 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_gets_a_signal_stops(tmp_path: Path, number: signal.Signals) -> None:
    """At some moments after it has begun."""
    sweep(tmp_path, number, 4)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_gets_a_signal_stops_whenever_that_is(tmp_path: Path, number: signal.Signals) -> None:
    """At many moments."""
    sweep(tmp_path, number, 100)


def sweep(place: Path, number: signal.Signals, times: int) -> None:
    """Signals at random moments of one run after the other; then a run that nobody disturbs."""
    right = LONG.lay_out(place / "right")
    started = time.monotonic()
    assert run(right, LONG.arguments()).returncode == 1
    seconds = time.monotonic() - started
    folder = LONG.lay_out(place / "disturbed")
    chance = random.Random(int(number))
    for _ in range(times):
        holds(folder, LONG, number, results(right, LONG), 0.3 + chance.random() * seconds)
    assert run(folder, LONG.arguments()).returncode == 1
    assert (results(folder, LONG), leftovers(folder)) == (results(right, LONG), [])

"""Contestants measured in turns: a round gives each of them one go, in an order that moves on every round.

What disturbs a shared machine then falls on all of them alike, and a ratio is taken within a round, between
neighbours in time. Throughput is counted in seconds of processor time, workers included (the contestants wait for
nothing): a neighbour that takes the processor away does not count. Tasks in which several work at once are counted in
seconds on the clock. Both are kept.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

__all__ = ["ON_CLOCK", "Disagreement", "Spread", "Task", "Worker", "measure"]

ON_CLOCK: Final = frozenset({"workers", "graph-workers", "columns"})
"""The tasks whose contestants use several processors, so that the clock counts."""
CONTESTANTS: Final = Path(__file__).resolve().parent / "contestants.py"


class Disagreement(Exception):
    """Two contestants of a task do not give the same instances: their figures say nothing."""


@dataclass(frozen=True)
class Spread:
    """The least, the middle and the most of some figures."""

    least: float
    middle: float
    most: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> Spread:
        """The spread of at least one figure."""
        return cls(min(figures), median(figures), max(figures))

    def plain(self, digits: int = 2) -> dict[str, float]:
        """As data for a file."""
        return {"min": round(self.least, digits), "median": round(self.middle, digits), "max": round(self.most, digits)}


class Worker:
    """One contestant in a process of its own, waiting until it is told to go."""

    def __init__(self, python: Path, checkout: Path, task: str, name: str, scale: float) -> None:
        self.name = name
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        self.process = subprocess.Popen(
            (str(python), str(CONTESTANTS), task, name, str(scale)),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
            env={**environment, "PYTHONPATH": str(checkout), "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
        self.told = self._heard()
        self.count = int(self.told.get("count", 0))

    def _heard(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the contestant '{self.name}' ended early")
        return json.loads(line)

    def ask(self, what: str) -> Any:
        """Say "go" or "sample" and hear the answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        return self._heard()

    def close(self) -> None:
        """Let the process end."""
        self.process.communicate()


@dataclass
class Task:
    """What was measured of one task: records a second of each contestant, round by round."""

    name: str
    rates: dict[str, list[float]] = field(default_factory=dict)
    clock: dict[str, list[float]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def counted(self) -> dict[str, list[float]]:
        """The rates that count in this task: by the clock, or by the time of the processor."""
        return self.clock if self.name in ON_CLOCK else self.rates

    def ratio(self, name: str, other: str) -> Spread | None:
        """How many times as fast one contestant is as another; None where one of them is missing."""
        counted = self.counted
        if name not in counted or other not in counted:
            return None
        return Spread.of([a / b for a, b in zip(counted[name], counted[other], strict=True)])


def measure(checkout: Path, task: str, pythons: Mapping[str, Path], rounds: int, scale: float) -> Task:
    """Measure the contestants of a task, each with its interpreter. Raises :class:`Disagreement` before that."""
    found = Task(task)
    with ExitStack() as stack:
        workers = []
        for name, python in pythons.items():
            worker = Worker(python, checkout, task, name, scale)
            stack.callback(worker.close)
            if not worker.told["ready"]:
                found.missing[name] = worker.told["why"]
                continue
            found.notes[name] = worker.told["note"]
            found.versions |= worker.told["versions"]
            found.rates[name], found.clock[name] = [], []
            workers.append(worker)
        _agree(workers)
        for worker in workers:
            worker.ask("go")  # what is compiled or cached on first use is not measured
        for turn in range(rounds):
            first = turn % len(workers)
            for worker in (*workers[first:], *workers[:first]):
                seconds = worker.ask("go")
                found.rates[worker.name].append(worker.count / seconds["processor"])
                found.clock[worker.name].append(worker.count / seconds["wall"])
    return found


def _agree(workers: Sequence[Worker]) -> None:
    """Every contestant gives the instances of the first one."""
    first, *others = workers
    expected = first.ask("sample")
    for worker in others:
        for number, (mine, theirs) in enumerate(zip(expected, worker.ask("sample"), strict=True), start=1):
            if mine != theirs:
                slots = [slot for slot in {**mine, **theirs} if mine.get(slot) != theirs.get(slot)]
                raise Disagreement(f"record {number}: '{worker.name}' and '{first.name}' differ in {', '.join(slots)}")

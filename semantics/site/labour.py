"""Work that two processes share, where there is enough of it."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from threading import active_count
from typing import Any, Final, TypeVar

from semantics.processes import can_fork

__all__ = ["in_two"]

Job = TypeVar("Job")
Done = TypeVar("Done")
_WORK: list[tuple[Callable[[Any], Any], Sequence[Any]]] = []
"""In a process that was forked: what it does, and to what, as it was in memory."""
_PIECES: Final = 24
"""How many pieces the work is handed out in."""


def in_two(work: Callable[[Job], Done], jobs: Sequence[Job], least: int = 400) -> list[Done]:
    """What comes of each job, in their order; from so many jobs on another process carries some.

    While other threads run, nothing is forked.

    >>> in_two(len, ["a", "bc"])
    [1, 2]
    """
    if len(jobs) < least or (os.cpu_count() or 1) < 2 or not can_fork() or active_count() > 1:
        return [work(job) for job in jobs]
    size = max(len(jobs) // _PIECES, 1)
    ranges = [(start, min(start + size, len(jobs))) for start in range(0, len(jobs), size)]
    with ProcessPoolExecutor(2, get_context("fork"), initializer=_begin, initargs=(work, jobs)) as pool:
        return [done for piece in pool.map(_piece, ranges) for done in piece]


def _begin(work: Callable[[Any], Any], jobs: Sequence[Any]) -> None:
    gc.disable()  # the process ends soon
    _WORK[:] = [(work, jobs)]


def _piece(place: tuple[int, int]) -> list[Any]:
    ((work, jobs),) = _WORK
    return [work(job) for job in jobs[slice(*place)]]

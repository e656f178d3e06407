"""What this machine lets a program have of processes."""

from __future__ import annotations

import os

__all__ = ["can_fork", "processors"]


def can_fork() -> bool:
    """Whether this system has processes that share what is in memory.

    >>> can_fork()
    True
    """
    return hasattr(os, "fork")


def processors() -> int:
    """How many processors this process may use."""
    told = getattr(os, "sched_getaffinity", None)
    return len(told(0)) if told is not None else os.cpu_count() or 1

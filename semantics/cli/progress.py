"""A progress bar on a terminal, for anything that reads files and lasts longer than a second."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

__all__ = ["progressing"]


EVERY = 0.1
"""Seconds between two looks of the bar."""


class _Progress:
    """A progress bar over the bytes of the inputs, once a run lasts longer than a second."""

    def __init__(self, inputs: tuple[str, ...], doing: str) -> None:
        self.doing = doing
        self.total = sum(file.stat().st_size for path in inputs for file in _files(path))
        self.started = time.monotonic()
        self.records = self.bytes = 0
        self.drawn = self.started
        self.bar: Any = None

    def __call__(self, records: int, size: int) -> None:
        """Count records and their bytes, and move the bar."""
        self.records += records
        self.bytes += size
        now = time.monotonic()
        if now - self.drawn < EVERY:
            return
        self.drawn = now
        if self.bar is None and now - self.started > 1:
            self.bar = click.progressbar(length=self.total, label=self.doing, file=sys.stderr, show_pos=True)
            self.bar.__enter__()
        if self.bar is not None:
            self.bar.label = f"{self.doing}, {self.records / (now - self.started):,.0f} records/s"
            self.bar.update(self.bytes)
            self.bytes = 0

    def close(self) -> None:
        """End the line of the bar, if there is one."""
        if self.bar is not None:
            self.bar.__exit__(None, None, None)


def _files(path: str) -> Iterator[Path]:
    if path != "-":
        yield from (
            file for file in ([Path(path)] if Path(path).is_file() else Path(path).rglob("*")) if file.is_file()
        )


@contextlib.contextmanager
def progressing(
    inputs: tuple[str, ...], wanted: bool | None, doing: str = "converting"
) -> Iterator[_Progress | None]:  # fmt: skip
    """What is told of records as they are read: a progress bar on a terminal, nothing when piped."""
    if wanted is False or (wanted is None and not sys.stderr.isatty()):
        yield None
        return
    progress = _Progress(inputs, doing)
    try:
        yield progress
    finally:
        progress.close()

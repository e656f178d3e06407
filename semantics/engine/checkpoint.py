"""Checkpoints: how far a run has come, so that another can go on after a crash and come to the same bytes.

A checkpoint stands beside the output and names what is on the disk by then: the outputs up to a length, the place in
the inputs, and everything that was counted. It is written after what it speaks of, and takes the place of the one
before at once. What was written after it is cut away when the run is taken up.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import msgspec

from semantics.engine.batches import Position
from semantics.engine.ledger import LedgerState
from semantics.engine.rejects import Table
from semantics.engine.waiting import ReferencesState
from semantics.errors import Diagnostic, Location, UsageError
from semantics.sinks.base import SinkMark
from semantics.sinks.output import AtomicFile, Mark, partial_name, resumable
from semantics.version import __version__

__all__ = ["SECONDS", "Checkpoint", "Checkpoints", "digest_of", "journal_path", "left", "not_resumable", "state_of"]

SECONDS: Final = 5.0
"""Seconds between two checkpoints."""
_FORMAT: Final = 1
_SUM: Final = 32
"""Bytes of the SHA-256 that a checkpoint begins with: a damaged one is none."""


class Checkpoint(msgspec.Struct, frozen=True, array_like=True):
    """Everything that it takes to go on: where the inputs are taken up, what the outputs hold, what was counted.

    ``identity`` are digests of what the run was made from, by what each is called in messages.
    """

    version: tuple[str, int]
    identity: dict[str, str]
    position: Position
    output: SinkMark
    rejects: Mark | None
    ledger: LedgerState
    references: tuple[ReferencesState, Mark | None] | None
    warnings: dict[str, int]
    emitted: int
    refused: int
    notes: list[str]
    skipped: list[str]
    formats: dict[str, str]
    tables: dict[str, Table]
    seconds: float
    now: str | None


_DECODE: Final = msgspec.msgpack.Decoder(Checkpoint).decode


def state_of(path: str) -> str:
    """What tells whether a file was changed: its size and the time of its last change."""
    try:
        found = Path(path).stat()
    except OSError:
        return ""
    return f"{found.st_size} {found.st_mtime_ns}"


def digest_of(part: Any) -> str:
    """A digest of plain data, or of what msgspec takes for it.

    >>> digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1})
    True
    """
    return hashlib.sha256(msgspec.json.encode(part, enc_hook=str, order="deterministic")).hexdigest()


class Checkpoints:
    """The checkpoint of one output, written every so many ``seconds`` and read when a run is taken up."""

    def __init__(self, output: Path, made_from: Callable[[], dict[str, str]], seconds: float = SECONDS) -> None:
        """``made_from`` gives digests of what the run is made from, when the first checkpoint is due."""
        self.path: Final = partial_name(Path(os.path.realpath(output)), "checkpoint")
        self._output, self._make, self._seconds = output, made_from, seconds
        self._next = time.monotonic() + seconds
        self.there = False

    @cached_property
    def _made_from(self) -> dict[str, str]:
        return self._make()

    @property
    def due(self) -> bool:
        """Whether it is time for one."""
        return time.monotonic() >= self._next

    def read(self, rejects: Path | str) -> Checkpoint | None:
        """The checkpoint that an earlier run has left, where all that it speaks of is there; else None.

        Raises :class:`~semantics.errors.UsageError` (``RUN092``) where that run was made from something else.
        """
        try:
            content = self.path.read_bytes()
            if hashlib.sha256(content[_SUM:]).digest() != content[:_SUM]:
                return None
            found = _DECODE(content[_SUM:])
        except (OSError, msgspec.MsgspecError):
            return None
        if found.version != (__version__, _FORMAT):
            return None
        changed = [
            name for name in dict.fromkeys((*found.identity, *self._made_from))
            if found.identity.get(name) != self._made_from.get(name)
        ]  # fmt: skip
        if changed:
            message = f"the run cannot be taken up: {', '.join(changed)} changed since"
            hint = "without --resume it starts anew"
            raise UsageError(Diagnostic("RUN092", message, Location(str(self._output)), hint=hint))
        if not self._kept(found, rejects):
            return None
        self.there = True
        return found

    def _kept(self, found: Checkpoint, rejects: Path | str) -> bool:
        journal = found.references[1] if found.references is not None else None
        kept = [(self._output, found.output.output), (rejects, found.rejects), (journal_path(self._output), journal)]
        return all(mark is None or resumable(path, mark) for path, mark in kept)

    def write(self, **facts: Any) -> None:
        """Write a checkpoint. Raises :class:`~semantics.errors.SinkError`."""
        found = Checkpoint(version=(__version__, _FORMAT), identity=self._made_from, **facts)
        # The name of the file that is written first ends in .partial, too.
        with AtomicFile(self.path, 0o600) as file:
            content = msgspec.msgpack.encode(found)
            file.write(hashlib.sha256(content).digest() + content)
        self.there = True
        self._next = time.monotonic() + self._seconds

    def forget(self) -> None:
        """Remove the checkpoint, and what a kill has left of its writing: the run is over, or starts anew."""
        self.there = False
        for path in (partial_name(self.path, "lock"), partial_name(self.path)):
            with suppress(OSError):
                path.unlink()
        with suppress(OSError):
            self.path.unlink()
            # A power cut must not bring it back beside what another run writes from now on.
            folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def left(output: str) -> bool:
    """Whether a run to this output was cut off, and has left a checkpoint that another could go on from."""
    return output != "-" and partial_name(Path(os.path.realpath(output)), "checkpoint").exists()


def journal_path(output: Path) -> Path:
    """The name of what a run notes of references while it runs."""
    return partial_name(Path(os.path.realpath(output)), "references").with_suffix("")


def not_resumable(reason: str) -> UsageError:
    """The error for a run that can never be taken up."""
    hint = "--resume is for files"
    return UsageError(Diagnostic("RUN091", f"there is nothing that --resume could go on from: {reason}", hint=hint))

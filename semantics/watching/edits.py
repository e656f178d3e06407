"""Edits of files as they happen: sets of paths, put into a queue by threads of their own."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Final

__all__ = ["edits"]

QUIET_MS: Final = 30
"""How long nothing may happen before an edit is told: an editor writes a file in several steps."""
LONGEST_MS: Final = 300


@contextmanager
def edits(below: Sequence[Path], beside: Sequence[Path] = ()) -> Iterator[SimpleQueue[frozenset[Path]]]:
    """Within it, what is edited ``below`` folders, and ``beside`` (in folders, not below them), comes into the queue.

    What editors and tools leave beside files (swap files, caches, ``.git``) is passed over.
    """
    queue: SimpleQueue[frozenset[Path]] = SimpleQueue()
    stop = threading.Event()
    threads = [
        threading.Thread(target=_watch, args=(tuple(folders), deep, queue, stop), daemon=True)
        for folders, deep in ((below, True), (beside, False))
        if folders
    ]
    for thread in threads:
        thread.start()
    try:
        yield queue
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _watch(folders: tuple[Path, ...], deep: bool, queue: SimpleQueue[frozenset[Path]], stop: threading.Event) -> None:
    from watchfiles import watch

    found = watch(*folders, recursive=deep, step=QUIET_MS, debounce=LONGEST_MS, stop_event=stop, rust_timeout=200)
    for changes in found:
        queue.put(frozenset(Path(path) for _, path in changes))

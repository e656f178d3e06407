"""Texts that stand in the place of files: what an editor holds and has not saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Final

__all__ = ["bytes_of", "in_place", "is_unsaved"]

_TEXTS: Final[ContextVar[Mapping[Path, str] | None]] = ContextVar("texts", default=None)


@contextmanager
def in_place(texts: Mapping[Path, str]) -> Iterator[None]:
    """Within it, schemas, mappings and tests are read as these texts say, by their resolved paths.

    >>> with in_place({Path("/nowhere/a.yaml"): "a: 1"}):
    ...     bytes_of(Path("/nowhere/a.yaml"))
    b'a: 1'
    """
    token = _TEXTS.set(texts)
    try:
        yield
    finally:
        _TEXTS.reset(token)


def _found(path: Path) -> str | None:
    texts = _TEXTS.get()
    return texts.get(path.resolve()) if texts else None


def is_unsaved(path: Path) -> bool:
    """Whether a text stands in the place of a file."""
    return _found(path) is not None


def bytes_of(path: Path) -> bytes:
    """What a file holds, or the text in its place. Raises :class:`OSError`."""
    text = _found(path)
    return path.read_bytes() if text is None else text.encode("utf-8", "surrogatepass")

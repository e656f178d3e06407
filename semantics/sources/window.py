"""A text that passes by: what is held of it slides forward, so that memory does not grow with its length."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from semantics.sources.places import Places

__all__ = ["Digest", "Window"]

_MOST: Final = 4 << 20
"""Bytes that are taken at once at the most, where much is held already."""


class Window:
    r"""The bytes ``data`` of a text, the first of which is at the offset ``base`` of the whole.

    Offsets count from the start of the text.

    >>> window = Window([b"ab\n", b"cd"])
    >>> window.more(0), window.data, window.more(1), window.data, window.base
    (True, b'ab\n', True, b'b\ncd', 1)
    >>> window.more(3), window.data, window.line(3), window.place(4)
    (False, b'b\ncd', 2, (2, 2))
    """

    __slots__ = ("_blocks", "_digests", "_places", "base", "data", "end")

    def __init__(self, blocks: Iterable[bytes], data: bytes = b"") -> None:
        """The text begins with ``data``, and goes on in ``blocks``."""
        self.data = data
        self.base = 0
        self.end = len(data)
        self._blocks = iter(blocks)
        self._places = Places(data)
        self._digests: list[Digest] = []

    def more(self, keep: int) -> bool:
        """Hold more of the text, and nothing before ``keep`` any longer; False, and nothing else, where it has ended.

        As much again as is held comes at once, so that whoever looks through it anew each time does so in linear time.
        """
        parts = [self.data[keep - self.base :]]
        wanted = min(len(parts[0]), _MOST)
        for block in self._blocks:
            parts.append(block)
            wanted -= len(block)
            if wanted <= 0:
                break
        if len(parts) == 1:
            return False
        for digest in self._digests:
            digest.feed(keep)
        self.data = b"".join(parts)
        self.base = keep
        self.end = keep + len(self.data)
        self._places.slide(self.data, keep)
        return True

    def line(self, offset: int) -> int:
        """The line (from 1) of an offset that is held."""
        return self._places.mark(offset)

    def place(self, offset: int) -> tuple[int, int]:
        """The line and column (both from 1) of an offset that is held."""
        return self._places.place(offset)

    def digest(self, start: int) -> Digest:
        """The SHA-256 of what begins at ``start``; it follows the window until it is closed."""
        digest = Digest(self, start)
        self._digests.append(digest)
        return digest

    def forget(self, digest: Digest) -> None:
        """Nothing is to be fed to ``digest`` any more."""
        self._digests.remove(digest)


class Digest:
    """The SHA-256 of a part of a text, of which no more is held than the window shows."""

    __slots__ = ("_at", "_hash", "_window")

    def __init__(self, window: Window, start: int) -> None:
        self._window, self._at, self._hash = window, start, sha256()

    def feed(self, end: int) -> None:
        """Take what stands before ``end``."""
        if end > self._at:
            window = self._window
            self._hash.update(memoryview(window.data)[self._at - window.base : end - window.base])
            self._at = end

    def close(self, end: int) -> str:
        """The digest of everything up to ``end``, in hexadecimal."""
        self.feed(end)
        self._window.forget(self)
        return self._hash.hexdigest()

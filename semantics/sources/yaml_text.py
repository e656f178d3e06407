"""The text of a YAML stream while its parser goes through it: held as far as a record reaches, with its bytes.

The parser (libyaml) counts characters; records have bytes.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from semantics.errors import Diagnostic, LimitError, Location, SourceError
from semantics.sources.options import Limits

__all__ = ["YamlText"]

_READ = 1 << 14
_AHEAD = 1 << 16
"""Bytes that the parser may read beyond the limit of a record, before it gives anything."""


class YamlText:
    """What a parser reads from: the input that messages call ``name``, from its byte ``skipped`` on."""

    def __init__(self, blocks: Iterator[bytes], name: str, skipped: int, limits: Limits) -> None:
        self._blocks, self.name, self._limits = blocks, name, limits
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._waiting = b""
        self._text = ""
        self.start = 0  # the character that the text held begins with, and the byte
        self._byte = skipped
        self._taken = skipped  # bytes that were read of the input
        self._since = 0  # bytes that the parser has read since it gave something
        self._fault: SourceError | None = None
        self._digest: Any = None
        self._near = (0, skipped)  # a character, and its byte

    def read(self, size: int = _READ, /) -> bytes:
        """Some bytes for the parser, no more than ``size``; none at the end of the input."""
        if self._fault is not None:
            raise self._fault
        piece = self._waiting or next(self._blocks, b"")
        piece, self._waiting = piece[:size], piece[size:]
        self._since += len(piece)
        if self._since > self._limits.record_bytes + _AHEAD:
            limit = self._limits.raised_by("record_bytes")
            message = f"a text, or a comment, of more than {self._limits.record_bytes} bytes (limit: {limit})"
            raise LimitError(Diagnostic("SRC082", message, Location(self.name)))
        try:
            self._text += self._decoder.decode(piece, not piece)
        except UnicodeDecodeError as error:
            return self._until(error, piece)
        self._taken += len(piece)
        return piece

    def _until(self, error: UnicodeDecodeError, piece: bytes) -> bytes:
        """The bytes before those that are not UTF-8, which are told when the parser comes to them."""
        held = len(error.object) - len(piece)  # what the decoder had kept of a character
        byte = self._taken - held + error.start
        message = f"not UTF-8: byte 0x{error.object[error.start]:02X} (byte {byte})"
        hint = "it looks like Latin-1, Windows-1252 or a cut character: convert the input to UTF-8"
        self._fault = SourceError(Diagnostic("SRC003", message, Location(self.name), hint=hint))
        good = piece[: max(error.start - held, 0)]
        if not good:
            raise self._fault
        self._text += good.decode(errors="ignore")
        return good

    def given(self) -> None:
        """The parser has given something."""
        self._since = 0

    def drop(self, index: int) -> None:
        """Hold nothing before the character ``index`` any longer."""
        count = index - self.start
        if count > 0:
            gone = self._text[:count].encode()
            if self._digest is not None:
                self._digest.update(gone)
            self._byte += len(gone)
            self._text = self._text[count:]
            self.start = index

    def begin(self, index: int) -> int:
        """A record begins at the character ``index``; its byte in the input."""
        self.drop(index)
        self._digest = None
        self._near = (self.start, self._byte)
        return self._byte

    def shorten(self, index: int) -> None:
        """The record is too large to be held: nothing is kept of it but a digest."""
        self._digest = self._digest or sha256()
        self.drop(index)

    def piece(self, start: int, end: int) -> tuple[int, bytes]:
        """The bytes between two characters of what is held, and where they begin in the input."""
        if start < self._near[0]:
            self._near = (self.start, self._byte)
        index, byte = self._near
        byte += len(self._text[index - self.start : start - self.start].encode())
        self._near = (start, byte)  # the next one is seldom before
        return byte, self._text[start - self.start : end - self.start].encode()

    def end(self, index: int) -> tuple[int, str]:
        """The byte after the last of a record that was too large, and its digest."""
        self.shorten(index)
        return self._byte, str(self._digest.hexdigest())

"""Offsets of a text and the positions of the protocol: a line and units of its encoding (UTF-16), both from 0."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import Final

__all__ = ["Lines"]

_BREAK: Final = re.compile(r"\r\n|\n|\r")
_YAML_BREAK: Final = re.compile("\r\n|\n|\r|\x85|\u2028|\u2029")


class Lines:
    r"""The lines of a text, as the protocol counts them (``\n``, ``\r\n`` or ``\r`` ends one).

    >>> lines = Lines("a: '🙂ü'\nb: 1")
    >>> lines.offset(0, 7), lines.position(6), lines.place(2, 4)
    (6, (0, 7), 11)
    """

    def __init__(self, text: str, encoding: str = "utf-16") -> None:
        self.text, self.encoding = text, encoding

    def _units(self, char: str) -> int:
        code = ord(char)
        if self.encoding == "utf-8":
            return 1 + (code > 0x7F) + (code > 0x7FF) + (code > 0xFFFF)
        return 1 + (code > 0xFFFF and self.encoding == "utf-16")

    @cached_property
    def starts(self) -> list[int]:
        """Where each line begins."""
        return [0, *(found.end() for found in _BREAK.finditer(self.text))]

    @cached_property
    def _yaml(self) -> list[int]:
        """Where each line begins by which a reader of YAML counts."""
        return [0, *(found.end() for found in _YAML_BREAK.finditer(self.text))]

    def _end(self, line: int) -> int:
        """Where the text of a line ends, its break not counted."""
        end = self.starts[line + 1] if line + 1 < len(self.starts) else len(self.text)
        while end > self.starts[line] and self.text[end - 1] in "\r\n":
            end -= 1
        return end

    def offset(self, line: int, character: int) -> int:
        """The offset of a position; one beyond the end of a line, or of the text, is that end."""
        if line >= len(self.starts):
            return len(self.text)
        at, end, units = self.starts[max(line, 0)], self._end(max(line, 0)), 0
        while at < end and units < character:
            units += self._units(self.text[at])
            at += 1
        return at

    def position(self, offset: int) -> tuple[int, int]:
        """The line and the units before an offset."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self.starts, offset) - 1
        before = self.text[self.starts[line] : offset]
        return line, sum(map(self._units, before))

    def place(self, line: int, column: int) -> int:
        """The offset of a line and column of a diagnostic, both from 1 and in characters."""
        if line > len(self._yaml):
            return len(self.text)
        return min(self._yaml[max(line, 1) - 1] + column - 1, len(self.text))

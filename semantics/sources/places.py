"""Lines and columns of offsets into a text, counted once from its start to its end."""

from __future__ import annotations

from typing import Final

__all__ = ["Places", "columns"]

_CONTINUED: Final = bytes(range(0x80, 0xC0))


def columns(text: bytes) -> int:
    """How many characters a piece of UTF-8 text has; bytes that are not UTF-8 count somehow, never fail.

    >>> columns("né".encode())
    2
    """
    return len(text.translate(None, _CONTINUED))


class Places:
    r"""The lines and columns of a text. Marks go forward only, so that a long line is counted once.

    >>> places = Places(b"ab\ncd")
    >>> places.mark(4), places.place(4)
    (2, (2, 2))
    """

    def __init__(self, text: bytes, first_line: int = 1) -> None:
        """``first_line`` is the number of the line that the text begins in."""
        self._text = text
        self._line = first_line
        self._mark = 0
        self._counted = 0
        self._column = 1

    def mark(self, offset: int) -> int:
        """Go on to ``offset``, not before the last mark; its line."""
        self._line += self._text.count(b"\n", self._mark, offset)
        self._mark = offset
        return self._line

    def place(self, offset: int) -> tuple[int, int]:
        """The line and column (both from 1) of an offset that is not before the mark."""
        self._column = self._column_from(self._counted, self._column, self._mark)
        self._counted = self._mark
        line = self._line + self._text.count(b"\n", self._mark, offset)
        return line, self._column_from(self._mark, self._column, offset)

    def _column_from(self, start: int, column: int, offset: int) -> int:
        newline = self._text.rfind(b"\n", start, offset)
        if newline >= 0:
            start, column = newline + 1, 1
        return column + columns(self._text[start:offset])

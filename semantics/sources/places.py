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
    try:
        return len(text.decode())  # ten times as fast as the other
    except UnicodeDecodeError:
        return len(text.translate(None, _CONTINUED))


class Places:
    r"""The lines and columns of a text. The mark goes forward only, so that a long line is counted once.

    >>> places = Places(b"ab\ncd")
    >>> places.mark(4), places.place(4), places.mark(1), places.place(1)
    (2, (2, 2), 1, (1, 2))
    """

    __slots__ = ("_base", "_base_column", "_column", "_counted", "_line", "_mark", "_text")

    def __init__(self, text: bytes, first_line: int = 1) -> None:
        """``first_line`` is the number of the line that the text begins in."""
        self._text = text
        self._base = 0
        self._line = first_line
        self._mark = 0
        self._counted = 0
        self._column = self._base_column = 1

    def mark(self, offset: int) -> int:
        """Go on to ``offset``; its line. One that is before the last mark is told of, and the mark stays."""
        if offset < self._mark:
            return self._line - self._text.count(b"\n", offset - self._base, self._mark - self._base)
        self._line += self._text.count(b"\n", self._mark - self._base, offset - self._base)
        self._mark = offset
        return self._line

    def place(self, offset: int) -> tuple[int, int]:
        """The line and column (both from 1) of an offset."""
        if offset < self._mark:
            return self.mark(offset), self._column_from(self._base, self._base_column, offset)
        self._count()
        line = self._line + self._text.count(b"\n", self._mark - self._base, offset - self._base)
        return line, self._column_from(self._mark, self._column, offset)

    def slide(self, text: bytes, base: int) -> None:
        r"""Go on with ``text``, which begins at offset ``base`` of the whole; what is before it is not asked for again.

        >>> places = Places(b"ab\ncd")
        >>> places.slide(b"de\n", 4)
        >>> places.place(5), places.mark(7)
        ((2, 3), 3)
        """
        self.mark(max(base, self._mark))
        self._base_column = self.place(base)[1]
        self._count()
        self._text, self._base = text, base

    def _count(self) -> None:
        """Know the column of the mark."""
        self._column = self._column_from(self._counted, self._column, self._mark)
        self._counted = self._mark

    def _column_from(self, start: int, column: int, offset: int) -> int:
        text, base = self._text, self._base
        newline = text.rfind(b"\n", start - base, offset - base)
        if newline >= 0:
            start, column = newline + base + 1, 1
        return column + columns(text[start - base : offset - base])

"""JSON that is passed over because it is too large to be held: its end, and whether it is JSON at all.

It is cut into pieces, and each is checked by the parser of values with as many brackets around it as it takes to make
it a value: in linear time, and with nothing held but a piece and the kinds of the open brackets.
"""

from __future__ import annotations

import re
from typing import Final

from semantics.sources.values import Unreadable, check_syntax, expected
from semantics.sources.window import Window

__all__ = ["BRACKET", "PLAIN", "TEXT", "passed"]

PLAIN: Final = rb'[^"\[\]{}]*+'
TEXT: Final = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
BRACKET: Final = re.compile(PLAIN + rb"(?:" + TEXT + PLAIN + rb")*+(?:([\[{])|[\]}])", re.DOTALL)
"""All up to the next bracket that is not in a text; group 1 is one that opens."""

_FLAT = rb'[^",\[\]{}]*+(?:' + TEXT + rb'[^",\[\]{}]*+)*+'
_COMMA = re.compile(_FLAT + rb",", re.DOTALL)
_COMMAS = re.compile(rb"(?:" + _FLAT + rb",)*+", re.DOTALL)
_TO_TEXT = re.compile(_FLAT + rb'"', re.DOTALL)
_CHARACTERS = re.compile(
    rb'(?:[^"\\]++|\\[^u]|\\u(?![dD][89abAB])[0-9a-fA-F]{4}|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[0-9a-fA-F]{4})*+',
    re.DOTALL,
)
"""Characters of a text, the two halves of a surrogate pair taken together."""
_LONGEST_ESCAPE: Final = 12
_LARGEST: Final = 1 << 18
"""Bytes that are checked at once, give or take an item."""
_LONGEST: Final = 1 << 20
"""Bytes of white space, or of a number, that are held."""
_DEEPEST: Final = 10_000

_LIST, _OBJECT = b"[{"
_BEFORE: Final = {
    ("opened", _LIST): b"[", ("opened", _OBJECT): b"{",
    ("item", _LIST): b"[null", ("item", _OBJECT): b'{"":null',
    ("comma", _LIST): b"[null,", ("comma", _OBJECT): b'{"":null,',
    ("text", _LIST): b'["', ("text", _OBJECT): b'{"":"', ("key", _OBJECT): b'{"', ("text", None): b'"',
}  # fmt: skip
"""What stands for all before a cut in a list or object: after its bracket, an item, a comma, or inside of a text."""
_AFTER: Final = {
    ("opened", _LIST): b"]", ("opened", _OBJECT): b"}",
    ("item", _LIST): b"]", ("item", _OBJECT): b"}",
    ("comma", _LIST): b"null]", ("comma", _OBJECT): b'"":null}',
    ("text", _LIST): b'"]', ("text", _OBJECT): b'"}', ("key", _OBJECT): b'":null}', ("text", None): b'"',
}  # fmt: skip
"""What stands for all that follows the cut."""


def passed(window: Window, start: int) -> int:
    """Where the value that begins at ``start`` ends. Raises :class:`Unreadable` where it is not JSON.

    >>> window = Window([b'{"a": [1, 2', b', 3], "b": "x', b'y"}, 4'])
    >>> window.more(0), passed(window, 0), window.data
    (True, 27, b' "b": "xy"}, 4')
    """
    return _Passage(window, start).end()


class _Passage:
    """A passage through one value: what is before ``cut`` was checked, and ``before`` stands for it.

    ``position`` is as far as brackets were counted; ``levels`` are those that are open.
    """

    def __init__(self, window: Window, start: int) -> None:
        self._window = window
        self._cut = self._position = start
        self._levels = bytearray()
        self._before = b""

    def end(self) -> int:
        window = self._window
        if self._piece(self._cut + 1) == b'"':
            self._position += 1
            self._through_text("text")
            self._check(self._piece(self._position), b"")
            return self._position
        while not self._closed():
            last = self._piece(self._position)[-1:]
            if last in (b"[", b"{", b"]", b"}"):
                self._stop("opened" if last in (b"[", b"{") else "item")
            self._through_commas()
            if window.end - self._cut > _LARGEST and self._to_text():
                continue
            if not window.more(self._cut):
                raise self._ended()
        return self._position

    def _piece(self, end: int) -> bytes:
        """What is not checked yet, up to ``end``."""
        base = self._window.base
        return self._window.data[self._cut - base : end - base]

    def _closed(self) -> bool:
        """Whether the value ends in what is held."""
        window, levels = self._window, self._levels
        while found := BRACKET.match(window.data, self._position - window.base):
            self._position = found.end() + window.base
            if found[1]:
                levels += found[1]
            else:
                levels.pop()
                if not levels:
                    self._check(self._piece(self._position), b"")
                    return True
            if self._position - self._cut > _LARGEST:
                self._stop("opened" if found[1] else "item")
        if len(levels) > _DEEPEST:
            message = f"nested more than {_DEEPEST} levels deep, in a value that is too large to be held"
            raise Unreadable("SRC021", message, self._position, broken=True)
        return False

    def _through_commas(self) -> None:
        """Go through items that have no brackets, piece by piece."""
        data, base = self._window.data, self._window.base
        while True:
            at = self._position - base
            found = _COMMAS.match(data, at, at + _LARGEST)
            if not found or found.end() == at:
                found = _COMMA.match(data, at)  # one long item
            if not found:
                return
            self._position = found.end() + base
            self._stop("comma")

    # -- long texts --------------------------------------------------------------------------------

    def _to_text(self) -> bool:
        """Go through the text that what is held ends in, if it does."""
        window = self._window
        found = _TO_TEXT.match(window.data, self._position - window.base)
        if not found:
            if window.end - self._position > _LONGEST:
                message = f"more than {_LONGEST} bytes of white space or of one number"
                raise Unreadable("SRC004", message, self._position, broken=True)
            return False
        is_key = self._levels[-1] == _OBJECT and not found[0][:-1].rstrip().endswith(b":")
        self._position = found.end() + window.base
        self._through_text("key" if is_key else "text")
        return True

    def _through_text(self, state: str) -> None:
        """Go on behind the quote that ends a text, from a position inside of it."""
        window = self._window
        while True:
            found = _CHARACTERS.match(window.data, self._position - window.base)
            at = found.end() + window.base if found else self._position
            if window.data[at - window.base : at - window.base + 1] == b'"':
                self._position = at + 1
                return
            if window.end - at > _LONGEST_ESCAPE:
                raise self._ended()
            self._position = max(self._whole(at), self._cut)
            self._stop(state)
            if not window.more(self._cut):
                raise self._ended()

    def _whole(self, end: int) -> int:
        """The end of the last character that is certainly whole before ``end``."""
        data, base = self._window.data, self._window.base
        for at in range(end - 1, max(end - 5, self._cut - 1), -1):
            if data[at - base] < 0x80:
                return at + 1
            if data[at - base] >= 0xC0:
                return at
        return end

    # -- checking ----------------------------------------------------------------------------------

    def _stop(self, state: str) -> None:
        """Check what comes before the position, where a list or object stands in this state, and go on from there."""
        if self._position == self._cut:
            return
        around, inner = self._levels[:-1], self._levels[-1] if self._levels else None
        closing = bytes(around)[::-1].translate(bytes.maketrans(b"[{", b"]}"))
        self._check(self._piece(self._position), _AFTER[state, inner] + closing)
        self._before = bytes(around).replace(b"{", b'{"":') + _BEFORE[state, inner]
        self._cut = self._position

    def _check(self, piece: bytes, after: bytes) -> None:
        try:
            check_syntax(self._before + piece + after)
        except Unreadable as fault:
            fault.offset = self._cut + min(max(fault.offset - len(self._before), 0), len(piece))
            raise

    def _ended(self) -> Unreadable:
        """Why the value does not go on: the input has ended, or there is an escape that is none."""
        piece = self._piece(self._window.end)
        self._check(piece, b"")
        fault = expected("the end of a value", len(piece), piece)
        fault.offset += self._cut
        return fault

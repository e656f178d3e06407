r"""Searching with groups, in linear time: what the one engine of :mod:`semantics.patterns` cannot tell.

The engine is RE2; the syntax and the meaning are those of :mod:`semantics.patterns` (Rust's ``regex``). The
two are sisters: what they read differently is brought to one meaning here (``\d``, ``\w`` and ``\s`` are Unicode's
in both) or refused with the reason, so that ``matches()`` and ``extract()`` never disagree about a pattern.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final, Protocol

from semantics.patterns import PatternError, compile_pattern

__all__ = ["Found", "Search", "compile_search"]

_WORD: Final = r"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\x{200c}\x{200d}"
_SPACE: Final = r"\t-\r\x{85}\p{Z}"
_CLASSES: Final = {
    "d": r"\p{Nd}",
    "D": r"\P{Nd}",
    "w": f"[{_WORD}]",
    "W": f"[^{_WORD}]",
    "s": f"[{_SPACE}]",
    "S": f"[^{_SPACE}]",
}
_INSIDE: Final = {"d": r"\p{Nd}", "D": r"\P{Nd}", "w": _WORD, "s": _SPACE}
_OPENING: Final = re.compile(r"\[\^?\]?")
_NAMED: Final = re.compile(r"\[:\^?[a-z]+:\]")
_MEMORY: Final = 4 << 20


class Found(Protocol):
    """A match: its span and those of its groups, in characters; (-1, -1) for a group that took no part."""

    def span(self, group: int = 0) -> tuple[int, int]: ...


class Search(Protocol):
    """A compiled pattern."""

    @property
    def groups(self) -> int: ...

    @property
    def groupindex(self) -> dict[str, int]: ...

    def search(self, text: str) -> Found | None: ...

    def finditer(self, text: str) -> Any: ...


@lru_cache(maxsize=64)
def compile_search(pattern: str) -> Search:
    """A search for ``pattern``. Raises :class:`~semantics.patterns.PatternError`.

    >>> compile_search("([0-9]{4})-").search("in 2025-01").span(1)
    (3, 7)
    """
    import re2

    compile_pattern(pattern)
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        compiled: Search = re2.compile(_shared(pattern), options)
    except re2.error as fault:
        reason = fault.args[0] if fault.args else ""
        text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise PatternError(
            text.partition(":")[0] or "it is not a regular expression of the linear-time engine"
        ) from None
    return compiled


def _shared(pattern: str) -> str:
    """The pattern in the words that both engines read alike."""
    parts: list[str] = []
    inside = False
    position = 0
    while position < len(pattern):
        piece = _piece(pattern, position, inside)
        position += len(piece)
        if piece[0] == "\\":
            parts.append(_escape(piece, inside=inside))
            continue
        if inside and (piece in ("&&", "--", "~~") or piece == "["):
            raise PatternError("operations on character classes are not searched with")
        if piece.startswith("[") and not piece.startswith("[:"):
            inside = True
        elif piece == "]":
            inside = False
        parts.append(piece)
    return "".join(parts)


def _piece(pattern: str, position: int, inside: bool) -> str:
    """The next piece: an escape, the beginning of a class (with a ``]`` that is its first member), or a character."""
    char = pattern[position]
    if char == "\\":
        return pattern[position : position + 2]
    if char == "[":
        found = (_NAMED if inside else _OPENING).match(pattern, position)
        return found[0] if found else char
    if inside and pattern[position : position + 2] in ("&&", "--", "~~"):
        return pattern[position : position + 2]
    return char


def _escape(piece: str, *, inside: bool) -> str:
    letter = piece[1:]
    if letter in ("b", "B", "<", ">"):
        raise PatternError(f"the word boundary '{piece}' is not searched with")
    if inside and letter in ("W", "S"):
        raise PatternError(f"'{piece}' inside a character class is not searched with")
    return (_INSIDE if inside else _CLASSES).get(letter, piece)

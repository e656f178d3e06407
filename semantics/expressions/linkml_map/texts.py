"""The methods of texts that an expression may call: a table of Python's own, each bounded before it runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from semantics.expressions import bounds
from semantics.expressions.bounds import BoundError, EvaluationError

__all__ = ["METHODS", "formatted"]

_WIDTH: Final = 1_000
_SPEC: Final = re.compile(r"(?:.?[<>=^])?[-+ ]?#?0?(\d{0,9})[,_]?(?:\.(\d{1,9}))?[bcdeEfFgGnosxX%]?", re.DOTALL)


class Method(NamedTuple):
    """A method of a text with the number of its arguments after the text."""

    body: Callable[..., Any]
    least: int = 0
    most: int = 0


def _replace(text: str, old: str, new: str, count: int = -1) -> str:
    found = text.count(old) if len(new) > len(old) else 0
    bounds.text_characters(len(text) + found * (len(new) - len(old)))
    return text.replace(old, new, count)


def _split(text: str, separator: str | None = None, most: int = -1) -> list[str]:
    bounds.text_characters(len(text))
    found = text.split(separator, most)
    bounds.list_items(len(found))
    return found


def _join(separator: str, parts: Any) -> str:
    texts = list(parts)
    bounds.text_characters(sum(len(text) for text in texts) + len(separator) * len(texts))
    return separator.join(texts)


def _padding(body: Callable[..., str]) -> Callable[..., str]:
    def padded(text: str, width: int, *fill: str) -> str:
        if width > _WIDTH:
            raise BoundError(f"a text is padded to at most {_WIDTH} characters")
        return body(text, width, *fill)

    return padded


def _expandtabs(text: str, size: int = 8) -> str:
    if size > _WIDTH:
        raise BoundError(f"a tab is at most {_WIDTH} characters wide")
    bounds.text_characters(len(text) + text.count("\t") * max(size, 0))
    return text.expandtabs(size)


METHODS: Final[dict[str, Method]] = {
    **{name: Method(getattr(str, name)) for name in (
        "capitalize", "casefold", "lower", "swapcase", "title", "upper", "isalnum", "isalpha", "isascii",
        "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric", "isprintable", "isspace", "istitle", "isupper",
    )},
    **{name: Method(getattr(str, name), 0, 1) for name in ("strip", "lstrip", "rstrip", "splitlines")},
    **{name: Method(getattr(str, name), 1, 3) for name in (
        "count", "find", "rfind", "index", "rindex", "startswith", "endswith",
    )},
    **{name: Method(getattr(str, name), 1, 1) for name in ("partition", "rpartition", "removeprefix", "removesuffix")},
    **{name: Method(_padding(getattr(str, name)), 1, 2) for name in ("center", "ljust", "rjust")},
    "zfill": Method(_padding(str.zfill), 1, 1),
    "expandtabs": Method(_expandtabs, 0, 1),
    "replace": Method(_replace, 2, 3),
    "split": Method(_split, 0, 2),
    "rsplit": Method(str.rsplit, 0, 2),
    "join": Method(_join, 1, 1),
}  # fmt: skip
"""Methods by name; those that read attributes (``format``), give bytes or need a table are not here."""


def formatted(value: Any, spec: str) -> str:
    """A value by a format specification of Python's mini-language: width, precision and type, no more."""
    found = _SPEC.fullmatch(spec)
    if found is None or (value is not None and not isinstance(value, (str, int, float))):
        raise EvaluationError("a format is a width, a precision and a letter, for a text or a number")
    if int(found[1] or 0) > _WIDTH or int(found[2] or 0) > 300:
        raise BoundError(f"a format goes to {_WIDTH} characters and 300 places")
    return format(value, spec)

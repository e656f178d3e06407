"""Functions on text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from semantics.expressions import bounds
from semantics.expressions.bounds import BoundError, EvaluationError
from semantics.expressions.registry import define
from semantics.expressions.values import text_of
from semantics.patterns import PatternError, compile_pattern


def _total(*texts: Any) -> None:
    bounds.text_characters(sum(len(text) for text in texts if isinstance(text, str)))


@define("str(scalar)", "string", ("str(3.50)", "'3.50'"), ("str(true)", "'true'"))
def str_(value: Any) -> str:
    """The plain text of a scalar; decimals keep every digit."""
    return text_of(value)


@define("concat(scalar, ...)", "string", ("concat('a', 1)", "'a1'"), ("concat('a', null)", "null"), cost=_total)
def concat(*parts: Any) -> str:
    """Texts joined one after the other."""
    joined = [text_of(part) for part in parts]
    bounds.text_characters(sum(map(len, joined)))
    return "".join(joined)


@define("upper(string)", "string", ("upper('ab')", "'AB'"))
def upper(text: str) -> str:
    """The text in capitals."""
    return text.upper()


@define("lower(string)", "string", ("lower('AB')", "'ab'"))
def lower(text: str) -> str:
    """The text in small letters."""
    return text.lower()


@define("title(string)", "string", ("title('mill road')", "'Mill Road'"))
def title(text: str) -> str:
    """Each word with a capital."""
    return text.title()


@define("capitalize(string)", "string", ("capitalize('mILL')", "'Mill'"))
def capitalize(text: str) -> str:
    """The first letter a capital, the others small."""
    return text.capitalize()


@define("strip(string, string?)", "string", ("strip('  a ')", "'a'"), ("strip('--a-', '-')", "'a'"))
def strip(text: str, characters: str | None = None) -> str:
    """The text without white space (or the given characters) at both ends."""
    return text.strip(characters)


@define("lstrip(string, string?)", "string", ("lstrip('007', '0')", "'7'"))
def lstrip(text: str, characters: str | None = None) -> str:
    """The text without white space (or the given characters) at its beginning."""
    return text.lstrip(characters)


@define("rstrip(string, string?)", "string", ("rstrip('a. ', '. ')", "'a'"))
def rstrip(text: str, characters: str | None = None) -> str:
    """The text without white space (or the given characters) at its end."""
    return text.rstrip(characters)


def _replacing(text: str, old: str, new: str) -> None:
    if not old:
        raise EvaluationError("replace() needs something to look for")
    growth = max(0, len(new) - len(old))
    if len(text) + (len(text) // len(old)) * growth > bounds.TEXT_CHARACTERS:
        bounds.text_characters(len(text) + text.count(old) * growth)


@define("replace(string, string, string)", "string", ("replace('a-b-c', '-', '')", "'abc'"), cost=_replacing)
def replace(text: str, old: str, new: str) -> str:
    """The text with every occurrence of the second replaced by the third."""
    return text.replace(old, new)


@define("substr(string, integer, integer?)", "string", ("substr('20250131', 0, 4)", "'2025'"),
        ("substr('GB29', 2)", "'29'"))  # fmt: skip
def substr(text: str, start: int, length: int | None = None) -> str:
    """Part of a text: from a position (0 is the first) over a number of characters, or to the end."""
    if start < 0 or (length is not None and length < 0):
        raise EvaluationError("substr() counts from 0, forwards")
    return text[start:] if length is None else text[start : start + length]


@define("strlen(string)", "integer", ("strlen('abc')", "3"))
def strlen(text: str) -> int:
    """The number of characters."""
    return len(text)


@define("startswith(string, string)", "boolean", ("startswith('Patient/1', 'Patient/')", "true"))
def startswith(text: str, beginning: str) -> bool:
    """Whether the text begins with another."""
    return text.startswith(beginning)


@define("endswith(string, string)", "boolean", ("endswith('a.csv', '.csv')", "true"))
def endswith(text: str, end: str) -> bool:
    """Whether the text ends with another."""
    return text.endswith(end)


@define("contains(string, string)", "boolean", ("contains('abc', 'b')", "true"))
def contains(text: str, part: str) -> bool:
    """Whether the text holds another."""
    return part in text


def _splitting(text: str, separator: str) -> None:
    if not separator:
        raise EvaluationError("split() needs a separator")
    bounds.list_items(text.count(separator) + 1)


@define("split(string, string)", "[string]", ("split('a|b', '|')", "['a', 'b']"), cost=_splitting)
def split(text: str, separator: str) -> list[str]:
    """The parts of a text between separators."""
    return text.split(separator)


def _joining(separator: str, texts: list[Any]) -> None:
    present = [text_of(text) for text in texts if text is not None]
    bounds.text_characters(sum(map(len, present)) + len(separator) * len(present))


@define("join(string, [scalar])", "string", ("join(', ', ['a', 'b'])", "'a, b'"), cost=_joining)
def join(separator: str, texts: list[Any]) -> str:
    """The texts of a list with a separator between them."""
    return separator.join(text_of(text) for text in texts if text is not None)


def _compiled(text: str | None, pattern: str | None) -> Callable[[str], bool] | None:
    if pattern is None:
        return None
    try:
        return compile_pattern(pattern)
    except PatternError as fault:
        raise EvaluationError(f"matches(): the pattern is refused: {fault}") from None


@define(
    "matches(string, string)",
    "boolean",
    ("matches('GB29', '^[A-Z]{2}[0-9]+$')", "true"),
    settled=_compiled,
)
def matches(text: str, pattern: str) -> bool:
    """Whether the text holds a match of a regular expression (linear-time engine; anchor it with ^ and $)."""
    found = _compiled(text, pattern)
    return found is not None and found(text)


def _padding(text: str, width: int, fill: str) -> None:
    if width > 1_000:
        raise BoundError("pad_left() pads to at most 1000 characters")
    if len(fill) != 1:
        raise EvaluationError("pad_left() pads with one character")


@define("pad_left(string, integer, string)", "string", ("pad_left('6:00', 5, '0')", "'06:00'"), cost=_padding)
def pad_left(text: str, width: int, fill: str) -> str:
    """The text made as long as wanted by a character put in front."""
    return text.rjust(width, fill)

"""Functions on text."""

from __future__ import annotations

from typing import Any

from semantics.expressions import bounds
from semantics.expressions.bounds import BoundError, EvaluationError
from semantics.expressions.registry import define
from semantics.expressions.values import text_of


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


@define("upper(string)", "string", ("upper('ab')", "'AB'"), ("upper('straße')", "'STRASSE'"))
def upper(text: str) -> str:
    """The text in capitals."""
    return text.upper()


@define("lower(string)", "string", ("lower('AB')", "'ab'"), ("lower(['É', null])", "['é', null]"))
def lower(text: str) -> str:
    """The text in small letters."""
    return text.lower()


@define("title(string)", "string", ("title('mill road')", "'Mill Road'"), ("title('')", "''"))
def title(text: str) -> str:
    """Each word with a capital."""
    return text.title()


@define("capitalize(string)", "string", ("capitalize('mILL')", "'Mill'"), ("capitalize('élan VITAL')", "'Élan vital'"))
def capitalize(text: str) -> str:
    """The first letter a capital, the others small."""
    return text.capitalize()


def _stripping(text: str, characters: str | None = None) -> None:
    if characters is not None and len(characters) > 100:
        raise BoundError("at most 100 characters can be stripped")


@define("strip(string, string?)", "string", ("strip('  a ')", "'a'"), ("strip('--a-', '-')", "'a'"), cost=_stripping)
def strip(text: str, characters: str | None = None) -> str:
    """The text without white space (or the given characters) at both ends."""
    return text.strip(characters)


@define(
    "lstrip(string, string?)", "string", ("lstrip('007', '0')", "'7'"), ("lstrip('000', '0')", "''"), cost=_stripping
)
def lstrip(text: str, characters: str | None = None) -> str:
    """The text without white space (or the given characters) at its beginning."""
    return text.lstrip(characters)


@define("rstrip(string, string?)", "string", ("rstrip('a. ', '. ')", "'a'"), ("rstrip(null)", "null"), cost=_stripping)
def rstrip(text: str, characters: str | None = None) -> str:
    """The text without white space (or the given characters) at its end."""
    return text.rstrip(characters)


def _replacing(text: str, old: str, new: str) -> None:
    if not old:
        raise EvaluationError("replace() needs something to look for")
    growth = max(0, len(new) - len(old))
    if len(text) + (len(text) // len(old)) * growth > bounds.TEXT_CHARACTERS:
        bounds.text_characters(len(text) + text.count(old) * growth)


@define(
    "replace(string, string, string)",
    "string",
    ("replace('a-b-c', '-', '')", "'abc'"),
    ("replace('', 'a', 'b')", "''"),
    cost=_replacing,
)
def replace(text: str, old: str, new: str) -> str:
    """The text with every occurrence of the second replaced by the third."""
    return text.replace(old, new)


@define("substr(string, integer, integer?)", "string", ("substr('20250131', 4, 6)", "'01'"),
        ("substr('GB29', 2)", "'29'"), ("substr('GB29', -2)", "'29'"), ("substr('é', 5)", "''"))  # fmt: skip
def substr(text: str, start: int, end: int | None = None) -> str:
    """Part of a text: from a position (0 is the first, -1 the last) up to but without another, or to the end."""
    return text[start:end]


@define("strlen(string)", "integer", ("strlen('abc')", "3"), ("strlen(['é', ''])", "[1, 0]"))
def strlen(text: str) -> int:
    """The number of characters."""
    return len(text)


@define(
    "startswith(string, string)",
    "boolean",
    ("startswith('Patient/1', 'Patient/')", "true"),
    ("startswith('', 'a')", "false"),
)
def startswith(text: str, beginning: str) -> bool:
    """Whether the text begins with another."""
    return text.startswith(beginning)


@define("endswith(string, string)", "boolean", ("endswith('a.csv', '.csv')", "true"), ("endswith(null, 'a')", "null"))
def endswith(text: str, end: str) -> bool:
    """Whether the text ends with another."""
    return text.endswith(end)


@define("contains(string, string)", "boolean", ("contains('abc', 'b')", "true"), ("contains('abc', '')", "true"))
def contains(text: str, part: str) -> bool:
    """Whether the text holds another."""
    return part in text


def _splitting(text: str, separator: str) -> None:
    if not separator:
        raise EvaluationError("split() needs a separator")
    bounds.list_items(text.count(separator) + 1)


@define(
    "split(string, string)",
    "[string]",
    ("split('a|b', '|')", "['a', 'b']"),
    ("split('', '|')", "['']"),
    cost=_splitting,
)
def split(text: str, separator: str) -> list[str]:
    """The parts of a text between separators."""
    return text.split(separator)


def _joining(separator: str, texts: list[Any]) -> None:
    present = [text_of(text) for text in texts if text is not None]
    bounds.text_characters(sum(map(len, present)) + len(separator) * len(present))


@define(
    "join(string, [scalar])", "string", ("join(', ', ['a', 'b'])", "'a, b'"), ("join(',', [null])", "''"), cost=_joining
)
def join(separator: str, texts: list[Any]) -> str:
    """The texts of a list with a separator between them."""
    return separator.join(text_of(text) for text in texts if text is not None)


def _padding(text: str, width: int, fill: str) -> None:
    if width > 1_000:
        raise BoundError("pad_left() pads to at most 1000 characters")
    if len(fill) != 1:
        raise EvaluationError("pad_left() pads with one character")


@define(
    "pad_left(string, integer, string)",
    "string",
    ("pad_left('6:00', 5, '0')", "'06:00'"),
    ("pad_left('12:00', 3, '0')", "'12:00'"),
    cost=_padding,
)
def pad_left(text: str, width: int, fill: str) -> str:
    """The text made as long as wanted by a character put in front."""
    return text.rjust(width, fill)

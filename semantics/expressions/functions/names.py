"""Functions that make names of texts: slugs and the cases of identifiers."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any, Final

from semantics.expressions import bounds
from semantics.expressions.bounds import EvaluationError
from semantics.expressions.linkml_map import naming
from semantics.expressions.registry import define

_SEPARATORS: Final = frozenset("-_.~")


def _slug_cost(text: Any, separator: str | None = None) -> None:
    bounds.work(len(text))
    if separator is not None and separator not in _SEPARATORS:
        raise EvaluationError("slugify() separates by one of - _ . ~")


def _slug_settled(text: Any, separator: str | None = None) -> None:
    _slug_cost("", separator)


@define("slugify(string, string?)", "string", ("slugify('Hello, World!')", "'hello_world'"),
        ("slugify('café-au-lait', '-')", "'cafe-au-lait'"), ("slugify('123 hits')", "'_123_hits'"),
        ("slugify('!!!')", "null"), cost=_slug_cost, settled=_slug_settled)  # fmt: skip
def slugify(text: str, separator: str | None = None) -> str | None:
    """The words of a text in small ASCII letters, with _ (or the given separator) between; null if there are none."""
    return naming.slugify(text, separator or "_")


def _length(text: str) -> None:
    bounds.work(len(text))


def _words(text: str) -> list[str]:
    """The words of a name: between characters that are no letter or digit, and where the case rises.

    >>> _words("HTTPResponse code2XX")
    ['HTTP', 'Response', 'code2', 'XX']
    """
    words: list[str] = []
    start = None
    for at, char in enumerate(text):
        if not (char.isalnum() or unicodedata.category(char)[0] == "M"):
            if start is not None:
                words.append(text[start:at])
            start = None
        elif start is None:
            start = at
        elif char.isupper() and (
            not text[at - 1].isupper() or (at + 1 < len(text) and text[at + 1].islower())
        ):  # fmt: skip
            words.append(text[start:at])
            start = at
    return words if start is None else [*words, text[start:]]


def _capital(word: str) -> str:
    return word[:1].title() + word[1:].lower()


def _cased(text: str, first: Callable[[str], str], other: Callable[[str], str], between: str) -> str:
    words = _words(text)
    return between.join([*map(first, words[:1]), *map(other, words[1:])])


@define("to_snake(string)", "string", ("to_snake('CamelCase')", "'camel_case'"),
        ("to_snake('HTTPResponse')", "'http_response'"), ("to_snake('')", "''"), cost=_length)  # fmt: skip
def to_snake(text: str) -> str:
    """The words of a name in small letters, with _ between them."""
    return _cased(text, str.lower, str.lower, "_")


@define("to_camel(string)", "string", ("to_camel('snake_case')", "'snakeCase'"),
        ("to_camel('École Normale')", "'écoleNormale'"), cost=_length)  # fmt: skip
def to_camel(text: str) -> str:
    """The words of a name put together, each but the first with a capital."""
    return _cased(text, str.lower, _capital, "")


@define("to_pascal(string)", "string", ("to_pascal('snake_case')", "'SnakeCase'"),
        ("to_pascal('http_response')", "'HttpResponse'"), ("to_pascal(' ')", "''"), cost=_length)  # fmt: skip
def to_pascal(text: str) -> str:
    """The words of a name put together, each with a capital."""
    return _cased(text, _capital, _capital, "")

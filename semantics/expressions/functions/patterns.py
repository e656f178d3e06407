"""Functions on regular expressions, all of a linear-time engine (see :mod:`semantics.patterns`)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from semantics.expressions import bounds
from semantics.expressions.bounds import BoundError, EvaluationError
from semantics.expressions.registry import define
from semantics.expressions.searching import Found, Search, compile_search
from semantics.patterns import PatternError, compile_pattern

_REFERENCE: Final = re.compile(r"\$(?:(\$)|([0-9])|\{([A-Za-z0-9_]+)\})?")


def _refused(function: str, fault: PatternError) -> EvaluationError:
    return EvaluationError(f"{function}(): the pattern is refused: {fault}")


def _written(pattern: str) -> str:
    """The pattern, if it is one that was meant: in a quoted text a single backslash and b make a backspace."""
    if "\b" in pattern:
        raise PatternError("it holds a backspace; for a backslash write two")
    return pattern


def _compiled(text: str | None, pattern: str | None) -> Callable[[str], bool] | None:
    if pattern is None:
        return None
    try:
        return compile_pattern(_written(pattern))
    except PatternError as fault:
        raise _refused("matches", fault) from None


def _searched(function: str, pattern: str) -> Search:
    try:
        return compile_search(_written(pattern))
    except PatternError as fault:
        raise _refused(function, fault) from None


@define("matches(string, string)", "boolean", ("matches('GB29', '^[A-Z]{2}[0-9]+$')", "true"),
        ("matches('', '^a')", "false"), settled=_compiled)  # fmt: skip
def matches(text: str, pattern: str) -> bool:
    """Whether the text holds a match of a regular expression (linear-time engine; anchor it with ^ and $)."""
    found = _compiled(text, pattern)
    return found is not None and found(text)


# -- extract -------------------------------------------------------------------------------------


def _group(function: str, found: Search, group: int | str | None) -> int:
    """The number of a group of a pattern: given by number or name, else the first, else the whole match."""
    if group is None:
        return min(found.groups, 1)
    number = found.groupindex.get(group, -1) if isinstance(group, str) else group
    if not 0 <= number <= found.groups:
        raise EvaluationError(f"{function}(): the pattern has no such group")
    return number


def _extracting(text: str | None, pattern: str | None, group: int | str | None = None) -> None:
    if pattern is not None:
        _group("extract", _searched("extract", pattern), group)
    bounds.text_characters(len(text or ""))


@define("extract(string, string, integer | string?)", "string",
        ("extract('INV-2025-07', '[0-9]{4}')", "'2025'"), ("extract('INV-2025-07', '([0-9]+)-([0-9]+)', 2)", "'07'"),
        ("extract('a=é', '(?P<key>.)=(?P<value>.)', 'value')", "'é'"), ("extract('INV', '[0-9]+')", "null"),
        cost=_extracting, settled=_extracting)  # fmt: skip
def extract(text: str, pattern: str, group: int | str | None = None) -> str | None:
    """The first match: a group of it (by number or name), else its first group, else all of it; null if none."""
    search = _searched("extract", pattern)
    found = search.search(text)
    if found is None:
        return None
    start, end = found.span(_group("extract", search, group))
    return text[start:end] if start >= 0 else None


# -- replace -------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def _template(pattern: str, replacement: str) -> tuple[str | int, ...]:
    """Fixed texts and group numbers of a replacement."""
    search = _searched("regex_replace", pattern)
    parts: list[str | int] = []
    start = 0
    for hole in _REFERENCE.finditer(replacement):
        parts.append(replacement[start : hole.start()])
        start = hole.end()
        if hole[1]:
            parts.append("$")
        elif hole[2] or hole[3]:
            name = hole[2] or hole[3]
            parts.append(_group("regex_replace", search, int(name) if name.isdigit() else name))
        else:
            raise EvaluationError("regex_replace(): write $$ for a dollar, $1 or ${name} for a group")
    return (*parts, replacement[start:])


def _replacing(text: str | None, pattern: str | None, replacement: str | None) -> None:
    bounds.work(max(len(text or ""), len(replacement or "")))
    if pattern is not None:
        _searched("regex_replace", pattern)
        if replacement is not None:
            _template(pattern, replacement)


@define("regex_replace(string, string, string)", "string",
        ("regex_replace('07.2025', '([0-9]{2})[.]([0-9]{4})', '$2-$1')", "'2025-07'"),
        ("regex_replace('a  b', ' +', ' ')", "'a b'"), ("regex_replace('é5', '[0-9]', '$$')", "'é$'"),
        ("regex_replace('abc', 'x', 'y')", "'abc'"), cost=_replacing, settled=_replacing)  # fmt: skip
def regex_replace(text: str, pattern: str, replacement: str) -> str:
    """The text with every match replaced; $1 or ${name} stand for groups, $$ for a dollar."""
    template = _template(pattern, replacement)
    parts: list[str] = []
    length = steps = start = 0
    for found in _searched("regex_replace", pattern).finditer(text):
        begin, end = found.span()
        pieces = [text[start:begin], *(_piece(part, text, found) for part in template)]
        start = end
        length += sum(map(len, pieces))
        bounds.text_characters(length)
        steps += len(text) - begin
        if steps > bounds.SEARCH_STEPS:
            raise BoundError(f"regex_replace() would search more than {bounds.SEARCH_STEPS} characters")
        parts += pieces
    bounds.text_characters(length + len(text) - start)
    return "".join([*parts, text[start:]])


def _piece(part: str | int, text: str, found: Found) -> Any:
    if isinstance(part, str):
        return part
    start, end = found.span(part)
    return text[start:end] if start >= 0 else ""

"""How much an expression may ask for; checked before the work is done, never by waiting for it.

A mapping cannot raise a bound. The figures are those of the reliability rules: a text, a list,
an integer and the tree itself are each bounded, so that every expression ends soon.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "DEPTH",
    "EXPONENT",
    "INTEGER_BITS",
    "LIST_ITEMS",
    "NODES",
    "SOURCE_CHARACTERS",
    "TEXT_CHARACTERS",
    "BoundError",
    "EvaluationError",
    "SettledError",
    "list_items",
    "text_characters",
    "work",
]

SOURCE_CHARACTERS: Final = 8_000
DEPTH: Final = 64
NODES: Final = 2_000
INTEGER_BITS: Final = 4_096
EXPONENT: Final = 64
TEXT_CHARACTERS: Final = 1_000_000
LIST_ITEMS: Final = 100_000
WORK_CHARACTERS: Final = 100_000
"""Longest text that a function goes through character by character."""
SEARCH_STEPS: Final = 100_000_000
"""Characters that the searches of one regex_replace() may pass, in all."""


class EvaluationError(ValueError):
    """An operation that its operands do not allow; the record it happened on is rejected."""


class SettledError(EvaluationError):
    """What constant arguments can never do, told before the first record, with a hint where there is one."""

    def __init__(self, message: str, hint: str | None) -> None:
        super().__init__(message)
        self.hint = hint


class BoundError(EvaluationError):
    """An operation whose result would be larger than the bound it names."""


def text_characters(count: int) -> None:
    """Refuse a text longer than :data:`TEXT_CHARACTERS` before it is made."""
    if count > TEXT_CHARACTERS:
        raise BoundError(f"a text would be longer than {TEXT_CHARACTERS} characters")


def list_items(count: int) -> None:
    """Refuse a list longer than :data:`LIST_ITEMS` before it is made."""
    if count > LIST_ITEMS:
        raise BoundError(f"a list would be longer than {LIST_ITEMS} items")


def work(characters: int) -> None:
    """Refuse to go through a text longer than :data:`WORK_CHARACTERS` character by character."""
    if characters > WORK_CHARACTERS:
        raise BoundError(f"a text is longer than {WORK_CHARACTERS} characters")

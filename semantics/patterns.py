"""Regular expressions of schemas, mappings and data: one linear-time engine for all of them.

The engine is Rust's ``regex`` crate as :mod:`pydantic_core` carries it: no look-around, no
back-references, bounded size, time linear in the input. A pattern is a *search* (JSON Schema,
SHACL ``sh:pattern``); anchor it with ``^`` and ``$`` for a full match.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

__all__ = ["MAX_PATTERN", "PatternError", "compile_pattern"]

MAX_PATTERN: Final = 1_000
"""Longest pattern, in characters."""


class PatternError(ValueError):
    """A pattern that the engine refuses, and why."""


@lru_cache(maxsize=2048)
def compile_pattern(pattern: str) -> Callable[[str], bool]:
    """A test whether a text holds a match of ``pattern``. Raises :class:`PatternError`.

    >>> compile_pattern("^[A-Z]{3}$")("GBP")
    True
    """
    from pydantic_core import SchemaError, SchemaValidator, core_schema

    if len(pattern) > MAX_PATTERN:
        raise PatternError(f"longer than {MAX_PATTERN} characters")
    try:
        validator = SchemaValidator(core_schema.str_schema(pattern=pattern, strict=True, regex_engine="rust-regex"))
    except SchemaError as fault:
        raise PatternError(_reason(str(fault))) from None
    return validator.isinstance_python


def _reason(text: str) -> str:
    for line in reversed(text.splitlines()):
        if line.strip().startswith("error:"):
            return line.strip().removeprefix("error:").strip()
    if "exceeds size limit" in text:
        return "it grows too large when compiled"
    return "it is not a regular expression of the linear-time engine"

"""What a run gives to its functions beside their arguments: one instant, and the operator's key for pseudonyms.

The engine makes a :class:`RunContext` once and lays it around the work with :func:`active`; functions ask
:func:`current`. Nothing here reads a clock or the environment, and nothing is set at import.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

from semantics.expressions.bounds import EvaluationError
from semantics.expressions.values import Moment

__all__ = ["RunContext", "active", "current", "instant", "prefix_text", "pseudonym_key"]


@dataclass(frozen=True, slots=True)
class RunContext:
    """The instant of the run, and the secret that pseudonyms are made with (never shown)."""

    now: Moment | None = None
    key: bytes | None = field(default=None, repr=False)


_NONE: Final = RunContext()
_CURRENT: Final[ContextVar[RunContext]] = ContextVar("semantics_run", default=_NONE)


def current() -> RunContext:
    """The context of the run that goes on in this thread or task; an empty one outside of any."""
    return _CURRENT.get()


@contextmanager
def active(context: RunContext) -> Iterator[None]:
    """The context in force while the block runs."""
    token = _CURRENT.set(context)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def instant() -> Moment:
    """The instant of the run."""
    now = current().now
    if now is None:
        raise EvaluationError("no run gives an instant")
    return now


def pseudonym_key() -> bytes:
    """The key for pseudonyms."""
    key = current().key
    if key is None:
        raise EvaluationError("there is no key for pseudonyms")
    return key


def prefix_text(prefixes: Mapping[str, str]) -> str:
    """Declared prefixes (prefix to IRI) as the one constant that a plan holds of them.

    >>> prefix_text({"ex": "https://example.org/"})
    '{"ex": "https://example.org/"}'
    """
    return json.dumps(dict(sorted(prefixes.items())), ensure_ascii=False)

"""Mends that an editor offers for what is wrong: the name that was meant, and what ``check --fix`` would do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from semantics.checks.fix import fixed
from semantics.editor.problems import Problem

__all__ = ["Action", "actions"]

_MEANT: Final = re.compile(r"did you mean '(.+)'\?$")
_NAMED: Final = re.compile(r"'([^']+)'")


@dataclass(frozen=True, slots=True)
class Action:
    """A mend of a problem: the text between two offsets becomes another."""

    title: str
    problem: Problem
    start: int
    end: int
    text: str


def actions(text: str, found: Sequence[Problem]) -> Iterator[Action]:
    """The mends of problems of a text.

    >>> from semantics.errors import Diagnostic
    >>> told = Diagnostic("MAP013", "'kWh' is not known here", hint="did you mean 'kwh'?")
    >>> [(one.title, one.start, one.end) for one in actions("a: kWh", [Problem(told, 3, 6)])]
    [("Write 'kwh'", 3, 6)]
    """
    for problem in found:
        if problem.elsewhere is None:
            yield from _meant(text, problem)
            yield from _mended(text, problem)


def _meant(text: str, problem: Problem) -> Iterator[Action]:
    """The nearest name, in the place of the one that the message quotes."""
    meant = _MEANT.search(problem.finding.hint or "")
    if meant is None:
        return
    end = text.find("\n", problem.start)
    for wrong in _NAMED.findall(problem.finding.message):
        word = re.compile(rf"(?<!\w){re.escape(wrong)}(?!\w)")
        at = word.search(text, problem.start, len(text) if end < 0 else end)
        if at is not None:
            yield Action(f"Write '{meant[1]}'", problem, at.start(), at.end(), meant[1])
            return


def _mended(text: str, problem: Problem) -> Iterator[Action]:
    """What ``semantics check --fix`` would make of it, as one edit."""
    changed = fixed(text, [problem.finding])
    if changed == text:
        return
    limit = min(len(text), len(changed))
    before = next((at for at in range(limit) if text[at] != changed[at]), limit)
    after = next((at for at in range(limit - before) if text[-1 - at] != changed[-1 - at]), limit - before)
    title = "Remove what nothing uses" if len(changed) < len(text) else "Mend it"
    yield Action(title, problem, before, len(text) - after, changed[before : len(changed) - after])

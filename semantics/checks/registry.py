"""What a rule of ``semantics check`` is: declared once, with everything that its page and a tool need to say of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from textwrap import dedent
from typing import Generic, Literal, TypeVar

from semantics.errors import Diagnostic, Severity

__all__ = ["About", "Finder", "Rule", "Told", "told"]

About = Literal["mapping", "schema", "file"]
SubjectT = TypeVar("SubjectT")
Finder = Callable[[SubjectT], Iterator[Diagnostic]]


@dataclass(frozen=True, slots=True)
class Told:
    """What the docstring of a rule says: the purpose in a line, why, an example that is found and one that is not."""

    purpose: str
    explanation: str
    bad: str
    good: str


@dataclass(frozen=True, slots=True)
class Rule(Generic[SubjectT]):
    """A rule: ``id`` and ``code`` name it, ``severity`` is what it weighs where no configuration says otherwise."""

    id: str
    code: str
    category: str
    about: About
    severity: Severity
    fixable: bool
    told: Told
    find: Finder[SubjectT]

    @property
    def purpose(self) -> str:
        """What the rule is for, in a line."""
        return self.told.purpose

    def page(self) -> str:
        """The rule as Markdown: what ``--explain`` prints, and the reference page holds."""
        fix = "`--fix` mends it." if self.fixable else ""
        head = f"`{self.code}`, {self.category}, about a {self.about}; by default: {self.severity}. {fix}".rstrip()
        parts = [head, self.told.purpose, self.told.explanation]
        parts += [f"{title}\n\n```yaml\n{text}\n```"
                  for title, text in (("Found:", self.told.bad), ("Not found:", self.told.good))]  # fmt: skip
        return "\n\n".join(part for part in parts if part)


def told(docstring: str | None) -> Told:
    r"""The parts of a docstring: a line, paragraphs, then ``Bad:`` and ``Good:`` with what is indented below.

    >>> told("Say it.\n\nBecause.\n\nBad:\n    a: 1\nGood:\n    a: 2\n").good
    'a: 2'
    """
    text = inspect.cleandoc(docstring or "")
    prose, _, examples = text.partition("\nBad:\n")
    bad, _, good = examples.partition("\nGood:\n")
    purpose, _, rest = prose.partition("\n")
    return Told(purpose, " ".join(rest.split()), dedent(bad).strip("\n"), dedent(good).strip("\n"))

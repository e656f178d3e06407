"""Findings that a comment asks to leave out: ``# semantics: ignore[RULE] why``, on the line or on the one above."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from semantics.checks.registry import Rule, told
from semantics.codes import CODES
from semantics.errors import Diagnostic, Location, Severity, closest, escaped

__all__ = ["COMMENT_RULES", "Comment", "Comments", "comments", "without_suppressed"]

_COMMENT: Final = re.compile(r"#\s*semantics:\s*ignore\[([^\]]*)\]\s*(.*)$")


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment: where it stands, the line it is about, the rules it names, and its reason."""

    line: int
    column: int
    about: int
    rules: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Comments:
    """The comments of a file, what was found in it, and the codes of the rules by name."""

    file: str
    comments: Sequence[Comment]
    findings: Sequence[Diagnostic]
    codes: Mapping[str, str]

    def code(self, name: str) -> str | None:
        """The code of a rule that is named, or of another finding."""
        return self.codes.get(name) or (name if name in CODES else None)

    def ignored(self, finding: Diagnostic) -> bool:
        """Whether a comment leaves a finding out; what makes a file unusable is never left out."""
        place = finding.location
        if finding.severity is Severity.ERROR or place is None or place.file != self.file:
            return False
        return any(place.line == one.about and finding.code in map(self.code, one.rules) for one in self.comments)


def comments(text: str) -> tuple[Comment, ...]:
    r"""The comments of a text. One that stands alone is about the next line that is no comment.

    >>> [(one.line, one.about, one.reason) for one in comments("# semantics: ignore[CHK040] as published\n\na: 1")]
    [(1, 3, 'as published')]
    """
    lines, found = text.splitlines(), []
    for number, line in enumerate(lines, start=1):
        match = _COMMENT.search(line)
        if match is None:
            continue
        about = number
        if not line[: match.start()].strip():
            after = (at for at, other in enumerate(lines[number:], number + 1) if other.strip()[:1] not in ("", "#"))
            about = next(after, number)
        rules = tuple(name.strip() for name in match[1].split(",") if name.strip())
        found.append(Comment(number, match.start() + 1, about, rules, match[2].strip()))
    return tuple(found)


Finding = tuple[str, int, int, str | None]


def _rule(name: str, code: str, *, fixable: bool = False) -> Callable[
    [Callable[[Comments], Iterator[Finding]]], Rule[Comments]
]:  # fmt: skip
    def wrap(body: Callable[[Comments], Iterator[Finding]]) -> Rule[Comments]:
        def find(subject: Comments) -> Iterator[Diagnostic]:
            for message, line, column, hint in body(subject):
                yield Diagnostic(code, message, Location(subject.file, line, column), hint, None, Severity.WARNING)

        return Rule(name, code, "comments", "file", Severity.WARNING, fixable, told(body.__doc__), find)

    return wrap


@_rule("SUPPRESSION_WITHOUT_REASON", "CHK060")
def without_reason(subject: Comments) -> Iterator[Finding]:
    """A comment leaves findings out and does not say why.

    Whoever reads it next cannot tell whether the reason still holds.

    Bad:
        fooBar: {} # semantics: ignore[SLOT_NAME]
    Good:
        fooBar: {} # semantics: ignore[SLOT_NAME] the name is that of the published standard
    """
    for one in subject.comments:
        if not one.reason:
            yield "the comment does not say why findings are left out", one.line, one.column, "add the reason after ']'"


@_rule("UNUSED_SUPPRESSION", "CHK061", fixable=True)
def unused(subject: Comments) -> Iterator[Finding]:
    """A comment asks to leave out what is not found there.

    What it was about is mended, or has moved; the comment would hide the next one.

    Bad:
        foo_bar: {} # semantics: ignore[SLOT_NAME] the name is that of the published standard
    Good:
        foo_bar: {}
    """
    there = {(found.location.line, found.code) for found in subject.findings
             if found.location is not None and found.location.file == subject.file}  # fmt: skip
    for one in subject.comments:
        for name in one.rules:
            code = subject.code(name)
            if code is not None and (one.about, code) not in there:
                yield f"'{escaped(name)}' finds nothing here", one.line, one.column, "remove it"


@_rule("UNKNOWN_SUPPRESSION", "CHK062")
def unknown(subject: Comments) -> Iterator[Finding]:
    """A comment names no rule, or one that there is not.

    Rules are named by their names or their codes.

    Bad:
        fooBar: {} # semantics: ignore[SLOT_NAMES] the name is that of the published standard
    Good:
        fooBar: {} # semantics: ignore[SLOT_NAME] the name is that of the published standard
    """
    for one in subject.comments:
        if not one.rules:
            yield "the comment names no rule", one.line, one.column, "such as ignore[SLOT_NAME]"
        for name in one.rules:
            if subject.code(name) is None:
                yield f"there is no rule '{escaped(name)}'", one.line, one.column, closest(name, subject.codes)


COMMENT_RULES: Final[tuple[Rule[Comments], ...]] = (without_reason, unused, unknown)


def without_suppressed(subject: Comments) -> tuple[Diagnostic, ...]:
    """The findings that no comment leaves out, and those about the comments."""
    if not subject.comments:
        return tuple(subject.findings)
    left = [finding for finding in subject.findings if not subject.ignored(finding)]
    return (*left, *(finding for rule in COMMENT_RULES for finding in rule.find(subject)))

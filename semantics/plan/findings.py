"""Findings collected while a plan is made, so that one run shows all of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from semantics.errors import Diagnostic, ExpressionError, Severity, ordered
from semantics.mapping.load import LoadedMapping

__all__ = ["Findings"]

Path_ = tuple[str | int, ...]


@dataclass
class Findings:
    """What is wrong with a mapping, each with its place in the file; ``used`` are the definitions that it uses."""

    mapping: LoadedMapping
    found: list[Diagnostic] = field(default_factory=list)
    following: set[Diagnostic] = field(default_factory=set)
    used: set[str] = field(default_factory=set)

    def error(self, code: str, message: str, path: Path_, hint: str | None = None) -> None:
        """A finding that stops; the line it stands on is quoted."""
        self._add(code, message, path, hint, Severity.ERROR)

    def warn(self, code: str, message: str, path: Path_, hint: str | None = None) -> None:
        """A finding that is reported and does not stop."""
        self._add(code, message, path, hint, Severity.WARNING)

    def expression(
        self, fault: ExpressionError, path: Path_, text: str = "", start: int = 0, *, code: str | None = None
    ) -> None:
        """What the parser or the checker of expressions has found in the text at a path, from ``start`` on.

        A finding whose place is in the expression is given its place in the file; ``code`` takes the place of its own.
        """
        for found in fault.diagnostics:
            place = found.location
            if place is not None and place.file == "<expression>":
                place = self.mapping.within(path, text, start + (place.column or 1) - 1)
            line = self.mapping.line(*path)
            quoted = line if text in line else found.found or line
            self._note(replace(found, code=code or found.code, location=place, found=quoted or None), path)

    def _add(self, code: str, message: str, path: Path_, hint: str | None, severity: Severity) -> None:
        place = self.mapping.location(*path)
        self._note(Diagnostic(code, message, place, hint, self.mapping.line(*path) or None, severity), path)

    def _note(self, finding: Diagnostic, path: Path_) -> None:
        self.found.append(finding)
        if self.mapping.follows(path):
            self.following.add(finding)

    @property
    def stopping(self) -> int:
        """How many findings stop."""
        return sum(finding.severity is Severity.ERROR for finding in self.found)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The findings that stop, in the order of their places."""
        return ordered(finding for finding in self.found if finding.severity is Severity.ERROR)

    @property
    def told(self) -> tuple[Diagnostic, ...]:
        """The errors that do not just follow from keys that are not known."""
        return tuple(finding for finding in self.errors if finding not in self.following)

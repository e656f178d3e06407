"""What a desk tells of an edit, piece by piece."""

from __future__ import annotations

from dataclasses import dataclass

from semantics.engine.tested import TestResult
from semantics.errors import Diagnostic, Severity
from semantics.watching.sample import Effect

__all__ = ["Checked", "Generated", "Refused", "Sampled", "Tested", "Told"]


@dataclass(frozen=True, slots=True)
class Checked:
    """What is found in definition files; ``direct`` ones were edited, others rest on what was."""

    files: tuple[str, ...]
    findings: tuple[Diagnostic, ...]
    direct: bool

    @property
    def errors(self) -> int:
        """How many of the findings are errors."""
        return sum(finding.severity is Severity.ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Refused:
    """A mapping that cannot be planned, or whose tests cannot be read."""

    mapping: str
    findings: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Sampled:
    """What an edit did to what comes of a sample: ``effects`` is None the first time, when ``made`` is all there is."""

    mapping: str
    sample: str
    made: tuple[Effect, ...]
    effects: tuple[Effect, ...] | None


@dataclass(frozen=True, slots=True)
class Tested:
    """The tests of a mapping, on the oracle."""

    __test__ = False

    mapping: str
    results: tuple[TestResult, ...]

    @property
    def failed(self) -> tuple[TestResult, ...]:
        """The tests that do not hold."""
        return tuple(result for result in self.results if not result.passed)


@dataclass(frozen=True, slots=True)
class Generated:
    """Generated files that were brought up to date."""

    files: tuple[str, ...]


Told = Checked | Refused | Sampled | Tested | Generated

"""What became of the tests of a mapping."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Difference", "TestResult"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as expected: where, both sides as text, and the rule (``file:line``) at work."""

    path: str
    expected: str
    found: str
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class TestResult:
    """What became of a test: it holds when there is no difference."""

    __test__ = False

    mapping: str
    name: str
    place: str
    differences: tuple[Difference, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.differences

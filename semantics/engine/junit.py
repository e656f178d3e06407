"""Results of the tests of mappings as JUnit XML."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from semantics.engine.tested import Difference, TestResult
from semantics.errors import Diagnostic
from semantics.reporting.junit import Case, Problem, Suite
from semantics.reporting.junit import junit as document

__all__ = ["junit"]


def junit(results: Sequence[TestResult], broken: Sequence[tuple[str, Sequence[Diagnostic]]] = ()) -> str:
    """The results as one document: a suite a mapping; a mapping that cannot be tested is one case in error."""
    suites = [
        Suite(mapping, [_case(result) for result in cases])
        for mapping, cases in itertools.groupby(results, key=lambda result: result.mapping)
    ]
    return document([*suites, *(_broken(mapping, findings) for mapping, findings in broken)])


def _case(result: TestResult) -> Case:
    file, _, line = result.place.partition(":")
    problem = None
    if not result.passed:
        told = "\n".join(map(lines_of, result.differences))
        problem = Problem(type="difference", message=f"{len(result.differences)} differences", text=told)
    return Case(
        classname=result.mapping, name=result.name, file=file, line=line.partition(":")[0], problem=problem
    )  # fmt: skip


def _broken(mapping: str, findings: Sequence[Diagnostic]) -> Suite:
    told = "\n".join(map(str, findings))
    problem = Problem(kind="error", type="definition", message=f"{len(findings)} findings", text=told)
    return Suite(mapping, [Case(classname=mapping, name="the mapping can be used", problem=problem)])


def lines_of(difference: Difference) -> str:
    """A difference as lines of text."""
    rule = f"\n  rule      {difference.rule}" if difference.rule else ""
    return f"{difference.path}\n  expected  {difference.expected}\n  found     {difference.found}{rule}"

"""A validation report as JUnit XML: a suite a source, a failed case a finding."""

from __future__ import annotations

from collections import defaultdict

from semantics.errors import Severity, escaped
from semantics.reporting.junit import Case, Problem, Suite, junit
from semantics.validation.report import Finding, ValidationReport

__all__ = ["document"]


def document(report: ValidationReport) -> str:
    """The report as one document. A source without findings is one case that passes; warnings pass, and are told.

    Findings that are counted and not listed are a case that fails, so that nothing is lost without a word.
    """
    found: dict[str, list[Case]] = defaultdict(list)
    for finding in report.findings:
        found[finding.source or report.title].append(_case(finding))
    for source in report.sources:
        if source not in found:
            found[source].append(Case(classname=report.title, name="every record is valid", file=source))
    suites = [Suite(source, cases) for source, cases in sorted(found.items())]
    if report.omitted:
        told = f"{report.omitted} findings more are counted and not listed"
        problem = Problem(type="omitted", message=told, text=escaped(report.summary))
        suites.append(
            Suite("not listed", [Case(classname=report.title, name="every finding is listed", problem=problem)])
        )
    return junit(suites)


def _case(finding: Finding) -> Case:
    record = "" if finding.record is None else f"record {finding.record}"
    where = " ".join(filter(None, (record, finding.pointer or finding.focus or "")))
    failed = finding.severity is Severity.ERROR
    return Case(
        classname=finding.subject or finding.source or "input",
        name=" ".join(filter(None, (where, finding.code))),
        file=finding.source,
        line=None if finding.line is None else str(finding.line),
        problem=Problem(type=finding.code, message=finding.message, text=str(finding)) if failed else None,
        output=None if failed else str(finding),
    )

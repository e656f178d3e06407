"""A validation report as SARIF 2.1.0: a result a finding, with the record, the model and the mapping as locations."""

from __future__ import annotations

from semantics.reporting.sarif import Place, Result, sarif
from semantics.validation.report import Finding, ValidationReport

__all__ = ["log"]


def log(report: ValidationReport) -> str:
    """The report as a log with one run; how many findings are not listed is a notification of the run."""
    more = f"{report.omitted} findings more are counted and not listed"
    counts = {"conforms": report.conforms, "checked": report.checked, "invalid": report.invalid,
              "counts": dict(report.counts), "omitted": report.omitted,
              **({"shapes": dict(report.shapes)} if report.shapes else {})}  # fmt: skip
    named = {name: value for name in ("schema", "mapping") if (value := getattr(report, name))}
    return sarif(
        [_result(finding) for finding in report.findings],
        notices=(more,) if report.omitted else (),
        properties={**named, **counts},
    )


def _result(finding: Finding) -> Result:
    """One finding. Its fingerprint is made of where it stands and what it violates."""
    logical = [("property", finding.pointer)] if finding.pointer else []
    logical += [("member" if finding.slot else "type", finding.subject)] if finding.subject else []
    record = "" if finding.record is None else str(finding.record)
    known = ("record", "pointer", "class", "slot", "path", "constraint", "component", "shape", "focus", "value")
    data = finding.to_data()
    return Result(
        code=finding.code,
        message=_message(finding),
        severity=finding.severity,
        place=Place(file=finding.source, line=finding.line) if finding.source else None,
        logical=logical,
        related=(*Place.told(finding.rule, "the mapping rule"), *Place.told(finding.element, "the model's element")),
        identity=(record, finding.pointer or finding.focus or "", finding.subject, finding.constraint or ""),
        properties={name: data[name] for name in known if name in data},
    )


def _message(finding: Finding) -> str:
    value = f" (found {finding.value})" if finding.value is not None else ""
    return f"{finding.message}{value}{f' ({finding.hint})' if finding.hint else ''}"

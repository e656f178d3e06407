"""Findings in the forms that people and programs read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from semantics.codes import CODES
from semantics.errors import Diagnostic, Severity
from semantics.version import __version__

__all__ = ["as_json", "as_sarif", "as_text"]

_LEVEL: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def as_text(findings: Sequence[Diagnostic]) -> str:
    """One finding after the other, as they are shown on a terminal."""
    return "\n".join(map(str, findings))


def as_json(findings: Sequence[Diagnostic]) -> str:
    """A list of objects with code, severity, message, file, line, column and hint."""
    return json.dumps([_data(finding) for finding in findings], indent=2, ensure_ascii=False)


def _data(finding: Diagnostic) -> dict[str, Any]:
    place = finding.location
    return {
        "code": finding.code,
        "severity": str(finding.severity),
        "message": finding.message,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "found": finding.found,
        "hint": finding.hint,
    }


def as_sarif(findings: Sequence[Diagnostic]) -> str:
    """A SARIF 2.1.0 log, for code-scanning tools."""
    codes = sorted({finding.code for finding in findings})
    rules = [{"id": code, "shortDescription": {"text": CODES.get(code, code)}} for code in codes]
    run = {
        "tool": {"driver": {"name": "semantics", "version": __version__, "rules": rules}},
        "results": [_result(finding) for finding in findings],
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False)


def _result(finding: Diagnostic) -> dict[str, Any]:
    text = finding.message + (f" ({finding.hint})" if finding.hint else "")
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": _LEVEL[finding.severity],
        "message": {"text": text},
    }
    place = finding.location
    if place is not None and place.file is not None:
        physical: dict[str, Any] = {"artifactLocation": {"uri": place.file}}
        if place.line is not None:
            physical["region"] = {"startLine": place.line, "startColumn": place.column or 1}
        result["locations"] = [{"physicalLocation": physical}]
    return result

"""Findings in the forms that people and programs read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from semantics.checks.registry import Rule
from semantics.checks.rules import BY_CODE
from semantics.errors import Diagnostic
from semantics.reporting.sarif import Place, Result, sarif

__all__ = ["as_json", "as_sarif", "as_text"]


def as_text(findings: Sequence[Diagnostic]) -> str:
    """One finding after the other, as they are shown on a terminal."""
    return "\n".join(map(str, findings))


def as_json(findings: Sequence[Diagnostic]) -> str:
    """A list of objects with code, rule, severity, message, file, line, column and hint."""
    return json.dumps([_data(finding) for finding in findings], indent=2, ensure_ascii=False)


def _data(finding: Diagnostic) -> dict[str, Any]:
    place = finding.location
    return {
        "code": finding.code,
        "rule": BY_CODE[finding.code].id if finding.code in BY_CODE else None,
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
    rules = {finding.code: _rule(BY_CODE[finding.code]) for finding in findings if finding.code in BY_CODE}
    return sarif([_result(finding) for finding in findings], rules=rules).rstrip("\n")


def _rule(rule: Rule[Any]) -> dict[str, Any]:
    return {
        "name": rule.id,
        "fullDescription": {"text": rule.purpose},
        "defaultConfiguration": {"level": str(rule.severity)},
        "help": {"text": rule.page(), "markdown": rule.page()},
        "properties": {"category": rule.category, "tags": [rule.category, rule.about]},
    }


def _result(finding: Diagnostic) -> Result:
    place = finding.location
    return Result(
        code=finding.code,
        message=finding.message + (f" ({finding.hint})" if finding.hint else ""),
        severity=finding.severity,
        place=Place(file=place.file, line=place.line, column=place.column) if place and place.file else None,
        identity=(finding.message, finding.found or ""),
    )

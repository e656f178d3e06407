"""What a change of models does to mappings, as text to read and as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from semantics.engine.effects import Effect, Effects
from semantics.errors import Diagnostic, Location

__all__ = ["effects_data", "effects_text"]


def effects_text(found: Effects) -> str:
    """Each mapping with its findings and failing tests, then the patch."""
    lines = [line for effect in found.told for line in _lines(effect)]
    if found.patch:
        rest = f"; {found.left} findings are left" if found.left else ""
        lines += ["", f"A patch for what was renamed{rest}:", "", found.patch.rstrip("\n")]
    return "\n".join(lines)


def _lines(effect: Effect) -> Iterator[str]:
    yield f"{'BROKEN' if effect.broken else 'TOLD'}  mapping {effect.mapping}"
    for finding in effect.findings:
        yield from (f"    {line}" for line in str(finding).splitlines())
    for result in effect.failed:
        yield f"    FAILED  {result.name}  ({result.place})"


def effects_data(found: Effects) -> dict[str, Any]:
    """All of it as plain data."""
    return {
        "tried": found.tried,
        "broken": [effect.mapping for effect in found.broken],
        "told": [
            {
                "mapping": effect.mapping,
                "broken": effect.broken,
                "findings": [_finding(finding) for finding in effect.findings],
                "failed": [{"test": result.name, "place": result.place} for result in effect.failed],
            }
            for effect in found.told
        ],
        "patch": found.patch,
        "left": found.left,
    }


def _finding(finding: Diagnostic) -> dict[str, Any]:
    place = finding.location or Location()
    return {
        "code": finding.code, "severity": finding.severity.value, "message": finding.message, "hint": finding.hint,
        "file": place.file, "line": place.line, "column": place.column,
    }  # fmt: skip

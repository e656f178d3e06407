"""One report for every way of validating: findings with source, record, slot and model element; no value."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from semantics.errors import Diagnostic, Location, Severity, escaped
from semantics.records import Record
from semantics.validation.findings import Violation

__all__ = ["Finding", "ValidationReport"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, and where: in the input, in the model and in the mapping.

    ``source`` is the file, ``record`` the 1-based number of the record in it, ``pointer`` the RFC 6901
    pointer inside the instance. ``element`` and ``rule`` are ``file:line`` in the schema and the mapping.
    ``path``, ``component``, ``shape`` and ``focus`` are IRIs; a blank focus node has none. ``value_kind``
    says what sort of value was found, never which.
    """

    code: str
    message: str
    severity: Severity = Severity.ERROR
    source: str | None = None
    record: int | None = None
    line: int | None = None
    pointer: str | None = None
    class_name: str | None = None
    slot: str | None = None
    path: str | None = None
    constraint: str | None = None
    component: str | None = None
    shape: str | None = None
    focus: str | None = None
    value_kind: str | None = None
    element: str | None = None
    rule: str | None = None
    hint: str | None = None

    @classmethod
    def of(cls, diagnostic: Diagnostic, *, record: Record | None = None, rule: str | None = None) -> Finding:
        """A diagnostic about an instance, with the record that it came from and the rule that made it."""
        place = diagnostic.location or Location()
        known = diagnostic if isinstance(diagnostic, Violation) else None
        element = known.element if known else None
        return cls(
            code=diagnostic.code,
            message=diagnostic.message,
            severity=diagnostic.severity,
            source=record.source if record else place.file,
            record=record.number if record else None,
            line=record.line if record else place.line,
            pointer=place.pointer,
            class_name=known.class_name if known else None,
            slot=known.slot if known else None,
            path=known.path if known else None,
            constraint=known.constraint if known else None,
            element=f"{Location(element.file, element.line)}" if element and element.file else None,
            rule=rule,
            hint=diagnostic.hint,
        )

    def __str__(self) -> str:
        place = self.source or "<input>"
        if self.line is not None:
            place += f":{self.line}"
        if self.record is not None:
            place += f" record {self.record}"
        if self.pointer:
            place += f" {self.pointer}"
        kind = "" if self.severity is Severity.ERROR else f"{self.severity}: "
        lines = [f"{place}  {self.code}  {kind}{self.message}"]
        named = ".".join(name for name in (self.class_name, self.slot) if name)
        model = f"{named} ({self.element})" if self.element else named
        about = [model, f"rule {self.rule}" if self.rule else "", f"focus {self.focus}" if self.focus else ""]
        if any(about):
            lines.append(f"    {', '.join(filter(None, about))}")
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(map(escaped, lines))


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationReport:
    """The outcome of a validation. ``conforms``: nothing of the severity error was found.

    ``checked`` counts the instances (for SHACL: the focus nodes that were reported, or what the caller says),
    ``invalid`` those with an error; ``counts`` holds findings by code, also those that are not listed, of
    which there are ``omitted``.
    """

    conforms: bool
    findings: tuple[Finding, ...] = ()
    checked: int = 0
    invalid: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    omitted: int = 0
    schema: str | None = None

    @classmethod
    def of(
        cls,
        findings: Iterable[Finding],
        *,
        checked: int = 0,
        invalid: int = 0,
        schema: str | None = None,
        limit: int | None = None,
    ) -> ValidationReport:
        """The report of these findings; all are counted, and the first ``limit`` of them listed."""
        listed: list[Finding] = []
        counts: Counter[str] = Counter()
        conforms = True
        for finding in findings:
            counts[finding.code] += 1
            conforms = conforms and finding.severity is not Severity.ERROR
            if limit is None or len(listed) < limit:
                listed.append(finding)
        return cls(
            conforms=conforms and not invalid,
            findings=tuple(listed),
            checked=checked,
            invalid=invalid,
            counts=dict(sorted(counts.items())),
            omitted=counts.total() - len(listed),
            schema=schema,
        )

    def __add__(self, other: ValidationReport) -> ValidationReport:
        """Both reports in one: the same instances, checked in two ways."""
        return replace(
            self,
            conforms=self.conforms and other.conforms,
            findings=self.findings + other.findings,
            checked=max(self.checked, other.checked),
            invalid=max(self.invalid, other.invalid),
            counts=dict(sorted((Counter(self.counts) + Counter(other.counts)).items())),
            omitted=self.omitted + other.omitted,
        )

    @property
    def summary(self) -> str:
        """The outcome in one line.

        >>> ValidationReport.of([], checked=3).summary
        'valid: 3 instances, no findings'
        """
        total = sum(self.counts.values())
        verdict = "valid" if self.conforms else "not valid"
        found = ", ".join(f"{code} {count}" for code, count in self.counts.items())
        checked = _plural(self.checked, "instance")
        if not total:
            return f"{verdict}: {checked}, no findings"
        return f"{verdict}: {checked}, {self.invalid} of them invalid, {_plural(total, 'finding')} ({found})"

    def to_text(self) -> str:
        """For people at a terminal: each finding with place, element and hint, then the summary."""
        lines = [str(finding) for finding in self.findings]
        if self.omitted:
            lines.append(f"... and {_plural(self.omitted, 'finding')} more")
        return "\n".join([*lines, escaped(self.summary)]) + "\n"

    def to_data(self) -> dict[str, Any]:
        """Plain data in a fixed order of keys; what a finding does not know is left out."""
        return {
            "conforms": self.conforms,
            **({"schema": self.schema} if self.schema else {}),
            "checked": self.checked,
            "invalid": self.invalid,
            "counts": dict(sorted(self.counts.items())),
            "omitted": self.omitted,
            "findings": [
                {name.name: value for name in fields(Finding) if (value := getattr(finding, name.name)) is not None}
                for finding in self.findings
            ],
        }

    def to_json(self) -> str:
        """The report as JSON, in ASCII; equal reports give equal text."""
        return json.dumps(self.to_data(), indent=2, allow_nan=False) + "\n"

    def to_turtle(self) -> str:
        """The report as a ``sh:ValidationReport`` (SHACL 1.0, section 3.6), in Turtle."""
        from semantics.validation.report_turtle import turtle

        return turtle(self)

    def to_html(self) -> str:
        """The report as a page by itself: no script, nothing loaded from elsewhere."""
        from semantics.validation.report_html import page

        return page(self)


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"

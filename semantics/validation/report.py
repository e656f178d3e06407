"""One report for every way of validating, and for the findings of a run: text, JSON, HTML, SARIF, JUnit XML, SHACL."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import PurePath
from typing import Any, Final

from semantics.errors import Diagnostic, Location, Severity, Violation, escaped
from semantics.records import Record
from semantics.validation.shown import shown_at

__all__ = ["FORMS", "Finding", "Listing", "ValidationReport", "form_of"]

FORMS: Final[dict[str, tuple[str, ...]]] = {
    "text": (".txt", ".log"),
    "json": (".json",),
    "html": (".html", ".htm"),
    "sarif": (".sarif", ".sarif.json"),
    "junit": (".xml",),
    "turtle": (".ttl",),
}
"""The forms of a report, each with the ends of names by which it is told."""


def form_of(name: str) -> str | None:
    """The form that the name of a file tells.

    >>> form_of("out/findings.sarif.json"), form_of("out/findings.json"), form_of("out/findings")
    ('sarif', 'json', None)
    """
    suffixes = PurePath(name.lower().removesuffix(".gz").removesuffix(".zst")).suffixes
    for wanted in ("".join(suffixes[-2:]), "".join(suffixes[-1:])):
        for form, known in FORMS.items():
            if wanted in known:
                return form
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, and where: in the input, in the model and in the mapping.

    ``source`` is the file, ``record`` the 1-based number of the record in it, ``pointer`` the RFC 6901
    pointer into the document that holds the record, or into the record where that is a line. ``class_name`` and
    ``slot`` are of the model (for a run: of the target); ``element`` and ``rule`` are ``file:line`` in the schema and
    the mapping. ``path``, ``component``, ``shape`` and ``focus`` are IRIs; a blank focus node has none.
    ``value_kind`` says what sort of value was found, never which; ``value`` is the value found, shortened and
    escaped, and is there only where the operator asked to be shown values.
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
    value: str | None = None
    element: str | None = None
    rule: str | None = None
    hint: str | None = None

    @classmethod
    def of(
        cls, diagnostic: Diagnostic, *, record: Record | None = None, rule: str | None = None, show_value: bool = False
    ) -> Finding:  # fmt: skip
        """A diagnostic with the record that it came from, the rule that made it and, where asked, the value."""
        place = diagnostic.location or Location()
        known = diagnostic if isinstance(diagnostic, Violation) else _NOTHING
        element = known.element
        shown = record is not None and show_value
        return cls(
            code=diagnostic.code,
            message=diagnostic.message,
            severity=diagnostic.severity,
            source=record.source if record else place.file,
            record=record.number if record else None,
            line=record.line if record else place.line,
            pointer=place.pointer,
            class_name=known.class_name,
            slot=known.slot,
            path=known.path,
            constraint=known.constraint,
            component=known.component,
            shape=known.shape,
            # The IRI of a node holds its identifier, a value; the number of the record says which one it is.
            focus=known.focus if record is None or shown else None,
            value=shown_at(record, place.pointer) if record is not None and shown else None,
            element=str(Location(element.file, element.line)) if element and element.file else None,
            rule=rule or diagnostic.rule,
            hint=diagnostic.hint,
        )

    @property
    def violation(self) -> Violation:
        """The finding as a diagnostic, without the record that it is about."""
        return Violation(
            self.code, self.message, hint=self.hint, severity=self.severity, rule=self.rule,
            class_name=self.class_name, slot=self.slot, path=self.path, constraint=self.constraint,
            component=self.component, shape=self.shape, focus=self.focus,
        )  # fmt: skip

    @property
    def subject(self) -> str:
        """The class and slot: ``Account.currency``; empty where they are not known."""
        return ".".join(name for name in (self.class_name, self.slot) if name)

    def to_data(self) -> dict[str, Any]:
        """Plain data in a fixed order of keys; what the finding does not know is left out."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return {_KEYS.get(name, name): value for name, value in named.items() if value is not None}

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
        model = f"{self.subject} ({self.element})" if self.element else self.subject
        known = {"constraint": self.constraint, "rule": self.rule, "focus": self.focus}
        about = [model, *(f"{name} {value}" for name, value in known.items() if value)]
        if any(about):
            lines.append(f"    {', '.join(filter(None, about))}")
        if self.value is not None:
            lines.append(f"    found {self.value}")
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(map(escaped, lines))


_NOTHING: Final = Violation("", "")
_KEYS: Final = {"class_name": "class"}
"""The fields of a finding that are called otherwise in data."""


@dataclass(slots=True)
class Listing:
    """Findings as they come: all are counted, and the first ``limit`` of them listed, so that memory is bounded."""

    limit: int | None = None
    listed: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    invalid: int = 0
    conforms: bool = True

    def add(self, finding: Finding) -> None:
        """Count a finding, and list it as long as there is room."""
        self.counts[finding.code] += 1
        self.conforms = self.conforms and finding.severity is not Severity.ERROR
        if not self.full:
            self.listed.append(finding)

    def note(self, findings: Iterable[Finding], total: int) -> None:
        """List findings of one code that stand for ``total`` of them."""
        code = None
        for finding in findings:
            self.add(finding)
            code, total = finding.code, total - 1
        if code is not None and total > 0:
            self.counts[code] += total

    @property
    def full(self) -> bool:
        """Whether further findings are counted only."""
        return self.limit is not None and len(self.listed) >= self.limit

    def record(self, record: Record, diagnostics: Iterable[Diagnostic] = (), *, show_values: bool = False) -> None:
        """Count a record that was checked, with what was found in it."""
        self.sources[record.source] += 1
        wrong = False
        for diagnostic in diagnostics:
            wrong = wrong or diagnostic.severity is Severity.ERROR
            self.add(Finding.of(diagnostic, record=record, show_value=show_values and not self.full))
        self.invalid += wrong

    def report(self, *, schema: str | None = None, mapping: str | None = None) -> ValidationReport:
        """The report of what was added so far."""
        return ValidationReport(
            conforms=self.conforms and not self.invalid,
            findings=tuple(self.listed),
            checked=self.sources.total(),
            invalid=self.invalid,
            counts=dict(sorted(self.counts.items())),
            omitted=self.counts.total() - len(self.listed),
            sources=dict(self.sources),
            schema=schema,
            mapping=mapping,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationReport:
    """The outcome of a validation. ``conforms``: nothing of the severity error was found.

    ``checked`` counts the instances (for a run of ``mapping`` the records; for SHACL the focus nodes that were
    reported, or what the caller says), ``invalid`` those with an error, ``sources`` how many were checked of each
    source; ``counts`` holds findings by code, also those that are not listed, of which there are ``omitted``;
    ``shapes`` says which engine checked with which shapes.
    """

    conforms: bool
    findings: tuple[Finding, ...] = ()
    checked: int = 0
    invalid: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    omitted: int = 0
    sources: Mapping[str, int] = field(default_factory=dict)
    schema: str | None = None
    mapping: str | None = None
    shapes: Mapping[str, str] = field(default_factory=dict)

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
        listing = Listing(limit)
        for finding in findings:
            listing.add(finding)
        listing.invalid = invalid
        return replace(listing.report(schema=schema), checked=checked)

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
            sources={**other.sources, **self.sources},
            shapes={**self.shapes, **other.shapes},
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
        checked = _plural(self.checked, "record" if self.mapping else "instance")
        if not total:
            return f"{verdict}: {checked}, no findings"
        return f"{verdict}: {checked}, {self.invalid} of them invalid, {_plural(total, 'finding')} ({found})"

    @property
    def title(self) -> str:
        """What the report is about, as a heading."""
        if self.mapping:
            return f"Findings: {self.mapping}"
        return f"Validation report{f': {self.schema}' if self.schema else ''}"

    def to(self, form: str) -> str:
        """The report in one of :data:`FORMS`; every form but plain text escapes what it has to."""
        forms: dict[str, Callable[[], str]] = {
            "text": self.to_text, "json": self.to_json, "html": self.to_html, "sarif": self.to_sarif,
            "junit": self.to_junit, "turtle": self.to_turtle,
        }  # fmt: skip
        return forms[form]()

    def to_text(self) -> str:
        """For people at a terminal: each finding with place, element and hint, then the summary."""
        lines = [str(finding) for finding in self.findings]
        if self.omitted:
            lines.append(f"... and {_plural(self.omitted, 'finding')} more")
        if self.shapes:
            lines.append(f"shapes: {'; '.join(f'{escaped(name)}: {engine}' for name, engine in self.shapes.items())}")
        return "\n".join([*lines, escaped(self.summary)]) + "\n"

    def to_data(self) -> dict[str, Any]:
        """Plain data in a fixed order of keys; what a finding does not know is left out."""
        return {
            "conforms": self.conforms,
            **({"schema": self.schema} if self.schema else {}),
            **({"mapping": self.mapping} if self.mapping else {}),
            "checked": self.checked,
            "invalid": self.invalid,
            "sources": dict(self.sources),
            **({"shapes": dict(self.shapes)} if self.shapes else {}),
            "counts": dict(sorted(self.counts.items())),
            "omitted": self.omitted,
            "findings": [finding.to_data() for finding in self.findings],
        }

    def to_json(self) -> str:
        """The report as JSON, in ASCII; equal reports give equal text."""
        return json.dumps(self.to_data(), indent=2, allow_nan=False) + "\n"

    def to_sarif(self) -> str:
        """The report as a SARIF 2.1.0 log, for code-scanning tools."""
        from semantics.validation.report_sarif import log

        return log(self)

    def to_junit(self) -> str:
        """The report as JUnit XML, for build servers: a suite a source."""
        from semantics.validation.report_junit import document

        return document(self)

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

"""A validation report as one HTML page: what is wrong by code, and each kind of finding with its places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from semantics.codes import CODES
from semantics.errors import Severity
from semantics.reporting.html import page as document
from semantics.reporting.html import text
from semantics.validation.report import Finding, ValidationReport

__all__ = ["page"]

_STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --bad: #b3261e; --good: #1b7f3b; --warn: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --good: #7bd88f; --warn: #ffcc66; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
td code { white-space: nowrap; }
code, .place { font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere; }
.error { color: var(--bad); } .good { color: var(--good); } .warning, .note { color: var(--warn); }
.numbers { display: flex; flex-wrap: wrap; gap: .75rem; padding: 0; list-style: none; }
.numbers li { border: 1px solid var(--line); border-radius: .5rem; padding: .4rem .9rem; }
.numbers b { display: block; font-size: 1.3rem; line-height: 1.3; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td, p, dd { overflow-wrap: anywhere; }
.number { text-align: right; white-space: nowrap; }
details { border: 1px solid var(--line); border-radius: .5rem; background: var(--soft); margin: .75rem 0;
  padding: .6rem .9rem; }
summary { cursor: pointer; overflow-wrap: anywhere; }
summary .count { float: right; opacity: .75; margin-left: .75rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .9rem; margin: .6rem 0; }
dt { opacity: .75; } dd { margin: 0; }
.more { opacity: .75; }
@media (max-width: 40rem) {
  thead { position: absolute; left: -100vw; }
  .places tr { display: block; border-bottom: 1px solid var(--line); padding: .3rem 0; }
  .places td { display: inline; border: 0; padding: 0 .5rem 0 0; text-align: left; }
  .places td[data-name]:not(:empty)::before { content: attr(data-name) " "; opacity: .7; }
  dl { grid-template-columns: 1fr; } dd { margin-bottom: .3rem; }
}
"""
_COLUMNS: Final = ("Source", "Record", "Pointer", "Value", "Message")


def page(report: ValidationReport) -> str:
    """The whole page. Every text is escaped; a content security policy forbids all but the style."""
    return document(report.title, _STYLE, _body(report))


def _body(report: ValidationReport) -> Iterator[str]:
    verdict, word = ("good", "Valid") if report.conforms else ("error", "Not valid")
    about = f" against {text(report.schema)}" if report.schema else ""
    yield f'<p><strong class="{verdict}">{word}</strong>{about}</p>'
    total = sum(report.counts.values())
    checked = "records checked" if report.mapping else "instances checked"
    numbers = ((report.checked, checked), (report.invalid, "with errors"), (total, "findings"))
    told = "".join(f"<li><b>{count}</b>{what}</li>" for count, what in numbers)
    yield f'<ul class="numbers">{told}</ul>'
    yield from _codes(report)
    yield from _sources(report)
    yield from _shapes(report)
    yield from _groups(report)


def _codes(report: ValidationReport) -> Iterator[str]:
    if not report.counts:
        return
    yield "<h2>By code</h2>"
    yield '<table><thead><tr><th scope="col">Code</th><th scope="col">Meaning</th>'
    yield '<th scope="col" class="number">Findings</th></tr></thead><tbody>'
    for code, count in report.counts.items():
        meaning = text(CODES.get(code, ""))
        yield f'<tr><td><code>{text(code)}</code></td><td>{meaning}</td><td class="number">{count}</td></tr>'
    yield "</tbody></table>"


def _sources(report: ValidationReport) -> Iterator[str]:
    if not report.sources:
        return
    yield "<h2>By source</h2>"
    yield '<table><thead><tr><th scope="col">Source</th><th scope="col" class="number">Checked</th></tr></thead><tbody>'
    for source, count in report.sources.items():
        yield f'<tr><td class="place">{text(source)}</td><td class="number">{count}</td></tr>'
    yield "</tbody></table>"


def _shapes(report: ValidationReport) -> Iterator[str]:
    """Which engine checked with which shapes."""
    if not report.shapes:
        return
    yield "<h2>Shapes</h2>"
    yield '<table><thead><tr><th scope="col">Shapes</th><th scope="col">Checked by</th></tr></thead><tbody>'
    for name, engine in report.shapes.items():
        yield f'<tr><td class="place">{text(name)}</td><td>{text(engine)}</td></tr>'
    yield "</tbody></table>"


def _groups(report: ValidationReport) -> Iterator[str]:
    """Findings of one constraint, by one rule, together: what differs between them is where they are."""
    if not report.findings:
        return
    groups: dict[tuple[str | None, ...], list[Finding]] = {}
    for finding in report.findings:
        groups.setdefault(_alike(finding), []).append(finding)
    yield "<h2>Findings</h2>"
    if report.omitted:
        yield f'<p class="more">{report.omitted} more are counted above and not listed.</p>'
    for findings in sorted(groups.values(), key=lambda found: (_WEIGHT[found[0].severity], -len(found))):
        yield from _group(findings)


_WEIGHT: Final = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def _alike(finding: Finding) -> tuple[str | None, ...]:
    about = (finding.class_name, finding.slot, finding.path, finding.constraint, finding.element, finding.rule)
    return (finding.code, finding.severity, *about, finding.hint)


def _group(findings: list[Finding]) -> Iterator[str]:
    first = findings[0]
    said = {_said(finding) for finding in findings}
    head = _said(first) if len(said) == 1 else CODES.get(first.code, first.message)
    yield "<details open>" if len(findings) <= 100 else "<details>"
    about = f" <strong>{text(first.subject)}</strong>" if first.subject else ""
    yield (
        f'<summary><span class="count">{len(findings)}</span><code class="{first.severity}">{text(first.code)}</code>'
        f"{about} {text(head)}</summary>"
    )
    known = {
        "Severity": None if first.severity is Severity.ERROR else str(first.severity),
        "Constraint": first.constraint,
        "Model": first.element,
        "Mapping rule": first.rule,
        "Property": first.path,
        "Shape": first.shape,
        "Hint": first.hint,
    }
    rows = "".join(f"<dt>{name}</dt><dd>{text(value)}</dd>" for name, value in known.items() if value)
    yield f"<dl>{rows}</dl>" if rows else ""
    yield from _places(findings, messages=len(said) > 1)
    yield "</details>"


def _said(finding: Finding) -> str:
    """The message without its subject, which the group has as its heading."""
    subject, colon, said = finding.message.partition(": ")
    named = finding.class_name and finding.class_name in subject and (finding.slot or "") in subject
    return said if colon and named else finding.message


def _places(findings: Iterable[Finding], *, messages: bool) -> Iterator[str]:
    rows = [_cells(finding, messages=messages) for finding in findings]
    shown = [column for column in _COLUMNS if any(row.get(column) for row in rows)]
    head = "".join(f'<th scope="col">{column}</th>' for column in shown)
    yield f'<table class="places"><thead><tr>{head}</tr></thead><tbody>'
    for row in rows:
        cells = (f'<td class="place" data-name="{column}">{text(row.get(column) or "")}</td>' for column in shown)
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</tbody></table>"


def _cells(finding: Finding, *, messages: bool) -> dict[str, str | None]:
    line = "" if finding.line is None else f":{finding.line}"
    return {
        "Source": f"{finding.source}{line}" if finding.source else None,
        "Record": None if finding.record is None else str(finding.record),
        "Pointer": finding.pointer or finding.focus,
        "Value": finding.value,
        "Message": _said(finding) if messages else None,
    }

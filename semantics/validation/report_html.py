"""A validation report as one HTML page: no script, nothing loaded, readable on a phone and in the dark."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from html import escape
from typing import Final

from semantics.errors import escaped
from semantics.validation.findings import CODES
from semantics.validation.report import Finding, ValidationReport

__all__ = ["page"]

_STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --bad: #b3261e; --good: #1b7f3b; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --good: #7bd88f; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; }
.bad { color: var(--bad); } .good { color: var(--good); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .5rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; }
ol { list-style: none; padding: 0; }
li { border: 1px solid var(--line); border-radius: .5rem; background: var(--soft); padding: .6rem .8rem;
  margin: .6rem 0; }
li p { margin: 0; } dl { display: grid; grid-template-columns: 6rem 1fr; margin: .4rem 0 0; gap: 0 .5rem; }
dt { opacity: .7; } dd { margin: 0; }
code, dd, p { overflow-wrap: anywhere; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .3rem; } }
"""


def page(report: ValidationReport) -> str:
    """The whole page. Every text is escaped; a content security policy forbids all but the style."""
    digest = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    title = f"Validation report{f': {report.schema}' if report.schema else ''}"
    verdict = "good" if report.conforms else "bad"
    parts = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        f"style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'\">",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{text(title)}</title>",
        f"<style>{_STYLE}</style>",
        "</head>",
        "<body>",
        "<main>",
        f"<h1>{text(title)}</h1>",
        f'<p class="{verdict}"><strong>{text(report.summary)}</strong></p>',
        *_table(report),
        *_list(report),
        "</main>",
        "</body>",
        "</html>",
    ]
    return "\n".join(parts) + "\n"


def _table(report: ValidationReport) -> Iterator[str]:
    if not report.counts:
        return
    yield "<h2>Findings by code</h2>"
    yield '<table><thead><tr><th scope="col">Code</th><th scope="col">Meaning</th>'
    yield '<th scope="col" class="number">Count</th></tr></thead><tbody>'
    for code, count in report.counts.items():
        meaning = text(CODES.get(code, ""))
        yield f'<tr><td><code>{text(code)}</code></td><td>{meaning}</td><td class="number">{count}</td></tr>'
    yield "</tbody></table>"


def _list(report: ValidationReport) -> Iterator[str]:
    if not report.findings:
        return
    yield "<h2>Findings</h2>"
    yield "<ol>"
    for finding in report.findings:
        yield _item(finding)
    yield "</ol>"
    if report.omitted:
        yield f"<p>{report.omitted} more are counted above and not listed.</p>"


def _item(finding: Finding) -> str:
    rows = {
        "Source": finding.source,
        "Record": None if finding.record is None else str(finding.record),
        "Line": None if finding.line is None else str(finding.line),
        "Pointer": finding.pointer or None,
        "Class": finding.class_name,
        "Slot": finding.slot,
        "Constraint": finding.constraint,
        "Model": finding.element,
        "Rule": finding.rule,
        "Focus node": finding.focus,
        "Hint": finding.hint,
    }
    listed = "".join(f"<dt>{name}</dt><dd>{text(value)}</dd>" for name, value in rows.items() if value)
    head = f"<code>{text(finding.code)}</code> {text(str(finding.severity))}: {text(finding.message)}"
    return f"<li><p>{head}</p><dl>{listed}</dl></li>"


def text(value: str) -> str:
    """Text for any place in the page.

    >>> text('<b a="1">')
    '&lt;b a=&quot;1&quot;&gt;'
    """
    shown = "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in escaped(value))
    return escape(shown, quote=True)

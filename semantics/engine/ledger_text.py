"""A report of a run as tables on a terminal: every path, slot, code and reason with its numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from semantics.analysis.output import table
from semantics.engine.report import RunReport
from semantics.errors import escaped

__all__ = ["ledger_text"]

NAMED: Final = 4
"""Paths that are named for one slot; the page and the report have all of them."""


def ledger_text(report: RunReport) -> str:
    """The whole ledger: what was read, carried and dropped (and why), what was written, and what was left out."""
    return "\n".join([report.to_text(), *_sections(report)])


def _sections(report: RunReport) -> Iterator[str]:
    if report.source_slots:
        yield "\nsource\n"
        rows = [
            (path, counts["present"], counts["read"], counts["carried"], counts["dropped"], _why(report, path))
            for path, counts in report.source_slots.items()
        ]
        yield _table(("path", "present", "read", "carried", "dropped", ""), rows)
    if report.target_slots:
        yield "\ntarget\n"
        slots = [
            (slot, counts["written"], counts["null"], counts["defaulted"], _sources(report, slot))
            for slot, counts in report.target_slots.items()
        ]
        yield _table(("slot", "written", "null", "defaulted", "from"), slots)
    if report.unmapped:
        yield "\nunmapped codes\n"
        codes = [(slot, code, count) for slot, found in report.unmapped.items() for code, count in _most(found)]
        yield _table(("slot", "code", "count"), codes)
    for title, reasons in (("rejected", report.reasons or report.rejects), ("filtered", report.filtered)):
        if reasons:
            yield f"\n{title}\n"
            yield _table(("reason", "records"), _most(reasons))


def _why(report: RunReport, path: str) -> str:
    return ", ".join(f"{why} {count}" for why, count in report.dropped.get(path, {}).items())


def _sources(report: RunReport, slot: str) -> str:
    paths = dict.fromkeys(path for found in report.flows.get(slot, {}).values() for path in found)
    more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
    return ", ".join(list(paths)[:NAMED]) + more


def _most(counts: dict[str, int]) -> list[tuple[str, int]]:
    """The largest first."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table whose numbers stand under one another; names come from data, so they are escaped."""
    cells = [head, *rows]
    widths = [max((len(str(row[at])) for row in cells), default=0) for at in range(len(head))]
    numeric = [any(isinstance(row[at], int) for row in cells[1:]) for at in range(len(head))]
    told = [
        [str(cell).rjust(width) if number else escaped(str(cell))
         for cell, width, number in zip(row, widths, numeric, strict=True)]
        for row in cells
    ]  # fmt: skip
    return table(told[0], told[1:])

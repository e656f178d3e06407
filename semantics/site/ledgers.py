"""The ledgers of the last runs, from their reports. Of values they say nothing: not even codes that no table has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from semantics.engine.ledger_page import names
from semantics.engine.report import RunReport
from semantics.errors import SemanticsError
from semantics.site.names import Ref

__all__ = ["FOLDER", "Ledger", "last_runs", "reports_of"]

FOLDER: Final = "reports"
"""Where reports of a workspace are looked for."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The report of the last run of a mapping; ``unmapped`` are how many codes of a slot no table has."""

    name: str
    mappings: tuple[str, ...]
    report: RunReport
    unmapped: tuple[tuple[str, int, int], ...]

    @property
    def ref(self) -> Ref:
        """What its page is known by."""
        return Ref("ledger", self.name)


def reports_of(root: Path) -> tuple[Path, ...]:
    """The reports that lie in a workspace, the oldest first."""
    found = [path for path in (root / FOLDER).glob("**/*.json") if path.is_file()]
    return tuple(sorted(found, key=lambda path: (path.stat().st_mtime_ns, str(path))))


def last_runs(given: Sequence[Path], found: Sequence[Path] = ()) -> tuple[Ledger, ...]:
    """The last report of each mapping: of those that were given, else of those that were found.

    What was found and is no report is passed over; one that was given must be one (:class:`SourceError`).
    """
    last = {ledger.name: ledger for ledger in (*_found(found), *map(_ledger, map(RunReport.load, given)))}
    return tuple(last[name] for name in sorted(last))


def _found(paths: Sequence[Path]) -> Iterator[Ledger]:
    for path in paths:
        try:
            yield _ledger(RunReport.load(path))
        except SemanticsError:
            continue


def _ledger(report: RunReport) -> Ledger:
    runs = report.run.get("runs", [report.run])
    mappings = tuple(dict.fromkeys(str(run.get("mapping", "")) for run in runs))
    counts = tuple((slot, len(codes), sum(codes.values())) for slot, codes in sorted(report.unmapped.items()))
    return Ledger(names(report), mappings, replace(report, unmapped={}), counts)

"""The report of a run: its accounts as data, as JSON and as the lines that end a run on the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from semantics.errors import Diagnostic, Location, Severity, SourceError

if TYPE_CHECKING:
    from semantics.engine.accounts import SourceAccount, TargetAccount
    from semantics.engine.gates import Broken

__all__ = ["KEPT", "RunReport", "slots_of"]

Counts = dict[str, int]

KEPT: Final = ("unread", "asked")
"""Why values of records that were mapped were not carried: the loss that no rejection tells of."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did. ``records["read"]`` is always mapped + rejected + filtered.

    ``run`` holds versions, digests and seconds. ``records``: {read, mapped, rejected, filtered, emitted}.
    ``source_slots``: path -> {present, read, carried, dropped}; present = carried + dropped.
    ``dropped``: path -> {unread, asked, rejected, filtered}, why, where that is not nothing; it adds up to the former.
    ``target_slots``: Class.slot -> {written, null, defaulted}.
    ``flows``: Class.slot -> {rule ``file:line``: [source paths]}, what fills it.
    ``unmapped``: slot -> {code: count}. ``rejects``: code -> count; ``reasons``: the same by code and rule;
    ``filtered``: reason -> count.
    ``rejects_file`` is where rejected records went; ``notes`` are inputs that were passed over, ``skipped`` files of a
    folder that are of no known format; ``partners`` how many records of each class could be looked up by joins;
    ``groups`` how many groups were mapped, rejected and filtered; ``shapes`` which engine checked with which shapes,
    ``warnings`` how many of their findings rejected nothing;
    ``findings`` are about the run as a whole; ``references``: Class.slot -> {used, unsatisfied}.
    ``contradictions``: Class.slot -> how many instances have another value there than the first of their identifier, in
    tables that have room for one.
    """

    run: dict[str, Any]
    records: Counts
    source_slots: dict[str, Counts]
    target_slots: dict[str, Counts]
    unmapped: dict[str, Counts]
    rejects: Counts
    rejects_file: str | None = None
    notes: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    filtered: Counts = field(default_factory=dict)
    reasons: Counts = field(default_factory=dict)
    dropped: dict[str, Counts] = field(default_factory=dict)
    flows: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    partners: Counts = field(default_factory=dict)
    groups: Counts = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)
    warnings: Counts = field(default_factory=dict)
    findings: tuple[Diagnostic, ...] = ()
    references: dict[str, dict[str, int]] = field(default_factory=dict)
    contradictions: Counts = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0: all records mapped or filtered; 1: some rejected or passed over; 70: a fault of this program."""
        if "INT001" in self.rejects:
            return 70
        wrong = any(found.severity is Severity.ERROR for found in self.findings)
        return 1 if self.records["rejected"] or self.groups.get("rejected") or self.notes or wrong else 0

    @property
    def not_carried(self) -> Counts:
        """What was dropped from records that were mapped, by path: the loss that no rejection tells of."""
        lost = {path: sum(why.get(name, 0) for name in KEPT) for path, why in self.dropped.items()}
        return {path: count for path, count in lost.items() if count}

    def to_json(self) -> bytes:
        """The report as JSON, keys in a fixed order, one line a leaf."""
        data = {
            "run": self.run,
            "records": self.records,
            "source_slots": self.source_slots,
            "target_slots": self.target_slots,
            "unmapped": self.unmapped,
            "rejects": self.rejects,
            "reasons": self.reasons,
            "filtered": self.filtered,
            "dropped": self.dropped,
            "not_carried": self.not_carried,
            "flows": self.flows,
            "rejects_file": self.rejects_file,
            "notes": self.notes,
            "skipped": self.skipped,
            **({"partners": self.partners} if self.partners else {}),
            **({"groups": self.groups} if self.groups else {}),
            **({"shapes": self.shapes} if self.shapes else {}),
            **({"warnings": self.warnings} if self.warnings else {}),
            **({"references": self.references} if self.references else {}),
            **({"contradictions": self.contradictions} if self.contradictions else {}),
            **({"findings": list(self.findings)} if self.findings else {}),
        }
        return msgspec.json.format(msgspec.json.encode(data), indent=2) + b"\n"

    @classmethod
    def from_json(cls, data: bytes | str) -> RunReport:
        """A report from what :meth:`to_json` wrote. Raises ``ValueError`` for anything else.

        >>> report = RunReport({}, {"read": 0, "mapped": 0, "rejected": 0, "filtered": 0, "emitted": 0}, {}, {}, {}, {})
        >>> RunReport.from_json(report.to_json()) == report
        True
        """
        try:
            return msgspec.json.decode(data, type=cls)
        except msgspec.DecodeError as fault:
            raise ValueError(f"this is no report of a run: {fault}") from None

    @classmethod
    def load(cls, path: str | Path) -> RunReport:
        """The report that ``--report`` wrote to a file. Raises :class:`~semantics.errors.SourceError`."""
        try:
            return cls.from_json(Path(path).read_bytes())
        except OSError as fault:
            reason = f"the report cannot be read: {fault.strerror or 'not a file'}"
            raise SourceError(Diagnostic("RUN065", reason, Location(str(path)))) from None
        except ValueError as fault:
            raise SourceError(
                Diagnostic("RUN065", str(fault), Location(str(path)), hint="semantics convert --report writes one")
            ) from None

    def __add__(self, other: RunReport) -> RunReport:
        """Two runs as one: counts add up, and what is said of a run is said of both."""
        return _together(self, other)

    def require(self, conditions: str) -> tuple[Broken, ...]:
        """The conditions that do not hold (``"unmapped=0,dropped<=0.1%"``); see :mod:`semantics.engine.gates`.

        Raises :class:`~semantics.errors.UsageError` for a condition that cannot be read.
        """
        from semantics.engine.gates import read_conditions

        return read_conditions(conditions).broken(self)

    def to_text(self) -> str:
        """A few lines: the counts, what was dropped most, and where rejected records are."""
        counts = self.records
        text = (
            f"{counts['read']} read = {counts['mapped']} mapped + {counts['rejected']} rejected + "
            f"{counts['filtered']} filtered; {counts['emitted']} instance{'' if counts['emitted'] == 1 else 's'}"
        )
        lines = [text]
        if rows := self.run.get("rows"):
            alone = f", {rows['by_records']} one by one" if rows["by_records"] else ""
            lines.append(f"by columns: {rows['by_columns']} rows{alone}")
        if self.partners:
            lines.append(f"partners of joins: {', '.join(f'{cls} {n}' for cls, n in self.partners.items())}")
        if self.groups:
            lines.append(f"groups: {', '.join(f'{n} {fate}' for fate, n in self.groups.items())}")
        if self.shapes:
            lines.append(f"shapes: {'; '.join(f'{name}: {engine}' for name, engine in self.shapes.items())}")
        if self.warnings:
            lines.append(f"warnings of shapes: {', '.join(f'{name} {n}' for name, n in self.warnings.items())}")
        dropped = sorted(self.not_carried.items(), key=lambda item: (-item[1], item[0]))
        if dropped:
            shown = ", ".join(f"{path} ({n})" for path, n in dropped[:5])
            more = f" and {len(dropped) - 5} more" if len(dropped) > 5 else ""
            lines.append(f"not carried: {shown}{more}")
        if self.unmapped:
            total = sum(sum(codes.values()) for codes in self.unmapped.values())
            lines.append(f"unmapped codes: {total} in {', '.join(self.unmapped)}")
        missing = [f"{slot} ({n['unsatisfied']})" for slot, n in self.references.items() if n["unsatisfied"]]
        if missing:
            more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
            lines.append(f"references to nothing in this run: {', '.join(missing[:5])}{more}")
        if self.contradictions:
            told = ", ".join(f"{slot} ({n})" for slot, n in self.contradictions.items())
            lines.append(f"contradicted by later records, which the tables leave out: {told}")
        if self.rejects:
            codes = ", ".join(f"{code} {n}" for code, n in self.rejects.items())
            where = f", in {self.rejects_file}" if self.rejects_file else ""
            lines.append(f"rejected: {codes}{where}")
        lines += self.notes
        lines += (str(found) for found in self.findings if found.code not in _IN_SHORT)
        if self.skipped:
            lines.append(f"skipped, not of a known format or class: {', '.join(self.skipped)}")
        return "\n".join(lines)


def slots_of(source: SourceAccount, target: TargetAccount) -> dict[str, Any]:
    """The parts of a report that are about paths and slots."""
    return {
        "source_slots": {
            path: {
                "present": count,
                "read": source.read[path],
                "carried": source.carried[path],
                "dropped": count - source.carried[path],
            }
            for path, count in sorted(source.present.items())
        },
        "dropped": {path: dict(sorted(why.items())) for path, why in sorted(source.lost.items())},
        "target_slots": {
            name: {"written": written, "null": null, "defaulted": defaulted}
            for name, written, null, defaulted in target.rows()
        },
        "flows": {
            slot: {rule: tuple(paths) for rule, paths in rules.items()} for slot, rules in sorted(source.flows.items())
        },
    }


_IN_SHORT: Final = frozenset({"VAL051", "SNK046"})
"""Findings of which the text has a line of its own."""
_COUNTED: Final = ("records", "rejects", "reasons", "filtered", "partners", "groups", "warnings", "contradictions")


def _together(first: RunReport, second: RunReport) -> RunReport:
    def counts(name: str) -> Counts:
        one: Counter[str] = Counter(getattr(first, name))
        one.update(getattr(second, name))
        return dict(sorted(one.items())) if name != "records" else dict(one)

    def tables(name: str) -> dict[str, Counts]:
        one, two = getattr(first, name), getattr(second, name)
        return {key: _sum(one.get(key, {}), two.get(key, {})) for key in sorted({*one, *two})}

    flows = {
        slot: {
            rule: _all(first.flows.get(slot, {}).get(rule, ()), second.flows.get(slot, {}).get(rule, ()))
            for rule in _all(first.flows.get(slot, {}), second.flows.get(slot, {}))
        }
        for slot in sorted({*first.flows, *second.flows})
    }
    added: dict[str, Any] = {name: counts(name) for name in _COUNTED}
    added |= {name: tables(name) for name in ("source_slots", "target_slots", "unmapped", "dropped", "references")}
    return RunReport(
        run={"runs": [*first.run.get("runs", [first.run]), *second.run.get("runs", [second.run])]},
        flows=flows,
        rejects_file=first.rejects_file if first.rejects_file == second.rejects_file else None,
        notes=_all(first.notes, second.notes),
        skipped=_all(first.skipped, second.skipped),
        shapes={**first.shapes, **second.shapes},
        **added,
    )


def _sum(one: Counts, two: Counts) -> Counts:
    return {key: one.get(key, 0) + two.get(key, 0) for key in _all(one, two)}


def _all(one: Iterable[str], two: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *two)))

"""The report of a run: its accounts as data, as JSON and as the lines that end a run on the terminal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

__all__ = ["RunReport"]


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did. ``records["read"]`` is always mapped + rejected + filtered.

    ``run`` holds versions, digests and seconds; the counts are as the reference page of the ledger says.
    ``rejects_file`` is where rejected records went; ``notes`` are inputs that were passed over,
    ``skipped`` files of a folder that are of no known format;
    ``not_carried`` what was dropped from records that were mapped, by path; ``partners`` how many records
    of each class could be looked up by joins; ``groups`` how many groups were mapped, rejected and filtered;
    ``shapes`` which engine checked with which shapes, ``warnings`` how many of their findings rejected nothing.
    """

    run: dict[str, Any]
    records: dict[str, int]
    source_slots: dict[str, dict[str, int]]
    target_slots: dict[str, dict[str, int]]
    unmapped: dict[str, dict[str, int]]
    rejects: dict[str, int]
    rejects_file: str | None = None
    notes: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    not_carried: dict[str, int] = field(default_factory=dict)
    partners: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, int] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0: all records mapped or filtered; 1: some rejected or passed over; 70: a fault of this program."""
        if "INT001" in self.rejects:
            return 70
        return 1 if self.records["rejected"] or self.groups.get("rejected") or self.notes else 0

    def to_json(self) -> bytes:
        """The report as JSON, keys in a fixed order, one line a leaf."""
        data = {
            "run": self.run,
            "records": self.records,
            "source_slots": self.source_slots,
            "target_slots": self.target_slots,
            "unmapped": self.unmapped,
            "rejects": self.rejects,
            "rejects_file": self.rejects_file,
            "notes": list(self.notes),
            "skipped": list(self.skipped),
            **({"partners": self.partners} if self.partners else {}),
            **({"groups": self.groups} if self.groups else {}),
            **({"shapes": self.shapes} if self.shapes else {}),
            **({"warnings": self.warnings} if self.warnings else {}),
        }
        return msgspec.json.format(msgspec.json.encode(data), indent=2) + b"\n"

    def to_text(self) -> str:
        """A few lines: the counts, what was dropped most, and where rejected records are."""
        counts = self.records
        text = (
            f"{counts['read']} read = {counts['mapped']} mapped + {counts['rejected']} rejected + "
            f"{counts['filtered']} filtered; {counts['emitted']} instance{'' if counts['emitted'] == 1 else 's'}"
        )
        lines = [text]
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
        if self.rejects:
            codes = ", ".join(f"{code} {n}" for code, n in self.rejects.items())
            where = f", in {self.rejects_file}" if self.rejects_file else ""
            lines.append(f"rejected: {codes}{where}")
        lines += self.notes
        if self.skipped:
            lines.append(f"skipped, not of a known format or class: {', '.join(self.skipped)}")
        return "\n".join(lines)

"""Coverage as tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from semantics.analysis.coverage import Coverage
from semantics.analysis.output import table

__all__ = ["ROWS", "coverage_text"]

_NAMES = 8
ROWS = 500
"""How many rows a table has at most: objects that hold objects of their own kind have paths without an end."""


def coverage_text(found: Coverage) -> str:
    """What is read and written in one line each, then everything that is not."""
    read = len(found.source_slots) - len(found.unread)
    written = len(found.target_slots) - len(found.unwritten)
    return "\n".join(
        [
            f"{found.mapping}: {read} of {len(found.source_slots)} source slots read, "
            f"{written} of {len(found.target_slots)} target slots written",
            *_sections(found),
        ]
    )


def _sections(found: Coverage) -> Iterator[str]:
    if found.unread:
        yield "\nsource slots that no rule reads\n"
        yield _table(("class", "slot", "range"), [(s.source_class, s.path, s.range) for s in found.unread])
    if found.unwritten:
        yield "\ntarget slots that no rule writes\n"
        rows = [(s.target_class, s.slot, "required" if s.required else "") for s in found.unwritten]
        yield _table(("class", "slot", ""), rows)
    for side, title in (("source", "codes that no table has"), ("target", "codes that nothing produces")):
        codes = [code for code in found.codes if code.side == side]
        if codes:
            yield f"\n{side} {title}\n"
            unproduced = [(code.enum, code.value, code.slot, code.rule, code.unmapped or "") for code in codes]
            yield _table(("enum", "value", "slot", "rule", "unmapped" if side == "source" else ""), unproduced)
    for title, names in (("source classes never read", found.source_classes),
                         ("target classes never made", found.target_classes)):  # fmt: skip
        if names:
            rest = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
            yield f"\n{title}: {', '.join(names[:_NAMES])}{rest}"
    if found.records is not None:
        yield f"\nin {found.records} records, present and never read{'' if found.observed else ': nothing'}"
        if found.observed:
            unknown = {True: "", False: "not in the source schema"}
            observed = [(o.source_class, o.path, str(o.present), unknown[o.known]) for o in found.observed]
            yield "\n" + _table(("class", "path", "present", ""), observed)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table, and how many rows there is no room for."""
    rest = f"\n\nand {len(rows) - ROWS} more: --format json has all" if len(rows) > ROWS else ""
    return table(heads, rows[:ROWS]) + rest

"""A report of a run as one HTML page with pictures: what flowed where, what was lost, what was written.

Every number of a picture stands beside it as text, and in the tables at the end. The page holds what the report
holds: paths, slots, rules, and of values only codes that a table does not have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from semantics.codes import CODES
from semantics.engine.ledger_pictures import bar, flow_picture
from semantics.engine.report import RunReport
from semantics.reporting.html import page, text

__all__ = ["PICTURES", "ledger_body", "ledger_page", "names"]

_PAGE: Final = """
:root { color-scheme: light dark; }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem; }
p { margin: .3rem 0 .6rem; } .soft { opacity: .75; font-size: .9rem; }
.numbers { display: flex; flex-wrap: wrap; gap: .6rem; padding: 0; list-style: none; }
.numbers li { border: 1px solid #8884; border-radius: .5rem; padding: .3rem .8rem; }
.numbers b { display: block; font-size: 1.3rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
details { margin: .6rem 0; border: 1px solid #8884; border-radius: .5rem; padding: .4rem .8rem; }
summary { cursor: pointer; } .scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid #8884; vertical-align: top; }
"""
PICTURES: Final = """
:root { --carried: #2b6cb0; --unread: #d9730d; --asked: #b794d6; --rejected: #c0392b; --filtered: #8a8f98;
  --written: #2b6cb0; --defaulted: #2a9d8f; --null: #b0b4bb; }
@media (prefers-color-scheme: dark) { :root { --carried: #63a4e8; --unread: #f0a04b; --asked: #c9aee8;
  --rejected: #ff7b6e; --filtered: #8f959e; --written: #63a4e8; --defaulted: #52c7b8; --null: #5b616b; } }
code, .name { font-family: ui-monospace, monospace; font-size: .85rem; overflow-wrap: anywhere; }
svg { display: block; overflow: hidden; }
.bar { width: 100%; height: .9rem; border-radius: .2rem; background: #8881; }
.wide { height: 1.6rem; }
.carried, .mapped { fill: var(--carried); } .unread { fill: var(--unread); } .asked { fill: var(--asked); }
.rejected { fill: var(--rejected); } .filtered { fill: var(--filtered); }
.written { fill: var(--written); } .defaulted { fill: var(--defaulted); } .null { fill: var(--null); }
.key { display: flex; flex-wrap: wrap; gap: .2rem 1rem; padding: 0; margin: .4rem 0; list-style: none;
  font-size: .9rem; }
.key svg { display: inline-block; width: .8rem; height: .8rem; vertical-align: -.05rem; margin-right: .35rem; }
.bars { display: grid; grid-template-columns: minmax(8rem, 2fr) minmax(6rem, 3fr) minmax(7rem, max-content);
  gap: .25rem .8rem; align-items: center; padding: 0; margin: .6rem 0; list-style: none; }
.bars li { display: contents; } .bars .count { font-variant-numeric: tabular-nums; font-size: .85rem; }
.flow { display: grid; grid-template-columns: minmax(0, 1fr) minmax(5rem, .9fr) minmax(0, 1fr); align-items: center;
  margin: .6rem 0; }
.flow ol { list-style: none; padding: 0; margin: 0; min-width: 0; }
.flow li { height: 1.75rem; line-height: 1.75rem; white-space: nowrap; overflow: hidden; text-overflow: ellipsis;
  padding: 0 .4rem; }
.flow ol:first-child li { text-align: right; }
.flow li b { font-weight: 400; opacity: .7; font-size: .8rem; font-variant-numeric: tabular-nums; }
.flow svg { width: 100%; }
.flow path { fill: none; stroke: var(--carried); stroke-opacity: .45; vector-effect: non-scaling-stroke; }
.flow path.lost { stroke: var(--unread); stroke-opacity: .6; }
.lost { color: var(--unread); }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
@media (max-width: 40rem) {
  .bars { grid-template-columns: 1fr auto; } .bars .name { grid-column: 1; } .bars .count { grid-column: 2; }
  .bars .picture { grid-column: 1 / -1; order: 1; margin-bottom: .5rem; }
  .bars li { display: grid; grid-column: 1 / -1; grid-template-columns: 1fr auto; gap: .1rem .6rem; }
  .flow { grid-template-columns: minmax(0, 1fr) 3rem minmax(0, 1fr); } .flow li { font-size: .72rem; padding: 0 .2rem; }
  .flow li b { font-size: .68rem; } .flow ol:last-child .above { display: none; }
}
"""
"""The style of what :func:`ledger_body` draws, for a page of any look."""
SHOWN: Final = 25
"""Bars of one picture; the rest stands in the tables."""

_WORDS: Final = {
    "mapped": "mapped", "rejected": "record rejected", "filtered": "record filtered", "carried": "carried",
    "unread": "no rule reads it", "asked": "read to decide only", "written": "written", "defaulted": "from a default",
    "null": "null",
}  # fmt: skip


def ledger_page(report: RunReport) -> str:
    """The whole page. Every text is escaped; a content security policy forbids scripts and anything from elsewhere."""
    return page(f"Ledger: {names(report)}", _PAGE + PICTURES, ledger_body(report))


def names(report: RunReport) -> str:
    """The mappings of a report, and how many runs it adds up."""
    runs = report.run.get("runs", [report.run])
    names = dict.fromkeys(str(run.get("mapping", "")) for run in runs)
    return ", ".join(filter(None, names)) + (f" ({len(runs)} runs)" if len(runs) > 1 else "")


def ledger_body(report: RunReport) -> Iterator[str]:
    """What the page says below its heading, as HTML in which every text is escaped."""
    counts = report.records
    told = "".join(f"<li><b>{_n(count)}</b>{name}</li>" for name, count in counts.items())
    yield f'<ul class="numbers">{told}</ul>'
    parts = {name: counts[name] for name in ("mapped", "rejected", "filtered")}
    yield f"<h2>Records</h2><p>{_n(counts['read'])} read = {_sum(parts)}</p>"
    yield bar(parts, counts["read"], "wide", "What became of the records")
    yield _key(parts)
    yield from _reasons(report)
    yield from _flows(report)
    yield from _lost(report)
    yield from _targets(report)
    yield from _codes(report)
    yield from _tables(report)


def _reasons(report: RunReport) -> Iterator[str]:
    for title, reasons in (("Rejected", report.reasons or report.rejects), ("Filtered", report.filtered)):
        if reasons:
            rows = [(*_reason(reason), count) for reason, count in _most(reasons)]
            yield f"<h2>{title}: why</h2>"
            yield from _table(("Reason", "", "Records"), rows)


def _reason(reason: str) -> tuple[str, str]:
    code, _, rule = reason.partition(" ")
    return (reason, "") if code not in CODES else (f"{code} {rule}".strip(), CODES[code])


def _flows(report: RunReport) -> Iterator[str]:
    picture = flow_picture(report)
    if picture is None:
        return
    yield "<h2>What flowed where</h2>"
    yield (
        '<p class="soft">Source paths on the left, target slots on the right. The wider a line, the more values were '
        "carried from the path; a line to <em>not carried</em> are values that reached no slot, of records that were "
        "mapped.</p>"
    )
    yield from picture


def _lost(report: RunReport) -> Iterator[str]:
    lost = [(path, counts) for path, counts in report.source_slots.items() if counts["dropped"]]
    if not lost:
        if report.source_slots:
            yield "<h2>What was lost</h2><p>Nothing: every value that was present was carried.</p>"
        return
    own = report.not_carried
    lost.sort(key=lambda item: (-own.get(item[0], 0), -item[1]["dropped"], item[0]))
    yield "<h2>What was lost</h2>"
    yield f"<p>{len(lost)} of {len(report.source_slots)} paths were not carried whole.</p>"
    rows = [
        (path, {"carried": counts["carried"], **report.dropped.get(path, {})}, counts["present"],
         f"{_n(counts['dropped'])} of {_n(counts['present'])}")
        for path, counts in lost
    ]  # fmt: skip
    yield from _bars(rows, ("carried", "unread", "asked", "rejected", "filtered"))


def _targets(report: RunReport) -> Iterator[str]:
    rows = []
    for slot, counts in report.target_slots.items():
        total = counts["written"] + counts["null"]
        defaulted = min(counts["defaulted"], counts["written"])
        parts = {"written": counts["written"] - defaulted, "defaulted": defaulted, "null": counts["null"]}
        rows.append((slot, parts, total, f"{_n(counts['written'])} of {_n(total)}"))
    if rows:
        yield f"<h2>What was written</h2><p>{len(rows)} slots of the target.</p>"
        rows.sort(key=lambda row: (-row[1]["null"], row[0]))
        yield from _bars(rows, ("written", "defaulted", "null"))


def _bars(rows: Sequence[tuple[str, Mapping[str, int], int, str]], names: Sequence[str]) -> Iterator[str]:
    yield _key([name for name in names if any(parts.get(name) for _, parts, _, _ in rows)])
    yield '<ul class="bars">'
    for name, parts, total, count in rows[:SHOWN]:
        drawn = bar({key: parts.get(key, 0) for key in names}, total, "", f"{name}: {count}")
        yield (
            f'<li><span class="name">{text(name)}</span><span class="picture">{drawn}</span>'
            f'<span class="count">{text(count)}</span></li>'
        )
    yield "</ul>"
    if len(rows) > SHOWN:
        yield f'<p class="soft">and {_n(len(rows) - SHOWN)} more, in the tables below</p>'


def _codes(report: RunReport) -> Iterator[str]:
    if report.unmapped:
        yield "<h2>Unmapped codes</h2>"
        rows = [(slot, code, count) for slot, codes in report.unmapped.items() for code, count in _most(codes)[:SHOWN]]
        yield from _table(("Slot", "Code", "Values"), rows)
        more = sum(max(len(codes) - SHOWN, 0) for codes in report.unmapped.values())
        if more:
            yield f'<p class="soft">and {_n(more)} more, in the report</p>'


def _tables(report: RunReport) -> Iterator[str]:
    yield "<h2>Tables</h2>"
    if report.source_slots:
        yield f"<details><summary>Every path of the source ({_n(len(report.source_slots))})</summary>"
        why = ("unread", "asked", "rejected", "filtered")
        yield from _table(
            ("Path", "Present", "Read", "Carried", "Dropped", "not read", "asked only", "rejected", "filtered"),
            [
                (path, *counts.values(), *(report.dropped.get(path, {}).get(name, 0) for name in why))
                for path, counts in report.source_slots.items()
            ],
        )
        yield "</details>"
    if report.target_slots:
        yield f"<details><summary>Every slot of the target ({_n(len(report.target_slots))})</summary>"
        yield from _table(
            ("Slot", "Written", "Null", "Defaulted", "From", "Rule"),
            [
                (slot, *counts.values(), ", ".join(_paths(report, slot)), ", ".join(report.flows.get(slot, {})))
                for slot, counts in report.target_slots.items()
            ],
        )
        yield "</details>"


def _paths(report: RunReport, slot: str) -> Iterable[str]:
    return dict.fromkeys(path for paths in report.flows.get(slot, {}).values() for path in paths)


def _table(head: Sequence[str], rows: Sequence[Sequence[str | int]]) -> Iterator[str]:
    numeric = [any(isinstance(row[at], int) for row in rows) for at in range(len(head))]
    cells = "".join(
        f'<th scope="col"{_CLASS[number]}>{text(name)}</th>' for name, number in zip(head, numeric, strict=True)
    )
    yield f'<div class="scroll"><table><thead><tr>{cells}</tr></thead><tbody>'
    for row in rows:
        told = (f"<td{_CLASS[number]}>{_cell(cell)}</td>" for cell, number in zip(row, numeric, strict=True))
        yield f"<tr>{''.join(told)}</tr>"
    yield "</tbody></table></div>"


def _cell(cell: str | int) -> str:
    return _n(cell) if isinstance(cell, int) else f'<span class="name">{text(cell)}</span>'


_CLASS: Final = {True: ' class="number"', False: ""}


def _key(names: Iterable[str]) -> str:
    """What the colours mean."""
    square = '<svg viewBox="0 0 1 1" aria-hidden="true"><rect class="{0}" width="1" height="1"/></svg>{1}'
    return f'<ul class="key">{"".join(f"<li>{square.format(name, _WORDS[name])}</li>" for name in names)}</ul>'


def _most(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _sum(parts: Mapping[str, int]) -> str:
    return " + ".join(f"{_n(count)} {name}" for name, count in parts.items())


def _n(count: int) -> str:
    """A number with its thousands apart."""
    return f"{count:,}"

"""Pictures of a report as inline SVG 1.1: bars, and lines from source paths to target slots.

They have no text and stretch to the width that there is; labels stand beside them as HTML, so that they stay
readable on a phone. Colours are classes of the page's style.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from semantics.engine.accounts import ANY_KEY
from semantics.engine.report import RunReport
from semantics.reporting.html import text

__all__ = ["bar", "flow_picture"]

MOST: Final = 28
"""Labels on one side of the flow picture: more are put together by their first step, and then the smallest."""
ROW: Final = 1.75
"""Height of a label in rem, as the style of the page has it."""
THIN, THICK = 1.5, 14.0
"""Widths of lines in pixels."""
_LOST: Final = "not carried"
_REST: Final = "and"


def bar(parts: Mapping[str, int], total: int, style: str, label: str) -> str:
    """A bar of parts of a whole; each is a class of the style.

    >>> bar({"mapped": 3, "rejected": 1}, 4, "", "what became of 4")
    '<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" role="img" aria-label="what became of 4">\
<rect class="mapped" x="0" width="75" height="1"/><rect class="rejected" x="75" width="25" height="1"/></svg>'
    """
    at, drawn = 0, []
    for name, count in parts.items():
        if count:
            # Whatever is there is seen: half a percent at least.
            width = max(count * 100 / total, 0.5) if total else 0
            start = min(at * 100 / total, 100 - width) if total else 0
            drawn.append(f'<rect class="{name}" x="{start:.6g}" width="{width:.6g}" height="1"/>')
            at += count
    classes = f"bar {style}".strip()
    return (
        f'<svg class="{classes}" viewBox="0 0 100 1" preserveAspectRatio="none" role="img" '
        f'aria-label="{text(label)}">{"".join(drawn)}</svg>'
    )


@dataclass
class _Flows:
    """Lines from labels on the left to labels on the right, with how many values each stands for."""

    left: dict[str, int] = field(default_factory=dict)
    right: dict[str, int] = field(default_factory=dict)
    lines: dict[tuple[str, str], int] = field(default_factory=dict)

    def grouped(self, left: Mapping[str, str], right: Mapping[str, str]) -> _Flows:
        """The same with labels put together."""
        found = _Flows()
        for mine, theirs, names in ((found.left, self.left, left), (found.right, self.right, right)):
            for name, count in theirs.items():
                mine[names[name]] = mine.get(names[name], 0) + count
        for (one, other), count in self.lines.items():
            key = (left[one], right[other])
            found.lines[key] = found.lines.get(key, 0) + count
        return found


def flow_picture(report: RunReport) -> tuple[str, ...] | None:
    """Source paths, lines and target slots side by side; None where nothing flowed."""
    flows = _flows(report)
    if not flows.lines:
        return None
    flows = flows.grouped(_together(flows.left, "."), _together(flows.right, "."))
    left = sorted(flows.left, key=lambda name: (name.startswith(_REST), name))
    places = {name: at for at, name in enumerate(left)}
    right = sorted(
        (name for name in flows.right if name != _LOST), key=lambda name: (_middle(flows, name, places), name)
    )
    right += [_LOST] if _LOST in flows.right else []
    return (
        '<div class="flow">',
        f"<ol>{''.join(_label(name, flows.left[name]) for name in left)}</ol>",
        _drawn(flows, left, right),
        f"<ol>{''.join(_label(name, flows.right[name]) for name in right)}</ol>",
        "</div>",
        *_constants(report),
    )


def _flows(report: RunReport) -> _Flows:
    """Every path that was carried, to the slots that rules fill from it; and what was not carried."""
    found = _Flows()
    for slot, rules in report.flows.items():
        if not report.target_slots.get(slot, {}).get("written"):
            continue
        for path in dict.fromkeys(path for paths in rules.values() for path in paths):
            at = _held(path, report)
            carried = report.source_slots[at]["carried"] if at is not None else 0
            if at is not None and carried:
                found.lines[at, slot] = carried
                found.left[at] = report.source_slots[at]["present"]
                found.right[slot] = report.target_slots[slot]["written"]
    for path, count in report.not_carried.items():
        found.lines[path, _LOST] = count
        found.left[path] = report.source_slots[path]["present"]
        found.right[_LOST] = found.right.get(_LOST, 0) + count
    return found


def _held(path: str, report: RunReport) -> str | None:
    """The path, if records held it; of the key of an object in a mapping, the place of these objects."""
    above = path.rpartition(".")[0]
    if path not in report.source_slots and above.endswith(ANY_KEY):
        path = above
    return path if path in report.source_slots else None


def _together(counts: Mapping[str, int], separator: str) -> dict[str, str]:
    """A label for every name: itself, or where names are many, its first step; the smallest all together."""
    names = [name for name in counts if name != _LOST]
    labels = {name: name for name in counts}
    if len(names) > MOST:
        heads: dict[str, list[str]] = {}
        for name in names:
            heads.setdefault(name.partition(separator)[0], []).append(name)
        for head, inside in heads.items():
            if len(inside) > 1:
                labels |= dict.fromkeys(inside, f"{head}{separator}* ({len(inside)})")
    sizes: dict[str, int] = {}
    for name in names:
        sizes[labels[name]] = sizes.get(labels[name], 0) + counts[name]
    if len(sizes) > MOST:
        small = set(sorted(sizes, key=lambda label: (-sizes[label], label))[MOST - 1 :])
        rest = [name for name in names if labels[name] in small]
        labels |= dict.fromkeys(rest, f"{_REST} {len(rest)} more")
    return labels


def _middle(flows: _Flows, name: str, places: Mapping[str, int]) -> float:
    """Where the lines of a label on the right come from: labels in this order cross less."""
    found = [(places[one], count) for (one, other), count in flows.lines.items() if other == name]
    return sum(place * count for place, count in found) / max(sum(count for _, count in found), 1)


def _drawn(flows: _Flows, left: list[str], right: list[str]) -> str:
    """The lines: curves (cubic Béziers) from row to row, the widest first so that thin ones stay visible."""
    rows = max(len(left), len(right))
    at = {("left", name): (rows - len(left)) / 2 + place + 0.5 for place, name in enumerate(left)}
    at |= {("right", name): (rows - len(right)) / 2 + place + 0.5 for place, name in enumerate(right)}
    most = max(flows.lines.values())
    drawn = []
    for (one, other), count in sorted(flows.lines.items(), key=lambda item: (-item[1], item[0])):
        start, end = at["left", one], at["right", other]
        width = max(THIN, THICK * count / most)
        style = ' class="lost"' if other == _LOST else ""
        title = f"{one} → {other}: {count:,}"
        drawn.append(
            f'<path{style} stroke-width="{width:.4g}" d="M0 {start:g}C50 {start:g} 50 {end:g} 100 {end:g}">'
            f"<title>{text(title)}</title></path>"
        )
    return (
        f'<svg viewBox="0 0 100 {rows}" height="{rows * ROW:g}rem" preserveAspectRatio="none" role="img" '
        f'aria-label="Which source paths fill which target slots">{"".join(drawn)}</svg>'
    )


def _label(name: str, count: int) -> str:
    style = ' class="lost"' if name == _LOST else ""
    above, dot, last = name.rpartition(".") if "*" not in name else ("", "", name)
    shown = f'<span class="above">{text(above + dot)}</span>{text(last)}'
    return f'<li{style} title="{text(name)}"><span class="name">{shown}</span> <b>{count:,}</b></li>'


def _constants(report: RunReport) -> Iterator[str]:
    """Slots that are filled without reading anything."""
    fixed = [name for name, counts in report.target_slots.items() if counts["written"] and not report.flows.get(name)]
    if fixed:
        shown = ", ".join(f"<code>{text(name)}</code>" for name in fixed[:8])
        more = f" and {len(fixed) - 8} more" if len(fixed) > 8 else ""
        yield f'<p class="soft">Made without reading a path of their own: {shown}{more}.</p>'

"""Two pictures of the figures, as SVG: the ratios of the bars, and how the cost grows. Colours suit a white page."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from xml.sax.saxutils import escape

from growth import Point

__all__ = ["growth_picture", "ratio_picture"]

COLOURS = ("#0b6e99", "#d1495b", "#66a182", "#edae49", "#5c4d7d", "#2e4057")
INK, LINE, FAINT = "#222", "#ccc", "#eee"
_Scale = Callable[[float], float]


def ratio_picture(rows: Sequence[tuple[str, float, float | None]]) -> str:
    """Bars on a logarithmic scale: what is compared, how many times as fast it is, and what is wanted (a mark)."""
    left, right, top, step = 500, 830, 30, 26
    values = [value for _, ratio, wanted in rows for value in (ratio, wanted or ratio)]
    ticks = _decades(min(0.1, *values), max(10.0, *values))
    place = _logarithmic(ticks[0], ticks[-1], left, right)
    bottom = top + step * len(rows)
    parts = []
    for tick in ticks:
        parts += [_line(place(tick), top, place(tick), bottom, LINE if tick == 1 else FAINT)]
        parts += [_text(place(tick), 18, f"{tick:g}", "middle", "#666")]
    for number, (what, ratio, wanted) in enumerate(rows):
        y = top + step * number + 4
        colour = COLOURS[1] if wanted is not None and ratio < wanted else COLOURS[0]
        one = place(1)
        start, end = min(one, place(ratio)), max(one, place(ratio))
        parts += [
            _text(left - 8, y + 13, what, "end", INK),
            f'<rect x="{start:.1f}" y="{y}" width="{max(1.0, end - start):.1f}" height="18" fill="{colour}"/>',
            _text(end + 6, y + 13, f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2f}", "start", INK),
        ]
        if wanted is not None:
            parts.append(_line(place(wanted), y - 2, place(wanted), y + 20, INK, 2))
    told = "times as fast, on a logarithmic scale; black mark: what is wanted; red: not reached"
    parts.append(_text(right, bottom + 22, told, "end", "#666"))
    return _picture(900, bottom + 34, "How many times as fast", parts)


def growth_picture(points: Sequence[Point]) -> str:
    """Two panels over the number of records: seconds on the clock, both logarithmic, and the peak of memory."""
    forms = tuple(dict.fromkeys(point.form for point in points))
    across = _decades(min(point.records for point in points), max(point.records for point in points))
    seconds = _decades(min(point.wall for point in points), max(point.wall for point in points))
    roof = 20 * math.ceil(max(point.peak for point in points) / 20)
    megabytes = [float(tick) for tick in range(0, roof + 1, 20 if roof <= 120 else 50)]
    walls = [[(point.records, point.wall) for point in points if point.form == form] for form in forms]
    peaks = [[(point.records, point.peak) for point in points if point.form == form] for form in forms]
    parts = [
        *_panel("seconds", 60, across, seconds, _logarithmic(seconds[0], seconds[-1], 290, 40), walls),
        *_panel("peak of memory, MB", 470, across, megabytes, lambda value: 290 - 250 * value / roof, peaks),
    ]
    for number, form in enumerate(forms):
        x, y = 60 + 250 * (number % 3), 348 + 20 * (number // 3)
        parts += [_line(x, y - 4, x + 22, y - 4, COLOURS[number], 3), _text(x + 28, y, form, "start", INK)]
    return _picture(820, 385, "Seconds and memory over the number of records", parts)


def _panel(
    title: str, left: float, across: Sequence[float], ticks: Sequence[float], down: _Scale,
    curves: Sequence[Sequence[tuple[int, float]]],
) -> Iterator[str]:  # fmt: skip
    """Axes with their ticks, and a curve for each form."""
    right = left + 330
    place = _logarithmic(across[0], across[-1], left, right)
    yield _text(left, 22, title, "start", INK)
    for tick in ticks:
        yield _line(left, down(tick), right, down(tick), FAINT)
        yield _text(left - 6, down(tick) + 4, f"{tick:g}", "end", "#666")
    for tick in across:
        yield _line(place(tick), 40, place(tick), 290, FAINT)
        yield _text(place(tick), 308, f"10{_raised(round(math.log10(tick)))}", "middle", "#666")
    yield _text((left + right) / 2, 326, "records", "middle", "#666")
    for number, figures in enumerate(curves):
        dots = [(place(records), down(value)) for records, value in figures]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in dots)
        yield f'<polyline points="{path}" fill="none" stroke="{COLOURS[number]}" stroke-width="2"/>'
        yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{COLOURS[number]}"/>' for x, y in dots)


def _logarithmic(low: float, high: float, start: float, end: float) -> _Scale:
    span = math.log10(high / low) or 1.0
    return lambda value: start + (end - start) * math.log10(value / low) / span


def _decades(low: float, high: float) -> list[float]:
    """The powers of ten around two values and between them."""
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    return [10.0**power for power in range(first, last + 1)]


def _raised(power: int) -> str:
    return str(power).translate(str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"))


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: int = 1) -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'


def _picture(width: int, height: int, title: str, parts: Iterable[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    style = 'font-family="system-ui, sans-serif" font-size="13" role="img"'
    body = "\n".join(("<title>" + escape(title) + "</title>", '<rect width="100%" height="100%" fill="#fff"/>', *parts))
    return f"{head} {style}>\n{body}\n</svg>\n"

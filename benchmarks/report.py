"""The figures as a table on the screen, as Markdown and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from growth import FEW, FORMS, MANY, MORE, Point
from plots import growth_picture, ratio_picture
from rounds import ON_CLOCK, Spread, Task

__all__ = ["Results", "as_json", "as_markdown", "as_text", "pictures"]

TITLES: Final = {
    "map": "Map a record that is already parsed",
    "validate": "Validate an instance that is already in memory",
    "shapes": "Hold an instance against the shapes",
    "files": "NDJSON to NDJSON, mapped and validated",
    "graph": "NDJSON to N-Triples, mapped and validated against model and shapes",
    "ledger": "What the ledger costs, NDJSON to NDJSON",
    "workers": "NDJSON to NDJSON, mapped and validated by one worker and by two",
    "graph-workers": "NDJSON to N-Triples, mapped and validated twice, on all processors",
    "columns": "Parquet to Parquet, mapped and validated by columns",
}
AGAINST: Final = {
    "map": ("linkml-map", "by hand, careful", "by hand, bare"),
    "validate": ("linkml-validate", "gen-pydantic"),
    "shapes": ("pySHACL",),
    "files": ("linkml-map, linkml-validate", "linkml-map, gen-pydantic", "by hand"),
    "graph": ("morph-kgc", "linkml-map, dumper, linkml-validate"),
    "ledger": ("without",),
    "workers": ("one worker",),
    "graph-workers": ("morph-kgc", "morph-kgc, one process"),
    "columns": ("by hand",),
}
"""The contestants that the others are compared with."""


class Ratio(NamedTuple):
    """A bar: how many times as fast as another a contestant must be (``least``), or aims to be (``aim``)."""

    what: str
    task: str
    name: str
    other: str
    least: float | None
    aim: float | None = None


RATIOS: Final = (
    Ratio("compiled mapping against linkml-map", "map", "semantics", "linkml-map", 60, 100),
    Ratio("compiled mapping against by hand, careful", "map", "semantics", "by hand, careful", None, 0.7),
    Ratio("compiled mapping against by hand, bare", "map", "semantics", "by hand, bare", None, 0.7),
    Ratio("checker against pySHACL", "shapes", "semantics checker", "pySHACL", 40),
    Ratio("NDJSON to NDJSON, validated, against linkml-map and linkml-validate", "files", "semantics",
          "linkml-map, linkml-validate", 45),
    Ratio("NDJSON to NDJSON, validated, against by hand", "files", "semantics", "by hand", 0.9),
    Ratio("NDJSON to N-Triples, validated twice, against morph-kgc", "graph", "semantics", "morph-kgc", 10),
    Ratio("the same against linkml-map, linkml's dumper and linkml-validate", "graph", "semantics",
          "linkml-map, dumper, linkml-validate", 40),
    Ratio("a run with its ledger against one without", "ledger", "with the ledger", "without", 0.9),
    Ratio("two workers against one", "workers", "two workers", "one worker", 1.7),
    Ratio("NDJSON to N-Triples on all processors, against morph-kgc", "graph-workers", "semantics", "morph-kgc", 12),
    Ratio("the same against one process of morph-kgc", "graph-workers", "semantics", "morph-kgc, one process", 12),
    Ratio("Parquet to Parquet, against the query by hand in DuckDB", "columns", "semantics", "by hand", 0.5),
)  # fmt: skip
SECONDS: Final = (
    ("semantics --help", 0.25),
    ("import semantics", 0.15),
    ("semantics convert, one record", 0.6),
)
"""Command and the most seconds on the clock that it may take."""


@dataclass
class Results:
    """Everything of one run."""

    machine: dict[str, str | int]
    rounds: int
    tasks: dict[str, Task] = field(default_factory=dict)
    start: dict[str, list[float]] = field(default_factory=dict)
    start_processor: dict[str, list[float]] = field(default_factory=dict)
    heavy: tuple[str, ...] = ()
    growth: list[Point] = field(default_factory=list)

    def ratios(self) -> Iterator[tuple[Ratio, float]]:
        """The bars that are ratios, with what was measured."""
        for bar in RATIOS:
            ratio = self.tasks[bar.task].ratio(bar.name, bar.other) if bar.task in self.tasks else None
            if ratio is not None:
                yield bar, ratio.middle

    def grown(self) -> Iterator[tuple[str, float]]:
        """The forms whose memory must not grow, and by how many megabytes it does."""
        peaks = {(point.form, point.records): point.peak for point in self.growth}
        for form in FORMS:
            if (form, FEW) in peaks and (form, MANY) in peaks:
                yield form, peaks[form, MANY] - peaks[form, FEW]

    def bars(self) -> Iterator[tuple[str, str, str, str]]:
        """Each bar: what it is about, what is wanted, what was measured, the verdict."""
        for bar, ratio in self.ratios():
            yield bar.what, _wanted(bar), f"{_times(ratio)} times", _verdict(bar, ratio)
        for form, more in self.grown():
            what = f"memory, {form}, {_thousands(MANY)} records against {_thousands(FEW)}"
            yield what, f"at most {MORE:g} MB more", f"{more:.1f} MB", "reached" if more <= MORE else "MISSED"
        for command, most in SECONDS:
            if command in self.start:
                clock, processor = Spread.of(self.start[command]), Spread.of(self.start_processor[command])
                told = f"{clock.middle:.2f} s (least {clock.least:.2f}, of the processor {processor.middle:.2f})"
                yield command, f"at most {most:g} s", told, "reached" if clock.middle <= most else "MISSED"
        if self.start:
            found = ", ".join(self.heavy) or "none of them"
            yield ("modules that a warm convert imports", "no linkml, rdflib, pyshacl", found,
                   "MISSED" if self.heavy else "reached")  # fmt: skip

    def missed(self) -> bool:
        """Whether something that must be reached was not."""
        return any(verdict == "MISSED" for *_, verdict in self.bars())

    def versions(self) -> dict[str, str]:
        """The versions of what was measured beside the project."""
        return {name: version for task in self.tasks.values() for name, version in task.versions.items()}


def _wanted(bar: Ratio) -> str:
    aim = f"aim {bar.aim:g}" if bar.aim is not None else ""
    return f"at least {bar.least:g} times{f', {aim}' if aim else ''}" if bar.least is not None else f"{aim} times"


def _verdict(bar: Ratio, ratio: float) -> str:
    if bar.aim is not None and ratio >= bar.aim:
        return "aim reached"
    if bar.least is None:
        return "below the aim"
    return "reached" if ratio >= bar.least else "MISSED"


def _times(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:.1g}"


def _thousands(rate: float) -> str:
    return f"{rate:,.0f}".replace(",", " ")


def _tables(results: Results) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    """Title, head and rows of each table."""
    bars = [list(bar) for bar in results.bars()]
    if bars:
        yield "What is asked, and what was measured", ["what", "wanted", "median", "verdict"], bars
    for key, task in results.tasks.items():
        others = [other for other in AGAINST[key] if other in task.rates]
        clock = ["records/s of a processor"] if key in ON_CLOCK else []
        head = ["contestant", "min", "records/s, median", "max", *clock, *(f"× {other}" for other in others)]
        yield TITLES[key], head, [_row(task, name, others) for name in task.rates]
    if results.growth:
        head = ["format, records", "records/s", "seconds", "processor seconds", "peak, MB"]
        yield "How the cost grows", head, [
            [f"{point.form}, {_thousands(point.records)}", _thousands(point.records / point.wall),
             f"{point.wall:.2f}", f"{point.processor:.2f}", f"{point.peak:.1f}"]
            for point in results.growth
        ]  # fmt: skip
    if results.start:
        head = ["command", "min", "seconds, median", "max", "processor seconds"]
        rows = []
        for command, seconds in results.start.items():
            spread, processor = Spread.of(seconds), Spread.of(results.start_processor[command])
            figures = (spread.least, spread.middle, spread.most, processor.middle)
            rows.append([command, *(f"{figure:.2f}" for figure in figures)])
        yield "Start", head, rows


def _row(task: Task, name: str, others: list[str]) -> list[str]:
    spread = Spread.of(task.counted[name])
    ratios = [task.ratio(name, other) for other in others]
    return [
        name,
        *(_thousands(figure) for figure in (spread.least, spread.middle, spread.most)),
        *([_thousands(Spread.of(task.rates[name]).middle)] if task.name in ON_CLOCK else []),
        *(
            _times(ratio.middle) if ratio and name != other else "1"
            for ratio, other in zip(ratios, others, strict=True)
        ),
    ]


def _notes(results: Results) -> Iterator[str]:
    for task in results.tasks.values():
        yield from (f"{name}: {note}." for name, note in task.notes.items() if note)
        yield from (f"{name} was left out: {why}." for name, why in task.missing.items())


def _machine(results: Results) -> str:
    machine = results.machine
    named = f"{machine['cores']} cores ({machine['processor']}), {machine['memory']} of memory"
    return f"{named}, {machine['system']}, Python {machine['python']}; {results.rounds} rounds"


def as_text(results: Results) -> str:
    """The tables for a screen."""
    parts = [_machine(results), ", ".join(f"{name} {version}" for name, version in results.versions().items())]
    for title, head, rows in _tables(results):
        widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
        parts.append(f"\n{title}")
        for row in (head, *rows):
            first, *rest = (cell.ljust(width) if not column else cell.rjust(width)
                            for column, (cell, width) in enumerate(zip(row, widths, strict=True)))  # fmt: skip
            parts.append("  ".join((first, *rest)))
    parts += ["", *_notes(results)]
    return "\n".join(parts)


INTRODUCTION: Final = """\
# Benchmarks

Made by `python benchmarks/run.py`, which makes an environment of its own; `benchmarks/README.md` says how it measures.

The records are bank accounts of about 580 bytes of JSON: one account with its servicer and three balances. The mapping
renames slots, builds nested objects, goes over a list, and has an enum derivation, a code map and an expression. Both
tools run the same mapping file over the same schemas, morph-kgc an RML mapping of its own. The run stops unless all
contestants give the same instances or triples; types of numbers, labels of blank nodes and lexical forms of moments are
not compared. Validators against shapes are compared by their verdicts, on valid instances and on broken ones.

Throughput is records a second of processor time, one thread; start-up is seconds on the clock. Where several processors
work at once (workers, columns), it is records a second on the clock, and what they used of the processors stands beside
it. A ratio is the median of the ratios within each round. "By hand, careful" is Python written for this record that
keeps the promises of the mapping: absent slots are left out, wrong types, unknown codes and impossible dates refused,
amounts exact. "By hand, bare" trusts its input and checks nothing.

By columns, the records are flat postings of eleven columns in a file of Parquet. By hand it is the bare query, which
validates and counts nothing.
"""
GROWTH: Final = """\
Accounts to NDJSON, mapped and validated by `semantics convert`, a process for each run, its start included; one worker,
but where it says otherwise. Up to 10 000 records it is the median of three runs. The peak is that of the largest
process of a run, in 10^6 bytes.
"""
PICTURES: Final = {"What is asked, and what was measured": "ratios", "How the cost grows": "growth"}
"""The pictures in ``pictures/``, by the table that they stand above."""


def pictures(results: Results) -> dict[str, str]:
    """The pictures of the page: name of the file to SVG."""
    found = {}
    if rows := [(bar.what, ratio, bar.least) for bar, ratio in results.ratios()]:
        found["benchmarks-ratios.svg"] = ratio_picture(rows)
    if results.growth:
        found["benchmarks-growth.svg"] = growth_picture(results.growth)
    return found


def as_markdown(results: Results) -> str:
    """The page ``docs/benchmarks.md``."""
    shown = pictures(results)
    parts = [INTRODUCTION, f"Measured on a machine with {_machine(results)}."]
    versions = ", ".join(f"{name} {version}" for name, version in results.versions().items())
    parts.append(f"Versions: {versions}.\n" if versions else "")
    for title, head, rows in _tables(results):
        parts.append(f"## {title}\n")
        if (name := f"benchmarks-{PICTURES.get(title)}.svg") in shown:
            parts.append(f"![{title}](pictures/{name})\n")
        if title == "How the cost grows":
            parts.append(GROWTH)
        parts.append(_markdown_row(head))
        left = 4 if head[0] == "what" else 1
        parts.append(_markdown_row([":--" if column < left else "--:" for column in range(len(head))]))
        parts += [_markdown_row(row) for row in rows]
        parts.append("")
    parts += [f"- {note}" for note in _notes(results)]
    return "\n".join(parts).rstrip() + "\n"


def _markdown_row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def as_json(results: Results) -> str:
    """Everything, for a program: ``benchmarks/results.json``."""
    found: dict[str, Any] = {
        "machine": results.machine,
        "rounds": results.rounds,
        "versions": results.versions(),
        "bars": [dict(zip(("what", "wanted", "measured", "verdict"), bar, strict=True)) for bar in results.bars()],
        "tasks": {key: _task(key, task) for key, task in results.tasks.items()},
        "start": {
            command: {
                "seconds": Spread.of(seconds).plain(3),
                "processor_seconds": Spread.of(results.start_processor[command]).plain(3),
            }
            for command, seconds in results.start.items()
        },
        "growth": [
            {
                "form": point.form,
                "records": point.records,
                "seconds": round(point.wall, 3),
                "processor_seconds": round(point.processor, 3),
                "peak_megabytes": round(point.peak, 1),
            }
            for point in results.growth
        ],
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _task(key: str, task: Task) -> dict[str, Any]:
    return {
        name: {
            "records_per_processor_second": Spread.of(rates).plain(0),
            "records_per_clock_second": Spread.of(task.clock[name]).plain(0),
            "times": {
                other: ratio.plain(3) for other in AGAINST[key] if other != name and (ratio := task.ratio(name, other))
            },
            "note": task.notes[name],
        }
        for name, rates in task.rates.items()
    } | {name: {"missing": why} for name, why in task.missing.items()}

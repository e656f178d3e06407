"""The benchmark: ``python benchmarks/run.py [--quick]``. Needs Python 3.11; it makes its own environment.

Everything is measured in one run, in turns: the mapping of parsed records, validation, files to files and to RDF, the
ledger, workers, columns, how the cost grows, and start-up. The figures go to the screen and, unless ``--quick`` or
``--only`` is given, to ``benchmarks/results.json`` and to ``docs/benchmarks.md`` with its pictures; with ``--output``
always, and to that folder.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Final

from contestants import TASKS
from environment import CHECKOUT, python_of
from growth import grow, sizes
from report import Results, as_json, as_markdown, as_text, pictures
from rounds import ON_CLOCK, Disagreement, measure
from startup import COMMANDS, HEAVY, Commands

WARM: Final = "semantics convert, one record"


def main() -> int:
    """Run what is asked for; 1 when contestants disagree or, with ``--strict``, when a bar is missed."""
    parser = argparse.ArgumentParser(description="Measure the project against its peers.")
    parser.add_argument("--quick", action="store_true", help="few rounds, for trying it out; nothing is written")
    parser.add_argument("--rounds", type=int, help="rounds of each task [default: 15; 3 with --quick]")
    tasks = (*TASKS, "growth", "start")
    parser.add_argument("--only", nargs="+", choices=tasks, help="some of the tasks; nothing is written")
    parser.add_argument("--env", type=Path, help="where the environments of the peers are kept [default: the cache]")
    parser.add_argument("--full", action="store_true", help="growth up to 10^7 records instead of 10^6")
    parser.add_argument("--output", type=Path, help="folder for results, page and pictures, instead of the checkout")
    parser.add_argument("--strict", action="store_true", help="end with 1 when a bar is missed")
    options = parser.parse_args()
    rounds = options.rounds or (3 if options.quick else 15)
    chosen = options.only or tasks
    results = Results(machine(), rounds)
    try:
        for task in TASKS:
            if task in chosen:
                _say(f"{task}: {rounds} rounds of {'; '.join(TASKS[task])}")
                scale = (0.2 if task in ON_CLOCK else 0.4) if options.quick else 1.0
                pythons = {name: python_of(entry.home, options.env) for name, entry in TASKS[task].items()}
                results.tasks[task] = measure(CHECKOUT, task, pythons, rounds, scale)
    except Disagreement as fault:
        print(f"the contestants disagree: {fault}", file=sys.stderr)
        return 1
    if "growth" in chosen:
        counts = sizes(quick=options.quick, full=options.full)
        results.growth = list(grow(python_of(folder=options.env), CHECKOUT, counts, _say))
    if "start" in chosen:
        _say(f"start: {rounds} runs of {len(COMMANDS)} commands")
        start(results, python_of(folder=options.env), rounds)
    print(as_text(results))
    if options.output is not None:
        write(results, options.output, options.output)
    elif not (options.only or options.quick):
        write(results, CHECKOUT / "benchmarks", CHECKOUT / "docs")
    return 1 if options.strict and results.missed() else 0


def start(results: Results, python: Path, rounds: int) -> None:
    """Time the commands in turns, after one run of each that fills the caches."""
    with tempfile.TemporaryDirectory(prefix="semantics-benchmark-") as folder:
        commands = Commands(python, CHECKOUT, Path(folder))
        for command in COMMANDS:
            commands.seconds(command)
        for _ in range(rounds):
            for command in COMMANDS:
                wall, processor = commands.seconds(command)
                results.start.setdefault(command, []).append(wall)
                results.start_processor.setdefault(command, []).append(processor)
        results.heavy = tuple(sorted(HEAVY & commands.imports(WARM)))


def write(results: Results, data: Path, page: Path) -> None:
    """The figures for programs into one folder, the page and its pictures into another."""
    (page / "pictures").mkdir(parents=True, exist_ok=True)
    (data / "results.json").write_text(as_json(results), encoding="utf-8")
    (page / "benchmarks.md").write_text(as_markdown(results), encoding="utf-8")
    for name, picture in pictures(results).items():
        (page / "pictures" / name).write_text(picture, encoding="utf-8")


def machine() -> dict[str, str | int]:
    """What the figures hang on; nothing that names the machine itself."""
    return {
        "cores": os.cpu_count() or 1,
        "processor": _told("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "memory": f"{int((_told('/proc/meminfo', 'MemTotal') or '0').split()[0]) / 2**20:.0f} GiB",
        "python": platform.python_version(),
        "system": platform.system(),
    }


def _told(file: str, key: str) -> str | None:
    """A value of one of the system's files of keys and values, where there is such a file."""
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), None)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

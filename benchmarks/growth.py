"""How the cost of a conversion grows with the number of records: ``semantics convert``, a process for each run.

Accounts in each of several formats go to NDJSON, validated. Told are seconds on the clock and of the processor, the
start of the process included, and the most memory that a process of the run had at a time.
"""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple
from xml.sax.saxutils import escape

import data

__all__ = ["FEW", "FORMS", "MANY", "MORE", "Point", "grow", "sizes"]

ACCOUNTS: Final = Path(__file__).resolve().parent / "accounts"
FEW, MANY, MORE = 10_000, 1_000_000, 10.0
"""The bar: with so many records the peak is at most ``MORE`` megabytes above that with few."""
DOCUMENT: Final = 'source: {records: [{path: "Accounts.Account[*]", class: Account}]}\n'
LAUNCHER: Final = """
import json, os, subprocess, sys, time
started = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
told = process.stderr.read()[-2000:].decode("utf-8", "replace")
_, status, used = os.wait4(process.pid, 0)
peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(json.dumps([time.perf_counter() - started, used.ru_utime + used.ru_stime, peak, status, told]))
"""
"""A small process between: what a new process is said to have held at most begins with what its parent holds."""


@dataclass(frozen=True)
class Point:
    """One size of one form: records, median seconds on the clock and of the processor, most megabytes (10^6 bytes)."""

    form: str
    records: int
    wall: float
    processor: float
    peak: float


class Form(NamedTuple):
    """How records are written, what stands around them, and what is said to ``semantics convert``."""

    suffix: str
    written: Callable[[dict[str, Any]], bytes]
    before: bytes = b""
    after: bytes = b""
    options: tuple[str, ...] = ("--jobs", "1", "--class", "Account")
    document: bool = False


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    """A record as the cells of a row: dotted columns, the list as JSON."""
    cells: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            cells |= {f"{key}.{name}": inner for name, inner in value.items()}
        else:
            cells[key] = json.dumps(value) if isinstance(value, list) else value
    return cells


def _row(cells: Any) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue().encode()


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    inner = "".join(_element(*item) for item in value.items()) if isinstance(value, dict) else escape(str(value))
    return f"<{name}>{inner}</{name}>"


def _xml(record: dict[str, Any]) -> bytes:
    return _element("Account", record).encode() + b"\n"


def _item(record: dict[str, Any]) -> bytes:
    """An element of the list in a document, after a comma, which the first one loses."""
    return b"," + data.as_line(record)


HEADER: Final = _row(_flat(next(data.records(1))))
FORMS: Final = {
    "NDJSON": Form("ndjson", data.as_line),
    "NDJSON, all processors": Form("ndjson", data.as_line, options=("--class", "Account")),
    "CSV": Form("csv", lambda record: _row(_flat(record).values()), HEADER,
                options=("--jobs", "1", "--class", "Account", "--flattened")),
    "XML": Form("xml", _xml, b"<Accounts>\n", b"</Accounts>\n", ("--jobs", "1"), document=True),
    "one JSON document": Form("json", _item, b'{"Accounts": {"Account": [', b"]}}\n", ("--jobs", "1"), document=True),
}  # fmt: skip


def sizes(*, quick: bool, full: bool) -> list[int]:
    """The numbers of records that are measured."""
    return [10**power for power in range(3, 5 if quick else 8 if full else 7)]


def grow(python: Path, checkout: Path, counts: list[int], say: Callable[[str], None]) -> Iterator[Point]:
    """Every form in every size, few records several times, after a run that fills the caches. Nothing written stays."""
    with TemporaryDirectory(prefix="semantics-benchmark-") as place:
        folder = Path(place)
        for name, form in FORMS.items():
            _point(python, checkout, folder, name, form, 100)
            for count in counts:
                say(f"growth: {count} records, {name}")
                yield _point(python, checkout, folder, name, form, count)


def _point(python: Path, checkout: Path, folder: Path, name: str, form: Form, count: int) -> Point:
    source = folder / f"accounts.{form.suffix}"
    with source.open("wb") as file:
        file.write(form.before)
        file.writelines(_first_bare(data.many(count, form.written)) if form.suffix == "json" else
                        data.many(count, form.written))  # fmt: skip
        file.write(form.after)
    runs = [_run(python, checkout, folder, form, source) for _ in range(3 if count <= FEW else 1)]
    output = folder / "shared.ndjson"
    with output.open("rb") as lines:
        if sum(1 for _ in lines) != count:
            raise RuntimeError(f"growth, {name}: not every record was converted")
    source.unlink()
    output.unlink()
    walls, processors, peaks = zip(*runs, strict=True)
    return Point(name, count, median(walls), median(processors), max(peaks) / 1e6)


def _first_bare(items: Iterator[bytes]) -> Iterator[bytes]:
    yield next(items)[1:]
    yield from items


def _run(python: Path, checkout: Path, folder: Path, form: Form, source: Path) -> tuple[float, float, float]:
    """Seconds on the clock, seconds of the processor, bytes at most. Raises ``RuntimeError`` where the run fails."""
    mapping = folder / "mapping.yaml"
    mapping.write_text((DOCUMENT if form.document else "") + (ACCOUNTS / "mapping.yaml").read_text(encoding="utf-8"))
    schemas = ("--source-schema", str(ACCOUNTS / "source.yaml"), "--target-schema", str(ACCOUNTS / "target.yaml"))
    command = (str(python), "-m", "semantics", "convert", str(mapping), source.name, "-o", "shared.ndjson",
               *schemas, *form.options)  # fmt: skip
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        (sys.executable, "-I", "-S", "-c", LAUNCHER, *command),
        cwd=folder, check=True, capture_output=True, text=True,
        env={**environment, "PYTHONPATH": str(checkout), "SEMANTICS_CACHE": str(folder / "cache")},
    )  # fmt: skip
    wall, processor, peak, status, told = json.loads(done.stdout)
    if status:
        raise RuntimeError(f"growth: the conversion ended with {status}:\n{told}")
    return wall, processor, peak

"""However many workers there are, and wherever a run is carried out: the same bytes of everything that it writes."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from .runs import EVERYTHING, JOINS, Conversion, results, run

PLACES = [("0", "UTC", "C.UTF-8"), ("4711", "Asia/Tokyo", "C"), ("random", "America/New_York", "POSIX")]
"""PYTHONHASHSEED, time zone, language."""
KINDS = {
    f"{source}-{target}": Conversion(source, target, 900)
    for source, target in [
        ("in.ndjson", "out.ndjson"), ("in.csv", "out.nt"), ("in.xml", "out.ndjson"), ("in.json", "out.ttl"),
        ("in.csv.gz", "out.jsonld.gz"), ("in.ndjson", "out.json"),
    ]
}  # fmt: skip
KINDS["joins-groups"] = replace(JOINS, count=900)
KINDS["shapes"] = Conversion("in.ndjson", "out.nt", 300, ("--validate", "both"))
KINDS["everything"] = Conversion("in.ndjson", "out.ndjson", 900, written=EVERYTHING)


def digests(folder: Path, conversion: Conversion, jobs: int, place: tuple[str, str, str]) -> dict[str, str]:
    """SHA-256 of all that a run writes."""
    seed, zone, language = place
    conversion.lay_out(folder)
    ended = run(
        folder, conversion.arguments("--jobs", str(jobs)),
        env={"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": language},
    )  # fmt: skip
    assert ended.returncode == 1, ended.stderr
    said = {"stdout": ended.stdout, "stderr": ended.stderr}
    return {name: hashlib.sha256(data).hexdigest() for name, data in {**results(folder, conversion), **said}.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_neither_workers_nor_place_change_a_byte(tmp_path: Path, kind: str) -> None:
    """One, two and four workers, each somewhere else."""
    found = [
        digests(tmp_path / f"{jobs} here" / ("x" * jobs), KINDS[kind], jobs, place)
        for jobs, place in zip((1, 2, 4), PLACES, strict=True)
    ]
    assert found[0] == found[1] == found[2]
    assert found[0].keys() > set(KINDS[kind].results)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_combination_of_workers_and_place_changes_a_byte(tmp_path: Path, kind: str) -> None:
    """All of them, over enough records for many chunks."""
    conversion = replace(KINDS[kind], count=900 if kind == "shapes" else 6_000)
    found = [
        digests(tmp_path / str(number), conversion, jobs, place)
        for number, (jobs, place) in enumerate(itertools.product((1, 2, 4, 8), PLACES))
    ]
    assert all(one == found[0] for one in found)

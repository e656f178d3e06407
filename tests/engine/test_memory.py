"""Memory is flat: converting many records takes no more of it than converting few, whatever the format."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

import semantics

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc")

SOURCE: dict[str, Any] = {
    "id": "https://example.org/src",
    "name": "src",
    "default_prefix": "https://example.org/src/",
    "classes": {
        "Row": {"attributes": {"id": {"required": True}, "name": {}, "amount": {"range": "decimal"}, "day": {"range": "date"},
                               "kind": {}}},
    },
}  # fmt: skip
TARGET: dict[str, Any] = {
    "id": "https://example.org/tgt",
    "name": "tgt",
    "prefixes": {"ex": "https://example.org/"},
    "default_prefix": "https://example.org/tgt/",
    "classes": {
        "Thing": {"attributes": {"id": {"identifier": True, "range": "uriorcurie"}, "name": {"required": True},
                                 "amount": {"range": "decimal", "minimum_value": 0}, "day": {"range": "date"},
                                 "inner": {"range": "Inner", "inlined": True}}},
        "Inner": {"attributes": {"kind": {}}},
    },
}  # fmt: skip
MAPPING: dict[str, Any] = {
    "source_schema": "src",
    "target_schema": "tgt",
    "class_derivations": {
        "Thing": {
            "populated_from": "Row",
            "slot_derivations": {
                "id": {"expr": "'ex:' + id"}, "name": None, "amount": None, "day": None,
                "inner": {"class_derivations": {"Inner": {"slot_derivations": {"kind": {"value_mappings": {"a": "A", "b": "B"},
                                                                                       "populated_from": "kind"}}}}},
            },
        }
    },
}  # fmt: skip
SELECTORS = {
    "json": [{"path": "data.rows[*]", "class": "Row"}, {"path": "", "class": "Row", "has": ["id"]}],
    "xml": [{"path": "data.row[*]", "class": "Row"}],
}
MEASURED = """
import json, sys
import semantics
spec, source, target, runs = json.load(sys.stdin)
mapping = semantics.load_mapping(spec, source_schema=source, target_schema=target)
for path, output in runs:
    report = semantics.convert(mapping, path, output, jobs=1)
    peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print(json.dumps([report.records["read"], report.records["rejected"], int(peak.split()[1])]))
"""
REJECTED = 100
"""One record of so many is rejected."""


def rows(count: int) -> Iterator[dict[str, str]]:
    for n in range(count):
        amount = "-1" if n % REJECTED == REJECTED - 1 else f"{n % 977}.{n % 90 + 10}"
        yield {"id": f"n{n:08}", "name": f"Somebody of {n:08}", "amount": amount, "day": f"20{n % 90 + 10}-05-17",
               "kind": "ab"[n % 2]}  # fmt: skip


def as_json(count: int) -> Iterator[str]:
    """One line of one document, its envelope a record if it had a key that may come at its end."""
    yield '{"about": "rows", "data": {"rows": ['
    for n, row in enumerate(rows(count)):
        yield ("," if n else "") + json.dumps(row).replace(f'"{row["amount"]}"', row["amount"])
    yield "]}}"


def as_ndjson(count: int) -> Iterator[str]:
    for row in rows(count):
        yield json.dumps(row).replace(f'"{row["amount"]}"', row["amount"]) + "\n"


def as_yaml(count: int) -> Iterator[str]:
    for row in rows(count):
        yield "- " + "\n  ".join(f"{key}: {value}" for key, value in row.items()) + "\n"


def as_csv(count: int) -> Iterator[str]:
    yield "id,name,amount,day,kind\n"
    for row in rows(count):
        yield ",".join(row.values()) + "\n"


def as_xml(count: int) -> Iterator[str]:
    yield "<data>"
    for row in rows(count):
        yield "<row>" + "".join(f"<{key}>{value}</{key}>" for key, value in row.items()) + "</row>\n"
    yield "</data>"


FORMS: dict[str, Callable[[int], Iterator[str]]] = {
    "ndjson": as_ndjson, "csv": as_csv, "xml": as_xml, "json": as_json, "yaml": as_yaml,
}  # fmt: skip


def peaks(spec: dict[str, Any], target: dict[str, Any], runs: list[tuple[str, str]], counts: list[int]) -> list[int]:
    """The peak of memory, in kB, of a process after each of its conversions, which read so many records."""
    env = {**os.environ, "PYTHONPATH": str(Path(semantics.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", MEASURED], input=json.dumps([spec, SOURCE, target, runs]),
        capture_output=True, text=True, check=True, env=env, timeout=3600,
    )  # fmt: skip
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(read, rejected) for read, rejected, _ in found] == [(count, count // REJECTED) for count in counts]
    return [kilobytes for _, _, kilobytes in found]


def written(folder: Path, form: str, count: int) -> Path:
    path = folder / f"{count}.{form}"
    with path.open("w") as file:
        file.writelines(FORMS[form](count))
    return path


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("few", "many", "more"), [(8_000, 20_000, 4), pytest.param(10_000, 1_000_000, 10, marks=pytest.mark.slow)]
)
def test_many_records_take_no_more_memory_than_few(tmp_path: Path, form: str, few: int, many: int, more: int) -> None:
    """A process converts few and then many, to NDJSON and to N-Triples; its peak grows by ``more`` megabytes at most."""
    counts = [few, few, many, many]
    paths = [written(tmp_path, form, few)] * 2 + [written(tmp_path, form, many)] * 2
    runs = [(str(path), f"{path}.out.{end}") for path, end in zip(paths, ("ndjson", "nt") * 2, strict=True)]
    spec = {**MAPPING, "source": {"format": form, "records": SELECTORS[form]}} if form in SELECTORS else MAPPING
    found = peaks(spec, TARGET, runs, counts)
    assert found[3] - found[1] < more * 1024


@pytest.mark.slow
def test_references_are_remembered_in_bounded_memory(tmp_path: Path) -> None:
    """Identifiers and references beyond the budget are on the disk."""
    target, spec = deepcopy(TARGET), deepcopy(MAPPING)
    target["classes"]["Thing"]["attributes"]["next"] = {"range": "Thing"}
    slots = spec["class_derivations"]["Thing"]["slot_derivations"]
    slots["next"] = {"expr": "'ex:n' + replace(name, 'Somebody of ', '')"}
    counts = [10_000, 400_000]
    runs = [(str(written(tmp_path, "ndjson", count)), str(tmp_path / f"{count}.nt")) for count in counts]
    few, many = peaks(spec, target, runs, counts)
    assert many - few < 12 * 1024

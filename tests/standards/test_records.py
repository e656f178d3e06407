"""Records of published standards go all the way, and what does not is said: one file ``NAME.yaml`` for each mapping.

A file lists runs over ``../shared/sources`` with what becomes of their records, every source path that mapped records
lose with the reason (compared with the ledger, both ways), and the pairs in which two sources state the same facts.
A run ``through`` another mapping reads what that one makes of the files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import semantics
from semantics.engine.report import RunReport
from semantics.errors import SchemaError
from semantics.yaml_source import read_yaml

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Loss:
    """Source paths that are not carried, and why.

    A path covers what is below it. ``*.`` in front stands for any path above, ``*`` at the end for the rest of a name;
    by itself it is keys that are data, as the ledger names them.
    """

    paths: tuple[str, ...]
    why: str

    def covers(self, path: str) -> bool:
        """Whether the path, or something above it, is named here."""
        return any(re.match(_expression(named), path) for named in self.paths)


@dataclass(frozen=True)
class Standard:
    """What a file says of one mapping."""

    name: str
    runs: tuple[dict[str, Any], ...]
    losses: tuple[Loss, ...] = ()
    pairs: tuple[dict[str, Any], ...] = field(default=())


def _expression(path: str) -> str:
    head, rest = (r"(?:.*\.)?", path[2:]) if path.startswith("*.") else ("", path)
    if rest.endswith("*") and rest != "*":
        return head + re.escape(rest[:-1])
    return f"{head}{re.escape(rest)}(?:\\.|\\[|$)"


def _standard(path: Path) -> Standard:
    said = read_yaml(path, error=SchemaError).data
    assert set(said) <= {"runs", "not_carried", "pairs"}, path
    losses = tuple(Loss(tuple(entry["paths"]), entry["why"]) for entry in said.get("not_carried", ()))
    return Standard(path.stem, tuple(said["runs"]), losses, tuple(said.get("pairs", ())))


STANDARDS = tuple(_standard(path) for path in sorted(HERE.glob("*.yaml")))


def _files(shared: Path, patterns: list[str]) -> list[Path]:
    found = [path for pattern in patterns for path in sorted((shared / "sources").glob(pattern))]
    assert found, patterns
    return found


def _run(standard: Standard, number: int, shared: Path, folder: Path) -> tuple[RunReport, Path]:
    """One run of a file, done once however many tests ask for it."""
    run = standard.runs[number]
    files = tuple(_files(shared, run["files"]))
    if "through" in run:
        files = (_converted(run["through"], files, folder)[1],)
    return _converted(standard.name, files, folder)


@cache
def _converted(name: str, files: tuple[Path, ...], folder: Path) -> tuple[RunReport, Path]:
    output = folder / f"{len(list(folder.iterdir()))}.ndjson"
    return semantics.convert(_loaded(name), list(files), output, validate="both"), output


@cache
def _loaded(name: str) -> semantics.Mapping:
    return semantics.load_mapping(name)


@cache
def _unchecked(name: str) -> semantics.Mapping:
    """For records that the statement of the standard has validated: nothing is compiled."""
    return replace(_loaded(name), backend="evaluate", check=False)


@pytest.fixture(scope="session")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the runs of this module write."""
    return tmp_path_factory.mktemp("standards")


def _every_run() -> Iterator[Any]:
    for standard in STANDARDS:
        for number, run in enumerate(standard.runs):
            name = f"{standard.name}: {run['files'][0]}"
            yield pytest.param(standard, number, id=name, marks=pytest.mark.xdist_group(standard.name))


@pytest.mark.parametrize(("standard", "number"), list(_every_run()))
def test_real_records_map_and_are_valid(standard: Standard, number: int, shared: Path, outputs: Path) -> None:
    """Records are mapped and valid by checker, shapes and generated classes, or rejected for a reason that is told."""
    run = standard.runs[number]
    report, output = _run(standard, number, shared, outputs)
    rejected = {code: entry["count"] for code, entry in run.get("rejected", {}).items()}
    counts = {name: report.records[name] for name in ("read", "mapped", "filtered")}
    expected = {"read": run["read"], "mapped": run["mapped"], "filtered": run.get("filtered", 0)}
    assert (counts, dict(report.rejects)) == (expected, rejected)
    module = import_module(f"semantics.models.{semantics.load_mapping(standard.name).plan.target_schema}")
    for line in output.read_text().splitlines():
        data = json.loads(line)
        getattr(module, data["type"]).model_validate(data)


def _every_standard() -> Iterator[Any]:
    for each in STANDARDS:
        yield pytest.param(each, id=each.name, marks=pytest.mark.xdist_group(each.name))


@pytest.mark.parametrize("standard", list(_every_standard()))
def test_the_statement_of_losses_is_the_ledgers(standard: Standard, shared: Path, outputs: Path) -> None:
    """No path is lost without a line in the statement, and the statement names nothing that is not lost."""
    lost: set[str] = set()
    for number in range(len(standard.runs)):
        lost |= set(_run(standard, number, shared, outputs)[0].not_carried)
    untold = sorted(path for path in lost if not any(loss.covers(path) for loss in standard.losses))
    idle = [
        path
        for loss in standard.losses
        for path in loss.paths
        if not any(Loss((path,), "").covers(found) for found in lost)
    ]
    assert (untold, idle) == ([], [])


def _pairs() -> Iterator[Any]:
    for standard in STANDARDS:
        for pair in standard.pairs:
            yield pytest.param(standard, pair, id=pair["title"], marks=pytest.mark.xdist_group(standard.name))


@pytest.mark.parametrize(("standard", "pair"), list(_pairs()))
def test_pairs_give_equal_instances(standard: Standard, pair: dict[str, Any], shared: Path, outputs: Path) -> None:
    """Two sources that state the same facts give the same instances, apart from the slots listed with a reason."""
    sides = []
    for side in (pair["left"], pair["right"]):
        name = side.get("mapping", standard.name)
        told: dict[str, list[Path]] = {}
        for path in _files(shared, side["files"]):
            found = re.search(side.get("key", pair.get("key", r"([^/]+)\.[^./]+$")), path.as_posix())
            assert found, path
            told.setdefault("/".join(found.groups()), []).append(path)
        sides.append({key: _instances(name, files, outputs, pair) for key, files in told.items()})
    assert sorted(sides[0]) == sorted(sides[1])
    assert len(sides[0]) == pair["count"]
    for key, instances in sides[0].items():
        assert instances == sides[1][key], key


def _instances(name: str, files: list[Path], folder: Path, pair: dict[str, Any]) -> list[str]:
    """The instances of some files as sorted JSON, without the slots (``Class.slot.below`` or ``Class``) that differ."""
    output = folder / f"{len(list(folder.iterdir()))}.ndjson"
    semantics.convert(_unchecked(name), list(files), output, validate="none")
    apart = [str(entry["slot"]).split(".") for entry in pair.get("differences", ())]
    instances = []
    for line in output.read_text().splitlines():
        data = json.loads(line)
        if [data["type"]] in apart:
            continue
        for kind, *slots in apart:
            if kind == data["type"]:
                _remove(data, slots)
        if pair.get("unordered"):
            data = _sorted(data)
        instances.append(json.dumps(_plain(data), sort_keys=True, indent=1))
    return sorted(instances)


def _plain(value: Any) -> Any:
    """Values in one form each: ``1.50`` is ``1.5``, and a moment has no zeros behind its seconds."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        return re.sub(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d*?)0+(Z|[+-]\d\d:\d\d)$", _shortened, value)
    return value


def _shortened(found: re.Match[str]) -> str:
    return found[1] + found[2].rstrip(".") + found[3]


def _sorted(data: Any) -> Any:
    """Data with every list in one order: RDF has none."""
    if isinstance(data, dict):
        return {key: _sorted(value) for key, value in data.items()}
    return sorted(map(_sorted, data), key=json.dumps) if isinstance(data, list) else data


def _remove(data: Any, slots: list[str]) -> None:
    """Take a slot out of an object, or out of each of a list; an object that is then empty goes too."""
    if isinstance(data, list):
        for each in data:
            _remove(each, slots)
    elif isinstance(data, dict) and slots[0] in data:
        if len(slots) == 1:
            del data[slots[0]]
        else:
            _remove(data[slots[0]], slots[1:])
            if data[slots[0]] in ({}, []):
                del data[slots[0]]


def test_the_list_of_the_corpus_names_what_the_statements_do() -> None:
    """``semantics run tests/corpus.yaml`` converts every file that a statement counts, but what is made of others."""
    listed = read_yaml(HERE.parent / "corpus.yaml", error=SchemaError).data["conversions"]
    stated = {
        each.name: list(dict.fromkeys(file for run in each.runs if "through" not in run for file in run["files"]))
        for each in STANDARDS
    }
    assert listed == {name: files for name, files in stated.items() if files}

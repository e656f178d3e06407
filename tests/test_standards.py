"""The examples of the mappings go all the way: on every backend, in every format, by the generated classes."""

from __future__ import annotations

import json
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

import semantics
from semantics.backends import BACKENDS
from semantics.engine.inputs import Inputs
from semantics.engine.mapping import Mapping
from semantics.records import Mapped, Rejected
from semantics.workspace import Workspace, library_root

EXAMPLES = library_root() / "mappings" / "examples"
NAMES = tuple(Workspace((library_root(),)).names("mappings"))
EACH = pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in NAMES])
"""Each mapping, its tests one after the other in one process: what it is compiled to is made once."""

_loaded = lru_cache(maxsize=2)(semantics.load_mapping)


def _with_partners(mapping: Mapping, name: str) -> Mapping:
    """The mapping with what its joins look up among the records of its examples."""
    if not mapping.plan.partners:
        return mapping
    found: dict[str, list[dict[str, Any]]] = {partner: [] for partner in mapping.plan.partners}
    for _, record in Inputs(mapping.plan, [str(EXAMPLES / name)]).records():
        if (told := str(mapping.class_of(record))) in found:
            found[told].append(record.data)
    return mapping.with_related(found)


@EACH
def test_examples_map_on_every_backend(name: str) -> None:
    """The examples of the package are mapped, the same on every backend."""
    told = {}
    for backend in BACKENDS:
        mapping = _with_partners(
            _loaded(name) if backend == "python" else Mapping(_loaded(name).prepared, backend), name
        )
        outcomes = [mapping.outcome(record, []) for _, record in Inputs(mapping.plan, [str(EXAMPLES / name)]).records()]
        assert outcomes
        assert [o.diagnostics for o in outcomes if isinstance(o, Rejected)] == []
        told[backend] = [[(i.class_name, repr(i.data)) for i in o.instances] for o in outcomes if isinstance(o, Mapped)]
    assert len({json.dumps(found) for found in told.values()}) == 1


@EACH
def test_every_format_says_the_same(name: str, tmp_path: Path) -> None:
    """N-Triples, Turtle and JSON-LD are one graph; JSON and NDJSON one list."""
    import pyoxigraph

    mapping, graphs = _loaded(name), []
    for suffix, kind in (("nt", "N_TRIPLES"), ("ttl", "TURTLE"), ("jsonld", "JSON_LD")):
        path = tmp_path / f"out.{suffix}"
        semantics.convert(mapping, EXAMPLES / name, path)
        quads = pyoxigraph.parse(path.read_bytes(), format=getattr(pyoxigraph.RdfFormat, kind))
        dataset = pyoxigraph.Dataset(quads)
        dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.UNSTABLE)
        graphs.append(dataset)
    assert graphs[0] == graphs[1] == graphs[2]
    for suffix in ("json", "ndjson"):
        semantics.convert(mapping, EXAMPLES / name, tmp_path / f"out.{suffix}")
    array = json.loads((tmp_path / "out.json").read_text())
    assert array == [json.loads(line) for line in (tmp_path / "out.ndjson").read_text().splitlines()]


@EACH
def test_instances_are_valid_by_the_generated_classes(name: str, tmp_path: Path) -> None:
    """What the checker lets through, the Pydantic classes take, and give back."""
    from importlib import import_module

    mapping = _with_partners(_loaded(name), name)
    module = import_module(f"semantics.models.{mapping.plan.target_schema}")
    seen: Counter[str] = Counter()
    for _, record in Inputs(mapping.plan, [str(EXAMPLES / name)]).records():
        outcome = mapping.outcome(record, [])
        assert not isinstance(outcome, Rejected)
        for instance in outcome.instances if isinstance(outcome, Mapped) else ():  # the rest is only looked up
            model = getattr(module, instance.class_name).model_validate(instance.data)
            assert model.model_dump(exclude_none=True, by_alias=True) == instance.data
            seen[instance.class_name] += 1
    assert seen


def test_one_command_takes_a_folder_of_tables(tmp_path: Path) -> None:
    """Each file of a feed is told by its header; times past midnight keep their meaning."""
    report = semantics.convert("gtfs", EXAMPLES / "gtfs", tmp_path / "feed.ndjson")
    assert report.notes == ()
    calls = [
        row
        for line in (tmp_path / "feed.ndjson").read_text().splitlines()
        if (row := json.loads(line))["type"] == "StopCall"
    ]
    late = [row for row in calls if row.get("arrival_time", "") >= "24:00:00"]
    assert late
    assert all(row["arrival_offset"] >= 24 * 3600 for row in late)

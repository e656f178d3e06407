"""``compat: linkml-map`` on folders of tables: that tool's own verdicts, on every backend."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import semantics
from semantics.backends import BACKENDS

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "conformance" / "linkml-map" / "tables.ndjson"
CASES = [json.loads(line) for line in RECORDED.read_text("utf-8").splitlines()] if RECORDED.is_file() else []


def told(case: dict[str, Any], backend: str, place: Path) -> tuple[list[Any], bool]:
    """The instances of a folder of tables, and whether everything went well."""
    folder = place / "in"
    folder.mkdir()
    for name, text in case["files"].items():
        (folder / name).write_text(text, "utf-8")
    out = place / "out.ndjson"
    try:
        mapping = semantics.load_mapping(
            case["specification"], source_schema=case["source_schema"], compat="linkml-map"
        )
        report = semantics.convert(replace(mapping, backend=backend), folder, out)
    except semantics.SemanticsError:
        return [], False
    return [json.loads(line) for line in out.read_text("utf-8").splitlines()], report.exit_code == 0


def in_any_order(items: list[Any]) -> list[str]:
    """Instances by their text."""
    return sorted(json.dumps(item, sort_keys=True) for item in items)


@pytest.mark.skipif(not CASES, reason="the recorded verdicts are not beside the checkout")
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["feature"].rpartition("::")[2] + "-" + case["case"])
def test_recorded_case(case: dict[str, Any], backend: str, tmp_path: Path) -> None:
    """The same instances, or a fault where the tool has one."""
    found, well = told(case, backend, tmp_path)
    if "error" in case:
        assert not well
        return
    assert in_any_order(found) == in_any_order(case["output"])
    assert well or case["on_error"] == "collect"


@pytest.mark.parametrize("backend", BACKENDS)
def test_yaml_and_json_among_tables(backend: str, tmp_path: Path) -> None:
    """A list in YAML, joined with a list in JSON; a file that is not YAML stops the run."""
    attributes = {
        "A": {"aid": {"identifier": True}, "n": {"range": "float"}},
        "B": {"aid": {"identifier": True}, "t": {}},
    }
    schema = {
        "id": "https://example.org/y", "name": "y", "default_range": "string", "imports": ["linkml:types"],
        "prefixes": {"linkml": "https://w3id.org/linkml/"},
        "classes": {name: {"attributes": slots} for name, slots in attributes.items()},
    }  # fmt: skip
    slots = {"id": {"populated_from": "aid"}, "n": {}, "t": {"expr": "{B.t}"}}
    case = {
        "files": {
            "A.yaml": "- aid: x\n  n: 1.5\n- {aid: y, n: }\n",
            "B.json": '[{"aid": "x", "t": "found"}]',
            "C.yaml": "c: 1",
        },
        "specification": {"class_derivations": {"R": {"populated_from": "A", "slot_derivations": slots}}},
        "source_schema": schema,
    }
    assert told(case, backend, tmp_path) == (
        [{"id": "x", "n": 1.5, "t": "found"}, {"id": "y", "n": None, "t": None}],
        True,
    )
    (tmp_path / "again").mkdir()
    case["files"] = {"A.yaml": "- aid: [x\n", "B.json": "[]"}
    assert told(case, backend, tmp_path / "again") == ([], False)

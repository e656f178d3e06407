"""``compat: linkml-map`` for whole specifications: what that tool recorded of itself, on both backends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import semantics
from semantics.engine.mapping import Mapping

RECORDED = Path(__file__).resolve().parents[2].parent / "shared" / "conformance" / "linkml-map" / "cases.ndjson"
BACKENDS = ("evaluate", "python")

DIFFERENT: dict[str, str] = {}
"""Recorded cases that come out otherwise here, by id, each with the reason (docs/compat.md lists them)."""


def _cases() -> list[dict[str, Any]]:
    if not RECORDED.is_file():
        return []
    return [json.loads(line) for line in RECORDED.read_text("utf-8").splitlines()]


CASES = {case["id"]: case for case in _cases()}
needs_cases = pytest.mark.skipif(not CASES, reason="the recorded cases are not beside the checkout")


def told(case: dict[str, Any], backend: str) -> Any:
    """What a case gives: its instance, or the error that it ends with."""
    try:
        mapping = semantics.load_mapping(
            case["specification"],
            source_schema=case["source_schema"],
            target_schema=case["target_schema"],
            compat="linkml-map",
        )
        return Mapping(mapping.prepared, backend, check=False).apply(case["source_object"], case["source_class"])
    except semantics.SemanticsError as fault:
        return fault


def same(left: Any, right: Any) -> bool:
    """Equal, and of one type everywhere: 5.0 is not 5, true is not 1."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def agrees(case: dict[str, Any], backend: str) -> bool:
    """Whether a case comes out as recorded; a case with statements may be refused."""
    found = told(case, backend)
    if isinstance(found, semantics.SemanticsError):
        internal = isinstance(found, semantics.InternalError) or any(d.code == "INT001" for d in found.diagnostics)
        return not internal and ("error" in case or case["eval"] == "unrestricted")
    return "error" not in case and same(found, case["output"])


def _parameters() -> Iterator[Any]:
    for identifier, case in CASES.items():
        for backend in BACKENDS:
            yield pytest.param(identifier, backend, id=f"{case['feature']}-{identifier}-{backend}")


@needs_cases
@pytest.mark.parametrize(("identifier", "backend"), list(_parameters()))
def test_a_recorded_case(identifier: str, backend: str) -> None:
    case = CASES[identifier]
    if identifier in DIFFERENT:
        assert not agrees(case, backend), "a difference that is gone must be taken from the table"
        pytest.skip(DIFFERENT[identifier])
    found = told(case, backend)
    assert agrees(case, backend), f"found {found}, recorded {case.get('output', case.get('error'))}"


@needs_cases
@pytest.mark.parametrize("backend", BACKENDS)
def test_nearly_all_cases_agree(backend: str) -> None:
    safe = [case for case in CASES.values() if case["eval"] == "safe"]
    right = [case for case in safe if agrees(case, backend)]
    assert len(right) >= 0.98 * len(safe)

"""Specifications of linkml-map turned around: the recorded objects come back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import semantics

RECORDED = Path(__file__).resolve().parents[2].parent / "shared" / "conformance" / "linkml-map" / "cases.ndjson"


def recorded() -> list[dict[str, Any]]:
    if not RECORDED.is_file():
        return []
    cases = [json.loads(line) for line in RECORDED.read_text("utf-8").splitlines() if line]
    return [case for case in cases if case.get("invertible") and "output" in case]


CASES = recorded()


@pytest.mark.skipif(not CASES, reason="the recorded cases are not beside the checkout")
@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_recorded_object_comes_back(case: dict[str, Any]) -> None:
    inverse = semantics.invert(case["specification"], source_schema=case["source_schema"], compat="linkml-map")
    back = semantics.load_mapping(inverse)
    root = case["source_class"] or next(iter(inverse.mapping["class_derivations"]))["populated_from"]
    assert back.apply(case["output"], source_class=root) == case["roundtrip"]


def test_what_is_computed_is_one_way_and_units_are_swapped() -> None:
    schema = {"id": "https://example.org/a", "name": "a", "classes": {"C": {"attributes": {
        "m": {"range": "float", "unit": {"ucum_code": "m"}}, "s": {"multivalued": True}}}}}  # fmt: skip
    spec = {"class_derivations": {"D": {"populated_from": "C", "slot_derivations": {
        "cm": {"populated_from": "m", "unit_conversion": {"target_unit": "cm"}},
        "text": {"populated_from": "s", "stringification": {"delimiter": ","}},
        "twice": {"expr": "{m} * 2"},
    }}}}  # fmt: skip
    inverse = semantics.invert(spec, source_schema=schema, compat="linkml-map")
    assert [(slot.slot, slot.verdict) for slot in inverse.slots] == [
        ("cm", "lossy"),
        ("text", "lossy"),
        ("twice", "one-way"),
    ]
    assert semantics.load_mapping(inverse).apply({"cm": 150.0, "text": "a,b"}, source_class="D") == {
        "m": 1.5,
        "s": ["a", "b"],
    }


def test_a_record_of_a_specification_with_joins_is_explained_without_partners() -> None:
    schema = {"id": "https://example.org/a", "name": "a", "classes": {
        "M": {"attributes": {"id": {"identifier": True}, "method": {}}},
        "R": {"attributes": {"id": {"identifier": True}, "M_id": {}, "score": {}}}}}  # fmt: skip
    spec = {"class_derivations": {"X": {"populated_from": "M", "slot_derivations": {
        "id": {}, "score": {"expr": "{R.score}"}}}}}  # fmt: skip
    mapping = semantics.load_mapping(spec, source_schema=schema, compat="linkml-map")
    found = semantics.explain(mapping, {"method": "m"}, source_class="M")
    assert found.outcome in ("mapped", "rejected")

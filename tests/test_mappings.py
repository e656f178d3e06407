"""The mappings of the package pass their own tests, and every class derivation has one."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from semantics.backends import RecordFault
from semantics.backends.evaluate import Evaluator
from semantics.engine.mapping import Mapping
from semantics.engine.testing import load_tests
from semantics.mapping.load import read_mapping
from semantics.plan.model import ClassRule
from semantics.workspace import Workspace, library_root

LIBRARY = Workspace((library_root(),))
NAMES = tuple(LIBRARY.names("mappings"))
EACH = pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in NAMES])
"""Each mapping, its tests one after the other in one process: what it is compiled to is made once."""


def test_there_are_mappings() -> None:
    """A file of tests is not taken for a mapping."""
    assert {"fhir-r4", "gtfs", "open-banking"} <= set(NAMES)
    assert not any(name.endswith(".tests") for name in NAMES)


@EACH
def test_all_tests_of_a_mapping_pass(name: str) -> None:
    """What ``semantics test`` runs when nothing is named, by mapping."""
    results = load_tests(name, workspace=LIBRARY).run()
    assert [(result.mapping, result.name, result.differences) for result in results if not result.passed] == []
    assert results


@EACH
def test_every_class_derivation_has_a_test(name: str) -> None:
    """Each derivation at the top of the mapping makes something in one of its tests."""
    path = LIBRARY.find(name, "mappings")
    found, loaded = load_tests(name, workspace=LIBRARY), read_mapping(path, workspace=LIBRARY)
    made: set[int | None] = set()
    assert found.prepared is not None
    plan = found.prepared.plan

    def trace(kind: str, node: Any, value: Any) -> None:
        if kind == "leave" and isinstance(node, ClassRule) and value:
            made.add(node.origin.line)

    mapping = Mapping(found.prepared)
    for test in found.tests:
        records = [mapping.formed(record) for record in found.records(test, plan)]
        told = [(str(name), record.data) for record, name in records]
        partners = {name: [data for of, data in told if of == name] for name in plan.partners}
        oracle = Evaluator(plan, trace, related=mapping.with_related(partners).related if partners else None)
        for of, data in told:
            with contextlib.suppress(RecordFault):
                oracle.map(data, of, [])
    for group in plan.groups.values():  # their tests show what they make
        rule = plan.rules[group.rule]
        if any(rule.target_class in entry for test in found.tests for entry in test.test.outputs or ()):
            made.add(rule.origin.line)
    places = [loaded.location("class_derivations", index) for index in range(len(loaded.spec.class_derivations))]
    elsewhere = {f"mappings/{other}.yaml" for other in NAMES if other != name}  # imported, with tests of its own
    assert [str(place) for place in places if place.line not in made and place.file not in elsewhere] == []

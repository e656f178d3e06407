"""Suggestions held against mappings that people wrote: a few mappings always, all of them where time allows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from semantics.engine.prepare import define
from semantics.suggestions.correspondences import Term
from semantics.suggestions.forest import forests
from semantics.suggestions.likeness import FEATURES
from semantics.suggestions.measure import Measured, Truth, truth_of
from semantics.suggestions.propose import propose
from semantics.suggestions.support import CONTEXT
from semantics.suggestions.usage import experience_of, without

ROOT = Path(__file__).parents[2]
FEW = ("gbfs", "gtfs", "optimade")


def test_a_few_mappings_are_suggested_from_what_the_others_say() -> None:
    """The evidence is that of the other two; the forests are those of the package, which know all three."""
    found = {name: define(name) for name in FEW}
    known = {name: experience_of(name, each.plan, each.source, each.target) for name, each in found.items()}
    total = Measured(0, 0, 0, 0)
    for name, each in found.items():
        proposals = propose(each.source, each.target, without(known.values(), known[name]))
        links = ((one.read, one.source, one.target) for one in proposals.active)
        total += truth_of(each.plan, each.source, each.target).measure(links)
    assert total.precision >= 0.75
    assert total.recall >= 0.35


def test_a_proposal_is_right_at_the_object_and_at_what_is_in_it() -> None:
    sum_, amount, value = Term("Bill", "sum"), Term("Invoice", "amount"), Term("MonetaryAmount", "value")
    wanted = frozenset({(sum_, amount)})
    truth = Truth(wanted, {(sum_, amount): wanted, (sum_, value): wanted}, frozenset())
    assert truth.measure([(sum_, sum_, amount), (sum_, sum_, value)]) == Measured(2, 2, 1, 1)


def test_what_is_apart_counts_neither_way() -> None:
    key, identifier = Term("Bill", "number"), Term("Invoice", "id")
    truth = Truth(frozenset(), {}, frozenset({(key, identifier)}))
    assert truth.measure([(key, key, identifier)]) == Measured(0, 0, 0, 0)


def test_the_forests_ask_for_the_evidence_that_there_is() -> None:
    """Evidence that is added or taken away needs forests that are grown anew: `just suggestions --fit`."""
    assert [forest.names for forest in forests()] == [(*FEATURES,), (*FEATURES, *CONTEXT)]


@pytest.mark.slow
def test_all_mappings_left_out_one_after_another() -> None:
    """The forests and the evidence know nothing of a mapping that is measured."""
    run = subprocess.run(
        [sys.executable, "benchmarks/suggest.py"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=3600
    )
    total = next(line.split() for line in run.stdout.splitlines() if line.startswith("all "))
    precision, recall, f1, by_name = (float(total[at]) for at in (1, 2, 3, 7))
    assert precision >= 0.75
    assert recall >= 0.6
    assert f1 - by_name >= 0.2

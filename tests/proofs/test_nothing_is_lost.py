"""Whatever is wrong with whichever records: in = mapped + rejected + filtered, with any number of workers.

Each rejected record is in the rejects file with its exact bytes; when the mapping and the model are mended, what the
rejects give is what was missing.
"""

from __future__ import annotations

import base64
import json
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import semantics
from semantics.engine.mapping import Mapping

from .runs import FORMS, MAPPINGS, POISON, SOURCE, TARGET, Row, rows

TARGETS = {"ndjson": "ndjson", "json": "json", "ntriples": "nt"}
FAULTS = st.dictionaries(st.integers(0, 299), st.sampled_from(POISON), max_size=40)


@cache
def mapping(document: bool, mended: bool) -> Mapping:
    """The mapping of the proofs; mended it knows one more code, and the model allows ages below nothing."""
    spec = yaml.safe_load(MAPPINGS["people-in-a-document" if document else "people"])
    target = yaml.safe_load(TARGET)
    if mended:
        spec["class_derivations"]["Person"]["slot_derivations"]["kind"]["value_mappings"]["zz"] = "A"
        target["classes"]["Person"]["attributes"]["age"]["minimum_value"] = -5
    return semantics.load_mapping(
        {**spec, "name": "people"}, source_schema=yaml.safe_load(SOURCE), target_schema=target
    )


def spoilt(count: int, faults: dict[int, str]) -> list[Row]:
    """So many rows, some of them with a fault."""
    made = []
    for number, (row, _) in enumerate(rows(count, bad=10**6)):
        fault = faults.get(number, "")
        row |= {"code": {"kind": "zz"}, "skip": {"kind": "skip"}, "age": {"age": -1}}.get(fault, {})
        made.append((row, fault))
    return made


def instances(path: Path, sink: str) -> Counter[str]:
    """The instances of an output, or its triples."""
    text = path.read_text("utf-8")
    if sink == "json":
        return Counter(json.dumps(one) for one in json.loads(text))
    return Counter(text.splitlines())


def raw_of(entry: dict[str, Any]) -> bytes:
    """The bytes of a rejected record."""
    return base64.b64decode(entry["raw"]) if entry.get("encoding") == "base64" else entry["raw"].encode()


def holds(place: Path, suffix: str, sink: str, count: int, faults: dict[int, str], jobs: int) -> None:
    """Convert, and settle the accounts; then mend what is wrong and convert the rejects."""
    document = suffix in (".xml", ".json")
    made = spoilt(count, faults)
    form = FORMS[suffix]
    (place / f"in{suffix}").write_bytes(form.document(made))
    out = place / f"out.{TARGETS[sink]}"
    report = semantics.convert(mapping(document, False), place / f"in{suffix}", out, jobs=jobs)
    wrong = [(number, row) for number, row in enumerate(made) if row[1] not in ("", "skip")]
    assert report.records["read"] == count
    assert report.records["rejected"] == len(wrong)
    assert report.records["filtered"] == sum(fault == "skip" for _, fault in made)
    assert report.records["mapped"] == count - len(wrong) - report.records["filtered"]
    rejects = Path(f"{out}.rejects.ndjson")
    entries = [json.loads(line) for line in rejects.read_bytes().splitlines()] if rejects.exists() else []
    assert [entry["record"] for entry in entries] == [number + 1 for number, _ in wrong]
    assert [raw_of(entry).rstrip(b"\r\n") for entry in entries] == [form.piece(*row) for _, row in wrong]
    if not entries:
        return
    again, clean = place / f"again.{TARGETS[sink]}", place / f"clean.{TARGETS[sink]}"
    mended = mapping(document, True)
    left = semantics.convert(mended, rejects, again, replay=True, jobs=jobs)
    semantics.convert(mended, place / f"in{suffix}", clean)
    assert instances(out, sink) + instances(again, sink) == instances(clean, sink)
    assert left.records["rejected"] == sum(row[1] in ("broken", "ragged") for _, row in wrong)


@pytest.mark.parametrize("suffix", FORMS)
@given(count=st.integers(1, 300), faults=FAULTS, jobs=st.integers(1, 3), sink=st.sampled_from(sorted(TARGETS)))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_goes_in_is_mapped_rejected_or_filtered(
    suffix: str, count: int, faults: dict[int, str], jobs: int, sink: str
) -> None:
    """Some patterns of faults in each format."""
    with tempfile.TemporaryDirectory() as place:
        holds(Path(place), suffix, sink, count, {at: fault for at, fault in faults.items() if at < count}, jobs)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", FORMS)
@given(count=st.integers(1, 3_000), seed=st.randoms(use_true_random=False), jobs=st.integers(1, 4),
       sink=st.sampled_from(sorted(TARGETS)))  # fmt: skip
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_many_patterns_of_faults(suffix: str, count: int, seed: Any, jobs: int, sink: str) -> None:
    """Over enough records for many chunks."""
    rate = seed.choice([2, 10, 100])
    faults = {at: seed.choice(POISON) for at in range(count) if seed.randrange(rate) == 0}
    with tempfile.TemporaryDirectory() as place:
        holds(Path(place), suffix, sink, count, faults, jobs)

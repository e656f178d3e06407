"""The conformance suite on the columnar backend: what it carries out is what the oracle gives; the rest it declares."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow")
pytest.importorskip("duckdb")

from semantics.backends.columnar import GAPS, Refused
from semantics.engine.inputs import Inputs
from semantics.records import Record
from semantics.testing import Case, cases

from .columns import NoColumns, columnar, compiled, ordinary, table

CASES = [
    case for case in cases(Path(__file__).parents[1] / "conformance")
    if not (case.folder / "errors.yaml").is_file() and (case.folder / "expected.json").is_file()
]  # fmt: skip


def records_of(case: Case, mapping: Any) -> list[Record]:
    if (case.folder / "input.json").is_file():
        found = json.loads((case.folder / "input.json").read_text("utf-8"), parse_float=Decimal)
        return [Record(data, number=number) for number, data in enumerate(found, start=1)]
    (path,) = (*case.folder.glob("input.*sv"), *case.folder.glob("document.*"))
    return [record for _, record in Inputs(mapping.plan, [str(path)]).records()]


def carried_out(case: Case) -> tuple[Counter[str], list[str]]:
    """How many records of a case came to what ("same", "left", "gap: …"), and what differs."""
    mapping = case.mapping("evaluate")
    told: Counter[str] = Counter()
    wrong: list[str] = []
    for record in records_of(case, mapping):
        source_class = mapping.class_of(record) if record.fault is None else None
        if not isinstance(source_class, str) or type(record.data) is not dict:
            told["no row of a class"] += 1
            continue
        try:
            rows = table([record.data])
            query = compiled(mapping, source_class, rows)
        except NoColumns:
            told["no columns"] += 1
            continue
        except Refused as fault:
            for name in {gap.name for gap in fault.gaps}:
                told[f"gap: {name}"] += 1
            continue
        found, notes = columnar(query, rows)
        wanted, events = ordinary(mapping, source_class, record.data)
        if found is None:
            told["left, rejected" if wanted == "rejected" else "left"] += 1
        elif found != wanted or notes != events:
            wrong.append(f"record {record.number}: {found} {notes} instead of {wanted} {events}")
        else:
            told["same"] += 1
    return told, wrong


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_comes_out_as_on_the_oracle_or_falls_into_a_declared_gap(case: Case) -> None:
    """No row of the suite is carried out differently."""
    told, wrong = carried_out(case)
    assert not wrong, wrong
    assert all(name.removeprefix("gap: ") in GAPS for name in told if name.startswith("gap: "))


def test_what_is_carried_out_does_not_shrink_unnoticed() -> None:
    """So many cases have a row that the query carries out, or leaves because it is rejected."""
    carried = [case for case in CASES if set(carried_out(case)[0]) & {"same", "left, rejected"}]
    assert len(carried) >= 60

"""The columnar backend: what it carries out is what the oracle gives; the rest it leaves or declares as a gap."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow")
pytest.importorskip("duckdb")
arrow_class = pytest.importorskip("semantics.sinks.arrow_schema").arrow_class

from semantics.backends.columnar import GAPS, Columnar, Refused, compile_columns, plan_gaps, session  # noqa: E402
from semantics.engine.inputs import Inputs  # noqa: E402
from semantics.engine.mapping import Mapping  # noqa: E402
from semantics.lexical import LexicalError  # noqa: E402
from semantics.records import Filtered, Mapped, Record  # noqa: E402
from semantics.testing import Case, cases  # noqa: E402

CONNECTION = session()


class NoColumns(Exception):
    """A record that no columns hold as it is."""


def typed(value: Any) -> pa.DataType:
    """The type of the column that holds a value exactly."""
    match value:
        case None:
            return pa.null()
        case bool():
            return pa.bool_()
        case int():
            if not -(2**63) <= value < 2**63:
                raise NoColumns
            return pa.int64()
        case float():
            return pa.float64()
        case Decimal():
            _, digits, exponent = value.as_tuple()
            if not isinstance(exponent, int) or exponent > 0 or (value.is_signed() and not value):
                raise NoColumns
            width = max(len(digits), -exponent + 1)
            if width > 38:
                raise NoColumns
            return pa.decimal128(width, -exponent)
        case str():
            return pa.string()
        case dict():
            return pa.struct([pa.field(name, typed(item)) for name, item in value.items()])
        case list():
            types = {typed(item) for item in value if item is not None} or {pa.null()}
            if len(types) > 1:
                raise NoColumns
            return pa.list_(types.pop())
        case _:
            raise NoColumns


def table(records: list[dict[str, Any]]) -> pa.Table:
    """Records of one shape as a table."""
    names = list(dict.fromkeys(name for record in records for name in record))
    columns = {}
    for name in names:
        values = [record.get(name) for record in records]
        types = {typed(value) for value in values} - {pa.null()} or {pa.null()}
        if len(types) > 1:
            raise NoColumns
        columns[name] = pa.array(values, types.pop())
    return pa.table(columns) if columns else pa.table({"nothing": pa.nulls(len(records))})


def compiled(mapping: Mapping, source_class: str, rows: pa.Table) -> Columnar:
    """The query of a mapping for rows of a class. Raises :class:`Refused`."""
    if gaps := plan_gaps(mapping.plan, source_class):
        raise Refused(gaps)
    rule = mapping.plan.rules[mapping.plan.roots[source_class][0]]
    target = mapping.prepared.target
    schema = arrow_class(target, rule.target_class).schema
    return compile_columns(mapping.plan, source_class, target, rows.schema, schema)


def ordinary(mapping: Mapping, source_class: str, record: dict[str, Any]) -> tuple[Any, Counter[Any]]:
    """What the ordinary engine makes of a record, as a row of the target's table, and what the ledger is told."""
    events: list[Any] = []
    outcome = mapping.outcome(
        Record({k: v for k, v in record.items() if v is not None}, class_name=source_class), events
    )
    told = Counter(events)
    match outcome:
        case Mapped(instances=(instance,)):
            made = arrow_class(mapping.prepared.target, instance.class_name)
            try:
                return made.batch([made.row(instance.data)]).to_pylist()[0], told
            except LexicalError:
                return "rejected", Counter()
        case Filtered():
            return "filtered", told
        case _:
            return "rejected", Counter()


def columnar(query: Columnar, rows: pa.Table) -> tuple[Any, Counter[Any]]:
    """What the query makes of one row; None where it leaves it to the ordinary engine."""
    chunk = query.run(CONNECTION, rows)
    if chunk is None:
        return None, Counter()
    told = Counter({(kind, slot, code): count for kind, slot, code, count in chunk.notes})
    made = chunk.table.to_pylist()
    return (made[0] if made else "filtered"), told


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

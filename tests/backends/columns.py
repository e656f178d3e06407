"""Records as columns, for tests of the columnar backend."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pyarrow as pa

from semantics.backends.columnar import Columnar, Refused, compile_columns, plan_gaps, session
from semantics.engine.mapping import Mapping
from semantics.lexical import LexicalError
from semantics.records import Filtered, Mapped, Record
from semantics.sinks.arrow_schema import arrow_class

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

"""Types of Arrow and of Spark: columns as Spark declares them, and moments in UTC."""

from __future__ import annotations

from typing import Any

__all__ = ["columns_of", "in_utc"]


def columns_of(schema: Any) -> str:
    """The columns of a ``pyarrow.Schema`` as Spark's DDL has them.

    >>> import pyarrow as pa
    >>> columns_of(pa.schema([("id", pa.string()), ("at", pa.list_(pa.struct([("a b", pa.decimal128(38, 18))])))]))
    '`id` string, `at` array<struct<`a b`: decimal(38,18)>>'
    """
    return ", ".join(f"{_quoted(field.name)} {_type(field.type)}" for field in schema)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _type(kind: Any) -> str:
    import pyarrow as pa

    types = pa.types
    if types.is_struct(kind):
        fields = (kind.field(index) for index in range(kind.num_fields))
        return f"struct<{', '.join(f'{_quoted(one.name)}: {_type(one.type)}' for one in fields)}>"
    if types.is_map(kind):
        return f"map<{_type(kind.key_type)}, {_type(kind.item_type)}>"
    if types.is_list(kind):
        return f"array<{_type(kind.value_type)}>"
    if types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if types.is_timestamp(kind):
        return "timestamp"
    names = {pa.string(): "string", pa.int64(): "bigint", pa.float64(): "double", pa.bool_(): "boolean"}
    return {**names, pa.date32(): "date"}[kind]


def in_utc(batch: Any) -> Any:
    """A batch whose moments are in UTC: Spark gives them in the zone of the session, which is not of the data."""
    import pyarrow as pa

    fields = [field.with_type(_in_utc(field.type)) for field in batch.schema]
    wanted = pa.schema(fields)
    return batch if wanted.equals(batch.schema) else batch.cast(wanted)


def _in_utc(kind: Any) -> Any:
    import pyarrow as pa

    types = pa.types
    if types.is_timestamp(kind) and kind.tz is not None:
        return pa.timestamp(kind.unit, "UTC")
    if types.is_struct(kind):
        fields = [kind.field(index) for index in range(kind.num_fields)]
        return pa.struct([field.with_type(_in_utc(field.type)) for field in fields])
    if types.is_map(kind):
        return pa.map_(kind.key_field, kind.item_field.with_type(_in_utc(kind.item_type)))
    if types.is_list(kind):
        return pa.list_(kind.value_field.with_type(_in_utc(kind.value_type)))
    return kind

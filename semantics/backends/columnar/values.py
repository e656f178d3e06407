"""Columns with their types: what a node holds, and for which rows the ordinary engine would find nothing wrong with it.

Every node here gives a value for every row, whatever the row holds, and never an error: casts give null. ``fine`` says
for which rows that value is the one that the oracle gives; the other rows are left to the ordinary engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from semantics.backends.columnar.gaps import Unproven
from semantics.backends.columnar.sql import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    NULL,
    TRUE,
    VARCHAR,
    Cast,
    Constant,
    IsNull,
    Name,
    Node,
    Not,
    SqlType,
    both,
    decimal_type,
    either,
    function,
    names,
    rendered,
)
from semantics.expressions.types import Kind

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "ColumnType",
    "Query",
    "Value",
    "column_type",
    "known_false",
    "narrowed",
    "null_of",
    "sql_type",
    "text_value",
]

WHOLE: Final = 19
"""Digits of a whole number that a column holds."""


@dataclass(frozen=True, slots=True)
class ColumnType:
    """What a column holds, in the plain form of the language: a date is its ISO text all the same.

    ``width`` and ``scale`` are the digits of an exact number, and those after the point; ``settled``: it is read with
    all of these, zeros too. ``fields`` are those of an object, by name; ``item`` is what a list holds, whose kind is
    its own.
    """

    kind: Kind
    width: int = 0
    scale: int = 0
    settled: bool = True
    fields: Mapping[str, ColumnType] = field(default_factory=dict)
    item: ColumnType | None = None


def column_type(found: pa.DataType) -> ColumnType:
    """The type of a column of an Arrow table, of kind ANY for one that may be there and is not computed with.

    Raises :class:`Unproven` for those of which it is not known how they are read.
    """
    import pyarrow as pa

    is_ = pa.types
    if is_.is_dictionary(found):
        inner = column_type(found.value_type)
        if inner.kind is not Kind.STRING:
            raise Unproven("column type", str(found))
        return inner
    if is_.is_null(found):
        return ColumnType(Kind.NULL)
    if is_.is_string(found) or is_.is_large_string(found) or is_.is_string_view(found):
        return ColumnType(Kind.STRING)
    if is_.is_integer(found) and not is_.is_uint64(found):
        return ColumnType(Kind.INTEGER, WHOLE)
    if is_.is_boolean(found):
        return ColumnType(Kind.BOOLEAN)
    if is_.is_float64(found) or is_.is_float32(found):
        return ColumnType(Kind.FLOAT)
    if is_.is_decimal(found) and 0 <= found.scale <= found.precision <= 38:
        return ColumnType(Kind.DECIMAL, found.precision, found.scale)
    if is_.is_date32(found):
        return ColumnType(Kind.DATE)
    if is_.is_timestamp(found) and found.tz in ("UTC", "Etc/UTC", "Z") and found.unit in ("ms", "us"):
        return ColumnType(Kind.DATETIME)
    local = is_.is_timestamp(found) and found.tz in (None, "UTC")
    if local or is_.is_time(found) or is_.is_integer(found):
        return ColumnType(Kind.ANY)
    if is_.is_struct(found):
        fields = {found.field(i).name: column_type(found.field(i).type) for i in range(found.num_fields)}
        told_apart(fields, found.num_fields)
        return ColumnType(Kind.OBJECT, fields=fields)
    if is_.is_list(found) or is_.is_large_list(found):
        inner = column_type(found.value_type)
        return replace(inner, item=inner) if inner.item is None else _refused(found)
    return _refused(found)


def _refused(found: pa.DataType) -> ColumnType:
    raise Unproven("column type", str(found))


def told_apart(found: Mapping[str, Any], count: int) -> None:
    """Names that a query can tell apart. Raises :class:`Unproven` where it cannot."""
    if len({name.lower() for name in found}) < count or any("\0" in name for name in found):
        raise Unproven("column names", ", ".join(sorted(found))[:80])


@dataclass(frozen=True, slots=True)
class Value:
    """A node with its type. ``many``: a list of such values.

    ``settled``: every number has exactly ``scale`` digits after the point in its plain form too. ``texts``: all that a
    text can be, where that is known.
    ``fields`` are those of an object that a column holds; of the record itself ``columns`` are the nodes of its slots.
    """

    node: Node
    kind: Kind
    fine: Node = TRUE
    width: int = 0
    scale: int = 0
    settled: bool = True
    many: bool = False
    fields: Mapping[str, ColumnType] = field(default_factory=dict)
    columns: Mapping[str, Node] | None = None
    texts: frozenset[str] | None = None

    def with_(self, node: Node, *fine: Node | None, **changes: Any) -> Value:
        """The value with another node, fine where it was and where all of ``fine`` hold."""
        return replace(self, node=node, fine=both(self.fine, *fine), **{"texts": None, **changes})


def null_of(kind: Kind = Kind.NULL) -> Value:
    """Null, whatever the row."""
    return Value(NULL, kind, width=1)


def known_false(test: Node) -> Node:
    """A test that is false where it is not known."""
    return test if isinstance(test, (IsNull, Constant)) else function("coalesce", test, Constant(False))


def sql_type(value: Value) -> SqlType:
    """The type of what a node of some kind gives."""
    match value.kind:
        case Kind.INTEGER:
            return BIGINT
        case Kind.DECIMAL:
            return decimal_type(value.width, value.scale)
        case Kind.FLOAT:
            return DOUBLE
        case Kind.BOOLEAN:
            return BOOLEAN
        case Kind.DATE:
            return DATE
        case Kind.STRING | Kind.DATETIME | Kind.TIME | Kind.NULL:
            return VARCHAR
        case _:
            raise Unproven("kinds", f"a value of kind {value.kind}")


def narrowed(value: Value, width: int, query: Query) -> Value:
    """An exact number as one of fewer digits; rows with larger ones are not fine."""
    if value.width <= width and value.kind is Kind.DECIMAL:
        return value
    node = query.bind(Cast(value.node, decimal_type(width, value.scale)))
    fits = TRUE if value.width <= width else either(IsNull(value.node), Not(IsNull(node)))
    return value.with_(node, fits, kind=Kind.DECIMAL, width=width)


def text_value(value: Value) -> Value:
    """The plain text of a scalar, as ``text_of`` has it."""
    match value.kind:
        case Kind.STRING | Kind.NULL:
            return replace(value, kind=Kind.STRING)
        case Kind.DATETIME:
            return replace(value, kind=Kind.STRING)
        case Kind.INTEGER | Kind.BOOLEAN | Kind.DATE:
            return replace(value, node=Cast(value.node, VARCHAR), kind=Kind.STRING)
        case Kind.DECIMAL:
            if not value.settled:
                raise Unproven("trailing zeros", "the text of a number")
            # DuckDB writes '.5' where a type has no digit before the point.
            wide = decimal_type(max(value.width, value.scale + 1), value.scale) if value.scale < 38 else None
            if wide is None:
                raise Unproven("digits", "the text of a number")
            return replace(value, node=Cast(Cast(value.node, wide), VARCHAR), kind=Kind.STRING)
        case Kind.FLOAT:
            raise Unproven("binary numbers", "the text of a number")
        case _:
            raise Unproven("kinds", f"the text of a value of kind {value.kind}")


class Query:
    """A query in stages: each adds columns that later ones use, so that nothing is worked out twice."""

    def __init__(self) -> None:
        self._stages: list[list[tuple[str, Node]]] = []
        self._known: dict[str, Name] = {}
        self._depth: dict[str, int] = {}
        self._local: list[str] = []

    def bind(self, node: Node) -> Node:
        """A short node for a value that is used more than once. In a list's elements it is the node itself."""
        if isinstance(node, (Name, Constant)):
            return node
        used = set(names(node))
        if used.intersection(self._local):
            return node
        text = rendered(node)
        if text not in self._known:
            depth = max((self._depth.get(name, 0) for name in used), default=0)
            alias = f"b{len(self._known)}"
            while len(self._stages) <= depth:
                self._stages.append([])
            self._stages[depth].append((alias, node))
            self._depth[alias] = depth + 1
            self._known[text] = Name(alias)
        return self._known[text]

    def variable(self) -> str:
        """A new variable for the elements of a list; within them nothing is bound."""
        name = f"e{len(self._local)}"
        self._local.append(name)
        return name

    def text(self, outputs: list[tuple[str, Node]], source: str) -> str:
        """The query that gives these columns of a relation."""
        inner = f'"{source}"'
        for stage in self._stages:
            columns = ", ".join(f"{rendered(node)} AS {alias}" for alias, node in stage)
            inner = f"(SELECT *, {columns} FROM {inner})"  # noqa: S608 - nodes that were rendered, names that are ours
        columns = ", ".join(f"{rendered(node)} AS {alias}" for alias, node in outputs)
        return f"SELECT {columns} FROM {inner}"  # noqa: S608 - likewise

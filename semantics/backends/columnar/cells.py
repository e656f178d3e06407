"""Cells of a table as columns: the counterpart of ``FROM_TEXT``, for the lexical forms of which DuckDB is sure.

A cell that is of another form, were it only longer, makes its row one of the ordinary engine.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from semantics.backends.columnar.gaps import Unproven
from semantics.backends.columnar.reading import (
    converted,
    day_text,
    local_or_moment_text,
    where_there,
)
from semantics.backends.columnar.sql import Choose, Constant, Node, OneOf
from semantics.backends.columnar.values import Query, Value
from semantics.expressions.types import Kind
from semantics.lexical import Primitive

__all__ = ["cell_value"]

_TRUE, _FALSE = (Constant("true"), Constant("1")), (Constant("false"), Constant("0"))


def cell_value(column: Node, primitive: Primitive, query: Query) -> Value:
    """What cells are as values of a declared type, and for which rows. Raises :class:`Unproven` for a gap."""
    step = _CELLS.get(primitive)
    if step is None:
        raise Unproven("column type", f"cells that hold {primitive.value}")
    return step(Value(column, Kind.STRING), query)


def _truth(value: Value, query: Query) -> Value:
    text = query.bind(value.node)
    truth = Choose(((OneOf(text, _TRUE), Constant(True)), (OneOf(text, _FALSE), Constant(False))))
    return value.with_(query.bind(truth), where_there(text, OneOf(text, _TRUE + _FALSE)), kind=Kind.BOOLEAN)


def _tested(test: Callable[[Node], Node]) -> Callable[[Value, Query], Value]:
    """Text that stays text, where it is of a form."""
    return lambda value, query: value.with_(value.node, where_there(value.node, test(value.node)))


def _as(step: str) -> Callable[[Value, Query], Value]:
    return lambda value, query: converted(value, step, query)


_CELLS: Final[dict[Primitive, Callable[[Value, Query], Value]]] = {
    Primitive.STRING: lambda value, query: value,
    Primitive.INTEGER: _as("integer_text"),
    Primitive.DECIMAL: _as("decimal_text"),
    Primitive.BOOLEAN: _truth,
    Primitive.DATE: _tested(day_text),
    Primitive.DATETIME: _tested(local_or_moment_text),
    Primitive.TIME: _as("time"),
    Primitive.URI: _as("uri"),
    Primitive.URIORCURIE: _as("uriorcurie"),
    Primitive.CURIE: _as("curie"),
    Primitive.NCNAME: _as("ncname"),
}
"""How the cells of a column are read, by its declared type; dates and times stay text, as in a record."""

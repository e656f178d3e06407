"""Instances as rows of the tables of a design, each value checked so that the database has nothing left to refuse."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from semantics.errors import shape
from semantics.lexical import FROM_DATA, LexicalError, Primitive, decimal_text
from semantics.sinks.json import json_bytes
from semantics.sinks.rdf_terms import RdfFault
from semantics.sinks.spooled import SpoolEncoder, packed
from semantics.sinks.sql.design import Column, Design, Kind, Many, Nested, Part, Single, design

if TYPE_CHECKING:
    from semantics.records import Instance
    from semantics.schema.model import SchemaModel

__all__ = ["DuckdbRows", "PostgresqlRows", "SqliteRows"]

Row = list[Any]
Rows = dict[int, list[Row]]
"""Rows by the number of their table, parents before their children."""
Take = Callable[[Any], Any]

PLACES: Final = 18
DIGITS: Final = 38
"""Of a decimal in DuckDB: decimal places, and digits in all."""


class _Rows(SpoolEncoder):
    """Makes the rows of an instance; ``kind`` is the database that they are for.

    A decimal is its text, a truth a boolean, JSON its text: what each database takes as a parameter.
    """

    kind = ""

    def __init__(self, schema: SchemaModel, classes: tuple[str, ...] = ()) -> None:
        """The tables are those of ``classes``."""
        super().__init__(schema, classes)
        self.design: Design = design(schema, classes)
        self._takes: dict[Column, Take] = {}

    def encode(self, instance: Instance, key: str) -> bytes:
        """The rows of an instance with its key, which tells where they come from."""
        return packed(instance.class_name, (key, self.row(instance)))

    def row(self, instance: Instance) -> Any:
        """The rows of an instance by table. Raises :class:`~semantics.lexical.LexicalError`.

        The key of a class without identifier is 0: it is counted when the tables are filled.
        """
        found = self.design.roots.get(instance.class_name)
        if found is None:
            raise LexicalError("instances of this class have no table")
        number, part, identifier = found
        table = self.design.tables[number]
        row: Row = [None] * len(table.columns)
        rows: Rows = {number: [row]}
        if identifier is None:
            row[0] = 0
            key = [0]
        else:
            value = instance.data.get(identifier)
            if value is None:
                raise LexicalError("an instance without an identifier has no key")
            key = [self._value(Single(0, table.columns[0]), value)]
        self._fill(part, instance.data, row, rows, key)
        for place, column in enumerate(table.columns):
            if column.required and row[place] is None:
                raise LexicalError(f"the column '{column.name}' needs a value")
        return list(rows.items())

    def _fill(self, part: Part, data: Any, row: Row, rows: Rows, key: list[Any]) -> None:
        """Put the slots of an object where they go."""
        if type(data) is not dict:
            raise LexicalError(f"expected an object, found {shape(data)}")
        for name, value in data.items():
            if value is None:
                continue
            place = part.slots.get(name)
            if place is None:
                raise RdfFault(f"class '{part.class_name}' has no such slot")
            try:
                if type(place) is Single:
                    row[place.place] = self._value(place, value)
                elif type(place) is Nested:
                    if value == {}:
                        raise LexicalError("an object without a value has no place in columns")
                    self._fill(place.part, value, row, rows, key)
                elif type(place) is Many:
                    self._each(place, value, rows, key)
            except LexicalError as fault:
                raise RdfFault.within(fault, name) from None

    def _each(self, many: Many, values: Any, rows: Rows, key: list[Any]) -> None:
        """A row for each value."""
        if many.keyed is not None:
            values = _with_keys(values, many.keyed)
        if type(values) is not list:
            raise LexicalError(f"expected a list, found {shape(values)}")
        width = len(self.design.tables[many.table].columns)
        there = rows.setdefault(many.table, [])
        for index, value in enumerate(values):
            own = [*key, index + 1]
            row = own + [None] * (width - len(own))
            there.append(row)
            try:
                if type(many.item) is Single:
                    if value is None:
                        raise LexicalError("a list with null in it has no place in a table")
                    row[many.item.place] = self._value(many.item, value)
                else:
                    assert isinstance(many.item, Part)
                    self._fill(many.item, value, row, rows, own)
            except LexicalError as fault:
                raise RdfFault.within(fault, index) from None

    def _value(self, single: Single, value: Any) -> Any:
        column = single.column
        take = self._takes.get(column)
        if take is None:
            take = self._takes[column] = self._taker(column)
        return take(value)

    def _taker(self, column: Column) -> Take:
        if column.values is not None:
            return partial(_one_of, frozenset(column.values))
        return {**_TAKES, **self.takes}[column.kind]

    takes: ClassVar[dict[Kind, Take]] = {}
    """What this database takes otherwise."""


def _with_keys(values: Any, name: str) -> list[Any]:
    """Objects by their identifier as a list of objects with it."""
    if type(values) is not dict:
        raise LexicalError(f"expected objects by identifier, found {shape(values)}")
    return [
        {name: key, **value} if type(value) is dict else {name: key} if value is None else value
        for key, value in values.items()
    ]


# -- values ----------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    if type(value) is str:
        return value
    raise LexicalError(f"expected text, found {shape(value)}")


def _one_of(values: frozenset[str], value: Any) -> str:
    if type(value) is str and value in values:
        return value
    raise LexicalError(f"expected a permissible value, found {shape(value)}")


def _integer(value: Any) -> int:
    number: int = FROM_DATA[Primitive.INTEGER](value)
    if -(2**63) <= number < 2**63:
        return number
    raise LexicalError("integer out of range: the column holds 64 bits")


def _decimal(value: Any) -> str:
    return decimal_text(FROM_DATA[Primitive.DECIMAL](value))


def _narrow_decimal(value: Any) -> str:
    """A number that the column holds to its last digit, zeros at the end aside."""
    text = _decimal(value)
    whole, _, fraction = text.partition(".")
    if len(whole.lstrip("-0")) > DIGITS - PLACES or len(fraction.rstrip("0")) > PLACES:
        raise LexicalError(
            f"number out of range: the column holds {DIGITS - PLACES} digits and {PLACES} decimal places"
        )
    return text


def _json(value: Any) -> str:
    return json_bytes(value).decode()


def _without_nul(take: Take) -> Take:
    def checked(value: Any) -> Any:
        text = take(value)
        if "\0" in text or ("\\u0000" in text and _has_nul(value)):
            raise LexicalError("text holds U+0000, which PostgreSQL cannot store")
        return text

    return checked


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(key) or _has_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(map(_has_nul, value))


_TAKES: Final[dict[Kind, Take]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.FLOAT: FROM_DATA[Primitive.FLOAT],
    Kind.BOOLEAN: FROM_DATA[Primitive.BOOLEAN],
    Kind.DATE: FROM_DATA[Primitive.DATE],
    Kind.JSON: _json,
}


class SqliteRows(_Rows):
    """Rows for SQLite."""

    kind = "sqlite"


class DuckdbRows(_Rows):
    """Rows for DuckDB."""

    kind = "duckdb"
    takes: ClassVar[dict[Kind, Take]] = {Kind.DECIMAL: _narrow_decimal}


class PostgresqlRows(_Rows):
    """Rows for PostgreSQL."""

    kind = "postgresql"
    takes: ClassVar[dict[Kind, Take]] = {Kind.TEXT: _without_nul(_text), Kind.JSON: _without_nul(_json)}

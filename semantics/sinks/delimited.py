"""CSV and TSV: instances of one class, flattened into the columns of :mod:`semantics.plan.flat`, a row each.

Rows are those of RFC 4180 that end with LF; a cell stands in quotes only where it must. No value is an empty cell, an
empty text a cell with two quotes, as PostgreSQL and DuckDB tell them apart. What a cell cannot hold raises
:class:`~semantics.lexical.LexicalError`, so that its record is rejected and not half written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from semantics.errors import Diagnostic, UsageError
from semantics.lexical import LexicalError, decimal_text
from semantics.plan.documents import layout_of
from semantics.plan.flat import FlatSlot, flat_slots, is_json
from semantics.sinks.base import Encoder
from semantics.sinks.json import json_bytes

if TYPE_CHECKING:
    from semantics.records import Instance
    from semantics.schema.model import SchemaModel

__all__ = ["Csv", "Tsv"]

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
_FLAGGED: Final = re.compile(rb"'+[=+\-@\t\r]")
_Cells = list[str | None]
_Text = Callable[[Any], str]


class _Node(NamedTuple):
    """The columns of an object: of each slot what writes its value, or the columns below it."""

    slots: tuple[tuple[str, _Node | None, _Text], ...]
    names: frozenset[str]
    width: int


class Csv(Encoder):
    """The encoder of CSV. With ``csv_safe`` a text that a spreadsheet would run as a formula gets a ``'`` before it."""

    mark = ","
    between = tail = b""

    def __init__(self, schema: SchemaModel, classes: tuple[str, ...] = (), *, csv_safe: bool = False) -> None:
        """``classes`` is the one class whose instances are written.

        Raises :class:`~semantics.errors.UsageError` for several (``SNK033``), and for one that the model does not have
        (``SNK034``) or that has no columns (``SNK020``).
        """
        self._safe = csv_safe
        self._class = _one(classes, schema)
        columns = tuple(flat_slots(layout_of(schema, [self._class]), self._class))
        names = [column.name for column in columns]
        if not names or len(set(names)) < len(names):
            what = "has no slots" if not names else "has slots whose columns have the same name"
            raise UsageError(Diagnostic("SNK020", f"class '{self._class}' {what}, and cannot be written as a table"))
        self._node = self._node_of([(column.path, column) for column in columns])
        self._special = re.compile(rf'["\r\n{re.escape(self.mark)}]')
        self.head = self.empty = self._row(list(names)).encode()
        self._cell_of = re.compile(rb'(?:"((?:[^"]|"")*)"|([^"\n%b][^\n%b]*)|)(?:\n|%b)' % (3 * (self.mark.encode(),)))

    def encode(self, instance: Instance, key: str) -> bytes:
        """The row of one instance."""
        if instance.class_name != self._class:
            raise LexicalError(f"a table of '{self._class}' cannot hold an instance of '{instance.class_name}'")
        return self._encoded(instance.data)

    def encode_all(self, class_name: str, rows: Sequence[dict[str, Any]], keys: Iterable[str]) -> bytes:
        """The rows of several instances of the class."""
        if class_name != self._class:
            raise LexicalError(f"a table of '{self._class}' cannot hold an instance of '{class_name}'")
        return b"".join(map(self._encoded, rows))

    def flagged(self, piece: bytes) -> int:
        """How many cells of some rows got a ``'`` before them."""
        if not self._safe or b"'" not in piece:
            return 0
        cells = (found[1] or found[2] or b"" for found in self._cell_of.finditer(piece))
        return sum(_FLAGGED.match(cell) is not None for cell in cells)

    def _encoded(self, data: dict[str, Any]) -> bytes:
        cells: _Cells = []
        _collect(self._node, data, cells)
        try:
            return self._row(cells).encode()
        except UnicodeEncodeError:
            raise LexicalError("text holds half of a surrogate pair, which no encoding can carry") from None

    def _row(self, cells: _Cells) -> str:
        """The cells as a row, quoted where they must be."""
        mark = self.mark
        row = mark.join([cell or "" for cell in cells])
        if "\0" in row:
            raise LexicalError("text holds a NUL character, which a table cannot carry")
        plain = '"' not in row and "\n" not in row and "\r" not in row and row.count(mark) == len(cells) - 1
        if plain and "" not in cells and row:
            return row + "\n"
        return mark.join([self._quoted(cell) for cell in cells] if row or len(cells) > 1 else ['""']) + "\n"

    def _quoted(self, cell: str | None) -> str:
        if cell is None:
            return ""
        return '"' + cell.replace('"', '""') + '"' if not cell or self._special.search(cell) else cell

    # -- what writes a cell ----------------------------------------------------------------------

    def _node_of(self, columns: list[tuple[tuple[str, ...], FlatSlot]]) -> _Node:
        """The columns of an object, and below them those of the objects in it."""
        inner: dict[str, list[tuple[tuple[str, ...], FlatSlot]]] = {}
        for path, column in columns:
            inner.setdefault(path[0], []).append((path[1:], column))
        slots: list[tuple[str, _Node | None, _Text]] = []
        for name, found in inner.items():
            rest, column = found[0]
            slots.append((name, self._node_of(found) if rest else None, self._text(column)))
        return _Node(tuple(slots), frozenset(inner), len(columns))

    def _text(self, column: FlatSlot) -> _Text:
        if is_json(column.slot):
            return lambda value: json_bytes(value).decode()
        return self._safe_text if self._safe else _scalar

    def _safe_text(self, value: Any) -> str:
        if type(value) is str and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
            return "'" + value
        return _scalar(value)


class Tsv(Csv):
    """The same with tabs between cells."""

    mark = "\t"


def _one(classes: tuple[str, ...], schema: SchemaModel) -> str:
    """The class of the rows. Raises :class:`UsageError`."""
    if len(classes) != 1:
        message = f"a table holds instances of one class, and the mapping makes: {', '.join(classes) or 'none'}"
        raise UsageError(Diagnostic("SNK033", message, hint="write ndjson, or run a mapping for each class"))
    if classes[0] not in schema.classes:
        message = f"the model has no class '{classes[0]}', so its columns are not known"
        raise UsageError(Diagnostic("SNK034", message, hint="write ndjson"))
    return classes[0]


def _collect(node: _Node, data: dict[str, Any], cells: _Cells) -> None:
    """Add the cells of an object."""
    for name, below, text in node.slots:
        value = data.get(name)
        if below is not None:
            if value is None:
                cells.extend([None] * below.width)
            elif not isinstance(value, dict) or all(item is None for item in value.values()):
                raise LexicalError(f"slot '{name}' is spread over columns, and holds no object with a value")
            else:
                _collect(below, value, cells)
        elif value is None or (text is _scalar and value.__class__ is str):
            cells.append(value)
        else:
            cells.append(text(value))
    if not data.keys() <= node.names and any(data[name] is not None for name in data.keys() - node.names):
        raise LexicalError("a slot that has a value has no column")


def _exact(value: Decimal | int) -> str:
    if isinstance(value, Decimal) and not value.is_finite():
        raise LexicalError("a number is not finite")
    return decimal_text(value)


def _float(value: float) -> str:
    if not isfinite(value):
        raise LexicalError("a number is not finite")
    return repr(value)


_LEXICAL: Final[dict[type, _Text]] = {
    str: str, bool: lambda value: "true" if value else "false", int: str, Decimal: _exact, float: _float,
}  # fmt: skip
"""What writes a single value, by its class."""


def _scalar(value: Any) -> str:
    """The lexical form of a single value."""
    write = _LEXICAL.get(value.__class__)
    if write is None:
        raise LexicalError("a column of single values cannot hold a list or an object")
    return write(value)

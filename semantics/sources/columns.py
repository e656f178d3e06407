"""The columns of a table: cells become values, a column of many rows at a time.

What a column cannot read is a fault of its row alone: it is looked for only where a whole column went wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from semantics.errors import Diagnostic, Location
from semantics.lexical import COLUMN_FROM_TEXT, FROM_TEXT, LexicalError
from semantics.sources.options import TableShape
from semantics.sources.values import pointer_part

__all__ = ["Columns"]

_TOGETHER: Final = {FROM_TEXT[primitive]: read for primitive, read in COLUMN_FROM_TEXT.items()}
"""What reads many cells at once, by what reads one."""
_Faults = dict[int, Diagnostic]
_Data = dict[str, Any]


class Columns:
    """Reads the cells of rows under a header, by what is known of each column."""

    def __init__(self, header: tuple[str, ...], shape: TableShape, name: str) -> None:
        """``name`` is what messages call the table."""
        self._header = header
        self._name = name
        self._empty = tuple("" if column in shape.keeps_empty else None for column in header)
        self._converters = shape.converters
        self._paths = shape.paths

    def read(
        self, rows: Sequence[list[str]], lines: Sequence[int], known: _Faults
    ) -> tuple[Sequence[_Data | None], _Faults]:
        """The data of each row; None, with a fault, for those that cannot be read. ``known`` are faults already."""
        faults = self._unfit(rows, lines, known)
        whole: Sequence[int] = range(len(rows))
        if faults:
            whole = [position for position in whole if position not in faults]
        cells = zip(*(rows if not faults else [rows[position] for position in whole]), strict=True)
        values = [self._column(index, column, whole, lines, faults) for index, column in enumerate(cells)]
        datas = self._joined(values)
        if not faults:
            return datas, faults
        found = {position: data for position, data in zip(whole, datas, strict=True) if position not in faults}
        return [found.get(position) for position in range(len(rows))], faults

    def _unfit(self, rows: Sequence[list[str]], lines: Sequence[int], known: _Faults) -> _Faults:
        """The rows that are known to be faulty, and those that have more or fewer cells than the header."""
        width = len(self._header)
        if not known and set(map(len, rows)) <= {width}:
            return {}
        ragged = {
            position: self._ragged(row, lines[position])
            for position, row in enumerate(rows)
            if len(row) != width and position not in known
        }
        return {**known, **ragged}

    def _column(
        self, index: int, cells: Sequence[str], whole: Sequence[int], lines: Sequence[int], faults: _Faults
    ) -> Sequence[Any]:
        """The values of a column; a row whose cell is not of its kind gets a fault, if it has none."""
        convert, empty = self._converters[index], self._empty[index]
        filled = "" not in cells
        if convert is None:
            return cells if filled or empty is not None else [cell or None for cell in cells]
        together = _TOGETHER.get(convert)
        if together is not None and (found := _spread(together, cells, empty, filled)) is not None:
            return found
        try:
            return list(map(convert, cells)) if filled else [convert(cell) if cell else empty for cell in cells]
        except LexicalError:
            return [
                self._value(index, convert, cell, position, lines, faults) if cell else empty
                for position, cell in zip(whole, cells, strict=True)
            ]

    def _value(
        self, index: int, convert: Callable[[str], Any], cell: str, position: int, lines: Sequence[int], faults: _Faults
    ) -> Any:
        try:
            return convert(cell)
        except LexicalError as error:
            column = self._header[index]
            path = self._paths[index] if self._paths else (column,)
            place = Location(self._name, lines[position], pointer="".join(map(pointer_part, path)))
            faults.setdefault(position, Diagnostic("SRC043", f"column '{column}': {error}", place))
            return None

    def _joined(self, columns: Sequence[Sequence[Any]]) -> list[_Data]:
        """The values of columns as the data of rows."""
        header = self._header
        if not self._paths:
            return [dict(zip(header, row, strict=True)) for row in zip(*columns, strict=True)]
        return [_nested(self._paths, row) for row in zip(*columns, strict=True)]

    def _ragged(self, cells: list[str], line: int) -> Diagnostic:
        hint, width = None, len(self._header)
        if len(cells) == width + 1 and not cells[-1]:
            hint = "the row ends with a delimiter"
        elif len(cells) > width:
            hint = "a cell that holds the delimiter stands in quotes"
        message = f"the row has {len(cells)} cells, the header has {width}"
        return Diagnostic("SRC040", message, Location(self._name, line), hint=hint)


def _spread(
    together: Callable[[Sequence[str]], Sequence[Any] | None], cells: Sequence[str], empty: Any, filled: bool
) -> Sequence[Any] | None:  # fmt: skip
    """The values of cells read at once, those of empty ones in between; None where they have to be read one by one."""
    if filled:
        return together(cells)
    present = [cell for cell in cells if cell]
    values = together(present) if present else ()
    if values is None:
        return None
    following = iter(values)
    return [next(following) if cell else empty for cell in cells]


def _nested(paths: Sequence[tuple[str, ...]], row: Sequence[Any]) -> _Data:
    """The data of a row whose columns are paths into it; an object is there where any of its values is."""
    data: _Data = {}
    for path, value in zip(paths, row, strict=True):
        if value is None and len(path) > 1:
            continue
        node = data
        for key in path[:-1]:
            node = node.setdefault(key, {})
        node[path[-1]] = value
    return data

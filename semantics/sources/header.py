"""The header of a table: every column has one name of its own, told without a doubt."""

from __future__ import annotations

from collections import Counter
from typing import Final

from semantics.errors import Diagnostic, Location, SourceError
from semantics.plan.tables import TableDialect
from semantics.sources.rows import Row

__all__ = ["checked_header", "checked_names"]

_DELIMITERS: Final = {";": ";", "\t": "a tab (read it as tsv)", ",": ", (read it as csv)", "|": "|"}
_SHOWN: Final = 60


def checked_header(row: Row | None, name: str, dialect: TableDialect) -> tuple[str, ...]:
    """The names of the columns. Raises :class:`SourceError` with everything that is wrong with them."""
    if row is None:
        raise SourceError(Diagnostic("SRC002", "the input is empty: no header", Location(name)))
    if row.fault:
        hint = f"the first row is the header: {row.fault.message}"
        raise SourceError(Diagnostic(row.fault.code, "the header cannot be read", row.fault.location, hint=hint))
    place = Location(name, row.line)
    if other := _another_format(row, dialect, place):
        raise SourceError(other)
    return checked_names(row.cells, place)


def checked_names(cells: list[str], place: Location) -> tuple[str, ...]:
    """The names of columns: each there, without spaces around it, and unlike the others. Raises SourceError."""
    if found := [*_unnamed(cells, place), *_spaces(cells, place), *_twice(cells, place)]:
        raise SourceError(found)
    return tuple(cells)


def _another_format(row: Row, dialect: TableDialect, place: Location) -> Diagnostic | None:
    """One finding where the first line is not a header at all, or not one of this delimiter."""
    first = row.cells[0]
    quote = dialect.quote_char.encode(dialect.codec)
    quoted = bool(quote) and isinstance(row.raw, bytes) and row.raw.startswith(quote)
    if not quoted and first.startswith("#") and (len(row.cells) == 1 or first.startswith("# ")):
        hint = "the first line looks like a comment: remove it, the header comes first"
        return Diagnostic("SRC034", "the first line is not a header", place, hint=hint)
    if not quoted and len(row.cells) == 1:
        for mark, called in _DELIMITERS.items():
            if mark in first and mark != dialect.delimiter:
                hint = f"delimiter looks like {called}"
                return Diagnostic("SRC033", "the header is one single column", place, hint=hint)
    return None


def _unnamed(cells: list[str], place: Location) -> list[Diagnostic]:
    empty = [number for number, cell in enumerate(cells, 1) if not cell.strip()]
    if not empty:
        return []
    hint = "every column needs a name"
    if empty == list(range(empty[0], len(cells) + 1)):
        hint = "the header ends with a delimiter: remove it here and in every row"
    which = ", ".join(map(str, empty[:20]))
    return [Diagnostic("SRC030", f"the header has no name for column {which}", place, hint=hint)]


def _spaces(cells: list[str], place: Location) -> list[Diagnostic]:
    hint = "remove the spaces around the names"
    return [
        Diagnostic("SRC032", f"the name of column {number} has spaces around it", place, hint=hint, found=cell[:_SHOWN])
        for number, cell in enumerate(cells, 1)
        if cell.strip() and cell != cell.strip()
    ]


def _twice(cells: list[str], place: Location) -> list[Diagnostic]:
    return [
        Diagnostic("SRC031", f"{times} columns have the same name", place, found=cell[:_SHOWN])
        for cell, times in Counter(cells).items()
        if times > 1 and cell.strip()
    ]

"""Importer ``csv``: a schema of a table with a header and sample rows."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Final

from semantics.errors import Diagnostic, Location, SourceError, UsageError
from semantics.importers.description import Description
from semantics.importers.documents import decoded
from semantics.importers.naming import schema_name
from semantics.importers.observed import Observed, Observer

__all__ = ["describe"]

_DELIMITERS: Final = (",", ";", "\t", "|")


def describe(raw: bytes, path: Path, folders: tuple[Path, ...] = ()) -> Description:
    r"""The class of the rows: a column is a slot, empty cells are no values; ``folders`` are not looked at.

    >>> found = describe(b"id,read on\n1,2024-01-01\n2,\n", Path("meters.csv"))
    >>> [(slot.name, slot.values.range, slot.required) for slot in found.classes[0].slots]
    [('id', 'integer', True), ('read on', 'date', False)]
    """
    text = decoded(raw, path.name).removeprefix("\ufeff")
    head = text.partition("\n")[0]
    delimiter = "\t" if path.name.endswith(".tsv") else max(_DELIMITERS, key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    seen = Observed()
    try:
        names = next(rows, [])
        if not any(names):
            raise UsageError(Diagnostic("IMP003", "the table has no header", Location(path.name)))
        for name in names:
            seen.keys.setdefault(name, Observed())
        twice = next((at for at, name in enumerate(names) if name in names[:at]), None)
        if twice is not None:
            text = f"columns {names.index(names[twice]) + 1} and {twice + 1} of the table have one name"
            raise UsageError(Diagnostic("IMP003", text, Location(path.name, 1)))
        for row in rows:
            if len(row) > len(names):
                where = Location(path.name, rows.line_num)
                raise SourceError(Diagnostic("IMP001", "the row has more cells than the header", where))
            if row:
                seen.see({name: cell for name, cell in zip(names, row, strict=False) if cell != ""}, numbers=True)
    except csv.Error:
        raise SourceError(Diagnostic("IMP001", "the row is not CSV", Location(path.name, rows.line_num))) from None
    stem = path.name.split(".")[0]
    called = schema_name(stem)
    return Observer(path.name).root(seen, stem, f"https://example.org/{called}", called)

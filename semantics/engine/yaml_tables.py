"""YAML files among the tables of a folder, as linkml-map takes them: a list of rows, or a mapping that is one row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from semantics.errors import DefinitionError, Diagnostic, Location, SourceError
from semantics.records import Record
from semantics.yaml_source import Plain, read_yaml

__all__ = ["yaml_rows"]

_ROWS = "rows:\n"


def yaml_rows(path: Path) -> Iterator[Record]:
    """The rows of a file. Raises :class:`SourceError` where it is not YAML within the limits of definitions."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        why = getattr(fault, "strerror", None) or "it is not UTF-8"
        raise SourceError(Diagnostic("SRC001", f"the input cannot be read: {why}", Location(str(path)))) from None
    listed = text.lstrip().startswith("- ")
    try:
        data = read_yaml(_ROWS + text if listed else text, file=str(path), error=DefinitionError).data
    except DefinitionError as fault:
        raise SourceError(fault.diagnostics) from None
    rows = data["rows"] if listed else [data]
    for number, row in enumerate(rows, start=1):
        yield Record(_plain(row), str(path), number, pointer=f"/{number - 1}" if listed else None)


def _plain(value: Any) -> Any:
    """Data as that tool has it: numbers with a point are floats."""
    match value:
        case Plain():
            return float(value)
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case _:
            return value

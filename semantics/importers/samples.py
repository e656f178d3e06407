"""Importer ``samples``: a schema of example records alone, as JSON (one or a list) or as lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from semantics.errors import Diagnostic, Location, SourceError, UsageError
from semantics.importers.description import Description
from semantics.importers.documents import decoded, plain_data
from semantics.importers.naming import schema_name
from semantics.importers.observed import Observed, Observer

__all__ = ["describe"]


def describe(raw: bytes, path: Path, folders: tuple[Path, ...] = ()) -> Description:
    """The classes that all records fit; ``folders`` are not looked at.

    >>> found = describe(b'[{"id": 1, "on": "2024-01-01"}, {"id": 2}]', Path("meters.json"))
    >>> [(slot.name, slot.values.range, slot.required) for slot in found.classes[0].slots]
    [('id', 'integer', True), ('on', 'date', False)]
    """
    seen = Observed()
    for record in _records(raw, path.name):
        if not isinstance(record, Mapping):
            raise UsageError(Diagnostic("IMP003", "a record is no object", Location(path.name)))
        seen.see(record)
    if not seen.keys:
        raise UsageError(Diagnostic("IMP003", "there is no record with a key", Location(path.name)))
    stem = path.name.split(".")[0]
    called = schema_name(stem)
    return Observer(path.name).root(seen, stem, f"https://example.org/{called}", called)


def _records(raw: bytes, file: str) -> list[Any]:
    if not file.endswith((".ndjson", ".jsonl")):
        data = plain_data(raw, file)
        return data if isinstance(data, list) else [data]
    found = []
    for number, line in enumerate(decoded(raw, file).splitlines(), 1):
        if line.strip():
            try:
                found.append(json.loads(line, parse_float=Decimal))
            except (ValueError, RecursionError):
                raise SourceError(Diagnostic("IMP001", "the line is not JSON", Location(file, number))) from None
    return found

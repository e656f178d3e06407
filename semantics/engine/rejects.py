"""The rejects file: every rejected record with its bytes, its place and the reasons, one JSON object a line.

It holds raw records, so it is readable by its owner alone (mode 0600); it is made when the first
record is rejected and committed together with the output.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import structs

from semantics.errors import Diagnostic, Location, SourceError, Violation
from semantics.records import Record, Rejected

if TYPE_CHECKING:
    from semantics.sinks.output import Output
    from semantics.sources import ReadOptions

__all__ = ["RejectsFile", "Table", "read_rejects"]

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a table whose rows may be rejected: what it takes to read one again."""

    columns: tuple[str, ...]
    delimiter: str


class RejectsFile:
    """Takes rejected records; nothing is created as long as there are none.

    ``tables`` tells, for each source that is a table, what its columns are.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = path
        self.tables: dict[str, Table] = {}
        self._output: Output | None = None

    def write(self, rejected: Rejected) -> None:
        """Add one rejected record. Raises :class:`~semantics.errors.SinkError`."""
        from semantics.sinks.output import open_output

        if self._output is None:
            self._output = open_output(self.path, 0o600)
        self._output.write(_ENCODER.encode(self._entry(rejected)) + b"\n")

    @property
    def used(self) -> bool:
        """Whether anything was rejected."""
        return self._output is not None

    def commit(self) -> None:
        """Make the file appear, if there is anything in it."""
        if self._output is not None:
            self._output.commit()

    def abort(self) -> None:
        """Leave nothing behind."""
        if self._output is not None:
            self._output.abort()

    def _entry(self, rejected: Rejected) -> dict[str, Any]:
        record, first = rejected.record, rejected.diagnostics[0]
        entry: dict[str, Any] = {
            "source": record.source,
            "record": record.number,
            "line": record.line,
            "byte": record.byte,
            "pointer": _pointer(first) or record.pointer,
            "code": first.code,
            "message": first.message,
            "rule": first.rule,
            **_model(first),
            "source_class": record.class_name,
        }
        raw = record.raw if record.raw is not None else _ENCODER.encode(record.data)
        try:
            if record.envelope is not None and "encoding" in record.envelope:
                raise UnicodeError  # UTF-16 of plain letters would pass for UTF-8
            entry["raw"] = raw.decode("utf-8")
        except UnicodeError:
            entry |= {"raw": base64.b64encode(raw).decode("ascii"), "encoding": "base64"}
        if table := self.tables.get(record.source):
            entry |= {"columns": list(table.columns), "delimiter": table.delimiter}
        if record.envelope is not None:
            entry["envelope"] = record.envelope
        if len(rejected.diagnostics) > 1:
            entry["more"] = [
                {"code": found.code, "message": found.message, "pointer": _pointer(found), "rule": found.rule,
                 **_model(found)}
                for found in rejected.diagnostics[1:]
            ]  # fmt: skip
        return entry


def _pointer(finding: Diagnostic) -> str | None:
    return finding.location.pointer if finding.location else None


def _model(finding: Diagnostic) -> dict[str, str]:
    """Target class, slot, constraint and the model's ``file:line``, as far as the finding knows them."""
    if not isinstance(finding, Violation):
        return {}
    home = finding.element
    known = {
        "class": finding.class_name,
        "slot": finding.slot,
        "constraint": finding.constraint,
        "element": str(Location(home.file, home.line)) if home and home.file else None,
    }
    return {key: value for key, value in known.items() if value is not None}


def _source_class(entry: dict[str, Any]) -> str | None:
    """The source class of a rejected record; lines of earlier versions say it under "class"."""
    told: str | None = entry.get("source_class" if "source_class" in entry else "class")
    return told


def read_rejects(path: Path, options: ReadOptions) -> Iterator[Record]:
    """The records of a rejects file as they were read at first, to be run again after a fix.

    Each keeps the source, number and place it had. Raises :class:`~semantics.errors.SourceError` for
    a file that is not one of rejects.
    """
    from semantics.sources import ReadOptions, open_source

    for line in open_source(path, "ndjson", ReadOptions()):
        entry = line.data
        if type(entry) is not dict or not {"raw", "code", "source", "record"} <= entry.keys():
            where = Location(str(path), line.line)
            raise SourceError(Diagnostic("RUN001", "this is not a line of a rejects file", where,
                                         "--replay takes the rejects file of an earlier run"))  # fmt: skip
        raw = entry["raw"].encode() if entry.get("encoding") != "base64" else base64.b64decode(entry["raw"])
        record = _read_again(entry, raw, options)
        if record.fault is not None:
            place = Location(entry["source"], entry.get("line"), pointer=_pointer(record.fault))
            record = structs.replace(record, fault=replace(record.fault, location=place))
        yield structs.replace(
            record, source=entry["source"], number=entry["record"], line=entry.get("line"), byte=entry.get("byte"),
            raw=raw, class_name=record.class_name or _source_class(entry), envelope=entry.get("envelope"),
        )  # fmt: skip


def _read_again(entry: dict[str, Any], raw: bytes, options: ReadOptions) -> Record:
    """A record by its bytes and what the entry says of the document that they stood in."""
    if "columns" in entry:
        return _table_row(entry, raw, options)
    if "envelope" in entry:
        from semantics.sources import rdf
        from semantics.sources.xml_document import read_again

        if entry["envelope"].get("format") == "ntriples":
            return rdf.read_again(raw, entry["source"], options, _source_class(entry))
        return read_again(raw, entry["envelope"], entry["source"], options, _source_class(entry))
    return _json_value(entry, raw)


def _json_value(entry: dict[str, Any], raw: bytes) -> Record:
    from semantics.sources.options import Limits
    from semantics.sources.values import Unreadable, value_reader

    try:
        return Record(value_reader(Limits())(raw))
    except Unreadable as fault:
        return Record(None, fault=Diagnostic(fault.code, fault.message, Location(entry["source"], entry.get("line"))))


def _table_row(entry: dict[str, Any], raw: bytes, options: ReadOptions) -> Record:
    """A row under its header, through the same reader as at first."""
    from semantics.sources.table import table_records

    delimiter = entry["delimiter"]
    header = delimiter.join('"' + name.replace('"', '""') + '"' for name in entry["columns"]).encode()
    return next(table_records(iter([header + b"\n" + raw + b"\n"]), entry["source"], options, delimiter))

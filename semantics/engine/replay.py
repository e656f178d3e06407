"""Rejected records run again: a rejects file read back into the records that it was made of.

Each record comes with the source, number, place and key that it had, so that what it gives now is what a run without
the fault had given: the same instances, the same labels of blank nodes, the same place in the order.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import structs

from semantics.databases import DATABASES
from semantics.engine.inputs import Inputs
from semantics.engine.rejects import is_entry, source_class
from semantics.errors import Diagnostic, Location, SemanticsError, Severity, SourceError, escaped
from semantics.plan.tables import TableDialect
from semantics.records import Noted, Record, Unheld
from semantics.sources import Input, Limits, ReadOptions, TableShape, open_source
from semantics.sources.json_lines import ndjson_records
from semantics.sources.selection import selection
from semantics.sources.sql.rows import RowReader
from semantics.sources.sql.session import Columns
from semantics.sources.table import table_records
from semantics.sources.values import Unreadable, too_long, value_reader

if TYPE_CHECKING:
    from semantics.engine.groups import Grouping
    from semantics.engine.mapping import Mapping

__all__ = ["Replay", "first_entry", "is_sheet_row"]

FACTS: Final = ("key", "after", "format", "columns", "delimiter", "group", "member", "unread")
"""What a line says of its record beside place and bytes, and a later line about it says again."""
_EXPECTED: Final[dict[str, tuple[type, ...]]] = {
    "source": (str,), "record": (int,), "raw": (str, type(None)), "line": (int, type(None)),
    "byte": (int, type(None)), "key": (str,), "after": (int,), "at": (str,), "class": (str, type(None)),
    "source_class": (str, type(None)),
    "format": (str,), "envelope": (dict,), "columns": (list,), "delimiter": (str,), "group": (str,),
    "size": (int,), "sha256": (str,),
}  # fmt: skip


def first_entry(path: str) -> dict[str, Any]:
    """The first line of a rejects file, empty where there is none to be seen; what is wrong is told by the run."""
    try:
        return next(_entries(path, Limits()), {}) if path != "-" else {}
    except SemanticsError:
        return {}


def is_sheet_row(entry: dict[str, Any]) -> bool:
    """Whether a line of a rejects file is about a row of a spreadsheet."""
    envelope = entry.get("envelope")
    return isinstance(envelope, dict) and envelope.get("format") == "xlsx" and isinstance(envelope.get("columns"), list)


def _entries(path: str, limits: Limits) -> Iterator[dict[str, Any]]:
    """The lines of a rejects file. Raises :class:`SourceError` for a file that is not one."""
    # A byte of a record may take six here, as an escape.
    wide = replace(limits, record_bytes=6 * limits.record_bytes + 1_000_000, depth=Limits().depth, keys=Limits().keys)
    for line in open_source(path if path == "-" else Path(path), "ndjson", ReadOptions(limits=wide)):
        if isinstance(line, Unheld) and line.fault is not None:
            raise SourceError(line.fault)
        entry = line.data
        typed = is_entry(entry) and all(type(entry.get(key, kinds[0]())) in kinds for key, kinds in _EXPECTED.items())
        if not typed:
            raise SourceError(Diagnostic("RUN001", "this is not a line of a rejects file", Location(path, line.line),
                                         "--replay takes the rejects file of an earlier run"))  # fmt: skip
        yield entry


class Replay:
    """The records of rejects files. ``related`` are files in which bytes that were not kept may be found."""

    def __init__(self, mapping: Mapping, paths: Sequence[str], inputs: Inputs, related: Sequence[str]) -> None:
        """Nothing is read yet but a first line, for the moment of the run."""
        self._mapping, self._paths, self._inputs, self._related = mapping, paths, inputs, related
        self._limits = inputs.limits
        self._read = value_reader(inputs.limits)
        self._chosen = selection(inputs.options("json").selectors)
        self._shapes: dict[tuple[tuple[str, ...], str, str | None], TableShape] = {}
        self._others: set[str] = set()
        self._lately = 0
        self.settled = 0
        """Records that went back into their groups, and are counted with them."""
        now = first_entry(paths[0]).get("now") if paths and "now" in mapping.plan.needs else None
        self.now: str | None = now if isinstance(now, str) else None

    def records(self, grouping: Grouping | None) -> Iterator[tuple[str, Record]]:
        """(key, record) of every record; one of a rejected group goes back into that, and is not among them."""
        for path in self._paths:
            for number, entry in enumerate(_entries(path, self._limits), start=1):
                if entry.get("mapping", self._mapping.name) != self._mapping.name:
                    self._others.add(str(entry["mapping"]))
                facts = {"key": f"{number}-{entry['record']}", **{name: entry[name] for name in FACTS if name in entry}}
                for position, found in enumerate(self._again(entry)):
                    key = _key(facts["key"], position)
                    record = Noted.of(found, replayed=True, **{**facts, "key": key})
                    if self._goes_back(record, key, grouping):
                        continue
                    self._note_partner(record)
                    yield key, record

    def _goes_back(self, record: Noted, key: str, grouping: Grouping | None) -> bool:
        """Whether a record is one of a rejected group; where the mapping has no such group any more, none is."""
        if grouping is None or record.facts.get("group", "") not in grouping:
            return bool(record.facts.get("member"))
        if not grouping.again(record, key):
            return False
        self.settled += not record.facts.get("member")
        return True

    def _note_partner(self, record: Noted) -> None:
        """Count records that others look up, and at first could not."""
        if self._mapping.plan.lookups and record.facts.get("unread") and record.fault is None:
            told = self._mapping.class_of(record)
            self._lately += isinstance(told, str) and told in self._mapping.keys

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """What may keep the first output and this one from being the output of a clean run."""
        found = []
        if self._others:
            names = ", ".join(f"'{escaped(name)}'" for name in sorted(self._others))
            message = f"the records were rejected by {names}, not by '{self._mapping.name}'"
            found.append(Diagnostic("RUN079", message, severity=Severity.WARNING))
        if self._lately:
            message = f"{self._lately} of the records are looked up by others, which the first run mapped without them"
            found.append(Diagnostic("RUN077", message, hint="convert the inputs again"))
        return tuple(found)

    # -- one line ---------------------------------------------------------------------------------

    def _again(self, entry: dict[str, Any]) -> list[Record]:
        """The record of a line, read as at first; several, where a line of records could not be read at all."""
        raw = self._raw(entry)
        if isinstance(raw, Diagnostic):
            record: Record = Unheld(
                None,
                fault=raw,
                class_name=source_class(entry),
                envelope=entry.get("envelope"),
                size=entry.get("size", 0),
                sha256=entry.get("sha256", ""),
            )
            return [self._placed(record, entry)]
        if entry.get("format") in DATABASES:
            return [self._database_row(entry, raw)]
        if "columns" in entry:
            return [self._row(entry, raw)]
        if is_sheet_row(entry):
            return [self._sheet_row(entry, raw)]
        if "envelope" in entry:
            return [self._element(entry, raw)]
        if entry.get("format") == "ndjson" and "at" not in entry:
            return self._line(entry, raw)
        return [self._value(entry, raw)]

    def _raw(self, entry: dict[str, Any]) -> bytes | Diagnostic:
        raw, place = entry["raw"], Location(entry["source"], entry.get("line"), None, entry.get("at"))
        if raw is None:
            size = entry.get("size", 0)
            if size > self._limits.record_bytes:
                return too_long(size, self._limits).diagnostic(place)
            return self._found(entry, size) or Diagnostic(
                "RUN078", "the bytes of this record were not kept, and its input does not hold them any more", place,
                hint="give the input of the first run with --related",
            )  # fmt: skip
        if entry.get("encoding") != "base64":
            return str(raw).encode()
        try:
            return base64.b64decode(raw, validate=True)
        except binascii.Error:
            message = "the bytes of this record are not base64"
            raise SourceError(Diagnostic("RUN001", message, place)) from None

    def _found(self, entry: dict[str, Any], size: int) -> bytes | None:
        """The bytes of a record over the limit, out of the input of the first run."""
        for file in self._originals(Path(entry["source"])):
            raw = _slice(file, entry.get("byte") or 0, size, self._limits)
            if raw is not None and sha256(raw).hexdigest() == entry.get("sha256"):
                return raw
        return None

    def _originals(self, source: Path) -> Iterator[Path]:
        for path in (source, *map(Path, self._related)):
            if path.is_file():
                yield path
            elif path.is_dir():
                yield from sorted(file for file in path.rglob(source.name) if file.is_file())

    def _placed(self, record: Record, entry: dict[str, Any], byte: int | None = None) -> Record:
        """A record with the place of its line, and its fault with it."""
        fault, line = record.fault, entry.get("line")
        if fault is not None:
            column, pointer = (fault.location.column, fault.location.pointer) if fault.location else (None, None)
            fault = replace(fault, location=Location(entry["source"], line, column, pointer))
        cls = record.class_name or source_class(entry)
        if cls is None and record.pointer is None:
            cls = self._inputs.source_class
        at = record.pointer if record.pointer is not None else entry.get("at")
        return structs.replace(
            record, source=entry["source"], number=entry["record"], line=line, pointer=at,
            byte=entry.get("byte") if byte is None else byte, class_name=cls, fault=fault,
        )  # fmt: skip

    def _value(self, entry: dict[str, Any], raw: bytes) -> Record:
        """An element of a document, or a document."""
        at = entry.get("at", "")
        try:
            if len(raw) > self._limits.record_bytes:
                raise too_long(len(raw), self._limits)
            data = self._read(raw)
        except Unreadable as fault:
            found = fault.diagnostic(Location(None, None, None, at + fault.pointer or None))
            unread = Record(None, raw=raw, fault=found)
            if fault.code == "SRC024":
                unread = Unheld(None, fault=found, size=len(raw), sha256=sha256(raw).hexdigest())
            return self._placed(unread, entry)
        fits, cls = self._chosen.at(at, data)
        return self._placed(Record(data, raw=raw, class_name=cls if fits else None), entry)

    def _line(self, entry: dict[str, Any], raw: bytes) -> list[Record]:
        """A line of NDJSON, which may hold many records."""
        options = self._inputs.options("ndjson")
        # An empty line before it: its first bytes are not those of a file.
        found = ndjson_records(iter([b"\n" + raw]), entry["source"], options)
        start = (entry.get("byte") or 0) - 1
        return [self._placed(record, entry, start + (record.byte or 1)) for record in found]

    def _element(self, entry: dict[str, Any], raw: bytes) -> Record:
        """An element of an XML document, or the triples of a subject."""
        from semantics.sources import rdf
        from semantics.sources.xml_document import read_again

        told, envelope = source_class(entry), entry["envelope"]
        if envelope.get("format") == "yaml":
            return self._node(entry, raw)
        if envelope.get("format") == "ntriples":
            found = rdf.read_again(raw, entry["source"], self._inputs.options("ntriples"), told)
        else:
            found = read_again(raw, envelope, entry["source"], self._inputs.options("xml"), told)
        return self._placed(structs.replace(found, raw=raw, envelope=entry["envelope"]), entry)

    def _node(self, entry: dict[str, Any], raw: bytes) -> Record:
        """A node of a YAML document, or a document."""
        from semantics.sources.yaml_document import read_again

        at = entry.get("at", "")
        found = read_again(raw, entry["envelope"], at, entry["source"], self._limits)
        fits, cls = self._chosen.at(at, found.data) if found.fault is None else (False, None)
        again = structs.replace(found, envelope=entry["envelope"], class_name=cls if fits else None)
        return self._placed(again, entry)

    def _row(self, entry: dict[str, Any], raw: bytes) -> Record:
        """A row under its header, through the same reader as at first."""
        columns, told = tuple(map(str, entry["columns"])), entry.get("envelope", {})
        shape = self._shape(columns, entry["source"], source_class(entry))
        said = {"encoding": told.get("encoding", "utf-8"), **told.get("dialect", {})}
        dialect = TableDialect().overruled(
            {**said, "delimiter": entry.get("delimiter", ","), "header": False, "columns": columns}
        )
        options = ReadOptions(tabular=lambda _header, _name: shape, limits=self._limits, dialect=dialect)
        # Between empty lines: its first bytes are not those of a file.
        newline = "\n".encode(dialect.checked().codec)
        rows = table_records(iter([newline + raw + newline]), entry["source"], options, ",")
        return self._placed(next(rows), entry)

    def _sheet_row(self, entry: dict[str, Any], raw: bytes) -> Record:
        """A row of a spreadsheet, from its cells."""
        from semantics.sources import xlsx

        envelope = entry["envelope"]
        columns, dialect = tuple(map(str, envelope["columns"])), TableDialect().overruled(envelope.get("dialect", {}))
        shape = self._shape(columns, entry["source"], source_class(entry), "xlsx")
        return self._placed(xlsx.read_again(raw, columns, shape, entry["source"], dialect), entry)

    def _database_row(self, entry: dict[str, Any], raw: bytes) -> Record:
        """A row of a database: its texts are read by the columns of its class, as they were at first."""
        try:
            row = self._read(raw)
        except Unreadable as fault:
            return self._placed(Record(None, raw=raw, fault=fault.diagnostic(Location())), entry)
        columns = tuple(map(str, row)) if isinstance(row, dict) else ()
        shape = self._shape(columns, entry["source"], source_class(entry), entry["format"])
        rows = RowReader(Columns(columns), shape, self._limits, entry["source"])
        return self._placed(rows.read(entry["record"], dict(row), raw), entry)

    def _shape(self, columns: tuple[str, ...], source: str, told: str | None, fmt: str = "csv") -> TableShape:
        key = (columns, source, told)
        if key not in self._shapes:
            cls = self._inputs.plan.classes.get(told or "")
            tabular = self._inputs.options(fmt).tabular
            assert tabular is not None
            known = self._inputs.source_class is None and cls is not None
            self._shapes[key] = (
                self._inputs.table_shape(cls, columns, source, fmt=fmt) if known and cls else tabular(columns, source)
            )
        return self._shapes[key]


def _key(first: str, position: int) -> str:
    """The key of a record on a line that was one record at first.

    >>> _key("1-5", 0), _key("1-5-1", 2)
    ('1-5', '1-5-3')
    """
    if not position:
        return first
    parts = first.split("-")
    return f"{parts[0]}-{parts[1]}-{position + 1}" if len(parts) > 1 else f"{first}-{position + 1}"


def _slice(file: Path, start: int, size: int, limits: Limits) -> bytes | None:
    """Some bytes of an input, decompressed where it is; None where it cannot be read or is shorter."""
    held, passed = bytearray(), 0
    try:
        for block in Input(file, str(file)).blocks(limits):
            if passed + len(block) > start:
                held += block[max(0, start - passed) :]
            passed += len(block)
            if len(held) >= size:
                return bytes(held[:size])
    except SemanticsError:
        return None
    return None

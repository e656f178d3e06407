"""The rejects file: every rejected record with its bytes, its place and the reasons, one JSON object a line.

It holds raw records, so it is readable by its owner alone (mode 0600); it is made when the first
record is rejected and committed together with the output. :mod:`semantics.engine.replay` reads it again.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from semantics.errors import Diagnostic, Location, SemanticsError, Violation
from semantics.records import Noted, Record, Rejected, Unheld
from semantics.sources import Input, Limits

if TYPE_CHECKING:
    from semantics.sinks.output import Mark, Output

__all__ = ["RejectsFile", "Table", "is_entry", "source_class"]

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
_MUST: Final = frozenset({"raw", "code", "source", "record"})


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a table whose rows may be rejected: what it takes to read one again."""

    columns: tuple[str, ...]
    delimiter: str


def is_entry(value: Any) -> bool:
    """Whether a value is what a line of a rejects file holds."""
    return type(value) is dict and value.keys() >= _MUST


@dataclass(slots=True)
class RejectsFile:
    """Takes rejected records; nothing is created as long as there are none.

    ``made_by`` is what each line says of the run. ``formats`` and ``tables`` tell, for each source, how it was read
    and, where it is a table, what its columns are.
    """

    path: Path | str
    made_by: Mapping[str, Any] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    _output: Output | None = None

    def open(self, mark: Mark | None = None) -> Output:
        """The output, which goes on from a mark where there is one. Raises :class:`SinkError`."""
        from semantics.sinks.output import open_output

        if self._output is None:
            self._output = open_output(self.path, 0o600, mark=mark)
        return self._output

    def mark(self) -> Mark | None:
        """Bring what was written to the disk, and tell how to go on from there; None where there is nothing yet."""
        return self._output.mark() if self._output is not None else None

    def write(self, rejected: Rejected, **facts: Any) -> None:
        """Add one rejected record, with ``facts`` as of :class:`Noted`. Raises :class:`SinkError`."""
        self.open().write(_ENCODER.encode(self._entry(rejected, facts)) + b"\n")

    @property
    def used(self) -> bool:
        """Whether anything was rejected."""
        return self._output is not None

    def prepare(self) -> None:
        """Bring everything to the disk, so that :meth:`commit` has only the name left to give."""
        if self._output is not None:
            self._output.prepare()

    def commit(self) -> None:
        """Make the file appear; without anything in it, take away the one of an earlier run under this name."""
        if self._output is not None:
            self._output.commit()
        elif _is_rejects(Path(self.path)):
            with suppress(OSError):
                Path(self.path).unlink()

    def forget(self) -> None:
        """In a process forked from the one that writes: let go."""
        if self._output is not None:
            self._output.forget()

    def abort(self, *, keep: bool = False) -> None:
        """Leave nothing behind, or what is on the disk to be gone on from."""
        if self._output is not None:
            self._output.abort(keep=keep)

    def _entry(self, rejected: Rejected, facts: dict[str, Any]) -> dict[str, Any]:
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
            **self._origin(record),
            **facts,
            **(record.facts if isinstance(record, Noted) else {}),
        }
        entry |= _bytes(record)
        entry |= self.made_by
        if len(rejected.diagnostics) > 1:
            entry["more"] = [
                {"code": found.code, "message": found.message, "pointer": _pointer(found), "rule": found.rule,
                 **_model(found)}
                for found in rejected.diagnostics[1:]
            ]  # fmt: skip
        return entry

    def _origin(self, record: Record) -> dict[str, Any]:
        """How the record was read: what it takes to read its bytes again in the same way."""
        found: dict[str, Any] = {}
        if (fmt := self.formats.get(record.source)) is not None:
            found["format"] = fmt
        if record.pointer is not None:
            found["at"] = record.pointer
        if record.envelope is not None:
            found["envelope"] = record.envelope
        if (table := self.tables.get(record.source)) is not None:
            found |= {"columns": list(table.columns), "delimiter": table.delimiter}
        return found


def _bytes(record: Record) -> dict[str, Any]:
    """The bytes of a record as they stood; where they were too many to keep, what tells them in the input."""
    if record.raw is None and isinstance(record, Unheld) and record.sha256:
        return {"raw": None, "size": record.size, "sha256": record.sha256}
    if record.raw is None and record.fault is not None:
        return {"raw": None}
    raw = record.raw if record.raw is not None else _ENCODER.encode(record.data)
    try:
        if record.envelope is not None and "encoding" in record.envelope:
            raise UnicodeError  # UTF-16 of plain letters would pass for UTF-8
        return {"raw": raw.decode("utf-8")}
    except UnicodeError:
        return {"raw": base64.b64encode(raw).decode("ascii"), "encoding": "base64"}


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


def source_class(entry: dict[str, Any]) -> str | None:
    """The source class of a rejected record; lines of earlier versions say it under "class"."""
    told: str | None = entry.get("source_class" if "source_class" in entry else "class")
    return told


def _is_rejects(path: Path) -> bool:
    """Whether there is a rejects file: nothing else is ever removed."""
    try:
        start = next(Input(path, str(path)).blocks(Limits())) if path.is_file() and not path.is_symlink() else b""
    except (SemanticsError, StopIteration):
        return False
    return start.startswith(b'{"source":') and b'"code":' in start

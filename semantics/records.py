"""What flows through a run: a raw record with its origin, and what became of it.

They are structs and not dataclasses because several are made for every record: a frozen dataclass takes
five times as long to make (1.5 against 0.3 microseconds for a record).
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from semantics.errors import Diagnostic, Location

__all__ = ["Filtered", "GroupRecord", "Instance", "Mapped", "Noted", "Outcome", "Record", "Rejected", "Unheld"]


class Record(msgspec.Struct, frozen=True):
    """One raw record and where it came from.

    ``data`` is plain data (dict, list, str, int, Decimal, bool, None), or None when ``fault`` says
    why it could not be read. ``raw`` are the bytes as they stood in the input. ``number`` counts
    from 1 within ``source``; ``line`` is 1-based, ``byte`` 0-based, ``pointer`` an RFC 6901 pointer
    into the document that held the record. ``class_name`` is the source class where it is told.
    ``envelope`` is what of the document around it is needed to read ``raw`` by itself, for formats that need it.
    """

    data: Any
    source: str = "<record>"
    number: int = 1
    line: int | None = None
    byte: int | None = None
    pointer: str | None = None
    raw: bytes | None = None
    class_name: str | None = None
    fault: Diagnostic | None = None
    envelope: dict[str, Any] | None = None

    def of_class(self, class_name: str) -> Record:
        """The same record, of this source class."""
        return replace(self, class_name=class_name)

    def of_data(self, data: dict[str, Any]) -> Record:
        """The same record with its data in another form."""
        return replace(self, data=data)

    @property
    def location(self) -> Location:
        """Where the record stands, as a diagnostic says it."""
        return Location(self.source, self.line, None, self.pointer)


class GroupRecord(Record, frozen=True):
    """A record that stands for a group: at the place of the first of its ``members``."""

    members: tuple[Record, ...] = ()


class Unheld(Record, frozen=True):
    """A record over the size limit: its bytes were not kept, but ``size`` of them had this SHA-256.

    They are found again in the input by ``byte``, and known again by their digest.
    """

    size: int = 0
    sha256: str = ""


class Noted(Unheld, frozen=True):
    """A record with ``facts`` that its line in a rejects file says beside its place, as plain data.

    "key" and "after" tell where its instances belong; "group" is the group that it goes into instead of being mapped
    by itself, and with "member" it is counted elsewhere; "unread": no look-up and no group of the run could have it.
    """

    facts: dict[str, Any] = {}
    replayed: bool = False

    @staticmethod
    def of(record: Record, replayed: bool = False, **facts: Any) -> Noted:
        """A record with further facts."""
        older = record.facts if isinstance(record, Noted) else {}
        size, digest = (record.size, record.sha256) if isinstance(record, Unheld) else (0, "")
        return Noted(
            record.data, record.source, record.number, record.line, record.byte, record.pointer, record.raw,
            record.class_name, record.fault, record.envelope, size, digest, {**older, **facts},
            replayed or (isinstance(record, Noted) and record.replayed),
        )  # fmt: skip


class Instance(msgspec.Struct, frozen=True):
    """An object of the target model: its class and its data, and the rule (``file:line``) that made it."""

    class_name: str
    data: dict[str, Any]
    rule: str | None = None


class Mapped(msgspec.Struct, frozen=True):
    """The record gave these instances, all of them valid."""

    record: Record
    instances: tuple[Instance, ...]

    @property
    def instance(self) -> dict[str, Any]:
        """The data of the first instance, the one that most callers want."""
        return self.instances[0].data


class Rejected(msgspec.Struct, frozen=True):
    """The record could not be read, mapped or validated; nothing of it reaches the output."""

    record: Record
    diagnostics: tuple[Diagnostic, ...]


class Filtered(msgspec.Struct, frozen=True):
    """The record is left out on purpose, and counted: mostly because every derivation's ``where`` said no.

    ``reason`` names the rules (``file:line``) that did, or says what else it was. ``source_class`` is the class that
    the record was found to be of.
    """

    record: Record
    reason: str = ""
    source_class: str | None = None


Outcome = Mapped | Rejected | Filtered

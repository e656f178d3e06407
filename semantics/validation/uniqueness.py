"""Uniqueness over a whole collection of instances: identifiers and ``unique_keys`` that occur twice among records.

This is no part of an instance's verdict: what must be distinct *inside* an instance the checker refuses itself
(:mod:`semantics.validation.distinct`). What was seen is kept as digests: in memory up to a number, then on disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, Protocol

from semantics.errors import Diagnostic, LimitError
from semantics.schema.model import ClassModel, SchemaModel
from semantics.validation.classes import ClassTable
from semantics.validation.distinct import Key, keys_of
from semantics.validation.findings import MAX_FINDINGS, Notes, Place

if TYPE_CHECKING:
    import sqlite3

__all__ = ["Seen", "SeenKeys", "UniquenessCheck"]

MAX_KEYS: Final = 2_000_000
"""Keys that are remembered in memory: at about 120 bytes each, some 240 MB. Those after them go to a file."""


class Seen(Protocol):
    """Remembers digests with the number of the record that each came from first."""

    def first(self, digest: bytes, number: int) -> int | None:
        """The number that came with this digest before; None, and ``number`` is kept, where it is new."""


class SeenKeys:
    """Digests in memory up to ``limit``, and beyond it in a temporary SQLite database that only the owner can read.

    Raises :class:`~semantics.errors.LimitError` (VAL050) where the disk has no room for it.
    """

    def __init__(self, limit: int = MAX_KEYS) -> None:
        self.limit = limit
        self._found: dict[bytes, int] = {}
        self._disk: sqlite3.Connection | None = None

    @property
    def spilled(self) -> bool:
        """Whether some of the digests are on disk."""
        return self._disk is not None

    def first(self, digest: bytes, number: int) -> int | None:
        """The number that came with this digest before; None where it is new."""
        found = self._found.get(digest)
        if found is not None:
            return found
        if len(self._found) < self.limit:
            self._found[digest] = number
            return None
        return self._on_disk(digest, number)

    def _on_disk(self, digest: bytes, number: int) -> int | None:
        import sqlite3

        try:
            if self._disk is None:
                # An empty name is a database of this process alone: SQLite makes the file, and removes it.
                self._disk = sqlite3.connect("", isolation_level=None, check_same_thread=False)
                for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -64000"):
                    self._disk.execute(f"PRAGMA {setting}")
                self._disk.execute("CREATE TABLE seen (key BLOB PRIMARY KEY, number INTEGER) WITHOUT ROWID")
                self._disk.execute("BEGIN")
            if self._disk.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (digest, number)).rowcount:
                return None
            return int(self._disk.execute("SELECT number FROM seen WHERE key = ?", (digest,)).fetchone()[0])
        except sqlite3.Error as fault:
            text = f"more than {self.limit} identifiers and unique keys, and no room on disk for more: {fault}"
            raise LimitError(Diagnostic("VAL050", text, hint="TMPDIR names the folder of temporary files")) from None


class UniquenessCheck:
    """Finds identifiers and unique keys that occur twice among the instances given to :meth:`check`.

    Identifiers are unique among all instances of the class that introduced the identifier slot, and a unique
    key among those of the class that states it, subclasses included. A unique key with a slot that has no
    value is not compared (as in SQL). ``seen`` remembers; without one :class:`SeenKeys` does.
    """

    def __init__(self, schema: SchemaModel, seen: Seen | None = None) -> None:
        self.schema = schema
        self.seen = SeenKeys() if seen is None else seen
        self._table = ClassTable(schema)
        self._keys: dict[str, tuple[Key, ...]] = {}
        self._numbers = 0

    def check(
        self, class_name: str, instance: Mapping[str, Any], *, number: int | None = None
    ) -> tuple[Diagnostic, ...]:
        """What of this instance was there before. ``number``: that of its record, else a running one."""
        self._numbers += 1
        number = self._numbers if number is None else number
        if not isinstance(instance, Mapping):
            return ()
        cls = self._table.class_of(class_name, dict(instance)) or self.schema.classes[class_name]
        notes = Notes(MAX_FINDINGS)
        here = Place(notes).of_class(cls)
        for key in self._keys_of(cls):
            found = key.of(instance)
            first = None if found is None else self.seen.first(_digest(found), number)
            if first is not None:
                key.note(here, f"the same value as in record {first}")
        return tuple(notes.found)

    def _keys_of(self, cls: ClassModel) -> tuple[Key, ...]:
        if cls.name not in self._keys:
            self._keys[cls.name] = keys_of(self.schema, cls)
        return self._keys[cls.name]


def _digest(parts: tuple[Any, ...]) -> bytes:
    text = repr(parts).encode("utf-8", "surrogatepass")
    return blake2b(text, digest_size=16).digest()

"""Rows by key, in memory up to a budget and in a temporary SQLite database beyond it; never out of memory.

A row is plain data, kept encoded so that its size is known: integers of any size, decimals with every
digit, texts as they are. What a store gives is the same wherever its rows are.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from semantics.errors import Diagnostic, LimitError

if TYPE_CHECKING:
    import sqlite3

__all__ = ["BUDGET", "Store", "decoded", "encoded", "full_disk", "private_database"]

BUDGET: Final = 256 * 1024 * 1024
"""How many bytes a store keeps in memory unless it is told otherwise."""

ALL: Final = 2**62
_FIRST: Final = "SELECT data FROM key JOIN row ON number = row WHERE name = ? AND key = ? ORDER BY row LIMIT ?"
_LAST: Final = "SELECT data FROM key JOIN row ON number = row WHERE name = ? AND key = ? ORDER BY row DESC LIMIT ?"
_ROW, _KEY = 100, 160
"""What a row and a key cost in memory beside their own bytes, about."""
_DECIMAL, _INTEGER = 1, 2
_BATCH: Final = 2_000
_PLAIN: Final = frozenset({str, bool, float, type(None)})


def encoded(value: Any) -> bytes:
    """Plain data as bytes, from which :func:`decoded` makes the same data with the same types.

    >>> decoded(encoded({"a": [Decimal("1.50"), 2**70, None]}))
    {'a': [Decimal('1.50'), 1180591620717411303424, None]}
    """
    return msgspec.msgpack.encode(_packed(value))


def _packed(value: Any) -> Any:
    if value.__class__ in _PLAIN:
        return value
    if value.__class__ is dict:
        return {key: item if item.__class__ in _PLAIN else _packed(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_packed(item) for item in value]
    if isinstance(value, Decimal):
        return msgspec.msgpack.Ext(_DECIMAL, str(value).encode())
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return msgspec.msgpack.Ext(_INTEGER, str(value).encode())
    return value


def _unpacked(code: int, data: memoryview) -> Any:
    text = bytes(data).decode()
    return Decimal(text) if code == _DECIMAL else int(text)


decoded = msgspec.msgpack.Decoder(ext_hook=_unpacked).decode


class Store:
    """Rows under names and keys; filled first, asked then. A row may stand under several keys.

    ``budget`` is what it may take of the memory, in bytes; beyond it everything goes to a file that only
    the owner can read and that :meth:`close` removes. Raises :class:`LimitError` where the disk is full.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._size = 0
        self._rows: list[bytes] = []
        self._keys: dict[tuple[str, str], list[int]] = {}
        self._disk: _Disk | None = None
        self.count = 0

    def add(self, row: Any, keys: Iterable[tuple[str, str]]) -> None:
        """Keep a row under some (name, key) pairs."""
        data = encoded(row)
        number, self.count = self.count, self.count + 1
        if self._disk is not None:
            self._disk.add(number, data, keys)
            return
        self._rows.append(data)
        self._size += len(data) + _ROW
        for pair in keys:
            self._keys.setdefault(pair, []).append(number)
            self._size += len(pair[1]) + _KEY
        if self._size > self._budget:
            self._spill()

    def find(self, name: str, key: str, most: int = ALL) -> list[Any]:
        """The rows under a key, in the order in which they came: the first ``most``, or the last one (-1)."""
        if self._disk is not None:
            return self._disk.find(name, key, most)
        numbers = self._keys.get((name, key), [])
        return [decoded(self._rows[number]) for number in (numbers[:most] if most >= 0 else numbers[most:])]

    def keys(self, name: str) -> Iterator[str]:
        """The keys under a name, in the order in which each came first."""
        if self._disk is not None:
            return self._disk.keys(name)
        return (key for known, key in self._keys if known == name)

    @property
    def spilled(self) -> bool:
        """Whether the rows are on disk."""
        return self._disk is not None

    def close(self) -> None:
        """Forget everything, and remove the file if there is one."""
        self._rows, self._keys = [], {}
        if self._disk is not None:
            self._disk.close()

    def _spill(self) -> None:
        disk = _Disk()
        by_row: list[list[tuple[str, str]]] = [[] for _ in self._rows]
        for pair, numbers in self._keys.items():
            for number in numbers:
                by_row[number].append(pair)
        self._keys = {}
        for number, data in enumerate(self._rows):
            disk.add(number, data, by_row[number])
        self._rows, self._disk = [], disk


def private_database() -> tuple[Path, sqlite3.Connection]:
    """A SQLite database that only the owner can read, in a folder of its own that is to be removed in the end.

    Raises :class:`LimitError` where there is no room for it.
    """
    import sqlite3

    folder = None
    try:
        folder = Path(tempfile.mkdtemp(prefix="semantics-"))  # mode 0700
        path = folder / "rows.sqlite"
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for setting in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE", "cache_size = -16000"):
            database.execute(f"PRAGMA {setting}")
    except (OSError, sqlite3.Error) as fault:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        raise full_disk(fault) from None
    return folder, database


class _Disk:
    """The rows in a database of this process alone: written once, then indexed, then read."""

    def __init__(self) -> None:
        import sqlite3

        self._fault = sqlite3.Error
        self._folder, self._database = private_database()
        self._lock = threading.Lock()
        try:
            self._database.execute("CREATE TABLE row (number INTEGER PRIMARY KEY, data BLOB NOT NULL)")
            self._database.execute("CREATE TABLE key (name TEXT NOT NULL, key BLOB NOT NULL, row INTEGER NOT NULL)")
        except self._fault as fault:
            self.close()
            raise full_disk(fault) from None
        self._rows: list[tuple[int, bytes]] = []
        self._keys: list[tuple[str, bytes, int]] = []
        self._indexed = False

    def add(self, number: int, data: bytes, keys: Iterable[tuple[str, str]]) -> None:
        self._rows.append((number, data))
        self._keys += [(name, _blob(key), number) for name, key in keys]
        if len(self._rows) >= _BATCH:
            self._write()

    def _write(self) -> None:
        try:
            self._database.execute("BEGIN")
            self._database.executemany("INSERT INTO row VALUES (?, ?)", self._rows)
            self._database.executemany("INSERT INTO key VALUES (?, ?, ?)", self._keys)
            self._database.execute("COMMIT")
        except self._fault as fault:
            raise full_disk(fault) from None
        self._rows, self._keys = [], []

    def _ready(self) -> None:
        if self._rows:
            self._write()
            self._indexed = False
        if not self._indexed:
            try:
                self._database.execute("CREATE INDEX IF NOT EXISTS by_key ON key (name, key, row)")
            except self._fault as fault:
                raise full_disk(fault) from None
            self._indexed = True

    def find(self, name: str, key: str, most: int) -> list[Any]:
        query = _FIRST if most >= 0 else _LAST
        with self._lock:
            self._ready()
            try:
                return [decoded(data) for (data,) in self._database.execute(query, (name, _blob(key), abs(most)))]
            except self._fault as fault:
                raise full_disk(fault) from None

    def keys(self, name: str) -> Iterator[str]:
        query = "SELECT key FROM key WHERE name = ? GROUP BY key ORDER BY min(row)"
        with self._lock:
            self._ready()
            try:
                cursor = self._database.execute(query, (name,))
            except self._fault as fault:
                raise full_disk(fault) from None
        for key in _fetched(cursor, self._fault):
            yield key.decode("utf-8", "surrogatepass")

    def close(self) -> None:
        self._database.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _fetched(cursor: sqlite3.Cursor, fault_type: type[Exception]) -> Iterator[bytes]:
    """The one column of the rows of a cursor."""
    try:
        yield from (value for (value,) in cursor)
    except fault_type as fault:
        raise full_disk(fault) from None


def _blob(key: str) -> bytes:
    return key.encode("utf-8", "surrogatepass")


def full_disk(fault: Exception) -> LimitError:
    """The error of a disk that takes no more of what a run has to remember, or does not give it back."""
    reason = os.strerror(fault.errno) if isinstance(fault, OSError) and fault.errno else str(fault)
    return LimitError(
        Diagnostic("RUN031", f"what a run has to remember cannot be kept on disk: {reason}",
                   hint="TMPDIR says where temporary files go; --join-memory raises what stays in memory")
    )  # fmt: skip

"""Which database a text names, and what it is called where others can read it: without its password.

A database is named by the operator alone: ``sqlite:///path.db``, ``duckdb:///path.duckdb``,
``postgresql://user@host/name``, or the path of a file. What follows the third slash is the path, relative unless it
begins with a fourth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from semantics.errors import Diagnostic, UsageError

__all__ = ["DATABASES", "Database", "database_kind", "displayed", "is_database", "named_database", "quoted"]

DATABASES: Final[dict[str, tuple[str, ...]]] = {
    "sqlite": (".sqlite", ".sqlite3", ".db"),
    "duckdb": (".duckdb",),
    "postgresql": (),
}
"""The databases that are read and written, and the endings of those that are files."""

_SQLITE: Final = b"SQLite format 3\0"
_DUCKDB: Final = b"DUCK"
_SCHEMES: Final = {"sqlite": "sqlite", "duckdb": "duckdb", "postgresql": "postgresql", "postgres": "postgresql"}
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_SERVER: Final = re.compile(
    r"(?:(?P<user>[\w.%+~-]*)(?::(?P<password>[^@/]*))?@)?"
    r"(?P<host>(?:\[[0-9A-Fa-f:.]*\]|[\w.%~-]*)(?::\d+)?(?:,(?:\[[0-9A-Fa-f:.]*\]|[\w.%~-]*)(?::\d+)?)*)"
    r"(?:/(?P<name>[\w.%+~-]*))?(?:\?(?P<options>.*))?",
    re.DOTALL,
)
"""A connection string behind its scheme, as libpq cuts it; what is not of this form is not shown at all."""


@dataclass(frozen=True, slots=True)
class Database:
    """A database: its ``kind`` (of :data:`DATABASES`) and its ``place``, a path or a connection string."""

    kind: str
    place: str

    @property
    def shown(self) -> str:
        """Its name in messages, reports and rejects: no password, no option of the connection.

        >>> Database("postgresql", "postgresql://ann:secret@db.example.org/lake?sslpassword=x").shown
        'postgresql://ann@db.example.org/lake'
        >>> Database("sqlite", "meters.db").shown
        'sqlite:meters.db'
        """
        if self.kind != "postgresql":
            return f"{self.kind}:{self.place}"
        parts = _server(self.place)
        if parts is None or "@" in (parts["options"] or ""):  # perhaps all of this is a password
            return "postgresql://..."
        user = f"{parts['user']}@" if parts["user"] else ""
        return f"postgresql://{user}{parts['host'] or ''}/{parts['name'] or ''}"

    def scrubbed(self, text: str) -> str:
        """A message of the database's own, without what the connection string keeps secret."""
        parts = _server(self.place) if self.kind == "postgresql" else None
        options = (parts["options"] or "").split("&") if parts else []
        secrets = [parts["password"] if parts else None]
        secrets += [value for key, _, value in (option.partition("=") for option in options) if "password" in key]
        for secret in filter(None, secrets):
            text = text.replace(unquote(secret), "***").replace(secret, "***")
        return text


def _server(place: str) -> dict[str, str | None] | None:
    found = _SERVER.fullmatch(place.partition("://")[2])
    return found.groupdict() if found else None


def database_kind(text: str) -> str | None:
    """The kind of database that a connection string or a file name tells, or None.

    >>> database_kind("postgres://localhost/lake"), database_kind("meters.DB"), database_kind("meters.csv")
    ('postgresql', 'sqlite', None)
    """
    found = _SCHEME.match(text)
    if found is not None:
        return _SCHEMES.get(found[1].lower())
    lowered = text.lower()
    return next((kind for kind, endings in DATABASES.items() if endings and lowered.endswith(endings)), None)


def named_database(text: str, kind: str | None = None) -> Database:
    """The database of a connection string, or of a file of this ``kind``.

    Raises :class:`~semantics.errors.UsageError` (``SRC114``) for a connection string that is not one.

    >>> named_database("sqlite:///meters.db"), named_database("duckdb:////srv/lake.duckdb").place
    (Database(kind='sqlite', place='meters.db'), '/srv/lake.duckdb')
    """
    found = _SCHEME.match(text)
    if found is None:
        told = kind or database_kind(text)
        if told is None or told == "postgresql":
            raise _unknown("this is no connection string", "postgresql://user@host/name")
        return Database(told, text)
    told = _SCHEMES.get(found[1].lower())
    if told is None or (kind is not None and kind != told):
        raise _unknown(f"'{found[1]}' is no database that is read or written", f"known: {', '.join(DATABASES)}")
    if told == "postgresql":
        if _server(text) is None:
            hint = "postgresql://user@host:port/name; special characters of its parts are percent-encoded"
            raise _unknown("the connection string cannot be read", hint)
        return Database(told, text)
    path = found[2].removeprefix("/")
    if path == found[2] or not path or path == ":memory:" or "?" in path:
        raise _unknown(f"the connection string of {told} names no file", f"{told}:///path, without options")
    return Database(told, str(Path(path)))


def displayed(text: str) -> str:
    """A path, or what may be shown of a connection string.

    >>> displayed("out.csv"), displayed("mysql://ann:secret@db/lake")
    ('out.csv', 'mysql://...')
    """
    found = _SCHEME.match(text)
    if found is None:
        return text
    told = _SCHEMES.get(found[1].lower())
    return text if told in ("sqlite", "duckdb") else Database(told, text).shown if told else f"{found[1]}://..."


def is_database(path: Path, kind: str) -> bool:
    """Whether a file begins as one of this kind does: other programs name theirs so, too."""
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except OSError:
        return False
    return start.startswith(_SQLITE) if kind == "sqlite" else start[8:12] == _DUCKDB


def quoted(name: str) -> str:
    """An identifier as SQL takes it (ISO 9075-2, delimited identifier).

    >>> print(quoted('a "b" c'), quoted("select"))
    "a ""b"" c" "select"
    """
    return '"' + name.replace('"', '""') + '"'


def _unknown(message: str, hint: str) -> UsageError:
    return UsageError(Diagnostic("SRC114", message, hint=hint))

"""Prepared mappings, kept between runs: plain JSON, keyed and checked by digests, never a pickle.

An entry lists every file that it was made from with its SHA-256; it is used only while all of them
are unchanged, and only if it decodes to exactly the types that are expected. A broken or foreign
entry counts as absent.
"""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Final

import msgspec

from semantics import kept
from semantics.kept import digest_of
from semantics.plan.model import Plan
from semantics.schema.model import SchemaModel

__all__ = ["Entry", "code_stamp", "digest_of", "recall", "remember"]

FORMAT: Final = 2
MOST: Final = 4
"""Entries that a process holds, for those who load the same mapping again."""
_HELD: Final[dict[bytes, Entry]] = {}
_ONE: Final = Lock()


class Entry(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A mapping with nothing left to resolve, and the files it came from (path to SHA-256)."""

    format: int
    version: str
    files: dict[str, str]
    plan: Plan
    target: SchemaModel


def code_stamp() -> str:
    """What tells one state of this program's files from another, for entries made while it is being changed."""
    return kept.code_stamp("schema", "units", "expressions", "mapping", "plan")


def recall(key: str, version: str) -> Entry | None:
    """The entry of a key, if it is there, whole, of this version, and none of its files has changed."""
    body = kept.kept(key)
    if body is None:
        return None
    entry = _entry(body)
    if entry is None or entry.format != FORMAT or entry.version != version:
        return None
    current = all(digest_of(Path(name)) == digest for name, digest in entry.files.items())
    return entry if current else None


def _entry(body: bytes) -> Entry | None:
    """The entry that some bytes are: the same bytes are the same entry while it is held."""
    found = _HELD.get(sha256(body).digest())
    if found is None:
        with suppress(msgspec.MsgspecError):
            found = msgspec.json.decode(body, type=Entry)
            _hold(body, found)
    return found


def _hold(body: bytes, entry: Entry) -> None:
    with _ONE:
        _HELD[sha256(body).digest()] = entry
        if len(_HELD) > MOST:
            del _HELD[next(iter(_HELD))]


def remember(key: str, entry: Entry) -> None:
    """Keep an entry for the owner alone; a cache that cannot be written is no fault of the run."""
    # Keys stay in their order: messages name classes in that of the schema, whether the plan was kept or is new.
    body = msgspec.json.encode(entry)
    kept.keep(key, body)
    _hold(body, entry)

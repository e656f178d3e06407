"""Prepared mappings, kept between runs: plain JSON, keyed and checked by digests, never a pickle.

An entry lists every file that it was made from with its SHA-256; it is used only while all of them
are unchanged, and only if it decodes to exactly the types that are expected. A broken or foreign
entry counts as absent.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Final

import msgspec

from semantics.plan.model import Plan
from semantics.schema.model import SchemaModel

__all__ = ["Entry", "cache_directory", "recall", "remember"]

FORMAT: Final = 2


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A mapping with nothing left to resolve, and the files it came from (path to SHA-256)."""

    format: int
    version: str
    files: dict[str, str]
    plan: Plan
    target: SchemaModel


def cache_directory() -> Path | None:
    """Where entries are kept: ``SEMANTICS_CACHE`` (empty: nowhere), else the user's cache folder."""
    chosen = os.environ.get("SEMANTICS_CACHE")
    if chosen is not None:
        return Path(chosen) if chosen else None
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / (
        "Library/Caches" if sys.platform == "darwin" else ".cache"
    )
    return Path(base) / "semantics"


def code_stamp() -> str:
    """What tells one state of this program's files from another, for entries made while it is being changed."""
    package = Path(__file__).resolve().parents[1]
    rooms = ("schema", "units", "expressions", "mapping", "plan")
    newest = max(file.stat().st_mtime_ns for room in rooms for file in (package / room).glob("**/*.py"))
    return f"{newest:x}"


def digest_of(path: Path) -> str | None:
    """SHA-256 of a file's bytes; None where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _path(key: str) -> Path | None:
    folder = cache_directory()
    return None if folder is None else folder / f"{hashlib.sha256(key.encode()).hexdigest()}.json"


def recall(key: str, version: str) -> Entry | None:
    """The entry of a key, if it is there, whole, of this version, and none of its files has changed."""
    path = _path(key)
    if path is None or not path.is_file():
        return None
    try:
        raw = path.read_bytes()
        checksum, _, body = raw.partition(b"\n")
        if hashlib.sha256(body).hexdigest().encode() != checksum:
            return None
        entry = msgspec.json.decode(body, type=Entry)
    except (OSError, msgspec.MsgspecError):
        return None
    if entry.format != FORMAT or entry.version != version:
        return None
    current = all(digest_of(Path(name)) == digest for name, digest in entry.files.items())
    return entry if current else None


def remember(key: str, entry: Entry) -> None:
    """Keep an entry for the owner alone; a cache that cannot be written is no fault of the run."""
    path = _path(key)
    if path is None:
        return
    # Keys stay in their order: messages name classes in that of the schema, whether the plan was kept or is new.
    body = msgspec.json.encode(entry)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".partial")
        with os.fdopen(descriptor, "wb") as file:
            file.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        Path(temporary).replace(path)
    except OSError:
        return

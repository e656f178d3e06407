"""What is kept between runs, and what it was made from: checked text under a key, and the files that were looked at.

Nothing kept is trusted: an entry has its own checksum, and whoever asks for it decodes it to the types expected.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from semantics.unsaved import bytes_of, is_unsaved

__all__ = ["cache_directory", "code_stamp", "digest_of", "keep", "kept", "lasting", "noted", "traced"]

Found = TypeVar("Found")

_LOOKED_AT: Final[ContextVar[set[Path] | None]] = ContextVar("looked_at", default=None)


def noted(path: Path) -> None:
    """Say that a definition was read, or looked for, at a path."""
    seen = _LOOKED_AT.get()
    if seen is not None:
        seen.add(path)


@contextmanager
def traced() -> Iterator[set[Path]]:
    """Within it, every path that is noted is collected, for those around it too.

    >>> with traced() as seen:
    ...     noted(Path("a.yaml"))
    >>> [path.name for path in seen]
    ['a.yaml']
    """
    outer, seen = _LOOKED_AT.get(), set[Path]()
    token = _LOOKED_AT.set(seen)
    try:
        yield seen
    finally:
        _LOOKED_AT.reset(token)
        if outer is not None:
            outer |= seen


def cache_directory() -> Path | None:
    """Where entries are kept: ``SEMANTICS_CACHE`` (empty: nowhere), else the user's cache folder."""
    chosen = os.environ.get("SEMANTICS_CACHE")
    if chosen is not None:
        return Path(chosen) if chosen else None
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / (
        "Library/Caches" if sys.platform == "darwin" else ".cache"
    )
    return Path(base) / "semantics"


def code_stamp(*rooms: str) -> str:
    """What tells one state of this program's files from another, for entries made while it is being changed."""
    package = Path(__file__).resolve().parent
    files = (file for room in rooms for file in (package / room).glob("**/*.py"))
    return f"{max(file.stat().st_mtime_ns for file in (*package.glob('*.py'), *files)):x}"


def digest_of(path: Path) -> str | None:
    """SHA-256 of a file's bytes; None where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, ValueError):
        return None


def _path(key: str) -> Path | None:
    folder = cache_directory()
    return (
        None if folder is None else folder / f"{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()}.json"
    )


def kept(key: str) -> bytes | None:
    """What was kept under a key, if it is there and whole."""
    path = _path(key)
    if path is None:
        return None
    try:
        checksum, _, body = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    return body if hashlib.sha256(body).hexdigest().encode() == checksum else None


def keep(key: str, body: bytes) -> None:
    """Keep something for the owner alone; a cache that cannot be written is no fault of the run."""
    path = _path(key)
    if path is None:
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".partial")
        with os.fdopen(descriptor, "wb") as file:
            file.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        Path(temporary).replace(path)
    except OSError:
        return


class _Entry(msgspec.Struct, frozen=True):
    """Something that was found by this program; ``files`` are those that it rests on, by digest (None: not there)."""

    stamp: str
    files: dict[str, str | None]
    found: msgspec.Raw


def lasting(
    key: str, stamp: str, roots: Sequence[Path], look: Callable[[], Found], form: type[Found], *files: Path
) -> Found:
    """What was found last under a key, while no file that was looked at for it is another; else what is found now.

    ``stamp`` is what it rests on besides files; ``files`` are looked at in any case. They are named by where they
    are in ``roots``: what was found in one folder holds in another with the same files. What rests on a text that is
    not saved is not kept.
    """
    found = _last(kept(key), stamp, roots, form, {_name(each, roots) for each in files})
    if found is not None:
        return found
    with traced() as seen:
        found = look()
    seen |= {*files}
    if not any(map(is_unsaved, seen)):
        rests_on = {_name(each, roots): _digest(each) for each in sorted(seen)}
        entry = _Entry(stamp, rests_on, msgspec.Raw(_encode(found)))
        with suppress(UnicodeEncodeError):  # the name of a file that is no text
            keep(key, _encode(entry))
    return found


_encode: Final = msgspec.json.Encoder().encode


def _last(body: bytes | None, stamp: str, roots: Sequence[Path], form: type[Found], wanted: Set[str]) -> Found | None:
    """What was kept, where it is of this program and all files are what they were."""
    try:
        entry = None if body is None else msgspec.json.decode(body, type=_Entry)
        if entry is None or entry.stamp != stamp or not wanted <= entry.files.keys():
            return None
        files = {_path_of(name, roots): digest for name, digest in entry.files.items()}
        if any(_digest(path) != digest for path, digest in files.items()):
            return None
        found = msgspec.json.decode(entry.found, type=form)
    except (msgspec.MsgspecError, ValueError, IndexError):
        return None
    for path in files:
        noted(path)
    return found


def _name(file: Path, roots: Sequence[Path]) -> str:
    """A file by the number of the folder that it is in, and where it is there; else by its path."""
    absolute = file.absolute()
    inside = next((at for at, root in enumerate(roots) if absolute.is_relative_to(root)), None)
    return str(absolute) if inside is None else f"{inside}:{absolute.relative_to(roots[inside]).as_posix()}"


def _path_of(name: str, roots: Sequence[Path]) -> Path:
    number, colon, rest = name.partition(":")
    return roots[int(number)] / rest if colon and number.isdigit() else Path(name)


def _digest(path: Path) -> str | None:
    try:
        return hashlib.sha256(bytes_of(path)).hexdigest()
    except (OSError, ValueError):
        return None

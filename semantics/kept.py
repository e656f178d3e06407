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

__all__ = [
    "cache_directory",
    "code_stamp",
    "digest_of",
    "keep",
    "kept",
    "lasting",
    "leave",
    "noted",
    "recalled",
    "traced",
    "unnoted",
]

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


@contextmanager
def unnoted() -> Iterator[None]:
    """Within it, no path is collected: what is looked at decides nothing that is found."""
    token = _LOOKED_AT.set(None)
    try:
        yield
    finally:
        _LOOKED_AT.reset(token)


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


def _path(key: str) -> Path | None:
    folder = cache_directory()
    return (
        None if folder is None else folder / f"{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()}.json"
    )


def kept(key: str) -> bytes | None:
    """What was kept under a key, if it is there and whole."""
    path = _path(key)
    return None if path is None else _whole(_read(path))


def keep(key: str, body: bytes) -> None:
    """Keep something for the owner alone; a cache that cannot be written is no fault of the run."""
    path = _path(key)
    if path is not None:
        _write(path, _checked(body))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _checked(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def _whole(entry: bytes) -> bytes | None:
    """What stands behind its checksum."""
    checksum, _, body = entry.partition(b"\n")
    return body if hashlib.sha256(body).hexdigest().encode() == checksum else None


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".partial")
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(temporary).replace(path)
    except OSError:
        return


# -- what rests on files --------------------------------------------------------------------------

STATES: Final = 4
"""Of so many states of the files is kept what was found: the old and the new one of a comparison are among them."""


class _Head(msgspec.Struct, frozen=True):
    """By which program something was found, and the files that it rests on, by digest (None: not there)."""

    stamp: str
    files: dict[str, str | None]


def lasting(
    key: str, stamp: str, roots: Sequence[Path], look: Callable[[], Found], read: Callable[[bytes], Found], *files: Path
) -> Found:
    """What was found under a key, if no file that was looked at for it is another; else what is found now.

    ``stamp`` is what it rests on besides files; ``files`` are looked at in any case. They are named by where they
    are in ``roots``: what was found in one folder holds in another with the same files. What rests on a text that is
    not saved is not kept. ``read`` makes of JSON what was found.
    """
    found = recalled(key, stamp, roots, read, *files)
    if found is not None:
        return found
    with traced() as seen:
        found = look()
    leave(key, stamp, roots, found, {*seen, *files})
    return found


def recalled(key: str, stamp: str, roots: Sequence[Path], read: Callable[[bytes], Found], *files: Path) -> Found | None:
    """What was found under a key, if it is there and no file is another; see :func:`lasting`."""
    wanted = {_name(each, roots) for each in files}
    for state in _states(key):
        with suppress(OSError, msgspec.MsgspecError, ValueError, IndexError), state.open("rb") as file:
            head = msgspec.json.decode(_whole(file.readline() + file.readline()[:-1]) or b"", type=_Head)
            if head.stamp != stamp or not wanted <= head.files.keys():
                continue
            places = {_place(name, roots): digest for name, digest in head.files.items()}
            if any(digest_of(place) != digest for place, digest in places.items()):
                continue
            found = read(_whole(file.read()) or b"")
            for place in places:
                noted(place)
            with suppress(OSError):  # a folder that is only read from
                os.utime(state)
            return found
    return None


def leave(key: str, stamp: str, roots: Sequence[Path], found: object, files: Set[Path]) -> bytes | None:
    """Keep what was found with these files, in the place of what was asked for longest ago.

    Gives what is kept, for whoever reads it back at once; None where nothing is.
    """
    states = _states(key)
    if not states or any(map(is_unsaved, files)):
        return None
    names = sorted({_name(each, roots) for each in files})
    head, body = _Head(stamp, {name: digest_of(_place(name, roots)) for name in names}), _encode(found)
    with suppress(UnicodeEncodeError):  # the name of a file that is no text
        _write(states[-1], _checked(_encode(head)) + b"\n" + _checked(body))
    return body


_encode: Final = msgspec.json.Encoder().encode


def _states(key: str) -> list[Path]:
    """Where the states of what is kept under a key are, the one that was asked for last before the others."""
    found = [path for state in range(STATES) if (path := _path(f"{key}\n{state}")) is not None]
    times = {path: _asked_at(path) for path in found}
    return sorted(found, key=times.__getitem__, reverse=True)


def _asked_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _name(file: Path, roots: Sequence[Path]) -> str:
    """A file by where it is in its folder, with the number of that where another has a file of this name before it.

    What is in none of the folders is named by its path.
    """
    absolute = file.absolute()
    inside = next((at for at, root in enumerate(roots) if absolute.is_relative_to(root)), None)
    if inside is None:
        return str(absolute)
    name = absolute.relative_to(roots[inside]).as_posix()
    first = _place(name, roots)
    return name if first == absolute or not _exists(absolute) else f"{inside}:{name}"


def _place(name: str, roots: Sequence[Path]) -> Path:
    """The file of a name."""
    number, colon, rest = name.partition(":")
    if colon and number.isdigit():
        return roots[int(number)] / rest
    places = [root / name for root in roots]
    return next(filter(_exists, places), places[0] if places else Path(name))


def _exists(path: Path) -> bool:
    try:
        return path.is_file() or is_unsaved(path)
    except (OSError, ValueError):
        return False


def digest_of(path: Path) -> str | None:
    """SHA-256 of what a file holds, or of the text in its place; None where it cannot be read."""
    try:
        return hashlib.sha256(bytes_of(path)).hexdigest()
    except (OSError, ValueError):
        return None

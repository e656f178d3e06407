"""Where bytes end up: a file that appears whole or not at all, or standard output.

An :class:`AtomicFile` writes to ``.<name>.partial`` in the directory of its target and takes the target's name only
when everything is on the disk; until then an older file of that name stays as it is. While it is open it holds a
lock, so that a second run to the same target is refused. A crash leaves nothing but files that end in ``.partial``, and
what was marked in them can be gone on from. Every call to the operating system goes through :class:`Disk`, so that a
test can make any one of them fail.
"""

from __future__ import annotations

import errno
import fcntl
import io
import os
import stat
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Self

import msgspec

from semantics.errors import Diagnostic, Location, SinkError
from semantics.sinks.compression import Packing, compressed

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = [
    "DISK",
    "STANDARD_OUTPUT",
    "AtomicFile",
    "DirectOutput",
    "Disk",
    "Mark",
    "Output",
    "open_output",
    "partial_name",
    "resumable",
]

STANDARD_OUTPUT: Final = "-"
BUFFER: Final = 1 << 16
"""Bytes that are gathered before they are handed to the operating system; more than that goes there at once."""
_LONGEST_NAME: Final = 200
_LOCK_ATTEMPTS: Final = 16
_NO_DIRECTORY_SYNC: Final = {errno.EINVAL, errno.ENOTSUP}


class Disk:
    """The calls to the operating system that an output makes; each may raise :class:`OSError`."""

    def open(self, path: Path, flags: int, mode: int = 0o666) -> int:
        """A descriptor of the file, not inherited by other programs."""
        return os.open(path, flags | os.O_CLOEXEC, mode)

    def write(self, descriptor: int, data: ReadableBuffer) -> int:
        """Writes some of ``data`` and tells how many bytes that was."""
        return os.write(descriptor, data)

    def write_stream(self, stream: BinaryIO, data: ReadableBuffer) -> int:
        """Writes all of ``data`` to a stream of Python's own, one without a descriptor."""
        return stream.write(data)

    def chmod(self, descriptor: int, mode: int) -> None:
        """Sets the permissions."""
        os.fchmod(descriptor, mode)

    def truncate(self, descriptor: int, length: int) -> None:
        """Cuts the file, and goes to its end."""
        os.ftruncate(descriptor, length)
        os.lseek(descriptor, length, os.SEEK_SET)

    def fsync(self, descriptor: int) -> None:
        """Returns when the file, or the directory, is on the disk."""
        os.fsync(descriptor)

    def close(self, descriptor: int) -> None:
        """Gives the descriptor back."""
        os.close(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        """Puts ``source`` in the place of ``target``, at once."""
        source.replace(target)

    def unlink(self, path: Path) -> None:
        """Removes a name."""
        path.unlink()

    def lock(self, descriptor: int) -> None:
        """Takes the lock that ends with the process; :class:`BlockingIOError` when another has it."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def same(self, descriptor: int, path: Path) -> bool:
        """Whether the open file is still the one of that name."""
        try:
            return os.path.samestat(os.fstat(descriptor), path.lstat())
        except FileNotFoundError:
            return False


DISK: Final = Disk()


# -- bytes on their way ------------------------------------------------------------------------


class _Raw(io.RawIOBase):
    """Hands bytes to the disk; once ``lost`` is set they go nowhere, so that nothing blocks an abort."""

    def __init__(self, disk: Disk, target: int | BinaryIO) -> None:
        super().__init__()
        self._disk, self._target = disk, target
        self.lost = False

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        """Writes some or all of ``data``."""
        if self.lost:
            return memoryview(data).nbytes
        if isinstance(self._target, int):
            return self._disk.write(self._target, data)
        return self._disk.write_stream(self._target, data)


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """How far an output is on the disk: ``length`` bytes, and what of it is to be compressed with more to come."""

    length: int
    pending: bytes = b""


class Output(ABC):
    """Takes bytes and, in the end, keeps all of them (``commit``) or as few as it can (``abort``).

    ``write`` and ``commit`` raise :class:`~semantics.errors.SinkError`, except that a
    :class:`BrokenPipeError` comes through as it is: the reader has gone, which is no fault. As a context
    manager an output commits, or aborts when the block raised.
    """

    def __init__(self, name: str, raw: _Raw, *, compressed: bool, mark: Mark | None = None) -> None:
        self.name: Final = name
        self._raw = raw
        self._buffer = io.BufferedWriter(raw, BUFFER)
        begun = mark or Mark(0)
        packing = Packing(name, self._buffer.write, begun.pending, begun=begun.length > 0) if compressed else None
        self._packing: Final = packing
        self._write: Callable[[bytes | memoryview], Any] = self._packing.write if self._packing else self._buffer.write
        self._open = True
        self._prepared = False

    def write(self, data: bytes | memoryview) -> None:
        """Takes ``data``; bytes may stay in memory until later, a view is not kept."""
        try:
            self._write(data)
        except BrokenPipeError:
            raise
        except OSError as fault:
            raise _refusal(fault, self.name, "SNK003") from fault

    def prepare(self) -> None:
        """Brings everything to the disk, so that little is left that can fail in ``commit``; may be left out."""
        try:
            if not self._prepared:
                if self._packing:
                    self._packing.finish()
                self._buffer.flush()
                self._store()
                self._prepared = True
        except BrokenPipeError:
            raise
        except OSError as fault:
            raise _refusal(fault, self.name, "SNK003") from fault

    def commit(self) -> None:
        """Makes everything written final. Raises :class:`SinkError` when that fails; then abort."""
        if not self._open:
            raise ValueError("the output is closed")
        self.prepare()
        try:
            self._settle()
        except BrokenPipeError:
            raise
        except OSError as fault:
            raise _refusal(fault, self.name, "SNK003") from fault
        self._end()

    def mark(self) -> Mark | None:
        """Brings what was written to the disk, and tells how to go on from there; None where nothing can.

        Raises what ``write`` raises.
        """
        return None

    def abort(self, *, keep: bool = False) -> None:
        """Gives up; does nothing after a commit or another abort. Raises nothing.

        With ``keep`` what is on the disk stays, to be gone on from the last :meth:`mark`.
        """
        if self._open:
            self._end(keep=keep)

    def _end(self, *, keep: bool = False) -> None:
        self._open = False
        self._raw.lost = True
        with suppress(OSError, ValueError):
            self._buffer.close()
        self._release(keep=keep)

    def forget(self) -> None:
        """In a process forked from the one that writes: let go, so that the lock ends with the writer."""
        self._open = False
        self._raw.lost = True

    @abstractmethod
    def _store(self) -> None:
        """What keeps the bytes once they have left the buffers."""

    @abstractmethod
    def _settle(self) -> None:
        """What makes the bytes final once they are kept."""

    @abstractmethod
    def _release(self, *, keep: bool = False) -> None:
        """Gives back what the output held, and clears away what is not final, or keeps it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.commit()
        finally:
            self.abort()


# -- files -------------------------------------------------------------------------------------


class AtomicFile(Output):
    """A file that appears under its name whole or not at all.

    ``mode`` are the permissions of a new file, less the umask; with the default an existing file's own are
    kept. ``.gz`` or ``.zst`` at the end of the name compresses. A symbolic link is followed to the file that it names,
    and that file is replaced. Raises :class:`~semantics.errors.SinkError`: SNK002 where the file cannot
    be made, SNK003 where it cannot be written, SNK004 where another run is writing it.
    With a ``mark`` it goes on from there with what an earlier run has left (see :func:`resumable`).

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with AtomicFile(Path(folder, "a.txt")) as output:
    ...         output.write(b"all of it")
    ...     Path(folder, "a.txt").read_bytes()
    b'all of it'
    """

    def __init__(
        self, path: Path | str, mode: int = 0o666, *, disk: Disk = DISK, mark: Mark | None = None
    ) -> None:  # fmt: skip
        self._disk = disk
        compress = compressed(str(path))
        self._lock: tuple[Path, int] | None = None
        self._partial: Path | None = None
        self._descriptor: int | None = None
        try:
            descriptor = self._begin(path, mode, mark)
        except (OSError, ValueError, _BusyError) as fault:
            self._release()
            raise _refusal(fault, str(path), "SNK002") from fault
        except BaseException:
            self._release()
            raise
        super().__init__(str(path), _Raw(disk, descriptor), compressed=compress, mark=mark)

    def _begin(self, path: Path | str, mode: int, mark: Mark | None) -> int:
        self._target = Path(os.path.realpath(path))
        older = _status(self._target)
        if older and not stat.S_ISREG(older.st_mode):
            raise OSError(errno.EISDIR if stat.S_ISDIR(older.st_mode) else errno.EINVAL, "")
        lock = partial_name(self._target, "lock")
        self._lock = (lock, _locked(self._disk, lock))
        partial = partial_name(self._target)
        if mark is not None:
            self._descriptor = self._disk.open(partial, os.O_WRONLY | os.O_NOFOLLOW)
            self._partial = partial
            self._disk.truncate(self._descriptor, mark.length)
            return self._descriptor
        with suppress(FileNotFoundError):  # what a killed run has left: nobody else has the lock
            self._disk.unlink(partial)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        self._descriptor = self._disk.open(partial, flags, mode)
        self._partial = partial
        if older and mode == 0o666:
            self._disk.chmod(self._descriptor, older.st_mode & 0o777)
        return self._descriptor

    def forget(self) -> None:
        """In a process forked from the one that writes: let go, so that the lock ends with the writer."""
        super().forget()
        for descriptor in (self._descriptor, self._lock[1] if self._lock else None):
            if descriptor is not None:
                os.close(descriptor)

    def mark(self) -> Mark | None:
        """Brings what was written to the disk, and tells how to go on from there. Raises :class:`SinkError`."""
        assert self._descriptor is not None
        try:
            self._buffer.flush()
            self._disk.fsync(self._descriptor)
        except OSError as fault:
            raise _refusal(fault, self.name, "SNK003") from fault
        return Mark(os.lseek(self._descriptor, 0, os.SEEK_CUR), self._packing.pending if self._packing else b"")

    def _store(self) -> None:
        descriptor = self._descriptor
        assert descriptor is not None
        self._disk.fsync(descriptor)
        # A close that fails has closed all the same: a second one could hit another file.
        self._descriptor = None
        self._disk.close(descriptor)

    def _settle(self) -> None:
        partial = self._partial
        assert partial is not None
        self._disk.rename(partial, self._target)
        self._partial = None
        try:
            self._sync_directory()
        except OSError as fault:
            reason = os.strerror(fault.errno or errno.EIO)
            raise SinkError(
                Diagnostic("SNK005", f"was written whole, but may not outlast a power cut: {reason}",
                           Location(self.name))
            ) from fault  # fmt: skip

    def _sync_directory(self) -> None:
        directory = self._disk.open(self._target.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            self._disk.fsync(directory)
        except OSError as fault:
            if fault.errno not in _NO_DIRECTORY_SYNC:
                raise
        finally:
            self._disk.close(directory)

    def _release(self, *, keep: bool = False) -> None:
        descriptor, self._descriptor = self._descriptor, None
        partial, self._partial = self._partial, None
        held, self._lock = self._lock, None
        with suppress(OSError):
            if descriptor is not None:
                self._disk.close(descriptor)
        with suppress(OSError):
            if partial is not None and not keep:
                self._disk.unlink(partial)
        if held is None:
            return
        name, lock = held
        # The name goes before the lock: whoever gets the lock next sees the name gone, and starts anew.
        with suppress(OSError):
            self._disk.unlink(name)
        with suppress(OSError):
            self._disk.close(lock)


def partial_name(target: Path, kind: str = "") -> Path:
    """What stands beside an output while it is written: its bytes, or a file of another ``kind``.

    >>> partial_name(Path("a/out.nt")).as_posix(), partial_name(Path("a/out.nt"), "lock").as_posix()
    ('a/.out.nt.partial', 'a/.out.nt~lock.partial')
    """
    stem = _short(target.name)
    return target.with_name(f".{stem}~{kind}.partial" if kind else f".{stem}.partial")


def resumable(path: Path | str, mark: Mark) -> bool:
    """Whether an earlier run of the same user has left what it marked, so that another can go on from there."""
    partial = partial_name(Path(os.path.realpath(path)))
    try:
        found = partial.lstat()
    except OSError:
        return False
    own = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and found.st_nlink == 1
    return own and found.st_size >= mark.length


class _BusyError(Exception):
    """Another process holds the lock."""


def _locked(disk: Disk, path: Path) -> int:
    """The descriptor of the lock file, locked. Left over by a killed run, the file is free to take."""
    for _ in range(_LOCK_ATTEMPTS):
        descriptor = disk.open(path, os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        try:
            disk.lock(descriptor)
            if disk.same(descriptor, path):
                return descriptor
        except BlockingIOError as fault:
            disk.close(descriptor)
            raise _BusyError from fault
        except BaseException:
            disk.close(descriptor)
            raise
        disk.close(descriptor)
    raise _BusyError


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _short(name: str) -> str:
    """``name``, or a digest of it where the name of the temporary file would grow too long."""
    encoded = os.fsencode(name)
    return name if len(encoded) <= _LONGEST_NAME else sha256(encoded).hexdigest()


# -- standard output, pipes and devices --------------------------------------------------------


class DirectOutput(Output):
    """Standard output, a pipe or a device: bytes go straight through, and what went cannot be taken back."""

    def __init__(self, target: Path | str = STANDARD_OUTPUT, *, disk: Disk = DISK) -> None:
        self._disk = disk
        self._owned: int | None = None
        compress = compressed(str(target))
        name = "standard output" if target == STANDARD_OUTPUT else str(target)
        where: int | BinaryIO
        try:
            if target == STANDARD_OUTPUT:
                where = _standard_output()
            else:
                where = self._owned = disk.open(Path(target), os.O_WRONLY)
        except BrokenPipeError:
            raise
        except (OSError, ValueError) as fault:
            raise _refusal(fault, name, "SNK002") from fault
        super().__init__(name, _Raw(disk, where), compressed=compress)

    def _store(self) -> None:
        """Nothing: what has left the buffer has arrived."""

    def _settle(self) -> None:
        """Nothing either."""

    def _release(self, *, keep: bool = False) -> None:
        owned, self._owned = self._owned, None
        with suppress(OSError):
            if owned is not None:
                self._disk.close(owned)


def _standard_output() -> int | BinaryIO:
    """The descriptor of standard output, or its stream where a test has put one without a descriptor.

    The descriptor by preference: then nothing stays behind in Python's own buffer after a fault.
    """
    if sys.stdout is None:
        raise OSError(errno.EBADF, "")
    sys.stdout.flush()
    try:
        return sys.stdout.fileno()
    except OSError:
        return sys.stdout.buffer


def open_output(
    target: Path | str, mode: int = 0o666, *, disk: Disk = DISK, mark: Mark | None = None
) -> Output:  # fmt: skip
    """An output for a path or ``-``: an :class:`AtomicFile`, or direct where there is no regular file.

    With a ``mark`` the file goes on from there.
    """
    if target == STANDARD_OUTPUT:
        return DirectOutput(disk=disk)
    try:
        found = _status(Path(target))
    except (OSError, ValueError) as fault:
        raise _refusal(fault, str(target), "SNK002") from fault
    if found is None or stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode):
        return AtomicFile(target, mode, disk=disk, mark=mark)
    return DirectOutput(target, disk=disk)


def _refusal(fault: OSError | ValueError | _BusyError, name: str, code: str) -> SinkError:
    """The error that tells of a fault."""
    place = Location(name)
    if isinstance(fault, _BusyError):
        hint = "wait until it has ended, or write to another file"
        return SinkError(Diagnostic("SNK004", "another run is writing this output", place, hint))
    number = fault.errno if isinstance(fault, OSError) else None
    reason = os.strerror(number) if number else "it is not the name of a file"
    return SinkError(Diagnostic(code, f"cannot be written: {reason}", place))

"""Sinks whose file cannot be appended to: Parquet, databases, spreadsheets.

Instances are appended as rows to a spool, like the pieces of any other sink, so that workers, checkpoints and a run
that is taken up again need to know nothing of the format. When all of them are there, a :class:`Builder` reads the
spool back in batches and makes the final file under a second temporary name beside it, which then takes the place of
the target at once.

A row is its length (four bytes, the lowest first), then the list ``[class, data]`` in MessagePack. A decimal, and an
integer of more than 64 bits, is an extension that holds its text, so that what is read back is what was written.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Protocol, runtime_checkable

import msgspec

from semantics.errors import Diagnostic, Location, SinkError, UsageError
from semantics.lexical import LexicalError
from semantics.sinks.base import Encoder
from semantics.sinks.compression import plain_name
from semantics.sinks.output import DISK, STANDARD_OUTPUT, AtomicFile, Disk, Mark, partial_name

if TYPE_CHECKING:
    from semantics.records import Instance
    from semantics.schema.model import SchemaModel

__all__ = [
    "Batch",
    "Builder",
    "ClassBuilder",
    "ClassFile",
    "Spool",
    "SpoolEncoder",
    "SpooledFile",
    "SpooledFolder",
    "open_spooled",
    "packed",
    "unpacked",
]

Batch = list[tuple[str, Any]]
"""Rows of a spool: the class of each and its data, which is what the encoder of the format made of an instance."""

BATCH_ROWS: Final = 4096
BATCH_BYTES: Final = 1 << 22
"""A batch ends at so many rows, or with the row that takes it over so many bytes of the spool."""
_DECIMAL: Final = 1
_INTEGER: Final = 2
_LENGTH: Final = 4
_HELD: Final = frozenset({str, bool, float, type(None)})
"""What MessagePack holds whatever the value."""
_ENCODE: Final = msgspec.msgpack.Encoder().encode


class Builder(Protocol):
    """Makes the final file of a format; the class of a spooled format's ``builder`` takes ``(schema, classes)``."""

    def build(self, batches: Iterable[Batch], partial: Path) -> None:
        """Write all rows to ``partial``, a name in the target's directory that nothing has yet.

        Everything made beside it is gone on return. The same rows give the same bytes. Raises :class:`OSError` or
        :class:`~semantics.errors.SinkError`; what then stands under ``partial`` is removed by the caller.
        """


@runtime_checkable
class ClassBuilder(Builder, Protocol):
    """A builder whose file holds instances of one class. Of a folder it makes one for each: ``partial`` then is one."""

    def mixed(self, first: str, second: str) -> Diagnostic:
        """What is wrong with instances of two classes in one file, and what to do."""


# -- rows --------------------------------------------------------------------------------------


def packed(class_name: str, data: Any) -> bytes:
    """One row of a spool; ``data`` is plain data. Raises :class:`~semantics.lexical.LexicalError`.

    >>> import io
    >>> list(unpacked(io.BytesIO(packed("Price", {"amount": Decimal("7.20")}))))
    [[('Price', {'amount': Decimal('7.20')})]]
    """
    try:
        row = _ENCODE((class_name, _exact(data)))
    except UnicodeEncodeError:
        raise LexicalError("text holds half of a surrogate pair, which no encoding can carry") from None
    except RecursionError:
        raise LexicalError("nested too deeply to be written") from None
    return len(row).to_bytes(_LENGTH, "little") + row


def _exact(value: Any) -> Any:
    """Plain data with the numbers that MessagePack does not have as extensions."""
    kind = type(value)
    if kind is dict:
        return {key: item if type(item) in _HELD else _exact(item) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [item if type(item) in _HELD else _exact(item) for item in value]
    if kind is Decimal:
        return msgspec.msgpack.Ext(_DECIMAL, str(value).encode())
    if kind is int and not -(2**63) <= value < 2**64:
        return msgspec.msgpack.Ext(_INTEGER, b"%x" % value)
    return value


def _extension(code: int, text: memoryview) -> Any:
    return Decimal(str(text, "ascii")) if code == _DECIMAL else int(bytes(text), 16)


def unpacked(spool: BinaryIO, rows: int = BATCH_ROWS, size: int = BATCH_BYTES) -> Iterator[Batch]:
    """The rows of a spool in their order, no more than ``rows`` or ``size`` bytes (and one row) at a time.

    Raises :class:`~semantics.errors.SinkError` (``SNK031``) where the spool ends within a row.
    """
    decode = msgspec.msgpack.Decoder(tuple[str, Any], ext_hook=_extension).decode
    batch: Batch = []
    room = size
    while prefix := spool.read(_LENGTH):
        length = int.from_bytes(prefix, "little")
        row = spool.read(length)
        if len(prefix) < _LENGTH or len(row) < length:
            raise SinkError(Diagnostic("SNK031", "what was gathered for the output ends within a row",
                                       hint="run the conversion again"))  # fmt: skip
        batch.append(decode(row))
        room -= length
        if room <= 0 or len(batch) == rows:
            yield batch
            batch, room = [], size
    if batch:
        yield batch


class Spool:
    """The rows of a spool's file, which can be gone through again."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[Batch]:
        file = self._path.open("rb", buffering=1 << 18)
        try:
            yield from unpacked(file)
        finally:
            with suppress(OSError):  # nothing was written; who gives up in the middle cannot be told either
                file.close()


class SpoolEncoder(Encoder):
    """The encoder of a spooled format: a row for each instance. Formats with rows of their own override ``row``."""

    head = between = tail = empty = b""

    def __init__(self, schema: SchemaModel, classes: tuple[str, ...] = ()) -> None:
        """Needs nothing of the schema: the data go into the spool as they are."""

    def row(self, instance: Instance) -> Any:
        """What the spool holds of an instance. Raises :class:`~semantics.lexical.LexicalError`."""
        return instance.data

    def encode(self, instance: Instance, key: str) -> bytes:
        """The row of one instance. Raises :class:`~semantics.lexical.LexicalError`."""
        return packed(instance.class_name, self.row(instance))


# -- files -------------------------------------------------------------------------------------


class SpooledFile(AtomicFile):
    """A file that a :class:`Builder` makes of everything written, and that appears whole or not at all.

    What is written is the spool, in the place where an :class:`AtomicFile` has its bytes; ``prepare`` turns it into
    the final file. The spool stays until that has its name, so that a run can be taken up at any moment before.
    """

    def __init__(
        self, path: Path | str, builder: Builder, mode: int = 0o666, *, disk: Disk = DISK, mark: Mark | None = None
    ) -> None:
        """Raises what :class:`AtomicFile` raises."""
        self._builder = builder
        self._built: Path | None = None
        super().__init__(path, mode, disk=disk, mark=mark)

    def _store(self) -> None:
        super()._store()
        spool = self._partial
        assert spool is not None
        self._built = partial_name(self._target, "built")
        self._discard(self._built)
        self._build(spool, self._built)

    def _build(self, spool: Path, built: Path) -> None:
        """Make the file of the spool, and bring it to the disk."""
        self._builder.build(Spool(spool), built)
        self._keep(built, stat.S_IMODE(spool.stat().st_mode))

    def _keep(self, path: Path, mode: int | None) -> None:
        """Bring what the builder made to the disk, with the permissions that the output is to have."""
        descriptor = self._disk.open(path, os.O_RDONLY)
        try:
            if mode is not None:
                self._disk.chmod(descriptor, mode)
            self._disk.fsync(descriptor)
        finally:
            self._disk.close(descriptor)

    def _settle(self) -> None:
        spool = self._partial
        self._partial = self._built
        try:
            super()._settle()
        finally:
            # The name was given away: what is left to remove is the spool.
            if self._partial is None:
                self._built = None
            self._partial = spool

    def _release(self, *, keep: bool = False) -> None:
        built, self._built = self._built, None
        if built is not None:
            self._discard(built)
        super()._release(keep=keep)

    def _discard(self, path: Path) -> None:
        with suppress(OSError):
            self._disk.unlink(path)


class ClassFile(SpooledFile):
    """A file of a :class:`ClassBuilder`, which takes rows of one class: that of the first.

    Which classes a run makes instances of is told by its records, so the second class is noticed when it comes.
    """

    def __init__(
        self, path: Path | str, builder: ClassBuilder, *, disk: Disk = DISK, mark: Mark | None = None
    ) -> None:  # fmt: skip
        """Raises what :class:`AtomicFile` raises."""
        self._mixed = builder.mixed
        self._class: str | None = None
        self._begin_of_row = b""
        super().__init__(path, builder, disk=disk, mark=mark)
        if mark is not None and mark.length and self._partial is not None:
            with self._partial.open("rb") as spool:
                ((name, _),) = next(unpacked(spool, rows=1))
            self._class, self._begin_of_row = name, b"\x92" + _ENCODE(name)

    def write(self, data: bytes | memoryview) -> None:
        """Take whole rows. Raises :class:`~semantics.errors.UsageError` for a row of another class."""
        data, at = bytes(data), 0
        while at < len(data):
            start = at + _LENGTH
            at = start + int.from_bytes(data[at:start], "little")
            if data.startswith(self._begin_of_row, start) and self._class is not None:
                continue
            name: str = msgspec.msgpack.decode(data[start:at])[0]
            if self._class is not None:
                raise UsageError(self._mixed(self._class, name))
            self._class, self._begin_of_row = name, b"\x92" + _ENCODE(name)
        super().write(data)


class SpooledFolder(SpooledFile):
    """Files in a folder that a :class:`ClassBuilder` makes of everything written.

    Each appears whole or not at all, one after the other; a run that is cut off in between has to be run again. Other
    files of the folder stay. ``stem`` is what the temporary files are called by.
    """

    def __init__(self, folder: Path, stem: str, builder: ClassBuilder, *, disk: Disk = DISK) -> None:
        """Raises what :class:`AtomicFile` raises."""
        super().__init__(folder / stem, builder, disk=disk)

    def mark(self) -> Mark | None:
        """Nothing: a run into a folder starts anew."""
        return None

    def _build(self, spool: Path, built: Path) -> None:
        built.mkdir()
        self._builder.build(Spool(spool), built)
        for made in sorted(built.iterdir()):
            self._keep(made, None)

    def _settle(self) -> None:
        built = self._built
        assert built is not None
        for made in sorted(built.iterdir()):
            self._disk.rename(made, built.parent / made.name)
        self._sync_directory()

    def _discard(self, path: Path) -> None:
        with suppress(OSError):
            for made in path.iterdir():
                self._disk.unlink(made)
            path.rmdir()


def open_spooled(
    target: Path | str, builder: Builder, *, form: str, disk: Disk = DISK, mark: Mark | None = None
) -> SpooledFile:
    """The output of a spooled format named ``form``: a file, or a folder that is there for those who fill one.

    Raises :class:`~semantics.errors.UsageError` (``SNK030``) for standard output, devices and compression, and what
    :class:`AtomicFile` raises.
    """
    path = Path(target)
    if target == STANDARD_OUTPUT or (path.exists() and not (path.is_file() or path.is_dir())):
        what = "standard output" if target == STANDARD_OUTPUT else "a pipe or device"
        raise UsageError(Diagnostic("SNK030", f"{form} cannot be written to {what}", hint="give the name of a file"))
    if plain_name(path.name) != path.name:
        message, hint = f"a {form} file is not compressed as a whole", f"leave out '{path.suffix}'"
        raise UsageError(Diagnostic("SNK030", message, Location(str(target)), hint))
    if not isinstance(builder, ClassBuilder):
        return SpooledFile(target, builder, disk=disk, mark=mark)
    if path.is_dir():
        return SpooledFolder(path, f"tables.{form}", builder, disk=disk)
    return ClassFile(target, builder, disk=disk, mark=mark)

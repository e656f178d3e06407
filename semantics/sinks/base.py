"""What a sink is: instances go in, and an output is kept whole or given up."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

import msgspec

from semantics.errors import SinkError
from semantics.records import Instance
from semantics.sinks.output import Mark, Output

__all__ = ["Contradiction", "EncodedSink", "Encoder", "Sink", "SinkError", "SinkMark"]


HELD: Final = 1 << 18
"""Bytes that are kept back, where a head can be made for them."""


class Sink(ABC):
    """Takes the instances of a run in their order, then ``finish`` and ``commit``, or ``abort``.

    ``write`` raises :class:`~semantics.lexical.LexicalError` where the format has no place for a value:
    then nothing of the instance was written, and the run may go on. Anything else that goes wrong is a
    :class:`~semantics.errors.SinkError` (or a broken pipe), after which only ``abort`` makes sense.
    """

    @abstractmethod
    def write(self, instance: Instance, key: str) -> None:
        """Adds one instance. ``key`` labels it whatever the number of workers, like ``1-17-0``."""

    @abstractmethod
    def finish(self) -> None:
        """Writes what comes after the last instance."""

    @abstractmethod
    def commit(self) -> None:
        """Makes the output final."""

    @abstractmethod
    def abort(self) -> None:
        """Leaves no output behind, where that can be."""


class Encoder(Protocol):
    """A format in which every instance is a run of bytes of its own.

    The whole is ``head``, the pieces with ``between`` in between, and ``tail``; without any instance it is
    ``empty``. ``encode`` keeps no state, so that workers can make the pieces.
    """

    head: bytes
    between: bytes
    tail: bytes
    empty: bytes

    def encode(self, instance: Instance, key: str) -> bytes:
        """The bytes of one instance. Raises :class:`~semantics.lexical.LexicalError`."""
        ...

    def encode_all(self, class_name: str, rows: Sequence[dict[str, Any]], keys: Iterable[str]) -> bytes:
        """The bytes of several instances of a class, with ``between`` in between. Raises the same."""
        pairs = zip(rows, keys, strict=True)
        return self.between.join([self.encode(Instance(class_name, data), key) for data, key in pairs])


class SinkMark(msgspec.Struct, frozen=True, array_like=True):
    """How far a sink has come: what its output has on the disk, whether there was an instance, what was flagged."""

    output: Mark
    begun: bool
    flagged: int = 0


class Contradiction(NamedTuple):
    """How many instances have another value in a slot than the one that was kept, and the key of the first of them."""

    instances: int
    first: str


class EncodedSink(Sink):
    """Writes the pieces of an :class:`Encoder` to an output.

    An encoder with ``head_of(pieces)`` can make a shorter head for an output that is seen whole: the first
    :data:`HELD` bytes are kept back for it. With one that counts what it ``flagged`` in a piece, that adds up here.
    """

    def __init__(
        self, encoder: Encoder, output: Output, mark: SinkMark | None = None,
        contradictions: Mapping[str, Contradiction] | None = None,
    ) -> None:  # fmt: skip
        """With a ``mark`` the sink goes on from there, and so does ``output``.

        ``contradictions`` has, once the output is on the disk, what instances with one identifier say that has no
        place in it, by slot.
        """
        self.encoder: Final = encoder
        self.contradictions: Final = {} if contradictions is None else contradictions
        self.output: Final = output
        self._begun = mark is not None and mark.begun
        self._head_of: Callable[[Sequence[bytes]], bytes] | None = getattr(encoder, "head_of", None)
        self._flagged_in: Callable[[bytes], int] | None = getattr(encoder, "flagged", None)
        self.flagged = 0 if mark is None else mark.flagged
        self._held: list[bytes] = []
        self._size = 0
        if mark is not None:
            self._head_of = None

    def write(self, instance: Instance, key: str) -> None:
        """Adds one instance."""
        self.append(self.encoder.encode(instance, key))

    def append(self, piece: bytes | memoryview) -> None:
        """Adds an instance that ``encoder.encode`` has turned into bytes, here or in a worker; a view is not kept."""
        if self._flagged_in is not None:
            self.flagged += self._flagged_in(bytes(piece))
        if self._head_of is not None:
            self._held.append(bytes(piece))
            self._size += len(piece)
            if self._size > HELD:
                self._let_go(self.encoder.head)
            return
        if before := self.encoder.between if self._begun else self.encoder.head:
            self.output.write(before)
        self.output.write(piece)
        self._begun = True

    def _let_go(self, head: bytes) -> None:
        """Write what was kept back behind a head, and keep nothing back from now on."""
        held, self._held, self._head_of = self._held, [], None
        if held:
            self.output.write(head + self.encoder.between.join(held))
            self._begun = True

    def finish(self) -> None:
        """Writes what comes after the last instance."""
        if self._head_of is not None:
            self._let_go(self._head_of(self._held))
        self.output.write(self.encoder.tail if self._begun else self.encoder.empty)

    def mark(self) -> SinkMark | None:
        """Brings what was added to the disk, and tells how to go on from there; None where nothing can (yet)."""
        if self._head_of is not None:
            return None
        mark = self.output.mark()
        return None if mark is None else SinkMark(mark, self._begun, self.flagged)

    def prepare(self) -> None:
        """Brings the output to the disk."""
        self.output.prepare()

    def commit(self) -> None:
        """Makes the output final."""
        self.output.commit()

    def forget(self) -> None:
        """In a process forked from the one that writes: let go."""
        self.output.forget()

    def abort(self, *, keep: bool = False) -> None:
        """Gives the output up, or keeps what is on the disk to be gone on from."""
        self.output.abort(keep=keep)

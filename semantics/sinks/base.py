"""What a sink is: instances go in, and an output is kept whole or given up."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final, Protocol

from semantics.errors import SinkError
from semantics.records import Instance
from semantics.sinks.output import Output

__all__ = ["EncodedSink", "Encoder", "Sink", "SinkError"]


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


class EncodedSink(Sink):
    """Writes the pieces of an :class:`Encoder` to an output."""

    def __init__(self, encoder: Encoder, output: Output) -> None:
        self.encoder: Final = encoder
        self.output: Final = output
        self._begun = False

    def write(self, instance: Instance, key: str) -> None:
        """Adds one instance."""
        self.append(self.encoder.encode(instance, key))

    def append(self, piece: bytes) -> None:
        """Adds an instance that ``encoder.encode`` has turned into bytes, here or in a worker."""
        before = self.encoder.between if self._begun else self.encoder.head
        self.output.write(before + piece)
        self._begun = True

    def finish(self) -> None:
        """Writes what comes after the last instance."""
        self.output.write(self.encoder.tail if self._begun else self.encoder.empty)

    def commit(self) -> None:
        """Makes the output final."""
        self.output.commit()

    def abort(self) -> None:
        """Gives the output up."""
        self.output.abort()

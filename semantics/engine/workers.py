"""Workers: processes that carry batches of records, whose parts come back in the order of the inputs.

A worker is forked when it is needed, so that the compiled plan and the partners of joins are there without being sent.
Batches go to it and parts come back through pipes, as plain data; the bytes of instances lie on a shelf, memory that is
shared with it. A worker that dies or hangs is replaced and its batch tried
again; a batch that kills a second one is taken apart until the record that does it stands alone, and that is rejected.
Where processes cannot be forked there is one worker: the run itself.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import select
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from multiprocessing.connection import Connection, wait
from time import monotonic
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from semantics.engine.batches import Batch, LineBatch, RecordBatch
from semantics.engine.carrier import Carrier, Part, Refused
from semantics.engine.ledger import LedgerState
from semantics.engine.store import decoded, encoded
from semantics.engine.waiting import ReferencesState
from semantics.errors import Diagnostic, Violation
from semantics.records import Record, Rejected
from semantics.sources.json_lines import LineReader, Lines

__all__ = ["Workers"]

QUEUED: Final = 2
"""Batches that a worker has at a time: the one that it carries and the next."""
PIPE: Final = 1 << 20
"""Bytes that a pipe holds, where the system lets it."""
SHELF: Final = 1 << 22
"""Bytes of instances that the shelf has room for, for each batch that is out; pages never used take no memory."""
PATIENCE: Final = 300.0
"""Seconds that a worker may take for a batch; one that takes longer hangs, and is killed."""
DEATHS: Final = 2
"""Workers that a batch may kill before it is taken apart."""


# -- what goes through the pipes -----------------------------------------------------------------


class _Found(msgspec.Struct, array_like=True):
    """A finding as plain data; ``violation`` where it is one."""

    violation: bool
    finding: msgspec.Raw


class _Answer(msgspec.Struct, array_like=True):
    """What a worker made of a batch: its part, without the records that the run has itself.

    ``shelved`` are the lengths of the pieces, one after the other, that lie on the shelf; ``pieces`` those that do not.
    """

    records: int
    emitted: int
    shelved: list[int]
    pieces: list[bytes]
    refused: list[tuple[str, int, list[_Found]]]
    ledger: LedgerState
    references: ReferencesState | None
    warnings: dict[str, int]


_ENCODE: Final = msgspec.msgpack.encode
_ANSWER: Final = msgspec.msgpack.Decoder(_Answer)
_FINDING: Final = msgspec.msgpack.Decoder(Diagnostic)
_VIOLATION: Final = msgspec.msgpack.Decoder(Violation)


def _found(diagnostics: Iterable[Diagnostic]) -> list[_Found]:
    return [_Found(isinstance(one, Violation), msgspec.Raw(_ENCODE(one))) for one in diagnostics]


def _request(batch: Batch, number: int, place: int | None = None) -> bytes:
    """A batch as plain data; lines as they stand, of other records everything but their bytes.

    ``number`` is how many records of the input come before it, ``place`` where on the shelf the answer may lie.
    """
    if isinstance(batch, LineBatch):
        lines = batch.lines
        head = (batch.ordinal, batch.reader.name, number, batch.by_line, batch.source_class)
        return encoded([place, *head, lines.byte, lines.line, lines.raw])
    return encoded([place, [_plain(key, record) for key, record in batch.records]])


def _plain(key: str, record: Record) -> list[Any]:
    fault = None if record.fault is None else [record.fault.code, record.fault.rule]
    place = (record.source, record.number, record.line, record.byte, record.pointer)
    return [key, record.data, *place, record.class_name, fault]


def _record(source: str, data: Any, place: list[Any], class_name: str | None, fault: list[Any] | None) -> Record:
    told = None if fault is None else Diagnostic(fault[0], "", rule=fault[1])  # the run has the rest of it
    number, line, byte, pointer = place
    return Record(data, source, number, line, byte, pointer, None, class_name, told)


class _Without(Enum):
    """Why there is no answer to a batch."""

    SENT = "the run carries it itself"
    LIFE = "it is one record, and it kills whoever carries it"


@dataclass(slots=True)
class _Pending:
    """A batch that a worker has, what was sent of it, how many records of its input come before; its place."""

    batch: Batch
    request: bytes
    before: int
    place: int
    deaths: int = 0


_Answered = tuple[Batch, _Answer | _Without, int]


# -- the worker ------------------------------------------------------------------------------------


@dataclass
class _Work:
    """What happens in a worker."""

    carrier: Carrier
    reader: Callable[[str, int], LineReader]
    shelf: mmap.mmap

    def go(self, requests: Connection, answers: Connection) -> None:
        """Carry what comes until nothing more does."""
        with suppress(EOFError, OSError):
            while True:
                answers.send_bytes(self._answer(decoded(requests.recv_bytes())))

    def _answer(self, request: list[Any]) -> bytes:
        place, *request = request
        carrier = self.carrier
        carrier.ledger = carrier.ledger.empty()
        if carrier.references is not None:
            carrier.references.reset()
        if carrier.shapes is not None:
            carrier.shapes.warnings = {}
        parts = (carrier.carry(self._batch(request)), carrier.rest())
        refused = [
            (one.key, one.after + before, _found(one.rejected.diagnostics))
            for part, before in zip(parts, (0, parts[0].emitted), strict=True)
            for one in part.refused
        ]
        emitted = sum(part.emitted for part in parts)
        pieces = [bytes(piece) for part in parts for piece in part.pieces]
        references = None if carrier.references is None else carrier.references.state()
        warnings = {} if carrier.shapes is None else carrier.shapes.warnings
        counted = carrier.ledger.state()
        shelved: list[int] = []
        if place is not None and sum(map(len, pieces)) <= SHELF:
            shelved, pieces = self._shelve(place, pieces), []
        return _ENCODE(_Answer(parts[0].records, emitted, shelved, pieces, refused, counted, references, warnings))

    def _shelve(self, place: int, pieces: list[bytes]) -> list[int]:
        for piece in pieces:
            self.shelf[place : place + len(piece)] = piece
            place += len(piece)
        return [len(piece) for piece in pieces]

    def _batch(self, request: list[Any]) -> Batch:
        if len(request) == 1:
            return RecordBatch([
                (key, _record(source, data, place, class_name, fault))
                for key, data, source, *place, class_name, fault in request[0]
            ])  # fmt: skip
        ordinal, name, number, by_line, source_class, byte, line, raw = request
        return LineBatch(Lines(raw, byte, line), self.reader(name, number), ordinal, by_line, source_class)


@dataclass(eq=False)
class _Worker:
    """A process, the pipes to and from it, and the numbers of the batches that it has.

    ``room`` bytes fit into the pipe to it, where no more than ``queued`` are, of the batches behind the first. It is at
    the first ``since`` a moment.
    """

    process: int
    requests: Connection
    answers: Connection
    room: int
    batches: deque[int] = field(default_factory=deque)
    queued: int = 0
    since: float = 0.0

    @property
    def left(self) -> float:
        """Seconds that it still has for the batch that it is at."""
        return max(0.0, self.since + PATIENCE - monotonic())

    def takes(self, size: int) -> bool:
        """Whether a request of so many bytes can be sent without waiting for the worker to read it.

        To one that is idle everything can; to another what fits into the pipe, for it may be waiting for the run.
        """
        return not self.batches or (len(self.batches) < QUEUED and self.queued + size + 8 * QUEUED <= self.room)

    def close(self) -> None:
        """Have it end, and wait for that."""
        self.requests.close()
        self.answers.close()
        os.waitpid(self.process, 0)


# -- the run's side --------------------------------------------------------------------------------


@dataclass
class Workers:
    """``count`` processes that carry batches; ``forked`` is called in each, to let go of what is the run's alone."""

    carrier: Carrier
    count: int
    reader: Callable[[str, int], LineReader]
    forked: Callable[[], None]
    _workers: list[_Worker] = field(default_factory=list)
    _pending: dict[int, _Pending] = field(default_factory=dict)
    _answers: dict[int, list[_Answered]] = field(default_factory=dict)
    _unsent: deque[int] = field(default_factory=deque)
    _ahead: dict[int, int] = field(default_factory=dict)
    _places: int = field(init=False)
    _shelf: mmap.mmap = field(init=False)

    def __post_init__(self) -> None:
        self._places = self.count * (QUEUED + 1)
        self._shelf = mmap.mmap(-1, self._places * SHELF)

    def carry(self, batches: Iterator[Batch]) -> Iterator[Part]:
        """The parts of the batches, in their order; no more batches are held than the workers can be busy with.

        The pieces of a part are lent: they are good until the next one is asked for.
        """
        numbers = iter(range(2**62))
        first = 0
        fault: BaseException | None = None
        while True:
            while fault is None and len(self._pending) + len(self._answers) < self._places:
                try:
                    batch = next(batches, None)
                except Exception as raised:  # what was read before the fault of a source comes before the fault
                    fault, batch = raised, None
                if batch is None:
                    break
                self._send(next(numbers), batch)
            if not self._pending and not self._answers:
                break
            while first not in self._answers:
                self._receive()
            for batch, answer, place in self._answers.pop(first):
                yield self._part(batch, answer, place)
            first += 1
        if fault is not None:
            raise fault

    def close(self) -> None:
        """End the workers."""
        workers, self._workers = self._workers, []
        for worker in workers:
            os.kill(worker.process, signal.SIGKILL)
            worker.close()

    # -- batches out, answers in ------------------------------------------------------------------

    def _send(self, number: int, batch: Batch) -> None:
        if isinstance(batch, LineBatch) and batch.lines.overlong is not None:
            self._answers[number] = [(batch, _Without.SENT, 0)]
            return
        before, place = self._before(batch), number % self._places * SHELF  # no two that are out have one place
        try:
            request = _request(batch, before, place)
        except (UnicodeEncodeError, RecursionError):  # no pipe takes such a text
            self._answers[number] = [(batch, _Without.SENT, 0)]
            return
        self._pending[number] = _Pending(batch, request, before, place)
        self._unsent.append(number)
        self._give()

    def _before(self, batch: Batch) -> int:
        """How many records of the input come before a batch; where a line may hold many, they are told in the end."""
        if not isinstance(batch, LineBatch) or batch.by_line:
            return 0
        before = self._ahead.get(batch.ordinal, batch.reader.number)
        self._ahead[batch.ordinal] = before + batch.records_at_most
        return before

    def _give(self) -> None:
        """Hand batches out, each to the worker that has the least to do, as far as they take more."""
        while self._unsent:
            if len(self._workers) < self.count:
                self._workers.append(self._fork())
            number, worker = self._unsent[0], min(self._workers, key=lambda worker: len(worker.batches))
            request = self._pending[number].request
            if not worker.takes(len(request)):
                return
            self._unsent.popleft()
            if worker.batches:
                worker.queued += len(request)
            else:
                worker.since = monotonic()
            worker.batches.append(number)
            try:
                worker.requests.send_bytes(request)
            except OSError:
                self._replace(worker)

    def _receive(self) -> None:
        """Take the answers that have come; a worker that ended without one has died, one that hangs is killed."""
        by_pipe = {worker.answers: worker for worker in self._workers if worker.batches}
        ready = wait(list(by_pipe), min((worker.left for worker in by_pipe.values()), default=None))
        for worker in by_pipe.values():
            if not ready and not worker.left and worker in self._workers:
                os.kill(worker.process, signal.SIGKILL)
                self._replace(worker)
        for pipe in ready:
            worker = by_pipe[pipe]  # type: ignore[index]
            if worker not in self._workers:
                continue  # several died together, and it was replaced when a batch was given to it
            try:
                answer = _ANSWER.decode(worker.answers.recv_bytes())
            except (EOFError, OSError):
                self._replace(worker)
                continue
            number, worker.since = worker.batches.popleft(), monotonic()
            pending = self._pending.pop(number)
            self._answers[number] = [(pending.batch, answer, pending.place)]
            worker.queued = sum(len(self._pending[later].request) for later in list(worker.batches)[1:])
        self._give()

    # -- workers that die -------------------------------------------------------------------------

    def _replace(self, dead: _Worker) -> None:
        """Give the batches of a dead worker to others; the one that it was at is to blame if that happens twice."""
        self._workers.remove(dead)
        dead.close()
        blamed, *others = dead.batches
        pending = self._pending[blamed]
        pending.deaths += 1
        if pending.deaths < DEATHS:
            others.insert(0, blamed)
        else:
            del self._pending[blamed]
            self._answers[blamed] = list(self._taken_apart(pending.batch, pending.before))
        self._unsent.extendleft(reversed(others))
        self._give()

    def _taken_apart(self, batch: Batch, before: int) -> Iterator[_Answered]:
        """What halves of a batch give, each in a worker of its own, down to the record that kills it."""
        halves = batch.halves()
        if len(halves) == 1:
            yield batch, _Without.LIFE, 0
            return
        for half in halves:
            answer = self._alone(_request(half, before))
            if answer is not None:
                yield half, answer, 0
            else:
                yield from self._taken_apart(half, before)
            before += half.records_at_most if isinstance(half, LineBatch) else 0

    def _alone(self, request: bytes) -> _Answer | None:
        """The answer of a worker that has nothing else to do; None where it dies or hangs."""
        worker = self._fork()
        try:
            worker.requests.send_bytes(request)
            if not worker.answers.poll(PATIENCE):
                os.kill(worker.process, signal.SIGKILL)
            return _ANSWER.decode(worker.answers.recv_bytes())
        except (EOFError, OSError):
            return None
        finally:
            worker.close()

    def _fork(self) -> _Worker:
        there, requests = os.pipe()
        answers, back = os.pipe()
        room, _ = _widened(requests), _widened(back)
        process = os.fork()
        if process:
            os.close(there)
            os.close(back)
            return _Worker(process, Connection(requests, readable=False), Connection(answers, writable=False), room)
        status = 1
        try:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # the run decides what an interrupt means
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            for descriptor in (requests, answers):
                os.close(descriptor)
            for other in self._workers:  # else a pipe would stay open when the run has gone
                other.requests.close()
                other.answers.close()
            self.forked()
            work = _Work(self.carrier, self.reader, self._shelf)
            work.go(Connection(there, writable=False), Connection(back, readable=False))
            status = 0
        finally:
            os._exit(status)

    # -- parts ------------------------------------------------------------------------------------

    def _part(self, batch: Batch, answer: _Answer | _Without, place: int) -> Part:
        """What a worker answered as a part of the run, its counts taken over."""
        carrier = self.carrier
        if isinstance(answer, _Without):
            part = carrier.carry(batch if answer is _Without.SENT else _refused(batch))
            part.size, part.end = batch.size, batch.end
            return part
        part = Part(answer.records, batch.size, answer.emitted, [*self._lent(place, answer.shelved), *answer.pieces])
        carrier.ledger.merge(answer.ledger)
        before = batch.reader.number if isinstance(batch, LineBatch) and batch.by_line else 0
        if carrier.references is not None and answer.references is not None:
            carrier.references.merge(answer.references, before)
        if carrier.shapes is not None:
            for name, count in answer.warnings.items():
                carrier.shapes.warnings[name] = carrier.shapes.warnings.get(name, 0) + count
        if answer.refused:
            records = dict(batch.read())
            part.refused = [Refused(_rejected(records[key], found), key, after) for key, after, found in answer.refused]
        elif isinstance(batch, LineBatch):
            batch.reader.number += answer.records
        part.end = batch.end
        return part

    def _lent(self, place: int, shelved: list[int]) -> Iterator[memoryview]:
        """The pieces on the shelf from a place on."""
        shelf = memoryview(self._shelf)
        for length in shelved:
            yield shelf[place : place + length]
            place += length


def _widened(pipe: int) -> int:
    """Let as much into a pipe as an ordinary process may; how many bytes that is."""
    try:
        return fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE)
    except (AttributeError, OSError):
        return select.PIPE_BUF


def _refused(batch: Batch) -> RecordBatch:
    """The record that killed its workers, with a fault; a line is not even read."""
    if isinstance(batch, LineBatch):
        lines, reader = batch.lines, batch.reader
        reader.number += 1
        raw = lines.raw.removesuffix(b"\n").removesuffix(b"\r")
        record = Record(None, reader.name, reader.number, lines.line, lines.byte, None, raw, batch.source_class)
        key = f"{batch.ordinal}-{lines.line}-1" if batch.by_line else f"{batch.ordinal}-{reader.number}"
    else:
        ((key, record),) = batch.records
    fault = Diagnostic("RUN090", "workers died while they carried this record", record.location,
                       hint="please report it, with the mapping")  # fmt: skip
    return RecordBatch([(key, replace(record, data=None, fault=fault))])


def _rejected(record: Record, found: list[_Found]) -> Rejected:
    """A record with what a worker found in it."""
    if record.fault is not None:
        return Rejected(record, (record.fault,))
    return Rejected(record, tuple((_VIOLATION if one.violation else _FINDING).decode(one.finding) for one in found))

"""Source ``ndjson``: one JSON value a line, cut at the newline byte and nothing else.

A line that cannot be read is a fault of that line; its neighbours never notice. Lines are handed over by the run
(:class:`Lines`), so that a whole run of them can be read at once where nothing in it is out of the ordinary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import chain
from typing import Any, Final

from semantics.errors import Diagnostic, Location, SourceError
from semantics.records import Record, Unheld
from semantics.sources.json_document import found_record
from semantics.sources.options import Limits, ReadOptions
from semantics.sources.places import Places
from semantics.sources.stream import BOM, Input, Overlong, utf8_blocks
from semantics.sources.structure import Found, Walk, selection
from semantics.sources.values import ReadValue, Unreadable, Values, read_values, too_long, value_reader

__all__ = ["LineReader", "Lines", "ndjson_lines", "ndjson_records", "read"]

_BLANK: Final = b" \t\r"
_BLANK_LINE: Final = re.compile(rb"^(?:" + BOM + rb")?(?:[ \t\r]*+\n|[ \t\r]++\Z)", re.MULTILINE)
_Line = bytes | Overlong


@dataclass(frozen=True, slots=True)
class Lines:
    r"""Whole lines as they stand in an input: the first is ``line`` (from 1), its first byte at ``byte`` (from 0).

    A line over the size limit comes alone, as ``overlong``.
    """

    raw: bytes
    byte: int
    line: int
    overlong: Overlong | None = None

    @property
    def count(self) -> int:
        """How many lines there are, blank ones too."""
        return self.raw.count(b"\n") + (not self.raw.endswith(b"\n"))  # the last one may lack its end

    @property
    def end(self) -> int:
        """The offset of the byte after the last."""
        return self.byte + (len(self.overlong) + 1 if self.overlong else len(self.raw))

    @property
    def blank(self) -> int:
        """How many of the lines hold nothing."""
        return sum(1 for _ in _BLANK_LINE.finditer(self.raw)) if self.overlong is None else 0

    def halves(self) -> list[Lines]:
        """The lines in two runs; a single one stays whole."""
        middle = self.raw.find(b"\n", len(self.raw) // 2) + 1 or self.raw.rfind(b"\n", 0, -1) + 1
        if not 0 < middle < len(self.raw):
            middle = self.raw.rfind(b"\n", 0, -1) + 1
        if not middle:
            return [self]
        line = self.line + self.raw.count(b"\n", 0, middle)
        return [Lines(self.raw[:middle], self.byte, self.line), Lines(self.raw[middle:], self.byte + middle, line)]

    def cut(self, size: int) -> Iterator[Lines]:
        r"""The same lines in runs of about ``size`` bytes.

        >>> [(run.raw, run.byte, run.line) for run in Lines(b"1\n2\n3\n", 10, 1).cut(4)]
        [(b'1\n2\n', 10, 1), (b'3\n', 14, 3)]
        """
        raw, start, line = self.raw, 0, self.line
        while len(raw) - start > size:
            end = raw.rfind(b"\n", start, start + size) + 1 or raw.find(b"\n", start + size) + 1
            if not end:
                break
            yield Lines(raw[start:end], self.byte + start, line)
            line, start = line + raw.count(b"\n", start, end), end
        yield Lines(raw[start:], self.byte + start, line, self.overlong) if start else self


def read(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The records of an NDJSON file; see :func:`ndjson_records`."""
    return ndjson_records(source.blocks(options.limits), source.name, options)


def ndjson_records(blocks: Iterator[bytes], name: str, options: ReadOptions) -> Iterator[Record]:
    """The records of the lines that come in ``blocks``; memory does not grow with their number.

    Blank lines are skipped, and counted as lines; a byte order mark at the start of a line is taken as
    the seam of joined files. With selectors a line is a document; where they find nothing in it, it is
    itself the record, its class untold. Raises :class:`SourceError` where the file is pretty-printed JSON.
    """
    reader = LineReader(name, options)
    for lines in ndjson_lines(blocks, name, options.limits):
        yield from reader.records(lines)


def ndjson_lines(
    blocks: Iterator[bytes], name: str, limits: Limits, start: tuple[int, int] = (0, 1)
) -> Iterator[Lines]:
    """The lines that come in ``blocks``, by the run; ``start`` is the byte and the line that they begin with.

    Raises :class:`SourceError` where the file is pretty-printed JSON.
    """
    byte, line = start
    if start == (0, 1):
        byte, blocks = utf8_blocks(blocks, name)
    runs = _runs(blocks, limits.record_bytes)
    if start == (0, 1):
        runs = chain(_refuse_document(runs, name, value_reader(limits)), runs)
    for run in runs:
        lines = Lines(b"", byte, line, run) if isinstance(run, Overlong) else Lines(run, byte, line)
        byte, line = lines.end, line + lines.count
        yield lines


def _runs(blocks: Iterator[bytes], limit: int) -> Iterator[_Line]:
    """Whole lines as bytes, as many as come together; a line of more than ``limit`` bytes by itself, not held."""
    rest: list[bytes] = []
    held = 0
    blocks = iter(blocks)
    for block in blocks:
        end = block.rfind(b"\n") + 1
        if not end:
            rest.append(block)
            held += len(block)
            if held > limit + 1:
                overlong, after = _overlong(rest, blocks)
                yield overlong
                rest, held = [after] * bool(after), len(after)
            continue
        yield from _within(b"".join((*rest, block[:end])), limit)
        rest, held = [block[end:]] * (end < len(block)), len(block) - end
    if rest:
        yield from _within(b"".join(rest), limit)


def _within(run: bytes, limit: int) -> Iterator[_Line]:
    """A run of lines, cut where one of them is over the limit."""
    if len(run) <= limit or max(map(len, run.split(b"\n"))) <= limit:
        yield run
        return
    kept: list[bytes] = []
    for line in run.removesuffix(b"\n").split(b"\n"):
        if len(line) <= limit:
            kept.append(line + b"\n")
            continue
        if kept:
            yield b"".join(kept)
            kept = []
        yield Overlong(len(line), line.count(b'"'), sha256(line).hexdigest())
    if kept:
        yield b"".join(kept)[: None if run.endswith(b"\n") else -1]


def _overlong(begun: list[bytes], blocks: Iterator[bytes]) -> tuple[Overlong, bytes]:
    """The line that begins with these bytes and goes on in the blocks, and what comes after it."""
    digest, length, quotes = sha256(), 0, 0
    after = b""
    for piece in chain(begun, blocks):
        line, newline, after = piece.partition(b"\n")
        digest.update(line)
        length, quotes = length + len(line), quotes + line.count(b'"')
        if newline:
            break
    return Overlong(length, quotes, digest.hexdigest()), after


class LineReader:
    """Reads the lines of one input, in their order; ``number`` is how many records there were so far."""

    def __init__(self, name: str, options: ReadOptions, number: int = 0) -> None:
        self.name, self.number = name, number
        self._limits = options.limits
        self._read = value_reader(options.limits)
        self._chosen = chosen = selection(options.selectors)
        self._selected = bool(options.selectors)
        # Most often every line is a record, and of one class: then none is asked for anything.
        self._plain = chosen.always if not chosen.keys and not chosen.each else None

    def values(self, lines: Lines) -> Values | None:
        """All records of the lines at once, where every line is one that is read like any other; else None.

        Repeated keys are not looked for: whoever counts keys and texts compares with :attr:`Values.strings`.
        """
        if lines.overlong is not None:
            return None
        found = read_values(lines.raw)
        if found is None or len(found.data) != lines.count or set(map(type, found.data)) != {dict}:
            return None
        if self._plain is not None:
            return replace(found, class_name=self._plain.class_name)
        if not self._selected:
            return found
        told = {self._chosen.told(data)[1] for data in found.data if not self._chosen.below(data)}
        if len(told) != 1 or any(map(self._chosen.below, found.data)):
            return None
        return replace(found, class_name=told.pop())

    def records(self, lines: Lines) -> Iterator[Record]:
        """The records of the lines one by one, whatever they are."""
        if lines.overlong is not None:
            self.number += 1
            size, digest = len(lines.overlong), lines.overlong.sha256
            fault = too_long(size, self._limits).diagnostic(Location(self.name, lines.line, 1))
            yield Unheld(None, self.name, self.number, lines.line, lines.byte, fault=fault, size=size, sha256=digest)
            return
        offset, name = lines.byte, self.name
        for line_number, line in enumerate(lines.raw.removesuffix(b"\n").split(b"\n"), lines.line):
            start, offset = offset, offset + len(line) + 1
            line = line.removesuffix(b"\r")
            if line.startswith(BOM):
                line, start = line[len(BOM) :], start + len(BOM)
            try:
                data, broken = self._read(line), None
            except Unreadable as error:
                if not line.strip(_BLANK):
                    continue
                data, broken = None, error
            if self._plain is not None and data.__class__ is dict:
                self.number += 1
                yield Record(data, name, self.number, line_number, start, None, line, self._plain.class_name)
                continue
            if not broken and not (self._selected and self._chosen.below(data)):
                self.number += 1
                told = self._chosen.told(data)[1] if self._selected else None
                yield Record(data, name, self.number, line_number, start, None, line, told)
                continue
            yield from self._inside(data, broken, line, line_number, start)

    def _inside(
        self, data: Any, broken: Unreadable | None, line: bytes, line_number: int, start: int
    ) -> Iterator[Record]:
        """The records in a line that is a document, or what is wrong with it."""
        whole = Found(0, len(line), "", None, data, broken)
        walk = Walk(line, self._chosen, self._read, self._limits, checked=not broken)
        places = Places(line, line_number)
        for found in _in_envelope(walk, whole) if self._selected else (whole,):
            self.number += 1
            yield found_record(found, line, places, self.name, self.number, start)


def _in_envelope(walk: Walk, whole: Found) -> list[Found]:
    """The records in a line; ``whole`` is the line read as one, and the record where selectors find nothing."""
    if whole.fault and whole.fault.broken:
        return [whole]
    try:
        found = list(walk.records())
    except Unreadable as error:
        # A bare value is what it is; else a key stands twice in the envelope.
        return [whole if error.code == "SRC005" else replace(whole, data=None, fault=error)]
    return found if walk.recognised else [whole]


# -- JSON under the name of NDJSON -------------------------------------------------------------


def _refuse_document(runs: Iterator[_Line], name: str, read_value: ReadValue) -> list[_Line]:
    """The first runs of lines, once it is sure that the value of the first line is not spread over several.

    A line that was cut short is a fault of that line alone, so the next line decides: it must go on
    where the first ends, and not be a value of its own.
    """
    seen: list[_Line] = []
    lines = _seen_lines(runs, seen)
    _, first = next(lines, (0, b""))
    if _trouble(first, read_value) != "truncated":
        return seen
    number, second = next(lines, (0, b""))
    goes_on = second and _trouble(second, read_value) == "broken"
    if goes_on and _trouble(first + b"\n" + second, read_value) != "broken":
        message = "the first line is the beginning of a value that goes on in the next"
        hint = "file is JSON, not NDJSON: read it as json"
        raise SourceError(Diagnostic("SRC008", message, Location(name, number - 1), hint=hint))
    return seen


def _seen_lines(runs: Iterator[_Line], seen: list[_Line]) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, each with its number; runs that were taken go to ``seen``."""
    number = 0
    for run in runs:
        seen.append(run)
        for line in [b""] if isinstance(run, Overlong) else run.removesuffix(b"\n").split(b"\n"):
            number += 1
            if isinstance(run, Overlong) or line.strip(_BLANK):
                yield number, line


def _trouble(line: bytes, read_value: ReadValue) -> str:
    """Whether a line is JSON (``""``), ``broken``, or ``truncated``."""
    try:
        read_value(line)
    except Unreadable as fault:
        return "truncated" if fault.truncated else "broken" if fault.broken else ""
    return ""

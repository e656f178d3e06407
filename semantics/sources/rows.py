"""The rows of a table, cut by RFC 4180 or a declared dialect: quoted cells may hold delimiters, quotes and newlines.

Rows end with LF or CRLF. What is plain is cut by the block, in compiled code; any doubt sends a block to the walk that
goes row by row and finds every fault with its place. Both give the same rows, so that a bad byte harms one row.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from semantics.errors import Diagnostic, Location, SourceError
from semantics.plan.tables import TableDialect
from semantics.sources.options import Limits
from semantics.sources.stream import Overlong, line_chunks
from semantics.sources.values import not_utf8, too_long

__all__ = ["Batch", "Row", "Rows"]

_Line = bytes | Overlong
_WHITE: Final = " \t"
_TOGETHER: Final = 128
"""Lines that are cut at once: enough to spare the interpreter, few enough to stay in the processor's cache."""


class Row(NamedTuple):
    """One row: its cells as text, or a fault; the first line and byte of it, its exact bytes if they were kept."""

    cells: list[str]
    line: int
    byte: int
    raw: _Line
    fault: Diagnostic | None = None


class Batch(NamedTuple):
    """Rows that come together: the same as :class:`Row`, each thing in a list of its own; ``faults`` by position."""

    cells: Sequence[list[str]]
    lines: Sequence[int]
    bytes: Sequence[int]
    raws: Sequence[_Line]
    faults: dict[int, Diagnostic]


class Rows:
    """The rows of a text that comes in ``blocks``; ``skipped`` bytes stood before it in the input.

    Empty lines are skipped, and what the dialect passes over. Memory holds a block and a row. Raises
    :class:`SourceError` (``SRC045``) where a quote is never closed, or not within the limits.
    """

    def __init__(self, blocks: Iterator[bytes], skipped: int, name: str, dialect: TableDialect, limits: Limits) -> None:
        """Nothing is read before the first row is asked for. The dialect says its delimiter."""
        assert dialect.delimiter is not None
        self._codec = dialect.codec
        self._newline = "\n".encode(self._codec)
        self._return = "\r".encode(self._codec)
        self._mark = dialect.delimiter
        self._quote = dialect.quote_char
        quote = (dialect.quote_char or '"').encode(self._codec)
        self._chunks = line_chunks(blocks, limits.record_bytes, self._newline, quote)
        self._dialect = dialect
        self._limits = limits
        self._name = name
        self._lines: list[_Line] = []
        self._next = 0
        self._line = 0
        self._offset = skipped
        self._held = 0
        self._skipping = dialect.skip_rows
        self._undecoded: Diagnostic | None = None

    def first(self) -> Row | None:
        """The first row, taken by itself because it may be the header."""
        self._skip()
        while (line := self._taken()) is not None:
            if (row := self._row(line)) is not None:
                return row
        return None

    def batches(self) -> Iterator[Batch]:
        """The rows that have not been taken yet. What was read before an error comes before the error."""
        self._skip()
        while self._next < len(self._lines) or self._filled():
            plain = self._plain_batch()
            if plain is not None:
                yield plain
                continue
            found: list[Row] = []
            chunk, last = self._lines, min(self._next + _TOGETHER, len(self._lines))
            try:
                while self._lines is chunk and self._next < last and (line := self._taken()) is not None:
                    if (row := self._row(line)) is not None:
                        found.append(row)
            except SourceError:
                if found:
                    yield _batch(found)
                raise
            if found:
                yield _batch(found)

    # -- lines -----------------------------------------------------------------------------------

    def _skip(self) -> None:
        """Pass over the lines before everything."""
        while self._skipping and self._taken() is not None:
            self._skipping -= 1

    def _filled(self) -> bool:
        """Whether there are more lines."""
        chunk = next(self._chunks, None)
        self._lines, self._next = chunk or [], 0
        return chunk is not None

    def _taken(self) -> _Line | None:
        """The next line, counted."""
        if self._next >= len(self._lines) and not self._filled():
            return None
        line = self._lines[self._next]
        self._next += 1
        self._line += 1
        self._offset += len(line) + len(self._newline)
        return line

    # -- a whole block ---------------------------------------------------------------------------

    def _plain_batch(self) -> Batch | None:
        """The next lines, where nothing about them is out of the ordinary."""
        lines = self._lines[self._next : self._next + _TOGETHER]
        raws = [line for line in lines if isinstance(line, bytes)]
        if len(raws) < len(lines):
            return None
        longest = len(max(raws, key=len))
        try:
            text = self._newline.join(raws).decode(self._codec)
        except UnicodeDecodeError:
            return None
        if "\0" in text or longest > self._limits.field_bytes or self._has_comment(text):
            return None
        returns = "\r" in text
        if returns:
            text = (text + "\n").replace("\r\n", "\n")[:-1]
            if "\r" in text:
                return None
        cells = self._cut(text)
        if cells is None or len(cells) != len(raws):
            return None
        return self._counted(cells, raws, returns)

    def _has_comment(self, text: str) -> bool:
        prefix = self._dialect.comment_prefix
        return bool(prefix) and (text.startswith(prefix) or f"\n{prefix}" in text)

    def _cut(self, text: str) -> list[list[str]] | None:
        """The cells of rows that have a line each; an empty line has none. None where it cannot be told so."""
        mark, quote = self._mark, self._quote
        if not quote or quote not in text:
            cells = [line.split(mark) if line else [] for line in text.split("\n")]
            return [[cell.strip(_WHITE) for cell in row] for row in cells] if self._dialect.trim else cells
        if not self._dialect.double_quote or self._dialect.trim:
            return None
        try:
            return list(csv.reader(text.split("\n"), delimiter=mark, quotechar=quote, strict=True))
        except csv.Error:
            return None

    def _counted(self, cells: list[list[str]], raws: list[bytes], returns: bool) -> Batch:
        """The rows with their places; empty lines are left out."""
        width, count = len(self._newline), len(raws)
        first, start = self._line + 1, self._offset
        self._line, self._next = self._line + count, self._next + count
        offsets = list(accumulate([len(raw) + width for raw in raws], initial=start))
        self._offset = offsets.pop()
        if returns:
            raws = [raw.removesuffix(self._return) for raw in raws]
        numbers: Sequence[int] = range(first, first + count)
        if [] in cells:
            kept = [position for position, row in enumerate(cells) if row]
            cells, raws = [cells[position] for position in kept], [raws[position] for position in kept]
            numbers, offsets = [numbers[position] for position in kept], [offsets[position] for position in kept]
        return Batch(cells, numbers, offsets, raws, {})

    # -- row by row ------------------------------------------------------------------------------

    def _row(self, line: _Line) -> Row | None:
        """The row that begins with a line; None for a line that is none."""
        first, start = self._line, self._offset - len(line) - len(self._newline)
        if isinstance(line, Overlong):
            return self._overlong(line, start)
        bare = line.removesuffix(self._return)
        if not bare:
            return None
        text, undecoded = self._decoded(line, bare)
        prefix = self._dialect.comment_prefix
        if prefix and text.startswith(prefix):
            return None
        quoted = self._quote and self._quote in text
        if not quoted and not undecoded:
            cells = text.removesuffix("\r").split(self._mark)
            if self._dialect.trim:
                cells = [cell.strip(_WHITE) for cell in cells]
            return Row(cells, first, start, bare, self._plain_fault(text.removesuffix("\r"), cells, bare))
        if not quoted:
            return Row([], first, start, bare, undecoded)
        return self._quoted(text, start, line, undecoded)

    def _decoded(self, line: bytes, shown: bytes) -> tuple[str, Diagnostic | None]:
        """The text of a line; with a fault, and odd characters for its bytes, where it is not what it is told to be."""
        try:
            return line.decode(self._codec), None
        except UnicodeDecodeError as error:
            good = line[: error.start].decode(self._codec, "replace")
            place = Location(self._name, self._line, len(good) + 1)
            text = line.decode(self._codec, "replace")
            return text, self._not_decoded(shown, error.start, place)

    def _not_decoded(self, raw: bytes, offset: int, place: Location) -> Diagnostic:
        if self._codec == "utf-8":
            return not_utf8(raw, offset).diagnostic(place)
        shown = f"byte 0x{raw[offset]:02X}" if offset < len(raw) else "a cut character"
        hint = f"the input is read as {self._dialect.encoding}, as told"
        return Diagnostic("SRC091", f"not {self._dialect.encoding}: {shown}", place, hint=hint)

    def _plain_fault(self, text: str, cells: list[str], raw: bytes) -> Diagnostic | None:
        if "\0" in text:
            return self._fault("SRC042", "a NUL byte", text.index("\0"))
        if "\r" in text:
            return self._carriage_return(text.index("\r"))
        return self._too_long(cells) if len(raw) > self._limits.field_bytes else None

    def _overlong(self, line: Overlong, start: int) -> Row:
        if line.quotes % 2 and self._quote:
            raise self._unclosed(self._line, "record_bytes")
        fault = too_long(len(line), self._limits).diagnostic(Location(self._name, self._line))
        return Row([], self._line, start, line, fault)

    # -- rows with quotes ------------------------------------------------------------------------

    def _quoted(self, text: str, start: int, line: bytes, undecoded: Diagnostic | None) -> Row:
        first, raw = self._line, [line]
        self._held = len(line)
        self._undecoded = undecoded
        cells: list[str] = []
        fault = None
        position, mark, quote, trim = 0, self._mark, self._quote, self._dialect.trim
        while True:
            opened = _past_white(text, position, mark) if trim else position
            if text.startswith(quote, opened):
                cell, text, position = self._field(text, opened + 1, raw)
                cells.append(cell)
                position = _past_white(text, position, mark) if trim else position
                if text.startswith(mark, position):
                    position += 1
                    continue
                if text[position:] not in ("", "\r"):
                    message = "text after the quote that closes a cell"
                    hint = f"inside a quoted cell a quote is written {self._within()}"
                    fault = self._fault("SRC041", message, position, hint)
                break
            end = text.find(mark, position)
            cell = text[position:end] if end >= 0 else text[position:].removesuffix("\r")
            if "\r" in cell:
                fault = fault or self._carriage_return(text.index("\r", position))
            cells.append(cell.strip(_WHITE) if trim else cell)
            if end < 0:
                break
            position = end + 1
        whole = self._newline.join(raw).removesuffix(self._return)
        return self._finished(cells, first, start, whole, fault)

    def _within(self) -> str:
        return f"twice ({2 * self._quote})" if self._dialect.double_quote else f"behind a backslash (\\{self._quote})"

    def _field(self, text: str, position: int, raw: list[bytes]) -> tuple[str, str, int]:
        """A quoted cell from behind its opening quote: its text, the line that it ends in and where."""
        quote, escaped = self._quote, not self._dialect.double_quote
        opened, parts, size = self._line, list[str](), 0
        while True:
            end = text.find(quote, position)
            if escaped and (behind := text.find("\\", position, end if end >= 0 else None)) >= 0:
                following = text[behind + 1 : behind + 2]
                if following not in (quote, "\\") or not following:
                    message = "a backslash in a quoted cell that stands before neither a quote nor a backslash"
                    self._undecoded = self._undecoded or self._fault("SRC093", message, behind)
                parts += (text[position:behind], following or "\\")
                position = behind + 1 + len(following)
                continue
            if end >= 0:
                parts.append(text[position:end])
                if escaped or not text.startswith(quote, end + 1):
                    return "".join(parts), text, end + 1
                parts.append(quote)
                position = end + 2
                continue
            parts += (text[position:], "\n")
            size += len(text) - position + 1
            text, position = self._continued(opened, size, raw), 0

    def _continued(self, opened: int, size: int, raw: list[bytes]) -> str:
        """The line that a quoted cell goes on in, ``size`` characters of it being read."""
        if size > self._limits.field_bytes:
            raise self._unclosed(opened, "field_bytes")
        line = self._taken()
        if line is None:
            raise self._unclosed(opened, None)
        self._held += len(line) + len(self._newline)
        if isinstance(line, Overlong) or self._held > self._limits.record_bytes:
            raise self._unclosed(opened, "record_bytes")
        raw.append(line)
        text, undecoded = self._decoded(line, line)
        self._undecoded = self._undecoded or undecoded
        return text

    def _finished(self, cells: list[str], line: int, start: int, raw: bytes, fault: Diagnostic | None) -> Row:
        if self._undecoded is not None:
            place = self._undecoded.location
            known = Location(self._name, place.line if place else line)
            return Row([], line, start, raw, Diagnostic(self._undecoded.code, self._undecoded.message, known,
                                                        hint=self._undecoded.hint))  # fmt: skip
        if any("\0" in cell for cell in cells):
            fault = fault or Diagnostic("SRC042", "a NUL byte", Location(self._name, line))
        if len(raw) > self._limits.field_bytes:
            fault = fault or self._too_long(cells)
        return Row(cells, line, start, raw, fault)

    # -- findings --------------------------------------------------------------------------------

    def _fault(self, code: str, message: str, position: int, hint: str | None = None) -> Diagnostic:
        return Diagnostic(code, message, Location(self._name, self._line, position + 1), hint=hint)

    def _carriage_return(self, position: int) -> Diagnostic:
        hint = "lines end with LF or CRLF; quote a cell that holds a carriage return"
        return self._fault("SRC046", "a carriage return inside a cell without quotes", position, hint)

    def _too_long(self, cells: list[str]) -> Diagnostic | None:
        longest = max((len(cell.encode(self._codec)) for cell in cells), default=0)
        if longest <= self._limits.field_bytes:
            return None
        message = f"a cell of {longest} bytes (limit: {self._limits.raised_by('field_bytes')})"
        return Diagnostic("SRC044", message, Location(self._name, self._line))

    def _unclosed(self, opened: int, limit: str | None) -> SourceError:
        message = f"the quote that opens a cell in line {opened} is never closed"
        if limit:
            message = (
                f"the quote that opens a cell in line {opened} is not closed "
                f"within the limit ({self._limits.raised_by(limit)})"
            )
        hint = "a quote at the start of a cell opens it: close it, or write the cell in quotes with the quote twice"
        return SourceError(Diagnostic("SRC045", message, Location(self._name, opened), hint=hint))


def _past_white(text: str, position: int, mark: str) -> int:
    """The place of the next character that is no white space; the delimiter is none."""
    while position < len(text) and text[position] in _WHITE and text[position] != mark:
        position += 1
    return position


def _batch(rows: list[Row]) -> Batch:
    cells, lines, offsets, raws, faults = zip(*rows, strict=True)
    found = {position: fault for position, fault in enumerate(faults) if fault is not None}
    return Batch(cells, lines, offsets, raws, found)

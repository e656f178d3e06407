"""The rows of a table, cut as bytes by RFC 4180: quoted cells may hold delimiters, quotes and newlines.

Rows end with LF or CRLF. Only when a row is whole is it decoded, so that a bad byte harms one row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from semantics.errors import Diagnostic, Location, SourceError
from semantics.sources.options import Limits
from semantics.sources.places import columns
from semantics.sources.stream import Overlong, physical_lines
from semantics.sources.values import not_utf8, too_long

__all__ = ["Row", "Rows"]


class Row(NamedTuple):
    """One row: its cells as text, or a fault; the first line and byte of it, its exact bytes if they were kept."""

    cells: list[str]
    line: int
    byte: int
    raw: bytes | Overlong
    fault: Diagnostic | None = None


class Rows:
    """The rows of a text that comes in ``blocks``; ``skipped`` bytes stood before it in the input.

    Empty lines are skipped. Memory holds one row. Raises :class:`SourceError` (``SRC045``) where a
    quote is never closed, or not within the limits.
    """

    def __init__(self, blocks: Iterator[bytes], skipped: int, name: str, delimiter: str, limits: Limits) -> None:
        """Nothing is read before the first row is asked for."""
        self._lines = physical_lines(blocks, limits.record_bytes)
        self._offset = skipped
        self._line = 0
        self._held = 0
        self._name = name
        self._mark = delimiter
        self._limits = limits

    def __iter__(self) -> Iterator[Row]:
        """Every row, the header among them."""
        mark, longest = self._mark, self._limits.field_bytes
        between = f'"{mark}"'
        for line in self._lines:
            self._line += 1
            start = self._offset
            self._offset = start + len(line) + 1
            if isinstance(line, Overlong):
                yield self._overlong(line, start)
                continue
            bare = line.removesuffix(b"\r")
            if not bare:
                continue
            try:
                text = bare.decode()
            except UnicodeDecodeError as error:
                if b'"' in line:
                    yield self._quoted(line, start)
                else:
                    yield self._not_utf8(bare, start, error)
                continue
            if '"' in text:
                cells = text[1:-1].split(between)
                simple = text[0] == text[-1] == '"' and text.count('"') == 2 * len(cells)
                if not simple or "\0" in text or len(bare) > longest:
                    yield self._quoted(line, start)
                else:
                    yield Row(cells, self._line, start, bare)
                continue
            cells = text.split(mark)
            fault = None
            if "\0" in text or "\r" in text or len(bare) > longest:
                fault = self._plain_fault(bare, cells)
            yield Row(cells, self._line, start, bare, fault)

    # -- rows without a quote ------------------------------------------------------------------

    def _plain_fault(self, line: bytes, cells: list[str]) -> Diagnostic | None:
        if b"\0" in line:
            return self._fault("SRC042", "a NUL byte", line.index(b"\0"), line)
        if b"\r" in line:
            return self._carriage_return(line, line.index(b"\r"))
        return self._too_long(cells)

    def _not_utf8(self, line: bytes, start: int, error: UnicodeDecodeError) -> Row:
        found = not_utf8(line, error.start)
        fault = found.diagnostic(self._place(line, error.start))
        return Row([], self._line, start, line, fault)

    def _overlong(self, line: Overlong, start: int) -> Row:
        if line.quotes % 2:
            raise self._unclosed(self._line, "record_bytes")
        fault = too_long(len(line), self._limits).diagnostic(Location(self._name, self._line))
        return Row([], self._line, start, line, fault)

    # -- rows with quotes ----------------------------------------------------------------------

    def _quoted(self, line: bytes, start: int) -> Row:
        first, raw = self._line, [line]
        self._held = len(line)
        cells: list[bytes] = []
        fault = None
        position, mark = 0, self._mark.encode()
        while True:
            if line.startswith(b'"', position):
                cell, line, position = self._field(line, position + 1, raw)
                cells.append(cell)
                if line.startswith(mark, position):
                    position += 1
                    continue
                if line[position:] not in (b"", b"\r"):
                    message = "text after the quote that closes a cell"
                    hint = 'inside a quoted cell a quote is written twice ("")'
                    fault = self._fault("SRC041", message, position, line, hint)
                break
            end = line.find(mark, position)
            cell = line[position:end] if end >= 0 else line[position:].removesuffix(b"\r")
            if b"\r" in cell:
                fault = fault or self._carriage_return(line, line.index(b"\r", position))
            cells.append(cell)
            if end < 0:
                break
            position = end + 1
        return self._row(cells, first, start, b"\n".join(raw).removesuffix(b"\r"), fault)

    def _field(self, line: bytes, position: int, raw: list[bytes]) -> tuple[bytes, bytes, int]:
        """A quoted cell from behind its opening quote: its bytes, the line it ends in and where."""
        opened, parts, size = self._line, list[bytes](), 0
        while True:
            end = line.find(b'"', position)
            if end >= 0:
                parts.append(line[position:end])
                if not line.startswith(b'"', end + 1):
                    return b"".join(parts), line, end + 1
                parts.append(b'"')
                position = end + 2
                continue
            parts += (line[position:], b"\n")
            size += len(line) - position + 1
            line, position = self._continued(opened, size, raw), 0

    def _continued(self, opened: int, size: int, raw: list[bytes]) -> bytes:
        """The line that a quoted cell goes on in, ``size`` bytes of it being read."""
        if size > self._limits.field_bytes:
            raise self._unclosed(opened, "field_bytes")
        line = next(self._lines, None)
        if line is None:
            raise self._unclosed(opened, None)
        self._line += 1
        self._offset += len(line) + 1
        self._held += len(line) + 1
        if isinstance(line, Overlong) or self._held > self._limits.record_bytes:
            raise self._unclosed(opened, "record_bytes")
        raw.append(line)
        return line

    def _row(self, cells: list[bytes], line: int, start: int, raw: bytes, fault: Diagnostic | None) -> Row:
        try:
            raw.decode()
        except UnicodeDecodeError as error:
            place = Location(self._name, line + raw.count(b"\n", 0, error.start))
            return Row([], line, start, raw, not_utf8(raw, error.start).diagnostic(place))
        texts = [cell.decode() for cell in cells]
        if b"\0" in raw:
            fault = fault or Diagnostic("SRC042", "a NUL byte", Location(self._name, line))
        if len(raw) > self._limits.field_bytes:
            fault = fault or self._too_long(texts)
        return Row(texts, line, start, raw, fault)

    # -- findings ------------------------------------------------------------------------------

    def _place(self, line: bytes, position: int) -> Location:
        return Location(self._name, self._line, columns(line[:position]) + 1)

    def _fault(self, code: str, message: str, position: int, line: bytes, hint: str | None = None) -> Diagnostic:
        return Diagnostic(code, message, self._place(line, position), hint=hint)

    def _carriage_return(self, line: bytes, position: int) -> Diagnostic:
        hint = "lines end with LF or CRLF; quote a cell that holds a carriage return"
        return self._fault("SRC046", "a carriage return inside a cell without quotes", position, line, hint)

    def _too_long(self, cells: list[str]) -> Diagnostic | None:
        longest = max((len(cell.encode()) for cell in cells), default=0)
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

"""Bytes in: files and standard input as blocks of bytes, decompressed, and the lines in them.

Nothing here holds more than a block and a line, so memory does not grow with the input.
"""

from __future__ import annotations

import codecs
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import IO, Any, Final

from semantics.errors import Diagnostic, Location, SourceError, closest
from semantics.sources.compressed import decompressor
from semantics.sources.options import Limits

__all__ = [
    "BOM",
    "STDIN",
    "Input",
    "Overlong",
    "json_blocks",
    "line_chunks",
    "other_kind",
    "peeked",
    "physical_lines",
    "utf8_blocks",
    "without",
]

STDIN: Final = "<stdin>"
"""What standard input is called in records and messages."""
BOM: Final = b"\xef\xbb\xbf"
_BLOCK: Final = 256 * 1024
_OTHER: Final[dict[bytes, str]] = {
    b"\xff\xfe\x00\x00": "UTF-32LE text",
    b"\x00\x00\xfe\xff": "UTF-32BE text",
    b"\xff\xfe": "UTF-16LE text",
    b"\xfe\xff": "UTF-16BE text",
    b"PK\x03\x04": "a ZIP archive or a spreadsheet",
}
_WIDE: Final = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


@dataclass(frozen=True, slots=True)
class Input:
    """One input: a file, or standard input where ``path`` is None; ``name`` is what messages call it."""

    path: Path | None
    name: str

    def blocks(self, limits: Limits, start: int = 0) -> Iterator[bytes]:
        """The bytes of the input from ``start`` on, decompressed where it is gzip or Zstandard (told by name or bytes).

        Raises :class:`SourceError` where it cannot be opened, read or decompressed, and
        :class:`LimitError` where it grows too large when decompressed.
        """
        plain = self._plain()
        first = next(plain, b"")
        whole = _chained(first, plain)
        unpack = decompressor(self.name, first)
        if unpack is not None:
            return _after(start, unpack(whole, self.name, limits))
        if start and self.path is not None:
            plain.close()
            return self._plain(start)
        return _after(start, whole)

    def _plain(self, start: int = 0) -> Generator[bytes]:
        """The bytes as they stand in the file, the first block of at least four unless it ends before."""
        done = start
        try:
            with self._opened() as file:
                if start:
                    file.seek(start)
                # A pipe gives what it has: records are read as they come in.
                read = getattr(file, "read1", file.read)
                first = b""
                while len(first) < 4 and (more := read(_BLOCK)):
                    first += more
                block = first
                while block:
                    done += len(block)
                    yield block
                    block = read(_BLOCK)
        except OSError as error:
            raise SourceError(self._refused(error, done)) from None

    @contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        if self.path is None:
            yield sys.stdin.buffer
            return
        file = self.path.open("rb", buffering=0)
        try:
            yield file
        finally:
            # What was read was read: a file that cannot be closed is no fault of the input.
            with suppress(OSError):
                file.close()

    def _refused(self, error: OSError, done: int) -> Diagnostic:
        why = (error.strerror or "it cannot be read").lower()
        at = f" after byte {done}" if done else ""
        hint = _near(self.path) if isinstance(error, FileNotFoundError) and self.path else None
        return Diagnostic("SRC001", f"the input cannot be read{at}: {why}", Location(self.name), hint=hint)


def _near(path: Path) -> str | None:
    """A hint naming the file beside ``path`` that was perhaps meant."""
    try:
        return closest(path.name, [other.name for other in path.parent.iterdir()])
    except OSError:
        return None


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _after(start: int, blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks without the first ``start`` bytes."""
    for block in blocks:
        if start < len(block):
            yield block[start:]
        start = max(start - len(block), 0)


# -- text --------------------------------------------------------------------------------------


def utf8_blocks(
    blocks: Iterator[bytes], name: str, otherwise: str = "convert it to UTF-8 first"
) -> tuple[int, Iterator[bytes]]:
    """The blocks of a UTF-8 text without its byte order mark, and how many bytes that took away.

    Raises :class:`SourceError` (``SRC003``) where the first bytes say that it is something else; ``otherwise`` is the
    hint where that is text of another encoding.
    """
    first, blocks = peeked(blocks)
    if kind := other_kind(first):
        hint = otherwise if kind.endswith("text") else None
        message = f"expected UTF-8 text, found {kind}, at byte 0"
        raise SourceError(Diagnostic("SRC003", message, Location(name), hint=hint))
    return without(BOM, first, blocks)


def json_blocks(blocks: Iterator[bytes], name: str) -> tuple[int, Iterator[bytes]]:
    """The blocks of a JSON text as UTF-8, also where a byte order mark says that it is UTF-16; see :func:`utf8_blocks`.

    Offsets in UTF-16 are those of the text in UTF-8.
    """
    first, rest = peeked(blocks)
    whole = _chained(first, rest)
    encoding = next((codec for mark, codec in _WIDE.items() if first.startswith(mark)), None)
    if encoding is None or (other_kind(first) or "").startswith("UTF-32"):
        return utf8_blocks(whole, name)
    return 0, _as_utf8(whole, name, encoding)


def _as_utf8(blocks: Iterator[bytes], name: str, encoding: str) -> Iterator[bytes]:
    """The text of UTF-16 blocks, a byte order mark at their head, as blocks of UTF-8."""
    decoder = codecs.getincrementaldecoder(encoding)()
    mark = True
    for block, final in chain(((block, False) for block in blocks), ((b"", True),)):
        try:
            text = decoder.decode(block, final)
        except UnicodeDecodeError as fault:
            message = f"the byte order mark says {encoding.upper()}, and the text is not: {fault.reason}"
            raise SourceError(Diagnostic("SRC003", message, Location(name))) from None
        if mark and text:
            text, mark = text.removeprefix("\ufeff"), False
        if text:
            yield text.encode()


def peeked(blocks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes of a text, at least four unless it ends before, and what comes after them."""
    first = b""
    for block in blocks:
        first += block
        if len(first) >= 4:
            break
    return first, blocks


def without(mark: bytes, first: bytes, rest: Iterator[bytes]) -> tuple[int, Iterator[bytes]]:
    """The blocks of a text without a byte order mark that it may begin with, and how many bytes that took away."""
    skipped = len(mark) if first.startswith(mark) else 0
    return skipped, _chained(first[skipped:], rest)


def other_kind(start: bytes) -> str | None:
    """What the first bytes of an input say that it is, where that is no text of one byte a character."""
    start = start[:4]
    for mark, kind in _OTHER.items():
        if start.startswith(mark):
            return kind
    if len(start) < 4 or max(start[:2]) < 0x20:
        return None
    zeros = tuple(byte == 0 for byte in start)
    if zeros == (False, True, False, True):
        return "UTF-16LE text"
    return "UTF-16BE text" if zeros == (True, False, True, False) else None


@dataclass(frozen=True, slots=True)
class Overlong:
    """A line that went over the limit: how many bytes it has, how many of them are ``"``, and their SHA-256."""

    length: int
    quotes: int
    sha256: str = field(default="", compare=False, repr=False)

    def __len__(self) -> int:
        """The bytes of the line, without the newline."""
        return self.length


@dataclass(slots=True)
class _Tail:
    """The line that a block ended in, as far as it was seen; never more than ``limit`` bytes of it."""

    limit: int
    quote: bytes = b'"'
    parts: list[bytes] = field(default_factory=list)
    length: int = 0
    quotes: int = 0
    digest: Any = None

    def add(self, piece: bytes) -> None:
        self.length += len(piece)
        self.quotes += piece.count(self.quote)
        self.parts.append(piece)
        if self.length > self.limit:
            self.digest = self.digest or sha256()
            for part in self.parts:
                self.digest.update(part)
            self.parts.clear()

    def taken(self) -> bytes | Overlong:
        digest = self.digest
        line = Overlong(self.length, self.quotes, digest.hexdigest()) if digest else b"".join(self.parts)
        self.parts, self.length, self.quotes, self.digest = [], 0, 0, None
        return line


def physical_lines(blocks: Iterator[bytes], limit: int) -> Iterator[bytes | Overlong]:
    r"""The lines of a text, cut at ``\n`` alone and without it; one of more than ``limit`` bytes is not held.

    >>> list(physical_lines(iter([b"a\nb", b"c\n", b"long line"]), 4))
    [b'a', b'bc', Overlong(length=9, quotes=0)]
    """
    for chunk in line_chunks(blocks, limit):
        yield from chunk


def line_chunks(
    blocks: Iterator[bytes], limit: int, newline: bytes = b"\n", quote: bytes = b'"'
) -> Iterator[list[bytes | Overlong]]:
    r"""The lines of :func:`physical_lines`, those that end in one block at a time; in a wide encoding, by its newline.

    >>> list(line_chunks(iter([b"a\nb", b"c\nd\n", b"e"]), 4))
    [[b'a'], [b'bc', b'd'], [b'e']]
    """
    tail = _Tail(limit, quote)
    for block in blocks if len(newline) == 1 else _whole_units(blocks, len(newline)):
        first, *others = block.split(newline) if len(newline) == 1 else _wide_lines(block, newline)
        tail.add(first)
        if not others:
            continue
        chunk = [tail.taken()]
        tail.add(others.pop())
        if len(block) <= limit:
            chunk += others
        else:
            chunk += [
                line if len(line) <= limit else Overlong(len(line), line.count(quote), sha256(line).hexdigest())
                for line in others
            ]
        yield chunk
    if tail.length:
        yield [tail.taken()]


def _whole_units(blocks: Iterator[bytes], width: int) -> Iterator[bytes]:
    """The same bytes in blocks of whole code units; what is left over at the end stands by itself."""
    rest = b""
    for block in blocks:
        block = rest + block
        whole = len(block) - len(block) % width
        block, rest = block[:whole], block[whole:]
        if block:
            yield block
    if rest:
        yield rest


def _wide_lines(block: bytes, newline: bytes) -> list[bytes]:
    """A block of whole code units, cut at a newline where it stands on the border of a unit."""
    first, *others = block.split(newline)
    lines = [first]
    for piece in others:
        if len(lines[-1]) % len(newline):
            lines[-1] += newline + piece
        else:
            lines.append(piece)
    return lines

"""Compressed bytes in: gzip and Zstandard as the blocks that they hold, cut and damaged streams told, bombs stopped."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from semantics.errors import Diagnostic, LimitError, Location, SourceError, UsageError
from semantics.sources.options import Limits

if TYPE_CHECKING:
    import zstandard

__all__ = ["ENDINGS", "decompressor", "inflated", "plain_name", "unpacked"]

_BLOCK: Final = 256 * 1024
_GZIP: Final = re.compile(rb"\x1f\x8b")
_ZSTD: Final = re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")
"""A frame of Zstandard, or one that is passed over (RFC 8878, section 3.1.2)."""
_PIECE: Final = 1024
"""Compressed bytes that are given to Zstandard at once: they hold 256 blocks of 128 KB at the most."""
_WINDOW: Final = 1 << 27
"""Bytes of memory that a Zstandard frame may ask for, as in the reference decoder."""

Decompressor = Callable[[Iterator[bytes], str, Limits], Iterator[bytes]]


def plain_name(name: str) -> str:
    """The name of a file without the ending that says how it is compressed.

    >>> plain_name("meters.jsonl.zst"), plain_name("meters.csv")
    ('meters.jsonl', 'meters.csv')
    """
    for ending in ENDINGS:
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name


def decompressor(name: str, first: bytes) -> Decompressor | None:
    """What decompresses an input, told by its first bytes; None where it is plain.

    Raises :class:`SourceError` (``SRC009``) where the name says that it is compressed, and the bytes that it is not.
    """
    told = next((ending for ending, (magic, _) in ENDINGS.items() if magic.match(first)), None)
    named = next((ending for ending in ENDINGS if name.lower().endswith(ending)), told)
    if named != told:
        message = f"the file is named {named} but is not compressed in this way"
        hint = f"rename it without {named} if it is plain"
        raise SourceError(Diagnostic("SRC009", message, Location(name), hint=hint))
    return ENDINGS[told][1] if told else None


# -- gzip --------------------------------------------------------------------------------------


def inflated(blocks: Iterator[bytes], name: str, limits: Limits) -> Iterator[bytes]:
    """The content of a gzip stream (RFC 1952), members one after the other, in bounded blocks.

    Raises :class:`SourceError` (``SRC010``) where it is cut or damaged, :class:`LimitError`
    (``SRC011``) where ``limits.gzip_ratio`` is passed.
    """
    member = None
    taken = given = members = 0
    for block in blocks:
        rest = block
        taken += len(block)
        while True:
            if member is None:
                # Zeros may pad the end of a member (RFC 1952 says nothing; tapes and tools do it).
                rest = rest.lstrip(b"\0") if members else rest
                if not rest:
                    break
                member = zlib.decompressobj(31)
            out = _inflate(member, rest, name, taken)
            given += len(out)
            _check_ratio("gzip", given, taken - len(member.unconsumed_tail), name, limits)
            if out:
                yield out
            if member.eof:
                rest, member = member.unused_data, None
                members += 1
            elif len(out) == _BLOCK:
                rest = member.unconsumed_tail
            else:
                break
    if member is not None:
        raise _damaged("gzip", f"it is cut: it ends after byte {taken}", name)


def _inflate(member: zlib._Decompress, data: bytes, name: str, taken: int) -> bytes:
    try:
        return member.decompress(data, _BLOCK)
    except zlib.error:
        raise _damaged("gzip", f"it is not valid before byte {taken}", name) from None


# -- Zstandard ---------------------------------------------------------------------------------


def unpacked(blocks: Iterator[bytes], name: str, limits: Limits) -> Iterator[bytes]:
    """The content of a Zstandard stream (RFC 8878), frames one after the other, skippable ones passed over.

    Raises :class:`SourceError` (``SRC010``) where it is cut or damaged, :class:`LimitError` where
    ``limits.gzip_ratio`` (``SRC011``) or the memory for one frame (``SRC080``) is passed, and
    :class:`UsageError` (``SRC081``) where the extra ``zstd`` is not installed.
    """
    codec = _codec(name).ZstdDecompressor(max_window_size=_WINDOW)
    frame: Any = None
    taken = given = held = 0
    ready: list[bytes] = []
    for block in blocks:
        for start in range(0, len(block), _PIECE):
            rest = block[start : start + _PIECE]
            taken += len(rest)
            while rest:
                frame = codec.decompressobj(write_size=_BLOCK // 8) if frame is None else frame
                out = _unpack(frame, rest, name, taken)
                rest, frame = (frame.unused_data, None) if frame.eof else (b"", frame)
                given += len(out)
                held += len(out)
                ready.append(out)
                _check_ratio("zstd", given, taken - len(rest), name, limits)
            if held >= _BLOCK:
                yield b"".join(ready)
                ready, held = [], 0
        if held:  # what a pipe gave goes on at once
            yield b"".join(ready)
            ready, held = [], 0
    if frame is not None:
        raise _damaged("zstd", f"it is cut: it ends after byte {taken}", name)


def _codec(name: str) -> Any:
    try:
        import zstandard
    except ImportError:
        message = "the input is zstandard-compressed, and what reads that is not installed"
        raise UsageError(Diagnostic("SRC081", message, Location(name), hint="pip install 'semantics[zstd]'")) from None
    return zstandard


def _unpack(frame: zstandard.ZstdDecompressionObj, data: bytes, name: str, taken: int) -> bytes:
    import zstandard

    try:
        return frame.decompress(data)
    except zstandard.ZstdError as fault:
        if "too much memory" in str(fault):
            message = f"a zstd frame asks for more than {_WINDOW} bytes of memory, before byte {taken} of the input"
            hint = "compress it with a smaller window: without --long, or --long=27 at most"
            raise LimitError(Diagnostic("SRC080", message, Location(name), hint=hint)) from None
        raise _damaged("zstd", f"it is not valid before byte {taken}", name) from None


# -- both --------------------------------------------------------------------------------------


def _damaged(kind: str, what: str, name: str) -> SourceError:
    message = f"the {kind} stream cannot be read to its end: {what} of the compressed input"
    hint = "truncated or damaged input: fetch the file again"
    return SourceError(Diagnostic("SRC010", message, Location(name), hint=hint))


def _check_ratio(kind: str, given: int, used: int, name: str, limits: Limits) -> None:
    if given > limits.gzip_free and given > limits.gzip_ratio * used:
        message = (
            f"the {kind} stream grows too much: {used} bytes gave more than {given} "
            f"(limit: a ratio of {limits.raised_by('gzip_ratio')})"
        )
        raise LimitError(Diagnostic("SRC011", message, Location(name)))


ENDINGS: Final[dict[str, tuple[re.Pattern[bytes], Decompressor]]] = {
    ".gz": (_GZIP, inflated),
    ".zst": (_ZSTD, unpacked),
}
"""How each ending of a name says that a file is compressed: the first bytes of such a file, and what reads it."""

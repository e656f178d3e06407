"""Compressed bytes out, as the name of an output asks: gzip (``.gz``) and Zstandard (``.zst``).

The same bytes in give the same bytes out: neither a time nor a name nor the number of cores is in them.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from semantics.errors import Diagnostic, Location, UsageError

__all__ = ["Packing", "compressed", "packer", "plain_name"]

BLOCK: Final = 1 << 22
"""Bytes that are compressed together."""

_ENDINGS: Final = (".gz", ".zst")
_GZIP_LEVEL: Final = 6
_ZSTD_LEVEL: Final = 3


def plain_name(name: str) -> str:
    """The name of a file without the ending that asks for compression.

    >>> plain_name("out.nt.zst"), plain_name("out.nt")
    ('out.nt', 'out.nt')
    """
    return name[: name.rindex(".")] if name.lower().endswith(_ENDINGS) else name


def compressed(name: str) -> bool:
    """Whether a name asks for compression.

    Raises :class:`UsageError` (``SRC081``) where what it asks for is not installed.
    """
    if name.lower().endswith(".zst"):
        _zstandard(name)
    return name.lower().endswith(_ENDINGS)


def packer(name: str) -> Callable[[bytes], bytes]:
    """What compresses a block of bytes by itself, as the name of a file asks; blocks in a row are a file.

    So it is with members (RFC 1952) and frames (RFC 8878).

    >>> gzip.decompress(packer("a.txt.gz")(b"te") + packer("a.txt.gz")(b"xt"))
    b'text'
    """
    if name.lower().endswith(".zst"):
        codec = _zstandard(name).ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True)
        return lambda block: bytes(codec.compress(block))
    return partial(gzip.compress, compresslevel=_GZIP_LEVEL, mtime=0)


class Packing:
    """Compresses what is written block by block, each by itself, and hands it on.

    So the bytes of a file do not hang on when it was interrupted, and what has come out stands for itself:
    ``pending`` is what has not.
    """

    def __init__(self, name: str, write: Callable[[bytes], Any], pending: bytes = b"", *, begun: bool = False) -> None:
        """Compress as ``name`` asks, and hand the blocks to ``write``. ``begun``: there are blocks already."""
        self._pack, self._write = packer(name), write
        self._parts, self._size = [pending], len(pending)
        self._begun = begun

    @property
    def pending(self) -> bytes:
        """What was written since the last block."""
        self._parts = [b"".join(self._parts)]
        return self._parts[0]

    def write(self, data: bytes | memoryview) -> None:
        """Take ``data``."""
        self._parts.append(bytes(data))
        self._size += len(data)
        while self._size >= BLOCK:
            whole = self.pending
            self._out(whole[:BLOCK])
            self._parts, self._size = [whole[BLOCK:]], self._size - BLOCK

    def finish(self) -> None:
        """Hand on what is left; a file of nothing is one empty block."""
        if self._size or not self._begun:
            self._out(self.pending)
        self._parts, self._size = [], 0

    def _out(self, block: bytes) -> None:
        self._begun = True
        self._write(self._pack(block))


def _zstandard(name: str) -> Any:
    try:
        import zstandard
    except ImportError:
        message = "the name asks for zstandard, and what writes that is not installed"
        raise UsageError(Diagnostic("SRC081", message, Location(name), hint="pip install 'semantics[zstd]'")) from None
    return zstandard

"""Compressed bytes out, as the name of an output asks: gzip (``.gz``) and Zstandard (``.zst``).

The same bytes in give the same bytes out: neither a time nor a name nor the number of cores is in them.
"""

from __future__ import annotations

import gzip
import io
from typing import Any, Final

from semantics.errors import Diagnostic, Location, UsageError

__all__ = ["compressed", "compressor", "plain_name"]

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


def compressor(name: str, stream: io.BufferedIOBase) -> io.BufferedIOBase:
    """A stream that compresses into another, as the name of a file asks; closing it leaves the other open.

    >>> packed = io.BytesIO()
    >>> with compressor("a.txt.gz", packed) as stream:
    ...     _ = stream.write(b"text")
    >>> gzip.decompress(packed.getvalue())
    b'text'
    """
    if name.lower().endswith(".zst"):
        codec = _zstandard(name).ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True)
        packing: io.BufferedIOBase = codec.stream_writer(stream, closefd=False)
        return packing
    return gzip.GzipFile("", "wb", _GZIP_LEVEL, stream, mtime=0)


def _zstandard(name: str) -> Any:
    try:
        import zstandard
    except ImportError:
        message = "the name asks for zstandard, and what writes that is not installed"
        raise UsageError(Diagnostic("SRC081", message, Location(name), hint="pip install 'semantics[zstd]'")) from None
    return zstandard

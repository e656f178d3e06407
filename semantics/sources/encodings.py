"""The encoding of a text as it was told: its byte order mark taken away, and what contradicts it refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from semantics.errors import Diagnostic, Location, SourceError
from semantics.plan.tables import TableDialect
from semantics.sources.stream import BOM, other_kind, peeked, utf8_blocks, without

__all__ = ["told_text"]

_MARKS: Final = {"utf-16le": b"\xff\xfe", "utf-16be": b"\xfe\xff"}


def told_text(blocks: Iterator[bytes], name: str, dialect: TableDialect) -> tuple[int, Iterator[bytes], TableDialect]:
    """How many bytes a byte order mark took away, the blocks without it, and the dialect with its exact encoding.

    Raises :class:`SourceError` (``SRC003``, ``SRC091``) where the first bytes say that it is something else.
    """
    if dialect.encoding == "utf-8":
        return *utf8_blocks(blocks, name, "say its encoding: --encoding utf-16, or encoding in the mapping"), dialect
    first, rest = peeked(blocks)
    if dialect.encoding == "utf-16":
        for encoding, mark in _MARKS.items():
            if first.startswith(mark):
                return *without(mark, first, rest), replace(dialect, encoding=encoding)
        if first:
            hint = "say which order its bytes have: utf-16le or utf-16be"
            raise _refused("it does not begin with a byte order mark", name, dialect, hint)
    elif dialect.encoding not in _MARKS and (kind := "UTF-8 text" if first.startswith(BOM) else other_kind(first)):
        raise _refused(f"it begins as {kind}", name, dialect, None)
    return *without(_MARKS.get(dialect.encoding, BOM), first, rest), dialect


def _refused(why: str, name: str, dialect: TableDialect, hint: str | None) -> SourceError:
    message = f"the input is told to be {dialect.encoding}, and {why}"
    return SourceError(Diagnostic("SRC091", message, Location(name), hint=hint))

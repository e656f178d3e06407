"""Source ``json``: one document (RFC 8259), whose records the selectors find.

The document is held in memory, its records are not: each is cut out and read when its turn comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from semantics.errors import Diagnostic, Location, SourceError
from semantics.records import Record, Unheld
from semantics.sources.options import ReadOptions, Selector
from semantics.sources.places import Places
from semantics.sources.stream import Input, utf8_blocks
from semantics.sources.structure import Found, Walk, selection
from semantics.sources.values import Unreadable, value_reader

__all__ = ["found_record", "json_records", "read"]


def read(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The records of a JSON file; see :func:`json_records`."""
    return json_records(source.blocks(options.limits), source.name, options)


def json_records(blocks: Iterator[bytes], name: str, options: ReadOptions) -> Iterator[Record]:
    """The records of a JSON document that comes in ``blocks``.

    A record with a repeated key, or over a limit, has a fault; what is not JSON, or holds no record
    that the selectors look for, raises :class:`SourceError`.
    """
    skipped, rest = utf8_blocks(blocks, name)
    document = b"".join(rest)
    if not document or document.isspace():
        raise SourceError(Diagnostic("SRC002", "the input is empty: no JSON value", Location(name)))
    walk = Walk(document, selection(options.selectors), value_reader(options.limits), options.limits)
    places = Places(document)
    try:
        for number, found in enumerate(walk.records(), 1):
            yield found_record(found, document, places, name, number, skipped)
    except Unreadable as fault:
        line, column = Places(document).place(fault.offset)
        message = f"{fault.message} (byte {fault.offset + skipped})"
        place = Location(name, line, column, fault.pointer or None)
        raise SourceError(Diagnostic(fault.code, message, place, hint=fault.hint)) from None
    if not walk.recognised:
        raise SourceError(_nothing_found(options.selectors, name))


def found_record(found: Found, document: bytes, places: Places, name: str, number: int, skipped: int) -> Record:
    """The record that was found in a document which begins at byte ``skipped`` of the input.

    The pointer is None where the record is the whole document; the bytes of a record over the size limit
    are not kept. ``places`` is of the document, and records come in the order of their first bytes.
    """
    line, fault = places.mark(found.start), None
    if found.fault:
        place = Location(name, *places.place(found.fault.offset), found.pointer + found.fault.pointer or None)
        fault = found.fault.diagnostic(place)
    raw, byte, pointer = document[found.start : found.end], found.start + skipped, found.pointer or None
    if fault is not None and fault.code == "SRC024":
        digest = sha256(raw).hexdigest()
        return Unheld(None, name, number, line, byte, pointer, None, found.class_name, fault, None, len(raw), digest)
    return Record(found.data, name, number, line, byte, pointer, raw, found.class_name, fault)


def _nothing_found(selectors: tuple[Selector, ...], name: str) -> Diagnostic:
    looked_for = "; ".join(map(str, selectors))
    hint = f"looked for records at: {looked_for}"
    return Diagnostic("SRC006", "the document holds none of the records looked for", Location(name), hint=hint)

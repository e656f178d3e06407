"""Source ``json``: one document (RFC 8259) of any size, whose records the selectors find.

The document passes through a window: what is held is one record, and what tells where its neighbours are.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from semantics.errors import Diagnostic, Location, SourceError
from semantics.records import Record, Unheld
from semantics.sources.options import ReadOptions, Selector
from semantics.sources.places import Places
from semantics.sources.stream import Input, json_blocks
from semantics.sources.structure import Found, Walk, selection
from semantics.sources.values import Unreadable, value_reader
from semantics.sources.window import Window

__all__ = ["found_record", "json_records", "read"]


def read(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The records of a JSON file; see :func:`json_records`."""
    return json_records(source.blocks(options.limits), source.name, options)


def json_records(blocks: Iterator[bytes], name: str, options: ReadOptions) -> Iterator[Record]:
    """The records of a JSON document that comes in ``blocks``, in the order of their first bytes.

    A record with a repeated key, or over a limit, has a fault; what is not JSON, or holds no record
    that the selectors look for, raises :class:`SourceError`, after the records that came before.
    """
    skipped, rest = json_blocks(blocks, name)
    window = Window(rest)
    if not _begins(window):
        raise SourceError(Diagnostic("SRC002", "the input is empty: no JSON value", Location(name)))
    walk = Walk(window, selection(options.selectors), value_reader(options.limits), options.limits)
    try:
        for number, found in enumerate(walk.records(), 1):
            if found.fault is None:
                yield Record(
                    found.data, name, number, found.line, found.start + skipped, found.pointer or None, found.raw,
                    found.class_name,
                )  # fmt: skip
            else:
                yield _faulty(found, found.fault, _place(found), name, number, skipped)
    except Unreadable as fault:
        line, column = window.place(fault.offset)
        message = f"{fault.message} (byte {fault.offset + skipped})"
        place = Location(name, line, column, fault.pointer or None)
        raise SourceError(Diagnostic(fault.code, message, place, hint=fault.hint)) from None
    if not walk.recognised:
        raise SourceError(_nothing_found(options.selectors, name))


def _begins(window: Window) -> bool:
    """Whether there is anything but white space in a text; what is held of it is not lost."""
    while not window.data or window.data.isspace():
        if not window.more(window.end):
            return False
    return True


def found_record(found: Found, document: bytes, places: Places, name: str, number: int, skipped: int) -> Record:
    """The record that was found in a document which is held, and begins at byte ``skipped`` of the input.

    The pointer is None where the record is the whole document; the bytes of a record over the size limit
    are not kept. ``places`` is of the document, and records come in the order of their first bytes.
    """
    line = places.mark(found.start)
    found.raw = document[found.start : found.end]
    if found.fault:
        found.line = line
        return _faulty(found, found.fault, places.place(found.fault.offset), name, number, skipped)
    pointer = found.pointer or None
    return Record(found.data, name, number, line, found.start + skipped, pointer, found.raw, found.class_name)


def _place(found: Found) -> tuple[int, int]:
    """The line and column of the fault of a record."""
    if found.fault is None or found.raw is None:
        return found.line, found.column
    places = Places(found.raw, found.line)
    line, column = places.place(found.fault.offset - found.start)
    return line, column if line != found.line else column + found.column - 1


def _faulty(found: Found, fault: Unreadable, where: tuple[int, int], name: str, number: int, skipped: int) -> Record:
    """The record that was found, with its fault; without its bytes where they are too many."""
    finding = fault.diagnostic(Location(name, *where, found.pointer + fault.pointer or None))
    line, byte, pointer = found.line, found.start + skipped, found.pointer or None
    if finding.code == "SRC024":
        size, digest = found.end - found.start, found.sha256 or sha256(found.raw or b"").hexdigest()
        return Unheld(None, name, number, line, byte, pointer, None, found.class_name, finding, None, size, digest)
    return Record(None, name, number, line, byte, pointer, found.raw, found.class_name, finding)


def _nothing_found(selectors: tuple[Selector, ...], name: str) -> Diagnostic:
    looked_for = "; ".join(map(str, selectors))
    hint = f"looked for records at: {looked_for}"
    return Diagnostic("SRC006", "the document holds none of the records looked for", Location(name), hint=hint)

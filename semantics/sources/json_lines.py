"""Source ``ndjson``: one JSON value a line, cut at the newline byte and nothing else.

A line that cannot be read is a fault of that line; its neighbours never notice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from semantics.errors import Diagnostic, Location, SourceError
from semantics.records import Record, Unheld
from semantics.sources.json_document import found_record
from semantics.sources.options import ReadOptions
from semantics.sources.places import Places
from semantics.sources.stream import BOM, Input, Overlong, physical_lines, utf8_blocks
from semantics.sources.structure import Found, Walk, selection
from semantics.sources.values import ReadValue, Unreadable, too_long, value_reader

__all__ = ["ndjson_records", "read"]

_BLANK = b" \t\r"
_Line = bytes | Overlong


def read(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The records of an NDJSON file; see :func:`ndjson_records`."""
    return ndjson_records(source.blocks(options.limits), source.name, options)


def ndjson_records(blocks: Iterator[bytes], name: str, options: ReadOptions) -> Iterator[Record]:
    """The records of the lines that come in ``blocks``; memory does not grow with their number.

    Blank lines are skipped, and counted as lines; a byte order mark at the start of a line is taken as
    the seam of joined files. With selectors a line is a document; where they find nothing in it, it is
    itself the record, its class untold. Raises :class:`SourceError` where the file is pretty-printed JSON.
    """
    offset, rest = utf8_blocks(blocks, name)
    lines = physical_lines(rest, options.limits.record_bytes)
    read_value = value_reader(options.limits)
    chosen = selection(options.selectors)
    selected = bool(options.selectors)
    # Most often every line is a record, and of one class: then none is asked for anything.
    plain = chosen.always if not chosen.keys and not chosen.each else None
    number = line_number = 0
    for line in chain(_head(lines, name, read_value), lines):
        line_number += 1
        start, offset = offset, offset + len(line) + 1
        if isinstance(line, Overlong):
            number += 1
            fault = too_long(len(line), options.limits).diagnostic(Location(name, line_number, 1))
            yield Unheld(None, name, number, line_number, start, fault=fault, size=len(line), sha256=line.sha256)
            continue
        line = line.removesuffix(b"\r")
        if line.startswith(BOM):
            line, start = line[len(BOM) :], start + len(BOM)
        try:
            data, broken = read_value(line), None
        except Unreadable as error:
            if not line.strip(_BLANK):
                continue
            data, broken = None, error
        if plain is not None and data.__class__ is dict:
            number += 1
            yield Record(data, name, number, line_number, start, None, line, plain.class_name)
            continue
        if not broken and not (selected and chosen.below(data)):
            number += 1
            yield Record(data, name, number, line_number, start, None, line, chosen.told(data)[1] if selected else None)
            continue
        whole = Found(0, len(line), "", None, data, broken)
        walk = Walk(line, chosen, read_value, options.limits, checked=not broken)
        places = Places(line, line_number)
        for found in _in_envelope(walk, whole) if selected else (whole,):
            number += 1
            yield found_record(found, line, places, name, number, start)


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


def _head(lines: Iterator[_Line], name: str, read_value: ReadValue) -> list[_Line]:
    """The first lines, once it is sure that the value of the first is not spread over several.

    A line that was cut short is a fault of that line alone, so the next line decides: it must go on
    where the first ends, and not be a value of its own.
    """
    head: list[_Line] = []
    first = _next_line(lines, head)
    if _trouble(first, read_value) != "truncated":
        return head
    second = _next_line(lines, head)
    goes_on = second and _trouble(second, read_value) == "broken"
    if goes_on and _trouble(first + b"\n" + second, read_value) != "broken":
        message = "the first line is the beginning of a value that goes on in the next"
        hint = "file is JSON, not NDJSON: read it as json"
        raise SourceError(Diagnostic("SRC008", message, Location(name, len(head) - 1), hint=hint))
    return head


def _next_line(lines: Iterator[_Line], head: list[_Line]) -> bytes:
    """The next line that is not blank, empty at the end of the input; all lines taken go to ``head``."""
    for line in lines:
        head.append(line)
        if isinstance(line, Overlong) or line.strip(_BLANK):
            return b"" if isinstance(line, Overlong) else line
    return b""


def _trouble(line: bytes, read_value: ReadValue) -> str:
    """Whether a line is JSON (``""``), ``broken``, or ``truncated``."""
    try:
        read_value(line)
    except Unreadable as fault:
        return "truncated" if fault.truncated else "broken" if fault.broken else ""
    return ""

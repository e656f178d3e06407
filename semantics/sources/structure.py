"""Where the records of a JSON document are: their exact bytes, found without building the document.

The walk goes down the paths of the selectors alone and jumps over everything else bracket by bracket, so the depth of
a record does not matter. What it jumps over is checked to be valid JSON too. Of a document that comes in blocks no
more is held than one value that may be a record, up to the limit of its size.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, NamedTuple

from semantics.sources.jump import BRACKET, PLAIN, TEXT, passed
from semantics.sources.options import Limits, Selector
from semantics.sources.selection import Selection, selection
from semantics.sources.values import (
    STRING,
    ReadValue,
    Unreadable,
    check_syntax,
    expected,
    not_utf8,
    pointer_part,
    too_long,
    twice,
    value_reader,
)
from semantics.sources.window import Window

__all__ = ["Found", "Selection", "Walk", "record_slices", "selection"]

_SPACE = re.compile(rb"[ \t\r\n]*+")


def _nested(levels: int) -> bytes:
    """A pattern of a list or object of at most ``levels`` levels, its brackets not told apart."""
    pattern = rb"[\[{]" + PLAIN + rb"(?:" + TEXT + PLAIN + rb")*+[\]}]"
    for _ in range(levels - 1):
        pattern = rb"[\[{]" + PLAIN + rb"(?:(?:" + TEXT + rb"|" + pattern + rb")" + PLAIN + rb")*+[\]}]"
    return pattern


_SHALLOW = re.compile(_nested(6), re.DOTALL)
_SCALAR = re.compile(TEXT + rb"|[-+.0-9A-Za-z]++", re.DOTALL)
_KEY = re.compile(rb"(" + STRING + rb")[ \t\r\n]*+(:?)[ \t\r\n]*+")
_PIECE: Final = 1 << 18
"""Bytes of a value that are held to be jumped over at once, or to be read before it is asked for its keys."""
_EARLY: Final = 1 << 20
"""Bytes of a value around records by which it is known whether it is one itself."""
_LONGEST: Final = 1 << 20
"""Bytes that a number may have."""
_HELD: Final = 500
"""What an element costs in memory, about, beside its bytes."""


@dataclass(slots=True)
class Found:
    """A record in a document: its bytes are ``document[start:end]``, its place is ``pointer`` (RFC 6901).

    ``fits``: a selector takes it; else it stands where records stand, but has not what they have. ``raw`` are its
    bytes, None where they are too many, and then ``sha256`` is their digest. ``line`` and, where there is a fault,
    ``column`` tell where it begins in the document.
    """

    start: int
    end: int
    pointer: str
    class_name: str | None
    data: Any
    fault: Unreadable | None = None
    fits: bool = False
    raw: bytes | None = None
    line: int = 1
    column: int = 1
    sha256: str = ""


def record_slices(document: bytes, selectors: Iterable[Selector]) -> Iterator[Found]:
    """The records that ``selectors`` find in a document, in the order of their first bytes.

    Raises :class:`Unreadable`, with an offset into ``document``, where the document is not JSON.

    >>> document = b'{"Data": {"Account": [{"id": 1}, {"id": 2}]}}'
    >>> from semantics.sources.options import EACH
    >>> selector = Selector(("Data", "Account", EACH), "Account")
    >>> [(document[found.start:found.end], found.pointer) for found in record_slices(document, [selector])]
    [(b'{"id": 1}', '/Data/Account/0'), (b'{"id": 2}', '/Data/Account/1')]
    """
    limits = Limits()
    return Walk(document, selection(selectors), value_reader(limits), limits).records()


class _Way(NamedTuple):
    """What is known on the way down to a node.

    ``listed``: an element of a selected list was passed. ``within``: the node is inside a record.
    ``checked``: its bytes were read already, so they are JSON.
    """

    listed: bool = False
    within: bool = False
    checked: bool = False


_Facts = dict[str, Any]
"""What is known of the keys of an object: their texts, None for null, and True for anything else."""


class Walk:
    """One walk through one document.

    ``recognised`` tells, at the end, whether the selectors found anything (an empty list is something).
    """

    def __init__(
        self, document: bytes | Window, chosen: Selection, read: ReadValue, limits: Limits, checked: bool = False,
        cut: bool = False,
    ) -> None:  # fmt: skip
        """Nothing is read before :meth:`records`.

        ``checked``: the document is known to be JSON; ``cut``: it is only the beginning of one.
        """
        self._window: Final = Window((), document) if isinstance(document, bytes) else document
        self.recognised = False
        self._chosen = chosen
        self._read = read
        self._limits = limits
        self._most = limits.record_bytes
        self._way = _Way(checked=checked)
        self._cut = cut
        self._count = 0  # what was found so far, fitting or not

    def records(self) -> Iterator[Found]:
        """The records in the order of their first bytes. Raises :class:`Unreadable`.

        Elements that fit no selector are records too, their class untold, so that nothing is lost
        uncounted - but only in a document that holds something the selectors look for, as far as that can be known
        before as many bytes as a record may have are held. A record over the limit comes after those inside of it,
        and so does one of more than a megabyte that begins without the keys which make it one.
        """
        held: list[Found] = []
        room = self._most
        for found in self._document():
            self.recognised |= found.fits
            if not self.recognised and room > 0:
                room -= len(found.raw or b"") + _HELD
                found.data = None
                held.append(found)
                continue
            if held:
                yield from self._again(held)
            yield found
        if self.recognised:
            yield from self._again(held)

    def _again(self, held: list[Found]) -> Iterator[Found]:
        for found in held:
            if found.fault is None and found.raw is not None:
                found.data = self._read(found.raw)
            yield found
        held.clear()

    # -- going down ----------------------------------------------------------------------------

    def _document(self) -> Iterator[Found]:
        window = self._window
        start = self._gap(window.base)
        first = self._first(start)
        if first and first not in b"[{":
            self._refuse_scalar(start)
        if first == b"[" and self._chosen.each is None:
            end = yield from self._elements(start, self._chosen, "", self._way, documents=True)
        else:
            end = yield from self._node(start, self._chosen, "", self._way)
        end = self._gap(end)
        if end != window.end:
            raise self._expected("the end of the document", end)

    def _node(self, start: int, chosen: Selection, pointer: str, way: _Way) -> Generator[Found, None, int]:
        """What is found at and below a value; returns its end."""
        if not chosen.ends:
            return (yield from self._inside(start, chosen, pointer, way))
        around = chosen.below_all and chosen.always is None  # most likely what is around records
        end = self._held(start, min(_EARLY, self._most) if around else self._most)
        if end is None and around and self._begins_as(start, chosen):
            end = self._held(start, self._most)
        if end is None:
            return (yield from self._large(start, chosen, pointer, way, way.listed))
        before, inside = self._count, way
        found = self._candidate(start, end, chosen, pointer)
        if found is not None:
            inside = way._replace(checked=True, within=way.within or found.fits)
            if found.fits:
                self._count += 1
                yield found
        if found is None or found.fault is not None or chosen.below(found.data):
            # Nothing more is asked for of what is held, so these bytes stay.
            yield from self._inside(start, chosen, pointer, inside)
        if way.listed and self._count == before:
            self._count += 1
            yield found or self._found(start, end, pointer)
        return end

    def _begins_as(self, start: int, chosen: Selection) -> bool:
        """Whether the keys among the first bytes of a value are those of a record."""
        at = start - self._window.base
        held = Walk(self._window.data[at : at + _EARLY], chosen, self._read, self._limits, cut=True)
        facts: _Facts = {}
        with suppress(Unreadable):  # it is cut
            held._learn(0, facts)
        return chosen.told(facts)[0]

    def _candidate(self, start: int, end: int, chosen: Selection, pointer: str) -> Found | None:
        """The value as a record, if it fits; None where it is large and does not, so that it need not be read."""
        if end - start > _PIECE and chosen.below_all and not chosen.told(self._facts(start))[0]:
            return None
        found = self._found(start, end, pointer)
        found.fits, found.class_name = chosen.told(self._facts(start) if found.fault else found.data)
        return found

    def _inside(
        self, start: int, chosen: Selection, pointer: str, way: _Way, facts: _Facts | None = None
    ) -> Generator[Found, None, int]:
        """What is found below a value; returns its end. ``facts`` is filled with what its keys tell."""
        first = self._first(start)
        if first == b"{" and (chosen.keys or facts is not None):
            return (yield from self._members(start, chosen, pointer, way, facts))
        if first == b"[" and chosen.each:
            return (yield from self._elements(start, chosen.each, pointer, way))
        return self._skip(start, way.checked)

    def _large(self, start: int, chosen: Selection, pointer: str, way: _Way, lone: bool) -> Generator[Found, None, int]:
        """What is found below a value over the limit, and then itself as a fault, if it is a record.

        It is one, too, if ``lone``, and nothing was found in it.
        """
        window, before = self._window, self._count
        facts: _Facts | None = {} if chosen.ends and chosen.always is None else None
        (line, column), digest = self._placed(start), window.digest(start)
        if chosen.ends and facts is None:
            way = way._replace(within=True)
        end = yield from self._inside(start, chosen, pointer, way, facts)
        fits, name = chosen.told(facts or {})
        told = digest.close(end)
        if fits or (lone and self._count == before):
            self._count += 1
            fault = too_long(end - start, self._limits) if end - start > self._most else _late(end - start)
            yield Found(start, end, pointer, name, None, fault, fits, None, line, column, told)
        return end

    def _members(
        self, start: int, chosen: Selection, pointer: str, way: _Way, facts: _Facts | None
    ) -> Generator[Found, None, int]:
        seen: set[str] = set()
        position, more = self._enter(start, b"}")
        while more:
            key, value = self._key(position)
            if not way.within:
                if key in seen:
                    raise twice(key, position, pointer + pointer_part(key), "SRC007", broken=True)
                seen.add(key)
                if len(seen) > self._limits.keys:
                    raise self._too_many_keys(position, pointer)
            if facts is not None:
                facts[key] = self._fact(value)
            below = chosen.under(key)
            if below and self._first(value) != b"n":
                end = yield from self._node(value, below, pointer + pointer_part(key), way)
            else:
                end = self._skip(value, way.checked)
            position, more = self._after(end, b"}")
        return position

    def _too_many_keys(self, position: int, pointer: str) -> Unreadable:
        message = f"an object of more than {self._limits.keys} keys (limit: {self._limits.raised_by('keys')})"
        return Unreadable("SRC022", message, position, pointer, broken=True)

    def _elements(
        self, start: int, below: Selection, pointer: str, way: _Way, documents: bool = False
    ) -> Generator[Found, None, int]:
        """The elements of a list; of the root list each is a document, and as it is where nothing is found in it."""
        way = way if documents else way._replace(listed=True)
        always = None if below.below_all else below.always
        index = 0
        position, more = self._enter(start, b"]")
        self.recognised |= not more
        while more:
            place = f"{pointer}/{index}"
            if always is not None:  # the common case, spared a generator for each element
                found = self._found(position, self._end(position, self._most), place)
                found.fits, found.class_name = True, always.class_name
                self._count += 1
                end = found.end
                yield found
            elif documents:
                end = yield from self._lone(position, below, place, way)
            else:
                end = yield from self._node(position, below, place, way)
            index += 1
            position, more = self._after(end, b"]")
        return position

    def _lone(self, start: int, chosen: Selection, pointer: str, way: _Way) -> Generator[Found, None, int]:
        """What is found in a document, which is a record as it is where that is nothing; returns its end."""
        before, end = self._count, self._held(start, self._most)
        if end is None:
            return (yield from self._large(start, chosen, pointer, way, True))
        yield from self._node(start, chosen, pointer, way)
        if self._count == before:
            self._count += 1
            yield self._found(start, end, pointer)
        return end

    # -- records -------------------------------------------------------------------------------

    def _found(self, start: int, end: int | None, pointer: str) -> Found:
        """The value that stands there, as a record; without an ``end`` it is too large to be held."""
        if end is None or end - start > self._most:
            return self._oversized(start, end, pointer)
        window = self._window
        line, base = window.line(start), window.base
        raw = window.data[start - base : end - base]
        try:
            return Found(start, end, pointer, None, self._read(raw), None, False, raw, line)
        except Unreadable as fault:
            fault.offset += start
            if fault.broken:
                raise
            self._check(start, end)
            line, column = window.place(start)
            return Found(start, end, pointer, None, None, fault.bare(), False, raw, line, column)

    def _oversized(self, start: int, end: int | None, pointer: str) -> Found:
        """A record over the limit, of which the digest is all that is kept."""
        window = self._window
        line, column = self._placed(start)
        if end is None:
            digest = window.digest(start)
            end = passed(window, start)
            told = digest.close(end)
        else:
            self._check(start, end)
            told = sha256(memoryview(window.data)[start - window.base : end - window.base]).hexdigest()
        fault = too_long(end - start, self._limits)
        return Found(start, end, pointer, None, None, fault, False, None, line, column, told)

    def _placed(self, start: int) -> tuple[int, int]:
        """The line and column of a value that begins there."""
        self._window.line(start)
        return self._window.place(start)

    def _value(self, start: int, end: int) -> Any:
        base = self._window.base
        try:
            return self._read(self._window.data[start - base : end - base])
        except Unreadable as fault:
            fault.offset += start
            raise

    def _facts(self, start: int) -> _Facts:
        """What the bytes of a value that is held tell of its keys."""
        facts: _Facts = {}
        self._learn(start, facts)
        return facts

    def _learn(self, start: int, facts: _Facts) -> None:
        """Fill ``facts``."""
        if self._first(start) != b"{":
            return
        position, more = self._enter(start, b"}")
        while more:
            key, value = self._key(position)
            facts[key] = self._fact(value)
            position, more = self._after(self._end(value, self._most) or self._window.end, b"}")

    def _fact(self, value: int) -> Any:
        first = self._first(value)
        if first != b'"':
            return None if first == b"n" else True
        end = self._end(value, self._most)
        return True if end is None else self._value(value, end)

    # -- the grammar outside of records --------------------------------------------------------

    def _first(self, position: int) -> bytes:
        """The byte at a position up to which all is held; none at the end of the document."""
        at = position - self._window.base
        return self._window.data[at : at + 1]

    def _enter(self, start: int, close: bytes) -> tuple[int, bool]:
        """Step into a list or object: its first item, or its end and False where it is empty."""
        position = self._gap(start + 1)
        if self._first(position) == close:
            return position + 1, False
        return position, True

    def _after(self, end: int, close: bytes) -> tuple[int, bool]:
        """Go on after an item: the next item, or the end of the list or object and False."""
        position = self._gap(end)
        mark = self._first(position)
        if mark == b",":
            return self._gap(position + 1), True
        if mark != close:
            raise self._expected(f"',' or '{close.decode()}'", position)
        return position + 1, False

    def _key(self, position: int) -> tuple[str, int]:
        """The key that stands at ``position``, and where its value begins."""
        window = self._window
        found = _KEY.match(window.data, position - window.base)
        # What ends with what is held may go on.
        while self._first(position) == b'"' and (found is None or found.end() == len(window.data)):
            if window.end - position > self._most or not window.more(position):
                break
            found = _KEY.match(window.data, position - window.base)
        if not found:
            raise self._expected("a key in quotes", position)
        if not found[2]:
            raise self._expected("':'", found.end() + window.base)
        return str(self._value(found.start(1) + window.base, found.end(1) + window.base)), found.end() + window.base

    def _skip(self, start: int, checked: bool) -> int:
        """Where a value ends that is not asked for."""
        end = self._end(start, _PIECE)
        if end is None:
            return passed(self._window, start)
        if not checked:
            self._check(start, end)
        return end

    def _held(self, start: int, most: int) -> int | None:
        """Where the value that begins at ``start`` ends, and all of it is held; None where it has more bytes."""
        end = self._end(start, most)
        return None if end is None or end - start > most else end

    def _end(self, start: int, room: int) -> int | None:
        """Where the value that begins at ``start`` ends, by its brackets alone, and all of it is held.

        None where it goes on after ``room`` bytes, and not all of it is held.
        """
        window = self._window
        at = start - window.base
        first = window.data[at : at + 1]
        if first not in (b"{", b"["):
            return self._end_of_scalar(start, room)
        if found := _SHALLOW.match(window.data, at):
            return found.end() + window.base
        level, position = 0, start
        while True:
            while found := BRACKET.match(window.data, position - window.base):
                position = found.end() + window.base
                level += 1 if found.lastindex else -1
                if not level:
                    return position
            if window.end - start > room:
                return None
            if not window.more(start):
                if not self._cut:
                    self._check(start, window.end)
                raise self._expected("a value", start)

    def _end_of_scalar(self, start: int, room: int) -> int | None:
        window = self._window
        while True:
            found = _SCALAR.match(window.data, start - window.base)
            end = found.end() + window.base if found else None
            if end is not None and end < window.end:
                return end
            if end is None and self._first(start) not in (b'"', b""):
                raise self._expected("a value", start)
            if window.end - start > room and self._first(start) == b'"':
                return None
            if window.end - start > _LONGEST and self._first(start) != b'"':
                raise Unreadable("SRC023", f"a number of more than {_LONGEST} bytes", start, broken=True)
            if not window.more(start):
                if end is None:
                    raise self._expected("a value", start)
                return end

    def _check(self, start: int, end: int) -> None:
        base = self._window.base
        try:
            check_syntax(self._window.data[start - base : end - base])
        except Unreadable as fault:
            fault.offset += start
            raise

    def _refuse_scalar(self, start: int) -> None:
        window = self._window
        while window.end - start <= self._most and window.more(start):
            pass
        if window.end - start <= self._most:
            self._check(start, window.end)
        message = "the root is one bare value: expected an object or a list of objects"
        raise Unreadable("SRC005", message, start, broken=True)

    def _gap(self, position: int) -> int:
        """The next position that is not white space; what stands there is held, unless the document ends."""
        window = self._window
        if self._first(position) > b" ":
            return position
        while True:
            found = _SPACE.match(window.data, position - window.base)
            position = found.end() + window.base if found else position
            if position < window.end or not window.more(position):
                return position

    def _expected(self, what: str, offset: int) -> Unreadable:
        window = self._window
        if window.end - offset < 4:
            window.more(offset)  # a character may be cut
        data, at = window.data, offset - window.base
        try:
            data[at : at + 4].decode()
        except UnicodeDecodeError as error:
            # Bytes that are not UTF-8 are named as that, not as the grammar's surprise at them.
            if not error.start and error.reason != "unexpected end of data":
                return _at(not_utf8(data, at), window.base)
        return _at(expected(what, at, data), window.base)


def _late(size: int) -> Unreadable:
    """A record around others does not tell so in time."""
    message = f"a record of {size} bytes around others, not known by the keys among its first {_EARLY} bytes"
    return Unreadable("SRC024", message, hint="--replay reads it by itself, from the same input")


def _at(fault: Unreadable, base: int) -> Unreadable:
    """A finding in a part of a text that begins at ``base``, as one in the whole."""
    fault.offset += base
    return fault

"""Where the records of a JSON document are: their exact bytes, found without building the document.

The walk goes down the paths of the selectors alone and jumps over everything else bracket by bracket,
so neither the depth of a record nor the size of the document matters. What it jumps over is checked to
be valid JSON too.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from semantics.sources.options import EACH, Limits, Selector
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

__all__ = ["Found", "Selection", "Walk", "record_slices", "selection"]

_SPACE = re.compile(rb"[ \t\r\n]*+")
_PLAIN = rb'[^"\[\]{}]*+'
_TEXT = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_BRACKET = re.compile(_PLAIN + rb"(?:" + _TEXT + _PLAIN + rb")*+(?:([\[{])|[\]}])", re.DOTALL)


def _nested(levels: int) -> bytes:
    """A pattern of a list or object of at most ``levels`` levels, its brackets not told apart."""
    pattern = rb"[\[{]" + _PLAIN + rb"(?:" + _TEXT + _PLAIN + rb")*+[\]}]"
    for _ in range(levels - 1):
        pattern = rb"[\[{]" + _PLAIN + rb"(?:(?:" + _TEXT + rb"|" + pattern + rb")" + _PLAIN + rb")*+[\]}]"
    return pattern


_SHALLOW = re.compile(_nested(6), re.DOTALL)
_SCALAR = re.compile(_TEXT + rb"|[-+.0-9A-Za-z]++", re.DOTALL)
_KEY = re.compile(rb"(" + STRING + rb")[ \t\r\n]*+(:?)[ \t\r\n]*+")


@dataclass(slots=True)
class Selection:
    """Selectors as a tree of steps: which end here, and which go on by which key or through each element."""

    ends: list[Selector] = field(default_factory=list)
    keys: dict[str, Selection] = field(default_factory=dict)
    each: Selection | None = None

    def below(self, data: Any) -> bool:
        """Whether anything inside of ``data`` could be selected."""
        if isinstance(data, dict):
            return bool(self.keys) and not self.keys.keys().isdisjoint(data)
        return isinstance(data, list)

    @property
    def always(self) -> Selector | None:
        """The selector that ends here and takes whatever stands here, if it comes before any that asks for keys."""
        first = self.ends[0] if self.ends else None
        asks = first is None or first.has or first.unless or first.class_by
        return None if asks else first

    def told(self, data: Any) -> tuple[bool, str | None]:
        """Whether a selector that ends here takes ``data`` for a record, and the class that it tells."""
        for selector in self.ends:
            if not selector.has and not selector.unless and not selector.class_by:
                return True, selector.class_name
            if not isinstance(data, dict) or any(data.get(key) is None for key in selector.has):
                continue
            if any(data.get(key) is not None for key in selector.unless):
                continue
            if not selector.class_by:
                return True, selector.class_name
            name = data.get(selector.class_by)
            if isinstance(name, str) and name:
                return True, name
        return False, None

    def at(self, pointer: str, data: Any) -> tuple[bool, str | None]:
        """:meth:`told` of the node at a pointer (RFC 6901) of a document, in whose root list it may be one of many."""
        steps = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
        if self.each is None and steps and steps[0].isdigit() and steps[0] not in self.keys:
            steps = steps[1:]
        node = self
        for step in steps:
            below = node.keys.get(step) or (node.each if step.isdigit() else None)
            if below is None:
                return False, None
            node = below
        return node.told(data)


def selection(selectors: Iterable[Selector]) -> Selection:
    """The tree of ``selectors``; none at all selects each document itself, its class untold."""
    root = Selection()
    for selector in tuple(selectors) or (Selector(),):
        node = root
        for step in selector.path:
            if step is EACH:
                node.each = node.each or Selection()
                node = node.each
            else:
                node = node.keys.setdefault(str(step), Selection())
        node.ends.append(selector)
    return root


@dataclass(slots=True)
class Found:
    """A record in a document: its bytes are ``document[start:end]``, its place is ``pointer`` (RFC 6901).

    ``fits``: a selector takes it; else it stands where records stand, but has not what they have.
    """

    start: int
    end: int
    pointer: str
    class_name: str | None
    data: Any
    fault: Unreadable | None = None
    fits: bool = False


def record_slices(document: bytes, selectors: Iterable[Selector]) -> Iterator[Found]:
    """The records that ``selectors`` find in a document, in the order of their first bytes.

    Raises :class:`Unreadable`, with an offset into ``document``, where the document is not JSON.

    >>> document = b'{"Data": {"Account": [{"id": 1}, {"id": 2}]}}'
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


class Walk:
    """One walk through one document.

    ``recognised`` tells, at the end, whether the selectors found anything (an empty list is something).
    """

    def __init__(
        self, document: bytes, chosen: Selection, read: ReadValue, limits: Limits, checked: bool = False
    ) -> None:
        """Nothing is read before :meth:`records`; ``checked``: the document is known to be JSON."""
        self.document: Final = document
        self.recognised = False
        self._chosen = chosen
        self._read = read
        self._limits = limits
        self._way = _Way(checked=checked)
        self._count = 0  # what was found so far, fitting or not

    def records(self) -> Iterator[Found]:
        """The records in the order of their first bytes. Raises :class:`Unreadable`.

        Elements that fit no selector are records too, their class untold, so that nothing is lost
        uncounted - but only in a document that holds something the selectors look for.
        """
        held: list[Found] = []
        for found in self._document():
            self.recognised |= found.fits
            if not self.recognised:
                held.append(replace(found, data=None))
                continue
            if held:
                yield from self._again(held)
            yield found
        if self.recognised:
            yield from self._again(held)

    def _again(self, held: list[Found]) -> Iterator[Found]:
        for found in held:
            yield self._found(found.start, found.end, found.pointer)
        held.clear()

    # -- going down ----------------------------------------------------------------------------

    def _document(self) -> Iterator[Found]:
        start = self._gap(0)
        first = self.document[start : start + 1]
        if first and first not in b"[{":
            self._refuse_scalar(start)
        if first == b"[" and self._chosen.each is None:
            end = yield from self._documents(start)
        else:
            end = yield from self._node(start, self._chosen, "", self._way)
        end = self._gap(end)
        if end != len(self.document):
            raise self._expected("the end of the document", end)

    def _node(self, start: int, chosen: Selection, pointer: str, way: _Way) -> Generator[Found, None, int]:
        """What is found at and below a value; returns its end."""
        end, before, found = 0, self._count, None
        if chosen.ends:
            end = self._end(start)
            found = self._found(start, end, pointer)
            way = way._replace(checked=True)
            found.fits, found.class_name = chosen.told(self._facts(found) if found.fault else found.data)
            if found.fits:
                self._count += 1
                way = way._replace(within=True)
                yield found
        first = self.document[start : start + 1]
        if first == b"{" and chosen.keys:
            end = yield from self._members(start, chosen.keys, pointer, way)
        elif first == b"[" and chosen.each:
            end = yield from self._elements(start, chosen.each, pointer, way)
        if found and way.listed and self._count == before:
            self._count += 1
            yield found
        return end or self._skip(start, way)

    def _members(self, start: int, keys: dict[str, Selection], pointer: str, way: _Way) -> Generator[Found, None, int]:
        seen: set[str] = set()
        position, more = self._enter(start, b"}")
        while more:
            key, value = self._key(position)
            if key in seen and not way.within:
                raise twice(key, position, pointer + pointer_part(key), "SRC007", broken=True)
            seen.add(key)
            below = keys.get(key)
            if below and not self.document.startswith(b"null", value):
                end = yield from self._node(value, below, pointer + pointer_part(key), way)
            else:
                end = self._skip(value, way)
            position, more = self._after(end, b"}")
        return position

    def _elements(self, start: int, below: Selection, pointer: str, way: _Way) -> Generator[Found, None, int]:
        way = way._replace(listed=True)
        always = below.always
        plain = always is not None and not below.keys and not below.each
        index = 0
        position, more = self._enter(start, b"]")
        self.recognised |= not more
        while more:
            place = f"{pointer}/{index}"
            if plain:  # the common case, spared a generator for each element
                end = self._end(position)
                found = self._found(position, end, place)
                found.fits, found.class_name = True, always.class_name if always else None
                self._count += 1
                yield found
            else:
                end = yield from self._node(position, below, place, way)
            index += 1
            position, more = self._after(end, b"]")
        return position

    def _documents(self, start: int) -> Generator[Found, None, int]:
        """The elements of a root list, each a document of its own; one in which nothing is found, as it is."""
        index = 0
        position, more = self._enter(start, b"]")
        self.recognised |= not more
        while more:
            before = self._count
            end = yield from self._node(position, self._chosen, f"/{index}", self._way)
            if self._count == before:
                self._count += 1
                yield self._found(position, end, f"/{index}")
            index += 1
            position, more = self._after(end, b"]")
        return position

    # -- records -------------------------------------------------------------------------------

    def _found(self, start: int, end: int, pointer: str) -> Found:
        limits = self._limits
        if end - start > limits.record_bytes:
            self._check(start, end)
            return Found(start, end, pointer, None, None, too_long(end - start, limits))
        try:
            return Found(start, end, pointer, None, self._value(start, end))
        except Unreadable as fault:
            if fault.broken:
                raise
            self._check(start, end)
            return Found(start, end, pointer, None, None, fault.bare())

    def _value(self, start: int, end: int) -> Any:
        try:
            return self._read(self.document[start:end])
        except Unreadable as fault:
            fault.offset += start
            raise

    def _facts(self, found: Found) -> dict[str, Any]:
        """What the bytes of a record that could not be read tell of its keys: their texts, and which are null."""
        facts: dict[str, Any] = {}
        if self.document.startswith(b"{", found.start):
            position, more = self._enter(found.start, b"}")
            while more:
                key, value = self._key(position)
                end = self._end(value)
                first = self.document[value : value + 1]
                facts[key] = self._value(value, end) if first == b'"' else None if first == b"n" else True
                position, more = self._after(end, b"}")
        return facts

    # -- the grammar outside of records --------------------------------------------------------

    def _enter(self, start: int, close: bytes) -> tuple[int, bool]:
        """Step into a list or object: its first item, or its end and False where it is empty."""
        position = self._gap(start + 1)
        if self.document.startswith(close, position):
            return position + 1, False
        return position, True

    def _after(self, end: int, close: bytes) -> tuple[int, bool]:
        """Go on after an item: the next item, or the end of the list or object and False."""
        position = self._gap(end)
        mark = self.document[position : position + 1]
        if mark == b",":
            return self._gap(position + 1), True
        if mark != close:
            raise self._expected(f"',' or '{close.decode()}'", position)
        return position + 1, False

    def _key(self, position: int) -> tuple[str, int]:
        """The key that stands at ``position``, and where its value begins."""
        found = _KEY.match(self.document, position)
        if not found:
            raise self._expected("a key in quotes", position)
        if not found[2]:
            raise self._expected("':'", found.end())
        return str(self._value(*found.span(1))), found.end()

    def _skip(self, start: int, way: _Way) -> int:
        end = self._end(start)
        if not way.checked:
            self._check(start, end)
        return end

    def _end(self, start: int) -> int:
        """Where the value that begins at ``start`` ends, by its brackets alone."""
        if self.document[start : start + 1] not in (b"{", b"["):
            found = _SCALAR.match(self.document, start)
            if not found:
                raise self._expected("a value", start)
            return found.end()
        if found := _SHALLOW.match(self.document, start):
            return found.end()
        level, position = 0, start
        while found := _BRACKET.match(self.document, position):
            position = found.end()
            level += 1 if found.lastindex else -1
            if not level:
                return position
        self._check(start, len(self.document))
        raise self._expected("a value", start)

    def _check(self, start: int, end: int) -> None:
        try:
            check_syntax(self.document[start:end])
        except Unreadable as fault:
            fault.offset += start
            raise

    def _refuse_scalar(self, start: int) -> None:
        self._check(start, len(self.document))
        message = "the root is one bare value: expected an object or a list of objects"
        raise Unreadable("SRC005", message, start, broken=True)

    def _gap(self, position: int) -> int:
        if self.document[position : position + 1] > b" ":
            return position
        found = _SPACE.match(self.document, position)
        return found.end() if found else position

    def _expected(self, what: str, offset: int) -> Unreadable:
        self._check_text(offset)
        return expected(what, offset, self.document)

    def _check_text(self, offset: int) -> None:
        """Bytes that are not UTF-8 are named as that, not as the grammar's surprise at them."""
        try:
            self.document[offset : offset + 4].decode()
        except UnicodeDecodeError as error:
            if not error.start and error.reason != "unexpected end of data":
                raise not_utf8(self.document, offset) from None

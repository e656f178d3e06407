"""Source ``xml``: records of an XML document, streamed by the paths of the selectors (XML 1.0, Namespaces 1.0).

The parser is expat, through the standard library. It says at which byte every tag stands, so that a rejected
record keeps its exact bytes and its place; libxml2 (lxml) does not, and was not faster (10 000 SIRI activities,
14 MB, as trees of Python objects: expat 0.26 s, lxml 0.28 s). An element is freed once its record is taken, so
memory holds one record.

Nothing outside of the document is ever opened: document type declarations are refused where they begin, before any
entity of theirs exists, and encodings other than UTF-8, UTF-16, ISO-8859-1 and US-ASCII are refused where they are
declared. What is not well-formed ends the reading, since nobody can tell what follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final
from xml.parsers import expat

from msgspec.structs import replace

from semantics.errors import Diagnostic, LimitError, Location, SourceError, escaped
from semantics.records import Record
from semantics.safe_xml import Danger, guarded_parser
from semantics.sources.elements import Element, Elements, Names
from semantics.sources.options import EACH, ReadOptions, Selector
from semantics.sources.selection import Selection
from semantics.sources.stream import Input
from semantics.sources.values import Unreadable, pointer_part, too_long

__all__ = ["read", "read_again", "xml_records"]

_HEAD: Final = 4
_TEXT_BLOCK: Final = 256 * 1024
_BINARY: Final = {
    b"\xff\xfe\x00\x00": "UTF-32 text",
    b"\x00\x00\xfe\xff": "UTF-32 text",
    b"PK\x03\x04": "a ZIP archive or a spreadsheet",
}
_UTF16: Final = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
_WRAPPER: Final = "replay"


def read(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The records of an XML file; see :func:`xml_records`."""
    return xml_records(source.blocks(options.limits), source.name, options)


def xml_records(blocks: Iterator[bytes], name: str, options: ReadOptions) -> Iterator[Record]:
    """The records of an XML document that comes in ``blocks``, in the order of their first bytes.

    The first step of a selector's path is the root element; ``[*]`` changes nothing, since an element that stands
    several times is a list, and ``*`` is any element. Without selectors the root element is the record. What cannot
    be told of a record is its fault. Raises :class:`SourceError` for what is not well-formed, has a document type
    declaration or holds none of the records looked for, and :class:`LimitError` where it is nested too deeply
    outside of records.

    >>> document = b'<rs><r id="1"><name>Ann</name></r><r id="2"/></rs>'
    >>> options = ReadOptions((Selector(("rs", "r", EACH), "Person"),))
    >>> ann, other = xml_records(iter([document]), "people.xml", options)
    >>> ann.data, ann.pointer, other.raw
    ({'id': '1', 'name': 'Ann'}, '/rs/r/0', b'<r id="2"/>')
    """
    document = _Document(name, options, _steps(options.selectors))
    head = b""
    for block in blocks:
        head += block
        if len(head) >= _HEAD:  # what tells the encoding comes in one piece
            yield from document.feed(head)
            head = b""
    if head:
        yield from document.feed(head)
    yield from document.close()


def read_again(raw: bytes, envelope: dict[str, Any], name: str, options: ReadOptions, class_name: str | None) -> Record:
    """A record by its bytes alone, with what its ``envelope`` says of the document around it; a fault if it is none."""
    encoding = str(envelope.get("encoding", "utf-8"))
    spaces = "".join(
        f' xmlns{":" if prefix else ""}{prefix}="{escape(iri)}"'
        for prefix, iri in envelope.get("namespaces", {}).items()
    )
    told = encoding.removesuffix("-le").removesuffix("-be")
    start = f'<?xml version="1.0" encoding="{told}"?><{_WRAPPER}{spaces}>'.encode(encoding)
    whole = start + raw + f"</{_WRAPPER}>".encode(encoding)
    inner = _Step(None, [Selector((), class_name)])
    document = _Document(name, options, _Step(None, below=[_Step(_WRAPPER, below=[inner])]))
    try:
        records = [*document.feed(whole), *document.close()]
    except SourceError as fault:
        return Record(None, fault=fault.diagnostics[0])
    if len(records) != 1:
        return Record(None, fault=Diagnostic("SRC050", "the bytes are not one element", Location(name)))
    return replace(records[0], pointer=None)


# -- where records are -----------------------------------------------------------------------------


@dataclass(slots=True)
class _Step:
    """A step of the selectors' paths: its name (None: any), which selectors end here, and which steps go on."""

    name: str | None = None
    ends: list[Selector] = field(default_factory=list)
    below: list[_Step] = field(default_factory=list)
    each: bool = False


def _steps(selectors: Sequence[Selector]) -> _Step:
    """The tree of the selectors' paths; a selector of the document itself means the root element."""
    root = _Step()
    for selector in tuple(selectors) or (Selector(),):
        node = root
        names = [None if step == "*" else str(step) for step in selector.path if step is not EACH]
        for name in names or [None]:
            found = next((other for other in node.below if other.name == name), None)
            if found is None:
                found = _Step(name)
                node.below.append(found)
            node = found
        node.ends.append(selector)
        node.each = node.each or selector.path[-1:] == (EACH,)
    return root


@dataclass(slots=True)
class _Level:
    """An open element on the way to records: its namespace, the steps it fits, its place, and its children by step."""

    home: str
    steps: list[_Step]
    pointer: str
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Found:
    """An element that may be a record: where it stands, and the records found inside of it."""

    element: Element
    ends: Selection
    start: int
    line: int
    pointer: str
    depth: int
    namespaces: dict[str, str]
    fault: Unreadable | None = None
    held: bool = True
    inside: list[_Taken] = field(default_factory=list)


@dataclass(slots=True)
class _Taken:
    """A record, all but its number."""

    data: Any
    line: int
    start: int
    pointer: str
    raw: bytes | None
    class_name: str | None
    fault: Unreadable | None
    envelope: dict[str, Any]


class _Document:
    """One document while it is read. Bytes are held from the first open record on, else from the last tag."""

    def __init__(self, name: str, options: ReadOptions, root: _Step) -> None:
        self._name = name
        self._limits = options.limits
        self._elements = Elements(options.layout, options.limits)
        self._names: Names = self._elements.names
        self._tell = options.told
        self._selectors = options.selectors
        self._pointed = any(selector.path for selector in options.selectors)
        self._encoding = "utf-8"
        self._wide: str | None = None
        self._parser = self._new_parser()
        self._bytes = bytearray()
        self._base = self._seen = 0
        self._levels: list[_Level] = [_Level("", [root], "")]
        self._stack: list[Element] = []
        self._open: list[_Found] = []
        self._ready: list[_Taken] = []
        self._spaces: list[tuple[str, str | None]] = []
        self._scope: dict[str, str] = {}
        self._depth = self._number = 0
        self._near: str | None = None
        self._reached = False
        self._hollow = False

    # -- bytes ---------------------------------------------------------------------------------

    def feed(self, block: bytes) -> Iterator[Record]:
        """Take a block; the records that end in it."""
        if not self._base and not self._bytes:
            self._begin(block)
        self._bytes += block
        self._parse(block, last=False)
        yield from self._numbered()
        self._seen = keep = max(self._seen, self._parser.CurrentByteIndex)
        waiting = self._base + len(self._bytes) - self._seen
        if waiting > self._limits.record_bytes + len(block):
            raise LimitError(too_long(waiting, self._limits).diagnostic(self._place()))
        if self._open and self._open[0].held:
            keep = self._open[0].start
            if self._seen - keep > self._limits.record_bytes:
                self._refuse(too_long(self._seen - keep, self._limits))
                keep = self._seen
        del self._bytes[: keep - self._base]
        self._base = keep

    def close(self) -> Iterator[Record]:
        """The end of the input; the records that are left."""
        if not self._base and not self._bytes:
            raise SourceError(Diagnostic("SRC002", "the input is empty: no XML element", Location(self._name)))
        self._parse(b"", last=True)
        yield from self._numbered()
        if not self._number and (self._near is not None or not self._reached):
            looked_for = "; ".join(map(str, self._selectors))
            hint = self._near or f"looked for records at: {looked_for}; a path begins with the root element"
            message = "the document holds none of the records looked for"
            raise SourceError(Diagnostic("SRC006", message, Location(self._name), hint=hint))

    def _begin(self, block: bytes) -> None:
        for mark, kind in _BINARY.items():
            if block.startswith(mark):
                message = f"expected XML, found {kind}, at byte 0"
                raise SourceError(Diagnostic("SRC003", message, Location(self._name)))
        self._wide = _UTF16.get(block[:2])
        self._encoding = self._wide or "utf-8"

    def _parse(self, block: bytes, *, last: bool) -> None:
        try:
            self._parser.Parse(block, last)
        except expat.ExpatError as error:
            raise self._broken(error) from None

    def _broken(self, error: expat.ExpatError) -> SourceError:
        byte = self._parser.ErrorByteIndex
        place = Location(self._name, error.lineno, error.offset + 1)
        said = expat.ErrorString(error.code)
        if error.code == expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN] and self._encoding == "utf-8":
            try:
                self._bytes[byte - self._base : byte - self._base + 4].decode()
            except UnicodeDecodeError as fault:
                if not fault.start and fault.reason != "unexpected end of data":
                    return SourceError(Diagnostic("SRC003", f"not UTF-8 (byte {byte})", place))
        return SourceError(Diagnostic("SRC050", f"not well-formed XML: {said} (byte {byte})", place))

    def _place(self) -> Location:
        return Location(self._name, self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1)

    # -- the parser ----------------------------------------------------------------------------

    def _new_parser(self) -> expat.XMLParserType:
        parser = guarded_parser(self._refused, outer_doctype=self._limits.doctype, declared=self._declared)
        parser.buffer_size = _TEXT_BLOCK
        parser.StartNamespaceDeclHandler = self._namespace
        parser.EndNamespaceDeclHandler = self._namespace_ends
        parser.StartElementHandler = self._outside
        parser.EndElementHandler = self._outside_ends
        return parser

    def _declared(self, encoding: str) -> None:
        self._encoding = self._wide or encoding

    def _refused(self, danger: Danger, message: str, hint: str) -> None:
        if danger is Danger.DOCTYPE:
            hint += "; --allow-doctype passes it over"
        code = "SRC052" if danger is Danger.ENCODING else "SRC051"
        raise SourceError(Diagnostic(code, message, self._place(), hint=hint))

    def _namespace(self, prefix: str | None, iri: str | None) -> None:
        self._spaces.append((prefix or "", self._scope.get(prefix or "")))
        self._scope = {**self._scope, prefix or "": iri or ""}
        if len(self._scope) > self._limits.attributes:
            raise LimitError(Diagnostic("SRC056", self._too_many(len(self._scope), "namespaces"), self._place()))

    def _namespace_ends(self, _prefix: str | None) -> None:
        prefix, before = self._spaces.pop()
        self._scope = {key: iri for key, iri in self._scope.items() if key != prefix}
        if before is not None:
            self._scope[prefix] = before

    def _too_many(self, count: int, what: str) -> str:
        return f"{count} {what} (limit: {self._limits.raised_by('attributes')})"

    # -- outside of records --------------------------------------------------------------------

    def _outside(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > self._limits.depth:
            message = f"nested more than {self._limits.depth} levels deep before any record"
            raise LimitError(Diagnostic("SRC055", message, self._place(), hint="--max-depth raises the limit"))
        level = self._below(self._levels[-1], tag)
        self._levels.append(level)
        if ends := _ends_of(level):
            self._begins(ends, Element(tag, attributes), level)
        elif len(attributes) > self._limits.attributes:
            raise LimitError(Diagnostic("SRC056", self._too_many(len(attributes), "attributes"), self._place()))

    def _outside_ends(self, _tag: str) -> None:
        self._depth -= 1
        self._levels.pop()

    def _below(self, parent: _Level, tag: str) -> _Level:
        """The level of an element under ``parent``: which steps it fits, and its place."""
        if not parent.steps:
            return _Level("", [], "")
        root = len(self._levels) == 1
        home = tag.rpartition("}")[0] if root else parent.home
        fits = [
            step
            for above in parent.steps
            for step in above.below
            if step.name is None or self._names.fits(step.name, tag, home)
        ]
        if not fits:
            self._nearly(parent, tag)
            return _Level("", [], "")
        key = self._names.key(tag, home)
        number = parent.counts.get(key, 0)
        parent.counts[key] = number + 1
        pointer = parent.pointer + pointer_part(key)
        if number or any(step.each for step in fits):
            pointer += f"/{number}"
        self._reached |= any(below.ends for step in fits for below in step.below)
        return _Level(tag.rpartition("}")[0], fits, pointer)

    def _nearly(self, parent: _Level, tag: str) -> None:
        """Remember an element of the right name in a namespace that is not known: a hint if nothing is found."""
        namespace, _, local = tag.rpartition("}")
        if namespace and any(step.name == local for above in parent.steps for step in above.below):
            where = escaped(namespace[:120])
            self._near = f"'{escaped(local[:60])}' stands there in namespace '{where}': declare it in the source schema"

    # -- inside of records ---------------------------------------------------------------------

    def _begins(self, ends: Selection, element: Element, level: _Level) -> None:
        parser = self._parser
        found = _Found(
            element, ends, parser.CurrentByteIndex, parser.CurrentLineNumber, level.pointer, len(self._levels),
            self._scope,
        )  # fmt: skip
        self._open.append(found)
        if len(self._open) > 1:
            return
        self._stack = [element]
        nested = any(step.below for step in level.steps)
        parser.StartElementHandler = self._inside_nested if nested else self._inside
        parser.EndElementHandler = self._inside_ends
        parser.CharacterDataHandler = self._text
        if len(element.attributes) > self._limits.attributes:
            self._refuse(Unreadable("SRC056", self._too_many(len(element.attributes), "attributes")))

    def _inside(self, tag: str, attributes: dict[str, str]) -> None:
        stack = self._stack
        element = Element(tag, attributes)
        stack[-1].children.append(element)
        stack.append(element)
        if len(stack) > self._limits.depth:
            self._refuse(Unreadable("SRC021", f"nested too deeply (limit: {self._limits.raised_by('depth')})"))
        elif len(attributes) > self._limits.attributes:
            self._refuse(Unreadable("SRC056", self._too_many(len(attributes), "attributes")))

    def _inside_nested(self, tag: str, attributes: dict[str, str]) -> None:
        """As :meth:`_inside`, where records may hold records."""
        self._inside(tag, attributes)
        if self._open[0].fault is None:
            level = self._below(self._levels[-1], tag)
            self._levels.append(level)
            if ends := _ends_of(level):
                self._begins(ends, self._stack[-1], level)

    def _text(self, text: str) -> None:
        self._stack[-1].parts.append(text)

    def _inside_ends(self, _tag: str) -> None:
        element = self._stack.pop()
        found = self._open[-1]
        if found.element is element:
            self._hollow = not element.children and not element.parts
            self._open.pop()
            self._levels.pop()
            self._ends(found)
        elif len(self._levels) > found.depth:
            self._levels.pop()

    def _refuse(self, fault: Unreadable) -> None:
        """Give up the record that is open: only its end is looked for, and of what it holds nothing is kept."""
        found = self._open[0]
        found.fault = found.fault or fault
        found.held = found.held and fault.code != "SRC024"
        if not self._stack:
            return
        found.inside.clear()
        del self._open[1:], self._levels[found.depth :]
        self._depth += len(self._stack) - 1
        self._hollow = len(self._stack) == 1 and not found.element.children and not found.element.parts
        self._stack = []
        parser = self._parser
        parser.StartElementHandler, parser.EndElementHandler = self._passed_over, self._passed_over_ends
        parser.CharacterDataHandler = self._passed_over_text

    def _passed_over(self, _tag: str, _attributes: dict[str, str]) -> None:
        self._depth += 1
        self._hollow = False

    def _passed_over_text(self, _text: str) -> None:
        self._hollow = False

    def _passed_over_ends(self, _tag: str) -> None:
        if self._depth == len(self._levels) - 1:
            found = self._open.pop()
            self._levels.pop()
            self._ends(found)
        else:
            self._depth -= 1

    # -- records -------------------------------------------------------------------------------

    def _ends(self, found: _Found) -> None:
        """An element that may be a record is whole: take it, and go on outside if no other is open."""
        taken = self._taken(found)
        ready = self._open[-1].inside if self._open else self._ready
        ready += ([taken] if taken is not None else []) + found.inside
        if not self._open:
            self._depth -= 1
            parser = self._parser
            parser.StartElementHandler, parser.EndElementHandler = self._outside, self._outside_ends
            parser.CharacterDataHandler = None

    def _taken(self, found: _Found) -> _Taken | None:
        """The record that an element is; None where no selector fits it, and others stand inside."""
        envelope: dict[str, Any] = {"format": "xml", "namespaces": found.namespaces}
        if self._encoding not in ("utf-8", "us-ascii"):
            envelope["encoding"] = self._encoding
        data, fault, class_name = None, found.fault, None
        end = self._end(found.start) if found.held else 0
        if fault is None and end - found.start > self._limits.record_bytes:
            fault, found.held = too_long(end - found.start, self._limits), False
        if fault is None:
            always = found.ends.always
            if always is not None and always.class_name is not None:
                class_name = always.class_name
            else:
                facts = self._elements.facts(found.element)
                fits, class_name = found.ends.told(facts)
                if not fits and found.inside:
                    return None
                if fits and class_name is None:
                    class_name = self._elements.typed(found.element) or self._class_of(facts)
            try:
                data = self._elements.record(found.element, class_name)
            except Unreadable as error:
                fault = error.bare()
        raw = bytes(self._bytes[found.start - self._base : end - self._base]) if found.held else None
        return _Taken(data, found.line, found.start, found.pointer, raw, class_name, fault, envelope)

    def _class_of(self, facts: dict[str, Any]) -> str | None:
        return self._tell([key for key, value in facts.items() if value is not None]) if self._tell else None

    def _end(self, start: int) -> int:
        """Where the element ends that has just ended; expat says where its end tag begins, if it has one."""
        position = self._parser.CurrentByteIndex
        encoding = self._wide or "ascii"
        if self._hollow:
            before = bytes(self._bytes[start - self._base : position - self._base])
            if before.endswith("/>".encode(encoding)):
                return position
        mark = ">".encode(encoding)
        return self._base + self._bytes.index(mark, position - self._base) + len(mark)

    def _numbered(self) -> Iterator[Record]:
        ready, self._ready = self._ready, []
        for taken in ready:
            self._number += 1
            pointer = taken.pointer if self._pointed else None
            fault, found = taken.fault, None
            if fault is not None:
                place = Location(self._name, taken.line, None, (pointer or "") + fault.pointer or None)
                found = fault.diagnostic(place)
            yield Record(
                taken.data, self._name, self._number, taken.line, taken.start, pointer, taken.raw,
                taken.class_name, found, taken.envelope,
            )  # fmt: skip


def _ends_of(level: _Level) -> Selection | None:
    """The selectors that may take the element of a level."""
    ends = [selector for step in level.steps for selector in step.ends]
    return Selection(ends) if ends else None

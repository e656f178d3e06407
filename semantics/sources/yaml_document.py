"""Source ``yaml``: a stream of YAML 1.2 documents, one after the other; a list is read item by item.

The parser is libyaml, by its events: syntax and nothing more. A document that is no list is held as a whole, so it has
the limit of a record; the items of a list, and the documents of a stream, may be any number.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Final

import yaml

from semantics.errors import Diagnostic, LimitError, Location, SourceError
from semantics.records import Record, Unheld
from semantics.sources.options import Limits, ReadOptions, Selector
from semantics.sources.selection import Selection, selection
from semantics.sources.stream import Input, utf8_blocks
from semantics.sources.values import pointer_part, too_long
from semantics.sources.yaml_nodes import Anchor, Anchors, Fault, Node, Unit, compose, size_of
from semantics.sources.yaml_text import YamlText

__all__ = ["read", "read_again", "yaml_records"]

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_HELD: Final = 500


def read(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The records of a YAML file; see :func:`yaml_records`."""
    return yaml_records(source.blocks(options.limits), source.name, options)


def yaml_records(blocks: Iterator[bytes], name: str, options: ReadOptions) -> Iterator[Record]:
    r"""The records of the YAML documents that come in ``blocks``, as the selectors find them.

    Without selectors a document is a record, or each item of the list that it is; empty documents are passed over. A
    record with a tag, a key twice, an alias to nothing and the like has a fault. Raises :class:`SourceError` for what
    is not YAML, holds no record that the selectors look for, or is wrong outside of records, and :class:`LimitError`
    for a document around records that is too large to be held.

    >>> text = b"- {id: 1, amount: 1.10}\n- id: 2\n  country: NO\n"
    >>> first, second = yaml_records(iter([text]), "in.yaml", ReadOptions())
    >>> first.data, second.data, second.line, second.raw
    ({'id': 1, 'amount': Decimal('1.10')}, {'id': 2, 'country': 'NO'}, 2, b'id: 2\n  country: NO')
    """
    skipped, rest = utf8_blocks(blocks, name)
    return _Stream(YamlText(rest, name, skipped, options.limits), options).records()


def read_again(raw: bytes, envelope: dict[str, Any], pointer: str, name: str, limits: Limits) -> Record:
    """A record by its bytes alone, with what its ``envelope`` says of the text around it; a fault if it is none."""
    text = YamlText(iter([b" " * int(envelope.get("indent", 0)) + raw]), name, 0, limits)
    known = {str(key): Anchor(data, size_of(data)) for key, data in dict(envelope.get("anchors", {})).items()}
    try:
        return _Stream(text, ReadOptions(limits=limits)).single(pointer, Anchors(known))
    except (SourceError, LimitError) as fault:
        return Record(None, fault=fault.diagnostics[0])


class _Stream:
    """One reading of one input."""

    def __init__(self, text: YamlText, options: ReadOptions) -> None:
        self._text, self._options, self._limits = text, options, options.limits
        self._name = text.name
        self._chosen = selection(options.selectors)
        self._events = self._parsed()
        self._recognised = False
        self._empty = True
        self._number = 0
        self._count = 0  # what was found so far, fitting or not

    def records(self) -> Iterator[Record]:
        """The records; those that fit nothing are held back as long as nothing was recognised, up to a limit."""
        held: list[Record] = []
        room = self._limits.record_bytes
        for fits, record in self._found():
            self._recognised |= fits
            if not self._recognised and room > 0:
                room -= len(record.raw or b"") + _HELD
                held.append(record)
                continue
            yield from held
            held.clear()
            yield record
        if self._empty:
            raise SourceError(Diagnostic("SRC002", "the input is empty: no YAML document", Location(self._name)))
        if not self._recognised:
            raise SourceError(_nothing_found(self._options.selectors, self._name))
        yield from held

    def single(self, pointer: str, anchors: Anchors) -> Record:
        """The one node of a text, as the record that stood at ``pointer``."""
        root = next(
            event for event in self._events if not isinstance(event, (yaml.StreamStartEvent, yaml.DocumentStartEvent))
        )
        unit = compose(root, self._events, self._text, selection(()), pointer, anchors, self._limits)
        return self._record(unit, pointer, unit.data, None)

    def _parsed(self) -> Iterator[Any]:
        """The events of the parser, which says what is not YAML."""
        text = self._text
        try:
            for event in yaml.parse(text, Loader=_Loader):
                text.given()
                yield event
        except yaml.MarkedYAMLError as fault:
            mark = fault.problem_mark or fault.context_mark
            place = Location(self._name, mark.line + 1, mark.column + 1) if mark else Location(self._name)
            said = (fault.problem or "the syntax is wrong").strip()
            raise SourceError(Diagnostic("SRC083", f"not YAML: {said}", place, hint=_hint(said))) from None
        except yaml.YAMLError as fault:
            said = str(getattr(fault, "reason", "")) or "the syntax is wrong"
            raise SourceError(Diagnostic("SRC083", f"not YAML: {said}", Location(self._name))) from None

    # -- what is found -----------------------------------------------------------------------------

    def _found(self) -> Iterator[tuple[bool, Record]]:
        """Each record, and whether a selector takes it."""
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                yield from self._document(next(self._events))

    def _document(self, root: Any) -> Iterator[tuple[bool, Record]]:
        anchors = Anchors()
        if isinstance(root, yaml.ScalarEvent) and root.implicit[0] and not root.value:
            return
        self._empty = False
        if not isinstance(root, yaml.SequenceStartEvent) or root.tag is not None:
            yield from self._unit(root, self._chosen, "", anchors, listed=False)
            return
        inner = self._chosen.each
        index = 0
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            yield from self._unit(event, inner or self._chosen, f"/{index}", anchors, listed=True, lone=inner is None)
            index += 1
        self._recognised |= not index

    def _unit(
        self, event: Any, chosen: Selection, pointer: str, anchors: Anchors, *, listed: bool, lone: bool = False
    ) -> Iterator[tuple[bool, Record]]:
        """What is found in a document or an item; the item itself where it is a record by itself (``lone``)."""
        unit = compose(event, self._events, self._text, chosen, pointer, anchors, self._limits)
        if not pointer and isinstance(event, yaml.ScalarEvent):
            message = "the root is one bare value: expected a mapping or a list"
            raise SourceError(Diagnostic("SRC005", message, Location(self._name, unit.root.line, unit.root.column)))
        if unit.large is not None:
            yield self._unheld(unit, chosen)
            return
        before = self._count
        told: list[str] = []
        for fits, at, data, class_name in self._walk(unit.data, chosen, pointer, listed and not lone):
            told.append(at)
            yield fits, self._record(unit, at, data, class_name)
        if lone and self._count == before:
            self._count += 1
            told.append(pointer)
            yield False, self._record(unit, pointer, unit.data, None)
        for fault in unit.faults:
            if not any(_within(fault.pointer, at) for at in told):
                raise SourceError(self._finding(fault))

    def _walk(
        self, data: Any, chosen: Selection, pointer: str, listed: bool
    ) -> Iterator[tuple[bool, str, Any, str | None]]:
        """(whether it fits, pointer, data, class) of each record at and below a node, as in a JSON document."""
        before = self._count
        if chosen.ends:
            fits, class_name = chosen.told(data)
            if fits:
                self._count += 1
                yield True, pointer, data, class_name
        if isinstance(data, dict):
            for key, value in data.items():
                below = chosen.under(key) if value is not None else None
                if below is not None:
                    yield from self._walk(value, below, pointer + pointer_part(key), listed)
        elif isinstance(data, list) and chosen.each is not None:
            self._recognised |= not data
            for index, item in enumerate(data):
                yield from self._walk(item, chosen.each, f"{pointer}/{index}", True)
        if chosen.ends and listed and self._count == before:
            self._count += 1
            yield False, pointer, data, None

    # -- records -----------------------------------------------------------------------------------

    def _record(self, unit: Unit, pointer: str, data: Any, class_name: str | None) -> Record:
        """A record with its bytes and place; one that an alias stands for has neither, but its data."""
        self._number += 1
        node = unit.root if pointer == unit.pointer else unit.nodes.get(pointer)
        found = next((fault for fault in unit.faults if _within(fault.pointer, pointer)), None)
        fault = self._finding(found) if found is not None else None
        if node is None:
            line = unit.root.line
            return Record(data, self._name, self._number, line, None, pointer or None, None, class_name, fault)
        byte, raw = self._text.piece(node.start, node.end)
        envelope = _envelope(unit, node)
        if len(raw) > self._limits.record_bytes:
            finding = too_long(len(raw), self._limits).diagnostic(self._place(node, pointer))
            return Unheld(
                None, self._name, self._number, node.line, byte, pointer or None, None, class_name, finding, envelope,
                len(raw), sha256(raw).hexdigest(),
            )  # fmt: skip
        if fault is not None:
            data = None
        return Record(
            data, self._name, self._number, node.line, byte, pointer or None, raw, class_name, fault, envelope
        )

    def _unheld(self, unit: Unit, chosen: Selection) -> tuple[bool, Record]:
        """A record that was too large to be held. Raises :class:`LimitError` where records may stand inside of it."""
        assert unit.large is not None
        place = self._place(unit.root, unit.pointer)
        end, digest = self._text.end(unit.root.end)
        size = end - unit.byte
        large = too_long(size, self._limits) if unit.large.code == "SRC024" else unit.large
        if chosen.below_all:
            message = f"{large.message}, in a document that is held as a whole"
            hint = "a list at the top is read item by item; NDJSON and JSON have no such limit"
            raise LimitError(Diagnostic("SRC082", message, place, hint=hint))
        self._number += 1
        always = chosen.always
        return always is not None, Unheld(
            None, self._name, self._number, unit.root.line, unit.byte, unit.pointer or None, None,
            always.class_name if always else None, large.diagnostic(place), _envelope(unit, unit.root), size, digest,
        )  # fmt: skip

    def _place(self, node: Node, pointer: str) -> Location:
        return Location(self._name, node.line, node.column, pointer or None)

    def _finding(self, fault: Fault) -> Diagnostic:
        return fault.finding.diagnostic(Location(self._name, fault.line, fault.column, fault.pointer or None))


def _within(pointer: str, above: str) -> bool:
    return pointer == above or pointer.startswith(above + "/")


def _envelope(unit: Unit, node: Node) -> dict[str, Any]:
    """What it takes to read the bytes of a node by themselves: their column, and what their aliases name elsewhere."""
    envelope: dict[str, Any] = {"format": "yaml", "indent": node.column - 1}
    named = {
        name: anchor.data
        for index, name, anchor in unit.aliases
        if node.start <= index < node.end and not node.start <= anchor.index < node.end
    }
    return envelope | ({"anchors": named} if named else {})


def _hint(said: str) -> str | None:
    if "mapping values are not allowed" in said:
        return "a value that holds ': ' must be quoted"
    if "cannot start any token" in said:
        return "indent with spaces, and quote a value that starts with a special character"
    return None


def _nothing_found(selectors: tuple[Selector, ...], name: str) -> Diagnostic:
    hint = f"looked for records at: {'; '.join(map(str, selectors))}"
    return Diagnostic("SRC006", "the documents hold none of the records looked for", Location(name), hint=hint)

"""One document of a YAML stream, or one item of the list that it is: events to plain data, and where records stand.

The core schema of YAML 1.2 and nothing more, as in schemas and mappings (:mod:`semantics.yaml_source`): no tags, no
merge keys, keys are text, a key stands once, aliases are bounded. Numbers with a point are :class:`~decimal.Decimal`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import yaml

from semantics.errors import Diagnostic, LimitError, Location, closest, escaped
from semantics.lexical import MAX_EXPONENT
from semantics.sources.options import Limits
from semantics.sources.selection import Selection
from semantics.sources.values import Unreadable, pointer_part, too_long, twice
from semantics.sources.yaml_text import YamlText
from semantics.yaml_source import LIMITS, Plain, core_scalar

__all__ = ["Anchor", "Anchors", "Fault", "Node", "Unit", "compose", "size_of"]

NODES: Final = 1_000_000
"""Nodes of one document, or of one item, at the most."""
_FOR_GOOD: Final = 1 << 62
_SEEN: Final = 1 << 16
"""Characters of a record that is too large which are held before they are dropped."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """What an anchor names: its data, how many nodes that is, and the character at which it stands (-1: elsewhere).

    ``length`` is how many characters it has.
    """

    data: Any
    size: int
    index: int = -1
    length: int = 0


_NOTHING: Final = Anchor(None, 0)


@dataclass(slots=True)
class Anchors:
    """The anchors of a document, and how many nodes and characters they name together."""

    known: dict[str, Anchor] = field(default_factory=dict)
    size: int = 0
    length: int = 0


@dataclass(slots=True)
class Node:
    """Where a node stands that may be a record: characters, line and column (from 1)."""

    start: int
    line: int
    column: int
    end: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at a place (line and column from 1), which is at ``pointer`` in the document."""

    pointer: str
    finding: Unreadable
    line: int
    column: int


@dataclass(slots=True)
class Unit:
    """What was composed: its data (None if it is too large), what is wrong in it, and the places of possible records.

    ``large`` says why it was not held. ``aliases`` tell for each alias the character where it stands, its name, and the
    anchor.
    """

    pointer: str
    root: Node
    byte: int
    data: Any = None
    large: Unreadable | None = None
    faults: list[Fault] = field(default_factory=list)
    nodes: dict[str, Node] = field(default_factory=dict)
    aliases: list[tuple[int, str, Anchor]] = field(default_factory=list)


@dataclass(slots=True)
class _Frame:
    """An open list or mapping: its items so far, what is looked for in it, the key that waits for a value, the last."""

    data: Any
    chosen: Selection | None
    node: Node | None
    anchor: str | None
    index: int
    count: int
    key: str | None = None
    last: str = ""


def size_of(data: Any) -> int:
    """How many nodes plain data has.

    >>> size_of({"a": [1, 2]})
    5
    """
    todo, size = [data], 0
    while todo:
        value = todo.pop()
        size += 1 + (len(value) if isinstance(value, dict) else 0)
        todo += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return size


def compose(
    event: Any, events: Iterator[Any], text: YamlText, chosen: Selection, pointer: str, anchors: Anchors,
    limits: Limits,
) -> Unit:  # fmt: skip
    """The node that begins with ``event``; the events up to its end are taken."""
    return _Composer(event, text, pointer, anchors, limits).unit_of(event, events, chosen)


class _Composer:
    """Builds one unit with an explicit stack, so that no depth can hurt."""

    def __init__(self, event: Any, text: YamlText, pointer: str, anchors: Anchors, limits: Limits) -> None:
        start = event.start_mark
        root = Node(start.index, start.line + 1, start.column + 1)
        self._unit = Unit(pointer, root, text.begin(start.index))
        self._text, self._anchors, self._limits = text, anchors, limits
        self._name = text.name
        self._stack: list[_Frame] = []
        self._end = start.index
        self._count = self._expanded = 0
        self._deaf = 0  # the level of the node of which nothing is built

    def unit_of(self, event: Any, events: Iterator[Any], chosen: Selection) -> Unit:
        unit, depth = self._unit, 0
        while True:
            kind = event.__class__
            if kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                if event.end_mark.index > event.start_mark.index:  # the end of a block has no bracket
                    self._end = event.end_mark.index
                if not self._deaf:
                    self._closed(self._stack.pop())
                self._deaf = 0 if self._deaf == depth else self._deaf
                depth -= 1
            else:
                self._end = max(self._end, event.end_mark.index)
                depth += kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent
                if not self._deaf:
                    self._taken(event, kind, chosen, depth)
                elif kind is yaml.AliasEvent and len(unit.aliases) < LIMITS["aliases"]:
                    self._note(event)  # whoever reads the record again with other limits needs it
            if unit.large is not None:
                if self._end - self._text.start > _SEEN:
                    self._text.shorten(self._end)
            elif self._end - unit.root.start > self._limits.record_bytes or self._count > NODES:
                self._too_large()
            if not depth:
                unit.root.end = self._end
                return unit
            event = next(events)

    def _too_large(self) -> None:
        """Hold nothing of the unit but a digest; its end is looked for."""
        unit = self._unit
        unit.large = Unreadable("SRC087", f"more than {NODES} nodes in one document")
        if self._count <= NODES:
            unit.large = too_long(self._end - unit.root.start, self._limits)
        unit.data, self._deaf = None, _FOR_GOOD
        unit.nodes.clear()
        unit.faults.clear()
        self._stack.clear()
        self._text.shorten(self._end)

    # -- nodes -------------------------------------------------------------------------------------

    def _taken(self, event: Any, kind: Any, chosen: Selection, depth: int) -> None:
        self._count += 1
        frame = self._stack[-1] if self._stack else None
        if (
            kind is not yaml.AliasEvent
            and event.tag is not None
            and not (kind is yaml.ScalarEvent and event.tag == "!")
        ):
            self._fault(event, "SRC084", f"the tag '{escaped(event.tag[:80])}'", "data is plain: leave the tag out")
        if frame is not None and frame.key is None and isinstance(frame.data, dict):
            self._key(frame, event, kind, depth)
        elif kind is yaml.ScalarEvent:
            value = self._scalar(event)
            self._place(event, frame, value, chosen)
            if event.anchor:
                self._anchor(event.anchor, value, 1, event.start_mark.index)
        elif kind is yaml.AliasEvent:
            self._place(event, frame, self._alias(event), chosen)
        elif depth > self._limits.depth:
            limit = self._limits.raised_by("depth")
            self._fault(event, "SRC021", f"nested more than {self._limits.depth} levels deep (limit: {limit})")
            self._place(event, frame, None, chosen)
            self._deaf = depth
        else:
            data: Any = {} if kind is yaml.MappingStartEvent else []
            below, node = self._place(event, frame, data, chosen)
            self._stack.append(_Frame(data, below, node, event.anchor, event.start_mark.index, self._count))

    def _place(
        self, event: Any, frame: _Frame | None, value: Any, chosen: Selection
    ) -> tuple[Selection | None, Node | None]:
        """Put a value where it belongs; what is looked for in it, and its place if it may be a record."""
        below: Selection | None = chosen
        if frame is not None:
            below = frame.chosen and (frame.chosen.under(frame.key) if frame.key is not None else frame.chosen.each)
        node = None
        if below is not None and below.ends:
            mark = event.start_mark
            node = Node(mark.index, mark.line + 1, mark.column + 1, event.end_mark.index)
            self._unit.nodes.setdefault(self._pointer(), node)
        if frame is None:
            self._unit.data = value
        elif frame.key is None:
            frame.data.append(value)
        else:
            if len(frame.data) < self._limits.keys:
                frame.data.setdefault(frame.key, value)
            frame.last, frame.key = frame.key, None
        return below, node

    def _closed(self, frame: _Frame) -> None:
        if frame.node is not None:
            frame.node.end = self._end
        if frame.anchor:
            self._anchor(frame.anchor, frame.data, self._count - frame.count + 1, frame.index)

    def _key(self, frame: _Frame, event: Any, kind: Any, depth: int) -> None:
        """The key of a mapping; after one that is no text its value follows all the same."""
        frame.key = ""
        if kind is not yaml.ScalarEvent:
            self._fault(event, "SRC085", "a key must be text", "quote the key")
            self._deaf = depth if kind is not yaml.AliasEvent else 0
            return
        frame.key = key = str(event.value)
        if key == "<<" and event.implicit[0]:
            self._fault(event, "SRC085", "merge keys ('<<') are not part of YAML 1.2", "write the keys out")
        if key in frame.data:
            self._fault(event, "SRC020", twice(key, 0, "", "SRC020").message)
        elif len(frame.data) == self._limits.keys:
            limit = self._limits.raised_by("keys")
            self._fault(event, "SRC022", f"an object of more than {self._limits.keys} keys (limit: {limit})")
        if event.anchor:
            self._anchor(event.anchor, key, 1, event.start_mark.index)

    def _scalar(self, event: Any) -> Any:
        text = event.value
        if not event.implicit[0]:
            return text
        try:
            value = core_scalar(text)
            if not isinstance(value, Plain):
                return value
            number = Decimal(value.text)
            if abs(number.adjusted()) <= MAX_EXPONENT:
                return number
        except (ValueError, ArithmeticError):
            if not text.lstrip("-+.")[:1].isdigit():
                hint = "quote it where text is meant"
                self._fault(event, "SRC023", "infinity, or not a number, is no number that can be kept", hint)
                return text
        self._fault(event, "SRC023", f"number out of range: its magnitude is beyond 10^{MAX_EXPONENT}")
        return None

    # -- anchors and aliases -----------------------------------------------------------------------

    def _anchor(self, name: str, data: Any, size: int, index: int) -> None:
        """Remember what an anchor names. Raises :class:`LimitError` where all of them together are too much to hold."""
        anchors, anchor = self._anchors, Anchor(data, size, index, self._end - index)
        older = anchors.known.get(name, _NOTHING)
        anchors.known[name] = anchor
        anchors.size += anchor.size - older.size
        anchors.length += anchor.length - older.length
        if anchors.size > LIMITS["nodes"] or anchors.length > self._limits.record_bytes:
            most = f"{LIMITS['nodes']} nodes, or {self._limits.record_bytes} bytes"
            message = f"the anchors of one document name more than {most}"
            raise LimitError(Diagnostic("SRC086", message, Location(self._name, self._unit.root.line)))

    def _note(self, event: Any) -> Anchor | None:
        """Remember where an alias stands, and what it is for."""
        anchor = self._anchors.known.get(event.anchor)
        if anchor is not None:
            self._unit.aliases.append((event.start_mark.index, event.anchor, anchor))
        return anchor

    def _alias(self, event: Any) -> Any:
        known = self._anchors.known
        anchor = self._note(event)
        if anchor is None:
            hint = closest(event.anchor, known)
            self._fault(event, "SRC086", f"the alias '*{escaped(event.anchor[:80])}' names no anchor before it", hint)
            return None
        self._expanded += anchor.size
        if len(self._unit.aliases) > LIMITS["aliases"] or self._expanded > LIMITS["nodes"]:
            message = f"more than {LIMITS['aliases']} aliases, or {LIMITS['nodes']} nodes by them"
            self._fault(event, "SRC086", message)
            return None
        self._count += anchor.size
        return anchor.data

    # -- what is wrong -----------------------------------------------------------------------------

    def _fault(self, event: Any, code: str, message: str, hint: str | None = None) -> None:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        self._unit.faults.append(Fault(self._pointer(), Unreadable(code, message, hint=hint), line, column))

    def _pointer(self) -> str:
        """The place of the node that is taken and not yet in its list or mapping."""
        parts = [str(len(frame.data) - 1) if isinstance(frame.data, list) else frame.last for frame in self._stack]
        if self._stack:
            last = self._stack[-1]
            parts[-1] = str(len(last.data)) if isinstance(last.data, list) else last.key or ""
        return self._unit.pointer + "".join(map(pointer_part, parts))

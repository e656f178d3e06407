"""Schemas and mappings are read here: YAML 1.2 core, nothing more, and every node keeps its place.

Built on libyaml's events rather than on a loader that makes objects, so that aliases, tags,
duplicate keys and depth are judged before anything is built, and so that ``NO`` stays text.
The document's size, depth and number of nodes are bounded (see :data:`LIMITS`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import yaml

from semantics.errors import DefinitionError, Diagnostic, Location, closest
from semantics.kept import noted, traced
from semantics.unsaved import bytes_of

__all__ = ["LIMITS", "Mark", "MarkedDocument", "Plain", "core_scalar", "each_once", "made_of", "read_yaml"]

LIMITS: Final = {"bytes": 4_000_000, "depth": 64, "nodes": 100_000, "aliases": 100}

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Only integers in canonical form are numbers: 007 and 0x10 stay the text that was written.
_INTEGER = re.compile(r"0|-?[1-9][0-9]*")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_A_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: Final[dict[str, bool | None]] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip

_FORMS: Final[dict[type, str]] = {list: "a list", type(None): "empty"}

_KNOWN: Final[ContextVar[dict[tuple[bytes, str | None], MarkedDocument] | None]] = ContextVar("known", default=None)
_MADE: Final[ContextVar[dict[Hashable, tuple[tuple[Any, Mapping[Path, bytes | None]], ...]] | None]] = ContextVar(
    "made", default=None
)

Path_ = tuple[str | int, ...]
Made = TypeVar("Made")
ErrorT = TypeVar("ErrorT", bound=DefinitionError)


class Plain(Decimal):
    """A decimal number as YAML wrote it: ``1.10`` stays ``1.10`` where text is wanted."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Plain:
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Plain({self.text!r})"


class Mark(NamedTuple):
    """Where a node stands (1-based), and whether it is a plain (unquoted) scalar."""

    line: int
    column: int
    end_line: int
    end_column: int
    plain: bool = False


@dataclass(frozen=True)
class MarkedDocument:
    """Plain data, with the place of every key and value by its path."""

    data: dict[str, Any]
    file: str | None
    text: str = ""
    keys: dict[Path_, Mark] = field(default_factory=dict)
    values: dict[Path_, Mark] = field(default_factory=dict)

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text."""
        return self.text.splitlines()

    def location(self, path: Path_, *, key: bool = True) -> Location:
        """The place of the key at ``path`` (or of its value), or of its nearest known ancestor."""
        tables = (self.keys, self.values) if key else (self.values, self.keys)
        for length in range(len(path), -1, -1):
            for table in tables:
                if mark := table.get(path[:length]):
                    return Location(self.file, mark.line, mark.column)
        return Location(self.file)

    def within(self, path: Path_, text: str, offset: int) -> Location:
        """The place of the character at ``offset`` of a text that stands at ``path``, as its value or as its key.

        Exact where the text stands on one line as it is, plain or in quotes; else where it starts.

        >>> from semantics.errors import SchemaError
        >>> document = read_yaml("a: 'b + c'", error=SchemaError)
        >>> document.within(("a",), "b + c", 4)
        Location(file=None, line=1, column=9, pointer=None)
        """
        tables = (self.values, self.keys) if path and path[-1] == text else (self.values,)
        for table in tables:
            mark = table.get(path)
            start = None if mark is None else self._start(mark, text)
            if mark is not None and start is not None:
                return Location(self.file, mark.line, start + offset)
        return self.location(path, key=len(tables) == 2)

    def _start(self, mark: Mark, text: str) -> int | None:
        """The column at which a text begins in its scalar, where it is written there character by character."""
        lines = self.lines
        if mark.line != mark.end_line or mark.line > len(lines):
            return None
        written = lines[mark.line - 1][mark.column - 1 : mark.end_column - 1]
        if mark.plain:
            return mark.column if written == text else None
        return mark.column + 1 if written[:1] in ("'", '"') and written[1:-1] == text else None

    def line_of(self, path: Path_) -> str:
        """The text of the line that holds ``path``, stripped: what a diagnostic quotes."""
        line = self.location(path).line
        lines = self.lines
        return lines[line - 1].strip()[:120] if line and line <= len(lines) else ""


def core_scalar(text: str) -> bool | int | Plain | str | None:
    """A plain scalar by the YAML 1.2 core schema (section 10.3.2).

    Raises :class:`ValueError` for infinity and for what is not a number.

    >>> core_scalar("NO"), core_scalar("true"), core_scalar("1.10"), core_scalar("0x10"), core_scalar("~")
    ('NO', True, Plain('1.10'), '0x10', None)
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return Plain(text)
    if _NOT_A_NUMBER.fullmatch(text):
        raise ValueError("not a number that can be kept")
    return text


def read_yaml(source: Path | str | bytes, *, file: str | None = None, error: type[ErrorT]) -> MarkedDocument:
    """Read one YAML document whose root is a mapping.

    ``source`` is a path, or the text itself (``file`` then names it in messages). Raises ``error``
    with a code ``YAML0nn`` for anything that is not YAML 1.2 core within the limits.

    >>> from semantics.errors import SchemaError
    >>> read_yaml("a: {NO: 1.10}", error=SchemaError).data
    {'a': {'NO': Plain('1.10')}}
    """
    if isinstance(source, Path):
        file = file or str(source)
        noted(source)
        try:
            raw = bytes_of(source)
        except OSError as fault:
            reason = fault.strerror or "cannot be read"
            raise error(Diagnostic("YAML001", f"cannot read the file: {reason}", Location(file))) from None
    else:
        raw = source.encode() if isinstance(source, str) else source
    known, key = _KNOWN.get(), (raw, file)
    document = None if known is None else known.get(key)
    if document is None:
        document = _Reader(_decoded(raw, file, error), file, error).document()
        if known is not None:
            known[key] = document
    return document


def made_of(key: Hashable, make: Callable[[], Made]) -> Made:
    """What ``make`` makes under a key, of the files that it looks at; within :func:`each_once` it is kept.

    It is made again when one of the files holds something else; the one before is kept as well.
    """
    known = _MADE.get()
    if known is None:
        return make()
    found = known.get(key, ())
    for each in found:
        if all(_held(path) == held for path, held in each[1].items()):
            for path in each[1]:
                noted(path)
            made: Made = each[0]
            return made
    with traced() as seen:
        fresh = make()
    known[key] = ((fresh, {path: _held(path) for path in seen}), *found[:1])
    return fresh


def _held(path: Path) -> bytes | None:
    """What a file holds; None where there is none."""
    try:
        return bytes_of(path)
    except (OSError, ValueError):
        return None


@contextmanager
def each_once() -> Iterator[None]:
    """Within it, a text that is read again under the same name is the document that was made of it the first time.

    >>> from semantics.errors import SchemaError
    >>> with each_once():
    ...     read_yaml("a: 1", error=SchemaError) is read_yaml("a: 1", error=SchemaError)
    True
    """
    tokens = _KNOWN.set({}), _MADE.set({})
    try:
        yield
    finally:
        _KNOWN.reset(tokens[0])
        _MADE.reset(tokens[1])


def _decoded(raw: bytes, file: str | None, error: type[DefinitionError]) -> str:
    place = Location(file)
    if len(raw) > LIMITS["bytes"]:
        raise error(Diagnostic("YAML002", f"the file is larger than {LIMITS['bytes']} bytes", place))
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise error(Diagnostic("YAML003", "the file is UTF-16; write it as UTF-8", place))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        before = raw[: fault.start].decode("utf-8-sig").rpartition("\n")
        place = Location(file, before[0].count("\n") + bool(before[1]) + 1, len(before[2]) + 1)
        message = f"byte {fault.start} is not UTF-8"
        raise error(Diagnostic("YAML003", message, place, "save the file as UTF-8")) from None


class _Reader:
    """Builds one document from libyaml's events with an explicit stack, so depth cannot hurt."""

    def __init__(self, text: str, file: str | None, error: type[DefinitionError]) -> None:
        self.text, self.file, self.error = text, file, error
        self.keys: dict[Path_, Mark] = {}
        self.values: dict[Path_, Mark] = {}
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.nodes = 0
        self.aliases = 0

    def fail(self, code: str, message: str, mark: Any, hint: str | None = None) -> None:
        place = Location(self.file, mark.line + 1, mark.column + 1) if mark else Location(self.file)
        raise self.error(Diagnostic(code, message, place, hint))

    def document(self) -> MarkedDocument:
        try:
            data = self._compose()
        except yaml.MarkedYAMLError as fault:
            problem = (fault.problem or "not YAML").strip()
            hint = None
            if "mapping values are not allowed" in problem:
                hint = "a value that holds ': ' must be quoted"
            elif "cannot start any token" in problem:
                hint = "indent with spaces, and quote a value that starts with a special character"
            conflict = re.search(r"^<{7} ", self.text, re.MULTILINE)
            if conflict is not None:
                number = self.text.count("\n", 0, conflict.start()) + 1
                hint = f"line {number} begins a merge conflict: settle it"
            self.fail("YAML004", problem, fault.problem_mark or fault.context_mark, hint)
        except yaml.YAMLError as fault:
            self.fail("YAML004", str(fault).splitlines()[0], None)
        if not isinstance(data, dict):
            what = f"{_FORMS.get(type(data), 'a single value')}" if self.values else "nothing"
            place = self.values.get((), None)
            raise self.error(Diagnostic(
                "YAML005", f"the document must be a mapping (key: value), and it is {what}",
                Location(self.file, place.line if place else 1, place.column if place else 1),
            ))  # fmt: skip
        return MarkedDocument(data, self.file, self.text, self.keys, self.values)

    def _compose(self) -> Any:
        root: Any = None
        documents = 0
        # One frame an open collection: [container, path, pending key or None, event, nodes before it].
        stack: list[list[Any]] = []
        for event in yaml.parse(self.text, Loader=_Loader):
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._tag(event)
                value = self._scalar(event, as_key=self._wants_key(stack))
                if not stack:
                    root = value
                self._add(stack, value, event)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self._tag(event)
                if len(stack) >= LIMITS["depth"]:
                    self.fail("YAML007", f"nested deeper than {LIMITS['depth']} levels", event.start_mark)
                if self._wants_key(stack):
                    self.fail("YAML008", "a key must be a scalar", event.start_mark, "quote the key")
                fresh: Any = {} if kind is yaml.MappingStartEvent else []
                path = self._add(stack, fresh, event)
                if not stack:
                    root = fresh
                stack.append([fresh, path, None, event, self.nodes])
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                frame = stack.pop()
                anchor = frame[3].anchor
                if anchor:
                    self.anchors[anchor] = (frame[0], self.nodes - frame[4] + 1)
            elif kind is yaml.AliasEvent:
                self._add(stack, self._alias(event), event, tainted=True)
            elif kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    self.fail("YAML006", "a second document starts here; one is allowed", event.start_mark)
        return root

    def _wants_key(self, stack: list[list[Any]]) -> bool:
        return bool(stack) and stack[-1][2] is None and type(stack[-1][0]) is dict

    def _add(self, stack: list[list[Any]], value: Any, event: Any, *, tainted: bool = False) -> Path_:
        self.nodes += 1
        if self.nodes > LIMITS["nodes"]:
            self.fail("YAML009", f"more than {LIMITS['nodes']} nodes", event.start_mark)
        mark = _mark(event)
        if not stack:
            self.values[()] = mark
            return ()
        container, path, key, _, _ = stack[-1]
        if type(container) is list:
            here = (*path, len(container))
            container.append(value)
            self.values[here] = mark
            return here
        if key is None:
            if tainted or not isinstance(value, str):
                self.fail("YAML008", "a key must be text", event.start_mark, "quote the key")
            if value == "<<" and mark.plain:
                self.fail("YAML010", "merge keys ('<<') are not part of YAML 1.2", event.start_mark,
                          "write the keys out")  # fmt: skip
            here = (*path, value)
            if value in container:
                first = self.keys[here].line
                self.fail("YAML011", f"key '{value}' stands twice (first on line {first})", event.start_mark)
            self.keys[here] = mark
            container[value] = None
            stack[-1][2] = value
            return here
        here = (*path, key)
        container[key] = value
        self.values[here] = mark
        stack[-1][2] = None
        return here

    def _alias(self, event: Any) -> Any:
        if event.anchor not in self.anchors:
            self.fail("YAML012", f"alias '*{event.anchor}' names no anchor before it", event.start_mark,
                      closest(event.anchor, self.anchors))  # fmt: skip
        self.aliases += 1
        value, size = self.anchors[event.anchor]
        self.nodes += size
        if self.aliases > LIMITS["aliases"] or self.nodes > LIMITS["nodes"]:
            message = f"more than {LIMITS['aliases']} aliases, or {LIMITS['nodes']} nodes by them"
            self.fail("YAML009", message, event.start_mark)
        return value

    def _tag(self, event: Any) -> None:
        if event.tag is not None and not (type(event) is yaml.ScalarEvent and event.tag == "!"):
            self.fail("YAML013", f"tag '{event.tag}' is not allowed here", event.start_mark,
                      "schemas and mappings are plain data: leave the tag out")  # fmt: skip

    def _scalar(self, event: Any, *, as_key: bool) -> Any:
        text = event.value
        value: Any = text
        if event.implicit[0] and not as_key:
            value = self._core(text, event)
        if event.anchor:
            self.anchors[event.anchor] = (value, 1)
        return value

    def _core(self, text: str, event: Any) -> Any:
        try:
            return core_scalar(text)
        except ValueError:
            self.fail("YAML014", f"'{text}' is not a number that can be kept", event.start_mark,
                      "quote it where text is meant")  # fmt: skip


def _mark(event: Any) -> Mark:
    start, end = event.start_mark, event.end_mark
    plain = type(event) is yaml.ScalarEvent and event.style in (None, "")
    return Mark(start.line + 1, start.column + 1, end.line + 1, end.column + 1, plain)

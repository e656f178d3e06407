"""What a reader is told: which nodes are records, how a table's columns are read, and the limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from semantics.errors import Diagnostic, UsageError

if TYPE_CHECKING:
    from semantics.plan.model import Layout
    from semantics.plan.tables import TableDialect

__all__ = [
    "EACH",
    "MAX_DEPTH",
    "Each",
    "Limits",
    "ReadOptions",
    "Selector",
    "TableShape",
    "parse_selector_path",
    "selector_text",
]

MAX_DEPTH: Final = 200
"""The deepest nesting that the JSON parser takes; ``--max-depth`` cannot go beyond it."""


class Each(Enum):
    """The step ``[*]`` of a selector's path: every element of a list."""

    ELEMENT = "[*]"


EACH: Final = Each.ELEMENT
"""The one value of :class:`Each`."""

Step = str | Each

_BARE = r"[^\s.\[\]\"]+"
_STEP = re.compile(rf'\[\*\]|"((?:[^"\\]|\\["\\])*)"|({_BARE})')
_BARE_KEY = re.compile(_BARE)
_JSONPATH_ROOT = re.compile(r"\$(?=[.\[]|$)")


@dataclass(frozen=True, slots=True)
class Limits:
    """How large an input may get; every limit is raised by the operator alone.

    Sizes are in bytes. ``depth`` counts the levels of lists and objects in a record, ``keys`` the keys
    of one object, ``attributes`` those of an XML element, ``gzip_ratio`` the bytes that one compressed byte may give
    once ``gzip_free`` bytes are out. ``doctype``: whether XML may have a document type declaration, one that
    declares nothing.
    """

    record_bytes: int = 16_000_000
    depth: int = 128
    keys: int = 10_000
    field_bytes: int = 8_000_000
    gzip_ratio: int = 200
    gzip_free: int = 10_000_000
    attributes: int = 1_000
    doctype: bool = False

    def __post_init__(self) -> None:
        """Refuse limits that nothing could hold to (:class:`UsageError`, ``SRC015``)."""
        for option in ("record_bytes", "depth", "keys", "field_bytes", "gzip_ratio", "attributes"):
            if getattr(self, option) < 1:
                raise UsageError(Diagnostic("SRC015", f"{_option(option)} must be at least 1"))
        if self.depth > MAX_DEPTH:
            raise UsageError(Diagnostic("SRC015", f"{_option('depth')} can be {MAX_DEPTH} at most"))

    def raised_by(self, limit: str) -> str:
        """The value of a limit and the option that raises it, as an error text says it.

        >>> Limits().raised_by("depth")
        '128; --max-depth raises it'
        """
        return f"{getattr(self, limit)}; {_option(limit)} raises it"


def _option(limit: str) -> str:
    return "--max-" + limit.replace("_", "-")


@dataclass(frozen=True, slots=True)
class Selector:
    """Which nodes of a document are records, and of which source class.

    ``path`` goes from the root of the document: keys, and :data:`EACH` for every element of a list.
    ``has`` are keys that the object must have with a value that is not null, ``unless`` keys that it must
    not have so. ``class_by`` is the key whose text names the class of the record; without it the class is
    ``class_name`` (None: untold).
    """

    path: tuple[Step, ...] = ()
    class_name: str | None = None
    class_by: str | None = None
    has: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    def __str__(self) -> str:
        wanted = [f"'{key}'" for key in (*self.has, *filter(None, (self.class_by,)))]
        where = f"'{selector_text(self.path)}'" if self.path else "the document itself"
        text = f"{where} with {', '.join(wanted)}" if wanted else where
        return text + (f" without {', '.join(repr(key) for key in self.unless)}" if self.unless else "")


def parse_selector_path(text: str) -> tuple[Step, ...]:
    r"""The steps of a written path. Raises :class:`UsageError` (``SRC013``).

    Keys are joined by ``.``; ``[*]`` is each element of a list; a key with a space, dot, bracket or
    quote stands in double quotes, where ``\"`` and ``\\`` are a quote and a backslash.

    >>> parse_selector_path("Data.Account[*]")
    ('Data', 'Account', <Each.ELEMENT: '[*]'>)
    >>> parse_selector_path('"a.b".c'), parse_selector_path("")
    (('a.b', 'c'), ())
    """
    steps: list[Step] = []
    position = 0
    if _JSONPATH_ROOT.match(text):
        raise _bad_path(text, 0, "a path starts at the document: leave out '$'")
    while position < len(text):
        if steps and text[position] == ".":
            position += 1
        elif steps and text[position] != "[":
            raise _bad_path(text, position, "keys are joined by '.'")
        found = _STEP.match(text, position)
        if not found or (found[0] == "[*]" and text[position - 1 : position] == "."):
            raise _bad_path(text, position, 'the path is like Data.Account[*] or "a key".item')
        quoted, bare = found.groups()
        step = bare if quoted is None else re.sub(r'\\(["\\])', r"\1", quoted)
        steps.append(EACH if step is None else step)
        position = found.end()
    return tuple(steps)


def _bad_path(text: str, position: int, hint: str) -> UsageError:
    message = f"not a path of records, at character {position + 1}"
    return UsageError(Diagnostic("SRC013", message, hint=hint, found=text))


def selector_text(path: tuple[Step, ...]) -> str:
    """A path as it is written; the reverse of :func:`parse_selector_path`.

    >>> selector_text(("entry", EACH, "a b"))
    'entry[*]."a b"'
    """
    text = ""
    for step in path:
        if isinstance(step, Each):
            text += step.value
            continue
        plain = _BARE_KEY.fullmatch(step) and not (not text and step == "$")
        quoted = step.replace("\\", "\\\\").replace('"', '\\"')
        text += ("." if text else "") + (step if plain else f'"{quoted}"')
    return text


@dataclass(frozen=True, slots=True)
class TableShape:
    """What the columns of a table are: the class of its rows, and what reads the cells of each column.

    A converter takes the text of a cell that is not empty and returns its value or raises
    :class:`semantics.lexical.LexicalError`; None keeps the text. An empty cell is null, but a text in
    the columns of ``keeps_empty``. ``objects`` are columns whose slots hold objects: a text in them is JSON, in
    tables that know NULL and types (SQL), which have no need of the rule for empty cells. ``paths``: where the value of
    each column stands in the record, if not under its name.
    """

    class_name: str | None
    converters: tuple[Callable[[str], Any] | None, ...]
    keeps_empty: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()
    paths: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Everything a reader is told beside the bytes.

    ``tabular`` is called with the header and the name of a table and says what its columns are, or
    raises :class:`SourceError`; without it every cell is text. ``dialect`` is how a table is written, where it is told.
    ``layout`` says how documents whose values are text are read; ``told`` gives the class of a record that no
    selector tells, by its keys, or None. ``table`` and ``query`` say what is read of a database.
    """

    selectors: tuple[Selector, ...] = ()
    tabular: Callable[[tuple[str, ...], str], TableShape] | None = None
    limits: Limits = field(default_factory=Limits)
    dialect: TableDialect | None = None
    layout: Layout | None = None
    told: Callable[[Collection[str]], str | None] | None = None
    table: str | None = None
    query: str | None = None

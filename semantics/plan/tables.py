"""How a table is written, as the mapping or the operator tells it: its dialect and its encoding.

The words are those of the CSV on the Web dialect description (W3C, Metadata Vocabulary for Tabular Data, section 9)
and of its number formats (section 6.4.2), in this project's spelling.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from semantics.errors import Diagnostic, UsageError, closest, escaped

__all__ = ["ENCODINGS", "TABLES", "TableDialect"]

TABLES: Final = frozenset({"csv", "tsv", "xlsx"})
"""The formats whose records are rows under a header."""

ENCODINGS: Final[dict[str, str]] = {
    "utf-8": "utf-8",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "us-ascii": "ascii",
    **{f"iso-8859-{part}": f"iso8859-{part}" for part in (*range(1, 12), *range(13, 17))},
    **{f"windows-{page}": f"cp{page}" for page in (874, *range(1250, 1259))},
    "ibm437": "cp437",
    "ibm850": "cp850",
    "koi8-r": "koi8-r",
    "koi8-u": "koi8-u",
    "macintosh": "mac-roman",
    "gb18030": "gb18030",
    "big5": "big5",
    "shift_jis": "shift_jis",
    "windows-31j": "cp932",
    "euc-jp": "euc_jp",
    "euc-kr": "euc_kr",
}
"""Every encoding that is read, by its IANA name in small letters: Python's codec. ``utf-16`` begins with a mark."""

_PLAIN_MARKS: Final = frozenset("\r\n\0")
_IN_NUMBERS: Final = frozenset("0123456789+-eE")


class TableDialect(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    r"""How the cells of a table stand in its text; without anything told, RFC 4180 with a header in UTF-8.

    ``delimiter`` None is that of the format. ``quote_char`` "" means that nothing is quoted. Inside quotes a quote is
    written twice (``double_quote``), else behind a backslash, and a backslash likewise. Without a ``header`` the
    ``columns`` say the names. Lines that begin with ``comment_prefix`` are passed over, and ``skip_rows`` lines before
    everything. ``trim``: spaces and tabs around a cell are not part of it. Numbers have ``decimal_char`` before their
    fraction and may have ``group_char`` between groups of digits. ``flattened``: a dotted column is a slot of a nested
    object, and a list stands in its cell as JSON.

    >>> told = TableDialect(delimiter=";", decimal_char=",").overruled({"decimal_char": "."})
    >>> told.delimiter, told.decimal_char, told.encoding
    (';', '.', 'utf-8')
    """

    delimiter: str | None = None
    quote_char: str = '"'
    double_quote: bool = True
    header: bool = True
    columns: tuple[str, ...] = ()
    comment_prefix: str = ""
    skip_rows: int = 0
    trim: bool = False
    decimal_char: str = "."
    group_char: str = ""
    flattened: bool = False
    encoding: str = "utf-8"

    @property
    def codec(self) -> str:
        """Python's name of the encoding."""
        return ENCODINGS[self.encoding]

    def overruled(self, told: Mapping[str, Any]) -> TableDialect:
        """The dialect with what somebody else has told; names of encodings in any case."""
        changes = {name: tuple(value) if name == "columns" else value for name, value in told.items()}
        if "encoding" in changes:
            changes["encoding"] = str(changes["encoding"]).lower()
        if changes.get("columns") and "header" not in changes:
            changes["header"] = False
        return replace(self, **changes)

    def checked(self) -> TableDialect:
        """The dialect itself, if it can be. Raises :class:`UsageError` with everything that is wrong with it."""
        if found := [Diagnostic(code, message, hint=hint) for _, code, message, hint in self.faults()]:
            raise UsageError(found)
        return self

    def faults(self) -> Iterator[tuple[str, str, str, str | None]]:
        """What cannot be so: (field, code, message, hint)."""
        yield from self._marks()
        if self.columns and self.header:
            hint = "say header: false, or leave the names to the header"
            yield "columns", "SRC092", "the columns are named twice: here, and by the header", hint
        if not self.header and not self.columns:
            hint = "name them: columns: [id, name]"
            yield "header", "SRC092", "a table without a header needs the names of its columns", hint
        if len(set(self.columns)) < len(self.columns) or not all(self.columns):
            yield "columns", "SRC092", "every column needs a name of its own", None
        if self.encoding not in ENCODINGS:
            yield "encoding", "SRC090", f"there is no encoding '{escaped(self.encoding)}'", _meant(self.encoding)

    def _marks(self) -> Iterator[tuple[str, str, str, str | None]]:
        if self.delimiter is not None and not _is_mark(self.delimiter, self.quote_char):
            message = "a delimiter is one ASCII character, not a quote or newline"
            yield "delimiter", "SRC014", message, "a tab is \\t" if self.delimiter == "tab" else None
        if self.quote_char and not _is_mark(self.quote_char, self.delimiter or ""):
            yield "quote_char", "SRC092", "a quote is one ASCII character, or none at all", None
        if self.comment_prefix and not _PLAIN_MARKS.isdisjoint(self.comment_prefix):
            yield "comment_prefix", "SRC092", "what begins a comment has no newline in it", None
        if self.skip_rows < 0:
            yield "skip_rows", "SRC092", "the lines to skip are not less than none", None
        point, group = self.decimal_char, self.group_char
        if len(point) != 1 or point in _IN_NUMBERS:
            yield "decimal_char", "SRC092", "what stands before a fraction is one character, not one of numbers", None
        if group and (len(group) != 1 or group in _IN_NUMBERS or group == point):
            yield "group_char", "SRC092", "what stands between groups of digits is one other character", None


def _is_mark(text: str, other: str) -> bool:
    return len(text) == 1 and text.isascii() and text not in _PLAIN_MARKS and text != other


def _meant(name: str) -> str:
    """The encoding that somebody meant by another of its names."""
    try:
        codec = codecs.lookup(name).name
    except (LookupError, ValueError):
        return closest(name, ENCODINGS) or f"known: {', '.join(ENCODINGS)}"
    for known, python in ENCODINGS.items():
        if codecs.lookup(python).name == codec:
            return f"did you mean '{known}'?"
    return f"known: {', '.join(ENCODINGS)}"

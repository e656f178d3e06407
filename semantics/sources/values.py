"""One JSON value: bytes to plain data, exactly, or the reason why not.

The parser is jiter: strict RFC 8259, numbers with a fraction as :class:`~decimal.Decimal`, repeated keys
refused. The limits on nesting, keys and the size of numbers are checked here, before or beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, partial
from itertools import accumulate
from typing import Any, Final

from semantics.errors import Diagnostic, Location
from semantics.lexical import MAX_EXPONENT
from semantics.sources.options import Limits

__all__ = [
    "STRING",
    "ReadValue",
    "Unreadable",
    "Values",
    "check_syntax",
    "expected",
    "not_utf8",
    "pointer_part",
    "read_values",
    "too_long",
    "twice",
    "value_reader",
]

STRING: Final = rb'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"'
"""A string of RFC 8259, section 7 (pattern; half of a surrogate pair is not told)."""

_TOKEN = re.compile(
    rb"(?:(" + STRING + rb")|([\[{])|([\]}])|([:,])"
    rb"|(?:-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?|true|false|null)(?![0-9A-Za-z.+-]))"
)
_SPACE = re.compile(rb"[ \t\r\n]*+")
_LOOSE_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_PLACE = re.compile(r"(.*) at line (\d+) column (\d+)\Z", re.DOTALL)
_OPENING: Final = frozenset(b"[{")
_STEPS: Final = [1 if byte in _OPENING else -1 for byte in range(256)]
_NOT_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in b"[]{}")
# One pass makes both cheap tests possible: "(" opens a level, "e000" may be an exponent of three digits.
_MARKS: Final = bytes(
    ord("0") if byte in b"0123456789+-" else ord("e") if byte in b"eE" else ord("(") if byte in b"[{" else 32
    for byte in range(256)
)
_HUGE: Final = re.compile(b"0e000").search
_SHOWN: Final = 80


@dataclass(eq=False)
class Unreadable(Exception):
    """Why bytes are not a value, at which ``offset`` of them, and the pointer to the place where known.

    ``broken`` says that they are not JSON at all, ``truncated`` that they end before the value does.
    """

    code: str
    message: str
    offset: int = 0
    pointer: str = ""
    hint: str | None = None
    broken: bool = False
    truncated: bool = False

    def diagnostic(self, location: Location) -> Diagnostic:
        """The finding as it is reported, at ``location``."""
        return Diagnostic(self.code, self.message, location, hint=self.hint)

    def bare(self) -> Unreadable:
        """The finding without its traceback, which would keep the record and more alive."""
        self.__traceback__ = self.__context__ = None
        return self


ReadValue = Callable[[bytes], Any]
"""Reads the bytes of one value or raises :class:`Unreadable`."""


def value_reader(limits: Limits) -> ReadValue:
    """What reads one JSON value within ``limits``.

    >>> value_reader(Limits())(b'{"amount": 7887.20}')
    {'amount': Decimal('7887.20')}
    """
    import jiter

    parse = partial(
        jiter.from_json,
        allow_inf_nan=False,
        cache_mode="keys",
        catch_duplicate_keys=True,
        float_mode="decimal",
    )
    depth, shortest_wide = limits.depth, 4 * limits.keys

    def read(raw: bytes) -> Any:
        marks = raw.translate(_MARKS)
        if marks.count(b"(") > depth:
            _check_depth(raw, limits)
        try:
            data = parse(raw)
        except ValueError as error:
            raise _explained(raw, str(error)) from None
        if _HUGE(marks):
            _check_numbers(data)
        if len(raw) > shortest_wide:
            _check_keys(data, limits)
        return data

    return read


@dataclass(frozen=True, slots=True)
class Values:
    """Values that were read together: ``strings`` is how many strings stand there, keys and texts.

    They are as many as the values have, if no object has a key twice. ``class_name``: their source class.
    """

    data: list[Any]
    strings: int
    class_name: str | None = None


def read_values(lines: bytes) -> Values | None:
    r"""The values of many lines, a value a line; None where one of them is no JSON.

    The limits on depth, keys and the size of numbers are left to whoever looks into the values.

    >>> read_values(b'{"amount": 7887.20, "note": "a \\"quote\\""}\n[]\n')
    Values(data=[{'amount': Decimal('7887.20'), 'note': 'a "quote"'}, []], strings=3, class_name=None)
    """
    try:
        data = _decoder().decode_lines(lines)
    except (ValueError, ArithmeticError, RecursionError):
        return None
    quotes = lines.count(b'"')
    if b"\\" in lines:
        quotes -= lines.replace(rb"\\", b"").count(rb"\"")
    return Values(data, quotes // 2)


@cache
def _decoder() -> Any:
    """What reads many values three times as fast as one by one with repeated keys refused; numbers as exactly."""
    import msgspec

    return msgspec.json.Decoder(float_hook=Decimal)


# -- limits ------------------------------------------------------------------------------------


def too_long(length: int, limits: Limits) -> Unreadable:
    """A record of ``length`` bytes is more than the limit allows."""
    message = f"a record of {length} bytes (limit: {limits.raised_by('record_bytes')})"
    return Unreadable("SRC024", message)


def _check_depth(raw: bytes, limits: Limits) -> None:
    brackets = _LOOSE_STRING.sub(b"", raw).translate(None, _NOT_BRACKETS)
    deepest = max(accumulate(map(_STEPS.__getitem__, brackets)), default=0)
    if deepest > limits.depth:
        message = f"nested {deepest} levels deep (limit: {limits.raised_by('depth')})"
        raise Unreadable("SRC021", message)


def _check_numbers(data: Any) -> None:
    for value, path in _nodes(data):
        if isinstance(value, Decimal) and abs(value.adjusted()) > MAX_EXPONENT:
            raise _out_of_range(_pointer(path))


def _out_of_range(pointer: str, offset: int = 0) -> Unreadable:
    message = f"number out of range: its magnitude is beyond 10^{MAX_EXPONENT}"
    return Unreadable("SRC023", message, offset, pointer)


def _check_keys(data: Any, limits: Limits) -> None:
    for value, path in _nodes(data):
        if isinstance(value, dict) and len(value) > limits.keys:
            message = f"an object of {len(value)} keys (limit: {limits.raised_by('keys')})"
            raise Unreadable("SRC022", message, pointer=_pointer(path))


_Path = tuple[Any, ...]  # (path of the parent, key or index); empty at the root


def _nodes(data: Any) -> Iterator[tuple[Any, _Path]]:
    """Every value in ``data`` with its path, without recursion, in no particular order."""
    todo: list[tuple[Any, _Path]] = [(data, ())]
    while todo:
        value, path = todo.pop()
        yield value, path
        if isinstance(value, dict):
            todo += [(item, (path, key)) for key, item in value.items()]
        elif isinstance(value, list):
            todo += [(item, (path, index)) for index, item in enumerate(value)]


def _pointer(path: _Path) -> str:
    parts: list[str] = []
    while path:
        path, key = path
        parts.append(pointer_part(key))
    return "".join(reversed(parts))


def pointer_part(key: str | int) -> str:
    """A key or index as a reference token of a JSON Pointer (RFC 6901, section 3), with its ``/``.

    >>> pointer_part("a/b~")
    '/a~1b~0'
    """
    return "/" + str(key).replace("~", "~0").replace("/", "~1")


# -- what the parser said ----------------------------------------------------------------------


def _explained(raw: bytes, said: str) -> Unreadable:
    """The parser's complaint as ours: which kind of trouble, and where."""
    found = _PLACE.match(said)
    reason, offset = (found[1], _offset(raw, int(found[2]), int(found[3]))) if found else (said, 0)
    if reason.startswith("Detected duplicate key"):
        pointer = _pointer_at(raw, offset)
        name = pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
        return twice(name, offset, pointer, "SRC020")
    if reason.startswith(("number out of range", "Internal error")):
        return _out_of_range(_pointer_at(raw, offset), offset)
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        if error.start <= offset or "unicode" in reason:
            return not_utf8(raw, error.start)
    if reason.startswith("EOF"):
        message = f"not valid JSON: it ends in the middle of {reason.removeprefix('EOF while parsing ')}"
        hint = "was the input cut off?"
        return Unreadable("SRC004", message, len(raw), hint=hint, broken=True, truncated=True)
    return Unreadable("SRC004", f"not valid JSON: {reason}", offset, hint=_hint(reason), broken=True)


def twice(key: str, offset: int, pointer: str, code: str, broken: bool = False) -> Unreadable:
    """A key stands twice in one object: parsers differ in which of the two they take (RFC 8259, section 4)."""
    name = key if len(key) <= _SHOWN else key[:_SHOWN] + "…"
    return Unreadable(code, f"the key '{name}' stands twice in one object", offset, pointer, broken=broken)


def _offset(raw: bytes, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = raw.find(b"\n", start) + 1
    # Column 0 is the newline that ends the line before.
    return min(max(start + column - 1, 0), len(raw))


def _hint(reason: str) -> str | None:
    if reason == "trailing characters":
        return "there is more than one value"
    if "hex escape" in reason:
        return "an escape names half of a surrogate pair"
    return None


def not_utf8(raw: bytes, offset: int) -> Unreadable:
    """The byte at ``offset`` is not part of a UTF-8 text (RFC 3629)."""
    surrogate = raw[offset] == 0xED and raw[offset + 1 : offset + 2] >= b"\xa0"
    looks = "CESU-8 (surrogates)" if surrogate else "Latin-1, Windows-1252 or a cut character"
    message = f"not UTF-8: byte 0x{raw[offset]:02X}"
    hint = f"it looks like {looks}: convert the input to UTF-8"
    return Unreadable("SRC003", message, offset, hint=hint, broken=True)


# -- our own walk, for what the parser cannot go into ------------------------------------------


def check_syntax(raw: bytes) -> None:
    """Whether ``raw`` is one JSON value however deep it goes and however long its numbers are.

    Raises :class:`Unreadable` with ``broken`` set. Slow; for values that are skipped or faulty already.
    """
    import jiter

    try:
        jiter.from_json(raw, allow_inf_nan=False, cache_mode="none", float_mode="lossless-float")
    except ValueError as error:
        said = str(error)
        if "recursion limit" not in said and "number out of range" not in said:
            raise _explained(raw, said) from None
    else:
        return
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        raise not_utf8(raw, error.start) from None
    _walk(raw, len(raw))


def _pointer_at(raw: bytes, offset: int) -> str:
    """The JSON Pointer to the value, or the key, that stands before ``offset``."""
    return _walk(raw, offset)


_VALUE, _KEY, _COLON, _NEXT = "a value", "a key in quotes", "':'", "',' or the end of the list or object"


@dataclass(slots=True)
class _Place:
    """Where a walk through tokens stands: the open levels, the key or index in each, what may come next."""

    levels: list[bytes] = field(default_factory=list)  # the bracket that closes each
    path: list[str | int | None] = field(default_factory=list)
    expected: str = _VALUE
    may_close: bool = False

    @property
    def done(self) -> bool:
        """Whether the root value is complete."""
        return not self.levels and self.expected is _NEXT

    def step(self, kind: int | None, token: bytes) -> bool:
        """Take a token (1 string, 2 opening, 3 closing, 4 punctuation, None scalar); False where it is wrong."""
        if kind == 3 and self.may_close and self.levels and self.levels[-1] == token:
            self.levels.pop()
            self.path.pop()
            self.expected = _NEXT
        elif self.expected is _VALUE and kind == 2:
            listed = token == b"["
            self.levels.append(b"]" if listed else b"}")
            self.path.append(0 if listed else None)
            self.expected = _VALUE if listed else _KEY
        elif self.expected is _VALUE and kind in (1, None):
            self.expected = _NEXT
        elif self.expected is _KEY and kind == 1:
            self.path[-1], self.expected = _key(token), _COLON
        elif self.expected is _COLON and token == b":":
            self.expected = _VALUE
        elif self.expected is _NEXT and token == b"," and self.levels:
            index = self.path[-1]
            self.path[-1] = index + 1 if isinstance(index, int) else None
            self.expected = _VALUE if isinstance(index, int) else _KEY
        else:
            return False
        self.may_close = self.expected is _NEXT or kind == 2
        return True


def _walk(raw: bytes, stop: int) -> str:
    """Go through the tokens that begin before ``stop``, checking the grammar; the pointer to the last one."""
    place, position = _Place(), 0
    while (position := _past_space(raw, position)) < stop:
        found = None if place.done else _TOKEN.match(raw, position)
        if not found or not place.step(found.lastindex, found[0]):
            raise expected("the end of the document" if place.done else place.expected, position, raw)
        position = found.end()
    if stop == len(raw) and not place.done:
        raise expected(place.expected, position, raw)
    return "".join(pointer_part(key) for key in place.path if key is not None)


def _past_space(raw: bytes, position: int) -> int:
    found = _SPACE.match(raw, position)
    return found.end() if found else position


def _key(raw: bytes) -> str:
    import jiter

    try:
        return str(jiter.from_json(raw))
    except ValueError as error:
        raise _explained(raw, str(error)) from None


def expected(what: str, offset: int, raw: bytes) -> Unreadable:
    """The grammar wants ``what`` at ``offset`` of ``raw``, and something else stands there."""
    truncated = offset >= len(raw)
    message = f"not valid JSON: expected {what}" + (", found the end of the input" if truncated else "")
    return Unreadable("SRC004", message, offset, broken=True, truncated=truncated)

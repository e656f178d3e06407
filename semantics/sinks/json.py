"""JSON: an array with an instance a line, or an object a line. Decimals keep every digit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

import msgspec

from semantics.lexical import LexicalError
from semantics.sinks.base import Encoder

if TYPE_CHECKING:
    from semantics.records import Instance
    from semantics.schema.model import SchemaModel

__all__ = ["JsonArray", "JsonLines", "json_bytes", "sorted_json_text"]

_ENCODE: Final = msgspec.json.Encoder(decimal_format="number").encode
_ENCODE_LINES: Final = msgspec.json.Encoder(decimal_format="number").encode_lines
_ENCODE_SORTED: Final = msgspec.json.Encoder(decimal_format="number", order="sorted").encode


def json_bytes(value: Any) -> bytes:
    """``value`` as JSON (RFC 8259) in UTF-8, keys in their order, numbers exact.

    Raises :class:`~semantics.lexical.LexicalError` for a number that is not finite, a lone surrogate and
    nesting too deep to write.

    >>> from decimal import Decimal
    >>> json_bytes({"value": Decimal("7887.20")})
    b'{"value":7887.20}'
    """
    return _checked(_ENCODE, value)


def sorted_json_text(value: Any) -> str:
    """Like :func:`json_bytes`, as text with the keys in one order, whatever order they came in."""
    return _checked(_ENCODE_SORTED, value).decode()


def _encoded(encode: Callable[[Any], bytes], value: Any) -> bytes:
    try:
        return encode(value)
    except UnicodeEncodeError:
        raise LexicalError("text holds half of a surrogate pair, which no encoding can carry") from None
    except RecursionError:
        raise LexicalError("nested too deeply to be written") from None


def _checked(encode: Callable[[Any], bytes], value: Any) -> bytes:
    text = _encoded(encode, value)
    # The encoder writes a float that is not finite as null, a decimal as NaN: neither is what was meant.
    if b"null" in text or b"NaN" in text or b"Infinity" in text:
        _check_finite(value)
    return text


def _check_finite(value: Any) -> None:
    if isinstance(value, dict):
        for item in value.values():
            _check_finite(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _check_finite(item)
    elif (isinstance(value, float) and not isfinite(value)) or (isinstance(value, Decimal) and not value.is_finite()):
        raise LexicalError("a number is not finite, and JSON has no such number")


class JsonArray(Encoder):
    """One array, an instance a line."""

    head = b"[\n"
    between = b",\n"
    tail = b"\n]\n"
    empty = b"[]\n"

    def __init__(self, schema: SchemaModel, classes: tuple[str, ...] = ()) -> None:
        """Needs nothing of the schema: instances are JSON already."""

    def encode(self, instance: Instance, key: str) -> bytes:
        """The object of one instance."""
        return json_bytes(instance.data)


class JsonLines(Encoder):
    """One object a line (NDJSON)."""

    head = between = tail = empty = b""

    def __init__(self, schema: SchemaModel, classes: tuple[str, ...] = ()) -> None:
        """Needs nothing of the schema: instances are JSON already."""

    def encode(self, instance: Instance, key: str) -> bytes:
        """The line of one instance."""
        return json_bytes(instance.data) + b"\n"

    def encode_all(self, class_name: str, rows: Sequence[dict[str, Any]], keys: Iterable[str]) -> bytes:
        """The lines of several instances; their numbers are finite, as those of strict plans are."""
        return _encoded(_ENCODE_LINES, rows)

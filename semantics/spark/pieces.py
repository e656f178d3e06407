"""The bytes that an encoder makes of instances, in a form that can be taken apart again: an instance is a row.

The run of a mapping encodes many instances at once. For a frame they have to be told apart again: JSON by its lines,
triples by a byte that stands in none of them, and typed rows by their length.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from semantics.records import Instance
from semantics.sinks.base import Encoder
from semantics.sinks.spooled import packed, unpacked

if TYPE_CHECKING:
    from semantics.schema.model import SchemaModel

__all__ = ["data_of", "encoder", "rows_of", "texts"]

_MARK: Final = b"\0"


def encoder(to: str, schema: SchemaModel, classes: tuple[str, ...]) -> Encoder:
    """The encoder of a format: "columns" for typed rows, or a text format in which an instance is text of its own."""
    from semantics.sinks import open_encoder

    made = open_encoder("parquet" if to == "columns" else to, schema, classes=classes)
    return _Marked(made) if to == "ntriples" else made


def texts(to: str, piece: bytes) -> list[str]:
    """The instances in a piece, each as its text, without the newline at its end."""
    if to == "ndjson":
        return piece.decode().split("\n")[:-1]
    found = piece.decode().split("\0")
    # Triples that shapes were validated with have no mark: those of a record stand together.
    return [text.removesuffix("\n") for text in found if text]


class _Marked(Encoder):
    """An encoder behind each of whose instances stands a mark."""

    head = between = tail = empty = b""

    def __init__(self, inner: Encoder) -> None:
        self._encode = inner.encode

    def encode(self, instance: Instance, key: str) -> bytes:
        """The bytes of one instance, with the mark."""
        return self._encode(instance, key) + _MARK


def rows_of(piece: bytes) -> Iterator[tuple[str, bytes]]:
    """The typed rows in a piece: the class of each, and its bytes."""
    for batch in unpacked(io.BytesIO(piece)):
        for class_name, data in batch:
            yield class_name, packed(class_name, data)


def data_of(rows: Iterable[bytes]) -> list[dict[str, Any]]:
    """The data of typed rows (:func:`rows_of`)."""
    return [data for batch in unpacked(io.BytesIO(b"".join(rows))) for _, data in batch]

"""Uniqueness over a whole collection of instances: identifiers and ``unique_keys`` that occur twice among records.

This is no part of an instance's verdict: what must be distinct *inside* an instance the checker refuses itself
(:mod:`semantics.validation.distinct`). What was seen is kept as digests, so memory grows with the number of
instances only; where they are kept, and how many, is for the caller to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final, Protocol

from semantics.errors import Diagnostic, LimitError
from semantics.schema.model import ClassModel, SchemaModel
from semantics.validation.classes import ClassTable
from semantics.validation.distinct import Key, keys_of
from semantics.validation.findings import MAX_FINDINGS, Notes, Place

__all__ = ["Seen", "SeenInMemory", "UniquenessCheck"]

MAX_KEYS: Final = 5_000_000
"""Keys that are remembered by default: at about 120 bytes each, some 600 MB."""


class Seen(Protocol):
    """Remembers digests with the number of the record that each came from first."""

    def first(self, digest: bytes, number: int) -> int | None:
        """The number that came with this digest before; None, and ``number`` is kept, where it is new."""


class SeenInMemory:
    """Digests in memory. Raises :class:`~semantics.errors.LimitError` naming ``option`` for one above ``limit``."""

    def __init__(self, limit: int = MAX_KEYS, option: str = "--max-unique-keys") -> None:
        self.limit = limit
        self.option = option
        self._found: dict[bytes, int] = {}

    def first(self, digest: bytes, number: int) -> int | None:
        """The number that came with this digest before; None where it is new."""
        found = self._found.get(digest)
        if found is None:
            if len(self._found) >= self.limit:
                raise self._too_many()
            self._found[digest] = number
        return found

    def _too_many(self) -> LimitError:
        text = f"more than {self.limit} identifiers and unique keys to remember"
        hint = f"raise the limit with {self.option}, or leave the check of uniqueness out"
        return LimitError(Diagnostic("VAL050", text, hint=hint))


class UniquenessCheck:
    """Finds identifiers and unique keys that occur twice among the instances given to :meth:`check`.

    Identifiers are unique among all instances of the class that introduced the identifier slot, and a unique
    key among those of the class that states it, subclasses included. A unique key with a slot that has no
    value is not compared (as in SQL). ``seen`` remembers; without one, memory does, up to a limit.
    """

    def __init__(self, schema: SchemaModel, seen: Seen | None = None) -> None:
        self.schema = schema
        self.seen = SeenInMemory() if seen is None else seen
        self._table = ClassTable(schema)
        self._keys: dict[str, tuple[Key, ...]] = {}
        self._numbers = 0

    def check(
        self, class_name: str, instance: Mapping[str, Any], *, number: int | None = None
    ) -> tuple[Diagnostic, ...]:
        """What of this instance was there before. ``number``: that of its record, else a running one."""
        self._numbers += 1
        number = self._numbers if number is None else number
        if not isinstance(instance, Mapping):
            return ()
        cls = self._table.class_of(class_name, dict(instance)) or self.schema.classes[class_name]
        notes = Notes(MAX_FINDINGS)
        here = Place(notes).of_class(cls)
        for key in self._keys_of(cls):
            found = key.of(instance)
            first = None if found is None else self.seen.first(_digest(found), number)
            if first is not None:
                key.note(here, f"the same value as in record {first}")
        return tuple(notes.found)

    def _keys_of(self, cls: ClassModel) -> tuple[Key, ...]:
        if cls.name not in self._keys:
            self._keys[cls.name] = keys_of(self.schema, cls)
        return self._keys[cls.name]


def _digest(parts: tuple[Any, ...]) -> bytes:
    text = repr(parts).encode("utf-8", "surrogatepass")
    return blake2b(text, digest_size=16).digest()

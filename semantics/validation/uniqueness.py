"""Uniqueness over a whole collection: identifiers and ``unique_keys``; no part of an instance's verdict.

What was seen is kept as digests, so memory grows with the number of instances only, and up to a limit.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from hashlib import blake2b
from typing import Any, Final

from semantics.errors import Diagnostic, LimitError
from semantics.lexical import MAX_EXPONENT, MAX_INTEGER_BITS, decimal_text
from semantics.schema.model import ClassModel, Form, SchemaModel, SlotModel
from semantics.validation.findings import MAX_FINDINGS, Enough, Notes, Place, pointer_to

__all__ = ["UniquenessCheck"]

MAX_KEYS: Final = 5_000_000
"""Keys that are remembered by default: at about 120 bytes each, some 600 MB."""


class UniquenessCheck:
    """Finds identifiers and unique keys that occur twice among the instances given to :meth:`check`.

    Identifiers are unique among all instances of the class that introduced the identifier slot, and a unique
    key among those of the class that states it, subclasses included. A unique key with a slot that has no
    value is not compared (as in SQL). The same holds inside each list of objects of an instance.
    Raises :class:`~semantics.errors.LimitError` naming ``option`` when more than ``limit`` keys are needed.
    """

    def __init__(self, schema: SchemaModel, *, limit: int = MAX_KEYS, option: str = "--max-unique-keys") -> None:
        self.schema = schema
        self.limit = limit
        self.option = option
        self._seen: dict[bytes, int] = {}
        self._numbers = 0

    def check(
        self, class_name: str, instance: Mapping[str, Any], *, number: int | None = None
    ) -> tuple[Diagnostic, ...]:
        """What of this instance was there before. ``number``: that of its record, else a running one."""
        self._numbers += 1
        number = self._numbers if number is None else number
        notes = Notes(MAX_FINDINGS)
        try:
            self._collection(class_name, [instance], Place(notes), self._seen, number)
        except Enough:
            pass
        except RecursionError:
            notes.found[MAX_FINDINGS - 1 :] = []
            Place(notes, "", class_name).note("VAL018", "depth", "nested too deeply to be checked")
        return tuple(notes.found)

    def _collection(
        self,
        range_: str,
        items: list[Any],
        place: Place,
        seen: dict[bytes, int],
        number: int | None = None,
    ) -> None:
        """One collection: the stream (``number`` is the record's), or a list inside an instance."""
        for index, item in enumerate(items):
            if not isinstance(item, Mapping):
                continue
            cls = self._class_of(range_, item)
            here = (place if number is not None else place.below(index)).of_class(cls)
            for code, what, key, slot in self._keys(cls, item):
                first = seen.get(key)
                if first is None:
                    if number is not None and len(seen) >= self.limit:
                        raise self._too_many()
                    seen[key] = index if number is None else number
                else:
                    which = f"item {first} of the list" if number is None else f"record {first}"
                    at = here.of_slot(slot) if slot else here
                    at.note(code, what, f"the same value as in {which}")
            self._inside(cls, item, here)

    def _inside(self, cls: ClassModel, item: Mapping[str, Any], here: Place) -> None:
        for slot in cls.slots.values():
            value = item.get(slot.name)
            if slot.range not in self.schema.classes or slot.form is Form.REFERENCE:
                continue
            at = replace(here, pointer=pointer_to(here.pointer, slot.name))
            if isinstance(value, list):
                self._collection(slot.range, value, at, {})
            elif isinstance(value, Mapping):
                held = value.items() if slot.form is Form.KEYED else [("", value)]
                for key, member in held:
                    inner = at.below(key) if slot.form is Form.KEYED else at
                    if isinstance(member, Mapping):
                        found = self._class_of(slot.range, member)
                        self._inside(found, member, inner.of_class(found))

    def _class_of(self, range_: str, item: Mapping[str, Any]) -> ClassModel:
        """The class that an object designates, or the declared one."""
        declared = self.schema.classes[range_]
        given = item.get(declared.designator) if declared.designator else None
        if isinstance(given, str) and self.schema.is_a(given, range_):
            return self.schema.classes[given]
        return declared

    def _keys(self, cls: ClassModel, item: Mapping[str, Any]) -> Iterator[tuple[str, str, bytes, SlotModel | None]]:
        """Code, constraint, digest and slot of everything about an object that must be unique."""
        if cls.identifier is not None and (own := _plain(item.get(cls.identifier))) is not None:
            slot = cls.slots[cls.identifier]
            yield "VAL020", "identifier", _digest(("id", slot.owner, own)), slot
        for key in cls.unique_keys:
            values = [_plain(item.get(name)) for name in key.slots]
            if None not in values:
                home = next(
                    (name for name in reversed(cls.ancestors)
                     if key in self.schema.classes[name].unique_keys), cls.name,
                )  # fmt: skip
                yield "VAL021", key.name, _digest(("key", home, key.name, *values)), None

    def _too_many(self) -> LimitError:
        text = f"more than {self.limit} identifiers and unique keys to remember"
        hint = f"raise the limit with {self.option}, or leave the check of uniqueness out"
        return LimitError(Diagnostic("VAL050", text, hint=hint))


def _plain(value: Any) -> Hashable | None:
    """A value in a form in which equal values are equal; None for null and for what is no single value."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return f"s{value}"
    if isinstance(value, float):
        value = Decimal(repr(value))
    elif isinstance(value, int):
        return f"x{value:x}" if value.bit_length() > MAX_INTEGER_BITS else f"n{value}"
    if isinstance(value, Decimal) and value.is_finite():
        if not value:
            return "n0"
        text = decimal_text(value) if abs(value.adjusted()) <= MAX_EXPONENT else str(value)
        return f"n{text.rstrip('0').rstrip('.') if '.' in text else text}"
    return None


def _digest(parts: tuple[Any, ...]) -> bytes:
    text = repr(parts).encode("utf-8", "surrogatepass")
    return blake2b(text, digest_size=16).digest()

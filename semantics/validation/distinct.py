"""Objects of one collection are told apart: no identifier and no unique key occurs twice in it.

A list or mapping of objects inside an instance is a collection, and whether its objects are distinct is part of
the instance's verdict. Identifiers are unique among all objects of the class that introduced the identifier
slot, a unique key among those of the class that states it, subclasses included. A key with a slot that has no
value, or no single one, is not compared (as in SQL). Values are compared as values: ``1`` is ``1.0``.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final, Protocol

from semantics.lexical import FROM_TEXT, MAX_EXPONENT, MAX_INTEGER_BITS, LexicalError, Primitive, decimal_text
from semantics.schema.model import ClassModel, Form, SchemaModel, SlotModel
from semantics.validation.findings import Place
from semantics.validation.slots import SlotCheck

__all__ = ["Key", "comparable", "keys_of", "told_apart"]

_TEXT: Final = frozenset(Primitive) - {Primitive.INTEGER, Primitive.DECIMAL, Primitive.FLOAT, Primitive.BOOLEAN}
"""Value spaces whose values are text, so that two spellings are two values."""


class Objects(Protocol):
    """Who knows of which class an object is: the table of compiled classes."""

    @property
    def schema(self) -> SchemaModel:
        """The schema that ranges are names of."""

    def class_of(self, range_: str, value: Any) -> ClassModel | None:
        """The class that an object is meant as where ``range_`` is declared; None where that is none."""


@dataclass(frozen=True, slots=True)
class Key:
    """Slots whose values together occur once: an identifier, or a unique key; ``home`` is the class it holds in.

    ``binary`` are those of the slots whose numbers are compared as doubles.
    """

    code: str
    constraint: str
    home: str
    slots: tuple[SlotModel, ...]
    binary: frozenset[str] = frozenset()

    def of(self, item: Mapping[str, Any], known: Mapping[str, Any] | None = None) -> tuple[Hashable, ...] | None:
        """What an object is told apart by; None where it is not compared. ``known`` are values it leaves out."""
        found: list[Hashable] = [self.code, self.home, self.constraint]
        for slot in self.slots:
            value: Any = item.get(slot.name)
            if value is None and known is not None:
                value = known.get(slot.name)
            told = comparable(float(value) if slot.name in self.binary and _is_number(value) else value)
            if told is None:
                return None
            found.append(told)
        return tuple(found)

    def note(self, item: Place, text: str, *, keyed: bool = False) -> None:
        """Note a repetition: at the identifier, which of a ``keyed`` object is its key, or else at the object."""
        if self.code == "VAL020":
            item = replace(item.of_slot(self.slots[0]), pointer=item.pointer) if keyed else item.of_slot(self.slots[0])
        item.note(self.code, self.constraint, text)


def keys_of(schema: SchemaModel, cls: ClassModel) -> tuple[Key, ...]:
    """Everything about the objects of a class that must be unique."""
    found: list[Key] = []
    if cls.identifier is not None:
        slot = cls.slots[cls.identifier]
        found.append(_key(schema, "VAL020", "identifier", slot.owner, [slot]))
    for key in cls.unique_keys:
        stating = [name for name in cls.ancestors if key in schema.classes[name].unique_keys]
        slots = [cls.slots[name] for name in key.slots if name in cls.slots]
        if len(slots) == len(key.slots):
            found.append(_key(schema, "VAL021", key.name, stating[-1] if stating else cls.name, slots))
    return tuple(found)


def _key(schema: SchemaModel, code: str, constraint: str, home: str, slots: list[SlotModel]) -> Key:
    binary = frozenset(slot.name for slot in slots if schema.primitive(slot) is Primitive.FLOAT)
    return Key(code, constraint, home, tuple(slots), binary)


def _is_number(value: Any) -> bool:
    """Whether a value is a number that a double can hold."""
    if isinstance(value, Decimal):
        return value.is_finite() and value.adjusted() <= MAX_EXPONENT
    return type(value) is int and abs(value) < 2**1023


def comparable(value: Any) -> Hashable | None:
    """A value in a form in which equal values are equal; None for null and for what is no single value.

    >>> comparable(1) == comparable(Decimal("1.0")), comparable(1) == comparable("1"), comparable([1])
    (True, False, None)
    """
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


def told_apart(objects: Objects, slot: SlotModel, check: SlotCheck) -> SlotCheck:
    """The check of a collection of objects that must be distinct too; any other check comes back as it is."""
    schema = objects.schema
    if slot.range not in schema.classes or not slot.many or slot.form not in (Form.OBJECT, Form.KEYED):
        return check
    keys = {name: keys_of(schema, schema.classes[name]) for name in schema.concrete(slot.range)}
    if slot.form is Form.KEYED and _text_identifier(schema, slot):
        # The keys of a mapping differ, and so do the identifiers that they are.
        keys = {name: tuple(key for key in found if key.code != "VAL020") for name, found in keys.items()}
    return _Collection(objects, slot, keys, check).check() if any(keys.values()) else check


def _text_identifier(schema: SchemaModel, slot: SlotModel) -> bool:
    cls = schema.classes[slot.range or ""]
    primitive = schema.primitive(cls.slots[cls.identifier or ""])
    return primitive is None or primitive in _TEXT


class _Collection:
    """The objects in one slot, with the keys of each class that they can be of."""

    def __init__(
        self, objects: Objects, slot: SlotModel, keys: Mapping[str, tuple[Key, ...]], check: SlotCheck
    ) -> None:
        self.objects = objects
        self.slot = slot
        self.keys = keys
        self.inner = check

    def check(self) -> SlotCheck:
        """The check of the slot with this one behind it."""
        only, passes, rest = self.inner.entry
        distinct = self._quick() or self._distinct

        def both(values: Any) -> bool:
            return bool(passes(values)) and (len(values) < 2 or distinct(values))

        def explain(values: Any, place: Place) -> None:
            self.inner.explain(values, place)
            if isinstance(values, dict if self.slot.form is Form.KEYED else list):
                for key, at, first in self._repeated(values, place):
                    keyed = isinstance(values, dict)
                    key.note(at, f"the same value as in {'entry' if keyed else 'item'} {first}", keyed=keyed)

        return replace(self.inner, entry=(only, both, rest), explain=explain)

    def _quick(self) -> Callable[[list[dict[str, Any]]], bool] | None:
        """The test of a list whose objects have a text as identifier, and no other key."""
        if self.slot.form is Form.KEYED or any(len(keys) != 1 for keys in self.keys.values()):
            return None
        only = [key for keys in self.keys.values() for key in keys]
        if any(key.code != "VAL020" or key.home != only[0].home for key in only):
            return None
        (slot,) = only[0].slots
        name, primitive = slot.name, self.objects.schema.primitive(slot)
        if primitive is None or primitive not in _TEXT:
            return None
        return lambda values: len({item[name] for item in values}) == len(values)

    def _distinct(self, values: Any) -> bool:
        return next(self._repeated(values, None), None) is None

    def _repeated(self, values: Any, place: Any) -> Iterator[tuple[Key, Any, int]]:
        """Each key that was there before, with the place of the object and the number of the first one."""
        seen: dict[tuple[Hashable, ...], int] = {}
        for number, (item, known) in enumerate(self._items(values)):
            cls = self.objects.class_of(self.slot.range or "", item) if isinstance(item, dict) else None
            for key in self.keys.get(cls.name, ()) if cls else ():
                found = key.of(item, known)
                if found is not None and (first := seen.setdefault(found, number)) != number:
                    yield key, place and place.below(number).of_class(cls), first

    def _items(self, values: Any) -> Iterable[tuple[Any, Mapping[str, Any] | None]]:
        if isinstance(values, list):
            return ((item, None) for item in values)
        return ((item, self._known_by(key)) for key, item in values.items())

    def _known_by(self, key: Any) -> Mapping[str, Any]:
        """The identifier of an object that stands under it."""
        cls = self.objects.schema.classes[self.slot.range or ""]
        name = cls.identifier or ""
        primitive = self.objects.schema.primitive(cls.slots[name])
        try:
            return {name: FROM_TEXT[primitive](key) if primitive else key}
        except (LexicalError, TypeError, AttributeError):
            return {}

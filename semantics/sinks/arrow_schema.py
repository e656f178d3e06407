"""A class of a model as an Arrow schema, and its instances as rows of that.

Pure functions without a file in sight: the Parquet sink, a columnar backend and Spark share them.

| slot | Arrow |
| --- | --- |
| string, IRI, CURIE, enum, reference, time, date-or-datetime | ``string`` |
| integer | ``int64``; ``decimal128(38, 0)`` where the bounds of the slot go beyond |
| decimal | ``decimal128(38, 18)``, with fewer decimal places where the bounds need the room |
| float, double | ``double`` |
| boolean, date | ``bool``, ``date32`` |
| datetime | ``string``, so that its offset is kept; ``timestamp[us, UTC]`` where a pattern says that it ends in ``Z`` |
| object | ``struct`` of the slots of all classes that may stand there |
| several | ``list``; objects by their identifier are a ``map`` |
| any value, several kinds of values, a class inside itself, nesting too deep | ``string`` that holds JSON |

A value that its column cannot hold exactly raises :class:`~semantics.lexical.LexicalError`; nothing is rounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from semantics.arrow_fields import ANY_SCALE, FORM, JSON, SCALE, TERM, UNIT
from semantics.errors import shape
from semantics.extras import imported
from semantics.lexical import FROM_DATA, LexicalError, Primitive
from semantics.schema.model import ClassModel, Form, SchemaModel, SlotExpression, SlotModel
from semantics.sinks.json import json_bytes
from semantics.sinks.rdf_terms import RdfFault
from semantics.sinks.rdf_values import ranges_of

__all__ = ["ArrowClass", "arrow_class", "pyarrow"]

MAX_COLUMNS: Final = 2000
"""Columns (leaves) of a class at most: with more, objects are written as JSON from a lower level of nesting on."""
MAX_LEVELS: Final = 12
PRECISION: Final = 38
"""Digits of a decimal: what 128 bits hold, and what readers of Parquet agree on."""
_SCALE: Final = 18
_EPOCH: Final = date(1970, 1, 1).toordinal()
_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6})0*)?Z", re.ASCII)
_ENDS_IN_Z: Final = re.compile(r"Z\)?\$\Z")

Convert = Callable[[Any], Any]
"""Takes a value of an instance that is not null, and gives what Arrow and MessagePack both take for it."""


def pyarrow(module: str = "pyarrow") -> Any:
    """The library, or a module of it. Raises :class:`~semantics.errors.UsageError` (``SNK032``) without it."""
    return imported(module, "arrow", "SNK032")


@dataclass(frozen=True, slots=True)
class ArrowClass:
    """A class as a table: ``schema`` is a ``pyarrow.Schema``, ``row`` makes a row of the data of an instance.

    A row is a dict by column without nulls. In it a decimal is a :class:`~decimal.Decimal`, a date the days and a
    timestamp the microseconds since 1970, a struct or a map a dict: what ``pyarrow.array`` takes for these types.
    ``row`` raises :class:`~semantics.lexical.LexicalError` with a ``pointer`` to the value that has no place.
    """

    name: str
    schema: Any
    row: Callable[[dict[str, Any]], dict[str, Any]]

    def batch(self, rows: Sequence[dict[str, Any]]) -> Any:
        """The rows as a ``pyarrow.RecordBatch``."""
        pa = pyarrow()
        columns = [pa.array([row.get(field.name) for row in rows], field.type) for field in self.schema]
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)


def arrow_class(model: SchemaModel, class_name: str) -> ArrowClass:
    """A class of a model as an Arrow table. Raises :class:`~semantics.errors.UsageError` without pyarrow.

    >>> from semantics.schema import load_schema
    >>> money = arrow_class(load_schema("finance"), "MonetaryAmount")
    >>> money.row({"currency": "EUR", "value": Decimal("7.20")})
    {'currency': 'EUR', 'value': Decimal('7.20')}
    """
    pa = pyarrow()
    levels = next((n for n in range(MAX_LEVELS, 0, -1) if _leaves(model, class_name, n) <= MAX_COLUMNS), 0)
    columns = _Columns(model, levels)
    fields, row = columns.fields(class_name, (class_name,))
    return ArrowClass(class_name, pa.schema(fields, {TERM: model.classes[class_name].uri}), row)


# -- classes -----------------------------------------------------------------------------------


def _members(model: SchemaModel, name: str) -> tuple[ClassModel, ...]:
    """The classes whose instances may stand where ``name`` does: those below it only where a slot tells them."""
    cls = model.classes[name]
    told = cls.designator is not None and not cls.slots[cls.designator].many
    return tuple(map(model.classes.__getitem__, model.concrete(name))) if told else (cls,)


def _slots(model: SchemaModel, name: str) -> dict[str, list[SlotModel]]:
    """The slots of all these classes by name; more than one for a name where classes differ in it."""
    found: dict[str, list[SlotModel]] = {}
    for cls in _members(model, name):
        for slot in cls.slots.values():
            same = found.setdefault(slot.name, [])
            if slot not in same:
                same.append(slot)
    return found


def _nested(model: SchemaModel, slot: SlotModel) -> str | None:
    """The class of the objects that a slot holds; None where it may hold anything else."""
    parts = ranges_of(model, slot)
    name = parts[0].range or ""
    only = len(parts) == 1 and parts[0] is slot and name in model.classes and not model.takes_any(name)
    return name if only and slot.form in (Form.OBJECT, Form.KEYED) else None


def _leaves(model: SchemaModel, name: str, levels: int, path: tuple[str, ...] = ()) -> int:
    """The columns of a class whose objects nest so deep, or some number beyond :data:`MAX_COLUMNS`."""
    path, count = (*path, name), 0
    for slots in _slots(model, name).values():
        inner = _nested(model, slots[0])
        if inner is None or inner in path or len(path) > levels:
            count += 1
        else:
            count += _leaves(model, inner, levels, path)
        if count > MAX_COLUMNS:
            break
    return count


@dataclass(frozen=True, slots=True)
class _Column:
    """The Arrow type of a slot's values, what makes them, and what the field says of them."""

    type: Any
    convert: Convert
    facts: dict[bytes, bytes]


class _Columns:
    """The fields of classes; ``levels`` is how deep objects nest before they are written as JSON."""

    def __init__(self, model: SchemaModel, levels: int) -> None:
        self._model, self._levels, self._pa = model, levels, pyarrow()

    def fields(self, name: str, path: tuple[str, ...]) -> tuple[list[Any], Convert]:
        """The fields of a class and what makes a row of an object; ``path`` are the classes around it and itself."""
        fields, converts = [], {}
        for slot_name, slots in _slots(self._model, name).items():
            column = self._slot(slots, path)
            facts = {TERM: slots[0].uri.encode(), **column.facts}
            if slots[0].unit is not None:
                facts[UNIT] = slots[0].unit.encode()
            fields.append(self._pa.field(slot_name, column.type, metadata=facts))
            converts[slot_name] = column.convert
        return fields, _row(converts, name)

    def _slot(self, slots: list[SlotModel], path: tuple[str, ...]) -> _Column:
        found = [self._whole(slot, path) for slot in slots]
        if all(column.type == found[0].type and column.facts == found[0].facts for column in found[1:]):
            return found[0]
        return self._json()

    def _whole(self, slot: SlotModel, path: tuple[str, ...]) -> _Column:
        """One slot: a value, a list or a map."""
        one = self._one(slot, path)
        if slot.form is Form.KEYED:
            value = self._pa.field("value", one.type, metadata=one.facts)
            return _Column(self._pa.map_(self._pa.string(), value), _keyed(one.convert), {})
        if slot.many:
            element = self._pa.field("element", one.type, metadata=one.facts)
            return _Column(self._pa.list_(element), _each(one.convert), {})
        return one

    def _one(self, slot: SlotModel, path: tuple[str, ...]) -> _Column:
        """One value of a slot."""
        model = self._model
        inner = _nested(model, slot)
        if inner is not None:
            if inner in path or len(path) > self._levels or not _slots(model, inner):
                return self._json()
            fields, row = self.fields(inner, (*path, inner))
            return _Column(self._pa.struct(fields), row, {})
        found = [self._scalar(part, slot) for part in ranges_of(model, slot)]
        if any(column is None for column in found):
            return self._json()
        kinds = {(str(column.type), column.convert is _text) for column in found if column is not None}
        first = found[0]
        return first if len(kinds) == 1 and first is not None else self._json()

    def _scalar(self, part: SlotExpression, slot: SlotModel) -> _Column | None:
        """A value of one range that is no object; None where it may be one."""
        model, name = self._model, part.range or "string"
        if name in model.enums:
            return self._text()
        if name in model.types:
            return self._typed(part, slot)
        cls = model.classes.get(name)
        if cls is None or model.takes_any(name) or part is not slot or cls.identifier is None:
            return None
        return self._scalar(cls.slots[cls.identifier], cls.slots[cls.identifier])

    def _typed(self, part: SlotExpression, slot: SlotModel) -> _Column:
        kind, pa = self._model.types[part.range or "string"], self._pa
        match kind.primitive:
            case Primitive.BOOLEAN:
                return _Column(pa.bool_(), FROM_DATA[Primitive.BOOLEAN], {})
            case Primitive.FLOAT:
                return _Column(pa.float64(), FROM_DATA[Primitive.FLOAT], {})
            case Primitive.DATE:
                return _Column(pa.date32(), _days, {})
            case Primitive.DATETIME if any(
                _ENDS_IN_Z.search(pattern or "") for pattern in (*kind.patterns, part.pattern)
            ):
                return _Column(pa.timestamp("us", "UTC"), _microseconds, {})
            case Primitive.INTEGER:
                digits = _digits(part, kind.minimum_value, kind.maximum_value)
                if digits < 19:
                    return _Column(pa.int64(), _long, {})
                return _Column(pa.decimal128(PRECISION, 0), _scaled(0), {SCALE: ANY_SCALE})
            case Primitive.DECIMAL:
                digits = _digits(part, kind.minimum_value, kind.maximum_value)
                scale = max(0, min(_SCALE, PRECISION - digits))
                return _Column(pa.decimal128(PRECISION, scale), _scaled(scale), {SCALE: ANY_SCALE})
            case _:
                return self._text()

    def _text(self) -> _Column:
        return _Column(self._pa.string(), _text, {})

    def _json(self) -> _Column:
        return _Column(self._pa.string(), lambda value: json_bytes(value).decode(), {FORM: JSON})


def _digits(part: SlotExpression, *bounds: Decimal | None) -> int:
    """The digits in front of the point that the bounds of a number ask for."""
    known = [bound for bound in (part.minimum_value, part.maximum_value, *bounds) if bound]
    return max((bound.adjusted() + 1 for bound in known), default=0)


# -- values ------------------------------------------------------------------------------------


def _row(converts: dict[str, Convert], name: str) -> Convert:
    """What makes a row of an object of a class."""
    texts = frozenset(key for key, convert in converts.items() if convert is _text)

    def row(data: Any) -> dict[str, Any]:
        if type(data) is not dict:
            raise LexicalError(f"expected an object, found {shape(data)}")
        made = {}
        for key, value in data.items():
            if value is None:
                continue
            if type(value) is str and key in texts:
                made[key] = value
                continue
            convert = converts.get(key)
            if convert is None:
                raise RdfFault(f"class '{name}' has no such slot")
            try:
                made[key] = convert(value)
            except LexicalError as fault:
                raise RdfFault.within(fault, key) from None
        return made

    return row


def _each(convert: Convert) -> Convert:
    """What makes a list; null in it stays."""

    def values(found: Any) -> list[Any]:
        if type(found) is not list:
            raise LexicalError(f"expected a list, found {shape(found)}")
        if convert is _text and set(map(type, found)) == {str}:
            return found
        made = []
        for index, value in enumerate(found):
            try:
                made.append(None if value is None else convert(value))
            except LexicalError as fault:
                raise RdfFault.within(fault, index) from None
        return made

    return values


def _keyed(convert: Convert) -> Convert:
    """What makes a map."""
    each = _each(convert)

    def by_key(found: Any) -> dict[str, Any]:
        if type(found) is not dict:
            raise LexicalError(f"expected objects by identifier, found {shape(found)}")
        return dict(zip(found, each(list(found.values())), strict=True))

    return by_key


def _text(value: Any) -> str:
    if type(value) is str:
        return value
    raise LexicalError(f"expected text, found {shape(value)}")


def _long(value: Any) -> int:
    number: int = FROM_DATA[Primitive.INTEGER](value)
    if -(2**63) <= number < 2**63:
        return number
    raise LexicalError("integer out of range: the column holds 64 bits")


def _days(value: Any) -> int:
    return date.fromisoformat(FROM_DATA[Primitive.DATE](value)).toordinal() - _EPOCH


def _microseconds(value: Any) -> int:
    found = _MOMENT.fullmatch(FROM_DATA[Primitive.DATETIME](value))
    if not found:
        raise LexicalError("the column holds date-times in UTC, to the microsecond")
    day, hour, minute, second, fraction = found.groups("")
    seconds = _days(day) * 86_400 + int(hour) * 3600 + int(minute) * 60 + int(second)
    return seconds * 1_000_000 + int(fraction.ljust(6, "0"))


def _scaled(scale: int) -> Convert:
    """What takes a number of at most so many decimal places, and of so many digits as leave room for them."""
    before = PRECISION - scale

    def number(value: Any) -> Decimal:
        found: Decimal = FROM_DATA[Primitive.DECIMAL](value)
        _, digits, exponent = found.as_tuple()
        assert isinstance(exponent, int)
        if -exponent <= scale and len(digits) + exponent <= before:
            return found
        return _shortened(found, scale, before)

    return number


def _shortened(number: Decimal, scale: int, before: int) -> Decimal:
    """A number without the zeros at its end, if it then fits."""
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits)).rstrip("0")
    exponent += len(digits) - len(text)
    if not text:
        return Decimal(0)
    if -exponent > scale:
        raise LexicalError(f"number out of range: the column holds {scale} decimal places")
    if number.adjusted() >= before:
        raise LexicalError(f"number out of range: the column holds {before} digits before the point")
    return Decimal((sign, tuple(map(int, text)), exponent))

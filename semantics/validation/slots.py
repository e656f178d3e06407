"""Checks of the whole value of a slot: absent, one value, a list, or a mapping by identifier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any

from semantics.errors import shape
from semantics.lexical import FROM_TEXT, LexicalError, Primitive
from semantics.schema.model import Form, SlotExpression, SlotModel
from semantics.validation.expressions import Objects, value_check
from semantics.validation.findings import Place
from semantics.validation.scalars import ValueCheck

__all__ = ["Entry", "SlotCheck", "least", "limits", "slot_check"]

Entry = tuple[type | None, Callable[[Any], object], Callable[[Any], object]]
"""``only, quick, rest``: a value passes if its type is ``only``, or if ``quick`` or else ``rest`` says so."""


@dataclass(frozen=True, slots=True)
class SlotCheck:
    """The compiled check of one slot of a class.

    ``low``: fewer values than this are too few; absence, null and an empty list count as none.
    ``entry`` lets null pass: whether the slot may be null is asked by who knows what is required.
    """

    slot: SlotModel
    low: float
    entry: Entry
    explain: Callable[[Any, Place], None]

    def explain_absence(self, place: Place) -> None:
        """Note that the slot is not there although it has to be."""
        if self.low >= 1:
            _too_few(self.slot, self.low, place, "it is absent")


def limits(slot: SlotExpression) -> tuple[float, float]:
    """The least and the greatest number of values of a slot.

    >>> limits(SlotExpression(required=True))
    (1, inf)
    """
    low = max(slot.minimum_cardinality or 0, slot.exact_cardinality or 0)
    if slot.required or slot.value_presence == "PRESENT":
        low = max(low, 1)
    tops = (slot.maximum_cardinality, slot.exact_cardinality)
    high = min((top for top in tops if top is not None), default=inf)
    return low, (0 if slot.value_presence == "ABSENT" else high)


def least(slot: SlotModel) -> float:
    """The least number of values that a slot of a class needs; an identifier is always needed."""
    return max(limits(slot)[0], 1 if slot.identifier else 0)


def slot_check(objects: Objects, slot: SlotModel) -> SlotCheck:
    """The check of a slot as its class has it."""
    low, high = least(slot), limits(slot)[1]
    check = value_check(objects, slot)
    if slot.form is Form.KEYED:
        return _keyed(objects, slot, check, low, high)
    return _list(slot, check, low, high) if slot.many else _single(slot, check, low, high)


# -- one value -----------------------------------------------------------------------------------


def _is_null(value: Any) -> bool:
    return value is None


def _single(slot: SlotModel, check: ValueCheck, low: float, high: float) -> SlotCheck:
    exact = check.exact
    entry: Entry = (check.only, check.quick, lambda value: value is None or exact(value))
    if high < 1 or low > 1:
        entry = (None, _is_null, _is_null)

    def explain(value: Any, place: Place) -> None:
        if value is None:
            if low >= 1:
                _too_few(slot, low, place, "it is null")
        elif isinstance(value, list) and not exact(value):
            place.note("VAL009", "multivalued", f"expected one value, found {shape(value)}",
                       hint="the slot is not multivalued")  # fmt: skip
        elif not low <= 1 <= high:
            _count_fault(slot, 1, low, high, place)
        elif not exact(value):
            check.explain(value, place)

    return SlotCheck(slot, low, entry, explain)


# -- lists ---------------------------------------------------------------------------------------


def _list(slot: SlotModel, check: ValueCheck, low: float, high: float) -> SlotCheck:
    only, quick, exact = check.only, check.quick, check.exact

    def passes(values: Any) -> bool:
        if type(values) is not list or not low <= len(values) <= high:
            return False
        for value in values:
            if type(value) is not only and not quick(value) and (quick is exact or not exact(value)):
                return False
        return True

    def explain(values: Any, place: Place) -> None:
        if values is None:
            if low >= 1:
                _too_few(slot, low, place, "it is null")
        elif not isinstance(values, list):
            place.note("VAL008", "multivalued", f"expected a list, found {shape(values)}",
                       hint="the slot is multivalued: write even a single value as a list")  # fmt: skip
        else:
            _count_fault(slot, len(values), low, high, place)
            for index, value in enumerate(values):
                if not exact(value):
                    _explain_item(check, value, place.below(index))

    return SlotCheck(slot, low, (None, passes, _is_null), explain)


def _explain_item(check: ValueCheck, value: Any, place: Place) -> None:
    if isinstance(value, list):
        place.note("VAL009", "multivalued", f"expected one value, found {shape(value)}",
                   hint="a list holds single values, not lists")  # fmt: skip
    else:
        check.explain(value, place)


def _too_few(slot: SlotModel, low: float, place: Place, found: str) -> None:
    if slot.required or slot.identifier or slot.value_presence == "PRESENT" or low == 1:
        place.note("VAL001", "required", f"expected a value, but {found}")
    else:
        place.note("VAL007", "minimum_cardinality", f"expected at least {low} values, but {found}")


def _count_fault(slot: SlotExpression, count: int, low: float, high: float, place: Place) -> None:
    """Note that a slot has too few or too many values, if so."""
    if low <= count <= high:
        return
    if high == 0:
        place.note("VAL022", "value_presence", "expected no value, but it has one")
    elif count == 0 and low == 1:
        place.note("VAL001", "required", "expected a value, found an empty list")
    else:
        name = "minimum_cardinality" if count < low else "maximum_cardinality"
        if slot.exact_cardinality is not None:
            name = "exact_cardinality"
        wanted = f"exactly {low}" if low == high else f"at least {low}" if count < low else f"at most {high}"
        place.note("VAL007", name, f"expected {wanted} values, found {count}")


# -- mappings by identifier ----------------------------------------------------------------------


def _keyed(objects: Objects, slot: SlotModel, check: ValueCheck, low: float, high: float) -> SlotCheck:
    cls = objects.schema.classes[slot.range or ""]
    name = cls.identifier or ""
    identifier = value_check(objects, cls.slots[name])
    primitive = objects.schema.primitive(cls.slots[name])
    exact = check.exact

    def known_by(key: Any) -> Any:
        """The identifier that a key stands for; None if it cannot be one."""
        # A cell may have white space around its value; a key of JSON is the value itself.
        if not isinstance(key, str) or (primitive is not Primitive.STRING and key != key.strip(" \t\r\n")):
            return None
        try:
            value = FROM_TEXT[primitive](key) if primitive else key
        except LexicalError:
            return None
        return value if identifier.exact(value) else None

    def agrees(value: Any, identity: Any) -> bool:
        own = value.get(name) if isinstance(value, dict) else None
        return own is None or bool(own == identity)

    def passes(values: Any) -> bool:
        if type(values) is not dict or not low <= len(values) <= high:
            return False
        for key, value in values.items():
            identity = known_by(key)
            if identity is None or not exact(value) or not agrees(value, identity):
                return False
        return True

    def explain(values: Any, place: Place) -> None:
        if values is None:
            if low >= 1:
                _too_few(slot, low, place, "it is null")
            return
        if not isinstance(values, dict):
            hint = f"write {{identifier: {{...}}}}, without a list; '{name}' may be left out inside"
            text = f"expected objects by their {name}, found {shape(values)}"
            place.note("VAL008", "inlined", text, hint=hint)
            return
        _count_fault(slot, len(values), low, high, place)
        for position, (key, value) in enumerate(values.items()):
            here = place.below(position)  # the key is a value of the record, which no message says
            if not isinstance(key, str):
                place.note("VAL017", "inlined", f"expected keys that are text, found {shape(key)}")
            elif (identity := known_by(key)) is None:
                here.note("VAL014", "inlined", f"expected the {name} of a '{slot.range}' as key, "
                          f"found {shape(key)}")  # fmt: skip
            elif not agrees(value, identity):
                here.note("VAL017", "inlined", f"the key is not the {name} that the object has inside")
            if not exact(value):
                _explain_item(check, value, here)

    return SlotCheck(slot, low, (None, passes, _is_null), explain)

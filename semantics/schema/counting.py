"""Counts inside boolean constraints: what a part says of the number of values is about all values together.

``any_of: [{minimum_cardinality: 2}, {range: integer}]`` cannot be judged value by value: a part that says
``required``, ``value_presence`` or a cardinality holds if the slot has so many values and each of them is what
the part says. A constraint with such a part is therefore split: :func:`per_value` is what remains to be said of each
value, :func:`together` is a condition on the object that has the slot, like LinkML's ``slot_conditions``.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

import msgspec

from semantics.schema.model import ClassExpression, SlotExpression

__all__ = ["lifted", "per_value", "together"]

Expression = TypeVar("Expression", bound=SlotExpression)
_GROUPS: Final = ("any_of", "all_of", "none_of", "exactly_one_of")


def _counts(part: SlotExpression) -> bool:
    """Whether a part of a boolean constraint says something of how many values there are."""
    stated = (part.minimum_cardinality, part.maximum_cardinality, part.exact_cardinality, part.value_presence)
    if part.required or any(each is not None for each in stated):
        return True
    return any(_counts(inner) for _, parts in part.boolean for inner in parts)


def per_value(expression: Expression) -> Expression:
    """The same expression as far as it is about each single value.

    >>> some = SlotExpression(none_of=(SlotExpression(minimum_cardinality=2), SlotExpression(equals_string="a")))
    >>> [part.equals_string for part in per_value(some).none_of]
    ['a']
    """
    if not any(_counts(part) for _, parts in expression.boolean for part in parts):
        return expression
    any_of, all_of, none_of, one_of = (tuple(per_value(part) for part in getattr(expression, name)) for name in _GROUPS)
    none_of = tuple(part for part in none_of if not _counts(part))
    if any(map(_counts, one_of)):
        # Every value fits the one part that holds.
        all_of, one_of = (*all_of, SlotExpression(any_of=one_of)), ()
    return msgspec.structs.replace(expression, any_of=any_of, all_of=all_of, none_of=none_of, exactly_one_of=one_of)


def together(name: str, expression: SlotExpression) -> ClassExpression | None:
    """What the boolean constraints of slot ``name`` say of all of its values together; None where that is nothing."""
    found: dict[str, Any] = {}
    for group, parts in expression.boolean:
        told = parts if group in ("any_of", "exactly_one_of") else tuple(filter(_counts, parts))
        if any(map(_counts, told)):
            found[group] = tuple(_part(name, part) for part in told)
    return ClassExpression(**found) if found else None


def _part(name: str, part: SlotExpression) -> ClassExpression:
    inner = together(name, part)
    conditions = {name: per_value(part)}
    return ClassExpression(slot_conditions=conditions, all_of=(inner,) if inner else ())


def lifted(expression: ClassExpression) -> ClassExpression:
    """The same condition with the counts inside its slot conditions as conditions of their own."""
    more = [together(name, condition) for name, condition in expression.slot_conditions.items()]
    groups: dict[str, Any] = {name: tuple(map(lifted, getattr(expression, name))) for name in _GROUPS}
    groups["all_of"] = (*groups["all_of"], *(found for found in more if found is not None))
    slots = {name: per_value(condition) for name, condition in expression.slot_conditions.items()}
    return msgspec.structs.replace(expression, slot_conditions=slots, **groups)

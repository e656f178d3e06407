"""Constraints of models in few words."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from semantics.schema.model import ClassExpression, Form, Rule, SlotExpression, SlotModel, TypeModel

__all__ = ["cardinality", "constraints", "first_sentence", "flags", "rule_text"]

_FORMS = {Form.REFERENCE: "by reference", Form.KEYED: "by key"}


def first_sentence(text: str | None) -> str:
    r"""What a list says of a thing.

    >>> first_sentence("A meter. It\nmeasures."), first_sentence(None)
    ('A meter.', '')
    """
    words = " ".join((text or "").split())
    head, dot, _ = words.partition(". ")
    return head + "." if dot else words


def cardinality(slot: SlotExpression) -> str:
    """How many values a slot has.

    >>> cardinality(SlotExpression(required=True)), cardinality(SlotExpression(multivalued=True))
    ('1', '0..*')
    """
    if slot.exact_cardinality is not None:
        return str(slot.exact_cardinality)
    least = slot.minimum_cardinality if slot.minimum_cardinality is not None else int(bool(slot.required))
    most = slot.maximum_cardinality if slot.maximum_cardinality is not None else "*" if slot.multivalued else 1
    return f"{least}" if least == most else f"{least}..{most}"


def flags(slot: SlotModel) -> tuple[str, ...]:
    """What else is special about a slot."""
    told = (("identifier", slot.identifier), ("names the class", slot.designates_type),
            ("recommended", slot.recommended))  # fmt: skip
    found = [word for word, holds in told if holds]
    return (*found, _FORMS[slot.form]) if slot.form in _FORMS else tuple(found)


def constraints(of: SlotExpression | TypeModel) -> tuple[str, ...]:
    """What values must be like, beyond their range."""
    return tuple(_type(of) if isinstance(of, TypeModel) else _expression(of))


def _type(each: TypeModel) -> Iterator[str]:
    for pattern in each.patterns:
        yield f"matches {pattern}"
    yield from _bounds(each.minimum_value, each.maximum_value)
    if each.equals_string_in:
        yield f"one of {', '.join(each.equals_string_in)}"


def _bounds(least: Decimal | None, most: Decimal | None) -> Iterator[str]:
    if least is not None:
        yield f"at least {least}"
    if most is not None:
        yield f"at most {most}"


def _expression(slot: SlotExpression) -> Iterator[str]:
    if slot.pattern:
        yield f"matches {slot.pattern}"
    yield from _bounds(slot.minimum_value, slot.maximum_value)
    if slot.equals_string is not None:
        yield f"is “{slot.equals_string}”"
    if slot.equals_string_in:
        yield f"one of {', '.join(slot.equals_string_in)}"
    if slot.equals_number is not None:
        yield f"is {slot.equals_number}"
    if slot.value_presence:
        yield f"is {slot.value_presence.lower()}"
    for name, parts in slot.boolean:
        told = [text for part in parts if (text := _part(part))]
        if told and any(any(_expression(part)) for part in parts):
            yield f"{name.replace('_', ' ')}: {'; '.join(told)}"


def _part(slot: SlotExpression) -> str:
    return " and ".join(([slot.range] if slot.range else []) + list(_expression(slot)))


def rule_text(rule: Rule) -> str:
    """A rule of a class as a sentence: its own, or one made of its conditions."""
    if rule.description:
        return " ".join(rule.description.split())
    before, after, other = (_condition(part) for part in
                            (rule.preconditions, rule.postconditions, rule.elseconditions))  # fmt: skip
    text = f"if {before}, then {after}" if before and after else after or ""
    return f"{text}, else {other}" if other and text else text


def _condition(condition: ClassExpression | None) -> str:
    if condition is None:
        return ""
    told = [f"it is a {condition.is_a}"] if condition.is_a else []
    for name, slot in condition.slot_conditions.items():
        required = ["is required"] if slot.required else []
        told.append(f"{name} {' and '.join([*required, *_expression(slot)]) or 'is of ' + (slot.range or 'any range')}")
    for word, parts in (("any of", condition.any_of), ("all of", condition.all_of), ("none of", condition.none_of),
                        ("exactly one of", condition.exactly_one_of)):  # fmt: skip
        if parts:
            told.append(f"{word} ({'; '.join(map(_condition, parts))})")
    return " and ".join(told)

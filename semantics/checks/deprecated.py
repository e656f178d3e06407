"""A check of what a mapping writes that its target model is about to lose."""

from __future__ import annotations

from collections.abc import Iterator

from semantics.checks.rule import Subject, mapping_rule
from semantics.errors import Diagnostic, escaped
from semantics.plan.model import Constant, SlotRule
from semantics.schema.model import PermissibleValue, SlotModel

__all__ = ["deprecated_element"]


@mapping_rule("DEPRECATED_ELEMENT", "CHK011", "terms")
def deprecated_element(subject: Subject) -> Iterator[Diagnostic]:
    """A class, slot or permissible value that a mapping writes is deprecated in the target model.

    The next version of the model may be without it; the text of the deprecation mostly says what takes its place.

    Bad:
        fax: {populated_from: fax_no}   # the model says: deprecated, use contact_points
    Good:
        contact_points: ...
    """
    told: set[str] = set()
    for rule in subject.plan.rules.values():
        model = subject.target.classes.get(rule.target_class)
        if model is None:
            continue
        if model.deprecated and model.name not in told:
            told.add(model.name)
            yield subject.finding("CHK011", _text(f"class '{model.name}'", model.deprecated), rule.origin)
        for slot in rule.slots:
            known = model.slots.get(slot.slot)
            if known is None:
                continue
            if known.deprecated:
                what = f"slot '{known.name}' of '{model.name}'"
                yield subject.finding("CHK011", _text(what, known.deprecated), subject.place(slot))
            for value in _values(subject, known, slot):
                what = f"value '{value.text}' of '{known.range}'"
                yield subject.finding("CHK011", _text(what, value.deprecated or ""), subject.place(slot))


def _values(subject: Subject, known: SlotModel, slot: SlotRule) -> Iterator[PermissibleValue]:
    """The deprecated values that a slot is given for every record."""
    enum = subject.target.enums.get(known.range or "")
    if enum is not None and isinstance(slot.value, Constant):
        found = (enum.values.get(str(item.value)) for item in slot.value.items)
        yield from (value for value in found if value is not None and value.deprecated)


def _text(what: str, said: str) -> str:
    """What is deprecated, with what the model says of it where that is more than yes."""
    more = "" if said.strip().casefold() in ("true", "yes") else f": {escaped(said.strip())}"
    return escaped(f"{what} is deprecated") + more

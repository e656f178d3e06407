"""What it means for a plan that slots of its target ask for other values, told without the mapping it was made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from semantics.errors import Diagnostic, Location, Severity
from semantics.plan.about import slots_meant
from semantics.plan.model import Build, Plan
from semantics.schema.model import SchemaModel

__all__ = ["DERIVE", "UNDERIVED", "is_asked", "underived"]

UNDERIVED: Final = "required slot '{slot}' of class '{cls}' has no derivation"
DERIVE: Final = "every instance would be rejected: derive it"


def is_asked(plan: Plan, target: SchemaModel, names: frozenset[str]) -> bool:
    """Whether a plan makes objects that have one of these slots (:func:`semantics.plan.about.about`), or need it."""
    meant = slots_meant(target, names)
    for rule in plan.rules.values():
        cls, written = target.classes[rule.target_class], {slot.slot for slot in rule.slots}
        if any(name in written or cls.slots[name].required for name in meant[cls.name] & cls.slots.keys()):
            return True
    return False


def underived(plan: Plan, target: SchemaModel, line: Callable[[Location], str]) -> tuple[Diagnostic, ...]:
    """The warnings about slots that the target wants and no rule fills; ``line`` is the text of a place."""
    builds = [slot.value for rule in plan.rules.values() for slot in rule.slots if isinstance(slot.value, Build)]
    references = {name for build in builds if build.identifier is not None for name in build.rules}
    found = [
        Diagnostic("MAP030", UNDERIVED.format(slot=slot.name, cls=rule.target_class), rule.origin, DERIVE,
                   line(rule.origin) or None, Severity.WARNING)
        for rule in plan.rules.values() if rule.id not in references
        for slot in target.classes[rule.target_class].slots.values()
        if slot.required and not slot.designates_type and all(each.slot != slot.name for each in rule.slots)
    ]  # fmt: skip
    return tuple(dict.fromkeys(found))

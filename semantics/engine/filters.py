"""Why a record is left out: what the report counts filtered records by."""

from __future__ import annotations

from semantics.plan.model import Plan

__all__ = ["refusal"]


def refusal(plan: Plan, source_class: str) -> str:
    """Why a record of a class, or a group by its name, gives no instance at all.

    Every rule that it starts must have said no, or one of them had made an instance: so the reason follows from the
    class alone, and nothing need be watched while records pass.
    """
    rules = [plan.rules[name] for name in plan.starts.get(source_class, ())]
    if rules:
        said = [rule.rule for rule in rules if rule.where is not None]
        return f"where {', '.join(dict.fromkeys(said))}" if said else "no derivation made anything"
    groups = [group for group in plan.groups.values() if source_class in group.classes]
    if groups:
        places = (f"{group.origin.file or '<mapping>'}:{group.origin.line or 1}" for group in groups)
        return f"in no group {', '.join(dict.fromkeys(places))}"
    return f"looked up only ({source_class})" if source_class in plan.partners else "no derivation"

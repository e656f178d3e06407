"""Of which source class a record is, told by its content when nothing else says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from semantics.errors import Diagnostic
from semantics.plan.model import Plan, SourceClass

__all__ = ["fitting", "tell_class"]


def tell_class(plan: Plan, record: Mapping[str, Any]) -> str | Diagnostic:
    """The source class of a record: by the key that names it, or as the one class that fits it best.

    Returns a diagnostic where no class fits, or several fit equally.
    """
    for selector in plan.source.selectors:
        if selector.class_by is not None and isinstance(named := record.get(selector.class_by), str):
            return named
    if plan.source.class_name is not None:
        unclear = Diagnostic("REC006", "the schema has no single root, so it does not say the class of this record",
                             hint="say which with --class (source_class)")  # fmt: skip
        return plan.source.class_name or unclear
    candidates = tuple(plan.classes[name] for name in plan.record_classes if name in plan.classes)
    if len(candidates) == 1:
        return candidates[0].name
    present = tuple(key for key, value in record.items() if value is not None)
    found = fitting(candidates, present)
    if len(found) == 1:
        return found[0].name
    names = ", ".join(cls.name for cls in (found or candidates)[:8])
    why = "several classes fit this record" if found else "no source class fits this record"
    return Diagnostic("REC006", f"{why}: {names}", hint="say which with --class (source_class)")


def fitting(candidates: tuple[SourceClass, ...], names: tuple[str, ...]) -> tuple[SourceClass, ...]:
    """The classes whose required slots are all among ``names`` and that know most of them.

    Where several know equally many, those that require most of what is there win.
    """
    given = set(names)
    scored = [
        (len(given & set(cls.slots)), len(given & set(cls.required)), cls)
        for cls in candidates
        if given >= set(cls.required) and given & set(cls.slots)
    ]
    best = max(((known, required) for known, required, _ in scored), default=None)
    return tuple(cls for known, required, cls in scored if (known, required) == best)

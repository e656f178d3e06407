"""Parts of a plan that an analysis does not know: named, so that nothing is passed over in silence."""

from __future__ import annotations

from typing import Final

import msgspec

from semantics.expressions.tree import Path, walk
from semantics.plan.model import ClassRule, Codes, Compute, SlotRule

__all__ = ["beyond"]

_KNOWN: Final[dict[type, frozenset[str]]] = {
    SlotRule: frozenset({"slot", "value", "origin", "codes", "default", "convert", "many", "keyed", "reads", "where"}),
    Codes: frozenset({"table", "unmapped"}),
    ClassRule: frozenset({
        "id", "source_class", "target_class", "scopes", "objects", "slots", "origin", "designator", "where", "root",
        "arranged", "fixed",
    }),
}  # fmt: skip


def beyond(part: ClassRule | SlotRule | Codes) -> tuple[str, ...]:
    """The fields of a rule that say something and that analyses do not look at.

    >>> beyond(Codes(table={}, computed={})), beyond(Codes(table={}, computed={"a": None}))
    ((), ('computed',))
    """
    known = _KNOWN[type(part)]
    found = []
    for field in msgspec.structs.fields(part):
        if field.name not in known and getattr(part, field.name) != field.default:
            empty = field.default is msgspec.NODEFAULT and not getattr(part, field.name)
            if not empty:
                found.append(field.name)
    if isinstance(part, SlotRule) and part.codes is not None:
        found += beyond(part.codes)
    if isinstance(part, SlotRule) and isinstance(part.value, Compute):
        paths = (node for node in walk(part.value.expression) if isinstance(node, Path))
        found += ["missing_values"] if any(path.missing for path in paths) else []
    return tuple(found)

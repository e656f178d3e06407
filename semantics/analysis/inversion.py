"""The inverse of a whole mapping: every root derivation turned around, checked by planning what comes out."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from semantics.analysis.inverse import SlotInverse, Source, invert_rule, leaves, written
from semantics.analysis.inverse_values import ONE_WAY
from semantics.analysis.output import as_yaml, table
from semantics.errors import MappingError, UsageError
from semantics.mapping.load import read_mapping
from semantics.plan.build import build_plan
from semantics.plan.model import ClassRule, Constant, Plan
from semantics.schema.model import SchemaModel

__all__ = ["Inverse", "invert"]

Words = Mapping[str, Any]
_TAGGED: Final = "which derivation made an instance is not told"
_GROUPED: Final = "an instance stands for several records"


@dataclass(frozen=True, slots=True)
class Inverse:
    """The mapping back (data that :func:`semantics.load_mapping` takes), and the verdict on every slot.

    ``missing`` are required slots of the source that nothing brings back: records without them are not valid.
    ``source_schema`` and ``target_schema`` are those of the mapping back where they are known as data or paths;
    ``compat`` is the dialect it is written in. :func:`semantics.load_mapping` takes the whole.
    """

    mapping: dict[str, Any]
    slots: tuple[SlotInverse, ...]
    missing: tuple[str, ...] = ()
    source_schema: Any = None
    target_schema: Any = None
    compat: str | None = None

    def to_yaml(self) -> str:
        """The mapping back as a file."""
        return as_yaml(self.mapping)

    def to_text(self) -> str:
        """The verdicts as a table."""
        rows = [
            (found.target_class, found.slot, ", ".join(found.restores) or "-", found.verdict, found.reason or "")
            for found in self.slots
        ]
        counts = {word: sum(found.verdict == word for found in self.slots) for word in ("lossless", "lossy", "one-way")}
        lines = [table(("class", "slot", "restores", "verdict", "reason"), rows), ""]
        lines.append(", ".join(f"{count} {word}" for word, count in counts.items()))
        if self.missing:
            lines.append(f"required and not restored: {', '.join(self.missing)}")
        return "\n".join(lines)


def invert(plan: Plan, source: SchemaModel, target: SchemaModel, schemas: tuple[Any, Any] = (None, None)) -> Inverse:
    """The inverse of a plan; ``schemas`` are the names of its source and target schema as the mapping has them.

    Raises :class:`UsageError` where nothing comes back at all.
    """
    parts: list[tuple[ClassRule, Source, list[SlotInverse]]] = []
    ambiguous, grouped = _ambiguous(plan), {group.rule for group in plan.groups.values()}
    for rule in plan.rules.values():
        if not rule.root or rule.source_class is None:
            continue
        root, verdicts = invert_rule(plan, source, target, rule)
        if rule.id in ambiguous or rule.id in grouped:
            reason = _GROUPED if rule.id in grouped else _TAGGED
            verdicts = tuple(replace(slot, restores=(), verdict=ONE_WAY, reason=reason) for slot in verdicts)
        parts.append((rule, root, list(verdicts)))
    head = {
        "name": f"{plan.name}-inverse",
        "source_schema": schemas[1] or plan.target_schema,
        "target_schema": schemas[0] or plan.source_schema,
    }
    usable = [part for part in parts if part[0].id not in ambiguous | grouped]
    mapping = _mapping(head, usable)
    if _faults(mapping, source, target):
        for rule, found, slots in usable:
            _prune(head, rule, found, slots, source, target)
        mapping = _mapping(head, usable)
    if not mapping["class_derivations"]:
        raise UsageError(_nothing(plan))
    missing = tuple(
        f"{name}.{slot.name}"
        for derivation in mapping["class_derivations"]
        for name, body in derivation.items()
        for slot in source.classes[name].slots.values()
        if slot.required and slot.name not in body["slot_derivations"]
    )
    return Inverse(mapping, tuple(slot for _, _, slots in parts for slot in slots), tuple(dict.fromkeys(missing)))


def _nothing(plan: Plan) -> Any:
    from semantics.errors import Diagnostic

    return Diagnostic("RUN052", f"nothing of the mapping '{plan.name}' can be turned around")


def _mapping(head: Words, parts: list[tuple[ClassRule, Source, list[SlotInverse]]]) -> dict[str, Any]:
    derivations = []
    for rule, found, _ in parts:
        slots = written(found)
        if slots:
            derivations.append({found.class_name: {
                "populated_from": rule.target_class, **_where(rule, parts), "slot_derivations": slots,
            }})  # fmt: skip
    return {**head, "class_derivations": derivations}


# -- several derivations of one class ----------------------------------------------------------------


def _constants(rule: ClassRule) -> dict[str, str]:
    """The slots of a rule that hold the same text for every record."""
    found: dict[str, str] = {}
    for slot in rule.slots:
        items = slot.value.items if isinstance(slot.value, Constant) and not slot.many else ()
        if len(items) == 1 and isinstance(items[0].value, str) and slot.slot.isidentifier():
            found[slot.slot] = items[0].value
    return found


def _telling(rule: ClassRule, others: list[ClassRule]) -> str | None:
    """A slot whose constant tells the instances of a rule from those of others."""
    own = _constants(rule)
    for name, value in own.items():
        if all(_constants(other).get(name, value) != value for other in others):
            return name
    return None


def _same_target(rule: ClassRule, rules: list[ClassRule]) -> list[ClassRule]:
    return [other for other in rules if other.id != rule.id and other.target_class == rule.target_class]


def _ambiguous(plan: Plan) -> set[str]:
    """Rules whose instances cannot be told from those of another rule."""
    roots = [rule for rule in plan.rules.values() if rule.root]
    return {rule.id for rule in roots if (others := _same_target(rule, roots)) and _telling(rule, others) is None}


def _where(rule: ClassRule, parts: list[tuple[ClassRule, Source, list[SlotInverse]]]) -> dict[str, str]:
    others = _same_target(rule, [part[0] for part in parts])
    name = _telling(rule, others) if others else None
    return {} if name is None else {"where": f"{name} == {_constants(rule)[name]!r}"}


# -- what does not plan ------------------------------------------------------------------------------


def _faults(mapping: Words, source: SchemaModel, target: SchemaModel) -> str | None:
    """Why a mapping back is refused, if it is."""
    if not mapping["class_derivations"]:
        return None
    try:
        build_plan(read_mapping(mapping), target, source)
    except MappingError as fault:
        return fault.diagnostics[0].message
    return None


def _prune(
    head: Words, rule: ClassRule, found: Source, slots: list[SlotInverse], source: SchemaModel, target: SchemaModel
) -> None:
    """Leave out the slots whose derivation is refused, each tried by itself, and say why."""
    for path, _, _ in list(leaves(found)):
        alone = copy.deepcopy(found)
        for other, owner, name in list(leaves(alone)):
            if other != path:
                del owner.leaves[name]
        reason = _faults(_mapping(head, [(rule, alone, [])]), source, target)
        if reason is None:
            continue
        for other, owner, name in list(leaves(found)):
            if other == path:
                del owner.leaves[name]
        for at, slot in enumerate(slots):
            if ".".join(path) in slot.restores:
                slots[at] = replace(slot, restores=(), verdict=ONE_WAY, reason=f"refused: {reason}")

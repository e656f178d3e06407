"""Pivots, brought to what plans have: MELT to nested rules, UNMELT to one expression a slot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from semantics.expressions.tree import Call, Case, Compare, Comprehension, Expr, Path
from semantics.expressions.types import Kind, Type
from semantics.lexical import Primitive
from semantics.mapping.spec import ClassDerivation, PivotOperation, SlotDerivation
from semantics.plan.convert import target_primitive
from semantics.plan.lowering import text
from semantics.plan.scope import slot_type
from semantics.schema.model import ClassModel, Form, SchemaModel, SlotModel

__all__ = ["long_form", "melted", "named_by", "variables_of", "wide_value"]

_MEMBER: Final = "member()"
_READ: Final = {
    Primitive.INTEGER: "int", Primitive.DECIMAL: "decimal", Primitive.FLOAT: "float", Primitive.BOOLEAN: "bool",
}  # fmt: skip


def melted(pivot: PivotOperation, target_class: str, source_slots: Sequence[str]) -> list[ClassDerivation]:
    """MELT: a nested derivation for each wide slot, made where the slot has a value."""
    return [
        ClassDerivation(
            name=target_class,
            where=f"{{{name}}} is not null",
            slot_derivations={
                **{key: SlotDerivation(name=key, populated_from=key) for key in pivot.id_slots},
                pivot.variable_slot: SlotDerivation(name=pivot.variable_slot, value=name),
                pivot.value_slot: SlotDerivation(name=pivot.value_slot, populated_from=name),
            },
        )
        for name in source_slots
    ]


def long_form(
    source: SchemaModel, cls: ClassModel, pivot: PivotOperation
) -> tuple[SlotModel | None, ClassModel] | None:
    """Where UNMELT finds variables: in the record itself (None), or in the objects of one of its lists."""
    wanted = {pivot.variable_slot, pivot.value_slot}
    if wanted <= set(cls.slots):
        return None, cls
    lists = [
        slot for slot in cls.slots.values()
        if slot.many and slot.form is Form.OBJECT and wanted <= set(source.classes[slot.range or ""].slots)
    ]  # fmt: skip
    return (lists[0], source.classes[lists[0].range or ""]) if len(lists) == 1 else None


def named_by(pivot: PivotOperation, of: Path) -> Expr:
    """The name of the wide slot that a long object is about, by the template."""
    parts: list[Expr] = []
    rest = pivot.slot_name_template
    while rest:
        head, brace, tail = rest.partition("{")
        if head:
            parts.append(text(head))
        name, _, rest = tail.partition("}") if brace else ("", "", "")
        if name == "variable":
            parts.append(_step(of, pivot.variable_slot))
        elif name == "unit" and pivot.unit_slot is not None:
            parts.append(_step(of, pivot.unit_slot))
        elif brace:
            parts.append(text(f"{{{name}}}"))
    parts = [Call(function="str", arguments=(part,)) if isinstance(part, Path) else part for part in parts]
    return parts[0] if len(parts) == 1 else Call(function="concat", arguments=tuple(parts))


def _step(of: Path, name: str) -> Path:
    return Path(steps=(*of.steps, name))


def variables_of(pivot: PivotOperation, container: str | None) -> Expr:
    """The names of all wide slots that a record is about."""
    if container is None:
        return named_by(pivot, Path())
    member = Path(steps=(_MEMBER,))
    return Comprehension(element=named_by(pivot, member), variable=_MEMBER, source=Path(steps=(container,)))


def wide_value(
    pivot: PivotOperation, container: str | None, source: SchemaModel, long: ClassModel, target: SchemaModel,
    slot: SlotModel,
) -> Expr:  # fmt: skip
    """UNMELT: the value of one wide slot: that of the one long object that is about it."""
    kind = slot_type(source, long.slots[pivot.value_slot])
    of = Path() if container is None else Path(steps=(_MEMBER,))
    test = Compare(operator="==", left=named_by(pivot, of), right=text(slot.name))
    value = _read(_step(of, pivot.value_slot), kind, target_primitive(target, slot))
    if container is None:
        return Case(branches=((test, value),))
    values = Comprehension(element=value, variable=_MEMBER, source=Path(steps=(container,)), condition=test)
    return values if slot.many else Call(function="single", arguments=(values,))


def _read(value: Expr, kind: Type, wanted: Primitive | None) -> Expr:
    """The value column holds texts for every kind of slot: each is read by the range of its own."""
    if kind.kind is Kind.STRING and wanted in _READ:
        return Call(function=_READ[wanted], arguments=(value,))
    return value

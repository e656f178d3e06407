"""Pivots, brought to what plans have: MELT to nested rules, UNMELT to one expression a slot."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Final

from semantics.errors import closest, escaped
from semantics.expressions.tree import Call, Case, Compare, Comprehension, Expr, Literal, Path
from semantics.expressions.types import Kind, Type
from semantics.lexical import Primitive
from semantics.mapping.spec import ClassDerivation, PivotOperation, SlotDerivation
from semantics.plan.convert import target_primitive
from semantics.plan.lowering import text
from semantics.plan.model import Build, Codes, Compute, SlotRule, Value
from semantics.plan.names import read_paths
from semantics.plan.scope import SchemaScope, slot_type
from semantics.schema.model import ClassModel, Form, SchemaModel, SlotModel

if TYPE_CHECKING:
    from semantics.plan.slots import SlotPlanner

__all__ = ["long_form", "melted", "named_by", "plan_melt", "plan_unmelt", "variables_of", "wide_value"]

Path_ = tuple[str | int, ...]

_MEMBER: Final = "member()"
_READ: Final = {
    Primitive.INTEGER: "int", Primitive.DECIMAL: "decimal", Primitive.FLOAT: "float", Primitive.BOOLEAN: "bool",
}  # fmt: skip


def melted(
    pivot: PivotOperation, target_class: str, source_slots: Sequence[str], as_text: Collection[str] = ()
) -> list[ClassDerivation]:
    """MELT: a nested derivation for each wide slot, made where the slot has a value.

    ``as_text``: slots of any value, which is written as a text, or else as JSON.
    """

    def value(name: str) -> SlotDerivation:
        if name not in as_text:
            return SlotDerivation(name=pivot.value_slot, populated_from=name)
        plain = f"case((is_str({{{name}}}), str({{{name}}})), (true, json({{{name}}})))"
        return SlotDerivation(name=pivot.value_slot, expr=plain)

    return [
        ClassDerivation(
            name=target_class,
            where=f"{{{name if name.isidentifier() else repr(name)}}} is not null",
            slot_derivations={
                **{key: SlotDerivation(name=key, populated_from=key) for key in pivot.id_slots},
                pivot.variable_slot: SlotDerivation(name=pivot.variable_slot, value=name),
                pivot.value_slot: value(name),
            },
        )
        for name in source_slots
    ]


def long_form(
    source: SchemaModel, cls: ClassModel, pivot: PivotOperation, members: str = ""
) -> tuple[SlotModel | None, ClassModel] | None:
    """Where UNMELT finds variables: in the record itself (None), or in the objects of one of its lists.

    ``members`` is the list of the records of a group, which comes before any other.
    """
    wanted = {pivot.variable_slot, pivot.value_slot}
    if wanted <= {name for name, slot in cls.slots.items() if not slot.many}:
        return None, cls
    lists = [
        slot for slot in cls.slots.values()
        if slot.many and slot.form is Form.OBJECT and wanted <= set(source.classes[slot.range or ""].slots)
    ]  # fmt: skip
    lists = [slot for slot in lists if slot.name == members] or lists
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


def plan_melt(
    planner: SlotPlanner, derivation: SlotDerivation, slot: SlotModel, scope: SchemaScope, path: Path_
) -> tuple[Value, None] | None:
    """MELT: one object for each of several slots, of the scope or of what ``populated_from`` or ``for_each`` names."""
    pivot = derivation.pivot_operation
    assert pivot is not None
    here = (*path, "pivot_operation")
    target = planner.target.classes.get(slot.range or "")
    over = derivation.for_each or derivation.populated_from
    of = scope.own.type
    if over is not None:
        found = planner.names.path(over, scope, (*path, "for_each" if derivation.for_each else "populated_from"))
        if found is None:
            return None
        of = found.type
    source = planner.source.classes.get(of.of or "")
    if pivot.direction != "MELT" or target is None or source is None or slot.form is not Form.OBJECT or not slot.many:
        hint = "UNMELT stands on a class derivation" if pivot.direction != "MELT" else None
        planner.findings.error("MAP081", "MELT fills a slot that holds a list of objects", here, hint)
        return None
    wide = planner.target.classes.get(pivot.unmelt_to_class or "")
    names = pivot.source_slots or [
        name for name, found in source.slots.items()
        if (found.form is not Form.OBJECT or planner.source.takes_any(found.range))
        and not found.many and name not in pivot.id_slots
        and (wide is None or name in wide.slots)
    ]  # fmt: skip
    holds = target.slots.get(pivot.value_slot)
    text = holds is not None and planner.target.primitive(holds) is Primitive.STRING
    open_ = [name for name in names if name in source.slots and planner.source.takes_any(source.slots[name].range)]
    derivations = melted(pivot, target.name, names, open_ if text else ())
    if over is not None:
        inside = {"pivot_operation": None, "class_derivations": derivations}
        return planner.objects(derivation.model_copy(update=inside), slot, scope, path)
    rules = planner.build_rules(derivations, scope, (*here, "class_derivations"), slot, None)
    return (Build(rules=rules), None) if rules else None


def plan_unmelt(
    planner: SlotPlanner, derivation: ClassDerivation, cls: ClassModel, scope: SchemaScope, path: Path_
) -> dict[str, SlotRule]:
    """UNMELT: the wide slots of a class from objects that each hold a variable and its value."""
    pivot = derivation.pivot_operation
    assert pivot is not None
    here = (*path, "pivot_operation")
    source = scope.schema.classes.get(scope.own.type.of or "")
    found = long_form(planner.source, source, pivot, scope.members) if source is not None else None
    if pivot.direction != "UNMELT" or found is None:
        message = f"no one list of the source holds '{pivot.variable_slot}' and '{pivot.value_slot}'"
        planner.findings.error("MAP081", message if pivot.direction == "UNMELT" else "MELT stands on a slot", here)
        return {}
    container, long = found
    taken = {*derivation.slot_derivations, *pivot.id_slots}
    names = pivot.unmelt_to_slots or [
        name for name, slot in cls.slots.items()
        if name not in taken and slot.form not in (Form.OBJECT, Form.KEYED) and not slot.designates_type
    ]  # fmt: skip
    rules: dict[str, SlotRule] = {}
    for name in pivot.id_slots:
        rule = planner.plan(SlotDerivation(name=name), cls, scope, (*here, "id_slots"))
        rules |= {name: rule} if rule is not None else {}
    for name in names:
        if name not in cls.slots:
            planner.findings.error("MAP081", f"'{escaped(name)}' is not a slot of '{cls.name}'",
                                (*here, "unmelt_to_slots"), closest(name, cls.slots))  # fmt: skip
            continue
        slot = cls.slots[name]
        tree = wide_value(pivot, container.name if container else None, planner.source, long, planner.target, slot)
        rule = _lowered(planner, SlotDerivation(name=name), slot, tree, scope, here)
        rules |= {name: rule} if rule is not None else {}
    return rules | _variables(planner, pivot, container, names, scope, here)


def _variables(
    planner: SlotPlanner,
    pivot: PivotOperation,
    container: SlotModel | None,
    names: Sequence[str],
    scope: SchemaScope,
    path: Path_,
) -> dict[str, SlotRule]:
    """A hidden slot that refuses, and counts, variables that no slot is made of."""
    tree = planner.names.checked(variables_of(pivot, container.name if container else None), scope, path)
    if tree is None:
        return {}
    slot = SlotModel(name=pivot.variable_slot, uri="", range="Any", multivalued=container is not None)
    codes = Codes(table={name: Literal(value=name) for name in names}, unmapped=pivot.unmapped)
    name = f"({pivot.variable_slot})"
    return {name: SlotRule(slot=name, value=Compute(expression=tree), origin=planner.mapping.location(*path),
                           codes=codes, convert=("any",), many=slot.many, reads=read_paths(tree))}  # fmt: skip


def _lowered(
    planner: SlotPlanner, derivation: SlotDerivation, slot: SlotModel, tree: Expr, scope: SchemaScope, path: Path_
) -> SlotRule | None:
    """The rule of a slot whose value is a lowered tree."""
    checked = planner.names.checked(tree, scope, path)
    if checked is None:
        return None
    value = Compute(expression=checked)
    codes = planner.codes.table(derivation, slot, checked.type, scope, path)
    conversion = planner.codes.conversion(derivation, slot, value, checked.type, codes, path)
    if conversion is None:
        return None
    return SlotRule(slot=slot.name, value=value, origin=planner.mapping.location(*path), codes=codes,
                    convert=conversion, many=slot.many, reads=read_paths(checked))  # fmt: skip

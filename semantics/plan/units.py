"""``unit_conversion``: lowered to calls of ``convert_unit``, and to the building of a quantity where one is wanted.

The source unit is a constant of the mapping, the ``unit`` of the source slot in its schema, or a slot that stands
beside the magnitude; the target unit is that of the mapping or of the target slot. What two of them say must agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from semantics import units
from semantics.errors import ExpressionError, closest, escaped
from semantics.expressions.check import check
from semantics.expressions.tree import Call, Case, Comprehension, Expr, Index, IsNull, Literal, Not, Path
from semantics.expressions.types import BOOLEAN, STRING, Kind, Type
from semantics.mapping.load import LoadedMapping
from semantics.mapping.spec import ClassDerivation, SlotDerivation, UnitConversion
from semantics.plan.findings import Findings
from semantics.plan.lowering import without
from semantics.plan.model import Build, ClassRule, Compute, Value
from semantics.plan.scope import SchemaScope
from semantics.schema.model import Form, SchemaModel, SlotModel

__all__ = ["UnitPlanner"]

Path_ = tuple[str | int, ...]
_SCHEMES: Final = {
    "ucum": "ucum", "ucum_code": "ucum", "rec20": "rec20", "symbol": "symbol", "abbreviation": "symbol",
    "descriptive_name": "symbol",
}  # fmt: skip
"""What a mapping calls a scheme (the fields of LinkML's ``unit`` among it), and the scheme of ``semantics.units``."""


@dataclass(frozen=True)
class UnitPlanner:
    """Plans the unit conversions of one mapping; ``build_rules`` makes the rule of a quantity object."""

    mapping: LoadedMapping
    target: SchemaModel
    findings: Findings
    rules: dict[str, ClassRule]
    build_rules: Callable[..., tuple[str, ...]]

    def plan(
        self, derivation: SlotDerivation, slot: SlotModel, found: Expr, scope: SchemaScope, path: Path_
    ) -> tuple[Value, Type | None] | None:
        """The converted number, or the quantity object that holds it, of what stands at ``found``."""
        conversion = derivation.unit_conversion
        assert conversion is not None
        here = (*path, "unit_conversion")
        if not self._consistent(conversion, here):
            return None
        if conversion.target_magnitude_slot is not None:
            return self._quantity(derivation, conversion, slot, found, scope, path)
        text = derivation.populated_from or derivation.name
        held, beside = conversion.source_magnitude_slot, conversion.source_unit_slot
        if not isinstance(found, Path) and (held or beside):
            self.findings.error("MAP013", f"'{escaped(text)}' is of one element, and the unit beside it is not reached",
                                path, "go over the list with for_each")  # fmt: skip
            return None
        names = _names(text, scope)
        if not self._stand(conversion, names, scope, here):
            return None
        source = self._source(conversion, scope.slot((*names, held) if held else names), here)
        target = self._agreed(conversion, "target", slot, here)
        if source is None or target is None or not self._fit(source, target, here):
            return None
        try:
            place = self.mapping.location(*here, key=False)
            expression = check(_lowered(derivation, names, found, source, target, scope), scope, place)
        except ExpressionError as fault:
            self.findings.expression(fault, here)
            return None
        return Compute(expression=expression), expression.type

    def alike(self, text: str, slot: SlotModel, scope: SchemaScope, path: Path_) -> bool:
        """Whether a value may be copied as it is: not from one unit of the schemas to another."""
        source = scope.slot(_names(text, scope))
        if source is None or source.unit is None or slot.unit is None:
            return True
        try:
            given = units.ucum_of(source.unit, _SCHEMES.get(source.unit_scheme or "", ""))
        except units.UnitError:
            return True
        if not _differ(given, slot.unit, slot.unit_scheme):
            return True
        message = f"'{escaped(text)}' is in {escaped(source.unit)}, and slot '{slot.name}' in {escaped(slot.unit)}"
        self.findings.error("MAP093", message, path, "add unit_conversion: {}")
        return False

    # -- which units ------------------------------------------------------------------------------

    def _consistent(self, conversion: UnitConversion, here: Path_) -> bool:
        before = len(self.findings.errors)
        if conversion.source_unit is not None and conversion.source_unit_slot is not None:
            self.findings.error("MAP090", "'source_unit' and 'source_unit_slot' each say what the source unit is",
                                (*here, "source_unit_slot"), "keep one")  # fmt: skip
        if conversion.target_unit_slot is not None and conversion.target_magnitude_slot is None:
            self.findings.error("MAP090", "'target_unit_slot' needs 'target_magnitude_slot': the slot of the number",
                                (*here, "target_unit_slot"))  # fmt: skip
        return len(self.findings.errors) == before

    def _stand(self, conversion: UnitConversion, names: tuple[str, ...], scope: SchemaScope, here: Path_) -> bool:
        """Whether the slots that hold the number and its unit are there."""
        held = conversion.source_magnitude_slot
        outer = names if held is not None else names[:-1]
        base = check(Path(steps=outer), scope).type.one if outer else None
        for key in ("source_magnitude_slot", "source_unit_slot"):
            name = getattr(conversion, key)
            if name is None or (scope.resolve(name) if base is None else scope.step(base, name)) is not None:
                continue
            message = f"'{escaped(name)}' is not a slot of {base or 'what is gone over'}"
            self.findings.error("MAP013", message, (*here, key), closest(name, scope.names(base)))
            return False
        return True

    def _source(self, conversion: UnitConversion, slot: SlotModel | None, here: Path_) -> str | None:
        """The UCUM code of the source; empty where it stands in the data."""
        if conversion.source_unit_slot is None:
            return self._agreed(conversion, "source", slot, here)
        if slot is not None and slot.unit is not None:
            self.findings.error("MAP090", f"the schema says that '{slot.name}' is in {escaped(slot.unit)}",
                                (*here, "source_unit_slot"), "leave out 'source_unit_slot'")  # fmt: skip
            return None
        return self._scheme(conversion.source_unit_scheme, (*here, "source_unit_scheme")) and ""

    def _agreed(self, conversion: UnitConversion, side: str, slot: SlotModel | None, here: Path_) -> str | None:
        """The unit of one side as UCUM code, by the mapping and the schema; None where it is refused (and noted)."""
        key = f"{side}_unit"
        written, scheme = getattr(conversion, key), getattr(conversion, f"{key}_scheme")
        declared = slot.unit if slot is not None else None
        if written is None and declared is None:
            self.findings.error("MAP090", f"neither the mapping nor the schema says what the {side} unit is", here,
                                f"add '{key}', or a 'unit' to the slot of the schema")  # fmt: skip
            return None
        if written is None and slot is not None:
            note = f" (the unit of '{slot.name}' in its schema)"
            return self._read(declared or "", slot.unit_scheme, here, note)
        given = self._read(written, scheme, (*here, key))
        if (
            given is not None
            and slot is not None
            and declared is not None
            and _differ(given, declared, slot.unit_scheme)
        ):
            self.findings.error("MAP090", f"the schema says that '{slot.name}' is in {escaped(declared)}", (*here, key),
                                f"leave out '{key}', or convert to what the schema says")  # fmt: skip
            return None
        return given

    def _scheme(self, name: str | None, path: Path_) -> str | None:
        known = _SCHEMES.get(name or "ucum")
        if known is None:
            self.findings.error("MAP091", f"'{escaped(name or '')}' is not a scheme of units", path,
                                closest(name or "", _SCHEMES) or f"one of: {', '.join(_SCHEMES)}")  # fmt: skip
        return known

    def _read(self, text: str, scheme: str | None, path: Path_, note: str = "") -> str | None:
        """A unit as UCUM code; None where it is refused (and noted)."""
        known = self._scheme(scheme, path)
        try:
            return None if known is None else units.ucum_of(text, known)
        except units.UnitError as fault:
            self.findings.error("MAP091", f"{fault.described()}{note}", path, fault.hint)
            return None

    def _fit(self, source: str, target: str, here: Path_) -> bool:
        """Whether the units measure the same, as far as both are known."""
        try:
            if source:
                units.conversion(source, target)
        except units.UnitError as fault:
            self.findings.error("MAP092", fault.described(), here, fault.hint)
            return False
        return True

    # -- quantity objects -------------------------------------------------------------------------

    def _quantity(
        self, derivation: SlotDerivation, conversion: UnitConversion, slot: SlotModel, found: Expr,
        scope: SchemaScope, path: Path_,
    ) -> tuple[Value, None] | None:  # fmt: skip
        """An object of the slot's range with the converted number, and with its unit; none where the number is null."""
        cls = self.target.classes.get(slot.range or "")
        if cls is None or slot.form not in (Form.OBJECT, Form.KEYED):
            self.findings.error("MAP019", f"slot '{slot.name}' holds no object for a magnitude and a unit",
                                (*path, "unit_conversion", "target_magnitude_slot"))  # fmt: skip
            return None
        keys = ("target_magnitude_slot", "target_unit_slot")
        wanted = {key: name for key in keys if (name := getattr(conversion, key)) is not None}
        for key, name in wanted.items():
            if name not in cls.slots:
                self.findings.error("MAP012", f"slot '{escaped(name)}' is not a slot of class '{cls.name}'",
                                    (*path, "unit_conversion", key), closest(name, cls.slots))  # fmt: skip
                return None
        inner = conversion.model_copy(update=dict.fromkeys((*keys, "source_magnitude_slot")))
        held = conversion.source_magnitude_slot
        text = derivation.populated_from or derivation.name
        if found.type.many and (held is None or not slot.many):
            self.findings.error("MAP016", f"'{escaped(text)}' is a list, and one quantity is made of one value", path,
                                "go over it with for_each")  # fmt: skip
            return None
        unit = self._agreed(conversion, "target", cls.slots[wanted[keys[0]]], (*path, "unit_conversion"))
        if unit is None:
            return None
        made = ClassDerivation(name=cls.name, slot_derivations=_slots(wanted, derivation, inner, held or text, unit))
        where: Path_ = (*path, "class_derivations")
        if held is None:
            return self._guarded(self.build_rules([made], scope, where, slot, None), wanted[keys[0]], Build(rules=()))
        variable = f"{derivation.name}_{len(scope.frames)}"
        within = scope.inner(variable, found.type.one, named=False)
        over = _over(found)
        if over is None:
            self.findings.error(
                "MAP013", f"'{escaped(text)}' is no list and no object", path, "go over it with for_each"
            )
            return None
        rules = self.build_rules([made], within, where, slot, found.type.one)
        return self._guarded(rules, wanted[keys[0]], Build(rules=(), variable=variable, **over))

    def _guarded(self, rules: tuple[str, ...], magnitude: str, build: Build) -> tuple[Value, None] | None:
        """The build of rules that hold only where there is a number: a unit alone is no quantity."""
        for name in rules:
            rule = self.rules.get(name)
            value = next((slot.value for slot in rule.slots if slot.slot == magnitude), None) if rule else None
            if rule is None or not isinstance(value, Compute) or not isinstance(value.expression, Call):
                return None
            present = Not(operand=IsNull(operand=value.expression.arguments[0], type=BOOLEAN), type=BOOLEAN)
            self.rules[name] = msgspec.structs.replace(rule, where=present)
        return (msgspec.structs.replace(build, rules=rules), None) if rules else None


def _slots(
    wanted: dict[str, str], outer: SlotDerivation, inner: UnitConversion, source: str, unit: str
) -> dict[str, SlotDerivation]:
    """The derivations of a quantity: its number, and its unit as it was written."""
    magnitude, *beside = wanted.values()
    slots = {
        magnitude: SlotDerivation(
            name=magnitude, populated_from=source, unit_conversion=inner, missing_values=outer.missing_values
        )
    }
    return slots | {name: SlotDerivation(name=name, value=inner.target_unit or unit) for name in beside}


def _over(found: Expr) -> dict[str, Any] | None:
    """What a build goes over: a path, or one element of it."""
    match found:
        case Path():
            return {"over": found}
        case Index(base=Path() as base, index=Literal(value=position)):
            return {"over": base, "index": position}
        case _:
            return None


def _differ(given: str, declared: str, scheme: str | None) -> bool:
    """Whether a unit is another than the schema's; one that cannot be read contradicts nothing."""
    try:
        known = units.ucum_of(declared, _SCHEMES.get(scheme or "ucum", ""))
    except units.UnitError:
        return False
    return units.parse_unit(given) != units.parse_unit(known)


def _names(text: str, scope: SchemaScope) -> tuple[str, ...]:
    """The names of a path that is known to be one, without an index."""
    return (text,) if scope.resolve(text) else tuple(part.partition("[")[0] for part in text.split("."))


def _lowered(
    derivation: SlotDerivation, names: tuple[str, ...], found: Expr, source: str, target: str, scope: SchemaScope
) -> Expr:
    """The call that converts: of a number, of a number and the unit beside it, or of each of a list of such objects."""
    conversion = derivation.unit_conversion
    assert conversion is not None
    held, beside = conversion.source_magnitude_slot, conversion.source_unit_slot
    if held is None and beside is None:
        return _call(_present(derivation, found, scope), Literal(value=source, type=STRING), target)
    if held is None:
        *outer, held = names
        names = tuple(outer)
    many = bool(names) and check(Path(steps=names), scope).type.many
    at = ("quantity",) if many else names
    unit: Expr = Path(steps=(*at, beside)) if beside else Literal(value=source, type=STRING)
    scheme = _SCHEMES[conversion.source_unit_scheme or "ucum"]
    if beside and scheme != "ucum":
        unit = Call(function="unit_of", arguments=(unit, Literal(value=scheme, type=STRING)))
    kind = scope if not many else scope.inner("quantity", check(Path(steps=names), scope).type.one, named=True)
    element = _call(_present(derivation, Path(steps=(*at, held)), kind), unit, target)
    return Comprehension(element=element, variable="quantity", source=Path(steps=names)) if many else element


def _present(derivation: SlotDerivation, value: Expr, scope: SchemaScope) -> Expr:
    """The number, or null where it is one of ``missing_values``, or (where that is wanted) a text that is no number."""
    given, conversion = derivation.missing_values, derivation.unit_conversion
    if given is not None:
        value = without(value, [given] if isinstance(given, str) else given)
    if conversion is None or not conversion.none_if_non_numeric or check(value, scope).type.kind is not Kind.STRING:
        return value
    test = Call(function="is_numeric", arguments=(value,))
    return Case(branches=((test, Call(function="decimal", arguments=(value,))),))


def _call(value: Expr, source: Expr, target: str) -> Call:
    return Call(function="convert_unit", arguments=(value, source, Literal(value=target, type=STRING)))

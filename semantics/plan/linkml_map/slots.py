"""One slot derivation of a linkml-map specification as a slot rule: where its value comes from, in the tool's order."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from semantics.errors import Location
from semantics.expressions.tree import Data, Expr, Literal, Path
from semantics.expressions.types import NULL, STRING
from semantics.mapping.linkml_map import Classes, Pivot, Slots
from semantics.plan.linkml_map.joins import Tables, holds_many, keys_of
from semantics.plan.linkml_map.names import RECORD, Source, call, failing, record
from semantics.plan.linkml_map.ranges import Finisher, absent, first_of, plain, value_of
from semantics.plan.model import DOCUMENT, Compute, Derive, Several, SlotRule, Value
from semantics.schema.induction import InducedSchema, InducedSlot, UnknownElement

__all__ = ["Rules", "SlotLowering", "melted", "unmelted"]

Path_ = tuple[str | int, ...]
Found = tuple[Expr, InducedSlot | None]


@dataclass(frozen=True)
class Rules:
    """How slots get rules of classes: of a source class (or why there is none), and of a nested derivation."""

    of_class: Callable[[str | None, str | None], tuple[str | None, str]]
    nested: Callable[[Classes, frozenset[str]], str]


@dataclass
class SlotLowering:
    """Lowers the slots of one class derivation; ``target_class`` is what the slot around it asked for."""

    finisher: Finisher
    rules: Rules
    cls: Classes
    source_class: str | None
    target_class: str | None
    tables: Tables
    location: Callable[..., Location]
    fault: Callable[[str, Path_], None]

    @property
    def schema(self) -> InducedSchema:
        """The source schema."""
        return self.finisher.source

    def lower(self, derivation: Slots) -> SlotRule:
        """The rule of a slot; what cannot work is a fault that the rule gives when it is reached."""
        origin = self.location(*derivation.at)
        reading = Source(self.schema, self.source_class, self.tables, origin)
        many, finish = False, None
        try:
            value, many, finish = self._value(derivation, reading)
        except UnknownElement as fault:
            self.fault(f"slot '{derivation.name}': the schema has {fault}", derivation.at)
            value = Compute(expression=failing(f"the schema has {fault}"))
        return SlotRule(
            slot=derivation.name, value=value, finish=finish, many=many, origin=origin,
            reads=tuple(dict.fromkeys(f"{RECORD}.{name}" for name in reading.reads)),
        )  # fmt: skip

    def _value(self, derivation: Slots, reading: Source) -> tuple[Value, bool, Expr | None]:
        """The value, whether a list is built, and how it is finished."""
        if derivation.value is not None:
            value = plain(derivation.value)
            return _computed(call("fresh", Data(value=value[0] if isinstance(value, list) and value else value)))
        if derivation.unit_conversion is not None:
            return _computed(self._unit(derivation, reading))
        if derivation.pivot_operation is not None:
            return _computed(melted(derivation.pivot_operation, self.finisher.target))
        if derivation.expr:
            return _computed(self.finisher.parsed(derivation.expr, reading, (*derivation.at, "expr")))
        if derivation.populated_from:
            found = self._populated(derivation, derivation.populated_from, reading)
        elif derivation.sources:
            return _computed(self._sources(derivation, reading))
        elif derivation.class_derivations:
            return self._objects(derivation, reading)
        else:
            slot = self.schema.slot(derivation.name, self.source_class)
            reading.reads.append(derivation.name)
            found = _missing(call("get", record(), derivation.name), derivation), slot
        return self._ranged(derivation, reading, found)

    def _ranged(self, derivation: Slots, reading: Source, found: Found) -> tuple[Value, bool, Expr | None]:
        """A value of a source slot: objects by the rule of their class, the rest by what finishes it."""
        expression, slot = found
        if slot is None or derivation.hide:
            return _computed(expression)
        finish: Expr | None = self.finisher.finish(derivation, self.cls, slot, value_of(), reading)
        if finish == value_of():
            finish = None
        kind = self.finisher.kind(slot)
        if kind in ("scalars", "enum"):
            return Compute(expression=expression), False, finish
        rule, fault = self.rules.of_class(slot.range, derivation.range)
        many = slot.multivalued and kind == "objects"
        if kind == "anything" and slot.multivalued:
            many = True
        return Derive(value=expression, rule=rule, many=many, fault=fault), False, finish

    # -- populated_from -------------------------------------------------------------------------------

    def _populated(self, derivation: Slots, text: str, reading: Source) -> Found:
        table, dot, rest = text.partition(".")
        if dot and table in self.tables:
            found = self._joined(table, rest, reading)
        elif dot and table == self.source_class:
            reading.reads.append(rest)
            found = call("get", record(), rest), self.schema.slot(rest, self.source_class)
        elif dot:
            found = self._dotted(text.split("."), reading)
        else:
            reading.reads.append(text)
            found = call("get", record(), text), self.schema.slot(text, self.source_class)
        value = _missing(found[0], derivation)
        if derivation.value_mappings or derivation.expression_mappings:
            value = self._mapped(value, derivation, reading)
        if derivation.offset is not None:
            offset = derivation.offset
            reading.reads.append(offset.offset_field)
            by = call("get", record(), offset.offset_field)
            value = call("offset", value, by, Data(value=float(offset.offset_value)), bool(offset.offset_reverse))
        return value, found[1]

    def _joined(self, table: str, name: str, reading: Source) -> Found:
        """A column of another row; the tool knows its slot only where that row is part of the object."""
        if table in self.tables.joins:
            return call("slot", self.tables.row(table, reading.reads, reading.origin), name), None
        of = self.tables.class_of(table)
        known = of in self.schema.classes and name in self.schema.slots(of)
        row = self.tables.row(table, reading.reads, reading.origin)
        return call("slot", row, name), self.schema.slot(name, of) if known else None

    def _dotted(self, steps: list[str], reading: Source) -> Found:
        """Through objects that stand inside, else through a reference in the first slot."""
        first = reading.slot(steps[0])
        reading.reads.append(steps[0])
        of = first.range if first is not None and first.range in self.schema.classes else None
        inline = of is not None and first is not None and first.inlined
        last, current = first, of
        for step in steps[1:]:
            last = None
            if current is None:
                break
            try:
                last = self.schema.slot(step, current)
            except UnknownElement:
                break
            current = last.range if last.range in self.schema.classes else None
        document = Path(variable=DOCUMENT)
        value = call("path", record(), document, Data(value=steps), inline, of)
        return value, last

    def _mapped(self, value: Expr, derivation: Slots, reading: Source) -> Expr:
        """``value_mappings`` and, for codes that they do not have, ``expression_mappings``."""
        entries = {key: plain(entry.value) for key, entry in derivation.value_mappings.items()}
        if not derivation.expression_mappings:
            return call("table", value, Data(value=entries))
        branches: list[tuple[Expr, Expr]] = [(absent(value), Literal(value=None, type=NULL))]
        if entries:
            inside = call("has", Data(value=entries), value)
            branches.append((inside, call("table", value, Data(value=entries))))
        for key, entry in derivation.expression_mappings.items():
            at = (*derivation.at, "expression_mappings", key)
            asked = call("is_code", value, Literal(value=key, type=STRING))
            branches.append((asked, self.finisher.parsed(str(entry.value), reading, at)))
        return first_of(branches)

    # -- the other ways to a value --------------------------------------------------------------------

    def _sources(self, derivation: Slots, reading: Source) -> Expr:
        """The one source slot that has a value, finished as what it is."""
        names = derivation.sources
        reading.reads += names
        only = call("only", record(), Data(value=names))
        branches = []
        for name in names:
            value: Expr = call("get", record(), name)
            branches.append((call("given", only, value), self._source(derivation, name, value, reading)))
        return first_of(branches)

    def _source(self, derivation: Slots, name: str, value: Expr, reading: Source) -> Expr:
        try:
            slot = self.schema.slot(name, self.source_class)
        except UnknownElement as fault:
            return failing(f"the schema has {fault}")
        return value if derivation.hide else self.finisher.finish(derivation, self.cls, slot, value, reading)

    def _objects(self, derivation: Slots, reading: Source) -> tuple[Value, bool, Expr | None]:
        """Objects of nested derivations, from the same object of the source."""
        target = self.finisher.target
        if target is not None:
            many = target.slot(derivation.name, self.target_class).multivalued
        elif self.tables.guess:
            many = holds_many(derivation)
        else:
            return _computed(failing("objects are built by a target schema, and there is none"))
        parts = tuple(self._nested(nested, reading) for nested in derivation.class_derivations)
        return Several(parts=parts), many, None

    def _nested(self, nested: Classes, reading: Source) -> Derive:
        """What a nested derivation makes: of the same object, or of that and a row that is joined with it."""
        around = self.cls.populated_from or self.cls.name
        source = nested.populated_from
        if source is None or source == around:
            return Derive(value=record(), rule=self.rules.nested(nested, self.tables.merged))
        if source not in self.tables.joins:
            why = f"'{nested.name}' is made from '{source}', and nothing joins it with '{around}'"
            self.fault(why, nested.at)
            return Derive(value=failing(why), fault=why)
        row = self.tables.row(source, reading.reads, reading.origin)
        keys = keys_of(self.tables.joins[source])
        merged = call("merged", record(), row, keys[0] if keys else None, around, source)
        tables = (self.tables.merged or frozenset({around})) | {source}
        return Derive(value=merged, rule=self.rules.nested(nested, tables))

    def _unit(self, derivation: Slots, reading: Source) -> Expr:
        """``unit_conversion``: the unit of the schema and that of the specification must not differ."""
        name = derivation.populated_from
        unit = derivation.unit_conversion
        assert unit is not None
        if name is None:
            return Literal(value=None, type=NULL)
        reading.reads.append(name)
        slot = self.schema.slot(name, self.source_class)
        about = {**unit.model_dump(), "schema_unit": slot.unit[1] if slot.unit else None,
                 "schema_scheme": slot.unit[0] if slot.unit else None}  # fmt: skip
        return call("unit", call("get", record(), name), Data(value=about))


def _computed(expression: Expr) -> tuple[Value, bool, Expr | None]:
    return Compute(expression=expression), False, None


def _missing(value: Expr, derivation: Slots) -> Expr:
    codes = [str(plain(code)) for code in derivation.missing_values]
    return call("missing", value, Data(value=codes)) if codes else value


# -- wide and long ------------------------------------------------------------------------------------


def _names(pivot: Pivot) -> tuple[str, str]:
    return pivot.variable_slot or "variable", pivot.value_slot or "value"


def melted(pivot: Pivot, target: InducedSchema | None) -> Expr:
    """Rows of a wide object. Raises :class:`UnknownElement` for a class that the target schema does not have."""
    slots: list[str] | None = list(pivot.source_slots) or None
    if slots is None and pivot.unmelt_to_class and target is not None:
        slots = list(target.slots(pivot.unmelt_to_class))
    return call("melt", record(), *_names(pivot), Data(value=slots), Data(value=list(pivot.id_slots)))


def unmelted(pivot: Pivot) -> Expr:
    """A wide object of rows."""
    template = pivot.slot_name_template or "{variable}"
    parts: list[Any] = [part for part in re.split(r"(\{variable\}|\{unit\})", template) if part]
    foreign = any("{" in part or "}" in part for part in parts if part not in ("{variable}", "{unit}"))
    names = None if foreign else [part.rstrip("}") for part in parts]
    ids = Data(value=list(pivot.id_slots))
    return call("unmelt", record(), *_names(pivot), pivot.unit_slot, Data(value=names), ids)

"""What becomes of a value on its way into a slot: constants, code tables, conversions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from semantics.errors import closest, escaped
from semantics.expressions.tree import Expr, Literal
from semantics.expressions.types import Kind, Type, joined
from semantics.mapping.code_maps import CodeMap
from semantics.mapping.spec import EnumDerivation, SlotDerivation, ValueDerivation
from semantics.plan.convert import constant_of, steps, target_primitive
from semantics.plan.lowering import DECIDED
from semantics.plan.model import Codes, Compute, Constant, Value
from semantics.plan.names import Names
from semantics.plan.scope import SchemaScope
from semantics.schema.model import Form, SchemaModel, SlotModel

__all__ = ["CodeTables", "has_conditions", "sources_of", "spoken"]

Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class CodeTables:
    """Constants, codes and conversions for the slots of one target model."""

    names: Names
    target: SchemaModel
    enums: dict[str, EnumDerivation]

    def constant(self, value: Any, slot: SlotModel, path: Path_) -> Constant | None:
        if slot.form in (Form.OBJECT, Form.KEYED):
            self.names.findings.error("MAP017", f"slot '{slot.name}' holds objects, not a constant", path)
            return None
        values = value if isinstance(value, list) else [value]
        if isinstance(value, list) and not slot.many:
            self.names.findings.error("MAP017", f"slot '{slot.name}' holds one value, not a list", path)
            return None
        items = []
        for item in values:
            literal = constant_of(self.target, slot, item)
            if isinstance(literal, str):
                text = item if isinstance(item, str) else str(item)
                hint = self._nearest(text, slot)
                self.names.findings.error("MAP017", f"the constant for slot '{slot.name}' {literal}", path, hint)
                return None
            items.append(literal)
        return Constant(items=tuple(items))

    def _nearest(self, text: str, slot: SlotModel) -> str | None:
        """The permissible value that was meant, or all of them where they are few."""
        values = self.permissible(slot)
        return closest(text, values) or (f"one of: {', '.join(values)}" if 0 < len(values) <= 8 else None)

    def permissible(self, slot: SlotModel) -> tuple[str, ...]:
        enum = self.target.enums.get(slot.range or "")
        return tuple(enum.values) if enum else ()

    def table(
        self, derivation: SlotDerivation, slot: SlotModel, kind: Type, scope: SchemaScope, path: Path_
    ) -> Codes | None:
        """The code table of a slot: its own mappings, an enum derivation, or the target's own values."""
        policy = derivation.unmapped or ("pass" if derivation.mirror_source else "error")
        decides = derivation.expression_to_value_mappings
        if derivation.code_map is not None:
            found = self._code_map(derivation.code_map, derivation, (*path, "code_map"))
            policy = derivation.unmapped or ("pass" if found is not None and found.passes else policy)
            table = self._by_code_map(found, slot, (*path, "code_map"))
        else:
            table = {}
        if derivation.code_map or derivation.value_mappings is not None or derivation.expression_mappings or decides:
            table |= self._mapped(derivation.value_mappings or {}, slot, (*path, "value_mappings"))
            chosen = self._mapped(decides, slot, (*path, "expression_to_value_mappings"))
            table |= {DECIDED + test: value for test, value in chosen.items()}
            return Codes(table=table, unmapped=policy, computed=self._computed(derivation, scope, path))
        enum = self.target.enums.get(slot.range or "")
        if enum is None or derivation.expression_to_expression_mappings:
            if derivation.unmapped is not None:
                self.names.findings.error("MAP018", "'unmapped' needs value_mappings or an enum", (*path, "unmapped"))
            return None
        rule = self.enums.get(enum.name)
        if rule is not None:
            here: Path_ = ("enum_derivations", rule.name, "code_map")
            found = None if rule.code_map is None else self._code_map(rule.code_map, derivation, here)
            policy = "pass" if found is not None and found.passes and derivation.unmapped is None else policy
            return Codes(table=self._derived(rule, slot, self._by_code_map(found, slot, here)), unmapped=policy)
        return Codes(table={text: Literal(value=text) for text in enum.values}, unmapped=policy)

    def _computed(self, derivation: SlotDerivation, scope: SchemaScope, path: Path_) -> dict[str, Expr]:
        """``expression_mappings``: codes whose value is an expression."""
        found: dict[str, Expr] = {}
        for code, text in derivation.expression_mappings.items():
            tree = self.names.parsed(text, scope, (*path, "expression_mappings", code))
            if tree is not None and code not in (derivation.value_mappings or {}):
                found[code] = tree
        return found

    def computed_type(self, codes: Codes, source: Type | None, derivation: SlotDerivation, path: Path_) -> Type | None:
        """The type that all expressions of a code table share."""
        passed = [source.one] if source is not None and derivation.unmapped == "pass" else []
        kind = joined([*(tree.type for tree in codes.computed.values()), *passed])
        if kind is None:
            self.names.findings.error("MAP015", "the expressions of the codes give different types",
                                (*path, "expression_mappings"))  # fmt: skip
            return source
        return kind.list if source is not None and source.many else kind

    def _code_map(self, name: str, derivation: SlotDerivation, here: Path_) -> CodeMap | None:
        """The code map that a slot, or the derivation of its enum, names; None when it was refused (and noted)."""
        found = self.names.mapping.code_maps.get(name)
        if found is None:
            known = ", ".join(self.names.mapping.code_maps) or "none"
            self.names.findings.error("MAP058", f"there is no code map '{escaped(name)}'", here,
                                closest(name, self.names.mapping.code_maps) or f"code maps: {known}")  # fmt: skip
        elif found.fixed is not None and derivation.unmapped is None:
            message = f"the code map gives all other codes one of its own ('{found.fixed}')"
            self.names.findings.error("MAP059", message, here,
                                f"say so here: unmapped: default, default: {found.fixed}")  # fmt: skip
            return None
        return found

    def _by_code_map(self, found: CodeMap | None, slot: SlotModel, here: Path_) -> dict[str, Literal]:
        """The table of a code map with its targets as values of the slot."""
        table: dict[str, Literal] = {}
        wrong: dict[str, str] = {}
        for code, target in found.codes.items() if found is not None else ():
            literal = Literal(value=None) if target is None else constant_of(self.target, slot, target)
            if isinstance(literal, str):
                wrong[target or ""] = literal
            else:
                table[code] = literal
        for target, reason in list(wrong.items())[:5]:
            self.names.findings.error("MAP025", f"target '{escaped(target[:80])}' of the code map {reason}",
                                here, self._nearest(target, slot))  # fmt: skip
        return table

    def _mapped(self, given: dict[str, Any], slot: SlotModel, path: Path_) -> dict[str, Literal]:
        table: dict[str, Literal] = {}
        for code, value in given.items():
            here = (*path, code)
            if value is None:
                table[code] = Literal(value=None)
                continue
            literal = constant_of(self.target, slot, value)
            if isinstance(literal, str):
                self.names.findings.error("MAP025", f"the value for '{escaped(code)}' {literal}", here,
                                    self._nearest(str(value), slot))  # fmt: skip
            else:
                table[code] = literal
        return table

    def _derived(self, rule: EnumDerivation, slot: SlotModel, mapped: dict[str, Literal]) -> dict[str, Literal]:
        """Source values to target values by an enum derivation; ``mirror_source`` keeps equal names.

        Its own rules come before its code map (``mapped``).
        """
        target = self.target.enums[slot.range or ""]
        table: dict[str, Literal] = {}
        if rule.mirror_source:
            table = {text: Literal(value=text) for text in target.values}
        table |= mapped
        for name, value in rule.permissible_value_derivations.items():
            table |= {source: Literal(value=name) for source in sources_of(value)}
        if has_conditions(rule):
            table |= {DECIDED + text: Literal(value=text) for text in target.values}
        return table

    def conversion(
        self, derivation: SlotDerivation, slot: SlotModel, value: Value, kind: Type | None,
        codes: Codes | None, path: Path_,
    ) -> tuple[str, ...] | None:  # fmt: skip
        """The steps to the target's type; the cardinalities must go together too."""
        if kind is None:
            return ()
        given = [key for key in ("expr", "populated_from") if getattr(derivation, key) is not None]
        path = (*path, *given[:1])
        if slot.form in (Form.OBJECT, Form.KEYED) or kind.kind is Kind.OBJECT:
            self.names.findings.error(
                "MAP015", f"slot '{slot.name}' holds {spoken(slot)}, and the source is {kind}", path,
                "build it with class_derivations" if slot.form is Form.OBJECT else "name a slot of that object",
            )  # fmt: skip
            return None
        if kind.many and not slot.many:
            self.names.findings.error(
                "MAP016", f"the source is a {kind}, and slot '{slot.name}' holds one value", path,
                "take one value with first(), or join them",
            )  # fmt: skip
            return None
        computed = isinstance(value, Compute) or (codes is not None and bool(codes.computed))
        if codes is not None and codes.unmapped != "pass" and not codes.computed:
            return ("any",)
        found, advice = steps(kind.one, target_primitive(self.target, slot), computed=computed)
        if found is None:
            self.names.findings.error(
                "MAP015", f"slot '{slot.name}' is {slot.range}, and the source is {kind.one}", path, advice
            )
        return found


def sources_of(value: ValueDerivation) -> list[str]:
    """The source values that a permissible value comes from: those that are named, else the one of its name."""
    given = value.populated_from
    sources = [*([given] if isinstance(given, str) else given or []), *value.sources]
    return sources if sources or value.expr is not None else [value.name]


def has_conditions(rule: EnumDerivation) -> bool:
    """Whether expressions have a say in which permissible value is chosen."""
    values = rule.permissible_value_derivations.values()
    return bool(rule.expr or rule.expression_to_value_mappings or any(value.expr for value in values))


def spoken(slot: SlotModel) -> str:
    """What a slot holds, as messages say it."""
    return {
        Form.SCALAR: f"a value ({slot.range})",
        Form.REFERENCE: f"a reference to a '{slot.range}'",
        Form.OBJECT: f"an object ('{slot.range}')",
        Form.KEYED: f"objects by key ('{slot.range}')",
    }[slot.form]

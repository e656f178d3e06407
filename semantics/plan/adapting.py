"""What a slot derivation says about a value that is read: its nulls, its offset, its text form, its conditions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from semantics.expressions.tree import Call, Comprehension, Expr, ListOf, Literal, Path
from semantics.expressions.types import joined
from semantics.mapping.spec import EnumDerivation, Offset, SlotDerivation, Stringification
from semantics.plan.aggregating import Aggregator
from semantics.plan.codes import has_conditions
from semantics.plan.lowering import computed_code, conditional, decided, moved, number, stringified, without
from semantics.plan.names import Names
from semantics.plan.scope import SchemaScope
from semantics.schema.model import SlotModel

__all__ = ["Adapter", "decides", "needs_no_source"]

Path_ = tuple[str | int, ...]
_ELEMENT: Final = "value()"


@dataclass(frozen=True)
class Adapter:
    """Lowers the words about one value onto expressions."""

    names: Names
    enums: dict[str, EnumDerivation]

    def first_of(self, derivation: SlotDerivation, scope: SchemaScope, path: Path_) -> Expr | None:
        """``sources``: the first of several paths that has a value."""
        found = [
            self.names.path(text, scope, (*path, "sources", index)) for index, text in enumerate(derivation.sources)
        ]
        if None in found:
            return None
        if joined([part.type for part in found]) is None:
            kinds = ", ".join(dict.fromkeys(str(part.type) for part in found))
            self.names.findings.error("MAP015", f"the sources have different types: {kinds}", (*path, "sources"))
            return None
        return self.names.checked(Call(function="coalesce", arguments=tuple(found)), scope, (*path, "sources"))

    def adapted(
        self, derivation: SlotDerivation, base: Expr, slot: SlotModel, scope: SchemaScope, path: Path_
    ) -> Expr | None:
        """The value with what the derivation says about it: nulls, aggregation, offset, text form, conditions."""
        tree: Expr | None = base
        how, aggregator = derivation.aggregation_operation, Aggregator(self.names)
        if how is not None:
            tree = aggregator.members(how, base, scope, (*path, "aggregation_operation"))
        if derivation.missing_values is not None and tree is not None:
            given = derivation.missing_values
            texts = [given] if isinstance(given, str) else given
            tree = self.names.checked(
                without(tree, texts, read=derivation.expr is None), scope, (*path, "missing_values")
            )
        if how is not None and tree is not None:
            tree = aggregator.aggregated(how, tree, scope, (*path, "aggregation_operation"))
        if derivation.offset is not None and tree is not None:
            tree = self._moved(derivation.offset, tree, scope, (*path, "offset"))
        if derivation.stringification is not None and tree is not None:
            tree = self._stringified(derivation.stringification, tree, scope, (*path, "stringification"))
        if derivation.cast_collection_as == "SingleValued" and tree is not None and tree.type.many:
            tree = self.names.checked(Call(function="single", arguments=(tree,)), scope, path)
        if tree is None or not (decides(derivation) or self._rule_decides(slot)):
            return tree
        return self._decided(derivation, tree, slot, scope, path)

    def _moved(self, offset: Offset, base: Expr, scope: SchemaScope, path: Path_) -> Expr | None:
        by = self.names.path(offset.offset_field, scope, (*path, "offset_field"))
        step = number(offset.offset_value)
        if step is None:
            self.names.findings.error("MAP004", "'offset_value' must be a number", (*path, "offset_value"))
        if by is None or step is None:
            return None
        return self.names.checked(moved(base, offset, by, step), scope, path)

    def _stringified(self, how: Stringification, base: Expr, scope: SchemaScope, path: Path_) -> Expr | None:
        if how.syntax == "TURTLE" or (how.syntax == "YAML" and how.reversed):
            self.names.findings.error(
                "MAP034", f"syntax {how.syntax} has no meaning here", (*path, "syntax"), "use JSON"
            )
            return None
        if (how.delimiter is None) == (how.syntax is None):
            self.names.findings.error("MAP014", "stringification takes a delimiter or a syntax", path, "keep one")
            return None
        if how.over_slots:
            found = [self.names.path(text, scope, (*path, "over_slots", n)) for n, text in enumerate(how.over_slots)]
            if None in found:
                return None
            base = ListOf(items=tuple(Call(function="str", arguments=(part,)) for part in found))
        return self.names.checked(stringified(base, how), scope, path)

    def _rule_decides(self, slot: SlotModel) -> bool:
        rule = self.enums.get(slot.range or "")
        return rule is not None and has_conditions(rule)

    def _decided(
        self, derivation: SlotDerivation, base: Expr, slot: SlotModel, scope: SchemaScope, path: Path_
    ) -> Expr | None:
        """Conditions of the slot or of its enum derivation; on a list, one element after the other."""
        if not base.type.many:
            return self._conditions(derivation, base, slot, scope, path)
        element = self._conditions(derivation, Path(variable=_ELEMENT, type=base.type.one), slot, scope, path)
        if element is None:
            return None
        return self.names.checked(Comprehension(element=element, variable=_ELEMENT, source=base), scope, path)

    def _conditions(
        self, derivation: SlotDerivation, base: Expr, slot: SlotModel, scope: SchemaScope, path: Path_
    ) -> Expr | None:
        value = None if isinstance(base, Literal) else base

        if derivation.expression_to_expression_mappings:
            key = (*path, "expression_to_expression_mappings")
            pairs = [
                (self.names.parsed(test, scope, (*key, test), base),
                 self.names.parsed(result, scope, (*key, test), base))
                for test, result in derivation.expression_to_expression_mappings.items()
            ]  # fmt: skip
            branches = [(test, result) for test, result in pairs if test is not None and result is not None]
            return self.names.checked(conditional(branches), scope, key) if len(branches) == len(pairs) else None
        rule = self.enums.get(slot.range or "")
        own = derivation.expression_to_value_mappings
        given: list[tuple[Expr | None, str]] = []
        for test in own:
            where = (*path, "expression_to_value_mappings", test)
            given.append((self.names.parsed(test, scope, where, base), test))
        if rule is not None and not own:
            given += self._rule_conditions(rule, base, scope)
        conditions = [(tree, code) for tree, code in given if tree is not None]
        if len(conditions) != len(given):
            return None
        tree: Expr | None = decided(conditions, value) if conditions else base
        if rule is not None and rule.expr is not None and not own:
            here = ("enum_derivations", rule.name, "expr")
            first = self.names.parsed(rule.expr, scope, here, base)
            tree = None if first is None or tree is None else computed_code(first, tree)
        return None if tree is None else self.names.checked(tree, scope, path)

    def _rule_conditions(self, rule: EnumDerivation, base: Expr, scope: SchemaScope) -> list[tuple[Expr | None, str]]:
        """What an enum derivation decides by expressions, as (condition, permissible value)."""
        here = ("enum_derivations", rule.name)
        found: list[tuple[Expr | None, str]] = []
        for test, name in rule.expression_to_value_mappings.items():
            where = (*here, "expression_to_value_mappings", test)
            found.append((self.names.parsed(test, scope, where, base), name))
        for name, value in rule.permissible_value_derivations.items():
            if value.expr is not None:
                at: Path_ = (*here, "permissible_value_derivations", name, "expr")
                found.append((self.names.parsed(value.expr, scope, at, base), name))
        return found


def decides(derivation: SlotDerivation) -> bool:
    """Whether conditions of the slot decide its value."""
    return bool(derivation.expression_to_value_mappings or derivation.expression_to_expression_mappings)


def needs_no_source(derivation: SlotDerivation) -> bool:
    """Whether a derivation says itself where its value comes from."""
    how = derivation.stringification
    return decides(derivation) or (how is not None and bool(how.over_slots))

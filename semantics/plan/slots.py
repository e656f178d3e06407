"""From a slot derivation to a slot rule: where the value comes from, whether it fits, how it is converted."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from semantics.errors import Diagnostic, ExpressionError, Location, closest, escaped
from semantics.expressions.check import check
from semantics.expressions.parse import parse
from semantics.expressions.tree import (
    Attribute,
    Call,
    Comprehension,
    Expr,
    Index,
    ListOf,
    Literal,
    Path,
    replaced,
    walk,
)
from semantics.expressions.types import NULL, Kind, Type, joined
from semantics.mapping.code_maps import CodeMap
from semantics.mapping.load import LoadedMapping
from semantics.mapping.spec import (
    ClassDerivation,
    EnumDerivation,
    Inverse,
    Offset,
    PivotOperation,
    SlotDerivation,
    Stringification,
)
from semantics.plan.convert import constant_of, steps, target_primitive
from semantics.plan.findings import Findings
from semantics.plan.lowering import (
    DECIDED,
    computed_code,
    conditional,
    decided,
    moved,
    number,
    stringified,
    with_value,
    without,
)
from semantics.plan.model import (
    MADE,
    Build,
    Codes,
    Compute,
    Constant,
    Read,
    SlotRule,
    Template,
    TemplatePart,
    Value,
)
from semantics.plan.pivots import long_form, melted, variables_of, wide_value
from semantics.plan.scope import SchemaScope, is_zone
from semantics.plan.units import UnitPlanner
from semantics.schema.model import ClassModel, Form, SchemaModel, SlotModel

__all__ = ["SlotPlanner", "parsed"]

Path_ = tuple[str | int, ...]
_HOLE: Final = re.compile(r"\{(\+?)([^{}]*)\}")
_SOURCES: Final = ("value", "expr", "populated_from", "sources", "iri", "for_each", "pivot_operation", "inverse_of")
_MAKES: Final = ("value", "iri", "for_each", "pivot_operation", "inverse_of")
_ON_VALUES: Final = (
    "missing_values", "offset", "stringification", "expression_mappings", "expression_to_value_mappings",
    "expression_to_expression_mappings",
)  # fmt: skip
_ELEMENT: Final = "value()"
BuildRules = Callable[..., tuple[str, ...]]


def parsed(
    text: str, scope: SchemaScope, mapping: LoadedMapping, path: Path_, findings: Findings, *,
    value: Expr | None = None,
) -> Expr | None:  # fmt: skip
    """An expression of the mapping, checked in its scope; None when it was refused (and noted).

    ``value`` is what ``value()`` stands for where a value is decided about.
    """
    place = mapping.location(*path, key=False)
    try:
        return check(recalled(with_value(parse(text, place), value), scope, place), scope, place)
    except ExpressionError as fault:
        findings.expression(fault)
        return None


def recalled(tree: Expr, scope: SchemaScope, place: Location) -> Expr:
    """The tree with ``slot('name')`` as the path of a slot that was made before."""

    def found(node: Expr) -> Expr | None:
        match node:
            case Call(function="slot", arguments=(Literal(value=str(name)),)):
                if name not in scope.made:
                    raise ExpressionError(Diagnostic("EXP002", f"'{escaped(name)}' is not a slot that is derived here",
                                                     place, closest(name, scope.made)))  # fmt: skip
                kind = scope.made[name]
                return Path(variable=MADE, steps=(name,), lists=(kind.collection,), type=kind, column=node.column)
            case Call(function="slot"):
                raise ExpressionError(Diagnostic("EXP004", "slot() takes the name of a slot, a text", place))
        return None

    return replaced(tree, found)


def read_paths(node: Expr) -> tuple[str, ...]:
    """The source paths that an expression reads, dotted, with their variable in front."""
    paths = (part for part in walk(node) if isinstance(part, Path) and part.variable != MADE)
    return tuple(dict.fromkeys(".".join((part.variable, *part.steps)) for part in paths))


@dataclass(frozen=True)
class SlotPlanner:
    """Plans the slots of one mapping; ``build_rules`` makes the class rules of nested objects."""

    mapping: LoadedMapping
    source: SchemaModel
    target: SchemaModel
    findings: Findings
    enums: dict[str, EnumDerivation]
    prefixes: dict[str, str]
    build_rules: BuildRules
    by_range: BuildRules
    units: UnitPlanner

    def plan(self, derivation: SlotDerivation, cls: ClassModel, scope: SchemaScope, path: Path_) -> SlotRule | None:
        """The rule of one slot, or None when it was refused (and noted)."""
        slot = cls.slots.get(derivation.name)
        if slot is None and derivation.hide:
            slot = SlotModel(name=derivation.name, uri="", range="Any")
        if slot is None:
            self.findings.error(
                "MAP012", f"slot '{escaped(derivation.name)}' is not a slot of class '{cls.name}'", path,
                closest(derivation.name, cls.slots),
            )  # fmt: skip
            return None
        if not self._consistent(derivation, slot, cls, scope, path):
            return None
        scope = scope.told(zone=derivation.timezone, keep=derivation.empty == "keep")
        where = self._where(derivation, scope, path)
        found = self._value(derivation, slot, scope, path)
        if found is None:
            return None
        value, kind = found
        if kind is not None and kind.many and slot.name not in cls.slots:
            slot = msgspec.structs.replace(slot, multivalued=True)
        codes = self._codes(derivation, slot, kind, scope, path) if kind is not None else None
        if codes is not None and codes.computed:
            kind = self._computed_type(codes, kind, derivation, path)
        conversion = self._conversion(derivation, slot, value, kind, codes, path)
        if conversion is None:
            return None
        default = (
            self._constant(derivation.default, slot, (*path, "default")) if derivation.default is not None else None
        )
        return SlotRule(
            slot=derivation.name,
            value=value,
            origin=self.mapping.location(*path),
            codes=codes,
            default=default,
            convert=conversion,
            many=slot.many,
            keyed=self._key(slot),
            where=where,
            reads=self._reads(value),
        )

    def _where(self, derivation: SlotDerivation, scope: SchemaScope, path: Path_) -> Expr | None:
        if derivation.where is None:
            return None
        where = parsed(derivation.where, scope, self.mapping, (*path, "where"), self.findings)
        if where is not None and (where.type.many or where.type.kind not in (Kind.BOOLEAN, Kind.ANY, Kind.NULL)):
            self.findings.error("MAP015", f"'where' must be true or false, and this is {where.type}", (*path, "where"))
        return where

    def _key(self, slot: SlotModel) -> str | None:
        """The slot by which objects are keyed, where the model wants a mapping."""
        return self.target.classes[slot.range or ""].identifier if slot.form is Form.KEYED else None

    def _reads(self, value: Value) -> tuple[str, ...]:
        match value:
            case Read():
                return read_paths(value.path)
            case Compute():
                return read_paths(value.expression)
            case Template():
                paths = [read_paths(part.value) for part in value.parts if part.value is not None]
                return tuple(dict.fromkeys(path for found in paths for path in found))
            case Build(over=Path() as over):
                return read_paths(over)
            case _:
                return ()

    # -- what a derivation may say together ------------------------------------------------------

    def _consistent(
        self, derivation: SlotDerivation, slot: SlotModel, cls: ClassModel, scope: SchemaScope, path: Path_
    ) -> bool:
        given = [key for key in _SOURCES if getattr(derivation, key) not in (None, [])]
        before = len(self.findings.errors)
        if len(given) > 1:
            names = " and ".join(f"'{key}'" for key in given)
            self.findings.error("MAP014", f"{names} each give slot '{derivation.name}' a value", path, "keep one")
        if derivation.unit_conversion is not None and (derivation.class_derivations or set(given) - {"populated_from"}):
            message = (
                f"'unit_conversion' of slot '{derivation.name}' converts what 'populated_from' gives, nothing else"
            )
            self.findings.error("MAP014", message, (*path, "unit_conversion"), "in an expression, call convert_unit()")
        if derivation.unmapped == "default" and derivation.default is None:
            self.findings.error("MAP018", "'unmapped: default' needs a 'default'", (*path, "unmapped"))
        if derivation.as_ is not None and derivation.for_each is None:
            self.findings.error("MAP028", "'as' names the element of 'for_each'", (*path, "as"))
        adapted = [key for key in _ON_VALUES if getattr(derivation, key) not in (None, [], {})]
        made = [
            key
            for key in ("value", "iri", "for_each", "pivot_operation", "inverse_of")
            if getattr(derivation, key) is not None
        ]
        if derivation.unit_conversion is not None and set(adapted) - {"missing_values"}:
            adapted, made = [key for key in adapted if key != "missing_values"], ["unit_conversion"]
        if adapted and (made or derivation.class_derivations):
            what = (made or ["class_derivations"])[0]
            self.findings.error("MAP035", f"'{adapted[0]}' is about a value that is read, and this slot has '{what}'",
                                (*path, adapted[0]))  # fmt: skip
        if derivation.type_designator and derivation.value is None and not slot.designates_type:
            self.findings.error("MAP036", f"slot '{slot.name}' of '{cls.name}' does not designate the type",
                                (*path, "type_designator"), "set designates_type in the target schema")  # fmt: skip
        for index, name in enumerate(derivation.derived_from):
            if scope.resolve(name.split(".")[0]) is None:
                self.findings.error("MAP013", f"'{escaped(name)}' is not known here", (*path, "derived_from", index),
                                    closest(name, scope.names()))  # fmt: skip
        if derivation.timezone is not None and not is_zone(derivation.timezone):
            self.findings.error("MAP037", f"'{escaped(derivation.timezone)}' is not a time zone",
                                (*path, "timezone"), "an IANA name such as Europe/London")  # fmt: skip
        self._cast(derivation, slot, path)
        if derivation.range is not None and not self._range_fits(derivation.range, slot):
            self.findings.error(
                "MAP026", f"range '{escaped(derivation.range)}' is not what slot '{slot.name}' holds ('{slot.range}')",
                (*path, "range"), closest(derivation.range, (*self.target.classes, *self.target.enums)),
            )  # fmt: skip
        if derivation.class_derivations and slot.form not in (Form.OBJECT, Form.KEYED):
            self.findings.error(
                "MAP019", f"slot '{slot.name}' holds {_spoken(slot)}, so no object can be built in it",
                (*path, "class_derivations"),
            )  # fmt: skip
        return len(self.findings.errors) == before

    def _range_fits(self, name: str, slot: SlotModel) -> bool:
        return name == slot.range or self.target.is_a(name, slot.range or "")

    # -- values -----------------------------------------------------------------------------------

    def _value(
        self, derivation: SlotDerivation, slot: SlotModel, scope: SchemaScope, path: Path_
    ) -> tuple[Value, Type | None] | None:
        """The value and its source type (None for constants, templates and built objects)."""
        if derivation.type_designator and derivation.value is None:
            return Constant(items=(Literal(value=scope.target),)), None
        if derivation.inverse_of is not None:
            return self._holder(derivation.inverse_of, scope, (*path, "inverse_of"))
        if derivation.pivot_operation is not None:
            return self._melted(derivation, slot, scope, path)
        if derivation.value is not None:
            constant = self._constant(derivation.value, slot, (*path, "value"))
            return None if constant is None else (constant, None)
        if derivation.iri is not None:
            return self._template(derivation.iri, slot, scope, path)
        if derivation.unit_conversion is not None:
            key: Path_ = (*path, "populated_from") if derivation.populated_from else path
            found = self._path(derivation.populated_from or derivation.name, scope, key)
            return None if found is None else self.units.plan(derivation, slot, found, scope, path)
        if derivation.for_each is not None or derivation.class_derivations:
            return self._objects(derivation, slot, scope, path)
        if derivation.expr is not None:
            base = parsed(derivation.expr, scope, self.mapping, (*path, "expr"), self.findings)
        elif derivation.sources:
            base = self._first_of(derivation, scope, path)
        elif _needs_no_source(derivation) and not derivation.populated_from and scope.resolve(derivation.name) is None:
            base = Literal(value=None, type=NULL)
        else:
            return self._copied(derivation, slot, scope, path)
        if base is None:
            return None
        tree = self._adapted(derivation, base, slot, scope, path)
        return None if tree is None else (Compute(expression=tree), tree.type)

    def _holder(self, inverse: Inverse, scope: SchemaScope, path: Path_) -> tuple[Value, Type | None] | None:
        """``inverse_of``: the identifier of the object that holds this one, made as its own derivation makes it."""
        for holder in reversed(scope.holders[:-1]):
            identifier = holder.cls.identifier
            if (holder.cls.name, holder.slot) != (inverse.class_name, inverse.slot_name):
                continue
            derivation = holder.derivation.slot_derivations.get(identifier or "")
            if identifier is None or derivation is None:
                self.findings.error("MAP082", f"'{holder.cls.name}' has no identifier that is derived", path)
                return None
            return self._value(derivation, holder.cls.slots[identifier], holder.scope, path)
        what = f"'{escaped(inverse.slot_name)}' of a '{escaped(inverse.class_name)}'"
        self.findings.error("MAP082", f"this derivation does not stand inside {what}", path,
                            "nest it there with class_derivations")  # fmt: skip
        return None

    def _first_of(self, derivation: SlotDerivation, scope: SchemaScope, path: Path_) -> Expr | None:
        """``sources``: the first of several paths that has a value."""
        found = [self._path(text, scope, (*path, "sources", index)) for index, text in enumerate(derivation.sources)]
        if None in found:
            return None
        if joined([part.type for part in found]) is None:
            kinds = ", ".join(dict.fromkeys(str(part.type) for part in found))
            self.findings.error("MAP015", f"the sources have different types: {kinds}", (*path, "sources"))
            return None
        return self._checked(Call(function="coalesce", arguments=tuple(found)), scope, (*path, "sources"))

    def _checked(self, tree: Expr, scope: SchemaScope, path: Path_) -> Expr | None:
        """A lowered tree with its types, or None where they do not go together."""
        try:
            return check(tree, scope, self.mapping.location(*path, key=False))
        except ExpressionError as fault:
            self.findings.expression(fault)
            return None

    def _adapted(
        self, derivation: SlotDerivation, base: Expr, slot: SlotModel, scope: SchemaScope, path: Path_
    ) -> Expr | None:
        """The value with what the derivation says about it: nulls, offset, text form, conditions."""
        tree: Expr | None = base
        if derivation.missing_values is not None:
            given = derivation.missing_values
            texts = [given] if isinstance(given, str) else given
            tree = self._checked(without(base, texts), scope, (*path, "missing_values"))
        if derivation.offset is not None and tree is not None:
            tree = self._moved(derivation.offset, tree, scope, (*path, "offset"))
        if derivation.stringification is not None and tree is not None:
            tree = self._stringified(derivation.stringification, tree, scope, (*path, "stringification"))
        if derivation.cast_collection_as == "SingleValued" and tree is not None and tree.type.many:
            tree = self._checked(Call(function="single", arguments=(tree,)), scope, path)
        if tree is None or not (_decides(derivation) or self._rule_decides(slot)):
            return tree
        return self._decided(derivation, tree, slot, scope, path)

    def _moved(self, offset: Offset, base: Expr, scope: SchemaScope, path: Path_) -> Expr | None:
        by = self._path(offset.offset_field, scope, (*path, "offset_field"))
        step = number(offset.offset_value)
        if step is None:
            self.findings.error("MAP004", "'offset_value' must be a number", (*path, "offset_value"))
        if by is None or step is None:
            return None
        return self._checked(moved(base, offset, by, step), scope, path)

    def _stringified(self, how: Stringification, base: Expr, scope: SchemaScope, path: Path_) -> Expr | None:
        if how.syntax == "TURTLE" or (how.syntax == "YAML" and how.reversed):
            self.findings.error("MAP034", f"syntax {how.syntax} has no meaning here", (*path, "syntax"), "use JSON")
            return None
        if (how.delimiter is None) == (how.syntax is None):
            self.findings.error("MAP014", "stringification takes a delimiter or a syntax", path, "keep one")
            return None
        if how.over_slots:
            found = [self._path(text, scope, (*path, "over_slots", n)) for n, text in enumerate(how.over_slots)]
            if None in found:
                return None
            base = ListOf(items=tuple(Call(function="str", arguments=(part,)) for part in found))
        return self._checked(stringified(base, how), scope, path)

    # -- values that conditions decide ------------------------------------------------------------

    def _rule_decides(self, slot: SlotModel) -> bool:
        rule = self.enums.get(slot.range or "")
        return rule is not None and _has_conditions(rule)

    def _decided(
        self, derivation: SlotDerivation, base: Expr, slot: SlotModel, scope: SchemaScope, path: Path_
    ) -> Expr | None:
        """Conditions of the slot or of its enum derivation; on a list, one element after the other."""
        if not base.type.many:
            return self._conditions(derivation, base, slot, scope, path)
        element = self._conditions(derivation, Path(variable=_ELEMENT, type=base.type.one), slot, scope, path)
        if element is None:
            return None
        return self._checked(Comprehension(element=element, variable=_ELEMENT, source=base), scope, path)

    def _conditions(
        self, derivation: SlotDerivation, base: Expr, slot: SlotModel, scope: SchemaScope, path: Path_
    ) -> Expr | None:
        value = None if isinstance(base, Literal) else base

        if derivation.expression_to_expression_mappings:
            key = (*path, "expression_to_expression_mappings")
            pairs = [
                (parsed(test, scope, self.mapping, (*key, test), self.findings, value=base),
                 parsed(result, scope, self.mapping, (*key, test), self.findings, value=base))
                for test, result in derivation.expression_to_expression_mappings.items()
            ]  # fmt: skip
            branches = [(test, result) for test, result in pairs if test is not None and result is not None]
            return self._checked(conditional(branches), scope, key) if len(branches) == len(pairs) else None
        rule = self.enums.get(slot.range or "")
        own = derivation.expression_to_value_mappings
        given: list[tuple[Expr | None, str]] = []
        for test in own:
            where = (*path, "expression_to_value_mappings", test)
            given.append((parsed(test, scope, self.mapping, where, self.findings, value=base), test))
        if rule is not None and not own:
            given += self._rule_conditions(rule, base, scope)
        conditions = [(tree, code) for tree, code in given if tree is not None]
        if len(conditions) != len(given):
            return None
        tree: Expr | None = decided(conditions, value) if conditions else base
        if rule is not None and rule.expr is not None and not own:
            first = parsed(rule.expr, scope, self.mapping, ("enum_derivations", rule.name, "expr"), self.findings,
                           value=base)  # fmt: skip
            tree = None if first is None or tree is None else computed_code(first, tree)
        return None if tree is None else self._checked(tree, scope, path)

    def _rule_conditions(self, rule: EnumDerivation, base: Expr, scope: SchemaScope) -> list[tuple[Expr | None, str]]:
        """What an enum derivation decides by expressions, as (condition, permissible value)."""
        here = ("enum_derivations", rule.name)
        found: list[tuple[Expr | None, str]] = []
        for test, name in rule.expression_to_value_mappings.items():
            where = (*here, "expression_to_value_mappings", test)
            found.append((parsed(test, scope, self.mapping, where, self.findings, value=base), name))
        for name, value in rule.permissible_value_derivations.items():
            if value.expr is not None:
                at: Path_ = (*here, "permissible_value_derivations", name, "expr")
                found.append((parsed(value.expr, scope, self.mapping, at, self.findings, value=base), name))
        return found

    def _cast(self, derivation: SlotDerivation, slot: SlotModel, path: Path_) -> None:
        """``cast_collection_as`` and ``dictionary_key`` must say what the target slot is."""
        wanted = derivation.cast_collection_as
        key = self._key(slot)
        fits = {
            None: True, "SingleValued": not slot.many, "MultiValued": slot.many,
            "MultiValuedList": slot.many and key is None, "MultiValuedDict": key is not None,
        }  # fmt: skip
        if not fits[wanted]:
            self.findings.error("MAP038", f"slot '{slot.name}' holds {_spoken(slot)}{' (a list)' if slot.many else ''},"
                                f" which is not {wanted}", (*path, "cast_collection_as"))  # fmt: skip
        if derivation.dictionary_key is not None and derivation.dictionary_key != key:
            found = f"keyed by '{key}'" if key else "not keyed"
            self.findings.error("MAP038", f"slot '{slot.name}' is {found} in the target schema",
                                (*path, "dictionary_key"))  # fmt: skip

    def _copied(
        self, derivation: SlotDerivation, slot: SlotModel, scope: SchemaScope, path: Path_
    ) -> tuple[Value, Type | None] | None:
        """``populated_from`` (or the source slot of the same name)."""
        text = derivation.populated_from or derivation.name
        key: Path_ = (*path, "populated_from") if derivation.populated_from else path
        found = self._path(text, scope, key)
        if found is None:
            return None
        if isinstance(found, Attribute) and found.type.kind is Kind.OBJECT:
            self.findings.error("MAP013", f"'{text}' is an object, and objects stand at the end of an index", key,
                                "go over the list with for_each, or name a value of the object")  # fmt: skip
            return None
        if found.type.kind is Kind.OBJECT and slot.form is not Form.SCALAR:
            if found.type.many and not slot.many:
                message = f"'{text}' is a list, and slot '{slot.name}' holds one"
                self.findings.error("MAP016", message, key, "take one element: name[0]")
                return None
            rules = self.by_range(found.type, slot, path)
            identifier = self.target.classes[slot.range or ""].identifier if slot.form is Form.REFERENCE else None
            return (Build(rules=rules, identifier=identifier, **_over(found)), None) if rules else None
        tree = self._adapted(derivation, found, slot, scope, path)
        if tree is None:
            return None
        if isinstance(tree, Path):
            return Read(path=tree), tree.type
        return Compute(expression=tree), tree.type

    def _path(self, text: str, scope: SchemaScope, path: Path_) -> Any:
        """A path of slots: an exact slot name (whatever characters it has), dotted names, or an indexed path."""
        names = [text] if scope.resolve(text) else text.split(".")
        if all(re.fullmatch(r"[\w @$:/+-]+", name) for name in names):
            try:
                return check(Path(steps=tuple(names)), scope, self.mapping.location(*path, key=False))
            except ExpressionError as fault:
                self.findings.found += [
                    type(item)("MAP013", item.message, item.location, item.hint, self.mapping.line(*path))
                    for item in fault.diagnostics
                ]
                return None
        if re.fullmatch(r"[\w.]+\[-?[0-9]+\](\.\w+)*", text):
            return parsed(text, scope, self.mapping, path, self.findings)
        self.findings.error("MAP013", f"'{escaped(text[:60])}' is not a path of slots", path,
                            "write a.b.c, a.b[0] or a[0].b; for anything else use expr")  # fmt: skip
        return None

    def _constant(self, value: Any, slot: SlotModel, path: Path_) -> Constant | None:
        if slot.form in (Form.OBJECT, Form.KEYED):
            self.findings.error("MAP017", f"slot '{slot.name}' holds objects, not a constant", path)
            return None
        values = value if isinstance(value, list) else [value]
        if isinstance(value, list) and not slot.many:
            self.findings.error("MAP017", f"slot '{slot.name}' holds one value, not a list", path)
            return None
        items = []
        for item in values:
            literal = constant_of(self.target, slot, item)
            if isinstance(literal, str):
                text = item if isinstance(item, str) else str(item)
                hint = closest(text, self._permissible(slot))
                self.findings.error("MAP017", f"the constant for slot '{slot.name}' {literal}", path, hint)
                return None
            items.append(literal)
        return Constant(items=tuple(items))

    def _permissible(self, slot: SlotModel) -> tuple[str, ...]:
        enum = self.target.enums.get(slot.range or "")
        return tuple(enum.values) if enum else ()

    def _template(self, text: str, slot: SlotModel, scope: SchemaScope, path: Path_) -> tuple[Value, None] | None:
        """An IRI template: ``{path}`` percent-encoded, ``{+path}`` with reserved characters kept."""
        here = (*path, "iri")
        parts: list[TemplatePart] = []
        start = 0
        for hole in _HOLE.finditer(text):
            if hole.start() > start:
                parts.append(TemplatePart(text=text[start : hole.start()]))
            value = parsed(hole[2], scope, self.mapping, here, self.findings)
            if value is None:
                return None
            if value.type.many or value.type.kind is Kind.OBJECT:
                self.findings.error("MAP023", f"'{{{hole[2]}}}' is {value.type}, which cannot stand in an IRI", here)
                return None
            parts.append(TemplatePart(value=value, keep_reserved=hole[1] == "+"))
            start = hole.end()
        parts.append(TemplatePart(text=text[start:])) if start < len(text) else None
        head = parts[0].text if parts else None
        if head is not None:
            prefix, colon, rest = head.partition(":")
            if colon and prefix in self.prefixes and not rest.startswith("//"):
                parts[0] = TemplatePart(text=self.prefixes[prefix] + rest)
        fixed = "".join(part.text or "" for part in parts)
        if "{" in fixed or "}" in fixed or set(fixed) & set(' <>"|\\^`') or not fixed.isprintable():
            self.findings.error("MAP023", "the template holds a character that no IRI has", here,
                                "put values in {braces}")  # fmt: skip
            return None
        first = parts[0].text if parts else None
        if first is not None and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", first):
            self.findings.error("MAP023", "the template does not start with a scheme or a declared prefix", here,
                                f"declared prefixes: {', '.join(sorted(self.prefixes)) or 'none'}")  # fmt: skip
            return None
        if slot.form in (Form.OBJECT, Form.KEYED):
            self.findings.error("MAP019", f"slot '{slot.name}' holds {_spoken(slot)}, not an IRI", here)
            return None
        return Template(parts=tuple(parts)), None

    def _objects(
        self, derivation: SlotDerivation, slot: SlotModel, scope: SchemaScope, path: Path_
    ) -> tuple[Value, None] | None:
        """Nested derivations: over a list (``for_each``), an object (``populated_from``), or the scope itself."""
        text = derivation.for_each or derivation.populated_from
        key = "for_each" if derivation.for_each else "populated_from"
        over = self._path(text, scope, (*path, key)) if text else None
        if text and over is None:
            return None
        if over is not None and not isinstance(over, (Path, Index)):
            self.findings.error("MAP013", f"'{text}' cannot be gone over", (*path, key), "write a.b.c or a.b[0]")
            return None
        if derivation.for_each and over is not None and not (over.type.many or over.type.kind is Kind.ANY):
            self.findings.error("MAP016", f"'{text}' is not a list, so 'for_each' has nothing to go over",
                                (*path, key), "use populated_from for one object")  # fmt: skip
            return None
        if over is not None and over.type.many and not slot.many:
            self.findings.error("MAP016", f"'{text}' is a list, and slot '{slot.name}' holds one object",
                                (*path, key), "take one element: name[0]")  # fmt: skip
            return None
        if not derivation.class_derivations:
            if over is None or over.type.kind is not Kind.OBJECT:
                self.findings.error("MAP032", "'for_each' needs class_derivations for what it goes over", path)
                return None
            rules = self.by_range(over.type, slot, path)
            return (Build(rules=rules, **_over(over)), None) if rules else None
        variable = self._variable(derivation, scope, path)
        if variable is None:
            return None
        inner = scope
        if over is not None:
            inner = scope.inner(variable, over.type.one, named=derivation.as_ is not None)
        rules = self.build_rules(derivation.class_derivations, inner, (*path, "class_derivations"), slot,
                                 over.type.one if over is not None else None)  # fmt: skip
        if not rules:
            return None
        return Build(rules=rules) if over is None else Build(rules=rules, variable=variable, **_over(over)), None

    def _variable(self, derivation: SlotDerivation, scope: SchemaScope, path: Path_) -> str | None:
        """The name of the element; one that hides a slot in scope would change what a name means."""
        name = derivation.as_
        if name is None:
            return f"{derivation.name}_{len(scope.frames)}"
        if not name.isidentifier() or name.startswith("_") or not name.isascii():
            self.findings.error("MAP027", f"'{escaped(name)}' cannot be a name", (*path, "as"))
            return None
        if scope.resolve(name) is not None:
            self.findings.error("MAP027", f"'{name}' is a slot in scope already", (*path, "as"), "choose another name")
            return None
        return name

    # -- pivots -----------------------------------------------------------------------------------

    def _melted(
        self, derivation: SlotDerivation, slot: SlotModel, scope: SchemaScope, path: Path_
    ) -> tuple[Value, None] | None:
        """MELT: one object for each of several slots."""
        pivot = derivation.pivot_operation
        assert pivot is not None
        here = (*path, "pivot_operation")
        target = self.target.classes.get(slot.range or "")
        source = self.source.classes.get(scope.own.type.of or "")
        if (
            pivot.direction != "MELT"
            or target is None
            or source is None
            or slot.form is not Form.OBJECT
            or not slot.many
        ):
            hint = "UNMELT stands on a class derivation" if pivot.direction != "MELT" else None
            self.findings.error("MAP081", "MELT fills a slot that holds a list of objects", here, hint)
            return None
        wide = self.target.classes.get(pivot.unmelt_to_class or "")
        names = pivot.source_slots or [
            name for name, found in source.slots.items()
            if found.form is not Form.OBJECT and not found.many and name not in pivot.id_slots
            and (wide is None or name in wide.slots)
        ]  # fmt: skip
        derivations = melted(pivot, target.name, names)
        rules = self.build_rules(derivations, scope, (*here, "class_derivations"), slot, None)
        return (Build(rules=rules), None) if rules else None

    def unmelted(
        self, derivation: ClassDerivation, cls: ClassModel, scope: SchemaScope, path: Path_
    ) -> dict[str, SlotRule]:
        """UNMELT: the wide slots of a class from objects that each hold a variable and its value."""
        pivot = derivation.pivot_operation
        assert pivot is not None
        here = (*path, "pivot_operation")
        source = self.source.classes.get(scope.own.type.of or "")
        found = long_form(self.source, source, pivot) if source is not None else None
        if pivot.direction != "UNMELT" or found is None:
            message = f"no one list of the source holds '{pivot.variable_slot}' and '{pivot.value_slot}'"
            self.findings.error("MAP081", message if pivot.direction == "UNMELT" else "MELT stands on a slot", here)
            return {}
        container, long = found
        taken = {*derivation.slot_derivations, *pivot.id_slots}
        names = pivot.unmelt_to_slots or [
            name for name, slot in cls.slots.items()
            if name not in taken and slot.form is not Form.OBJECT and not slot.designates_type
        ]  # fmt: skip
        rules: dict[str, SlotRule] = {}
        for name in pivot.id_slots:
            rule = self.plan(SlotDerivation(name=name), cls, scope, (*here, "id_slots"))
            rules |= {name: rule} if rule is not None else {}
        for name in names:
            if name not in cls.slots:
                self.findings.error("MAP081", f"'{escaped(name)}' is not a slot of '{cls.name}'",
                                    (*here, "unmelt_to_slots"), closest(name, cls.slots))  # fmt: skip
                continue
            slot = cls.slots[name]
            tree = wide_value(pivot, container.name if container else None, self.source, long, self.target, slot)
            rule = self._lowered(SlotDerivation(name=name), slot, tree, scope, here)
            rules |= {name: rule} if rule is not None else {}
        return rules | self._variables(pivot, container, names, scope, here)

    def _variables(
        self, pivot: PivotOperation, container: SlotModel | None, names: Sequence[str], scope: SchemaScope, path: Path_
    ) -> dict[str, SlotRule]:
        """A hidden slot that refuses, and counts, variables that no slot is made of."""
        tree = self._checked(variables_of(pivot, container.name if container else None), scope, path)
        if tree is None:
            return {}
        slot = SlotModel(name=pivot.variable_slot, uri="", range="Any", multivalued=container is not None)
        codes = Codes(table={name: Literal(value=name) for name in names}, unmapped=pivot.unmapped)
        name = f"({pivot.variable_slot})"
        return {name: SlotRule(slot=name, value=Compute(expression=tree), origin=self.mapping.location(*path),
                               codes=codes, convert=("any",), many=slot.many, reads=read_paths(tree))}  # fmt: skip

    def _lowered(
        self, derivation: SlotDerivation, slot: SlotModel, tree: Expr, scope: SchemaScope, path: Path_
    ) -> SlotRule | None:
        """The rule of a slot whose value is a lowered tree."""
        checked = self._checked(tree, scope, path)
        if checked is None:
            return None
        value = Compute(expression=checked)
        codes = self._codes(derivation, slot, checked.type, scope, path)
        conversion = self._conversion(derivation, slot, value, checked.type, codes, path)
        if conversion is None:
            return None
        return SlotRule(slot=slot.name, value=value, origin=self.mapping.location(*path), codes=codes,
                        convert=conversion, many=slot.many, reads=read_paths(checked))  # fmt: skip

    # -- codes and conversion -------------------------------------------------------------------

    def _codes(
        self, derivation: SlotDerivation, slot: SlotModel, kind: Type, scope: SchemaScope, path: Path_
    ) -> Codes | None:
        """The code table of a slot: its own mappings, an enum derivation, or the target's own values."""
        policy = derivation.unmapped or ("pass" if derivation.mirror_source else "error")
        decides = derivation.expression_to_value_mappings
        if derivation.code_map is not None:
            found = self._code_map(derivation, derivation.code_map, path)
            policy = derivation.unmapped or ("pass" if found is not None and found.passes else policy)
            table = self._by_code_map(found, slot, path)
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
                self.findings.error("MAP018", "'unmapped' needs value_mappings or an enum", (*path, "unmapped"))
            return None
        rule = self.enums.get(enum.name)
        if rule is not None:
            return Codes(table=self._derived(rule, slot), unmapped=policy)
        return Codes(table={text: Literal(value=text) for text in enum.values}, unmapped=policy)

    def _computed(self, derivation: SlotDerivation, scope: SchemaScope, path: Path_) -> dict[str, Expr]:
        """``expression_mappings``: codes whose value is an expression."""
        found: dict[str, Expr] = {}
        for code, text in derivation.expression_mappings.items():
            tree = parsed(text, scope, self.mapping, (*path, "expression_mappings", code), self.findings)
            if tree is not None and code not in (derivation.value_mappings or {}):
                found[code] = tree
        return found

    def _computed_type(self, codes: Codes, source: Type | None, derivation: SlotDerivation, path: Path_) -> Type | None:
        """The type that all expressions of a code table share."""
        passed = [source.one] if source is not None and derivation.unmapped == "pass" else []
        kind = joined([*(tree.type for tree in codes.computed.values()), *passed])
        if kind is None:
            self.findings.error("MAP015", "the expressions of the codes give different types",
                                (*path, "expression_mappings"))  # fmt: skip
            return source
        return kind.list if source is not None and source.many else kind

    def _code_map(self, derivation: SlotDerivation, name: str, path: Path_) -> CodeMap | None:
        """The code map that a slot names; None when it was refused (and noted)."""
        here = (*path, "code_map")
        found = self.mapping.code_maps.get(name)
        if found is None:
            known = ", ".join(self.mapping.code_maps) or "none"
            self.findings.error("MAP058", f"there is no code map '{escaped(name)}'", here,
                                closest(name, self.mapping.code_maps) or f"code maps: {known}")  # fmt: skip
        elif found.fixed is not None and derivation.unmapped is None:
            self.findings.error("MAP059", f"the code map gives all other codes one of its own ('{found.fixed}')", here,
                                f"say so here: unmapped: default, default: {found.fixed}")  # fmt: skip
            return None
        return found

    def _by_code_map(self, found: CodeMap | None, slot: SlotModel, path: Path_) -> dict[str, Literal]:
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
            self.findings.error("MAP025", f"target '{escaped(target[:80])}' of the code map {reason}",
                                (*path, "code_map"), closest(target, self._permissible(slot)))  # fmt: skip
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
                self.findings.error("MAP025", f"the value for '{escaped(code)}' {literal}", here,
                                    closest(str(value), self._permissible(slot)))  # fmt: skip
            else:
                table[code] = literal
        return table

    def _derived(self, rule: EnumDerivation, slot: SlotModel) -> dict[str, Literal]:
        """Source values to target values by an enum derivation; ``mirror_source`` keeps equal names."""
        target = self.target.enums[slot.range or ""]
        table: dict[str, Literal] = {}
        if rule.mirror_source:
            table = {text: Literal(value=text) for text in target.values}
        for name, value in rule.permissible_value_derivations.items():
            given = value.populated_from
            sources = [*([given] if isinstance(given, str) else given or []), *value.sources]
            if not sources and value.expr is None:
                sources = [name]
            table |= {source: Literal(value=name) for source in sources}
        if _has_conditions(rule):
            table |= {DECIDED + text: Literal(value=text) for text in target.values}
        return table

    def _conversion(
        self, derivation: SlotDerivation, slot: SlotModel, value: Value, kind: Type | None,
        codes: Codes | None, path: Path_,
    ) -> tuple[str, ...] | None:  # fmt: skip
        """The steps to the target's type; the cardinalities must go together too."""
        if kind is None:
            return ()
        if slot.form in (Form.OBJECT, Form.KEYED) or kind.kind is Kind.OBJECT:
            self.findings.error(
                "MAP015", f"slot '{slot.name}' holds {_spoken(slot)}, and the source is {kind}", path,
                "build it with class_derivations" if slot.form is Form.OBJECT else "name a slot of that object",
            )  # fmt: skip
            return None
        if kind.many and not slot.many:
            self.findings.error(
                "MAP016", f"the source is a {kind}, and slot '{slot.name}' holds one value", path,
                "take one value with first(), or join them",
            )  # fmt: skip
            return None
        computed = isinstance(value, Compute) or (codes is not None and bool(codes.computed))
        if codes is not None and codes.unmapped != "pass" and not codes.computed:
            return ("any",)
        found, advice = steps(kind.one, target_primitive(self.target, slot), computed=computed)
        if found is None:
            self.findings.error(
                "MAP015", f"slot '{slot.name}' is {slot.range}, and the source is {kind.one}", path, advice
            )
        return found


def _has_conditions(rule: EnumDerivation) -> bool:
    values = rule.permissible_value_derivations.values()
    return bool(rule.expr or rule.expression_to_value_mappings or any(value.expr for value in values))


def _decides(derivation: SlotDerivation) -> bool:
    return bool(derivation.expression_to_value_mappings or derivation.expression_to_expression_mappings)


def _needs_no_source(derivation: SlotDerivation) -> bool:
    """Whether a derivation says itself where its value comes from."""
    how = derivation.stringification
    return _decides(derivation) or (how is not None and bool(how.over_slots))


def _over(found: Path | Index) -> dict[str, Any]:
    """What a build goes over: a path, and the element of it where the mapping asks for one."""
    if isinstance(found, Path):
        return {"over": found}
    position = found.index
    assert isinstance(position, Literal)
    return {"over": found.base, "index": position.value}


def _spoken(slot: SlotModel) -> str:
    return {
        Form.SCALAR: f"a value ({slot.range})",
        Form.REFERENCE: f"a reference to a '{slot.range}'",
        Form.OBJECT: f"an object ('{slot.range}')",
        Form.KEYED: f"objects by key ('{slot.range}')",
    }[slot.form]

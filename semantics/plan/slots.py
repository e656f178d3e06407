"""From a slot derivation to a slot rule: where the value comes from, whether it fits, how it is converted."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from semantics.errors import ExpressionError, closest, escaped
from semantics.expressions.check import check
from semantics.expressions.parse import parse
from semantics.expressions.tree import Expr, Index, Literal, Path, walk
from semantics.expressions.types import Kind, Type
from semantics.mapping.load import LoadedMapping
from semantics.mapping.spec import EnumDerivation, SlotDerivation
from semantics.plan.convert import constant_of, steps, target_primitive
from semantics.plan.findings import Findings
from semantics.plan.model import (
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
from semantics.plan.scope import SchemaScope
from semantics.schema.model import ClassModel, Form, SchemaModel, SlotModel

__all__ = ["SlotPlanner", "parsed"]

Path_ = tuple[str | int, ...]
_HOLE: Final = re.compile(r"\{(\+?)([^{}]*)\}")
_SOURCES: Final = ("value", "expr", "populated_from", "iri", "for_each")
BuildRules = Callable[..., tuple[str, ...]]


def parsed(text: str, scope: SchemaScope, mapping: LoadedMapping, path: Path_, findings: Findings) -> Expr | None:
    """An expression of the mapping, checked in its scope; None when it was refused (and noted)."""
    try:
        place = mapping.location(*path, key=False)
        return check(parse(text, place), scope, place)
    except ExpressionError as fault:
        findings.expression(fault)
        return None


def read_paths(node: Expr) -> tuple[str, ...]:
    """The source paths that an expression reads, dotted, with their variable in front."""
    return tuple(dict.fromkeys(".".join((part.variable, *part.steps)) for part in walk(node) if isinstance(part, Path)))


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

    def plan(self, derivation: SlotDerivation, cls: ClassModel, scope: SchemaScope, path: Path_) -> SlotRule | None:
        """The rule of one slot, or None when it was refused (and noted)."""
        slot = cls.slots.get(derivation.name)
        if slot is None:
            self.findings.error(
                "MAP012", f"slot '{escaped(derivation.name)}' is not a slot of class '{cls.name}'", path,
                closest(derivation.name, cls.slots),
            )  # fmt: skip
            return None
        if not self._consistent(derivation, slot, path):
            return None
        found = self._value(derivation, slot, scope, path)
        if found is None:
            return None
        value, kind = found
        codes = self._codes(derivation, slot, kind, path) if kind is not None else None
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
            reads=self._reads(value),
        )

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

    def _consistent(self, derivation: SlotDerivation, slot: SlotModel, path: Path_) -> bool:
        given = [key for key in _SOURCES if getattr(derivation, key) is not None]
        before = len(self.findings.errors)
        if len(given) > 1:
            names = " and ".join(f"'{key}'" for key in given)
            self.findings.error("MAP014", f"{names} each give slot '{derivation.name}' a value", path, "keep one")
        if derivation.unmapped == "default" and derivation.default is None:
            self.findings.error("MAP018", "'unmapped: default' needs a 'default'", (*path, "unmapped"))
        if derivation.as_ is not None and derivation.for_each is None:
            self.findings.error("MAP028", "'as' names the element of 'for_each'", (*path, "as"))
        if derivation.where is not None:
            self.findings.error("MAP002", "'where' of a slot is part of the language but not carried out yet",
                                (*path, "where"), "put it on the nested class derivation")  # fmt: skip
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
        if derivation.value is not None:
            constant = self._constant(derivation.value, slot, (*path, "value"))
            return None if constant is None else (constant, None)
        if derivation.iri is not None:
            return self._template(derivation.iri, slot, scope, path)
        if derivation.expr is not None:
            expression = parsed(derivation.expr, scope, self.mapping, (*path, "expr"), self.findings)
            return None if expression is None else (Compute(expression=expression), expression.type)
        if derivation.for_each is not None or derivation.class_derivations:
            return self._objects(derivation, slot, scope, path)
        return self._copied(derivation, slot, scope, path)

    def _copied(
        self, derivation: SlotDerivation, slot: SlotModel, scope: SchemaScope, path: Path_
    ) -> tuple[Value, Type | None] | None:
        """``populated_from`` (or the source slot of the same name)."""
        text = derivation.populated_from or derivation.name
        key: Path_ = (*path, "populated_from") if derivation.populated_from else path
        found = self._path(text, scope, key)
        if found is None:
            return None
        if found.type.kind is Kind.OBJECT and slot.form is not Form.SCALAR:
            if found.type.many and not slot.many:
                message = f"'{text}' is a list, and slot '{slot.name}' holds one"
                self.findings.error("MAP016", message, key, "take one element: name[0]")
                return None
            rules = self.by_range(found.type, slot, path)
            identifier = self.target.classes[slot.range or ""].identifier if slot.form is Form.REFERENCE else None
            return (Build(rules=rules, identifier=identifier, **_over(found)), None) if rules else None
        if isinstance(found, Path):
            return Read(path=found), found.type
        return Compute(expression=found), found.type

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
        if re.fullmatch(r"[\w.]+\[-?[0-9]+\]", text):
            return parsed(text, scope, self.mapping, path, self.findings)
        self.findings.error("MAP013", f"'{escaped(text[:60])}' is not a path of slots", path,
                            "write a.b.c or a.b[0]; for anything else use expr")  # fmt: skip
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

    # -- codes and conversion -------------------------------------------------------------------

    def _codes(self, derivation: SlotDerivation, slot: SlotModel, kind: Type, path: Path_) -> Codes | None:
        """The code table of a slot: ``value_mappings``, an enum derivation, or the target's own values."""
        policy = derivation.unmapped or "error"
        if derivation.value_mappings is not None:
            return Codes(table=self._mapped(derivation.value_mappings, slot, path), unmapped=policy)
        enum = self.target.enums.get(slot.range or "")
        if enum is None:
            if derivation.unmapped is not None:
                self.findings.error("MAP018", "'unmapped' needs value_mappings or an enum", (*path, "unmapped"))
            return None
        rule = self.enums.get(enum.name)
        if rule is not None:
            return Codes(table=self._derived(rule, slot), unmapped=policy)
        return Codes(table={text: Literal(value=text) for text in enum.values}, unmapped=policy)

    def _mapped(self, given: dict[str, Any], slot: SlotModel, path: Path_) -> dict[str, Literal]:
        table: dict[str, Literal] = {}
        for code, value in given.items():
            here = (*path, "value_mappings", code)
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
            sources = [*([given] if isinstance(given, str) else given or []), *value.sources] or [name]
            table |= {source: Literal(value=name) for source in sources}
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
        computed = isinstance(value, Compute)
        if codes is not None and derivation.unmapped != "pass":
            return ("any",)
        found, advice = steps(kind.one, target_primitive(self.target, slot), computed=computed)
        if found is None:
            self.findings.error(
                "MAP015", f"slot '{slot.name}' is {slot.range}, and the source is {kind.one}", path, advice
            )
        return found


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

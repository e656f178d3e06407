"""From a slot derivation to a slot rule: where the value comes from, whether it fits, how it is converted."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from semantics.errors import closest, escaped
from semantics.expressions.tree import (
    Attribute,
    Call,
    Expr,
    Index,
    Literal,
    Path,
)
from semantics.expressions.types import NULL, STRING, Kind, Type
from semantics.lexical import Primitive
from semantics.mapping.load import LoadedMapping
from semantics.mapping.spec import (
    Inverse,
    SlotDerivation,
)
from semantics.plan.adapting import Adapter, needs_no_source
from semantics.plan.codes import CodeTables, spoken
from semantics.plan.convert import target_primitive
from semantics.plan.findings import Findings
from semantics.plan.lowering import HOLE
from semantics.plan.model import (
    Build,
    Compute,
    Constant,
    Read,
    SlotRule,
    Template,
    TemplatePart,
    Value,
)
from semantics.plan.names import Names, read_paths
from semantics.plan.pivots import plan_melt
from semantics.plan.scope import SchemaScope, is_zone
from semantics.plan.units import UnitPlanner
from semantics.schema.model import ClassModel, Form, SchemaModel, SlotModel

__all__ = ["SlotPlanner"]

Path_ = tuple[str | int, ...]
_SOURCES: Final = ("value", "expr", "populated_from", "sources", "iri", "for_each", "pivot_operation", "inverse_of")
_MAKES: Final = ("value", "iri", "for_each", "pivot_operation", "inverse_of")
_ON_CODES: Final = ("value_mappings", "code_map", "unmapped", "mirror_source")
_IRIS: Final = frozenset({Primitive.STRING, Primitive.URI, Primitive.URIORCURIE, None})
_ON_VALUES: Final = (
    "missing_values", "offset", "stringification", "expression_mappings", "expression_to_value_mappings",
    "expression_to_expression_mappings", "aggregation_operation",
)  # fmt: skip
BuildRules = Callable[..., tuple[str, ...]]


@dataclass(frozen=True)
class SlotPlanner:
    """Plans the slots of one mapping; ``build_rules`` makes the class rules of nested objects."""

    names: Names
    codes: CodeTables
    adapter: Adapter
    units: UnitPlanner
    source: SchemaModel
    prefixes: dict[str, str]
    build_rules: BuildRules
    by_range: BuildRules

    @property
    def target(self) -> SchemaModel:
        """The model of the instances."""
        return self.codes.target

    @property
    def mapping(self) -> LoadedMapping:
        """The mapping whose slots are planned."""
        return self.names.mapping

    @property
    def findings(self) -> Findings:
        """What is wrong with it."""
        return self.names.findings

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
        self._read_so(derivation, value, kind, path)
        if kind is not None and kind.many and slot.name not in cls.slots:
            slot = msgspec.structs.replace(slot, multivalued=True)
        codes = self.codes.table(derivation, slot, kind, scope, path) if kind is not None else None
        if codes is None:
            value, kind = self._zoned(value, kind, slot, scope, path)
        if codes is not None and codes.computed:
            kind = self.codes.computed_type(codes, kind, derivation, path)
        conversion = self.codes.conversion(derivation, slot, value, kind, codes, path)
        if conversion is None:
            return None
        default = (
            self.codes.constant(derivation.default, slot, (*path, "default"))
            if derivation.default is not None
            else None
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

    def _zoned(
        self, value: Value, kind: Type | None, slot: SlotModel, scope: SchemaScope, path: Path_
    ) -> tuple[Value, Type | None]:
        """A text on its way into a slot of date-times, in the time zone that is told."""
        told = scope.zone is not None and kind is not None and kind.kind is Kind.STRING
        if not told or not isinstance(value, (Read, Compute)):
            return value, kind
        if target_primitive(self.target, slot) is not Primitive.DATETIME:
            return value, kind
        tree = value.path if isinstance(value, Read) else value.expression
        there = Literal(value=scope.zone, type=STRING)
        read = self.names.checked(Call(function="local_datetime", arguments=(tree, there)), scope, path)
        return (value, kind) if read is None else (Compute(expression=read), read.type)

    def _read_so(self, derivation: SlotDerivation, value: Value, kind: Type | None, path: Path_) -> None:
        """Words about how a value is read, on a value of another kind, would do nothing."""
        if not isinstance(value, Read) or kind is None:
            return
        for key, given, wanted, what in (
            ("timezone", derivation.timezone is not None, {Kind.DATETIME}, "date-times"),
            ("empty", derivation.empty == "keep", {Kind.STRING}, "texts"),
        ):
            if given and kind.kind not in wanted | {Kind.ANY}:
                self.findings.error("MAP083", f"'{key}' is about {what}, and what is read is {kind}", (*path, key))

    def _where(self, derivation: SlotDerivation, scope: SchemaScope, path: Path_) -> Expr | None:
        if derivation.where is None:
            return None
        where = self.names.parsed(derivation.where, scope, (*path, "where"))
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
        given += ["type_designator"] if derivation.type_designator and derivation.value is None else []
        before = self.findings.stopping
        if derivation.pivot_operation is not None and len(set(given) & {"populated_from", "for_each"}) == 1:
            given = [key for key in given if key not in ("populated_from", "for_each")]  # what the pivot is of
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
            self.findings.error("MAP028", "'as' names the element of 'for_each', and there is none", (*path, "as"),
                                "add for_each, or leave 'as' out")  # fmt: skip
        adapted = [key for key in _ON_VALUES if getattr(derivation, key) not in (None, [], {})]
        made = [key for key in _MAKES if getattr(derivation, key) is not None]
        if derivation.pivot_operation is not None and derivation.class_derivations:
            self.findings.error("MAP014", f"'pivot_operation' and 'class_derivations' each give slot '{slot.name}' "
                                "objects", (*path, "class_derivations"),
                                "keep one; id_slots are repeated in each object of a pivot")  # fmt: skip
        if made or derivation.class_derivations:
            adapted += [key for key in _ON_CODES if getattr(derivation, key) not in (None, False)]
        if derivation.unit_conversion is not None and set(adapted) - {"missing_values"}:
            adapted, made = [key for key in adapted if key != "missing_values"], ["unit_conversion"]
        if adapted and (made or derivation.class_derivations):
            what = (made or ["class_derivations"])[0]
            self.findings.error("MAP035", f"'{adapted[0]}' is about a value that is read, and this slot has '{what}'",
                                (*path, adapted[0]), f"leave out '{adapted[0]}', or '{what}'")  # fmt: skip
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
                "MAP019", f"slot '{slot.name}' holds {spoken(slot)}, so no object can be built in it",
                (*path, "class_derivations"),
            )  # fmt: skip
        return self.findings.stopping == before

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
            return plan_melt(self, derivation, slot, scope, path)
        if derivation.value is not None:
            constant = self.codes.constant(derivation.value, slot, (*path, "value"))
            return None if constant is None else (constant, None)
        if derivation.iri is not None:
            return self._template(derivation.iri, slot, scope, path)
        if derivation.unit_conversion is not None:
            key: Path_ = (*path, "populated_from") if derivation.populated_from else path
            found = self.names.path(derivation.populated_from or derivation.name, scope, key)
            return None if found is None else self.units.plan(derivation, slot, found, scope, path)
        if derivation.for_each is not None or derivation.class_derivations:
            return self.objects(derivation, slot, scope, path)
        if derivation.expr is not None:
            base = self.names.parsed(derivation.expr, scope, (*path, "expr"))
        elif derivation.sources:
            base = self.adapter.first_of(derivation, scope, path)
        elif needs_no_source(derivation) and not derivation.populated_from and scope.resolve(derivation.name) is None:
            base = Literal(value=None, type=NULL)
        else:
            return self._copied(derivation, slot, scope, path)
        if base is None:
            return None
        tree = self.adapter.adapted(derivation, base, slot, scope, path)
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

    # -- values that conditions decide ------------------------------------------------------------

    def _cast(self, derivation: SlotDerivation, slot: SlotModel, path: Path_) -> None:
        """``cast_collection_as`` and ``dictionary_key`` must say what the target slot is."""
        wanted = derivation.cast_collection_as
        key = self._key(slot)
        fits = {
            None: True, "SingleValued": not slot.many, "MultiValued": slot.many,
            "MultiValuedList": slot.many and key is None, "MultiValuedDict": key is not None,
        }  # fmt: skip
        if not fits[wanted]:
            self.findings.error("MAP038", f"slot '{slot.name}' holds {spoken(slot)}{' (a list)' if slot.many else ''},"
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
        found = self.names.path(text, scope, key)
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
        if not self.units.alike(text, slot, scope, key):
            return None
        tree = self.adapter.adapted(derivation, found, slot, scope, path)
        if tree is None:
            return None
        if isinstance(tree, Path):
            return Read(path=tree), tree.type
        return Compute(expression=tree), tree.type

    def _template(self, text: str, slot: SlotModel, scope: SchemaScope, path: Path_) -> tuple[Value, None] | None:
        """An IRI template: ``{path}`` percent-encoded, ``{+path}`` with reserved characters kept."""
        here = (*path, "iri")
        parts: list[TemplatePart] = []
        start, refused = 0, False
        for hole in HOLE.finditer(text):
            if hole.start() > start:
                parts.append(TemplatePart(text=text[start : hole.start()]))
            named = re.fullmatch(r"\s*(\"[^\"\\]+\")\s*", hole[2])
            said, at = (f"{{{named[1]}}}", hole.start(2) - 1) if named else (hole[2], hole.start(2))
            value = self.names.parsed(said, scope, here, inside=(text, at))
            start = hole.end()
            if value is None:
                refused = True
                continue
            if value.type.many or value.type.kind is Kind.OBJECT:
                self.findings.error("MAP023", f"'{{{hole[2]}}}' is {value.type}, which cannot stand in an IRI", here)
                return None
            parts.append(TemplatePart(value=value, keep_reserved=hole[1] == "+"))
        if refused:
            return None
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
            self.findings.error("MAP019", f"slot '{slot.name}' holds {spoken(slot)}, not an IRI", here)
            return None
        if target_primitive(self.target, slot) not in _IRIS:
            self.findings.error("MAP015", f"slot '{slot.name}' is {slot.range}, not an IRI", here)
            return None
        return Template(parts=tuple(parts)), None

    def objects(
        self, derivation: SlotDerivation, slot: SlotModel, scope: SchemaScope, path: Path_
    ) -> tuple[Value, None] | None:
        """Nested derivations: over a list (``for_each``), an object (``populated_from``), or the scope itself."""
        derivation = _lifted(derivation)
        text = derivation.for_each or derivation.populated_from
        key = "for_each" if derivation.for_each else "populated_from"
        over = self.names.path(text, scope, (*path, key)) if text else None
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
                self.findings.error("MAP032", "'for_each' needs class_derivations for what it goes over",
                                    (*path, "for_each"), "to copy values, say populated_from")  # fmt: skip
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


def _lifted(derivation: SlotDerivation) -> SlotDerivation:
    """A list that the only derivation in a slot goes over is gone over by the slot."""
    match derivation:
        case SlotDerivation(for_each=None, populated_from=None, class_derivations=[only]) if only.for_each is not None:
            inside = only.model_copy(update={"for_each": None, "as_": None})
            return derivation.model_copy(
                update={"for_each": only.for_each, "as_": only.as_, "class_derivations": [inside]}
            )
    return derivation


def _over(found: Path | Index) -> dict[str, Any]:
    """What a build goes over: a path, and the element of it where the mapping asks for one."""
    if isinstance(found, Path):
        return {"over": found}
    position = found.index
    assert isinstance(position, Literal)
    return {"over": found.base, "index": position.value}

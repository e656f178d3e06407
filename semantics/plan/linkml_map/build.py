"""A linkml-map specification as a plan: what it leaves open completed, its classes as rules, its faults where they are.

The tool finds most of what is wrong with a specification only when a record reaches it. So does this plan: a
slot that cannot work is a fault of the records that reach it, and a warning when the plan is made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec

from semantics.errors import Diagnostic, ExpressionError, Location, MappingError, Severity, closest, escaped
from semantics.expressions.tree import Expr
from semantics.mapping.linkml_map import COMPAT, IGNORED, Classes, Slots, Specification, parts_of
from semantics.mapping.loaded import LoadedMapping
from semantics.plan.linkml_map.joins import Tables, synthesised
from semantics.plan.linkml_map.names import RECORD, Source, expression, failing, model_of
from semantics.plan.linkml_map.ranges import Finisher
from semantics.plan.linkml_map.slots import Rules, SlotLowering, melted, unmelted
from semantics.plan.model import DOCUMENT, NUMBER, ClassRule, Lookup, Plan, SourceClass, SourcePlan
from semantics.schema.induction import InducedSchema, UnknownElement, patched
from semantics.schema.types import BUILTIN_TYPES

__all__ = ["build_compat_plan"]

Path_ = tuple[str | int, ...]


def build_compat_plan(
    mapping: LoadedMapping, spec: Specification, source: InducedSchema, target: InducedSchema | None
) -> tuple[Plan, tuple[Diagnostic, ...]]:
    """The plan of a specification with the tool's semantics, and the warnings found on the way.

    Without a target schema nothing is arranged by it, as in the tool. Its ``tables`` are the plan for rows of
    tables, which the tool maps otherwise: each by every derivation of its table, joined with rows of others.
    Raises :class:`MappingError` for what the tool refuses before the first record.
    """
    if spec.source_schema_patches:
        source = InducedSchema(patched(source.files, spec.source_schema_patches))
    builder, tables = (_Builder(mapping, spec, source, target, tables=of_tables) for of_tables in (False, True))
    plan = msgspec.structs.replace(builder.plan(), tables=tables.plan())
    return plan, tuple(dict.fromkeys((*builder.warnings, *tables.warnings)))


@dataclass
class _Builder:
    mapping: LoadedMapping
    spec: Specification
    source: InducedSchema
    target: InducedSchema | None
    rules: dict[str, ClassRule] = field(default_factory=dict)
    named: dict[tuple[Any, ...], str] = field(default_factory=dict)
    lookups: dict[str, Lookup] = field(default_factory=dict)
    warnings: list[Diagnostic] = field(default_factory=list)
    tables: bool = False

    def plan(self) -> Plan:
        roots = self._tables() if self.tables else self._records()
        self._say_ignored()
        root = self._root()
        digests = {**self.mapping.digests(), **_digests(self.source, "source_schema")}
        return Plan(
            name=self.mapping.spec.name,
            file=self.mapping.document.file,
            source=SourcePlan(class_name=root or "", unknown="report"),
            rules=self.rules,
            roots=roots,
            classes=self._classes(roots),
            source_schema=self.source.files.root.name,
            target_schema=self.target.files.root.name if self.target is not None else "",
            digests=digests,
            dialect=COMPAT,
            document=self.model,
            lookups=self.lookups,
            source_classes=tuple(dict.fromkeys((*self.source.classes, *self._looked_up))),
        )

    def _records(self) -> dict[str, tuple[str, ...]]:
        """The one rule of each source class; none where several derivations could be meant."""
        names = dict.fromkeys(cls.populated_from or cls.name for cls in self.derived)
        found = {name: self.of_class(name, None)[0] for name in names}
        return {name: (rule,) for name, rule in found.items() if rule is not None}

    def _tables(self) -> dict[str, tuple[str, ...]]:
        """The rules of each table: one for each derivation."""
        roots: dict[str, tuple[str, ...]] = {}
        for cls in self.derived:
            name = cls.populated_from or cls.name
            try:
                full = self._with_ancestors(cls)
            except (KeyError, RecursionError):
                self._warn("MAP074", f"'{cls.name}' builds on a derivation that is not there, or on itself", cls.at)
                continue
            rule = self._rule(full, name, cls.name, frozenset(), frozenset({name}), ("table", cls.at))
            roots[name] = (*roots.get(name, ()), rule)
        return roots

    @property
    def _looked_up(self) -> dict[str, str]:
        """The tables that are looked up, by the names that they may have, with their class."""
        return {name: found.classes[-1] for found in self.lookups.values() for name in found.classes}

    def _classes(self, roots: dict[str, tuple[str, ...]]) -> dict[str, SourceClass]:
        named = {**{name: name for name in roots}, **self._looked_up} if self.tables else {name: name for name in roots}
        return {name: self._source_class(name, cls) for name, cls in named.items() if cls in self.source.classes}

    def location(self, *path: str | int) -> Location:
        """Where a part of the specification stands; paths are those of the document."""
        return self.mapping.document.location(path)

    @cached_property
    def model(self) -> dict[str, dict[str, Any]]:
        """What looking references up needs to know of the source schema."""
        return model_of(self.source)

    @cached_property
    def finisher(self) -> Finisher:
        prefixes = {**self.source.prefixes, **{k: str(v.value) for k, v in self.spec.prefixes.items()}}
        enums = tuple(self.spec.enum_derivations.values())
        return Finisher(self.source, self.target, enums, prefixes, self.parsed)

    def parsed(self, text: str, source: Source, path: Path_) -> Expr:
        """An expression; one that is refused is a fault where it is reached, and a warning now."""
        source.unknown.clear()
        try:
            tree = expression(text, source, self.location(*path))
            for name in source.unknown:
                hint = closest(name, source.names())
                self._warn(
                    "MAP075", f"'{escaped(name)}' is not a slot of '{source.class_name}', so it is null", path, hint
                )
            return tree
        except ExpressionError as fault:
            for found in fault.diagnostics:
                self._warn("MAP074", found.message, path, found.hint)
            return failing(fault.diagnostics[0].message)

    def _fault(self, message: str, path: Path_) -> None:
        """Say of a part that it will be a fault where a record reaches it."""
        self._warn("MAP074", message, path)

    def _warn(self, code: str, message: str, path: Path_, hint: str | None = None) -> None:
        line = self.mapping.document.line_of(path) or None
        found = Diagnostic(code, message, self.location(*path), hint, line, Severity.WARNING)
        if found not in self.warnings:
            self.warnings.append(found)

    def _say_ignored(self) -> None:
        """Say which keys the tool reads and does nothing with, and which classes no record can be of."""
        for part in parts_of(self.spec):
            for key in sorted(IGNORED & part.model_fields_set):
                if getattr(part, key):
                    self._warn("MAP076", f"'{key}' does nothing here: the tool reads it and does not act on it",
                               (*part.at, key))  # fmt: skip
        for cls in self.derived:
            if cls.populated_from not in self.source.classes:
                self._fault(f"the source schema has no class '{escaped(str(cls.populated_from))}'", cls.at)

    # -- what the specification leaves open ---------------------------------------------------------

    @cached_property
    def derived(self) -> tuple[Classes, ...]:
        """The class derivations with what the tool adds from the source schema."""
        completed = [cls.model_copy(update={"populated_from": cls.populated_from or cls.name})
                     for cls in self.spec.class_derivations]  # fmt: skip
        return tuple(self._completed(cls, completed) for cls in completed)

    def _completed(self, cls: Classes, everything: list[Classes]) -> Classes:
        slots = {name: self._slot(slot, cls, everything) for name, slot in cls.slot_derivations.items()}
        return cls.model_copy(update={"slot_derivations": slots})

    def _slot(self, slot: Slots, cls: Classes, everything: list[Classes]) -> Slots:
        """A slot with the source slot of the same name, and the class that is made of what the source slot holds."""
        if slot.class_derivations:
            return slot
        update: dict[str, Any] = {}
        source = slot.populated_from
        if source is None and slot.expr is None:
            source = update["populated_from"] = slot.name
        wanted = slot.range or ("string" if slot.value is not None else None)
        if not wanted and source and cls.populated_from in self.source.classes:
            try:
                held = self._held(source, cls)
            except UnknownElement as fault:
                why = f"slot '{slot.name}' of '{cls.name}': the source schema has {fault}"
                raise MappingError(Diagnostic("MAP073", why, self.location(*slot.at))) from None
            for candidate in everything:
                if held is not None and candidate.populated_from == held:
                    wanted = candidate.name
        if wanted != slot.range:
            update["range"] = wanted
        return slot.model_copy(update=update) if update else slot

    def _held(self, text: str, cls: Classes) -> str | None:
        """The range of what ``populated_from`` names; None where nothing can be said."""
        if "." not in text:
            return self.source.slot(text, cls.populated_from).range
        table, _, rest = text.partition(".")
        of = (cls.joins[table].class_named or table) if table in cls.joins else table
        if of in self.source.classes and rest in self.source.slots(of):
            return self.source.slot(rest, of).range
        current: str | None = cls.populated_from
        found = None
        for step in text.split("."):
            try:
                found = self.source.slot(step, current) if current else None
            except UnknownElement:
                return None
            current = found.range if found is not None and found.range in self.source.classes else None
        return found.range if found is not None else None

    # -- class rules ----------------------------------------------------------------------------------

    def _root(self) -> str | None:
        """The class of a record that does not say it: the tree root, or the only class there is."""
        found = self.source.roots or (tuple(self.source.classes) if len(self.source.classes) == 1 else ())
        return found[0] if len(found) == 1 else None

    def of_class(self, name: str | None, target_class: str | None) -> tuple[str | None, str]:
        """The rule for objects of a source class, as a slot that asks for ``target_class`` sees it; else why not."""
        name = self._root() if name is None else name
        found = [cls for cls in self.derived if cls.populated_from == name]
        if len(found) != 1:
            return None, f"{len(found)} class derivations for objects of '{name}'"
        cls = found[0]
        try:
            cls = self._with_ancestors(cls)
        except (KeyError, RecursionError):
            return None, f"class derivation '{cls.name}' builds on one that is not there, or on itself"
        builds = any(slot.class_derivations for slot in cls.slot_derivations.values())
        wanted = target_class if builds else None
        return self._rule(cls, name, wanted, frozenset(), frozenset({name or ""}), ("top", cls.at)), ""

    def _with_ancestors(self, cls: Classes) -> Classes:
        """A derivation with what it takes from those that it builds on; its own comes first."""
        slots, joins = dict(cls.slot_derivations), dict(cls.joins)
        update: dict[str, Any] = {"slot_derivations": slots, "joins": joins}
        for ancestor in self._ancestors(cls):
            for name, slot in ancestor.slot_derivations.items():
                slots.setdefault(name, slot)
            for name, join in ancestor.joins.items():
                joins.setdefault(name, join)
            if cls.pivot_operation is None and ancestor.pivot_operation is not None:
                update.setdefault("pivot_operation", ancestor.pivot_operation)
        return cls.model_copy(update=update)

    def _ancestors(self, cls: Classes) -> list[Classes]:
        found: list[Classes] = []
        for name in (*cls.mixins, *([cls.is_a] if cls.is_a else [])):
            parent = next((other for other in self.spec.class_derivations if other.name == name), None)
            if parent is None:
                raise KeyError(name)
            found += [parent, *self._ancestors(parent)]
        return found

    def nested(self, cls: Classes, merged: frozenset[str], known: frozenset[str]) -> str:
        """The rule of a derivation that stands inside a slot; ``merged`` are the tables its object is made from."""
        name = cls.populated_from or self._root()
        return self._rule(cls, name, cls.name, merged, known | {name or ""}, ("nested", cls.at))

    def _rule(
        self, cls: Classes, source: str | None, target_class: str | None, merged: frozenset[str],
        known: frozenset[str], key: tuple[Any, ...],
    ) -> str:  # fmt: skip
        key = (*key, target_class, merged)
        if key in self.named:
            return self.named[key]
        identifier = cls.name
        while identifier in self.rules:
            identifier += "_"
        self.named[key] = identifier
        origin = self.location(*cls.at)
        scopes = (RECORD, DOCUMENT)
        rule = ClassRule(id=identifier, source_class=source, target_class=cls.name, scopes=scopes, slots=(),
                         origin=origin, root=True, keep_nulls=True)  # fmt: skip
        self.rules[identifier] = rule
        if cls.pivot_operation is not None:
            whole = self._pivot(cls)
            self.rules[identifier] = ClassRule(**{**_fields(rule), "whole": whole})
            return identifier
        joins = synthesised(cls, source or "", self.source, known)
        tables = Tables(joins, merged, self.lookups, guess=self.tables)
        rules = Rules(self.of_class, lambda nested, tables: self.nested(nested, tables, known))
        lowering = SlotLowering(self.finisher, rules, cls, source, target_class, tables, self.location, self._fault)
        slots = tuple(lowering.lower(slot) for slot in cls.slot_derivations.values())
        hidden = {slot.name for slot in cls.slot_derivations.values() if slot.hide}
        shown = tuple(slot.slot for slot in slots if slot.slot not in hidden) if hidden else None
        self.rules[identifier] = ClassRule(**{**_fields(rule), "slots": slots, "arranged": shown, "recalls": True,
                                             "joins": tuple(tables.rules.values())})  # fmt: skip
        return identifier

    def _pivot(self, cls: Classes) -> Expr:
        pivot = cls.pivot_operation
        assert pivot is not None
        try:
            if pivot.direction == "MELT":
                return melted(pivot, self.target)
            if pivot.unmelt_to_class and self.target is not None:
                self.target.slots(pivot.unmelt_to_class)
            return unmelted(pivot)
        except UnknownElement as fault:
            return failing(f"the target schema has {fault}")

    def _source_class(self, name: str, cls: str) -> SourceClass:
        columns: dict[str, str | None] = {}
        names = self.source.slots(cls)
        for slot in names:
            held = BUILTIN_TYPES.get(self.source.slot(slot, cls).range or "")
            number = held is not None and str(held.primitive) in ("integer", "float", "double", "decimal", "boolean")
            columns[slot] = str(held.primitive) if number and held is not None else None
        if not self.tables:
            return SourceClass(name=name, required=(), slots=names, columns=columns)
        joined = name in self._joined
        typed = {slot: NUMBER if joined or kind not in (None, "boolean") else None for slot, kind in columns.items()}
        return SourceClass(name=name, required=(), slots=names, columns=typed, others=NUMBER if joined else None)

    @cached_property
    def _joined(self) -> frozenset[str]:
        """Tables that take part in a join: the tool takes every cell of them that reads as a number for one."""
        return frozenset((*self._looked_up, *(rule.source_class or "" for rule in self.rules.values() if rule.joins)))


def _fields(rule: ClassRule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in rule.__struct_fields__}


def _digests(schema: InducedSchema, key: str) -> dict[str, str]:
    import hashlib

    text = "\n".join(sorted(schema.files.digests.values()))
    return {key: hashlib.sha256(text.encode()).hexdigest()}

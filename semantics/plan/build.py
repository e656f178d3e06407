"""Makes the plan: specification × source model × target model, everything resolved or refused."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from semantics.errors import Diagnostic, MappingError, closest, escaped
from semantics.expressions.context import prefix_text
from semantics.expressions.definitions import head_of, names_in
from semantics.expressions.tree import Expr, Literal, Logic, Path
from semantics.expressions.types import BOOLEAN, Kind, Type
from semantics.mapping.load import LoadedMapping
from semantics.mapping.spec import OF_RANGE, ClassDerivation
from semantics.plan.about import about
from semantics.plan.adapting import Adapter
from semantics.plan.asked import DERIVE, UNDERIVED
from semantics.plan.cells import kept_cells, missing_texts
from semantics.plan.codes import CodeTables
from semantics.plan.copies import with_copies
from semantics.plan.documents import layout_of
from semantics.plan.enums import checked_enums
from semantics.plan.findings import Findings
from semantics.plan.forms import forms_of
from semantics.plan.groups import GroupPlanner
from semantics.plan.joins import JoinPlanner, reads_joins
from semantics.plan.keyed import keyed_slots
from semantics.plan.kinds import typed_scope
from semantics.plan.layout import recognised, selectors_of, source_plan
from semantics.plan.model import (
    Build,
    ClassRule,
    CodeTable,
    Constant,
    Plan,
    SlotRule,
)
from semantics.plan.names import Names, parsed
from semantics.plan.needs import needs_of
from semantics.plan.order import in_order, made_type, recalled
from semantics.plan.pivots import plan_unmelt
from semantics.plan.scope import Frame, Holder, SchemaScope, is_zone, slot_type
from semantics.plan.slots import SlotPlanner
from semantics.plan.top import Top, is_only_a_parent, is_root, roots_of, top_rules
from semantics.plan.units import UnitPlanner
from semantics.plan.versions import check_versions
from semantics.schema.model import ClassModel, Form, SchemaModel, SlotModel

__all__ = ["build_plan", "check_about"]

Path_ = tuple[str | int, ...]


def build_plan(mapping: LoadedMapping, source: SchemaModel, target: SchemaModel) -> tuple[Plan, tuple[Diagnostic, ...]]:
    """The plan of a mapping, and the warnings found on the way.

    Raises :class:`MappingError` with everything that is wrong: unknown classes, slots, codes and
    functions, types and cardinalities that do not go together.
    """
    builder = _Builder(mapping, source, target)
    plan = builder.plan()
    plan = msgspec.structs.replace(plan, needs=needs_of(plan), keyed=keyed_slots(source, plan.record_classes))
    if builder.findings.errors:
        raise MappingError(builder.findings.told)
    return plan, tuple(dict.fromkeys(builder.findings.found))


def check_about(mapping: LoadedMapping, source: SchemaModel, target: SchemaModel, words: frozenset[str]) -> bool:
    """Look only at what is about slots (``Class.slot``), code lists and classes of these names.

    Where one of the slots tells objects apart, or their classes, all is looked at: it says how others are held.
    Gives whether the mapping has anything to do with them. Raises :class:`MappingError` with what is wrong there, as
    :func:`build_plan` would; it is silent about the rest.
    """
    builder = _Builder(mapping, source, target, words)
    builder.make_rules()
    source_plan(mapping.spec.source, source, builder.findings)
    if builder.findings.errors:
        raise MappingError(builder.findings.told)
    return builder.concerned


class _Builder:
    def __init__(
        self, mapping: LoadedMapping, source: SchemaModel, target: SchemaModel, words: frozenset[str] = frozenset()
    ) -> None:
        self.mapping, self.source, self.target = mapping, source, target
        self.spec = mapping.spec
        self.about = about(self.spec, words, source, target) if words else None
        self.concerned = self.about is None or self.about.reaches()
        self.findings = Findings(mapping)
        self.rules: dict[str, ClassRule] = {}
        self.top: list[Top] = []
        self.kept: dict[str, frozenset[str]] = {}
        self.fitting: dict[tuple[str | None, str | None, Form], tuple[str, ...]] = {}
        self.found: dict[tuple[str, str], tuple[SlotModel, Type] | None] = {}
        self.derived = {derivation.name for derivation in self.spec.class_derivations} | mapping.abstract
        prefixes = {**target.namespaces, **self.spec.prefixes}
        self.prefixes = prefix_text(prefixes)
        names = Names(mapping, self.findings)
        enums = checked_enums(mapping.spec.enum_derivations, source, target, self.findings)
        self.planner = SlotPlanner(
            names=names,
            codes=CodeTables(names, target, enums),
            adapter=Adapter(names, enums),
            source=source,
            prefixes=prefixes,
            build_rules=self.nested,
            by_range=self.by_range,
            units=UnitPlanner(mapping, target, self.findings, self.rules, self.nested),
        )
        self.joins = JoinPlanner(mapping, source, self.findings)
        self.groups = GroupPlanner(mapping, self.findings)

    def make_rules(self) -> None:
        """The rules of all derivations."""
        check_versions(self.mapping, self.source, self.target, self.findings)
        zone = self.spec.source.timezone
        if zone is not None and not is_zone(zone):
            self.findings.error("MAP037", f"'{escaped(zone)}' is not a time zone", ("source", "timezone"),
                                "an IANA name such as Europe/London")  # fmt: skip
        self._definitions()
        self.top = list(top_rules(self.spec.class_derivations, self.source, self.target, self.findings))
        self.kept = kept_cells(self._from())
        for top in self.top:
            if not is_only_a_parent(top.derivation, self.source, self.target):
                self._top(top)

    def _top(self, top: Top) -> None:
        """The rule of a derivation at the top, with those in it."""
        derivation, path = top.derivation, top.path
        frame = (Frame("record", Type(Kind.OBJECT, of=top.source), named=True),) if top.source else ()
        scope = SchemaScope(
            self.source, frame, self.spec.source.wrap_single_values, self.prefixes,
            zone=self.spec.source.timezone, kept=self.kept.get(top.source or "", frozenset()),
            code_maps=frozenset(self.mapping.code_maps), found=self.found,
        )  # fmt: skip
        if derivation.group_by is not None and top.source is not None:
            if derivation.for_each is not None:
                message = "records are grouped or gone through by element, not both"
                self.findings.error("MAP045", message, (*path, "for_each"))
            self._grouped(top.id, derivation, scope, path)
            return
        over, scope = self._gone_over(derivation, scope, path)
        self._rule(top.id, derivation, scope, path, top.source, root=is_root(derivation), over=over)

    def plan(self) -> Plan:
        self.make_rules()
        self._unused()
        roots = roots_of(self.top, self.rules, self.source)
        missing = {name: missing_texts(name, self._from(), self.source) for name in self._record_classes(roots)}
        return Plan(
            name=self.spec.name,
            file=self.mapping.document.file,
            source=source_plan(self.spec.source, self.source, self.findings),
            rules=self.rules,
            roots=roots,
            classes={
                name: recognised(self.source, name, self.kept.get(name, ()), texts) for name, texts in missing.items()
            },
            layout=layout_of(self.source, missing, missing),
            forms=forms_of(self.source, missing),
            source_schema=self.source.name,
            target_schema=self.target.name,
            digests={
                **self.mapping.digests(),
                "source_schema": self.source.digest(),
                "target_schema": self.target.digest(),
            },
            lookups=self.joins.lookups,
            groups={name: group for name, group in self.groups.groups.items() if group.rule in self.rules},
            source_classes=tuple(name for name, cls in self.source.classes.items() if not (cls.abstract or cls.mixin)),
            code_maps={
                name: CodeTable(codes=dict(found.codes), passes=found.passes, otherwise=found.fixed)
                for name, found in self.mapping.code_maps.items()
            },
        )

    def _definitions(self) -> None:
        """What is wrong with definitions wherever they are used."""
        for head, fault in self.mapping.undefined.items():
            self.findings.expression(fault, ("definitions", head), self.spec.definitions[head])

    def _unused(self) -> None:
        """Definitions of the mapping itself that nothing uses: what they say has not been looked at."""
        known = self.mapping.definitions
        used, pending = set(self.findings.used), list(self.findings.used)
        while pending:
            more = (names_in(known[pending.pop()].body) & known.keys()) - used
            used |= more
            pending += more
        for head in self.spec.definitions:
            path: Path_ = ("definitions", head)
            name = (head_of(head) or (head,))[0]
            if name in known and name not in used and self.mapping.place(path)[0] is self.mapping.document:
                self.findings.warn("MAP088", f"nothing uses the definition of '{name}'", path, "leave it out")

    def _grouped(self, identifier: str, derivation: ClassDerivation, scope: SchemaScope, path: Path_) -> None:
        """The rule of a derivation that makes one instance of all records with equal keys."""
        if not is_root(derivation):
            self.findings.error("MAP045", "what is grouped gives instances of its own", (*path, "emit"))
            return
        name = scope.own.type.of
        scope, typed = typed_scope(self.mapping, self.findings, derivation.when_type, scope, (*path, "when_type"))
        where = self._condition(derivation.model_copy(update={"having": None}), typed, scope, path)
        inner = self.groups.plan(identifier, derivation, scope, where, path)
        if inner is not None:
            chosen = derivation.model_copy(update={"where": None, "conditions": (), "when_type": None})
            self._rule(identifier, chosen, inner, path, name, root=True)

    def _gone_over(
        self, derivation: ClassDerivation, scope: SchemaScope, path: Path_, slot: SlotModel | None = None
    ) -> tuple[Path | None, SchemaScope]:
        """The list whose elements each give an instance, or an object in a slot, and the scope of one of them."""
        if derivation.for_each is None or not scope.frames:
            self._needs_groups(derivation, path)
            return None, scope
        here = (*path, "for_each")
        if derivation.emit == "reference":
            self.findings.error("MAP045", "what goes over a list gives objects, not one reference", (*path, "emit"))
        if derivation.having is not None:
            self._needs_groups(derivation.model_copy(update={"as_": None}), path)
        found = self.planner.names.path(derivation.for_each, scope, here)
        if found is None:
            return None, scope
        if not isinstance(found, Path) or not found.type.many:
            self.findings.error("MAP016", f"'{escaped(derivation.for_each)}' is not a list, so 'for_each' has nothing "
                                "to go over", here, "leave it out: it gives one instance")  # fmt: skip
            return None, scope
        if slot is not None and not slot.many:
            self.findings.error("MAP016", f"'{escaped(derivation.for_each)}' is a list, and slot '{slot.name}' holds "
                                "one object", here)  # fmt: skip
            return None, scope
        name = derivation.as_ or ("element" if slot is None else f"element_{len(scope.frames)}")
        taken = derivation.as_ is not None and scope.resolve(name) is not None
        if not name.isidentifier() or name.startswith("_") or not name.isascii() or taken:
            self.findings.error("MAP027", f"'{escaped(name)}' cannot be the name of an element here", (*path, "as"),
                                "choose another name")  # fmt: skip
            return None, scope
        return found, scope.inner(name, found.type.one, named=derivation.as_ is not None)

    def _needs_groups(self, derivation: ClassDerivation, path: Path_) -> None:
        """Words about groups, where there are none."""
        for key, given in (("as", derivation.as_), ("having", derivation.having)):
            if given is not None:
                self.findings.error("MAP045", f"'{key}' is about groups, and nothing is grouped here", (*path, key),
                                    "add group_by")  # fmt: skip

    # -- class rules ----------------------------------------------------------------------------

    def _from(self) -> list[tuple[ClassDerivation, str]]:
        """The top-level derivations with the source class of each; without those whose source is not there."""
        return [(top.derivation, top.source) for top in self.top if top.source is not None]

    def _rule(
        self, identifier: str, derivation: ClassDerivation, scope: SchemaScope, path: Path_,
        source_class: str | None, *, root: bool = False, over: Path | None = None,
    ) -> None:  # fmt: skip
        """One class rule and the rules nested in it."""
        derivation = with_copies(derivation, self.source.classes.get(source_class or ""), path, self.findings)
        cls = self.target.classes.get(derivation.name)
        if cls is None:
            self.findings.error("MAP011", f"class '{escaped(derivation.name)}' is not in schema '{self.target.name}'",
                                path, closest(derivation.name, self.target.classes))  # fmt: skip
            return
        identifies = derivation.emit == "reference"
        if identifies and set(derivation.slot_derivations) != {cls.identifier}:
            self.findings.error("MAP031", f"a derivation that is for references gives '{cls.name}' its identifier "
                                f"({cls.identifier or 'which it does not have'}) and nothing else", path)  # fmt: skip
            return
        if (cls.abstract or cls.mixin) and not identifies:
            kinds = ", ".join(self.target.concrete(cls.name)) or "none"
            self.findings.error("MAP021", f"class '{cls.name}' is abstract: it has no instances", path,
                                f"derive one of its kinds: {kinds}")  # fmt: skip
            return
        self._parents(derivation, cls, path)
        if not scope.frames or (self.about is not None and not self.about.touches(derivation, cls)):
            return
        scope, typed = typed_scope(self.mapping, self.findings, derivation.when_type, scope, (*path, "when_type"))
        scope = replace(scope, target=cls.name)
        outer = scope
        joins, scope = self.joins.plan(derivation.joins, scope, (*path, "joins"))
        where = self._condition(derivation, typed, scope, path)
        slots = self._slots(derivation, cls, scope, path)
        designator = cls.designator if cls.designator not in slots and not identifies else None
        if designator is not None:
            slots[designator] = SlotRule(
                slot=designator,
                value=Constant(items=(Literal(value=cls.name),)),
                origin=self.mapping.location(*path),
            )
        if not identifies:
            self._missing(cls, derivation, path)
        recalls = any(recalled(slot) for slot in derivation.slot_derivations.values())
        if not recalls:
            order = {name: position for position, name in enumerate(cls.slots)}
            slots = dict(sorted(slots.items(), key=lambda item: order.get(item[0], len(order))))
        arranged = tuple(name for name in cls.slots if name in slots and not _hidden(derivation, name))
        self.rules[identifier] = ClassRule(
            id=identifier,
            source_class=source_class,
            target_class=cls.name,
            scopes=tuple(frame.variable for frame in outer.frames),
            objects=tuple(
                frame.variable for frame in outer.frames if frame.type.kind is Kind.OBJECT and not frame.joined
            ),
            slots=tuple(slots.values()),
            arranged=arranged if arranged != tuple(slots) else None,
            recalls=recalls,
            origin=self.mapping.location(*path),
            designator=designator,
            fixed=self._fixed(arranged, slots, designator),
            where=where,
            root=root,
            over=over,
            joins=joins,
            joins_first=reads_joins(where),
        )

    def _fixed(self, shown: tuple[str, ...], slots: dict[str, SlotRule], designator: str | None) -> tuple[str, ...]:
        """The slots that say nothing of the record: constants, unless there is nothing but constants."""
        found = tuple(name for name in shown if self._same(slots[name]))
        if len(found) == len(shown):
            return () if designator is None else (designator,)
        return found

    def _same(self, slot: SlotRule) -> bool:
        """Whether a slot holds the same in every instance: a constant, or an object of nothing but constants."""
        if slot.where is not None:
            return False
        match slot.value:
            case Constant():
                return True
            case Build(over=None, rules=rules):
                made = [self.rules[name] for name in rules if name in self.rules]
                always = all(rule.where is None and rule.over is None for rule in made)
                return always and all(self._same(each) for rule in made for each in rule.slots)
            case _:
                return False

    def _parents(self, derivation: ClassDerivation, cls: ClassModel, path: Path_) -> None:
        """A parent without a derivation gives nothing, and so must at least be true: a class that this one is."""
        known = self.derived
        given = [(name, ("mixins", index)) for index, name in enumerate(derivation.mixins)]
        for name, key in (*given, *([(derivation.is_a, ("is_a",))] if derivation.is_a is not None else [])):
            if name not in known and name not in cls.ancestors:
                self.findings.error(
                    "MAP050", f"'{escaped(name)}' is no class derivation, and no class that '{cls.name}' is",
                    (*path, *key), closest(name, {*known, *cls.ancestors[1:]}),
                )  # fmt: skip

    def _condition(
        self, derivation: ClassDerivation, typed: Expr | None, scope: SchemaScope, path: Path_
    ) -> Expr | None:
        """When the rule applies: its type, its ``where`` and its parents', all of which must hold."""
        given = [(text, (*path, "conditions", index)) for index, text in enumerate(derivation.conditions)]
        for key in ("where", "having"):
            text = derivation.where if key == "where" else derivation.having
            given += [(text, (*path, key))] if text is not None else []
        found = [] if typed is None else [typed]
        for text, place in given:
            where = parsed(text, scope, self.mapping, place, self.findings)
            if where is not None and (where.type.many or where.type.kind not in (Kind.BOOLEAN, Kind.ANY, Kind.NULL)):
                self.findings.error("MAP015", f"'where' must be true or false, and this is {where.type}", place)
            if where is not None:
                found.append(where)
        both = Logic(operator="and", operands=tuple(found), type=BOOLEAN) if len(found) > 1 else None
        return both or next(iter(found), None)

    def _slots(
        self, derivation: ClassDerivation, cls: ClassModel, scope: SchemaScope, path: Path_
    ) -> dict[str, SlotRule]:
        """The rules of the slots in the order in which they are made: those first that others ask for."""
        slots: dict[str, SlotRule] = {}
        made: dict[str, Type] = {}
        # What says a name itself is planned with all that is in it: the names in there are read from what it goes over.
        asked = self.about
        about = None if asked is None or asked.said_by_class(derivation, cls.name) else asked
        self.concerned |= about is None
        for name in in_order(derivation, cls, self.findings, path, made):
            slot = derivation.slot_derivations[name]
            said = about is None or about.said_in(slot, cls.name)
            self.concerned |= said
            if not said and name in cls.slots:
                made[name] = slot_type(self.target, cls.slots[name])
                continue
            self.about = None if about is None or about.said_by(slot, cls.name) else about
            holder = Holder(derivation, cls, scope, name)
            inner = replace(scope, made=dict(made), holders=(*scope.holders, holder))
            rule = self.planner.plan(slot, cls, inner, (*path, "slot_derivations", name))
            if rule is not None:
                slots[name] = rule
                made[name] = slot_type(self.target, cls.slots[name]) if name in cls.slots else made_type(rule)
        if derivation.pivot_operation is not None:
            slots |= plan_unmelt(self.planner, derivation, cls, scope, path)
        self.about = asked
        return slots

    def _missing(self, cls: ClassModel, derivation: ClassDerivation, path: Path_) -> None:
        """Required slots that no rule fills: every instance would be rejected."""
        for slot in cls.slots.values():
            if slot.required and slot.name not in derivation.slot_derivations and not slot.designates_type:
                self.findings.warn("MAP030", UNDERIVED.format(slot=slot.name, cls=cls.name), path, DERIVE)

    def nested(
        self, derivations: Sequence[ClassDerivation], scope: SchemaScope, path: Path_, slot: SlotModel,
        element: Type | None,
    ) -> tuple[str, ...]:  # fmt: skip
        """Rules of the class derivations inside a slot; their ids say where they stand."""
        parent = "_".join(str(part) for part in self._trail(path))
        names = []
        for index, derivation in enumerate(derivations):
            here = (*path, index)
            if derivation.name == OF_RANGE:
                derivation = derivation.model_copy(update={"name": slot.range or ""})
            if not self.target.is_a(derivation.name, slot.range or "") and slot.range != "Any":
                known = self.target.concrete(slot.range or "") if slot.range in self.target.classes else ()
                self.findings.error(
                    "MAP019", f"slot '{slot.name}' holds '{slot.range}', not '{escaped(derivation.name)}'", here,
                    closest(derivation.name, known) or (f"one of: {', '.join(known)}" if known else None),
                )  # fmt: skip
                continue
            over, inner = self._gone_over(derivation, scope, here, slot)
            if over is None and derivation.for_each is not None:
                continue
            expected = element.of if element is not None else scope.frames[0].type.of
            expected = expected if over is None else over.type.of
            given = derivation.populated_from
            if given is not None and given != expected and not self.source.is_a(expected or "", given):
                self.findings.error("MAP033", f"what is gone over here is '{expected}', not '{escaped(given)}'",
                                    (*here, "populated_from"),
                                    "leave it out; for_each goes over the objects of a slot")  # fmt: skip
                continue
            if derivation.group_by is not None:
                message = "records are grouped by derivations at the top, not inside another"
                self.findings.error("MAP044", message, (*here, "group_by"))
                continue
            identifier = f"{parent}_{derivation.name}"
            while identifier in self.rules:
                identifier += "_"
            names.append(identifier)
            self._rule(identifier, derivation, inner, here, expected, over=over)
        return tuple(names)

    def _trail(self, path: Path_) -> list[str]:
        """The names on the way to a nested rule: classes and slots."""
        trail: list[str] = []
        derivations: Sequence[ClassDerivation] = self.spec.class_derivations
        for step, following in itertools.pairwise(path):
            if step == "class_derivations" and isinstance(following, int):
                derivation = derivations[following]
                names = [top.id for top in self.top if top.index == following]
                trail += [derivation.name] if trail and derivation.name != OF_RANGE else [] if trail else [names[0]]
            elif step == "slot_derivations":
                trail.append(str(following))
                derivations = derivation.slot_derivations[str(following)].class_derivations
        return trail

    def by_range(self, found: Type, slot: SlotModel, path: Path_) -> tuple[str, ...]:
        """Top-level rules that make the range of a slot from objects of a source class."""
        by_reference = slot.form is Form.REFERENCE
        wanted = (found.of, slot.range, slot.form)
        rules = self.fitting.get(wanted)
        if rules is None:
            rules = self.fitting[wanted] = tuple(
                top.id
                for top in self.top
                if top.source is not None
                and found.of is not None
                and self.source.is_a(found.of, top.source)
                and top.derivation.group_by is None
                and (top.derivation.emit == "reference") == by_reference
                and self._goes_into(top.derivation.name, slot)
            )
        if not rules:
            what = "a reference to " if by_reference else ""
            advice = "one with 'emit: reference'" if by_reference else "one at the top, or class_derivations here"
            self.findings.error(
                "MAP020", f"no class derivation makes {what}'{slot.range}' from '{found.of}'", path, f"add {advice}"
            )
        several = [
            top.derivation.for_each for top in self.top if top.id in rules and top.derivation.for_each is not None
        ]
        if several and not slot.many:
            message = f"a derivation goes over '{escaped(several[0])}', and slot '{slot.name}' holds one object"
            self.findings.error("MAP016", message, path)
        return rules

    def _goes_into(self, name: str, slot: SlotModel) -> bool:
        """Whether what a derivation makes may stand in a slot; a reference may be said of a parent class."""
        below = self.target.is_a(name, slot.range or "")
        return below or (slot.form is Form.REFERENCE and self.target.is_a(slot.range or "", name))

    # -- the source -----------------------------------------------------------------------------

    def _record_classes(self, roots: dict[str, tuple[str, ...]]) -> list[str]:
        """Source classes that records are told from: for tables all of them, so that none is taken for another."""
        named = [selector.class_name for selector in selectors_of(self.spec.source) if selector.class_name]
        named += [name for lookup in self.joins.lookups.values() for name in lookup.classes]
        named += [name for group in self.groups.groups.values() for name in group.classes]
        if self.spec.source.format in ("csv", "tsv"):
            named += [name for name, cls in self.source.classes.items() if not (cls.abstract or cls.mixin)]
        return list(dict.fromkeys([*roots, *(name for name in named if name in self.source.classes)]))


def _hidden(derivation: ClassDerivation, name: str) -> bool:
    return name in derivation.slot_derivations and derivation.slot_derivations[name].hide

"""A plan as what people read: for each derivation its slots, each with where it comes from and how.

Objects that are made in one place only stand there; those that several places make have a derivation of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from semantics.expressions.tree import Expr, Literal, Path, walk
from semantics.expressions.unparse import Unwritable, name_of, unparse
from semantics.expressions.values import text_of
from semantics.plan.model import (
    DOCUMENT,
    JOINED,
    MADE,
    Build,
    ClassRule,
    Compute,
    Constant,
    Derive,
    Plan,
    Read,
    Several,
    SlotRule,
    Template,
)  # fmt: skip
from semantics.schema.model import ClassModel, SchemaModel
from semantics.site.mapping_pages import Codes, Derivation, Field, Made, Row
from semantics.site.names import Ref, slot_anchors

__all__ = ["Reading", "class_field"]

_Key = tuple[str, str]
_UNMAPPED: Final = {
    "error": "any other code rejects the record", "null": "any other code is left out",
    "pass": "any other code stays as it is", "default": "any other code becomes the default",
}  # fmt: skip
_PLAIN: Final = frozenset({"string", "any"})


def class_field(name: str, model: SchemaModel) -> Field:
    """A class by its name, and where it is described."""
    cls = model.classes.get(name)
    return Field(name, Ref("class", cls.from_schema or model.name, name) if cls is not None else None)


@dataclass(frozen=True)
class Reading:
    """A plan with its schemas, read for its pages. ``lists`` are the code lists beside the mapping, by their pairs."""

    plan: Plan
    source: SchemaModel
    target: SchemaModel
    lists: Mapping[frozenset[tuple[str, str | None]], Ref]
    name: str

    def derivations(self) -> Iterator[Derivation]:
        """Every derivation of records, then those that several of them share."""
        done: set[_Key] = set()
        waiting = [self.plan.rules[name] for names in self.plan.starts.values() for name in names]
        waiting += [rule for rule in self.plan.rules.values() if self._key(rule) in self._shared]
        for rule in waiting:
            if self._key(rule) not in done:
                done.add(self._key(rule))
                yield self._derivation(rule)

    # -- which stand by themselves ------------------------------------------------------------------

    def _key(self, rule: ClassRule) -> _Key:
        """What a derivation is as it was written: a plan has it once for each place that makes use of it."""
        return str(rule.origin), rule.target_class

    @cached_property
    def _roots(self) -> frozenset[_Key]:
        return frozenset(self._key(self.plan.rules[name]) for names in self.plan.starts.values() for name in names)

    @cached_property
    def _shared(self) -> frozenset[_Key]:
        """The derivations that more than one slot makes use of."""
        users: dict[_Key, set[tuple[str, str]]] = {}
        for rule in self.plan.rules.values():
            for slot in rule.slots:
                for name in _rules_of(slot):
                    users.setdefault(self._key(self.plan.rules[name]), set()).add((str(slot.origin), slot.slot))
        return frozenset(key for key, places in users.items() if len(places) > 1 and key not in self._roots)

    @cached_property
    def _first(self) -> dict[_Key, tuple[ClassRule, ...]]:
        found: dict[_Key, list[ClassRule]] = {}
        for rule in self.plan.rules.values():
            found.setdefault(self._key(rule), []).append(rule)
        return {key: tuple(rules) for key, rules in found.items()}

    def _ref(self, key: _Key) -> Ref | None:
        """Where a derivation stands, unless that is the place that makes use of it."""
        return Ref("derivation", self.name, self._name(key)) if key in self._shared | self._roots else None

    def _name(self, key: _Key) -> str:
        names = [rule.id for rule in self._first[key]]
        started = {name for found in self.plan.starts.values() for name in found}
        return next((name for name in names if name in started), names[0])

    # -- one derivation -----------------------------------------------------------------------------

    def _derivation(self, rule: ClassRule) -> Derivation:
        key = self._key(rule)
        names = dict.fromkeys(each.source_class or "" for each in self._first[key])
        return Derivation(
            ref=Ref("derivation", self.name, self._name(key)),
            sources=tuple(class_field(name, self.source) for name in names if name),
            target=class_field(rule.target_class, self.target),
            place=rule.rule,
            root=key in self._roots,
            notes=tuple(self._told(rule)),
            rows=tuple(self._rows(rule, 0)),
        )

    def _told(self, rule: ClassRule) -> Iterator[tuple[str, str]]:
        """What a derivation says beside its slots."""
        if rule.over is not None:
            yield "for each", self._said(rule.over, rule)
        if rule.where is not None:
            yield "only where", self._said(rule.where, rule)
        for join in rule.joins:
            kind = "all" if join.many else "the"
            yield "joined with", f"{join.alias}: {kind} {join.source_class} by {self._said(join.key, rule)}"
        for group in self.plan.groups.values():
            if group.rule == rule.id:
                keys = ", ".join(f"{key.name} = {self._said(key.value, rule)}" for key in group.keys)
                yield "records together by", keys
        if rule.whole is not None:
            yield "the instance is", self._said(rule.whole, rule)

    def _rows(self, rule: ClassRule, depth: int) -> Iterator[Row]:
        for slot in rule.slots:
            if slot.slot == rule.designator and isinstance(slot.value, Constant):
                continue  # the name of the class, which the plan fills by itself
            yield self._row(slot, rule, depth)
            yield from self._inside(slot, depth)

    def _inside(self, slot: SlotRule, depth: int) -> Iterator[Row]:
        """The rows of the objects that stand in a slot and nowhere else."""
        names = [name for name in _rules_of(slot) if self._ref(self._key(self.plan.rules[name])) is None]
        for name in names:
            rule = self.plan.rules[name]
            notes = tuple(self._told(rule))
            if len(names) > 1 or notes:
                made = class_field(rule.target_class, self.target)
                yield Row(depth + 1, (), "", "", made, "", rule.rule, notes=notes, opens=True)
            yield from self._rows(rule, depth + 1)

    def _row(self, slot: SlotRule, rule: ClassRule, depth: int) -> Row:
        cls = self.target.classes.get(rule.target_class)
        held = cls.slots.get(slot.slot) if cls is not None else None
        how, expression, sources = self._value(slot, rule)
        return Row(
            depth=depth,
            sources=sources,
            how=how,
            expression=expression,
            target=self._slot_field(slot.slot, slot.slot, cls, self.target),
            range=(held.range or "string") if held is not None else "",
            place=slot.rule,
            made=tuple(self._made(slot)),
            notes=tuple(self._notes(slot, rule)),
            codes=self._codes(slot),
        )

    def _made(self, slot: SlotRule) -> Iterator[Made]:
        found: dict[tuple[str, Ref | None], None] = {}
        for name in _rules_of(slot):
            rule = self.plan.rules[name]
            found[rule.target_class, self._ref(self._key(rule))] = None
        for target, ref in found:
            yield Made(class_field(target, self.target), ref)

    # -- how a slot gets its value ------------------------------------------------------------------

    def _value(self, slot: SlotRule, rule: ClassRule) -> tuple[str, str, tuple[Field, ...]]:
        """How a value is made in a word, its expression, and what it is made of."""
        match slot.value:
            case Constant(items=items):
                return "constant", _listed(items), ()
            case Read(path=path):
                return "as it is", "", self._fields((path,), rule)
            case Template(parts=parts):
                told = ((p.text or "") if p.value is None else f"{{{self._said(p.value, rule)}}}" for p in parts)
                return (
                    "IRI",
                    "".join(told),
                    self._fields([part.value for part in parts if part.value is not None], rule),
                )
            case Compute(expression=expression):
                return "computed", self._said(expression, rule), self._fields((expression,), rule)
            case Build(over=over, identifier=identifier):
                how = (
                    "refers to"
                    if identifier
                    else "for each"
                    if over is not None and over.lists[-1:] == (True,)
                    else "makes"
                )
                return how, "", self._fields((over,) if over is not None else (), rule)
            case Derive(value=value):
                return "derives", "", self._fields((value,), rule)
            case Several(parts=derived):
                return "derives", "", self._fields([part.value for part in derived], rule)

    def _fields(self, nodes: list[Expr] | tuple[Expr, ...], rule: ClassRule) -> tuple[Field, ...]:
        """The places of the record that expressions read."""
        found: dict[str, Field] = {}
        cls = self.source.classes.get(rule.source_class or "")
        for path in (each for node in nodes for each in walk(node) if isinstance(each, Path)):
            if path.variable not in ("", DOCUMENT, *rule.scopes, *(join.variable for join in rule.joins)):
                continue  # of a comprehension, or a slot that was made before
            text = self._named(path, rule)
            own = path.variable in ("", rule.scopes[-1] if rule.scopes else "record")
            found.setdefault(
                text, self._slot_field(text, path.steps[0] if own and path.steps else "", cls, self.source)
            )
        return tuple(found.values())

    def _slot_field(self, text: str, slot: str, cls: ClassModel | None, model: SchemaModel) -> Field:
        """A path with the place on the page of its class where its first slot is described."""
        if cls is None or slot not in cls.slots:
            return Field(text)
        ref = Ref("class", cls.from_schema or model.name, cls.name)
        if ref not in self._anchors:
            self._anchors[ref] = slot_anchors(cls.slots)
        return Field(text, ref, self._anchors[ref][slot])

    @cached_property
    def _anchors(self) -> dict[Ref, dict[str, str]]:
        return {}

    def _said(self, node: Expr, rule: ClassRule) -> str:
        try:
            return unparse(node, lambda path: self._named(path, rule))
        except Unwritable:
            return "…"

    def _named(self, path: Path, rule: ClassRule) -> str:
        """A path as it is said where the derivation stands: the variable only where it is not the nearest."""
        here = rule.scopes[-1] if rule.scopes else "record"
        variable = path.variable.removeprefix(JOINED)
        if path.variable in (here, MADE) and path.steps:
            variable = ""
        elif path.variable == DOCUMENT:
            variable = "document"
        try:
            if variable in ("record", "=record") and here not in ("record", "=record"):
                return ".".join(("record", *path.steps))
            return name_of(Path(variable=variable, steps=path.steps))
        except Unwritable:
            return ".".join((variable, *path.steps)).strip(".")

    def _notes(self, slot: SlotRule, rule: ClassRule) -> Iterator[tuple[str, str]]:
        if slot.where is not None:
            yield "only where", self._said(slot.where, rule)
        if slot.default is not None:
            yield "else", _listed(slot.default.items)
        if slot.finish is not None:
            yield "then", self._said(slot.finish, rule)
        steps = [step for step in slot.convert if step not in _PLAIN]
        if steps:
            yield "read as", ", then ".join(steps)

    def _codes(self, slot: SlotRule) -> Codes | None:
        if slot.codes is None:
            return None
        table = {code: item.value for code, item in slot.codes.table.items()}
        pairs = tuple((code, "nothing" if value is None else text_of(value)) for code, value in table.items())
        computed = tuple((code, unparse_or_dots(value)) for code, value in slot.codes.computed.items())
        named = self.lists.get(
            frozenset((code, None if value is None else text_of(value)) for code, value in table.items())
        )
        return Codes((*pairs, *computed), _UNMAPPED.get(slot.codes.unmapped, slot.codes.unmapped), named)


def _listed(items: tuple[Literal, ...]) -> str:
    return ", ".join("null" if item.value is None else text_of(item.value) for item in items)


def unparse_or_dots(node: Expr) -> str:
    """The text of an expression, or that there is one."""
    try:
        return unparse(node)
    except Unwritable:
        return "…"


def _rules_of(slot: SlotRule) -> tuple[str, ...]:
    """The rules that make the objects of a slot."""
    match slot.value:
        case Build(rules=rules):
            return rules
        case Derive(rule=str(rule)):
            return (rule,)
        case Several(parts=parts):
            return tuple(part.rule for part in parts if part.rule is not None)
        case _:
            return ()

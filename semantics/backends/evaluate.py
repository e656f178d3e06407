"""The oracle: a plan carried out node by node, slowly and plainly. What it does is what a plan means.

It collects every finding of a record instead of stopping at the first, so the fast backends leave
the explaining to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from semantics.backends import Event, RecordFault
from semantics.backends.interpret import CODE_MAPS, holds, interpret
from semantics.backends.lookup import NoPartner, Related, SeveralPartners, looked_up
from semantics.backends.values import UnmappedCode, checked, derived, expand, look_up, several, translation, walk
from semantics.errors import Location, Violation
from semantics.expressions import operators
from semantics.expressions.bounds import BoundError, EvaluationError
from semantics.expressions.dialects import DIALECTS, STRICT, Dialect
from semantics.expressions.linkml_map.operators import entered
from semantics.expressions.linkml_map.structure import Document
from semantics.expressions.tree import Expr, Literal, Path
from semantics.expressions.values import CONVERSIONS
from semantics.lexical import LexicalError
from semantics.plan.model import (
    DOCUMENT,
    FINISHED,
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
)

__all__ = ["Evaluator", "Trace", "compile_plan", "pointer_of"]


_FAULTS: Final[dict[type[Exception], tuple[str, str]]] = {
    LexicalError: ("REC001", "range"),
    EvaluationError: ("REC002", "expression"),
    BoundError: ("REC003", "limit"),
    UnmappedCode: ("REC004", "unmapped"),
    SeveralPartners: ("REC010", "join"),
    NoPartner: ("REC011", "join"),
}
"""The code of a fault, and what does not hold: a word of the schema or of the mapping."""


def compile_plan(plan: Plan, related: Related | None = None) -> Evaluator:
    """The oracle for a plan; nothing is prepared."""
    return Evaluator(plan, related=related)


@dataclass(slots=True)
class _Scope:
    """The variables in force and where each of them stands in the record."""

    variables: dict[str, Any]
    pointers: dict[str, str]

    def inner(self, name: str, value: Any, pointer: str) -> _Scope:
        return _Scope({**self.variables, name: value}, {**self.pointers, name: pointer})


Trace = Callable[[str, Any, Any], None]
"""Told each step as it is taken: its kind, the node of the plan at work, and the value.

``enter`` (class rule, pointers of its variables) … ``join`` (join, (key, what was found)), ``where`` (class rule,
whether it holds) … ``leave`` (class rule, instance or None); within them ``slot`` (slot rule, pointers) … ``node``
(expression, value), ``unwanted`` (slot rule, None), ``raw`` (slot rule, value), ``code`` (slot rule, (code, what was
found)), ``convert`` ((step, value before), value), ``default`` and ``fault`` (slot rule, why) … ``value`` (slot rule,
value). ``finding`` (None, diagnostic) is about what was entered last.
"""


@dataclass(slots=True)
class Evaluator:
    """Carries a plan out on one record at a time."""

    plan: Plan
    trace: Trace | None = None
    related: Related | None = None
    _findings: list[Violation] = field(default_factory=list)
    _element: str = ""
    _dialect: Dialect = STRICT

    def __post_init__(self) -> None:
        self._dialect = DIALECTS[self.plan.dialect]

    def joined(self, related: Related | None) -> Evaluator:
        """The oracle for the same plan, with joins that look into ``related``."""
        return compile_plan(self.plan, related)

    def map(self, data: dict[str, Any], source_class: str, events: list[Event]) -> list[tuple[str, dict[str, Any]]]:
        """The instances of a record by every root rule of its class. Raises :class:`RecordFault`."""
        self._findings = []
        staged: list[Event] = []
        found: list[tuple[str, dict[str, Any]]] = []
        data = data if self.plan.document is None else entered(data)
        for name in self._rules(source_class):
            rule = self.plan.rules[name]
            scope = _Scope({rule.scopes[0]: data, CODE_MAPS: translation(self.plan, staged)}, {rule.scopes[0]: ""})
            if self.plan.document is not None:
                scope = scope.inner(DOCUMENT, Document(data, source_class, self.plan.document), "")
            for each in (scope,) if rule.over is None else self._each_of(rule, rule.over, scope):
                ready = self._entered(rule, each)
                if ready is not None:
                    found.append((name, self._instance(rule, ready, staged)))
        if self._findings:
            raise RecordFault(tuple(self._findings))
        events += staged
        return found

    def _each_of(self, rule: ClassRule, over: Path, scope: _Scope) -> list[_Scope]:
        """The scopes of a root rule that goes over a list: one for each element."""
        try:
            return self._elements(_own(rule, over), scope)
        except (EvaluationError, LexicalError) as fault:
            pointer = "".join(f"/{step}" for step in over.steps)
            what = f"the elements of '{rule.target_class}'"
            self._note(fault, what, pointer, rule.origin, rule.target_class, constraint="for_each")
            return []

    def _rules(self, source_class: str) -> tuple[str, ...]:
        group = self.plan.groups.get(source_class)
        return self.plan.roots.get(source_class, ()) if group is None else (group.rule,)

    def _tell(self, kind: str, node: Any, value: Any) -> None:
        if self.trace is not None:
            self.trace(kind, node, value)

    @property
    def _nodes(self) -> Callable[[Any, Any], None] | None:
        """What expressions are traced by."""
        trace = self.trace
        return None if trace is None else lambda node, value: trace("node", node, value)

    def _entered(self, rule: ClassRule, scope: _Scope) -> _Scope | None:
        """The scope of a rule with its partners; None where its condition, or a join, does not let it run."""
        self._tell("enter", rule, scope.pointers)
        if not rule.joins:
            return scope if self._wanted(rule, scope) else None
        if not rule.joins_first and not self._wanted(rule, scope):
            return None
        for join in rule.joins:
            assert self.related is not None
            pointer = next(reversed(scope.pointers.values()))
            try:
                key = interpret(join.key, scope.variables, self._nodes, self._dialect)
                value = looked_up(join, self.related, key)
            except (EvaluationError, LexicalError, NoPartner, SeveralPartners) as fault:
                what = f"the join '{join.alias}' of '{rule.target_class}'"
                self._note(fault, what, pointer, join.origin, rule.target_class, constraint="join")
                self._tell("leave", rule, None)
                return None
            self._tell("join", join, (key, value))
            scope = scope.inner(join.variable, value, pointer)
        return scope if not rule.joins_first or self._wanted(rule, scope) else None

    def _wanted(self, rule: ClassRule, scope: _Scope) -> bool:
        wanted = self._holds(rule, scope)
        self._tell("where", rule, wanted)
        if not wanted:
            self._tell("leave", rule, None)
        return wanted

    def _holds(self, rule: ClassRule, scope: _Scope) -> bool:
        if rule.where is None:
            return True
        try:
            return holds(rule.where, scope.variables, self._nodes, self._dialect)
        except (EvaluationError, LexicalError) as fault:
            pointer = scope.pointers[next(reversed(scope.pointers))]
            what = f"the condition of '{rule.target_class}'"
            self._note(fault, what, pointer, rule.origin, rule.target_class, constraint="where")
            return False

    def _instance(self, rule: ClassRule, scope: _Scope, events: list[Event]) -> dict[str, Any]:
        out: dict[str, Any] = {}
        if rule.whole is not None:
            whole: dict[str, Any] = self._whole(rule, rule.whole, scope)
            return whole
        if rule.recalls:
            scope = scope.inner(MADE, out, scope.pointers[next(reversed(scope.pointers))])
        for slot in rule.slots:
            self._tell("slot", slot, scope.pointers)
            try:
                if slot.where is not None and not holds(slot.where, scope.variables, self._nodes):
                    self._tell("unwanted", slot, None)
                    self._tell("value", slot, None)
                    continue
                taken = self._taken if rule.keep_nulls else self._slot
                value = taken(rule, slot, scope, events)
            except (EvaluationError, LexicalError, UnmappedCode) as fault:
                what = f"slot '{rule.target_class}.{slot.slot}'"
                at = pointer_of(slot, scope.pointers) + self._element
                self._note(fault, what, at, slot.origin, rule.target_class, slot.slot)
                self._element = ""
                self._tell("fault", slot, str(fault))
                value = None
            if value is not None or rule.keep_nulls:
                out[slot.slot] = value
            self._tell("value", slot, value)
        if rule.arranged is not None:
            out = {name: out[name] for name in rule.arranged if name in out}
        self._tell("leave", rule, out)
        return out

    def _whole(self, rule: ClassRule, whole: Expr, scope: _Scope) -> Any:
        """An instance that one expression gives."""
        try:
            found = self._value(whole, scope)
        except (EvaluationError, LexicalError) as fault:
            pointer = scope.pointers[rule.scopes[0]]
            self._note(fault, f"class '{rule.target_class}'", pointer, rule.origin, rule.target_class)
            found = {}
        self._tell("leave", rule, found)
        return found

    def _derived(self, derive: Derive, pointer: str, scope: _Scope, events: list[Event]) -> Any:
        """What a derivation makes of a value that stands at a place of the record."""

        def make(item: dict[str, Any], at: str) -> Any:
            if derive.rule is None:
                raise EvaluationError(derive.fault)
            rule = self.plan.rules[derive.rule]
            inner = _Scope({**scope.variables, rule.scopes[0]: item}, dict.fromkeys(scope.pointers, pointer + at))
            own = self._entered(rule, inner)
            return None if own is None else self._instance(rule, own, events)

        return derived(interpret(derive.value, scope.variables, self._nodes, self._dialect), derive.many, make)

    def _value(self, node: Expr, scope: _Scope) -> Any:
        return self._dialect.plain(interpret(node, scope.variables, self._nodes, self._dialect))

    def _taken(self, rule: ClassRule, slot: SlotRule, scope: _Scope, events: list[Event]) -> Any:
        """The value of a slot whose nulls are kept: as it comes, then finished where it is something."""
        match slot.value:
            case Compute(expression=expression):
                value = self._value(expression, scope)
            case Derive() as derive:
                value = self._derived(derive, pointer_of(slot, scope.pointers), scope, events)
            case Several(parts=parts):
                place = scope.pointers[rule.scopes[0]]
                value = several([self._derived(part, place, scope, events) for part in parts], slot.many)
            case _:
                raise TypeError("a slot whose nulls are kept is computed or derived")
        self._tell("raw", slot, value)
        if value is None or slot.finish is None:
            return value
        return self._value(slot.finish, scope.inner(FINISHED, value, scope.pointers[next(reversed(scope.pointers))]))

    def _note(
        self, fault: Exception, what: str, pointer: str, origin: Location, class_name: str, slot: str | None = None,
        constraint: str | None = None,
    ) -> None:  # fmt: skip
        code, violated = _FAULTS[type(fault)]
        finding = Violation(
            code, f"{what}: {fault}", Location(None, pointer=pointer), class_name=class_name, slot=slot,
            constraint=constraint or violated, rule=f"{origin.file or '<mapping>'}:{origin.line or 1}",
        )  # fmt: skip
        self._findings.append(finding)
        self._tell("finding", None, finding)

    # -- slots ------------------------------------------------------------------------------------

    def _slot(self, rule: ClassRule, slot: SlotRule, scope: _Scope, events: list[Event]) -> Any:
        """The value of one slot: null, one value or a list."""
        name = f"{rule.target_class}.{slot.slot}"
        if isinstance(slot.value, Build):
            return self._objects(slot, slot.value, scope, events)
        raw = self._raw(slot, scope)
        self._tell("raw", slot, raw)
        if type(raw) is list and not isinstance(slot.value, Constant):
            items = [item for item in self._each(slot, raw, name, scope, events) if item is not None]
            value: Any = items or None
        else:
            value = raw if isinstance(slot.value, Constant) else self._one(slot, raw, name, scope, events)
        if value is None and slot.default is not None:
            events.append(("defaulted", name, ""))
            value = _constant(slot.default, many=False)
            self._tell("default", slot, value)
        return _arranged(value, slot)

    def _raw(self, slot: SlotRule, scope: _Scope) -> Any:
        match slot.value:
            case Constant() as value:
                return _constant(value, many=slot.many)
            case Read(path=path):
                return walk(path, scope.variables)
            case Compute(expression=expression):
                return self._dialect.plain(interpret(expression, scope.variables, self._nodes, self._dialect))
            case Template() as template:
                return expand(template, scope.variables, self._nodes, self._dialect)
            case _:
                raise TypeError("objects are built, not read")

    def _each(self, slot: SlotRule, raw: list[Any], name: str, scope: _Scope, events: list[Event]) -> Iterator[Any]:
        """Each element of a list, of which it is known which one is at work where that is one of the source's."""
        lists = slot.value.path.lists if isinstance(slot.value, Read) else ()
        indexed = lists[-1:] == (True,) and not any(lists[:-1])
        for index, item in enumerate(raw):
            self._element = f"/{index}" if indexed else ""
            yield self._one(slot, item, name, scope, events)
        self._element = ""

    def _one(self, slot: SlotRule, value: Any, name: str, scope: _Scope, events: list[Event]) -> Any:
        """One element: its code looked up, then converted."""
        if value is None:
            return None
        if slot.codes is not None:
            found = look_up(slot.codes, value, name, events)
            self._tell("code", slot, (value, found.data if isinstance(found, Literal) else found))
            if isinstance(found, Literal):
                return found.data
            if found is None:
                return None
            if not isinstance(found, bool):
                value = interpret(found, scope.variables)
                if value is None:
                    return None
        for step in slot.convert:
            before, value = value, CONVERSIONS[step](value)
            self._tell("convert", (step, before), value)
        return value

    # -- objects ----------------------------------------------------------------------------------

    def _objects(self, slot: SlotRule, build: Build, scope: _Scope, events: list[Event]) -> Any:
        made: list[Any] = []
        for inner in self._elements(build, scope):
            for name in build.rules:
                rule = self.plan.rules[name]
                own = inner if build.variable or build.over is None else _Scope(
                    {rule.scopes[0]: inner.variables["@"], CODE_MAPS: inner.variables[CODE_MAPS]},
                    {rule.scopes[0]: inner.pointers["@"]},
                )  # fmt: skip
                for each in (own,) if rule.over is None else self._elements(_own(rule, rule.over), own):
                    ready = self._entered(rule, each)
                    if ready is None:
                        continue
                    instance = self._instance(rule, ready, events)
                    if len(instance) > len(rule.fixed):
                        made.append(instance if build.identifier is None else instance[build.identifier])
        if slot.keyed is not None:
            return {item[slot.keyed]: item for item in made if slot.keyed in item} or None
        return _arranged(made or None, slot)

    def _elements(self, build: Build, scope: _Scope) -> list[_Scope]:
        """The scopes that the rules run in: one for each object that is gone over."""
        if build.over is None:
            return [scope]
        name = build.variable or "@"
        value = walk(build.over, scope.variables)
        if build.index is not None:
            value = operators.index(value, build.index)
        pointer = scope.pointers[build.over.variable]
        if build.over.variable.startswith(JOINED):
            items = value if type(value) is list else [value]
            return [scope.inner(name, checked(build, item), pointer) for item in items if item is not None]
        pointer += "".join(f"/{step}" for step in build.over.steps)
        if build.index is not None:
            pointer += f"/{build.index}"
        if value is None:
            return []
        if type(value) is list:
            present = [(index, item) for index, item in enumerate(value) if item is not None]
            # Where objects stand under keys the pointer counts too: a key is a value, which no message says.
            return [scope.inner(name, checked(build, item), f"{pointer}/{index}") for index, item in present]
        return [scope.inner(name, checked(build, value), pointer)]


def _own(rule: ClassRule, over: Path) -> Build:
    """What a rule makes of the elements of the list that it goes over by itself."""
    return Build(rules=(rule.id,), over=over, variable=rule.scopes[-1])


def pointer_of(slot: SlotRule, pointers: dict[str, str]) -> str:
    """The JSON Pointer of what a slot reads, as far as one place in the record can be named.

    ``pointers`` says where the variables of the rule stand; partners of joins are not places of the record.
    """
    innermost = pointers[next(reversed(pointers))]
    if isinstance(slot.value, Build):
        over = slot.value.over
        return innermost if over is None else _below(pointers[over.variable], over.variable, over.steps)
    if not slot.reads:
        return innermost
    variable, *steps = slot.reads[0].split(".")
    return _below(pointers[variable], variable, steps)


def _below(pointer: str, variable: str, steps: Sequence[str]) -> str:
    return pointer if variable.startswith(JOINED) else pointer + "".join(f"/{step}" for step in steps)


def _constant(value: Constant, *, many: bool) -> Any:
    items = [item.data for item in value.items]
    return items if many or len(items) > 1 else items[0]


def _arranged(value: Any, slot: SlotRule) -> Any:
    """One value or a list, as the slot holds it."""
    if value is None:
        return None
    if slot.many:
        return value if type(value) is list else [value]
    if type(value) is list:
        if len(value) > 1:
            raise EvaluationError(f"{len(value)} values for a slot that holds one")
        return value[0] if value else None
    return value

"""What an expression over the middle model is in terms of the first source: every slot replaced by what makes it.

The first mapping makes instances of the middle model; :class:`Made` stands for one of them, in the scope of the
composed mapping. An expression of the second mapping reads their slots; it is rewritten, so that it reads the records
instead. What cannot be rewritten exactly is refused by name (:class:`Refused`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec

from semantics.analysis.inverse_values import call, text
from semantics.analysis.known import beyond
from semantics.expressions.tree import (
    Attribute,
    Call,
    Case,
    Compare,
    Comprehension,
    Data,
    Expr,
    IsNull,
    ListOf,
    Literal,
    Logic,
    Not,
    Path,
    Translate,
    rebuilt,
    walk,
)
from semantics.expressions.types import BOOLEAN, NULL, Kind, Type
from semantics.plan.model import Build, ClassRule, Codes, Compute, Constant, Plan, Read, SlotRule, Template
from semantics.plan.reads import enum_of, variable_classes
from semantics.plan.scope import slot_type
from semantics.schema.model import SchemaModel

__all__ = ["Cell", "Made", "Refused", "Scope", "Substitution", "conjunction", "rewritten"]

_TRUE: Final = Literal(value=True, type=BOOLEAN)
_NULL: Final = Literal(value=None, type=NULL)
_TO: Final = {
    Kind.STRING: "str", Kind.INTEGER: "int", Kind.DECIMAL: "decimal", Kind.FLOAT: "float", Kind.BOOLEAN: "bool",
    Kind.DATE: "date", Kind.DATETIME: "datetime", Kind.TIME: "time",
}  # fmt: skip


class Refused(ValueError):
    """Two constructs that cannot be put together; the message says which, ``rule`` where the first one stands."""

    def __init__(self, message: str, rule: SlotRule | ClassRule | None = None) -> None:
        super().__init__(message)
        self.rule = rule


@dataclass(frozen=True)
class Made:
    """An instance of the middle model: the rule that makes it, and what its variables are in the composed mapping.

    ``over`` is the list of the source that such instances are made of, one for each element, which is called
    ``variable``; ``conditions`` are those under which the instance is there.
    """

    rule: ClassRule
    names: Mapping[str, Path]
    conditions: tuple[Expr, ...] = ()
    over: Path | None = None
    variable: str | None = None
    listed: bool = False


Scope = Mapping[str, Made | None]
"""What the variables of the second mapping are; None for the variable of a comprehension over plain values."""


@dataclass(frozen=True)
class Cell:
    """A slot of a middle instance: what gives its value (``value``, ``rule``), or the objects in it (``made``)."""

    rule: SlotRule | None = None
    value: Expr | None = None
    made: tuple[Made, ...] = ()


@dataclass
class Substitution:
    """Rewrites expressions of the second mapping (over ``middle``) into expressions over the source of the first."""

    first: Plan
    source: SchemaModel
    middle: SchemaModel
    unwritten: dict[tuple[str, str], None] = field(default_factory=dict)
    read: set[tuple[str, str]] = field(default_factory=set)
    count: int = 0

    def __post_init__(self) -> None:
        self.variables = variable_classes(self.first)
        self.taken = {name for cls in self.source.classes.values() for name in cls.slots}

    def fresh(self) -> str:
        """A name for an element that no slot of the source has."""
        while True:
            self.count += 1
            if (name := f"each_{self.count}") not in self.taken:
                return name

    # -- slots of middle instances ----------------------------------------------------------------

    def cell(self, made: Made, slot: str) -> Cell:
        """What a slot of a middle instance holds."""
        cls = made.rule.target_class
        self.read.add((cls, slot))
        rule = next((found for found in made.rule.slots if found.slot == slot), None)
        if rule is None:
            self.unwritten[cls, slot] = None
            return Cell(value=_NULL)
        unknown = (*beyond(rule), *beyond(made.rule))
        if unknown:
            raise Refused(f"'{cls}.{slot}' is made with {unknown[0].replace('_', ' ')}", rule)
        if made.rule.arranged is not None and slot not in made.rule.arranged:
            return Cell(value=_NULL)
        if isinstance(rule.value, Build):
            return self._objects(made, rule, rule.value)
        return Cell(rule=rule, value=self._scalar(made, rule))

    def _objects(self, made: Made, rule: SlotRule, build: Build) -> Cell:
        if rule.keyed is not None or build.index is not None or rule.where is not None:
            raise Refused(f"objects by key, or one of a list, in '{made.rule.target_class}.{rule.slot}'", rule)
        over = None if build.over is None else self.renamed(build.over, made.names)
        found = []
        for name in build.rules:
            inner = self.first.rules[name]
            if inner.over is not None:
                raise Refused(f"elements of several lists in '{made.rule.target_class}.{rule.slot}'", rule)
            names, variable = dict(made.names), None
            if isinstance(over, Path) and over.type.many:
                variable = self.fresh()
                element = Path(variable=variable, type=over.type.one)
                names = {**made.names, build.variable: element} if build.variable else {inner.scopes[0]: element}
            elif isinstance(over, Path):
                names = {**made.names, build.variable: over} if build.variable else {inner.scopes[0]: over}
            conditions = () if inner.where is None else (self.renamed(inner.where, names),)
            listed = isinstance(over, Path) and over.type.many
            if isinstance(over, Path) and not listed and _stands_alone(inner, build.variable or inner.scopes[0]):
                conditions = (Not(operand=IsNull(operand=over, type=BOOLEAN), type=BOOLEAN), *conditions)
            found.append(Made(inner, names, conditions, over if listed else None, variable, rule.many and not listed))
        if build.identifier is not None:
            return self._reference(rule, found, build.identifier)
        return Cell(rule=rule, made=tuple(found))

    def _reference(self, rule: SlotRule, found: list[Made], identifier: str) -> Cell:
        """A reference is the identifier of the object that it stands for."""
        if len(found) != 1 or found[0].over is not None or found[0].conditions:
            raise Refused(f"references to several objects in '{rule.slot}'", rule)
        return self.cell(found[0], identifier)

    def renamed(self, node: Expr, names: Mapping[str, Path]) -> Any:
        """An expression of the first mapping with its variables as the composed mapping has them."""

        def path(found: Path) -> Expr:
            base = names.get(found.variable)
            if base is None:
                raise Refused(f"'{'.'.join(found.steps) or found.variable}' comes from another record")
            return msgspec.structs.replace(
                found, variable=base.variable, steps=(*base.steps, *found.steps), lists=(*base.lists, *found.lists)
            )

        return rewritten(node, path)

    def _scalar(self, made: Made, rule: SlotRule) -> Expr:
        """The value of a slot, as an expression that reads it from the middle instance would see it."""
        held = slot_type(self.middle, self.middle.classes[made.rule.target_class].slots[rule.slot])
        value = self.plain(made, rule)
        found = value.type
        if rule.codes is not None:
            value = self._coded(made, rule, rule.codes, value)
            found = held
        if rule.default is not None:
            value = call("coalesce", value, _constants(rule.default, many=held.many))
        if isinstance(rule.value, Template) and held.kind is not Kind.STRING:
            raise Refused(f"an IRI in '{rule.slot}', which holds {held}", rule)
        if isinstance(rule.value, (Constant, Template)) or found.kind is Kind.NULL:
            found = held
        value = typed(value, found, held, rule)
        if rule.where is not None:
            value = Case(branches=((self.renamed(rule.where, made.names), value),), type=held)
        return msgspec.structs.replace(value, type=held)

    def plain(self, made: Made, rule: SlotRule) -> Expr:
        """The value of a slot before codes, default and conversion."""
        match rule.value:
            case Constant() as constant:
                return _constants(constant, many=rule.many)
            case Read(path=path):
                return self.renamed(path, made.names)  # type: ignore[no-any-return]
            case Compute(expression=expression):
                return self.renamed(expression, made.names)  # type: ignore[no-any-return]
            case Template() as template:
                return self._template(template, made, rule)
            case other:
                raise Refused(f"a {type(other).__name__.lower()} in '{rule.slot}'", rule)

    def _template(self, template: Template, made: Made, rule: SlotRule) -> Expr:
        parts: list[Expr] = []
        for part in template.parts:
            if part.value is None:
                parts.append(text(part.text or ""))
            elif part.keep_reserved:
                raise Refused(f"a template with {{+…}} in '{rule.slot}', read by an expression", rule)
            else:
                parts.append(call("iri_part", self.renamed(part.value, made.names)))
        return parts[0] if len(parts) == 1 else call("concat", *parts)

    def _coded(self, made: Made, rule: SlotRule, codes: Codes, value: Expr) -> Expr:
        """Codes looked up, as a case with a branch for each."""
        if value.type.many:
            raise Refused(f"a list of codes in '{rule.slot}', read by an expression", rule)
        enum = enum_of(self.source, self.variables[made.rule.id], rule)
        every = enum is not None and set(self.source.enums[enum].values) <= codes.table.keys()
        if codes.unmapped == "error" and not every:
            raise Refused(f"codes in '{rule.slot}' with 'unmapped: error', read by an expression", rule)
        if all(code == entry.value for code, entry in codes.table.items()) and (every or codes.unmapped == "pass"):
            return value
        if value.type.kind not in (Kind.STRING, Kind.ANY):
            value = call("str", value)
        branches = [
            (Compare(operator="==", left=value, right=text(code), type=BOOLEAN), entry)
            for code, entry in codes.table.items()
        ]
        rest: Expr = value if codes.unmapped == "pass" else _NULL
        return Case(branches=(*branches, (_TRUE, rest)))

    # -- expressions of the second mapping ----------------------------------------------------------

    def expression(self, node: Expr, scope: Scope) -> Any:
        """An expression over middle instances as one over the source; ``scope`` says what its variables are."""
        match node:
            case Path():
                return self.path(node, scope, inside=True)
            case IsNull(operand=Path() as path) if path.type.kind is Kind.OBJECT:
                return Not(operand=self._there(path, scope), type=BOOLEAN)
            case Comprehension():
                return self._comprehension(node, scope)
        return rewritten(
            node, lambda path: self.path(path, scope, inside=True), lambda inner: self.expression(inner, scope)
        )

    def path(self, node: Path, scope: Scope, *, inside: bool = False) -> Expr:
        """A path of the middle model; ``inside`` an expression an empty list is null: the instance leaves it out."""
        made = scope.get(node.variable)
        if made is None and node.variable in scope:
            return node
        if made is None:
            raise Refused(f"'{'.'.join(node.steps) or node.variable}' is not of the record itself")
        if not node.steps:
            raise Refused("an object is read as a whole")
        for at, step in enumerate(node.steps):
            cell = self.cell(made, step)
            last = at == len(node.steps) - 1
            if cell.value is not None:
                if not last and cell.value is not _NULL:
                    raise Refused(f"'{step}' holds no object", cell.rule)
                self._exact_list(cell)
                return self._guarded(_or_null(cell.value) if inside else cell.value, made)
            if last or len(cell.made) != 1:
                raise Refused(f"the objects in '{step}' are read as they are", cell.rule)
            inner = cell.made[0]
            if inner.listed:
                raise Refused(f"'{step}' is a list of objects that are not elements of a list", cell.rule)
            if inner.over is not None:
                return self._through(inner, node.steps[at + 1 :], node)
            made = replace(inner, conditions=(*made.conditions, *inner.conditions))
        raise Refused("a path without an end")

    def _exact_list(self, cell: Cell) -> None:
        """Nulls in a computed list are dropped in the middle instance, and would not be here."""
        computed = cell.rule is not None and not isinstance(cell.rule.value, (Read, Constant))
        if cell.value is not None and cell.value.type.many and computed:
            raise Refused(
                f"a computed list in '{cell.rule.slot if cell.rule else ''}', read by an expression", cell.rule
            )

    def _guarded(self, value: Expr, made: Made) -> Expr:
        """A value that is there only where the object is that it stands in."""
        test = conjunction(made.conditions)
        if test is None or value is _NULL:
            return value
        return Case(branches=((test, value),), type=value.type)

    def _through(self, made: Made, steps: tuple[str, ...], node: Path) -> Expr:
        """A path that goes through a list: its values one after the other, nulls left out."""
        assert made.over is not None
        assert made.variable is not None
        inner = Path(variable="@", steps=steps, type=node.type.one)
        value = self.path(inner, {"@": replace(made, over=None, conditions=())})
        if any(isinstance(part, Comprehension) for part in walk(value)) or value.type.many:
            raise Refused(f"'{'.'.join(node.steps)}' goes through lists of lists")
        present: Expr = Not(operand=IsNull(operand=value, type=BOOLEAN), type=BOOLEAN)
        test = conjunction((*made.conditions, present))
        found = Comprehension(element=value, variable=made.variable, source=made.over, condition=test, type=node.type)
        return _or_null(found, self._members(made))

    def _members(self, made: Made) -> Expr:
        """A list with an entry for each middle object that is made of an element."""
        assert made.over is not None
        assert made.variable is not None
        test = conjunction((*made.conditions, *self.filled(made)))
        return Comprehension(element=_TRUE, variable=made.variable, source=made.over, condition=test, type=BOOLEAN.list)

    def _comprehension(self, node: Comprehension, scope: Scope) -> Expr:
        source = node.source
        if not isinstance(source, Path):
            raise Refused("a comprehension over something else than a slot")
        if source.type.kind is not Kind.OBJECT:
            values = self.path(source, scope)
            if not isinstance(values, Path):
                raise Refused(f"a comprehension over '{'.'.join(source.steps)}', which is computed")
            below = {**scope, node.variable: None}
            test = None if node.condition is None else self.expression(node.condition, below)
            found = Comprehension(element=self.expression(node.element, below), variable=node.variable, source=values,
                                  condition=test, type=node.type)  # fmt: skip
            return _or_null(found, values)
        made = self.target(source, scope)
        if len(made) != 1 or made[0].over is None:
            raise Refused(f"a comprehension over '{'.'.join(source.steps)}'")
        one = made[0]
        assert one.variable is not None
        assert one.over is not None
        inner = {**scope, node.variable: replace(one, over=None, conditions=())}
        element = self.expression(node.element, inner)
        tests = [*one.conditions, *self.filled(one)]
        if node.condition is not None:
            tests.append(self.expression(node.condition, inner))
        found = Comprehension(
            element=element, variable=one.variable, source=one.over, condition=conjunction(tuple(tests)), type=node.type
        )
        return _or_null(found, self._members(one))

    def target(self, path: Path, scope: Scope) -> tuple[Made, ...]:
        """The middle objects at a path."""
        made = scope.get(path.variable)
        if made is None or not path.steps:
            raise Refused(f"'{'.'.join(path.steps) or path.variable}' is not of the record itself")
        for at, step in enumerate(path.steps):
            cell = self.cell(made, step)
            if cell.value is _NULL:
                return ()
            if not cell.made:
                raise Refused(f"'{step}' holds no object", cell.rule)
            if at == len(path.steps) - 1:
                return tuple(replace(one, conditions=(*made.conditions, *one.conditions)) for one in cell.made)
            if len(cell.made) != 1 or cell.made[0].over is not None or cell.made[0].listed:
                raise Refused(f"'{'.'.join(path.steps)}' goes through several objects", cell.rule)
            made = replace(cell.made[0], conditions=(*made.conditions, *cell.made[0].conditions))
        return ()

    def _there(self, path: Path, scope: Scope) -> Expr:
        """Whether an object is there: its conditions hold, and it would not be empty."""
        made = self.target(path, scope)
        if not made:
            return Literal(value=False, type=BOOLEAN)
        if len(made) != 1 or made[0].over is not None:
            raise Refused(f"whether '{'.'.join(path.steps)}' is null")
        test = conjunction((*made[0].conditions, *self.filled(made[0])))
        return call("coalesce", test, Literal(value=False, type=BOOLEAN)) if test is not None else _TRUE

    def filled(self, made: Made) -> tuple[Expr, ...]:
        """The condition that an instance would not be empty; nothing where it never is."""
        tests: list[Expr] = []
        for rule in made.rule.slots:
            if rule.slot in made.rule.fixed:
                continue
            if isinstance(rule.value, Constant) or rule.default is not None:
                return ()
            cell = self.cell(made, rule.slot)
            if cell.made:
                raise Refused(f"whether '{made.rule.target_class}' is empty hangs on objects in it", rule)
            if cell.value is not None:
                tests.append(Not(operand=IsNull(operand=cell.value, type=BOOLEAN), type=BOOLEAN))
        if len(tests) < 2:
            return tuple(tests)
        return (Logic(operator="or", operands=tuple(tests), type=BOOLEAN),)


def _or_null(value: Expr, members: Expr | None = None) -> Expr:
    """A list of the middle instance as an expression sees it: null where it has no members, for then it is left out."""
    if not value.type.many or (members is None and not isinstance(value, Path)):
        return value
    count = Call(function="len", arguments=(members or value,), type=Type(Kind.INTEGER))
    some = Compare(operator=">", left=count, right=Literal(value=0, type=Type(Kind.INTEGER)), type=BOOLEAN)
    return Case(branches=((some, value),), type=value.type)


def _stands_alone(rule: ClassRule, variable: str) -> bool:
    """Whether a rule can give something although the object that it goes over is not there."""
    for slot in rule.slots:
        if slot.slot == rule.designator:
            continue
        read = isinstance(slot.value, Read) and slot.value.path.variable == variable
        if not read or slot.default is not None:
            return True
    return False


def typed(value: Expr, found: Type, held: Type, rule: SlotRule) -> Expr:
    """A value brought to the type that the middle slot holds, as its conversion does."""
    if found.many and not held.many:
        raise Refused(f"several values in '{rule.slot}'", rule)
    if found.kind is not held.kind and found.kind is not Kind.NULL:
        if Kind.ANY in (found.kind, held.kind) or (found.kind, held.kind) == (Kind.TIME, Kind.STRING):
            raise Refused(f"{found} becomes {held} in '{rule.slot}', read by an expression", rule)
        if not (isinstance(value, Literal) and value.value is None):
            value = Call(function=_TO[held.kind], arguments=(value,), type=held)
    if held.many and not found.many:
        there = Not(operand=IsNull(operand=value, type=BOOLEAN), type=BOOLEAN)
        return Case(branches=((there, ListOf(items=(value,), type=held)),), type=held)
    return value


def conjunction(tests: tuple[Expr, ...]) -> Expr | None:
    """All of some conditions; None where there is none."""
    parts = [test for at, test in enumerate(tests) if test not in tests[:at]]
    if len(parts) < 2:
        return parts[0] if parts else None
    return Logic(operator="and", operands=tuple(parts), type=BOOLEAN)


def _constants(constant: Constant, *, many: bool) -> Expr:
    if many or len(constant.items) > 1:
        return ListOf(items=constant.items, type=constant.items[0].type.list)
    return constant.items[0]


def rewritten(node: Expr, path: Any, inner: Any = None) -> Any:
    """A tree with every path replaced; ``inner`` rewrites the children, where that takes more."""
    match node:
        case Path():
            return path(node)
        case Attribute() | Data() | Translate():
            raise Refused(f"{type(node).__name__.lower()} in an expression")
        case Comprehension():

            def bound(found: Path) -> Expr:
                return found if found.variable == node.variable else path(found)

            test = rewritten(node.condition, bound) if node.condition is not None else None
            source, element = rewritten(node.source, path), rewritten(node.element, bound)
            return msgspec.structs.replace(node, source=source, element=element, condition=test)
        case _:
            return rebuilt(node, inner or (lambda child: rewritten(child, path)))

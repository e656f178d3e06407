"""Class rules as columns: one column a slot, and for each row whether the ordinary engine would do the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from semantics.backends.columnar import reading
from semantics.backends.columnar.constraints import class_gap, counted, value_tests
from semantics.backends.columnar.expressions import Expressions, alike, literal, looked_up, texts_of
from semantics.backends.columnar.functions import encoded
from semantics.backends.columnar.gaps import Gap, Unproven
from semantics.backends.columnar.sql import (
    FALSE,
    NULL,
    TRUE,
    Apply,
    Choose,
    Constant,
    Each,
    Infix,
    IsNull,
    Kept,
    Listed,
    Name,
    Node,
    Not,
    both,
    either,
    function,
)
from semantics.backends.columnar.values import Query, Value, known_false, null_of, text_value
from semantics.expressions.types import Kind
from semantics.lexical import is_iri
from semantics.plan.model import Build, ClassRule, Codes, Compute, Plan, Read, SlotRule, Template
from semantics.plan.model import Constant as Fixed
from semantics.schema.model import ClassModel, Form, Primitive, SchemaModel, SlotModel

__all__ = ["Made", "Note", "Rules"]

_DEEPEST: Final = 8
_IRIS: Final = frozenset({Primitive.URI, Primitive.URIORCURIE, Primitive.CURIE})


@dataclass(frozen=True, slots=True)
class Note:
    """Something for the ledger: of which slot, what ("defaulted", "unmapped"), for which rows, and which code."""

    kind: str
    slot: str
    when: Node
    code: Node = NULL


@dataclass(slots=True)
class Made:
    """What a rule makes: the value of each slot, and the rows in which all of it is as the ordinary engine has it.

    ``fine``: nothing goes wrong while it is made; ``valid``: what is made is; ``exists``: there is an object.
    A slot that holds an object has what is ``inner``, and its value is null where there is none. Of objects in a list
    ``variable`` is the element of the list that one of them is made of.
    """

    rule: ClassRule
    slots: dict[str, Value] = field(default_factory=dict)
    inner: dict[str, Made] = field(default_factory=dict)
    wanted: Node = TRUE
    fine: Node = TRUE
    valid: Node = TRUE
    exists: Node = TRUE
    variable: str | None = None
    notes: list[Note] = field(default_factory=list)


@dataclass
class Rules:
    """Translates the rules of a plan; ``gaps`` collects what cannot be, with its place."""

    plan: Plan
    model: SchemaModel
    query: Query
    gaps: list[Gap] = field(default_factory=list)

    @property
    def expressions(self) -> Expressions:
        """What translates expressions."""
        return Expressions(self.query, self.plan.code_maps)

    def made(self, rule: ClassRule, scope: Mapping[str, Value], depth: int = 0) -> Made:
        """What a rule makes of its scope. Gaps are noted, and what stands in their place means nothing."""
        found = Made(rule)
        if depth > _DEEPEST:
            self._gap("recursion", f"class {rule.target_class}", rule)
            return found
        for name, there in (
            ("joins", bool(rule.joins)), ("whole objects", rule.keep_nulls or rule.whole is not None),
            ("recalled slots", rule.recalls),
        ):  # fmt: skip
            if there:
                self._gap(name, f"class {rule.target_class}", rule)
        if self.gaps:
            return found
        cls = self.model.classes[rule.target_class]
        try:
            class_gap(self.model, cls)
            self._told(rule, cls)
            where = self.expressions.holds(rule.where, scope) if rule.where is not None else Value(TRUE, Kind.BOOLEAN)
        except Unproven as fault:
            self._gap(fault.name, fault.what or f"class {rule.target_class}", rule)
            return found
        fine: list[Node] = []
        valid: list[Node] = []
        for slot in rule.slots:
            try:
                one, other = self._slot(slot, found, cls, scope, depth)
                fine, valid = [*fine, one], [*valid, *other]
            except Unproven as fault:
                self._gap(fault.name, f"slot {rule.target_class}.{slot.slot}: {fault.what or fault.name}", slot)
        shown = found.slots if rule.arranged is None else {n: v for n, v in found.slots.items() if n in rule.arranged}
        if any(_needed(slot) for slot in cls.slots.values() if slot.name not in shown):
            valid.append(FALSE)
        found.slots, found.wanted, found.valid = shown, where.node, self.query.bind(both(*valid))
        # Of a row that the condition leaves out nothing more is asked.
        carried = self.query.bind(both(*fine))
        found.fine = both(where.fine, carried if TRUE in (where.node, carried) else either(Not(where.node), carried))
        return found

    def _gap(self, name: str, what: str, at: ClassRule | SlotRule) -> None:
        self.gaps.append(Gap(name, what, at.origin))

    def _told(self, rule: ClassRule, cls: ClassModel) -> None:
        """The class that instances are taken for must be the rule's."""
        if cls.designator is None:
            return
        told = [slot.value for slot in rule.slots if slot.slot == cls.designator]
        plain = self.model.primitive(cls.slots[cls.designator]) not in _IRIS
        match told:
            case []:
                return
            case [Fixed(items=(item,))] if plain and item.value == cls.name:
                return
        raise Unproven("abstract class", f"class {cls.name}")

    # -- slots ------------------------------------------------------------------------------------

    def _slot(
        self, slot: SlotRule, made: Made, cls: ClassModel, scope: Mapping[str, Value], depth: int
    ) -> tuple[Node, list[Node]]:
        """Fill one slot: in which rows that goes well, and the tests that a valid value passes."""
        model = cls.slots.get(slot.slot) or _hidden(slot)
        for name, there in (
            ("keyed objects", slot.keyed is not None or model.form is Form.KEYED),
            ("whole objects", slot.finish is not None), ("references", model.form is Form.REFERENCE),
            ("constraint", slot.many != model.many),
        ):  # fmt: skip
            if there:
                raise Unproven(name)
        before = len(made.notes)
        if isinstance(slot.value, Build):
            value = self._objects(slot, slot.value, model, made, scope, depth)
            inner = made.inner[slot.slot]
            tests = []
            if inner.valid != TRUE and inner.variable is not None:
                tests = [all_of(Each(value.node, inner.variable, inner.valid))]
            elif inner.valid != TRUE:
                tests = [either(Not(inner.exists), inner.valid)]
        else:
            value = self._value(slot, model, made, scope)
            tests = self._tests(model, value) if slot.slot in cls.slots else []
        fine = value.fine
        if slot.where is not None:
            where = self.expressions.holds(slot.where, scope)
            made.notes[before:] = [replace(note, when=both(where.node, note.when)) for note in made.notes[before:]]
            value = replace(value, node=self.query.bind(Choose(((where.node, value.node),))))
            fine = both(where.fine, either(Not(where.node), fine))
            tests = [either(Not(where.node), both(*tests))]
            if slot.slot in made.inner and made.inner[slot.slot].variable is None:
                made.inner[slot.slot].exists = self.query.bind(both(where.node, made.inner[slot.slot].exists))
        made.slots[slot.slot] = value
        return fine, [*tests, *counted(model, value)]

    def _tests(self, model: SlotModel, value: Value) -> list[Node]:
        """The tests of the values of a slot that are no objects."""
        if not value.many:
            return value_tests(self.model, model, value, self.query)
        variable = self.query.variable()
        item = replace(value, node=Name(variable), many=False, fine=TRUE)
        tests = both(*value_tests(self.model, model, item, self.query))
        return [] if tests == TRUE else [all_of(Each(value.node, variable, tests))]

    def _value(self, slot: SlotRule, model: SlotModel, made: Made, scope: Mapping[str, Value]) -> Value:
        """The value of a slot that holds no objects: found, looked up, converted, or the default."""
        name = f"{made.rule.target_class}.{slot.slot}"
        match slot.value:
            case Fixed(items=items):
                values = alike([literal(item) for item in items])
                if slot.many:
                    return replace(values[0], node=Listed(tuple(value.node for value in values)), many=True,
                                   texts=texts_of(values))  # fmt: skip
                if len(values) != 1:
                    raise Unproven("constant", "several constants")
                value = values[0]
                if model.range in self.model.enums or value.kind is not Kind.STRING:
                    return value
                return self._constant(value, model)
            case Read(path=path):
                raw = self.expressions.walk(path, scope)
            case Compute(expression=expression):
                raw = self.expressions.value(expression, scope)
            case Template() as template:
                raw = self._template(template, scope)
                return self._finished(slot, name, raw, made)
            case _:
                raise Unproven("whole objects")
        if raw.kind is Kind.OBJECT:
            raise Unproven("kinds", "an object as it is")
        if raw.many:
            value = self._each(slot, name, raw, made)
        else:
            value = self._one(slot, name, raw, made)
        return self._finished(slot, name, value, made)

    def _constant(self, value: Value, model: SlotModel) -> Value:
        """A constant text in a slot of dates, moments or IRIs, as a column of these has it."""
        primitive = self.model.primitive(model)
        if primitive is Primitive.DATE:
            return reading.converted(value, "date", self.query)
        return value

    def _finished(self, slot: SlotRule, name: str, value: Value, made: Made) -> Value:
        """The default where there is nothing, and one value in a list where the slot holds many."""
        if slot.default is not None:
            if value.many or len(slot.default.items) != 1:
                raise Unproven("lists", "a default in the place of a list")
            other = literal(slot.default.items[0])
            if value.kind is Kind.DATE and other.kind is Kind.STRING:
                other = reading.converted(other, "date", self.query)
            absent = IsNull(self.query.bind(value.node))
            made.notes.append(Note("defaulted", name, absent))
            first, second = alike([value, other])
            node = function("coalesce", first.node, second.node) if first.node != NULL else second.node
            value = replace(first, node=self.query.bind(node), fine=both(value.fine, other.fine),
                            texts=texts_of([first, second]))  # fmt: skip
        if slot.many and not value.many:
            node = self.query.bind(value.node)
            return replace(value, node=Choose(((IsNull(node), NULL),), Listed((node,))), many=True)
        if value.many and not slot.many:
            size = function("len", value.node)
            fits = known_false(either(IsNull(value.node), Infix("<=", size, Constant(1))))
            return replace(value, node=function("array_extract", value.node, Constant(1)), many=False,
                           fine=both(value.fine, fits))  # fmt: skip
        return value

    def _one(self, slot: SlotRule, name: str, value: Value, made: Made | None) -> Value:
        """One value: its code looked up, then converted. In a list (without ``made``) nothing is noted."""
        if slot.codes is not None:
            return self._code(slot, slot.codes, name, value, made)
        for step in slot.convert:
            value = reading.converted(value, step, self.query)
        return value

    def _code(self, slot: SlotRule, codes: Codes, name: str, value: Value, made: Made | None) -> Value:
        if codes.computed:
            raise Unproven("computed codes")
        if value.kind is Kind.NULL:
            return null_of(Kind.STRING)
        text = text_value(value)
        node = self.query.bind(text.node)
        targets = [literal(target) for target in codes.table.values()]
        if any(target.kind not in (Kind.STRING, Kind.NULL) for target in targets):
            raise Unproven("constant", "a code whose target is no text")
        table = {code: target.value for code, target in codes.table.items()}
        found, there = looked_up(node, table, self.query)  # type: ignore[arg-type]
        unmapped = self.query.bind(both(Not(IsNull(node)), Not(there)))
        texts = texts_of(targets)
        fine = text.fine
        if codes.unmapped == "error" or made is None:
            fine = both(fine, Not(unmapped))
        else:
            made.notes.append(Note("unmapped", name, unmapped, node))
        if codes.unmapped == "pass":
            passing = value
            for step in slot.convert:
                passing = reading.converted(passing, step, self.query)
            if passing.kind is not Kind.STRING:
                raise Unproven("kinds", "codes that pass and are no text")
            found = self.query.bind(Choose(((unmapped, passing.node),), found))
            fine, texts = both(fine, either(Not(unmapped), passing.fine)), None
        return Value(found, Kind.STRING, fine, texts=texts)

    def _each(self, slot: SlotRule, name: str, raw: Value, made: Made) -> Value:
        """Each element of a list, those that are null left out; null where nothing is left."""
        variable = self.query.variable()
        item = self._one(slot, name, replace(raw, node=Name(variable), many=False, fine=TRUE), None)
        source = self.query.bind(raw.node)
        values: Node = source if item.node == Name(variable) else Each(source, variable, item.node)
        kept = self.query.bind(Kept(values, variable, Not(IsNull(Name(variable)))))
        empty = either(IsNull(kept), Infix("=", function("len", kept), Constant(0)))
        fine = raw.fine if item.fine == TRUE else both(raw.fine, all_of(Each(source, variable, item.fine)))
        return replace(item, node=self.query.bind(Choose(((known_false(empty), NULL),), kept)), many=True, fine=fine)

    def _template(self, template: Template, scope: Mapping[str, Value]) -> Value:
        """An IRI; its fixed beginning must make it one whatever the values are."""
        node: Node | None = None
        fine: list[Node] = []
        for part in template.parts:
            if part.value is None:
                piece: Node = Constant(part.text or "")
            else:
                value = self.expressions.value(part.value, scope)
                if value.kind is Kind.NULL:
                    return null_of(Kind.STRING)
                made = reserved(value, self.query) if part.keep_reserved else encoded(value, self.query)
                piece, fine = made.node, [*fine, made.fine]
            node = piece if node is None else Infix("||", node, piece)
        fixed = "".join(part.text or "x" for part in template.parts)
        start = template.parts[0].text if template.parts else None
        if node is None or start is None or ":" not in start or not is_iri(fixed) or "\0" in fixed:
            raise Unproven("function", "a template that does not begin as an IRI")
        return Value(self.query.bind(node), Kind.STRING, both(*fine))

    # -- objects ------------------------------------------------------------------------------------

    def _objects(
        self, slot: SlotRule, build: Build, model: SlotModel, made: Made, scope: Mapping[str, Value], depth: int
    ) -> Value:
        """Objects made by one rule: of the scope, of an object, or of each object of a list."""
        if len(build.rules) != 1:
            raise Unproven("several classes")
        if build.identifier is not None:
            raise Unproven("references")
        if build.index is not None:
            raise Unproven("elements")
        rule = self.plan.rules[build.rules[0]]
        if rule.over is not None:
            raise Unproven("elements")
        target = self.model.classes[rule.target_class]
        if rule.target_class != model.range and target.designator is None:
            raise Unproven("abstract class", f"class {model.range}")
        if any(model.boolean):
            raise Unproven("constraint", "boolean constraints")
        if build.over is None:
            inner = self.made(rule, scope, depth + 1)
            return self._object(slot, rule, inner, made, TRUE)
        over = self.expressions.walk(build.over, scope)
        if over.kind is Kind.NULL:
            made.inner[slot.slot] = Made(rule, exists=FALSE)
            return Value(NULL, Kind.OBJECT, many=slot.many)
        if over.kind is not Kind.OBJECT:
            raise Unproven("kinds", "objects made of values that are none")
        own = {**scope} if build.variable is not None else {}
        name = build.variable or rule.scopes[0]
        if not over.many:
            inner = self.made(rule, {**own, name: over}, depth + 1)
            value = self._object(slot, rule, inner, made, Not(IsNull(over.node)))
            return value.with_(value.node, over.fine)
        return self._each_object(slot, rule, over, own, name, made, depth)

    def _each_object(
        self, slot: SlotRule, rule: ClassRule, over: Value, scope: dict[str, Value], name: str, made: Made, depth: int
    ) -> Value:
        """The objects made of those of a list, which stand in it as they are made; null where there is none.

        The value of the slot is the list of the source's objects of which there is one.
        """
        target = self.model.classes[rule.target_class]
        if target.identifier is not None or target.unique_keys:
            raise Unproven("unique objects", f"class {target.name}")
        if not slot.many:
            raise Unproven("lists", "one object of a list")
        variable = self.query.variable()
        item = Value(Name(variable), Kind.OBJECT, fields=over.fields)
        inner = made.inner[slot.slot] = self.made(rule, {**scope, name: item}, depth + 1)
        if inner.notes:
            raise Unproven("events in lists")
        inner.variable = variable
        there = Not(IsNull(Name(variable)))
        inner.exists = both(there, inner.wanted, _filled(rule, inner))
        source = self.query.bind(over.node)
        kept = self.query.bind(Kept(source, variable, known_false(inner.exists)))
        some = known_false(Infix(">", function("len", kept), Constant(0)))
        fine = over.fine
        if inner.fine != TRUE:
            fine = both(fine, all_of(Each(source, variable, either(Not(there), inner.fine))))
        return Value(self.query.bind(Choose(((some, kept),))), Kind.OBJECT, self.query.bind(fine), many=True)

    def _object(self, slot: SlotRule, rule: ClassRule, inner: Made, made: Made, there: Node) -> Value:
        """One object; null where its condition does not hold, or where nothing is in it."""
        made.inner[slot.slot] = inner
        exists = inner.exists = self.query.bind(both(there, inner.wanted, _filled(rule, inner)))
        ran = self.query.bind(both(there, inner.wanted))
        made.notes += [replace(note, when=both(ran, note.when)) for note in inner.notes]
        fine = either(Not(there), inner.fine) if there != TRUE else inner.fine
        object_ = Value(Choose(((exists, TRUE),), NULL), Kind.OBJECT, self.query.bind(fine))
        return replace(object_, many=False) if not slot.many else _refuse_many()


def _hidden(slot: SlotRule) -> SlotModel:
    """A slot that the class does not have: what is in it is worked out, and shown nowhere."""
    if isinstance(slot.value, Build):
        raise Unproven("recalled slots", "hidden objects")
    return SlotModel(name=slot.slot, uri="", multivalued=slot.many)


def _filled(rule: ClassRule, inner: Made) -> Node:
    """Whether there is anything in an object but what every one has."""
    slots = [value for name, value in inner.slots.items() if name not in rule.fixed]
    return either(*(Not(IsNull(value.node)) for value in slots)) if slots else FALSE


def _needed(slot: SlotModel) -> bool:
    """Whether a slot needs a value."""
    low = slot.minimum_cardinality or slot.exact_cardinality
    return bool(slot.required or slot.identifier or low or slot.value_presence == "PRESENT")


def _refuse_many() -> Value:
    raise Unproven("lists", "one object in a list")


def all_of(tests: Node) -> Node:
    """Whether all of a list of tests hold; null and an empty list are no objection."""
    return function("coalesce", Apply("list_aggregate", (tests, Constant("bool_and"))), TRUE)


def reserved(value: Value, query: Query) -> Value:
    """A value as it stands in an IRI whose reserved characters stay: here only text that is left as it is."""
    text = text_value(value)
    node = query.bind(text.node)
    plain = function("regexp_full_match", node, Constant(r"[A-Za-z0-9_.~:/?#\[\]@!$&'()*+,;=-]+"))
    return Value(node, Kind.STRING, both(text.fine, reading.where_there(node, plain)))

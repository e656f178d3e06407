"""The class statements of a schema: its types, enums, classes and rules as Python syntax trees.

A class inherits as it does in the schema, and says only those fields that differ from what
Python's inheritance gives it; where Python cannot order the parents, it has none and says all.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from types import new_class
from typing import Final

from semantics.generators.constraints import (
    condition_count,
    conditions_of,
    designations,
    designator_of,
    part_of,
    rules_of,
    unique_of,
)
from semantics.generators.names import members
from semantics.generators.pydantic_types import (
    Annotations,
    PythonNames,
    annotated,
    call,
    constant,
    name,
    subscript,
)
from semantics.schema.model import (
    ClassExpression,
    ClassModel,
    EnumModel,
    Form,
    SchemaModel,
    SlotExpression,
    SlotModel,
)

__all__ = ["Element", "SchemaCode", "assigned", "docstring"]

_GROUPS: Final = ("any_of", "all_of", "none_of", "exactly_one_of")


@dataclass(frozen=True)
class Element:
    """The code of one type, enum or class: its statement, and the statement of its rules."""

    identifier: str
    statement: ast.stmt
    rules: ast.stmt | None = None

    @property
    def text(self) -> str:
        """Equal for equal code."""
        return ast.dump(self.statement) + (ast.dump(self.rules) if self.rules else "")

    @property
    def refers(self) -> frozenset[str]:
        """Every name that the code reads."""
        trees = [self.statement, *([self.rules] if self.rules else [])]
        found = (node for tree in trees for node in ast.walk(tree))
        return frozenset(node.id for node in found if isinstance(node, ast.Name)) - {self.identifier}


@dataclass(frozen=True)
class _Shape:
    """What a class looks like to its subclasses: its fields and class variables, by their code."""

    fields: dict[str, str]
    variables: dict[str, str]
    extra: str
    rules: str
    chosen: bool
    ruled: bool
    kind: type


class SchemaCode:
    """The code of every element of a schema, in an order in which Python can run it."""

    def __init__(self, schema: SchemaModel) -> None:
        self.schema = schema
        self.names = PythonNames.of(schema)
        self.annotations = Annotations(schema, self.names)
        self._shapes: dict[str, _Shape] = {}
        self.types = {found.identifier: found for found in self._types()}
        self.enums = {found.identifier: found for found in map(self._enum, schema.enums.values())}
        self.classes: dict[str, Element] = {}
        for cls in schema.classes.values():
            self._add(cls)
        self.origins = self._origins()

    def _origins(self) -> dict[str, str]:
        """The schema in which each identifier is defined."""
        schema, names = self.schema, self.names
        found = {names.types[n]: t.from_schema for n, t in schema.types.items() if n in names.types}
        found |= {names.enums[n]: e.from_schema for n, e in schema.enums.items()}
        return found | {names.classes[n]: c.from_schema for n, c in schema.classes.items()}

    @property
    def elements(self) -> dict[str, Element]:
        """All elements by identifier, in order."""
        return self.types | self.enums | self.classes

    # -- types and enums ---------------------------------------------------------------------

    def _types(self) -> Iterable[Element]:
        for type_name, identifier in self.names.types.items():
            value = self.annotations.type_(self.schema.types[type_name])
            yield Element(identifier, assigned(identifier, value))

    def _enum(self, enum: EnumModel) -> Element:
        identifier = self.names.enums[enum.name]
        body: list[ast.stmt] = [docstring(enum.description or f"Values of {enum.name}.", 4)]
        for text, member in members(enum.values).items():
            body.append(assigned(member, constant(text)))
            if description := enum.values[text].description:
                body.append(docstring(description, 4))
        return Element(identifier, _class(identifier, [name("_TextEnum")], body))

    # -- classes -----------------------------------------------------------------------------

    def _add(self, cls: ClassModel) -> None:
        """The code of a class, after that of its parents."""
        if cls.name in self._shapes:
            return
        parents = [self.schema.classes[each] for each in (cls.is_a, *cls.mixins) if each]
        for parent in parents:
            self._add(parent)
        parents = self._ordered(cls, parents)
        shapes = [self._shapes[parent.name] for parent in parents]
        identifier = self.names.classes[cls.name]
        chosen = cls.abstract or cls.mixin or designator_of(cls) is not None
        rules = self._rules(cls)
        rules_text = ast.dump(rules) if rules else ""
        bases = [self.names.classes[parent.name] for parent in parents]
        if chosen and not any(shape.chosen for shape in shapes):
            bases.append("_Chosen")
        if rules and not any(shape.ruled for shape in shapes):
            bases.append("_Ruled")
        variables, fields = self._variables(cls), self._fields(cls)
        extra = _extra(self.annotations.undeclared(cls.extra)) if cls.extra is not None else None
        extra_text = ast.dump(extra) if extra else ""
        words = {}
        if any(shape.extra != extra_text for shape in shapes) or (extra and not shapes):
            words = {"extra": constant("allow" if extra else "forbid")}
        inherited: dict[str, str] = {}
        for shape in reversed(shapes):
            inherited |= shape.fields
        body: list[ast.stmt] = [docstring(cls.description or f"The class {cls.name}.", 4)]
        body += [
            statement
            for key, statement in variables.items()
            if key in _OWN or not shapes or any(s.variables.get(key) != ast.dump(statement) for s in shapes)
        ]
        dumped = {key: ast.dump(statement) for key, statement in fields.items()}
        body += [fields[key] for key in fields if dumped[key] != inherited.get(key)]
        body += [extra] if extra and words else []
        self._shapes[cls.name] = _Shape(
            fields=inherited | dumped,
            variables={key: ast.dump(statement) for key, statement in variables.items()},
            extra=extra_text,
            rules=rules_text,
            chosen=chosen or any(shape.chosen for shape in shapes),
            ruled=bool(rules) or any(shape.ruled for shape in shapes),
            kind=new_class("Placeholder", tuple(shape.kind for shape in shapes)),
        )
        if rules and any(shape.rules == rules_text for shape in shapes[:1]):
            rules = None
        statement = _class(identifier, [name(base) for base in bases or ["_Model"]], body, **words)
        told = ast.Expr(call("_ruled", name(identifier), *rules.elts)) if rules else None
        self.classes[identifier] = Element(identifier, statement, told)

    def _ordered(self, cls: ClassModel, parents: list[ClassModel]) -> list[ClassModel]:
        """The parents that Python can have as bases: none that another implies, none if they conflict."""
        distinct = list({parent.name: parent for parent in parents}.values())
        needed = [parent for parent in distinct if not any(parent.name in other.ancestors[1:] for other in distinct)]
        try:
            new_class("Placeholder", tuple(self._shapes[parent.name].kind for parent in needed))
        except TypeError:
            return []
        return needed

    def _variables(self, cls: ClassModel) -> dict[str, ast.stmt]:
        """Class variables by which an abstract or designated class is chosen."""
        text = name(self.names.builtin("str"))
        found: dict[str, ast.stmt] = {}
        if cls.abstract or cls.mixin:
            found["_abstract"] = _variable("_abstract", name(self.names.builtin("bool")), constant(True))
        if keys := unique_of(self.schema, cls):
            told = [(key, home, *(self.names.slots[slot] for slot in slots)) for key, home, *slots in keys]
            rows = [ast.Tuple([constant(each) for each in row], ast.Load()) for row in told]
            kind = subscript(self.names.builtin("tuple"), text, ast.Constant(...))
            every = subscript(self.names.builtin("tuple"), kind, ast.Constant(...))
            found["_unique"] = _variable("_unique", every, ast.Tuple(list(rows), ast.Load()))
        designator = designator_of(cls)
        if designator is None:
            return found
        found["_designator"] = _variable("_designator", text, constant(designator.name))
        if designator.required:
            truth = name(self.names.builtin("bool"))
            found["_must_designate"] = _variable("_must_designate", truth, constant(True))
        if not (cls.abstract or cls.mixin):
            texts = ast.Tuple([constant(text) for text in designations(self.schema, cls, cls)], ast.Load())
            kind = subscript(self.names.builtin("tuple"), text, ast.Constant(...))
            found["_designations"] = _variable("_designations", kind, texts)
        return found

    # -- fields ------------------------------------------------------------------------------

    def _fields(self, cls: ClassModel) -> dict[str, ast.stmt]:
        return {slot_name: self._field(cls, slot) for slot_name, slot in cls.slots.items()}

    def _field(self, cls: ClassModel, slot: SlotModel) -> ast.stmt:
        annotation, required = self.annotations.slot(slot)
        words: dict[str, ast.expr] = {}
        identifier = self.names.slots[slot.name]
        if not required:
            words["default"] = constant(None)
        if slot == designator_of(cls) and not (cls.abstract or cls.mixin):
            texts = designations(self.schema, cls, cls)
            equal = annotated(annotation, [call("_equals", *map(constant, texts))])
            annotation = _merged(equal) if required else ast.BinOp(
                _merged(annotated(_without_none(annotation), [call("_equals", *map(constant, texts))])),
                ast.BitOr(), constant(None))  # fmt: skip
            words["default"] = constant(texts[0])
        if identifier != slot.name:
            words["validation_alias"] = words["serialization_alias"] = constant(slot.name)
        if slot.title:
            words["title"] = constant(slot.title)
        if prose := _prose(slot):
            words["description"] = constant(prose)
        target = ast.Name(identifier, ast.Store())
        if words.keys() == {"default"}:
            return ast.AnnAssign(target, annotation, words["default"], 1)
        return ast.AnnAssign(target, annotation, call("_Field", **words) if words else None, 1)

    # -- rules -------------------------------------------------------------------------------

    def _rules(self, cls: ClassModel) -> ast.Tuple | None:
        found: list[ast.expr] = []
        for rule in rules_of(cls):
            parts = [rule.preconditions, rule.postconditions]
            tests = [self._when(cls, part or ClassExpression(), strict=True) for part in parts]
            words: dict[str, ast.expr] = {}
            if rule.elseconditions:
                words["otherwise"] = self._when(cls, rule.elseconditions, strict=True)
            if rule.bidirectional:
                words["back"] = constant(True)
            found.append(call("_Rule", *tests, **words))
        for stated, slot in conditions_of(self.schema, cls):
            words = {"kind": constant("values" if slot else "condition")}
            if slot:
                words["slot"] = constant(slot.name)
            found.append(call("_Rule", call("_When"), self._when(cls, stated, strict=False), **words))
        return ast.Tuple(found, ast.Load()) if found else None

    def _when(self, cls: ClassModel, expression: ClassExpression, *, strict: bool) -> ast.expr:
        words: dict[str, ast.expr] = {}
        if expression.slot_conditions:
            words["slots"] = ast.Tuple(
                [
                    self._slot_test(cls, slot, condition, strict=strict)
                    for slot, condition in expression.slot_conditions.items()
                ],
                ast.Load(),
            )
        for group in _GROUPS:
            if parts := getattr(expression, group):
                inner = strict or group == "none_of"
                words[group] = ast.Tuple([self._when(cls, part, strict=inner) for part in parts], ast.Load())
        if expression.is_a is not None and not self.schema.is_a(cls.name, expression.is_a):
            words["never"] = constant(True)
        return call("_When", **words)

    def _slot_test(self, cls: ClassModel, slot_name: str, condition: SlotExpression, *, strict: bool) -> ast.expr:
        slot = cls.slots.get(slot_name)
        form = slot.form if slot else Form.SCALAR
        count = condition_count(condition, strict=strict)
        kind = self.annotations.value(part_of(self.schema, condition, form))
        words: dict[str, ast.expr] = {}
        if slot and slot.many:
            words["form"] = constant("keyed" if form is Form.KEYED else "list")
        limits = [constant(count.minimum), constant(count.maximum)]
        return call("_Slot", constant(slot_name), *limits, kind, **words)


_OWN: Final = frozenset({"_abstract", "_designations"})
"""Class variables that subclasses do not inherit."""


def _class(identifier: str, bases: list[ast.expr], body: list[ast.stmt], **words: ast.expr) -> ast.ClassDef:
    return ast.ClassDef(identifier, bases, [ast.keyword(word, value) for word, value in words.items()], body, [])


def _extra(annotation: ast.expr) -> ast.stmt:
    """What pydantic takes under keys that are no fields."""
    return ast.AnnAssign(ast.Name("__pydantic_extra__", ast.Store()), annotation, None, 1)


def assigned(identifier: str, value: ast.expr) -> ast.Assign:
    """``identifier = value``."""
    return ast.Assign([ast.Name(identifier, ast.Store())], value, lineno=0)


def _variable(identifier: str, kind: ast.expr, value: ast.expr) -> ast.stmt:
    target = ast.Name(identifier, ast.Store())
    return ast.AnnAssign(target, subscript("_ClassVar", kind), value, 1)


def _without_none(annotation: ast.expr) -> ast.expr:
    """``X`` of ``X | None``."""
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.right, ast.Constant):
        return annotation.left
    return annotation


def _merged(annotation: ast.expr) -> ast.expr:
    """``Annotated[Annotated[x, a], a, b]`` as ``Annotated[x, a, b]``."""
    match annotation:
        case ast.Subscript(slice=ast.Tuple(elts=[ast.Subscript(value=ast.Name(id="_Annotated")) as inner, *more])):
            assert isinstance(inner.slice, ast.Tuple)
            extras = {ast.dump(extra): extra for extra in [*inner.slice.elts[1:], *more]}
            return annotated(inner.slice.elts[0], list(extras.values()))
    return annotation


def _prose(slot: SlotModel) -> str:
    parts = [slot.description] if slot.description else []
    if slot.form is Form.REFERENCE:
        parts.append(f"Id of {'each' if slot.many else 'the'} {slot.range}.")
    if slot.unit:
        parts.append(f"Unit: {slot.unit}.")
    if slot.deprecated is not None:
        parts.append(f"Deprecated: {slot.deprecated}")
    return " ".join(parts)


def docstring(text: str, margin: int) -> ast.Expr:
    """A string statement, wrapped to the width of the code."""
    paragraphs = [
        textwrap.fill(paragraph, 96 - margin, break_long_words=False, break_on_hyphens=False)
        for paragraph in text.encode("utf-8", "replace").decode().strip().split("\n\n")
    ]
    indented = "\n\n".join(paragraphs).replace("\n", "\n" + " " * margin)
    lines = (line.rstrip(" ") for line in indented.split("\n"))
    return ast.Expr(ast.Constant("\n".join(lines)))

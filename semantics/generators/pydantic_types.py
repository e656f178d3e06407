"""Annotations of generated fields: what a :class:`Value` is in Python's types, as a syntax tree.

Nothing of a schema gets into the tree but checked identifiers and constants. Constraints that pydantic
knows are said in its own words; the others call the functions of :mod:`semantics.generators.model_base`.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from semantics.generators.constraints import (
    NUMBERS,
    SPELLED,
    Count,
    Kind,
    Value,
    count_of,
    designator_of,
    unique_of,
    value_of,
)
from semantics.generators.names import RESERVED_FIELDS, allocated
from semantics.lexical import Primitive, decimal_text
from semantics.schema.model import SchemaModel, SlotModel, TypeModel

__all__ = ["PRELUDE", "Annotations", "PythonNames", "call", "constant", "name", "subscript", "union"]

_PRIMITIVES: Final[dict[Primitive, str]] = {
    Primitive.STRING: "str",
    Primitive.INTEGER: "_Integer",
    Primitive.DECIMAL: "_Decimal",
    Primitive.FLOAT: "_Float",
    Primitive.BOOLEAN: "bool",
    Primitive.DATE: "_Date",
    Primitive.DATETIME: "_DateTime",
    Primitive.DATE_OR_DATETIME: "_DateOrDateTime",
    Primitive.TIME: "_Time",
    Primitive.URI: "_Uri",
    Primitive.URIORCURIE: "_UriOrCurie",
    Primitive.CURIE: "_Curie",
    Primitive.NCNAME: "_NcName",
}
BUILTINS: Final = frozenset({"bool", "dict", "list", "str", "tuple"})
"""Built-in names that a generated module uses."""
PRELUDE: Final = frozenset({
    "_Anything", "_Chosen", "_Curie", "_Date", "_DateOrDateTime", "_DateTime", "_Decimal", "_Float",
    "_Integer", "_Model", "_NcName", "_Rule", "_Ruled", "_Slot", "_TextEnum", "_Time", "_Uri",
    "_UriOrCurie", "_When", "_all_of", "_any_of", "_bounds", "_distinct", "_equals", "_equals_number",
    "_exactly_one_of", "_keyed", "_none_of", "_pattern", "_ruled", "_unkeyed",
})  # fmt: skip
"""Names of :mod:`semantics.generators.model_base` that generated modules use."""


@dataclass(frozen=True)
class PythonNames:
    """The identifiers of a schema's elements in Python; no two elements of a module share one."""

    classes: dict[str, str]
    enums: dict[str, str]
    types: dict[str, str]
    slots: dict[str, str]
    aliased: frozenset[str] = field(default=frozenset())
    """Built-in names that an element of the schema has taken, so that the module must alias them."""

    @classmethod
    def of(cls, schema: SchemaModel) -> PythonNames:
        """The names of a schema: clean names stay, others change as little as can be."""
        classes = allocated(schema.classes)
        taken = set(classes.values())
        enums = allocated(schema.enums, taken)
        taken |= set(enums.values())
        types = allocated((n for n, t in schema.types.items() if not t.builtin), taken)
        taken |= set(types.values())
        slots = dict.fromkeys(slot for found in schema.classes.values() for slot in found.slots)
        fields = allocated(slots, RESERVED_FIELDS | taken)
        return cls(classes, enums, types, fields, BUILTINS & (taken | set(fields.values())))

    def builtin(self, name: str) -> str:
        """How the module writes a built-in: by its name, or by a private alias."""
        return f"_{name}" if name in self.aliased else name


# -- small trees ---------------------------------------------------------------------------------


def name(identifier: str) -> ast.Name:
    """A name that is read. The identifier has been checked."""
    assert identifier.isidentifier()
    return ast.Name(identifier, ast.Load())


def constant(value: str | int | float | bool | None) -> ast.expr:
    """A plain value; negative numbers are written as Python parses them."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def call(function: str, *args: ast.expr, **words: ast.expr) -> ast.Call:
    """A call of a name."""
    return ast.Call(name(function), list(args), [ast.keyword(word, value) for word, value in words.items()])


def subscript(generic: str, *parts: ast.expr) -> ast.Subscript:
    """``generic[parts]``."""
    inner = parts[0] if len(parts) == 1 else ast.Tuple(list(parts), ast.Load())
    return ast.Subscript(name(generic), inner, ast.Load())


def union(parts: list[ast.expr]) -> ast.expr:
    """``a | b | c``, each part once."""
    distinct = list({ast.dump(part): part for part in parts}.values())
    found, *rest = distinct
    for part in rest:
        found = ast.BinOp(found, ast.BitOr(), part)
    return found


def annotated(base: ast.expr, extras: list[ast.expr]) -> ast.expr:
    """``Annotated[base, extras]``, or the base alone."""
    return subscript("_Annotated", base, *extras) if extras else base


# -- annotations ---------------------------------------------------------------------------------


class Annotations:
    """Makes the annotations of one module."""

    def __init__(self, schema: SchemaModel, names: PythonNames) -> None:
        self.schema = schema
        self.names = names

    def slot(self, slot: SlotModel) -> tuple[ast.expr, bool]:
        """The annotation of a field, and whether a value has to be given."""
        value = value_of(self.schema, slot)
        count = count_of(slot)
        optional = count.minimum == 0
        if slot.many:
            found = self._collection(slot, value, count)
        elif count.maximum == 0 and optional:
            return ast.Constant(None), False
        elif count.minimum > 1 or count.maximum == 0:
            return name("_Never"), True
        else:
            found = self.value(value)
        return (union([found, ast.Constant(None)]) if optional else found), not optional

    def undeclared(self, slot: SlotModel) -> ast.expr:
        """The annotation of what an open class takes under keys that are no slots: null always."""
        found, needed = self.slot(slot)
        values = union([found, ast.Constant(None)]) if needed else found
        return subscript(self.names.builtin("dict"), name(self.names.builtin("str")), values)

    def _collection(self, slot: SlotModel, value: Value, count: Count) -> ast.expr:
        limits: dict[str, ast.expr] = {}
        if count.minimum:
            limits["min_length"] = constant(count.minimum)
        if count.maximum is not None:
            limits["max_length"] = constant(count.maximum)
        extras: list[ast.expr] = [call("_Field", **limits)] if limits else []
        item = self.value(value)
        distinct = [call("_distinct")] if self._has_keys(slot, value) else []
        if not value.keyed:
            return annotated(subscript(self.names.builtin("list"), item), [*extras, *distinct])
        cls = self.schema.classes[slot.range or ""]
        identifier = cls.slots[cls.identifier or ""]
        key = value_of(self.schema, identifier)
        spelling = key.primitive if key.primitive in SPELLED else None
        spelled = [constant(self.names.slots[identifier.name]), constant(identifier.name)]
        words: dict[str, ast.expr] = {"kind": constant(str(spelling))} if spelling else {}
        text = name(self.names.builtin("str"))
        mapping = subscript(
            self.names.builtin("dict"), text if spelling or slot.range is None else self.value(key), item
        )
        return annotated(mapping, [*extras, call("_keyed", *spelled, **words), *distinct, call("_unkeyed", *spelled)])

    def _has_keys(self, slot: SlotModel, value: Value) -> bool:
        """Whether the objects of a collection have to be distinct; texts as keys of a mapping are so already."""
        if value.kind is not Kind.OBJECT or slot.range not in self.schema.classes:
            return False
        cls = self.schema.classes[slot.range]
        texts = value.keyed and value_of(self.schema, cls.slots[cls.identifier or ""]).primitive not in SPELLED
        keys = [
            key for name in self.schema.concrete(cls.name) for key in unique_of(self.schema, self.schema.classes[name])
        ]
        return any(name or not texts for name, *_ in keys)

    def value(self, value: Value) -> ast.expr:
        """The annotation of one value, null excluded."""
        groups = list(value.groups)
        base = self._base(value)
        if value.kind is Kind.ANY and value.name is None:
            chosen = next((group for group in groups if group[0] != "none_of"), None)
            if chosen is not None:
                base = self._of_parts(*chosen)
                if chosen[0] == "any_of":
                    groups.remove(chosen)
        extras = self._facets(value)
        for group, parts in groups:
            extras.append(call(f"_{group}", *(self.value(part) for part in parts)))
        return annotated(base, extras)

    def _of_parts(self, group: str, parts: tuple[Value, ...]) -> ast.expr:
        """The type that the parts of a boolean constraint allow, where the slot itself gives none."""
        found = [self.value(part) for part in parts]
        if group == "all_of":
            ranged = [each for each, part in zip(found, parts, strict=True) if part.kind is not Kind.ANY]
            return (ranged or found)[0]
        return union(found)

    def _base(self, value: Value) -> ast.expr:
        match value.kind:
            case Kind.ANY:
                return name("_Anything")
            case Kind.ENUM:
                return name(self.names.enums[value.name or ""])
            case Kind.OBJECT:
                cls = self.schema.classes[value.name or ""]
                found = name(self.names.classes[cls.name])
                # An object of a class below has more slots than the declared class would write.
                return subscript("_SerializeAsAny", found) if designator_of(cls) else found
            case _:
                assert value.type_ is not None
                declared = self.schema.types.get(value.type_.name)
                if declared == value.type_ and not declared.builtin:
                    return name(self.names.types[declared.name])
                return self.type_(value.type_)

    def type_(self, type_: TypeModel) -> ast.expr:
        """The annotation that a schema's own type stands for."""
        base = name(self.names.builtin(_PRIMITIVES[type_.primitive]))
        extras: list[ast.expr] = []
        for index, pattern in enumerate(type_.patterns):
            extras.append(self._pattern(pattern, native=not index and type_.primitive is Primitive.STRING))
        extras += self._bounds(type_.minimum_value, type_.maximum_value, type_.primitive, native=True)
        if type_.equals_string_in:
            extras.append(call("_equals", *map(constant, type_.equals_string_in)))
        return annotated(base, extras)

    def _facets(self, value: Value) -> list[ast.expr]:
        type_ = value.type_
        extras: list[ast.expr] = []
        if value.pattern is not None:
            plain = type_ is not None and type_.primitive is Primitive.STRING and not type_.patterns
            extras.append(self._pattern(value.pattern, native=plain))
        free = type_ is not None and type_.minimum_value is None and type_.maximum_value is None
        extras += self._bounds(value.minimum, value.maximum, value.primitive, native=free)
        extras += [call("_equals", *map(constant, texts)) for texts in value.texts]
        if value.number is not None:
            words = _binary(value.primitive)
            extras.append(call("_equals_number", constant(decimal_text(value.number)), **words))
        return extras

    def _pattern(self, pattern: str, *, native: bool) -> ast.expr:
        if native:
            return call("_Field", pattern=constant(pattern))
        return call("_pattern", constant(pattern))

    def _bounds(
        self, low: Decimal | None, high: Decimal | None, primitive: Primitive | None, *, native: bool
    ) -> list[ast.expr]:
        given = [bound for bound in (low, high) if bound is not None]
        if not given:
            return []
        if native and primitive in NUMBERS and all(_is_small(bound) for bound in given):
            words = {word: constant(int(bound)) for word, bound in (("ge", low), ("le", high)) if bound is not None}
            return [call("_Field", **words)]
        limits = [constant(None if b is None else decimal_text(b)) for b in (low, high)]
        return [call("_bounds", *limits, **_binary(primitive))]


def _binary(primitive: Primitive | None) -> dict[str, ast.expr]:
    return {"binary": constant(True)} if primitive is Primitive.FLOAT else {}


def _is_small(bound: Decimal) -> bool:
    """Whether a bound is a whole number that a double holds exactly."""
    return bound == bound.to_integral_value() and abs(bound) < 2**53

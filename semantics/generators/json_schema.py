"""JSON Schema (draft 2020-12) of a schema: one closed definition a class, the same verdict as the checker.

Null counts as absent, so what is optional may be null. Where a class has subclasses, ``<name>!any`` chooses
by the type designator; ``<name>!keyed`` is an object that stands under its identifier and may leave it out.
What JSON Schema cannot say stands in :mod:`semantics.generators.gaps`, and so does where linkml's own generator
falls short.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from semantics.generators.constraints import (
    Count,
    Kind,
    Value,
    alternatives,
    condition_count,
    conditions_of,
    count_of,
    designations,
    designator_of,
    part_of,
    patterns_of,
    rules_of,
    value_of,
)
from semantics.generators.lexical_patterns import PATTERNS, is_portable
from semantics.lexical import Primitive
from semantics.schema.model import (
    ClassExpression,
    ClassModel,
    Form,
    Rule,
    SchemaModel,
    SlotExpression,
    SlotModel,
    TypeModel,
)

__all__ = ["json_schema"]

Json = dict[str, Any]

_PRIMITIVES: Final[dict[Primitive, Json]] = {
    Primitive.STRING: {"type": "string"},
    Primitive.INTEGER: {"type": "integer"},
    Primitive.DECIMAL: {"type": "number"},
    Primitive.FLOAT: {"type": "number"},
    Primitive.BOOLEAN: {"type": "boolean"},
    Primitive.DATE: {"type": "string", "format": "date"},
    Primitive.DATETIME: {"type": "string", "format": "date-time"},
    Primitive.TIME: {"type": "string", "format": "time"},
    Primitive.URI: {"type": "string", "format": "iri"},
}
_KEYS: Final[dict[Primitive, Json]] = {
    Primitive.INTEGER: {"pattern": "^[+-]?[0-9]+$"},
    Primitive.DECIMAL: {"pattern": "^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)$"},
    Primitive.FLOAT: {"pattern": "^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?$"},
    Primitive.BOOLEAN: {"enum": ["true", "false", "1", "0"]},
}
_NULL: Final[Json] = {"type": "null"}
# Keywords that say nothing about null, so that null can simply be added to ``type``.
_INDIFFERENT: Final = frozenset({
    "type", "format", "pattern", "minimum", "maximum", "items", "minItems", "maxItems", "minProperties",
    "maxProperties", "additionalProperties", "propertyNames", "description", "$comment",
})  # fmt: skip


def json_schema(schema: SchemaModel) -> str:
    """The text of the JSON Schema: two-space indent, keys in a fixed order, ends in a line feed.

    An instance of the ``tree_root`` class is valid; where there is none, of any concrete class.
    """
    writer = _Definitions(schema)
    root = writer.root()
    writer.finish()
    document: Json = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": schema.id,
        "title": schema.title or schema.name,
    }
    if schema.description:
        document["description"] = schema.description
    if schema.version:
        document["$comment"] = f"version {schema.version}"
    document |= root
    document["$defs"] = dict(sorted(writer.found.items()))
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


class _Definitions:
    """Collects ``$defs`` as they are referred to."""

    def __init__(self, schema: SchemaModel) -> None:
        self.schema = schema
        self.found: dict[str, Json] = {}
        self.waiting: list[tuple[str, Callable[[], Json]]] = []

    def root(self) -> Json:
        """What a whole document may be."""
        every = [name for name, cls in self.schema.classes.items() if not (cls.abstract or cls.mixin)]
        if root := self.schema.tree_root:
            for name in every:
                self.definition(name)
            return self.object(root)
        if not every:
            return {"not": {}}
        return {"anyOf": [self.definition(name) for name in every]}

    # -- classes -----------------------------------------------------------------------------

    def object(self, name: str, *, keyed: bool = False) -> Json:
        """A reference to what may stand where class ``name`` is the range of an object."""
        choices = alternatives(self.schema, name)
        if not choices:
            return {"not": {}}
        if choices == (name,):
            return self.definition(name, keyed=keyed)
        key = f"{name}!any!keyed" if keyed else f"{name}!any"
        self._later(key, lambda: self._choice(name, choices, keyed=keyed))
        return _pointer(key)

    def _choice(self, name: str, choices: tuple[str, ...], *, keyed: bool) -> Json:
        """One of several classes, by the designator; the declared one where there is none."""
        cls = self.schema.classes[name]
        slot = designator_of(cls)
        designator = slot.name if slot else ""
        others: list[str] = []
        branches: list[Json] = []
        for choice in choices:
            if choice != name:
                texts = designations(self.schema, cls, self.schema.classes[choice])
                test = {"required": [designator], "properties": {designator: {"enum": list(texts)}}}
                branches.append({"if": test, "then": self.definition(choice, keyed=keyed)})
                others += texts
        named = {"required": [designator], "properties": {designator: {"enum": others}}}
        rest = self.definition(name, keyed=keyed) if name in choices else {"not": {}}
        return {
            "description": f"{name}, or what the type designator says.",
            "type": "object",
            "allOf": [*branches, {"if": named, "else": rest}],
        }

    def definition(self, name: str, *, keyed: bool = False) -> Json:
        """A reference to the closed definition of one concrete class."""
        key = f"{name}!keyed" if keyed else name
        self._later(key, lambda: self._class(self.schema.classes[name], keyed=keyed))
        return _pointer(key)

    def _later(self, key: str, make: Callable[[], Json]) -> None:
        """Have a definition made, once, when it is its turn: classes refer to one another in circles."""
        if key not in self.found:
            self.found[key] = {}
            self.waiting.append((key, make))

    def finish(self) -> None:
        """Make everything that is referred to."""
        while self.waiting:
            key, make = self.waiting.pop()
            self.found[key] = make()

    def _class(self, cls: ClassModel, *, keyed: bool) -> Json:
        found: Json = {"title": cls.title or cls.name}
        if cls.description:
            found["description"] = cls.description
        if cls.deprecated is not None:
            found["deprecated"] = True
        found["type"] = "object"
        found["properties"] = {name: self._slot(cls, slot, keyed=keyed) for name, slot in cls.slots.items()}
        needed = [
            name for name, slot in cls.slots.items() if count_of(slot).minimum >= 1 and not (keyed and slot.identifier)
        ]
        if needed:
            found["required"] = needed
        found["additionalProperties"] = self._extra(cls.extra)
        if conditions := self._conditions(cls):
            found["allOf"] = conditions
        return found

    def _extra(self, slot: SlotModel | None) -> Json | bool:
        """What may stand under a key that is no slot."""
        if slot is None:
            return False
        value, count = value_of(self.schema, slot), count_of(slot)
        if value.kind is Kind.ANY and value.bare and not slot.many and count == Count(0, 1):
            return True
        found = self._counted(slot, self.value(value), value, count)
        return _or_null(found) if count.minimum else found

    # -- slots -------------------------------------------------------------------------------

    def _slot(self, cls: ClassModel, slot: SlotModel, *, keyed: bool) -> Json:
        value = value_of(self.schema, slot)
        item = self.value(value)
        if slot == designator_of(cls):
            item = _all([item, {"enum": list(designations(self.schema, cls, cls))}])
        count = count_of(slot)
        if keyed and slot.identifier:
            count = Count(0, 1)
        found = self._counted(slot, item, value, count)
        prose: Json = {}
        if slot.title:
            prose["title"] = slot.title
        if slot.description:
            prose["description"] = slot.description
        if slot.deprecated is not None:
            prose["deprecated"] = True
        return prose | found

    def _counted(self, slot: SlotModel | None, item: Json, value: Value, count: Count) -> Json:
        """The whole value of a slot: one, a list or a mapping of ``item``; null where it may be absent."""
        if slot is None or not slot.multivalued:
            if count.maximum == 0 and count.minimum == 0:
                return dict(_NULL)
            if count.minimum > 1 or count.maximum == 0:
                return {"not": {}}
            return item if count.minimum == 1 else _or_null(item)
        found: Json
        if value.keyed or slot.form is Form.KEYED:
            found = {"type": "object", "additionalProperties": item}
            if keys := self._keys(slot):
                found["propertyNames"] = keys
            low, high = "minProperties", "maxProperties"
        else:
            found = {"type": "array", "items": item}
            low, high = "minItems", "maxItems"
        if count.minimum:
            found[low] = count.minimum
        if count.maximum is not None:
            found[high] = count.maximum
        return found if count.minimum else _or_null(found)

    def _keys(self, slot: SlotModel) -> Json:
        """What the keys of a mapping by identifier look like."""
        cls = self.schema.classes[slot.range or ""]
        if cls.identifier is None:
            return {}
        value = value_of(self.schema, cls.slots[cls.identifier])
        if value.primitive is not None and value.primitive in _KEYS:
            return dict(_KEYS[value.primitive])
        found = self.value(value)
        return {} if found == {"type": "string"} else found

    # -- single values -----------------------------------------------------------------------

    def value(self, value: Value) -> Json:
        """One value, never null."""
        found = self._range(value)
        more: list[Json] = []
        if value.pattern is not None and self._is_text(value):
            more.append(_pattern(value.pattern))
        bounds = _bounds(value.minimum, value.maximum)
        if bounds:
            more.append({"type": "number"} | bounds)
        more += [{"enum": list(texts)} for texts in value.texts]
        if value.number is not None:
            more.append({"const": _number(value.number)})
        for name, parts in value.groups:
            said = [self._portable(part) for part in parts]
            more.append(self._group(name, [self.value(part) for part in parts], said))
        return _all([found, *more])

    def _is_text(self, value: Value) -> bool:
        if value.kind is Kind.ANY:
            return True
        return value.kind is Kind.ENUM or (
            value.type_ is not None and _PRIMITIVES.get(value.type_.primitive, {"type": "string"})["type"] == "string"
        )

    def _range(self, value: Value) -> Json:
        match value.kind:
            case Kind.ANY:
                if value.pattern is not None:
                    return {"type": ["string", "number", "boolean"]}
                return {"not": dict(_NULL)}
            case Kind.ENUM:
                return self._enum(value.name or "")
            case Kind.OBJECT:
                return self.object(value.name or "", keyed=value.keyed)
            case _:
                assert value.type_ is not None
                return self._type(value.type_, named=value.kind is Kind.SCALAR)

    def _type(self, type_: TypeModel, *, named: bool) -> Json:
        if type_.builtin and type_.primitive in PATTERNS:
            type_ = self.schema.types[type_.primitive.value]
        elif type_.builtin or not named:
            return _type_facets(type_)
        key = self._key(type_.name, "type")
        if key not in self.found:
            prose = {"description": type_.description} if type_.description else {}
            self.found[key] = prose | _type_facets(type_)
        return _pointer(key)

    def _enum(self, name: str) -> Json:
        key = self._key(name, "enum")
        if key not in self.found:
            enum = self.schema.enums[name]
            prose = {"description": enum.description} if enum.description else {}
            self.found[key] = prose | {"enum": list(enum.values)} if enum.values else {"not": {}}
        return _pointer(key)

    def _key(self, name: str, kind: str) -> str:
        taken = name in self.schema.classes or (kind == "type" and name in self.schema.enums)
        return f"{name}!{kind}" if taken else name

    def _group(self, name: str, parts: list[Json], said: list[bool]) -> Json:
        """A boolean constraint; of parts that are not wholly ``said`` nothing may be negated."""
        match name:
            case "all_of":
                return {"allOf": parts}
            case "none_of":
                sure = [part for part, whole in zip(parts, said, strict=True) if whole]
                return {"not": {"anyOf": sure}} if sure else {}
            case "exactly_one_of" if all(said):
                return {"oneOf": parts}
            case _:
                return {"anyOf": parts}

    def _portable(self, value: Value) -> bool:
        """Whether a value is said with every pattern that it has."""
        own = (*(value.type_.patterns if value.type_ else ()), *((value.pattern,) if value.pattern is not None else ()))
        inner = (part for _, parts in value.groups for part in parts)
        return all(map(is_portable, own)) and all(map(self._portable, inner))

    # -- conditions on whole objects ---------------------------------------------------------

    def _conditions(self, cls: ClassModel) -> list[Json]:
        found = [self._rule(cls, rule) for rule in rules_of(cls)]
        found += [self._test(cls, stated, strict=False) for stated, _ in conditions_of(self.schema, cls)]
        return [condition for condition in found if condition]

    def _rule(self, cls: ClassModel, rule: Rule) -> Json:
        if not self._sayable(rule.preconditions, rule.postconditions, rule.elseconditions):
            return {}
        before, after, otherwise = (
            self._test(cls, part or ClassExpression(), strict=True)
            for part in (rule.preconditions, rule.postconditions, rule.elseconditions)
        )
        found: Json = {"description": rule.description} if rule.description else {}
        found |= {"if": before, "then": after}
        other = [otherwise] if otherwise else []
        if rule.bidirectional:
            other.append({"not": after})
        if other:
            found["else"] = _all(other)
        return found

    def _test(self, cls: ClassModel, expression: ClassExpression, *, strict: bool) -> Json:
        """A condition on an object of exactly the class ``cls``."""
        if expression.is_a is not None and not self.schema.is_a(cls.name, expression.is_a):
            return {"not": {}}
        tests = [
            self._slot_test(cls, name, condition, strict=strict)
            for name, condition in expression.slot_conditions.items()
        ]
        for name in ("any_of", "all_of", "none_of", "exactly_one_of"):
            if parts := getattr(expression, name):
                inner = strict or name == "none_of"
                said = [self._sayable(part) for part in parts]
                tests.append(self._group(name, [self._test(cls, part, strict=inner) for part in parts], said))
        return _all(tests)

    def _sayable(self, *expressions: ClassExpression | None) -> bool:
        """Whether conditions are said with every pattern that they have."""
        return all(map(is_portable, patterns_of(self.schema, *expressions)))

    def _slot_test(self, cls: ClassModel, name: str, condition: SlotExpression, *, strict: bool) -> Json:
        slot = cls.slots.get(name)
        value = part_of(self.schema, condition, slot.form if slot else Form.SCALAR)
        count = condition_count(condition, strict=strict)
        found: Json = {"properties": {name: self._counted(slot, self.value(value), value, count)}}
        return found | ({"required": [name]} if count.minimum else {})


def _all(parts: list[Json]) -> Json:
    """All of ``parts``: one object where no keyword stands twice, ``allOf`` otherwise."""
    merged: Json = {}
    rest: list[Json] = []
    for part in parts:
        same_type = "type" in part and merged.get("type") == part["type"]
        clash = (part.keys() & merged.keys()) - ({"type"} if same_type else set())
        dependent = {"if", "then", "else", "properties", "additionalProperties"} & part.keys()
        if clash or (merged and (dependent or "$ref" in part)):
            rest.append(part)
        else:
            merged |= part
    return merged | {"allOf": [*merged.pop("allOf", []), *rest]} if rest else merged


def _or_null(found: Json) -> Json:
    if isinstance(found.get("type"), str) and found.keys() <= _INDIFFERENT:
        return found | {"type": [found["type"], "null"]}
    if found.keys() == {"const"}:
        return {"enum": [found["const"], None]}
    return {"anyOf": [found, dict(_NULL)]}


def _type_facets(type_: TypeModel) -> Json:
    found = dict(_PRIMITIVES.get(type_.primitive, {"type": "string"}))
    if type_.primitive in PATTERNS:
        found["pattern"] = PATTERNS[type_.primitive]
        # In some engines "$" matches before a line feed at the end too.
        found["not"] = {"pattern": "\\n$"}
    more: list[Json] = []
    if found["type"] == "string":
        more += [_pattern(pattern) for pattern in type_.patterns]
    if bounds := _bounds(type_.minimum_value, type_.maximum_value):
        more.append({"type": "number"} | bounds)
    if type_.equals_string_in:
        more.append({"enum": list(type_.equals_string_in)})
    return _all([found, *more])


def _pattern(pattern: str) -> Json:
    if is_portable(pattern):
        return {"pattern": pattern}
    return {"$comment": "a pattern that is not portable is left to the checker"}


def _bounds(low: Decimal | None, high: Decimal | None) -> Json:
    pairs = (("minimum", low), ("maximum", high))
    return {key: _number(bound) for key, bound in pairs if bound is not None}


def _number(number: Decimal) -> int | float:
    """A JSON number: whole ones exactly, others as the nearest binary number."""
    return int(number) if number == number.to_integral_value() else float(number)


def _pointer(key: str) -> Json:
    escaped = key.replace("~", "~0").replace("/", "~1")
    unreserved = "-._~!$&'()*+,;=:@/?"
    quoted = "".join(
        char if (char.isascii() and char.isalnum()) or char in unreserved
        else "".join(f"%{byte:02X}" for byte in char.encode())
        for char in escaped
    )  # fmt: skip
    return {"$ref": f"#/$defs/{quoted}"}

"""A linkml ``SchemaDefinition`` made from a :class:`SchemaModel`, for generators that only linkml has.

It has no imports, so linkml opens no file and no socket; every range, URI and inlining is said outright,
so linkml guesses nothing; and it carries no date, version or path. Text from the schema is one line without
control characters, because linkml's templates put it into comments as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from semantics.generators.turtle import safe_iri
from semantics.lexical import Primitive
from semantics.schema.model import (
    ClassModel,
    EnumModel,
    Form,
    SchemaModel,
    SlotExpression,
    SlotModel,
)

if TYPE_CHECKING:
    from linkml_runtime.linkml_model import SchemaDefinition

__all__ = ["Spelling", "comment", "definition"]

_BASES: Final[dict[Primitive, str]] = {
    Primitive.INTEGER: "int",
    Primitive.DECIMAL: "Decimal",
    Primitive.FLOAT: "float",
    Primitive.BOOLEAN: "Bool",
    Primitive.DATE: "XSDDate",
    Primitive.DATETIME: "XSDDateTime",
    Primitive.TIME: "XSDTime",
    Primitive.URI: "URI",
    Primitive.URIORCURIE: "URIorCURIE",
    Primitive.NCNAME: "NCName",
}


@dataclass(frozen=True)
class Spelling:
    """How names, codes and types are spelled for one target.

    ``classes``, ``enums`` and ``slots`` rename elements, ``code`` spells a permissible value, ``titles`` gives the
    label of each value of an enum. ``facets`` says whether constraints on values are passed on.
    """

    classes: Mapping[str, str] = field(default_factory=dict)
    enums: Mapping[str, str] = field(default_factory=dict)
    slots: Mapping[str, str] = field(default_factory=dict)
    bases: Mapping[Primitive, str] = field(default_factory=lambda: _BASES)
    code: Callable[[str], str] = str
    titles: Callable[[EnumModel], Mapping[str, str]] | None = None
    facets: bool = True


def comment(text: str | None) -> str | None:
    r"""One line of text that ends no comment of any language.

    >>> comment("a */ b\nc")
    'a * / b c'
    """
    if not text:
        return None
    shown = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(shown.replace("*/", "* /").replace("/*", "/ *").split())


def definition(schema: SchemaModel, spelling: Spelling) -> SchemaDefinition:
    """The whole schema, imports merged, as linkml's own object."""
    from linkml_runtime.linkml_model import SchemaDefinition

    writer = _Writer(schema, spelling)
    data = {
        "id": safe_iri(schema.id),
        "name": schema.name,
        "prefixes": {prefix: safe_iri(iri) for prefix, iri in schema.namespaces.items() if prefix},
        "default_range": "string",
        "types": writer.types(),
        "enums": {writer.enum_name(name): writer.enum(enum) for name, enum in schema.enums.items()},
        "classes": {
            writer.class_name(name): writer.class_(cls)
            for name, cls in schema.classes.items()
            if not schema.takes_any(name)
        },
    }
    return SchemaDefinition(**data)


class _Writer:
    def __init__(self, schema: SchemaModel, spelling: Spelling) -> None:
        self.schema = schema
        self.spelling = spelling

    def class_name(self, name: str) -> str:
        return self.spelling.classes.get(name, name)

    def enum_name(self, name: str) -> str:
        return self.spelling.enums.get(name, name)

    def types(self) -> dict[str, Any]:
        return {
            name: {"base": self.spelling.bases.get(type_.primitive, "str"), "uri": safe_iri(type_.uri)}
            for name, type_ in self.schema.types.items()
        }

    def enum(self, enum: EnumModel) -> dict[str, Any]:
        titles = self.spelling.titles(enum) if self.spelling.titles else {}
        # A list, because linkml makes attributes of keys, and a code may be called like one of Python's.
        values = []
        for text, value in enum.values.items():
            one = {
                "title": titles.get(text),
                "description": comment(value.description),
                "meaning": safe_iri(value.meaning) if value.meaning else None,
            }
            values.append({"text": self.spelling.code(text)} | _kept(one))
        found: dict[str, Any] = {
            "description": comment(enum.description),
            "enum_uri": safe_iri(enum.uri) if enum.uri else None,
            "permissible_values": values,
        }
        return _kept(found)

    def class_(self, cls: ClassModel) -> dict[str, Any]:
        own = cls.own_slots(self.schema)
        found = {
            "description": comment(cls.description),
            "class_uri": safe_iri(cls.uri),
            "is_a": self.class_name(cls.is_a) if cls.is_a else None,
            "mixins": [self.class_name(mixin) for mixin in cls.mixins],
            "abstract": cls.abstract or None,
            "mixin": cls.mixin or None,
            "attributes": {self.spelling.slots.get(name, name): self.slot(cls.slots[name]) for name in own},
        }
        return _kept(found)

    def slot(self, slot: SlotModel) -> dict[str, Any]:
        found = {
            "description": comment(slot.description),
            "slot_uri": safe_iri(slot.uri),
            "identifier": slot.identifier or None,
            "inlined": True if slot.form in (Form.OBJECT, Form.KEYED) else None,
            "inlined_as_list": True if slot.form is Form.OBJECT and slot.many else None,
            **self.expression(slot),
        }
        return _kept(found)

    def expression(self, slot: SlotExpression) -> dict[str, Any]:
        """The range and cardinality of a slot, and its facets where they are wanted."""
        found: dict[str, Any] = {
            "range": self._range(slot.range),
            "required": slot.required or None,
            "multivalued": slot.multivalued or None,
        }
        if not self.spelling.facets:
            return _kept(found)
        found |= {
            "pattern": slot.pattern,
            "minimum_value": _whole(slot.minimum_value),
            "maximum_value": _whole(slot.maximum_value),
            "minimum_cardinality": slot.minimum_cardinality,
            "maximum_cardinality": slot.maximum_cardinality,
            "exact_cardinality": slot.exact_cardinality,
            "equals_string": slot.equals_string,
            "equals_string_in": list(slot.equals_string_in),
        }
        for name, parts in slot.boolean:
            found[name] = [self.expression(part) for part in parts]
        return _kept(found)

    def _range(self, name: str | None) -> str | None:
        if name is None or self.schema.takes_any(name):
            return "string" if name else None
        if name in self.schema.classes:
            return self.class_name(name)
        return self.enum_name(name) if name in self.schema.enums else name


def _whole(bound: Decimal | None) -> int | None:
    """A bound that linkml can hold; its own bounds are whole numbers."""
    return int(bound) if bound is not None and bound == bound.to_integral_value() else None


def _kept(found: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if value not in (None, [], {})}

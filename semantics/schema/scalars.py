"""The scalar side of a schema: types brought down to their value spaces, enums with their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from semantics.errors import closest, escaped
from semantics.schema.expressions import ExpressionReader, names_of, number, text_of
from semantics.schema.iris import Iris
from semantics.schema.load import Element, SchemaFiles, check_keys
from semantics.schema.model import EnumModel, PermissibleValue, TypeModel
from semantics.schema.types import BUILTIN_TYPES

__all__ = ["ScalarResolver"]

_BASES: Final = {
    "str": "string", "int": "integer", "float": "float", "Bool": "boolean", "bool": "boolean",
    "Decimal": "decimal", "XSDTime": "time", "XSDDate": "date", "XSDDateTime": "datetime",
    "URIorCURIE": "uriorcurie", "Curie": "curie", "URI": "uri", "NCName": "ncname",
    "ElementIdentifier": "uriorcurie", "NodeIdentifier": "uriorcurie",
}  # fmt: skip
_XSD_TYPES: Final = {
    "xsd:string": "string", "xsd:integer": "integer", "xsd:int": "integer", "xsd:long": "integer",
    "xsd:decimal": "decimal", "xsd:float": "float", "xsd:double": "double",
    "xsd:boolean": "boolean", "xsd:date": "date", "xsd:dateTime": "datetime", "xsd:time": "time",
    "xsd:anyURI": "uri",
}  # fmt: skip


class ScalarResolver:
    """Resolves the types and enums of a schema."""

    def __init__(self, files: SchemaFiles, iris: Iris, reader: ExpressionReader) -> None:
        self.files, self.iris, self.reader = files, iris, reader
        self.types: dict[str, TypeModel] = dict(BUILTIN_TYPES)

    def all_types(self) -> dict[str, TypeModel]:
        """Every type by name, the built-in ones among them."""
        for name, element in self.files.types.items():
            if name in BUILTIN_TYPES and not _restates(element, BUILTIN_TYPES[name]):
                self.files.error(
                    "SCH012", f"type '{name}' is defined here and in linkml:types", element.location(),
                    "give the type a name of its own, with typeof",
                )  # fmt: skip
        for name in self.files.types:
            if name not in BUILTIN_TYPES:
                self._type(name, ())
        return self.types

    def _type(self, name: str, below: tuple[str, ...]) -> TypeModel | None:
        element = self.files.types.get(name)
        if name in self.types or element is None:
            return self.types.get(name)
        if name in below:
            chain = " -> ".join((*below[below.index(name) :], name))
            self.files.error("SCH007", f"types form a cycle: {chain}", element.location("typeof"))
            return None
        parent = self._parent_type(element, (*below, name))
        pattern = self.reader.pattern(element)
        low, high = (number(self.files, element, key) for key in ("minimum_value", "maximum_value"))
        one_of = names_of(element.data.get("equals_string_in"))
        if single := text_of(element.data.get("equals_string")):
            one_of = (single,)
        self.types[name] = TypeModel(
            name=name,
            primitive=parent.primitive,
            uri=self.iris.expanded(uri, element, "uri") if (uri := text_of(element.data.get("uri"))) else parent.uri,
            description=text_of(element.data.get("description")),
            patterns=(*parent.patterns, *((pattern,) if pattern else ())),
            minimum_value=low if low is not None else parent.minimum_value,
            maximum_value=high if high is not None else parent.maximum_value,
            equals_string_in=one_of or parent.equals_string_in,
            as_text=parent.as_text if "repr" not in element.data else element.data["repr"] == "str",
            from_schema=element.schema,
            location=element.location(),
        )
        return self.types[name]

    def _parent_type(self, element: Element, below: tuple[str, ...]) -> TypeModel:
        string = BUILTIN_TYPES["string"]
        typeof = text_of(element.data.get("typeof"))
        if typeof is not None:
            parent = self._type(typeof, below)
            if parent is None and typeof not in self.files.types:
                self.files.error(
                    "SCH006", f"type '{escaped(typeof)}' is not defined", element.location("typeof"),
                    closest(typeof, self.types),
                )  # fmt: skip
            return parent or string
        base = text_of(element.data.get("base"))
        if base is not None:
            if base not in _BASES:
                self.files.error(
                    "SCH011", f"'{escaped(base)}' is not a base that LinkML types have",
                    element.location("base"), f"use typeof with one of {', '.join(BUILTIN_TYPES)}",
                )  # fmt: skip
            return BUILTIN_TYPES[_BASES.get(base, "string")]
        return BUILTIN_TYPES[_XSD_TYPES.get(text_of(element.data.get("uri")) or "", "string")]

    def enum(self, element: Element) -> EnumModel:
        """An enum with its permissible values, inherited ones first."""
        values: dict[str, PermissibleValue] = {}
        for parent in names_of(element.data.get("inherits")) or ():
            if parent in self.files.enums and parent != element.name:
                values |= self.enum(self.files.enums[parent]).values
        data = element.data.get("permissible_values") or {}
        named = _permissible(self.files, element, data)
        for text, value in named:
            meaning = text_of(value.data.get("meaning"))
            values[text] = PermissibleValue(
                text=text,
                description=text_of(value.data.get("description")),
                title=text_of(value.data.get("title")),
                meaning=self.iris.expanded(meaning, value, "meaning") if meaning else None,
                deprecated=text_of(value.data.get("deprecated")),
                location=value.location(),
            )
        return EnumModel(
            name=element.name,
            values=values,
            description=text_of(element.data.get("description")),
            uri=self.iris.of(element, "enum_uri", element.name),
            from_schema=element.schema,
            location=element.location(),
        )


def _permissible(files: SchemaFiles, element: Element, data: Any) -> Iterator[tuple[str, Element]]:
    """The permissible values of an enum: any text may be one, so names are not checked."""
    pairs: list[tuple[str, str | int, Any]] = []
    if isinstance(data, Mapping):
        pairs = [(str(text), text, value) for text, value in data.items()]
    elif isinstance(data, list):
        for index, item in enumerate(data):
            text = text_of(item.get("text")) if isinstance(item, Mapping) else text_of(item)
            pairs.append((text or "", index, item if isinstance(item, Mapping) else None))
    for text, step, value in pairs:
        path = (*element.path, "permissible_values", step)
        given = {"description": value} if isinstance(value, str) else value or {}  # LinkML's short form
        found = Element(text, given, element.document, path, element.schema)
        if not isinstance(found.data, Mapping):
            files.error("SCH002", f"permissible value '{escaped(text)}' must be a mapping",
                        element.location("permissible_values", step))  # fmt: skip
            continue
        check_keys(files, "permissible value", found)
        yield text, found


def _restates(element: Element, builtin: TypeModel) -> bool:
    """A copy of a built-in type (schemas that carry linkml:types merged in) is no conflict."""
    base = text_of(element.data.get("base"))
    if base is None:
        return "typeof" not in element.data
    parent = BUILTIN_TYPES.get(_BASES.get(base, ""))
    return parent is not None and (parent.primitive is builtin.primitive or base == "str")

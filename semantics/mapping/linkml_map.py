"""The wire form of a linkml-map specification: that tool's own metamodel (0.5.x), read as it reads it.

It is read beside the language's own :mod:`~semantics.mapping.spec` because ``compat: linkml-map`` has to
take exactly what the tool takes, and to lower what the tool does with it, including keys that it ignores.
Every derivation remembers in ``at`` where it stands in the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from semantics.errors import Diagnostic, MappingError, closest, escaped
from semantics.yaml_source import MarkedDocument, Plain

__all__ = [
    "COMPAT",
    "IGNORED",
    "Aliased",
    "Classes",
    "Enums",
    "Offset",
    "Pivot",
    "Slots",
    "Specification",
    "Stringification",
    "Unit",
    "compat_of",
    "parts_of",
    "read_specification",
]

COMPAT: Final = "linkml-map"

IGNORED: Final = frozenset({
    "copy_directives", "overrides", "expression_to_value_mappings", "expression_to_expression_mappings",
    "derived_from", "inverse_of", "type_designator", "target_definition", "aggregation_operation",
})  # fmt: skip
"""Keys of derivations that the tool reads and does not act on when it maps data."""

Path_ = tuple[str | int, ...]


def _text(value: Any) -> Any:
    """One text where the tool takes a number, or a list of texts, for one."""
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, Plain):
        return value.text
    return str(value) if isinstance(value, int) else value


def _texts(value: Any) -> Any:
    return [value] if isinstance(value, str) else value or []


def _scalars(value: Any) -> Any:
    return value if isinstance(value, list) else [] if value is None else [value]


Text = Annotated[str, BeforeValidator(_text)]
Texts = Annotated[list[Text], BeforeValidator(_texts)]
Ignored = Annotated[Any, Field(description="the tool reads this and does nothing with it when it maps data")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True)


class _Component(_Part):
    description: Ignored = None
    implements: Ignored = None
    comments: Ignored = None


class KeyValue(_Part):
    """An entry of a table; only ``value`` counts, the key stands in front of it."""

    key: Text
    value: Any = None


class _Element(_Component):
    name: Text
    at: Path_ = ()
    copy_directives: Ignored = None
    overrides: Ignored = None
    is_a: Text | None = None
    mixins: Texts = []
    value_mappings: dict[str, KeyValue] = {}
    expression_mappings: dict[str, KeyValue] = {}
    expression_to_value_mappings: dict[str, KeyValue] = {}
    expression_to_expression_mappings: dict[str, KeyValue] = {}
    mirror_source: bool | None = None


class Unit(_Part):
    """``unit_conversion``: of a plain number, or of an object with a magnitude and a unit."""

    target_unit: Text | None = None
    target_unit_scheme: Text | None = None
    source_unit: Text | None = None
    source_unit_scheme: Text | None = None
    source_unit_slot: Text | None = None
    source_magnitude_slot: Text | None = None
    target_unit_slot: Text | None = None
    target_magnitude_slot: Text | None = None
    none_if_non_numeric: bool | None = None


class Offset(_Part):
    """``offset``: a multiple of another slot, added or taken off."""

    offset_value: float
    offset_field: Text
    offset_reverse: bool | None = None


class Stringification(_Part):
    """``stringification``: a list as one text, or one text as a list (``reversed``)."""

    delimiter: Text | None = None
    reversed: bool | None = None
    over_slots: Texts = []
    syntax: Literal["JSON", "YAML", "TURTLE"] | None = None


class Pivot(_Part):
    """``pivot_operation``: between wide records and rows of variable and value."""

    direction: Literal["MELT", "UNMELT"]
    variable_slot: Text | None = "variable"
    value_slot: Text | None = "value"
    unmelt_to_class: Text | None = None
    unmelt_to_slots: Texts = []
    unit_slot: Text | None = None
    slot_name_template: Text | None = "{variable}"
    source_slots: Texts = []
    id_slots: Texts = []


class Aliased(_Part):
    """A join: rows of another class by a key."""

    alias: Text
    class_named: Text | None = None
    source_key: Text | None = None
    lookup_key: Text | None = None
    join_on: Text | None = None


class Slots(_Element):
    """A slot derivation."""

    populated_from: Text | None = None
    sources: Texts = []
    class_derivations: list[Classes] = []
    derived_from: Ignored = None
    expr: Text | None = None
    value: Any = None
    missing_values: Annotated[list[Any], BeforeValidator(_scalars)] = []
    range: Text | None = None
    unit_conversion: Unit | None = None
    inverse_of: Ignored = None
    hide: bool | None = None
    type_designator: Ignored = None
    target_definition: Ignored = None
    cast_collection_as: Literal["SingleValued", "MultiValued", "MultiValuedList", "MultiValuedDict"] | None = None
    dictionary_key: Text | None = None
    stringification: Stringification | None = None
    aggregation_operation: Ignored = None
    pivot_operation: Pivot | None = None
    offset: Offset | None = None


class Classes(_Element):
    """A class derivation."""

    populated_from: Text | None = None
    sources: Ignored = None
    joins: dict[str, Aliased] = {}
    slot_derivations: dict[str, Slots] = {}
    target_definition: Ignored = None
    pivot_operation: Pivot | None = None


class Values(_Element):
    """A permissible value, and the source values that become it."""

    expr: Text | None = None
    populated_from: Annotated[list[Any], BeforeValidator(_scalars)] = []
    hide: Ignored = None


class Enums(_Element):
    """An enum derivation."""

    populated_from: Text | None = None
    sources: Ignored = None
    expr: Text | None = None
    hide: Ignored = None
    permissible_value_derivations: dict[str, Values] = {}


class SchemaReference(_Part):
    """Which schema is meant."""

    name: Text
    version: Text | None = None
    schema_uri: Text | None = None
    source_file: Text | None = None


class Specification(_Component):
    """A whole specification, every section in one spelling."""

    id: Ignored = None
    title: Ignored = None
    publication_date: Ignored = None
    license: Ignored = None
    version: Ignored = None
    prefixes: dict[str, KeyValue] = {}
    copy_directives: Ignored = None
    source_schema: SchemaReference | None = None
    target_schema: SchemaReference | None = None
    source_schema_patches: dict[str, Any] | None = None
    creator: Ignored = None
    author: Ignored = None
    reviewer: Ignored = None
    mapping_method: Ignored = None
    documentation: Ignored = None
    content_url: Ignored = None
    class_derivations: list[Classes] = []
    enum_derivations: dict[str, Enums] = {}
    slot_derivations: dict[str, Slots] = {}


def parts_of(specification: Specification) -> Iterator[_Element]:
    """Every derivation of a specification, those inside others among them."""
    pending: list[_Element] = [*specification.class_derivations, *specification.enum_derivations.values()]
    while pending:
        part = pending.pop(0)
        yield part
        if isinstance(part, Classes):
            pending += part.slot_derivations.values()
        elif isinstance(part, Slots):
            pending += part.class_derivations
        elif isinstance(part, Enums):
            pending += part.permissible_value_derivations.values()


def compat_of(document: MarkedDocument, asked: str | None) -> str | None:
    """The tool whose semantics are wanted: by the caller, else by the mapping's ``compat`` key.

    Raises :class:`MappingError` for a tool that is not known.
    """
    name = asked if asked is not None else document.data.get("compat")
    if name is None or name == COMPAT:
        return name
    shown = escaped(str(name)[:40])
    raise MappingError(Diagnostic("MAP070", f"'{shown}' is not a tool whose semantics are known",
                                  document.location(("compat",)), closest(str(name), [COMPAT]) or COMPAT))  # fmt: skip


def read_specification(document: MarkedDocument) -> Specification:
    """The specification of a document, brought to one spelling.

    Raises :class:`MappingError` for what the tool itself would not read: keys that its model does not have,
    and ``populated_from`` together with ``sources``, or ``object_derivations`` with ``class_derivations``.
    """
    shape = _Shape()
    data = shape.specification(document.data)
    try:
        found = Specification.model_validate(data)
    except ValidationError as fault:
        raise MappingError([_finding(error, data, document) for error in fault.errors(include_url=False)]) from None
    if shape.conflicts:
        raise MappingError([Diagnostic(code, why, document.location(at)) for code, why, at in shape.conflicts])
    return found


def _finding(error: Any, data: Mapping[str, Any], document: MarkedDocument) -> Diagnostic:
    """One of Pydantic's errors at its place: the nearest derivation, and the key below it."""
    at: Path_ = ()
    node: Any = data
    for step in error["loc"]:
        node = node.get(step) if isinstance(node, dict) else node[step] if isinstance(node, list) else None
        if isinstance(node, dict) and "at" in node:
            at = node["at"]
        else:
            at = (*at, step)
    name, said = escaped(str(error["loc"][-1])), error["msg"]
    if error["type"] == "extra_forbidden":
        hint = closest(
            name, {key for part in (Slots, Classes, Enums, Values, Specification) for key in part.model_fields}
        )
        return Diagnostic("MAP071", f"'{name}' is not a key that the tool has here", document.location(at), hint)
    return Diagnostic("MAP071", f"'{name}': {said[:1].lower()}{said[1:]}", document.location(at))


class _Shape:
    """Lists, mappings and one-key mappings of derivations brought to one form, as the tool does."""

    def __init__(self) -> None:
        self.conflicts: list[tuple[str, str, Path_]] = []

    def specification(self, data: Mapping[str, Any]) -> dict[str, Any]:
        found = {key: value for key, value in data.items() if key not in ("compat", "name")}
        found["class_derivations"] = self.classes(data.get("class_derivations"), ("class_derivations",))
        for derivation in found["class_derivations"]:
            self._inherit(derivation, None)
        found["enum_derivations"] = self.named(data.get("enum_derivations"), ("enum_derivations",), self.enum)
        found["slot_derivations"] = self.named(data.get("slot_derivations"), ("slot_derivations",), self.slot)
        prefixes = data.get("prefixes") or {}
        if not isinstance(prefixes, Mapping):
            self.conflicts.append(("MAP071", "'prefixes' must be a mapping of prefix to IRI", ("prefixes",)))
            prefixes = {}
        found["prefixes"] = {
            str(name): value
            if isinstance(value, Mapping) and "key" in value
            else {"key": str(name), "value": _iri(value)}
            for name, value in prefixes.items()
        }
        for key in ("source_schema", "target_schema"):
            if isinstance(data.get(key), str):
                found[key] = {"name": data[key]}
        return found

    def _inherit(self, derivation: dict[str, Any], source: str | None) -> None:
        """A nested derivation without a source has that of the class around it."""
        if not derivation.get("populated_from") and source:
            derivation["populated_from"] = source
        for slot in derivation["slot_derivations"].values():
            for nested in slot["class_derivations"]:
                self._inherit(nested, derivation.get("populated_from"))

    def classes(self, data: Any, at: Path_) -> list[dict[str, Any]]:
        self._collection(data, at)
        return [self.klass(name, value, where) for name, value, where in _entries(data, at)]

    def named(self, data: Any, at: Path_, each: Any) -> dict[str, Any]:
        self._collection(data, at)
        return {name: each(name, value, where) for name, value, where in _entries(data, at)}

    def _collection(self, data: Any, at: Path_) -> None:
        items = list(data.values()) if isinstance(data, Mapping) else data if isinstance(data, list) else [data]
        if any(item is not None and not isinstance(item, Mapping) for item in items):
            self.conflicts.append(("MAP071", f"'{at[-1]}' must be a mapping of derivations", at))

    def klass(self, name: str, data: Mapping[str, Any], at: Path_) -> dict[str, Any]:
        found = self._element(name, data, at)
        slots = (*at, "slot_derivations")
        found["slot_derivations"] = self.named(data.get("slot_derivations"), slots, self.slot)
        found["joins"] = {
            alias: {**value, "alias": alias} for alias, value, _ in _entries(data.get("joins"), (*at, "joins"), "alias")
        }
        return found

    def slot(self, name: str, data: Mapping[str, Any], at: Path_) -> dict[str, Any]:
        found = self._element(name, data, at)
        if found.get("value") is not None and found.get("range") is None:
            found["range"] = "string"
        older = found.pop("object_derivations", None)
        found["class_derivations"] = self.classes(data.get("class_derivations"), (*at, "class_derivations"))
        if older and found["class_derivations"]:
            why = "'object_derivations' and 'class_derivations' are two spellings of the same: keep one"
            self.conflicts.append(("MAP072", why, at))
        for index, part in enumerate(older if isinstance(older, list) else []):
            where = (*at, "object_derivations", index, "class_derivations")
            found["class_derivations"] += self.classes((part or {}).get("class_derivations"), where)
        return found

    def enum(self, name: str, data: Mapping[str, Any], at: Path_) -> dict[str, Any]:
        found = self._element(name, data, at)
        values = (*at, "permissible_value_derivations")
        found["permissible_value_derivations"] = self.named(
            data.get("permissible_value_derivations"), values, self.value
        )
        return found

    def value(self, name: str, data: Mapping[str, Any], at: Path_) -> dict[str, Any]:
        found = self._element(name, data, at)
        sources = found.pop("sources", None)
        given = found.get("populated_from")
        if sources and given:
            self.conflicts.append(
                ("MAP072", "'populated_from' and 'sources' are two spellings of the same: keep one", at)
            )
        if given is None or given == [None]:
            found["populated_from"] = sources
        return found

    def _element(self, name: str, data: Mapping[str, Any], at: Path_) -> dict[str, Any]:
        """What all derivations have: a name, and tables whose entries may be written short."""
        found = {key: value for key, value in data.items() if value is not None or key not in _KNOWN}
        if not name and not data.get("name"):
            self.conflicts.append(("MAP071", "a derivation has a name", at))
        for key in ("value_mappings", "expression_mappings", "expression_to_value_mappings",
                    "expression_to_expression_mappings"):  # fmt: skip
            if isinstance(found.get(key), list):
                found[key] = {
                    str(item["key"]): item for item in found[key] if isinstance(item, Mapping) and "key" in item
                }
            if isinstance(found.get(key), Mapping):
                found[key] = {
                    _key(entry): value
                    if isinstance(value, Mapping) and "key" in value
                    else {"key": _key(entry), "value": _of(value)}
                    for entry, value in found[key].items()
                }
        return {**found, "name": data.get("name", name), "at": at}


_KNOWN: Final = frozenset(name for part in (Classes, Slots, Enums, Values) for name in part.model_fields)
"""Every key of a derivation; one without a value counts as not there."""


def _of(value: Any) -> Any:
    return value["value"] if isinstance(value, Mapping) and set(value) == {"value"} else value


def _iri(value: Any) -> Any:
    return value.get("prefix_reference", value.get("value")) if isinstance(value, Mapping) else value


def _key(value: Any) -> str:
    return str(value)


def _entries(data: Any, at: Path_, key: str = "name") -> Iterator[tuple[str, Mapping[str, Any], Path_]]:
    """Derivations by name, in any spelling."""
    if isinstance(data, Mapping):
        for name, value in data.items():
            yield str(name), value if isinstance(value, Mapping) else {}, (*at, name)
    for index, item in enumerate(data if isinstance(data, list) else []):
        if not isinstance(item, Mapping):
            continue
        if key not in item and len(item) == 1:
            ((name, value),) = item.items()
            if value is None or isinstance(value, Mapping):
                yield str(name), value or {}, (*at, index, name)
                continue
        yield str(item.get(key, "")), item, (*at, index)

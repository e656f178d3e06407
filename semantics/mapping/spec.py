"""The wire form of a mapping: linkml-map's ``TransformationSpecification`` with this project's extensions.

Only what is carried out has a field here. A key of the language that is not carried out yet is listed
in :data:`NOT_YET` and refused by name; any other key is a mistake and gets a "did you mean".
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from semantics.yaml_source import Plain

__all__ = [
    "METADATA",
    "NOT_YET",
    "ClassDerivation",
    "Derivation",
    "EnumDerivation",
    "JoinSpec",
    "MappingSpec",
    "RecordSelector",
    "SlotDerivation",
    "SourceSpec",
    "ValueDerivation",
]


def _text(value: Any) -> Any:
    """A YAML scalar where text is meant keeps the spelling it was written with."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Plain):
        return value.text
    return str(value) if isinstance(value, int) else value


Text = Annotated[str, BeforeValidator(_text)]
Scalar = Annotated[Any, Field(description="a constant: text, number, boolean or a list of them")]

METADATA: Final = frozenset({
    "id", "title", "description", "comments", "version", "license", "authors", "author", "creators",
    "creator", "contributors", "publication_date", "created_on", "last_updated_on", "documentation",
    "homepage", "keywords", "see_also", "justification", "confidence", "notes", "examples",
    "publisher", "reviewers", "reviewer", "subject_source", "object_source", "mapping_tool",
    "mapping_tool_version", "mapping_method", "content_url", "citation", "implements",
})  # fmt: skip
"""Prose and FAIR-mappings metadata: kept for documentation, never acted on."""

NOT_YET: Final[dict[str, frozenset[str]]] = {
    "mapping": frozenset({
        "source_schema_patches", "copy_directives", "slot_derivations", "code_maps",
        "tests", "privacy", "compat",
    }),
    "source": frozenset({"timezone", "dialect", "encoding"}),
    "class derivation": frozenset({
        "overrides", "copy_directives", "target_definition",
        "pivot_operation", "aggregation_operation", "group_by", "when_type", "privacy", "sources",
        "object_derivations",
    }),
    "slot derivation": frozenset({
        "unit_conversion", "offset", "stringification", "missing_values", "hide", "cast_collection_as",
        "dictionary_key", "pivot_operation", "aggregation_operation", "inverse_of", "type_designator",
        "object_derivations", "expression_mappings", "expression_to_value_mappings",
        "expression_to_expression_mappings", "copy_directives", "overrides", "target_definition",
        "sources", "derived_from", "mirror_source", "when_type", "group_by", "joins", "privacy",
        "timezone", "empty",
    }),
    "enum derivation": frozenset({
        "expr", "overrides", "hide", "target_definition", "sources",
        "copy_directives",
    }),
    "value derivation": frozenset({
        "expr", "hide", "is_a", "mixins", "overrides", "target_definition", "copy_directives", "value",
    }),
}  # fmt: skip


_MADE: Final = frozenset({"metadata", "parent", "conditions"})
"""Fields that no key of a mapping gives: they are worked out while it is read."""


class _Part(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, arbitrary_types_allowed=True
    )


class ByKey(_Part):
    """The class of a record is the value of one of its keys."""

    by: Text


class RecordSelector(_Part):
    """Where records stand in a document, and of which source class they are.

    ``has`` lists keys that an object must hold to count, ``unless`` keys that it must not, so that two kinds of
    documents can be told apart.
    """

    path: Text = ""
    class_: Text | ByKey | None = Field(default=None, alias="class")
    has: list[Text] = []
    unless: list[Text] = []


class SourceSpec(_Part):
    """How the input is laid out: its format, where its records are, and what is done about surprises.

    ``unknown``: a key or column that the source class does not have is an ``error`` (the default for
    tables) or only counted (``report``, the default for documents). ``wrap_single_values``: a single value
    where the source schema has a list counts as a list of one.
    """

    format: Literal["json", "ndjson", "csv", "tsv"] | None = None
    records: Text | list[RecordSelector] | None = None
    unknown: Literal["error", "report"] | None = None
    wrap_single_values: bool = False


class Derivation(_Part):
    """What every derivation has: its name, the derivations that it builds on, and prose that is kept.

    ``metadata`` holds what documents the derivation (SSSOM's justification, confidence and author among it).
    """

    name: Text
    is_a: Text | None = None
    mixins: list[Text] = []
    description: Text | None = None
    metadata: dict[str, Any] = {}


class ValueDerivation(_Part):
    """A permissible value of the target, and the source values it comes from."""

    name: Text
    populated_from: Text | list[Text] | None = None
    sources: list[Text] = []
    description: Text | None = None
    metadata: dict[str, Any] = {}


class EnumDerivation(Derivation):
    """A target enum, the source enum it comes from, and how the values correspond.

    ``abstract``: it is only there to be inherited from. ``parent``: another derivation inherits from it.
    """

    abstract: bool = False
    parent: bool = False
    populated_from: Text | None = None
    mirror_source: bool = False
    permissible_value_derivations: dict[str, ValueDerivation] = {}


class SlotDerivation(Derivation):
    """How one slot of the target gets its value."""

    populated_from: Text | None = None
    expr: Text | None = None
    value: Scalar = None
    iri: Text | None = None
    range: Text | None = None
    value_mappings: dict[str, Any] | None = None
    unmapped: Literal["error", "null", "pass", "default"] | None = None
    default: Scalar = None
    for_each: Text | None = None
    as_: Text | None = Field(default=None, alias="as")
    where: Text | None = None
    class_derivations: list[ClassDerivation] = []


class JoinSpec(_Part):
    """Records of another class that belong to a record: those whose ``lookup_key`` equals its ``source_key``.

    ``name`` is the alias under which expressions and paths see the partner (``many``: the list of partners).
    ``class_named`` is the source class of the partners (default: the alias). ``join_on`` stands for both keys;
    ``lookup_key`` is else the identifier of the class. A missing partner is null, or the record is rejected
    where one is ``required``; several partners of a join to one reject it, unless ``pick`` says which counts.
    """

    name: Text
    alias: Text | None = None
    class_named: Text | None = None
    source_key: Text | None = None
    lookup_key: Text | None = None
    join_on: Text | None = None
    many: bool = False
    pick: Literal["first", "last"] | None = None
    required: bool = False
    metadata: dict[str, Any] = {}


class ClassDerivation(Derivation):
    """How instances of one target class come from records of one source class.

    ``emit``: "root" (each record gives an instance), "nested" (only where a slot asks for one by its range),
    or "reference" (gives the identifier where a slot refers to such an entity, and no instance).
    ``abstract``: it is only there to be inherited from, and its name need not be a class. ``parent``: another
    derivation inherits from it. ``conditions`` are those of its parents; its own ``where`` is one more.
    """

    abstract: bool = False
    parent: bool = False
    conditions: tuple[str, ...] = ()
    populated_from: Text | None = None
    where: Text | None = None
    emit: Literal["root", "nested", "reference"] | None = None
    joins: dict[str, JoinSpec] = {}
    slot_derivations: dict[str, SlotDerivation] = {}


class MappingSpec(_Part):
    """A whole mapping, as it was written."""

    name: Text
    imports: list[Text] = []
    source_schema: Text | None = None
    target_schema: Text | None = None
    prefixes: dict[str, Text] = {}
    source: SourceSpec = SourceSpec()
    class_derivations: list[ClassDerivation] = []
    enum_derivations: dict[str, EnumDerivation] = {}
    metadata: dict[str, Any] = {}


def keys_of(part: type[BaseModel]) -> frozenset[str]:
    """The keys that a part of a mapping knows."""
    return frozenset(field.alias or name for name, field in part.model_fields.items() if name not in _MADE)

"""The wire form of a mapping: linkml-map's ``TransformationSpecification`` with this project's extensions.

Only what is carried out has a field here. A key of the language that is not carried out yet is listed
in :data:`NOT_YET` and refused by name; any other key is a mistake and gets a "did you mean".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from semantics.yaml_source import Plain

__all__ = [
    "METADATA",
    "NOT_YET",
    "OF_RANGE",
    "REFUSED",
    "AggregationOperation",
    "ClassDerivation",
    "CodeMapSpec",
    "CopyDirective",
    "Derivation",
    "Dialect",
    "EnumDerivation",
    "JoinSpec",
    "MappingSpec",
    "RecordSelector",
    "SchemaReference",
    "SlotDerivation",
    "SourceSpec",
    "TypeTest",
    "UnitConversion",
    "ValueDerivation",
]


def _text(value: Any) -> Any:
    """A YAML scalar where text is meant keeps the spelling it was written with."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Plain):
        return value.text
    return str(value) if isinstance(value, int) else value


def _listed(value: Any) -> Any:
    """A single value where a list is meant is a list of one; null is an empty one."""
    if value is None:
        return []
    return value if isinstance(value, (list, Mapping)) else [value]


Text = Annotated[str, BeforeValidator(_text)]
Texts = Annotated[list[Text], BeforeValidator(_listed)]
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
        "copy_directives",
        "privacy",
    }),
    "source": frozenset(),
    "class derivation": frozenset({

        "privacy",
    }),
    "slot derivation": frozenset({
        "copy_directives",
        "privacy",
    }),
    "unit conversion": frozenset(),
    "enum derivation": frozenset({
        "copy_directives",
    }),
    "value derivation": frozenset({
        "overrides", "target_definition", "copy_directives",
    }),
}  # fmt: skip

_CLASS_ONLY: Final = "say it on the class derivation that holds the slot"
_IN_SLOTS: Final = "say it on the slot derivations"
REFUSED: Final[dict[str, dict[str, str]]] = {
    "mapping": {"slot_derivations": "what a slot means depends on its class: put it into a class derivation"},
    "source": {},
    "class derivation": {
        "aggregation_operation": _IN_SLOTS, "value_mappings": _IN_SLOTS, "expression_mappings": _IN_SLOTS,
        "expression_to_value_mappings": _IN_SLOTS, "expression_to_expression_mappings": _IN_SLOTS,
        "mirror_source": _IN_SLOTS, "hide": "leave the derivation out, or use 'emit: nested'",
        "object_derivations": "write class_derivations inside a slot derivation",
    },
    "slot derivation": {
        "when_type": _CLASS_ONLY, "group_by": _CLASS_ONLY, "joins": _CLASS_ONLY,
    },
    "enum derivation": {
        "hide": "leave the derivation out",
        "value_mappings": "use permissible_value_derivations", "expression_mappings": "use expr",
        "expression_to_expression_mappings": "use expr",
    },
    "value derivation": {
        "is_a": "say its sources here", "mixins": "say its sources here",
        "hide": "map its codes to null with value_mappings, or leave it out", "value": "its name is its value",
        "value_mappings": "use populated_from", "mirror_source": "use populated_from",
        "expression_mappings": "use expr",
        "expression_to_value_mappings": "use expr", "expression_to_expression_mappings": "use expr",
    },
}  # fmt: skip
"""Keys of linkml-map that this language does not have on purpose, each with what to write instead."""


OF_RANGE: Final = ""
"""The name of a class derivation that stands under ``object``: its class is the one that the slot holds."""

_MADE: Final = frozenset({"metadata", "parent", "conditions", "references"})
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
    has: Texts = Field(default_factory=list)
    unless: Texts = Field(default_factory=list)


class Dialect(_Part):
    """How the cells of a table are written; see :class:`semantics.plan.tables.TableDialect`.

    ``quote_char`` null: nothing is quoted. Where ``columns`` are named, there is no ``header`` unless it is said.
    """

    delimiter: Text | None = None
    quote_char: Text | None = '"'
    double_quote: bool = True
    header: bool | None = None
    columns: Texts = Field(default_factory=list)
    comment_prefix: Text | None = None
    skip_rows: int = 0
    trim: bool = False
    decimal_char: Text = "."
    group_char: Text | None = None
    flattened: bool = False


class SourceSpec(_Part):
    """How the input is laid out: its format, where its records are, and what is done about surprises.

    ``unknown``: a key or column that the source class does not have is an ``error`` (the default for
    tables) or only counted (``report``, the default for documents). ``wrap_single_values``: a single value
    where the source schema has a list counts as a list of one. ``timezone`` (IANA): where date-times
    without an offset are meant. ``simplify``: records of a standard that writes one thing in several forms are brought
    into one form first (``ngsi``), or keys in namespaces of others are gathered (``extensions``). ``dialect`` and
    ``encoding`` (an IANA name) are how tables are written.
    """

    format: (
        Literal[
            "json",
            "ndjson",
            "yaml",
            "csv",
            "tsv",
            "xlsx",
            "xml",
            "turtle",
            "trig",
            "rdfxml",
            "ntriples",
            "nquads",
            "jsonld",
            "prov-json",
            "prov-xml",
        ]
        | None
    ) = None
    records: Text | list[RecordSelector] | None = None
    unknown: Literal["error", "report"] | None = None
    wrap_single_values: bool = False
    timezone: Text | None = None
    simplify: Literal["ngsi", "extensions"] | None = None
    dialect: Dialect | None = None
    encoding: Text = "utf-8"


class CodeMapSpec(_Part):
    """A code list beside the mapping: SSSOM, a FHIR ConceptMap, or a table with two columns.

    ``from`` and ``to`` choose columns of a table, or systems of a ConceptMap; ``predicates`` are the relations by
    which two codes count as one; ``from_as`` and ``to_as`` say how identifiers of SSSOM are looked up and given:
    as written ("curie"), without their prefix ("code"), or expanded ("iri").
    """

    name: Text
    file: Text
    format: Literal["sssom", "conceptmap", "csv", "tsv"] | None = None
    from_: Text | None = Field(default=None, alias="from")
    to: Text | None = None
    predicates: Texts = Field(default_factory=list)
    from_as: Literal["curie", "code", "iri"] | None = None
    to_as: Literal["curie", "code", "iri"] | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)


class CopyDirective(_Part):
    """Which slots of the source class a class derivation copies besides those that it derives.

    ``copy_all``: every slot, without those in ``exclude``; ``exclude_all``: none; then those in ``include``.
    ``element_name`` says in words what the directive is about.
    """

    element_name: Text | None = None
    copy_all: bool = False
    exclude_all: bool = False
    exclude: Texts = Field(default_factory=list)
    include: Texts = Field(default_factory=list)


class Derivation(_Part):
    """What every derivation has: its name, the derivations that it builds on, and prose that is kept.

    ``target_definition`` and ``overrides`` are about the element of the target schema, where that is derived from
    the mapping: keys it has where nothing else gives them, and keys that replace what was derived.

    ``metadata`` holds what documents the derivation (SSSOM's justification, confidence and author among it).
    """

    name: Text
    is_a: Text | None = None
    mixins: Texts = Field(default_factory=list)
    target_definition: dict[str, Any] = Field(default_factory=dict)
    overrides: dict[str, Any] = Field(default_factory=dict)
    description: Text | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)


class ValueDerivation(_Part):
    """A permissible value of the target, and the source values it comes from."""

    name: Text
    populated_from: Text | list[Text] | None = None
    sources: Texts = Field(default_factory=list)
    expr: Text | None = None
    description: Text | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)


class EnumDerivation(Derivation):
    """A target enum, the source enum it comes from, and how the values correspond.

    ``abstract``: it is only there to be inherited from. ``parent``: another derivation inherits from it.
    """

    abstract: bool = False
    parent: bool = False
    populated_from: Text | None = None
    sources: Texts = Field(default_factory=list)
    expr: Text | None = None
    expression_to_value_mappings: dict[str, Text] = Field(default_factory=dict)
    mirror_source: bool = False
    code_map: Text | None = None
    permissible_value_derivations: dict[str, ValueDerivation] = Field(default_factory=dict)


class Offset(_Part):
    """A multiple of another slot that is added to the value (taken off it: ``offset_reverse``)."""

    offset_value: Scalar
    offset_field: Text
    offset_reverse: bool = False


class Stringification(_Part):
    """A list as one text, with a delimiter or as JSON; ``reversed``: a text taken apart again.

    ``over_slots``: the values of several slots instead of one list.
    """

    delimiter: Text | None = None
    reversed: bool = False
    over_slots: Texts = Field(default_factory=list)
    syntax: Literal["JSON", "YAML", "TURTLE"] | None = None


class AggregationOperation(_Part):
    """Many values as one (SET, LIST and ARRAY: as a list of their own).

    ``null_handling``: what is done with a null among the values of a slot of several objects; without it nulls
    are passed over. ``invalid_value_handling`` can only be ERROR_OUT: a value that is not of its type rejects
    the record.
    """

    operator: Literal[
        "SUM", "AVERAGE", "COUNT", "MIN", "MAX", "STD_DEV", "VARIANCE", "MEDIAN", "MODE", "SET", "LIST", "ARRAY",
        "CUSTOM",
    ]  # fmt: skip
    null_handling: Literal["IGNORE", "TREAT_AS_ZERO", "ERROR_OUT"] | None = None
    invalid_value_handling: Literal["IGNORE", "TREAT_AS_ZERO", "ERROR_OUT"] | None = None


class PivotOperation(_Part):
    """Between wide objects (a slot a variable) and long ones (a variable and its value): MELT and UNMELT.

    MELT, on a slot: one object for each of ``source_slots``, with its name in ``variable_slot`` and its value in
    ``value_slot``; ``id_slots`` are repeated in each. UNMELT, on a class: each object of the long form fills
    the slot that ``slot_name_template`` gives for its variable and unit; ``unmapped`` says what becomes of a
    variable that has no slot.
    """

    direction: Literal["MELT", "UNMELT"]
    variable_slot: Text = "variable"
    value_slot: Text = "value"
    unit_slot: Text | None = None
    slot_name_template: Text = "{variable}"
    source_slots: Texts = Field(default_factory=list)
    id_slots: Texts = Field(default_factory=list)
    unmelt_to_class: Text | None = None
    unmelt_to_slots: Texts = Field(default_factory=list)
    unmapped: Literal["error", "null"] = "error"


class Inverse(_Part):
    """The slot of the class that holds this object: what is derived points back to its holder."""

    class_name: Text
    slot_name: Text


class TypeTest(_Part):
    """``when_type`` by a slot that tells the type, where the schema does not say which: ``{by: slot, is: value}``."""

    by: Text
    is_: Text | list[Text] = Field(alias="is")

    @property
    def values(self) -> list[str]:
        """The values that fit."""
        return [self.is_] if isinstance(self.is_, str) else self.is_


class UnitConversion(_Part):
    """From which unit to which: constants, or slots beside the number.

    ``source_unit_slot`` is a slot beside the number; with ``source_magnitude_slot`` both stand in the object that
    ``populated_from`` names. With ``target_magnitude_slot`` the result is an object with the number and, in
    ``target_unit_slot``, its unit. A ``scheme`` is ``ucum`` (the default), ``rec20`` or ``symbol``.
    ``none_if_non_numeric``: a text that is no number is null instead of refused.
    """

    target_unit: Text | None = None
    target_unit_scheme: Text | None = None
    source_unit: Text | None = None
    source_unit_scheme: Text | None = None
    source_unit_slot: Text | None = None
    source_magnitude_slot: Text | None = None
    target_unit_slot: Text | None = None
    target_magnitude_slot: Text | None = None
    none_if_non_numeric: bool = False


class SlotDerivation(Derivation):
    """How one slot of the target gets its value."""

    populated_from: Text | None = None
    sources: Texts = Field(default_factory=list)
    expr: Text | None = None
    value: Scalar = None
    iri: Text | None = None
    range: Text | None = None
    value_mappings: dict[str, Any] | None = None
    expression_mappings: dict[str, Text] = Field(default_factory=dict)
    expression_to_value_mappings: dict[str, Any] = Field(default_factory=dict)
    expression_to_expression_mappings: dict[str, Text] = Field(default_factory=dict)
    mirror_source: bool = False
    missing_values: Text | list[Text] | None = None
    offset: Offset | None = None
    stringification: Stringification | None = None
    aggregation_operation: AggregationOperation | None = None
    cast_collection_as: Literal["SingleValued", "MultiValued", "MultiValuedList", "MultiValuedDict"] | None = None
    dictionary_key: Text | None = None
    pivot_operation: PivotOperation | None = None
    type_designator: bool = False
    inverse_of: Inverse | None = None
    object_: Any = Field(default=None, alias="object", description="a short form, read as class_derivations")
    object_derivations: list[Any] = Field(
        default_factory=list, description="an older spelling, read as class_derivations"
    )
    derived_from: Texts = Field(default_factory=list)
    hide: bool = False
    timezone: Text | None = None
    empty: Literal["null", "keep"] | None = None
    code_map: Text | None = None
    unmapped: Literal["error", "null", "pass", "default"] | None = None
    default: Scalar = None
    for_each: Text | None = None
    as_: Text | None = Field(default=None, alias="as")
    where: Text | None = None
    class_derivations: list[ClassDerivation] = Field(default_factory=list)
    unit_conversion: UnitConversion | None = None


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
    metadata: dict[str, Any] = Field(default_factory=dict)


class ClassDerivation(Derivation):
    """How instances of one target class come from records of one source class.

    ``emit``: "root" (each record gives an instance), "nested" (only where a slot asks for one by its range),
    or "reference" (gives the identifier where a slot refers to such an entity, and no instance).
    ``abstract``: it is only there to be inherited from, and its name need not be a class. ``parent``: another
    derivation inherits from it. ``conditions`` are those of its parents; its own ``where`` is one more.
    ``for_each``: a list of the record, each of whose elements gives an instance (in a slot: an object); ``as`` names
    the element.
    """

    abstract: bool = False
    parent: bool = False
    conditions: tuple[str, ...] = ()
    populated_from: Text | None = None
    where: Text | None = None
    emit: Literal["root", "nested", "reference"] | None = None
    joins: dict[str, JoinSpec] = Field(default_factory=dict)
    for_each: Text | None = None
    group_by: Text | list[Text] | dict[str, Text] | None = None
    as_: Text | None = Field(default=None, alias="as")
    having: Text | None = None
    copy_directives: dict[str, CopyDirective] = Field(default_factory=dict)
    slot_derivations: dict[str, SlotDerivation] = Field(default_factory=dict)
    sources: Texts = Field(default_factory=list)
    when_type: Text | list[Text] | TypeTest | None = None
    pivot_operation: PivotOperation | None = None


class SchemaReference(_Part):
    """How a mapping names a schema: by its name or file, and which version it was written for."""

    name: Text | None = None
    file: Text | None = None
    source_file: Text | None = None
    schema_uri: Text | None = None
    version: Text | None = None


class MappingSpec(_Part):
    """A whole mapping, as it was written."""

    name: Text
    imports: Texts = Field(default_factory=list)
    compat: Literal["linkml-map"] | None = None
    source_schema: Text | None = None
    target_schema: Text | None = None
    references: dict[str, SchemaReference] = Field(default_factory=dict)
    source_schema_patches: dict[str, Any] | None = None
    prefixes: dict[str, Text] = Field(default_factory=dict)
    source: SourceSpec = SourceSpec()
    class_derivations: list[ClassDerivation] = Field(default_factory=list)
    enum_derivations: dict[str, EnumDerivation] = Field(default_factory=dict)
    code_maps: dict[str, CodeMapSpec] = Field(default_factory=dict)
    definitions: dict[str, Text] = Field(default_factory=dict)
    tests: list[Any] = Field(default_factory=list)
    metadata: dict[str, Any] = Field(default_factory=dict)


def text_of_key(key: Any) -> Any:
    """A key of a table as text: the text of a number or boolean is its code."""
    return _text(key)


@cache
def keys_of(part: type[BaseModel]) -> frozenset[str]:
    """The keys that a part of a mapping knows."""
    return frozenset(field.alias or name for name, field in part.model_fields.items() if name not in _MADE)

"""What a LinkML schema file may say: every metamodel key, and what is done with it.

``CARRIED`` keys shape the :class:`~semantics.schema.model.SchemaModel`. ``PROSE`` keys document and
never constrain. ``UNENFORCED`` keys would constrain and are not carried out: using one is
reported as a warning, so that nobody believes in a check that does not run. Any other key is an error.
"""

from __future__ import annotations

from typing import Final

__all__ = ["CARRIED", "PROSE", "UNENFORCED", "UNENFORCED_OF_TYPES"]

_EXPRESSION: Final = frozenset({
    "range", "required", "multivalued", "pattern", "minimum_value", "maximum_value",
    "minimum_cardinality", "maximum_cardinality", "exact_cardinality", "equals_string",
    "equals_string_in", "equals_number", "value_presence", "any_of", "all_of", "none_of",
    "exactly_one_of", "inlined", "inlined_as_list", "recommended", "unit", "description",
})  # fmt: skip
_CONDITION: Final = frozenset(
    {"is_a", "slot_conditions", "any_of", "all_of", "none_of", "exactly_one_of", "description"}
)

CARRIED: Final[dict[str, frozenset[str]]] = {
    "schema": frozenset({
        "id", "name", "version", "title", "description", "license", "prefixes", "default_prefix",
        "default_range", "imports", "types", "enums", "slots", "classes", "slot_definitions",
    }),
    "class": frozenset({
        "name", "class_uri", "is_a", "mixins", "abstract", "mixin", "tree_root", "slots",
        "attributes", "slot_usage", "rules", "slot_conditions", "any_of", "all_of", "none_of",
        "exactly_one_of", "unique_keys", "title", "description", "deprecated", "aliases", "see_also",
        "annotations", "extra_slots",
    }),
    "extra_slots": frozenset({"allowed", "range_expression", "description"}),
    "slot": _EXPRESSION | {
        "name", "slot_uri", "is_a", "mixins", "identifier", "key", "designates_type", "title",
        "deprecated", "aliases", "see_also", "annotations", "alias",
    },
    "expression": _EXPRESSION,
    "type": frozenset({
        "name", "typeof", "base", "uri", "repr", "pattern", "minimum_value", "maximum_value",
        "equals_string", "equals_string_in", "title", "description",
    }),
    "enum": frozenset({"name", "enum_uri", "permissible_values", "title", "description", "is_a",
                       "inherits", "mixins"}),
    "permissible value": frozenset({"text", "meaning", "title", "description", "deprecated", "is_a", "mixins"}),
    "condition": _CONDITION,
    "rule": frozenset({
        "preconditions", "postconditions", "elseconditions", "bidirectional", "deactivated",
        "title", "description",
    }),
    "unique key": frozenset({"unique_key_name", "unique_key_slots", "title", "description"}),
}  # fmt: skip

PROSE: Final = frozenset({
    "abstract", "alias", "aliases", "alt_descriptions", "annotations", "bindings", "broad_mappings",
    "categories", "close_mappings", "code_set", "code_set_tag", "code_set_version", "comments",
    "conforms_to", "consider_nulls_inequal", "contributors", "created_by", "created_on",
    "default_curi_maps", "defining_slots", "definition_uri", "deprecated",
    "deprecated_element_has_exact_replacement", "deprecated_element_has_possible_replacement",
    "description", "domain", "domain_of", "emit_prefixes", "exact_mappings", "examples",
    "extensions", "from_schema", "generation_date", "id_prefixes", "implements",
    "implicit_prefix", "imported_from", "in_language", "in_subset", "inherited", "instantiates",
    "inverse", "is_class_field", "is_grouping_slot", "is_usage_slot", "keywords", "last_updated_on",
    "list_elements_ordered", "local_names", "mappings", "metamodel_version", "mixin", "modified_by",
    "narrow_mappings", "notes", "open_world", "owner", "rank", "readonly", "recommended",
    "related_mappings", "relational_role", "represents_relationship", "role", "see_also",
    "settings", "shared", "singular_name", "slot_group", "slot_names_unique", "source",
    "source_file", "source_file_date", "source_file_size", "status", "string_serialization",
    "structured_aliases", "subclass_of", "subproperty_of", "subsets", "tags", "title", "todos",
    "type_mappings", "usage_slot_name",
})  # fmt: skip

UNENFORCED: Final = frozenset({
    "all_members", "apply_to", "array", "asymmetric", "children_are_mutually_disjoint",
    "classification_rules", "concepts", "disjoint_with", "enum_range", "equals_expression",
    "has_member", "id_prefixes_are_closed", "ifabsent", "include", "irreflexive",
    "list_elements_unique", "locally_reflexive", "matches", "minus", "path_rule", "pv_formula",
    "range_expression", "reachable_from", "reflexive", "reflexive_transitive_form_of",
    "structured_pattern", "symmetric", "transitive", "transitive_form_of", "union_of",
    "unit", "values_from",
})  # fmt: skip

UNENFORCED_OF_TYPES: Final = frozenset({"all_of", "any_of", "equals_number", "exactly_one_of", "none_of"})
"""What a type may say too, and is carried of slots only."""

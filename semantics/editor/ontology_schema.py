"""The JSON Schemas of LinkML schemas and of settings, made from the tables by which they are read."""

from __future__ import annotations

from typing import Any, Final

from semantics.editor.mapping_schema import DIALECT, told
from semantics.editor.ontology_texts import TEXTS
from semantics.errors import Severity
from semantics.schema.elements import CARRIED, PROSE, UNENFORCED, UNENFORCED_OF_TYPES

__all__ = ["ontology_schema", "settings_schema"]

Schema = dict[str, Any]

_BOOLEANS: Final = frozenset({
    "required", "multivalued", "inlined", "inlined_as_list", "recommended", "identifier", "key", "designates_type",
    "abstract", "mixin", "tree_root", "bidirectional", "deactivated",
})  # fmt: skip
_NAMED: Final[dict[tuple[str, str], str]] = {
    ("schema", "classes"): "class", ("schema", "slots"): "slot", ("schema", "slot_definitions"): "slot",
    ("schema", "enums"): "enum", ("schema", "types"): "type", ("class", "attributes"): "slot",
    ("class", "slot_usage"): "slot", ("class", "slot_conditions"): "expression", ("class", "unique_keys"): "unique key",
    ("condition", "slot_conditions"): "expression", ("enum", "permissible_values"): "permissible value",
}  # fmt: skip
"""Keys below which definitions stand by name, and of which kind they are."""

_LISTED: Final = ("any_of", "all_of", "none_of", "exactly_one_of")
_MAPPINGS: Final = {"extra_slots": "extra_slots", "range_expression": "expression"}
_CONDITIONS: Final = ("preconditions", "postconditions", "elseconditions")


def _ref(kind: str) -> Schema:
    return {"$ref": f"#/$defs/{kind.replace(' ', '_')}"}


def _either(*schemas: Schema) -> Schema:
    return {"anyOf": list(schemas)}


def _value(kind: str, key: str) -> Schema:
    """What may stand under a key of a definition."""
    if (named := _NAMED.get((kind, key))) is not None:
        entry = _either(_ref(named), {"type": ["string", "null"] if named == "permissible value" else "null"})
        return _either(
            {"type": "object", "additionalProperties": entry},
            {"type": "array", "items": _either(_ref(named), {"type": ["string", "number", "boolean"]})},
            {"type": "null"},
        )
    if key in _LISTED:
        part = _ref("condition" if kind in ("class", "condition") else "expression")
        return _either({"type": "array", "items": part}, part)
    if key in _CONDITIONS:
        return _either(_ref("condition"), {"type": "null"})
    if key in _MAPPINGS:
        return _ref(_MAPPINGS[key])
    if (kind, key) == ("class", "rules"):
        return _either({"type": "array", "items": _ref("rule")}, _ref("rule"), {"type": "null"})
    return {"type": ["boolean", "null"]} if key in _BOOLEANS else {}


def _part(kind: str) -> Schema:
    """One kind of definition: its keys with their texts, and no others."""
    unenforced = UNENFORCED | UNENFORCED_OF_TYPES if kind == "type" else UNENFORCED
    prose = PROSE if kind not in ("condition", "rule") else frozenset()
    properties = {key: _told(_value(kind, key), TEXTS.get(key, "")) for key in sorted(CARRIED[kind])}
    properties |= {key: _told({}, "Documents, and constrains nothing.") for key in sorted(prose - properties.keys())}
    properties |= {
        key: _told({}, "Not enforced: a warning (SCH030).") for key in sorted(unenforced - properties.keys())
    }
    return {"title": kind, "type": "object", "properties": properties, "additionalProperties": False}


def _told(schema: Schema, text: str) -> Schema:
    return {**schema, **told(text)}


def ontology_schema() -> Schema:
    """The schema of a LinkML schema, as far as it is carried out here.

    >>> ontology_schema()["$defs"]["permissible_value"]["properties"]["meaning"]["description"]
    'The IRI, or CURIE, of what the value means.'
    """
    parts = {kind: _part(kind) for kind in CARRIED}
    return {
        "$schema": DIALECT,
        "description": "A LinkML schema: classes, slots, enums and types.",
        **parts.pop("schema"),
        "$defs": {kind.replace(" ", "_"): part for kind, part in parts.items()},
    }


def settings_schema() -> Schema:
    """The schema of ``semantics.toml``: how much a finding of ``semantics check`` weighs."""
    from semantics.checks.rules import BY_CODE, BY_NAME

    weight = {"enum": ["off", *map(str, Severity)]}
    rules = {rule.id: _told(weight, rule.purpose) for rule in BY_NAME.values()}
    rules |= {rule.code: _told(weight, rule.purpose) for rule in BY_CODE.values()}
    table = {"type": "object", "properties": rules, "additionalProperties": weight}
    return {
        "$schema": DIALECT,
        "title": "Settings of a workspace",
        "type": "object",
        "properties": {
            "check": {
                "type": "object",
                "description": "How much the findings of 'semantics check' weigh.",
                "properties": {
                    "rules": {**table, "description": "By rule, its severity, or off."},
                    "paths": {
                        "type": "object",
                        "description": "The same for files of the folder, by pattern.",
                        "additionalProperties": table,
                    },
                },
                "additionalProperties": False,
            }
        },
    }

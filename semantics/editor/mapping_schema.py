"""The JSON Schema (2020-12) of mapping files and of files of tests, made from the models that read them.

Every form that the reader takes is taken: names and constants written without quotes, one value for a list, tables and
derivations as mappings or as lists. A key that it refuses is refused. What a schema cannot say (names that must be
known, two keys that exclude one another) is said by ``semantics check``.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from semantics.editor.compat_schema import compat_parts
from semantics.editor.mapping_texts import EXAMPLES, TEXTS
from semantics.mapping import spec
from semantics.mapping.linkml_map import COMPAT
from semantics.mapping.spec import METADATA, MappingSpec, keys_of
from semantics.mapping.tests import MappingTest

__all__ = ["DIALECT", "mapping_schema", "tests_schema", "told"]

Schema = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_DOCUMENTED: Final = frozenset(
    {"MappingSpec", "ClassDerivation", "SlotDerivation", "EnumDerivation", "ValueDerivation", "JoinSpec", "CodeMapSpec"}
)
"""The parts that take metadata besides their keys."""
_TEXT: Final[Schema] = {"type": ["string", "number", "boolean"]}
_READERS: Final[dict[Any, str]] = {spec._text: "text", spec._listed: "list"}


class _Generator(GenerateJsonSchema):
    """Pydantic's generator, with what the validators in front of a field take."""

    def function_before_schema(self, schema: Any) -> Schema:
        kind = _READERS.get(schema["function"]["function"])
        if kind == "text":
            return dict(_TEXT)
        inner: Schema = self.generate_inner(schema["schema"])
        return {"anyOf": [inner, dict(_TEXT), {"type": "null"}]} if kind == "list" else inner

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def _ref(part: str) -> Schema:
    return {"$ref": f"#/$defs/{part}"}


def _one_key(entry: Schema) -> Schema:
    return {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": entry}


def _derivations(part: str, *, key: str = "name", short: bool = False) -> Schema:
    """Parts by name: a mapping, a list of mappings with their name, a list of mappings with one key."""
    entry: Schema = {"anyOf": [_ref(part), {"type": "null"}, *([{"type": "string"}] if short else [])]}
    named = {"allOf": [_ref(part)], "required": [key]}
    return {
        "anyOf": [
            {"type": "object", "additionalProperties": entry},
            {"type": "array", "items": {"anyOf": [named, _one_key(entry)]}},
            {"type": "null"},
        ]
    }


def _table(value: Schema) -> Schema:
    """A table by key: a mapping, a list of mappings with one key, or entries that say their key and value."""
    long: list[Schema] = [
        {
            "type": "object",
            "properties": {key: _TEXT, held: value},
            "required": [held] if value else [],
            "additionalProperties": False,
        }
        for key, held in (("key", "value"), ("prefix_prefix", "prefix_reference"))
    ]
    entry = {"anyOf": [value, *long]} if value else {}
    named = [{"allOf": [form], "required": [next(iter(form["properties"]))]} for form in long]
    return {
        "anyOf": [
            {"type": "object", "additionalProperties": entry},
            {"type": "array", "items": {"anyOf": [*named, _one_key(entry)]}},
            {"type": "null"},
        ]
    }


def _either(*schemas: Schema) -> Schema:
    return {"anyOf": list(schemas)}


_NULL: Final[Schema] = {"type": "null"}
_OBJECT: Final[Schema] = {**_ref("Slots"), "type": "object", "minProperties": 1}
_OLDER: Final[Schema] = {
    "type": "object",
    "properties": {"name": _TEXT, "class_derivations": _ref("Classes")},
    "additionalProperties": False,
}
_FORMS: Final[dict[tuple[str, str], Schema]] = {
    ("MappingSpec", "class_derivations"): _ref("Classes"),
    ("MappingSpec", "enum_derivations"): _derivations("EnumDerivation"),
    ("MappingSpec", "code_maps"): _derivations("CodeMapSpec"),
    ("MappingSpec", "definitions"): _table(_TEXT),
    ("MappingSpec", "prefixes"): _table(_TEXT),
    ("MappingSpec", "source"): _either(_ref("SourceSpec"), _NULL),
    ("MappingSpec", "source_schema"): _either(_TEXT, _ref("SchemaReference"), _NULL),
    ("MappingSpec", "target_schema"): _either(_TEXT, _ref("SchemaReference"), _NULL),
    ("MappingSpec", "tests"): _either({"type": "array", "items": _ref("MappingTest")}, _NULL),
    ("ClassDerivation", "slot_derivations"): _ref("Slots"),
    ("ClassDerivation", "joins"): _derivations("JoinSpec", key="alias"),
    ("ClassDerivation", "copy_directives"): _either(
        {"type": "object", "additionalProperties": _ref("CopyDirective")},
        {"type": "array", "items": _ref("CopyDirective")},
    ),
    ("SlotDerivation", "class_derivations"): _ref("Classes"),
    ("SlotDerivation", "object"): _either(_OBJECT, {"type": "array", "items": _OBJECT}),
    ("SlotDerivation", "object_derivations"): _either(
        {"type": "array", "items": _OLDER}, {"type": "object", "additionalProperties": _OLDER}, _NULL
    ),
    ("SlotDerivation", "value"): {"not": _NULL},
    ("SlotDerivation", "value_mappings"): _table({}),
    ("SlotDerivation", "expression_mappings"): _table(_TEXT),
    ("SlotDerivation", "expression_to_value_mappings"): _table({}),
    ("SlotDerivation", "expression_to_expression_mappings"): _table(_TEXT),
    ("EnumDerivation", "permissible_value_derivations"): _derivations("ValueDerivation"),
    ("EnumDerivation", "expression_to_value_mappings"): _table(_TEXT),
}
"""Fields that may be written in more forms than their model says."""

_TABLES_ONLY: Final[Schema] = {
    "if": {"properties": {"unknown": {"const": "error"}}, "required": ["unknown"]},
    "then": {"properties": {"format": {"enum": ["csv", "tsv", "xlsx"]}}, "required": ["format"]},
}
"""Only tables refuse columns that their class does not have."""


def _documented(part: str, key: str, schema: Schema) -> Schema:
    """The schema of a field with its text, in plain words and as an editor may show them."""
    text, example = TEXTS[part][key], EXAMPLES.get((part, key))
    said = f"{text[:1].upper()}{text[1:]}." if text[:1] != "`" else f"{text}."
    return {**schema, **told(said, f"\n\n```yaml\n{example}\n```" if example else "")}


def told(text: str, more: str = "") -> Schema:
    """A text in plain words, and as Markdown where that is another.

    >>> told("Of `kg`.")
    {'description': "Of 'kg'.", 'markdownDescription': 'Of `kg`.'}
    """
    plain = text.replace("`", "'")
    return (
        {"description": plain} if plain == text + more else {"description": plain, "markdownDescription": text + more}
    )


def _part(model: type[BaseModel], made: Schema) -> Schema:
    """The schema of one part of a mapping: its keys with their texts, and no others."""
    name = model.__name__
    properties = {
        key: _documented(name, key, _FORMS.get((name, key), made["properties"][key]))
        for key in made["properties"]
        if key in keys_of(model)
    }
    if name in _DOCUMENTED:
        known = {"description": "Kept for documentation, never acted on."}
        properties |= dict.fromkeys(sorted(METADATA - properties.keys()), known)
    needed = [key for key in made.get("required", ()) if key != "name" or name == "MappingTest"]
    return {
        "title": _title(name),
        "type": "object",
        "description": (model.__doc__ or "").strip().split("\n\n")[0].replace("``", "'").replace("\n", " "),
        "properties": properties,
        **({"required": needed} if needed else {}),
        "additionalProperties": False,
        **(_TABLES_ONLY if name == "SourceSpec" else {}),
    }


def _title(name: str) -> str:
    """The name of a part in words.

    >>> _title("ClassDerivation")
    'class derivation'
    """
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
    return words.removesuffix(" spec")


def _generated(model: type[BaseModel]) -> Schema:
    return model.model_json_schema(by_alias=True, schema_generator=_Generator)


@cache
def _parts() -> Schema:
    """Every part of a mapping by its name."""
    made = _generated(MappingSpec)
    tests = _generated(MappingTest)
    schemas = {**made["$defs"], "MappingSpec": made, "MappingTest": tests, **tests.get("$defs", {})}
    models = {name: getattr(spec, name, MappingTest) for name in schemas}
    return {
        **{name: _part(models[name], schemas[name]) for name in sorted(schemas)},
        "Classes": _derivations("ClassDerivation"),
        "Slots": _derivations("SlotDerivation", short=True),
    }


def mapping_schema() -> Schema:
    """The schema of a mapping file.

    >>> mapping_schema()["$defs"]["SlotDerivation"]["properties"]["hide"]["description"][:29]
    'The slot is made for others ('
    """
    asked = {"properties": {"compat": {"const": COMPAT}}, "required": ["compat"]}
    return {
        "$schema": DIALECT,
        "title": "Mapping",
        "description": "How records of one schema become instances of another.",
        "if": asked,
        "then": _ref("Specification"),
        "else": _ref("MappingSpec"),
        "$defs": {**_parts(), **compat_parts()},
    }


def tests_schema() -> Schema:
    """The schema of a file of tests beside a mapping."""
    parts = _parts()
    tests = _documented("MappingSpec", "tests", {"type": ["array", "null"], "items": _ref("MappingTest")})
    return {
        "$schema": DIALECT,
        "title": "Tests of a mapping",
        "type": "object",
        "properties": {"title": {}, "description": {}, "tests": tests},
        "additionalProperties": False,
        "$defs": {"MappingTest": parts["MappingTest"]},
    }

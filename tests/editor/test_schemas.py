"""The JSON Schemas of mappings and their tests take what the reader takes, and refuse what it refuses."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from semantics.cli import main
from semantics.editor import mapping_schema as made
from semantics.editor import ontology_texts
from semantics.editor.mapping_texts import EXAMPLES, TEXTS
from semantics.editor.schemas import SCHEMAS, schema_text
from semantics.errors import MappingError, SchemaError, SemanticsError
from semantics.mapping import spec
from semantics.mapping.linkml_map import read_specification
from semantics.mapping.load import read_mapping
from semantics.mapping.tests import MappingTest, read_tests
from semantics.schema import read_schema
from semantics.schema.elements import CARRIED
from semantics.yaml_source import read_yaml

ROOT = Path(__file__).resolve().parents[2]
OF_SHAPE = {"MAP001", "MAP002", "MAP004", "MAP005", "MAP017", "MAP034", "MAP071", "TST001"}
"""The codes by which the reader refuses keys that are not known, and values that are not of their form."""


@cache
def validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema_text(kind)))


def plain(data: Any) -> Any:
    """Data of the reader as any other parser gives it."""
    if isinstance(data, dict):
        return {key: plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [plain(item) for item in data]
    return float(data) if isinstance(data, Decimal) else data


def refused(text: str) -> set[str]:
    """The codes about shape with which the reader refuses a mapping."""
    document = read_yaml(text, error=MappingError)
    try:
        if document.data.get("compat") == "linkml-map":
            read_specification(document)
        else:
            read_mapping(document.data, part=True)
    except SemanticsError as fault:
        return {finding.code for finding in fault.diagnostics} & OF_SHAPE
    return set()


def accepted(kind: str, text: str) -> bool:
    return bool(validator(kind).is_valid(plain(read_yaml(text, error=MappingError).data)))


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_schema_is_one_of_2020_12_and_the_same_each_time(kind: str) -> None:
    Draft202012Validator.check_schema(json.loads(schema_text(kind)))
    assert schema_text(kind) == schema_text(kind)


def test_every_mapping_of_the_package_is_accepted() -> None:
    files = [*ROOT.glob("mappings/*.yaml"), *ROOT.glob("mappings/parts/*.yaml")]
    told = [file for file in files if not file.name.endswith(".tests.yaml")]
    assert len(told) > 25
    assert [file.name for file in told if not accepted("mapping", file.read_text("utf-8"))] == []


def test_the_schema_and_the_reader_agree_on_every_case_of_the_suite() -> None:
    """What is read is accepted, and what is refused for its shape is not."""
    both: list[tuple[bool, bool]] = []
    for file in ROOT.glob("tests/**/mapping.yaml"):
        text = file.read_text("utf-8")
        try:
            codes = refused(text)
        except MappingError:  # no YAML that an editor reads
            continue
        both.append((not codes, accepted("mapping", text)))
        assert both[-1][0] == both[-1][1], (file, codes)
    assert len(both) > 300
    assert both.count((False, False)) > 10


def test_every_file_of_tests_of_the_package_is_accepted() -> None:
    for file in sorted(ROOT.glob("mappings/*.tests.yaml"))[::4]:
        assert accepted("tests", file.read_text("utf-8")), file


SLOT = "class_derivations: {{A: {{slot_derivations: {{s: {}}}}}}}"
CLASS = "class_derivations: {{A: {}}}"
FORMS = {
    "derivations by name": "class_derivations: {A: , B: {populated_from: C}}",
    "derivations with their names": "class_derivations: [{name: A, populated_from: C}]",
    "derivations as only keys": "class_derivations: [{A: {populated_from: C}}, A: ]",
    "a derivation without a name": "class_derivations: [{populated_from: C, where: x}]",
    "derivations as a text": "class_derivations: A",
    "a slot as a path": SLOT.format("a.b"),
    "a slot as a number": SLOT.format("1"),
    "a slot as a list": SLOT.format("[a]"),
    "an empty slot": SLOT.format(""),
    "one text for a list": SLOT.format("{sources: a}"),
    "nothing for a list": SLOT.format("{sources: }"),
    "nothing in a list": SLOT.format("{sources: [null]}"),
    "a mapping for a list": SLOT.format("{sources: {a: b}}"),
    "a number for a text": SLOT.format("{default: 1, range: 2.50, iri: true}"),
    "a list for a text": SLOT.format("{iri: [a]}"),
    "unquoted braces": SLOT.format("{expr: {a}}"),
    "a constant": SLOT.format("{value: [1, a, true]}"),
    "a constant that is null": SLOT.format("{value: null}"),
    "a text for true": SLOT.format("{hide: 'yes'}"),
    "null for true": SLOT.format("{hide: null}"),
    "a policy": SLOT.format("{unmapped: null}"),
    "a word that is none": SLOT.format("{unmapped: ignore}"),
    "a key of linkml-map that is not carried out": SLOT.format("{copy_directives: {}}"),
    "a key of a class on a slot": SLOT.format("{joins: {}}"),
    "a key of nobody": SLOT.format("{populate_from: a}"),
    "metadata of a slot": SLOT.format("{comments: [a], confidence: 0.8, justification: x}"),
    "metadata of a conversion": SLOT.format("{unit_conversion: {title: a}}"),
    "metadata of the source": "source: {title: a}\nclass_derivations: {A: }",
    "a table as a mapping": SLOT.format("{value_mappings: {a: b, c: {key: c, value: 1}}}"),
    "a table as a list": SLOT.format("{value_mappings: [{a: b}, {key: c, value: 1}]}"),
    "a table of two keys": SLOT.format("{value_mappings: [{a: b, c: d}]}"),
    "a table as a text": SLOT.format("{expression_mappings: a}"),
    "a table without a value": SLOT.format("{expression_mappings: {a: {key: a}}}"),
    "a table of expressions": SLOT.format("{expression_mappings: [{key: a, value: b}, {c: 1}]}"),
    "no table": SLOT.format("{value_mappings: }"),
    "an object": SLOT.format("{object: {a: b, c: {value: 1}}}"),
    "objects": SLOT.format("{object: [{a: b}, {a: c}]}"),
    "an object of nothing": SLOT.format("{object: {}}"),
    "an object as a text": SLOT.format("{object: a}"),
    "older objects": SLOT.format("{object_derivations: [{class_derivations: {B: }}]}"),
    "older objects with more": SLOT.format("{object_derivations: [{class_derivations: {B: }, where: a}]}"),
    "objects inside": SLOT.format("{class_derivations: [{B: {slot_derivations: {t: {hide: 1}}}}]}"),
    "a type": CLASS.format("{when_type: {by: a, is: [b]}}"),
    "types": CLASS.format("{when_type: [a, b]}"),
    "a type by half": CLASS.format("{when_type: {by: a}}"),
    "joins": CLASS.format("{joins: {p: {class_named: P}, q: }}"),
    "joins in a list": CLASS.format("{joins: [{alias: p, class_named: P}]}"),
    "a join of another kind": CLASS.format("{joins: {p: {class: P}}}"),
    "groups": CLASS.format("{group_by: {m: 'a', n: b}}"),
    "directives": CLASS.format("{copy_directives: {P: {copy_all: true}}}"),
    "directives in a list": CLASS.format("{copy_directives: [{copy_all: true}]}"),
    "directives of nobody": CLASS.format("{copy_directives: {P: {all: true}}}"),
    "a pivot": CLASS.format("{pivot_operation: {direction: UNMELT}}"),
    "a pivot without a direction": CLASS.format("{pivot_operation: {variable_slot: a}}"),
    "a schema in words": "source_schema: {name: a, version: 1.10}\nclass_derivations: {A: }",
    "a schema with a key of nobody": "source_schema: {path: a}\nclass_derivations: {A: }",
    "schemas in a list": "source_schema: [a]\nclass_derivations: {A: }",
    "records": "source: {records: [{path: a, class: {by: k}, has: a}]}\nclass_derivations: {A: }",
    "records of nobody": "source: {records: [{paths: a}]}\nclass_derivations: {A: }",
    "columns of a document": "source: {format: json, unknown: error}\nclass_derivations: {A: }",
    "columns of a table": "source: {format: csv, unknown: error, dialect: {delimiter: ';'}}\nclass_derivations: {A: }",
    "no source": "source:\nclass_derivations: {A: }",
    "prefixes in a list": "prefixes: [{prefix_prefix: a, prefix_reference: b}, {c: d}]\nclass_derivations: {A: }",
    "prefixes as a text": "prefixes: a\nclass_derivations: {A: }",
    "definitions": "definitions: {a: b, 'f(x)': 'x + 1'}\nclass_derivations: {A: }",
    "definitions as lists": "definitions: {a: [b]}\nclass_derivations: {A: }",
    "enums": "enum_derivations: {E: {permissible_value_derivations: {a: {populated_from: [1, b]}, c: }}}\n"
    "class_derivations: {A: }",
    "enums of nobody": "enum_derivations: {E: {permissible_values: {}}}\nclass_derivations: {A: }",
    "values of nobody": "enum_derivations: {E: {permissible_value_derivations: {a: b}}}\nclass_derivations: {A: }",
    "code maps": "code_maps: {a: {file: b.csv, from: c, to: d}}\nclass_derivations: {A: }",
    "slots at the top": "slot_derivations: {}\nclass_derivations: {A: }",
    "metadata of another": "metadata: {}\nclass_derivations: {A: }",
    "tests": "tests: [{name: t, input: {a: 1}, filtered: true}]\nclass_derivations: {A: }",
    "tests of nobody": "tests: [{name: t, input: {a: 1}, expected: {}}]\nclass_derivations: {A: }",
    "another tool's": "compat: linkml-map\nclass_derivations: {A: {joins: [{alias: p}]}}",
    "another tool's keys": "compat: linkml-map\ncode_maps: {}",
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_accepted_where_it_is_read(name: str) -> None:
    codes = refused(FORMS[name])
    assert accepted("mapping", FORMS[name]) == (not codes), codes


def test_two_files_of_tests_are_told_apart() -> None:
    good, bad = "tests: [{name: t, input: {}, rejected: [REC004]}]", "tests: [{name: t, inputs: {}, rejected: a}]"
    assert read_tests(read_yaml(good, error=MappingError))
    assert accepted("tests", good)
    assert not accepted("tests", bad)
    assert not accepted("tests", "test: []")


def test_every_key_has_its_text() -> None:
    """Hovering over any key tells what it is for; no text is about a key that there is not."""
    parts = {name: getattr(spec, name, MappingTest) for name in made._parts() if name not in ("Classes", "Slots")}
    assert {name: set(spec.keys_of(part)) for name, part in parts.items()} == {
        name: set(texts) | ({"name"} & spec.keys_of(parts[name])) for name, texts in TEXTS.items()
    }
    assert {key for part, key in EXAMPLES if key not in TEXTS[part]} == set()


def test_an_example_in_a_text_is_accepted() -> None:
    """An example stands where its key does."""
    for (part, key), example in EXAMPLES.items():
        inner = "\n".join(f"      {line}" for line in example.split("\n"))
        match part:
            case "MappingSpec":
                text = example
            case "SourceSpec":
                text = f"source:\n{inner}"
            case "ClassDerivation":
                text = f"class_derivations:\n  A:\n{inner}"
            case "EnumDerivation":
                text = f"enum_derivations:\n  A:\n{inner}"
            case _:
                inner = "\n".join(f"        {line}" for line in example.split("\n"))
                whole = example.partition(":")[0] != key
                text = f"class_derivations:\n  A:\n    slot_derivations:\n{'' if whole else '      s:'}\n{inner}"
        assert accepted("mapping", text), (part, key, example)


def test_a_schema_of_linkml_is_accepted_where_its_keys_are_read() -> None:
    """The package's ontologies and the schemas of all tests: refused for a key or a form, or accepted."""
    agreed = []
    for file in [*sorted(ROOT.glob("ontologies/*.yaml"))[::6], *ROOT.glob("tests/schema/refused/**/*.yaml")]:
        try:
            data = read_yaml(file, error=SchemaError).data
        except SchemaError:
            continue
        if data.keys() & {"classes", "enums", "types", "slots"}:
            try:
                codes = {finding.code for finding in read_schema(file)[1]}
            except SchemaError as fault:
                codes = {finding.code for finding in fault.diagnostics}
            agreed.append(validator("ontology").is_valid(plain(data)))
            assert agreed[-1] != bool(codes & {"SCH001", "SCH002"}), (file, codes)
    assert agreed.count(True) >= 10
    assert agreed.count(False) > 1


def test_every_key_of_a_schema_has_its_text() -> None:
    assert {key for keys in CARRIED.values() for key in keys} == set(ontology_texts.TEXTS)


def test_the_settings_know_the_rules_and_their_weights() -> None:
    accepts = validator("settings").is_valid
    assert accepts({"check": {"rules": {"SLOT_NAME": "off"}, "paths": {"draft/*": {"CHK040": "note"}}}})
    assert not accepts({"check": {"rules": {"SLOT_NAME": "silent"}}})
    assert not accepts({"check": {"rule": {}}})


def test_a_workspace_gets_the_schemas_that_its_files_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ``init`` writes names schemas that are there; they are written anew when they are not as they should be."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main(["init", "."])
    for file in [*tmp_path.glob("*/*.yaml")]:
        line = file.read_text("utf-8").splitlines()[0]
        name = line.removeprefix("# yaml-language-server: $schema=")
        schema = json.loads((file.parent / name).read_text("utf-8"))
        data = plain(read_yaml(file, error=MappingError).data)
        assert Draft202012Validator(schema).is_valid(data), file
    made = tmp_path / ".semantics" / "mapping.schema.json"
    made.write_text("{}")
    with pytest.raises(SystemExit) as ended:
        main(["editor-schema"])
    assert ended.value.code == 0
    assert made.read_text("utf-8") == schema_text("mapping")

"""What importers make: ``KIND/CASE/source.*`` gives ``expected.yaml`` and the codes in ``findings.txt``.

The records in ``valid.*`` are ones that the source takes, and the model takes them; each in ``invalid.json`` it refuses.
``python tests/importers/test_importers.py`` writes what is expected anew, to be read before it is kept.
"""

import json
from pathlib import Path

import jsonschema
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from semantics.engine.validate import validate_files
from semantics.errors import SemanticsError, SourceError, UsageError
from semantics.importers import IMPORTERS, import_schema, told_by_content
from semantics.importers.xml_tree import parsed
from semantics.schema import load_schema, read_schema
from semantics.validation import compile_checker

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("*/*/source.*"))


def names(case):
    return f"{case.parent.name}-{case.name}"


def source(case):
    return next(case.glob("source.*"))


def written(case):
    found = import_schema(source(case), case.parent.name)
    lines = [
        f"{each.location.pointer or each.location.line or ''} {each.code} {each.severity}" for each in found.findings
    ]
    return found.text, "".join(f"{line.strip()}\n" for line in lines)


@pytest.mark.parametrize("case", CASES, ids=names)
def test_the_schema_and_what_it_does_not_say_are_as_expected(case):
    text, findings = written(case)

    assert text == (case / "expected.yaml").read_text()
    assert findings == (case / "findings.txt").read_text()


@pytest.mark.parametrize("case", [case for case in CASES if (case / "valid.json").exists()], ids=names)
def test_records_of_the_source_are_valid_and_others_are_not(case):
    model, warnings = read_schema(case / "expected.yaml")
    checker = compile_checker(model)

    assert {each.code for each in warnings} <= {"SCH030"}
    for record in json.loads((case / "valid.json").read_text()):
        assert checker.check(model.tree_root, record) == ()
    if (case / "invalid.json").exists():
        taken = [checker.accepts(model.tree_root, each) for each in json.loads((case / "invalid.json").read_text())]
        assert taken == [False] * len(taken)


@pytest.mark.parametrize("case", sorted((HERE / "json-schema").glob("*")), ids=names)
def test_records_of_a_case_are_what_its_source_says_they_are(case):
    schema = json.loads(source(case).read_text())

    def beside(uri):
        return Resource.from_contents(json.loads((case / uri).read_text()), DRAFT7)

    cls = jsonschema.validators.validator_for(schema)
    judge = cls(schema, registry=Registry(retrieve=beside), format_checker=cls.FORMAT_CHECKER)

    assert [judge.is_valid(each) for each in json.loads((case / "valid.json").read_text())].count(False) == 0
    assert [judge.is_valid(each) for each in json.loads((case / "invalid.json").read_text())].count(True) == 0


@pytest.mark.parametrize("case", CASES, ids=names)
def test_what_a_file_is_is_told_by_its_content(case):
    assert told_by_content(source(case).read_bytes(), source(case).name) == case.parent.name


@pytest.mark.parametrize(
    "document", sorted(HERE.glob("*/*/valid.*[!n]")), ids=lambda path: f"{path.parent.name}-{path.name}"
)
def test_documents_of_the_source_are_valid_and_others_are_not(document):
    model = load_schema(document.with_name("expected.yaml"))
    manner = "shacl" if document.suffix == ".ttl" else "schema"

    assert validate_files(model, [str(document)], model.tree_root, manner=manner).conforms
    if (other := document.with_stem("invalid")).exists():
        assert not validate_files(model, [str(other)], model.tree_root, manner=manner).conforms


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib", "ignore:Dataset.default_context:DeprecationWarning")
@pytest.mark.parametrize(
    "document", sorted((HERE / "shacl").glob("*/*valid.ttl")), ids=lambda each: f"{each.parent.name}-{each.stem}"
)
def test_graphs_of_a_case_are_what_its_shapes_say_they_are(document):
    import pyshacl

    conforms, _, _ = pyshacl.validate(str(document), shacl_graph=str(document.with_name("source.ttl")))

    assert conforms == (document.stem == "valid")


@pytest.mark.parametrize("entity", [
    '<!ENTITY e "x"><!ENTITY f "&e;&e;">', '<!ENTITY e SYSTEM "file:///etc/hosts">', '<!ENTITY % p SYSTEM "p.dtd"> %p;',
    f'<!ENTITY e "{"x" * 300}">', "",
])  # fmt: skip
def test_an_entity_that_is_no_short_text_is_refused(entity):
    with pytest.raises(SourceError) as caught:
        parsed(f"<!DOCTYPE a SYSTEM 'a.dtd' [{entity}]><a>&e;</a>".encode(), "a.xsd")

    assert [each.code for each in caught.value.diagnostics] == ["IMP001"]


@pytest.mark.parametrize(("name", "text"), [
    ("a.json", '{"properties": {"a": {"items": 7, "oneOf": {}, "required": true}}, "definitions": [1]}'),
    ("a.xsd", '<x:schema xmlns:x="http://www.w3.org/2001/XMLSchema"><x:complexType name="u"><x:complexContent>'
              '<x:restriction base="u"/></x:complexContent></x:complexType></x:schema>'),
])  # fmt: skip
def test_a_malformed_schema_is_told_without_a_traceback(tmp_path, name, text):
    (tmp_path / name).write_text(text)

    with pytest.raises(UsageError) as caught:
        import_schema(tmp_path / name)

    assert [each.code for each in caught.value.diagnostics] == ["IMP003"]


@pytest.mark.parametrize(("text", "code"), [
    ("[" * 3_000 + "]" * 3_000, "IMP002"),
    (json.dumps({"$defs": {f"A{n}": {"allOf": [{"$ref": f"#/$defs/A{n + 1}"}], "properties": {f"p{n}": {}}}
                           for n in range(100)}}), "IMP002"),
    (json.dumps({"properties": {"a": {"$ref": "#/$defs/A99"}}, "$defs": {"A0": {"not": {}}} | {
        f"A{n}": {"anyOf": [{"$ref": f"#/$defs/A{n - 1}"}, {"$ref": f"#/$defs/A{n - 1}"}]} for n in range(1, 100)
    }}), "IMP010"),
    ('{"properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"allOf": [{"$ref": "#/$defs/A"}]}}}', "IMP011"),
    ('{"properties": {"a": {"pattern": "(?=a)b"}}}', "IMP010"),
    ('{"properties": {"a": {"pattern": "(a{1000}){1000}"}}}', "IMP010"),
    ('{"properties": {"a": {"maximum": 1E+999999, "$ref": "http://[x"}}}', "IMP014"),
    ('{"properties": {"a": {"type": "array", "items": {"$ref": "#/$defs/A"}}}, "$defs": {"A": '
     '{"properties": {"a": {"$ref": "#/$defs/A"}}, "required": ["a"]}}}', "IMP010"),
    ('{"type": "array", "items": {"type": "string", "enum": ["a", "b"]}}', "IMP012"),
    ('{"title": "T", "oneOf": [{"$ref": "#/definitions/A"}, {"$ref": "#/definitions/B"}], '
     '"discriminator": {"propertyName": "kind", "mapping": {"1": "#/definitions/A", "2": "#/definitions/B"}}, "definitions": '
     '{"A": {"properties": {"kind": {"const": "1"}}}, "B": {"properties": {"kind": {"const": "2"}}}}}', "IMP019"),
])  # fmt: skip
def test_what_cannot_be_taken_as_it_is_has_a_code(tmp_path, text, code):
    (tmp_path / "a.json").write_text(text)
    try:
        found = import_schema(tmp_path / "a.json", "json-schema").findings
    except SemanticsError as fault:
        found = fault.diagnostics

    assert code in [each.code for each in found]


@pytest.mark.parametrize(("name", "text"), [
    ("a.xsd", '<x:schema xmlns:x="http://www.w3.org/2001/XMLSchema"><x:simpleType name="t"><x:restriction base="u">'
              '<x:maxLength value="3"/></x:restriction></x:simpleType><x:element name="a"><x:complexType>'
              '<x:attribute name="b" type="t"/></x:complexType></x:element></x:schema>'),
    ("a.ttl", '@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix e: <https://example.org/> . e:S a sh:NodeShape ; '
              'sh:targetClass -1, [], e:Thing ; sh:property [ sh:path e:a ] .'),
])  # fmt: skip
def test_what_a_schema_gets_wrong_makes_no_model_that_does_not_load(tmp_path, name, text):
    (tmp_path / name).write_text(text)

    assert load_schema(import_schema(tmp_path / name).schema).classes


def test_every_importer_has_a_case():
    assert {case.parent.name for case in CASES} == set(IMPORTERS)


if __name__ == "__main__":
    for each in CASES:
        text, findings = written(each)
        (each / "expected.yaml").write_text(text)
        (each / "findings.txt").write_text(findings)

"""Documents of PROV-JSON: the graph that they stand for, and what is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from semantics.errors import SourceError
from semantics.plan.documents import layout_of
from semantics.schema import read_schema
from semantics.sources import ReadOptions, open_source

PROV = "http://www.w3.org/ns/prov#"
MODEL: dict[str, Any] = {
    "id": "https://example.org/p",
    "name": "p",
    "prefixes": {"prov": PROV, "ex": "http://e/"},
    "default_prefix": "ex",
    "default_range": "string",
    "imports": ["linkml:types"],
    "slots": {"id": {"identifier": True, "range": "uriorcurie"}},
    "classes": {
        "Entity": {
            "class_uri": "prov:Entity",
            "slots": ["id"],
            "attributes": {
                "pages": {"range": "integer"},
                "made": {"slot_uri": "prov:wasGeneratedBy", "range": "uriorcurie", "multivalued": True},
                "made_so": {"slot_uri": "prov:qualifiedGeneration", "range": "Generation", "inlined": True},
                "rest": {
                    "annotations": {"rdf": "rest"},
                    "range": "Fact",
                    "multivalued": True,
                    "inlined_as_list": True,
                },
            },
        },
        "Generation": {"class_uri": "prov:Generation", "attributes": {
            "at": {"slot_uri": "prov:atTime", "range": "datetime"},
            "by": {"slot_uri": "prov:activity", "range": "uriorcurie"},
        }},
        "Fact": {"attributes": {
            "property": {"annotations": {"rdf": "property"}},
            "text": {"annotations": {"rdf": "value"}},
            "language": {"annotations": {"rdf": "language"}},
            "datatype": {"annotations": {"rdf": "datatype"}},
            "iri": {"annotations": {"rdf": "iri"}},
        }},
    },
}  # fmt: skip
PREFIX = {"ex": "http://e/", "default": "http://d/"}


def read(document: Any, folder: Path, model: dict[str, Any] = MODEL) -> list[Any]:
    """The entities of a document."""
    (folder / "d.json").write_text(json.dumps(document))
    options = ReadOptions(layout=layout_of(read_schema(model)[0], ["Entity"]))
    return [record.fault or record.data for record in open_source(folder / "d.json", "prov-json", options)]


def test_relations_are_triples_or_nodes(tmp_path: Path) -> None:
    """One triple where it has no name and says no more; a node where it does, or where an end is not told."""
    said = {
        "_:a": {"prov:entity": "ex:one", "prov:activity": {"$": "writing", "type": "xsd:QName"}},
        "ex:g": {"prov:entity": "ex:two", "prov:activity": "writing"},
        "_:b": {"prov:entity": "ex:three", "prov:time": "2025-01-01T00:00:00Z"},
        "_:c": [{"prov:entity": "four", "prov:activity": "ex:x"}, {"prov:entity": "four", "prov:activity": "ex:y"}],
    }
    entities: dict[str, Any] = {name: {} for name in ("ex:one", "ex:two", "ex:three")}
    document = {
        "prefix": PREFIX,
        "entity": entities,
        "wasGeneratedBy": said,
        "bundle": {"ex:b": {"entity": {"four": {"ex:pages": 4}}}},
    }
    assert read(document, tmp_path) == [
        {"id": "http://e/one", "made": ["http://d/writing"]},
        {"id": "http://e/two", "made_so": {"by": "http://d/writing"}},
        {"id": "http://e/three", "made_so": {"at": "2025-01-01T00:00:00Z"}},
        {"id": "http://d/four", "made": ["http://e/x", "http://e/y"], "pages": 4},
    ]


def test_what_no_slot_has_is_the_rest(tmp_path: Path) -> None:
    """Each value of a property that no slot has is an object with the property, in the order of the document."""
    values = ["a", True, 2.5, {"$": "b", "lang": "de"}, {"$": "ex:c", "type": "prov:QUALIFIED_NAME"}]
    found = [
        {"text": "a"},
        {"text": "true", "datatype": "http://www.w3.org/2001/XMLSchema#boolean"},
        {"text": "2.5", "datatype": "http://www.w3.org/2001/XMLSchema#double"},
        {"text": "b", "language": "de"},
        {"iri": "http://e/c"},
    ]
    (entity,) = read({"prefix": PREFIX, "entity": {"ex:one": {"ex:p": values, "ex:pages": 1}}}, tmp_path)
    assert entity == {
        "id": "http://e/one",
        "pages": 1,
        "rest": [{"property": "http://e/p", **each} for each in found],
    }


def test_a_rest_that_cannot_be_held_is_counted_like_any_other_property(tmp_path: Path) -> None:
    """A slot for the rest needs objects that name a property; else the property stands by its IRI."""
    fact = {"attributes": {"text": {"annotations": {"rdf": "value"}}}}
    model = {**MODEL, "classes": {**MODEL["classes"], "Fact": fact}}
    document = {"prefix": PREFIX, "entity": {"ex:one": {"ex:p": "a"}}}
    assert read(document, tmp_path, model) == [{"id": "http://e/one", "http://e/p": "a"}]


@pytest.mark.parametrize(
    ("document", "pointer", "says"),
    [
        ([], None, "a document or a bundle is an object, found list of 0"),
        ({"entity": []}, "/entity", "a part is an object, found list of 0"),
        ({"used": {"_:u": "x"}}, "/used/_:u", "a statement is an object, found string, 1 characters"),
        ({"entity": {"ex:a": [{}, None]}}, "/entity/ex:a/1", "a statement is an object, found null"),
        ({"used": {"_:u": {"prov:entity": ["ex:a"]}}}, "/used/_:u/prov:entity", "an end of a relation is a name"),
        ({"hadMember": {"_:m": {"prov:entity": ["ex:a"]}}}, "/hadMember/_:m", "lacks one of its ends"),
        ({"hadMember": {"_:m": {"prov:collection": "ex:a"}}}, "/hadMember/_:m", "lacks one of its ends"),
        ({"bundle": {"ex:b": 1}}, "/bundle/ex:b", "a document or a bundle is an object, found integer"),
        ({"bundle": {"ex:b": {"entity": {"ex:a": 1}}}}, "/bundle/ex:b/entity/ex:a", "a statement is an object"),
        ({"prefix": {"ex": {}}}, "/prefix/ex", "the IRI of a prefix is a text"),
        ({"entities": {}}, "/entities", "PROV-JSON has no part of this name"),
        ({"entity": {"ex:a": {"ex:p": {"x": 1}}}}, "/entity/ex:a/ex:p", "a value is a text, a number"),
        ({"entity": {"ex:a": {"ex:p": [[1]]}}}, "/entity/ex:a/ex:p", "a value is a text, a number"),
        ({"entity": {"ex:a": {"ex:p": {"$": "1", "type": []}}}}, "/entity/ex:a/ex:p", "the datatype of a value"),
        ({"entity": {"ex:a": {"ex:p": {"$": "1", "lang": []}}}}, "/entity/ex:a/ex:p", "the language of a text"),
        ({"entity": {"ex:a b": {}}}, "/entity/ex:a b", "the name gives no IRI"),
        ({"entity": {"a": {}}}, "/entity/a", "a name without a prefix, and no default namespace"),
    ],
)
def test_what_is_no_prov_json_is_told_with_its_place(
    document: Any, pointer: str | None, says: str, tmp_path: Path
) -> None:
    """A document with something else in it is refused, and the pointer leads there."""
    with pytest.raises(SourceError) as caught:
        read(document, tmp_path)
    (finding,) = caught.value.diagnostics
    assert finding.code == "SRC070"
    assert says in finding.message
    assert finding.location is not None
    assert finding.location.pointer == pointer

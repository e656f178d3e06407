"""Terms of RDF as objects, and blank nodes that have a name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from semantics.errors import SourceError
from semantics.plan.documents import layout_of
from semantics.schema import load_schema, read_schema
from semantics.sources import ReadOptions, open_source, source_format

_HELD: dict[str, Any] = {"multivalued": True, "inlined_as_list": True}
_NAMED: dict[str, Any] = {"identifier": True, "range": "uriorcurie", "annotations": {"rdf": "named"}}
MODEL: dict[str, Any] = {
    "id": "https://example.org/library",
    "name": "library",
    "prefixes": {"ex": "http://e/"},
    "default_prefix": "ex",
    "default_range": "string",
    "imports": ["linkml:types"],
    "classes": {
        "Term": {
            "attributes": {
                **{part: {"annotations": {"rdf": part}} for part in ("value", "language", "datatype", "iri")},
                "label": {},
            }
        },
        "Book": {
            "attributes": {"id": _NAMED, "title": {"range": "Term", **_HELD}, "by": {"range": "Agent", "multivalued": True}}
        },
        "Agent": {"attributes": {"id": _NAMED, "called": {}}},
        "Work": {"attributes": {"id": _NAMED, "made": {}}},
    },
}  # fmt: skip
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PROV = "http://www.w3.org/ns/prov#"
PREFIXES = "@prefix ex: <http://e/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . "


def records(text: str, folder: Path) -> list[tuple[str | None, dict[str, Any]]]:
    schema, _ = read_schema(MODEL)
    layout = layout_of(schema, ("Book", "Agent", "Work"))
    path = folder / "a.ttl"
    path.write_text(PREFIXES + text)
    found = open_source(path, "turtle", ReadOptions(layout=layout, told=lambda _: None))
    return [(record.class_name, record.data or {}) for record in found]


def test_a_term_is_an_object(tmp_path: Path) -> None:
    """With its language, its datatype where that says something, or its IRI and what else is said of that."""
    text = 'ex:b a ex:Book ; ex:title "a"@de , "b" , "1"^^xsd:int , ex:t , ex:u . ex:t ex:label "T" . ex:u a ex:Book .'
    (_, data), _ = records(text, tmp_path)
    assert data["title"] == [
        {"value": "a", "language": "de"},
        {"value": "b"},
        {"value": "1", "datatype": "http://www.w3.org/2001/XMLSchema#int"},
        {"iri": "http://e/t", "label": "T"},
        {"iri": "http://e/u"},
    ]


def test_a_blank_node_has_the_name_that_its_content_makes(tmp_path: Path) -> None:
    """The same in another order and under another label; without a type its class is what the slot expects."""
    one = records('ex:b a ex:Book ; ex:by [ ex:called "A" ] , [ a ex:Agent ; ex:called "B" ] .', tmp_path)
    two = records('_:y ex:called "B" ; a ex:Agent . _:x ex:called "A" . ex:b ex:by _:y , _:x ; a ex:Book .', tmp_path)
    assert sorted(map(repr, one[1:])) == sorted(repr(found) for found in two if found[0] == "Agent")
    assert sorted(one[0][1]["by"]) == sorted(data["id"] for kind, data in one if kind == "Agent")
    assert all(str(data["id"]).startswith("urn:uuid:") for kind, data in one if kind == "Agent")


def test_a_term_that_is_a_record_without_an_iri_has_its_name(tmp_path: Path) -> None:
    """What slots of the term do not take is told by the record alone."""
    found = dict(records('ex:b a ex:Book ; ex:title [ a ex:Work ; ex:made "1999" ; ex:label "T" ] .', tmp_path))
    assert found["Book"]["title"] == [{"iri": found["Work"]["id"], "label": "T"}]
    assert found["Work"]["made"] == "1999"


def test_the_rest_of_a_blank_node_stands_in_it(tmp_path: Path) -> None:
    """That of a thing with an IRI does not: it may be told anywhere, and in a circle."""
    terms = {part: {"annotations": {"rdf": part}} for part in ("property", "value", "iri")}
    rest = {"rest": {"annotations": {"rdf": "rest"}, "range": "Fact", **_HELD}}
    classes = {"Fact": {"attributes": {**terms, **rest}}, "Book": {"attributes": {"id": _NAMED, **rest}}}
    layout = layout_of(read_schema({**MODEL, "classes": classes})[0], ("Book",))
    text = 'ex:b a ex:Book ; ex:p [ ex:q "1" ] ; ex:r ex:t . ex:t ex:s ex:b .'
    (tmp_path / "a.ttl").write_text(PREFIXES + text)
    (record,) = open_source(tmp_path / "a.ttl", "turtle", ReadOptions(layout=layout, told=lambda _: None))
    assert (record.data or {})["rest"] == [
        {"property": "http://e/p", "rest": [{"property": "http://e/q", "value": "1"}]},
        {"property": "http://e/r", "iri": "http://e/t", "http://e/s": "http://e/b"},
    ]


def test_a_node_of_several_classes_is_a_record_of_each(tmp_path: Path) -> None:
    """Where all of them name their blank nodes."""
    assert [kind for kind, _ in records("ex:b a ex:Book , ex:Work .", tmp_path)] == ["Book", "Work"]


def test_blank_nodes_that_hold_each_other_have_names(tmp_path: Path) -> None:
    """A circle ends."""
    found = records("_:a a ex:Work ; ex:other _:b . _:b a ex:Agent ; ex:other _:a .", tmp_path)
    assert len(found) == 2


def test_the_forms_of_rdf_give_the_same_records(tmp_path: Path) -> None:
    """TriG, whatever the graph, and RDF/XML."""
    options = ReadOptions(layout=layout_of(read_schema(MODEL)[0], ("Book", "Agent", "Work")), told=lambda _: None)
    forms = {
        "a.trig": 'ex:g { ex:b a ex:Book ; ex:title "a"@de . }',
        "a.ttl": 'ex:b a ex:Book ; ex:title "a"@de .',
        "a.rdf": f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:ex="http://e/"><ex:Book rdf:about="http://e/b">'
        '<ex:title xml:lang="de">a</ex:title></ex:Book></rdf:RDF>',
    }
    for name, text in forms.items():
        (tmp_path / name).write_text(text if name == "a.rdf" else PREFIXES + text)
        (record,) = open_source(tmp_path / name, source_format(name) or "", options)
        assert record.data == {"id": "http://e/b", "title": [{"value": "a", "language": "de"}]}


def test_a_document_type_declaration_is_refused_in_rdf_xml(tmp_path: Path) -> None:
    """Before anything of it is read, whatever stands before it."""
    (tmp_path / "a.rdf").write_text('<?xml version="1.0"?>\n<!-- a --> <!DOCTYPE r [<!ENTITY a "b">]><r/>')
    with pytest.raises(SourceError) as found:
        list(open_source(tmp_path / "a.rdf", "rdfxml"))
    assert found.value.diagnostics[0].code == "SRC051"


@pytest.mark.parametrize(
    ("context", "node", "found"),
    [
        (
            "https://openprovenance.org/prov-jsonld/context.jsonld",
            {"@type": "Usage", "activity": "http://e/a", "entity": "http://e/b", "role": "r"},
            {"types": [{"iri": f"{PROV}Usage"}], "entity": [{"iri": "http://e/b"}], "role": [{"value": "r"}]},
        ),
        (
            "http://openprovenance.org/prov-jsonld.json",
            {"@type": "prov:Usage", "activity": "http://e/a", "prov:role": "r"},
            {"types": [{"iri": f"{PROV}Usage"}], "role": [{"value": "r"}]},
        ),
    ],
)
def test_prov_jsonld_is_read_with_its_context(context: str, node: Any, found: Any, tmp_path: Path) -> None:
    """That of the submission and that of the first version; the relation is said of its activity."""
    (tmp_path / "a.jsonld").write_text(json.dumps({"@context": context, "@graph": [node]}))
    schema = load_schema(Path(__file__).resolve().parents[2] / "ontologies" / "sources" / "prov.yaml")
    options = ReadOptions(layout=layout_of(schema, ("Usage", "Activity", "Element")), told=lambda _: "Element")
    read = {record.class_name: record.data or {} for record in open_source(tmp_path / "a.jsonld", "jsonld", options)}
    usage = read["Usage"]
    assert {key: value for key, value in usage.items() if key != "id"} == found
    assert read["Element"] == {"id": "http://e/a", "qualifiedUsage": [usage["id"]]}

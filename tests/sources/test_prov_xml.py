"""Documents of PROV-XML: the graph that they stand for, the same as that of PROV-JSON, and what is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from semantics.errors import SemanticsError
from semantics.plan.documents import layout_of
from semantics.schema import load_schema
from semantics.sources import ReadOptions, open_source

SCHEMA = Path(__file__).resolve().parents[2] / "ontologies" / "sources" / "prov.yaml"
CLASSES = ("Entity", "Plan", "Agent", "Person", "Activity", "Generation", "Derivation", "Revision", "Bundle", "Element")
HEAD = (
    '<prov:document xmlns:prov="http://www.w3.org/ns/prov#" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:ex="http://e/">'
)


@pytest.fixture(scope="module")
def options() -> ReadOptions:
    return ReadOptions(layout=layout_of(load_schema(SCHEMA), CLASSES))


def records(name: str, text: str, fmt: str, folder: Path, options: ReadOptions) -> list[dict[str, Any]]:
    (folder / name).write_text(text)
    found = [(record.class_name, record.fault or record.data) for record in open_source(folder / name, fmt, options)]
    return sorted(({"class": kind, **data} for kind, data in found if isinstance(data, dict)), key=repr)


def test_the_graph_is_that_of_prov_json(tmp_path: Path, options: ReadOptions) -> None:
    """Things by their elements, relations with and without a name, values with types and languages, and bundles."""
    told = """
      <prov:entity prov:id="ex:a" ex:kept="k"><prov:label xml:lang="en">A</prov:label>
        <prov:type xsi:type="xsd:QName">ex:Doc</prov:type><prov:value xsi:type="xsd:int"> 5 </prov:value>
        <prov:location>here</prov:location><ex:see prov:ref="ex:b"/></prov:entity>
      <prov:plan prov:id="ex:p"/>
      <prov:agent prov:id="ex:ann"><prov:type>prov:Person</prov:type></prov:agent>
      <prov:activity prov:id="ex:act"><prov:startTime>2012-03-31T09:21:00</prov:startTime></prov:activity>
      <prov:wasGeneratedBy prov:id="ex:g"><prov:entity prov:ref="ex:a"/><prov:activity prov:ref="ex:act"/>
        <prov:role>writer</prov:role></prov:wasGeneratedBy>
      <prov:used><prov:activity prov:ref="ex:act"/><prov:entity prov:ref="ex:b"/></prov:used>
      <prov:wasRevisionOf><prov:generatedEntity prov:ref="ex:a"/><prov:usedEntity prov:ref="ex:b"/></prov:wasRevisionOf>
      <prov:hadMember><prov:collection prov:ref="ex:c"/><prov:entity prov:ref="ex:a"/><prov:entity prov:ref="ex:b"/>
        </prov:hadMember>
      <prov:bundleContent prov:id="ex:bundle"><prov:entity prov:id="ex:b"/></prov:bundleContent>
      <prov:other><ex:note>not provenance</ex:note></prov:other>"""

    def name(iri: str) -> dict[str, str]:
        return {"$": iri, "type": "prov:QUALIFIED_NAME"}

    document = {
        "prefix": {"ex": "http://e/"},
        "entity": {
            "ex:a": {
                "prov:label": {"$": "A", "lang": "en"},
                "prov:type": name("ex:Doc"),
                "prov:value": {"$": "5", "type": "xsd:int"},
                "prov:location": "here",
                "ex:kept": "k",
                "ex:see": name("ex:b"),
            },
            "ex:p": {"prov:type": name("prov:Plan")},
        },
        "agent": {"ex:ann": {"prov:type": name("prov:Person")}},
        "activity": {"ex:act": {"prov:startTime": "2012-03-31T09:21:00"}},
        "wasGeneratedBy": {"ex:g": {"prov:entity": "ex:a", "prov:activity": "ex:act", "prov:role": "writer"}},
        "used": {"_:u": {"prov:activity": "ex:act", "prov:entity": "ex:b"}},
        "wasDerivedFrom": {
            "_:d": {"prov:generatedEntity": "ex:a", "prov:usedEntity": "ex:b", "prov:type": name("prov:Revision")}
        },
        "hadMember": {"_:h": {"prov:collection": "ex:c", "prov:entity": ["ex:a", "ex:b"]}},
        "bundle": {"ex:bundle": {"entity": {"ex:b": {}}}},
    }
    left = records("a.xml", HEAD + told + "</prov:document>", "prov-xml", tmp_path, options)
    right = records("a.json", json.dumps(document), "prov-json", tmp_path, options)

    def sets(found: list[dict[str, Any]]) -> list[str]:
        """Properties have no order in RDF."""
        return sorted(repr(sorted((key, sorted(map(repr, [value]) if not isinstance(value, list) else map(repr, value)))
                                  for key, value in data.items())) for data in found)  # fmt: skip

    assert sets(left) == sets(right)


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("<a/>", "SRC070", "its root is prov:document"),
        (f"{HEAD}<prov:thing/></prov:document>", "SRC070", "it has no element 'thing' there"),
        (f"{HEAD}<ex:entity/></prov:document>", "SRC070", "it has no element 'entity' there"),
        (f'{HEAD}<prov:entity prov:id="no:a"/></prov:document>', "SRC070", "a prefix that is not declared"),
        (f"{HEAD}<prov:entity><ex:p><ex:q/></ex:p></prov:entity></prov:document>", "SRC070", "holds elements"),
        (f"{HEAD}<prov:hadMember/></prov:document>", "SRC070", "not PROV-XML: the relation lacks one of its ends"),
        (f"{HEAD}<prov:entity>", "SRC050", "not well-formed XML"),
        (f'<!DOCTYPE d [<!ENTITY a "b">]>{HEAD}</prov:document>', "SRC051", "DOCTYPE"),
        (f'<?xml version="1.0" encoding="big5"?>{HEAD}</prov:document>', "SRC052", "not read"),
        (HEAD + "<prov:entity>" * 200, "SRC055", "nested too deeply"),
        (
            HEAD + "<prov:entity " + " ".join(f'xmlns:n{n}="urn:{n}"' for n in range(2_000)) + ">",
            "SRC056",
            "2000 attributes",
        ),
    ],
)
def test_what_is_no_prov_xml_is_told(text: str, code: str, says: str, tmp_path: Path, options: ReadOptions) -> None:
    """And nothing of the file is read."""
    (tmp_path / "a.xml").write_text(text)
    with pytest.raises(SemanticsError) as found:
        list(open_source(tmp_path / "a.xml", "prov-xml", options))
    assert found.value.diagnostics[0].code == code
    assert says in found.value.diagnostics[0].message

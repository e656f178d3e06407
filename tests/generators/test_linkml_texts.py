"""OWL, TypeScript and SQL by linkml: what comes out is sound, whatever stands in the schema; and what linkml lacks."""

from __future__ import annotations

import contextlib
import json
import logging
import re
import socket
import sqlite3
import sys
import types
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import rdflib
import yaml

from semantics.generators import gaps, generate
from semantics.generators.linkml_definition import comment
from semantics.schema import load_schema
from semantics.schema.model import SchemaModel

HOSTILE: dict[str, Any] = {
    "name": "m", "id": "https://e.org/m", "prefixes": {"e": "https://e.org/"}, "default_prefix": "e",
    "classes": {
        "A": {"description": "x */ evil(); /* \n evil();\r evil(); -- \u2028 evil()", "attributes": {
            "id": {"identifier": True, "description": "*/ evil()"}, "e": {"range": "E"}, "a b": {}, "c-d": {"description": 'q" \\'},
            "other": {"range": "B"}, "others": {"range": "B", "multivalued": True}}},
        "B": {"attributes": {"id": {"identifier": True}, "back": {"range": "A"}}},
        "class": {"is_a": "A"},
    },
    "enums": {"E": {"permissible_values": {text: {"description": "*/ evil()\n"} for text in (
        '"', "\\", '\\"; evil(); x = "', "'); DROP TABLE A; --", "a\nb", "", "${evil()}", "a b", "a-b", "\u2028", "\N{GRINNING FACE}")}}},
}  # fmt: skip


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return generate(load_schema(HOSTILE), ["owl", "typescript", "sql"])


def test_the_ontology_parses_and_uses_the_uris_of_the_schema(files: dict[str, str]) -> None:
    graph = rdflib.Graph().parse(data=files["m.owl.ttl"], format="turtle")
    classes = {
        str(each) for each in graph.subjects(rdflib.RDF.type, rdflib.OWL.Class) if isinstance(each, rdflib.URIRef)
    }
    assert {"https://e.org/A", "https://e.org/B", "https://e.org/class"} <= classes
    assert (rdflib.URIRef("https://e.org/class"), rdflib.RDFS.subClassOf, rdflib.URIRef("https://e.org/A")) in graph


def test_the_tables_can_be_made_and_codes_stay_codes(files: dict[str, str]) -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        database.executescript(files["m.sql"])
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"A", "B", "class_"} <= tables


def test_no_text_leaves_its_comment_or_string_in_typescript(files: dict[str, str]) -> None:
    text = files["m.ts"]
    stripped = re.sub(r'/\*.*?\*/|"(?:[^"\\\n]|\\[^\n])*"', "", text, flags=re.DOTALL)
    assert "evil(" in text
    assert "evil(" not in stripped
    codes = [json.loads(f'"{each}"') for each in re.findall(r'^    \w+ = "(.*)",$', text, flags=re.MULTILINE)]
    assert codes == list(HOSTILE["enums"]["E"]["permissible_values"])
    assert '"a b"?: string' in text
    assert '"c-d"?: string' in text


def test_comments_are_one_line_and_end_nothing() -> None:
    assert comment("a */ b\r\nc /* d\u2028e\x00") == "a * / b c / * d e"


def test_linkml_opens_no_socket_and_no_file_of_the_schema(rich: SchemaModel, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **words: Any) -> Any:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    found = generate(rich, ["owl", "typescript", "sql"])
    assert sorted(found) == ["rich.owl.ttl", "rich.sql", "rich.ts"]
    for text in found.values():
        assert not re.search(r"\b20[0-9]{2}-[0-9]{2}-[0-9]{2}\b|/work|/tmp|linkml.* 1\.[0-9]", text)


# -- why the other four are not linkml's ---------------------------------------------------------

BASE = {"id": "https://e.org/s", "name": "s", "prefixes": {"linkml": "https://w3id.org/linkml/", "e": "https://e.org/"},
        "imports": ["linkml:types"], "default_prefix": "e", "default_range": "string"}  # fmt: skip
LACKING: dict[str, Any] = {
    **BASE,
    "types": {"Code": {"typeof": "string", "pattern": "^[A-Z]+$"}},
    "classes": {
        "P": {"attributes": {"id": {"identifier": True}, "kind": {"designates_type": True}}},
        "Q": {"is_a": "P", "attributes": {"more": {}}},
        "A": {
            "attributes": {
                "any": {"any_of": [{"pattern": "^a"}, {"pattern": "^b"}]}, "none": {"none_of": [{"equals_string": "z"}]},
                "i": {"range": "integer"}, "b": {"range": "boolean"}, "code": {"range": "Code"}, "ref": {"range": "P"},
                "obj": {"range": "P", "inlined": True}, "day": {"range": "date"}, "v": {"slot_uri": "e:v1"}, "p": {"pattern": "^a"},
            },
            "rules": [{"preconditions": {"slot_conditions": {"i": {"equals_number": 1}}},
                       "postconditions": {"slot_conditions": {"code": {"required": True}}}}],
        },
        "Z": {"attributes": {"v": {"slot_uri": "e:v2", "range": "integer"}}},
    },
}  # fmt: skip


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)


def by_linkml(module: str, name: str, schema: dict[str, Any]) -> str:
    with quiet():
        generator = getattr(__import__(f"linkml.generators.{module}", fromlist=[name]), name)
        return str(generator(yaml.safe_dump(schema), metadata=False).serialize())


@pytest.fixture(scope="module")
def classes() -> Iterator[types.ModuleType]:
    module = sys.modules["by_linkml"] = types.ModuleType("by_linkml")
    with quiet():
        exec(by_linkml("pydanticgen", "PydanticGenerator", LACKING), module.__dict__)
        yield module
    del sys.modules["by_linkml"]


def a_class(**attributes: Any) -> dict[str, Any]:
    return {**BASE, "classes": {"A": {"attributes": attributes}}}


def test_linkml_pastes_text_into_python() -> None:
    text = by_linkml(
        "pydanticgen", "PydanticGenerator", a_class(x={"title": 'x", examples=[len("pasted")], deprecated="y'})
    )
    assert 'examples=[len("pasted")]' in text
    bad = {**a_class(x={"range": "E"}), "enums": {"E": {"permissible_values": {"line1\nline2": {}}}}}
    with pytest.raises(SyntaxError):
        compile(by_linkml("pydanticgen", "PydanticGenerator", bad), "by_linkml", "exec")


def test_linkml_runs_patterns_in_backtracking_re_or_not_at_all(classes: types.ModuleType) -> None:
    assert "re.compile" in by_linkml("pydanticgen", "PydanticGenerator", a_class(x={"pattern": "^(a+)+$"}))
    assert classes.A(code="lower case").code == "lower case"


def test_linkml_drops_constraints_in_python(classes: types.ModuleType) -> None:
    assert classes.A(any="zzz", none="z", i=1).any == "zzz"


def test_linkml_is_lax_with_types_in_python(classes: types.ModuleType) -> None:
    found = classes.A(b="yes", i="1")
    assert (found.b, found.i) == (True, 1)
    assert classes.A(i=True).i == 1


def test_linkml_lacks_constraints_in_shacl() -> None:
    shapes = rdflib.Graph().parse(data=by_linkml("shaclgen", "ShaclGenerator", LACKING), format="turtle")
    said = {str(each).rpartition("#")[2] for each in shapes.predicates()}
    assert not {"not", "xone"} & said
    assert [str(each) for each in shapes.objects(None, rdflib.SH.pattern)].count("^b") == 0
    reference = next(shapes.subjects(rdflib.SH.path, rdflib.URIRef("https://e.org/ref")))
    assert (reference, rdflib.SH["class"], rdflib.URIRef("https://e.org/P")) in shapes
    paths = {str(each) for each in shapes.objects(None, rdflib.SH.path)}
    assert {"https://e.org/id", "https://e.org/kind"} <= paths


def test_linkml_is_open_in_json_schema() -> None:
    from jsonschema import Draft201909Validator

    document = json.loads(by_linkml("jsonschemagen", "JsonSchemaGenerator", LACKING))
    assert Draft201909Validator(document).is_valid({"anything": [1]})
    a = Draft201909Validator({**document["$defs"]["A"], "$defs": document["$defs"]})
    assert a.is_valid({"day": "tomorrow", "obj": {"id": "1", "more": "no designator"}})


def test_linkml_has_one_term_a_name_in_its_context() -> None:
    context = json.loads(by_linkml("jsonldcontextgen", "ContextGenerator", LACKING))["@context"]
    assert context["v"] == {"@type": "xsd:integer", "@id": "v2"}
    assert context["kind"] == {"@id": "kind"}


def test_every_generator_of_our_own_says_why() -> None:
    assert {each.generator for each in gaps.LINKML} == {"pydantic", "shacl", "json-schema", "jsonld-context"}

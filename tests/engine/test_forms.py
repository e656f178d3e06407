"""Objects of JSON in other forms: other keys, arrays and single values in place of objects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from semantics import convert, load_mapping
from semantics.engine.mapping import Mapping
from semantics.records import Record, Rejected

SCHEMA = """
id: https://example.org/shapes
name: shapes
default_prefix: "https://example.org/shapes/"
default_range: string
imports: [linkml:types]
classes:
  Shape:
    attributes:
      title: {aliases: ["dc:title"], range: Text}
      corners: {range: Corner, multivalued: true, inlined_as_list: true}
      groups: {range: Group, multivalued: true, inlined_as_list: true}
      centre: {range: Corner}
      parts: {range: Part, multivalued: true, inlined_as_list: true}
      elements: {range: Text, multivalued: true, inlined_as_list: true, annotations: {json: elements}}
      facts: {range: Text, annotations: {json: merged}}
  Text:
    attributes:
      words: {annotations: {json: scalar}, aliases: ["@value"]}
  Corner:
    annotations: {json: array}
    attributes:
      x: {range: decimal}
      y: {range: decimal}
      number: {range: integer, annotations: {json: position}}
  Part:
    attributes:
      name: {annotations: {json: key}}
      size: {range: integer, annotations: {json: scalar}}
  Group:
    annotations: {json: array}
    attributes:
      members: {range: integer, multivalued: true}
"""
MAPPING = """
source_schema: shapes.yaml
target_schema: shapes.yaml
class_derivations:
  Shape:
    slot_derivations:
      title: {populated_from: title, class_derivations: {Text: {slot_derivations: {words: }}}}
      corners: {for_each: corners, class_derivations: {Corner: {slot_derivations: {x: , y: , number: }}}}
      groups: {for_each: groups, class_derivations: {Group: {slot_derivations: {members: }}}}
      parts: {for_each: parts, class_derivations: {Part: {slot_derivations: {name: , size: }}}}
      centre: {populated_from: centre, class_derivations: {Corner: {slot_derivations: {x: , y: }}}}
"""


@pytest.fixture
def shapes(tmp_path: Path) -> Mapping:
    (tmp_path / "shapes.yaml").write_text(SCHEMA)
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    return load_mapping(tmp_path / "mapping.yaml")


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"dc:title": "a"}, {"title": {"words": "a"}}),
        ({"title": {"@value": "a"}}, {"title": {"words": "a"}}),
        ({"title": "a", "dc:title": "b"}, {"title": {"words": "a"}}),
        ({"corners": [[1, 2], [3, 4]]}, {"corners": [{"x": 1, "y": 2, "number": 0}, {"x": 3, "y": 4, "number": 1}]}),
        ({"corners": [{"x": 1}]}, {"corners": [{"x": 1, "number": 0}]}),
        ({"centre": [1, 2]}, {"centre": {"x": 1, "y": 2}}),
        ({"groups": [[1, 2, 3], [4]]}, {"groups": [{"members": [1, 2, 3]}, {"members": [4]}]}),
        ({"title": None, "corners": []}, {}),
        ({"parts": {"a": 1, "b": {"size": 2}}}, {"parts": [{"name": "a", "size": 1}, {"name": "b", "size": 2}]}),
        (
            {"parts": {"a": [1, {"size": 2}], "b": None}},
            {"parts": [{"name": "a", "size": 1}, {"name": "a", "size": 2}]},
        ),
        ({"parts": [{"name": "a"}]}, {"parts": [{"name": "a"}]}),
        ({"facts": {"dc:title": "a", "centre": [1, 2]}}, {"title": {"words": "a"}, "centre": {"x": 1, "y": 2}}),
        ({"elements": [{"elementId": "dc:title", "value": "a"}]}, {"title": {"words": "a"}}),
        ({"elements": [{"elementId": "title", "words": "a", "objectType": "x"}]}, {"title": {"words": "a"}}),
        ({"facts": [{"title": "a"}]}, {"title": {"words": "a"}}),
        ({"facts": {"title": "a"}, "title": "b"}, {"title": {"words": "b"}}),
    ],
)
def test_what_the_source_schema_says_of_other_forms_is_read(
    shapes: Mapping, record: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert shapes.apply(record) == expected


@pytest.mark.parametrize(
    ("record", "formed"),
    [
        ({"facts": {"title": "a", "size": 1}, "title": "b"}, {"size": 1, "title": {"words": "b"}, "facts": {"title": "a"}}),
        ({"facts": {"facts": 1}}, {"facts": {"facts": 1}}),
        ({"facts": [{"size": 1}, {"size": 2}]}, {"facts": [{"size": 1}, {"size": 2}]}),
        (
            {"elements": [{"elementId": "x", "value": 1}, {"elementId": "x", "value": 2}, {"value": 3}, {"elementId": []}]},
            {"x": 1, "elements": [{"elementId": "x", "value": 2}, {"value": 3}, {"elementId": []}]},
        ),
        ({"elements": [{"elementId": "y", "value": 1}], "y": 2}, {"y": 2, "elements": [{"elementId": "y", "value": 1}]}),
        ({"elements": ["x"]}, {"elements": [{"words": "x"}]}),
        ({"parts": {"a": [[]]}, "centre": [[]]}, {"parts": [[]], "centre": {"x": []}}),
    ],
)  # fmt: skip
def test_what_has_no_place_stays_where_it_was(shapes: Mapping, record: dict[str, Any], formed: dict[str, Any]) -> None:
    """Nothing takes the place of something else: two elements of one name, or a fact that the object says too."""
    assert shapes.formed(Record(record, class_name="Shape"))[0].data == formed


def test_an_array_with_too_many_values_is_no_object(shapes: Mapping) -> None:
    assert isinstance(shapes.try_apply({"corners": [[1, 2, 3]]}), Rejected)


def test_entries_of_an_object_are_the_elements_of_a_list(tmp_path: Path) -> None:
    """What stands under a key that is data is one element, with its key and its value of any shape."""
    (tmp_path / "claims.yaml").write_text("""
id: https://example.org/claims
name: claims
default_prefix: "https://example.org/claims/"
default_range: string
imports: [linkml:types]
classes:
  Any: {class_uri: "linkml:Any"}
  Record:
    attributes:
      claims: {range: Claim, multivalued: true, inlined_as_list: true}
      facts: {range: Facts}
      texts: {range: Text, multivalued: true, inlined_as_list: true}
  Facts:
    attributes:
      code: {range: Any}
      shape: {range: Any}
  Claim:
    attributes:
      pointer: {annotations: {json: key}}
      value: {range: Any, annotations: {json: entry}}
  Text:
    attributes:
      name: {}
      text: {}
""")
    (tmp_path / "claims.map.yaml").write_text("""
source_schema: claims.yaml
target_schema: claims.yaml
source: {format: json}
class_derivations:
  Record:
    slot_derivations:
      texts:
        for_each: claims
        class_derivations:
          Text: {slot_derivations: {name: {populated_from: pointer}, text: {expr: "json(value)"}}}
""")
    mapping = load_mapping(tmp_path / "claims.map.yaml")
    record = {"claims": {"/a": "C", "/b/0": {"yesNo": "No"}}, "facts": {"code": 1.50}}
    found = mapping.apply(record, source_class="Record")
    assert found == {"texts": [{"name": "/a", "text": '"C"'}, {"name": "/b/0", "text": '{"yesNo":"No"}'}]}


def test_values_of_any_kind_are_melted_as_text(tmp_path: Path) -> None:
    """A slot of any value gives its text, or its JSON, where the value slot holds text."""
    (tmp_path / "any.yaml").write_text("""
id: https://example.org/any
name: any
default_prefix: "https://example.org/any/"
default_range: string
imports: [linkml:types]
classes:
  Any: {class_uri: "linkml:Any"}
  Record:
    attributes:
      code: {range: Any}
      shape: {range: Any}
      word: {}
      texts: {range: Text, multivalued: true, inlined_as_list: true}
  Text:
    attributes:
      name: {}
      text: {}
""")
    (tmp_path / "any.map.yaml").write_text("""
source_schema: any.yaml
target_schema: any.yaml
class_derivations:
  Record:
    slot_derivations:
      texts: {pivot_operation: {direction: MELT, variable_slot: name, value_slot: text}}
""")
    mapping = load_mapping(tmp_path / "any.map.yaml")
    found = mapping.apply({"code": 7, "shape": {"a": [1]}, "word": "w"}, source_class="Record")
    assert found is not None
    assert found["texts"] == [
        {"name": "code", "text": "7"},
        {"name": "shape", "text": '{"a":[1]}'},
        {"name": "word", "text": "w"},
    ]


JOINED = """
name: joined
class_derivations:
  - Sale:
      populated_from: Order
      joins: {by: {class_named: Party, source_key: buyer, lookup_key: key, required: true}}
      slot_derivations: {id: , buyer: {populated_from: by.name}}
  - Sale:
      populated_from: Line
      group_by: order
      slot_derivations: {id: {populated_from: order}, buyer: {expr: "join(' ', item)"}}
"""


def test_records_that_are_looked_up_or_grouped_have_their_form_too(tmp_path: Path) -> None:
    """Wherever they come from: given beside the mapping, or read from the inputs."""
    schema: dict[str, Any] = {
        "id": "https://example.org/sales", "name": "sales", "imports": ["linkml:types"], "default_range": "string",
        "classes": {
            "Order": {"attributes": {"id": {"aliases": ["@id"]}, "buyer": {"aliases": ["@buyer"]}}},
            "Party": {"attributes": {"key": {"aliases": ["@key"]}, "name": {"aliases": ["@name"]}}},
            "Line": {"attributes": {"order": {"aliases": ["@order"]}, "item": {"aliases": ["@item"]}}},
            "Sale": {"attributes": {"id": {}, "buyer": {}}},
        },
    }  # fmt: skip
    orders, parties = [{"@id": "1", "@buyer": "p"}], [{"@key": "p", "@name": "Ann"}]
    lines = [{"@order": "2", "@item": item} for item in ("a", "b")]
    mapping = load_mapping(yaml.safe_load(JOINED), source_schema=schema, target_schema=schema)
    assert mapping.with_related({"Party": parties}).apply(orders[0]) == {"id": "1", "buyer": "Ann"}
    (tmp_path / "in.json").write_text(json.dumps([*orders, *parties, *lines]))
    report = convert(mapping, tmp_path / "in.json", tmp_path / "out.ndjson")
    assert (report.records["mapped"], report.records["filtered"]) == (3, 1)
    made = [json.loads(line) for line in (tmp_path / "out.ndjson").read_text().splitlines()]
    assert made == [{"id": "1", "buyer": "Ann"}, {"id": "2", "buyer": "a b"}]


def test_a_form_that_fails_rejects_the_record(shapes: Mapping, monkeypatch: pytest.MonkeyPatch) -> None:
    """Like any other defect of the program: the run goes on."""
    monkeypatch.setattr("semantics.engine.forms.shaped", lambda *_: 1 / 0)
    outcome = shapes.try_apply({"dc:title": "a"})
    assert isinstance(outcome, Rejected)
    assert [finding.code for finding in outcome.diagnostics] == ["INT001"]

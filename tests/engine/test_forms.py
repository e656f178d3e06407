"""Objects of JSON in other forms: other keys, arrays and single values in place of objects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from semantics import load_mapping
from semantics.engine.mapping import Mapping
from semantics.records import Rejected

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


def test_an_array_with_too_many_values_is_no_object(shapes: Mapping) -> None:
    assert isinstance(shapes.try_apply({"corners": [[1, 2, 3]]}), Rejected)

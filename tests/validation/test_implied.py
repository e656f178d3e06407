"""What the checker has accepted conforms to the generated shapes where it is said to: held on drawn models."""

from __future__ import annotations

import contextlib
import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import semantics
from semantics.engine.implied import Implied
from semantics.engine.shapes import ShapeCheck, generated
from semantics.errors import DefinitionError
from semantics.lexical import LexicalError
from semantics.records import Instance
from semantics.validation import compile_checker


# Not shrunk: that takes minutes, and a model can be read as it is.
@settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
)
@given(data=st.data())
def test_what_is_known_already_is_what_the_shapes_say(made_cases: Any, data: st.DataObject) -> None:
    """Each valid instance by itself, and two of them together; what cannot be RDF is the sink's matter."""
    case = data.draw(made_cases)
    with contextlib.suppress(DefinitionError):
        shapes = ShapeCheck(case.schema, [generated(case.schema)])
        checker, implied = compile_checker(case.schema), Implied(case.schema)
        valid = [("Main", made) for made in case.instances if checker.accepts("Main", made)]
        for known in (*([one] for one in valid), *([one, other] for one, other in itertools.pairwise(valid))):
            try:
                triples = shapes.triples([Instance(*one) for one in known], "1")
            except LexicalError:
                continue
            if implied.all(known) or (len(known) == 1 and implied.one("Main")):
                assert shapes.check(triples) == []


def _schema(value: dict[str, Any]) -> Any:
    return semantics.load_schema(
        {
            "id": "https://example.org/implied",
            "name": "implied",
            "default_prefix": "https://example.org/implied/",
            "classes": {
                "Main": {"attributes": {"id": {"identifier": True}, "value": value}},
                "Named": {"attributes": {"id": {"identifier": True}, "n": {"range": "integer"}}},
                "Plain": {"attributes": {"n": {"range": "integer"}}},
                "Below": {"is_a": "Plain", "attributes": {"id": {"identifier": True}}},
                "Leaf": {"attributes": {"n": {"range": "integer"}}},
            },
        }
    )


@pytest.mark.parametrize(
    ("slot", "known"),
    [
        ({"range": "string"}, True),
        ({"range": "Named"}, True),
        ({"range": "Leaf", "inlined": True}, True),
        ({"range": "Leaf", "inlined_as_list": True, "multivalued": True}, True),
        ({"range": "Named", "inlined": True}, False),
        ({"range": "Named", "inlined": True, "multivalued": True}, False),
        ({"range": "Plain", "inlined": True}, False),
    ],
    ids=["text", "reference", "object", "objects", "named object", "by identifier", "named below"],
)
def test_an_identifier_inside_an_instance_leaves_the_verdict_open(slot: dict[str, Any], known: bool) -> None:
    """Two objects with one identifier are one node in RDF, which then has the values of both."""
    assert Implied(_schema(slot)).one("Main") is known


def test_two_instances_of_one_identifier_are_one_node() -> None:
    implied = Implied(_schema({"range": "string"}))
    assert implied.all([("Main", {"id": "1", "value": "a"}), ("Main", {"id": "2", "value": "b"})])
    assert not implied.all([("Main", {"id": "1", "value": "a"}), ("Main", {"id": "1", "value": "b"})])

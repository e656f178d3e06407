"""Objects of one collection inside an instance are distinct: checker and generated classes say the same."""

from __future__ import annotations

import importlib.util
import sys
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest

from semantics.errors import SchemaError
from semantics.generators import generate
from semantics.schema import load_schema
from semantics.validation import compile_checker, validate_with_classes

SCHEMA = load_schema({
    "name": "distinct",
    "prefixes": {"ex": "https://example.org/"},
    "default_prefix": "ex",
    "classes": {
        "Main": {
            "tree_root": True,
            "attributes": {
                "parts": {"range": "Part", "multivalued": True, "inlined_as_list": True},
                "keyed": {"range": "Part", "multivalued": True, "inlined": True},
                "named": {"range": "Named", "multivalued": True, "inlined": True},
                "people": {"range": "Person", "multivalued": True, "inlined_as_list": True},
                "friends": {"range": "Part", "multivalued": True},
            },
        },
        "Part": {
            "attributes": {
                "no": {"identifier": True, "range": "integer"},
                "sub": {"range": "Part", "multivalued": True, "inlined_as_list": True},
            }
        },
        "Named": {
            "attributes": {"key": {"identifier": True}, "rank": {"range": "integer"}},
            "unique_keys": {"place": {"unique_key_slots": ["rank"]}},
        },
        "Person": {
            "attributes": {
                "type": {"designates_type": True},
                "name": {},
                "born": {"range": "decimal"},
                "weight": {"range": "float"},
            },
            "unique_keys": {"who": {"unique_key_slots": ["name", "born"]}},
        },
        "Child": {
            "is_a": "Person",
            "attributes": {"toy": {}},
            "unique_keys": {"toys": {"unique_key_slots": ["toy"]}},
        },
    },
})  # fmt: skip

CASES: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    ("one each", {"parts": [{"no": 1}, {"no": 2}]}, []),
    ("a list and a list below are two", {"parts": [{"no": 1, "sub": [{"no": 1}]}, {"no": 2, "sub": [{"no": 1}]}]}, []),
    ("an identifier twice", {"parts": [{"no": 1}, {"no": 2}, {"no": Decimal("1.0")}]}, [("VAL020", "/parts/2/no")]),
    (
        "deep inside",
        {"keyed": {"5": {"sub": [{"no": 2}, {"no": 2}]}}},
        [("VAL020", "/keyed/0/sub/1/no")],
    ),
    ("two spellings of a key", {"keyed": {"1": {}, "01": {}}}, [("VAL020", "/keyed/1")]),
    ("a mapping in the place of a list", {"people": {"a": {"name": "n"}}}, [("VAL008", "/people")]),
    ("references may repeat", {"friends": [1, 1]}, []),
    ("a unique key among keyed objects", {"named": {"a": {"rank": 1}, "b": {"rank": 1}}}, [("VAL021", "/named/1")]),
    (
        "several slots, compared as values",
        {"people": [{"name": "n", "born": Decimal("1.0")}, {"name": "n", "born": 1}]},
        [("VAL021", "/people/1")],
    ),
    ("what is absent is not compared", {"people": [{"name": "n"}, {"name": "n"}, {"born": 1}, {"born": 1}]}, []),
    (
        "a class below keeps the key of its parent",
        {"people": [{"name": "n", "born": 1}, {"type": "Child", "name": "n", "born": 1}]},
        [("VAL021", "/people/1")],
    ),
    (
        "and has its own",
        {"people": [{"type": "Child", "toy": "t"}, {"type": "Person"}, {"type": "Child", "toy": "t"}]},
        [("VAL021", "/people/2")],
    ),
]


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    path = tmp_path_factory.mktemp("made") / "distinct_classes.py"
    path.write_text(generate(SCHEMA)["distinct.py"], encoding="utf-8")
    spec = importlib.util.spec_from_file_location("distinct_classes", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module
    spec.loader.exec_module(module)
    return module


def places(findings: Any) -> list[tuple[str, str]]:
    return [(one.code, one.location.pointer) for one in findings]


@pytest.mark.parametrize(("instance", "expected"), [pytest.param(*rest, id=name) for name, *rest in CASES])
def test_the_checker_and_the_classes_tell_objects_apart(
    module: ModuleType, instance: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert places(compile_checker(SCHEMA).check("Main", instance)) == expected
    assert places(validate_with_classes(module, "Main", instance)) == expected


def test_a_message_tells_which_was_the_first_and_no_value() -> None:
    instance = {"named": {"x": {"rank": 1}, "secret": {"rank": 1}}}
    (one,) = compile_checker(SCHEMA).check("Main", instance)
    assert "the same value as in entry 0" in one.message
    assert "secret" not in one.message


def test_a_unique_key_of_an_unknown_slot_is_refused() -> None:
    keys = {"k": {"unique_key_slots": ["nam"]}}
    made = {"name": "u", "classes": {"A": {"attributes": {"name": {}}, "unique_keys": keys}}}
    with pytest.raises(SchemaError, match="SCH005"):
        load_schema(made)

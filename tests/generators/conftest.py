"""A schema with every construct, and ways to load what is generated."""

from __future__ import annotations

import importlib
import importlib.util
import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from semantics.generators import generate, generate_package
from semantics.schema import load_schema
from semantics.schema.model import SchemaModel

BAD_INPUTS = Path(__file__).resolve().parents[2].parent / "shared" / "badinputs" / "schema"

RICH: dict[str, Any] = {
    "id": "https://e.org/rich",
    "name": "rich",
    "version": "1.2",
    "prefixes": {"linkml": "https://w3id.org/linkml/", "e": "https://e.org/ns/", "schema": "https://schema.org/"},
    "default_prefix": "e",
    "default_range": "string",
    "types": {
        "Code": {"typeof": "string", "pattern": "^[A-Z]+$"},
        "Code3": {"typeof": "Code", "pattern": "^.{3}$"},
        "Share": {"typeof": "decimal", "minimum_value": 0, "maximum_value": 1},
        "Count": {"typeof": "integer", "minimum_value": 1},
        "Word": {"typeof": "string", "equals_string_in": ["a", "b"]},
        "Link": {"typeof": "uri", "pattern": "^https:"},
        "Year": {"typeof": "string", "uri": "http://www.w3.org/2001/XMLSchema#gYear", "pattern": "^[0-9]{4}$"},
    },
    "enums": {
        "Colour": {"permissible_values": {"red": {"meaning": "schema:Red", "description": "Red."}, "blue": {"meaning": "e:Blue"}}},
        "Odd": {"permissible_values": {t: {} for t in ("", "None", "mro", "a b", "a-b", "a_b", "line\n2", "__class__", "1st", "<=", 'x"; y')}},
    },
    "classes": {
        "Any": {"class_uri": "linkml:Any"},
        "Thing": {
            "abstract": True,
            "description": "Anything.",
            "attributes": {
                "id": {"identifier": True, "range": "uriorcurie"},
                "kind": {"designates_type": True},
                "label": {"description": "What it is called."},
            },
        },
        "Person": {
            "is_a": "Thing",
            "attributes": {"age": {"range": "integer", "minimum_value": 0, "maximum_value": 150}},
        },
        "Student": {"is_a": "Person", "attributes": {"school": {"range": "Org"}}},
        "Org": {"is_a": "Thing", "attributes": {"members": {"range": "Person", "multivalued": True}}},
        "Money": {"attributes": {"amount": {"range": "decimal", "required": True}, "unit": {"range": "Code3"}}},
        "Distance": {"attributes": {"amount": {"range": "integer", "slot_uri": "e:metres"}}},
        "Entry": {"attributes": {"key": {"identifier": True}, "v": {"range": "integer"}}},
        "Counted": {"attributes": {"n": {"identifier": True, "range": "integer"}, "v": {"range": "integer"}}},
        "Ruled": {
            "attributes": {"kind": {}, "start": {"range": "integer"}, "end": {"range": "integer"}, "tags": {"multivalued": True}},
            "rules": [
                {
                    "preconditions": {"slot_conditions": {"kind": {"equals_string": "x"}}},
                    "postconditions": {"slot_conditions": {"start": {"required": True}, "tags": {"minimum_cardinality": 1}}},
                },
                {
                    "preconditions": {"slot_conditions": {"end": {"minimum_value": 5}}},
                    "postconditions": {
                        "any_of": [
                            {"slot_conditions": {"start": {"maximum_value": 4}}},
                            {"slot_conditions": {"kind": {"value_presence": "ABSENT"}}},
                        ]
                    },
                },
            ],
        },
        "RuledChild": {"is_a": "Ruled", "slot_conditions": {"start": {"minimum_value": 0}}},
        "All": {
            "attributes": {
                "s": {}, "i": {"range": "integer"}, "d": {"range": "decimal"}, "f": {"range": "float"}, "b": {"range": "boolean"},
                "date": {"range": "date"}, "dt": {"range": "datetime"}, "dod": {"range": "date_or_datetime"},
                "time": {"range": "time"}, "u": {"range": "uri"}, "uc": {"range": "uriorcurie"}, "c": {"range": "curie"},
                "nc": {"range": "ncname"}, "year": {"range": "Year"},
                "code3": {"range": "Code3"}, "share": {"range": "Share"}, "count": {"range": "Count", "maximum_value": 10},
                "word": {"range": "Word"}, "link": {"range": "Link"},
                "colour": {"range": "Colour"}, "colours": {"range": "Colour", "multivalued": True}, "odd": {"range": "Odd"},
                "pat": {"pattern": "b+"}, "patcode": {"range": "Code", "pattern": "X"}, "ipat": {"range": "integer", "pattern": "^1"},
                "frac": {"range": "decimal", "minimum_value": 0.05}, "ffrac": {"range": "float", "maximum_value": 0.1},
                "ifrac": {"range": "integer", "minimum_value": 0.5}, "tbound": {"minimum_value": 3},
                "eq": {"equals_string": "x"}, "eqin": {"equals_string_in": ["x", "y"]},
                "eqn": {"range": "integer", "equals_number": 5}, "fqn": {"range": "float", "equals_number": 0.1},
                "many": {"multivalued": True}, "many2": {"multivalued": True, "maximum_cardinality": 2},
                "manyx": {"multivalued": True, "minimum_cardinality": 1, "exact_cardinality": 2, "required": True},
                "ref": {"range": "Person"}, "refs": {"range": "Thing", "multivalued": True}, "kref": {"range": "Entry"},
                "one": {"range": "Thing", "inlined": True}, "person": {"range": "Person", "inlined": True},
                "people": {"range": "Person", "multivalued": True, "inlined_as_list": True},
                "val": {"range": "Money"}, "vals": {"range": "Money", "multivalued": True}, "far": {"range": "Distance"},
                "keyed": {"range": "Entry", "multivalued": True, "inlined": True},
                "nkeyed": {"range": "Counted", "multivalued": True, "inlined": True},
                "pkeyed": {"range": "Person", "multivalued": True, "inlined": True},
                "any": {"range": "Any"},
                "anyof": {"any_of": [{"range": "integer", "minimum_value": 3}, {"range": "Colour"}, {"range": "Money"}]},
                "anypat": {"any_of": [{"pattern": "^a"}, {"equals_string": "zz"}]},
                "oneof": {"exactly_one_of": [{"range": "integer"}, {"range": "decimal"}]},
                "noneof": {"none_of": [{"equals_string": "bad"}, {"pattern": "^x"}]},
                "allof": {"range": "integer", "all_of": [{"minimum_value": 2}, {"maximum_value": 8}]},
                "nested": {"any_of": [{"all_of": [{"pattern": "^a"}, {"pattern": "z$"}]}, {"none_of": [{"pattern": "."}]}]},
                "iris": {"range": "uriorcurie", "any_of": [{"equals_string": "e:x"}, {"pattern": "^https:"}]},
                "absent": {"value_presence": "ABSENT"},
                "copy": {}, "model_dump": {}, "_id": {}, "class": {}, "a b": {},
            }
        },
    },
}  # fmt: skip

BASE = {"manyx": ["a", "b"]}
"""What an instance of ``All`` has to have."""


@pytest.fixture(scope="session")
def rich() -> SchemaModel:
    return load_schema(RICH)


_numbers = itertools.count()


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Callable[[SchemaModel], ModuleType]]:
    """Imports the generated module of a schema from a file of its own."""
    loaded: list[str] = []

    def load(schema: SchemaModel) -> ModuleType:
        name = f"generated_{next(_numbers)}"
        text = next(iter(generate(schema, ["pydantic"]).values()))
        path = tmp_path / f"{name}.py"
        path.write_text(text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        loaded.append(name)
        spec.loader.exec_module(module)
        return module

    yield load
    for name in loaded:
        del sys.modules[name]


@pytest.fixture
def load_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Callable[[str], ModuleType]]:
    """Writes a generated package and gives the function that imports its modules."""

    def load_package(schemas: list[SchemaModel], **words: Any) -> Callable[[str], ModuleType]:
        name = f"package_{next(_numbers)}"
        for file, text in generate_package(schemas, ["pydantic"], **words).items():
            path = tmp_path / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        importlib.invalidate_caches()
        return lambda module: importlib.import_module(f"{name}.{module}")

    return load_package

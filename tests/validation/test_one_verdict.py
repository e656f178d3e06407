"""One verdict: checker, generated Pydantic classes and JSON Schema agree on made-up schemas and instances.

What an artefact cannot express is left out of its comparison by name.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from semantics.schema.model import Form, SchemaModel
from semantics.validation import compile_checker, validate_with_classes

COMMON: Any = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}
Generate = Callable[[SchemaModel], dict[str, str]]

_numbers = itertools.count()


def loaded(text: str, folder: Path) -> ModuleType:
    """A generated module, imported from a file of its own."""
    name = f"made_{next(_numbers)}"
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def told(findings: Any) -> list[str]:
    return [f"{one.code} {one.location.pointer} {one.message}" for one in findings]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("made")


@settings(max_examples=70, **COMMON)
@given(data=st.data())
def test_the_generated_classes_agree(folder: Path, made_cases: Any, generated: Generate, data: st.DataObject) -> None:
    case = data.draw(made_cases)
    module = loaded(generated(case.schema)["made.py"], folder)
    checker = compile_checker(case.schema)
    for instance in case.instances:
        before = repr(instance)
        expected = checker.check("Main", instance)
        found = validate_with_classes(module, "Main", instance)
        assert bool(expected) is bool(found), (instance, told(expected), told(found))
        assert repr(instance) == before
        assert "VAL031" not in [one.code for one in found]


def json_form(data: Any) -> Any:
    """An instance as a JSON parser gives it: no Decimal."""
    if isinstance(data, dict):
        return {key: json_form(value) for key, value in data.items()}
    if isinstance(data, list):
        return [json_form(value) for value in data]
    if isinstance(data, Decimal):
        return int(data) if data == data.to_integral_value() else float(data)
    return data


def writable(data: Any) -> bool:
    """Whether JSON has all the numbers in an instance, and JSON Schema a word on their size."""
    if isinstance(data, (dict, list)):
        return all(map(writable, data.values() if isinstance(data, dict) else data))
    if not isinstance(data, Decimal | float | int):
        return True
    number = Decimal(data)
    return number.is_finite() and abs(number.adjusted()) < 308


def beyond_json_schema(schema: SchemaModel) -> bool:
    """What JSON Schema cannot say: an identifier inside that differs from its key; patterns of numbers."""
    return any(slot.form is Form.KEYED for cls in schema.classes.values() for slot in cls.slots.values())


@settings(max_examples=70, **COMMON)
@given(data=st.data())
def test_the_json_schema_agrees(made_cases: Any, generated: Generate, data: st.DataObject) -> None:
    case = data.draw(made_cases)
    text = generated(case.schema)["made.schema.json"]
    jsonschema.Draft202012Validator.check_schema(json.loads(text))
    validator = jsonschema.Draft202012Validator(json.loads(text))
    checker = compile_checker(case.schema)
    for instance in map(json_form, filter(writable, case.instances)):
        expected = checker.check("Main", instance)
        found = [f"{list(one.absolute_path)} {one.message}" for one in validator.iter_errors(instance)]
        if expected and not found and all(one.code in {"VAL017", "VAL014", "VAL020", "VAL021"} for one in expected):
            assert beyond_json_schema(case.schema) or {one.code for one in expected} <= {"VAL020"}
            continue
        assert bool(expected) is bool(found), (instance, told(expected), found)

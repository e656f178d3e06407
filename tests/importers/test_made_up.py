"""Made-up JSON Schemas: what is imported loads, and takes what the schema takes.

Where nothing is told it also refuses what the schema refuses.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from semantics.errors import SemanticsError
from semantics.importers import ImportedSchema, import_schema
from semantics.schema import load_schema
from semantics.validation import compile_checker

spec = importlib.util.spec_from_file_location("making_schemas", Path(__file__).with_name("making.py"))
assert spec is not None
assert spec.loader is not None
making = sys.modules["making_schemas"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(making)

COMMON: Any = {
    "deadline": None, "derandomize": True, "phases": [Phase.generate], "suppress_health_check": list(HealthCheck),
}  # fmt: skip
NARROWER = (
    "a list of lists",
    "may be null",
    "one part asks for one value",
    "would have one name",
    "instance can exist",
)
"""Findings after which the model may refuse what its source takes."""


def imported(schema: Any, folder: Path) -> ImportedSchema:
    path = folder / "made.json"
    path.write_text(json.dumps(schema))
    return import_schema(path, "json-schema")


def empty(record: Any) -> bool:
    """Whether there is an empty list or object somewhere, which LinkML takes for no value."""
    if isinstance(record, (dict, list)):
        inner = record.values() if isinstance(record, dict) else record
        return not record or any(map(empty, inner))
    return False


def exact(record: Any) -> Any:
    if isinstance(record, dict):
        return {key: exact(value) for key, value in record.items()}
    if isinstance(record, list):
        return [exact(value) for value in record]
    return Decimal(str(record)) if isinstance(record, float) else record


def agree(schema: Any, record: Any, folder: Path) -> None:
    found = imported(schema, folder)
    model = load_schema(found.schema)
    if model.tree_root is None or empty(record):
        return
    try:
        takes = jsonschema.Draft202012Validator(schema).is_valid(record)
    except RecursionError:  # a definition of itself by itself
        return
    findings = compile_checker(model).check(model.tree_root, exact(record))
    told = [each.message for each in found.findings]
    if takes and not any(word in each for word in NARROWER for each in told):
        assert findings == (), (schema, record, [str(each) for each in findings], found.text)
    if not takes and not told:
        assert findings != (), (schema, record, found.text)


@settings(max_examples=15, **COMMON)
@given(data=st.data())
def test_the_model_of_a_made_up_schema_judges_as_the_schema_does(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    schema = data.draw(making.schemas())
    folder = tmp_path_factory.getbasetemp()
    for _ in range(3):
        agree(schema, data.draw(making.records(schema, schema)), folder)


JUNK = st.recursive(
    st.sampled_from([None, True, False, 0, -1, 1.5, "", "a", "#", "#/$defs/A", "string", "object", "^(", "\ud800"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["type", "properties", "items", "$ref", "$id", "$anchor", "allOf", "oneOf", "enum", "const",
                             "required", "additionalProperties", "patternProperties", "discriminator", "format",
                             "minLength", "pattern", "maximum", "$defs", "A", "title", "description", "if", "default"]),
            inner, max_size=4,
        ),
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=60, **COMMON)
@given(
    data=st.dictionaries(st.sampled_from(["properties", "$defs", "type", "allOf", "oneOf", "$ref"]), JUNK, max_size=4)
)
def test_no_malformed_schema_ends_in_a_traceback(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    try:
        load_schema(imported(data, tmp_path_factory.getbasetemp()).schema)
    except SemanticsError as fault:
        assert all(each.code.startswith("IMP") for each in fault.diagnostics), fault

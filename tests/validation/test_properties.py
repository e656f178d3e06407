"""The checker on made-up schemas: nothing raises, and its two ways of judging agree."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from semantics.schema import load_schema
from semantics.validation import compile_checker
from semantics.validation.classes import ClassTable
from semantics.validation.findings import Notes, Place

COMMON: Any = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=100, **COMMON)
@given(data=st.data())
def test_the_fast_path_says_yes_exactly_where_nothing_is_found(made_cases: Any, data: st.DataObject) -> None:
    case = data.draw(made_cases)
    root = ClassTable(case.schema).root("Main")
    for instance in case.instances:
        notes = Notes(10_000)
        root.explain(instance, Place(notes))
        assert root.exact(instance) is not bool(notes.found)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["s0", "s1", "id", "type", "key", "p0"]), inner, max_size=4)
        | st.dictionaries(st.text() | st.integers() | st.none(), inner, max_size=2)
        | st.tuples(inner)
    ),
    max_leaves=12,
)


@settings(max_examples=100, **COMMON)
@given(data=st.data(), instances=st.lists(ANYTHING, min_size=5, max_size=5))
def test_no_data_raise(made_schemas: Any, data: st.DataObject, instances: list[Any]) -> None:
    checker = compile_checker(load_schema(data.draw(made_schemas)))
    for name in checker.schema.classes:
        for instance in instances:
            for finding in checker.check(name, instance):
                assert finding.location is not None
                assert finding.location.pointer is not None


def test_importing_the_room_loads_nothing_heavy() -> None:
    code = (
        "import sys, semantics.validation as room; room.Finding, room.compile_checker, room.UniquenessCheck;"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & set(sys.argv[1:])))"
    )
    heavy = ["pydantic", "pydantic_core", "rdflib", "pyshacl", "linkml", "linkml_runtime", "yaml"]
    done = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

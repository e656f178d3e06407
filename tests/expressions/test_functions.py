"""Every function of the language keeps what its registration promises."""

from __future__ import annotations

import pytest

import semantics
from semantics.expressions.functions import FUNCTIONS, NOT_YET
from semantics.expressions.registry import FunctionSpec

EXAMPLES = [(spec.name, text, value) for spec in FUNCTIONS.values() for text, value in spec.examples]


@pytest.mark.parametrize(("name", "text", "value"), EXAMPLES, ids=[text for _, text, _ in EXAMPLES])
def test_examples_hold(name: str, text: str, value: str) -> None:
    """An example in the registry is a test: both sides are expressions of equal value."""
    found, expected = semantics.evaluate(text), semantics.evaluate(value)
    assert found == expected
    assert isinstance(found, bool) == isinstance(expected, bool), name


@pytest.mark.parametrize("spec", FUNCTIONS.values(), ids=lambda spec: spec.name)
def test_functions_are_documented(spec: FunctionSpec) -> None:
    """A function has a purpose that is a sentence, and an example."""
    assert spec.purpose.endswith((".", ").")), spec.purpose
    assert spec.examples


@pytest.mark.parametrize("spec", [s for s in FUNCTIONS.values() if s.nulls == "propagates"], ids=lambda s: s.name)
def test_null_propagates_unless_declared(spec: FunctionSpec) -> None:
    """A null argument makes the result null."""
    assert spec.call(*(None for _ in spec.parameters)) is None


def test_what_is_not_there_yet_is_refused_by_name() -> None:
    """A function of the language that is missing is told from one that does not exist."""
    for name in NOT_YET:
        with pytest.raises(semantics.ExpressionError) as fault:
            semantics.evaluate(f"{name}(1)")
        assert [found.code for found in fault.value.diagnostics] == ["EXP008"]
    assert not NOT_YET & FUNCTIONS.keys()

"""Every function of the language keeps what its registration promises."""

from __future__ import annotations

import ast
from typing import Any

import pytest

import semantics
from semantics.backends.python.expressions import ExpressionWriter
from semantics.backends.python.runtime import NAMESPACE
from semantics.engine.context import running
from semantics.engine.convert import _Bindings
from semantics.expressions.check import check
from semantics.expressions.context import prefix_text
from semantics.expressions.functions import FUNCTIONS, NOT_YET, TOPICS
from semantics.expressions.parse import parse
from semantics.expressions.registry import FunctionSpec
from semantics.expressions.types import STRING
from semantics.plan.needs import needs_of
from semantics.schema.types import BUILTIN_PREFIXES

EXAMPLES = [(spec.name, text, value) for spec in FUNCTIONS.values() for text, value in spec.examples]


@pytest.fixture(autouse=True)
def operator(monkeypatch: pytest.MonkeyPatch) -> None:
    """The examples of pseudonym() need a key."""
    monkeypatch.setenv("SEMANTICS_PSEUDONYM_KEY", "a key that is no secret")


def compiled(text: str) -> Any:
    """The value of an expression by the Python backend."""
    tree = check(parse(text), _Bindings({}, prefix_text(BUILTIN_PREFIXES)))
    body = ast.fix_missing_locations(ast.Expression(ExpressionWriter({}, frozenset()).value(tree)))
    with running(needs_of(tree)):
        return eval(compile(body, "<example>", "eval"), {**NAMESPACE, "__builtins__": {}})


@pytest.mark.parametrize(("name", "text", "value"), EXAMPLES, ids=[text for _, text, _ in EXAMPLES])
def test_examples_hold(name: str, text: str, value: str) -> None:
    """An example in the registry is a test: both sides are expressions of equal value, on every backend."""
    found, expected = semantics.evaluate(text), semantics.evaluate(value)
    assert found == expected
    assert isinstance(found, bool) == isinstance(expected, bool), name
    assert repr(compiled(text)) == repr(found)


@pytest.mark.parametrize("spec", FUNCTIONS.values(), ids=lambda spec: spec.name)
def test_functions_are_documented(spec: FunctionSpec) -> None:
    """A function has a purpose that is a sentence, and two examples or more."""
    assert spec.purpose.endswith((".", ").")), spec.purpose
    assert "`" not in spec.purpose
    assert len(spec.examples) > 1
    assert spec.since == "0.1"


def test_the_functions_of_a_topic_are_there_once() -> None:
    assert sum(map(len, TOPICS.values())) == len(FUNCTIONS)


@pytest.mark.parametrize(
    "spec", [s for s in FUNCTIONS.values() if s.nulls == "propagates" and s.parameters], ids=lambda s: s.name
)
def test_null_propagates_unless_declared(spec: FunctionSpec) -> None:
    """A null argument makes the result null."""
    assert spec.call(*(None for _ in spec.parameters)) is None


@pytest.mark.parametrize("spec", [s for s in FUNCTIONS.values() if s.scalar], ids=lambda s: s.name)
def test_functions_on_single_values_go_over_lists(spec: FunctionSpec) -> None:
    """The empty list gives the empty list, and a null in a list stays where it is."""
    needed = [wanted for wanted in spec.parameters if not wanted.optional]
    front = ["{}"] if spec.context == "prefixes" else []
    others = [None] * (len(needed) - 1)
    assert spec.call(*front, [], *others) in ([], None)
    if spec.nulls == "propagates" and not others:
        assert spec.call(*front, [None, None]) == [None, None]
        assert check(parse(f"{spec.name}(x)"), _Of(spec)).type.many


class _Of(_Bindings):
    """A scope in which x is a list of what a function takes."""

    def __init__(self, spec: FunctionSpec) -> None:
        super().__init__({"x": []})
        kinds = spec.parameters[0].kinds
        self.found = type(STRING)(min(kinds), many=True)

    def resolve(self, name: str) -> Any:
        return name, (), self.found


def test_what_is_not_there_yet_is_refused_by_name() -> None:
    """A function of the language that is missing is told from one that does not exist."""
    for name in NOT_YET:
        with pytest.raises(semantics.ExpressionError) as fault:
            semantics.evaluate(f"{name}(1)")
        assert [found.code for found in fault.value.diagnostics] == ["EXP008"]
    assert not NOT_YET & FUNCTIONS.keys()

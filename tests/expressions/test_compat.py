"""`compat: linkml-map` gives that tool's recorded verdicts, in both backends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import semantics
from semantics.backends import RecordFault, compile_plan
from semantics.errors import Location
from semantics.expressions.check import check
from semantics.expressions.parse import parse
from semantics.expressions.types import ANY, Type
from semantics.plan.model import ClassRule, Compute, Plan, SlotRule, SourcePlan

RECORDED = Path(__file__).resolve().parents[2].parent / "shared" / "conformance" / "linkml-map" / "expressions.ndjson"
REGISTERED = ("my_func", "my_add", "custom")
"""Functions that the recorded tests brought along; the dialect does not have them."""


class Names:
    """Whatever is bound, and nothing else, as slots of the variable ``r``."""

    wrap = False

    def __init__(self, bindings: dict[str, Any]) -> None:
        self.bindings = bindings

    def resolve(self, name: str) -> tuple[str, tuple[str, ...], Type] | None:
        return ("r", (name,), ANY) if name in self.bindings else None

    def step(self, base: Type, name: str) -> Type | None:
        return ANY

    def names(self, base: Type | None = None) -> tuple[str, ...]:
        return tuple(self.bindings)


def outcome(expr: str, bindings: dict[str, Any], backend: str) -> Any:
    """The value that a plan with this one expression gives; a refused record is a ``ValueError``.

    It is put into an object, so that the slot neither unpacks a list nor drops a null.
    """
    tree = check(parse(f"{{'v': ({expr})}}", dialect="linkml-map"), Names(bindings), dialect="linkml-map")
    slot = SlotRule(slot="x", convert=("any",), value=Compute(expression=tree), origin=Location("m.yaml", 1))
    rule = ClassRule(id="R", source_class="R", target_class="T", scopes=("r",), objects=("r",), slots=(slot,),
                     origin=Location("m.yaml", 1), root=True)  # fmt: skip
    plan = Plan(name="p", file=None, source=SourcePlan(), rules={"R": rule}, roots={"R": ("R",)}, classes={},
                source_schema="s", target_schema="t", dialect="linkml-map")  # fmt: skip
    try:
        ((_, found),) = compile_plan(plan, backend).map(bindings, "R", [])
    except RecordFault as fault:
        raise ValueError from fault
    return found["x"]["v"]


def recorded() -> list[dict[str, Any]]:
    """The recorded cases, without those that use functions of their own."""
    if not RECORDED.exists():
        return []
    cases = [json.loads(line) for line in RECORDED.read_text("utf-8").splitlines()]
    return [case for case in cases if not any(name in case["expr"] for name in REGISTERED)]


def same(found: Any, expected: Any) -> bool:
    """Equal, and of the same types all the way down."""
    return repr(found) == repr(expected)


@pytest.mark.skipif(not RECORDED.exists(), reason="the recording is not beside the checkout")
def test_recorded_verdicts_hold() -> None:
    """Every recorded value or error comes out, by itself and through both backends of a plan."""
    for case in recorded():
        expr, bindings = case["expr"], case["bindings"]
        if "error" in case:
            with pytest.raises(semantics.ExpressionError):
                semantics.evaluate(expr, bindings, compat="linkml-map")
            continue
        assert same(semantics.evaluate(expr, bindings, compat="linkml-map"), case["result"]), case
        for backend in ("evaluate", "python"):
            assert same(outcome(expr, bindings, backend), case["result"]), (backend, case)


def test_an_unknown_tool_is_refused() -> None:
    """Only the tools of the table have a dialect."""
    with pytest.raises(semantics.UsageError) as fault:
        semantics.evaluate("1", compat="linkml-mop")
    (found,) = fault.value.diagnostics
    assert found.code == "RUN023"
    assert found.hint == "did you mean 'linkml-map'?"


@pytest.mark.parametrize(("expr", "code"), [("{Nope.a}", "EXP030"), ("[c.a for c in x]", "EXP031"),
                                            ("nope(1)", "EXP005"), ("upper()", "EXP006"), ("upper", "EXP002")])  # fmt: skip
def test_what_can_never_work_is_refused_before_a_record(expr: str, code: str) -> None:
    """Names before a dot, functions and their arguments are settled beforehand."""
    with pytest.raises(semantics.ExpressionError) as fault:
        semantics.evaluate(expr, {"x": []}, compat="linkml-map")
    assert [found.code for found in fault.value.diagnostics] == [code]

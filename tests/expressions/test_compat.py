"""`compat: linkml-map` gives that tool's recorded verdicts, in both backends."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import semantics
from semantics.backends import RecordFault, compile_plan
from semantics.errors import Location
from semantics.expressions.check import check
from semantics.expressions.linkml_map.functions import ARITY
from semantics.expressions.linkml_map.operators import OPERATE
from semantics.expressions.parse import parse
from semantics.expressions.types import ANY, Type
from semantics.expressions.unparse import unparse
from semantics.plan.model import ClassRule, Compute, Plan, SlotRule, SourcePlan

RECORDED = Path(__file__).resolve().parents[2].parent / "shared" / "conformance" / "linkml-map" / "expressions.ndjson"
REGISTERED = ("my_func", "my_add", "custom")
"""Functions that the recorded tests brought along; the dialect does not have them."""


class Names:
    """Whatever is bound, and nothing else, as slots of the variable ``r``."""

    wrap = False
    prefixes = "{}"

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


@pytest.mark.parametrize(("expr", "bindings", "value"), [
    ("a.b.c", {"a": [{"b": {"c": 1}}, None, {"b": None}]}, [1, None, None]),
    ("people.name", {"people": {"p1": {"name": "A"}, "p2": {"name": "B"}}}, ["A", "B"]),
    ("{height}.unit", {"height": {"unit": "cm"}}, "cm"),
    ("{height}.unit", {}, None),
    ("d.split(' ')[0]", {"d": "2 m"}, "2"),
    ("{'v': float(d.split(' ')[0]), 'u': d.split(' ')[1]}", {"d": "2 m"}, {"v": 2.0, "u": "m"}),
    ("{**d, 'b': 2}", {"d": {"a": 1}}, {"a": 1, "b": 2}),
    ("f'{x}-{y:03d}'", {"x": "a", "y": 7}, "a-007"),
    ("x[1:]", {"x": [1, 2, 3]}, [2, 3]),
    ("[i * 2 for i in x if i > 1]", {"x": [1, 2]}, [4]),
    ("[*x, 3]", {"x": [1, 2]}, [1, 2, 3]),
    ("case((x, 1), (True, (2, (3,))))", {"x": 0}, [2, [3]]),
    ("price * 2", {"price": Decimal("1.10")}, 2.2),
    ("slugify(x)", {"x": "It's &amp; Łódź, 1,000 €"}, "it_s_lodz_1000_eur"),
    ("true", {}, None),
])  # fmt: skip
def test_what_the_syntax_has_more(expr: str, bindings: dict[str, Any], value: Any) -> None:
    """Slots of any value, mappings, slices, methods of texts, f-strings, tuples; a number with a point is a float."""
    assert same(semantics.evaluate(expr, bindings, compat="linkml-map"), value)
    for backend in ("evaluate", "python"):
        assert same(outcome(expr, bindings, backend), value)


@pytest.mark.parametrize("expr", [
    "x[9]", "x['a']", "1 / 0", "float('abc')", "{'a': 1}['b']", "None.upper()", "2.5 ^ 1", "(-8) ** 0.5", "case((1, 2, 3))",
    "2 ** 5000", "float('nan')", "[x * 100000]", "[[x] * 99999] * 99999", "slugify('日本')", "'%9999s' % 'x'", "round(1, -99999)",
    "f'{1:>99999}'", "'a'.center(99999)", "[x * 9000 for i in split(replace(str(10 ** 1000), '0', 'a,'), ',')]",
])  # fmt: skip
def test_a_fault_refuses_the_record(expr: str) -> None:
    """What fails in the tool, or is over a bound, rejects the record in both backends."""
    with pytest.raises(semantics.ExpressionError) as fault:
        semantics.evaluate(expr, {"x": [1, 2]}, compat="linkml-map")
    assert [found.code for found in fault.value.diagnostics] == ["EXP009"]
    for backend in ("evaluate", "python"):
        with pytest.raises(ValueError):
            outcome(expr, {"x": [1, 2]}, backend)


@pytest.mark.parametrize("expr", [
    "x.__class__", "x._y", "'{}'.format(1)", "'a'.encode()", "x.append(1)", "set(x)", "lambda: 1", "(y := 1)", "x = 1",
    "1; 2", "max(*x)", "dict(a=1)", "x is y", "{1}", "{x, y}", "[a for a in x for b in x]", "b'a'", "1j",
])  # fmt: skip
def test_what_is_not_carried_out_is_refused(expr: str) -> None:
    """Python that the restricted mode has no use for, or that tells about the host, never reaches a record."""
    with pytest.raises(semantics.ExpressionError) as fault:
        semantics.evaluate(expr, {"x": [1], "y": 1}, compat="linkml-map")
    assert fault.value.diagnostics[0].code in ("EXP001", "EXP005")


@pytest.mark.parametrize("expr", ["(a | b) & c ^ 1", "a[0].b.c", "d.split(' ')[0]", "x[1:]", "x[::2]", "(1, (2,))", "(~x)",
                                  "(+x) << 2 + y", "a not in b"])  # fmt: skip
def test_a_tree_is_shown_as_it_was_written(expr: str) -> None:
    """Explanations write the dialect's syntax back; what is read is what is shown."""
    assert unparse(parse(expr, dialect="linkml-map")) == expr


# -- both backends on anything -----------------------------------------------------------------------

BOUND = {
    "n": None, "i": 3, "f": 2.5, "s": "abc", "d": "5", "e": "", "b": True, "l": [1, 2, 3], "m": ["a", None],
    "o": {"a": {"c": 1}, "b": "x"},
}  # fmt: skip
LEAVES = st.sampled_from([*BOUND, "o.a", "o.a.c", "o['b']", "0", "2.5", "'5'", "None", "True", "(1, 'a')", "[1, 2]"])
SYMBOLS = sorted(set(OPERATE) - {"is"} | {"and", "or"})
SINGLE = sorted(name for name, (least, _) in ARITY.items() if least <= 1 and "." not in name)


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Every construct over smaller expressions."""
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(SYMBOLS), inner),
        st.builds("({} < {} <= {})".format, inner, inner, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("case(({}, {}), (True, {}))".format, inner, inner, inner),
        st.builds("({} {})".format, st.sampled_from(["-", "+", "~", "not"]), inner),
        st.builds("({} is not None)".format, inner),
        st.builds("{}({})".format, st.sampled_from(SINGLE), inner),
        st.builds("[{}, {}][{}]".format, inner, inner, st.sampled_from([0, -1, 2])),
        st.builds("({})[{}:{}]".format, inner, inner, inner),
        st.builds("[k for k in {} if {}]".format, inner, inner),
        st.builds("({}).upper()".format, inner),
        st.builds("{{'k': {}}}.k".format, inner),
    )


def told(expr: str, backend: str) -> str:
    try:
        return repr(outcome(expr, BOUND, backend))
    except (ValueError, semantics.ExpressionError):
        return "refused"


@settings(max_examples=150, deadline=None)
@given(st.recursive(LEAVES, nested, max_leaves=6))
def test_backends_agree_in_the_dialect(expr: str) -> None:
    """The oracle and the generated code give the same value of the same type, or both refuse."""
    assert told(expr, "evaluate") == told(expr, "python")

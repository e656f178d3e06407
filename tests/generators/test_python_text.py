from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semantics.errors import InternalError
from semantics.generators.pydantic_code import assigned, docstring
from semantics.generators.pydantic_types import annotated, call, constant, name
from semantics.generators.python_text import WIDTH, printed, verify


@given(st.text(), st.text(), st.text(min_size=200))
def test_any_text_survives_printing(doc: str, short: str, long: str) -> None:
    value = annotated(name("str"), [call("_Field", description=constant(long), default=constant(short))])
    body: list[ast.stmt] = [docstring(doc, 4), assigned("x", value)]
    tree = ast.Module([docstring(doc, 0), ast.ClassDef("A", [name("B")], [], body, [])], [])
    namespace = ast.parse(printed(tree))
    strings = [node.value for node in ast.walk(namespace) if isinstance(node, ast.Constant)]
    assert long in strings
    assert short in strings


def test_long_calls_and_strings_are_laid_out_over_lines() -> None:
    words = {f"word_{n}": constant("some words " * 8) for n in range(3)}
    text = printed(ast.Module([assigned("x", call("_Field", **words))], []))
    assert max(map(len, text.splitlines())) <= WIDTH
    assert text.count("\n") > 5


@pytest.mark.parametrize("depth", [5, 40, 80])
def test_a_string_is_cut_however_deep_it_stands(depth: int) -> None:
    value: ast.expr = constant("\x00 words " * 40)
    for _ in range(depth):
        value = call("_Field", default=value)
    text = printed(ast.Module([assigned("x", value)], []))
    assert len(text.splitlines()) < 200


@pytest.mark.parametrize(
    "text",
    [
        "import os",
        "from os import system",
        "x = open('f')",
        "x = _Field(default=open('f'))",
        "x = y.z",
        "x = _Field().z",
        "class A(B):\n    def f(self): pass",
        "@d\nclass A(str): pass",
        "class A(metaclass=str): pass",
        "x = lambda: 1",
        "x = [y for y in str]",
        "x = f'{str}'",
        "x = unknown",
        "x = _Field(default=__import__)",
        "if str: x = 1",
        "del str",
        "x = (y := 1)",
        "x = [*str]",
        "while True: x = 1",
    ],
)
def test_what_does_more_than_define_classes_is_refused(text: str) -> None:
    with pytest.raises(InternalError) as refusal:
        verify(ast.parse(text), {"_Field"}, {"str", "_Field"})
    assert [each.code for each in refusal.value.diagnostics] == ["GEN001"]


def test_definitions_pass() -> None:
    text = "from enum import StrEnum as _E\nclass A(_E):\n    'd'\n    a: str | None = _Field(default=None, ge=-1)\n"
    verify(ast.parse(text), {"_Field"}, {"str", "_Field"})

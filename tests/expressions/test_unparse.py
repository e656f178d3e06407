"""An expression that is written from its tree is read as the same tree."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semantics.expressions.functions import FUNCTIONS
from semantics.expressions.parse import parse
from semantics.expressions.tree import (
    Call,
    Case,
    Compare,
    Comprehension,
    Expr,
    Index,
    IsNull,
    ListOf,
    Literal,
    Logic,
    Negate,
    Not,
    Operation,
    Path,
)
from semantics.expressions.types import BOOLEAN, NULL, STRING, Kind, Type
from semantics.expressions.unparse import Unwritable, unparse

names = st.sampled_from(["a", "b1", "état", "_x"])
paths = st.lists(names, min_size=1, max_size=3).map(lambda steps: Path(steps=tuple(steps)))
literals = st.one_of(
    st.just(Literal(value=None, type=NULL)),
    st.booleans().map(lambda value: Literal(value=value, type=BOOLEAN)),
    st.integers(0, 2**70).map(lambda value: Literal(value=value, type=Type(Kind.INTEGER))),
    st.decimals(0, 10**6, places=3).map(lambda value: Literal(value=str(value), type=Type(Kind.DECIMAL))),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5).map(lambda value: Literal(value=value, type=STRING)),
)


def larger(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    some = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        inner.map(lambda x: Negate(operand=x)),
        st.tuples(st.sampled_from(["+", "-", "*", "/", "//", "%", "**"]), inner, inner).map(
            lambda t: Operation(operator=t[0], left=t[1], right=t[2])
        ),
        st.tuples(st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in"]), inner, inner).map(
            lambda t: Compare(operator=t[0], left=t[1], right=t[2], type=BOOLEAN)
        ),
        inner.map(lambda x: IsNull(operand=x, type=BOOLEAN)),
        inner.map(lambda x: Not(operand=x, type=BOOLEAN)),
        st.tuples(st.sampled_from(["and", "or"]), some).map(
            lambda t: Logic(operator=t[0], operands=t[1], type=BOOLEAN)
        ),
        st.lists(st.tuples(inner, inner), min_size=1, max_size=3).map(lambda pairs: Case(branches=tuple(pairs))),
        st.tuples(inner, inner, inner).map(
            lambda t: Case(branches=((t[0], t[1]), (Literal(value=True, type=BOOLEAN), t[2])))
        ),
        some.map(lambda items: ListOf(items=items)),
        st.tuples(inner, st.integers(0, 3)).map(
            lambda t: Index(base=t[0], index=Literal(value=t[1], type=Type(Kind.INTEGER)))
        ),
        st.tuples(st.sampled_from(sorted(FUNCTIONS)), some).map(lambda t: Call(function=t[0], arguments=t[1])),
    )


trees = st.recursive(literals | paths, larger, max_leaves=12)
loops = st.tuples(trees, names, paths, st.none() | trees).map(
    lambda t: Comprehension(element=t[0], variable=t[1], source=t[2], condition=t[3])
)


def bare(node: Any) -> Any:
    """A tree without the columns where its nodes stood."""
    if isinstance(node, tuple):
        return tuple(map(bare, node))
    if not isinstance(node, msgspec.Struct):
        return node
    found = {name: bare(getattr(node, name)) for name in node.__struct_fields__ if name != "column"}
    return type(node)(**found)


@given(trees | loops)
def test_what_is_written_is_read_as_the_same_tree(tree: Expr) -> None:
    assert bare(parse(unparse(tree))) == tree


@pytest.mark.parametrize("name", ["odd-name", "class", "null", "two words", "@id"])
def test_a_name_that_is_no_plain_word_is_quoted(name: str) -> None:
    for path in (Path(steps=(name,)), Path(steps=(name, "a", name)), Path(steps=("a", name))):
        assert bare(parse(unparse(path))) == path


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a{b", ""])
def test_a_name_that_no_expression_can_say_is_refused(name: str) -> None:
    with pytest.raises(Unwritable):
        unparse(Path(variable="record", steps=(name,)))

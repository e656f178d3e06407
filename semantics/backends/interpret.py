"""An expression carried out node by node: what a tree means, plainly. The oracle's half for expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from semantics.expressions import bounds, operators
from semantics.expressions.functions import FUNCTIONS
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
from semantics.expressions.types import Kind
from semantics.expressions.values import READERS, reader_name

__all__ = ["constant", "holds", "interpret", "read_path"]

Variables = Mapping[str, Any]
Trace = Callable[[Expr, Any], None]


def constant(node: Literal) -> Any:
    """The value of a literal; decimals and floats from their text."""
    if node.type.kind is Kind.DECIMAL:
        return Decimal(str(node.value))
    return float(str(node.value)) if node.type.kind is Kind.FLOAT else node.value


def interpret(node: Expr, variables: Variables, trace: Trace | None = None) -> Any:
    """The value of a checked expression. ``trace`` is told every node with its value, innermost first.

    Raises :class:`~semantics.expressions.bounds.EvaluationError` (or a ``LexicalError``) where the
    operands do not allow the operation.
    """
    value = _value(node, variables, trace)
    if trace is not None:
        trace(node, value)
    return value


def _value(node: Expr, variables: Variables, trace: Trace | None) -> Any:
    match node:
        case Literal():
            return constant(node)
        case Path():
            return read_path(node, variables)
        case Negate():
            return operators.negate(interpret(node.operand, variables, trace))
        case Operation():
            left = interpret(node.left, variables, trace)
            return operators.OPERATE[node.operator](left, interpret(node.right, variables, trace))
        case Compare():
            left = interpret(node.left, variables, trace)
            return operators.COMPARE[node.operator](left, interpret(node.right, variables, trace))
        case IsNull():
            return interpret(node.operand, variables, trace) is None
        case Not():
            return operators.kleene_not(interpret(node.operand, variables, trace))
        case Logic():
            return _logic(node, variables, trace)
        case Case():
            for test, branch in node.branches:
                if holds(test, variables, trace):
                    return interpret(branch, variables, trace)
            return None
        case ListOf():
            return [interpret(item, variables, trace) for item in node.items]
        case Index():
            base = interpret(node.base, variables, trace)
            return operators.index(base, interpret(node.index, variables, trace))
        case Call():
            arguments = [interpret(argument, variables, trace) for argument in node.arguments]
            return FUNCTIONS[node.function].call(*arguments)
        case Comprehension():
            return _comprehension(node, variables, trace)


def holds(node: Expr, variables: Variables, trace: Trace | None = None) -> bool:
    """Whether a condition is true; null counts as false.

    An ``and`` of conditions stops at the first that is not true, an ``or`` at the first that is.
    """
    match node:
        case Logic(operator="and"):
            return all(holds(operand, variables, trace) for operand in node.operands)
        case Logic():
            return any(holds(operand, variables, trace) for operand in node.operands)
        case _:
            return operators.truth(interpret(node, variables, trace)) is True


def _logic(node: Logic, variables: Variables, trace: Trace | None) -> bool | None:
    """Kleene's connectives: the deciding value ends the walk, a null before it is remembered."""
    deciding = node.operator == "or"
    result: bool | None = not deciding
    for operand in node.operands:
        found = operators.truth(interpret(operand, variables, trace))
        if found is deciding:
            return deciding
        if found is None:
            result = None
    return result


def _comprehension(node: Comprehension, variables: Variables, trace: Trace | None) -> list[Any] | None:
    source = interpret(node.source, variables, trace)
    if source is None:
        return None
    if type(source) is not list:
        raise bounds.EvaluationError("a comprehension needs a list")
    bounds.list_items(len(source))
    found = []
    for item in source:
        inner = {**variables, node.variable: item}
        if node.condition is not None and not holds(node.condition, inner, trace):
            continue
        found.append(interpret(node.element, inner, trace))
    return found


def read_path(node: Path, variables: Variables) -> Any:
    """The value at a path, read as its declared type; absent steps are null."""
    value = variables[node.variable]
    for name, many in zip(node.steps, node.lists, strict=True):
        value = operators.step(value, name, many, node.wrap)
    if value is None or node.type.kind is Kind.ANY:
        return value
    read = READERS[reader_name(node.type)]
    if type(value) is list:
        return [read(item) for item in value if item is not None]
    return read(value)

"""An expression carried out node by node: what a tree means, plainly. The oracle's half for expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from semantics.expressions.dialects import STRICT, Dialect
from semantics.expressions.tree import (
    Attribute,
    Call,
    Case,
    Compare,
    Comprehension,
    Data,
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
    Translate,
)

__all__ = ["CODE_MAPS", "holds", "interpret"]

CODE_MAPS = "#"
"""The variable that holds what looks codes up (table, code) -> target; no name of a mapping can be spelled so."""

Variables = Mapping[str, Any]
Trace = Callable[[Expr, Any], None]


def interpret(node: Expr, variables: Variables, trace: Trace | None = None, dialect: Dialect = STRICT) -> Any:
    """The value of a checked expression. ``trace`` is told every node with its value, innermost first.

    Raises :class:`~semantics.expressions.bounds.EvaluationError` (or a ``LexicalError``) where the
    operands do not allow the operation.
    """
    value = _value(node, variables, trace, dialect)
    if trace is not None:
        trace(node, value)
    return value


def _value(node: Expr, variables: Variables, trace: Trace | None, dialect: Dialect) -> Any:
    match node:
        case Literal():
            return node.data
        case Data():
            return node.value
        case Path():
            return dialect.read(node, variables[node.variable])
        case Attribute():
            return dialect.step(interpret(node.base, variables, trace, dialect), node)
        case Negate():
            return dialect.negate(interpret(node.operand, variables, trace, dialect))
        case Operation() | Compare():
            left = interpret(node.left, variables, trace, dialect)
            return dialect.operate[node.operator](left, interpret(node.right, variables, trace, dialect))
        case IsNull():
            return interpret(node.operand, variables, trace, dialect) is None
        case Not():
            return dialect.logical_not(interpret(node.operand, variables, trace, dialect))
        case Logic():
            return dialect.connect(node.operator, (interpret(o, variables, trace, dialect) for o in node.operands))
        case Case():
            for test, branch in node.branches:
                if holds(test, variables, trace, dialect):
                    return interpret(branch, variables, trace, dialect)
            return None
        case ListOf():
            items = dialect.gathered([interpret(item, variables, trace, dialect) for item in node.items])
            return tuple(items) if node.fixed else items
        case Index():
            base = interpret(node.base, variables, trace, dialect)
            return dialect.index(base, interpret(node.index, variables, trace, dialect))
        case Call():
            arguments = [interpret(argument, variables, trace, dialect) for argument in node.arguments]
            return dialect.functions[node.function](*arguments)
        case Translate():
            return variables[CODE_MAPS](node.table, interpret(node.code, variables, trace, dialect))
        case Comprehension():
            return _comprehension(node, variables, trace, dialect)


def holds(node: Expr, variables: Variables, trace: Trace | None = None, dialect: Dialect = STRICT) -> bool:
    """Whether a condition is true; null counts as false.

    An ``and`` of conditions stops at the first that is not true, an ``or`` at the first that is.
    """
    match node:
        case Logic(operator="and"):
            return all(holds(operand, variables, trace, dialect) for operand in node.operands)
        case Logic():
            return any(holds(operand, variables, trace, dialect) for operand in node.operands)
        case _:
            return dialect.holds(interpret(node, variables, trace, dialect))


def _comprehension(
    node: Comprehension, variables: Variables, trace: Trace | None, dialect: Dialect
) -> list[Any] | None:
    source = dialect.elements(interpret(node.source, variables, trace, dialect))
    if source is None:
        return None

    def values() -> Iterator[Any]:
        for item in source:
            inner = {**variables, node.variable: item}
            if node.condition is None or holds(node.condition, inner, trace, dialect):
                yield interpret(node.element, inner, trace, dialect)

    return dialect.gathered(values())

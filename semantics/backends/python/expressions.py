"""Expressions as Python syntax trees, agreeing with the interpreter node by node."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from semantics.backends.python.runtime import OPERATOR_NAMES
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
from semantics.expressions.types import Kind
from semantics.expressions.values import reader_name

__all__ = ["EVENTS", "ExpressionWriter", "call", "const", "constant", "is_get", "literal", "name", "thunk"]


EVENTS: Final = "events"
"""The parameter of a generated function that takes what the ledger wants to know."""


_LOAD: Final = ast.Load()


def name(identifier: str) -> ast.Name:
    """A name to read."""
    return ast.Name(identifier, _LOAD)


def const(value: Any) -> ast.expr:
    """A constant; tuples of constants are written out."""
    if isinstance(value, tuple):
        return ast.Tuple([const(item) for item in value], ast.Load())
    return ast.Constant(value)


def call(function: str, *arguments: ast.expr) -> ast.Call:
    """A call of one of the runtime's functions."""
    return ast.Call(name(function), list(arguments), [])


def is_get(node: ast.expr) -> bool:
    """Whether an expression is a plain ``x.get('slot')``, which checks nothing of what it finds."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)


def literal(node: Literal) -> ast.expr:
    """A literal; decimals and floats are made from their text."""
    if node.type.kind is Kind.DECIMAL and node.value is not None:
        return call("Decimal", const(str(Decimal(str(node.value)))))
    if node.type.kind is Kind.FLOAT and node.value is not None:
        return call("float", const(str(node.value)))
    return const(node.value)


def thunk(body: ast.expr) -> ast.Lambda:
    """An expression that waits to be asked for."""
    return ast.Lambda(ast.arguments([], [], None, [], [], None, []), body)


def constant(value: Any) -> ast.expr:
    """A constant of any shape, written out."""
    match value:
        case dict():
            return ast.Dict([const(key) for key in value], [constant(item) for item in value.values()])
        case list():
            return ast.List([constant(item) for item in value], ast.Load())
        case float() if not math.isfinite(value):
            return call("float", const(str(value)))
        case _:
            return const(value)


@dataclass(frozen=True, slots=True)
class ExpressionWriter:
    """Writes expressions; ``variables`` maps the plan's variables to the names in the function.

    ``data`` says how a constant of any shape is written: in place, or as a name that stands for it.
    ``code_maps`` maps the plan's code maps to the names of their constants.
    """

    variables: dict[str, str]
    objects: frozenset[str]
    data: Callable[[Any], ast.expr] = constant
    code_maps: Mapping[str, str] = field(default_factory=dict)

    def value(self, node: Expr) -> ast.expr:
        """The value of an expression, null as ``None``."""
        match node:
            case Literal():
                return literal(node)
            case Data():
                return self.data(node.value)
            case Path():
                return self._read(node)
            case Negate():
                return call("negate", self.value(node.operand))
            case Operation() | Compare():
                return call(OPERATOR_NAMES[node.operator], self.value(node.left), self.value(node.right))
            case IsNull(operand=Literal(value=settled)):
                return const(settled is None)
            case Not(operand=IsNull(operand=Literal(value=settled))):
                return const(settled is not None)
            case IsNull():
                return ast.Compare(self.value(node.operand), [ast.Is()], [const(None)])
            case Not(operand=IsNull(operand=inner)):
                return ast.Compare(self.value(inner), [ast.IsNot()], [const(None)])
            case Not():
                return call("kleene_not", self.value(node.operand))
            case Logic():
                operands = [thunk(self.value(operand)) for operand in node.operands]
                return call("both" if node.operator == "and" else "either", *operands)
            case Case():
                return self._case(node)
            case ListOf():
                return ast.List([self.value(item) for item in node.items], ast.Load())
            case Index():
                return call("index", self.value(node.base), self.value(node.index))
            case Call():
                return call(f"fn_{node.function}", *(self.value(argument) for argument in node.arguments))
            case Translate():
                return call("translated", self.value(node.code), name(self.code_maps[node.table]), name(EVENTS))
            case Comprehension():
                return self._comprehension(node)
            case Attribute():
                reader = reader_name(node.type)
                how = (const(node.collection), const(node.wrap))
                found = call("member", self.value(node.base), const(node.name), *how)
                return found if reader == "any" else call(f"read_{reader}", found)

    def result(self, node: Expr) -> ast.expr:
        """The value of a whole expression, as a slot takes it."""
        return self.value(node)

    def condition(self, node: Expr) -> ast.expr:
        """Whether a condition is true, null counting as false: a Python truth value."""
        match node:
            case Literal(value=bool()):
                return const(node.value)
            case IsNull() | Not(operand=IsNull()):
                return self.value(node)
            case Logic():
                operator: ast.boolop = ast.And() if node.operator == "and" else ast.Or()
                return ast.BoolOp(operator, [self.condition(operand) for operand in node.operands])
            case Compare(operator="==", right=Literal(value=str())) if node.left.type.kind is Kind.STRING:
                return ast.Compare(self.value(node.left), [ast.Eq()], [self.value(node.right)])
            case _:
                return call("holds", self.value(node))

    def raw(self, node: Path) -> ast.expr:
        """The value at a path before it is read as its type."""
        base: ast.expr = name(self.variables[node.variable])
        if not node.steps:
            return base
        if len(node.steps) == 1 and node.variable in self.objects and not node.lists[0]:
            return ast.Call(ast.Attribute(base, "get", ast.Load()), [const(node.steps[0])], [])
        if len(node.steps) == 1 and not isinstance(node.lists[0], str):
            if node.lists[0]:
                return call("fields", base, const(node.steps[0]), const(node.wrap))
            return call("field", base, const(node.steps[0]))
        if not any(node.lists):
            for step in node.steps:
                base = call("field", base, const(step))
            return base
        return call("walk", base, const(node.steps), const(node.lists), const(node.wrap))

    def _read(self, node: Path) -> ast.expr:
        kind = reader_name(node.type)
        raw = self.raw(node)
        found = call("present", raw, const(node.missing)) if node.missing else raw
        if is_get(raw):
            return call("one", found) if kind == "any" else call(f"one_{kind}", found)
        return found if kind == "any" else call(f"read_{kind}", found)

    def _case(self, node: Case) -> ast.expr:
        result: ast.expr = const(None)
        for test, value in reversed(node.branches):
            if isinstance(test, Literal) and test.value is True:
                result = self.value(value)
            else:
                result = ast.IfExp(self.condition(test), self.value(value), result)
        return result

    def _comprehension(self, node: Comprehension) -> ast.expr:
        variable = f"v_{len(self.variables)}"
        inner = replace(self, variables={**self.variables, node.variable: variable})
        source = f"s_{len(self.variables)}"
        found = ast.NamedExpr(ast.Name(source, ast.Store()), self.value(node.source))
        loop = ast.comprehension(
            ast.Name(variable, ast.Store()),
            call("source_list", name(source)),
            [inner.condition(node.condition)] if node.condition is not None else [],
            0,
        )
        listed = ast.ListComp(inner.value(node.element), [loop])
        return ast.IfExp(ast.Compare(found, [ast.Is()], [const(None)]), const(None), listed)

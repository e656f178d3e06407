"""Expressions of the compat dialects as Python syntax trees: Python's own truth, slots of any value."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Final

from semantics.backends.python.expressions import ExpressionWriter, call, const, name
from semantics.expressions.tree import Attribute, Call, Comprehension, Expr, IsNull, ListOf, Logic, Not, Path

__all__ = ["WRITERS", "CompatWriter"]


class CompatWriter(ExpressionWriter):
    """Writes what differs from the language; the operators differ by what their names are bound to."""

    __slots__ = ()

    def value(self, node: Expr) -> ast.expr:
        """The value of an expression, null as ``None``."""
        match node:
            case Path(steps=(), variable=variable) if variable[:1] == "=":
                return name(self.variables[variable])
            case Path():
                return call("read", name(self.variables[node.variable]), const(node.steps))
            case Attribute():
                return call("step", self.value(node.base), const(node.name))
            case Not(operand=operand) if not isinstance(operand, IsNull):
                return ast.UnaryOp(ast.Not(), self.value(operand))
            case Logic():
                operator: ast.boolop = ast.And() if node.operator == "and" else ast.Or()
                return ast.BoolOp(operator, [self.value(operand) for operand in node.operands])
            case ListOf():
                listed = call("gathered", ast.List([self.value(item) for item in node.items], ast.Load()))
                return call("tuple", listed) if node.fixed else listed
            case Call():
                function = node.function.replace(".", "_")
                return call(f"fn_{function}", *(self.value(argument) for argument in node.arguments))
            case Comprehension():
                return self._listed(node)
            case _:
                return super().value(node)

    def condition(self, node: Expr) -> ast.expr:
        """Whether a condition is met: what Python takes for true."""
        return self.value(node)

    def result(self, node: Expr) -> ast.expr:
        """The value of a whole expression as plain data."""
        return call("plain", self.value(node))

    def _listed(self, node: Comprehension) -> ast.expr:
        variable = f"v_{len(self.variables)}"
        inner = replace(self, variables={**self.variables, node.variable: variable})
        conditions = [inner.condition(node.condition)] if node.condition is not None else []
        source = call("elements_of", self.value(node.source))
        loop = ast.comprehension(ast.Name(variable, ast.Store()), source, conditions, 0)
        return call("gathered", ast.GeneratorExp(inner.value(node.element), [loop]))


WRITERS: Final[dict[str, type[ExpressionWriter]]] = {"strict": ExpressionWriter, "linkml-map": CompatWriter}
"""What writes the expressions of a plan, by its dialect."""

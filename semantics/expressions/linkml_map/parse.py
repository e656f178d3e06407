"""The syntax of linkml-map's restricted mode, on our tree: what it has more than the language or otherwise.

Slots of any expression, mappings, tuples, slices, any key, bit operators, f-strings and
methods of texts become calls and nodes that both backends know. What needs the unrestricted mode is refused.
"""

from __future__ import annotations

import ast
from typing import Final

from semantics.expressions import bounds
from semantics.expressions.linkml_map.functions import ARITY
from semantics.expressions.parse import Parser, name_of
from semantics.expressions.tree import (
    Attribute,
    Call,
    Compare,
    Comprehension,
    Expr,
    Index,
    IsNull,
    ListOf,
    Literal,
    Logic,
    Not,
    Operation,
    Path,
)
from semantics.expressions.types import BOOLEAN, NULL, Kind, Type

__all__ = ["CompatParser"]

_OPERATORS: Final[dict[type[ast.operator], str]] = {
    ast.BitXor: "^", ast.BitOr: "|", ast.BitAnd: "&", ast.LShift: "<<", ast.RShift: ">>",
}  # fmt: skip
_UNARY: Final[dict[type[ast.unaryop], str]] = {ast.UAdd: "op.positive", ast.Invert: "op.invert"}
_ABSENT: Final = Literal(value=None, type=NULL)


class CompatParser(Parser):
    """See :mod:`semantics.expressions.linkml_map.parse`."""

    def parse(self) -> Expr:
        """The tree of the text, without white space around it."""
        self.text = self.text.strip()
        return super().parse()

    def _node(self, node: ast.expr, down: int, column: int) -> Expr:
        match node:
            case ast.Set() if not (len(node.elts) == 1 and isinstance(node.elts[0], (ast.Name, ast.Attribute))):
                raise self.refuse("{} goes around one name", column)
            case ast.Name() | ast.Attribute():
                return self._slots(node, down, column)
            case ast.UnaryOp() if type(node.op) in _UNARY:
                return self._made(_UNARY[type(node.op)], column, self._expr(node.operand, down))
            case ast.BinOp() if type(node.op) in _OPERATORS:
                left, right = self._expr(node.left, down), self._expr(node.right, down)
                return Operation(operator=_OPERATORS[type(node.op)], left=left, right=right, column=column)
            case ast.Tuple():
                return ListOf(items=self._all(node.elts, down), fixed=True, column=column)
            case ast.List() if any(isinstance(item, ast.Starred) for item in node.elts):
                return self._spread(node, down, column)
            case ast.Dict():
                return self._mapping(node, down, column)
            case ast.JoinedStr():
                return self._made("op.text", column, *self._all(node.values, down))
            case ast.FormattedValue():
                return self._formatted(node, down, column)
            case ast.GeneratorExp(elt=element, generators=generators):
                listed = ast.copy_location(ast.ListComp(element, generators), node)
                return self._comprehension(listed, down, column)
            case ast.DictComp(key=key, value=value, generators=generators):
                pair = ast.copy_location(ast.Tuple([key, value], ast.Load()), key)
                listed = ast.copy_location(ast.ListComp(pair, generators), node)
                return self._made("dict", column, self._comprehension(listed, down, column))
        return super()._node(node, down, column)

    def _all(self, nodes: list[ast.expr], down: int) -> tuple[Expr, ...]:
        return tuple(self._expr(node, down) for node in nodes)

    def _made(self, function: str, column: int, *arguments: Expr) -> Call:
        return Call(function=function, arguments=arguments, column=column)

    def _decimal(self, node: ast.Constant, column: int) -> Literal:
        """A number with a point is a float."""
        exact = super()._decimal(node, column)
        return Literal(value=exact.value, type=Type(Kind.FLOAT), column=column)

    def _slots(self, node: ast.expr, depth: int, column: int) -> Expr:
        """A name with slots, or the slots of any other expression; no word stands for null or a boolean."""
        steps: list[str] = []
        current = node
        while isinstance(current, ast.Attribute):
            if current.attr.startswith("_"):
                raise self.refuse(f"'{current.attr}' is private", column)
            steps.insert(0, current.attr)
            current = current.value
        if depth + len(steps) > bounds.DEPTH:
            raise self.refuse(f"the expression is nested deeper than {bounds.DEPTH} levels", column)
        if isinstance(current, ast.Name):
            if current.id.startswith("__"):
                raise self.refuse(f"'{current.id}' is not a slot", column)
            return Path(steps=(current.id, *steps), column=column)
        base = self._expr(current, depth + len(steps))
        for step in steps:
            base = Attribute(base=base, name=step, column=column)
        return base

    def _one_comparison(self, operator: ast.cmpop, left: ast.expr, right: ast.expr, depth: int, column: int) -> Expr:
        if isinstance(operator, ast.NotIn):
            first, second = self._expr(left, depth), self._expr(right, depth)
            return Compare(operator="not in", left=first, right=second, column=column, type=BOOLEAN)
        if isinstance(operator, (ast.Is, ast.IsNot)):
            return self._identity(operator, self._expr(left, depth), self._expr(right, depth), column)
        return super()._one_comparison(operator, left, right, depth, column)

    def _identity(self, operator: ast.cmpop, left: Expr, right: Expr, column: int) -> Expr:
        """``is`` asks for null, True or False; of other values it tells how they are stored, not what they are."""
        if not isinstance(right, Literal) or (right.value is not None and not isinstance(right.value, bool)):
            raise self.refuse("'is' asks for None, True or False", column, "use ==")
        asked: Expr = Compare(operator="is", left=left, right=right, column=column, type=BOOLEAN)
        if right.value is None:
            asked = IsNull(operand=left, column=column, type=BOOLEAN)
        return Not(operand=asked, column=column, type=BOOLEAN) if isinstance(operator, ast.IsNot) else asked

    def _subscript(self, node: ast.Subscript, depth: int, column: int) -> Expr:
        base = self._expr(node.value, depth)
        if isinstance(node.slice, ast.Slice):
            limits = (node.slice.lower, node.slice.upper, node.slice.step)
            bounded_by = (_ABSENT if limit is None else self._expr(limit, depth) for limit in limits)
            return self._made("op.part", column, base, *bounded_by)
        return Index(base=base, index=self._expr(node.slice, depth), column=column)

    def _call(self, node: ast.Call, depth: int, column: int) -> Expr:
        if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
            raise self.refuse("arguments are given one by one and have no names", column)
        arguments = self._all(node.args, depth)
        if isinstance(node.func, ast.Attribute):
            return self._method(node.func, arguments, depth, column)
        if not isinstance(node.func, ast.Name):
            raise self.refuse(f"{name_of(node.func)} cannot be called", column)
        return self._made(node.func.id, column, *arguments)

    def _method(self, called: ast.Attribute, arguments: tuple[Expr, ...], depth: int, column: int) -> Expr:
        """A method of a text; of nothing else."""
        name = f"str.{called.attr}"
        if name not in ARITY:
            raise self.refuse(f"a method '{called.attr}' is not part of the dialect", column)
        return self._made(name, column, self._expr(called.value, depth), *arguments)

    def _spread(self, node: ast.List, depth: int, column: int) -> Expr:
        """``[*a, b]``: lists put together."""
        parts: list[Expr] = [ListOf(items=(), column=column)]
        for item in node.elts:
            if isinstance(item, ast.Starred):
                parts.append(self._made("list", column, self._expr(item.value, depth)))
            else:
                parts.append(ListOf(items=(self._expr(item, depth),), column=column))
        whole = parts[0]
        for part in parts[1:]:
            whole = Operation(operator="+", left=whole, right=part, column=column)
        return whole

    def _mapping(self, node: ast.Dict, depth: int, column: int) -> Expr:
        """A mapping, and those that ``**`` puts into it, later keys over earlier ones."""
        parts: list[Expr] = []
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                parts.append(self._expr(value, depth))
                continue
            pair = ListOf(items=(self._expr(key, depth), self._expr(value, depth)), fixed=True, column=column)
            parts.append(pair)
        return self._made("op.mapping", column, *parts)

    def _formatted(self, node: ast.FormattedValue, depth: int, column: int) -> Expr:
        value = self._expr(node.value, depth)
        if node.format_spec is None:
            return value
        return self._made("op.format", column, value, self._expr(node.format_spec, depth))

    def _comprehension(self, node: ast.ListComp, depth: int, column: int) -> Comprehension:
        """One loop with any number of conditions, over what any expression gives."""
        if len(node.generators) != 1:
            raise self.refuse("a comprehension goes over one list", column)
        loop = node.generators[0]
        if loop.is_async or not isinstance(loop.target, ast.Name):
            raise self.refuse("a comprehension is [value for name in list if condition]", column)
        loops = (ast.ListComp, ast.GeneratorExp, ast.DictComp)
        if any(isinstance(part, loops) for top in [node.elt, *loop.ifs] for part in ast.walk(top)):
            raise self.refuse("a comprehension inside another is not part of the dialect", column)
        conditions = self._all(loop.ifs, depth)
        condition = conditions[0] if len(conditions) == 1 else Logic(operator="and", operands=conditions)
        return Comprehension(
            element=self._expr(node.elt, depth),
            variable=loop.target.id,
            source=self._expr(loop.iter, depth),
            condition=condition if conditions else None,
            column=column,
        )

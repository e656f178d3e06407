"""Text to tree, by Python's own parser and an allow-list of what may come out of it.

The parser only ever builds a syntax tree; nothing is compiled or run. Every node type, every field of it
and every operator that is not named here is refused with its place, so a new Python version
cannot widen the language.
"""

from __future__ import annotations

import ast
import re
import unicodedata
import warnings
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from semantics.errors import Diagnostic, ExpressionError, Location, escaped
from semantics.expressions import bounds
from semantics.expressions.tree import (
    Attribute,
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
from semantics.lexical import MAX_EXPONENT

__all__ = ["Parser", "name_of", "parse"]

_STRING = re.compile(
    r"'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\"|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"", re.DOTALL
)
_OPERATORS: Final[dict[type[ast.operator], str]] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/",
    ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
}  # fmt: skip
_COMPARISONS: Final[dict[type[ast.cmpop], str]] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip


def parse(text: str, place: Location | None = None, dialect: str = "strict") -> Expr:
    """The tree of an expression. Raises :class:`ExpressionError` where it is refused.

    ``dialect`` is a key of :data:`~semantics.expressions.dialects.DIALECTS`.

    >>> parse("{Status} != 'Deleted'").operator
    '!='
    """
    if dialect != "strict":
        from semantics.expressions.linkml_map.parse import CompatParser

        return CompatParser(text, place or Location("<expression>")).parse()
    return _parsed(text) if place is None else Parser(text, place).parse()


@lru_cache(maxsize=2048)
def _parsed(text: str) -> Expr:
    """The tree of a text, which never changes: mappings say one expression in many places."""
    return Parser(text, Location("<expression>")).parse()


class Parser:
    """The parser of the language; a compat dialect overrides what its syntax has more or otherwise."""

    def __init__(self, text: str, place: Location) -> None:
        self.text = text.rstrip()
        self.bare = self.text.lstrip(" ")
        self.place = place
        self.nodes = 0

    def refuse(self, message: str, column: int = 1, hint: str | None = None) -> ExpressionError:
        """The error to raise; its column counts within the expression's text."""
        place = self.place
        if place.file == "<expression>":
            place = Location("<expression>", 1, column)
        found = self.text[max(0, column - 1) :][:60] or None
        return ExpressionError(Diagnostic("EXP001", message, place, hint, found))

    def parse(self) -> Expr:
        text = self.text
        if not text.strip():
            raise self.refuse("the expression is empty")
        if len(text) > bounds.SOURCE_CHARACTERS:
            raise self.refuse(f"the expression is longer than {bounds.SOURCE_CHARACTERS} characters")
        self._characters()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(self.bare, "<expression>", "eval")
        except SyntaxError as fault:
            why = _plain(fault.msg) if fault.offset else "it ends too early"
            raise self.refuse(f"not an expression: {why}", self._offset(fault)) from None
        except (RecursionError, MemoryError):
            raise self.refuse(f"the expression is nested deeper than {bounds.DEPTH} levels") from None
        except ValueError as fault:
            raise self.refuse(f"not an expression: {_plain(str(fault))}") from None
        return self._expr(tree.body, 0)

    def _characters(self) -> None:
        """Outside quoted text only what a slot's name may hold.

        Nothing invisible, and nothing that would be another character after normalisation.
        """
        bare = _STRING.sub(lambda found: " " * len(found[0]), self.text)
        for column, char in enumerate(bare, start=1):
            if char.isascii() and (char.isprintable() or char in "\n\t"):
                continue
            if not char.isalnum() or unicodedata.normalize("NFKC", char) != char:
                raise self.refuse(f"character '{escaped(char)}' (U+{ord(char):04X}) cannot stand here", column)
        for found in _STRING.finditer(self.text):
            if found[0].startswith(("'''", '"""')):
                raise self.refuse("a quoted text stands on one line", found.start() + 1)
            if any(unicodedata.category(char) == "Cf" for char in found[0]):
                raise self.refuse("a quoted text holds an invisible character", found.start() + 1,
                                  "write it as an escape")  # fmt: skip

    def _column(self, node: ast.expr) -> int:
        """Where a node begins in the text, in characters from 1; the parser counts the bytes of a line."""
        lines = self.bare.split("\n")
        before = sum(len(line) + 1 for line in lines[: node.lineno - 1])
        inside = len(lines[node.lineno - 1].encode()[: node.col_offset].decode(errors="ignore"))
        return len(self.text) - len(self.bare) + before + inside + 1

    def _offset(self, fault: SyntaxError) -> int:
        """Where the parser gave up; within the first line, which is nearly always the only one."""
        found = fault.offset or len(self.bare)
        return min(found + len(self.text) - len(self.bare), len(self.text)) if fault.lineno == 1 else 1

    # -- nodes -------------------------------------------------------------------------------

    def _expr(self, node: ast.expr, depth: int) -> Expr:
        column = self._column(node)
        self.nodes += 1
        if depth > bounds.DEPTH:
            raise self.refuse(f"the expression is nested deeper than {bounds.DEPTH} levels", column)
        if self.nodes > bounds.NODES:
            raise self.refuse(f"the expression has more than {bounds.NODES} parts", column)
        return self._node(node, depth + 1, column)

    def _node(self, node: ast.expr, down: int, column: int) -> Expr:
        """One node, counted and not too deep; ``down`` is the depth of its children."""
        match node:
            case ast.Constant():
                return self._constant(node, column)
            case ast.Name() | ast.Attribute():
                return self._path(node, column, down)
            case ast.Set(elts=[ast.Constant(value=str())]):
                return self._path(node, column, down)
            case ast.Set(elts=[ast.Name() | ast.Attribute() | ast.Subscript() as inner]):
                return self._expr(inner, down)
            case ast.Set(elts=[ast.Constant(value=str() as name)]):
                return Path(steps=(name,), column=column)
            case ast.UnaryOp(op=ast.USub()):
                return Negate(operand=self._expr(node.operand, down), column=column)
            case ast.UnaryOp(op=ast.UAdd()):
                return self._expr(node.operand, down)
            case ast.UnaryOp(op=ast.Not()):
                return Not(operand=self._expr(node.operand, down), column=column, type=BOOLEAN)
            case ast.BinOp() if type(node.op) in _OPERATORS:
                return Operation(
                    operator=_OPERATORS[type(node.op)],
                    left=self._expr(node.left, down),
                    right=self._expr(node.right, down),
                    column=column,
                )
            case ast.BoolOp():
                operator = "and" if isinstance(node.op, ast.And) else "or"
                parts = tuple(self._expr(part, down) for part in node.values)
                return Logic(operator=operator, operands=parts, column=column, type=BOOLEAN)
            case ast.Compare():
                return self._compare(node, down, column)
            case ast.IfExp():
                branches = (
                    (self._expr(node.test, down), self._expr(node.body, down)),
                    (Literal(value=True, type=BOOLEAN, column=column), self._expr(node.orelse, down)),
                )
                return Case(branches=branches, column=column)
            case ast.List():
                return ListOf(items=tuple(self._expr(item, down) for item in node.elts), column=column)
            case ast.Subscript():
                return self._subscript(node, down, column)
            case ast.Call():
                return self._call(node, down, column)
            case ast.ListComp():
                return self._comprehension(node, down, column)
        raise self.refuse(f"{name_of(node)} is not part of the language", column)

    def _constant(self, node: ast.Constant, column: int) -> Literal:
        value = node.value
        if value is None:
            return Literal(value=None, type=NULL, column=column)
        if isinstance(value, bool):
            return Literal(value=value, type=BOOLEAN, column=column)
        if isinstance(value, str):
            bounds_text = len(value)
            if bounds_text > bounds.TEXT_CHARACTERS or any("\ud800" <= c <= "\udfff" for c in value):
                raise self.refuse("a quoted text that cannot be encoded", column)
            return Literal(value=value, type=STRING, column=column)
        if isinstance(value, int):
            if value.bit_length() > bounds.INTEGER_BITS:
                raise self.refuse(f"an integer has more than {bounds.INTEGER_BITS} bits", column)
            return Literal(value=value, type=Type(Kind.INTEGER), column=column)
        if isinstance(value, float):
            return self._decimal(node, column)
        raise self.refuse(f"a constant of type {type(value).__name__} is not part of the language", column)

    def _decimal(self, node: ast.Constant, column: int) -> Literal:
        """A number with a point, exactly as written."""
        written = ast.get_source_segment(self.bare, node) or ""
        try:
            number = Decimal(written.replace("_", ""))
        except InvalidOperation:
            raise self.refuse("not a number", column) from None
        if abs(number.adjusted()) > MAX_EXPONENT and number:
            raise self.refuse(f"a number beyond 10^{MAX_EXPONENT}", column)
        return Literal(value=str(number), type=Type(Kind.DECIMAL), column=column)

    def _path(self, node: ast.expr, column: int, down: int) -> Expr:
        """A dotted path; ``null``, ``true`` and ``false`` are words of the language."""
        steps: list[str] = []
        current = node
        while isinstance(current, ast.Attribute) or _quoted(current) is not None:
            steps.insert(0, current.attr if isinstance(current, ast.Attribute) else _quoted(current) or "")
            assert isinstance(current, (ast.Attribute, ast.Subscript))
            current = current.value
            if len(steps) > bounds.DEPTH:
                raise self.refuse("the path is too long", column)
        if isinstance(current, ast.Set) and len(current.elts) == 1:
            current = current.elts[0]
            if isinstance(current, ast.Constant) and isinstance(current.value, str) and current.value:
                return Path(steps=(current.value, *steps), column=column)
        if steps and isinstance(current, (ast.Subscript, ast.Call)):
            base = self._expr(current, down)
            for step in steps:
                base = Attribute(base=base, name=step, column=column)
            return base
        if not isinstance(current, ast.Name):
            raise self.refuse(f"'.' follows {name_of(current)}, which has no slots", column)
        steps.insert(0, current.id)
        if any(step.startswith("__") for step in steps):
            raise self.refuse(f"'{'.'.join(steps)}' is not a path of slots", column)
        words: dict[str, bool | None] = {"null": None, "true": True, "false": False}
        if len(steps) == 1 and steps[0] in words:
            value = words[steps[0]]
            return Literal(value=value, type=NULL if value is None else BOOLEAN, column=column)
        return Path(steps=tuple(steps), column=column)

    def _compare(self, node: ast.Compare, depth: int, column: int) -> Expr:
        """One comparison, or a chain of them (``a < b < c``) as their conjunction."""
        parts: list[Expr] = []
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            parts.append(self._one_comparison(operator, left, right, depth, column))
            left = right
        if len(parts) == 1:
            return parts[0]
        return Logic(operator="and", operands=tuple(parts), column=column, type=BOOLEAN)

    def _one_comparison(self, operator: ast.cmpop, left: ast.expr, right: ast.expr, depth: int, column: int) -> Expr:
        first, second = self._expr(left, depth), self._expr(right, depth)
        if isinstance(operator, (ast.Is, ast.IsNot)):
            if second.type is not NULL or not isinstance(second, Literal):
                raise self.refuse("'is' asks for null only", column, "use ==")
            asked: Expr = IsNull(operand=first, column=column, type=BOOLEAN)
            return Not(operand=asked, column=column, type=BOOLEAN) if isinstance(operator, ast.IsNot) else asked
        if type(operator) not in _COMPARISONS:
            raise self.refuse(f"{name_of(operator)} is not part of the language", column)
        symbol = _COMPARISONS[type(operator)]
        if symbol == "not in":
            inside = Compare(operator="in", left=first, right=second, column=column, type=BOOLEAN)
            return Not(operand=inside, column=column, type=BOOLEAN)
        return Compare(operator=symbol, left=first, right=second, column=column, type=BOOLEAN)

    def _subscript(self, node: ast.Subscript, depth: int, column: int) -> Expr:
        if isinstance(node.slice, ast.Slice):
            raise self.refuse("a slice is not part of the language", column, "use substr()")
        if _quoted(node) is not None:
            return self._path(node, column, depth)
        base = self._expr(node.value, depth)
        return Index(base=base, index=self._expr(node.slice, depth), column=column)

    def _call(self, node: ast.Call, depth: int, column: int) -> Expr:
        if not isinstance(node.func, ast.Name):
            raise self.refuse("only functions of the language can be called, by their name", column)
        if node.keywords:
            raise self.refuse("arguments have no names", column)
        name = node.func.id
        if name == "case":
            return self._case(node, depth, column)
        if any(isinstance(argument, ast.Starred) for argument in node.args):
            raise self.refuse("'*' before an argument is not part of the language", column)
        arguments = tuple(self._expr(argument, depth) for argument in node.args)
        return Call(function=name, arguments=arguments, column=column)

    def _case(self, node: ast.Call, depth: int, column: int) -> Case:
        branches = []
        for argument in node.args:
            if not isinstance(argument, ast.Tuple) or len(argument.elts) != 2:
                raise self.refuse("case() takes pairs: case((condition, value), ...)", column)
            condition, value = argument.elts
            branches.append((self._expr(condition, depth), self._expr(value, depth)))
        if not branches:
            raise self.refuse("case() needs at least one pair (condition, value)", column)
        return Case(branches=tuple(branches), column=column)

    def _comprehension(self, node: ast.ListComp, depth: int, column: int) -> Comprehension:
        if len(node.generators) != 1:
            raise self.refuse("a comprehension goes over one list", column)
        loop = node.generators[0]
        if loop.is_async or len(loop.ifs) > 1 or not isinstance(loop.target, ast.Name):
            raise self.refuse("a comprehension is [value for name in path if condition]", column)
        if not isinstance(loop.iter, (ast.Name, ast.Attribute, ast.Set)):
            raise self.refuse("a comprehension goes over a path of slots", column)
        inside = [node.elt, *loop.ifs]
        if any(isinstance(part, (ast.ListComp, ast.GeneratorExp)) for top in inside for part in ast.walk(top)):
            raise self.refuse("a comprehension inside another is not part of the language", column)
        return Comprehension(
            element=self._expr(node.elt, depth),
            variable=loop.target.id,
            source=self._expr(loop.iter, depth),
            condition=self._expr(loop.ifs[0], depth) if loop.ifs else None,
            column=column,
        )


def _quoted(node: ast.expr) -> str | None:
    """The slot that ``object["name"]`` asks for, where that is what a node is."""
    match node:
        case ast.Subscript(slice=ast.Constant(value=str(name))) if name:
            return name
    return None


_SPOKEN: Final = {
    "JoinedStr": "an f-string", "Lambda": "a lambda", "NamedExpr": "an assignment",
    "GeneratorExp": "a generator", "SetComp": "a set", "DictComp": "a mapping", "Dict": "a mapping",
    "Set": "a set", "Tuple": "a tuple", "Await": "await", "Yield": "yield", "YieldFrom": "yield",
    "Starred": "'*'", "BinOp": "this operator", "UnaryOp": "this operator", "Constant": "a constant",
    "Call": "a call", "List": "a list",
}  # fmt: skip


def name_of(node: ast.AST) -> str:
    """What a message calls a node of Python's grammar."""
    name = type(node).__name__
    return _SPOKEN.get(name, name)


def _plain(message: str) -> str:
    return escaped(message.split("(<expression>", maxsplit=1)[0].strip())[:200]

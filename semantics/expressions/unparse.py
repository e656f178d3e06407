"""Trees back to text: what is written here is read by :mod:`~semantics.expressions.parse` as the same tree."""

from __future__ import annotations

import keyword
from collections.abc import Callable
from typing import Final

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
from semantics.expressions.types import NULL, Kind

__all__ = ["Unwritable", "name_of", "read_of", "unparse"]

_LEVEL: Final = {
    "or": 2, "and": 3, "|": 6, "^": 7, "&": 8, "<<": 9, ">>": 9, "+": 10, "-": 10,
    "*": 11, "/": 11, "//": 11, "%": 11, "**": 13,
}  # fmt: skip
_CONDITIONAL, _NOT, _COMPARE, _NEGATE, _ATOM = 1, 4, 5, 12, 14
_SHOWN: Final = 60
_ABSENT: Final = Literal(value=None, type=NULL)
_WORDS: Final = {None: "null", True: "true", False: "false"}


class Unwritable(ValueError):
    """A tree that has no text: a slot whose name no expression can say."""


def name_of(path: Path) -> str:
    """A path as an expression says it; slots of the record itself need no variable in front.

    >>> name_of(Path(variable="record", steps=("a", "b")))
    'a.b'
    >>> name_of(Path(variable="record", steps=("@id", "a b", "c")))
    '{"@id"}["a b"].c'
    """
    steps = path.steps if path.variable in ("", "record", "=record") and path.steps else (path.variable, *path.steps)
    text = ""
    for step in steps:
        plain = step.isidentifier() and not keyword.iskeyword(step) and step not in ("null", "true", "false")
        if not step or not (plain or (step.isprintable() and not set(step) & set('"\\{}'))):
            raise Unwritable(f"'{step}' cannot be said in an expression")
        if plain:
            text += f".{step}" if text else step
        else:
            text += f'["{step}"]' if text else f'{{"{step}"}}'
    return text


def unparse(node: Expr, name: Callable[[Path], str] = name_of) -> str:
    """The text of an expression. Raises :class:`Unwritable` where there is none.

    ``name`` says how a path is written, where that is not its names with points between them.

    >>> from semantics.expressions.parse import parse
    >>> unparse(parse("{a}+1  if (b is  not null) else -2*(c - 1)"))
    'a + 1 if b is not null else -2 * (c - 1)'
    """
    return _Writer(name).at(node, 0)


def read_of(node: Expr) -> Path | None:
    """The path that a call of the compat dialects reads from the object itself, where it is nothing but that."""
    match node:
        case Call(function="map.get" | "map.named", arguments=(Path(steps=()) as base, Data(value=str() as slot), *_)):
            return Path(variable=base.variable, steps=(slot,), lists=(False,), column=node.column)
        case _:
            return None


class _Writer:
    def __init__(self, name: Callable[[Path], str]) -> None:
        self.name = name

    def at(self, node: Expr, level: float) -> str:
        """The text of a node, in parentheses where it binds less than its place wants."""
        text, own = self._text(node)
        return f"({text})" if own < level else text

    def _text(self, node: Expr) -> tuple[str, float]:
        match node:
            case Literal():
                return _literal(node)
            case Path():
                return self.name(node), _ATOM
            case Negate():
                return f"-{self.at(node.operand, _NEGATE)}", _NEGATE
            case Operation(operator="**"):
                return f"{self.at(node.left, _ATOM)} ** {self.at(node.right, _NEGATE)}", _LEVEL["**"]
            case Operation(operator=operator):
                level = _LEVEL[operator]
                return f"{self.at(node.left, level)} {operator} {self.at(node.right, level + 1)}", level
            case Compare():
                left, right = self.at(node.left, _COMPARE + 1), self.at(node.right, _COMPARE + 1)
                return f"{left} {node.operator} {right}", _COMPARE
            case IsNull():
                return f"{self.at(node.operand, _COMPARE + 1)} is null", _COMPARE
            case Not():
                return self._not(node)
            case Logic(operator=operator):
                level = _LEVEL[operator]
                return f" {operator} ".join(self.at(part, level + 1) for part in node.operands), level
            case Case():
                return self._case(node)
            case _:
                return self._atom(node), _ATOM

    def _atom(self, node: Expr) -> str:
        match node:
            case ListOf(fixed=True):
                items = ", ".join(self.at(item, 0) for item in node.items)
                return f"({items},)" if len(node.items) == 1 else f"({items})"
            case Attribute():
                return f"{self.at(node.base, _ATOM)}.{node.name}"
            case Data():
                shown = repr(node.value)
                return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
            case ListOf():
                return "[" + ", ".join(self.at(item, 0) for item in node.items) + "]"
            case Index():
                return f"{self.at(node.base, _ATOM)}[{self.at(node.index, 0)}]"
            case Call(function=function) if "." in function:
                return self._syntax(function, node.arguments)
            case Call():
                given = [item for item in node.arguments if item.column]  # 0: put in front by the check
                return f"{node.function}({', '.join(self.at(item, 0) for item in given)})"
            case Translate():
                return f"lookup({node.table!r}, {self.at(node.code, 0)})"
            case Comprehension():
                source, element = self.at(node.source, _ATOM), self.at(node.element, 0)
                test = "" if node.condition is None else f" if {self.at(node.condition, _CONDITIONAL + 1)}"
                return f"[{element} for {node.variable} in {source}{test}]"
            case _:
                raise TypeError(f"not an expression: {type(node).__name__}")

    def _syntax(self, function: str, arguments: tuple[Expr, ...]) -> str:
        """Syntax of the compat dialects, which the tree has as calls; what has no short form is shown as a call."""
        kind, _, name = function.partition(".")
        match kind, name, arguments:
            case "str", _, (text, *rest):
                return f"{self.at(text, _ATOM)}.{name}({', '.join(self.at(item, 0) for item in rest)})"
            case "map", "get" | "named", (_, Data(value=str() as slot), *_):
                return slot
            case "map", "slot", (base, Data(value=str() as slot)):
                return f"{self.at(base, _ATOM)}.{slot}"
            case "map", "objects" | "fresh", (value, *_):
                return self.at(value, _ATOM)
            case "map", _, _:
                seen = [item for item in arguments if not (isinstance(item, Path) and item.variable[:1] == "=")]
                return f"{name}({', '.join(self.at(item, 0) for item in seen)})"
            case "op", "positive" | "invert", (operand,):
                return f"({'+' if name == 'positive' else '~'}{self.at(operand, _NEGATE)})"
            case "op", "part", (base, *limits):
                shown = ["" if item == _ABSENT else self.at(item, 0) for item in limits]
                return f"{self.at(base, _ATOM)}[{':'.join(shown if shown[2] else shown[:2])}]"
            case _:
                return f"{name}({', '.join(self.at(item, 0) for item in arguments)})"

    def _not(self, node: Not) -> tuple[str, int]:
        match node.operand:
            case IsNull(operand=inner):
                return f"{self.at(inner, _COMPARE + 1)} is not null", _COMPARE
            case Compare(operator="in", left=left, right=right):
                return f"{self.at(left, _COMPARE + 1)} not in {self.at(right, _COMPARE + 1)}", _COMPARE
            case inner:
                return f"not {self.at(inner, _NOT)}", _NOT

    def _case(self, node: Case) -> tuple[str, int]:
        last, _ = node.branches[-1]
        if len(node.branches) == 2 and isinstance(last, Literal) and last.value is True:
            (test, value), (_, other) = node.branches
            up = _CONDITIONAL + 1
            return f"{self.at(value, up)} if {self.at(test, up)} else {self.at(other, _CONDITIONAL)}", _CONDITIONAL
        pairs = ", ".join(f"({self.at(test, 0)}, {self.at(value, 0)})" for test, value in node.branches)
        return f"case({pairs})", _ATOM


def _literal(node: Literal) -> tuple[str, int]:
    value = node.value
    if value is None or isinstance(value, bool):
        return _WORDS[value], _ATOM
    if isinstance(value, str) and node.type.kind not in (Kind.DECIMAL, Kind.FLOAT):
        return repr(value), _ATOM
    text = str(value)
    number = text if node.type.kind is not Kind.DECIMAL or set(text) & set(".eE") else f"{text}."
    number = f"float({number!r})" if node.type.kind is Kind.FLOAT else number
    return number, _NEGATE if text.startswith("-") and node.type.kind is not Kind.FLOAT else _ATOM

"""The nodes of an expression. There are no others: what is not here cannot be said.

Every node knows the column (1-based) where it stands in the expression's text and, once checked,
its type. Nodes are frozen and can be written to and read from a cache as tagged JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final

import msgspec

from semantics.expressions.types import ANY, Kind, Type

__all__ = [
    "Attribute",
    "Call",
    "Case",
    "Compare",
    "Comprehension",
    "Data",
    "Expr",
    "Index",
    "IsNull",
    "ListOf",
    "Literal",
    "Logic",
    "Negate",
    "Not",
    "Operation",
    "Path",
    "Translate",
    "children",
    "rebuilt",
    "replaced",
]


class _Node(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="node", omit_defaults=True):
    column: int = 1
    type: Type = ANY


class Literal(_Node, frozen=True, kw_only=True):
    """A constant. A decimal is kept as its text, so that every digit stays."""

    value: str | int | bool | None

    @property
    def data(self) -> str | int | bool | float | Decimal | None:
        """The constant itself; decimals and floats from their text."""
        if self.type.kind is Kind.DECIMAL:
            return Decimal(str(self.value))
        return float(str(self.value)) if self.type.kind is Kind.FLOAT else self.value


class Data(_Node, frozen=True, kw_only=True):
    """A constant of any shape, as JSON has them: tables and defaults that a plan carries. No text says one."""

    value: Any


class Path(_Node, frozen=True, kw_only=True):
    """A walk from a variable through slots; before the check, ``variable`` is empty and steps hold all names.

    ``lists`` tells, after the check, for each step whether a list is expected there (a text: objects in a
    mapping, keyed by the slot of that name, which are read as a list); ``wrap`` that a
    single value may stand for a list of one; ``missing`` texts that stand for no value, whatever the type.
    """

    variable: str = ""
    steps: tuple[str, ...] = ()
    lists: tuple[bool | str, ...] = ()
    wrap: bool = False
    missing: tuple[str, ...] = ()


class Negate(_Node, frozen=True, kw_only=True):
    """Arithmetic minus."""

    operand: Expr


class Operation(_Node, frozen=True, kw_only=True):
    """Arithmetic on two operands: ``+ - * / // % **``; ``+`` also joins texts and lists.

    The compat dialects know ``^ | & << >>`` as well.
    """

    operator: str
    left: Expr
    right: Expr


class Compare(_Node, frozen=True, kw_only=True):
    """A comparison: ``== != < <= > >= in``; in the compat dialects also ``not in`` and ``is``."""

    operator: str
    left: Expr
    right: Expr


class IsNull(_Node, frozen=True, kw_only=True):
    """``x is null``: the one question about null that is never null itself."""

    operand: Expr


class Logic(_Node, frozen=True, kw_only=True):
    """Kleene's ``and`` / ``or`` over two or more operands, left to right, no further than needed."""

    operator: str
    operands: tuple[Expr, ...]


class Not(_Node, frozen=True, kw_only=True):
    """Kleene's negation."""

    operand: Expr


class Case(_Node, frozen=True, kw_only=True):
    """The value of the first branch whose condition is true; null if there is none. Lazy."""

    branches: tuple[tuple[Expr, Expr], ...]


class ListOf(_Node, frozen=True, kw_only=True):
    """A list literal. ``fixed`` is a tuple, which only the compat dialects tell from a list."""

    items: tuple[Expr, ...]
    fixed: bool = False


class Attribute(_Node, frozen=True, kw_only=True):
    """A slot of what an expression gives, ``a[0].b``; a :class:`Path` starts at a variable.

    ``collection`` tells, after the check, whether a list is expected there, and ``wrap`` whether a single value may
    stand for it, as ``Path.lists`` and ``Path.wrap`` do.
    """

    base: Expr
    name: str
    collection: bool | str = False
    wrap: bool = False


class Index(_Node, frozen=True, kw_only=True):
    """One element of a list, counted from 0 (from the end when negative); null beyond it."""

    base: Expr
    index: Expr


class Call(_Node, frozen=True, kw_only=True):
    """A call of a registered function."""

    function: str
    arguments: tuple[Expr, ...]


class Comprehension(_Node, frozen=True, kw_only=True):
    """``[element for variable in source if condition]`` over a slot path."""

    element: Expr
    variable: str
    source: Expr
    condition: Expr | None = None


class Translate(_Node, frozen=True, kw_only=True):
    """The target of a code by a code map of the mapping: ``lookup(table, code)``."""

    table: str
    code: Expr


Expr = (
    Literal
    | Data
    | Path
    | Attribute
    | Negate
    | Operation
    | Compare
    | IsNull
    | Logic
    | Not
    | Case
    | ListOf
    | Index
    | Call
    | Translate
    | Comprehension
)


_ALONE: Final = frozenset({Path, Literal, Data})
"""Nodes with nothing below them: most nodes are one of these."""


def children(node: Expr) -> Iterator[Expr]:
    """The expressions directly below a node, in the order of evaluation."""
    match node:
        case Path() | Literal() | Data():
            pass
        case Negate() | IsNull() | Not():
            yield node.operand
        case Operation() | Compare():
            yield from (node.left, node.right)
        case Logic():
            yield from node.operands
        case Case():
            for condition, value in node.branches:
                yield from (condition, value)
        case ListOf():
            yield from node.items
        case Attribute():
            yield node.base
        case Index():
            yield from (node.base, node.index)
        case Call():
            yield from node.arguments
        case Translate():
            yield node.code
        case Comprehension():
            yield from (node.source, node.element)
            if node.condition is not None:
                yield node.condition


def walk(node: Expr) -> Iterator[Expr]:
    """The node and everything below it."""
    pending: list[Any] = [node]
    while pending:
        current = pending.pop()
        yield current
        if type(current) not in _ALONE:
            pending.extend(reversed(list(children(current))))


def replaced(node: Expr, change: Callable[[Expr], Expr | None]) -> Expr:
    """The tree with every node that ``change`` gives something for replaced by it, from the top down."""
    found = change(node)
    return rebuilt(node, lambda part: replaced(part, change)) if found is None else found


def rebuilt(node: Expr, inner: Callable[[Expr], Expr]) -> Expr:
    """The node with what ``inner`` makes of each of its :func:`children`."""
    match node:
        case Path() | Literal() | Data():
            return node
        case Negate() | IsNull() | Not():
            return msgspec.structs.replace(node, operand=inner(node.operand))
        case Operation() | Compare():
            return msgspec.structs.replace(node, left=inner(node.left), right=inner(node.right))
        case Logic():
            return msgspec.structs.replace(node, operands=tuple(map(inner, node.operands)))
        case Case():
            branches = tuple((inner(test), inner(value)) for test, value in node.branches)
            return msgspec.structs.replace(node, branches=branches)
        case ListOf():
            return msgspec.structs.replace(node, items=tuple(map(inner, node.items)))
        case Attribute():
            return msgspec.structs.replace(node, base=inner(node.base))
        case Index():
            return msgspec.structs.replace(node, base=inner(node.base), index=inner(node.index))
        case Call():
            return msgspec.structs.replace(node, arguments=tuple(map(inner, node.arguments)))
        case Translate():
            return msgspec.structs.replace(node, code=inner(node.code))
        case Comprehension():
            condition = None if node.condition is None else inner(node.condition)
            return msgspec.structs.replace(
                node, source=inner(node.source), element=inner(node.element), condition=condition
            )

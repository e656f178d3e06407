"""What an expression gives whatever the record holds: constant folding, by the operators themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from semantics.expressions import operators
from semantics.expressions.bounds import EvaluationError
from semantics.expressions.tree import (
    Call,
    Case,
    Compare,
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
from semantics.lexical import LexicalError

__all__ = ["UNKNOWN", "Known", "Unknown", "settled"]


@dataclass(frozen=True, slots=True)
class Unknown:
    """The value hangs on the record (or the expression fails)."""


UNKNOWN: Final = Unknown()
Known = Mapping[tuple[str, tuple[str, ...]], Any]
"""Values by variable and steps."""


def settled(node: Expr, known: Known | None = None) -> Any:
    """The value of an expression where it is the same for every record, else :data:`UNKNOWN`.

    ``known`` gives values of paths (variable, steps) that are taken for granted.

    >>> from semantics.expressions.parse import parse
    >>> settled(parse("1 > 2 and a"))
    False
    """
    try:
        return _value(node, known or {})
    except (EvaluationError, LexicalError, ArithmeticError):
        return UNKNOWN


def _value(node: Expr, known: Known) -> Any:
    match node:
        case Literal():
            if node.type.kind is Kind.DECIMAL:
                return Decimal(str(node.value))
            return float(str(node.value)) if node.type.kind is Kind.FLOAT else node.value
        case Path():
            return known.get((node.variable, node.steps), UNKNOWN)
        case Negate(operand=operand):
            return _each(operators.negate, known, operand)
        case Operation():
            return _each(operators.OPERATE[node.operator], known, node.left, node.right)
        case Compare():
            return _each(operators.COMPARE[node.operator], known, node.left, node.right)
        case IsNull(operand=operand):
            return _each(lambda value: value is None, known, operand)
        case Not(operand=operand):
            return _each(operators.kleene_not, known, operand)
        case Logic():
            return _logic(node, known)
        case Case():
            return _case(node, known)
        case ListOf(items=items):
            return _each(lambda *found: list(found), known, *items)
        case Index():
            return _each(operators.index, known, node.base, node.index)
        case Call(function=name, arguments=arguments):
            from semantics.expressions.functions import FUNCTIONS

            found = FUNCTIONS.get(name)
            if found is None or found.context in ("now", "key"):  # known to the run alone
                return UNKNOWN
            return _each(found.call, known, *arguments)
        case _:
            return UNKNOWN


def _each(operate: Any, known: Known, *operands: Expr) -> Any:
    found = [_value(operand, known) for operand in operands]
    return UNKNOWN if any(value is UNKNOWN for value in found) else operate(*found)


def _logic(node: Logic, known: Known) -> Any:
    """A deciding operand settles it, even where others are not known."""
    deciding = node.operator == "or"
    found = [_value(operand, known) for operand in node.operands]
    if any(value is deciding for value in found):
        return deciding
    if any(value is UNKNOWN for value in found):
        return UNKNOWN
    return None if None in found else not deciding


def _case(node: Case, known: Known) -> Any:
    for test, value in node.branches:
        verdict = _value(test, known)
        if verdict is UNKNOWN:
            return UNKNOWN
        if verdict is True:
            return _value(value, known)
    return None

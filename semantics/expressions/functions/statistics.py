"""What a list of values has in common: means, spread and the most frequent value. Nulls are passed over."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from decimal import Decimal
from typing import Any

from semantics.errors import shape
from semantics.expressions import bounds, operators
from semantics.expressions.bounds import EvaluationError
from semantics.expressions.functions import lists
from semantics.expressions.registry import define
from semantics.expressions.types import Kind, Type


def _sized(values: Any) -> None:
    bounds.list_items(len(values))


def _quotient(types: tuple[Type, ...]) -> Type:
    """Decimals are exact; floats stay floats, because the model says float."""
    return Type(Kind.FLOAT if types[0].kind is Kind.FLOAT else Kind.DECIMAL)


def _element(types: tuple[Type, ...]) -> Type:
    return types[0].one


def _alike(types: tuple[Type, ...]) -> Type:
    return types[0]


def _present(values: list[Any]) -> list[Any]:
    return [value for value in values if value is not None]


def _total(values: list[Any]) -> Any:
    total: Any = 0
    for value in values:
        total = operators.add(total, value)
    return total


@define("average([number])", _quotient, ("average([1, 2, null])", "1.5"), ("average([])", "null"), cost=_sized)
def average(values: list[Any]) -> Any:
    """The arithmetic mean of a list of numbers; null of an empty list."""
    found = _present(values)
    return operators.divide(_total(found), len(found)) if found else None


@define("median([number])", _quotient, ("median([3, 1, 2])", "2"), ("median([4, 1])", "2.5"), ("median([])", "null"),
        cost=_sized)  # fmt: skip
def median(values: list[Any]) -> Any:
    """The middle one of a list of numbers, or the mean of the two in the middle."""
    found = lists.sorted_.body(values)
    if not found:
        return None
    middle = len(found) // 2
    return found[middle] if len(found) % 2 else operators.divide(operators.add(found[middle - 1], found[middle]), 2)


@define("mode([scalar])", _element, ("mode(['a', 'b', 'b'])", "'b'"), ("mode([2, 1])", "2"), ("mode([])", "null"),
        cost=_sized)  # fmt: skip
def mode(values: list[Any]) -> Any:
    """The most frequent value of a list; of several the one that comes first."""
    found = _present(values)
    for value in found:
        if isinstance(value, (dict, list)):
            raise EvaluationError(f"mode() needs single values, found {shape(value)}")
    counts = Counter((isinstance(value, bool), value) for value in found)
    return counts.most_common(1)[0][0][1] if counts else None


@define("variance([number])", _quotient, ("variance([1, 2, 3, 4])", "1.666666666666666666666666666666667"),
        ("variance([5])", "null"), cost=_sized)  # fmt: skip
def variance(values: list[Any]) -> Any:
    """The variance of a sample (divided by n - 1); null of fewer than two numbers."""
    found = _present(values)
    count = len(found)
    if count < 2:
        return None
    if any(type(value) is float for value in found):
        return operators.bounded(statistics.variance(map(float, found)))
    # One division only, so that nothing but the result is rounded.
    total, squares = _total(found), _total([operators.multiply(value, value) for value in found])
    spread = operators.subtract(operators.multiply(count, squares), operators.multiply(total, total))
    return operators.divide(spread, count * (count - 1))


@define("std_dev([number])", _quotient, ("std_dev([2, 4, 4, 4, 5, 5, 7, 9]) > 2.13", "true"),
        ("std_dev([5])", "null"), cost=_sized)  # fmt: skip
def std_dev(values: list[Any]) -> Any:
    """The standard deviation of a sample: the root of variance()."""
    found = variance.body(values)
    if found is None:
        return None
    return math.sqrt(found) if type(found) is float else Decimal(found).sqrt(operators.DIVISION)


@define("no_nulls([any])", _alike, ("no_nulls([1, 2])", "[1, 2]"), ("no_nulls([])", "[]"), cost=_sized)
def no_nulls(values: list[Any]) -> list[Any]:
    """The list itself; a null in it is an error."""
    if any(value is None for value in values):
        raise EvaluationError("a value is missing, and none may be")
    return values

"""Functions on lists, and on null. Nulls inside a list are passed over unless a function says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from semantics.errors import shape
from semantics.expressions import bounds, operators
from semantics.expressions.bounds import EvaluationError
from semantics.expressions.registry import define
from semantics.expressions.types import ANY, Type, joined
from semantics.expressions.values import text_of


def _element(types: tuple[Type, ...]) -> Type:
    return types[0].one


def _alike(types: tuple[Type, ...]) -> Type:
    return types[0]


def _widest(types: tuple[Type, ...]) -> Type:
    return joined(list(types)) or ANY


def _extreme(types: tuple[Type, ...]) -> Type:
    return (joined([found.one for found in types]) or ANY).one


def _sized(values: Any) -> None:
    bounds.list_items(len(values))


def _present(values: list[Any]) -> list[Any]:
    return [value for value in values if value is not None]


@define("coalesce(any, ...)", _widest, ("coalesce(null, 'a')", "'a'"), ("coalesce(null)", "null"), nulls="accepts")
def coalesce(*values: Any) -> Any:
    """The first argument that is not null."""
    return next((value for value in values if value is not None), None)


@define("null_if(scalar, string, ...)", _alike, ("null_if('-99', '-99', 'N/A')", "null"),
        ("null_if(['a', 'N/A'], 'N/A')", "['a', null]"), ("null_if(-99, '-99')", "null"), nulls="accepts")  # fmt: skip
def null_if(value: Any, *texts: str | None) -> Any:
    """The value, or null where its plain text is one of the texts."""
    return None if value is None or text_of(value) in texts else value


@define("is_null(any)", "boolean", ("is_null(null)", "true"), ("is_null('')", "false"), nulls="accepts")
def is_null(value: Any) -> bool:
    """Whether the argument is null."""
    return value is None


@define("len([any] | string)", "integer", ("len(['a', 'b'])", "2"), ("len([])", "0"), ("len(null)", "null"))
def len_(values: Any) -> int:
    """The number of elements of a list, or of characters of a text."""
    if not isinstance(values, (list, str)):
        raise EvaluationError("len() needs a list or a text")
    return len(values)


@define("first([any] | any)", _element, ("first([3, 4])", "3"), ("first([])", "null"))
def first(values: Any) -> Any:
    """The first element; null of an empty list. A single value is its own first."""
    return values if not isinstance(values, list) else next(iter(_present(values)), None)


@define("last([any] | any)", _element, ("last([3, 4])", "4"), ("last([null])", "null"))
def last(values: Any) -> Any:
    """The last element; null of an empty list."""
    return values if not isinstance(values, list) else next(iter(reversed(_present(values))), None)


@define("at([any], integer)", _element, ("at(['a', 'b'], 1)", "'b'"), ("at([3], 1)", "null"), ("at([3, 4], -1)", "4"))
def at(values: Any, place: int) -> Any:
    """The element at a place that is worked out (0 is the first, -1 the last); null where there is none."""
    return values[place] if -len(values) <= place < len(values) else None


@define("single([any] | any)", _element, ("single([3])", "3"), ("single([])", "null"))
def single(values: Any) -> Any:
    """The one element of a list; null of an empty list, an error when there are more."""
    if not isinstance(values, list):
        return values
    present = _present(values)
    if len(present) > 1:
        raise EvaluationError(f"single() was given a list of {len(present)}")
    return present[0] if present else None


def _pool(values: tuple[Any, ...]) -> list[Any]:
    return _present([item for value in values for item in (value if isinstance(value, list) else [value])])


def _ordered(values: list[Any], order: Callable[[list[Any]], Any]) -> Any:
    """What an order makes of values of one kind; Python's own order is theirs, once it is known that they have one."""
    families = {operators.family(value) for value in values}
    if len(values) > 1 and (len(families) > 1 or families & {"boolean", "other"}):
        for value in values[1:]:
            operators.COMPARE["<"](values[0], value)  # says what does not go together
    try:
        return order(values)
    except TypeError:
        raise EvaluationError("times with and without an offset have no order") from None


@define("min([comparable] | comparable, ...)", _extreme, ("min([3, 1])", "1"), ("min(2, 5)", "2"))
def min_(*values: Any) -> Any:
    """The smallest of a list or of the arguments."""
    return _ordered(_pool(values), lambda pool: min(pool, default=None))


@define(
    "max([comparable] | comparable, ...)",
    _extreme,
    ("max([3, 1])", "3"),
    ("max([null, 'b', 'a'])", "'b'"),
    ("max([])", "null"),
)
def max_(*values: Any) -> Any:
    """The largest of a list or of the arguments."""
    return _ordered(_pool(values), lambda pool: max(pool, default=None))


@define("sum([number])", _element, ("sum([1.10, 2.20])", "3.30"), ("sum([])", "0"), cost=_sized)
def sum_(values: list[Any]) -> Any:
    """The sum of a list of numbers, exact where they are; 0 of an empty list."""
    total: Any = 0
    for value in _present(values):
        total = operators.add(total, value)
    return total


@define(
    "sorted([comparable])",
    _alike,
    ("sorted(['b', 'a'])", "['a', 'b']"),
    ("sorted([2, null, 1.5])", "[1.5, 2]"),
    cost=_sized,
)
def sorted_(values: list[Any]) -> list[Any]:
    """The list in ascending order."""
    return _ordered(_present(values), sorted)  # type: ignore[no-any-return]


@define("reversed([any])", _alike, ("reversed([1, 2])", "[2, 1]"), ("reversed([])", "[]"), cost=_sized)
def reversed_(values: list[Any]) -> list[Any]:
    """The list backwards."""
    return values[::-1]


def _counted(values: Any, *conditions: Any) -> None:
    if isinstance(values, list):
        bounds.list_items(len(values))
    elements = len(values) if isinstance(values, list) else int(values is not None)
    if values is not None and any(len(tests or ()) != elements for tests in conditions):
        raise EvaluationError("count() needs as many conditions as elements")


@define("count([any] | any, [boolean]?)", "integer", ("count(['a', null, 'b'])", "2"), ("count(null)", "0"),
        ("count(['a', 'b', 'c'], [true, false, null])", "1"), nulls="accepts", cost=_counted)  # fmt: skip
def count(values: Any, *conditions: list[Any]) -> int:
    """The number of elements that are not null; with one condition for each, of those whose condition is true."""
    if not isinstance(values, list):
        return int(values is not None)
    tests = conditions[0] if conditions else [True] * len(values)
    return sum(value is not None and operators.truth(test) is True for value, test in zip(values, tests, strict=True))


def _once(value: Any) -> Any:
    """What two equal values share; true is not 1."""
    if isinstance(value, (dict, list)):
        raise EvaluationError(f"distinct() needs single values, found {shape(value)}")
    return (isinstance(value, bool), value)


@define(
    "distinct([scalar])",
    _alike,
    ("distinct(['a', 'b', 'a'])", "['a', 'b']"),
    ("distinct([1, 1.0, null])", "[1]"),
    cost=_sized,
)
def distinct(values: list[Any]) -> list[Any]:
    """The list without repetitions, in the order of first occurrence."""
    found: dict[Any, Any] = {}
    for value in _present(values):
        found.setdefault(_once(value), value)
    return list(found.values())


@define("any([boolean])", "boolean", ("any([false, true])", "true"), ("any([false, null])", "null"))
def any_(values: list[Any]) -> bool | None:
    """Whether one element is true (Kleene: null if that hangs on a null)."""
    found = [operators.truth(value) for value in values]
    return True if True in found else (None if None in found else False)


@define("all([boolean])", "boolean", ("all([true, true])", "true"), ("all([])", "true"), ("all([null, true])", "null"))
def all_(values: list[Any]) -> bool | None:
    """Whether every element is true (Kleene: null if that hangs on a null)."""
    found = [operators.truth(value) for value in values]
    return False if False in found else (None if None in found else True)

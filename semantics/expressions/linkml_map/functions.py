"""The functions of linkml-map, with its null rule and its way of going over lists.

A function of single values goes over a list given as its first argument and keeps the nulls in it; null as
any argument gives null. A function of lists takes its arguments as they are. Faults of Python's own
functions become :class:`~semantics.expressions.bounds.EvaluationError`, results are bounded.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from semantics.errors import shape
from semantics.expressions import bounds
from semantics.expressions.bounds import EvaluationError
from semantics.expressions.linkml_map import naming, texts
from semantics.expressions.linkml_map.operators import (
    gathered,
    index,
    invert,
    number_of,
    positive,
    weighed,
    within,
)

__all__ = ["ARITY", "FUNCTIONS"]

Body = Callable[..., Any]
_PLACES: Final = 1_000


class _Function(NamedTuple):
    """A function with how many arguments it takes: at least, and at most (None: any number)."""

    body: Body
    least: int = 1
    most: int | None = 1


# -- functions of lists -----------------------------------------------------------------------------


def _sum(values: Any, start: Any = 0) -> Any:
    total = start
    if isinstance(start, str):
        raise TypeError
    for value in values:
        if isinstance(total, (list, tuple)) and isinstance(value, (list, tuple)):
            bounds.list_items(len(total) + len(value))
        total = within(total + value)
    return total


def _first(values: Any) -> Any:
    return values[0] if values else None


def _last(values: Any) -> Any:
    return values[-1] if values else None


_OF_LISTS: Final = {
    "max": _Function(max, 1, None),
    "min": _Function(min, 1, None),
    "len": _Function(len),
    "sum": _Function(_sum, 1, 2),
    "sorted": _Function(sorted),
    "any": _Function(any),
    "all": _Function(all),
    "reversed": _Function(lambda values: list(reversed(values))),
    "first": _Function(_first),
    "last": _Function(_last),
}

# -- functions of single values -------------------------------------------------------------------


def _uuid5(namespace: str, name: str) -> str:
    """A version 5 UUID (RFC 9562) in the namespace that a URL gives."""
    return str(uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_URL, namespace), name))


def _str(value: Any = "") -> str:
    weighed(value, bounds.TEXT_CHARACTERS)
    return str(value)


def _text(*parts: Any) -> str:
    """An f-string from its pieces."""
    texts = gathered(map(_str, parts))
    bounds.text_characters(sum(map(len, texts)))
    return "".join(texts)


def _round(value: Any, places: Any = None) -> Any:
    if isinstance(places, int) and abs(places) > _PLACES:
        raise bounds.BoundError(f"round() goes to at most {_PLACES} places")
    return round(value, places)


def _int(value: Any = 0, base: Any = None) -> int:
    return int(value) if base is None else int(value, base)


def _substr(text: Any, start: Any, end: Any = None) -> Any:
    return text[start:end]


def _contains(text: Any, part: Any) -> bool:
    return part in text


_OF_VALUES: Final = {
    "str": _Function(_str, 0),
    "int": _Function(_int, 0, 2),
    "float": _Function(float, 0),
    "bool": _Function(bool, 0),
    "abs": _Function(abs),
    "round": _Function(_round, 1, 2),
    "floor": _Function(math.floor),
    "ceil": _Function(math.ceil),
    "strlen": _Function(len),
    "uuid5": _Function(_uuid5, 2, 2),
    "substr": _Function(_substr, 2, 3),
    "contains": _Function(_contains, 2, 2),
    "slugify": _Function(naming.slugify, 1, 2),
    "to_snake": _Function(naming.to_snake),
    "to_camel": _Function(naming.to_camel),
    "to_pascal": _Function(naming.to_pascal),
    **{name: _Function(texts.METHODS[name].body, 1 + texts.METHODS[name].least, 1 + texts.METHODS[name].most)
       for name in ("upper", "lower", "title", "capitalize", "strip", "lstrip", "rstrip", "replace",
                    "startswith", "endswith", "split", "join")},
}  # fmt: skip

# -- functions that see null ------------------------------------------------------------------------


def _case(*branches: Any) -> Any:
    """The value of the first pair whose condition counts as true; all pairs have been evaluated."""
    for condition, value in branches:
        if condition:
            return value
    return None


def _coalesce(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _is(*kinds: type) -> _Function:
    return _Function(lambda value: type(value) in kinds)


_AS_GIVEN: Final = {
    "case": _Function(_case, 0, None),
    "coalesce": _Function(_coalesce, 0, None),
    "is_numeric": _Function(lambda value: number_of(value) is not None),
    "is_str": _is(str),
    "is_int": _is(int),
    "is_float": _is(float),
    "is_bool": _is(bool),
    "is_list": _is(list),
    "list": _Function(list, 0, 1),
    "tuple": _Function(tuple, 0, 1),
    "dict": _Function(dict, 0, 1),
}

# -- what the syntax stands for ---------------------------------------------------------------------


def _part(base: Any, *limits: Any) -> Any:
    return index(base, slice(*limits)) if isinstance(base, (list, tuple, str)) else index(base, None)


def _mapping(*parts: Any) -> dict[Any, Any]:
    """Pairs of key and value, and mappings that are put in whole."""
    found: dict[Any, Any] = {}
    for part in parts:
        found.update((part,) if isinstance(part, tuple) else dict(part))
    return found


def _method(name: str) -> Body:
    body = texts.METHODS[name].body

    def method(text: Any, *arguments: Any) -> Any:
        if not isinstance(text, str):
            raise TypeError
        return body(text, *arguments)

    return method


_SYNTAX: Final = {
    "op.positive": _Function(positive),
    "op.invert": _Function(invert),
    "op.part": _Function(_part, 4, 4),
    "op.mapping": _Function(_mapping, 0, None),
    "op.format": _Function(texts.formatted, 2, 2),
    "op.text": _Function(_text, 0, None),
    **{f"str.{name}": _Function(_method(name), 1 + method.least, 1 + method.most)
       for name, method in texts.METHODS.items()},
}  # fmt: skip
"""Slices, unary operators, f-strings and methods of texts, as calls that no expression can write by name."""


def _guarded(name: str, body: Body) -> Body:
    def call(*arguments: Any) -> Any:
        try:
            return within(body(*arguments))
        except EvaluationError:
            raise
        except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError):
            found = ", ".join(map(shape, arguments)) or "nothing"
            raise EvaluationError(f"{name.partition('.')[2] or name}() does not go with {found}") from None

    return call


def _null_safe(body: Body) -> Body:
    def call(*arguments: Any) -> Any:
        return None if any(argument is None for argument in arguments) else body(*arguments)

    return call


def _going_over(body: Body) -> Body:
    """The function on each element of a list that stands first, the other arguments as they are."""
    single = _null_safe(body)

    def call(*arguments: Any) -> Any:
        if arguments and type(arguments[0]) is list:
            return gathered(single(value, *arguments[1:]) for value in arguments[0])
        return single(*arguments)

    return call


FUNCTIONS: Final[dict[str, Body]] = {
    **{name: _null_safe(_guarded(name, found.body)) for name, found in _OF_LISTS.items()},
    **{name: _going_over(_guarded(name, found.body)) for name, found in _OF_VALUES.items()},
    **{name: _guarded(name, found.body) for name, found in (_AS_GIVEN | _SYNTAX).items()},
}
"""Every function by name, ready to call."""

ARITY: Final[dict[str, tuple[int, int | None]]] = {
    name: (found.least, found.most) for name, found in (_OF_LISTS | _OF_VALUES | _AS_GIVEN | _SYNTAX).items()
}
"""How many arguments a function takes: at least, and at most (None: any number)."""

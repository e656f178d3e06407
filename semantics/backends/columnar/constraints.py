"""The constraints of a model as tests of columns: for which rows an instance is surely valid.

What a rule gives is of its slot's type already; what is left are patterns, bounds, permissible values, required slots
and counts. Anything that a class or slot asks for and that is not tested here is a gap.
"""

from __future__ import annotations

import re
from decimal import Decimal
from math import inf
from typing import Final

from semantics.backends.columnar.gaps import Unproven
from semantics.backends.columnar.numbers import comparable
from semantics.backends.columnar.reading import where_there
from semantics.backends.columnar.sql import (
    DOUBLE,
    TRUE,
    Cast,
    Constant,
    Infix,
    IsNull,
    Node,
    Not,
    OneOf,
    SqlType,
    both,
    equal,
    function,
)
from semantics.backends.columnar.values import Query, Value
from semantics.expressions.types import KIND_OF, Kind
from semantics.lexical import Primitive
from semantics.schema.model import ClassModel, Form, SchemaModel, SlotExpression, SlotModel

__all__ = ["class_gap", "counted", "portable_pattern", "value_tests"]

_SAFE: Final = re.compile(
    r"\^?(?:[A-Za-z0-9 _:/@#%&,;=~<>!\"'-]|\\[.+*?()\[\]{}|^$/\\-]|\\d|[.()|]|\(\?:"
    r"|\[\^?(?:[A-Za-z0-9 _:/@#%,;=<>!.+*?(){}|$\"'-]|\\[.+*?()\[\]{}|^$/\\-]|\\d)+\]"
    r"|[*+?]|\{[0-9]{1,3}(?:,[0-9]{0,3})?\})*\$?"
)
"""Patterns that mean the same for ASCII text to Rust's regex and to RE2: no classes beyond digits, no flags, no set
operations, no anchors but at the ends, no repetition of more than 999 times."""


def portable_pattern(pattern: str) -> bool:
    """Whether a pattern means the same to both engines, on ASCII text.

    >>> portable_pattern("^[A-Z]{2}[0-9]{2}$"), portable_pattern("[[:alpha:]]"), portable_pattern("[a&&b]")
    (True, False, False)
    """
    return _SAFE.fullmatch(pattern) is not None and not any(word in pattern for word in ("&&", "--", "~~", "[:", "(?"))


def class_gap(model: SchemaModel, cls: ClassModel) -> None:
    """Refuse a class of whose instances more is asked than values of slots."""
    if cls.rules or any(model.classes[name].conditions is not None for name in cls.ancestors):
        raise Unproven("class conditions", f"class {cls.name}")
    if cls.abstract or cls.mixin:
        raise Unproven("abstract class", f"class {cls.name}")


def counted(slot: SlotModel, value: Value) -> list[Node]:
    """The tests of whether a slot has a value, or how many."""
    low = max(slot.minimum_cardinality or 0, slot.exact_cardinality or 0)
    if slot.required or slot.value_presence == "PRESENT" or slot.identifier:
        low = max(low, 1)
    tops = [top for top in (slot.maximum_cardinality, slot.exact_cardinality) if top is not None]
    high = min(tops, default=inf)
    if slot.value_presence == "ABSENT" or high < 1 or (low > 1 and not slot.many):
        raise Unproven("constraint", f"slot {slot.name}: a number of values that one value never has")
    found: list[Node] = []
    if low >= 1 and not _never_null(value):
        found.append(Not(IsNull(value.node)))
    if slot.many and low > 1:
        found.append(where_there(value.node, Infix(">=", function("len", value.node), Constant(low))))
    if slot.many and high < inf:
        found.append(where_there(value.node, Infix("<=", function("len", value.node), Constant(int(high)))))
    return found


def _never_null(value: Value) -> bool:
    return isinstance(value.node, Constant) and value.node.value is not None


def value_tests(model: SchemaModel, slot: SlotModel, value: Value, query: Query) -> list[Node]:
    """The tests of one value of a slot that is no object; each true for null. Raises :class:`Unproven`."""
    if any(slot.boolean):
        raise Unproven("constraint", f"slot {slot.name}: boolean constraints")
    if slot.form is not Form.SCALAR:
        raise Unproven("references", f"slot {slot.name}")
    if value.kind is Kind.NULL:
        return []
    if slot.range in model.enums:
        allowed = frozenset(model.enums[slot.range].values)
        return [*_among(value, allowed, query), *_facets(slot, value, Primitive.STRING, query)]
    kind = model.types.get(slot.range or "")
    if kind is None:
        raise Unproven("kinds", f"slot {slot.name}: any value")
    if KIND_OF[kind.primitive] is not value.kind and value.kind not in _STANDS_FOR.get(kind.primitive, ()):
        raise Unproven("kinds", f"slot {slot.name}: a value of kind {value.kind}")
    own = SlotExpression(minimum_value=kind.minimum_value, maximum_value=kind.maximum_value,
                         equals_string_in=kind.equals_string_in)  # fmt: skip
    found = [test for pattern in kind.patterns for test in _pattern(pattern, value, query)]
    return [*found, *_facets(own, value, kind.primitive, query), *_facets(slot, value, kind.primitive, query)]


_STANDS_FOR: Final = {
    Primitive.DATETIME: (Kind.DATETIME, Kind.STRING),
    Primitive.TIME: (Kind.STRING,),
    Primitive.DATE: (Kind.DATE,),
}
"""Kinds that a conversion gives for values of a primitive, where that is not the primitive's own kind."""


def _facets(expression: SlotExpression, value: Value, primitive: Primitive, query: Query) -> list[Node]:
    found: list[Node] = []
    if expression.pattern is not None:
        found += _pattern(expression.pattern, value, query)
    for bound, symbol in ((expression.minimum_value, ">="), (expression.maximum_value, "<=")):
        if bound is not None:
            found.append(_bounded(value, symbol, bound, query))
    if expression.equals_string is not None:
        found += _among(value, frozenset((expression.equals_string,)), query)
    if expression.equals_string_in:
        found += _among(value, frozenset(expression.equals_string_in), query)
    if expression.equals_number is not None:
        if primitive is Primitive.FLOAT:
            raise Unproven("binary numbers", "equals_number")
        found.append(_bounded(value, "==", expression.equals_number, query))
    return found


def _pattern(pattern: str, value: Value, query: Query) -> list[Node]:
    """A search in text: ASCII text alone, in which the two engines find the same."""
    from semantics.patterns import compile_pattern

    if value.kind not in (Kind.STRING, Kind.DATETIME):
        raise Unproven("pattern", "of a value that is no text")
    if value.texts is not None and all(map(compile_pattern(pattern), value.texts)):
        return []
    if not portable_pattern(pattern):
        raise Unproven("pattern", pattern[:60])
    text = query.bind(value.node)
    ascii_ = equal(function("strlen", text), function("length", text))
    return [where_there(text, both(ascii_, function("regexp_matches", text, Constant(pattern))))]


def _among(value: Value, allowed: frozenset[str], query: Query) -> list[Node]:
    """Whether a text is one of some."""
    if value.kind is not Kind.STRING:
        raise Unproven("kinds", f"a value of kind {value.kind} among permissible values")
    if value.texts is not None and value.texts <= allowed:
        return []
    words = sorted(word for word in allowed if "\0" not in word)
    if not words:
        raise Unproven("constraint", "no permissible value")
    text = query.bind(value.node)
    if len(words) > 16:
        return [where_there(text, Not(IsNull(Cast(text, SqlType("ENUM", values=tuple(words))))))]
    return [where_there(text, OneOf(text, tuple(map(Constant, words))))]


def _bounded(value: Value, symbol: str, bound: Decimal, query: Query) -> Node:
    """A number on the right side of a bound."""
    from semantics.backends.columnar.expressions import exact

    text = query.bind(value.node)
    if value.kind is Kind.FLOAT:
        number = float(bound)
        if Decimal(number) != bound or abs(number) > 2**53 or not number.is_integer():
            raise Unproven("binary numbers", "a bound that is no binary number")
        return where_there(text, Infix(symbol, text, Cast(Constant(int(number)), DOUBLE)))
    if value.kind not in (Kind.INTEGER, Kind.DECIMAL):
        raise Unproven("kinds", f"a bound of a value of kind {value.kind}")
    if value.kind is Kind.INTEGER and bound == bound.to_integral_value() and abs(bound) < 2**63:
        return where_there(text, Infix("=" if symbol == "==" else symbol, text, Constant(int(bound))))
    one, other = comparable(value, exact(bound), query)
    tests = both(one.fine, other.fine)
    compared = where_there(text, Infix("=" if symbol == "==" else symbol, one.node, other.node))
    return compared if tests == TRUE else both(tests, compared)

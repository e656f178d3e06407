"""What the operators mean: three-valued, exact, never guessing; each result bounded before it is made.

Numbers are ``int``, ``Decimal`` or ``float``. Integers and decimals together give exact decimals; a float
stays a float and never meets a decimal silently: the decimal is converted, because the model said float.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from math import isfinite
from typing import Any, Final

from semantics.errors import shape
from semantics.expressions import bounds
from semantics.expressions.bounds import BoundError, EvaluationError
from semantics.lexical import MAX_EXPONENT

__all__ = ["COMPARE", "CONTEXT", "OPERATE", "contains", "equal", "index", "kleene_not", "negate"]

CONTEXT: Final = Context(prec=1_000, Emax=10_000, Emin=-10_000, traps=[InvalidOperation, DivisionByZero, Overflow])
"""Sums and products of bounded decimals are exact in it."""
DIVISION: Final = Context(prec=34, Emax=10_000, Emin=-10_000, traps=[InvalidOperation, DivisionByZero, Overflow])
"""A quotient that does not end is rounded to 34 digits (IEEE 754 decimal128), half to even."""

_NUMBERS: Final = (int, Decimal, float)


def is_number(value: Any) -> bool:
    """Whether a value is a number; a boolean is not."""
    return isinstance(value, _NUMBERS) and value is not True and value is not False


def _clash(symbol: str, left: Any, right: Any) -> EvaluationError:
    return EvaluationError(f"'{symbol}' does not go between {shape(left)} and {shape(right)}")


def bounded(value: Any) -> Any:
    """A number within the bounds, or :class:`BoundError`."""
    if type(value) is int:
        if value.bit_length() > bounds.INTEGER_BITS:
            raise BoundError(f"an integer would have more than {bounds.INTEGER_BITS} bits")
    elif isinstance(value, Decimal):
        if not value.is_finite() or abs(value.adjusted()) > MAX_EXPONENT:
            raise BoundError(f"a number would be beyond 10^{MAX_EXPONENT}")
    elif not isfinite(value):
        raise BoundError("a number would not be finite")
    return value


def _pair(symbol: str, left: Any, right: Any) -> tuple[Any, Any]:
    """Two numbers of one kind: floats if one is a float, decimals if one is a decimal."""
    if not (is_number(left) and is_number(right)):
        raise _clash(symbol, left, right)
    if type(left) is float or type(right) is float:
        return float(left), float(right)
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        return Decimal(left), Decimal(right)
    return left, right


def add(left: Any, right: Any) -> Any:
    """A sum, a text joined to a text, or a list to a list."""
    if left is None or right is None:
        return None
    if isinstance(left, str) and isinstance(right, str):
        bounds.text_characters(len(left) + len(right))
        return left + right
    if isinstance(left, list) and isinstance(right, list):
        bounds.list_items(len(left) + len(right))
        return left + right
    a, b = _pair("+", left, right)
    return bounded(CONTEXT.add(a, b) if isinstance(a, Decimal) else a + b)


def subtract(left: Any, right: Any) -> Any:
    """A difference."""
    if left is None or right is None:
        return None
    a, b = _pair("-", left, right)
    return bounded(CONTEXT.subtract(a, b) if isinstance(a, Decimal) else a - b)


def multiply(left: Any, right: Any) -> Any:
    """A product; texts and lists are not repeated."""
    if left is None or right is None:
        return None
    a, b = _pair("*", left, right)
    return bounded(CONTEXT.multiply(a, b) if isinstance(a, Decimal) else a * b)


def _divisor(symbol: str, left: Any, right: Any) -> tuple[Any, Any]:
    a, b = _pair(symbol, left, right)
    if not b:
        raise EvaluationError("division by zero")
    return a, b


def divide(left: Any, right: Any) -> Any:
    """A quotient: a decimal of two whole numbers or decimals, rounded to 34 digits where it does not end."""
    if left is None or right is None:
        return None
    a, b = _divisor("/", left, right)
    if type(a) is float:
        return bounded(a / b)
    return bounded(DIVISION.divide(Decimal(a), Decimal(b)))


def floor_divide(left: Any, right: Any) -> Any:
    """The quotient rounded down to a whole number."""
    if left is None or right is None:
        return None
    a, b = _divisor("//", left, right)
    if isinstance(a, Decimal):
        quotient, remainder = CONTEXT.divmod(a, b)
        return bounded(quotient - 1 if remainder and (remainder < 0) != (b < 0) else quotient)
    return bounded(a // b)


def modulo(left: Any, right: Any) -> Any:
    """The remainder that belongs to ``//``: its sign is the divisor's."""
    if left is None or right is None:
        return None
    a, b = _divisor("%", left, right)
    if isinstance(a, Decimal):
        remainder = CONTEXT.remainder(a, b)
        return bounded(CONTEXT.add(remainder, b) if remainder and (remainder < 0) != (b < 0) else remainder)
    return bounded(a % b)


def power(left: Any, right: Any) -> Any:
    """A power with a whole exponent of at most :data:`~semantics.expressions.bounds.EXPONENT`."""
    if left is None or right is None:
        return None
    if not is_number(left) or type(right) is not int:
        raise EvaluationError(f"'**' needs a number and a whole exponent, found {shape(left)} and {shape(right)}")
    if abs(right) > bounds.EXPONENT:
        raise BoundError(f"an exponent is larger than {bounds.EXPONENT}")
    if right < 0 and not left:
        raise EvaluationError("division by zero")
    if type(left) is int:
        if left.bit_length() * max(right, 0) > bounds.INTEGER_BITS:
            raise BoundError(f"an integer would have more than {bounds.INTEGER_BITS} bits")
        return left**right if right >= 0 else bounded(DIVISION.divide(Decimal(1), Decimal(left**-right)))
    if isinstance(left, Decimal):
        return bounded(CONTEXT.power(left, right) if right >= 0 else DIVISION.power(left, right))
    try:
        return bounded(left**right)
    except OverflowError:
        raise BoundError("a number would not be finite") from None


def negate(value: Any) -> Any:
    """Arithmetic minus."""
    if value.__class__ is Decimal and value:
        return value.copy_negate()
    if value is None:
        return None
    if not is_number(value):
        raise EvaluationError(f"'-' needs a number, found {shape(value)}")
    return value.copy_negate() if isinstance(value, Decimal) and value else -value


def family(value: Any) -> str:
    """What a value can be ordered with: others of its family."""
    match value:
        case bool():
            return "boolean"
        case int() | Decimal() | float():
            return "number"
        case str():
            return "text"
        case datetime():
            return "datetime"
        case date():
            return "date"
        case time():
            return "time"
        case _:
            return "other"


def equal(left: Any, right: Any) -> bool | None:
    """Equality of like with like; text and a number are not compared but refused."""
    if left is None or right is None:
        return None
    if type(left) is type(right) or (is_number(left) and is_number(right)) or _moments(left, right):
        return bool(left == right)
    raise _clash("==", left, right)


def _moments(left: Any, right: Any) -> bool:
    return isinstance(left, datetime) and isinstance(right, datetime)


def _unequal(left: Any, right: Any) -> bool | None:
    found = equal(left, right)
    return None if found is None else not found


def _ordered(symbol: str, test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool | None]:
    def compare(left: Any, right: Any) -> bool | None:
        if left is None or right is None:
            return None
        kind = family(left)
        if kind != family(right) or kind in ("boolean", "other"):
            raise _clash(symbol, left, right)
        try:
            return test(left, right)
        except TypeError:  # a time with and one without an offset
            raise _clash(symbol, left, right) from None

    return compare


def contains(left: Any, right: Any) -> bool | None:
    """``x in list``: null when x is null, or when x is not found and the list holds a null."""
    if left is None or right is None:
        return None
    if not isinstance(right, list):
        raise EvaluationError(f"'in' needs a list on its right, found {shape(right)}")
    found = [equal(left, item) for item in right]
    return True if True in found else (None if None in found else False)


def kleene_not(value: Any) -> bool | None:
    """Negation: null stays null."""
    return None if value is None else not truth(value)


def truth(value: Any) -> bool | None:
    """A condition: true, false or null; nothing else counts as one."""
    if value is None or value is True or value is False:
        return value
    raise EvaluationError(f"a condition must be true or false, found {shape(value)}")


def index(base: Any, position: Any) -> Any:
    """The element of a list at a position; null where there is none."""
    if base is None or position is None:
        return None
    if not isinstance(base, list) or type(position) is not int:
        raise EvaluationError(f"an index needs a list and a whole number, found {shape(base)}")
    return base[position] if -len(base) <= position < len(base) else None


OPERATE: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": add, "-": subtract, "*": multiply, "/": divide, "//": floor_divide, "%": modulo, "**": power,
}  # fmt: skip
COMPARE: Final[dict[str, Callable[[Any, Any], bool | None]]] = {
    "==": equal,
    "!=": _unequal,
    "<": _ordered("<", operator.lt),
    "<=": _ordered("<=", operator.le),
    ">": _ordered(">", operator.gt),
    ">=": _ordered(">=", operator.ge),
    "in": contains,
}


def step(value: Any, name: str, many: bool | str, wrap: bool = False) -> Any:
    """Slot ``name`` of an object, or of each object of a list; absent is null, a list of lists is flattened.

    ``many`` says that the slot holds a list, or (a text) objects in a mapping that are keyed by the slot of that
    name; ``wrap`` that a single value may stand for a list of one.
    """
    if value is None:
        return None
    if type(value) is dict:
        found = value.get(name)
        if many.__class__ is str and type(found) is dict:
            return _members(found, str(many))
        if many and found is not None and type(found) is not list:
            if wrap:
                return [found]
            raise EvaluationError(f"slot '{name}' should hold a list, found {shape(found)}")
        if not many and type(found) is list:
            raise EvaluationError(f"slot '{name}' should hold one value, found {shape(found)}")
        return found
    if type(value) is list:
        return _each(value, name, many, wrap)
    raise EvaluationError(f"slot '{name}' was asked of {shape(value)}")


def _members(keyed: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """Objects in a mapping as a list: each with its key in the slot that identifies it."""
    for member in keyed.values():
        if member is not None and type(member) is not dict:
            raise EvaluationError(f"expected objects by key, found {shape(member)}")
    return [{key: name, **(member or {})} for name, member in keyed.items()]


def _each(values: Sequence[Any], name: str, many: bool | str, wrap: bool) -> list[Any]:
    found: list[Any] = []
    for value in values:
        inner = step(value, name, many, wrap)
        if type(inner) is list:
            found += inner
        elif inner is not None:
            found.append(inner)
    bounds.list_items(len(found))
    return found

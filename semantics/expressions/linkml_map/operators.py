"""What the operators mean in linkml-map: Python's, with null propagating and texts of numbers taken as numbers.

Arithmetic and ordering with null give null, equality does not. A number beside a text makes the text
a number of its kind; where that cannot be, the result is null. Each result is bounded as in the strict language.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any, Final

from semantics.errors import shape
from semantics.expressions import bounds
from semantics.expressions.bounds import BoundError, EvaluationError
from semantics.expressions.operators import bounded
from semantics.expressions.tree import Path

__all__ = ["OPERATE", "connect", "elements", "entered", "gathered", "index", "invert", "negate", "plain", "positive",
           "read", "step", "weighed", "within"]  # fmt: skip

Binary = Callable[[Any, Any], Any]
_LARGEST: Final = 4_000_000
_NUMBERS: Final = (int, float)
_WIDE: Final = re.compile(r"%[-#0 +]*(?:\d{4}|\d*\.\d{4})")
_LOOPS: Final = 10_000
_WEIGHTY: Final = (str, list, tuple, dict)
WEIGHT: Final = 4 * bounds.TEXT_CHARACTERS
"""How much text a list may hold altogether."""


def number_of(value: Any) -> int | float | None:
    """The number that a value is or, as a text, stands for; None otherwise. A boolean is none."""
    if type(value) in _NUMBERS:
        return value  # type: ignore[no-any-return]
    if type(value) is str:
        try:
            return float(value)
        except ValueError:
            return None
    return None


def within(value: Any) -> Any:
    """A result within the bounds: no text, list or number that is larger, nothing that is no plain data."""
    match value:
        case bool() | None:
            return value
        case int() | float():
            return bounded(value)
        case str():
            bounds.text_characters(len(value))
        case list() | tuple() | dict():
            bounds.list_items(len(value))
            weighed(value)
        case _:
            raise EvaluationError("a result would not be plain data")
    return value


def weighed(value: Any, limit: int = WEIGHT) -> int:
    """How large a value is with all that is in it, counting what is shared each time; refused above ``limit``.

    A character weighs 1, an element 10. Without it lists of lists would grow by multiplication.
    """
    weight = 0
    pending = [value]
    while pending:
        match pending.pop():
            case str() as text:
                weight += len(text)
            case dict() as found:
                weight += 10 * len(found)
                pending += [item for item in found.values() if item.__class__ in _WEIGHTY]
            case list() | tuple() as found:
                weight += 10 * len(found)
                pending += [item for item in found if item.__class__ in _WEIGHTY]
        if weight > limit:
            raise BoundError(f"a result would be larger than {limit} characters")
    return weight


def gathered(values: Iterable[Any]) -> list[Any]:
    """A list of values that are made one by one, given up as soon as they weigh too much together."""
    found: list[Any] = []
    weight = 0
    for value in values:
        found.append(value)
        if value.__class__ in _WEIGHTY:
            weight += weighed(value, WEIGHT - weight)
    return found


# -- arithmetic -----------------------------------------------------------------------------------


def _add(left: Any, right: Any) -> Any:
    if isinstance(left, (str, list, tuple)) and type(left) is type(right):
        measure = bounds.text_characters if isinstance(left, str) else bounds.list_items
        measure(len(left) + len(right))
    return left + right


def _multiply(left: Any, right: Any) -> Any:
    for items, times in ((left, right), (right, left)):
        if isinstance(items, (list, tuple, dict)) and isinstance(times, _NUMBERS):
            bounds.list_items(int(min(len(items) * times, 2 * bounds.LIST_ITEMS)))
    return left * right


def _power(left: Any, right: Any) -> Any:
    if abs(left) > _LARGEST or abs(right) > _LARGEST:
        raise BoundError(f"'**' takes numbers up to {_LARGEST}")
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() * right > bounds.INTEGER_BITS:
        raise BoundError(f"an integer would have more than {bounds.INTEGER_BITS} bits")
    return left**right


def _modulo(left: Any, right: Any) -> Any:
    """A remainder; of two texts the second put into the first where it has a ``%s``."""
    if isinstance(left, str):
        if _WIDE.search(left):
            raise BoundError("'%' pads a text to at most 999 characters")
        bounds.text_characters(len(left) + (len(right) + 1_000) * left.count("%"))
    return left % right


def _shift_left(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() + right > bounds.INTEGER_BITS:
        raise BoundError(f"an integer would have more than {bounds.INTEGER_BITS} bits")
    return left << right


def _native(symbol: str, body: Binary, left: Any, right: Any) -> Any:
    """Python's operator with its own faults told as ours; a TypeError or ValueError is left to the caller."""
    try:
        return within(body(left, right))
    except ZeroDivisionError:
        raise EvaluationError("division by zero") from None
    except OverflowError:
        raise BoundError(f"the result of '{symbol}' would be too large") from None


def _tried(symbol: str, body: Binary, left: Any, right: Any) -> Any:
    """The operator, then once more with both sides as numbers; null where they are none."""
    try:
        return _native(symbol, body, left, right)
    except EvaluationError:
        raise
    except (TypeError, ValueError):
        a, b = number_of(left), number_of(right)
    if a is None or b is None:
        return None
    try:
        return _native(symbol, body, a, b)
    except EvaluationError:
        raise
    except (TypeError, ValueError):
        raise EvaluationError(f"'{symbol}' does not go between {shape(left)} and {shape(right)}") from None


def _like(text: str, number: int | float) -> Any:
    """A text as a number of the kind of another; None where it stands for none."""
    try:
        return type(number)(text)
    except ValueError:
        return number_of(text)


def _arithmetic(symbol: str, body: Binary) -> Binary:
    def operate(left: Any, right: Any) -> Any:
        if type(left) is str and type(right) in _NUMBERS:
            left = _like(left, right)
        elif type(right) is str and type(left) in _NUMBERS:
            right = _like(right, left)
        if left is None or right is None or (type(left) is str) is not (type(right) is str):
            return None
        return _tried(symbol, body, left, right)

    return operate


# -- comparison -----------------------------------------------------------------------------------


def _matched(left: Any, right: Any) -> tuple[Any, Any]:
    """A text beside a number as a number of exactly that kind, where it is one ('3.0' is no integer)."""
    try:
        if type(left) in _NUMBERS and type(right) is str:
            return left, type(left)(right)
        if type(right) in _NUMBERS and type(left) is str:
            return type(right)(left), right
    except ValueError:
        pass
    return left, right


def _equality(body: Binary) -> Binary:
    def compare(left: Any, right: Any) -> Any:
        return body(*_matched(left, right))

    return compare


def _ordering(symbol: str, body: Binary) -> Binary:
    def compare(left: Any, right: Any) -> Any:
        if left is None or right is None:
            return None
        return _tried(symbol, lambda a, b: body(*_matched(a, b)), left, right)

    return compare


def _membership(symbol: str, body: Binary) -> Binary:
    def compare(left: Any, right: Any) -> Any:
        return None if left is None or right is None else _tried(symbol, body, left, right)

    return compare


OPERATE: Final[dict[str, Binary]] = {
    **{symbol: _arithmetic(symbol, body) for symbol, body in {
        "+": _add, "-": operator.sub, "*": _multiply, "/": operator.truediv, "//": operator.floordiv,
        "%": _modulo, "**": _power, "^": operator.xor, "|": operator.or_, "&": operator.and_,
        "<<": _shift_left, ">>": operator.rshift,
    }.items()},
    "==": _equality(operator.eq),
    "!=": _equality(operator.ne),
    **{symbol: _ordering(symbol, body) for symbol, body in {
        "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    }.items()},
    "in": _membership("in", lambda item, items: item in items),
    "not in": _membership("not in", lambda item, items: item not in items),
    "is": lambda left, right: left is right,
}  # fmt: skip
"""Every operator between two values."""


# -- one value ------------------------------------------------------------------------------------


def _unary(symbol: str, kinds: tuple[type, ...], body: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def operate(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, kinds):
            raise EvaluationError(f"'{symbol}' needs a number, found {shape(value)}")
        return body(value)

    return operate


negate: Final = _unary("-", _NUMBERS, operator.neg)
positive: Final = _unary("+", _NUMBERS, operator.pos)
invert: Final = _unary("~", (int,), operator.invert)


def connect(symbol: str, operands: Iterator[Any]) -> Any:
    """``and`` / ``or`` as Python's: the operand that decides, or the last one."""
    deciding = symbol == "or"
    value: Any = None
    for value in operands:
        if bool(value) is deciding:
            break
    return value


def index(base: Any, key: Any) -> Any:
    """``base[key]`` of a list, tuple, text or object; what is not there is a fault."""
    if isinstance(base, (list, tuple, str, dict)):
        try:
            return base[key]
        except IndexError:
            raise EvaluationError("an index is out of range") from None
        except KeyError:
            raise EvaluationError("an object has no such key") from None
        except TypeError:
            pass
    raise EvaluationError(f"{shape(base)} has no element {shape(key)}")


def step(value: Any, name: str) -> Any:
    """A slot of an object, of each object of a list, or of each object kept in a mapping by key."""
    if value is None:
        return None
    if type(value) is dict:
        if name in value:
            return value[name]
        inner = list(value.values())
        keyed = any(isinstance(item, dict) for item in inner)
        if keyed and all(item is None or isinstance(item, (dict, list)) for item in inner):
            return [step(item, name) for item in inner]
        return None
    if type(value) is list:
        bounds.list_items(len(value))
        return [step(item, name) for item in value]
    raise EvaluationError(f"slot '{name}' was asked of {shape(value)}")


def elements(value: Any) -> Any:
    """What a comprehension goes over: a list or tuple, the keys of an object, the characters of a text."""
    if not isinstance(value, (list, tuple, dict, str)):
        raise EvaluationError(f"a comprehension needs a list, found {shape(value)}")
    if len(value) > _LOOPS:
        raise BoundError(f"a comprehension goes over at most {_LOOPS} elements")
    return value


# -- in and out -----------------------------------------------------------------------------------


def entered(value: Any) -> Any:
    """A value of a record as the tool has it: a number with a point is a float."""
    match value:
        case Decimal():
            return bounded(float(value))
        case list():
            return [entered(item) for item in value]
        case dict():
            return {key: entered(item) for key, item in value.items()}
        case _:
            return value


def read(path: Path, value: Any) -> Any:
    """The value at the steps of a path, whatever its declared type; a variable of the plan's own is as it is."""
    if path.variable[:1] == "=" and not path.steps:
        return value
    for name in path.steps:
        value = step(value, name)
    return entered(value)


def plain(value: Any) -> Any:
    """A result as plain data: a tuple is a list."""
    match value:
        case list() | tuple():
            return [plain(item) for item in value]
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case _:
            return value

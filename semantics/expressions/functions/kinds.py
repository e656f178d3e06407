"""Questions about what a value is. None of them fails, and a null is none of these."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from semantics.expressions.operators import is_number
from semantics.expressions.registry import define
from semantics.lexical import FROM_TEXT, LexicalError, Primitive


@define("is_str(any)", "boolean", ("is_str('42')", "true"), ("is_str(42)", "false"), ("is_str(null)", "false"),
        nulls="accepts")  # fmt: skip
def is_str(value: Any) -> bool:
    """Whether the argument is a text."""
    return isinstance(value, str)


@define("is_int(any)", "boolean", ("is_int(42)", "true"), ("is_int(4.2)", "false"), ("is_int(true)", "false"),
        nulls="accepts")  # fmt: skip
def is_int(value: Any) -> bool:
    """Whether the argument is a whole number."""
    return type(value) is int


@define("is_float(any)", "boolean", ("is_float(3.14)", "true"), ("is_float(3)", "false"), ("is_float(null)", "false"),
        nulls="accepts")  # fmt: skip
def is_float(value: Any) -> bool:
    """Whether the argument is a number with a fraction part: a decimal or a float."""
    return isinstance(value, (float, Decimal))


@define("is_bool(any)", "boolean", ("is_bool(false)", "true"), ("is_bool(0)", "false"), nulls="accepts")
def is_bool(value: Any) -> bool:
    """Whether the argument is true or false."""
    return isinstance(value, bool)


@define("is_list(any)", "boolean", ("is_list([1, 2])", "true"), ("is_list([])", "true"), ("is_list(null)", "false"),
        nulls="accepts")  # fmt: skip
def is_list(value: Any) -> bool:
    """Whether the argument is a list."""
    return isinstance(value, list)


@define("is_numeric(any)", "boolean", ("is_numeric('3.14')", "true"), ("is_numeric('abc')", "false"),
        ("is_numeric('')", "false"), ("is_numeric(null)", "false"), nulls="accepts")  # fmt: skip
def is_numeric(value: Any) -> bool:
    """Whether the argument is a number, or a text that decimal() can read."""
    if not isinstance(value, str):
        return is_number(value)
    try:
        FROM_TEXT[Primitive.DECIMAL](value)
    except LexicalError:
        return False
    return True

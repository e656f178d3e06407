"""The nodes that a query is built of, and the one place where they become text.

Names are ours or quoted, texts are quoted, numbers are printed by us; functions, operators and types come from the
tables here. No text of a schema, a mapping or data is ever pasted into a query.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

__all__ = [
    "BIGINT",
    "BOOLEAN",
    "DATE",
    "DOUBLE",
    "FALSE",
    "FUNCTIONS",
    "HUGEINT",
    "INTEGER",
    "NULL",
    "TRUE",
    "VARCHAR",
    "Apply",
    "Cast",
    "Choose",
    "Constant",
    "Each",
    "Infix",
    "IsNull",
    "Kept",
    "Listed",
    "Name",
    "Node",
    "Not",
    "OneOf",
    "Pack",
    "SqlType",
    "both",
    "decimal_type",
    "either",
    "equal",
    "function",
    "names",
    "quoted_name",
    "rendered",
]

FUNCTIONS: Final = frozenset({
    "abs", "array_extract", "coalesce", "contains", "ends_with", "enum_code", "epoch_us", "floor", "greatest",
    "isfinite", "least", "left", "len", "length", "list_aggregate", "list_filter", "list_transform", "lower", "lpad",
    "ltrim", "make_timestamp", "nullif", "regexp_full_match", "regexp_matches", "replace", "right", "rtrim",
    "starts_with", "strftime", "strlen", "struct_extract", "substring", "trim", "trunc", "upper", "url_encode",
})  # fmt: skip
"""The functions of DuckDB that a query may call."""
OPERATORS: Final = frozenset({"+", "-", "*", "/", "//", "%", "||", "=", "<>", "<", "<=", ">", ">=", "AND", "OR"})
_TYPES: Final = frozenset({"VARCHAR", "INTEGER", "BIGINT", "HUGEINT", "DOUBLE", "BOOLEAN", "DATE", "DECIMAL", "ENUM"})


@dataclass(frozen=True, slots=True)
class SqlType:
    """A type of DuckDB: by name, with width and scale of a decimal or the values of an enumeration."""

    name: str
    width: int = 0
    scale: int = 0
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.name not in _TYPES:
            raise ValueError("a type that is not in the table")
        if self.name == "DECIMAL":
            return f"DECIMAL({self.width:d},{self.scale:d})"
        if self.name == "ENUM":
            return f"ENUM({', '.join(map(_text, self.values))})"
        return self.name


VARCHAR: Final = SqlType("VARCHAR")
INTEGER: Final = SqlType("INTEGER")
BIGINT: Final = SqlType("BIGINT")
HUGEINT: Final = SqlType("HUGEINT")
DOUBLE: Final = SqlType("DOUBLE")
BOOLEAN: Final = SqlType("BOOLEAN")
DATE: Final = SqlType("DATE")


def decimal_type(width: int, scale: int) -> SqlType:
    """An exact decimal of at most 38 digits."""
    if not 0 <= scale <= width <= 38:
        raise ValueError("a decimal that DuckDB does not have")
    return SqlType("DECIMAL", width, scale)


@dataclass(frozen=True, slots=True)
class Name:
    """A column, or the variable of a :class:`Each`; the names are ours."""

    text: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant: text, whole number, exact number, truth value or null."""

    value: str | int | bool | Decimal | None


@dataclass(frozen=True, slots=True)
class Apply:
    """A call of one of :data:`FUNCTIONS`."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Infix:
    """Two operands with one of :data:`OPERATORS` between them."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Not:
    """Kleene's negation."""

    operand: Node


@dataclass(frozen=True, slots=True)
class IsNull:
    """Whether a value is null."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Cast:
    """A value as another type; null where it cannot be one."""

    operand: Node
    type: SqlType


@dataclass(frozen=True, slots=True)
class Choose:
    """The value of the first branch whose condition is true, else ``otherwise``."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node = Constant(None)


@dataclass(frozen=True, slots=True)
class OneOf:
    """Whether a value is one of some."""

    operand: Node
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """An object of named values."""

    fields: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Each:
    """A list of what becomes of each element of another."""

    source: Node
    variable: str
    body: Node


@dataclass(frozen=True, slots=True)
class Kept:
    """The elements of a list for which a test is true."""

    source: Node
    variable: str
    test: Node


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of values."""

    items: tuple[Node, ...]


Node = Name | Constant | Apply | Infix | Not | IsNull | Cast | Choose | OneOf | Pack | Each | Kept | Listed

TRUE: Final = Constant(True)
FALSE: Final = Constant(False)
NULL: Final = Constant(None)


def function(name: str, *arguments: Node) -> Apply:
    """A call."""
    return Apply(name, arguments)


def both(*tests: Node | None) -> Node:
    """All of some tests that are never null; None and true are left out.

    >>> rendered(both(None, Name("a"), TRUE, Name("b"), Name("a")))
    '("a" AND "b")'
    """
    found = list(dict.fromkeys(test for test in tests if test is not None and test != TRUE))
    joined: Node = found[0] if found else TRUE
    for test in found[1:]:
        joined = Infix("AND", joined, test)
    return joined


def either(*tests: Node) -> Node:
    """Any of some tests; true as soon as one is known to be."""
    if TRUE in tests:
        return TRUE
    # What is known to be false decides nothing; a null among the tests stays.
    found = [test for test in dict.fromkeys(tests) if test not in (FALSE, Not(TRUE))] or [FALSE]
    joined = found[0]
    for test in found[1:]:
        joined = Infix("OR", joined, test)
    return joined


def equal(left: Node, right: Node) -> Node:
    """Equality of values of one type."""
    return Infix("=", left, right)


def quoted_name(text: str) -> str:
    """An identifier; every character but NUL may stand in it."""
    if "\0" in text:
        raise ValueError("a name cannot hold NUL")
    return '"' + text.replace('"', '""') + '"'


def _text(text: str) -> str:
    if "\0" in text:
        raise ValueError("a text of a query cannot hold NUL")
    return "'" + text.replace("'", "''") + "'"


def rendered(node: Node) -> str:
    """The text of a node.

    >>> print(rendered(Infix("||", Constant("it's"), Name('odd "name'))))
    ('it''s' || "odd ""name")
    """
    match node:
        case Name(text=text):
            return quoted_name(text)
        case Constant(value=value):
            return _constant(value)
        case Apply(function=name, arguments=arguments):
            if name not in FUNCTIONS:
                raise ValueError("a function that is not in the table")
            return f"{name}({', '.join(map(rendered, arguments))})"
        case Infix(operator=operator, left=left, right=right):
            if operator not in OPERATORS:
                raise ValueError("an operator that is not in the table")
            return f"({rendered(left)} {operator} {rendered(right)})"
        case Not(operand=operand):
            return f"(NOT {rendered(operand)})"
        case IsNull(operand=operand):
            return f"({rendered(operand)} IS NULL)"
        case Cast(operand=operand, type=type_):
            return f"TRY_CAST({rendered(operand)} AS {type_})"
        case Choose(branches=branches, otherwise=otherwise):
            if not branches:
                return rendered(otherwise)
            whens = " ".join(f"WHEN {rendered(test)} THEN {rendered(value)}" for test, value in branches)
            return f"CASE {whens} ELSE {rendered(otherwise)} END"
        case OneOf(operand=operand, items=items):
            return f"({rendered(operand)} IN ({', '.join(map(rendered, items))}))"
        case Pack(fields=fields):
            return "{" + ", ".join(f"{_text(name)}: {rendered(value)}" for name, value in fields) + "}"
        case Each(source=source, variable=variable, body=body):
            return f"list_transform({rendered(source)}, lambda {quoted_name(variable)}: {rendered(body)})"
        case Kept(source=source, variable=variable, test=test):
            return f"list_filter({rendered(source)}, lambda {quoted_name(variable)}: {rendered(test)})"
        case Listed(items=items):
            return f"[{', '.join(map(rendered, items))}]"


def _constant(value: str | int | bool | Decimal | None) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return "true" if value else "false"
        case int():
            return f"CAST('{value:d}' AS {'BIGINT' if -(2**63) <= value < 2**63 else 'HUGEINT'})"
        case Decimal():
            text = format(value, "f")
            whole, _, fraction = text.lstrip("-").partition(".")
            return f"CAST('{text}' AS {decimal_type(len(whole) + len(fraction), len(fraction))})"
        case str():
            return _text(value)


def names(node: Node) -> Iterator[str]:
    """The names of columns and variables in a node."""
    match node:
        case Name(text=text):
            yield text
        case Constant():
            return
        case Apply(arguments=parts):
            for part in parts:
                yield from names(part)
        case Infix(left=left, right=right):
            yield from names(left)
            yield from names(right)
        case Not(operand=operand) | IsNull(operand=operand) | Cast(operand=operand):
            yield from names(operand)
        case Choose(branches=branches, otherwise=otherwise):
            for test, value in branches:
                yield from names(test)
                yield from names(value)
            yield from names(otherwise)
        case OneOf(operand=operand, items=items):
            yield from names(operand)
            for item in items:
                yield from names(item)
        case Pack(fields=fields):
            for _, value in fields:
                yield from names(value)
        case Listed(items=items):
            for item in items:
                yield from names(item)
        case Each(source=source, variable=variable, body=body) | Kept(source=source, variable=variable, test=body):
            yield from names(source)
            yield from (name for name in names(body) if name != variable)

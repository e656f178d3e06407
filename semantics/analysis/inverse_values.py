"""What one value tells about the value it was made from: expressions, codes and templates turned around.

Each answer carries how sure it is. ``lossless``: for every record that was mapped, what comes back equals what went in
(numbers as numbers, moments as moments; absent, null and the empty list are one). ``lossy``: something comes back, and
the reason says what does not. ``one-way``: nothing comes back.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from semantics.expressions.constant import UNKNOWN, settled
from semantics.expressions.functions import FUNCTIONS
from semantics.expressions.tree import Call, Case, Compare, Expr, Index, Literal, Logic, Negate, Operation, Path
from semantics.expressions.types import ANY, BOOLEAN, NUMBERS, STRING, Kind, Type, joined
from semantics.expressions.unparse import Unwritable, unparse
from semantics.expressions.values import text_of
from semantics.plan.model import Codes, Template

__all__ = [
    "LOSSLESS",
    "LOSSY",
    "ONE_WAY",
    "STANDS_IN",
    "Back",
    "OneWay",
    "call",
    "held_as",
    "of_codes",
    "of_expression",
    "of_template",
    "retyped",
    "said",
    "type_of",
    "without",
]

LOSSLESS: Final = "lossless"
LOSSY: Final = "lossy"
ONE_WAY: Final = "one-way"

_EXACT: Final = (Kind.INTEGER, Kind.DECIMAL)
_AS_WRITTEN: Final = (Kind.DATE, Kind.DATETIME, Kind.TIME)
_CUT: Final = "how the text was written is not kept"
STANDS_IN: Final = "a null and the value that stands in for it become one"
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~%-]")


class OneWay(ValueError):
    """Nothing comes back; the reason is the message."""


@dataclass(frozen=True, slots=True)
class Back:
    """The source path that comes back, the expression over the target that gives it, and what is lost if anything."""

    path: Path
    expression: Expr
    losses: tuple[str, ...] = ()
    codes: dict[str, str] | None = None

    def but(self, *losses: str) -> Back:
        """The same, with more that is lost."""
        return Back(self.path, self.expression, (*self.losses, *losses), self.codes)

    def by(self, expression: Expr) -> Back:
        """The same path, by another expression."""
        return Back(self.path, expression, self.losses, self.codes)


def text(value: str) -> Literal:
    """A text as a constant of an expression."""
    return Literal(value=value, type=STRING)


def integer(value: int) -> Literal:
    """A whole number as a constant of an expression."""
    return Literal(value=value, type=Type(Kind.INTEGER))


def call(name: str, *arguments: Expr) -> Call:
    """A call of a registered function."""
    return Call(function=name, arguments=arguments)


def said(node: Expr) -> str:
    """An expression as reasons quote it."""
    try:
        return unparse(node, lambda path: ".".join(path.steps or (path.variable,)))
    except Unwritable:
        return "an expression"


# -- types -------------------------------------------------------------------------------------------


def retyped(back: Back) -> Back:
    """What comes back of a path, brought to the type of the path."""
    value, losses = _retyped(back.expression, back.path.type.one, type_of(back.expression).one)
    return back.by(value).but(*losses)


def held_as(value: Expr, wanted: Type) -> tuple[Expr, tuple[str, ...]]:
    """What a slot holds, as the expression gave it before it was converted to the type of the slot."""
    return (value, ()) if wanted.kind in (Kind.ANY, Kind.NULL) else _retyped(value, wanted.one, type_of(value).one)


def type_of(node: Expr) -> Type:
    """The type of an expression that is made here, from the types of the paths in it."""
    match node:
        case Negate(operand=operand):
            return type_of(operand)
        case Operation(operator=operator, left=left, right=right):
            found = joined([type_of(left), type_of(right)]) or ANY
            return Type(Kind.DECIMAL) if operator == "/" and found.kind is Kind.INTEGER else found
        case Call(function=name, arguments=arguments):
            spec, types = FUNCTIONS[name], tuple(map(type_of, arguments))
            result = spec.returns(types)
            return result.list if spec.scalar and any(found.many for found in types) else result
        case Case(branches=branches):
            return joined([type_of(value) for _, value in branches]) or ANY
        case Index(base=base):
            return type_of(base).one
        case _:
            return node.type


def _retyped(value: Expr, wanted: Type, held: Type) -> tuple[Expr, tuple[str, ...]]:
    kind, found = wanted.kind, held.kind
    if wanted.as_text or held.as_text:
        raise OneWay("numbers that JSON carries as text are not brought back")
    if Kind.OBJECT in (kind, found):
        raise OneWay("an object stands on one side only")
    if kind is found:
        return value, ()
    if kind is Kind.ANY or found is Kind.ANY:
        raise OneWay("the schemas do not tell what kind of value it is")
    if kind is Kind.STRING and found in _AS_WRITTEN:
        return value, ()
    if kind in _AS_WRITTEN and found is Kind.STRING:
        return value, ()
    if found is Kind.STRING and kind in {Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.BOOLEAN}:
        return call({"integer": "int", "boolean": "bool"}.get(kind, str(kind)), value), ()
    if kind is Kind.INTEGER and found is Kind.DECIMAL:
        return call("int", value), ()
    if kind in _EXACT and found is Kind.FLOAT:
        return call("int" if kind is Kind.INTEGER else "decimal", value), ("a float keeps about 16 digits",)
    if kind is Kind.STRING and found in NUMBERS | {Kind.BOOLEAN}:
        return call("str", value), (_CUT,)
    raise OneWay(f"{held} does not become {wanted} again")


# -- expressions -------------------------------------------------------------------------------------


def of_expression(node: Expr, value: Expr) -> Back:
    """The path that an expression was made from, by undoing one operation after the other. Raises :class:`OneWay`."""
    match node:
        case Path():
            return Back(node, value)
        case Negate(operand=operand):
            return of_expression(operand, Negate(operand=value))
        case Operation():
            return _operation(node, value)
        case Call():
            return _call(node, value)
        case Case():
            return _case(node, value)
        case _:
            raise OneWay(f"'{said(node)}' cannot be undone")


def _number(node: Expr) -> Any:
    found = settled(node)
    return found if isinstance(found, (int, Decimal)) and not isinstance(found, bool) else None


def _literal(number: int | Decimal) -> Literal:
    if isinstance(number, int):
        return integer(number)
    return Literal(value=str(number), type=Type(Kind.DECIMAL))


def _operation(node: Operation, value: Expr) -> Back:
    left, right = node.left, node.right
    if node.operator == "+" and node.type.kind is Kind.STRING:
        return _concatenated((left, right), value, node)
    factor, variable, first = _number(right), left, True
    if factor is None:
        factor, variable, first = _number(left), right, False
    if factor is None or settled(variable) is not UNKNOWN:
        raise OneWay(f"'{said(node)}' reads more than one value")
    if variable.type.kind not in NUMBERS or variable.type.many:
        raise OneWay(f"'{said(node)}' is not known to be about one number")
    rounded = () if variable.type.kind in _EXACT else ("floats are rounded",)
    undone, losses = _undone(node, value, variable, factor, first)
    return of_expression(variable, undone).but(*losses, *rounded)


def _undone(
    node: Operation, value: Expr, variable: Expr, factor: int | Decimal, first: bool
) -> tuple[Expr, tuple[str, ...]]:
    """An operation with a constant turned around; ``first``: the variable stands on its left."""
    constant = _literal(factor)
    match node.operator, first:
        case "+", _:
            return Operation(operator="-", left=value, right=constant), ()
        case "-", True:
            return Operation(operator="+", left=value, right=constant), ()
        case "-", False:
            return Operation(operator="-", left=constant, right=value), ()
        case "*", _ if factor != 0:
            if variable.type.kind is Kind.INTEGER and isinstance(factor, int):
                return Operation(operator="//", left=value, right=constant), ()
            inverse = _reciprocal(factor)
            if inverse is not None:
                return Operation(operator="*", left=value, right=_literal(inverse)), ()
            return Operation(operator="/", left=value, right=constant), ("a quotient keeps 34 digits",)
        case "/", True:
            back: Expr = Operation(operator="*", left=value, right=constant)
            back = call("round", back) if variable.type.kind is Kind.INTEGER else back
            return back, ("a quotient keeps 34 digits",)
    raise OneWay(f"'{said(node)}' cannot be undone")


def _reciprocal(number: int | Decimal) -> Decimal | None:
    """One divided by a number, where that ends."""
    from fractions import Fraction

    inverse = 1 / Fraction(number)
    rest, digits = inverse.denominator, 0
    while rest % 10 == 0 or rest % 2 == 0 or rest % 5 == 0:
        rest = rest // 10 if rest % 10 == 0 else rest // (2 if rest % 2 == 0 else 5)
        digits += 1
        if digits > 200:
            return None
    if rest != 1:
        return None
    scaled = inverse * 10**digits
    return Decimal(int(scaled)).scaleb(-digits) if scaled.denominator == 1 else None


def _concatenated(parts: tuple[Expr, ...], value: Expr, node: Expr) -> Back:
    """Fixed texts around one value."""
    holes = [at for at, part in enumerate(parts) if settled(part) is UNKNOWN]
    if len(holes) != 1:
        raise OneWay(f"where one value of '{said(node)}' ends and the next begins is not told")
    before = "".join(text_of(settled(part)) for part in parts[: holes[0]])
    after = "".join(text_of(settled(part)) for part in parts[holes[0] + 1 :])
    hole = parts[holes[0]]
    found = of_expression(hole, _between(value, before, after))
    return retyped(found)


def _between(value: Expr, before: str, after: str) -> Expr:
    """A text without what stands fixed at both its ends; null where it does not begin and end so."""
    if not before and not after:
        return value
    if type_of(value) != STRING:
        raise OneWay("a text stands in a slot of another type")
    fixed = len(before) + len(after)
    ends = (integer(-len(after)),) if after else ()
    inner = call("substr", value, integer(len(before)), *ends)
    tests: list[Expr] = [call("startswith", value, text(before))] if before else []
    tests += [call("endswith", value, text(after))] if after else []
    tests += [Compare(operator=">=", left=call("strlen", value), right=integer(fixed))] if before and after else []
    test = tests[0] if len(tests) == 1 else Logic(operator="and", operands=tuple(tests), type=BOOLEAN)
    return Case(branches=((test, inner),))


def _call(node: Call, value: Expr) -> Back:
    """The functions that can be undone."""
    first = node.arguments[0] if node.arguments else Literal(value=None)
    kind = first.type.kind
    match node.function:
        case "str":
            return _of_read(first, value)
        case "int" if kind in _EXACT:
            return of_expression(first, call("decimal", value) if kind is Kind.DECIMAL else value)
        case "decimal" if kind in _EXACT:
            return of_expression(first, call("int", value) if kind is Kind.INTEGER else value)
        case "int" | "decimal" | "float" | "bool" if kind is Kind.STRING:
            return of_expression(first, call("str", value)).but(_CUT)
        case "date" if kind is Kind.DATE:
            return of_expression(first, value)
        case "date" if kind is Kind.STRING:
            return of_expression(first, call("str", value)).but("a time of day is cut off")
        case "parse_date" if _whole_day(node):
            return of_expression(first, call("format_date", value, node.arguments[1]))
        case "datetime" if kind in (Kind.DATETIME, Kind.STRING):
            return of_expression(first, call("str", value) if kind is Kind.STRING else value)
        case "concat":
            return _concatenated(node.arguments, value, node)
        case "coalesce" if UNKNOWN not in (others := tuple(map(settled, node.arguments[1:]))):
            return of_expression(first, without(value, others)).but(STANDS_IN)
        case "null_if":
            return of_expression(first, value).but("the texts that stand for a missing value come back as null")
        case "reversed":
            return of_expression(first, call("reversed", value))
        case "join" if len(node.arguments) == 2 and node.arguments[1].type == STRING.list:
            parts = call("split", value, first)
            return of_expression(node.arguments[1], parts).but("the delimiter may stand in a value")
        case "split" if kind is Kind.STRING and not first.type.many:
            return of_expression(first, call("join", node.arguments[1], value))
        case "convert_unit" if len(node.arguments) == 3 and kind in NUMBERS:
            back = call("convert_unit", value, node.arguments[2], node.arguments[1])
            back = call("round", back) if kind is Kind.INTEGER else back
            return of_expression(first, back).but("digits past the 34th of a conversion are rounded")
    raise OneWay(f"{node.function}() cannot be undone")


def _whole_day(node: Call) -> bool:
    """Whether a pattern says year, month and day and nothing else, so that it writes what it reads."""
    pattern = settled(node.arguments[1])
    if node.arguments[0].type != STRING or not isinstance(pattern, str):
        return False
    bare = re.sub("yyyy|MM|dd", " ", pattern, count=3)
    return not re.search("[A-Za-z']", bare) and all(pattern.count(part) == 1 for part in ("yyyy", "MM", "dd"))


def without(value: Expr, constants: tuple[Any, ...]) -> Expr:
    """A value, null where it is one of some constants that stand in for null."""
    return call("null_if", value, *(text(text_of(constant)) for constant in constants if constant is not None))


def _of_read(node: Expr, value: Expr) -> Back:
    """What comes back of something that was turned into text."""
    back, losses = _retyped(value, node.type.one, type_of(value).one)
    return of_expression(node, back).but(*losses)


def _case(node: Case, value: Expr) -> Back:
    """A case that is a table of codes: every condition compares one path with a constant."""
    table: dict[str, Literal] = {}
    path: Path | None = None
    for test, result in node.branches:
        match test, result:
            case Compare(operator="==", left=Path() as read, right=Literal(value=str() as code)), Literal() if (
                path is None or (path.variable, path.steps) == (read.variable, read.steps)
            ):
                path = read
                table.setdefault(code, result)
            case _:
                raise OneWay("which branch was taken is not told")
    assert path is not None
    return of_codes(Back(path, value), Codes(table=table, unmapped="null"), None)


# -- codes -------------------------------------------------------------------------------------------


def of_codes(back: Back, codes: Codes, known: frozenset[str] | None) -> Back:
    """The codes that a table was read by, turned around; ``known`` are all codes that the source can have."""
    turned: dict[str, str] = {}
    losses: list[str] = []
    for code, target in codes.table.items():
        if target.value is None:
            losses.append(f"'{code}' becomes null")
            continue
        value = text_of(target.value)
        if value in turned:
            losses.append(f"'{turned[value]}' and '{code}' both become '{value}'")
        turned.setdefault(value, code)
    if back.path.type.kind not in (Kind.STRING, Kind.INTEGER, Kind.BOOLEAN):
        losses.append("how the code was written is not kept")
    every = known is not None and known <= codes.table.keys()
    if codes.unmapped != "error" and not every:
        spoken = {"pass": "passes and may equal a mapped one", "default": "becomes the default"}
        losses.append(f"a code without an entry {spoken.get(codes.unmapped, 'becomes null')}")
    if codes.unmapped == "pass":
        raise OneWay("codes without an entry pass as they are")
    if not turned:
        raise OneWay("every code becomes null")
    return Back(back.path, back.expression, (*back.losses, *losses), turned)


# -- templates ---------------------------------------------------------------------------------------


def of_template(template: Template, value: Expr, sure: Callable[[Expr], bool]) -> list[Back]:
    """The values that stand in an IRI: cut out at the fixed texts around them, and decoded.

    ``sure`` says whether a value is there in every record: without one of them there is no IRI at all.
    """
    fixed: list[str] = [""]
    holes = []
    for part in template.parts:
        if part.value is None:
            fixed[-1] += part.text or ""
        else:
            holes.append(part)
            fixed.append("")
    if not holes:
        return []
    found = []
    for at, part in enumerate(holes):
        assert part.value is not None
        piece = _piece(value, fixed, at, any(hole.keep_reserved for hole in holes))
        decoded = call("percent_decode", piece)
        others = (hole.value for hole in holes if hole is not part and hole.value is not None)
        losses = (f"only where {said(other)} has a value" for other in others if not sure(other))
        found.append(_of_read(part.value, decoded).but(*losses))
    return found


def _piece(value: Expr, fixed: list[str], at: int, reserved: bool) -> Expr:
    """The text of one hole."""
    whole = _between(value, fixed[0], fixed[-1])
    if len(fixed) == 2:
        return whole
    between = fixed[1:-1]
    if reserved:
        raise OneWay("reserved characters are kept, so where a value ends is not told")
    common = set(between[0]).intersection(*between)
    marks = sorted(mark for mark in common if not _UNRESERVED.match(mark))
    if not marks:
        raise OneWay(f"'{min(between, key=len)}' between two values may stand in a value too")
    mark = marks[0]
    before = between[at - 1].rpartition(mark)[2] if at else ""
    after = between[at].partition(mark)[0] if at < len(between) else ""
    position = sum(text.count(mark) for text in between[:at])
    part: Expr = Index(base=call("split", whole, text(mark)), index=integer(position), type=ANY)
    return _between(part, before, after)

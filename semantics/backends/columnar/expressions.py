"""Expressions as columns: each node of the tree by the rule that gives what the interpreter gives, or a gap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from semantics.backends.columnar import reading
from semantics.backends.columnar.functions import TRANSLATED
from semantics.backends.columnar.gaps import Unproven
from semantics.backends.columnar.numbers import calculated, comparable, negated
from semantics.backends.columnar.sql import (
    FALSE,
    NULL,
    TRUE,
    Cast,
    Choose,
    Constant,
    Infix,
    IsNull,
    Listed,
    Node,
    Not,
    SqlType,
    both,
    decimal_type,
    either,
    equal,
    function,
)
from semantics.backends.columnar.values import Query, Value, known_false, null_of, text_value
from semantics.expressions.functions import FUNCTIONS
from semantics.expressions.tree import (
    Call,
    Case,
    Compare,
    Expr,
    ListOf,
    Literal,
    Logic,
    Negate,
    Operation,
    Path,
    Translate,
)
from semantics.expressions.tree import (
    IsNull as IsNullExpr,
)
from semantics.expressions.tree import (
    Not as NotExpr,
)
from semantics.expressions.types import NUMBERS, Kind
from semantics.expressions.values import reader_name
from semantics.plan.model import CodeTable

__all__ = ["Expressions", "alike", "exact", "literal", "looked_up", "texts_of"]

Scope = Mapping[str, Value]
_COMPARE: Final = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_ORDERED: Final = frozenset({*NUMBERS, Kind.STRING, Kind.DATE})
MANY_CODES: Final = 32
"""A table of more codes is looked up as an enumeration, which costs the same however long it is."""


@dataclass(frozen=True, slots=True)
class Expressions:
    """Translates expressions of one plan; ``scope`` holds what its variables stand for."""

    query: Query
    code_maps: Mapping[str, CodeTable]

    def value(self, node: Expr, scope: Scope) -> Value:
        """The value of an expression. Raises :class:`Unproven`."""
        found = self._value(node, scope)
        return found if found.kind is Kind.OBJECT or found.many else replace(found, node=self.query.bind(found.node))

    def holds(self, node: Expr, scope: Scope) -> Value:
        """Whether a condition is true: never null."""
        found = self._truth(self.value(node, scope))
        return found.with_(self.query.bind(known_false(found.node)))

    def _value(self, node: Expr, scope: Scope) -> Value:
        match node:
            case Literal():
                return literal(node)
            case Path():
                raw = reading.missing_left_out(self.walk(node, scope), node.missing, self.query)
                return self._read(raw, node)
            case Negate(operand=operand):
                return negated(self.value(operand, scope), self.query)
            case Operation(operator=operator, left=left, right=right):
                return calculated(operator, self.value(left, scope), self.value(right, scope), self.query)
            case Compare(operator="in", left=left, right=ListOf(items=items)):
                return self._one_of(self.value(left, scope), [self.value(item, scope) for item in items])
            case Compare(operator=operator, left=left, right=right) if operator in _COMPARE:
                return self._compared(operator, self.value(left, scope), self.value(right, scope))
            case IsNullExpr(operand=operand):
                inner = self.value(operand, scope)
                return Value(IsNull(inner.node), Kind.BOOLEAN, inner.fine)
            case NotExpr(operand=operand):
                inner = self._truth(self.value(operand, scope))
                return inner.with_(Not(inner.node))
            case Logic(operator=operator, operands=operands):
                return self._logic(operator, [self._truth(self.value(operand, scope)) for operand in operands])
            case Case(branches=branches):
                return self._case([(self.holds(test, scope), self.value(value, scope)) for test, value in branches])
            case Call(function=name, arguments=arguments):
                return self._call(name, [self.value(argument, scope) for argument in arguments], arguments)
            case Translate(table=table, code=code):
                return self._translated(self.code_maps[table], self.value(code, scope))
            case ListOf():
                raise Unproven("lists", "a list")
            case _:
                raise Unproven("comprehension" if type(node).__name__ == "Comprehension" else "elements",
                               type(node).__name__)  # fmt: skip

    # -- paths ------------------------------------------------------------------------------------

    def walk(self, path: Path, scope: Scope) -> Value:
        """The value at a path before it is read as its type."""
        if path.variable not in scope:
            raise Unproven("recalled slots" if path.variable[:1] == "=" else "joins", "a variable of its own")
        value = scope[path.variable]
        for step, many in zip(path.steps, path.lists, strict=True):
            value = self._step(value, step, many)
        return value

    def _step(self, value: Value, name: str, many: bool | str) -> Value:
        if value.kind is Kind.NULL:
            return null_of()
        if value.kind is not Kind.OBJECT:
            raise Unproven("kinds", f"a slot of a value of kind {value.kind}")
        if value.many:
            raise Unproven("lists", "a slot of each object of a list")
        found = value.fields.get(name)
        if found is None or found.kind is Kind.NULL:
            return null_of()
        if found.kind is Kind.ANY or (found.kind is Kind.DATETIME and many):
            raise Unproven("column type", f"slot {name}")
        if isinstance(many, str):
            raise Unproven("keyed objects", f"slot {name}")
        if many != (found.item is not None):
            raise Unproven("kinds", f"slot {name} of {'one value' if many else 'a list'}")
        inner: Node = function("struct_extract", value.node, Constant(name))
        if value.columns is not None:
            inner = value.columns[name]
        if found.kind is Kind.DATETIME:
            text, plain = reading.moment_of(self.query.bind(inner), self.query)
            return Value(text, Kind.DATETIME, both(value.fine, plain))
        return Value(
            self.query.bind(inner), found.kind, value.fine, found.width, found.scale, found.settled,
            many=bool(many), fields=found.fields,
        )  # fmt: skip

    def _read(self, raw: Value, path: Path) -> Value:
        kind = reader_name(path.type)
        if raw.kind is Kind.OBJECT:
            if kind in ("object", "any"):
                return raw
            raise Unproven("kinds", f"an object where {kind} is declared")
        if kind == "any" and raw.kind is Kind.DATE:
            return reading.read(raw, "string", self.query)
        if kind == "any" and raw.kind is not Kind.FLOAT:
            return raw
        if raw.many:
            raise Unproven("lists", "a list in an expression")
        return reading.read(raw, kind, self.query)

    # -- truth ------------------------------------------------------------------------------------

    def _truth(self, value: Value) -> Value:
        if value.kind is Kind.NULL:
            return replace(value, kind=Kind.BOOLEAN)
        if value.kind is not Kind.BOOLEAN or value.many:
            raise Unproven("kinds", f"a condition of kind {value.kind}")
        return value

    def _logic(self, operator: str, operands: list[Value]) -> Value:
        """Kleene's connection; what is not reached need not be fine."""
        word, deciding = ("AND", False) if operator == "and" else ("OR", True)
        node, fine = operands[0].node, operands[0].fine
        for operand in operands[1:]:
            if operand.fine != TRUE:
                decided = known_false(node if deciding else Not(node))
                fine = both(fine, either(decided, operand.fine))
            node = Infix(word, node, operand.node)
        return Value(node, Kind.BOOLEAN, fine)

    def _case(self, branches: list[tuple[Value, Value]]) -> Value:
        """The branches as one type, and fine where what is reached is."""
        common = alike([value for _, value in branches])
        values = list(zip([test for test, _ in branches], common, strict=True))
        node = Choose(tuple((test.node, value.node) for test, value in values))
        fine: Node = TRUE
        for test, value in reversed(values):
            if value.fine != fine:
                fine = Choose(((test.node, value.fine),), fine)
            fine = both(test.fine, fine)
        return replace(common[0], node=node, fine=self.query.bind(fine), texts=texts_of(common))

    def _compared(self, operator: str, left: Value, right: Value) -> Value:
        """Like with like; null where one is null."""
        if Kind.NULL in (left.kind, right.kind):
            return Value(NULL, Kind.BOOLEAN, both(left.fine, right.fine))
        kinds = {left.kind, right.kind}
        if kinds <= NUMBERS:
            left, right = comparable(left, right, self.query)
        elif len(kinds) > 1 or left.many or right.many or left.kind not in (*_ORDERED, Kind.BOOLEAN):
            name = "moments" if Kind.DATETIME in kinds else "kinds"
            raise Unproven(name, f"{operator} between kinds {left.kind} and {right.kind}")
        elif left.kind is Kind.BOOLEAN and operator not in ("==", "!="):
            raise Unproven("kinds", "an order of booleans")
        return Value(Infix(_COMPARE[operator], left.node, right.node), Kind.BOOLEAN, both(left.fine, right.fine))

    def _one_of(self, left: Value, items: list[Value]) -> Value:
        fine = both(left.fine, *(item.fine for item in items))
        if not items:
            return Value(Choose(((IsNull(left.node), NULL),), FALSE), Kind.BOOLEAN, fine)
        tests = [self._compared("==", left, item) for item in items]
        return Value(either(*(test.node for test in tests)), Kind.BOOLEAN, both(fine, *(test.fine for test in tests)))

    # -- calls ------------------------------------------------------------------------------------

    def _call(self, name: str, given: list[Value], trees: tuple[Expr, ...]) -> Value:
        translate = TRANSLATED.get(name)
        if translate is None:
            raise Unproven("function", f"{name}()")
        if any(value.many or value.kind is Kind.OBJECT for value in given):
            raise Unproven("lists", f"{name}() of a list")
        spec = FUNCTIONS[name]
        if spec.nulls == "propagates" and any(value.kind is Kind.NULL for value in given[: len(spec.parameters)]):
            return Value(NULL, Kind.NULL, both(*(value.fine for value in given)))
        for position, value in enumerate(given):
            wanted = spec.parameters[min(position, len(spec.parameters) - 1)].kinds
            if value.kind not in wanted and Kind.ANY not in wanted and value.kind is not Kind.NULL:
                raise Unproven("kinds", f"{name}() of a value of kind {value.kind}")
        constants = [tree.data if isinstance(tree, Literal) else None for tree in trees]
        return translate(given, constants, self.query)

    def _translated(self, table: CodeTable, code: Value) -> Value:
        """A code by a code map; one that it does not have is left to the ordinary engine, which counts it."""
        if code.kind is Kind.NULL:
            return null_of(Kind.STRING)
        text = text_value(code)
        found, there = looked_up(self.query.bind(text.node), table.codes, self.query)
        texts = frozenset(target for target in table.codes.values() if target is not None)
        return Value(found, Kind.STRING, both(text.fine, either(IsNull(text.node), there)), texts=texts)


def looked_up(text: Node, table: Mapping[str, str | None], query: Query) -> tuple[Node, Node]:
    """The target of a code in a table of texts, and whether the table has it (false for null)."""
    if any("\0" in word for word in (*table, *(found or "" for found in table.values()))):
        raise Unproven("constant", "a code with NUL")
    if not table:
        return NULL, FALSE
    if len(table) <= MANY_CODES:
        found = Choose(tuple((equal(text, Constant(code)), Constant(target)) for code, target in table.items()))
        there = Choose(tuple((equal(text, Constant(code)), TRUE) for code in table), FALSE)
        if None not in table.values():
            found_node = query.bind(found)
            return found_node, Not(IsNull(found_node))
        return query.bind(found), known_false(there)
    codes = tuple(table)
    place = query.bind(Cast(text, SqlType("ENUM", values=codes)))
    targets = Listed(tuple(Constant(table[code]) for code in codes))
    position = Infix("+", function("enum_code", place), Constant(1))
    return query.bind(function("array_extract", targets, position)), Not(IsNull(place))


def texts_of(values: list[Value]) -> frozenset[str] | None:
    """All that one of some values can be, where that is known of each."""
    known = [value.texts for value in values if value.node != NULL]
    return None if any(texts is None for texts in known) else frozenset().union(*filter(None, known))


def literal(node: Literal) -> Value:
    """A constant with its type. Raises :class:`Unproven` where no column holds it."""
    data = node.data
    match data:
        case None:
            return null_of()
        case bool():
            return Value(Constant(data), Kind.BOOLEAN)
        case int():
            if not -(2**63) <= data < 2**63:
                raise Unproven("constant", "a whole number of more than 64 bits")
            return Value(Constant(data), Kind.INTEGER, width=len(str(abs(data))))
        case float():
            raise Unproven("binary numbers", "a constant")
        case Decimal():
            return exact(data)
        case str():
            if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in data):
                raise Unproven("constant", "a text with NUL or half of a surrogate pair")
            return Value(Constant(data), Kind.STRING, texts=frozenset((data,)))


def exact(number: Decimal) -> Value:
    """An exact constant."""
    if not number.is_finite() or abs(number.adjusted()) > 37:
        raise Unproven("digits", "a constant")
    text = format(number, "f").lstrip("-")
    whole, _, fraction = text.partition(".")
    width = len(whole) + len(fraction)
    exponent = number.as_tuple().exponent
    if width > 38 or not isinstance(exponent, int) or (number.is_signed() and not number):
        raise Unproven("digits", "a constant")
    return Value(Constant(number), Kind.DECIMAL, width=width, scale=len(fraction), settled=exponent <= 0)


def alike(values: list[Value]) -> list[Value]:
    """The same values as one type, where they have one. Raises :class:`Unproven`."""
    kinds = {value.kind for value in values} - {Kind.NULL}
    if any(value.many or value.kind is Kind.OBJECT for value in values):
        raise Unproven("lists", "objects or lists as the values of conditions")
    if len(kinds) <= 1 and kinds != {Kind.DECIMAL}:
        (kind,) = kinds or {Kind.NULL}
        width = max((value.width for value in values), default=0)
        return [replace(value, kind=kind, width=width) for value in values]
    if not kinds <= {Kind.INTEGER, Kind.DECIMAL}:
        if kinds <= NUMBERS:
            raise Unproven("binary numbers", "numbers of two kinds as the values of conditions")
        raise Unproven("kinds", "values of two kinds in one place")
    numbers = [value for value in values if value.kind is not Kind.NULL]
    scale = max(value.scale for value in numbers)
    width = max(value.width - value.scale for value in numbers) + scale
    if width > 38:
        raise Unproven("digits", "numbers of different widths in one place")
    settled = kinds == {Kind.DECIMAL} and all(value.settled and value.scale == scale for value in numbers)
    return [
        replace(value, node=NULL if value.kind is Kind.NULL else Cast(value.node, decimal_type(width, scale)),
                kind=Kind.DECIMAL, width=width, scale=scale, settled=settled)
        for value in values
    ]  # fmt: skip

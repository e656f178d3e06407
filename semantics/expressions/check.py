"""Names and types of an expression, settled before the first record: the tree comes back typed and resolved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from semantics.errors import Diagnostic, ExpressionError, Location, closest, escaped
from semantics.expressions.bounds import EvaluationError, SettledError
from semantics.expressions.registry import FunctionSpec, Parameter
from semantics.expressions.tree import (
    Attribute,
    Call,
    Case,
    Compare,
    Comprehension,
    Data,
    Expr,
    Index,
    IsNull,
    ListOf,
    Literal,
    Logic,
    Negate,
    Not,
    Operation,
    Path,
    Translate,
)
from semantics.expressions.types import (
    ANY,
    NUMBERS,
    STRING,
    Kind,
    Scope,
    Type,
    joined,
)

__all__ = ["check"]

Fail = Callable[..., ExpressionError]
_ELSEWHERE: Final = {
    "slot": "slot derivations, with the name of a slot that is derived there",
    "value": "conditions that decide about a value",
}
"""Functions that a plan replaces by what they stand for."""


def check(node: Expr, scope: Scope, place: Location | None = None, dialect: str = "strict", *, text: str = "") -> Expr:
    """The tree with every path resolved in ``scope`` and every node typed.

    A compat ``dialect`` resolves names and functions only: its operators take any type. The ``text`` that the
    tree was made from, where it is given, lets a finding about a step of a path point to that step.

    Raises :class:`ExpressionError` for an unknown name, slot or function ("did you mean"), a wrong
    number of arguments, and operands whose types can never go together.
    """
    place = place or Location("<expression>")
    if dialect != "strict":
        from semantics.expressions.linkml_map.check import CompatChecker

        return CompatChecker(scope, place).expr(node)
    checker = _Checker(scope, place, text)
    try:
        typed = checker.expr(node)
    except ExpressionError as fault:
        raise ExpressionError((*checker.unknown, *fault.diagnostics)) from None
    if checker.unknown:
        raise ExpressionError(checker.unknown)
    return typed


class _Bound:
    """A scope with the variable of a comprehension in front."""

    def __init__(self, scope: Scope, name: str, found: Type) -> None:
        self.scope, self.name, self.found = scope, name, found
        self.wrap, self.prefixes = scope.wrap, scope.prefixes
        self.code_maps = scope.code_maps

    def resolve(self, name: str) -> tuple[str, tuple[str, ...], Type] | None:
        return (name, (), self.found) if name == self.name else self.scope.resolve(name)

    def step(self, base: Type, name: str) -> Type | None:
        return self.scope.step(base, name)

    def reading(self, path: Path) -> Expr | None:
        read: Expr | None = self.scope.reading(path)
        return read

    def names(self, base: Type | None = None) -> tuple[str, ...]:
        return (self.name, *self.scope.names()) if base is None else self.scope.names(base)


class _Checker:
    def __init__(self, scope: Scope, place: Location, text: str) -> None:
        self.scope, self.place, self.text = scope, place, text
        self.unknown: list[Diagnostic] = []

    def note(self, fault: ExpressionError) -> None:
        """A name that is not known does not hide the next one: what it stands for may be anything."""
        self.unknown += fault.diagnostics

    def fail(
        self, code: str, message: str, node: Expr, hint: str | None = None, *, step: int | None = None
    ) -> ExpressionError:
        """The error to raise, at the node's column (or that of a step of a path) where the place is the expression."""
        place = self.place
        if place.file == "<expression>":
            column = node.column if step is None else self._step_column(node, step)
            place = Location("<expression>", 1, column)
        return ExpressionError(Diagnostic(code, message, place, hint))

    def _step_column(self, node: Expr, step: int) -> int:
        """Where a step of a path stands: after the names before it, whatever braces and spaces are between."""
        at = end = node.column - 1
        for name in node.steps[: step + 1] if isinstance(node, Path) else ():
            at = self.text.find(name, end)
            if at < 0:
                return node.column
            end = at + len(name)
        return at + 1

    def expr(self, node: Expr) -> Expr:
        """One node, its children first."""
        match node:
            case Literal() | Data():
                return node
            case Path():
                return node if node.variable else self._path(node)
            case Negate():
                return self._negate(node)
            case Operation():
                return self._operation(node)
            case Compare():
                return self._compare(node)
            case IsNull():
                return msgspec.structs.replace(node, operand=self.expr(node.operand))
            case Not():
                return msgspec.structs.replace(node, operand=self._condition(node.operand))
            case Logic():
                parts = tuple(self._condition(part) for part in node.operands)
                return msgspec.structs.replace(node, operands=parts)
            case Case():
                return self._case(node)
            case ListOf():
                return self._list(node)
            case Index():
                return self._index(node)
            case Call():
                return self._call(node)
            case Translate():
                return node
            case Comprehension():
                return self._comprehension(node)
            case Attribute():
                return self._attribute(node)

    def _attribute(self, node: Attribute) -> Attribute:
        base = self.expr(node.base)
        found = ANY if base.type.kind is Kind.ANY else self.scope.step(base.type.one, node.name)
        if found is None:
            hint = closest(node.name, self.scope.names(base.type.one)) if base.type.kind is Kind.OBJECT else None
            message = f"'{escaped(node.name)}' is not a slot of {base.type.one}"
            raise self.fail("EXP003", message, node, hint)
        kind = msgspec.structs.replace(found, many=found.many or base.type.many, key=None)
        return msgspec.structs.replace(node, base=base, collection=found.collection, wrap=self.scope.wrap, type=kind)

    def _path(self, node: Path) -> Expr:
        name, *rest = node.steps
        found = self.scope.resolve(name)
        if found is None:
            from semantics.expressions.functions import FUNCTIONS

            what = "a function, which is not a value" if name in FUNCTIONS or name == "case" else "not known here"
            self.note(self.fail("EXP002", f"'{escaped(name)}' is {what}", node, closest(name, self.scope.names())))
            return msgspec.structs.replace(node, type=ANY)
        variable, steps, current = found
        many = current.many
        lists = [current.collection] * len(steps)
        for position, step in enumerate(rest, start=1):
            inner = self.scope.step(current.one, step)
            if inner is None:
                self.note(self.fail(
                    "EXP003", f"'{escaped(step)}' is not a slot of {current.one}", node,
                    closest(step, self.scope.names(current.one)), step=position,
                ))  # fmt: skip
                return msgspec.structs.replace(node, type=ANY)
            lists.append(inner.collection)
            many = many or inner.many
            current = inner
        kind = current.list if many else current
        if kind.key is not None:  # read as a list
            kind = msgspec.structs.replace(kind, key=None)
        path = Path(
            variable=variable, steps=(*steps, *rest), lists=tuple(lists), wrap=self.scope.wrap,
            type=kind, column=node.column,
        )  # fmt: skip
        read = self.scope.reading(path)
        return path if read is None else self.expr(read)

    def _negate(self, node: Negate) -> Expr:
        operand = self.expr(node.operand)
        self._number(operand, "'-'")
        if isinstance(operand, Literal) and operand.value is not None:
            text = str(operand.value)
            flipped: Any = text[1:] if text.startswith("-") else f"-{text}"
            value = int(flipped) if operand.type.kind is Kind.INTEGER else flipped
            return msgspec.structs.replace(operand, value=value, column=node.column)
        return msgspec.structs.replace(node, operand=operand, type=operand.type)

    def _number(self, node: Expr, what: str) -> None:
        found = node.type
        if found.many or found.kind not in NUMBERS | {Kind.ANY, Kind.NULL}:
            raise self.fail("EXP004", f"{what} needs a number, found {found}", node, _conversion(found))

    def _operation(self, node: Operation) -> Expr:
        left, right = self.expr(node.left), self.expr(node.right)
        result = self._result(node, left, right)
        return msgspec.structs.replace(node, left=left, right=right, type=result)

    def _result(self, node: Operation, left: Expr, right: Expr) -> Type:
        a, b = left.type, right.type
        loose = {Kind.ANY, Kind.NULL}
        if node.operator == "+":
            if a.kind is Kind.STRING and b.kind is Kind.STRING and not (a.many or b.many):
                return STRING
            if a.many and b.many:
                return joined([a, b]) or Type(Kind.ANY, many=True)
            strings = {Kind.STRING} | loose
            if a.kind in strings and b.kind in strings and not (a.many or b.many):
                return STRING if Kind.STRING in (a.kind, b.kind) else ANY
        for side in (left, right):
            if side.type.many or side.type.kind not in NUMBERS | loose:
                raise self.fail(
                    "EXP004",
                    f"'{node.operator}' does not go between {a} and {b}",
                    node,
                    _advice(node.operator, a, b) or _conversion(side.type),
                )
        if a.kind in loose or b.kind in loose:
            return ANY if Kind.ANY in (a.kind, b.kind) else (a if b.kind is Kind.NULL else b)
        if node.operator == "/" and Kind.FLOAT not in (a.kind, b.kind):
            return Type(Kind.DECIMAL)
        if node.operator == "**" and a.kind is Kind.INTEGER:
            return Type(Kind.DECIMAL) if _negative(right) else Type(Kind.INTEGER)
        return joined([a, b]) or ANY

    def _compare(self, node: Compare) -> Expr:
        left, right = self.expr(node.left), self.expr(node.right)
        a, b = left.type, right.type
        if node.operator == "in":
            if not b.many and b.kind not in {Kind.ANY, Kind.NULL}:
                raise self.fail("EXP004", f"'in' needs a list on its right, found {b}", node,
                                "use contains() for a part of a text" if b.kind is Kind.STRING else None)  # fmt: skip
            clash = not a.many and joined([a, b.one]) is None
        else:
            clash = joined([a, b]) is None or (a.many != b.many and Kind.NULL not in (a.kind, b.kind)
                                               and Kind.ANY not in (a.kind, b.kind))  # fmt: skip
        if clash:
            raise self.fail(
                "EXP004", f"'{node.operator}' does not go between {a} and {b}", node,
                _advice(node.operator, a, b) or _conversion(a if a.kind is Kind.STRING else b),
            )  # fmt: skip
        return msgspec.structs.replace(node, left=left, right=right)

    def _condition(self, node: Expr) -> Expr:
        typed = self.expr(node)
        if typed.type.many or typed.type.kind not in {Kind.BOOLEAN, Kind.ANY, Kind.NULL}:
            raise self.fail(
                "EXP004", f"a condition must be true or false, found {typed.type}", node,
                "compare it, or ask 'is not null'",
            )  # fmt: skip
        return typed

    def _case(self, node: Case) -> Case:
        branches = tuple((self._condition(test), self.expr(value)) for test, value in node.branches)
        result = joined([value.type for _, value in branches])
        if result is None:
            kinds = ", ".join(dict.fromkeys(str(value.type) for _, value in branches))
            raise self.fail("EXP004", f"the branches give different types: {kinds}", node)
        return msgspec.structs.replace(node, branches=branches, type=result)

    def _list(self, node: ListOf) -> ListOf:
        items = tuple(self.expr(item) for item in node.items)
        inner = joined([item.type for item in items]) if items else ANY
        if inner is None or inner.many:
            raise self.fail("EXP004", "the items of a list must be single values of one type", node)
        return msgspec.structs.replace(node, items=items, type=inner.list)

    def _index(self, node: Index) -> Index:
        base, index = self.expr(node.base), self.expr(node.index)
        if not base.type.many and base.type.kind is not Kind.ANY:
            raise self.fail("EXP004", f"an index needs a list, found {base.type}", node,
                            "use substr() for part of a text" if base.type.kind is Kind.STRING else None)  # fmt: skip
        if index.type.many or index.type.kind not in {Kind.INTEGER, Kind.ANY, Kind.NULL}:
            raise self.fail("EXP004", f"an index is a whole number, found {index.type}", node)
        return msgspec.structs.replace(node, base=base, index=index, type=base.type.one)

    def _lookup(self, node: Call) -> Translate:
        """``lookup('name', code)``: the name is a constant, so that it is known before the first record."""
        if len(node.arguments) != 2:
            raise self.fail("EXP006", f"lookup(code map, code) was given {_arguments(len(node.arguments))}", node)
        named, code = node.arguments[0], self.expr(node.arguments[1])
        if not isinstance(named, Literal) or not isinstance(named.value, str):
            raise self.fail("EXP004", "lookup() needs the name of a code map as a quoted text", node,
                            "lookup('name', code)")  # fmt: skip
        if named.value not in self.scope.code_maps:
            known = ", ".join(sorted(self.scope.code_maps)) or "none"
            raise self.fail("MAP058", f"there is no code map '{escaped(named.value)}'", node,
                            closest(named.value, self.scope.code_maps) or f"code maps: {known}")  # fmt: skip
        if code.type.kind is Kind.OBJECT:
            raise self.fail("EXP004", f"lookup(code map, code) was given {code.type}", node)
        kind = STRING.list if code.type.many else ANY if code.type.kind is Kind.ANY else STRING
        return Translate(table=named.value, code=code, type=kind, column=node.column)

    def _call(self, node: Call) -> Expr:
        from semantics.expressions.functions import FUNCTIONS, NOT_YET

        if node.function == "lookup":
            return self._lookup(node)
        spec = FUNCTIONS.get(node.function)
        if spec is None and node.function in NOT_YET:
            message = f"function '{node.function}' is part of the language but not carried out yet"
            raise self.fail("EXP008", message, node)
        if spec is None and node.function in _ELSEWHERE:
            raise self.fail("EXP005", f"'{node.function}()' is known only in {_ELSEWHERE[node.function]}", node)
        front = Literal(value=self.scope.prefixes, type=STRING, column=0)
        told = node.arguments[1:] if node.arguments[:1] == (front,) else node.arguments  # checked before
        arguments = tuple(self.expr(argument) for argument in told)
        if spec is None:
            self.note(self.fail("EXP005", f"there is no function '{escaped(node.function)}'", node,
                                closest(node.function, {*FUNCTIONS, *_ELSEWHERE, "lookup", "case"})
                                or "'semantics list functions' shows them all"))  # fmt: skip
            return msgspec.structs.replace(node, arguments=arguments, type=ANY)
        self._count(spec, node)
        for position, argument in enumerate(arguments):
            wanted = spec.parameters[min(position, len(spec.parameters) - 1)]
            self._argument(spec, wanted, argument)
        types = tuple(argument.type for argument in arguments)
        if spec.context == "prefixes":
            arguments = (front, *arguments)
        self._settled(spec, arguments, node)
        result = spec.returns(types) if types else spec.returns(())
        if spec.scalar and any(found.many for found in types):
            result = result.list
        return msgspec.structs.replace(node, arguments=arguments, type=result)

    def _settled(self, spec: FunctionSpec, arguments: tuple[Expr, ...], node: Call) -> None:
        """What is wrong with constant arguments is wrong for every record: say it now."""
        if spec.settled is None:
            return
        try:
            spec.settled(*(argument.value if isinstance(argument, Literal) else None for argument in arguments))
        except EvaluationError as fault:
            hint = fault.hint if isinstance(fault, SettledError) else None
            raise self.fail("EXP011", str(fault), node, hint) from None

    def _count(self, spec: FunctionSpec, node: Call) -> None:
        needed = sum(not parameter.optional for parameter in spec.parameters)
        given = len(node.arguments)
        if given < needed or (given > len(spec.parameters) and not spec.repeats):
            raise self.fail("EXP006", f"{spec.signature} was given {_arguments(given)}", node)

    def _argument(self, spec: FunctionSpec, wanted: Parameter, argument: Expr) -> None:
        found = argument.type
        if found.kind in {Kind.ANY, Kind.NULL}:
            return
        if found.kind not in wanted.kinds and Kind.ANY not in wanted.kinds:
            raise self.fail(
                "EXP004", f"{spec.signature} was given {found}", argument,
                _conversion(found) if wanted.kinds & NUMBERS else None,
            )  # fmt: skip
        if wanted.many and not found.many and not wanted.single:
            raise self.fail("EXP004", f"{spec.signature} was given {found}, not a list", argument)

    def _comprehension(self, node: Comprehension) -> Comprehension:
        source = self.expr(node.source)
        if not source.type.many and source.type.kind is not Kind.ANY:
            raise self.fail("EXP004", f"a comprehension goes over a list, found {source.type}", node)
        inner = _Checker(_Bound(self.scope, node.variable, source.type.one), self.place, self.text)
        inner.unknown = self.unknown
        element = inner.expr(node.element)
        condition = inner._condition(node.condition) if node.condition is not None else None
        if element.type.many:
            raise self.fail("EXP004", "a comprehension gives single values, not lists", node)
        return msgspec.structs.replace(
            node, source=source, element=element, condition=condition, type=element.type.list
        )


def _advice(operator: str, left: Type, right: Type) -> str | None:
    """What brings a text to the kind of the other side, or does what was meant."""
    kinds = {left.kind, right.kind}
    if kinds & {Kind.DATE, Kind.DATETIME} and operator in ("+", "-"):
        return "use add_duration(), or duration_between() for a difference"
    if kinds == {Kind.DATE, Kind.DATETIME}:
        return "take the day of a date-time with date()"
    if Kind.STRING in kinds and not (left.many or right.many):
        if Kind.DATE in kinds:
            return "convert text with date()"
        if Kind.DATETIME in kinds:
            return "convert text with datetime()"
        if kinds & NUMBERS:
            return "convert text with decimal() or int(), or join texts with concat()"
    return None


def _negative(node: Expr) -> bool:
    return not isinstance(node, Literal) or (isinstance(node.value, int) and node.value < 0)


def _arguments(count: int) -> str:
    return "1 argument" if count == 1 else f"{count} arguments"


def _conversion(found: Type) -> str | None:
    if found.many:
        return "take one value with first(), or go through the list with [x for x in ...]"
    return "convert text with decimal() or int()" if found.kind is Kind.STRING else None

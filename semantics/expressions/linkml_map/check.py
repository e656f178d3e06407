"""Names and functions of an expression in linkml-map's dialect; its operators take any type."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from semantics.errors import Diagnostic, ExpressionError, Location, closest, escaped
from semantics.expressions.linkml_map.functions import ARITY
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
from semantics.expressions.types import ANY, NULL, Scope

__all__ = ["CompatChecker"]

_INJECTED: Final = frozenset({"src", "target", "uuid5"})
"""Names that the tool binds in its unrestricted mode only; here they are null."""


class CompatChecker:
    """The tree with its names resolved: an unknown name is null, an unknown name before a dot an error."""

    def __init__(self, scope: Scope, place: Location, loop: frozenset[str] = frozenset()) -> None:
        self.scope, self.place, self.loop = scope, place, loop

    def fail(self, code: str, message: str, node: Expr, hint: str | None = None) -> ExpressionError:
        """The error to raise, at the node's column where the place is the expression itself."""
        place = self.place
        if place.file == "<expression>":
            place = Location("<expression>", 1, node.column)
        return ExpressionError(Diagnostic(code, message, place, hint))

    def expr(self, node: Expr) -> Expr:
        """One node with everything below it, of any type: operators give what comes of their operands."""
        found = self._resolved(node)
        loose = isinstance(found, Literal) or found.type is ANY
        return found if loose else msgspec.structs.replace(found, type=ANY)

    def _resolved(self, node: Expr) -> Expr:
        match node:
            case Literal() | Data():
                return node
            case Path():
                return self._path(node)
            case Attribute():
                return self._attribute(node)
            case Negate() | IsNull() | Not():
                return msgspec.structs.replace(node, operand=self.expr(node.operand))
            case Operation() | Compare():
                return msgspec.structs.replace(node, left=self.expr(node.left), right=self.expr(node.right))
            case Logic():
                return msgspec.structs.replace(node, operands=tuple(map(self.expr, node.operands)))
            case Case():
                branches = tuple((self.expr(test), self.expr(value)) for test, value in node.branches)
                return msgspec.structs.replace(node, branches=branches)
            case ListOf():
                return msgspec.structs.replace(node, items=tuple(map(self.expr, node.items)))
            case Index():
                return msgspec.structs.replace(node, base=self.expr(node.base), index=self.expr(node.index))
            case Call():
                return self._call(node)
            case Translate():
                return node
            case Comprehension():
                return self._comprehension(node)

    def _path(self, node: Path) -> Expr:
        name, *rest = node.steps
        if name in self.loop:
            if rest:
                raise self.fail("EXP031", f"'{escaped(name)}' of a comprehension has no slots in this dialect", node,
                                "go over the slot: [x for x in path.slot]")  # fmt: skip
            return Path(variable=name, column=node.column)
        found = self.scope.resolve(name)
        if found is not None:
            variable, steps, _ = found
            return Path(variable=variable, steps=(*steps, *rest), column=node.column,
                        lists=(False,) * (len(steps) + len(rest)))  # fmt: skip
        if name in ARITY and not rest:
            raise self.fail("EXP002", f"'{escaped(name)}' is a function, which is not a value", node)
        if rest and name not in _INJECTED:
            raise self.fail("EXP030", f"'{escaped(name)}' before '.' is not known here", node,
                            closest(name, self.scope.names()))  # fmt: skip
        return Literal(value=None, type=NULL, column=node.column)

    def _attribute(self, node: Attribute) -> Expr:
        """A slot of a path that is resolved makes the path longer."""
        base = self.expr(node.base)
        if isinstance(base, Path) and base.variable not in self.loop:
            return msgspec.structs.replace(base, steps=(*base.steps, node.name), lists=(*base.lists, False))
        return msgspec.structs.replace(node, base=base)

    def _call(self, node: Call) -> Expr:
        if node.function not in ARITY:
            raise self.fail("EXP005", f"there is no function '{escaped(node.function)}'", node,
                            closest(node.function, [name for name in ARITY if "." not in name]))  # fmt: skip
        least, most = ARITY[node.function]
        given = len(node.arguments)
        if given < least or (most is not None and given > most):
            wanted = f"{least}" if most == least else f"{least} to {most}" if most is not None else f"{least} or more"
            raise self.fail("EXP006", f"{node.function}() takes {wanted} arguments, found {given}", node)
        return msgspec.structs.replace(node, arguments=tuple(map(self.expr, node.arguments)))

    def _comprehension(self, node: Comprehension) -> Expr:
        inner = CompatChecker(self.scope, self.place, self.loop | {node.variable})
        condition: Any = inner.expr(node.condition) if node.condition is not None else None
        return msgspec.structs.replace(
            node, source=self.expr(node.source), element=inner.expr(node.element), condition=condition, type=ANY
        )

"""Names and texts of a mapping as checked trees: everything resolved, or refused and noted."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from semantics.errors import Diagnostic, ExpressionError, Location, closest, escaped
from semantics.expressions.check import check
from semantics.expressions.definitions import expanded, names_in
from semantics.expressions.parse import parse
from semantics.expressions.tree import Call, Expr, Literal, Path, replaced, walk
from semantics.expressions.types import STRING, Kind
from semantics.mapping.load import LoadedMapping
from semantics.plan.findings import Findings
from semantics.plan.lowering import with_value
from semantics.plan.model import MADE
from semantics.plan.scope import SchemaScope

__all__ = ["Names", "defined", "parsed", "read_paths", "recalled"]

Path_ = tuple[str | int, ...]


def parsed(
    text: str, scope: SchemaScope, mapping: LoadedMapping, path: Path_, findings: Findings, *,
    value: Expr | None = None, inside: tuple[str, int] | None = None,
) -> Expr | None:  # fmt: skip
    """An expression of the mapping, checked in its scope; None when it was refused (and noted).

    ``value`` is what ``value()`` stands for where a value is decided about; ``inside`` is the text that the
    expression is a part of, and where in it the expression begins.
    """
    try:
        tree = with_value(parse(text), value)
        tree = recalled(tree, scope) if "slot" in text else tree
        tree = defined(tree, scope, mapping, findings)
        tree = check(tree, scope, text=text)
        return tree if scope.zone is None else check(zoned(tree, scope.zone), scope, text=text)
    except ExpressionError as fault:
        findings.expression(fault, path, *(inside or (text, 0)))
        return None


def defined(tree: Expr, scope: SchemaScope, mapping: LoadedMapping, findings: Findings) -> Expr:
    """The tree with the definitions of the mapping in place of their names, read from the record."""
    known = mapping.definitions
    if not known:
        return tree
    findings.used |= names_in(tree) & known.keys()

    def in_record(node: Path, name: str) -> Expr:
        try:
            return check(node, scope.record)
        except ExpressionError as fault:
            found = fault.diagnostics[0]
            message = f"{found.message}, which the definition of '{name}' asks for"
            place = Location("<expression>", 1, node.column)
            raise ExpressionError(replace(found, message=message, location=place)) from None

    return expanded(tree, known, in_record, taken=scope.known)


def zoned(tree: Expr, zone: str) -> Expr:
    """The tree with ``datetime(text)`` read in the time zone in which date-times without an offset are meant."""

    def found(node: Expr) -> Expr | None:
        match node:
            case Call(function="datetime", arguments=(text,)) if text.type.kind is Kind.STRING:
                there = Literal(value=zone, type=STRING)
                return Call(function="local_datetime", arguments=(zoned(text, zone), there), column=node.column)
        return None

    return replaced(tree, found)


def recalled(tree: Expr, scope: SchemaScope) -> Expr:
    """The tree with ``slot('name')`` as the path of a slot that was made before."""

    def found(node: Expr) -> Expr | None:
        place = Location("<expression>", 1, node.column)
        match node:
            case Call(function="slot", arguments=(Literal(value=str(name)),)):
                if name not in scope.made:
                    raise ExpressionError(Diagnostic("EXP002", f"'{escaped(name)}' is not a slot that is derived here",
                                                     place, closest(name, scope.made)))  # fmt: skip
                kind = scope.made[name]
                return Path(variable=MADE, steps=(name,), lists=(kind.collection,), type=kind, column=node.column)
            case Call(function="slot"):
                raise ExpressionError(Diagnostic("EXP004", "slot() takes the name of a slot, a text", place))
        return None

    return replaced(tree, found)


def read_paths(node: Expr) -> tuple[str, ...]:
    """The source paths that an expression reads, dotted, with their variable in front."""
    paths = (part for part in walk(node) if isinstance(part, Path) and part.variable != MADE)
    return tuple(dict.fromkeys(".".join((part.variable, *part.steps)) for part in paths))


@dataclass(frozen=True)
class Names:
    """Resolves what one mapping says; what is wrong goes to ``findings``."""

    mapping: LoadedMapping
    findings: Findings

    def parsed(
        self, text: str, scope: SchemaScope, path: Path_, value: Expr | None = None,
        inside: tuple[str, int] | None = None,
    ) -> Expr | None:  # fmt: skip
        """An expression, checked in its scope; None when it was refused."""
        return parsed(text, scope, self.mapping, path, self.findings, value=value, inside=inside)

    def checked(self, tree: Expr, scope: SchemaScope, path: Path_) -> Expr | None:
        """A lowered tree with its types, or None where they do not go together."""
        try:
            return check(tree, scope, self.mapping.location(*path, key=False))
        except ExpressionError as fault:
            self.findings.expression(fault, path)
            return None

    def path(self, text: str, scope: SchemaScope, path: Path_) -> Any:
        """A path of slots: an exact slot name (whatever characters it has), dotted names, or an indexed path."""
        names = [text] if scope.resolve(text) else text.split(".")
        if names[0] in self.mapping.definitions and not scope.known(names[0]):
            return self.parsed(text, scope, path)
        if all(re.fullmatch(r"[\w @$:/+-]+", name) for name in names):
            try:
                return check(Path(steps=tuple(names)), scope, text=text)
            except ExpressionError as fault:
                self.findings.expression(fault, path, text, code="MAP013")
                return None
        if re.fullmatch(r"[\w.]+\[-?[0-9]+\](\.\w+)*", text):
            return self.parsed(text, scope, path)
        self.findings.error("MAP013", f"'{escaped(text[:60])}' is not a path of slots", path,
                            "write a.b.c, a.b[0] or a[0].b; for anything else use expr")  # fmt: skip
        return None

"""``when_type``: which kind of object a derivation is for, and what is known of it then."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from semantics.errors import ExpressionError, closest, escaped
from semantics.expressions.check import check
from semantics.expressions.tree import Compare, Expr, ListOf, Literal, Path
from semantics.expressions.types import BOOLEAN, STRING
from semantics.mapping.load import LoadedMapping
from semantics.mapping.spec import TypeTest
from semantics.plan.findings import Findings
from semantics.plan.scope import SchemaScope
from semantics.schema.model import SchemaModel

__all__ = ["typed_scope"]

Path_ = tuple[str | int, ...]


def typed_scope(
    mapping: LoadedMapping, findings: Findings, told: TypeTest | str | list[str] | None, scope: SchemaScope, path: Path_
) -> tuple[SchemaScope, Expr | None]:
    """``when_type``: the condition on the slot that tells the type, and the scope narrowed to that type."""
    if told is None:
        return scope, None
    frame, source = scope.own, scope.schema
    base = source.classes.get(frame.type.of or "")
    names = [told] if isinstance(told, str) else told if isinstance(told, list) else told.values
    slot = told.by if isinstance(told, TypeTest) else base.designator if base is not None else None
    if base is None or slot is None:
        what = f"class '{base.name}'" if base is not None else "what is gone over here"
        findings.error("MAP039", f"{what} has no slot that designates the type", path,
                            "say which slot tells it: when_type: {by: SLOT, is: VALUE}")  # fmt: skip
        return scope, None
    if not isinstance(told, TypeTest):
        for name in names:
            if name not in source.classes or not source.is_a(name, base.name):
                findings.error("MAP039", f"'{escaped(name)}' is not a kind of '{base.name}'", path,
                                    closest(name, (base.name, *base.descendants)))  # fmt: skip
                return scope, None
        names = [text for name in names for text in _type_names(source, name)]
    test = Compare(
        operator="in", left=Path(steps=(slot,)), type=BOOLEAN,
        right=ListOf(items=tuple(Literal(value=name, type=STRING) for name in names)),
    )  # fmt: skip
    try:
        typed = check(test, replace(scope, frames=(frame,)), mapping.location(*path))
    except ExpressionError as fault:
        findings.expression(fault, path)
        return scope, None
    narrow = [name for name in names if name in source.classes and source.is_a(name, base.name)]
    if len(narrow) != 1:
        return scope, typed
    known = replace(frame, type=msgspec.structs.replace(frame.type, of=narrow[0]))
    frames = tuple(known if other is frame else other for other in scope.frames)
    return replace(scope, frames=frames), typed


def _type_names(source: SchemaModel, name: str) -> list[str]:
    """What a designator may hold for a class or one of its kinds: names, and IRIs where it holds such."""
    kinds = [source.classes[kind] for kind in (name, *source.classes[name].descendants)]
    return [text for kind in kinds for text in (kind.name, kind.uri)]

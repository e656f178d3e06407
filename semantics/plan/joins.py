"""From the joins of a class derivation to look-ups: every key typed, every index named, before the first record."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from semantics.errors import ExpressionError, closest, escaped
from semantics.expressions.check import check
from semantics.expressions.tree import Expr, Path, walk
from semantics.expressions.types import Kind, Type, joined
from semantics.mapping.load import LoadedMapping
from semantics.mapping.spec import JoinSpec
from semantics.plan.findings import Findings
from semantics.plan.model import JOINED, Join, Lookup
from semantics.plan.names import parsed
from semantics.plan.scope import Frame, SchemaScope
from semantics.schema.model import SchemaModel

__all__ = ["JoinPlanner", "reads_joins"]

Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class JoinPlanner:
    """Plans the joins of one mapping; ``lookups`` collects the indices that they look into."""

    mapping: LoadedMapping
    source: SchemaModel
    findings: Findings
    lookups: dict[str, Lookup] = field(default_factory=dict)

    def plan(self, joins: dict[str, JoinSpec], scope: SchemaScope, path: Path_) -> tuple[tuple[Join, ...], SchemaScope]:
        """The joins that can be carried out, and the scope in which their names are known.

        Each sees the partners of those before it, so that a join can go on from a partner.
        """
        found: list[Join] = []
        for alias, spec in joins.items():
            join = self._join(alias, spec, scope, (*path, alias))
            if join is not None:
                found.append(join)
                kind = Type(Kind.OBJECT, many=join.many, of=join.source_class)
                scope = scope.joined(join.variable, kind)
        return tuple(found), scope

    def _join(self, alias: str, spec: JoinSpec, scope: SchemaScope, path: Path_) -> Join | None:
        if not self._named(alias, scope, path) or not self._consistent(alias, spec, path):
            return None
        name = spec.class_named or alias
        cls = self.source.classes.get(name)
        if cls is None:
            self.findings.error(
                "MAP010", f"class '{escaped(name)}' is not in schema '{self.source.name}'",
                (*path, "class_named") if spec.class_named else path, closest(name, self.source.classes),
            )  # fmt: skip
            return None
        asked, sought = spec.source_key or spec.join_on, spec.lookup_key or spec.join_on or cls.identifier
        if asked is None or sought is None:
            what = "which value to look up" if asked is None else f"which slot of '{name}' it is looked up in"
            self.findings.error("MAP042", f"the join '{alias}' does not say {what}", path,
                                "give join_on, or source_key and lookup_key")  # fmt: skip
            return None
        frame = Frame("record", Type(Kind.OBJECT, of=name))
        partner = SchemaScope(self.source, (frame,), scope.wrap, scope.prefixes, code_maps=scope.code_maps)
        key = self._key(asked, scope, (*path, "source_key" if spec.source_key else "join_on"))
        other = self._key(sought, partner, (*path, "lookup_key" if spec.lookup_key else "join_on"))
        if key is None or other is None or not self._comparable(alias, spec, key, other, path):
            return None
        return Join(
            alias=alias, variable=JOINED + alias, source_class=name, lookup=self._lookup(name, other), key=key,
            origin=self.mapping.location(*path), many=spec.many, pick=spec.pick, required=spec.required,
        )  # fmt: skip

    def _named(self, alias: str, scope: SchemaScope, path: Path_) -> bool:
        """Whether the alias can be a name, and does not change what a name means already."""
        if not alias.isidentifier() or not alias.isascii() or alias.startswith("_"):
            self.findings.error("MAP040", f"'{escaped(alias)}' cannot be a name", path,
                                "give the join another name, and the class with class_named")  # fmt: skip
            return False
        if scope.resolve(alias) is not None:
            self.findings.error("MAP040", f"'{alias}' means something here already", path,
                                "give the join another name, and the class with class_named")  # fmt: skip
            return False
        return True

    def _consistent(self, alias: str, spec: JoinSpec, path: Path_) -> bool:
        before = len(self.findings.errors)
        if spec.join_on is not None and spec.source_key is not None and spec.lookup_key is not None:
            self.findings.error("MAP041", f"the join '{alias}' says its keys twice", (*path, "join_on"),
                                "keep join_on, or source_key and lookup_key")  # fmt: skip
        if spec.many and spec.pick is not None:
            self.findings.error("MAP041", f"the join '{alias}' takes all partners, so there is none to pick",
                                (*path, "pick"), "keep many, or pick")  # fmt: skip
        return len(self.findings.errors) == before

    def _key(self, text: str, scope: SchemaScope, path: Path_) -> Expr | None:
        """A key: a slot (whatever characters its name has), or else an expression."""
        if scope.resolve(text) is None:
            return parsed(text, scope, self.mapping, path, self.findings)
        try:
            return check(Path(steps=(text,)), scope, text=text)
        except ExpressionError as fault:
            self.findings.expression(fault, path, text)
            return None

    def _comparable(self, alias: str, spec: JoinSpec, key: Expr, other: Expr, path: Path_) -> bool:
        """Keys of kinds that are never equal join nothing: a mistake."""
        if key.type.many and not spec.many:
            self.findings.error("MAP016", f"the key of the join '{alias}' is a {key.type}, and the join is to one",
                                path, "take one value with first(), or set many: true")  # fmt: skip
            return False
        kinds = {key.type.kind, other.type.kind}
        if Kind.OBJECT in kinds or joined([key.type.one, other.type.one]) is None:
            self.findings.error(
                "MAP043", f"the keys of the join '{alias}' are never equal: {key.type.one} and {other.type.one}", path,
                "convert one of them: a key may be an expression",
            )  # fmt: skip
            return False
        return True

    def _lookup(self, name: str, key: Expr) -> str:
        """The index over a class by a key; joins by the same key share one."""
        lookup = Lookup(classes=self.source.concrete(name), key=key)
        plain = msgspec.json.encode(msgspec.structs.replace(lookup, key=_placeless(key)))
        for known, other in self.lookups.items():
            if msgspec.json.encode(msgspec.structs.replace(other, key=_placeless(other.key))) == plain:
                return known
        steps = ".".join(key.steps) if isinstance(key, Path) else "key"
        identifier = f"{name}.{steps}"
        while identifier in self.lookups:
            identifier += "_"
        self.lookups[identifier] = lookup
        return identifier


def _placeless(node: Expr) -> Expr:
    return msgspec.structs.replace(node, column=1)


def reads_joins(node: Expr | None) -> bool:
    """Whether an expression reads a partner."""
    return node is not None and any(isinstance(part, Path) and part.variable.startswith(JOINED) for part in walk(node))

"""Names in the expressions of a linkml-map specification: slots of the source class, joined tables, references."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from semantics.errors import Location
from semantics.expressions.linkml_map.check import CompatChecker
from semantics.expressions.parse import parse
from semantics.expressions.tree import Attribute, Call, Comprehension, Data, Expr, Index, Literal, Path
from semantics.expressions.types import BOOLEAN, NULL, STRING
from semantics.mapping.linkml_map import COMPAT
from semantics.plan.model import DOCUMENT, MADE
from semantics.schema.induction import InducedSchema, InducedSlot, UnknownElement

if TYPE_CHECKING:
    from semantics.plan.linkml_map.joins import Tables

__all__ = ["RECORD", "Source", "call", "expression", "failing", "model_of", "record"]

RECORD = "=record"
"""The variable of the object that a rule makes something of."""


def call(function: str, *arguments: Expr | str | int | bool | None) -> Call:
    """A call of one of the functions that only a plan knows."""
    return Call(function=f"map.{function}", arguments=tuple(map(_literal, arguments)))


def _literal(value: Expr | str | int | bool | None) -> Expr:
    if value is None:
        return Literal(value=None, type=NULL)
    if isinstance(value, bool):
        return Literal(value=value, type=BOOLEAN)
    return Data(value=value) if isinstance(value, (str, int)) else value


def failing(message: str) -> Expr:
    """A value that is a fault once it is asked for."""
    return call("fail", Literal(value=message, type=STRING))


def record() -> Path:
    """The object itself."""
    return Path(variable=RECORD)


def model_of(schema: InducedSchema) -> dict[str, dict[str, Any]]:
    """Classes with their identifiers and the slots that hold objects: what an index over a record needs."""
    model = {}
    for name in schema.classes:
        slots = [schema.slot(slot, name) for slot in schema.slots(name)]
        model[name] = {
            "identifier": schema.identifier(name),
            "key": schema.identifier(name, key=True),
            "slots": {
                slot.name: {
                    "range": slot.range,
                    "many": slot.multivalued,
                    "key": schema.identifier(slot.range, key=True),
                }
                for slot in slots
                if slot.range in schema.classes and slot.range is not None
            },
        }
    return model


@dataclass
class Source:
    """The object that expressions of one class derivation are about.

    ``reads`` notes the slots that they read, ``unknown`` the names that stand for nothing and are null.

    ``plain``: whatever the object has is read as it is; ``code``: there is only this value, under the name ``src``.
    """

    schema: InducedSchema
    class_name: str | None
    tables: Tables
    origin: Location
    plain: bool = False
    code: Expr | None = None
    reads: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    wrap: bool = False
    prefixes: str = "{}"
    code_maps: frozenset[str] = frozenset()

    def slot(self, name: str) -> InducedSlot | None:
        """A slot of the class, or None."""
        return _slot(self.schema, name, self.class_name)

    def resolve(self, name: str) -> None:
        """Nothing resolves to a plain path here: :class:`_Names` makes calls of names."""

    def step(self, base: Any, name: str) -> None:
        """See :meth:`resolve`."""

    def reading(self, path: Any) -> None:
        """Nothing is read by more than its type here."""

    def names(self, base: Any = None) -> tuple[str, ...]:
        """The names that could have been meant."""
        known = self.class_name is not None and self.class_name in self.schema.classes
        return self.schema.slots(self.class_name) if known and self.class_name else ()


def _slot(schema: InducedSchema, name: str, class_name: str | None) -> InducedSlot | None:
    if class_name is None:
        return None
    try:
        return schema.slot(name, class_name)
    except UnknownElement:
        return None


def expression(text: str, source: Source, place: Location) -> Expr:
    """A checked expression. Raises :class:`ExpressionError` where it is refused."""
    if text == "None":
        return Literal(value=None, type=NULL)
    return _Names(source, place).expr(parse(text, place, COMPAT))


_Typed = tuple[Expr, str | None, bool]
"""An expression, the class of the objects that it gives (if it gives any), and whether it gives many."""


class _Names(CompatChecker):
    """Resolves names by what the tool would find in the object, and follows references by the schema."""

    scope: Any

    def _path(self, node: Path) -> Expr:
        if node.variable or node.steps[0] in self.loop:
            return super()._path(node) if not node.variable else node
        return self._typed(node)[0]

    def _attribute(self, node: Attribute) -> Expr:
        return self._typed(node)[0]

    def _call(self, node: Call) -> Expr:
        if node.function == "slot" and len(node.arguments) == 1:
            return call("get", Path(variable=MADE), self.expr(node.arguments[0]))
        return super()._call(node)

    def _comprehension(self, node: Comprehension) -> Expr:
        inner = _Names(self.scope, self.place, self.loop | {node.variable})
        return Comprehension(
            source=self.expr(node.source), element=inner.expr(node.element), variable=node.variable,
            condition=inner.expr(node.condition) if node.condition is not None else None, column=node.column,
        )  # fmt: skip

    # -- objects and their slots --------------------------------------------------------------------

    def _typed(self, node: Expr) -> _Typed:
        match node:
            case Path(variable="", steps=(name, *rest)) if name not in self.loop:
                found = self._name(name, node, first=bool(rest))
                for step in rest:
                    found = self._slot_of(found, step)
                return found
            case Attribute(base=Path(variable="", steps=steps), name=name) if steps[0] not in self.loop:
                return self._typed(Path(steps=(*steps, name), column=node.column))
            case Attribute(base=base, name=name):
                return self._slot_of(self._typed(base), name)
            case Index(base=base, index=index):
                value, of, many = self._typed(base)
                return Index(base=value, index=self.expr(index), column=node.column), of if many else None, False
            case _:
                return self.expr(node), None, False

    def _name(self, name: str, node: Path, *, first: bool) -> _Typed:
        source: Source = self.scope
        if name == "NULL":
            return Literal(value=None, type=NULL), None, False
        if source.code is not None:
            value = source.code if name == "src" else Literal(value=None, type=NULL)
            return value, None, False
        if source.plain:
            source.reads.append(name)
            return call("get", record(), name), None, False
        if name in source.tables:
            return source.tables.row(name, source.reads, source.origin), source.tables.class_of(name), False
        slot = source.slot(name)
        if slot is None and name == source.class_name:
            return record(), None, False
        if slot is None:
            if first:
                super()._path(Path(steps=(name, "_"), column=node.column))
                return Literal(value=None, type=NULL), None, False
            super()._path(Path(steps=(name,), column=node.column))
            source.unknown.append(name)
            return call("named", record(), name, False), None, False
        source.reads.append(name)
        of = slot.range if slot.range in source.schema.classes else None
        return call("named", record(), name, True), of, slot.multivalued

    def _slot_of(self, found: _Typed, name: str) -> _Typed:
        """A slot of objects: of what references stand for, where it is of a class that has identifiers."""
        value, of, many = found
        if of is None:
            return Attribute(base=value, name=name), None, False
        if many or self.scope.schema.identifier(of) is not None:
            value = call("objects", value, Path(variable=DOCUMENT), of, many)
        slot = _slot(self.scope.schema, name, of)
        inner = slot.range if slot is not None and slot.range in self.scope.schema.classes else None
        return call("slot", value, name), inner, many or (slot is not None and slot.multivalued)

"""Which source types fit which target slots, and by which named steps; and constants of a slot's range."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from semantics.expressions.tree import Literal
from semantics.expressions.types import KIND_OF, NULL, Kind, Type
from semantics.expressions.values import text_of
from semantics.lexical import FROM_TEXT, LexicalError, Primitive
from semantics.schema.model import Form, SchemaModel, SlotModel
from semantics.yaml_source import Plain

__all__ = ["constant_of", "steps", "target_primitive"]

_NUMERIC: Final = (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT)
_ACCEPTS: Final[dict[Primitive, frozenset[Kind]]] = {
    Primitive.STRING: frozenset(Kind) - {Kind.OBJECT},
    Primitive.INTEGER: frozenset({Kind.INTEGER}),
    Primitive.DECIMAL: frozenset({Kind.INTEGER, Kind.DECIMAL}),
    Primitive.FLOAT: frozenset(_NUMERIC),
    Primitive.BOOLEAN: frozenset({Kind.BOOLEAN}),
    Primitive.DATE: frozenset({Kind.DATE, Kind.STRING}),
    Primitive.DATETIME: frozenset({Kind.DATETIME, Kind.STRING}),
    Primitive.DATE_OR_DATETIME: frozenset({Kind.DATE, Kind.DATETIME, Kind.STRING}),
    Primitive.TIME: frozenset({Kind.TIME, Kind.STRING}),
}
_SETTLED: Final = frozenset({
    (Primitive.STRING, Kind.STRING), (Primitive.INTEGER, Kind.INTEGER), (Primitive.DECIMAL, Kind.DECIMAL),
    (Primitive.BOOLEAN, Kind.BOOLEAN),
})  # fmt: skip
"""What an expression of a type gives is a value of the slot already: operators and functions bound what they give."""
_ADVICE: Final = {
    Primitive.INTEGER: "int()", Primitive.DECIMAL: "decimal()", Primitive.FLOAT: "float()",
    Primitive.BOOLEAN: "bool()", Primitive.DATE: "date()", Primitive.DATETIME: "datetime()",
}  # fmt: skip


def target_primitive(schema: SchemaModel, slot: SlotModel) -> Primitive | None:
    """The value space that a target slot's scalars have; None where anything goes (enums, ``Any``)."""
    if slot.form is Form.REFERENCE:
        identifier = schema.classes[slot.range or ""].identifier
        return schema.primitive(schema.classes[slot.range or ""].slots[identifier or ""])
    if slot.range in schema.enums:
        return Primitive.STRING
    if any(part.range for part in slot.any_of):
        return None
    return schema.primitive(slot)


def steps(source: Type, target: Primitive | None, *, computed: bool) -> tuple[tuple[str, ...] | None, str | None]:
    """The conversion steps from a source type to a target, or None with advice what to write instead.

    ``computed``: the value comes from an expression, so dates are date objects and numbers are read.
    """
    if target is None:
        return (
            ("text_dates",) if computed and source.kind in (Kind.DATE, Kind.DATETIME, Kind.TIME) else ("any",)
        ), None
    if computed and (target, source.kind) in _SETTLED:
        return (), None
    accepted = _ACCEPTS.get(target, frozenset({Kind.STRING}))
    if source.kind not in accepted | {Kind.ANY, Kind.NULL}:
        return None, f"convert it with {_ADVICE[target]}" if target in _ADVICE else None
    read = (f"{source.kind}_text",) if source.as_text and not computed else ()
    if target is Primitive.STRING:
        if source.kind in (Kind.ANY, Kind.NULL, Kind.STRING):
            return ("string",), None
        if computed or (source.kind not in _NUMERIC and source.kind is not Kind.BOOLEAN):
            return ("text",) if computed else ("string",), None
        return (*(read or (str(source.kind),)), "text"), None
    return (*read, str(target)), None


def constant_of(schema: SchemaModel, slot: SlotModel, value: Any) -> Literal | str:
    """A YAML constant as a literal of the slot's range, or the reason why it cannot be one."""
    if isinstance(value, (dict, list)) or value is None:
        return "must be a single value"
    text = value.text if isinstance(value, Plain) else text_of(value)
    if slot.range in schema.enums:
        known = schema.enums[slot.range].values
        return Literal(value=text) if text in known else f"is not a permissible value of '{slot.range}'"
    primitive = target_primitive(schema, slot)
    if primitive is None:
        return _literal(value)
    try:
        read = FROM_TEXT[primitive](text)
    except LexicalError as fault:
        return str(fault)
    if primitive is Primitive.DECIMAL:
        return Literal(value=text, type=Type(Kind.DECIMAL))
    if primitive is Primitive.FLOAT:
        return Literal(value=text, type=Type(Kind.FLOAT))
    return Literal(value=read, type=Type(KIND_OF[primitive]))


def _literal(value: Any) -> Literal:
    if value is None:
        return Literal(value=None, type=NULL)
    if isinstance(value, Decimal):
        return Literal(value=str(value), type=Type(Kind.DECIMAL))
    kind = Kind.BOOLEAN if isinstance(value, bool) else Kind.INTEGER if isinstance(value, int) else Kind.STRING
    return Literal(value=value, type=Type(kind))

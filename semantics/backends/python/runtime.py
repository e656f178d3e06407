"""What generated functions may call, and nothing else: the language's own operators and conversions.

The short forms here are the hot path: each takes the common case in a line and leaves the rest to
the operator that defines it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any, Final

from semantics.backends.lookup import found, partner, partners
from semantics.backends.values import derived, iri_part, look_up, several, translated
from semantics.errors import shape
from semantics.expressions import bounds, operators
from semantics.expressions.bounds import EvaluationError
from semantics.expressions.dialects import DIALECTS, STRICT
from semantics.expressions.linkml_map import operators as peer
from semantics.expressions.tree import Literal
from semantics.expressions.values import CONVERSIONS, READERS, present, text_of
from semantics.lexical import MAX_EXPONENT, LexicalError
from semantics.plan.model import Codes

__all__ = ["NAMESPACE", "OPERATOR_NAMES", "RELATED", "namespace"]


def walk(value: Any, steps: tuple[str, ...], lists: tuple[bool | str, ...], wrap: bool) -> Any:
    """The value at a path of several steps."""
    for name, many in zip(steps, lists, strict=True):
        if value is None:
            return None
        value = operators.step(value, name, many, wrap)
    return value


def field(value: Any, name: str) -> Any:
    """One value of an object; null of null."""
    if value.__class__ is dict:
        found = value.get(name)
        if found.__class__ is not list:
            return found
    return operators.step(value, name, False)


def member(value: Any, name: str, many: bool | str, wrap: bool) -> Any:
    """A slot of whatever an expression gives."""
    return operators.step(value, name, many, wrap)


def fields(value: Any, name: str, wrap: bool) -> Any:
    """A list of an object; null of null."""
    if value.__class__ is dict:
        found = value.get(name)
        if found is None or found.__class__ is list:
            return found
    return operators.step(value, name, True, wrap)


def one(value: Any) -> Any:
    """A value that must not be a list."""
    if value.__class__ is list:
        raise EvaluationError(f"expected one value, found {shape(value)}")
    return value


def reading(name: str) -> Callable[[Any], Any]:
    """A reader of a declared type that lets null pass and goes through lists."""
    read = READERS[name]

    def nullable(value: Any) -> Any:
        if value is None:
            return None
        if value.__class__ is list:
            return [read(item) for item in value if item is not None]
        return read(value)

    return nullable


def reading_one(name: str) -> Callable[[Any], Any]:
    """A reader of a declared type for one value: null passes, a list is refused."""
    read = READERS[name]

    def nullable(value: Any) -> Any:
        if value is None:
            return None
        return read(one(value) if value.__class__ is list else value)

    return nullable


def one_string(value: Any) -> Any:
    """A text or null."""
    if value is None or value.__class__ is str:
        return value
    return _ONE_STRING(value)


_ONE_STRING: Final = reading_one("string")


def one_decimal(value: Any) -> Any:
    """An exact number or null."""
    if value.__class__ is Decimal and -MAX_EXPONENT <= value.adjusted() <= MAX_EXPONENT and value.is_finite():
        return value
    return _ONE_DECIMAL(value)


_ONE_DECIMAL: Final = reading_one("decimal")


def as_object(value: Any) -> dict[str, Any]:
    """An object that rules go over."""
    if value.__class__ is not dict:
        raise EvaluationError(f"expected an object, found {shape(one(value))}")
    return value


def code_of(value: Any, table: dict[str, Any], policy: str, slot: str, events: list[tuple[str, str, str]]) -> Any:
    """The constant for a code; null for null and for codes that map to null."""
    if value is None:
        return None
    if value.__class__ is str:
        found = table.get(value)
        if found is not None:
            return found
    known = Codes(table={text_of(value): Literal(value=None)} if _in(value, table) else {}, unmapped=policy)
    if _in(value, table):
        return table[text_of(value)]
    return value if look_up(known, value, slot, events) is True else None


def _in(value: Any, table: dict[str, Any]) -> bool:
    if value.__class__ in (dict, list):
        raise LexicalError(f"expected a code, found {shape(value)}")
    return text_of(value) in table


def passing(
    value: Any, table: dict[str, Any], slot: str, events: list[tuple[str, str, str]], convert: Callable[[Any], Any]
) -> Any:
    """Like :func:`code_of` where unmapped codes pass: they are converted, mapped ones are constants."""
    if value is None:
        return None
    if _in(value, table):
        return table[text_of(value)]
    events.append(("unmapped", slot, text_of(value)))
    return convert(value)


def chosen(
    value: Any, table: dict[str, Any], computed: dict[str, Callable[[], Any]], policy: str, slot: str,
    events: list[tuple[str, str, str]], convert: Callable[[Any], Any],
) -> Any:  # fmt: skip
    """Like :func:`code_of` where some codes have an expression for a value."""
    if value is None:
        return None
    if not _in(value, table) and text_of(value) in computed:
        found = computed[text_of(value)]()
        return None if found is None else convert(found)
    if policy == "pass":
        return passing(value, table, slot, events, convert)
    return code_of(value, table, policy, slot, events)


def arranged(made: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The slots that an instance shows, in its order."""
    return {name: made[name] for name in names if name in made}


def spread(value: Any, each: Callable[[Any], Any]) -> Any:
    """A conversion on a value, or on every element of a list."""
    if value is None:
        return None
    if value.__class__ is list:
        return [made for item in value if item is not None and (made := each(item)) is not None] or None
    return each(value)


def single(value: Any) -> Any:
    """The one value of a list; a slot that holds one takes no more."""
    if value.__class__ is not list:
        return value
    if len(value) > 1:
        raise EvaluationError(f"{len(value)} values for a slot that holds one")
    return value[0] if value else None


def objects(value: Any) -> list[Any]:
    """The objects to go over: none of null, the elements of a list, or the one object."""
    if value is None:
        return []
    items = value if value.__class__ is list else [value]
    for item in items:
        if item.__class__ is not dict:
            return [as_object(item) for item in items if item is not None]
    return items


def elements(value: Any) -> Iterator[Any]:
    """Like :func:`objects`, over values of any kind."""
    if value is not None:
        yield from (item for item in (value if value.__class__ is list else (value,)) if item is not None)


def source_list(value: Any) -> list[Any]:
    """The list that a comprehension goes over."""
    if value.__class__ is not list:
        raise EvaluationError("a comprehension needs a list")
    bounds.list_items(len(value))
    return value


def holds(value: Any) -> bool:
    """Whether a condition is true; null is not, and nothing but a boolean is a condition."""
    return operators.truth(value) is True


def both(*operands: Callable[[], Any]) -> Any:
    """Kleene's ``and``, each operand evaluated only when it is needed."""
    return _kleene(False, operands)


def either(*operands: Callable[[], Any]) -> Any:
    """Kleene's ``or``, each operand evaluated only when it is needed."""
    return _kleene(True, operands)


def _kleene(deciding: bool, operands: tuple[Callable[[], Any], ...]) -> Any:
    result: bool | None = not deciding
    for operand in operands:
        found = operators.truth(operand())
        if found is deciding:
            return deciding
        if found is None:
            result = None
    return result


def iri(*parts: Any) -> Any:
    """An IRI from its pieces: fixed texts, and (value, keep reserved characters) pairs; null if a value is."""
    texts = []
    for part in parts:
        if part.__class__ is tuple:
            value, keep_reserved = part
            if value is None:
                return None
            plain = value.__class__ is str and value.isalnum() and value.isascii()
            texts.append(value if plain else iri_part(value, keep_reserved))
        else:
            texts.append(part)
    return CONVERSIONS["uri"]("".join(texts))


OPERATOR_NAMES: Final = {
    "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "//": "floor_divide",
    "%": "modulo", "**": "power",
    "==": "equal", "!=": "unequal", "<": "less", "<=": "less_or_equal", ">": "greater",
    ">=": "greater_or_equal", "in": "contains", "not in": "lacks", "is": "same",
    "^": "bit_xor", "|": "bit_or", "&": "bit_and", "<<": "shift_left", ">>": "shift_right",
}  # fmt: skip
"""The names under which generated code calls the operators."""

RELATED: Final = "related"
"""The name under which generated code sees what its joins look into."""

NAMESPACE: Final[dict[str, Any]] = {
    **{OPERATOR_NAMES[symbol]: body for symbol, body in STRICT.operate.items()},
    **{f"read_{name}": reading(name) for name in READERS},
    **{f"as_{name}": convert for name, convert in CONVERSIONS.items()},
    **{f"fn_{name}": body for name, body in STRICT.functions.items()},
    "negate": operators.negate,
    "kleene_not": operators.kleene_not,
    "index": operators.index,
    **{f"one_{name}": reading_one(name) for name in READERS},
    "one_string": one_string,
    "one_decimal": one_decimal,
    "dict": dict,
    "Decimal": Decimal,
    "float": float,
    "str": str,
    "list": list,
    "len": len,
    **{function.__name__: function for function in (
        walk, field, fields, one, code_of, passing, spread, single, objects, elements, source_list, as_object,
        holds, both, either, iri, partner, partners, found, chosen, arranged, derived, several, member, present,
        translated,
    )},
}  # fmt: skip
"""Everything a generated function can name in the strict language."""


def read(value: Any, steps: tuple[str, ...]) -> Any:
    """The value at a path in a compat dialect."""
    for name in steps:
        value = peer.step(value, name)
    return peer.entered(value)


@cache
def namespace(dialect: str) -> dict[str, Any]:
    """Everything a generated function can name: :data:`NAMESPACE`, rebound to what a dialect means."""
    if dialect == "strict":
        return NAMESPACE
    meaning = DIALECTS[dialect]
    shared = {name: body for name, body in NAMESPACE.items() if not name.startswith("fn_")}
    return {
        **shared,
        **{OPERATOR_NAMES[symbol]: body for symbol, body in meaning.operate.items()},
        **{f"fn_{name.replace('.', '_')}": body for name, body in meaning.functions.items()},
        "negate": meaning.negate,
        "index": meaning.index,
        "step": peer.step,
        "read": read,
        "elements_of": meaning.elements,
        "gathered": meaning.gathered,
        "tuple": tuple,
        "plain": meaning.plain,
    }

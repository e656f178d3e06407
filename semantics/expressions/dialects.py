"""Dialects: what a node of the tree means. One tree and one plan, two tables of meanings.

``strict`` is the language; a compat dialect is the expression semantics of another tool. Both backends
take what they do from here, so that they cannot disagree about it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from semantics.expressions import bounds, operators
from semantics.expressions.bounds import EvaluationError
from semantics.expressions.functions import FUNCTIONS
from semantics.expressions.linkml_map import functions as peer_functions
from semantics.expressions.linkml_map import operators as peer
from semantics.expressions.linkml_map.structure import STRUCTURE
from semantics.expressions.tree import Attribute, Path
from semantics.expressions.types import Kind, Type
from semantics.expressions.values import READERS, present, reader_name

__all__ = ["DIALECTS", "STRICT", "Dialect"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """What an expression's nodes mean.

    ``operate``: every operator between two values, comparisons too. ``logical_not`` and ``holds``: negation,
    and whether a condition is met. ``connect``: ``and`` / ``or`` over operands that are evaluated one by one.
    ``read``: the value at a path, from its variable's value; ``step``: a slot of any value; ``index``: ``a[b]``.
    ``elements``: what a comprehension goes over (null: no list comes of it); ``gathered``: the list that it
    or a list literal makes. ``plain``: a result as it leaves.
    Each raises :class:`~semantics.expressions.bounds.EvaluationError` where it does not go.
    """

    name: str
    operate: Mapping[str, Callable[[Any, Any], Any]]
    functions: Mapping[str, Callable[..., Any]]
    negate: Callable[[Any], Any]
    logical_not: Callable[[Any], Any]
    holds: Callable[[Any], bool]
    connect: Callable[[str, Iterator[Any]], Any]
    read: Callable[[Path, Any], Any]
    step: Callable[[Any, Attribute], Any]
    index: Callable[[Any, Any], Any]
    elements: Callable[[Any], Any]
    gathered: Callable[[Iterable[Any]], list[Any]]
    plain: Callable[[Any], Any]


def _holds(value: Any) -> bool:
    return operators.truth(value) is True


def _kleene(operator: str, operands: Iterator[Any]) -> bool | None:
    """Kleene's connectives: the deciding value ends the walk, a null before it is remembered."""
    deciding = operator == "or"
    result: bool | None = not deciding
    for operand in operands:
        found = operators.truth(operand)
        if found is deciding:
            return deciding
        if found is None:
            result = None
    return result


def _read(path: Path, value: Any) -> Any:
    """The value at a path, read as its declared type; absent steps are null."""
    for name, many in zip(path.steps, path.lists, strict=True):
        value = operators.step(value, name, many, path.wrap)
    return _typed(present(value, path.missing) if path.missing else value, path.type)


def _member(value: Any, node: Attribute) -> Any:
    """A slot of a value, read as its declared type."""
    return _typed(operators.step(value, node.name, node.collection, node.wrap), node.type)


def _typed(value: Any, kind: Type) -> Any:
    if value is None or kind.kind is Kind.ANY:
        return value
    read = READERS[reader_name(kind)]
    if type(value) is list:
        return [read(item) for item in value if item is not None]
    return read(value)


def _elements(value: Any) -> Any:
    if value is None:
        return None
    if type(value) is not list:
        raise EvaluationError("a comprehension needs a list")
    bounds.list_items(len(value))
    return value


def _same(value: Any) -> Any:
    return value


STRICT: Final = Dialect(
    name="strict",
    operate={**operators.OPERATE, **operators.COMPARE},
    functions={name: spec.call for name, spec in FUNCTIONS.items()},
    negate=operators.negate,
    logical_not=operators.kleene_not,
    holds=_holds,
    connect=_kleene,
    read=_read,
    step=_member,
    index=operators.index,
    elements=_elements,
    gathered=list,
    plain=_same,
)

DIALECTS: Final[dict[str, Dialect]] = {
    "strict": STRICT,
    "linkml-map": Dialect(
        name="linkml-map",
        operate=peer.OPERATE,
        functions={**peer_functions.FUNCTIONS, **STRUCTURE},
        negate=peer.negate,
        logical_not=lambda value: not value,
        holds=bool,
        connect=peer.connect,
        read=peer.read,
        step=lambda value, node: peer.step(value, node.name),
        index=peer.index,
        elements=peer.elements,
        gathered=peer.gathered,
        plain=peer.plain,
    ),
}
"""Every dialect by the name that ``compat`` and :attr:`~semantics.plan.model.Plan.dialect` give it."""

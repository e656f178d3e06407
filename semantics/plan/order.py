"""The order in which the slots of an instance are made: those first that others ask for by ``slot()``."""

from __future__ import annotations

from itertools import chain

from semantics.errors import ExpressionError, escaped
from semantics.expressions.parse import parse
from semantics.expressions.tree import Call, Literal, walk
from semantics.expressions.types import ANY, Type
from semantics.mapping.spec import ClassDerivation, SlotDerivation
from semantics.plan.findings import Findings
from semantics.plan.lowering import HOLE
from semantics.plan.model import Compute, Read, SlotRule
from semantics.schema.model import ClassModel

__all__ = ["in_order", "made_type", "recalled"]

Path_ = tuple[str | int, ...]


def in_order(
    derivation: ClassDerivation, cls: ClassModel, findings: Findings, path: Path_, circles: dict[str, Type]
) -> list[str]:
    """Names of slots, in the class's order as far as what they ask for by ``slot()`` allows.

    Slots that ask for each other are an error, and of any type (``circles``) in what is still to be said.
    """
    order = {name: position for position, name in enumerate(cls.slots)}
    names = sorted(derivation.slot_derivations, key=lambda name: order.get(name, len(order)))
    done: dict[str, None] = {}

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            circle = " → ".join((*above[above.index(name) :], name))
            circles.update(dict.fromkeys(above[above.index(name) :], ANY))
            findings.error("MAP080", f"slots ask for each other: {escaped(circle)}",
                                (*path, "slot_derivations", name))  # fmt: skip
            return
        for other in recalled(derivation.slot_derivations[name]):
            if other in derivation.slot_derivations and other not in done:
                visit(other, (*above, name))
        done[name] = None

    for name in names:
        if name not in done:
            visit(name, ())
    return list(done)


def recalled(derivation: SlotDerivation) -> list[str]:
    """The slots that a derivation asks for by ``slot('name')``."""
    found: list[str] = []
    texts = chain(
        (derivation.expr, derivation.where),
        (hole[2] for hole in HOLE.finditer(derivation.iri)) if derivation.iri else (),
        derivation.expression_to_value_mappings,
        derivation.expression_to_expression_mappings,
        derivation.expression_mappings.values(),
        derivation.expression_to_expression_mappings.values(),
    )
    for text in texts:
        if text and "slot(" in text:
            try:
                tree = parse(text)
            except ExpressionError:
                continue  # said where the slot is planned
            calls = [node for node in walk(tree) if isinstance(node, Call) and node.function == "slot"]
            found += [str(node.arguments[0].value) for node in calls
                      if node.arguments and isinstance(node.arguments[0], Literal)]  # fmt: skip
    return found


def made_type(rule: SlotRule) -> Type:
    """The type of a slot that only other slots see."""
    match rule.value:
        case Compute(expression=tree) if rule.codes is None:
            return tree.type
        case Read(path=path) if rule.codes is None:
            return path.type
        case _:
            return ANY

"""Rows of other tables in a linkml-map specification: joins that it declares, and those that the tool infers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from semantics.errors import ExpressionError, Location
from semantics.expressions.parse import parse
from semantics.expressions.tree import Attribute, Expr, Path, walk
from semantics.mapping.linkml_map import COMPAT, Aliased, Classes, Slots
from semantics.plan.linkml_map.names import RECORD, call, failing
from semantics.plan.model import JOINED, Join, Lookup
from semantics.schema.induction import InducedSchema

__all__ = ["Tables", "holds_many", "inferred", "keys_of", "synthesised", "tables_named"]

_SUBJECT = "dbGaP_Subject_ID"
"""A column that the tool takes for the key wherever both tables have it."""


def keys_of(join: Aliased) -> tuple[str, str] | None:
    """The slots of both sides by which rows are looked up; None where the join does not say them."""
    ours, theirs = join.source_key or join.join_on, join.lookup_key or join.join_on
    return (ours, theirs) if ours and theirs else None


def inferred(schema: InducedSchema, ours: str, theirs: str) -> Aliased | None:
    """The join of two tables by the one column that they have in common; None where that is not one column.

    Columns that identify rows of either table count only where there are no others.
    """
    if ours not in schema.classes or theirs not in schema.classes:
        return None
    common = [name for name in schema.slots(ours) if name in schema.slots(theirs)]
    if _SUBJECT in common:
        return Aliased(alias=theirs, join_on=_SUBJECT)
    plain = [name for name in common if not any(schema.slot(name, of).identifier for of in (ours, theirs))]
    found = plain or common
    return Aliased(alias=theirs, join_on=found[0]) if len(found) == 1 else None


def tables_named(slot: Slots, schema: InducedSchema) -> Iterator[str]:
    """The classes that the expressions and the path of a slot derivation name before a dot."""
    texts = [slot.expr, *(entry.value for entry in slot.expression_mappings.values())]
    for text in texts:
        if isinstance(text, str) and text:
            yield from (name for name in _roots(text) if name in schema.classes)
    if slot.populated_from and "." in slot.populated_from:
        name = slot.populated_from.partition(".")[0]
        if name in schema.classes:
            yield name


def _roots(text: str) -> Iterator[str]:
    """The names before a dot in an expression."""
    try:
        tree = parse(text, Location("<expression>"), COMPAT)
    except ExpressionError:
        return
    for node in walk(tree):
        match node:
            case Path(variable="", steps=(name, _, *_)):
                yield name
            case Attribute(base=Path(variable="", steps=(name,))):
                yield name


@dataclass
class Tables:
    """The tables that one rule can see: ``joins`` to look up, ``merged`` rows that its record came with.

    ``rules`` collects the joins that are used, ``lookups`` the indices of the whole plan. ``guess``: without a target
    schema, what a slot holds is guessed.
    """

    joins: dict[str, Aliased]
    merged: frozenset[str]
    lookups: dict[str, Lookup]
    guess: bool = False
    rules: dict[str, Join] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.joins or name in self.merged

    def classes_of(self, name: str) -> tuple[str, ...]:
        """What a table that a name stands for may be called: the name itself, or its class."""
        return tuple(dict.fromkeys((name, self.class_of(name))))

    def class_of(self, name: str) -> str:
        """The class of the rows that a name stands for."""
        return (self.joins[name].class_named if name in self.joins else None) or name

    def row(self, name: str, reads: list[str], origin: Location) -> Expr:
        """The row that a name stands for, or null."""
        if name in self.merged:
            return call("row_of", Path(variable=RECORD), name)
        keys = keys_of(self.joins[name])
        if keys is None:
            return failing(f"join '{name}' needs join_on, or source_key and lookup_key")
        ours, theirs = keys
        reads.append(ours)
        classes = self.classes_of(name)
        lookup = f"{'|'.join(classes)}.{theirs}"
        self.lookups[lookup] = Lookup(classes=classes, key=_key(theirs))
        self.rules[name] = Join(
            alias=name, variable=JOINED + name, source_class=self.class_of(name), lookup=lookup, key=_key(ours, RECORD),
            origin=origin, pick="first",
        )  # fmt: skip
        return Path(variable=JOINED + name)


def _key(name: str, record: str = "record") -> Expr:
    return call("key", call("get", Path(variable=record), name))


def synthesised(cls: Classes, source: str, schema: InducedSchema, known: frozenset[str]) -> dict[str, Aliased]:
    """The joins of a derivation with those that its slots need and that can be inferred; ``known`` are in scope."""
    joins = dict(cls.joins)
    for slot in cls.slot_derivations.values():
        wanted = [name for name in tables_named(slot, schema) if name not in known]
        wanted += [n.populated_from for n in slot.class_derivations if n.populated_from and n.populated_from != source]
        for name in wanted:
            join = inferred(schema, source, name) if name not in joins else None
            if join is not None:
                joins[name] = join
    return joins


def holds_many(slot: Slots) -> bool:
    """Whether a slot without a target schema holds a list: it has several derivations, or the plural of its class.

    >>> holds_many(Slots(name="observations", class_derivations=[Classes(name="Observation")]))
    True
    """
    names = [nested.name for nested in slot.class_derivations]
    return len(names) > 1 or any(slot.name.replace("_", "").lower() == f"{name}s".lower() for name in names)

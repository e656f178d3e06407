"""Tables as people have them, made of the classes that mappings read: cells instead of objects, no descriptions.

What a value of an object stands for in the mapping is what the cell stands for. Which classes become tables, and which
of their values columns, is drawn by lot, always the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from msgspec.structs import replace

from semantics.schema.model import ClassModel, Form, SchemaModel, SlotModel
from semantics.suggestions.correspondences import Term
from semantics.suggestions.likeness import stands_for_all
from semantics.suggestions.measure import Link, Truth

__all__ = ["tables"]

TABLES = 6
"""Tables of one mapping, at most."""
LEAST = 4
"""Columns that a mapping carries, in a class that becomes a table."""
WIDE = 20
"""Slots of an object, above which its values are no columns."""

VAGUE = 4
"""Slots of the target that a column goes to, above which it says nothing by itself."""

Answers = Mapping[Term, frozenset[Link]]


@dataclass(frozen=True)
class Column:
    """A value of a class, or of an object that it holds: its name, and what it goes to."""

    name: str
    slot: SlotModel
    answers: Answers


def tables(mapping: str, source: SchemaModel, truth: Truth) -> Iterator[tuple[SchemaModel, Truth]]:
    """Some tables with the values of one class each, and what in them corresponds."""
    answers: defaultdict[Term, dict[Term, frozenset[Link]]] = defaultdict(dict)
    for (read, target), links in truth.accepted.items():
        answers[read][target] = links
    lot = Random(mapping)
    found = {name: _columns(source, cls, answers) for name, cls in source.classes.items()}
    clear = {name: [each for each in columns if len(each.answers) <= VAGUE] for name, columns in found.items()}
    worth = [name for name, columns in clear.items() if sum(bool(each.answers) for each in columns) >= LEAST]
    for name in sorted(lot.sample(worth, min(TABLES, len(worth)))):
        chosen = _drawn(lot, clear[name])
        cls = source.classes[name]
        slots = {each.name: _cell(source, each, name) for each in chosen}
        flat = replace(
            cls, slots=slots, ancestors=(name,), descendants=(), is_a=None, mixins=(), description=None, title=None
        )
        yield replace(source, classes={name: flat}, enums={}), _truth(name, chosen)


def _columns(source: SchemaModel, cls: ClassModel, answers: Mapping[Term, Answers]) -> list[Column]:
    """Every value of a class that could stand in a cell; one of an object by its own name where nothing else has it."""
    plain: list[Column] = []
    inner: list[tuple[SlotModel, Column]] = []
    for slot in cls.slots.values():
        term = Term(slot.owner or cls.name, slot.name)
        if slot.range not in source.classes:
            plain.append(Column(slot.name, slot, answers.get(term, {})))
            continue
        within = source.classes[slot.range]
        if slot.form is Form.REFERENCE or len(within.slots) > WIDE:
            continue
        for part in within.slots.values():
            if part.range not in source.classes:
                own = answers.get(Term(part.owner or within.name, part.name), {})
                whole = answers.get(term, {}) if stands_for_all(part.name) else {}
                inner.append((slot, Column(part.name, part, {**whole, **own})))
    taken = {each.name for each in plain}
    names = [each.name for _, each in inner]
    for slot, each in inner:
        alone = names.count(each.name) == 1 and each.name not in taken and not stands_for_all(each.name)
        name = each.name if alone else f"{slot.name}_{each.name}"
        if not alone and each.name.lower() in ("value", "content", "text", "proprietary") and slot.name not in taken:
            name = slot.name
        if name not in taken:
            taken.add(name)
            plain.append(Column(name, each.slot, each.answers))
    return plain


def _drawn(lot: Random, columns: list[Column]) -> list[Column]:
    """Three to twelve columns that a mapping carries, and up to half as many that it does not, in their order."""
    carried = [each for each in columns if each.answers]
    others = [each for each in columns if not each.answers]
    count = min(len(carried), lot.randint(3, 12))
    chosen = lot.sample(carried, count) + lot.sample(others, min(len(others), lot.randint(0, count // 2)))
    return [each for each in columns if each in chosen]


def _cell(source: SchemaModel, column: Column, cls: str) -> SlotModel:
    return replace(
        column.slot, name=column.name, owner=cls, uri=f"https://example.org/{column.name}",
        range=column.slot.range if column.slot.range in source.types else "string",
        form=Form.SCALAR, multivalued=False, description=None, title=None, aliases=(), identifier=False, unit=None,
    )  # fmt: skip


def _truth(cls: str, columns: list[Column]) -> Truth:
    accepted: dict[Link, frozenset[Link]] = {}
    for column in columns:
        own = Term(cls, column.name)
        for target, links in column.answers.items():
            accepted[own, target] = frozenset((own, link[1]) for link in links)
    wanted = frozenset(link for links in accepted.values() for link in links)
    return Truth(wanted, accepted, frozenset())

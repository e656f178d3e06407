"""What a mapping does not touch: source slots never read, target slots never written, codes never mapped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from semantics.expressions.tree import Case, Expr, Literal
from semantics.expressions.values import text_of
from semantics.plan.model import ClassRule, Compute, Constant, Plan, SlotRule
from semantics.plan.reads import Reads, enum_of, range_below, reads_of, variable_classes
from semantics.schema.model import Form, SchemaModel

__all__ = ["Code", "Coverage", "Observed", "SourceSlot", "TargetSlot", "cover"]


@dataclass(frozen=True, slots=True)
class SourceSlot:
    """A slot of a source class by its path from the record, and the rules (``file:line``) that read it."""

    source_class: str
    path: str
    range: str
    read_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TargetSlot:
    """A slot of a class that is made, and the rules that write it."""

    target_class: str
    slot: str
    required: bool
    written_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A permissible value that no table handles (``side`` source), or that nothing produces (``side`` target)."""

    side: str
    enum: str
    value: str
    slot: str
    rule: str
    unmapped: str | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """A path that real records hold and no rule reads; ``known`` says whether the source schema has it."""

    source_class: str
    path: str
    present: int
    known: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """Everything that the source offers and the target wants, with who reads and writes it.

    ``source_classes`` are those from which nothing is read, ``target_classes`` those never made; ``records`` and
    ``observed`` are filled where records were looked at.
    """

    mapping: str
    source_slots: tuple[SourceSlot, ...]
    target_slots: tuple[TargetSlot, ...]
    codes: tuple[Code, ...]
    source_classes: tuple[str, ...]
    target_classes: tuple[str, ...]
    records: int | None = None
    observed: tuple[Observed, ...] = ()

    @property
    def unread(self) -> tuple[SourceSlot, ...]:
        """Source slots that no rule reads."""
        return tuple(slot for slot in self.source_slots if not slot.read_by)

    @property
    def unwritten(self) -> tuple[TargetSlot, ...]:
        """Target slots that no rule writes."""
        return tuple(slot for slot in self.target_slots if not slot.written_by)


def cover(plan: Plan, source: SchemaModel, target: SchemaModel) -> Coverage:
    """The coverage of a plan, from its schemas alone."""
    reads = {name: reads_of(plan, name) for name in plan.record_classes}
    reached = set(_reached(source, reads))
    made = {rule.target_class for rule in plan.rules.values()}
    return Coverage(
        mapping=plan.name,
        source_slots=tuple(slot for name in plan.record_classes for slot in _source_slots(source, name, reads[name])),
        target_slots=tuple(_target_slots(plan, target)),
        codes=(*_source_codes(plan, source), *_target_codes(plan, source, target)),
        source_classes=tuple(name for name in _concrete(source) if name not in reached),
        target_classes=tuple(name for name in _concrete(target) if name not in made),
    )


def _concrete(schema: SchemaModel) -> Iterator[str]:
    return (name for name, cls in schema.classes.items() if not (cls.abstract or cls.mixin))


# -- source ------------------------------------------------------------------------------------------


def _source_slots(source: SchemaModel, name: str, reads: Reads) -> Iterator[SourceSlot]:
    """The slots of a class and of the objects in it that a rule looks into."""
    inside: dict[tuple[str, ...], dict[str, None]] = {}
    for found, rules in reads.items():
        for length in range(1, len(found)):
            inside.setdefault(found[:length], {}).update(rules)

    def below(cls: str, prefix: tuple[str, ...]) -> Iterator[SourceSlot]:
        for slot in source.classes[cls].slots.values():
            path = (*prefix, slot.name)
            readers = tuple(reads.get(path, ()) or inside.get(path, ()))
            yield SourceSlot(name, ".".join(path), slot.range or "string", readers)
            if path in inside and slot.form is Form.OBJECT and slot.range in source.classes:
                yield from below(slot.range, path)

    return below(name, ())


def _reached(source: SchemaModel, reads: Mapping[str, Reads]) -> Iterator[str]:
    """Classes of which a rule reads something."""
    for name, found in reads.items():
        yield name
        for path in found:
            at: str | None = name
            for step in path:
                slot = range_below(source, at, step)
                at = slot if slot in source.classes else None
                if at is None:
                    break
                yield from (at, *source.classes[at].descendants)


# -- target ------------------------------------------------------------------------------------------


def _target_slots(plan: Plan, target: SchemaModel) -> Iterator[TargetSlot]:
    writers: dict[tuple[str, str], list[str]] = {}
    for rule in plan.rules.values():
        for slot in rule.slots:
            writers.setdefault((rule.target_class, slot.slot), []).append(_place(slot))
    for name in dict.fromkeys(rule.target_class for rule in plan.rules.values() if not _reference(plan, rule)):
        for slot_model in target.classes[name].slots.values() if name in target.classes else ():
            found = tuple(dict.fromkeys(writers.get((name, slot_model.name), ())))
            yield TargetSlot(name, slot_model.name, bool(slot_model.required), found)


def _reference(plan: Plan, rule: ClassRule) -> bool:
    """Whether a rule makes nothing but references to its class."""
    return not rule.root and not any(
        rule.id in getattr(slot.value, "rules", ()) and getattr(slot.value, "identifier", None) is None
        for other in plan.rules.values()
        for slot in other.slots
    )


# -- codes -------------------------------------------------------------------------------------------


def _source_codes(plan: Plan, source: SchemaModel) -> Iterator[Code]:
    """Permissible values of the source that a table does not have."""
    variables = variable_classes(plan)
    for rule in plan.rules.values():
        for slot in rule.slots:
            if slot.codes is None or (enum := enum_of(source, variables[rule.id], slot)) is None:
                continue
            for value in source.enums[enum].values:
                if value not in slot.codes.table:
                    name = f"{rule.target_class}.{slot.slot}"
                    yield Code("source", enum, value, name, _place(slot), slot.codes.unmapped)


def _target_codes(plan: Plan, source: SchemaModel, target: SchemaModel) -> Iterator[Code]:
    """Permissible values of the target that nothing produces."""
    produced: dict[tuple[str, str], set[str]] = {}
    places: dict[tuple[str, str], str] = {}
    variables = variable_classes(plan)
    for rule in plan.rules.values():
        for slot in rule.slots:
            cls = target.classes.get(rule.target_class)
            held = cls.slots.get(slot.slot) if cls is not None else None
            enum = held.range if held is not None else None
            if enum is None or enum not in target.enums:
                continue
            key = (enum, f"{rule.target_class}.{slot.slot}")
            places.setdefault(key, _place(slot))
            read = enum_of(source, variables[rule.id], slot)
            known = None if read is None else set(source.enums[read].values)
            produced.setdefault(key, set()).update(_products(slot, known, set(target.enums[enum].values)))
    for (enum, name), values in produced.items():
        for value in target.enums[enum].values:
            if value not in values:
                yield Code("target", enum, value, name, places[enum, name])


def _products(slot: SlotRule, codes: set[str] | None, every: set[str]) -> set[str]:
    """What a slot can hold: ``codes`` are those that come (None: any), ``every`` the values of its enum."""
    found = {text_of(item.value) for item in slot.default.items} if slot.default is not None else set()
    if isinstance(slot.value, Constant):
        return found | {text_of(item.value) for item in slot.value.items}
    if slot.codes is None or slot.codes.unmapped == "pass":
        return every
    if isinstance(slot.value, Compute):
        codes = _leaves(slot.value.expression)
    table = slot.codes.table
    return found | {
        text_of(table[code].value) for code in table
        if (codes is None or code in codes) and table[code].value is not None
    }  # fmt: skip


def _leaves(node: Expr) -> set[str] | None:
    """The constants that an expression can give; None where it can give anything."""
    if isinstance(node, Literal):
        return set() if node.value is None else {text_of(node.value)}
    if isinstance(node, Case):
        found = [_leaves(value) for _, value in node.branches]
        return None if None in found else set().union(*(leaves for leaves in found if leaves is not None))
    return None


def _place(slot: SlotRule) -> str:
    return f"{slot.origin.file or '<mapping>'}:{slot.origin.line or 1}"

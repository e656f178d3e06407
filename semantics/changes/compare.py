"""Two models compared, part by part: every kind of change looks at every pair that it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from semantics.changes.change import Change, Facts, Kind
from semantics.changes.renames import renamed_classes, renamed_enums, renamed_slots, renamed_values
from semantics.changes.rule import ChangeRule, Models, Pair
from semantics.changes.table import CHANGE_RULES
from semantics.errors import Location
from semantics.schema.model import ClassModel, EnumModel, SchemaModel, SlotModel, TypeModel

__all__ = ["compare", "compare_all"]

_BY_KIND: Final[dict[Kind, tuple[ChangeRule, ...]]] = {
    kind: tuple(rule for rule in CHANGE_RULES.values() if rule.kind is kind) for kind in Kind
}


def compare(old: SchemaModel, new: SchemaModel, *, besides: frozenset[str] = frozenset()) -> tuple[Change, ...]:
    """Everything that changed from one model to another; what classes inherit is told once, of who has it first.

    Definitions of the schemas ``besides`` are left out: they are compared by themselves.

    >>> from semantics.schema import load_schema
    >>> compare(load_schema("core"), load_schema("core"))
    ()
    """
    renamed = renamed_classes(old, new) | renamed_enums(old, new)
    models = Models(old, new, renamed)
    found: dict[object, Change] = {}
    for kind, pair in _pairs(models, besides):
        for rule in _BY_KIND[kind]:
            facts = rule.compare(pair)
            if facts is None:
                continue
            change = _change(rule, pair, facts)
            own = tuple(str(part.location) if part else "" for part in (pair.old, pair.new)) if pair.home else ()
            key = (rule.id, pair.home or (kind, pair.name), own, facts)
            known = found.get(key)
            if known is None or (_owns(pair) and kind is Kind.SLOT):
                found[key] = change
    return tuple(found.values())


def compare_all(old: Mapping[str, SchemaModel], new: Mapping[str, SchemaModel]) -> tuple[Change, ...]:
    """Everything that changed between two folders of models, by their names; what they share is told once."""
    changes: dict[tuple[object, ...], Change] = {}
    both = {schema.name for schema in old.values()} & {schema.name for schema in new.values()}
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        if before is not None and after is not None:
            found = compare(before, after, besides=frozenset(both - {before.name, after.name}))
        else:
            models = Models(before or _nothing(), after or _nothing(), {})
            found = tuple(_told(Kind.SCHEMA, Pair(models, name, before, after, _file(before), _file(after))))
        for change in found:
            places = (str(change.old_place), str(change.new_place))
            changes.setdefault((change.rule, change.facts, change.name, *places), change)
    return tuple(changes.values())


def _nothing() -> SchemaModel:
    return SchemaModel(name="", id="", namespaces={}, default_namespace="", classes={}, enums={}, types={})


def _told(kind: Kind, pair: Pair[Any]) -> Iterator[Change]:
    for rule in _BY_KIND[kind]:
        facts = rule.compare(pair)
        if facts is not None:
            yield _change(rule, pair, facts)


def _change(rule: ChangeRule, pair: Pair[Any], facts: Facts) -> Change:
    return Change(rule.id, rule.kind, pair.name, facts, rule.verdicts, _message(rule, facts),
                  pair.old_place, pair.new_place)  # fmt: skip


def _message(rule: ChangeRule, facts: Facts) -> str:
    """What happened, in words: the facts where there are two, else what the kind of change says."""
    purpose = rule.purpose.rstrip(".").partition(":")[0]
    if rule.category == "prose" and facts.old == facts.new:
        return f"{purpose} ({facts.old})"
    if facts.old is not None and facts.new is not None:
        return f"{purpose}: {facts.old} -> {facts.new}"
    return purpose


def _owns(pair: Pair[Any]) -> bool:
    """Whether the class that a slot is told of is the one that has it first."""
    part = pair.old or pair.new
    return bool(getattr(part, "owner", None) == pair.name.partition(".")[0])


# -- pairs -------------------------------------------------------------------------------------------


def _pairs(models: Models, besides: frozenset[str]) -> Iterator[tuple[Kind, Pair[Any]]]:
    def own(parts: Mapping[str, Any]) -> dict[str, Any]:
        return {name: part for name, part in parts.items() if part.from_schema not in besides}

    old, new = models.old, models.new
    yield Kind.SCHEMA, Pair(models, old.name, old, new, _file(old), _file(new))
    for prefix in dict.fromkeys((*old.namespaces, *new.namespaces)):
        iris = (old.namespaces.get(prefix), new.namespaces.get(prefix))
        yield Kind.PREFIX, Pair(models, prefix, *iris, _file(old), _file(new))
    for pair in _both(models, own(old.types), own(new.types), {}):
        if not any(part.builtin for part in (pair.old, pair.new) if part is not None):
            yield Kind.TYPE, pair
    for pair in _both(models, own(old.enums), own(new.enums), models.renamed):
        yield Kind.ENUM, pair
        if pair.both:
            before, after = pair.both
            for value in _both(models, before.values, after.values, renamed_values(before, after), f"{pair.name}."):
                yield Kind.VALUE, _placed(value, pair)
    seen: set[tuple[int, int]] = set()  # classes share the slots that they inherit as they are
    for pair in _both(models, own(old.classes), own(new.classes), models.renamed):
        yield Kind.CLASS, pair
        if pair.both:
            for slot in _slots(models, *pair.both):
                key = (id(slot.old), id(slot.new))
                elsewhere = _inherited(old, slot.old, besides) and _inherited(new, slot.new, besides)
                if not elsewhere and (key not in seen or _owns(slot)):
                    seen.add(key)
                    yield Kind.SLOT, slot


def _inherited(schema: SchemaModel, slot: SlotModel | None, besides: frozenset[str]) -> bool:
    """Whether a slot (if there is one) is just what a class of another schema has."""
    if slot is None:
        return True
    owner = schema.classes.get(slot.owner)
    return owner is not None and owner.from_schema in besides and owner.slots.get(slot.name) is slot


def _slots(models: Models, old: ClassModel, new: ClassModel) -> Iterator[Pair[Any]]:
    """The slots of a class; those without a place of their own stand where the class does."""
    for pair in _both(models, old.slots, new.slots, renamed_slots(old, new), f"{old.name}.", home=True):
        yield _placed(pair, Pair(models, old.name, old, new, old.location, new.location))


def _both(
    models: Models, old: Mapping[str, Any], new: Mapping[str, Any], renamed: Mapping[str, str], head: str = "",
    *, home: bool = False,
) -> Iterator[Pair[Any]]:  # fmt: skip
    """Parts by name, in the order of the old model, then those that are new."""
    for name, part in old.items():
        other = new.get(renamed.get(name, name))
        yield Pair(models, head + name, part, other, part.location, other.location if other else None,
                   name if home else "")  # fmt: skip
    known = {renamed.get(name, name) for name in old}
    for name, part in new.items():
        if name not in known:
            yield Pair(models, head + name, None, part, None, part.location, name if home else "")


def _placed(pair: Pair[Any], around: Pair[Any]) -> Pair[Any]:
    """A part with the place of what it is in, on the side where it is not."""
    return Pair(pair.models, pair.name, pair.old, pair.new, pair.old_place or around.old_place,
                pair.new_place or around.new_place, pair.home)  # fmt: skip


def _file(schema: SchemaModel | None) -> Location | None:
    """The file of a schema: where its own definitions stand, else one of its name."""
    if schema is None or not schema.name:
        return None
    parts: tuple[ClassModel | EnumModel | TypeModel, ...] = (
        *schema.classes.values(),
        *schema.enums.values(),
        *schema.types.values(),
    )
    own = (part.location.file for part in parts if part.location is not None and part.from_schema == schema.name)
    return Location(next(own, None) or f"{schema.name}.yaml", 1, 1)

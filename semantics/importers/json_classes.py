"""From an object of JSON Schema to a class: its slots, its parent, what it takes besides, its discriminator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from semantics.errors import Diagnostic, LimitError
from semantics.importers.description import ANYTHING, ImportedClass, ImportedSlot, Values
from semantics.importers.gathering import Gathered, Property, last_step, text_of
from semantics.importers.json_found import ANY, either, narrowed
from semantics.importers.keywords import FORMATS
from semantics.importers.naming import is_slot_name

if TYPE_CHECKING:
    from semantics.importers.documents import Node
    from semantics.importers.json_shapes import Shapes

__all__ = ["class_of"]

_LEVELS: Final = 64


def class_of(shapes: Shapes, name: str, node: Node) -> ImportedClass:
    """The class of the object that a node describes."""
    gathered = shapes.gatherer.gather(node)
    for part in gathered.parts:
        shapes.keywords(part)
    for keyword, reason, where in gathered.lost:
        shapes.lost(keyword, reason, where)
    parent, inherited = None, frozenset[str]()
    if gathered.parent is not None and not _above(shapes, gathered.parent, node):
        parent = shapes.referred(gathered.parent, last_step(gathered.parent, f"{name}Base")).values.range
        inherited = shapes.gatherer.names(gathered.parent)
    slots, whole = _slots(shapes, name, gathered, inherited)
    _discriminated(shapes, node, slots)
    chain = shapes.gatherer.above(gathered.parent)
    closed = any(above.closed and not above.by_pattern for _, above in chain)
    if closed and not slots.keys() <= inherited:
        shapes.lost("additionalProperties", "a part above takes no other properties, and this one has some", node)
        closed = False
    return ImportedClass(
        name, tuple(slots.values()), _title(gathered.title, name), gathered.description, is_a=parent,
        tree_root=name in shapes.roots, conditions=gathered.conditions,
        extra=(None if closed else _extra(shapes, name, gathered, node)) if whole else ANYTHING,
        deprecated=isinstance(node.data, Mapping) and node.data.get("deprecated") is True,
    )  # fmt: skip


def _above(shapes: Shapes, parent: Node, node: Node) -> bool:
    """Whether a parent has the class itself above it."""
    seen, at = set(), parent
    while at.key not in seen:
        if at.key == node.key:
            return True
        seen.add(at.key)
        if len(seen) > _LEVELS:
            text = f"classes inherit deeper than {_LEVELS} levels, which is more than a schema may have"
            raise LimitError(Diagnostic("IMP002", text, node.location))
        above = shapes.gatherer.gather(at).parent
        if above is None:
            return False
        at = above
    return True


def _extra(shapes: Shapes, name: str, gathered: Gathered, node: Node) -> ImportedSlot | None:
    """What a class takes under keys that it does not name; None where it is closed."""
    if gathered.by_pattern:
        shapes.lost("patternProperties", "which of its keys have which values is not asked", node)
    parts = gathered.by_pattern if gathered.closed else [*gathered.by_pattern, *gathered.further]
    if not gathered.closed and not gathered.further:
        return ANYTHING
    if not parts:
        return None
    found = either([shapes.found(part, f"{name}Value") for part in parts], shapes.at(node))
    if found.anything:
        return ANYTHING
    return ImportedSlot("", found.values, multivalued=found.many, keyed=found.keyed, inlined=found.inlined,
                        minimum_cardinality=found.low, maximum_cardinality=found.high)  # fmt: skip


def _discriminated(shapes: Shapes, node: Node, slots: dict[str, ImportedSlot]) -> None:
    """A discriminator whose values are the names of classes designates the type; any other is only told."""
    given = node.data.get("discriminator") if isinstance(node.data, Mapping) else None
    key = given.get("propertyName") if isinstance(given, Mapping) else None
    if not isinstance(given, Mapping) or not isinstance(key, str) or key not in slots:
        return
    mapping = given.get("mapping")
    fits = slots[key].values in (Values(range="string"), ANY) and not slots[key].inherited
    fits = fits and (isinstance(mapping, Mapping) or not _otherwise(node))
    for value, reference in mapping.items() if isinstance(mapping, Mapping) else ():
        target = shapes.documents.resolve(node, str(reference))
        named = shapes.referred(target, last_step(target, str(value))).values.range if target is not None else None
        fits = fits and named == value
    if fits:
        slots[key] = replace(slots[key], values=Values(range="string"), designates_type=True)
    else:
        shapes.tell("IMP019", f"the discriminator '{key}' does not name classes: it is a slot like any other", node,
                    note=True)  # fmt: skip


def _otherwise(node: Node) -> bool:
    """Whether schemas of a document say that a discriminator has other values for them than their names."""
    data: Any = node.document.data
    for key in ("components", "schemas"):
        data = data.get(key) if isinstance(data, Mapping) else None
    named = data.items() if isinstance(data, Mapping) else ()
    return any(isinstance(each, Mapping) and each.get("x-ms-discriminator-value", name) != name for name, each in named)


def _slots(
    shapes: Shapes, name: str, gathered: Gathered, inherited: frozenset[str]
) -> tuple[dict[str, ImportedSlot], bool]:
    """The slots, and whether every property could be one."""
    slots: dict[str, ImportedSlot] = {}
    plain: dict[str, str] = {}
    whole = True
    for key, given in gathered.properties.items():
        where = given.nodes[0]
        spelled = "".join(char if char.isalnum() or char == "_" else "_" for char in key)
        if not is_slot_name(key):
            shapes.tell("IMP017", "the name of a property cannot be the name of a slot", where)
            whole = False
        elif plain.setdefault(spelled, key) != key:
            shapes.tell("IMP017", f"'{plain[spelled]}' and '{key}' would have one name in code", where)
            whole = False
        else:
            slots[key] = _slot(shapes, key, given, shapes.names.place(name, key), inherited=key in inherited)
            if key in inherited:
                values = _beyond(shapes, key, slots[key].values, gathered.parent)
                slots[key] = replace(slots[key], values=values)
    for key in gathered.required:
        if key not in slots and is_slot_name(key) and key not in gathered.properties:
            known = key in inherited
            slots[key] = ImportedSlot(key, Values() if known else ANY, required=True, inherited=known)
    return slots, whole


def _beyond(shapes: Shapes, key: str, values: Values, parent: Node | None) -> Values:
    """What a class says of a slot beyond what the classes above it say."""
    for node, gathered in shapes.gatherer.above(parent):
        if key in gathered.properties:
            owner = shapes.referred(node, last_step(node, "Base")).values.range
            above = shapes.held(gathered.properties[key], shapes.names.place(str(owner), key)).values
            objects = {above.range} if above.range else {part.range for part in above.any_of}
            if values == Values(range=shapes.any_object) and objects <= shapes.objects:
                return Values()
            values = narrowed(values, above)
    return Values() if values == ANY else values


def _slot(shapes: Shapes, key: str, given: Property, place: str, *, inherited: bool) -> ImportedSlot:
    where = given.nodes[0]
    data = [node.data for node in given.nodes if isinstance(node.data, Mapping)]
    found = shapes.held(given, place)
    absent = found.high == 0 and not found.many
    empty = found.many and not found.low
    required = given.required and not found.nullable and not empty
    if given.required and not required:
        why = "null" if found.nullable else "an empty list"
        shapes.tell("IMP018", f"'{key}' has to be there but may be {why}, which LinkML takes for no value: it is only"
                    " recommended", where, note=True)  # fmt: skip
    described = next((text for each in data if (text := text_of(each.get("description")))), None)
    titled = next((text for each in data if (text := text_of(each.get("title")))), None)
    return ImportedSlot(
        key, found.values, _title(titled, key), described,
        required=required, recommended=given.required and not required, multivalued=found.many, keyed=found.keyed,
        inlined=found.inlined, minimum_cardinality=found.low, maximum_cardinality=None if absent else found.high,
        unique=found.unique, absent=absent, deprecated=any(each.get("deprecated") is True for each in data),
        inherited=inherited, annotations=_annotations(data),
    )  # fmt: skip


def _annotations(data: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    """What is said of the values and constrains none: a format that is no type, a default, who may write."""
    found: dict[str, str] = {}
    for each in data:
        form = each.get("format")
        if isinstance(form, str) and form not in FORMATS:
            found["format"] = form
        if isinstance(each.get("default"), (str, int, Decimal)):
            default = each["default"]
            found["default"] = str(default).lower() if isinstance(default, bool) else str(default)
        for key in ("readOnly", "writeOnly"):
            if each.get(key) is True:
                found[key] = "true"
    return tuple(found.items())


def _title(title: str | None, name: str) -> str | None:
    return None if title == name else title

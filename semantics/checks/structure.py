"""Rules of schemas about how their parts hang together: reach, cycles, patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from semantics.checks.schema_rule import Found, SchemaSubject, schema_rule
from semantics.errors import closest, escaped
from semantics.schema.expressions import text_of
from semantics.schema.model import ClassModel, Form, SlotExpression

__all__ = ["endless_containment", "loose_pattern", "slot_parent", "unreachable_class"]


@schema_rule("UNREACHABLE_CLASS", "CHK046", "structure")
def unreachable_class(subject: SchemaSubject) -> Iterator[Found]:
    """Nothing refers to a class, it is no tree root, and no mapping or schema of the workspace names it.

    No instance of it can ever appear. It was forgotten, or what should refer to it was.

    Bad:
        classes:
          Order: {tree_root: true}
          Buyer: {}
    Good:
        classes:
          Order:
            tree_root: true
            attributes:
              buyer: {range: Buyer}
          Buyer: {}
    """
    model = subject.model
    ranges = {name for cls in model.classes.values() for slot in (*cls.slots.values(), cls.extra) if slot
              for name in slot.ranges}  # fmt: skip
    for element in subject.classes():
        cls = model.classes[element.name]
        root = any(model.classes[name].tree_root for name in cls.ancestors)
        used = root or cls.descendants or ranges.intersection(cls.ancestors) or _conditioned(model.classes, cls)
        if not used and not model.takes_any(cls.name) and not subject.mentioned(cls.name):
            yield Found(f"nothing refers to class '{escaped(cls.name)}', and no mapping makes or reads it",
                        element.location(), "refer to it, mark it as tree_root, or remove it")  # fmt: skip


def _conditioned(classes: Mapping[str, ClassModel], cls: ClassModel) -> bool:
    """Whether a rule of a class asks whether something is of this one."""
    conditions = (part for other in classes.values() for rule in other.rules
                  for part in (rule.preconditions, rule.postconditions, rule.elseconditions))  # fmt: skip
    return any(part is not None and part.is_a == cls.name for part in conditions)


@schema_rule("ENDLESS_CONTAINMENT", "CHK049", "structure")
def endless_containment(subject: SchemaSubject) -> Iterator[Found]:
    """Every instance of a class needs others inside it, in lists that must not be empty, that need it again.

    Only a tree without end fulfils this. Where single objects stand in each other the schema is refused (`SCH015`);
    here a list that is required or has a least length is on the way.

    Bad:
        classes:
          Part:
            attributes:
              parts: {range: Part, multivalued: true, required: true, inlined_as_list: true}
    Good:
        classes:
          Part:
            attributes:
              parts: {range: Part, multivalued: true, inlined_as_list: true}
    """
    classes = subject.model.classes
    needs = {name: [slot.range for slot in cls.slots.values() if slot.range in classes and _needed(slot.form, slot)]
             for name, cls in classes.items()}  # fmt: skip
    for element in subject.classes():
        pending, seen = list(needs[element.name]), set[str | None]()
        while pending:
            name = pending.pop()
            if name == element.name:
                yield Found(f"every '{escaped(name)}' needs another inside it, without end", element.location(),
                            "make a slot on the way optional, or a reference")  # fmt: skip
                break
            if name is not None and name not in seen and not classes[name].descendants:
                seen.add(name)
                pending += needs[name]


def _needed(form: Form, slot: SlotExpression) -> bool:
    return form in (Form.OBJECT, Form.KEYED) and bool(slot.required or slot.minimum_cardinality)


@schema_rule("SLOT_PARENT", "CHK050", "structure")
def slot_parent(subject: SchemaSubject) -> Iterator[Found]:
    """The parent of a slot is no slot of the schema, or slots are each other's parents.

    A slot takes from its parent what it does not say itself; from such a parent it takes nothing.

    Bad:
        slots:
          opened_on: {is_a: happend_on}
          happened_on: {range: date}
    Good:
        slots:
          opened_on: {is_a: happened_on}
          happened_on: {range: date}
    """
    slots = subject.files.slots
    for _, element in subject.slots():
        parent = text_of(element.data.get("is_a"))
        if parent is None:
            continue
        if parent not in slots:
            yield Found(f"the parent '{escaped(parent)}' of slot '{escaped(element.name)}' is no slot of the schema",
                        element.location("is_a"), closest(parent, slots))  # fmt: skip
        seen = set[str]()
        while parent in slots and parent not in seen and parent != element.name:
            seen.add(parent)
            parent = text_of(slots[parent].data.get("is_a")) or ""
        if parent == element.name and slots.get(parent) is element:
            yield Found(f"slot '{escaped(parent)}' is an ancestor of itself", element.location("is_a"))


@schema_rule("LOOSE_PATTERN", "CHK051", "structure")
def loose_pattern(subject: SchemaSubject) -> Iterator[Found]:
    """The anchors of a pattern hold for some of its alternatives only.

    `^a|b$` is anything that begins with a, or ends with b. What was meant is nearly always `^(a|b)$`. Patterns that
    are not linear in time, or no patterns, are refused (`SCH010`).

    Bad:
        code: {pattern: "^[A-Z]{3}|[0-9]{3}$"}
    Good:
        code: {pattern: "^([A-Z]{3}|[0-9]{3})$"}
    """
    own = subject.own
    for path, value in _patterns(own.data, ()):
        branches = _alternatives(value)
        ends = {(branch.startswith("^"), branch.endswith("$")) for branch in branches}
        if len(ends) > 1:
            yield Found("the anchors of the pattern hold for some of its alternatives only",
                        own.location(*path), "put the alternatives into a group: ^(a|b)$")  # fmt: skip


def _patterns(data: object, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(data, Mapping):
        for key, value in data.items():
            if key == "pattern" and isinstance(value, str):
                yield (*path, key), value
            else:
                yield from _patterns(value, (*path, key))
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from _patterns(item, (*path, index))


def _alternatives(pattern: str) -> list[str]:
    """A pattern parted at the bars that stand in no group and no class of characters."""
    found, depth, inside = [""], 0, False
    for sign in re.findall(r"\\.|.", pattern, re.DOTALL):
        if sign == "[":
            inside = True
        elif sign == "]":
            inside = False
        elif not inside:
            depth += {"(": 1, ")": -1}.get(sign, 0)
            if sign == "|" and depth == 0:
                found.append("")
                continue
        found[-1] += sign
    return found

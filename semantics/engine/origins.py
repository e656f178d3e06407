"""Where a finding about an instance comes from: the rule that made the value, and the place that it read.

The oracle carries the record out once more and is asked which rule made which object, so that a finding deep
inside an instance names the rule of that very slot, and the element of the list that it came from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import Any

from semantics.backends import RecordFault
from semantics.backends.evaluate import Evaluator, pointer_of
from semantics.backends.lookup import Related
from semantics.errors import Diagnostic, Location, Violation
from semantics.plan.model import ClassRule, Plan, Read, SlotRule
from semantics.records import Instance, Record
from semantics.schema.model import SchemaModel
from semantics.validation.shown import keys_of, step

__all__ = ["Origins", "modelled", "resolved"]


class Origins:
    """Where the instances of one record come from; the record is carried out again once, however many are asked for."""

    def __init__(self, record: Record, source_class: str, plan: Plan, related: Related | None) -> None:
        self.record, self.source_class, self.plan, self.related = record, source_class, plan, related

    @cached_property
    def _made(self) -> _Made:
        return _Made.of(self.record, self.source_class, self.plan, self.related)

    def placed(self, findings: Sequence[Diagnostic], instance: Instance, at: int = 0) -> Iterator[Diagnostic]:
        """The findings of a checker about an instance, with the rule and the place of the record of each.

        ``at`` is its number among those of the record; without it, the first that is the same is meant.
        """
        root = self.plan.rules[instance.rule or ""]
        object_: Any = None
        for finding in findings:
            parts = keys_of((finding.location.pointer if finding.location else None) or "")
            slot = finding.slot if isinstance(finding, Violation) else None
            top = _slot(root, parts[0] if parts else slot)
            if len(parts) > 1:
                object_ = self._made.root(instance, at) if object_ is None else object_
                rule, pointer = self._made.origin(object_, parts, finding)
            else:
                rule = root.rule if top is None else top.rule
                pointer = "" if top is None else pointer_of(top, _at_root(root))
            pointer = resolved(self.record.data, pointer)
            yield replace(finding, location=_within(self.record, pointer), rule=rule)


def modelled(finding: Diagnostic, schema: SchemaModel) -> Diagnostic:
    """The finding with what the model says of its class and slot: the place in the schema, and the IRI."""
    if not isinstance(finding, Violation) or finding.element is not None:
        return finding
    cls = schema.classes.get(finding.class_name or "")
    if cls is None:
        return finding
    from semantics.validation.findings import element_text

    slot = cls.slots.get(finding.slot or "")
    element = (slot.location if slot else None) or cls.location
    found = finding.found or element_text(cls.name, finding.slot, element)
    return replace(finding, element=element, path=slot.uri if slot else None, found=found)


def resolved(data: Any, pointer: str) -> str:
    """A pointer as far as it leads to one place of the data: not past a list whose element is not told.

    >>> resolved({"a": [{"b": 1}]}, "/a/b"), resolved({"a": [{"b": 1}]}, "/a/0/b"), resolved({}, "/a/b")
    ('/a', '/a/0/b', '/a/b')
    """
    parts = pointer.split("/")
    for count, part in enumerate(parts[1:], start=1):
        if isinstance(data, list) and not (part.isdecimal() and int(part) < len(data)):
            return "/".join(parts[:count])
        data = step(data, part)
    return pointer


def _within(record: Record, pointer: str) -> Location:
    place = record.location
    return Location(place.file, place.line, place.column, (place.pointer or "") + pointer or None)


def _slot(rule: ClassRule, name: str | None) -> SlotRule | None:
    return next((slot for slot in rule.slots if slot.slot == name), None)


def _at_root(rule: ClassRule) -> dict[str, str]:
    """Where the variables of a rule that records start stand: in the record itself."""
    return dict.fromkeys((*rule.scopes, *(join.variable for join in rule.joins)), "")


@dataclass(slots=True)
class _Made:
    """The objects that the oracle made of one record: the rule of each, and where its variables stand.

    The objects are kept, so that none of them has the identity of another. ``roots`` are the instances.
    """

    data: Any
    roots: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    by: dict[int, tuple[ClassRule, dict[str, str], Any]] = field(default_factory=dict)
    open: list[tuple[ClassRule, dict[str, str]]] = field(default_factory=list)

    @classmethod
    def of(cls, record: Record, source_class: str, plan: Plan, related: Related | None) -> _Made:
        """What is made of a record that the rules carry out without a fault."""
        made = cls(record.data)
        with suppress(RecordFault):
            made.roots = Evaluator(plan, trace=made, related=related).map(record.data, source_class, [])
        return made

    def root(self, instance: Instance, at: int) -> dict[str, Any]:
        """The object that is this instance: the one with its number, else the first that is the same."""
        order = chain(self.roots[at : at + 1], self.roots)
        return next((data for rule, data in order if rule == instance.rule and data == instance.data), {})

    def __call__(self, kind: str, node: Any, value: Any) -> None:
        """One event; see :data:`semantics.backends.evaluate.Trace`."""
        if kind == "enter":
            self.open.append((node, value))
        elif kind == "slot" and self.open:
            self.open[-1] = self.open[-1][0], value
        elif kind == "leave" and self.open:
            rule, pointers = self.open.pop()
            if value is not None:
                self.by[id(value)] = rule, pointers, value

    def origin(self, root: Any, parts: Sequence[str], finding: Diagnostic) -> tuple[str, str]:
        """The rule (``file:line``) and the place of the record, for a place of the instance that ``root`` is."""
        rule, pointer = "", ""
        slot: SlotRule | None = None
        value: Any = root
        for part in parts:
            if (known := self.by.get(id(value))) is not None:
                rule, pointer, slot = self._from(known, part)
                value = step(value, part)
                continue
            items, value = value, step(value, part)
            if slot is not None:
                pointer += self._element(slot, pointer, items, part)
                slot = None
        known = self.by.get(id(value))
        if known is not None and isinstance(finding, Violation) and finding.class_name == known[0].target_class:
            rule, pointer, _ = self._from(known, finding.slot)
        return rule, pointer

    def _from(self, known: tuple[ClassRule, dict[str, str], Any], name: str | None) -> tuple[str, str, SlotRule | None]:
        """The rule and place of a slot of an object; those of the object where no rule fills the slot."""
        cls, pointers, _ = known
        slot = _slot(cls, name)
        if slot is None:
            return cls.rule, pointers[next(reversed(pointers))], None
        return slot.rule, pointer_of(slot, pointers), slot

    def _element(self, slot: SlotRule, pointer: str, items: Any, part: str) -> str:
        """The element of the source list, where each of its elements has become one of the slot's."""
        source = self.data
        for key in keys_of(pointer):
            source = step(source, key)
        alike = isinstance(slot.value, Read) and isinstance(source, list) and isinstance(items, list)
        return f"/{part}" if alike and len(source) == len(items) else ""

"""From ``group_by`` to a class made for the groups: its keys are single values, every other slot is a list.

Nothing else changes: a group is a record of that class, and all that may be said of records may be said of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import msgspec

from semantics.expressions.tree import Expr
from semantics.expressions.types import Kind, Type
from semantics.mapping.load import LoadedMapping
from semantics.mapping.spec import ClassDerivation
from semantics.plan.findings import Findings
from semantics.plan.model import Group, GroupKey
from semantics.plan.names import parsed
from semantics.plan.scope import Frame, SchemaScope
from semantics.schema.model import ClassModel, Form, SlotModel

__all__ = ["MEMBERS", "GroupPlanner"]

Path_ = tuple[str | int, ...]
MEMBERS: Final = "members"
"""The name of a group's records where ``as`` gives no other."""
_RANGES: Final = {
    Kind.STRING: "string", Kind.INTEGER: "integer", Kind.DECIMAL: "decimal", Kind.FLOAT: "float",
    Kind.BOOLEAN: "boolean", Kind.DATE: "date", Kind.DATETIME: "datetime", Kind.TIME: "time",
}  # fmt: skip


@dataclass(frozen=True)
class GroupPlanner:
    """Plans the groups of one mapping, by the id of the rule that makes an instance of each."""

    mapping: LoadedMapping
    findings: Findings
    groups: dict[str, Group] = field(default_factory=dict)

    def plan(
        self, rule: str, derivation: ClassDerivation, scope: SchemaScope, where: Expr | None, path: Path_
    ) -> SchemaScope | None:
        """The scope of a group, from that of one of its records; None where it was refused (and noted)."""
        source, name = scope.schema, scope.own.type.of or ""
        members = derivation.as_ or MEMBERS
        if not members.isidentifier() or not members.isascii() or members in source.classes[name].slots:
            self.findings.error("MAP045", f"the records of a group cannot be called '{members}'",
                                (*path, "as") if derivation.as_ else path, "choose another name with 'as'")  # fmt: skip
            return None
        keys = self._keys(derivation, scope, path)
        if keys is None:
            return None
        model = _model(source.classes[name], keys, members)
        identifier = f"{rule} of {name}"
        self.groups[identifier] = Group(
            rule=rule,
            source_class=name,
            classes=source.concrete(name),
            keys=tuple(
                GroupKey(name=key, value=value, slot=key if slot else None) for key, (value, slot) in keys.items()
            ),
            where=where,
            members=members,
            lists={slot.name: source.classes[name].slots[slot.name].many
                   for slot in model.slots.values() if slot.many and slot.name != members},
            wrap=scope.wrap,
            origin=self.mapping.location(*path, "group_by"),
        )  # fmt: skip
        schema = msgspec.structs.replace(source, classes={**source.classes, model.name: model})
        return replace(
            scope, schema=schema, frames=(Frame("record", Type(Kind.OBJECT, of=model.name)),), members=members
        )

    def _keys(
        self, derivation: ClassDerivation, scope: SchemaScope, path: Path_
    ) -> dict[str, tuple[Expr, SlotModel | None]] | None:
        """The value of each key, and the slot that it is, if it is one."""
        here = (*path, "group_by")
        given = derivation.group_by or {}
        if not isinstance(given, dict):
            given = {text: text for text in ([given] if isinstance(given, str) else given)}
        slots = scope.schema.classes[scope.own.type.of or ""].slots
        found: dict[str, tuple[Expr, SlotModel | None]] = {}
        before = len(self.findings.errors)
        if not given:
            self.findings.error("MAP044", "'group_by' names no key", here)
        for key, text in given.items():
            value = parsed(text, scope, self.mapping, here, self.findings)
            if value is None:
                continue
            if not key.isidentifier() or (key != text and key in slots):
                self.findings.error("MAP044", f"a key of 'group_by' cannot be called '{key}'", here,
                                    "give it a name of its own: {name: expression}")  # fmt: skip
            elif value.type.many or value.type.kind not in _RANGES:
                self.findings.error("MAP044", f"'{key}' is {value.type}: records are grouped by single values", here)
            else:
                found[key] = value, slots[key] if key == text else None
        return found if len(self.findings.errors) == before else None


def _model(cls: ClassModel, keys: dict[str, tuple[Expr, SlotModel | None]], members: str) -> ClassModel:
    """The class of the groups of a class: its keys, its other slots as lists, and the records."""
    slots: dict[str, SlotModel] = {}
    for key, (value, slot) in keys.items():
        slots[key] = slot or SlotModel(name=key, uri="", range=_RANGES[value.type.kind])
    for slot in cls.slots.values():
        if slot.name not in slots and slot.form is not Form.KEYED:
            slots[slot.name] = msgspec.structs.replace(slot, multivalued=True, required=False)
    slots[members] = SlotModel(name=members, uri="", range=cls.name, multivalued=True, form=Form.OBJECT)
    title = f"{cls.name} by {', '.join(keys)}"
    return ClassModel(name=title, uri="", slots=slots, ancestors=(title,))

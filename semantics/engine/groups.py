"""Records put together by their keys, kept until all have been read; then each group is a record of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msgspec import structs

from semantics.backends import Event
from semantics.backends.evaluate import translation
from semantics.backends.interpret import CODE_MAPS, holds, interpret
from semantics.backends.lookup import key_texts
from semantics.engine.related import key_reader
from semantics.engine.store import ALL, BUDGET, Store
from semantics.errors import Diagnostic
from semantics.expressions import bounds, operators
from semantics.expressions.bounds import BoundError, EvaluationError
from semantics.expressions.dialects import DIALECTS
from semantics.expressions.values import text_of
from semantics.lexical import LexicalError
from semantics.plan.model import Group
from semantics.records import Filtered, GroupRecord, Outcome, Record, Rejected

if TYPE_CHECKING:
    from semantics.engine.mapping import Mapping

__all__ = ["GroupOutcome", "Grouping"]


@dataclass(frozen=True, slots=True)
class GroupOutcome:
    """What became of a group, and the records whose own fate that is.

    A record that also gives an instance by itself, or is in an earlier group, is not among them.
    """

    outcome: Outcome
    settled: tuple[Record, ...]
    events: list[Event]


class Grouping:
    """The groups of one run. ``budget`` bytes of records stay in memory, the rest goes to disk."""

    def __init__(self, mapping: Mapping, budget: int = BUDGET) -> None:
        self._mapping, self._store = mapping, Store(budget)
        self._dialect = DIALECTS[mapping.plan.dialect]
        self._around = {CODE_MAPS: translation(mapping.plan, [])}
        self._of: dict[str, list[tuple[str, Group]]] = {}
        for name, group in mapping.plan.groups.items():
            for cls in group.classes:
                self._of.setdefault(cls, []).append((name, group))
        self._keys = {
            name: [key_reader(key.value, mapping.plan) for key in group.keys]
            for name, group in mapping.plan.groups.items()
        }

    def take(self, record: Record, outcome: Outcome) -> Outcome | None:
        """Put a record into its groups. Its outcome, or None where that is known when its group is."""
        if isinstance(outcome, Rejected):
            return outcome
        told = self._mapping.class_of(record)
        if not isinstance(told, str) or told not in self._of:
            return outcome
        try:
            pairs = [(name, self._key(name, record.data)) for name, group in self._of[told] if self._in(group, record)]
        except (EvaluationError, LexicalError) as fault:
            found = Diagnostic("REC013", f"what records of '{told}' are grouped by: {fault}", record.location)
            return Rejected(record, (found,))
        if not pairs:
            return outcome
        deferred = told not in self._mapping.plan.roots
        row = [record.data, record.source, record.number, record.line, record.byte, record.pointer, record.raw, told]
        self._store.add([*row, pairs[0][0] if deferred else None, record.envelope], pairs)
        return None if deferred else outcome

    def _in(self, group: Group, record: Record) -> bool:
        return group.where is None or holds(group.where, {"record": record.data, **self._around}, None, self._dialect)

    def _key(self, name: str, data: dict[str, Any]) -> str:
        """The values of all keys in one text; null is a value here."""
        texts = [text for read in self._keys[name] for text in (key_texts(read(data)) or ["-"])]
        return "".join(f"{len(text)}:{text}" for text in texts)

    def outcomes(self) -> Iterator[GroupOutcome]:
        """Each group in the order of its first record, by the groups of the mapping in their order."""
        for name, group in self._mapping.plan.groups.items():
            for key in self._store.keys(name):
                yield self._outcome(name, group, key)

    def _outcome(self, name: str, group: Group, key: str) -> GroupOutcome:
        rows = self._store.find(name, key, bounds.LIST_ITEMS + 1)
        members = [_record(row) for row in rows]
        first = members[0]
        record = GroupRecord(
            {}, first.source, first.number, first.line, first.byte, first.pointer,
            class_name=name, members=tuple(members),
        )  # fmt: skip
        events: list[Event] = []
        try:
            bounds.list_items(len(members))
            record = structs.replace(record, data=self._data(group, [member.data for member in members]))
            outcome = self._mapping.outcome(record, events)
        except BoundError as fault:
            rows = self._store.find(name, key, ALL)
            outcome = Rejected(record, (Diagnostic("REC003", f"a group of records: {fault}", record.location),))
        except (EvaluationError, LexicalError) as fault:
            outcome = Rejected(record, (Diagnostic("REC002", f"a group of records: {fault}", record.location),))
        settled = tuple(_record(row) for row in rows if row[8] == name)
        return GroupOutcome(outcome, settled, events)

    def _data(self, group: Group, members: list[dict[str, Any]]) -> dict[str, Any]:
        """The record that stands for a group: its keys, its members, and what they have in each slot."""
        data: dict[str, Any] = {
            slot: operators.step(members, slot, many, group.wrap) for slot, many in group.lists.items()
        }
        for key in group.keys:
            if key.slot is not None:
                data[key.name] = members[0].get(key.slot)
            else:
                value = interpret(key.value, {"record": members[0], **self._around}, None, self._dialect)
                plain = value is None or isinstance(value, (str, int, float)) or operators.is_number(value)
                data[key.name] = value if plain else text_of(value)
        return {**data, group.members: members}

    def close(self) -> None:
        """Forget the records."""
        self._store.close()


def _record(row: list[Any]) -> Record:
    """A record as it was put into its group."""
    data, source, number, line, byte, pointer, raw, class_name, _, envelope = row
    return Record(data, source, number, line, byte, pointer, raw, class_name, None, envelope)


def alone(mapping: Mapping, record: Record, outcome: Outcome) -> bool:
    """Whether a record was given by itself although it only counts in a group."""
    if not mapping.plan.groups or not isinstance(outcome, Filtered):
        return False
    told = mapping.class_of(record)
    return told not in mapping.plan.roots and any(told in group.classes for group in mapping.plan.groups.values())

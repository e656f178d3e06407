"""Records put together by their keys, kept until all have been read; then each group is a record of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from msgspec import structs

from semantics.backends import Event
from semantics.backends.interpret import CODE_MAPS, holds, interpret
from semantics.backends.lookup import key_texts
from semantics.backends.values import translation
from semantics.engine.related import key_reader
from semantics.engine.store import ALL, BUDGET, Store
from semantics.errors import Diagnostic
from semantics.expressions import bounds, operators
from semantics.expressions.bounds import BoundError, EvaluationError
from semantics.expressions.dialects import DIALECTS
from semantics.expressions.values import text_of
from semantics.lexical import LexicalError
from semantics.plan.model import Group
from semantics.records import Filtered, GroupRecord, Noted, Outcome, Record, Rejected

if TYPE_CHECKING:
    from semantics.engine.mapping import Mapping

__all__ = ["GroupOutcome", "Grouping", "Member"]

_SPOILT: Final = "spoilt "
"""Before the name of a group: where the keys of those with a rejected record are kept."""


@dataclass(frozen=True, slots=True)
class Member:
    """A record of a group. ``settled``: what becomes of the group becomes of it, for it gives nothing by itself."""

    key: str
    record: Record
    settled: bool


@dataclass(frozen=True, slots=True)
class GroupOutcome:
    """What became of a group, and its records; ``key`` tells it from all records and other groups of the run."""

    outcome: Outcome
    members: tuple[Member, ...]
    events: list[Event]
    group: str
    key: str

    @property
    def settled(self) -> tuple[Record, ...]:
        """The records whose own fate this is: none that also gives an instance by itself, or is in an earlier group."""
        return tuple(member.record for member in self.members if member.settled)


class Grouping:
    """The groups of one run. ``budget`` bytes of records stay in memory, the rest goes to disk.

    Nothing of a rejected record reaches the output, so a group with one is rejected too: its members wait together
    in the rejects file. A record of which nothing can be told ("unread") spoils no group, and can join none later.
    """

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
        self._broken: set[str] = set()

    def take(self, record: Record, outcome: Outcome, key: str = "") -> Outcome | None:
        """Put a record into its groups. Its outcome, or None where that is known when its group is."""
        facts = record.facts if isinstance(record, Noted) and record.replayed else None
        if facts is not None and isinstance(outcome, Rejected) and "group" in facts:
            self._broken.add(facts["group"])
            return outcome
        record = outcome.record  # in the form that the source schema has
        told = self._mapping.class_of(record)
        if not isinstance(told, str):
            known = record.class_name is not None and record.class_name not in self._of
            return outcome if known else _unread(outcome)
        if told not in self._of:
            return outcome
        try:
            pairs = self._pairs(record, told)
        except (EvaluationError, LexicalError) as fault:
            found = Diagnostic("REC013", f"what records of '{told}' are grouped by: {fault}", record.location)
            return _unread(Rejected(record, (found,)))
        if not pairs:
            return outcome
        if facts is not None and facts.get("unread"):
            return Rejected(record, (_too_late(record),))
        own = told in self._mapping.plan.roots
        if isinstance(outcome, Rejected):
            self._spoil(pairs)
        # What gives instances by itself comes again as a member, where its group was rejected at first.
        if facts is None if own else not isinstance(outcome, Rejected):
            self._add(record, told, pairs, None if own else pairs[0][0], key)
        return outcome if own or isinstance(outcome, Rejected) else None

    def again(self, record: Noted, key: str) -> bool:
        """Put a record of a rejected group back into that group; False where it cannot be read."""
        name, told = record.facts["group"], self._mapping.class_of(record)
        if record.fault is not None or not isinstance(told, str):
            return False
        try:
            pairs = [(name, self._key(name, record.data))]
        except (EvaluationError, LexicalError):
            return False
        self._add(record, told, pairs, None if record.facts.get("member") else name, key)
        return True

    def spoil(self, record: Record) -> None:
        """A record was rejected after it was taken: so are its groups."""
        told = self._mapping.class_of(record)
        if isinstance(told, str) and told in self._of:
            with suppress(EvaluationError, LexicalError):
                self._spoil(self._pairs(record, told))

    def __contains__(self, group: str) -> bool:
        return group in self._keys

    def _pairs(self, record: Record, told: str) -> list[tuple[str, str]]:
        return [(name, self._key(name, record.data)) for name, group in self._of[told] if self._in(group, record)]

    def _spoil(self, pairs: list[tuple[str, str]]) -> None:
        self._store.add(None, [(_SPOILT + name, key) for name, key in pairs])

    def _add(self, record: Record, told: str, pairs: list[tuple[str, str]], settles: str | None, key: str) -> None:
        row = [record.data, record.source, record.number, record.line, record.byte, record.pointer, record.raw, told]
        facts = record.facts if isinstance(record, Noted) else None
        self._store.add([*row, record.envelope, settles, key, facts], pairs)

    def _in(self, group: Group, record: Record) -> bool:
        return group.where is None or holds(group.where, {"record": record.data, **self._around}, None, self._dialect)

    def _key(self, name: str, data: dict[str, Any]) -> str:
        """The values of all keys in one text; null is a value here."""
        texts = [text for read in self._keys[name] for text in (key_texts(read(data)) or ["-"])]
        return "".join(f"{len(text)}:{text}" for text in texts)

    def outcomes(self) -> Iterator[GroupOutcome]:
        """Each group in the order of its first record, by the groups of the mapping in their order."""
        for number, (name, group) in enumerate(self._mapping.plan.groups.items(), start=1):
            for key in self._store.keys(name):
                yield self._outcome(name, group, key, f"g{number}")

    def _outcome(self, name: str, group: Group, key: str, start: str) -> GroupOutcome:
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
        if name in self._broken or self._store.find(_SPOILT + name, key, 1):
            outcome, events = Rejected(record, (_spoilt(record),)), []
        told = tuple(Member(row[10], _record(row), row[9] == name) for row in rows)
        return GroupOutcome(outcome, told, events, name, f"{start}-{rows[0][10]}")

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
    data, source, number, line, byte, pointer, raw, class_name, envelope, _, _, facts = row
    record = Record(data, source, number, line, byte, pointer, raw, class_name, None, envelope)
    return record if facts is None else Noted.of(record, replayed=True, **facts)


def _unread(outcome: Outcome) -> Outcome:
    """A rejected record of which no group could be told."""
    if not isinstance(outcome, Rejected):
        return outcome
    return Rejected(Noted.of(outcome.record, unread=True), outcome.diagnostics)


def _spoilt(record: Record) -> Diagnostic:
    return Diagnostic("RUN076", "a record of this group was rejected, so nothing is made of the others",
                      record.location, hint="convert the rejects file with --replay: they are in it too")  # fmt: skip


def _too_late(record: Record) -> Diagnostic:
    return Diagnostic("RUN077", "when this record was rejected it was not known which group it is in, so that group "
                      "may have been written without it", record.location, hint="convert the inputs again")  # fmt: skip


def alone(mapping: Mapping, record: Record, outcome: Outcome) -> bool:
    """Whether a record was given by itself although it only counts in a group."""
    if not mapping.plan.groups or not isinstance(outcome, Filtered):
        return False
    told = mapping.class_of(record)
    return told not in mapping.plan.roots and any(told in group.classes for group in mapping.plan.groups.values())

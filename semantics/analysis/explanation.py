"""What an explanation is: every slot of an instance with its value, its rule, its sources and the reason for null.

The shape of these classes, field by field, is that of ``semantics explain --format json``. A source record is named by
file and number, a rule by ``file:line``, an element of the model by ``file:line``, as in findings and in provenance.
Values are shown here and nowhere else in the project: explaining is the operator's own question about one record.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final

from semantics.records import Record
from semantics.validation.report import Finding

__all__ = [
    "InstanceExplanation",
    "JoinExplanation",
    "RecordPlace",
    "SlotExplanation",
    "SourceValue",
    "Step",
    "to_data",
]

_KEYS: Final = {"class_name": "class"}
"""The fields that are called otherwise in data."""


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """Which record, and where it stands."""

    source: str
    record: int
    line: int | None = None
    byte: int | None = None
    pointer: str | None = None

    @classmethod
    def of(cls, record: Record) -> RecordPlace:
        """The place of a record."""
        return cls(record.source, record.number, record.line, record.byte, record.pointer)


@dataclass(frozen=True, slots=True)
class SourceValue:
    """A value of the record that was read, and where it stands (RFC 6901, from the record)."""

    path: str
    pointer: str | None
    value: Any


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done, and what it gave: a part of an expression, a code looked up, a conversion."""

    kind: str
    text: str
    value: Any


@dataclass(frozen=True, slots=True)
class JoinExplanation:
    """A join of a derivation: the key by which partners were looked up, how many there are, and where they stand.

    ``records`` is empty where the places of partners are not known: when they were given as plain data.
    """

    alias: str
    source_class: str
    rule: str
    key: Any
    found: int
    records: tuple[RecordPlace, ...] = ()


@dataclass(frozen=True, slots=True)
class SlotExplanation:
    """How one slot of an instance got its value, or why it has none.

    ``path`` counts from the root instance (``balances[0].amount``), ``pointer`` says the same as findings do
    (``/balances/0/amount``). ``rule`` is the ``file:line`` of the slot derivation, ``column`` its column, ``element``
    the ``file:line`` of the slot in the target model. ``manner`` is one of constant, copied, computed, template,
    built, derived, unfilled (no rule fills the slot; then ``rule`` is the class derivation). A ``hidden`` slot is seen
    by other slots only. ``findings`` are what is wrong with the value.
    """

    path: str
    pointer: str
    class_name: str
    slot: str
    value: Any
    rule: str
    column: int | None
    element: str | None
    manner: str
    hidden: bool = False
    where: str | None = None
    sources: tuple[SourceValue, ...] = ()
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    instances: tuple[InstanceExplanation, ...] = ()


@dataclass(frozen=True, slots=True)
class InstanceExplanation:
    """One use of a class derivation: on which object, whether its condition held, and the slots it filled.

    ``key`` is the index or the key of an object in its slot, ``source_pointer`` where the object that it was made of
    stands in the record. ``records`` are the records of a root instance: one, or those of its group. ``unfilled`` are
    the slots of the class that no rule fills. Of an instance that was not ``made``, every slot is null.
    """

    path: str
    pointer: str
    class_name: str
    rule: str
    column: int | None
    element: str | None
    source_pointer: str
    made: bool
    wanted: bool = True
    where: str | None = None
    key: str | None = None
    records: tuple[RecordPlace, ...] = ()
    joins: tuple[JoinExplanation, ...] = ()
    sources: tuple[SourceValue, ...] = ()
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    slots: tuple[SlotExplanation, ...] = ()
    unfilled: tuple[str, ...] = ()


def to_data(explained: Any) -> Any:
    """An explanation as plain data: what ``--format json`` writes. Findings have the keys that reports have.

    >>> to_data(SourceValue("a.b", "/a/b", 1))
    {'path': 'a.b', 'pointer': '/a/b', 'value': 1}
    """
    if isinstance(explained, Finding):
        return explained.to_data()
    if isinstance(explained, tuple):
        return [to_data(item) for item in explained]
    if not is_dataclass(explained) or isinstance(explained, type):
        return explained
    named = {found.name: to_data(getattr(explained, found.name)) for found in fields(explained)}
    return {_KEYS.get(name, name): value for name, value in named.items()}

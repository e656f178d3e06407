"""Which tables a model has: a pure function from a schema and the classes that are written.

- Each class that is written has a table: a row is an instance. Its key is the identifier, or where the class has none
  a column ``row_id`` that counts them.
- A slot of one value is a column. A slot of one inlined object is the columns of that object, named ``slot_column``.
- A slot of many values or objects is a table ``Class_slot``: the key of the row that they belong to, their ``position``
  in it from 1, and the value or the columns of the object.
  A slot that no instance fills has no such table.
- A reference is a column of the type of the identifier, without a foreign key: what it names may stand elsewhere.
- What has no place in columns is JSON: any value, one of several kinds, an object inside of an object of its class.

Objects of a class that has others below it have the columns of all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from semantics.errors import Diagnostic, UsageError
from semantics.schema.model import Form, Primitive, SchemaModel, SlotExpression, SlotModel
from semantics.sinks.sql.names import Names

__all__ = ["Column", "Design", "Kind", "Many", "Nested", "Part", "Single", "Table", "design"]

MOST_COLUMNS: Final = 1_500
"""Columns of a table at most: PostgreSQL has room for 1600, SQLite for 2000."""
MOST_VALUES: Final = 200
"""Permissible values that a column is checked against by the database at most; more would be a table of their own."""


class Kind(StrEnum):
    """What a column holds; each database has its own type for it."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    JSON = "json"


_KINDS: Final = {
    Primitive.INTEGER: Kind.INTEGER,
    Primitive.DECIMAL: Kind.DECIMAL,
    Primitive.FLOAT: Kind.FLOAT,
    Primitive.BOOLEAN: Kind.BOOLEAN,
    Primitive.DATE: Kind.DATE,
}
"""All others are text: a date-time or time keeps its offset so."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its kind, whether it must have a value, and the texts that it may hold (None: any)."""

    name: str
    kind: Kind
    required: bool = False
    values: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table. Its first ``keys`` columns tell its rows apart; all of those but the last are the key of ``parent``."""

    name: str
    columns: tuple[Column, ...]
    keys: int
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class Single:
    """A slot with one value: the place of its column."""

    place: int
    column: Column


@dataclass(frozen=True, slots=True)
class Nested:
    """A slot with one object, whose columns are in the same table."""

    part: Part


@dataclass(frozen=True, slots=True)
class Many:
    """A slot with many values, or objects, in a table of their own; ``keyed`` is the slot that is their key, if any."""

    table: int
    item: Single | Part
    keyed: str | None = None


@dataclass(slots=True)
class Part:
    """An object of a class: where each of its slots goes."""

    class_name: str
    slots: dict[str, Single | Nested | Many] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Design:
    """All tables, parents before their children, and by class the table of its instances.

    ``roots``: class to (table, its part, the slot that is the key or None).
    """

    tables: tuple[Table, ...]
    roots: dict[str, tuple[int, Part, str | None]]


@dataclass(slots=True)
class _Draft:
    """A table that still grows."""

    number: int
    name: str
    keys: int
    parent: int | None
    names: Names
    columns: list[Column | None]

    def reserve(self, wanted: str) -> tuple[int, str]:
        """A place and a name for a column that is told later."""
        self.columns.append(None)
        return len(self.columns) - 1, self.names.take(wanted)

    def keyed_by(self, keys: tuple[tuple[str, Kind], ...]) -> None:
        """The columns of the key, which have the first places."""
        for place, (wanted, kind) in enumerate(keys):
            self.columns[place] = Column(self.names.take(wanted), kind, required=True)


def design(schema: SchemaModel, classes: Iterable[str] = ()) -> Design:
    """The tables for instances of ``classes`` (default: of every class that can have instances).

    Raises :class:`~semantics.errors.UsageError` (``SNK041``) for a class of more columns than a table can hold.

    >>> from semantics.schema import load_schema
    >>> made = design(load_schema("core"), ["Person"])
    >>> [table.name for table in made.tables][:2], made.tables[0].columns[0]
    (['Person', 'Person_identifiers'], Column(name='id', kind=<Kind.TEXT: 'text'>, required=True, values=None))
    """
    named = tuple(dict.fromkeys(classes)) or tuple(
        name for name, cls in schema.classes.items() if not (cls.abstract or cls.mixin or schema.takes_any(name))
    )
    made = _Designer(schema)
    roots = {name: made.root(name) for name in sorted(named) if name in schema.classes}
    return Design(tuple(made.finished()), roots)


class _Designer:
    def __init__(self, schema: SchemaModel) -> None:
        self.schema = schema
        self.names = Names()
        self.drafts: list[_Draft] = []

    def finished(self) -> Iterable[Table]:
        """The tables, all of whose columns are told by now."""
        for draft in self.drafts:
            columns = tuple(column for column in draft.columns if column is not None)
            assert len(columns) == len(draft.columns)
            if len(columns) > MOST_COLUMNS:
                message = f"the table '{draft.name}' would have {len(columns)} columns, and there can be {MOST_COLUMNS}"
                raise UsageError(Diagnostic("SNK041", message, hint="write Parquet or NDJSON, whose columns nest"))
            yield Table(draft.name, columns, draft.keys, draft.parent)

    def _draft(self, name: str, parent: _Draft | None = None) -> _Draft:
        made = _Draft(len(self.drafts), self.names.take(name), 1, parent.number if parent else None, Names(), [])
        self.drafts.append(made)
        return made

    def root(self, name: str) -> tuple[int, Part, str | None]:
        """The table of the instances of a class."""
        draft = self._draft(name)
        cls = self.schema.classes[name]
        keys: tuple[tuple[str, Kind], ...] = () if cls.identifier is not None else (("row_id", Kind.INTEGER),)
        draft.columns += [None] * len(keys)
        part = self._part((name,), draft, "", frozenset({name}), first=cls.identifier, required=True, keys=keys)
        return draft.number, part, cls.identifier

    def _part(
        self, classes: tuple[str, ...], draft: _Draft, prefix: str, path: frozenset[str], *, first: str | None = None,
        required: bool = False, keys: tuple[tuple[str, Kind], ...] = (),
    ) -> Part:  # fmt: skip
        """Where the slots of an object go.

        Those with a column of their own have the first choice of names, then the ``keys`` of the table.
        """
        slots = self._slots(classes)
        order = sorted(slots, key=lambda name: name != first)
        own = {name: draft.reserve(prefix + name) for name in order if self._is_column(slots[name], path)}
        draft.keyed_by(keys)
        part = Part(classes[0])
        for name in order:
            found = slots[name]
            slot = found[0]
            if name in own:
                place, column = own[name]
                # The slots of the classes below may be missing in an instance, whatever they require.
                needed = name == first or (required and bool(slot.required) and not slot.many)
                draft.columns[place] = made = self._column(column, found, required=needed, path=path)
                part.slots[name] = Single(place, made)
            elif slot.many or slot.form is Form.KEYED:
                part.slots[name] = self._many(slot, draft, prefix + name, path)
            else:
                assert slot.range is not None
                inner = self._part(self._concrete(slot.range), draft, f"{prefix}{name}_", path | {slot.range})
                part.slots[name] = Nested(inner)
        return part

    def _slots(self, classes: tuple[str, ...]) -> dict[str, list[SlotModel]]:
        """The slots that an object of one of the classes may have, each as the classes have it."""
        found: dict[str, list[SlotModel]] = {}
        for name in classes:
            for slot in self.schema.classes[name].slots.values():
                found.setdefault(slot.name, []).append(slot)
        return found

    def _concrete(self, name: str) -> tuple[str, ...]:
        return self.schema.concrete(name) or (name,)

    def _is_column(self, slots: list[SlotModel], path: frozenset[str]) -> bool:
        """Whether a slot has one column: one value, or what only JSON can hold."""
        slot = slots[0]
        if self._odd(slots):
            return True
        if slot.many or slot.form is Form.KEYED:
            return False
        return slot.form is not Form.OBJECT or self._is_json(slot, path)

    def _odd(self, slots: list[SlotModel]) -> bool:
        """Whether the classes below do not agree on what kind of slot it is."""
        if len(slots) == 1:
            return False
        kinds = {
            (slot.form, slot.many, slot.range if slot.form is not Form.SCALAR else self._kind(slot)) for slot in slots
        }
        return len(kinds) > 1

    def _is_json(self, slot: SlotModel, path: frozenset[str]) -> bool:
        """Whether the objects of a slot have no columns."""
        ranges = {slot.range, *(part.range for _, parts in slot.boolean for part in parts if part.range)}
        name = slot.range or ""
        return len(ranges) > 1 or name not in self.schema.classes or self.schema.takes_any(name) or name in path

    def _many(self, slot: SlotModel, parent: _Draft, name: str, path: frozenset[str]) -> Many:
        """The table of a slot of many values."""
        draft = self._draft(f"{parent.name}_{name}", parent)
        keys = (*self._key_of(parent), ("position", Kind.INTEGER))
        draft.keys = len(keys)
        draft.columns += [None] * draft.keys
        item: Single | Part
        if slot.form in (Form.OBJECT, Form.KEYED) and not self._is_json(slot, path):
            assert slot.range is not None
            item = self._part(self._concrete(slot.range), draft, "", path | {slot.range}, keys=keys)
        else:
            place, column = draft.reserve("value")
            draft.columns[place] = made = self._column(column, [slot], required=True, path=path)
            item = Single(place, made)
            draft.keyed_by(keys)
        objects = slot.form is Form.KEYED and isinstance(item, Part)
        return Many(draft.number, item, self.schema.classes[slot.range or ""].identifier if objects else None)

    def _key_of(self, parent: _Draft) -> tuple[tuple[str, Kind], ...]:
        """The key of a table as its children have it: what each column of it is called there, and its kind."""
        known = [column for column in parent.columns[: parent.keys] if column is not None]
        last = f"{parent.name}_{known[-1].name}"
        if parent.parent is not None:
            last = f"{parent.name.removeprefix(f'{self.drafts[parent.parent].name}_')}_position"
        return (*((column.name, column.kind) for column in known[:-1]), (last, known[-1].kind))

    # -- columns ------------------------------------------------------------------------------------

    def _column(self, name: str, slots: list[SlotModel], *, required: bool, path: frozenset[str]) -> Column:
        slot = slots[0]
        kind = Kind.JSON if self._odd(slots) else self._kind(slot)
        values: tuple[str, ...] | None = None
        if len(slots) == 1 and slot.range in self.schema.enums and not list(slot.boolean):
            values = tuple(self.schema.enums[slot.range].values)
        return Column(name, kind, required, values if values and len(values) <= MOST_VALUES else None)

    def _kind(self, slot: SlotModel) -> Kind:
        """What the values of a slot are; JSON where they may be of several kinds."""
        if slot.form in (Form.OBJECT, Form.KEYED):
            return Kind.JSON
        named = [part for _, parts in slot.boolean for part in parts if part.range]
        kinds = {self._of_range(part) for part in (*named, *([slot] if slot.range or not named else ()))}
        return kinds.pop() if len(kinds) == 1 else Kind.JSON

    def _of_range(self, part: SlotExpression) -> Kind:
        name = part.range or "string"
        if name in self.schema.types:
            return _KINDS.get(self.schema.types[name].primitive, Kind.TEXT)
        if name in self.schema.enums:
            return Kind.TEXT
        cls = self.schema.classes.get(name)
        if cls is None or self.schema.takes_any(name) or cls.identifier is None:
            return Kind.JSON
        return self._of_range(cls.slots[cls.identifier])

"""A compiled query, and what it makes of chunks of rows: tables of the target, and what the ledger is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from semantics.backends.columnar.rules import Note

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ROWS", "Chunk", "Columnar", "Counts", "Found", "Leaf", "session"]

ROWS: Final = "rows"
"""The relation that a query reads."""
SHORTEST: Final = 64
"""Rows that a part has at least, where the result holds for it: fewer are not worth a table of their own."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A column of the target that the query gives, or none; an object is made of those inside it.

    ``column`` is its name in the result; without one every row has null. ``copied`` is the column of the source that it
    is, as it stands. ``there`` says where an object is.
    """

    column: str | None = None
    copied: int | None = None
    there: str | None = None
    inner: Mapping[str, Leaf] | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """What a query made of some rows, all of which are ordinary.

    ``table`` has a row for each of ``kept``, the rows that were wanted; ``others`` are those that were not (None: none
    was). ``notes`` are for the ledger: (kind, slot, code, how often).
    """

    table: pa.Table
    kept: pa.Table
    others: pa.Table | None
    notes: tuple[tuple[str, str, str, int], ...]
    counts: Counts


@dataclass(slots=True)
class Counts:
    """How many objects a rule made, and how often each slot was written; of objects in slots likewise."""

    total: int = 0
    present: dict[str, int] = field(default_factory=dict)
    inner: dict[str, Counts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Columnar:
    """A plan for rows of a source class, ready to run on chunks of them: :meth:`run`, with a :func:`session`."""

    rule: str
    source: pa.Schema
    target: pa.Schema
    sql: str
    used: tuple[int, ...]
    leaves: Mapping[str, Leaf]
    notes: tuple[Note, ...]
    always: bool
    filters: bool

    def run(self, connection: Any, rows: pa.Table) -> Found | None:
        """What a query makes of some rows; None where it cannot be run on them. Raises nothing else."""
        import pyarrow as pa

        given = rows.select(list(self.used)).rename_columns([f"c{index}" for index in self.used])
        if not self.used:
            given = pa.table({"c": pa.nulls(rows.num_rows, pa.int8())})
        connection.register(ROWS, given)
        try:
            found = connection.sql(self.sql).to_arrow_table()
        except Exception:  # whatever it is, the ordinary engine knows better
            return None
        finally:
            connection.unregister(ROWS)
        return Found(self, rows, found) if found.num_rows == rows.num_rows else None

    def noted(self, found: pa.Table) -> Iterator[tuple[str, str, str, int]]:
        """What the ledger is told of the rows of a result."""
        import pyarrow.compute as pc

        for number, note in enumerate(self.notes):
            column = found[f"n{number}"]
            if note.kind == "defaulted":
                count = pc.sum(column).as_py() or 0
                if count:
                    yield note.kind, note.slot, "", count
                continue
            for entry in pc.value_counts(column.drop_null()).to_pylist():
                yield note.kind, note.slot, entry["values"], entry["counts"]


@dataclass(frozen=True, slots=True)
class Found:
    """The result of a query on some rows: :meth:`parts` tells the rows for which it holds, :meth:`chunk` takes them."""

    query: Columnar
    rows: pa.Table
    result: pa.Table

    def parts(self) -> list[tuple[int, int, bool]]:
        """The rows in parts, in their order: (first, how many, whether the result holds for all of them).

        Few rows between others for which it does not hold are left with these.
        """
        import pyarrow.compute as pc

        count = self.rows.num_rows
        if self.query.always or not count or pc.min(self.result["fine"]).as_py():
            return [(0, count, True)]
        wrong = pc.indices_nonzero(pc.invert(self.result["fine"])).to_pylist()
        if len(wrong) * SHORTEST > count:
            return [(0, count, False)]
        found: list[tuple[int, int, bool]] = []
        end = 0
        for place in wrong:
            if found and place - end < SHORTEST:
                first = found[-1][0]
                found[-1] = (first, place + 1 - first, False)
            else:
                found += [(end, place - end, True)] * (place > end) + [(place, 1, False)]
            end = place + 1
        return found + [(end, count - end, True)] * (end < count)

    def chunk(self, first: int, count: int) -> Chunk:
        """Rows for which the result holds."""
        import pyarrow.compute as pc

        query = self.query
        whole = count == self.rows.num_rows
        rows, found = (
            (self.rows, self.result) if whole else (part.slice(first, count) for part in (self.rows, self.result))
        )
        notes = tuple(query.noted(found))
        kept, others = rows, None
        if query.filters and not pc.min(found["wanted"]).as_py():
            wanted = found["wanted"]
            others, kept, found = rows.filter(pc.invert(wanted)), rows.filter(wanted), found.filter(wanted)
        counts = Counts(found.num_rows)
        columns = _Arrays(kept, found)
        made = [_assembled(columns, query.leaves[item.name], item.type, found.num_rows, counts, item.name)
                for item in query.target]  # fmt: skip
        return Chunk(pa_table(made, query.target), kept, others, notes, counts)


def pa_table(columns: list[Any], schema: Any) -> pa.Table:
    """A table of columns that are of the types of a schema."""
    import pyarrow as pa

    return pa.Table.from_arrays(columns, schema=schema)


class _Arrays:
    """The columns of the rows and of the result, each in one piece."""

    def __init__(self, rows: pa.Table, found: pa.Table) -> None:
        self._rows, self._found = rows, found

    def __getitem__(self, key: int | str) -> Any:
        """A column of the rows by its place, of the result by its name."""
        import pyarrow as pa

        column = self._rows.column(key) if isinstance(key, int) else self._found.column(key)
        if column.num_chunks == 1:
            return column.chunk(0)
        return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _assembled(columns: _Arrays, leaf: Leaf, type_: Any, rows: int, counts: Counts, name: str) -> Any:
    """A column of the target, and what the ledger wants to know of it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if leaf.inner is not None:
        there = columns[leaf.there or ""]
        below = Counts(there.true_count)
        inner = [_assembled(columns, leaf.inner[item.name], item.type, rows, below, item.name) for item in type_]
        counts.inner[name] = below
        counts.present[name] = below.total
        return pa.StructArray.from_arrays(inner, fields=list(type_), mask=pc.invert(there))
    if leaf.copied is None and leaf.column is None:
        return pa.nulls(rows, type_)
    column = columns[leaf.copied if leaf.copied is not None else leaf.column or ""]
    counts.present[name] = rows - column.null_count
    if leaf.rule:
        counts.inner[name] = _within(column.flatten())
    return column if column.type.equals(type_) else column.cast(type_)


def _within(objects: Any) -> Counts:
    """What is in the objects of lists, none of which is null."""
    import pyarrow as pa

    found = Counts(len(objects))
    for item, array in zip(objects.type, objects.flatten(), strict=True):
        found.present[item.name] = len(array) - array.null_count
        if pa.types.is_struct(item.type):
            found.inner[item.name] = _within(array.filter(array.is_valid()))
    return found


def session(threads: int = 1, memory: str = "512MB") -> Any:
    """A database in memory that reads no file, loads no extension and reaches nothing."""
    import duckdb

    connection = duckdb.connect(":memory:", config={
        "threads": threads, "memory_limit": memory, "enable_external_access": False,
        "autoinstall_known_extensions": False, "autoload_known_extensions": False, "allow_community_extensions": False,
        "python_enable_replacements": False, "preserve_insertion_order": True,
    })  # fmt: skip
    connection.execute("SET enable_progress_bar = false")  # it would be printed
    connection.execute("SET lock_configuration = true")
    return connection

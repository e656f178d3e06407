"""The columnar backend: a plan as one query over columns, for the plans and rows of which it is shown to be the same.

A plan with a construct of :data:`~semantics.backends.columnar.gaps.GAPS` is not carried out here at all. Of the
others the query gives, beside the columns of the target, for every row whether the ordinary engine would do exactly
this with it. Where that is not so (a value that cannot be read, converted or that is not valid, a number of too many
digits) it is that engine's row: it tells what is wrong, and rejects it.

The query is run by DuckDB, in memory, with no access to anything but the rows that it is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from semantics.backends.columnar.gaps import GAPS, Gap, Unproven
from semantics.backends.columnar.rules import Made, Note, Rules
from semantics.backends.columnar.sql import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    NULL,
    TRUE,
    VARCHAR,
    Cast,
    Choose,
    Each,
    Name,
    Node,
    Not,
    Pack,
    SqlType,
    both,
    decimal_type,
    either,
)
from semantics.backends.columnar.values import ColumnType, Query, Value, column_type, narrowed, told_apart
from semantics.expressions.types import Kind
from semantics.plan.model import Plan

if TYPE_CHECKING:
    import pyarrow as pa

    from semantics.schema.model import SchemaModel

__all__ = ["GAPS", "Chunk", "Columnar", "Counts", "Found", "Gap", "Refused", "compile_columns", "plan_gaps", "session"]

ROWS: Final = "rows"
"""The relation that a query reads."""
SHORTEST: Final = 64
"""Rows that a part has at least, where the result holds for it: fewer are not worth a table of their own."""


class Refused(Exception):
    """A plan, or the columns that it is to be carried out on, with gaps."""

    def __init__(self, gaps: tuple[Gap, ...]) -> None:
        self.gaps = gaps
        super().__init__(f"{len(gaps)} gaps")


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


# -- compiling -------------------------------------------------------------------------------------


def plan_gaps(plan: Plan, source_class: str) -> tuple[Gap, ...]:
    """The gaps of a plan as a whole, whatever the columns are."""
    starts = plan.roots.get(source_class, ())
    found = (
        ("dialect", plan.dialect != "strict" or plan.document is not None),
        ("joins", bool(plan.lookups)),
        ("groups", bool(plan.groups)),
        ("function", bool(plan.needs)),
        ("several rules", len(starts) != 1 or plan.rules[starts[0]].over is not None),
    )
    return tuple(Gap(name, f"mapping {plan.name}") for name, there in found if there)


def compile_columns(
    plan: Plan, source_class: str, model: SchemaModel, source: pa.Schema, target: pa.Schema, *, check: bool = True
) -> Columnar:
    """The query that carries a plan out on rows of a source class.

    ``model`` is the target schema, ``target`` its root class as Arrow has it; ``check``: instances must be valid.
    Raises :class:`Refused` with all gaps.
    """
    gaps = list(plan_gaps(plan, source_class))
    columns: dict[str, ColumnType] = {}
    for item in source:
        try:
            columns[item.name] = _source_column(item)
        except Unproven as fault:
            gaps.append(Gap(fault.name, f"column {item.name}: {fault.what}"))
    try:
        told_apart(columns, len(source) if len(columns) == len(source) else len(columns))
    except Unproven as fault:
        gaps.append(Gap(fault.name, fault.what))
    if gaps:
        raise Refused(tuple(gaps))
    query = Query()
    rules = Rules(plan, model, query)
    rule = plan.rules[plan.roots[source_class][0]]
    nodes = {item.name: _plain(Name(f"c{index}"), columns[item.name], item) for index, item in enumerate(source)}
    record = Value(NULL, Kind.OBJECT, fields=columns, columns=nodes)
    made = rules.made(rule, {rule.scopes[0]: record})
    if rules.gaps:
        raise Refused(tuple(rules.gaps))
    copies = {f"c{index}": index for index, item in enumerate(source) if _copied(item.type)}
    shape = _Shape(query, rules, made, copies, check)
    try:
        leaves = shape.leaves(made, target, TRUE)
    except Unproven as fault:
        raise Refused((Gap(fault.name, fault.what, rule.origin),)) from None
    return shape.compiled(rule.id, source, target, leaves)


def _source_column(item: pa.Field) -> ColumnType:
    found = column_type(item.type)
    metadata = item.metadata or {}
    if any(key.startswith(b"semantics") for key in metadata):
        settled = replace(found, settled=False)
        if found.kind is Kind.DECIMAL:
            return settled
        raise Unproven("column type", "a column that holds JSON")
    return found


def _plain(node: Node, column: ColumnType, item: pa.Field) -> Node:
    """A column as it is computed with: whole numbers of 64 bits, binary ones of 64."""
    sized = {Kind.INTEGER: BIGINT, Kind.FLOAT: DOUBLE}.get(column.kind)
    return node if sized is None or column.item is not None or _copied(item.type) else Cast(node, sized)


def _copied(type_: pa.DataType) -> bool:
    """Whether a column of a type may go into the target without a query."""
    import pyarrow as pa

    is_ = pa.types
    texts = is_.is_string(type_) or (is_.is_dictionary(type_) and is_.is_string(type_.value_type))
    return bool(texts or is_.is_int64(type_) or is_.is_float64(type_) or is_.is_boolean(type_)
                or is_.is_date32(type_))  # fmt: skip


@dataclass
class _Shape:
    """Gives what a rule made the types of the target's columns."""

    query: Query
    rules: Rules
    made: Made
    copies: Mapping[str, int]
    check: bool
    outputs: list[tuple[str, Node]] = field(default_factory=list)
    fine: list[Node] = field(default_factory=list)

    def leaves(self, made: Made, target: Any, there: Node) -> dict[str, Leaf]:
        """The columns of an object; ``there`` says where it is."""
        return {item.name: self._leaf(made, item, there) for item in target}

    def _leaf(self, made: Made, item: Any, there: Node) -> Leaf:
        import pyarrow as pa

        value = made.slots.get(item.name)
        if value is None or value.kind is Kind.NULL:
            return Leaf()
        if item.name in made.inner:
            inner = made.inner[item.name]
            if inner.variable is not None:
                return self._objects(value, inner, item, there)
            if not inner.slots and inner.exists != TRUE:
                return Leaf()
            if not pa.types.is_struct(item.type):
                raise Unproven("column type", f"slot {item.name} as {item.type}")
            alias = self._output(both(there, inner.exists))
            names = {part.name for part in item.type}
            if not names >= inner.slots.keys():
                raise Unproven("column type", f"slot {item.name}")
            return Leaf(there=alias, inner=self.leaves(inner, item.type, both(there, inner.exists)), rule=inner.rule.id)
        node = self._typed(value, item.type, f"slot {item.name}")
        if there == TRUE and isinstance(node, Name) and node.text in self.copies:
            return Leaf(copied=self.copies[node.text])
        if there != TRUE:
            node = Choose(((there, node),))
        return Leaf(column=self._output(node))

    def _objects(self, value: Value, inner: Made, item: Any, there: Node) -> Leaf:
        """A column of lists of objects: each of them is packed as it is made."""
        import pyarrow as pa

        if not pa.types.is_list(item.type) or not pa.types.is_struct(item.type.value_type):
            raise Unproven("column type", f"slot {item.name} as {item.type}")
        made = Each(value.node, inner.variable or "", self._packed(inner, item.type.value_type))
        node: Node = made if there == TRUE else Choose(((there, made),))
        return Leaf(column=self._output(node), rule=inner.rule.id)

    def _packed(self, made: Made, type_: Any) -> Node:
        """An object with all the fields of its type."""
        import pyarrow as pa

        told_apart({item.name: None for item in type_}, type_.num_fields)
        fields: list[tuple[str, Node]] = []
        for item in type_:
            value = made.slots.get(item.name)
            inner = made.inner.get(item.name)
            if inner is not None and value is not None and value.kind is not Kind.NULL:
                if inner.variable is not None or not pa.types.is_struct(item.type) or not inner.slots:
                    raise Unproven("lists", f"slot {item.name} in the objects of a list")
                fields.append((item.name, Choose(((inner.exists, self._packed(inner, item.type)),))))
                continue
            if value is None or value.kind is Kind.NULL:
                wanted = _sql_type(item.type)
                if wanted is None:
                    raise Unproven("column type", f"slot {item.name} as {item.type}")
                fields.append((item.name, Cast(NULL, wanted)))
                continue
            before = len(self.fine)
            fields.append((item.name, self._typed(value, item.type, f"slot {item.name}")))
            if any(test != TRUE for test in self.fine[before:]):
                raise Unproven("digits", f"slot {item.name} in the objects of a list")
            del self.fine[before:]
        return Pack(tuple(fields))

    def _output(self, node: Node) -> str:
        alias = f"o{len(self.outputs)}"
        self.outputs.append((alias, node))
        return alias

    def _typed(self, value: Value, type_: Any, what: str) -> Node:
        """A value as a column of a type holds it; rows whose value it does not hold are not fine."""
        import pyarrow as pa

        if pa.types.is_list(type_) and value.many:
            return self._list(value, type_, what)
        wanted = _sql_type(type_)
        if wanted is None or value.many:
            raise Unproven("column type", f"{what} as {type_}")
        if wanted.name == "DECIMAL" and value.kind in (Kind.DECIMAL, Kind.INTEGER):
            room = wanted.width - wanted.scale
            if value.scale > wanted.scale:
                raise Unproven("digits", what)
            fitting = narrowed(replace(value, fine=TRUE), min(value.width, room + value.scale), self.query)
            self.fine.append(fitting.fine)
            return Cast(fitting.node, wanted)
        if _HOLDS.get(wanted.name, Kind.NULL) is value.kind:
            return value.node
        if wanted is VARCHAR and value.kind in (Kind.DATE, Kind.DATETIME):
            return Cast(value.node, VARCHAR)
        raise Unproven("column type", f"{what}: a value of kind {value.kind} as {type_}")

    def _list(self, value: Value, type_: Any, what: str) -> Node:
        wanted = _sql_type(type_.value_type)
        if wanted is None or _HOLDS.get(wanted.name) is not value.kind:
            raise Unproven("lists", f"{what} as {type_}")
        return value.node

    def compiled(self, rule: str, source: Any, target: Any, leaves: dict[str, Leaf]) -> Columnar:
        """The query as a whole."""
        made = self.made
        unwanted = Not(made.wanted)
        asked = (made.valid, *self.fine) if self.check else self.fine
        tests = both(made.fine, *(either(unwanted, test) for test in asked if test != TRUE))
        outputs = list(self.outputs)
        filters = made.wanted != TRUE
        if tests != TRUE:
            outputs.append(("fine", tests))
        if filters:
            outputs.append(("wanted", made.wanted))
        for number, note in enumerate(made.notes):
            when = both(made.wanted, note.when)
            outputs.append((f"n{number}", when if note.kind == "defaulted" else Choose(((when, note.code),))))
        if not outputs:
            outputs.append(("nothing", TRUE))
        sql = self.query.text(outputs, ROWS)
        if len(sql) > _LONGEST:
            raise Refused((Gap("size", f"rule {rule}", made.rule.origin),))
        used = tuple(index for index in range(len(source)) if f'"c{index}"' in sql)
        return Columnar(rule, source, target, sql, used, leaves, tuple(made.notes), tests == TRUE, filters)


_LONGEST: Final = 1 << 20
_HOLDS: Final = {
    "VARCHAR": Kind.STRING, "BIGINT": Kind.INTEGER, "DOUBLE": Kind.FLOAT, "BOOLEAN": Kind.BOOLEAN, "DATE": Kind.DATE,
}  # fmt: skip


def _sql_type(type_: Any) -> SqlType | None:
    """The type of DuckDB for a scalar column of Arrow."""
    import pyarrow as pa

    is_ = pa.types
    if is_.is_decimal128(type_):
        return decimal_type(type_.precision, type_.scale)
    for test, found in ((is_.is_string, VARCHAR), (is_.is_int64, BIGINT), (is_.is_float64, DOUBLE),
                        (is_.is_boolean, BOOLEAN), (is_.is_date32, DATE)):  # fmt: skip
        if test(type_):
            return found
    return None


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

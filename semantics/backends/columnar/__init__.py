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
    Name,
    Node,
    Not,
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

__all__ = ["GAPS", "Chunk", "Columnar", "Gap", "Refused", "compile_columns", "plan_gaps", "session"]

ROWS: Final = "rows"
"""The relation that a query reads."""


class Refused(Exception):
    """A plan, or the columns that it is to be carried out on, with gaps."""

    def __init__(self, gaps: tuple[Gap, ...]) -> None:
        self.gaps = gaps
        super().__init__(f"{len(gaps)} gaps")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A column of the target that the query gives, or none; an object is made of those inside it.

    ``column`` is its name in the result; without one every row has null. ``there`` says where an object is.
    """

    column: str | None = None
    there: str | None = None
    inner: Mapping[str, Leaf] | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """What a query made of some rows, all of which are ordinary.

    ``table`` has a row for each that was wanted; ``wanted`` says which these are (None: all of them).
    ``notes`` are for the ledger: (kind, slot, code, how often).
    """

    table: pa.Table
    wanted: pa.Array | None
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

    def run(self, connection: Any, rows: pa.Table) -> Chunk | None:
        """What becomes of some rows; None where one of them is out of the ordinary. Raises nothing else."""
        given = rows.select(list(self.used)) if self.used else rows.select([])
        if not self.used:
            import pyarrow as pa

            given = pa.table({"c": pa.nulls(rows.num_rows, pa.int8())})
        else:
            given = given.rename_columns([f"c{index}" for index in self.used])
        connection.register(ROWS, given)
        try:
            found = connection.sql(self.sql).to_arrow_table()
        except Exception:  # whatever it is, the ordinary engine knows better
            return None
        finally:
            connection.unregister(ROWS)
        return self._chunk(found)

    def _chunk(self, found: pa.Table) -> Chunk | None:
        import pyarrow as pa
        import pyarrow.compute as pc

        found = found.combine_chunks()
        if not self.always and not pc.min(found["fine"]).as_py() and found.num_rows:
            return None
        wanted = None
        notes = tuple(self._noted(found))
        if self.filters:
            wanted = found["wanted"].combine_chunks()
            wanted = wanted.chunk(0) if isinstance(wanted, pa.ChunkedArray) else wanted
            if wanted.true_count == len(wanted):
                wanted = None
            else:
                found = found.filter(wanted).combine_chunks()
        counts = Counts(found.num_rows)
        columns = _arrays(found)
        made = [_assembled(columns, self.leaves[item.name], item.type, found.num_rows, counts, item.name)
                for item in self.target]  # fmt: skip
        return Chunk(pa.Table.from_arrays(made, schema=self.target), wanted, notes, counts)

    def _noted(self, found: pa.Table) -> Iterator[tuple[str, str, str, int]]:
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


def _arrays(found: pa.Table) -> dict[str, Any]:
    """The columns of a result, each in one piece."""
    import pyarrow as pa

    arrays = {}
    for name, column in zip(found.column_names, found.columns, strict=True):
        one = column.combine_chunks()
        if isinstance(one, pa.ChunkedArray):
            one = one.chunk(0) if one.num_chunks else pa.array([], column.type)
        arrays[name] = one
    return arrays


def _assembled(columns: dict[str, Any], leaf: Leaf, type_: Any, rows: int, counts: Counts, name: str) -> Any:
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
    if leaf.column is None:
        return pa.nulls(rows, type_)
    column = columns[leaf.column]
    counts.present[name] = rows - column.null_count
    return column if column.type == type_ else column.cast(type_)


# -- compiling -------------------------------------------------------------------------------------


def plan_gaps(plan: Plan, source_class: str) -> tuple[Gap, ...]:
    """The gaps of a plan as a whole, whatever the columns are."""
    starts = plan.roots.get(source_class, ())
    found = (
        ("dialect", plan.dialect != "strict" or plan.document is not None),
        ("joins", bool(plan.lookups)),
        ("groups", bool(plan.groups)),
        ("function", bool(plan.needs)),
        ("several rules", len(starts) != 1),
    )
    return tuple(Gap(name, f"mapping {plan.name}") for name, there in found if there)


def compile_columns(
    plan: Plan, source_class: str, model: SchemaModel, source: pa.Schema, target: pa.Schema
) -> Columnar:
    """The query that carries a plan out on rows of a source class.

    ``model`` is the target schema, ``target`` its root class as Arrow has it. Raises :class:`Refused` with all gaps.
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
    nodes: dict[str, Node] = {item.name: Name(f"c{index}") for index, item in enumerate(source)}
    record = Value(NULL, Kind.OBJECT, fields=columns, columns=_plain(nodes, columns))
    made = rules.made(rule, {rule.scopes[0]: record})
    if rules.gaps:
        raise Refused(tuple(rules.gaps))
    shape = _Shape(query, rules, made)
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


_SIZED: Final = {Kind.INTEGER: BIGINT, Kind.FLOAT: DOUBLE}


def _plain(nodes: dict[str, Node], columns: Mapping[str, ColumnType]) -> dict[str, Node]:
    """The columns as they are computed with: whole numbers of 64 bits, binary ones of 64."""
    return {
        name: Cast(node, _SIZED[columns[name].kind]) if columns[name].kind in _SIZED and not columns[name].item
        else node for name, node in nodes.items()
    }  # fmt: skip


@dataclass
class _Shape:
    """Gives what a rule made the types of the target's columns."""

    query: Query
    rules: Rules
    made: Made
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
        if there != TRUE:
            node = Choose(((there, node),))
        return Leaf(column=self._output(node))

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
            fitting = narrowed(value, min(value.width, room + value.scale), self.query)
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
        tests = both(made.fine, *(either(unwanted, test) for test in (made.valid, *self.fine) if test != TRUE))
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
    connection.execute("SET lock_configuration = true")
    return connection

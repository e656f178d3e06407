"""The columnar backend: a plan as one query over columns, for the plans and rows of which it is shown to be the same.

A plan with a construct of :data:`~semantics.backends.columnar.gaps.GAPS` is not carried out here at all. Of the
others the query gives, beside the columns of the target, for every row whether the ordinary engine would do exactly
this with it. Where that is not so (a value that cannot be read, converted or that is not valid, a number of too many
digits) it is that engine's row: it tells what is wrong, and rejects it.

The query is run by DuckDB, in memory, with no access to anything but the rows that it is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from semantics.backends.columnar.cells import cell_value
from semantics.backends.columnar.gaps import GAPS, Gap, Unproven
from semantics.backends.columnar.rules import Made, Rules
from semantics.backends.columnar.run import ROWS, Chunk, Columnar, Counts, Found, Leaf, session
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
from semantics.lexical import Primitive
from semantics.plan.model import Plan

if TYPE_CHECKING:
    import pyarrow as pa

    from semantics.schema.model import SchemaModel

__all__ = ["GAPS", "Chunk", "Columnar", "Counts", "Found", "Gap", "Refused", "compile_columns", "plan_gaps", "session"]


class Refused(Exception):
    """A plan, or the columns that it is to be carried out on, with gaps."""

    def __init__(self, gaps: tuple[Gap, ...]) -> None:
        self.gaps = gaps
        super().__init__(f"{len(gaps)} gaps")


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
    plan: Plan,
    source_class: str,
    model: SchemaModel,
    source: pa.Schema,
    target: pa.Schema,
    *,
    check: bool = True,
    cells: Sequence[Primitive | None] = (),
) -> Columnar:
    """The query that carries a plan out on rows of a source class.

    ``model`` is the target schema, ``target`` its root class as Arrow has it; ``check``: instances must be valid.
    ``cells``: the columns are those of a text format, whose cells hold values of these types (None: text).
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
    nodes = {item.name: _plain(Name(f"c{index}"), columns[item.name], item) for index, item in enumerate(source)}
    readable = _read_cells(query, source, cells, columns, nodes)
    rules = Rules(plan, model, query)
    rule = plan.rules[plan.roots[source_class][0]]
    record = Value(NULL, Kind.OBJECT, fields=columns, columns=nodes)
    made = rules.made(rule, {rule.scopes[0]: record})
    if rules.gaps:
        raise Refused(tuple(rules.gaps))
    copies = {f"c{index}": index for index, item in enumerate(source) if _copied(item.type)}
    shape = _Shape(query, rules, made, copies, check, readable)
    try:
        leaves = shape.leaves(made, target, TRUE)
    except Unproven as fault:
        raise Refused((Gap(fault.name, fault.what, rule.origin),)) from None
    return shape.compiled(rule.id, source, target, leaves)


def _read_cells(
    query: Query, source: pa.Schema, cells: Sequence[Primitive | None], columns: dict[str, ColumnType],
    nodes: dict[str, Node],
) -> Node:  # fmt: skip
    """Put what the cells hold in the place of their text; gives for which rows all of them can be read.

    Raises :class:`Refused` with all columns that cannot.
    """
    gaps = []
    tests = []
    for item, primitive in zip(source, cells, strict=bool(cells)):
        if primitive is None:
            continue
        try:
            value = cell_value(nodes[item.name], primitive, query)
        except Unproven as fault:
            gaps.append(Gap(fault.name, f"column {item.name}: {fault.what}"))
            continue
        nodes[item.name] = value.node
        columns[item.name] = ColumnType(value.kind, value.width, value.scale, value.settled)
        tests.append(value.fine)
    if gaps:
        raise Refused(tuple(gaps))
    return both(*tests)


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
    readable: Node = TRUE
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
        tests = both(self.readable, made.fine, *(either(unwanted, test) for test in asked if test != TRUE))
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

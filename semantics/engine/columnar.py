"""A run by columns: chunks of a table through the columnar backend, and those with anything unusual the ordinary way.

Which runs go so is told by :func:`columnar_run` before the first record: the plan must have no gap, and input and
output be tables. What comes out is what the ordinary run writes, rejects and counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from semantics.backends.columnar import Chunk, Columnar, Found, Gap, Refused, compile_columns, plan_gaps, session
from semantics.engine.batches import Position, RecordBatch
from semantics.engine.carrier import Carrier, Part
from semantics.engine.chunks import CELLS, CellTable, ParquetTable, Rows, Table, cell_fields
from semantics.engine.columns import made_state, source_state
from semantics.engine.filters import refusal
from semantics.engine.ledger import LedgerState
from semantics.engine.tally import TallyState
from semantics.errors import Diagnostic, Location, SemanticsError, SourceError, UsageError, closest, escaped
from semantics.lexical import FROM_TEXT, Primitive
from semantics.sources.stream import Input

if TYPE_CHECKING:
    from semantics.engine.inputs import Inputs
    from semantics.engine.mapping import Mapping
    from semantics.sinks.tables import TableSink

__all__ = ["BACKENDS", "ColumnarRun", "Refusal", "columnar_run", "plain_file"]

BACKENDS: Final = ("auto", "python", "columnar")
"""What a run can be asked for: "auto" goes by columns where that is proven, and quicker."""
SMALL: Final = 5_000
"""Rows from which on a query pays for its start, which takes about as long as the ordinary way with so many."""
_PRIMITIVE: Final = {read: primitive for primitive, read in FROM_TEXT.items()}
"""The declared type of a column of cells, by what reads these."""

_T = TypeVar("_T")
_Carried = tuple[Rows, Found | None]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a run does not go by columns: in a few words, and with the gaps of the plan where these are the reason.

    ``told``: the report says so, since input and output are tables.
    """

    reason: str
    gaps: tuple[Gap, ...] = ()
    told: bool = True

    @property
    def facts(self) -> dict[str, Any]:
        """What the report says of it: the reason where columns would have been possible by what goes in and out."""
        return {"backend": "python", **({"because": self.reason} if self.told else {})}

    def fault(self) -> UsageError:
        """The refusal of a run that was to go by columns."""
        hint = "leave out --backend, or say --backend python"
        first = Diagnostic("RUN110", f"this run cannot go by columns: {self.reason}", hint=hint)
        listed = [Diagnostic("RUN111", f"{gap.what}: {_text(gap)}", gap.origin) for gap in self.gaps]
        return UsageError([first, *listed])


def _text(gap: Gap) -> str:
    from semantics.backends.columnar import GAPS

    return GAPS[gap.name]


@dataclass
class ColumnarRun:
    """The tables of a run, with their queries. ``left`` counts the rows that went the ordinary way."""

    mapping: Mapping
    inputs: Inputs
    tables: tuple[Table, ...]
    rows: int = 0
    left: int = 0
    _sink: TableSink | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """What the report says of it."""
        return {"backend": "columnar", "rows": {"by_columns": self.rows, "by_records": self.left}}

    def sink(self, output: str) -> TableSink:
        """Where the tables go. Raises :class:`SinkError`."""
        from semantics.sinks import open_encoder
        from semantics.sinks.arrow_schema import arrow_class
        from semantics.sinks.output import open_output
        from semantics.sinks.tables import TableSink

        plan, target = self.mapping.plan, self.mapping.prepared.target
        (name,) = {plan.rules[table.query.rule].target_class for table in self.tables}
        encoder = open_encoder("parquet", target, classes=(name,))
        self._sink = TableSink(encoder, arrow_class(target, name), open_output(Path(output)))
        return self._sink

    def parts(self, carrier: Carrier, jobs: int | None = None) -> Iterator[Part]:
        """Every chunk in order: its table is written, and its counts are taken. Raises :class:`SourceError`.

        Unless there is to be one job, one thread reads, one has the query run, and this one writes.
        """
        sink = self._sink
        assert sink is not None
        for table in self.tables:
            self.inputs.formats[table.path] = table.format
            with ExitStack() as stack:
                connection = session()
                stack.callback(connection.close)
                ahead = partial(_ahead, stack=stack) if jobs != 1 else _alone

                def carried(rows: Rows, query: Columnar = table.query, connection: Any = connection) -> list[_Carried]:
                    return [(piece, _found(piece, query, connection)) for piece in rows.pieces()]

                for rows, found in chain.from_iterable(ahead(map(carried, ahead(table.chunks())))):
                    for first, count, holds in found.parts() if found is not None else ((0, rows.count, False),):
                        if found is not None and holds:
                            yield self._part(table, found.chunk(first, count), carrier, sink)
                        else:
                            yield from self._ordinary(table, rows, first, count, carrier)

    def _part(self, table: Table, chunk: Chunk, carrier: Carrier, sink: TableSink) -> Part:
        """Write and count rows that went by columns."""
        sink.add(chunk.table)
        state = self._counted(table, chunk)
        self.rows += state.read
        carrier.ledger.merge(state)
        return Part(records=state.read, size=chunk.kept.nbytes, emitted=state.emitted)

    def _counted(self, table: Table, chunk: Chunk) -> LedgerState:
        query, mapped = table.query, chunk.table.num_rows
        filtered = chunk.others.num_rows if chunk.others is not None else 0
        sources: list[tuple[str, str | None, list[str], TallyState]] = []
        if mapped:
            sources.append(("mapped", table.source_class, [query.rule], source_state(chunk.kept)))
        if chunk.others is not None:
            sources.append(("filtered", table.source_class, [], source_state(chunk.others)))
        defaulted: Counter[str] = Counter()
        unmapped: dict[str, dict[str, int]] = {}
        for kind, slot, code, count in chunk.notes:
            if kind == "defaulted":
                defaulted[slot] += count
            else:
                codes = unmapped.setdefault(slot, {})
                codes[code] = codes.get(code, 0) + count
        fates = {"Mapped": mapped, "Filtered": filtered}
        return LedgerState(
            read=mapped + filtered, emitted=mapped, groups={}, sources=sources,
            instances={query.rule: made_state(chunk.counts)} if mapped else {},
            fates={name: count for name, count in fates.items() if count}, defaulted=dict(defaulted), unmapped=unmapped,
            reasons=[], filters={refusal(self.mapping.plan, table.source_class): filtered} if filtered else {},
        )  # fmt: skip

    def _ordinary(self, table: Table, rows: Rows, first: int, count: int, carrier: Carrier) -> Iterator[Part]:
        """Rows with one among them that is out of the ordinary: all of them as records."""
        self.left += count
        for records in rows.records(first, count):
            keyed = [(f"{table.ordinal}-{record.number}", record) for record in records]
            yield carrier.carry(RecordBatch(keyed, Position(table.ordinal, records[-1].number)))


def _found(rows: Rows, query: Columnar, connection: Any) -> Found | None:
    """What the query gives for rows; None where it cannot be run on them."""
    return None if rows.table is None else query.run(connection, rows.table)


def _alone(items: Iterator[_T]) -> Iterator[_T]:
    return items


def _ahead(items: Iterator[_T], stack: ExitStack) -> Iterator[_T]:
    """The same items, each made by another thread while the one before is at work."""
    pool = stack.enter_context(ThreadPoolExecutor(1))
    end = object()
    waiting = pool.submit(next, items, end)
    while (item := waiting.result()) is not end:
        waiting = pool.submit(next, items, end)
        yield item  # type: ignore[misc]  # not the end


# -- which runs -------------------------------------------------------------------------------------


def plain_file(output: str) -> bool:
    """Whether an output is a file by itself, or will be."""
    path = Path(output)
    return output != "-" and (path.is_file() or not path.exists()) and path.suffix.lower() not in (".gz", ".zst")


def columnar_run(
    mapping: Mapping, inputs: Inputs, format_name: str, asked: str, others: Sequence[tuple[str, bool]]
) -> ColumnarRun | Refusal:
    """The run by columns, or why it is none. ``others``: what else is asked of the run, which needs records.

    ``asked`` is one of :data:`BACKENDS`. Raises :class:`UsageError` (``RUN112``) for anything else, and with "columnar"
    (``RUN110``, ``RUN111``) where it cannot be.
    """
    if asked not in BACKENDS:
        message = f"there is no backend '{escaped(asked)}' for a run"
        raise UsageError(Diagnostic("RUN112", message, hint=closest(asked, BACKENDS) or ", ".join(BACKENDS)))
    if asked == "python" or mapping.backend != "python":
        return Refusal("it was asked for", told=False)
    found = _considered(mapping, inputs, format_name, others)
    if isinstance(found, Refusal):
        if asked == "columnar":
            raise found.fault()
        return found
    rows = sum(table.rows for table in found.tables)
    if asked == "auto" and rows < SMALL:
        return Refusal(f"{rows} rows are mapped before a query has begun")
    return found


def _considered(
    mapping: Mapping, inputs: Inputs, format_name: str, others: Sequence[tuple[str, bool]]
) -> ColumnarRun | Refusal:
    """The run by columns as far as it is possible."""
    if format_name != "parquet":
        return Refusal(f"the output is {format_name}, not parquet", told=False)
    try:
        files = list(inputs.files())
    except SemanticsError:
        return Refusal("an input cannot be opened")
    formats = {"parquet", *CELLS}
    if any(
        fmt not in formats or path == "-" or in_folder or not Path(path).is_file() for path, fmt, in_folder in files
    ):
        return Refusal("an input is not a Parquet or CSV file by its name", told=False)
    for what, there in others:
        if there:
            return Refusal(what)
    try:
        import duckdb  # noqa: F401
        import pyarrow  # noqa: F401
    except ImportError as fault:
        return Refusal(f"{fault.name} is not installed (pip install 'semantics[duckdb]')")
    tables = []
    for ordinal, (path, fmt, _) in enumerate(files, start=1):
        try:
            tables.append((_parquet_table if fmt == "parquet" else _cell_table)(mapping, inputs, ordinal, path, fmt))
        except Refused as fault:
            return Refusal("the mapping has parts that are not carried out by columns", fault.gaps)
        except SemanticsError:
            return Refusal("an input cannot be opened")
    if len({mapping.plan.rules[table.query.rule].target_class for table in tables}) != 1:
        return Refusal("the inputs give instances of several classes")
    return ColumnarRun(mapping, inputs, tuple(tables))


def _parquet_table(mapping: Mapping, inputs: Inputs, ordinal: int, path: str, fmt: str) -> Table:
    """A Parquet file with its query. Raises :class:`Refused`, or what its reader raises."""
    from semantics.sources import open_source

    options = inputs.options(fmt)
    next(open_source(Path(path), fmt, options), None)  # what the ordinary reader says of it
    schema, metadata = _opened(path)
    source_class = options.tabular(tuple(schema.names), path).class_name if options.tabular is not None else None
    query = _query(mapping, source_class, path, schema)
    size = sum(metadata.row_group(index).total_byte_size for index in range(metadata.num_row_groups))
    return ParquetTable(ordinal, path, str(source_class), metadata.num_rows, query, size, inputs.limits)


def _cell_table(mapping: Mapping, inputs: Inputs, ordinal: int, path: str, fmt: str) -> Table:
    """A table in a text format with its query. Raises :class:`Refused`, or what its reader raises."""
    options, source = inputs.options(fmt), Input(Path(path), path)
    table = CELLS[fmt](source, options)
    shape = table.shape
    odd = [name for name, read in zip(table.header, shape.converters, strict=True) if read and read not in _PRIMITIVE]
    if odd or shape.paths or shape.keeps_empty:
        what = ", ".join(f"column {name}" for name in odd) or "columns that are more than cells"
        raise Refused((Gap("column type", f"{what}: read in a way of its own"),))
    cells = [None if read is None else _PRIMITIVE[read] for read in shape.converters]
    query = _query(mapping, shape.class_name, path, cell_fields(table.header), cells)
    first = next(table.rows.batches(), None)
    row = sum(map(len, first.raws)) // len(first.raws) + 1 if first else 1
    return CellTable(
        ordinal, path, str(shape.class_name), Path(path).stat().st_size // row, query, fmt, source, options
    )


def _query(
    mapping: Mapping, source_class: str | None, path: str, schema: Any, cells: Sequence[Primitive | None] = ()
) -> Columnar:
    """The query for rows of a class in columns. Raises :class:`Refused`."""
    from semantics.sinks.arrow_schema import arrow_class

    if source_class is None:
        raise Refused((Gap("several rules", f"a table of no class, {Path(path).name}"),))
    plan, target = mapping.plan, mapping.prepared.target
    if gaps := plan_gaps(plan, source_class):
        raise Refused(gaps)
    rule = plan.rules[plan.roots[source_class][0]]
    made = arrow_class(target, rule.target_class).schema
    return compile_columns(plan, source_class, target, schema, made, check=mapping.check, cells=cells)


def _opened(path: str) -> tuple[Any, Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            return file.schema_arrow, file.metadata
    except (pa.ArrowException, OSError, ValueError) as fault:
        raise SourceError(Diagnostic("SRC103", "the file cannot be read", Location(path))) from fault

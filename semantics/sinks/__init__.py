"""Sinks: instances of the shared model become bytes. One table lists the formats and loads them lazily."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from semantics.databases import DATABASES, database_kind
from semantics.errors import Diagnostic, UsageError, closest
from semantics.sinks.compression import plain_name

if TYPE_CHECKING:
    from semantics.schema.model import SchemaModel
    from semantics.sinks.base import EncodedSink, Encoder, SinkMark
    from semantics.sinks.output import Disk

__all__ = ["SINKS", "SinkSpec", "open_encoder", "open_sink", "sink_format"]


@dataclass(frozen=True, slots=True)
class SinkSpec:
    """One format: where its code is (``module:Class``), its file extensions, and what it is for.

    A ``streaming`` format holds no more than one instance in memory; its class is an
    :class:`~semantics.sinks.base.Encoder` made of ``(schema, classes)``. A format that cannot be appended to has a
    ``builder`` (``module:Class``) too, which makes the file of what its encoder gave (:mod:`semantics.sinks.spooled`).
    ``options`` are what its encoder can be told besides, by keyword.
    """

    target: str
    extensions: tuple[str, ...]
    purpose: str
    streaming: bool = True
    builder: str | None = None
    options: tuple[str, ...] = ()


SINKS: Final[dict[str, SinkSpec]] = {
    "json": SinkSpec("semantics.sinks.json:JsonArray", (".json",), "one JSON array, an instance a line"),
    "ndjson": SinkSpec("semantics.sinks.json:JsonLines", (".ndjson", ".jsonl"), "one JSON object a line"),
    "ntriples": SinkSpec(
        "semantics.sinks.ntriples:NTriples", (".nt",), "RDF, a triple a line, for loading into stores"
    ),
    "nquads": SinkSpec(
        "semantics.sinks.nquads:NQuads",
        (".nq",),
        "RDF, a triple a line and the graph that it is in",
        options=("graph",),
    ),
    "turtle": SinkSpec("semantics.sinks.turtle:Turtle", (".ttl",), "RDF for people to read"),
    "jsonld": SinkSpec("semantics.sinks.jsonld:JsonLd", (".jsonld",), "RDF as JSON, with its context inside"),
    "csv": SinkSpec(
        "semantics.sinks.delimited:Csv",
        (".csv",),
        "a row for each instance of one class, flattened",
        options=("csv_safe",),
    ),
    "tsv": SinkSpec(
        "semantics.sinks.delimited:Tsv",
        (".tsv",),
        "the same with tabs between cells",
        options=("csv_safe",),
    ),
    "parquet": SinkSpec(
        "semantics.sinks.parquet:ParquetRows",
        (".parquet", ".pq"),
        "a table with the model's types, nested; one class a file",
        builder="semantics.sinks.parquet:ParquetBuilder",
    ),
    "sqlite": SinkSpec(
        "semantics.sinks.sql.rows:SqliteRows", DATABASES["sqlite"], "tables of a SQLite file, made from the model",
        builder="semantics.sinks.sql.sqlite:SqliteBuilder",
    ),
    "duckdb": SinkSpec(
        "semantics.sinks.sql.rows:DuckdbRows", DATABASES["duckdb"], "tables of a DuckDB file, likewise",
        builder="semantics.sinks.sql.duckdb:DuckdbBuilder",
    ),
    "postgresql": SinkSpec(
        "semantics.sinks.sql.rows:PostgresqlRows", DATABASES["postgresql"],
        "tables of a PostgreSQL database, in one transaction",
        builder="semantics.sinks.sql.postgresql:PostgresqlLoader",
    ),
}  # fmt: skip
"""Every format by name."""


def sink_format(path: Path | str) -> str | None:
    """The format that a file name tells, or None; ``.gz`` or ``.zst`` at its end is left aside.

    >>> sink_format("out.TTL.zst"), sink_format("out.txt"), sink_format("-")
    ('turtle', None, None)
    """
    if (kind := database_kind(str(path))) is not None:
        return kind
    name = plain_name(Path(path).name.lower())
    for format_name, spec in SINKS.items():
        if name.endswith(spec.extensions):
            return format_name
    return None


def open_encoder(
    format_name: str,
    schema: SchemaModel,
    *,
    classes: Iterable[str] = (),
    options: Mapping[str, Any] | None = None,
) -> Encoder:
    """The encoder of a streaming format; workers use it to make the pieces of one output.

    ``classes`` are those that will be written, where that is known: prefixes and terms at the head of the
    output are then limited to what they need. Instances of other classes can be written all the same, but in tables.
    ``options`` are those of the format. Raises :class:`~semantics.errors.UsageError` for a name that is not in
    :data:`SINKS`, an option that is not one of the format, and what the encoder itself refuses.
    """
    spec = SINKS.get(format_name)
    if spec is None:
        hint = closest(format_name, SINKS) or f"known: {', '.join(SINKS)}"
        message = f"there is no output format named '{format_name}'"
        raise UsageError(Diagnostic("SNK001", message, hint=hint))
    told = {option: value for option, value in (options or {}).items() if value is not None}
    for option in told:
        if option not in spec.options:
            named = f"--{option.replace('_', '-')}"
            takes = ", ".join(name for name, other in SINKS.items() if option in other.options)
            raise UsageError(
                Diagnostic("SNK023", f"{named} does not go with {format_name}", hint=f"it is for: {takes}")
            )
    encoder: Encoder = _loaded(spec.target)(schema, tuple(classes), **told)
    return encoder


def _loaded(target: str) -> Any:
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)


def open_sink(
    format_name: str,
    target: Path | str,
    schema: SchemaModel,
    *,
    classes: Iterable[str] = (),
    options: Mapping[str, Any] | None = None,
    disk: Disk | None = None,
    mark: SinkMark | None = None,
) -> EncodedSink:
    """A sink that writes instances of ``schema`` to a path, or to standard output (``-``).

    ``classes`` and ``options`` are as for :func:`open_encoder`; ``disk`` stands in for the operating system in tests;
    ``mark`` is where an earlier run is gone on from.
    Raises :class:`~semantics.errors.UsageError` or :class:`~semantics.errors.SinkError`.
    """
    from semantics.sinks.base import EncodedSink
    from semantics.sinks.output import DISK, open_output

    named, begun = tuple(classes), None if mark is None else mark.output
    encoder = open_encoder(format_name, schema, classes=named, options=options)
    designed: Any = getattr(encoder, "design", None)  # of tables
    if format_name == "postgresql":
        from semantics.sinks.sql.postgresql import open_loaded

        output, loader = open_loaded(str(target), designed, disk=disk or DISK)
        return EncodedSink(encoder, output, contradictions=loader.contradictions)
    builder = SINKS[format_name].builder
    if builder is not None:
        from semantics.sinks.spooled import open_spooled

        made = _loaded(builder)(schema, named, *filter(None, (designed,)))
        spooled = open_spooled(target, made, form=format_name, disk=disk or DISK, mark=begun)
        return EncodedSink(encoder, spooled, mark, getattr(made, "contradictions", None))
    return EncodedSink(encoder, open_output(target, disk=disk or DISK, mark=begun), mark)

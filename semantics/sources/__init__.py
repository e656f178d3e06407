"""Sources: bytes to raw records, each with its exact bytes and its place.

:data:`SOURCES` lists every format; :func:`open_source` reads one input. A record that cannot be read
comes with a ``fault`` and reading goes on; what makes the rest unreadable raises
:class:`~semantics.errors.SourceError`. Sources know nothing of schemas: what they need is in
:class:`ReadOptions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final, cast

from semantics.databases import DATABASES, database_kind
from semantics.errors import Diagnostic, UsageError, closest
from semantics.records import Record
from semantics.sources.compressed import plain_name
from semantics.sources.options import (
    EACH,
    Each,
    Limits,
    ReadOptions,
    Selector,
    TableShape,
    parse_selector_path,
    selector_text,
)
from semantics.sources.stream import STDIN, Input

__all__ = [
    "EACH",
    "SOURCES",
    "STDIN",
    "Each",
    "Input",
    "Limits",
    "ReadOptions",
    "Selector",
    "SourceSpec",
    "TableShape",
    "open_source",
    "parse_selector_path",
    "plain_name",
    "selector_text",
    "source_format",
]

Reader = Callable[[Input, ReadOptions], Iterator[Record]]


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """One input format: the reader as ``module:function``, its file endings, what it is for.

    ``streaming``: memory does not grow with the input.
    """

    reader: str
    extensions: tuple[str, ...]
    streaming: bool
    purpose: str

    def load(self) -> Reader:
        """The reader, its module imported now."""
        module, _, function = self.reader.partition(":")
        return cast("Reader", getattr(import_module(module), function))


SOURCES: Final[dict[str, SourceSpec]] = {
    "json": SourceSpec(
        "semantics.sources.json_document:read",
        (".json",),
        True,
        "one JSON document; its records are found by path",
    ),
    "ndjson": SourceSpec(
        "semantics.sources.json_lines:read",
        (".ndjson", ".jsonl"),
        True,
        "one JSON value a line",
    ),
    "yaml": SourceSpec(
        "semantics.sources.yaml_document:read",
        (".yaml", ".yml"),
        True,
        "YAML 1.2: the items of a list, or documents; their records are found by path",
    ),
    "csv": SourceSpec(
        "semantics.sources.table:read_csv",
        (".csv",),
        True,
        "comma-separated values with a header (RFC 4180)",
    ),
    "tsv": SourceSpec(
        "semantics.sources.table:read_tsv",
        (".tsv",),
        True,
        "tab-separated values with a header",
    ),
    "xlsx": SourceSpec(
        "semantics.sources.xlsx:read",
        (".xlsx", ".xlsm"),
        False,
        "a workbook; each sheet is a table with a header",
    ),
    "xml": SourceSpec(
        "semantics.sources.xml_document:read",
        (".xml",),
        True,
        "one XML document; its records are found by path",
    ),
    "parquet": SourceSpec(
        "semantics.sources.parquet:read_parquet",
        (".parquet", ".pq"),
        True,
        "Apache Parquet, nested columns included",
    ),
    "arrow": SourceSpec(
        "semantics.sources.parquet:read_arrow",
        (".arrow", ".arrows", ".feather", ".ipc"),
        True,
        "Apache Arrow IPC, files and streams (Feather 2)",
    ),
    "turtle": SourceSpec(
        "semantics.sources.rdf:read_turtle",
        (".ttl",),
        False,
        "RDF 1.1 Turtle; instances of the source classes are records",
    ),
    "trig": SourceSpec(
        "semantics.sources.rdf:read_trig",
        (".trig",),
        False,
        "RDF 1.1 TriG, likewise, whatever the graphs",
    ),
    "rdfxml": SourceSpec(
        "semantics.sources.rdf:read_rdfxml",
        (".rdf",),
        False,
        "RDF 1.1 XML, likewise",
    ),
    "ntriples": SourceSpec(
        "semantics.sources.rdf:read_ntriples",
        (".nt",),
        False,
        "RDF 1.1 N-Triples, likewise; a bad line is rejected by itself",
    ),
    "nquads": SourceSpec(
        "semantics.sources.rdf:read_nquads",
        (".nq",),
        False,
        "RDF 1.1 N-Quads, likewise, whatever the graphs",
    ),
    "jsonld": SourceSpec(
        "semantics.sources.rdf:read_jsonld",
        (".jsonld",),
        False,
        "JSON-LD 1.1 with its context inside, likewise",
    ),
    "prov-json": SourceSpec(
        "semantics.sources.prov_json:read",
        (),
        False,
        "PROV-JSON, as the graph of PROV-O that it stands for; JSON files where the mapping says so",
    ),
    "prov-xml": SourceSpec(
        "semantics.sources.prov_xml:read",
        (),
        False,
        "PROV-XML, likewise; XML files where the mapping says PROV-JSON",
    ),
    "sqlite": SourceSpec(
        "semantics.sources.sql:read_sqlite",
        DATABASES["sqlite"],
        True,
        "a SQLite database: rows of its tables, or of a query",
    ),
    "duckdb": SourceSpec(
        "semantics.sources.sql:read_duckdb",
        DATABASES["duckdb"],
        True,
        "a DuckDB database, likewise",
    ),
    "postgresql": SourceSpec(
        "semantics.sources.sql:read_postgresql",
        DATABASES["postgresql"],
        True,
        "a PostgreSQL database by its connection string, likewise",
    ),
}
"""Every source format by name."""


def source_format(name: str) -> str | None:
    """The format that a file name or a connection string tells, or None; ``.gz`` and ``.zst`` are looked through.

    >>> source_format("meters.jsonl.gz"), source_format("meters.csv.zst")
    ('ndjson', 'csv')
    """
    if (kind := database_kind(name)) is not None:
        return kind
    lowered = plain_name(name.lower())
    for fmt, spec in SOURCES.items():
        if lowered.endswith(spec.extensions):
            return fmt
    return None


def open_source(path: Path | str, fmt: str, options: ReadOptions | None = None) -> Iterator[Record]:
    """The records of a file, or of standard input (``-``), in their order; nothing is read before the first.

    A database is a file, or a connection string.
    Raises :class:`UsageError` (``SRC012``) for an unknown format. While records are taken:
    :class:`SourceError` where the rest cannot be read, :class:`LimitError` where it grows too large.
    """
    spec = SOURCES.get(fmt)
    if spec is None:
        hint = closest(fmt, SOURCES) or f"known: {', '.join(SOURCES)}"
        raise UsageError(Diagnostic("SRC012", f"there is no input format '{fmt}'", hint=hint))
    if fmt in DATABASES:
        return spec.load()(Input(None, str(path)), options or ReadOptions())
    source = Input(None, STDIN) if path == "-" else Input(Path(path), str(path))
    return spec.load()(source, options or ReadOptions())

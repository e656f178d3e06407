"""The formats that commands take and give, said without loading what reads and writes them."""

from __future__ import annotations

from typing import Final

__all__ = ["INPUTS", "OUTPUTS"]

INPUTS: Final = (
    "json",
    "ndjson",
    "yaml",
    "csv",
    "tsv",
    "xlsx",
    "xml",
    "parquet",
    "arrow",
    "turtle",
    "trig",
    "rdfxml",
    "ntriples",
    "nquads",
    "jsonld",
    "prov-json",
    "prov-xml",
    "sqlite",
    "duckdb",
    "postgresql",
)
"""The names of :data:`semantics.sources.SOURCES` (a test compares)."""

OUTPUTS: Final = (
    "json", "ndjson", "ntriples", "nquads", "turtle", "jsonld", "csv", "tsv", "parquet", "sqlite", "duckdb",
    "postgresql",
)  # fmt: skip
"""The names of :data:`semantics.sinks.SINKS` (a test compares)."""

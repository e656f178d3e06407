"""The task by columns: postings from Parquet to Parquet, against the same query written by hand for DuckDB.

By hand nothing is validated, counted or kept in order to be rejected: it is the bare query. Both write the same rows
with the same compression, on all processors.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from peers import HERE, SAMPLE, Contestant, folder

__all__ = ["columns_hand", "columns_ours", "columns_records"]

MAPPING: Final = HERE.parent / "postings" / "mapping.yaml"
ROWS: Final = """
    COPY (
        WITH d AS (SELECT i, CAST((i * 2862933555777941757::HUGEINT + 3037000493) % 99999999999989 AS BIGINT) AS v
                   FROM range({rows}) t(i))
        SELECT 'P' || lpad(CAST(i AS VARCHAR), 9, '0') AS "PostingId",
               'GB' || CAST(i % 90 + 10 AS VARCHAR) || 'NWBK' || lpad(CAST(v AS VARCHAR), 14, '0') AS "Iban",
               CASE WHEN v % 5 = 0 THEN NULL ELSE 'name ' || CAST(v % 1000 AS VARCHAR) END AS "Nickname",
               (['Ada Lovelace', 'Grace Hopper', 'José Ñandú', 'Alan Turing', 'Łukasz Żak', 'Emmy Noether'])
                   [CAST(v % 6 AS INT) + 1] || ' ' || CAST(v % 9973 AS VARCHAR) AS "Holder",
               (['EUR', 'GBP', 'USD'])[CAST(v % 3 AS INT) + 1] AS "Currency",
               (['CurrentAccount', 'Savings', 'CreditCard', 'Mortgage'])[CAST(v % 4 AS INT) + 1] AS "SubType",
               DATE '1995-01-01' + CAST(v % 9000 AS INT) AS "Booked",
               (['Credit', 'Debit'])[CAST((v // 8) % 2 AS INT) + 1] AS "Indicator",
               CAST((v % 1000000000) * 0.01::DECIMAL(3, 2) AS DECIMAL(12, 2)) AS "Amount",
               v % 100 AS "Units",
               v % 17 = 0 AS "Reversed"
        FROM d ORDER BY i
    ) TO '{path}' (FORMAT parquet)
"""
BY_HAND: Final = """
    COPY (
        SELECT 'https://example.org/posting/' || url_encode("PostingId") AS id,
               "Iban" AS account_number, "Nickname" AS display_name, "Holder" AS holder_name, "Currency" AS currency,
               CASE "SubType" WHEN 'CurrentAccount' THEN 'current_account' WHEN 'Savings' THEN 'savings_account'
                              WHEN 'CreditCard' THEN 'credit_card' WHEN 'Mortgage' THEN 'mortgage' END AS product,
               "Booked" AS booked_on,
               CAST(CASE WHEN "Indicator" = 'Debit' THEN -"Amount" ELSE "Amount" END AS DECIMAL(38, 18))
                   AS signed_amount,
               "Units" AS units, "Reversed" AS reversed, "Holder" || ' / ' || "Currency" AS label
        FROM read_parquet('{source}')
    ) TO '{output}' (FORMAT parquet, COMPRESSION zstd)
"""
FEW: Final = 20_000
SLOTS: Final = """
    id, account_number, display_name, holder_name, currency, product, CAST(booked_on AS VARCHAR) AS booked_on,
    CAST(signed_amount AS DECIMAL(38, 18)) AS signed_amount, CAST(units AS BIGINT) AS units, reversed, label
"""
"""The columns of the output as they are compared; ``FEW`` rows are, and a digest of them all."""


def _contestant(count: int, convert: Callable[[Path, Path], object]) -> Contestant:
    """What makes a file of Parquet from another; the sample is its first rows, and what there is of all of them."""
    import duckdb

    connection = duckdb.connect()
    source, output = folder() / "postings.parquet", folder() / "shared.parquet"
    few, made = folder() / "few.parquet", folder() / "made.parquet"
    connection.execute(ROWS.format(rows=count, path=source))
    connection.execute(ROWS.format(rows=FEW, path=few))

    def sample() -> list[dict[str, Any]]:
        convert(few, made)
        rows = f"(SELECT {SLOTS} FROM read_parquet('{made}'))"
        first = connection.execute(f"SELECT * FROM {rows} LIMIT {SAMPLE}")
        names = [column[0] for column in first.description or ()]
        total = connection.execute(f"SELECT count(*), bit_xor(hash(t)) FROM {rows} t").fetchone()
        return [
            *(dict(zip(names, row, strict=True)) for row in first.fetchall()),
            {"all of them": str(total)},
        ]

    return Contestant(lambda: convert(source, output), sample, f"{count} rows")


def columns_hand(count: int) -> Contestant:
    """The query by hand."""
    import duckdb

    def convert(source: Path, output: Path) -> None:
        connection = duckdb.connect()
        connection.execute("SET enable_progress_bar = false")
        connection.execute(BY_HAND.format(source=source, output=output))

    return _contestant(count, convert)


def _ours(count: int, backend: str, jobs: int | None) -> Contestant:
    import semantics

    mapping = semantics.load_mapping(MAPPING)

    def convert(source: Path, output: Path) -> None:
        report = semantics.convert(mapping, source, output, backend=backend, jobs=jobs)
        if report.records["rejected"] or (backend == "columnar" and report.run["rows"]["by_records"]):
            raise AssertionError("not every row went by columns")

    return _contestant(count, convert)


def columns_ours(count: int) -> Contestant:
    """``semantics.convert(backend="columnar")``: validated, counted, written whole or not at all."""
    return _ours(count, "columnar", None)


def columns_records(count: int) -> Contestant:
    """``semantics.convert(backend="python")`` with all processors: what a run by columns saves."""
    return _ours(count, "python", None)

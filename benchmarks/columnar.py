"""Parquet to Parquet: a flat mapping with validation by columns, against the same query written by hand for DuckDB.

    python benchmarks/columnar.py [--rows 1000000] [--rounds 5]

Each contestant is a process of its own, so that its start counts too; they take turns, and the median counts. By hand
nothing is validated, counted or kept in order to be rejected: it is the bare query. Both write the same rows with the
same compression, which is checked before anything is measured; ``run`` is the time that the report tells.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
ROWS = """
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
BY_HAND = """
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
CONTESTANTS = {
    "by hand": f"""
import sys, time, duckdb
started = time.monotonic()
connection = duckdb.connect()
connection.execute("SET enable_progress_bar = false")
connection.execute({BY_HAND!r}.format(source=sys.argv[1], output=sys.argv[2]))
print(time.monotonic() - started, time.process_time())
""",
    "columnar": """
import sys, time, semantics
report = semantics.convert(sys.argv[3], sys.argv[1], sys.argv[2], backend="columnar", jobs=None)
assert report.run["rows"]["by_records"] == 0
print(report.run["seconds"], time.process_time())
""",
    "python": """
import sys, time, semantics
report = semantics.convert(sys.argv[3], sys.argv[1], sys.argv[2], backend="python", jobs=None)
print(report.run["seconds"], time.process_time())
""",
}
"""What each prints: the seconds of the run itself, and the processor time of the whole process."""


def measured(name: str, source: Path, output: Path) -> tuple[float, float, float]:
    """Seconds of the process, of the run itself, and of the processor."""
    started = time.monotonic()
    code = [sys.executable, "-c", CONTESTANTS[name], str(source), str(output), str(HERE / "postings" / "mapping.yaml")]
    told = subprocess.run(code, check=True, capture_output=True, text=True, cwd=HERE.parent).stdout.split()
    return time.monotonic() - started, float(told[0]), float(told[1])


def same(one: Path, other: Path) -> bool:
    """Whether two files hold the same rows in the same order."""
    import pyarrow.parquet as pq

    first, second = (pq.read_table(path).replace_schema_metadata() for path in (one, other))
    return bool(first.cast(second.schema).equals(second))


def main() -> None:
    """Measure, and print a table."""
    import duckdb

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--python", action="store_true", help="the ordinary run too")
    asked = parser.parse_args()
    names = [name for name in CONTESTANTS if name != "python" or asked.python]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "postings.parquet")
        duckdb.connect().execute(ROWS.format(rows=asked.rows, path=source))
        outputs = {name: Path(folder, f"{name.replace(' ', '_')}.parquet") for name in names}
        found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in names}
        for number in range(asked.rounds + 1):  # the first round warms up
            for name in names[number % 2 :] + names[: number % 2]:
                figures = measured(name, source, outputs[name])
                if number:
                    found[name].append(figures)
            if not number and not all(same(outputs["by hand"], output) for output in outputs.values()):
                raise SystemExit("the contestants do not write the same")
    print(f"{asked.rows} rows, {asked.rounds} rounds; medians in seconds\n")
    print("| | process | run | processor |\n| --- | --- | --- | --- |")
    for name, figures in found.items():
        process, run, processor = (statistics.median(column) for column in zip(*figures, strict=True))
        print(f"| {name} | {process:.2f} | {run:.2f} | {processor:.2f} |")
    pairs = list(zip(found["by hand"], found["columnar"], strict=True))
    ratios = [round(statistics.median(hand[i] / ours[i] for hand, ours in pairs), 2) for i in range(3)]
    print("\n" + json.dumps(dict(zip(("process", "run", "processor"), ratios, strict=True))))


if __name__ == "__main__":
    main()

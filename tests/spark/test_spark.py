"""Runs on Spark, in local mode: what comes out is what a local run gives."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import semantics
from semantics.engine.report import RunReport
from semantics.errors import SourceError, UsageError
from semantics.sinks.arrow_schema import arrow_class
from semantics.spark import SparkResult, convert

from .data import ROOT, lines

pytestmark = pytest.mark.spark

FACTS = ("run", "rejects_file")
"""What of a report is about files, clock and engine."""


def report_of(report: RunReport) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(report.to_json())
    for finding in told.get("findings", ()):
        del finding["location"]
    told["flows"] = {slot: {r: sorted(paths) for r, paths in rules.items()} for slot, rules in told["flows"].items()}
    return {name: value for name, value in told.items() if name not in FACTS}


def values(frame: Any) -> list[str]:
    return [row.value for row in frame.collect()]


def without_place(line: str | bytes) -> str:
    """A line of rejects without what a frame does not know."""
    entry = json.loads(line)
    return json.dumps(
        {key: entry[key] for key in entry if key not in ("source", "line", "byte", "key", "record", "after")}
    )


@pytest.fixture(params=["open-banking", "fhir-r4"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path, RunReport]:
    """A mapping, its input, and the report of the local run."""
    source = tmp_path / "in.ndjson"
    source.write_bytes(lines(request.param, 4))
    report = semantics.convert(request.param, source, tmp_path / "out.ndjson", report=str(tmp_path / "report.json"))
    return request.param, source, report


@pytest.mark.parametrize("partitions", [1, 2, 4])
def test_a_frame_gives_what_the_file_gives(spark: Any, run: tuple[str, Path, Any], partitions: int) -> None:
    """Instances, rejects and every count, for any number of partitions."""
    mapping, source, local = run
    folder = source.parent
    frame = spark.read.text(str(source), lineSep="\n").repartition(partitions)
    result = convert(frame, mapping, to="ndjson")
    assert Counter(values(result.instances)) == Counter((folder / "out.ndjson").read_text("utf-8").splitlines())
    rejected = (folder / "out.ndjson.rejects.ndjson").read_bytes().splitlines()
    assert sorted(map(without_place, values(result.rejects_text))) == sorted(map(without_place, rejected))
    assert report_of(result.report()) == report_of(local)
    result.close()


def test_the_frames_have_the_columns_of_the_files(spark: Any, run: tuple[str, Path, Any], tmp_path: Path) -> None:
    """Rejects by their keys, written as JSON and run again; the ledger adds up to the report."""
    mapping, source, local = run
    result = convert(spark.read.text(str(source), lineSep="\n"), mapping, to="ndjson")
    assert isinstance(result, SparkResult)
    rejects, report = result.rejects, result.report()
    assert Counter(row.code for row in rejects.select("code").collect()) == local.rejects
    rejects.coalesce(1).write.json(str(tmp_path / "rejects"))
    (written,) = (tmp_path / "rejects").glob("part-*.json")
    again = semantics.convert(mapping, written, tmp_path / "again.ndjson", replay=True, source_format="ndjson")
    assert again.records["rejected"] == local.records["rejected"]
    assert again.rejects == local.rejects
    ledger = {(r.account, r.name, r.measure): r["count"] for r in result.ledger.collect()}
    assert ledger["records", "read", "records"] == report.records["read"] == local.records["read"]
    for path, counts in local.source_slots.items():
        assert {name: ledger["source_slots", path, name] for name in counts} == counts
    for slot, counts in local.target_slots.items():
        assert {name: ledger["target_slots", slot, name] for name in counts} == counts
    result.close()


def test_what_is_no_frame_of_lines_is_refused(spark: Any) -> None:
    """SPK004, with the columns that there are."""
    for columns, row in (("id long, text string", (1, "a")), ("value long", (1,)), ("line string", ("{}",))):
        with pytest.raises(UsageError, match=r"SPK004[^$]*spark.read.text"):
            convert(spark.createDataFrame([row], columns), "open-banking")


def test_an_input_that_is_no_ndjson_ends_the_run(spark: Any, tmp_path: Path) -> None:
    """The finding of the task is the finding of the run."""
    (tmp_path / "in.ndjson").write_text('{\n"a": 1\n}\n')
    result = convert(spark.read.text(str(tmp_path / "in.ndjson")), "open-banking")
    with pytest.raises(SourceError, match="SRC008"):
        result.report()


@pytest.mark.parametrize("validate", ["none", "shacl", "both"])
def test_every_way_of_validating_is_carried_out(spark: Any, tmp_path: Path, validate: str) -> None:
    """Shapes are checked record by record, on the executors, too."""
    source = tmp_path / "in.ndjson"
    source.write_bytes(lines("open-banking"))
    local = semantics.convert("open-banking", source, tmp_path / "out.nt", validate=validate)
    result = convert(spark.read.text(str(source), lineSep="\n"), "open-banking", to="ntriples", validate=validate)
    triples = sorted(line for piece in values(result.instances) for line in piece.splitlines())
    assert triples == sorted((tmp_path / "out.nt").read_text("utf-8").splitlines())
    assert report_of(result.report()) == report_of(local)
    result.close()


ROW = {
    "AccountId": "A1", "Currency": "GBP", "AccountType": "Business", "AccountSubType": "CurrentAccount",
    "Account": [{"SchemeName": "UK.OBIE.IBAN", "Identification": "GB1", "Name": None}],
}  # fmt: skip


def test_rows_of_a_source_class_go_through_as_they_are(spark: Any, tmp_path: Path) -> None:
    """Nested columns of Parquet, with nulls and a row that is not valid: as a local run reads the file."""
    rows = [{**ROW, "AccountId": f"A{number}" if number % 5 else None} for number in range(23)]
    rows[7]["Account"] = []
    columns = (
        "AccountId string, Currency string, AccountType string, AccountSubType string, "
        "Account array<struct<SchemeName: string, Identification: string, Name: string>>"
    )
    spark.createDataFrame(rows, columns).coalesce(1).write.parquet(str(tmp_path / "in"))
    frame = spark.read.parquet(str(tmp_path / "in"))
    (file,) = (tmp_path / "in").glob("*.parquet")
    local = semantics.convert("open-banking", file, tmp_path / "out.ndjson")
    assert local.records["rejected"] == 5
    result = convert(frame.repartition(3), "open-banking", to="ndjson")
    assert Counter(values(result.instances)) == Counter((tmp_path / "out.ndjson").read_text("utf-8").splitlines())
    rejected = (tmp_path / "out.ndjson.rejects.ndjson").read_bytes().splitlines()
    assert sorted(json.loads(line)["raw"] for line in values(result.rejects_text)) == sorted(
        json.loads(line)["raw"] for line in rejected
    )
    assert report_of(result.report()) == report_of(local)
    result.close()


def test_instances_have_the_columns_of_their_class(spark: Any, tmp_path: Path) -> None:
    """Typed by the model, nested, exact, whatever the zone of the session; each class by itself."""
    source = tmp_path / "in.ndjson"
    source.write_bytes(lines("open-banking", 3))
    local = semantics.convert("open-banking", source, tmp_path / "out.ndjson")
    by_class: dict[str, list[Any]] = {}
    for line in (tmp_path / "out.ndjson").read_text("utf-8").splitlines():
        data = json.loads(line, parse_float=Decimal)
        by_class.setdefault(data["type"], []).append(data)
    spark.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
    try:
        result = convert(spark.read.text(str(source), lineSep="\n"), "open-banking")
        with pytest.raises(UsageError, match=r"SPK009.*\n.*instances_of"):
            result.instances  # noqa: B018
        with pytest.raises(UsageError, match="SPK009"):
            result.instances_of("Acount")
        assert report_of(result.report()) == report_of(local)
        for name in ("FinancialTransaction", "Balance", "FinancialAccount"):
            frame = result.instances_of(name)
            frame.coalesce(1).write.parquet(str(tmp_path / name))
            (file,) = (tmp_path / name).glob("*.parquet")
            table = pq.read_table(file)
            model = arrow_class(result.mapping.prepared.target, name)
            assert [field.name for field in table.schema] == [field.name for field in model.schema]
            wanted = [model.row(data) for data in by_class[name]]
            assert sorted(map(str, table.to_pylist())) == sorted(map(str, model.batch(wanted).to_pylist()))
        result.close()
    finally:
        spark.conf.set("spark.sql.session.timeZone", "UTC")


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, as a user has it."""
    return subprocess.run(
        [sys.executable, "-m", "semantics", "convert", *arguments], cwd=folder, capture_output=True, text=True,
        timeout=300, check=False, env={**os.environ, "PYTHONPATH": str(ROOT), "SOURCE_DATE_EPOCH": "1700000000"},
    )  # fmt: skip


def test_the_command_writes_what_a_local_run_writes(tmp_path: Path, spark: Any) -> None:
    """Two files cut into many parts, a folder that needs escapes: the same lines, the same rejects byte by byte, the
    same report, the same exit code, and nothing else on standard error."""
    folder = tmp_path / "a [b] ü"
    folder.mkdir()
    (folder / "one.ndjson").write_bytes(b"\xef\xbb\xbf" + lines("open-banking", 40))
    (folder / "two.ndjson").write_bytes(lines("open-banking", 3) + b"\n")
    local = command(tmp_path, "open-banking", folder.name, "-o", "local.ndjson", "--report", "local.json")
    done = command(tmp_path, "open-banking", folder.name, "-o", "out", "--report", "out.json",
                   "--engine", "spark", "--master", "local[2]")  # fmt: skip
    assert (done.returncode, local.returncode) == (1, 1), done.stderr
    assert done.stdout == ""
    # What a line of the rejects does not hold, the command cannot say: columns and hints.
    told = re.sub(r"^  hint: .*\n", "", local.stderr, flags=re.MULTILINE).replace("local", "out")
    told = re.sub(r"^(.*ndjson:\d+):\d+(?=[ #])", r"\1", told, flags=re.MULTILINE)
    assert done.stderr.splitlines() == told.replace("out.ndjson.rejects", "out.rejects").splitlines()
    parts = sorted((tmp_path / "out").glob("part-*"))
    written = b"".join(part.read_bytes() for part in parts)
    assert sorted(written.splitlines()) == sorted((tmp_path / "local.ndjson").read_bytes().splitlines())
    rejects = (tmp_path / "out.rejects.ndjson").read_bytes()
    assert rejects == (tmp_path / "local.ndjson.rejects.ndjson").read_bytes()
    assert oct((tmp_path / "out.rejects.ndjson").stat().st_mode)[-3:] == "600"
    one, two = (RunReport.load(tmp_path / name) for name in ("out.json", "local.json"))
    assert report_of(one) == report_of(two)
    assert one.findings == two.findings
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [
            folder.name,
            "out",
            "out.json",
            "out.rejects.ndjson",
            "local.json",
            "local.ndjson",
            "local.ndjson.rejects.ndjson",
        ]
    )


def test_parquet_goes_in_and_out_by_the_command(tmp_path: Path, spark: Any) -> None:
    """Rejects with the places of a local run, and for each class the rows that a local run writes."""
    rows = [{**ROW, "AccountId": f"A{number}" if number % 5 else None} for number in range(23)]
    columns = "AccountId string, Currency string, AccountType string, AccountSubType string"
    for number, part in enumerate((rows[:13], rows[13:])):
        narrow = [{name: row[name] for name in columns.replace(" string", "").split(", ")} for row in part]
        pq.write_table(pa.Table.from_pylist(narrow), tmp_path / f"{number}.parquet", row_group_size=4)
    (tmp_path / "local").mkdir()
    files = ("0.parquet", "1.parquet")
    local = command(tmp_path, "open-banking", *files, "-o", "local", "--to", "parquet", "--report", "local.json",
                    "--rejects", "local.rejects")  # fmt: skip
    done = command(tmp_path, "open-banking", *files, "-o", "out", "--to", "parquet", "--report", "out.json",
                   "--engine", "spark", "--master", "local[2]")  # fmt: skip
    assert (local.returncode, done.returncode) == (1, 1), local.stderr + done.stderr
    assert (tmp_path / "out.rejects.ndjson").read_bytes() == (tmp_path / "local.rejects").read_bytes()
    written = sorted((tmp_path / "local").glob("*.parquet"))
    assert sorted(path.name for path in (tmp_path / "out").glob("*.parquet")) == [path.name for path in written] != []
    for path in written:
        again = pq.read_table(tmp_path / "out" / path.name)
        assert sorted(map(str, again.to_pylist())) == sorted(map(str, pq.read_table(path).to_pylist()))
    one, two = (RunReport.load(tmp_path / name) for name in ("out.json", "local.json"))
    assert report_of(one) == report_of(two)


def test_too_many_rejects_leave_no_output(tmp_path: Path, spark: Any) -> None:
    """RUN007, and exit code 5."""
    (tmp_path / "in.ndjson").write_bytes(lines("open-banking"))
    done = command(tmp_path, "open-banking", "in.ndjson", "--max-rejects", "1", "-o", "out",
                   "--engine", "spark", "--master", "local[1]")  # fmt: skip
    assert done.returncode == 5, done.stderr
    assert "RUN007" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in.ndjson"]

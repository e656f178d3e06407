"""Databases through a whole run: tables as a folder of tables, rejects that are run again, no secret left anywhere."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import semantics
from semantics.errors import SourceError, UsageError

SOURCE: dict[str, Any] = {
    "id": "https://example.org/src", "name": "src", "default_prefix": "https://example.org/src/", "imports": ["linkml:types"],
    "classes": {
        "Meter": {"attributes": {"id": {"identifier": True, "required": True}, "kind": {}, "installed": {"range": "date"},
                                 "active": {"range": "boolean"}, "place": {"range": "Place", "inlined": True}}},
        "Place": {"attributes": {"street": {}, "lat": {"range": "decimal"}}},
        "Reading": {"attributes": {"meter": {"required": True}, "at": {"range": "datetime", "required": True},
                                   "value": {"range": "decimal"}}},
    },
}  # fmt: skip
TARGET: dict[str, Any] = {
    "id": "https://example.org/tgt", "name": "tgt", "default_prefix": "https://example.org/tgt/", "imports": ["linkml:types"],
    "classes": {
        "Device": {"attributes": {"id": {"identifier": True, "range": "string"}, "since": {"range": "date"},
                                  "active": {"range": "boolean"}, "street": {}, "lat": {"range": "decimal"}}},
        "Measurement": {"attributes": {"device": {}, "at": {"range": "datetime"}, "value": {"range": "decimal", "maximum_value": 100},
                                       "street": {}}},
    },
}  # fmt: skip
DEVICE: dict[str, Any] = {
    "populated_from": "Meter",
    "slot_derivations": {
        "id": None, "since": {"populated_from": "installed"}, "active": None, "street": {"populated_from": "place.street"},
        "lat": {"populated_from": "place.lat"},
    },
}  # fmt: skip
MEASUREMENT: dict[str, Any] = {
    "populated_from": "Reading",
    "slot_derivations": {"device": {"populated_from": "meter"}, "at": None, "value": None},
}
TABLES = (
    "CREATE TABLE \"Meter\" (id varchar(20) PRIMARY KEY, kind text, installed date, active {boolean}, place {json})",
    "CREATE TABLE \"Reading\" (meter varchar(20), \"at\" {moment}, value numeric(12,3))",
    "CREATE TABLE \"Other\" (x integer)",
    """INSERT INTO "Meter" VALUES ('m1', 'water', '2024-01-02', {true}, '{{"street": "A 1", "lat": 48.10}}'),
       ('m2', NULL, NULL, NULL, NULL)""",
    """INSERT INTO "Reading" VALUES ('m1', '2024-01-02T10:00:00Z', 12.500), ('m1', '2024-01-02T11:00:00Z', 101),
       ('m2', '2024-01-02T12:00:00Z', NULL)""",
)  # fmt: skip


def mapping(most: int = 100, **derivations: Any) -> Any:
    """Meters to devices, readings to measurements of at most 100."""
    target = json.loads(json.dumps(TARGET))
    target["classes"]["Measurement"]["attributes"]["value"]["maximum_value"] = most
    spec = {
        "source_schema": "src",
        "target_schema": "tgt",
        "class_derivations": derivations or {"Device": DEVICE, "Measurement": MEASUREMENT},
    }
    return semantics.load_mapping(spec, source_schema=SOURCE, target_schema=target)


def fill(kind: str, tmp_path: Path, server: str | None = None) -> str:
    """A database of this kind with the same tables in it."""
    words = {"boolean": "boolean", "json": "json", "moment": "timestamptz", "true": "true"}
    if kind == "sqlite":
        words |= {"moment": "text", "true": "1"}
        path = tmp_path / "meters.db"
        with sqlite3.connect(path) as connection:
            for text in TABLES:
                connection.execute(text.format(**words))
        connection.close()
        return f"sqlite:///{path}"
    if kind == "duckdb":
        import duckdb

        path = tmp_path / "meters.duckdb"
        with duckdb.connect(str(path)) as connection:
            for text in TABLES:
                connection.execute(text.format(**words))
        return str(path)
    import psycopg

    assert server is not None
    with psycopg.connect(server) as connection:
        for text in TABLES:
            connection.execute(text.format(**words))
    return server


@pytest.fixture(params=["sqlite", "duckdb", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each kind of database, filled alike."""
    server = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
    return fill(request.param, tmp_path, server)


def lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def run(inputs: str | Path | Sequence[str | Path], out: Path, made: Any = None, **options: Any) -> semantics.RunReport:
    """A conversion."""
    return semantics.convert(made or mapping(), inputs, out, **options)


DEVICES = [
    {"id": "m1", "since": "2024-01-02", "active": True, "street": "A 1", "lat": 48.1},
    {"id": "m2"},
]
MEASUREMENTS = [
    {"device": "m1", "at": "2024-01-02T10:00:00Z", "value": 12.5},
    {"device": "m2", "at": "2024-01-02T12:00:00Z"},
]


def test_all_tables_that_the_mapping_knows_are_read(database: str, tmp_path: Path) -> None:
    """As a folder of tables: the one that fits no class is passed over with a note."""
    out = tmp_path / "out.ndjson"
    report = run(database, out)
    assert sorted(lines(out), key=lambda one: "at" in one) == DEVICES + MEASUREMENTS
    assert report.records == {"read": 5, "mapped": 4, "rejected": 1, "filtered": 0, "emitted": 4}
    assert len(report.notes) == 1 and "#Other" in report.notes[0]


def test_a_rejected_row_is_run_again(database: str, tmp_path: Path) -> None:
    """Its line holds the row as JSON, and after a fix gives what the clean run gives."""
    out, again, clean = tmp_path / "out.ndjson", tmp_path / "again.ndjson", tmp_path / "clean.ndjson"
    run(database, out)
    (entry,) = lines(tmp_path / "out.ndjson.rejects.ndjson")
    assert entry["source"].endswith("#Reading") and entry["record"] == 2 and entry["pointer"] == "/value"
    assert json.loads(entry["raw"])["value"] == 101
    run(tmp_path / "out.ndjson.rejects.ndjson", again, mapping(200), replay=True)
    run(database, clean, mapping(200))
    assert sorted(map(str, lines(clean))) == sorted(map(str, [*lines(out), *lines(again)]))


def test_no_message_report_or_reject_holds_the_password(database: str, tmp_path: Path) -> None:
    """Nothing that a run leaves behind."""
    run(database, tmp_path / "out.ndjson", report=str(tmp_path / "report.json"), findings=str(tmp_path / "findings.json"),
        provenance=str(tmp_path / "prov.ttl"))  # fmt: skip
    written = [path for path in tmp_path.iterdir() if path.suffix in (".ndjson", ".json", ".ttl")]
    assert len(written) >= 5
    assert [path for path in written if b"geheim" in path.read_bytes()] == []


def test_a_query_is_read_instead(database: str, tmp_path: Path) -> None:
    """Its columns tell the class, as a header does."""
    out = tmp_path / "out.ndjson"
    report = run(database, out, query='SELECT meter, "at", value FROM "Reading" WHERE value < 100')
    assert lines(out) == MEASUREMENTS[:1] and report.notes == ()


def test_tables_that_are_asked_for_are_read(database: str, tmp_path: Path) -> None:
    """One of them, or several in their order; one of no class is an error then (RUN010)."""
    out = tmp_path / "out.ndjson"
    run(database, out, tables=["Meter"])
    assert lines(out) == DEVICES
    run(database, out, tables=["Reading", "Meter"])
    assert lines(out) == MEASUREMENTS + DEVICES
    with pytest.raises(SourceError, match="RUN010"):
        run(database, out, tables=["Other"])


def test_tables_are_joined(database: str, tmp_path: Path) -> None:
    """A reading looks up its meter in another table of the database."""
    joined = {
        **MEASUREMENT,
        "joins": {"of": {"class_named": "Meter", "source_key": "meter", "lookup_key": "id"}},
        "slot_derivations": {**MEASUREMENT["slot_derivations"], "street": {"expr": "of.place.street"}},
    }
    out = tmp_path / "out.ndjson"
    report = run(database, out, mapping(Measurement=joined))
    assert report.partners == {"Meter": 2}
    assert lines(out)[0] == {**MEASUREMENTS[0], "street": "A 1"}


def test_a_folder_may_hold_databases(tmp_path: Path) -> None:
    """Beside other tables; a file that is only named like one is passed over."""
    folder = tmp_path / "in"
    folder.mkdir()
    fill("sqlite", folder)
    fill("duckdb", folder)
    (folder / "Thumbs.db").write_bytes(b"\x00\x01 not a database")
    (folder / "Meter.csv").write_text("id,kind,installed,active\nm3,gas,,1\n")
    report = run(folder, tmp_path / "out.ndjson")
    assert report.records["mapped"] == 9 and report.skipped == (str(folder / "Thumbs.db"),)
    report = run(folder, tmp_path / "out.ndjson", source_format="csv")
    assert report.records["mapped"] == 1 and len(report.skipped) == 3


def test_a_table_or_query_needs_a_database(tmp_path: Path, database: str) -> None:
    """SRC113, too, for both at once."""
    (tmp_path / "Meter.csv").write_text("id\nm1\n")
    for place, options in (
        (tmp_path / "Meter.csv", {"query": "SELECT 1"}),
        (database, {"query": "SELECT 1", "tables": ["Meter"]}),
    ):
        with pytest.raises(UsageError, match="SRC113"):
            run(place, tmp_path / "out.ndjson", **options)


def test_a_database_of_an_unknown_kind_is_not_shown(tmp_path: Path) -> None:
    """A connection string is never taken for the name of a file in a message."""
    for inputs, out in (
        ("mysql://ann:geheim@db/lake", tmp_path / "out.ndjson"),
        (tmp_path / "a.csv", "mysql://ann:geheim@db/lake"),
    ):
        with pytest.raises(UsageError) as caught:
            run(inputs, out)  # type: ignore[arg-type]
        assert "geheim" not in str(caught.value)


def test_unknown_columns_are_refused(database: str, tmp_path: Path) -> None:
    """As those of any table: RUN011."""
    with pytest.raises(SourceError, match="RUN011"):
        run(
            database,
            tmp_path / "out.ndjson",
            query="SELECT 'm' AS meter, '2024-01-01T00:00:00Z' AS \"at\", 1 AS vlaue",
            source_class="Reading",
        )


# -- tables as the output ------------------------------------------------------------------------


def told(kind: str, place: str, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query on an output."""
    if kind == "sqlite":
        connection = sqlite3.connect(place)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()
    if kind == "duckdb":
        import duckdb

        with duckdb.connect(place, read_only=True) as database:
            return database.execute(sql).fetchall()
    import psycopg

    with psycopg.connect(place) as server:
        return server.execute(sql).fetchall()


@pytest.fixture(params=["sqlite", "duckdb", "postgresql"])
def output(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Each kind of database to write to, from a folder of its own."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    if request.param == "postgresql":
        return request.param, request.getfixturevalue("postgresql")
    return request.param, str(tmp_path / f"out.{request.param}")


def readings(folder: Path, *rows: str) -> Path:
    """A table of readings."""
    path = folder / "Reading.csv"
    path.write_text("meter,at,value\n" + "\n".join(rows) + "\n")
    return path


def test_a_run_writes_tables(output: tuple[str, str], tmp_path: Path) -> None:
    """As many rows as instances; the report, the rejects and what else is written know nothing of a password."""
    kind, place = output
    source = readings(
        tmp_path, "m1,2024-01-02T10:00:00Z,12.50", "m1,2024-01-02T11:00:00Z,101", "m2,2024-01-02T12:00:00Z,"
    )
    report = run(source, place, report=str(tmp_path / "report.json"), provenance=str(tmp_path / "prov.ttl"),
                 findings=str(tmp_path / "findings.json"))  # type: ignore[arg-type] # fmt: skip
    assert (report.records["emitted"] == 2 and report.rejects == {"VAL009": 1}) or report.records["rejected"] == 1
    found = told(kind, place, 'SELECT row_id, device, "at", value FROM "Measurement" ORDER BY row_id')
    assert [row[:3] for row in found] == [(1, "m1", "2024-01-02T10:00:00Z"), (2, "m2", "2024-01-02T12:00:00Z")]
    assert [row[3] if row[3] is None else float(row[3]) for row in found] == [12.5, None]
    assert told(kind, place, 'SELECT count(*) FROM "Device"') == [(0,)]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in files if b"geheim" in path.read_bytes() or "geheim" in path.name] == []
    assert report.rejects_file is not None and Path(report.rejects_file).is_file()
    assert list((tmp_path / "here").iterdir()) == (
        [Path(report.rejects_file).resolve()] if kind == "postgresql" else []
    )


def test_tables_are_read_again_as_they_were_written(output: tuple[str, str], tmp_path: Path) -> None:
    """A database that was written is a source: the same instances, exact to the last digit that the column keeps."""
    _, place = output
    rows = [f"m{n},2024-01-02T10:00:{n:02}Z,{n}.{n:03}" for n in range(1, 40)]
    run(readings(tmp_path, *rows), place)  # type: ignore[arg-type]
    again = semantics.load_mapping(
        {"source_schema": "tgt", "target_schema": "tgt", "source": {"unknown": "report"},
         "class_derivations": {"Measurement": {"populated_from": "Measurement", "slot_derivations": {"device": None, "at": None, "value": None}}}},
        source_schema=TARGET, target_schema=TARGET,
    )  # fmt: skip
    run(place, tmp_path / "again.ndjson", again, tables=["Measurement"])
    run(readings(tmp_path, *rows), tmp_path / "first.ndjson")
    assert lines(tmp_path / "again.ndjson") == lines(tmp_path / "first.ndjson")


@pytest.mark.parametrize("output", ["duckdb", "postgresql"], indirect=True)
def test_a_value_without_a_place_rejects_its_record_alone(output: tuple[str, str], tmp_path: Path) -> None:
    """SNK010 with the rule, as in any format that cannot hold a value; the other records are written."""
    kind, place = output
    records = [
        {"meter": "m1", "at": "2024-01-02T10:00:00Z", "value": 1},
        {"meter": "m2", "at": "2024-01-02T10:00:00Z", "value": 2},
    ]
    if kind == "duckdb":
        text = json.dumps(records[1]).replace('"value": 2', '"value": 0.0000000000000000001')
    else:
        text = json.dumps({**records[1], "meter": "a\0b"})
    (tmp_path / "in.ndjson").write_text(f"{json.dumps(records[0])}\n{text}\n")
    report = run(tmp_path / "in.ndjson", place, source_class="Reading")  # type: ignore[arg-type]
    assert report.rejects == {"SNK010": 1}
    assert told(kind, place, 'SELECT count(*) FROM "Measurement"') == [(1,)]


def test_a_database_is_not_written_while_it_is_read(tmp_path: Path) -> None:
    """RUN006, however it is named."""
    place = fill("sqlite", tmp_path)
    path = place.removeprefix("sqlite:///")
    for out in (path, place):
        with pytest.raises(UsageError, match="RUN006"):
            run(place, out)  # type: ignore[arg-type]


def test_a_failing_run_leaves_the_database_as_it_was(output: tuple[str, str], tmp_path: Path) -> None:
    """No table, no file, no spool."""
    kind, place = output
    source = readings(tmp_path, "m1,2024-01-02T10:00:00Z,12.50", "m1,2024-01-02T11:00:00Z,101")
    with pytest.raises(semantics.SemanticsError):
        run(source, place, fail_fast=True)  # type: ignore[arg-type]
    assert list((tmp_path / "here").iterdir()) == []
    if kind == "postgresql":
        assert told(kind, place, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
    else:
        assert not Path(place).exists()


def test_any_number_of_workers_gives_the_same_tables(database: str, tmp_path: Path) -> None:
    """Rows are read by one process, whatever carries them; a SQLite file has the same bytes."""
    digests = set()
    for jobs in (1, 2):
        out = tmp_path / f"{jobs}.sqlite"
        report = run(database, out, jobs=jobs)
        assert report.records["emitted"] == 4
        digests.add((out.read_bytes(), Path(f"{out}.rejects.ndjson").read_bytes()))
    assert len(digests) == 1


def test_records_that_contradict_each_other_do_not_end_the_run(tmp_path: Path) -> None:
    """The first is in the table; the others are counted by slot, told with their place and never with a value."""
    source = tmp_path / "meters.ndjson"
    source.write_text(
        '{"id": "m1", "installed": "2024-01-02"}\n{"id": "m1", "installed": "2025-12-24", "active": true}\n'
        '{"id": "m1", "installed": "2026-12-24"}\n'
    )
    found = []
    for jobs in (1, 2):
        output, told = tmp_path / f"{jobs}.sqlite", tmp_path / f"{jobs}.json"
        report = semantics.convert(
            mapping(Device=DEVICE), source, output, source_class="Meter", jobs=jobs, findings=str(told)
        )
        with sqlite3.connect(output) as connection:
            found.append(connection.execute('SELECT * FROM "Device"').fetchall())
        connection.close()
        assert (report.exit_code, report.contradictions) == (0, {"Device.since": 2})
        (warning,) = report.findings
        assert (warning.code, str(warning.severity), str(warning.location)) == ("SNK046", "warning", str(source))
        assert "line 2" in warning.message and "2025" not in f"{warning}{told.read_text()}"
        assert json.loads(told.read_text())["counts"] == {"SNK046": 2}
        assert "Device.since (2)" in report.to_text()
        assert semantics.engine.report.RunReport.from_json(report.to_json()) == report
        assert [str(broken) for broken in report.require("contradictions[Device.since]=0, contradictions<=66%")] == [
            "contradictions[Device.since]=0 does not hold: found 2",
            "contradictions<=66% does not hold: found 2 of 3 instances written (66.67 %)",
        ]
    assert found == [[("m1", "2024-01-02", 1, None, None)]] * 2

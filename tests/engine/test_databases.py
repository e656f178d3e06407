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

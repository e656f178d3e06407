"""Rows of databases as records: exact values, read-only connections, no secret in a message."""

from __future__ import annotations

import importlib
import json
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semantics.databases import Database, database_kind, displayed, named_database
from semantics.errors import SemanticsError, SourceError, UsageError
from semantics.records import Record, Unheld
from semantics.sources import Limits, ReadOptions, open_source, source_format
from semantics.sources.sql import tables_of


def rows(
    place: str, *, query: str | None = None, table: str | None = None, limits: Limits | None = None
) -> list[Record]:
    """The records of a table or query."""
    fmt = source_format(place)
    assert fmt is not None
    return list(open_source(place, fmt, ReadOptions(query=query, table=table, limits=limits or Limits())))


def refused(place: str, query: str) -> str:
    """What is said of a query."""
    with pytest.raises(SourceError) as caught:
        rows(place, query=query)
    return str(caught.value)


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    """Two rows of every kind of value, the second with a text that is not UTF-8."""
    path = tmp_path / "things.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE thing (a INTEGER PRIMARY KEY, b TEXT, c REAL, d BLOB, e JSON, f NUMERIC)")
        connection.execute("""INSERT INTO thing VALUES (1, 'é', 0.1, x'ff00', '{"a": 1.10}', 12.5)""")
        connection.execute("INSERT INTO thing VALUES (2, CAST(x'41ff' AS TEXT), 9e999, NULL, NULL, NULL)")
        connection.execute("INSERT INTO thing VALUES (3, '', -0.5, NULL, '{', 9007199254740993)")
    connection.close()
    return str(path)


@pytest.fixture
def duckdb(tmp_path: Path) -> str:
    """A row of every kind of value."""
    library = pytest.importorskip("duckdb")
    path = tmp_path / "things.duckdb"
    with library.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE thing AS SELECT TIMESTAMP '2024-01-02 10:00:00.5' a, TIMESTAMPTZ '2024-01-02 10:00:00+02' b,"
            " DATE 'infinity' c, 1.10::DECIMAL(9,2) d, 0.1::DOUBLE e, 0.1::FLOAT f, 'ab'::BLOB g, '{\"a\": 1.10}'::JSON h,"
            " {'x': 1.50::DECIMAL(5,2)} i, [1, NULL] j, MAP {'k': 2} k, INTERVAL '1 month 2 days' l, NULL m,"
            " TIMESTAMP_NS '2024-01-02 10:00:00.123456789' n, true o, 170141183460469231731687303715884105727::HUGEINT p,"
            " 'b5f0d0a0-0000-4000-8000-000000000000'::UUID q, 'nan'::DOUBLE r, TIMETZ '10:00:00+02' s, '2024-02-29'::DATE t"
        )
    return f"duckdb:///{path}"


# -- values ----------------------------------------------------------------------------------------


def test_sqlite_gives_exact_values_and_a_bad_row_harms_itself_alone(sqlite: str) -> None:
    """Numbers as they are written shortest, bytes as base64, JSON as data; SRC003 and SRC004 for two rows."""
    first, second, third = rows(sqlite)
    assert first.data == {
        "a": 1,
        "b": "é",
        "c": Decimal("0.1"),
        "d": "/wA=",
        "e": {"a": Decimal("1.10")},
        "f": Decimal("12.5"),
    }
    assert first.source == f"sqlite:{sqlite}#thing" and (first.number, third.number) == (1, 3)
    assert first.raw is not None and json.loads(first.raw)["e"] == {"a": 1.1}
    assert second.fault is not None and second.fault.code == "SRC003"
    assert second.raw is not None and b"A\xff" in second.raw
    assert third.fault is not None and third.fault.code == "SRC004" and "column 'e'" in third.fault.message


def test_sqlite_keeps_what_json_would_lose(sqlite: str) -> None:
    """An infinite number is its name, an empty text stays one, whole numbers keep every digit."""
    found = rows(sqlite, query="SELECT c, f, '' AS e FROM thing ORDER BY a DESC")
    assert [record.data for record in found[:2]] == [
        {"c": Decimal("-0.5"), "f": 9007199254740993, "e": ""},
        {"c": "Infinity", "f": None, "e": ""},
    ]


def test_duckdb_gives_exact_values(duckdb: str) -> None:
    """Nanoseconds, months, infinity and UTC are kept, by the texts of the database itself."""
    (record,) = rows(duckdb)
    assert record.data == {
        "a": "2024-01-02T10:00:00.5", "b": "2024-01-02T08:00:00Z", "c": "infinity", "d": Decimal("1.10"),
        "e": Decimal("0.1"), "f": Decimal("0.1"), "g": "YWI=", "h": {"a": Decimal("1.10")}, "i": {"x": Decimal("1.50")},
        "j": [1, None], "k": {"k": 2}, "l": "1 month 2 days", "m": None, "n": "2024-01-02T10:00:00.123456789",
        "o": True, "p": 170141183460469231731687303715884105727, "q": "b5f0d0a0-0000-4000-8000-000000000000",
        "r": "NaN", "s": "10:00:00+02:00", "t": "2024-02-29",
    }  # fmt: skip


EVERYTHING = """
SELECT '2024-01-02 10:00:00.5'::timestamp a, '2024-01-02 10:00:00.5+02'::timestamptz b, 'infinity'::date c,
  1.10::numeric d, 'NaN'::float8 e, '{"a": 1.10}'::jsonb f, '\\xdeadbeef'::bytea g, array[1, null, 2] h,
  array['2024-01-02 10:00'::timestamp] i, (1, 'a b')::record j, int4range(1, 5) k, 'a'::char(3) l, true m,
  interval '1 month 2 days' n, '12:00+02'::timetz o, 1.1::float4 p, '0044-03-15 BC'::date q, array[[1], [3]] r,
  null s, 'b5f0d0a0-0000-4000-8000-000000000000'::uuid t, 1e300::float8 u, array[1.10::numeric] v,
  array['{"a": [1]}'::jsonb] w, 'x'::text "select", 123456789012345678901234567890.5::numeric "a b"
"""


def test_postgresql_gives_exact_values(postgresql: str) -> None:
    """Whatever the type, nothing is rounded, and what the calendar of Python has no place for is kept as text."""
    (record,) = rows(postgresql, query=EVERYTHING)
    assert record.data == {
        "a": "2024-01-02T10:00:00.5", "b": "2024-01-02T08:00:00.5Z", "c": "infinity", "d": Decimal("1.10"), "e": "NaN",
        "f": {"a": Decimal("1.10")}, "g": "3q2+7w==", "h": [1, None, 2], "i": ["2024-01-02T10:00:00"], "j": '(1,"a b")',
        "k": "[1,5)", "l": "a  ", "m": True, "n": "P1M2D", "o": "12:00:00+02:00", "p": Decimal("1.1"),
        "q": "0044-03-15 BC", "r": [[1], [3]], "s": None, "t": "b5f0d0a0-0000-4000-8000-000000000000",
        "u": Decimal("1E+300"), "v": [Decimal("1.10")], "w": [{"a": [1]}], "select": "x",
        "a b": Decimal("123456789012345678901234567890.5"),
    }  # fmt: skip


def test_postgresql_is_read_in_batches_to_the_end(postgresql: str) -> None:
    """More rows than any batch holds, small and large."""
    found = rows(
        postgresql,
        query="SELECT i, repeat('x', CASE WHEN i % 1000 = 0 THEN 300000 ELSE 3 END) t FROM generate_series(1, 4321) i",
    )
    assert [record.data["i"] for record in found] == list(range(1, 4322))
    assert [record.number for record in found[-2:]] == [4320, 4321]


def test_a_row_over_the_limit_is_not_kept(sqlite: str) -> None:
    """As any record: SRC024."""
    (record,) = rows(sqlite, query="SELECT 1 AS a, hex(zeroblob(100)) AS b", limits=Limits(record_bytes=100))
    assert isinstance(record, Unheld) and record.fault is not None and record.fault.code == "SRC024"
    assert record.raw is None and record.size == 214


def test_a_number_beyond_the_range_harms_its_row(postgresql: str) -> None:
    """PostgreSQL has numbers of 100,000 digits; here SRC023."""
    (record,) = rows(postgresql, query="SELECT ('1' || repeat('0', 400))::numeric AS n")
    assert record.fault is not None and record.fault.code == "SRC023" and record.raw is not None


# -- what is read ----------------------------------------------------------------------------------


def test_tables_are_named_and_missed(sqlite: str, duckdb: str, postgresql: str) -> None:
    """SRC112 with the nearest name, or with all of them where one is needed."""
    import psycopg

    with psycopg.connect(postgresql) as connection:
        connection.execute('CREATE TABLE thing (a int); CREATE SCHEMA "o.p"; CREATE TABLE "o.p"."x""y" (a int)')
    for place in (sqlite, duckdb, postgresql):
        with pytest.raises(SourceError) as caught:
            rows(place, table="things")
        assert "SRC112" in str(caught.value) and "did you mean 'thing'" in str(caught.value)
    assert tables_of(named_database(postgresql)) == ("thing", 'o.p.x"y')
    assert rows(postgresql, table='o.p.x"y') == [] == rows(postgresql, table="public.thing")
    with pytest.raises(SourceError) as caught:
        rows(postgresql)
    assert "SRC112" in str(caught.value) and "say which table: thing, " in str(caught.value)


def test_columns_have_names_of_their_own(sqlite: str, duckdb: str, postgresql: str) -> None:
    """Two columns of one name would be one key: SRC115."""
    for place in (sqlite, duckdb, postgresql):
        assert "SRC115" in refused(place, "SELECT 1 AS a, 2 AS a, 3 AS b")


@pytest.mark.parametrize(
    "query", ["SELECT 1 AS a; SELECT 2 AS a", "SELEC", "", "DELETE FROM thing", "CREATE TABLE x (i int)", "PRAGMA foreign_keys",
              "ATTACH 'other.db' AS o", "COPY thing TO 'x.csv'", "SELECT 1 AS a; COMMIT; DROP TABLE thing"]
)  # fmt: skip
def test_a_query_is_one_select(query: str, sqlite: str, duckdb: str, postgresql: str) -> None:
    """Everything else is refused (SRC111), and nothing is written."""
    before = Path(sqlite).read_bytes()
    for place in (sqlite, duckdb, postgresql):
        assert "SRC111" in refused(place, query)
    assert Path(sqlite).read_bytes() == before
    assert sorted(path.name for path in Path(sqlite).parent.iterdir()) == ["things.db", "things.duckdb"]


@pytest.mark.parametrize(
    "query", ["SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM 'other.parquet'", "SELECT * FROM glob('/*')",
              "SELECT * FROM read_text('https://example.org/')"]
)  # fmt: skip
def test_duckdb_reaches_nothing_but_its_file(query: str, duckdb: str) -> None:
    """External access is off, and a query cannot switch it on."""
    assert "SRC111" in refused(duckdb, query)
    assert "SRC111" in refused(duckdb, "SET enable_external_access = true")


def test_postgresql_writes_nothing(postgresql: str) -> None:
    """The transaction is read-only: a function that writes is refused by the server."""
    import psycopg

    with psycopg.connect(postgresql) as connection:
        connection.execute("CREATE TABLE t (a int)")
        connection.execute("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'INSERT INTO t VALUES (1) RETURNING a'")
    found = refused(postgresql, "SELECT f() AS a")
    assert "SRC111" in found and "25006" in found and "may read" in found


def test_messages_hold_no_value(sqlite: str, duckdb: str, postgresql: str) -> None:
    """What fails on a value is named by its kind alone; what is wrong with the query is told."""
    place = {"sqlite": sqlite, "duckdb": duckdb, "postgresql": postgresql}
    for kind, query in (
        (
            "sqlite",
            "SELECT json_extract('{}', t.a) AS a FROM (SELECT 'geheimnis' AS a UNION SELECT 'geheimnis 2') AS t",
        ),
        ("duckdb", "SELECT CAST(t.a AS integer) AS a FROM (SELECT 'geheimnis' AS a) AS t"),
        ("postgresql", "SELECT CAST(t.a AS integer) AS a FROM (SELECT 'geheimnis' AS a) AS t"),
        ("postgresql", "SELECT t.a::regclass AS a FROM (SELECT 'geheimnis' || random() AS a) AS t"),
    ):
        found = refused(place[kind], query)
        assert "SRC111" in found and "geheimnis" not in found
        assert "no_such" in refused(place[kind], "SELECT a FROM no_such_table")


def test_sqlite_in_write_ahead_mode_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is written, and in a folder that takes no file beside it."""
    path = tmp_path / "a.db"
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("CREATE TABLE t AS SELECT 1 AS a")
    writer.commit()
    assert [record.data for record in rows(str(path))] == [{"a": 1}]
    writer.close()
    monkeypatch.setattr("os.access", lambda *_: False)
    assert [record.data for record in rows(str(path))] == [{"a": 1}]
    assert list(tmp_path.iterdir()) == [path]


# -- connection strings ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "postgresql://ann:s3cret@db.example.org:5432/lake?sslmode=require",
            "postgresql://ann@db.example.org:5432/lake",
        ),
        ("postgres://db/lake?user=ann&password=s3cret", "postgresql://db/lake"),
        ("postgresql://ann:s3cret@[::1]:5432,other/lake", "postgresql://ann@[::1]:5432,other/lake"),
        ("postgresql://ann:s3?cret@db/lake", "postgresql://ann@db/lake"),
        ("postgresql://ann:s3/cret@db/lake", "postgresql://..."),
        ("postgresql://ann:s3cret@x@db/lake", "postgresql://..."),
        ("mysql://ann:s3cret@db/lake", "mysql://..."),
        ("postgresql:///lake", "postgresql:///lake"),
        ("sqlite:///a.db", "sqlite:///a.db"),
        ("a.db", "a.db"),
    ],
)
def test_what_is_shown_of_a_connection_string_has_no_secret(text: str, shown: str) -> None:
    """A string that cannot be cut is not shown at all."""
    assert displayed(text) == shown
    assert "s3" not in shown


@given(
    user=st.text("ab%@:/?#", max_size=4),
    secret=st.text(min_size=4, max_size=12),
    rest=st.text("ab@:/?#,[]=&", max_size=12),
)
@settings(max_examples=300, deadline=None)
def test_no_part_of_a_password_is_ever_shown(user: str, secret: str, rest: str) -> None:
    """Whatever stands around it: the password has letters that nothing else has."""
    marked = "".join(f"Z{char}" for char in secret)
    assert "Z" not in displayed(f"postgresql://{user}:{marked}@{rest}").removeprefix("postgresql")


@pytest.mark.parametrize(
    "text", ["sqlite://a.db", "sqlite://", "duckdb:///:memory:", "sqlite:///a.db?mode=rwc", "postgresql://a:b/c@d/e"]
)
def test_strings_that_name_no_database_are_refused(text: str) -> None:
    """SRC114, without the string."""
    with pytest.raises(UsageError) as caught:
        named_database(text)
    assert caught.value.diagnostics[0].code == "SRC114" and "b/c" not in str(caught.value)


def test_kinds_are_told_by_scheme_and_ending() -> None:
    """The rest are files of other formats."""
    told = [
        database_kind(name)
        for name in ("POSTGRES://x/y", "a.SQLITE3", "duckdb:///x", "a.duckdb", "a.json", "mysql://x")
    ]
    assert told == ["postgresql", "sqlite", "duckdb", "duckdb", None, None]
    assert named_database("sqlite:////srv/a.db") == Database("sqlite", "/srv/a.db")


def test_databases_that_cannot_be_opened(tmp_path: Path, sqlite: str, duckdb: str, postgresql: str) -> None:
    """SRC110 with a reason and without the password; a file of the other kind is told."""
    (tmp_path / "text.db").write_text("not a database")
    path = duckdb.removeprefix("duckdb:///")
    server = postgresql.partition("host=")[2]
    cases = [
        (str(tmp_path / "none.db"), "sqlite", "no such file"),
        (str(tmp_path / "text.db"), "sqlite", "not a SQLite database"),
        (path, "sqlite", "--from duckdb"),
        (str(tmp_path / "none.duckdb"), "duckdb", "does not exist"),
        (sqlite, "duckdb", "cannot be opened"),
        (f"postgresql://nobody:geheim@/x?host={server}", "postgresql", "does not exist"),
        (f"postgresql://nobody:geheim@/x?host={server}&password=geheim&sslmode=odd", "postgresql", ""),
    ]
    for place, kind, reason in cases:
        with pytest.raises(SemanticsError) as caught:
            list(open_source(place, kind))
        assert caught.value.diagnostics[0].code in ("SRC110", "SRC114")
        assert reason in str(caught.value) and "geheim" not in str(caught.value)


@pytest.mark.parametrize(("place", "extra"), [("x.duckdb", "duckdb"), ("postgresql://localhost/x", "postgresql")])
def test_a_library_that_is_not_installed_is_named_with_its_extra(
    place: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SRC118."""
    real = importlib.import_module

    def missing(name: str, *rest: Any) -> Any:
        if name in ("duckdb", "psycopg"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr("semantics.extras.import_module", missing)
    with pytest.raises(UsageError) as caught:
        rows(place, table="t")
    assert "SRC118" in str(caught.value) and f"semantics[{extra}]" in str(caught.value)


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=4, unique_by=str.casefold))
@settings(max_examples=60, deadline=None)
def test_any_name_of_a_table_and_of_columns_is_read(names: list[str]) -> None:
    """Quotes, reserved words, anything that SQLite takes."""
    import tempfile

    names = [
        name for name in names if "\0" not in name and name.isprintable() and not name.lower().startswith("sqlite_")
    ]
    if not names:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.db")
        quoted = ['"' + name.replace('"', '""') + '"' for name in names]
        connection = sqlite3.connect(path)
        connection.execute(f"CREATE TABLE {quoted[0]} ({', '.join(quoted)})")
        connection.execute(f"INSERT INTO {quoted[0]} VALUES ({', '.join('?' * len(names))})", names)
        connection.commit()
        connection.close()
        (record,) = rows(str(path), table=names[0])
        assert record.data == dict(zip(names, names, strict=True))

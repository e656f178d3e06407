"""Tables made from the model: everything that is written is found again by SQL, in each database, or nothing is written."""

from __future__ import annotations

import importlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semantics.databases import quoted
from semantics.errors import SinkError, UsageError
from semantics.lexical import LexicalError
from semantics.records import Instance
from semantics.schema import load_schema
from semantics.schema.model import SchemaModel
from semantics.sinks import open_encoder, open_sink, sink_format
from semantics.sinks.base import Contradiction
from semantics.sinks.sql.ddl import create_table
from semantics.sinks.sql.design import Design, Kind, Many, Nested, Part, Single, design
from semantics.sinks.sql.names import Names

RICH: dict[str, Any] = {
    "id": "https://example.org/rich", "name": "rich", "default_prefix": "https://example.org/rich/", "imports": ["linkml:types"],
    "default_range": "string",
    "enums": {"Colour": {"permissible_values": {"red": {}, "it's": {}}}},
    "classes": {
        "Thing": {"tree_root": True, "attributes": {
            "id": {"identifier": True, "required": True}, "name": {}, "count": {"range": "integer"}, "price": {"range": "decimal"},
            "ratio": {"range": "double"}, "on": {"range": "boolean"}, "day": {"range": "date"}, "at": {"range": "datetime"},
            "hour": {"range": "time"}, "colour": {"range": "Colour"}, "tags": {"multivalued": True},
            "prices": {"range": "decimal", "multivalued": True}, "colours": {"range": "Colour", "multivalued": True},
            "near": {"range": "Thing"}, "others": {"range": "Thing", "multivalued": True},
            "box": {"range": "Box", "inlined": True}, "boxes": {"range": "Box", "inlined": True, "inlined_as_list": True, "multivalued": True},
            "parts": {"range": "Named", "inlined": True, "multivalued": True}, "shape": {"range": "Shape", "inlined": True},
            "tree": {"range": "Tree", "inlined": True}, "any": {"range": "Any"},
            "either": {"any_of": [{"range": "integer"}, {"range": "string"}]}, "select": {}, "box_width": {},
        }},
        "Box": {"attributes": {"width": {"range": "decimal"}, "labels": {"multivalued": True},
                               "lid": {"range": "Lid", "inlined": True},
                               "inner": {"range": "Lid", "inlined": True, "inlined_as_list": True, "multivalued": True}}},
        "Lid": {"attributes": {"position": {"range": "integer"}, "value": {}, "marks": {"multivalued": True, "range": "integer"}}},
        "Named": {"attributes": {"key": {"identifier": True, "required": True}, "size": {"range": "integer"}}},
        "Shape": {"abstract": True, "attributes": {"kind": {"designates_type": True}}},
        "Circle": {"is_a": "Shape", "attributes": {"radius": {"range": "decimal"}, "unit": {}}},
        "Square": {"is_a": "Shape", "attributes": {"side": {"range": "decimal"}, "unit": {"range": "integer"}}},
        "Tree": {"attributes": {"leaf": {}, "branches": {"range": "Tree", "inlined": True, "inlined_as_list": True, "multivalued": True}}},
        "Any": {"class_uri": "linkml:Any"},
        "Event": {"attributes": {"what": {"required": True}, "where": {"multivalued": True}}},
    },
}  # fmt: skip
THINGS: list[tuple[str, dict[str, Any]]] = [
    ("Thing", {"id": "t'1", "name": 'a "b"\n\té', "count": -(2**63), "price": Decimal("12345678901234567890.123456789012345678"),
               "ratio": 0.1, "on": False, "day": "2024-02-29", "at": "2024-02-29T10:00:00.50+02:00", "hour": "10:00:00",
               "colour": "it's", "tags": ["a", "a", ""], "prices": [Decimal("1.10"), 2], "colours": ["red"], "near": "t2",
               "others": ["t2", "nowhere"], "box": {"width": Decimal("0.5"), "labels": ["x"], "lid": {"position": 7, "marks": [3, 2]}},
               "boxes": [{"labels": ["p", "q"]}, {"lid": {"value": "v"}, "inner": [{"position": 1}, {"marks": [9]}]}],
               "parts": {"k2": {"size": 2}, "k1": None}, "shape": {"kind": "Circle", "radius": Decimal("1.5"), "unit": "m"},
               "tree": {"leaf": "l", "branches": [{"leaf": "m"}]}, "any": {"x": [1, Decimal("2.50")]}, "either": 5, "select": "s",
               "box_width": "w"}),
    ("Event", {"what": "first", "where": ["here", "there"]}),
    ("Thing", {"id": "t2", "price": Decimal(-7), "shape": {"kind": "Square", "unit": 5}, "either": "5", "on": True}),
    ("Event", {"what": "second"}),
]  # fmt: skip
"""Instances that use every kind of slot."""


@pytest.fixture(scope="module")
def rich() -> SchemaModel:
    """A model with every kind of slot."""
    return load_schema(RICH)


# -- reading back ----------------------------------------------------------------------------------

Fetch = Callable[[str], list[tuple[Any, ...]]]


def rebuilt(made: Design, names: set[str], fetch: Fetch) -> list[tuple[str, dict[str, Any]]]:
    """The instances of all tables, put together again by their keys."""
    rows: dict[int, list[tuple[Any, ...]]] = {}
    for number, table in enumerate(made.tables):
        rows[number] = []
        if table.name in names:
            order = ", ".join(quoted(column.name) for column in table.columns[: table.keys])
            columns = ", ".join(quoted(column.name) for column in table.columns)
            rows[number] = fetch(f"SELECT {columns} FROM {quoted(table.name)} ORDER BY {order}")

    def value(single: Single, found: Any) -> Any:
        match single.column.kind:
            case Kind.DECIMAL:
                return None if found is None else Decimal(str(found))
            case Kind.JSON:
                return json.loads(found, parse_float=Decimal) if isinstance(found, str) else found
            case Kind.BOOLEAN:
                return None if found is None else bool(found)
            case Kind.DATE:
                return None if found is None else str(found)
            case _:
                return found

    def whole(part: Part, row: tuple[Any, ...], key: tuple[Any, ...]) -> dict[str, Any]:
        data = {}
        for name, place in part.slots.items():
            found: Any
            if isinstance(place, Single):
                found = value(place, row[place.place])
            elif isinstance(place, Nested):
                found = whole(place.part, row, key) or None
            else:
                found = many(place, key) or None
            if found is not None:
                data[name] = found
        return data

    def many(place: Many, key: tuple[Any, ...]) -> Any:
        own = [row for row in rows[place.table] if row[: len(key)] == key]
        assert [row[len(key)] for row in own] == list(range(1, len(own) + 1))
        if isinstance(place.item, Single):
            return [value(place.item, row[place.item.place]) for row in own]
        items = [whole(place.item, row, (*key, row[len(key)])) for row in own]
        if place.keyed is None:
            return items
        return {item.pop(place.keyed): item or None for item in items}

    return [(name, whole(part, row, row[:1])) for name, (number, part, _) in made.roots.items() for row in rows[number]]


def write(
    form: str,
    target: str | Path,
    schema: SchemaModel,
    instances: list[tuple[str, dict[str, Any]]],
    classes: tuple[str, ...] = (),
) -> dict[str, Contradiction]:
    """Instances to a database; what contradicts what there."""
    sink = open_sink(form, target, schema, classes=classes or sorted({name for name, _ in instances}))
    try:
        for number, (name, data) in enumerate(instances):
            sink.write(Instance(name, data), f"1-{number}-0")
        sink.finish()
        sink.commit()
    finally:
        sink.abort()
    return dict(sink.contradictions)


def from_sqlite(path: Path, made: Design) -> list[tuple[str, dict[str, Any]]]:
    connection = sqlite3.connect(path)
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    found = rebuilt(made, names, lambda sql: connection.execute(sql).fetchall())
    connection.close()
    return found


def from_duckdb(path: Path, made: Design) -> list[tuple[str, dict[str, Any]]]:
    import duckdb

    with duckdb.connect(str(path), read_only=True) as connection:
        names = {name for (name,) in connection.execute("SELECT table_name FROM information_schema.tables").fetchall()}
        return rebuilt(made, names, lambda sql: connection.execute(sql).fetchall())


def from_postgresql(place: str, made: Design) -> list[tuple[str, dict[str, Any]]]:
    import psycopg
    from psycopg.types.json import set_json_loads

    with psycopg.connect(place) as connection:
        set_json_loads(lambda text: text if isinstance(text, str) else bytes(text).decode(), connection)
        names = {name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
        return rebuilt(made, names, lambda sql: connection.execute(sql).fetchall())


def expected(instances: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
    """As they come back: class by class."""
    return sorted(instances, key=lambda one: (one[0], one[1].get("id", "")))


def test_sqlite_gives_back_what_was_written(rich: SchemaModel, tmp_path: Path) -> None:
    """Every value of every kind, in its order."""
    write("sqlite", tmp_path / "a.db", rich, THINGS)
    assert from_sqlite(tmp_path / "a.db", design(rich, ["Event", "Thing"])) == expected(THINGS)


def test_duckdb_gives_back_what_was_written(rich: SchemaModel, tmp_path: Path) -> None:
    """Likewise; decimals are equal as numbers."""
    pytest.importorskip("duckdb")
    write("duckdb", tmp_path / "a.duckdb", rich, THINGS)
    assert from_duckdb(tmp_path / "a.duckdb", design(rich, ["Event", "Thing"])) == expected(THINGS)


def test_postgresql_gives_back_what_was_written(
    rich: SchemaModel, postgresql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Likewise, with every digit of a decimal."""
    monkeypatch.chdir(tmp_path)
    write("postgresql", postgresql, rich, THINGS)
    assert from_postgresql(postgresql, design(rich, ["Event", "Thing"])) == expected(THINGS)
    assert list(tmp_path.iterdir()) == []


def test_the_same_instances_give_the_same_bytes(rich: SchemaModel, tmp_path: Path) -> None:
    """SQLite files are equal, whenever they are made."""
    for name in ("a.db", "b.db"):
        write("sqlite", tmp_path / name, rich, THINGS)
    first, second = (sha256((tmp_path / name).read_bytes()).hexdigest() for name in ("a.db", "b.db"))
    assert first == second


# -- the design ------------------------------------------------------------------------------------


def test_the_design_of_a_model(rich: SchemaModel) -> None:
    """Tables, columns and keys by name."""
    made = design(rich, ["Thing"])
    tables = {table.name: table for table in made.tables}
    assert list(tables) == [
        "Thing", "Thing_tags", "Thing_prices", "Thing_colours", "Thing_others", "Thing_box_labels", "Thing_box_lid_marks",
        "Thing_box_inner", "Thing_box_inner_marks", "Thing_boxes", "Thing_boxes_labels", "Thing_boxes_lid_marks", "Thing_boxes_inner",
        "Thing_boxes_inner_marks", "Thing_parts", "Thing_tree_branches",
    ]  # fmt: skip
    names = {name: [column.name for column in table.columns] for name, table in tables.items()}
    assert names["Thing"][:3] == ["id", "name", "count"]
    assert {
        "box_width",
        "box_width_2",
        "box_lid_position",
        "shape_radius",
        "shape_side",
        "tree_leaf",
        "any",
        "either",
    } < set(names["Thing"])
    assert names["Thing_boxes_inner_marks"] == ["Thing_id", "boxes_position", "inner_position", "position", "value"]
    assert names["Thing_boxes_inner"] == ["Thing_id", "boxes_position", "position_2", "position", "value"]
    kinds = {column.name: column.kind for column in tables["Thing"].columns}
    assert kinds["shape_unit"] is kinds["any"] is kinds["either"] is Kind.JSON and kinds["near"] is Kind.TEXT
    assert create_table(tables["Thing_colours"], made, "sqlite") == (
        'CREATE TABLE "Thing_colours" (\n  "Thing_id" TEXT NOT NULL,\n  "position" INTEGER NOT NULL,\n'
        "  \"value\" TEXT NOT NULL CHECK (\"value\" IN ('red', 'it''s')),\n"
        '  PRIMARY KEY ("Thing_id", "position"),\n  FOREIGN KEY ("Thing_id") REFERENCES "Thing" ("id")\n) WITHOUT ROWID'
    )


@pytest.mark.parametrize("name", ["core", "finance", "health", "mobility", "provenance"])
def test_every_shared_model_has_tables(name: str) -> None:
    """SQLite takes all of them; no two have one name."""
    schema = load_schema(name)
    made = design(schema)
    connection = sqlite3.connect(":memory:")
    for table in made.tables:
        connection.execute(create_table(table, made, "sqlite"))
    connection.close()
    assert len({table.name.casefold() for table in made.tables}) == len(made.tables)
    assert all(len(column.name.encode()) <= 63 for table in made.tables for column in table.columns)


def test_a_class_of_too_many_columns_is_refused() -> None:
    """SNK041."""
    wide = load_schema({"name": "wide", "classes": {"Wide": {"attributes": {f"s{n}": {} for n in range(1600)}}}})
    with pytest.raises(UsageError, match="SNK041"):
        design(wide)


@given(st.lists(st.text(max_size=80), max_size=20))
@settings(max_examples=200, deadline=None)
def test_names_are_unique_and_short_whatever_they_are(wanted: list[str]) -> None:
    """To a database that does not tell A from a, and cuts names after 63 bytes."""
    names = Names()
    found = [names.take(name) for name in wanted]
    assert len({name.casefold() for name in found}) == len(wanted)
    assert all(0 < len(name.encode()) <= 63 and "\0" not in name for name in found)


NAMES = ["select", "Select", "order", "a b", "b-c", "c/d", "rowid", "xmin", "position", "value", "id_2", "ünï", "d.e", "x" * 70, "é" * 40, "e$1", "sqlite_x", "row_id", "f_g"]  # fmt: skip
ODD = st.sampled_from(NAMES)
"""Names that a model can have."""


@given(st.lists(ODD, min_size=1, max_size=6, unique=True), st.lists(ODD, min_size=1, max_size=3, unique=True))
@settings(max_examples=25, deadline=None)
def test_any_name_of_a_model_is_a_table_and_a_column(slots: list[str], classes: list[str]) -> None:
    """Reserved words, quotes, and what means something to a driver: rows come back."""
    import tempfile

    attributes = {name: {"multivalued": True} if number % 2 else {} for number, name in enumerate(slots)}
    schema = load_schema({"name": "odd", "classes": {name: {"attributes": attributes} for name in classes}})
    data = {name: ["x", "y"] if number % 2 else "z" for number, name in enumerate(slots)}
    instances = [(name, data) for name in classes for _ in range(2)]
    with tempfile.TemporaryDirectory() as folder:
        write("sqlite", Path(folder, "a.db"), schema, instances)
        assert from_sqlite(Path(folder, "a.db"), design(schema, classes)) == expected(instances)


def test_odd_names_go_into_every_database(postgresql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same names as they are drawn for SQLite."""
    monkeypatch.chdir(tmp_path)
    classes = ["order", "Order", "a b"]
    attributes = {name: {"multivalued": True} if number % 2 else {} for number, name in enumerate(NAMES)}
    schema = load_schema({"name": "odd", "classes": {name: {"attributes": attributes} for name in classes}})
    data = {name: ["x", "%s"] if number % 2 else "z'" for number, name in enumerate(NAMES)}
    instances = [(name, data) for name in classes for _ in range(2)]
    made = design(schema, classes)
    write("duckdb", tmp_path / "a.duckdb", schema, instances)
    assert from_duckdb(tmp_path / "a.duckdb", made) == expected(instances)
    write("postgresql", postgresql, schema, instances)
    assert from_postgresql(postgresql, made) == expected(instances)


# -- what cannot be written ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "data", "pointer"),
    [
        ("sqlite", {"id": "t", "count": 2**63}, "/count"),
        ("sqlite", {"id": "t", "colour": "blue"}, "/colour"),
        ("sqlite", {"id": "t", "box": {}}, "/box"),
        ("sqlite", {"id": "t", "boxes": [{"width": 1}, {"width": "x"}]}, "/boxes/1/width"),
        ("sqlite", {"id": "t", "tags": ["a", None]}, "/tags/1"),
        ("sqlite", {"id": "t", "tags": "a"}, "/tags"),
        ("sqlite", {"id": "t", "box": {"nope": 1}}, "/box"),
        ("sqlite", {"name": "no key"}, ""),
        ("sqlite", {"id": "t", "parts": {"k": 5}}, "/parts/0"),
        ("duckdb", {"id": "t", "price": Decimal("1e20")}, "/price"),
        ("duckdb", {"id": "t", "price": Decimal("1e-19")}, "/price"),
        ("postgresql", {"id": "t", "name": "a\0b"}, "/name"),
        ("postgresql", {"id": "t", "any": ["a\0b"]}, "/any"),
    ],
)
def test_a_value_that_has_no_place_is_told_by_its_pointer(
    rich: SchemaModel, form: str, data: dict[str, Any], pointer: str
) -> None:
    """So that its record is rejected (SNK010), and all others are written."""
    encoder = open_encoder(form, rich, classes=["Thing"])
    with pytest.raises(LexicalError) as caught:
        encoder.encode(Instance("Thing", data), "1-1-0")
    assert getattr(caught.value, "pointer", "") == pointer


def test_numbers_and_texts_at_the_edge_are_written(rich: SchemaModel, tmp_path: Path) -> None:
    """What only looks as if it had no place."""
    edge = [
        (
            "Thing",
            {
                "id": "t",
                "name": "\\u0000",
                "any": "\\u0000",
                "price": Decimal("99999999999999999999.999999999999999999"),
            },
        )
    ]
    for form in ("sqlite", "duckdb", "postgresql"):
        open_encoder(form, rich, classes=["Thing"]).encode(Instance(*edge[0]), "1-1-0")
    write("duckdb", tmp_path / "a.duckdb", rich, edge)
    assert from_duckdb(tmp_path / "a.duckdb", design(rich, ["Thing"])) == edge


@pytest.fixture(params=["sqlite", "duckdb", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Each kind of database to write to."""
    monkeypatch.chdir(tmp_path)
    place = (
        request.getfixturevalue("postgresql")
        if request.param == "postgresql"
        else str(tmp_path / f"out.{request.param}")
    )
    return request.param, place


READ: Final = {"sqlite": from_sqlite, "duckdb": from_duckdb, "postgresql": from_postgresql}


def test_of_contradictions_what_was_said_first_is_kept_and_the_others_are_counted(
    rich: SchemaModel, target: tuple[str, str]
) -> None:
    """An object stays whole, with what is many in it; what is not contradicted is put together; no value is told."""
    form, place = target
    records = [
        {"id": "t", "name": "first", "box": {"width": Decimal(1), "labels": ["a"]}},
        {"id": "t", "name": "second", "count": 2, "box": {"width": Decimal(3), "lid": {"value": "v"}, "labels": ["b"]}},
        {"id": "t", "name": "third", "count": 3, "box": {"width": Decimal("1.0"), "lid": {"value": "w"}, "labels": ["c"]}},
    ]  # fmt: skip
    found = write(form, place, rich, [("Thing", record) for record in records])
    assert READ[form](place, design(rich, ["Thing"])) == [
        ("Thing", {"id": "t", "name": "first", "count": 2,
                   "box": {"width": Decimal(1), "lid": {"value": "w"}, "labels": ["a", "c"]}}),
    ]  # fmt: skip
    assert found == {"Thing.name": (2, "1-1-0"), "Thing.count": (1, "1-2-0"), "Thing.box": (1, "1-1-0")}


def test_what_is_said_again_is_one_row(rich: SchemaModel, target: tuple[str, str]) -> None:
    """And contradicts nothing."""
    form, place = target
    assert write(form, place, rich, [*THINGS, THINGS[0], *THINGS]) == {}
    if form == "sqlite":
        with closing(sqlite3.connect(place)) as database:
            (count,) = database.execute("SELECT count(*) FROM Thing").fetchone()
        assert count == sum(name == THINGS[0][0] for name, _ in THINGS)


def test_identifiers_that_are_one_to_the_database_write_nothing(tmp_path: Path) -> None:
    """SNK042: a number in two ways of writing."""
    schema = load_schema({"name": "n", "imports": ["linkml:types"], "classes": {
        "A": {"attributes": {"id": {"identifier": True, "range": "decimal"}}}}})  # fmt: skip
    with pytest.raises(SinkError) as caught:
        write("duckdb", tmp_path / "a.duckdb", schema, [("A", {"id": Decimal(1)}), ("A", {"id": Decimal("1.0")})])
    assert "SNK042" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_what_instances_of_one_identifier_say_is_put_together(rich: SchemaModel, tmp_path: Path) -> None:
    """Values from where they are, entries of lists once, with all that is below them; in whatever order they come."""
    one = {"id": "t", "name": "n", "tags": ["a", "b"], "boxes": [{"labels": ["p", "q"], "inner": [{"position": 1}]}]}
    two = {"id": "t", "count": 3, "tags": ["b", "c"],
           "boxes": [{"labels": ["p"]}, {"labels": ["p", "q"], "inner": [{"position": 1}]}], "parts": {"k": {"size": 2}}}  # fmt: skip
    whole = {"id": "t", "name": "n", "count": 3, "tags": ["a", "b", "c"],
             "boxes": [{"labels": ["p", "q"], "inner": [{"position": 1}]}, {"labels": ["p"]}], "parts": {"k": {"size": 2}}}  # fmt: skip
    for name, both in (("one", (one, two, one)), ("two", (two, one))):
        path = tmp_path / f"{name}.sqlite"
        write("sqlite", str(path), rich, [("Thing", data) for data in both])
        ((kind, found),) = from_sqlite(path, design(rich, ["Thing"]))
        assert kind == "Thing"
        assert {key: _in_order(value) for key, value in found.items()} == {
            key: _in_order(value) for key, value in whole.items()
        }


def _in_order(value: Any) -> Any:
    return sorted(value, key=repr) if isinstance(value, list) else value


def test_a_run_that_is_given_up_leaves_nothing(rich: SchemaModel, target: tuple[str, str], tmp_path: Path) -> None:
    """Not even when everything was brought to the disk, or into the transaction."""
    form, place = target
    sink = open_sink(form, place, rich, classes=["Thing"])
    sink.write(Instance(*THINGS[0]), "1-1-0")
    sink.finish()
    sink.prepare()
    sink.abort()
    assert list(tmp_path.iterdir()) == []
    write(form, place, rich, THINGS)


def test_tables_that_are_there_are_never_replaced(
    rich: SchemaModel, postgresql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SNK045 before anything is read; in another schema there is room."""
    import psycopg

    monkeypatch.chdir(tmp_path)
    write("postgresql", postgresql, rich, THINGS)
    with pytest.raises(SinkError) as caught:
        open_sink("postgresql", postgresql, rich, classes=["Thing"])
    assert "SNK045" in str(caught.value) and "search_path" in str(caught.value) and "geheim" not in str(caught.value)
    with psycopg.connect(postgresql) as connection:
        connection.execute("CREATE SCHEMA lake")
    write("postgresql", f"{postgresql}&options=-csearch_path%3Dlake", rich, THINGS)
    with psycopg.connect(postgresql) as connection:
        assert connection.execute(
            'SELECT count(*) FROM lake."Thing" JOIN lake."Thing_tags" ON id = "Thing_id"'
        ).fetchone() == (3,)


def test_a_server_that_cannot_be_written_is_told(rich: SchemaModel, postgresql: str) -> None:
    """SNK044, without the password."""
    import psycopg

    with psycopg.connect(postgresql) as connection:
        connection.execute("DROP ROLE IF EXISTS reader")
        connection.execute("CREATE ROLE reader LOGIN")
    for place in (
        postgresql.replace("postgres:geheim", "reader:geheim"),
        postgresql.replace("postgres:geheim", "nobody:geheim"),
    ):
        with pytest.raises(SinkError) as caught:
            write("postgresql", place, rich, THINGS)
        assert "SNK044" in str(caught.value) and "geheim" not in str(caught.value)


@pytest.mark.parametrize("form", ["sqlite", "duckdb"])
def test_a_file_that_cannot_be_made_is_told(form: str, rich: SchemaModel, tmp_path: Path) -> None:
    """SNK043."""
    module = importlib.import_module(f"semantics.sinks.sql.{form}")
    builder = getattr(module, f"{form.capitalize()}Builder")(rich, ("Thing",))
    with pytest.raises(SinkError, match="SNK043"):
        builder.build(iter([]), tmp_path / "none" / "a.db")


@pytest.mark.parametrize(("form", "extra"), [("duckdb", "duckdb"), ("postgresql", "postgresql")])
def test_a_library_that_is_not_installed_is_named_with_its_extra(
    form: str, extra: str, rich: SchemaModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SNK040."""

    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr("semantics.extras.import_module", missing)
    place = "postgresql://localhost/x" if form == "postgresql" else tmp_path / "a.duckdb"
    with pytest.raises(UsageError) as caught:
        open_sink(form, place, rich)
    assert "SNK040" in str(caught.value) and f"semantics[{extra}]" in str(caught.value)


def test_formats_are_told_by_name() -> None:
    """The command knows every sink."""
    from semantics.cli.formats import OUTPUTS
    from semantics.sinks import SINKS

    assert list(OUTPUTS) == list(SINKS)
    assert [sink_format(name) for name in ("a.DB", "postgres://x/y", "duckdb:///a", "a.duckdb")] == [
        "sqlite",
        "postgresql",
        "duckdb",
        "duckdb",
    ]

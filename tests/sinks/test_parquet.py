"""Instances as Parquet: the model's types, nothing rounded, the same bytes again, and back as they were."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from semantics.arrow_fields import FORM, JSON, TERM, UNIT
from semantics.errors import SinkError, UsageError
from semantics.lexical import LexicalError
from semantics.records import Instance
from semantics.schema import load_schema
from semantics.schema.model import SchemaModel
from semantics.sinks import open_encoder, open_sink, sink_format
from semantics.sinks.arrow_schema import MAX_COLUMNS, arrow_class
from semantics.sinks.parquet import GROUP_ROWS, ParquetRows, TableWriter, group_rows
from semantics.sinks.rdf_terms import RdfFault
from semantics.sources import ReadOptions, open_source

from .conftest import FULL

D = Decimal
FITTING = {**FULL, "count": -(2**63), "amount": D("12345678901234567890.123456789012345678")}
"""The full instance, with numbers that columns hold."""


def write(target: Path, schema: SchemaModel, *instances: Instance, classes: tuple[str, ...] = ("Thing",)) -> None:
    sink = open_sink("parquet", target, schema, classes=classes)
    for number, instance in enumerate(instances, 1):
        sink.write(instance, f"1-{number}-0")
    sink.finish()
    sink.commit()


def read(path: Path) -> list[Any]:
    return [record.data for record in open_source(path, "parquet", ReadOptions())]


def model(**slots: Any) -> SchemaModel:
    classes = {"Row": {"attributes": slots}, "Any": {"class_uri": "linkml:Any"}}
    return load_schema(
        {
            "id": "https://example.org/m", "name": "m", "imports": ["linkml:types"],
            "prefixes": {"linkml": "https://w3id.org/linkml/"}, "default_prefix": "https://example.org/m/",
            "types": {"Moment": {"typeof": "datetime", "pattern": "Z$"}},
            "enums": {"Colour": {"permissible_values": {"red": {}}}}, "classes": classes,
        }
    )  # fmt: skip


def row(value: Any, **slot: Any) -> Any:
    """What the column of a slot holds of a value, read back from Arrow."""
    table = arrow_class(model(s=slot), "Row")
    return table.batch([table.row({"s": value})]).column(0)[0].as_py()


# -- types -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slot", "kind"),
    [
        ({}, "string"),
        ({"range": "Colour"}, "string"),
        ({"range": "uriorcurie"}, "string"),
        ({"range": "integer"}, "int64"),
        ({"range": "integer", "maximum_value": 10**30}, "decimal128(38, 0)"),
        ({"range": "decimal"}, "decimal128(38, 18)"),
        ({"range": "decimal", "maximum_value": 10**30}, "decimal128(38, 7)"),
        ({"range": "float"}, "double"),
        ({"range": "boolean"}, "bool"),
        ({"range": "date"}, "date32[day]"),
        ({"range": "time"}, "string"),
        ({"range": "datetime"}, "string"),
        ({"range": "datetime", "pattern": "^2.*Z$"}, "timestamp[us, tz=UTC]"),
        ({"range": "Moment"}, "timestamp[us, tz=UTC]"),
        ({"range": "integer", "multivalued": True}, "list<element: int64>"),
        ({"range": "Any"}, "string"),
        ({"range": "Row", "inlined": True}, "string"),
        ({"any_of": [{"range": "string"}, {"range": "date"}]}, "string"),
        ({"any_of": [{"range": "integer"}, {"range": "string"}]}, "string"),
    ],
)
def test_a_slot_has_a_column_of_its_type(slot: dict[str, Any], kind: str) -> None:
    assert kind == str(arrow_class(model(s=slot), "Row").schema.field("s").type)


def test_fields_carry_the_terms_and_units_of_the_model() -> None:
    found = arrow_class(model(s={"range": "decimal", "unit": {"ucum_code": "kW.h"}, "slot_uri": "linkml:x"}), "Row")
    metadata = found.schema.field("s").metadata
    assert (b"https://w3id.org/linkml/x", b"kW.h") == (metadata[TERM], metadata[UNIT])
    assert b"https://example.org/m/Row" == found.schema.metadata[TERM]


def test_objects_are_structs_of_all_the_slots_that_may_stand_there(schema: SchemaModel) -> None:
    value = arrow_class(schema, "Thing").schema.field("value").type
    assert ["number", "unit", "name", "inner", "parts"] == [field.name for field in value]
    # A class inside itself is cut.
    assert (pa.string(), JSON) == (value.field("inner").type, value.field("inner").metadata[FORM])
    # A designator may say that a thing is a device.
    assert "serial" in arrow_class(schema, "Thing").schema.names


def test_a_class_with_too_many_columns_is_cut_at_a_lower_level() -> None:
    classes: dict[str, Any] = {"Leaf": {"attributes": {f"s{n}": {} for n in range(300)}}}
    for level in range(4):
        below = f"C{level - 1}" if level else "Leaf"
        classes[f"C{level}"] = {"attributes": {name: {"range": below, "inlined": True} for name in "abc"}}
    whole = load_schema(
        {"id": "https://example.org/w", "name": "w", "default_prefix": "https://example.org/w/", "classes": classes,
         "imports": ["linkml:types"], "default_range": "string"}
    )  # fmt: skip
    found = arrow_class(whole, "C3")
    leaves = sum(len(field.flatten()) for field in found.schema)
    assert leaves <= MAX_COLUMNS
    data = {"a": {"b": {"c": {"a": {"s7": "x"}}}}}
    made = found.batch([found.row(data)]).to_pylist()[0]["a"]["b"]
    assert {"a": '{"s7":"x"}', "b": None, "c": None} == made["c"]


@pytest.mark.parametrize(
    ("value", "slot", "expected"),
    [
        (D("1E+3"), {"range": "decimal"}, D(1000)),
        (D("1.000000000000000000000000"), {"range": "decimal"}, D(1)),
        (D("-0.00"), {"range": "decimal"}, D(0)),
        (7, {"range": "decimal"}, D(7)),
        (D("7.0"), {"range": "integer"}, 7),
        (10**37, {"range": "integer", "maximum_value": 10**37}, D(10**37)),
        (D("0.1"), {"range": "float"}, 0.1),
    ],
)
def test_numbers_are_held_by_their_value(value: Any, slot: dict[str, Any], expected: Any) -> None:
    assert expected == row(value, **slot)


@pytest.mark.parametrize(
    ("value", "slot"),
    [
        (D("1E-19"), {"range": "decimal"}),
        (D(10) ** 20, {"range": "decimal"}),
        (2**63, {"range": "integer"}),
        (10**38, {"range": "integer", "maximum_value": 10**40}),
        (D("0.5"), {"range": "integer"}),
        (float("nan"), {"range": "float"}),
        ("1.5", {"range": "decimal"}),
        ("2024-02-30", {"range": "date"}),
        ("2024-02-29T08:00:00+01:00", {"range": "Moment"}),
        ("2024-02-29T08:00:00.1234567Z", {"range": "Moment"}),
        (5, {}),
        ("x", {"multivalued": True}),
        (["x"], {}),
        (D("NaN"), {"range": "Any"}),
    ],
)
def test_a_value_that_its_column_cannot_hold_is_refused(value: Any, slot: dict[str, Any]) -> None:
    with pytest.raises(LexicalError) as caught:
        row(value, **slot)
    assert isinstance(caught.value, RdfFault) and "/s" == caught.value.pointer


@pytest.mark.parametrize(
    ("text", "micros"),
    [("1970-01-01T00:00:01.5Z", 1_500_000), ("1969-12-31T23:59:59.9999990Z", -1), ("2024-02-29T00:00:00Z", 1709164800 * 10**6)],
)  # fmt: skip
def test_moments_that_end_in_z_are_timestamps(text: str, micros: int) -> None:
    assert micros == arrow_class(model(s={"range": "Moment"}), "Row").row({"s": text})["s"]


def test_a_fault_tells_its_place(schema: SchemaModel) -> None:
    encoder = open_encoder("parquet", schema, classes=["Thing"])
    for data, pointer in (
        ({"values": [{}, {"number": "x"}]}, "/values/1/number"),
        ({"coded": {"k": {"text": 5}}}, "/coded/0/text"),
        ({"none": 1}, ""),
    ):
        with pytest.raises(LexicalError) as caught:
            encoder.encode(Instance("Thing", data), "1-1-0")
        assert pointer == getattr(caught.value, "pointer", None)


# -- files -------------------------------------------------------------------------------------


def test_what_is_written_is_read_back_as_it_was(schema: SchemaModel, tmp_path: Path) -> None:
    instances = [FITTING, {"id": "ex:1"}, {"id": "ex:2", "names": [], "value": {}, "coded": {}, "yes": False}]
    write(tmp_path / "out.parquet", schema, *(Instance("Thing", data) for data in instances))
    assert instances == read(tmp_path / "out.parquet")
    assert ["out.parquet"] == [path.name for path in tmp_path.iterdir()]


def test_the_same_instances_give_the_same_bytes(schema: SchemaModel, tmp_path: Path) -> None:
    made = []
    for name in ("a.parquet", "b.pq"):
        write(tmp_path / name, schema, *[Instance("Thing", FITTING)] * 50)
        made.append((tmp_path / name).read_bytes())
    assert (made[0], "parquet", "parquet") == (made[1], sink_format("a.parquet"), sink_format("b.pq"))


def test_row_groups_do_not_depend_on_how_rows_came(tmp_path: Path) -> None:
    table = arrow_class(model(s={}), "Row")
    rows = pa.Table.from_batches([table.batch([{"s": str(n)} for n in range(GROUP_ROWS + 500)])], table.schema)
    for name, step in (("a", 7_000), ("b", GROUP_ROWS + 500)):
        writer = TableWriter(table, tmp_path / name)
        for start in range(0, rows.num_rows, step):
            writer.add(rows.slice(start, step))
        writer.close()
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    found = pq.read_metadata(tmp_path / "a")
    assert [GROUP_ROWS, 500] == [found.row_group(n).num_rows for n in range(found.num_row_groups)]


def test_a_wide_table_has_short_row_groups() -> None:
    wide = pa.schema([("s", pa.struct([(f"c{n}", pa.list_(pa.int64())) for n in range(1000)]))])
    assert (8_000, GROUP_ROWS) == (group_rows(wide), group_rows(pa.schema([("id", pa.string())])))


def test_a_run_without_instances_makes_a_table_without_rows(schema: SchemaModel, tmp_path: Path) -> None:
    write(tmp_path / "out.parquet", schema)
    assert arrow_class(schema, "Thing").schema.names == pq.read_schema(tmp_path / "out.parquet").names
    assert [] == read(tmp_path / "out.parquet")


def test_instances_of_several_classes_need_a_folder(schema: SchemaModel, tmp_path: Path) -> None:
    sink = open_sink("parquet", tmp_path / "out.parquet", schema, classes=["Other", "Value"])
    other = sink.encoder.encode(Instance("Other", {"size": 1}), "1-1-0")
    value = sink.encoder.encode(Instance("Value", {"unit": "x" * 40}), "1-2-0")
    sink.append(other * 3)
    with pytest.raises(UsageError) as caught:
        sink.append(other + value)
    (found,) = caught.value.diagnostics
    assert "SNK033" == found.code and found.hint is not None and "--to parquet" in found.hint
    sink.abort()
    assert [] == list(tmp_path.iterdir())


def test_a_folder_gets_a_file_for_each_class(schema: SchemaModel, tmp_path: Path) -> None:
    for name in ("Other.parquet", "Coded.parquet", "Thing.parquet"):
        (tmp_path / name).write_bytes(b"older")
    mixed = [Instance("Other", {"size": 1}), Instance("Value", {"unit": "kg"}), Instance("Other", {"size": 2})]
    write(tmp_path, schema, *mixed, classes=("Other", "Value", "Coded", "Numbered"))
    assert {"Other", "Value", "Coded", "Thing"} == {path.stem for path in tmp_path.iterdir()}
    assert [{"size": 1}, {"size": 2}] == read(tmp_path / "Other.parquet")
    # What an earlier run said of a class of this one holds no more; other files are none of its business.
    assert ([{"unit": "kg"}], []) == (read(tmp_path / "Value.parquet"), read(tmp_path / "Coded.parquet"))
    assert b"older" == (tmp_path / "Thing.parquet").read_bytes()


def test_a_folder_that_is_given_up_is_as_it_was(schema: SchemaModel, tmp_path: Path) -> None:
    (tmp_path / "Other.parquet").write_bytes(b"older")
    sink = open_sink("parquet", tmp_path, schema, classes=["Other", "Value"])
    sink.write(Instance("Other", {"size": 1}), "1-1-0")
    with pytest.raises(SinkError, match="another run"):
        open_sink("parquet", tmp_path, schema, classes=["Other"])
    sink.prepare()
    sink.abort()
    assert [("Other.parquet", b"older")] == [(path.name, path.read_bytes()) for path in tmp_path.iterdir()]


def test_a_class_that_the_model_does_not_have_is_refused(schema: SchemaModel, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        open_sink("parquet", tmp_path / "out.parquet", schema, classes=["Nothing"])
    assert "SNK034" == caught.value.diagnostics[0].code
    with pytest.raises(LexicalError):
        ParquetRows(schema, ("Thing",)).row(Instance("Other", {"size": 1}))


def test_without_pyarrow_the_extra_is_named(
    schema: SchemaModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError) as caught:
        open_sink("parquet", tmp_path / "out.parquet", schema, classes=["Thing"])
    (found,) = caught.value.diagnostics
    assert ("SNK032", "pip install 'semantics[arrow]'") == (found.code, found.hint)

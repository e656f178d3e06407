"""Parquet and Arrow through whole runs: there and back, rejects and their replay, columns that nobody knows."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import semantics
from semantics.cli import main
from semantics.errors import SourceError, UsageError
from semantics.sources import open_source

SCHEMA: dict[str, Any] = {
    "id": "https://example.org/energy",
    "name": "energy",
    "imports": ["linkml:types"],
    "default_prefix": "https://example.org/energy/",
    "default_range": "string",
    "classes": {
        "Meter": {
            "tree_root": True,
            "attributes": {
                "id": {"identifier": True},
                "kind": {"required": True},
                "installed": {"range": "date"},
                "readings": {"range": "Reading", "multivalued": True, "inlined": True, "inlined_as_list": True},
                "place": {"range": "Place", "inlined": True},
                "tags": {"multivalued": True},
            },
        },
        "Reading": {"attributes": {"at": {"range": "datetime"}, "value": {"range": "decimal"}, "ok": {"range": "boolean"}}},
        "Place": {"attributes": {"lat": {"range": "float"}, "name": {}}},
    },
}  # fmt: skip
MAPPING: dict[str, Any] = {
    "name": "same",
    "class_derivations": {
        "Meter": {"slot_derivations": dict.fromkeys(SCHEMA["classes"]["Meter"]["attributes"])},
        "Reading": {"slot_derivations": dict.fromkeys(SCHEMA["classes"]["Reading"]["attributes"])},
        "Place": {"slot_derivations": dict.fromkeys(SCHEMA["classes"]["Place"]["attributes"])},
    },
}
METERS: list[dict[str, Any]] = [
    {
        "id": f"m{number}",
        "kind": "abc"[number % 3],
        **({"installed": "2024-02-29"} if number % 2 else {}),
        "readings": [
            {"at": "2024-05-29T08:00:00+02:00", "value": Decimal(number) / 8, "ok": number % 3 == 0}
            for _ in range(number % 4)
        ],
        **({"place": {"lat": 51.5, "name": "é"}} if number % 5 else {}),
        "tags": ["a", "b"],
    }
    for number in range(500)
]


def lines(values: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(value, default=float) + "\n" for value in values)


def mapping(**changes: Any) -> Any:
    return semantics.load_mapping({**MAPPING, **changes}, source_schema=SCHEMA, target_schema=SCHEMA)


def convert(source: Path, target: Path, **options: Any) -> Any:
    return semantics.convert(mapping(), source, target, **options)


def entries(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("form", ["parquet", "arrow", "feather"])
def test_there_and_back_nothing_has_changed(tmp_path: Path, form: str) -> None:
    (tmp_path / "in.ndjson").write_text(lines(METERS))
    report = convert(tmp_path / "in.ndjson", tmp_path / "out.parquet", validate="both")
    assert {"read": 500, "mapped": 500, "emitted": 500} == {
        key: report.records[key] for key in ("read", "mapped", "emitted")
    }
    source = tmp_path / f"again.{form}"
    table = pq.read_table(tmp_path / "out.parquet")
    if form == "parquet":
        (tmp_path / "out.parquet").rename(source)
    else:
        with pa.ipc.new_file(source, table.schema) as writer:
            writer.write_table(table, max_chunksize=64)
    convert(source, tmp_path / "back.ndjson")
    convert(tmp_path / "in.ndjson", tmp_path / "plain.ndjson")
    back = [json.loads(line, parse_float=Decimal) for line in (tmp_path / "back.ndjson").read_text().splitlines()]
    assert [
        json.loads(line, parse_float=Decimal) for line in (tmp_path / "plain.ndjson").read_text().splitlines()
    ] == back


@pytest.mark.parametrize("name", ["fhir-r4", "gtfs", "open-banking"])
def test_instances_of_the_shared_models_come_back_from_a_folder_of_tables(tmp_path: Path, name: str) -> None:
    inputs = Path(__file__).resolve().parents[2] / "mappings" / "examples" / name
    (tmp_path / "lake").mkdir()
    semantics.convert(name, inputs, tmp_path / "out.ndjson")
    semantics.convert(name, inputs, tmp_path / "lake", target_format="parquet")
    back = [record.data for path in (tmp_path / "lake").iterdir() for record in open_source(path, "parquet")]
    lines = (tmp_path / "out.ndjson").read_text().splitlines()
    plain = [json.loads(line, parse_float=Decimal) for line in lines]
    assert plain and sorted(plain, key=told) == sorted(back, key=told)


def told(data: dict[str, Any]) -> str:
    return json.dumps(data, default=float, sort_keys=True)


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "in.ndjson").write_text(lines(METERS))
    made = []
    for name in ("one", "two"):
        convert(tmp_path / "in.ndjson", tmp_path / f"{name}.parquet")
        made.append((tmp_path / f"{name}.parquet").read_bytes())
    assert made[0] == made[1]


def test_a_value_without_a_place_rejects_its_record_alone(tmp_path: Path) -> None:
    bad = {"id": "m", "kind": "a", "readings": [{"value": 1}, {"value": 1e-30}]}
    (tmp_path / "in.ndjson").write_text(lines([METERS[0], bad, METERS[1]]))
    report = convert(tmp_path / "in.ndjson", tmp_path / "out.parquet")
    assert (2, 1) == (report.records["mapped"], report.records["rejected"])
    (entry,) = entries(tmp_path / "out.parquet.rejects.ndjson")
    assert ("SNK010", "/readings/1/value") == (entry["code"], entry["pointer"])
    assert ["m0", "m1"] == pq.read_table(tmp_path / "out.parquet")["id"].to_pylist()


def test_rejected_rows_are_run_again(tmp_path: Path) -> None:
    table = pa.Table.from_pylist(
        [{"id": "m1", "kind": "a", "tags": ["x"]}, {"id": "m2", "kind": None, "tags": None}, {"id": "m3", "kind": "b"}]
    )
    pq.write_table(table, tmp_path / "in.parquet")
    convert(tmp_path / "in.parquet", tmp_path / "out.ndjson")
    (entry,) = entries(tmp_path / "out.ndjson.rejects.ndjson")
    assert ({"id": "m2"}, 2, "parquet") == (json.loads(entry["raw"]), entry["record"], entry["format"])
    kind = {**MAPPING["class_derivations"]["Meter"]["slot_derivations"], "kind": {"expr": "'none'"}}
    fixed = {**MAPPING["class_derivations"], "Meter": {"slot_derivations": kind}}
    relaxed = json.loads(json.dumps(SCHEMA))
    relaxed["classes"]["Meter"]["attributes"]["kind"] = {}
    again = semantics.load_mapping({**MAPPING, "class_derivations": fixed}, source_schema=relaxed, target_schema=SCHEMA)
    report = semantics.convert(again, tmp_path / "out.ndjson.rejects.ndjson", tmp_path / "more.ndjson", replay=True)
    assert (1, [{"id": "m2", "kind": "none"}]) == (report.records["mapped"], entries(tmp_path / "more.ndjson"))


def test_a_row_that_cannot_be_read_is_rejected(tmp_path: Path) -> None:
    places = [{"lat": 1.5, "name": "x"}, {"lat": math.nan, "name": "x"}]
    table = pa.Table.from_pylist([{"id": f"m{n}", "kind": "a", "place": place} for n, place in enumerate(places)])
    pq.write_table(table, tmp_path / "in.parquet")
    report = convert(tmp_path / "in.parquet", tmp_path / "out.ndjson")
    assert (1, 1) == (report.records["mapped"], report.records["rejected"])
    (entry,) = entries(tmp_path / "out.ndjson.rejects.ndjson")
    assert ("SRC102", "/place/lat", 2) == (entry["code"], entry["pointer"], entry["record"])


def test_a_column_that_the_class_does_not_have_is_an_error_or_reported(tmp_path: Path) -> None:
    table = pa.Table.from_pylist([{"id": "m1", "kind": "a", "colour": "red"}])
    pq.write_table(table, tmp_path / "in.parquet")
    with pytest.raises(SourceError) as caught:
        convert(tmp_path / "in.parquet", tmp_path / "out.ndjson")
    (found,) = caught.value.diagnostics
    assert ("RUN011", str(tmp_path / "in.parquet")) == (found.code, str(found.location))
    lenient = mapping(source={"unknown": "report"})
    report = semantics.convert(lenient, tmp_path / "in.parquet", tmp_path / "out.ndjson")
    assert 1 == report.records["mapped"]
    assert "colour" in json.dumps(json.loads(report.to_json()))


def test_columns_that_fit_no_class_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1], "y": [2]}), tmp_path / "in.parquet")
    with pytest.raises(SourceError) as caught:
        semantics.convert(mapping(), tmp_path / "in.parquet", tmp_path / "out.ndjson")
    assert caught.value.diagnostics[0].code in ("RUN010", "RUN011")


TWO: dict[str, Any] = {
    "name": "two",
    "class_derivations": {
        "Meter": {"slot_derivations": {"id": None, "kind": None}},
        "Spot": {"populated_from": "Meter", "slot_derivations": {"name": {"populated_from": "id"}}},
    },
}


def test_several_classes_go_into_a_folder(tmp_path: Path) -> None:
    target = json.loads(json.dumps(SCHEMA))
    target["classes"]["Spot"] = {"attributes": {"name": {}}}
    ready = semantics.load_mapping(TWO, source_schema=SCHEMA, target_schema=target)
    (tmp_path / "in.ndjson").write_text(lines(METERS[:3]))
    with pytest.raises(UsageError) as caught:
        semantics.convert(ready, tmp_path / "in.ndjson", tmp_path / "out.parquet")
    assert "SNK033" == caught.value.diagnostics[0].code
    (tmp_path / "lake").mkdir()
    semantics.convert(ready, tmp_path / "in.ndjson", tmp_path / "lake", target_format="parquet")
    assert ["Meter.parquet", "Spot.parquet"] == sorted(path.name for path in (tmp_path / "lake").iterdir())
    assert ["m0", "m1", "m2"] == pq.read_table(tmp_path / "lake" / "Spot.parquet")["name"].to_pylist()


def test_a_folder_that_holds_an_input_is_no_output(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": ["m1"], "kind": ["a"]}), tmp_path / "Meter.parquet")
    before = (tmp_path / "Meter.parquet").read_bytes()
    with pytest.raises(UsageError) as caught:
        convert(tmp_path / "Meter.parquet", tmp_path, target_format="parquet")
    assert ("RUN006", before) == (caught.value.diagnostics[0].code, (tmp_path / "Meter.parquet").read_bytes())


def test_the_command_reads_and_validates_parquet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "energy.yaml").write_text(json.dumps(SCHEMA))
    (tmp_path / "in.ndjson").write_text(lines(METERS))
    convert(tmp_path / "in.ndjson", tmp_path / "out.parquet")
    with pytest.raises(SystemExit) as ended:
        main(["validate", str(tmp_path / "energy.yaml"), str(tmp_path / "out.parquet")])
    assert (0, True) == (ended.value.code, "500" in "".join(capsys.readouterr()))

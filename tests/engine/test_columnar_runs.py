"""Runs by columns: the bytes, rejects and counts of the ordinary run; chosen where it is proven, and told."""

from __future__ import annotations

import builtins
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
pytest.importorskip("duckdb")

import semantics  # noqa: E402
from semantics.engine.columnar import SMALL  # noqa: E402
from semantics.errors import SinkError, SourceError, UsageError  # noqa: E402

SCHEMA: dict[str, Any] = {
    "id": "https://example.org/w",
    "name": "w",
    "default_prefix": "https://example.org/w/",
    "imports": ["linkml:types"],
    "classes": {
        "Row": {
            "attributes": {
                "id": {"required": True},
                "kind": {},
                "state": {},
                "amount": {"range": "decimal"},
                "day": {"range": "date"},
                "count": {"range": "integer"},
                "ratio": {"range": "float"},
                "spare": {},
                "seen": {"range": "datetime"},
                "local": {"range": "datetime"},
                "place": {"range": "Place", "inlined": True},
                "tags": {"multivalued": True},
            }
        },
        "Place": {"attributes": {"town": {}, "country": {}}},
        "Out": {
            "attributes": {
                "id": {"required": True, "range": "uri"},
                "code": {"pattern": "^[A-Z][0-9]+$"},
                "kind": {"range": "Kind"},
                "state": {"range": "State"},
                "amount": {"range": "decimal", "maximum_value": 1000},
                "label": {},
                "day": {"range": "date"},
                "count": {"range": "integer"},
                "ratio": {"range": "float"},
                "note": {},
                "seen": {"range": "datetime"},
                "seen_text": {},
                "address": {"range": "Address", "inlined": True},
                "words": {"multivalued": True},
            }
        },
        "Address": {"attributes": {"town": {"required": True}, "country": {"pattern": "^[A-Z]{2}$"}}},
    },
    "enums": {
        "Kind": {"permissible_values": {"credit": None, "debit": None}},
        "State": {"permissible_values": {"open": None, "shut": None}},
    },
}
MAPPING: dict[str, Any] = {
    "name": "by_columns",
    "class_derivations": {
        "Out": {
            "populated_from": "Row",
            "where": "kind is null or kind != 'skip'",
            "slot_derivations": {
                "id": {"iri": "https://example.org/{id}"},
                "code": {"populated_from": "id"},
                "kind": {
                    "populated_from": "kind",
                    "value_mappings": {"C": "credit", "D": "debit"},
                    "default": "credit",
                },
                "state": {"populated_from": "state", "value_mappings": {"o": "open", "s": "shut"}, "unmapped": "null"},
                "amount": {"expr": "-amount if kind == 'D' else amount"},
                "label": {"expr": "concat(lower(id), ': ', amount)"},
                "day": {"populated_from": "day"},
                "count": {"expr": "count * 2 + 1"},
                "ratio": {"populated_from": "ratio"},
                "note": {"value": "made"},
                "seen": {"populated_from": "seen"},
                "seen_text": {"expr": "concat('at ', seen)"},
                "address": {"populated_from": "place"},
                "words": {"populated_from": "tags"},
            },
        },
        "Address": {"populated_from": "Place", "slot_derivations": {"town": {}, "country": {}}},
    },
}
TYPES = {
    "id": pa.string(), "kind": pa.string(), "state": pa.string(), "amount": pa.decimal128(12, 2), "day": pa.date32(),
    "count": pa.int64(), "ratio": pa.float64(), "spare": pa.string(), "seen": pa.timestamp("us", "UTC"), "local": pa.timestamp("ms"),
    "place": pa.struct([("town", pa.string()), ("country", pa.string())]), "tags": pa.list_(pa.string()),
}  # fmt: skip


def rows(count: int) -> dict[str, list[Any]]:
    """Columns in which nothing is wrong, with nulls, filtered rows, defaults and codes without an entry."""
    found: dict[str, list[Any]] = {name: [] for name in TYPES}
    for n in range(count):
        found["id"].append(f"A{n}")
        found["kind"].append(("C", "D", None, "skip", "C")[n % 5])
        found["state"].append(("o", "s", "x", None, "y")[n % 5 if n % 11 else 0])
        found["amount"].append(None if n % 7 == 3 else Decimal(n % 900) / 4)
        found["day"].append(None if n % 9 == 2 else date(2000 + n % 30, 1 + n % 12, 1 + n % 28))
        found["count"].append(None if n % 13 == 5 else n - 50)
        found["ratio"].append(n / 8)
        found["spare"].append("left" if n % 2 else None)
        found["seen"].append((None, n * 7_000_003 * 1000, -n * 1_000_001, n * 86_400_000_000)[n % 4])
        found["local"].append(n * 1000)
        found["place"].append(({"town": f"T{n}", "country": "GB"}, None, {"town": None, "country": None})[n % 3])
        found["tags"].append((["a", None, "b"], [], None, [None])[n % 4])
    return found


def written(path: Path, columns: dict[str, list[Any]], group: int = 1000) -> str:
    table = pa.table({name: pa.array(values, TYPES[name]) for name, values in columns.items()})
    pq.write_table(table, path, row_group_size=group)
    return str(path)


def both(tmp_path: Path, source: str, mapping: Any = MAPPING, **options: Any) -> tuple[Any, Any]:
    """The runs of both backends, after their bytes, rejects and reports have been compared."""
    runs = {}
    for backend in ("columnar", "python"):
        folder = tmp_path / backend
        folder.mkdir()
        loaded = semantics.load_mapping(mapping, source_schema=SCHEMA, target_schema=SCHEMA)
        runs[backend] = semantics.convert(loaded, source, folder / "out.parquet", backend=backend, **options)
    reports = []
    for backend, report in runs.items():
        told = json.loads(report.to_json())
        assert told["run"].pop("backend") == backend
        told["run"].pop("rows", None), told["run"].pop("seconds")
        told["rejects_file"] = bool(told["rejects_file"])
        reports.append(told)
        assert report.records["read"] == sum(report.records[name] for name in ("mapped", "rejected", "filtered"))
    assert reports[0] == reports[1]
    for name in ("out.parquet", "out.parquet.rejects.ndjson"):
        one, other = (tmp_path / backend / name for backend in runs)
        assert one.exists() == other.exists()
        if one.exists():
            assert one.read_bytes() == other.read_bytes()
    return runs["columnar"], runs["python"]


def test_a_run_by_columns_writes_and_counts_what_the_ordinary_run_does(tmp_path: Path) -> None:
    """Codes, defaults, filters, exact numbers, objects, lists: to the byte, and to the last count."""
    found, _ = both(tmp_path, written(tmp_path / "in.parquet", rows(3_000)))
    assert found.run["rows"] == {"by_columns": 3_000, "by_records": 0}
    assert found.records["filtered"] == 600
    assert found.target_slots["Out.kind"]["defaulted"] == 600
    assert set(found.unmapped["Out.state"]) == {"x", "y"}
    assert found.dropped["spare"]["unread"]


WRONG: tuple[tuple[str, Any], ...] = (
    ("id", None), ("id", "a1"), ("id", ""), ("kind", "X"), ("amount", Decimal("-1000.25")), ("amount", Decimal("1000.25")),
    ("count", 2**62), ("ratio", float("nan")), ("place", {"town": None, "country": "GB"}),
    ("place", {"town": "T", "country": "gb"}), ("id", "É9"),
)  # fmt: skip


def test_rows_out_of_the_ordinary_go_one_by_one_and_are_rejected_as_ever(tmp_path: Path) -> None:
    """Only the rows around them leave the columns; rejects are byte for byte those of the ordinary run."""
    columns = rows(4_000)
    for place, (name, value) in enumerate(WRONG):
        columns[name][500 + 200 * place] = value
    found, _ = both(tmp_path, written(tmp_path / "in.parquet", columns))
    assert found.records["rejected"] >= 8
    assert 0 < found.run["rows"]["by_records"] < 1_500


def test_without_validation_what_is_not_valid_is_written(tmp_path: Path) -> None:
    """The same rows stay in the columns where nobody asks whether they are valid."""
    columns = rows(300)
    columns["id"][7] = "lower"
    found, _ = both(tmp_path, written(tmp_path / "in.parquet", columns), validate="none")
    assert found.records["rejected"] == 0
    assert found.run["rows"]["by_records"] == 0


def test_several_files_are_one_run_and_an_empty_one_changes_nothing(tmp_path: Path) -> None:
    """Records are numbered by file, in the order of the inputs."""
    first = written(tmp_path / "a.parquet", rows(200))
    second = written(tmp_path / "b.parquet", rows(0))
    third = rows(150)
    third["kind"][149] = "X"
    found, _ = both(tmp_path, [first, second, written(tmp_path / "c.parquet", third)])  # type: ignore[arg-type]
    assert found.records["read"] == 350
    assert found.records["rejected"] == 1


def test_a_run_goes_by_columns_by_itself_where_that_is_quicker_and_says_so(tmp_path: Path) -> None:
    """Many rows of a proven plan by columns, few of them not; JSON is nothing for columns."""
    loaded = semantics.load_mapping(MAPPING, source_schema=SCHEMA, target_schema=SCHEMA)
    few = written(tmp_path / "few.parquet", rows(20))
    many = written(tmp_path / "many.parquet", rows(SMALL))
    told = semantics.convert(loaded, few, tmp_path / "few.out.parquet").run
    assert told["backend"] == "python"
    assert "rows" in told["because"]
    assert semantics.convert(loaded, many, tmp_path / "many.out.parquet").run["backend"] == "columnar"
    assert semantics.convert(loaded, many, tmp_path / "out.ndjson").run["backend"] == "python"


def test_a_plan_with_gaps_is_refused_with_all_of_them_and_their_lines(tmp_path: Path) -> None:
    """RUN110 says why, RUN111 each part that is not carried out."""
    slots = {**MAPPING["class_derivations"]["Out"]["slot_derivations"],
             "label": {"expr": "title(id)"}, "count": {"expr": "count ** 2"}}  # fmt: skip
    derivations = {**MAPPING["class_derivations"], "Out": {"populated_from": "Row", "slot_derivations": slots}}
    loaded = semantics.load_mapping({**MAPPING, "class_derivations": derivations},
                                    source_schema=SCHEMA, target_schema=SCHEMA)  # fmt: skip
    source = written(tmp_path / "in.parquet", rows(SMALL))
    with pytest.raises(UsageError) as refused:
        semantics.convert(loaded, source, tmp_path / "out.parquet", backend="columnar")
    assert [found.code for found in refused.value.diagnostics] == ["RUN110", "RUN111", "RUN111"]
    assert "title()" in refused.value.diagnostics[1].message
    assert semantics.convert(loaded, source, tmp_path / "out.parquet").run["backend"] == "python"


def test_other_outputs_and_unknown_backends_are_refused(tmp_path: Path) -> None:
    """RUN110 for what is no table, RUN112 for a backend that there is not."""
    loaded = semantics.load_mapping(MAPPING, source_schema=SCHEMA, target_schema=SCHEMA)
    source = written(tmp_path / "in.parquet", rows(10))
    with pytest.raises(UsageError, match="RUN110"):
        semantics.convert(loaded, source, tmp_path / "out.ndjson", backend="columnar")
    with pytest.raises(UsageError, match=r"(?s)RUN112.*columnar"):
        semantics.convert(loaded, source, tmp_path / "out.parquet", backend="columner")


def test_without_the_library_runs_go_by_records_and_the_refusal_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckDB is an extra."""
    loaded = semantics.load_mapping(MAPPING, source_schema=SCHEMA, target_schema=SCHEMA)
    source = written(tmp_path / "in.parquet", rows(SMALL))
    real = builtins.__import__

    def missing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "duckdb":
            raise ImportError("none", name="duckdb")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    assert semantics.convert(loaded, source, tmp_path / "out.parquet").run["backend"] == "python"
    with pytest.raises(UsageError, match=r"semantics\[duckdb\]"):
        semantics.convert(loaded, source, tmp_path / "out.parquet", backend="columnar")


def test_a_damaged_file_ends_the_run_and_leaves_no_output(tmp_path: Path) -> None:
    """What was written before is given up."""
    loaded = semantics.load_mapping(MAPPING, source_schema=SCHEMA, target_schema=SCHEMA)
    source = Path(written(tmp_path / "in.parquet", rows(6_000)))
    data = bytearray(source.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 4_000] = bytes(4_000)
    source.write_bytes(data)
    with pytest.raises(SourceError, match="SRC103"):
        semantics.convert(loaded, str(source), tmp_path / "out.parquet", backend="columnar")
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith(".")) == ["in.parquet"]


def test_fail_fast_stops_at_the_first_bad_row(tmp_path: Path) -> None:
    """As in the ordinary run."""
    loaded = semantics.load_mapping(MAPPING, source_schema=SCHEMA, target_schema=SCHEMA)
    columns = rows(500)
    columns["kind"][400] = "X"
    with pytest.raises(semantics.RecordError, match="REC004"):
        semantics.convert(loaded, written(tmp_path / "in.parquet", columns), tmp_path / "out.parquet",
                          backend="columnar", fail_fast=True)  # fmt: skip
    assert not (tmp_path / "out.parquet").exists()


def test_a_disk_that_fails_at_any_step_leaves_no_damaged_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first write, sync or rename fails, then the second, until none does."""
    from semantics.sinks.output import DISK

    loaded = semantics.load_mapping(MAPPING, source_schema=SCHEMA, target_schema=SCHEMA)
    source = written(tmp_path / "in.parquet", rows(2_000))
    steps = {"done": 0, "fails": 1}
    for name in ("write", "fsync", "rename"):
        real = getattr(type(DISK), name)

        def step(self: Any, *given: Any, real: Any = real) -> Any:
            steps["done"] += 1
            if steps["done"] == steps["fails"]:
                raise OSError(28, "full")
            return real(self, *given)

        monkeypatch.setattr(type(DISK), name, step)
    while True:
        steps["done"] = 0
        try:
            semantics.convert(loaded, source, tmp_path / "out.parquet", backend="columnar")
            break
        except SinkError:
            whole = not (tmp_path / "out.parquet").exists() or pq.read_table(tmp_path / "out.parquet").num_rows == 1_600
            assert whole
        steps["fails"] += 1
    assert steps["fails"] > 3
    assert pq.read_table(tmp_path / "out.parquet").num_rows == 1_600

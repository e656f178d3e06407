"""Tables in a text format by columns: cells are read, places told and rows numbered as in the ordinary run."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow")
pytest.importorskip("duckdb")

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import semantics
from semantics.engine import chunks
from semantics.engine.columnar import SMALL
from semantics.errors import SourceError, UsageError

NAMES = ("id", "kind", "amount", "count", "day", "seen", "active", "site", "spare")
SCHEMA: dict[str, Any] = {
    "id": "https://example.org/t",
    "name": "t",
    "default_prefix": "https://example.org/t/",
    "imports": ["linkml:types"],
    "classes": {
        "Row": {
            "attributes": {
                "id": {"required": True},
                "kind": {},
                "amount": {"range": "decimal"},
                "count": {"range": "integer"},
                "day": {"range": "date"},
                "seen": {"range": "datetime"},
                "active": {"range": "boolean"},
                "site": {"range": "uri"},
                "spare": {},
            }
        },
        "Out": {
            "attributes": {
                "id": {"required": True, "range": "uri"},
                "kind": {"range": "Kind"},
                "amount": {"range": "decimal", "maximum_value": 1000},
                "count": {"range": "integer"},
                "day": {"range": "date"},
                "seen": {"range": "datetime"},
                "active": {"range": "boolean"},
                "site": {"range": "uri"},
                "words": {},
            }
        },
    },
    "enums": {"Kind": {"permissible_values": {"credit": None, "debit": None}}},
}
SLOTS: dict[str, Any] = {
    "id": {"iri": "https://example.org/{id}"},
    "kind": {"populated_from": "kind", "value_mappings": {"C": "credit", "D": "debit"}, "default": "credit"},
    "amount": {"expr": "-amount if kind == 'D' else amount * 2"},
    "count": {"expr": "count + 1"},
    "day": {},
    "seen": {},
    "active": {},
    "site": {},
    "words": {"expr": "concat(upper(id), ' ', count)"},
}


def mapping(**slots: Any) -> dict[str, Any]:
    derivation = {"populated_from": "Row", "where": "kind is null or kind != 'skip'",
                  "slot_derivations": {**SLOTS, **slots}}  # fmt: skip
    return {"name": "cells", "class_derivations": {"Out": derivation}}


def row(n: int) -> dict[str, str]:
    """A row in which nothing is wrong; every column is empty now and then."""
    found = {
        "id": f"A{n}",
        "kind": ("C", "D", "", "skip", "C")[n % 5],
        "amount": ("1.50", "2", "-0.125", "", "+7.00")[n % 5],
        "count": ("007", "", " 12 ", "-3")[n % 4],
        "day": f"2024-{1 + n % 12:02d}-{1 + n % 28:02d}" if n % 3 else "",
        "seen": ("2024-05-06T07:08:09Z", "", "2024-05-06T07:08:09.5+01:00")[n % 3],
        "active": ("true", "0", "", "1", "false")[n % 5],
        "site": "https://example.org/a" if n % 2 else "",
        "spare": 'says "no", and' if n % 7 == 0 else "né",
    }
    return found if n % 11 else {**found, "spare": "two\nlines"}


WRONG: tuple[dict[str, str], ...] = (
    {"count": "x"}, {"count": "9" * 30}, {"amount": "1,5"}, {"amount": "0.123456789"}, {"amount": "1e3"}, {"day": "2024-02-30"},
    {"day": " 2024-02-03 "}, {"seen": "2024-05-06T07:08:09"}, {"seen": "soon"}, {"active": "yes"}, {"site": "no iri"},
    {"kind": "X"}, {"id": ""}, {"amount": "2000"}, {"spare": "nul\0"},
)  # fmt: skip


def text(rows: list[dict[str, str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, NAMES, delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def both(tmp_path: Path, source: Path, spec: dict[str, Any] | None = None) -> Any:
    """The run by columns, after its bytes, rejects and report have been compared with those of the ordinary run."""
    told = {}
    for backend in ("columnar", "python"):
        folder = tmp_path / backend
        folder.mkdir(exist_ok=True)
        loaded = semantics.load_mapping(spec or mapping(), source_schema=SCHEMA, target_schema=SCHEMA)
        rejects = folder / "rejects.ndjson"
        rejects.unlink(missing_ok=True)
        report = semantics.convert(loaded, source, folder / "out.parquet", backend=backend, rejects=rejects)
        data = json.loads(report.to_json())
        assert data["run"].pop("backend") == backend
        rows = data["run"].pop("rows", None)
        del data["run"]["seconds"], data["rejects_file"]
        kept = rejects.read_bytes() if rejects.exists() else b""
        told[backend] = (data, (folder / "out.parquet").read_bytes(), kept)
        if backend == "columnar":
            found = {**data, "rows": rows}
    assert told["columnar"] == told["python"]
    return found


@pytest.mark.parametrize("name", ["in.csv", "in.tsv"])
def test_a_table_by_columns_gives_the_bytes_and_counts_of_the_ordinary_run(tmp_path: Path, name: str) -> None:
    """Quoted cells with newlines, empty cells, numbers as XSD has them, codes, filters, defaults."""
    source = tmp_path / name
    source.write_bytes(text([row(n) for n in range(3_000)], "\t" if name.endswith("tsv") else ",").encode())
    found = both(tmp_path, source)
    assert found["rows"] == {"by_columns": 3_000, "by_records": 0}
    assert found["records"]["filtered"] == 600
    assert found["dropped"]["spare"]["unread"]


def test_rows_out_of_the_ordinary_are_rejected_with_their_line_and_bytes(tmp_path: Path) -> None:
    """Cells that cannot be read, rows with a cell too few, broken text: the rejects are those of the ordinary run."""
    rows = [row(n) for n in range(6_000)]
    for place, wrong in enumerate(WRONG):
        rows[300 + 300 * place].update(wrong)
    data = text(rows).encode()
    data += b"B1,C,1\r\n" + b"\xff" * 9 + b",C,,,,,,,\r\n" + text([row(1)]).split("\r\n", 1)[1].encode()
    source = tmp_path / "in.csv"
    source.write_bytes(data)
    found = both(tmp_path, source)
    assert found["records"]["rejected"] >= 14
    assert found["rows"]["by_records"] < 3_000


def test_chunks_of_any_size_are_one_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are numbered through."""
    rows = [row(n) for n in range(1_000)]
    rows[777]["kind"] = "X"
    source = tmp_path / "in.csv"
    source.write_text(text(rows), encoding="utf-8", newline="")
    monkeypatch.setattr(chunks, "CELL_BYTES", 1_000)
    monkeypatch.setattr(chunks, "TOGETHER", 7)
    assert both(tmp_path, source)["records"]["rejected"] == 1


def test_a_quote_that_is_never_closed_ends_the_run(tmp_path: Path) -> None:
    """As it ends the ordinary one."""
    source = tmp_path / "in.csv"
    source.write_text(text([row(n) for n in range(500)]) + 'A,"open', encoding="utf-8")
    loaded = semantics.load_mapping(mapping(), source_schema=SCHEMA, target_schema=SCHEMA)
    with pytest.raises(SourceError, match="SRC045"):
        semantics.convert(loaded, source, tmp_path / "out.parquet", backend="columnar")
    assert not (tmp_path / "out.parquet").exists()


def test_large_tables_go_by_columns_by_themselves_and_small_ones_do_not(tmp_path: Path) -> None:
    """Going by their size and their first rows."""
    loaded = semantics.load_mapping(mapping(), source_schema=SCHEMA, target_schema=SCHEMA)
    for count, backend in ((50, "python"), (2 * SMALL, "columnar")):
        source = tmp_path / f"{count}.csv"
        source.write_text(text([row(n) for n in range(count)]), encoding="utf-8", newline="")
        assert semantics.convert(loaded, source, tmp_path / "out.parquet").run["backend"] == backend


@pytest.mark.parametrize(
    ("slots", "source"),
    [({"words": {"expr": "concat(id, amount)"}}, SCHEMA), ({"spare": {"empty": "keep"}}, SCHEMA)],
)
def test_what_hangs_on_the_spelling_of_a_cell_is_a_gap(tmp_path: Path, slots: Any, source: Any) -> None:
    """The text of a number keeps its zeros; an empty text is kept: neither is in the columns."""
    target = json.loads(json.dumps(SCHEMA))
    target["classes"]["Out"]["attributes"]["spare"] = {}
    loaded = semantics.load_mapping(mapping(**slots), source_schema=source, target_schema=target)
    table = tmp_path / "in.csv"
    table.write_text(text([row(1)]), encoding="utf-8")
    with pytest.raises(UsageError, match="RUN111"):
        semantics.convert(loaded, table, tmp_path / "out.parquet", backend="columnar")


CELL = st.one_of(
    st.sampled_from(["", "0", "-0", "+1", "01", "1.", ".5", "1.0", "-0.000001", "123456789012345678", "true", "TRUE", "1", " 1", "\t1",
                     "2024-02-29", "2023-02-29", "0000-01-01", "9999-12-31", "2024-01-01T00:00:00Z", "2024-01-01T24:00:00Z",
                     "2024-01-01T00:00:00.123456789+14:00", "a:b", "http://é", "x y", "NaN", "1e1", "٣"]),
    st.text(max_size=8),
)  # fmt: skip


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(NAMES, CELL)), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_in_the_cells_both_ways_agree(tmp_path: Path, rows: list[dict[str, str]]) -> None:
    """Output, rejects and counts."""
    source = tmp_path / "in.csv"
    source.write_bytes(text(rows).encode("utf-8", "replace"))
    try:
        both(tmp_path, source)
    except SourceError as fault:
        assert {found.code for found in fault.diagnostics} == {"SRC045"}

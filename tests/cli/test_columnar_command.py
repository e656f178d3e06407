"""``semantics convert --backend``: what is refused, and what is told."""

from __future__ import annotations

from pathlib import Path

import pytest

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
pytest.importorskip("duckdb")

from semantics.cli import main  # noqa: E402

SCHEMA = """
id: https://example.org/w
name: w
default_prefix: https://example.org/w/
imports: [linkml:types]
classes:
  Row: {attributes: {id: {required: true}}}
  Out: {attributes: {id: {required: true, pattern: "^[a-z0-9]+$"}, title: {}}}
"""
MAPPING = """
source_schema: w
target_schema: w
class_derivations:
  Out:
    populated_from: Row
    slot_derivations:
      id: {}
      title: {expr: "EXPR"}
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with one schema, and a table."""
    (tmp_path / "ontologies").mkdir()
    (tmp_path / "mappings").mkdir()
    (tmp_path / "ontologies" / "w.yaml").write_text(SCHEMA)
    pq.write_table(pa.table({"id": ["a1", "B", "c3"]}), tmp_path / "in.parquet")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def converted(place: Path, expr: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code of a run that is to go by columns, and what was said."""
    (place / "mappings" / "m.yaml").write_text(MAPPING.replace("EXPR", expr))
    with pytest.raises(SystemExit) as ended:
        main(["convert", "m", "in.parquet", "-o", "out.parquet", "--backend", "columnar"])
    assert isinstance(ended.value.code, int)
    return ended.value.code, capsys.readouterr().err


def test_the_summary_says_how_many_rows_went_by_columns(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And how many did not."""
    code, told = converted(place, "upper(id)", capsys)
    assert code == 1
    assert "by columns: 0 rows, 3 one by one" in told
    assert pq.read_table(place / "out.parquet").to_pylist() == [
        {"id": "a1", "title": "A1"},
        {"id": "c3", "title": "C3"},
    ]


def test_gaps_are_named_with_their_lines_and_nothing_is_written(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, as for any command that is wrong."""
    code, told = converted(place, "title(id)", capsys)
    assert code == 2
    assert "RUN110" in told
    assert "m.yaml:9" in told
    assert "title()" in told
    assert not (place / "out.parquet").exists()

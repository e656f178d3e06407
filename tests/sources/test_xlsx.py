"""Spreadsheets: a cell means what the same cell of a CSV file means, errors are told, archives are not trusted."""

from __future__ import annotations

import importlib.util
import io
import json
import sys
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import semantics
from semantics.errors import LimitError, SourceError, UsageError
from semantics.lexical import FROM_TEXT, Primitive
from semantics.plan.tables import TableDialect
from semantics.records import Record
from semantics.sources import Limits, ReadOptions, TableShape, open_source

HERE = Path(__file__).parent
_SPEC = importlib.util.spec_from_file_location("workbooks", HERE / "workbooks.py")
assert _SPEC is not None and _SPEC.loader is not None
books = importlib.util.module_from_spec(_SPEC)
sys.modules["workbooks"] = books
_SPEC.loader.exec_module(books)
Cell, date, moment, packed, parts_of, workbook = (
    books.Cell, books.date, books.moment, books.packed, books.parts_of, books.workbook,
)  # fmt: skip


def read(
    content: bytes, tmp_path: Path, sheet: str | None = None, limits: Limits | None = None, **told: Any
) -> list[Record]:
    path = tmp_path / "in.xlsx"
    path.write_bytes(content)
    kinds: tuple[Primitive | None, ...] = told.pop("kinds", ())

    def shape(header: tuple[str, ...], _: str) -> TableShape:
        given = (*kinds, *[None] * (len(header) - len(kinds)))
        return TableShape("Row", tuple(FROM_TEXT[kind] if kind else None for kind in given))

    options = ReadOptions(tabular=shape, table=sheet, dialect=TableDialect().overruled(told), limits=limits or Limits())
    return list(open_source(path, "xlsx", options))


def values(records: list[Record]) -> list[Any]:
    return [list(record.data.values()) if record.fault is None else record.fault.code for record in records]


def test_cells_are_read_as_the_text_that_a_csv_file_would_hold(tmp_path: Path) -> None:
    cells = ["007", 7, 7.0, 1.5, 0.1, 1e21, 1e-7, True, date(45296), moment(45296.4375), Cell("0.4375", style=3),
             Cell("1.5", style=4), " x ", None, "=1+1"]  # fmt: skip
    (record,) = read(workbook({"S": [[f"c{n}" for n in range(len(cells))], cells]}), tmp_path)
    assert list(record.data.values()) == [
        "007", "7", "7", "1.5", "0.1", "1000000000000000000000", "0.0000001", "true", "2024-01-05",
        "2024-01-05T10:30:00", "10:30:00", "P1DT12H", " x ", None, "=1+1",
    ]  # fmt: skip


def test_cells_are_converted_by_the_kind_of_their_column(tmp_path: Path) -> None:
    kinds = (Primitive.DECIMAL, Primitive.INTEGER, Primitive.BOOLEAN, Primitive.DATE, Primitive.DATETIME)
    header = ["a", "b", "c", "d", "e"]
    rows = [
        [0.1, 5, False, date(45296), moment(45296.5)],
        ["7887.20", "5", "true", moment(45296), date(45296)],
        [1, 5.5, None, None, None],
        [1, 5, 2, None, None],
        [1, 5, None, moment(45296.5), None],
    ]
    found = read(workbook({"S": [header, *rows]}), tmp_path, kinds=kinds)
    assert values(found) == [
        [Decimal("0.1"), 5, False, "2024-01-05", "2024-01-05T12:00:00"],
        [Decimal("7887.20"), 5, True, "2024-01-05", "2024-01-05T00:00:00"],
        "SRC043", "SRC043", "SRC043",
    ]  # fmt: skip
    assert str(found[1].data["a"]) == "7887.20"


def test_an_error_is_a_fault_of_its_record_and_a_text_that_looks_like_one_is_none(tmp_path: Path) -> None:
    rows = [
        ["id", "n"],
        ["1", Cell("#REF!", "e")],
        ["2", "#REF!"],
        ["3", 1],
        [Cell("#DIV/0!", "e"), Cell("#NUM!", "e")],
    ]
    found = read(workbook({"S": rows}), tmp_path)
    assert values(found) == ["SRC098", ["2", "#REF!"], ["3", "1"], "SRC098"]
    assert found[0].fault is not None
    assert found[0].fault.message == "column 'n': the cell holds an error (#REF!)"
    assert json.loads(found[0].raw or b"") == ["1", {"error": "#REF!"}]


def test_empty_rows_and_cells_are_left_out_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    rows = [["id", "n", None], [None, None], ["1", None], [], ["2", "x", None], ["3", "x", "more"]]
    found = read(workbook({"S": rows}), tmp_path)
    assert [(record.number, record.line) for record in found] == [(1, 3), (2, 5), (3, 6)]
    assert values(found) == [["1", None], ["2", "x"], "SRC040"]
    assert {record.source for record in found} == {f"{tmp_path / 'in.xlsx'}#S"}


def test_a_table_may_stand_anywhere_and_a_title_is_skipped_where_told(tmp_path: Path) -> None:
    away = [[], [None, None], [None, None, "id", "n"], [None, None, "1", Cell("#N/A", "e")], [None, None, "2", 5]]
    assert values(read(workbook({"S": away}), tmp_path)) == ["SRC098", ["2", "5"]]
    titled = [["Report 2024"], [None], ["# made by hand"], [" id ", "n"], [" 1 ", "x"]]
    told = {"skip_rows": 1, "comment_prefix": "#", "trim": True}
    assert values(read(workbook({"S": titled}), tmp_path, **told)) == [["1", "x"]]
    assert values(read(workbook({"S": [[1, 2], [3, 4]]}), tmp_path, columns=("a", "b"))) == [["1", "2"], ["3", "4"]]


@pytest.mark.parametrize(
    ("rows", "code"),
    [([["a", None, "b"], [1, 2, 3]], "SRC030"), ([["a", "a"]], "SRC031"), ([["a", " b"]], "SRC032"), ([], "SRC002")],
)
def test_a_header_that_cannot_be_used_is_an_error(rows: list[list[Any]], code: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as ended:
        read(workbook({"S": rows}), tmp_path)
    assert ended.value.diagnostics[0].code == code


def test_of_several_sheets_one_is_asked_for(tmp_path: Path) -> None:
    content = workbook({"A": [["id"], [1]], "B & co": [["id"], [2], [Cell("#N/A", "e")]], "Empty": []})
    assert values(read(content, tmp_path, "B & co")) == [["2"], "SRC098"]
    for sheet, hint in ((None, "A, B & co"), ("b & co", "did you mean 'B & co'?")):
        with pytest.raises(SourceError) as ended:
            read(content, tmp_path, sheet)
        assert ended.value.diagnostics[0].code == "SRC099"
        assert hint in str(ended.value.diagnostics[0].hint)


# -- archives that are not trusted ---------------------------------------------------------------


def test_what_is_no_workbook_is_told_from_an_old_one_and_one_with_a_password(tmp_path: Path) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    whole = workbook({"S": [["id"], [1]]})
    damaged = bytearray(whole)
    damaged[whole.index(b"xl/worksheets") + 60] ^= 0xFF
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("a.txt", "x")
    wanted = {
        b"id,n\n1,2\n": "this is not an .xlsx workbook", ole: "an old workbook (.xls)",
        ole + "EncryptedPackage".encode("utf-16-le"): "a workbook with a password", whole[:-30]: "damaged",
        whole[: len(whole) // 2]: "damaged", bytes(damaged): "damaged", plain.getvalue(): "no archive of a workbook",
        packed({**parts_of({"S": [["id"]]}), "xl/workbook.xml": "<workbook"}): "cannot be read",
    }  # fmt: skip
    for content, message in wanted.items():
        with pytest.raises(SourceError) as ended:
            read(content, tmp_path)
        assert (ended.value.diagnostics[0].code, message in ended.value.diagnostics[0].message) == ("SRC096", True), (
            message, ended.value.diagnostics[0].message,
        )  # fmt: skip


def test_an_archive_that_grows_too_much_is_not_opened(tmp_path: Path) -> None:
    parts = {**parts_of({"S": [["id"], [1]]}), "xl/media/zeros.xml": "0" * 30_000_000}
    with pytest.raises(LimitError) as ended:
        read(packed(parts), tmp_path)
    assert (ended.value.diagnostics[0].code, "--max-gzip-ratio" in ended.value.diagnostics[0].message) == (
        "SRC097",
        True,
    )
    assert len(read(packed(parts), tmp_path, limits=Limits(gzip_ratio=100_000))) == 1


def test_an_archive_that_says_less_than_it_holds_is_damaged(tmp_path: Path) -> None:
    content = bytearray(packed({**parts_of({"S": [["id"], [1]]}), "xl/zeros.xml": "0" * 1_000_000}))
    size = (1_000_000).to_bytes(4, "little")
    while (at := content.find(size)) >= 0:
        content[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(SourceError) as ended:
        read(bytes(content), tmp_path)
    assert ended.value.diagnostics[0].code == "SRC096"


def test_a_document_type_in_a_workbook_is_refused(tmp_path: Path) -> None:
    parts = parts_of({"S": [["id"], [Cell("#N/A", "e")]]})
    sheet = '<!DOCTYPE x [<!ENTITY a "b">]>' + parts["xl/worksheets/sheet1.xml"]
    with pytest.raises(SourceError) as ended:
        read(packed({**parts, "xl/worksheets/sheet1.xml": sheet}), tmp_path)
    assert ended.value.diagnostics[0].code == "SRC096"


def test_without_the_library_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(UsageError) as ended:
        read(workbook({"S": [["id"], [1]]}), tmp_path)
    found = ended.value.diagnostics[0]
    assert (found.code, found.hint) == ("SRC095", "pip install 'semantics[excel]'")


# -- whole runs ----------------------------------------------------------------------------------

SOURCE: dict[str, Any] = {
    "id": "https://example.org/src", "name": "src", "default_range": "string", "imports": ["linkml:types"],
    "classes": {
        "Meter": {"attributes": {"id": {"required": True}, "since": {"range": "date"}}},
        "Reading": {"attributes": {
            "id": {"required": True}, "at": {"range": "datetime"}, "value": {"range": "decimal"}, "note": {},
        }},
    },
}  # fmt: skip


def target(limit: int) -> dict[str, Any]:
    return {**SOURCE, "name": "tgt", "id": "https://example.org/tgt", "classes": {
        "Device": {"attributes": {"id": {}, "since": {"range": "date"}}},
        "Value": {"attributes": {"id": {}, "at": {"range": "datetime"}, "value": {"range": "decimal", "maximum_value": limit}}},
    }}  # fmt: skip


def mapping(limit: int = 100) -> semantics.Mapping:
    spec = {
        "source": {"timezone": "Europe/Oslo"},
        "class_derivations": {
            "Device": {"populated_from": "Meter", "slot_derivations": {"id": None, "since": None}},
            "Value": {"populated_from": "Reading", "slot_derivations": {"id": None, "at": None, "value": None}},
        },
    }
    return semantics.load_mapping(spec, source_schema=SOURCE, target_schema=target(limit))


BOOK = {
    "About": [["Meters of the north"], ["made by", "Ann"]],
    "Meter": [["id", "since"], ["007", date(45296)], ["8", "5 May"]],
    "May": [["id", "at", "value", "note"], ["r1", moment(45296.5), 1.5, None], ["r2", None, 500, 7], ["r3", None, Cell("#N/A", "e"), ""]],
    "Sheet4": [],
}  # fmt: skip


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_each_sheet_is_a_table_and_those_that_are_none_are_noted(tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(workbook(BOOK))
    report = semantics.convert(mapping(), tmp_path / "book.xlsx", tmp_path / "out.ndjson")
    assert lines(tmp_path / "out.ndjson") == [
        {"id": "007", "since": "2024-01-05"}, {"id": "r1", "at": "2024-01-05T12:00:00+01:00", "value": 1.5},
    ]  # fmt: skip
    assert report.rejects == {"SRC043": 1, "SRC098": 1, "VAL006": 1}
    assert [note.partition("#")[2].partition(":")[0] for note in report.notes] == ["About"]
    asked = semantics.convert(mapping(), tmp_path / "book.xlsx", tmp_path / "out.ndjson", tables=["Meter"])
    assert (asked.records["read"], asked.notes) == (2, ())


def test_rejected_rows_of_a_spreadsheet_run_again(tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(workbook(BOOK))
    one = semantics.convert(mapping(), tmp_path / "book.xlsx", tmp_path / "one.ndjson")
    rejects = tmp_path / "one.ndjson.rejects.ndjson"
    two = semantics.convert(mapping(1000), rejects, tmp_path / "two.ndjson", replay=True)
    clean = semantics.convert(mapping(1000), tmp_path / "book.xlsx", tmp_path / "clean.ndjson")
    both = lines(tmp_path / "one.ndjson") + lines(tmp_path / "two.ndjson")
    assert sorted(map(json.dumps, both)) == sorted(map(json.dumps, lines(tmp_path / "clean.ndjson")))
    assert (one.records["rejected"], two.rejects) == (3, clean.rejects)
    told = ("source", "record", "line", "pointer", "code", "message", "raw", "envelope", "key")
    left, right = (lines(tmp_path / f"{name}.ndjson.rejects.ndjson") for name in ("two", "clean"))
    assert [[entry.get(key) for key in told] for entry in left] == [[entry.get(key) for key in told] for entry in right]


def test_a_query_or_an_encoding_is_no_matter_of_a_workbook(tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(workbook({"Meter": BOOK["Meter"]}))
    for told, code in (({"query": "select 1"}, "SRC113"), ({"dialect": {"encoding": "utf-16"}}, "SRC094")):
        with pytest.raises(UsageError) as ended:
            semantics.convert(mapping(), tmp_path / "book.xlsx", tmp_path / "out.ndjson", **told)  # type: ignore[arg-type]
        assert ended.value.diagnostics[0].code == code

"""Every bad input of the shared corpus has the outcome that its index states, as far as reading decides.

An outcome is how many records came, which of them have which fault, and the error that ended the
reading, if one did. Where the index leaves a choice, ``CHOICES`` says which was taken.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from semantics.errors import SemanticsError, SourceError
from semantics.lexical import FROM_TEXT, Primitive
from semantics.records import Record
from semantics.sources import Limits, ReadOptions, TableShape, open_source, source_format
from semantics.sources.values import Unreadable, value_reader

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "badinputs"
SUITE = "json/jsontestsuite/test_parsing"

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus of bad inputs is not here")

Outcome = tuple[int, dict[int, str], str | None]


def outcome(path: str, options: ReadOptions | None = None) -> tuple[list[Record], Outcome]:
    """The records of a file of the corpus; their number, their faults, and what ended the reading."""
    file = CORPUS / path
    records: list[Record] = []
    ended = None
    try:
        records.extend(open_source(file, str(source_format(file.name)), options))
    except SourceError as error:
        ended = error.diagnostics[0].code
    faults = {record.number: record.fault.code for record in records if record.fault}
    assert [record.number for record in records] == list(range(1, len(records) + 1))
    return records, (len(records), faults, ended)


OUTCOMES: dict[str, Outcome] = {
    "json/dup_key.json": (1, {1: "SRC020"}, None),
    "json/float_overflow.json": (2, {1: "SRC023"}, None),
    "json/int_20_digits.json": (1, {}, None),
    "json/decimal_precise.json": (2, {}, None),
    "json/neg_zero.json": (2, {}, None),
    "json/nul_in_string.json": (1, {}, None),
    "json/noncharacter.json": (1, {}, None),
    "json/bidi_override.json": (1, {}, None),
    "json/bom.json": (1, {}, None),
    "json/utf16le_bom.json": (1, {}, None),
    "json/latin1.json": (0, {}, "SRC003"),
    "json/cesu8.json": (0, {}, "SRC003"),
    "json/truncated.json": (1, {}, "SRC004"),
    "json/trailing_garbage.json": (1, {}, "SRC004"),
    "json/deep_object_2k.json": (2, {1: "SRC021"}, None),
    "json/empty.json": (0, {}, "SRC002"),
    "json/scalar_root.json": (0, {}, "SRC005"),
    "json/py_object_key.json": (1, {}, None),  # plain data here; the schema refuses its keys
    "json/bool_for_int.json": (1, {}, None),  # the schema's matter
    "json/float_for_int.json": (2, {}, None),  # the schema's matter
    "json/trailing_comma.json": (0, {}, "SRC004"),
    "ndjson/no_final_newline.ndjson": (2, {}, None),
    "ndjson/crlf_mixed.ndjson": (3, {}, None),
    "ndjson/lone_cr.ndjson": (1, {1: "SRC004"}, None),
    "ndjson/blank_lines.ndjson": (2, {}, None),
    "ndjson/u2028_in_string.ndjson": (2, {}, None),
    "ndjson/vt_ff_fs_in_string.ndjson": (2, {1: "SRC004", 2: "SRC004"}, None),
    "ndjson/bom_each_part.ndjson": (2, {}, None),
    "ndjson/bad_utf8_line_2.ndjson": (3, {2: "SRC003"}, None),
    "ndjson/two_objects_one_line.ndjson": (2, {1: "SRC004"}, None),
    "ndjson/pretty_printed.ndjson": (0, {}, "SRC008"),
    "ndjson/long_line_2mb.ndjson": (2, {}, None),
    "ndjson/deep_line.ndjson": (3, {2: "SRC021"}, None),
    "ndjson/dup_ids.ndjson": (3, {}, None),
    "ndjson/gzip_truncated.ndjson.gz": (196, {}, "SRC010"),
    "ndjson/not_gzip.ndjson.gz": (0, {}, "SRC009"),
    "csv/embedded_quote.csv": (1, {}, None),
    "csv/unclosed_quote.csv": (0, {}, "SRC045"),
    "csv/stray_quote.csv": (3, {2: "SRC041"}, None),
    "csv/ragged_long.csv": (3, {2: "SRC040"}, None),
    "csv/empty_header.csv": (0, {}, "SRC030"),
    "csv/empty.csv": (0, {}, "SRC002"),
    "csv/bom.csv": (1, {}, None),
    "csv/mixed_encoding.csv": (3, {2: "SRC003"}, None),
    "csv/nul_byte.csv": (2, {1: "SRC042"}, None),
    "csv/semicolon.csv": (0, {}, "SRC033"),
    "csv/formula_cells.csv": (6, {}, None),
    "csv/inf_nan_numbers.csv": (8, {}, None),  # text, where nobody says that it is a number
    "csv/spaces.csv": (0, {}, "SRC032"),
    "csv/long_field.csv": (2, {}, None),
    "csv/comment_lines.csv": (0, {}, "SRC034"),
    "csv/trailing_delims.csv": (0, {}, "SRC030"),
    "csv/no_final_newline.csv": (2, {}, None),
    "csv/homoglyph_header.csv": (1, {}, None),  # whoever knows the columns refuses it
    "csv/dup_ids.csv": (2, {}, None),
    "csv/backslash_escape.csv": (2, {1: "SRC041"}, None),
}

CHOICES = {
    "bom_each_part.ndjson": "accepted: a byte order mark at the start of a line is a seam of joined files",
    "dup_ids.*": "both kept: uniqueness is not the reader's matter",
    "lone_cr.ndjson": "one line with two values: record 1 is rejected with all of its bytes",
    "semicolon.csv, spaces.csv, trailing_delims.csv, comment_lines.csv": "a clear error",
    "backslash_escape.csv": "record 1 is rejected",
    "scalar roots of the suite": "the value is JSON, but no record: SRC005",
    "numbers beyond 10^308": "a fault of the record",
}


def test_the_table_names_every_file_of_the_corpus() -> None:
    files = {
        path.relative_to(CORPUS).as_posix()
        for room in ("json", "ndjson", "csv")
        for path in (CORPUS / room).iterdir()
        if path.is_file()
    }
    assert files == OUTCOMES.keys()


@pytest.mark.parametrize("path", OUTCOMES)
def test_the_outcome_is_the_one_stated(path: str) -> None:
    _, found = outcome(path)
    assert OUTCOMES[path] == found


@pytest.mark.parametrize("path", OUTCOMES)
def test_every_record_has_its_exact_bytes(path: str) -> None:
    document = b"" if path.endswith(".gz") else (CORPUS / path).read_bytes()
    if path == "json/utf16le_bom.json":
        document = document.decode("utf-16").encode()
    for record in outcome(path)[0]:
        assert record.raw is not None
        assert record.byte is not None
        assert path.endswith(".gz") or document[record.byte : record.byte + len(record.raw)] == record.raw


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("ndjson/pretty_printed.ndjson", "file is JSON, not NDJSON"),
        ("csv/semicolon.csv", "delimiter looks like ;"),
        ("csv/trailing_delims.csv", "ends with a delimiter"),
        ("csv/comment_lines.csv", "looks like a comment"),
        ("csv/spaces.csv", "remove the spaces"),
        ("json/latin1.json", "Latin-1"),
        ("json/cesu8.json", "CESU-8"),
        ("json/truncated.json", "cut off"),
    ],
)
def test_the_error_says_the_nearest_fix(path: str, hint: str) -> None:
    with pytest.raises(SemanticsError) as ended:
        list(open_source(CORPUS / path, str(source_format(path))))
    assert hint in str(ended.value.diagnostics[0].hint)


@pytest.mark.parametrize(
    ("path", "place", "said"),
    [
        ("csv/unclosed_quote.csv", (2, None), "line 2"),
        ("json/latin1.json", (1, 23), "(byte 22)"),
        ("json/truncated.json", (1, 39), "(byte 38)"),
        ("json/trailing_garbage.json", (1, 13), "(byte 12)"),
    ],
)
def test_the_error_says_where(path: str, place: tuple[int | None, int | None], said: str) -> None:
    with pytest.raises(SemanticsError) as ended:
        list(open_source(CORPUS / path, str(source_format(path))))
    finding = ended.value.diagnostics[0]
    assert finding.location is not None
    assert place == (finding.location.line, finding.location.column)
    assert said in finding.message


VALUES: dict[str, list[Any]] = {
    "json/decimal_precise.json": [
        {"id": "1", "amount": Decimal("0.1000000000000000055511151231257827")},
        {"id": "2", "amount": Decimal("1234567890.123456789")},
    ],
    "json/int_20_digits.json": [{"id": "1", "v": 12345678901234567890}],
    "json/utf16le_bom.json": [{"id": "1", "name": "é"}],
    "json/neg_zero.json": [{"id": "1", "v": Decimal("-0.0")}, {"id": "2", "v": 0}],
    "json/nul_in_string.json": [{"id": "1", "name": "a\0b"}],
    "json/noncharacter.json": [{"id": "1", "name": "\uffff\ufffe"}],
    "json/bidi_override.json": [{"id": "1", "name": "user\u202etxt.exe"}],
    "ndjson/u2028_in_string.ndjson": [{"id": "1", "name": "a\u2028b"}, {"id": "2", "name": "c\x85d\u2029e"}],
    "ndjson/bom_each_part.ndjson": [{"id": "1", "name": "n1"}, {"id": "2", "name": "n2"}],
    "csv/embedded_quote.csv": [{"id": "1", "name": 'say "hi"'}],
    "csv/bom.csv": [{"id": "1", "name": "Ann"}],
    "csv/stray_quote.csv": [{"id": "1", "name": 'An"n'}, None, {"id": "3", "name": "Cid"}],
    "csv/no_final_newline.csv": [{"id": "1", "name": "Ann"}, {"id": "2", "name": "Bo"}],
    "csv/formula_cells.csv": [
        {"id": str(number), "name": name}
        for number, name in enumerate(["=cmd|'/C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1"], start=1)
    ],
}


@pytest.mark.parametrize("path", VALUES)
def test_values_are_kept_exactly(path: str) -> None:
    records, _ = outcome(path)
    data = [record.data for record in records]
    assert VALUES[path] == data
    assert [repr(value) for value in VALUES[path]] == [repr(value) for value in data]


def test_physical_line_numbers_count_blank_lines() -> None:
    records, _ = outcome("ndjson/blank_lines.ndjson")
    assert [record.line for record in records] == [1, 4]


def test_a_line_over_the_limit_is_a_fault_and_the_next_is_read() -> None:
    records, found = outcome("ndjson/long_line_2mb.ndjson", ReadOptions(limits=Limits(record_bytes=1_000_000)))
    assert found == (2, {1: "SRC024"}, None)
    assert records[0].raw is None
    assert "--max-record-bytes" in str(records[0].fault)


def test_the_bytes_of_a_line_that_is_not_utf8_are_kept() -> None:
    records, _ = outcome("ndjson/bad_utf8_line_2.ndjson")
    assert records[1].raw == b'{"id":"2","name":"\xff\xfe"}'


def test_only_the_lexical_space_of_xsd_makes_a_number() -> None:
    """Row 6 holds spaces around its number: XSD collapses them before it reads the number."""

    def collapsed(cell: str) -> Any:
        return FROM_TEXT[Primitive.DECIMAL](cell.strip(" \t\r\n"))

    converters: tuple[Callable[[str], Any] | None, ...] = (None, collapsed)
    options = ReadOptions(tabular=lambda header, name: TableShape("Row", converters))
    records, found = outcome("csv/inf_nan_numbers.csv", options)
    assert found == (8, dict.fromkeys((1, 2, 3, 4, 5, 7, 8), "SRC043"), None)
    assert records[5].data == {"id": "6", "v": Decimal(7)}


# -- JSONTestSuite -----------------------------------------------------------------------------

SCALAR_ROOTS = {
    "y_string_space",
    "y_structure_lonely_false",
    "y_structure_lonely_int",
    "y_structure_lonely_negative_real",
    "y_structure_lonely_null",
    "y_structure_lonely_string",
    "y_structure_lonely_true",
    "y_structure_string_empty",
}
FAULTS = {
    "y_object_duplicated_key": "SRC020",
    "y_object_duplicated_key_and_value": "SRC020",
    "i_number_double_huge_neg_exp": "SRC023",
    "i_number_huge_exp": "SRC023",
    "i_number_neg_int_huge_exp": "SRC023",
    "i_number_pos_double_huge_exp": "SRC023",
    "i_number_real_neg_overflow": "SRC023",
    "i_number_real_pos_overflow": "SRC023",
    "i_structure_500_nested_arrays": "SRC021",
}
EXACT = {
    "i_number_real_underflow",
    "i_number_too_big_neg_int",
    "i_number_too_big_pos_int",
    "i_number_very_big_negative_int",
}
MARKED = {"i_structure_UTF-8_BOM_empty_object", "i_string_UTF-16LE_with_BOM"}
SUITE_FILES = sorted((CORPUS / SUITE).glob("*.json"))


def expected(name: str) -> tuple[set[str], bool]:
    """The codes of the faults, and whether an error ends the reading."""
    if name in FAULTS:
        return {FAULTS[name]}, False
    refused = name.startswith("n_") or (name.startswith("i_") and name not in EXACT | MARKED)
    return set(), refused or name in SCALAR_ROOTS


@pytest.mark.parametrize("file", SUITE_FILES, ids=lambda file: file.stem)
def test_json_is_what_the_suite_says_it_is(file: Path) -> None:
    _, (_, faults, ended) = outcome(f"{SUITE}/{file.name}")
    assert expected(file.stem) == (set(faults.values()), ended is not None)


@pytest.mark.parametrize("file", SUITE_FILES, ids=lambda file: file.stem)
def test_json_that_must_be_refused_gives_no_value(file: Path) -> None:
    """The value alone, as a line of NDJSON holds it: a bare scalar is a value too."""
    raw = file.read_bytes()
    accepted = True
    try:
        found = value_reader(Limits())(raw)
    except Unreadable:
        accepted = False
    if file.stem.startswith(("n_", "y_")):
        assert accepted == (file.stem.startswith("y_") and file.stem not in FAULTS)
    if accepted:
        assert found == json.loads(raw, parse_float=Decimal)

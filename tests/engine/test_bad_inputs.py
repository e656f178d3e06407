"""Bad inputs from outside, through the whole of ``convert``: the outcome that was proposed, or the one decided here."""

from __future__ import annotations

import csv
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

import semantics

SHARED = Path(__file__).resolve().parents[3] / "shared" / "badinputs"

SCHEMA = {
    "id": "https://example.org/bad",
    "name": "bad",
    "default_prefix": "https://example.org/bad/",
    "classes": {
        "A": {
            "attributes": {
                "id": {"identifier": True},
                "name": {},
                "age": {"range": "integer"},
                "v": {"range": "decimal"},
                "amount": {"range": "decimal"},
                "price": {"range": "decimal"},
            }
        }
    },
}
MAPPING = {
    "name": "identity",
    "source": {"format": "json"},
    "class_derivations": {"A": {"slot_derivations": dict.fromkeys(SCHEMA["classes"]["A"]["attributes"])}},
}

DECIDED = {
    # Where the proposal offers two outcomes, or where another is better: (outcome, why).
    "json/utf16le_bom.json": ("accepts", "UTF-16 with its byte order mark, as RFC 7159 allowed it"),
    "json/jsontestsuite/test_parsing/i_string_UTF-16LE_with_BOM.json": ("accepts", "likewise"),
    "json/int_20_digits.json": ("accepts", "integers and decimals have no size"),
    "json/nul_in_string.json": ("accepts", "JSON and N-Triples can hold U+0000"),
    "ndjson/lone_cr.ndjson": ("rejects 1", "a carriage return separates nothing"),
    "ndjson/bom_each_part.ndjson": ("accepts", "concatenated files are read as one"),
    "ndjson/long_line_2mb.ndjson": ("accepts", "2 MB is below the default limit of a record"),
    "ndjson/dup_ids.ndjson": ("accepts", "identifiers are not collected while converting: memory stays flat"),
    "csv/dup_ids.csv": ("accepts", "identifiers are not collected while converting: memory stays flat"),
    "csv/semicolon.csv": ("error", "a dialect is declared, not guessed"),
    "csv/spaces.csv": ("error", "a name with spaces around it is not the column that was meant"),
    "csv/trailing_delims.csv": ("error", "a column without a name"),
    "csv/stray_quote.csv": ("rejects 2", "text after a closing quote"),
    "json/jsontestsuite/test_parsing/i_structure_500_nested_arrays.json": (
        "accepts none",
        "a record must be an object",
    ),
}


def _rows() -> list[tuple[str, str]]:
    if not SHARED.is_dir():
        return []
    with (SHARED / "INDEX.tsv").open(encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            (row["file"], row["expected outcome"])
            for row in rows
            if row["file"].startswith(("json/", "ndjson/", "csv/"))
        ]


def _wanted(name: str, text: str) -> str:
    if name in DECIDED:
        return DECIDED[name][0]
    if found := re.match(r"rejects record ([0-9,]+)", text):
        return f"rejects {found[1].strip(',')}"
    return "error" if text.startswith("clear error") else "accepts"


def _outcome(path: Path, folder: Path, codes: set[str]) -> str:
    """What became of a file; the codes of everything found are added to ``codes``."""
    rejected: list[int] = []

    def seen(found: semantics.Rejected) -> None:
        rejected.append(found.record.number)
        codes.update(finding.code for finding in found.diagnostics)

    out = folder / "out.ndjson"
    fmt = "csv" if path.suffix == ".csv" else None
    try:
        mapping = semantics.load_mapping(MAPPING, source_schema=SCHEMA, target_schema=SCHEMA)
        report = semantics.convert(mapping, path, out, source_format=fmt, on_reject=seen)
    except semantics.SemanticsError as fault:
        codes.update(found.code for found in fault.diagnostics)
        assert fault.exit_code in (3, 5), fault
        assert all(found.message and found.code for found in fault.diagnostics)
        assert list(folder.iterdir()) == [], "half an output"
        return "error"
    counts = report.records
    assert counts["read"] == counts["mapped"] + counts["rejected"] + counts["filtered"]
    assert len(out.read_bytes().splitlines()) == counts["emitted"]
    rejects = folder / "out.ndjson.rejects.ndjson"
    assert len(rejects.read_bytes().splitlines() if rejects.exists() else []) == counts["rejected"]
    if not counts["mapped"] and counts["rejected"]:
        return "rejects " + ",".join(map(str, rejected))
    return f"rejects {','.join(map(str, rejected))}" if rejected else "accepts"


ROWS = _rows()


@pytest.mark.parametrize(("name", "text"), ROWS, ids=[name for name, _ in ROWS])
def test_outcome(name: str, text: str, tmp_path: Path) -> None:
    """No traceback, no hang, no half output: the outcome of INDEX.tsv, or the one that is decided above."""
    wanted, codes = _wanted(name, text), set[str]()
    found = _outcome(SHARED / name, tmp_path, codes)
    if "jsontestsuite" in name and wanted != "error":
        # JSON that may be read; whether it is a record is another question. Nothing else may be wrong with it.
        assert codes <= NOT_A_RECORD, codes
        return
    assert found == wanted


NOT_A_RECORD = {
    "REC007",  # an element that is no object
    "SRC005",  # a document that is a bare value
    "SRC020",  # a key twice: refused although the suite lets parsers choose
    "SRC021",  # 500 levels of nesting
    "SRC023",  # a number beyond 10^308
    "VAL001",  # an object without the id that the class requires
}
"""Why JSON that is well-formed may still not be mapped."""


def test_there_are_bad_inputs() -> None:
    """Where the folder is there, it is not empty."""
    if not SHARED.is_dir():
        pytest.skip("../shared is not there: bad inputs are not part of the project")
    assert len(ROWS) > 100


def test_decimals_are_kept_to_the_last_digit(shared: Path, tmp_path: Path) -> None:
    """30 digits in, 30 digits out."""
    mapping = semantics.load_mapping(MAPPING, source_schema=SCHEMA, target_schema=SCHEMA)
    semantics.convert(mapping, shared / "badinputs/json/decimal_precise.json", tmp_path / "out.ndjson")
    lines = (tmp_path / "out.ndjson").read_text().splitlines()
    amounts = [json.loads(line, parse_float=Decimal)["amount"] for line in lines]
    assert list(map(str, amounts)) == ["0.1000000000000000055511151231257827", "1234567890.123456789"]

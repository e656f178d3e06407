"""Every bad file of data: what went in is what came out, was rejected or filtered, and nothing of it is lost.

The accounts are those of the report, the bytes those of the rejects file, the outcome what the page on bad
inputs tells a reader.
"""

from __future__ import annotations

import base64
import csv
import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest

import semantics

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "badinputs"
SLOTS: dict[str, Any] = {
    "id": {"identifier": True},
    "name": {},
    "email": {},
    "age": {"range": "integer"},
    "v": {"range": "decimal"},
    "amount": {"range": "decimal"},
    "price": {"range": "decimal"},
}
ELEMENTS: dict[str, Any] = {"key": {}, "value": {}}
PAGE = dict(re.findall(r"^\| `([^`]+)` \| ([^|]+) \|", (ROOT / "docs/bad-inputs.md").read_text("utf-8"), re.MULTILINE))
"""What the page says of each file: ``accepted``, ``rejected 1,2 (CODE)`` or ``error (CODE)``."""


def _files() -> list[str]:
    if not CORPUS.is_dir():
        return []
    with (CORPUS / "INDEX.tsv").open(encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row["file"] for row in rows if row["file"].startswith(("json/", "ndjson/", "csv/", "xml/"))]


FILES = _files()
_IN_OTHER_ELEMENTS = "xml/defusedxml/xmltestdata/simple.xml"


def _mapping(name: str) -> semantics.Mapping:
    """The identity on the records of a file."""
    slots, records = (ELEMENTS, "root.element[*]") if name == _IN_OTHER_ELEMENTS else (SLOTS, "rs.r[*]")
    schema = {
        "id": "https://example.org/bad",
        "name": "bad",
        "default_prefix": "https://example.org/bad/",
        "classes": {"A": {"attributes": slots}},
    }
    source = {"records": [{"path": records, "class": "A"}]} if name.startswith("xml/") else {}
    mapping = {
        "name": "identity",
        **({"source": source} if source else {}),
        "class_derivations": {"A": {"slot_derivations": dict.fromkeys(slots)}},
    }
    return semantics.load_mapping(mapping, source_schema=schema, target_schema=schema)


@pytest.mark.parametrize("name", FILES)
def test_what_goes_in_is_mapped_rejected_or_filtered(name: str, tmp_path: Path) -> None:
    """in = mapped + rejected + filtered; each rejected record with its bytes; the outcome that the page tells."""
    out, report = tmp_path / "out.ndjson", tmp_path / "report.json"
    given = name.partition("/")[0]
    try:
        told = semantics.convert(_mapping(name), CORPUS / name, out, source_format=given, report=str(report))
    except semantics.SemanticsError as fault:
        assert list(tmp_path.iterdir()) == [], "half an output"
        assert PAGE.get(name, f"error ({fault.diagnostics[0].code})") == f"error ({fault.diagnostics[0].code})"
        return
    kept = json.loads(report.read_bytes())
    counts = kept["records"]
    assert counts == told.records
    assert counts["read"] == counts["mapped"] + counts["rejected"] + counts["filtered"]
    assert counts["rejected"] == sum(kept["rejects"].values())
    assert len(out.read_bytes().splitlines()) == counts["emitted"] == counts["mapped"]
    rows = _rejects(tmp_path / "out.ndjson.rejects.ndjson")
    assert len(rows) == counts["rejected"]
    document = b"" if name.endswith(".gz") else (CORPUS / name).read_bytes()
    if document.startswith((b"\xff\xfe", b"\xfe\xff")):
        document = document.decode("utf-16").encode()  # what is read of it, and counted in, is UTF-8
    for row in rows:
        raw = base64.b64decode(row["raw"]) if row.get("encoding") == "base64" else row["raw"].encode()
        assert raw
        assert document[row["byte"] :].startswith(raw), row["code"]
    if given == "ndjson":
        assert counts["read"] == sum(bool(line.strip()) for line in document.split(b"\n"))
    if name in PAGE:
        numbers = ",".join(str(row["record"]) for row in rows)
        assert PAGE[name] == (f"rejected {numbers} ({rows[0]['code']})" if rows else "accepted")


def _rejects(file: Path) -> list[dict[str, Any]]:
    if not file.exists():
        return []
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    return [json.loads(line) for line in file.read_bytes().splitlines()]


def test_the_page_has_a_row_for_every_bad_file_of_data() -> None:
    if not CORPUS.is_dir():
        pytest.skip("../shared is not there: bad inputs are not part of the project")
    assert {name for name in FILES if "jsontestsuite" not in name} <= PAGE.keys()
    assert len(FILES) > 200

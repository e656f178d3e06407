"""Bad XML from outside, through the whole of ``convert``: the outcome that was proposed, or the one decided here."""

from __future__ import annotations

import base64
import csv
import gc
import json
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import semantics

SHARED = Path(__file__).resolve().parents[3] / "shared" / "badinputs"
SLOTS = {
    "id": {"identifier": True},
    "name": {},
    "email": {},
    "age": {"range": "integer"},
}
SCHEMA = {
    "id": "https://example.org/bad",
    "name": "bad",
    "default_prefix": "https://example.org/bad/",
    "classes": {"A": {"attributes": SLOTS}},
}
MAPPING = {
    "name": "identity",
    "source": {"format": "xml", "records": [{"path": "rs.r[*]", "class": "A"}]},
    "class_derivations": {"A": {"slot_derivations": dict.fromkeys(SLOTS)}},
}
VALUES = {
    "xml/cdata_mix.xml": {"id": "1", "name": "a<b>&amp;c"},
    "xml/crlf_normalise.xml": {"id": "1", "name": "a\nb\rc"},
    "xml/pi_split_text.xml": {"id": "1", "email": "admin@example.org.evil.org"},
    "xml/schema_location.xml": {"id": "1", "name": "Ann"},
    "xml/stylesheet_pi.xml": {"id": "1", "name": "Ann"},
    "xml/whitespace_text.xml": {"id": "1", "name": "\n   Ann\n  ", "age": 30},
}
"""The one record of each file that is accepted."""
SIMPLE = "xml/defusedxml/xmltestdata/simple.xml"
_watching: list[list[str]] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    """What is opened or connected to while somebody watches."""
    if _watching and (event == "open" or event.startswith("socket.")):
        _watching[-1].append(f"{event} {arguments[0]}")


sys.addaudithook(_watch)


@contextmanager
def watched() -> Iterator[list[str]]:
    """The files and connections that are opened meanwhile."""
    _watching.append([])
    try:
        yield _watching[-1]
    finally:
        _watching.clear()


def _rows() -> list[tuple[str, str]]:
    if not SHARED.is_dir():
        return []
    with (SHARED / "INDEX.tsv").open(encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["file"], row["expected outcome"]) for row in rows if row["file"].startswith("xml/")]


ROWS = _rows()


def _wanted(name: str, text: str) -> str:
    if found := re.search(r"rejects record (\d+)", text):
        return f"rejects {found[1]}"
    return "error" if "clear error" in text else "accepts"


@pytest.fixture(scope="module")
def mapping() -> semantics.Mapping:
    """The identity, warmed up: what is measured below is the reading of a file."""
    return semantics.load_mapping(MAPPING, source_schema=SCHEMA, target_schema=SCHEMA)


def _converted(mapping: semantics.Mapping, path: Path, out: Path) -> tuple[str, list[str]]:
    """What became of a file, and the codes of everything found."""
    rejected: list[semantics.Rejected] = []
    try:
        report = semantics.convert(mapping, path, out, source_format="xml", on_reject=rejected.append)
    except semantics.SemanticsError as fault:
        assert fault.exit_code in (3, 5), fault
        assert list(out.parent.iterdir()) == [], "half an output"
        return "error", [found.code for found in fault.diagnostics]
    counts = report.records
    assert counts["read"] == counts["mapped"] + counts["rejected"] + counts["filtered"]
    assert len(out.read_bytes().splitlines()) == counts["emitted"]
    codes = [found.code for outcome in rejected for found in outcome.diagnostics]
    numbers = ",".join(str(outcome.record.number) for outcome in rejected)
    return f"rejects {numbers}" if rejected else "accepts", codes


@pytest.mark.parametrize(("name", "text"), ROWS, ids=[name for name, _ in ROWS])
def test_outcome(name: str, text: str, mapping: semantics.Mapping, tmp_path: Path) -> None:
    """The outcome of INDEX.tsv, in less than 200 ms, with nothing opened but the input and the outputs."""
    if name == SIMPLE:
        mapping = _of_elements()
    out = tmp_path / "out" / "out.ndjson"
    out.parent.mkdir()
    _converted(mapping, SHARED / name, out)  # imports and compiles
    for made in out.parent.iterdir():
        made.unlink()
    gc.disable()  # what other tests left behind is not collected on its time
    try:
        started = time.process_time()
        with watched() as opened:
            outcome, codes = _converted(mapping, SHARED / name, out)
        assert time.process_time() - started < 0.2
    finally:
        gc.enable()
    assert outcome == _wanted(name, text)
    foreign = [one for one in opened if str(SHARED / name) not in one and str(tmp_path) not in one]
    assert not [one for one in foreign if not one.endswith((".py", ".pyc"))]
    if name in VALUES:
        assert json.loads(out.read_bytes()) == VALUES[name]
    assert all(code.startswith(("SRC", "VAL")) for code in codes)


def _of_elements() -> semantics.Mapping:
    """For the one file that has other elements."""
    slots = {"key": {}, "value": {}}
    schema = SCHEMA | {"classes": {"A": {"attributes": slots}}}
    mapping = {
        "name": "elements",
        "source": {"records": [{"path": "root.element[*]", "class": "A"}]},
        "class_derivations": {"A": {"slot_derivations": dict.fromkeys(slots)}},
    }
    return semantics.load_mapping(mapping, source_schema=schema, target_schema=schema)


def test_text_of_an_element_with_and_without_attributes(shared: Path, tmp_path: Path) -> None:
    """The text is the slot named value."""
    semantics.convert(_of_elements(), shared / "badinputs" / SIMPLE, tmp_path / "out.ndjson")
    lines = (tmp_path / "out.ndjson").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [{"key": "value", "value": "text"}, {"value": "text"}]


def test_the_page_of_bad_inputs_says_what_happens(mapping: semantics.Mapping, tmp_path: Path) -> None:
    """Each file has its row there, with the outcome and the code."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "bad-inputs.md").read_text("utf-8")
    told = dict(re.findall(r"^\| `(xml/[^`]+)` \| ([^|]+) \|", page, re.MULTILINE))
    assert set(told) == {name for name, _ in ROWS} or not ROWS
    for name in told if ROWS else ():
        folder = tmp_path / name.replace("/", "-")
        folder.mkdir()
        found, codes = _converted(_of_elements() if name == SIMPLE else mapping, SHARED / name, folder / "out.ndjson")
        words = found.replace("accepts", "accepted").replace("rejects", "rejected")
        assert told[name] == (f"{words} ({codes[0]})" if codes else words)


def test_there_are_bad_inputs() -> None:
    """Where the folder is there, it is not empty."""
    if not SHARED.is_dir():
        pytest.skip("../shared is not there: bad inputs are not part of the project")
    assert len(ROWS) > 25


# -- rejected records, run again -------------------------------------------------------------------

DOCUMENT = """\
<rs xmlns="urn:a" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <r id="1"><name>Ann</name></r>
  <r id="2"><age xsi:nil="true"/><name>Bob</name><name>Robert</name></r>
  <r id="3"><age>thirty</age></r>
  <r id="4"><name>Zoë</name></r>
</rs>
"""


def test_rejected_records_are_run_again_from_the_rejects_file(mapping: semantics.Mapping, tmp_path: Path) -> None:
    """With the namespaces that were declared around them; what is still wrong is rejected again, in the same place."""
    (tmp_path / "in.xml").write_text(DOCUMENT, encoding="utf-16")
    semantics.convert(mapping, tmp_path / "in.xml", tmp_path / "out.ndjson", rejects=str(tmp_path / "r.ndjson"))
    entries = [json.loads(line) for line in (tmp_path / "r.ndjson").read_text().splitlines()]
    assert [(entry["record"], entry["line"], entry["code"]) for entry in entries] == [
        (2, 3, "SRC054"),
        (3, 4, "SRC058"),
    ]
    whole = (tmp_path / "in.xml").read_bytes()
    for entry in entries:
        raw = base64.b64decode(entry["raw"])
        assert whole[entry["byte"] :].startswith(raw)
    many = {**SLOTS, "name": {"multivalued": True}}
    schema = SCHEMA | {"classes": {"A": {"attributes": many}}}
    fixed = semantics.load_mapping(
        MAPPING
        | {"class_derivations": {"A": {"slot_derivations": dict.fromkeys(SLOTS) | {"name": {"expr": "name[0]"}}}}},
        source_schema=schema,
        target_schema=SCHEMA,
    )
    report = semantics.convert(
        fixed, tmp_path / "r.ndjson", tmp_path / "again.ndjson", replay=True, rejects=str(tmp_path / "r2.ndjson")
    )
    assert report.records == {"read": 2, "mapped": 1, "rejected": 1, "filtered": 0, "emitted": 1}
    assert json.loads((tmp_path / "again.ndjson").read_text()) == {"id": "2", "name": "Bob"}
    left = json.loads((tmp_path / "r2.ndjson").read_text())
    assert {key: left[key] for key in ("record", "line", "byte", "raw", "envelope", "code")} == {
        key: entries[1][key] for key in ("record", "line", "byte", "raw", "envelope", "code")
    }


def test_what_no_slot_reads_is_in_the_ledger(mapping: semantics.Mapping, tmp_path: Path) -> None:
    """Elements of another namespace, and attributes of a scalar."""
    (tmp_path / "in.xml").write_text(
        '<rs><r id="1" xmlns:f="urn:f"><name f:lang="en">Ann</name><f:name>x</f:name></r></rs>'
    )
    report = semantics.convert(mapping, tmp_path / "in.xml", tmp_path / "out.ndjson")
    assert {"name@{urn:f}lang", "{urn:f}name"} <= set(report.source_slots)
    assert report.source_slots["{urn:f}name"]["dropped"] == 1


def test_instances_in_xml_are_validated(tmp_path: Path) -> None:
    """The root element is the instance; its texts are read by the ranges."""
    from semantics.engine.validate import validate_files
    from semantics.schema import read_schema

    model, _ = read_schema(SCHEMA)
    (tmp_path / "good.xml").write_text('<A id="1"><age> 3 </age></A>')
    (tmp_path / "bad.xml").write_text('<A id="1"><age>x</age></A>')
    found = [validate_files(model, [str(tmp_path / name)], "A") for name in ("good.xml", "bad.xml")]
    assert [report.conforms for report in found] == [True, False]
    assert [finding.code for finding in found[1].findings] == ["SRC058"]

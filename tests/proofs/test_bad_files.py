"""Every bad file of data, by the command line and with two workers: the outcome that the page on bad inputs tells.

Nothing but the input, the program and the workspace is read, nothing but the outputs written; nothing is connected
to and no other program called. One worker gives the same bytes and says the same.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from .runs import CLOCK, ROOT, Ended, Warm, leftovers

CORPUS = ROOT.parent / "shared" / "badinputs"
PAGE = dict(re.findall(r"^\| `([^`]+)` \| ([^|]+) \|", (ROOT / "docs/bad-inputs.md").read_text("utf-8"), re.MULTILINE))
SLOTS = ("id", "name", "email", "age", "v", "amount", "price")
SCHEMA = """\
id: https://example.org/bad
name: bad
default_prefix: https://example.org/bad/
classes:
  A:
    attributes:
      id: {identifier: true}
      name: {}
      email: {}
      age: {range: integer}
      v: {range: decimal}
      amount: {range: decimal}
      price: {range: decimal}
  Pair:
    attributes: {key: {}, value: {}}
"""
IDENTITY = """\
source_schema: bad
target_schema: bad
%sclass_derivations:
  %s:
    slot_derivations: {%s}
"""
MAPPINGS = {
    "plain": IDENTITY % ("", "A", ": , ".join(SLOTS) + ": "),
    "xml": IDENTITY % ("source: {records: [{path: 'rs.r[*]', class: A}]}\n", "A", ": , ".join(SLOTS) + ": "),
    "pairs": IDENTITY % ("source: {records: [{path: 'root.element[*]', class: Pair}]}\n", "Pair", "key: , value: "),
}
PAIRS = "xml/defusedxml/xmltestdata/simple.xml"
ALLOWED = re.compile(
    rf"read ({'|'.join(map(re.escape, {sys.prefix, sys.base_prefix, str(ROOT), '/usr', '/proc', '/dev'}))})"
)


def files() -> list[str]:
    """The bad files of data."""
    if not CORPUS.is_dir():
        return []
    with (CORPUS / "INDEX.tsv").open(encoding="utf-8") as file:
        named = [row["file"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    return [name for name in named if name.startswith(("json/", "ndjson/", "csv/", "xml/", "rdf/"))]


FILES = files()
SUITES = [name for name in FILES if "jsontestsuite" in name or "w3c-negative" in name]
SLOW = {*SUITES} - {*SUITES[::8]}
"""Of the suites of others, whose outcome in this program is tested elsewhere, the short form runs some."""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The schema and the mappings of all of them."""
    folder = tmp_path_factory.mktemp("bad")
    for name, text in {"ontologies/bad.yaml": SCHEMA, **{f"mappings/{n}.yaml": t for n, t in MAPPINGS.items()}}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


def converted(warm: Warm, folder: Path, name: str, jobs: str) -> tuple[Ended, dict[str, bytes]]:
    """A file through the command line, and what it left."""
    given = name.partition("/")[0]
    words = ["pairs" if name == PAIRS else "xml" if given == "xml" else "plain", str(CORPUS / name)]
    told = ["--from", given] if given != "rdf" else []
    ended = warm.watched(folder, ["convert", *words, *told, "-o", "out.ndjson", "--report", "r.json", "--jobs", jobs])
    assert leftovers(folder) == []
    left = {}
    for result in ("out.ndjson", "out.ndjson.rejects.ndjson", "r.json"):
        path = folder / result
        if path.exists():
            left[result] = CLOCK.sub(b'"seconds": 0', path.read_bytes())
            path.unlink()
    return ended, left


def outcome(ended: Ended, left: dict[str, bytes]) -> str:
    """In the words of the page."""
    if ended.code in (0, 1):
        rows: list[dict[str, Any]] = [
            json.loads(line) for line in left.get("out.ndjson.rejects.ndjson", b"").splitlines()
        ]
        counts = json.loads(left["r.json"])["records"]
        assert counts["read"] == counts["mapped"] + counts["rejected"] + counts["filtered"]
        assert counts["rejected"] == len(rows)
        numbers = ",".join(str(row["record"]) for row in rows)
        return f"rejected {numbers} ({rows[0]['code']})" if rows else "accepted"
    assert left == {}, "half an output"
    code = re.search(rb"([A-Z]{3,4}\d{3})  ", ended.stderr)
    return f"error ({code[1].decode() if code else ''})"


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in FILES])
def test_the_outcome_is_the_one_of_the_page(warm: Warm, workspace: Path, name: str) -> None:
    """With two workers, and with one."""
    ended, left = converted(warm, workspace, name, "2")
    assert ended.code in (0, 1, 2, 3, 5), ended.stderr
    assert b"Traceback" not in ended.stderr
    assert b"INT0" not in ended.stderr
    found = outcome(ended, left)
    own = {str(CORPUS / name), str(workspace), str(warm.place)}
    foreign = [event for event in ended.events if not any(path in event for path in own) and not ALLOWED.match(event)]
    assert foreign == []
    if name in PAGE and not name.startswith("rdf/"):
        assert found == PAGE[name]
    if "jsontestsuite" in name:
        return
    alone, same = converted(warm, workspace, name, "1")
    assert (alone.code, alone.stderr, same) == (ended.code, ended.stderr, left)


def test_there_are_bad_files() -> None:
    """Where the folder is there, it is not empty."""
    if not CORPUS.is_dir():
        pytest.skip("../shared is not there: bad inputs are not part of the project")
    assert len(FILES) > 300

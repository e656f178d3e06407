"""Every diagnostic has a test: its code stands in a test, or in the data of one. There are no exceptions."""

from __future__ import annotations

from pathlib import Path

from semantics.codes import CODES

TESTS = Path(__file__).parent
DATA = {".py", ".yaml", ".json", ".csv", ".tsv", ".txt"}


def test_every_code_stands_in_a_test() -> None:
    """A code that no test names could be gone, or mean something else, and nobody would know."""
    files = [path for path in TESTS.rglob("*") if path.suffix in DATA and path != Path(__file__)]
    text = "\n".join(path.read_text("utf-8", errors="replace") for path in files)
    assert [code for code in CODES if code not in text] == []

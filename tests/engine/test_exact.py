"""Numbers keep every digit from the first byte to the last, through every format."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import semantics

DIGITS = (
    "123456789012345.678901234567890",
    "0.100000000000000000000000000001",
    "-7887.20",
    "12345678901234567890123456789012",
)
SCHEMA = {
    "id": "https://example.org/exact",
    "name": "exact",
    "imports": ["linkml:types"],
    "default_prefix": "https://example.org/exact/",
    "classes": {
        "Row": {"attributes": {"id": {"identifier": True, "range": "uriorcurie"}, "amount": {"range": "decimal"}}}
    },
}
MAPPING = {
    "name": "exact",
    "class_derivations": {
        "Row": {
            "slot_derivations": {
                "id": None,
                "amount": {"expr": "0 + amount - 0 if id is not null else amount"},
            }
        }
    },
}


def written(name: str) -> str:
    """The input of a format, the numbers as they are."""
    rows = [(f"urn:x:{number}", digits) for number, digits in enumerate(DIGITS)]
    objects = [f'{{"id": "{key}", "amount": {digits}}}' for key, digits in rows]
    return {
        "in.json": f"[{', '.join(objects)}]",
        "in.ndjson": "\n".join(objects),
        "in.csv": "id,amount\n" + "\n".join(map(",".join, rows)),
        "in.tsv": "id\tamount\n" + "\n".join(map("\t".join, rows)),
    }[name]


@pytest.mark.parametrize("target", ["out.json", "out.ndjson", "out.nt", "out.ttl", "out.jsonld"])
@pytest.mark.parametrize("source", ["in.json", "in.ndjson", "in.csv", "in.tsv"])
def test_thirty_digits_in_are_thirty_digits_out(source: str, target: str, tmp_path: Path) -> None:
    """Also through an expression; trailing zeros stay."""
    (tmp_path / source).write_text(written(source))
    mapping = semantics.load_mapping(MAPPING, source_schema=SCHEMA, target_schema=SCHEMA)
    report = semantics.convert(mapping, tmp_path / source, tmp_path / target, validate="both")
    assert report.records["mapped"] == len(DIGITS)
    text = (tmp_path / target).read_text()
    found = [digits for digits in DIGITS if re.search(rf"(?<![0-9.]){re.escape(digits)}(?![0-9.]*[0-9])", text)]
    assert found == list(DIGITS), text

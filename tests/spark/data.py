"""Records for runs on Spark: those of the examples, a line each, and lines with something wrong among them."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BROKEN = (
    b'{"Data":{"Account":[{"AccountId":null}]}}',
    b'{"broken":',
    b"",
    b'\xff\xfe{"a": 1}',
    b'{"nobody":1}\r',
    b"   ",
    b'{"twice":1,"twice":2}',
    b"[]",
    b"7",
)
"""Lines that give no instance, each for another reason; two are blank."""


def lines(mapping: str, times: int = 1) -> bytes:
    """The examples of a packaged mapping as NDJSON, ``times`` over, with broken lines between."""
    found = sorted((ROOT / "mappings" / "examples" / mapping).glob("*.json"))
    whole = [json.dumps(json.loads(path.read_text("utf-8")), ensure_ascii=False).encode() for path in found]
    return b"\n".join([*whole, *BROKEN] * times)

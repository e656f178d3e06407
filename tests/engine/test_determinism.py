"""The same input, mapping and schemas give the same bytes: of the output, the rejects, the report and the findings."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from .test_canary import MAPPING, SOURCE, TARGET, WAYS, failing, record

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = ("out.ttl", "out.ttl.rejects.ndjson", "report.json", "findings.html", "run.ttl")
CLOCK = re.compile(rb'"seconds": [\d.]+')
"""What a report says of the clock, and may; a provenance takes its moments from SOURCE_DATE_EPOCH."""


def written(place: Path, seed: str, zone: str, language: str) -> dict[str, bytes]:
    """What one run writes and says, in a folder of its own; seconds left out."""
    texts = {"ontologies/source.yaml": SOURCE, "ontologies/target.yaml": TARGET, "mappings/people.yaml": MAPPING}
    for name, text in texts.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    lines = [line for _, line in failing(len(WAYS))]
    valid = [json.dumps(record(1_000 + number)).encode() for number in range(40)]
    (place / "in.ndjson").write_bytes(b"\n".join([*lines, *valid]))
    done = subprocess.run(
        [sys.executable, "-m", "semantics", "convert", "people", "in.ndjson", "-o", "out.ttl", "--validate", "both",
         "--report", "report.json", "--findings", "findings.html", "--provenance", "run.ttl"],
        cwd=place, capture_output=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "SEMANTICS_CACHE": str(place / "cache"), "PYTHONHASHSEED": seed,
             "TZ": zone, "LC_ALL": language, "SOURCE_DATE_EPOCH": "1700000000"},
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    files = {name: (place / name).read_bytes() for name in WRITTEN}
    files["report.json"] = CLOCK.sub(b"", files["report.json"])
    return {**files, "said": done.stdout + done.stderr}


def test_neither_hash_seed_nor_zone_nor_folder_nor_language_changes_a_byte(tmp_path: Path) -> None:
    first = written(tmp_path / "here", "0", "UTC", "C.UTF-8")
    for number, (seed, zone, language) in enumerate(
        [("1", "Asia/Tokyo", "C"), ("4711", "America/New_York", "C.UTF-8"), ("random", "UTC", "POSIX")]
    ):
        again = written(tmp_path / f"somewhere else {number}" / "deeper", seed, zone, language)
        for name, content in first.items():
            assert again[name] == content, name

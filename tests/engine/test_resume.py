"""A run that was cut off goes on from its last checkpoint and comes to the same bytes."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

import semantics
from semantics.engine import batches, run
from semantics.engine.references import references_of
from semantics.errors import LimitError, SinkError, UsageError
from semantics.sinks import base, compression
from semantics.sources import compressed, stream

SCHEMA: dict[str, Any] = {
    "id": "https://example.org/herd",
    "name": "herd",
    "default_prefix": "https://example.org/herd/",
    "classes": {
        "Cow": {
            "tree_root": True,
            "attributes": {
                "id": {"identifier": True},
                "mother": {"range": "Cow"},
                "weight": {"range": "decimal", "minimum_value": 1},
            },
        }
    },
}
SOURCE = json.loads(json.dumps(SCHEMA).replace('"minimum_value": 1', '"minimum_value": 0'))
MAPPING: dict[str, Any] = {
    "name": "herd",
    "class_derivations": {"Cow": {"slot_derivations": {"id": None, "mother": None, "weight": None}}},
}


class Cut(BaseException):
    """The run is cut off here."""


def cow(number: int) -> dict[str, Any]:
    return {"id": f"c{number}", "mother": f"c{number * 7 % 1_200}", "weight": -1 if number % 41 == 0 else number}


@pytest.fixture
def herd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the records in several forms, in small blocks and batches."""
    monkeypatch.setattr(stream, "_BLOCK", 3_000)
    monkeypatch.setattr(compressed, "_BLOCK", 3_000)
    monkeypatch.setattr(batches, "RECORDS", 50)
    monkeypatch.setattr(base, "HELD", 1_000)
    monkeypatch.setattr(compression, "BLOCK", 5_000)
    rows = [cow(number) for number in range(1, 1_000)]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "in.ndjson").write_text(lines)
    (tmp_path / "in.ndjson.gz").write_bytes(gzip.compress(lines.encode()))
    (tmp_path / "in.json").write_text(json.dumps(rows))
    text = "".join(f"{row['id']},{row['mother']},{row['weight']}\n" for row in rows)
    (tmp_path / "in.csv").write_text("id,mother,weight\n" + text)
    return tmp_path


def convert(folder: Path, name: str, out: str, **options: Any) -> None:
    mapping = semantics.load_mapping(MAPPING, source_schema=SOURCE, target_schema=SCHEMA)
    inputs = [folder / one for one in name.split()]
    semantics.convert(mapping, inputs, folder / out, report=str(folder / "report.json"), checkpoint=0, **options)


def told(folder: Path, out: str) -> tuple[bytes, bytes, dict[str, Any]]:
    """The output, the rejects and the report, the seconds left out."""
    report = json.loads((folder / "report.json").read_bytes())
    report["run"].pop("seconds")
    return (folder / out).read_bytes(), (folder / f"{out}.rejects.ndjson").read_bytes(), report


def cut_after(patch: pytest.MonkeyPatch, parts: int) -> None:
    """Have the next run end in the middle of a part."""
    left = [parts]
    take = run._Conversion._take

    def taking(self: Any, part: Any) -> None:
        left[0] -= 1
        if not left[0]:
            for piece in part.pieces[:1]:
                self.sink.append(piece)
            raise Cut
        take(self, part)

    patch.setattr(run._Conversion, "_take", taking)


def partials(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir() if file.name.endswith(".partial"))


@pytest.mark.parametrize("name", ["in.ndjson", "in.ndjson.gz", "in.json", "in.csv", "in.csv in.ndjson in.json"])
@pytest.mark.parametrize("out", ["out.ndjson", "out.nt.gz", "out.ttl", "out.json", "out.nt.zst", "out.parquet"])
def test_a_run_that_is_cut_off_comes_to_the_same_bytes(
    herd: Path, monkeypatch: pytest.MonkeyPatch, name: str, out: str
) -> None:
    """Wherever it is cut, and however often: output, rejects and report are those of an undisturbed run."""
    convert(herd, name, out)
    undisturbed = told(herd, out)
    assert not partials(herd)
    for path in (out, f"{out}.rejects.ndjson", "report.json"):
        (herd / path).unlink()
    for parts in (2, 1, 5, 3):
        with monkeypatch.context() as patch:
            cut_after(patch, parts)
            with pytest.raises(Cut):
                convert(herd, name, out, resume=True)
        assert not (herd / out).exists()
    assert f".{out}~checkpoint.partial" in partials(herd)
    convert(herd, name, out, resume=True)
    assert told(herd, out) == undisturbed
    assert not partials(herd)


def test_what_was_done_is_not_done_again(herd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run goes on from the checkpoint; nothing before it is read by line again."""
    with monkeypatch.context() as patch:
        cut_after(patch, 8)
        with pytest.raises(Cut):
            convert(herd, "in.ndjson", "out.nt", resume=True)
    parts: list[Any] = []
    take = run._Conversion._take
    monkeypatch.setattr(run._Conversion, "_take", lambda self, part: (parts.append(part), take(self, part)))
    convert(herd, "in.ndjson", "out.nt", resume=True)
    assert 0 < sum(part.records for part in parts) < 999 - 100


@pytest.mark.parametrize("jobs", [2, 3])
def test_workers_make_no_difference(herd: Path, monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    """A run with one worker can be taken up by several, and the other way round."""
    convert(herd, "in.ndjson", "out.nt")
    undisturbed = told(herd, "out.nt")
    for parts, count in ((3, jobs), (4, 1), (2, jobs)):
        with monkeypatch.context() as patch:
            cut_after(patch, parts)
            with pytest.raises(Cut):
                convert(herd, "in.ndjson", "out.nt", resume=True, jobs=count)
    convert(herd, "in.ndjson", "out.nt", resume=True, jobs=jobs)
    assert told(herd, "out.nt") == undisturbed


def test_references_beyond_the_memory_are_gone_on_with(herd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has left the memory is in a journal beside the output, and cut back like the output."""
    convert(herd, "in.ndjson", "out.nt")
    undisturbed = told(herd, "out.nt")
    assert next(iter(undisturbed[2]["references"].values()))["unsatisfied"] > 10
    monkeypatch.setattr(references_of, "__kwdefaults__", {**(references_of.__kwdefaults__ or {}), "budget": 4_000})
    for parts in (3, 4):
        with monkeypatch.context() as patch:
            cut_after(patch, parts)
            with pytest.raises(Cut):
                convert(herd, "in.ndjson", "out.nt", resume=True)
    assert any("references" in name for name in partials(herd))
    convert(herd, "in.ndjson", "out.nt", resume=True)
    assert told(herd, "out.nt") == undisturbed
    assert not partials(herd)


def interrupted(folder: Path, patch: pytest.MonkeyPatch, **options: Any) -> None:
    with patch.context() as inner:
        cut_after(inner, 4)
        with pytest.raises(Cut):
            convert(folder, "in.ndjson", "out.nt", **options)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda folder: os.utime(folder / "in.ndjson", (1, 1)), "in.ndjson"),
        (lambda _: {"validate": "both"}, "options"),
        (lambda folder: {"rejects": folder / "elsewhere.ndjson"}, "options"),
        (lambda _: {"jobs": 2, "max_rejects": 900}, ""),
    ],
)
def test_a_run_is_not_taken_up_with_something_else(
    herd: Path, monkeypatch: pytest.MonkeyPatch, change: Any, named: str
) -> None:
    """A changed input, mapping or option is refused by name, and the old checkpoint stays; what does not matter may change."""
    interrupted(herd, monkeypatch)
    options = change(herd) or {}
    if not named:
        convert(herd, "in.ndjson", "out.nt", resume=True, **options)
        return
    before = partials(herd)
    with pytest.raises(UsageError) as ended:
        convert(herd, "in.ndjson", "out.nt", resume=True, **options)
    (found,) = ended.value.diagnostics
    assert (found.code, named in found.message) == ("RUN092", True)
    assert partials(herd) == before


def test_another_mapping_is_refused(herd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted(herd, monkeypatch)
    changed = json.loads(json.dumps(MAPPING))
    changed["class_derivations"]["Cow"]["slot_derivations"]["weight"] = {"expr": "weight + 1"}
    mapping = semantics.load_mapping(changed, source_schema=SOURCE, target_schema=SCHEMA)
    with pytest.raises(UsageError, match="mapping"):
        semantics.convert(mapping, herd / "in.ndjson", herd / "out.nt", resume=True)


def test_without_resume_a_run_starts_anew(herd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a run that was cut off has left is removed."""
    convert(herd, "in.ndjson", "out.nt")
    undisturbed = told(herd, "out.nt")
    interrupted(herd, monkeypatch)
    assert partials(herd)
    convert(herd, "in.ndjson", "out.nt")
    assert told(herd, "out.nt") == undisturbed
    assert not partials(herd)


def test_with_its_partial_output_gone_a_run_starts_anew(herd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint that speaks of what is not there is no checkpoint."""
    convert(herd, "in.ndjson", "out.nt")
    undisturbed = told(herd, "out.nt")
    for lost in (".out.nt.partial", ".out.nt.rejects.ndjson.partial"):
        interrupted(herd, monkeypatch)
        (herd / lost).unlink()
        convert(herd, "in.ndjson", "out.nt", resume=True)
        assert told(herd, "out.nt") == undisturbed
    interrupted(herd, monkeypatch)
    (herd / ".out.nt~checkpoint.partial").write_bytes(b"not a checkpoint")
    convert(herd, "in.ndjson", "out.nt", resume=True)
    assert told(herd, "out.nt") == undisturbed


def test_a_limit_can_be_raised_and_the_run_taken_up(herd: Path) -> None:
    """After too many rejects nothing is lost: a higher limit goes on where the lower one stopped."""
    convert(herd, "in.ndjson", "out.nt")
    undisturbed = told(herd, "out.nt")
    with pytest.raises(LimitError):
        convert(herd, "in.ndjson", "out.nt", max_rejects=10)
    assert partials(herd)
    convert(herd, "in.ndjson", "out.nt", max_rejects=50, resume=True)
    assert told(herd, "out.nt") == undisturbed


def test_a_second_run_to_the_same_output_is_refused(herd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a run goes on another is not started, taken up or not, and the first is not disturbed."""
    take = run._Conversion._take
    refused: list[str] = []

    def taking(self: Any, part: Any) -> None:
        if len(refused) < 2 and part.records:
            refused.append("")
            with pytest.raises(SinkError) as ended:
                convert(herd, "in.ndjson", "out.nt", resume=len(refused) == 2)
            refused[-1] = ended.value.diagnostics[0].code
        take(self, part)

    monkeypatch.setattr(run._Conversion, "_take", taking)
    convert(herd, "in.ndjson", "out.nt")
    assert refused == ["SNK004", "SNK004"]
    assert told(herd, "out.nt")[2]["records"]["read"] == 999

"""Any number of workers gives the same bytes, whatever the records are and whichever of the workers die."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

import semantics
from semantics.engine import workers
from semantics.engine.lane import Lane
from semantics.engine.mapping import Mapping
from semantics.sources import stream

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
                "note": {},
                "born": {"range": "date"},
            },
        }
    },
}
SOURCE = json.loads(json.dumps(SCHEMA).replace('"minimum_value": 1', '"minimum_value": 0').replace("date", "string"))
MAPPING: dict[str, Any] = {
    "name": "herd",
    "class_derivations": {
        "Cow": {
            "where": "note is null or note != 'sold'",
            "slot_derivations": {"id": None, "mother": None, "weight": {"expr": "weight * 2"}, "note": None, "born": None},
        }
    },
}  # fmt: skip


def cow(number: int) -> bytes:
    """One record of many; some are sold, some too light, some refer to none, some cannot be read."""
    if number % 97 == 3:
        return b"{broken"
    if number % 89 == 5:
        return b"\r"
    data: dict[str, Any] = {"id": f"c{number}", "mother": f"c{number * 7 % 2_500}"}
    if number % 3:
        data["weight"] = -1 if number % 31 == 0 else number
    if number % 5 == 0:
        data["note"] = "sold" if number % 2 else "né “"
    if number % 53 == 0:
        data["born"] = "not a date"
    return json.dumps(data, ensure_ascii=False).encode()


HERD = b"\n".join(map(cow, range(1, 2_000))) + b"\n"


def told(folder: Path, name: str, **options: Any) -> tuple[bytes, bytes, dict[str, Any]]:
    """The output, the rejects and the report of a run, the seconds left out."""
    rejects = folder / "rejects.ndjson"
    rejects.unlink(missing_ok=True)
    mapping = semantics.load_mapping(MAPPING, source_schema=SOURCE, target_schema=SCHEMA)
    out = folder / f"out.{options.pop('to', 'ndjson')}"
    semantics.convert(mapping, folder / name, out, report=str(folder / "report.json"), rejects=str(rejects), **options)
    report = json.loads((folder / "report.json").read_bytes())
    report["run"].pop("seconds")
    return out.read_bytes(), rejects.read_bytes() if rejects.exists() else b"", report


@pytest.fixture
def herd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the records in several forms, read in small blocks."""
    monkeypatch.setattr(stream, "_BLOCK", 4_000)
    (tmp_path / "in.ndjson").write_bytes(HERD)
    whole = [line for line in HERD.split(b"\n") if line.startswith(b'{"')]
    (tmp_path / "in.json").write_bytes(b"[" + b",\n".join(whole) + b"]")
    rows = [json.loads(line) for line in whole]
    names = ("id", "mother", "weight", "note", "born")
    text = "\n".join([",".join(names), *(",".join(str(row.get(name, "")) for name in names) for row in rows)])
    (tmp_path / "in.csv").write_text(text + "\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["in.ndjson", "in.json", "in.csv"])
@pytest.mark.parametrize(("to", "validate"), [("ndjson", "schema"), ("nt", "both"), ("ttl", "none")])
def test_any_number_of_workers_gives_the_same_bytes(herd: Path, name: str, to: str, validate: str) -> None:
    """Output, rejects and report do not tell how many workers there were."""
    alone = told(herd, name, to=to, validate=validate, jobs=1)
    assert alone[2]["records"]["rejected"] > 20
    for jobs in (2, 4):
        assert told(herd, name, to=to, validate=validate, jobs=jobs) == alone


def test_instances_that_the_shelf_has_no_room_for_come_all_the_same(
    herd: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some batches give more bytes than there is room for, others fit."""
    alone = told(herd, "in.ndjson", to="out.ndjson", jobs=1)
    sizes: list[int] = []
    monkeypatch.setattr(workers, "SHELF", 2_000)
    lent = workers.Workers._lent

    def counted(self: workers.Workers, place: int, shelved: list[int]) -> Any:
        sizes.append(sum(shelved))
        return lent(self, place, shelved)

    monkeypatch.setattr(workers.Workers, "_lent", counted)
    assert told(herd, "in.ndjson", to="out.ndjson", jobs=2) == alone
    assert 0 in sizes
    assert 0 < max(sizes) <= 2_000


def test_records_inside_lines_are_numbered_as_one_worker_does(herd: Path) -> None:
    """Where a line may hold many records, their numbers are known in the end only."""
    mapping = {**MAPPING, "source": {"records": [{"path": "cows[*]", "class": "Cow"}]}}
    lines = [b'{"cows":[' + b",".join(HERD.split(b"\n")[n : n + n % 4]) + b"]}" for n in range(1_500)]
    (herd / "in.ndjson").write_bytes(b"\n".join(lines))
    found = []
    for jobs in (1, 3):
        ready = semantics.load_mapping(mapping, source_schema=SOURCE, target_schema=SCHEMA)
        semantics.convert(ready, herd / "in.ndjson", herd / "out.nt", report=str(herd / "r.json"), jobs=jobs)
        report = json.loads((herd / "r.json").read_bytes())
        report["run"].pop("seconds")
        found.append([(herd / "out.nt").read_bytes(), (herd / "out.nt.rejects.ndjson").read_bytes(), report])
    assert found[0] == found[1]


def test_a_worker_that_dies_is_replaced(herd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that are killed now and then cost nothing but time."""
    alone = told(herd, "in.ndjson")
    run, died = os.getpid(), herd / "died"
    take = Lane.take

    def dying(lane: Lane, batch: Any) -> Any:
        if os.getpid() != run and b'"c700"' in getattr(batch, "lines", batch).raw and not died.exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return take(lane, batch)

    monkeypatch.setattr(Lane, "take", dying)
    assert told(herd, "in.ndjson", jobs=2) == alone
    assert died.exists()


@pytest.mark.parametrize(
    ("name", "fate"),
    [("in.ndjson", signal.SIGKILL), ("in.csv", signal.SIGKILL), ("few.ndjson", signal.SIGSTOP)],
    ids=["dies-ndjson", "dies-csv", "hangs"],
)
def test_a_record_that_kills_workers_is_rejected_alone(
    herd: Path, monkeypatch: pytest.MonkeyPatch, name: str, fate: signal.Signals
) -> None:
    """The batch of a poison record is taken apart until it stands alone; all others are carried."""
    if fate is signal.SIGSTOP:  # each half that hangs is waited for, so there are few
        monkeypatch.setattr(workers, "PATIENCE", 2.5)
        lines = (herd / "in.ndjson").read_bytes().splitlines(keepends=True)
        at = next(index for index, line in enumerate(lines) if b'"c701"' in line)
        (herd / name).write_bytes(b"".join(lines[at - 2 : at + 2]))
    alone, _, report = told(herd, name)
    run, outcome = os.getpid(), Mapping.outcome

    def poisoned(mapping: Mapping, record: Any, events: Any) -> Any:
        if os.getpid() != run and (record.data or {}).get("id") == "c701":
            os.kill(os.getpid(), fate)
        return outcome(mapping, record, events)

    monkeypatch.setattr(Mapping, "outcome", poisoned)
    monkeypatch.setattr(Lane, "take", lambda lane, batch: iter([batch.read()]))
    found, rejects, after = told(herd, name, jobs=2)
    lost = [json.loads(line) for line in rejects.splitlines() if b"RUN090" in line]
    assert len(lost) == 1
    assert "c701" in lost[0]["raw"]
    assert found == b"".join(line for line in alone.splitlines(keepends=True) if b'"id":"c701"' not in line)
    assert after["records"]["rejected"] == report["records"]["rejected"] + 1


def test_workers_that_die_together_are_replaced_once_each(herd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one is replaced, another is found dead too: its batches are given away once."""
    alone = told(herd, "in.ndjson")
    receive, replace, wait = workers.Workers._receive, workers.Workers._replace, workers.wait
    killed: list[int] = []
    within: list[int] = []

    def late(self: workers.Workers) -> None:
        busy = sorted(self._workers, key=lambda worker: -len(worker.batches))
        if not killed and len(busy[0].batches) > max(1, len(busy[-1].batches)):
            for worker in busy:
                os.kill(worker.process, signal.SIGKILL)
                os.waitid(os.P_PID, worker.process, os.WEXITED | os.WNOWAIT)
            killed.extend(worker.process for worker in busy)
            pipes = [worker.answers for worker in busy if worker.batches]  # who has nothing to do is not waited for
            # The first that is replaced has more to give away than the new one takes before the other is asked.
            monkeypatch.setattr(workers, "wait", lambda _, __: pipes)
        elif not killed and len(busy[-1].batches) > 1:  # all have much to do: the one with the oldest batch keeps it
            others = sorted(busy, key=lambda worker: worker.batches[0])[1:]
            monkeypatch.setattr(workers, "wait", lambda _, __: wait([worker.answers for worker in others]))
        receive(self)
        monkeypatch.setattr(workers, "wait", wait)

    def seen(self: workers.Workers, dead: Any) -> None:
        within.append(dead.process)
        replace(self, dead)

    monkeypatch.setattr(workers.Workers, "_receive", late)
    monkeypatch.setattr(workers.Workers, "_replace", seen)
    assert told(herd, "in.ndjson", jobs=2) == alone
    assert sorted(within) == sorted(killed) != []


def test_a_large_text_does_not_stop_a_pipe(herd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches and answers larger than a pipe go through it all the same."""
    monkeypatch.setattr(workers, "PIPE", 4_096)
    lines = [json.dumps({"id": f"c{n}", "note": "x" * 300_000}) for n in range(20)]
    (herd / "in.ndjson").write_text("\n".join(lines))
    assert told(herd, "in.ndjson", jobs=2) == told(herd, "in.ndjson")

"""What a task does, without Spark: its records, their places, its rows and its counts."""

from __future__ import annotations

import gzip
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pyarrow as pa
import pytest

import semantics
from semantics.cli import main
from semantics.engine.context import running
from semantics.engine.inputs import Inputs
from semantics.engine.ledger import Ledger
from semantics.errors import SourceError, UsageError
from semantics.sources.json_lines import ndjson_records
from semantics.spark import installed, shipment
from semantics.spark.conversion import _made_by, _refuse
from semantics.spark.faults import _of
from semantics.spark.files import _placed
from semantics.spark.partition import Counts, TaskFault, _Partition, numbered
from semantics.spark.records import parts
from semantics.spark.shipment import PATH, START, Block, Ready, Shipment, ready
from semantics.testing import Case, cases

from .data import ROOT, lines

CASES = [
    case
    for case in cases(ROOT / "tests" / "conformance")
    if (case.folder / "input.json").is_file() and not (case.folder / "related.json").is_file()
]


def sent(mapping: Any, **options: Any) -> Ready:
    """A shipment as it arrives on an executor."""
    made = {
        "form": "lines", "read_as": "ndjson", "to": "ndjson", "name": "<frame>", "validate": "schema", "check": mapping.check,
        "source_class": None, "limits": semantics.sources.Limits(), "made_by": _made_by(mapping.plan, None), **options,
    }  # fmt: skip
    return ready(Shipment(plan=mapping.plan, target=mapping.prepared.target, **made).packed())


def batches(texts: list[bytes | None], size: int = 7) -> Iterator[pa.RecordBatch]:
    for start in range(0, len(texts), size):
        yield pa.RecordBatch.from_arrays([pa.array(texts[start : start + size], pa.binary())], ["value"])


def told(found: Iterator[pa.RecordBatch]) -> dict[str, list[Any]]:
    """The values of the tagged rows by their kinds."""
    rows: dict[str, list[Any]] = {"instance": [], "reject": [], "references": [], "block": [], "counts": []}
    for batch in found:
        for row in batch.to_pylist():
            rows[row["kind"]].append(row["value"])
    return rows


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_gives_on_spark_what_it_gives_here(case: Case) -> None:
    """Every conformance case of single records, as lines of a frame: instances, reasons and counts."""
    mapping = case.mapping("python")
    if mapping.plan.groups or mapping.plan.lookups:
        pytest.skip("groups and joins are refused on Spark")
    records = json.loads((case.folder / "input.json").read_text("utf-8"))
    texts: list[bytes | None] = [json.dumps(record).encode() for record in records]
    with_class = {"source_class": mapping.plan.record_classes[0]} if len(mapping.plan.record_classes) == 1 else {}
    work = sent(mapping, **with_class)
    rows = told(_Partition(work, 0).rows(batches(texts)))
    ledger = Ledger(mapping.plan)
    instances, codes = [], []
    with running(mapping.plan.needs):
        for record in records_of(texts, work):
            outcome = mapping.outcome(record, events := [])
            ledger.read += 1
            match outcome:
                case semantics.Mapped(instances=found):
                    instances += [work.encoder.encode(one, "").decode().rstrip("\n") for one in found]
                case semantics.Rejected(diagnostics=found):
                    codes.append(found[0].code)
                    events = []
            ledger.add(outcome, events)
    assert rows["instance"] == instances
    assert [json.loads(line)["code"] for line in rows["reject"]] == codes
    assert _accounts(counted(rows["counts"], mapping)) == _accounts(ledger)


def counted(texts: list[str], mapping: Any) -> Ledger:
    """What tasks counted, added up."""
    ledger = Ledger(mapping.plan)
    for text in texts:
        ledger.merge(msgspec.json.decode(text, type=Counts).ledger)
    return ledger


def records_of(texts: list[bytes | None], work: Ready) -> Iterator[semantics.Record]:
    """The records of lines, read by themselves."""
    for record in ndjson_records(iter([b"\n".join(text or b"" for text in texts)]), "<frame>", work.options):
        told = record.class_name or record.pointer is not None or work.shipment.source_class is None
        yield record if told else record.of_class(work.shipment.source_class)


@pytest.mark.parametrize("cuts", [(), (1,), (5, 11, 12), tuple(range(1, 21))])
def test_the_counts_of_partitions_add_up_to_those_of_the_whole(cuts: tuple[int, ...]) -> None:
    """Wherever the lines are cut: the accounts made of the sum are the same."""
    mapping = semantics.load_mapping("open-banking")
    texts: list[bytes | None] = list(lines("open-banking").split(b"\n"))
    work = sent(mapping)
    bounds = [0, *cuts, len(texts)]
    found = [
        text
        for number, (start, end) in enumerate(itertools.pairwise(bounds))
        for text in told(_Partition(work, number).rows(batches(texts[start:end])))["counts"]
    ]
    ledger = counted(found, mapping)
    whole = counted(told(_Partition(work, 0).rows(batches(texts)))["counts"], mapping)
    assert ledger.balanced
    assert ledger.read > 15
    assert _accounts(ledger) == _accounts(whole)


def _accounts(ledger: Ledger) -> Any:
    from semantics.engine.report import slots_of

    return slots_of(ledger.source(), ledger.target()), ledger.unmapped(), ledger.reasons(), ledger.filters()


@pytest.mark.parametrize("name", ["in.ndjson", "with a mark.ndjson", "in.ndjson.gz"])
def test_records_of_a_cut_file_have_the_places_of_the_whole(name: str, tmp_path: Path) -> None:
    """Number, line, byte, bytes and key, wherever Spark cuts a file into parts."""
    mapping = semantics.load_mapping("open-banking")
    text = lines("open-banking", 3)
    mark = b"\xef\xbb\xbf" if "mark" in name else b""
    path = tmp_path / name
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else mark + text)
    expected = list(Inputs(mapping.plan, [str(path)]).records())
    found = [line + b"\n" for line in text.split(b"\n")]
    blank = [not line.strip(b" \t\r\n") for line in found]
    for cut in (1, 17, 18, 40):
        counted = [
            SimpleNamespace(path="file:/x", start=start, lines=len(part), blank=sum(empty),
                            bytes=sum(map(len, part)), size=path.stat().st_size)
            for start, part, empty in ((0, found[:cut], blank[:cut]), (99, found[cut:], blank[cut:]))
        ]  # fmt: skip
        blocks = tuple(Block(str(path), 1, b.path, b.start, b.lines, b.records, b.bytes)
                       for b in _placed(counted, {"file:/x": 1}))  # fmt: skip
        work = sent(mapping, blocks=blocks)
        rows = [{"value": line[:-1], PATH: "file:/x", START: 0 if at < cut else 99} for at, line in enumerate(found)]
        schema = pa.schema([("value", pa.binary()), (PATH, pa.string()), (START, pa.int64())])
        again = [
            (key, record, base)
            for number, found_ in parts(iter(pa.Table.from_pylist(rows, schema).to_batches(5)), work, 0)
            for base in [sum(1 for _, r in expected if (r.line or 0) <= blocks[number].lines)]
            for batch in found_
            for key, record in batch.read()
        ]
        assert len(again) == len(expected)
        for (key, record, base), (own, wanted) in zip(again, expected, strict=True):
            assert key == own
            assert (record.number + base, record.line, record.byte) == (wanted.number, wanted.line, wanted.byte)
            assert (record.raw, record.data, record.class_name) == (wanted.raw, wanted.data, wanted.class_name)
            assert record.fault == wanted.fault


def test_a_frame_has_one_record_a_row_and_keys_of_its_partitions() -> None:
    """A newline inside a row does not make two of it; nothing is a row that holds nothing."""
    mapping = semantics.load_mapping("open-banking")
    texts: list[bytes | None] = [b'{"a":\n1}', None, b'{"a":2}\n', b""]
    for partition in (0, 4):
        found = [json.loads(line) for line in told(_Partition(sent(mapping), partition).rows(batches(texts)))["reject"]]
        places = [(entry["key"], entry["raw"], entry["record"], entry["line"], entry["byte"]) for entry in found]
        number = partition + 1
        assert places == [(f"{number}-1-1", '{"a": 1}', 1, None, None), (f"{number}-3-1", '{"a":2} ', 2, None, None)]


def test_pretty_printed_json_is_told_once_at_the_beginning() -> None:
    """As in a file: the first part says that this is no NDJSON; a part in the middle of a file does not look."""
    mapping = semantics.load_mapping("open-banking")
    texts: list[bytes | None] = [b"{", b'"a": 1', b"}"]
    with pytest.raises(SourceError, match="SRC008"):
        list(_Partition(sent(mapping), 0).rows(batches(texts)))
    assert len(told(_Partition(sent(mapping), 1).rows(batches(texts)))["reject"]) == 3


def test_a_fault_of_a_task_is_told_as_what_it_is() -> None:
    """What a task found comes out of Spark's text again; what Spark says of itself is SPK007."""
    fault = TaskFault(SourceError(semantics.Diagnostic("SRC008", "the first line ...", hint="read it as json")))
    again = _of(f"Job aborted\n  File x\nsemantics.spark.partition.TaskFault: {fault}\n at org.apache")
    assert isinstance(again, SourceError)
    assert again.diagnostics[0].code == "SRC008"
    assert _of("ModuleNotFoundError: No module named 'semantics'").diagnostics[0].code == "SPK005"
    assert _of("\n[OUT_OF_SPACE] no room\nmore").diagnostics[0].message.endswith("[OUT_OF_SPACE] no room")
    assert _of("").diagnostics[0].code == "SPK007"


def test_another_version_on_the_executors_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two versions could mean two things by one plan."""
    mapping = semantics.load_mapping("open-banking")
    monkeypatch.setattr(shipment, "__version__", "99.0")
    with pytest.raises(UsageError, match="SPK005"):
        sent(mapping, version="0.0.1")


def test_rejects_are_numbered_through() -> None:
    """What stands before a block is added to the numbers of its records."""
    line = json.dumps({"record": 2, "after": 5})
    given = pa.RecordBatch.from_pylist([{"block": 3, "value": line}, {"block": 0, "value": line}])
    (batch,) = numbered('{"3":[10,20]}', iter([given]))
    assert [json.loads(text) for text in batch.column(0).to_pylist()] == [
        {"record": 12, "after": 25}, {"record": 2, "after": 5},
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["pyspark", "pyarrow", "pandas"])
def test_what_is_not_installed_is_named_with_the_extra(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hint is the command that brings it."""

    def missing(asked: str) -> None:
        if asked == name:
            raise ImportError(asked)

    monkeypatch.setattr(installed, "import_module", missing)
    with pytest.raises(UsageError, match=r"SPK001.*\n.*semantics\[spark\]"):
        installed.required()


@pytest.mark.parametrize(("says", "told_"), [(None, "there is none"), ("11.0.2", "found version 11"), ("", "does not")])
def test_java_is_asked_for_before_spark_is_started(
    says: str | None, told_: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None at all, one that is too old, one that does not answer."""
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    if says is not None:
        program = tmp_path / "bin" / "java"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\necho 'openjdk version \"{says}\"' >&2\n" if says else "#!/bin/sh\nexit 1\n")
        program.chmod(0o755)
    with pytest.raises(UsageError, match=f"SPK002.*{told_}"):
        installed.java_needed()


def test_what_needs_the_whole_input_is_refused() -> None:
    """Joins and groups (SPK003), and formats that are no lines (SPK006)."""
    plan = semantics.load_mapping("open-banking").plan
    for changed in ({"lookups": {"x": None}}, {"groups": {"x": None}}):
        facts = {"lookups": plan.lookups, "groups": plan.groups, **changed}
        with pytest.raises(UsageError, match="SPK003"):
            _refuse(SimpleNamespace(**facts), "ndjson", "schema")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="SPK006"):
        _refuse(plan, "turtle", "schema")
    with pytest.raises(UsageError, match="RUN004"):
        _refuse(plan, "ndjson", "shema")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--engine", "spark", "--fail-fast", "-o", "out"], "RUN120  --fail-fast"),
        (["--engine", "spark", "--jobs", "3", "-o", "out"], "RUN120  --jobs"),
        (["--engine", "spark"], "RUN121"),
        (["--master", "local[2]"], "RUN123"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    arguments: list[str], code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before Spark is started, with exit code 2."""
    (tmp_path / "in.ndjson").write_bytes(lines("open-banking"))
    with pytest.raises(SystemExit) as ended:
        main(["convert", "open-banking", str(tmp_path / "in.ndjson"), *arguments])
    assert ended.value.code == 2
    assert code in capsys.readouterr().err


def test_a_folder_that_is_there_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """SPK008, and exit code 4."""
    (tmp_path / "in.ndjson").write_bytes(lines("open-banking"))
    with pytest.raises(SystemExit) as ended:
        main(["convert", "open-banking", str(tmp_path / "in.ndjson"), "--engine", "spark", "-o", str(tmp_path)])
    assert ended.value.code == 4
    assert "SPK008" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("inputs", "code", "said"),
    [(["in.csv", "--from", "csv"], 2, "RUN122"), (["-"], 2, "RUN122"), (["gone.ndjson"], 3, "SRC001")],
)
def test_inputs_that_cannot_be_read_are_told_before_spark_is_started(
    inputs: list[str], code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Another format, standard input, a file that is not there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.csv").write_text("a,b\n1,2\n")
    with pytest.raises(SystemExit) as ended:
        main(["convert", "open-banking", *inputs, "--engine", "spark", "-o", "out"])
    assert ended.value.code == code
    assert said in capsys.readouterr().err


def test_a_plan_that_was_kept_says_the_same_as_a_new_one() -> None:
    """Classes in the order of the schema, in messages and accounts; here the second one comes from the cache."""
    new, kept = semantics.load_mapping("open-banking"), semantics.load_mapping("open-banking")
    assert list(new.plan.classes) == list(kept.plan.classes)
    outcomes = [mapping.try_apply({"nobody": 1}) for mapping in (new, kept)]
    assert outcomes[0] == outcomes[1]

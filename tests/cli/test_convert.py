"""``semantics convert`` as an operator meets it: exit codes, files, messages."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

import semantics.engine.convert as _loaded  # noqa: F401  - what the copies of this process need
from semantics.cli import main

SOURCE = """\
id: https://example.org/src
name: src
default_prefix: https://example.org/src/
classes:
  Row:
    attributes:
      id: {required: true}
      name: {}
      age: {range: integer}
      kind: {}
"""
TARGET = """\
id: https://example.org/tgt
name: tgt
default_prefix: https://example.org/tgt/
classes:
  Person:
    attributes:
      id: {identifier: true, range: uriorcurie}
      name: {pattern: "^[A-Z]"}
      age: {range: integer, minimum_value: 0}
      kind: {range: Kind}
enums:
  Kind: {permissible_values: {A: {}, B: {}}}
"""
MAPPING = """\
source_schema: src
target_schema: tgt
class_derivations:
  Person:
    populated_from: Row
    where: "name != 'Skip' or name is null"
    slot_derivations:
      id: {iri: "https://example.org/p/{id}"}
      name:
      age:
      kind: {populated_from: kind, value_mappings: {a: A, b: B}, unmapped: "null"}
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A workspace with one little mapping."""
    for name, text in (
        ("ontologies/src.yaml", SOURCE),
        ("ontologies/tgt.yaml", TARGET),
        ("mappings/people.yaml", MAPPING),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def semantics(place: Path, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own: a copy of this one, which has loaded the program already."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        child = os.fork()
        if child == 0:
            _become(place, list(arguments), given.fileno(), out.fileno(), err.fileno())
        _, status = os.waitpid(child, 0)
        for file in (out, err):
            file.seek(0)
        return subprocess.CompletedProcess(arguments, os.waitstatus_to_exitcode(status), out.read(), err.read())


def _become(place: Path, arguments: list[str], *streams: int) -> None:
    """The command with its streams and folder; this process ends with it."""
    code = 70
    try:
        signal.alarm(60)
        os.chdir(place)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        sys.stdin, sys.stdout, sys.stderr = (open(n, mode, closefd=False) for n, mode in enumerate("rww"))  # noqa: SIM115
        main(arguments)
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def lines(path: Path) -> list[dict[str, object]]:
    """An NDJSON file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


GOOD = '{"id":"1","name":"Ann","age":3,"kind":"a"}\n{"id":"2","name":"Skip"}\n'


def test_good_records_end_with_0(place: Path) -> None:
    """Data goes to the output alone, the summary to standard error."""
    (place / "in.ndjson").write_text(GOOD)
    done = semantics(place, "convert", "people", "in.ndjson", "-o", "out.ndjson")
    assert (done.returncode, done.stdout) == (0, b"")
    assert lines(place / "out.ndjson") == [{"id": "https://example.org/p/1", "name": "Ann", "age": 3, "kind": "A"}]
    assert b"2 read = 1 mapped + 0 rejected + 1 filtered; 1 instance" in done.stderr
    assert sorted(path.name for path in place.iterdir()) == ["in.ndjson", "mappings", "ontologies", "out.ndjson"]


def test_rejected_records_end_with_1_and_are_kept(place: Path) -> None:
    """A rejected record is never only a message: its bytes, place, reason and rule are in a file of the owner's."""
    (place / "in.ndjson").write_bytes(
        b'{"id":"1","name":"ann SECRET"}\n{"id":"2","age":-1}\n{"id":"3","age":"x"}\n\xff{"id":"4"}\n{"id":"5"}\n'
    )
    done = semantics(place, "convert", "people", "in.ndjson", "-o", "out.nt", "--report", "report.json")
    assert done.returncode == 1
    assert b"SECRET" not in done.stdout + done.stderr + (place / "report.json").read_bytes()
    rejects = place / "out.nt.rejects.ndjson"
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600
    assert b"out.nt.rejects.ndjson" in done.stderr
    rows = lines(rejects)
    assert [(row["record"], row["line"], row["byte"], row["code"]) for row in rows] == [
        (1, 1, 0, "VAL005"), (2, 2, 31, "VAL006"), (3, 3, 51, "REC001"), (4, 4, 72, "SRC003"),
    ]  # fmt: skip
    assert rows[0]["raw"] == '{"id":"1","name":"ann SECRET"}'
    assert rows[0]["rule"] == f"{place}/mappings/people.yaml:9" or str(rows[0]["rule"]).endswith("people.yaml:9")
    assert rows[2]["pointer"] == "/age"
    assert rows[3]["encoding"] == "base64"
    report = json.loads((place / "report.json").read_text())
    assert report["records"] == {"read": 5, "mapped": 1, "rejected": 4, "filtered": 0, "emitted": 1}
    assert report["rejects"] == {"REC001": 1, "SRC003": 1, "VAL005": 1, "VAL006": 1}


def test_show_values_is_the_operators_choice(place: Path) -> None:
    """Only with --show-values do messages quote records."""
    done = semantics(
        place, "convert", "people", "-", "--from", "ndjson", "--show-values", stdin=b'{"id":"1","name":"ann"}'
    )
    assert done.returncode == 1
    assert b'"name":"ann"' in done.stderr


def test_a_wrong_mapping_ends_with_2_and_writes_nothing(place: Path) -> None:
    """All findings at once, each with its place and the nearest fix."""
    mapping = place / "mappings" / "people.yaml"
    mapping.write_text(MAPPING.replace("      age:", "      agee:").replace("{id}", "{ident}"))
    (place / "in.ndjson").write_text(GOOD)
    done = semantics(place, "convert", "people", "in.ndjson", "-o", "out.ndjson")
    assert done.returncode == 2
    text = done.stderr.decode()
    assert "people.yaml:10:7  MAP012  slot 'agee' is not a slot of class 'Person'" in text
    assert "did you mean 'age'?" in text
    assert "EXP002" in text
    assert not (place / "out.ndjson").exists()
    for wrong in (
        ["convert", "peeple", "in.ndjson"],
        ["convert", "people"],
        ["convrt"],
        ["convert", "people", "x", "--to", "y"],
    ):
        done = semantics(place, *wrong)
        assert done.returncode == 2, done.stderr
        assert b"Traceback" not in done.stderr


def test_an_unreadable_input_ends_with_3_and_leaves_no_output(place: Path) -> None:
    """A missing file, a cut document, an encoding."""
    (place / "cut.json").write_text('[{"id":"1"},{"id":')
    for name in ("absent.ndjson", "cut.json"):
        done = semantics(place, "convert", "people", name, "-o", "out.ndjson")
        assert done.returncode == 3
        assert b"Traceback" not in done.stderr
        assert name.encode() in done.stderr
        assert not list(place.glob("*out*"))


def test_an_output_that_cannot_be_written_ends_with_4(place: Path) -> None:
    """Clear words and no leftovers."""
    (place / "in.ndjson").write_text(GOOD)
    for target in ("no/such/folder/out.nt", "/dev/full"):
        extra = ["--to", "ntriples"]
        done = semantics(place, "convert", "people", "in.ndjson", "-o", target, *extra)
        assert done.returncode == 4, done.stderr
        assert b"SNK" in done.stderr
    assert not list(place.glob("*partial*"))


def test_a_limit_ends_with_5(place: Path) -> None:
    """--max-rejects stops, and neither output nor half a rejects file appears."""
    (place / "in.ndjson").write_text('{"id":"1","age":"x"}\n' * 5)
    done = semantics(place, "convert", "people", "in.ndjson", "-o", "out.nt", "--max-rejects", "3")
    assert done.returncode == 5
    assert b"--max-rejects" in done.stderr
    assert sorted(path.name for path in place.iterdir()) == ["in.ndjson", "mappings", "ontologies"]


def test_fail_fast_stops_at_the_first(place: Path) -> None:
    """The reason is said, nothing is written."""
    (place / "in.ndjson").write_text('{"id":"1"}\n{"id":"1","age":"x"}\n')
    done = semantics(place, "convert", "people", "in.ndjson", "-o", "out.nt", "--fail-fast")
    assert done.returncode == 1
    assert not (place / "out.nt").exists()


def test_every_format_in_and_out(place: Path) -> None:
    """JSON, NDJSON, CSV, TSV, plain, gzipped and from standard input give the same instances."""
    rows = [{"id": "1", "name": "Ann", "age": 3, "kind": "a"}]
    table = "id,name,age,kind\n1,Ann,3,a\n"
    inputs = {
        "a.json": json.dumps(rows), "b.ndjson": json.dumps(rows[0]), "c.csv": table, "d.tsv": table.replace(",", "\t"),
    }  # fmt: skip
    for name, text in inputs.items():
        (place / name).write_text(text)
        (place / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
    wanted = b'{"id":"https://example.org/p/1","name":"Ann","age":3,"kind":"A"}\n'
    for name in inputs:
        assert semantics(place, "convert", "people", name).stdout == wanted
        assert semantics(place, "convert", "people", f"{name}.gz").stdout == wanted
    done = semantics(place, "convert", "people", "-", "--from", "csv", stdin=table.encode())
    assert done.stdout == wanted
    for fmt in ("json", "ntriples", "turtle", "jsonld"):
        done = semantics(place, "convert", "people", "a.json", "--to", fmt)
        assert done.returncode == 0
        assert b"https://example.org/p/1" in done.stdout


def test_replayed_rejects_complete_the_output(place: Path) -> None:
    """After the mapping is fixed, first output plus replayed output is a clean run's output."""
    mapping = place / "mappings" / "people.yaml"
    records = [{"id": str(n), "name": "Ann" if n % 3 else "ann"} for n in range(9)]
    (place / "in.ndjson").write_text("".join(json.dumps(row) + "\n" for row in records))
    (place / "in.csv").write_text("id,name\n" + "".join(f"{r['id']},{r['name']}\n" for r in records))
    for name in ("in.ndjson", "in.csv"):
        mapping.write_text(MAPPING)
        first = semantics(place, "convert", "people", name, "-o", "one.ndjson")
        assert first.returncode == 1
        mapping.write_text(MAPPING.replace("      name:\n", '      name: {expr: "capitalize(name)"}\n'))
        second = semantics(place, "convert", "people", "one.ndjson.rejects.ndjson", "--replay", "-o", "two.ndjson")
        assert second.returncode == 0, second.stderr
        assert semantics(place, "convert", "people", name, "-o", "clean.ndjson").returncode == 0
        both = sorted((place / "one.ndjson").read_text().splitlines() + (place / "two.ndjson").read_text().splitlines())
        assert both == sorted((place / "clean.ndjson").read_text().splitlines())


def test_a_killed_run_leaves_no_output_under_its_name(place: Path) -> None:
    """kill -9 in mid-run: an old file stays as it was, leftovers end in .partial."""
    (place / "out.nt").write_text("old\n")
    with (place / "in.ndjson").open("w") as file:
        for number in range(200_000):
            file.write(f'{{"id":"{number}","name":"Ann"}}\n')
    for wait in (0.3, 0.6, 0.9):
        run = subprocess.Popen(
            [sys.executable, "-m", "semantics", "convert", "people", "in.ndjson", "-o", "out.nt"],
            cwd=place, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(wait)
        run.send_signal(signal.SIGKILL)
        run.wait()
        assert (place / "out.nt").read_text() == "old\n"
        others = {path.name for path in place.iterdir()} - {"in.ndjson", "mappings", "ontologies", "out.nt"}
        assert all(name.endswith(".partial") for name in others)


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_says_so(place: Path, sent: signal.Signals, code: int) -> None:
    """Exit code 130 or 143, no output, no leftovers, no traceback."""
    run = subprocess.Popen(
        [sys.executable, "-m", "semantics", "convert", "people", "-", "--from", "ndjson", "-o", "out.nt"],
        cwd=place, stdin=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert run.stdin is not None
    run.stdin.write(GOOD.encode() * 50_000)
    run.stdin.flush()
    run.send_signal(sent)
    _, errors = run.communicate(timeout=20)
    assert run.returncode == code
    assert b"Traceback" not in errors
    assert not [path.name for path in place.iterdir() if path.name not in {"mappings", "ontologies"}]


def test_a_reader_that_goes_away_is_no_fault(place: Path) -> None:
    """``| head -1`` ends quietly."""
    (place / "in.ndjson").write_text(GOOD * 20_000)
    command = f"{sys.executable} -m semantics convert people in.ndjson --to ntriples 2>err.txt | head -1"
    subprocess.run(command, shell=True, cwd=place, check=True, stdout=subprocess.DEVNULL, timeout=60)
    assert b"Traceback" not in (place / "err.txt").read_bytes()


def test_an_output_is_never_an_input(place: Path) -> None:
    """Reading and replacing one file at once is refused."""
    (place / "in.ndjson").write_text(GOOD)
    done = semantics(place, "convert", "people", "in.ndjson", "-o", "in.ndjson")
    assert done.returncode == 2
    assert (place / "in.ndjson").read_text() == GOOD


def test_a_warm_start_is_light(place: Path) -> None:
    """With the cache warm neither linkml, rdflib, pyshacl nor pydantic is imported."""
    (place / "in.ndjson").write_text(GOOD)
    script = (
        "import sys\nfrom semantics.cli import _run\n_run(['convert', 'people', 'in.ndjson', '-o', 'out.nt'])\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'linkml', 'linkml_runtime', 'rdflib', 'pyshacl'}))"
    )
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", script], cwd=place, capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"


def test_help_and_import_are_light() -> None:
    """``semantics --help`` and ``import semantics`` import no heavy library."""
    script = (
        "import sys, semantics\nfrom semantics.cli import _run\n_run(['--help'])\n"
        "heavy = {'linkml', 'linkml_runtime', 'rdflib', 'pyshacl', 'pydantic', 'msgspec', 'yaml'}\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & heavy))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_report_says_what_ran(place: Path) -> None:
    """Versions, digests of mapping, schemas and inputs, and the accounts slot by slot."""
    (place / "in.ndjson").write_text(GOOD + '{"id":"3","kind":"z","extra":1}\n')
    done = semantics(place, "convert", "people", "in.ndjson", "-o", "out.nt", "--report", "report.json")
    assert done.returncode == 0
    report = json.loads((place / "report.json").read_text())
    assert set(report["run"]["digests"]) == {"mapping", "source_schema", "target_schema", "inputs"}
    assert all(len(digest) == 64 for digest in report["run"]["digests"]["inputs"].values())
    assert report["source_slots"]["extra"] == {"present": 1, "read": 0, "carried": 0, "dropped": 1}
    assert report["source_slots"]["id"] == {"present": 3, "read": 2, "carried": 2, "dropped": 1}
    assert report["target_slots"]["Person.kind"] == {"written": 1, "null": 1, "defaulted": 0}
    assert report["unmapped"] == {"Person.kind": {"z": 1}}
    assert b"extra (1)" in done.stderr


def test_a_fault_of_our_own_rejects_the_record_and_says_so(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected exception loses nothing: the record is kept, counted apart, and the exit code is 70."""
    import semantics as package
    from semantics.backends import evaluate
    from semantics.backends import python as compiled

    def broken(*_: object) -> None:
        raise KeyError("SECRET")

    monkeypatch.chdir(place)
    (place / "in.ndjson").write_text(GOOD)
    monkeypatch.setattr(compiled.CompiledPython, "map", broken)
    monkeypatch.setattr(evaluate.Evaluator, "map", broken)
    report = package.convert("people", "in.ndjson", "out.nt")
    assert (report.rejects, report.exit_code) == ({"INT001": 2}, 70)
    assert "SECRET" not in report.to_text()
    assert len(lines(place / "out.nt.rejects.ndjson")) == 2


def test_records_are_found_where_the_mapping_says(place: Path) -> None:
    """A path finds them in a document; what fits no selector that tells a class is rejected, not taken for another."""
    mapping = place / "mappings" / "people.yaml"
    (place / "in.json").write_text('{"Data": {"People": [{"id": "1"}, {"id": "2", "name": "Ann"}]}}')
    mapping.write_text("source: {records: 'Data.People[*]'}\n" + MAPPING)
    done = semantics(place, "convert", "people", "in.json")
    assert [json.loads(line)["id"][-1] for line in done.stdout.splitlines()] == ["1", "2"]
    mapping.write_text("source: {records: [{path: 'Data.People[*]', class: Row, has: [name]}]}\n" + MAPPING)
    done = semantics(place, "convert", "people", "in.json", "-o", "out.ndjson")
    assert (done.returncode, [row["code"] for row in lines(place / "out.ndjson.rejects.ndjson")]) == (1, ["REC008"])
    mapping.write_text("source: {records: 'Data.Persons[*]'}\n" + MAPPING)
    assert semantics(place, "convert", "people", "in.json").returncode == 3


def test_a_long_run_shows_its_progress_on_a_terminal(place: Path) -> None:
    """A bar with rate and time left on a terminal, nothing when piped, none for a short run."""
    import pty

    with (place / "in.ndjson").open("w") as file:
        for number in range(500_000):
            file.write(f'{{"id":"{number}","name":"Ann"}}\n')
    (place / "short.ndjson").write_text(GOOD)
    for name, shown in (("in.ndjson", True), ("short.ndjson", False)):
        leader, follower = pty.openpty()
        run = subprocess.Popen(
            [sys.executable, "-m", "semantics", "convert", "people", name, "-o", "out.nt"],
            cwd=place, stderr=follower, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(follower)
        seen = b""
        while True:
            try:
                chunk = os.read(leader, 65536)
            except OSError:
                break
            if not chunk:
                break
            seen += chunk
        os.close(leader)
        assert run.wait(60) == 0
        assert (b"records/s" in seen) == shown
    done = semantics(place, "convert", "people", "in.ndjson", "-o", "out.nt")
    assert b"records/s" not in done.stderr


def test_a_class_that_is_asked_for_still_needs_its_columns(place: Path) -> None:
    """In a folder, tables of other classes are passed over, not read as the one that was asked for."""
    folder = place / "feed"
    folder.mkdir()
    (folder / "a.csv").write_text("id,name\n1,Ann\n")
    (folder / "b.csv").write_text("name\nBob\n")
    done = semantics(place, "convert", "people", "feed", "--class", "Row", "-o", "out.ndjson")
    assert (done.returncode, len(lines(place / "out.ndjson"))) == (1, 1)
    assert b"b.csv: passed over: a table of 'Row' needs the columns id" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_comes_while_an_object_is_let_go_of_is_not_lost(
    number: signal.Signals, capfd: pytest.CaptureFixture[str]
) -> None:
    """Python drops what is raised there, and prints it."""
    import click

    from semantics.cli.convert import _terminated

    class Held:
        def __del__(self) -> None:
            signal.raise_signal(number)

    def run() -> None:
        with _terminated():
            Held()
            time.sleep(5)

    with pytest.raises((KeyboardInterrupt, click.exceptions.Exit)):
        run()
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_comes_while_a_class_is_made_stops_the_run(number: signal.Signals) -> None:
    """Python 3.11 makes an error of its own of what is raised there, as when modules are loaded."""
    import click

    from semantics.cli.convert import _terminated

    class Named:
        def __set_name__(self, owner: type, name: str) -> None:
            signal.raise_signal(number)

    with pytest.raises((KeyboardInterrupt, click.exceptions.Exit)), _terminated():
        type("Made", (), {"attribute": Named()})

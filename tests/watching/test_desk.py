"""What a desk tells of edits: the right things, the nearest first, each once."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from semantics.cli import main
from semantics.errors import UsageError
from semantics.watching import Checked, Desk, Generated, Refused, Sampled, Tested, Told
from semantics.workspace import Workspace


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of meters, as `semantics init` writes it."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main(["init"])
    return tmp_path


def edit(path: Path, old: str, new: str) -> Path:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return path


def opened(root: Path, **options: object) -> Desk:
    """A desk that has seen everything once."""
    desk = Desk(Workspace.here(root), **options)  # type: ignore[arg-type]
    list(desk.start())
    return desk


def kinds(told: list[Told]) -> list[str]:
    return [type(piece).__name__ for piece in told]


def test_the_first_look_checks_everything_and_tries_every_mapping(root: Path) -> None:
    told = list(Desk(Workspace.here(root)).start())
    assert kinds(told) == ["Checked", "Sampled", "Tested"]
    assert isinstance(told[0], Checked) and len(told[0].files) == 3 and told[0].findings == ()
    assert isinstance(told[1], Sampled) and told[1].effects is None and told[1].made


def test_a_wrong_name_is_found_where_it_stands_and_the_mapping_refused(root: Path) -> None:
    desk = opened(root)
    told = list(desk.react([edit(root / "mappings/meters.yaml", "populated_from: kwh", "populated_from: kWh")]))
    assert kinds(told) == ["Refused", "Checked"]
    assert isinstance(told[0], Refused) and [finding.code for finding in told[0].findings] == ["MAP013"]
    assert isinstance(told[1], Checked) and told[1].findings == told[0].findings


def test_an_edit_of_a_mapping_shows_what_changes_of_its_sample_and_which_test_fails(root: Path) -> None:
    desk = opened(root)
    told = list(desk.react([edit(root / "mappings/meters.yaml", "'actual'", "'Actual'")]))
    assert kinds(told) == ["Sampled", "Tested", "Checked"]
    assert isinstance(told[0], Sampled) and isinstance(told[1], Tested)
    (effect,) = told[0].effects or ()
    assert (effect.path, effect.before, effect.after) == ("Observation.result_quality.label", '"actual"', '"Actual"')
    assert [result.name for result in told[1].failed] == ["a reading is an observation of its meter"]


def test_an_edit_of_a_schema_reaches_the_mappings_that_rest_on_it_and_the_generated_files(root: Path) -> None:
    desk = opened(root, generate=True)
    told = list(desk.react([edit(root / "ontologies/meters.yaml", "range: decimal", "range: integer")]))
    assert kinds(told) == ["Checked", "Sampled", "Tested", "Checked", "Generated"]
    assert isinstance(told[-1], Generated) and "meters.py" in told[-1].files
    told = list(desk.react([edit(root / "ontologies/meters.yaml", "One row", "A row")]))
    assert isinstance(told[1], Sampled) and told[1].effects == ()


def test_nothing_that_rests_on_a_broken_schema_is_tried(root: Path) -> None:
    desk = opened(root, generate=True)
    told = list(desk.react([edit(root / "ontologies/meters.yaml", "range: decimal", "range: number of what")]))
    assert kinds(told) == ["Checked"]
    assert isinstance(told[0], Checked) and told[0].errors


def test_an_edit_of_a_file_that_a_test_reads_runs_the_tests(root: Path) -> None:
    desk = opened(root)
    told = list(desk.react([edit(root / "readings.csv", "8102.75,E", "8102.75,A")]))
    assert kinds(told) == ["Sampled", "Tested"]
    assert isinstance(told[1], Tested) and [result.name for result in told[1].failed] == ["the rows of the first file"]


def test_the_records_of_a_file_are_the_sample_where_one_is_named(root: Path) -> None:
    desk = opened(root, record=root / "readings.csv")
    told = list(desk.react([edit(root / "readings.csv", "7887.20", "7887.30")]))
    assert isinstance(told[0], Sampled)
    assert [effect.path for effect in told[0].effects or ()] == ["record 1 Observation.result_quantity.value"]


def test_an_edit_of_tests_that_cannot_be_read_is_told(root: Path) -> None:
    desk = opened(root)
    told = list(desk.react([edit(root / "mappings/meters.tests.yaml", "filtered: true", "filterd: true")]))
    assert {type(piece) for piece in told} == {Checked, Refused}


def test_what_nothing_rests_on_is_passed_over(root: Path) -> None:
    desk = opened(root)
    own = {
        root / "mappings/meters.yaml",
        root / "ontologies/meters.yaml",
        root / "readings.csv",
        root / "semantics.toml",
    }
    foreign = {root / "out.ndjson", root / "mappings/.meters.yaml.swp", root / "models/meters.py"}
    assert desk.relevant(own | foreign) == own
    assert list(desk.react([root / "out.ndjson"])) == []


def test_a_mapping_that_is_taken_away_is_told_no_more(root: Path) -> None:
    desk = opened(root)
    (root / "mappings/meters.yaml").unlink()
    assert all(isinstance(piece, Checked) for piece in desk.react([root / "mappings/meters.yaml"]))


def test_without_a_workspace_there_is_nothing_to_watch(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="WRK005"):
        Desk(Workspace((tmp_path,))).folders()


def lines_until(stream: Iterator[str], wanted: str) -> list[str]:
    found: list[str] = []
    for line in stream:
        found.append(line.rstrip())
        if wanted in line:
            return found
    raise AssertionError(found)


def test_the_command_tells_of_edits_until_it_is_interrupted(root: Path) -> None:
    command = [sys.executable, "-m", "semantics", "watch"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        told = iter(process.stdout)
        lines_until(told, "ready")
        edit(root / "mappings/meters.yaml", "'actual'", "'Actual'")
        found = lines_until(told, "expected")
        assert '    Observation.result_quality.label  "actual" -> "Actual"' in found
        process.send_signal(signal.SIGINT)
        assert "interrupted" in process.stdout.read()
    assert process.returncode == 130

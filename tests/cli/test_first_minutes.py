"""What people get wrong in their first minutes: each is told with the place and the nearest fix, and nothing is lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from semantics.cli import main

UNUSED = "prefixes:\n  meters: https://example.org/meters/\n  attic: https://example.org/attic/   # old\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace as ``semantics init`` leaves it."""
    root = tmp_path_factory.mktemp("made") / "meters"
    with pytest.raises(SystemExit):
        main(["init", str(root)])
    return root


@pytest.fixture
def here(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, which is the current folder."""
    root = tmp_path / "meters"
    shutil.copytree(made, root)
    monkeypatch.chdir(root)
    return root


def ran(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str]:
    """Exit code of a command, and all that it says."""
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    told = capsys.readouterr()
    return int(ended.value.code or 0), told.out + told.err


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")


# -- names and places ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("check meter", "WRK002  there is no mapping or schema named 'meter'\n  hint: did you mean 'meters'?"),
        ("check fiance", "WRK002  there is no mapping or schema named 'fiance'\n  hint: did you mean 'finance'?"),
        ("check ontologies/metres.yaml", "no such file\n  hint: did you mean 'ontologies/meters.yaml'?"),
        ("suggest core readings.csv", "there is a file of this name, and a schema is a file of YAML"),
        ("suggest core mappings", "there is a folder of this name, and a schema is a file of YAML"),
        ("check --explain clas-name", "did you mean 'CLASS_NAME'?"),
        ("check --list --format json", "rules are listed and explained as text"),
        ("suggest meters core --without metres", "there is no mapping named 'metres'\n  hint: did you mean 'meters'?"),
        ("editor-schema mapping -o there", "one schema goes to standard output"),
        ("import readings.csv --refs nowhere", "'nowhere' does not exist"),
        ("import readings.csv --refs readings.csv", "'readings.csv' is a file"),
    ],
)
def test_what_is_not_there_is_told_with_the_nearest(
    here: Path, words: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = ran(capsys, *words.split())
    assert (code, told in said) == (2, True), said


def test_a_schema_that_a_mapping_names_wrongly_is_told_where_it_is_named(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(here / "mappings/meters.yaml", "source_schema: meters", "source_schema: metres")
    told = "mappings/meters.yaml:3:1  WRK002  there is no schema named 'metres'\n  hint: did you mean 'meters'?\n"
    assert ran(capsys, "check") == (2, told + "3 files, 1 errors, 0 warnings\n")


@pytest.mark.parametrize("words", [("check",), ("watch",), ("diff", "--against", "HEAD")])
def test_from_a_folder_inside_a_workspace_the_library_is_not_looked_at_instead(
    here: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(here / "ontologies")
    told = "WRK005  there is no workspace here: no ontologies/ and no mappings/\n  hint: there is one in '..'\n"
    assert ran(capsys, *words) == (2, told)


def test_a_folder_that_may_not_be_read_is_not_taken_for_an_empty_one(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = os.scandir

    def refused(path: str) -> object:
        if Path(path).name == "mappings":
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", refused)
    told = "mappings  WRK001  the folder cannot be read: Permission denied\n"
    assert ran(capsys, "check") == (2, told)
    assert ran(capsys, "check", ".") == (2, told)


def test_a_merge_that_is_not_settled_is_told_by_its_first_line(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = "        range: decimal\n", "        range: float\n"
    edit(here / "ontologies/meters.yaml", one, f"<<<<<<< HEAD\n{one}=======\n{other}>>>>>>> other\n")
    code, said = ran(capsys, "check")
    assert (code, "YAML004" in said, "hint: line 22 begins a merge conflict: settle it" in said) == (2, True, True)


# -- what is written -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ("import", "readings.csv", "-o", "readings.csv"),
        ("suggest", "readings.csv", "core", "-o", "./readings.csv"),
        ("suggest", "meters", "core", "--samples", "readings.csv", "-o", "readings.csv"),
        ("suggest", "meters", "core", "-o", "ontologies/meters.yaml"),
        ("suggest", "core", "ontologies/meters.yaml", "-o", "ontologies/meters.yaml"),
        ("invert", "meters", "-o", "mappings/meters.yaml"),
        ("derive-schema", "meters", "-o", "mappings/meters.yaml"),
    ],
)
def test_no_output_takes_the_place_of_what_was_read(
    here: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
    code, said = ran(capsys, *words)
    assert (code, "is both an input and the output" in said) == (2, True), said
    assert {path: path.read_bytes() for path in here.rglob("*") if path.is_file()} == before


def test_a_schema_of_records_that_is_not_written_is_told(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = ran(capsys, "suggest", "readings.csv", "core")
    assert (code, "the schema of the records is written where -o says where the draft goes\n" in said) == (0, True)


def with_unused(here: Path, ends: str = "\n") -> Path:
    """A schema with a prefix that nothing uses."""
    path = here / "ontologies/meters.yaml"
    edit(path, 'prefixes: {meters: "https://example.org/meters/"}\n', UNUSED)
    path.write_text(path.read_text("utf-8"), "utf-8", newline=ends)
    return path


def test_a_link_stays_one_and_what_it_leads_to_is_mended(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = with_unused(here)
    real = path.rename(here / "real.txt")
    path.symlink_to(real)
    assert ran(capsys, "check", "--fix")[0] == 0
    assert (path.is_symlink(), "attic" in real.read_text("utf-8")) == (True, False)


def test_a_file_that_nobody_may_write_is_not_mended(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = with_unused(here)
    path.chmod(0o444)
    told = "ontologies/meters.yaml  SNK002  cannot be written: it is read-only\n"
    assert ran(capsys, "check", "--fix") == (4, told)
    assert "attic" in path.read_text("utf-8")


def test_where_nothing_can_be_written_nothing_is_mended_and_no_fault_is_the_programs(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = with_unused(here)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkstemp", full)
    told = "ontologies/meters.yaml  SNK002  cannot be written: No space left on device\n"
    assert ran(capsys, "check", "--fix") == (4, told)
    assert "attic" in path.read_text("utf-8")


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_but_what_is_mended_every_byte_stays(here: Path, ends: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = with_unused(here, ends)
    edit(path, "name: meters\n", "name: meters   # semantics: ignore[CHK040] none there\n")
    path.write_text(path.read_text("utf-8").rstrip("\n"), "utf-8", newline=ends)
    before = path.read_bytes().decode()
    assert ran(capsys, "check", "--fix")[0] == 0
    kept = before.replace(f"{UNUSED.splitlines()[2]}{ends}", "").replace(
        "   # semantics: ignore[CHK040] none there", ""
    )
    assert path.read_bytes().decode() == kept


# -- pipes -----------------------------------------------------------------------------------------


def test_a_reader_that_has_gone_is_told_from_findings(here: Path) -> None:
    """``| true``: the command ends with 141, not with the 1 of findings."""
    words = [sys.executable, "-m", "semantics", "show", "fhir-r4"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141

"""``semantics diff``: output, verdicts and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from semantics.cli import main

DATA = Path(__file__).parents[1] / "changes" / "data"


def ran(*arguments: str | Path) -> int:
    """The exit code of a comparison."""
    with pytest.raises(SystemExit) as ended:
        main(["diff", *map(str, arguments)])
    return int(ended.value.code or 0)


def sides(case: str) -> tuple[Path, Path]:
    """Both files of a case."""
    return DATA / case / "old" / "schema.yaml", DATA / case / "new" / "schema.yaml"


def test_a_breaking_change_ends_with_1_and_says_where_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    old, new = sides("slot_removed")
    assert ran(old, new) == 1
    told = capsys.readouterr().out
    head = "slot_removed/new/schema.yaml:7:3  SLOT_REMOVED  slot Order.note: a class no longer has a slot\n    was at "
    assert head in told
    assert "slot_removed/old/schema.yaml:9:7\n" in told
    assert "breaking for all" in told
    assert told.endswith("1 change: 1 breaking; asks for a major version\n")


def test_what_is_allowed_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(*sides("slot_removed"), "--allow", "slot-removed") == 0
    assert "(allowed)" in capsys.readouterr().out
    assert ran(*sides("slot_removed"), "--allow-breaking") == 0
    assert ran(*sides("slot_removed"), "--allow", "CLASS_REMOVED") == 1


def test_what_breaks_nothing_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(*sides("slot_made_optional")) == 0
    assert ran("finance", "finance") == 0
    assert capsys.readouterr().out.endswith("no changes\n")


def test_json_tells_both_sides_and_every_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(*sides("range_changed"), "--format", "json") == 1
    told = json.loads(capsys.readouterr().out)
    (change,) = told["changes"]
    assert change["rule"] == "RANGE_CHANGED"
    assert (change["old"]["fact"], change["new"]["fact"]) == ("integer", "boolean")
    assert set(change["verdicts"]) == {"json", "rdf", "python", "shacl", "mappings"}
    assert told["version"]["asked"] == "major"
    assert told["refused"] == 1


def test_folders_are_compared_schema_by_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(DATA / "schema_removed" / "old", DATA / "schema_removed" / "new") == 1
    assert "SCHEMA_REMOVED  schema stock: a schema is gone" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("finance", "finance", "--allow", "SLOT_REMOVE"), "CHG002"),
        (("finance", "finanze"), "WRK002"),
        (("nothing.yaml", "finance"), "WRK001"),
    ],
)
def test_a_wrong_command_ends_with_2(arguments: tuple[str, ...], code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(*arguments) == 2
    assert code in capsys.readouterr().err


def test_a_folder_without_schemas_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(tmp_path, "finance") == 2
    assert "CHG001" in capsys.readouterr().err

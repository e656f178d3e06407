"""Every rule of schemas and comments has a folder in which it finds what is marked, and one that it leaves alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from semantics.checks.definitions import check_definitions
from semantics.checks.rules import RULES
from semantics.codes import CODES
from semantics.errors import Severity, UsageError
from semantics.workspace import Workspace

DATA = Path(__file__).parent / "data"
OF_FILES = [rule for rule in RULES if rule.about != "mapping"]


def found(folder: Path, *roots: Path) -> list[tuple[str, int, str]]:
    """File, line and code of what is found in the schema of a folder."""
    findings = check_definitions([folder / "schema.yaml"], Workspace((folder.resolve(), *roots)))
    places = [(finding.location, finding.code) for finding in findings]
    return sorted((place.file or "", place.line or 0, code) for place, code in places if place is not None)


def marked(folder: Path) -> list[tuple[str, int, str]]:
    """What the comments at the ends of lines say is to be found."""
    marks = [
        (path.relative_to(folder).as_posix(), at, match[1])
        for path in folder.rglob("*.*")
        for at, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if (match := re.search(r"# (CHK\d+)$", line))
    ]
    return sorted(marks)


@pytest.mark.parametrize("rule", OF_FILES, ids=lambda rule: rule.id)
def test_a_rule_finds_what_it_is_for_and_nothing_else(rule) -> None:
    before, after = (DATA / rule.id.lower() / side for side in ("before", "after"))
    expected = marked(before) or [("schema.yaml", 12, "CHK060")]  # a mark would be the reason
    assert found(before) == expected
    assert {code for _, _, code in expected} == {rule.code}
    assert found(after) == []


def test_no_rule_is_without_its_folders_and_its_page() -> None:
    codes = [rule.code for rule in RULES]
    assert codes == sorted(set(codes))
    assert set(codes) <= CODES.keys()
    for rule in RULES:
        told = rule.told
        assert all((told.purpose.endswith("."), told.explanation, told.bad, told.good, rule.category)), rule.id
        for side in ("before", "after"):
            assert list((DATA / rule.id.lower() / side).glob("*.yaml")), f"{rule.id} has no {side}"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("semantics.toml", '[check.rules]\nSLOT_NAME = "off"', []),
        ("semantics.toml", '[check.rules]\nCHK041 = "error"', [Severity.ERROR]),
        ("pyproject.toml", '[tool.semantics.check.rules]\nSLOT_NAME = "warning"', [Severity.WARNING]),
        ("semantics.toml", '[check.paths."ontologies/*"]\nSLOT_NAME = "off"', []),
        ("semantics.toml", '[check.paths."mappings/*"]\nSLOT_NAME = "off"', [Severity.NOTE]),
        ("ontologies/semantics.toml", '[check.rules]\nSLOT_NAME = "off"', []),
    ],
)
def test_a_workspace_says_what_a_rule_weighs(name: str, text: str, expected: list[Severity], tmp_path: Path) -> None:
    (tmp_path / "ontologies").mkdir()
    schema = tmp_path / "ontologies" / "schema.yaml"
    schema.write_text((DATA / "slot_name" / "before" / "schema.yaml").read_text())
    (tmp_path / name).write_text(text)
    assert [finding.severity for finding in check_definitions([schema], Workspace((tmp_path,)))] == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[check.rules]\nSLOT_NAMES = "off"', "no rule 'SLOT_NAMES'"),
        ('[check.rules]\nSLOT_NAME = "of"', "severity of 'SLOT_NAME'"),
        ("[check.rule]", "'rule' is not a key"),
        ("[check", "not TOML"),
    ],
)
def test_a_configuration_that_cannot_be_meant_is_refused_by_name(text: str, says: str, tmp_path: Path) -> None:
    schema = tmp_path / "schema.yaml"
    schema.write_text((DATA / "slot_name" / "before" / "schema.yaml").read_text())
    (tmp_path / "semantics.toml").write_text(text)
    with pytest.raises(UsageError, match="WRK003") as refused:
        list(check_definitions([schema], Workspace((tmp_path,))))
    assert says in str(refused.value)


def test_what_makes_a_schema_unusable_is_neither_configured_away_nor_left_out(tmp_path: Path) -> None:
    schema = tmp_path / "schema.yaml"
    schema.write_text("id: https://example.org/a\nname: a\nclasses:\n  A: {is_a: B} # semantics: ignore[SCH004] no\n")
    (tmp_path / "semantics.toml").write_text('[check.rules]\nSCH004 = "off"\nUNUSED_SUPPRESSION = "off"')
    assert [one.code for one in check_definitions([schema], Workspace((tmp_path,)))] == ["SCH004"]

"""Every check of mappings has a mapping that it finds, line by line, and one that it leaves alone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from semantics.checks.definitions import planned
from semantics.checks.mappings import MAPPING_RULES, check_mapping
from semantics.cli import main
from semantics.codes import CODES
from semantics.errors import Severity
from semantics.mapping.load import read_mapping
from semantics.schema import load_schema

DATA = Path(__file__).parent / "data"
RULES = sorted(path.parent.parent.name for path in DATA.glob("*/before/mapping.yaml"))
SOURCE, TARGET = load_schema(DATA / "source.yaml"), load_schema(DATA / "target.yaml")


def found(folder: Path) -> list[tuple[int, str]]:
    """Line and code of what is found in the mapping of a folder."""
    subject = planned(read_mapping(folder / "mapping.yaml"), SOURCE, TARGET)
    findings = [*subject.warnings, *check_mapping(subject)]
    assert all(finding.severity is Severity.WARNING and finding.message for finding in findings)
    assert all(finding.location is not None and finding.location.column for finding in findings)
    return sorted((finding.location.line or 0, finding.code) for finding in findings if finding.location)


def marked(folder: Path) -> list[tuple[int, str]]:
    """Line and code of the comments that say what is to be found."""
    lines = (folder / "mapping.yaml").read_text().splitlines()
    return [(at, m[1]) for at, line in enumerate(lines, start=1) if (m := re.search(r"# (CHK\d+)$", line))]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_finds_what_it_is_for_and_nothing_else(rule: str) -> None:
    assert found(DATA / rule / "before") == marked(DATA / rule / "before") != []
    assert found(DATA / rule / "after") == []


def test_every_rule_is_declared_and_has_its_folders() -> None:
    codes = [rule.code for rule in MAPPING_RULES]
    assert codes == sorted(set(codes))
    assert set(codes) <= CODES.keys()
    assert {rule.id.lower() for rule in MAPPING_RULES} <= set(RULES)
    assert all(rule.purpose.endswith(".") and rule.category for rule in MAPPING_RULES)


@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_the_command_tells_place_code_and_hint(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = DATA / "unknown_code" / "before" / "mapping.yaml"
    with pytest.raises(SystemExit) as ended:
        main(["check", str(path), "--format", form])
    assert ended.value.code == 1
    text = capsys.readouterr().out
    if form == "text":
        assert "mapping.yaml:12:" in text
        assert "CHK004" in text
        assert "did you mean 'open'?" in text
    elif form == "json":
        assert [(one["code"], one["line"], one["severity"]) for one in json.loads(text)] == [("CHK004", 12, "warning")]
    else:
        driver = json.loads(text)["runs"][0]["tool"]["driver"]
        assert [rule["id"] for rule in driver["rules"]] == ["CHK004"]
        assert CODES["CHK004"][1:] in driver["rules"][0]["shortDescription"]["text"]


def test_the_mappings_of_the_package_are_clean(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["check"])
    assert ended.value.code == 0, capsys.readouterr().out

"""What ``semantics check`` mends, lists and explains; and the hooks and the action that call it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest
import yaml

from semantics.checks.rules import RULES
from semantics.cli import COMMANDS, main

DATA = Path(__file__).parent / "data"
ROOT = Path(__file__).resolve().parents[2]


def ran(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[object, str]:
    """Exit code and output of a command."""
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    return ended.value.code, capsys.readouterr().out


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.fixable], ids=lambda rule: rule.id)
def test_what_can_be_mended_is_mended_and_nothing_else_is_touched(rule, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    before = (DATA / rule.id.lower() / "before" / "schema.yaml").read_text()
    kept = "# a comment   that stays\n" + before
    Path("schema.yaml").write_text(kept)
    assert ran(capsys, "check", "schema.yaml", "--fix") == (0, "")
    after = Path("schema.yaml").read_text()
    changed = [line for line in kept.splitlines() if line not in after.splitlines()]
    assert len(changed) == 1
    assert rule.code in changed[0]


def test_a_mend_that_would_empty_a_table_is_not_made(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    text = "id: https://example.org/a\nname: a\nprefixes:\n  attic: https://example.org/attic/\nclasses: {}\n"
    Path("schema.yaml").write_text(text)
    assert ran(capsys, "check", "schema.yaml", "--fix")[0] == 1
    assert Path("schema.yaml").read_text() == text


def test_a_workspace_of_ones_own_is_checked_without_the_library(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert ran(capsys, "init")[0] == 0
    with pytest.raises(SystemExit) as ended:
        main(["check"])
    assert (ended.value.code, capsys.readouterr().err) == (0, "3 files, 0 errors, 0 warnings\n")


def test_every_rule_is_listed_and_explained(capsys) -> None:
    code, text = ran(capsys, "check", "--list")
    assert (code, [line.split()[0] for line in text.splitlines()]) == (0, [rule.code for rule in RULES])
    code, text = ran(capsys, "check", "--explain", "chk041")
    assert (code, "# SLOT_NAME" in text, "opened_on" in text) == (0, True, True)


def test_a_rule_that_there_is_not_is_refused_with_the_nearest(capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["check", "--explain", "SLOT_NAMES"])
    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert "WRK004" in told
    assert "did you mean 'SLOT_NAME'?" in told


def test_other_tools_are_told_the_rule_and_its_help(capsys) -> None:
    path = str(DATA / "slot_name" / "before" / "schema.yaml")
    (found,) = json.loads(ran(capsys, "check", path, "--format", "json")[1])
    assert (found["code"], found["rule"], found["severity"]) == ("CHK041", "SLOT_NAME", "note")
    (run,) = json.loads(ran(capsys, "check", path, "--format", "sarif")[1])["runs"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert (rule["name"], rule["defaultConfiguration"]) == ("SLOT_NAME", {"level": "note"})
    assert "opened_on" in rule["help"]["markdown"]


def _calls() -> list[str]:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    steps = "\n".join(step.get("run", "") for step in action["runs"]["steps"])
    return [hook["entry"] for hook in hooks] + re.findall(r"^ *(semantics .*?)(?: \"| >|$)", steps, re.MULTILINE)


@pytest.mark.skipif(not (ROOT / "action.yml").is_file(), reason="the tests run without the checkout")
def test_the_hooks_and_the_action_call_commands_that_there_are() -> None:
    calls = _calls()
    assert len(calls) == 5
    for call in calls:
        _, name, *words = call.split()
        module, _, function = COMMANDS[name][0].partition(":")
        command = getattr(__import__(module, fromlist=[function]), function)
        options = {word for param in command.params if isinstance(param, click.Option) for word in param.opts}
        assert {word for word in words if word.startswith("--")} <= options

"""``semantics run``: a list of conversions, each by itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from semantics.cli.run import run
from semantics.engine.conversions import Conversion, carry_out, read_list
from semantics.errors import UsageError
from semantics.workspace import Workspace, library_root

EXAMPLES = library_root() / "mappings" / "examples"


def written(folder: Path, text: str) -> Path:
    path = folder / "list.yaml"
    path.write_text(text)
    return path


def test_every_conversion_of_a_list_is_carried_out_whatever_the_others_come_to(tmp_path: Path) -> None:
    """Outputs in the folder, a line for each; the worst exit code is that of the whole."""
    (tmp_path / "bad.json").write_text('{"Data": {"Account": [{"AccountId": 1}]}}')
    listed = written(tmp_path, f"""
        conversions:
          gtfs: {{inputs: {EXAMPLES}/gtfs/*.txt, output: city/feed.ndjson}}
          open-banking:
            - {{inputs: [bad.json]}}
            - {{inputs: {EXAMPLES}/open-banking/accounts.json, options: {{validate: both}}}}
    """.replace(str(EXAMPLES), os.path.relpath(EXAMPLES, tmp_path)))  # fmt: skip
    done = CliRunner().invoke(run, [str(listed), "-o", str(tmp_path / "out")], standalone_mode=False)
    assert done.return_value == 1
    told = sorted(line.split(": ", 1)[1].split("(")[0].strip() for line in done.stderr.splitlines())
    assert any(line.startswith("1 read = 0 mapped + 1 rejected") for line in told)
    assert len(told) == 3
    found = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert found == {"city/feed.ndjson", "open-banking-1.nt", "open-banking-1.nt.rejects.ndjson", "open-banking-2.nt"}


def test_what_a_list_cannot_say_is_said_all_at_once_with_its_lines(tmp_path: Path) -> None:
    """RUN130 for keys, shapes and outputs, RUN131 for inputs that are not there."""
    listed = written(tmp_path, "convertions: 1\nconversions:\n  gtfs: none/*.txt\n  camt: 7\n  cdr: {inputs: list.yaml, options: 1}\n"
                               "  a: {inputs: list.yaml, output: x}\n  b: {inputs: list.yaml, output: x}\n")  # fmt: skip
    with pytest.raises(UsageError) as fault:
        read_list(listed, tmp_path)
    found = [(one.code, one.location.line if one.location else 0) for one in fault.value.diagnostics]
    assert found == [("RUN130", 1), ("RUN131", 3), ("RUN130", 4), ("RUN130", 5), ("RUN130", 2)]
    assert "conversions" in str(fault.value.diagnostics[0].hint)
    done = CliRunner().invoke(run, [str(written(tmp_path, "conversions: {gtfs: list.yaml}")), "gtf"])
    assert isinstance(done.exception, UsageError)


def test_what_is_newer_than_all_it_is_made_from_is_left_out(tmp_path: Path) -> None:
    """Inputs, mappings and ontologies of the workspace."""
    source, output = tmp_path / "in", tmp_path / "out.nt"
    source.mkdir()
    (source / "a.json").touch()
    (tmp_path / "mappings").mkdir()
    mapping = tmp_path / "mappings" / "m.yaml"
    mapping.touch()
    workspace = Workspace((tmp_path,))
    commands: list[list[str]] = []

    def ran(command: list[str]) -> tuple[int, str]:
        commands.append(command)
        output.touch()
        return 0, ""

    def go() -> int | None:
        one = Conversion("m", (source,), output)
        (done,) = carry_out((one,), 1, changed=True, workspace=workspace, run=ran)
        return done.code

    assert (go(), go()) == (0, None)
    for file in (source / "a.json", mapping):
        later = output.stat().st_mtime_ns + 10_000_000
        os.utime(file, ns=(later, later))
        assert go() == 0
        os.utime(output, ns=(later + 1, later + 1))
    assert go() is None
    assert commands[0][:2] == ["convert", "m"]

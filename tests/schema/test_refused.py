"""What is wrong with a schema is said where it stands, with the nearest fix, all of it at once.

A case is a file: its first lines, ``#: CODE line:column hint``, are the findings that reading it must end with.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import semantics
from semantics.errors import Diagnostic
from semantics.schema import load_schema, read_schema
from semantics.yaml_source import LIMITS

CASES = sorted((Path(__file__).parent / "refused").glob("*.yaml"))


def told(path: Path) -> list[str]:
    """What is found in a schema, as the lines of a case write it; all of it is in its own file."""
    try:
        found: tuple[Diagnostic, ...] = read_schema(path)[1]
    except semantics.SchemaError as fault:
        assert fault.exit_code == 2
        found = fault.diagnostics
    lines = []
    for finding in found:
        place = finding.location
        assert place is not None
        assert Path(place.file or "").name == path.name
        lines.append(f"{finding.code} {place.line}:{place.column} {finding.hint or ''}".rstrip())
    return lines


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_schema_ends_with_the_findings_of_its_first_lines(path: Path) -> None:
    text = path.read_text("utf-8", errors="replace")
    assert told(path) == [line[3:] for line in text.splitlines() if line.startswith("#: ")] != []


def test_a_schema_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(semantics.SchemaError) as fault:
        load_schema(tmp_path / "nothing.yaml")
    (found,) = fault.value.diagnostics
    assert found.code == "YAML001"
    assert str(found.location).endswith("nothing.yaml")
    assert "No such file" in found.message


def test_a_file_over_the_limit_is_not_parsed(tmp_path: Path) -> None:
    (tmp_path / "long.yaml").write_bytes(b"#" * (LIMITS["bytes"] + 1))
    with pytest.raises(semantics.SchemaError) as fault:
        load_schema(tmp_path / "long.yaml")
    (found,) = fault.value.diagnostics
    assert found.code == "YAML002"
    assert str(LIMITS["bytes"]) in found.message

"""What a mapping says of its schemas: their versions, and what it adds to the source."""

from __future__ import annotations

from pathlib import Path

import pytest

import semantics
from semantics.engine.prepare import prepare

SCHEMA = "id: https://example.org/s\nname: s\nversion: {}\ndefault_prefix: https://example.org/s/\nclasses: {{A: {{attributes: {{x: }}}}}}\n"
MAPPING = "source_schema: {}\ntarget_schema: s.yaml\nclass_derivations: {{A: {{slot_derivations: {{x: }}}}}}\n"


@pytest.mark.parametrize(
    ("given", "version", "codes"),
    [
        ("{file: s.yaml, version: 1.2.0}", "1.2.0", []),
        ("{file: s.yaml, version: 1.2.0}", "1.10.3", ["MAP061"]),
        ("{file: s.yaml, version: 0.1}", "0.1.7", ["MAP061"]),
        ("{file: s.yaml, version: draft}", "1.0", ["MAP061"]),
        ("{file: s.yaml, version: 1.0}", "null", ["MAP061"]),
        ("{file: s.yaml, name: t, schema_uri: 'https://example.org/t'}", "1.0", ["MAP061", "MAP061"]),
    ],
)
def test_another_schema_is_told(given: str, version: str, codes: list[str], tmp_path: Path) -> None:
    """A warning with the line, unless the version changes what must not change."""
    (tmp_path / "s.yaml").write_text(SCHEMA.format(version))
    (tmp_path / "m.yaml").write_text(MAPPING.format(given))
    found = prepare(tmp_path / "m.yaml").warnings
    assert [warning.code for warning in found] == codes
    assert all(warning.location and warning.location.line == 1 for warning in found)


@pytest.mark.parametrize(("given", "version"), [("1.2", "2.0"), ("0.1.0", "0.2.0"), ("0.9", "1.0")])
def test_a_version_that_breaks_is_refused(given: str, version: str, tmp_path: Path) -> None:
    """The major number; below 1.0 the minor one."""
    (tmp_path / "s.yaml").write_text(SCHEMA.format(version))
    (tmp_path / "m.yaml").write_text(MAPPING.format(f"{{file: s.yaml, version: {given}}}"))
    with pytest.raises(semantics.MappingError, match="MAP062"):
        prepare(tmp_path / "m.yaml")


def test_a_patch_changes_the_digest_of_the_schema(tmp_path: Path) -> None:
    """Two plans that differ only in what is added to the schema are two plans."""
    (tmp_path / "s.yaml").write_text(SCHEMA.format("1.0"))
    mapping = tmp_path / "m.yaml"
    mapping.write_text(MAPPING.format("s.yaml"))
    before = prepare(mapping).plan.digests["source_schema"]
    mapping.write_text(MAPPING.format("s.yaml") + "source_schema_patches: {classes: {A: {attributes: {y: }}}}\n")
    assert prepare(mapping).plan.digests["source_schema"] != before
    assert "y" in prepare(mapping).plan.classes["A"].slots

"""What was found in a file is kept, and holds until something that it rests on changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from semantics.checks import definitions
from semantics.checks.definitions import check_definitions
from semantics.engine import prepare
from semantics.engine.mapping import Mapping
from semantics.errors import Severity
from semantics.workspace import Workspace

HEAD = "id: https://example.org/{0}\nname: {0}\nprefixes: {{ex: 'https://example.org/'}}\ndefault_prefix: ex\n"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace with a schema that imports another."""
    monkeypatch.setenv("SEMANTICS_CACHE", str(tmp_path / "cache"))
    for folder in ("ontologies", "mappings"):
        (tmp_path / folder).mkdir()
    desk = "classes:\n  Desk:\n    class_uri: ex:Desk\n    description: A desk.\n    is_a: Thing\nimports: [base]\n"
    (tmp_path / "ontologies" / "desk.yaml").write_text(HEAD.format("desk") + desk)
    thing = "classes:\n  Thing: {class_uri: 'ex:Thing', description: A thing.}\n"
    (tmp_path / "ontologies" / "base.yaml").write_text(HEAD.format("base") + thing)
    return Workspace((tmp_path,))


def codes(workspace: Workspace, *names: str) -> list[str]:
    folder = workspace.roots[0] / "ontologies"
    return [one.code for one in check_definitions([folder / f"{name}.yaml" for name in names], workspace)]


def test_a_verdict_is_kept_and_nothing_is_resolved_again(workspace: Workspace, monkeypatch) -> None:
    first = codes(workspace, "desk", "base")
    monkeypatch.setattr(definitions, "resolve_schema", None)
    assert codes(workspace, "desk", "base") == first == ["CHK046"]


def test_a_file_that_is_imported_changes_the_verdict(workspace: Workspace) -> None:
    assert codes(workspace, "desk") == ["CHK046"]
    base = workspace.roots[0] / "ontologies" / "base.yaml"
    base.write_text(base.read_text().replace("A thing.", "A thing., tree_root: true"))
    assert codes(workspace, "desk") == []


def test_a_mapping_that_names_a_class_changes_the_verdict(workspace: Workspace) -> None:
    assert codes(workspace, "desk") == ["CHK046"]
    mapping = workspace.roots[0] / "mappings" / "m.yaml"
    mapping.write_text("class_derivations:\n  Desk: {}\n")
    assert codes(workspace, "desk") == []
    mapping.write_text("class_derivations:\n  Table: {}\n")
    assert codes(workspace, "desk") == ["CHK046"]


def test_the_fault_of_a_schema_is_told_to_whoever_asks_alone(workspace: Workspace) -> None:
    base = workspace.roots[0] / "ontologies" / "base.yaml"
    base.write_text(base.read_text().replace("description", "descriptoin"))
    assert codes(workspace, "base", "desk") == ["SCH001"]
    assert codes(workspace, "desk") == ["SCH001"]


def test_a_broken_entry_counts_as_absent(workspace: Workspace) -> None:
    first = codes(workspace, "desk")
    for entry in (workspace.roots[0] / "cache").iterdir():
        entry.write_bytes(entry.read_bytes()[:-9])
    assert codes(workspace, "desk") == first


MAPPING = """\
source_schema: base
target_schema: base
class_derivations:
  Thing: {populated_from: Thing, slot_derivations: {name: {populated_from: name}}}
"""


def test_what_is_checked_leaves_its_plan_to_whoever_carries_it_out(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = workspace.roots[0]
    thing = "classes:\n  Thing: {attributes: {name: {description: How it is called.}}}\n"
    (folder / "ontologies" / "base.yaml").write_text(HEAD.format("base") + thing)
    mapping = folder / "mappings" / "things.yaml"
    mapping.write_text(MAPPING)
    assert {one.severity for one in check_definitions([mapping], workspace)} <= {Severity.WARNING, Severity.NOTE}
    with monkeypatch.context() as patched:
        patched.setattr(prepare, "define", None)
        ready = prepare.prepare(mapping, workspace=workspace)
        assert prepare.prepare(mapping, workspace=workspace) is ready
    assert Mapping(ready).apply({"name": "desk"}, "Thing") == {"name": "desk"}
    mapping.write_text(MAPPING.replace("populated_from: name", "value: chair"))
    assert Mapping(prepare.prepare(mapping, workspace=workspace)).apply({"name": "desk"}, "Thing") == {"name": "chair"}

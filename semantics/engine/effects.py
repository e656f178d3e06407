"""What a change of models does to mappings: planned against both, tested against both, mended where a name is new."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from semantics.engine.prepare import Definition, Prepared, define
from semantics.engine.renaming import Renaming
from semantics.engine.testing import MappingTests, TestResult
from semantics.errors import Diagnostic, SemanticsError, Severity
from semantics.mapping.tests import file_beside, mapping_tests
from semantics.workspace import Workspace, shown

__all__ = ["Effect", "Effects", "effects"]

Pairs = Mapping[str, tuple[Path | None, Path | None]]
_SCHEMA = re.compile(r"^(?:source|target)_schema:[ \t]*[\"']?([^\s\"'#{]+)", re.MULTILINE)
_IMPORTS = re.compile(r"^imports:(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Effect:
    """What comes of a mapping: what is found against the new model alone, and the tests that fail only now."""

    mapping: str
    findings: tuple[Diagnostic, ...] = ()
    failed: tuple[TestResult, ...] = ()

    @property
    def broken(self) -> bool:
        """Whether the mapping is refused now, or a test of it fails."""
        return bool(self.failed) or any(finding.severity is Severity.ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Effects:
    """What comes of all mappings: how many were tried, those with something to tell, a patch for what was renamed."""

    tried: int
    told: tuple[Effect, ...]
    patch: str = ""
    left: int = 0

    @property
    def broken(self) -> tuple[Effect, ...]:
        """The mappings that are broken."""
        return tuple(each for each in self.told if each.broken)


def effects(pairs: Pairs, workspace: Workspace, renamed: Mapping[str, str], folder: Path) -> Effects:
    """What a change of schemas does to the mappings of a workspace; ``folder`` is an empty one to work in.

    ``pairs`` are the schemas that changed, by the names that the workspace has for them: their old and new files.
    """
    old = _overlaid(workspace, {name: pair[0] for name, pair in pairs.items()}, folder / "old")
    new = _overlaid(workspace, {name: pair[1] for name, pair in pairs.items()}, folder / "new")
    names = _using(set(pairs), workspace)
    told, renaming = [], Renaming(workspace, new, renamed)
    for name, path in names.items():
        effect = _effect(name, path, old, new)
        if effect.findings or effect.failed:
            told.append(effect)
            renaming.mend(name, path, effect.findings)
    return Effects(len(names), tuple(told), renaming.patch(), renaming.left)


def _overlaid(workspace: Workspace, schemas: Mapping[str, Path | None], root: Path) -> Workspace:
    """The ontologies of a workspace with other files in the place of some, as a workspace of its own before it."""
    for name, path in workspace.names("ontologies").items():
        base = next(each for each in workspace.roots if path.is_relative_to(each))
        given = schemas.get(name, path)
        if given is not None:
            copy = root / path.relative_to(base)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(given, copy)
    return Workspace((root.resolve(), *workspace.roots))


def _using(changed: set[str], workspace: Workspace) -> dict[str, Path]:
    """The mappings that may name a schema that changed, or one that imports it; a few too many do no harm."""
    imports = {
        name: {Path(word).name for part in _IMPORTS.findall(_text(path)) for word in re.findall(r"[\w./-]+", part)}
        for name, path in workspace.names("ontologies").items()
    }
    affected, before = set(changed), 0
    while len(affected) != before:
        before = len(affected)
        affected |= {name for name, named in imports.items() if named & affected}
    found = {}
    for name, path in Workspace(workspace.roots[:1]).names("mappings").items():
        named = {Path(word).name.removesuffix(".yaml") for word in _SCHEMA.findall(_text(path))}
        if len(named) < 2 or named & affected:
            found[name] = path
    return found


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace")


def _effect(name: str, path: Path, old: Workspace, new: Workspace) -> Effect:
    after, findings = planned(path, new)
    if findings:
        known = set(map(str, planned(path, old)[1]))
        findings = tuple(finding for finding in findings if str(finding) not in known)
    if after is None:
        return Effect(name, findings)
    failed = tuple(_failing(path, after, new))
    if failed:
        before, _ = planned(path, old)
        known = {result.name for result in _failing(path, before, old)} if before is not None else set()
        failed = tuple(result for result in failed if result.name not in known)
    return Effect(name, findings, failed)


def planned(path: Path, workspace: Workspace) -> tuple[Definition | None, tuple[Diagnostic, ...]]:
    """A mapping planned against the schemas of a workspace, and everything that is found."""
    try:
        found = define(path, workspace=workspace)
    except SemanticsError as fault:
        return None, fault.diagnostics
    return found, found.warnings


def _failing(path: Path, found: Definition, workspace: Workspace) -> Iterator[TestResult]:
    """The tests of a mapping that fail, by the oracle alone: to compile a mapping costs more than its few records."""
    try:
        beside = shown(file_beside(path), workspace.roots)
        tests = mapping_tests(path, shown(path, workspace.roots), beside)
    except SemanticsError:
        return
    if tests:
        ready = MappingTests(path.stem, Prepared(found.plan, found.target), tests, workspace.roots)
        yield from _not_passed(ready.run(backends=("evaluate",)))


def _not_passed(results: Iterable[TestResult]) -> Iterator[TestResult]:
    return (result for result in results if not result.passed)

"""How a mapping stands with the schemas of a workspace: what is found, which tests fail; kept until a file changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import msgspec

from semantics.backends import ORACLE
from semantics.engine.prepare import Prepared, check_only, define, prepare, prepared_before
from semantics.engine.tested import TestResult
from semantics.errors import Diagnostic, Location, SemanticsError
from semantics.kept import Found, code_stamp, lasting, noted, traced, unnoted
from semantics.plan.asked import is_asked, underived
from semantics.schema.packed import contested
from semantics.version import __version__
from semantics.workspace import Workspace, shown

__all__ = ["Planned", "Standing", "look_at", "rested", "standing"]


class Standing(msgspec.Struct, frozen=True):
    """What is found about a mapping, and its tests that fail; ``alone``: of no more than some names in it."""

    findings: tuple[Diagnostic, ...]
    failed: tuple[TestResult, ...] = ()
    alone: bool = False

    @property
    def tells(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.findings or self.failed)

    @property
    def names(self) -> frozenset[str]:
        """The names of the tests that fail."""
        return frozenset(result.name for result in self.failed)


@dataclass(frozen=True, slots=True)
class Planned:
    """Where the plan of a mapping was made that holds for another model of this name, which is its target."""

    workspace: Workspace
    target: str


def standing(
    path: Path, workspace: Workspace, names: frozenset[str] = frozenset(), *, alone: bool = False,
    planned: Planned | None = None, tests: frozenset[str] | None = None,
) -> Standing:  # fmt: skip
    """How a mapping stands; what was found before with the same files holds.

    ``names`` are those of the slots and code lists that are others than when the mapping was fine, where nothing else
    is: what is wrong with these is looked for first, and nothing else is with ``alone``, or where the mapping has
    nothing to do with them. With ``planned`` nothing is planned at all. Of the tests only those of these names run, if
    any are given, on the oracle: to compile a mapping takes longer than its few records.
    """
    what = f"stands\n{alone}\n{bool(names)}\n{tests is None}"
    given = "\n".join((*sorted(names), *sorted(tests or ())))
    look = partial(_looked, path, workspace, names, alone, tests)
    if planned is not None:
        look = partial(_carried_over, path, workspace, names, planned, look)
    return rested(what, path, workspace, look, Standing, given)


def rested(
    what: str, path: Path, workspace: Workspace, look: Callable[[], Found], form: type[Found], given: str = ""
) -> Found:
    """What was found about a mapping, if no file that was read for it is another; else what is found now.

    ``given`` is what it rests on besides files.
    """
    key, stamp = f"{what}\n{shown(path, workspace.roots)}", f"{__version__} {_code()} {contested(workspace)} {given}"
    return lasting(key, stamp, workspace.roots, look, msgspec.json.Decoder(form).decode, path)


@cache
def _code() -> str:
    return code_stamp("schema", "units", "expressions", "mapping", "plan", "backends", "engine")


def look_at(path: Path, workspace: Workspace, names: frozenset[str]) -> None:
    """Raise what is wrong with a mapping: about these names, or about anything where there are none."""
    if names:
        check_only(path, names, workspace=workspace)
    else:
        define(path, workspace=workspace)


def _looked(
    path: Path, workspace: Workspace, names: frozenset[str], alone: bool, tests: frozenset[str] | None
) -> Standing:
    ready = prepared_before(path, workspace) if alone else None
    if ready is not None:
        return Standing(ready.warnings, alone=True)
    if names:
        try:
            concerned = check_only(path, names, workspace=workspace)
        except SemanticsError as fault:
            return Standing(fault.diagnostics, alone=True)
        if alone or not concerned:
            return Standing((), alone=True)
    try:
        ready = prepare(path, workspace=workspace)
    except SemanticsError as fault:
        return Standing(fault.diagnostics)
    return Standing(ready.warnings, _failed(path, workspace, ready, tests))


def _carried_over(
    path: Path, workspace: Workspace, names: frozenset[str], planned: Planned, otherwise: Callable[[], Standing]
) -> Standing:
    """How a mapping stands with the plan that it had, if it had one."""
    from semantics.schema import read_schema

    try:
        with unnoted(), traced() as seen:
            plan = prepare(path, workspace=planned.workspace).plan
        target, _ = read_schema(planned.target, workspace=workspace)
    except SemanticsError:
        return otherwise()
    if plan.dialect != "strict":
        return otherwise()
    for each in seen:
        noted(_there(each, planned.workspace.roots[0], workspace.roots[0]))
    if not is_asked(plan, target, names):
        return Standing((), alone=True)
    warnings = underived(plan, target, lambda place: _line(place, workspace))
    return Standing(warnings, _failed(path, workspace, Prepared(plan, target), None))


def _there(path: Path, old: Path, new: Path) -> Path:
    """The file that stands in the place of one in another folder."""
    return new / path.relative_to(old) if path.is_relative_to(old) else path


def _line(place: Location, workspace: Workspace) -> str:
    """The text of a line, as findings quote it."""
    file = next((path for root in workspace.roots if (path := root / (place.file or "")).is_file()), None)
    lines = [] if file is None else file.read_text("utf-8", "replace").splitlines()
    return lines[place.line - 1].strip()[:120] if place.line and place.line <= len(lines) else ""


def _failed(path: Path, workspace: Workspace, ready: Prepared, names: frozenset[str] | None) -> tuple[TestResult, ...]:
    """The tests of a mapping that fail, of those of these names."""
    from semantics.engine.testing import MappingTests
    from semantics.mapping.tests import file_beside, mapping_tests

    try:
        beside = shown(file_beside(path), workspace.roots)
        tests = mapping_tests(path, shown(path, workspace.roots), beside)
    except SemanticsError:
        return ()
    wanted = tuple(each for each in tests if names is None or each.test.name in names)
    results = MappingTests(path.stem, ready, wanted, workspace.roots).run(backends=(ORACLE,))
    return tuple(each for each in results if not each.passed)

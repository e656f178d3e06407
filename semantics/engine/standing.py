"""How a mapping stands with the schemas of a workspace: what is found, which tests fail; kept until a file changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec

from semantics.backends import ORACLE
from semantics.engine.prepare import Prepared, check_only, define
from semantics.engine.tested import TestResult
from semantics.errors import Diagnostic, SemanticsError
from semantics.kept import Found, code_stamp, lasting
from semantics.version import __version__
from semantics.workspace import Workspace, shown

__all__ = ["Standing", "look_at", "rested", "standing"]


class Standing(msgspec.Struct, frozen=True):
    """What is found about a mapping, and its tests that fail; ``alone``: of no more than some names in it."""

    findings: tuple[Diagnostic, ...]
    failed: tuple[TestResult, ...] = ()
    alone: bool = False

    @property
    def tells(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.findings or self.failed)


def standing(
    path: Path, workspace: Workspace, side: str, names: frozenset[str] = frozenset(), *, alone: bool = False
) -> Standing:
    """How a mapping stands; what was found last for this ``side`` of a comparison holds while no file is another.

    ``names`` are those of the slots and code lists that are others than when the mapping was fine, where nothing else
    is: what is wrong with these is looked for first, and nothing else is with ``alone``, or where the mapping has
    nothing to do with them. Tests run on the oracle: to compile a mapping takes longer than its few records.
    """
    what, given = f"stands\n{side}\n{alone}", " ".join(sorted(names))
    return rested(what, path, workspace, lambda: _looked(path, workspace, names, alone), Standing, given)


def rested(
    what: str, path: Path, workspace: Workspace, look: Callable[[], Found], form: type[Found], given: str = ""
) -> Found:
    """What was found last about a mapping, while no file that was read for it is another; else what is found now.

    ``given`` is what it rests on besides files.
    """
    key = "\n".join((what, shown(path, workspace.roots), *map(str, workspace.roots[1:])))
    return lasting(key, f"{__version__} {_code()} {given}", workspace.roots, look, form, path)


@cache
def _code() -> str:
    return code_stamp("schema", "units", "expressions", "mapping", "plan", "backends", "engine")


def look_at(path: Path, workspace: Workspace, names: frozenset[str]) -> bool:
    """Raise what is wrong with a mapping: about these names, or about anything where there are none.

    Gives whether the mapping has anything to do with them.
    """
    if names:
        return check_only(path, names, workspace=workspace)
    define(path, workspace=workspace)
    return True


def _looked(path: Path, workspace: Workspace, names: frozenset[str], alone: bool) -> Standing:
    from semantics.mapping.tests import file_beside, mapping_tests

    if names:
        try:
            concerned = look_at(path, workspace, names)
        except SemanticsError as fault:
            return Standing(fault.diagnostics, alone=True)
        if alone or not concerned:
            return Standing((), alone=True)
    try:
        found = define(path, workspace=workspace)
    except SemanticsError as fault:
        return Standing(fault.diagnostics)
    try:
        beside = shown(file_beside(path), workspace.roots)
        tests = mapping_tests(path, shown(path, workspace.roots), beside)
    except SemanticsError:
        return Standing(found.warnings)
    if not tests:
        return Standing(found.warnings)
    from semantics.engine.testing import MappingTests

    ready = MappingTests(path.stem, Prepared(found.plan, found.target), tests, workspace.roots)
    return Standing(found.warnings, tuple(each for each in ready.run(backends=(ORACLE,)) if not each.passed))

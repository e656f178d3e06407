"""How a mapping stands with the schemas of a workspace: what is found, which tests fail; kept until a file changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from semantics.engine.prepare import Prepared, check_only, define
from semantics.engine.tested import TestResult
from semantics.errors import Diagnostic, SemanticsError
from semantics.kept import code_stamp, digest_of, keep, kept, traced
from semantics.version import __version__
from semantics.workspace import Workspace, shown

__all__ = ["Standing", "lasting", "look_at", "standing"]

Found = TypeVar("Found", bound=msgspec.Struct)

_INSIDE: Final = "./"
"""Before the files of the workspace's first folder, which is another one each time."""


class Standing(msgspec.Struct, frozen=True):
    """What is found about a mapping, and its tests that fail; ``alone``: of no more than some names in it."""

    findings: tuple[Diagnostic, ...]
    failed: tuple[TestResult, ...] = ()
    alone: bool = False

    @property
    def tells(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.findings or self.failed)


class _Entry(msgspec.Struct, frozen=True):
    """Something that was found by this program; ``files`` are those that it rests on, by digest."""

    stamp: str
    files: dict[str, str | None]
    found: msgspec.Raw


def standing(
    path: Path, workspace: Workspace, side: str, names: frozenset[str] = frozenset(), *, alone: bool = False
) -> Standing:
    """How a mapping stands; what was found last for this ``side`` of a comparison holds while no file is another.

    ``names`` are those of the slots and code lists that are others than when the mapping was fine, where nothing else
    is: what is wrong with these is looked for first, and with ``alone`` nothing else is. Tests run on the oracle: to
    compile a mapping takes longer than its few records.
    """
    what, given = f"stands\n{side}\n{alone}", " ".join(sorted(names))
    return lasting(what, path, workspace, lambda: _looked(path, workspace, names, alone), Standing, given)


def lasting(
    what: str, path: Path, workspace: Workspace, look: Callable[[], Found], form: type[Found], given: str = ""
) -> Found:
    """What was found last about a mapping, while no file that was read for it is another; else what is found now.

    ``given`` is what it rests on besides files.
    """
    key = "\n".join((what, shown(path, workspace.roots), *map(str, workspace.roots[1:])))
    stamp, root = f"{__version__} {_code()} {given}", workspace.roots[0]
    entry = _current(kept(key), stamp, root)
    if entry is not None:
        try:
            return msgspec.json.decode(entry.found, type=form)
        except msgspec.MsgspecError:
            pass
    with traced() as seen:
        found = look()
    files = {_named(each, root): digest_of(each) for each in sorted({path, *seen})}
    keep(key, msgspec.json.encode(_Entry(stamp, files, msgspec.Raw(msgspec.json.encode(found)))))
    return found


@cache
def _code() -> str:
    return code_stamp("schema", "units", "expressions", "mapping", "plan", "backends", "engine")


def _current(body: bytes | None, stamp: str, root: Path) -> _Entry | None:
    """What was kept, where it is of this program and all files are what they were."""
    try:
        entry = None if body is None else msgspec.json.decode(body, type=_Entry)
    except msgspec.MsgspecError:
        return None
    if entry is None or entry.stamp != stamp:
        return None
    files = ((root / name if name.startswith(_INSIDE) else Path(name), digest) for name, digest in entry.files.items())
    return entry if all(digest_of(file) == digest for file, digest in files) else None


def _named(file: Path, root: Path) -> str:
    absolute = file.absolute()
    return _INSIDE + absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else str(absolute)


def look_at(path: Path, workspace: Workspace, names: frozenset[str]) -> None:
    """Raise what is wrong with a mapping: about slots of these names, or about anything where there are none."""
    if names:
        check_only(path, names, workspace=workspace)
    else:
        define(path, workspace=workspace)


def _looked(path: Path, workspace: Workspace, names: frozenset[str], alone: bool) -> Standing:
    from semantics.mapping.tests import file_beside, mapping_tests

    if names:
        try:
            look_at(path, workspace, names)
        except SemanticsError as fault:
            return Standing(fault.diagnostics, alone=True)
        if alone:
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
    return Standing(found.warnings, tuple(each for each in ready.run(backends=("evaluate",)) if not each.passed))

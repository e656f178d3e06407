"""How a mapping stands with the schemas of a workspace: what is found, which tests fail; kept until a file changes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from semantics.engine.prepare import Prepared, define
from semantics.engine.testing import MappingTests, TestResult
from semantics.errors import Diagnostic, SemanticsError
from semantics.kept import code_stamp, digest_of, keep, kept, traced
from semantics.mapping.tests import file_beside, mapping_tests
from semantics.version import __version__
from semantics.workspace import Workspace, shown

__all__ = ["Standing", "standing"]

_INSIDE: Final = "./"
"""Before the files of the workspace's first folder, which is another one each time."""


class Standing(msgspec.Struct, frozen=True):
    """What is found about a mapping, and its tests that fail; ``files`` are those that this rests on, by digest."""

    stamp: str
    files: dict[str, str | None]
    findings: tuple[Diagnostic, ...]
    failed: tuple[TestResult, ...] = ()


def standing(path: Path, workspace: Workspace, side: str) -> Standing:
    """How a mapping stands; what was found last for this ``side`` of a comparison holds while no file is another.

    Tests run on the oracle alone: to compile a mapping takes longer than its few records.
    """
    key = "\n".join(("stands", side, shown(path, workspace.roots), *map(str, workspace.roots[1:])))
    stamp = f"{__version__} {code_stamp('schema', 'units', 'expressions', 'mapping', 'plan', 'backends', 'engine')}"
    found = _current(kept(key), stamp, workspace.roots[0])
    if found is None:
        with traced() as seen:
            findings, failed = _looked(path, workspace)
        files = {_named(each, workspace.roots[0]): digest_of(each) for each in sorted({path, *seen})}
        found = Standing(stamp, files, findings, failed)
        keep(key, msgspec.json.encode(found))
    return found


def _current(body: bytes | None, stamp: str, root: Path) -> Standing | None:
    """What was kept, where it is of this program and all files are what they were."""
    try:
        found = None if body is None else msgspec.json.decode(body, type=Standing)
    except msgspec.MsgspecError:
        return None
    if found is None or found.stamp != stamp:
        return None
    files = ((root / name if name.startswith(_INSIDE) else Path(name), digest) for name, digest in found.files.items())
    return found if all(digest_of(file) == digest for file, digest in files) else None


def _named(file: Path, root: Path) -> str:
    absolute = file.absolute()
    return _INSIDE + absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else str(absolute)


def _looked(path: Path, workspace: Workspace) -> tuple[tuple[Diagnostic, ...], tuple[TestResult, ...]]:
    try:
        found = define(path, workspace=workspace)
    except SemanticsError as fault:
        return fault.diagnostics, ()
    try:
        beside = shown(file_beside(path), workspace.roots)
        tests = mapping_tests(path, shown(path, workspace.roots), beside)
    except SemanticsError:
        return found.warnings, ()
    ready = MappingTests(path.stem, Prepared(found.plan, found.target), tests, workspace.roots)
    failed = tuple(result for result in ready.run(backends=("evaluate",)) if not result.passed) if tests else ()
    return found.warnings, failed

"""Findings that a program may mend: edits of single lines, which leave comments and layout as they are."""

from __future__ import annotations

import errno
import os
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from semantics.checks.suppression import comments
from semantics.errors import Diagnostic, Location, SchemaError, SemanticsError, SinkError
from semantics.workspace import Workspace, shown
from semantics.yaml_source import read_yaml

__all__ = ["fixed", "mend_all"]

Edit = Callable[[list[str], int, Diagnostic], None]


def _without_line(lines: list[str], at: int, finding: Diagnostic) -> None:
    """Leave out the line of a prefix, where it and its IRI are all that stands there."""
    if re.fullmatch(r"\s+[\"']?[\w.-]+[\"']?:\s+[^\s#{}\[\]|>&*]+\s*(#.*)?\s*", lines[at]):
        lines[at] = ""


def _without_comment(lines: list[str], at: int, finding: Diagnostic) -> None:
    """Leave out a comment that names one rule, and the line where nothing else stands on it."""
    found = comments(lines[at])
    column = finding.location.column if finding.location else None
    if len(found) == 1 and len(found[0].rules) == 1 and column:
        before = lines[at][: column - 1].rstrip()
        end = lines[at][len(lines[at].rstrip("\r\n")) :]
        lines[at] = f"{before}{end}" if before else ""


_EDITS: Final[Mapping[str, Edit]] = {"CHK052": _without_line, "CHK061": _without_comment}


def fixed(text: str, findings: Sequence[Diagnostic]) -> str:
    r"""A text with what can be mended in it mended; as it was, where that would make it unreadable.

    >>> from semantics.errors import Location
    >>> fixed("a: 1 # semantics: ignore[CHK040] x\n", [Diagnostic("CHK061", "", Location("a.yaml", 1, 6))])
    'a: 1\n'
    """
    lines = text.splitlines(keepends=True)
    for finding in findings:
        place = finding.location
        if place is not None and place.line is not None and place.line <= len(lines) and finding.code in _EDITS:
            _EDITS[finding.code](lines, place.line - 1, finding)
    changed = "".join(lines)
    try:
        same = changed == text or _parts(changed) <= _parts(text)
    except SemanticsError:
        same = False
    return changed if same else text


def _parts(text: str) -> set[tuple[str | int, ...]]:
    """The keys of a document; a map that is left without any would be no map any more."""
    document = read_yaml(text, error=SchemaError)
    empty = [path for path, mark in document.keys.items() if path == ("prefixes",) and not document.data["prefixes"]]
    return {*document.keys, *((*path, "is empty") for path in empty)}


def _mend(file: Path, name: str, findings: Sequence[Diagnostic]) -> bool:
    """Write a file anew with what can be mended in it mended; whether anything was. Raises :class:`SinkError`."""
    try:
        text = file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    changed = fixed(text, findings)
    if changed == text:
        return False
    try:
        _replace(file.resolve(), changed.encode())  # a link stays one, to what is mended
    except OSError as fault:
        reason = fault.strerror or type(fault).__name__
        raise SinkError(Diagnostic("SNK002", f"cannot be written: {reason}", Location(name))) from None
    return True


def _replace(file: Path, content: bytes) -> None:
    """Other bytes in the place of a file, whole or not at all; one that nobody may write is left as it is."""
    mode = file.stat().st_mode & 0o777
    if not mode & 0o222:
        raise PermissionError(errno.EACCES, "it is read-only")
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, suffix=".partial")
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
        Path(temporary).chmod(mode)
        Path(temporary).replace(file)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def mend_all(files: Sequence[Path], findings: Sequence[Diagnostic], workspace: Workspace) -> int:
    """Mend what can be mended in files of one's own; how many were changed. The packaged library stays as it is.

    Raises :class:`SinkError` for a file that cannot be written; those before it are mended.
    """
    own = [file for file in files if file.resolve().is_relative_to(Path.cwd())]
    names = {file: shown(file, workspace.roots) for file in own}
    about = {file: [one for one in findings if one.location and one.location.file == names[file]] for file in own}
    return sum(_mend(file, names[file], found) for file, found in about.items() if found)

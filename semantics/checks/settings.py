"""How much a finding weighs in a workspace: ``semantics.toml`` or ``pyproject.toml`` in a folder above the file.

``[check.rules]`` (in ``pyproject.toml``: ``[tool.semantics.check.rules]``) gives rules a severity, or ``off``;
``[check.paths."PATTERN"]`` does so for files of the folder. What is nearer to the file holds.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

from semantics.checks.rules import BY_CODE, BY_NAME
from semantics.codes import CODES
from semantics.errors import Diagnostic, Location, Severity, UsageError, closest, escaped
from semantics.workspace import Workspace

__all__ = ["FILES", "Settings"]

FILES: Final = {"pyproject.toml": ("tool", "semantics", "check"), "semantics.toml": ("check",)}
"""The files that say how much findings weigh, and where in them; what a later one says holds."""
_WORDS: Final[dict[str, Severity | None]] = {"off": None, **{str(severity): severity for severity in Severity}}
_Weights = dict[str, Severity | None]


@dataclass(frozen=True, slots=True)
class _Table:
    """The configuration of one folder: by pattern of a path below it, by code."""

    parts: tuple[tuple[str, _Weights], ...] = ()

    def of(self, path: str) -> Iterator[_Weights]:
        return (weights for pattern, weights in self.parts if fnmatch(path, pattern))


@dataclass
class Settings:
    """The severities of a workspace; each configuration is read once."""

    workspace: Workspace
    tables: dict[Path, _Table] = field(default_factory=dict)

    def judged(self, finding: Diagnostic, file: Path) -> Diagnostic | None:
        """A finding about a file with the severity that is asked for; None where it is off.

        What makes a file unusable stays an error.
        """
        if finding.severity is Severity.ERROR and finding.code not in BY_CODE:
            return finding
        weights = self._weights(file)
        if finding.code not in weights:
            return finding
        severity = weights[finding.code]
        return None if severity is None else replace(finding, severity=severity)

    def _weights(self, file: Path) -> _Weights:
        path, found = file.resolve(), _Weights()
        for folder in self._folders(path):
            if folder not in self.tables:
                self.tables[folder] = _table(folder)
            for weights in self.tables[folder].of(path.relative_to(folder).as_posix()):
                found |= weights
        return found

    def _folders(self, path: Path) -> Iterator[Path]:
        """The folders from the workspace down to a file."""
        roots = [root for root in (*self.workspace.roots, Path.cwd()) if path.is_relative_to(root)]
        root = roots[0] if roots else path.parent
        yield from reversed([folder for folder in path.parents if folder.is_relative_to(root)])


def _table(folder: Path) -> _Table:
    parts: list[tuple[str, _Weights]] = []
    for name, keys in FILES.items():
        file = folder / name
        if not file.is_file():
            continue
        try:
            data: Any = tomllib.loads(file.read_text("utf-8"))
        except (OSError, ValueError) as fault:
            raise UsageError(Diagnostic("WRK003", f"it is not TOML: {fault}", Location(str(file)))) from None
        for key in keys:
            data = data.get(key, {}) if isinstance(data, Mapping) else {}
        parts += _parts(data, file)
    return _Table(tuple(parts))


def _parts(data: Any, file: Path) -> Iterator[tuple[str, _Weights]]:
    """The patterns with their severities; anything that is neither is refused by name."""
    if not isinstance(data, Mapping):
        raise _refused(file, "'check' is not a table")
    for key in data.keys() - {"rules", "paths"}:
        raise _refused(file, f"'{escaped(str(key))}' is not a key of 'check'", closest(str(key), ("rules", "paths")))
    yield "*", _read(data.get("rules", {}), file)
    paths = data.get("paths", {})
    for pattern, rules in paths.items() if isinstance(paths, Mapping) else [("", paths)]:
        yield pattern, _read(rules, file)


def _read(rules: Any, file: Path) -> _Weights:
    if not isinstance(rules, Mapping):
        raise _refused(file, 'rules are a table: RULE = "severity"')
    found: _Weights = {}
    for name, word in rules.items():
        code = BY_NAME[name].code if name in BY_NAME else name
        if code not in CODES:
            raise _refused(file, f"there is no rule '{escaped(name)}'", closest(name, (*BY_NAME, *BY_CODE)))
        if not isinstance(word, str) or word not in _WORDS:
            raise _refused(file, f"the severity of '{escaped(name)}' is not one", f"one of {', '.join(_WORDS)}")
        found[code] = _WORDS[word]
    return found


def _refused(file: Path, message: str, hint: str | None = None) -> UsageError:
    return UsageError(Diagnostic("WRK003", message, Location(str(file)), hint))

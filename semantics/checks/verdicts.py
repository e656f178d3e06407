"""What was found in a file, kept until the file, or anything that was looked at for it, changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import msgspec

from semantics.checks.surroundings import elsewhere
from semantics.errors import Diagnostic, Severity
from semantics.kept import code_stamp, digest_of, keep, kept, traced
from semantics.version import __version__
from semantics.workspace import Workspace

__all__ = ["Verdicts"]


class _Verdict(msgspec.Struct, frozen=True):
    """Findings, with what they rest on: files by digest (None: not there), and words that others name or do not."""

    stamp: str
    files: dict[str, str | None]
    asked: dict[str, bool]
    findings: tuple[Diagnostic, ...]


@dataclass
class Verdicts:
    """The verdicts of a workspace; ``options`` is what else decides about them."""

    workspace: Workspace
    options: str = ""
    digests: dict[Path, str | None] = field(default_factory=dict)

    @cached_property
    def stamp(self) -> str:
        """The state of the program, and the names of the workspace."""
        code = code_stamp("schema", "units", "expressions", "mapping", "plan", "checks")
        names = [str(path) for kind in ("ontologies", "mappings") for path in self.workspace.names(kind).values()]
        return hashlib.sha256("\n".join((__version__, code, *names)).encode()).hexdigest()

    def of(
        self, file: Path, find: Callable[[Callable[[str], bool]], tuple[Sequence[Diagnostic], bool]]
    ) -> tuple[Diagnostic, ...]:
        """The findings of a file: those that were kept, else what ``find`` gives, and whether they are all.

        ``find`` is given what tells whether another file of the workspace names a word.
        """
        key = self._key(file)
        mentioned = elsewhere(file, self.workspace)
        found = self._current(kept(key), mentioned)
        if found is not None:
            return found.findings
        asked: dict[str, bool] = {}

        def ask(word: str) -> bool:
            return asked.setdefault(word, mentioned(word))

        with traced() as seen:
            told, whole = find(ask)
        findings = tuple(told)
        if whole and not any(one.severity is Severity.ERROR for one in findings):
            files = {str(path.absolute()): self._digest(path.absolute()) for path in sorted({file, *seen})}
            with suppress(UnicodeEncodeError):  # the name of a file that is no text
                keep(key, msgspec.json.encode(_Verdict(self.stamp, files, asked, findings)))
        return findings

    def rests_on(self, file: Path) -> frozenset[Path] | None:
        """The files that the findings of a file rested on when they were kept; None where none are kept."""
        found = _decoded(kept(self._key(file)))
        return None if found is None else frozenset(map(Path, found.files))

    def _key(self, file: Path) -> str:
        return "\n".join(("check", str(file), str(file.resolve()), self.options, *map(str, self.workspace.roots)))

    def _current(self, body: bytes | None, mentioned: Callable[[str], bool]) -> _Verdict | None:
        """A verdict that still rests on what it did."""
        found = _decoded(body)
        if found is None:
            return None
        same = found.stamp == self.stamp and all(self._digest(Path(name)) == it for name, it in found.files.items())
        return found if same and all(mentioned(word) is told for word, told in found.asked.items()) else None

    def _digest(self, path: Path) -> str | None:
        if path not in self.digests:
            self.digests[path] = digest_of(path)
        return self.digests[path]


def _decoded(body: bytes | None) -> _Verdict | None:
    """What was kept, if it is a verdict."""
    try:
        return None if body is None else msgspec.json.decode(body, type=_Verdict)
    except msgspec.MsgspecError:
        return None

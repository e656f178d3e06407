"""A patch for models and mappings that use names which a model no longer has: made where they are found, and tried."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from semantics.engine.standing import look_at, rested
from semantics.errors import Diagnostic, SemanticsError, Severity
from semantics.unsaved import in_place
from semantics.workspace import Workspace

__all__ = ["Mended", "Renaming", "mended", "patch", "together"]

ROUNDS = 50
"""How often a mapping is planned again: each time, what is found next is mended."""


class Mended(msgspec.Struct, frozen=True):
    """The files of a mapping in which names were replaced, as they are then, and how many findings remain."""

    texts: dict[str, str] = {}
    left: int = 0

    def cures(self, findings: Collection[Diagnostic]) -> bool:
        """Whether none of these is found any more: then none was there before names were new."""
        return bool(self.texts) and not self.left and len(_errors(findings)) == len(findings)


@dataclass(frozen=True, slots=True)
class Renaming:
    """What has which new name: ``workspace`` has the new schemas, ``origin`` is the folder whose files may be mended.

    ``names`` are as for :func:`~semantics.engine.standing.standing`: what is mended is looked at in the same way.
    """

    workspace: Workspace
    origin: Path
    renamed: Mapping[str, str]
    names: frozenset[str] = frozenset()


def mended(path: Path, renaming: Renaming, findings: Iterable[Diagnostic]) -> Mended:
    """Old names of a mapping replaced by new ones where findings point at them, until no finding does.

    Kept as :func:`~semantics.engine.standing.standing` is.
    """
    wrong = _errors(findings)
    if not wrong or not renaming.renamed:
        return Mended()
    given = " ".join((*(f"{old}>{new}" for old, new in sorted(renaming.renamed.items())), *sorted(renaming.names)))
    mending = _Mending(path, renaming, {})
    return rested("mended", path, renaming.workspace, lambda: mending.mend(wrong), Mended, given)


def together(each: Iterable[tuple[Path, Mended]], renaming: Renaming) -> Mended:
    """What was mended in several mappings; a file that two of them share is mended for one after the other."""
    texts, left = dict[str, str](), 0
    for path, one in each:
        if any(texts.get(name, text) != text for name, text in one.texts.items()):
            mending = _Mending(path, renaming, texts)
            one = mending.mend(mending.found())
        texts |= one.texts
        left += one.left
    return Mended(texts, left)


def _errors(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    return [each for each in findings if each.severity is Severity.ERROR]


class _Mending:
    """The texts of one mapping's files while names in them are replaced."""

    def __init__(self, path: Path, renaming: Renaming, texts: Mapping[str, str]) -> None:
        self.path, self.renaming = path, renaming
        names = "|".join(map(re.escape, sorted(renaming.renamed, key=len, reverse=True)))
        self.wanted = re.compile(rf"(?<![\w-])(?:{names})(?![\w-])")
        self.texts = dict(texts)

    def mend(self, wrong: list[Diagnostic]) -> Mended:
        for _ in range(ROUNDS):
            # From the end of a file on, so that the columns before it stay what they are.
            order = sorted(wrong, key=_place, reverse=True)
            if not [each for each in order if self._replace(each)]:
                break
            wrong = self.found()
        return Mended(self.texts, len(wrong))

    def found(self) -> list[Diagnostic]:
        """What is wrong with the mapping as it is now."""
        with in_place({self._file(name).resolve(): text for name, text in self.texts.items()}):
            try:
                look_at(self.path, self.renaming.workspace, self.renaming.names)
            except SemanticsError as fault:
                return _errors(fault.diagnostics)
        return []

    def _replace(self, finding: Diagnostic) -> bool:
        """Replace the first old name at the place of a finding, on its line; whether there was one."""
        place = finding.location
        if place is None or place.file is None or not place.line:
            return False
        text = self._text(place.file)
        lines = [] if text is None else text.splitlines(keepends=True)
        if place.line > len(lines):
            return False
        line, start = lines[place.line - 1], (place.column or 1) - 1
        found = self.wanted.search(line, start)
        if found is None:
            return False
        lines[place.line - 1] = line[: found.start()] + self.renaming.renamed[found[0]] + line[found.end() :]
        self.texts[place.file] = "".join(lines)
        return True

    def _text(self, name: str) -> str | None:
        """A model or mapping as it is now, where it is one of the folder, and not the one that changed."""
        if name in self.texts:
            return self.texts[name]
        own, read = self.renaming.origin / name, self._file(name)
        inside = any(
            own.resolve().is_relative_to((self.renaming.origin / room).resolve()) for room in ("ontologies", "mappings")
        )
        if not inside or not own.is_file() or own.read_bytes() != read.read_bytes():
            return None
        return own.read_text("utf-8")

    def _file(self, name: str) -> Path:
        """The file that is read under a name."""
        return next(
            (root / name for root in self.renaming.workspace.roots if (root / name).is_file()),
            self.renaming.origin / name,
        )


def patch(origin: Path, texts: Mapping[str, str]) -> str:
    """The difference between files of a folder and what they are to be, as ``git apply`` takes it."""
    parts: list[str] = []
    for name, new in sorted(texts.items()):
        old = (origin / name).read_text("utf-8")
        parts += difflib.unified_diff(old.splitlines(True), new.splitlines(True), f"a/{name}", f"b/{name}")
    return "".join(parts)


def _place(finding: Diagnostic) -> tuple[str, int, int]:
    place = finding.location
    return (place.file or "", place.line or 0, place.column or 0) if place is not None else ("", 0, 0)

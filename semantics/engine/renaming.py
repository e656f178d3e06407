"""A patch for the mappings that use names which a model no longer has: made where they are found, tried by planning."""

from __future__ import annotations

import difflib
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from semantics.engine.standing import standing
from semantics.errors import Diagnostic, Severity
from semantics.workspace import Workspace

__all__ = ["Renaming"]

ROUNDS = 50
"""How often a mapping is planned again: each time, what is found next is mended."""


class Renaming:
    """Copies of the mappings of a workspace, in which old names are replaced by new ones."""

    def __init__(self, workspace: Workspace, new: Workspace, renamed: Mapping[str, str]) -> None:
        self.origin = workspace.roots[0]
        self.workspace = new
        self.root = new.roots[0]
        self.renamed = renamed
        self.left = 0
        """How many findings about the mended mappings remain."""
        if renamed and (self.origin / "mappings").is_dir():
            skipped = shutil.ignore_patterns("examples", "cases", "*.tests.yaml", ".*")
            shutil.copytree(self.origin / "mappings", self.root / "mappings", ignore=skipped)

    def mend(self, name: str, path: Path, findings: Iterable[Diagnostic]) -> None:
        """Replace names where findings about a mapping point at them, until no finding does."""
        copy = self.root / path.relative_to(self.origin)
        wrong = [each for each in findings if each.severity is Severity.ERROR]
        if not wrong or not copy.is_file():
            return
        for round_ in range(ROUNDS):
            # From the end of a file on, so that the columns before it stay what they are.
            order = sorted(wrong, key=_place, reverse=True)
            if not [each for each in order if self._replace(each)]:
                break
            found = standing(copy, self.workspace, f"mended {round_}").findings
            wrong = [each for each in found if each.severity is Severity.ERROR]
        self.left += len(wrong)

    def _replace(self, finding: Diagnostic) -> bool:
        """Replace the first old name at the place of a finding, on its line; whether there was one."""
        place = finding.location
        file = self.root / place.file if place is not None and place.file else None
        if place is None or file is None or not file.is_file() or not place.line:
            return False
        lines = file.read_text("utf-8").splitlines(keepends=True)
        line, start = lines[place.line - 1], (place.column or 1) - 1
        names = "|".join(map(re.escape, sorted(self.renamed, key=len, reverse=True)))
        found = re.compile(rf"(?<![\w-])(?:{names})(?![\w-])").search(line, start)
        if found is None:
            return False
        lines[place.line - 1] = line[: found.start()] + self.renamed[found[0]] + line[found.end() :]
        file.write_text("".join(lines), "utf-8")
        return True

    def patch(self) -> str:
        """The difference between the mappings of the workspace and their copies, as ``git apply`` takes it."""
        parts: list[str] = []
        for copy in sorted((self.root / "mappings").rglob("*.yaml")):
            name = copy.relative_to(self.root).as_posix()
            old, new = (root.joinpath(name).read_text("utf-8") for root in (self.origin, self.root))
            parts += difflib.unified_diff(old.splitlines(True), new.splitlines(True), f"a/{name}", f"b/{name}")
        return "".join(parts)


def _place(finding: Diagnostic) -> tuple[str, int, int]:
    place = finding.location
    return (place.file or "", place.line or 0, place.column or 0) if place is not None else ("", 0, 0)

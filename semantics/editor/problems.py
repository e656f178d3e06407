"""What is wrong with an open file: the findings of ``semantics check``, at their places in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from semantics.checks.definitions import check_definitions
from semantics.editor.desk import Desk, Document
from semantics.editor.positions import Lines
from semantics.errors import Diagnostic, SemanticsError
from semantics.workspace import shown
from semantics.yaml_source import each_once

__all__ = ["Problem", "problems"]

_WORD: Final = re.compile(r"[^\s,:{}\[\]\"'#]+")


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding between two offsets of a text; ``elsewhere`` is the file, line and column where it stands in truth."""

    finding: Diagnostic
    start: int
    end: int
    elsewhere: tuple[Path, int, int] | None = None

    @property
    def message(self) -> str:
        """What is said about it, with the nearest fix."""
        place = self.finding.location
        before = f"{place}: " if self.elsewhere is not None and place is not None else ""
        hint = f"\n{self.finding.hint}" if self.finding.hint else ""
        return f"{before}{self.finding.message}{hint}"


def problems(document: Document, desk: Desk) -> tuple[Problem, ...]:
    """Everything that is wrong with a document as it stands; nothing where it is none of ours."""
    if document.kind is None:
        return ()
    try:
        with desk.schemas(document.workspace) as schemas, each_once():
            found = tuple(check_definitions([document.path], document.workspace, schemas=schemas))
    except SemanticsError as fault:
        found = fault.diagnostics
    lines = Lines(document.text)
    return tuple(_placed(finding, document, desk, lines) for finding in dict.fromkeys(found))


def _placed(finding: Diagnostic, document: Document, desk: Desk, lines: Lines) -> Problem:
    """A finding at its place; one about another file stands where that is named."""
    place = finding.location
    if place is None or place.file in (None, shown(document.path, document.workspace.roots), str(document.path)):
        line, column = (place.line or 1, place.column or 1) if place is not None else (1, 1)
        start = lines.place(line, column)
        return Problem(finding, start, _end(document, start))
    file = desk.placed(place.file or "", document.workspace)
    start, end = _named(file, document) if file is not None else (0, _end(document, 0))
    other = (file, place.line or 1, place.column or 1) if file is not None else None
    return Problem(finding, start, end, other)


def _end(document: Document, start: int) -> int:
    """Where what begins at an offset ends: the scalar, or the word."""
    token = document.outline.token_at(start) or document.outline.token_at(start + 1)
    if token is not None and token.start <= start + 1 and token.end > start and token.quote not in ("|", ">"):
        line = document.text.find("\n", start)
        return min(token.end, line) if line >= 0 else token.end
    word = _WORD.match(document.text, start)
    return word.end() if word else min(start + 1, len(document.text))


def _named(file: Path, document: Document) -> tuple[int, int]:
    """Where a document names another file: by its schema, or an import."""
    for token in document.outline.tokens:
        first = token.path[0] if token.path else ""
        if token.role != "key" and first in ("source_schema", "target_schema", "imports", "code_maps") and (
            Path(token.text).stem == file.stem or token.text == file.name
        ):  # fmt: skip
            return token.start, token.end
    return 0, _end(document, 0)

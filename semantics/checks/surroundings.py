"""What stands around a schema in its workspace: who names a word, and the SSSOM sets that belong to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from semantics.workspace import Workspace, is_file, shown

__all__ = ["elsewhere", "set_files", "sets_beside"]


def elsewhere(file: Path, workspace: Workspace) -> Callable[[str], bool]:
    """Whether a schema or mapping other than ``file`` names a word: as a whole key or value, or a prefix before it."""
    own = file.resolve()
    texts: list[str] = []

    def mentioned(word: str) -> bool:
        if not texts:
            texts.append("")
            found = (*workspace.names("mappings").values(), *workspace.names("ontologies").values())
            texts.extend(_text(path) for path in found if path.resolve() != own)
        close = r"(?=\S)" if word.endswith(":") else r"(?![\w-])(?! *[\w(])"
        pattern = re.compile(rf"(?<![\w-]){re.escape(word)}{close}")
        return any(word in text and pattern.search(text) for text in texts)

    return mentioned


@lru_cache(maxsize=1024)
def _read(path: Path, stamp: int) -> str:
    # the stamp tells one state of the file from another
    try:
        return path.read_text("utf-8", errors="replace")
    except OSError:
        return ""


def _text(path: Path) -> str:
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError:
        return ""


def set_files(file: Path) -> tuple[Path, Path]:
    """Where the SSSOM set of a schema may stand."""
    name = f"{file.stem}.sssom.tsv"
    return file.parent / "mappings" / name, file.parent / name


def sets_beside(file: Path, workspace: Workspace) -> dict[str, str]:
    """The SSSOM sets of a schema, as they are shown, with their text."""
    return {shown(path, workspace.roots): path.read_text("utf-8", errors="replace")
            for path in set_files(file) if is_file(path)}  # fmt: skip

"""Where ontologies and mappings are: a user's own folder first, then the packaged library.

A workspace is a folder with ``ontologies/`` and ``mappings/``. A name resolves in the current
directory's workspace before the library that comes with the package; a path is taken as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from semantics.errors import Diagnostic, UsageError, closest
from semantics.kept import noted
from semantics.unsaved import is_unsaved

__all__ = ["Kind", "Workspace", "is_file", "library_root", "shown"]

Kind = Literal["ontologies", "mappings"]
_WHAT: Final[dict[Kind, str]] = {"ontologies": "schema", "mappings": "mapping"}


def library_root() -> Path:
    """The folder of the packaged ontologies and mappings (of the checkout, when run from one)."""
    package = Path(__file__).resolve().parent
    data = package / "_data"
    return data if data.is_dir() else package.parent


@dataclass(frozen=True, slots=True)
class Workspace:
    """An ordered list of folders that hold ``ontologies/`` and ``mappings/``."""

    roots: tuple[Path, ...]

    @classmethod
    def here(cls, directory: Path | None = None) -> Workspace:
        """The workspace of ``directory`` (default: the current one), then the library."""
        own = (directory or Path.cwd()).resolve()
        library = library_root()
        has_own = own != library and any((own / kind).is_dir() for kind in _WHAT)
        return cls((own, library) if has_own else (library,))

    def names(self, kind: Kind) -> dict[str, Path]:
        """Every schema (or mapping) of the workspace by name; the first root wins."""
        found: dict[str, Path] = {}
        for root in self.roots:
            for path in _definitions(root / kind):
                found.setdefault(path.stem, path)
        return dict(sorted(found.items()))

    def find(self, reference: str, kind: Kind) -> Path:
        """The file that a name or a path means. Raises :class:`UsageError` with the nearest name."""
        if reference.endswith((".yaml", ".yml")) or "/" in reference or "\\" in reference:
            path = Path(reference)
            if is_file(path):
                return path
            if not reference.endswith((".yaml", ".yml")):
                for root in self.roots:
                    inside = root / kind / f"{reference}.yaml"
                    if is_file(inside):
                        return inside
            what = "is a directory" if path.is_dir() else "no such file"
            raise UsageError(Diagnostic("WRK001", f"{_WHAT[kind]} '{reference}': {what}"))
        names = self.names(kind)
        if reference in names:
            return names[reference]
        hint = closest(reference, names) or f"known: {', '.join(names) or 'none'}"
        raise UsageError(Diagnostic("WRK002", f"there is no {_WHAT[kind]} named '{reference}'", hint=hint))


def is_file(path: Path) -> bool:
    """Whether there is such a file; a name that no file can have is none."""
    noted(path)
    try:
        return path.is_file() or is_unsaved(path)
    except (OSError, ValueError):
        return False


def shown(path: Path, roots: tuple[Path, ...]) -> str:
    """How messages and outputs name a file: from its workspace on, never by where that is on this machine."""
    resolved = path.resolve()
    for root in roots:
        if resolved.is_relative_to(root):
            return resolved.relative_to(root).as_posix()
    return str(path)


def _definitions(folder: Path) -> Iterator[Path]:
    """YAML files below ``folder`` that are schemas or mappings: no tests, cases, examples or parts to be imported."""
    if not folder.is_dir():
        return
    for path in sorted(folder.rglob("*.yaml")):
        parts = path.relative_to(folder).parts
        if path.name.endswith(".tests.yaml"):
            continue
        if not any(part in {"tests", "examples", "cases", "parts"} or part.startswith(".") for part in parts):
            yield path

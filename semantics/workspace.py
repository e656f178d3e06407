"""Where ontologies and mappings are: a user's own folder first, then the packaged library.

A workspace is a folder with ``ontologies/`` and ``mappings/``. A name resolves in the current
directory's workspace before the library that comes with the package; a path is taken as it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from semantics.errors import Diagnostic, Location, UsageError, closest
from semantics.kept import noted
from semantics.unsaved import is_unsaved

__all__ = ["Kind", "Workspace", "is_file", "library_root", "shown", "yaml_below"]

Kind = Literal["ontologies", "mappings"]
_WHAT: Final[dict[Kind, str]] = {"ontologies": "schema", "mappings": "mapping"}
_YAML: Final = (".yaml", ".yml")


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
        has_own = own != library and _is_workspace(own)
        return cls((own, library) if has_own else (library,))

    def names(self, kind: Kind) -> dict[str, Path]:
        """Every schema (or mapping) of the workspace by name; the first root wins."""
        found: dict[str, Path] = {}
        for root in self.roots:
            for path in _definitions(root / kind):
                found.setdefault(path.stem, path)
        return dict(sorted(found.items()))

    def contested(self) -> str:
        """The files that are meant by names which several have: what was found by names rests on these."""
        found: dict[tuple[Kind, str], dict[str, None]] = {}
        for root in self.roots:
            for kind in _WHAT:
                for path in _definitions(root / kind):
                    found.setdefault((kind, path.stem), {})[path.relative_to(root).as_posix()] = None
        return "\n".join(sorted(next(iter(paths)) for paths in found.values() if len(paths) > 1))

    def own(self) -> Path:
        """The folder of the caller's own definitions. Raises :class:`UsageError` where there is the library alone."""
        here, root = Path.cwd().resolve(), self.roots[0]
        if _is_workspace(root) and (root == here or root != library_root()):
            return root
        around = next((each for each in here.parents if _is_workspace(each)), None)
        hint = f"there is one in '{os.path.relpath(around, here)}'" if around else "'semantics init' starts one"
        raise UsageError(Diagnostic("WRK005", "there is no workspace here: no ontologies/ and no mappings/", hint=hint))

    def find(self, reference: str, *kinds: Kind) -> Path:
        """The file that a name or a path means, of the first kind that has it.

        Raises :class:`UsageError` with the nearest name.
        """
        what = " or ".join(_WHAT[kind] for kind in kinds)
        if not isinstance(reference, str):
            raise TypeError(f"a {what} is given by its name, its path or its data, and this is {reference!r:.60}")
        path = Path(reference)
        if reference.endswith(_YAML) or "/" in reference or "\\" in reference:
            if is_file(path):
                return path
            if not reference.endswith(_YAML):
                for inside in (root / kind / f"{reference}.yaml" for kind in kinds for root in self.roots):
                    if is_file(inside):
                        return inside
            raise UsageError(Diagnostic("WRK001", f"{what} '{reference}': {_missing(path)}", hint=_beside(path)))
        names = {name: found for kind in reversed(kinds) for name, found in self.names(kind).items()}
        for root in self.roots:
            for kind in kinds:
                noted(root / kind / f"{reference}.yaml")
        if reference in names:
            return names[reference]
        hint = closest(reference, names) or f"known: {', '.join(sorted(names)) or 'none'}"
        if is_file(path) or path.is_dir():
            hint = f"there is a {'folder' if path.is_dir() else 'file'} of this name, and a {what} is a file of YAML"
        raise UsageError(Diagnostic("WRK002", f"there is no {what} named '{reference}'", hint=hint))


def _missing(path: Path) -> str:
    """Why a path is no file."""
    try:
        return "is a directory" if path.is_dir() else "is no regular file" if path.exists() else "no such file"
    except (OSError, ValueError):
        return "no such file"


def _beside(path: Path) -> str | None:
    """A hint with the file in the same folder whose name is nearest."""
    try:
        near = closest(path.name, (each.name for each in path.parent.iterdir() if each.suffix in _YAML))
    except (OSError, ValueError):
        return None
    return near.replace("'", f"'{path.parent.as_posix()}/", 1) if near and path.parent != Path() else near


def _is_workspace(folder: Path) -> bool:
    return any((folder / kind).is_dir() for kind in _WHAT)


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


def yaml_below(folder: Path) -> Iterator[Path]:
    """The YAML files in a folder and those in it. Raises :class:`UsageError` for one that cannot be looked into."""

    def refuse(fault: OSError) -> None:
        if not isinstance(fault, (FileNotFoundError, NotADirectoryError)):
            place = Location(shown(Path(fault.filename), (Path.cwd().resolve(),)))
            raise UsageError(Diagnostic("WRK001", f"the folder cannot be read: {fault.strerror}", place))

    for here, _, names in os.walk(folder, onerror=refuse):
        yield from (Path(here, name) for name in names if name.endswith(".yaml"))


def _definitions(folder: Path) -> Iterator[Path]:
    """YAML files below ``folder`` that are schemas or mappings: no tests, cases, examples or parts to be imported."""
    for path in sorted(yaml_below(folder)):
        parts = path.relative_to(folder).parts
        if path.name.endswith(".tests.yaml"):
            continue
        if not any(part in {"tests", "examples", "cases", "parts"} or part.startswith(".") for part in parts):
            yield path

"""Artefacts of schemas written to a folder, or compared with what is there."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from semantics.errors import Diagnostic, Location, SemanticsError, SinkError
from semantics.generators import generate_package
from semantics.schema import load_schema
from semantics.schema.model import SchemaModel
from semantics.workspace import Workspace, library_root

__all__ = ["Artefacts", "artefacts", "default_folder"]


@dataclass(frozen=True, slots=True)
class Artefacts:
    """The files that belong into a folder (name relative to it, text), and whether they are all of it.

    Only the package's own folder of models is ``whole``: there, a file that no schema gives is stale.
    """

    folder: Path
    files: dict[str, str]
    whole: bool

    def stale(self) -> tuple[str, ...]:
        """Files that are missing, differ, or should not be there, by name."""
        found = [name for name, text in self.files.items() if _text(self.folder / name) != text]
        if self.whole and self.folder.is_dir():
            there = (path for path in self.folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
            found += [name for path in there if (name := path.relative_to(self.folder).as_posix()) not in self.files]
        return tuple(sorted(found))

    def write(self) -> tuple[str, ...]:
        """Bring the files up to date; the names of those that changed. Nothing is ever deleted."""
        from semantics.sinks.output import open_output

        changed = tuple(name for name in self.stale() if name in self.files)
        for name in changed:
            path = self.folder / name
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as fault:
                reason = fault.strerror or "it is not the name of a folder"
                raise SinkError(Diagnostic("SNK002", f"cannot be written: {reason}", Location(str(path)))) from None
            with open_output(path) as output:
                output.write(self.files[name].encode())
        return changed


def _text(path: Path) -> str | None:
    return path.read_text("utf-8") if path.is_file() else None


def default_folder(workspace: Workspace) -> Path:
    """Where artefacts go unless told otherwise: the package's models in its checkout, else ``models/``."""
    checkout = library_root() / "pyproject.toml"
    if workspace.roots == (library_root(),) and checkout.is_file():
        return Path(__file__).resolve().parents[1] / "models"
    return Path("models")


def artefacts(
    names: Sequence[str], only: Sequence[str] | None, folder: Path | None, workspace: Workspace | None = None
) -> Artefacts:
    """The artefacts of the named schemas (default: of all in the workspace's first root).

    In a folder of one's own choice the named schemas are a package by themselves; in that of the workspace they are
    part of the package of all its schemas. Raises :class:`~semantics.errors.DefinitionError` for schemas that cannot
    be used.
    """
    workspace = workspace or Workspace.here()
    target = folder or default_folder(workspace)
    chosen = [workspace.find(name, "ontologies") for name in names]
    every = list(Workspace(workspace.roots[:1]).names("ontologies").values())
    paths = every if not chosen else chosen if folder is not None else list(dict.fromkeys([*every, *chosen]))
    schemas: dict[Path, SchemaModel] = {}
    for path in paths:
        with suppress(SemanticsError) if chosen and path not in chosen else nullcontext():  # a neighbour may be broken
            schemas[path] = load_schema(path, workspace=workspace)
    folders = {schema.name: _sub_package(path, workspace) for path, schema in schemas.items()}
    unique = {schema.name: schema for schema in schemas.values()} if names else None
    named = {schemas[path].name for path in chosen} or None
    files = generate_package(list((unique or schemas).values()), only, folders=folders, named=named)
    own = folder is None and target != Path("models")
    return Artefacts(target, files, whole=own and not names and only is None)


def _sub_package(path: Path, workspace: Workspace) -> str:
    """The folder of a schema below ``ontologies/``, which its artefacts keep."""
    for root in workspace.roots:
        base = (root / "ontologies").resolve()
        if path.resolve().is_relative_to(base):
            return path.resolve().relative_to(base).parent.as_posix().strip(".")
    return ""

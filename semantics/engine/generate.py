"""Artefacts of schemas written to a folder, or compared with what is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from semantics.errors import Diagnostic, Location, SinkError
from semantics.generators import generate_package
from semantics.schema import load_schema
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

    Raises :class:`~semantics.errors.DefinitionError` for schemas that cannot be used.
    """
    workspace = workspace or Workspace.here()
    target = folder or default_folder(workspace)
    paths = [workspace.find(name, "ontologies") for name in names] or list(
        Workspace(workspace.roots[:1]).names("ontologies").values()
    )
    schemas = [load_schema(path, workspace=workspace) for path in paths]
    folders = {schema.name: _sub_package(path, workspace) for schema, path in zip(schemas, paths, strict=True)}
    unique = {schema.name: schema for schema in schemas} if names else None
    files = generate_package(list(unique.values()) if unique else schemas, only, folders=folders)
    own = folder is None and target != Path("models")
    return Artefacts(target, files, whole=own and not names and only is None)


def _sub_package(path: Path, workspace: Workspace) -> str:
    """The folder of a schema below ``ontologies/``, which its artefacts keep."""
    for root in workspace.roots:
        base = (root / "ontologies").resolve()
        if path.resolve().is_relative_to(base):
            return path.resolve().relative_to(base).parent.as_posix().strip(".")
    return ""

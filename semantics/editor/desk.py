"""The files of an editor's user: which are open, in which workspace each lies, and the models that they name.

What is open counts as it stands in the editor, saved or not. Models are kept as long as their files are the same; where
a schema cannot be read while it is being edited, the one that was read last is what names are looked up in.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Final, Literal

from semantics.checks.definitions import Schemas
from semantics.editor.scanner import outline
from semantics.editor.tokens import Outline
from semantics.errors import SemanticsError
from semantics.mapping.tests import SUFFIX
from semantics.schema.model import SchemaModel
from semantics.unsaved import bytes_of, in_place
from semantics.workspace import Workspace, is_file, library_root

__all__ = ["Desk", "Document", "Kind"]

Kind = Literal["mapping", "ontology", "tests"]
_KEYS: Final[dict[Kind, frozenset[str]]] = {
    "mapping": frozenset({"class_derivations", "enum_derivations", "source_schema", "target_schema"}),
    "ontology": frozenset({"classes", "slots", "enums", "types", "default_prefix", "default_range"}),
}
_FOLDERS: Final[dict[str, Kind]] = {"mappings": "mapping", "ontologies": "ontology"}
_Stamp = tuple[int, int] | int | None


@dataclass(frozen=True, slots=True)
class Document:
    """An open file, as it stands in the editor, and the workspace that it belongs to."""

    path: Path
    text: str
    workspace: Workspace
    kind: Kind | None

    @property
    def outline(self) -> Outline:
        """The scalars of the text."""
        return outline(self.text)


@dataclass
class _Space:
    """The schemas of a workspace, and the state of their files when they were read."""

    schemas: Schemas
    stamps: dict[Path, _Stamp] = field(default_factory=dict)
    last: dict[Path, SchemaModel] = field(default_factory=dict)


class Desk:
    """What is open. It may be asked from several threads."""

    def __init__(self) -> None:
        self.texts: dict[Path, str] = {}
        self._spaces: dict[tuple[Path, ...], _Space] = {}
        self._lock = RLock()

    def put(self, path: Path, text: str) -> None:
        """Let a text stand in the place of a file."""
        self.texts = {**self.texts, path.resolve(): text}

    def remove(self, path: Path) -> None:
        """Let a file stand for itself again."""
        self.texts = {known: text for known, text in self.texts.items() if known != path.resolve()}

    def document(self, path: Path) -> Document | None:
        """A file that is open."""
        text = self.texts.get(path.resolve())
        return None if text is None else self._document(path.resolve(), text)

    def read(self, path: Path) -> Document | None:
        """A file as it stands, open or not; None where it cannot be read."""
        with in_place(self.texts):
            try:
                text = bytes_of(path).decode("utf-8-sig")
            except (OSError, ValueError):
                return None
        return self._document(path.resolve(), text)

    def _document(self, path: Path, text: str) -> Document:
        workspace = workspace_of(path)
        return Document(path, text, workspace, _kind(path, text, workspace))

    @contextmanager
    def schemas(self, workspace: Workspace) -> Iterator[Schemas]:
        """The schemas of a workspace, those forgotten whose files have changed; for one thread at a time."""
        with self._lock, in_place(self.texts):
            space = self._spaces.setdefault(workspace.roots, _Space(Schemas(workspace)))
            stamps = {path: self._stamp(path) for path in space.stamps}
            space.schemas.forget(lambda path: stamps.get(path) != space.stamps.get(path))
            try:
                yield space.schemas
            finally:
                seen: set[Path] = set()
                for file, found in space.schemas.known.items():
                    if found is not None:
                        seen |= {file, *found[2]}
                        space.last[file] = found[1]
                space.stamps = {path: stamps[path] if path in stamps else self._stamp(path) for path in seen}

    def schema(self, name: str | None, document: Document) -> SchemaModel | None:
        """The model that a document names, by a name in the workspace or a file beside it."""
        path = None if name is None else self.schema_file(name, document)
        return None if path is None else self.model(path, document.workspace)

    def schema_file(self, name: str, document: Document) -> Path | None:
        """The file of a schema that a document names."""
        with in_place(self.texts), suppress(SemanticsError, ValueError):
            beside = document.path.parent / name
            if name.endswith((".yaml", ".yml")) and is_file(beside):
                return beside
            if not name.startswith(("/", "~")) and ":" not in name:
                return document.workspace.find(name, "ontologies")
        return None

    def model(self, path: Path, workspace: Workspace) -> SchemaModel | None:
        """The model of a schema file, or the last one that it gave; nobody waits for findings to know a name."""
        last = self._spaces[workspace.roots].last if workspace.roots in self._spaces else {}
        free = self._lock.acquire(blocking=path not in last)
        if not free:
            return last.get(path)
        try:
            with self.schemas(workspace) as schemas, suppress(SemanticsError):
                if (found := schemas.read(path)) is not None:
                    return found[1]
        finally:
            self._lock.release()
        return self._spaces[workspace.roots].last.get(path)

    def _stamp(self, path: Path) -> _Stamp:
        """What tells one state of a file from another."""
        text = self.texts.get(path.resolve())
        if text is not None:
            return hash(text)
        try:
            state = path.stat()
        except (OSError, ValueError):
            return None
        return state.st_mtime_ns, state.st_size

    def placed(self, name: str, workspace: Workspace) -> Path | None:
        """The file that a message names."""
        paths = (*(root / name for root in workspace.roots), Path(name))
        with in_place(self.texts):
            return next((path for path in paths if is_file(path)), None)


def workspace_of(path: Path) -> Workspace:
    """The workspace around a file: the nearest folder that has ontologies/ or mappings/; then the library."""
    library = library_root()
    for folder in path.parents:
        inside = folder.name in _FOLDERS
        if (folder / "ontologies").is_dir() or (not inside and (folder / "mappings").is_dir()):
            return Workspace((library,) if folder == library else (folder, library))
    return Workspace((library,))


def _kind(path: Path, text: str, workspace: Workspace) -> Kind | None:
    """What a file is: by its name, else its keys, else the folder that it lies in; None for any other YAML."""
    if path.name.endswith(SUFFIX):
        return "tests"
    if path.suffix not in (".yaml", ".yml"):
        return None
    keys = set(map(str, outline(text).children(())))
    for kind, known in _KEYS.items():
        if keys & known:
            return kind
    for root in workspace.roots[:1]:
        if path.is_relative_to(root):
            parts = path.relative_to(root).parts
            if not {"examples", "cases", "tests"} & set(parts):
                return _FOLDERS.get(parts[0])
    return None

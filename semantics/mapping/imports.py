"""Imports of other mapping files: found beside the mapping or in the workspace, and merged into one specification.

A file is merged once, before the file that imports it, however many import it. Nothing is fetched, and no
import leaves the folder of the mapping and the workspace.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from semantics.errors import Diagnostic, Location, MappingError, closest, escaped
from semantics.mapping.loaded import LoadedMapping, Places, ReadFile
from semantics.workspace import Workspace, is_file, shown

__all__ = ["Finder", "merge", "with_imports"]

MAX_IMPORTS: Final = 64
_BY_NAME: Final = ("enum_derivations", "code_maps", "prefixes", "definitions")
_ITS_OWN: Final = frozenset({"name", "imports", "metadata", "tests", "class_derivations", *_BY_NAME})


class Finder:
    """Finds the files that a mapping names: beside the file that names them, or in the workspace."""

    def __init__(self, workspace: Workspace | None, base: Path | None) -> None:
        self.given, self.base = workspace, base

    @cached_property
    def workspace(self) -> Workspace:
        """The workspace in which names are looked up; by default the one around the current directory."""
        return self.given or Workspace.here()

    @cached_property
    def roots(self) -> tuple[Path, ...]:
        """The folders outside of which nothing is read."""
        return tuple(root.resolve() for root in (*([self.base] if self.base else []), *self.workspace.roots))

    def find(self, reference: str, folder: Path | None, place: Location, *, what: str, suffix: str = "") -> Path:
        """The file of a reference. Raises :class:`MappingError` for one that is not there or lies outside."""
        if ":" in reference or reference.startswith(("/", "\\", "~")) or "\0" in reference or not reference.strip():
            raise MappingError(
                Diagnostic("MAP053", f"{what} '{escaped(reference)}' is not a file of the workspace", place,
                           "name a file beside the mapping or in the workspace; nothing is fetched")
            )  # fmt: skip
        names = [reference, *([f"{reference}{suffix}"] if suffix and not reference.endswith(suffix) else [])]
        folders = [*([folder] if folder is not None else []), *(root / "mappings" for root in self.workspace.roots)]
        for path in (parent / name for parent in folders for name in names):
            if not is_file(path):
                continue
            resolved = path.resolve()
            if not any(resolved.is_relative_to(root) for root in self.roots):
                raise MappingError(
                    Diagnostic("MAP053", f"{what} '{escaped(reference)}' lies outside the mapping's folder "
                               "and the workspace", place, "copy the file beside the mapping")
                )  # fmt: skip
            return resolved
        beside = folder.iterdir() if folder is not None and folder.is_dir() else iter(())
        known = [path.stem if suffix == path.suffix else path.name for path in beside if path.is_file()]
        raise MappingError(
            Diagnostic("MAP053", f"{what} '{escaped(reference)}' is not to be found", place, closest(reference, known))
        )


def with_imports(
    own: LoadedMapping, path: Path | None, finder: Finder, read: Callable[[Path, str], LoadedMapping]
) -> LoadedMapping:
    """A mapping with everything that it imports; ``read`` reads one file. Raises :class:`MappingError`."""
    collected: dict[Path, LoadedMapping] = {}

    def collect(loaded: LoadedMapping, file: Path | None, trail: tuple[Path, ...]) -> None:
        for index, reference in enumerate(loaded.spec.imports):
            place = loaded.location("imports", index)
            found = finder.find(
                reference, file.parent if file is not None else None, place, what="import", suffix=".yaml"
            )
            if found in trail:
                circle = " -> ".join(step.name for step in (*trail[trail.index(found) :], found))
                raise MappingError(Diagnostic("MAP054", f"mappings import one another in a circle: {circle}", place))
            if found in collected:
                continue
            if len(collected) >= MAX_IMPORTS:
                raise MappingError(Diagnostic("MAP054", f"more than {MAX_IMPORTS} mappings are imported", place))
            part = read(found, shown(found, finder.workspace.roots))
            collect(part, found, (*trail, found))
            collected[found] = part

    collect(own, path, (path.resolve(),) if path is not None else ())
    files = tuple(
        ReadFile.of(file, part.document.file or file.name, part.document.text) for file, part in collected.items()
    )
    return merge(own, tuple(collected.values()), files) if collected else own


def merge(own: LoadedMapping, imported: Sequence[LoadedMapping], files: tuple[ReadFile, ...] = ()) -> LoadedMapping:
    """One mapping of several: derivations and tables together, everything else as the mapping itself says.

    Two different things of one name are an error. Raises :class:`MappingError` with all of them.
    """
    merger = _Merger(own)
    for part in (*imported, own):
        merger.add(part)
    for part in imported:
        merger.take(part)
    if merger.findings:
        raise MappingError(merger.findings)
    spec = own.spec.model_copy(update=merger.update)
    return replace(own, spec=spec, places=merger.places, files=(*own.files, *files))


class _Merger:
    def __init__(self, own: LoadedMapping) -> None:
        self.own = own
        self.places: Places = {}
        self.findings: list[Diagnostic] = []
        self.update: dict[str, Any] = {"class_derivations": [], **{key: {} for key in _BY_NAME}}
        self.origins: dict[tuple[str, ...], Location] = {}

    def add(self, part: LoadedMapping) -> None:
        """Take the derivations and tables of one file."""
        known = self.update["class_derivations"]
        for index, derivation in enumerate(part.spec.class_derivations):
            origin = ("class_derivations", index)
            name = ("class derivation", derivation.name, derivation.populated_from or derivation.name)
            same = [
                other
                for other in known
                if (other.name, other.populated_from) == (derivation.name, derivation.populated_from)
            ]
            if self._clashes(name, derivation, same, part, origin):
                continue
            self._place(part, origin, ("class_derivations", len(known)))
            known.append(derivation)
            self.origins.setdefault(name, part.location(*origin))
        for key in _BY_NAME:
            for name, value in getattr(part.spec, key).items():
                label = (key.replace("_", " ").rstrip("s").replace("prefixe", "prefix"), name)
                same = [self.update[key][name]] if name in self.update[key] else []
                if self._clashes(label, value, same, part, (key, name)):
                    continue
                self._place(part, (key, name), (key, name))
                self.update[key][name] = value
                self.origins[label] = part.location(key, name)

    def _clashes(self, label: tuple[str, ...], value: Any, same: list[Any], part: LoadedMapping, at: Any) -> bool:
        """Whether a thing is there already: equal, or (a finding) different. One file may say the same twice."""
        first = self.origins.get(label)
        if not same or first is None or first.file == part.document.file:
            return False
        if value not in same:
            self.findings.append(
                Diagnostic("MAP055", f"{label[0]} '{escaped(label[1])}' is defined here and at {first}",
                           part.location(*at), "rename one of the two, or let one inherit from the other")
            )  # fmt: skip
        return True

    def take(self, part: LoadedMapping) -> None:
        """Take what the mapping itself does not say; two imports that differ leave it undecided."""
        for key in type(part.spec).model_fields:
            value = getattr(part.spec, key)
            if key in _ITS_OWN or key not in part.spec.model_fields_set or value in (None, {}, []):
                continue
            if self._says(self.own, key):
                continue
            label = (key,)
            if key in self.update and self.update[key] != value:
                self.findings.append(
                    Diagnostic("MAP055", f"'{key}' is said here and, differently, at {self.origins[label]}",
                               part.location(key), "say it in the mapping itself")
                )  # fmt: skip
                continue
            self.update[key] = value
            self.origins[label] = part.location(key)
            self._place(part, (key,), (key,))

    @staticmethod
    def _says(part: LoadedMapping, key: str) -> bool:
        return key in part.spec.model_fields_set and getattr(part.spec, key) not in (None, {}, [])

    def _place(self, part: LoadedMapping, origin: tuple[str | int, ...], path: tuple[str | int, ...]) -> None:
        for inside, place in part.below(origin):
            self.places[(*path, *inside)] = place

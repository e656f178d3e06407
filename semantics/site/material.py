"""What a site is made of: the schemas and mappings of a workspace, read once, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from semantics.errors import Diagnostic, SemanticsError
from semantics.schema import load_schema
from semantics.schema.model import SchemaModel
from semantics.site.ledgers import Ledger, last_runs, reports_of
from semantics.site.links import LinkSet, sets_of
from semantics.site.mapping_pages import Study
from semantics.site.study import Studied, studies
from semantics.workspace import Kind, Workspace, shown

__all__ = ["Broken", "Material", "gather"]


@dataclass(frozen=True, slots=True)
class Broken:
    """A schema or mapping that cannot be used, and why."""

    kind: Kind
    name: str
    file: str
    findings: tuple[Diagnostic, ...]


@dataclass(frozen=True)
class Material:
    """Everything that was read. ``schemas`` are by the names of their files, ``own`` those of the user's workspace."""

    schemas: Mapping[str, SchemaModel]
    files: Mapping[str, Path]
    own: frozenset[str]
    studied: tuple[Studied, ...] = ()
    links: tuple[LinkSet, ...] = ()
    ledgers: tuple[Ledger, ...] = ()
    broken: tuple[Broken, ...] = ()
    roots: tuple[Path, ...] = field(default=())

    @cached_property
    def studies(self) -> tuple[Study, ...]:
        """The mappings that can be used."""
        return tuple(each.study for each in self.studied if each.study is not None)

    def shown(self, path: Path) -> str:
        """How the site names a file."""
        return shown(path, self.roots)


def gather(workspace: Workspace, *, library: bool = False, reports: Sequence[Path] = (),
           before: Material | None = None) -> Material:  # fmt: skip
    """What is in a workspace, and of the library what that refers to (``library``: all of it).

    Nothing that is wrong with them stops it: what cannot be used is ``broken``. ``reports`` are those of runs; without
    any of a mapping, the last one that lies in the workspace counts. What was read ``before`` is read again only
    where it has changed.
    """
    reader = _Reader(workspace)
    own = Workspace(workspace.roots[:1])
    chosen = workspace if library else own
    reader.read(chosen.names("ontologies"))
    earlier = {each.name: each for each in before.studied} if before is not None else None
    studied = studies(chosen.names("mappings"), workspace, earlier)
    for each in studied:
        file = shown(each.path, workspace.roots)
        if each.study is None:
            reader.broken.append(Broken("mappings", each.name, file, each.findings))
        elif each.study.findings:
            reader.broken.append(Broken("mappings", f"{each.name}: tests", file, each.study.findings))
    found = [each.study for each in studied if each.study is not None]
    known = workspace.names("ontologies")
    referred = {name for model in reader.schemas.values() for name in model.modules}
    referred |= {name for study in found for name in study.modules}
    reader.read({name: path for name, path in known.items() if name in referred and name not in reader.schemas})
    for study in found:
        for model in study.elsewhere:
            reader.schemas.setdefault(model.name, model)
    links = tuple(sets_of(reader.files, lambda path: shown(path, workspace.roots)))
    return Material(
        schemas=reader.schemas,
        files=reader.files,
        own=frozenset(own.names("ontologies")),
        studied=studied,
        links=links,
        ledgers=last_runs(reports, reports_of(workspace.roots[0])),
        broken=tuple(reader.broken),
        roots=workspace.roots,
    )


class _Reader:
    """Reads schemas; those that cannot be used are set aside."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.schemas: dict[str, SchemaModel] = {}
        self.files: dict[str, Path] = {}
        self.broken: list[Broken] = []

    def read(self, names: Mapping[str, Path]) -> None:
        """Reads the schemas of some files by their names."""
        for name, path in names.items():
            try:
                self.schemas[name] = load_schema(path, workspace=self.workspace)
                self.files[name] = path
            except SemanticsError as fault:
                file = shown(path, self.workspace.roots)
                self.broken.append(Broken("ontologies", name, file, fault.diagnostics))


def findings_of(broken: Iterable[Broken]) -> tuple[Diagnostic, ...]:
    """All that is wrong, each once."""
    return tuple(dict.fromkeys(finding for each in broken for finding in each.findings))

"""From a reference to a mapping to a plan that is ready: files read, schemas loaded, cache asked first."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from semantics.backends import compile_plan
from semantics.errors import Diagnostic, Location, MappingError, UsageError
from semantics.kept import leave, recalled, traced
from semantics.plan.model import Plan
from semantics.plan.packed import Planned, plan_key, plan_stamp
from semantics.plan.reads import elements_of
from semantics.schema.model import SchemaModel
from semantics.workspace import Workspace, is_file, shown

if TYPE_CHECKING:
    from semantics.backends import Compiled
    from semantics.backends.lookup import Related
    from semantics.engine.related import Keys
    from semantics.mapping.load import LoadedMapping
    from semantics.schema.load import SchemaFiles
    from semantics.schema.patch import SchemaPatch
    from semantics.validation.checker import Checker
    from semantics.validation.shacl.validate import ShapesFile
    from semantics.yaml_source import MarkedDocument

__all__ = ["Definition", "Prepared", "check_only", "define", "prepare", "prepared_before", "read_with_source"]

MOST: Final = 4
"""Mappings that a process holds, for those who load one of them again."""
Reference = str | Path | MappingType[str, Any]


@dataclass(frozen=True)
class Prepared:
    """A plan with the target model that its instances are checked against, and the warnings on the way."""

    plan: Plan
    target: SchemaModel
    warnings: tuple[Diagnostic, ...] = ()

    @cached_property
    def _compiled(self) -> dict[str, Compiled]:
        return {}

    def compiled(self, backend: str, related: Related | None = None) -> Compiled:
        """The plan as a backend carries it out, compiled once; its joins look into ``related``."""
        found = self._compiled.get(backend)
        if found is None:
            found = self._compiled[backend] = compile_plan(self.plan, backend)
        return found.joined(related)

    @cached_property
    def elements(self) -> dict[str, frozenset[int]]:
        """The numbers by which the plan asks for elements of lists."""
        return elements_of(self.plan)

    @cached_property
    def checker(self) -> Checker:
        """The compiled checker of the target model: one for all that is made ready of this plan."""
        from semantics.validation import compile_checker

        return compile_checker(self.target)

    @cached_property
    def shapes(self) -> ShapesFile:
        """The generated shapes of the target model, compiled once for all runs that ask for them."""
        from semantics.engine.shapes import generated

        return generated(self.target)

    @cached_property
    def keys(self) -> Keys:
        """The keys under which records are looked up by the joins of the plan."""
        from semantics.engine.related import Keys

        return Keys(self.plan)


def prepare(
    mapping: Reference,
    *,
    source_schema: Reference | None = None,
    target_schema: Reference | None = None,
    compat: str | None = None,
    workspace: Workspace | None = None,
) -> Prepared:
    """The plan of a mapping given by name, path or data; its schemas likewise, else as the mapping names them.

    ``compat`` is the tool whose semantics are wanted, where they are not those of the language.

    Raises :class:`~semantics.errors.DefinitionError` with everything that is wrong with any of them.
    """
    workspace = workspace or Workspace.here()
    if isinstance(mapping, MappingType) or any(isinstance(s, MappingType) for s in (source_schema, target_schema)):
        return _fresh(mapping, source_schema, target_schema, compat, workspace)
    path = mapping if isinstance(mapping, Path) else workspace.find(mapping, "mappings")
    key = plan_key(path, workspace, source_schema, target_schema, compat)
    found = _known(key, path, workspace)
    if found is not None:
        return found
    with traced() as seen:
        fresh = _fresh(path, source_schema, target_schema, compat, workspace)
    body = leave(key, plan_stamp(workspace), workspace.roots, fresh, {path, *seen})
    return fresh if body is None else _ready(body)


def prepared_before(mapping: Path, workspace: Workspace) -> Prepared | None:
    """What :func:`prepare` gives where nothing has to be planned for it."""
    return _known(plan_key(mapping, workspace, None, None, None), mapping, workspace)


def _known(key: str, mapping: Path, workspace: Workspace) -> Prepared | None:
    return recalled(key, plan_stamp(workspace), workspace.roots, _ready, mapping)


@lru_cache(maxsize=MOST)
def _ready(planned: bytes) -> Prepared:
    """What is made ready of a plan that was kept, once for all that ask for it."""
    found = msgspec.json.decode(planned, type=Planned)
    return Prepared(found.plan, found.target, found.warnings)


def _fresh(
    mapping: Reference, source_schema: Reference | None, target_schema: Reference | None, compat: str | None,
    workspace: Workspace,
) -> Prepared:  # fmt: skip
    found = define(
        mapping, source_schema=source_schema, target_schema=target_schema, compat=compat, workspace=workspace
    )
    return Prepared(found.plan, found.target, found.warnings)


@dataclass(frozen=True, slots=True)
class Definition:
    """Everything that a mapping is: as it was written, both schemas, and the plan; ``files`` are those it came from."""

    loaded: LoadedMapping
    source: SchemaModel
    target: SchemaModel
    plan: Plan
    warnings: tuple[Diagnostic, ...] = ()
    files: tuple[Path, ...] = ()


def define(
    mapping: Reference,
    *,
    source_schema: Reference | None = None,
    target_schema: Reference | None = None,
    compat: str | None = None,
    workspace: Workspace | None = None,
) -> Definition:
    """A mapping with what it was made from, for analyses that need more than its plan. Nothing is cached."""
    from semantics.mapping.load import read_mapping

    workspace = workspace or Workspace.here()
    source: Path | MappingType[str, Any]
    if isinstance(mapping, MappingType):
        source = mapping
    else:
        source = mapping if isinstance(mapping, Path) else workspace.find(mapping, "mappings")
    name = shown(source, workspace.roots) if isinstance(source, Path) else None
    from semantics.plan.linkml_map.definition import compat_document

    document = compat_document(source, name, compat)
    if document is not None:
        return _compat(document, source, source_schema, target_schema, workspace)
    loaded = read_mapping(source, file=name, workspace=workspace, going_on=True)
    with loaded.together():
        return _defined(loaded, source, source_schema, target_schema, workspace)


def check_only(mapping: Path, names: frozenset[str], *, workspace: Workspace) -> bool:
    """Look at what of a mapping is about slots, code lists and classes of these names, at nothing else that takes long.

    Gives whether the mapping has anything to do with them. Raises :class:`~semantics.errors.DefinitionError` with what
    is wrong there, as :func:`define` does.
    """
    from semantics.mapping.load import read_mapping
    from semantics.plan.build import check_about
    from semantics.plan.linkml_map.definition import compat_document

    name = shown(mapping, workspace.roots)
    if compat_document(mapping, name, None) is not None:
        define(mapping, workspace=workspace)
        return True
    loaded = read_mapping(mapping, file=name, workspace=workspace, going_on=True)
    with loaded.together():
        (source, target), _ = _models(loaded, mapping, None, None, workspace)
        return check_about(loaded, source, target, names)


def _defined(
    loaded: LoadedMapping, source: Path | MappingType[str, Any], source_schema: Reference | None,
    target_schema: Reference | None, workspace: Workspace,
) -> Definition:  # fmt: skip
    """A mapping that has been read, with its schemas and its plan."""
    from semantics.plan.build import build_plan

    models, used = _models(loaded, source, source_schema, target_schema, workspace)
    plan, warnings = build_plan(loaded, *models)
    files = [source] if isinstance(source, Path) else []
    files += [file.path for file in loaded.files]
    return Definition(loaded, *models, plan, warnings, (*files, *used))


def _models(
    loaded: LoadedMapping, source: Path | MappingType[str, Any], source_schema: Reference | None,
    target_schema: Reference | None, workspace: Workspace,
) -> tuple[tuple[SchemaModel, SchemaModel], list[Path]]:  # fmt: skip
    """Both schemas of a mapping, and their files."""
    base = source.parent if isinstance(source, Path) else None
    models, files = [], []
    missing = []
    for key, given in (("source_schema", source_schema), ("target_schema", target_schema)):
        named: Reference | None = given if given is not None else getattr(loaded.spec, key)
        if named is None:
            option = key.replace("_", "-")
            missing.append(
                Diagnostic("MAP022", f"the mapping names no {key}", loaded.location(),
                           f"add '{key}: NAME', or pass --{option}")
            )  # fmt: skip
            continue
        patch = loaded.patch if key == "source_schema" else None
        model, used = _schema(named, base if given is None else None, workspace, loaded.location(key), patch)
        models.append(model)
        files += used
    if missing:
        raise MappingError(missing)
    return (models[0], models[1]), files


def read_with_source(
    mapping: Reference, *, source_schema: Reference | None = None, workspace: Workspace | None = None
) -> tuple[LoadedMapping, SchemaModel]:
    """A mapping as it is written and its source model; a target schema need not be there yet."""
    from semantics.mapping.load import read_mapping

    workspace = workspace or Workspace.here()
    path = mapping if isinstance(mapping, (Path, MappingType)) else workspace.find(mapping, "mappings")
    name = shown(path, workspace.roots) if isinstance(path, Path) else None
    loaded = read_mapping(path, file=name, workspace=workspace)
    named = source_schema if source_schema is not None else loaded.spec.source_schema
    if named is None:
        raise MappingError(Diagnostic("MAP022", "the mapping names no source_schema", loaded.location(),
                                      "add 'source_schema: NAME', or pass --source-schema"))  # fmt: skip
    base = path.parent if isinstance(path, Path) and source_schema is None else None
    model, _ = _schema(named, base, workspace, loaded.location("source_schema"), loaded.patch)
    return loaded, model


def _compat(
    document: MarkedDocument, mapping: Path | MappingType[str, Any], source_schema: Reference | None,
    target_schema: Reference | None, workspace: Workspace,
) -> Definition:  # fmt: skip
    """A mapping with another tool's semantics: a target schema is not needed, and counts only where one is given."""
    from semantics.plan.linkml_map.definition import define_compat
    from semantics.schema.load import read_schema_files

    base = mapping.parent if isinstance(mapping, Path) else None
    named = document.data.get("source_schema")
    if isinstance(named, MappingType):
        named = named.get("name")
    if source_schema is None and not isinstance(named, str):
        raise MappingError(Diagnostic("MAP022", "the mapping names no source_schema", document.location(()),
                                      "add 'source_schema: NAME', or pass --source-schema"))  # fmt: skip
    library = tuple(root / "ontologies" for root in workspace.roots)
    schemas: list[SchemaFiles | None] = []
    files = [mapping] if isinstance(mapping, Path) else []
    for given, at in ((source_schema if source_schema is not None else named, "source_schema"),
                      (target_schema, "target_schema")):  # fmt: skip
        if given is None:
            schemas.append(None)
            continue
        inside = base if at == "source_schema" and source_schema is None else None
        found = _located(given, inside, workspace, document.location((at,)))
        read = read_schema_files(found, library=library)
        schemas.append(read)
        files += _used(found, read.digests, library) if isinstance(found, Path) else []
    assert schemas[0] is not None
    name = str(document.data.get("name") or (mapping.stem if isinstance(mapping, Path) else "mapping"))
    made = define_compat(document, name, schemas[0], schemas[1])
    return Definition(made.loaded, made.source, made.target, made.plan, made.warnings, tuple(files))


def _schema(
    reference: Reference, base: Path | None, workspace: Workspace, place: Location, patch: SchemaPatch | None
) -> tuple[SchemaModel, list[Path]]:
    """A schema by name or path; beside the mapping, too, when the mapping names it. Nothing is fetched."""
    from semantics.schema import read_schema

    library = tuple(root / "ontologies" for root in workspace.roots)
    found = _located(reference, base, workspace, place)
    model, _ = read_schema(found, workspace=workspace, patch=patch)
    return model, _used(found, model.files, library) if isinstance(found, Path) else []


def _used(path: Path, names: MappingType[str, str], library: tuple[Path, ...]) -> list[Path]:
    """The files of a schema: its own, and those that it imports."""
    files = {file.name: file for folder in (path.parent, *library) for file in folder.rglob("*.yaml")}
    return [path, *(files[name] for name in names if name in files and files[name] != path)]


def _found(name: str, workspace: Workspace) -> Path:
    """The file of a schema of the workspace."""
    from semantics.yaml_source import made_of

    return made_of(("found", name, workspace), lambda: workspace.find(name, "ontologies"))


def _located(
    reference: Reference, base: Path | None, workspace: Workspace, place: Location
) -> Path | MappingType[str, Any]:
    """The file of a schema, or the data of one."""
    if isinstance(reference, MappingType):
        return reference
    if isinstance(reference, str):
        if "://" in reference or reference.startswith("file:"):
            raise MappingError(
                Diagnostic("MAP029", "a schema is a name in the workspace or a file; nothing is fetched", place,
                           "copy the schema into ontologies/")
            )  # fmt: skip
        beside = base / reference if base is not None else None
        if beside is not None and beside.suffix in (".yaml", ".yml") and is_file(beside):
            _inside(beside, (base, *workspace.roots), place)
            reference = beside
        elif base is not None and (reference.endswith((".yaml", ".yml")) and not Path(reference).is_absolute()):
            reference = reference.removesuffix(".yaml").removesuffix(".yml")
    try:
        path = reference if isinstance(reference, Path) else _found(reference, workspace)
    except UsageError as fault:
        first = fault.diagnostics[0]
        raise MappingError(Diagnostic(first.code, first.message, place, first.hint)) from None
    if base is not None and isinstance(reference, str):
        _inside(path, (base, *workspace.roots), place)
    return path


def _inside(path: Path, roots: tuple[Path | None, ...], place: Location) -> None:
    """A mapping may only name schemas beside it or in the workspace."""
    resolved = path.resolve()
    if not any(root is not None and resolved.is_relative_to(root.resolve()) for root in roots):
        raise MappingError(
            Diagnostic("MAP029", "the schema lies outside the mapping's folder and the workspace", place,
                       "pass it with --source-schema or --target-schema if you trust it")
        )  # fmt: skip

"""Schemas and mappings read, resolved and planned, and everything that is wrong with them collected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from semantics.checks.mappings import check_mapping
from semantics.checks.rule import Subject
from semantics.checks.rules import RULES
from semantics.checks.schema_rule import SchemaSubject
from semantics.checks.schemas import check_schema
from semantics.checks.settings import Settings
from semantics.checks.suppression import Comments, comments, without_suppressed
from semantics.checks.surroundings import elsewhere, sets_beside
from semantics.checks.verdicts import Verdicts
from semantics.errors import Diagnostic, Location, MappingError, SchemaError, SemanticsError, UsageError, ordered
from semantics.kept import noted, traced
from semantics.mapping.load import LoadedMapping, read_mapping
from semantics.mapping.tests import SUFFIX, file_beside, read_tests_file
from semantics.plan.build import build_plan
from semantics.plan.linkml_map.definition import compat_document, define_compat
from semantics.plan.packed import Planned, leave_plan
from semantics.schema import read_schema
from semantics.schema.load import SchemaFiles, read_schema_files
from semantics.schema.model import SchemaModel
from semantics.schema.packed import leave_model
from semantics.schema.patch import SchemaPatch
from semantics.schema.resolve import resolve_schema
from semantics.unsaved import bytes_of
from semantics.workspace import Workspace, is_file, shown, yaml_below
from semantics.yaml_source import MarkedDocument, read_yaml

__all__ = ["Schemas", "check_definitions", "definition_files", "rests_on"]

_MAPPING_KEYS = frozenset(
    {"class_derivations", "enum_derivations", "source_schema", "target_schema", "functions", "code_maps"}
)


def definition_files(paths: Sequence[str], workspace: Workspace) -> tuple[Path, ...]:
    """The files to check: those named, those in the folders named, or all of the workspace's first root.

    The library that comes with the package is checked where it is made.
    Raises :class:`UsageError` for a name that is neither a path nor a schema or mapping, and where there is no
    workspace.
    """
    if not paths:
        own = Workspace((workspace.own(),))
        files = [file for kind in ("ontologies", "mappings") for file in own.names(kind).values()]
        return (*files, *(tests for file in files if is_file(tests := file_beside(file))))
    found: list[Path] = []
    for name in paths:
        path = Path(name)
        if path.is_dir():
            found += sorted(yaml_below(path))
        else:
            found.append(path if is_file(path) else workspace.find(name, "mappings", "ontologies"))
    return tuple(found)


def check_definitions(
    files: Sequence[Path], workspace: Workspace, *, source_schema: str | None = None, target_schema: str | None = None,
    schemas: Schemas | None = None,
) -> Iterator[Diagnostic]:  # fmt: skip
    """Everything that is wrong with schema and mapping files, each with the severity that the workspace gives it.

    What a comment leaves out is not among it, and what is wrong with comments is. What was found before is recalled
    where nothing has changed; with ``schemas``, which the caller keeps, everything but those is looked at anew.
    """
    settings, names = Settings(workspace), {shown(file, workspace.roots): file for file in files}
    codes = {rule.id: rule.code for rule in RULES}
    by_file: dict[str, list[Diagnostic]] = {name: [] for name in names}
    for finding in dict.fromkeys(_found(files, workspace, source_schema, target_schema, schemas)):
        by_file.setdefault((finding.location.file if finding.location else None) or "", []).append(finding)
    for name, found in by_file.items():
        file = names.get(name) or _placed(name, workspace)
        told = without_suppressed(Comments(name, comments(_text(file)), found, codes)) if file is not None else found
        for finding in told:
            judged = finding if file is None else settings.judged(finding, file)
            if judged is not None:
                yield judged


def _placed(name: str, workspace: Workspace) -> Path | None:
    """The file that findings name, where it is not one of those that were asked for."""
    return next((path for path in (*(root / name for root in workspace.roots), Path(name)) if is_file(path)), None)


def _text(file: Path) -> str:
    try:
        return bytes_of(file).decode("utf-8", errors="replace")
    except OSError:
        return ""


def _found(
    files: Sequence[Path], workspace: Workspace, source_schema: str | None, target_schema: str | None,
    given: Schemas | None,
) -> Iterator[Diagnostic]:  # fmt: skip
    """What is found before anybody has a say in it."""
    if given is not None:
        for file in files:
            yield from _findings(file, workspace, given, elsewhere(file, workspace), source_schema, target_schema)
        return
    schemas = Schemas(workspace)
    verdicts = _verdicts(workspace, source_schema, target_schema)
    for file in files:

        def find(mentioned: Callable[[str], bool], file: Path = file) -> tuple[list[Diagnostic], bool]:
            schemas.withheld = False
            told = list(_findings(file, workspace, schemas, mentioned, source_schema, target_schema))
            return told, not schemas.withheld

        yield from verdicts.of(file, find)


def _verdicts(workspace: Workspace, source_schema: str | None = None, target_schema: str | None = None) -> Verdicts:
    return Verdicts(workspace, f"{source_schema} {target_schema}")


def rests_on(file: Path, workspace: Workspace) -> frozenset[Path] | None:
    """The files that the last findings of a definition rested on; None where that is not known."""
    return _verdicts(workspace).rests_on(file)


def _findings(
    file: Path, workspace: Workspace, schemas: Schemas, mentioned: Callable[[str], bool],
    source: str | None, target: str | None,
) -> Iterator[Diagnostic]:  # fmt: skip
    """What is found in one file."""
    if file.name.endswith(SUFFIX):
        yield from _tests(file, workspace)
        return
    try:
        data = read_yaml(file, file=shown(file, workspace.roots), error=SchemaError).data
    except SemanticsError as fault:
        yield from fault.diagnostics
        return
    if data.keys() & _MAPPING_KEYS or not data.keys() & {"classes", "slots", "enums", "types", "imports", "id"}:
        yield from _mapping(file, workspace, schemas, source, target)
    else:
        yield from _schema(file, workspace, schemas, mentioned)


class Schemas:
    """Schemas that were read, each once; whoever asks for one again has looked at its files, too.

    ``withheld`` says that one was asked for again whose faults had been told.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.withheld = False
        self.known: dict[Path, tuple[SchemaFiles, SchemaModel, set[Path]] | None] = {}

    def forget(self, changed: Callable[[Path], bool]) -> None:
        """Forget what rests on files that have changed, and what could not be read."""
        left = {file: found for file, found in self.known.items() if found is not None}
        self.known = {file: found for file, found in left.items() if not any(map(changed, {file, *found[2]}))}

    def read(self, file: Path) -> tuple[SchemaFiles, SchemaModel] | None:
        """The files and the model of a schema; None where its faults have been told. Raises :class:`SchemaError`."""
        if file not in self.known:
            self.known[file] = None
            with traced() as seen:
                files = read_schema_files(file, library=tuple(root / "ontologies" for root in self.workspace.roots))
                model = resolve_schema(files)
            self.known[file] = files, model, seen
            leave_model(file, self.workspace, (model, ordered(files.findings)), seen)
        found = self.known[file]
        if found is None:
            self.withheld = True
            return None
        for path in found[2]:
            noted(path)
        return found[:2]


def _tests(file: Path, workspace: Workspace) -> Iterator[Diagnostic]:
    try:
        read_tests_file(file, shown(file, workspace.roots))
    except SemanticsError as fault:
        yield from fault.diagnostics


def _schema(
    file: Path, workspace: Workspace, schemas: Schemas, mentioned: Callable[[str], bool]
) -> Iterator[Diagnostic]:
    try:
        found = schemas.read(file)
        if found is not None:
            files, model = found
            yield from ordered(files.findings)
            yield from check_schema(SchemaSubject(files, model, mentioned, sets_beside(file, workspace)))
    except SemanticsError as fault:
        yield from fault.diagnostics


def _mapping(
    file: Path, workspace: Workspace, schemas: Schemas, source: str | None, target: str | None
) -> Iterator[Diagnostic]:
    try:
        name = shown(file, workspace.roots)
        document = compat_document(file, name, None)
        if document is not None:
            yield from _compat(document, file, workspace, source, target)
            return
        subject, faults = _subject(file, name, workspace, schemas, source, target)
    except SemanticsError as fault:
        yield from fault.diagnostics
        return
    if subject is not None:
        yield from subject.warnings
        yield from check_mapping(subject)
    yield from faults


def _subject(
    file: Path, name: str, workspace: Workspace, schemas: Schemas, source: str | None, target: str | None
) -> tuple[Subject | None, tuple[Diagnostic, ...]]:
    """A mapping of the language with its plan, if it has one, and what is wrong with it.

    A plan is left for whoever carries the mapping out.
    """
    subject: Subject | None = None
    faults: tuple[Diagnostic, ...] = ()
    with traced() as seen:
        loaded = read_mapping(file, file=name, workspace=workspace, part=True, going_on=True)
        try:
            with loaded.together():
                subject = _strict(loaded, file, workspace, schemas, source, target)
        except SemanticsError as fault:
            faults = fault.diagnostics
    if subject is not None and not faults and source is None and target is None:
        leave_plan(file, workspace, Planned(subject.plan, subject.target, subject.warnings), seen)
    return subject, faults


def _strict(
    loaded: LoadedMapping, file: Path, workspace: Workspace, schemas: Schemas, source: str | None, target: str | None
) -> Subject | None:
    """A mapping that has been read, with its schemas and its plan; None where it is a part, or what it names told."""
    named = source or target or loaded.spec.source_schema or loaded.spec.target_schema
    if loaded.is_part or (not named and _imported(file, workspace)):
        return None
    models = []
    for key, given in (("source_schema", source), ("target_schema", target)):
        asked = given or getattr(loaded.spec, key)
        if asked is None:
            hint = f"add '{key}: NAME', or pass --{key.replace('_', '-')}"
            raise MappingError(Diagnostic("MAP022", f"the mapping names no {key}", loaded.location(), hint))
        patch = loaded.patch if key == "source_schema" else None
        models.append(_load(asked, file, workspace, schemas, loaded.location(key), patch))
    if models[0] is None or models[1] is None:
        return None
    return planned(loaded, models[0], models[1])


def _compat(
    document: MarkedDocument, file: Path, workspace: Workspace, source: str | None, target: str | None
) -> Iterator[Diagnostic]:
    """The warnings of a mapping that is run with another tool's semantics, as that tool's words are planned."""
    library = tuple(root / "ontologies" for root in workspace.roots)
    named = document.data.get("source_schema")
    asked = source or (named.get("name") if isinstance(named, dict) else named)
    if not isinstance(asked, str):
        raise MappingError(Diagnostic("MAP022", "the mapping names no source_schema", document.location(()),
                                      "add 'source_schema: NAME', or pass --source-schema"))  # fmt: skip
    files = [read_schema_files(_file(name, file, workspace, document.location(())), library=library)
             for name in (asked, target) if name is not None]  # fmt: skip
    yield from define_compat(document, file.stem, files[0], files[1] if target is not None else None).warnings


def _imported(file: Path, workspace: Workspace) -> bool:
    """Whether another mapping of the workspace imports a file, and so knows the schemas that it is about."""
    for other in workspace.names("mappings").values():
        with suppress(SemanticsError):
            if "imports" in read_yaml(other, error=MappingError).data:
                loaded = read_mapping(other, workspace=workspace, part=True)
                if file.resolve() in (found.path for found in loaded.files):
                    return True
    return False


def planned(loaded: LoadedMapping, source: SchemaModel, target: SchemaModel) -> Subject:
    """A mapping with its plan, as the checks of mappings look at it. Raises :class:`MappingError`."""
    return Subject(loaded, source, target, *build_plan(loaded, source, target))


def _load(
    name: str, file: Path, workspace: Workspace, schemas: Schemas, place: Location | None, patch: SchemaPatch | None
) -> SchemaModel | None:
    """A schema once for all mappings that name it; what is wrong with it is said where it stands."""
    path = _file(name, file, workspace, place)
    if patch is not None:
        return read_schema(path, workspace=workspace, patch=patch)[0]
    found = schemas.read(path)
    return None if found is None else found[1]


def _file(name: str, mapping: Path, workspace: Workspace, place: Location | None) -> Path:
    """The file of a schema: beside the mapping, or in the workspace."""
    beside = mapping.parent / name
    if "://" in name or name.startswith("file:"):
        raise MappingError(Diagnostic("MAP029", "a schema is a name in the workspace or a file; nothing is fetched",
                                      place))  # fmt: skip
    try:
        return beside if is_file(beside) else workspace.find(name, "ontologies")
    except UsageError as fault:
        raise MappingError(replace(each, location=place) for each in fault.diagnostics) from None

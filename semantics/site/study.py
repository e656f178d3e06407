"""A mapping studied: read, planned, tested and tried on its examples, for its pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from semantics.engine.prepare import Definition, Prepared, define
from semantics.errors import Diagnostic, SemanticsError
from semantics.kept import traced
from semantics.mapping.loaded import LoadedMapping
from semantics.mapping.spec import MappingSpec
from semantics.schema.model import SchemaModel
from semantics.site.carried import Carried, Slots, carried
from semantics.site.comments import notes_of
from semantics.site.derivations import Reading, class_field
from semantics.site.labour import in_two
from semantics.site.mapping_pages import CodeList, Field, Loss, Selector, Study
from semantics.site.names import Ref
from semantics.site.trials import examples_of, tests_of
from semantics.workspace import Workspace, shown

__all__ = ["Studied", "studies", "study"]

Stamp = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Studied:
    """The study of a mapping, or why there is none; ``stamps`` are the files that it rests on, as they were."""

    name: str
    path: Path
    study: Study | None
    findings: tuple[Diagnostic, ...]
    stamps: Mapping[Path, Stamp]

    def holds(self, path: Path) -> bool:
        """Whether everything is still as it was."""
        return path == self.path and all(_stamp(file) == stamp for file, stamp in self.stamps.items())


def studies(
    names: Mapping[str, Path], workspace: Workspace, before: Mapping[str, Studied] | None = None
) -> tuple[Studied, ...]:
    """The studies of mappings in their order; those ``before`` are kept as long as they hold.

    Two processes share the work where that pays.
    """
    found = {name: each for name, each in (before or {}).items() if name in names and each.holds(names[name])}
    jobs = [(name, path, workspace) for name, path in names.items() if name not in found]
    made = in_two(_studied, jobs, least=4)
    found |= {each.name: each for each in made}
    return tuple(found[name] for name in names)


def _studied(job: tuple[str, Path, Workspace]) -> Studied:
    name, path, workspace = job
    with traced() as seen:
        try:
            found: Study | None = study(name, path, workspace)
            findings: tuple[Diagnostic, ...] = ()
        except SemanticsError as fault:
            found, findings = None, fault.diagnostics
    return Studied(name, path, found, findings, {file: _stamp(file) for file in (path, *sorted(seen))})


def _stamp(file: Path) -> Stamp:
    """What tells one state of a file from another."""
    try:
        told = file.stat()
    except (OSError, ValueError):
        return None
    return told.st_mtime_ns, told.st_size


def study(name: str, path: Path, workspace: Workspace) -> Study:
    """The study of a mapping. Raises :class:`DefinitionError` where it cannot be used."""
    found = define(path, workspace=workspace)
    spec, plan = found.loaded.spec, found.plan
    lists = tuple(_lists(found.loaded))
    known = {frozenset(each.pairs): Ref("codes", each.file) for each in lists}
    used = carried(plan, found.source, found.target)
    tests, findings = tests_of(path, Prepared(plan, found.target), workspace)
    modules = tuple(dict.fromkeys((*found.source.modules, *found.target.modules)))
    here = {file.resolve() for file in workspace.names("ontologies").values()}
    return Study(
        name=name,
        title=str(spec.metadata.get("title") or name),
        description=str(spec.metadata.get("description") or ""),
        file=shown(path, workspace.roots),
        facts=tuple(_facts(spec)),
        source=found.source.name,
        target=found.target.name,
        modules=modules,
        selectors=tuple(_selectors(found)),
        derivations=tuple(Reading(plan, found.source, found.target, known, name).derivations()),
        notes=notes_of(found.loaded.document.text),
        unread=_left(used.read, found.source),
        unfilled=_left(used.filled, found.target),
        codes=tuple(_codes(used, found.source)),
        counts=(*_counts(used.read, found.source), *_counts(used.filled, found.target)),
        lists=lists,
        tests=tests,
        examples=examples_of(path, Prepared(plan, found.target)),
        elsewhere=tuple(_elsewhere(found, here)),
        findings=findings,
    )  # fmt: skip


def _elsewhere(found: Definition, here: set[Path]) -> Iterator[SchemaModel]:
    """The schemas that no name of the workspace leads to."""
    names = {path.stem for path in here}
    for model in (found.source, found.target):
        if model.classes and model.name not in names:
            yield model


def _facts(spec: MappingSpec) -> Iterator[tuple[str, str]]:
    """What a mapping says about itself."""
    for key in ("version", "license", "publisher", "homepage", "documentation", "see_also"):
        if (value := spec.metadata.get(key)) is not None:
            yield (
                key.replace("_", " ").capitalize(),
                ", ".join(map(str, value)) if isinstance(value, list) else str(value),
            )
    if spec.source.format:
        yield "Format", spec.source.format
    if spec.imports:
        yield "Imports", ", ".join(spec.imports)
    if spec.compat:
        yield "Semantics of", spec.compat


def _selectors(found: Definition) -> Iterator[Selector]:
    for each in found.plan.source.selectors:
        conditions = [f"has {', '.join(each.has)}"] if each.has else []
        conditions += [f"without {', '.join(each.unless)}"] if each.unless else []
        told = each.class_name or (f"named by {each.class_by}" if each.class_by else "told by its slots")
        yield Selector(each.path or "(the document)", told,
                       class_field(each.class_name, found.source).ref if each.class_name else None,
                       "; ".join(conditions))  # fmt: skip


def _lists(loaded: LoadedMapping) -> Iterator[CodeList]:
    files: dict[str, CodeList] = {}
    for name, each in loaded.code_maps.items():
        key = each.file if each.file not in files else f"{each.file} ({name})"
        files[key] = CodeList(name, key, tuple(each.codes.items()))
    yield from files.values()


def _left(used: Slots, model: SchemaModel) -> tuple[Loss, ...]:
    """Of each class that is used, the slots that are not."""
    found = (
        (name, tuple(slot for slot in model.classes[name].slots if slot not in used[name])) for name in sorted(used)
    )
    return tuple(Loss(class_field(name, model), slots) for name, slots in found if slots)


def _counts(used: Slots, model: SchemaModel) -> tuple[int, int]:
    """How many slots of the classes that are used are used, and how many they have."""
    slots = [(name, slot) for name in used for slot in model.classes[name].slots]
    return sum(slot in used[name] for name, slot in slots), len(slots)


def _codes(found: Carried, model: SchemaModel) -> Iterator[Loss]:
    """Permissible values of the source that have no counterpart where they are looked up."""
    for (name, slot), codes in sorted(found.codes.items()):
        enum = model.enums[name]
        ref = Ref("enum", enum.from_schema or model.name, name)
        yield Loss(Field(f"{name} for {slot}", ref), tuple(codes))

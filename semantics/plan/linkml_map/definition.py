"""Mappings that are run with another tool's semantics: read as that tool reads them, planned against its schemas."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from semantics.errors import Diagnostic, MappingError, SchemaError, Severity
from semantics.mapping.linkml_map import compat_of, read_specification
from semantics.mapping.load import read_mapping
from semantics.mapping.loaded import LoadedMapping
from semantics.mapping.spec import MappingSpec
from semantics.plan.keyed import keyed_slots
from semantics.plan.linkml_map.build import build_compat_plan
from semantics.plan.model import Plan
from semantics.schema.induction import InducedSchema, UnknownElement
from semantics.schema.load import SchemaFiles
from semantics.schema.model import SchemaModel
from semantics.schema.resolve import resolve_schema
from semantics.yaml_source import MarkedDocument, read_yaml

__all__ = ["CompatDefinition", "compat_document", "define_compat"]

Source = Path | MappingType[str, Any]


@dataclass(frozen=True, slots=True)
class CompatDefinition:
    """A mapping in compat mode: as written, its schemas as far as they are models, and the plan."""

    loaded: LoadedMapping
    source: SchemaModel
    target: SchemaModel
    plan: Plan
    warnings: tuple[Diagnostic, ...]


def compat_document(source: Source, name: str | None, asked: str | None) -> MarkedDocument | None:
    """The document of a mapping that is run with another tool's semantics; None where it is not."""
    if isinstance(source, Path):
        if asked is None and not _names_compat(source):
            return None
        document = read_yaml(source, file=name, error=MappingError)
    else:
        document = MarkedDocument(dict(source), None)
    return document if compat_of(document, asked) is not None else None


def _names_compat(source: Path) -> bool:
    """Whether a file may ask for another tool's semantics; one that cannot be read is left to who tells of it."""
    try:
        return b"compat" in source.read_bytes()
    except OSError:
        return True


def define_compat(
    document: MarkedDocument, name: str, source: SchemaFiles, target: SchemaFiles | None
) -> CompatDefinition:
    """The plan of a specification with the tool's semantics, from the files of its schemas.

    Raises :class:`MappingError` for what the tool would not read either.
    """
    specification = read_specification(document)
    loaded = _loaded(document, name)
    files = [source, *([target] if target is not None else [])]
    told = [found for schema in files for found in _readable(schema)]
    try:
        plan, warnings = build_compat_plan(
            loaded, specification, InducedSchema(source), InducedSchema(target) if target is not None else None
        )
    except UnknownElement as fault:
        message = f"a class lists what the schema does not define: {fault}"
        raise MappingError(Diagnostic("MAP073", message, document.location(("source_schema",)))) from None
    warnings = (*told, *warnings)
    model = _model(source)
    keyed = keyed_slots(model, plan.record_classes)
    plan = msgspec.structs.replace(plan, keyed=keyed)
    if plan.tables is not None:
        plan = msgspec.structs.replace(plan, tables=msgspec.structs.replace(plan.tables, keyed=keyed))
    return CompatDefinition(loaded, model, _model(target), plan, warnings)


def _readable(schema: SchemaFiles) -> list[Diagnostic]:
    """What is wrong with a schema, as warnings; its form and its imports must be right. Raises :class:`SchemaError`."""
    errors = [found for found in schema.findings if found.severity is Severity.ERROR]
    if any(found.code in ("SCH002", "SCH003") for found in errors):
        raise SchemaError(errors)
    return [replace(found, severity=Severity.WARNING) for found in errors]


def _loaded(document: MarkedDocument, name: str) -> LoadedMapping:
    """The specification as a mapping of the language, as far as it is one."""
    data = {key: value for key, value in document.data.items() if key != "compat"}
    try:
        found = read_mapping(data, name=name)
    except MappingError:
        return LoadedMapping(MappingSpec(name=name), document)
    return LoadedMapping(found.spec, document, {})


def _model(files: SchemaFiles | None) -> SchemaModel:
    """The strict model of a schema; an empty one where there is no schema, or it is not one to the letter."""
    if files is not None:
        try:
            return resolve_schema(files)
        except SchemaError:
            pass
    return SchemaModel(name="", id="", namespaces={}, default_namespace="", classes={}, enums={}, types={})

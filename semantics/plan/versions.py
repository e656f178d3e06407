"""The versions of its schemas that a mapping names, compared with those it has got."""

from __future__ import annotations

from semantics.errors import escaped
from semantics.mapping.load import LoadedMapping
from semantics.plan.findings import Findings
from semantics.schema.model import SchemaModel

__all__ = ["check_versions"]


def check_versions(mapping: LoadedMapping, source: SchemaModel, target: SchemaModel, findings: Findings) -> None:
    """The schemas are those that the mapping was written for: by name, identifier and version."""
    for key, reference in mapping.spec.references.items():
        schema = source if key == "source_schema" else target
        told = (("name", reference.name, schema.name), ("schema_uri", reference.schema_uri, schema.id))
        for part, wanted, found in told:
            if wanted is not None and wanted != found:
                findings.warn("MAP061", f"the mapping was written for the schema '{escaped(wanted)}', and "
                                   f"this is '{escaped(found)}'", (key, part))  # fmt: skip
        if reference.version is not None and reference.version != schema.version:
            found = f"version {schema.version}" if schema.version else "of no version"
            message = f"the mapping was written for version {reference.version} of '{schema.name}', which is {found}"
            if schema.version and _breaks(reference.version, schema.version):
                findings.error("MAP062", message, (key, "version"), "look the mapping through, and say so here")
            else:
                findings.warn("MAP061", message, (key, "version"))


def _breaks(first: str, second: str) -> bool:
    """Whether two versions differ in what must not change: the major number; below 1.0 the minor one."""
    a, b = (version.removeprefix("v").split(".") for version in (first, second))
    if not (a[0].isdigit() and b[0].isdigit()):
        return False
    return (a[:2] != b[:2]) if a[0] == b[0] == "0" else a[0] != b[0]

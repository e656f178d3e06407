"""LinkML YAML in, :class:`SchemaModel` out: imports and inheritance resolved once, everything frozen."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from semantics.errors import Diagnostic
    from semantics.schema.model import SchemaModel
    from semantics.schema.patch import SchemaPatch
    from semantics.workspace import Workspace

__all__ = ["load_schema", "read_schema"]


def load_schema(reference: str | Path | Mapping[str, Any], *, workspace: Workspace | None = None) -> SchemaModel:
    """The model of a schema: a name in the workspace, a path, or the data of one.

    Raises :class:`~semantics.errors.SchemaError` with everything that is wrong.

    >>> load_schema("core").classes["Person"].uri
    'https://schema.org/Person'
    """
    return read_schema(reference, workspace=workspace)[0]


def read_schema(
    reference: str | Path | Mapping[str, Any],
    *,
    workspace: Workspace | None = None,
    patch: SchemaPatch | None = None,
) -> tuple[SchemaModel, tuple[Diagnostic, ...]]:
    """Like :func:`load_schema`, with the warnings that did not stop it; ``patch`` is laid over the schema before."""
    from semantics.errors import SchemaError, ordered
    from semantics.schema.load import read_schema_files
    from semantics.schema.packed import read_model
    from semantics.schema.patch import apply_patch
    from semantics.schema.resolve import resolve_schema
    from semantics.workspace import Workspace
    from semantics.yaml_source import made_of

    workspace = workspace or Workspace.here()
    source: Path | Mapping[str, Any]
    source = reference if isinstance(reference, (Mapping, Path)) else workspace.find(reference, "ontologies")
    if patch is None and isinstance(source, Path):
        path = source

        def make() -> tuple[SchemaModel, tuple[Diagnostic, ...]] | SchemaError:
            try:
                return read_model(path, workspace)
            except SchemaError as fault:
                return fault

        made = made_of(("schema", path, workspace), make)
        if isinstance(made, SchemaError):
            raise SchemaError(made.diagnostics)
        return made
    files = read_schema_files(source, library=tuple(root / "ontologies" for root in workspace.roots))
    if patch is not None:
        apply_patch(files, patch)
    return resolve_schema(files), ordered(files.findings)

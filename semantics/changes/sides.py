"""The two sides of a comparison: which schemas they are, and those that are worth reading."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from semantics.errors import Diagnostic, SchemaError, SemanticsError, UsageError
from semantics.schema import load_schema
from semantics.schema.model import SchemaModel
from semantics.workspace import Workspace, is_file

__all__ = ["Side", "at_revision", "changed", "known_as", "read_sides", "side"]

_KEYS = re.compile(r"^(?:classes|slots|enums|types|imports):", re.MULTILINE)
_NOT = re.compile(r"^(?:class_derivations|enum_derivations|source_schema|target_schema|code_maps):", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Side:
    """One side: its schemas by name, the workspace where their imports are, and whether it is one file."""

    schemas: Mapping[str, Path]
    workspace: Workspace
    single: bool = False


def side(reference: str | Path, workspace: Workspace, *, bare: bool = False) -> Side:
    """The side that a file, a folder (``bare``: one without schemas, too) or the name of a schema means.

    Raises :class:`UsageError`.
    """
    path = Path(reference)
    if not path.is_dir():
        found = path if is_file(path) else workspace.find(str(reference), "ontologies")
        return Side({found.stem: found}, workspace, single=True)
    root = path.resolve()
    if (root / "ontologies").is_dir():
        inside = Workspace((root, *(other for other in workspace.roots if other != root)))
        names = Workspace((root,)).names("ontologies")
    else:
        inside = workspace
        names = {file.stem: path / file.relative_to(root) for file in sorted(root.rglob("*.yaml")) if _is_schema(file)}
    if not names and not bare:
        raise UsageError(Diagnostic("CHG001", f"there are no schemas in '{reference}'"))
    return Side(names, inside)


def _is_schema(file: Path) -> bool:
    """Whether a file of a folder has the keys of a schema, and none of a mapping."""
    text = file.read_text("utf-8", errors="replace")
    return _KEYS.search(text) is not None and _NOT.search(text) is None


def changed(old: Side, new: Side) -> dict[str, tuple[Path | None, Path | None]]:
    """The schemas of either side whose files are not the same byte by byte; two files are one schema."""
    if old.single and new.single:
        ((before,), (after,)) = (tuple(each.schemas.values()) for each in (old, new))
        return {after.stem: (before, after)}
    found: dict[str, tuple[Path | None, Path | None]] = {}
    for name in dict.fromkeys((*old.schemas, *new.schemas)):
        if (old.single and name not in old.schemas) or (new.single and name not in new.schemas):
            continue
        pair = (old.schemas.get(name), new.schemas.get(name))
        if pair[0] is None or pair[1] is None or pair[0].read_bytes() != pair[1].read_bytes():
            found[name] = pair
    return found


def read_sides(
    pairs: Mapping[str, tuple[Path | None, Path | None]], old: Side, new: Side
) -> tuple[dict[str, SchemaModel], dict[str, SchemaModel]]:
    """The models of both sides. Raises :class:`SchemaError` with what is wrong with any of them."""
    wrong: list[Diagnostic] = []
    read: tuple[dict[str, SchemaModel], dict[str, SchemaModel]] = ({}, {})
    for name, files in pairs.items():
        for models, file, where in zip(read, files, (old, new), strict=True):
            if file is None:
                continue
            try:
                models[name] = load_schema(file, workspace=where.workspace)
            except SemanticsError as fault:
                wrong += fault.diagnostics
    if wrong:
        raise SchemaError(dict.fromkeys(wrong))
    return read


def at_revision(reference: str, workspace: Workspace) -> Path:
    """The path that a reference means; it may be one that is there no longer."""
    path = Path(reference)
    if path.exists() or "/" in reference or reference.endswith((".yaml", ".yml")):
        return path
    return workspace.find(reference, "ontologies")


def known_as(
    pairs: Mapping[str, tuple[Path | None, Path | None]], workspace: Workspace
) -> dict[str, tuple[Path | None, Path | None]]:
    """Pairs of files by the names that a workspace has for their schemas; those that it never had are left out."""
    names = workspace.names("ontologies")
    found: dict[str, tuple[Path | None, Path | None]] = {}
    for name, (old, new) in pairs.items():
        known = next((each for each in (name, old.stem if old else name) if each in names), None)
        if known is not None or new is None:
            found[known or name] = (old, new)
    return found

"""What a mapping is, for its pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from semantics.errors import Diagnostic
from semantics.schema.model import SchemaModel
from semantics.workspace import Workspace

__all__ = ["Study", "studies"]


@dataclass(frozen=True, slots=True)
class Study:
    """What a mapping is."""

    name: str
    modules: tuple[str, ...]
    elsewhere: tuple[SchemaModel, ...] = ()


def studies(
    names: Mapping[str, Path], workspace: Workspace
) -> tuple[tuple[Study, ...], list[tuple[str, Path, tuple[Diagnostic, ...]]]]:
    """The studies of mappings, and those that cannot be used."""
    return (), []

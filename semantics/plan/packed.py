"""Plans kept between runs, each with the model that its instances are checked against."""

from __future__ import annotations

from collections.abc import Set
from functools import cache
from pathlib import Path

import msgspec

from semantics.errors import Diagnostic
from semantics.kept import code_stamp, leave
from semantics.plan.model import Plan
from semantics.schema.model import SchemaModel
from semantics.schema.packed import contested
from semantics.version import __version__
from semantics.workspace import Workspace, shown

__all__ = ["Planned", "leave_plan", "plan_key", "plan_stamp"]


class Planned(msgspec.Struct, frozen=True, eq=False):
    """A plan with the model of its target, and the warnings on the way."""

    plan: Plan
    target: SchemaModel
    warnings: tuple[Diagnostic, ...] = ()


def plan_key(mapping: Path, workspace: Workspace, *given: object) -> str:
    """Under what the plan of a mapping is kept; ``given`` is what was said instead of what it says itself."""
    return "\n".join(("plan", shown(mapping, workspace.roots), *map(str, given)))


def plan_stamp(workspace: Workspace) -> str:
    """The state of the program as far as plans rest on it, and of names of which there are several."""
    return f"{__version__} {_code()} {contested(workspace)}"


@cache
def _code() -> str:
    return code_stamp("schema", "units", "expressions", "mapping", "plan")


def leave_plan(mapping: Path, workspace: Workspace, planned: Planned, files: Set[Path]) -> None:
    """Keep the plan of a mapping for whoever carries it out; ``files`` are all that were looked at for it."""
    key = plan_key(mapping, workspace, None, None, None)
    leave(key, plan_stamp(workspace), workspace.roots, planned, {mapping, *files})

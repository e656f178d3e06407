"""Backends: a Plan in, something that maps records out. Each is compared with ``evaluate``, the oracle.

A backend is a module with ``compile_plan(plan, related) -> Compiled``; :data:`BACKENDS` lists them.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol

from semantics.errors import Diagnostic
from semantics.plan.model import Plan

if TYPE_CHECKING:
    from semantics.backends.lookup import Related

__all__ = ["BACKENDS", "ORACLE", "Compiled", "Event", "RecordFault", "compile_plan"]

Event = tuple[str, str, str]
"""Something for the ledger: ("unmapped" | "defaulted", "Class.slot", code)."""


class RecordFault(Exception):
    """A record that a rule could not carry out: every finding, with its rule and pointer."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.diagnostics = diagnostics
        super().__init__(f"{len(diagnostics)} findings")


class Compiled(Protocol):
    """A plan ready to run."""

    def map(self, data: dict[str, Any], source_class: str, events: list[Event]) -> list[tuple[str, dict[str, Any]]]:
        """The instances of one record as (rule id, data), in the order of the rules; empty when filtered.

        Appends what the ledger wants to know to ``events``. Raises :class:`RecordFault`, or (a fast
        backend that leaves the findings to the oracle) any ``ValueError``.
        """

    def joined(self, related: Related | None) -> Compiled:
        """The same plan for another run, its joins looking into ``related``: what is compiled is not compiled again."""


ORACLE: Final = "evaluate"
"""The backend that the others are compared with."""
BACKENDS: Final[dict[str, str]] = {
    ORACLE: "semantics.backends.evaluate",
    "python": "semantics.backends.python",
}
"""Name to module; the last is the default."""


def compile_plan(plan: Plan, backend: str = "python", related: Related | None = None) -> Compiled:
    """A plan made ready by one of :data:`BACKENDS`; its joins, if it has any, look into ``related``."""
    compiler: Callable[[Plan, Related | None], Compiled] = import_module(BACKENDS[backend]).compile_plan
    return compiler(plan, related)

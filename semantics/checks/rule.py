"""How a check of mappings is declared: once, with its code, its purpose and what it looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from semantics.checks.registry import Finder, Rule, told
from semantics.errors import Diagnostic, Location, Severity
from semantics.expressions.constant import UNKNOWN, Known, settled
from semantics.expressions.tree import Expr
from semantics.mapping.load import LoadedMapping
from semantics.mapping.spec import ClassDerivation, SlotDerivation
from semantics.plan.model import ClassRule, Plan, SlotRule
from semantics.plan.reads import variable_classes
from semantics.schema.model import SchemaModel

__all__ = ["Subject", "mapping_rule"]

Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Subject:
    """A mapping that has a plan: what a rule looks at, and how it says where something stands."""

    loaded: LoadedMapping
    source: SchemaModel
    target: SchemaModel
    plan: Plan
    warnings: tuple[Diagnostic, ...] = ()

    @cached_property
    def variables(self) -> dict[str, dict[str, str | None]]:
        """The source classes of the variables of each rule."""
        return variable_classes(self.plan)

    @cached_property
    def paths(self) -> dict[Location, Path_]:
        """Where in the specification a rule of the plan comes from, by its origin."""
        found: dict[Location, Path_] = {}
        for path in self._derivations(self.loaded.spec.class_derivations, ("class_derivations",)):
            found.setdefault(self.loaded.location(*path), path)
        return found

    def _derivations(self, derivations: list[ClassDerivation], path: Path_) -> Iterator[Path_]:
        for index, derivation in enumerate(derivations):
            yield (*path, index)
            for name, slot in derivation.slot_derivations.items():
                here = (*path, index, "slot_derivations", name)
                yield here
                yield from self._derivations(slot.class_derivations, (*here, "class_derivations"))

    def derivation(self, slot: SlotRule) -> SlotDerivation | None:
        """The slot derivation that a rule was made from."""
        path = self.paths.get(slot.origin)
        part: object = self.loaded.spec
        for step in path or ():
            part = part[step] if isinstance(part, (list, dict)) else getattr(part, str(step))  # type: ignore[index]
        return part if isinstance(part, SlotDerivation) else None

    def slot_derivations(self) -> Iterator[SlotDerivation]:
        """Every slot derivation of the specification, at any depth."""
        pending = list(self.loaded.spec.class_derivations)
        while pending:
            for slot in pending.pop().slot_derivations.values():
                yield slot
                pending += slot.class_derivations

    def place(self, rule: ClassRule | SlotRule, *inside: str | int) -> Location:
        """Where a rule stands, or a key inside it."""
        path = self.paths.get(rule.origin)
        return rule.origin if path is None or not inside else self.loaded.location(*path, *inside)

    def slots(self) -> Iterator[tuple[ClassRule, SlotRule]]:
        """Every slot rule with its class rule."""
        for rule in self.plan.rules.values():
            for slot in rule.slots:
                yield rule, slot

    def settled(self, node: Expr, known: Known | None = None) -> Any:
        """What an expression gives for every record, else ``UNKNOWN``; other dialects are not looked into."""
        return settled(node, known) if self.plan.dialect == "strict" else UNKNOWN

    def finding(self, code: str, message: str, place: Location, hint: str | None = None) -> Diagnostic:
        """A warning that quotes the line it stands on."""
        lines = self.loaded.document.text.splitlines()
        own = place.file == self.loaded.document.file and place.line is not None and place.line <= len(lines)
        found = lines[place.line - 1].strip()[:120] if own and place.line is not None else None
        return Diagnostic(code, message, place, hint, found, Severity.WARNING)


def mapping_rule(name: str, code: str, category: str) -> Callable[[Finder[Subject]], Rule[Subject]]:
    """Declare a check of mappings; its docstring says what it is for (see :func:`semantics.checks.registry.told`)."""

    def wrap(body: Finder[Subject]) -> Rule[Subject]:
        return Rule(name, code, category, "mapping", Severity.WARNING, False, told(body.__doc__), body)

    return wrap

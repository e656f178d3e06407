"""Enum derivations held against both schemas: enums and permissible values that are there, one target for a source."""

from __future__ import annotations

from collections.abc import Mapping

from semantics.errors import closest, escaped
from semantics.mapping.spec import EnumDerivation
from semantics.plan.codes import sources_of
from semantics.plan.findings import Findings
from semantics.schema.model import SchemaModel

__all__ = ["checked_enums"]

Path_ = tuple[str | int, ...]


def checked_enums(
    derivations: Mapping[str, EnumDerivation], source: SchemaModel, target: SchemaModel, findings: Findings
) -> dict[str, EnumDerivation]:
    """The enum derivations by the names of their target enums; what is wrong with them is found on the way."""
    for name, derivation in derivations.items():
        if not derivation.parent or name in target.enums:
            _check(name, derivation, source, target, findings)
    return dict(derivations)


def _check(name: str, derivation: EnumDerivation, source: SchemaModel, target: SchemaModel, findings: Findings) -> None:
    path: Path_ = ("enum_derivations", name)
    enum = target.enums.get(name)
    if enum is None:
        findings.error("MAP024", f"enum '{escaped(name)}' is not in schema '{target.name}'", path,
                       closest(name, target.enums))  # fmt: skip
        return
    named: list[tuple[str, Path_]] = [(known, ("sources", index)) for index, known in enumerate(derivation.sources)]
    named += [(derivation.populated_from, ("populated_from",))] if derivation.populated_from is not None else []
    for known, key in named:
        if known not in source.enums:
            findings.error("MAP024", f"enum '{escaped(known)}' is not in schema '{source.name}'", (*path, *key),
                           closest(known, source.enums))  # fmt: skip
    chosen: list[tuple[str, Path_]] = [
        (value, ("permissible_value_derivations", value)) for value in derivation.permissible_value_derivations
    ]
    decided = derivation.expression_to_value_mappings
    chosen += [(value, ("expression_to_value_mappings", test)) for test, value in decided.items()]
    for value, key in chosen:
        if value not in enum.values:
            findings.error("MAP025", f"'{escaped(value)}' is not a permissible value of '{name}'", (*path, *key),
                           closest(value, enum.values))  # fmt: skip
    _one_target_each(derivation, path, findings)


def _one_target_each(derivation: EnumDerivation, path: Path_, findings: Findings) -> None:
    """A source value that two permissible values come from would be one of them by chance."""
    taken: dict[str, str] = {}
    for name, value in derivation.permissible_value_derivations.items():
        for source in sources_of(value):
            if taken.setdefault(source, name) != name:
                findings.error(
                    "MAP084", f"'{escaped(source)}' becomes both '{escaped(taken[source])}' and '{escaped(name)}'",
                    (*path, "permissible_value_derivations", name), "keep one, or decide with expr",
                )  # fmt: skip

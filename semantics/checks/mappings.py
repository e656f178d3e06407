"""The table of checks of mappings: a check is added by one decorated function and one line here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from semantics.checks import codes_of_mappings, dead_rules, deprecated, identity
from semantics.checks.registry import Rule
from semantics.checks.rule import Subject
from semantics.errors import Diagnostic

__all__ = ["MAPPING_RULES", "check_mapping"]

MAPPING_RULES: Final[tuple[Rule[Subject], ...]] = (
    codes_of_mappings.unhandled_value,
    dead_rules.unused_derivation,
    codes_of_mappings.unused_enum_derivation,
    codes_of_mappings.unknown_code,
    codes_of_mappings.unused_code_map,
    dead_rules.constant_condition,
    dead_rules.unreachable_branch,
    dead_rules.impossible_value,
    identity.ambiguous_identifier,
    identity.duplicate_derivation,
    deprecated.deprecated_element,
)
"""Every check, in the order of the codes."""


def check_mapping(subject: Subject) -> Iterator[Diagnostic]:
    """Everything that the checks find in a mapping that has a plan, in the order of its lines."""
    found = [finding for rule in MAPPING_RULES for finding in rule.find(subject)]

    def place(finding: Diagnostic) -> tuple[str, int, str]:
        where = finding.location
        return (where.file or "", where.line or 0, finding.code) if where is not None else ("", 0, finding.code)

    yield from dict.fromkeys(sorted(found, key=place))

"""The table of rules of schemas: a rule is added by one decorated function and one line here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from semantics.checks import naming, structure, terms
from semantics.checks.registry import Rule
from semantics.checks.schema_rule import SchemaSubject
from semantics.errors import Diagnostic, ordered

__all__ = ["SCHEMA_RULES", "check_schema"]

SCHEMA_RULES: Final[tuple[Rule[SchemaSubject], ...]] = (
    naming.class_name,
    naming.slot_name,
    naming.enum_name,
    naming.value_names,
    naming.missing_description,
    terms.unbound_class,
    structure.unreachable_class,
    terms.enum_without_meaning,
    terms.duplicate_term,
    structure.endless_containment,
    structure.slot_parent,
    structure.loose_pattern,
    terms.unused_prefix,
    terms.undeclared_prefix,
    terms.sssom_subject,
    terms.sssom_set,
)
"""Every rule, in the order of the codes."""


def check_schema(subject: SchemaSubject) -> Iterator[Diagnostic]:
    """Everything that the rules find in a schema that resolves, in the order of its lines."""
    yield from ordered(finding for rule in SCHEMA_RULES for finding in rule.find(subject))

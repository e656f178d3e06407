"""Every rule of ``semantics check``, of mappings, of schemas and of comments, by code and by name."""

from __future__ import annotations

from typing import Any, Final

from semantics.checks.mappings import MAPPING_RULES
from semantics.checks.registry import Rule
from semantics.checks.schemas import SCHEMA_RULES
from semantics.checks.suppression import COMMENT_RULES

__all__ = ["BY_CODE", "BY_NAME", "RULES", "rule_named"]

RULES: Final[tuple[Rule[Any], ...]] = (*MAPPING_RULES, *SCHEMA_RULES, *COMMENT_RULES)
"""The rules in the order of their codes."""

BY_CODE: Final = {rule.code: rule for rule in RULES}
BY_NAME: Final = {rule.id: rule for rule in RULES}


def rule_named(name: str) -> Rule[Any] | None:
    """A rule by its name or its code.

    >>> rule_named("chk040").id, rule_named("class-name").id
    ('CLASS_NAME', 'CLASS_NAME')
    """
    asked = name.upper().replace("-", "_")
    return BY_NAME.get(asked) or BY_CODE.get(asked)

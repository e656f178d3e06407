"""Kinds of change of code lists and their values."""

from __future__ import annotations

from semantics.changes import rule
from semantics.changes.change import Facts, Kind
from semantics.changes.rule import Pair, change_rule, differ, verdicts
from semantics.schema.model import EnumModel, PermissibleValue

__all__ = ["RULES"]

Enums = Pair[EnumModel]
Values = Pair[PermissibleValue]


@change_rule("ENUM_REMOVED", Kind.ENUM, "names", verdicts("compatible", python="breaking", mappings="breaking"))
def enum_removed(pair: Enums) -> Facts | None:
    """A code list is gone; what became of the slots that took it is told of them."""
    return rule.removed(pair)


@change_rule("ENUM_ADDED", Kind.ENUM, "names", verdicts("compatible"))
def enum_added(pair: Enums) -> Facts | None:
    """There is a new code list."""
    return rule.added(pair)


@change_rule("ENUM_RENAMED", Kind.ENUM, "names", verdicts("editorial", python="breaking", mappings="breaking"))
def enum_renamed(pair: Enums) -> Facts | None:
    """A code list has another name, and the values that it had."""
    return differ(pair.old.name, pair.new.name) if pair.old and pair.new else None


@change_rule("ENUM_TERM_CHANGED", Kind.ENUM, "terms", verdicts("editorial", rdf="compatible"))
def enum_term_changed(pair: Enums) -> Facts | None:
    """A code list as such has another term; its values have theirs."""
    return rule.termed(pair)


@change_rule("ENUM_PROSE_CHANGED", Kind.ENUM, "prose", verdicts("editorial"))
def enum_prose_changed(pair: Enums) -> Facts | None:
    """Only what people read about a code list is different."""
    return rule.edited(pair, "description")


@change_rule("VALUE_REMOVED", Kind.VALUE, "names", verdicts("breaking"))
def value_removed(pair: Values) -> Facts | None:
    """A code list has a value no longer."""
    return rule.removed(pair)


@change_rule("VALUE_ADDED", Kind.VALUE, "names", verdicts("compatible"))
def value_added(pair: Values) -> Facts | None:
    """A code list has a new value."""
    return rule.added(pair)


@change_rule("VALUE_RENAMED", Kind.VALUE, "names", verdicts("breaking", rdf="editorial", shacl="editorial"))
def value_renamed(pair: Values) -> Facts | None:
    """A value is written otherwise, and means what it meant."""
    return differ(pair.old.text, pair.new.text) if pair.old and pair.new else None


@change_rule("MEANING_CHANGED", Kind.VALUE, "terms",
             verdicts("editorial", rdf="breaking", shacl="breaking", mappings="compatible"))  # fmt: skip
def meaning_changed(pair: Values) -> Facts | None:
    """A value stands for another term."""
    return differ(pair.old.meaning, pair.new.meaning) if pair.old and pair.new else None


@change_rule("VALUE_DEPRECATED", Kind.VALUE, "prose", verdicts("compatible"))
def value_deprecated(pair: Values) -> Facts | None:
    """A value is to be avoided, or is so no longer."""
    return rule.edited(pair, "deprecated")


@change_rule("VALUE_PROSE_CHANGED", Kind.VALUE, "prose", verdicts("editorial"))
def value_prose_changed(pair: Values) -> Facts | None:
    """Only what people read about a value is different."""
    return rule.edited(pair, "title", "description")


RULES = (
    enum_removed, enum_added, enum_renamed, enum_term_changed, enum_prose_changed, value_removed, value_added,
    value_renamed, meaning_changed, value_deprecated, value_prose_changed,
)  # fmt: skip
"""Every kind of change of a code list."""

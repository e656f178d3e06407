"""Kinds of change of a class: its name and term, its place among others, and what holds for it as a whole."""

from __future__ import annotations

from typing import Any

import msgspec

from semantics.changes import rule
from semantics.changes.change import Facts, Kind
from semantics.changes.rule import Pair, change_rule, differ, verdicts
from semantics.schema.model import ClassExpression, ClassModel, Rule, SchemaModel, SlotModel

__all__ = ["RULES"]

Classes = Pair[ClassModel]


@change_rule("CLASS_REMOVED", Kind.CLASS, "names", verdicts("breaking"))
def class_removed(pair: Classes) -> Facts | None:
    """A class is gone."""
    return rule.removed(pair)


@change_rule("CLASS_ADDED", Kind.CLASS, "names", verdicts("compatible"))
def class_added(pair: Classes) -> Facts | None:
    """There is a new class."""
    return rule.added(pair)


@change_rule("CLASS_RENAMED", Kind.CLASS, "names", verdicts("breaking", rdf="editorial", shacl="compatible"))
def class_renamed(pair: Classes) -> Facts | None:
    """A class has another name, and the term or the content that it had."""
    return differ(pair.old.name, pair.new.name) if pair.old and pair.new else None


@change_rule("CLASS_TERM_CHANGED", Kind.CLASS, "terms",
             verdicts("editorial", rdf="breaking", shacl="breaking", mappings="compatible"))  # fmt: skip
def class_term_changed(pair: Classes) -> Facts | None:
    """The instances of a class are of another RDF class."""
    return rule.termed(pair)


@change_rule("CLASS_MADE_ABSTRACT", Kind.CLASS, "hierarchy", verdicts("breaking", rdf="compatible"))
def class_made_abstract(pair: Classes) -> Facts | None:
    """A class can no longer have instances of its own."""
    if pair.old and pair.new and not _abstract(pair.old) and _abstract(pair.new):
        return Facts("concrete", "abstract")
    return None


@change_rule("CLASS_MADE_CONCRETE", Kind.CLASS, "hierarchy", verdicts("compatible"))
def class_made_concrete(pair: Classes) -> Facts | None:
    """A class can have instances of its own."""
    if pair.old and pair.new and _abstract(pair.old) and not _abstract(pair.new):
        return Facts("abstract", "concrete")
    return None


@change_rule("PARENT_REMOVED", Kind.CLASS, "hierarchy", verdicts("breaking"))
def parent_removed(pair: Classes) -> Facts | None:
    """A class is no longer below another, and may not stand where that one is asked for."""
    if not pair.old or not pair.new or _parents(pair, pair.old) == (*pair.new.mixins, pair.new.is_a):
        return None
    lost = tuple(name for name in pair.old.ancestors if pair.models.now(name) not in pair.new.ancestors)
    return Facts(", ".join(lost), _said(pair.new)) if lost else None


@change_rule("PARENT_ADDED", Kind.CLASS, "hierarchy", verdicts("compatible"))
def parent_added(pair: Classes) -> Facts | None:
    """A class is below another one, too."""
    if not pair.old or not pair.new or _parents(pair, pair.old) == (*pair.new.mixins, pair.new.is_a):
        return None
    known = {pair.models.now(name) for name in pair.old.ancestors}
    more = tuple(name for name in pair.new.ancestors if name not in known and name != pair.new.name)
    return Facts(_said(pair.old), ", ".join(more)) if more else None


@change_rule("CONDITION_ADDED", Kind.CLASS, "constraints", verdicts("breaking"))
def condition_added(pair: Classes) -> Facts | None:
    """A rule or condition of a class is new, or is not as it was."""
    if not pair.old or not pair.new:
        return None
    more = _conditions(pair.models.new, pair.new) - _conditions(pair.models.old, pair.old)
    return Facts(None, _count(len(more))) if more else None


@change_rule("CONDITION_REMOVED", Kind.CLASS, "constraints", verdicts("compatible"))
def condition_removed(pair: Classes) -> Facts | None:
    """A rule or condition of a class is gone, and none came in its place."""
    if not pair.old or not pair.new:
        return None
    old, new = _conditions(pair.models.old, pair.old), _conditions(pair.models.new, pair.new)
    less = old - new if not new - old else ()
    return Facts(_count(len(less)), None) if less else None


@change_rule("UNIQUE_KEY_ADDED", Kind.CLASS, "constraints", verdicts("breaking", python="editorial"))
def unique_key_added(pair: Classes) -> Facts | None:
    """Slots of a class must be unique together."""
    more = _keys(pair.models.new, pair.new) - _keys(pair.models.old, pair.old) if pair.old and pair.new else ()
    return Facts(None, _listed(more)) if more else None


@change_rule("UNIQUE_KEY_REMOVED", Kind.CLASS, "constraints", verdicts("compatible", python="editorial"))
def unique_key_removed(pair: Classes) -> Facts | None:
    """Slots of a class need not be unique together any more."""
    less = _keys(pair.models.old, pair.old) - _keys(pair.models.new, pair.new) if pair.old and pair.new else ()
    return Facts(_listed(less), None) if less else None


@change_rule("CLASS_OPENED", Kind.CLASS, "constraints", verdicts("compatible", rdf="editorial", mappings="editorial"))
def class_opened(pair: Classes) -> Facts | None:
    """A class takes keys that are none of its slots (`extra_slots`), or any value under them."""
    if pair.old and pair.new and not _same_extra(pair) and pair.new.extra and _takes_all(pair.new.extra):
        return Facts(_extra(pair.old), _extra(pair.new))
    if pair.old and pair.new and pair.old.extra is None and pair.new.extra is not None:
        return Facts(_extra(pair.old), _extra(pair.new))
    return None


@change_rule("CLASS_CLOSED", Kind.CLASS, "constraints", verdicts("breaking", rdf="editorial", mappings="editorial"))
def class_closed(pair: Classes) -> Facts | None:
    """A class takes no keys but its slots any more, or other values under them than it did."""
    if not pair.old or not pair.new or pair.old.extra is None or _same_extra(pair) or class_opened.compare(pair):
        return None
    return Facts(_extra(pair.old), _extra(pair.new))


@change_rule("TREE_ROOT_CHANGED", Kind.CLASS, "form",
             verdicts("editorial", json="breaking", python="editorial", mappings="compatible"))  # fmt: skip
def tree_root_changed(pair: Classes) -> Facts | None:
    """A class is what documents begin with, or is so no longer."""
    return differ(pair.old.tree_root, pair.new.tree_root) if pair.old and pair.new else None


@change_rule("CLASS_DEPRECATED", Kind.CLASS, "prose", verdicts("compatible"))
def class_deprecated(pair: Classes) -> Facts | None:
    """A class is to be avoided, or is so no longer."""
    return rule.edited(pair, "deprecated")


@change_rule("CLASS_PROSE_CHANGED", Kind.CLASS, "prose", verdicts("editorial"))
def class_prose_changed(pair: Classes) -> Facts | None:
    """Only what people read about a class is different."""
    return rule.edited(pair, "title", "description", "aliases", "see_also", "annotations")


def _abstract(cls: ClassModel) -> bool:
    return cls.abstract or cls.mixin


def _parents(pair: Classes, cls: ClassModel) -> tuple[str | None, ...]:
    """The parents that a class names itself, as the new model calls them."""
    return tuple(map(pair.models.now, (*cls.mixins, cls.is_a)))


def _same_extra(pair: Classes) -> bool:
    """Whether both classes take the same under keys that are no slots."""
    sides = (pair.old.extra if pair.old else None, pair.new.extra if pair.new else None)
    old, new = (msgspec.structs.replace(each, location=None) if each else None for each in sides)
    if old is not None:
        old = msgspec.structs.replace(old, range=pair.models.now(old.range))
    return old == new


def _takes_all(slot: SlotModel) -> bool:
    return msgspec.structs.replace(slot, location=None) == SlotModel(name="", uri="", range="Any")


def _extra(cls: ClassModel) -> str:
    if cls.extra is None:
        return "closed"
    return "open" if _takes_all(cls.extra) else f"open to {'lists of ' * cls.extra.many}{cls.extra.range}"


def _said(cls: ClassModel) -> str | None:
    return ", ".join(cls.ancestors[1:]) or None


def _keys(schema: SchemaModel, cls: ClassModel) -> frozenset[tuple[str, ...]]:
    """The unique keys that a class has and what it is below has not."""
    inherited = {key.slots for name in cls.ancestors[1:] for key in schema.classes[name].unique_keys}
    return frozenset(key.slots for key in cls.unique_keys) - inherited


def _listed(keys: Any) -> str:
    return "; ".join(sorted(" + ".join(key) for key in keys))


def _count(number: int) -> str:
    return "a condition" if number == 1 else f"{number} conditions"


def _conditions(schema: SchemaModel, cls: ClassModel) -> frozenset[bytes]:
    """What a class itself demands as a whole, each rule as text without its prose."""
    inherited = {each.location for name in cls.ancestors[1:] for each in schema.classes[name].rules}
    found: list[Rule | ClassExpression] = [
        msgspec.structs.replace(each, description=None, location=None)
        for each in cls.rules
        if each.location not in inherited
    ]
    found += [cls.conditions] if cls.conditions is not None else []
    return frozenset(msgspec.json.encode(each, order="deterministic") for each in found)


RULES = (
    class_removed, class_added, class_renamed, class_term_changed, class_made_abstract, class_made_concrete,
    parent_removed, parent_added, condition_added, condition_removed, unique_key_added, unique_key_removed,
    class_opened, class_closed, tree_root_changed, class_deprecated, class_prose_changed,
)  # fmt: skip
"""Every kind of change of a class."""

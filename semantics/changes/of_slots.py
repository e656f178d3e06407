"""Kinds of change of a slot as a class has it: its name and term, how it stands in data, and what it is for."""

from __future__ import annotations

from semantics.changes import rule
from semantics.changes.change import Facts, Kind
from semantics.changes.ranges import Relation, relation
from semantics.changes.rule import Pair, change_rule, differ, verdicts
from semantics.schema.model import Form, SlotModel

__all__ = ["RULES"]

Slots = Pair[SlotModel]


@change_rule("SLOT_REMOVED", Kind.SLOT, "names", verdicts("breaking"))
def slot_removed(pair: Slots) -> Facts | None:
    """A class no longer has a slot."""
    return rule.removed(pair)


@change_rule("OPTIONAL_SLOT_ADDED", Kind.SLOT, "names", verdicts("compatible"))
def optional_slot_added(pair: Slots) -> Facts | None:
    """A class has a new slot that may be empty."""
    return rule.added(pair) if pair.new and not pair.new.required else None


@change_rule("REQUIRED_SLOT_ADDED", Kind.SLOT, "names", verdicts("breaking"))
def required_slot_added(pair: Slots) -> Facts | None:
    """A class has a new slot that must have a value: what was written before has none."""
    return rule.added(pair) if pair.new and pair.new.required else None


@change_rule("SLOT_RENAMED", Kind.SLOT, "names", verdicts("breaking", rdf="editorial", shacl="compatible"))
def slot_renamed(pair: Slots) -> Facts | None:
    """A slot has another name, and the term or the content that it had."""
    return differ(pair.old.name, pair.new.name) if pair.old and pair.new else None


@change_rule("SLOT_TERM_CHANGED", Kind.SLOT, "terms",
             verdicts("editorial", rdf="breaking", shacl="breaking", mappings="compatible"))  # fmt: skip
def slot_term_changed(pair: Slots) -> Facts | None:
    """A slot is another RDF property."""
    return rule.termed(pair)


@change_rule("SLOT_MADE_REQUIRED", Kind.SLOT, "constraints", verdicts("breaking"))
def slot_made_required(pair: Slots) -> Facts | None:
    """A slot must have a value."""
    if pair.old and pair.new and pair.new.required and not pair.old.required:
        return Facts("optional", "required")
    return None


@change_rule("SLOT_MADE_OPTIONAL", Kind.SLOT, "constraints", verdicts("compatible"))
def slot_made_optional(pair: Slots) -> Facts | None:
    """A slot may be empty: who reads it has to reckon with that."""
    if pair.old and pair.new and pair.old.required and not pair.new.required:
        return Facts("required", "optional")
    return None


def _range(pair: Slots, *wanted: Relation) -> Facts | None:
    if not pair.old or not pair.new:
        return None
    found = relation(pair.models, pair.old.range, pair.new.range)
    return Facts(pair.old.range, pair.new.range) if found in wanted else None


@change_rule("RANGE_CHANGED", Kind.SLOT, "ranges", verdicts("breaking"))
def range_changed(pair: Slots) -> Facts | None:
    """A slot takes other values than it did."""
    return _range(pair, Relation.OTHER)


@change_rule("RANGE_NARROWED", Kind.SLOT, "ranges", verdicts("breaking"))
def range_narrowed(pair: Slots) -> Facts | None:
    """A slot takes only a part of the values that it took: a class below, a narrower type, a code list."""
    return _range(pair, Relation.NARROWER_CLASS, Relation.NARROWER_TYPE)


@change_rule("RANGE_WIDENED", Kind.SLOT, "ranges", verdicts("compatible"))
def range_widened(pair: Slots) -> Facts | None:
    """A slot takes the instances of a class above, too."""
    return _range(pair, Relation.WIDER_CLASS)


@change_rule("TYPE_WIDENED", Kind.SLOT, "ranges", verdicts("compatible", rdf="breaking", shacl="breaking"))
def type_widened(pair: Slots) -> Facts | None:
    """A slot takes the values of a wider type, too; in a graph they may have another datatype."""
    return _range(pair, Relation.WIDER_TYPE)


@change_rule("SLOT_MADE_MULTIVALUED", Kind.SLOT, "form", verdicts("breaking", rdf="compatible", shacl="compatible"))
def slot_made_multivalued(pair: Slots) -> Facts | None:
    """A slot holds a list where it held one value."""
    if pair.old and pair.new and pair.new.many and not pair.old.many:
        return Facts("one value", "many values")
    return None


@change_rule("SLOT_MADE_SINGLE", Kind.SLOT, "form", verdicts("breaking"))
def slot_made_single(pair: Slots) -> Facts | None:
    """A slot holds one value where it held a list."""
    if pair.old and pair.new and pair.old.many and not pair.new.many:
        return Facts("many values", "one value")
    return None


@change_rule("FORM_CHANGED", Kind.SLOT, "form", verdicts("breaking", rdf="compatible", shacl="compatible"))
def form_changed(pair: Slots) -> Facts | None:
    """The objects of a slot stand otherwise in data: inside, by their identifiers, or as references."""
    if not pair.old or not pair.new or Form.SCALAR in (pair.old.form, pair.new.form):
        return None
    return differ(pair.old.form.value, pair.new.form.value)


@change_rule("IDENTIFIER_CHANGED", Kind.SLOT, "form", verdicts("breaking"))
def identifier_changed(pair: Slots) -> Facts | None:
    """A slot identifies the instances of its class, or does so no longer."""
    return differ(pair.old.identifier, pair.new.identifier) if pair.old and pair.new else None


@change_rule("DESIGNATOR_CHANGED", Kind.SLOT, "form", verdicts("breaking"))
def designator_changed(pair: Slots) -> Facts | None:
    """A slot tells the class of an instance, or does so no longer."""
    return differ(pair.old.designates_type, pair.new.designates_type) if pair.old and pair.new else None


@change_rule("UNIT_CHANGED", Kind.SLOT, "meaning", verdicts("breaking", python="editorial", shacl="editorial"))
def unit_changed(pair: Slots) -> Facts | None:
    """The same number means another quantity."""
    if not pair.old or not pair.new:
        return None
    return differ(pair.old.unit, pair.new.unit)


@change_rule("RECOMMENDATION_CHANGED", Kind.SLOT, "prose", verdicts("compatible"))
def recommendation_changed(pair: Slots) -> Facts | None:
    """A slot ought to have a value, or need not any more."""
    return differ(pair.old.recommended, pair.new.recommended) if pair.old and pair.new else None


@change_rule("SLOT_DEPRECATED", Kind.SLOT, "prose", verdicts("compatible"))
def slot_deprecated(pair: Slots) -> Facts | None:
    """A slot is to be avoided, or is so no longer."""
    return rule.edited(pair, "deprecated")


@change_rule("SLOT_PROSE_CHANGED", Kind.SLOT, "prose", verdicts("editorial"))
def slot_prose_changed(pair: Slots) -> Facts | None:
    """Only what people read about a slot is different."""
    return rule.edited(pair, "title", "description", "aliases", "see_also", "annotations")


RULES = (
    slot_removed, optional_slot_added, required_slot_added, slot_renamed, slot_term_changed, slot_made_required,
    slot_made_optional, range_changed, range_narrowed, range_widened, type_widened, slot_made_multivalued,
    slot_made_single, form_changed, identifier_changed, designator_changed, unit_changed, recommendation_changed,
    slot_deprecated, slot_prose_changed,
)  # fmt: skip
"""Every kind of change of a slot but those of its constraints."""

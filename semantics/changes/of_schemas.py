"""Kinds of change of a schema as a whole, of its prefixes, and of its types."""

from __future__ import annotations

from semantics.changes import rule
from semantics.changes.change import Facts, Kind
from semantics.changes.of_constraints import tighter
from semantics.changes.ranges import facets_fewer
from semantics.changes.rule import Pair, change_rule, differ, verdicts
from semantics.schema.model import SchemaModel, TypeModel

__all__ = ["RULES"]

Schemas = Pair[SchemaModel]
Prefixes = Pair[str]
Types = Pair[TypeModel]


@change_rule("SCHEMA_REMOVED", Kind.SCHEMA, "names", verdicts("breaking"))
def schema_removed(pair: Schemas) -> Facts | None:
    """A schema is gone, with all that it defines."""
    return rule.removed(pair)


@change_rule("SCHEMA_ADDED", Kind.SCHEMA, "names", verdicts("compatible"))
def schema_added(pair: Schemas) -> Facts | None:
    """There is a new schema."""
    return rule.added(pair)


@change_rule("SCHEMA_ID_CHANGED", Kind.SCHEMA, "terms", verdicts("editorial", shacl="compatible"))
def schema_id_changed(pair: Schemas) -> Facts | None:
    """A schema has another IRI; terms that change with it are told of its default namespace."""
    return differ(pair.old.id, pair.new.id) if pair.old and pair.new else None


@change_rule("DEFAULT_NAMESPACE_CHANGED", Kind.SCHEMA, "terms", verdicts("breaking", python="editorial"))
def default_namespace_changed(pair: Schemas) -> Facts | None:
    """Bare names and identifiers stand for other IRIs, and so do classes and slots without a term of their own."""
    return differ(pair.old.default_namespace, pair.new.default_namespace) if pair.old and pair.new else None


@change_rule("SCHEMA_PROSE_CHANGED", Kind.SCHEMA, "prose", verdicts("editorial"))
def schema_prose_changed(pair: Schemas) -> Facts | None:
    """Only what people read about a schema is different."""
    return rule.edited(pair, "title", "description", "license")


@change_rule("PREFIX_REMOVED", Kind.PREFIX, "terms", verdicts("editorial", rdf="breaking", mappings="breaking"))
def prefix_removed(pair: Prefixes) -> Facts | None:
    """A prefix is gone: identifiers that begin with it stand for no IRI any more."""
    return rule.removed(pair)


@change_rule("PREFIX_ADDED", Kind.PREFIX, "terms", verdicts("compatible", python="editorial", shacl="editorial"))
def prefix_added(pair: Prefixes) -> Facts | None:
    """There is a new prefix."""
    return rule.added(pair)


@change_rule("PREFIX_CHANGED", Kind.PREFIX, "terms", verdicts("editorial", rdf="breaking", mappings="breaking"))
def prefix_changed(pair: Prefixes) -> Facts | None:
    """A prefix stands for another IRI, and so do the identifiers that begin with it."""
    return differ(pair.old, pair.new) if pair.old is not None and pair.new is not None else None


@change_rule("TYPE_REMOVED", Kind.TYPE, "names", verdicts("compatible", mappings="breaking"))
def type_removed(pair: Types) -> Facts | None:
    """A type is gone; what became of the slots that took it is told of them."""
    return rule.removed(pair)


@change_rule("TYPE_ADDED", Kind.TYPE, "names", verdicts("compatible"))
def type_added(pair: Types) -> Facts | None:
    """There is a new type."""
    return rule.added(pair)


@change_rule("TYPE_CHANGED", Kind.TYPE, "ranges", verdicts("breaking"))
def type_changed(pair: Types) -> Facts | None:
    """A type has values of another kind."""
    return differ(pair.old.primitive.value, pair.new.primitive.value) if pair.old and pair.new else None


@change_rule("DATATYPE_CHANGED", Kind.TYPE, "terms",
             verdicts("editorial", rdf="breaking", shacl="breaking", mappings="compatible"))  # fmt: skip
def datatype_changed(pair: Types) -> Facts | None:
    """The values of a type have another RDF datatype."""
    return differ(pair.old.uri, pair.new.uri) if pair.old and pair.new else None


@change_rule("TYPE_TIGHTENED", Kind.TYPE, "constraints", verdicts("breaking"))
def type_tightened(pair: Types) -> Facts | None:
    """A type demands more of its values, or something else."""
    if not pair.old or not pair.new or facets_fewer(pair.new, pair.old):
        return None
    return Facts(_said(pair.old), _said(pair.new))


@change_rule("TYPE_LOOSENED", Kind.TYPE, "constraints", verdicts("compatible"))
def type_loosened(pair: Types) -> Facts | None:
    """A type demands less of its values."""
    if not pair.old or not pair.new or not facets_fewer(pair.new, pair.old) or facets_fewer(pair.old, pair.new):
        return None
    return Facts(_said(pair.old), _said(pair.new))


@change_rule("TYPE_PROSE_CHANGED", Kind.TYPE, "prose", verdicts("editorial"))
def type_prose_changed(pair: Types) -> Facts | None:
    """Only what people read about a type is different."""
    return rule.edited(pair, "description")


def _said(found: TypeModel) -> str | None:
    """What a type demands, in a line."""
    bounds = (found.minimum_value, found.maximum_value)
    said = [*found.patterns, *found.equals_string_in]
    if tighter((None, None), bounds):
        said.append("..".join("" if bound is None else str(bound) for bound in bounds))
    return ", ".join(said) or None


RULES = (
    schema_removed, schema_added, schema_id_changed, default_namespace_changed, schema_prose_changed, prefix_removed,
    prefix_added, prefix_changed, type_removed, type_added, type_changed, datatype_changed, type_tightened,
    type_loosened, type_prose_changed,
)  # fmt: skip
"""Every kind of change of a schema, a prefix or a type."""

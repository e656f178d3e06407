"""What the artefacts cannot express, and why four of them are not linkml's: tables for readers and tests.

A gap that touches verdicts is lenient unless it says otherwise: the artefact takes more than the checker does,
and never refuses what the checker takes. An example in the tests shows each to be still so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["GAPS", "LINKML", "Gap", "Shortfall"]


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that a generator (by its name in the table) cannot say, and what it does instead.

    ``id`` is stable. ``verdict`` tells how the artefact's verdict then differs from the checker's: ``lenient`` (it
    takes more) or ``stricter``, each proved by an example in the tests; empty where nothing is judged by it.
    """

    id: str
    generator: str
    construct: str
    instead: str
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Where linkml's generator of that name falls short, and what is done instead."""

    generator: str
    construct: str
    instead: str


GAPS: Final[tuple[Gap, ...]] = (
    # -- pydantic
    Gap(
        "pydantic-imports", "pydantic", "the classes below an imported class",
        "a designator chooses among the subclasses that are loaded; of two with one name, that of the same module",
    ),
    Gap(
        "pydantic-json-decimals", "pydantic", "decimals in model_dump(mode='json') that no double holds",
        "they come out as text, which is exact but no JSON number; model_dump() keeps them as Decimal",
    ),
    Gap(
        "pydantic-depth", "pydantic", "more than about a hundred classes each inlined in the next",
        "pydantic's own builder recurses too deeply (stricter than the checker)", "stricter",
    ),
    # -- SHACL
    Gap(
        "shacl-distinct", "shacl", "unique_keys, and identifiers that occur twice in a list",
        "not asked for: SHACL Core compares no nodes with one another, and objects with one identifier are one node",
        "lenient",
    ),
    Gap(
        "shacl-one-node", "shacl", "objects of one instance that have one identifier in different slots",
        "they are one node with the properties of both (stricter than the checker)", "stricter",
    ),
    Gap(
        "shacl-repetition", "shacl", "minimum_cardinality above 1 of values that are no objects; values that repeat",
        "equal values are one triple, so only presence is asked for, and a repeated value counts once", "lenient",
    ),
    Gap(
        "shacl-forms", "shacl", "a list, a single value or a mapping by identifier in the place of another",
        "RDF has none of them: each is as many triples as there are values", "lenient",
    ),
    Gap(
        "shacl-nothing", "shacl", "null and empty lists where there must be nothing, or a value",
        "they give no triple", "lenient",
    ),
    Gap(
        "shacl-identifiers", "shacl", "types, patterns and facets of identifiers",
        "an identifier is the node itself, and gives no triple", "lenient",
    ),
    Gap(
        "shacl-designators", "shacl", "facets of type designators, and whether one is there",
        "a designator is the type of the node, and gives no triple of its own", "lenient",
    ),
    Gap(
        "shacl-references", "shacl", "the form of a reference",
        "any text or number is an IRI when it is written, and an object in its place is a node too", "lenient",
    ),
    Gap(
        "shacl-curies", "shacl", "patterns and equality of CURIEs and references",
        "RDF holds the expanded IRI; nothing is said of it", "lenient",
    ),
    Gap(
        "shacl-patterns", "shacl", "patterns that other engines read otherwise",
        "left out; see lexical_patterns.is_portable", "lenient",
    ),
    Gap(
        "shacl-conditions", "shacl",
        "rules and conditions about objects, identifiers, CURIE patterns, counts above 1 or shared properties",
        "left out: a weaker test below a negation would refuse valid data", "lenient",
    ),
    Gap(
        "shacl-alternatives", "shacl",
        "none_of and exactly_one_of parts about objects, CURIE patterns or ranges that overlap",
        "left out, exactly_one_of becomes any_of, or holds for the one datatype that a literal has", "lenient",
    ),
    Gap(
        "shacl-shared-slots", "shacl", "several slots of a class with one slot_uri",
        "one shape: a value has to fit one of the slots", "lenient",
    ),
    Gap(
        "shacl-shared-classes", "shacl", "several classes with one class_uri",
        "an instance has to fit the shape of one of them", "lenient",
    ),
    Gap(
        "shacl-open", "shacl", "keys of an open class that are no slots",
        "no IRI stands for them, so no triple says them; the shape is not closed", "lenient",
    ),
    Gap("shacl-ncname", "shacl", "the lexical form of ncname", "any string", "lenient"),
    # -- JSON Schema
    Gap(
        "json-schema-distinct", "json-schema", "unique_keys, and identifiers that occur twice in a list",
        "not asked for: uniqueItems compares whole items only", "lenient",
    ),
    Gap(
        "json-schema-number-patterns", "json-schema", "patterns of numbers and booleans",
        "JSON Schema knows patterns of strings only", "lenient",
    ),
    Gap(
        "json-schema-patterns", "json-schema", "patterns that other engines read otherwise",
        "left out, with what is negated because of them; see lexical_patterns.is_portable", "lenient",
    ),
    Gap(
        "json-schema-keys", "json-schema", "an object's identifier equal to the key it stands under",
        "not asked for", "lenient",
    ),
    Gap(
        "json-schema-number-keys", "json-schema", "bounds, sizes and patterns of identifiers that are numbers, as keys",
        "a key is text: only its form is asked for", "lenient",
    ),
    Gap(
        "json-schema-number-sizes", "json-schema", "size limits of numbers (4096 bits, 10^308)", "not asked for",
        "lenient",
    ),
    Gap(
        "json-schema-characters", "json-schema", "IRIs and CURIEs with characters beyond Latin-1",
        "some invisible ones pass", "lenient",
    ),
    Gap(
        "json-schema-formats", "json-schema", "formats date, date-time, time and iri",
        "annotations; the patterns decide",
    ),
    Gap(
        "json-schema-line-feed", "json-schema", "a text that ends in a line feed, in engines whose $ stops before it",
        "it passes there",
    ),
    # -- JSON-LD context
    Gap(
        "jsonld-types", "jsonld-context", "rdf:type of objects without a type designator",
        "no type: the context cannot know the class (the sinks write it)",
    ),
    Gap(
        "jsonld-numbers", "jsonld-context", "numbers in JSON",
        "exact only as far as the reader of the JSON keeps their digits",
    ),
    Gap(
        "jsonld-meanings", "jsonld-context", "enums with a meaning for some values only",
        "all values are plain literals",
    ),
    Gap("jsonld-ranges", "jsonld-context", "values of several ranges in one slot", "no coercion: text stays text"),
    Gap(
        "jsonld-prefixed", "jsonld-context", "a uri value that begins with a declared prefix",
        "it is expanded like a CURIE",
    ),
    Gap("jsonld-number-references", "jsonld-context", "references by number", "they stay numbers"),
    Gap("jsonld-any", "jsonld-context", "range Any", "objects are nodes, not JSON literals"),
    Gap(
        "jsonld-bare", "jsonld-context", "bare identifiers",
        "relative to @base, which is the default namespace if that ends in a slash",
    ),
    Gap(
        "jsonld-names", "jsonld-context", "slot names with ':' or '/', or that start with '@'",
        "no term: the values are dropped",
    ),
    Gap(
        "jsonld-prefix-names", "jsonld-context", "a slot with the name of a prefix",
        "the prefix is not defined: its CURIEs stay as they are",
    ),
    Gap(
        "jsonld-roots", "jsonld-context", "a root object without designator whose slot name has several meanings",
        "the meaning in the tree root, else the commonest one",
    ),
    Gap(
        "jsonld-nesting", "jsonld-context", "classes inside themselves with such names",
        "contexts are nested to a bounded depth",
    ),
    # -- by linkml
    Gap("owl-open", "owl", "everything closed: unknown slots, missing values", "OWL assumes an open world"),
    Gap("owl-constraints", "owl", "patterns of CURIEs, rules, designators", "left out"),
    Gap(
        "typescript-constraints", "typescript", "facets, cardinalities, boolean constraints, rules",
        "only ranges and required",
    ),
    Gap(
        "typescript-enums", "typescript", "ranges that are enums",
        "linkml 1.12 types them as string; the enums are there to use",
    ),
    Gap(
        "sql-constraints", "sql", "facets, boolean constraints, rules, polymorphic objects",
        "only tables, keys and types",
    ),
)  # fmt: skip
"""Every known gap."""

LINKML: Final[tuple[Shortfall, ...]] = (
    Shortfall(
        "pydantic", "a quote in a title is Python code of the module",
        "syntax trees, verified at the end",
    ),
    Shortfall(
        "pydantic", "a quote in a permissible value breaks the module",
        "members with safe names, values as constants",
    ),
    Shortfall(
        "pydantic", "patterns run in Python's backtracking re",
        "the linear-time engine, also for patterns of types",
    ),
    Shortfall("pydantic", "patterns of types are dropped", "every type is an alias with its facets"),
    Shortfall("pydantic", "parts of any_of lose their facets; none_of and rules are dropped", "all are kept"),
    Shortfall("pydantic", "true is an integer, 'yes' a boolean and '1' an integer", "strict types"),
    Shortfall(
        "shacl", "parts of any_of lose their patterns; none_of, rules ... are dropped",
        "sh:or, sh:not ...",
    ),
    Shortfall(
        "shacl", "sh:class asks for the type of things that stand in another record",
        "sh:nodeKind sh:IRI",
    ),
    Shortfall("shacl", "identifiers and type designators are properties", "they are the node and its type"),
    Shortfall("json-schema", "without a tree root every object is valid", "any concrete class"),
    Shortfall(
        "json-schema", "dates are a format, which validators need not check",
        "a pattern beside the format",
    ),
    Shortfall(
        "json-schema", "a subclass without its designator passes for the declared class",
        "the designator decides",
    ),
    Shortfall("jsonld-context", "one definition for each slot name: the last class wins", "scoped contexts"),
    Shortfall(
        "jsonld-context", "type designators are properties, codes are words",
        "@type, and the meanings as terms",
    ),
)  # fmt: skip
"""Where linkml's own generators (1.12) fall short, and what is done instead; a test holds each to be still so."""

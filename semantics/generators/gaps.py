"""What the artefacts cannot express, and why four of them are not linkml's: tables for readers and tests.

Every gap is lenient unless it says otherwise: the artefact takes more than the checker does, and
never refuses what the checker takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["GAPS", "LINKML", "Gap"]


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that a generator (by its name in the table) cannot say, and what it does instead."""

    generator: str
    construct: str
    instead: str


GAPS: Final[tuple[Gap, ...]] = (
    # -- pydantic
    Gap(
        "pydantic", "the classes below an imported class",
        "a designator chooses among the subclasses that are loaded; of two with one name, that of the same module",
    ),
    Gap(
        "pydantic", "decimals in model_dump(mode='json') that no double holds",
        "they come out as text, which is exact but no JSON number; model_dump() keeps them as Decimal",
    ),
    Gap("pydantic", "unique_keys", "they are about a collection, not about one instance"),
    Gap(
        "pydantic", "mappings by identifiers that are decimals, floats or booleans",
        "their keys are refused (stricter than the checker)",
    ),
    Gap("pydantic", "halves of surrogate pairs in text", "they are refused (stricter than the checker)"),
    Gap(
        "pydantic", "more than about a hundred classes each inlined in the next",
        "pydantic's own builder recurses too deeply (stricter than the checker)",
    ),
    # -- SHACL
    Gap("shacl", "minimum_cardinality above 1", "equal values are one triple, so only presence is asked for"),
    Gap("shacl", "the order and the repetition of values in a list", "RDF has neither"),
    Gap("shacl", "patterns and facets of identifiers", "an identifier is the node itself, and gives no triple"),
    Gap("shacl", "patterns of CURIEs", "RDF holds the expanded IRI; nothing is said of it"),
    Gap("shacl", "patterns that other engines read otherwise", "left out; see lexical_patterns.is_portable"),
    Gap(
        "shacl", "rules and none_of or exactly_one_of parts about objects, CURIE patterns or shared properties",
        "left out, exactly_one_of becomes any_of: a weaker test below a negation would refuse valid data",
    ),
    Gap("shacl", "several slots of a class with one slot_uri", "one shape: a value has to fit one of the slots"),
    Gap("shacl", "several classes with one class_uri", "an instance has to fit the shape of one of them"),
    Gap("shacl", "exactly_one_of over ranges that overlap", "a literal has one datatype, so one part holds"),
    Gap("shacl", "the lexical form of ncname", "any string"),
    Gap("shacl", "range Any", "any term"),
    # -- JSON Schema
    Gap("json-schema", "patterns of numbers and booleans", "JSON Schema knows patterns of strings only"),
    Gap("json-schema", "patterns that other engines read otherwise", "left out; see lexical_patterns.is_portable"),
    Gap("json-schema", "an object's identifier equal to the key it stands under", "not asked for"),
    Gap("json-schema", "size limits of numbers (4096 bits, 10^308)", "not asked for"),
    Gap("json-schema", "IRIs and CURIEs with characters beyond Latin-1", "some invisible ones pass"),
    Gap("json-schema", "formats date, date-time, time and iri", "annotations; the patterns decide"),
    Gap("json-schema", "a text that ends in a line feed, in engines whose $ stops before it", "it passes there"),
    # -- JSON-LD context
    Gap(
        "jsonld-context", "rdf:type of objects without a type designator",
        "no type: the context cannot know the class (the sinks write it)",
    ),
    Gap("jsonld-context", "numbers in JSON", "exact only as far as the reader of the JSON keeps their digits"),
    Gap("jsonld-context", "enums with a meaning for some values only", "all values are plain literals"),
    Gap("jsonld-context", "values of several ranges in one slot", "no coercion: text stays text"),
    Gap("jsonld-context", "a uri value that begins with a declared prefix", "it is expanded like a CURIE"),
    Gap("jsonld-context", "references by number", "they stay numbers"),
    Gap("jsonld-context", "range Any", "objects are nodes, not JSON literals"),
    Gap(
        "jsonld-context", "bare identifiers",
        "relative to @base, which is the default namespace if that ends in a slash",
    ),
    Gap("jsonld-context", "slot names with ':' or '/', or that start with '@'", "no term: the values are dropped"),
    Gap("jsonld-context", "a slot with the name of a prefix", "the prefix is not defined: its CURIEs stay as they are"),
    Gap(
        "jsonld-context", "a root object without designator whose slot name has several meanings",
        "the meaning in the tree root, else the commonest one",
    ),
    Gap("jsonld-context", "classes inside themselves with such names", "contexts are nested to a bounded depth"),
    # -- by linkml
    Gap("owl", "everything closed: unknown slots, missing values", "OWL assumes an open world"),
    Gap("owl", "patterns of CURIEs, rules, designators", "left out"),
    Gap("typescript", "facets, cardinalities, boolean constraints, rules", "only ranges and required"),
    Gap("typescript", "ranges that are enums", "linkml 1.12 types them as string; the enums are there to use"),
    Gap("sql", "facets, boolean constraints, rules, polymorphic objects", "only tables, keys and types"),
)  # fmt: skip
"""Every known gap."""

LINKML: Final[tuple[Gap, ...]] = (
    Gap("pydantic", "a quote in a title is Python code of the module", "syntax trees, verified at the end"),
    Gap("pydantic", "a quote in a permissible value breaks the module", "members with safe names, values as constants"),
    Gap("pydantic", "patterns run in Python's backtracking re", "the linear-time engine, also for patterns of types"),
    Gap("pydantic", "patterns of types are dropped", "every type is an alias with its facets"),
    Gap("pydantic", "parts of any_of lose their facets; none_of and rules are dropped", "all are kept"),
    Gap("pydantic", "true is an integer, 'yes' a boolean and '1' an integer", "strict types"),
    Gap("shacl", "parts of any_of lose their patterns; none_of, rules ... are dropped", "sh:or, sh:not ..."),
    Gap("shacl", "sh:class asks for the type of things that stand in another record", "sh:nodeKind sh:IRI"),
    Gap("shacl", "identifiers and type designators are properties", "they are the node and its type"),
    Gap("json-schema", "without a tree root every object is valid", "any concrete class"),
    Gap("json-schema", "dates are a format, which validators need not check", "a pattern beside the format"),
    Gap("json-schema", "a subclass without its designator passes for the declared class", "the designator decides"),
    Gap("jsonld-context", "one definition for each slot name: the last class wins", "scoped contexts"),
    Gap("jsonld-context", "type designators are properties, codes are words", "@type, and the meanings as terms"),
)  # fmt: skip
"""Where linkml's own generators (1.12) fall short, and what is done instead; a test holds each to be still so."""

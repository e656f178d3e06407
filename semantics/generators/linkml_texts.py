"""OWL, TypeScript and SQL by linkml's own generators, fed with a schema that has nothing to fetch.

These three are views for other tools; they say less than the schema (see :mod:`semantics.generators.gaps`).
What linkml leaves to chance is settled: OWL is written again with its blank nodes in place and its lists
sorted, TypeScript gets names and codes that are safe in its text, and no output has a date.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from semantics.generators.linkml_definition import Spelling, definition
from semantics.generators.names import allocated, members
from semantics.generators.turtle import RDF, Iri, Items, Literal, Node, Term, document
from semantics.lexical import Primitive
from semantics.schema.model import EnumModel, SchemaModel

if TYPE_CHECKING:
    from linkml_runtime.linkml_model.meta import ClassDefinition, SlotDefinition
    from rdflib import Graph

__all__ = ["owl", "sql", "typescript"]


def owl(schema: SchemaModel) -> str:
    """An OWL ontology in Turtle, its blank nodes written in place and in order."""
    with _quiet():
        from linkml.generators.owlgen import OwlSchemaGenerator

        generator = OwlSchemaGenerator(
            definition(schema, Spelling()),
            metadata=False,
            metaclasses=False,
            type_objects=False,
            use_native_uris=False,
            skip_vacuous_min_zero_cardinality_axioms=True,
            skip_vacuous_local_range_axioms=True,
            consolidate_cardinality_axioms=True,
        )
        graph = generator.as_graph()
    owl_namespace = "http://www.w3.org/2002/07/owl#"
    prefixes = {**schema.namespaces, "owl": owl_namespace, "rdfs": "http://www.w3.org/2000/01/rdf-schema#"}
    prefixes |= {"xsd": "http://www.w3.org/2001/XMLSchema#", "skos": "http://www.w3.org/2004/02/skos/core#"}
    return document(prefixes, _blocks(graph))


def sql(schema: SchemaModel) -> str:
    """Table definitions in SQLite's dialect."""
    with _quiet():
        from linkml.generators.sqltablegen import SQLTableGenerator

        spelling = Spelling(
            classes=allocated(schema.classes),
            enums=allocated(schema.enums, set(allocated(schema.classes).values())),
            slots=allocated(_slot_names(schema)),
            facets=False,
        )
        generator = SQLTableGenerator(definition(schema, spelling), metadata=False)
        return _ordered(str(generator.serialize()))


def typescript(schema: SchemaModel) -> str:
    """Interfaces and enums in TypeScript. Decimals are numbers; dates, times and IRIs are text."""
    with _quiet():
        classes = allocated(schema.classes)
        spelling = Spelling(
            classes=classes,
            enums=allocated(schema.enums, set(classes.values())),
            bases={
                Primitive.INTEGER: "int",
                Primitive.DECIMAL: "float",
                Primitive.FLOAT: "float",
                Primitive.BOOLEAN: "Bool",
            },
            code=_code,
            titles=_titles,
            facets=False,
        )
        text = str(_typescript_generator()(definition(schema, spelling), metadata=False).serialize())
    lines = (line.rstrip() for line in text.strip().splitlines())
    return "\n".join(lines) + "\n"


def _typescript_generator() -> Any:
    """The generator of linkml, with names taken as they are, and quoted where TypeScript asks for it."""
    from linkml.generators.typescriptgen import TypescriptGenerator

    class Typescript(TypescriptGenerator):  # type: ignore[misc]
        """TypeScript with the keys that instances have."""

        @staticmethod
        def name(element: ClassDefinition | SlotDefinition) -> str:
            """The name of a class or the key of a slot."""
            name = str(element.name)
            return name if name.isidentifier() else json.dumps(name)

        @staticmethod
        def parents(definition: ClassDefinition) -> list[str]:
            """The interfaces that an interface extends."""
            return [str(parent) for parent in (definition.is_a, *definition.mixins) if parent]

    return Typescript


def _titles(enum: EnumModel) -> dict[str, str]:
    return members(enum.values)


def _code(text: str) -> str:
    """A permissible value as it stands between the double quotes of a TypeScript string."""
    return "".join(char if char.isprintable() and char not in '"\\\u2028\u2029' else _escape(char) for char in text)


def _escape(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _slot_names(schema: SchemaModel) -> dict[str, None]:
    return dict.fromkeys(name for cls in schema.classes.values() for name in cls.slots)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence: linkml and its libraries log and warn about what has been decided here."""
    names = [name for name in logging.root.manager.loggerDict if name.startswith(("linkml", "rdflib"))]
    loggers = [logging.getLogger(name) for name in names]
    before = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
        for logger, disabled in zip(loggers, before, strict=True):
            logger.disabled = disabled


# -- tables in order -----------------------------------------------------------------------------


def _ordered(text: str) -> str:
    """The statements with tables before those that refer to them, as far as that goes; then the indexes."""
    lines = text.splitlines()
    head = [line for line in lines if line.startswith("--")]
    statements = list(_statements("\n".join(lines[len(head) :])))
    tables = {name: each for each in statements if (name := _table(each))}
    rest = sorted(each for each in statements if not _table(each))
    found: dict[str, str] = {}
    waiting = sorted(tables)
    while waiting:
        ready = [name for name in waiting if not _references(tables[name]) & set(waiting) - {name}]
        for name in ready or waiting[:1]:
            found[name] = tables[name]
            waiting.remove(name)
    return "\n".join([*head, "", *found.values(), *rest]) + "\n"


def _statements(text: str) -> Iterator[str]:
    """Statements up to their semicolon; one inside quotes ends nothing."""
    start, quote = 0, ""
    for position, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == ";":
            yield text[start : position + 1].strip()
            start = position + 1


def _table(statement: str) -> str | None:
    head, created, rest = statement.partition("CREATE TABLE ")
    return rest.partition("(")[0].strip().strip('"') if created and not head else None


def _references(statement: str) -> set[str]:
    parts = statement.split(" REFERENCES ")[1:]
    return {part.partition("(")[0].strip().strip('"') for part in parts}


# -- a graph as a document -----------------------------------------------------------------------


def _blocks(graph: Graph) -> Iterator[tuple[str | None, tuple[tuple[str, Term], ...]]]:
    """Every IRI that is a subject, in order, and then blank nodes that nothing refers to."""
    from rdflib import BNode, URIRef

    for subject in sorted({node for node in graph.subjects() if isinstance(node, URIRef)}):
        yield str(subject), _node(graph, subject, ()).pairs
    loose = [
        _node(graph, node, ())
        for node in set(graph.subjects())
        if isinstance(node, BNode) and (None, None, node) not in graph
    ]
    for node in sorted(loose, key=repr):
        yield None, node.pairs


def _node(graph: Graph, subject: Any, above: tuple[Any, ...]) -> Node:
    pairs = [
        (str(predicate), _term(graph, value, (*above, subject)))
        for predicate, value in graph.predicate_objects(subject)
    ]
    first = f"{RDF}type"
    return Node(tuple(sorted(pairs, key=lambda pair: (pair[0] != first, pair[0], repr(pair[1])))))


def _term(graph: Graph, value: Any, above: tuple[Any, ...]) -> Term:
    from rdflib import RDF as TERMS
    from rdflib import BNode
    from rdflib import Literal as RdfLiteral

    if isinstance(value, RdfLiteral):
        return Literal(str(value), str(value.datatype or "http://www.w3.org/2001/XMLSchema#string"))
    if isinstance(value, BNode) and value not in above:
        if (value, TERMS.first, None) in graph:
            items = [_term(graph, item, (*above, value)) for item in graph.items(value)]
            return Items(tuple(sorted(items, key=repr)))
        return _node(graph, value, above)
    return Iri(str(value))

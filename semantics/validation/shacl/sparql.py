"""SPARQL constraints (SHACL 1.0, part 2, section 5): run only where the operator allows them, and on one graph only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from semantics.validation.shacl.faults import ill_formed
from semantics.validation.shacl.graph import Graph
from semantics.validation.shacl.terms import sh, text_of

__all__ = ["SPARQL", "check_queries"]

SPARQL: Final = frozenset({"sparql", "select", "prefixes"})
"""The properties of a SPARQL constraint."""
_ELSEWHERE: Final = {"DatasetClause": "FROM", "ServiceGraphPattern": "SERVICE", "GraphGraphPattern": "GRAPH"}
"""The parts of a query that read another graph than that of the data, as rdflib's parser names them."""


def check_queries(shapes: Graph, *, allowed: bool) -> None:
    """Look at every SPARQL constraint before one is run.

    Raises :class:`~semantics.errors.DefinitionError`: VAL043 where there is one and it is not ``allowed``, VAL044
    for a query that is not one SELECT over the data alone.
    """
    queries = [value for _, predicate, value in shapes.triples() if predicate == sh("select")]
    constraints = any(predicate == sh("sparql") for _, predicate, _ in shapes.triples())
    if (queries or constraints) and not allowed:
        hint = "--allow-sparql lets them run: a query can take any amount of time"
        raise ill_formed("they hold SPARQL constraints (sh:sparql)", code="VAL043", about="sparql", hint=hint)
    for query in queries:
        _check(text_of(query))


def _check(query: str) -> None:
    from rdflib.plugins.sparql.parser import parseQuery

    try:
        parsed = parseQuery(query)
    except Exception:  # the parser raises whatever it trips over, with the query in its words
        raise ill_formed("a value of sh:select is not a SPARQL query", code="VAL044", about="select") from None
    names = list(_names(parsed))
    for name, word in _ELSEWHERE.items():
        if name in names:
            raise ill_formed(f"a SPARQL query reads another graph ({word})", code="VAL044", about="select",
                             hint="a constraint is about the data graph alone")  # fmt: skip
    if "SelectQuery" not in names:
        raise ill_formed("a value of sh:select is not a SELECT query", code="VAL044", about="select")


def _names(part: Any) -> Iterator[str]:
    """The names of all parts of a parsed query."""
    name = getattr(part, "name", None)
    if isinstance(name, str):
        yield name
    if isinstance(part, dict):
        for inner in part.values():
            yield from _names(inner)
    elif isinstance(part, (list, tuple)) or type(part).__name__ in ("ParseResults", "plist"):
        for inner in part:
            yield from _names(inner)

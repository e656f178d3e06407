"""SHACL by pySHACL: the reference that the compiled shapes are held against, and what checks all that is not compiled.

Nothing is switched on beyond SHACL Core, and SPARQL constraints where the caller allows them: no inference, no
JavaScript, no ``owl:imports``, nothing fetched. Patterns run in the linear-time engine and are a search, as SPARQL's
REGEX is (SHACL 1.0, section 4.4.3).
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

from semantics.validation.findings import shortened
from semantics.validation.shacl.components import search
from semantics.validation.shacl.faults import ill_formed
from semantics.validation.shacl.graph import Graph
from semantics.validation.shacl.paths import read_path
from semantics.validation.shacl.results import Result
from semantics.validation.shacl.shapes import REFUSED, message_of
from semantics.validation.shacl.sparql import SPARQL, check_queries
from semantics.validation.shacl.terms import SH, datatype_of, iri_of, language_of, literal, sh, text_of

if TYPE_CHECKING:
    import rdflib

__all__ = ["graph_of", "validate"]

_lock = RLock()


def validate(graph: Graph, shapes: Graph, *, sparql: bool = False) -> list[Result]:
    """Every result of pySHACL. ``sparql`` lets SPARQL constraints through, which must not read other graphs.

    Raises :class:`~semantics.errors.DefinitionError` (VAL041, VAL043, VAL044) for shapes that cannot be used.
    """
    refuse_advanced(shapes, sparql=sparql)
    with _quiet(), _linear_patterns():
        return list(_results(_run(_rdflib(graph), _rdflib(shapes)), shapes))


def refuse_advanced(shapes: Graph, *, sparql: bool) -> None:
    """Raise :class:`~semantics.errors.DefinitionError` for what no engine carries out, or may carry out."""
    used = {predicate for _, predicate, _ in shapes.triples()}
    for name in REFUSED:
        if sh(name) in used and name not in SPARQL:
            hint = "shapes are Turtle, and SHACL Core: no SPARQL, no JavaScript, no rules"
            raise ill_formed(f"they use sh:{name}", about=name, hint=hint)
    check_queries(shapes, allowed=sparql)


def _run(graph: rdflib.Graph, shapes: rdflib.Graph) -> rdflib.Graph:
    """The results graph of pySHACL."""
    import rdflib
    from pyshacl import validate
    from pyshacl.errors import ReportableRuntimeError

    try:
        _, results, _ = validate(
            graph,
            shacl_graph=shapes,
            inference="none",
            advanced=False,
            js=False,
            do_owl_imports=False,
            meta_shacl=False,
            inplace=False,
            abort_on_first=False,
            # Its own 15 is five or six objects inside one another; a record may hold 128.
            max_validation_depth=500,
        )
    except (ReportableRuntimeError, RecursionError) as reason:
        raise ill_formed(shortened(getattr(reason, "message", "") or "recursive", 200)) from None
    if isinstance(results, rdflib.Graph):
        return results
    raise ill_formed(shortened(str(getattr(results, "message", "validation failed")), 200))


# -- terms of rdflib -----------------------------------------------------------------------------


def _rdflib(graph: Graph) -> rdflib.Graph:
    """The graph as rdflib has it; to it ``"a"`` and ``"a"^^xsd:string`` are two terms, so strings have no datatype."""
    import rdflib
    from pyshacl.monkey import rdflib_bool_patch, rdflib_bool_unpatch

    found = rdflib.Graph(bind_namespaces="none")
    # "1"^^xsd:boolean switches nothing on, as pySHACL reads shapes itself.
    rdflib_bool_patch()
    try:
        for subject, predicate, value in graph.triples():
            found.add((_node(subject), _node(predicate), _node(value)))
    finally:
        rdflib_bool_unpatch()
    return found


def _node(term: str) -> rdflib.term.Node:
    import rdflib

    if term[0] == "<":
        return rdflib.URIRef(term[1:-1])
    if term[0] == "_":
        return rdflib.BNode(term[2:])
    if term[-1] == '"':
        return rdflib.Literal(text_of(term))
    if language := language_of(term):
        return rdflib.Literal(text_of(term), lang=language)
    return rdflib.Literal(text_of(term), datatype=rdflib.URIRef(datatype_of(term)), normalize=False)


def _term(node: rdflib.term.Node | None) -> str | None:
    import rdflib

    match node:
        case None:
            return None
        case rdflib.URIRef():
            return f"<{node}>"
        case rdflib.BNode():
            return f"_:{node}"
        case rdflib.Literal():
            return literal(str(node), str(node.datatype) if node.datatype else None, node.language)
        case _:
            return None


def graph_of(graph: rdflib.Graph) -> Graph:
    """A graph of rdflib as one of terms."""
    triples = ((_term(one), _term(two), _term(three)) for one, two, three in graph)
    return Graph.of((one, two, three) for one, two, three in triples if one and two and three)


# -- how pySHACL is run --------------------------------------------------------------------------


@contextmanager
def _quiet() -> Iterator[None]:
    """No warnings and no log lines of rdflib, which quote literals; and literals stay as they are written."""
    import rdflib

    logger = logging.getLogger("rdflib.term")
    with _lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = logger.disabled, rdflib.NORMALIZE_LITERALS
        logger.disabled, rdflib.NORMALIZE_LITERALS = True, False
        try:
            yield
        finally:
            logger.disabled, rdflib.NORMALIZE_LITERALS = before


@contextmanager
def _linear_patterns() -> Iterator[None]:
    """Run pySHACL with our pattern engine in place of backtracking, start-anchored matching."""
    from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
    from rdflib import URIRef

    parameter = URIRef(f"{SH}pattern")
    before = CONSTRAINT_PARAMETERS_MAP[parameter]
    CONSTRAINT_PARAMETERS_MAP[parameter] = _linear_component(before)
    try:
        yield
    finally:
        CONSTRAINT_PARAMETERS_MAP[parameter] = before


def _linear_component(component: Any) -> Any:
    """A pattern constraint like pySHACL's own that matches with :func:`~semantics.patterns.compile_pattern`."""
    from pyshacl.constraints.core.string_based_constraints import StringBasedConstraintBase

    class LinearPattern(component):  # type: ignore[misc]
        """``sh:pattern`` with ``sh:flags``."""

        def __init__(self, shape: Any) -> None:
            StringBasedConstraintBase.__init__(self, shape)
            self.string_rules = _texts(shape, "pattern")
            flags = "".join(str(flag) for flag in _texts(shape, "flags")[:1])
            self.flags = None
            self.compiled_cache = {rule: _Search(str(rule), flags) for rule in self.string_rules}

    return LinearPattern


def _texts(shape: Any, name: str) -> list[Any]:
    import rdflib

    found = sorted(shape.objects(rdflib.URIRef(f"{SH}{name}")))
    if not all(isinstance(node, rdflib.Literal) for node in found):
        raise ill_formed(f"a value of sh:{name} is not a string", about=name)
    return found


class _Search:
    """A compiled pattern with the methods that pySHACL calls; both search."""

    def __init__(self, pattern: str, flags: str) -> None:
        self._matches: Final = search(pattern, flags)

    def match(self, text: str) -> bool:
        """Whether the text holds a match."""
        return self._matches(text)

    search = match


# -- reading the results -------------------------------------------------------------------------


def _results(found: rdflib.Graph, shapes: Graph) -> Iterator[Result]:
    graph = graph_of(found)
    # Only what the report lists: the details of a result are results too, and not findings of their own.
    for name in [value for _, predicate, value in graph.triples() if predicate == sh("result")]:

        def value(word: str, subject: str = name) -> str | None:
            return next(iter(graph.objects(subject, sh(word))), None)

        path, shape = value("resultPath"), value("sourceShape") or ""
        component = iri_of(value("sourceConstraintComponent") or "<>") or ""
        yield Result(
            focus=value("focusNode") or "",
            path=read_path(graph, path) if path else None,
            component=component.removeprefix(SH).removesuffix("ConstraintComponent"),
            value=value("value"),
            shape=shape,
            severity=iri_of(value("resultSeverity") or "<>") or "",
            message=message_of(shapes, value("sourceConstraint") or "") or message_of(shapes, shape),
        )

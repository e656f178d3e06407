"""Validation of RDF against SHACL shapes, read back into the one report.

pySHACL does the work, with nothing switched on beyond SHACL Core: no inference, no SPARQL, no JavaScript,
no ``owl:imports``, nothing fetched. Patterns run in the linear-time engine and are a search, as SPARQL's
REGEX is (SHACL 1.0, section 4.4.3).
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, Any, Final, Literal

from semantics.errors import DefinitionError, Diagnostic, Location, Severity, SourceError
from semantics.patterns import PatternError, compile_pattern
from semantics.validation.findings import shortened
from semantics.validation.report import Finding, ValidationReport

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

__all__ = ["validate_graph"]

Format = Literal["nt", "turtle"]

SH: Final = "http://www.w3.org/ns/shacl#"
_CODES: Final = {
    "MinCount": "VAL001",
    "MaxCount": "VAL007",
    "Closed": "VAL002",
    "Datatype": "VAL003",
    "In": "VAL004",
    "Pattern": "VAL005",
    "MinInclusive": "VAL006",
    "MaxInclusive": "VAL006",
    "MinExclusive": "VAL006",
    "MaxExclusive": "VAL006",
    "Or": "VAL010",
    "And": "VAL010",
    "Not": "VAL010",
    "Xone": "VAL010",
    "Class": "VAL012",
    "NodeKind": "VAL014",
    "HasValue": "VAL016",
}
"""The code of the checker that says the same as a SHACL constraint component."""
_SEVERITIES: Final = {"Violation": Severity.ERROR, "Warning": Severity.WARNING, "Info": Severity.NOTE}
_REFUSED: Final = (
    "sparql", "js", "rule", "target", "values", "expression", "prefixes", "select", "ask", "construct",
    "jsFunctionName", "jsLibrary", "validator", "nodeValidator", "propertyValidator",
)  # fmt: skip
"""Properties of SHACL-SPARQL, SHACL-JS and SHACL Advanced Features, which are not carried out."""

_lock = RLock()


def validate_graph(
    data: str | bytes | Graph,
    shapes_ttl: str,
    *,
    format: Format = "nt",
    locations: Mapping[str, Location] | None = None,
    checked: int = 0,
) -> ValidationReport:
    """Validate RDF (N-Triples or Turtle text, or a graph) against shapes in Turtle.

    ``locations`` maps the IRI of a focus node (or ``_:label``) to where its record stands: ``file``, ``line``
    and ``pointer`` of the finding, which then leaves the node's own IRI out. ``checked`` is the number of
    instances, for the report (0: count the nodes that have a class). Raises
    :class:`~semantics.errors.SourceError` for data that cannot be read and
    :class:`~semantics.errors.DefinitionError` for shapes that cannot.
    """
    shapes = _shapes(shapes_ttl)
    graph = _parsed(data, format, _bad_data) if isinstance(data, (str, bytes)) else _simple(data)
    results = _run(graph, shapes)
    findings = sorted(_findings(results, shapes, locations or {}), key=_order)
    invalid = {
        (finding.focus, finding.source, finding.line, finding.pointer)
        for finding in findings
        if finding.severity is Severity.ERROR
    }
    seen = checked or len(set(graph.subjects(_rdf_type(), None)))
    return ValidationReport.of(findings, checked=max(seen, len(invalid)), invalid=len(invalid))


def _rdf_type() -> Node:
    from rdflib import RDF

    return RDF.type


def _bad_shapes(reason: str) -> DefinitionError:
    hint = "shapes are Turtle, and SHACL Core: no SPARQL, no JavaScript, no rules"
    return DefinitionError(Diagnostic("VAL041", f"the shapes cannot be used: {reason}", hint=hint))


def _bad_data(reason: str) -> SourceError:
    return SourceError(Diagnostic("VAL040", f"the RDF cannot be read: {reason}"))


def _shapes(text: str) -> Graph:
    """The shapes graph. ``"1"^^xsd:boolean`` switches nothing on, as pySHACL reads shapes itself."""
    from pyshacl.monkey import rdflib_bool_patch, rdflib_bool_unpatch

    with _lock:
        rdflib_bool_patch()
        try:
            shapes = _parsed(text, "turtle", _bad_shapes)
        finally:
            rdflib_bool_unpatch()
    _refuse_advanced(shapes)
    return shapes


def _parsed(text: str | bytes, format_: str, fault: Callable[[str], Exception]) -> Graph:
    """A graph from text. Parsing Turtle and N-Triples fetches nothing."""
    from rdflib import Graph

    if format_ not in ("nt", "turtle"):
        raise fault(f"'{format_}' is not one of nt, turtle")
    graph = Graph(bind_namespaces="none")
    try:
        with _quiet():
            return _simple(graph.parse(data=text, format=format_))
    except Exception as reason:  # rdflib's parsers raise whatever they trip over
        line = getattr(reason, "lines", None)
        place = f" near line {line + 1}" if isinstance(line, int) else ""
        raise fault(f"it is not valid {format_} ({type(reason).__name__}{place})") from None


def _simple(graph: Graph) -> Graph:
    """The graph with strings in their simple form: to rdflib ``"a"`` and ``"a"^^xsd:string`` are two terms.

    They are one (RDF 1.1, section 3.3). The graph itself is left alone.
    """
    from rdflib import XSD, Graph, Literal

    typed = [triple for triple in graph if isinstance(triple[2], Literal) and triple[2].datatype == XSD.string]
    if not typed:
        return graph
    found = Graph(bind_namespaces="none")
    for triple in graph:
        found.add(triple)
    for subject, predicate, text in typed:
        found.remove((subject, predicate, text))
        found.add((subject, predicate, Literal(str(text))))
    return found


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


def _refuse_advanced(shapes: Graph) -> None:
    from rdflib import URIRef

    for name in _REFUSED:
        if (None, URIRef(f"{SH}{name}"), None) in shapes:
            raise _bad_shapes(f"they use sh:{name}")


# -- the run -------------------------------------------------------------------------------------


def _run(graph: Graph, shapes: Graph) -> Graph:
    """The results graph of pySHACL."""
    from pyshacl import validate
    from pyshacl.errors import ReportableRuntimeError
    from rdflib import Graph

    with _quiet(), _linear_patterns():
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
            raise _bad_shapes(shortened(getattr(reason, "message", "") or "recursive", 200)) from None
    if isinstance(results, Graph):
        return results
    raise _bad_shapes(shortened(str(getattr(results, "message", "validation failed")), 200))


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
    """A pattern constraint like pySHACL's own that matches with :func:`compile_pattern`."""
    from pyshacl.constraints.core.string_based_constraints import StringBasedConstraintBase

    class LinearPattern(component):  # type: ignore[misc]
        """``sh:pattern`` with ``sh:flags``."""

        def __init__(self, shape: Any) -> None:
            StringBasedConstraintBase.__init__(self, shape)
            self.string_rules = _objects(shape, "pattern")
            flags = "".join(str(flag) for flag in _objects(shape, "flags")[:1])
            self.flags = None
            self.compiled_cache = {rule: _Search(str(rule), flags) for rule in self.string_rules}

    return LinearPattern


def _objects(shape: Any, name: str) -> list[Any]:
    from rdflib import Literal as RdfLiteral
    from rdflib import URIRef

    found = sorted(shape.objects(URIRef(f"{SH}{name}")))
    if not all(isinstance(node, RdfLiteral) for node in found):
        raise _bad_shapes(f"a value of sh:{name} is not a string")
    return found


class _Search:
    """A compiled pattern with the methods that pySHACL calls; both search."""

    def __init__(self, pattern: str, flags: str) -> None:
        kept = "".join(sorted(set(flags)))
        if set(kept) - set("imsx"):
            raise _bad_shapes(f"sh:flags '{shortened(flags, 20)}' are not known")
        try:
            self._matches = compile_pattern(f"(?{kept}){pattern}" if kept else pattern)
        except PatternError as reason:
            raise _bad_shapes(f"the pattern {shortened(pattern)} is refused: {reason}") from None

    def match(self, text: str) -> bool:
        """Whether the text holds a match."""
        return self._matches(text)

    search = match


# -- reading the results -------------------------------------------------------------------------


def _findings(results: Graph, shapes: Graph, locations: Mapping[str, Location]) -> Iterator[Finding]:
    from rdflib import URIRef

    # Only what the report lists: the details of a result are results too, and not findings of their own.
    for result in results.objects(None, URIRef(f"{SH}result")):
        yield _finding(results, shapes, result, locations)


def _finding(results: Graph, shapes: Graph, result: Node, locations: Mapping[str, Location]) -> Finding:
    from rdflib import BNode, Literal, URIRef

    def value(name: str, graph: Graph = results, subject: Node = result) -> Node | None:
        return graph.value(subject, URIRef(f"{SH}{name}"), any=True)

    focus, path, shape = value("focusNode"), value("resultPath"), value("sourceShape")
    component = str(value("sourceConstraintComponent") or "")
    name = component.removeprefix(SH).removesuffix("ConstraintComponent")
    place = locations.get(f"_:{focus}" if isinstance(focus, BNode) else str(focus))
    given = value("message", shapes, shape) if shape is not None else None
    # A message of the shape is the modeller's text; one with a placeholder would bring a value in.
    own = str(given) if isinstance(given, Literal) and "{" not in given else None
    kind = _kind(value("value"))
    named = path if isinstance(path, URIRef) else None
    about = f"property <{named}>" if named else "the path" if path is not None else "the node"
    text = f"{about}: sh:{name} does not hold" + (f", found {kind}" if kind else "")
    return Finding(
        code=_CODES.get(name, "VAL030"),
        message=own or text,
        severity=_SEVERITIES.get(str(value("resultSeverity") or "").removeprefix(SH), Severity.ERROR),
        source=place.file if place else None,
        line=place.line if place else None,
        pointer=place.pointer if place else None,
        path=str(named) if named else None,
        constraint=f"sh:{name}",
        component=component or None,
        shape=str(shape) if isinstance(shape, URIRef) else None,
        focus=str(focus) if place is None and isinstance(focus, URIRef) else None,
        value_kind=kind,
    )


def _kind(node: Node | None) -> str | None:
    """What sort of node a value is, without saying which."""
    from rdflib import BNode, Literal, URIRef

    match node:
        case None:
            return None
        case URIRef():
            return "an IRI"
        case BNode():
            return "a blank node"
        case Literal():
            if node.language:
                return f"text in a language, {len(node)} characters"
            datatype = str(node.datatype or "http://www.w3.org/2001/XMLSchema#string")
            return f"a literal of <{shortened(datatype)}>, {len(node)} characters"
        case _:
            return "a node"


def _order(finding: Finding) -> tuple[str, ...]:
    parts = (
        finding.source, finding.line and f"{finding.line:012}", finding.pointer, finding.focus,
        finding.path, finding.component, finding.shape, finding.message,
    )  # fmt: skip
    return tuple(part or "" for part in parts)

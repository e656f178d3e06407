"""RDF validated against shapes in one call, and shapes files that are validated with in many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from semantics.errors import Diagnostic, Location, Severity
from semantics.validation.report import ValidationReport
from semantics.validation.shacl.compile import CompiledShapes, compile_graph, describes
from semantics.validation.shacl.faults import IllFormed, NotCompiled
from semantics.validation.shacl.graph import Format, Graph, read_rdf
from semantics.validation.shacl.results import Model, Result, findings_of
from semantics.validation.shacl.shapes import shapes_graph
from semantics.validation.shacl.terms import RDF_TYPE

if TYPE_CHECKING:
    import rdflib

__all__ = ["Engine", "ShapesFile", "load_shapes", "validate_graph"]

Engine = Literal["compiled", "pyshacl"]


@dataclass(frozen=True, slots=True)
class ShapesFile:
    """Shapes that are ready: compiled, or else for pySHACL (``why`` says what is not compiled)."""

    name: str
    graph: Graph
    compiled: CompiledShapes | None
    why: tuple[str, ...] = ()
    sparql: bool = False

    @property
    def engine(self) -> Engine:
        """Which engine checks with them."""
        return "compiled" if self.compiled is not None else "pyshacl"

    @property
    def told(self) -> str:
        """The engine in words, with the reason where it is not ours.

        >>> load_shapes("").told
        'compiled'
        """
        return f"pySHACL ({', '.join(self.why)})" if self.why else "pySHACL" if self.compiled is None else "compiled"

    def results(self, graph: Graph, *, described: bool = False) -> list[Result]:
        """Every result. ``described``: only nodes that the graph describes are focus nodes."""
        if self.compiled is not None:
            return self.compiled.validate(graph, described=described)
        from semantics.validation.shacl.reference import validate

        results = validate(graph, self.graph, sparql=self.sparql)
        return [result for result in results if not described or describes(graph, result.focus)]


def load_shapes(text: str | bytes, *, name: str = "", engine: Engine | None = None, sparql: bool = False) -> ShapesFile:
    """Shapes in Turtle, made ready: compiled where they can be, unless ``engine`` says which engine it shall be.

    ``name`` is that of the file, for messages and reports; ``sparql`` allows SPARQL constraints. Raises
    :class:`~semantics.errors.DefinitionError` (VAL041 to VAL044), with file and line where they are known.
    """
    try:
        graph = shapes_graph(text)
        if engine == "pyshacl":
            return _by_pyshacl(name, graph, (), sparql=sparql)
        try:
            return ShapesFile(name, graph, compile_graph(graph))
        except NotCompiled as reason:
            if engine == "compiled":
                raise
            return _by_pyshacl(name, graph, reason.reasons, sparql=sparql)
    except IllFormed as fault:
        raise IllFormed([_placed(each, fault.about, name, text) for each in fault.diagnostics], fault.about) from None


def _by_pyshacl(name: str, graph: Graph, why: tuple[str, ...], *, sparql: bool) -> ShapesFile:
    from semantics.validation.shacl.reference import refuse_advanced

    refuse_advanced(graph, sparql=sparql)
    return ShapesFile(name, graph, None, why, sparql)


def _placed(diagnostic: Diagnostic, about: str, name: str, text: str | bytes) -> Diagnostic:
    """The diagnostic with the file, and the line of the first ``sh:about`` in it."""
    if not name:
        return diagnostic
    place = diagnostic.location or Location()
    line = place.line
    if line is None and about:
        lines = (text.decode("utf-8", "replace") if isinstance(text, bytes) else text).split("\n")
        line = next((number for number, each in enumerate(lines, 1) if f":{about}" in each), None)
    return replace(diagnostic, location=Location(name, line))


def validate_graph(
    data: str | bytes | Graph | rdflib.Graph,
    shapes_ttl: str | ShapesFile | Sequence[ShapesFile],
    *,
    format: Format = "nt",
    locations: Mapping[str, Location] | None = None,
    model: Model | None = None,
    checked: int = 0,
    engine: Engine | None = None,
) -> ValidationReport:
    """Validate RDF (N-Triples or Turtle text, or a graph) against shapes in Turtle, or some that are ready.

    ``locations`` maps the IRI of a focus node (or ``_:label``) to where its record stands: ``file``, ``line``
    and ``pointer`` of the finding; one with a pointer leaves the node's own IRI out. ``model`` says what a model
    knows of a result. ``checked`` is the number of instances, for the report (0: count the nodes that have a class).
    ``engine``: the compiled shapes, or pySHACL where something is not compiled, unless it says which. Raises
    :class:`~semantics.errors.SourceError` for data that cannot be read and
    :class:`~semantics.errors.DefinitionError` for shapes that cannot.
    """
    ready = load_shapes(shapes_ttl, engine=engine) if isinstance(shapes_ttl, str) else shapes_ttl
    files = (ready,) if isinstance(ready, ShapesFile) else ready
    graph = _graph(data, format)
    findings = findings_of([result for file in files for result in file.results(graph)], locations, model)
    invalid = {
        (finding.focus, finding.source, finding.line, finding.pointer)
        for finding in findings
        if finding.severity is Severity.ERROR
    }
    seen = checked or sum(1 for properties in graph.forward.values() if RDF_TYPE in properties)
    report = ValidationReport.of(findings, checked=max(seen, len(invalid)), invalid=len(invalid))
    return replace(report, shapes={file.name: file.told for file in files if file.name})


def _graph(data: str | bytes | Graph | rdflib.Graph, format_: str) -> Graph:
    if isinstance(data, Graph):
        return data
    if isinstance(data, (str, bytes)):
        return read_rdf(data, format_)
    from semantics.validation.shacl.reference import graph_of

    return graph_of(data)

"""Sources of RDF (``turtle``, ``trig``, ``rdfxml``, ``ntriples``, ``nquads``, ``jsonld``): instances as records.

pyoxigraph parses; it opens nothing. The graph is held in memory: where the parts of an instance stand is not told by
RDF, so a graph larger than memory must be brought into records by something that sorts. Triples of named graphs
count like all others. Blank nodes are numbered as they come, so that the same bytes give the same records.

A line of N-Triples or N-Quads that cannot be read is a rejected record and its neighbours stay; in all others nobody
can tell what follows, so it ends the reading. RDF/XML with a document type declaration is refused before it is parsed.
JSON-LD is read with the contexts inside of it and those of the shared models and of some standards alone: a document
that names another is refused before it is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
from pyoxigraph import BlankNode, NamedNode, RdfFormat, parse

from semantics.errors import Diagnostic, LimitError, Location, SourceError
from semantics.records import Record
from semantics.sources.options import Limits, ReadOptions
from semantics.sources.rdf_nodes import Node, Nodes, turtle_line
from semantics.sources.stream import Input, Overlong, physical_lines, utf8_blocks
from semantics.sources.values import Unreadable, too_long, value_reader

__all__ = [
    "read_again",
    "read_jsonld",
    "read_nquads",
    "read_ntriples",
    "read_rdfxml",
    "read_trig",
    "read_turtle",
    "records_of",
]

_LINES: Final = 1_000
"""Lines that are parsed in one go; where one is wrong, each is parsed by itself."""
_CONTEXTS: Final = "https://w3id.org/semantics/"
_MODELS: Final = Path(__file__).resolve().parents[1] / "models"
_STANDARDS: Final = {
    "www.w3.org/ns/odrl.jsonld": "odrl.json",
    "raw.githubusercontent.com/w3c/odrl/refs/heads/master/formal-semantics/ontology/evaluation_request.json":
        "odrl-evaluation-request.json",
    "raw.githubusercontent.com/w3c/odrl/refs/heads/master/formal-semantics/ontology/stow.json": "odrl-state.json",
    "openprovenance.org/prov-jsonld/context.jsonld": "prov-jsonld.json",
    "openprovenance.org/prov-jsonld.json": "prov-jsonld.json",
    **dict.fromkeys(("schema.org", "schema.org/", "schema.org/docs/jsonldcontext.jsonld"), "schema-org.json"),
}  # fmt: skip
"""Contexts of standards that come with the package, in words of its own, by their address without the scheme."""
_OLDER: Final = frozenset({"prov:type", "prov:label", "prov:location", "prov:role", "prov:value"})
_FORMATS: Final = {
    "turtle": RdfFormat.TURTLE,
    "trig": RdfFormat.TRIG,
    "rdfxml": RdfFormat.RDF_XML,
    "ntriples": RdfFormat.N_TRIPLES,
    "nquads": RdfFormat.N_QUADS,
    "jsonld": RdfFormat.JSON_LD,
}
_NAMES: Final = {
    "turtle": "Turtle",
    "trig": "TriG",
    "rdfxml": "RDF/XML",
    "ntriples": "N-Triples",
    "nquads": "N-Quads",
    "jsonld": "JSON-LD",
}
_DOCTYPE: Final = re.compile(rb"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*<!DOCTYPE", re.DOTALL)


def read_turtle(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The instances in a Turtle file. Raises :class:`SourceError` where it is not Turtle, or holds none."""
    return _of_text(source, options, "turtle")


def read_trig(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The instances in a TriG file, whatever their graphs."""
    return _of_text(source, options, "trig")


def read_rdfxml(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The instances in an RDF/XML file, which has no document type declaration (``SRC051``)."""
    return _of_text(source, options, "rdfxml")


def _of_text(source: Input, options: ReadOptions, fmt: str) -> Iterator[Record]:
    _, rest = utf8_blocks(source.blocks(options.limits), source.name)
    data, graph = b"".join(rest), _Graph()
    if fmt == "rdfxml" and _DOCTYPE.match(data):
        message = "a document type declaration (DOCTYPE) is refused"
        raise SourceError(Diagnostic("SRC051", message, Location(source.name), hint="remove it: records need none"))
    _parse(graph, data, fmt, source.name)
    yield from _records(graph, (), source.name, options)


def read_jsonld(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The instances in a JSON-LD file. Raises :class:`SourceError` where it is not JSON-LD, or names a context."""
    _, rest = utf8_blocks(source.blocks(options.limits), source.name)
    graph = _Graph()
    _parse(graph, _with_contexts(b"".join(rest), source.name, options.limits), "jsonld", source.name)
    yield from _records(graph, (), source.name, options)


def read_ntriples(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The instances in an N-Triples file, after the lines that cannot be read."""
    return _of_lines(source.blocks(options.limits), source.name, options, "ntriples")


def read_nquads(source: Input, options: ReadOptions) -> Iterator[Record]:
    """The instances in an N-Quads file, whatever their graphs, after the lines that cannot be read."""
    return _of_lines(source.blocks(options.limits), source.name, options, "nquads")


def records_of(triples: Iterable[Any], name: str, options: ReadOptions) -> Iterator[Record]:
    """The instances in a graph that something else was read as."""
    graph = _Graph()
    for triple in triples:
        graph.add(triple, None)
    yield from _records(graph, (), name, options)


def read_again(raw: bytes, name: str, options: ReadOptions, class_name: str | None) -> Record:
    """A record by its triples, the first of which is of its subject; a fault if they are none."""
    graph = _Graph()
    try:
        _parse(graph, raw, "nquads", name)
    except SourceError as fault:
        return Record(None, fault=fault.diagnostics[0])
    subject = next(iter(graph.nodes), None)
    if subject is None:
        return Record(None, fault=Diagnostic("SRC070", "the bytes hold no triple", Location(name)))
    nodes = Nodes(graph.nodes, options)
    return _record(nodes, subject, class_name or nodes.class_of(subject), name, None)


# -- the graph -------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Graph:
    """Triples by subject and predicate. Subjects are IRIs, or ``_:b0``, ``_:b1``, … in the order of their coming.

    ``objects`` are the blank nodes that stand as objects, ``lines`` the first line of each subject, where it is known.
    """

    nodes: dict[str, Node] = field(default_factory=dict)
    objects: set[str] = field(default_factory=set)
    lines: dict[str, int] = field(default_factory=dict)
    _labels: dict[Any, str] = field(default_factory=dict)

    def add(self, quad: Any, line: int | None) -> None:
        """Add a triple; a second time it changes nothing."""
        subject = self._key(quad.subject)
        value = quad.object
        if type(value) is BlankNode:
            value = self._key(value)
            self.objects.add(value)
        self.nodes.setdefault(subject, {}).setdefault(quad.predicate.value, {})[value] = None
        if line is not None:
            self.lines.setdefault(subject, line)

    def _key(self, term: Any) -> str:
        if type(term) is BlankNode:
            return self._labels.setdefault(term, f"_:b{len(self._labels)}")
        if type(term) is not NamedNode:
            raise SyntaxError  # a triple about a triple: no record has it
        return str(term.value)


def _parse(graph: _Graph, data: bytes, fmt: str, name: str) -> None:
    """Add what a text of a format holds. Raises :class:`SourceError`; the parser's words may hold values."""
    try:
        for quad in _quads(data, fmt):
            graph.add(quad, None)
    except (SyntaxError, ValueError) as error:
        where = getattr(error, "lineno", None), getattr(error, "offset", None)
        line, column = where if all(type(number) is int and number > 0 for number in where) else (None, None)
        message = f"the text is not {_NAMES[fmt]}"
        raise SourceError(Diagnostic("SRC070", message, Location(name, line, column))) from None


def _quads(data: bytes, fmt: str) -> Iterator[Any]:
    return iter(parse(data, format=_FORMATS[fmt]))


# -- lines -----------------------------------------------------------------------------------------


def _of_lines(blocks: Iterator[bytes], name: str, options: ReadOptions, fmt: str) -> Iterator[Record]:
    """Every line is a triple by itself, so that a bad one harms nothing else."""
    offset, rest = utf8_blocks(blocks, name)
    graph, bad, batch = _Graph(), list[Record](), list[tuple[int, int, bytes]]()
    number = 0
    for number, line in enumerate(physical_lines(rest, options.limits.record_bytes), 1):
        if isinstance(line, Overlong):
            fault = too_long(len(line), options.limits).diagnostic(Location(name, number))
            bad.append(Record(None, name, len(bad) + 1, number, offset, fault=fault))
        elif line.strip() and not line.lstrip().startswith(b"#"):
            batch.append((number, offset, line))
        offset += len(line) + 1
        if len(batch) >= _LINES:
            _take(graph, batch, fmt, name, bad)
    _take(graph, batch, fmt, name, bad)
    if bad and not graph.nodes:
        assert bad[0].fault is not None
        raise SourceError(bad[0].fault)
    if not number:
        raise SourceError(Diagnostic("SRC002", f"the input is empty: no {_NAMES[fmt]}", Location(name)))
    yield from _records(graph, bad, name, options)


def _take(graph: _Graph, batch: list[tuple[int, int, bytes]], fmt: str, name: str, bad: list[Record]) -> None:
    """Add the triples of some lines; those that are none go to ``bad``."""
    try:
        found = list(_quads(b"\n".join(line for _, _, line in batch), fmt))
        if len(found) != len(batch):
            raise SyntaxError
        for quad, (number, _, _) in zip(found, batch, strict=True):
            graph.add(quad, number)
    except (SyntaxError, ValueError):
        for number, offset, line in batch:
            try:
                (quad,) = _quads(line, fmt)
                graph.add(quad, number)
            except (SyntaxError, ValueError):
                fault = Diagnostic("SRC070", f"the line is not {_NAMES[fmt]}", Location(name, number))
                envelope = {"format": "ntriples"}
                bad.append(Record(None, name, len(bad) + 1, number, offset, None, line, None, fault, envelope))
    batch.clear()


# -- records ---------------------------------------------------------------------------------------


def _records(graph: _Graph, bad: Sequence[Record], name: str, options: ReadOptions) -> Iterator[Record]:
    """The bad lines, then every subject that is an instance of a class of records, in the order of their coming."""
    yield from bad
    nodes = Nodes(graph.nodes, options)
    number = len(bad)
    for subject in graph.nodes:
        for told in nodes.classes_of(subject, blank_object=subject in graph.objects):
            number += 1
            record = _record(nodes, subject, told, name, graph.lines.get(subject))
            yield msgspec.structs.replace(record, number=number)
    if not number:
        hint = f"looked for instances of {', '.join(nodes.records[:8]) or 'classes that no schema tells'}"
        message = "the graph holds none of the records looked for"
        raise SourceError(Diagnostic("SRC006", message, Location(name), hint=hint))


def _record(nodes: Nodes, subject: str, told: str | Unreadable | None, name: str, line: int | None) -> Record:
    """The record of a subject; one that has a fault keeps its triples."""
    try:
        if isinstance(told, Unreadable):
            raise told
        return Record(nodes.record(subject, told), name, 1, line, class_name=nodes.record_class(told))
    except Unreadable as fault:
        found = fault.bare().diagnostic(Location(name, line, None, fault.pointer or None))
        raw = "".join(turtle_line(*triple) for triple in nodes.closure(subject)).encode()
        class_name = told if isinstance(told, str) else None
        return Record(None, name, 1, line, None, None, raw, class_name, found, {"format": "ntriples"})


# -- contexts --------------------------------------------------------------------------------------


def _with_contexts(document: bytes, name: str, limits: Limits) -> bytes:
    """A JSON-LD document with the contexts that it names put in. Raises :class:`SourceError` for any other."""
    try:
        data = value_reader(limits)(document)
    except Unreadable as fault:
        kind = LimitError if fault.code == "SRC021" else SourceError
        raise kind(fault.diagnostic(Location(name, None, None, fault.pointer or None))) from None
    named = _put_in(data, name)
    if b"openprovenance.org/prov-jsonld.json" in document:
        _in_new_words(data)
    return msgspec.json.Encoder(decimal_format="number").encode(data) if named else document


def _put_in(data: Any, name: str) -> bool:
    """Replace every context that is named; whether there was one. Nothing is fetched, and nothing imported."""
    named = False
    waiting = [data]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            if "@import" in node:
                raise _remote("a context that imports another", name)
            if isinstance(context := node.get("@context"), (str, list)):
                given = context if isinstance(context, list) else [context]
                node["@context"] = [_bundled(item, name) if isinstance(item, str) else item for item in given]
                named = named or any(isinstance(item, str) for item in given)
            waiting += node.values()
    return named


def _in_new_words(data: Any) -> None:
    """Bring PROV-JSONLD of its first version, which has prefixes, into the words of its context."""
    waiting = [data]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            for key in [key for key in node if key in _OLDER]:
                node[key.removeprefix("prov:")] = node.pop(key)
            if isinstance(told := node.get("@type"), str):
                node["@type"] = told.removeprefix("prov:")
            waiting += node.values()


def _bundled(iri: str, name: str) -> Any:
    """The context of a shared model or of a standard, which comes with the package."""
    standard = _STANDARDS.get(iri.removeprefix("https://").removeprefix("http://"))
    if standard is not None:
        return msgspec.json.decode((Path(__file__).parent / "contexts" / standard).read_bytes())["@context"]
    stem = iri.removeprefix(_CONTEXTS).removesuffix(".context.jsonld")
    path = _MODELS / f"{stem}.context.jsonld"
    if not iri.startswith(_CONTEXTS) or not stem.isidentifier() or not path.is_file():
        raise _remote("a context that stands elsewhere", name)
    return msgspec.json.decode(path.read_bytes())["@context"]


def _remote(what: str, name: str) -> SourceError:
    hint = f"put it into the document; {_CONTEXTS}NAME is the context of a shared model"
    return SourceError(Diagnostic("SRC071", f"{what} is refused: nothing is fetched", Location(name), hint=hint))

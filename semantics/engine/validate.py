"""Validation of instances that already are in the shared model: files or data, by checker, shapes or both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from semantics.databases import displayed
from semantics.engine.findings import MAX_LISTED
from semantics.engine.flattened import flat_column
from semantics.engine.references import References
from semantics.errors import Diagnostic, Location, UsageError, closest, escaped
from semantics.lexical import FROM_TEXT
from semantics.plan.documents import layout_of
from semantics.plan.model import Layout
from semantics.plan.tables import TableDialect
from semantics.records import Instance, Mapped, Outcome, Record, Rejected
from semantics.schema.model import SchemaModel
from semantics.sources import STDIN, Input, Limits, ReadOptions, TableShape, open_source, source_format
from semantics.sources.numbers import number_reader
from semantics.validation import Listing, UniquenessCheck, ValidationReport, compile_checker, validate_graph

if TYPE_CHECKING:
    from semantics.engine.shapes import Settled, ShapeCheck
    from semantics.validation.shacl.graph import Graph
    from semantics.validation.shacl.results import Known, Result
    from semantics.validation.shacl.validate import ShapesFile

__all__ = ["graph_format", "validate_data", "validate_files"]

_GRAPHS: Final = {"turtle": "turtle", "ntriples": "nt"}
MANNERS: Final = ("schema", "shacl", "both")


def validate_data(
    schema: SchemaModel, data: Any, class_name: str | None = None, manner: str = "schema", *, show_values: bool = False
) -> ValidationReport:
    """Validate one instance (a dict) or several (a list) of a class; findings hold values only where asked."""
    records = (
        Record(item, "<data>", number) for number, item in enumerate(data if isinstance(data, list) else [data], 1)
    )
    _known(manner)
    files = _shapes(schema, manner, ())
    return _validated(schema, records, class_name, manner, files, Listing(), show_values=show_values)


def validate_files(
    schema: SchemaModel,
    paths: Sequence[str],
    class_name: str | None = None,
    *,
    manner: str = "schema",
    fmt: str | None = None,
    shapes: Sequence[str] = (),
    allow_sparql: bool = False,
    limits: Limits | None = None,
    dialect: Mapping[str, Any] | None = None,
    show_values: bool = False,
    max_findings: int | None = MAX_LISTED,
    on_progress: Callable[[int, int], None] | None = None,
    require_references: bool = False,
) -> ValidationReport:
    """Validate files of instances (JSON, NDJSON, CSV) or RDF (Turtle, N-Triples; by shapes only).

    ``shapes`` are files of further shapes, in which ``allow_sparql`` lets SPARQL constraints run; ``max_findings`` are
    listed and all are counted; ``on_progress`` is told how many records were read since it was last told, and how many
    bytes they have. References to what is not in the files are warnings, or errors with ``require_references``.
    ``dialect`` is how tables are written, as fields of :class:`~semantics.plan.tables.TableDialect`.
    Raises :class:`~semantics.errors.SourceError` where a file cannot be read, :class:`UsageError` where the call makes
    no sense.
    """
    _known(manner)
    graphs = [path for path in paths if graph_format(path, fmt) is not None]
    tables = [path for path in paths if path not in graphs]
    if graphs and manner == "schema" and not shapes:
        raise UsageError(Diagnostic("RUN021", "RDF is validated against shapes", hint="pass --with shacl"))
    files = _shapes(schema, manner, shapes, sparql=allow_sparql)
    report = ValidationReport(conforms=True, schema=schema.name)
    with closing(References(schema, required=require_references, show_values=show_values)) as references:
        if tables:
            records = _records(
                schema, tables, class_name, fmt, limits, TableDialect().overruled(dialect or {}).checked()
            )
            listing = Listing(max_findings, sources=Counter(dict.fromkeys(tables, 0)))
            report += _validated(schema, records, class_name, manner, files, listing, show_values=show_values,
                                 on_progress=on_progress, references=references)  # fmt: skip
        for path in graphs:
            kind = str(graph_format(path, fmt))
            read = _graph(schema, path, kind, files, limits or Limits(), references)
            report = _beside(report, _of_file(read, STDIN if path == "-" else path, max_findings))
        room = None if max_findings is None else max(0, max_findings - len(report.findings))
        found = Listing(room)
        found.note(references.findings(), references.missing)
    return report + found.report()


def graph_format(path: str, fmt: str | None = None) -> str | None:
    """The format of an input that is validated as the RDF it is; None for records.

    >>> graph_format("a.ttl.gz"), graph_format("-", "ntriples"), graph_format("a.json")
    ('turtle', 'nt', None)
    """
    return _GRAPHS.get(fmt or source_format(path) or "")


def _known(manner: str) -> None:
    """Raise :class:`UsageError` for a manner that there is not."""
    if manner not in MANNERS:
        message = f"'{escaped(manner)}' is no way of validating: there are {', '.join(MANNERS)}"
        raise UsageError(Diagnostic("RUN004", message, hint=closest(manner, MANNERS)))


def _shapes(schema: SchemaModel, manner: str, paths: Sequence[str], *, sparql: bool = False) -> tuple[ShapesFile, ...]:
    """The shapes that a validation in this manner is made with: the generated ones, then the files."""
    if manner == "schema" and not paths:
        return ()
    from semantics.engine.shapes import files_of, generated

    own = () if manner == "schema" else (generated(schema),)
    return (*own, *files_of(paths, sparql=sparql))


def _graph(
    schema: SchemaModel, path: str, kind: str, files: Sequence[ShapesFile], limits: Limits, references: References
) -> ValidationReport:  # fmt: skip
    """The report on an input of RDF, which is validated as it is; its references are collected."""
    from semantics.validation.shacl.graph import lines_of, read_rdf

    source = Input(None, STDIN) if path == "-" else Input(Path(path), path)
    content = b"".join(source.blocks(limits))
    graph = read_rdf(content, kind, file=source.name)
    references.collect_graph(graph, source.name)
    lines = lines_of(content) if kind == "nt" else {}
    places = {node.strip("<>"): Location(source.name, line) for node, line in lines.items()}
    return validate_graph(graph, files, locations=places, model=_Model(schema, graph))


class _Model:
    """Tells the class, slot and line of the model that a result is about, by the type of its focus node."""

    def __init__(self, schema: SchemaModel, graph: Graph) -> None:
        self._graph = graph
        self._classes = {f"<{cls.uri}>": cls for cls in reversed(schema.classes.values())}

    def __call__(self, result: Result) -> Known:
        from semantics.validation.shacl.paths import first_of
        from semantics.validation.shacl.results import Known
        from semantics.validation.shacl.terms import RDF_TYPE

        types = self._graph.objects(result.focus, RDF_TYPE)
        cls = next((self._classes[type_] for type_ in types if type_ in self._classes), None)
        if cls is None:
            return Known()
        iri = first_of(result.path)
        slot = next((slot for slot in cls.slots.values() if slot.uri == iri), None)
        place = (slot.location if slot else None) or cls.location
        element = str(Location(place.file, place.line)) if place and place.file else None
        return Known(cls.name, slot.name if slot else None, element)


def _of_file(report: ValidationReport, path: str, limit: int | None) -> ValidationReport:
    """The report on a graph, as that of the file it was read from; the first ``limit`` findings are listed."""
    findings = tuple(replace(found, source=path) for found in report.findings[:limit])
    omitted = report.omitted + len(report.findings) - len(findings)
    return replace(report, findings=findings, omitted=omitted, sources={path: report.checked})


def _beside(first: ValidationReport, second: ValidationReport) -> ValidationReport:
    """Two reports on different instances as one: everything adds up."""
    return replace(first + second, checked=first.checked + second.checked, invalid=first.invalid + second.invalid)


def _records(
    schema: SchemaModel, paths: Sequence[str], class_name: str | None, fmt: str | None, limits: Limits | None,
    dialect: TableDialect,
) -> Iterator[Record]:  # fmt: skip
    asked = class_name or schema.tree_root
    options = ReadOptions(
        limits=limits or Limits(),
        tabular=_tabular(schema, asked, dialect, limits or Limits()),
        layout=layout_of(schema, schema.classes),
        told=lambda _: asked,
        dialect=dialect,
    )
    for path in paths:
        told = fmt or (source_format(path) if path != "-" else "ndjson")
        if told is None:
            raise UsageError(
                Diagnostic("RUN003", f"the format of '{displayed(path)}' is not told by its name", hint="pass --from")
            )
        yield from open_source(path, told, options)


def _tabular(
    schema: SchemaModel, class_name: str | None, dialect: TableDialect, limits: Limits
) -> Callable[[tuple[str, ...], str], TableShape]:
    """Cells of a table read by the ranges of a class; without a class they stay text."""
    if dialect.flattened and class_name in schema.classes:
        return _flattened(layout_of(schema, schema.classes), str(class_name), dialect, limits)

    def shape(header: tuple[str, ...], _: str) -> TableShape:
        cls = schema.classes.get(class_name or "")
        converters = []
        for column in header:
            slot = cls.slots.get(column) if cls else None
            primitive = schema.primitive(slot) if slot else None
            converters.append(number_reader(primitive, FROM_TEXT[primitive], dialect) if primitive else None)
        return TableShape(None, tuple(converters))

    return shape


def _flattened(
    layout: Layout, class_name: str, dialect: TableDialect, limits: Limits
) -> Callable[[tuple[str, ...], str], TableShape]:
    def shape(header: tuple[str, ...], _: str) -> TableShape:
        found = [flat_column(layout, class_name, column, dialect, limits) for column in header]
        paths = tuple(column.path if column else (name,) for column, name in zip(found, header, strict=True))
        return TableShape(None, tuple(column and column.convert for column in found), paths=paths)

    return shape


def _validated(
    schema: SchemaModel, records: Iterator[Record], class_name: str | None, manner: str, files: Sequence[ShapesFile],
    listing: Listing, *, show_values: bool, on_progress: Callable[[int, int], None] | None = None,
    references: References | None = None,
) -> ValidationReport:  # fmt: skip
    checks = _Checks(schema, class_name, manner, files)
    for record in records:
        for settled, found in checks.take(record):
            listing.record(settled, found, show_values=show_values)
        if on_progress is not None:
            on_progress(1, len(record.raw or b"") + 1)
        if references is not None and record.fault is None:
            references.collect(str(_class_of(schema, record, class_name)), record.data, record)
    for settled, found in checks.rest():
        listing.record(settled, found, show_values=show_values)
    return replace(listing.report(schema=schema.name), shapes=checks.engines)


class _Checks:
    """Everything that records are checked by; what is wrong with each comes out in the order of the records."""

    def __init__(
        self, schema: SchemaModel, class_name: str | None, manner: str, files: Sequence[ShapesFile]
    ) -> None:  # fmt: skip
        self.schema, self.class_name, self.manner = schema, class_name, manner
        self.checker, self.unique = compile_checker(schema), UniquenessCheck(schema)
        self.shapes = self._shape_check(files) if files else None
        self.warned: dict[str, Sequence[Diagnostic]] = {}
        self.engines = self.shapes.engines if self.shapes is not None else {}

    def _shape_check(self, files: Sequence[ShapesFile]) -> ShapeCheck:
        from semantics.engine.shapes import ShapeCheck

        check = ShapeCheck(self.schema, files)
        check.on_warnings = lambda key, found: self.warned.update({key: found})
        return check

    def take(self, record: Record) -> Iterator[tuple[Record, Sequence[Diagnostic]]]:
        """Check a record; gives back those that are settled with it."""
        cls = _class_of(self.schema, record, self.class_name) if record.fault is None else record.fault
        found = (cls,) if isinstance(cls, Diagnostic) else self._by_schema(cls, record)
        if self.shapes is None:
            return iter([(record, found)])
        outcome: Outcome = Rejected(record, found)
        if not found:
            outcome = Mapped(record, (Instance(str(cls), dict(record.data)),))
        return self._told(self.shapes.take(outcome, f"{record.number}", []))

    def _by_schema(self, cls: str, record: Record) -> tuple[Diagnostic, ...]:
        """What the checker finds; in the manner "shacl" only of what is no object."""
        data = record.data
        if self.manner == "shacl" and isinstance(data, Mapping):
            return ()
        found: tuple[Diagnostic, ...] = self.checker.check(cls, data)
        if not found and self.manner != "shacl":
            found = tuple(self.unique.check(cls, data))
        if not found and not isinstance(data, Mapping):
            found = (Diagnostic("VAL015", "an instance must be an object to be RDF"),)
        return tuple(_within(finding, record) for finding in found) if record.pointer else found

    def _told(self, settled: Sequence[Settled]) -> Iterator[tuple[Record, Sequence[Diagnostic]]]:
        for outcome, key, _, _ in settled:
            wrong = outcome.diagnostics if isinstance(outcome, Rejected) else self.warned.pop(key, ())
            yield outcome.record, wrong

    def rest(self) -> Iterator[tuple[Record, Sequence[Diagnostic]]]:
        """The records that still wait."""
        return self._told(self.shapes.rest()) if self.shapes is not None else iter(())


def _within(finding: Diagnostic, record: Record) -> Diagnostic:
    """The finding with its pointer into the document that holds the record."""
    inner = finding.location.pointer if finding.location else None
    return replace(finding, location=Location(record.source, record.line, None, (record.pointer or "") + (inner or "")))


def _class_of(schema: SchemaModel, record: Record, class_name: str | None) -> str | Diagnostic:
    """The class that an instance is of: as asked, as it designates, or the tree root."""
    if class_name is not None:
        if class_name not in schema.classes:
            hint = closest(class_name, schema.classes)
            raise UsageError(
                Diagnostic("RUN026", f"class '{escaped(class_name)}' is not in schema '{schema.name}'", hint=hint)
            )
        return class_name
    if isinstance(record.data, Mapping):
        for name, cls in schema.classes.items():
            told = record.data.get(cls.designator) if cls.designator else None
            if told == name:
                return name
    root = schema.tree_root
    if root is not None:
        return root
    concrete = [name for name, cls in schema.classes.items() if not (cls.abstract or cls.mixin)]
    if len(concrete) == 1:
        return concrete[0]
    return Diagnostic("RUN022", "the instance does not tell its class", hint="say which with --class")

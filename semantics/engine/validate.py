"""Validation of instances that already are in the shared model: files or data, by checker, shapes or both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from semantics.engine.findings import MAX_LISTED
from semantics.errors import Diagnostic, Location, UsageError, closest, escaped
from semantics.plan.layout import layout_of
from semantics.records import Instance, Record
from semantics.schema.model import SchemaModel
from semantics.sources import Limits, ReadOptions, TableShape, open_source, source_format
from semantics.validation import Listing, UniquenessCheck, ValidationReport, compile_checker, validate_graph

__all__ = ["RDF_FORMATS", "validate_data", "validate_files"]

RDF_FORMATS: Final = {".ttl": "turtle", ".nt": "nt"}
MANNERS: Final = ("schema", "shacl", "both")


def validate_data(
    schema: SchemaModel, data: Any, class_name: str | None = None, manner: str = "schema", *, show_values: bool = False
) -> ValidationReport:
    """Validate one instance (a dict) or several (a list) of a class; findings hold values only where asked."""
    records = (
        Record(item, "<data>", number) for number, item in enumerate(data if isinstance(data, list) else [data], 1)
    )
    return _validated(schema, records, class_name, manner, None, Listing(), show_values=show_values)


def validate_files(
    schema: SchemaModel,
    paths: Sequence[str],
    class_name: str | None = None,
    *,
    manner: str = "schema",
    fmt: str | None = None,
    shapes: str | None = None,
    limits: Limits | None = None,
    show_values: bool = False,
    max_findings: int | None = MAX_LISTED,
    on_progress: Callable[[Record], None] | None = None,
) -> ValidationReport:
    """Validate files of instances (JSON, NDJSON, CSV) or RDF (Turtle, N-Triples; by shapes only).

    ``shapes`` are further shapes in Turtle; ``max_findings`` are listed and all are counted; ``on_progress`` is told
    every record. Raises :class:`~semantics.errors.SourceError` where a
    file cannot be read, :class:`UsageError` where the call makes no sense.
    """
    if manner not in MANNERS:
        message = f"'{escaped(manner)}' is no way of validating: there are {', '.join(MANNERS)}"
        raise UsageError(Diagnostic("RUN004", message, hint=closest(manner, MANNERS)))
    graphs = [path for path in paths if Path(path).suffix in RDF_FORMATS]
    tables = [path for path in paths if path not in graphs]
    report = ValidationReport(conforms=True, schema=schema.name)
    if tables:
        records = _records(schema, tables, class_name, fmt, limits)
        listing = Listing(max_findings, sources=Counter(dict.fromkeys(tables, 0)))
        report += _validated(schema, records, class_name, manner, shapes, listing,
                             show_values=show_values, on_progress=on_progress)  # fmt: skip
    if graphs:
        if manner == "schema" and shapes is None:
            raise UsageError(Diagnostic("RUN021", "RDF is validated against shapes", hint="pass --with shacl"))
        from semantics.engine.shapes import shapes_of

        text = shapes_of(schema) + (shapes or "")
        for path in graphs:
            try:
                content = Path(path).read_bytes()
            except OSError as fault:
                from semantics.errors import SourceError

                reason = fault.strerror or "cannot be read"
                raise SourceError(Diagnostic("SRC001", f"the input cannot be read: {reason}", Location(path))) from None
            kind: Any = RDF_FORMATS[Path(path).suffix]
            report = _beside(report, _of_file(validate_graph(content, text, format=kind), path))
    return report


def _of_file(report: ValidationReport, path: str) -> ValidationReport:
    """The report on a graph, as that of the file it was read from."""
    findings = tuple(replace(found, source=path) if found.source is None else found for found in report.findings)
    return replace(report, findings=findings, sources={path: report.checked})


def _beside(first: ValidationReport, second: ValidationReport) -> ValidationReport:
    """Two reports on different instances as one: everything adds up."""
    return replace(first + second, checked=first.checked + second.checked, invalid=first.invalid + second.invalid)


def _records(
    schema: SchemaModel, paths: Sequence[str], class_name: str | None, fmt: str | None, limits: Limits | None
) -> Iterator[Record]:
    asked = class_name or schema.tree_root
    options = ReadOptions(
        limits=limits or Limits(),
        tabular=_tabular(schema, class_name),
        layout=layout_of(schema, schema.classes),
        told=lambda _: asked,
    )
    for path in paths:
        told = fmt or (source_format(path) if path != "-" else "ndjson")
        if told is None:
            raise UsageError(
                Diagnostic("RUN003", f"the format of '{path}' is not told by its name", hint="pass --from")
            )
        yield from open_source(path if path == "-" else Path(path), told, options)


def _tabular(schema: SchemaModel, class_name: str | None) -> Any:
    """Cells of a table read by the ranges of a class; without a class they stay text."""
    from semantics.lexical import FROM_TEXT

    def shape(header: tuple[str, ...], _: str) -> TableShape:
        cls = schema.classes.get(class_name or schema.tree_root or "")
        converters = []
        for column in header:
            slot = cls.slots.get(column) if cls else None
            primitive = schema.primitive(slot) if slot else None
            converters.append(FROM_TEXT[primitive] if primitive else None)
        return TableShape(None, tuple(converters))

    return shape


def _validated(
    schema: SchemaModel, records: Iterator[Record], class_name: str | None, manner: str, shapes: str | None,
    listing: Listing, *, show_values: bool, on_progress: Callable[[Record], None] | None = None,
) -> ValidationReport:  # fmt: skip
    checker = compile_checker(schema)
    unique = UniquenessCheck(schema)
    checked = 0
    graph: list[bytes] = []
    encoder = _encoder(schema) if manner != "schema" or shapes else None
    for record in records:
        checked += 1
        found = _one(schema, checker, unique, record, class_name, manner)
        listing.record(record, found, show_values=show_values)
        if on_progress is not None:
            on_progress(record)
        if encoder is not None and not found and isinstance(record.data, Mapping):
            cls = _class_of(schema, record, class_name)
            graph.append(encoder.encode(Instance(str(cls), dict(record.data)), f"{checked}"))
    report = listing.report(schema=schema.name)
    if encoder is not None:
        from semantics.engine.shapes import shapes_of

        own = shapes_of(schema) if manner != "schema" else ""
        report += validate_graph(b"".join(graph), own + (shapes or ""), checked=checked)
    return report


def _encoder(schema: SchemaModel) -> Any:
    from semantics.sinks import open_encoder

    return open_encoder("ntriples", schema)


def _one(
    schema: SchemaModel, checker: Any, unique: Any, record: Record, class_name: str | None, manner: str
) -> tuple[Diagnostic, ...]:
    """Everything wrong with one record; in the manner "shacl" only what keeps it from being RDF at all."""
    if record.fault is not None:
        return (record.fault,)
    cls = _class_of(schema, record, class_name)
    if isinstance(cls, Diagnostic):
        return (cls,)
    found: tuple[Diagnostic, ...] = checker.check(cls, record.data)
    if not found and manner != "shacl":
        found = tuple(unique.check(cls, record.data))
    return tuple(_within(finding, record) for finding in found) if found and record.pointer else found


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

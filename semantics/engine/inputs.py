"""From the inputs of a command to records: folders opened up, formats told, records found and classed.

What a file holds is told by its content: in a document by the mapping's selectors, in a table by
the header, so that one command takes a folder of files of different kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice, takewhile
from math import isfinite
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from semantics.databases import DATABASES, displayed, is_database, named_database
from semantics.engine.batches import START, Batch, Keyed, LineBatch, Position, grouped, keyed
from semantics.engine.rejects import Table
from semantics.engine.relations import XLSX, Relation, relations_of
from semantics.engine.tell import fitting, tell_class
from semantics.errors import Diagnostic, Location, SourceError, UsageError, closest, escaped
from semantics.lexical import FROM_TEXT, Primitive
from semantics.plan.model import NUMBER, Layout, Plan, SourceClass
from semantics.plan.tables import TableDialect
from semantics.records import Record
from semantics.sources import (
    SOURCES,
    STDIN,
    Input,
    Limits,
    ReadOptions,
    Selector,
    TableShape,
    open_source,
    parse_selector_path,
    plain_name,
    source_format,
)
from semantics.sources.json_lines import LineReader, ndjson_lines
from semantics.sources.numbers import number_reader

__all__ = ["Inputs"]

_TABLES: Final = {"csv": ",", "tsv": "\t"}
_COLUMNAR: Final = frozenset({"parquet", "arrow"})
"""Tables whose columns are typed and may be nested: rows are records as they are."""
_ROWS: Final = frozenset({*_TABLES, *_COLUMNAR, *DATABASES})
"""Formats whose records are rows: all of a table are of one class."""
_BY_SCHEMA: Final = frozenset(
    {"xml", "turtle", "trig", "rdfxml", "ntriples", "nquads", "jsonld", "prov-json", "prov-xml"}
)
"""Formats that are read by the names of a source schema made for them: in a folder only where the mapping says one."""
_YAML: Final = "yaml"
"""In a folder only where it is asked for, since mappings are YAML too; in linkml-map's it is a table like others."""
_NOT_RECOGNISED: Final = frozenset({"SRC006", "RUN010", "RUN012"})


_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Opened:
    """One input: its ordinal (from 1), how it is read, and the class that its name tells."""

    ordinal: int
    path: str
    fmt: str
    in_folder: bool
    named: str | None
    options: ReadOptions

    @property
    def by_lines(self) -> bool:
        """Whether its lines can be handed on as they stand."""
        return self.fmt == "ndjson" and self.named is None


@dataclass
class Inputs:
    """The inputs of a run, opened one after the other.

    ``notes`` collects files of a folder that hold nothing the mapping knows, ``skipped`` those of no known
    format, or of a class that the mapping has no use for; ``formats`` and ``tables`` how each source was read, for
    the rejects file.
    ``spool`` is a copy of standard input, where it has to be read more than once. ``tables_asked`` and ``query`` say
    what is read of databases; without either it is every table that the mapping knows. ``dialect`` are those fields of
    :class:`~semantics.plan.tables.TableDialect` that the operator tells.
    """

    plan: Plan
    paths: Sequence[str]
    format: str | None = None
    source_class: str | None = None
    limits: Limits = field(default_factory=Limits)
    notes: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    tables: dict[str, Table] = field(default_factory=dict)
    formats: dict[str, str] = field(default_factory=dict)
    spool: Path | None = None
    tables_asked: Sequence[str] = ()
    query: str | None = None
    dialect: Mapping[str, Any] = field(default_factory=dict)
    _relations: dict[str, Relation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = self.plan.record_classes
        self.table = self.plan.source.table.overruled(self.dialect).checked()
        if self.source_class is not None and self.source_class not in known:
            hint = closest(self.source_class, known) or f"known: {', '.join(known)}"
            message = f"the mapping derives nothing from class '{escaped(self.source_class)}'"
            raise UsageError(Diagnostic("RUN002", message, hint=hint))

    def files(self) -> Iterator[tuple[str, str, bool]]:
        """(path, format, whether it came from a folder) of every input, folders in the order of names.

        The tables of a database, and the sheets of a workbook, are as the files of a folder, each by the name that
        messages give it.
        """
        for path, fmt, in_folder in self._files():
            if fmt not in DATABASES and (fmt != XLSX or path == "-"):
                yield path, fmt, in_folder
                continue
            for relation in relations_of(path, fmt, self.tables_asked, self.query, self.limits):
                self._relations[relation.name] = relation
                yield relation.name, fmt, in_folder or not relation.asked

    def _files(self) -> Iterator[tuple[str, str, bool]]:
        for path in self.paths:
            if path != "-" and Path(path).is_dir():
                for file in sorted(Path(path).rglob("*")):
                    if not file.is_file() or file.name.startswith("."):
                        continue
                    fmt = self._in_folder(file)
                    if fmt is not None:
                        yield str(file), fmt, True
                    else:
                        self._pass_over(file)
            else:
                yield path, self._format(path), False

    def _pass_over(self, file: Path) -> None:
        """A file of no known format: noted where its name says that it holds what the mapping needs."""
        note = f"{file}: passed over: its format is not one that is read"
        needed = file.stem in self.plan.source_classes and file.stem in self.plan.record_classes
        noted, text = (self.notes, note) if needed else (self.skipped, str(file))
        if text not in noted:
            noted.append(text)

    def _by_name(self, name: str) -> str | None:
        """The format that a file name tells. JSON and what is written in it are what the mapping says that it reads."""
        told, own = source_format(name), self.plan.source.format
        if told == "json" and own in ("jsonld", "prov-json"):
            return own
        if told == "xml" and own == "prov-json":
            return "prov-xml"
        return "json" if told == "jsonld" and own == "json" else told

    def _in_folder(self, file: Path) -> str | None:
        told = self._by_name(file.name)
        if told is None and file.suffix == ".txt" and self.plan.source.format in _TABLES:
            return self.plan.source.format
        if told == _YAML and self.plan.dialect != "strict":
            return _YAML if self._document_class(str(file), _YAML) is not None else None
        if told == _YAML and (self.format or self.plan.source.format) != _YAML:
            return None
        if told in DATABASES and (self.format not in (None, told) or not is_database(file, told)):
            return None
        if told in _BY_SCHEMA and self.plan.source.format not in _BY_SCHEMA and self.format is None:
            return None
        return self.format or told if told else None

    def _format(self, path: str) -> str:
        told = self.format or (self._by_name(path) if path != "-" else None) or self.plan.source.format
        if told is None:
            raise UsageError(
                Diagnostic(
                    "RUN003", f"the format of '{escaped(displayed(path))}' is not told by its name", hint="pass --from"
                )
            )
        return told

    def records(self, wanted: Container[str] | None = None) -> Iterator[Keyed]:
        """Every record with its key. Raises :class:`SourceError` where an input cannot be read.

        With ``wanted`` classes, tables of other classes are left after their first row.
        """
        for opened in self._opened():
            yield from self._tolerated(opened, self._keyed(opened, wanted))

    def batches(self, start: Position = START) -> Iterator[Batch]:
        """The records in batches, from a place on. Raises :class:`SourceError` where an input cannot be read."""
        for opened in self._opened():
            if opened.ordinal < start.input:
                continue
            begun = start if opened.ordinal == start.input else START
            found = self._lines(opened, begun) if opened.by_lines else self._grouped(opened, begun.records)
            yield from self._tolerated(opened, found)

    def _opened(self) -> Iterator[_Opened]:
        """The inputs that the mapping has a use for, one after the other."""
        for ordinal, (path, fmt, in_folder) in enumerate(self.files(), start=1):
            named = self._document_class(path, fmt)
            if named is not None and named not in self.plan.record_classes:
                if path not in self.skipped:
                    self.skipped.append(path)
                continue
            if not in_folder:
                self._check_encoding(path, fmt)
            self.formats[STDIN if path == "-" else path] = fmt
            yield _Opened(ordinal, path, fmt, in_folder, named, self.options(fmt))

    def _keyed(self, opened: _Opened, wanted: Container[str] | None = None) -> Iterator[Keyed]:
        by_line = opened.fmt == "ndjson" and bool(opened.options.selectors)
        records = self._open(opened.path, opened.fmt, opened.options)
        if wanted is not None and opened.fmt in _ROWS:
            records = takewhile(lambda record: record.class_name in wanted, records)
        return keyed(map(partial(self._classed, opened.named), records), opened.ordinal, by_line=by_line)

    def _classed(self, named: str | None, record: Record) -> Record:
        """The record with the class that its file or the operator tells."""
        if named is not None:
            return record.of_class(named)
        if record.class_name is None and self.source_class is not None and record.pointer is None:
            return record.of_class(self.source_class)
        return record

    def _grouped(self, opened: _Opened, done: int) -> Iterator[Batch]:
        return grouped(islice(self._keyed(opened), done, None), opened.ordinal, done)

    def _lines(self, opened: _Opened, begun: Position) -> Iterator[Batch]:
        """The lines of an NDJSON input, not read yet."""
        source = self._input(opened.path)
        reader = LineReader(source.name, opened.options, begun.records)
        limits = opened.options.limits
        blocks = source.blocks(limits, begun.byte)
        for lines in ndjson_lines(blocks, source.name, limits, (begun.byte, begun.line)):
            yield LineBatch(lines, reader, opened.ordinal, bool(opened.options.selectors), self.source_class)

    def _tolerated(self, opened: _Opened, found: Iterator[_T]) -> Iterator[_T]:
        """What is found in an input; a file of a folder that holds nothing of use is passed over, and noted."""
        try:
            yield from found
        except _NotNeeded:
            if opened.path not in self.skipped:
                self.skipped.append(opened.path)
        except SourceError as fault:
            code, message = fault.diagnostics[0].code, fault.diagnostics[0].message
            if opened.in_folder and self.plan.dialect != "strict" and code == "SRC002":
                return  # a table without rows, to the tool whose dialect this is
            if not opened.in_folder or code not in _NOT_RECOGNISED:
                raise
            self.notes.append(f"{opened.path}: passed over: {message}")

    def _input(self, path: str) -> Input:
        if path == "-":
            return Input(self.spool, STDIN)
        return Input(Path(path), path)

    def _check_encoding(self, path: str, fmt: str) -> None:
        """Only text that does not say its encoding itself is read in another one."""
        if fmt not in _TABLES and self.table.encoding != "utf-8":
            message = f"'{escaped(path)}' is read as {fmt}, which is not a matter of an encoding that is told"
            hint = "JSON and RDF are UTF-8, XML says its encoding, a spreadsheet has none"
            raise UsageError(Diagnostic("SRC094", message, hint=hint))

    def _open(self, path: str, fmt: str, options: ReadOptions) -> Iterator[Record]:
        if path == "-" and self.spool is not None:
            return SOURCES[fmt].load()(self._input(path), options)
        if (relation := self._relations.get(path)) is not None:
            return relation.open(options)
        if fmt == _YAML and self.plan.dialect != "strict":
            from semantics.engine.yaml_tables import yaml_rows

            return yaml_rows(Path(path))
        return open_source(path if path == "-" else Path(path), fmt, options)

    def options(self, fmt: str) -> ReadOptions:
        """How a file of a format is read under this mapping."""
        return ReadOptions(
            selectors=self._selectors(), tabular=self._tabular(fmt), limits=self.limits,
            layout=self._layout(), told=self._told, dialect=self.table,
        )  # fmt: skip

    def _layout(self) -> Layout | None:
        """The layout of the source classes, records being those of the class that the operator asked for."""
        layout = self.plan.layout
        if layout is None or self.source_class is None:
            return layout
        return msgspec.structs.replace(layout, records=(self.source_class,))

    def _told(self, keys: Collection[str]) -> str | None:
        """The class of a record whose values are text: they cannot be read before it is known."""
        told = self.source_class or tell_class(self.plan, dict.fromkeys(keys, True))
        return told if isinstance(told, str) else None

    def _selectors(self) -> tuple[Selector, ...]:
        if self.source_class is not None and not self.plan.source.selectors:
            return (Selector((), self.source_class),)
        return tuple(
            Selector(parse_selector_path(s.path), s.class_name, s.class_by, s.has, s.unless)
            for s in self.plan.source.selectors
            if self.source_class is None or s.class_name in (None, self.source_class)
        )

    def database_files(self) -> tuple[str, ...]:
        """The files of the databases among the inputs."""
        found = (named_database(relation.place, relation.kind) for relation in self._relations.values())
        return tuple(dict.fromkeys(database.place for database in found if database.kind != "postgresql"))

    def stem(self, path: str) -> str:
        """What a table is named: its file without folder and endings, or its name in the database."""
        relation = self._relations.get(path)
        return Path(path).name.partition(".")[0] if relation is None else relation.table or ""

    # -- tables -----------------------------------------------------------------------------------

    def _tabular(self, fmt: str) -> Callable[[tuple[str, ...], str], TableShape]:
        if fmt in _COLUMNAR:
            return self._columnar

        def shape(header: tuple[str, ...], name: str) -> TableShape:
            found = self.table_shape(self._table_class(header, name), header, name, fmt=fmt)
            if fmt in _TABLES:
                self.tables[name] = Table(header, self.table.delimiter or _TABLES[fmt])
            return found

        return shape

    def _columnar(self, header: tuple[str, ...], name: str) -> TableShape:
        """The class of the rows of a columnar file, whose columns may be any slots of it."""
        try:
            cls = self._table_class(header, name)
            self.table_shape(cls, header, name, fmt="parquet")
        except SourceError as fault:
            # There are no lines in such a file.
            raise SourceError([replace(found, location=Location(name)) for found in fault.diagnostics]) from None
        return TableShape(cls.name, (None,) * len(header))

    def table_shape(self, cls: SourceClass, header: tuple[str, ...], name: str, *, fmt: str = "csv") -> TableShape:
        """How the columns of a table of a source class are read; those of databases may hold objects too.

        Raises :class:`SourceError` for columns that the class does not have.
        """
        objects = fmt in DATABASES or fmt in _COLUMNAR
        # The numbers of a spreadsheet are numbers: no text says how they are written.
        dialect = self.table if fmt != XLSX else msgspec.structs.replace(self.table, decimal_char=".", group_char="")
        if self.table.flattened and not objects:
            return self._flattened_shape(cls, header, name, dialect)
        held = frozenset(column for column in cls.slots if objects and column not in cls.columns)
        if (self.plan.source.unknown or "error") == "error":
            _refuse_unknown(header, {*cls.columns, *held}, cls, name)
        converters = tuple(
            _or_missing(_converter(cls.columns.get(column, cls.others), dialect), cls.missing.get(column))
            for column in header
        )
        return TableShape(cls.name, converters, frozenset(cls.keeps_empty), held)

    def _flattened_shape(
        self, cls: SourceClass, header: tuple[str, ...], name: str, dialect: TableDialect
    ) -> TableShape:  # fmt: skip
        """How the columns of a table of flattened objects are read."""
        from semantics.engine.flattened import FlatColumn, flat_column

        assert self.plan.layout is not None
        found = {column: flat_column(self.plan.layout, cls.name, column, dialect, self.limits) for column in header}
        if (self.plan.source.unknown or "error") == "error":
            known = {*cls.columns, *(column for column, flat in found.items() if flat is not None)}
            _refuse_unknown(header, known, cls, name)
        columns = [found[column] or FlatColumn((column,), None, ()) for column in header]
        converters = tuple(_or_missing(flat.convert, flat.missing or None) for flat in columns)
        paths = tuple(flat.path for flat in columns)
        return TableShape(cls.name, converters, frozenset(cls.keeps_empty), paths=paths)

    def _document_class(self, path: str, fmt: str) -> str | None:
        """The class that a document is named after, in a dialect where documents stand beside tables."""
        told = plain_name(Path(path).name).rpartition(".")[0]
        beside = self.plan.dialect != "strict" and fmt not in _ROWS
        return told if beside and told in self.plan.source_classes else None

    def _named_after(self, header: tuple[str, ...], name: str) -> SourceClass | None:
        """The class that a table of a folder is named after, if the header does not say another."""
        relation = self._relations.get(name)
        asked = name in self.paths if relation is None else relation.asked
        told = plain_name(Path(name).name).rpartition(".")[0] if relation is None else relation.table or ""
        if told not in self.plan.source_classes:
            if self.plan.dialect != "strict" and not asked:
                raise _NotNeeded
            return None
        if told not in self.plan.record_classes:
            if asked:
                return None
            raise _NotNeeded
        cls = self.plan.classes[told]
        if self.plan.dialect != "strict":
            return cls
        return cls if set(header) >= set(cls.required) and _mostly_known(header, cls) else None

    def _table_class(self, header: tuple[str, ...], name: str) -> SourceClass:
        """The source class of a table's rows, by its columns."""
        if self.table.flattened:
            header = tuple(dict.fromkeys(column.partition(".")[0] for column in header))
        if self.source_class is not None:
            asked = self.plan.classes[self.source_class]
            if missing := [column for column in asked.required if column not in header]:
                message = f"a table of '{asked.name}' needs the columns {', '.join(missing)}"
                raise SourceError(Diagnostic("RUN010", message, Location(name, 1), found=",".join(header)[:120]))
            return asked
        if (named := self._named_after(header, name)) is not None:
            return named
        candidates = tuple(self.plan.classes.values())
        if len(candidates) == 1:
            return candidates[0]
        found = tuple(cls for cls in fitting(candidates, header) if _mostly_known(header, cls))
        if len(found) == 1 and found[0].name in self.plan.record_classes:
            return found[0]
        if len(found) == 1:
            message = f"this is a table of '{found[0].name}', from which the mapping derives nothing"
            raise SourceError(Diagnostic("RUN012", message, Location(name, 1)))
        names = ", ".join(cls.name for cls in found)
        message = f"these columns fit several classes: {names}" if found else "these columns fit no source class"
        hint = "say which with --class" if found else _nearest(header, candidates)
        raise SourceError(Diagnostic("RUN010", message, Location(name, 1), hint=hint, found=",".join(header)[:120]))


class _NotNeeded(Exception):
    """A table of a folder whose name says that the mapping has no use for it."""


def _mostly_known(header: tuple[str, ...], cls: SourceClass) -> bool:
    """Whether a class knows at least half of the columns: less is another table that shares a key."""
    return 2 * sum(column in cls.slots for column in header) >= len(header)


def _nearest(header: tuple[str, ...], candidates: tuple[SourceClass, ...]) -> str | None:
    """The class that is nearest, and what it would need."""
    best = max(candidates, key=lambda cls: len(set(header) & set(cls.slots)), default=None)
    if best is None or not set(header) & set(best.slots):
        return None
    missing = ", ".join(f"'{name}'" for name in best.required if name not in header)
    return f"nearest is {best.name}, which needs {missing}" if missing else None


def _refuse_unknown(header: tuple[str, ...], known: Collection[str], cls: SourceClass, name: str) -> None:
    """Columns that the source class does not have are an error, all named at once."""
    findings = []
    for column in header:
        if column in known:
            continue
        odd = [f"U+{ord(char):04X}" for char in column if not char.isascii()]
        shown = escaped(column) + (f" (with {', '.join(odd)})" if odd else "")
        hint = closest(column, known) or "declare it in the source schema, or set source: {unknown: report}"
        findings.append(Diagnostic("RUN011", f"column '{shown}' is not a slot of class '{cls.name}'",
                                   Location(name, 1), hint=hint))  # fmt: skip
    if findings:
        raise SourceError(findings)


def number_or_text(cell: str) -> Any:
    """A cell as linkml-map reads it: a number where Python reads it as one.

    >>> number_or_text("007"), number_or_text("1.50"), number_or_text("P1"), number_or_text("1e999")
    (7, 1.5, 'P1', '1e999')
    """
    if not any(map(str.isdigit, cell)):
        return cell
    for kind in (int, float):
        try:
            value = kind(cell)
        except ValueError:
            continue
        return value if isfinite(value) else cell
    return cell


def _or_missing(convert: Callable[[str], Any] | None, missing: tuple[str, ...] | None) -> Callable[[str], Any] | None:
    """What reads a cell, where some texts stand for no value: those stay, for the slots that say so."""
    if convert is None or missing is None:
        return convert
    return lambda cell: cell if cell in missing else convert(cell)


def _converter(primitive: str | None, dialect: TableDialect) -> Callable[[str], Any] | None:
    if primitive is None:
        return None
    if primitive == NUMBER:
        return number_or_text
    return number_reader(Primitive(primitive), FROM_TEXT[Primitive(primitive)], dialect)

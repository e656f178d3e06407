"""The layout of the input: where records stand, of which class they are, how cells are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from semantics.errors import closest, escaped
from semantics.lexical import Primitive
from semantics.mapping.spec import ByKey, SourceSpec
from semantics.plan.findings import Findings
from semantics.plan.model import RecordSelector, SourceClass, SourcePlan
from semantics.plan.scope import slot_type
from semantics.plan.tables import TABLES, TableDialect
from semantics.schema.model import Form, SchemaModel

__all__ = ["recognised", "selectors_of", "source_plan"]

_DOCUMENTS: Final = ("json", "ndjson", "yaml")
_SIMPLIFIED: Final = {"ngsi": _DOCUMENTS, "extensions": (*_DOCUMENTS, "xml")}
"""The formats of records that can be brought into one form, by the name of the form."""
_OWN_ENCODING: Final = {
    **dict.fromkeys(("json", "ndjson", "jsonld"), "JSON is UTF-8 (RFC 8259, section 8.1)"),
    "xml": "an XML document says its encoding in its first line",
}


def selectors_of(spec: SourceSpec) -> tuple[RecordSelector, ...]:
    """Where the mapping says its records stand."""
    records = spec.records
    if records is None:
        return ()
    if isinstance(records, str):
        return (RecordSelector(path=records),)
    return tuple(
        RecordSelector(
            path=entry.path,
            class_name=entry.class_ if isinstance(entry.class_, str) else None,
            class_by=entry.class_.by if isinstance(entry.class_, ByKey) else None,
            has=tuple(entry.has),
            unless=tuple(entry.unless),
        )
        for entry in records
    )


def source_plan(spec: SourceSpec, source: SchemaModel, findings: Findings) -> SourcePlan:
    """The layout of the input; classes that the source does not have are noted."""
    selectors = selectors_of(spec)
    for index, selector in enumerate(selectors):
        name = selector.class_name
        if name is not None and name not in source.classes:
            findings.error(
                "MAP010", f"class '{escaped(name)}' is not in schema '{source.name}'",
                ("source", "records", index, "class"), closest(name, source.classes),
            )  # fmt: skip
    documents = _SIMPLIFIED.get(spec.simplify or "", ())
    if spec.simplify is not None and spec.format not in (None, *documents):
        findings.error("MAP085", f"'simplify' is about documents, and the format is {spec.format}",
                       ("source", "simplify"), f"formats: {', '.join(documents)}")  # fmt: skip
    return SourcePlan(
        format=spec.format,
        selectors=selectors,
        unknown=spec.unknown,
        wrap_single_values=spec.wrap_single_values,
        simplify=spec.simplify,
        table=_dialect(spec, findings),
    )


def _dialect(spec: SourceSpec, findings: Findings) -> TableDialect:
    """How tables are written; what cannot be so is noted."""
    said = {name: value for name, value in dict(spec.dialect or {}).items() if value is not None}
    if spec.dialect is not None and spec.dialect.quote_char is None:
        said["quote_char"] = ""
    dialect = TableDialect().overruled({**said, "encoding": spec.encoding})
    for field, code, message, hint in dialect.faults():
        path = ("source", field) if field == "encoding" else ("source", "dialect", field)
        findings.error(code, message, path, hint)
    if spec.format is not None and spec.format not in TABLES:
        told = {"dialect": spec.dialect is not None, "encoding": dialect.encoding != "utf-8"}
        for field in (field for field, is_told in told.items() if is_told):
            message = f"'{field}' is about tables, and the format is {spec.format}"
            hint = _OWN_ENCODING.get(spec.format) if field == "encoding" else None
            findings.error("SRC094", message, ("source", field), hint)
    return dialect


def recognised(
    source: SchemaModel, name: str, kept: Iterable[str], missing: Mapping[str, Iterable[str]]
) -> SourceClass:
    """What tells records of a class from others, and how the cells of its columns are read."""
    cls = source.classes[name]
    columns: dict[str, str | None] = {}
    for slot in cls.slots.values():
        primitive = source.primitive(slot)
        kind = slot_type(source, slot)
        if slot.form is not Form.OBJECT:
            columns[slot.name] = None if primitive is None or kind.as_text else str(primitive)
            if primitive is Primitive.STRING:
                columns[slot.name] = None
    return SourceClass(
        name=name,
        required=tuple(slot.name for slot in cls.slots.values() if slot.required),
        slots=tuple(cls.slots),
        columns=columns,
        keeps_empty=tuple(sorted(kept)),
        missing={column: tuple(dict.fromkeys(texts)) for column, texts in missing.items()},
    )

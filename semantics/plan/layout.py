"""The layout of the input: where records stand, of which class they are, how cells are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from semantics.errors import closest, escaped
from semantics.expressions.types import Kind
from semantics.lexical import Primitive
from semantics.mapping.spec import ByKey, SourceSpec
from semantics.plan.findings import Findings
from semantics.plan.model import ClassLayout, Layout, RecordSelector, SlotLayout, SourceClass, SourcePlan
from semantics.plan.scope import slot_type
from semantics.plan.tables import TABLES, TableDialect
from semantics.schema.model import ClassModel, Form, SchemaModel, SlotModel

__all__ = ["layout_of", "recognised", "selectors_of", "source_plan"]

_OWN_ENCODING: Final = {
    **dict.fromkeys(("json", "ndjson", "jsonld"), "JSON is UTF-8 (RFC 8259, section 8.1)"),
    "xml": "an XML document says its encoding in its first line",
}
_TEXT: Final = "value"
"""The slot that holds the text of an element with attributes, where no slot is annotated ``xml: text``."""


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
    return SourcePlan(
        format=spec.format,
        selectors=selectors,
        unknown=spec.unknown,
        wrap_single_values=spec.wrap_single_values,
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


def layout_of(
    source: SchemaModel, names: Iterable[str], missing: Mapping[str, Mapping[str, Iterable[str]]] | None = None
) -> Layout:
    """How objects of some classes, and of all that they can hold, stand in documents whose values are text.

    ``missing``: by class and slot, the texts that stand for no value.
    """
    classes: dict[str, ClassLayout] = {}
    records = tuple(dict.fromkeys(names))
    waiting = list(records)
    while waiting:
        name = waiting.pop()
        cls = source.classes.get(name)
        if cls is None or name in classes:
            continue
        absent = (missing or {}).get(name, {})
        slots = tuple(_slot_layout(source, slot, absent.get(slot.name, ())) for slot in cls.slots.values())
        classes[name] = ClassLayout(
            name=name, iri=cls.uri, slots=slots, below=cls.descendants,
            identifier=cls.identifier, designator=cls.designator, text=_text_slot(cls),
        )  # fmt: skip
        waiting += [*cls.descendants, *(slot.holds for slot in slots if slot.holds is not None)]
    ordered = {name: classes[name] for name in sorted(classes)}
    return Layout(namespaces=dict(source.namespaces), classes=ordered, records=records)


def _text_slot(cls: ClassModel) -> str | None:
    annotated = [slot.name for slot in cls.slots.values() if slot.annotations.get("xml") == "text"]
    return annotated[0] if annotated else _TEXT if _TEXT in cls.slots else None


def _slot_layout(source: SchemaModel, slot: SlotModel, missing: Iterable[str]) -> SlotLayout:
    primitive = source.primitive(slot)
    kind = slot_type(source, slot)
    inlined = slot.form in (Form.OBJECT, Form.KEYED)
    holds = slot.range if inlined and not source.takes_any(slot.range) else None
    typed = primitive is not None and primitive is not Primitive.STRING
    values = source.enums[slot.range].values if slot.range in source.enums else {}
    refers = slot.range if slot.form is Form.REFERENCE else None
    return SlotLayout(
        name=slot.name,
        iri=slot.uri,
        bound=slot.uri != source.default_namespace + slot.name.replace(" ", "_"),
        many=slot.many,
        holds=holds,
        primitive=str(primitive) if typed and not kind.as_text else None,
        collapsed=typed or slot.range in source.enums,
        open=holds is None and (inlined or kind.kind is Kind.ANY),
        key=source.classes[slot.range or ""].identifier if slot.form is Form.KEYED else None,
        refers=refers,
        meanings={value.meaning: text for text, value in values.items() if value.meaning},
        missing=tuple(dict.fromkeys(missing)),
    )

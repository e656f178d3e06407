"""The four artefacts of one schema, asked for their verdict on one instance: what the tests of one verdict use.

``Artefacts(schema)`` generates everything once; :meth:`Artefacts.refusals` gives what each of them says. Where one may
differ, :func:`gap_of` names the declared gap (:data:`semantics.generators.gaps.GAPS`) that explains one finding of the
checker; a difference without such a name is a fault.
"""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import json
import sys
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

import jsonschema

from semantics.generators import generate
from semantics.generators.constraints import IRI_PRIMITIVES, SPELLED, Kind, designator_of, patterns_of, value_of
from semantics.generators.lexical_patterns import is_portable
from semantics.generators.shacl_rules import exactly_said
from semantics.generators.shacl_values import Inexact, Values
from semantics.lexical import FROM_DATA, LexicalError, Primitive, decimal_text, is_iri, percent_encoded
from semantics.schema.model import ClassModel, Form, SchemaModel, SlotExpression, SlotModel
from semantics.validation import compile_checker, validate_graph, validate_with_classes
from semantics.validation.classes import ClassTable
from semantics.validation.expressions import expression_check, slot_range
from semantics.validation.findings import Violation
from semantics.validation.shacl.validate import load_shapes

RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
XSD = "http://www.w3.org/2001/XMLSchema#"

_numbers = itertools.count()


def loaded(text: str, folder: Path) -> ModuleType:
    """A generated module, imported from a file of its own."""
    name = f"made_{next(_numbers)}"
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


class Artefacts:
    """Checker, generated classes, JSON Schema and SHACL shapes of one schema."""

    def __init__(self, schema: SchemaModel, folder: Path) -> None:
        self.schema = schema
        files = generate(schema)
        self.module = loaded(files[next(name for name in files if name.endswith(".py"))], folder)
        document = json.loads(files[next(name for name in files if name.endswith(".schema.json"))])
        jsonschema.Draft202012Validator.check_schema(document)
        self.json_schema = jsonschema.Draft202012Validator(document)
        shapes = files[next(name for name in files if name.endswith(".shacl.ttl"))]
        self.shapes = load_shapes(shapes, engine="compiled")
        self.reference = load_shapes(shapes, engine="pyshacl")
        self.asked = itertools.count()
        self.checker = compile_checker(schema, limit=10_000)
        self.triples = Triples(schema)

    def checked(self, root: str, instance: Any) -> tuple[Violation, ...]:
        """What the checker finds."""
        return self.checker.check(root, instance)  # type: ignore[return-value]

    def classes(self, root: str, instance: Any) -> list[str]:
        """What the generated classes refuse: codes, pointers and messages."""
        return [f"{one.code} {one.location.pointer} {one.message}" for one in self.refused(root, instance)]

    def refused(self, root: str, instance: Any) -> Any:
        """The findings of the generated classes."""
        return validate_with_classes(self.module, root, instance, limit=10_000)

    def json(self, instance: Any) -> list[str]:
        """What the JSON Schema refuses in the form in which a JSON parser gives the instance."""
        return [f"{list(one.absolute_path)} {one.message}" for one in self.json_schema.iter_errors(json_form(instance))]

    def rdf(self, root: str, instance: Any) -> list[str]:
        """What the shapes refuse in the RDF of the instance, be it right or wrong; of some pySHACL is asked too."""
        graph = self.triples(root, instance)
        report = validate_graph(graph, self.shapes)
        if next(self.asked) % 10 == 0:
            assert validate_graph(graph, self.reference).conforms is report.conforms, graph
        return [str(finding) for finding in report.findings]


# -- JSON ------------------------------------------------------------------------------------------


def json_form(data: Any) -> Any:
    """An instance as a JSON parser gives it: no Decimal."""
    if isinstance(data, dict):
        return {key: json_form(value) for key, value in data.items()}
    if isinstance(data, list):
        return [json_form(value) for value in data]
    if isinstance(data, Decimal):
        return int(data) if data == data.to_integral_value() else float(data)
    return data


def in_json(data: Any) -> bool:
    """Whether JSON has all the numbers in an instance."""
    if isinstance(data, dict | list):
        return all(map(in_json, data.values() if isinstance(data, dict) else data))
    if not isinstance(data, Decimal | float):
        return True
    number = Decimal(data)
    return number.is_finite() and abs(number.adjusted()) <= 308


# -- RDF -------------------------------------------------------------------------------------------


class Triples:
    """An instance as N-Triples, also where it is wrong: what RDF can show of a fault is shown.

    ``merged``: two objects of the instance have one identifier, so that they are one node in RDF.
    """

    def __init__(self, schema: SchemaModel) -> None:
        self.schema = schema
        self.table = ClassTable(schema)
        self.lines: list[str] = []
        self.described: set[str] = set()
        self.merged = False
        self.blank = itertools.count()

    def __call__(self, root: str, instance: Any) -> str:
        self.lines, self.described, self.merged = [], set(), False
        self.object(root, instance)
        return "\n".join(dict.fromkeys(self.lines)) + "\n"

    def object(self, range_: str, data: dict[str, Any], key: str | None = None) -> str:
        """The node of an object; its triples are noted."""
        cls, type_ = self.class_of(range_, data)
        own = key if key is not None else data.get(cls.identifier or "")
        node = f"_:b{next(self.blank)}"
        if isinstance(own, str | int | float | Decimal):
            self.merged = self.merged or own == ""
            node = self.iri(plain(own))
        self.merged = self.merged or node in self.described
        self.described.add(node)
        self.lines.append(f"{node} {RDF_TYPE} <{type_}> .")
        designator = designator_of(self.schema.classes[range_])
        for name, value in data.items():
            slot = cls.slots.get(name) if isinstance(name, str) else None
            if slot is not None and (slot.identifier or (designator and name == designator.name)):
                continue
            iri = slot.uri if slot else self.schema.default_namespace + quote(str(name), safe="")
            terms = self.terms(slot, value) if slot else [self.generic(each) for each in several(value)]
            self.lines += [f"{node} <{iri}> {term} ." for term in terms]
        return node

    def class_of(self, range_: str, data: dict[str, Any]) -> tuple[ClassModel, str]:
        """The class of an object, and the IRI that it gives as its type, which may be of no class."""
        found = self.table.class_of(range_, data)
        if found is not None:
            return found, found.uri
        declared = self.schema.classes[range_]
        told = data.get(declared.designator or "")
        if not isinstance(told, str):
            return declared, declared.uri
        named = self.schema.classes.get(told)
        return declared, named.uri if named else self.schema.default_namespace + quote(told, safe="")

    def terms(self, slot: SlotModel, value: Any) -> list[str]:
        """The terms of a slot's whole value."""
        if slot.form is Form.KEYED and isinstance(value, dict):
            return [self.item(slot, each, key) for key, each in value.items()]
        return [self.item(slot, each) for each in several(value)]

    def item(self, slot: SlotModel, value: Any, key: Any = None) -> str:
        """The term of one value."""
        schema, range_ = self.schema, slot_range(slot)
        parts = [part.range for _, parts in slot.boolean for part in parts if part.range]
        if range_ is None or (range_ == "Any" and parts):
            range_ = next((each for each in parts if self.fits(slot, each, value)), "Any")
        if range_ in schema.classes and isinstance(value, dict):
            return self.object(range_, value, str(key) if key is not None else None)
        if range_ in schema.classes:
            told = slot.form is Form.REFERENCE and not isinstance(value, bool | list)
            return self.iri(plain(value)) if told else self.generic(value)
        if range_ in schema.enums:
            found = schema.enums[range_].values.get(value) if isinstance(value, str) else None
            return f"<{found.meaning}>" if found and found.meaning else self.generic(value)
        if range_ == "Any":
            return self.generic(value)
        return self.scalar(range_ or "string", value)

    def scalar(self, range_: str, value: Any) -> str:
        """A value of a type; one that is none is written as what it is."""
        type_ = self.schema.types[range_]
        try:
            value = FROM_DATA[type_.primitive](value)
        except LexicalError:
            return self.generic(value)
        if type_.primitive in IRI_PRIMITIVES:
            return self.iri(value)
        return literal(value, type_.uri if type_.primitive is not Primitive.NCNAME else f"{XSD}string")

    def generic(self, value: Any) -> str:
        """Any value by its Python type."""
        if isinstance(value, dict | list):
            return literal(repr(value), "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON")
        kinds = {bool: "boolean", int: "integer", Decimal: "decimal", float: "double"}
        return literal(value, XSD + kinds.get(type(value), "string"))

    def fits(self, slot: SlotModel, range_: str, value: Any) -> bool:
        """Whether a value may stand where a part of a boolean constraint has this range."""
        if range_ in self.schema.classes:
            return self.table.root(range_).exact(value)
        return expression_check(self.table, SlotExpression(range=range_), slot.form, range_).exact(value)

    def iri(self, text: str) -> str:
        """The IRI of an identifier or a CURIE."""
        whole = self.schema.expand(text)
        return f"<{whole if is_iri(whole) else self.schema.default_namespace + percent_encoded(whole)}>"


def several(value: Any) -> list[Any]:
    """The values of a slot, be it a list or not; null gives no triple."""
    return [each for each in value if each is not None] if isinstance(value, list) else [] if value is None else [value]


def plain(value: Any) -> str:
    """The text of a number or a text."""
    return decimal_text(value) if isinstance(value, Decimal) and value.is_finite() else str(value)


def literal(value: Any, datatype: str) -> str:
    """A literal of a datatype."""
    if isinstance(value, bool):
        value = "true" if value else "false"
    elif isinstance(value, Decimal | int) and datatype != f"{XSD}string":
        value = plain(value)
    return f"{json.dumps(str(value))}^^<{datatype}>"


# -- where an artefact may differ ------------------------------------------------------------------


def at(instance: Any, pointer: str) -> Any:
    """What stands at a JSON Pointer, in which entries by identifier are counted; None where nothing does."""
    here = instance
    for step in pointer.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        with contextlib.suppress(ValueError):
            if isinstance(here, list) and int(step) < len(here):
                here = here[int(step)]
                continue
        if isinstance(here, dict) and step not in here and step.isdigit() and int(step) < len(here):
            here = list(here.values())[int(step)]
        else:
            here = here.get(step) if isinstance(here, dict) else None
    return here


def gap_of(artefact: str, schema: SchemaModel, instance: Any, finding: Violation) -> str | None:
    """The declared gap by which an artefact need not see what the checker found; None where it must."""
    value = at(instance, finding.location.pointer or "") if finding.location else None
    cls = schema.classes[finding.class_name or ""]
    slot = cls.slots.get(finding.slot or "")
    ways = {"json-schema": _json_gap, "shacl": _shacl_gap}
    return ways[artefact](schema, cls, slot, value, finding) if artefact in ways else None


def _json_gap(
    schema: SchemaModel, cls: ClassModel, slot: SlotModel | None, value: Any, finding: Violation
) -> str | None:
    number = isinstance(value, int | float | Decimal)
    match finding.code:
        case "VAL020" | "VAL021":
            return "json-schema-distinct"
        case "VAL017":
            return "json-schema-keys"
        case "VAL003" | "VAL014" if number and abs(Decimal(value).adjusted()) >= 308:
            return "json-schema-number-sizes"
        case "VAL014" if finding.constraint == "inlined" and slot and _spelled(schema, slot):
            return "json-schema-number-keys"
        case "VAL005" if number:
            return "json-schema-number-patterns"
    stated: list[Any] = [] if slot is None else [slot]
    if finding.code in ("VAL011", "VAL019"):
        stated = [schema.classes[name].conditions for name in cls.ancestors]
        stated += [
            part for rule in cls.rules for part in (rule.preconditions, rule.postconditions, rule.elseconditions)
        ]
    return None if all(map(is_portable, patterns_of(schema, *stated))) else "json-schema-patterns"


def _spelled(schema: SchemaModel, slot: SlotModel) -> bool:
    """Whether the keys of a mapping are numbers or booleans."""
    cls = schema.classes[slot.range or ""]
    return schema.primitive(cls.slots[cls.identifier or ""]) in SPELLED


def _shacl_gap(
    schema: SchemaModel, cls: ClassModel, slot: SlotModel | None, value: Any, finding: Violation
) -> str | None:
    if slot is None and finding.slot is not None:
        return "shacl-open"
    match finding.code:
        case "VAL020" | "VAL021":
            return "shacl-distinct"
        case "VAL008" | "VAL017":
            return "shacl-forms"
        case "VAL009" if len({repr(each) for each in value}) < 2 or any(isinstance(each, list) for each in value):
            return "shacl-forms"
        case code if code not in ("VAL001", "VAL007") and not several(value) and not isinstance(value, dict):
            return "shacl-nothing"
        case "VAL011" | "VAL019" if not exactly_said(Values(schema, _shapes(schema)), cls):
            return "shacl-conditions"
    if slot is None:
        return None
    return _shacl_slot_gap(schema, cls, slot, value, finding)


def _shacl_slot_gap(
    schema: SchemaModel, cls: ClassModel, slot: SlotModel, value: Any, finding: Violation
) -> str | None:
    told = value_of(schema, slot)
    if slot == designator_of(cls) and not (finding.code in ("VAL012", "VAL013") and isinstance(value, str)):
        return "shacl-designators"
    if slot.identifier and finding.code != "VAL001":
        return "shacl-identifiers"
    match finding.code:
        case "VAL014" if not isinstance(value, bool | list):
            return "shacl-references"
        case "VAL001" | "VAL007" if told.kind is not Kind.OBJECT:
            low = max(slot.minimum_cardinality or 0, slot.exact_cardinality or 0)
            distinct = {repr(each) for each in several(value)}
            if low > 1 or len(distinct) < len(several(value)):
                return "shacl-repetition"
        case "VAL003" if told.primitive is Primitive.NCNAME:
            return "shacl-ncname"
    if not all(map(is_portable, patterns_of(schema, slot))):
        return "shacl-patterns"
    if told.kind is Kind.REFERENCE or told.primitive in (Primitive.URIORCURIE, Primitive.CURIE):
        return "shacl-curies" if finding.code in ("VAL005", "VAL016", "VAL010") else None
    if any(True for _ in slot.boolean):
        try:
            Values(schema, _shapes(schema)).value(told, exact=True)
        except Inexact:
            return "shacl-alternatives"
    return None


def _shapes(schema: SchemaModel) -> dict[str, str]:
    return {name: f"https://example.org/{name}" for name in schema.classes}

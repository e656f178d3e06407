"""One verdict in RDF: the generated SHACL shapes take what the checker takes, and refuse what RDF can show."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from semantics.lexical import FROM_DATA, LexicalError, Primitive, decimal_text, is_iri, percent_encoded
from semantics.schema.model import Form, SchemaModel, SlotExpression, SlotModel
from semantics.validation import compile_checker, validate_graph
from semantics.validation.classes import ClassTable
from semantics.validation.expressions import expression_check, slot_range

COMMON: Any = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}
Generate = Callable[[SchemaModel], dict[str, str]]
EX = "https://example.org/"

RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
XSD = "http://www.w3.org/2001/XMLSchema#"
IRIS = (Primitive.URI, Primitive.URIORCURIE, Primitive.CURIE)


class Triples:
    """An instance as N-Triples: identifier or blank node, type, and one triple for each value.

    ``twice``: two objects of the instance have one identifier, so that they are one node in RDF.
    """

    def __init__(self, schema: SchemaModel) -> None:
        self.schema = schema
        self.table = ClassTable(schema)
        self.lines: list[str] = []
        self.described: set[str] = set()
        self.twice = False
        self.blank = itertools.count()

    def iri(self, text: str) -> str:
        whole = self.schema.expand(str(text))
        found = whole if is_iri(whole) else self.schema.default_namespace + percent_encoded(whole)
        return f"<{found}>"

    def literal(self, value: Any, datatype: str) -> str:
        if isinstance(value, bool):
            value = "true" if value else "false"
        elif isinstance(value, Decimal | int) and datatype != f"{XSD}string":
            value = decimal_text(value)
        return f"{json.dumps(str(value))}^^<{datatype}>"

    def object(self, name: str, data: dict[str, Any], key: str | None = None) -> str:
        declared = self.schema.classes[name]
        chosen = data.get(declared.designator or "") or name
        cls = self.schema.classes[chosen]
        own = key if key is not None else data.get(cls.identifier or "")
        node = f"_:b{next(self.blank)}" if own is None else self.iri(own)
        self.twice = self.twice or node in self.described
        self.described.add(node)
        self.lines.append(f"{node} {RDF_TYPE} <{cls.uri}> .")
        for slot in cls.slots.values():
            value = data.get(slot.name)
            if value is None or slot.identifier or slot.designates_type:
                continue
            if slot.form is Form.KEYED:
                found = [self.object(slot.range or "", item, each) for each, item in value.items()]
            else:
                items = value if slot.many else [value]
                found = [self.value(slot, slot_range(slot), item) for item in items]
            self.lines += [f"{node} <{slot.uri}> {term} ." for term in found]
        return node

    def value(self, slot: SlotModel, range_: str | None, value: Any) -> str:
        schema = self.schema
        parts = [part.range for _, parts in slot.boolean for part in parts if part.range]
        if range_ is None or (range_ == "Any" and parts):
            range_ = next((each for each in parts if self.fits(slot, each, value)), "Any")
        if range_ in schema.classes:
            return self.object(range_, value) if isinstance(value, dict) else self.iri(value)
        if range_ in schema.enums:
            found = schema.enums[range_].values.get(value)
            return f"<{found.meaning}>" if found and found.meaning else self.literal(value, f"{XSD}string")
        if range_ == "Any":
            kinds = {bool: "boolean", int: "integer", Decimal: "decimal"}
            return self.literal(value, XSD + kinds.get(type(value), "string"))
        type_ = schema.types[range_]
        if type_.primitive in IRIS:
            return self.iri(value)
        plain = type_.uri if type_.primitive is not Primitive.NCNAME else f"{XSD}string"
        with contextlib.suppress(LexicalError):
            value = FROM_DATA[type_.primitive](value)
        return self.literal(value, plain)

    def fits(self, slot: SlotModel, range_: str, value: Any) -> bool:
        if range_ in self.schema.classes:
            return self.table.root(range_).exact(value)
        return expression_check(self.table, SlotExpression(range=range_), slot.form, range_).exact(value)

    def __call__(self, instance: dict[str, Any]) -> str:
        self.lines, self.described, self.twice = [], set(), False
        self.object("Main", instance)
        return "\n".join(dict.fromkeys(self.lines)) + "\n"


def breakages(schema: SchemaModel, instance: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The instance with one fault at a time that RDF can show."""
    for slot in schema.classes["Main"].slots.values():
        if slot.identifier or slot.many or slot.form is not Form.SCALAR or any(True for _ in slot.boolean):
            continue
        if slot.required:
            yield {key: value for key, value in instance.items() if key != slot.name}
        primitive = schema.primitive(slot)
        if slot.range in schema.enums or primitive in (*NUMERIC, Primitive.DATE, Primitive.TIME):
            yield instance | {slot.name: "zz"}
        if slot.minimum_value is not None and primitive in NUMERIC:
            yield instance | {slot.name: int(slot.minimum_value) - 1}
        if slot.range == "Code":
            yield instance | {slot.name: "zz"}


NUMERIC = (Primitive.INTEGER, Primitive.DECIMAL, Primitive.FLOAT)


@settings(max_examples=25, **COMMON)
@given(data=st.data())
def test_the_shacl_shapes_agree(made_cases: Any, generated: Generate, data: st.DataObject) -> None:
    case = data.draw(made_cases)
    shapes = generated(case.schema)["made.shacl.ttl"]
    checker, triples = compile_checker(case.schema), Triples(case.schema)
    valid = [instance for instance in case.instances if checker.accepts("Main", instance)]
    for instance in valid:
        report = validate_graph(triples(instance), shapes)
        assert report.conforms or triples.twice, (instance, report.to_text(), triples(instance))
    for broken_one in [one for instance in valid[:1] for one in breakages(case.schema, instance)][:4]:
        assert not checker.accepts("Main", broken_one)
        report = validate_graph(triples(broken_one), shapes)
        assert not report.conforms, (broken_one, triples(broken_one))
    for instance in valid[:1]:
        unknown = f"{triples(instance)}{triples.lines[0].split(' ')[0]} <{EX}zz> <{EX}zz> .\n"
        assert "VAL002" in validate_graph(unknown, shapes).counts

"""One verdict: checker, generated Pydantic classes, JSON Schema and SHACL agree on made-up schemas and instances.

The schemas use every construct that is checked, in small; the instances are made for the schema and then
broken in places. What an artefact cannot express is left out of its comparison by name.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from semantics.errors import SchemaError
from semantics.lexical import FROM_DATA, Primitive, decimal_text, is_iri, percent_encoded
from semantics.schema import load_schema
from semantics.schema.model import Form, SchemaModel, SlotExpression, SlotModel
from semantics.validation import compile_checker, validate_graph, validate_with_classes
from semantics.validation.classes import ClassTable
from semantics.validation.expressions import expression_check, slot_range
from semantics.validation.findings import Notes, Place

COMMON = {"deadline": None, "suppress_health_check": list(HealthCheck)}
EX = "https://example.org/"

# -- schemas -------------------------------------------------------------------------------------

TYPES = {
    "Code": {"typeof": "string", "pattern": "^[A-Z]{3}$"},
    "Share": {"typeof": "decimal", "minimum_value": 0, "maximum_value": 10},
    "Web": {"typeof": "uri", "pattern": "^https:"},
    "Word": {"typeof": "string", "equals_string_in": ["a", "b"]},
}
ENUMS = {
    "Kind": {"permissible_values": {"a": {}, "b": {"meaning": "ex:b"}, "GBP": {}}},
    "Other": {"permissible_values": {"NA": {}, "a": {}}},
}
TEXTS = ["string", "Code", "Word"]
NUMBERS = ["integer", "decimal", "float", "Share"]
LEXICAL = ["boolean", "date", "datetime", "date_or_datetime", "time", "uri", "uriorcurie", "curie", "ncname", "Web"]
CLASSES = ["Part", "Item", "Node", "NodeA", "Tagged", "Main"]
LIMITS = [Decimal("0"), Decimal("1"), Decimal("2.5"), Decimal("0.1")]


def text_facets() -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        st.sampled_from(["^[A-Z]{3}$", "a", "^x", "[0-9]+"]).map(lambda value: {"pattern": value}),
        st.sampled_from(["a", "GBP"]).map(lambda value: {"equals_string": value}),
        st.just({"equals_string_in": ["a", "b", "ex:a"]}),
    )


def number_facets() -> st.SearchStrategy[dict[str, Any]]:
    limit = st.sampled_from(LIMITS)
    return st.one_of(
        limit.map(lambda value: {"minimum_value": value}),
        limit.map(lambda value: {"maximum_value": value}),
        limit.map(lambda value: {"equals_number": value}),
    )


def facets(range_: str | None) -> st.SearchStrategy[dict[str, Any]]:
    """What may be said about the values of a range."""
    if range_ in (*TEXTS, "Kind", "uriorcurie"):
        return text_facets()
    if range_ in NUMBERS:
        return number_facets()
    if range_ is None:
        return st.one_of(text_facets(), number_facets())
    return st.just({})


@st.composite
def expressions(draw: st.DrawFn, range_: str | None, *, ranged: bool) -> dict[str, Any]:
    """A part of a boolean constraint: facets for the slot's range, or a range of its own."""
    found: dict[str, Any] = {}
    if ranged:
        range_ = draw(st.sampled_from([*TEXTS, *NUMBERS, "boolean", "Kind", "Other", "Part", "Tagged", "date"]))
        found["range"] = range_
    if not ranged or draw(st.booleans()):
        found |= draw(facets(range_))
    return found


@st.composite
def slots(draw: st.DrawFn, *, scalar: bool = False) -> dict[str, Any]:
    """The definition of a slot."""
    simple = [None, *TEXTS, *NUMBERS, *LEXICAL, "Kind", "Any"]
    range_ = draw(st.sampled_from(simple if scalar else [*simple, *CLASSES, *CLASSES]))
    found: dict[str, Any] = {} if range_ is None else {"range": range_}
    some = st.integers(0, 5).map(lambda number: number == 0)
    if draw(some):
        found["required"] = True
    if draw(some):
        found |= draw(facets(range_ or "string"))
    if draw(st.integers(0, 2)) == 0:
        found["multivalued"] = True
        if draw(some):
            name = draw(st.sampled_from(["minimum_cardinality", "maximum_cardinality", "exact_cardinality"]))
            found[name] = draw(st.integers(1, 2))
    if range_ in CLASSES:
        if draw(st.booleans()) or range_ in ("Part", "Tagged"):
            found["inlined"] = True
        if found.get("multivalued") and draw(st.booleans()):
            found["inlined_as_list"] = True
    elif draw(st.integers(0, 3)) == 0 and range_ != "uriorcurie":
        name = draw(st.sampled_from(["any_of", "all_of", "none_of", "exactly_one_of"]))
        ranged = range_ in (None, "Any") and draw(st.booleans())
        parts = draw(st.lists(expressions(range_ or "string", ranged=ranged), min_size=1, max_size=3))
        found[name] = parts
    if draw(st.integers(0, 20)) == 0 and "required" not in found:
        found["value_presence"] = draw(st.sampled_from(["PRESENT", "ABSENT"]))
    return found


@st.composite
def conditions(draw: st.DrawFn, attributes: dict[str, Any]) -> dict[str, Any]:
    """A condition on the slots of a class."""
    found: dict[str, Any] = {}
    for name in draw(st.lists(st.sampled_from(sorted(attributes)), min_size=1, max_size=2, unique=True)):
        slot = attributes[name] or {}
        choice = draw(st.integers(0, 3))
        condition: dict[str, Any] = {}
        if choice == 0:
            condition = {"value_presence": draw(st.sampled_from(["PRESENT", "ABSENT"]))}
        elif choice == 1:
            condition = {"required": draw(st.booleans())}
        elif choice == 2 and slot.get("multivalued"):
            condition = {"minimum_cardinality": draw(st.integers(0, 2))}
        if slot.get("range", "string") not in CLASSES and draw(st.booleans()):
            condition |= draw(facets(slot.get("range", "string")))
        found[name] = condition
    whole: dict[str, Any] = {"slot_conditions": found}
    if draw(st.integers(0, 3)) == 0:
        return {draw(st.sampled_from(["any_of", "none_of", "exactly_one_of", "all_of"])): [whole, whole]}
    return whole


def named(parts: list[dict[str, Any]], letter: str) -> dict[str, Any]:
    return {f"{letter}{number}": part for number, part in enumerate(parts)}


@st.composite
def schemas(draw: st.DrawFn) -> dict[str, Any]:
    """A small schema whose root is ``Main``."""
    scalars = st.lists(slots(scalar=True), max_size=2)
    main = named(draw(st.lists(slots(), min_size=1, max_size=5)), "s")
    if draw(st.booleans()):
        main["id"] = {"identifier": True, "range": draw(st.sampled_from(["uriorcurie", "string", "uri"]))}
    identifier = {"identifier": True, "range": draw(st.sampled_from(["uriorcurie", "string", "integer", "Code"]))}
    designator: dict[str, Any] = {"designates_type": True}
    if draw(st.booleans()):
        designator["required"] = True
    root: dict[str, Any] = {"tree_root": True, "attributes": main}
    if draw(st.integers(0, 2)) == 0:
        rule: dict[str, Any] = {"postconditions": draw(conditions(main))}
        if draw(st.booleans()):
            rule["preconditions"] = draw(conditions(main))
            if draw(st.booleans()):
                rule["elseconditions"] = draw(conditions(main))
            elif draw(st.booleans()):
                rule["bidirectional"] = True
        root["rules"] = [rule]
    if draw(st.integers(0, 5)) == 0:
        root |= draw(conditions(main))
    data = {
        "name": "made",
        "id": f"{EX}made",
        "prefixes": {"ex": EX},
        "default_prefix": "ex",
        "types": TYPES,
        "enums": ENUMS,
        "classes": {
            "Main": root,
            "Part": {"attributes": named(draw(scalars), "p")},
            "Item": {"attributes": {"key": identifier, **named(draw(scalars), "i")}},
            "Node": {
                "abstract": draw(st.booleans()),
                "attributes": {
                    "nid": {"identifier": True, "range": "uriorcurie"},
                    "type": designator,
                    **named(draw(scalars), "n"),
                },
            },
            "NodeA": {"is_a": "Node", "attributes": named(draw(scalars), "a")},
            "NodeB": {"is_a": "NodeA", "abstract": draw(st.booleans()), "attributes": named(draw(scalars), "b")},
            "Tagged": {"attributes": {"tag": {"designates_type": True}}},
            "TaggedA": {"is_a": "Tagged", "attributes": named(draw(scalars), "t")},
        },
    }
    try:
        load_schema(data)
    except SchemaError:
        assume(False)
    return data


# -- instances -----------------------------------------------------------------------------------

GOOD: dict[Primitive, list[Any]] = {
    Primitive.STRING: ["a", "b", "GBP", "x1", "ex:a", "", "é"],
    Primitive.INTEGER: [0, 1, 2, 3, Decimal("2"), 1.0, 10**20],
    Primitive.DECIMAL: [Decimal("0.1"), Decimal("2.50"), 1, 0, Decimal("9.99"), 2.5],
    Primitive.FLOAT: [0.1, 2.5, 1, Decimal("0.1"), 1e300],
    Primitive.BOOLEAN: [True, False],
    Primitive.DATE: ["2024-02-29", "2023-01-31"],
    Primitive.DATETIME: ["2024-05-29T10:00:00Z", "2024-02-29T10:00:00.5+02:00", "2024-05-29T10:00:00"],
    Primitive.DATE_OR_DATETIME: ["2024-02-29", "2024-05-29T10:00:00Z"],
    Primitive.TIME: ["10:00:00", "23:59:59Z"],
    Primitive.URI: ["https://example.org/a", "urn:a:b"],
    Primitive.URIORCURIE: ["ex:a", "ex:b", "https://example.org/c"],
    Primitive.CURIE: ["ex:a"],
    Primitive.NCNAME: ["a", "_b-c"],
}
ODD: list[Any] = [
    None, True, 0, 7, -1, 2.5, Decimal("1.50"), "", "zz", "a\n", "a b", "ex:a", "2023-02-29", "24:00:00",
    "2024-05-29 10:00:00Z", [], ["a"], [[]], {}, {"zz": 1}, {"type": "NodeA"}, {"type": "Zz"},
    Decimal("1E+400"), Decimal("NaN"), float("inf"), 10**400, "urn:\u200b", "\u0660",
]  # fmt: skip


class Maker:
    """Draws instances for a schema: mostly right ones."""

    def __init__(self, schema: SchemaModel, draw: st.DrawFn) -> None:
        self.schema = schema
        self.draw = draw

    def chance(self, one_in: int) -> bool:
        return bool(self.draw(st.integers(1, one_in)) == 1)

    def object(self, name: str, depth: int, *, without: str | None = None) -> dict[str, Any]:
        cls = self.schema.classes[name]
        chosen = name
        concrete = self.schema.concrete(name)
        if cls.designator and concrete and (name not in concrete or self.chance(2)):
            chosen = self.draw(st.sampled_from(concrete))
        made: dict[str, Any] = {}
        for slot in self.schema.classes[chosen].slots.values():
            if slot.designates_type:
                if chosen != name or slot.required or self.chance(2):
                    made[slot.name] = chosen
            elif slot.name != without and slot.value_presence != "ABSENT":
                needed = slot.required or slot.identifier or slot.value_presence or slot.many
                if needed or not self.chance(3):
                    made[slot.name] = self.slot(slot, depth)
        return made

    def slot(self, slot: SlotModel, depth: int) -> Any:
        if depth <= 0 and slot.range in self.schema.classes and slot.form is not Form.REFERENCE:
            return [] if slot.many and slot.form is Form.OBJECT else {} if slot.many else None
        if not slot.many:
            return self.value(slot, slot.range, depth)
        low = max(slot.minimum_cardinality or 0, slot.exact_cardinality or 0, 1 if slot.required else 0)
        high = min(slot.maximum_cardinality or 3, slot.exact_cardinality or 3)
        count = self.draw(st.integers(low, max(low, high)))
        if slot.form is Form.KEYED:
            return {self.key(slot, number): self.value(slot, slot.range, depth) for number in range(count)}
        return [self.value(slot, slot.range, depth) for _ in range(count)]

    def key(self, slot: SlotModel, number: int) -> str:
        cls = self.schema.classes[slot.range or ""]
        if cls.slots[cls.identifier or ""].range == "integer":
            return str(number)
        return f"{'ABC'[number % 3]}BC" if cls.slots[cls.identifier or ""].range == "Code" else f"ex:{number}"

    def value(self, slot: SlotModel, range_: str | None, depth: int) -> Any:
        schema = self.schema
        ranges = [part.range for _, parts in slot.boolean for part in parts if part.range]
        if ranges and not self.chance(5):
            range_ = self.draw(st.sampled_from(ranges))
        if range_ in schema.classes:
            cls = schema.classes[range_]
            if slot.form is Form.REFERENCE:
                identifier = cls.slots[cls.identifier or ""]
                return self.value(identifier, identifier.range, depth)
            without = cls.identifier if slot.form is Form.KEYED else None
            return self.object(range_, depth - 1, without=without)
        if range_ in schema.enums:
            return self.draw(st.sampled_from(sorted(schema.enums[range_].values)))
        if range_ in TYPES:
            pool = {"Code": ["GBP", "EUR"], "Share": [Decimal("0.5"), 10], "Word": ["a", "b"]}
            return self.draw(st.sampled_from(pool.get(range_, ["https://example.org/"])))
        if range_ == "Any":
            return self.draw(st.sampled_from([1, "a", "GBP", Decimal("2.5"), True, ["a"], {"b": [1]}]))
        return self.draw(st.sampled_from(GOOD[schema.types[range_ or "string"].primitive]))


def containers(data: Any) -> Iterator[Any]:
    """Every mapping and list inside data, itself first."""
    if isinstance(data, (dict, list)):
        yield data
        for member in data.values() if isinstance(data, dict) else data:
            yield from containers(member)


def broken(draw: st.DrawFn, data: dict[str, Any]) -> None:
    """Change something somewhere."""
    home = draw(st.sampled_from(list(containers(data))))
    odd = copied(draw(st.sampled_from(ODD)))
    keys = list(home) if isinstance(home, dict) else list(range(len(home)))
    action = draw(st.integers(0, 4))
    if not keys or action == 0:
        if isinstance(home, dict):
            home[draw(st.sampled_from(["zz", "s0", "key", "type", "tag", "p0"]))] = odd
        else:
            home.append(odd)
        return
    key = draw(st.sampled_from(keys))
    if action == 1:
        del home[key]
    elif action == 2:
        home[key] = [home[key]]
    elif action == 3 and isinstance(home[key], list) and home[key]:
        home[key] = home[key][0]
    else:
        home[key] = odd


@st.composite
def cases(draw: st.DrawFn, count: int = 6) -> Case:
    """A schema and instances of ``Main``, the first half unbroken."""
    data = draw(schemas())
    schema = load_schema(data)
    made = []
    for number in range(count):
        instance = copied(Maker(schema, draw).object("Main", 2))
        for _ in range(0 if number < count // 2 else draw(st.integers(1, 2))):
            broken(draw, instance)
        made.append(instance)
    return Case(data, schema, made)


@dataclass
class Case:
    """A schema, as written and as read, and instances of its class ``Main``."""

    written: dict[str, Any]
    schema: SchemaModel = field(repr=False)
    instances: list[dict[str, Any]]


def copied(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: copied(value) for key, value in data.items()}
    return [copied(value) for value in data] if isinstance(data, list) else data


# -- the checker by itself -----------------------------------------------------------------------


@settings(max_examples=150, **COMMON)
@given(cases())
def test_the_fast_path_says_yes_exactly_where_nothing_is_found(case: Case) -> None:
    root = ClassTable(case.schema).root("Main")
    for instance in case.instances:
        notes = Notes(10_000)
        root.explain(instance, Place(notes))
        assert root.exact(instance) is not bool(notes.found)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["s0", "s1", "id", "type", "key", "p0"]), inner, max_size=4)
    | st.dictionaries(st.text() | st.integers() | st.none(), inner, max_size=2)
    | st.tuples(inner),
    max_leaves=12,
)


@settings(max_examples=150, **COMMON)
@given(schemas(), st.lists(ANYTHING, min_size=5, max_size=5))
def test_no_data_raise(written: dict[str, Any], instances: list[Any]) -> None:
    checker = compile_checker(load_schema(written))
    for name in checker.schema.classes:
        for instance in instances:
            for finding in checker.check(name, instance):
                assert finding.location is not None
                assert finding.location.pointer is not None


# -- against the generated artefacts -------------------------------------------------------------


def generated(schema: SchemaModel) -> dict[str, str]:
    """What the generators make of a schema: text by file name."""
    generators = pytest.importorskip("semantics.generators")
    if not hasattr(generators, "generate"):
        pytest.skip("the generators are not there yet")
    files: dict[str, str] = generators.generate(schema)
    return files


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


def told(findings: Any) -> list[str]:
    return [f"{one.code} {one.location.pointer} {one.message}" for one in findings]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("made")


@settings(max_examples=100, **COMMON)
@given(case=cases())
def test_the_generated_classes_agree(folder: Path, case: Case) -> None:
    module = loaded(generated(case.schema)["made.py"], folder)
    checker = compile_checker(case.schema)
    for instance in case.instances:
        before = copied(instance)
        expected = checker.check("Main", instance)
        found = validate_with_classes(module, "Main", instance)
        assert bool(expected) is bool(found), (instance, told(expected), told(found))
        assert instance == before
        assert "VAL031" not in [one.code for one in found]


def json_form(data: Any) -> Any:
    """An instance as a JSON parser gives it: no Decimal."""
    if isinstance(data, dict):
        return {key: json_form(value) for key, value in data.items()}
    if isinstance(data, list):
        return [json_form(value) for value in data]
    if isinstance(data, Decimal):
        return int(data) if data == data.to_integral_value() else float(data)
    return data


def writable(data: Any) -> bool:
    """Whether JSON has all the numbers in an instance, and JSON Schema a word on their size."""
    if isinstance(data, (dict, list)):
        return all(map(writable, data.values() if isinstance(data, dict) else data))
    return not isinstance(data, Decimal | float) or abs(Decimal(data).adjusted()) < 308 and isfinite(data)


def beyond_json_schema(schema: SchemaModel) -> bool:
    """What JSON Schema cannot say: an identifier inside that differs from its key; patterns of numbers."""
    return any(slot.form is Form.KEYED for cls in schema.classes.values() for slot in cls.slots.values())


@settings(max_examples=100, **COMMON)
@given(case=cases())
def test_the_json_schema_agrees(case: Case) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    text = generated(case.schema)["made.schema.json"]
    jsonschema.Draft202012Validator.check_schema(json.loads(text))
    validator = jsonschema.Draft202012Validator(json.loads(text))
    checker = compile_checker(case.schema)
    for instance in map(json_form, filter(writable, case.instances)):
        expected = checker.check("Main", instance)
        found = [f"{list(one.absolute_path)} {one.message}" for one in validator.iter_errors(instance)]
        if expected and not found and all(one.code in {"VAL017", "VAL014"} for one in expected):
            assert beyond_json_schema(case.schema)
            continue
        assert bool(expected) is bool(found), (instance, told(expected), found)


# -- SHACL ---------------------------------------------------------------------------------------

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
        try:
            value = FROM_DATA[type_.primitive](value)
        except ValueError:
            pass
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
@given(case=cases())
def test_the_shacl_shapes_agree(case: Case) -> None:
    pytest.importorskip("pyshacl")
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

"""Made-up schemas and instances for the tests of one verdict: Hypothesis strategies, handed out as fixtures.

The schemas use every construct that is checked, in small; the instances are made for the schema and then
broken in places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume
from hypothesis import strategies as st

from semantics.errors import SchemaError
from semantics.generators import generate
from semantics.lexical import Primitive
from semantics.schema import load_schema
from semantics.schema.model import Form, SchemaModel, SlotModel

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
LEXICAL = ["boolean", "date", "datetime", "date_or_datetime", "time"]
IRIS = ["uri", "uriorcurie", "curie", "ncname", "Web"]
CLASSES = ["Part", "Item", "Node", "NodeA", "Tagged", "Main"]
LIMITS = [Decimal(0), Decimal(1), Decimal("2.5"), Decimal("0.1")]


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
        some = [*TEXTS, *NUMBERS, "boolean", "Kind", "Other", "Part", "Tagged", "date"]
        range_ = draw(st.sampled_from(some))
        found["range"] = range_
    if not ranged or draw(st.booleans()):
        found |= draw(facets(range_))
    return found


@st.composite
def slots(draw: st.DrawFn, *, scalar: bool = False) -> dict[str, Any]:
    """The definition of a slot."""
    simple = [None, *TEXTS, *NUMBERS, *LEXICAL, *IRIS, "Kind", "Any"]
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
    elif draw(st.integers(0, 3)) == 0:
        name = draw(st.sampled_from(["any_of", "all_of", "none_of", "exactly_one_of"]))
        ranged = range_ in (None, "Any") and draw(st.booleans())
        parts = draw(st.lists(expressions(range_ or "string", ranged=ranged), min_size=1, max_size=3))
        found[name] = parts
    # A slot that must and must not have a value is refused by the schema (SCH019).
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
    of_item = draw(st.sampled_from(["uriorcurie", "string", "integer", "Code"]))
    identifier = {"identifier": True, "range": of_item}
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
            "NodeB": {
                "is_a": "NodeA",
                "abstract": draw(st.booleans()),
                "attributes": named(draw(scalars), "b"),
            },
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
    Primitive.INTEGER: [0, 1, 2, 3, Decimal(2), 1.0, 10**20],
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


# -- fixtures ------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def made_cases() -> st.SearchStrategy[Case]:
    """A schema and six instances of its class ``Main``."""
    return cases()


@pytest.fixture(scope="session")
def made_schemas() -> st.SearchStrategy[dict[str, Any]]:
    """Schemas as they are written."""
    return schemas()


@pytest.fixture(scope="session")
def generated() -> Callable[[SchemaModel], dict[str, str]]:
    """What the generators make of a schema: text by file name."""
    return generate

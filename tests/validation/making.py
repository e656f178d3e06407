"""Made-up schemas and instances for the tests of one verdict: Hypothesis strategies.

The schemas use every construct that is checked, in small; the instances are made for the schema and then
broken in places. ``test_constructs_are_made`` holds that no construct is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from semantics.errors import SchemaError
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
    "More": {"inherits": ["Kind"], "permissible_values": {"EUR": {"meaning": "ex:eur"}}},
}
TEXTS = ["string", "Code", "Word"]
NUMBERS = ["integer", "decimal", "float", "Share"]
LEXICAL = ["boolean", "date", "datetime", "date_or_datetime", "time"]
IRIS = ["uri", "uriorcurie", "curie", "ncname", "Web"]
CODED = ["Kind", "More"]
CLASSES = ["Part", "Item", "Node", "NodeA", "Tagged", "Main"]
IDENTIFIERS = [
    "uriorcurie",
    "string",
    "integer",
    "Code",
    "decimal",
    "date",
    "ncname",
    "boolean",
    "float",
    "Kind",
    "curie",
]
LIMITS = [Decimal(0), Decimal(1), Decimal("2.5"), Decimal("0.1")]
EXTRA: list[dict[str, Any]] = [
    {"allowed": True},
    {"allowed": False},
    {"range_expression": {"range": "integer", "minimum_value": 1}},
    {"range_expression": {"multivalued": True, "minimum_cardinality": 1, "maximum_cardinality": 1}},
    {"range_expression": {"range": "Any", "any_of": [{"range": "Code"}, {"range": "boolean"}]}},
]
GROUPS = ["any_of", "all_of", "none_of", "exactly_one_of"]
COUNTS = ["minimum_cardinality", "maximum_cardinality", "exact_cardinality"]


def text_facets() -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        st.sampled_from(["^[A-Z]{3}$", "a", "^x", "[0-9]+", "(?i)gbp"]).map(lambda value: {"pattern": value}),
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
    if range_ in (*TEXTS, *CODED, "uriorcurie"):
        return text_facets()
    if range_ in NUMBERS:
        return number_facets()
    if range_ is None:
        return st.one_of(text_facets(), number_facets())
    return st.just({})


def some(draw: st.DrawFn, one_in: int) -> bool:
    return bool(draw(st.integers(1, one_in)) == 1)


@st.composite
def expressions(draw: st.DrawFn, range_: str | None, *, ranged: bool, counted: bool = False) -> dict[str, Any]:
    """A part of a boolean constraint: facets for the slot's range, or a range of its own, or a count."""
    found: dict[str, Any] = {}
    if counted and draw(st.booleans()):
        found[draw(st.sampled_from(COUNTS))] = draw(st.integers(0, 2))
    if ranged:
        every = [*TEXTS, *NUMBERS, "boolean", *CODED, "Other", "Part", "Tagged", "date"]
        range_ = draw(st.sampled_from(every))
        found["range"] = range_
    if not ranged or draw(st.booleans()):
        found |= draw(facets(range_))
    if some(draw, 8):
        inner = expressions(range_, ranged=False)
        found[draw(st.sampled_from(GROUPS))] = draw(st.lists(inner, min_size=1, max_size=2))
    return found


@st.composite
def slots(draw: st.DrawFn, *, scalar: bool = False) -> dict[str, Any]:
    """The definition of a slot."""
    simple = [None, *TEXTS, *NUMBERS, *LEXICAL, *IRIS, *CODED, "Any"]
    range_ = draw(st.sampled_from(simple if scalar else [*simple, *CLASSES, *CLASSES, *CLASSES]))
    found: dict[str, Any] = {} if range_ is None else {"range": range_}
    if some(draw, 6):
        found["required"] = True
    if some(draw, 6):
        found |= draw(facets(range_ or "string"))
    if some(draw, 2 if range_ in CLASSES else 3):
        found["multivalued"] = True
        if some(draw, 2):
            found[draw(st.sampled_from(COUNTS))] = draw(st.integers(1, 3))
    if range_ in CLASSES:
        if draw(st.booleans()) or range_ in ("Part", "Tagged"):
            found["inlined"] = True
        if found.get("multivalued") and draw(st.booleans()):
            found["inlined_as_list"] = True
    elif some(draw, 4):
        name = draw(st.sampled_from(GROUPS))
        ranged = range_ in (None, "Any") and draw(st.booleans())
        parts = expressions(range_ or "string", ranged=ranged, counted=some(draw, 3))
        found[name] = draw(st.lists(parts, min_size=1, max_size=3))
    # A slot that must and must not have a value is refused by the schema (SCH019).
    if some(draw, 20) and "required" not in found:
        found["value_presence"] = draw(st.sampled_from(["PRESENT", "ABSENT"]))
    return found


@st.composite
def conditions(draw: st.DrawFn, attributes: dict[str, Any], is_a: str | None = None) -> dict[str, Any]:
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
            condition = {draw(st.sampled_from(COUNTS)): draw(st.integers(0, 2))}
        range_ = slot.get("range", "string")
        if range_ not in CLASSES and draw(st.booleans()):
            condition |= draw(facets(range_))
        if range_ not in CLASSES and some(draw, 8):
            parts = expressions(range_, ranged=False, counted=draw(st.booleans()))
            condition[draw(st.sampled_from(GROUPS))] = draw(st.lists(parts, min_size=1, max_size=2))
        found[name] = condition
    whole: dict[str, Any] = {"slot_conditions": found}
    if is_a is not None and some(draw, 4):
        whole["is_a"] = is_a
    if some(draw, 4):
        return {draw(st.sampled_from(GROUPS)): [whole, whole] if draw(st.booleans()) else [whole]}
    return whole


@st.composite
def rules(draw: st.DrawFn, attributes: dict[str, Any], is_a: str | None = None) -> dict[str, Any]:
    """A rule on a class, of any shape."""
    rule: dict[str, Any] = {"postconditions": draw(conditions(attributes, is_a))}
    if draw(st.booleans()):
        rule["preconditions"] = draw(conditions(attributes, is_a))
        if draw(st.booleans()):
            rule["elseconditions"] = draw(conditions(attributes))
        elif draw(st.booleans()):
            rule["bidirectional"] = True
    return rule


def named(parts: list[dict[str, Any]], letter: str) -> dict[str, Any]:
    return {f"{letter}{number}": part for number, part in enumerate(parts)}


@st.composite
def with_keys(draw: st.DrawFn, cls: dict[str, Any], name: str = "same") -> dict[str, Any]:
    """A class, perhaps with a unique key of one or two of its slots."""
    single = [slot for slot, told in cls["attributes"].items() if not (told or {}).get("multivalued")]
    if single and some(draw, 2):
        chosen = draw(st.lists(st.sampled_from(single), min_size=1, max_size=2, unique=True))
        return cls | {"unique_keys": {name: {"unique_key_slots": chosen}}}
    return cls


@st.composite
def narrowed(draw: st.DrawFn, attributes: dict[str, Any]) -> dict[str, Any]:
    """``slot_usage`` that asks more of inherited slots."""
    found: dict[str, Any] = {}
    for name, slot in attributes.items():
        if some(draw, 2):
            found[name] = draw(st.one_of(st.just({"required": True}), facets(slot.get("range", "string"))))
    return {"slot_usage": found} if found else {}


@st.composite
def schemas(draw: st.DrawFn) -> dict[str, Any]:
    """A small schema whose root is ``Main``."""
    scalars = st.lists(slots(scalar=True), max_size=2)
    main = named(draw(st.lists(slots(), min_size=1, max_size=5)), "s")
    if draw(st.booleans()):
        main["id"] = {"identifier": True, "range": draw(st.sampled_from(["uriorcurie", "string", "uri"]))}
    identifier = {"identifier": True, "range": draw(st.sampled_from(IDENTIFIERS))}
    if some(draw, 8):
        identifier |= draw(facets(identifier["range"]))
    designator: dict[str, Any] = {"designates_type": True}
    if draw(st.booleans()):
        designator["required"] = True
    if some(draw, 3):
        designator["range"] = draw(st.sampled_from(["uriorcurie", "uri", "curie"]))
    root: dict[str, Any] = {"tree_root": True, "attributes": main}
    if some(draw, 3):
        root["rules"] = draw(st.lists(rules(main), min_size=1, max_size=2))
    if some(draw, 6):
        root |= draw(conditions(main))
    of_node, of_mixin = named(draw(scalars), "n"), named(draw(scalars), "m")
    node: dict[str, Any] = {
        "abstract": draw(st.booleans()),
        "attributes": {"nid": {"identifier": True, "range": "uriorcurie"}, "type": designator, **of_node},
    }
    if of_node and some(draw, 4):
        node["rules"] = [draw(rules(of_node, "NodeA"))]
    node_b = {
        "is_a": "NodeA",
        "mixins": ["Named"],
        "abstract": draw(st.booleans()),
        "attributes": named(draw(scalars), "b"),
        **draw(narrowed(of_node | of_mixin)),
    }
    data = {
        "name": "made",
        "id": f"{EX}made",
        "prefixes": {"ex": EX},
        "default_prefix": "ex",
        "types": TYPES,
        "enums": ENUMS,
        "classes": {
            "Main": root,
            "Part": draw(with_keys({"attributes": named(draw(scalars), "p")})),
            "Item": draw(with_keys({"attributes": {"key": identifier, **named(draw(scalars), "i")}})),
            "Node": draw(with_keys(node)),
            "Named": {"mixin": True, "attributes": of_mixin},
            "NodeA": {"is_a": "Node", "attributes": named(draw(scalars), "a"), **draw(narrowed(of_node))},
            "NodeB": draw(with_keys(node_b, "below")),
            "NodeC": {"is_a": "NodeB", "attributes": named(draw(scalars), "c")},
            "Tagged": {"attributes": {"tag": {"designates_type": True}}},
            "TaggedA": {"is_a": "Tagged", "attributes": named(draw(scalars), "t")},
        },
    }
    for name in ("Main", "Part", "NodeA", "NodeB"):
        if some(draw, 6):
            data["classes"][name]["extra_slots"] = draw(st.sampled_from(EXTRA))
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
    Primitive.CURIE: ["ex:a", "ex:b"],
    Primitive.NCNAME: ["a", "_b-c"],
}
ODD: list[Any] = [
    None, True, 0, 7, -1, 2.5, Decimal("1.50"), "", "zz", "a\n", "a b", "ex:a", "2023-02-29", "24:00:00",
    "2024-05-29 10:00:00Z", [], ["a"], [[]], {}, {"zz": 1}, {"type": "NodeA"}, {"type": "Zz"},
    Decimal("1E+400"), Decimal("NaN"), float("inf"), 10**400, "urn:\u200b", "\u0660", ["a", "a"], ["a", "b", "zz"],
]  # fmt: skip
KEYS: dict[str, list[str]] = {
    "integer": ["0", "1", "+2", "03"],
    "decimal": ["0.1", "1", "2.50", "7.5"],
    "float": ["0.1", "1", "2.5e1", "1e300"],
    "boolean": ["true", "false"],
    "date": ["2024-02-29", "2023-01-31", "2023-02-01"],
    "Code": ["ABC", "BBC", "CBC"],
    "Kind": ["a", "b", "GBP"],
    "ncname": ["a", "_b", "c"],
}
"""Keys of a mapping by identifiers of a type; others are CURIEs."""


class Maker:
    """Draws instances for a schema: mostly right ones."""

    def __init__(self, schema: SchemaModel, draw: st.DrawFn) -> None:
        self.schema = schema
        self.draw = draw

    def object(self, name: str, depth: int, *, without: str | None = None) -> dict[str, Any]:
        cls = self.schema.classes[name]
        chosen = name
        concrete = self.schema.concrete(name)
        if cls.designator and concrete and (name not in concrete or some(self.draw, 2)):
            chosen = self.draw(st.sampled_from(concrete))
        made: dict[str, Any] = {}
        for slot in self.schema.classes[chosen].slots.values():
            if slot.designates_type:
                if chosen != name or slot.required or some(self.draw, 2):
                    made[slot.name] = self.designation(slot, chosen)
            elif slot.name != without and slot.value_presence != "ABSENT":
                needed = slot.required or slot.identifier or slot.value_presence or slot.many
                if needed or not some(self.draw, 3):
                    made[slot.name] = self.slot(slot, depth)
        extra = self.schema.classes[chosen].extra
        if extra is not None and some(self.draw, 2):
            made["further"] = self.slot(extra, 0)
        return made

    def designation(self, slot: SlotModel, chosen: str) -> str:
        uri = self.schema.classes[chosen].uri
        primitive = self.schema.primitive(slot)
        if primitive is Primitive.URI:
            return uri
        if primitive in (Primitive.URIORCURIE, Primitive.CURIE):
            return self.schema.compact(uri) or uri
        return chosen

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
        found = [self.value(slot, slot.range, depth) for _ in range(count)]
        identifier = self.schema.classes[slot.range].identifier if slot.range in self.schema.classes else None
        if slot.form is Form.OBJECT and identifier is not None and not some(self.draw, 6):
            seen: list[Any] = []
            # A list that is now too short is a broken one: some are welcome.
            found = [item for item in found if item.get(identifier) not in seen and not seen.append(item[identifier])]
        return found

    def key(self, slot: SlotModel, number: int) -> str:
        cls = self.schema.classes[slot.range or ""]
        pool = KEYS.get(cls.slots[cls.identifier or ""].range or "", ["ex:0", "ex:1", "ex:2"])
        return pool[number % len(pool)]

    def value(self, slot: SlotModel, range_: str | None, depth: int) -> Any:
        schema = self.schema
        ranges = [part.range for _, parts in slot.boolean for part in parts if part.range]
        if ranges and not some(self.draw, 5):
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


def broken(draw: st.DrawFn, data: dict[str, Any], schema: SchemaModel) -> None:
    """Change something somewhere."""
    slots = schema.classes["Main"].slots.values()
    keyed = [slot for slot in slots if slot.form is Form.KEYED and isinstance(data.get(slot.name), dict)]
    if keyed and some(draw, 4):
        # The identifier inside is not the key that the object stands under.
        slot = draw(st.sampled_from(keyed))
        for item in data[slot.name].values():
            if isinstance(item, dict):
                item[schema.classes[slot.range or ""].identifier] = draw(st.sampled_from(["ex:other", 7, True]))
        return
    if some(draw, 4):
        # A value where there may have to be none.
        data[draw(st.sampled_from([slot.name for slot in slots]))] = copied(
            draw(st.sampled_from([*ODD, ["a"], "a", 1]))
        )
        return
    told = [home for home in containers(data) if isinstance(home, dict) and {"type", "tag"} & home.keys()]
    if told and some(draw, 4):
        home = draw(st.sampled_from(told))
        name = "type" if "type" in home else "tag"
        if draw(st.booleans()):
            del home[name]
        else:
            home[name] = draw(st.sampled_from(["NodeA", "Node", "Named", "Tagged", "Zz", "ex:NodeB", f"{EX}Node"]))
        return
    home = draw(st.sampled_from(list(containers(data))))
    odd = copied(draw(st.sampled_from(ODD)))
    keys = list(home) if isinstance(home, dict) else list(range(len(home)))
    action = draw(st.sampled_from([0, 1, 2, 3, 4, 4, 5]))
    if not keys or action == 0:
        if isinstance(home, dict):
            home[draw(st.sampled_from(["zz", "s0", "key", "nid", "type", "tag", "p0"]))] = odd
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
    elif action == 4:
        twice(home, key)
    else:
        home[key] = odd


def twice(home: Any, key: Any) -> None:
    """Something stands twice: an item of the list, an item of a list below, or an entry under two keys."""
    if isinstance(home, list):
        home.append(copied(home[key]))
    elif isinstance(home[key], list) and home[key]:
        home[key] += [copied(home[key][0]) for _ in range(3)]
    elif isinstance(home[key], dict) and home[key]:
        first = next(iter(home[key]))
        home[key][f"0{first}"] = copied(home[key][first])


@dataclass
class Case:
    """A schema, as written and as read, and instances of its class ``Main``."""

    written: dict[str, Any]
    schema: SchemaModel = field(repr=False)
    instances: list[dict[str, Any]]


@st.composite
def cases(draw: st.DrawFn, count: int = 6) -> Case:
    """A schema and instances of ``Main``, the first half unbroken."""
    data = draw(schemas())
    schema = load_schema(data)
    made = []
    for number in range(count):
        instance = copied(Maker(schema, draw).object("Main", 2))
        for _ in range(0 if number < count // 2 else draw(st.integers(1, 2))):
            broken(draw, instance, schema)
        made.append(instance)
    return Case(data, schema, made)


def copied(data: Any) -> Any:
    """Plain data, copied deeply."""
    if isinstance(data, dict):
        return {key: copied(value) for key, value in data.items()}
    return [copied(value) for value in data] if isinstance(data, list) else data

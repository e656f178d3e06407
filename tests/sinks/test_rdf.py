"""One instance is one graph, whichever RDF syntax it is written in, and no value can add to it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from semantics.errors import SchemaError
from semantics.lexical import LexicalError
from semantics.records import Instance
from semantics.schema import load_schema
from semantics.schema.model import SchemaModel
from semantics.sinks import open_encoder
from semantics.sinks.rdf_terms import RdfFault

Encode = Callable[..., bytes]
Graph = Callable[[str, bytes], frozenset[str]]

HERE = Path(__file__).resolve().parent
BAD_INPUTS = HERE.parents[1].parent / "shared" / "badinputs" / "rdf" / "literal_injection.ndjson"
PARSERS = {
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "turtle": ox.RdfFormat.TURTLE,
    "jsonld": ox.RdfFormat.JSON_LD,
}
FORMATS = tuple(PARSERS)
XSD = "http://www.w3.org/2001/XMLSchema#"
EX = "https://example.org/"
QUIET = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def triples(encode: Encode, schema: SchemaModel, data: dict[str, Any], cls: str = "Thing") -> set[tuple[str, str, str]]:
    """Subject, predicate and object of every triple but that of the class, as N-Triples writes them."""
    lines = encode("ntriples", schema, Instance(cls, data)).decode().splitlines()
    parts = [re.fullmatch(r"(\S+) <(\S+)> (.*) \.", line) for line in lines]
    found = [part.groups() for part in parts if part]
    assert len(lines) == len(found)
    return {(s, p.removeprefix(EX), o) for s, p, o in found if not p.endswith("#type")}


def objects(encode: Encode, schema: SchemaModel, data: dict[str, Any], cls: str = "Thing") -> set[str]:
    return {found for _, _, found in triples(encode, schema, data, cls)}


def fault(encode: Encode, schema: SchemaModel, data: dict[str, Any], cls: str = "Thing") -> tuple[str, str]:
    """The pointer and text of the fault that all formats find."""
    found = set()
    for name in FORMATS:
        with pytest.raises(LexicalError) as caught:
            encode(name, schema, Instance(cls, data))
        found.add((getattr(caught.value, "pointer", ""), str(caught.value)))
    (only,) = found
    return only


def small(classes: dict[str, Any], default_prefix: str = EX, **prefixes: str) -> SchemaModel:
    """A schema of these classes and prefixes."""
    known = {"linkml": "https://w3id.org/linkml/", **prefixes}
    header = {"id": EX + "s", "name": "s", "imports": ["linkml:types"], "default_prefix": default_prefix}
    return load_schema({**header, "prefixes": known, "classes": classes})


def same_graphs(encode: Encode, graph: Graph, schema: SchemaModel, *instances: Instance) -> frozenset[str]:
    """The graph that all formats give."""
    found, *others = [graph(name, encode(name, schema, *instances)) for name in FORMATS]
    assert [found] * len(others) == others
    return found


# -- one graph ---------------------------------------------------------------------------------


def test_an_instance_with_everything_gives_exactly_these_triples(
    encode: Encode, schema: SchemaModel, full: Instance
) -> None:
    assert (HERE / "full.nt").read_bytes() == encode("ntriples", schema, full)


def test_turtle_looks_like_this(encode: Encode, schema: SchemaModel, full: Instance) -> None:
    assert (HERE / "full.ttl").read_bytes() == encode("turtle", schema, full)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_the_same_graph(
    encode: Encode, graph: Graph, schema: SchemaModel, full: Instance, name: str
) -> None:
    data = encode("ntriples", schema, full, Instance("Value", {"unit": "a"}), Instance("Value", {"unit": "b"}))
    expected = graph("ntriples", data)
    written = encode(name, schema, full, Instance("Value", {"unit": "a"}), Instance("Value", {"unit": "b"}))
    assert data.count(b"\n") == len(expected)
    assert expected == graph(name, written)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
def test_rdflib_reads_the_same_graph_from_every_format(
    encode: Encode, schema: SchemaModel, full: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    import rdflib
    from rdflib.compare import to_isomorphic

    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    graphs = [
        to_isomorphic(rdflib.Graph().parse(data=encode(name, schema, full), format=parser))
        for name, parser in zip(FORMATS, ("nt", "turtle", "json-ld"), strict=True)
    ]
    assert 83 == len(graphs[0])
    assert graphs[0] == graphs[1]
    assert graphs[0] == graphs[2]


CORE: dict[str, Any] = {
    "id": "https://example.org/obs/17",
    "type": "Observation",
    "identifiers": [{"scheme": "MPAN", "value": "2000012345678"}, {"value": "E10"}],
    "valid_during": {"start": "2024-05-29T00:00:00Z", "end": "2024-05"},
    "was_derived_from": ["https://example.org/raw/1"],
    "result_quantity": {"value": Decimal("0.4820"), "unit": "kW.h", "unit_scheme": "ucum"},
    "observed_property": {"code": "E", "label": 'Active "import"', "scheme": "https://example.org/codes"},
    "feature_of_interest": "https://example.org/meter/9",
    "sensor": "https://example.org/meter/9",
}


@pytest.mark.parametrize("classes", [(), ("Observation",), ("Person",), ("Unheard",)])
@pytest.mark.parametrize("name", FORMATS)
def test_the_head_does_not_change_the_graph(encode: Encode, graph: Graph, name: str, classes: tuple[str, ...]) -> None:
    core = load_schema("core")
    expected = graph("ntriples", encode("ntriples", core, Instance("Observation", CORE)))
    assert 25 == len(expected)
    assert expected == graph(name, encode(name, core, Instance("Observation", CORE), classes=classes))


def test_the_head_of_turtle_holds_the_prefixes_that_are_needed(encode: Encode) -> None:
    core = load_schema("core")
    lines = encode("turtle", core, classes=("MonetaryAmount",)).decode().splitlines()
    assert ["core:", "schema:", "xsd:"] == [line.split()[1] for line in lines]


def test_the_head_leaves_out_what_only_things_referred_to_need() -> None:
    schema = small(
        {
            "A": {"attributes": {"b": {"range": "B"}, "c": {"range": "C", "inlined": True}}},
            "B": {"class_uri": "b:B", "attributes": {"id": {"identifier": True}}},
            "C": {"attributes": {"d": {"any_of": [{"range": "D"}, {"range": "integer"}]}}},
            "D": {"class_uri": "d:D"},
            "E": {"is_a": "C", "class_uri": "e:E"},
        },
        **{prefix: f"{EX}{prefix}/" for prefix in "abcde"},
    )
    assert [f"@prefix {prefix}: <{EX}{prefix}/> .".encode() for prefix in "de"] == open_encoder(
        "turtle", schema, classes=["A"]
    ).empty.splitlines()


def test_a_prefix_that_is_the_scheme_of_another_namespace_changes_no_meaning(encode: Encode, graph: Graph) -> None:
    a = {"class_uri": "t:A", "attributes": {"b": {"slot_uri": "tag:b"}, "c": {"range": "uriorcurie"}}}
    schema = small({"A": a}, tag=f"{EX}tag#", t="tag:example.org,2024:")
    found = same_graphs(encode, graph, schema, Instance("A", {"b": "x", "c": "t:y"}))
    assert 3 == len(found)
    assert 1 == sum("<tag:example.org,2024:A>" in triple for triple in found)


def test_slots_with_one_property_and_no_term_of_their_own_lose_nothing(encode: Encode, graph: Graph) -> None:
    slots = {"a b": {"slot_uri": "ex:p"}, "c d": {"slot_uri": "ex:p", "multivalued": True}, "e f": {"slot_uri": "ex:p"}}
    schema = small({"A": {"attributes": slots}}, ex=EX)
    instance = Instance("A", {"a b": "1", "c d": ["2", "3"], "e f": "4"})
    assert 1 + 4 == len(same_graphs(encode, graph, schema, instance))


def test_a_range_of_its_own_is_stronger_than_those_of_any_of(encode: Encode) -> None:
    schema = small({"A": {"attributes": {"n": {"range": "decimal", "any_of": [{"range": "integer"}]}}}})
    assert {f'"5"^^<{XSD}decimal>'} == objects(encode, schema, {"n": 5}, "A")


def test_bounds_tell_the_ranges_of_any_of_apart(encode: Encode) -> None:
    parts = [{"range": "integer", "maximum_value": 9}, {"range": "float", "equals_number": 50}, {"range": "decimal"}]
    schema = small({"A": {"attributes": {"n": {"any_of": parts, "multivalued": True}}}})
    expected = {f'"9"^^<{XSD}integer>', f'"50.0"^^<{XSD}float>', f'"51"^^<{XSD}decimal>'}
    assert expected == objects(encode, schema, {"n": [9, 50, 51]}, "A")


def test_a_part_of_any_of_without_a_range_has_that_of_the_slot(encode: Encode) -> None:
    parts = [{"range": "integer"}, {"pattern": "^x"}, {"any_of": [{"range": "date"}, {"range": "boolean"}]}]
    schema = small({"A": {"attributes": {"n": {"any_of": parts, "multivalued": True}}}})
    expected = {f'"5"^^<{XSD}integer>', '"xy"', f'"2024-01-02"^^<{XSD}date>', f'"true"^^<{XSD}boolean>'}
    assert expected == objects(encode, schema, {"n": [5, "xy", "2024-01-02", True]}, "A")


def test_an_empty_run_is_still_a_document(encode: Encode, graph: Graph, schema: SchemaModel) -> None:
    for name in FORMATS:
        assert frozenset() == graph(name, encode(name, schema))


def test_json_ld_needs_no_other_document(encode: Encode, schema: SchemaModel, full: Instance) -> None:
    context = json.loads(encode("jsonld", schema, full))["@context"]
    assert isinstance(context, dict)
    assert [] == [key for key in context if key.startswith("@")]


@pytest.mark.parametrize("name", FORMATS)
def test_bytes_do_not_depend_on_what_was_written_before(schema: SchemaModel, full: Instance, name: str) -> None:
    first, second = open_encoder(name, schema), open_encoder(name, schema)
    for number in range(3):
        first.encode(Instance("Value", {"inner": {"unit": str(number)}}), f"1-{number}-0")
    assert first.encode(full, "2-1-0") == second.encode(full, "2-1-0")


def test_blank_nodes_of_different_records_are_different(encode: Encode, graph: Graph, schema: SchemaModel) -> None:
    same = Instance("Value", {"inner": {"unit": "kg"}})
    for name in FORMATS:
        assert 2 * 4 == len(graph(name, encode(name, schema, same, same)))


# -- terms -------------------------------------------------------------------------------------

DIGITS = "123456789012345678901234567890.12345678901234567890"


@pytest.mark.parametrize(
    "text", [DIGITS, "-" + DIGITS, "0.00", "-0.0", "1000", "0.1" + "0" * 30, "0." + "0" * 200 + "1"]
)
def test_decimals_keep_every_digit_in_every_format(encode: Encode, schema: SchemaModel, text: str) -> None:
    for name, parser in PARSERS.items():
        written = encode(name, schema, Instance("Thing", {"amount": Decimal(text), "any": Decimal(text)}))
        read = {q.object for q in ox.parse(written, format=parser) if not q.predicate.value.endswith("type")}
        assert {ox.Literal(text, datatype=ox.NamedNode(f"{XSD}decimal"))} == read


@pytest.mark.parametrize(
    ("slot", "value", "text", "datatype"),
    [
        ("amount", Decimal("1E+3"), "1000", "decimal"),
        ("amount", Decimal("1E-7"), "0.0000001", "decimal"),
        ("amount", 5, "5", "decimal"),
        ("amount", 0.1, "0.1", "decimal"),
        ("count", Decimal("42.0"), "42", "integer"),
        ("count", 2**53 + 1, "9007199254740993", "integer"),
        ("count", -(10**30), "-1" + "0" * 30, "integer"),
        ("counted", 7, "7", "nonNegativeInteger"),
        ("ratio", -0.0, "-0.0", "float"),
        ("exact_ratio", 1e22, "1e+22", "double"),
        ("exact_ratio", Decimal("0.1"), "0.1", "double"),
        ("exact_ratio", 3, "3.0", "double"),
        ("yes", False, "false", "boolean"),
        ("year", "2024", "2024", "gYear"),
        ("on", "2024-02-29", "2024-02-29", "date"),
        ("mixed", 5, "5", "integer"),
        ("mixed", "2024-02-29", "2024-02-29", "date"),
        ("any", 10**30, "1" + "0" * 30, "integer"),
        ("any", True, "true", "boolean"),
        ("any", 0.5, "0.5", "double"),
    ],
)
def test_literals_have_the_datatype_of_their_type(
    encode: Encode, graph: Graph, schema: SchemaModel, slot: str, value: Any, text: str, datatype: str
) -> None:
    assert {f'"{text}"^^<{XSD}{datatype}>'} == objects(encode, schema, {slot: value})
    same_graphs(encode, graph, schema, Instance("Thing", {slot: value}))


@pytest.mark.parametrize(
    ("slot", "value", "term"),
    [
        ("name", "", '""'),
        ("tagged", "no language", '"no language"'),
        ("mixed", "2024-02-30", '"2024-02-30"'),
        ("link", "voc:Term", f"<{EX}voc#Term>"),
        ("link", "undeclared:x", "<undeclared:x>"),
        ("link", "ex://host/x", "<ex://host/x>"),
        ("plain_link", "geo:51.5,-0.12", "<geo:51.5,-0.12>"),
        ("short_link", "voc:a/b", f"<{EX}voc#a/b>"),
        ("colour", "red", f"<{EX}voc#Red>"),
        ("colour", "blue", '"blue"'),
        ("sides", ["right side"], f"<{EX}voc#Right>"),
        ("parent", "ex:a", f"<{EX}a>"),
        ("parent", "bare name", f"<{EX}bare%20name>"),
        ("code", "a/b c", f"<{EX}a%2Fb%20c>"),
        ("code", "ex:a", f"<{EX}a>"),
        ("code", "ex:a b", f"<{EX}ex%3Aa%20b>"),
        ("code", "https://other.example/x", "<https://other.example/x>"),
        ("code", "urn:uuid:1", "<urn:uuid:1>"),
        ("code", "other:x", f"<{EX}other%3Ax>"),
        ("code", "_:b0", f"<{EX}_%3Ab0>"),
        ("code", "..", f"<{EX}..>"),
        ("code", "a> <b:c> <d:e> .\n<f:g", f"<{EX}a%3E%20%3Cb%3Ac%3E%20%3Cd%3Ae%3E%20.%0A%3Cf%3Ag>"),
    ],
)
def test_values_become_these_terms(
    encode: Encode, graph: Graph, schema: SchemaModel, slot: str, value: Any, term: str
) -> None:
    assert {term} == objects(encode, schema, {slot: value})
    same_graphs(encode, graph, schema, Instance("Thing", {slot: value}))


def test_a_subject_is_named_by_the_rule_of_references(encode: Encode, schema: SchemaModel) -> None:
    for cls, value, iri in (
        ("Coded", "a b", f"<{EX}a%20b>"),
        ("Numbered", 17, f"<{EX}17>"),
        ("Numbered", Decimal("17.0"), f"<{EX}17>"),
        ("Thing", "ex:x", f"<{EX}x>"),
    ):
        slot = {"Coded": "code", "Numbered": "no", "Thing": "id"}[cls]
        ((subject, *_),) = triples(encode, schema, {slot: value, "name" if cls == "Thing" else "text": "t"}, cls)
        assert iri == subject


def test_the_designator_tells_the_class(encode: Encode, schema: SchemaModel) -> None:
    def classes(data: dict[str, Any]) -> list[bytes]:
        return re.findall(rb"#type> <\S+#(\w+)>", encode("ntriples", schema, Instance("Thing", data)))

    assert [b"Thing"] == classes({})
    assert [b"Device", b"Device"] == classes({"kind": "Device", "part": {"kind": "Device", "serial": "1"}})


def test_null_and_empty_lists_give_no_triple(encode: Encode, schema: SchemaModel) -> None:
    data: dict[str, Any] = {"name": None, "names": []}
    data |= {"value": None, "count": None, "parts": {}, "any": None, "id": None}
    assert set() == triples(encode, schema, data)


def test_any_values_that_hold_others_become_json_whose_text_does_not_depend_on_their_order(
    encode: Encode, schema: SchemaModel
) -> None:
    json_type = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON>"
    found = [objects(encode, schema, {"any": value}) for value in ({"b": 1, "a": [2]}, {"a": [2], "b": 1})]
    assert [{rf'"{{\"a\":[2],\"b\":1}}"^^{json_type}'}] * 2 == found
    assert {f'"1"^^<{XSD}integer>', f'"[2]"^^{json_type}'} == objects(encode, schema, {"anys": [1, [2]]})


# -- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ({"unheard": 1}, ""),
        ({"value": {"unheard": 1}}, "/value"),
        ({"name": 5}, "/name"),
        ({"name": "\ud800"}, "/name"),
        ({"name": ["x"]}, "/name"),
        ({"names": "x"}, "/names"),
        ({"names": ["x", None]}, "/names/1"),
        ({"names": ["x", {}]}, "/names/1"),
        ({"count": "1"}, "/count"),
        ({"count": '1"'}, "/count"),
        ({"count": True}, "/count"),
        ({"count": 1.5}, "/count"),
        ({"amount": "1.0"}, "/amount"),
        ({"amount": Decimal("NaN")}, "/amount"),
        ({"amount": Decimal("Infinity")}, "/amount"),
        ({"amount": Decimal("1E+999")}, "/amount"),
        ({"ratio": float("nan")}, "/ratio"),
        ({"exact_ratio": float("inf")}, "/exact_ratio"),
        ({"any": float("-inf")}, "/any"),
        ({"any": {"a": float("nan")}}, "/any"),
        ({"any": 10**5000}, "/any"),
        ({"anys": [1, ["\udfff"]]}, "/anys/1"),
        ({"yes": "true"}, "/yes"),
        ({"yes": 1}, "/yes"),
        ({"link": "a b"}, "/link"),
        ({"link": "no-colon"}, "/link"),
        ({"link": "http://a/> <b:c> <d:e> .\n<f:g"}, "/link"),
        ({"link": "_:b0"}, "/link"),
        ({"link": 5}, "/link"),
        ({"colour": "green"}, "/colour"),
        ({"sides": ["left", ["left"]]}, "/sides/1"),
        ({"parent": {"id": "ex:a"}}, "/parent"),
        ({"parent": "http://a b"}, "/parent"),
        ({"parent": ""}, "/parent"),
        ({"code": "\ud800"}, "/code"),
        ({"code": 5}, "/code"),
        ({"value": "x"}, "/value"),
        ({"value": [{}]}, "/value"),
        ({"values": {}}, "/values"),
        ({"values": [{}, "x"]}, "/values/1"),
        ({"values": [{}, {"inner": {"number": "x"}}]}, "/values/1/inner/number"),
        ({"parts": [{}]}, "/parts"),
        ({"parts": {"ex:a": {}, "ex:b": {"count": "x"}}}, "/parts/1/count"),
        ({"parts": {"ex:a": None}}, "/parts/0"),
        ({"parts": {"ex:a": {"id": "ex:b"}}}, "/parts/0/id"),
        ({"kind": "Value"}, ""),
        ({"kind": "Hidden"}, ""),
        ({"kind": ["Thing"]}, ""),
        ({"part": {"kind": "Nothing"}}, "/part"),
        ({"either": {"neither": 1}}, "/either"),
        ({"either": "x"}, "/either"),
        ({"mixed": 1.5}, "/mixed"),
        ({"id": "_:b"}, "/id"),
        ({"id": "http://a b"}, "/id"),
        ({"part": {"id": "ex:a> <b"}}, "/part/id"),
    ],
)  # fmt: skip
def test_what_has_no_form_in_rdf_is_refused_at_its_place_without_its_value(
    encode: Encode, schema: SchemaModel, data: dict[str, Any], pointer: str
) -> None:
    found, text = fault(encode, schema, data)
    assert pointer == found
    assert "\ud800" not in text
    assert "green" not in text


def test_nesting_without_end_is_refused(encode: Encode, schema: SchemaModel) -> None:
    data: dict[str, Any] = {}
    data["inner"] = data
    for name in FORMATS:
        with pytest.raises(RdfFault, match="deeply"):
            encode(name, schema, Instance("Value", data))


def test_an_unknown_or_abstract_class_is_refused(encode: Encode, schema: SchemaModel) -> None:
    assert ("", "the schema has no class 'Nothing'") == fault(encode, schema, {}, "Nothing")
    assert "cannot be one of Hidden" in fault(encode, schema, {}, "Hidden")[1]


def test_a_fault_writes_nothing_and_the_next_instance_is_whole(schema: SchemaModel) -> None:
    for name in FORMATS:
        encoder = open_encoder(name, schema)
        expected = open_encoder(name, schema).encode(Instance("Thing", {"name": "x"}), "1-2-0")
        with pytest.raises(LexicalError):
            encoder.encode(Instance("Thing", {"name": "x", "values": [{"unit": "a"}, {"number": "b"}]}), "1-1-0")
        assert expected == encoder.encode(Instance("Thing", {"name": "x"}), "1-2-0")


def test_an_identifier_that_json_ld_would_read_as_another_is_refused_there_only() -> None:
    schema = small({"Spot": {"attributes": {"id": {"identifier": True, "range": "uri"}}}}, geo=EX, default_prefix="geo")
    spot = Instance("Spot", {"id": "geo:1,2"})
    assert open_encoder("ntriples", schema).encode(spot, "1").startswith(b"<geo:1,2> ")
    assert b"\n<geo:1,2> " in b"\n" + open_encoder("turtle", schema).encode(spot, "1")
    with pytest.raises(RdfFault, match="CURIE"):
        open_encoder("jsonld", schema).encode(spot, "1")


def test_a_schema_whose_iris_cannot_be_written_is_refused_before_anything_is_written() -> None:
    bad = {"class_uri": "https://example.org/%zz", "attributes": {"b": {"slot_uri": "https://example.org/[b]"}}}
    schema = small({"A": bad})
    for name in FORMATS:
        with pytest.raises(SchemaError) as caught:
            open_encoder(name, schema)
        assert ["SNK006", "SNK006"] == [diagnostic.code for diagnostic in caught.value.diagnostics]


# -- hostile text ------------------------------------------------------------------------------

HOSTILE = st.text() | st.lists(
    st.sampled_from(
        ['"', "\\", "'", "\n", "\r", "> <p> <o> .", " .\n<http://e/s> <http://e/p> \"x\" .", "\u2028", "\x00", "\x7f",
         "@en", "^^<http://e/d>", '"""', "_:b", "]", "[", "#", "%", "\\u0022", "{", "@id", "@type", "ex:", "\ufeff",
         "\U0001f600"]
    )
).map("".join)  # fmt: skip


@QUIET
@given(HOSTILE, HOSTILE, st.lists(HOSTILE, unique=True), HOSTILE.filter(bool))
def test_hostile_text_adds_no_triple_and_comes_back_as_it_was(
    encode: Encode, schema: SchemaModel, name: str, unit: str, names: list[str], code: str
) -> None:
    data = {"name": name, "names": names, "year": name, "any": unit, "code": code,
            "value": {"unit": unit}, "coded": {code: {"text": unit}}}  # fmt: skip
    for fmt, parser in PARSERS.items():
        written = encode(fmt, schema, Instance("Thing", data))
        read = set(ox.parse(written, format=parser))
        assert 1 + 1 + len(names) + 1 + 1 + 1 + (1 + 2) + (1 + 2) == len(read)
        literals: dict[str, set[str]] = {}
        for quad in read:
            if isinstance(quad.object, ox.Literal):
                literals.setdefault(quad.predicate.value.removeprefix(EX), set()).add(quad.object.value)
        expected = {"voc#name": {name}, "year": {name}, "names": set(names),
                    "any": {unit}, "unit": {unit}, "text": {unit}}  # fmt: skip
        assert {key: value for key, value in expected.items() if value} == literals


SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "name": HOSTILE,
    "label": HOSTILE,
    "names": st.lists(HOSTILE, max_size=3),
    "count": st.integers(-(2**70), 2**70),
    "amount": st.decimals(-(10**40), 10**40, allow_nan=False),
    "exact_ratio": st.floats(allow_nan=False, allow_infinity=False),
    "yes": st.booleans(),
    "colour": st.sampled_from(["red", "blue"]),
    "link": st.sampled_from(["ex:a", "voc:B", "https://a.example/?q=%20", "urn:x:y", "ex:a/b"]),
    "any": st.none() | st.integers() | HOSTILE | st.dictionaries(HOSTILE, st.lists(st.integers())),
    "code": HOSTILE.filter(bool),
}
VALUE = st.recursive(
    st.fixed_dictionaries({}, optional={"number": SCALARS["amount"], "unit": HOSTILE}),
    lambda inner: st.fixed_dictionaries({}, optional={"unit": HOSTILE, "inner": inner}),
    max_leaves=4,
)
THING = st.fixed_dictionaries(
    {},
    optional={
        **SCALARS,
        "value": VALUE,
        "values": st.lists(VALUE, max_size=3),
        "coded": st.dictionaries(HOSTILE.filter(bool), st.just({"text": "t"}), max_size=2),
        "part": st.fixed_dictionaries({"id": st.just("ex:part")}, optional=SCALARS),
    },
)


@QUIET
@given(THING)
def test_any_instance_is_the_same_graph_in_every_format(
    encode: Encode, graph: Graph, schema: SchemaModel, data: dict[str, Any]
) -> None:
    written = encode("ntriples", schema, Instance("Thing", data))
    expected = graph("ntriples", written)
    assert len(set(written.split(b"\n")[:-1])) == len(expected)
    assert expected == graph("turtle", encode("turtle", schema, Instance("Thing", data)))
    assert expected == graph("jsonld", encode("jsonld", schema, Instance("Thing", data)))


@pytest.mark.skipif(not BAD_INPUTS.exists(), reason="the collection of bad inputs is not beside the checkout")
@pytest.mark.parametrize("name", FORMATS)
def test_collected_literals_are_kept_exactly(encode: Encode, schema: SchemaModel, name: str) -> None:
    records = [json.loads(line) for line in BAD_INPUTS.read_bytes().splitlines()]
    instances = [Instance("Thing", {"id": f"ex:{r['id']}", "name": r["name"]}) for r in records]
    read = list(ox.parse(encode(name, schema, *instances), format=PARSERS[name]))
    names = {q.subject.value: q.object.value for q in read if q.predicate.value == f"{EX}voc#name"}
    assert {EX + record["id"]: record["name"] for record in records} == names
    assert 2 * len(records) == len(read)

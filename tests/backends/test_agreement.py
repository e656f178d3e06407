"""Every backend agrees with the oracle on schemas, mappings and records that Hypothesis makes."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from semantics.backends import BACKENDS
from semantics.engine.mapping import Mapping
from semantics.engine.prepare import prepare
from semantics.errors import DefinitionError
from semantics.records import Filtered, Mapped, Rejected
from semantics.schema import load_schema
from semantics.validation.assured import FEW

RANGES = ("string", "integer", "decimal", "float", "boolean", "date", "datetime", "Code", "Inner")
CODES = ("a", "b", "NO", "")
NAMES = ("x", "y z", "odd-name", "w", "v_1")

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**6), max_value=10**6),
    st.sampled_from(["a", "b", "NO", "", "zz", "2025-01-31", "2025-02-30", "2025-01-31T10:00:00Z", "1.5", "é\u202e\n"]),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("p", "q", "x")), inner, max_size=3),
    max_leaves=6,
)


def fitting(range_name: str) -> st.SearchStrategy[Any]:
    """Values that a slot of a range may hold, mostly."""
    own: dict[str, st.SearchStrategy[Any]] = {
        "string": st.text(max_size=4),
        "integer": st.integers(-5, 5),
        "decimal": st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-99, max_value=99),
        "float": st.sampled_from([Decimal("0.5"), 3]),
        "boolean": st.booleans(),
        "date": st.just("2025-01-31"),
        "datetime": st.sampled_from(["2025-01-31T10:00:00Z", "2025-01-31T10:00:00"]),
        "Code": st.sampled_from(CODES),
        "Inner": st.fixed_dictionaries({}, optional={"p": st.text(max_size=3), "q": st.integers(0, 3)}),
    }
    return own[range_name]


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any], list[Any]]:
    """A schema (source and target at once), a mapping of it into itself, and records."""
    slots = {
        name: {"range": draw(st.sampled_from(RANGES)), "multivalued": draw(st.booleans())}
        for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    }
    for slot in slots.values():
        if slot["range"] == "Inner" and slot["multivalued"]:
            slot["inlined_as_list"] = True
    schema = {
        "id": "https://example.org/w",
        "name": "w",
        "default_prefix": "https://example.org/w/",
        "classes": {"Row": {"attributes": slots}, "Inner": {"attributes": {"p": {}, "q": {"range": "integer"}}}},
        "enums": {"Code": {"permissible_values": dict.fromkeys(CODES)}},
    }
    derivations = {name: draw(derivation(name, slots)) for name in slots if draw(st.integers(0, 9))}
    top: dict[str, Any] = {"slot_derivations": derivations}
    if draw(st.booleans()):
        top["where"] = draw(condition(slots))
    spec = {
        "name": "w",
        "source": {"wrap_single_values": draw(st.booleans())},
        "class_derivations": {
            "Row": top,
            "Inner": {
                "emit": draw(st.sampled_from(["nested", "root"])),
                "slot_derivations": {"p": None, "q": {"expr": "q + 1"}},
            },
        },
    }
    record = st.fixed_dictionaries(
        {}, optional={n: one_of_three(fitting(s["range"]), bool(s["multivalued"])) for n, s in slots.items()}
    )
    return (
        schema,
        spec,
        draw(st.lists(record | st.dictionaries(st.sampled_from(NAMES), values, max_size=3), max_size=4)),
    )


def one_of_three(good: st.SearchStrategy[Any], many: bool) -> st.SearchStrategy[Any]:
    """A good value, null, or anything."""
    fine = st.lists(st.none() | good, max_size=3) if many else good
    return st.one_of(fine, fine, fine, st.none(), values)


def plain(name: str) -> str | None:
    """How an expression names a slot, where it can."""
    return name if name.isidentifier() else None


@st.composite
def condition(draw: st.DrawFn, slots: dict[str, Any]) -> str:
    """A condition over the slots."""
    named = [n for n in slots if plain(n)]
    if not named:
        return "true"
    name = draw(st.sampled_from(named))
    tests = [f"{name} is null", f"not ({name} is not null)", "null == 1 or true"]
    if not slots[name]["multivalued"] and slots[name]["range"] in ("string", "Code"):
        tests += [f"{name} == 'a'", f"{name} != 'a'", f"{name} in ['a', 'b'] or {name} is null", f"{name} < 'b'"]
    if not slots[name]["multivalued"] and slots[name]["range"] in ("integer", "decimal", "float"):
        tests += [
            f"{name} > 1",
            f"not ({name} > 1)",
            f"{name} > 1 and 10 / {name} > 2",
            f"{name} < 0 or 1 / {name} > 0",
        ]
    if not slots[name]["multivalued"] and slots[name]["range"] == "boolean":
        tests += [name, f"not {name}", f"{name} and {name}", f"({name} or {name}) == {name}"]
    return draw(st.sampled_from(tests))


@st.composite
def words(draw: st.DrawFn, name: str, source: str, slots: dict[str, Any]) -> dict[str, Any]:
    """What a derivation says about a value that is read."""
    alike = [n for n in slots if slots[n] == slots[source] and plain(n)]
    other = draw(st.sampled_from(alike or [*slots]))
    told: dict[str, Any] = {
        "missing_values": draw(st.sampled_from(["a", ["1", "1.5", "true"], []])),
        "offset": {"offset_value": draw(st.sampled_from([1, 2, Decimal("0.5")])), "offset_field": other},
        "where": draw(condition(slots)),
        "expression_mappings": {"a": f"coalesce({{{other}}}, {{{other}}})", "1": "'b'"},
        "expression_to_value_mappings": {draw(condition(slots)): "a", "value() is null": "b"},
        "expression_to_expression_mappings": {draw(condition(slots)): f"{{{other}}}", "true": "value()"},
        "stringification": draw(st.sampled_from([
            {"delimiter": "|"}, {"delimiter": "|", "reversed": True}, {"syntax": "JSON"}, {"syntax": "JSON", "reversed": True},
            {"delimiter": "-", "over_slots": [other, source]},
        ])),
        "mirror_source": True,
        "timezone": "Europe/Paris",
        "cast_collection_as": draw(st.sampled_from(["SingleValued", "MultiValued"])),
        "hide": True,
        "unmapped": draw(st.sampled_from(["error", "null", "pass"])),
    }  # fmt: skip
    chosen = draw(st.lists(st.sampled_from([*told]), min_size=1, max_size=2, unique=True))
    found = {key: told[key] for key in chosen}
    match draw(st.sampled_from(("path", "sources", "slot"))):
        case "sources":
            found |= {"sources": [source, other], "populated_from": None}
        case "slot" if other != name:
            found |= {"expr": f"slot('{other}')", "populated_from": None}
        case _:
            found["populated_from"] = name
    return found


@st.composite
def derivation(draw: st.DrawFn, name: str, slots: dict[str, Any]) -> dict[str, Any] | None:
    """A derivation that may or may not fit its slot."""
    slot = slots[name]
    source = draw(st.sampled_from([name, name, name, *slots]))
    kind = draw(
        st.sampled_from(
            (
                "same",
                "from",
                "codes",
                "expr",
                "case",
                "nested",
                "value",
                "each",
                "words",
                "words",
            )
        )
    )
    if kind == "codes":
        target = "a" if slot["range"] in ("string", "Code") else None
        return {"populated_from": source, "value_mappings": {"a": target, "1": target, "true": target},
                "unmapped": draw(st.sampled_from(["error", "null", "pass"]))}  # fmt: skip
    if kind == "expr" and plain(source):
        return {"expr": draw(st.sampled_from(EXPRESSIONS)).replace("S", source)}
    if kind == "case" and plain(source):
        return {"expr": f"{source} if {draw(condition(slots))} else {source}"}
    if kind == "nested" and slot["range"] == "Inner":
        return {"class_derivations": {"Inner": {"slot_derivations": {"p": {"value": "c"}, "q": {"value": 2}}}}}
    if kind == "each" and slot["range"] == "Inner" and slots[source]["range"] == "Inner":
        key = "for_each" if slots[source]["multivalued"] else "populated_from"
        inner = {
            "where": draw(st.sampled_from(["p != 'a'", "p is null", "q > 0"])),
            "slot_derivations": {"p": {"expr": "upper(p)"}, "q": None},
        }
        return {key: source, "class_derivations": {"Inner": inner}}
    if kind == "value" and slot["range"] in ("string", "Code"):
        return {"value": "a"}
    found: dict[str, Any] = {"populated_from": source}
    if kind == "words":
        return found | draw(words(name, source, slots))
    if draw(st.booleans()) and slot["range"] in ("string", "Code"):
        found["default"] = "b"
    return found if kind != "same" else None


EXPRESSIONS = (
    "S + S", "-S", "S * 2", "S / 3", "upper(S)", "str(S)", "concat(S, '!')", "len(S)", "first(S)", "coalesce(S, S)",
    "[e for e in S if e is not null]", "S[0]", "date(S)", "S == S", "S % 2", "S // 2", "round(S)", "substr(S, 1)", "decimal(S)",
    "case((S is null, null), (true, S))", "sum(S)", "min(S)", "distinct(S)", "int(S)", "sorted(S)", "join('-', S)",
    "null_if(S, 'a', '1.5')", "count(S)", "count(S, S)", "single(S)", "slugify(S)", "to_snake(S)", "to_pascal(S)", "is_numeric(S)",
    "json(S)", "from_json(S)", "hash_sha256(S)", "uuid5('x', S)", "extract(S, '[a-z](.)')", "regex_replace(S, '(.)', '<$1>')",
    "sum_decimal(S)", "iri('urn:x:', S)", "expand(S)", "curie(S)", "add_duration(S, 'P1M')", "to_timezone(S, 'Asia/Tokyo')",
    "duration_between(S, S)", "local_datetime(S, 'Europe/Paris')", "duration(S)", "is_str(S)", "strip(S, S)", "split(S, S)",
)  # fmt: skip


def told(mapping: Mapping, record: Any) -> Any:
    """What a backend makes of a record, comparable."""
    match mapping.try_apply(copy.deepcopy(record)):
        case Mapped(instances=found):
            return [(i.class_name, repr(i.data)) for i in found]
        case Rejected(diagnostics=found):
            return [(d.code, d.message, d.location) for d in found]
        case Filtered():
            return "filtered"


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(worlds())
def test_backends_agree_with_the_oracle(world: tuple[dict[str, Any], dict[str, Any], list[Any]]) -> None:
    """The same instances, or the same findings; a record is never changed; what is mapped is valid."""
    schema, spec, records = world
    model = load_schema(schema)
    try:
        prepared = prepare(spec, source_schema=schema, target_schema=schema)
    except DefinitionError as fault:
        assert all(found.code and found.message for found in fault.diagnostics)
        return
    oracle, *others = [Mapping(prepared, name) for name in BACKENDS]
    for record in records:
        before = copy.deepcopy(record)
        wanted = told(oracle, record)
        for other in others:
            assert told(other, record) == wanted
        assert repr(record) == repr(before)
        assert not any(
            code.startswith("INT") for code, *_ in wanted if isinstance(wanted, list) and isinstance(code, str)
        )
    assert model.name == "w"


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_compiled_code_fails_only_where_the_oracle_finds_something(
    world: tuple[dict[str, Any], dict[str, Any], list[Any]],
) -> None:
    """The fast path itself, without the oracle behind it: instances or a ValueError, never anything else."""
    schema, spec, records = world
    try:
        prepared = prepare(spec, source_schema=schema, target_schema=schema)
    except DefinitionError:
        return
    from semantics.backends import RecordFault, compile_plan

    fast, slow = compile_plan(prepared.plan), compile_plan(prepared.plan, "evaluate")
    for record in records:
        try:
            found: Any = fast.map(record, "Row", [])
        except ValueError:
            found = "fault"
        try:
            wanted: Any = slow.map(record, "Row", [])
        except RecordFault:
            wanted = "fault"
        assert repr(found) == repr(wanted)


LIMITS = (
    {"required": True}, {"pattern": "^a"}, {"minimum_value": 1}, {"maximum_value": 2}, {"equals_string": "a"},
    {"minimum_cardinality": 2}, {"maximum_cardinality": 1}, {"any_of": [{"range": "integer"}, {"range": "string"}]},
    {"none_of": [{"equals_string": "NO"}]}, {"value_presence": "ABSENT"}, {"range": "Small"}, {},
)  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(worlds(), st.data())
def test_what_a_plan_assures_need_not_be_checked(
    world: tuple[dict[str, Any], dict[str, Any], list[Any]], data: st.DataObject
) -> None:
    """The checks that are left of an instance give the verdict of the whole checker, under any constraints."""
    schema, spec, records = world
    target = copy.deepcopy(schema)
    target["enums"]["Small"] = {"permissible_values": {"a": {}, "": {}}}
    for cls in ("Row", "Inner"):
        for slot in target["classes"][cls]["attributes"].values():
            slot |= data.draw(st.sampled_from(LIMITS))
    if data.draw(st.integers(0, 4)) == 0:
        target["classes"][data.draw(st.sampled_from(["Row", "Inner"]))]["attributes"]["unwritten"] = {"required": True}
    if data.draw(st.booleans()):
        name = data.draw(st.sampled_from(sorted(target["classes"]["Row"]["attributes"])))
        target["classes"]["Row"]["rules"] = [{"postconditions": {"slot_conditions": {name: {"required": True}}}}]
    try:
        prepared = prepare(spec, source_schema=schema, target_schema=target)
    except DefinitionError:
        return
    unchecked, checked = Mapping(prepared, check=False), Mapping(prepared)
    remaining = checked.checker.remaining(prepared.plan)
    for record in records:
        match unchecked.try_apply(copy.deepcopy(record)):
            case Mapped(instances=instances):
                for made in instances:
                    verdict = checked.checker.accepts(made.class_name, made.data)
                    assert made.rule is not None
                    left = remaining.get(made.rule)
                    assert left is not None
                    assert left([made.data]) is left([made.data] * (FEW + 1)) is verdict


def test_objects_inside_objects_of_their_kind_are_checked_to_the_last() -> None:
    """The checks that are left of a rule that uses itself end where nothing is inside any more."""
    slots = {"name": {"required": True}, "parts": {"range": "Part", "multivalued": True, "inlined_as_list": True}}
    schema = {"id": "https://example.org/s", "name": "s", "imports": ["linkml:types"], "default_range": "string",
              "prefixes": {"linkml": "https://w3id.org/linkml/"}, "classes": {"Part": {"attributes": slots}}}  # fmt: skip
    spec = {"class_derivations": {"Part": {"slot_derivations": {"name": None, "parts": None}}}}
    mapping = Mapping(prepare(spec, source_schema=schema, target_schema=schema))
    whole = {"name": "a", "parts": [{"name": "b", "parts": [{"name": "c"}]}]}
    assert isinstance(mapping.try_apply(whole), Mapped)
    assert isinstance(mapping.try_apply({"name": "a", "parts": [{"parts": [{"name": "c"}]}]}), Rejected)

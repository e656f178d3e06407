"""The generated classes: what they take and refuse, what they give back, and how they are named."""

from __future__ import annotations

import ast
import datetime
import json
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from semantics.generators import generate, model_base
from semantics.generators.lexical_patterns import PATTERNS
from semantics.lexical import Primitive
from semantics.schema import load_schema
from semantics.schema.model import SchemaModel
from semantics.validation import compile_checker

from .conftest import BAD_INPUTS, BASE, RICH

Load = Callable[[SchemaModel], ModuleType]

VALUES: list[Any] = [
    None, "", "a", "b", "x", "zz", "bad", "abz", "XYZ", "ABCX", "a b", "None", "red", "line\n2", "2024",
    0, 1, 3, 5, 11, 151, -1, 10**20, 2**5000, True, False, 1.0, 1.5, 0.1, 0.05, 5.0, float("inf"), float("nan"),
    Decimal(1), Decimal("1.50"), Decimal("0.04"), Decimal("1E+400"),
    "2024-02-29", "2023-02-29", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00", "2024-01-01T24:00:00Z",
    "10:00:00", "10:00:00+14:30", "https://e.org/a", "https://e.org/a b", "e:x", "1e:x", "_:x", "http://e/\u200b",
    [], ["a"], ["a", "b"], ["a", "b", "c"], ["red"], ["red", "x"], [None], [["a"]], [1], ["e:x"],
    {}, {"amount": 1}, {"amount": "1"}, {"amount": Decimal("1.10"), "unit": "EUR"}, {"amount": 1, "x": 1}, [{"amount": 1}],
    {"id": "e:a"}, {"id": "e:a", "kind": "Person"}, {"id": "e:a", "kind": "Student", "school": "e:s"},
    {"id": "e:a", "kind": "Thing"}, {"id": "e:a", "kind": "Org"}, {"id": "e:a", "kind": "Nope"}, {"id": "e:a", "kind": None},
    {"id": "e:a", "kind": 1}, {"id": "e:a", "kind": ["x"]}, {"id": "e:a", "school": "e:s"}, {"kind": "Person"},
    [{"id": "e:a"}], [{"id": "e:a", "kind": "Student"}], [{"id": "e:a", "kind": "Org"}],
    {"k": {"v": 1}}, {"k": {"key": "k", "v": 1}}, {"k": {"key": "z", "v": 1}}, {"1": {"v": 2}}, {"+1": {"n": 1}}, {"1": {"n": 2}},
    {"x": {"v": "a"}}, {"e:a": {"age": 3}}, {"e:a": {"kind": "Student"}}, {"k": None}, {"k": 1}, {1: {"v": 1}},
]  # fmt: skip


def takes(cls: type[BaseModel], data: Any) -> bool:
    try:
        cls.model_validate(data)
    except ValidationError:
        return False
    return True


def plain(value: Any) -> Any:
    """An instance without null, numbers by their value."""
    if isinstance(value, dict):
        return {str(key): plain(member) for key, member in value.items() if member is not None}
    if isinstance(value, list):
        return [plain(member) for member in value]
    return Decimal(repr(value)) if isinstance(value, float) else value


# -- the verdict ---------------------------------------------------------------------------------


def test_the_classes_take_what_the_checker_takes_and_give_it_back(rich: SchemaModel, load: Load) -> None:
    module, checker = load(rich), compile_checker(rich)
    for slot in RICH["classes"]["All"]["attributes"]:
        for value in VALUES:
            data = {**BASE, slot: value}
            valid = checker.accepts("All", data)
            assert takes(module.All, data) is valid, (slot, value)
            if valid:
                found = module.All.model_validate(data)
                exact = found.model_dump(exclude_none=True)
                assert checker.accepts("All", exact), (slot, value)
                dumped = found.model_dump(mode="json", by_alias=True, exclude_none=True)
                json.dumps(dumped, allow_nan=slot == "any")
                if value != value:
                    continue
                assert _without_kind(plain(dumped)) == _without_kind(plain(data)), (slot, value)


def _without_kind(data: Any) -> Any:
    """Without the type designator, which the classes fill in."""
    if isinstance(data, dict):
        return {key: _without_kind(value) for key, value in data.items() if key != "kind"}
    return [_without_kind(value) for value in data] if isinstance(data, list) else data


@pytest.mark.parametrize("name", ["Thing", "Person", "Student", "Org", "Ruled", "RuledChild", "Money", "Entry"])
def test_every_class_has_the_checkers_verdict(rich: SchemaModel, load: Load, name: str) -> None:
    module, checker = load(rich), compile_checker(rich)
    ruled = [
        {}, {"kind": "x"}, {"kind": "x", "start": 1}, {"kind": "x", "start": 1, "tags": ["a"]}, {"kind": "x", "start": 1, "tags": []},
        {"end": 5}, {"end": 5, "start": 4}, {"end": 5, "start": 5}, {"end": 5, "start": 5, "kind": "y"}, {"end": 4, "start": 9},
        {"start": -1}, {"start": -1, "more": "a"}, {"end": Decimal("5.0"), "start": 3.0, "kind": "y"},
    ]  # fmt: skip
    for data in [*ruled, *(value for value in VALUES if isinstance(value, dict))]:
        assert takes(getattr(module, name), data) is checker.accepts(name, data), data


def test_the_lexical_patterns_of_the_classes_are_those_of_the_generators() -> None:
    for kind, primitive in (
        (model_base._Date, Primitive.DATE),
        (model_base._DateTime, Primitive.DATETIME),
        (model_base._DateOrDateTime, Primitive.DATE_OR_DATETIME),
        (model_base._Time, Primitive.TIME),
    ):
        assert kind.__metadata__[0].metadata[0].pattern == PATTERNS[primitive]


def test_numbers_keep_their_digits_and_json_gets_numbers(rich: SchemaModel, load: Load) -> None:
    all_ = load(rich).All
    long = Decimal("12345678901234567890.1234567890")
    assert all_(manyx=["a", "b"], d=long).model_dump()["d"] == long
    assert str(all_(manyx=["a", "b"], d=Decimal("7887.20")).d) == "7887.20"
    assert all_(manyx=["a", "b"], d=Decimal("7887.20")).model_dump(mode="json")["d"] == 7887.2
    assert all_(manyx=["a", "b"], d=Decimal("2.00")).model_dump(mode="json")["d"] == 2
    assert all_(manyx=["a", "b"], d=long).model_dump(mode="json")["d"] == str(long)
    assert all_(manyx=["a", "b"], any={"x": [Decimal("0.5")]}).model_dump(mode="json")["any"] == {"x": [0.5]}


def test_python_date_objects_become_their_xsd_text(rich: SchemaModel, load: Load) -> None:
    zone = datetime.timezone(datetime.timedelta(hours=2))
    found = load(rich).All(
        manyx=["a", "b"],
        date=datetime.date(2024, 2, 29),
        dt=datetime.datetime(2024, 2, 29, 10, 0, 0, 5000, zone),
        time=datetime.time(10, 0),
    )
    assert (found.date, found.dt, found.time) == ("2024-02-29", "2024-02-29T10:00:00.005000+02:00", "10:00:00")


def test_messages_hold_no_values(rich: SchemaModel, load: Load) -> None:
    module = load(rich)
    secret = "S3CRET-canary"
    slots = RICH["classes"]["All"]["attributes"]
    for data in [{slot: secret} for slot in slots] + [{slot: {"kind": secret, "v": secret}} for slot in slots]:
        try:
            module.All.model_validate(data)
        except ValidationError as refusal:
            assert secret not in str(refusal)
            assert secret not in repr(refusal)


def test_json_text_is_read_like_data(rich: SchemaModel, load: Load) -> None:
    module = load(rich)
    found = module.All.model_validate_json(
        '{"manyx": ["a", "b"], "d": 1.5, "colour": "red", "people": [{"id": "e:a"}]}'
    )
    assert (found.d, found.colour, found.people[0].id) == (Decimal("1.5"), module.Colour.red, "e:a")
    with pytest.raises(ValidationError):
        module.All.model_validate_json('{"manyx": ["a", "b"], "i": "1"}')


# -- designators ---------------------------------------------------------------------------------


def test_the_designator_chooses_the_class_also_inside_others(rich: SchemaModel, load: Load) -> None:
    module = load(rich)
    student = {"id": "e:a", "kind": "Student", "school": "e:s"}
    assert type(module.Thing.model_validate(student)) is module.Student
    found = module.All.model_validate({**BASE, "person": student, "people": [student], "pkeyed": {"e:a": student}})
    assert [type(each) for each in (found.person, found.people[0], found.pkeyed["e:a"])] == [module.Student] * 3
    assert found.model_dump(mode="json", exclude_none=True)["people"] == [student]


def test_a_constructor_makes_its_own_class_and_fills_in_the_designator(rich: SchemaModel, load: Load) -> None:
    module = load(rich)
    assert module.Person(id="e:a").kind == "Person"
    assert isinstance(module.Student(id="e:a"), module.Person)
    with pytest.raises(ValidationError):
        module.Person(id="e:a", kind="Student")
    with pytest.raises(ValidationError):
        module.Thing(id="e:a")


def test_a_required_designator_is_asked_for_in_data_alone(load: Load) -> None:
    schema = load_schema({"name": "m", "classes": {
        "A": {"attributes": {"type": {"designates_type": True, "required": True}}}, "B": {"is_a": "A"},
    }})  # fmt: skip
    module = load(schema)
    assert [takes(module.A, data) for data in ({}, {"type": None}, {"type": "A"}, {"type": "B"})] == [
        False,
        False,
        True,
        True,
    ]
    assert module.B().type == "B"


def test_a_designator_of_iris_holds_the_uri_of_the_class(load: Load) -> None:
    schema = load_schema({"name": "m", "prefixes": {"e": "https://e.org/"}, "default_prefix": "e", "classes": {
        "A": {"attributes": {"type": {"designates_type": True, "range": "uriorcurie"}}}, "B": {"is_a": "A"},
    }})  # fmt: skip
    module = load(schema)
    assert type(module.A.model_validate({"type": "e:B"})) is module.B
    assert type(module.A.model_validate({"type": "https://e.org/B"})) is module.B
    assert not takes(module.A, {"type": "B"})


def test_parts_of_constraints_may_be_objects(load: Load) -> None:
    schema = load_schema({"name": "m", "classes": {
        "A": {"attributes": {"x": {"all_of": [{"range": "T"}, {"range": "T"}]}, "y": {"exactly_one_of": [{"range": "T"}, {"range": "V"}]},
                             "z": {"range": "Any", "none_of": [{"range": "T"}]}}},
        "T": {"attributes": {"kind": {"designates_type": True}, "t": {}}}, "U": {"is_a": "T", "attributes": {"u": {}}}, "V": {"attributes": {"v": {}}},
    }})  # fmt: skip
    module, checker = load(schema), compile_checker(schema)
    for value in ({}, {"t": "1"}, {"kind": "U", "u": "1"}, {"u": "1"}, {"v": "1"}, "a", {"kind": "V"}):
        for slot in "xyz":
            assert takes(module.A, {slot: value}) is checker.accepts("A", {slot: value}), (slot, value)
    assert module.A.model_validate({"y": {"kind": "U", "u": "1"}}).model_dump(exclude_none=True) == {
        "y": {"kind": "U", "u": "1"}
    }


def test_objects_by_identifier_may_leave_it_out_and_it_stays_out(rich: SchemaModel, load: Load) -> None:
    module = load(rich)
    data = {**BASE, "keyed": {"k": {"v": 1}, "l": {"key": "l", "v": 2}}, "nkeyed": {"1": {"v": 3}}}
    found = module.All.model_validate(data)
    assert (found.keyed["k"].key, found.nkeyed["1"].n) == ("k", 1)
    assert found.model_dump(mode="json", by_alias=True, exclude_none=True) == data


# -- names ---------------------------------------------------------------------------------------


def test_names_that_python_or_pydantic_keeps_get_an_alias(rich: SchemaModel, load: Load) -> None:
    all_ = load(rich).All
    found = all_(manyx=["a", "b"], copy_="1", model_dump_="2", id_="3", class_="4", a_b="5")
    data = {"copy": "1", "model_dump": "2", "_id": "3", "class": "4", "a b": "5"}
    assert found.model_dump(exclude_none=True) == {**BASE, **data}
    assert all_.model_validate({**BASE, **data}) == found
    assert not takes(all_, {**BASE, "copy_": "1"})
    assert not takes(all_, {**BASE, "id_": "1"})


def test_permissible_values_are_exact_whatever_their_text(rich: SchemaModel, load: Load) -> None:
    odd = load(rich).Odd
    assert [each.value for each in odd] == list(RICH["enums"]["Odd"]["permissible_values"])
    assert issubclass(odd, (str, Enum))
    assert odd("a-b") == "a-b"
    assert str(odd.empty) == ""


def test_classes_may_be_called_like_what_the_module_stands_on(load: Load) -> None:
    names = [
        "str",
        "int",
        "list",
        "dict",
        "bool",
        "tuple",
        "type",
        "isinstance",
        "Optional",
        "BaseModel",
        "Enum",
        "re",
        "Field",
        "Any",
    ]
    fields = {each: {"range": "date"} for each in ("str", "list", "dict", "bool", "date", "type", "Decimal")}
    schema = load_schema({"name": "m", "classes": {
        "Main": {"attributes": {**fields, "t": {}, "m": {"multivalued": True}, "b": {"range": "boolean"}, "p": {"pattern": "^a"}}},
        **{each: {"attributes": {"id": {"identifier": True}, "x": {"range": "Main"}}} for each in names},
    }})  # fmt: skip
    module = load(schema)
    for name in names:
        assert getattr(module, name)(id="a", x=module.Main(t="a", m=["b"], b=True, p="ab")).x.m == ["b"]
    assert not takes(module.Main, {"t": 1})
    assert not takes(module.Main, {"p": "b"})
    assert not takes(module.Main, {"date": "2024-13-01"})


def test_a_slot_may_be_called_like_the_class_it_holds(load: Load) -> None:
    schema = load_schema({"name": "m", "classes": {"A": {"attributes": {"B": {"range": "B"}, "E": {"range": "E"}}}, "B": {}},
                          "enums": {"E": {"permissible_values": {"x": {}}}}})  # fmt: skip
    module = load(schema)
    data = {"B": {}, "E": "x"}
    assert module.A.model_validate(data).model_dump() == data


def test_parents_that_python_cannot_order_do_no_harm(load: Load) -> None:
    """X comes before Y in one parent and after it in the other."""
    schema = load_schema({"name": "m", "classes": {
        "X": {"mixin": True, "attributes": {"x": {}}}, "Y": {"mixin": True, "attributes": {"y": {}}},
        "P": {"mixins": ["X", "Y"]}, "Q": {"mixins": ["Y", "X"]},
        "R": {"is_a": "P", "mixins": ["Q"], "attributes": {"r": {"range": "integer"}}},
    }})  # fmt: skip
    found = load(schema).R(x="1", y="2", r=3)
    assert found.model_dump() == {"x": "1", "y": "2", "r": 3}


def test_refinements_count_from_the_nearest_class(load: Load) -> None:
    """A slot refined by a parent and refined back by the class itself is as the class has it."""
    schema = load_schema({"name": "m", "classes": {
        "A": {"attributes": {"x": {"pattern": "a"}}},
        "B": {"is_a": "A", "slot_usage": {"x": {"pattern": "b", "required": True}}},
        "C": {"is_a": "B", "slot_usage": {"x": {"pattern": "a", "required": False}}},
    }})  # fmt: skip
    module = load(schema)
    verdicts = [[takes(getattr(module, name), data) for data in ({}, {"x": "a"}, {"x": "b"})] for name in "ABC"]
    assert verdicts == [[True, True, False], [False, False, True], [True, True, False]]


# -- the module ----------------------------------------------------------------------------------


def test_a_module_imports_pydantic_and_the_standard_library_only(rich: SchemaModel) -> None:
    tree = ast.parse(generate(rich, ["pydantic"])["rich.py"])
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not any(isinstance(node, ast.Import) for node in ast.walk(tree))
    assert modules == {
        "__future__",
        "collections.abc",
        "datetime",
        "decimal",
        "enum",
        "typing",
        "pydantic",
        "pydantic_core",
    }


def test_a_module_is_documented_and_says_what_it_was_made_from(rich: SchemaModel, load: Load) -> None:
    module = load(rich)
    assert rich.digest() in (module.__doc__ or "")
    assert "'rich' 1.2" in (module.__doc__ or "")
    assert module.Thing.__doc__ == "Anything."
    assert module.Thing.model_fields["label"].description == "What it is called."
    assert module.All.model_fields["ref"].description == "Id of the Person."
    assert module.All.model_json_schema()["properties"]["colour"]["anyOf"][0] == {"$ref": "#/$defs/Colour"}


TEXT = st.text() | st.sampled_from(
    [
        '"""',
        "'''",
        "\\",
        '\\"',
        "\n",
        "\r",
        "\x00",
        "\u2028",
        "\u202e",
        "{x}",
        "%s",
        '"); print(1) #',
        "*/",
        "-->",
        "\N{GRINNING FACE}",
    ]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXT, min_size=5, max_size=5), st.lists(TEXT.map(str), min_size=1, max_size=5, unique=True))
def test_no_text_of_a_schema_becomes_code(load: Load, prose: list[str], values: list[str]) -> None:
    pattern = "".join(f"\\x{{{ord(char):x}}}" for char in prose[4])[:500].rpartition("\\")[0]
    schema = load_schema({
        "name": "m", "title": prose[0], "description": prose[1],
        "classes": {"A": {"description": prose[2], "title": prose[0], "attributes": {
            "x": {"description": prose[3], "title": prose[4], "equals_string_in": values}, "e": {"range": "E"}, "p": {"pattern": pattern}}}},
        "enums": {"E": {"description": prose[0], "permissible_values": {text: {"description": prose[1]} for text in values}}},
    })  # fmt: skip
    module = load(schema)
    for text in values:
        assert module.A(x=text, e=text).model_dump(mode="json", exclude_none=True) == {"x": text, "e": text}
    if prose[3]:
        assert module.A.model_fields["x"].description == prose[3]


@pytest.mark.skipif(not BAD_INPUTS.is_dir(), reason="the collection of bad inputs is not here")
def test_bad_schemas_that_load_give_modules_that_do_nothing(
    load: Load, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from semantics.errors import SchemaError

    monkeypatch.chdir(tmp_path)
    loaded = []
    for path in sorted(BAD_INPUTS.glob("*.yaml")):
        try:
            schema = load_schema(path)
        except SchemaError:
            continue
        module = load(schema)
        for name in schema.classes:
            needed = {slot.name: "e:a" for slot in schema.classes[name].slots.values() if slot.identifier}
            valid = compile_checker(schema).accepts(name, needed)
            assert takes(getattr(module, name), needed) is valid is (path.stem != "huge_cardinality")
        loaded.append(path.stem)
    assert not (tmp_path / "PWNED").exists()
    assert {"title_quote", "desc_triple_quote", "slot_desc_triple_quote", "enum_value_quote", "shadow_builtins"} <= set(
        loaded
    )

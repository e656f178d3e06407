"""Mappings in compat mode: how they are asked for, what is said of them at load, what a run does with them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import semantics
from semantics.engine.prepare import define
from semantics.plan.model import Plan

SOURCE: dict[str, Any] = {
    "id": "https://example.org/s", "name": "s", "imports": ["linkml:types"], "default_range": "string",
    "prefixes": {"linkml": "https://w3id.org/linkml/"},
    "classes": {
        "Person": {
            "tree_root": True,
            "attributes": {
                "id": {"identifier": True}, "name": {}, "weight": {"range": "decimal"}, "size": {"range": "nowhere"},
                "friends": {"range": "Person", "multivalued": True}, "home": {"range": "Home", "inlined": True},
            },
        },
        "Home": {"attributes": {"street": {}}},
        "Spaced out": {"attributes": {"full name": {}, "a-b": {"range": "integer"}}},
    },
}  # fmt: skip
TARGET: dict[str, Any] = {
    "id": "https://example.org/t", "name": "t", "imports": ["linkml:types"], "default_range": "string",
    "prefixes": {"linkml": "https://w3id.org/linkml/"},
    "classes": {"Agent": {"attributes": {"id": {"identifier": True}, "label": {"required": True}, "n": {}}}},
}  # fmt: skip


def specification(slots: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"class_derivations": {"Agent": {"populated_from": "Person", "slot_derivations": slots, **more}}}


def loaded(slots: dict[str, Any], target: dict[str, Any] | None = None, **more: Any) -> Any:
    return semantics.load_mapping(
        specification(slots, **more), source_schema=SOURCE, target_schema=target, compat="linkml-map"
    )


def codes(mapping: Any) -> list[str]:
    return [finding.code for finding in mapping.prepared.warnings]


def test_it_is_asked_for_by_the_caller_or_by_the_mapping() -> None:
    slots = {"label": {"expr": "name + '!'"}}
    asked = loaded(slots)
    said = semantics.load_mapping({**specification(slots), "compat": "linkml-map"}, source_schema=SOURCE)
    assert asked.apply({"id": "1"}) == said.apply({"id": "1"}) == {"label": None}


def test_an_unknown_tool_is_refused() -> None:
    with pytest.raises(semantics.UsageError):
        semantics.load_mapping(specification({}), source_schema=SOURCE, compat="linkml-mop")


def test_a_source_schema_is_needed_and_a_target_schema_is_not() -> None:
    with pytest.raises(semantics.MappingError) as caught:
        semantics.load_mapping(specification({}), compat="linkml-map")
    assert [finding.code for finding in caught.value.diagnostics] == ["MAP022"]
    assert loaded({"id": {}}).apply({"id": "1"}) == {"id": "1"}


def test_instances_are_validated_only_when_it_is_asked_for() -> None:
    assert loaded({"id": {}}, TARGET).apply({"id": "1"}) == {"id": "1"}
    checked = semantics.load_mapping(
        specification({"id": {}}), source_schema=SOURCE, target_schema=TARGET, compat="linkml-map", check=True
    )
    with pytest.raises(semantics.RecordError):
        checked.apply({"id": "1"})


def test_decimals_of_a_record_are_the_floats_that_the_tool_has() -> None:
    found = loaded({"w": {"populated_from": "weight"}, "x": {"expr": "weight / 2"}}).apply({"weight": Decimal("1.50")})
    assert found == {"w": 1.5, "x": 0.75}
    assert type(found["w"]) is float


def test_what_will_be_a_fault_is_said_at_load() -> None:
    mapping = loaded({"id": {}, "label": {"expr": "nope(name)"}})
    assert codes(mapping) == ["MAP074"]
    with pytest.raises(semantics.RecordError):
        mapping.apply({"id": "1"})


def test_statements_are_never_carried_out() -> None:
    mapping = loaded({"label": {"expr": "target = name"}})
    assert codes(mapping) == ["MAP074"]
    with pytest.raises(semantics.RecordError):
        mapping.apply({"id": "1"})


def test_a_name_that_is_null_is_said_at_load_with_the_nearest_slot() -> None:
    mapping = loaded({"label": {"expr": "{nmae}"}})
    assert codes(mapping) == ["MAP075"]
    assert "name" in (mapping.prepared.warnings[0].hint or "")


def test_keys_that_the_tool_does_not_act_on_are_said_at_load() -> None:
    mapping = loaded({"id": {"derived_from": ["name"], "overrides": {"x": 1}}})
    assert codes(mapping) == ["MAP076", "MAP076"]


def test_a_class_that_no_record_can_be_of_is_said_at_load() -> None:
    given = {"class_derivations": [{"Orphan": {"populated_from": "Nobody"}}, {"Person": None}]}
    mapping = semantics.load_mapping(given, source_schema=SOURCE, compat="linkml-map")
    assert codes(mapping) == ["MAP074"]
    assert mapping.apply({"id": "1"}) == {}


def test_an_object_where_the_range_is_unknown_is_a_fault_and_a_scalar_is_not() -> None:
    mapping = loaded({"size": {}})
    assert mapping.apply({"size": 3}) == {"size": 3}
    with pytest.raises(semantics.RecordError):
        mapping.apply({"size": {"cm": 3}})


def test_a_class_that_is_made_of_itself_ends_with_its_data() -> None:
    slots = {"id": {}, "friends": {}}
    deep: dict[str, Any] = {"id": "0"}
    for number in range(1, 40):
        deep = {"id": str(number), "friends": [deep]}
    found = loaded(slots).apply(deep)
    for _ in range(39):
        found = found["friends"][0]
    assert found == {"id": "0", "friends": None}


def test_slots_are_found_by_the_names_that_they_have_in_code() -> None:
    given = {"class_derivations": {"T": {"populated_from": "Spaced out", "slot_derivations": {
        "a": {"populated_from": "full name"}, "b": {"expr": "full_name"}, "c": {"populated_from": "a_b"}}}}}  # fmt: skip
    mapping = semantics.load_mapping(given, source_schema=SOURCE, compat="linkml-map")
    found = mapping.apply({"full name": "x", "a-b": 1}, "Spaced out")
    assert found == {"a": "x", "b": None, "c": None}


def test_the_schema_may_be_patched() -> None:
    patch = {"classes": {"Person": {"attributes": {"weight": {"range": "Home"}}, "slots": ["new"]}},
             "slots": {"new": {"range": "integer"}}}  # fmt: skip
    given = {
        "source_schema_patches": patch,
        **specification({"new": {"range": "string"}, "at": {"populated_from": "weight.street"}}),
    }
    mapping = semantics.load_mapping(given, source_schema=SOURCE, compat="linkml-map")
    assert mapping.apply({"new": 5, "weight": {"street": "Elm"}}) == {"new": "5", "at": "Elm"}


def test_derivations_that_build_on_themselves_are_faults() -> None:
    mapping = loaded({"id": {}}, is_a="Agent")
    with pytest.raises(semantics.RecordError):
        mapping.apply({"id": "1"})


def test_the_plan_goes_through_the_cache_unchanged() -> None:
    import msgspec

    plan = loaded({"id": {}, "home": {}, "n": {"value": 1.5}, "m": {"populated_from": "name",
                   "value_mappings": {"a": 1.0}}}).plan  # fmt: skip
    assert msgspec.json.decode(msgspec.json.encode(plan), type=Plan) == plan


def test_analyses_see_the_specification_as_a_mapping() -> None:
    found = define(specification({"id": {}}), source_schema=SOURCE, compat="linkml-map")
    assert [derivation.name for derivation in found.loaded.spec.class_derivations] == ["Agent"]


def test_a_run_writes_nulls_and_counts_what_was_not_carried(tmp_path: Path) -> None:
    import yaml

    (tmp_path / "s.yaml").write_text(yaml.safe_dump(SOURCE))
    given = {**specification({"id": {}, "label": {"populated_from": "name"}}), "compat": "linkml-map"}
    (tmp_path / "m.yaml").write_text(yaml.safe_dump({**given, "source_schema": "s.yaml"}))
    (tmp_path / "d.ndjson").write_text('{"id": "1", "weight": 1.50}\n{"id": "2", "name": "x"}\n')
    report = semantics.convert(tmp_path / "m.yaml", tmp_path / "d.ndjson", tmp_path / "out.ndjson")
    assert (tmp_path / "out.ndjson").read_text() == '{"id":"1","label":null}\n{"id":"2","label":"x"}\n'
    assert "weight" in report.to_text()


def test_a_fault_inside_an_object_says_where_it_stands() -> None:
    given = {"class_derivations": [
        {"Person": {"slot_derivations": {"home": {}, "friends": {"populated_from": "friends"}}}},
        {"Home": {"slot_derivations": {"street": {"range": "integer"}}}},
    ]}  # fmt: skip
    mapping = semantics.load_mapping(given, source_schema=SOURCE, compat="linkml-map")
    with pytest.raises(semantics.RecordError) as caught:
        mapping.apply({"friends": [{}, {"home": {"street": "Elm"}}]})
    assert [found.location.pointer for found in caught.value.diagnostics if found.location] == [
        "/friends/1/home/street"
    ]


def test_a_value_is_explained_by_the_slots_that_it_comes_from() -> None:
    found = semantics.explain(
        semantics.load_mapping(specification({"label": {"expr": "home.street + '!'"}}), source_schema=SOURCE,
                               compat="linkml-map"),
        {"home": {"street": "Elm"}}, source_class="Person",
    )  # fmt: skip
    (slot,) = found.instances[0].slots
    assert slot.value == "Elm!"
    assert [(source.path, source.pointer) for source in slot.sources] == [("home", "/home")]

"""The target schema that a mapping implies: it loads, and what the mapping makes is valid against it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import semantics
from semantics.cli import main

DATA = Path(__file__).parent / "data"
MAPPING = DATA / "mapping.yaml"
RECORD = {
    "number": "7/a", "placed_on": "2025-01-31", "total": Decimal("12.30"), "state": "open", "note": "n", "pages": 3,
    "buyer": {"name": "Ada", "email": "a@example.org"}, "items": [{"sku": "A", "amount": 2}, {"sku": "B", "amount": 1}],
}  # fmt: skip


def test_classes_slots_ranges_and_enums() -> None:
    schema = semantics.derive_schema(MAPPING).schema
    sale = schema["classes"]["Sale"]["attributes"]
    assert sale["id"] == {"range": "uriorcurie", "identifier": True}
    assert sale["day"]["range"] == "date"
    assert sale["cents"] == {"range": "decimal"}
    assert sale["channel"] == {"range": "string"}
    assert sale["lines"] == {"range": "Line", "multivalued": True, "inlined_as_list": True}
    assert sale["customer"] == {"range": "Customer", "inlined": True}
    assert sale["status"]["range"] == "SaleStatusEnum"
    assert list(schema["enums"]["SaleStatusEnum"]["permissible_values"]) == ["PENDING", "DONE"]
    assert schema["classes"]["Line"]["attributes"]["count"]["range"] == "integer"
    assert schema["classes"]["Line"]["attributes"]["article"]["required"] is True


def test_what_the_mapping_makes_is_valid_against_it() -> None:
    schema = semantics.derive_schema(MAPPING).schema
    semantics.load_schema(schema)
    mapping = semantics.load_mapping(MAPPING, source_schema=DATA / "source.yaml", target_schema=schema)
    made = mapping.apply(RECORD)
    assert made is not None
    assert made["status"] == "PENDING"
    assert semantics.validate(schema, made, cls="Sale").conforms


@pytest.mark.parametrize("name", ["gtfs", "open-banking", "fhir-r4"])
def test_the_schemas_of_the_packaged_mappings_load(name: str) -> None:
    found = semantics.derive_schema(name)
    model = semantics.load_schema(found.schema)
    assert set(found.schema["classes"]) <= set(model.classes)


def derived(spec: dict[str, Any]) -> dict[str, Any]:
    return semantics.derive_schema(spec, source_schema=DATA / "source.yaml").schema


def test_copied_slots_overrides_and_what_only_the_target_has() -> None:
    schema = derived({"class_derivations": {"Note": {
        "populated_from": "Order",
        "copy_directives": {"all": {"copy_all": True, "exclude": ["items", "buyer", "total"]}},
        "target_definition": {"description": "A note.", "tree_root": True},
        "slot_derivations": {
            "state": {"overrides": {"required": True}},
            "words": {"expr": "len(note)", "target_definition": {"minimum_value": 0}},
        },
    }}})  # fmt: skip
    note = schema["classes"]["Note"]
    assert list(note["attributes"]) == ["state", "words", "number", "placed_on", "note", "pages"]
    assert (note["description"], note["tree_root"]) == ("A note.", True)
    assert note["attributes"]["state"] == {"range": "State", "required": True}
    assert note["attributes"]["words"] == {"range": "integer", "minimum_value": 0}
    assert note["attributes"]["number"]["identifier"] is True
    assert list(schema["enums"]["State"]["permissible_values"]) == ["open", "paid", "sent", "lost"]


def test_derived_enums_and_classes_that_become_others() -> None:
    schema = derived({
        "class_derivations": {
            "Sale": {"populated_from": "Order", "slot_derivations": {"status": {"populated_from": "state"}, "items": None}},
            "Line": {"populated_from": "Item", "emit": "nested", "slot_derivations": {"sku": None}},
        },
        "enum_derivations": {"Status": {"populated_from": "State", "permissible_value_derivations": {"NEW": {"populated_from": "open"}}}},
    })  # fmt: skip
    assert schema["classes"]["Sale"]["attributes"]["status"]["range"] == "Status"
    assert schema["enums"] == {"Status": {"permissible_values": {"NEW": {}}}}
    assert schema["classes"]["Sale"]["attributes"]["items"] == {
        "range": "Line",
        "multivalued": True,
        "inlined_as_list": True,
    }


def test_unknown_names_are_refused_with_their_place() -> None:
    with pytest.raises(semantics.MappingError, match=r"MAP013|EXP002"):
        derived(
            {
                "class_derivations": {
                    "X": {"populated_from": "Order", "slot_derivations": {"a": {"populated_from": "nmber"}}}
                }
            }
        )


def test_a_range_that_is_not_told_is_a_warning() -> None:
    spec = {"class_derivations": {"X": {"populated_from": "Order", "slot_derivations": {
        "a": {"populated_from": "pages", "offset": {"offset_field": "pages", "offset_value": 2}}}}}}  # fmt: skip
    found = semantics.derive_schema(spec, source_schema=DATA / "source.yaml")
    assert [finding.code for finding in found.findings] == ["CHK030"]


def test_the_command_writes_the_schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "derived.yaml"
    with pytest.raises(SystemExit) as ended:
        main(["derive-schema", str(MAPPING), "-o", str(out)])
    assert ended.value.code == 0, capsys.readouterr().err
    assert semantics.load_schema(out).classes["Sale"].identifier == "id"
    with pytest.raises(SystemExit) as ended:
        main(["derive-schema", str(MAPPING), "--format", "json"])
    assert '"Sale"' in capsys.readouterr().out

"""What a mapping says corresponds, read from its plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from semantics.engine.prepare import define
from semantics.suggestions.correspondences import Correspondence, correspondences

SCHEMAS = Path(__file__).parents[1] / "conformance"


def _found(slots: dict[str, Any]) -> dict[str, Correspondence]:
    spec = {"class_derivations": {"Account": {"slot_derivations": slots}}}
    found = define(spec, source_schema=SCHEMAS / "source.yaml", target_schema=SCHEMAS / "target.yaml")
    return {f"{each.source} {each.target}": each for each in correspondences(found.plan, found.source)}


@pytest.mark.parametrize(
    ("slot", "carried"),
    [
        ({"populated_from": "owner"}, ["Account.owner"]),
        ({"populated_from": "branch.place.city"}, ["Place.city"]),
        ({"value": "x"}, []),
        ({"expr": "upper(code) + owner"}, ["Account.code", "Account.owner"]),
        ({"expr": "owner if code == 'x' else number"}, ["Account.owner", "Account.number"]),
        ({"expr": "case((code == 'x', 'one'), (code == 'y', 'two'))"}, ["Account.code"]),
        ({"expr": "case((code is not null, 'one'))"}, []),
        ({"expr": "first([e.text for e in entries if e.debit])"}, ["Entry.text"]),
        ({"populated_from": "kind", "value_mappings": {"current": "A"}, "unmapped": "default", "default": "B"}, ["Account.kind"]),
    ],
)  # fmt: skip
def test_values_correspond_and_conditions_and_constants_do_not(slot: dict[str, Any], carried: list[str]) -> None:
    found = _found({"name": slot})
    assert sorted(found) == sorted(f"{source} Account.name" for source in carried)


def test_an_iri_of_one_value_carries_it_and_one_of_several_is_minted() -> None:
    one = _found({"id": {"iri": "data:account/{number}"}})
    several = _found({"id": {"iri": "data:account/{number}/{owner}"}})
    assert [(key, each.minted) for key, each in one.items()] == [("Account.number Account.id", False)]
    assert {key: each.minted for key, each in several.items()} == {
        "Account.number Account.id": True, "Account.owner Account.id": True,
    }  # fmt: skip


def test_objects_correspond_and_what_is_in_them_says_what_holds_it() -> None:
    found = _found({"notes": {"for_each": "entries", "object": {"text": "text"}}})
    assert found["Account.entries Account.notes"].link
    assert str(found["Entry.text Note.text"].through) == "Account.entries"


@pytest.mark.parametrize(
    "slot", [{"object": {"text": "owner"}}, {"for_each": "tags", "as": "tag", "object": {"text": "tag"}}]
)
def test_an_object_made_around_a_value_is_looked_through(slot: dict[str, Any]) -> None:
    found = _found({"notes": slot})
    assert {each.target for each in found.values()} == {("Account", "notes")}
    assert ("Note", "text") in {each.part for each in found.values()}

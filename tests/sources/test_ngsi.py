"""Entities of context brokers: every form gives the same record."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from semantics import convert, load_mapping
from semantics.engine.mapping import Mapping
from semantics.records import Rejected
from semantics.sources.ngsi import simplified

KEY_VALUES: dict[str, Any] = {
    "id": "urn:x:1",
    "type": "Thing",
    "level": 3,
    "phases": {"L1": Decimal("1.5"), "L2": 2},
    "curve": {"C1": [5, 6]},
    "modes": ["a", "b"],
    "open": True,
    "place": {"type": "Point", "coordinates": [1, 2]},
    "ref": "urn:x:2",
}


def _wrapped(value: Any, form: str) -> dict[str, Any]:
    if isinstance(value, str) and value.startswith("urn:") and form != "v2":
        return {"type": "Relationship", "object": value} if form == "ld" else {"object": value}
    return {
        "v2": {"type": "StructuredValue", "value": value, "metadata": {}},
        "ld": {"type": "Property", "value": value},
        "concise": {"value": value},
    }[form]


@pytest.mark.parametrize("form", ["v2", "ld", "concise"])
def test_every_form_is_the_same(form: str) -> None:
    """Without metadata a wrapped entity is the one that has only values."""
    wrapped = {key: value if key in ("id", "type") else _wrapped(value, form) for key, value in KEY_VALUES.items()}
    assert simplified(wrapped, None) == simplified(KEY_VALUES, None)
    feature = {"id": wrapped.pop("id"), "type": "Feature", "geometry": None, "properties": wrapped}
    assert simplified(feature, None) == simplified(KEY_VALUES, None)


def test_each_single_value_is_an_element() -> None:
    """Paths tell the elements apart, also those in lists."""
    found = [(each["path"], each.get("part")) for each in simplified(KEY_VALUES, None)["attributes"]]
    assert found == [
        ("level", None), ("phases/L1", "L1"), ("phases/L2", "L2"), ("curve/C1/0", "C1.0"), ("curve/C1/1", "C1.1"),
        ("modes/0", None), ("modes/1", None), ("open", None), ("place", None), ("ref", None),
    ]  # fmt: skip


def _attributes(**given: Any) -> Any:
    return simplified({"id": "1", "type": "T", **given}, None).get("attributes")


def test_metadata_is_kept() -> None:
    """Time and unit stand with the value, whatever the form calls them; the rest are elements of their own."""
    v2 = {"timestamp": {"type": "DateTime", "value": "2025-01-01T00:00:00Z"}, "unitCode": {"value": "CEL"},
          "accuracy": {"type": "Number", "value": 1}}  # fmt: skip
    ld = {"type": "Property", "value": 20, "observedAt": "2025-01-01T00:00:00Z", "unitCode": "CEL",
          "accuracy": {"type": "Property", "value": 1}}  # fmt: skip
    facts = {"observedAt": "2025-01-01T00:00:00Z", "unitCode": "CEL"}
    expected = [
        {"name": "t", "path": "t", **facts, "number": 20},
        {"name": "t", "part": "accuracy", "path": "t/accuracy", **facts, "metadata": True, "number": 1},
    ]
    assert _attributes(t=ld) == expected
    assert _attributes(t={"type": "Number", "value": 20, "metadata": v2}) == expected


def test_several_values_of_one_attribute() -> None:
    """By data set or in time, and in the short form of the temporal interface."""
    many = [{"type": "Property", "value": n, "observedAt": f"2025-01-0{n}T00:00:00Z"} for n in (1, 2)]
    found = _attributes(t=many)
    assert [each["path"] for each in found] == ["t/2025-01-01T00:00:00Z", "t/2025-01-02T00:00:00Z"]
    short = {"type": "Property", "values": [[n, f"2025-01-0{n}T00:00:00Z"] for n in (1, 2)]}
    assert _attributes(t=short) == found
    sets = [{"value": 1, "datasetId": "urn:a"}, {"value": 2, "datasetId": "urn:b"}]
    assert [each["instance"] for each in _attributes(t=sets)] == ["urn:a", "urn:b"]


def test_what_is_no_wrapper_stays() -> None:
    """An object that happens to have a value, and texts in several languages."""
    assert [e["path"] for e in _attributes(t={"value": 5, "unit": "m"})] == ["t/value", "t/unit"]
    assert [
        (e["part"], e["text"]) for e in _attributes(t={"type": "LanguageProperty", "languageMap": {"en": "x"}})
    ] == [("en", "x")]
    assert _attributes(t=None, u="", v=[], w={"type": "Property", "value": None}) is None


def test_a_feature_keeps_a_geometry_of_its_own() -> None:
    """The geometry is the location where there is none; a type in a list counts by its first, and ids become IRIs."""
    point = {"type": "Point", "coordinates": [1, 2]}
    data = {"id": "1", "type": "Feature", "geometry": point, "properties": {"type": ["T", "U"]}}
    assert simplified(data, None) == {
        "id": "urn:ngsi-ld:T:1", "type": "T", "attributes": [{"name": "location", "path": "location", "geometry": point}],
    }  # fmt: skip


def test_an_id_with_a_colon_need_not_be_an_iri() -> None:
    """Times in it make none; the name of a scheme does."""
    ids = ["Place-1_2025-01-01T10:00:00", "urn:x:1", "place:1"]
    assert [simplified({"id": one, "type": "T"}, None)["id"] for one in ids] == [f"urn:ngsi-ld:T:{ids[0]}", *ids[1:]]


def test_geometries() -> None:
    """A point has its coordinates, any other shape its text; a point that is nowhere on the earth is kept as text."""
    line = {"type": "LineString", "coordinates ": [[1, 2], [3, Decimal("4.50")]]}
    far = {"type": "Point", "coordinates": [2, 100]}
    assert [each["geometry"] for each in _attributes(a=line, b=far)] == [
        {"type": "LineString", "text": '{"coordinates":[[1,2],[3,4.50]],"type":"LineString"}'},
        {"type": "Point", "text": '{"coordinates":[2,100],"type":"Point"}'},
    ]


def test_linked_data_is_read_as_documents(tmp_path: Path) -> None:
    """A file of linked data holds an entity like any other, whatever its context."""
    (tmp_path / "in").mkdir()
    entity = '{"id": "urn:x:1", "type": "Lamp", "@context": "https://example.org/c.jsonld", "status": {"value": "ok"}}'
    (tmp_path / "in" / "entity.jsonld").write_text(entity)
    for given in (tmp_path / "in", tmp_path / "in" / "entity.jsonld"):
        report = convert(_mapping(), [given], tmp_path / "out.ndjson")
        assert (report.records["read"], report.records["mapped"]) == (1, 1)


def test_objects_of_a_list_are_no_attributes() -> None:
    """A value that looks like a wrapper, among others that it belongs with."""
    value = [{"parameter": "a", "value": 1, "type": "x"}, {"parameter": "b", "value": 2, "type": "y"}]
    found = _attributes(settings=value)
    assert found == _attributes(settings={"type": "StructuredValue", "value": value})
    assert [each["path"] for each in found][:3] == ["settings/0/parameter", "settings/0/value", "settings/0/type"]


@pytest.mark.parametrize("kind", [["Property"], {"a": "Property"}, 5, None])
def test_a_type_that_is_no_name_is_none(kind: Any) -> None:
    """An attribute, an element or a geometry with such a type is a value like any other."""
    for given in ({"type": kind, "value": 5, "unit": "m"}, [{"type": kind, "value": 5, "unit": "m"}]):
        assert ("t/value", 5) in [(each["path"], each.get("number")) for each in _attributes(t=given)]
    assert _attributes(t={"type": kind, "coordinates": "x"})[-1]["text"] == "x"


@pytest.mark.parametrize("given", ["x", 5, {"name": 5}, ["x"]])
@pytest.mark.parametrize("others", [{}, {"level": 3}])
def test_attributes_that_are_none_reject_the_entity(given: Any, others: dict[str, Any]) -> None:
    """Also where the entity has others, which would stand among them."""
    outcome = _mapping().try_apply({"id": "urn:x:1", "type": "Lamp", "attributes": given, **others})
    assert isinstance(outcome, Rejected)
    assert {finding.code[:3] for finding in outcome.diagnostics} == {"REC"}


@cache
def _mapping() -> Mapping:
    return load_mapping("ngsi")


def test_white_space_around_a_key_takes_no_other_away() -> None:
    """A key that stands without it, too, stays as it is."""
    assert [each["path"] for each in _attributes(**{"level ": 3, "level": 4, "name ": "n"})] == [
        "level ",
        "level",
        "name",
    ]

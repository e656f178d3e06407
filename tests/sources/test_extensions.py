"""Keys in namespaces of others: kept by their names, out of the way of the mapping."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from semantics.plan.model import ClassLayout, Layout, SlotLayout
from semantics.sources.extensions import Extensions

LAYOUT = Layout(namespaces={}, records=("Event",), classes={
    "Event": ClassLayout(
        name="Event", iri="", rest="extras",
        slots=(SlotLayout(name="time"), SlotLayout(name="places", many=True, holds="Spot"), SlotLayout(name="ex:known")),
    ),
    "Spot": ClassLayout(name="Spot", iri="", slots=(SlotLayout(name="id"),)),
})  # fmt: skip


def _gathered(**data: Any) -> dict[str, Any]:
    return Extensions(LAYOUT).formed(data, "Event")[0]


def test_extensions_leave_the_objects_that_they_stand_in() -> None:
    """With where they stood, and their values as text; what is no extension stays, known or not."""
    data = {"time": "now", "ex:known": 1, "other": 2, "@context": {"ex": "urn:x:"},
            "places": [{"id": "a", "ex:on": True}, {"id": "b", "{urn:n}size": {"x": Decimal("1.50"), "y": [2, "z"]}}]}  # fmt: skip
    assert _gathered(**data) == {
        "time": "now", "ex:known": 1, "other": 2, "@context": {"ex": "urn:x:"}, "places": [{"id": "a"}, {"id": "b"}],
        "extras": [
            {"name": "places.ex:on", "text": "true"}, {"name": "places.{urn:n}size.x", "text": "1.50"},
            {"name": "places.{urn:n}size.y.0", "text": "2"}, {"name": "places.{urn:n}size.y", "text": "z"},
        ],
    }  # fmt: skip


def test_a_record_without_extensions_stays_as_it_is() -> None:
    """So does one whose class has no slot for them."""
    data = {"time": "now", "places": [{"id": "a"}]}
    assert Extensions(LAYOUT).formed(data, "Event")[0] is data
    assert Extensions(LAYOUT).formed({"ex:on": 1}, "Spot") == ({"ex:on": 1}, None)


def test_extensions_stand_beside_what_the_slot_for_them_has() -> None:
    """A record that is in its form already stays so."""
    once = _gathered(**{"ex:on": 1, "extras": [{"name": "x"}]})
    assert once == {"extras": [{"name": "x"}, {"name": "ex:on", "text": "1"}]}
    assert _gathered(**once) == once

"""Every kind of change has two models between which it is found, and a near one where it is not.

The first line of the new model says everything that is found. Where there are data, they are valid by the old model,
and the checker's word on them by the new one is the verdict for JSON.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import semantics
from semantics.changes.change import Change, Kind, Verdict
from semantics.changes.compare import compare_all
from semantics.changes.sides import changed, read_sides, side
from semantics.changes.table import CHANGE_RULES, names_alone
from semantics.workspace import Workspace

DATA = Path(__file__).parent / "data"
CASES = sorted(folder.name for folder in DATA.iterdir())
WITH_DATA = sorted(path.parent.name for path in DATA.glob("*/data.json"))


def found(old: Path, new: Path) -> tuple[Change, ...]:
    """What is found between two folders."""
    sides = side(old, Workspace.here()), side(new, Workspace.here())
    return compare_all(*read_sides(changed(*sides), *sides))


def said(folder: Path) -> list[str]:
    """The kinds of change that the first line of a model names."""
    line = (folder / "schema.yaml").read_text("utf-8").splitlines()[0]
    return [name for name in line.removeprefix("#").strip().split(", ") if name]


@pytest.mark.parametrize("case", CASES)
def test_a_kind_of_change_is_found_where_it_is_and_not_where_it_is_near(case: str) -> None:
    folder = DATA / case
    changes = found(folder / "old", folder / "new")
    assert sorted({change.rule for change in changes}) == said(folder / "new")
    assert case.upper() in said(folder / "new")
    assert sorted({change.rule for change in found(folder / "old", folder / "near")}) == said(folder / "near")
    assert case.upper() not in said(folder / "near")
    for change in changes:
        assert change.old_place or change.new_place
        assert all(place.line and place.column for place in (change.old_place, change.new_place) if place)
        assert change.facts.old is not None or change.facts.new is not None


ORDERS = """\
id: https://example.org/shop
name: shop
prefixes: {shop: https://example.org/shop/}
default_prefix: shop
classes:
  Order:
    class_uri: shop:Order
    attributes:
      number: {identifier: true, description: As the buyer knows it.}
      note: {description: What the buyer wrote.}
      total: {range: decimal}
"""


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("note:", "remark:", {"Order.note@shop", "Order.remark@shop"}),
        (
            "As the buyer knows it.}\n      note:",
            "Beside the remark.}\n      remark:",
            {"Order.note@shop", "Order.remark@shop"},
        ),
        ("total: {range: decimal}", "total: {range: integer}", {"Order.total@shop"}),
        ("      total: {range: decimal}\n", "", {"Order.total@shop"}),
        ("total: {range: decimal}", "total: {range: decimal, required: true}", {"Order.total@shop"}),
        ("number:", "key:", set()),  # it tells how orders are referred to
        ("  Order:", "  Purchase:", {"Order@shop", "Purchase@shop"}),
        ("  Order:\n    class_uri: shop:Order\n", "  Purchase:\n", set()),  # its term is another, too
        ("  Order:\n", "  Order:\n    abstract: true\n", set()),
    ],
)
def test_slots_are_told_by_their_names_where_nothing_else_can_stop_a_mapping(
    old: str, new: str, names: set[str], tmp_path: Path
) -> None:
    for folder, text in (("old", ORDERS), ("new", ORDERS.replace(old, new))):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "shop.yaml").write_text(text, "utf-8")
    sides = side(tmp_path / "old", Workspace.here()), side(tmp_path / "new", Workspace.here())
    models = read_sides(changed(*sides), *sides)
    assert names_alone(compare_all(*models), *models) == names


def test_every_kind_of_change_has_its_folder_and_says_what_it_is() -> None:
    assert sorted(name.lower() for name in CHANGE_RULES) == CASES
    for rule in CHANGE_RULES.values():
        assert rule.id == rule.id.upper()
        assert rule.purpose.endswith(".")
        assert rule.category in {"names", "terms", "hierarchy", "constraints", "form", "ranges", "meaning", "prose"}
    assert {rule.kind for rule in CHANGE_RULES.values()} == set(Kind)


@pytest.mark.parametrize("case", WITH_DATA)
def test_the_verdict_for_json_is_that_of_the_checker(case: str) -> None:
    ((cls, data),) = json.loads((DATA / case / "data.json").read_text("utf-8")).items()

    def valid(model: str) -> bool:
        try:
            return semantics.validate(DATA / case / model / "schema.yaml", data, cls=cls).conforms
        except semantics.DefinitionError:
            return False

    assert valid("old")
    assert valid("new") is (CHANGE_RULES[case.upper()].verdicts.json is not Verdict.BREAKING)


def test_a_comparison_the_other_way_round_finds_something_too() -> None:
    """No change is seen from one side alone, but for a version and what has no name of its own."""
    for case in CASES:
        assert found(DATA / case / "new", DATA / case / "old"), case


CORE = """\
id: https://example.org/core
name: core
prefixes: {core: https://example.org/core/}
default_prefix: core
classes:
  Thing:
    attributes:
      name: {}
  Place:
    is_a: Thing
"""
SHOP = """\
id: https://example.org/shop
name: shop
prefixes: {shop: https://example.org/shop/}
default_prefix: shop
imports: [core]
classes:
  Shop:
    is_a: Place
  Stall:
    is_a: Place
    slot_usage:
      name: {pattern: "^[A-Z]"}
"""


def test_what_is_inherited_is_told_once_of_who_has_it_first(tmp_path: Path) -> None:
    """Below it in its own schema and in another one; a class that refines a slot has it for itself."""
    for name, note in (("old", ""), ("new", "# changed\n")):
        (tmp_path / name).mkdir()
        core = CORE.replace("name: {}", "name: {required: true}") if name == "new" else CORE
        (tmp_path / name / "core.yaml").write_text(core, "utf-8")
        (tmp_path / name / "shop.yaml").write_text(note + SHOP, "utf-8")
    changes = found(tmp_path / "old", tmp_path / "new")
    assert [(change.rule, change.name) for change in changes] == [
        ("SLOT_MADE_REQUIRED", "Thing.name"),
        ("SLOT_MADE_REQUIRED", "Stall.name"),
    ]

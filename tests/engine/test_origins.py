"""Where a finding about one of several instances of a record comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from semantics import Rejected, load_mapping
from semantics.backends import evaluate

MODEL = """\
id: https://example.org/shop
name: shop
prefixes: {shop: https://example.org/shop/}
default_prefix: shop
classes:
  Basket:
    attributes:
      rows: {range: Row, multivalued: true, inlined: true, inlined_as_list: true}
  Row:
    attributes:
      prices: {range: Price, multivalued: true, inlined: true, inlined_as_list: true}
  Price:
    attributes:
      amount:
  Line:
    attributes:
      costs: {range: Cost, multivalued: true, inlined: true, inlined_as_list: true}
  Cost:
    attributes:
      amount: {pattern: "^[0-9]+$"}
"""
MAPPING = """\
source_schema: shop.yaml
target_schema: shop.yaml
class_derivations:
  Line:
    populated_from: Basket
    for_each: rows
    as: row
    slot_derivations:
      costs: {for_each: row.prices, as: price, object: {amount: {expr: price.amount}}}
"""


def rejected(folder: Path, *amounts: tuple[str, ...]) -> list[str]:
    """Where the findings are about a basket with rows of prices of these amounts."""
    (folder / "shop.yaml").write_text(MODEL, "utf-8")
    (folder / "lines.yaml").write_text(MAPPING, "utf-8")
    basket = {"rows": [{"prices": [{"amount": amount} for amount in row]} for row in amounts]}
    outcome = load_mapping(folder / "lines.yaml").try_apply(basket, "Basket")
    assert isinstance(outcome, Rejected)
    return [finding.location.pointer or "" for finding in outcome.diagnostics if finding.location]


@pytest.mark.parametrize(
    ("amounts", "places"),
    [
        ((("1", "x"), ("2",), ("1", "y", "z")), ["/rows/0/prices/1", "/rows/2/prices/1", "/rows/2/prices/2"]),
        ((("x",), ("1",), ("x",)), ["/rows/0/prices/0", "/rows/2/prices/0"]),  # two lines are the same
    ],
)
def test_each_of_several_instances_has_the_place_that_it_came_from(
    amounts: tuple[tuple[str, ...], ...], places: list[str], tmp_path: Path
) -> None:
    assert rejected(tmp_path, *amounts) == [f"{place}/amount" for place in places]


def test_a_record_is_carried_out_again_once_for_all_of_its_instances(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[int] = []
    carried_out = evaluate.Evaluator.map

    def counted(self: evaluate.Evaluator, *arguments: object) -> object:
        runs.append(1)
        return carried_out(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(evaluate.Evaluator, "map", counted)
    assert len(rejected(tmp_path, *[("x",)] * 40)) == 40
    assert len(runs) == 1

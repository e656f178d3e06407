"""Records in files explained: by number and format, with partners, groups and findings; slots that have no value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

import semantics
from semantics.analysis.explanation import RecordPlace, SlotExplanation
from semantics.cli import main
from semantics.engine.explain import Explanation
from semantics.engine.mapping import Mapping

SOURCE: Final = """id: https://example.org/src
name: src
default_prefix: https://example.org/src/
classes:
  Sale:
    attributes:
      sale: {required: true}
      shop: {}
      amount: {range: decimal}
      lines: {range: Line, multivalued: true, inlined: true, inlined_as_list: true}
  Line: {attributes: {sku: {}, count: {range: integer}}}
  Shop: {attributes: {code: {identifier: true}, city: {required: true}}}
"""
TARGET: Final = """id: https://example.org/tgt
name: tgt
default_prefix: https://example.org/tgt/
classes:
  Receipt:
    attributes:
      id: {identifier: true}
      city: {}
      amount: {range: decimal, maximum_value: 5}
      note: {}
      extra: {}
      items: {range: Item, multivalued: true, inlined: true, inlined_as_list: true}
      by_sku: {range: Stock, multivalued: true, inlined: true}
  Item: {attributes: {sku: {}, count: {range: integer, maximum_value: 9}}}
  Stock: {attributes: {sku: {identifier: true}, count: {range: integer, maximum_value: 9}}}
  Total: {attributes: {id: {identifier: true}, sum: {range: decimal}}}
"""
MAPPING: Final = """name: m
source_schema: src.yaml
target_schema: tgt.yaml
class_derivations:
- Receipt:
    populated_from: Sale
    where: "sale != 'no'"
    joins:
      shop_of: {class_named: Shop, source_key: shop}
    slot_derivations:
      id: {populated_from: sale}
      city: {populated_from: shop_of.city}
      amount: {populated_from: amount}
      note: {populated_from: shop, where: "amount > 3"}
      items:
        for_each: lines
        class_derivations:
          Item:
            where: "count is not null"
            slot_derivations: {sku: {populated_from: sku}, count: {populated_from: count}}
      by_sku:
        for_each: lines
        class_derivations:
          Stock:
            where: "count is not null"
            slot_derivations: {sku: {populated_from: sku}, count: {populated_from: count}}
- Total:
    populated_from: Sale
    where: "sale != 'no'"
    group_by: shop
    slot_derivations:
      id: {populated_from: shop}
      sum: {expr: "sum(amount)"}
"""
SALES: Final = [
    {"sale": "s1", "shop": "b", "amount": 4, "lines": [{"sku": "x"}, {"sku": "y", "count": 2}]},
    {"sale": "no", "shop": "b", "amount": 1},
    {"sale": "s3", "shop": "b", "amount": 9, "lines": [{"sku": "x", "count": 1}, {"sku": "y", "count": 20}]},
    {"sale": "s4", "shop": "zz", "amount": 1},
    {"sale": "s5", "shop": "b", "amount": 2},
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in (("src", SOURCE), ("tgt", TARGET), ("m", MAPPING)):
        Path(f"{name}.yaml").write_text(text)
    Path("sales.ndjson").write_text("".join(json.dumps(sale) + "\n" for sale in SALES))
    Path("shops.csv").write_text("code,city\na,Ayr\nb,Bute\n")
    return tmp_path


@pytest.fixture
def mapping(folder: Path) -> Mapping:
    return semantics.load_mapping("m.yaml")


def told(mapping: Mapping, record: int, slot: str | None = None) -> Explanation:
    return semantics.explain(mapping, ["sales.ndjson", "shops.csv"], record=record, slot=slot)


def one(mapping: Mapping, record: int, slot: str) -> SlotExplanation:
    (found,) = told(mapping, record, slot).slots
    return found


def line(text: str) -> int:
    return next(at for at, found in enumerate(MAPPING.splitlines(), start=1) if text in found)


def test_a_partner_is_told_with_its_key_and_its_record(mapping: Mapping) -> None:
    (join,) = told(mapping, 1).instances[0].joins
    assert (join.alias, join.source_class, join.key, join.found) == ("shop_of", "Shop", "b", 1)
    assert join.rule == f"m.yaml:{line('shop_of:')}"
    assert [(place.source, place.record, place.line) for place in join.records] == [("shops.csv", 2, 3)]
    city = one(mapping, 1, "city")
    assert [(source.path, source.pointer, source.value) for source in city.sources] == [("shop_of.city", None, "Bute")]


def test_a_record_without_a_partner_says_so(mapping: Mapping) -> None:
    (join,) = told(mapping, 4).instances[0].joins
    assert (join.key, join.found, join.records) == ("zz", 0, ())
    assert one(mapping, 4, "city").notes


def test_the_records_of_a_group_are_named(mapping: Mapping) -> None:
    """Those that are in it, also one that is rejected by itself, with which the whole group is; none that is left out."""
    total = told(mapping, 1).instances[1]
    assert total.class_name == "Total"
    assert [place.record for place in total.records] == [1, 3, 5]
    assert total.records[0] == RecordPlace("sales.ndjson", 1, 1, 0, None)
    assert one(mapping, 5, "sum").value == 15


def test_a_slot_has_its_rule_its_column_and_its_element_of_the_model(mapping: Mapping) -> None:
    amount = one(mapping, 1, "amount")
    row = line("amount: {populated_from")
    assert (amount.rule, amount.column) == (f"m.yaml:{row}", MAPPING.splitlines()[row - 1].index("amount:") + 1)
    expected = next(at for at, text in enumerate(TARGET.splitlines(), start=1) if "maximum_value: 5" in text)
    assert amount.element == f"tgt.yaml:{expected}"


@pytest.mark.parametrize("path", ["items[0].count", "items.0.count", "/items/0/count", "items.count"])
def test_a_path_can_be_said_in_several_ways(mapping: Mapping, path: str) -> None:
    found = one(mapping, 1, path)
    assert (found.path, found.pointer, found.value) == ("items[0].count", "/items/0/count", 2)
    assert found.sources[0].pointer == "/lines/1/count"


def test_objects_under_keys_are_named_by_them(mapping: Mapping) -> None:
    assert one(mapping, 1, "by_sku[y].count").value == 2
    assert one(mapping, 1, "/by_sku/y/count").path == "by_sku[y].count"
    assert one(mapping, 1, "by_sku.y").value == {"sku": "y", "count": 2}


@pytest.mark.parametrize(("record", "slot", "why"), [
    (1, "extra", "no rule fills it"),
    (2, "amount", "the object is left out: its condition is not true"),
    (4, "note", "left out: the condition of the slot is not true"),
    (4, "items", "source slot 'lines' is null or an empty list"),
    (4, "items[0].count", "nothing stands at 'items[0].count' in this record"),
])  # fmt: skip
def test_a_slot_without_a_value_says_why(mapping: Mapping, record: int, slot: str, why: str) -> None:
    found = one(mapping, record, slot)
    assert found.value is None
    assert why in found.notes


def test_findings_stand_at_their_slots(mapping: Mapping) -> None:
    """Also in lists, and where objects stand under keys."""
    found = told(mapping, 3)
    assert found.outcome == "rejected"
    assert sorted({finding.code for finding in found.findings}) == ["VAL006"]
    for path in ("amount", "items[1].count", "by_sku[y].count"):
        slot = one(mapping, 3, path)
        assert [(finding.code, finding.element) for finding in slot.findings] == [("VAL006", slot.element)], path
        assert [finding.rule for finding in slot.findings] == [slot.rule]
    assert one(mapping, 3, "items[0].count").findings == ()


@pytest.mark.parametrize("name", ["sales.json", "sales.ndjson", "sales.ndjson.gz"])
def test_a_record_is_found_by_its_number_in_every_format(folder: Path, mapping: Mapping, name: str) -> None:
    import gzip

    text = json.dumps(SALES) if name.endswith(".json") else (folder / "sales.ndjson").read_text()
    (folder / name).write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    found = semantics.explain(mapping, [name, "shops.csv"], record=5, slot="id")
    assert (found.record, found.slots[0].value) == (5, "s5")


def test_a_row_of_a_table_is_found_by_its_number(folder: Path, mapping: Mapping) -> None:
    (folder / "sales.tsv").write_text("sale\tshop\tamount\nt1\ta\t1\nt2\tb\t2\n")
    found = semantics.explain(mapping, ["sales.tsv", "shops.csv"], record=2, slot="city")
    assert (found.record, found.line, found.slots[0].value) == (2, 3, "Bute")


def test_what_cannot_be_read_is_rejected_with_its_reason(folder: Path, mapping: Mapping) -> None:
    (folder / "bad.ndjson").write_text('{"sale": \n{"sale": "s2", "amount": true}\n')
    unread = semantics.explain(mapping, ["bad.ndjson", "shops.csv"], slot="amount")
    assert (unread.outcome, [finding.code for finding in unread.findings]) == ("rejected", ["SRC004"])
    assert unread.slots == ()
    wrong = semantics.explain(mapping, ["bad.ndjson", "shops.csv"], record=2, slot="amount").slots[0]
    assert [(finding.code, finding.rule) for finding in wrong.findings] == [("REC001", wrong.rule)]


def test_a_slot_that_no_class_has_is_an_error(mapping: Mapping) -> None:
    with pytest.raises(semantics.UsageError, match=r"RUN051.*\n.*did you mean 'amount'"):
        told(mapping, 1, "ammount")


def test_plain_records_can_be_explained_together(mapping: Mapping) -> None:
    ready = mapping.with_related({"Shop": [{"code": "b", "city": "Bute"}]})
    found = semantics.explain(ready, SALES, record=5, slot="sum")
    assert found.slots[0].value == 15


def test_the_json_of_the_command_has_the_keys_of_reports(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(
            ["explain", "m.yaml", "sales.ndjson", "shops.csv", "--record", "3", "--slot", "/amount", "--format", "json"]
        )
    assert ended.value.code == 1
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert list(found) == [
        "mapping", "source", "record", "line", "byte", "pointer", "source_class", "outcome", "findings", "instances", "slots",
    ]  # fmt: skip
    (slot,) = found["slots"]
    assert (slot["class"], slot["slot"], slot["value"]) == ("Receipt", "amount", 9)
    (finding,) = slot["findings"]
    assert {key: finding[key] for key in ("source", "record", "line", "class", "slot", "rule", "element", "constraint")} == {
        "source": "sales.ndjson", "record": 3, "line": 3, "class": "Receipt", "slot": "amount",
        "rule": slot["rule"], "element": slot["element"], "constraint": "maximum_value",
    }  # fmt: skip


def test_a_mapping_of_another_tool_is_explained_by_its_semantics(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "lm.yaml").write_text(
        "class_derivations:\n  Receipt:\n    populated_from: Sale\n    slot_derivations:\n      id: {populated_from: sale}\n"
    )
    arguments = ["explain", "lm.yaml", "sales.ndjson", "--compat", "linkml-map", "--source-schema", "src.yaml"]
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--class", "Sale", "--slot", "id"])
    assert ended.value.code == 0
    assert 'id = "s1"' in capsys.readouterr().out

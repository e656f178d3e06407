"""Where the values of a record come from: rule, source, steps, and why there is none."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

import semantics
from semantics.analysis.explanation import SlotExplanation
from semantics.cli import main

DATA = Path(__file__).parent / "data"
MAPPING, ORDERS = DATA / "mapping.yaml", DATA / "orders.ndjson"


def slot(path: str, record: int = 1) -> SlotExplanation:
    return semantics.explain(MAPPING, ORDERS, record=record, slot=path).slots[0]


def line(text: str) -> int:
    return next(at for at, found in enumerate(MAPPING.read_text().splitlines(), start=1) if text in found)


def test_a_computed_slot_tells_its_source_and_every_intermediate_value() -> None:
    found = slot("cents")
    assert found.value == Decimal("1230.00")
    assert found.rule.endswith(f"mapping.yaml:{line('cents:')}")
    assert [(s.path, s.pointer, s.value) for s in found.sources] == [("total", "/total", Decimal("12.30"))]
    assert [(s.text, s.value) for s in found.steps] == [("total * 100", Decimal("1230.00"))]


def test_a_template_a_code_a_conversion_and_a_default() -> None:
    assert slot("id").value == "https://example.org/sale/7%2Fa"
    assert [(s.text, s.value) for s in slot("status").steps] == [("code 'open'", "PENDING")]
    assert [(s.kind, s.value) for s in slot("pages").steps] == [("conversion", "3")]
    assert slot("remark").notes == ("the value is null, so the default stands",)


def test_elements_of_a_list_are_counted_as_they_stand_in_the_instance() -> None:
    lines = slot("lines")
    assert [(i.path, i.source_pointer, i.made) for i in lines.instances] == [
        ("lines[0]", "/items/0", False), ("lines[0]", "/items/1", True)
    ]  # fmt: skip
    assert lines.instances[0].notes == ("left out: the condition is not true",)
    assert lines.instances[0].where == "item.amount > 0"
    assert slot("lines[0].article").sources[0].pointer == "/items/1/sku"
    assert slot("lines.sale").sources[0].pointer == "/number"


@pytest.mark.parametrize(("path", "why"), [
    ("status", "code 'gone' has no entry: null (unmapped: null)"),
    ("day", "source slot 'placed_on' is null"),
    ("customer", "no derivation made an object"),
    ("lines", "source slot 'items' is null or an empty list"),
    ("cents", "refused: expected a decimal number, found string, 6 characters"),
])  # fmt: skip
def test_why_a_slot_has_no_value(path: str, why: str) -> None:
    assert slot(path, record=3).notes == (why,)


def test_a_filtered_and_a_rejected_record_say_so() -> None:
    filtered = semantics.explain(MAPPING, ORDERS, record=2)
    assert filtered.outcome == "filtered"
    assert filtered.instances[0].where == "state != 'lost' or state is null"
    assert [(s.path, s.value) for s in filtered.instances[0].sources] == [("state", "lost")]
    rejected = semantics.explain(MAPPING, ORDERS, record=3)
    assert rejected.outcome == "rejected"
    assert [finding.code for finding in rejected.findings] == ["REC001"]


def test_a_record_as_plain_data_and_what_is_not_there() -> None:
    found = semantics.explain(MAPPING, {"number": "1"}, slot="id")
    assert found.slots[0].value == "https://example.org/sale/1"
    with pytest.raises(semantics.UsageError, match=r"RUN051.*\n.*did you mean 'customer'"):
        semantics.explain(MAPPING, {"number": "1"}, slot="custommer")
    with pytest.raises(semantics.UsageError, match="RUN050  there is no record 9: the input has 3"):
        semantics.explain(MAPPING, ORDERS, record=9)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(str(ended.value.code)), capsys.readouterr().out


def test_the_command_shows_text_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = run(capsys, "explain", str(MAPPING), str(ORDERS), "--slot", "cents")
    assert code == 0
    assert "line 1 (Order): mapped" in text
    assert "step  total * 100 -> 1230.00" in text
    code, text = run(capsys, "explain", str(MAPPING), str(ORDERS), "--record", "3", "--format", "json")
    assert code == 1
    found = json.loads(text)
    assert found["outcome"] == "rejected"
    assert found["findings"][0]["code"] == "REC001"
    code, text = run(capsys, "explain", str(MAPPING), str(ORDERS))
    assert code == 0
    assert "lines[0] = Line" in text

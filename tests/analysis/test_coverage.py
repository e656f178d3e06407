"""What a mapping does not touch, by its schemas and in real records."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import semantics
from semantics.analysis import coverage_text
from semantics.cli import main

DATA = Path(__file__).parent / "data"
MAPPING, ORDERS = DATA / "mapping.yaml", DATA / "orders.ndjson"


def test_source_slots_that_no_rule_reads_stand_with_their_path() -> None:
    found = semantics.coverage(MAPPING)
    assert [(s.source_class, s.path) for s in found.unread] == [("Order", "items.colour"), ("Order", "buyer.phone")]
    read = {slot.path: slot.read_by for slot in found.source_slots}
    assert len(read["number"]) == 2
    assert all(":" in rule for rule in read["state"])


def test_target_slots_that_no_rule_writes_and_classes_never_made() -> None:
    spec = {
        "class_derivations": {"Customer": {"populated_from": "Buyer", "slot_derivations": {"mail": {"value": "x"}}}}
    }
    found = semantics.coverage(spec, source_schema=DATA / "source.yaml", target_schema=DATA / "target.yaml")
    assert [(s.target_class, s.slot) for s in found.unwritten] == [("Customer", "label")]
    assert found.target_classes == ("Sale", "Line")
    assert found.source_classes == ("Order", "Item")
    assert [s.path for s in found.unread] == ["name", "email", "phone"]


def test_a_table_on_a_terminal_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coverage_text, "ROWS", 1)
    text = coverage_text.coverage_text(semantics.coverage(MAPPING))
    assert "items.colour" in text
    assert "buyer.phone" not in text
    assert "and 1 more: --format json has all" in text


def test_codes_on_both_sides() -> None:
    found = [(code.side, code.enum, code.value, code.slot, code.unmapped) for code in semantics.coverage(MAPPING).codes]
    assert found == [
        ("source", "State", "lost", "Sale.status", "null"),
        ("target", "Status", "CANCELLED", "Sale.status", None),
    ]


def test_records_tell_what_is_present_and_never_read(tmp_path: Path) -> None:
    records = tmp_path / "in.ndjson"
    records.write_text(
        '{"number": "1", "extra": {"deep": 1}, "items": [{"sku": "a", "colour": "red"}, {"colour": null}]}\n'
        '{"number": "2", "items": [{"colour": "blue"}], "buyer": {"name": "A"}}\n'
    )
    found = semantics.coverage(MAPPING, [records])
    assert found.records == 2
    assert [(o.path, o.present, o.known) for o in found.observed] == [
        ("extra", 1, False), ("items.colour", 2, True)
    ]  # fmt: skip


def test_the_command_shows_tables_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["coverage", str(MAPPING), *arguments])
        assert ended.value.code == 0
        return capsys.readouterr().out

    text = run(str(ORDERS))
    assert "mapping: 12 of 14 source slots read, 14 of 14 target slots written" in text
    assert "Status  CANCELLED  Sale.status" in text
    assert "in 3 records, present and never read" in text
    found = json.loads(run("--format", "json"))
    assert found["source_slots"][0]["path"] == "number"
    assert found["records"] is None

"""The sums of invoices add up exactly, in both syntaxes of EN 16931, on the published records and on the examples."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import semantics

EXAMPLES = Path(__file__).parents[2] / "mappings" / "examples"
PUBLISHED = {
    "ubl-invoice": "en16931_invoice/xrechnung_pairs/standard/*_ubl.xml",
    "cii-invoice": "en16931_invoice/xrechnung_pairs/standard/*_uncefact.xml",
}


def _sum(invoice: dict[str, Any], *slots: str) -> Decimal:
    return sum((invoice[slot]["value"] for slot in slots if slot in invoice), Decimal(0))


def _faults(invoice: dict[str, Any]) -> list[str]:
    """The rules of EN 16931 on sums (BR-CO-10, 13, 14, 15 and 16) that an invoice breaks."""
    taxes = sum((tax["tax_amount"]["value"] for tax in invoice.get("tax_breakdown", ())), Decimal(0))
    rules = {
        "lines": (sum(line["net_amount"]["value"] for line in invoice["lines"]), _sum(invoice, "line_total")),
        "without tax": (
            _sum(invoice, "line_total", "charge_total") - _sum(invoice, "allowance_total"),
            _sum(invoice, "tax_exclusive_total"),
        ),
        "tax": (taxes if "tax_breakdown" in invoice else _sum(invoice, "tax_total"), _sum(invoice, "tax_total")),
        "with tax": (_sum(invoice, "tax_exclusive_total", "tax_total"), _sum(invoice, "tax_inclusive_total")),
        "to be paid": (
            _sum(invoice, "tax_inclusive_total", "rounding_total") - _sum(invoice, "prepaid_total"),
            _sum(invoice, "payable_total"),
        ),
    }
    return [rule for rule, (left, right) in rules.items() if left != right]


@pytest.mark.parametrize("name", list(PUBLISHED))
def test_sums_add_up_to_the_last_digit(name: str, shared: Path, tmp_path: Path) -> None:
    """No sum is lost, doubled or rounded on the way, whatever the syntax calls it."""
    files = [*sorted((shared / "sources").glob(PUBLISHED[name])), *sorted((EXAMPLES / name).iterdir())]
    semantics.convert(name, files, tmp_path / "out.ndjson")
    lines = (tmp_path / "out.ndjson").read_text().splitlines()
    instances = [json.loads(line, parse_float=Decimal) for line in lines]
    invoices = [each for each in instances if each["type"] == "Invoice"]
    assert len(invoices) == len(files)
    assert {each["id"]: _faults(each) for each in invoices if _faults(each)} == {}

"""Bank statements against another library's reading of them: the objects that it made stand beside each message."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import semantics


def _walk(data: Any) -> Iterator[dict[str, Any]]:
    if isinstance(data, dict):
        yield data
        data = list(data.values())
    if isinstance(data, list):
        for each in data:
            yield from _walk(each)


def _class(data: dict[str, Any]) -> str:
    return str(data.get("__CLASS__", "")).rpartition("\\")[2]


def _minor(amount: dict[str, Any]) -> tuple[int, str]:
    sign = -1 if amount["direction"] == "debit" else 1
    places = 0 if amount["currency"] == "JPY" else 2
    return sign * round(amount["value"] * 10**places), amount["currency"]


def _dumped(money: dict[str, Any]) -> tuple[int, str]:
    return int(money["getAmount"]), money["getCurrency"]["getCode"]


@pytest.mark.xdist_group("camt")
def test_amounts_dates_and_names_are_those_of_another_reader(shared: Path, tmp_path: Path) -> None:
    """Balances and entries with their signed sums, the days of entries, and the names of parties.

    What a dump meets a second time it leaves out, so ours may be more.
    """
    compared = 0
    for message in sorted((shared / "sources/iso20022_camt/test/data").glob("*.xml")):
        output = tmp_path / f"{message.stem}.ndjson"
        semantics.convert("camt", message, output)
        statements = [
            data for line in output.read_text().splitlines() if (data := json.loads(line))["type"] == "Statement"
        ]
        dump = list(_walk(json.loads(message.with_suffix(".json").read_text())))
        balances = Counter(_minor(each["amount"]) for found in statements for each in found.get("balances", ()))
        entries = [each for found in statements for each in found.get("entries", ())]
        told = Counter(_dumped(each["getAmount"]) for each in dump if _class(each) == "Balance")
        assert told <= balances, message
        read = [each for each in dump if _class(each) == "Entry"]
        sums = Counter(_minor(each["amount"]) for each in entries)
        assert Counter(_dumped(each["getAmount"]) for each in read) <= sums, message
        for slot, key in (("booked_at", "getBookingDate"), ("value_at", "getValueDate")):
            ours = Counter(each[slot][:10] for each in entries if slot in each)
            assert Counter(each[key]["0"][:10] for each in read if each[key]) <= ours, (message, key)
        names = {each["name"] for found in statements for each in _walk(found["entries"]) if "name" in each}
        parties = {each["getRelatedPartyType"]["getName"] for each in dump if _class(each) == "RelatedParty"}
        assert {name for name in parties if name} <= names, message
        compared += len(entries)
    assert compared > 10

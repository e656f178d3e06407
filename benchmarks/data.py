"""Bank accounts, made up: the records that everything here is measured on.

Every value is drawn from a seeded generator, so that N records are the same N records everywhere. A record is one
account with its servicer and three balances, about 580 bytes of JSON. Amounts have two decimals and stay below 10^7, so
that a binary double prints each of them back as it was.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import cycle
from typing import Any, Final

__all__ = ["as_line", "lines", "many", "parsed", "records"]

SEED: Final = 2025
DRAWN: Final = 5_000
"""Records that :func:`many` draws; it repeats them, with identifiers and account numbers of their own."""
_FIRST: Final = ("Ada", "Bram", "Chiara", "Dimitri", "Elif", "Farid", "Greta", "Hana", "Ilse", "Käthe", "Lars")
_LAST: Final = ("Almeida", "Berg", "Costa", "Dubois", "Eriksen", "Fischer", "Grasso", "Horvat", "Iversen", "Kowalska")
_NICKNAMES: Final = ("Household", "Bills and rent", "Holiday fund", "Rainy day", "Joint account", "Allotment club")
_BANKS: Final = (
    ("Brightwater Mutual Bank", "Utrecht", "NL", "EUR"),
    ("Cobblestone Savings Bank", "Leeds", "GB", "GBP"),
    ("Fjordlys Sparebank", "Tromsø", "NO", "NOK"),
    ("Kastanie Genossenschaftsbank", "Kassel", "DE", "EUR"),
    ("Lanterna Credito Popolare", "Genova", "IT", "EUR"),
)
_PRODUCTS: Final = ("CurrentAccount", "Savings", "CreditCard", "Mortgage")
_BALANCES: Final = ("CLBD", "ITAV", "OPBD", "XPCD")


def records(count: int, seed: int = SEED) -> Iterator[dict[str, Any]]:
    """``count`` accounts of class ``Account`` of ``accounts/source.yaml``; the same seed gives the same ones.

    >>> first, = records(1)
    >>> len(first["Balances"]), sorted(first["Servicer"])
    (3, ['Bic', 'Country', 'Name', 'Town'])
    """
    draw = random.Random(seed)
    for number in range(count):
        bank, town, country, currency = draw.choice(_BANKS)
        code = "".join(word[0] for word in bank.split()[:3]).ljust(4, "X")
        yield {
            "AccountId": f"{country}-{number:07}",
            "Iban": f"{country}{draw.randrange(10, 99)}{code}{draw.randrange(10**14):014}",
            "Nickname": draw.choice(_NICKNAMES),
            "Holder": f"{draw.choice(_FIRST)} {draw.choice(_LAST)}",
            "Currency": currency,
            "SubType": draw.choice(_PRODUCTS),
            "Opened": _day(draw, 1990, 2021),
            "Servicer": {
                "Bic": f"{code}{country}2{draw.choice('ABCDL')}",
                "Name": bank,
                "Town": town,
                "Country": country,
            },
            "Balances": _balances(draw, currency),
        }


def _balances(draw: random.Random, currency: str) -> list[dict[str, Any]]:
    """Three balances of different kinds on one day, one in five of them overdrawn."""
    day = _day(draw, 2022, 2025)
    return [
        {
            "Type": kind,
            "Indicator": "Debit" if draw.random() < 0.2 else "Credit",
            "Amount": draw.randrange(1, 10 ** draw.randrange(3, 10)) / 100,
            "Currency": currency,
            "AsOf": f"{day}T{draw.randrange(24):02}:{draw.randrange(60):02}:{draw.randrange(60):02}Z",
        }
        for kind in draw.sample(_BALANCES, 3)
    ]


def _day(draw: random.Random, first: int, last: int) -> str:
    return f"{draw.randint(first, last)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"


def as_line(record: dict[str, Any]) -> bytes:
    """A record as a line of NDJSON."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def lines(count: int, seed: int = SEED) -> Iterator[bytes]:
    """The records as lines of NDJSON."""
    return map(as_line, records(count, seed))


def many(count: int, written: Callable[[dict[str, Any]], bytes] = as_line) -> Iterator[bytes]:
    """Records by the million, as ``written`` writes each: quicker made than :func:`records`, and no more held.

    >>> first, = many(1)
    >>> json.loads(first)["AccountId"], json.loads(first)["Iban"]
    ('IT-0000000', 'IT20LCPX00000000000000')
    """
    parts = []
    for record in records(min(count, DRAWN)):
        record["AccountId"] = f"{record['AccountId'][:3]}#NUMBER#"
        record["Iban"] = f"{record['Iban'][:-14]}#NUMBER#"
        before, between, after = written(record).split(b"#NUMBER#")
        parts.append((before, between, after))
    for number, (before, between, after) in zip(range(count), cycle(parts), strict=False):
        yield b"%b%07d%b%014d%b" % (before, number, between, number, after)


def parsed(count: int, seed: int = SEED) -> list[dict[str, Any]]:
    """The records as a parser gives them that keeps amounts exact (``Decimal``)."""
    return [json.loads(line, parse_float=Decimal) for line in lines(count, seed)]

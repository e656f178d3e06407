"""The mapping of ``accounts/mapping.yaml`` by hand, twice: what a compiled mapping is held against.

:func:`bare` trusts its input and is as fast as a dict can be made in Python. :func:`careful` promises what the
mapping promises: absent and null slots are left out, a value of a wrong type, an unknown code and a date that is
not on the calendar are refused, amounts stay exact.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any, Final

__all__ = ["bare", "careful"]

PRODUCTS: Final = {
    "CurrentAccount": "current_account",
    "Savings": "savings_account",
    "CreditCard": "credit_card",
    "Mortgage": "mortgage",
}
KINDS: Final = {
    "CLBD": "closing_booked",
    "ITAV": "interim_available",
    "OPBD": "opening_booked",
    "XPCD": "expected",
}


def bare(account: dict[str, Any]) -> dict[str, Any]:
    """An account of the shared model; nothing is checked."""
    servicer = account["Servicer"]
    return {
        "id": account["AccountId"],
        "account_number": account["Iban"],
        "display_name": account["Nickname"],
        "holder_name": account["Holder"],
        "currency": account["Currency"],
        "product": PRODUCTS[account["SubType"]],
        "opened_on": account["Opened"],
        "servicer": {
            "bic": servicer["Bic"],
            "name": servicer["Name"],
            "town": servicer["Town"],
            "country": servicer["Country"],
        },
        "balances": [
            {
                "kind": KINDS[balance["Type"]],
                "signed_amount": -balance["Amount"] if balance["Indicator"] == "Debit" else balance["Amount"],
                "currency": balance["Currency"],
                "observed_at": balance["AsOf"],
            }
            for balance in account["Balances"]
        ],
    }


_ACCOUNT_TEXTS: Final = (
    ("id", "AccountId"),
    ("account_number", "Iban"),
    ("display_name", "Nickname"),
    ("holder_name", "Holder"),
    ("currency", "Currency"),
)
_SERVICER_TEXTS: Final = (("bic", "Bic"), ("name", "Name"), ("town", "Town"), ("country", "Country"))
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CLOCK: Final = re.compile(
    r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)", re.ASCII
)


def careful(account: dict[str, Any]) -> dict[str, Any]:
    """An account of the shared model. Raises ``ValueError`` where the mapping would refuse the record."""
    made: dict[str, Any] = {}
    _texts(account, made, _ACCOUNT_TEXTS)
    if (product := account.get("SubType")) is not None:
        made["product"] = _code(PRODUCTS, product)
    if (opened := account.get("Opened")) is not None:
        made["opened_on"] = _day(opened)
    if (servicer := account.get("Servicer")) is not None:
        made["servicer"] = {}
        _texts(servicer, made["servicer"], _SERVICER_TEXTS)
    if (balances := account.get("Balances")) is not None:
        if type(balances) is not list:
            raise ValueError("a list was expected")
        listed = [_balance(balance) for balance in balances if balance is not None]
        if listed:
            made["balances"] = listed
    return made


def _balance(balance: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if (kind := balance.get("Type")) is not None:
        made["kind"] = _code(KINDS, kind)
    if (amount := balance.get("Amount")) is not None:
        indicator = balance.get("Indicator")
        if indicator is not None and type(indicator) is not str:
            raise ValueError("text was expected")
        exact = _exact(amount)
        made["signed_amount"] = -exact if indicator == "Debit" else exact
    _texts(balance, made, (("currency", "Currency"),))
    if (moment := balance.get("AsOf")) is not None:
        made["observed_at"] = _moment(moment)
    return made


def _texts(source: dict[str, Any], made: dict[str, Any], slots: tuple[tuple[str, str], ...]) -> None:
    if type(source) is not dict:
        raise ValueError("an object was expected")
    for slot, name in slots:
        value = source.get(name)
        if value is not None:
            if type(value) is not str:
                raise ValueError("text was expected")
            made[slot] = value


def _code(table: dict[str, str], code: Any) -> str:
    found = table.get(code)
    if found is None:
        raise ValueError("an unknown code")
    return found


def _exact(value: Any) -> Decimal:
    if type(value) is Decimal:
        if not value.is_finite():
            raise ValueError("a finite number was expected")
        return value
    if type(value) in (int, float):
        return Decimal(str(value))
    raise ValueError("a number was expected")


def _day(value: Any) -> str:
    if type(value) is not str or _DATE.fullmatch(value) is None:
        raise ValueError("a date was expected")
    date.fromisoformat(value)
    return value


def _moment(value: Any) -> str:
    if type(value) is not str or _CLOCK.fullmatch(value, 10) is None:
        raise ValueError("a date-time with an offset was expected")
    _day(value[:10])
    return value

"""Units and currencies that names of numbers end with: ``mass_kg``, ``powerKW``, ``price_eur``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

__all__ = ["CURRENCIES", "UNITS", "Counted", "counted_in"]

UNITS: Final[dict[str, str]] = {
    "a": "A", "ah": "A.h", "bar": "bar", "celsius": "Cel", "cm": "cm", "cm2": "cm2", "cm3": "cm3", "days": "d",
    "deg": "deg", "degc": "Cel", "degf": "[degF]", "feet": "[ft_i]", "ft": "[ft_i]", "g": "g", "gj": "GJ",
    "gw": "GW", "gwh": "GW.h", "h": "h", "ha": "har", "hectares": "har", "hours": "h", "hpa": "hPa", "hr": "h",
    "hrs": "h", "hz": "Hz", "kg": "kg", "kg_m3": "kg/m3", "kj": "kJ", "km": "km", "km2": "km2", "km_h": "km/h",
    "kmh": "km/h", "knots": "[kn_i]", "kpa": "kPa", "kph": "km/h", "kts": "[kn_i]", "kva": "kV.A", "kw": "kW",
    "kwh": "kW.h", "kwh_m2": "kW.h/m2", "l": "L", "lb": "[lb_av]", "lbs": "[lb_av]", "litres": "L", "m": "m",
    "m2": "m2", "m3": "m3", "m_s": "m/s", "mah": "mA.h", "metres": "m", "mg": "mg", "mg_l": "mg/L", "mgl": "mg/L",
    "mi": "[mi_i]", "miles": "[mi_i]", "mins": "min", "minutes": "min", "mj": "MJ", "ml": "mL",
    "mm": "mm", "mph": "[mi_i]/h", "mps": "m/s", "ms": "ms", "mw": "MW", "mwh": "MW.h", "oz": "[oz_av]", "pa": "Pa",
    "pct": "%", "percent": "%", "ppb": "[ppb]", "ppm": "[ppm]", "psi": "[psi]", "s": "s", "sec": "s",
    "seconds": "s", "secs": "s", "sqft": "[sft_i]", "sqm": "m2", "t": "t", "tonnes": "t", "ug": "ug",
    "ug_m3": "ug/m3", "ugm3": "ug/m3", "v": "V", "w": "W", "wh": "W.h",
}  # fmt: skip
"""What names end with, in small letters, to the UCUM code that is most likely meant (``min`` is a minimum)."""

CURRENCIES: Final = frozenset({
    "AED", "AUD", "BRL", "CAD", "CHF", "CLP", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "IDR", "ILS", "INR",
    "JPY", "KRW", "MXN", "MYR", "NOK", "NZD", "PLN", "RON", "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "USD", "ZAR",
})  # fmt: skip
"""Codes of ISO 4217 that are looked for in names."""

_BREAK: Final = re.compile(r"[\W_]+|(?<=[a-z0-9])(?=k?[A-Z])")


class Counted(NamedTuple):
    """A name without what it is counted in, and that: a unit as UCUM writes it, or a currency."""

    name: str
    unit: str | None = None
    currency: str | None = None


def counted_in(name: str) -> Counted:
    """The unit or currency at the end of the name of a number.

    A unit without a name before it is none: ``m``.

    >>> counted_in("gross_weight_kg")
    Counted(name='gross_weight', unit='kg', currency=None)
    >>> counted_in("capacityKWh").unit, counted_in("wind_km_h").unit, counted_in("price_eur").currency
    ('kW.h', 'km/h', 'EUR')
    >>> counted_in("Weight (kg)")
    Counted(name='Weight', unit='kg', currency=None)
    >>> counted_in("elevation")
    Counted(name='elevation', unit=None, currency=None)
    """
    for stem, end in _ends(re.sub(r"\W+$", "", name)):
        if end in UNITS:
            return Counted(stem, unit=UNITS[end])
        if end.upper() in CURRENCIES:
            return Counted(stem, currency=end.upper())
    return Counted(name)


def _ends(name: str) -> Iterator[tuple[str, str]]:
    """The ways to cut a name in two, longest end first; the end in small letters, with ``_`` for what divides it."""
    cuts = [(cut.start(), cut.end()) for cut in _BREAK.finditer(name) if cut.start() > 0 and cut.end() < len(name)]
    for start, end in cuts[-3:]:
        yield name[:start], re.sub(r"[\W_]+", "_", name[end:]).lower()

"""Units as people write them (``°C``, ``kWh``, ``m/s``, ``inch``), brought to UCUM codes.

These are what LinkML's ``unit: {symbol: ...}`` holds. A symbol is looked up in a table, with or without an SI prefix;
what is not there is refused, because a symbol alone does not say which of two units is meant.
"""

from __future__ import annotations

import re
from typing import Final

from semantics.errors import closest
from semantics.units.table import PREFIXES
from semantics.units.ucum import CHARACTERS, UnitError, takes_prefix

__all__ = ["SYMBOLS", "factors", "ucum_of_symbols"]

_PREFIX_NAMES: Final = {
    **{code: code for code in PREFIXES},
    "yotta": "Y", "zetta": "Z", "exa": "E", "peta": "P", "tera": "T", "giga": "G", "mega": "M", "kilo": "k",
    "hecto": "h", "deca": "da", "deka": "da", "deci": "d", "centi": "c", "milli": "m", "micro": "u", "nano": "n",
    "pico": "p", "femto": "f", "atto": "a", "zepto": "z", "yocto": "y", "µ": "u", "μ": "u",
}  # fmt: skip
_NAMES: Final = """
m m meter metre ; s s sec second ; g g gram gramme ; A A amp ampere ; K K kelvin ; mol mol mole ; cd cd candela
rad rad radian ; sr sr steradian ; Hz Hz hertz ; N N newton ; Pa Pa pascal ; J J joule ; W W watt ; C C coulomb
V V volt ; F F farad ; Ohm Ω ohm ; S S siemens ; Wb Wb weber ; T T tesla ; H H henry ; lm lm lumen ; lx lx lux
Bq Bq becquerel ; Gy Gy gray ; Sv Sv sievert ; kat kat katal ; L l L ℓ liter litre ; bar bar ; t t tonne metric_ton
eV eV electron_volt ; cal cal calorie ; By B byte ; bit bit ; Ci Ci curie ; P P poise ; St St stokes ; dyn dyn dyne
erg erg ; G G gauss
min min minute ; h h hr hour ; d d day ; wk week ; mo month ; a a yr year
[in_i] in inch inches ; [ft_i] ft foot feet ; [yd_i] yd yard ; [mi_i] mi mile ; [nmi_i] nmi nautical_mile
[kn_i] kt knot ; [mi_i]/h mph ; km/h kph ; [acr_us] acre ; har ha hectare ; ar are
[gal_us] gal gallon ; [qt_us] qt quart ; [pt_us] pt pint ; [foz_us] floz fluid_ounce ; [bbl_us] bbl oil_barrel
[cup_us] cup ; [tbs_us] tbsp tablespoon ; [tsp_us] tsp teaspoon
[lb_av] lb lbs pound ; [oz_av] oz ounce ; [gr] gr grain ; [stone_av] stone ; [ston_av] ton short_ton
[oz_tr] toz troy_ounce ; Cel °C degC celsius degree_Celsius ; [degF] °F degF fahrenheit degree_Fahrenheit
[degR] °R degR rankine ; atm atm standard_atmosphere ; mm[Hg] mmHg ; [psi] psi ; [lbf_av] lbf
[HP] hp horsepower ; [Btu] Btu BTU
W.h Wh watt_hour ; V.A VA volt_ampere ; A.h Ah ampere_hour ; deg deg degree ° ; % % percent ; [ppm] ppm ; [ppb] ppb
1 dimensionless
"""
SYMBOLS: Final[dict[str, str]] = {
    name: code
    for line in _NAMES.split("\n")
    for code, *names in (entry.split() for entry in line.split(" ; ") if entry)
    for name in names
}
"""Symbols and English names that mean one unit, with its UCUM code."""

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<power>\*\*|\^)\s*(?P<digits>[+-]?[0-9]{1,2})|(?P<operator>[*·/])|(?P<name>[^\W\d]\w*|[°%][A-Z]?|1))"
)


def factors(text: str) -> list[tuple[str, int]]:
    """The UCUM codes in a unit written with symbols, ``*``, ``/``, ``**`` and ``^``, each with its power.

    >>> factors("kg*m/s**2")
    [('kg', 1), ('m', 1), ('s', -2)]
    """
    if len(text) > CHARACTERS:
        raise UnitError(f"a unit is longer than {CHARACTERS} characters", text)
    found: list[tuple[str, int]] = []
    at, sign, wanted = 0, 1, True
    rest = text.rstrip()
    while at < len(rest):
        token = _TOKEN.match(rest, at)
        if token is None or (wanted and not token["name"]) or (token["power"] and not found):
            raise UnitError("a unit is not written with symbols, '*', '/' and '**'", text)
        at = token.end()
        if token["name"]:
            found.append((_code(token["name"], text), sign if wanted else 1))
            sign, wanted = 1, False
        elif token["power"]:
            code, power = found[-1]
            found[-1] = (code, power * int(token["digits"]))
        else:
            sign, wanted = -1 if token["operator"] == "/" else 1, True
    if wanted:
        raise UnitError("a unit is empty, or ends in an operator", text)
    return found


def _code(name: str, text: str) -> str:
    """The UCUM code of one symbol or name, in the singular or plural, with or without a prefix."""
    for word in (name, name.removesuffix("s")):
        if word == "1":
            return "1"
        if word in SYMBOLS:
            return SYMBOLS[word]
        for prefix, code in _PREFIX_NAMES.items():
            rest = SYMBOLS.get(word.removeprefix(prefix)) if word.startswith(prefix) else None
            if rest is not None and takes_prefix(rest.split(".")[0]):
                return code + rest
    raise UnitError("a unit has a symbol that is not known", text, advice=closest(name, SYMBOLS))


def ucum_of_symbols(text: str) -> str:
    """The UCUM code for a unit written with symbols. Raises :class:`UnitError`.

    >>> ucum_of_symbols("km/h"), ucum_of_symbols("°C"), ucum_of_symbols("kWh/m^2")
    ('km/h', 'Cel', '(kW.h)/m2')
    """
    known = factors(text)
    if len(known) == 1 and known[0][1] == 1:
        return known[0][0]
    parts = []
    for code, power in known:
        inner = f"({code})" if "." in code or "/" in code else f"{code}{abs(power) if abs(power) != 1 else ''}"
        sign = "/" if power < 0 else "."
        parts += [f"{sign}{inner}"] * (abs(power) if inner.startswith("(") else min(abs(power), 1))
    return "".join(parts).removeprefix(".") or "1"

"""Unit conversion as linkml-map 0.5 carries it out: in binary floats, step by step.

Only ``compat: linkml-map`` uses this. That tool multiplies the steps of its unit definitions one after the other, so
that one metre is 999999999.9999999 nanometres; the steps of common units are repeated here in its order. What is
not among them is converted exactly and rounded once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Final

from semantics.units.converting import between
from semantics.units.symbols import ucum_of_symbols
from semantics.units.table import AFFINE, PREFIXES
from semantics.units.ucum import UnitError, parse_unit, symbols_of, takes_prefix

__all__ = ["peer_convert"]

_BASE: Final = frozenset({"m", "s", "g", "A", "K", "mol", "cd"})
_DEFINITIONS: Final = """
rad 1 1 ; bit 1 1 ; sr 1 rad2 ; % 0.01 1 ; [ppth] 1e-3 1 ; [ppm] 1e-6 1 ; [ppb] 1e-9 1 ; 10* 10 1 ; 10^ 10 1 ; 1 1 1
[pi] 3.141592653589793 1 ; deg 1/180 [pi].rad ; gon 1/200 [pi].rad ; By 8 bit
Hz 1 s-1 ; N 1 kg.m.s-2 ; Pa 1 N.m-2 ; J 1 N.m ; W 1 J.s-1 ; C 1 A.s ; V 1 J.C-1 ; F 1 C.V-1 ; Ohm 1 V.A-1 ; S 1 A.V-1
Wb 1 V.s ; T 1 Wb.m-2 ; H 1 Wb.A-1 ; lm 1 cd.sr ; lx 1 lm.m-2 ; Bq 1 s-1 ; Gy 1 J.kg-1 ; Sv 1 J.kg-1 ; kat 1 mol.s-1
U 1 umol.min-1 ; Ci 37000000000 Bq ; eq 1 mol ; osm 1 mol
min 60 s ; h 60 min ; d 24 h ; wk 7 d ; a 365.25 d ; mo 1/12 a ; a_j 1 a ; mo_j 1 mo
l 1 dm3 ; L 1 dm3 ; ar 100 m2 ; t 1000 kg ; bar 100000 Pa ; atm 101325 Pa ; eV 1 [e].V ; [e] 1.602176634e-19 C
[yd_i] 0.9144 m ; [ft_i] 1/3 [yd_i] ; [in_i] 1/36 [yd_i] ; [mi_i] 1760 [yd_i] ; [nmi_i] 1852 m ; [kn_i] 1 [nmi_i].h-1
[sin_i] 1 [in_i]2 ; [sft_i] 1 [ft_i]2 ; [cin_i] 1 [in_i]3 ; [ft_us] 1200/3937 m ; [rd_us] 16.5 [ft_us]
[ch_us] 4 [rd_us] ; [acr_us] 10 [ch_us]2 ; [mi_us] 5280 [ft_us] ; [gal_us] 231 [cin_i] ; [qt_us] 1/4 [gal_us]
[pt_us] 1/2 [qt_us] ; [cup_us] 1/2 [pt_us] ; [foz_us] 1/16 [pt_us] ; [tbs_us] 1/2 [foz_us] ; [tsp_us] 1/6 [foz_us]
[bbl_us] 42 [gal_us] ; [gal_br] 4.54609 l ; [gr] 64.79891 mg ; [lb_av] 7000 [gr] ; [oz_av] 1/16 [lb_av]
[stone_av] 14 [lb_av] ; [ston_av] 2000 [lb_av] ; [lton_av] 2240 [lb_av] ; [oz_tr] 480 [gr] ; [lb_tr] 12 [oz_tr]
[g] 9.80665 m.s-2 ; gf 1 [g].g ; [lbf_av] 1 [g].[lb_av] ; [psi] 1 [lbf_av].[in_i]-2 ; [HP] 550 [ft_i].[lbf_av].s-1
rho[Hg] 13595.1 kg.m-3 ; rho[H2O] 1000 kg.m-3 ; m[Hg] 1 m.rho[Hg].[g] ; m[H2O] 1 m.rho[H2O].[g]
cal 4.184 J ; cal_th 4.184 J ; cal_IT 4.1868 J ; dyn 1 g.cm.s-2 ; erg 1 dyn.cm ; P 0.1 Pa.s ; St 1 cm2.s-1
u 1.66053906892e-27 kg ; Ao 1e-10 m ; b 1e-28 m2 ; [c] 299792458 m.s-1 ; R 2.58e-4 C.kg-1 ; RAD 0.01 Gy
REM 0.01 Sv ; Gal 1 cm.s-2
"""
_POWER: Final = re.compile(r"(.+?)(-?[0-9])?\Z")

Factors = tuple[tuple[str, int], ...]


def _in_order(text: str) -> Factors:
    """The symbols of a definition with their powers, as they stand."""
    parts = [_POWER.match(part) for part in text.split(".")] if text != "1" else []
    return tuple((part[1], int(part[2] or 1)) for part in parts if part)


_STEPS: Final[dict[str, tuple[float, Factors]]] = {
    code: (float(Fraction(scale)), _in_order(unit))
    for line in _DEFINITIONS.split("\n")
    for code, scale, unit in (entry.split() for entry in line.split(" ; ") if entry)
}


def peer_convert(
    magnitude: float,
    source_unit: str,
    source_scheme: str | None,
    target_unit: str,
    target_scheme: str | None = None,
) -> float:
    """A magnitude in another unit, as linkml-map gives it.

    ``source_scheme`` is the field of the source slot's ``unit`` that holds its unit: ``ucum_code`` (also meant by None:
    no unit in the schema), or ``symbol``, ``abbreviation``, ``descriptive_name``, which are looked up among symbols.
    The tool reads the target unit by the scheme of the source whatever ``target_scheme`` says, and so does this.
    Raises :class:`UnitError` (a ``ValueError``) for an unknown unit and for units of different dimensions.

    >>> peer_convert(1, "m", "ucum_code", "cm"), peer_convert(1, "m", None, "nm")
    (100.0, 999999999.9999999)
    """
    value = float(magnitude)
    if source_unit == target_unit:
        return value
    if source_scheme in (None, "ucum_code"):
        return _converted(value, source_unit, target_unit)
    if source_scheme in ("symbol", "abbreviation", "descriptive_name"):
        return _converted(value, ucum_of_symbols(source_unit), ucum_of_symbols(target_unit))
    raise UnitError("a unit has a scheme that is not known", source_scheme)


def _converted(value: float, source: str, target: str) -> float:
    """By the steps of the tool's own definitions where they are known, else exactly."""
    units = parse_unit(source), parse_unit(target)
    if units[0] == units[1]:
        return value
    if {source, target} <= {"K", *AFFINE}:
        return _temperature(value, source, target)
    factor = _factor(source, target)
    return between(*units).binary(value) if factor is None else value * factor


def _temperature(value: float, source: str, target: str) -> float:
    """Between scales of temperature, by way of kelvins. The tool itself refuses all but 1 on a scale with an offset."""
    kelvin = (Fraction(1), Fraction(0), True)
    degree, zero, _ = AFFINE.get(source, kelvin)
    kelvins = value * float(degree) + float(zero)
    degree, zero, _ = AFFINE.get(target, kelvin)
    return (kelvins - float(zero)) / float(degree)


@lru_cache(maxsize=1_024)
def _factor(source: str, target: str) -> float | None:
    """The product of all scales between two units, equal ones cancelled; None where a definition is not known."""
    scales: dict[float, int] = {}
    base: dict[str, int] = {}
    try:
        for scale, power in _scales(_ratio(source, target), base):
            scales[scale] = scales.get(scale, 0) + power
    except KeyError:
        return None
    if any(base.values()):
        raise UnitError(f"{parse_unit(source).measures} does not convert to {parse_unit(target).measures}")
    factor: float = 1
    for sign in (1, -1):
        for scale, power in scales.items():
            if power * sign > 0:
                factor *= scale**power
    return factor


def _ratio(source: str, target: str) -> Iterable[tuple[str, int]]:
    """The symbols of both units, those of the second with inverse powers."""
    powers: dict[str, int] = {}
    for code, sign in ((source, 1), (target, -1)):
        found = symbols_of(code)
        if found.factor != 1:
            raise KeyError(code)
        ordered = sorted(found.dimension, key=lambda item: item[1] < 0)
        for symbol, power in ordered:
            powers[symbol] = powers.get(symbol, 0) + sign * power
    return [(symbol, power) for symbol, power in powers.items() if power]


def _scales(symbols: Iterable[tuple[str, int]], base: dict[str, int]) -> Iterator[tuple[float, int]]:
    """The scales of symbols and of what defines them; powers of base units are added up in ``base``."""
    for symbol, power in symbols:
        if symbol in _BASE:
            base[symbol] = base.get(symbol, 0) + power
        elif symbol in _STEPS:
            scale, inner = _STEPS[symbol]
            yield scale, power
            yield from _scales([(name, exponent * power) for name, exponent in inner], base)
        else:
            prefix = next((p for p in (symbol[:1], symbol[:2]) if p in PREFIXES and takes_prefix(symbol[len(p) :])), "")
            if not prefix:
                raise KeyError(symbol)
            yield float(PREFIXES[prefix]), power
            yield from _scales([(symbol[len(prefix) :], power)], base)

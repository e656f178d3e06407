"""Units: what UCUM says a code is, exact conversion, and the verdicts of the tool whose specifications run here."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semantics.units import UnitError, convert, parse_unit, peer_convert, read_unit
from semantics.units.rec20 import REC20
from semantics.units.table import AFFINE, ARBITRARY, METRIC, NOT_METRIC, PREFIXES, SCALES

CASES = Path(__file__).resolve().parents[2].parent / "shared" / "conformance" / "linkml-map" / "cases.ndjson"


@pytest.mark.parametrize("code", [*METRIC, *NOT_METRIC, *AFFINE, *SCALES, *ARBITRARY, "[IU]", "10*", "10^", "[pi]"])
def test_every_atom_is_read(code: str) -> None:
    """Each entry of the table leads to base units."""
    assert parse_unit(code).factor > 0


def test_no_prefix_makes_one_code_two_units() -> None:
    """UCUM, section 27: an atom is never also a prefix and another atom, so order does not matter."""
    metric = [*METRIC, "m", "s", "g", "rad", "K", "C", "cd", "Cel", "[iU]", "B", "Np"]
    made = [prefix + atom for prefix in PREFIXES for atom in metric]
    assert not set(made) & {*NOT_METRIC, *metric} - {"cd", "Pa", "m[H2O]"} - {"PU"}


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        ("1", "[in_i]", "cm", "2.54"),
        ("1", "[lb_av]", "kg", "0.45359237"),
        ("1", "[gal_us]", "L", "3.785411784"),
        ("1", "[gal_br]", "L", "4.54609"),
        ("1", "atm", "Pa", "101325"),
        ("1", "cal_th", "J", "4.184"),
        ("1", "eV", "J", "1.602176634E-19"),
        ("1", "kW.h", "MJ", "3.6"),
        ("98.6", "[degF]", "Cel", "37"),
        ("-40", "Cel", "[degF]", "-40"),
        ("1000", "mCel", "K", "274.15"),
        ("80", "[degRe]", "Cel", "100"),
        ("1", "%", "[ppth]", "10"),
        ("5", "10*6", "10^3", "5000"),
        ("360", "deg", "circ", "1"),
        ("180", "deg", "rad", "3.141592653589793238462643383279503"),
        ("1", "mol", "1", "6.02214076E+23"),
        ("3", "k[iU]/L", "m[IU]/mL", "3000"),
        ("10", "dB[SPL]", "B[SPL]", "1"),
        ("4.5", "10*6/uL", "10*12/L", "4.5"),
        ("90", "km/h", "m/s", "25"),
        ("1", "kg.m/s2", "N", "1"),
        ("2", "/(s.m)", "/m.s-1", "2"),
        ("1", "d", "a", "0.002737850787132101300479123887748118"),
        ("7.25", "{cells}/uL", "/mL", "7250"),
        ("1", "KiBy", "bit", "8192"),
    ],
)  # fmt: skip
def test_conversions_are_exact(value: str, source: str, target: str, expected: str) -> None:
    """Every digit where the factor ends, 34 of them else."""
    assert convert(Decimal(value), source, target) == Decimal(expected)


def test_the_same_unit_leaves_every_digit() -> None:
    """7887.20 stays 7887.20."""
    assert str(convert(Decimal("7887.20"), "L", "l")) == "7887.20"


def test_floats_stay_floats() -> None:
    """A float is taken as it is written and rounded once."""
    assert convert(0.1, "m", "cm") == 10.0
    assert repr(convert(98.6, "[degF]", "Cel")) == "37.0"


UNITS = ["m", "km", "[in_i]", "[ft_i]", "[mi_i]", "nm", "dm", "Ao"]


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6),
    st.sampled_from(UNITS),
    st.sampled_from(["m", "km", "nm", "dm", "Ao"]),
)
def test_there_and_back_is_the_identity(value: Decimal, source: str, target: str) -> None:
    """Where the factor ends nothing is lost on the way there, and the way back is exact or rounds to it."""
    there = convert(value, source, target)
    assert convert(there, target, source) == value  # type: ignore[arg-type]


@given(st.text(alphabet="m[]{}()./sgK*^1029-+deCl%'_", max_size=30))
def test_any_text_is_a_unit_or_refused(text: str) -> None:
    """Nothing but UnitError leaves the parser, and its text does not repeat what was read."""
    try:
        read_unit(text)
    except UnitError as fault:
        assert len(text) < 4 or text not in str(fault)


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("", None), ("kgg", None), ("°C", "UCUM writes 'Cel'"), ("in", "UCUM writes '[in_i]'"), ("m..s", None),
        ("m/", None), ("(m", None), ("m)", None), ("J/Cel", "for a difference of temperatures write K"),
        ("Cel2", "for a difference of temperatures write K"), ("m2m", None), ("0.m", None), ("m999", None),
        ("(" * 20 + "m" + ")" * 20, None), ("kWh", "UCUM writes 'kW.h'"), ("m{", None), ("m\n", None), ("m" * 201, None),
        ("10*99." * 15 + "m", None), ("ph", None), ("[lb_ave]", "did you mean '[lb_av]'?"), ("rec20:XYZ1", None),
    ],
)  # fmt: skip
def test_what_is_no_unit_is_refused(code: str, hint: str | None) -> None:
    """With the nearest thing that is one."""
    with pytest.raises(UnitError) as fault:
        read_unit(code)
    assert hint is None or fault.value.hint == hint


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        ("m", "s", ("length", "time")),
        ("kW", "kW.h", ("power", "energy")),
        ("[pH]", "mol/L", ("logarithmic", "concentration")),
        ("[iU]", "[arb'U]", ("arbitrary", "itself")),
        ("deg", "1", ("plane angle", "number")),
        ("Np", "B", ("logarithmic", "itself")),
    ],
)
def test_dimensions_must_agree(source: str, target: str, words: tuple[str, str]) -> None:
    """The message names both."""
    with pytest.raises(UnitError) as fault:
        convert(1, source, target)
    assert all(word in str(fault.value) for word in words)


def _peer_cases() -> list[dict[str, object]]:
    if not CASES.exists():
        return []
    lines = [json.loads(line) for line in CASES.read_text().splitlines()]
    return [case for case in lines if "_unit_conversion[" in case["feature"]]


@pytest.mark.skipif(not CASES.exists(), reason="the verdicts of the tool are not beside this checkout")
def test_the_verdicts_of_the_tool() -> None:
    """Every case of its suite that converts units gives its float, or an error where it gives one."""
    assert _peer_cases()
    for case in _peer_cases():
        (derivation,) = case["specification"]["class_derivations"]  # type: ignore[index]
        ((target, slot),) = derivation["slot_derivations"].items()
        wanted = slot["unit_conversion"]
        value = case["source_object"][slot["populated_from"]]  # type: ignore[index]
        declared = case["source_schema"]["classes"]["C"]["attributes"][slot["populated_from"]].get("unit") or {}  # type: ignore[index]
        scheme, unit = next(iter(declared.items()), (None, wanted.get("source_unit")))
        if "source_unit_slot" in wanted:
            value, unit = value[wanted["source_magnitude_slot"]], value[wanted["source_unit_slot"]]
        if "error" in case:
            with pytest.raises(UnitError):
                peer_convert(value, unit, scheme, wanted["target_unit"])
        else:
            assert peer_convert(value, unit, scheme, wanted["target_unit"]) == case["output"][target], case["feature"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("value", "source", "scheme", "target", "expected"),
    [
        (1.0, "m", "ucum_code", "nm", 999999999.9999999),
        (7.3, "cm", "ucum_code", "[yd_i]", 0.07983377077865267),
        (0.1, "mbar", "ucum_code", "[psi]", 0.0014503773773020924),
        (100.0, "K", "symbol", "degC", -173.14999999999998),
        (0.1, "gallon", "symbol", "liter", 0.3785411783999999),
        (1.0, "a", "symbol", "month", 12.0),
    ],
)
def test_floats_are_those_of_the_tool(value: float, source: str, scheme: str, target: str, expected: float) -> None:
    """Bit for bit, as it was measured."""
    assert peer_convert(value, source, scheme, target) == expected


@pytest.mark.parametrize("code", REC20)
def test_common_codes_are_units(code: str) -> None:
    """Every UCUM code beside a common code is one."""
    assert read_unit(f"rec20:{code}").factor > 0


FACTORS = {
    "2I": ("W", "0.2930711"), "2L": ("m3/s", "4.719474e-4"), "37": ("kg/m2", "0.3051517"), "4U": ("kg/s", "1.259979e-4"),
    "5A": ("m3/s", "2.64979e-3"), "85": ("J", "1.355818"), "87": ("kg/m3", "16.01846"), "ACR": ("m2", "4046.873"),
    "AMH": ("C", "3600"), "ANN": ("s", "31557600"), "APZ": ("g", "31.10348"), "AZ": ("J/kg", "2326"), "B57": ("m", "9.46073e15"),
    "BLL": ("m3", "0.1589873"), "BTU": ("J", "1055.056"), "BUA": ("m3", "3.523907e-2"), "BUI": ("m3", "3.636872e-2"),
    "CWI": ("kg", "50.80235"), "DD": ("rad", "1.745329e-2"), "DWT": ("g", "1.555174"), "F13": ("kg", "14.59390"),
    "F49": ("m", "5.029210"), "F55": ("Ohm/m", "6.21371e-4"), "F78": ("Pa", "249.089"), "FS": ("m/s", "0.3048"),
    "G2": ("m3/s", "6.309020e-5"), "G21": ("m3", "2.365882e-4"), "G23": ("m3", "8.809768e-3"), "GE": ("kg/m3", "119.8264"),
    "GII": ("m3", "1.420653e-4"), "GLD": ("m3", "4.404884e-3"), "GLI": ("m3", "4.546092e-3"), "GWH": ("J", "3.6e12"),
    "HJ": ("W", "735.49875"), "HM": ("m/s", "0.44704"), "J23": ("K/s", "1.543210e-4"), "J47": ("W", "0.2928751"),
    "J57": ("m3", "0.15911315"), "K31": ("Pa", "98.0665"), "K41": ("kg/m3", "1.711806e-2"), "K85": ("Pa", "47.88026"),
    "KNT": ("m/s", "0.514444"), "L43": ("m3", "9.092181e-3"), "LBT": ("g", "373.2417"), "LTN": ("kg", "1016.047"),
    "M46": ("rad/s", "0.1047198"), "M47": ("m2", "5.067075e-10"), "M68": ("m3", "3.624556"), "MIK": ("km2", "2.589988"),
    "MON": ("s", "2629800"), "N27": ("m4", "8.630975e-3"), "ON": ("kg/m2", "3.390575e-2"), "P30": ("cd/m2", "3183.099"),
    "PTD": ("m3", "5.506105e-4"), "QTI": ("m3", "1.1365225e-3"), "QTR": ("kg", "12.70059"), "STI": ("kg", "6.350293"),
    "X1": ("m", "20.1168"), "KWH": ("J", "3.6e6"), "H66": ("m/s", "3.168809e-11"),
}  # fmt: skip


@pytest.mark.parametrize("code", FACTORS)
def test_common_codes_have_the_factors_of_the_recommendation(code: str) -> None:
    """As far as it prints digits."""
    unit, factor = FACTORS[code]
    assert abs(convert(Decimal(1), f"rec20:{code}", unit) - Decimal(factor)) < Decimal(factor) * Decimal("2e-6")


def test_a_schema_says_how_its_unit_is_written() -> None:
    """A UCUM code counts before a symbol or a name."""
    from semantics.schema import load_schema

    slots = {
        "a": {"unit": {"symbol": "°C", "ucum_code": "Cel"}},
        "b": {"unit": {"descriptive_name": "kilometre"}},
        "c": {"unit": {"iec61360code": "UAA726"}},
        "d": None,
    }
    found = load_schema({"id": "https://example.org/u", "name": "u", "classes": {"A": {"attributes": slots}}}).classes[
        "A"
    ]
    assert [(slot.unit, slot.unit_scheme) for slot in found.slots.values()] == [
        ("Cel", "ucum_code"), ("kilometre", "descriptive_name"), ("UAA726", "iec61360code"), (None, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [("°C", "Cel"), ("kWh", "kW.h"), ("km/h", "km/h"), ("kg*m/s**2", "kg.m/s2"), ("1/min", "1/min"), ("metres", "m"),
     ("kilograms", "kg"), ("µg/mL", "ug/mL"), ("ft^2", "[ft_i]2"), ("Wh/kg", "(W.h)/kg"), ("m/kWh^2", "m/(kW.h)/(kW.h)")],
)  # fmt: skip
def test_symbols_become_codes(text: str, expected: str) -> None:
    """As people write them, with prefixes, plurals and powers."""
    found = read_unit(f"symbol:{text}")
    assert found == parse_unit(expected)


@pytest.mark.parametrize("text", ["", "/", "m m m^", "kft", "warp", "m**", "m**200", "**2", "2 m", "x" * 300])
def test_what_is_no_symbol_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(UnitError):
        read_unit(f"symbol:{text}")


def test_results_stay_within_the_bounds_of_numbers() -> None:
    """A float or decimal that would be beyond them is an error, not infinity."""
    import semantics

    for text in ("convert_unit(float('1e308'), 'km', 'm')", "convert_unit(decimal('1e300'), 'Ym', 'ym')"):
        with pytest.raises(semantics.ExpressionError) as fault:
            semantics.evaluate(text)
        assert [found.code for found in fault.value.diagnostics] == ["EXP009"]

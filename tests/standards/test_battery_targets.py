"""Battery passports say what their published target files say, path by path of the published mapping."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import semantics

FILES = "dpp_openepcis/extensions/eu/battery/examples/batterypass-ready"
NAMES = ("industrial-without-bms", "lmt", "other-industrial", "reconstruction", "stationary")
QUANTITIES = {
    "PerformanceAndDurability": {
        "RatedCapacity": "BatterySpecification.rated_capacity",
        "MinimumVoltage": "BatterySpecification.minimum_voltage",
        "MaximumVoltage": "BatterySpecification.maximum_voltage",
        "NominalVoltage": "BatterySpecification.nominal_voltage",
        "InitialRoundTripEnergyEfficiency": "BatterySpecification.round_trip_efficiency",
        "InitialSelf-dischargeRate": "BatterySpecification.self_discharge",
        "C-rateOfRelevantCycle-lifeTest": "BatterySpecification.test_c_rate",
        "ExpectedLifetimeInCalendarYears": "BatterySpecification.expected_lifetime",
        "ExpectedLifetime-NumberOfCharge-dischargeCycles": "BatterySpecification.expected_cycles",
    },
    "IdentifiersAndProductData": {"BatteryMass": "ProductItem.net_mass"},
    "BatteryCarbonFootprint": {"BatteryCarbonFootprintPerFunctionalUnit": "ProductFootprint.footprint"},
    "CircularityAndResourceEfficiency": {"RenewableContentShare": "CircularityStatement.renewable_content"},
}
"""Numbers of the target, by group, and where the model has them."""
TEXTS = {
    "IdentifiersAndProductData": {
        "DPPGranularity": "ProductPassport.granularity",
        "BatterySerialNumber": "ProductItem.serial_number",
        "ManufacturingDate": "ProductItem.production_date",
    },
    "PerformanceAndDurability": {"Cycle-lifeReferenceTest": "BatterySpecification.cycle_life_test"},
    "BatteryCarbonFootprint": {"CarbonFootprintPerformanceClass": "ProductFootprint.performance_class"},
    "SupplyChainDueDiligence": {"SupplyChainIndices": "DueDiligenceStatement.supply_chain_index"},
}
OF_ITEMS = ("BatterySerialNumber", "ManufacturingDate")
"""What a model does not have, though one of the sources whose Digital Link is that of a model says it."""


@pytest.mark.parametrize("name", NAMES)
def test_the_published_target_says_the_same(name: str, shared: Path, tmp_path: Path) -> None:
    """Numbers and texts of the target, in the groups of the published mapping, are those of the instances."""
    folder = shared / "sources" / FILES
    semantics.convert("dpp", folder / f"{name}.source.json", tmp_path / "out.ndjson")
    lines = (tmp_path / "out.ndjson").read_text().splitlines()
    made: dict[str, Any] = {}
    for line in lines:
        data = json.loads(line, parse_float=Decimal)
        made.setdefault(data["type"], data)
    (target,) = json.loads((folder / f"{name}.gefeg.json").read_text(), parse_float=Decimal).values()
    compared = 0
    for group, paths in QUANTITIES.items():
        for attribute, path in paths.items():
            if (expected := target.get(group, {}).get(attribute)) is not None:
                assert _at(made, path)["value"] == _number(expected), attribute
                compared += 1
    for group, paths in TEXTS.items():
        for attribute, path in paths.items():
            expected = target.get(group, {}).get(attribute)
            if expected is not None and not ("ProductModel" in made and attribute in OF_ITEMS):
                assert _at(made, path) == expected, attribute
                compared += 1
    assert compared >= 12


def _at(made: dict[str, Any], path: str) -> Any:
    """The value of a slot; a product is an item, a batch or a model, as its Digital Link says."""
    kind, slot = path.split(".")
    kinds = ("ProductItem", "Batch", "ProductModel") if kind == "ProductItem" else (kind,)
    return next(made[each].get(slot) for each in kinds if each in made)


def _number(target: Any) -> Any:
    """The number of an attribute, beside its unit where it has one."""
    if not isinstance(target, dict):
        return target
    return next(value for value in target.values() if not isinstance(value, str))

"""The code lists that the mappings share say one thing of each code, and nothing that the model does not take."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "mappings" / "code-maps"
TARGETS = {"alpha_2": r"[A-Z]{2}", "alpha_3": r"[A-Z]{3}"}


@pytest.mark.parametrize("name", ["countries", "currencies"])
def test_a_code_has_one_target_and_targets_map_to_themselves(name: str) -> None:
    """A standard code may be looked up like any other spelling, and gives itself."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        (_, target), *rows = csv.reader(file)
    codes = dict(rows)
    assert len(codes) == len(rows)
    for code in set(codes.values()):
        assert re.fullmatch(TARGETS[target], code)
        assert codes[code] == code


@pytest.mark.parametrize(
    ("name", "code", "target"),
    [
        ("countries", "GBR", "GB"),
        ("countries", "826", "GB"),
        ("countries", "Viet Nam", "VN"),
        ("countries", "Vietnam", "VN"),
        ("countries", "EL", "GR"),
        ("currencies", "840", "USD"),
        ("currencies", "36", "AUD"),
        ("currencies", "036", "AUD"),
    ],
)
def test_usual_spellings_are_known(name: str, code: str, target: str) -> None:
    """Codes of three letters, numbers and English names; currencies with and without leading zeros."""
    lines = (FOLDER / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    assert f"{code},{target}" in lines

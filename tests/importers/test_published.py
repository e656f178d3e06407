"""Every schema that standards publish is tried; ``published.py`` beside this prints which examples each model takes."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from semantics.errors import SemanticsError
from semantics.importers import import_schema
from semantics.schema import load_schema

GROUPS = (
    "catenax/*/*/gen/*-schema.json",
    "gbfs/v*/*.json",
    "ngsi_ld/Weather/*/schema.json",
    "*/openapi/*.yaml",
    "iso20022_camt/assets/*.xsd",
    "dcat/dcat_ap/releases/*/**/*shapes.ttl",
)
BAR = 0.9


@pytest.fixture(scope="module")
def published() -> ModuleType:
    spec = importlib.util.spec_from_file_location("published", Path(__file__).with_name("published.py"))
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["published"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def holds(published: ModuleType, words: tuple[str, ...] = ("",)) -> None:
    pairs = [pair for pair in published.pairs() if any(word in str(pair.schema) for word in words)]
    totals = published.summary(map(published.tried, pairs))
    assert totals["imported"] >= totals["schemas"] - 1  # one is a JSON-LD context by another name
    assert totals["with examples"] > 0
    assert totals["take them all"] >= BAR * totals["with examples"], totals


def test_the_models_of_some_published_schemas_take_their_examples(shared: Path, published: ModuleType) -> None:
    holds(published, ("gbfs/v3.0/system", "batterypass/io.BatteryPass.C", "camt.053.001.02"))


@pytest.mark.slow
def test_nine_of_ten_published_schemas_take_every_example_that_is_theirs(shared: Path, published: ModuleType) -> None:
    holds(published)


@pytest.mark.slow
@pytest.mark.parametrize("pattern", GROUPS)
def test_every_published_schema_becomes_a_model_that_loads(shared: Path, pattern: str) -> None:
    folder = shared / "sources"
    faults = {}
    for path in sorted(folder.glob(pattern)):
        try:
            load_schema(import_schema(path, None, [folder / "ngsi_ld/_common"]).schema)
        except SemanticsError as fault:
            faults[path.name] = str(fault)

    assert faults == {}

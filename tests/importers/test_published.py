"""Every schema that standards publish is tried; ``published.py`` beside this prints which examples each model takes."""

from pathlib import Path

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


@pytest.mark.slow
@pytest.mark.parametrize("pattern", GROUPS)
def test_every_published_schema_becomes_a_model_that_loads(shared: Path, pattern: str):
    folder = shared / "sources"
    faults = {}
    for path in sorted(folder.glob(pattern)):
        try:
            load_schema(import_schema(path, None, [folder / "ngsi_ld/_common"]).schema)
        except SemanticsError as fault:
            faults[path.name] = str(fault)

    assert faults == {}
